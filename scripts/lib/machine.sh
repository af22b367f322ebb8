# What the scripts need on the machine: found, or installed by apt-get. Sourced, not run.
# shellcheck shell=bash

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# install_packages PACKAGE...: by apt-get, as root or through sudo, after one `apt-get update`.
install_packages() {
    command -v apt-get >/dev/null || die "please install: $* (no apt-get on this machine)"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "please install as root: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing $*"
    if [ -z "${APT_IS_FRESH:-}" ]; then
        "${as_root[@]}" apt-get update -q
        APT_IS_FRESH=1
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# need COMMAND PACKAGE...: installs the packages unless the command is there.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null || install_packages "$@"
}

need_rust() {
    command -v cargo >/dev/null || die "Rust is missing: install 1.95 or newer from https://rustup.rs"
    need cc gcc libc6-dev
    cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
    cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
}

# Debian 12's own Node is 18, too old for the clients: apt-get helps only where it offers 20 or newer.
need_node() {
    local offered
    if ! command -v node >/dev/null; then
        offered=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\).*/\1/p')
        [ "${offered:-0}" -ge 20 ] && install_packages nodejs
    fi
    command -v node >/dev/null || die "Node 20 or newer is missing: see https://nodejs.org/en/download"
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge 20 ] || die "Node $(node --version) is too old: version 20 or newer is needed"
    need npm npm
    echo "Node $(node --version)"
}

need_chromium() {
    if [ -z "${GRANTOR_TEST_CHROMIUM:-}" ]; then
        need chromium chromium fonts-dejavu-core
        GRANTOR_TEST_CHROMIUM=$(command -v chromium)
    fi
    export GRANTOR_TEST_CHROMIUM
}

# The foreign clients, exactly as the lock file has them; again only when the lock file changed.
install_node_packages() {
    local folder=$1 stamp=$1/node_modules/.installed
    if ! cmp -s "$folder/package-lock.json" "$stamp"; then
        npm ci --prefix "$folder" --no-audit --no-fund
        cp "$folder/package-lock.json" "$stamp"
    fi
}

# Python packages in an environment of the build's own; again only when the list changed.
install_python_packages() {
    local list=$1 folder=$2 stamp=$2/.installed
    if ! cmp -s "$list" "$stamp"; then
        python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
        rm -rf "$folder"
        python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$list"
        cp "$list" "$stamp"
    fi
}

# A build against sources under another target directory is still this build.
target_dir() { echo "${CARGO_TARGET_DIR:-$PWD/target}"; }
