"""Which days a figure counts: windows of reports. Pure; the rules themselves are rows (:class:`models.WindowRule`).

A rule cuts a year: each of its ``names`` is one window of ``months`` months. It begins on day ``first_day`` of the
month that gives it its name, or with ``months_earlier`` = 1 of the month before: the first half-year of NĐ 09/2019 is
15/12 to 14/6. ``first_day`` is at most 28, so ends of months and leap years need no care. Weeks are those of ISO 8601,
Monday to Sunday. Both days of a window belong to it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from motcua.core.errors import Invalid

_ONE_DAY = dt.timedelta(days=1)
FREE = "free"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to cut a year. ``months`` 0 means weeks. ``step``: months from one window to the next (12 where a rule
    has one window a year, like the nine months)."""

    code: str
    title: str
    names: tuple[str, ...]
    months: int
    step: int
    first_day: int = 1
    months_earlier: int = 0
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max

    @property
    def weekly(self) -> bool:
        return self.months == 0


@dataclass(frozen=True, slots=True)
class Window:
    """Some days, both included. ``rule`` is the code of the rule that names them, ``free`` where none does."""

    first: dt.date
    last: dt.date
    label: str
    rule: str = FREE

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def window_of(rule: Rule, year: int, n: int = 1) -> Window:
    """The ``n``-th window (from 1) of the year that gives it its name. Raises :class:`Invalid` where there is none."""
    try:
        if rule.weekly:
            first = dt.date.fromisocalendar(year, n, 1)
            return Window(first, first + 6 * _ONE_DAY, f"Tuần {n}/{year}", rule.code)
        if not 1 <= n <= len(rule.names):
            raise ValueError
        start = year * 12 + (n - 1) * rule.step - rule.months_earlier
        first, after = _day(start, rule.first_day), _day(start + rule.months, rule.first_day)
    except ValueError:
        raise Invalid(f"«{rule.title}» không có kỳ thứ {n} của năm {year}.", code="no_window") from None
    return Window(first, after - _ONE_DAY, f"{rule.names[n - 1]}{_between(rule.months)}{year}", rule.code)


def containing(rule: Rule, day: dt.date) -> Window | None:
    """The window of this rule that holds ``day``; ``None`` where a rule leaves days out (after the nine months)."""
    if rule.weekly:
        year, week, _ = day.isocalendar()
        return window_of(rule, year, week)
    for year in (day.year, day.year + 1):
        for n in range(1, len(rule.names) + 1):
            found = window_of(rule, year, n)
            if found.first <= day <= found.last:
                return found
    return None


def place(rule: Rule, window: Window) -> tuple[int, int]:
    """Year and number of a window of this rule. Raises :class:`Invalid` for days the rule does not cut so."""
    if rule.weekly:
        year, week, weekday = window.first.isocalendar()
        if weekday == 1 and window.days == 7:
            return year, week
    else:
        for year in (window.last.year, window.last.year + 1):
            for n in range(1, len(rule.names) + 1):
                found = window_of(rule, year, n)
                if (found.first, found.last) == (window.first, window.last):
                    return year, n
    raise Invalid(f"«{rule.title}» không có kỳ {spoken(window)}.", code="no_window")


def previous(rule: Rule | None, window: Window) -> Window:
    """The window just before: of the same rule (the nine months of last year), or as many days where there is none."""
    if rule is None:
        return free(window.first - dt.timedelta(days=window.days), window.first - _ONE_DAY)
    year, n = place(rule, window)
    if rule.weekly:
        return containing(rule, window.first - _ONE_DAY) or window
    return window_of(rule, year, n - 1) if n > 1 else window_of(rule, year - 1, len(rule.names))


def last_year(rule: Rule | None, window: Window) -> Window:
    """The same window one year earlier. A week 53 is compared with the last week of the year before."""
    if rule is None:
        return free(_year_earlier(window.first), _year_earlier(window.last))
    year, n = place(rule, window)
    if rule.weekly:
        return window_of(rule, year - 1, min(n, dt.date(year - 1, 12, 28).isocalendar().week))
    return window_of(rule, year - 1, n)


def recognise(first: dt.date, last: dt.date, rules: Iterable[Rule]) -> Window:
    """The named window of exactly these days, or the free one. Raises :class:`Invalid` where they are reversed."""
    for rule in rules:
        found = containing(rule, first)
        if found is not None and (found.first, found.last) == (first, last):
            return found
    return free(first, last)


def free(first: dt.date, last: dt.date, label: str = "") -> Window:
    """Any days. Raises :class:`Invalid` where they are reversed."""
    if first > last:
        raise Invalid(f"Từ ngày {first:%d/%m/%Y} sau đến ngày {last:%d/%m/%Y}.", code="days_reversed", field="first")
    made = Window(first, last, label)
    return made if label else Window(first, last, spoken(made).capitalize())


def in_force(rules: Sequence[Rule], day: dt.date) -> list[Rule]:
    """The rules that reports of a day are counted by."""
    return [rule for rule in rules if rule.valid_from <= day <= rule.valid_to]


def spoken(window: Window) -> str:
    """The days of a window in words."""
    if window.first == window.last:
        return f"ngày {window.first:%d/%m/%Y}"
    return f"từ {window.first:%d/%m/%Y} đến {window.last:%d/%m/%Y}"


def _day(month: int, day: int) -> dt.date:
    year, index = divmod(month, 12)
    return dt.date(year, index + 1, day)


def _between(months: int) -> str:
    return "/" if months < 6 else " "


def _year_earlier(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
