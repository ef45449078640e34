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
# Another world's rows, so that a backup takes its time.
BALLAST = """
INSERT INTO worlds (name, terrain_seed, rule_seed, generator_version) VALUES ('ballast', 1, 1, 1);
INSERT INTO cell_changes (world_id, chunk_x, chunk_y, cell, replaced, tick, changed_at)
SELECT w.id, n / 200 / 64, n / 200 % 64, n % 200 * 20, 0, 1, now()
FROM worlds w, generate_series(0, {rows} / 2 - 1) n WHERE w.name = 'ballast';
INSERT INTO cell_entities (world_id, chunk_x, chunk_y, cell, id, type, image_config_id, placer_id,
    tick, changed_at)
SELECT world_id, chunk_x, chunk_y, cell, (chunk_x * 64 + chunk_y) * 4096 + cell + 1, 1, 0, 0, 1,
    now()
FROM cell_changes WHERE world_id = (SELECT id FROM worlds WHERE name = 'ballast');
"""



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


def prepare_backups(server, postgres, rows):
    """From now on only those that are asked for, of a database that has something to save."""
    server.must("backup stop")
    postgres.query(BALLAST.format(rows=rows), "tick")
    for table in ("cell_changes", "cell_entities"):
        postgres.query(f"VACUUM ANALYZE {table}", "tick")


def back_up(server, seconds):
    """One backup after the other for so long, at least one; how many."""
    end_s, count = time.monotonic() + seconds, 0
    while count == 0 or time.monotonic() < end_s:
        server.must(BACKUP)
        count += 1
    return count


class Phases:
    """Ticks of each phase, in each round."""

    def __init__(self):
        self.rounds = collections.defaultdict(list)
        self.bursts = []
        self.backups = 0

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
    phases = Phases()
    for number in range(options.rounds):
        say(f"tick, round {number + 1} of {options.rounds}")
        phases.add("idle", watched(server, lambda: time.sleep(options.idle_s))[0])
        counts, burst = watched(server, lambda: builders.build(options.burst))
        phases.add("burst", counts)
        phases.bursts.append(burst)
        server.must("save")
        if has_backup(server):
            counts, made = watched(server, lambda: back_up(server, options.idle_s))
            phases.add("backup", counts)
            phases.backups += made
    return phases


def tell(phases, builders, options):
    sums = {name: sum(burst[name] for burst in phases.bursts) for name in ("done", "refused")}
    per_s = median([burst["done"] / burst["us"] * 1e6 for burst in phases.bursts])
    table = Table(
        f"Tick: a server with {builders['builders']} players of one program, each at a place of its"
        f" own. A burst is {options.burst:,} cells changed by them (placed, removed), at"
        f" {per_s:,.0f} changes/s; backups, {phases.backups} in all, are made one after the other"
        f" of a database that has another world with {options.ballast:,} rows too",
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
    sums["backups"] = phases.backups
    return {**sums, "phases": {name: phases.facts(name) for name in phases.rounds}}, [table]


def run(postgres, redis, folder, options, say):
    postgres.create("tick")
    places = {"database_url": postgres.url("tick"), "redis_url": redis.url}
    server = Server(folder / "tick", {**places, **SETTINGS}).start()
    try:
        if has_backup(server):
            prepare_backups(server, postgres, options.ballast)
        builders = Builders(server, options.builders)
        phases = run_rounds(server, builders, options, say)
        builders.close()
        server.stop()
    finally:
        server.kill()
    return tell(phases, builders.facts, options)
