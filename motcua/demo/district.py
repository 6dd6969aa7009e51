"""Part one: huyện Cầu Kè from 05/01 to 01/6/2023, so that a statement gives the published figures.

22.318 received (district 1.043, communes 21.275; 2.053 of them online); the district ended 1.034, one of them late, and
had 9 pending, in time, where the report printed 00; the communes ended 21.272, none late, and had 3 pending. How the
figures came about (who asked for what, how it ended) is invented.
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from motcua.demo import histories as shapes
from motcua.demo.applicants import Applicants
from motcua.demo.catalogue import Catalogue, Way
from motcua.demo.people import Staff, Team
from motcua.demo.plot import Plot, Stage
from motcua.demo.units import Units
from motcua.dossiers.bulk import History
from motcua.dossiers.states import Act
from motcua.org.models import Unit
from motcua.parties.models import Party

FIRST, LAST = dt.date(2023, 1, 5), dt.date(2023, 6, 1)
# The district town is busier than the communes around it.
COMMUNE_SHARE = (17, 10, 11, 9, 8, 9, 8, 8, 7, 7, 6)
# Certified while one waits.
ON_THE_SPOT = {"2.000815": 0.85, "2.000884": 0.8, "2.000942": 0.7, "2.000908": 0.6, "2.000635": 0.3}
# Fields in which companies come too.
BUSINESS = ("Hợp tác xã", "Lưu thông hàng hóa trong nước", "Hoạt động xây dựng", "Môi trường", "An toàn thực phẩm")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one level must come to."""

    received: int
    online: int
    pending: int
    late: int = 0

    def scaled(self, share: float) -> "Figures":
        """The same level in a smaller office; what is pending or late stays."""
        return Figures(round(self.received * share), round(self.online * share), self.pending, self.late)


DISTRICT = Figures(received=1043, online=318, pending=9, late=1)
COMMUNES = Figures(received=21275, online=1735, pending=3)

# How many of a thousand ended dossiers go another way than the usual one; the others end as asked.
DISTRICT_KINDS = {
    "refused": 6, "returned": 8, "withdrawn": 7, "stopped": 3, "supplement": 55, "payment": 40, "verification": 15,
    "part": 25, "redraft": 30, "entered_anew": 3, "entered_late": 5, "correction": 3, "law": 2,
}  # fmt: skip
COMMUNE_KINDS = {
    "refused": 1, "returned": 1, "withdrawn": 1, "supplement": 5, "verification": 3, "redraft": 6, "entered_anew": 1,
    "entered_late": 1, "correction": 1, "transfer": 0.2,
}  # fmt: skip
# Kinds that need some days, and an end well before the last day.
SLOW = ("supplement", "payment", "verification", "part", "transfer", "law", "entered_late", "returned", "stopped")


class Choice:
    """Ways of one team, drawn by how often they are asked for."""

    def __init__(self, ways: Sequence[Way]):
        self.ways = [w for w in ways if w.weight]
        self._sums = list(accumulate(w.weight for w in self.ways))

    def draw(self, rng: random.Random) -> Way:
        """One of them."""
        return rng.choices(self.ways, cum_weights=self._sums)[0]


def days_of(way: Way) -> int:
    """The promised term in days, roughly; 0 for the same day."""
    line = next(line for line in way.version.terms.all() if line.value is not None and line.case_id is None)
    value = int((line.promised_value if line.promised_unit else line.value) or 0)
    return value if (line.promised_unit or line.unit) != "calendar_day" else value * 5 // 7


@dataclass(slots=True)
class Desk:
    """One competent unit with its people, its procedures, and where its applicants live."""

    team: Team
    ways: list[Way]
    homes: list[Unit]
    kinds: Mapping[str, float]
    _choices: dict[tuple[bool, int], Choice] = field(default_factory=dict)

    def way(self, rng: random.Random, *, online: bool, at_least: int = 0) -> Way:
        """A procedure as it is asked for: filed online, or with a term of at least so many days."""
        key = (online, at_least)
        if key not in self._choices:
            fitting = [w for w in self.ways if w.weight and (w.online or not online) and days_of(w) >= at_least]
            self._choices[key] = Choice(fitting)
        return self._choices[key].draw(rng)


def applicant(applicants: Applicants, rng: random.Random, desk: Desk, way: Way) -> Party:
    """Who asks for this at this desk: somebody of its communes, a company where companies come too."""
    business = way.version.field in BUSINESS and rng.random() < 0.4
    return applicants.one(rng.choice(desk.homes), business=business)


