"""What the console has done by the keeper: check, and the database's sizes and tidying."""

import json
import unittest
from concurrent.futures import ThreadPoolExecutor

from building import build, free_cells
from services import ProcessTest, wait_until

DONE, FAILED, USAGE = 0, 1, 64


class KeeperTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 4)
        build(self.ada, self.cells, "stone_block")
        self.server.must("save")

    def test_check(self):
        said = self.server.console("check")
        self.assertEqual(said.code, DONE, said)
        self.assertEqual(said.progress, "reading the whole world\n")
        self.assertIn("nothing is wrong\n", said.text)
        found = self.server.ask("check")
        self.assertEqual((found["finding_count"], found["rows"]["cell_entities"]), (0, 4))
        self.assertEqual(found["hash"], found["rows_hash"])

        first = "WHERE id = (SELECT min(id) FROM cell_entities)"
        self.sql(f"UPDATE cell_entities SET type = type + 1 {first}")
        said = self.server.console("check", is_json=True)
        self.assertEqual(said.code, FAILED, said)
        found = json.loads(said.text)
        self.assertEqual({row["where"] for row in found["findings"]}, {"chunks", "world_stream"})
        self.assertIn("check: ", self.server.words())  # it stands in the log
        self.sql(f"UPDATE cell_entities SET type = type - 1 {first}")
        self.assertEqual(self.server.console("check").code, DONE)
        self.assertEqual(self.server.console("check all").code, USAGE)

    def test_database(self):
        sizes = self.server.ask("db stats")
        tables = {row["table"]: row for row in sizes["tables"]}
        named = self.sql("SELECT relname FROM pg_stat_user_tables")
        self.assertEqual(set(tables), {row["relname"] for row in named})
        for row in tables.values():
            self.assertGreaterEqual(row["bytes"], row["index_bytes"], row)
        self.assertGreater(sizes["bytes"], sum(row["bytes"] for row in tables.values()))
        self.assertIn("cell_entities", self.server.must("db stats"))

        tidied = self.server.ask("db optimize")
        self.assertEqual({row["table"] for row in tidied["tables"]}, set(tables))
        self.assertIn("dead rows", self.server.must("db optimize"))
        self.assertIn("INFO keeper: done for the operator: db optimize, ", self.server.words())
        least = "SELECT min(least(vacuum_count, analyze_count)) FROM pg_stat_user_tables"
        wait_until(lambda: self.sql_value(least) == "2", "each table is tidied twice")

    def test_busy(self):
        """One thing after the other; and a stop does not wait for what takes long."""
        self.hold_table(self.server, "cell_piles")
        threads = ThreadPoolExecutor()
        self.addCleanup(threads.shutdown)
        waiting = threads.submit(self.server.console, "check")
        wait_until(lambda: self.server.ask("status")["keeper"] == "check", "it is under way")
        said = self.server.console("db optimize")
        self.assertEqual(said.code, FAILED, said)
        self.assertIn("Not now: 'check' is under way, for ", said.text)
        self.assertEqual(self.server.terminate(), 0)
        self.assertIn("given up, because the server stops", waiting.result().text)

    def test_without_database(self):
        self.postgres.kill()
        self.addCleanup(self.postgres.start)
        said = self.server.console("check")
        self.assertEqual(said.code, FAILED)
        self.assertIn("connecting to PostgreSQL", said.text)


if __name__ == "__main__":
    unittest.main()
