"""A running world goes back to a tick in the middle, with 20 players connected who build."""

import random
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from building import build, free_cells
from services import POLL_S, ProcessTest, wait_until
from torture_test import SETTINGS, Bot

DONE, FAILED, USAGE = 0, 1, 64
BOTS = 20
CELLS = 8  # of each bot
ROUNDS = 6


class Builder(Bot):
    """A bot that may meet a restore: what was lost, or could not be asked, is not under way."""

    def restored(self):
        return len(self.client.events("restored"))

    def note_unasked(self, event):
        cell = tuple(int(word) for word in event["command"].split()[-2:])
        self.under_way.discard(cell)


class RestoreLiveTest(ProcessTest):
    def test_to_a_tick_under_load(self):
        self.server = self.start_server(**SETTINGS, backup_automatic="false")
        clients = [self.join(self.server, f"bot{i}") for i in range(BOTS)]
        cells = free_cells(clients[0], BOTS * CELLS)
        dice = random.Random(4)
        self.bots = [
            Builder(client, cells[i * CELLS : (i + 1) * CELLS], dice)
            for i, client in enumerate(clients)
        ]
        with ThreadPoolExecutor() as threads:
            self.threads = threads
            self.go_back()
        for bot in self.bots:
            bot.client.wait_event("said", lambda said: "as it was restored" in said["text"])
            self.assertEqual(bot.client.quit(), 0)
        self.assertEqual(self.server.stop(), 0)

    def go_back(self):
        made = self.while_building("backup now")
        name = made.text.split()[1]
        self.while_building(f"backup verify {name}")
        self.flip_a_byte(name)
        before = self.settle()
        self.while_building("status")
        at, (tick, _) = self.settle(), self.moment()
        self.while_building("status")
        after = self.settle()
        self.assertNotEqual(before, at)
        self.assertNotEqual(at, after)

        said = self.while_building(f"backup restore {name} --to-tick {tick}")
        self.assertIn(f"tick {tick},", said.text)
        for bot in self.bots:
            wait_until(lambda bot=bot: bot.restored() == 1, f"{bot.client.name} is told")
            bot.settle()
            bot.ledger = {cell: cell in at for cell in bot.ledger}
        self.tell(tick, {"before": before, "at": at, "after": after})
        self.check(at)
        self.assertEqual(self.server.ask("status")["timeline"], 2)
        for bot in self.bots:
            self.assertEqual(bot.client.events("disconnected"), [])
            bot.ask_some()
        self.check(self.settle())
        self.assertIn("nothing is wrong", self.server.must("check"))

    def while_building(self, line):
        """The console's answer, while all bots go on."""
        answer = self.threads.submit(self.server.console, line)
        rounds = 0
        while not answer.done() or rounds < ROUNDS:
            for bot in self.bots:
                bot.listen()
                bot.ask_some()
            time.sleep(POLL_S)
            rounds += 1
        self.assertEqual(answer.result().code, DONE, answer.result())
        return answer.result()

    def settle(self):
        """All cells that have a thing, once every question is answered."""
        for bot in self.bots:
            bot.settle()
        return {cell for bot in self.bots for cell, there in bot.ledger.items() if there}

    def moment(self):
        """A tick behind all that is confirmed by now, and before all that is asked later."""
        before = self.server.ask("status")["seq"]
        wait_until(lambda: self.server.ask("status")["seq"] > before, "a second goes by")
        return self.server.ask("status")["tick"], before

    def flip_a_byte(self, name):
        dump = Path(self.server.settings["backup_dir"], "world", name, "world.dump")
        whole = dump.read_bytes()
        place = len(whole) * 2 // 3
        dump.write_bytes(whole[:place] + bytes([whole[place] ^ 64]) + whole[place + 1 :])
        said = self.server.console(f"backup verify {name}")
        self.assertEqual(said.code, FAILED)
        self.assertIn("FAULTY", said.text)
        refused = self.server.console(f"backup restore {name}")
        self.assertEqual(refused.code, FAILED)
        self.assertIn("SHA-256", refused.text)
        dump.write_bytes(whole)
        self.assertIn("verified", self.server.must(f"backup verify {name}"))

    def check(self, cells):
        """All players see just these, and the database has them."""
        for bot in self.bots:
            for x, y in sorted(bot.ledger):
                kinds = ["floor_tile"] if (x, y) in cells else []
                bot.client.until(
                    f"cell {x} {y}", lambda seen, kinds=kinds: seen.get("entities") == kinds
                )
        self.server.must("save")
        rows = self.sql("SELECT cell_x, cell_y FROM cell_entities")
        self.assertEqual({(int(row["cell_x"]), int(row["cell_y"])) for row in rows}, cells)

    def tell(self, tick, moments):
        print(f"\ntick {tick}; cells with a thing, and in how many of them the database differs")
        self.server.must("save")
        rows = self.sql("SELECT cell_x, cell_y FROM cell_entities")
        found = {(int(row["cell_x"]), int(row["cell_y"])) for row in rows}
        for name, cells in moments.items():
            print(f"{name:>8} {len(cells):6} {len(cells ^ found):6}")

    def begin(self):
        self.server = self.start_server(backup_automatic="false")
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 2)
        build(self.ada, self.cells[:1], "stone_block")
        self.server.must("save")
        return self.server.ask("backup now")["name"]

    def test_what_fails_leaves_the_world_running(self):
        name = self.begin()
        prepared = "BEGIN; CREATE TABLE in_the_way (n int); PREPARE TRANSACTION 'in_the_way'"
        self.postgres.query(prepared, self.database)
        said = self.server.console(f"backup restore {name}")
        self.assertEqual(said.code, FAILED, said)
        self.assertIn("Nothing was restored: ", said.text)
        self.assertIn("prepared transaction", said.text)
        self.assertEqual(self.server.ask("status")["timeline"], 1)
        build(self.ada, self.cells[1:], "stone_block")
        self.assertEqual(self.ada.events("restored"), [])
        self.assertEqual(self.ada.events("disconnected"), [])
        self.server.must("save")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "2")
        self.sql("ROLLBACK PREPARED 'in_the_way'")
        names = self.postgres.query("SELECT datname FROM pg_database", "postgres")
        left = {row["datname"] for row in names if row["datname"].startswith(self.database)}
        self.assertEqual(left, {self.database})

        self.server.must(f"backup restore {name}")
        self.ada.wait_event("restored")
        self.server.must("save")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "1")
        self.assertEqual(self.server.stop(), 0)

    def test_soon_given_up(self):
        """What holds the old database's tables does not hold the world for long; and the moment
        that the list shows is a time to go back to."""
        name = self.begin()
        (listed,) = self.server.ask("backup list")["backups"]
        at = listed["at"].replace(" UTC", "Z").replace(" ", "T")
        psql = self.hold_table(self.server, "image_bans")
        said = self.server.console(f"backup restore {name}")
        self.assertEqual(said.code, FAILED, said)
        self.assertIn("lock timeout", said.text)
        build(self.ada, self.cells[1:], "stone_block")
        self.assertEqual(self.server.ask("status")["timeline"], 1)
        psql.kill()
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE relation = 'image_bans'::regclass AND granted"
        )
        self.server.must(f"backup restore {name} --to-time {at}")
        self.assertEqual(self.server.ask("status")["timeline"], 2)
        self.assertEqual(self.server.stop(), 0)

    def test_a_backup_follows(self):
        """Without one of the new timeline nothing would lead back to it."""
        self.server = self.start_server(backup_every_s=3600)
        wait_until(lambda: self.server.ask("status")["backups_made"] == 1, "the first is made")
        self.server.must(f"backup restore {self.server.ask('status')['backup_last']}")
        wait_until(lambda: self.server.ask("status")["backups_made"] == 2, "another is made")
        newest = self.server.ask("backup list")["backups"][0]
        self.assertEqual(newest["timeline"], 2)
        self.assertIn("INFO keeper: done by itself: backup now, ", self.server.words())
        self.assertEqual(self.server.stop(), 0)

    def test_words(self):
        name = self.begin()
        for words, line in (
            ("usage: backup restore NAME", "backup restore"),
            ("which backup?", "backup restore --to-tick 4"),
            ("there is no backup \"never\"", "backup restore never"),
            ("is no tick", f"backup restore {name} --to-tick x"),
            ("is no time", f"backup restore {name} --to-time yesterday"),
            ("only one of", f"backup restore {name} --to-tick 9 --to-time 9"),
            ("--to-tick needs a value", f"backup restore {name} --to-tick"),
            ("usage: backup restore NAME", f"backup restore {name} now"),
            ("before what was asked for", f"backup restore {name} --to-tick 99999999"),
        ):
            said = self.server.console(line)
            self.assertEqual(said.code, USAGE if "usage:" in said.text else FAILED, said)
            self.assertIn(words, said.text)
        self.assertEqual(self.server.ask("status")["timeline"], 1)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
