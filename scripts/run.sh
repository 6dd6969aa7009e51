#!/usr/bin/env bash
# make run: the office with its demo data. Data stays in ./var; MOTCUA_HOME, DATABASE_URL and PORT are respected.
set -euo pipefail
cd "$(dirname "$0")/.."
export PORT=${PORT:-8000} MOTCUA_HOME=${MOTCUA_HOME:-$PWD/var} MOTCUA_DEMO=${MOTCUA_DEMO-1}

# Ask for the port before anything long, with a Python that is there before .venv is.
for python in .venv/bin/python "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    command -v "$python" >/dev/null 2>&1 && break
done
"$python" - "$PORT" <<'PY' || exit 1
import socket
import sys

given = sys.argv[1]
if not given.isdigit() or not 1 <= int(given) <= 65535:
    sys.exit(f"motcua: PORT={given}: số cổng phải từ 1 đến 65535 (not a port number).")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(given)))
    except PermissionError:
        sys.exit(f"motcua: không được phép mở cổng {given} (no permission); chọn cổng khác: make run PORT=8001")
    except OSError:
        sys.exit(f"motcua: cổng {given} đang bận (port is busy); chọn cổng khác: make run PORT=8001")
PY

scripts/install.sh run
exec .venv/bin/python scripts/run.py
