"""Sizes, blanks and words: the numbers of the style paper."""

import re

from .scan import Nesting
from .tree import CODE_SUFFIXES, C_SUFFIXES, rule

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_P95 = 45
FUNCTIONS_FOR_P95 = 20  # below this many the percentile is only the longest function
PARAMETERS_MAX = 5
NESTING_MAX = 3
FILE_LINES_MAX = 800
HEADER_LINES_MAX = 250
LINE_CHARS_MAX = 100
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
PRIVATE_PATH = re.compile(r"(?<![\w.])/wor" r"k/")


def lines_of(function):
    return function.end_line - function.line + 1


def function_lengths(tree):
    return sorted(lines_of(f) for s in tree.sources() for f in s.merged("functions"))


def percentile_95(lengths):
    """The nearest rank; 0 of nothing."""
    return lengths[-(-len(lengths) * 95 // 100) - 1] if lengths else 0


@rule("unreadable")
def unreadable(tree):
    for source in tree.sources():
        for variant in source.variants:
            if not variant.is_readable:
                yield source.path, 1, "brackets do not fit in some branch of its #ifs"
            for line in variant.strange:
                yield source.path, line, "neither a function nor a type nor a value"


@rule("function_length")
def function_length(tree):
    for source in tree.sources():
        for f in source.merged("functions"):
            if lines_of(f) > FUNCTION_LINES_MAX:
                text = f"{f.name} has {lines_of(f)} lines, at most {FUNCTION_LINES_MAX}"
                yield source.path, f.line, text


@rule("function_p95")
def function_p95(tree):
    lengths = function_lengths(tree)
    p95 = percentile_95(lengths)
    if len(lengths) >= FUNCTIONS_FOR_P95 and p95 > FUNCTION_LINES_P95:
        yield ".", 0, f"95 of 100 functions have up to {p95} lines, at most {FUNCTION_LINES_P95}"


@rule("parameters")
def parameters(tree):
    """A function that a header declares is reported there, once."""
    declared = {f.name for s in tree.headers() for f in s.merged("prototypes")}
    for source in tree.sources():
        functions = [f for f in source.merged("functions") if f.name not in declared]
        if source.path.endswith(".h"):
            functions += source.merged("prototypes")
        for f in functions:
            if len(f.params) > PARAMETERS_MAX:
                text = f"{f.name} has {len(f.params)} parameters, at most {PARAMETERS_MAX}"
                yield source.path, f.line, text


@rule("nesting")
def nesting(tree):
    for source in tree.sources():
        for variant in source.variants:
            for f in variant.functions:
                deepest = Nesting(variant, f)
                if deepest.depth > NESTING_MAX:
                    text = f"{f.name} nests {deepest.depth} deep, at most {NESTING_MAX}"
                    yield source.path, deepest.line, text


@rule("file_length")
def file_length(tree):
    for path, text in tree.texts(CODE_SUFFIXES):
        limit = HEADER_LINES_MAX if path.endswith(".h") else FILE_LINES_MAX
        count = text.count("\n")
        if count > limit:
            yield path, limit + 1, f"{count} lines, at most {limit}"


@rule("line_length")
def line_length(tree):
    for path, text in tree.texts(CODE_SUFFIXES):
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_CHARS_MAX:
                yield path, number, f"{len(line)} characters, at most {LINE_CHARS_MAX}"


@rule("tab")
def tab(tree):
    for path, text in tree.texts():
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                yield path, number, "a tab"


@rule("trailing_blank")
def trailing_blank(tree):
    for path, text in tree.texts():
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield path, number, "blanks at the end of the line"


@rule("end_newline")
def end_newline(tree):
    for path, text in tree.texts():
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield path, text.count("\n") + 1, "does not end in exactly one newline"


@rule("unfinished")
def unfinished(tree):
    for path, text in tree.texts(C_SUFFIXES):
        for number, line in enumerate(text.split("\n"), 1):
            if match := UNFINISHED.search(line):
                yield path, number, f"{match.group()}: finish it or drop it"


@rule("private_path")
def private_path(tree):
    for path in tree.paths:
        for number, line in enumerate((tree.text(path) or "").split("\n"), 1):
            if PRIVATE_PATH.search(line):
                yield path, number, "names a path of one machine"
