"""Recording acts: events in a chain, legs by difference, and a database that refuses everything else."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, NotFound
from motcua.core.verbs import verb
from motcua.ledger import actions, checkpoint, freeze, rules
from motcua.ledger.models import Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.org.queries import SYSTEM
from motcua.worktime.rules import Deadline
from tests.ledger.histories import all_days, balances, end_of, histories, stands
from tests.support.sql import max_queries

pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    return clock.local_moment(dt.date(2023, 6, day), dt.time(hour, minute))


def by_day(day: int) -> Deadline:
    return Deadline(at(day, 17), "day")


def story(world: SimpleNamespace) -> list[Fact]:
    return [
        Fact("receive", at(1), deadline=by_day(8), unit=world.units[0].pk, category=world.categories[0].pk,
             channel="direct"),
    ]  # fmt: skip


def act(item: Item, world: SimpleNamespace, verb_name: str, facts: list[Fact] | None, when: dt.datetime) -> Event:
    with clock.at(when), transaction.atomic():
        return actions.record(
            item=actions.lock(item.pk),
            verb=verb_name,
            occurred_at=when,
            actor=world.official,
            duty="receive",
            unit=world.units[0],
            facts={"step": verb_name},
            timeline=facts,
        )


def opened(world: SimpleNamespace, code: str = "H59.11-230601-0001") -> Item:
    return actions.open_item(book="dossier", code=code, unit=world.units[0])


def journal_of(item: Item) -> list[tuple[int, str, int, str, str, bool]]:
    """seq, day, sign, account, kind, whether it is a reversal"""
    return [
        (leg.event.seq, f"{leg.day:%d}", leg.sign, leg.account, leg.kind, leg.reverses_id is not None)
        for leg in Leg.objects.filter(item=item).select_related("event").order_by("id")
    ]


def test_the_worked_example_of_cau_ke(world: SimpleNamespace) -> None:
    item = opened(world)
    facts = story(world)
    act(item, world, "receive", facts, at(1))
    assert journal_of(item) == [
        (1, "01", -1, "outside", "receive", False),
        (1, "01", 1, "in_time", "receive", False),
        (1, "09", -1, "in_time", "cross", False),
        (1, "09", 1, "overdue", "cross", False),
    ]
    facts.append(Fact("pause", at(5, 10)))
    act(item, world, "request_supplement", facts, at(5, 10))
    assert journal_of(item)[4:] == [
        (2, "09", 1, "in_time", "cross", True),
        (2, "09", -1, "overdue", "cross", True),
        (2, "05", -1, "in_time", "pause", False),
        (2, "05", 1, "waiting_in_time", "pause", False),
    ]
    facts.append(Fact("resume", at(7, 10), deadline=by_day(12)))
    act(item, world, "supplement_received", facts, at(7, 10))
    facts.append(Fact("close", at(13, 8, 30), outcome="granted"))
    act(item, world, "resolve", facts, at(13, 8, 30))
    assert journal_of(item)[-2:] == [(4, "13", -1, "overdue", "close", False), (4, "13", 1, "late", "close", False)]
    then = Leg.objects.order_by("-id")[0].pk

    act(item, world, "void", facts[:-1], at(20))
    facts[-1] = Fact("close", at(12, 16), outcome="granted")
    act(item, world, "resolve", facts, at(20))

    def classes(watermark: int) -> dict[str, int]:
        legs = Leg.objects.filter(item=item, pk__lte=watermark, day__lte=dt.date(2023, 6, 13)).exclude(
            account="outside"
        )
        found: dict[str, int] = {}
        for leg in legs:
            found[leg.account] = found.get(leg.account, 0) + leg.sign
        return {account: n for account, n in found.items() if n}

    assert classes(then) == {"late": 1}
    assert classes(Leg.objects.order_by("-id")[0].pk) == {"on_time": 1}


def test_events_are_numbered_chained_and_complete(world: SimpleNamespace) -> None:
    item = opened(world)
    first = act(item, world, "receive", story(world), at(1))
    second = act(item, world, "forward", None, at(2))
    assert (first.seq, first.prev_hash, second.seq, second.prev_hash) == (1, "", 2, first.hash)
    assert second.legs.count() == 0
    item.refresh_from_db()
    assert (item.head, item.length) == (second.hash, 2)
    assert (first.recorded_at, first.actor, first.duty, first.facts) == (
        at(1),
        world.official,
        "receive",
        {"step": "receive"},
    )


def test_a_reversal_names_its_leg_and_repeats_it(world: SimpleNamespace) -> None:
    item = opened(world)
    act(item, world, "receive", story(world), at(1))
    act(item, world, "resolve", [*story(world), Fact("close", at(5), outcome="granted")], at(5))
    for leg in Leg.objects.filter(reverses__isnull=False).select_related("reverses"):
        for name in ("at", "day", "account", "unit_id", "category_id", "channel", "outcome", "kind", "item_id", "book"):
            assert getattr(leg, name) == getattr(leg.reverses, name)
        assert leg.sign == -leg.reverses.sign


def test_voiding_the_acceptance_takes_every_leg_back(world: SimpleNamespace) -> None:
    item = opened(world)
    event = act(item, world, "receive", story(world), at(1))
    with transaction.atomic():
        voiding = actions.record(
            item=actions.lock(item.pk), verb="void", occurred_at=at(2), actor=None, facts={}, timeline=[], voids=event
        )
    assert voiding.voids == event
    assert voiding.legs.count() == 4
    assert sum(leg.sign for leg in Leg.objects.filter(account="in_time")) == 0


def test_what_cannot_have_happened_leaves_nothing_behind(world: SimpleNamespace) -> None:
    item = opened(world)
    act(item, world, "receive", story(world), at(1))
    before = (Event.objects.count(), Leg.objects.count())
    with pytest.raises(IllegalAct, match="không tạm dừng"):
        act(item, world, "resume", [*story(world), Fact("resume", at(3), deadline=by_day(9))], at(3))
    item.refresh_from_db()
    assert (Event.objects.count(), Leg.objects.count(), item.length) == (*before, 1)


def test_whoever_read_an_older_state_is_told(world: SimpleNamespace) -> None:
    item = opened(world)
    stale = Item.objects.get(pk=item.pk)
    act(item, world, "receive", story(world), at(1))
    with pytest.raises((Conflict, DatabaseError)), transaction.atomic():
        actions.record(item=stale, verb="forward", occurred_at=at(2), actor=None, facts={}, timeline=None)
    assert Event.objects.count() == 1


def test_a_code_is_given_once_in_a_book(world: SimpleNamespace) -> None:
    opened(world)
    with pytest.raises(Conflict, match=r"H59\.11-230601-0001"), transaction.atomic():
        opened(world)
    actions.open_item(book="intake", code="H59.11-230601-0001", unit=world.units[0])


def test_an_unknown_item_cannot_be_locked(world: SimpleNamespace) -> None:
    with pytest.raises(NotFound):
        actions.lock(987_654)


def test_an_event_voids_only_its_own_items_events(world: SimpleNamespace) -> None:
    one, other = opened(world), opened(world, "H59.11-230601-0002")
    event = act(one, world, "receive", story(world), at(1))
    with pytest.raises(ValueError, match="own item"):
        actions.record(item=other, verb="void", occurred_at=at(2), actor=None, facts={}, timeline=None, voids=event)


@pytest.mark.parametrize("facts", [{"weight": 1.5}, {"note": "a\x00b"}, {"note": "a\nb"}, {1: "a"}, {"who": object()}])
def test_facts_that_would_not_read_back_alike_are_refused(world: SimpleNamespace, facts: dict) -> None:
    item = opened(world)
    with pytest.raises(ValueError, match=r"facts|keys"):
        actions.record(item=item, verb="receive", occurred_at=at(1), actor=None, facts=facts, timeline=None)


def test_facts_are_stored_in_the_form_that_is_hashed(world: SimpleNamespace) -> None:
    item = opened(world)
    event = actions.record(
        item=item,
        verb="receive",
        occurred_at=at(1),
        actor=None,
        facts={"due": at(8), "day": dt.date(2023, 6, 8), "field": "Hộ tịch", "steps": (1, 2)},
        timeline=None,
    )
    event.refresh_from_db()
    assert event.facts == {
        "due": "2023-06-08T02:00:00.000000Z",
        "day": "2023-06-08",
        "field": "Hộ tịch",
        "steps": [1, 2],
    }


class TestBudget:
    def test_receiving_costs_at_most_six_statements(self, world: SimpleNamespace) -> None:
        item = opened(world)
        with transaction.atomic():
            item = actions.lock(item.pk)
            with max_queries(6):
                actions.record(
                    item=item, verb="receive", occurred_at=at(1), actor=world.official, unit=world.units[0],
                    facts={}, timeline=story(world),
                )  # fmt: skip

    def test_a_hundred_acts_later_it_costs_the_same(self, world: SimpleNamespace) -> None:
        item = opened(world)
        facts = story(world)
        for n in range(30):
            facts.append(Fact("transfer", at(2, 9, n), unit=world.units[(n + 1) % 4].pk))
            act(item, world, "transfer", facts, at(2, 9, n))
        with transaction.atomic():
            locked = actions.lock(item.pk)
            with max_queries(6):
                actions.record(
                    item=locked, verb="resolve", occurred_at=at(3), actor=world.official, unit=world.units[0],
                    facts={}, timeline=[*facts, Fact("close", at(3), outcome="granted")],
                )  # fmt: skip

    def test_an_act_that_moves_no_account_costs_less(self, world: SimpleNamespace) -> None:
        item = opened(world)
        with max_queries(3):
            actions.record(item=item, verb="submit", occurred_at=at(1), actor=None, facts={}, timeline=None)


# The world is only read; what an example writes is rolled back.
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_property_1_the_journal_reads_as_the_facts_at_every_watermark(
    world: SimpleNamespace, data: st.DataObject
) -> None:
    units = [unit.pk for unit in world.units]
    categories = [category.pk for category in world.categories]
    versions = data.draw(histories(units, categories))
    with transaction.atomic():
        item = opened(world, "PROPERTY")
        known: list[tuple[int, list[Fact]]] = []
        for n, facts in enumerate(versions):
            act(item, world, f"act{n}", facts, at(20, 8, n))
            newest = Leg.objects.order_by("-id").values_list("id", flat=True).first()
            known.append((newest or 0, facts))
        rows = [
            (leg.pk, leg.day, rules.Entry(
                leg.at, leg.sign, leg.account, leg.unit_id, leg.category_id, leg.channel, leg.outcome, leg.kind
            ))
            for leg in Leg.objects.filter(item=item).order_by("id")
        ]  # fmt: skip
        assert all(entry.day == day for _, day, entry in rows)
        for watermark, facts in known:
            legs = [entry for pk, _, entry in rows if pk <= watermark]
            for day in all_days():
                place = stands(facts, end_of(day))
                assert balances(legs, day) == ({} if place is None else {place: 1})
        for event in Event.objects.filter(item=item).prefetch_related("legs"):
            assert sum(leg.sign for leg in event.legs.all()) == 0
        transaction.set_rollback(True)


@verb
def forward(*, item_id: int, step: str) -> Event:
    """A verb as a trade has it."""
    item = actions.lock(item_id)
    return actions.record(item=item, verb="forward", occurred_at=at(2), actor=None, facts={"step": step}, timeline=None)


def test_property_6_asking_twice_with_one_key_acts_once(world: SimpleNamespace) -> None:
    item = opened(world)
    act(item, world, "receive", story(world), at(1))
    first = forward(request_key="k1", item_id=item.pk, step="appraise")
    again = forward(request_key="k1", item_id=item.pk, step="appraise")
    assert first.pk == again.pk
    assert Event.objects.filter(item=item).count() == 2
    with pytest.raises(Conflict):
        forward(request_key="k1", item_id=item.pk, step="sign")
    item.refresh_from_db()
    assert item.length == 2


class TestTheDatabaseRefuses:
    """Whatever hand writes, not only ``record``."""

    @pytest.fixture
    def item(self, world: SimpleNamespace) -> Item:
        item = opened(world)
        act(item, world, "receive", story(world), at(1))
        act(item, world, "resolve", [*story(world), Fact("close", at(5), outcome="granted")], at(5))
        return item

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_leg SET sign = 1",
            "DELETE FROM ledger_leg WHERE id = (SELECT MAX(id) FROM ledger_leg)",
            "UPDATE ledger_event SET verb = 'x'",
            "DELETE FROM ledger_event WHERE id = (SELECT MAX(id) FROM ledger_event)",
            "UPDATE ledger_item SET code = 'x'",
            "UPDATE ledger_category SET field = 'x'",
            # a leg of another day than its moment
            "INSERT INTO ledger_leg (event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, "
            "category_id, channel, outcome, kind) SELECT event_id, 90, item_id, book, at, '2023-06-30', recorded_at, "
            "sign, account, unit_id, category_id, channel, outcome, kind FROM ledger_leg WHERE kind = 'close'",
            # a leg recorded at another moment than its event
            "INSERT INTO ledger_leg (event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, "
            "category_id, channel, outcome, kind) SELECT event_id, 90, item_id, book, at, day, at, "
            "sign, account, unit_id, category_id, channel, outcome, kind FROM ledger_leg WHERE kind = 'cross'",
            # a reversal that is no mirror
            "INSERT INTO ledger_leg (event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, "
            "category_id, channel, outcome, kind, reverses_id) SELECT event_id, 90 + position, item_id, book, at, day, "
            "recorded_at, sign, account, unit_id, category_id, channel, outcome, kind, id FROM ledger_leg "
            "WHERE kind = 'close'",
            # a reversal of a reversal
            "INSERT INTO ledger_leg (event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, "
            "category_id, channel, outcome, kind, reverses_id) SELECT event_id, 90 + position, item_id, book, at, day, "
            "recorded_at, -sign, account, unit_id, category_id, channel, outcome, kind, id FROM ledger_leg "
            "WHERE reverses_id IS NOT NULL",
            # an event that follows nothing
            "INSERT INTO ledger_event (item_id, seq, verb, occurred_at, recorded_at, duty, facts, prev_hash, hash) "
            "SELECT item_id, 9, verb, occurred_at, recorded_at, duty, facts, prev_hash, hash FROM ledger_event",
            "INSERT INTO ledger_event (item_id, seq, verb, occurred_at, recorded_at, duty, facts, prev_hash, hash) "
            "SELECT item_id, 3, verb, occurred_at, recorded_at, duty, facts, 'forged', hash FROM ledger_event "
            "WHERE seq = 2",
        ],
    )  # fmt: skip
    def test_it(self, item: Item, statement: str) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert Leg.objects.filter(sign=1, reverses__isnull=True).count() == 3

    @pytest.mark.skipif("connection.vendor != 'sqlite'")
    def test_replacing_a_row(self, item: Item) -> None:
        for table in ("ledger_leg", "ledger_event"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")

    @pytest.mark.skipif("connection.vendor != 'sqlite'")
    @pytest.mark.parametrize("table", ["ledger_event", "ledger_leg", "ledger_checkpoint", "ledger_cutoff"])
    def test_replacing_a_row_by_another_key(self, item: Item, table: str) -> None:
        """As a bare sqlite3 does it, where no trigger of deletion fires: by every unique key, under a new id."""
        with clock.at(at(20)):
            checkpoint.make_daily()
            freeze.freeze(
                scope=SYSTEM, unit=item.unit, book="dossier", start=at(1).date(), end=at(10).date(), actor=None
            )
        model = next(m for m in apps.get_app_config("ledger").get_models() if m._meta.db_table == table)
        columns = [f.column for f in model._meta.concrete_fields if not f.primary_key]
        before = list(model.objects.order_by("pk").values())
        assert before
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = OFF")
            try:
                with pytest.raises(DatabaseError, match=f"{table}: taken"), transaction.atomic():
                    cursor.execute(
                        f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) "
                        f"SELECT {', '.join(columns)} FROM {table} ORDER BY id DESC LIMIT 1"
                    )
            finally:
                cursor.execute("PRAGMA recursive_triggers = ON")
        assert list(model.objects.order_by("pk").values()) == before

    @pytest.mark.skipif("connection.vendor != 'postgresql'")
    def test_truncating(self, item: Item) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or what is pending would refuse it first
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_leg CASCADE")
