"""Databases for tests: one migrated template a run, and copies of it.

Append-only tables refuse to be emptied, so no test may flush. Ordinary tests roll back (pytest-django's ``db``); those
that need real commits get a copy of their own (the fixture ``real_database``).
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from tests.support.migrating import quickly

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
_GIVEN_URL = os.environ.get("DATABASE_URL", "")
_PREFIX = "motcua_" + "".join(c for c in Path(settings.RUN).name.lower() if c.isalnum()).removeprefix("motcua")


def name_of(copy: str) -> str:
    """The full name (PostgreSQL) or path (SQLite) of a database of this run."""
    return f"{_PREFIX}_{copy}" if ON_POSTGRESQL else str(Path(settings.RUN) / f"{copy}.sqlite3")


def url_of(copy: str) -> str:
    """The ``DATABASE_URL`` of a database of this run, for child processes."""
    if ON_POSTGRESQL:
        return urlsplit(_GIVEN_URL)._replace(path=f"/{name_of(copy)}").geturl()
    return f"sqlite:///{name_of(copy)}"


def point_at(copy: str) -> None:
    """Let Django's default connection mean that database, in every thread."""
    _point_at_name(name_of(copy))


def _point_at_name(name: str) -> None:
    connections.close_all()
    # Connections of all threads share this dictionary.
    connections.settings["default"]["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def pointed_at(copy: str) -> Iterator[str]:
    """:func:`point_at` for a block; yields the database's URL, which child processes inherit too."""
    before, url_before = connections.settings["default"]["NAME"], os.environ.get("DATABASE_URL")
    point_at(copy)
    os.environ["DATABASE_URL"] = url_of(copy)
    try:
        yield url_of(copy)
    finally:
        _point_at_name(before)
        if url_before is None:
            del os.environ["DATABASE_URL"]
        else:
            os.environ["DATABASE_URL"] = url_before


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """A connection to the database DATABASE_URL names, from which others are made and dropped."""
    parts = urlsplit(_GIVEN_URL)
    with psycopg.connect(
        host=unquote(parts.hostname or ""),
        port=parts.port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        dbname=parts.path.lstrip("/"),
        autocommit=True,
    ) as connection:
        yield connection


def create_from(template: str, copy: str) -> None:
    """Make a database as a copy of another of this run; the other must have no connection."""
    if not ON_POSTGRESQL:
        # A closed SQLite database is one file: the last connection folds the write-ahead log into it.
        shutil.copyfile(name_of(template), name_of(copy))
        return
    with _server() as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name_of(copy)), sql.Identifier(name_of(template))
            )
        )


def renew(template: str, copy: str, start: int) -> None:
    """Make an SQLite database anew from another, also while a server has it open.

    Numbers of rows begin after ``start``: a server may remember by number what can never change in an office, and no
    number may mean two things to it.
    """
    with sqlite3.connect(name_of(template)) as source, sqlite3.connect(name_of(copy), timeout=30) as target:
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target)
        counted = target.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        for (name,) in counted.fetchall():
            last = target.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", [name]).fetchone()[0] or 0
            target.execute("DELETE FROM sqlite_sequence WHERE name = ?", [name])
            target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [name, max(last, start)])
    source.close()
    target.close()


def drop(copy: str) -> None:
    """Remove a database of this run, even while somebody is still connected."""
    if not ON_POSTGRESQL:
        for suffix in ("", "-wal", "-shm"):
            Path(name_of(copy) + suffix).unlink(missing_ok=True)
        return
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(copy))))


def drop_all() -> None:
    """Remove whatever this run has left on the server (the end of the run; SQLite's files go with the folder)."""
    if not ON_POSTGRESQL:
        return
    with _server() as server:
        left = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX + "_"])
        for (name,) in left.fetchall():
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def make_template() -> None:
    """Migrate an empty database, once a run: the first worker does it and the others wait."""
    done = Path(settings.RUN) / "template.done"
    with open(Path(settings.RUN) / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        drop("template")
        if ON_POSTGRESQL:
            with _server() as server:
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name_of("template"))))
        with pointed_at("template"), quickly():
            call_command("migrate", verbosity=0, interactive=False)
        done.touch()


def schema() -> list[tuple[str, ...]]:
    """What the present database is made of, in words: tables, columns, constraints, indexes, triggers."""
    if not ON_POSTGRESQL:
        queries = ["SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"]
    else:
        queries = [
            "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '') "
            "FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <> 13",
        ]
    found = []
    with connections["default"].cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            found += cursor.fetchall()
    return sorted(found)
