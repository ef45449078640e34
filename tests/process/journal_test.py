"""What an operator reads of a journal: beside the running server, after a kill, and when it is
damaged."""

import json
import subprocess
import unittest

from building import build, free_cells
from services import BINARIES, HANG_S, ProcessTest

DONE, FAILED, USAGE = 0, 1, 64
SEGMENT_HEADER_BYTES = 4096


class JournalTest(ProcessTest):
    with_redis = False

    def journal(self, server, *arguments):
        """What `tilth-server journal ...` says of this server's journal."""
        return subprocess.run(
            [
                BINARIES / "server/tilth-server",
                "journal",
                *map(str, arguments),
                f"--journal-dir={server.settings['journal_dir']}",
            ],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    def played_world(self):
        """A running server with signs that a player placed, each in a record of its own."""
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        self.cells = free_cells(bot, 3)
        for cell in self.cells:
            build(bot, [cell], "sign")
        bot.quit()
        return server

    def test_running_server(self):
        server = self.played_world()
        said = self.journal(server, "check")
        self.assertEqual(said.returncode, DONE, said.stderr)
        self.assertIn("records 1 to", said.stdout)
        dumped = self.journal(server, "dump")
        self.assertEqual(dumped.returncode, DONE, dumped.stderr)
        lines = [json.loads(line) for line in dumped.stdout.splitlines()]
        records = [line for line in lines if "hash" in line]
        self.assertEqual([line["seq"] for line in records], list(range(1, len(records) + 1)))
        entities = [line for line in lines if line.get("change", {}).get("record") == "entity"]
        self.assertEqual([tuple(line["change"]["cell"]) for line in entities], self.cells)
        one = entities[1]["seq"]
        part = self.journal(server, "dump", one, one)
        self.assertEqual(part.stdout, "".join(
            line + "\n" for line in dumped.stdout.splitlines() if json.loads(line)["seq"] == one
        ))
        self.world_hash_is_the_last_records(server)

    def test_records_that_are_not_there(self):
        server = self.played_world()
        said = self.journal(server, "dump", 1000000)
        self.assertEqual((said.returncode, said.stdout), (FAILED, ""))
        self.assertRegex(said.stderr, r"none of these records is there; the journal has 1 to \d+")

    def world_hash_is_the_last_records(self, server):
        """When all is applied, the last record and the database's row say the same hash."""
        self.assertEqual(server.stop(), 0)
        lines = map(json.loads, self.journal(server, "dump").stdout.splitlines())
        last = [line for line in lines if "hash" in line][-1]
        sql = "SELECT applied_seq, encode(world_hash, 'hex') FROM world_stream"
        (row,) = self.postgres.query(sql, self.database)
        self.assertEqual(int(row["applied_seq"]), last["seq"])
        self.assertEqual(row["encode"], last["hash"])

    def test_wrong_numbers(self):
        server = self.make_server(redis_url="none")
        server.settings["journal_dir"].mkdir(parents=True)
        for wrong in (["0"], ["x"], ["7", "3"]):
            said = self.journal(server, "dump", *wrong)
            self.assertEqual((said.returncode, said.stdout), (USAGE, ""))
            self.assertIn("FROM not behind TO", said.stderr)
        said = self.journal(server, "dump")
        self.assertEqual(said.returncode, FAILED)
        self.assertIn("the journal has no record", said.stderr)
        said = self.journal(server, "check")
        self.assertEqual(said.returncode, DONE, said.stderr)
        self.assertIn("no segment", said.stdout)

    def test_damage(self):
        """What comes before the damage can be read, and is all that is printed."""
        server = self.played_world()
        server.kill()
        whole = self.journal(server, "dump").stdout
        segment = min(server.settings["journal_dir"].glob("*.segment"))
        good = segment.read_bytes()
        second = self.offset_of_record(good, 2)
        segment.write_bytes(good[:second] + bytes([good[second] ^ 1]) + good[second + 1 :])
        said = self.journal(server, "check")
        self.assertEqual((said.returncode, said.stdout), (FAILED, ""))
        for word in (segment.name, f"damaged at byte {second}", "record 2 was confirmed"):
            self.assertIn(word, said.stderr)
        said = self.journal(server, "dump")
        self.assertEqual(said.returncode, FAILED)
        self.assertIn(f"damaged at byte {second}", said.stderr)
        first = [line for line in whole.splitlines() if json.loads(line)["seq"] == 1]
        self.assertEqual(said.stdout.splitlines(), first)
        self.assertEqual(self.journal(server, "dump", 1, 1).returncode, DONE)
        segment.write_bytes(good)
        self.assertEqual(self.journal(server, "dump").stdout, whole)

    def test_torn_tail(self):
        """What nobody was told of is cut, and said."""
        server = self.played_world()
        server.kill()
        segments = server.settings["journal_dir"].glob("*.segment")
        (segment,) = [file for file in segments if b"Tick" in file.read_bytes()]
        whole = segment.read_bytes()
        end = len(whole.rstrip(b"\0")) + 64
        end -= end % 8
        segment.write_bytes(whole[:end] + b"\xff" * 100 + whole[end + 100 :])
        before = self.journal(server, "dump").stdout
        said = self.journal(server, "check")
        self.assertEqual(said.returncode, DONE, said.stderr)
        self.assertRegex(said.stdout, r"1\d\d bytes behind them were never confirmed")
        server.start()
        self.assertRegex(server.words(), r"cut 1\d\d bytes behind record \d+: they were never")
        looker = self.join(server, "looker")
        for x, y in self.cells:
            looker.until(f"cell {x} {y}", lambda seen: seen["entities"] == ["sign"])
        looker.quit()
        self.assertTrue(self.journal(server, "dump").stdout.startswith(before))
        self.assertEqual(server.stop(), DONE)

    @staticmethod
    def offset_of_record(segment, wanted):
        """Where a record's header begins, by the magic and the number behind it."""
        at = SEGMENT_HEADER_BYTES
        while True:
            at = segment.index(b"Tick", at)
            if int.from_bytes(segment[at + 8 : at + 16], "little") == wanted:
                return at
            at += 8


if __name__ == "__main__":
    unittest.main()
