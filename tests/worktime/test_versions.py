"""Calendars change by new versions only; what was accepted keeps the one it was accepted with."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed
from motcua.core.triggers import missing_triggers
from motcua.org.models import Assignment, Duty, Unit, UnitPlace, User
from motcua.worktime import actions, models, queries
from motcua.worktime.calendar import DayKind, SpecialDay
from motcua.worktime.rules import after_pause, due, working_minutes
from tests.support.processes import run_processes
from tests.support.sql import max_queries
from tests.worktime.offices import MORNING, at, local, term

TODAY = dt.date(2026, 11, 20)
SINCE = dt.date(2000, 1, 1)
BASIS = "Thông báo 12/TB-UBND"


class Tree:
    """A province with two communes; one of them with an office."""

    def __init__(self):
        self.province = self.unit("86", "Vĩnh Long", "province", None)
        self.cau_ke = self.unit("29308", "Cầu Kè", "commune", self.province)
        self.phong_thanh = self.unit("29320", "Phong Thạnh", "commune", self.province)
        self.office = self.unit("29308-KT", "Phòng Kinh tế", "office", self.cau_ke)

    def unit(self, code, name, kind, parent):
        unit = Unit.objects.create(code=code, name=name, kind=kind, valid_from=SINCE)
        above = parent.places.get().path if parent else "/"
        UnitPlace.objects.create(unit=unit, parent=parent, path=f"{above}{unit.pk}/", valid_from=SINCE)
        return unit


@pytest.fixture
def tree(db):
    with clock.at(at("2026-11-20 09:00")):
        yield Tree()
    queries.forget_compiled()  # years added here are rolled back


def admin_at(unit, name):
    user = User.objects.create(username=name, full_name=name)
    Assignment.objects.create(user=user, unit=unit, duty=Duty.ADMIN, valid_from=SINCE)
    return user


def calendar_of(unit, day=TODAY):
    return queries.compiled(queries.calendar_version_for(unit, day).pk)


def storm(unit, **others):
    arguments = {
        "first_day": dt.date(2026, 11, 25),
        "last_day": dt.date(2026, 11, 26),
        "name": "Bão số 9",
        "legal_basis": BASIS,
        "actor": None,
    }
    return actions.add_closure(unit=unit, **(arguments | others))


def test_units_without_a_calendar_follow_the_one_above(tree):
    assert queries.calendar_version_for(tree.office, TODAY) == queries.calendar_version_for(None, TODAY)
    own = storm(tree.cau_ke)
    assert queries.calendar_version_for(tree.office, TODAY) == own
    assert queries.calendar_version_for(tree.phong_thanh, TODAY) != own


def test_reading_costs_three_statements_and_then_none_to_compile(tree):
    storm(tree.cau_ke)
    with max_queries(3):
        version = queries.calendar_version_for(tree.office, TODAY)
    queries.compiled(version.pk)
    with max_queries(0):
        queries.compiled(version.pk)


def test_a_closure_closes_the_unit_and_nobody_else(tree):
    storm(tree.cau_ke)
    received = at("2026-11-20 09:00")
    assert local(due(calendar_of(tree.cau_ke), term("3 working_day"), received)) == "2026-11-30 17:00"
    assert local(due(calendar_of(tree.phong_thanh), term("3 working_day"), received)) == "2026-11-26 17:00"


def test_what_was_accepted_before_keeps_its_version(tree):
    kept = queries.calendar_version_for(tree.cau_ke, dt.date(2026, 11, 19))
    storm(tree.cau_ke)
    assert queries.calendar_version_for(tree.cau_ke, dt.date(2026, 11, 19)) == kept
    assert queries.compiled(kept.pk).is_working(dt.date(2026, 11, 25))


def test_changes_build_on_each_other(tree):
    storm(tree.cau_ke)
    actions.set_office_hours(
        unit=tree.cau_ke, weekdays=[5], spans=MORNING, valid_from=TODAY, legal_basis=BASIS, actor=None
    )
    version = queries.calendar_version_for(tree.cau_ke, TODAY)
    calendar = calendar_of(tree.cau_ke)
    assert version.number == 3
    assert not calendar.is_working(dt.date(2026, 11, 25))
    assert calendar.hours_on(dt.date(2026, 11, 28)) == MORNING
    assert calendar.hours_on(dt.date(2026, 11, 14)) == ()


def test_a_change_above_reaches_calendars_beneath(tree):
    """The province closes for a flood, the commune has a Saturday of its own, the country confirms a swap."""
    actions.set_office_hours(
        unit=tree.cau_ke,
        weekdays=[5],
        spans=MORNING,
        valid_from=TODAY,
        counts_as_day=False,
        legal_basis=BASIS,
        actor=None,
    )
    storm(tree.province)
    actions.add_swap(
        unit=None,
        off=dt.date(2026, 11, 23),
        work=dt.date(2026, 11, 28),
        name="Nghỉ hoán đổi dịp 24/11",
        legal_basis="Thông báo của Bộ Nội vụ",
        actor=None,
    )
    commune = calendar_of(tree.cau_ke)
    assert not commune.is_working(dt.date(2026, 11, 23))
    assert commune.is_working(dt.date(2026, 11, 28))
    assert commune.hours_on(dt.date(2026, 11, 28)) == commune.hours_on(dt.date(2026, 11, 27))
    assert commune.hours_on(dt.date(2026, 12, 5)) == MORNING
    # although the commune's calendar was made before the province had one of its own
    assert not commune.is_working(dt.date(2026, 11, 25))
    assert not calendar_of(tree.province).is_working(dt.date(2026, 11, 25))
    assert not calendar_of(tree.phong_thanh).is_working(dt.date(2026, 11, 25))
    assert not calendar_of(tree.phong_thanh).is_working(dt.date(2026, 11, 23))


def test_a_calendar_made_beneath_stands_on_the_one_above(tree):
    storm(tree.province)
    storm(tree.office, first_day=dt.date(2026, 12, 1), last_day=None, name="Chuyển trụ sở")
    office = calendar_of(tree.office)
    assert not office.is_working(dt.date(2026, 11, 25))
    assert not office.is_working(dt.date(2026, 12, 1))
    storm(tree.province, first_day=dt.date(2026, 12, 2), last_day=None)
    assert not calendar_of(tree.office).is_working(dt.date(2026, 12, 2))
    assert not calendar_of(tree.office).is_working(dt.date(2026, 12, 1))


def test_hours_of_one_day(tree):
    """The office closes at noon for a meeting: that day alone."""
    day = dt.date(2026, 11, 25)
    actions.set_office_hours(
        unit=tree.cau_ke,
        weekdays=[2],
        spans=MORNING,
        valid_from=day,
        valid_to=day,
        legal_basis=BASIS,
        actor=None,
    )
    calendar = calendar_of(tree.cau_ke)
    assert calendar.hours_on(day) == MORNING
    assert len(calendar.hours_on(day + dt.timedelta(days=7))) == 2
    assert len(calendar.hours_on(day - dt.timedelta(days=7))) == 2


def test_new_hours_cut_old_ones_short(tree):
    for start, morning in ((dt.date(2026, 12, 1), 7), (dt.date(2027, 3, 1), 8), (dt.date(2027, 1, 4), 9)):
        actions.set_office_hours(
            unit=tree.cau_ke,
            weekdays=[0],
            spans=((dt.time(morning), dt.time(11)),),
            valid_from=start,
            valid_to=dt.date(2027, 1, 31) if morning == 9 else None,
            legal_basis=BASIS,
            actor=None,
        )
    calendar = calendar_of(tree.cau_ke)

    def opens(*day):
        return calendar.hours_on(dt.date(*day))[0][0].hour

    assert [opens(2026, 11, 30), opens(2026, 12, 7), opens(2027, 1, 4), opens(2027, 2, 15), opens(2027, 3, 1)] == [
        7,
        7,
        9,
        7,
        8,
    ]
    assert calendar.hours_on(dt.date(2026, 11, 30))[0][0] == dt.time(7, 30)


def test_closed_weekdays(tree):
    actions.set_office_hours(unit=tree.cau_ke, weekdays=[4], spans=(), valid_from=TODAY, legal_basis=BASIS, actor=None)
    assert not calendar_of(tree.cau_ke).is_working(dt.date(2026, 11, 27))


def test_confirming_a_day(tree):
    day = dt.date(2027, 2, 4)
    before = queries.calendar_version_for(None, TODAY)
    after = actions.confirm_day(day=day, legal_basis="Thông báo 1/TB-BNV", actor=None)
    assert not before.days.get(day=day).confirmed
    assert after.days.get(day=day).confirmed
    assert after.days.get(day=day).legal_basis == "Thông báo 1/TB-BNV"
    with pytest.raises(Invalid, match="không có gì đang chờ xác nhận"):
        actions.confirm_day(day=day, legal_basis=BASIS, actor=None)


def test_a_year_is_added_to_all_calendars(tree):
    storm(tree.cau_ke)
    actions.add_year(
        days=[SpecialDay(dt.date(2028, 1, 3), DayKind.HOLIDAY, "Tết Dương lịch")],
        last_day=dt.date(2028, 12, 31),
        legal_basis="Thông báo của Bộ Nội vụ",
        actor=None,
    )
    for unit in (None, tree.cau_ke):
        calendar = calendar_of(unit)
        assert calendar.last_day == dt.date(2028, 12, 31)
        assert not calendar.is_working(dt.date(2028, 1, 3))
        assert calendar.is_working(dt.date(2028, 1, 4))


def year(n, *, days=(), **others):
    return actions.add_year(
        days=list(days), last_day=dt.date(n, 12, 31), legal_basis="Thông báo của Bộ Nội vụ", actor=None, **others
    )


def test_a_long_term_says_what_to_do_and_can_be_promised_once_the_year_is_there(tree):
    long, received = term("300 working_day"), at("2026-11-20 09:00")
    with pytest.raises(Invalid, match="nạp lịch của năm sau ở trang «Lịch làm việc và quy tắc»") as refused:
        due(calendar_of(tree.cau_ke), long, received)
    assert refused.value.code == "past_calendar"
    year(2028, days=[SpecialDay(dt.date(2028, 1, 3), DayKind.HOLIDAY, "Tết Dương lịch")])
    assert due(calendar_of(tree.cau_ke), long, received).due_date == dt.date(2028, 2, 3)


def test_what_was_accepted_before_a_year_was_loaded_is_counted_in_it_too(tree):
    """Accepted in December 2027 by a calendar that ended there, paused, and answered in January."""
    kept = storm(tree.cau_ke)
    before = queries.compiled(kept.pk)
    assert before.last_day == dt.date(2027, 12, 31)
    year(2028, days=[SpecialDay(dt.date(2028, 1, 3), DayKind.HOLIDAY, "Tết Dương lịch")])
    with clock.at(at("2028-01-10 09:00")):
        storm(tree.cau_ke, first_day=dt.date(2028, 1, 12), last_day=dt.date(2028, 1, 12))
    now = queries.compiled(kept.pk)
    assert now.last_day == dt.date(2028, 12, 31)
    # Its own days stay what they were, also those another version says otherwise of; the storm of 2028 came too late.
    assert (now.days[: len(before.days)], now.minutes_before[: len(before.minutes_before)]) == (
        before.days,
        before.minutes_before,
    )
    assert not now.is_working(dt.date(2026, 11, 25))
    assert [d for d in range(1, 15) if now.is_working(dt.date(2028, 1, d))] == [4, 5, 6, 7, 10, 11, 12, 13, 14]
    received = at("2027-12-20 09:00")
    deadline = due(now, term("10 working_day"), received)
    moved = after_pause(
        now, term("10 working_day"), deadline, at("2027-12-29 09:00"), at("2028-01-05 09:00"),
        received_at=received, restart=False,
    )  # fmt: skip
    assert (deadline.due_date, moved.due_date) == (dt.date(2028, 1, 4), dt.date(2028, 1, 10))
    assert working_minutes(now, at("2027-12-31 16:00"), at("2028-01-04 08:00")) == 60 + 30


def test_another_process_sees_the_new_year_within_the_hour(tree, monkeypatch):
    kept = queries.calendar_version_for(None, TODAY)
    with clock.at(at("2027-12-01 09:00")):
        assert queries.compiled(kept.pk).last_day == dt.date(2027, 12, 31)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(queries, "forget_compiled", lambda: None)
            year(2028)
    with clock.at(at("2027-12-01 10:00")):
        assert queries.compiled(kept.pk).last_day == dt.date(2028, 12, 31)


def test_adopting_the_calendar_of_another(tree):
    own = storm(tree.cau_ke)
    actions.adopt_calendar(
        unit=tree.phong_thanh,
        calendar=own.calendar,
        valid_from=dt.date(2026, 11, 24),
        legal_basis=BASIS,
        actor=None,
    )
    assert queries.calendar_version_for(tree.phong_thanh, dt.date(2026, 11, 23)) != own
    assert queries.calendar_version_for(tree.phong_thanh, dt.date(2026, 11, 24)) == own
    with pytest.raises(Invalid, match="chưa có nội dung"):
        actions.adopt_calendar(
            unit=tree.office, calendar=own.calendar, valid_from=dt.date(2020, 1, 1), legal_basis=BASIS, actor=None
        )


def test_calendars_beneath_stand_on_what_is_adopted_above(tree):
    """The commune has its own Saturday; the province adopts the calendar of another unit, closed on 25/11."""
    actions.set_office_hours(
        unit=tree.cau_ke, weekdays=[5], spans=MORNING, valid_from=TODAY, legal_basis=BASIS, actor=None
    )
    closed = storm(tree.phong_thanh)
    adopted_from = dt.date(2026, 11, 24)
    actions.adopt_calendar(
        unit=tree.province, calendar=closed.calendar, valid_from=adopted_from, legal_basis=BASIS, actor=None
    )
    day = dt.date(2026, 11, 25)
    assert calendar_of(tree.cau_ke).is_working(day)
    assert not calendar_of(tree.cau_ke, adopted_from).is_working(day)
    assert calendar_of(tree.cau_ke, adopted_from).hours_on(dt.date(2026, 11, 28)) == MORNING
    assert not calendar_of(tree.phong_thanh, adopted_from).is_working(day)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_day": dt.date(2026, 11, 28), "last_day": dt.date(2026, 11, 29)}, "first_day"),
        ({"first_day": dt.date(2026, 11, 25), "last_day": dt.date(2026, 11, 24)}, "last_day"),
        ({"last_day": dt.date(2027, 11, 24)}, "last_day"),
        ({"name": " \u200b "}, "name"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"name": "x" * 121}, "name"),
        ({"first_day": dt.date(2030, 1, 7), "last_day": None}, None),
    ],
)
def test_a_closure_that_makes_no_sense_changes_nothing(tree, change, field):
    counts = [m.objects.count() for m in (models.Calendar, models.CalendarVersion, models.CalendarAdoption)]
    with pytest.raises(Invalid) as refused:
        storm(tree.cau_ke, **change)
    assert refused.value.field == field
    assert [m.objects.count() for m in (models.Calendar, models.CalendarVersion, models.CalendarAdoption)] == counts


@pytest.mark.parametrize(
    "change",
    [
        {"weekdays": []},
        {"weekdays": [7]},
        {"spans": ((dt.time(13), dt.time(8)),)},
        {"spans": ((dt.time(7), dt.time(9)), (dt.time(10), dt.time(11)), (dt.time(13), dt.time(17)))},
        {"valid_to": dt.date(2020, 1, 1)},
    ],
)
def test_office_hours_that_make_no_sense_are_refused(tree, change):
    arguments = {"weekdays": [0], "spans": MORNING, "valid_from": TODAY, "legal_basis": BASIS, "actor": None}
    with pytest.raises(Invalid):
        actions.set_office_hours(unit=tree.cau_ke, **(arguments | change))
    assert not models.Calendar.objects.filter(unit=tree.cau_ke).exists()


def test_a_swap_needs_a_working_day_and_a_rest_day(tree):
    monday, saturday = dt.date(2026, 11, 30), dt.date(2026, 12, 5)
    for off, work in ((saturday, monday), (monday, monday), (saturday, saturday)):
        with pytest.raises(Invalid):
            actions.add_swap(unit=None, off=off, work=work, name="x", legal_basis=BASIS, actor=None)


def test_only_administrators_of_the_unit_or_above_change_its_calendar(tree):
    commune, province = admin_at(tree.cau_ke, "quản trị xã"), admin_at(tree.province, "quản trị tỉnh")
    storm(tree.cau_ke, actor=commune)
    storm(tree.phong_thanh, actor=province)
    with pytest.raises(NotAllowed):
        storm(tree.phong_thanh, actor=commune)
    with pytest.raises(NotAllowed):
        storm(None, actor=commune)
    storm(None, actor=province)


def test_rule_sets_are_added_never_edited(tree):
    old = queries.rule_set_for(TODAY)
    fields = {f.name: getattr(old, f.name) for f in models.RuleSet._meta.concrete_fields if f.name != "id"}
    new = actions.add_rule_set(actor=None, **(fields | {"code": "HAI-CAP-2026-B", "confirmed": True}))
    assert queries.rule_set_for(TODAY) == new
    assert models.RuleSet.objects.get(pk=old.pk).confirmed is False
    commune = admin_at(tree.cau_ke, "quản trị xã")
    actions.add_rule_set(actor=commune, **(fields | {"code": "Y"}))  # nobody administers anything above or beside
    admin_at(tree.province, "quản trị tỉnh")
    with pytest.raises(NotAllowed):
        actions.add_rule_set(actor=commune, **(fields | {"code": "Z"}))
    for wrong in ({"code": "HAI-CAP-2026-B"}, {"supplement_effect": "ignore"}, {"color": "red"}, {"desk_name": ""}):
        with pytest.raises(Invalid) as refused:
            actions.add_rule_set(actor=None, **(fields | {"code": "KHAC"} | wrong))
        assert refused.value.field == next(iter(wrong))


def test_repeating_a_request_changes_nothing(tree):
    one = storm(tree.cau_ke, request_key="k1")
    assert storm(tree.cau_ke, request_key="k1") == one
    assert models.CalendarVersion.objects.filter(calendar=one.calendar).count() == 2


def test_a_change_stays_within_the_budget_of_a_write(tree):
    storm(tree.province)
    with max_queries(20):
        storm(tree.cau_ke, first_day=dt.date(2026, 12, 1), last_day=None)


def test_the_id_of_a_version_is_its_content(tree):
    with transaction.atomic():
        first = storm(tree.cau_ke)
        transaction.set_rollback(True)
    assert not models.CalendarVersion.objects.filter(pk=first.pk).exists()
    same = storm(tree.cau_ke)
    assert (same.pk, same.digest) == (first.pk, first.digest)
    assert storm(tree.phong_thanh).pk != same.pk


def test_versions_and_rule_sets_refuse_to_change(real_database):
    assert missing_triggers(connection, models.APPEND_ONLY_TABLES) == []
    version = models.CalendarVersion.objects.get()
    attempts = [
        lambda: models.CalendarDay.objects.filter(version=version).update(kind=DayKind.CLOSURE),
        lambda: models.CalendarVersion.objects.update(effective_from=TODAY),
        lambda: models.OfficeHours.objects.filter(weekday=0).update(counts_as_day=False),
        lambda: models.RuleSet.objects.update(supplement_limit=9),
        lambda: models.CalendarAdoption.objects.update(valid_from=TODAY),
        lambda: models.Calendar.objects.update(name="khác"),
        lambda: models.CalendarDay.objects.filter(version=version)._raw_delete("default"),
        lambda: models.RuleSet.objects.all()._raw_delete("default"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": 7},
        {"valid_to": dt.date(2020, 1, 1)},
        {"morning_from": dt.time(12), "morning_to": dt.time(7)},
        {"morning_from": dt.time(7)},
        {
            "morning_from": dt.time(7),
            "morning_to": dt.time(12),
            "afternoon_from": dt.time(11),
            "afternoon_to": dt.time(17),
        },
    ],
)
def test_the_database_itself_refuses_bad_hours(db, wrong):
    version = models.CalendarVersion.objects.get()
    fields = {"version": version, "weekday": 6, "valid_from": TODAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        models.OfficeHours.objects.create(**(fields | wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "party"},
        {"kind": "swap_work"},
        {"kind": "holiday", "hours_as": 0},
        {"kind": "swap_work", "hours_as": 9},
        {"kind": "holiday", "day": dt.date(2026, 1, 1)},
    ],
)
def test_the_database_itself_refuses_bad_days(db, wrong):
    version = models.CalendarVersion.objects.get()
    fields = {"version": version, "day": dt.date(2026, 12, 1), "name": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        models.CalendarDay.objects.create(**(fields | wrong))


_CLOSE = """
import datetime as dt
from motcua.org.models import Unit
from motcua.worktime import actions

