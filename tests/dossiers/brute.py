"""A dossier's acts read the slow way: no code of the product's state machine, timelines or calculator is used here.

June and July 2023, in which Viet Nam has no holiday: a working day is a weekday, its hours 07:30–11:30 and 13:00–17:00.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

ZONE = dt.timezone(dt.timedelta(hours=7))
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


class Refused(Exception):
    """What the office's rules do not admit."""


# ---- days and minutes ------------------------------------------------------------------------------------------------


def local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(ZONE)


def works(day: dt.date) -> bool:
    return day.weekday() < 5


def days_later(day: dt.date, n: int) -> dt.date:
    while n:
        day += DAY
        n -= works(day)
    return day


def days_between(after: dt.date, to: dt.date) -> int:
    n = 0
    while after < to:
        after += DAY
        n += works(after)
    return n


def is_open(moment: dt.datetime) -> bool:
    """Is the minute that begins here an office minute?"""
    at = moment.hour * 60 + moment.minute
    return works(moment.date()) and (450 <= at < 690 or 780 <= at < 1020)


def minutes_later(moment: dt.datetime, n: int) -> dt.datetime:
    """The end of the n-th office minute from ``moment`` on."""
    at = moment.replace(second=0, microsecond=0)
    while n:
        n -= is_open(at)
        at += MINUTE
    return at


def minutes_between(a: dt.datetime, b: dt.datetime) -> int:
    at, end, n = a.replace(second=0, microsecond=0), b.replace(second=0, microsecond=0), 0
    while at < end:
        n += is_open(at)
        at += MINUTE
    return n


@dataclass(frozen=True)
class Limit:
    """A deadline: a local moment, and whether the whole day counts."""

    at: dt.datetime
    by_day: bool

    @property
    def crossed(self) -> dt.datetime:
        if self.by_day:
            return dt.datetime.combine(self.at.date() + DAY, dt.time(), ZONE)
        return self.at + MINUTE


def five_o_clock(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(17), ZONE)


@dataclass(frozen=True)
class Kind:
    """A term: so many working days or office minutes, or the same day."""

    unit: str  # days, minutes, same_day
    n: int = 0

    def starts(self, at: dt.datetime) -> dt.datetime:
        """From when the clock of a term in minutes runs."""
        if self.unit == "same_day" and not (works(at.date()) and at.time() <= dt.time(15)):
            return dt.datetime.combine(days_later(at.date(), 1), dt.time(7, 30), ZONE)
        return at

    def due(self, received: dt.datetime) -> Limit:
        at = local(received)
        if self.unit == "days":
            return Limit(five_o_clock(days_later(at.date(), self.n)), True)
        if self.unit == "minutes":
            return Limit(minutes_later(at, self.n), False)
        return Limit(five_o_clock(self.starts(at).date()), False)

    def after_wait(self, limit: Limit, since: dt.datetime, until: dt.datetime, received: dt.datetime) -> Limit:
        if local(since) >= limit.crossed:
            return limit
        if self.unit == "days":
            n = days_between(local(since).date(), local(until).date())
            return Limit(five_o_clock(days_later(limit.at.date(), n)), True) if n else limit
        began = max(local(since), self.starts(local(received)))
        n = minutes_between(began, local(until)) if began < local(until) else 0
        return Limit(minutes_later(limit.at, n), False) if n else limit


def moved(limit: Limit, days: int) -> Limit:
    day = days_later(limit.at.date(), days)
    if limit.by_day:
        return Limit(five_o_clock(day), True)
    at = dt.datetime.combine(day, limit.at.time(), ZONE)
    while not is_open(at - MINUTE) and at.time() > dt.time(7, 30):
        at -= MINUTE
    return Limit(at, False)


# ---- the log ---------------------------------------------------------------------------------------------------------


@dataclass
class Done:
    """One act as it was acknowledged."""

    act: str
    at: dt.datetime
    told: dict[str, Any] = field(default_factory=dict)
    intake: bool = False
    seq: int = 0
    voids: "Done | None" = None
    corrects: "Done | None" = None


@dataclass(frozen=True)
class Rules:
    """What was promised, and the parameters of law."""

    term: Kind
    restart: bool = False
    by_appointment: bool = False
    check: Kind = Kind("minutes", 480)  # of a filing
    merged: tuple[tuple[int, int], ...] = ()  # unit, its successor
    merger: dt.date = dt.date.max

    def successor(self, unit: int | None, since: dt.datetime, until: dt.date) -> int | None:
        """What a unit of ``since`` has become by the end of ``until``, if anything."""
        if local(since).date() < self.merger <= until:
            return dict(self.merged).get(unit) if unit is not None else None
        return None


