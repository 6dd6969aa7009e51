"""What a dossier's acts amount to: its state, its dates, and the facts for its timeline. Pure.

A :class:`Walk` applies the acts of one dossier in order. Every verb replays the acts that stand (voided ones left
out) together with the new one, so that a voided act, a corrected acceptance or a late entry needs no code of its own.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.dossiers.states import BACK, END_OUTCOMES, MOVES_ENDED, STOPS_CLOCK, TABLE, Act, Outcome, PauseReason, State
from motcua.ledger.rules import Fact
from motcua.worktime import rules as worktime
from motcua.worktime.rules import Deadline, StartRule, Term, TermUnit, WorkCalendar

# What becomes of the work a unit holds on a day: the later successions, in order.
Path = Callable[[int, dt.date], Sequence[tuple[dt.date, int]]]


@dataclass(frozen=True, slots=True)
class Contract:
    """What was promised at acceptance and does not change: calendar, terms, and the law's parameters of that day."""

    calendar: WorkCalendar
    term: Term | None  # as promised (cut); None when the due date comes from another system
    regulation_term: Term | None
    restart_on_supplement: bool = False
    class_by_appointment: bool = False
    apology_limit: int = 1
    appointment: dt.time = dt.time(17)
    intake_calendar: WorkCalendar | None = None
    intake_term: Term | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded act that stands. ``facts`` is the event's own: dates as ISO text, ids and enumerations."""

    seq: int
    act: Act
    at: dt.datetime
    facts: dict[str, Any] = field(default_factory=dict)


def moment(text: str) -> dt.datetime:
    """A moment as kept in an event's facts."""
    return dt.datetime.fromisoformat(text)


def units_of(facts: dict[str, Any]) -> set[int]:
    """The accountable units an act names; a corrected acceptance names its own. Their successions matter."""
    return {unit for unit in (facts.get("unit"), facts.get("acceptance", {}).get("unit")) if unit}


def text_of(deadline: Deadline | None) -> list[str] | None:
    """A deadline as kept in an event's facts."""
    return None if deadline is None else [deadline.due_at.astimezone(dt.UTC).isoformat(), deadline.grain]


def term_text(term: Term | None) -> list[str] | None:
    """A term as kept in an event's facts."""
    return None if term is None else [str(term.value), term.unit.value, term.start_rule.value]


def term_of(value: Sequence[str] | None) -> Term | None:
    """The reverse of :func:`term_text`."""
    return Term(Decimal(value[0]), TermUnit(value[1]), StartRule(value[2])) if value else None


def deadline_of(value: Sequence[str] | None) -> Deadline | None:
    """The reverse of :func:`text_of`."""
    return None if not value else Deadline(moment(value[0]), value[1])  # type: ignore[arg-type]


