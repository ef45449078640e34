"""200 things over 9 chunks are all there, none twice, however the server ends."""

import unittest

from building import CORNERS, KeepingTest


class KeepTest(KeepingTest):
    def test_killed_stopped_and_terminated(self):
        self.server.start()
        self.place()
        self.server.kill()
        self.server.start()
        self.check()  # which stops it
        self.server.start()
        self.assertEqual(self.server.terminate(), 0)
        self.server.start()
        self.check()

    def test_kill_midway(self):
        self.server.start()
        self.place(CORNERS[:2])
        self.server.kill()
        self.server.start()
        self.place(CORNERS[2:])
        self.server.kill()
        self.server.start()
        self.check()


if __name__ == "__main__":
    unittest.main()
