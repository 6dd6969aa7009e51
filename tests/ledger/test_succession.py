"""On the day units merge, what is pending goes to the successor, once, and what has ended stays."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.ledger import actions, registry, succession
from motcua.ledger.models import Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.org.models import Succession
from motcua.worktime.rules import Deadline
from tests.support.sql import counted

pytestmark = pytest.mark.django_db

DAY = dt.date(2023, 7, 1)


def at(day: int, month: int = 6, hour: int = 9) -> dt.datetime:
    return clock.local_moment(dt.date(2023, month, day), dt.time(hour))


def received(world: SimpleNamespace, told: dict[int, list[Fact]], code: str, unit: int, *more: Fact) -> Item:
    item = actions.open_item(book="dossier", code=code, unit=world.units[unit])
    receipt = Fact(
        "receive", at(26), deadline=Deadline(at(3, 7), "day"), unit=world.units[unit].pk,
        category=world.categories[0].pk, channel="direct",
    )  # fmt: skip
    told[item.pk] = [receipt, *more]
    with transaction.atomic():
        actions.record(
            item=actions.lock(item.pk), verb="receive", occurred_at=at(26), actor=None, facts={},
            timeline=told[item.pk],
        )  # fmt: skip
    return item


def pending_in(world: SimpleNamespace, unit: int, day: dt.date) -> int:
    legs = Leg.objects.filter(unit=world.units[unit], day__lte=day, account__in=["in_time", "overdue"])
    return sum(leg.sign for leg in legs)


def test_what_is_pending_moves_and_what_has_ended_stays(world: SimpleNamespace, book: dict) -> None:
    open_item = received(world, book, "A", 0)
    received(world, book, "B", 0, Fact("close", at(28), outcome="granted"))
    received(world, book, "C", 1)
    Succession.objects.create(old=world.units[0], new=world.units[2], day=DAY, kind="whole")

    assert succession.apply_succession(day=DAY) == 1

    assert pending_in(world, 0, DAY - dt.timedelta(days=1)) == 1
    assert (pending_in(world, 0, DAY), pending_in(world, 2, DAY), pending_in(world, 1, DAY)) == (0, 1, 1)
    event = Event.objects.get(verb="succession_recorded")
    assert event.item == open_item
    assert event.occurred_at == clock.local_moment(DAY)
    # The crossing to come went along.
    assert pending_in(world, 2, dt.date(2023, 7, 31)) == 1
    assert not Leg.objects.filter(unit=world.units[0], kind="cross", reversed_by=None, reverses=None).exists()


def test_running_it_again_changes_nothing(world: SimpleNamespace, book: dict) -> None:
    received(world, book, "A", 0)
    Succession.objects.create(old=world.units[0], new=world.units[2], day=DAY, kind="whole")
    assert succession.apply_succession(day=DAY) == 1
    before = Leg.objects.count()
    assert succession.standing_in(DAY) == []
    assert succession.apply_succession(day=DAY) == 0
    assert Leg.objects.count() == before


def test_a_succession_recorded_late_moves_what_has_ended_meanwhile_too(world: SimpleNamespace, book: dict) -> None:
    """Ended on 05/07 in a unit of which we learn on 10/07 that it had been succeeded on 01/07."""
    item = received(world, book, "A", 0, Fact("close", at(5, 7), outcome="granted"))
    Succession.objects.create(old=world.units[0], new=world.units[2], day=DAY, kind="whole")
    assert succession.apply_succession(day=DAY) == 1
    ended = Leg.objects.filter(item=item, kind="close", sign=1, reverses=None, reversed_by=None)
    assert [leg.unit for leg in ended] == [world.units[2]]
    assert succession.standing_in(DAY) == []


def test_only_the_units_asked_for(world: SimpleNamespace, book: dict) -> None:
    received(world, book, "A", 0)
    received(world, book, "B", 1)
    for old in (0, 1):
        Succession.objects.create(old=world.units[old], new=world.units[2], day=DAY, kind="whole")
    assert succession.apply_succession(day=DAY, unit_ids=[world.units[1].pk]) == 1
    assert pending_in(world, 0, DAY) == 1


def test_the_cost_does_not_grow_with_the_items(world: SimpleNamespace, book: dict) -> None:
    """Ten times the items in one chunk: the same statements (SQLite splits long inserts, which is no more reading)."""
    Succession.objects.create(old=world.units[0], new=world.units[2], day=DAY, kind="whole")
    Succession.objects.create(old=world.units[1], new=world.units[3], day=DAY, kind="whole")
    received(world, book, "A", 0)
    for n in range(10):
        received(world, book, f"B{n}", 1)
    costs = []
    for unit in (0, 1):
        with CaptureQueriesContext(connection) as captured:
            succession.apply_succession(day=DAY, unit_ids=[world.units[unit].pk])
        selects = [q["sql"] for q in captured.captured_queries if "org_succession" not in q["sql"]]
        costs.append(len([s for s in counted(selects) if s.startswith("SELECT")]))
    assert costs[0] == costs[1]


def test_an_unknown_book_stops_it(world: SimpleNamespace, book: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    received(world, book, "A", 0)
    Succession.objects.create(old=world.units[0], new=world.units[2], day=DAY, kind="whole")
    monkeypatch.setattr(registry, "_books", {})
    with pytest.raises(Invalid, match="dossier"):
        succession.apply_succession(day=DAY)
    assert not Event.objects.filter(verb="succession_recorded").exists()
