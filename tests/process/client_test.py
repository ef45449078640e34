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
        for command in ("move", "goto", "place", "settle", "quit"):
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
            ("place sign 1", "usage: place TYPE [X Y]"),
            ("goto 1 2 3 4", "usage: goto X Y [WAIT_MS]"),
            ("goto 1 2 soon", '"soon" is not a number of milliseconds'),
            ("goto 1 99999999999", '"99999999999" is not a whole number from'),
            ("goto 1 1.5", '"1.5" is not a whole number from'),
            ("goto 2000000000 0", "outside of the world"),
            ("place wood_blok 0 0", 'did you mean "wood_block"'),
            ("remove 2000000000 0", "outside of the world"),
            ("cell 2000000000 0", "not in view"),
            ("chunk 2000000000 0", "not in view"),
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
