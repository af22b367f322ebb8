# A throwaway PostgreSQL cluster: made, started, and gone at the end. Sourced, not run.
# shellcheck shell=bash

# Sets POSTGRES_BIN to the newest server's folder, installing Debian's if there is none.
find_postgres() {
    POSTGRES_BIN=${GRANTOR_TEST_POSTGRES_BIN:-}
    [ -n "$POSTGRES_BIN" ] || POSTGRES_BIN=$(newest_postgres)
    if [ -z "$POSTGRES_BIN" ]; then
        install_packages postgresql
        POSTGRES_BIN=$(newest_postgres)
    fi
    [ -x "$POSTGRES_BIN/initdb" ] || die "no initdb in '$POSTGRES_BIN'"
    "$POSTGRES_BIN/postgres" --version
}

newest_postgres() {
    local bin
    for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
        [ -x "$bin/initdb" ] && echo "$bin" && return
    done
    if command -v initdb >/dev/null; then dirname "$(readlink -f "$(command -v initdb)")"; fi
}

# PostgreSQL refuses to run as root: then its own user, or nobody, runs it. `exec`, so that $! is the server.
as_postgres_user() {
    if [ "$(id -u)" -eq 0 ]; then
        exec setpriv --reuid="$POSTGRES_USER" --regid="$(id -gn "$POSTGRES_USER")" --init-groups --reset-env "$@"
    else
        exec "$@"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_postgres FOLDER [OPTION=VALUE...]: a cluster below the folder; sets POSTGRES_URL, POSTGRES_PID and POSTGRES_HOME.
# The caller's trap calls stop_postgres.
start_postgres() {
    local folder=$1
    shift
    POSTGRES_USER=postgres
    id postgres >/dev/null 2>&1 || POSTGRES_USER=nobody
    POSTGRES_HOME=$(mktemp -d "$folder/grantor-postgres.XXXXXX")
    local password option options=() attempt port
    password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
    printf '%s' "$password" >"$POSTGRES_HOME/password"
    [ "$(id -u)" -ne 0 ] || chown -R "$POSTGRES_USER" "$POSTGRES_HOME"
    (cd "$POSTGRES_HOME" && as_postgres_user "$POSTGRES_BIN/initdb" --pgdata="$POSTGRES_HOME/data" --username=grantor \
        --auth=scram-sha-256 --pwfile="$POSTGRES_HOME/password" --encoding=UTF8 --locale=C.UTF-8 --no-sync \
        >"$POSTGRES_HOME/initdb.log" 2>&1) || {
        cat "$POSTGRES_HOME/initdb.log" >&2
        die "initdb failed"
    }
    for option in "$@"; do options+=(-c "$option"); done
    for attempt in 1 2 3; do
        port=$(free_port)
        (cd "$POSTGRES_HOME" && as_postgres_user "$POSTGRES_BIN/postgres" -D "$POSTGRES_HOME/data" -p "$port" \
            -c listen_addresses=127.0.0.1 -c unix_socket_directories="$POSTGRES_HOME" "${options[@]}" \
            >"$POSTGRES_HOME/server.log" 2>&1) &
        POSTGRES_PID=$!
        if wait_for_postgres "$port"; then
            POSTGRES_URL="postgres://grantor:$password@127.0.0.1:$port/postgres"
            hash_cheaply "$password"
            return
        fi
        echo "PostgreSQL did not start on port $port (attempt $attempt)" >&2
        cat "$POSTGRES_HOME/server.log" >&2
    done
    die "PostgreSQL did not start"
}

# SCRAM hashes a password 4,096 times a connection, on both sides. One that is random and lives for one run needs it once.
hash_cheaply() {
    [ -x "$POSTGRES_BIN/psql" ] || return 0
    python3 - "$1" <<'PYTHON' | "$POSTGRES_BIN/psql" --quiet --no-psqlrc "$POSTGRES_URL"
import base64, hashlib, hmac, os, sys
salt = os.urandom(16)
salted = hashlib.pbkdf2_hmac("sha256", sys.argv[1].encode(), salt, 1)
keyed = lambda label: hmac.new(salted, label, "sha256").digest()
text = lambda data: base64.b64encode(data).decode()
stored = hashlib.sha256(keyed(b"Client Key")).digest()
print(f"ALTER ROLE grantor PASSWORD 'SCRAM-SHA-256$1:{text(salt)}${text(stored)}:{text(keyed(b'Server Key'))}'")
PYTHON
}

wait_for_postgres() {
    local _
    for _ in $(seq 150); do
        kill -0 "$POSTGRES_PID" 2>/dev/null || return 1
        "$POSTGRES_BIN/pg_isready" -q -h 127.0.0.1 -p "$1" && return 0
        sleep 0.1
    done
    stop_postgres_server
    return 1
}

stop_postgres_server() {
    [ -n "${POSTGRES_PID:-}" ] || return 0
    kill -INT "$POSTGRES_PID" 2>/dev/null || true
    wait "$POSTGRES_PID" 2>/dev/null || true
    POSTGRES_PID=
}

stop_postgres() {
    stop_postgres_server
    [ -z "${POSTGRES_HOME:-}" ] || rm -rf "$POSTGRES_HOME"
}
