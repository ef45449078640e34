"""200 things over 9 chunks are all there, none twice, whatever happens to Redis."""

import unittest

from building import CORNERS, KeepingTest

FORGETFUL = {"chunk_idle_s": 0, "chunks_max": 64, "cache_entries": 0}


class KeepWithoutRedisTest(KeepingTest):
    def tearDown(self):
        if not self.redis.program.is_running():
            self.redis.start()

    def test_flushed(self):
        self.server.start(**FORGETFUL)
        self.place(CORNERS[:2])
        self.redis.cli("FLUSHALL")
        self.place(CORNERS[2:])
        self.redis.cli("FLUSHALL")
        self.server.kill()
        self.server.start(**FORGETFUL)
        self.check()

    def test_killed(self):
        self.server.start(**FORGETFUL)
        self.place(CORNERS[:2])
        self.redis.kill()
        self.place(CORNERS[2:])
        self.server.kill()
        self.server.start(**FORGETFUL)
        self.check()
        self.assertIn("the remote cache is away", self.server.words())

    def test_absent_at_start(self):
        self.redis.kill()
        self.server.start(**FORGETFUL)
        self.place()
        self.assertEqual(self.server.stop(), 0)
        self.server.start(**FORGETFUL)
        self.check()
        self.assertIn("WARNING store: the remote cache is away", self.server.words())


if __name__ == "__main__":
    unittest.main()
