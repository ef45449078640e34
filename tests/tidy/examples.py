"""For every rule small trees that break it and one that keeps it: rule: (bad or [bad], good).

A tree is {path: text}. The finding must be in the first file of the bad one.
"""

BLANK, TAB, TASK, PRIVATE = " ", "\t", "TO" "DO", "/wor" "k/"
C = "shared/base/ring.c"
H = "shared/base/ring.h"
SIM = "server/sim/place.c"


def header(body, guard="TILTH_BASE_RING_H", comment="/* ring.h - a queue. */"):
    return f"{comment}\n#ifndef {guard}\n#define {guard}\n\n{body}\n\n#endif\n"


def function(lines, head="static void run(void)"):
    """A function of that many lines in all."""
    return f"{head}\n{{\n" + "    step();\n" * (lines - 3) + "}\n"


def switch(labels):
    return {
        C: f"int f(int k)\n{{\n    switch (k) {{\n    {labels}\n        return 1;\n    }}\n}}\n",
        H: "enum kind { KIND_A, KIND_B };\nenum { SIZE = 3 };\n",
        "shared/world/made.c": "#define ROW(name) INTENT_##name,\n",
    }


SHAPE = {
    "unreadable": (
        [
            {C: "#if A\nint f(void) {\n#else\nint f(int a) {\n#endif\n{ }\n"},
            {C: "int f(a)\n    int a;\n{\n}\n"},
        ],
        {C: "#if A\nint f(void) {\n#else\nint f(int a) {\n#endif\n}\n"},
    ),
    "function_length": ({C: function(61)}, {C: function(60)}),
    "function_p95": (
        {".": "", C: function(5) * 18 + function(46) * 2},
        {C: function(5) * 19 + function(46)},
    ),
    "parameters": (
        {H: "bool ring_a(int a, int b, int c, int d, int e[2], struct f (*g)[3]);\n"},
        {
            H: "bool ring_a(int a, int b, int c, int d, const char *format, ...);\n",
            C: "static void b(void)\n{\n    f(1, 2, 3, 4, 5, 6);\n}\n",
        },
    ),
    "nesting": (
        {
            C: "void f(void)\n{\n    for (;;)\n        while (a) {\n            if (b) {\n"
            "            } else {\n                do {\n                    c();\n"
            "                } while (d);\n            }\n        }\n}\n"
        },
        {
            C: "void f(void)\n{\n    for (;;) {\n        switch (a) {\n        case 1: {\n"
            "            if (b)\n                c();\n            else if (d)\n"
            "                e();\n            else if (g)\n                h();\n"
            "            break;\n        }\n        case 2:\n            i = a ? b : c;\n"
            "        }\n    }\n}\n"
        },
    ),
    "file_length": (
        {H: header("int a;\n" * 250), C: ""},
        {H: header("int a;\n" * 240), C: "int a;\n" * 800},
    ),
    "line_length": ({C: f"/* {'x' * 95} */\n"}, {C: f"/* {'x' * 94} */\n"}),
    "tab": ({C: f"int{TAB}a;\n"}, {C: "int a = '\\t';\n"}),
    "trailing_blank": ({"docs/a.md": f"one{BLANK}\n"}, {"docs/a.md": "one\n"}),
    "end_newline": ({C: "int a;\n\n"}, {C: "int a;\n", "a.md": "\n"}),
    "unfinished": ({C: f"/* {TASK}: more */\n"}, {C: f"/* MAS{TASK}N */\n"}),
    "private_path": (
        {"docs/a.md": f"see {PRIVATE}main\n"},
        {"docs/a.md": f"see /network/main and net{PRIVATE}main\n"},
    ),
}

