"""Proves on the examples that every rule fires where it must and is silent where it must be."""

import tempfile
from pathlib import Path

from . import allow
from .examples import EXAMPLES
from .tree import RULES, Tree, check


def findings_in(files, rule):
    """What the rule (or the allow-list, over all of them) finds in a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            place = Path(folder) / path
            if path != ".":
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
        tree = Tree(folder)
        if rule in RULES:
            return check(tree, [rule])
        found = allow.apply(tree, check(tree, ["tab"]))
        return [finding for finding in found if finding.rule == rule]


def complaints():
    """One line for each rule that is not proved."""
    for rule in RULES.keys() ^ (EXAMPLES.keys() - {"allow_list"}):
        yield f"{rule}: has no example, or is none"
    for rule, (bad, good) in EXAMPLES.items():
        for files in bad if isinstance(bad, list) else [bad]:
            place = next(iter(files))
            if place not in [finding.path for finding in findings_in(files, rule)]:
                yield f"{rule}: does not fire on its bad example {files}"
        for finding in findings_in(good, rule):
            yield f"{rule}: fires on its good example: {finding}"


def run():
    failures = list(complaints())
    for failure in failures:
        print(failure)
    print(f"tidy --self-test: {len(EXAMPLES)} rules tried, {len(failures)} failures")
    return 1 if failures else 0