class Walk:
    """The dossier after some acts. ``apply`` refuses an act its state does not admit and changes nothing then."""

    def __init__(self, contract: Contract):
        self.contract = contract
        self.state: State | None = None
        self._before_wait: State | None = None
        self._paused: tuple[dt.datetime, bool, bool] | None = None  # since, stops the clock, restarts the term
        self.due: Deadline | None = None
        self.appointed: Deadline | None = None
        self.regulation: Deadline | None = None
        self.received_at: dt.datetime | None = None
        self.last_at: dt.datetime | None = None
        self.ended_at: dt.datetime | None = None
        self.handed_over_at: dt.datetime | None = None
        self.outcome: Outcome | None = None
        self.rounds = 0
        self.apologies = 0
        self.unit: int | None = None
        self.category: int | None = None
        self.channel: str | None = None
        self.holder: int | None = None
        self.holder_unit: int | None = None
        self.held_since: dt.datetime | None = None
        self.step: int | None = None
        self.step_due_at: dt.datetime | None = None
        self.open_parts: set[int] = set()
        self.facts: list[Fact] = []
        self.intake_facts: list[Fact] = []
        # Most acts move no date: what the last event said of them is said again.
        self._dates: tuple[tuple[Deadline | None, ...], dict[str, list[str] | None]] | None = None

    # ---- reading ----------------------------------------------------------------------------------------------------

    @property
    def class_deadline(self) -> Deadline | None:
        """The deadline that decides early, on time or late."""
        return self.appointed if self.contract.class_by_appointment else self.due

    @property
    def waiting_since(self) -> dt.datetime | None:
        return self._paused[0] if self._paused else None

    @property
    def clock_stopped(self) -> bool:
        return bool(self._paused and self._paused[1])

    def place(self, path: Path, day: dt.date) -> tuple[int | None, int | None]:
        """Who holds it and in which unit on a day (once ended, as on its last).

        Whoever held it in a unit that is no more holds it no longer: the successor hands it out anew.
        """
        if self.holder_unit is None or self.held_since is None:
            return self.holder, self.holder_unit
        if self.ended_at is not None:
            day = min(day, clock.local_date(self.ended_at))
        since = clock.local_date(self.held_since)
        coming = [unit for when, unit in path(self.holder_unit, since) if when <= day] if since < day else []
        return (None, coming[-1]) if coming else (self.holder, self.holder_unit)

    def dates(self) -> dict[str, list[str] | None]:
        """The three dates as an event stores them."""
        now = (self.due, self.appointed, self.regulation)
        if self._dates is None or self._dates[0] != now:
            due, appointed, regulation = map(text_of, now)
            self._dates = (now, {"due": due, "appointed": appointed, "regulation": regulation})
        return self._dates[1]

    # ---- acting -----------------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        """Apply one act; IllegalAct when the state does not admit it or its time precedes the last act."""
        of_ended = entry.act is Act.MOVE_DUE and entry.facts.get("ended")
        targets = MOVES_ENDED if of_ended else TABLE[entry.act]
        # An act in the dossier's own book stands on an acceptance, never on a filing alone.
        unaccepted = entry.seq > 0 and self.received_at is None and entry.act not in _ACCEPTING
        if self.state not in targets or unaccepted:
            where = self.state.label if self.state else "chưa có hồ sơ"
            raise IllegalAct(
                f"Không thể «{entry.act.label}» khi hồ sơ ở trạng thái «{where}».", code=f"illegal_{entry.act.value}"
            )
        if self.last_at is not None and entry.at < self.last_at:
            raise IllegalAct(
                f"«{entry.act.label}» ghi lúc {clock.local(entry.at):%H:%M %d/%m/%Y}, trước việc gần nhất của hồ sơ "
                f"({clock.local(self.last_at):%H:%M %d/%m/%Y}). Hãy ghi thời điểm sau việc đó.",
                code="before_last_act",
                field="occurred_at",
            )
        target = targets[self.state]
        _HANDLERS[entry.act](self, entry)
        if target is not BACK and entry.act not in _OWN_TARGET:
            self.state = State(target)
        self.last_at = entry.at

    def _hold(self, e: Entry, holder: int | None, unit: int | None) -> None:
        self.holder, self.holder_unit, self.held_since = holder, unit, e.at

    def _intake(self) -> tuple[WorkCalendar, Term]:
        """Calendar and term of the check of an online filing; they are those of its submission."""
        contract = self.contract
        if contract.intake_term is None:
            raise IllegalAct("Bộ quy định chưa có thời hạn kiểm tra hồ sơ nộp trực tuyến.", code="no_intake_term")
        return contract.intake_calendar or contract.calendar, contract.intake_term

    def _submit(self, e: Entry) -> None:
        calendar, term = self._intake()
        self.unit, self.category, self.channel = e.facts["unit"], e.facts["category"], e.facts["channel"]
        deadline = worktime.due(calendar, term, e.at, appointment=self.contract.appointment)
        self.due = deadline
        self.intake_facts.append(
            Fact("receive", e.at, deadline, unit=self.unit, category=self.category, channel=self.channel)
        )

    def _receive(self, e: Entry) -> None:
        if self.state is State.SUBMITTED:
            self.intake_facts.append(Fact("close", e.at, outcome="accepted"))
        facts = e.facts
        self.unit, self.category, self.channel = facts["unit"], facts["category"], facts["channel"]
        self._hold(e, facts.get("holder"), facts.get("holder_unit"))
        self.step = facts.get("step")
        self.step_due_at = moment(facts["step_due"]) if facts.get("step_due") else None
        self.received_at = e.at
        contract = self.contract
        # A due date given by another system is kept, never recomputed.
        given = deadline_of(facts.get("given_due"))
        undated = given is None and bool(facts.get("pins", {}).get("no_term"))
        if given is None and not undated:
            if contract.term is None:
                raise IllegalAct("Thủ tục chưa có thời hạn giải quyết, không thể tiếp nhận.", code="no_term")
            given = worktime.due(contract.calendar, contract.term, e.at, appointment=contract.appointment)
        self.due = self.appointed = given
        self.regulation = (
            worktime.due(contract.calendar, contract.regulation_term, e.at, appointment=contract.appointment)
            if contract.regulation_term
            else given
        )
        self.facts.append(
            Fact(
                "receive", e.at, self.class_deadline,
                unit=self.unit, category=self.category, channel=self.channel, undated=undated,
            )
        )  # fmt: skip

    def _receive_and_resolve(self, e: Entry) -> None:
        self._receive(e)
        self._end(e, Outcome(e.facts.get("outcome", Outcome.GRANTED)))
        self.handed_over_at = e.at

    def _refuse_intake(self, e: Entry) -> None:
        self.intake_facts.append(Fact("close", e.at, outcome="refused"))
        self.ended_at = e.at
        self._paused = None

    def _request_supplement(self, e: Entry) -> None:
        self.rounds += 1
        self._before_wait = self.state
        if self.state is State.SUBMITTED:
            self._paused = (e.at, True, False)
            self.intake_facts.append(Fact("pause", e.at))
            return
        self._pause(e, stops=True, restarts=self.contract.restart_on_supplement)

    def _supplement_received(self, e: Entry) -> None:
        if self.state is State.INTAKE_WAITING:
            calendar, term = self._intake()
            if self.due is None or self._paused is None:
                raise IllegalAct("Hồ sơ không chờ bổ sung.", code="not_paused")
            self.due = worktime.after_pause(
                calendar,
                term,
                self.due,
                self._paused[0],
                e.at,
                received_at=self.intake_facts[0].at,
                restart=False,
                appointment=self.contract.appointment,
            )
            self._paused = None
            self.intake_facts.append(Fact("resume", e.at, self.due))
            return
        self._resume(e)

    def _pause_for_reason(self, e: Entry) -> None:
        reason = PauseReason(e.facts["reason"])
        self._before_wait = self.state
        self._pause(e, stops=STOPS_CLOCK[reason], restarts=False)
        self.state = State.WAITING_PAYMENT if reason is PauseReason.PAYMENT else State.SUSPENDED

    def _pause(self, e: Entry, *, stops: bool, restarts: bool) -> None:
        self._paused = (e.at, stops, restarts)
        if stops:
            self.facts.append(Fact("pause", e.at))

    def _resume(self, e: Entry) -> None:
        if self._paused is None or self._before_wait is None:
            raise IllegalAct("Hồ sơ không tạm dừng nên không thể tính giờ lại.", code="not_paused")
        since, stops, restarts = self._paused
        if stops:
            deadline = self.class_deadline
            # A pause begun when the deadline had passed moves no date, or pausing would cure lateness.
            if deadline is not None and since < deadline.crossing:
                self.due = self._after_pause(self.due, self.contract.term, since, e.at, restarts)
                self.appointed = self._after_pause(self.appointed, self.contract.term, since, e.at, restarts)
                self.regulation = self._after_pause(
                    self.regulation, self.contract.regulation_term or self.contract.term, since, e.at, restarts
                )
            if self.step_due_at is not None:
                # Nobody's step may run out while the office waits for the applicant.
                step = self._after_pause(Deadline(self.step_due_at, "minute"), None, since, e.at, False)
                self.step_due_at = step.due_at if step else None
            self.facts.append(Fact("resume", e.at, self.class_deadline))
        self._paused = None
        self.state, self._before_wait = self._before_wait, None

    def _after_pause(
        self, deadline: Deadline | None, term: Term | None, since: dt.datetime, until: dt.datetime, restart: bool
    ) -> Deadline | None:
        if deadline is None:
            return None
        # A dossier of another system has no term of ours: its date moves as a term in days or hours does, by its grain.
        unit = worktime.TermUnit.WORKING_DAY if deadline.grain == "day" else worktime.TermUnit.WORKING_HOUR
        term_or_like = term or Term(1, unit, worktime.USUAL_START[unit])
        after = worktime.after_pause(
            self.contract.calendar,
            term_or_like,
            deadline,
            since,
            until,
            received_at=self.received_at or since,
            restart=restart and term is not None,
            appointment=self.contract.appointment,
        )
        # What begins anew takes back no day that a decision or an apology has granted.
        return max(after, deadline, key=lambda each: each.crossing)

    def _forward(self, e: Entry) -> None:
        self._hold(e, e.facts.get("holder"), e.facts.get("holder_unit"))
        self.step = e.facts.get("step")
        self.step_due_at = moment(e.facts["step_due"]) if e.facts.get("step_due") else None

    def _reassign(self, e: Entry) -> None:
        self._hold(e, e.facts["holder"], e.facts.get("holder_unit"))

    def _transfer(self, e: Entry) -> None:
        self.unit = e.facts["unit"]
        self._hold(e, None, self.unit)
        self.step = self.step_due_at = None
        self.facts.append(Fact("transfer", e.at, unit=self.unit))

    def _send_part(self, e: Entry) -> None:
        self.open_parts.add(e.facts["part"])

    def _part_returned(self, e: Entry) -> None:
        if e.facts["part"] not in self.open_parts:
            raise IllegalAct("Phần việc này chưa gửi đi hoặc đã nhận về.", code="part_not_open")
        self.open_parts.discard(e.facts["part"])

    def _propose(self, e: Entry) -> None:
        self._hold(e, e.facts.get("holder"), e.facts.get("holder_unit", self.holder_unit))

    def _resolve(self, e: Entry) -> None:
        if self.open_parts:
            raise IllegalAct(
                "Còn phần việc liên thông chưa nhận kết quả về. Hãy ghi «Nhận kết quả liên thông» trước.",
                code="part_open",
            )
        outcome = Outcome(e.facts["outcome"])
        if outcome not in (Outcome.GRANTED, Outcome.REFUSED):
            raise IllegalAct("Kết quả giải quyết chỉ là giải quyết xong hoặc từ chối giải quyết.", code="bad_outcome")
        self._end(e, outcome)
        self.state = State.RESULT_READY if outcome is Outcome.GRANTED else State.REFUSED

    def _end_otherwise(self, e: Entry) -> None:
        if self.state in (State.SUBMITTED, State.INTAKE_WAITING):
            self.intake_facts.append(Fact("close", e.at, outcome="withdrawn"))
            self.ended_at, self._paused, self.outcome = e.at, None, Outcome.WITHDRAWN
            return
        self._end(e, END_OUTCOMES[e.act])

    def _end(self, e: Entry, outcome: Outcome) -> None:
        self.facts.append(Fact("close", e.at, outcome=outcome.value))
        self.ended_at, self.outcome, self._paused = e.at, outcome, None

    def _apologise(self, e: Entry) -> None:
        """The first apology before the expiry moves the appointment; a later one is recorded and moves nothing."""
        self.apologies += 1
        if self.appointed is None or e.at >= self.appointed.crossing or self.apologies > self.contract.apology_limit:
            return
        new = deadline_of(e.facts["new_appointment"])
        assert new is not None
        self.appointed = new
        if self.contract.class_by_appointment:
            self.facts.append(Fact("move", e.at, new))

    def _move_due(self, e: Entry) -> None:
        if self.class_deadline is None:
            raise IllegalAct("Hồ sơ không có thời hạn giải quyết nên không có gì để dời.", code="no_term")
        calendar, hour, days = self.contract.calendar, self.contract.appointment, e.facts["days"]
        if self.due:
            self.due = worktime.moved(calendar, self.due, days, appointment=hour)
        if self.appointed:
            self.appointed = worktime.moved(calendar, self.appointed, days, appointment=hour)
        if not e.facts.get("ended"):
            self.facts.append(Fact("move", e.at, self.class_deadline))
            return
        # The end stays where it is; the deadline it is read against was moved before it.
        assert self.ended_at is not None
        place = next(i for i, fact in enumerate(self.facts) if fact.kind == "close")
        self.facts.insert(place, Fact("move", self.ended_at, self.class_deadline))

    def _reclassify(self, e: Entry) -> None:
        category, channel = e.facts.get("category"), e.facts.get("channel")
        self.category, self.channel = category or self.category, channel or self.channel
        self.facts.append(Fact("correct", e.at, category=category, channel=channel))

    def _hand_over(self, e: Entry) -> None:
        if self.handed_over_at is not None:
            raise IllegalAct("Hồ sơ này đã trả kết quả rồi.", code="already_handed_over")
        self.handed_over_at = e.at

    def _never(self, e: Entry) -> None:
        raise AssertionError(f"{e.act} is resolved before the walk")


