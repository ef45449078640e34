"""Restoring: to a backup, to a tick and to a time behind it, and from one timeline to another."""

import subprocess
import time
import unittest
from datetime import datetime, timezone
from pathlib import Path

from building import build, free_cells
from services import BINARIES, HANG_S, ProcessTest, wait_until

DONE, FAILED, USAGE = 0, 1, 64


class RestoreTest(ProcessTest):
    """A world in three stages: a block, a backup, another block, a third one and a player."""

    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 4)
        self.backup = None
        self.moments = []
        for stage in range(3):
            build(self.ada, [self.cells[stage]], "stone_block")
            if stage == 2:
                self.join(self.server, "bob").quit()
            self.server.must("save")
            if stage == 0:
                self.backup = self.server.ask("backup now")["name"]
            self.moments.append(self.moment())

    def moment(self):
        """A tick, and a time, behind all that was done so far and before all that comes."""
        tick = self.next_record()
        at = time.time() + 1
        wait_until(lambda: time.time() > int(at) + 1, "the second is over")
        self.next_record()  # the journal goes beyond it
        return tick, int(at)

    def next_record(self):
        """Waits for a record behind those that there are; the tick then."""
        before = self.server.ask("status")["seq"]
        wait_until(lambda: self.server.ask("status")["seq"] > before, "a second goes by")
        return self.server.ask("status")["tick"]

    def restore(self, *arguments, **settings):
        words = [BINARIES / "server/tilth-server", "restore", *arguments]
        return subprocess.run(
            [*words, *self.server._options(settings)],
            capture_output=True, text=True, timeout=HANG_S, check=False,
        )

    def restores(self, *arguments, **settings):
        said = self.restore(*arguments, **settings)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        return said.stdout

    def refuses(self, words, *arguments, **settings):
        said = self.restore(*arguments, **settings)
        self.assertNotEqual(said.returncode, 0, said.stdout)
        self.assertIn(words, said.stderr)

    def blocks(self):
        """Which of the four cells have a block."""
        found = [self.server.must(f"cell {x} {y}") for x, y in self.cells]
        return ["stone_block" in words for words in found]

    def databases(self):
        rows = self.postgres.query("SELECT datname FROM pg_database", "postgres")
        return {row["datname"] for row in rows if row["datname"].startswith(self.database)}

    def test_to_a_backup_a_tick_and_a_time(self):
        self.assertEqual(self.sql_value("SELECT count(*) FROM accounts"), "2")
        self.refuses("is in use by another server", self.backup)
        self.assertEqual(self.server.stop(), 0)

        said = self.restores(self.backup)
        self.assertIn(f"restored {self.backup}, 0 records behind it", said)
        self.server.start()
        status = self.server.ask("status")
        self.assertEqual(status["timeline"], 2)
        self.assertEqual(self.blocks(), [True, False, False, False])
        self.assertEqual(self.sql_value("SELECT count(*) FROM accounts"), "2")  # never rewound
        self.assertEqual(self.sql_value("SELECT count(*) FROM characters"), "1")
        kept = self.databases() - {self.database}
        self.assertEqual(len(kept), 1, kept)
        (old,) = kept
        self.assertRegex(old, f"^{self.database}_before_[0-9_]+$")
        self.assertEqual(self.postgres.value("SELECT count(*) FROM cell_entities", old), "3")

        # Play goes on, in a timeline of its own.
        self.ada.program.kill()  # it would connect again
        self.ada = self.join(self.server, "ada")
        build(self.ada, [self.cells[3]], "stone_block")
        self.ada.quit()
        self.assertEqual(self.server.stop(), 0)

        # The old timeline is still there: to a tick of it, and to a time.
        self.refuses("a later timeline begins there", self.backup, "--to-tick", "9999999")
        said = self.restores(self.backup, "--to-tick", str(self.moments[1][0]))
        self.assertIn(f"tick {self.moments[1][0]}", said)
        self.server.start()
        self.assertEqual(self.server.ask("status")["timeline"], 3)
        self.assertEqual(self.blocks(), [True, True, False, False])
        self.assertEqual(self.server.stop(), 0)
        at = datetime.fromtimestamp(self.moments[2][1], timezone.utc)
        self.restores(self.backup, "--to-time", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.server.start()
        self.assertEqual(self.blocks(), [True, True, True, False])
        self.assertEqual(self.sql_value("SELECT count(*) FROM characters"), "2")
        bob = self.join(self.server, "bob")
        self.assertEqual(bob.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def test_what_is_refused_changes_nothing(self):
        first, last = self.server.ask("backup list")["backups"][-1]["tick"], self.moments[2][0]
        self.assertEqual(self.server.stop(), 0)
        for words, *arguments in (
            ("which backup?",),
            ("there is no backup", "never"),
            ("is no tick", self.backup, "--to-tick", "soon"),
            ("--to-tick needs a value", self.backup, "--to-tick"),
            ("is no time", self.backup, "--to-time", "2026-13-01T00:00:00Z"),
            ("take an older one", self.backup, "--to-tick", str(first - 1)),
            ("take an older one", self.backup, "--to-time", "2020-01-01T00:00:00Z"),
            ("before what was asked for", self.backup, "--to-tick", str(last + 10000)),
        ):
            self.refuses(words, *arguments)
        self.refuses("nowhere", self.backup, maintenance_database="nowhere")
        manifest = Path(self.server.settings["backup_dir"], "world", self.backup, "manifest.json")
        whole = manifest.read_text()
        manifest.write_text(whole.replace('"sha256":"', '"sha256":"0'))
        self.refuses("hex digits", self.backup)
        manifest.write_text(whole)
        dump = manifest.parent / "world.dump"
        bytes_ = dump.read_bytes()
        dump.write_bytes(bytes_[:-1] + bytes([bytes_[-1] ^ 1]))
        self.refuses("SHA-256", self.backup)
        dump.write_bytes(bytes_)
        name = f"{self.database}_restoring"
        self.postgres.query(f"CREATE DATABASE {name}", "postgres")
        self.refuses("which this server did not make", self.backup)
        self.postgres.query(f"DROP DATABASE {name}", "postgres")
        columns = "(name, terrain_seed, rule_seed, generator_version)"
        self.sql(f"INSERT INTO worlds {columns} VALUES ('x', 1, 1, 1)")
        self.refuses("has 1 other worlds", self.backup)
        self.sql("DELETE FROM worlds WHERE name = 'x'")

        self.assertEqual(self.databases(), {self.database})
        self.server.start()
        self.assertEqual(self.server.ask("status")["timeline"], 1)
        self.assertEqual(self.blocks(), [True, True, True, False])
        self.assertEqual(self.server.stop(), 0)

    def test_another_timeline_is_never_applied(self):
        """The former database, put back by hand, is not given the records of the later one."""
        self.server.must(f"backup restore {self.backup}")
        ada = self.ada
        build(ada, self.cells[3:], "stone_block")
        self.server.must("save")
        self.server.kill()
        kept = (self.databases() - {self.database}).pop()
        for name, other in ((self.database, "aside"), (kept, self.database)):
            self.postgres.query(f"ALTER DATABASE {name} RENAME TO {other}", "postgres")
        said = self.server.check()
        self.assertEqual(said.returncode, 1, said.stdout)
        self.assertIn("it is of timeline 2", said.stdout)
        self.server.launch()
        self.assertEqual(self.server.program.wait(), 1)
        self.assertIn("the journal is of timeline 2", self.server.words())
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "3")

        elsewhere = {"journal_dir": self.server.folder / "empty", "abandon_journal": "true"}
        self.server.start(**elsewhere)
        self.assertEqual(self.blocks(), [True, True, True, False])
        self.server.must("save")
        self.server.kill()
        self.postgres.query("DROP DATABASE aside", "postgres")

    def test_what_only_the_journal_has(self):
        """A crash was before: the old database, which is kept, is whole all the same."""
        self.ada.quit()
        self.hold_table(self.server, "world_stream")
        late = self.join(self.server, "late")
        build(late, self.cells[3:], "stone_block")
        late.quit()
        self.refuses("is in use by another server", self.backup)
        self.server.kill()
        self.postgres.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{self.database}'", "postgres",
        )
        self.restores(self.backup)
        (kept,) = self.databases() - {self.database}
        self.assertEqual(self.postgres.value("SELECT count(*) FROM cell_entities", kept), "4")
        self.server.start()
        self.assertEqual(self.sql_value("SELECT count(*) FROM accounts"), "3")
        self.assertEqual(self.blocks(), [True, False, False, False])
        self.assertEqual(self.server.stop(), 0)

    def back_up_waiting(self):
        """A player whose account waits in quarantine in a backup, and not any more behind it."""
        self.refuse_accounts()
        early = self.join(self.server, "early")
        self.await_waiting(1)
        self.sql("DROP TRIGGER refuse ON accounts")
        before = self.server.ask("backup now")["name"]
        self.assertEqual(self.server.ask("quarantine retry")["applied"], 1)
        return early, before

    def test_accounts_in_quarantine(self):
        """A restore takes back no account, also none that its table refuses."""
        early, before = self.back_up_waiting()
        self.server.must("role early builder on")
        self.await_waiting(0)
        self.refuse_accounts()
        late = self.join(self.server, "late")
        self.server.must("role ada builder on")
        self.await_waiting(2)
        early.quit()
        late.quit()

        self.server.must(f"backup restore {before}")
        said = self.server.ask("quarantine list")
        self.assertEqual({key["key"].split()[0] for key in said["keys"]}, {"account"})
        self.assertEqual(len(said["keys"]), 2)
        self.assertEqual(self.server.ask("quarantine retry")["applied"], 2)
        self.assertEqual(self.server.stop(), 0)
        rows = self.sql("SELECT name, roles FROM accounts ORDER BY id")
        roles = {row["name"]: int(row["roles"]) for row in rows}
        self.assertEqual(roles, {"ada": 1, "bob": 0, "early": 1, "late": 0})

    def test_a_name_that_is_taken(self):
        """By hand somebody gave a name away: what waits of that account is not given up."""
        early, before = self.back_up_waiting()
        self.assertEqual((early.quit(), self.ada.quit()), (0, 0))
        self.assertEqual(self.server.stop(), 0)
        self.sql("UPDATE accounts SET name = 'was_ada' WHERE name = 'ada'")
        self.sql("UPDATE accounts SET name = 'ada' WHERE name = 'early'")

        said = self.restore(before)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("stay as they were in the backup", said.stdout + said.stderr)
        self.server.start()
        self.assertEqual(self.server.ask("quarantine retry")["applied"], 1)
        names = {row["name"] for row in self.sql("SELECT name FROM accounts")}
        self.assertEqual(names, {"was_ada", "bob", "early"})

    def refuse_accounts(self):
        self.sql(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION ''not on my watch''; END'"
        )
        self.sql(
            "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON accounts"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    def await_waiting(self, count):
        self.server.must("save")
        wait_until(
            lambda: self.server.ask("status")["quarantined_keys"] == count,
            f"{count} keys in quarantine",
        )

    def test_without_the_database(self):
        """The database is lost, the journal's folder and the backups are not: nothing is."""
        hash_before = self.server.ask("status")["world_hash"]
        tick = self.moments[2][0]
        self.server.kill()
        self.postgres.query(f"DROP DATABASE {self.database} WITH (FORCE)", "postgres")
        self.restores(self.backup, "--to-tick", str(tick))
        self.server.start()
        self.assertEqual(self.blocks(), [True, True, True, False])
        self.assertEqual(self.server.ask("status")["world_hash"], hash_before)
        self.assertEqual(self.server.stop(), 0)

    def test_elsewhere(self):
        """The machine is lost: what was copied off it is a world on another one."""
        self.assertEqual(self.server.stop(), 0)
        self.server.start()  # what was the newest journal file is archived now
        wait_until(lambda: self.server.ask("status")["journal_archived"] > 0, "it is archived")
        self.server.kill()
        self.postgres.query(f"DROP DATABASE {self.database} WITH (FORCE)", "postgres")
        self.postgres.create(self.database)  # it is there, and nothing in it
        self.server.settings["journal_dir"] = self.server.folder / "new folder" / "journal"
        self.refuses(".segment: cannot read record", self.backup, "--to-tick", "9999999")
        self.restores(self.backup, "--to-tick", str(self.moments[1][0]))
        self.server.start()
        self.assertEqual(self.blocks(), [True, True, False, False])

        # The new journal has files of the same names: the old backup is of the old one only.
        self.ada.program.kill()
        self.ada = self.join(self.server, "ada")
        build(self.ada, self.cells[3:], "stone_block")
        self.server.must("save")
        self.server.must(f"backup restore {self.backup} --to-tick {self.moments[1][0]}")
        self.assertEqual(self.blocks(), [True, True, False, False])
        self.assertEqual(self.server.stop(), 0)

    def journal(self, command):
        return subprocess.run(
            [BINARIES / "server/tilth-server", "journal", command,
             "--journal-dir", self.server.settings["journal_dir"]],
            capture_output=True, text=True, timeout=HANG_S, check=True,
        ).stdout

    def test_where_another_world_was(self):
        """A drill: on another machine a server ran for a moment, or for longer."""
        self.assertEqual(self.ada.quit(), 0)
        backup = self.server.ask("backup now")["name"]
        self.assertEqual(self.server.stop(), 0)
        for records in (0, 3):
            with self.subTest(records):
                self.postgres.query(f"DROP DATABASE {self.database} WITH (FORCE)", "postgres")
                self.postgres.create(self.database)
                self.server.settings["journal_dir"] = self.server.folder / f"j/{records}"
                (self.server.folder / "j").mkdir(exist_ok=True)
                self.server.start()
                if records > 0:
                    wait_until(lambda: self.server.ask("status")["seq"] >= 3, "there are some")
                self.assertEqual(self.server.terminate(), 0)
                self.restores(backup)
                self.server.must_check()
                self.server.start()
                self.server.must_check()
                self.play_after(self.cells[3:])

    def play_after(self, cells):
        """What is confirmed then is there after a crash, and the journal can be read."""
        ada = self.join(self.server, "ada")
        build(ada, cells, "stone_block")
        self.server.must("save")
        self.assertEqual(ada.quit(), 0)
        self.server.kill()
        self.assertRegex(self.journal("check"), "records .* with [1-9][0-9]* changes")
        self.assertIn('"record":"entity"', self.journal("dump"))
        self.server.start()
        self.assertEqual(self.blocks(), [True, True, True, True])
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
