"""``make bench``: run every ``benchmarks/bench_*.py`` and print on what machine its figures were taken.

A benchmark is a module with ``main()``, which prints its own counts and figures. It runs in a process of its own, on an
empty migrated database in a home of its own; once on SQLite, and on PostgreSQL too if the module says
``DATABASES = ("sqlite", "postgresql")`` and ``DATABASE_URL`` names a server (``make bench`` starts one).
``run.py WORD…`` runs those whose name contains one of the words.
"""

import ast
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import import_module, metadata
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


def machine() -> list[str]:
    """What the figures depend on: processor, memory, system, versions."""
    lines = [f"machine: {_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory()}", f"system: {_system()}"]
    import sqlite3

    versions = {
        "Python": platform.python_version(),
        "Django": metadata.version("django"),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
        "motcua": metadata.version("motcua"),
    }
    lines.append("versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    lines.append(f"load before: {os.getloadavg()[0]:.2f}")
    return lines


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"
    except OSError:
        return platform.platform()


def _postgresql() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return "none"
    import psycopg

    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
    return f"{version[0].split()[0]} (private, fsync off)" if version else "?"


def databases(path: Path) -> tuple[str, ...]:
    """What the module's ``DATABASES`` says, without importing it; refuses a module without ``main()``."""
    tree = ast.parse(path.read_text())
    if not any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
        raise SystemExit(f"{path.name} has no main()")
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DATABASES":
            return tuple(ast.literal_eval(node.value))
    return ("sqlite",)


def run_one(path: Path, vendor: str) -> bool:
    """Run one benchmark on one database in a process of its own; whether it ended well."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as home:
        env = {**os.environ, "MOTCUA_HOME": home, "DJANGO_SETTINGS_MODULE": "motcua.config.settings"}
        name = f"bench_{path.stem}"
        if vendor == "postgresql":
            env["DATABASE_URL"] = _new_database(name)
        else:
            env.pop("DATABASE_URL", None)
        print(f"\n== {path.stem} on {vendor}", flush=True)
        began = time.perf_counter()
        done = subprocess.run([sys.executable, __file__, "--child", path.stem], env=env, check=False)
        print(f"-- {path.stem} on {vendor}: {time.perf_counter() - began:.1f} s in all", flush=True)
    return done.returncode == 0


def _new_database(name: str) -> str:
    import psycopg
    from psycopg import sql

    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def child(stem: str) -> None:
    """In the benchmark's own process: Django, an empty migrated database, ``main()``."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    import_module(f"benchmarks.{stem}").main()


def main(words: list[str]) -> int:
    paths = sorted(p for p in HERE.glob("bench_*.py") if not words or any(word in p.stem for word in words))
    if not paths:
        print(f"no benchmark{' of that name' if words else ''} in {HERE.name}/", file=sys.stderr)
        return 2
    print("\n".join(machine()))
    failed: list[str] = []
    missing: list[str] = []
    for path in paths:
        for vendor in databases(path):
            if vendor == "postgresql" and not os.environ.get("DATABASE_URL", "").startswith("postgres"):
                missing.append(path.stem)
            elif not run_one(path, vendor):
                failed.append(f"{path.stem} on {vendor}")
    for name in missing:
        print(f"NOT RUN: {name} on postgresql: DATABASE_URL names no server")
    for name in failed:
        print(f"FAILED: {name}")
    return 1 if failed else 3 if missing else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
