"""A streaming standby of PostgreSQL takes over, behind the primary by what was confirmed last."""

import shutil
import unittest

from building import build, free_cells
from services import POSTGRES, Postgres, ProcessTest, wait_until


class Standby(Postgres):
    """Follows a running cluster, asynchronously."""

    def __init__(self, primary):
        self.primary = primary
        super().__init__()

    def make(self):
        source = f"host={self.primary.folder} user=tilth"
        options = ["--checkpoint=fast", "--write-recovery-conf", "--no-sync"]
        return self._spawn(
            "basebackup", [POSTGRES / "pg_basebackup", "-D", "data", "-d", source, *options]
        )

    def is_at(self, position):
        return self.value(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", "postgres") == "t"

    def stop_following(self):
        """As when the network between the two is cut."""
        self.query("ALTER SYSTEM SET primary_conninfo = ''", "postgres")
        self.query("SELECT pg_reload_conf()", "postgres")
        receivers = "SELECT pid FROM pg_stat_wal_receiver"
        wait_until(lambda: not self.query(receivers, "postgres"), "it follows no more")

    def promote(self):
        self.query("SELECT pg_promote()", "postgres")


class StandbyTest(ProcessTest):
    def follow(self):
        standby = Standby(self.postgres)
        self.addCleanup(shutil.rmtree, standby.folder, ignore_errors=True)
        self.addCleanup(standby.stop)
        standby.start()
        return standby

    def things(self, postgres):
        return int(postgres.value("SELECT count(*) FROM cell_entities", self.database))

    def applied(self, postgres):
        return int(postgres.value("SELECT applied_seq FROM world_stream", self.database))

    def test_takes_over_behind(self):
        standby = self.follow()
        hosts = f"{self.postgres.folder},{standby.folder}"
        url = f"host={hosts} user=tilth dbname={self.database} target_session_attrs=read-write"
        server = self.start_server(database_url=url, backup_automatic="false")
        ada, bob = self.join(server, "ada"), self.join(server, "bob")
        cells = free_cells(ada, 4)
        build(ada, cells[:1], "stone_block")
        server.must("save")
        position = self.postgres.value("SELECT pg_current_wal_lsn()", "postgres")
        wait_until(lambda: standby.is_at(position), "the standby has that")
        standby.stop_following()
        build(ada, cells[1:3], "stone_block")
        self.assertEqual(bob.quit(), 0)
        server.must("save")
        applied = self.applied(self.postgres)
        self.assertEqual((self.things(self.postgres), self.things(standby)), (3, 1))
        self.assertLess(self.applied(standby), applied)

        self.postgres.kill()
        try:
            build(ada, cells[3:], "stone_block")  # play goes on meanwhile
            standby.promote()
            wait_until(lambda: self.things(standby) == 4, "the standby has all that was confirmed")
            self.assertGreater(self.applied(standby), applied)
            bob = self.join(server, "bob")
            for x, y in cells:
                seen = bob.until(f"cell {x} {y}", lambda seen: seen["ok"])
                self.assertEqual(seen["entities"], ["stone_block"])
            self.assertIn("connected again; the database has records up to", server.words())
            self.assertEqual((ada.quit(), bob.quit()), (0, 0))
            self.assertEqual(server.stop(), 0)  # and checks it
        finally:
            self.postgres.start()


if __name__ == "__main__":
    unittest.main()
