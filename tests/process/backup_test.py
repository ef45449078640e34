"""Backups: made, listed, verified, pruned, by hand and by themselves; and what disturbs them."""

import hashlib
import json
import shutil
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from building import build, free_cells
from services import BINARIES, HANG_S, ProcessTest, wait_until

DONE, FAILED, USAGE = 0, 1, 64

WAITING = """#!/bin/sh
# The program, once the file `go` is there.
cut -d " " -f 1,6,19 /proc/$$/stat >"{folder}/process"
touch "{folder}/waits"
while [ ! -e "{folder}/go" ]; do sleep 0.05; done
exec {program} "$@"
"""


class BackupTest(ProcessTest):
    def begin(self, **settings):
        """A world with some things in it, and ada, who stands among them."""
        self.server = self.start_server(**settings)
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 4)
        build(self.ada, self.cells[:2], "stone_block")
        self.server.must("save")
        self.shelf = Path(self.server.settings["backup_dir"], "world")

    def fails(self, line, *words):
        said = self.server.console(line)
        self.assertEqual(said.code, FAILED, said)
        for word in words:
            self.assertIn(word, said.text)

    def partial(self):
        return [path.name for path in self.shelf.glob("*.partial")]

    def record(self, seq):
        """The tick record of that number, as the journal has it."""
        folder = self.server.settings["journal_dir"]
        said = subprocess.run(
            [BINARIES / "server/tilth-server", "journal", "dump", str(seq), str(seq),
             "--journal-dir", folder],
            capture_output=True, text=True, timeout=HANG_S, check=True,
        )
        return json.loads(said.stdout.splitlines()[0])

    def test_made_and_verified(self):
        self.begin()
        self.assertEqual(self.server.must("backup list"), "there is no backup\n")
        made = self.server.ask("backup now")
        folder = self.shelf / made["name"]
        manifest = json.loads((folder / "manifest.json").read_text())
        dump = (folder / "world.dump").read_bytes()
        self.assertEqual((folder / "world.dump").stat().st_mode & 0o777, 0o600)
        self.assertEqual(manifest["sha256"], hashlib.sha256(dump).hexdigest())
        self.assertEqual(manifest["size_bytes"], len(dump))
        self.assertEqual((manifest["world"], manifest["timeline"]), ("world", 1))
        rows = {row["table"]: row["rows"] for row in manifest["tables"]}
        self.assertEqual((rows["cell_entities"], rows["characters"], rows["accounts"]), (2, 1, 1))
        record = self.record(manifest["applied_seq"])
        self.assertEqual(manifest["tick"], record["tick"])
        self.assertEqual(manifest["world_hash"], record["hash"])
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)

        (listed,) = self.server.ask("backup list")["backups"]
        self.assertEqual((listed["name"], listed["verified"]), (made["name"], "no"))
        scratch = f"{self.database}_scratch"  # as a server leaves it that was killed meanwhile
        self.postgres.query(f"CREATE DATABASE {scratch} CONNECTION LIMIT 61", "postgres")
        self.assertEqual(self.server.ask("backup verify")["verified"], made["name"])
        self.assertIn("verified: yes", self.server.must("backup list"))
        names = self.postgres.query("SELECT datname FROM pg_database", "postgres")
        self.assertNotIn(f"{self.database}_scratch", {row["datname"] for row in names})
        status = self.server.ask("status")
        self.assertEqual((status["backups_made"], status["backups_verified"]), (1, 1))
        self.assertEqual(status["backup_last"], made["name"])
        self.fails("backup verify ../journal", "there is no backup \"../journal\"")

    def test_what_is_faulty(self):
        self.begin()
        one, two = (self.server.ask("backup now")["name"] for _ in range(2))
        dump = self.shelf / one / "world.dump"
        whole = dump.read_bytes()
        middle = len(whole) // 2
        dump.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        self.fails(f"backup verify {one}", f"{one} is FAULTY", "SHA-256")
        dump.write_bytes(whole[:-1])
        self.fails(f"backup verify {one}", f"has {len(whole) - 1} bytes")
        dump.write_bytes(whole)
        self.assertEqual(self.server.console(f"backup verify {one}").code, DONE)

        # A dump that is what its manifest says, but not the world that the tick record had.
        path = self.shelf / two / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["world_hash"] = manifest["world_hash"][::-1]
        path.write_text(json.dumps(manifest))
        self.fails(f"backup verify {two}", "FAULTY", "the tick record had")
        manifest["world_hash"] = manifest["world_hash"][::-1]
        manifest["tables"][1]["rows"] += 1
        path.write_text(json.dumps(manifest))
        self.fails(f"backup verify {two}", "FAULTY", "rows of cell_changes")
        path.write_text("{}")
        self.fails(f"backup verify {two}", "manifest.json", "format")
        listed = {row["name"]: row for row in self.server.ask("backup list")["backups"]}
        self.assertEqual(listed[one]["verified"], "yes")
        self.assertFalse(listed[two]["is_readable"])

    def test_by_themselves(self):
        self.begin(backup_every_s=1, backup_keep=2, backup_verify_every=4)
        wait_until(lambda: self.server.ask("status")["backups_made"] >= 6, "six are made")
        self.server.must("backup stop")
        wait_until(lambda: not self.server.ask("status")["keeper"], "the last one is done")
        status = self.server.ask("status")
        self.assertGreaterEqual(status["backups_verified"], 2)
        self.assertEqual((status["backups_failed"], status["backups_faulty"]), (0, 0))
        kept = self.server.ask("backup list")["backups"]
        self.assertIn(len(kept), (2, 3), kept)  # a verified one may be older
        self.assertIn("yes", {row["verified"] for row in kept})
        made = status["backups_made"]
        time.sleep(2)
        self.assertEqual(self.server.ask("status")["backups_made"], made)
        self.server.must("backup start")
        wait_until(lambda: self.server.ask("status")["backups_made"] > made, "it goes on")
        self.assertEqual(self.server.stop(), 0)

    def test_pruned_by_hand(self):
        self.begin(backup_keep=1, backup_automatic="false")
        names = [self.server.ask("backup now")["name"] for _ in range(4)]
        self.server.must(f"backup verify {names[1]}")
        self.assertEqual(self.server.ask("backup prune")["removed"], 2)
        kept = [row["name"] for row in self.server.ask("backup list")["backups"]]
        self.assertEqual(kept, [names[3], names[1]])

    def test_what_fails_leaves_nothing(self):
        self.begin(postgres_programs="/nowhere")
        wait_until(lambda: self.server.ask("status")["restore_trouble"], "it is told at the start")
        self.assertIn("/nowhere/pg_dump", self.server.ask("status")["restore_trouble"])
        self.fails("backup now", "No backup was made", "/nowhere/pg_dump")
        status = self.server.ask("status")
        self.assertEqual((status["backups_made"], status["backups_failed"]), (0, 1))
        self.assertIn("/nowhere/pg_dump", status["backup_trouble"])
        names = {path.name for path in self.shelf.iterdir()}
        self.assertLessEqual(names, {"lock", "archive"})

    def begin_waiting(self, program, other):
        """PostgreSQL's programs, one of which waits."""
        folder = self.folder / f"{self.database}-programs"
        folder.mkdir()
        path = folder / program
        path.write_text(WAITING.format(folder=folder, program=program))
        path.chmod(0o755)
        (folder / other).symlink_to(shutil.which(other))
        self.begin(postgres_programs=folder, backup_automatic="false")
        return folder

    def wait_in(self, folder, line):
        """The command's answer, once there is one; the program runs."""
        threads = ThreadPoolExecutor()
        self.addCleanup(threads.shutdown)
        answer = threads.submit(self.server.console, line)
        wait_until((folder / "waits").exists, "the program runs")
        return answer

    def wait_in_dump(self):
        """A pg_dump that waits; its folder."""
        folder = self.begin_waiting("pg_dump", "pg_restore")
        return folder, self.wait_in(folder, "backup now")

    def databases(self):
        rows = self.postgres.query("SELECT datname FROM pg_database", "postgres")
        return [row["datname"] for row in rows if row["datname"].startswith(self.database)]

    def test_stop_while_one_is_looked_at(self):
        """No database stays behind."""
        folder = self.begin_waiting("pg_restore", "pg_dump")
        name = self.server.ask("backup now")["name"]
        for line in (f"backup verify {name}", f"backup restore {name}"):
            answer = self.wait_in(folder, line)
            self.assertEqual(len(self.databases()), 2)
            self.assertEqual(self.server.terminate(), 0)
            self.assertIn("because the server stops", answer.result().text)
            self.assertNotIn("stays behind", self.server.words())
            self.assertEqual(self.databases(), [self.database])
            (folder / "waits").unlink()
            self.server.start()
        self.assertEqual(self.server.stop(), 0)

    def test_while_one_is_made(self):
        """The world moves on, and the backup has the moment at which it began."""
        folder, answer = self.wait_in_dump()
        pid, session, nice = (folder / "process").read_text().split()
        self.assertEqual((session, nice), (pid, "10"))  # the tick does not share its processor
        self.fails("backup now", "Not now: 'backup now' is under way")
        before = self.server.ask("status")["seq"]
        build(self.ada, self.cells[2:], "wood_block")
        self.server.must("save")
        self.assertEqual(len(self.partial()), 1)
        (folder / "go").touch()
        self.assertEqual(answer.result().code, DONE, answer.result())
        (made,) = self.server.ask("backup list")["backups"]
        self.assertLessEqual(made["applied_seq"], before)
        self.server.must("backup verify")
        self.assertEqual(self.partial(), [])

    def test_stop_while_one_is_made(self):
        _, answer = self.wait_in_dump()
        self.assertEqual(self.server.terminate(), 0)
        self.assertIn("because the server stops", answer.result().text)
        self.assertEqual(self.partial(), [])

    def test_kill_while_one_is_made(self):
        folder, answer = self.wait_in_dump()
        self.server.kill()
        self.assertIsNotNone(answer.exception())
        self.assertEqual(len(self.partial()), 1)
        (folder / "go").touch()
        self.server.start()
        self.assertEqual(self.partial(), [])
        self.assertEqual(self.server.ask("backup list")["backups"], [])
        self.assertEqual(self.server.console("backup now").code, DONE)

    def test_of_an_older_server(self):
        """Its schema is brought up to date to be looked at, and to be restored."""
        self.begin()
        name = self.server.ask("backup now")["name"]
        older = f"{self.database}_older"
        self.postgres.create(older)
        dump = self.shelf / name / "world.dump"
        url = self.postgres.url(older)
        subprocess.run(["pg_restore", "-d", url, dump], timeout=HANG_S, check=True)
        self.postgres.query("ALTER TABLE world_stream DROP COLUMN lease_until", older)
        self.postgres.query("DELETE FROM schema_migrations WHERE number = 5", older)
        subprocess.run(["pg_dump", "-Fc", "-d", url, "-f", dump], timeout=HANG_S, check=True)
        self.change_manifest(name, schema=4)
        self.assertEqual(self.server.ask(f"backup verify {name}")["verified"], name)
        self.server.must(f"backup restore {name}")
        self.assertEqual(self.server.stop(), 0)
        self.change_manifest(name, schema=3)
        self.server.start()
        self.fails(f"backup verify {name}", "FAULTY", "schema 4, the manifest says 3")

    def change_manifest(self, name, **members):
        path = self.shelf / name / "manifest.json"
        dump = (self.shelf / name / "world.dump").read_bytes()
        sums = {"sha256": hashlib.sha256(dump).hexdigest(), "size_bytes": len(dump)}
        path.write_text(json.dumps(json.loads(path.read_text()) | sums | members))

    def test_restored_by_hand(self):
        """An ordinary dump: pg_restore makes a database of it that a server starts on."""
        self.begin()
        made = self.server.ask("backup now")
        other = f"{self.database}_other"
        self.postgres.create(other)
        subprocess.run(
            ["pg_restore", "--no-owner", "--exit-on-error", "-d", self.postgres.url(other),
             self.shelf / made["name"] / "world.dump"],
            timeout=HANG_S, check=True,
        )
        refused = self.make_server("other", database_url=self.postgres.url(other)).launch()
        self.assertEqual(refused.program.wait(), 1)
        self.assertIn("--abandon-journal", refused.words())
        again = self.make_server("again", database_url=self.postgres.url(other))
        again.start(abandon_journal="true")
        self.assertEqual(again.ask("status")["applied_seq"], made["applied_seq"])
        bob = self.join(again, "bob")
        self.assertEqual(bob.quit(), 0)
        self.assertEqual(again.stop(), 0)

    def test_without_the_right(self):
        """That backups cannot be verified is said at the start; they are made all the same."""
        self.postgres.query("CREATE ROLE poor LOGIN", "postgres")
        self.postgres.query(f"ALTER DATABASE {self.database} OWNER TO poor", "postgres")
        url = self.postgres.url(self.database).replace("user=tilth", "user=poor")
        self.begin(database_url=url)
        words = "backups cannot be made, verified or restored"
        wait_until(lambda: words in self.server.words(), "it is said")
        self.assertIn("CREATEDB", self.server.ask("status")["restore_trouble"])
        name = self.server.ask("backup now")["name"]
        self.fails("backup verify", f"{name} could not be verified", "permission denied")
        self.fails(f"backup restore {name}", "may not make databases")

    def test_folders_of_other_names(self):
        """A copy under another name is no backup; what is in the way stops nobody."""
        self.begin()
        name = self.server.ask("backup now")["name"]
        shutil.copytree(self.shelf / name, self.shelf / "copy")
        self.fails("backup verify copy", "a backup keeps its name")
        self.assertEqual(self.server.console(f"backup verify {name}").code, DONE)
        (self.shelf / "a.partial").write_text("a file")
        (self.shelf / "b.partial/c").mkdir(parents=True)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertIn("b.partial stays", self.server.words())

    def test_one_server_at_a_time(self):
        self.begin()
        second = self.make_server("second", backup_dir=self.server.settings["backup_dir"])
        second.launch(database_url=self.postgres.url("postgres"))
        self.assertEqual(second.program.wait(), 1)
        self.assertIn("is in use by another server", second.words())

    def segments(self, folder):
        return sorted(path.name for path in Path(folder).glob("*.segment"))

    def test_archive(self):
        """Journal files go when they are applied and archived, and stay where they are needed."""
        self.begin(journal_keep_s=0, backup_keep=1)
        journal = Path(self.server.settings["journal_dir"])
        archive = self.shelf / "archive"
        first = self.segments(journal)[0]  # the next one is made ahead of need
        made = self.server.ask("backup now")
        build(self.ada, self.cells[2:3], "stone_block")
        self.assertEqual(self.server.stop(), 0)
        whole = (journal / first).read_bytes()

        shutil.rmtree(archive)
        archive.write_text("in the way")
        self.server.start()
        wait_until(lambda: self.server.ask("status")["archive_trouble"], "it cannot be archived")
        self.server.must("save")
        self.assertIn(first, self.segments(journal))
        archive.unlink()
        wait_until(lambda: first not in self.segments(journal), "it is archived, and gone")
        self.assertEqual(self.server.ask("status")["archive_trouble"], "")
        (folder,) = archive.iterdir()
        self.assertEqual(self.segments(folder), [first])
        copy = (folder / first).read_bytes()
        self.assertEqual(copy.ljust(len(whole), b"\0"), whole)
        self.assertLess(len(copy), len(whole) // 100)

        self.ada.program.kill()  # it would connect again
        self.ada = self.join(self.server, "ada")
        build(self.ada, self.cells[3:], "wood_block")
        self.ada.quit()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        wait_until(lambda: len(self.segments(folder)) == 2, "the next one is archived")
        self.server.must("backup prune")
        self.assertEqual(len(self.segments(folder)), 2)  # the backup needs them
        self.assertGreater(self.server.ask("backup now")["applied_seq"], made["applied_seq"])
        manifest = self.shelf / made["name"] / "manifest.json"
        text = manifest.read_text()
        manifest.write_text("{}")
        self.server.must("backup prune")
        self.assertEqual(len(self.segments(folder)), 2)  # it is not known what that one needs
        manifest.write_text(text)
        self.server.must("backup prune")
        self.assertEqual(len(self.segments(folder)), 1)  # its newest one stays
        self.assertEqual(self.server.stop(), 0)

    def test_without(self):
        self.begin(backup_dir="")
        for line in ("backup now", "backup list", "backup verify", "backup prune", "backup start"):
            self.fails(line, "the setting backup_dir is empty")


if __name__ == "__main__":
    unittest.main()
