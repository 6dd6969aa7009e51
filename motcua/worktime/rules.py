"""Deadlines: pure arithmetic over a compiled calendar. No database here.

The decisions in one place (sources: Civil Code 2015 Đ145-148; practice of the one-stop desk):

- A term in working days is n counted days, never n × 8 hours. The day of the event is not counted unless the start rule
  says so, also when that day is a rest day: received on a Saturday, the first counted day is the next working day.
- Calendar days and months run from the day of the event; when they end on a rest day they end on the next working day.
  A month ends on the day of the same number, or on the last day of a shorter month.
- Hours are counted in office minutes, from the minute written on the slip (seconds are dropped), without rounding.
- Half a day is half of the office minutes of the day it falls on, so two half days are always one office day.
- A day on which the office is open counts for hours by its own opening times. Whether it also counts as a day in terms
  in days is said by its office-hours row (``counts_as_day``).
"""

import datetime as dt
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from django.db.models import TextChoices

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.worktime.calendar import WorkCalendar

__all__ = [
    "APPOINTMENT",
    "CUT_OFF",
    "USUAL_START",
    "Deadline",
    "Grain",
    "Pause",
    "StartRule",
    "Term",
    "TermUnit",
    "WorkCalendar",
    "after_pause",
    "due",
    "months_later",
    "moved",
    "start_of_count",
    "working_days",
    "working_minutes",
]

Grain = Literal["day", "minute"]

APPOINTMENT = dt.time(17, 0)
"""The hour printed beside a due date where the rule set names no other; never later than that day's closing."""

CUT_OFF = dt.time(15, 0)
"""Same-day procedures: received at this second or before is the same day."""


class TermUnit(TextChoices):
    """What a term is counted in."""

    WORKING_DAY = "working_day", "ngày làm việc"
    CALENDAR_DAY = "calendar_day", "ngày"
    WORKING_HOUR = "working_hour", "giờ làm việc"
    HALF_DAY = "half_day", "nửa ngày làm việc"
    MONTH = "month", "tháng"
    SAME_DAY = "same_day", "trong ngày"


class StartRule(TextChoices):
    """Where the clock starts."""

    NEXT_DAY = "next_day", "từ ngày tiếp theo"
    SAME_DAY_15H = "same_day_15h", "nhận đến 15 giờ tính trong ngày, sau 15 giờ tính từ ngày làm việc tiếp theo"
    IMMEDIATELY = "immediately", "tính ngay từ lúc nhận"


USUAL_START: dict[TermUnit, StartRule] = {
    TermUnit.WORKING_DAY: StartRule.NEXT_DAY,
    TermUnit.CALENDAR_DAY: StartRule.NEXT_DAY,
    TermUnit.MONTH: StartRule.NEXT_DAY,
    TermUnit.WORKING_HOUR: StartRule.IMMEDIATELY,
    TermUnit.HALF_DAY: StartRule.IMMEDIATELY,
    TermUnit.SAME_DAY: StartRule.SAME_DAY_15H,
}
"""The start rule where a procedure names none."""

# Above these a term is a slip of the keyboard. The longest real one met is 300 working days.
_LARGEST = {
    TermUnit.WORKING_DAY: 1500,
    TermUnit.CALENDAR_DAY: 2000,
    TermUnit.WORKING_HOUR: 2000,
    TermUnit.HALF_DAY: 1000,
    TermUnit.MONTH: 60,
    TermUnit.SAME_DAY: 1,
}
_IN_MINUTES = frozenset({TermUnit.WORKING_HOUR, TermUnit.HALF_DAY, TermUnit.SAME_DAY})


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due. ``due_at`` is the appointment; the grain says what counts as late.

    Grain "day" (terms in days, calendar days, months): the whole due date is in time, the hour is an appointment.
    Grain "minute" (hours, half days, same day): the minute of ``due_at`` is in time, the next one is not.
    """

    due_at: dt.datetime
    grain: Grain

    @property
    def due_date(self) -> dt.date:
        """The due date in Viet Nam."""
        return clock.local_date(self.due_at)

    @property
    def crossing(self) -> dt.datetime:
        """The first moment that is overdue, in UTC."""
        if self.grain == "day":
            return clock.local_moment(self.due_date + dt.timedelta(days=1))
        return self.due_at.astimezone(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take: a value, its unit, and where the clock starts.

    Days, half days and months are whole numbers from 1; hours may have a fraction that is a whole number of minutes;
    "same day" has value 0 (or 1). Anything else is refused (:class:`Invalid`) when the term is made.
    """

    value: int | Decimal
    unit: TermUnit
    start_rule: StartRule

    def __post_init__(self) -> None:
        try:
            unit, start = TermUnit(self.unit), StartRule(self.start_rule)
        except ValueError as error:
            raise Invalid(f"Không có cách tính thời hạn này: {error.args[0]}.", field="term_unit") from None
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "start_rule", start)
        object.__setattr__(self, "value", _term_value(self.value, unit))

    @property
    def grain(self) -> Grain:
        """To the minute for hours, half days and same-day terms, else to the day."""
        return "minute" if self.unit in _IN_MINUTES else "day"

    def __str__(self) -> str:
        if self.unit is TermUnit.SAME_DAY:
            return self.unit.label
        text = f"{self.value:f}".replace(".", ",") if isinstance(self.value, Decimal) else str(self.value)
        return f"{text} {self.unit.label}"