_ACCEPTING = (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)
# Acts whose handler sets the next state itself.
_OWN_TARGET = frozenset({Act.PAUSE, Act.RESUME, Act.RESOLVE})
_HANDLERS: dict[Act, Callable[[Walk, Entry], None]] = {
    Act.SUBMIT: Walk._submit,
    Act.RECEIVE: Walk._receive,
    Act.RECEIVE_AND_RESOLVE: Walk._receive_and_resolve,
    Act.REFUSE_INTAKE: Walk._refuse_intake,
    Act.REQUEST_SUPPLEMENT: Walk._request_supplement,
    Act.SUPPLEMENT_RECEIVED: Walk._supplement_received,
    Act.PAUSE: Walk._pause_for_reason,
    Act.RESUME: Walk._resume,
    Act.FORWARD: Walk._forward,
    Act.REASSIGN: Walk._reassign,
    Act.TRANSFER: Walk._transfer,
    Act.SEND_PART: Walk._send_part,
    Act.PART_RETURNED: Walk._part_returned,
    Act.PROPOSE: Walk._propose,
    Act.RETURN_FOR_CORRECTION: Walk._propose,
    Act.APPROVE: Walk._propose,
    Act.RESOLVE: Walk._resolve,
    Act.RETURN_DOSSIER: Walk._end_otherwise,
    Act.WITHDRAW: Walk._end_otherwise,
    Act.STOP: Walk._end_otherwise,
    Act.APOLOGISE: Walk._apologise,
    Act.MOVE_DUE: Walk._move_due,
    Act.RECLASSIFY: Walk._reclassify,
    Act.HAND_OVER: Walk._hand_over,
    Act.CORRECT_ACCEPTANCE: Walk._never,
    Act.VOID: Walk._never,
}


