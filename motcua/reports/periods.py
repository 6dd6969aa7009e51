"""Reporting periods: which days «Quý III/2026» means. Windows are rows of ``data/periods.toml``; the rest is pure."""

import datetime as dt
import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from motcua.core.errors import Invalid

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """One way to cut a year into periods, with its legal basis; ``confirmed`` where the law's own text was read."""

    code: str
    names: tuple[str, ...]
    months: int
    first_day: int
    months_earlier: int
    legal_basis: str
    confirmed: bool
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max


@dataclass(frozen=True, slots=True)
class Period:
    """One period, both days included."""

    window: str
    label: str
    start: dt.date
    end: dt.date


@functools.cache
def windows() -> tuple[Window, ...]:
    """The rows of the shipped file, shortest first."""
    text = (files("motcua.reports") / "data" / "periods.toml").read_text(encoding="utf-8")
    return tuple(Window(**{**row, "names": tuple(row["names"])}) for row in tomllib.loads(text)["window"])


def in_force(day: dt.date, rows: Sequence[Window] | None = None) -> list[Window]:
    """The windows that reports of a day are counted in."""
    return [w for w in (windows() if rows is None else rows) if w.valid_from <= day <= w.valid_to]


def containing(window: Window, day: dt.date) -> Period:
    """The period of this window that holds ``day``."""
    month = day.year * 12 + day.month - 1
    if window.months_earlier:
        # From its first day on, a month belongs to the period named after the following one.
        month += window.months_earlier - (day.day < window.first_day)
    elif day.day < window.first_day:
        month -= 1
    return _numbered(window, month // window.months)


def previous(window: Window, period: Period) -> Period:
    """The period just before."""
    return containing(window, period.start - _ONE_DAY)


def following(window: Window, period: Period) -> Period:
    """The period just after."""
    return containing(window, period.end + _ONE_DAY)


def recognise(start: dt.date, end: dt.date, rows: Sequence[Window] | None = None) -> Period | None:
    """The named period with exactly these days, if there is one."""
    for window in windows() if rows is None else rows:
        found = containing(window, start)
        if (found.start, found.end) == (start, end):
            return found
    return None


def before(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """The days of the period just before: the named one, or as many days as these.

    Raises :class:`Invalid` before the calendar begins.
    """
    found = recognise(start, end)
    if found is not None:
        earlier = previous(_window(found.window), found)
        return earlier.start, earlier.end
    try:
        return start - (end - start) - _ONE_DAY, start - _ONE_DAY
    except OverflowError:
        raise Invalid("Không có kỳ nào trước kỳ này.", code="no_period", field="start") from None


def choices(today: dt.date, rows: Sequence[Window] | None = None) -> list[Period]:
    """What is offered at one press on a day: the running period of each window and the one before, shortest first."""
    found: list[Period] = []
    for window in in_force(today, rows):
        running = containing(window, today)
        found += [running, previous(window, running)]
    return found


def _window(code: str) -> Window:
    return next(window for window in windows() if window.code == code)


def _numbered(window: Window, number: int) -> Period:
    """The period of this number, counted from the beginning of the calendar."""
    month = number * window.months
    start = _first(window, month)
    end = _first(window, month + window.months) - _ONE_DAY
    year, name = divmod(month, 12)
    label = window.names[name // window.months]
    return Period(window.code, f"{label}{'/' if window.months < 6 else ' '}{year}", start, end)


def _first(window: Window, month: int) -> dt.date:
    year, month = divmod(month - window.months_earlier, 12)
    try:
        return dt.date(year, month + 1, window.first_day)
    except ValueError:
        raise Invalid("Ngày nằm ngoài lịch tính được.", code="no_period", field="start") from None
