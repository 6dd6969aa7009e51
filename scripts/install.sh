#!/usr/bin/env bash
# Make .venv: install.sh run (what the office needs) or install.sh dev (and what the tests need).
# Every file is pinned by hash; what is already in place is not touched, so a second call takes no time.
# install.sh --check only asks whether this machine can do it, and says in one sentence what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'motcua: %s\n' "$*"; }
fail() { printf 'motcua: %s\n' "$*" >&2; exit 1; }

# The newest-enough Python: PYTHON if given, else the first that is 3.11 or later.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later (package python3) is needed and was not found; install it with: sudo apt-get install python3"
}

check() {
    command -v make >/dev/null 2>&1 ||
        fail "make (package make) is needed and was not found; install it with: sudo apt-get install make"
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' >/dev/null 2>&1 && return
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        fail "Python's venv module (package python3-venv) is needed and was not found; install it with: sudo apt-get install python3-venv"
}

what=${1:-run}
case $what in
    --check) check; exit ;;
    run) list=requirements.txt ;;
    dev) list=requirements-dev.txt ;;
    *) fail "install.sh: run, dev or --check, not «$what»" ;;
esac
check

# What is installed is described by these: the lists, the project's own metadata, where it lies, and which Python.
stamp() { { cat "$1" pyproject.toml; pwd; .venv/bin/python -V; } 2>/dev/null | sha256sum | cut -d' ' -f1; }
holds() { [ -f ".venv/.installed-$1" ] && [ "$(cat ".venv/.installed-$1")" = "$(stamp "$2")" ]; }

# The dev list contains the run list.
if [ -x .venv/bin/motcua ] && .venv/bin/python -c '' 2>/dev/null; then
    if holds dev requirements-dev.txt || { [ "$what" = run ] && holds run requirements.txt; }; then
        exit 0
    fi
fi

if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
    rm -rf .venv
    say "making .venv with $("$python" -V)"
    "$python" -m venv .venv || { rm -rf .venv; fail "the virtual environment could not be made (see above)"; }
fi
rm -f .venv/.installed-*
say "installing the locked packages of $list"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --only-binary :all: \
    --require-hashes -r "$list" || fail "the packages of $list could not be installed (see above)"
# Without build isolation: the locked setuptools builds it, nothing more is downloaded.
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation \
    --no-index --editable . || fail "motcua itself could not be installed (see above)"
stamp "$list" > ".venv/.installed-$what"
say "ready: .venv/bin/motcua"
