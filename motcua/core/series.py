"""Numbers in a row, without duplicate and without unexplained gap, under any number of writers."""

import datetime as dt

from django.db import connection, transaction

_TAKE = """
    INSERT INTO core_seriescounter (series, day, n) VALUES (%s, %s, %s)
    ON CONFLICT (series, day) DO UPDATE SET n = core_seriescounter.n + excluded.n
    RETURNING n
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
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction of the act that uses it")
    if count < 1:
        raise ValueError("at least one number is taken")
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [series, day, count])
        return int(cursor.fetchone()[0]) - count + 1
