"""What the only clock of the house does each time it ticks. Safe to run twice, at once, or never for a week."""

import datetime as dt
import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from motcua.core import clock
from motcua.core.models import Outbox
from motcua.ledger import checkpoint, registry, totals

log = logging.getLogger(__name__)

_LOCK = 0x7469636B  # "tick"
_AT_ONCE = 500


@contextmanager
def alone() -> Iterator[bool]:
    """Whether this process is the only one ticking; the others leave it to the first."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            (held,) = cursor.fetchone()
            try:
                yield held
            finally:
                if held:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    # Beside the database: whoever ticks for the same database finds it, wherever his own home is.
    with open(f"{connection.settings_dict['NAME']}.tick", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def fold() -> str:
    """Bring the totals up to now."""
    done = totals.fold()
    return f"đã cộng đến bút toán số {done.leg_id}" if done.legs else ""


def daily_checkpoint() -> str:
    """Yesterday's checkpoint, once."""
    made = checkpoint.make_daily()
    if made is None:
        return ""
    return f"lập bản chốt ngày {made.day:%d/%m/%Y}: {made.items} đầu việc, mã gốc {made.root}, khóa {made.public_key}"


def send_outbox() -> str:
    """Hand waiting messages to whoever sends their topic, each in its own transaction.

    Those tried least go first, then the oldest: neither messages nobody sends nor ones that fail again and again keep
    the others in the house. Messages without a sender wait and are counted.
    """
    sent = failed = 0
    senders = registry.senders()
    waiting = Outbox.objects.filter(sent_at__isnull=True)
    left = waiting.exclude(topic__in=senders).count()
    for message in waiting.filter(topic__in=senders).order_by("attempts", "pk")[:_AT_ONCE]:
        send = senders[message.topic]
        message.attempts = min(message.attempts + 1, 32_000)
        try:
            send(message.payload)
        except Exception as error:  # whatever a gateway may raise: the others must still go out
            failed += 1
            message.error = f"{type(error).__name__}: {error}"[:300]
            log.warning("outbox %s: %s failed: %s", message.pk, message.topic, type(error).__name__)
        else:
            sent += 1
            message.sent_at, message.error = clock.now(), ""
        message.save(update_fields=["attempts", "error", "sent_at"])
    parts = [(sent, "đã gửi {} tin"), (failed, "{} tin gửi hỏng, sẽ gửi lại"), (left, "{} tin chưa có kênh gửi")]
    return ", ".join(text.format(n) for n, text in parts if n)


def tick(now: dt.datetime) -> Iterator[tuple[str, str, bool]]:
    """Do everything that is due; for each chore its name, what it did (or why it failed), and whether it went well.

    A chore that fails does not keep the next one from its turn.
    """
    chores = {
        "cộng dồn": lambda _: fold(),
        "bản chốt ngày": lambda _: daily_checkpoint(),
        **registry.chores(),
        "gửi đi": lambda _: send_outbox(),
    }
    for name, chore in chores.items():
        try:
            yield name, chore(now), True
        except Exception as error:  # said, logged and counted; the next chore still has its turn
            log.exception("tick: %s failed", name)
            yield name, f"{type(error).__name__}: {error}", False
