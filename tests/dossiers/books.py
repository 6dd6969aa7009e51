"""Looking at the whole of the books from outside: what is wrong in them, and whether anything at all has changed."""

from django.apps import apps
from django.db import connection

from motcua.ledger import verify


def faults() -> list[str]:
    """Everything ``motcua verify`` finds."""
    return [fault for check in verify.checks() for fault in check.run(lambda done, total: None)]


def counts() -> dict[str, int]:
    """How many rows each table holds. One statement."""
    tables = sorted(m._meta.db_table for m in apps.get_models(include_auto_created=True))
    quoted = ", ".join(f"(SELECT COUNT(*) FROM {connection.ops.quote_name(t)})" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted}")
        return dict(zip(tables, cursor.fetchone(), strict=True))
