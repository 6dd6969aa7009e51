"""One dossier's story while it is made up: acts at office minutes, by the people who serve on that day.

Time is counted in office minutes of the country's calendar, so that nobody acts at night or on a day off.
"""

import datetime as dt
import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

from motcua.core import clock
from motcua.demo.catalogue import Law, Way
from motcua.demo.people import Team, Worker
from motcua.dossiers.accepting import Terms
from motcua.dossiers.bulk import Deed, History
from motcua.dossiers.drafting import ACCEPTING
from motcua.dossiers.states import Act
from motcua.ledger.models import Book, Channel
from motcua.org.models import Duty
from motcua.parties.models import Party
from motcua.worktime import rules as worktime
from motcua.worktime.calendar import WorkCalendar
from motcua.worktime.rules import Deadline

# Before this many office minutes of the day are over nobody has finished anything; closing leaves a little too.
_OPENING, _CLOSING = 8, 12


class Hours:
    """Office minutes as positions on one line: 1 is the first minute worked in the calendar."""

    def __init__(self, calendar: WorkCalendar, rng: random.Random):
        self.calendar, self._random = calendar, rng
        self.days = [dt.date.fromordinal(o) for o in calendar.open_days]

    def moment(self, position: int) -> dt.datetime:
        """Some second of that office minute."""
        ordinal, minute = self.calendar.at_minute(position)
        end = clock.local_moment(dt.date.fromordinal(ordinal), dt.time(*divmod(minute, 60)))
        return end - dt.timedelta(seconds=self._random.randint(1, 59))

    def day(self, position: int) -> dt.date:
        """The day of a position."""
        return dt.date.fromordinal(self.calendar.open_days[self.calendar.open_index(position)])

    def opening(self, day: dt.date) -> int:
        """The position just before a day's first office minute."""
        return self.calendar.minutes_until(day.toordinal(), 0)

    def closing(self, day: dt.date) -> int:
        """The last office minute of a day, or of the last open day before it."""
        return self.calendar.minutes_until(day.toordinal(), 24 * 60)

    def within(self, day: dt.date, *, after: int = 0) -> int:
        """Some minute of a working day, later than ``after`` where it can be."""
        first = max(self.opening(day) + _OPENING, after + 1)
        last = self.closing(day) - _CLOSING
        return self._random.randint(first, last) if first < last else first

    def index(self, day: dt.date) -> int:
        """The index of the first open day on or after ``day``."""
        return bisect_left(self.days, day)

    def last_index(self, day: dt.date) -> int:
        """The index of the last open day on or before ``day``."""
        return bisect_right(self.days, day) - 1

    def later(self, day: dt.date, days: int) -> dt.date:
        """So many open days after a day."""
        return self.days[min(self.last_index(day) + days, len(self.days) - 1)]

    def due_position(self, deadline: Deadline) -> int:
        """The last office minute that is still in time."""
        if deadline.grain == "day":
            return self.closing(deadline.due_date)
        local = clock.local(deadline.due_at)
        return self.calendar.minutes_until(local.toordinal(), local.hour * 60 + local.minute)


@dataclass(slots=True)
class Stage:
    """What all stories of an era share. Nothing happens after the position ``until``."""

    rng: random.Random
    hours: Hours
    law: Law
    until: int


