"""Style, types, layers and migrations. Prints what each check found; exits 1 if one failed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy", "motcua", "scripts"],
    "layers": ["lint-imports", "--no-cache"],
    "migrations": ["motcua", "makemigrations", "--check", "--dry-run"],
}


def run() -> dict[str, bool]:
    """Run every check; name -> whether it passed. What a failing one said is printed."""
    outcome: dict[str, bool] = {}
    with tempfile.TemporaryDirectory(prefix="motcua-lint-") as home:
        env = {**os.environ, "MOTCUA_HOME": home}
        env.pop("DATABASE_URL", None)
        for name, (program, *arguments) in CHECKS.items():
            done = subprocess.run(
                [BIN / program, *arguments], cwd=ROOT, env=env, text=True, capture_output=True, check=False
            )
            outcome[name] = done.returncode == 0
            print(f"{name}: {'passed' if outcome[name] else 'FAILED'}", flush=True)
            if not outcome[name]:
                print(done.stdout + done.stderr, flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(not all(run().values()))
