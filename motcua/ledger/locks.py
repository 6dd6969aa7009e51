"""The lock between those who write legs and those who need a journal id below which nothing can still appear.

On PostgreSQL ids are handed out before commit: leg 2 may be visible while leg 1 is not. So every writer holds
``LEDGER_LOCK`` shared from before its first leg to the end of its transaction, and whoever needs a *safe watermark*
waits for it exclusively, reads ``max(id)`` and lets go at once. On SQLite there is one writer at a time
(``BEGIN IMMEDIATE``) and ids only grow (``AUTOINCREMENT``): nothing to do.
"""

import time

from django.db import OperationalError, connection, transaction

from motcua.core.errors import Conflict

LEDGER_LOCK = 0x6D6F7463  # "motc"

_TRY_FOR_MS = 300
_ATTEMPTS = 40


def share_for_writing() -> None:
    """Hold the lock shared until this transaction ends. One statement on PostgreSQL, none on SQLite.

    To be called before the transaction takes its first leg id; calling it again is harmless.
    """
    if connection.vendor != "postgresql":
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("legs are written inside the transaction of their act")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LEDGER_LOCK])


def safe_watermark() -> int:
    """The greatest leg id below which every leg is committed and visible (0 for an empty journal). Queries.

    See :func:`safe_ids`.
    """
    return safe_ids()[0]


def safe_ids() -> tuple[int, int]:
    """The greatest leg id and event id below which everything is committed and visible (0 for none). Queries.

    On PostgreSQL it waits for the writers of this moment in short tries, so that a long import makes this caller wait
    and not every new writer behind it. To be called outside a transaction that wrote legs (its own are then counted
    before they are committed) and, for the figures that follow, before their snapshot is taken.

    Raises :class:`Conflict` when writers do not leave a gap for about half a minute.
    """
    if connection.vendor != "postgresql":
        return _greatest_ids()
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {_TRY_FOR_MS}")
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])
                greatest = _greatest_ids()
                # Rolling back (to the savepoint, where the caller has a transaction open) lets go of the lock at
                # once; on a commit of a savepoint it would stay until the caller is done.
                transaction.set_rollback(True)
                return greatest
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            time.sleep(0.05 * min(attempt + 1, 10))
    raise Conflict(
        "Đang có đợt ghi sổ kéo dài (nhập dữ liệu?), chưa chốt được số. Hãy thử lại sau ít phút.", code="ledger_busy"
    )


def _greatest_ids() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE((SELECT MAX(id) FROM ledger_leg), 0), COALESCE((SELECT MAX(id) FROM ledger_event), 0)"
        )
        leg, event = cursor.fetchone()
        return int(leg), int(event)
