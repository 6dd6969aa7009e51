"""Triggers that keep entries: none is removed, and one that is struck out never changes again.

What each version said is append-only in the table of changes (``motcua.core.triggers``).
"""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper


def kept_sql(vendor: str, table: str) -> list[str]:
    """The statements that put the triggers on a table of entries, for a migration."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{table}: entries are struck out, not removed'
                    USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_kept()""",
            f"""CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept()""",
            f"""CREATE OR REPLACE TRIGGER {table}_struck BEFORE UPDATE ON {table}
                FOR EACH ROW WHEN (OLD.struck_at IS NOT NULL) EXECUTE FUNCTION {table}_kept()""",
        ]
    fault = f"SELECT RAISE(ABORT, '{table}: entries are struck out, not removed'); END"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} BEGIN {fault}",
        f"""CREATE TRIGGER IF NOT EXISTS {table}_struck BEFORE UPDATE ON {table}
            WHEN OLD.struck_at IS NOT NULL BEGIN {fault}""",
        # Table names are our own, not input.
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {fault}""",  # noqa: S608
    ]


def drop_kept_sql(vendor: str, table: str) -> list[str]:
    """The statements that take them off again (for a migration that must rebuild the table)."""
    if vendor == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {table}_kept() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS {table}_{name}" for name in ("no_delete", "struck", "no_replace")]


def missing(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[str]:
    """Names of these triggers that are not there, or are switched off; for ``motcua verify``. One statement."""
    if connection.vendor == "postgresql":
        names, sql = ("no_delete", "no_truncate", "struck"), (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )  # fmt: skip
    else:
        names, sql = ("no_delete", "struck", "no_replace"), "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    wanted = {f"{table}_{name}" for table in tables for name in names}
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(wanted - {row[0] for row in cursor.fetchall()})
