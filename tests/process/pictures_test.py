"""1,000 pictures of 1,000 things reach a player who comes, and the tick has no work with them.

Two recordings are made, one with pictures and one without, and replayed under callgrind, which
counts the instructions of the ticks alone. Instructions do not wobble; time would.
"""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from services import BINARIES, HANG_S

RECORDER = BINARIES / "tests/process/tilth-pictures-recorder"
SERVER = BINARIES / "server/tilth-server"
SHARE_MAX = 0.02


def is_sanitized():
    return "-fsanitize" in (BINARIES / "CMakeCache.txt").read_text()


def count_instructions(recording, out):
    """Of all ticks of the recording."""
    command = [
        "valgrind",
        "--tool=callgrind",
        "--toggle-collect=tick_run",
        f"--callgrind-out-file={out}",
        SERVER,
        "replay",
        recording,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=HANG_S * 5)
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)[1])


class PicturesTest(unittest.TestCase):
    @unittest.skipIf(is_sanitized(), "valgrind does not run sanitized programs")
    def test_the_tick_has_no_work_with_pictures(self):
        counts = {}
        with tempfile.TemporaryDirectory() as folder:
            for kind in ("with", "without"):
                recording = Path(folder) / f"{kind}.rec"
                done = subprocess.run(
                    [RECORDER, kind, recording], capture_output=True, text=True, check=True
                )
                print(kind, done.stdout.strip())
                counts[kind] = count_instructions(recording, Path(folder) / f"{kind}.out")
        print("instructions:", counts)
        share = counts["with"] / counts["without"] - 1
        print(f"with pictures: {share:+.2%}")
        self.assertLessEqual(abs(share), SHARE_MAX)


if __name__ == "__main__":
    unittest.main()
