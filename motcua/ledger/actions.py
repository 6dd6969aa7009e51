"""Writing to the ledger: opening an item, locking it, recording an act on it. Called by the verbs of the trades.

These are not verbs by themselves: the transaction, the idempotent key and the right to act are the trade's.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, NotFound
from motcua.core.text import nfc
from motcua.ledger import journal, rules
from motcua.ledger.models import Book, Category, Event, Item
from motcua.org.models import Unit, User


def open_item(*, book: Book | str, code: str, unit: Unit, territory: Unit | None = None) -> Item:
    """A new item, not yet in any account: the first ``record`` receives it. One statement.

    ``unit`` is the accountable unit at entry, ``territory`` the applicant's commune (it decides the successor where
    ``unit`` is split). Raises :class:`Conflict` when the code is taken in this book.
    """
    try:
        # No savepoint: whoever takes a taken code has nothing left to do in this transaction.
        return Item.objects.create(book=str(book), code=nfc(code), unit=unit, territory=territory)
    except IntegrityError as error:
        raise Conflict(f"Mã «{code}» đã có trong sổ.", code="code_taken") from error


def lock(item_id: int) -> Item:
    """The item, held until this transaction ends (on SQLite the transaction itself holds all). One statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an item is locked inside the transaction of the act")
    item = Item.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFound("Không có đầu việc này.")
    return item


def category(*, book: Book | str, procedure: str, field: str, name: str = "") -> Category:
    """The category of a procedure and its field at acceptance; made when it is new. One statement, more when new."""
    found, _ = Category.objects.get_or_create(
        book=str(book), procedure=nfc(procedure), field=nfc(field), defaults={"name": nfc(name)}
    )
    return found


def record(
    *,
    item: Item,
    verb: str,
    occurred_at: dt.datetime,
    actor: User | None,
    duty: str = "",
    unit: Unit | None = None,
    facts: dict[str, Any],
    timeline: Sequence[rules.Fact] | None,
    voids: Event | None = None,
    category: Category | None = None,
) -> Event:
    """Append one event to ``item``, extend its chain, and post what its timeline now calls for. At most six statements.

    ``timeline`` is everything known to have happened to the item and its unit, this act included and voided acts left
    out, in order of time: the legs are the difference between what it says and what the journal holds. ``None`` posts
    nothing (acts that move no account); an empty list takes every leg back (a voided acceptance). ``facts`` are dates,
    ids and enumerations, never personal data. ``voids`` names the event this one takes back; whether it may is for the
    trade to say. ``category`` spares a statement where the caller has it at hand.

    The item must come from :func:`lock` or :func:`open_item` in this transaction. Raises :class:`IllegalAct` when the
    facts cannot have happened in that order, :class:`Conflict` when the item has moved on since it was read, and
    ``ValueError`` for what a trade may not pass.
    """
    return record_together(
        [
            posting(
                item=item,
                verb=verb,
                occurred_at=occurred_at,
                actor=actor,
                duty=duty,
                unit=unit,
                facts=facts,
                timeline=timeline,
                voids=voids,
                category=category,
            )
        ]
    )[0]


def posting(
    *,
    item: Item,
    verb: str,
    occurred_at: dt.datetime,
    actor: User | None,
    duty: str = "",
    unit: Unit | None = None,
    facts: dict[str, Any],
    timeline: Sequence[rules.Fact] | None,
    voids: Event | None = None,
    category: Category | None = None,
) -> journal.Act:
    """What :func:`record` would write, for :func:`record_together`. No query."""
    if voids is not None and (voids.item_id != item.pk or voids.seq > item.length):
        raise ValueError("an event voids an earlier event of its own item")
    wanted = None if timeline is None else rules.entries(rules.timeline(timeline))
    return journal.Act(
        item=item,
        verb=verb,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        actor=None if actor is None else actor.pk,
        duty=str(duty),
        unit=unit,
        facts=facts,
        wanted=wanted,
        voids=voids,
        category=category,
    )


def record_together(postings: Sequence[journal.Act]) -> list[Event]:
    """:func:`record` for several items touched by one act, in the statements of one.

    An item that was not locked is safe too: :class:`Conflict` when it has moved on since it was read.
    """
    return journal.post(postings)
