"""The floors of the architecture paper: includes, headers, foreign libraries, places of files."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .tree import folder_of, rule, stem_of

FLOORS = (
    "base", "grid", "catalog", "world", "wire", "sim", "link", "journal", "store", "backup", "net",
)
WORLD = {"world", "catalog", "grid", "base"}  # who may use the world may use what it is made of
MAY_INCLUDE = {
    "base": set(),
    "grid": {"base"},
    "catalog": {"grid", "base"},
    "world": {"grid", "catalog", "base"},
    "wire": WORLD,
    "sim": WORLD,
    "link": {"wire", "base"},
    "journal": {"wire"} | WORLD,
    "store": {"journal", "wire"} | WORLD,
    "backup": {"store", "journal", "wire"} | WORLD,
    "net": {"link", "wire"} | WORLD,
    "host": set(FLOORS),
    "main": {*FLOORS, "host"},
    "console": {"base"},
    "client": {"base", "grid", "catalog", "world", "wire", "link"},
}
FOREIGN = {  # library: (its headers, the folder that owns it)
    "xxhash": (r"xxh(ash|3)\.h", "shared/base"),
    "cJSON": (r"(cjson/)?cJSON\w*\.h", "shared/base"),
    "libsodium": (r"sodium(/.*)?\.h", "shared/base"),
    "zstd": (r"zstd(_errors)?\.h|zdict\.h", "shared/wire"),
    "ENet": (r"enet/.*\.h", "shared/link"),
    "libpq": (r"(postgresql/)?(libpq-fe|libpq-events|postgres_ext)\.h", "server/store"),
    "hiredis": (r"hiredis/.*\.h|hiredis\.h", "server/store"),
    "libmicrohttpd": (r"microhttpd\.h", "server/host"),
    "libpng": (r"png\.h", "server/host"),
    "libedit": (r"editline/.*\.h|histedit\.h", "server/console"),
    "SDL2": (r"(SDL2/)?SDL\w*\.h", "client-lib/apps"),
    "Cairo": (r"(cairo/)?cairo(-\w+)?\.h", "client-lib/apps"),
}
SYSTEM = re.compile(
    r"(assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal"
    r"|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath"
    r"|threads|time|uchar|wchar|wctype|dirent|dlfcn|endian|execinfo|fcntl|fnmatch|getopt|glob"
    r"|grp|ifaddrs|netdb|poll|pthread|pwd|regex|sched|semaphore|spawn|strings|syslog|termios"
    r"|ucontext|unistd|wordexp|\w*intrin|cpuid|arm_acle|arm_neon)\.h"
    r"|(sys|net|netinet|arpa|linux|asm|sanitizer|valgrind)/\w+\.h"
)
OWN, SYSTEM_GROUP, FOREIGN_GROUP, FLOOR_GROUP = range(4)
GROUP_NAMES = ("own header", "system", "foreign", "lower floors")
FOLDERS = ("shared/", "server/", "client-lib/")


def library_of(include):
    if include.is_quoted:
        return None
    found = (name for name, (names, _) in FOREIGN.items() if re.fullmatch(names, include.path))
    return next(found, None)


def is_client_file(tree, path, include):
    """Does the quoted include name a file of the client library?"""
    roots = ("client-lib/include/", "client-lib/src/", path.rsplit("/", 1)[0] + "/")
    return any(tree.has(root + include) for root in roots)


@rule("floor")
def floor(tree):
    for source in tree.sources(*FOLDERS, suffixes=(".c", ".h", ".def")):
        mine = folder_of(source.path)
        allowed = MAY_INCLUDE.get(mine)
        if allowed is None:
            yield source.path, 1, f"the architecture has no folder {mine}"
            continue
        for include in source.includes():
            theirs, slash, _ = include.path.partition("/")
            if not include.is_quoted or mine == "client" and is_client_file(
                tree, source.path, include.path
            ):
                continue
            if not slash:
                yield source.path, include.line, f'"{include.path}": write "<folder>/<file>"'
            elif theirs != mine and theirs not in allowed:
                yield source.path, include.line, f'{mine} may not include "{include.path}"'


@rule("foreign")
def foreign(tree):
    users = {}
    for source in tree.sources(*FOLDERS):
        for include in source.includes():
            library = library_of(include)
            if library:
                users.setdefault(library, {}).setdefault(source.path, include.line)
            elif not include.is_quoted and not SYSTEM.fullmatch(include.path):
                yield source.path, include.line, f"<{include.path}> is of no library we know"
    for library, places in users.items():
        folder = FOREIGN[library][1]
        for path, line in places.items():
            if path.endswith(".h"):
                yield path, line, f"{library} in a header"
            elif not path.startswith(folder + "/"):
                yield path, line, f"{library} belongs into one .c of {folder}"
            elif len(places) > 1:
                yield path, line, f"{library} in {len(places)} files, one .c may include it"


def own_headers(tree, path):
    """What a .c may call its own header, the best first.

    x_y.c has folder/x_y.h, or else shares folder/x.h or a header of the family, folder/x_z.h.
    """
    words = stem_of(path).split("_")
    stems = ["_".join(words[:n]) for n in range(len(words), 0, -1)]
    if path.startswith("client-lib/"):
        names = [f"{stem}.h" for stem in stems]
        return [name for name in names if is_client_file(tree, path, name)] + ["tilth.h"]
    top, below = path.rsplit("/", 1)[0].split("/", 1) if path.count("/") > 1 else ("", "")
    names = [f"{below}/{stem}.h" for stem in stems]
    family = [p for p in tree.paths if p.startswith(f"{top}/{below}/{words[0]}_")]
    names += [p[len(top) + 1 :] for p in family if p.endswith(".h")]
    return [name for name in names if tree.has(f"{top}/{name}")]


@rule("own_header")
def own_header(tree):
    for source in tree.sources(*FOLDERS, suffixes=(".c",)):
        names = own_headers(tree, source.path)
        is_named_so = names and stem_of(names[0]) == stem_of(source.path)
        first = next(source.includes(), None)
        if is_named_so and (first is None or first.path != names[0]):
            yield source.path, first.line if first else 1, f'"{names[0]}" is not included first'


def group_of(include, is_first, own):
    if include.is_quoted:
        return OWN if is_first and include.path in own else FLOOR_GROUP
    return FOREIGN_GROUP if library_of(include) else SYSTEM_GROUP


@rule("include_order")
def include_order(tree):
    for source in tree.sources(*FOLDERS):
        own = own_headers(tree, source.path)
        latest = OWN
        for number, include in enumerate(source.includes()):
            if not include.path.endswith(".h"):
                continue
            group = group_of(include, number == 0, own)
            if group < latest:
                text = f"{GROUP_NAMES[group]} behind {GROUP_NAMES[latest]}: {include.path}"
                yield source.path, include.line, text
            latest = max(latest, group)


def compile_commands(path):
    """The compilers' command lines that must accept the header by itself."""
    quiet = ["-fsyntax-only", "-Werror"]
    if path.startswith("client-lib/include/"):
        return [
            ["cc", "-std=c89", "-pedantic", *quiet, "-x", "c", path],
            ["c++", "-pedantic", *quiet, "-x", "c++", path],
        ]
    roots = ["-Ishared", "-Iserver"]
    if path.startswith(("client-lib/", "tests/")):
        roots += ["-Iclient-lib/include", "-Iclient-lib/src", "-Itests"]
    return [["cc", "-std=c17", "-D_GNU_SOURCE", *quiet, *roots, "-x", "c", path]]