class Year2023:
    """Makes up the stories of part one."""

    def __init__(self, stage: Stage, units: Units, staff: Staff, catalogue: Catalogue, applicants: Applicants):
        self.stage, self.units, self.staff, self.applicants = stage, units, staff, applicants
        self.rng, self.hours = stage.rng, stage.hours
        self.first, self.last = self.hours.index(FIRST), self.hours.last_index(LAST)
        homes = [*units.communes, *units.communes, *([units.away] if units.away else [])]
        self.offices = {
            key: Desk(staff.offices[key], ways, homes, DISTRICT_KINDS) for key, ways in catalogue.district.items()
        }
        self.communes = [
            Desk(staff.communes[unit.pk], catalogue.commune, [unit], COMMUNE_KINDS) for unit in units.communes
        ]

    def tell(self, district: Figures = DISTRICT, communes: Figures = COMMUNES) -> Iterator[History]:
        """All histories; what is beside the figures (refused at the door, voided) comes last."""
        weights = [sum(w.weight for w in desk.ways) for desk in self.offices.values()]
        yield from self._level(list(self.offices.values()), weights, district)
        yield from self._level(self.communes, COMMUNE_SHARE, communes)
        for desk in [*self.offices.values(), *self.communes]:
            yield from self._beside(desk)

    # ---- one level --------------------------------------------------------------------------------------------------

    def _level(self, desks: Sequence[Desk], weights: Sequence[float], figures: Figures) -> Iterator[History]:
        rng = self.rng
        ended = figures.received - figures.pending - figures.late
        kinds = _kinds(desks[0].kinds, ended)
        rng.shuffle(kinds)
        online = [True] * figures.online + [False] * (ended - figures.online)
        rng.shuffle(online)
        sums = list(accumulate(weights))
        for kind, filed in zip(kinds, online, strict=True):
            desk = rng.choices(desks, cum_weights=sums)[0]
            yield self._ended(desk, kind, online=filed)
        for _ in range(figures.late):
            yield self._late(next(d for d in desks if any(days_of(w) in (5, 3) for w in d.ways)))
        for n in range(figures.pending):
            yield self._pending(desks[n % len(desks)])

    def _plot(self, desk: Desk, way: Way, *, online: bool = False) -> Plot:
        party = applicant(self.applicants, self.rng, desk, way)
        return Plot(self.stage, desk.team, way, party, "online" if online else "direct")

    def _received(self, days: int, *, slow: bool = False) -> int:
        """A minute of receipt early enough that a term of so many days ends by the last day."""
        spare = days + (12 if slow else 1)
        index = self.rng.randint(self.first, max(self.first, self.last - spare))
        return self.hours.within(self.hours.days[index])

    def _ended(self, desk: Desk, kind: str, *, online: bool) -> History:
        rng = self.rng
        slow = kind in SLOW
        way = desk.way(rng, online=online, at_least=4 if slow else 0)
        plot = self._plot(desk, way, online=online)
        days = days_of(way)
        # Only who resolves at its own desk resolves on the spot.
        spot = ON_THE_SPOT.get(way.code, 0) if desk.team.desk is desk.team.unit else 0
        if kind == "usual" and not online and rng.random() < spot:
            shapes.begin(plot, self.hours.within(self.hours.days[rng.randint(self.first, self.last)]), at_once=True)
            return plot.history()
        shapes.begin(plot, self._received(days, slow=slow))
        self._go_on(desk, plot, kind)
        return plot.history()

    def _go_on(self, desk: Desk, plot: Plot, kind: str) -> None:
        if kind == "correction":
            self._corrected(desk, plot)
        due = plot.due()
        end = shapes.end_position(plot, due, early=self.rng.random() < 0.55, last=LAST)
        if act := _ENDS.get(kind):
            shapes.otherwise(plot, act, min(end, plot.at + self.rng.randint(60, 900)))
            if self.rng.random() < 0.6:
                shapes.collected(plot)
            return
        shapes.to_result(
            plot,
            end,
            detours=self._detours(desk, kind),
            redraft=kind == "redraft",
            refuse=kind == "refused",
            late=self.rng.randint(15, 45) if kind == "entered_late" else 0,
        )
        if kind == "entered_anew":
            shapes.taken_back_and_entered_anew(plot)
        shapes.collected(plot)

    def _detours(self, desk: Desk, kind: str) -> list[shapes.Detour]:
        days = self.rng.randint(1, 3)
        if kind == "supplement":
            return [shapes.supplement(days)]
        if kind in ("payment", "law"):
            return [shapes.pause(kind, days)]
        if kind == "verification":
            return [shapes.pause(kind, 1)]
        if kind == "part":
            partner, work = self.rng.choice(
                [
                    (self.units.partners["VPDK"], "Trích lục bản đồ, xác nhận hiện trạng thửa đất"),
                    (self.units.partners["THUE"], "Xác định nghĩa vụ tài chính"),
                ]
            )
            return [shapes.part(partner, work, 2)]
        if kind == "transfer":
            # To another commune: whoever takes it over must use the procedure too.
            others = [d.team for d in self.communes if d.team.unit is not desk.team.unit]
            team = self.rng.choice(others)
            return [shapes.transfer(team.unit, team)]
        return []

    def _corrected(self, desk: Desk, plot: Plot) -> None:
        """Received under the wrong procedure; set right the same hour by the receiver, with a leader."""
        wrong = plot.way
        right = next(
            (
                w
                for w in desk.ways
                if w.weight and w is not wrong and days_of(w) == days_of(wrong) and w.level == wrong.level
            ),
            None,
        )
        receiver = self.rng.choice(plot.team.receivers)
        approver = plot.team.approver(receiver, self.rng)
        if right is None or approver is None:
            return
        plot.way = right
        plot.do(
            Act.CORRECT_ACCEPTANCE,
            plot.at + self.rng.randint(5, 40),
            receiver,
            shapes.why(self.rng, "correction"),
            approver=approver,
            terms=plot.terms(plot.at),
            channel=plot.channel,
            unit=None,
            received_at=None,
        )

    # ---- the few that make the figures ------------------------------------------------------------------------------

    def _late(self, desk: Desk) -> History:
        """Apologised for in time, and late all the same: an apology moves the appointment, not the deadline."""
        way = next(w for w in desk.ways if w.weight and days_of(w) in (5, 3))
        plot = self._plot(desk, way)
        shapes.begin(plot, self.hours.within(self.hours.days[self.last - 30]))
        due = plot.due()
        plot.forward(plot.at + 20)
        eve = self.hours.days[self.hours.last_index(due.due_date) - 1]
        appointment = self.hours.later(due.due_date, 2)
        plot.do(
            Act.APOLOGISE,
            self.hours.within(eve, after=plot.at),
            plot.leader(),
            shapes.why(self.rng, "apology"),
            new_appointment=appointment,
        )
        plot.propose(self.hours.within(due.due_date, after=plot.at))
        plot.approve(self.hours.within(self.hours.later(due.due_date, 1), after=plot.at))
        plot.resolve(self.hours.within(appointment, after=plot.at))
        shapes.collected(plot)
        return plot.history()

    def _pending(self, desk: Desk) -> History:
        """Received in the last days, in time on the evening of the last day, and ended in time afterwards."""
        way = desk.way(self.rng, online=False, at_least=3)
        plot = self._plot(desk, way)
        days = days_of(way)
        index = self.last - self.rng.randint(0, min(days - 1, 4))
        shapes.begin(plot, self.hours.within(self.hours.days[index]))
        due = self.hours.last_index(plot.due().due_date)
        plot.forward(plot.at + self.rng.randint(3, 40))
        plot.propose(self.hours.opening(self.hours.later(LAST, 1)) + self.rng.randint(5, 40))
        plot.approve(plot.at + self.rng.randint(5, 60))
        day = self.hours.days[self.rng.randint(self.last + 1, max(due, self.last + 1))]
        plot.resolve(self.hours.within(day, after=plot.at))
        shapes.collected(plot)
        return plot.history()

    # ---- beside the figures -----------------------------------------------------------------------------------------

    def _beside(self, desk: Desk) -> Iterator[History]:
        """Filings refused or withdrawn at the door, and acceptances taken back: none is a dossier received."""
        online = any(w.online and w.weight for w in desk.ways)
        for act, reason in ((Act.REFUSE_INTAKE, "intake"), (Act.REFUSE_INTAKE, "intake"), (Act.WITHDRAW, "withdrawn")):
            if not online:
                break
            plot = self._plot(desk, desk.way(self.rng, online=True), online=True)
            plot.submit(self._received(1))
            at = plot.at + self.rng.randint(20, 300)
            plot.do(act, at, self.rng.choice(desk.team.receivers), shapes.why(self.rng, reason))
            yield plot.history()
        if self.rng.random() < 0.4:
            plot = self._plot(desk, desk.way(self.rng, online=False))
            plot.receive(self._received(1))
            receiver = self.rng.choice(desk.team.receivers)
            approver = desk.team.approver(receiver, self.rng)
            if approver is not None:
                why = shapes.why(self.rng, "voided_acceptance")
                plot.do(Act.VOID, plot.at + self.rng.randint(5, 60), receiver, why, approver=approver, seq=1)
                yield plot.history()


_ENDS = {"returned": Act.RETURN_DOSSIER, "withdrawn": Act.WITHDRAW, "stopped": Act.STOP}


def _kinds(shares: Mapping[str, float], number: int) -> list[str]:
    """The way each of so many ended dossiers went; every kind at least once."""
    found = [kind for kind, share in shares.items() for _ in range(max(1, round(number * share / 1000)))]
    return found + ["usual"] * (number - len(found))