FLOORS = {
    "floor": (
        [
            {SIM: '#include "net/net.h"\n'},
            {SIM: '#include "place.h"\n'},
            {"server/zoo/place.c": ""},
            {"client-lib/src/mirror.c": '#include "host/host.h"\n'},
            {"server/console/main.c": '#include "grid/grid.h"\n'},
        ],
        {
            SIM: '#include "world/world.h"\n#include "world/changes.def"\n',
            "server/main.c": '#include "host/host.h"\n',
            "client-lib/src/mirror.c": '#include "mirror.h"\n#include "wire/wire.h"\n',
            "client-lib/src/mirror.h": "",
        },
    ),
    "foreign": (
        [
            {C: "#include <zstd.h>\n"},
            {C: "#include <glib.h>\n"},
            {H: "#include <xxhash.h>\n"},
            {C: "#include <sodium.h>\n", "shared/base/crypto.c": "#include <sodium.h>\n"},
        ],
        {
            "shared/wire/frame.c": "#include <stdio.h>\n#include <sys/mman.h>\n#include <zstd.h>\n",
            "tests/fuzz/frame.c": "#include <zstd.h>\n",
        },
    ),
    "own_header": (
        {C: '#include <stdio.h>\n#include "base/ring.h"\n', H: ""},
        {C: '#include "base/ring.h"\n', H: "", "shared/base/ring_read.c": "#include <stdio.h>\n"},
    ),
    "include_order": (
        {C: '#include "base/pool.h"\n#include <stdio.h>\n', H: ""},
        {
            C: '#include "base/ring.h"\n#include <stdio.h>\n#include <xxhash.h>\n'
            '#include "base/pool.h"\nint a[] = {\n#include "base/a.def"\n};\n',
            H: "",
            "shared/base/ring_read.c": '#include "base/ring.h"\n#include <stdio.h>\n',
            "shared/base/pool_read.c": '#include "base/pool_state.h"\n#include <stdio.h>\n',
            "shared/base/pool_state.h": "",
        },
    ),
    "header_compiles": (
        [
            {H: header("void ring_a(size_t size);")},
            {"client-lib/include/tilth.h": header("int a; // not C89")},
            {"client-lib/include/tilth.h": header("int class; /* not C++ */")},
        ],
        {
            H: header('#include <stddef.h>\n#include "grid/grid.h"\n\nvoid ring_a(size_t size);'),
            "shared/grid/grid.h": header("struct cell_pos;"),
            "client-lib/include/tilth.h": header("struct tilth;"),
        },
    ),
    "header_guard": (
        [{H: header("", guard="TILTH_RING_H")}, {H: header("") + "#define A\n"}],
        {H: header(""), "client-lib/src/mirror.h": header("", guard="TILTH_CLIENT_MIRROR_H")},
    ),
    "header_comment": ({H: header("", comment="/* pool.h - numbers. */")}, {H: header("")}),
    "prototype_doc": (
        {H: header("/* Both. */\nvoid ring_a(void);\nvoid ring_b(void);")},
        {
            H: header(
                "/* A. */\nvoid ring_a(int a,\n            int b);\nvoid ring_b(void); /* B. */\n\n"
                "/* C. */\nstatic inline int ring_c(void)\n{\n    return 1;\n}"
            )
        },
    ),
    "unit_test": (
        {SIM: "", "tests/unit/base/place_test.c": ""},
        {SIM: "", "tests/unit/sim/place_test.c": "", "server/host/tick.c": ""},
    ),
    "howto": (
        {"docs/howto/a.md": "1. a\n2. b\n3. c\n4. d\n5. e\n"},
        {"docs/howto/a.md": "1. a\n2. b\n3. c\n4. d\n\n- 5. no file\n"},
    ),
    "migration": (
        [
            {"migrations/0003_b.sql": "", "migrations/0001_a.sql": ""},
            {"migrations/0002_c.sql": "", "migrations/0002_b.sql": "", "migrations/0001_a.sql": ""},
            {"migrations/1_a.sql": ""},
        ],
        {"migrations/0001_a.sql": "", "migrations/0002_b.sql": "", "migrations/README.md": ""},
    ),
}

NAMES = {
    "file_name": ({"shared/base/string_utils.c": ""}, {"shared/base/commonwealth.c": ""}),
    "typedef": ({C: "typedef int number;\n"}, {"client-lib/include/tilth.h": "typedef int t;\n"}),
    "t_suffix": (
        [
            {H: "struct ring_t {\n    int a;\n};\n"},
            {H: "int ring_a(int b_t);\n"},
            {C: "#define ring_t int\n"},
        ],
        {H: "size_t ring_a(const size_t *a, size_t, uint8_t b, int (*c)(size_t));\n"},
    ),
    "tilth_prefix": ({C: "int tilth_a;\n"}, {C: 'const char *ring_a = "tilth_a";\n'}),
    "export_prefix": (
        [
            {C: "int pool_a(void)\n{\n    return 1;\n}\n"},
            {C: "int main(void)\n{\n}\n"},
            {H: "int ringing(void);\n"},
            {"shared/base/ring_read.c": "int ring_a(void)\n{\n}\n"},
        ],
        {
            "shared/base/ring_read.c": "int ring_a(void)\n{\n}\n\nstatic int b(void)\n{\n}\n",
            H: "int ring_a(void);\n",
            "server/main.c": "int main(void)\n{\n}\n",
            "client-lib/src/mirror.c": "int tilth_mirror_a(void)\n{\n}\n",
        },
    ),
    "destroy_shape": (
        {H: "void ring_destroy(struct ring *ring);\n"},
        {H: "void ring_destroy(struct ring **ring);\n"},
    ),
    "out_last": (
        {H: "void ring_a(int *out_a, int b);\n"},
        {H: "bool ring_a(int b, char out_a[2], size_t size_bytes, struct error *error);\n"},
    ),
    "goto_label": (
        {C: "void f(void)\n{\n    goto out;\nout:\n    g();\n}\n"},
        {C: "void f(void)\n{\n    goto fail_open;\nfail_open:\n    g();\n}\n"},
    ),
}

STATE = {
    "function_pointer": (
        [
            {H: "void ring_each(struct ring *ring, bool (*visit)(int a));\n"},
            {C: "static void (*const run)(void) = f;\n"},
            {C: "void f(void)\n{\n    int *(*g)(int) = h;\n}\n"},
            {C: "void f(int (*)(int));\n"},
        ],
        {
            C: "struct a {\n    void (*run)(int);\n};\nstatic bool (*const rules[])(int) = {b};\n"
            "int f(int *p)\n{\n    return (*p) * (3);\n}\n"
        },
    ),
    "mutable_state": (
        [
            {C: "static const char *names[] = {0};\n"},
            {C: "int a;\n"},
            {C: "static struct {\n    int a;\n} b;\n"},
            {C: "static _Thread_local struct ring a;\n"},
            {C: "static _Atomic(int) a;\n"},
            {C: "void f(void)\n{\n    static unsigned a = 1;\n}\n"},
            {C: "static void (*a[2])(void);\n"},
        ],
        {
            C: 'static const char *const names[] = {"a"};\nstruct a {\n    int b;\n};\n'
            "static const struct {\n    int a;\n} rows[] = {{1}};\nstatic void f(int a);\n"
            "_Static_assert(sizeof(int) == 4, \"int\");\nenum b { B };\nstruct c;\n"
            "int g(void)\n{\n    static const int d = 1;\n    int e = d;\n    return e;\n}\n",
            "shared/base/log.c": "static int level;\n",
        },
    ),
    "banned_call": (
        {C: "#define COPY(a, b) strcpy(a, b)\n"},
        {C: 'const char *a = "strcpy(a)"; /* atoi(a) */\n'},
    ),
    "heap_call": (
        {C: "void f(void)\n{\n    free(g);\n}\n"},
        {"shared/base/memory.c": "void f(void)\n{\n    free(g);\n    a->free(g);\n}\n"},
    ),
    "packed": (
        [
            {H: "struct a {\n    int b;\n} __attribute__((aligned(8), packed));\n"},
            {H: "#pragma pack(1)\n"},
        ],
        {
            H: "struct a {\n    int packed;\n} __attribute__((aligned(8)));\n",
            C: "void f(int packed)\n{\n    if (is_error(packed))\n        g(packed);\n}\n",
        },
    ),
    "lock": ({SIM: "pthread_mutex_t a;\n"}, {C: "pthread_mutex_t a;\n"}),
    "integers_only": ({SIM: "float a;\n"}, {C: "double a;\n"}),
    "enum_default": (
        [switch("case INTENT_MOVE:\n    default:"), switch("case KIND_A:\n    default:")],
        switch("case SIZE:\n    default:"),
    ),
    "x_macro": (
        [
            {C: "#define KINDS(X) X(a) X(b)\n"},
            {"shared/base/a.def": '#include "base/b.def"\n'},
        ],
        {C: "#define ROW(name, ...) f(name, (name) + 1)\n", "shared/base/a.def": "ROW(a)\n"},
    ),
    "sql_values": (
        [
            {C: 'const char *a = "SELECT b FROM c"\n                " WHERE d = %s";\n'},
            {C: 'const char *a = "DELETE FROM c WHERE d = %" PRIu64;\n'},
        ],
        {C: 'const char *a = "SELECT b FROM c WHERE d LIKE $1"; f("%s: %d", a, "UPDATED %s");\n'},
    ),
}

LIST = "tests/tidy_allow.txt"
ALLOW = {
    "allow_list": (
        [
            {LIST: f"# at most 1 entries\ntab {C} no reason is left\n", C: "int a;\n"},
            {LIST: f"# at most 0 entries\ntab {C} one too many\n", C: f"int{TAB}a;\n"},
            {LIST: f"# at most 1 entries\ntab {C}\n", C: f"int{TAB}a;\n"},
        ],
        {LIST: f"# at most 1 entries\ntab {C} until it is gone\n", C: f"int{TAB}a;\n"},
    ),
}

EXAMPLES = {**SHAPE, **FLOORS, **NAMES, **STATE, **ALLOW}
