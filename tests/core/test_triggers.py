"""Append-only tables refuse to forget, on both databases, and it is seen when a trigger is missing."""

import pytest
from django.db import DatabaseError, connection, transaction

from motcua.core.triggers import append_only_sql, drop_append_only_sql, missing_triggers


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, word FROM stone ORDER BY id")
        return [tuple(row) for row in cursor.fetchall()]


@pytest.fixture
def stone(real_database: str) -> str:
    """A table made append-only, with two rows."""
    run("CREATE TABLE stone (id integer PRIMARY KEY, word varchar(20) UNIQUE)")
    for statement in append_only_sql(connection.vendor, "stone"):
        run(statement)
    run("INSERT INTO stone VALUES (1, 'một'), (2, 'hai')")
    return "stone"


CHANGES = [
    "UPDATE stone SET word = 'ba' WHERE id = 1",
    "UPDATE stone SET id = 9 WHERE id = 1",
    "DELETE FROM stone WHERE id = 1",
    "DELETE FROM stone",
    "INSERT INTO stone VALUES (1, 'ba') ON CONFLICT (id) DO UPDATE SET word = 'ba'",
    "INSERT INTO stone VALUES (3, 'một') ON CONFLICT (word) DO UPDATE SET id = 3",
]
ONLY_SQLITE = ["INSERT OR REPLACE INTO stone VALUES (1, 'ba')", "REPLACE INTO stone VALUES (9, 'một')"]
ONLY_POSTGRESQL = ["TRUNCATE stone"]


@pytest.mark.parametrize("change", CHANGES + ONLY_SQLITE + ONLY_POSTGRESQL)
def test_what_was_written_stays(stone: str, change: str) -> None:
    if change in (ONLY_POSTGRESQL if connection.vendor == "sqlite" else ONLY_SQLITE):
        pytest.skip("not in this database's language")
    with pytest.raises(DatabaseError, match="append-only"):
        run(change)
    assert rows() == [(1, "một"), (2, "hai")]


def test_more_can_be_written(stone: str) -> None:
    run("INSERT INTO stone VALUES (3, 'ba')")
    assert len(rows()) == 3


def test_making_it_append_only_twice_does_no_harm(stone: str) -> None:
    for statement in append_only_sql(connection.vendor, "stone"):
        run(statement)
    assert missing_triggers(connection, ["stone"]) == []


def test_each_missing_trigger_is_named(stone: str) -> None:
    assert missing_triggers(connection, ["stone"]) == []
    names = missing_triggers(connection, ["other"])
    assert len(names) == len(missing_triggers(connection, ["stone", "other"])) >= 2
    for name in (n.replace("other", "stone", 1) for n in names):
        on = " ON stone" if connection.vendor == "postgresql" else ""
        run(f"DROP TRIGGER {name}{on}")
        assert name in missing_triggers(connection, ["stone"])


def test_a_trigger_switched_off_counts_as_missing(stone: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot switch a trigger off")
    run("ALTER TABLE stone DISABLE TRIGGER stone_no_change")
    assert missing_triggers(connection, ["stone"]) == ["stone_no_change"]


def test_a_migration_can_take_them_off(stone: str) -> None:
    for statement in drop_append_only_sql(connection.vendor, "stone"):
        run(statement)
    assert missing_triggers(connection, ["stone"]) == [
        name.replace("other", "stone", 1) for name in missing_triggers(connection, ["other"])
    ]
    run("DELETE FROM stone")
    assert rows() == []
