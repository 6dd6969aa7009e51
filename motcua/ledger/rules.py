"""From what happened to an item to the dated moves that should stand in the journal. Pure: no database, no clock.

``timeline`` is the one place that says what a fact does to an account. Everything that looks like a correction (a
back-dated act, a late pause, a voided end, a moved deadline) is a new list of facts; ``difference`` then tells which
live legs are to be reversed and which are new. Deadlines inside facts were computed by the trade that owns the item.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.worktime.rules import Deadline

FactKind = Literal["receive", "pause", "resume", "close", "transfer", "succession", "correct", "move"]

OUTSIDE, IN_TIME, OVERDUE = "outside", "in_time", "overdue"
WAITING_IN_TIME, WAITING_OVERDUE = "waiting_in_time", "waiting_overdue"
EARLY, ON_TIME, LATE = "early", "on_time", "late"
RUNNING = (IN_TIME, OVERDUE)
WAITING = (WAITING_IN_TIME, WAITING_OVERDUE)
ENDED = (EARLY, ON_TIME, LATE)

_PAUSED = {IN_TIME: WAITING_IN_TIME, OVERDUE: WAITING_OVERDUE}
_RESUMED = {paused: running for running, paused in _PAUSED.items()}

_WORDS = {
    "receive": "tiếp nhận",
    "pause": "tạm dừng tính giờ",
    "resume": "tính giờ lại",
    "close": "kết thúc",
    "transfer": "chuyển thẩm quyền",
    "succession": "kế thừa đơn vị",
    "correct": "đổi nhóm hoặc hình thức nộp",
    "move": "dời hạn",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated thing that happened to an item, or to its unit.

    ``receive`` needs deadline, unit, category and channel; ``resume`` and ``move`` carry the deadline that holds from
    then on; ``transfer`` and ``succession`` the new unit; ``correct`` the category or channel; ``close`` the outcome.
    ``undated``: received without any deadline, because no law and no decision sets one; it is never overdue, and
    ends on time. Nothing later gives it one, so its ``resume`` carries none.
    """

    kind: FactKind
    at: dt.datetime
    deadline: Deadline | None = None
    unit: int | None = None
    category: int | None = None
    channel: str | None = None
    outcome: str = ""
    undated: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an item from a place in the books to another: two legs, −1 where it left and +1 where it came."""

    at: dt.datetime
    kind: str
    from_account: str
    to_account: str
    from_unit: int
    unit: int
    from_category: int
    category: int
    from_channel: str
    channel: str
    outcome: str = ""


# Several legs share each moment.
_local_date = lru_cache(maxsize=8192)(clock.local_date)


class Entry(NamedTuple):
    """A leg without its row: everything that two legs must share to be the same leg. Unit and category are ids."""

    at: dt.datetime
    sign: int
    account: str
    unit: int
    category: int
    channel: str
    outcome: str
    kind: str

    @property
    def day(self) -> dt.date:
        """The date of ``at`` in Viet Nam."""
        return _local_date(self.at)


def timeline(facts: Sequence[Fact]) -> list[Move]:
    """The moves that should exist, crossings still to come included. ``facts`` in order of ``at``, ties as given.

    No facts (a voided acceptance): no moves. A sequence that cannot have happened (an answer where nothing was asked,
    anything but a succession after the end) raises :class:`IllegalAct` naming the fact; a fact that lacks what its kind
    needs is the caller's mistake and raises ``ValueError``.
    """
    if not facts:
        return []
    walk = _Walk(facts[0])
    crossings = _crossings(facts)
    previous = facts[0].at
    walk.expect_crossing(crossings[0])
    for fact, crossing in zip(facts[1:], crossings[1:], strict=True):
        if fact.at < previous:
            raise _illegal(fact, f"việc trước đó xảy ra lúc {_said(previous)}")
        previous = fact.at
        walk.cross_before(fact)
        walk.apply(fact, crossing)
    walk.cross_before(None)
    return walk.moves


def _crossings(facts: Sequence[Fact]) -> list[dt.datetime | None]:
    """For each fact that sets a deadline, the moment that deadline is crossed, as later moves leave it.

    A deadline moved out after it had passed was, by that decision, never passed: the crossing is reversed on its own
    day. So a ``move`` lifts every deadline before it that lies earlier; it never pulls one in (a shortened term counts
    from the decision on, it makes nobody late for the days before).
    """
    found: list[dt.datetime | None] = [None] * len(facts)
    lifted: dt.datetime | None = None
    for index in range(len(facts) - 1, -1, -1):
        fact = facts[index]
        if fact.deadline is None:
            continue
        own = fact.deadline.crossing
        found[index] = own if lifted is None else max(own, lifted)
        if fact.kind == "move":
            lifted = found[index]
    return found


class _Walk:
    """Where the item stands while its facts are read in order."""

    def __init__(self, first: Fact):
        if first.kind != "receive":
            raise _illegal(first, "chưa có việc tiếp nhận nào trước đó")
        if (
            (first.deadline is None) is not first.undated
            or first.unit is None
            or first.category is None
            or not first.channel
        ):
            raise ValueError("receive needs deadline, unit, category and channel")
        self.account = IN_TIME
        self.unit, self.category, self.channel = first.unit, first.category, first.channel
        self.deadline = first.deadline
        self.since = first.at
        self.undated = first.undated
        self.crossing: dt.datetime | None = None
        self.moves = [
            Move(
                first.at, "receive", OUTSIDE, IN_TIME,
                self.unit, self.unit, self.category, self.category, self.channel, self.channel,
            )
        ]  # fmt: skip

    def expect_crossing(self, crossing: dt.datetime | None) -> None:
        """From now on the deadline runs; one already passed when it begins to run is crossed at once, not before."""
        if self.undated:
            return
        if crossing is None:
            raise ValueError("a running deadline needs a crossing")
        self.crossing = max(crossing, self.since)

    def cross_before(self, fact: Fact | None) -> None:
        """Post the crossing that comes before ``fact`` (None: the end); a succession at the same instant goes first."""
        if self.account != IN_TIME or self.crossing is None:
            return
        if fact is not None and (self.crossing > fact.at or (self.crossing == fact.at and fact.kind == "succession")):
            return
        self._go(self.crossing, "cross", OVERDUE)

    def apply(self, fact: Fact, crossing: dt.datetime | None) -> None:
        if self.account in ENDED:
            if fact.kind == "succession":
                return  # what has ended stays where it ended
            raise _illegal(fact, "đầu việc đã kết thúc")
        self.since = fact.at
        match fact.kind:
            case "pause":
                if self.account not in _PAUSED:
                    raise _illegal(fact, "đầu việc đang tạm dừng rồi")
                self._go(fact.at, "pause", _PAUSED[self.account])
            case "resume":
                if self.account not in _RESUMED:
                    raise _illegal(fact, "đầu việc không tạm dừng")
                self._replace_deadline(fact)
                self._go(fact.at, "resume", _RESUMED[self.account])
                self.expect_crossing(crossing)
            case "move":
                self._replace_deadline(fact)
                self.expect_crossing(crossing)
            case "close":
                if not fact.outcome:
                    raise ValueError("close needs an outcome")
                self._go(fact.at, "close", self._class_of_end(fact.at), fact.outcome)
            case "transfer" | "succession":
                if fact.unit is None:
                    raise ValueError(f"{fact.kind} needs the new unit")
                self._stand(fact.at, fact.kind, unit=fact.unit)
            case "correct":
                if fact.category is None and fact.channel is None:
                    raise ValueError("correct needs a category or a channel")
                self._stand(
                    fact.at,
                    "correct",
                    category=self.category if fact.category is None else fact.category,
                    channel=fact.channel or self.channel,
                )
            case _:
                raise _illegal(fact, "đầu việc đã được tiếp nhận trước đó")

    def _replace_deadline(self, fact: Fact) -> None:
        if self.undated and fact.deadline is None and fact.kind == "resume":
            return
        if self.undated:
            raise _illegal(fact, "đầu việc không có thời hạn")
        if fact.deadline is None:
            raise ValueError(f"{fact.kind} needs the deadline that holds from then on")
        self.deadline = fact.deadline

    def _class_of_end(self, at: dt.datetime) -> str:
        """Early is a calendar day before the due date; ended while waiting is never early; lateness is never cured."""
        if self.account in (OVERDUE, WAITING_OVERDUE):
            return LATE
        if self.account == IN_TIME and self.deadline and clock.local_date(at) < self.deadline.due_date:
            return EARLY
        return ON_TIME

    def _go(self, at: dt.datetime, kind: str, to_account: str, outcome: str = "") -> None:
        self.moves.append(
            Move(
                at, kind, self.account, to_account,
                self.unit, self.unit, self.category, self.category, self.channel, self.channel, outcome,
            )
        )  # fmt: skip
        self.account = to_account

    def _stand(
        self,
        at: dt.datetime,
        kind: str,
        *,
        unit: int | None = None,
        category: int | None = None,
        channel: str | None = None,
    ) -> None:
        """The same account elsewhere. Where it already stands there moves nothing."""
        new_unit = self.unit if unit is None else unit
        new_category = self.category if category is None else category
        new_channel = self.channel if channel is None else channel
        if (new_unit, new_category, new_channel) == (self.unit, self.category, self.channel):
            return
        self.moves.append(
            Move(
                at, kind, self.account, self.account,
                self.unit, new_unit, self.category, new_category, self.channel, new_channel,
            )
        )  # fmt: skip
        self.unit, self.category, self.channel = new_unit, new_category, new_channel


def with_successions(
    facts: Sequence[Fact], path: Callable[[int, dt.date], Iterable[tuple[dt.date, int]]]
) -> list[Fact]:
    """The same facts with the successions of the units the item stands in, at 00:00 of their day.

    ``path(unit, day)`` tells what became of what that unit held on that day: ``[(day, new unit), …]`` in order, the
    item's territory already considered. A transfer takes the item out of one unit's history and into another's.
    """
    result: list[Fact] = []
    coming: list[Fact] = []
    for fact in facts:
        while coming and coming[0].at <= fact.at:
            result.append(coming.pop(0))
        result.append(fact)
        if fact.kind in ("receive", "transfer") and fact.unit is not None:
            steps = path(fact.unit, clock.local_date(fact.at))
            coming = [Fact("succession", clock.local_moment(day), unit=unit) for day, unit in steps]
    return result + coming


def entries(moves: Iterable[Move]) -> list[Entry]:
    """The legs of the moves, two each, in order."""
    legs: list[Entry] = []
    for m in moves:
        legs.append(Entry(m.at, -1, m.from_account, m.from_unit, m.from_category, m.from_channel, "", m.kind))
        legs.append(Entry(m.at, 1, m.to_account, m.unit, m.category, m.channel, m.outcome, m.kind))
    return legs


def difference(live: Sequence[Entry], wanted: Sequence[Entry]) -> tuple[list[int], list[Entry]]:
    """What turns the live legs into the wanted ones: positions in ``live`` to reverse, and the legs to add.

    A multiset difference: of legs that are alike the earliest stay. Both answers keep their order.
    """
    keep: defaultdict[Entry, deque[int]] = defaultdict(deque)
    for position, entry in enumerate(live):
        keep[entry].append(position)
    new: list[Entry] = []
    for entry in wanted:
        if found := keep.get(entry):
            found.popleft()
        else:
            new.append(entry)
    return sorted(position for left in keep.values() for position in left), new


def reversal(entry: Entry) -> Entry:
    """The same leg with the opposite sign: same kind, place, outcome and day."""
    return entry._replace(sign=-entry.sign)


def _said(at: dt.datetime) -> str:
    return f"{clock.local(at):%H:%M %d/%m/%Y}"


def _illegal(fact: Fact, why: str) -> IllegalAct:
    return IllegalAct(f"Không thể ghi «{_WORDS.get(fact.kind, fact.kind)}» lúc {_said(fact.at)}: {why}.")
