"""What a bench prints: rows of a table, facts of the machine, and whether an aim is met."""

import os
import platform
import statistics
import subprocess


def median(values):
    return statistics.median(values) if values else 0.0


def verdict(is_met, aim):
    """An aim in words; it is printed, and nothing ends because of it."""
    return f"{'met' if is_met else 'missed'}: {aim}"


def microseconds(ns):
    us = ns / 1000
    if us >= 1000:
        return f"{us / 1000:.2f} ms"
    return f"{us:.1f} us" if us >= 10 else f"{us:.3g} us"


class Table:
    """Rows of text under heads, printed with all columns as wide as they need to be."""

    def __init__(self, title, *heads):
        self.title, self.rows = title, [heads]

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def print(self):
        count = max(map(len, self.rows))
        rows = [[*row, *[""] * (count - len(row))] for row in self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(count)]
        print(f"\n{self.title}\n")
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths)]
            print(f"| {' | '.join(cells)} |")
            if number == 0:
                print(f"|{'|'.join('-' * (width + 2) for width in widths)}|")


def file_system(folder):
    """Its kind and the device under the folder, as df tells."""
    done = subprocess.run(
        ["df", "--output=fstype,source", str(folder)], capture_output=True, text=True, check=False
    )
    return " on ".join(done.stdout.splitlines()[-1].split()) if done.stdout else "unknown"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def machine(folder):
    """What the numbers depend on, in a line each."""
    return {
        "processor": f"{os.cpu_count()} x {processor()}",
        "kernel": platform.release(),
        "file system": f"{file_system(folder)}, folder {folder}",
        "load at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }
