"""The thin shell around ``rules`` and ``chain``: writes events and the legs their timelines call for.

Used by ``actions.record`` for one item and by ``succession`` for many; the number of statements does not depend on how
many items or legs there are (SQLite splits very long inserts by itself).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, IntegerField, Value, When
from django.db.models.functions import Cast

from motcua.core.errors import Conflict
from motcua.ledger import chain, locks, rules
from motcua.ledger.models import Category, Event, Item, Leg
from motcua.org.models import Unit

_TOGETHER = 200  # items whose heads one statement moves on


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one item, as it is to be written. ``wanted`` None posts nothing; the item must be locked.

    ``category``, if known, need not be read again for its name.
    """

    item: Item
    verb: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    actor: int | None
    duty: str
    unit: Unit | None
    facts: dict[str, Any]
    wanted: list[rules.Entry] | None
    voids: Event | None = None
    category: Category | None = None


@dataclass(slots=True)
class Live:
    """The live legs of an item: ids, places in the chain, and what they say, in order of id."""

    ids: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    entries: list[rules.Entry] = field(default_factory=list)


class Keys:
    """Names of units and categories for the chain, read at most once each."""

    def __init__(self) -> None:
        self.units: dict[int, str] = {}
        self.categories: dict[int, str] = {}

    def fetch(self, units: Iterable[int], categories: Iterable[int]) -> None:
        """Learn what is not known yet: one statement, none if all is known."""
        more_units = set(units) - self.units.keys()
        more_categories = set(categories) - self.categories.keys()
        if not more_units and not more_categories:
            return
        named = Unit.objects.filter(pk__in=more_units).values_list(
            Value("u"), "pk", "code", Cast("valid_from", CharField())
        )
        grouped = Category.objects.filter(pk__in=more_categories).values_list(Value("c"), "pk", "procedure", "field")
        for kind, pk, first, second in named.union(grouped, all=True):
            if kind == "u":
                self.units[pk] = f"{first}@{second}"
            else:
                self.categories[pk] = f"{first}|{second}"


def live_legs(item_ids: Sequence[int], keys: Keys) -> dict[int, Live]:
    """The legs that are neither reversals nor reversed, by item. One statement."""
    found = {pk: Live() for pk in item_ids}
    rows = (
        Leg.objects.filter(item__in=item_ids, reverses__isnull=True, reversed_by__isnull=True)
        .annotate(seq=F("event__seq"))
        .order_by("id")
        .values_list(
            "id", "item_id", "seq", "position", "at", "sign", "account", "unit_id", "category_id", "channel",
            "outcome", "kind", "unit__code", "unit__valid_from", "category__procedure", "category__field",
        )
    )  # fmt: skip
    for (
        pk, item, seq, position, at, sign, account, unit, category, channel, outcome, kind, code, valid_from, procedure,
        field_name,
    ) in rows:  # fmt: skip
        entry = rules.Entry(at, sign, account, unit, category, channel, outcome, kind)
        live = found[item]
        live.ids.append(pk)
        live.places.append(f"{seq}:{position}")
        live.entries.append(entry)
        keys.units[entry.unit] = f"{code}@{valid_from.isoformat()}"
        keys.categories[entry.category] = f"{procedure}|{field_name}"
    return found


