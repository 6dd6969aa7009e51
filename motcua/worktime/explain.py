"""Why a due date is what it is, in the words of the counter."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.worktime import rules
from motcua.worktime.calendar import DayKind, SpecialDay, WorkCalendar, vn_date, vn_day
from motcua.worktime.rules import APPOINTMENT, Deadline, Pause, Term, TermUnit

# Up to so many weekend days are named one by one; more are counted.
_NAMED_REST_DAYS = 6


def explain(
    calendar: WorkCalendar,
    term: Term,
    received_at: dt.datetime,
    deadline: Deadline,
    pauses: Sequence[Pause | tuple[dt.datetime, dt.datetime] | tuple[dt.datetime, dt.datetime, bool]] = (),
    *,
    appointment: dt.time = APPOINTMENT,
) -> str:
    """How ``deadline`` follows from the term, the calendar and the pauses, as Vietnamese sentences.

    Counts again from the receipt; where that does not lead to ``deadline`` (moved by a decision, or given by another
    system) it says so. Raises :class:`Invalid` as :func:`rules.due` does. Does not query.
    """
    counted = rules.due(calendar, term, received_at, appointment=appointment)
    sentences = [_first(calendar, term, received_at, counted)]
    for pause in (Pause(*p) for p in pauses):
        before = counted
        counted = rules.after_pause(
            calendar,
            term,
            before,
            pause.paused_at,
            pause.resumed_at,
            received_at=received_at,
            restart=pause.restart,
            appointment=appointment,
        )
        sentences.append(_pause(calendar, term, pause, before, counted))
    if counted != deadline:
        sentences.append(f"Hạn hiện nay đã được dời hoặc cho sẵn: {_deadline(deadline)}.")
    return " ".join(sentences)


def _first(calendar: WorkCalendar, term: Term, received_at: dt.datetime, deadline: Deadline) -> str:
    local = clock.local(received_at)
    start = rules.start_of_count(calendar, term, received_at)
    parts = [f"nhận {_moment(local)}"]
    if start == local.date() and term.grain == "minute":
        parts.append(f"{term} tính ngay trong ngày" if term.unit is not TermUnit.SAME_DAY else f"{term}")
    else:
        parts.append(f"{term} tính từ {vn_day(start)}")
    parts += _days_between(calendar, min(start, local.date() + dt.timedelta(days=1)), deadline.due_date, term)
    if term.unit is TermUnit.CALENDAR_DAY:
        parts += _rolled(calendar, start + dt.timedelta(days=int(term.value) - 1), deadline.due_date)
    elif term.unit is TermUnit.MONTH:
        end = rules.months_later(start - dt.timedelta(days=1), int(term.value))
        parts += _rolled(calendar, end, deadline.due_date)
    return f"{_sentence(', '.join(parts))}: {_deadline(deadline)}."


def _pause(calendar: WorkCalendar, term: Term, pause: Pause, before: Deadline, after: Deadline) -> str:
    stopped = f"Dừng từ {_moment(clock.local(pause.paused_at))} đến {_moment(clock.local(pause.resumed_at))}"
    if pause.paused_at >= before.crossing:
        return f"{stopped}: lúc dừng đã quá hạn nên hạn không đổi, {_deadline(after)}."
    first, last = clock.local_date(pause.paused_at), clock.local_date(pause.resumed_at)
    if pause.restart:
        start = rules.start_of_count(calendar, term, pause.resumed_at)
        parts = [f"tính lại từ đầu {term}, từ {vn_day(start)}"]
        parts += _days_between(calendar, min(start, last + dt.timedelta(days=1)), after.due_date, term)
    elif term.grain == "minute":
        minutes = rules.working_minutes(calendar, before.due_at, after.due_at)
        parts = [f"cộng {_duration(minutes)} làm việc"]
    elif term.unit is TermUnit.WORKING_DAY:
        parts = [f"cộng {rules.working_days(calendar, first, last)} ngày làm việc"]
        if after != before:
            parts += _days_between(calendar, before.due_date + dt.timedelta(days=1), after.due_date, term)
    else:
        parts = [f"cộng {(last - first).days} ngày"]
        if after != before:
            parts += _rolled(calendar, before.due_date + (last - first), after.due_date)
    if after == before:
        return f"{stopped}: {parts[0]}, hạn không đổi, {_deadline(after)}."
    return f"{stopped}: {', '.join(parts)}, {_deadline(after)}."


def _days_between(calendar: WorkCalendar, first: dt.date, last: dt.date, term: Term) -> list[str]:
    """What was passed over from ``first`` to ``last``, and which make-up days were worked."""
    if term.unit in (TermUnit.CALENDAR_DAY, TermUnit.MONTH):
        return []
    by_hours = term.grain == "minute" and term.unit is not TermUnit.SAME_DAY
    rest: list[dt.date] = []
    special: list[SpecialDay] = []
    worked: list[SpecialDay] = []
    for n in range((last - first).days + 1):
        day = first + dt.timedelta(days=n)
        row = calendar.special.get(day.toordinal())
        if calendar.hours_on(day) if by_hours else calendar.is_working(day):
            if row is not None:
                worked.append(row)
        # A holiday on a Sunday takes nothing away that the Sunday has not.
        elif row is not None and day.weekday() < 5:
            special.append(row)
        else:
            rest.append(day)
    skipped = [vn_day(day) for day in rest]
    if len(rest) > _NAMED_REST_DAYS:
        skipped = [f"{len(rest)} ngày nghỉ hằng tuần"]
    skipped += _grouped(special)
    parts = [f"trừ {', '.join(skipped)}"] if skipped else []
    return parts + [f"tính cả {vn_day(row.day)} ({_name(row)})" for row in worked]


def _rolled(calendar: WorkCalendar, end: dt.date, due_date: dt.date) -> list[str]:
    """Why a calendar term that would end on ``end`` ends on ``due_date``; nothing where the two are one."""
    if end == due_date:
        return []
    row = calendar.special.get(end.toordinal())
    why = _name(row) if row else "ngày nghỉ hằng tuần"
    return [f"ngày cuối là {vn_day(end)} ({why}) nên lùi đến hết ngày làm việc tiếp theo"]


def _grouped(days: Sequence[SpecialDay]) -> list[str]:
    """Days of one name run together: "nghỉ Tết Nguyên đán 16/02–20/02"."""
    groups: list[list[SpecialDay]] = []
    for row in days:
        if groups and _name(groups[-1][-1]) == _name(row) and (row.day - groups[-1][-1].day).days == 1:
            groups[-1].append(row)
        else:
            groups.append([row])
    texts = []
    for group in groups:
        first, last = group[0].day, group[-1].day
        span = vn_day(first) if len(group) == 1 else f"{vn_date(first, year=False)}–{vn_date(last, year=False)}"
        texts.append(f"{_name(group[0])} {span}")
    return texts


def _name(row: SpecialDay) -> str:
    name = f"nghỉ lễ {row.name}" if row.kind is DayKind.HOLIDAY else row.name
    if row.kind is DayKind.CLOSURE:
        name = f"đơn vị nghỉ ({row.name})"
    if row.kind is not DayKind.CLOSURE and not name.startswith("nghỉ lễ"):
        name = name[:1].lower() + name[1:]
    return name if row.confirmed else f"{name} (dự kiến, chưa xác nhận)"


def _deadline(deadline: Deadline) -> str:
    local = clock.local(deadline.due_at)
    day = vn_day(local.date(), year=True)
    return f"hạn {day}, hẹn trả {local:%H:%M}" if deadline.grain == "day" else f"hạn {local:%H:%M} {day}"


def _moment(local: dt.datetime) -> str:
    return f"{local:%H:%M} {vn_day(local.date())}"


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} giờ"] * bool(hours) + [f"{rest} phút"] * bool(rest or not hours))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
