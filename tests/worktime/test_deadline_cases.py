"""The cases a deadline calculator must get right: each wrong value was printed by a system in production somewhere."""

import datetime as dt

import pytest

from motcua.core.errors import Invalid
from motcua.worktime.calendar import DayKind, Hours, SpecialDay
from motcua.worktime.rules import after_pause, due, working_days, working_minutes
from tests.worktime.offices import EIGHT_HOURS, MORNING, START, at, local, office, term, week

pytestmark = pytest.mark.pure

# In June 2023 Monday is the 5th.
HOLIDAY_TUESDAY = SpecialDay(dt.date(2023, 6, 6), DayKind.HOLIDAY, "Ngày lễ")
FRIDAY_OFF = SpecialDay(dt.date(2023, 6, 9), DayKind.HOLIDAY, "Ngày lễ")
SATURDAY_WORKED = SpecialDay(dt.date(2023, 6, 10), DayKind.SWAP_WORK, "Làm bù", hours_as=4)
ORDINARY = office()
SATURDAY_MORNING = office(week() + week(spans=MORNING, days=[5]))
SEVEN_AND_A_HALF = office(week(spans=((dt.time(7, 30), dt.time(11, 30)), (dt.time(13, 30), dt.time(17)))))


@pytest.mark.parametrize(
    ("case", "calendar", "allowed", "received", "expected"),
    [
        ("1 lunch is not counted", ORDINARY, "2 working_hour", "2023-06-05 11:30", "2023-06-05 15:00"),
        ("2 half a day over lunch", ORDINARY, "1 half_day", "2023-06-05 11:30", "2023-06-05 17:00"),
        ("3 half a day from the evening", ORDINARY, "1 half_day", "2023-06-05 20:00", "2023-06-06 11:30"),
        ("4 an hour from the night", ORDINARY, "1 working_hour", "2023-06-05 22:00", "2023-06-06 08:30"),
        ("5 half a day from before midnight", ORDINARY, "1 half_day", "2023-06-05 23:30", "2023-06-06 11:30"),
        (
            "6 on a holiday, hours",
            office(days=(HOLIDAY_TUESDAY,)),
            "2 working_hour",
            "2023-06-06 09:00",
            "2023-06-07 09:30",
        ),
        (
            "6 on a holiday, days",
            office(days=(HOLIDAY_TUESDAY,)),
            "1 working_day",
            "2023-06-06 09:00",
            "2023-06-07 17:00",
        ),
        (
            "7 a make-up Saturday after a Friday off",
            office(days=(FRIDAY_OFF, SATURDAY_WORKED)),
            "2 working_day",
            "2023-06-07 09:00",
            "2023-06-10 17:00",
        ),
        (
            "7 its hours too",
            office(days=(FRIDAY_OFF, SATURDAY_WORKED)),
            "4 working_hour",
            "2023-06-08 17:00",
            "2023-06-10 11:30",
        ),
        ("8 Saturday morning is 4 h", SATURDAY_MORNING, "6 working_hour", "2023-06-09 17:00", "2023-06-12 09:30"),
        ("9 twenty days of 7.5 h", SEVEN_AND_A_HALF, "20 working_day", "2023-06-01 09:00", "2023-06-29 17:00"),
        ("10 three hundred days", ORDINARY, "300 working_day", "2023-06-01 09:00", "2024-07-25 17:00"),
        (
            "15 the day after a holiday has its own hours",
            office((*week(days=[0, 1, 3, 4]), Hours(2, MORNING, START)), (HOLIDAY_TUESDAY,)),
            "6 working_hour",
            "2023-06-05 17:00",
            "2023-06-08 09:30",
        ),
    ],
)
def test_due_case(case, calendar, allowed, received, expected):
    assert local(due(calendar, term(allowed), at(received))) == expected, case


def test_case_8_the_saturday_itself():
    assert working_minutes(SATURDAY_MORNING, at("2023-06-10 00:00"), at("2023-06-11 00:00")) == 4 * 60


def test_case_9_counts_exactly_twenty_office_days():
    deadline = due(SEVEN_AND_A_HALF, term("20 working_day"), at("2023-06-01 09:00"))
    assert working_days(SEVEN_AND_A_HALF, dt.date(2023, 6, 1), deadline.due_date) == 20


@pytest.mark.parametrize(
    ("case", "paused", "resumed", "minutes", "days"),
    [
        ("11", "2023-06-05 10:00", "2023-06-06 20:00", 13 * 60 + 30, 1),
        ("12", "2023-06-05 10:00", "2023-06-10 10:00", 37 * 60 + 30, 4),
        ("13", "2023-06-10 10:00", "2023-06-11 10:00", 0, 0),
        ("14", "2023-06-05 10:00", "2023-06-05 10:02", 2, 0),
    ],
)
def test_pause_cases(case, paused, resumed, minutes, days):
    """A term in hours moves by the office minutes paused, a term in days by whole working days."""
    received = at("2023-06-05 08:00")
    assert working_minutes(ORDINARY, at(paused), at(resumed)) == minutes

    for allowed, unit in (("60 working_hour", "minutes"), ("8 working_day", "days")):
        before = due(ORDINARY, term(allowed), received)
        after = after_pause(
            ORDINARY, term(allowed), before, at(paused), at(resumed), received_at=received, restart=False
        )
        if unit == "minutes":
            assert working_minutes(ORDINARY, before.due_at, after.due_at) == minutes, case
        else:
            assert working_days(ORDINARY, before.due_date, after.due_date) == days, case


