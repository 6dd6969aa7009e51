#!/usr/bin/env bash
# Install from the system what the tests need and is not there: PostgreSQL with contrib, Chromium, a library of
# playwright's driver. Only where it may (root, or sudo without a password). Never fails: a leg that then cannot run
# is named by scripts/test.py.
set -uo pipefail
cd "$(dirname "$0")/.."

missing=()
.venv/bin/python -c 'import sys; sys.path.insert(0, "scripts"); import with_postgres; with_postgres.find_bin()' \
    >/dev/null 2>&1 || missing+=(postgresql postgresql-contrib)
if [ -z "${CHROMIUM:-}" ]; then
    found=
    for name in chromium chromium-browser google-chrome-stable google-chrome chrome; do
        command -v "$name" >/dev/null 2>&1 && found=1
    done
    [ -n "$found" ] || missing+=(chromium)
fi
.venv/bin/python tests/support/chromium.py >/dev/null 2>&1 || missing+=(libatomic1)
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true >/dev/null 2>&1; then
        printf 'motcua: the tests want: sudo apt-get install %s\n' "${missing[*]}" >&2
        exit 0
    fi
    root=(sudo -n)
fi
command -v apt-get >/dev/null 2>&1 || { printf 'motcua: the tests want: %s\n' "${missing[*]}" >&2; exit 0; }
printf 'motcua: installing %s\n' "${missing[*]}"
log=$(mktemp)
"${root[@]}" apt-get update -qq >"$log" 2>&1
for package in "${missing[@]}"; do
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
        </dev/null >>"$log" 2>&1 || { printf 'motcua: apt-get could not install %s:\n' "$package" >&2; tail -n 5 "$log" >&2; }
done
rm -f "$log"
