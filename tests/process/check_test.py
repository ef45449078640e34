"""tilth-server check: a world that holds together, beside its server and after a kill; and every
fault that a hand at the tables can make, each found and named."""

import json
import unittest

from building import make_everything
from services import ProcessTest

DONE, FAILED, UNAVAILABLE, CONFIG = 0, 1, 69, 78
# What somebody does to the tables, and what is said of it.
FAULTS = [
    (
        "UPDATE cell_entities SET type = type % 2 + 1",
        ["chunks: chunk ", "world_stream: world_hash"],
    ),
    ("DELETE FROM cell_piles", ["world_stream: world_hash"]),
    ("DELETE FROM chunks", ["chunks: chunk ", "and none here"]),
    (
        "INSERT INTO cell_entities (world_id, chunk_x, chunk_y, cell, id, type, image_config_id,"
        " placer_id, tick, changed_at) SELECT world_id, chunk_x, chunk_y, 4095 - cell, id, type,"
        " image_config_id, placer_id, tick, changed_at FROM cell_entities",
        ["is in several cells", "which is not in cell_changes"],
    ),
    (
        "UPDATE multi_cell_entities SET id = (SELECT min(id) FROM cell_entities)",
        ["is the id of two things", "belongs to a structure that is not there"],
    ),
    (
        "DELETE FROM multi_cell_entity_cells WHERE cell = (SELECT min(cell)"
        " FROM multi_cell_entity_cells)",
        ["does not stand in all of its cells"],
    ),
    (
        "INSERT INTO multi_cell_entity_cells SELECT world_id, chunk_x, chunk_y, cell,"
        " (SELECT min(id) FROM multi_cell_entities) FROM cell_entities",
        ["does not stand in all of its cells", "where a structure stands"],
    ),
    (
        "ALTER TABLE inventory_entities DROP CONSTRAINT inventory_entities_quantity_check;"
        " UPDATE inventory_entities SET quantity = 0",
        ["there is less than one in slot"],
    ),
    (
        "ALTER TABLE cell_piles DROP CONSTRAINT cell_piles_quantity_check;"
        " UPDATE cell_piles SET quantity = -1",
        ["there is less than one in pile", "stack is out of its range"],
    ),
    (
        "DELETE FROM characters",
        ["slot ", "skill ", "is of a character that is not there"],
    ),
    ("DELETE FROM accounts", ["has an account that is not there"]),
    ("DELETE FROM entity_types", ["entity_types: type ", "is in use and not there"]),
    ("DELETE FROM skill_types", ["skill_types: skill "]),
    (
        "DELETE FROM image_configs",
        ["image_configs: image configuration ", "world_stream: world_hash"],
    ),
    ("UPDATE image_configs SET custom_image = decode(repeat('ab', 16), 'hex')", ["picture abab"]),
    (
        "INSERT INTO image_edits SELECT id, 7, 1, 0, 0, 1, now() FROM worlds",
        ["thing 7, whose editor is told, is not there"],
    ),
    (
        "UPDATE world_stream SET world_hash = decode(repeat('ab', 16), 'hex')",
        ["journal: record ", "the database says abab"],
    ),
    (
        "UPDATE world_stream SET applied_seq = applied_seq + 1000000",
        ["journal: it ends with record"],
    ),
    ("UPDATE world_stream SET journal_id = 1", ["journal: it is journal "]),
]


class CheckTest(ProcessTest):
    with_redis = False

    def is_fine(self, said):
        self.assertEqual(said.returncode, DONE, said.stdout + said.stderr)
        self.assertIn("nothing is wrong", said.stdout)

    def played_world(self):
        """A server with one of everything that lasts, all of it in the database."""
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        make_everything(server, bot)
        return server, bot

    def test_world_that_holds_together(self):
        server, bot = self.played_world()
        self.is_fine(server.check())
        said = json.loads(server.check("--json").stdout)
        self.assertEqual((said["findings"], said["finding_count"]), ([], 0))
        self.assertEqual(said["hash"], said["rows_hash"])
        for table, rows in said["rows"].items():
            self.assertGreater(rows, 0, table)
        bot.do("settle")
        server.kill()
        self.is_fine(server.check())
        server.start()
        self.is_fine(server.check())
        self.assertEqual(server.stop(), DONE)
        self.is_fine(server.check())

    def test_faults(self):
        server, _ = self.played_world()
        self.assertEqual(server.stop(), DONE)
        for number, (sql, words) in enumerate(FAULTS):
            with self.subTest(sql):
                copy = f"{self.database}_{number}"
                self.postgres.query(f"CREATE DATABASE {copy} TEMPLATE {self.database}", "postgres")
                self.postgres.query(sql, copy)
                said = server.check(database_url=self.postgres.url(copy))
                self.assertEqual(said.returncode, FAILED, said.stdout + said.stderr)
                for word in words:
                    self.assertIn(word, said.stdout)
        self.is_fine(server.check())

    def test_damaged_journal(self):
        server, _ = self.played_world()
        server.kill()
        segment = min(server.settings["journal_dir"].glob("*.segment"))
        good = segment.read_bytes()
        at = good.index(b"Tick") + 80
        segment.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        said = server.check("--json")
        self.assertEqual(said.returncode, FAILED)
        (finding,) = json.loads(said.stdout)["findings"]
        self.assertEqual(finding["where"], "journal")
        self.assertIn(segment.name, finding["what"])
        said = server.check(journal_dir="/nowhere/journal")
        self.assertEqual(said.returncode, FAILED)
        self.assertIn("cannot open the journal folder /nowhere/journal", said.stdout)

    def test_what_it_needs(self):
        server = self.make_server(redis_url="none", database_wait_s=0)
        said = server.check()
        self.assertEqual(said.returncode, FAILED)
        self.assertIn("relation", said.stderr)  # nothing was ever opened there
        said = server.check(database_url="host=/nowhere dbname=tilth")
        self.assertEqual(said.returncode, UNAVAILABLE, said.stderr)
        said = server.check("content", database_url="host=/nowhere dbname=tilth")
        self.assertEqual((said.returncode, said.stdout), (DONE, ""))
        said = server.check("content", "--json", database_url="host=/nowhere dbname=tilth")
        self.assertEqual(json.loads(said.stdout), {"finding_count": 0, "findings": []})
        said = server.check(content_dir="/nowhere")
        self.assertEqual(said.returncode, CONFIG)
        server.start()
        said = server.check(world="other")
        self.assertEqual(said.returncode, FAILED)
        self.assertIn('no world "other"', said.stderr)


if __name__ == "__main__":
    unittest.main()
