"""Many new items with their whole histories at once: imports and the demo.

Writes the same events, legs and hashes, byte for byte, as ``actions.record`` would have written one by one at the
recorded moments; only faster. Legs and events get their ids in the order in which they were recorded, over all items,
so that "as known then" reads the same too.
"""

import datetime as dt
import gc
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection, transaction

from motcua.core import statistics
from motcua.core.errors import Conflict, IllegalAct
from motcua.core.text import nfc
from motcua.ledger import chain, journal, locks, rules
from motcua.ledger.models import Item


@dataclass(frozen=True, slots=True)
class EventDraft:
    """One act as it was recorded. ``timeline`` is all that was known to have happened then; None posts nothing.

    ``unit`` and ``actor`` are ids; ``voids_seq`` is the number of the event it takes back.
    """

    verb: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    actor: int | None = None
    duty: str = ""
    unit: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    timeline: Sequence[rules.Fact] | None = None
    voids_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A new item with its events, in order of seq. ``unit`` and ``territory`` are ids."""

    book: str
    code: str
    unit: int
    territory: int | None
    events: Sequence[EventDraft]


@dataclass(slots=True)
class _Leg:
    position: int
    entry: rules.Entry
    place: str  # seq:position, as the chain names it
    reverses: "_Leg | None" = None
    pk: int = 0


@dataclass(slots=True)
class _Event:
    draft: EventDraft
    item: int  # index of its item
    seq: int
    facts: str  # as written: a dictionary takes five times the memory
    legs: list[_Leg]
    prev_hash: str
    hash: str
    voids: "_Event | None" = None
    pk: int = 0


def write(drafts: Iterable[Draft]) -> dict[tuple[str, str], int]:
    """Write the items in one transaction; their ids by (book, code). All of it or nothing.

    About a dozen statements and the inserts themselves. Raises :class:`Conflict` when a code is taken or given twice,
    :class:`IllegalAct`, naming the item, when its facts cannot have happened, and ``ValueError`` for a history no one
    could have recorded (no events, recorded out of order, voiding a later act).
    """
    items = list(drafts)
    if not items:
        return {}
    with _no_collecting(), transaction.atomic():
        locks.share_for_writing()
        _refuse_taken_codes(items)
        keys = _keys(items)
        histories = [_history(index, draft, keys) for index, draft in enumerate(items)]
        events = sorted(
            (event for history in histories for event in history),
            key=lambda e: (e.draft.recorded_at, e.item, e.seq),
        )
        item_ids = take_ids("ledger_item", len(items))
        for event, pk in zip(events, take_ids("ledger_event", len(events)), strict=True):
            event.pk = pk
        legs = [(event, leg) for event in events for leg in event.legs]
        for (_, leg), pk in zip(legs, take_ids("ledger_leg", len(legs)), strict=True):
            leg.pk = pk
        insert("ledger_item", _ITEM, _item_rows(items, item_ids, histories))
        insert("ledger_event", _EVENT, _event_rows(events, item_ids))
        # The trigger of a leg looks up its event, its item and the leg it reverses: by plans made for what is there.
        insert("ledger_leg", _LEG, _leg_rows(legs[:_FIRST], items, item_ids))
        statistics.refresh("ledger_item", "ledger_event", "ledger_leg")
        insert("ledger_leg", _LEG, _leg_rows(legs[_FIRST:], items, item_ids))
    return {(str(draft.book), nfc(draft.code)): pk for draft, pk in zip(items, item_ids, strict=True)}


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Millions of small objects and no cycles: the collector would only walk over them again and again (a fifth)."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _history(index: int, draft: Draft, keys: journal.Keys) -> list[_Event]:
    """All events of one item, chained, each with the difference its timeline makes."""
    if not draft.events:
        raise ValueError(f"{draft.code}: an item has at least one event")
    events: list[_Event] = []
    live: list[_Leg] = []
    book, code, prev_hash = str(draft.book), nfc(draft.code), ""
    last = draft.events[0].recorded_at
    for seq, event in enumerate(draft.events, start=1):
        if event.recorded_at < last:
            raise ValueError(f"{code}: event {seq} is recorded before the one it follows")
        last = event.recorded_at
        if event.voids_seq is not None and not 1 <= event.voids_seq < seq:
            raise ValueError(f"{code}: event {seq} voids an event that is not before it")
        legs: list[_Leg] = []
        if event.timeline is not None:
            try:
                wanted = rules.entries(rules.timeline(event.timeline))
            except IllegalAct as error:
                raise IllegalAct(f"{code}: {error.message}", code=error.code) from error
            gone, new = rules.difference([leg.entry for leg in live], wanted)
            legs = [_Leg(n, rules.reversal(live[i].entry), live[i].place, live[i]) for n, i in enumerate(gone)]
            fresh = [_Leg(n, entry, f"{seq}:{n}") for n, entry in enumerate(new, start=len(gone))]
            left = set(gone)
            live = [leg for i, leg in enumerate(live) if i not in left] + fresh
            legs += fresh
        facts = chain.plain(event.facts)
        digest = chain.event_hash(
            prev_hash=prev_hash,
            book=book,
            code=code,
            seq=seq,
            verb=event.verb,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            actor=event.actor,
            duty=str(event.duty),
            unit="" if event.unit is None else keys.units[event.unit],
            facts=facts,
            voids=event.voids_seq,
            legs=[
                chain.ChainedLeg(
                    e.at, e.day, e.sign, e.account, keys.units[e.unit], keys.categories[e.category], e.channel,
                    e.outcome, e.kind, leg.place if leg.reverses else "",
                )
                for leg in legs
                for e in (leg.entry,)
            ],
        )  # fmt: skip
        voids = events[event.voids_seq - 1] if event.voids_seq else None
        events.append(_Event(event, index, seq, json.dumps(facts), legs, prev_hash, digest, voids))
        prev_hash = digest
    return events


def _keys(items: Sequence[Draft]) -> journal.Keys:
    """The names of all units and categories that occur. One statement."""
    units = {event.unit for item in items for event in item.events if event.unit is not None}
    categories: set[int] = set()
    for item in items:
        for event in item.events:
            for fact in event.timeline or ():
                if fact.unit is not None:
                    units.add(fact.unit)
                if fact.category is not None:
                    categories.add(fact.category)
    keys = journal.Keys()
    keys.fetch(units, categories)
    return keys


def _refuse_taken_codes(items: Sequence[Draft]) -> None:
    codes = Counter((str(item.book), nfc(item.code)) for item in items)
    taken = [code for (_, code), n in codes.items() if n > 1]
    for book in {book for book, _ in codes}:
        wanted = iter(code for b, code in codes if b == book)
        while chunk := list(islice(wanted, 500)):
            taken += Item.objects.filter(book=book, code__in=chunk).values_list("code", flat=True)
    if taken:
        raise Conflict(f"Mã đã có trong sổ hoặc lặp lại: {', '.join(sorted(taken)[:5])}.", code="code_taken")


# ---- rows -----------------------------------------------------------------------------------------------------------

_FIRST = 2_000  # legs written before the planner is asked to look
_ITEM = ("id", "book", "code", "unit_id", "territory_id", "head", "length")
_EVENT = (
    "id", "item_id", "seq", "verb", "occurred_at", "recorded_at", "actor_id", "duty", "unit_id", "facts", "voids_id",
    "prev_hash", "hash",
)  # fmt: skip
_LEG = (
    "id", "event_id", "position", "item_id", "book", "at", "day", "recorded_at", "sign", "account", "unit_id",
    "category_id", "channel", "outcome", "kind", "reverses_id",
)  # fmt: skip


def _item_rows(items: Sequence[Draft], ids: Sequence[int], histories: Sequence[list[_Event]]) -> Iterator[tuple]:
    for item, pk, events in zip(items, ids, histories, strict=True):
        yield (pk, str(item.book), nfc(item.code), item.unit, item.territory, events[-1].hash, events[-1].seq)


def _event_rows(events: Sequence[_Event], ids: Sequence[int]) -> Iterator[tuple]:
    at = _moments()
    for e in events:
        d = e.draft
        yield (
            e.pk, ids[e.item], e.seq, d.verb, at(d.occurred_at), at(d.recorded_at), d.actor, str(d.duty), d.unit,
            e.facts, e.voids.pk if e.voids else None, e.prev_hash, e.hash,
        )  # fmt: skip


def _leg_rows(legs: Sequence[tuple[_Event, _Leg]], items: Sequence[Draft], ids: Sequence[int]) -> Iterator[tuple]:
    at = _moments()
    for event, leg in legs:
        e = leg.entry
        yield (
            leg.pk, event.pk, leg.position, ids[event.item], str(items[event.item].book), at(e.at), e.day.isoformat(),
            at(event.draft.recorded_at), e.sign, e.account, e.unit, e.category, e.channel, e.outcome, e.kind,
            leg.reverses.pk if leg.reverses else None,
        )  # fmt: skip


def _moments() -> Callable[[dt.datetime], Any]:
    """How a moment is handed to this database: as Django itself does."""
    if connection.vendor == "postgresql":
        return lambda moment: moment
    return lru_cache(maxsize=8192)(connection.ops.adapt_datetimefield_value)


def take_ids(table: str, n: int) -> list[int]:
    """``n`` ids in ascending order that nobody else gets, inside the writing transaction. One statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, n])
            return sorted(pk for (pk,) in cursor.fetchall())
        # AUTOINCREMENT notes explicit ids too; the transaction already excludes every other writer.
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + n + 1))


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values are as this database takes them; for tables whose ids come from :func:`take_ids`."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        remaining = iter(rows)
        # Some at a time: all rows at once would double what the legs of a large import hold in memory.
        while chunk := list(islice(remaining, 10_000)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", chunk)  # noqa: S608
