"""Calendars the tests count with, and short ways to write a moment and a term."""

import datetime as dt
from decimal import Decimal

from motcua.core import clock
from motcua.worktime.calendar import Hours, Layer, SpecialDay, WorkCalendar
from motcua.worktime.rules import Deadline, StartRule, Term, TermUnit

START = dt.date(2023, 1, 1)
END = dt.date(2025, 12, 31)
EIGHT_HOURS = ((dt.time(7, 30), dt.time(11, 30)), (dt.time(13), dt.time(17)))
MORNING = ((dt.time(7, 30), dt.time(11, 30)),)


def week(*, spans=EIGHT_HOURS, days=range(5), counts_as_day=True) -> tuple[Hours, ...]:
    return tuple(Hours(w, spans, START, None, counts_as_day) for w in days)


def office(hours=None, days: tuple[SpecialDay, ...] = (), name="văn phòng") -> WorkCalendar:
    layer = Layer(week() if hours is None else hours, days)
    return WorkCalendar.build(name=name, first_day=START, last_day=END, layers=[layer])


def at(text: str) -> dt.datetime:
    """ "2023-06-05 11:30" on Viet Nam's clock."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=clock.TZ)


def term(text: str) -> Term:
    """Like "2 working_hour" or "5 working_day same_day_15h"; hours start at once, days on the next, if not said."""
    value, unit, *start = text.split()
    number = Decimal(value) if "." in value else int(value)
    by_clock = unit in ("working_hour", "half_day")
    usual = StartRule.IMMEDIATELY if by_clock else StartRule.SAME_DAY_15H if unit == "same_day" else StartRule.NEXT_DAY
    return Term(number, TermUnit(unit), StartRule(start[0]) if start else usual)


def local(deadline: Deadline) -> str:
    """The deadline's moment on Viet Nam's clock, as :func:`at` reads it."""
    return f"{clock.local(deadline.due_at):%Y-%m-%d %H:%M}"
