"""Reads C well enough for the house rules: tokens, comments, directives, functions.

No preprocessor: where a file has #else, each branch is read in a variant of its own.
"""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""(?P<newline>\n)
    |(?P<space>(?:[ \t\r\f\v]|\\\n)+)
    |(?P<comment>/\*.*?(?:\*/|\Z)|//(?:\\\n|[^\n])*)
    |(?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    |(?P<char>[uUL]?'(?:\\.|[^'\\\n])+')
    |(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<punct>\.\.\.|->|\#\#|[-+*/%&|^=!<>]=|&&|\|\||<<|>>|\+\+|--|.)""",
    re.X | re.S,
)
CLOSER = {"(": ")", "[": "]", "{": "}"}
ATTRIBUTES = ("__attribute__", "_Alignas", "alignas", "__declspec")
TYPE_MAKERS = ("_Atomic", "typeof", "__typeof__")


class Token(NamedTuple):
    kind: str  # word, number, string, char or punct
    text: str
    line: int


class Comment(NamedTuple):
    line: int
    end_line: int
    text: str
    is_alone: bool  # nothing but blanks before it on its line


class Directive:
    """A preprocessor line: #name and the tokens behind it."""

    def __init__(self, line, start):
        self.line, self.start, self.end = line, start, start
        self.tokens = []
        self.branch, self.branches = 0, None  # of conditionals: which one, and the shared count

    @property
    def name(self):
        return self.tokens[0].text if self.tokens else ""


class Include(NamedTuple):
    line: int
    path: str
    is_quoted: bool


class Function(NamedTuple):
    """A definition (body is the index of its brace) or a prototype (body is None)."""

    name: str
    line: int
    end_line: int
    is_static: bool
    params: list  # one list of tokens for each
    body: int


def lex(text):
    """The stream of tokens and directives in order, and the comments."""
    stream, comments, line, at_start, directive = [], [], 1, True, None
    for match in TOKEN.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "newline":
            at_start, directive = True, None
        elif kind == "comment":
            end = line + piece.count("\n")
            comments.append(Comment(line, end, piece, at_start))
        elif kind != "space":
            if at_start and piece == "#":
                directive = Directive(line, match.start())
                stream.append(directive)
            elif directive:
                directive.tokens.append(Token(kind, piece, line))
                directive.end = match.end()
            else:
                stream.append(Token(kind, piece, line))
            at_start = False
        line += piece.count("\n")
    return stream, comments


def number_branches(directives):
    """Numbers the branches of each #if; returns the largest number of branches."""
    stack, most = [], 1
    for directive in directives:
        if directive.name in ("if", "ifdef", "ifndef"):
            stack.append([1])
            directive.branches = stack[-1]
        elif directive.name in ("else", "elif") and stack:
            directive.branch = stack[-1][0]
            stack[-1][0] += 1
            directive.branches = stack[-1]
            most = max(most, stack[-1][0])
        elif directive.name == "endif" and stack:
            stack.pop()
    return most


def pick_variant(stream, number):
    """The tokens seen when every #if takes its branch `number`, or its last."""
    tokens, stack, is_active = [], [], True
    for item in stream:
        if isinstance(item, Token):
            if is_active:
                tokens.append(item)
            continue
        if item.branches:
            if item.branch:
                stack.pop()
            stack.append(item.branch == min(number, item.branches[0] - 1))
        elif item.name == "endif" and stack:
            stack.pop()
        is_active = all(stack)
    return tokens


def match_brackets(tokens):
    """Index of each opening bracket -> index of its closing one; None when they do not fit."""
    match, stack = {}, []
    for i, token in enumerate(tokens):
        if token.text in CLOSER:
            stack.append(i)
        elif token.text in (")", "]", "}"):
            if not stack or CLOSER[tokens[stack[-1]].text] != token.text:
                return None
            match[stack.pop()] = i
    return match if not stack else None


class Variant:
    """One reading of a file: its tokens, and the file scope's functions and declarations."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.match = match_brackets(tokens)
        self.is_readable = self.match is not None
        self.functions, self.prototypes, self.declarations = [], [], []
        self.strange = []  # lines of braces at file scope that open nothing we know
        if self.is_readable:
            self._split()

    def _split(self):
        start = i = 0
        while i < len(self.tokens):
            text = self.tokens[i].text
            if text == ";":
                self._add_declaration(start, i)
                start = i = i + 1
            elif text == "{" and self._is_linkage(start, i) or text == "}":
                start = i = i + 1
            elif text == "{" and (function := self._function_at(start, i)):
                self.functions.append(function)
                start = i = self.match[i] + 1
            else:
                if text == "{" and not self._is_value(start, i):
                    self.strange.append(self.tokens[i].line)
                i = self.match.get(i, i) + 1

    def _is_value(self, start, brace):
        """Does the brace open a struct, union, enum or initialiser?"""
        texts = {token.text for token in self.tokens[start:brace]}
        return bool(texts & {"struct", "union", "enum", "="})

    def _is_linkage(self, start, brace):
        words = [token.text for token in self.tokens[start:brace]]
        return words == ["extern", '"C"']

    def _add_declaration(self, start, end):
        if start == end:
            return
        self.declarations.append((start, end))
        prototype = self._function_at(start, end)
        if prototype:
            self.prototypes.append(prototype._replace(body=None))

    def _function_at(self, start, end):
        """The function whose head is tokens[start:end], or None when it is not a function's."""
        while start < end and self.tokens[start].text == "END_TEST":
            start += 1
        head = self.without_attributes(start, end)
        if not head or self.tokens[head[-1]].text != ")":
            return None
        texts = [self.tokens[i].text for i in head]
        if "=" in texts or "typedef" in texts:
            return None
        opening = next((i for i in head if self.match.get(i) == head[-1]), None)
        name = head[head.index(opening) - 1] if opening in head[1:] else None
        if name is None or self.tokens[name].kind != "word":
            return None
        if self.tokens[name].text in TYPE_MAKERS:
            return None
        is_macro = head[0] == name
        if is_macro and self.tokens[end].text == ";":
            return None
        params = self.split_list(opening)
        text = params[0][0].text if is_macro and params else self.tokens[name].text
        close = self.match.get(end, end)
        return Function(text, self.tokens[start].line, self.tokens[close].line,
                        "static" in texts or is_macro, params, end)  # fmt: skip

    def without_attributes(self, start, end):
        """Indexes in [start, end) that are not part of __attribute__((...)) or _Alignas(...)."""
        kept, i = [], start
        while i < end:
            word = self.tokens[i].text
            if word in ATTRIBUTES and i + 1 in self.match:
                i = self.match[i + 1] + 1
            else:
                kept.append(i)
                i += 1
        return kept

    def split_list(self, opening):
        """The comma-separated parts between a bracket and its end; (void) and ... are none."""
        parts, current, i = [], [], opening + 1
        while i < self.match[opening]:
            end = self.match.get(i, i) + 1
            if self.tokens[i].text == ",":
                parts.append(current)
                current = []
            else:
                current += self.tokens[i:end]
            i = end
        parts.append(current)
        return [part for part in parts if [t.text for t in part] not in ([], ["void"], ["..."])]

    def aggregates(self, *keywords):
        """(index of the keyword, index of the brace) of each struct, union or enum body."""
        for i, token in enumerate(self.tokens):
            if token.text not in keywords:
                continue
            j = i + 1
            while self.tokens[j].text in ATTRIBUTES and j + 1 in self.match:
                j = self.match[j + 1] + 1
            if self.tokens[j].kind == "word":
                j += 1
            if self.tokens[j].text == "{":
                yield i, j


class Source:
    """One C file, read."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.stream, self.comments = lex(text)
        self.directives = [item for item in self.stream if isinstance(item, Directive)]
        count = number_branches(self.directives)
        self.variants = [Variant(pick_variant(self.stream, i)) for i in range(count)]

    def merged(self, what):
        """The functions or prototypes of all variants, each once, in order."""
        found = {(f.line, f.name): f for v in self.variants for f in getattr(v, what)}
        return [found[key] for key in sorted(found)]

    def includes(self):
        for directive in self.directives:
            raw = self.text[directive.start : directive.end]
            match = re.match(r'#\s*include\s*(?:<([^>\n]+)>|"([^"\n]+)")', raw)
            if match:
                quoted = match.group(2)
                yield Include(directive.line, quoted or match.group(1), quoted is not None)

    def token_runs(self):
        """All tokens in every branch, then those of each directive: for rules about words."""
        yield [item for item in self.stream if isinstance(item, Token)]
        for directive in self.directives:
            yield directive.tokens

    def words(self):
        for run in self.token_runs():
            yield from (token for token in run if token.kind == "word")

    def calls(self):
        """Words that are followed by a parenthesis and are not a member."""
        for run in self.token_runs():
            for before, token, after in zip([None, *run], run, run[1:]):
                is_member = before and before.text in (".", "->")
                if token.kind == "word" and after.text == "(" and not is_member:
                    yield token


class Nesting:
    """How deep the blocks of one function go."""

    LOOPS = ("for", "while", "switch")

    def __init__(self, variant, function):
        self.tokens, self.match = variant.tokens, variant.match
        self.depth, self.line = 0, function.line
        self._block(function.body, 0)

    def _text(self, i):
        return self.tokens[i].text if i < len(self.tokens) else ""

    def _behind(self, i):
        """The index behind the bracket at i, or i itself when there is none."""
        return self.match[i] + 1 if i in self.match else i

    def _note(self, i, depth):
        if depth > self.depth:
            self.depth, self.line = depth, self.tokens[i].line

    def _block(self, opening, depth):
        i = opening + 1
        while i < self.match[opening]:
            i = self._statement(i, depth)
        return self.match[opening] + 1

    def _statement(self, i, depth):
        """Reads the statement at i, inside `depth` blocks; returns the index behind it."""
        text = self._text(i)
        if text == "{":
            return self._block(i, depth)
        if text == "if":
            return self._if(i, depth)
        if text in self.LOOPS or self._is_loop_macro(i):
            self._note(i, depth + 1)
            return self._statement(self._behind(i + 1), depth + 1)
        if text == "do":
            self._note(i, depth + 1)
            return self._simple(self._statement(i + 1, depth + 1))
        if text in ("case", "default") or self._text(i + 1) == ":":
            return self._label(i)
        return self._simple(i)

    def _if(self, i, depth):
        self._note(i, depth + 1)
        i = self._statement(self._behind(i + 1), depth + 1)
        while self._text(i) == "else" and self._text(i + 1) == "if":
            i = self._statement(self._behind(i + 2), depth + 1)
        if self._text(i) == "else":
            i = self._statement(i + 1, depth + 1)
        return i

    def _is_loop_macro(self, i):
        if self.tokens[i].kind != "word" or self._text(i + 1) != "(":
            return False
        return self._text(self._behind(i + 1)) == "{"

    def _label(self, i):
        while self._text(i) not in (":", ""):
            i = self.match.get(i, i) + 1
        return i + 1

    def _simple(self, i):
        """Up to and with the ;, but never out of the block around it."""
        while i < len(self.tokens) and self._text(i) not in (";", "}"):
            i = self.match.get(i, i) + 1
        return i + 1 if self._text(i) == ";" else i
