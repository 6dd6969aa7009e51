#!/usr/bin/env bash
# make test: what is needed first, then every leg.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
scripts/system.sh
exec .venv/bin/python scripts/test.py
