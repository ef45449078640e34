# places.sh - where a home has its data and sockets, and which processes are its own; for ./tilth.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # variables and functions of ./tilth

is_root() {
    [ "$(id -u)" = 0 ]
}

# as_in FOLDER USER COMMAND...: in the folder; as root, as this user; else as oneself.
as_in() {
    as_folder=$1
    as_user=$2
    shift 2
    if is_root; then
        (cd -- "$as_folder" && exec setpriv --reuid="$as_user" --regid="$as_user" --init-groups \
            env HOME=/ "$@")
    else
        (cd -- "$as_folder" && exec "$@")
    fi
}

# as USER COMMAND...: never in a folder that the user cannot see.
as() {
    as_in / "$@"
}

# The longest socket path, PostgreSQL's, has to fit 107 bytes.
is_short_enough() {
    [ "$(printf '%s/postgres/.s.PGSQL.5432' "$1" | wc -c)" -le 107 ]
}

# Prints the folder, or of those above it the first that is there.
nearest() {
    nearest_folder=$1
    while [ ! -d "$nearest_folder" ]; do
        nearest_folder=$(dirname -- "$nearest_folder")
    done
    printf '%s\n' "$nearest_folder"
}

# $home as it really is, so that its hash and what it holds do not depend on how it was written. Its
# $identity stays when it is renamed; a copy has another one.
find_home() {
    home=$(readlink -m -- "$home")
    hash=$(printf '%s' "$home" | sha256sum | cut -c 1-12)
    identity=$(stat -c %d:%i -- "$home" 2>/dev/null) || identity=''
}

make_home() {
    find_home
    refuse_foreign
    mkdir -p -- "$home/log" 2>/dev/null || :
    [ -w "$home/log" ] || fail "cannot write to $home; set TILTH_HOME to another folder"
    find_home
}

# What root makes in a folder of another user, that user cannot change any more. An owner that this
# machine does not know, as in a container, is nobody to be spared.
refuse_foreign() {
    is_root && [ "${TILTH_AS_ROOT:-}" != 1 ] || return 0
    for folder in "$home" "$root/build"; do
        folder=$(nearest "$folder")
        [ "$(stat -c %u -- "$folder")" != 0 ] || continue
        owner=$(stat -c %U -- "$folder")
        [ "$owner" != UNKNOWN ] || continue
        say "tilth: $folder belongs to $owner, who could not change what root makes there"
        say "run it as $owner, without sudo (packages call it), or in a clone that root owns;"
        fail "TILTH_AS_ROOT=1 lets root do it all the same"
    done
}

# Paths in the home are kept relative to it, so that it may be renamed.
shorten() {
    case $1 in "$home" | "$home"/*) printf '.%s\n' "${1#"$home"}" ;; *) printf '%s\n' "$1" ;; esac
}

# kept_path LINE: the data (1) or the sockets (2) of the last time; "" when there are none.
kept_path() {
    kept=$(sed -n "$1p" "$home/paths" 2>/dev/null) || kept=''
    case $kept in . | ./*) kept=$home${kept#.} ;; esac
    printf '%s\n' "$kept"
}

# Data outside of the home belongs to the home that its file `home` names, also when that one has
# been moved since; not to a copy of it. Before there was that file, nothing outside was shared.
owns_data() {
    case $1 in /var/lib/tilth/*) ;; *) return 1 ;; esac
    [ -s "$1/home" ] || return 0
    owner_identity='' owner_home=''
    { IFS= read -r owner_identity && IFS= read -r owner_home; } <"$1/home" || :
    [ "$owner_identity" = "$identity" ] || [ "$owner_home" = "$home" ] || [ ! -e "$owner_home" ]
}

# A new folder outside of the home, for when user postgres cannot enter the home.
choose_outside() {
    outside=/var/lib/tilth/$hash
    outside_count=1
    while [ -e "$outside" ]; do
        outside_count=$((outside_count + 1))
        outside=/var/lib/tilth/$hash-$outside_count
    done
    printf '%s\n' "$outside"
}

# Chooses $data and $sockets. $data stays what it was, even when rights have changed; $sockets stays
# as long as somebody listens there.
find_places() {
    is_reachable=1
    if is_root && id postgres >/dev/null 2>&1; then
        as postgres test -x "$(nearest "$home")" || is_reachable=0
    fi
    data=$(kept_path 1)
    if [ "$data" != "$home" ] && ! owns_data "$data"; then
        data=$home
        if [ "$is_reachable" = 0 ] && [ ! -d "$home/postgres" ] && [ ! -d "$home/journal" ]; then
            data=$(choose_outside)
        fi
    fi
    find_sockets
}

find_sockets() {
    sockets=$home/sockets
    if [ "$is_reachable" = 0 ] || ! is_short_enough "$sockets"; then
        sockets=/run/tilth/$hash
        is_root || sockets=${XDG_RUNTIME_DIR:-/tmp}/tilth-$hash
    fi
    if is_running postgres || is_running redis || is_running server; then
        sockets=$(kept_path 2)
    fi
}

make_places() {
    mkdir -p -- "$data" "$sockets"
    # In a folder that all may write to, somebody else might have been first.
    if [ ! -O "$sockets" ] || [ -h "$sockets" ]; then
        fail "$sockets belongs to another user"
    fi
    if is_root; then chmod 755 "$sockets"; else chmod 700 "$sockets"; fi
    case $(kept_path 1) in
    "$data" | '') ;;
    /var/lib/tilth/*) say "      this home is a copy; the world stays with the original" ;;
    esac
    { shorten "$data" && shorten "$sockets"; } >"$home/paths"
    [ "$data" != "$home" ] || return 0
    printf '%s\n%s\n' "$identity" "$home" >"$data/home"
    say "      the world is kept in $data: user postgres cannot enter $home"
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

# Sets $start to the start time of a living process, "" when there is none (or only its remains).
# Without other programs, since whoever waits asks often.
read_start() {
    start=''
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    stat=${stat##*) }
    case $stat in Z* | X*) return 0 ;; esac
    # shellcheck disable=SC2086 # numbers
    set -- $stat
    start=${20:-}
}

lives() {
    read_start "$1"
    [ -n "$start" ]
}

# remember NAME PID: in this home's file; a copy of the file counts nowhere else.
remember() {
    read_start "$2"
    printf '%s %s %s\n' "$2" "${start:-0}" "$identity" >"$home/$1.pid"
    started_here="$1 $started_here"
}

# Sets $pid, $born and $keeper to what the file of that name says; 1 when it is not this home's.
read_pid() {
    pid='' born='' keeper=''
    [ -s "$home/$1.pid" ] || return 1
    read -r pid born keeper <"$home/$1.pid" || :
    [ -n "$born" ] || return 1
    [ "$keeper" != "$identity" ] || return 0
    # Files of before there were keepers count where the paths beside them are still right.
    [ -z "$keeper" ] || return 1
    kept=$(sed -n 1p "$home/paths" 2>/dev/null) || kept=''
    [ "$kept" = "$home" ] || [ "$kept" = "/var/lib/tilth/$hash" ]
}

# Sets $pid and returns 0 when our process of that name runs.
is_running() {
    if read_pid "$1"; then
        read_start "$pid"
        [ "$start" != "$born" ] || return 0
    fi
    pid=''
    return 1
}

# Pid files of what has ended, or of the home that this one was copied from.
forget_gone() {
    for name in server redis postgres; do
        is_running "$name" || rm -f "$home/$name.pid"
    done
}

# wait_gone PID SECONDS
wait_gone() {
    gone_ticks=$(($2 * 10))
    while lives "$1"; do
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
