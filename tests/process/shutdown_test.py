"""How a server ends: by SIGTERM and SIGINT, also as the first process of a container, asked twice,
and with a PostgreSQL that does not answer."""

import os
import shutil
import signal
import subprocess
import unittest

from building import build, free_cells
from services import ProcessTest, children


class ShutdownTest(ProcessTest):
    def begin(self, **settings):
        self.server = self.start_server(**settings)
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 4)
        build(self.ada, self.cells[:2], "stone_block")

    def says_goodbye(self):
        gone = self.ada.wait_event("disconnected")
        self.assertIn("the server stops", gone["words"])

    def is_closed(self):
        return self.sql_value("SELECT is_clean FROM world_stream") == "t"

    def things(self):
        return int(self.sql_value("SELECT count(*) FROM cell_entities"))

    def test_signals(self):
        self.begin()
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                if number == signal.SIGINT:
                    self.again()
                self.server.program.signal(number)
                self.says_goodbye()
                self.assertEqual(self.server.program.wait(), 0)
                self.assertTrue(self.is_closed())
                self.assertEqual(self.things(), 2)
                self.assertEqual(self.server.check().returncode, 0)

    def again(self):
        self.ada.program.kill()  # it would connect again
        self.server.start()
        self.ada = self.join(self.server, "ada")

    def test_asked_again_and_again(self):
        """Whoever has no patience loses nothing."""
        self.begin()
        self.ada.send(*(f"place stone_block {x} {y}" for x, y in self.cells[2:]))
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            self.server.program.signal(number)
        self.says_goodbye()
        self.assertEqual(self.server.program.wait(), 0)
        self.assertTrue(self.is_closed())
        done = [event for event in self.ada.events("done") if "place" in event["asked"]]
        things = self.things()
        self.assertGreaterEqual(things, len(done))  # the answer to the last one may be lost
        self.again()
        self.assertEqual(self.things(), things)
        self.assertEqual(self.server.stop(), 0)

    def test_while_the_database_is_silent(self):
        """It ends all the same, in bounded time; the journal has the rest."""
        self.begin()
        self.server.must("save")
        pids = self.postgres.pause()
        try:
            build(self.ada, self.cells[2:], "wood_block")
            self.server.program.signal(signal.SIGTERM)
            self.says_goodbye()
            self.assertEqual(self.server.program.wait(), 0)
            self.assertIn("stopped before all was in the database", self.server.words())
        finally:
            self.postgres.resume(pids)
        self.assertFalse(self.is_closed())
        self.assertEqual(self.things(), 2)
        self.server.start()
        self.assertEqual(self.things(), 4)
        self.assertEqual(self.server.stop(), 0)

    @unittest.skipUnless(shutil.which("unshare"), "needs unshare")
    def test_as_the_first_process(self):
        """As in a container: signals that have no handler do not reach such a process."""
        probe = subprocess.run(["unshare", "--pid", "--fork", "true"], check=False)
        if probe.returncode != 0:
            self.skipTest("needs the right to make a namespace of processes")
        server = self.make_server()
        server.wrapper = ["unshare", "--pid", "--fork", "--kill-child"]
        self.server = server.start()
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 2)
        build(self.ada, self.cells, "stone_block")
        (first,) = children(self.server.program.pid)
        with open(f"/proc/{first}/status", encoding="utf-8") as status:
            self.assertIn(f"NSpid:\t{first}\t1\n", status.read())
        os.kill(first, signal.SIGTERM)
        self.says_goodbye()
        self.assertEqual(self.server.program.wait(), 0)
        self.assertTrue(self.is_closed())
        self.assertEqual(self.things(), 2)


if __name__ == "__main__":
    unittest.main()