def _term_value(value: object, unit: TermUnit) -> int | Decimal:
    """The value if it is one a term of this unit can have, whole numbers as ``int``; else :class:`Invalid`."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Invalid(f"Thời hạn phải là một số, không phải «{value}».", field="term_value")
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise Invalid("Thời hạn phải là một số hữu hạn.", field="term_value")
        if value == int(value):
            value = int(value)
    least = 0 if unit is TermUnit.SAME_DAY else 1
    if unit is TermUnit.WORKING_HOUR and isinstance(value, Decimal):
        if value <= 0 or (value * 60) % 1:
            raise Invalid(f"Thời hạn {value} giờ không thành số phút chẵn lớn hơn 0.", field="term_value")
        value = value.normalize()
    elif isinstance(value, Decimal):
        raise Invalid(f"Thời hạn tính bằng {unit.label} phải là số nguyên, không phải {value}.", field="term_value")
    elif value < least:
        raise Invalid(f"Thời hạn phải lớn hơn 0, không phải {value} {unit.label}.", field="term_value")
    if value > _LARGEST[unit]:
        raise Invalid(
            f"Thời hạn {value} {unit.label} quá dài (nhiều nhất {_LARGEST[unit]}). Hãy kiểm tra lại số và đơn vị tính.",
            field="term_value",
        )
    return value


class Pause(NamedTuple):
    """A time during which the clock stood still; ``restart``: afterwards the term began anew."""

    paused_at: dt.datetime
    resumed_at: dt.datetime
    restart: bool = False


# ---- the verbs of the calculator ------------------------------------------------------------------------------------
def due(
    calendar: WorkCalendar, term: Term, received_at: dt.datetime, *, appointment: dt.time = APPOINTMENT
) -> Deadline:
    """When a term that begins with an event at ``received_at`` ends.

    Raises :class:`Invalid` where the calendar does not reach (before its first day, after its last), or for a moment
    without a zone.
    """
    local = _local(received_at)
    calendar.require(local.toordinal())
    unit, rule = term.unit, term.start_rule
    if unit is TermUnit.WORKING_DAY:
        index = bisect_right(calendar.days, _uncounted(calendar, rule, local)) + int(term.value) - 1
        return _at_appointment(calendar, index, appointment)
    if unit is TermUnit.CALENDAR_DAY:
        return _rolled(calendar, _uncounted(calendar, rule, local) + int(term.value), appointment)
    if unit is TermUnit.MONTH:
        start = dt.date.fromordinal(_uncounted(calendar, rule, local))
        return _rolled(calendar, months_later(start, int(term.value)).toordinal(), appointment)
    if unit is TermUnit.SAME_DAY:
        index = _first_day(calendar, rule, local)
        ordinal = calendar.day_at(index)
        return Deadline(_moment(ordinal, calendar.closing(ordinal)), "minute")
    start_minutes = _office_start(calendar, rule, local)
    if unit is TermUnit.WORKING_HOUR:
        return Deadline(_moment(*calendar.at_minute(start_minutes + int(term.value * 60))), "minute")
    return Deadline(_moment(*_half_days_later(calendar, start_minutes, int(term.value))), "minute")


def after_pause(
    calendar: WorkCalendar,
    term: Term,
    deadline: Deadline,
    paused_at: dt.datetime | None,
    resumed_at: dt.datetime,
    *,
    received_at: dt.datetime,
    restart: bool,
    appointment: dt.time = APPOINTMENT,
) -> Deadline:
    """The deadline after the clock stood still for a while; with ``restart`` the term begins anew at ``resumed_at``.

    Hours, half days and same-day terms move by the office minutes paused; working days by the working days after the
    date of the pause up to and including the date of the answer; calendar terms by calendar days from the present due
    date, rolled off rest days. A pause begun when the deadline had passed moves nothing, also under ``restart``.
    Raises :class:`Invalid` where nothing was paused or the times are out of order.
    """
    if paused_at is None:
        raise Invalid("Hồ sơ không đang tạm dừng nên không có gì để tính tiếp.", code="not_paused")
    for moment in (paused_at, resumed_at, received_at):
        _local(moment)
    if resumed_at < paused_at:
        raise Invalid("Lúc tính giờ lại không được trước lúc tạm dừng.", field="resumed_at")
    if paused_at < received_at:
        raise Invalid("Lúc tạm dừng không được trước lúc tiếp nhận.", field="paused_at")
    if paused_at >= deadline.crossing:
        return deadline
    if restart:
        return due(calendar, term, resumed_at, appointment=appointment)
    if term.grain == "minute":
        # Time before the clock started (a start rule may say: tomorrow) is not taken from the term, so not given back.
        began = max(_office_minute(calendar, _local(paused_at)), _clock_start(calendar, term, _local(received_at)))
        minutes = _office_minute(calendar, _local(resumed_at)) - began
        if minutes <= 0:
            return deadline
        moved_to = _office_minute(calendar, _local(deadline.due_at)) + minutes
        return Deadline(_moment(*calendar.at_minute(moved_to)), "minute")
    first, last = _local(paused_at).toordinal(), _local(resumed_at).toordinal()
    due_day = deadline.due_date.toordinal()
    if term.unit is TermUnit.WORKING_DAY:
        days = calendar.count_days(first, last)
        return _days_later(calendar, deadline, days, appointment) if days else deadline
    return _rolled(calendar, due_day + last - first, appointment) if last > first else deadline


def moved(calendar: WorkCalendar, deadline: Deadline, days: int, *, appointment: dt.time = APPOINTMENT) -> Deadline:
    """The deadline ``days`` working days later (1 or more), for a decision that moves the due dates of a whole office.

    To the minute, the time of day is kept, or the last office minute before it on the new day.
    """
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _LARGEST[TermUnit.WORKING_DAY]:
        raise Invalid(f"Số ngày làm việc dời hạn phải từ 1 trở lên, không phải «{days}».", field="days")
    return _days_later(calendar, deadline, days, appointment)


def working_minutes(calendar: WorkCalendar, a: dt.datetime, b: dt.datetime) -> int:
    """Office minutes from ``a`` to ``b``, each taken at its minute. Raises :class:`Invalid` if ``b`` is earlier."""
    if b < a:
        raise Invalid("Khoảng thời gian có lúc cuối trước lúc đầu.")
    return _office_minute(calendar, _local(b)) - _office_minute(calendar, _local(a))


def working_days(calendar: WorkCalendar, after: dt.date, to: dt.date) -> int:
    """Counted working days after the date ``after`` up to and including ``to``; 0 if ``to`` is not later."""
    calendar.require(after.toordinal())
    calendar.require(to.toordinal())
    return calendar.count_days(after.toordinal(), to.toordinal())


def start_of_count(calendar: WorkCalendar, term: Term, received_at: dt.datetime) -> dt.date:
    """The first day that is counted (days, months), or on which the clock runs (hours, half days, same day)."""
    local = _local(received_at)
    calendar.require(local.toordinal())
    if term.unit is TermUnit.SAME_DAY:
        return dt.date.fromordinal(calendar.day_at(_first_day(calendar, term.start_rule, local)))
    if term.grain == "minute":
        ordinal, _ = calendar.at_minute(_office_start(calendar, term.start_rule, local) + 1)
        return dt.date.fromordinal(ordinal)
    uncounted = _uncounted(calendar, term.start_rule, local)
    if term.unit is TermUnit.WORKING_DAY:
        return dt.date.fromordinal(calendar.day_at(bisect_right(calendar.days, uncounted)))
    return dt.date.fromordinal(uncounted + 1)


# ---- parts ----------------------------------------------------------------------------------------------------------
def _local(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise Invalid("Thời điểm thiếu múi giờ nên không tính được hạn.")
    return moment.astimezone(clock.TZ)


def _moment(ordinal: int, minute: int) -> dt.datetime:
    return clock.local_moment(dt.date.fromordinal(ordinal), dt.time(*divmod(minute, 60)))


def _first_day(calendar: WorkCalendar, rule: StartRule, local: dt.datetime) -> int:
    """Index of the first counted day: the event's own only if the rule takes it and the office has not closed yet."""
    today = local.toordinal()
    if rule is StartRule.NEXT_DAY:
        return bisect_right(calendar.days, today)
    index = bisect_left(calendar.days, today)
    if calendar.day_at(index) != today:
        return index
    time = local.time()
    too_late = rule is StartRule.SAME_DAY_15H and time > CUT_OFF
    closed = time.hour * 60 + time.minute >= calendar.closing(today)
    return index + 1 if too_late or closed else index


