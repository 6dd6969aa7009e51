"""The bulk path writes what ``record`` would have written, byte for byte."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct
from motcua.ledger import actions, bulk
from motcua.ledger.models import Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.org.models import Unit
from motcua.worktime.rules import Deadline
from tests.ledger.histories import histories

pytestmark = pytest.mark.django_db

NOON = clock.local_moment(dt.date(2023, 6, 1), dt.time(12))


def by_record(draft: bulk.Draft, actor: Any) -> None:
    item = actions.open_item(book=draft.book, code=draft.code, unit=Unit.objects.get(pk=draft.unit))
    for event in draft.events:
        with clock.at(event.recorded_at):
            actions.record(
                item=actions.lock(item.pk),
                verb=event.verb,
                occurred_at=event.occurred_at,
                actor=actor if event.actor else None,
                duty=event.duty,
                unit=Unit.objects.get(pk=event.unit) if event.unit else None,
                facts=event.facts,
                timeline=event.timeline,
                voids=Event.objects.get(item=item, seq=event.voids_seq) if event.voids_seq else None,
            )


def written() -> dict[str, Any]:
    """Everything in the books but row ids, with what rows point to in words."""
    items = list(Item.objects.order_by("code").values_list("book", "code", "unit", "territory", "head", "length"))
    events = list(
        Event.objects.order_by("item__code", "seq").values_list(
            "item__code", "seq", "verb", "occurred_at", "recorded_at", "actor", "duty", "unit", "facts", "voids__seq",
            "prev_hash", "hash",
        )
    )  # fmt: skip
    legs = list(
        Leg.objects.order_by("item__code", "event__seq", "position").values_list(
            "item__code", "event__seq", "position", "book", "at", "day", "recorded_at", "sign", "account", "unit",
            "category", "channel", "outcome", "kind", "reverses__event__seq", "reverses__position",
        )
    )  # fmt: skip
    return {"items": items, "events": events, "legs": legs}


# The world is only read; what an example writes is rolled back.
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_both_ways_write_the_same(world: SimpleNamespace, data: st.DataObject) -> None:
    units, categories = [u.pk for u in world.units], [c.pk for c in world.categories]
    drafts = []
    for number in range(data.draw(st.integers(1, 3))):
        events: list[bulk.EventDraft] = []
        for n, facts in enumerate(data.draw(histories(units, categories))):
            # Acts at the same instant on several items, and acts that post nothing, in between.
            recorded = NOON + dt.timedelta(minutes=n // 2)
            events.append(
                bulk.EventDraft(
                    verb=f"act{n}",
                    occurred_at=recorded,
                    recorded_at=recorded,
                    actor=world.official.pk if n % 2 else None,
                    duty="handle",
                    unit=units[0] if n % 3 else None,
                    facts={"n": n, "khi": recorded},
                    timeline=None if data.draw(st.integers(0, 9)) == 0 else facts,
                    voids_seq=n if n > 1 and data.draw(st.booleans()) else None,
                )
            )
        drafts.append(bulk.Draft("dossier", f"H59-{number}", units[0], None, events))
    results = []
    for way in ("record", "bulk"):
        with transaction.atomic():
            if way == "record":
                for draft in drafts:
                    by_record(draft, world.official)
            else:
                ids = bulk.write(drafts)
                assert ids == {("dossier", item.code): item.pk for item in Item.objects.all()}
            results.append(written())
            transaction.set_rollback(True)
    assert results[0] == results[1]


def draft(world: SimpleNamespace, code: str, recorded: list[dt.datetime]) -> bulk.Draft:
    facts = [
        Fact("receive", NOON, deadline=Deadline(NOON + dt.timedelta(days=7), "day"), unit=world.units[0].pk,
             category=world.categories[0].pk, channel="direct"),
        Fact("close", NOON + dt.timedelta(days=2), outcome="granted"),
    ]  # fmt: skip
    return bulk.Draft(
        "dossier", code, world.units[0].pk, None,
        [
            bulk.EventDraft(verb=f"act{n}", occurred_at=at, recorded_at=at, timeline=facts[: n + 1])
            for n, at in enumerate(recorded)
        ],
    )  # fmt: skip


def test_ids_follow_the_order_of_recording_over_all_items(world: SimpleNamespace) -> None:
    day = dt.timedelta(days=1)
    bulk.write([draft(world, "A", [NOON, NOON + 2 * day]), draft(world, "B", [NOON + day, NOON + 3 * day])])
    codes = list(Leg.objects.order_by("id").values_list("item__code", "event__seq"))
    assert codes == [("A", 1)] * 4 + [("B", 1)] * 4 + [("A", 2)] * 4 + [("B", 2)] * 4
    recorded = list(Event.objects.order_by("id").values_list("recorded_at", flat=True))
    assert recorded == sorted(recorded)


def test_the_office_goes_on_after_it(world: SimpleNamespace) -> None:
    bulk.write([draft(world, "A", [NOON, NOON])])
    newest = Leg.objects.order_by("-id")[0].pk
    by_record(draft(world, "B", [NOON, NOON]), None)
    assert Leg.objects.filter(item__code="B").order_by("id")[0].pk > newest
    assert bulk.write([draft(world, "C", [NOON])]) == {("dossier", "C"): Item.objects.get(code="C").pk}


def test_a_taken_code_is_named_and_nothing_is_written(world: SimpleNamespace) -> None:
    bulk.write([draft(world, "A", [NOON])])
    for drafts in ([draft(world, "B", [NOON]), draft(world, "A", [NOON])], [draft(world, "C", [NOON])] * 2):
        with pytest.raises(Conflict, match=r"A|C"):
            bulk.write(drafts)
    assert Item.objects.count() == 1


def test_a_history_that_cannot_be_is_refused_by_name(world: SimpleNamespace) -> None:
    good = draft(world, "A", [NOON, NOON])
    twice = [*good.events[1].timeline, good.events[1].timeline[1]]
    bad = bulk.Draft("dossier", "B", good.unit, None, [bulk.EventDraft("x", NOON, NOON, timeline=twice)])
    with pytest.raises(IllegalAct, match=r"^B: .*đã kết thúc"):
        bulk.write([good, bad])
    with pytest.raises(ValueError, match="before the one it follows"):
        bulk.write([draft(world, "A", [NOON, NOON - dt.timedelta(seconds=1)])])
    with pytest.raises(ValueError, match="at least one event"):
        bulk.write([bulk.Draft("dossier", "A", good.unit, None, [])])
    with pytest.raises(ValueError, match="not before it"):
        bulk.write([bulk.Draft("dossier", "A", good.unit, None, [bulk.EventDraft("x", NOON, NOON, voids_seq=1)])])
    assert not Item.objects.exists()
