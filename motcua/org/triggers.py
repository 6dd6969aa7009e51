"""Triggers that hold fast what names a unit: its code and its first day.

Journal lines, frozen figures and published numbers name a unit by both (``Unit.key``). A unit that gets another code
is another legal existence with a row of its own (``actions.rename``), so no row ever needs to change them.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "org_unit"
_CHANGED = "OLD.code <> NEW.code OR OLD.valid_from <> NEW.valid_from OR OLD.id <> NEW.id"
_FAULT = f"{_TABLE}: code and valid_from name a unit for ever"


def identity_sql(vendor: str) -> list[str]:
    """The statements that put the triggers on, for a migration."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION {_TABLE}_identity() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{_FAULT}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE OR REPLACE TRIGGER {_TABLE}_identity BEFORE UPDATE ON {_TABLE}
                FOR EACH ROW WHEN ({_CHANGED}) EXECUTE FUNCTION {_TABLE}_identity()""",
        ]
    return [
        f"""CREATE TRIGGER IF NOT EXISTS {_TABLE}_identity BEFORE UPDATE ON {_TABLE} WHEN {_CHANGED}
            BEGIN SELECT RAISE(ABORT, '{_FAULT}'); END""",
        # INSERT OR REPLACE puts another unit in the place of one that lines refer to; what it pushes out need not
        # share its number.
        f"""CREATE TRIGGER IF NOT EXISTS {_TABLE}_no_replace BEFORE INSERT ON {_TABLE}
            WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, '{_FAULT}'); END""",  # noqa: S608 - names of our own
    ]


def drop_identity_sql(vendor: str) -> list[str]:
    """The statements that take them off again (for a migration that must rebuild the table)."""
    if vendor == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {_TABLE}_identity() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS {_TABLE}_{name}" for name in ("identity", "no_replace")]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of these triggers that are not there, or are switched off; for ``motcua verify``. One statement."""
    if connection.vendor == "postgresql":
        wanted = {f"{_TABLE}_identity"}
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        wanted = {f"{_TABLE}_identity", f"{_TABLE}_no_replace"}
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(wanted - {row[0] for row in cursor.fetchall()})
