"""What the journal costs the tick, and when a record is durable, beside a bare fdatasync."""

import json
import shutil
import subprocess

from services import BINARIES
from table import Table, median, microseconds, verdict

APPEND_NS_MAX = 1000
DURABLE_NS_P50_MAX = 1_000_000
DURABLE_NS_P99_MAX = 6_000_000


def run_round(folder, seconds):
    """A line of numbers for each load."""
    here = folder / "journal-bench"
    here.mkdir()
    program = BINARIES / "tests/bench/tilth-bench-journal"
    done = subprocess.run(
        [program, here, str(seconds)], capture_output=True, text=True, check=False, timeout=600
    )
    shutil.rmtree(here)
    if done.returncode != 0:
        raise AssertionError(f"{program}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def collect(rounds):
    """For each load the medians of its rounds; counts are those of all rounds together."""
    loads = []
    for lines in zip(*rounds):
        load = {name: median([line[name] for line in lines]) for name in lines[0] if "_ns" in name}
        load["ratio_p50"] = median([l["durable_p50_ns"] / l["bare_durable_p50_ns"] for l in lines])
        load["ratio_p99"] = median([l["durable_p99_ns"] / l["bare_durable_p99_ns"] for l in lines])
        load["records"] = sum(line["records"] for line in lines)
        load["syncs"] = sum(line["syncs"] for line in lines)
        loads.append({**lines[0], **load})
    return loads


def append_table(loads):
    table = Table(
        "Append: journal_reserve and journal_append on the tick's thread",
        *("load", "p50", "p99", "CPU", "CPU a change", "waking a thread, p50", "aim"),
    )
    for load in loads:
        cpu_of_change = load["append_cpu_ns"] / load["changes"]
        table.add(
            load["load"],
            microseconds(load["append_p50_ns"]),
            microseconds(load["append_p99_ns"]),
            microseconds(load["append_cpu_ns"]),
            microseconds(cpu_of_change),
            microseconds(load["wake_p50_ns"]),
            verdict(load["append_p50_ns"] <= APPEND_NS_MAX, "1 us a record")
            + ", "
            + verdict(cpu_of_change <= APPEND_NS_MAX, "1 us a change"),
        )
    return table


def durable_verdict(load):
    """Where the disk alone takes too long, that is said too."""

    def is_met(name):
        p50_ns, p99_ns = load[f"{name}_p50_ns"], load[f"{name}_p99_ns"]
        return p50_ns <= DURABLE_NS_P50_MAX and p99_ns <= DURABLE_NS_P99_MAX

    words = verdict(is_met("durable"), "p50 1 ms, p99 6 ms")
    return words if is_met("bare_durable") else f"{words} (bare: missed)"


def durable_table(loads):
    table = Table(
        "Durable: from journal_append until durable_seq says so; beside it, turn by turn, the same"
        " bytes with write and fdatasync",
        *("load", "p50", "p99", "bare p50", "bare p99", "ratio p50", "ratio p99", "aim"),
    )
    for load in loads:
        names = ("durable_p50_ns", "durable_p99_ns", "bare_durable_p50_ns", "bare_durable_p99_ns")
        table.add(
            load["load"],
            *(microseconds(load[name]) for name in names),
            f"{load['ratio_p50']:.2f}",
            f"{load['ratio_p99']:.2f}",
            durable_verdict(load),
        )
    return table


def run(folder, options, say):
    rounds = []
    for number in range(options.rounds):
        say(f"journal, round {number + 1} of {options.rounds}")
        rounds.append(run_round(folder, options.journal_s))
    loads = collect(rounds)
    return {"loads": loads}, [append_table(loads), durable_table(loads)]
