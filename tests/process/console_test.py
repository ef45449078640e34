"""Every command of the console, over its socket: what it does, and what it says of mistakes."""

import fcntl
import json
import os
import pty
import select
import shutil
import stat
import termios
import time
import unittest

from building import build, free_cells
from services import BINARIES, HANG_S, SEED, SOURCE, ProcessTest, Program, wait_until

COMMANDS = ["help", "status", "sessions", "cell", "say", "kick", "save", "cache stats", "stop"]
DONE, FAILED, USAGE = 0, 1, 64
F_SETPIPE_SZ = 1031  # fcntl has no name for it in Python 3.9


class Conversation:
    """tilth-console on a terminal of its own; its home is the server's folder."""

    def __init__(self, server, **environment):
        self.screen, slave = pty.openpty()
        self.home = server.folder
        self.text = ""
        self.program = Program(
            [BINARIES / "server/tilth-console", "--socket", server.settings["console_socket"]],
            server.folder,
            "conversation",
            stdin=slave,
            stdout=slave,
            env={"HOME": str(self.home), "TERM": "vt100", **environment},
        )
        os.close(slave)
        self.prompt()

    def prompt(self):
        """Waits until a line can be edited: the terminal is raw only after the prompt."""
        self.expect("tilth> ")
        wait_until(
            lambda: not termios.tcgetattr(self.screen)[3] & termios.ICANON, "the line is edited"
        )

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def expect(self, words):
        """Waits until the words are on the screen; forgets everything up to them."""
        end = time.monotonic() + HANG_S
        while words not in self.text and time.monotonic() < end:
            if not select.select([self.screen], [], [], 1)[0]:
                continue
            try:
                self.text += os.read(self.screen, 4096).decode(errors="replace")
            except OSError:
                break  # the program has ended
        if words not in self.text:
            raise AssertionError(f"{words!r} is not on the screen: {self.text!r}")
        self.text = self.text.partition(words)[2]

    def history(self):
        return (self.home / ".local/state/tilth/history").read_text()

    def close(self):
        code = self.program.wait()
        os.close(self.screen)
        return code


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
        self.assertEqual(self.server.ask("say the  mill is open"), {})
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

    def test_log_that_nobody_reads(self):
        """Its standard error is a pipe that is full before it has said what its settings are."""
        unread, end = os.pipe()
        fcntl.fcntl(end, F_SETPIPE_SZ, 8192)
        self.assertEqual(self.server.stop(), 0)
        self.server.options["stderr"] = end
        self.server.start(log_level="debug")
        os.close(end)
        ada = self.join(self.server, "ada")
        for _ in range(100):
            self.says("say is anybody there", DONE)
        self.assertEqual(ada.wait_event("said")["text"], "is anybody there")
        os.set_blocking(unread, False)
        self.assertNotIn("is anybody there", os.read(unread, 1 << 16).decode())
        self.says("say hello", DONE)
        lines = os.read(unread, 1 << 16).decode()
        self.assertRegex(lines, r"WARNING log: \d{3,} lines were dropped")
        self.assertIn("done for the operator: say hello\n", lines)
        os.close(unread)
        self.assertEqual(self.server.stop(), 0)

    def test_bags(self):
        self.join(self.server, "ada")
        for line, words in (
            ("give ada wood_block 3", "Put 3 wood_block into the bag of ada."),
            ("take ada wood_block 2", "Took 2 wood_block out of the bag of ada."),
            ("skill ada mining 7", "ada is at level 7 in mining now."),
            ("role ada builder on", "ada is now a builder."),
            ("role ada builder off", "ada is no longer a builder."),
        ):
            self.says(line, DONE, words)
        for line, words in (
            ("give ada axe 0", "'0' is no N, which is a whole number from 1 to 65535"),
            ("skill ada mining 11", "'11' is no LEVEL, which is a whole number from 0 to 10"),
        ):
            self.says(line, USAGE, "usage: ", words)
        self.says("skill ada minning", FAILED, "There is no skill 'minning'; there are ", "mining")
        done = self.server.ask("give ada wood_block 1")
        self.assertEqual(done["done"], "Put 1 wood_block into the bag of ada.")
        self.assertGreater(done["seq"], 0)

    def test_things(self):
        """All that is in a cell, how it is drawn, and structures; with the real database."""
        ada = self.join(self.server, "ada")
        (cell,) = free_cells(ada, 1)
        build(ada, [cell], "sign")
        at = f"{cell[0]} {cell[1]}"
        look = {"size": 20.04, "fixedScreenAngle": None, "drawOffsetX": 0.1, "drawOffsetY": -2}
        kept = {"size": 20.0625, "fixed_screen_angle": None, "draw_offset_x": 0.125}
        self.assertEqual(self.server.ask(f"image {at}")["source"], "its type")
        drawn = self.server.ask(f"image {at} {json.dumps(look)}")
        self.assertLessEqual(kept.items(), drawn.items())
        (entity,) = self.server.ask(f"entity {at}")["entities"]
        self.assertEqual((entity["type"], entity["placer_name"]), ("sign", "ada"))
        self.assertLessEqual(kept.items(), entity["image"].items())
        self.says(f"image {at} {json.dumps({**look, 'size': 0})}", FAILED, "0.0625 to", "not 0")
        self.says(f"image {at} reset", DONE, "as its type again")
        self.says("structure place building 100 100 1", USAGE, "usage: structure place TYPE X Y")
        placed = next(
            (x, 200)
            for x in range(200, 400, 5)
            if self.server.console(f"structure place building {x} 200").code == DONE
        )
        (listed,) = self.server.ask("structure list")["structures"]
        self.assertEqual((listed["x"], listed["y"]), placed)
        picture = "0123456789abcdef" * 2
        self.says(f"image ban {picture}", DONE, "banned now")
        self.server.kill()
        self.server.start()
        (shown,) = self.server.ask(f"entity {placed[0]} {placed[1]}")["structures"]
        self.assertEqual(shown["id"], listed["id"])
        self.says(f"structure remove {placed[0]} {placed[1]}", DONE, "Removed")
        self.assertTrue(self.server.ask(f"image show {picture}")["banned"])
        self.says(f"image unban {picture}", DONE, "no longer banned")
        self.assertIn(f"operator: image {at} reset\n", self.server.words())
        self.assertNotIn(f"operator: image {at}\n", self.server.words())

    def content(self):
        """A folder of content of its own, which the server reads from now on."""
        folder = self.server.folder / "content"
        shutil.copytree(SOURCE / "shared/content", folder)
        self.server.stop()
        self.server.settings["content_dir"] = folder
        self.server.start()
        return folder / "entities.json"

    def test_content(self):
        entities = self.content()
        text = entities.read_text()
        first = '{\n      "name": "tree"'
        bench = '{"name": "bench", "solid": true, "placeable": true, "removable": true},\n    '
        ada, bob = self.join(self.server, "ada"), self.join(self.server, "bob")
        cells = free_cells(ada, 2)
        self.assertFalse(ada.ask(f"place bench {cells[0][0]} {cells[0][1]}")["ok"])
        entities.write_text(text.replace('"solid": true', '"sold": true', 1))
        self.says(
            "content reload", FAILED, f'{entities}: entities[0] (tree): key "sold": unknown'
        )
        entities.write_text(text.replace(first, bench + first))
        self.says("content reload", DONE, ", 1 new (bench).")
        for client in (ada, bob):
            client.wait_event("content_changed")
            self.assertEqual(len(client.events("connected")), 1)
        ada.until(f"cell {cells[0][0]} {cells[0][1]}", lambda answer: answer["ok"])
        build(ada, cells[:1], "bench")
        bob.until(
            f"cell {cells[0][0]} {cells[0][1]}",
            lambda answer: answer["ok"] and answer["entities"] == ["bench"],
        )
        self.says("content reload", DONE, "types.")
        self.server.kill()
        self.server.start()
        for client in (ada, bob):
            client.until("where", lambda answer: answer["ok"])
        near = self.server.ask(f"cell {cells[0][0]} {cells[0][1]}")
        self.assertEqual([entity["type"] for entity in near["entities"]], ["bench"])
        self.says("save", DONE)
        entities.write_text(text)
        self.says("content reload", FAILED, '"bench"', "put the type back")
        self.assertIn("operator: content reload\n", self.server.words())

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
        self.ticks_are_counted(status)
        self.assertEqual(self.server.ask("cache stats")["remote"], "in use")
        self.assertEqual(self.server.stop(), 0)
        self.server.start(redis_url="none")
        self.assertEqual(self.server.ask("cache stats")["remote"], "none")

    def ticks_are_counted(self, status):
        times = [status[f"tick_us_{name}"] for name in ("p50", "p99", "max")]
        self.assertEqual(times, sorted(times))
        ends = [count["us"] for count in status["tick_times"]]
        self.assertEqual(ends, sorted(set(ends)))
        self.assertGreater(sum(count["ticks"] for count in status["tick_times"]), 0)
        self.assertIn("tick_us_p99", self.server.console("status").text)

    def test_utf8_is_edited(self):
        ada = self.join(self.server, "ada")
        for environment in ({}, {"LC_ALL": "C"}, {"LANG": "C.UTF-8"}):
            talk = Conversation(self.server, **environment)
            talk.type("say grüß gotX\x7ft \x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x7f\x7fü€\r")
            said = ada.wait_event("said", lambda event: event["text"] != "")
            self.assertEqual(said["text"], "grü€ gott", environment)
            talk.type("quit\r")
            self.assertEqual(talk.close(), 0)

    def test_ctrl_c_drops_the_line(self):
        talk = Conversation(self.server)
        talk.type("say never\x03")
        talk.expect("^C")
        talk.prompt()
        talk.type("status\r")
        talk.expect("world_hash")
        talk.prompt()
        self.assertIn("status", talk.history())
        talk.type("\x03")
        talk.expect("Ctrl-C again, or Ctrl-D, leaves")
        talk.prompt()
        talk.type("\x03")
        self.assertEqual(talk.close(), 0)
        self.assertNotIn("never", talk.history())
        self.assertNotIn("operator: say", self.server.words())

    def test_completion(self):
        self.join(self.server, "adalbert")
        self.join(self.server, "adele")
        talk = Conversation(self.server)
        for keys, words in (
            ("ca\ts\t\r", "remote_failures"),
            ("help ki\t\r", "Ends a player's connection."),
            ("inventory ad\t", "adalbert  adele"),
            ("a\t\r", "the bag is empty"),
        ):
            talk.type(keys)
            talk.expect(words)
            if keys.endswith("\r"):
                talk.prompt()
        talk.type("quit\r")
        self.assertEqual(talk.close(), 0)

    def test_stop(self):
        ada = self.join(self.server, "ada")
        self.says("stop", DONE, "stops")
        self.assertEqual(self.server.program.wait(), 0)
        self.assertIn("stop", ada.wait_event("disconnected")["words"])
        self.assertFalse(os.path.exists(self.server.settings["console_socket"]))
        self.assertEqual(self.sql_value("SELECT is_clean FROM world_stream"), "t")


if __name__ == "__main__":
    unittest.main()
