"""Statements as an office meets them: transfers, succession, late entries, what was known when, forms, the command."""

import datetime as dt
import json
from collections.abc import Sequence
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed, NotFound
from motcua.ledger import actions, behind, forms, freeze, queries, totals
from motcua.ledger.coverage import cover
from motcua.ledger.models import Item
from motcua.ledger.rules import Fact
from motcua.ledger.statement import EMPTY, Figures, Pending, Statement, Unreconciled
from motcua.ledger.totals_models import Cutoff
from motcua.org.models import Succession, Unit, UnitPlace
from motcua.org.queries import SYSTEM, Scope
from motcua.worktime.rules import Deadline
from tests.support.sql import max_queries


def on(day: int, hour: int = 9, minute: int = 0, *, month: int = 6) -> dt.datetime:
    return clock.local_moment(dt.date(2023, month, day), dt.time(hour, minute))


def june(day: int) -> dt.date:
    return dt.date(2023, 6, day)


def due(day: int, month: int = 6) -> Deadline:
    return Deadline(on(day, 17, month=month), "day")


class Office:
    """Writes items as an office would: each call of ``tell`` is one act, recorded when the clock says."""

    def __init__(self, world: SimpleNamespace):
        self.world = world
        self.told: dict[str, list[Fact]] = {}
        self.items: dict[str, Item] = {}

    def tell(self, code: str, *facts: Fact, recorded: dt.datetime | None = None, verb: str = "act") -> None:
        """Add facts to an item, in order of time; recorded at the last of them unless said."""
        known = sorted([*self.told.get(code, []), *facts], key=lambda fact: fact.at)
        self.rewrite(code, known, recorded=recorded or facts[-1].at, verb=verb)

    def rewrite(self, code: str, facts: Sequence[Fact], *, recorded: dt.datetime, verb: str = "act") -> None:
        self.told[code] = list(facts)
        with clock.at(recorded):
            if code not in self.items:
                self.items[code] = actions.open_item(book="dossier", code=code, unit=self.world.units[0])
            actions.record(
                item=actions.lock(self.items[code].pk),
                verb=verb,
                occurred_at=facts[-1].at if facts else recorded,
                actor=self.world.official,
                facts={},
                timeline=list(facts),
            )

    def receive(
        self,
        code: str,
        at: dt.datetime,
        deadline: Deadline,
        *,
        unit: int = 0,
        channel: str = "direct",
        category: int = 0,
        recorded: dt.datetime | None = None,
    ) -> None:
        fact = Fact(
            "receive",
            at,
            deadline=deadline,
            unit=self.world.units[unit].pk,
            category=self.world.categories[category].pk,
            channel=channel,
        )
        self.tell(code, fact, recorded=recorded)

    def close(
        self, code: str, at: dt.datetime, outcome: str = "granted", *, recorded: dt.datetime | None = None
    ) -> None:
        self.tell(code, Fact("close", at, outcome=outcome), recorded=recorded)


@pytest.fixture
def office(world: SimpleNamespace) -> Office:
    return Office(world)


def read(
    world: SimpleNamespace, first: int, last: int, *, units: Sequence[int] = (0,), now: dt.datetime, **more: Any
) -> Statement:
    with clock.at(now):
        return queries.statement(
            SYSTEM,
            book="dossier",
            units=[world.units[n] for n in units],
            start=june(first),
            end=june(last),
            **more,
        )


def test_the_worked_example_of_cau_ke(world: SimpleNamespace, office: Office) -> None:
    """As of 13/06 known on 13/06: late 1. Known on 20/06: on time 1, and the statement says one late became on time."""
    office.receive("A", on(1), due(8))
    office.tell("A", Fact("pause", on(5, 10)))
    office.tell("A", Fact("resume", on(7, 10), deadline=due(12)))
    office.close("A", on(13, 8, 30))
    facts = office.told["A"][:-1]
    office.rewrite("A", [*facts, Fact("close", on(12, 16), outcome="granted")], recorded=on(20))

    then = read(world, 1, 13, now=on(21), known_at=june(13))
    assert then.total.figures.ended == {("late", "granted"): 1}
    assert then.total.figures.closing == Pending()
    now = read(world, 1, 13, now=on(21))
    assert now.total.figures.ended == {("on_time", "granted"): 1}
    memo = behind.memo(SYSTEM, now)
    assert (memo.written_late, memo.turned) == (1, 1)
    waiting = read(world, 1, 6, now=on(21))
    assert waiting.total.figures.closing == Pending(waiting_in_time=1)
    assert "chờ bổ sung" in forms.form_06a(waiting).notes[0]