def _uncounted(calendar: WorkCalendar, rule: StartRule, local: dt.datetime) -> int:
    """The last day that is not counted: the day of the event, or the day before the first counted day."""
    if rule is StartRule.NEXT_DAY:
        return local.toordinal()
    return calendar.day_at(_first_day(calendar, rule, local)) - 1


def _office_minute(calendar: WorkCalendar, local: dt.datetime) -> int:
    return calendar.minutes_until(local.toordinal(), local.hour * 60 + local.minute)


def _office_start(calendar: WorkCalendar, rule: StartRule, local: dt.datetime) -> int:
    """Where, in office minutes, the clock of a term in hours or half days starts."""
    waits = rule is StartRule.NEXT_DAY or (rule is StartRule.SAME_DAY_15H and local.time() > CUT_OFF)
    return calendar.minutes_until(local.toordinal(), 24 * 60) if waits else _office_minute(calendar, local)


def _clock_start(calendar: WorkCalendar, term: Term, local: dt.datetime) -> int:
    """The office minute from which the clock of a term counted to the minute runs."""
    if term.unit is not TermUnit.SAME_DAY:
        return _office_start(calendar, term.start_rule, local)
    first = calendar.day_at(_first_day(calendar, term.start_rule, local))
    return max(calendar.minutes_until(first, 0), _office_minute(calendar, local))


