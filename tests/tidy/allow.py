"""The allow-list: what is still let pass, and why. It may only shrink."""

import re
from typing import NamedTuple

from .tree import RULES, Finding

PATH = "tests/tidy_allow.txt"


class Entry(NamedTuple):
    line: int
    rule: str
    path: str


def read(tree):
    """The entries, and what is wrong with the list itself."""
    text = tree.text(PATH) if tree.has(PATH) else None
    if text is None:
        return [], []
    first, *rest = text.split("\n")
    entries, findings = [], []
    for number, line in enumerate(rest, 2):
        fields = line.split(None, 2)
        if len(fields) == 3 and fields[0] in RULES:
            entries.append(Entry(number, fields[0], fields[1]))
        elif line and not line.startswith("#"):
            findings.append(complaint(number, "an entry is: rule path reason"))
    limit = re.fullmatch(r"# at most (\d+) entr(y|ies)", first)
    if not limit:
        findings.append(complaint(1, "the first line is: # at most N entries"))
    elif len(entries) != int(limit.group(1)):
        text = f"{len(entries)} entries; the list may only shrink, and its first line with it"
        findings.append(complaint(1, text))
    return entries, findings


def complaint(line, text):
    return Finding(PATH, line, "allow_list", text)


def apply(tree, findings):
    """The findings that no entry allows, and a finding for each entry that allows nothing."""
    entries, left = read(tree)
    allowed = {(entry.rule, entry.path) for entry in entries}
    present = {(finding.rule, finding.path) for finding in findings}
    left += [f for f in findings if (f.rule, f.path) not in allowed]
    for entry in entries:
        if (entry.rule, entry.path) not in present:
            left.append(complaint(entry.line, f"{entry.rule} {entry.path} is not needed any more"))
    return sorted(left)
