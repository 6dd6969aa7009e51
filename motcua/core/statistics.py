"""What the database's planner knows of the tables."""

from django.db import connection


def refresh(*tables: str) -> None:
    """Let PostgreSQL look at ``tables`` (none: all) anew, after very much was written at once. One statement; none on
    SQLite.

    Until its own housekeeping comes round it plans with the sizes of before: a statement over what was just loaded took
    a hundred times as long.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(tables)}")
