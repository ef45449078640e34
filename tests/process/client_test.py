"""tilth-client as a user meets it: what it refuses, exit codes, the shape of its answers."""

import json
import os
import subprocess
import unittest

from services import BINARIES, HANG_S, SOURCE, ProcessTest, wait_until

FINE, FAILED, USAGE = 0, 1, 2
GONE_S = 1.5  # far less than it takes to notice that a client is silent
PROGRAM = BINARIES / "client-lib/tilth-client"


class ClientTest(ProcessTest):
    with_redis = False

    def run_client(self, *arguments, lines=""):
        """The exit code, the answers, and what it complains of."""
        done = subprocess.run(
            [PROGRAM, "--key", self.folder / "user.key", *arguments],
            input=lines,
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def test_wrong_usage(self):
        for arguments, word in (
            (["--no-such-option"], "--help"),
            (["where"], '"where" is not an option'),
            (["--name"], "requires an argument"),
            (["--name", "two words"], 'name "two words"'),
            (["--server", "127.0.0.1:port"], "65535"),
            (["--server", ":7400"], "ADDR:PORT"),
            (["--key", "/nowhere/at/all/key"], "/nowhere/at/all/key"),
            (["-c", "where;" * 12000], "-c"),
        ):
            code, answers, complaint = self.run_client(*arguments)
            self.assertEqual((code, answers), (USAGE, ""), arguments)
            self.assertIn(word, complaint)

    def test_help(self):
        code, text, complaint = self.run_client("--help")
        self.assertEqual((code, complaint), (FINE, ""))
        for command in ("move", "goto", "place", "drop", "give", "image", "settle", "quit"):
            self.assertIn(f"\n  {command} ", text)

    def test_nobody_there(self):
        code, answers, _ = self.run_client("--server", "127.0.0.1:9", "-c", "where")
        event, answer = map(json.loads, answers.splitlines())
        self.assertEqual((code, event["event"]), (FAILED, "disconnected"))
        self.assertEqual((answer["command"], answer["ok"]), ("where", False))
        self.assertIn("the connection ended", answer["error"])

    def test_nothing_ends_in_silence(self):
        """Whatever was given when the connection ends has an answer."""
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        bot.send("wait 60000", "where; say hello")
        server.console("kick bot")
        self.assertEqual(bot.program.wait(), FAILED)
        bot.wait_event("disconnected")
        answers = [bot.answer() for _ in range(3)]
        self.assertEqual([said["command"] for said in answers], ["wait", "where", "say"])
        for said in answers:
            self.assertIn("the connection ended", said["error"])

    @unittest.skipUnless(os.geteuid() == 0, "takes another user's home")
    def test_key_without_home(self):
        """The home is what the system says then, never the folder one happens to be in."""
        for environment in ({"HOME": ""}, {}):
            done = subprocess.run(
                [PROGRAM, "--server", "127.0.0.1:9", "-c", "where"],
                user="nobody",
                env=environment,
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=HANG_S,
                check=False,
            )
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn("/nonexistent/.tilth/client.key", done.stderr)

    def test_readme(self):
        """The first line that README.md shows works whatever the seed is."""
        readme = (SOURCE / "README.md").read_text()
        commands = readme.partition('--name anna -c "')[2].partition('"')[0]
        self.assertIn("place", commands)
        for seed in (1, 2, 11):  # 11: a sea in the middle
            server = self.make_server(f"seed{seed}", redis_url="none", seed=seed)
            server.settings["world"] = f"seed{seed}"
            server.start()
            who = ["--server", server.address, "--name", "anna", "--strict"]
            code, answers, _ = self.run_client(*who, "-c", commands)
            self.assertEqual(code, FINE, answers)
            cell = json.loads(answers.splitlines()[-2])
            self.assertEqual(cell["entities"], ["wood_block"])
            self.assertEqual(server.stop(), 0)

    def test_relative_cells(self):
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        x, y = bot.cell()
        self.assertEqual(bot.do("cell ~ ~-2")["cell"], [x, y - 2])
        self.assertEqual(bot.do("cell ~3 7")["cell"], [x + 3, 7])
        placed = bot.do("place wood_block")["cell"]
        bot.do("settle")
        self.assertEqual(bot.do("cell")["cell"], placed)
        self.assertEqual(bot.do(f"remove ~{placed[0] - x} ~{placed[1] - y}")["cell"], placed)
        bot.do("settle")
        self.assertEqual(bot.do("cell")["entities"], [])
        self.assertIn('"~x" is not ~', bot.ask("goto ~x 0")["error"])
        self.assertEqual(bot.events("refused"), [])

    def test_answers(self):
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        for line, word in (
            ("wher", 'did you mean "where"'),
            ("qwertyuiop", "help lists them"),
            ("x" * 300, "help lists them"),
            ("say " + "x" * 600, "too long"),
            ("say " + "x" * 300, "256"),
            ("move", "usage: move DX DY"),
            ("cell", "usage: cell X Y"),
            ("place sign 1", "usage: place TYPE [X Y [SLOT]]"),
            ("goto 1 2 3 4", "usage: goto X Y [WAIT_MS]"),
            ("goto 1 2 soon", '"soon" is not a number of milliseconds'),
            ("goto 1 99999999999", '"99999999999" is not a whole number from'),
            ("goto 1 1.5", '"1.5" is not a whole number from'),
            ("goto 2000000000 0", "outside of the world"),
            ("place wood_blok 0 0", 'did you mean "wood_block"'),
            ("remove 2000000000 0", "outside of the world"),
            ("cell 2000000000 0", "not in view"),
            ("chunk 2000000000 0", "not in view"),
            ("drop", "usage: drop SLOT [N] [X Y]"),
            ("drop x", '"x" is not a whole number'),
            ("drop -1", "slots are counted from 0"),
            ("drop 0 0", "things from 1"),
            ("drop 40", "slots are 0 to 39"),
            ("drop 0 2000000000 0", "outside of the world"),
            ("pickup 1", "usage: pickup X Y [PILE]"),
            ("pickup 0 0 x", "a pile is named by its id"),
            ("place sign 0 0 x", '"x" is not a whole number'),
            ("place sign 0 0 1", "something else is in that slot"),
            ("place sign 0 0 40", "slots are 0 to 39"),
            ("type bilding", "there is no such type"),
            ("give 0 1", "usage: give SLOT N NAME"),
            ("give 0 1 b@b", '"b@b" is no player\'s name'),
            ("accept", "usage: accept NAME"),
            ("decline " + "x" * 25, "1 to 24 letters"),
            ("place building 0 0", "it is built, not placed"),
            ("place axe 0 0", '"axe" is an item'),
            ("build tree 0 0", "it is placed, not built"),
            ("build bilding 0 0", 'did you mean "building"'),
            ("build building 0", "usage: build TYPE X Y"),
            ("unbuild 2000000000 0", "outside of the world"),
            ("occupied 2000000000 0", "not in view"),
            ("reset 0 x", '"x" is not a whole number'),
            ("image", "usage: image X Y [JSON]"),
            ("image-file 0 0 /nowhere.png", "the file cannot be read"),
            ("wait -1", '"-1" is not a number of milliseconds'),
        ):
            answer = bot.ask(line)
            self.assertEqual(answer["command"], line.split()[0])
            self.assertFalse(answer["ok"], line)
            self.assertIn(word, answer["error"])
        bot.send("# no; command; here", "where; wait 1")
        self.assertEqual([bot.answer()["command"] for _ in range(2)], ["where", "wait"])
        for line in ("where", "players", "stats", "help", "wait 1", "settle", "move 0 0"):
            answer = bot.do(line)
            self.assertEqual((answer["command"], answer.get("error")), (line.split()[0], None))
        bot.do("say hello there \r")
        self.assertEqual(bot.wait_event("done")["asked"], "say hello there")
        self.assertEqual(bot.quit(), FINE)

    def refusal_of(self, bot, line):
        """Why the server does not do what was asked."""
        number = bot.do(line)["number"]
        bot.do("settle")
        event = bot.wait_event("refused", lambda event: event["number"] == number)
        return event["refusal"]

    def test_one_of_several_is_named(self):
        server = self.make_server(redis_url="none", reach_px=300, free_building="false").start()
        ann = self.join(server, "ann")
        server.ask("give ann sign 2")
        server.ask("give ann stone 2")
        ann.until("inventory", lambda bag: len(bag["slots"]) == 2)
        ann.do("slot split 0 7 1")
        ann.do("settle")
        x, y = ann.do("drop 0")["cell"]
        ann.do(f"drop 1 {x} {y}")
        ann.do("settle")
        piles = ann.until("piles", lambda seen: len(seen["piles"]) == 2)["piles"]
        stone = max(piles, key=lambda pile: pile["id"])
        self.assertEqual(stone["type"], "stone")
        ann.do(f"pickup {x} {y} {stone['id']}")
        ann.do("settle")
        self.assertEqual([pile["type"] for pile in ann.do("piles")["piles"]], ["sign"])
        ways = [f"~{dx} ~{dy}" for dx in (-3, -2, 2, 3) for dy in range(-3, 4)]
        seen = [(way, ann.do(f"cell {way}")) for way in ways]
        free = next(way for way, cell in seen if not cell["entities"] and not cell["solid"])
        ann.do(f"place sign {free} 7")
        ann.do("settle")
        self.assertEqual([slot["type"] for slot in ann.do("inventory")["slots"]], ["stone"])
        building = ann.do("type building")
        self.assertEqual((building["kind"], building["cells"]), ("structure", [3, 2]))
        self.assertEqual(building["cost"], [{"item": "wood_block", "count": 20, "chance": 1}])
        self.assertEqual(ann.quit(), FINE)

    def test_things_change_hands(self):
        server = self.make_server(redis_url="none", reach_px=300, free_building="false").start()
        ann, bob = self.join(server, "ann"), self.join(server, "bob")
        server.ask("give ann stone 10")
        ann.until("inventory", lambda bag: bag["slots"])
        x, y = ann.do("drop 0 4")["cell"]
        ann.do("settle")
        self.assertEqual((x, y), ann.cell())
        (pile,) = bob.until("piles", lambda seen: seen["piles"])["piles"]
        self.assertEqual((pile["type"], pile["quantity"]), ("stone", 4))
        self.assertEqual(pile["cell"], [x, y])
        self.assertEqual(bob.do(f"cell {x} {y}")["piles"], [pile])
        self.assertEqual(bob.do(f"pickup {x} {y}")["cell"], [x, y])
        bob.do("settle")
        self.assertEqual(bob.do("cell")["piles"], [])
        self.assertEqual(bob.do("inventory")["slots"][0]["quantity"], 4)
        self.assertEqual(self.refusal_of(bob, f"pickup {x} {y}"), "NOTHING_LIES_THERE")

        ann.do("give 0 2 bob")
        offer = bob.wait_event("offered")
        self.assertEqual((offer["name"], offer["item"], offer["quantity"]), ("ann", "stone", 2))
        self.assertEqual(
            bob.do("offers")["offers"], [{"name": "ann", "item": "stone", "quantity": 2}]
        )
        bob.do("accept ann")
        ann.do("settle")
        bob.do("settle")
        self.assertEqual(ann.do("inventory")["slots"][0]["quantity"], 4)
        self.assertEqual(bob.do("inventory")["slots"][0]["quantity"], 6)
        number = ann.do("give 0 4 bob")["number"]
        bob.wait_event("offered", lambda event: event["quantity"] == 4)
        bob.do("decline ann")
        refused = ann.wait_event("refused", lambda event: event["number"] == number)
        self.assertEqual((refused["refusal"], refused["asked"]), ("DECLINED", "give 0 4 bob"))
        bob.wait_event("offer_over")
        self.assertEqual(self.refusal_of(bob, "accept ann"), "NO_OFFER")
        self.assertEqual(self.refusal_of(ann, "give 0 1 cat"), "NO_SUCH_PLAYER")
        self.assertEqual(ann.do("inventory")["slots"][0]["quantity"], 4)

        ann.do(f"drop 0 1 {x + 1} {y}")
        ann.do("drop 0")
        ann.do("settle")
        self.assertEqual(ann.do("inventory")["slots"], [])
        piles = bob.until("piles", lambda seen: len(seen["piles"]) == 2)["piles"]
        self.assertEqual(sorted(pile["quantity"] for pile in piles), [1, 3])

    def site(self, bot):
        """The primary cell of a place for a building that is near the bot, but not over it."""
        here_x, here_y = bot.cell()
        for x in range(here_x - 6, here_x + 7):
            for y in range(here_y - 6, here_y - 2):
                cells = [(x + i, y + j) for i in (-1, 0, 1) for j in (0, 1)]
                seen = [bot.do(f"cell {cell[0]} {cell[1]}") for cell in cells]
                if not any(cell["entities"] or cell["solid"] for cell in seen):
                    return x, y
        raise AssertionError("no place for a building")

    def test_structures(self):
        server = self.make_server(redis_url="none", reach_px=600, free_building="false").start()
        ann, bob = self.join(server, "ann"), self.join(server, "bob")
        x, y = self.site(ann)
        self.assertEqual(ann.do(f"occupied {x} {y}")["occupied"], False)
        self.assertEqual(self.refusal_of(ann, f"build building {x} {y}"), "ITEMS_MISSING")
        self.assertIn("wood_block", ann.events("refused")[-1]["words"])
        server.ask("give ann wood_block 23")
        ann.until("inventory", lambda bag: bag["slots"])
        self.assertEqual(ann.do(f"build building {x} {y}")["cell"], [x, y])
        ann.do("settle")
        house = ann.do("cell")["structure"]
        self.assertEqual((house["type"], house["cell"]), ("building", [x, y]))
        self.assertEqual((house["corner"], house["cells"]), ([x - 1, y], [3, 2]))
        self.assertEqual(ann.do("inventory")["slots"][0]["quantity"], 3)
        bob.until("structures", lambda seen: seen["structures"] == [house])
        seen = bob.do(f"cell {x + 1} {y + 1}")
        self.assertEqual((seen["entities"], seen["solid"]), (["building"], True))
        self.assertEqual(bob.do(f"occupied {x - 1} {y + 1}")["occupied"], True)
        self.assertEqual(self.refusal_of(bob, f"unbuild {x + 2} {y}"), "NOT_BUILT")
        ann.do(f"unbuild {x + 1} {y + 1}")
        ann.do("settle")
        self.assertNotIn("structure", ann.do("cell"))
        self.assertEqual(ann.do("inventory")["slots"][0]["quantity"], 23)
        bob.until("structures", lambda seen: seen["structures"] == [])
        self.assertEqual(server.stop(), 0)

    def test_looks(self):
        server = self.make_server(redis_url="none").start()
        bot = self.join(server, "bot")
        x, y = bot.do("place sign")["cell"]
        bot.do("settle")
        rest = '"draw_offset_x": 0.5, "draw_offset_y": -1024'
        angle = '"fixed_screen_angle": 1.57079'
        for json_text, word in (
            ("{", "this is not JSON"),
            ("7", "must be an object"),
            ("{}", 'key "size": missing'),
            (f'{{"size": 0, {angle}, {rest}}}', 'key "size": must be a number from 0.0625 to'),
            (f'{{"size": 5000, {angle}, {rest}}}', "not 5000"),
            (f'{{"size": NaN, {angle}, {rest}}}', 'key "size": must be a number'),
            (f'{{"size": -Infinity, {angle}, {rest}}}', 'not "-Infinity"'),
            (f'{{"size": 1e999, {angle}, {rest}}}', "not inf"),
            (f'{{"size": "big", {angle}, {rest}}}', 'not "big"'),
            (f'{{"size": null, {angle}, {rest}}}', "not null"),
            (f'{{"size": 1, "size": 2, {angle}, {rest}}}', "twice"),
            (f'{{"size": 1, {rest}}}', 'key "fixed_screen_angle": missing'),
            (f'{{"size": 1, "fixedScreenAngle": 7, {rest}}}', "from -6.2832 to 6.2832, not 7"),
            (f'{{"size": 1, "fixedScreenAngle": 1, {angle}, {rest}}}', "are the same"),
            (f'{{"size": 1, {angle}, "drawOffsetX": 1025, "drawOffsetY": 0}}', "1024, not 1025"),
            (f'{{"size": 1, {angle}, {rest}, "colour": 1}}', 'key "colour": unknown'),
            (f'{{"size": 1, {angle}, {rest}, "custom_image": "12"}}', "32 hexadecimal digits"),
            (f'{{"size": 1, {angle}, {rest}, "customImage": 12}}', "must be a string"),
        ):
            answer = bot.ask(f"image {x} {y} {json_text}")
            self.assertFalse(answer["ok"], json_text)
            self.assertIn(word, answer["error"], json_text)
        asked = bot.do(f'image ~{x - bot.cell()[0]} {y} {{"size":  20.03, {angle}, {rest}}}')
        self.assertEqual(asked["cell"], [x, y])
        rounded = {"size": 20, "fixed_screen_angle": 1.5708, "draw_offset_x": 0.5}
        self.assertEqual(
            asked["image"], {**rounded, "draw_offset_y": -1024, "custom_image": None}
        )
        self.assertEqual(asked["units"]["size"], 320)
        self.assertEqual(asked["units"]["fixed_screen_angle"], 15708)
        self.assertEqual(asked["units"]["draw_offset_y"], -16384)
        bot.do("settle")
        chunk = f"chunk {x // 64} {y // 64}"
        (sign,) = bot.do(chunk)["entities"]
        self.assertEqual((sign["type"], sign["image"]), ("sign", 1))
        turning = '{"size": 20, "fixedScreenAngle": null, "drawOffsetX": 0, "drawOffsetY": 0}'
        self.assertIsNone(bot.do(f"image {x} {y} {turning}")["units"]["fixed_screen_angle"])
        self.assertEqual(self.refusal_of(bot, f"image {x} {y} {turning}"), "NOT_CHANGED")
        unknown = turning.replace("}", f', "customImage": "{"0" * 31}1"}}')
        self.assertEqual(self.refusal_of(bot, f"image {x} {y} {unknown}"), "IMAGE_UNKNOWN")
        self.assertEqual(bot.do(chunk)["entities"][0]["image"], 2)
        bot.do(f"reset {x} {y}")
        bot.do("settle")
        self.assertNotIn("image", bot.do(chunk)["entities"][0])
        self.assertEqual(self.refusal_of(bot, f"reset {x} {y}"), "NOT_CHANGED")

    def test_leaves(self):
        """Who quits is gone at once, and comes back to the very place."""
        server = self.make_server(redis_url="none").start()
        who = ["--server", server.address, "--name", "user"]
        for way in ("3 0", "0 3", "-3 -3"):
            code, answers, _ = self.run_client(*who, "-c", f"move {way}; where; quit")
            self.assertEqual(code, FINE)
            wait_until(lambda: server.ask("sessions") == [], "the player is gone", GONE_S)
            left = json.loads(answers.splitlines()[-2])
            _, answers, _ = self.run_client(*who, "-c", "where")
            self.assertEqual(json.loads(answers.splitlines()[-1])["units"], left["units"])
            wait_until(lambda: server.ask("sessions") == [], "the player is gone", GONE_S)

    def test_strict(self):
        server = self.make_server(redis_url="none").start()
        who = ["--server", server.address, "--name", "user"]
        self.assertEqual(self.run_client(*who, "-c", "cell 1 1; nonsense")[0], FINE)
        strict = [*who, "--strict"]
        self.assertEqual(self.run_client(*strict, "-c", "cell 1 1; quit; nonsense")[0], FINE)
        self.assertEqual(self.run_client(*strict, "-c", "nonsense")[0], FAILED)
        far = "remove 100000 100000"  # refused: out of reach
        self.assertEqual(self.run_client(*strict, lines=f"# far\n\n{far}\n")[0], FAILED)
        code, answers, _ = self.run_client(*who, lines=f"{far}\nsettle")
        self.assertEqual(code, FINE)
        events = [said for said in map(json.loads, answers.splitlines()) if "event" in said]
        self.assertEqual([said["event"] for said in events], ["connected", "refused"])
        self.assertEqual(events[1]["asked"], far)


if __name__ == "__main__":
    unittest.main()
