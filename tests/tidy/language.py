"""Names, state and what C code of ours may not do."""

import re

from .floors import FOLDERS
from .scan import TYPE_MAKERS
from .tree import folder_of, rule, stem_of

OURS = ("shared/", "server/")
PUBLIC_HEADER = "client-lib/include/tilth.h"
MUTABLE_FILES = {"shared/base/log.c", "shared/base/memory.c"}
HEAP_FILES = {"shared/base/memory.c", "shared/base/json.c", "shared/catalog/catalog.c"}
HEAP_CALLS = {"malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "strdup"}
BANNED = {"strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "gets", "alloca"}
VAGUE_NAMES = {"util", "utils", "misc", "helper", "helpers", "common", "manager"}
LOCKS = re.compile(r"pthread_(mutex|cond|rwlock|spin)\w*|(mtx|cnd)_\w+|sem_(init|wait|post)")
INTEGER_FOLDERS = ("shared/grid/", "shared/world/", "server/sim/")
SQL = re.compile(r'(?:u8|[uUL])?"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b')
CONVERSION = re.compile(r'%[-+ #0]*(\d+|\*)?(\.(\d+|\*))?(hh?|ll?|[jzt])?[sdiuxXcfg]|%"')
NOT_TYPES = {"return", "sizeof", "case", "else", "do", "goto", "if", "while", "for", "switch"}
QUALIFIERS = {"const", "volatile", "static", "extern", "_Atomic", "register", "restrict"}
STORAGE = {"static", "extern", "_Thread_local", "thread_local", "const", "volatile"}


def texts_of(tokens):
    return [token.text for token in tokens]


@rule("file_name")
def file_name(tree):
    for path in tree.paths:
        vague = VAGUE_NAMES & set(stem_of(path).split("_"))
        if path.endswith((".c", ".h", ".def", ".py", ".cmake")) and vague:
            yield path, 1, f"no file is named {vague.pop()}"


@rule("typedef")
def typedef(tree):
    for source in tree.sources():
        for word in source.words():
            if word.text == "typedef" and source.path != PUBLIC_HEADER:
                yield source.path, word.line, "no typedef"


def is_defined(before, after):
    """Is the word between the two being defined, and not used as a type?"""
    if before in ("struct", "union", "enum", "define"):
        return True
    is_declarator = before == "*" or before.isidentifier() and before not in QUALIFIERS | NOT_TYPES
    return is_declarator and after in (";", ",", "=", ")", "[", "(", ":")


@rule("t_suffix")
def t_suffix(tree):
    for source in tree.sources():
        for run in source.token_runs():
            texts = ["", *texts_of(run), ""]
            for i, token in enumerate(run, 1):
                if token.kind == "word" and token.text.endswith("_t"):
                    if is_defined(texts[i - 1], texts[i + 1]):
                        yield source.path, token.line, f"{token.text}: no name of ours ends in _t"


@rule("tilth_prefix")
def tilth_prefix(tree):
    for source in tree.sources(*OURS):
        for word in source.words():
            if word.text.startswith("tilth_"):
                yield source.path, word.line, f"{word.text}: tilth_ is the client library's"


def prefixes_of(tree, path):
    """What exported names may start with: the file's noun, or the header's that it shares."""
    if path.startswith("client-lib/src/"):
        return ["tilth"]
    folder, words = path.rsplit("/", 1)[0], stem_of(path).split("_")
    shorter = ["_".join(words[:n]) for n in range(1, len(words))]
    return [stem_of(path)] + [stem for stem in shorter if tree.has(f"{folder}/{stem}.h")]


def may_be_exported(name, path, prefixes):
    if name == "main":
        return folder_of(path) in ("main", "console", "client")
    return any(name == prefix or name.startswith(prefix + "_") for prefix in prefixes)


@rule("export_prefix")
def export_prefix(tree):
    for source in tree.sources(*FOLDERS):
        prefixes = ["tilth"] if source.path == PUBLIC_HEADER else prefixes_of(tree, source.path)
        what = "functions" if source.path.endswith(".c") else "prototypes"
        for f in source.merged(what):
            if not f.is_static and not may_be_exported(f.name, source.path, prefixes):
                text = f"{f.name} does not start with {' or '.join(p + '_' for p in prefixes)}"
                yield source.path, f.line, text


@rule("destroy_shape")
def destroy_shape(tree):
    for source in tree.headers(*FOLDERS):
        for f in source.merged("prototypes"):
            stars = [texts_of(param).count("*") for param in f.params]
            if f.name.endswith("_destroy") and source.path != PUBLIC_HEADER and stars != [2]:
                yield source.path, f.line, f"{f.name} takes one struct x **"


def name_of_param(param):
    """Its last word outside brackets: out_text of `char out_text[28]`."""
    texts = texts_of(param)
    end = texts.index("[") if "[" in texts else len(texts)
    return texts[end - 1] if end else ""


@rule("out_last")
def out_last(tree):
    for source in tree.headers(*FOLDERS):
        for f in source.merged("prototypes"):
            names = [name_of_param(param) for param in f.params]
            first = next((i for i, name in enumerate(names) if name.startswith("out_")), len(names))
            late = [n for n in names[first:] if not re.search(r"^out_|^error$|size|capacity", n)]
            if late:
                yield source.path, f.line, f"{f.name}: {late[0]} behind an out_ parameter"


def is_inside(index, ranges):
    return any(first < index < last for first, last in ranges)


def pointer_at(variant, i):
    """Index behind the parentheses of (*name), when tokens[i] opens one; else None."""
    tokens, close = variant.tokens, variant.match.get(i)
    inner = texts_of(tokens[i + 1 : close]) if close and tokens[i].text == "(" else []
    if inner[:1] != ["*"] or close + 1 >= len(tokens) or tokens[close + 1].text != "(":
        return None
    before = tokens[i - 1] if i else None
    is_word = before and before.kind == "word" and before.text not in NOT_TYPES
    is_name = re.fullmatch(r"\*( (const|volatile|_Atomic))*( \w+)?( \[.*\])*", " ".join(inner))
    return close if is_name and (is_word or before and before.text == "*") else None


@rule("function_pointer")
def function_pointer(tree):
    for source in tree.sources(*FOLDERS):
        for variant in filter(lambda v: v.is_readable, source.variants):
            bodies = [(j, variant.match[j]) for _, j in variant.aggregates("struct", "union")]
            for i, token in enumerate(variant.tokens):
                close = pointer_at(variant, i)
                inner = texts_of(variant.tokens[i:close]) if close else []
                is_table = "const" in inner and "[" in inner
                if close and not is_table and not is_inside(i, bodies):
                    yield source.path, token.line, "a function pointer outside a struct or table"


def declared_part(variant, start, end):
    """The declaration without attributes and dimensions, up to the =; bodies are written {}."""
    texts, i = [], start
    kept = set(variant.without_attributes(start, end))
    while i < end and variant.tokens[i].text != "=":
        text = variant.tokens[i].text
        is_type = text == "(" and texts[-1:] and texts[-1] in TYPE_MAKERS
        if text == "{":
            texts.append("{}")
        elif i in kept and text != "[" and not is_type:
            texts.append(text)
        i = variant.match[i] + 1 if text in ("{", "[") or is_type else i + 1
    return texts


def without_tag(texts):
    """The words of a declaration; `struct x {}` is one: struct."""
    words = [text for text in texts if text.isidentifier() or text == "{}"]
    words = [word for word in words if word not in STORAGE]
    if words and words[0] in ("struct", "union", "enum"):
        if words[1:2] != ["{}"]:
            del words[1:2]
        words = [word for word in words if word != "{}"]
    return words


def is_mutable(texts):
    """Does the declaration make a variable that is not const itself?"""
    if "typedef" in texts:
        return False
    if "(" in texts:
        return "( *" in " ".join(texts) and "( * const" not in " ".join(texts)
    stars = [i for i, text in enumerate(texts) if text == "*"]
    is_const = "const" in (texts[stars[-1] :] if stars else texts)
    return len(without_tag(texts)) > 1 and not is_const


def local_statics(variant):
    """(start, end) of the static declarations inside functions."""
    for f in variant.functions:
        texts = texts_of(variant.tokens[f.body : variant.match[f.body]])
        for i, text in enumerate(texts):
            if text == "static" and ";" in texts[i:]:
                yield f.body + i, f.body + texts.index(";", i)


@rule("mutable_state")
def mutable_state(tree):
    for source in tree.sources(*FOLDERS):
        if source.path in MUTABLE_FILES:
            continue
        for variant in filter(lambda v: v.is_readable, source.variants):
            for start, end in [*variant.declarations, *local_statics(variant)]:
                texts = declared_part(variant, start, end)
                if is_mutable(texts):
                    line = variant.tokens[start].line
                    yield source.path, line, f"mutable at file scope: {' '.join(texts)}"


@rule("banned_call")
def banned_call(tree):
    for source in tree.sources():
        for call in source.calls():
            if call.text in BANNED:
                yield source.path, call.line, f"{call.text} is banned"


@rule("heap_call")
def heap_call(tree):
    for source in tree.sources(*OURS, "client-lib/src/"):
        for call in source.calls():
            if call.text in HEAP_CALLS and source.path not in HEAP_FILES:
                yield source.path, call.line, f"{call.text}: memory comes from base/memory.h"


def attribute_words(run):
    """The words inside every __attribute__((...)) of the run."""
    depth = None
    for token in run:
        if token.text == "__attribute__":
            depth = 0
        elif depth is not None:
            depth += (token.text == "(") - (token.text == ")")
            yield token
            depth = depth or None


@rule("packed")
def packed(tree):
    for source in tree.sources():
        for run in source.token_runs():
            if texts_of(run[:2]) == ["pragma", "pack"]:
                yield source.path, run[0].line, "no packed structs: encode with wire"
            for token in attribute_words(run):
                if token.text in ("packed", "__packed__"):
                    yield source.path, token.line, "no packed structs: encode with wire"


@rule("goto_label")
def goto_label(tree):
    for source in tree.sources():
        for run in source.token_runs():
            for before, token in zip(run, run[1:]):
                if before.text == "goto" and not token.text.startswith("fail_"):
                    yield source.path, token.line, f"goto {token.text}: a ladder of fail_<what>"


@rule("lock")
def lock(tree):
    for source in tree.sources(*FOLDERS):
        for word in source.words():
            if LOCKS.fullmatch(word.text) and not source.path.startswith("shared/base/"):
                yield source.path, word.line, f"{word.text}: no locks outside shared/base"


@rule("integers_only")
def integers_only(tree):
    for source in tree.sources(*INTEGER_FOLDERS):
        for word in source.words():
            if word.text in ("float", "double"):
                yield source.path, word.line, f"{word.text}: world state is integers"


def enum_constants(tree):
    """The names in our tagged enums, and the prefixes that X-macros paste to (INTENT_##name)."""
    names, prefixes = set(), set()
    for source in tree.sources(suffixes=(".c", ".h", ".def")):
        for variant in filter(lambda v: v.is_readable, source.variants):
            for i, brace in variant.aggregates("enum"):
                if brace > i + 1:
                    parts = variant.split_list(brace)
                    names |= {part[0].text for part in parts if part[0].kind == "word"}
        for directive in source.directives:
            for word, paste in zip(directive.tokens, directive.tokens[1:]):
                if paste.text == "##" and re.fullmatch(r"[A-Z][A-Z0-9_]*_", word.text):
                    prefixes.add(word.text)
    return names, tuple(prefixes)


def labels_of(variant, opening):
    """(case words, line of default or None) of the switch body, without inner switches."""
    cases, default, i = [], None, opening + 1
    while i < variant.match[opening]:
        token = variant.tokens[i]
        if token.text == "switch":
            condition = variant.match.get(i + 1, i)
            i = variant.match.get(condition + 1, condition)
        elif token.text == "case":
            cases.append(variant.tokens[i + 1].text)
        elif token.text == "default" and variant.tokens[i + 1].text == ":":
            default = token.line
        i += 1
    return cases, default


@rule("enum_default")
def enum_default(tree):
    names, prefixes = enum_constants(tree)
    for source in tree.sources(*FOLDERS):
        for variant in filter(lambda v: v.is_readable, source.variants):
            for i, token in enumerate(variant.tokens):
                brace = variant.match.get(i + 1, i) + 1
                if token.text != "switch" or brace not in variant.match:
                    continue
                cases, default = labels_of(variant, brace)
                ours = [c for c in cases if c in names or prefixes and c.startswith(prefixes)]
                if default and ours:
                    yield source.path, default, f"default in a switch over {ours[0]} and the like"


def is_x_macro(directive):
    """#define LIST(X) X(a) X(b): a parameter that is called."""
    texts = texts_of(directive.tokens)
    if texts[:1] != ["define"] or texts[2:3] != ["("] or ")" not in texts:
        return False
    close = texts.index(")")
    params = {text for text in texts[3:close] if text.isidentifier()}
    body = texts[close + 1 :]
    return any(word in params and after == "(" for word, after in zip(body, body[1:]))


@rule("x_macro")
def x_macro(tree):
    for source in tree.sources(suffixes=(".c", ".h", ".def")):
        is_rows = source.path.endswith(".def")
        for directive in source.directives:
            if is_rows and directive.name == "include":
                yield source.path, directive.line, "a .def file includes nothing: one level"
            elif not is_rows and is_x_macro(directive):
                yield source.path, directive.line, "a list of rows belongs into a .def file"


@rule("sql_values")
def sql_values(tree):
    for source in tree.sources(*FOLDERS):
        for run in source.token_runs():
            statement = None
            for token in run:
                if token.kind == "string":
                    statement = statement or SQL.match(token.text)
                    if statement and CONVERSION.search(token.text):
                        yield source.path, token.line, "SQL with a value in it: use parameters"
                elif not token.text.startswith("PRI"):
                    statement = None
