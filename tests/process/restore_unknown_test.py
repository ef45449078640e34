"""The end of an exchange of databases is not learned: the answer to its commit is lost or late."""

import select
import shutil
import signal
import socket
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from building import build, free_cells
from services import HANG_S, ProcessTest, Program, wait_until

DONE, FAILED = 0, 1
SOCKET = ".s.PGSQL.5432"


class Relay:
    """Stands before PostgreSQL's socket, and sees the commit that follows two renames."""

    def __init__(self, folder):
        self.target = str(Path(folder, SOCKET))
        self.folder = Path(tempfile.mkdtemp(prefix="tilth-relay-"))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / SOCKET))
        self.listener.listen()
        self.before_commit = None  # called once, when it was asked for
        self.at_commit = None  # called once, when its answer is there; True: it is passed on
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            try:
                server.connect(self.target)
                self._pass_on(client, server)
            except OSError:
                pass

    def _pass_on(self, client, server):
        renames, is_commit = 0, False
        while True:
            for end in select.select([client, server], [], [])[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                if end is client:
                    renames += data.count(b"RENAME TO")
                    is_commit = renames >= 2 and b"COMMIT" in data
                    if is_commit and self.before_commit is not None:
                        act, self.before_commit = self.before_commit, None
                        act()
                elif is_commit and self.at_commit is not None:
                    act, self.at_commit = self.at_commit, None
                    if not act():
                        return
                (server if end is client else client).sendall(data)


class RestoreUnknownTest(ProcessTest):
    with_redis = False

    def begin(self, at_commit):
        self.relay = relay = Relay(self.postgres.folder)
        self.addCleanup(relay.close)
        url = f"host={relay.folder} user=tilth dbname={self.database}"
        self.server = self.start_server(database_url=url, redis_url="", backup_automatic="false")
        self.ada = self.join(self.server, "ada")
        self.cells = free_cells(self.ada, 3)
        build(self.ada, self.cells[:1], "stone_block")
        self.server.must("save")
        name = self.server.ask("backup now")["name"]
        build(self.ada, self.cells[1:2], "stone_block")
        self.server.must("save")
        relay.at_commit = at_commit
        return f"backup restore {name}"

    def is_restored(self):
        """A start is on the restored world, and that is whole."""
        self.server.start()
        found = [self.server.must(f"cell {x} {y}") for x, y in self.cells]
        self.assertEqual(["stone_block" in words for words in found], [True, False, False])
        self.assertEqual(self.server.ask("status")["timeline"], 2)
        self.assertIn("nothing is wrong", self.server.must("check"))
        self.assertEqual(self.server.stop(), 0)

    def test_lost_and_learned(self):
        """PostgreSQL dies behind the commit and comes again: the world is the restored one."""

        is_dead = threading.Event()

        def die():
            self.postgres.kill()
            is_dead.set()
            return False

        line = self.begin(die)
        with ThreadPoolExecutor() as threads:
            answer = threads.submit(self.server.console, line)
            self.assertTrue(is_dead.wait(HANG_S))
            self.postgres.start()  # not in the relay's thread, with which it would end
        said = answer.result()
        self.assertEqual(said.code, DONE, said)
        self.ada.wait_event("restored")
        build(self.ada, self.cells[2:], "stone_block")
        self.assertEqual(self.server.stop(), 0)

    def test_lost_for_long(self):
        """PostgreSQL stays away: nobody plays on in a world that may be no more."""

        def die():
            self.postgres.kill()
            return False

        line = self.begin(die)
        said = self.server.console(line)
        self.assertEqual(said.code, FAILED, said)
        self.assertIn("the next start of the server tells", said.text)
        self.assertNotIn("othing was restored", said.text)
        self.assertEqual(self.server.program.wait(), 1)
        self.assertEqual(self.ada.events("restored"), [])
        self.postgres.start()
        self.is_restored()

    def test_slow(self):
        """The commit is under way for longer than anybody waits for it: as when a standby that must
        have it does not answer. It is learned what came of it, not guessed."""

        all_waits = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        waits = f"{all_waits} AND application_name <> 'psql'"

        def stall():
            self.postgres.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "postgres")
            self.postgres.query("SELECT pg_reload_conf()", "postgres")
            while not self.postgres.query(all_waits, "postgres"):  # it takes a moment to be so
                url = self.postgres.url("postgres")
                probe = ["psql", "-X", "-d", url, "-c", "SELECT pg_current_xact_id()"]
                probe = Program(probe, self.server.folder, "probe")
                self.addCleanup(probe.kill)
                wait_until(
                    lambda: not probe.is_running() or self.postgres.query(all_waits, "postgres"),
                    "a commit waits, or does not",
                )

        line = self.begin(None)
        self.relay.before_commit = stall
        with ThreadPoolExecutor() as threads:
            answer = threads.submit(self.server.console, line)
            wait_until(lambda: self.postgres.query(waits, "postgres"), "the commit waits")
            (lost,) = self.postgres.query(waits, "postgres")
            wait_until(
                lambda: answer.done() or lost not in self.postgres.query(waits, "postgres"),
                "it is ended",
            )
            self.postgres.query("ALTER SYSTEM RESET synchronous_standby_names", "postgres")
            self.postgres.query("SELECT pg_reload_conf()", "postgres")
        said = answer.result()
        self.assertEqual(said.code, DONE, said)
        self.ada.wait_event("restored")
        self.assertEqual(self.server.stop(), 0)
        self.is_restored()

    def test_late(self):
        """The server is asked to stop while the answer is on its way."""

        def wait():
            self.server.program.signal(signal.SIGTERM)
            time.sleep(0.6)
            return True

        line = self.begin(wait)
        try:
            self.server.console(line)
        except (OSError, ValueError):
            pass  # the server may end before it has told
        self.assertEqual(self.server.program.wait(), 0)
        wait_until(self.postgres.answers, "PostgreSQL answers")
        self.is_restored()


if __name__ == "__main__":
    unittest.main()
