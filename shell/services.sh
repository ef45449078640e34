# services.sh - the private PostgreSQL and Redis of a home; for ./tilth.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # variables and functions of ./tilth

# Sets $pg_bin: of the version that made the cluster, else the newest.
find_postgres() {
    pg_version='*'
    [ ! -s "$data/postgres/version" ] || pg_version=$(cat "$data/postgres/version")
    # shellcheck disable=SC2012,SC2086 # plain names; the version may be a pattern
    pg_bin=$(ls -d /usr/lib/postgresql/$pg_version/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$pg_bin" ] || [ "$pg_version" = '*' ] ||
        fail "$data was made by PostgreSQL $pg_version, which is not installed"
    [ -n "$pg_bin" ] || pg_bin=$(dirname "$(command -v initdb)") || fail "PostgreSQL has no initdb"
}

# A cluster that listens on a unix socket only. The kernel tells PostgreSQL who connects (peer), so
# there is no password that could leak.
make_cluster() {
    cluster_new=$data/postgres/data.new
    rm -rf "$cluster_new"
    as postgres "$pg_bin/initdb" -D "$cluster_new" -U postgres --auth=peer --encoding=UTF8 \
        --locale=C.UTF-8 --data-checksums >"$home/log/initdb.log" 2>&1 ||
        { tail -n 5 "$home/log/initdb.log" >&2; fail "initdb: see $home/log/initdb.log"; }
    printf 'local all all peer map=tilth\n' | as postgres tee "$cluster_new/pg_hba.conf" >/dev/null
    for name in "$(id -un)" "$(as postgres id -un)"; do
        printf 'tilth "%s" tilth\ntilth "%s" postgres\n' "$name" "$name"
    done | sort -u | as postgres tee "$cluster_new/pg_ident.conf" >/dev/null
    printf "include_if_exists = 'tilth.conf'\n" |
        as postgres tee -a "$cluster_new/postgresql.conf" >/dev/null
    mv "$cluster_new" "$data/postgres/data"
    as postgres cat "$data/postgres/data/PG_VERSION" >"$data/postgres/version"
}

psql_do() {
    as postgres "$pg_bin/psql" -X -q -t -A -v ON_ERROR_STOP=1 \
        -h "$sockets/postgres" -U postgres "$@"
}

make_database() {
    psql_do -d postgres >/dev/null <<'END'
SELECT 'CREATE ROLE tilth LOGIN' WHERE NOT EXISTS
    (SELECT FROM pg_roles WHERE rolname = 'tilth') \gexec
ALTER ROLE tilth CREATEDB; -- for verifying and restoring backups
SELECT 'CREATE DATABASE tilth OWNER tilth' WHERE NOT EXISTS
    (SELECT FROM pg_database WHERE datname = 'tilth') \gexec
END
}

# Does this cluster's server run already? A call that was killed may have left it. The pid file of a
# copied cluster names the original's server, whose current folder is another one.
finds_postmaster() {
    postmaster=$(as postgres head -n 1 "$data/postgres/data/postmaster.pid" 2>/dev/null) || return 1
    as postgres test "/proc/$postmaster/cwd" -ef "$data/postgres/data" && return 0
    [ ! -d "/proc/$postmaster" ] || rm -f "$data/postgres/data/postmaster.pid"
    return 1
}

# In the folder, since pg_ctl gives what it is told to a shell, which some paths do not survive.
run_pg_ctl() {
    as_in "$data/postgres" postgres "$pg_bin/pg_ctl" -D data -s -w -t 120 -l postgres.log start \
        >"$home/log/pg_ctl.log" 2>&1 </dev/null 9>&- && return 0
    cat "$home/log/pg_ctl.log" >&2
    as postgres tail -n 10 "$data/postgres/postgres.log" >&2 || :
    fail "PostgreSQL does not start: $data/postgres/postgres.log says why"
}

write_postgres_settings() {
    quoted=$(printf '%s' "$sockets/postgres" | sed "s/\"/\"\"/g; s/'/''/g")
    as postgres tee "$data/postgres/data/tilth.conf" >/dev/null <<END
listen_addresses = ''
unix_socket_directories = '"$quoted"'
unix_socket_permissions = 0700
port = 5432
max_connections = 40
END
}

start_postgres() {
    ! is_running postgres || return 0
    make_folder postgres "$data/postgres"
    as postgres test -x "$data/postgres" ||
        fail "user postgres cannot enter $data/postgres, where the world is, for want of rights (x)"
    find_postgres
    [ -d "$data/postgres/data" ] || make_cluster
    if ! finds_postmaster; then
        rm -rf "${sockets:?}/postgres"
        make_folder postgres "$sockets/postgres"
        write_postgres_settings
        run_pg_ctl
    fi
    remember postgres "$(as postgres head -n 1 "$data/postgres/data/postmaster.pid")"
    make_database || fail "cannot make the database"
}

start_redis() {
    ! is_running redis || return 0
    redis_user=redis
    id redis >/dev/null 2>&1 || redis_user=postgres
    make_folder "$redis_user" "$sockets/redis"
    # A cache: bounded, and never written to disk.
    cat >"$home/redis.conf" <<END
port 0
unixsocket "$(printf '%s' "$sockets/redis/redis.sock" | sed 's/[\\"]/\\&/g')"
unixsocketperm 700
dir "$(printf '%s' "$sockets/redis" | sed 's/[\\"]/\\&/g')"
maxmemory 256mb
maxmemory-policy allkeys-lru
save ""
appendonly no
END
    (
        cd /
        [ "$(id -u)" != 0 ] ||
            exec setsid setpriv --reuid="$redis_user" --regid="$redis_user" --init-groups \
                redis-server - <"$home/redis.conf" >"$home/log/redis.log" 2>&1 9>&-
        exec setsid redis-server - <"$home/redis.conf" >"$home/log/redis.log" 2>&1 9>&-
    ) &
    redis_pid=$!
    remember redis "$redis_pid"
    for _ in $(seq 100); do
        [ "$(redis-cli -s "$sockets/redis/redis.sock" ping 2>/dev/null)" != PONG ] || return 0
        lives "$redis_pid" || break
        sleep 0.1
    done
    tail -n 5 "$home/log/redis.log" >&2
    fail "Redis does not start: $home/log/redis.log says why"
}

# The part of a URL behind ?: what libpq would take for its own is written as %XX.
url_escape() {
    printf '%s' "$1" |
        sed 's/%/%25/g; s/ /%20/g; s/&/%26/g; s/=/%3D/g; s/#/%23/g; s/?/%3F/g; s/+/%2B/g'
}