def post(acts: Sequence[Act], *, skip_unchanged: bool = False) -> list[Event]:
    """Append one event per act, its legs, and the new head of its item; at most one act an item.

    ``skip_unchanged`` leaves out acts whose timeline the journal already holds (repeated successions). Raises
    :class:`Conflict` when an item has moved on since it was read. At most six statements for one act.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an act is recorded inside its transaction, with the item locked")
    if len({act.item.pk for act in acts}) != len(acts):
        raise ValueError("one act an item")
    locks.share_for_writing()
    keys = Keys()
    # An item without an event has no legs either.
    posting = [act.item.pk for act in acts if act.wanted is not None and act.item.length]
    live = live_legs(posting, keys) if posting else {}
    changes = [_change(act, live.get(act.item.pk, Live())) for act in acts]
    if skip_unchanged:
        changes = [change for change in changes if change.reversed or change.new]
    if not changes:
        return []
    for change in changes:
        if (unit := change.act.unit) is not None:
            keys.units[unit.pk] = unit.key
        if (category := change.act.category) is not None:
            keys.categories[category.pk] = f"{category.procedure}|{category.field}"
    keys.fetch(
        {entry.unit for change in changes for entry in change.new},
        {entry.category for change in changes for entry in change.new},
    )
    events = Event.objects.bulk_create([change.event(keys) for change in changes])
    legs = [leg for change, event in zip(changes, events, strict=True) for leg in change.legs(event)]
    if legs:
        Leg.objects.bulk_create(legs)
    _advance(changes, events)
    return events


@dataclass(slots=True)
class _Change:
    """What an act adds: the live legs it reverses, in order of id, then the new ones."""

    act: Act
    reversed: list[tuple[int, str, rules.Entry]]
    new: list[rules.Entry]

    def _lines(self) -> list[tuple[rules.Entry, int | None, str]]:
        lines: list[tuple[rules.Entry, int | None, str]] = [
            (rules.reversal(entry), pk, place) for pk, place, entry in self.reversed
        ]
        return lines + [(entry, None, "") for entry in self.new]

    def event(self, keys: Keys) -> Event:
        act, item = self.act, self.act.item
        facts = chain.plain(act.facts)
        digest = chain.event_hash(
            prev_hash=item.head,
            book=item.book,
            code=item.code,
            seq=item.length + 1,
            verb=act.verb,
            occurred_at=act.occurred_at,
            recorded_at=act.recorded_at,
            actor=act.actor,
            duty=act.duty,
            unit=keys.units[act.unit.pk] if act.unit else "",
            facts=facts,
            voids=act.voids.seq if act.voids else None,
            legs=[
                chain.ChainedLeg(
                    entry.at, entry.day, entry.sign, entry.account, keys.units[entry.unit],
                    keys.categories[entry.category], entry.channel, entry.outcome, entry.kind, place,
                )
                for entry, _, place in self._lines()
            ],
        )  # fmt: skip
        return Event(
            item=item,
            seq=item.length + 1,
            verb=act.verb,
            occurred_at=act.occurred_at,
            recorded_at=act.recorded_at,
            actor_id=act.actor,
            duty=act.duty,
            unit=act.unit,
            facts=facts,
            voids=act.voids,
            prev_hash=item.head,
            hash=digest,
        )

    def legs(self, event: Event) -> list[Leg]:
        return [
            Leg(
                event=event, position=position, item_id=event.item_id, book=self.act.item.book, at=entry.at,
                day=entry.day, recorded_at=event.recorded_at, sign=entry.sign, account=entry.account,
                unit_id=entry.unit, category_id=entry.category, channel=entry.channel, outcome=entry.outcome,
                kind=entry.kind, reverses_id=reverses,
            )
            for position, (entry, reverses, _) in enumerate(self._lines())
        ]  # fmt: skip


def _change(act: Act, live: Live) -> _Change:
    if act.wanted is None:
        return _Change(act, [], [])
    gone, new = rules.difference(live.entries, act.wanted)
    return _Change(act, [(live.ids[i], live.places[i], live.entries[i]) for i in gone], new)


def _advance(changes: Sequence[_Change], events: Sequence[Event]) -> None:
    """Move the items' heads on, each from where it was read: whoever lost a race learns it here.

    No two items share a head, so the set of heads says as much as the pairs of item and head. One statement for each
    200 items.
    """
    for change, event in zip(changes, events, strict=True):
        change.act.item.head, change.act.item.length = event.hash, event.seq
    for start in range(0, len(events), _TOGETHER):
        some = events[start : start + _TOGETHER]
        items = Item.objects.filter(pk__in=[e.item_id for e in some], head__in={e.prev_hash for e in some})
        if len(some) == 1:
            moved = items.update(head=some[0].hash, length=some[0].seq)
        else:
            moved = items.update(
                head=Case(*[When(pk=e.item_id, then=Value(e.hash)) for e in some], output_field=CharField()),
                length=Case(*[When(pk=e.item_id, then=Value(e.seq)) for e in some], output_field=IntegerField()),
            )
        if moved != len(some):
            raise Conflict("Hồ sơ vừa được người khác cập nhật. Hãy tải lại rồi làm tiếp.", code="item_moved_on")
