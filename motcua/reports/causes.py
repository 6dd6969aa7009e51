"""Where the time of late dossiers went: three causes said from the data alone. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from motcua.core import clock
from motcua.dossiers.states import State
from motcua.dossiers.walk import Contract, Entry, Walk
from motcua.worktime import rules as worktime


@dataclass(frozen=True, slots=True)
class Stay:
    """Working minutes a dossier spent in one state with its clock running."""

    state: State
    minutes: int


@dataclass(frozen=True, slots=True)
class Late:
    """One late dossier, as far as causes are sought in it."""

    procedure: str
    unit: str
    holder: str
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause in words, with how many of the late dossiers it concerns."""

    text: str
    n: int


def stays(contract: Contract, acts: Sequence[Entry], until: dt.datetime) -> list[Stay]:
    """Where a dossier stood from its acceptance to its end (or ``until``), the clock's stops left out."""
    walk, found = Walk(contract), []
    for entry, following in zip(acts, [*acts[1:], None], strict=True):
        walk.apply(entry)
        if walk.received_at is None or walk.clock_stopped or walk.ended_at is not None or walk.state is None:
            continue
        end = min(following.at, until) if following else until
        if end > entry.at:
            found.append(Stay(walk.state, worktime.working_minutes(contract.calendar, entry.at, end)))
    return found


DAY = 480  # working minutes


def causes(late: Sequence[Late]) -> list[Cause]:
    """At most three: the step that took most time, the procedure and the unit (or holder) most of them belong to."""
    if not late:
        return []
    return [*_step(late), *_most(late, "Thủ tục", lambda each: each.procedure), *_where(late)]


def _step(late: Sequence[Late]) -> Iterator[Cause]:
    spent: Counter[State] = Counter()
    through: Counter[State] = Counter()
    for each in late:
        spent.update({s: n for s, n in _by_state(each.stays).items() if n})
        through.update(_by_state(each.stays).keys())
    whole = sum(spent.values())
    if not whole:
        return
    state, minutes = max(spent.items(), key=lambda item: (item[1], item[0]))
    share, days = round(100 * minutes / whole), minutes / through[state] / DAY
    yield Cause(
        f"Bước «{state.label}» chiếm {share}% thời gian làm việc của {len(late)} hồ sơ quá hạn, "
        f"trung bình {_days(days)} ngày mỗi hồ sơ.",
        through[state],
    )


def _by_state(found: Iterable[Stay]) -> dict[State, int]:
    totals: dict[State, int] = {}
    for stay in found:
        totals[stay.state] = totals.get(stay.state, 0) + stay.minutes
    return totals


def _most(late: Sequence[Late], what: str, of: Callable[[Late], str]) -> Iterator[Cause]:
    counted = Counter(named for each in late if (named := of(each)))
    if counted:
        name, n = max(counted.items(), key=lambda item: (item[1], item[0]))
        yield Cause(f"{what} «{name}»: {n} trong {len(late)} hồ sơ quá hạn.", n)


def _where(late: Sequence[Late]) -> Iterator[Cause]:
    # With one unit there is nothing to tell apart but who holds them.
    if len({each.unit for each in late}) > 1:
        yield from _most(late, "Đơn vị", lambda each: each.unit)
    else:
        yield from _most(late, "Người giữ", lambda each: each.holder)


def _days(days: float) -> str:
    return f"{days:.1f}".replace(".", ",")


@dataclass(frozen=True, slots=True)
class Week:
    """The days a Monday page speaks of: ahead up to Friday, and the week that is over."""

    monday: dt.date
    friday: dt.date
    last_monday: dt.date
    last_sunday: dt.date


def week_of(day: dt.date) -> Week:
    """The working week of a day; on Saturday and Sunday the coming one, for whoever prepares Monday then."""
    monday = day - dt.timedelta(days=day.weekday()) + dt.timedelta(days=7 if day.weekday() >= 5 else 0)
    return Week(monday, monday + dt.timedelta(days=4), monday - dt.timedelta(days=7), monday - dt.timedelta(days=1))


def recorded_late(occurred_at: dt.datetime, recorded_at: dt.datetime, mark: str, crossing: dt.datetime) -> bool:
    """Whether an end in time by its own moment was past its deadline when it was written down by hand afterwards.

    What was done on paper under an approved window, or came from another system's list, is no such thing.
    """
    return mark in ("backdated", "reentry") and occurred_at < crossing <= recorded_at


def last_full_day(now: dt.datetime, wanted: dt.date) -> dt.date:
    """The day to which the week that is over can be counted: on a weekend it is not over yet."""
    return min(wanted, clock.local_date(now))
