"""What is live this morning: at least one dossier in every state, and those a leader looks for first."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from motcua.core.errors import Invalid
from motcua.demo import histories as shapes
from motcua.demo.catalogue import Way
from motcua.demo.district import Desk, days_of
from motcua.demo.people import Team, Worker
from motcua.demo.plot import Plot
from motcua.dossiers.bulk import History
from motcua.dossiers.states import Act
from motcua.org.models import Unit

if TYPE_CHECKING:
    from motcua.demo.communes import TwoTiers


class Live:
    """Makes up the situations of one commune."""

    def __init__(self, story: "TwoTiers", desk: Desk):
        self.story, self.desk = story, desk
        self.rng, self.hours, self.last = story.rng, story.hours, story.last
        self.team: Team = desk.team

    def tell(self, times: int, *, everything: bool) -> Iterator[History]:
        """Every situation so many times; only the everyday ones where not everything is wanted."""
        for situation, everyday in self._situations():
            if not (everything or everyday):
                continue
            for _ in range(times if everyday else 1):
                try:
                    plot = situation()
                except Invalid as error:
                    if error.code != "past_calendar":
                        raise
                    continue
                if plot is not None and plot.deeds:
                    yield plot.history()

    def _situations(self) -> list[tuple[Callable[[], Plot | None], bool]]:
        return [
            (self.filed_yesterday, True),
            (self.filed_and_forgotten, False),
            (self.asked_before_acceptance, False),
            (self.refused_at_the_door, False),
            (self.withdrawn_at_the_door, False),
            (lambda: self.received(4), True),
            (lambda: self.processing(0), True),
            (lambda: self.processing(1), True),
            (lambda: self.processing(-3), True),
            (lambda: self.processing(-12), False),
            (lambda: self.processing(6), True),
            (lambda: self.waiting(8), True),
            (lambda: self.waiting(25), False),
            (self.waiting_since_overdue, False),
            (lambda: self.paused("payment"), True),
            (lambda: self.paused("law"), False),
            (lambda: self.paused("verification"), False),
            (lambda: self.to_sign(0), True),
            (lambda: self.to_sign(2), True),
            (lambda: self.to_sign(-1), False),
            (lambda: self.signed(1), True),
            (lambda: self.ready(2), True),
            (lambda: self.ready(35), True),
            (lambda: self.ended_otherwise(Act.RETURN_DOSSIER), True),
            (lambda: self.ended_otherwise(Act.WITHDRAW), False),
            (lambda: self.ended_otherwise(Act.STOP), False),
            (self.refused, False),
            (self.voided, False),
            (self.reopened, False),
            (self.apologised, False),
            (self.part_out, True),
            (self.part_late, False),
            (self.moved_by_storm, False),
            (self.reclassified, False),
            (self.transferred, False),
        ]

    # ---- how to stand somewhere today -------------------------------------------------------------------------------

    def begun(self, due_in: int, *, at_least: int = 2, online: bool = False) -> Plot | None:
        """Received so long ago that it is due in so many working days from this morning."""
        way = self.desk.way(self.rng, online=online, at_least=at_least)
        if way.version.terms.all()[0].unit != "working_day":
            way = next(
                (w for w in self.desk.ways if w.weight and _is_in_days(w, at_least) and (w.online or not online)), way
            )
        channel = (
            "online" if online else self.rng.choice(("direct", "direct", "online_assisted" if way.online else "direct"))
        )
        plot = self.story.plot(self.desk, way, channel)
        index = max(self.last + 1 + due_in - days_of(way), self.story.first)
        index = min(index, self.last)
        shapes.begin(plot, self.hours.within(self.hours.days[index]))
        return None if plot.over else plot

    def soon(self, plot: Plot) -> int:
        """Some minutes later."""
        return plot.at + self.rng.randint(3, 25)

    def ago(self, days: int) -> int:
        """Some minute so many working days before yesterday."""
        return self.hours.within(self.hours.days[max(self.last - days, self.story.first)])

    # ---- situations -------------------------------------------------------------------------------------------------

    def filed_yesterday(self) -> Plot:
        plot = self._filing()
        plot.submit(self.ago(0))
        return plot

    def filed_and_forgotten(self) -> Plot:
        plot = self._filing()
        plot.submit(self.ago(3))
        return plot

    def asked_before_acceptance(self) -> Plot:
        plot = self._filing()
        plot.submit(self.ago(4))
        reason = shapes.why(self.rng, "supplement")
        plot.do(
            Act.REQUEST_SUPPLEMENT,
            self.soon(plot),
            self.team.receivers[0],
            reason,
            items=["Tờ khai theo mẫu"],
            basis="",
        )
        return plot

    def refused_at_the_door(self) -> Plot:
        plot = self._filing()
        plot.submit(self.ago(6))
        plot.do(Act.REFUSE_INTAKE, self.soon(plot), self.team.receivers[0], shapes.why(self.rng, "intake"))
        return plot

    def withdrawn_at_the_door(self) -> Plot:
        plot = self._filing()
        plot.submit(self.ago(6))
        plot.do(Act.WITHDRAW, self.soon(plot), self.team.receivers[0], shapes.why(self.rng, "withdrawn"))
        return plot

    def _filing(self) -> Plot:
        return self.story.plot(self.desk, self.desk.way(self.rng, online=True), "online")

    def received(self, due_in: int) -> Plot | None:
        return self.begun(due_in, at_least=due_in + 1)

    def processing(self, due_in: int) -> Plot | None:
        if plot := self.begun(due_in, at_least=3):
            plot.forward(self.soon(plot))
        return plot

    def waiting(self, days: int) -> Plot | None:
        """Asked for more so many working days ago, while in time, and nothing has come."""
        way = self.desk.way(self.rng, online=False, at_least=3)
        plot = self.story.plot(self.desk, way, "direct")
        shapes.begin(plot, self.ago(days + 1))
        plot.forward(self.soon(plot))
        shapes.ask(plot, max(self.soon(plot), self.ago(days)))
        return plot

    def waiting_since_overdue(self) -> Plot | None:
        """Asked for more when it was already late: waiting cures nothing."""
        if plot := self.begun(-6, at_least=3):
            plot.forward(self.soon(plot))
            shapes.ask(plot, self.ago(2))
        return plot

    def paused(self, reason: str) -> Plot | None:
        if plot := self.begun(4, at_least=6):
            plot.forward(self.soon(plot))
            shapes.halt(plot, self.soon(plot), reason)
        return plot

    def to_sign(self, due_in: int) -> Plot | None:
        if plot := self.processing(due_in):
            plot.propose(self.soon(plot))
        return plot

    def signed(self, due_in: int) -> Plot | None:
        if plot := self.to_sign(due_in):
            plot.approve(self.soon(plot))
        return plot

    def ready(self, days: int) -> Plot | None:
        """The result has lain at the desk for so many working days."""
        way = self.desk.way(self.rng, online=False, at_least=2)
        plot = self.story.plot(self.desk, way, "direct")
        shapes.begin(plot, self.ago(days + 2))
        shapes.to_result(plot, max(plot.at + 40, self.ago(days)))
        return plot

    def ended_otherwise(self, act: Act) -> Plot | None:
        if plot := self.begun(3, at_least=5):
            shapes.otherwise(plot, act, self.soon(plot))
        return plot

    def refused(self) -> Plot | None:
        if plot := self.begun(2, at_least=5):
            shapes.to_result(plot, plot.at + 90, refuse=True)
        return plot

    def voided(self) -> Plot | None:
        if plot := self.begun(5, at_least=6):
            self._void(plot, "voided_acceptance", self.team.receivers[0])
        return plot

    def reopened(self) -> Plot | None:
        """Ended by mistake and taken back: open again."""
        if plot := self.begun(3, at_least=6):
            shapes.to_result(plot, plot.at + 90)
            self._void(plot, "void", plot.leader())
        return plot

    def _void(self, plot: Plot, reason: str, worker: Worker) -> None:
        approver = self.team.approver(worker, self.rng)
        if approver is not None:
            number = sum(1 for d in plot.deeds if d.act is not Act.SUBMIT)
            why = shapes.why(self.rng, reason)
            plot.do(Act.VOID, self.soon(plot), worker, why, approver=approver, seq=number)

    def apologised(self) -> Plot | None:
        """Before the due date passes the citizen is told another day."""
        if plot := self.begun(1, at_least=4):
            plot.forward(self.soon(plot))
            day = self.hours.later(plot.due().due_date, 3)
            why = shapes.why(self.rng, "apology")
            plot.do(Act.APOLOGISE, max(self.soon(plot), self.ago(0)), plot.leader(), why, new_appointment=day)
        return plot

    def part_out(self) -> Plot | None:
        if plot := self.begun(5, at_least=6):
            plot.forward(self.soon(plot))
            shapes.send_part(plot, self.soon(plot), self._partner(), "Xác định nghĩa vụ tài chính", 3)
        return plot

    def part_late(self) -> Plot | None:
        if plot := self.begun(2, at_least=8):
            plot.forward(self.soon(plot))
            shapes.send_part(plot, self.soon(plot), self._partner(), "Trích lục bản đồ địa chính", 2)
        return plot

    def _partner(self) -> Unit:
        return self.story.units.province

    def moved_by_storm(self) -> Plot | None:
        if plot := self.processing(0):
            why = shapes.why(self.rng, "storm")
            decision = "Thông báo 12/TB-UBND (minh họa)"
            plot.do(Act.MOVE_DUE, max(self.soon(plot), self.ago(0)), plot.leader(), why, days=2, decision=decision)
        return plot

    def reclassified(self) -> Plot | None:
        if plot := self.begun(4, at_least=5):
            reason = "Công chức nộp hộ qua Cổng theo đề nghị của người dân."
            told = "direct" if plot.channel != "direct" else "online_assisted"
            plot.do(Act.RECLASSIFY, self.soon(plot), self.team.receivers[0], reason, channel=told)
        return plot

    def transferred(self) -> Plot | None:
        """Another commune is competent; it has the dossier now."""
        others = [t for t in self.story.staff.successors.values() if t is not self.team]
        plot = self.begun(4, at_least=6)
        if plot is not None:
            team = self.rng.choice(others)
            shapes.transfer(team.unit, team)(plot, self.soon(plot))
        return plot


def _is_in_days(way: Way, at_least: int) -> bool:
    lines = [line for line in way.version.terms.all() if line.value is not None and line.case_id is None]
    return bool(lines) and lines[0].unit == "working_day" and days_of(way) >= at_least