def test_case_14_moves_to_the_minute_and_across_the_evening():
    received, two_hours = at("2023-06-05 15:00"), term("2 working_hour")
    before = due(ORDINARY, two_hours, received)
    after = after_pause(
        ORDINARY,
        two_hours,
        before,
        at("2023-06-05 15:10"),
        at("2023-06-05 15:12"),
        received_at=received,
        restart=False,
    )
    assert (local(before), local(after)) == ("2023-06-05 17:00", "2023-06-06 07:32")


def test_case_16_resuming_what_was_not_paused_is_refused():
    received, five = at("2023-06-05 08:00"), term("5 working_day")
    deadline = due(ORDINARY, five, received)
    with pytest.raises(Invalid, match="không đang tạm dừng"):
        after_pause(ORDINARY, five, deadline, None, at("2023-06-07 08:00"), received_at=received, restart=False)


def test_case_17_the_deadline_of_a_step_moves_with_the_pause():
    """A step has a term of its own and starts when the step does; the same pause moves it."""
    step_began, step = at("2023-06-05 09:00"), term("4 working_hour")
    before = due(ORDINARY, step, step_began)
    after = after_pause(
        ORDINARY,
        step,
        before,
        at("2023-06-05 10:00"),
        at("2023-06-07 10:00"),
        received_at=step_began,
        restart=False,
    )
    assert (local(before), local(after)) == ("2023-06-05 14:30", "2023-06-07 14:30")


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("0", "working_day"),
        ("-3", "working_day"),
        ("1.5", "working_day"),
        ("100000", "working_day"),
        ("0", "month"),
        ("2", "same_day"),
        ("0.0001", "working_hour"),
        ("NaN", "working_hour"),
        ("Infinity", "calendar_day"),
        ("5", "fortnight"),
    ],
)
def test_case_18_a_bad_term_is_refused(value, unit):
    from decimal import Decimal

    from motcua.worktime.rules import Term

    number = int(value) if value.lstrip("-").isdigit() else Decimal(value)
    with pytest.raises(Invalid):
        Term(number, unit, "next_day")


@pytest.mark.parametrize("value", [1.5, True, "5", None])
def test_case_18_a_term_is_a_number(value):
    from motcua.worktime.rules import Term

    with pytest.raises(Invalid, match="phải là một số"):
        Term(value, "working_day", "next_day")


@pytest.mark.parametrize(
    ("received", "allowed", "code"),
    [
        ("2025-12-20 09:00", "60 working_day", "past_calendar"),
        ("2025-12-20 09:00", "60 calendar_day", "past_calendar"),
        ("2025-12-20 09:00", "2 month", "past_calendar"),
        ("2025-12-20 09:00", "200 working_hour", "past_calendar"),
        ("2025-12-20 09:00", "200 half_day", "past_calendar"),
        ("2026-01-05 09:00", "1 working_day", "past_calendar"),
        ("2022-12-30 09:00", "1 working_day", "before_calendar"),
        ("2022-12-30 09:00", "1 working_hour", "before_calendar"),
    ],
)
def test_case_18_a_calendar_that_does_not_reach_is_said(received, allowed, code):
    with pytest.raises(Invalid, match="văn phòng") as refused:
        due(ORDINARY, term(allowed), at(received))
    assert refused.value.code == code


def test_case_18_a_calendar_without_working_days_is_refused():
    with pytest.raises(Invalid, match="không có ngày làm việc"):
        office(hours=())


@pytest.mark.parametrize(
    "spans",
    [
        ((dt.time(11, 30), dt.time(7, 30)),),
        ((dt.time(7, 30), dt.time(12)), (dt.time(11), dt.time(17))),
        ((dt.time(7, 30), dt.time(7, 30)),),
        ((dt.time(7, 30, 15), dt.time(11)),),
    ],
)
def test_case_18_bad_office_hours_are_refused(spans):
    with pytest.raises(Invalid):
        office(week(spans=spans))


def test_case_18_contradicting_rows_are_refused():
    with pytest.raises(Invalid, match="hai dòng"):
        office((*week(), Hours(0, EIGHT_HOURS, dt.date(2024, 1, 1))))
    with pytest.raises(Invalid, match="hai lần"):
        office(days=(HOLIDAY_TUESDAY, HOLIDAY_TUESDAY))
    with pytest.raises(Invalid, match="theo giờ của thứ mấy"):
        office(days=(SpecialDay(dt.date(2023, 6, 10), DayKind.SWAP_WORK, "Làm bù"),))
    with pytest.raises(Invalid, match="không có giờ làm việc"):
        office(days=(SpecialDay(dt.date(2023, 6, 10), DayKind.SWAP_WORK, "Làm bù", hours_as=6),))
