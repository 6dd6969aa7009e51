"""Numbers in a row, without duplicate and without unexplained gap, under any number of writers."""

import datetime as dt

from django.db import connection, transaction

_NEXT = """
    INSERT INTO core_seriescounter (series, day, n) VALUES (%s, %s, 1)
    ON CONFLICT (series, day) DO UPDATE SET n = core_seriescounter.n + 1
    RETURNING n
"""


def next_number(series: str, day: dt.date) -> int:
    """The next number of ``series`` on ``day``. Sends one statement.

    Must run inside the act's transaction, as late as possible (RuntimeError outside of one). The counter's row stays
    locked until that transaction ends, so a rolled back act gives its number back and no other writer can have passed
    it: there are no gaps.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction of the act that uses it")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series, day])
        return int(cursor.fetchone()[0])
