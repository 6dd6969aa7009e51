"""Random histories of one item, and a reading of them that shares nothing with ``rules.timeline``."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.ledger.rules import Fact, timeline
from motcua.worktime.rules import Deadline

FIRST = dt.date(2023, 6, 1)
DAYS = 16
Place = tuple[str, int, int, str]  # account, unit, category, channel


def moment(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return clock.local_moment(FIRST + dt.timedelta(days=day), dt.time(hour, minute))


moments = st.builds(
    moment, st.integers(0, DAYS - 1), st.sampled_from([0, 8, 9, 11, 15, 17, 23]), st.sampled_from([0, 1, 30])
)
deadlines = st.builds(Deadline, moments, st.sampled_from(["day", "minute"]))


def facts_of(units: Sequence[int], categories: Sequence[int]) -> st.SearchStrategy[Fact]:
    """Any single fact but the receipt, at any time."""
    unit, category = st.sampled_from(list(units)), st.sampled_from(list(categories))
    channel = st.sampled_from(["direct", "online", "post"])
    return st.one_of(
        st.builds(lambda at: Fact("pause", at), moments),
        st.builds(lambda at, d: Fact("resume", at, deadline=d), moments, deadlines),
        st.builds(lambda at, d: Fact("move", at, deadline=d), moments, deadlines),
        st.builds(lambda at, o: Fact("close", at, outcome=o), moments, st.sampled_from(["granted", "refused"])),
        st.builds(lambda at, u: Fact("transfer", at, unit=u), moments, unit),
        st.builds(lambda d, u: Fact("succession", moment(d, 0), unit=u), st.integers(0, DAYS - 1), unit),
        st.builds(lambda at, c, h: Fact("correct", at, category=c, channel=h), moments, category, channel),
    )


def receipts(units: Sequence[int], categories: Sequence[int]) -> st.SearchStrategy[Fact]:
    return st.builds(
        lambda at, d, u, c, h: Fact("receive", at, deadline=d, unit=u, category=c, channel=h),
        moments,
        deadlines,
        st.sampled_from(list(units)),
        st.sampled_from(list(categories)),
        st.sampled_from(["direct", "online"]),
    )


@st.composite
def histories(draw: Any, units: Sequence[int], categories: Sequence[int]) -> list[list[Fact]]:
    """What was known to have happened after each act: ≥ 1 versions, each legal, each some edit of the one before.

    The edits are what an office does: an act at the end, an act dated back or in between (a late pause), an act voided
    (reopening included), an act or the acceptance corrected, everything voided.
    """
    any_fact, any_receipt = facts_of(units, categories), receipts(units, categories)
    versions: list[list[Fact]] = [[draw(any_receipt)]]
    for _ in range(draw(st.integers(2, 12))):
        facts = list(versions[-1])
        edit = draw(st.sampled_from(["add", "add", "add", "add", "void", "change", "receipt", "clear"]))
        if not facts or edit == "receipt":
            facts[:1] = [draw(any_receipt)]
        elif edit == "clear":
            facts = []
        elif edit == "void" and len(facts) > 1:
            del facts[draw(st.integers(1, len(facts) - 1))]
        else:
            if edit == "change" and len(facts) > 1:
                del facts[draw(st.integers(1, len(facts) - 1))]
            new = draw(any_fact)
            place = next((i for i, f in enumerate(facts) if f.at > new.at), len(facts))
            facts.insert(place, new)
        try:
            timeline(facts)
        except IllegalAct:
            continue
        versions.append(facts)
    return versions


# ---- the other reading ----------------------------------------------------------------------------------------------


def overdue_by(facts: Sequence[Fact], until: dt.datetime) -> bool:
    """Whether by ``until`` the item has stood running on or past its deadline: stretch by stretch, no state kept."""
    running_from: dt.datetime | None = None
    due: Deadline | None = None
    for index, fact in enumerate(facts):
        if fact.deadline is not None:
            due = fact.deadline
        if fact.kind in ("receive", "resume"):
            running_from = fact.at
        elif fact.kind in ("pause", "close"):
            running_from = None
        elif fact.kind == "move" and running_from is not None:
            running_from = fact.at
        if running_from is None or due is None:
            continue
        rest = facts[index + 1 :]
        # A stretch ends with the next fact that stops the clock or sets another deadline.
        ends = next((f.at for f in rest if f.kind in ("pause", "close", "move")), None)
        last = until if ends is None else min(ends, until)
        crossing = due.crossing
        # Decisions taken later lift it; each of them as far as any decision after it.
        for later in rest:
            if later.kind == "move" and later.deadline is not None:
                crossing = max(crossing, later.deadline.crossing)
        if running_from <= last and max(crossing, running_from) <= last:
            return True
    return False


def stands(facts: Sequence[Fact], until: dt.datetime) -> Place | None:
    """Where the item stands right after ``until``; None when it is not in the books."""
    past = [f for f in facts if f.at <= until]
    if not past:
        return None
    end = next((i for i, f in enumerate(past) if f.kind == "close"), None)
    lived = past if end is None else past[: end + 1]
    unit = [f.unit for f in lived if f.unit is not None][-1]
    category = [f.category for f in lived if f.category is not None][-1]
    channel = [f.channel for f in lived if f.channel is not None][-1]
    stops = [f.kind for f in lived if f.kind in ("pause", "resume")]
    waiting = bool(stops) and stops[-1] == "pause"
    late = overdue_by(facts, until if end is None else lived[-1].at)
    if end is None:
        account = ("waiting_" if waiting else "") + ("overdue" if late else "in_time")
    elif late:
        account = "late"
    else:
        due = [f.deadline for f in lived if f.deadline is not None][-1]
        early = not waiting and clock.local_date(lived[-1].at) < clock.local_date(due.due_at)
        account = "early" if early else "on_time"
    assert unit is not None
    assert category is not None
    assert channel is not None
    return account, unit, category, channel


def end_of(day: dt.date) -> dt.datetime:
    return clock.local_moment(day + dt.timedelta(days=1)) - dt.timedelta(microseconds=1)


def all_days() -> list[dt.date]:
    return [FIRST + dt.timedelta(days=n) for n in range(-1, DAYS + 1)]


def balances(legs: Any, day: dt.date) -> dict[Place, int]:
    """Where legs of days up to ``day`` leave the item, ``outside`` aside; zero balances left out."""
    total: Counter[Place] = Counter()
    for leg in legs:
        if leg.day <= day and leg.account != "outside":
            total[(leg.account, leg.unit, leg.category, leg.channel)] += leg.sign
    return {place: n for place, n in total.items() if n}
