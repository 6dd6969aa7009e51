"""Append-only tables: triggers that refuse to change or remove what was written, on both databases.

Used by migrations, and by ``motcua verify`` to see that no migration or hand has dropped them.
"""

from django.db.backends.base.base import BaseDatabaseWrapper


def append_only_sql(vendor: str, table: str) -> list[str]:
    """The statements that make ``table`` append-only. SQLite must have ``recursive_triggers`` on (settings do that)."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{table} is append-only'
                    USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
            f"""CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
        ]
    return [
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
        # INSERT OR REPLACE would remove the old row without firing a delete trigger in some settings.
        # Table names are our own, not input.
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",  # noqa: S608
    ]


def drop_append_only_sql(vendor: str, table: str) -> list[str]:
    """The statements that take the triggers off again (for a migration that must rebuild the table)."""
    if vendor == "postgresql":
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
            f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
            f"DROP FUNCTION IF EXISTS {table}_refuse()",
        ]
    return [f"DROP TRIGGER IF EXISTS {table}_{name}" for name in ("no_update", "no_delete", "no_replace")]


def missing_triggers(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """Names of append-only triggers that are not there, or are switched off. One statement."""
    if connection.vendor == "postgresql":
        wanted = {f"{t}_{n}" for t in tables for n in ("no_change", "no_truncate")}
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        wanted = {f"{t}_{n}" for t in tables for n in ("no_update", "no_delete", "no_replace")}
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(wanted - there)
