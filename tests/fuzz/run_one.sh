#!/bin/sh
# run_one.sh BUILD LOGS SECONDS NAME: fuzzes one target from its kept examples and what was found
# before, and prints "fuzz_NAME passed" or "fuzz_NAME failed" with the reason.
set -u
build=$1 logs=$2 seconds=$3 name=$4
found=$build/found/$name
seeds=$(dirname -- "$0")/corpus/$name
log=$logs/fuzz_$name.log
mkdir -p -- "$found" "$build/crashes"
[ -d "$seeds" ] || seeds=$found
if "$build/tests/fuzz/fuzz_$name" "$found" "$seeds" "-max_total_time=$seconds" -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$build/crashes/$name-" \
    >"$log" 2>&1; then
    echo "fuzz_$name passed"
else
    grep -E 'ERROR|SUMMARY|ensure|artifact' "$log"
    echo "fuzz_$name failed: $log"
fi