unit = Unit.objects.get(code=arguments[0]) if index % 2 else None
done = []
for week in range(4):
    day = dt.date(2027, 6, 7) + dt.timedelta(days=7 * week + index)
    version = actions.add_closure(unit=unit, first_day=day, name="Bão", legal_basis="Công điện", actor=None)
    done.append(version.number)
result = done
"""


def test_changes_at_the_same_moment_all_stay(real_database):
    """Four processes close the country and a commune on sixteen days: no change is lost, no number given twice."""
    with clock.at(at("2026-11-20 09:00")):
        tree = Tree()
    run_processes(4, _CLOSE, real_database, tree.cau_ke.code)
    today = clock.today()
    commune = queries.compiled(queries.calendar_version_for(tree.cau_ke, today).pk)
    country = queries.compiled(queries.calendar_version_for(None, today).pk)
    for week in range(4):
        monday = dt.date(2027, 6, 7) + dt.timedelta(days=7 * week)
        days = [monday + dt.timedelta(days=n) for n in range(5)]
        assert [commune.is_working(day) for day in days] == [False, False, False, False, True]
        assert [country.is_working(day) for day in days] == [False, True, False, True, True]
    numbers = list(
        models.CalendarVersion.objects.filter(calendar__unit=tree.cau_ke)
        .order_by("number")
        .values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