WORKING = {"received", "processing"}
WAITING = {"waiting_supplement", "waiting_payment", "suspended"}
UNSIGNED = WORKING | WAITING | {"proposed"}
PENDING = UNSIGNED | {"approved"}
FILED = {"submitted", "intake_waiting"}
ADMITS: dict[str, set[str]] = {
    "submit": {""},
    "receive": {"", "submitted"},
    "receive_and_resolve": {"", "submitted"},
    "refuse_intake": FILED,
    "request_supplement": WORKING | {"submitted"},
    "supplement_received": {"waiting_supplement", "intake_waiting"},
    "pause": WORKING,
    "resume": {"waiting_payment", "suspended"},
    "forward": WORKING,
    "transfer": WORKING | WAITING,
    "send_part": WORKING,
    "part_returned": PENDING | {"returned", "stopped", "withdrawn"},
    "propose": WORKING,
    "return_for_correction": {"proposed", "approved"},
    "approve": {"proposed"},
    "resolve": WORKING | {"approved"},
    "return_dossier": UNSIGNED,
    "stop": UNSIGNED,
    "withdraw": UNSIGNED | FILED,
    "apologise": PENDING,
    "move_due": PENDING,
    "reclassify": PENDING,
    "hand_over": {"result_ready", "refused", "returned", "stopped", "withdrawn"},
}
ENDS = {"resolve", "return_dossier", "stop", "withdraw"}


@dataclass
class Mark:
    """Something that happened to an item of a book, for :meth:`Track.stands`."""

    at: dt.datetime
    kind: str
    limit: Limit | None = None
    unit: int | None = None
    channel: str = ""
    outcome: str = ""


class Track:
    """What happened to one item, asked instant by instant where it stands."""

    def __init__(self, rules: Rules):
        self.rules, self.marks = rules, list[Mark]()

    def add(self, at: dt.datetime, kind: str, **more: Any) -> None:
        self.marks.append(Mark(at, kind, **more))

    def _crossing(self, index: int) -> dt.datetime:
        """When the limit in force after mark ``index`` is crossed, later decisions considered."""
        own = [m.limit for m in self.marks[: index + 1] if m.limit][-1]
        later = [m.limit for m in self.marks[index + 1 :] if m.kind == "move" and m.limit]
        return max(limit.crossed for limit in [own, *later])

    def stands(self, t: dt.datetime) -> tuple[str, int, str, str] | None:
        """Account, unit, channel and outcome at an instant; None while it is in no book."""
        if not self.marks or t < self.marks[0].at:
            return None
        unit, channel, outcome, since = 0, "", "", self.marks[0].at
        late = waiting = ended = False
        account = ""
        for index, mark in enumerate(self.marks):
            if mark.at > t:
                break
            if index and not (late or waiting or ended) and mark.at >= self._crossing(index - 1):
                late = True
            if mark.kind in ("receive", "transfer"):
                if mark.kind == "receive":
                    channel = mark.channel
                unit, since = mark.unit or 0, mark.at
            elif mark.kind == "pause":
                waiting = True
            elif mark.kind == "resume":
                waiting = False
            elif mark.kind == "channel":
                channel = mark.channel
            elif mark.kind == "close":
                ended, outcome = True, mark.outcome
                limit = [m.limit for m in self.marks[: index + 1] if m.limit][-1]
                if late:
                    account = "late"
                elif not waiting and local(mark.at).date() < limit.at.date():
                    account = "early"
                else:
                    account = "on_time"
                break
        else:
            index = len(self.marks)
        last = t if not ended else self.marks[index].at
        new = self.rules.successor(unit, since, local(last).date())
        unit = unit if new is None else new
        if ended:
            return account, unit, channel, outcome
        if not (late or waiting) and t >= self._crossing(index - 1):
            late = True
        return ("waiting_" if waiting else "") + ("overdue" if late else "in_time"), unit, channel, ""

    def instants(self) -> Iterable[dt.datetime]:
        """The moments at which something may change."""
        for index, mark in enumerate(self.marks):
            yield mark.at
            if mark.limit:
                yield mark.limit.crossed
                yield self._crossing(index)
        if self.rules.merged:
            yield dt.datetime.combine(self.rules.merger, dt.time(), ZONE)


