# run.sh - the tests of `./tilth test`; sourced by ./tilth, whose functions and places it uses.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # root, home, data, sockets, step_count ...: of ./tilth

known_presets='dev clang asan tsan'
known_labels='unit scenario db process torture tidy fuzz'
tests_passed=0
tests_failed=0

# stage_done NAME PASSED FAILED SINCE
stage_done() {
    printf '%-28s %4d passed, %d failed (%d s)\n' "$1" "$2" "$3" "$(($(date +%s) - $4))"
    tests_passed=$((tests_passed + $2))
    tests_failed=$((tests_failed + $3))
}

# The tests' database clusters make many thousand files and are thrown away: in memory, where there
# is room for them, or else below /tmp.
choose_clusters() {
    free_kb=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $1 == "tmpfs" { print $4 }')
    if [ "${free_kb:-0}" -gt 4194304 ] && [ -w /dev/shm ]; then
        export TILTH_TEST_CLUSTERS=/dev/shm
    fi
}

# run_ctest PRESET [CTEST ARGUMENT...]: builds, runs, counts.
run_ctest() {
    preset=$1
    shift
    since=$(date +%s)
    step "$preset: building"
    if ! build "$preset"; then
        stage_done "$preset (build)" 0 1 "$since"
        return
    fi
    step "$preset: tests $*"
    log=$home/log/ctest_$preset.log
    # Sanitizers need the usual memory layout, which some kernels randomize too far.
    layout=''
    ! setarch "$(uname -m)" -R true 2>/dev/null || layout="setarch $(uname -m) -R"
    # shellcheck disable=SC2086
    watch "$log" $layout ctest --test-dir "$root/build/$preset" -j $((4 * $(nproc))) \
        --output-on-failure --no-tests=error "$@" || :
    total=$(sed -n 's/.*tests failed out of \([0-9]*\)$/\1/p' "$log" | tail -n 1)
    failed=$(sed -n 's/.*passed, \([0-9]*\) tests failed out of .*/\1/p' "$log" | tail -n 1)
    if [ -z "$total" ]; then
        tail -n 5 "$log" >&2
        total=1 failed=1
    fi
    [ "$failed" = 0 ] || show_failures "$log"
    stage_done "$preset" $((total - failed)) "$failed" "$since"
}

show_failures() {
    grep -E -e '^ *[0-9]+/[0-9]+ Test.*(\*\*\*|Not Run)' -e ':[0-9]+:[FE]:' -e 'ERROR: ' \
        -e 'WARNING: Thread' -e '^[A-Za-z0-9_/.-]+:[0-9]+: [a-z_0-9]+: ' "$1" | head -n 40 >&2 || :
    say "      the whole of it: $1"
}

# Every target for 10 s, as many at once as there are processors; at most four minutes in all.
run_fuzz() {
    since=$(date +%s)
    step "fuzz: building"
    if ! build fuzz fuzzers; then
        stage_done 'fuzz (build)' 0 1 "$since"
        return
    fi
    names=$(find "$root/tests/fuzz" -name '*_fuzz.c' | sed 's|.*/||; s|_fuzz\.c$||' | sort)
    fuzz_count=$(echo "$names" | grep -c .)
    [ "$fuzz_count" -gt 0 ] || { stage_done fuzz 0 1 "$since"; say '      no targets'; return; }
    seconds=${TILTH_FUZZ_SECONDS:-10}
    rounds=$(((fuzz_count + $(nproc) - 1) / $(nproc)))
    [ $((seconds * rounds)) -le 240 ] || seconds=$((240 / rounds))
    step "fuzz: $fuzz_count targets for $seconds s each"
    log=$home/log/fuzz.log
    echo "$names" >"$home/fuzz.names"
    watch "$log" xargs -a "$home/fuzz.names" -n 1 -P "$(nproc)" \
        "$root/tests/fuzz/run_one.sh" "$root/build/fuzz" "$home/log" "$seconds" || :
    fuzz_passed=$(grep -c '^fuzz_[a-z0-9_]* passed$' "$log") || :
    [ "$fuzz_passed" = "$fuzz_count" ] || grep -v ' passed$' "$log" >&2 || :
    stage_done fuzz "$fuzz_passed" $((fuzz_count - fuzz_passed)) "$since"
}

test_all() {
    step_count=11
    step "packages"
    install_packages "$packages_test"
    run_ctest dev
    run_ctest clang -L '^(unit|scenario)$'
    run_ctest asan -LE '^tidy$'
    run_ctest tsan -R '^(unit_|scenario_|fuzz_|process_meet$)' # meet: all threads at work
    run_fuzz
}

# Before anything is installed or built.
check_labels() {
    for label; do
        case " $known_presets $known_labels " in
        *" $label "*) ;;
        *) refuse_usage "test: there is no $label; known are $known_presets $known_labels" ;;
        esac
    done
}

test_some() {
    labels=''
    presets=''
    fuzz=0
    for label; do
        case $label in
        dev | clang | asan | tsan) presets="$presets $label" ;;
        fuzz) fuzz=1 ;;
        *) labels="$labels${labels:+|}$label" ;;
        esac
    done
    # Torture has seeds by the thousand: not without optimization.
    case $labels in
    '') ;;
    torture) presets=${presets:-clang} ;;
    *) presets=${presets:-dev} ;;
    esac
    step_count=$((1 + fuzz * 2 + $(echo "$presets" | wc -w) * 2))
    step "packages"
    install_packages "$packages_test"
    for preset_wanted in $presets; do
        if [ -n "$labels" ]; then
            # -C torture: with what takes long
            run_ctest "$preset_wanted" -C torture -L "^($labels)\$"
        else
            run_ctest "$preset_wanted"
        fi
    done
    [ "$fuzz" = 0 ] || run_fuzz
}

tests_run() {
    check_labels "$@"
    home=$root/build/test-home
    make_home
    lock
    trap 'stopping=1' INT TERM HUP
    choose_clusters
    if command -v ccache >/dev/null; then
        export TILTH_CCACHE="${TILTH_CCACHE-ccache}"
    fi
    if [ $# = 0 ]; then test_all; else test_some "$@"; fi
    printf '%d passed, %d failed\n' "$tests_passed" "$tests_failed"
    [ "$tests_failed" = 0 ]
}
