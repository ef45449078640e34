"""./tilth itself, in small clones: the real script on programs that are built already.

A clone has the script and what it sources; in front of cmake and dpkg-query stand small programs
that take what is built from TILTH_BINARY_DIR and say that all packages are there. Worlds stand on
the test's PostgreSQL and Redis, except where the clone's own ones are what is tested.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

from services import (
    BINARIES,
    HANG_S,
    SOURCE,
    ProcessTest,
    Program,
    children,
    own_address,
    signal_all,
    wait_until,
)

DONE, FAILED, STOPPED, USAGE, UNAVAILABLE, CONFIG = 0, 1, 3, 64, 69, 78
SMALL = {
    "TILTH_CHUNKS_MAX": "64",
    "TILTH_ENTITIES_MAX": "4096",
    "TILTH_CHARACTERS_MAX": "64",
    "TILTH_SESSIONS_MAX": "4",
    "TILTH_JOURNAL_SEGMENT_BYTES": "4MiB",
}  # starts sooner
DPKG_QUERY = """#!/bin/sh
shift 2 # -W -f=...
printf 'installed %s\\n' "$@"
"""
CMAKE = """#!/bin/sh
echo "$*" >>cmake.log
[ -z "${SLOW:-}" ] || { echo "$$" >slow.pid; sleep 600; }
[ "$1" = --preset ] || exit 0
mkdir -p "build/$2/server" "build/$2/client-lib"
for program in server/tilth-server server/tilth-console client-lib/tilth-client; do
    ln -s "$BUILT/$program" "build/$2/$program"
