#!/bin/sh
# format.sh: is every C file as clang-format (.clang-format) lays it out? Names those that are not.
set -eu
cd "$(dirname -- "$0")/.."
find shared server client-lib tests -name '*.[ch]' -print0 |
    xargs -0 clang-format --dry-run -Werror --ferror-limit=1
