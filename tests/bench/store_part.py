"""How many rows a second the store applies, beside COPY of the same rows into the same tables."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from services import BINARIES, SOURCE
from table import Table, median, verdict

TABLES = ("cell_changes", "cell_entities", "chunks")
STORE_OF_COPY_MIN = 1 / 3
MARK = "@@ done"


class Session:
    """psql with one connection that stays, so that its backend's CPU time can be read."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.backend = int(self.do("SELECT pg_backend_pid();")[0])

    def do(self, line):
        self.process.stdin.write(f"{line}\n\\echo {MARK}\n")
        self.process.stdin.flush()
        said = []
        for answer in self.process.stdout:
            if answer.strip() == MARK:
                return said
            said.append(answer.strip())
        raise AssertionError(f"psql: {line}: {said}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)


def cpu_ns(pid):
    """What the process has used by now."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])


class StoreBench:
    """tilth-bench-store on a database of its own."""

    def __init__(self, postgres, folder, database, cells):
        self.postgres, self.database = postgres, database
        self.folder = folder / database
        self.folder.mkdir()
        postgres.create(database)
        self.url = postgres.url(database)
        self.program = subprocess.Popen(
            [BINARIES / "tests/bench/tilth-bench-store", self.url, self.folder, str(cells)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TILTH_SOURCE_DIR": str(SOURCE)},
        )
        self.read()
        self.session = Session(self.url)
        backend = "SELECT pid FROM pg_stat_activity WHERE application_name = 'store'"
        self.backend = int(self.session.do(f"{backend} AND datname = '{database}';")[0])
        self.columns = {table: self.columns_of(table) for table in TABLES}
        for table in TABLES:
            self.session.do(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL);")

    def read(self):
        line = self.program.stdout.readline()
        if line == "":
            raise AssertionError("tilth-bench-store has ended, and said why above")
        return json.loads(line)

    def columns_of(self, table):
        sql = (
            "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position)"
            f" FROM information_schema.columns WHERE table_name = '{table}'"
            " AND is_generated = 'NEVER';"
        )
        return self.session.do(sql)[0]

    def apply(self):
        """The store applies the next part of its journal."""
        before_ns = cpu_ns(self.backend)
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        answer = self.read()
        answer["backend_cpu_ns"] = cpu_ns(self.backend) - before_ns
        return answer

    def copy(self):
        """The rows that the store has written, into tables like its own."""
        for table in TABLES:
            self.session.do(f"TRUNCATE copy_{table};")
            path = self.folder / table
            columns = self.columns[table]
            self.session.do(f"\\copy {table} ({columns}) TO '{path}' (FORMAT binary)")
        before_ns, since_s = cpu_ns(self.session.backend), time.monotonic()
        for table in TABLES:
            path = self.folder / table
            columns = self.columns[table]
            self.session.do(f"\\copy copy_{table} ({columns}) FROM '{path}' (FORMAT binary)")
        took_s = time.monotonic() - since_s
        used_ns = cpu_ns(self.session.backend) - before_ns
        counts = " + ".join(f"(SELECT count(*) FROM copy_{table})" for table in TABLES)
        rows = int(self.session.do(f"SELECT {counts};")[0])
        return {"rows": rows, "ns": took_s * 1e9, "backend_cpu_ns": used_ns}

    def rows(self):
        counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
        return int(self.session.do(f"SELECT {counts};")[0])

    def close(self):
        self.session.close()
        self.program.stdin.close()
        self.program.wait(60)
        self.program.stdout.close()
        shutil.rmtree(self.folder)
        self.postgres.query(f"DROP DATABASE {self.database}", "postgres")


def run_round(postgres, folder, number, cells):
    """Store, COPY, store, COPY: new rows, then the same ones with other values."""
    bench = StoreBench(postgres, folder, f"bench_{number}", cells)
    bench.session.do("CHECKPOINT;")  # so that none comes by itself: a round writes less WAL
    phases = {}
    for name in ("new", "update"):
        store = bench.apply()
        there = bench.rows()
        copy = bench.copy()
        if not there == copy["rows"]:
            raise AssertionError(f"{there} rows in the tables, {copy['rows']} copied")
        phases[name] = {"store": store, "copy": copy, "there": there}
    bench.close()
    return phases


def rate(part):
    return part["rows"] / part["ns"] * 1e9


def us_a_row(part, name):
    return part[name] / part["rows"] / 1000


def collect(rounds, name):
    """The medians of all rounds."""
    parts = [phases[name] for phases in rounds]
    return {
        "name": name,
        "cells": parts[0]["store"]["cells"],
        "rows": parts[0]["store"]["rows"],
        "there": parts[0]["there"],
        "store": median([rate(part["store"]) for part in parts]),
        "copy": median([rate(part["copy"]) for part in parts]),
        "ratio": median([rate(part["store"]) / rate(part["copy"]) for part in parts]),
        "client_us": median([us_a_row(part["store"], "cpu_ns") for part in parts]),
        "backend_us": median([us_a_row(part["store"], "backend_cpu_ns") for part in parts]),
        "copy_us": median([us_a_row(part["copy"], "backend_cpu_ns") for part in parts]),
    }


def tell(phases):
    table = Table(
        "Applied: the store brings a journal of changed cells into PostgreSQL; beside it COPY of"
        " the same rows into empty tables like those",
        *("rows", "cells", "rows applied", "store rows/s", "COPY rows/s", "ratio", "store CPU/row"),
        *("backend CPU/row", "COPY's", "aim"),
    )
    words = {"new": "new", "update": "there, with other values"}
    for phase in phases:
        table.add(
            words[phase["name"]],
            f"{phase['cells']:,}",
            f"{phase['rows']:,}",
            f"{phase['store']:,.0f}",
            f"{phase['copy']:,.0f}",
            f"{phase['ratio']:.2f}",
            f"{phase['client_us']:.2f} us",
            f"{phase['backend_us']:.2f} us",
            f"{phase['copy_us']:.2f} us",
            verdict(phase["ratio"] >= STORE_OF_COPY_MIN, "a third of COPY"),
        )
    return table


def run(postgres, folder, options, say):
    rounds = []
    for number in range(options.rounds):
        say(f"store, round {number + 1} of {options.rounds}")
        rounds.append(run_round(postgres, folder, number, options.cells))
    phases = [collect(rounds, name) for name in ("new", "update")]
    return {"phases": phases}, [tell(phases)]