done
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"build/$2/CMakeCache.txt"
: >"build/$2/build.ninja"
"""


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)


class Clone:
    """A clone of the repository, as far as ./tilth needs it."""

    def __init__(self, folder, **environment):
        self.folder = Path(folder)
        kept = {name: v for name, v in os.environ.items() if not name.startswith("TILTH_")}
        path = f"{self.folder.parent / 'bin'}:{kept['PATH']}"
        own = {"TILTH_UDP_ADDRESS": own_address(), "PATH": path, "BUILT": str(BINARIES)}
        self.environment = {**kept, **SMALL, **own, **environment}

    def make(self):
        (self.folder / "tests").mkdir(parents=True)
        for name in ("tilth", "CMakeLists.txt", "tests/run.sh"):
            shutil.copy(SOURCE / name, self.folder / name)
        shutil.copytree(SOURCE / "shell", self.folder / "shell")
        for name in ("shared", "migrations"):
            (self.folder / name).symlink_to(SOURCE / name)
        return self

    def at(self, folder):
        """The same clone in another folder."""
        other = Clone(folder)
        other.environment = self.environment
        return other

    @property
    def home(self):
        return self.folder / "var"

    def call(self, *arguments):
        """Runs ./tilth with these arguments; what it printed, and its exit code."""
        return subprocess.run(
            [self.folder / "tilth", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    def cmake_calls(self):
        log = self.folder / "cmake.log"
        return log.read_text() if log.exists() else ""

    def status(self):
        return json.loads(self.call("status", "--json").stdout)

    def console(self, *words):
        return json.loads(self.call("console", "--json", *words).stdout)

    def pids(self):
        status = self.status()
        return [status[name] for name in ("pid", "postgres_pid", "redis_pid")]


class TilthTest(ProcessTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shims = cls.folder / "bin"
        shims.mkdir()
        write_program(shims / "cmake", CMAKE)
        write_program(shims / "dpkg-query", DPKG_QUERY)

    def adopt(self, clone):
        """What runs for this clone ends with the test, by the pids that it knows itself."""
        self.addCleanup(lambda: (clone.folder / "tilth").exists() and clone.call("down"))
        return clone

    def make_clone(self, name="clone", **environment):
        """A clone whose worlds have services of their own."""
        return self.adopt(Clone(self.folder / f"{self.database[5:]}_{name}", **environment).make())

    def test_a_stop_ends_what_takes_long(self):
        """The build has a session of its own, so no signal but the script's reaches it."""
        clone = self.make_clone(SLOW="1")
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), subprocess.Popen(
                [clone.folder / "tilth", "up", "--detach"],
                env=clone.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ) as up:
                slow = clone.folder / "slow.pid"
                wait_until(lambda: slow.exists() and slow.read_text(), "it builds")
                up.send_signal(number)
                self.assertNotEqual(up.wait(HANG_S), 0)
                process = Path(f"/proc/{int(slow.read_text())}")
                wait_until(lambda: not process.exists(), "it has ended")
                slow.unlink()

    def make_guest(self, **environment):
        """A clone whose worlds stand on the services of the test, with a password."""
        url = f"postgresql://tilth:sesame@/{self.database}?host={self.postgres.folder}"
        services = {"TILTH_DATABASE_URL": url, "TILTH_REDIS_URL": self.redis.url}
        return self.make_clone(**services, **environment)

    def up(self, clone, *settings):
        """Brings it up and returns the ready line."""
        done = clone.call("up", "--detach", "--", *settings)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done.stdout

    def down(self, clone):
        done = clone.call("down")
        self.assertEqual(done.returncode, DONE, done.stderr)

    def refuses(self, clone, code, arguments, *words):
        """The call ends with this code, and what it says has all of these words."""
        done = clone.call(*arguments)
        self.assertEqual(done.returncode, code, done)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def play(self, clone):
        """Somebody joins, so that there is something to keep; what the world is afterwards."""
        key = clone.folder / "key"
        done = clone.call("client", "--key", str(key), "--strict", "-c", "say hello; settle; quit")
        self.assertEqual(done.returncode, DONE, done)
        wait_until(lambda: clone.console("status")["sessions"] == 0, "the player has left")
        return self.kept(clone)

    def kept(self, clone):
        status = clone.console("status")
        return status["world"], status["world_hash"]

    def test_words(self):
        """What needs neither a build nor a server."""
        clone = self.make_clone()
        for command in ("up", "down", "status", "test", "bench"):
            done = clone.call(command, "--help")
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            self.assertIn("./tilth up", done.stdout)
        self.assertRegex(clone.call("--version").stdout, r"^tilth \d+\.\d+\.\d+\n$")
        for arguments in (["nonsense"], ["up", "now"], ["down", "now"], ["status", "now"]):
            self.refuses(clone, USAGE, arguments, arguments[0], "--help")
        said = self.refuses(clone, FAILED, ["client", "-c", "where"], "./tilth up builds it")
        self.assertEqual(said.count("\n"), 1)
        self.assertFalse(clone.home.exists())

    def test_labels(self):
        clone = self.make_clone()
        known = re.search(r"known_labels='(.*)'", (SOURCE / "tests/run.sh").read_text())[1]
        self.refuses(clone, USAGE, ["test", "unit", "nonsense"], "nonsense", known)
        self.refuses(clone, USAGE, ["bench", "nonsense"], "nonsense", "known are: durability")
        self.assertFalse((clone.folder / "build").exists())
        listing = subprocess.run(
            ["ctest", "--test-dir", BINARIES, "--print-labels"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        labels = listing.partition("All Labels:")[2].split()
        self.assertLessEqual(set(labels), set(known.split()))

    def test_foreign_clone(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a folder away")
        clone = self.make_clone()
        os.chown(clone.folder, 65534, -1)
        for command in ("up", "test"):
            self.refuses(clone, FAILED, [command], "belongs to", "sudo")
        self.assertFalse(clone.home.exists() or (clone.folder / "build").exists())

    def test_wrong_setting(self):
        """Nothing starts for it."""
        clone = self.make_clone()
        file = clone.folder / "settings"
        file.write_text("view_cells = many\n")
        wrong = ["up", "--detach", "--", "--settings", str(file)]
        self.refuses(clone, CONFIG, wrong, f"{file}:1", "view_cells", "many")
        wrong = ["up", "--detach", "--", "--content-dir=/nowhere"]
        self.refuses(clone, CONFIG, wrong, "/nowhere/terrains.json")
        self.refuses(clone, CONFIG, ["check", "--content-dir=/nowhere"], "/nowhere/terrains.json")
        said = clone.call("check")
        self.assertEqual(said.returncode, 0)
        self.assertIn("the world needs PostgreSQL", said.stderr)
        wrong = ["up", "--detach", "--", "--database-url=mysql://tilth:secret@/x"]
        self.refuses(clone, CONFIG, wrong, "mysql://", "postgresql://")
        self.assertEqual(clone.pids(), [None, None, None])
        self.assertFalse((clone.home / "postgres").exists())

    def test_no_server(self):
        clone = self.make_clone()
        subprocess.run(
            ["cmake", "--preset", "release"], cwd=clone.folder, env=clone.environment, check=True
        )
        for command, option in (("client", "--server"), ("console", "--socket")):
            self.refuses(clone, UNAVAILABLE, [command], "not running", "./tilth up")
            self.assertIn(option, clone.call(command, "--help").stdout)
        self.assertEqual(clone.call("status").returncode, STOPPED)

    def test_failed_start(self):
        """It shows the log of this start only."""
        clone = self.make_guest()
        (clone.home / "log").mkdir(parents=True)
        (clone.home / "log/server.log").write_text("of a former run\n")
        wrong = ["up", "--detach", "--", "--journal-dir", "/nowhere/journal"]
        said = self.refuses(clone, FAILED, wrong, "cannot make /nowhere/journal")
        self.assertNotIn("former", said)
        self.assertEqual(clone.status()["state"], "stopped")

    def test_guest(self):
        """A password stays secret; settings for a running world are refused; death is told."""
        clone = self.make_guest()
        self.assertIn("world=world\n", self.up(clone))
        status = clone.status()
        self.assertEqual(status["state"], "running")
        self.assertNotIn("sesame", str(status))
        process = Path(f"/proc/{status['pid']}")
        self.assertNotIn(b"sesame", (process / "cmdline").read_bytes())
        self.assertIn(b"sesame", (process / "environ").read_bytes())
        again = ["up", "--detach", "--", "--world", "meadow"]
        self.refuses(clone, FAILED, again, "already running", "./tilth down")
        self.assertIn("var/journal/world: 1 segment", clone.call("journal", "check").stdout)
        said = clone.call("check")
        self.assertIn("nothing is wrong", said.stdout, said.stderr)
        self.up(clone)
        self.assertEqual(clone.pids(), [status["pid"], None, None])
        os.kill(status["pid"], signal.SIGKILL)
        wait_until(lambda: clone.status()["state"] == "died", "status tells the death")
        self.assertEqual(clone.call("status").returncode, STOPPED)

    def test_backups(self):
        """Made and verified by a private PostgreSQL's own role; restored while nothing runs."""
        clone = self.make_clone()
        self.up(clone)
        self.play(clone)
        made = clone.console("backup", "now")["name"]
        self.assertIn(made, clone.call("console", "backup", "verify").stdout)
        self.assertTrue((clone.home / "backups/world" / made).exists())
        self.refuses(clone, FAILED, ["restore", made], "./tilth console backup restore")
        self.down(clone)
        self.assertIn(f"restored {made}", clone.call("restore", made).stdout)
        self.assertEqual(clone.status()["postgres_pid"], None)
        self.up(clone)
        self.assertEqual(clone.console("status")["timeline"], 2)
        self.down(clone)

    def test_foreground(self):
        """The log is shown and kept; it ends with the server."""
        clone = self.make_guest()
        program = Program(
            [clone.folder / "tilth", "up"], clone.folder, "up", env=clone.environment
        )
        wait_until(lambda: "tilth ready" in program.words(), "the server is ready")
        pid = clone.status()["pid"]
        clone.console("stop")
        self.assertEqual(program.wait(), DONE)
        self.assertFalse(Path(f"/proc/{pid}").exists())
        self.assertEqual(clone.status()["state"], "stopped")
        kept = (clone.home / "log/server.log").read_text()
        self.assertIn("INFO", kept)
        self.assertLessEqual(set(kept.splitlines()), set(program.words().splitlines()))

    def test_two_worlds(self):
        """In one home, one after the other; one of them named by a settings file."""
        clone = self.make_guest()
        self.up(clone)
        first = self.play(clone)
        self.down(clone)
        file = clone.folder / "settings"
        file.write_text("# another world\nworld = meadow\n")
        self.assertIn("world=meadow\n", self.up(clone, "--settings", str(file)))
        self.assertEqual((first[0], self.kept(clone)[0]), ("world", "meadow"))
        self.down(clone)
        self.make_older_journal(clone)
        self.up(clone)
        self.assertEqual(self.kept(clone), first)
        self.assertTrue((clone.home / "journal/meadow/journal.id").exists())

    def make_older_journal(self, clone):
        """As it was when there was one folder, of the world that ran last."""
        journal = clone.home / "journal"
        for file in (journal / "meadow").iterdir():
            file.rename(journal / file.name)
        (journal / "meadow").rmdir()

    def test_rename_and_copy(self):
        """A renamed clone has its world; a copied one leaves the original's processes alone."""
        clone = self.make_clone()
        self.up(clone)
        world = self.play(clone)
        self.down(clone)
        renamed = self.adopt(clone.at(clone.folder.parent / "a & b $c"))
        clone.folder.rename(renamed.folder)
        self.up(renamed)
        self.assertEqual(renamed.cmake_calls().count("--preset release"), 2)
        self.assertEqual(self.kept(renamed), world)
        self.assertFalse(clone.folder.exists())
        self.copy_beside(renamed, world)

    def copy_beside(self, original, world):
        pids = original.pids()
        copy = self.adopt(self.copy_running(original))
        self.assertEqual(copy.pids(), [None, None, None])
        self.assertEqual(copy.status()["state"], "stopped")
        self.refuses(copy, UNAVAILABLE, ["client", "-c", "where"], "not running")
        self.assertIn("nothing runs", copy.call("down").stderr)
        self.up(copy)
        self.assertEqual(self.kept(copy), world)
        self.assertFalse(set(copy.pids()) & set(pids))
        self.down(copy)
        self.assertEqual(original.pids(), pids)
        self.assertEqual(self.kept(original), world)

    def copy_running(self, clone):
        """All that writes stands still meanwhile, as if the power had gone."""
        server, postgres, _ = clone.pids()
        paused = [server, postgres, *children(postgres)]
        copy = clone.at(clone.folder.parent / "copy")
        signal_all(paused, signal.SIGSTOP)
        try:
            subprocess.run(["cp", "-a", clone.folder, copy.folder], check=True)
        finally:
            signal_all(paused, signal.SIGCONT)
        return copy


if __name__ == "__main__":
    unittest.main()
