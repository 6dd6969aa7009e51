"""Counting SQL statements: every list and every act has a budget."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext


def counted(statements: list[str]) -> list[str]:
    """The statements that count: all but the begin and end of outermost transactions.

    In a test the outermost transaction is a savepoint, in the office it is BEGIN and COMMIT; savepoints within it are
    statements like any other.
    """
    kept: list[str] = []
    depth = 0
    for statement in statements:
        first = statement.split(None, 1)[0].upper() if statement.strip() else ""
        if first in ("BEGIN", "COMMIT", "ROLLBACK") and not statement.upper().startswith("ROLLBACK TO"):
            continue
        if first == "SAVEPOINT":
            depth += 1
            outermost = depth == 1
        elif first == "RELEASE":
            outermost = depth == 1
            depth -= 1
        else:
            outermost = False
        if not outermost:
            kept.append(statement)
    return kept


@contextmanager
def max_queries(limit: int) -> Iterator[CaptureQueriesContext]:
    """Fail, showing the SQL, if the block sends more than ``limit`` statements (counted by :func:`counted`)."""
    with CaptureQueriesContext(connection) as captured:
        yield captured
    sent = counted([query["sql"] for query in captured.captured_queries])
    if len(sent) > limit:
        lines = "\n".join(f"{n:3}. {statement[:400]}" for n, statement in enumerate(sent, start=1))
        raise AssertionError(f"{len(sent)} SQL statements, at most {limit} are allowed:\n{lines}")