# ---- reading ---------------------------------------------------------------------------------------------------------


class Reading:
    """What a log amounts to: raises :class:`Refused` at the first act that cannot follow the ones before."""

    def __init__(self, rules: Rules, acts: Sequence[Done]):
        self.rules = rules
        self.state, self.before = "", ""
        self.last: dt.datetime | None = None
        self.due: Limit | None = None
        self.appointed: Limit | None = None
        self.regulation: Limit | None = None
        self.received: dt.datetime | None = None
        self.ended: dt.datetime | None = None
        self.handed: dt.datetime | None = None
        self.outcome, self.channel = "", ""
        self.waiting: tuple[dt.datetime, str] | None = None  # since, why
        self.rounds = self.apologies = 0
        self.unit: int | None = None
        self.holder: int | None = None
        self.holder_unit: int | None = None
        self.held: dt.datetime | None = None
        self.parts: set[int] = set()
        self.book, self.filing = Track(rules), Track(rules)
        for act in acts:
            self._read(act)

    @property
    def limit(self) -> Limit | None:
        """The one that decides early, on time or late."""
        return self.appointed if self.rules.by_appointment and self.book.marks else self.due

    @property
    def clock_stopped(self) -> bool:
        return self.waiting is not None and self.waiting[1] in ("supplement", "payment", "law")

    def _hold(self, act: Done) -> None:
        self.holder, self.holder_unit = act.told["place"]
        self.held = act.at

    def _read(self, act: Done) -> None:
        if self.state not in ADMITS[act.act] or (self.last is not None and act.at < self.last):
            raise Refused(act.act)
        if self.received is None and not act.intake and act.act not in ("receive", "receive_and_resolve"):
            raise Refused("stands on no acceptance")
        getattr(self, f"_{act.act}")(act)
        self.last = act.at

    def _submit(self, act: Done) -> None:
        self.state, self.unit, self.channel = "submitted", act.told["unit"], act.told["channel"]
        self.due = self.rules.check.due(act.at)
        self.filing.add(act.at, "receive", limit=self.due, unit=self.unit, channel=self.channel)
        self.submitted = act.at

    def _receive(self, act: Done) -> None:
        if self.state == "submitted":
            self.filing.add(act.at, "close", outcome="accepted")
        self.state, self.unit, self.channel = "received", act.told["unit"], act.told["channel"]
        self._hold(act)
        self.received = act.at
        self.due = self.appointed = self.regulation = self.rules.term.due(act.at)
        self.book.add(act.at, "receive", limit=self.due, unit=self.unit, channel=self.channel)

    def _receive_and_resolve(self, act: Done) -> None:
        self._receive(act)
        self._end(act, "granted", "handed_over")
        self.handed = act.at

    def _end(self, act: Done, outcome: str, state: str) -> None:
        self.book.add(act.at, "close", outcome=outcome)
        self.ended, self.outcome, self.state, self.waiting = act.at, outcome, state, None

    def _refuse_intake(self, act: Done) -> None:
        self.filing.add(act.at, "close", outcome="refused")
        self.ended, self.state, self.waiting = act.at, "refused_intake", None

    def _request_supplement(self, act: Done) -> None:
        self.rounds += 1
        self._wait(act, "supplement", "intake_waiting" if self.state == "submitted" else "waiting_supplement")

    def _pause(self, act: Done) -> None:
        why = act.told["why"]
        self._wait(act, why, "waiting_payment" if why == "payment" else "suspended")

    def _wait(self, act: Done, why: str, state: str) -> None:
        track = self.filing if self.state == "submitted" else self.book
        self.before, self.state, self.waiting = self.state, state, (act.at, why)
        if self.clock_stopped:
            track.add(act.at, "pause")

    def _supplement_received(self, act: Done) -> None:
        assert self.waiting
        if self.state == "intake_waiting":
            assert self.due
            self.due = self.rules.check.after_wait(self.due, self.waiting[0], act.at, self.submitted)
            self.filing.add(act.at, "resume", limit=self.due)
            self.state, self.waiting = self.before, None
        else:
            self._resume(act)

    def _resume(self, act: Done) -> None:
        assert self.waiting
        assert self.received
        assert self.limit
        since, why = self.waiting
        if self.clock_stopped:
            if local(since) < self.limit.crossed:
                anew = self.rules.restart and why == "supplement"
                for name in ("due", "appointed", "regulation"):
                    limit = getattr(self, name)
                    if anew and local(since) < limit.crossed:
                        # Never before what a decision or an apology had granted.
                        setattr(self, name, max(self.rules.term.due(act.at), limit, key=lambda each: each.crossed))
                    elif not anew:
                        setattr(self, name, self.rules.term.after_wait(limit, since, act.at, self.received))
            self.book.add(act.at, "resume", limit=self.limit)
        self.state, self.waiting = self.before, None

    def _forward(self, act: Done) -> None:
        self._hold(act)
        self.state = "processing"

    def _transfer(self, act: Done) -> None:
        self._hold(act)
        self.unit = act.told["unit"]
        self.book.add(act.at, "transfer", unit=self.unit)

    def _send_part(self, act: Done) -> None:
        self.parts.add(act.told["number"])
        self.state = "processing"

    def _part_returned(self, act: Done) -> None:
        if act.told["number"] not in self.parts:
            raise Refused("part")
        self.parts.discard(act.told["number"])

    def _propose(self, act: Done) -> None:
        self._hold(act)
        self.state = "proposed"

    def _return_for_correction(self, act: Done) -> None:
        self._hold(act)
        self.state = "processing"

    def _approve(self, act: Done) -> None:
        self._hold(act)
        self.state = "approved"

    def _resolve(self, act: Done) -> None:
        if self.parts:
            raise Refused("open part")
        outcome = act.told["outcome"]
        self._end(act, outcome, "result_ready" if outcome == "granted" else "refused")

    def _return_dossier(self, act: Done) -> None:
        self._end(act, "returned", "returned")

    def _stop(self, act: Done) -> None:
        self._end(act, "stopped", "stopped")

    def _withdraw(self, act: Done) -> None:
        if self.state in FILED:
            self.filing.add(act.at, "close", outcome="withdrawn")
            self.ended, self.outcome, self.state, self.waiting = act.at, "withdrawn", "withdrawn", None
        else:
            self._end(act, "withdrawn", "withdrawn")

    def _apologise(self, act: Done) -> None:
        assert self.appointed
        self.apologies += 1
        if self.apologies == 1 and local(act.at) < self.appointed.crossed:
            self.appointed = Limit(five_o_clock(act.told["day"]), self.appointed.by_day)
            if self.rules.by_appointment:
                self.book.add(act.at, "move", limit=self.appointed)

    def _move_due(self, act: Done) -> None:
        assert self.due
        assert self.appointed
        self.due, self.appointed = moved(self.due, act.told["days"]), moved(self.appointed, act.told["days"])
        self.book.add(act.at, "move", limit=self.limit)

    def _reclassify(self, act: Done) -> None:
        self.channel = act.told["channel"]
        self.book.add(act.at, "channel", channel=self.channel)

    def _hand_over(self, act: Done) -> None:
        if self.handed is not None:
            raise Refused("handed over twice")
        self.handed = act.at
        if self.state == "result_ready":
            self.state = "handed_over"

    # ---- on a day ---------------------------------------------------------------------------------------------------

    def unit_on(self, day: dt.date) -> int | None:
        track = self.book if self.book.marks else self.filing
        stands = track.stands(dt.datetime.combine(day + DAY, dt.time(), ZONE) - dt.timedelta(microseconds=1))
        return stands[1] if stands else None

    def place_on(self, day: dt.date) -> tuple[int | None, int | None]:
        """Who holds it, and in which unit."""
        if self.held is None:
            return None, None
        new = self.rules.successor(
            self.holder_unit, self.held, min(day, local(self.ended).date()) if self.ended else day
        )
        return (self.holder, self.holder_unit) if new is None else (None, new)


def standing(log: Sequence[Done]) -> list[Done]:
    """What stands of a log: voided acts left out, the acceptance as last corrected."""
    gone = [done.voids for done in log if done.voids is not None]
    kept = []
    for done in log:
        if done.voids is not None or done.corrects is not None or any(done is g for g in gone):
            continue
        said = done
        for later in log:
            if later.corrects is done:
                said = Done(done.act, later.at, {**said.told, **later.told}, done.intake, done.seq)
        kept.append(said)
    return kept


def reading(rules: Rules, log: Sequence[Done]) -> Reading:
    return Reading(rules, standing(log))
