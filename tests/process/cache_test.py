"""Memory and Redis save reads from PostgreSQL, and never show anything that is not so."""

import unittest

from building import RUNNER, build, free_cells, placed_in_view, spread
from services import ProcessTest, wait_until

KEPT = [(-1, -1), (-1, 0), (0, -1), (0, 0)]  # around the start
AWAY = (110, 10)
FORGETFUL = {
    "chunk_idle_s": 0,
    "chunks_max": 32,
    "view_cells": 12,
    "reach_px": 1000,
    **RUNNER,
}


class CacheTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.redis.cli("FLUSHALL")

    def begin(self, **settings):
        """A bot builds in the chunks around the start, and goes far away."""
        self.server = self.start_server(**FORGETFUL, **settings)
        self.bot = self.join(self.server, "bot")
        cells = spread(free_cells(self.bot, 300, step=1), 16)
        self.assertEqual(sorted({(x // 64, y // 64) for x, y in cells}), KEPT)
        build(self.bot, cells, "floor_tile")
        self.placed = sorted((cell, "floor_tile") for cell in cells)
        self.server.ask("save")
        self.go_away()

    def go_away(self):
        before = self.stats()["evicted"]
        self.bot.walk_near(*AWAY)
        wait_until(lambda: self.stats()["evicted"] >= before + len(KEPT), "chunks are evicted")

    def go_back(self):
        """Back to the start; how much every number of `cache stats` rose, and the chunks' hash."""
        before = self.stats()
        self.bot.walk_near(0, 0)
        for x, y in KEPT:
            self.bot.until(f"chunk {x} {y}", lambda seen: seen["ok"])
        self.assertEqual(placed_in_view(self.bot, KEPT), self.placed)
        after = self.stats()
        return {name: after[name] - before[name] for name in after if name != "remote"}

    def stats(self):
        return self.server.ask("cache stats")

    def end(self):
        self.assertEqual(self.bot.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def test_hits_in_memory(self):
        self.begin()
        rose = self.go_back()
        self.assertEqual(rose["loaded_from_memory"], len(KEPT))
        self.assertGreaterEqual(rose["hits"], len(KEPT))
        self.assertEqual(rose["loaded_from_database"], 0)
        self.assertLessEqual(self.stats()["resident"], FORGETFUL["chunks_max"])
        self.end()

    def leave_and_come(self, spoil=lambda: None):
        """Ann goes and comes again; how much the numbers of `cache stats` rose meanwhile."""
        before = self.stats()
        self.assertEqual(self.ann.quit(), 0)
        wait_until(lambda: self.stats()["characters"] == 0, "she has left memory")
        spoil()
        self.ann = self.join(self.server, "ann")
        self.assertEqual(self.server.ask("inventory ann"), self.bag)
        after = self.stats()
        return {name: after[name] - before[name] for name in after if name != "remote"}

    def begin_with_ann(self, **settings):
        self.server = self.start_server(characters_max=16, **settings)
        self.ann = self.join(self.server, "ann")
        self.server.must("give ann wood_block 7")
        self.server.must("skill ann mining 3")
        self.server.must("save")
        self.bag = self.server.ask("inventory ann")
        self.assertEqual(len(self.bag), 1)

    def test_characters(self):
        """Who comes back is loaded from memory or Redis, never as it was before; and all can go."""
        self.begin_with_ann()
        rose = self.leave_and_come()
        self.assertEqual((rose["character_hits"], rose["character_misses"]), (1, 0))
        self.server.must("take ann wood_block 3")
        self.bag = self.server.ask("inventory ann")
        rose = self.leave_and_come()
        self.assertEqual(rose["character_hits"], 1)
        rose = self.leave_and_come(lambda: self.server.must("cache clear chunks"))
        self.assertEqual(rose["character_hits"], 1)
        rose = self.leave_and_come(self.clear_characters)
        self.assertEqual((rose["character_hits"], rose["character_remote_hits"]), (0, 0))
        said = self.server.console("cache clear everything")
        self.assertEqual(said.code, 64)
        self.assertEqual(self.ann.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def clear_characters(self):
        self.server.must("cache clear characters")
        wait_until(lambda: not self.character_keys(), "Redis has none")
        self.assertEqual(self.stats()["character_entries"], 0)

    def character_keys(self):
        return [key for key in self.redis.keys() if ":character:ann:" in key]

    def alter_all(self, value):
        for key in self.character_keys():
            self.alter(key, value)

    def test_characters_in_redis(self):
        self.begin_with_ann(cache_entries=0)
        rose = self.leave_and_come()
        self.assertEqual(rose["character_remote_hits"], 1)
        old = self.redis.cli("GET", self.character_keys()[0])[:-1]
        rose = self.leave_and_come(lambda: self.alter_all(b"garbage"))
        self.assertEqual(rose["rejected"], 1)
        self.server.must("give ann wood_block 1")
        self.bag = self.server.ask("inventory ann")
        rose = self.leave_and_come(lambda: self.alter_all(old))
        self.assertEqual(rose["rejected"], 1)
        self.assertEqual(self.ann.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def test_hits_in_redis(self):
        self.begin(cache_entries=0)
        rose = self.go_back()
        self.assertEqual(rose["loaded_from_redis"], len(KEPT))
        self.assertEqual(rose["loaded_from_database"], 0)
        self.end()

    def test_altered_values(self):
        """Garbage, the value of another chunk, and a cut value are found out and replaced."""
        self.begin(cache_entries=0)
        good = self.values()
        self.assertEqual(len(good), len(KEPT))
        keys = list(good)
        self.alter(keys[0], b"garbage")
        self.alter(keys[1], good[keys[2]])
        self.alter(keys[2], good[keys[2]][:-1])
        rose = self.go_back()
        self.assertEqual(rose["rejected"], 3)
        self.assertEqual(rose["loaded_from_database"], 3)
        self.assertEqual(rose["loaded_from_redis"], 1)
        self.assertEqual(rose["damaged"], 0)
        self.go_away()
        self.assertEqual(self.values(), good)
        rose = self.go_back()
        self.assertEqual(rose["rejected"], 0)
        self.assertEqual(rose["loaded_from_redis"], len(KEPT))
        self.end()

    def alter(self, key, value):
        self.assertEqual(self.redis.cli("SET", key, value=value), b"OK\n")

    def values(self):
        chunks = [key for key in self.redis.keys() if ":chunk:" in key]
        return {key: self.redis.cli("GET", key)[:-1] for key in chunks}


if __name__ == "__main__":
    unittest.main()
