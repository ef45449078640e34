#!/bin/sh
# clang_tidy.sh BUILD: runs clang-tidy (.clang-tidy) over all C files of the programs, with the
# compile commands of the build folder. Prints what it finds and fails then.
#
# The analyzer follows a function's paths up to so many states; the analyzer's own 225000 take four
# times as long (TILTH_TIDY_NODES=225000 ./tilth test tidy).
set -eu
cd "$(dirname -- "$0")/.."
find shared server client-lib/src client-lib/apps -name '*.c' -print0 | sort -z |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$1" --quiet --extra-arg=-Xclang \
        --extra-arg=-analyzer-config --extra-arg=-Xclang \
        --extra-arg="max-nodes=${TILTH_TIDY_NODES:-50000}" 2>/dev/null
