"""Two clients see each other walk and build; a third that comes late sees the same chunks."""

import unittest

from building import build, free_cells
from services import ProcessTest

GRAIN_UNITS = 4  # others' positions are sent as quarters of a pixel


def is_seen_at(seen, name, x, y):
    """Does the answer of `players` have the player there?"""
    places = {player["name"]: player["units"] for player in seen["players"]}
    return 0 <= x - places[name][0] < GRAIN_UNITS and 0 <= y - places[name][1] < GRAIN_UNITS


class MeetTest(ProcessTest):
    def test_meet(self):
        server = self.start_server()
        ada, bob = self.join(server, "ada"), self.join(server, "bob")
        self.see_each_other_walk(ada, bob)
        self.see_each_other_walk(bob, ada)
        self.see_each_other_build(ada, bob)
        self.see_each_other_build(bob, ada)
        ada.do("say good morning")
        bob.wait_event("said", lambda said: said["name"] == "ada")
        self.see_the_same_late(server, ada, bob)
        self.assertEqual([ada.quit(), bob.quit()], [0, 0])
        self.assertEqual(server.stop(), 0)

    def see_each_other_walk(self, walker, watcher):
        before = watcher.until("players", lambda seen: walker.name in str(seen))
        walker.ask("goto 5 5" if walker.cell() != (5, 5) else "goto 2 -3")
        x, y = walker.do("where")["units"]
        after = watcher.until("players", lambda seen: is_seen_at(seen, walker.name, x, y))
        self.assertNotEqual(before["players"], after["players"])

    def see_each_other_build(self, builder, watcher):
        x, y = free_cells(builder, 1)[0]
        self.assertEqual(watcher.do(f"cell {x} {y}")["entities"], [])
        build(builder, [(x, y)])
        watcher.until(f"cell {x} {y}", lambda seen: seen["entities"] == ["wood_block"])
        builder.do(f"remove {x} {y}")
        builder.do("settle")
        watcher.until(f"cell {x} {y}", lambda seen: seen["entities"] == [] and seen["kept"])
        build(builder, [(x, y)], "sign")
        watcher.until(f"cell {x} {y}", lambda seen: seen["entities"] == ["sign"])

    def see_the_same_late(self, server, ada, bob):
        late = self.join(server, "carol")
        for chunk in ((0, 0), (-1, 0), (0, -1), (-1, -1)):
            seen = [self.chunk(client, chunk) for client in (ada, bob, late)]
            self.assertEqual(seen[0], seen[1])
            self.assertEqual(seen[0], seen[2])
        self.assertGreater(len(self.chunk(late, (0, 0))["entities"]), 0)

    @staticmethod
    def chunk(client, pos):
        return client.until(f"chunk {pos[0]} {pos[1]}", lambda seen: seen["ok"])


if __name__ == "__main__":
    unittest.main()
