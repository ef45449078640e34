"""kill -9 in turn of server, database connection, PostgreSQL and Redis, while bots build.

Bots place and remove things without a pause and keep a ledger: what was confirmed must be there,
once, and what was confirmed gone must not. What had no answer when the server ended may be either,
but the client library tells which when it is connected again. After each round the ledger is held
against what every bot sees and against the database's rows, and `tilth-server check` must find
nothing. TILTH_TORTURE_ROUNDS (10) rounds; TILTH_TORTURE_SEED repeats a run's choices, as far as
processes can be repeated.
"""

import os
import random
import signal
import time
import unittest

from building import free_cells
from services import POLL_S, ProcessTest, signal_all, wait_until

ROUNDS = int(os.environ.get("TILTH_TORTURE_ROUNDS", "10"))
SEED = int(os.environ.get("TILTH_TORTURE_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
BOTS = 3
CELLS = 40  # of each bot
ASKED_AT_ONCE = 12
PAUSE_S_MAX = 1.0
HARMLESS = ("CHUNK_LOADING", "TOO_FAST", "STORE_BEHIND")  # refusals that say nothing of the cell
SETTINGS = {"reach_px": 1000, "chunk_idle_s": 0, "intents_s_max": 1000, "database_wait_s": 60}


class Bot:
    """A client with cells of its own, and what it knows of each: True for a thing, or False."""

    def __init__(self, client, cells, dice):
        self.client, self.dice = client, dice
        self.ledger = dict.fromkeys(cells, False)
        self.under_way = set()  # cells with a question that has no answer yet
        self.told = len(client.said)  # of what the client said, the ledger knows so much
        self.counts = {"done": 0, "lost": 0, "refused": 0}

    def ask_some(self):
        """Turns some cells over, those that have no question under way."""
        quiet = sorted(self.ledger.keys() - self.under_way)
        for x, y in self.dice.sample(quiet, min(len(quiet), ASKED_AT_ONCE)):
            is_there = self.ledger[x, y]
            self.client.send(f"remove {x} {y}" if is_there else f"place floor_tile {x} {y}")
            self.under_way.add((x, y))

    def listen(self):
        """Notes what was answered by now; a question is over with its outcome."""
        said = list(self.client.said)
        for event in said[self.told :]:
            if event.get("event") in self.counts:
                self.note(event)
            elif "command" in event and not event["ok"]:
                self.note_unasked(event)
        self.told = len(said)
        return not self.under_way

    def note_unasked(self, event):
        raise AssertionError(event)

    def note(self, event):
        outcome, asked = event["event"], event["asked"].split()
        cell = int(asked[-2]), int(asked[-1])
        self.counts[outcome] += 1
        self.under_way.remove(cell)
        if outcome == "done":
            self.ledger[cell] = asked[0] == "place"
        elif outcome == "refused" and event["refusal"] not in HARMLESS:
            raise AssertionError(f"{self.client.name}, whose ledger says otherwise: {event}")

    def settle(self):
        wait_until(self.listen, f"{self.client.name}: answers for {self.under_way}")
        self.client.forget_answers()


class TortureTest(ProcessTest):
    def test_torture(self):
        print(f"TILTH_TORTURE_SEED={SEED} TILTH_TORTURE_ROUNDS={ROUNDS}")
        self.dice = random.Random(SEED)
        self.server = self.start_server(**SETTINGS)
        self.bots = self.make_bots()
        kinds = [self.kill_server, self.kill_backend, self.kill_postgres, self.kill_redis]
        for number in range(ROUNDS):
            kind = kinds[number % len(kinds)]
            print(f"round {number}: {kind.__name__}", flush=True)
            self.round(kind)
        for bot in self.bots:
            print(bot.client.name, bot.counts)
            self.assertEqual(bot.client.quit(), 0)
        self.assertEqual(self.server.stop(), 0)
        self.check_database()

    def make_bots(self):
        clients = [self.join(self.server, f"bot{i}") for i in range(BOTS)]
        cells = free_cells(clients[0], BOTS * CELLS)
        return [
            Bot(client, cells[i * CELLS : (i + 1) * CELLS], self.dice)
            for i, client in enumerate(clients)
        ]

    def round(self, kill):
        self.play()
        kill()
        self.play()
        for bot in self.bots:
            bot.settle()
        self.check_views()
        self.server.ask("save")
        self.check_database()
        self.server.must_check()

    def play(self):
        """For a random time: all bots ask, and are still waiting for answers at the end."""
        end_s = time.monotonic() + self.dice.uniform(0, PAUSE_S_MAX)
        while True:
            for bot in self.bots:
                bot.listen()
                bot.ask_some()
            if time.monotonic() > end_s:
                return
            time.sleep(POLL_S)

    def kill_server(self):
        """Now and then it is killed while it starts, too."""
        self.server.kill()
        for _ in range(self.dice.randrange(3)):
            self.server.launch()
            time.sleep(self.dice.uniform(0, PAUSE_S_MAX))
            self.server.kill()
        self.server.start()

    def kill_backend(self):
        signal_all(self.postgres.backends(self.database), signal.SIGKILL)
        wait_until(self.postgres.answers, "PostgreSQL has recovered")

    def kill_postgres(self):
        self.postgres.kill()
        self.postgres.start()

    def kill_redis(self):
        self.redis.kill()
        self.redis.start()

    def expected(self):
        return sorted(cell for bot in self.bots for cell, there in bot.ledger.items() if there)

    def check_views(self):
        """All bots see what all ledgers say."""
        for looker in self.bots:
            for bot in self.bots:
                for (x, y), there in bot.ledger.items():
                    kinds = ["floor_tile"] if there else []
                    seen = looker.client.until(f"cell {x} {y}", lambda seen: seen["ok"])
                    if seen["entities"] != kinds:  # it may still be on its way
                        looker.client.until(
                            f"cell {x} {y}", lambda seen, kinds=kinds: seen["entities"] == kinds
                        )

    def check_database(self):
        rows = self.sql("SELECT cell_x, cell_y FROM cell_entities ORDER BY cell_x, cell_y")
        self.assertEqual(
            [(int(row["cell_x"]), int(row["cell_y"])) for row in rows], self.expected()
        )


if __name__ == "__main__":
    unittest.main()
