# places.sh - where a home has its data and sockets, and which processes are its own; for ./tilth.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # variables and functions of ./tilth

is_root() {
    [ "$(id -u)" = 0 ]
}

# as USER COMMAND...: as root, as this user; else as oneself. Never in a folder the user cannot see.
as() {
    as_user=$1
    shift
    if is_root; then
        (cd / && exec setpriv --reuid="$as_user" --regid="$as_user" --init-groups \
            env HOME=/ "$@")
    else
        (cd / && exec "$@")
    fi
}

# The longest socket path, PostgreSQL's, has to fit 107 bytes.
is_short_enough() {
    [ "$(printf '%s/postgres/.s.PGSQL.5432' "$1" | wc -c)" -le 107 ]
}

# $home as it really is, so that its hash and what it holds do not depend on how it was written.
find_home() {
    home=$(readlink -m -- "$home")
    hash=$(printf '%s' "$home" | sha256sum | cut -c 1-12)
}

make_home() {
    find_home
    mkdir -p -- "$home/log" 2>/dev/null || :
    [ -w "$home/log" ] || fail "cannot write to $home; set TILTH_HOME to another folder"
}

# Chooses $data and $sockets. $data stays what it was, even when rights have changed; $sockets stays
# as long as somebody listens there.
find_places() {
    data=$home
    sockets=$home/sockets
    is_reachable=1
    nearest=$home # which may not be there yet
    while [ ! -d "$nearest" ]; do
        nearest=$(dirname "$nearest")
    done
    if is_root && id postgres >/dev/null 2>&1; then
        as postgres test -x "$nearest" || is_reachable=0
    fi
    [ "$is_reachable" = 1 ] || data=/var/lib/tilth/$hash
    if [ "$is_reachable" = 0 ] || ! is_short_enough "$sockets"; then
        sockets=/run/tilth/$hash
        is_root || sockets=${XDG_RUNTIME_DIR:-/tmp}/tilth-$hash
    fi
    [ ! -s "$home/paths" ] || data=$(sed -n 1p "$home/paths")
    if is_running postgres || is_running redis || is_running server; then
        sockets=$(sed -n 2p "$home/paths")
    fi
}

make_places() {
    mkdir -p -- "$data" "$sockets"
    # In a folder that all may write to, somebody else might have been first.
    if [ ! -O "$sockets" ] || [ -h "$sockets" ]; then
        fail "$sockets belongs to another user"
    fi
    if is_root; then chmod 755 "$sockets"; else chmod 700 "$sockets"; fi
    printf '%s\n%s\n' "$data" "$sockets" >"$home/paths"
}

# make_folder USER FOLDER: only for this user.
make_folder() {
    mkdir -p -- "$2"
    chmod 700 "$2"
    ! is_root || chown "$1:" "$2"
}

# One call at a time may start and stop things.
lock() {
    exec 9>"$home/lock"
    flock -n 9 || { say "tilth: waiting for another ./tilth"; flock -w 1800 9; } ||
        fail "another ./tilth does not come to an end"
}

unlock() {
    exec 9>&-
}

# ---- processes ---------------------------------------------------------------------------------

# The start time of a living process, "" when there is none (or only its remains).
start_time() {
    sed -n 's/^.*) \([^Z] .*\)$/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

remember() {
    printf '%s %s\n' "$2" "$(start_time "$2")" >"$home/$1.pid"
    started_here="$1 $started_here"
}

# Sets $pid and returns 0 when our process of that name runs.
is_running() {
    pid=''
    born=''
    [ -s "$home/$1.pid" ] || return 1
    read -r pid born <"$home/$1.pid" || :
    [ -n "$born" ] && [ "$(start_time "$pid")" = "$born" ] && return 0
    pid=''
    return 1
}

# wait_gone PID SECONDS
wait_gone() {
    gone_ticks=$(($2 * 10))
    while [ -n "$(start_time "$1")" ]; do
        [ "$gone_ticks" -gt 0 ] || return 1
        gone_ticks=$((gone_ticks - 1))
        sleep 0.1
    done
}

# stop NAME FIRST_SIGNAL SECONDS SECOND_SIGNAL: asks, insists, and ends it after all.
stop() {
    if ! is_running "$1"; then
        rm -f "$home/$1.pid"
        return 0
    fi
    say "stopping $1 (pid $pid)"
    kill "-$2" "$pid" || fail "may not stop pid $pid: it belongs to another user"
    if ! wait_gone "$pid" "$3"; then
        say "      it still runs after $3 s: SIG$4"
        kill "-$4" "$pid" 2>/dev/null || :
        wait_gone "$pid" 10 || { kill -KILL "$pid" 2>/dev/null || :; wait_gone "$pid" 10; } ||
            fail "pid $pid does not end"
    fi
    rm -f "$home/$1.pid"
}

stop_one() {
    case $1 in
    server) stop server TERM 60 KILL && rm -f "$home/server.ready" ;;
    redis) stop redis TERM 10 KILL ;;
    postgres) stop postgres INT 60 QUIT ;;
    esac
}

stop_all() {
    for name in server redis postgres; do
        stop_one "$name"
    done
    rm -rf "${sockets:?}"
}

# What this call started, when it cannot finish.
stop_started() {
    for name in $started_here; do
        stop_one "$name"
    done
    started_here=''
}
