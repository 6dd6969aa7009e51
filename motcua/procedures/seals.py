"""Triggers that hold a version still: once sealed, nothing of it changes.

``core.triggers`` makes whole tables append-only. A version needs more: its children must not grow either, and it must
be open until its own transaction seals it.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

# Table and column names are constants of this module, never input.
# ruff: noqa: S608

# parent table -> [(child table, foreign key column)]
SEALED = {
    "procedures_procedureversion": [
        ("procedures_case", "version_id"),
        ("procedures_termline", "version_id"),
        ("procedures_part", "version_id"),
        ("procedures_feeline", "version_id"),
        ("procedures_review", "version_id"),
    ],
    "procedures_process": [("procedures_processstep", "process_id"), ("procedures_stepbranch", "process_id")],
}


def _sqlite(parent: str, children: list[tuple[str, str]]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{parent}: a sealed version is never changed'); END"
    statements = [
        f"CREATE TRIGGER IF NOT EXISTS {parent}_no_update BEFORE UPDATE ON {parent} WHEN OLD.sealed {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {parent}_no_delete BEFORE DELETE ON {parent} WHEN OLD.sealed {refuse}",
    ]
    for child, key in children:
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            statements.append(
                f"CREATE TRIGGER IF NOT EXISTS {child}_sealed_{event.lower()}_{row.lower()} BEFORE {event} ON {child} "
                f"WHEN EXISTS (SELECT 1 FROM {parent} WHERE id = {row}.{key} AND sealed) {refuse}"
            )
    return statements


def _postgresql(parent: str, children: list[tuple[str, str]]) -> list[str]:
    error = (
        f"RAISE EXCEPTION '{parent}: a sealed version is never changed' "
        "USING ERRCODE = 'integrity_constraint_violation'"
    )
    statements = [
        f"""CREATE OR REPLACE FUNCTION {parent}_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF OLD.sealed THEN {error}; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$""",
        f"""CREATE OR REPLACE TRIGGER {parent}_no_change BEFORE UPDATE OR DELETE ON {parent}
            FOR EACH ROW EXECUTE FUNCTION {parent}_hold()""",
    ]
    for child, key in children:
        statements += [
            f"""CREATE OR REPLACE FUNCTION {child}_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM {parent} WHERE id = OLD.{key} AND sealed)
                    THEN {error}; END IF;
                IF TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM {parent} WHERE id = NEW.{key} AND sealed)
                    THEN {error}; END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$""",
            f"""CREATE OR REPLACE TRIGGER {child}_no_change BEFORE INSERT OR UPDATE OR DELETE ON {child}
                FOR EACH ROW EXECUTE FUNCTION {child}_hold()""",
        ]
    return statements


def seal_sql(vendor: str) -> list[str]:
    """The statements that put the seals on, for a migration."""
    make = _postgresql if vendor == "postgresql" else _sqlite
    return [statement for parent, children in SEALED.items() for statement in make(parent, children)]


def trigger_names(vendor: str) -> set[str]:
    """The triggers that must be there, for ``motcua verify``."""
    names: set[str] = set()
    for parent, children in SEALED.items():
        if vendor == "postgresql":
            names |= {f"{parent}_no_change"} | {f"{child}_no_change" for child, _ in children}
        else:
            names |= {f"{parent}_no_update", f"{parent}_no_delete"}
            for child, _ in children:
                names |= {f"{child}_sealed_{e}" for e in ("insert_new", "update_old", "update_new", "delete_old")}
    return names


def missing_seals(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of seals that are not there, or are switched off; for ``motcua verify``. One statement."""
    if connection.vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(trigger_names(connection.vendor) - there)
