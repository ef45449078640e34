"""Somebody edits rows and tables by hand while a server runs: what the database then refuses waits
apart, all else goes on, and nothing that was confirmed is lost by a kill."""

import json
import unittest

from building import LOOK, build, free_cells, is_built
from services import ProcessTest, wait_until

DONE, FAILED, USAGE = 0, 1, 64
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
REFUSE = (
    "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RAISE EXCEPTION ''not on my watch''; END';"
    " CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON {}"
    " FOR EACH ROW EXECUTE FUNCTION refuse()"
)


def chunk_of(x, y):
    return x >> 6, y >> 6


class QuarantineTest(ProcessTest):
    with_redis = False

    def setUp(self):
        super().setUp()
        self.server = self.make_server(reach_px=1000, redis_url="none").start()
        self.ada = self.join(self.server, "ada")

    def quarantined(self):
        return self.server.ask("status")["quarantined_keys"]

    def await_quarantined(self, count):
        wait_until(lambda: self.quarantined() == count, f"{count} keys in quarantine")

    def findings(self):
        """What check says, by table; the sums must be right in any case."""
        said = json.loads(self.server.check("--json").stdout)
        self.assertEqual(said["hash"], said["rows_hash"])
        return sorted((finding["where"], finding["what"]) for finding in said["findings"])

    def outcome(self, line):
        """What becomes of an intent: "done", or the refusal."""
        before = len(self.ada.said)
        self.ada.do(line)
        self.ada.do("settle")
        events = [said for said in self.ada.said[before:] if said.get("asked") == line]
        return events[-1].get("refusal", events[-1]["event"])

    def take_a_cell(self):
        """A row by hand, which says that a cell belongs to a structure that is not there; then the
        server builds over it. The cell."""
        tried = ((x, 12) for x in range(-24, 24))
        x, y = next(at for at in tried if is_built(self.server, *at))
        self.server.must(f"structure remove {x} {y}")
        self.server.must("save")
        chunk_x, chunk_y = chunk_of(x, y)
        self.sql(
            "INSERT INTO multi_cell_entity_cells SELECT id,"
            f" {chunk_x}, {chunk_y}, {(y & 63) * 64 + (x & 63)}, 77 FROM worlds"
        )
        self.server.must(f"structure place building {x} {y}")
        return x, y

    def test_a_cell_that_belongs_to_nothing(self):
        x, y = self.take_a_cell()
        self.await_quarantined(1)
        cells = free_cells(self.ada, 60)
        closed = [cell for cell in cells if chunk_of(*cell) == chunk_of(x, y)]
        self.assertEqual(self.outcome("place sign %d %d" % closed[0]), "CHUNK_READ_ONLY")
        elsewhere = [cell for cell in cells if cell[1] < 0]
        build(self.ada, elsewhere, "sign")
        self.server.kill()
        found = self.findings()
        self.assertEqual(
            {where for where, _ in found}, {"quarantine", "multi_cell_entity_cells"}, found
        )
        self.assertIn("structure ", found[-1][1])
        self.assertIn("multi_cell_entity_cells_pkey", found[-1][1])

        self.server.start()
        self.ada.wait_event("disconnected")
        wait_until(lambda: self.ada.ask("where")["ok"], "ada is back")
        signs = self.sql_value("SELECT count(*) FROM cell_entities_view WHERE type = 'sign'")
        self.assertEqual(int(signs), len(elsewhere))
        self.assertEqual(self.quarantined(), 1)
        self.assertIn("building", self.server.must(f"entity {x} {y}"))
        wait_until(
            lambda: self.outcome("place sign %d %d" % closed[0]) == "CHUNK_READ_ONLY", "closed"
        )
        self.put_right(closed[0])

    def put_right(self, cell):
        """The obstacle goes, and what waited is in its table."""
        said = self.server.console("quarantine retry")
        self.assertEqual(said.code, FAILED, said)
        (key,) = self.server.ask("quarantine list")["keys"]
        self.assertIn("already exists", key["reason"])
        self.sql("DELETE FROM multi_cell_entity_cells WHERE entity_id = 77")
        self.assertEqual(self.server.console("quarantine retry entity 5").code, FAILED)
        self.assertEqual(self.server.ask(f"quarantine retry {key['key']}")["applied"], 1)
        self.assertEqual(self.server.ask("quarantine list"), {"keys": [], "rest": 0})
        self.await_quarantined(0)
        self.assertEqual(self.outcome("place sign %d %d" % cell), "done")
        self.assertEqual(self.server.stop(), DONE)  # and all holds together

    def test_a_bag(self):
        """What a player owns goes on as ever, over a death of the server, too."""
        self.server.must("give ada wood_block 5")
        self.server.must("save")
        self.sql(REFUSE.format("inventory_entities"))
        self.server.must("give ada stone_block 7")
        self.server.must("take ada wood_block 2")
        self.server.must("save")
        self.await_quarantined(2)
        bag = self.server.ask("inventory ada")
        self.server.kill()
        self.assertEqual({where for where, _ in self.findings()}, {"quarantine"})
        self.server.start()
        self.ada.wait_event("disconnected")
        wait_until(lambda: self.server.console("inventory ada").code == DONE, "ada is back")
        self.assertEqual(self.server.ask("inventory ada"), bag)
        self.sql("DROP TRIGGER refuse ON inventory_entities")
        self.assertEqual(self.server.ask("quarantine retry")["applied"], 2)
        self.server.must("give ada stone_block 1")
        self.await_quarantined(0)
        self.assertEqual(self.server.stop(), DONE)

    def test_what_is_referred_to(self):
        """Rows may name what waits in quarantine: check looks there, too."""
        tables = {"accounts": "account", "cell_changes": "cell", "images": "image"}
        self.name_what_waits("bob", tables)

    def test_what_is_referred_to_by_others(self):
        tables = {"characters": "character", "image_configs": "image_config"}
        self.name_what_waits("eve", tables)

    def name_what_waits(self, name, tables):
        drawn, free = free_cells(self.ada, 2)
        build(self.ada, [drawn], "sign")
        self.server.must("save")
        for table in tables:
            self.sql(REFUSE.format(table))
        player = self.join(self.server, name)
        self.server.must(f"give {name} wood_block 5")
        self.server.must(f"skill {name} woodcutting 3")
        player.quit()
        look = json.dumps({**json.loads(LOOK), "customImageData": PICTURE})
        self.server.must("image {} {} {}".format(*drawn, look))
        self.ada.do("place sign %d %d" % free)
        self.server.must("save")
        waits = {key["kind"] for key in self.server.ask("quarantine list")["keys"]}
        self.assertEqual(waits, set(tables.values()))
        self.server.kill()
        self.assertEqual({where for where, _ in self.findings()}, {"quarantine"})
        self.server.start()
        for table in tables:
            self.sql(f"DROP TRIGGER refuse ON {table}")
        self.server.must("quarantine retry")
        self.assertEqual(self.server.stop(), DONE)

    def test_what_is_given_up(self):
        """From the next start on the rows count, for players, journal and check alike."""
        self.server.must("give ada wood_block 5")
        self.server.must("save")
        bag = self.server.ask("inventory ada")
        self.sql(REFUSE.format("inventory_entities"))
        self.server.must("give ada wood_block 2")
        self.server.must("save")
        self.await_quarantined(1)
        self.assertEqual(self.server.console("quarantine drop slot 1/1").code, FAILED)
        self.assertEqual(self.server.ask("quarantine drop all"), {"given_up": 1})
        self.assertIn("done for the operator: quarantine drop all, ", self.server.words())
        self.assertTrue(self.server.ask("quarantine list")["keys"][0]["given_up"])
        self.assertNotEqual(self.server.ask("inventory ada"), bag)
        self.assertEqual(self.server.terminate(), DONE)
        self.server.start()
        self.assertIn("given up: 1 keys", self.server.words())
        wait_until(lambda: self.server.console("inventory ada").code == DONE, "ada is back")
        self.assertEqual(self.server.ask("inventory ada"), bag)
        self.await_quarantined(0)
        self.assertEqual(self.server.stop(), DONE)  # the trigger is still there

    def test_what_is_no_rows_fault(self):
        """A table that is not there: nothing is in quarantine, and it heals with the table."""
        self.sql("ALTER TABLE cell_entities RENAME TO elsewhere")
        build(self.ada, free_cells(self.ada, 3), "sign")
        trouble = wait_until(
            lambda: self.server.ask("status")["database_trouble"], "the store has trouble"
        )
        self.assertIn('"cell_entities" does not exist', trouble)
        self.assertEqual(self.quarantined(), 0)
        self.sql("ALTER TABLE elsewhere RENAME TO cell_entities")
        self.server.must("save")
        self.assertEqual(self.server.ask("status")["database_trouble"], "")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "3")
        self.assertEqual(self.server.stop(), DONE)

    def test_commands(self):
        self.assertIn("nothing is in quarantine", self.server.must("quarantine list"))
        self.assertEqual(self.server.console("quarantine drop").code, USAGE)
        said = self.server.console("quarantine retry slot 1/2")
        self.assertEqual((said.code, said.text), (FAILED, "No 'slot 1/2' waits in quarantine.\n"))


if __name__ == "__main__":
    unittest.main()