def test_a_transfer_is_no_new_receipt_and_cancels_inside_a_set(world: SimpleNamespace, office: Office) -> None:
    office.receive("OLD", on(1), due(20))
    office.receive("NEW", on(6), due(20), channel="online")
    for code in ("OLD", "NEW"):
        office.tell(code, Fact("transfer", on(8), unit=world.units[1].pk))
    made = read(world, 5, 10, units=(0, 1), now=on(12))
    here, there = (made.line(world.units[n].key).figures for n in (0, 1))
    assert (here.opening.total, here.received_total, here.transferred, here.closing.total) == (1, 1, -2, 0)
    assert (there.opening.total, there.received_total, there.transferred, there.closing.total) == (0, 0, 2, 2)
    assert made.total.figures.transferred == 0
    # II.06a: each leaves its column at A (6 and 4) and appears in the same column at B.
    rows = {row.label: row.values for row in forms.form_06a(made).rows if row.kind == "line"}
    assert rows[world.units[0].name] == (0,) * 11
    assert rows[world.units[1].name][:4] == (2, 1, 0, 1)
    assert behind.drill(SYSTEM, made, world.units[1].key, "c4").items[0].code == "NEW"
    assert behind.drill(SYSTEM, made, world.units[1].key, "c6").items[0].code == "OLD"
    assert behind.drill(SYSTEM, made, world.units[0].key, "c3").figure == 0


def test_a_succession_on_the_first_day_is_part_of_the_opening(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(20))
    office.tell("A", Fact("succession", on(10, 0), unit=world.units[1].pk))
    made = read(world, 10, 15, units=(0, 1), now=on(16))
    assert made.line(world.units[1].key).figures.opening.total == 1
    assert made.line(world.units[1].key).figures.opening_succession == 1
    assert made.line(world.units[0].key).figures.closing.total == 0
    within = read(world, 9, 15, units=(0, 1), now=on(16))
    assert within.line(world.units[0].key).figures.opening.total == 1
    assert within.line(world.units[1].key).figures.succeeded == 1
    assert within.total.figures.succeeded == 0


def test_a_crossing_of_tonight_has_not_come(world: SimpleNamespace, office: Office) -> None:
    """Today is provisional: legs up to now; a deadline at 15:00 is not missed at 14:00."""
    office.receive("A", on(5), Deadline(on(6, 15), "minute"))
    early = read(world, 1, 6, now=on(6, 14))
    assert early.provisional
    assert early.total.figures.closing == Pending(in_time=1)
    assert behind.drill(SYSTEM, early, None, "closing.in_time").figure == 1
    later = read(world, 1, 6, now=on(6, 16))
    assert later.total.figures.closing == Pending(overdue=1)
    with clock.at(on(6, 16)):
        totals.fold()
    assert read(world, 1, 6, now=on(6, 14)).total.figures.closing == Pending(in_time=1)


