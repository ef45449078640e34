"""One client asks 10,000 times a second: it is told so and sent away, and others notice nothing."""

import json
import subprocess
import unittest

from building import build, free_cells
from services import BINARIES, ProcessTest, Program, wait_until

RATE = 10_000
SECONDS = 4
FAREWELLS = ["too many requests", "too much traffic: more than a client may send"]


class FloodTest(ProcessTest):
    with_redis = False

    def setUp(self):
        super().setUp()
        self.server = self.start_server(reach_px=1000, redis_url="none", intents_s_max=50)

    def start_flood(self, kind):
        address, port = self.server.settings["udp_address"], self.server.settings["udp_port"]
        program = BINARIES / "tests/process/tilth-flooder"
        arguments = [program, address, port, "mob", kind, RATE, SECONDS]
        return Program(arguments, self.server.folder, "mob", stdout=subprocess.PIPE)

    def play(self, ada):
        """Walks, and places two things; where they are."""
        ada.do("move 2 0" if ada.cell()[0] < 2 else "move -2 0")
        cells = free_cells(ada, 2)
        build(ada, cells, "sign")
        return cells

    def flood(self, kind, ada):
        """Ada plays as long as the flood lasts; the cells of her signs, and what came of it."""
        mob = self.start_flood(kind)
        signs = []
        while mob.is_running():
            signs += self.play(ada)
        told = [json.loads(line) for line in mob.process.stdout]
        mob.process.stdout.close()
        self.assertEqual(mob.wait(), 0)
        self.assertGreater(len(signs), 2)
        self.assertEqual(ada.events("disconnected"), [])
        return signs, told

    def check_told(self, told):
        """It heard that it was too fast, then that it has to go; and went on nevertheless."""
        self.assertGreater(told["asked"], RATE / 2)
        self.assertGreater(told["refused"]["TOO_FAST"], 0)
        self.assertTrue(told["was_rejected"])
        self.assertFalse(told["may_retry"])
        self.assertIn(told["words"], FAREWELLS)

    def check_counts(self, told):
        """The console knows what was dropped, and why."""
        wait_until(lambda: self.server.ask("status")["sessions"] == 1, "the flooder has left")
        status = self.server.ask("status")
        refused = sum(round["refused"]["TOO_FAST"] for round in told)
        self.assertEqual(status["net_ended_flooding"], len(told))
        self.assertGreater(status["net_dropped_over_limit"], 100)
        self.assertGreaterEqual(status["net_intents_over_rate"], refused)
        self.assertEqual(status["net_malformed"], 0)
        self.assertEqual(status["net_dropped_inbox_full"], 0)

    def check_kept(self, kind, cells):
        self.server.ask("save")
        rows = self.sql(f"SELECT cell_x, cell_y FROM cell_entities_view WHERE type = '{kind}'")
        kept = sorted((int(row["cell_x"]), int(row["cell_y"])) for row in rows)
        self.assertEqual(len(kept), len(set(kept)))
        self.assertLessEqual(set(cells), set(kept))

    def check_flood(self, kind):
        ada = self.join(self.server, "ada")
        signs, told = self.flood(kind, ada)
        for round in told:
            self.check_told(round)
        self.check_counts(told)
        signs += self.play(ada)
        late = self.join(self.server, "late")
        signs += self.play(late)
        self.check_kept("sign", signs)
        self.check_kept("floor_tile", [tuple(cell) for round in told for cell in round["cells"]])
        self.assertEqual([ada.quit(), late.quit()], [0, 0])
        self.assertEqual(self.server.stop(), 0)

    def test_places(self):
        self.check_flood("place")

    def test_says(self):
        self.check_flood("say")


if __name__ == "__main__":
    unittest.main()
