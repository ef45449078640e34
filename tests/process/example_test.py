"""The example of the client library, as its readers run it, against a real server."""

import subprocess
import unittest

from services import BINARIES, HANG_S, ProcessTest


class ExampleTest(ProcessTest):
    def test_nobody_there(self):
        walk = subprocess.run(
            [BINARIES / "client-lib/tilth-example", "127.0.0.1", "9"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=HANG_S,
        )
        self.assertEqual((walk.returncode, walk.stdout), (1, ""))
        self.assertRegex(walk.stderr, "^walk: .*\n$")

    def test_walk(self):
        server = self.start_server()
        watcher = self.join(server, "ada")
        address, port = server.address.split(":")
        walk = subprocess.run(
            [BINARIES / "client-lib/tilth-example", address, port],
            cwd=server.folder,  # where it makes its key
            capture_output=True,
            text=True,
            timeout=HANG_S,
        )
        self.assertEqual(walk.returncode, 0, walk.stdout + walk.stderr)
        self.assertIn("connected", walk.stdout)
        self.assertIn("ada is here", walk.stdout)
        self.assertIn("the block stands, and will last", walk.stdout)
        self.assertEqual(server.ask("sessions")[0]["name"], "ada")
        watcher.quit()
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
