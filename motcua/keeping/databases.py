"""A consistent copy of the running database, and putting one back whole or not at all; for SQLite and PostgreSQL.

Nothing waits while a copy is made: SQLite's online backup and PostgreSQL's exported snapshot both show one moment.
"""

import glob
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, connections, transaction

from motcua.core.errors import Conflict, Invalid

Ask = Callable[[str], Iterator[tuple[Any, ...]]]
MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# What belongs to the running machine and not to the office: who is signed in, what was remembered for some minutes.
PASSING = ("django_session", "desk_cache")
# Where PostgreSQL keeps the present tables while others are put in their place.
_ASIDE = "motcua_before_restore"
_BUSY = "Cơ sở dữ liệu đang có nơi khác dùng. Hãy dừng «motcua serve» và các lệnh khác rồi chạy lại."


@dataclass(frozen=True)
class Copy:
    """A copy of the database: the file, who made it, and a way to ask it (SQL that both databases understand)."""

    path: Path
    versions: dict[str, str]
    ask: Ask


@contextmanager
def copied(staging: Path) -> Iterator[Copy]:
    """A copy of the running database as it is at this moment, in the folder ``staging``."""
    with _copied_sqlite(staging) if connection.vendor == "sqlite" else _copied_postgresql(staging) as copy:
        yield copy


def counts(ask: Ask, vendor: str) -> dict[str, int]:
    """How many rows each table has, without what is only passing."""
    if vendor == "sqlite":
        listing = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    else:
        listing = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    tables = [name for (name,) in ask(listing) if name not in PASSING]
    if not tables:
        return {}
    found: dict[str, int] = {}
    for name in tables:
        # Names from the database's own catalogue, quoted.
        quoted = name.replace('"', '""')
        found[name] = next(iter(ask(f'SELECT COUNT(*) FROM "{quoted}"')))[0]  # noqa: S608
    return found


def present() -> dict[str, int]:
    """The counts of the database in use; empty when it has no table."""
    return counts(ask_present, connection.vendor)


def ask_present(sql: str) -> Iterator[tuple[Any, ...]]:
    """Ask the database in use."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(2000):
            yield from rows


# ---- SQLite ----------------------------------------------------------------------------------------------------------


def _sqlite(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=30, isolation_level=None)


def _asker(found: sqlite3.Connection) -> Ask:
    def ask(sql: str) -> Iterator[tuple[Any, ...]]:
        yield from found.execute(sql)

    return ask


@contextmanager
def _copied_sqlite(staging: Path) -> Iterator[Copy]:
    path = staging / MEMBERS["sqlite"]
    path.touch(mode=0o600)
    with closing(_sqlite(Path(connection.settings_dict["NAME"]), "rw")) as origin, closing(_sqlite(path, "rw")) as copy:
        origin.backup(copy)
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        yield Copy(path, {"server": sqlite3.sqlite_version}, _asker(copy))


@contextmanager
def _examined_sqlite(path: Path) -> Iterator[Ask]:
    """An unpacked copy, once it is known to be a sound database. Its own triggers and views are given no power."""
    with closing(_sqlite(path, "ro")) as found:
        try:
            found.execute("PRAGMA trusted_schema=OFF")
            if found.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError
            yield _asker(found)
        except sqlite3.DatabaseError as error:
            raise Invalid("Cơ sở dữ liệu trong bản sao lưu bị hỏng. Chưa có gì bị thay đổi.") from error


def _put_sqlite(path: Path) -> None:
    """Write a copy over the database in one transaction of SQLite's own: readers see the old or the new, never half."""
    connections.close_all()
    target = Path(connection.settings_dict["NAME"])
    target.touch(mode=0o600)
    with closing(_sqlite(path, "ro")) as copy, closing(_sqlite(target, "rw")) as live:
        live.execute("PRAGMA busy_timeout=3000")
        live.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            # With a write-ahead log this succeeds only when nobody else has the file open.
            live.execute("BEGIN EXCLUSIVE")
            live.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise Conflict(f"{_BUSY} Chưa có gì bị thay đổi.") from error
        copy.backup(live)


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------


def _major(text: str) -> int:
    found = re.search(r"(\d+)(?:\.\d+|devel|beta\d|rc\d)", text)
    return int(found[1]) if found else 0


