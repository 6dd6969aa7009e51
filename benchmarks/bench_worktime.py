"""Due dates a second in one process, by unit of term; pauses, explanations, and compiling the country's calendar.

Bound of the first line: 100,000 due dates a second for terms in working days.
"""

import datetime as dt
import random
import time
from collections.abc import Callable
from itertools import cycle

from motcua.core import clock
from motcua.worktime import vietnam
from motcua.worktime.calendar import WorkCalendar
from motcua.worktime.explain import explain
from motcua.worktime.rules import USUAL_START, Pause, Term, TermUnit, after_pause, due, moved, working_minutes

ROUNDS = 3
HOUR, WEEK = dt.timedelta(hours=1), dt.timedelta(days=7)
VALUES = {
    TermUnit.WORKING_DAY: [1, 3, 5, 15, 20, 300],
    TermUnit.CALENDAR_DAY: [15, 30],
    TermUnit.MONTH: [1, 6],
    TermUnit.WORKING_HOUR: [2, 8, 40],
    TermUnit.HALF_DAY: [1, 3],
    TermUnit.SAME_DAY: [0],
}


def _calendar() -> WorkCalendar:
    return WorkCalendar.build(
        name=vietnam.NAME,
        first_day=vietnam.FIRST_DAY,
        last_day=vietnam.LAST_DAY,
        layers=[vietnam.shipped_layer()],
    )


def _moments(count: int) -> list[dt.datetime]:
    """Moments of 2021 to mid-2026, in UTC as the database gives them, at any minute of the day."""
    choose = random.Random(20230601)
    first = clock.local_moment(dt.date(2021, 1, 4))
    minutes = (dt.date(2026, 6, 1) - dt.date(2021, 1, 4)).days * 24 * 60
    return [first + dt.timedelta(minutes=choose.randrange(minutes)) for _ in range(count)]


def _report(name: str, count: int, work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    print(f"  {name:<34}{count:>9,} in {best:7.3f} s {count / best:>12,.0f} a second")
    return count / best


def main() -> None:
    """Print the figures."""
    calendar, moments = _calendar(), _moments(100_000)
    print(f"Due dates on the country's calendar 2021–2027, one process, best of {ROUNDS}:")
    days = 0.0
    for unit, values in VALUES.items():
        terms = [Term(value, unit, USUAL_START[unit]) for value in values]
        pairs = list(zip(moments, cycle(terms), strict=False))
        speed = _report(f"due, {unit.label}", len(pairs), lambda pairs=pairs: [due(calendar, t, m) for m, t in pairs])
        days = days or speed

    some = moments[:20_000]
    for unit in (TermUnit.WORKING_DAY, TermUnit.WORKING_HOUR):
        term = Term(20, unit, USUAL_START[unit])
        deadlines = [(m, due(calendar, term, m)) for m in some]

        def paused(term: Term = term, deadlines: list = deadlines) -> None:
            for m, deadline in deadlines:
                after_pause(calendar, term, deadline, m + HOUR, m + WEEK, received_at=m, restart=False)

        _report(f"after a week's pause, {unit.label}", len(some), paused)
        _report(f"moved 3 days, {unit.label}", len(some), lambda d=deadlines: [moved(calendar, x, 3) for _, x in d])
    _report("office minutes of a week", len(some), lambda: [working_minutes(calendar, m, m + WEEK) for m in some])

    five = Term(5, TermUnit.WORKING_DAY, USUAL_START[TermUnit.WORKING_DAY])
    stories = []
    for m in some[:2_000]:
        pause = Pause(m + dt.timedelta(hours=30), m + dt.timedelta(hours=80))
        first = due(calendar, five, m)
        stories.append((m, after_pause(calendar, five, first, *pause[:2], received_at=m, restart=False), pause))
    _report(
        "explained, with a pause", len(stories), lambda: [explain(calendar, five, m, d, [p]) for m, d, p in stories]
    )
    _report("compiling seven years", 10, lambda: [_calendar() for _ in range(10)])
    print(f"  bound: 100,000 due dates in working days a second: {'held' if days >= 100_000 else 'MISSED'}")


if __name__ == "__main__":
    main()
