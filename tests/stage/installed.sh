#!/bin/sh
# installed.sh SOURCE BUILD STAGE COMPILER [FLAGS]: installs the client library into a folder of its
# own, builds the examples there by pkg-config and walk by find_package, and runs that one, and
# tilth-client, against the program STAGE.
set -eu
source=$1 build=$2 stage=$3 compiler=$4 flags=${5:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/tilth installed.XXXXXX")
stage_pid=
trap '[ -z "$stage_pid" ] || kill "$stage_pid" 2>/dev/null || :; rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "installed.sh: $*" >&2
    exit 1
}

cmake --install "$build" --prefix "$work/prefix" --component client >install.log
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name tilth.pc | sed 's/ /\\ /g')" | sed 's/\\//g')
export PKG_CONFIG_PATH
library=$(find "$work/prefix" -name libtilth.so)
[ -n "$library" ] || fail "no libtilth.so was installed"
LD_LIBRARY_PATH=$(dirname "$library")
export LD_LIBRARY_PATH

# Nothing but the functions of tilth.h is visible.
strange=$(nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' |
    grep -v '^tilth_client_[a-z_]*\(@@TILTH_0\)*$' || :)
[ -z "$strange" ] || fail "visible, but not of tilth.h: $strange"
header=$work/prefix/include/tilth.h
for name in $(grep -o '\btilth_client_[a-z_]*(' "$header" | tr -d '(' | sort -u); do
    nm -D --defined-only "$library" | grep -q " $name\(@\|\$\)" || fail "$name is not in it"
done

eval "\"$compiler\" $flags \"$source/client-lib/examples/walk.c\" \
    $(pkg-config --cflags --libs tilth) -o by_pkg_config"
eval "\"$compiler\" $flags \"$source/client-lib/examples/house.c\" \
    $(pkg-config --cflags --libs tilth) -o house"
cmake -S "$source/tests/stage/consumer" -B by_cmake -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DWALK_SOURCE="$source/client-lib/examples/walk.c" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_C_FLAGS="$flags" >cmake.log || { cat cmake.log; fail "find_package(tilth)"; }
cmake --build by_cmake >>cmake.log || { cat cmake.log; fail "building by find_package"; }

"$stage" 60 >port &
stage_pid=$!
tries=0
while [ ! -s port ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "the stage did not start"
    sleep 0.1
done
port=$(cat port)

for walk in ./by_pkg_config by_cmake/walk; do
    $walk 127.0.0.1 "$port" >walk.out || { cat walk.out; fail "$walk ended in an error"; }
    grep -q '^connected$' walk.out || fail "$walk did not connect"
    grep -q '^bob is here$' walk.out || fail "$walk did not see bob"
    grep -q '^at cell ' walk.out || fail "$walk saw no position"
done

client() {
    "$work/prefix/bin/tilth-client" --server "127.0.0.1:$port" --key "$work/key" --name ann "$@"
}
has() {
    grep -q -e "$1" client.out || { cat client.out; fail "no $1"; }
}

client --strict -c 'where; say hello; settle; players' -c 'chunk 0 0; cell 0 0' >client.out ||
    { cat client.out; fail "tilth-client ended in an error"; }
has '{"event":"connected"'
has '{"command":"where","cell":\['
has '{"event":"done","number":[0-9]*,"asked":"say hello"}'
has '"name":"bob"'
has '"hash":"[0-9a-f]\{32\}"'
! client --strict -c 'plac wood_block 0 0' >client.out || fail "a wrong command passed"
has 'did you mean \\"place\\"'
! client --strict -c 'place wood_blok 0 0' >client.out || fail "a wrong type passed"
has 'did you mean \\"wood_block\\"'
! client --strict -c 'remove 5000 5000' >client.out || fail "a refusal passed"
has '"refusal":"CHUNK_LOADING"'
client --strict -c 'goto 6 6; where' >client.out || { cat client.out; fail "goto"; }
has '{"command":"where","cell":\[6,6\]'
client -c 'remove 5000 5000; fly; move 1 x' >client.out || fail "without --strict, exit code $?"
printf 'where\n# nothing\n\nmove 1 0\nwhere\nquit\nwhere\n' | client --strict >client.out ||
    { cat client.out; fail "commands from standard input"; }
[ "$(grep -c '"command":"where"' client.out)" = 2 ] || fail "not two answers to where"

kill "$stage_pid"
wait "$stage_pid" 2>/dev/null || :
stage_pid=
! client -c where >client.out || fail "without a server, exit code 0"
has '{"event":"disconnected","words":"'
