#!/usr/bin/env python3
"""./tilth bench durability: what it costs that nothing is lost.

Three parts, each with what it is compared with beside it in the same run: the journal and a bare
fdatasync, the store and COPY, the ticks in a burst or a backup and the idle ones. PostgreSQL and
Redis are private ones, in a folder below TMPDIR (/tmp); PostgreSQL has its own defaults, so it
syncs. Numbers are medians of rounds; aims are printed and nothing fails because of them.
"""

import argparse
import datetime
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.pop("TILTH_TEST_CLUSTERS", None)  # those of tests may be in memory
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "process")]

import journal_part  # noqa: E402 (the path comes first)
import store_part  # noqa: E402
import table  # noqa: E402
import tick_part  # noqa: E402
from services import Postgres, Redis  # noqa: E402

USUAL = {
    "rounds": 5,
    "journal_s": 10,
    "cells": 200000,
    "builders": 16,
    "idle_s": 10,
    "burst": 100000,
    "ballast": 1000000,
}
QUICK = {
    "rounds": 1,
    "journal_s": 1,
    "cells": 2000,
    "builders": 2,
    "idle_s": 1,
    "burst": 200,
    "ballast": 1000,
}
PARTS = ("journal", "store", "tick")


def arguments():
    parser = argparse.ArgumentParser(prog="./tilth bench durability")
    parser.add_argument("--quick", action="store_true", help="small counts: does it run at all?")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there too")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    for name, value in USUAL.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, help=f"usually {value:,}")
    options = parser.parse_args()
    for name, value in (QUICK if options.quick else USUAL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.part = options.part or PARTS
    return options


def say(words):
    print(f"      {words}", file=sys.stderr, flush=True)


def run_parts(folder, postgres, redis, options):
    """The numbers and the tables of all parts."""
    runs = {
        "journal": lambda: journal_part.run(folder, options, say),
        "store": lambda: store_part.run(postgres, folder, options, say),
        "tick": lambda: tick_part.run(postgres, redis, folder, options, say),
    }
    facts, tables = {}, []
    for name in options.part:
        facts[name], own = runs[name]()
        tables += own
    return facts, tables


def print_all(machine, tables, options):
    now = datetime.datetime.now(datetime.timezone.utc)
    print(f"durability, {now:%Y-%m-%d %H:%M} UTC, medians of {options.rounds} rounds\n")
    for name, value in machine.items():
        print(f"{name}: {value}")
    for each in tables:
        each.print()


def main():
    options = arguments()
    folder = Path(tempfile.mkdtemp(prefix="tilth-bench-"))
    folder.chmod(0o755)
    postgres = Postgres(settings=())
    redis = Redis(folder)
    try:
        machine = table.machine(folder)
        postgres.start()
        redis.start()
        machine["PostgreSQL"] = postgres.value("SHOW server_version", "postgres")
        facts, tables = run_parts(folder, postgres, redis, options)
    finally:
        postgres.stop()
        redis.kill()
        shutil.rmtree(postgres.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    print_all(machine, tables, options)
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, **facts}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
