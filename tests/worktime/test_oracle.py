"""The calculator against a clerk with a watch: a minute-by-minute walk that shares no code with it."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from motcua.worktime.calendar import DayKind, Hours, Layer, SpecialDay, WorkCalendar
from motcua.worktime.rules import StartRule, Term, TermUnit, after_pause, due, moved, working_minutes

pytestmark = pytest.mark.pure

VIETNAM = dt.timezone(dt.timedelta(hours=7))
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 8, 31)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


class Clerk:
    """Reads the rows as a person would: is the door open in this minute, does this day count?"""

    def __init__(self, hours, days):
        self.hours = hours
        self.special = {row.day: row for row in days}

    def spans(self, day):
        row = self.special.get(day)
        if row is not None and row.kind != "swap_work":
            return ()
        weekday = day.weekday() if row is None else row.hours_as
        for hours in self.hours:
            if (
                hours.weekday == weekday
                and hours.valid_from <= day
                and (hours.valid_to is None or day <= hours.valid_to)
            ):
                return hours.spans
        return ()

    def counts(self, day):
        if not self.spans(day):
            return False
        if day in self.special:
            return True
        return any(
            h.counts_as_day
            for h in self.hours
            if h.weekday == day.weekday() and h.valid_from <= day and (h.valid_to is None or day <= h.valid_to)
        )

    def is_open(self, minute):
        return any(a <= minute.time() < b for a, b in self.spans(minute.date()))

    def minutes_of(self, day):
        start = dt.datetime.combine(day, dt.time(), VIETNAM)
        return sum(self.is_open(start + n * MINUTE) for n in range(24 * 60))

    def closing(self, day):
        return dt.datetime.combine(day, self.spans(day)[-1][1], VIETNAM)

    def next_counted(self, day):
        """The first counted day that is not before ``day``."""
        while not self.counts(day):
            day += DAY
        return day

    def clock_starts(self, rule, received):
        """For terms by the clock: the minute from which minutes are counted."""
        if rule == "next_day" or (rule == "same_day_15h" and received.time() > dt.time(15)):
            return dt.datetime.combine(received.date() + DAY, dt.time(), VIETNAM)
        return received.replace(second=0, microsecond=0)

    def first_counted(self, rule, received):
        """For terms by the day: the first day counted among working days."""
        today = received.date()
        if rule == "next_day":
            return self.next_counted(today + DAY)
        early = rule == "immediately" or received.time() <= dt.time(15)
        if early and self.counts(today) and received < self.closing(today):
            return today
        return self.next_counted(today + DAY) if self.counts(today) else self.next_counted(today)

    def due(self, value, unit, rule, received, stopped=lambda minute: False, stopped_day=lambda day: False):
        if unit == "working_hour":
            return self.walk(self.clock_starts(rule, received), Fraction(value) * 60, lambda d: 1, stopped)
        if unit == "half_day":
            return self.walk(
                self.clock_starts(rule, received), Fraction(value), lambda d: Fraction(2, self.minutes_of(d)), stopped
            )
        day = self.first_counted(rule, received)
        if unit == "same_day":
            return self.closing(day)
        if unit == "working_day":
            left = value
            while True:
                if self.counts(day) and not stopped_day(day):
                    left -= 1
                    if not left:
                        return self.appointment(day)
                day += DAY
        before = received.date() if rule == "next_day" else day - DAY
        if unit == "calendar_day":
            end = before
            for _ in range(value):
                end += DAY
        else:
            end, wanted = before, before.month
            for _ in range(value):
                wanted = wanted % 12 + 1
            year = before.year + (before.month + value - 1) // 12
            day_number = before.day
            while True:
                try:
                    end = dt.date(year, wanted, day_number)
                    break
                except ValueError:
                    day_number -= 1
        return self.appointment(self.next_counted(end))

    def appointment(self, day):
        return min(self.closing(day), dt.datetime.combine(day, dt.time(17), VIETNAM))

    def walk(self, minute, needed, worth, stopped):
        weights = {}
        while True:
            if self.is_open(minute) and not stopped(minute):
                day = minute.date()
                if day not in weights:
                    weights[day] = worth(day)
                needed -= weights[day]
            minute += MINUTE
            if needed <= 0:
                return minute


def times(draw, low, high):
    return dt.time(*divmod(draw(st.integers(low, high)), 60))


@st.composite
def spans(draw):
    kind = draw(st.sampled_from(["day", "day", "day", "morning", "through"]))
    if kind == "through":
        return ((times(draw, 6 * 60, 9 * 60), times(draw, 14 * 60, 19 * 60)),)
    morning = (times(draw, 6 * 60, 9 * 60), times(draw, 10 * 60, 12 * 60))
    if kind == "morning":
        return (morning,)
    return (morning, (times(draw, 12 * 60 + 30, 14 * 60), times(draw, 15 * 60, 18 * 60)))


@st.composite
def rows(draw):
    hours = []
    change = FIRST + DAY * draw(st.integers(20, 60))
    for weekday in range(5):
        hours.append(Hours(weekday, draw(spans()), FIRST, change - DAY))
        hours.append(Hours(weekday, draw(spans()), change))
    if draw(st.booleans()):
        hours.append(Hours(5, draw(spans()), FIRST, None, draw(st.booleans())))
    days, kinds = {}, [DayKind.HOLIDAY, DayKind.SWAP_WORK, DayKind.CLOSURE]
    for offset, kind in draw(st.lists(st.tuples(st.integers(0, 70), st.sampled_from(kinds)), max_size=12)):
        day = FIRST + DAY * offset
        as_weekday = draw(st.integers(0, 4)) if kind is DayKind.SWAP_WORK else None
        days[day] = SpecialDay(day, kind, "ngày", hours_as=as_weekday)
    return tuple(hours), tuple(days.values())


MOMENTS = st.builds(
    lambda day, minute, second: (
        dt.datetime.combine(FIRST + DAY * day, dt.time(), VIETNAM) + MINUTE * minute + dt.timedelta(seconds=second)
    ),
    st.integers(0, 55),
    st.one_of(st.integers(0, 24 * 60 - 1), st.sampled_from([450, 690, 780, 900, 901, 1020])),
    st.sampled_from([0, 0, 1, 59]),
)
VALUES = {
    "working_hour": st.integers(1, 60),
    "half_day": st.integers(1, 9),
    "working_day": st.integers(1, 40),
    "calendar_day": st.integers(1, 60),
    "month": st.integers(1, 3),
    "same_day": st.just(0),
}
TERMS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda unit: st.builds(Term, VALUES[unit], st.just(TermUnit(unit)), st.sampled_from(list(StartRule)))
)


def calendar_of(drawn):
    hours, days = drawn
    calendar = WorkCalendar.build(name="thử", first_day=FIRST, last_day=LAST, layers=[Layer(hours, days)])
    return calendar, Clerk(hours, days)


@given(rows(), TERMS, MOMENTS)
def test_due_dates_are_those_of_the_walk(drawn, term, received):
    calendar, clerk = calendar_of(drawn)
    expected = clerk.due(term.value, term.unit.value, term.start_rule.value, received)
    assert due(calendar, term, received).due_at == expected


@given(rows(), MOMENTS, st.integers(0, 20_000))
def test_office_minutes_are_those_of_the_walk(drawn, start, length):
    calendar, clerk = calendar_of(drawn)
    end = start + MINUTE * length
    walked, minute = 0, start.replace(second=0)
    while minute < end.replace(second=0):
        walked += clerk.is_open(minute)
        minute += MINUTE
    assert working_minutes(calendar, start, end) == walked


_WEEK = (
    tuple(Hours(day, ((dt.time(7, 30), dt.time(11, 30)), (dt.time(13), dt.time(17))), FIRST) for day in range(5)),
    (),
)


# A pause from the moment of receipt, before the clock of a term in hours has started: once the time in between was
# given back though it had not been taken.
@example(_WEEK, Term(1, TermUnit.WORKING_HOUR, StartRule.NEXT_DAY), dt.datetime(2024, 1, 2, 9, tzinfo=VIETNAM), 0.0, 60)
@example(
    _WEEK, Term(8, TermUnit.WORKING_HOUR, StartRule.NEXT_DAY), dt.datetime(2024, 1, 2, 9, tzinfo=VIETNAM), 0.0, 1500
)
@example(
    _WEEK,
    Term(3, TermUnit.WORKING_HOUR, StartRule.SAME_DAY_15H),
    dt.datetime(2024, 1, 2, 15, 1, tzinfo=VIETNAM),
    0.0,
    30,
)
@example(
    _WEEK, Term(3, TermUnit.WORKING_HOUR, StartRule.IMMEDIATELY), dt.datetime(2024, 1, 2, 7, tzinfo=VIETNAM), 0.0, 90
)
@given(
    rows(),
    st.one_of(
        st.builds(Term, st.integers(1, 40), st.just(TermUnit.WORKING_HOUR), st.sampled_from(list(StartRule))),
        st.builds(Term, st.integers(1, 15), st.just(TermUnit.WORKING_DAY), st.just(StartRule.NEXT_DAY)),
    ),
    MOMENTS,
    st.floats(0, 1),
    st.integers(0, 20_000),
)
def test_a_pause_is_a_clock_that_stands_still(drawn, term, received, where, length):
    """Counting only while the clock runs ends where moving the deadline by the pause does.

    A pause that begins on the due date itself (or in the due minute) is another matter: nothing of the term is left to
    count, yet the time waited is given back.
    """
    calendar, clerk = calendar_of(drawn)
    received = received.replace(second=0)
    deadline = due(calendar, term, received)
    span = deadline.due_at - received
    paused = (received + span * where).replace(second=0, microsecond=0)
    last_moment = deadline.due_at
    if deadline.grain == "day":
        last_moment = dt.datetime.combine(deadline.due_date, dt.time(), VIETNAM)
    if not received <= paused < last_moment:
        paused = received
    resumed = paused + MINUTE * length
    after = after_pause(calendar, term, deadline, paused, resumed, received_at=received, restart=False)
    first, last = (m.astimezone(VIETNAM).date() for m in (paused, resumed))
    expected = clerk.due(
        term.value,
        term.unit.value,
        term.start_rule.value,
        received,
        stopped=lambda minute: paused <= minute < resumed,
        stopped_day=lambda day: first < day <= last,
    )
    assert after.due_at == expected


@given(rows(), TERMS, MOMENTS, st.integers(1, 15))
def test_a_moved_deadline_is_so_many_counted_days_later(drawn, term, received, days):
    calendar, clerk = calendar_of(drawn)
    before = due(calendar, term, received)
    after = moved(calendar, before, days)
    counted, day = 0, before.due_date
    while counted < days:
        day += DAY
        counted += clerk.counts(day)
    assert after.due_date == day
    assert clerk.is_open(after.due_at.astimezone(VIETNAM) - MINUTE) or clerk.is_open(after.due_at.astimezone(VIETNAM))


@given(rows(), TERMS, MOMENTS, MOMENTS)
def test_later_received_is_never_earlier_due(drawn, term, one, other):
    calendar, _ = calendar_of(drawn)
    early, late = sorted([one, other])
    assert due(calendar, term, early).due_at <= due(calendar, term, late).due_at


@given(rows(), TERMS, MOMENTS)
def test_nothing_is_overdue_when_it_is_received(drawn, term, received):
    calendar, _ = calendar_of(drawn)
    assert due(calendar, term, received).crossing > received
