"""What the process tests stand on: a private PostgreSQL and Redis, server, clients, console.

Everything lives in one folder under /tmp and ends with the test: by pid when the test is over, and
by PR_SET_PDEATHSIG when the test itself dies. Nothing has a TCP port, and every run listens on its
own address in 127.0.0.0/8, so that several run side by side. Nothing waits for a fixed time:
wait_until() looks again and again, and its limit only ends a test that hangs.
"""

import collections
import csv
import ctypes
import io
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("TILTH_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARIES = Path(os.environ.get("TILTH_BINARY_DIR", SOURCE / "build/dev"))
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/"))
HANG_S = 90  # nothing here takes nearly as long
POLL_S = 0.02
PR_SET_PDEATHSIG = 1
SEED = 13  # of the terrain: with land all around the middle
# Many servers start here, and all that one reserves is touched at its start.
SMALL = {
    "journal_segment_bytes": 8 << 20,
    "journal_ring_bytes": 8 << 20,
    "entities_max": 1 << 16,
    "structures_max": 1 << 12,
    "piles_max": 1 << 12,
    "characters_max": 1 << 10,
    "image_configs_max": 1 << 13,
    "images_max": 1 << 11,
    "chunks_max": 1 << 10,
    "held_bytes_max": 16 << 20,
}
LIBC = ctypes.CDLL(None, use_errno=True)


def wait_until(condition, what, limit_s=HANG_S):
    """The first true value of condition(); fails when it stays false for too long."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(POLL_S)
    raise AssertionError(f"still waiting after {limit_s} s: {what}")


class Program:
    """A child process that ends with this one; what it prints goes to a log file, if the options do
    not lead it elsewhere."""

    def __init__(self, arguments, folder, name, **options):
        self.log = Path(folder) / f"{name}.log"
        death = options.pop("death", signal.SIGKILL)
        options.setdefault("stdin", subprocess.DEVNULL)
        with self.log.open("ab") as log:
            options.setdefault("stdout", log)
            options.setdefault("stderr", log)
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                cwd=folder,
                start_new_session=True,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, death),
                **options,
            )

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def wait(self):
        """The exit code, or minus the signal that ended it."""
        return self.process.wait(HANG_S)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def words(self):
        return self.log.read_text(errors="replace")


def children(pid):
    """Pids of the children that the process has now."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it is gone
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Postgres:
    """A cluster on a unix socket in a folder of its own, as user postgres when this is root."""

    SMALL = ("shared_buffers=32MB", "fsync=off")  # many start here, and none outlives its test

    def __init__(self, settings=SMALL):
        self.settings = settings
        parent = os.environ.get("TILTH_TEST_CLUSTERS")
        self.folder = Path(tempfile.mkdtemp(prefix="tilth-postgres-", dir=parent))
        self.user = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        maker = self.make()
        if maker.wait() != 0:
            raise AssertionError(maker.words())
        self.program = None

    def make(self):
        """The program that makes the cluster in the folder `data`."""
        options = "-U tilth -A trust --no-sync -E UTF8 --locale=C".split()
        return self._spawn("initdb", [POSTGRES / "initdb", "-D", "data", *options])

    def _spawn(self, name, arguments, **options):
        return Program(arguments, self.folder, name, **options, **self.user)

    def start(self):
        """Starts it; after a kill the former one's processes may have to end first."""
        wait_until(self._try_start, f"PostgreSQL starts, see {self.folder}")

    def _try_start(self):
        settings = ("listen_addresses=", "max_prepared_transactions=2", *self.settings)
        options = [word for setting in settings for word in ("-c", setting)]
        arguments = [POSTGRES / "postgres", "-D", "data", "-k", self.folder, *options]
        self.program = self._spawn("server", arguments, death=signal.SIGQUIT)
        wait_until(lambda: not self.program.is_running() or self.answers(), "PostgreSQL answers")
        return self.program.is_running()

    def answers(self):
        return self._psql("postgres", "SELECT 1").returncode == 0

    def kill(self):
        """Ends the postmaster as a crash would; its children follow by themselves."""
        self.program.kill()

    def stop(self):
        if self.program is not None and self.program.is_running():
            pids = self.pids()
            self.program.signal(signal.SIGQUIT)
            signal_all(pids, signal.SIGCONT)
            self.program.wait()

    def pids(self):
        return [self.program.pid, *children(self.program.pid)]

    def backends(self, database):
        """Pids of the processes that serve a server's connections."""
        rows = self.query(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"
            " AND pid <> pg_backend_pid()",
            "postgres",
        )
        return [int(row["pid"]) for row in rows]

    def pause(self):
        """Stops all of its processes; returns the pids, for resume()."""
        pids = self.pids()
        signal_all(pids, signal.SIGSTOP)
        return pids

    def resume(self, pids):
        signal_all(pids, signal.SIGCONT)

    def url(self, database):
        return f"host={self.folder} user=tilth dbname={database}"

    def create(self, database):
        self.query(f"CREATE DATABASE {database}", "postgres")

    def _psql(self, database, sql):
        options = ["-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run(
            ["psql", *options, "-d", self.url(database), "-c", sql],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    def query(self, sql, database):
        """Rows as dicts of text, as psql shows them."""
        done = self._psql(database, sql)
        if done.returncode != 0:
            raise AssertionError(f"psql: {sql}: {done.stderr}")
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def value(self, sql, database):
        """The only value of the only row."""
        (row,) = self.query(sql, database)
        (value,) = row.values()
        return value


class Redis:
    """A Redis on a unix socket in the folder."""

    def __init__(self, folder):
        self.folder = Path(folder) / "redis"
        self.folder.mkdir()
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.program = None

    def start(self):
        arguments = ["redis-server", "--port", "0", "--save", "", "--unixsocket", self.socket]
        self.program = Program(arguments, self.folder, "redis")
        wait_until(lambda: self.cli("PING") == b"PONG\n", "Redis answers")

    def cli(self, *arguments, value=None):
        """What redis-cli prints; a value goes in as the last argument, whatever bytes it has."""
        extra = ["-x"] if value is not None else []
        return subprocess.run(
            ["redis-cli", "-s", self.socket, *extra, *arguments],
            input=value,
            capture_output=True,
            timeout=HANG_S,
            check=False,
        ).stdout

    def keys(self):
        return sorted(self.cli("KEYS", "*").decode().split())

    def kill(self):
        if self.program is not None:
            self.program.kill()


class ConsoleAnswer(collections.namedtuple("ConsoleAnswer", "code text progress")):
    """An answer of the console: its exit code (0 for done), what it prints, and what before."""


class Server:
    """A tilth-server with its settings; started again, it has the same ones and the same port."""

    def __init__(self, folder, settings):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.settings = {
            "udp_address": own_address(),
            "udp_port": 0,
            "journal_dir": self.folder / "journal",
            "console_socket": self.folder / "console.sock",
            "backup_dir": self.folder / "backups",
            "content_dir": SOURCE / "shared/content",
            "migrations_dir": SOURCE / "migrations",
            "database_wait_s": 20,
            "seed": SEED,
            "free_building": "true",  # bags have tests of their own
            "starting_kit": "false",
            **SMALL,
            **settings,
        }
        self.program = None
        self.options = {}  # of its process
        self.wrapper = []  # a program that runs it

    def _options(self, settings):
        merged = {**self.settings, **settings}
        return [f"--{name.replace('_', '-')}={value}" for name, value in merged.items()]

    def launch(self, **settings):
        """Starts it without waiting; these settings hold for this start only."""
        arguments = [BINARIES / "server/tilth-server", "run", *self._options(settings)]
        self.program = Program([*self.wrapper, *arguments], self.folder, "server", **self.options)
        return self

    def check(self, *arguments, **settings):
        """What `tilth-server check` says of its world with its settings, and these instead."""
        program = BINARIES / "server/tilth-server"
        return subprocess.run(
            [program, "check", *arguments, *self._options(settings)],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )

    def start(self, **settings):
        """Starts it and waits for its ready line."""
        before = self.words().count("tilth ready") if self.program else 0
        self.launch(**settings)
        wait_until(
            lambda: not self.program.is_running() or self.words().count("tilth ready") > before,
            "the server is ready",
        )
        if not self.program.is_running():
            raise AssertionError(f"the server ended: {self.words()[-2000:]}")
        ready = [line for line in self.words().splitlines() if line.startswith("tilth ready")][-1]
        self.settings["udp_port"] = int(ready.split("udp=")[1].split()[0].split(":")[1])
        return self

    def words(self):
        return self.program.words()

    @property
    def address(self):
        return f"{self.settings['udp_address']}:{self.settings['udp_port']}"

    def kill(self):
        self.program.kill()

    def terminate(self):
        """SIGTERM; returns the exit code."""
        self.program.signal(signal.SIGTERM)
        return self.program.wait()

    def must_check(self):
        """All that is kept must hold together."""
        said = self.check()
        if said.returncode != 0:
            raise AssertionError(f"check: {said.stdout}{said.stderr}")

    def stop(self):
        """By the console; returns the exit code. What it leaves must hold together."""
        self.console("stop")
        code = self.program.wait()
        self.must_check()
        return code

    def console(self, line, is_json=False):
        """One request on the console's socket; see shared/base/console_wire.h."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(HANG_S)
            wire.connect(str(self.settings["console_socket"]))
            wire.sendall(f"{'json' if is_json else 'text'} {line}\n".encode())
            progress = ""
            with wire.makefile("rb") as answer:
                while True:
                    kind, size = answer.readline().split()
                    text = answer.read(int(size)).decode()
                    if kind != b"progress":
                        return ConsoleAnswer(int(kind), text, progress)
                    progress += text

    def must(self, line):
        """What a command of the console prints; it must not fail."""
        answer = self.console(line)
        if answer.code != 0:
            raise AssertionError(f"console {line}: {answer}")
        return answer.text

    def ask(self, line):
        """The console's answer as a value; it must not have failed."""
        answer = self.console(line, is_json=True)
        if answer.code != 0:
            raise AssertionError(f"console {line}: {answer}")
        return json.loads(answer.text)


class Client:
    """A tilth-client that is given commands one by one."""

    def __init__(self, server, name, binaries=BINARIES):
        folder = server.folder
        self.name = name
        self.said = []  # all that it printed, in order
        self._answers = collections.deque()
        self._changed = threading.Condition()
        self._is_over = False
        program = binaries / "client-lib/tilth-client"
        key = folder / f"{name}.key"
        arguments = [program, "--server", server.address, "--name", name, "--key", key]
        self.program = Program(
            arguments, folder, name, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.program.process.stdout:
            said = json.loads(line)
            with self._changed:
                self.said.append(said)
                if "command" in said:
                    self._answers.append(said)
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _wait(self, condition, what):
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or condition(), HANG_S)
            if not condition():
                tail = "".join(f"\n  {said}" for said in self.said[-5:])
                raise AssertionError(
                    f"{self.name} waits in vain for {what}; it said last:{tail}"
                    f"\n{self.program.words()}"
                )

    def send(self, *lines):
        """Commands whose answers nobody takes yet."""
        self.program.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.program.process.stdin.flush()

    def answer(self):
        """The next answer to a command."""
        self._wait(lambda: self._answers, "an answer")
        return self._answers.popleft()

    def forget_answers(self):
        """Drops the answers to what send() sent, once all of it is answered."""
        self._answers.clear()

    def ask_all(self, lines):
        self.send(*lines)
        return [self.answer() for _ in lines]

    def ask(self, line):
        """The answer to one command, also when it failed."""
        return self.ask_all([line])[0]

    def do(self, line):
        """The answer to a command that must work."""
        answer = self.ask(line)
        if not answer["ok"]:
            raise AssertionError(f"{self.name}: {line}: {answer}")
        return answer

    def events(self, name):
        with self._changed:
            return [said for said in self.said if said.get("event") == name]

    def wait_event(self, name, accept=lambda event: True):
        """The first event of the name, old or new, that is accepted."""
        self._wait(lambda: any(map(accept, self._named(name))), f"event {name}")
        return next(filter(accept, self._named(name)))

    def _named(self, name):
        return [said for said in list(self.said) if said.get("event") == name]

    def until(self, line, accept):
        """Asks again and again until the answer is accepted, and returns it."""

        def look():
            answer = self.ask(line)
            return answer if accept(answer) else None

        return wait_until(look, f"{self.name}: {line}")

    def cell(self):
        return tuple(self.do("where")["cell"])

    def walk_near(self, x, y):
        """To the cell, or next to it when something stands in it."""
        self.ask(f"goto {x} {y} {HANG_S * 1000 // 2}")
        here_x, here_y = self.cell()
        if max(abs(here_x - x), abs(here_y - y)) > 2:
            raise AssertionError(f"{self.name} is at {here_x}, {here_y}, not at {x}, {y}")

    def quit(self):
        """Says quit and waits for the end; returns the exit code."""
        if self.program.is_running():
            self.send("quit")
        return self.close()

    def close(self):
        try:
            self.program.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.program.wait()
        self._reader.join(HANG_S)
        self.program.process.stdout.close()
        return code

    def end(self):
        if not self.program.process.stdout.closed:
            self.program.kill()
            self.close()


def own_address():
    """An address in 127.0.0.0/8 that no other test uses at the same time: of the process id."""
    pid = os.getpid()
    return f"127.{pid >> 16 & 255}.{pid >> 8 & 255}.{pid & 255}"


class ProcessTest(unittest.TestCase):
    """A test with a PostgreSQL and a Redis, shared by the tests of a class, and a database each."""

    with_redis = True

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="tilth-process-"))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.postgres = Postgres()
        cls.addClassCleanup(shutil.rmtree, cls.postgres.folder, ignore_errors=True)
        cls.addClassCleanup(cls.postgres.stop)
        cls.postgres.start()
        cls.redis = Redis(cls.folder)
        cls.addClassCleanup(cls.redis.kill)
        if cls.with_redis:
            cls.redis.start()

    def setUp(self):
        self.database = self._testMethodName
        self.postgres.create(self.database)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.tell_logs()
        return result

    def tell_logs(self):
        for log in sorted(self.folder.glob("**/*.log")):
            lines = log.read_text(errors="replace").splitlines()[-20:]
            print(f"---- {log.relative_to(self.folder)}", *lines, sep="\n", file=sys.stderr)

    def make_server(self, name="server", **settings):
        """A server that is not started yet."""
        server = Server(
            self.folder / f"{self.database}-{name}",
            {"database_url": self.postgres.url(self.database), "redis_url": self.redis.url}
            | settings,
        )
        self.addCleanup(lambda: server.program and server.kill())
        return server

    def start_server(self, **settings):
        return self.make_server(**settings).start()

    def join(self, server, name, **options):
        """A client of that name, once it is connected."""
        client = Client(server, name, **options)
        self.addCleanup(client.end)
        client.wait_event("connected")
        return client

    def hold_table(self, server, table):
        """Somebody by hand locks a table, until the program that is returned is killed and its
        backend ended."""
        lock = f"BEGIN; LOCK TABLE {table}; SELECT pg_sleep(600)"
        url = self.postgres.url(self.database)
        psql = Program(["psql", "-X", "-d", url, "-c", lock], server.folder, "lock")
        self.addCleanup(psql.kill)
        locks = f"SELECT pid FROM pg_locks WHERE relation = '{table}'::regclass AND granted"
        wait_until(lambda: self.sql(locks), "the table is locked")
        return psql

    def sql(self, statement):
        return self.postgres.query(statement, self.database)

    def sql_value(self, statement):
        return self.postgres.value(statement, self.database)
