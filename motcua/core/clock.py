"""The one place that asks what time it is.

Times are kept in UTC and counted in Asia/Ho_Chi_Minh, whatever the machine's own zone says. Viet Nam has kept UTC+7
without summer time since 1975, but the zone database is asked all the same.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Ho_Chi_Minh")
_fixed: ContextVar[dt.datetime | None] = ContextVar("motcua_fixed_now", default=None)


def now() -> dt.datetime:
    """This moment, aware, in UTC; or the moment set by :func:`at`."""
    return _fixed.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The date of this moment in Viet Nam."""
    return local_date(now())


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment on Viet Nam's clock."""
    return moment.astimezone(TZ)


def local_date(moment: dt.datetime) -> dt.date:
    """The date of a moment in Viet Nam."""
    return moment.astimezone(TZ).date()


def local_moment(day: dt.date, time: dt.time = dt.time.min) -> dt.datetime:
    """A date and wall-clock time in Viet Nam, as an aware moment in UTC."""
    return dt.datetime.combine(day, time, TZ).astimezone(dt.UTC)


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Let :func:`now` answer ``moment`` inside the block (demo, imports, tests); nests."""
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    token = _fixed.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
