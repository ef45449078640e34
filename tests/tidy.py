#!/usr/bin/env python3
"""Checks the house rules that a script can check; docs name them, tests/tidy/ holds them.

    tests/tidy.py [--root FOLDER]   prints `path:line: rule: message`, exits with 1 on findings
    tests/tidy.py --self-test       proves on small examples that every rule fires, and only then

A finding that has to stay for now is an entry in tests/tidy_allow.txt: rule path reason.
"""

import argparse
import sys
from pathlib import Path

from tidy import allow, floors, language, self_test, shape, tree  # noqa: F401 (they add rules)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--self-test", action="store_true")
    return parser.parse_args()


def run(root):
    project = tree.Tree(root)
    findings = allow.apply(project, tree.check(project))
    for finding in findings:
        print(finding)
    lengths = shape.function_lengths(project)
    files = len(list(project.sources()))
    print(
        f"tidy: {len(findings)} findings by {len(tree.RULES)} rules in {len(project.paths)} files,"
        f" {files} of them C; {len(lengths)} functions,"
        f" 95th percentile {shape.percentile_95(lengths)} lines"
    )
    return 1 if findings else 0


def main():
    options = arguments()
    return self_test.run() if options.self_test else run(options.root)


if __name__ == "__main__":
    sys.exit(main())
