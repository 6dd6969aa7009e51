"""What a clerk would ask of a due date, beyond the list of known traps."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.worktime.calendar import DayKind, Hours, SpecialDay
from motcua.worktime.rules import Deadline, after_pause, due, moved, start_of_count, working_minutes
from tests.worktime.offices import EIGHT_HOURS, MORNING, START, at, local, office, term, week

pytestmark = pytest.mark.pure
ORDINARY = office()


def paused(allowed, received, since, until, *, restart=False, calendar=ORDINARY):
    deadline = due(calendar, term(allowed), at(received))
    return after_pause(
        calendar, term(allowed), deadline, at(since), at(until), received_at=at(received), restart=restart
    )


def test_worked_example_of_june_2023():
    """Received Thu 01/06, five working days; supplement asked Mon 05/06, answered Wed 07/06."""
    five, received = term("5 working_day"), at("2023-06-01 09:00")
    first = due(ORDINARY, five, received)
    assert (first.due_date, first.grain) == (dt.date(2023, 6, 8), "day")
    assert first.crossing == at("2023-06-09 00:00")

    second = after_pause(
        ORDINARY, five, first, at("2023-06-05 10:00"), at("2023-06-07 10:00"), received_at=received, restart=False
    )
    assert second.due_date == dt.date(2023, 6, 12)
    assert second.crossing == at("2023-06-13 00:00")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2023-06-05 08:00", "2023-06-05 17:00"),
        ("2023-06-05 15:00", "2023-06-05 17:00"),
        ("2023-06-05 15:00:01", "2023-06-06 17:00"),
        ("2023-06-09 15:01", "2023-06-12 17:00"),
        ("2023-06-10 09:00", "2023-06-12 17:00"),
    ],
)
def test_same_day_turns_on_three_o_clock(received, expected):
    deadline = due(ORDINARY, term("0 same_day"), at(received))
    assert (local(deadline), deadline.grain) == (expected, "minute")


def test_same_day_is_never_due_before_it_was_received():
    morning_only = office(week() + week(spans=MORNING, days=[5]))
    assert local(due(morning_only, term("0 same_day"), at("2023-06-10 11:29"))) == "2023-06-10 11:30"
    assert local(due(morning_only, term("0 same_day"), at("2023-06-10 14:00"))) == "2023-06-12 17:00"


@pytest.mark.parametrize(
    ("allowed", "received", "expected"),
    [
        # the day of the event is not counted, also when it is a rest day
        ("1 working_day", "2023-06-10 09:00", "2023-06-12 17:00"),
        ("5 working_day", "2023-05-26 16:20", "2023-06-02 17:00"),
        # the procedure counts it: before and after three o'clock
        ("1 working_day same_day_15h", "2023-06-05 15:00", "2023-06-05 17:00"),
        ("2 working_day same_day_15h", "2023-06-05 15:01", "2023-06-07 17:00"),
        ("1 working_day immediately", "2023-06-05 16:59", "2023-06-05 17:00"),
        ("1 working_day immediately", "2023-06-05 17:00", "2023-06-06 17:00"),
        ("1 working_day immediately", "2023-06-11 10:00", "2023-06-12 17:00"),
        # calendar days end on a working day
        ("15 calendar_day", "2023-06-01 09:00", "2023-06-16 17:00"),
        ("16 calendar_day", "2023-06-01 09:00", "2023-06-19 17:00"),
        ("1 calendar_day", "2023-06-09 09:00", "2023-06-12 17:00"),
        ("1 calendar_day immediately", "2023-06-09 09:00", "2023-06-09 17:00"),
        # months end on the day of the same number, or the last of a shorter month
        ("1 month", "2023-01-31 09:00", "2023-02-28 17:00"),
        ("1 month", "2024-01-31 09:00", "2024-02-29 17:00"),
        ("3 month", "2023-11-30 09:00", "2024-02-29 17:00"),
        ("6 month", "2023-06-08 09:00", "2023-12-08 17:00"),
        ("12 month", "2023-12-05 09:00", "2024-12-05 17:00"),
        # hours may wait for the next day where the procedure says so
        ("2 working_hour next_day", "2023-06-05 08:00", "2023-06-06 09:30"),
        ("2 working_hour same_day_15h", "2023-06-05 15:00", "2023-06-05 17:00"),
        ("2 working_hour same_day_15h", "2023-06-05 15:01", "2023-06-06 09:30"),
        ("1.5 working_hour", "2023-06-05 11:00", "2023-06-05 14:00"),
        ("3 half_day", "2023-06-05 09:00", "2023-06-06 14:30"),
        ("2 half_day", "2023-06-05 09:00", "2023-06-06 09:00"),
        ("8 working_hour", "2023-06-05 06:00", "2023-06-05 17:00"),
    ],
)
def test_due(allowed, received, expected):
    assert local(due(ORDINARY, term(allowed), at(received))) == expected


def test_seconds_of_the_receipt_are_not_counted():
    assert due(ORDINARY, term("2 working_hour"), at("2023-06-05 08:00:59")) == due(
        ORDINARY, term("2 working_hour"), at("2023-06-05 08:00")
    )


def test_the_minute_of_the_deadline_is_still_in_time():
    deadline = due(ORDINARY, term("2 working_hour"), at("2023-06-05 08:00"))
    assert deadline.crossing == at("2023-06-05 10:01")


def test_two_half_days_are_one_day_whatever_its_hours():
    """Half of each day's own hours: an afternoon of 8 hours and a day of 7.25 hours."""
    short = ((dt.time(8), dt.time(11, 45)), (dt.time(13), dt.time(16, 30)))
    calendar = office((*week(days=[0]), *week(spans=short, days=[1, 2, 3, 4])))
    assert local(due(calendar, term("2 half_day"), at("2023-06-06 00:00"))) == "2023-06-06 16:30"
    assert local(due(calendar, term("3 half_day"), at("2023-06-05 13:00"))) == "2023-06-06 16:30"
    # half of 435 minutes is 217.5: it ends within the 218th
    assert local(due(calendar, term("1 half_day"), at("2023-06-06 08:00"))) == "2023-06-06 11:38"


