"""What the registers offer to reports: the right numbers, windows and units, in a constant number of statements."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.indicators import sources
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.programme import actions, queries
from motcua.programme.counting import Figure, both, in_hand, late, not_due, on_time
from motcua.programme.describing import READERS
from motcua.programme.matrix import matrix
from motcua.programme.models import AssignedTask, Plan
from motcua.programme.registers import BY_KEY, REGISTERS
from tests.desk.filing import posted, usable
from tests.programme.registering import enter
from tests.support.cast import NEW_DAY
from tests.support.sql import max_queries

FIRST, LAST = dt.date(2025, 12, 15), dt.date(2026, 6, 14)
IN, BEFORE, AFTER = dt.date(2026, 3, 3), dt.date(2025, 11, 11), dt.date(2026, 6, 15)


def asked(key, figures, *units, scope=org.SYSTEM, first=FIRST, last=LAST):
    source = sources.source(f"programme.{key}")
    found = source.compute(sources.Ask(scope, [u.pk for u in units], first, last, list(figures)))
    return {pk: {name: each.value for name, each in told.items()} for pk, told in found.items()}


def test_every_register_that_counts_is_a_source():
    offered = {source.key: source for source in sources.sources()}
    for register in REGISTERS:
        if register.figures:
            assert set(offered[f"programme.{register.key}"].figures) == {f.key for f in register.figures}
    assert {"programme.plan_matrix", "programme.posting"} <= set(offered)


def test_sums_and_counts_stay_within_their_window_and_leave_struck_lines_out(cast):
    here, there = cast.xa_cau_ke, cast.xa_an_phu_tan
    for day, kind, n in ((IN, "news", 5), (FIRST, "article", 7), (LAST, "column", 3), (BEFORE, "news", 50),
                         (AFTER, "news", 500)):  # fmt: skip
        enter("press_items", here, day=day, kind=kind, quantity=n)
    gone = enter("press_items", here, day=dt.date(2026, 4, 4), quantity=9)
    actions.strike(register="press_items", entry=gone.pk, version=1, reason="nhầm")
    enter("press_items", there, day=BEFORE)
    with max_queries(2):
        found = asked("press_items", ["items", "columns"], here, there, cast.vinh_long)
    assert found == {here.pk: {"items": 12, "columns": 3}, there.pk: {"items": 0, "columns": 0}}
    # An empty register is not a 0, until somebody says that nothing happened.
    enter("nothing", cast.vinh_long, register="press_items", first_day=FIRST, last_day=LAST)
    assert asked("press_items", ["items"], cast.vinh_long) == {cast.vinh_long.pk: {"items": 0}}
    assert asked("press_items", ["items"], cast.vinh_long, last=AFTER) == {}
    assert asked("publicity_events", ["sessions"], cast.vinh_long) == {}


def test_a_figure_is_of_ones_own_units_and_leads_to_its_lines(cast, signed_in):
    enter("inspections", cast.xa_cau_ke, day=IN, found=4, handled=3)
    enter("inspections", cast.xa_cau_ke, day=FIRST, found=2, handled=2)
    enter("inspections", cast.xa_cau_ke, day=BEFORE, found=8)
    enter("inspections", cast.xa_an_phu_tan, day=IN)
    me = cast.by_duty[Duty.REFORM]
    scope = org.scope(me, READERS, NEW_DAY)
    figures = ["agencies", "sessions", "found", "handled"]
    found = asked("inspections", figures, cast.xa_cau_ke, cast.xa_an_phu_tan, scope=scope)
    assert found == {cast.xa_cau_ke.pk: {"agencies": 1, "sessions": 2, "found": 6, "handled": 5}}
    source = sources.source("programme.inspections")
    told = source.compute(sources.Ask(scope, [cast.xa_cau_ke.pk], FIRST, LAST, ["found"]))
    page = signed_in(me).get(told[cast.xa_cau_ke.pk]["found"].link)
    assert page.status_code == 200
    assert page.context["standing"] == 2
    assert "Số vấn đề phát hiện" in page.content.decode()
    assert ("Số vấn đề phát hiện", "6") in page.context["foot"]


DAYS = st.dates(dt.date(2025, 10, 1), dt.date(2026, 9, 30))


@given(given_on=DAYS, due=st.none() | DAYS, done=st.none() | DAYS)
def test_a_task_stands_in_exactly_one_class(given_on, due, done):
    """Pure: the conditions are read as people would, on one task."""

    def holds(where):
        return _true(where(FIRST, LAST), {"assigned_on": given_on, "due_on": due, "done_on": done})

    classes = [on_time, late, not_due]
    if not holds(in_hand("assigned_on")):
        assert given_on > LAST or (done is not None and done < FIRST)
        return
    assert sum(holds(both(in_hand("assigned_on"), each)) for each in classes) == 1


def _true(condition, row):
    answers = []
    for child in condition.children:
        if not isinstance(child, tuple):
            answers.append(_true(child, row))
            continue
        name, wanted = child
        field, _, test = name.partition("__")
        wanted = row[wanted.name] if hasattr(wanted, "name") else wanted
        value = row[field]
        answers.append(
            (value is None) is wanted
            if test == "isnull"
            else value is not None
            and wanted is not None
            and {"lte": value <= wanted, "gte": value >= wanted, "gt": value > wanted, "lt": value < wanted}[test]
        )
    found = all(answers) if condition.connector == "AND" else any(answers)
    return found is not condition.negated


def test_tasks_from_above_add_up_in_the_database_too(cast):
    cases = [
        (IN, None, None, "not_due"),
        (IN, IN, None, "late_open"),
        (IN, AFTER, None, "not_due"),
        (BEFORE, IN, dt.date(2026, 3, 4), "late_done"),
        (BEFORE, IN, IN, "on_time"),
        (IN, LAST, AFTER, "late_open"),
        (BEFORE, BEFORE, dt.date(2025, 12, 1), None),
        (AFTER, None, None, None),
    ]
    for n, (given_on, due, done, _) in enumerate(cases):
        AssignedTask.objects.create(
            unit=cast.xa_cau_ke, document=f"CV {n}", content="x", assigner="UBND tỉnh", assigned_on=given_on,
            due_on=due, done_on=done, created_at="2026-01-01T00:00Z",
        )  # fmt: skip
    keys = ["total", "on_time", "late", "late_done", "late_open", "not_due"]
    assert asked("assigned_tasks", keys, cast.xa_cau_ke)[cast.xa_cau_ke.pk] == {
        "total": 6, "on_time": 1, "late": 3, "late_done": 1, "late_open": 2, "not_due": 2,
    }  # fmt: skip
    for key in keys:
        rows = queries.behind(org.SYSTEM, BY_KEY["assigned_tasks"], key, FIRST, LAST)
        assert rows.count() == asked("assigned_tasks", [key], cast.xa_cau_ke)[cast.xa_cau_ke.pk][key]


def test_the_plan_of_the_year_the_window_ends_in(cast):
    for n, done in enumerate((IN, FIRST, AFTER, None), start=1):
        enter("plan_tasks", cast.xa_cau_ke, day=IN, year=2026, number=n, done_on=done, due_on=IN)
    enter("plan_tasks", cast.xa_cau_ke, year=2025, number=1, done_on=BEFORE)
    enter("plan_tasks", cast.xa_cau_ke, year=2026, number=1, kind="iso")
    found = asked("plan_tasks", ["total", "done", "late"], cast.xa_cau_ke)
    assert found == {cast.xa_cau_ke.pk: {"total": 4, "done": 2, "late": 2}}


def test_only_the_newest_count_stands(cast):
    for day, area, standard in ((BEFORE, 40, "unmet"), (IN, 60.5, "met"), (AFTER, 99, "met")):
        enter("facilities", cast.xa_cau_ke, day=day, area=Decimal(str(area)), standard=standard)
    enter("facilities", cast.xa_cau_ke, day=IN, desk="Điểm lưu động", area=10)
    late_one = enter("facilities", cast.xa_cau_ke, day=dt.date(2026, 5, 5), area=1000)
    actions.strike(register="facilities", entry=late_one.pk, version=1, reason="đếm nhầm")
    found = asked("facilities", ["desks", "met", "area"], cast.xa_cau_ke)
    assert found == {cast.xa_cau_ke.pk: {"desks": 2, "met": 1, "area": Decimal("70.5")}}
    early = asked("facilities", ["desks", "met", "area"], cast.xa_cau_ke, last=dt.date(2026, 1, 1))
    assert early == {cast.xa_cau_ke.pk: {"desks": 1, "met": 0, "area": 40}}


def test_money_is_exact(cast):
    enter("recommendations", cast.xa_cau_ke, day=IN, amount=9007199254740993, paid=1)
    enter("recommendations", cast.xa_cau_ke, day=FIRST, amount=2, done_on=IN)
    found = asked("recommendations", ["total", "done", "amount", "paid"], cast.xa_cau_ke)[cast.xa_cau_ke.pk]
    assert found == {"total": 2, "done": 1, "amount": Decimal("9007199254740995"), "paid": 1}


def test_the_matrix_and_its_figures(cast):
    province, here, there = cast.vinh_long, cast.xa_cau_ke, cast.xa_an_phu_tan
    due = dt.date(2026, 1, 31)
    enter("required_plans", province, kind="reform", year=2026, due_on=due, of_itself=True, of_communes=True)
    enter("required_plans", province, kind="control", year=2026, due_on=dt.date(2026, 6, 30), of_itself=False)
    enter("plans", here, kind="reform", year=2026, day=dt.date(2026, 1, 20), quality="good")
    enter("plans", there, kind="reform", year=2026, day=dt.date(2026, 2, 20))
    scope = org.scope(cast.above, READERS, NEW_DAY)
    with max_queries(4):
        found = matrix(scope, province, 2026, dt.date(2026, 6, 14))
    rows = {row.unit.pk: [cell.state for cell in row.cells] for row in found.rows}
    assert rows[province.pk] == ["missing", "not_required"]
    assert rows[here.pk] == ["issued", "coming"]
    assert rows[there.pk] == ["late", "coming"]
    assert found.foot == [(2, 4), (0, 3)]
    keys = ["required", "issued", "on_time", "good"]
    with max_queries(3):
        told = asked("plan_matrix", keys, here, there, province, cast.cauke)
    assert told == {
        here.pk: {"required": 2, "issued": 1, "on_time": 1, "good": 1},
        there.pk: {"required": 2, "issued": 1, "on_time": 0, "good": 0},
        province.pk: {"required": 1, "issued": 0, "on_time": 0, "good": 0},
    }
    assert Plan.objects.count() == 2


def test_what_hangs_and_in_how_many_fields(cast):
    usable(cast)
    last = dt.date(2026, 11, 1)
    found = asked("posting", ["used", "fields", "fields_commune", "missing", "posted"], cast.xa_cau_ke, cast.chau_thanh,
                  last=last)  # fmt: skip
    assert found == {cast.xa_cau_ke.pk: {"used": 1, "fields": 1, "fields_commune": 1, "missing": 1, "posted": 0}}
    posted(cast)
    with max_queries(4):
        now = asked("posting", ["missing", "posted", "old"], cast.xa_cau_ke, last=dt.date(2099, 1, 1))
    assert now == {cast.xa_cau_ke.pk: {"missing": 0, "posted": 1, "old": 0}}


@pytest.mark.parametrize("register", [r for r in REGISTERS if r.figures], ids=lambda r: r.key)
def test_every_figure_can_be_asked_and_followed(register, cast):
    enter(register.key, cast.xa_cau_ke, day=IN)
    keys = [figure.key for figure in register.figures]
    found = asked(register.key, keys, cast.xa_cau_ke)[cast.xa_cau_ke.pk]
    assert set(found) == set(keys)
    for figure in register.figures:
        behind = queries.behind(org.SYSTEM, register, figure.key, FIRST, LAST)
        assert (behind.count() > 0) >= (found[figure.key] > 0)
        assert isinstance(figure, Figure)
