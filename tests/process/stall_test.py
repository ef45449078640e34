"""PostgreSQL stands still for TILTH_STALL_S (20) seconds, and the tick does not wait for it.

The clock is looked at only to see that ticks keep up with it, with a factor of two to spare.
"""

import os
import time
import unittest

from building import RUNNER, build, free_cells
from services import ProcessTest, wait_until

STALL_S = float(os.environ.get("TILTH_STALL_S", "20"))
FAR = 160  # a cell in chunk (2, 0), that is far from
HOME = 80
ROW = 32  # far from rows of other chunks
BORDER = 128  # the chunk's first cell
SETTINGS = {
    "reach_px": 1000,
    "view_cells": 12,
    "chunk_idle_s": 0,
    "chunks_max": 32,
    "cache_entries": 0,
    "redis_url": "none",
}


class StallTest(ProcessTest):
    with_redis = False

    def test_stall(self):
        self.server = self.start_server(**RUNNER, **SETTINGS)
        bot = self.join(self.server, "bot")
        self.keep_far_land(bot)
        pids = self.postgres.pause()
        try:
            placed = self.play(bot)
        finally:
            self.postgres.resume(pids)
        self.server.ask("save")
        wait_until(lambda: self.server.ask("status")["store_lag_ms"] < 1000, "it catches up")
        status = self.server.ask("status")
        self.assertGreaterEqual(status["store_rows"], len(placed))
        self.assertGreater(status["store_batches"], 0)
        for x, y in placed:
            where = f"cell_x = {x} AND cell_y = {y}"
            count = self.sql_value(f"SELECT count(*) FROM cell_entities WHERE {where}")
            self.assertEqual(count, "1")
        bot.walk_near(FAR, ROW)
        bot.until("chunk 2 0", lambda seen: seen["ok"] and len(seen["entities"]) == 2)
        self.assertEqual(bot.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def keep_far_land(self, bot):
        """Something is built in chunk (2, 0), which then leaves memory."""
        bot.walk_near(FAR, ROW)
        near = [cell for cell in free_cells(bot, 40) if cell[0] // 64 == 2]
        build(bot, near[:2], "floor_tile")
        self.server.ask("save")
        bot.walk_near(HOME, ROW)
        wait_until(lambda: self.resident() == 1, "far land leaves memory")

    def resident(self):
        return self.server.ask("cache stats")["resident"]

    def play(self, bot):
        """As long as the stall lasts; the cells that were built in."""
        start_s, start_tick = time.monotonic(), self.server.ask("status")["tick"]
        placed, visited = [], set()
        self.run_against_far_land(bot)
        while time.monotonic() < start_s + STALL_S or len(visited) < 3:
            bot.walk_near(HOME + 3 * (len(placed) % 4), ROW)
            visited.add(bot.cell())
            cells = free_cells(bot, 3, skip=placed)
            build(bot, cells, "floor_tile")
            placed += cells
        ticks = self.server.ask("status")["tick"] - start_tick
        elapsed_s = time.monotonic() - start_s
        self.assertGreater(ticks, RUNNER["tick_hz"] * elapsed_s / 2)
        status = self.server.ask("status")
        self.assertLess(status["applied_seq"], self.durable_seq())
        self.assertGreater(status["store_lag_records"], 3)
        self.assertGreater(status["store_lag_ticks"], RUNNER["tick_hz"])
        self.assertGreater(status["store_lag_ms"], 1000)
        return placed

    def durable_seq(self):
        return self.server.ask("status")["durable_seq"]

    def run_against_far_land(self, bot):
        """Land that is kept and not in memory is solid, and what is asked there is refused."""
        answer = self.run_east(bot)
        self.assertIn("land that is not in view yet", answer["error"])
        self.assertLess(bot.cell()[0], BORDER)
        self.assertGreaterEqual(bot.cell()[0], BORDER - 2)
        self.assertFalse(bot.ask("chunk 2 0")["ok"])
        answer = bot.ask(f"goto {FAR} {ROW} 100")
        self.assertIn("waited for the land around, and none came for 100 ms", answer["error"])
        bot.ask(f"place floor_tile {BORDER + 1} {bot.cell()[1]}")
        bot.do("settle")
        bot.wait_event("refused", lambda event: event["refusal"] == "CHUNK_LOADING")

    @staticmethod
    def run_east(bot):
        """As far as it goes: around what stands on the way, up to the border."""
        bot.walk_near(BORDER - 2, ROW)
        return bot.ask("move 10 0")


if __name__ == "__main__":
    unittest.main()
