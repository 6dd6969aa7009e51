"""What the database itself refuses in the journal, whoever writes: ``record`` is not the only writer an attacker has.

Beside the append-only triggers of ``core.triggers``: an event must follow the one before it, a leg must agree with its
event, its day with its moment, a reversal with what it reverses, and names that hashes are made of do not change.
"""

import re

from django.db.backends.base.base import BaseDatabaseWrapper

from motcua.core.triggers import append_only_sql, missing_triggers

APPEND_ONLY = ["ledger_event", "ledger_leg", "ledger_checkpoint"]
# Made and sealed by a later migration.
SEALED_LATER = ["ledger_cutoff"]

_EVENT_FOLLOWS = """(NEW.seq = 1 AND NEW.prev_hash = '') OR EXISTS (
    SELECT 1 FROM ledger_event e
    WHERE e.item_id = NEW.item_id AND e.seq = NEW.seq - 1 AND e.hash = NEW.prev_hash)"""
_EVENT_VOIDS = """NEW.voids_id IS NULL OR EXISTS (
    SELECT 1 FROM ledger_event e WHERE e.id = NEW.voids_id AND e.item_id = NEW.item_id AND e.seq < NEW.seq)"""
_LEG_OF_EVENT = """EXISTS (
    SELECT 1 FROM ledger_event e JOIN ledger_item i ON i.id = e.item_id
    WHERE e.id = NEW.event_id AND e.item_id = NEW.item_id AND e.recorded_at = NEW.recorded_at AND i.book = NEW.book)"""
_LEG_REVERSES = """NEW.reverses_id IS NULL OR EXISTS (
    SELECT 1 FROM ledger_leg o
    WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL AND o.item_id = NEW.item_id AND o.book = NEW.book
      AND o.at = NEW.at AND o.day = NEW.day AND o.sign = -NEW.sign AND o.account = NEW.account
      AND o.unit_id = NEW.unit_id AND o.category_id = NEW.category_id AND o.channel = NEW.channel
      AND o.outcome = NEW.outcome AND o.kind = NEW.kind)"""

# table -> what must hold of every new row, with the name of the fault
_CHECKS = {
    "ledger_event": [("does not follow", _EVENT_FOLLOWS), ("voids a stranger", _EVENT_VOIDS)],
    "ledger_leg": [
        ("wrong day", "NEW.day = {local_day}"),
        ("not of its event", _LEG_OF_EVENT),
        ("not the mirror of what it reverses", _LEG_REVERSES),
    ],
}
# table -> keys by which INSERT OR REPLACE would find a row to remove, beside its id. SQLite alone knows that statement,
# and a hand that opens the file without recursive_triggers fires no trigger of deletion by it.
_KEYS: dict[str, list[tuple[str, ...]]] = {
    "ledger_event": [("item_id", "seq"), ("voids_id",)],
    "ledger_leg": [("event_id", "position"), ("reverses_id",)],
    "ledger_checkpoint": [("day",)],
    "ledger_cutoff": [("number",)],
}
# Viet Nam keeps UTC+7; SQLite knows no time zones by name.
_LOCAL_DAY = {"sqlite": "date(NEW.at, '+7 hours')", "postgresql": "(NEW.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"}
# table -> columns that hashes and totals are made of
_FIXED = {"ledger_item": ["book", "code"], "ledger_category": ["book", "procedure", "field"]}


def keys_sql(table: str) -> str:
    """SQLite: the trigger that refuses a row whose key is taken, before anything is replaced by it."""
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} o WHERE {' AND '.join(f'o.{column} = NEW.{column}' for column in key)})"  # noqa: S608
        for key in _KEYS[table]
    )
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_double BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: taken'); END"
    )