@dataclass(slots=True)
class Plot:
    """A story under way: where it has come to, and what was done."""

    stage: Stage
    team: Team
    way: Way
    applicant: Party
    channel: str
    deeds: list[Deed] = field(default_factory=list)
    at: int = 0
    over: bool = False
    receiver: Worker | None = None
    handler: Worker | None = None
    signer: Worker | None = None

    @property
    def accepted(self) -> tuple[Terms, dt.datetime]:
        """What the acceptance fixed (as last corrected), and when it was."""
        said = [d for d in self.deeds if d.act in (*ACCEPTING, Act.CORRECT_ACCEPTANCE)]
        at = next(d.at for d in said if d.act in ACCEPTING)
        return said[-1].told["terms"], at

    @property
    def rng(self) -> random.Random:
        return self.stage.rng

    def history(self) -> History:
        """What can be told."""
        return History(self.deeds)

    def do(
        self,
        act: Act,
        position: int,
        worker: Worker | None,
        note: str = "",
        *,
        approver: Worker | None = None,
        late_minutes: int = 0,
        **told: Any,
    ) -> bool:
        """The next act, at the position or just after the last one; not if the story is over by then."""
        position = max(position, self.at + 1)
        if self.over or position > self.stage.until:
            self.over = True
            return False
        self.at = position
        moment = self.stage.hours.moment(position)
        occurred, mark = None, ""
        if late_minutes:
            occurred, mark = self.stage.hours.moment(position - late_minutes), "backdated"
        self.deeds.append(
            Deed(
                act,
                moment,
                worker.user if worker else None,
                worker.duty(act) if worker else "",
                told,
                note,
                approver.user if approver else None,
                occurred,
                mark,
            )
        )
        return True

    # ---- terms ------------------------------------------------------------------------------------------------------

    def terms(self, position: int, book: Book = Book.DOSSIER) -> Terms:
        """What an acceptance at the position keeps."""
        return self.way.terms(self.stage.law, self.channel, self.stage.hours.day(position), book)

    def due(self) -> Deadline:
        """The deadline promised at the acceptance, or after its correction."""
        terms, at = self.accepted
        assert terms.promised is not None
        return worktime.due(self.stage.hours.calendar, terms.promised, at, appointment=terms.rules.appointment_time)

    # ---- the usual acts ---------------------------------------------------------------------------------------------

    def opening(self) -> dict[str, Any]:
        """What the first act is told of the dossier."""
        told: dict[str, Any] = {
            "unit": self.team.unit,
            "applicant": self.applicant,
            "channel": self.channel,
            "subject": self.way.subject(self.rng),
            "papers": self.way.papers,
            "invented": True,
        }
        if self.team.desk is not self.team.unit:
            told["desk_unit"] = self.team.desk
        return told

    def submit(self, position: int) -> bool:
        """The applicant files online."""
        return self.do(Act.SUBMIT, position, None, **self.opening(), terms=self.terms(position, Book.INTAKE))

    def receive(self, position: int, *, at_once: bool = False) -> bool:
        """Acceptance at the desk, of a filing or over the counter."""
        position = max(position, self.at + 1)
        self.receiver = receiver = self.rng.choice(self.team.receivers)
        told: dict[str, Any] = {} if self.deeds else self.opening()
        told |= {"terms": self.terms(position), "step": self.way.steps[0] if self.way.steps else None}
        act = Act.RECEIVE_AND_RESOLVE if at_once else Act.RECEIVE
        if not at_once and not self.deeds and self.channel == Channel.POST:
            told["result_method"] = "post"
        return self.do(act, position, receiver, **told)

    def forward(self, position: int) -> bool:
        """To a handler, with the step of handling."""
        receiver = self.receiver if self.receiver in self.team.receivers else self.rng.choice(self.team.receivers)
        self.handler = self.rng.choice(self.team.handlers)
        return self.do(
            Act.FORWARD,
            position,
            receiver,
            holder=self.handler.user,
            holder_unit=self.handler.room,
            step=self.way.step(Duty.HANDLE),
        )

    def propose(self, position: int, *, refuse: str = "") -> bool:
        """The handler's draft goes to who signs."""
        self.signer = leader = self.leader()
        told: dict[str, Any] = {"proposal": "refused"} if refuse else {}
        return self.do(Act.PROPOSE, position, self.hand(), refuse, to=leader.user, **told)

    def approve(self, position: int) -> bool:
        """Signed; the clerk gets it."""
        signer = self.signer if self.signer in self.team.leaders else self.leader()
        return self.do(Act.APPROVE, position, signer, to=self.rng.choice(self.team.clerks).user)

    def resolve(self, position: int, *, outcome: str = "granted", reason: str = "", late_minutes: int = 0) -> bool:
        """The result is at the desk."""
        clerk = self.rng.choice(self.team.clerks)
        approver = self.team.approver(clerk, self.rng) if late_minutes else None
        # What was done on paper was done after the last act, and is entered some time later.
        position = max(position, self.at + late_minutes + 2) if late_minutes else position
        return self.do(
            Act.RESOLVE, position, clerk, reason, approver=approver, late_minutes=late_minutes, outcome=outcome
        )

    def hand_over(self, position: int) -> bool:
        """The citizen has it."""
        method = "online" if self.channel == Channel.ONLINE and self.rng.random() < 0.5 else "counter"
        return self.do(Act.HAND_OVER, position, self.rng.choice(self.team.givers), method=method)

    def hand(self) -> Worker:
        """Who handles it: whoever it was forwarded to, else somebody of the team."""
        if self.handler is None or self.handler not in self.team.handlers:
            self.handler = self.rng.choice(self.team.handlers)
        return self.handler

    def leader(self) -> Worker:
        """Who signs: mostly the first of the team."""
        return self.rng.choice(self.team.leaders[:2])