def test_a_saturday_counts_as_a_day_only_if_its_row_says_so():
    counted = office(week() + week(spans=MORNING, days=[5]))
    not_counted = office(week() + week(spans=MORNING, days=[5], counts_as_day=False))
    friday = at("2023-06-09 09:00")
    assert local(due(counted, term("1 working_day"), friday)) == "2023-06-10 11:30"
    assert local(due(not_counted, term("1 working_day"), friday)) == "2023-06-12 17:00"
    assert local(due(not_counted, term("1 calendar_day"), friday)) == "2023-06-12 17:00"
    # hours are counted by the open door in both
    for calendar in (counted, not_counted):
        assert local(due(calendar, term("8 working_hour"), at("2023-06-09 13:00"))) == "2023-06-10 11:30"


def test_the_appointment_is_never_after_closing():
    calendar = office(week(spans=((dt.time(7), dt.time(11)), (dt.time(13), dt.time(16, 30)))))
    five, received = term("5 working_day"), at("2023-06-01 09:00")
    assert local(due(calendar, five, received)) == "2023-06-08 16:30"
    assert local(due(calendar, five, received, appointment=dt.time(11))) == "2023-06-08 11:00"
    # and does not decide what is late
    assert due(calendar, five, received).crossing == at("2023-06-09 00:00")


def test_hours_change_on_their_date():
    winter = ((dt.time(8), dt.time(12)), (dt.time(13, 30), dt.time(17, 30)))
    hours = tuple(
        row
        for w in range(5)
        for row in (
            Hours(w, EIGHT_HOURS, START, dt.date(2023, 6, 6)),
            Hours(w, winter, dt.date(2023, 6, 7)),
        )
    )
    assert local(due(office(hours), term("8 working_hour"), at("2023-06-06 07:30"))) == "2023-06-06 17:00"
    assert local(due(office(hours), term("9 working_hour"), at("2023-06-06 07:30"))) == "2023-06-07 09:00"


@pytest.mark.parametrize(
    ("allowed", "since", "until", "restart", "expected"),
    [
        ("5 working_day", "2023-06-05 10:00", "2023-06-05 16:00", False, "2023-06-08 17:00"),
        ("5 working_day", "2023-06-08 16:59", "2023-06-12 07:30", False, "2023-06-12 17:00"),
        ("5 working_day", "2023-06-08 23:59", "2023-06-12 07:30", False, "2023-06-12 17:00"),
        ("5 working_day", "2023-06-05 10:00", "2023-06-07 10:00", True, "2023-06-14 17:00"),
        ("15 calendar_day", "2023-06-05 10:00", "2023-06-06 10:00", False, "2023-06-19 17:00"),
        ("15 calendar_day", "2023-06-05 10:00", "2023-06-05 11:00", False, "2023-06-16 17:00"),
        ("16 working_hour", "2023-06-01 10:00", "2023-06-01 16:00", False, "2023-06-05 15:00"),
        ("16 working_hour", "2023-06-01 10:00", "2023-06-02 08:00", True, "2023-06-06 08:00"),
    ],
)
def test_a_pause_moves_the_deadline(allowed, since, until, restart, expected):
    assert local(paused(allowed, "2023-06-01 09:00", since, until, restart=restart)) == expected


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("allowed", ["5 working_day", "5 calendar_day", "2 working_hour", "0 same_day"])
def test_a_pause_begun_when_overdue_moves_nothing(allowed, restart):
    """Pausing never cures lateness, not even where a supplement restarts the term."""
    deadline = due(ORDINARY, term(allowed), at("2023-06-01 09:00"))
    late = deadline.crossing
    after = after_pause(
        ORDINARY,
        term(allowed),
        deadline,
        late,
        late + dt.timedelta(days=30),
        received_at=at("2023-06-01 09:00"),
        restart=restart,
    )
    assert after == deadline
    just_in_time = after_pause(
        ORDINARY,
        term(allowed),
        deadline,
        late - dt.timedelta(seconds=1),
        late + dt.timedelta(days=30),
        received_at=at("2023-06-01 09:00"),
        restart=restart,
    )
    assert just_in_time.due_at > deadline.due_at


