"""Two servers with a journal each, as on two machines: with durability = database the second goes
on with the world when the first is not heard of any more, and nothing confirmed is lost."""

import signal
import unittest

from building import build, free_cells
from services import ProcessTest, wait_until

DONE, FAILED = 0, 1
LEASE_S = 4


class LeaseTest(ProcessTest):
    with_redis = False

    def machine(self, name, **settings):
        """A server with a journal of its own on the same world."""
        return self.make_server(
            name=name,
            redis_url="none",
            reach_px=1000,
            lease_s=LEASE_S,
            **{"durability": "database"} | settings,
        )

    def start_when_it_may(self, server):
        """Tries until the lease has ended; what the refusals said."""
        said = set()

        def is_ready():
            server.launch()
            wait_until(
                lambda: not server.program.is_running() or "tilth ready" in server.words(),
                "ready or refused",
            )
            said.update(line for line in server.words().splitlines() if "world" in line)
            return server.program.is_running()

        wait_until(is_ready, "the lease ends")
        ready = [line for line in server.words().splitlines() if line.startswith("tilth ready")]
        server.settings["udp_port"] = int(ready[-1].split("udp=")[1].split()[0].split(":")[1])
        return "\n".join(said)

    def test_takeover(self):
        first, second = self.machine("first"), self.machine("second")
        first.start()
        ada = self.join(first, "ada")
        cells = free_cells(ada, 9)
        build(ada, cells[:8], "sign")
        first.program.signal(signal.SIGSTOP)  # it hangs, and its connections stand
        said = self.start_when_it_may(second)
        self.assertIn("is owned by a running server", said)
        self.assertIn("the world's lease has ended", second.words())
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "8")
        bob = self.join(second, "bob")
        wait_until(lambda: bob.ask("cell %d %d" % cells[0])["ok"], "bob sees it")
        build(bob, free_cells(bob, 2), "sign")

        first.program.signal(signal.SIGCONT)
        ada.send("place sign %d %d" % cells[8])
        wait_until(lambda: "another server has become the world's owner" in first.words(), "silent")
        trouble = first.ask("status")
        self.assertIn("no: the lease on the world is over", trouble["changes_taken"])
        second.must("save")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "10")
        placed = [event for event in ada.events("done") if event["asked"].startswith("place")]
        self.assertEqual(len(placed), 8)  # the ninth was never confirmed
        first.kill()
        self.assertEqual(second.stop(), DONE)

    def test_a_killed_machine(self):
        first, second = self.machine("first"), self.machine("second")
        first.start()
        ada = self.join(first, "ada")
        build(ada, free_cells(ada, 5), "sign")
        first.kill()
        said = self.start_when_it_may(second)
        self.assertIn("its lease has ", said)
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "5")
        self.assertEqual(second.stop(), DONE)

    def test_a_journal_does_not_end_by_time(self):
        """With durability = journal the second is refused for ever: the other journal counts."""
        first, second = self.machine("first", durability="journal"), self.machine("second")
        first.start()
        first.kill()
        second.launch()
        self.assertNotEqual(second.program.wait(), DONE)
        self.assertIn("--abandon-journal", second.words())
        self.assertEqual(self.sql_value("SELECT lease_until IS NULL FROM world_stream"), "t")


if __name__ == "__main__":
    unittest.main()