def _at_appointment(calendar: WorkCalendar, index: int, appointment: dt.time) -> Deadline:
    ordinal = calendar.day_at(index)
    return Deadline(_moment(ordinal, min(appointment.hour * 60 + appointment.minute, calendar.closing(ordinal))), "day")


def _rolled(calendar: WorkCalendar, ordinal: int, appointment: dt.time) -> Deadline:
    calendar.require(ordinal)
    return _at_appointment(calendar, bisect_left(calendar.days, ordinal), appointment)


def _days_later(calendar: WorkCalendar, deadline: Deadline, days: int, appointment: dt.time) -> Deadline:
    local = _local(deadline.due_at)
    calendar.require(local.toordinal())
    index = bisect_right(calendar.days, local.toordinal()) + days - 1
    if deadline.grain == "day":
        return _at_appointment(calendar, index, appointment)
    ordinal = calendar.day_at(index)
    return Deadline(_moment(ordinal, calendar.open_minute(ordinal, local.hour * 60 + local.minute)), "minute")


def months_later(day: dt.date, months: int) -> dt.date:
    """The day of the same number so many months later, or the last of a shorter month (Civil Code Đ148)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def _half_days_later(calendar: WorkCalendar, start: int, halves: int) -> tuple[int, int]:
    """The (day, minute) at which ``halves`` half days have passed since office minute ``start``; each day has two."""
    index = calendar.open_index(start + 1)
    before, after = calendar.minutes_before[index], calendar.minutes_before[index + 1]
    left = halves - Fraction(2 * (after - start), after - before)
    if left <= 0:
        return calendar.at_minute(start + math.ceil(Fraction(halves * (after - before), 2)))
    whole = math.ceil(left / 2) - 1
    index += whole + 1
    if index >= len(calendar.open_days):
        raise calendar.past_the_end()
    before, after = calendar.minutes_before[index], calendar.minutes_before[index + 1]
    return calendar.at_minute(before + math.ceil((left - 2 * whole) * (after - before) / 2))
