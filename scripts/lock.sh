#!/usr/bin/env bash
# Write requirements.txt and requirements-dev.txt anew from pyproject.toml: pinned, with hashes, without addresses.
# uv stays out of the project's own environment.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
.venv/bin/python -m venv "$tool"
"$tool/bin/python" -m pip install -qq --disable-pip-version-check uv
compile() {
    "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --no-header "$@" pyproject.toml
}
compile -o requirements.txt
compile --extra dev -o requirements-dev.txt
