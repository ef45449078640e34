"""A recorded run of two clients is replayed without a database to the same world hash.

By this build, and by the release and clang builds next to it unless they are older than their
sources. TILTH_REPLAY_BUILDS names other ones, divided by colons; these are taken as they are.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from building import RUNNER, build, free_cells
from services import BINARIES, HANG_S, SOURCE, ProcessTest, signal_all, wait_until

FAILED, CUT = 1, 65
PAUSE_S_MAX = 0.3
SMALL = {
    "reach_px": 1000,
    "chunk_idle_s": 0,
    "chunks_max": 32,
    "view_cells": 16,
    "cache_entries": 0,
    "redis_url": "none",
}


def newest_source():
    sources = [
        path
        for folder in ("shared", "server")
        for path in (SOURCE / folder).rglob("*")
        if path.suffix in (".c", ".h", ".def")
    ]
    return max(path.stat().st_mtime for path in sources)


def replayers():
    """The builds' servers that can replay."""
    named = [Path(path) for path in os.environ.get("TILTH_REPLAY_BUILDS", "").split(":") if path]
    siblings = [BINARIES.parent / name for name in ("dev", "release", "clang")]
    newest = newest_source()
    for build_dir in dict.fromkeys([BINARIES, *(named or siblings)]):
        program = build_dir / "server/tilth-server"
        if not program.exists():
            continue
        if build_dir in named or build_dir == BINARIES or program.stat().st_mtime >= newest:
            yield program
        else:
            print(f"passed over, older than its sources: {program}")


class ReplayTest(ProcessTest):
    with_redis = False

    def setUp(self):
        super().setUp()
        self.server = self.make_server(**RUNNER, **SMALL)
        self.recording = self.folder / f"{self.database}.recording"

    def walk_and_build(self, name, corners):
        client = self.join(self.server, name)
        for x, y in corners:
            client.do(f"goto {x} {y}")
            build(client, free_cells(client, 4), "floor_tile")
        return client

    def stop_and_replay(self):
        ticks = int(self.server.ask("status")["tick"])
        self.assertEqual(self.server.stop(), 0)
        kept = self.sql_value("SELECT encode(world_hash, 'hex') FROM world_stream")
        self.assertNotEqual(kept, "0" * 32)
        for program in replayers():
            with self.subTest(build=program.parent.parent.name):
                done = subprocess.run(
                    [program, "replay", self.recording],
                    capture_output=True,
                    text=True,
                    timeout=HANG_S,
                    check=False,
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                found = re.search(r"to tick (\d+), world hash ([0-9a-f]{32})$", done.stdout)
                self.assertEqual(found[2], kept)
                self.assertGreaterEqual(int(found[1]), ticks)

    def test_replay(self):
        self.server.start(record=self.recording)
        ada = self.walk_and_build("ada", [(40, 0), (-10, -10)])
        bob = self.walk_and_build("bob", [(0, 40), (5, 5)])
        ada.do("say done")
        self.assertEqual([ada.quit(), bob.quit()], [0, 0])
        self.stop_and_replay()

    def test_content(self):
        """Over content that changes, and content that is refused."""
        folder = self.server.folder / "content"
        shutil.copytree(SOURCE / "shared/content", folder)
        self.server.settings["content_dir"] = folder
        self.server.start(record=self.recording)
        ada = self.walk_and_build("ada", [(5, 5)])
        entities = folder / "entities.json"
        text = entities.read_text()
        entities.write_text(
            text.replace(
                '{\n      "name": "tree"',
                '{"name": "bench", "solid": true, "placeable": true, "removable": true},'
                '{\n      "name": "tree"',
            ).replace('"floor_tile", "solid": false', '"floor_tile", "solid": true')
        )
        self.assertEqual(self.server.console("content reload").code, 0)
        ada.wait_event("content_changed")
        wait_until(lambda: ada.ask("cell 5 5")["ok"], "the land is there again")
        build(ada, free_cells(ada, 4), "bench")
        entities.write_text(text)
        self.assertEqual(self.server.console("content reload").code, FAILED)
        self.assertEqual(ada.quit(), 0)
        self.stop_and_replay()

    def test_cut_off(self):
        """The recording of a killed server is replayed as far as it goes."""
        self.server.start(record=self.recording)
        self.walk_and_build("ada", [(5, 5)]).quit()
        self.assertEqual(self.server.stop(), 0)
        whole = Path(self.recording).read_bytes()
        cut = self.server.folder / "cut"
        for size, code, words in (
            (len(whole) - 3, CUT, f"{cut} is cut off at byte"),
            (len(whole) // 2, CUT, f"{cut} is cut off at byte"),
            (100, FAILED, f"{cut} is not a recording"),
            (0, FAILED, f"{cut} is not a recording"),
        ):
            cut.write_bytes(whole[:size])
            done = self.replay(cut)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual("world hash" in done.stdout, code == CUT)
        missing = self.replay(self.server.folder / "missing")
        self.assertEqual(missing.returncode, FAILED)
        self.assertRegex(missing.stderr, "missing: No such file")

    @staticmethod
    def replay(recording):
        return subprocess.run(
            [BINARIES / "server/tilth-server", "replay", recording],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    def test_delayed_loads(self):
        """Kept land has to be loaded from a database that stops again and again."""
        self.server.start()
        self.walk_and_build("ada", [(40, 0), (90, 0)]).quit()
        self.walk_and_build("bob", [(0, 40), (0, 90)]).quit()
        self.server.stop()
        self.server.start(record=self.recording)
        ada, bob = self.join(self.server, "ada"), self.join(self.server, "bob")
        self.walk_while_stopping(ada, bob)
        build(ada, free_cells(ada, 4), "floor_tile")
        self.assertEqual([ada.quit(), bob.quit()], [0, 0])
        self.assertGreater(self.server.ask("cache stats")["loaded_from_database"], 0)
        self.stop_and_replay()

    def walk_while_stopping(self, ada, bob):
        dice = random.Random(2)
        ada.send("goto 0 0", "goto 90 0", "goto 0 0")
        bob.send("goto 0 0", "goto 0 90", "goto 0 0")
        backends = self.postgres.backends(self.database)
        self.assertEqual(len(backends), 2)
        while len(ada.said) < 4 or len(bob.said) < 4:
            signal_all(backends, signal.SIGSTOP)
            time.sleep(dice.uniform(0, PAUSE_S_MAX))
            signal_all(backends, signal.SIGCONT)
            time.sleep(dice.uniform(0, PAUSE_S_MAX))
        for client in (ada, bob):
            for _ in range(3):
                client.answer()


if __name__ == "__main__":
    unittest.main()
