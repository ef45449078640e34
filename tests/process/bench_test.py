"""`./tilth bench durability` with small counts: it runs, tells all its rows, and has done all that
it was asked to do. What it measures is not looked at."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from services import BINARIES, SOURCE

LOADS = ("20 records/s of 10 changes", "20 records/s of 1,000 changes", "20,000 records/s of 1")
CELLS, BURST = 1000, 200
ROWS = 2 * CELLS  # a cell is one, and the thing in it is another
CHUNKS = 5  # of 200 cells
COUNTS = ["--cells", str(CELLS), "--burst", str(BURST)]
LIMIT_S = 240


class BenchTest(unittest.TestCase):
    def test_small_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            numbers = Path(folder) / "numbers.json"
            program = [sys.executable, "-B", SOURCE / "tests/bench/durability.py"]
            places = {"TILTH_SOURCE_DIR": str(SOURCE), "TILTH_BINARY_DIR": str(BINARIES)}
            done = subprocess.run(
                [*program, "--quick", *COUNTS, "--json", numbers],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                env={**os.environ, **places},
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            facts = json.loads(numbers.read_text(encoding="utf-8"))
        self.check_table(done.stdout)
        self.check_journal(facts["journal"]["loads"])
        self.check_store(facts["store"]["phases"])
        self.check_tick(facts["tick"])

    def check_table(self, text):
        for word in ("processor: ", "kernel: ", "file system: ", "PostgreSQL: 1"):
            self.assertIn(word, text)
        for load in LOADS:
            self.assertEqual(text.count(f"| {load}"), 2, text)  # append, and durable
        for row in ("new", "there, with other values", "idle", "burst", "backup"):
            self.assertEqual(text.count(f"| {row} "), 1, text)
        self.assertRegex(text, "(met|missed): a third of COPY")

    def check_journal(self, loads):
        self.assertEqual(len(loads), len(LOADS))
        for load, records in zip(loads, (20, 20, 10000)):
            self.assertEqual((load["records"], load["bare"]), (records, records))
            self.assertGreater(load["syncs"], 0)
            self.assertGreater(load["durable_p50_ns"], 0)

    def check_store(self, phases):
        new, update = phases
        self.assertEqual((new["name"], update["name"]), ("new", "update"))
        for phase in phases:
            self.assertEqual(phase["cells"], CELLS)
            self.assertEqual(phase["rows"], ROWS + CHUNKS)
            self.assertEqual(phase["there"], ROWS + CHUNKS)
            self.assertGreater(phase["ratio"], 0)

    def check_tick(self, tick):
        self.assertEqual(tick["done"] + tick["refused"], BURST)
        self.assertGreater(tick["done"], 0)
        for name in ("idle", "burst"):
            self.assertGreater(tick["phases"][name]["ticks"], 0)


if __name__ == "__main__":
    unittest.main()