def program(name: str, at_least: int) -> Path:
    """A client program of PostgreSQL of the lowest version that is new enough, or a sentence saying what to install."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin"))
    places = [path for path in (shutil.which(name, path=folder) for folder in folders) if path]
    if (on_path := shutil.which(name)) is not None:
        places.append(on_path)
    found = []
    for place in places:
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
        found.append((_major(said), place))
    if not found:
        raise Invalid(
            f"Thiếu chương trình {name} của PostgreSQL. Hãy cài bộ công cụ khách bản {at_least} trở lên "
            f"(Debian, Ubuntu: apt-get install postgresql-client)."
        )
    enough = [pair for pair in found if pair[0] >= at_least]
    if not enough:
        raise Invalid(
            f"{name} trên máy này là bản {max(found)[0]}, cần bản {at_least} trở lên. Hãy cài bộ công cụ khách mới hơn "
            f"(Debian, Ubuntu: apt-get install postgresql-client-{at_least})."
        )
    return Path(min(enough)[1])


def _environment() -> dict[str, str]:
    """What a client program needs to reach our database; the password is not on its command line."""
    known = connection.settings_dict
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    found = {name: str(known[key]) for name, key in given.items() if known.get(key)}
    for name in ("service", "sslmode", "sslrootcert", "sslcert", "sslkey"):
        if value := known.get("OPTIONS", {}).get(name):
            found[f"PG{name.upper()}"] = str(value)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **found, "PGCLIENTENCODING": "UTF8", "PGTZ": "UTC"}


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["không rõ lý do"]
        fault = next((line for line in lines if "error:" in line or "ERROR:" in line), lines[-1])
        raise Invalid(f"{what} không xong: {fault.strip()[:300]}")


def _server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10000


@contextmanager
def _copied_postgresql(staging: Path) -> Iterator[Copy]:
    path, server = staging / MEMBERS["postgresql"], _server_major()
    dump = program("pg_dump", server)
    with transaction.atomic(), connection.cursor() as cursor:
        # The copy, the counts and the list of uploads all see this one moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (shown,) = cursor.fetchone()
        command = [str(dump), "--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--compress=0"]
        _run([*command, f"--snapshot={shown}", f"--file={path}"], "Sao chép cơ sở dữ liệu (pg_dump)")
        path.chmod(0o600)
        said = subprocess.run([str(dump), "--version"], capture_output=True, text=True, check=False).stdout
        yield Copy(path, {"server": str(server), "client": str(_major(said))}, ask_present)


def others() -> int:
    """How many other connections the database in use has (PostgreSQL; SQLite is asked when it is locked)."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _move_extensions(source: str, target: str) -> list[str]:
    found = ask_present(
        "SELECT n.nspname, quote_ident(e.extname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extrelocatable"
    )
    return [f"ALTER EXTENSION {name} SET SCHEMA {target}" for schema, name in found if schema == source]


def recover() -> None:
    """Tidy up after a restore that was killed: its main step was one transaction, done or not done. To be called before
    it is asked what the database holds."""
    if connection.vendor != "postgresql":
        return
    schemas = {name for (name,) in ask_present("SELECT nspname FROM pg_namespace")}
    if _ASIDE not in schemas:
        return
    if any(True for _ in ask_present("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")):
        _execute(f"DROP SCHEMA {_ASIDE} CASCADE")
    else:
        _put_back()


def _put_back() -> None:
    moves = _move_extensions("public", _ASIDE)
    _execute(*moves, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {_ASIDE} RENAME TO public")


def _put_postgresql(path: Path, client: int, expected: dict[str, int]) -> None:
    restore = program("pg_restore", max(client, 15))
    if (n := others()) > 0:
        raise Conflict(f"{_BUSY} Còn {n} kết nối khác. Chưa có gì bị thay đổi.")
    moves = _move_extensions("public", "public")
    _execute(
        f"ALTER SCHEMA public RENAME TO {_ASIDE}",
        "CREATE SCHEMA public",
        *moves,
    )
    try:
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
        command = [str(restore), *options, f"--dbname={connection.settings_dict['NAME']}", str(path)]
        _run(command, "Khôi phục cơ sở dữ liệu (pg_restore)")
        if present() != expected:
            raise Invalid("Số dòng sau khi khôi phục khác bản kê trong bản sao lưu.")
    except BaseException:
        _put_back()
        raise
    _execute(f"DROP SCHEMA {_ASIDE} CASCADE")


# ---- both ------------------------------------------------------------------------------------------------------------


def examine(path: Path, vendor: str, expected: dict[str, int]) -> None:
    """What can be known of an unpacked copy before anything is touched; :class:`Invalid` when it is not sound."""
    if vendor == "sqlite":
        with _examined_sqlite(path) as ask:
            if counts(ask, vendor) != expected:
                raise Invalid("Số dòng trong bản sao lưu khác bản kê của nó. Chưa có gì bị thay đổi.")
        return
    with path.open("rb") as file:
        if file.read(5) != b"PGDMP":
            raise Invalid("Bản sao lưu không chứa bản sao PostgreSQL. Chưa có gì bị thay đổi.")


def put(path: Path, versions: dict[str, str], expected: dict[str, int]) -> None:
    """Make an examined copy the database in use: all of it, or on any error nothing."""
    if connection.vendor == "sqlite":
        _put_sqlite(path)
    else:
        _put_postgresql(path, int(versions.get("client", "0")), expected)
