"""How long the ticks of a running server take: idle, in a burst of changed cells, in a backup.

Times are the server's own counts (`status` on the console): what was added between two looks.
"""

import collections
import json
import subprocess
import time

from services import BINARIES, Server
from table import Table, median, microseconds

SETTINGS = {
    "reach_px": 1000,
    "speed_px_s": 512,
    "intents_s_max": 10000,
    "intents_per_tick_max": 4096,
    "client_datagrams_s_max": 2000,
    "client_bytes_s_max": 1 << 20,
    "journal_segment_bytes": 64 << 20,
    "journal_ring_bytes": 16 << 20,
    "chunks_max": 2048,
}
BACKUP = "backup now"


class Builders:
    """Many clients in one program; see builders.c."""

    def __init__(self, server, count):
        address, port = server.address.split(":")
        self.program = subprocess.Popen(
            [BINARIES / "tests/bench/tilth-bench-builders", address, port, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts = self.read()

    def read(self):
        line = self.program.stdout.readline()
        if line == "":
            raise AssertionError("tilth-bench-builders has ended, and said why above")
        return json.loads(line)

    def build(self, count):
        self.program.stdin.write(f"{count}\n")
        self.program.stdin.flush()
        return self.read()

    def close(self):
        self.program.stdin.close()
        self.program.wait(60)
        self.program.stdout.close()


def counts_of(server):
    """Ticks by the longest time of their bucket, in microseconds."""
    times = server.ask("status")["tick_times"]
    return collections.Counter({entry["us"]: entry["ticks"] for entry in times})


def percentile(counts, percent):
    wanted, seen = counts.total() * percent / 100, 0
    for us in sorted(counts):
        seen += counts[us]
        if seen >= wanted:
            return us
    return 0


def watched(server, work):
    """The ticks while work() is under way, and what it returns."""
    before = counts_of(server)
    result = work()
    return counts_of(server) - before, result


def has_backup(server):
    """Is there the command?"""
    return any(command["name"] == BACKUP for command in server.ask("help"))


def back_up(server):
    answer = server.console(BACKUP)
    if answer.code != 0:
        raise AssertionError(f"{BACKUP}: {answer.text}")


class Phases:
    """Ticks of each phase, in each round."""

    def __init__(self):
        self.rounds = collections.defaultdict(list)
        self.bursts = []

    def add(self, name, counts):
        self.rounds[name].append(counts)

    def facts(self, name):
        rounds = self.rounds[name]
        pairs = list(zip(rounds, self.rounds["idle"]))
        facts = {"ticks": sum(counts.total() for counts in rounds)}
        for percent in (50, 99):
            of_rounds = [percentile(counts, percent) for counts in rounds]
            ratios = [
                percentile(counts, percent) / max(1, percentile(idle, percent))
                for counts, idle in pairs
            ]
            facts[f"p{percent}_us"] = median(of_rounds)
            facts[f"ratio_p{percent}"] = median(ratios)
        facts["max_us"] = max(max(counts, default=0) for counts in rounds)
        return facts


def run_rounds(server, builders, options, say):
    phases, can_back_up = Phases(), has_backup(server)
    for number in range(options.rounds):
        say(f"tick, round {number + 1} of {options.rounds}")
        phases.add("idle", watched(server, lambda: time.sleep(options.idle_s))[0])
        counts, burst = watched(server, lambda: builders.build(options.burst))
        phases.add("burst", counts)
        phases.bursts.append(burst)
        server.must("save")
        if can_back_up:
            phases.add("backup", watched(server, lambda: back_up(server))[0])
    return phases


def tell(phases, builders, options):
    sums = {name: sum(burst[name] for burst in phases.bursts) for name in ("done", "refused")}
    per_s = median([burst["done"] / burst["us"] * 1e6 for burst in phases.bursts])
    table = Table(
        f"Tick: a server with {builders['builders']} players of one program, each at a place of its"
        f" own; a burst is {options.burst:,} cells changed by them (placed, removed), at"
        f" {per_s:,.0f} changes/s",
        *("phase", "ticks", "p50", "p99", "longest", "p50 to idle", "p99 to idle"),
    )
    for name in ("idle", "burst", "backup"):
        if name not in phases.rounds:
            table.add(name, f"not measured: the console has no command '{BACKUP}'")
            continue
        facts = phases.facts(name)
        times = [microseconds(facts[key] * 1000) for key in ("p50_us", "p99_us", "max_us")]
        ratios = [f"{facts[key]:.2f}" for key in ("ratio_p50", "ratio_p99")]
        table.add(name, facts["ticks"], *times, *ratios)
    return {**sums, "phases": {name: phases.facts(name) for name in phases.rounds}}, [table]


def run(postgres, redis, folder, options, say):
    postgres.create("tick")
    places = {"database_url": postgres.url("tick"), "redis_url": redis.url}
    server = Server(folder / "tick", {**places, **SETTINGS}).start()
    try:
        builders = Builders(server, options.builders)
        phases = run_rounds(server, builders, options, say)
        builders.close()
        server.stop()
    finally:
        server.kill()
    return tell(phases, builders.facts, options)
