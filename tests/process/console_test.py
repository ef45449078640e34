"""Every command of the console, over its socket: what it does, and what it says of mistakes."""

import json
import os
import stat
import unittest

from building import build, free_cells
from services import SEED, ProcessTest

COMMANDS = ["help", "status", "sessions", "cell", "say", "kick", "save", "cache stats", "stop"]
DONE, FAILED, USAGE = 0, 1, 64


class ConsoleTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()

    def says(self, line, code, *words):
        answer = self.server.console(line)
        self.assertEqual(answer.code, code, answer)
        for word in words:
            self.assertIn(word, answer.text)

    def test_words(self):
        self.says("hlep", USAGE, "There is no command 'hlep'", "'help'")
        self.says("statsu", USAGE, "'status'")
        self.says("sess", USAGE, "'sessions'")
        self.assertNotIn("Did you mean", self.server.console("tabulator").text)
        self.says("cache stast", USAGE, "'cache stats'")
        self.says("", USAGE, "help")
        self.says("cell 1", USAGE, "usage: cell X Y")
        self.says("cell 1 99999999999", USAGE, "usage: cell X Y", "'99999999999' is no Y", "from -")
        self.says("cell x 1", USAGE, "'x' is no X")
        for line in ("sessions ada", "status x", "save now", "cache stats all", "stop now"):
            self.says(line, USAGE, f"usage: {line.rpartition(' ')[0]}\n")
        self.says("kick", USAGE, "usage: kick NAME")
        self.says("kick nobody", FAILED, "Nobody called 'nobody'")
        self.says("say", USAGE, "usage: say TEXT")
        self.says("help kcik", FAILED, "'kick'")
        for line, words in (
            ("hlep", "Did you mean 'help'?"),
            ("help hlep", "Did you mean 'help'?"),
            ("kick nobody", "Nobody called 'nobody'"),
            ("cell 1 x", "'x' is no Y"),
            ("say \x07", "UTF-8"),
        ):
            error = json.loads(self.server.console(line, is_json=True).text)
            self.assertIn(words, error["error"])

    def test_help(self):
        rows = self.server.ask("help")
        self.assertLessEqual(set(COMMANDS), {row["name"] for row in rows})
        for row in rows:
            self.assertGreater(len(row["help"]), 10, row)
            self.says(f"help {row['name']}", DONE, row["name"], row["help"])

    def test_socket(self):
        mode = os.stat(self.server.settings["console_socket"]).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_players(self):
        self.says("sessions", DONE, "nobody is connected")
        ada, bob = self.join(self.server, "ada"), self.join(self.server, "bob")
        self.assertEqual([row["name"] for row in self.server.ask("sessions")], ["ada", "bob"])
        self.says("say the  mill is open", DONE)
        said = ada.wait_event("said")
        self.assertEqual((said["name"], said["text"]), ("server", "the mill is open"))
        self.says("kick ada", DONE)
        gone = ada.wait_event("disconnected")
        self.assertIn("an operator sent you away", gone["words"])
        self.assertEqual([row["name"] for row in self.server.ask("sessions")], ["bob"])
        self.assertEqual(bob.quit(), 0)
        for line in ("say the mill is open", "kick ada"):
            self.assertIn(f"INFO console: done for the operator: {line}\n", self.server.words())
        self.assertNotIn("operator: sessions", self.server.words())

    def test_start_in_the_log(self):
        self.assertRegex(
            self.server.words(),
            f"INFO host: tilth-server [0-9.]+ serves world world at {self.server.address}, "
            "timeline [0-9]+, generator version [0-9]+\n",
        )

    def test_bags(self):
        self.join(self.server, "ada")
        for line, words in (
            ("give ada wood_block 3", "Put 3 wood_block into the bag of ada."),
            ("take ada wood_block 2", "Took 2 wood_block out of the bag of ada."),
            ("skill ada mining 120", "ada has 120 points in mining now."),
            ("role ada builder on", "ada is now a builder."),
            ("role ada builder off", "ada is no longer a builder."),
        ):
            self.says(line, DONE, words)
        done = self.server.ask("give ada wood_block 1")
        self.assertEqual(done["done"], "Put 1 wood_block into the bag of ada.")
        self.assertGreater(done["seq"], 0)

    def test_world(self):
        ada = self.join(self.server, "ada")
        (cell,) = free_cells(ada, 1)
        build(ada, [cell], "sign")
        near = self.server.ask(f"cell {cell[0]} {cell[1]}")
        self.assertEqual((near["kept"], near["solid"]), (True, False))
        self.assertEqual([entity["type"] for entity in near["entities"]], ["sign"])
        far = self.server.ask("cell -100000 200000")
        self.assertEqual((far["kept"], far["entities"]), (False, []))
        seq = self.server.ask("status")["seq"]
        self.assertGreaterEqual(self.server.ask("save")["applied_seq"], seq)
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "1")
        status = self.server.ask("status")
        self.assertEqual((status["world"], status["sessions"]), ("world", 1))
        self.assertRegex(status["world_hash"], "^[0-9a-f]{32}$")
        self.assertEqual((status["seed"], status["timeline"]), (SEED, 1))
        self.assertGreater(status["generator_version"], 0)
        self.assertEqual(self.server.ask("cache stats")["remote"], "in use")
        self.assertEqual(self.server.stop(), 0)
        self.server.start(redis_url="none")
        self.assertEqual(self.server.ask("cache stats")["remote"], "none")

    def test_stop(self):
        ada = self.join(self.server, "ada")
        self.says("stop", DONE, "stops")
        self.assertEqual(self.server.program.wait(), 0)
        self.assertIn("stop", ada.wait_event("disconnected")["words"])
        self.assertFalse(os.path.exists(self.server.settings["console_socket"]))
        self.assertEqual(self.sql_value("SELECT is_clean FROM world_stream"), "t")


if __name__ == "__main__":
    unittest.main()
