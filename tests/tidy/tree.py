"""The files that the rules read, and the table of the rules."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from .scan import Source

C_SUFFIXES = (".c", ".h", ".def")
CODE_SUFFIXES = (*C_SUFFIXES, ".py", ".sql", ".cmake", ".sh")
TEXT_SUFFIXES = (*CODE_SUFFIXES, ".md", ".json", ".txt", ".yml", ".yaml", ".in", ".html", ".css")
SKIPPED_FOLDERS = {".git", "build", "var", "__pycache__", "corpus", "golden"}
RULES = {}


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


def rule(name):
    """Registers a function that takes a Tree and yields (path, line, message)."""

    def register(function):
        RULES[name] = function
        return function

    return register


class Tree:
    """A project's files by path from its root; C files are scanned once."""

    def __init__(self, root):
        self.root = Path(root)
        self.paths = sorted(path for path in self._list() if self._is_ours(path))
        self._known = set(self.paths)
        self._texts, self._sources = {}, {}

    def _list(self):
        if (self.root / ".git").exists():
            command = ["git", "-C", self.root, "ls-files", "-z", "-co", "--exclude-standard"]
            listed = subprocess.run(command, capture_output=True, text=True)
            if listed.returncode == 0:
                return [path for path in set(listed.stdout.split("\0")) if path]
        return [
            (Path(folder) / name).relative_to(self.root).as_posix()
            for folder, _, names in os.walk(self.root)
            for name in names
        ]

    def _is_ours(self, path):
        full = self.root / path
        return not SKIPPED_FOLDERS & set(path.split("/")) and full.is_file()

    def has(self, path):
        return path in self._known

    def text(self, path):
        """The file's text, or None when it is not text."""
        if path not in self._texts:
            raw = (self.root / path).read_bytes()
            try:
                self._texts[path] = None if b"\0" in raw else raw.decode()
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def texts(self, suffixes=TEXT_SUFFIXES):
        """(path, text) of the files that people write."""
        for path in self.paths:
            is_wanted = path.endswith(suffixes) or self._has_no_suffix(path, suffixes)
            if is_wanted and (text := self.text(path)) is not None:
                yield path, text

    def _has_no_suffix(self, path, suffixes):
        if "." in path.rsplit("/", 1)[-1].lstrip(".") or ".sh" not in suffixes:
            return False
        return (self.text(path) or "").startswith("#!")

    def sources(self, *folders, suffixes=(".c", ".h")):
        """The C files below the folders (all when none is named)."""
        for path in self.paths:
            if path.endswith(suffixes) and (not folders or path.startswith(folders)):
                yield self._source(path)

    def headers(self, *folders):
        return self.sources(*folders, suffixes=(".h",))

    def _source(self, path):
        if path not in self._sources:
            self._sources[path] = Source(path, self.text(path) or "")
        return self._sources[path]


def stem_of(path):
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def folder_of(path):
    """The floor a file belongs to: base, sim, console, main (server/main.c), client, tests."""
    parts = path.split("/")
    if parts[0] in ("shared", "server"):
        return parts[1] if len(parts) > 2 else "main"
    return "client" if parts[0] == "client-lib" else parts[0]


def check(tree, names=None):
    """All findings, each once, in order of place."""
    found = set()
    for name in names or RULES:
        found |= {Finding(path, line, name, text) for path, line, text in RULES[name](tree)}
    return sorted(found)
