"""The second example, a bot that gathers wood and builds a house, against a real server."""

import re
import unittest

from services import BINARIES, ProcessTest, Program, wait_until

# fast, in steps short enough to go around trees; and what is built costs something
WORLD = {"speed_px_s": 640, "tick_hz": 60, "free_building": "false"}
AT_FIRST = 12  # wood_block that the bot is given: less to wait for


class HouseTest(ProcessTest):
    with_redis = False

    def run_bot(self, server):
        address, port = server.address.split(":")
        bot = Program([BINARIES / "client-lib/tilth-house", address, port], server.folder, "house")
        self.addCleanup(bot.kill)
        return bot

    def test_nobody_there(self):
        bot = Program([BINARIES / "client-lib/tilth-house", "127.0.0.1", "9"], self.folder, "none")
        self.assertEqual(bot.wait(), 1)
        self.assertRegex(bot.words(), "^house: .*\n$")

    def test_a_house_is_built(self):
        server = self.start_server(redis_url="none", **WORLD)
        bot = self.run_bot(server)
        wait_until(lambda: "waiting for an axe" in bot.words(), "the bot wants an axe")
        server.ask(f"give mason wood_block {AT_FIRST}")
        server.ask("give mason axe 1")
        self.assertEqual(bot.wait(), 0, bot.words())
        gathered = [int(count) for count in re.findall("([0-9]+) of 20", bot.words())]
        self.assertGreaterEqual(len(gathered), 2, bot.words())
        self.assertGreaterEqual(gathered[-1], 20)
        self.assertEqual(bot.words().count("waiting"), 1)
        x, y = map(int, re.search("stands at (-?[0-9]+), (-?[0-9]+)", bot.words()).groups())

        ada = self.join(server, "ada")
        ada.walk_near(x, y - 1)
        (house,) = ada.do("structures")["structures"]
        self.assertEqual((house["type"], house["cell"]), ("building", [x, y]))
        self.assertEqual((house["corner"], house["cells"]), ([x - 1, y], [3, 2]))
        for cell in ((x - 1, y), (x + 1, y + 1)):
            self.assertEqual(ada.do(f"cell {cell[0]} {cell[1]}")["structure"], house)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
