"""Numbers in a row, without duplicate and without unexplained gap, under any number of writers."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction

_TAKE = """
    INSERT INTO core_seriescounter (series, day, n) VALUES {rows}
    ON CONFLICT (series, day) DO UPDATE SET n = core_seriescounter.n + excluded.n
    RETURNING series, n
"""


def next_number(series: str, day: dt.date) -> int:
    """The next number of ``series`` on ``day``. Sends one statement.

    Must run inside the act's transaction, as late as possible (RuntimeError outside of one). The counter's row stays
    locked until that transaction ends, so a rolled back act gives its number back and no other writer can have passed
    it: there are no gaps.
    """
    return reserve(series, day, 1)


def reserve(series: str, day: dt.date, count: int) -> int:
    """Take the next ``count`` numbers at once; the first of them. As :func:`next_number` otherwise.

    Whoever reserves numbers must keep a row for each of them: an unused one has to be explained.
    """
    if count < 1:
        raise ValueError("at least one number is taken")
    return _take([(series, day, count)])[series] - count + 1


def next_numbers(wanted: Sequence[tuple[str, dt.date]]) -> dict[str, int]:
    """The next number of several series, each on its day, by series; as :func:`next_number`. Sends one statement.

    Acts that need the same series must name them in the same order, or two of them may wait for each other.
    """
    return _take([(series, day, 1) for series, day in wanted]) if wanted else {}


def _take(wanted: Sequence[tuple[str, dt.date, int]]) -> dict[str, int]:
    """The last number taken of each series."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction of the act that uses it")
    rows = ", ".join(["(%s, %s, %s)"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(rows=rows), [value for row in wanted for value in row])
        return {series: int(n) for series, n in cursor.fetchall()}
