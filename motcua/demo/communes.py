"""Part two: June 2025 at the end of the district, and the successor communes from 01/7/2025 up to yesterday.

Everything hangs on the last working day before today, so that the demo is alive whenever it is loaded: some dossiers
are due today, some are overdue, some wait, some are ready to be collected (``live.py``).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from motcua.core.errors import Invalid
from motcua.demo import histories as shapes
from motcua.demo.applicants import Applicants
from motcua.demo.catalogue import Catalogue, Way
from motcua.demo.district import ON_THE_SPOT, Desk, applicant, days_of
from motcua.demo.live import Live
from motcua.demo.people import Staff
from motcua.demo.plot import Plot, Stage
from motcua.demo.units import Units
from motcua.dossiers.bulk import History
from motcua.dossiers.states import Act
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY

JUNE = dt.date(2025, 6, 2)
# How many of a thousand dossiers since then go another way.
KINDS = {
    "late": 35, "refused": 8, "returned": 10, "withdrawn": 9, "stopped": 4, "supplement": 60, "payment": 35,
    "verification": 20, "redraft": 40, "apology": 8, "storm": 5, "refused_intake": 15, "asked_at_intake": 20,
}  # fmt: skip
# Of those filed: by post and typed in for the citizen; half of the rest of what may be filed online is.
POST, ASSISTED, FILED = 0.02, 0.12, 0.5


@dataclass(frozen=True, slots=True)
class Volume:
    """How much there is: dossiers since 01/7/2025 of each successor, inherited ones, and of each live situation."""

    since: tuple[int, ...] = (1000, 420, 640, 560)
    june: int = 190
    situations: int = 3


VOLUME = Volume()


class TwoTiers:
    """Makes up the stories of part two."""

    def __init__(self, stage: Stage, units: Units, staff: Staff, catalogue: Catalogue, applicants: Applicants):
        self.stage, self.units, self.staff, self.applicants = stage, units, staff, applicants
        self.catalogue = catalogue
        self.rng, self.hours = stage.rng, stage.hours
        self.first = self.hours.index(TWO_TIER_DAY)
        self.last = self.hours.last_index(self.hours.day(stage.until))
        self.desks = {
            unit.pk: Desk(staff.successors[unit.pk], catalogue.two_tier, [unit], KINDS) for unit in units.successors
        }

    def tell(self, volume: Volume) -> Iterator[History]:
        """Everything, the inherited first."""
        yield from Inherited(self).tell(volume.june)
        for unit, number in zip(self.units.successors, volume.since, strict=True):
            desk = self.desks[unit.pk]
            # A young reform has had few days yet.
            for _ in range(min(number, 6 * (self.last - self.first + 1))):
                yield self._since(desk)
            first = unit is self.units.successors[0]
            yield from Live(self, desk).tell(volume.situations if first else 1, everything=first)

    def plot(self, desk: Desk, way: Way, channel: str) -> Plot:
        """A new story of one desk."""
        return Plot(self.stage, desk.team, way, applicant(self.applicants, self.rng, desk, way), channel)

    def channel(self, way: Way) -> str:
        """How somebody files this today."""
        drawn = self.rng.random()
        if drawn < POST:
            return "post"
        if way.online and drawn < POST + ASSISTED:
            return "online_assisted"
        return "online" if way.online and drawn < POST + ASSISTED + FILED else "direct"

    # ---- since 01/7/2025 --------------------------------------------------------------------------------------------

    def _since(self, desk: Desk) -> History:
        """One dossier of the time since, more often of the last months; cut off where yesterday ends."""
        rng = self.rng
        drawn = rng.randint(1, 1000)
        kind = next((k for k, top in _TOPS if drawn <= top), "usual")
        slow = kind not in ("usual", "redraft", "refused_intake", "asked_at_intake")
        way = desk.way(rng, online=kind in ("refused_intake", "asked_at_intake"), at_least=4 if slow else 0)
        channel = "online" if kind in ("refused_intake", "asked_at_intake") else self.channel(way)
        plot = self.plot(desk, way, channel)
        recent = max(self.first, self.last - 120)
        index = rng.randint(recent, self.last) if rng.random() < 0.65 else rng.randint(self.first, self.last)
        position = self.hours.within(self.hours.days[index])
        if kind == "usual" and channel == "direct" and rng.random() < ON_THE_SPOT.get(way.code, 0):
            plot.receive(position, at_once=True)
            return plot.history()
        if kind == "refused_intake":
            return self._refused_at_the_door(plot, position)
        if kind == "asked_at_intake":
            # Asked and answered before: not before there was a commune to ask.
            position = max(position, self.hours.opening(self.hours.days[self.first]) + 1300)
            self._asked_at_the_door(plot, position)
        try:
            shapes.begin(plot, position)
            if plot.over:
                return plot.history()
            self._go_on(plot, kind)
        except Invalid as error:
            # The loaded calendar ends before the dossier does: it stays where it is.
            if error.code != "past_calendar":
                raise
        return plot.history()

    def _refused_at_the_door(self, plot: Plot, position: int) -> History:
        plot.submit(position)
        at = plot.at + self.rng.randint(20, 400)
        plot.do(Act.REFUSE_INTAKE, at, self.rng.choice(plot.team.receivers), shapes.why(self.rng, "intake"))
        return plot.history()

    def _asked_at_the_door(self, plot: Plot, position: int) -> None:
        plot.submit(position - 1200)
        receiver = self.rng.choice(plot.team.receivers)
        papers = [str(p["name"]) for p in plot.way.papers[:1]] or ["Tờ khai theo mẫu"]
        reason = shapes.why(self.rng, "supplement")
        plot.do(Act.REQUEST_SUPPLEMENT, position - 900, receiver, reason, items=papers, basis="")
        plot.do(Act.SUPPLEMENT_RECEIVED, position - self.rng.randint(60, 500), None, papers=[{"name": papers[0]}])

    def _go_on(self, plot: Plot, kind: str) -> None:
        rng = self.rng
        due = plot.due()
        if kind == "storm":
            plot.forward(plot.at + 10)
            reason = shapes.why(rng, "storm")
            plot.do(
                Act.MOVE_DUE, plot.at + 60, plot.leader(), reason, days=1, decision="Thông báo 12/TB-UBND (minh họa)"
            )
        if act := _ENDS.get(kind):
            end = shapes.end_position(plot, due, early=True)
            shapes.otherwise(plot, act, min(end, plot.at + rng.randint(60, 900)))
            shapes.collected(plot)
            return
        if kind in ("late", "apology"):
            self._late(plot, apologise=kind == "apology")
            return
        detours = {
            "supplement": [shapes.supplement(rng.randint(1, 6))],
            "payment": [shapes.pause("payment", rng.randint(1, 5))],
            "verification": [shapes.pause("verification", 1)],
        }
        end = shapes.end_position(plot, due, early=rng.random() < 0.5)
        shapes.to_result(plot, end, detours=detours.get(kind, []), redraft=kind == "redraft", refuse=kind == "refused")
        shapes.collected(plot, within_days=6)

    def _late(self, plot: Plot, *, apologise: bool) -> None:
        """Ends some days after its deadline; sometimes the office has apologised before."""
        hours, rng, due = self.hours, self.rng, plot.due().due_date
        days = rng.randint(1, 5)
        plot.forward(plot.at + rng.randint(3, 40))
        if apologise:
            eve = hours.days[hours.last_index(due) - 1]
            said = hours.within(eve, after=plot.at)
            reason = shapes.why(rng, "apology")
            plot.do(Act.APOLOGISE, said, plot.leader(), reason, new_appointment=hours.later(due, days))
        plot.propose(hours.within(due, after=plot.at))
        plot.approve(hours.within(hours.later(due, max(1, days - 1)), after=plot.at))
        plot.resolve(hours.within(hours.later(due, days), after=plot.at))
        shapes.collected(plot)


_ENDS = {"returned": Act.RETURN_DOSSIER, "withdrawn": Act.WITHDRAW, "stopped": Act.STOP}
_TOPS = list(zip(KINDS, accumulate(KINDS.values()), strict=True))


class Inherited:
    """June 2025: what the offices and the eleven communes received last, and what the successors found waiting."""

    def __init__(self, story: TwoTiers):
        self.story, self.rng, self.hours = story, story.rng, story.hours
        self.eve = self.hours.last_index(TWO_TIER_DAY - dt.timedelta(days=1))
        units, staff = story.units, story.staff
        follows = org.succession_map([u.pk for u in units.communes])
        self.successor = {u.pk: staff.successors[follows.after(u.pk, TWO_TIER_DAY)] for u in units.communes}
        # An applicant from elsewhere: the mapping sends his work to xã Cầu Kè.
        self.default = staff.successors[units.successors[0].pk]
        homes = [*units.communes, *([units.away] if units.away else [])]
        old = [Desk(staff.communes[u.pk], story.catalogue.commune, [u], {}) for u in units.communes]
        self.desks = [*old, *(Desk(staff.offices[k], w, homes, {}) for k, w in story.catalogue.district.items())]

    def tell(self, number: int) -> Iterator[History]:
        """Two of three are ended by their own unit, one lives on."""
        for n in range(number):
            desk = self.desks[n % len(self.desks)]
            yield self._ended(desk) if n % 3 else self._lives_on(desk, n)

    def _ended(self, desk: Desk) -> History:
        way = desk.way(self.rng, online=False)
        plot = self.story.plot(desk, way, "direct")
        first = self.hours.index(JUNE)
        index = self.rng.randint(first, max(first, self.eve - days_of(way) - 1))
        shapes.begin(plot, self.hours.within(self.hours.days[index]))
        end = shapes.end_position(plot, plot.due(), early=self.rng.random() < 0.6, last=self.hours.days[self.eve])
        shapes.to_result(plot, end)
        # Whoever had not come by 30/6 collects at the successor.
        if self.hours.day(plot.at) < self.hours.days[self.eve]:
            plot.hand_over(plot.at + self.rng.randint(4, 40))
        return plot.history()

    def _lives_on(self, desk: Desk, n: int) -> History:
        """Received in the last days of June, handed on with its deadline; now and then the new start made it late."""
        hours, rng = self.hours, self.rng
        way = desk.way(rng, online=False, at_least=4)
        plot = self.story.plot(desk, way, "direct")
        index = self.eve - rng.randint(0, min(days_of(way) - 2, 8))
        shapes.begin(plot, hours.within(hours.days[index]))
        due = hours.last_index(plot.due().due_date)
        eve = hours.closing(hours.days[self.eve])
        stage = n // 3 % 4
        if stage and plot.at + 30 < eve:
            plot.forward(plot.at + rng.randint(2, 20))
        if stage == 2 and plot.at + 30 < eve:
            plot.propose(plot.at + rng.randint(2, 20))
        if stage == 3 and plot.at + 30 < eve:
            shapes.ask(plot, plot.at + rng.randint(2, 20))
        self._taken_over(plot, max(due, self.eve + 2) + (rng.randint(1, 3) if n % 9 == 0 else 0))
        return plot.history()

    def _taken_over(self, plot: Plot, end: int) -> None:
        """The successor goes on where the old unit stopped: by the applicant's commune, else at xã Cầu Kè."""
        hours, rng = self.hours, self.rng
        last = plot.deeds[-1].act
        plot.team = self.successor.get(plot.applicant.commune_id or 0, self.default)
        plot.handler = None
        start = hours.opening(hours.days[self.eve + 1]) + rng.randint(20, 400)
        if last is Act.REQUEST_SUPPLEMENT:
            shapes.answer(plot, start)
            end += 2
        if last is not Act.PROPOSE:
            plot.forward(max(start, plot.at + 5))
            plot.propose(hours.within(hours.days[self.eve + 2], after=plot.at))
        plot.approve(max(start, plot.at + rng.randint(5, 60)))
        plot.resolve(hours.within(hours.days[end], after=plot.at))
        shapes.collected(plot)