def test_same_day_work_waits_by_the_minute():
    """Asked at 10:00 with 5.5 hours left, answered next day at 14:00: three hours that day, 2.5 the next."""
    assert local(paused("0 same_day", "2023-06-05 09:00", "2023-06-05 10:00", "2023-06-06 14:00")) == "2023-06-07 10:00"


def test_a_pause_before_the_clock_starts_gives_nothing_back():
    """Received at 15:30, counted from the next morning; asked at 16:00 and answered next day at 09:00."""
    since, until = "2023-06-05 16:00", "2023-06-06 09:00"
    assert local(paused("2 working_hour same_day_15h", "2023-06-05 15:30", since, until)) == "2023-06-06 11:00"
    assert local(paused("0 same_day", "2023-06-05 15:30", since, until)) == "2023-06-07 09:00"
    assert local(paused("2 working_hour same_day_15h", "2023-06-05 15:30", since, "2023-06-05 16:30")) == (
        "2023-06-06 09:30"
    )


def test_pauses_out_of_order_are_refused():
    with pytest.raises(Invalid, match="trước lúc tạm dừng"):
        paused("5 working_day", "2023-06-01 09:00", "2023-06-05 10:00", "2023-06-05 09:59")
    with pytest.raises(Invalid, match="trước lúc tiếp nhận"):
        paused("5 working_day", "2023-06-01 09:00", "2023-06-01 08:59", "2023-06-05 10:00")


def test_a_moment_without_a_zone_is_refused():
    naive = dt.datetime(2023, 6, 5, 9, 0)  # noqa: DTZ001
    with pytest.raises(Invalid, match="múi giờ"):
        due(ORDINARY, term("5 working_day"), naive)
    with pytest.raises(Invalid, match="múi giờ"):
        working_minutes(ORDINARY, naive, naive)


def test_a_decision_moves_due_dates_by_working_days():
    closure = tuple(SpecialDay(dt.date(2023, 6, d), DayKind.CLOSURE, "Bão") for d in (9, 12))
    calendar = office(days=closure)
    by_day = due(calendar, term("5 working_day"), at("2023-06-01 09:00"))
    assert local(moved(calendar, by_day, 2)) == "2023-06-14 17:00"
    by_minute = due(calendar, term("2 working_hour"), at("2023-06-08 08:00"))
    assert local(moved(calendar, by_minute, 1)) == "2023-06-13 10:00"


def test_a_minute_moved_onto_a_shorter_day_stays_in_office_hours():
    calendar = office((*week(days=[0, 1, 2, 3]), Hours(4, MORNING, START)))
    late = Deadline(at("2023-06-08 16:00"), "minute")
    assert local(moved(calendar, late, 1)) == "2023-06-09 11:30"
    early = Deadline(at("2023-06-08 07:00"), "minute")
    assert local(moved(calendar, early, 1)) == "2023-06-09 07:30"


@pytest.mark.parametrize("days", [0, -1, 1.5, True, 100_000])
def test_a_move_is_a_sensible_number_of_days(days):
    with pytest.raises(Invalid):
        moved(ORDINARY, Deadline(at("2023-06-08 17:00"), "day"), days)


def test_minutes_backwards_are_refused():
    with pytest.raises(Invalid):
        working_minutes(ORDINARY, at("2023-06-05 10:00"), at("2023-06-05 09:00"))


@pytest.mark.parametrize(
    ("allowed", "received", "first"),
    [
        ("5 working_day", "2023-05-26 16:20", dt.date(2023, 5, 29)),
        ("15 calendar_day", "2023-05-26 16:20", dt.date(2023, 5, 27)),
        ("2 working_hour", "2023-05-26 17:00", dt.date(2023, 5, 29)),
        ("2 working_hour", "2023-05-26 16:59", dt.date(2023, 5, 26)),
        ("0 same_day", "2023-05-26 15:30", dt.date(2023, 5, 29)),
    ],
)
def test_the_first_counted_day(allowed, received, first):
    assert start_of_count(ORDINARY, term(allowed), at(received)) == first


def test_terms_are_values():
    from decimal import Decimal

    from motcua.worktime.rules import Term

    assert Term(Decimal("5.00"), "working_day", "next_day") == term("5 working_day")
    assert str(term("5 working_day")) == "5 ngày làm việc"
    assert str(term("1.5 working_hour")) == "1,5 giờ làm việc"
    assert clock.local_date(at("2023-06-05 00:00")) == dt.date(2023, 6, 5)
