#!/bin/sh
# clang_tidy.sh BUILD: runs clang-tidy (.clang-tidy) over all C files of the programs, with the
# compile commands of the build folder. Prints what it finds and fails then.
set -eu
cd "$(dirname -- "$0")/.."
find shared server client-lib/src client-lib/apps -name '*.c' -print0 | sort -z |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$1" --quiet 2>/dev/null