@pytest.mark.parametrize(
    ("first", "last", "more", "code"),
    [
        (5, 4, {}, "days_reversed"),
        (1, 11, {}, "end_in_future"),
        (1, 9, {"known_at": june(8)}, "as_of_after_known"),
        (1, 9, {"known_at": june(11)}, "known_in_future"),
        (1, 9, {"known_at": 10**12}, "watermark_unknown"),
        (1, 9, {"known_at": -1}, "watermark_unknown"),
        (1, 9, {"by": "person"}, "by_unknown"),
        (5, 9, {"counted_to": june(3)}, "estimate_outside"),
        (1, 9, {"book": "diary"}, "book_unknown"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    world: SimpleNamespace, office: Office, first: int, last: int, more: dict[str, Any], code: str
) -> None:
    office.receive("A", on(1), due(20))
    with clock.at(on(10)), pytest.raises(Invalid) as refused:
        queries.statement(
            SYSTEM, **({"book": "dossier", "units": world.units[:1], "start": june(first), "end": june(last)} | more)
        )
    assert refused.value.code == code
    assert "\n" not in refused.value.message


def test_only_units_of_the_scope(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(20))
    scope = Scope(user_id=1, day=june(10), unit_ids=frozenset({world.units[1].pk}))
    with clock.at(on(10)), pytest.raises(NotAllowed):
        queries.statement(scope, book="dossier", units=[world.units[0]], start=june(1), end=june(2))
    made = read(world, 1, 5, now=on(10))
    with pytest.raises(NotAllowed):
        behind.drill(scope, made, None, "received")


def test_an_unknown_column_or_line(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(20))
    made = read(world, 1, 5, now=on(10))
    for line, column in (
        (None, "x"),
        (None, "ended.late.x'y"),
        ("no", "received"),
        (None, "outcome."),
        (None, "ended.x.y"),
    ):
        with pytest.raises(NotFound):
            behind.drill(SYSTEM, made, line, column)


def test_pages_of_a_drill(world: SimpleNamespace, office: Office) -> None:
    for n in range(7):
        office.receive(f"D{n}", on(1, 9, n), due(20))
    made = read(world, 1, 5, now=on(10))
    first = behind.drill(SYSTEM, made, None, "received", page=1, page_size=3)
    last = behind.drill(SYSTEM, made, None, "received", page=3, page_size=3)
    assert [entry.code for entry in first.items] == ["D0", "D1", "D2"]
    assert [entry.code for entry in last.items] == ["D6"]
    assert first.figure == last.figure == last.entries == 7


def test_half_an_act_was_never_known(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(3))
    office.close("A", on(2))
    from motcua.ledger.models import Leg

    ids = list(Leg.objects.order_by("id").values_list("pk", flat=True))
    with clock.at(on(10)):
        for watermark in [0, *ids]:
            made = queries.statement(
                SYSTEM, book="dossier", units=world.units[:1], start=june(1), end=june(1), known_at=watermark
            )
            assert made.total.figures.received_total in (0, 1)
            assert made.watermark <= watermark


def test_a_damaged_line_is_never_printed() -> None:
    wrong = Figures(received={"direct": 2}, closing=Pending(in_time=1))
    with pytest.raises(Unreconciled, match="không cân"):
        wrong.reconcile("Xã A")
    EMPTY.reconcile("")


def test_damaged_totals_stop_the_statement_and_are_named(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(20))
    with clock.at(on(20)):
        totals.fold()
    with connection.cursor() as cursor:
        for n, table in enumerate(("total", "balance"), start=5):
            cursor.execute(f"UPDATE ledger_{table}_unit SET in_time_pause = {n}")
    with pytest.raises(Unreconciled):
        read(world, 1, 14, now=on(21))
    named = totals.check()
    for what in ("tổng", "số dư"):
        assert any(f"{what} khác sổ gốc" in fault and world.units[0].name in fault for fault in named)
    with clock.at(on(20)):
        totals.rebuild()
    assert totals.check() == []
    assert read(world, 1, 14, now=on(21)).total.figures.received_total == 1


# ---- the tree -------------------------------------------------------------------------------------------------------


@pytest.fixture
def province(db: None) -> SimpleNamespace:
    """A province of two districts until 30/6/2025, and the new one that takes everything over on 01/7/2025."""
    start, end, new_day = dt.date(2000, 1, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1)

    def unit(code: str, name: str, kind: str, parent: Unit | None, first: dt.date, last: dt.date | None) -> Unit:
        made = Unit.objects.create(code=code, name=name, kind=kind, valid_from=first, valid_to=last)
        above = UnitPlace.objects.get(unit=parent).path if parent else "/"
        UnitPlace.objects.create(unit=made, parent=parent, path=f"{above}{made.pk}/", valid_from=first, valid_to=last)
        return made

    old = unit("P1", "Tỉnh Cũ", "province", None, start, end)
    district = unit("D1", "Huyện Một", "district", old, start, end)
    office = unit("O1", "Phòng Tư pháp", "office", district, start, end)
    communes = [unit(f"C{n}", f"Xã {n}", "commune", district, start, end) for n in (1, 2)]
    new = unit("P9", "Tỉnh Mới", "province", None, new_day, None)
    merged = unit("C9", "Xã Mới", "commune", new, new_day, None)
    for before, after in ((old, new), (district, merged), (office, merged), *((c, merged) for c in communes)):
        Succession.objects.create(old=before, new=after, day=new_day, kind="whole")
    return SimpleNamespace(old=old, district=district, office=office, communes=communes, new=new, merged=merged)


def test_a_province_is_its_units_and_all_they_came_from(province: SimpleNamespace, world: SimpleNamespace) -> None:
    """Over 01/7/2025 nothing is lost, nothing is received twice, and succession cancels inside."""
    office = Office(world)
    p = province
    places = [p.office, *p.communes]

    def at(month: int, day: int) -> dt.datetime:
        return clock.local_moment(dt.date(2025, month, day), dt.time(9))

    new_day = clock.local_moment(dt.date(2025, 7, 1))
    for n in range(6):
        holder = places[n % 3]
        fact = Fact(
            "receive", at(6, 10 + n), deadline=Deadline(at(7, 15), "day"), unit=holder.pk,
            category=world.categories[0].pk, channel="direct",
        )  # fmt: skip
        office.tell(f"K{n}", fact)
        if n == 0:
            office.close("K0", at(6, 20))
        else:
            office.tell(f"K{n}", Fact("succession", new_day, unit=p.merged.pk))
    office.close("K1", at(7, 5))

    with clock.at(at(7, 20)):
        whole = queries.statement(
            SYSTEM, book="dossier", units=[p.new], start=dt.date(2025, 6, 15), end=dt.date(2025, 7, 10)
        )
        f = whole.total.figures
        assert (f.opening.total, f.received_total, f.succeeded, f.ended_total, f.closing.total) == (5, 1, 0, 2, 4)
        assert {line.label for line in whole.lines} >= {"Huyện Một", "Xã Mới"}
        assert whole.line(p.district.key).figures.succeeded == -5
        assert whole.line(p.merged.key).figures.succeeded == 5
        totals.fold()
        again = queries.statement(
            SYSTEM, book="dossier", units=[p.new], start=dt.date(2025, 6, 15), end=dt.date(2025, 7, 10)
        )
        assert [line.as_dict() for line in again.lines] == [line.as_dict() for line in whole.lines]
        # From 01/7 on, the pending work is simply the new commune's opening.
        after = queries.statement(
            SYSTEM, book="dossier", units=[p.merged], start=dt.date(2025, 7, 1), end=dt.date(2025, 7, 10)
        )
        g = after.total.figures
        assert (g.opening.total, g.received_total, g.succeeded, g.ended_total, g.closing.total) == (5, 0, 0, 1, 4)


def test_one_unit_gives_a_line_for_each_beneath_it(province: SimpleNamespace) -> None:
    p = province
    covered = cover([p.district], dt.date(2023, 1, 1), dt.date(2023, 6, 1))
    assert [(line.unit.name, line.level) for line in covered.lines] == [
        ("Huyện Một", "Cấp huyện"),
        ("Phòng Tư pháp", "Cấp huyện"),
        ("Xã 1", "Cấp xã"),
        ("Xã 2", "Cấp xã"),
    ]
    two = cover([p.district, p.merged], dt.date(2025, 1, 1), dt.date(2025, 8, 1))
    assert {line.unit.pk: len(line.unit_ids) for line in two.lines} == {p.district.pk: 4, p.merged.pk: 1}
    with pytest.raises(Invalid):
        cover([p.district, p.office], dt.date(2023, 1, 1), dt.date(2023, 6, 1))
    with pytest.raises(NotFound):
        cover([], dt.date(2023, 1, 1), dt.date(2023, 6, 1))


# ---- chained and restated -------------------------------------------------------------------------------------------


def frozen(world: SimpleNamespace, first: int, last: int, *, now: dt.datetime, unit: int = 0, **more: Any) -> Cutoff:
    with clock.at(now):
        return freeze.freeze(
            scope=SYSTEM, unit=world.units[unit], book="dossier", start=june(first), end=june(last),
            actor=world.official, **more,
        )  # fmt: skip


def test_chained_shows_what_came_to_light_and_restated_moves_it_back(world: SimpleNamespace, office: Office) -> None:
    office.receive("KEPT", on(1), due(5))
    office.receive("ENDED", on(2), due(5))
    office.close("ENDED", on(6))  # late
    first = frozen(world, 1, 10, now=on(11))
    assert freeze.figures(first)["total"]["figures"]["closing"]["overdue"] == 1
    # Since then: one more was received on the 9th, the late end is found to have been in time, KEPT had been withdrawn.
    office.receive("FOUND", on(9), due(20), recorded=on(12))
    office.rewrite("ENDED", [office.told["ENDED"][0], Fact("close", on(5, 16), outcome="granted")], recorded=on(12, 10))
    office.tell("KEPT", Fact("close", on(4), outcome="withdrawn"), recorded=on(12, 11))

    chained = read(world, 11, 14, now=on(15), chained_from=first.number)
    f = chained.total.figures
    assert (f.opening.total, f.adjustments.total, f.received_total, f.closing.total) == (1, 0, 0, 1)
    assert f.opening == Pending(overdue=1)
    assert f.adjustments == Pending(overdue=-1, in_time=1)
    listed = behind.adjustments(SYSTEM, chained)
    assert {item.code: item.pending for item in listed.items} == {"FOUND": 1, "ENDED": 0, "KEPT": -1}
    assert listed.total == 3
    assert listed.late_to_on_time == 1
    assert [item.code for item in listed.items if item.late_to_on_time] == ["ENDED"]
    assert behind.adjustments(SYSTEM, chained, limit=1).total == 3
    row = forms.form_06a(chained).rows[-1].values
    assert row[3] == 1  # column 6: the frozen closing and its adjustments
    restated = read(world, 11, 14, now=on(15))
    assert restated.total.figures.opening == Pending(in_time=1)
    assert restated.total.figures.adjustments == Pending()
    assert behind.adjustments(SYSTEM, restated).total == 0
    before = read(world, 1, 10, now=on(15))
    assert before.total.figures.ended == {("on_time", "granted"): 1, ("early", "withdrawn"): 1}
    as_published = read(world, 1, 10, now=on(15), known_at=first.number)
    assert as_published.total.figures.ended == {("late", "granted"): 1}


def test_frozen_in_the_afternoon_of_the_last_day(world: SimpleNamespace, office: Office) -> None:
    """What happened after 16:30 of the last day belongs to the next period's adjustments, not to nobody."""
    office.receive("A", on(9), Deadline(on(10, 17), "minute"))
    first = frozen(world, 1, 10, now=on(10, 16, 30))
    assert freeze.figures(first)["provisional"]
    assert freeze.figures(first)["total"]["figures"]["closing"]["in_time"] == 1
    office.receive("B", on(10, 16, 45), due(20))
    chained = read(world, 11, 14, now=on(15), chained_from=first.number)
    f = chained.total.figures
    assert f.opening == Pending(in_time=1)
    assert f.adjustments == Pending(overdue=1)  # A crossed at 17:01, B came at 16:45
    assert behind.drill(SYSTEM, chained, None, "adjustments").figure == 1
    assert behind.drill(SYSTEM, chained, None, "opening.in_time").figure == 1
    with clock.at(on(15)):
        totals.fold()
    assert read(world, 11, 14, now=on(15), chained_from=first.number).total.figures == f


def test_a_late_entry_at_a_unit_that_was_succeeded_meanwhile(world: SimpleNamespace, office: Office) -> None:
    office.receive("KNOWN", on(5), due(20))
    office.tell("KNOWN", Fact("succession", on(11, 0), unit=world.units[1].pk), recorded=on(8))
    first = frozen(world, 1, 10, now=on(11, 8))
    second = frozen(world, 1, 10, now=on(11, 8), unit=1)
    late = Fact(
        "receive", on(9), deadline=due(20), unit=world.units[0].pk, category=world.categories[0].pk, channel="direct"
    )
    office.tell("LATE", late, Fact("succession", on(11, 0), unit=world.units[1].pk), recorded=on(12))
    old = read(world, 11, 14, now=on(15), chained_from=first.number).total.figures
    assert (old.opening.total, old.adjustments.total, old.closing.total) == (0, 0, 0)
    new = read(world, 11, 14, units=(1,), now=on(15), chained_from=second.number).total.figures
    assert (new.opening.total, new.opening_succession, new.adjustments.total, new.closing.total) == (1, 1, 1, 2)


def test_chains_that_cannot_hold(world: SimpleNamespace, office: Office) -> None:
    office.receive("A", on(1), due(20))
    first = frozen(world, 1, 10, now=on(11))
    estimate = frozen(world, 11, 20, now=on(15), counted_to=june(14))
    for start, number, code in (
        (12, first.number, "chain_broken"),
        (21, estimate.number, "chain_from_estimate"),
    ):
        with pytest.raises(Invalid) as refused:
            read(world, start, 25, now=on(26), chained_from=number)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        read(world, 11, 14, now=on(15), chained_from="CS-2023-9999")


# ---- statement by everything, budgets, the command ------------------------------------------------------------------


def busy(world: SimpleNamespace, office: Office, items: int) -> None:
    for n in range(items):
        code = f"B{len(office.items):04d}"
        day = 1 + n % 14
        office.receive(
            code, on(day), due(day + 3), unit=n % 3, category=n % 2, channel=("direct", "online", "post")[n % 3]
        )
        if n % 3 == 0:
            office.tell(code, Fact("transfer", on(day, 10), unit=world.units[(n + 1) % 3].pk))
        if n % 4:
            office.close(code, on(day + n % 6, 15), ("granted", "refused", "returned", "withdrawn")[n % 4])


@pytest.mark.parametrize("by", ["unit", "procedure", "field", "channel"])
@pytest.mark.parametrize("folded", [False, True])
def test_every_division_adds_up_to_the_same_total(
    world: SimpleNamespace, office: Office, by: str, folded: bool
) -> None:
    busy(world, office, 24)
    if folded:
        with clock.at(on(22)):
            totals.fold()
    plain = read(world, 5, 18, units=(0, 1, 2), now=on(22))
    divided = read(world, 5, 18, units=(0, 1, 2), now=on(22), by=by)
    assert divided.total.figures == plain.total.figures
    for form in forms.FORMS.values():
        laid_out = form(divided)
        for column, cells in zip(
            laid_out.columns, zip(*(row.values for row in laid_out.rows), strict=True), strict=True
        ):
            lines = [value for value, row in zip(cells, laid_out.rows, strict=True) if row.kind == "line"]
            if not column.percent:
                assert sum(int(value or 0) for value in lines) == cells[-1]
            if column.drill:
                for row, value in zip(laid_out.rows, cells, strict=True):
                    if row.kind != "subtotal":
                        assert behind.drill(SYSTEM, divided, row.key, column.drill).figure == value


def test_a_second_fold_adds_nothing(world: SimpleNamespace, office: Office) -> None:
    busy(world, office, 6)
    with clock.at(on(22)):
        assert totals.fold().legs > 0
        assert totals.fold().legs == 0
        assert totals.check() == []


class TestBudget:
    @pytest.mark.parametrize("folded", [False, True])
    def test_a_statement_does_not_cost_more_with_more_items(
        self, world: SimpleNamespace, office: Office, folded: bool
    ) -> None:
        for size in (3, 30):
            busy(world, office, size)
            if folded:
                with clock.at(on(22)):
                    totals.fold()
            for by in ("unit", "procedure", "channel"):
                with max_queries(8):
                    read(world, 5, 18, units=(0, 1, 2), now=on(22), by=by)

    def test_a_province(self, province: SimpleNamespace) -> None:
        with clock.at(clock.local_moment(dt.date(2025, 8, 1))), max_queries(8):
            queries.statement(
                SYSTEM, book="dossier", units=[province.new], start=dt.date(2025, 6, 1), end=dt.date(2025, 7, 31)
            )

    def test_a_drill(self, world: SimpleNamespace, office: Office) -> None:
        busy(world, office, 30)
        made = read(world, 5, 18, units=(0, 1, 2), now=on(22))
        with max_queries(3):
            behind.drill(SYSTEM, made, None, "closing")

    def test_freezing(self, world: SimpleNamespace, office: Office) -> None:
        busy(world, office, 30)
        with max_queries(20):
            frozen(world, 1, 10, now=on(22))


def run(*arguments: str, now: dt.datetime) -> str:
    out = StringIO()
    with clock.at(now):
        call_command("statement", *arguments, stdout=out)
    return out.getvalue()


class TestCommand:
    def test_the_table(self, world: SimpleNamespace, office: Office) -> None:
        busy(world, office, 24)
        text = run("--unit", "T0", "--from", "05/06/2023", "--to", "2023-06-18", now=on(22))
        assert "BIỂU II.06A" in text
        assert "Từ ngày 05/06/2023 đến hết ngày 18/06/2023" in text
        assert "Hạn tính theo ngày" in text
        made = read(world, 5, 18, now=on(22))
        last = next(line for line in text.splitlines() if line.startswith("Tổng cộng"))
        assert [int(cell.replace(".", "")) for cell in last.split()[2:]] == list(forms.form_06a(made).rows[-1].values)

    @pytest.mark.parametrize("form", sorted(forms.FORMS))
    @pytest.mark.parametrize("by", ["unit", "procedure", "field", "channel"])
    def test_every_form(self, world: SimpleNamespace, office: Office, form: str, by: str) -> None:
        busy(world, office, 12)
        text = run(
            "--unit", "T1", "--from", "1/6/2023", "--to", "18/6/2023", "--by", by, "--form", form, "--memo", now=on(22)
        )
        assert "Tổng cộng" in text
        assert "ghi muộn" in text

    def test_json(self, world: SimpleNamespace, office: Office) -> None:
        busy(world, office, 12)
        plain = json.loads(run("--unit", "T1", "--from", "1/6/2023", "--to", "18/6/2023", "--json", now=on(22)))
        total = Figures.from_dict(plain["total"]["figures"])
        total.reconcile("tổng")
        assert total == read(world, 1, 18, units=(1,), now=on(22)).total.figures

    def test_freezing_and_going_on(self, world: SimpleNamespace, office: Office) -> None:
        busy(world, office, 12)
        text = run("--unit", "T1", "--from", "1/6/2023", "--to", "14/6/2023", "--freeze", now=on(16))
        assert "CS-2023-0001" in text
        text = run("--unit", "T1", "--from", "15/6/2023", "--to", "18/6/2023", "--chained", "CS-2023-0001", now=on(22))
        assert "Nối tiếp bản chốt CS-2023-0001" in text
        text = run("--unit", "T1", "--from", "1/6/2023", "--to", "14/6/2023", "--known-at", "cs-2023-0001", now=on(22))
        assert "theo bản chốt CS-2023-0001" in text
        # An official statement continues the one before it without being told to.
        text = run("--unit", "T1", "--from", "15/6/2023", "--to", "18/6/2023", "--freeze", now=on(22))
        assert "Nối tiếp bản chốt CS-2023-0001" in text
        assert Cutoff.objects.get(number="CS-2023-0002").chained_from.number == "CS-2023-0001"

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--unit", "T1", "--from", "31/2/2023", "--to", "1/6/2023"],
            ["--unit", "T1", "--from", "hôm qua", "--to", "1/6/2023"],
            ["--unit", "NO", "--from", "1/6/2023", "--to", "2/6/2023"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2024"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--known-at", "9" * 30],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--known-at", "CS-1"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--book", "'; DROP"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--by", "\x00"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--freeze", "--known-at", "1"],
            ["--unit", "T1", "--from", "1/6/2023", "--to", "2/6/2023", "--completes", "CS-2023-0001"],
            ["--unit", "T\x00", "--from", "1/6/2023", "--to", "2/6/2023"],
        ],
    )
    def test_bad_input_is_one_clear_line(self, world: SimpleNamespace, arguments: list[str]) -> None:
        from motcua.core.errors import MotcuaError

        with pytest.raises(MotcuaError) as refused:
            run(*arguments, now=on(22))
        assert refused.value.message
        assert "\n" not in refused.value.message