def _sqlite() -> dict[str, str]:
    found = {}
    for table in APPEND_ONLY:
        found[f"{table}_no_double"] = keys_sql(table)
        for sql in append_only_sql("sqlite", table):
            found[_name(sql)] = sql
    for table, checks in _CHECKS.items():
        body = "\n".join(
            f"SELECT RAISE(ABORT, '{table}: {fault}') WHERE NOT ({condition});" for fault, condition in checks
        ).replace("{local_day}", _LOCAL_DAY["sqlite"])
        found[f"{table}_check"] = (
            f"CREATE TRIGGER IF NOT EXISTS {table}_check BEFORE INSERT ON {table} BEGIN {body} END"
        )
    for table, columns in _FIXED.items():
        found[f"{table}_identity"] = (
            f"CREATE TRIGGER IF NOT EXISTS {table}_identity BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: identity is fixed'); END"
        )
    return found


def _postgresql() -> dict[str, tuple[str, str]]:
    """Name of trigger -> (body of its function, statement that creates the trigger)."""
    found = {}
    for table, checks in _CHECKS.items():
        body = "\n".join(
            f"IF NOT ({condition}) THEN RAISE EXCEPTION '{table}: {fault}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            for fault, condition in checks
        ).replace("{local_day}", _LOCAL_DAY["postgresql"])
        found[f"{table}_check"] = (
            f" BEGIN {body} RETURN NEW; END ",
            f"CREATE OR REPLACE TRIGGER {table}_check BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_check()",
        )
    for table, columns in _FIXED.items():
        found[f"{table}_identity"] = (
            f" BEGIN RAISE EXCEPTION '{table}: identity is fixed' "
            "USING ERRCODE = 'integrity_constraint_violation'; END ",
            f"CREATE OR REPLACE TRIGGER {table}_identity BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_identity()",
        )
    return found


def create_sql(vendor: str) -> list[str]:
    """The statements that put every trigger of the journal in place."""
    if vendor == "sqlite":
        return list(_sqlite().values())
    statements = [sql for table in APPEND_ONLY for sql in append_only_sql(vendor, table)]
    for name, (body, trigger) in _postgresql().items():
        statements.append(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        statements.append(trigger)
    return statements


def drop_sql(vendor: str) -> list[str]:
    """The statements that take them off again."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in _sqlite()]
    names = {f"{table}_refuse": table for table in APPEND_ONLY} | {n: n.rsplit("_", 1)[0] for n in _postgresql()}
    return [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in names]


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """What is missing, switched off or emptied of its meaning among the journal's triggers, named. Two statements."""
    tables = [*APPEND_ONLY, *SEALED_LATER]
    if connection.vendor == "sqlite":
        wanted = {name: _bare(sql) for name, sql in _sqlite().items()}
        wanted |= {_name(sql): _bare(sql) for table in tables for sql in append_only_sql("sqlite", table)}
        wanted |= {_name(sql): _bare(sql) for sql in map(keys_sql, tables)}
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            there = {name: _bare(sql) for name, sql in cursor.fetchall()}
            cursor.execute("PRAGMA recursive_triggers")
            recursive = cursor.fetchone()[0]
        found = [] if recursive else ["recursive_triggers đang tắt: INSERT OR REPLACE lọt qua bẫy xóa"]
        return found + _compare(wanted, there)
    found = [f"thiếu hoặc đã tắt bẫy {name}" for name in missing_triggers(connection, tables)]
    wanted = {name: body for name, (body, _) in _postgresql().items()}
    for table in tables:
        function = append_only_sql("postgresql", table)[0]
        wanted |= {f"{table}_no_change": function.split("$$")[1], f"{table}_no_truncate": function.split("$$")[1]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        )
        bodies = {name: _bare(source) for name, source in cursor.fetchall()}
    missing = {name.rsplit(" ", 1)[1] for name in found}
    return found + [
        f for f in _compare({n: _bare(b) for n, b in wanted.items()}, bodies) if f.split()[-1] not in missing
    ]


def _compare(wanted: dict[str, str], there: dict[str, str]) -> list[str]:
    found = []
    for name in sorted(wanted):
        if name not in there:
            found.append(f"thiếu hoặc đã tắt bẫy {name}")
        elif there[name] != wanted[name]:
            found.append(f"nội dung đã bị đổi ở bẫy {name}")
    return found


def _name(sql: str) -> str:
    return sql.split("EXISTS ", 1)[1].split()[0]


def _bare(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.replace("IF NOT EXISTS ", "")).strip().rstrip(";")
