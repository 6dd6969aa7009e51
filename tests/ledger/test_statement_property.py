"""Properties 2 and 3: every statement reconciles and says what the facts say; totals change nothing about it."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.ledger import actions, behind, forms, freeze, queries, totals
from motcua.ledger.models import Leg
from motcua.ledger.statement import Statement
from motcua.org.queries import SYSTEM
from tests.ledger.histories import DAYS, FIRST, end_of, histories, moment, stands

AFTER = moment(40, 8)
WAITING = ("waiting_in_time", "waiting_overdue")
PENDING = ("in_time", "overdue", *WAITING)


def write(
    world: SimpleNamespace, data: st.DataObject, between: Callable[[int], None] = lambda n: None
) -> list[tuple[int, dict[str, list[Any]]]]:
    """A few items, their histories interleaved, folds in between; what was known (facts by item) at each watermark.

    ``between`` is called before every act with its number.
    """
    units = [unit.pk for unit in world.units]
    categories = [category.pk for category in world.categories]
    versions = {f"I{n}": data.draw(histories(units, categories), label=f"item {n}") for n in range(3)}
    queue = [code for code, each in versions.items() for _ in each]
    order = data.draw(st.permutations(queue), label="order")
    items = {code: actions.open_item(book="dossier", code=code, unit=world.units[0]) for code in versions}
    now: dict[str, list[Any]] = {}
    done: Counter[str] = Counter()
    known = [(0, dict(now))]
    for n, code in enumerate(order):
        between(n)
        facts = versions[code][done[code]]
        done[code] += 1
        when = AFTER + dt.timedelta(minutes=n)
        with clock.at(when):
            actions.record(
                item=actions.lock(items[code].pk),
                verb="act",
                occurred_at=when,
                actor=None,
                facts={"n": n},
                timeline=facts,
            )
            if data.draw(st.integers(0, 5), label="fold?") == 0:
                totals.fold(chunk=data.draw(st.sampled_from([40, 1000]), label="chunk"))
        now[code] = facts
        newest = Leg.objects.order_by("-id").values_list("id", flat=True).first()
        known.append((newest or 0, dict(now)))
    return known


def standing(facts: dict[str, list[Any]], until: dt.datetime) -> Counter[tuple[str, int, int, str]]:
    places = (stands(each, until) for each in facts.values())
    return Counter(place for place in places if place is not None)


def with_first_day(facts: dict[str, list[Any]], start: dt.date) -> dict[str, list[Any]]:
    """The facts up to the opening: those before ``start``, and successions dated on it."""
    begin = clock.local_moment(start)
    return {
        code: [f for f in each if f.at < begin or (f.kind == "succession" and clock.local_date(f.at) == start)]
        for code, each in facts.items()
    }


def by_line(made: Statement, place: tuple[str, int, int, str]) -> str:
    _, unit, category, channel = place
    for line in made.lines:
        if unit not in line.unit_ids or (line.channel or channel) != channel:
            continue
        if line.category_ids is None or category in line.category_ids:
            return line.key
    return "none"


def check_against_facts(made: Statement, facts: dict[str, list[Any]], units: set[int]) -> None:
    opening: Counter[tuple[str, str]] = Counter()
    # A crossing of the first day comes after the opening, hence one instant before; successions of the day are added.
    before = clock.local_moment(made.start) - dt.timedelta(microseconds=1)
    for place, n in _opening(facts, made.start, before).items():
        if place[1] in units and place[0] in PENDING:
            opening[by_line(made, place), place[0]] += n
    closing: Counter[tuple[str, str]] = Counter()
    ended: Counter[str] = Counter()
    for place, n in standing(facts, end_of(made.counted_to)).items():
        if place[1] in units:
            if place[0] in PENDING:
                closing[by_line(made, place), place[0]] += n
            else:
                ended[place[0]] += n
    for place, n in standing(facts, before).items():
        if place[1] in units and place[0] not in PENDING:
            ended[place[0]] -= n
    for line in made.lines:
        for account in PENDING:
            assert getattr(line.figures.opening + line.figures.adjustments, account) == opening.pop(
                (line.key, account), 0
            )
            assert getattr(line.figures.closing, account) == closing.pop((line.key, account), 0)
    assert not +opening, "an opening without a line"
    assert not +closing, "a closing without a line"
    for account in ("early", "on_time", "late"):
        assert made.total.figures.ended_as(account) == ended[account]


def _opening(facts: dict[str, list[Any]], start: dt.date, before: dt.datetime) -> Counter[tuple[str, int, int, str]]:
    """Where items stood when the first day began, moved on by the successions of that day."""
    found: Counter[tuple[str, int, int, str]] = Counter()
    for each in facts.values():
        place = stands(each, before)
        if place is None:
            continue
        account, unit, category, channel = place
        if account in PENDING:
            moved = [f.unit for f in each if f.kind == "succession" and clock.local_date(f.at) == start]
            unit = moved[-1] if moved else unit
        found[account, unit, category, channel] += 1
    return found


windows = st.tuples(st.integers(-1, DAYS + 2), st.integers(0, DAYS)).map(
    lambda pair: (FIRST + dt.timedelta(pair[0]), FIRST + dt.timedelta(sum(pair)))
)


# The world is only read; what an example writes is rolled back.
@settings(
    max_examples=settings().max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_property_2_every_statement_reconciles_and_says_what_the_facts_say(
    world: SimpleNamespace, data: st.DataObject
) -> None:
    with transaction.atomic():
        known = write(world, data)
        with clock.at(moment(60, 8)):
            for _ in range(4):
                start, end = data.draw(windows, label="window")
                by = data.draw(st.sampled_from(["unit", "procedure", "field", "channel"]), label="by")
                units = data.draw(st.lists(st.sampled_from(world.units), min_size=1, unique=True), label="units")
                watermark, facts = data.draw(st.sampled_from(known), label="known")
                restated = data.draw(st.booleans(), label="restated")
                if restated:
                    facts = known[-1][1]
                made = queries.statement(
                    SYSTEM, book="dossier", units=units, start=start, end=end, by=by,
                    known_at=None if restated else queries.Knowledge(watermark, clock.now()),
                )  # fmt: skip
                check_against_facts(made, facts, {unit.pk for unit in units})
                check_drill(made, data)
        transaction.set_rollback(True)


def check_drill(made: Statement, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from([None, *[each.key for each in made.lines]]), label="line")
    figures = made.line(line).figures
    said = {
        "opening": figures.opening.total,
        "adjustments": figures.adjustments.total,
        "received": figures.received_total,
        "transferred": figures.transferred,
        "succeeded": figures.succeeded,
        "reclassified": figures.reclassified,
        "ended": figures.ended_total,
        "closing": figures.closing.total,
        "closing.overdue": figures.closing.overdue,
        "opening.in_time": figures.opening.in_time,
        "received.online": figures.received.get("online", 0),
        "ended.late": figures.ended_as("late"),
        "outcome.granted": figures.ended_by("granted"),
    }
    for form in forms.FORMS.values():
        laid_out = form(made)  # raises where a row does not add up
        row = next(
            row for row in laid_out.rows if row.kind == ("total" if line is None else "line") and row.key == line
        )
        said |= {c.drill: int(v or 0) for c, v in zip(laid_out.columns, row.values, strict=True) if c.drill}
    columns = data.draw(st.lists(st.sampled_from(sorted(said)), min_size=6, max_size=10, unique=True), label="columns")
    for column, figure in ((column, said[column]) for column in columns):
        drilled = behind.drill(SYSTEM, made, line, column, page_size=100)
        assert drilled.figure == figure, column
        assert sum(entry.n for entry in drilled.items) == figure


@settings(
    max_examples=settings().max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_chained_statement_opens_as_the_frozen_one_closed(world: SimpleNamespace, data: st.DataObject) -> None:
    """Frozen at any point of any history, at noon of the last day or long after; then anything may come to light."""
    unit = world.units[0]
    first_act = data.draw(st.integers(1, 8), label="freeze before act")
    last = data.draw(st.integers(0, DAYS), label="last frozen day")
    noon = data.draw(st.booleans(), label="at noon of that day")
    end = FIRST + dt.timedelta(last)
    kept: list[Any] = []

    def freeze_once(n: int) -> None:
        if n == first_act:
            with clock.at(moment(last, 12) if noon else AFTER + dt.timedelta(hours=1)):
                kept.append(
                    freeze.freeze(
                        scope=SYSTEM, unit=unit, book="dossier", start=FIRST - dt.timedelta(3), end=end, actor=None
                    )
                )

    with transaction.atomic():
        write(world, data, freeze_once)
        with clock.at(moment(60, 8)):
            if kept:
                wanted: dict[str, Any] = {
                    "book": "dossier",
                    "units": [unit],
                    "start": end + dt.timedelta(1),
                    "end": end + dt.timedelta(data.draw(st.integers(1, 20), label="days")),
                    "by": data.draw(st.sampled_from(["unit", "procedure", "channel"]), label="by"),
                }
                chained = queries.statement(SYSTEM, **wanted, chained_from=kept[0].number)
                restated = queries.statement(SYSTEM, **wanted)
                check_continues(chained, restated, freeze.figures(kept[0])["total"]["figures"]["closing"])
                check_drill(chained, data)
                assert freeze.check() == []
        transaction.set_rollback(True)


def check_continues(chained: Statement, restated: Statement, closed: dict[str, int]) -> None:
    one, other = chained.total.figures, restated.total.figures
    assert one.opening.total - one.opening_succession == sum(closed.values())
    assert one.opening + one.adjustments == other.opening
    assert (one.received, one.ended, one.closing) == (other.received, other.ended, other.closing)
    if not one.opening_succession:
        assert one.opening.as_dict() == closed
    listed = behind.adjustments(SYSTEM, chained)
    assert sum(item.pending for item in listed.items) == one.adjustments.total


@settings(
    max_examples=settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_property_3_totals_equal_the_journal_folded_from_nothing(world: SimpleNamespace, data: st.DataObject) -> None:
    with transaction.atomic():
        write(world, data)
        with clock.at(moment(60, 8)):
            assert totals.check() == []
            totals.fold(chunk=40)
            assert totals.check() == []
            folded = snapshot()
            totals.rebuild()
            assert snapshot() == folded
            assert totals.check() == []
        transaction.set_rollback(True)


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in ("total_unit", "balance_unit", "total_procedure", "balance_procedure"):
            cursor.execute(f"SELECT * FROM ledger_{table}")
            found[table] = sorted(cursor.fetchall())
    return found