def standing(entries: Iterable[tuple[Entry, int | None]]) -> list[Entry]:
    """The acts that stand, from (act, seq of the act it voids): voided ones and voids left out, corrections merged.

    A corrected acceptance replaces the acceptance's own facts and moment; it has no place of its own in the sequence.
    A voided correction falls away like any other act, and with a voided acceptance fall its corrections.
    """
    rows = list(entries)
    voided = {target for _, target in rows if target is not None}
    kept = [e for e, target in rows if target is None and e.seq not in voided]
    corrections = [e for e in kept if e.act is Act.CORRECT_ACCEPTANCE]
    acts = [e for e in kept if e.act is not Act.CORRECT_ACCEPTANCE]
    accepting = [e.seq for e, target in rows if target is None and e.act in _ACCEPTING]
    for correction in corrections:
        corrected = max((seq for seq in accepting if seq < correction.seq), default=None)
        for i, act in enumerate(acts):
            if act.seq == corrected:
                at = moment(correction.facts["received_at"])
                acts[i] = Entry(act.seq, act.act, at, {**act.facts, **correction.facts["acceptance"]})
    return acts


def replay(contract: Contract, entries: Iterable[Entry]) -> Walk:
    """The walk after these acts."""
    walk = Walk(contract)
    for entry in entries:
        walk.apply(entry)
    return walk


def with_successions(facts: Sequence[Fact], path: Path) -> list[Fact]:
    """The facts with those of the unit in between: from a succession's day on, the item stands in the new unit.

    ``path(unit, since)`` lists the later successions of what a unit holds at ``since``. At the same instant the
    succession comes first, since an act on that day is already an act of the new unit.
    """
    result: list[Fact] = []
    coming: list[tuple[dt.date, int]] = []
    for fact in facts:
        while coming and clock.local_moment(coming[0][0]) <= fact.at:
            day, unit = coming.pop(0)
            result.append(Fact("succession", clock.local_moment(day), unit=unit))
        result.append(fact)
        if fact.kind in ("receive", "transfer") and fact.unit is not None:
            coming = list(path(fact.unit, clock.local_date(fact.at)))
        if fact.kind == "close":
            return result
    result.extend(Fact("succession", clock.local_moment(day), unit=unit) for day, unit in coming)
    return result