def compile_error(tree, path, command):
    try:
        done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
    except FileNotFoundError:
        return path, 1, f"cannot be checked: there is no {command[0]} here"
    if done.returncode == 0:
        return None
    error = re.search(r":(\d+):(?:\d+:)? ((?:fatal )?error: .*)", done.stderr)
    text = error.group(2) if error else done.stderr.strip().split("\n")[-1]
    return path, int(error.group(1)) if error else 1, f"{command[0]} {command[1]}: {text}"


@rule("header_compiles")
def header_compiles(tree):
    jobs = [(source.path, c) for source in tree.headers() for c in compile_commands(source.path)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for error in pool.map(lambda job: compile_error(tree, *job), jobs):
            if error:
                yield error


def guard_of(path):
    if path.startswith("client-lib/include/"):
        return f"{stem_of(path)}_H".upper()
    parts = path.split("/")
    folder = "client" if path.startswith("client-lib/src/") else parts[-2]
    return re.sub(r"\W", "_", f"TILTH_{folder}_{stem_of(path)}_H").upper()


@rule("header_guard")
def header_guard(tree):
    for source in tree.headers():
        guard = guard_of(source.path)
        words = [[t.text for t in d.tokens][:2] for d in source.directives]
        ends = words[:2] + words[-1:]
        if ends != [["ifndef", guard], ["define", guard], ["endif"]]:
            yield source.path, 1, f"the include guard {guard} is not around the whole of it"


@rule("header_comment")
def header_comment(tree):
    for source in tree.headers():
        name = source.path.rsplit("/", 1)[-1]
        if not source.text.startswith(f"/* {name} - "):
            yield source.path, 1, f'does not open with "/* {name} - <purpose>"'


def is_documented(source, line, end_line):
    """A comment that ends right above the lines, or one that begins on them."""
    for comment in source.comments:
        is_above = comment.is_alone and comment.end_line == line - 1
        if is_above or line <= comment.line <= end_line:
            return True
    return False


@rule("prototype_doc")
def prototype_doc(tree):
    for source in tree.headers():
        for f in source.merged("prototypes"):
            if not is_documented(source, f.line, f.end_line):
                yield source.path, f.line, f"{f.name} has no comment of its own"
        for f in source.merged("functions"):
            if not is_documented(source, f.line, f.line):
                yield source.path, f.line, f"{f.name} has no comment of its own"


@rule("unit_test")
def unit_test(tree):
    for source in tree.sources("shared/", "server/sim/", suffixes=(".c",)):
        test = f"tests/unit/{folder_of(source.path)}/{stem_of(source.path)}_test.c"
        if not tree.has(test):
            yield source.path, 1, f"has no {test}"


@rule("howto")
def howto(tree):
    for path in tree.paths:
        if not re.fullmatch(r"docs/howto/.*\.md", path):
            continue
        steps = re.findall(r"^\d+\. ", tree.text(path), re.M)
        if len(steps) > 4:
            yield path, 1, f"lists {len(steps)} files to touch, at most 4: redesign"


@rule("migration")
def migration(tree):
    paths = [p for p in tree.paths if p.startswith("migrations/") and p.endswith(".sql")]
    for number, path in enumerate(paths, 1):
        if not re.fullmatch(rf"migrations/{number:04}_[a-z0-9_]+\.sql", path):
            yield path, 1, f"is not {number:04}_<name>.sql, the next in the row"
            return
