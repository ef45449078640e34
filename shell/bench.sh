# bench.sh - the benches of `./tilth bench`; sourced by ./tilth, whose functions and places it uses.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # root, home, step_count ...: of ./tilth

known_benches='durability'

# bench_one NAME ARGUMENT...: prints its tables; a program of its own in tests/bench.
bench_one() {
    bench_name=$1
    shift
    step "bench: $bench_name"
    env TILTH_SOURCE_DIR="$root" TILTH_BINARY_DIR="$root/build/release" \
        python3 -B "$root/tests/bench/$bench_name.py" "$@" 9>&-
}

# bench_run [NAME [ARGUMENT...]]: this one, or all.
bench_run() {
    bench_names=$known_benches
    if [ $# -gt 0 ]; then
        case " $known_benches " in
        *" $1 "*) ;;
        *) refuse_usage "bench: there is no $1; known are: $known_benches" ;;
        esac
        bench_names=$1
        shift
    fi
    if is_help "$@"; then
        exec python3 -B "$root/tests/bench/$bench_names.py" --help
    fi
    home=$root/build/bench-home
    make_home
    lock
    step_count=$((2 + $(echo "$bench_names" | wc -w)))
    step "packages"
    install_packages "$packages_up python3"
    step "building release"
    trap 'stopping=1' INT TERM HUP
    build release tilth-benches || exit 1
    trap - INT TERM HUP
    for bench_name in $bench_names; do
        bench_one "$bench_name" "$@"
    done
}
