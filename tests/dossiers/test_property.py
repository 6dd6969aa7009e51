"""Any sequence of acts, legal and illegal, through the verbs, held after each act to a reading done the slow way.

``brute.py`` reads the same acts without any code of the product. What it refuses the verbs must refuse, changing
nothing at all; what it admits must leave state, dates, journal and row as it reads them; asking again changes nothing.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.dossiers import actions, succession
from motcua.dossiers.models import CatchUpWindow, Dossier, DossierPart
from motcua.ledger import verify
from motcua.ledger.models import Book, Event, Item, Leg
from motcua.org.models import Succession, SuccessionKind, Unit, UnitPlace, User
from motcua.procedures.actions import adopt
from motcua.worktime.models import RuleSet
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.dossiers.books import counts
from tests.dossiers.brute import (
    ADMITS,
    ENDS,
    ZONE,
    Done,
    Kind,
    Limit,
    Reading,
    Refused,
    Rules,
    days_between,
    reading,
    works,
)
from tests.dossiers.conftest import Office, at, procedure

BEGIN = at("05/06/2023 08:00")
MERGER = dt.date(2023, 6, 15)
TERMS = {"land": Kind("days", 5), "quick": Kind("same_day"), "hours": Kind("minutes", 720)}
LATE = {
    "receive", "receive_and_resolve", "request_supplement", "supplement_received", "pause", "resume", "resolve",
    "return_dossier", "withdraw", "stop",
}  # fmt: skip
TWO_DAYS = Term(2, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)


@pytest.fixture
def world(office: Office) -> Office:
    """The office, where a commune (and the room of the district) ends on 14/6 and goes over to another unit."""
    office.hours = procedure("1.009993", "Xác nhận", 12, "working_hour", "immediately")  # type: ignore[attr-defined]
    since = dt.date(2020, 1, 1)
    for where in (office.district, office.commune, office.other, office.office):
        adopt(unit=where, procedure=office.hours, valid_from=since)  # type: ignore[attr-defined]
    for used in (office.land, office.quick):
        adopt(unit=office.office, procedure=used, valid_from=since)
    for old, new in ((office.commune, office.other), (office.office, office.district)):
        Succession.objects.create(old=old, new=new, day=MERGER, kind=SuccessionKind.WHOLE)
        Unit.objects.filter(pk=old.pk).update(valid_to=MERGER - dt.timedelta(days=1))
        UnitPlace.objects.filter(unit=old).update(valid_to=MERGER - dt.timedelta(days=1))
        old.refresh_from_db()
    return office


def law(**changed: Any) -> None:
    """A rule set of this story's own."""
    row = RuleSet.objects.order_by("-valid_from").filter(valid_from__lte=BEGIN.date()).values()[0]
    del row["id"]
    RuleSet.objects.create(**{**row, "code": "THU", "valid_from": dt.date(2023, 5, 29), **changed})


class Story:
    """One dossier told by its verbs and by brute force, side by side."""

    def __init__(self, office: Office, rules: Rules, name: str):
        self.office, self.rules = office, rules
        self.procedure = getattr(office, name)
        self.log: list[Done] = []
        self.read = Reading(rules, [])
        self.dossier: Dossier | None = None
        self.desk = 0
        self.windows: list[tuple[int, dt.datetime, dt.datetime, dt.datetime]] = []
        self.parts: list[int] = []
        self.keys = 0

    # ---- what the office would say ----------------------------------------------------------------------------------

    @property
    def places(self) -> set[int | None]:
        today = clock.today()
        return {self.read.unit_on(today), self.desk, self.read.place_on(today)[1]}

    def late_refused(self, act: str, happened: dt.datetime, actor: User) -> bool:
        """Is this too late to be entered, with a leader's approval and a reason?"""
        now = clock.now()
        if now - happened <= dt.timedelta(minutes=5):
            return False
        if any(u in self.places and a <= happened <= b and now <= until for u, a, b, until in self.windows):
            return False
        if days_between(clock.local_date(happened), clock.local_date(now)) <= 1:
            return False
        own = [d for d in self.log if not d.intake] or self.log
        voided = own[-1].voids if own else None
        if actor not in (self.office.head, self.office.chair):
            return True
        return voided is None or not (voided.act == act or {voided.act, act} <= ENDS)

    def admitted(self, done: Done) -> Reading | None:
        """The reading with this act; None when it cannot be."""
        try:
            return reading(self.rules, [*self.log, done])
        except Refused:
            return None

    # ---- doing ------------------------------------------------------------------------------------------------------

    def do(self, done: Done, verb: Callable[..., Any], *, legal: bool = True, **arguments: Any) -> None:
        """Try an act: it must succeed exactly if the slow reading admits it, and leave what that says."""
        if clock.today() >= MERGER:
            self.follow()
        read = self.admitted(done) if legal else None
        self.keys += 1
        arguments["request_key"] = f"k{self.keys}"
        before, row, heads = counts(), self.row(), self.heads()
        if read is None:
            with pytest.raises(MotcuaError) as refused:
                verb(**arguments)
            assert str(refused.value)
            assert (counts(), self.row(), self.heads()) == (before, row, heads), "a refused act left something behind"
            return
        made = verb(**arguments)
        self.read = read
        self.log.append(done)
        dossier = made.dossier if isinstance(made, DossierPart) else made
        self.dossier = Dossier.objects.get(pk=dossier.pk)
        item = self.dossier.intake_item if done.intake else self.dossier.item
        done.seq = Event.objects.filter(item=item).order_by("-seq")[0].seq
        after, heads = counts(), self.heads()
        assert verb(**arguments).pk == made.pk
        assert (counts(), self.heads()) == (after, heads), "the same request again changed something"
        if clock.today() >= MERGER:
            self.follow()
        self.check(done)

    def follow(self) -> None:
        succession.follow(clock.today())
        if self.dossier is not None and self.read.ended is None and self.log:
            self.desk = dict(self.rules.merged).get(self.desk, self.desk)
            self.dossier.refresh_from_db()

    def row(self) -> dict[str, Any]:
        return Dossier.objects.values().get(pk=self.dossier.pk) if self.dossier else {}

    def heads(self) -> list[tuple[int, str]]:
        return list(Item.objects.order_by("pk").values_list("pk", "head"))

    # ---- checking ---------------------------------------------------------------------------------------------------

    def check(self, done: Done) -> None:
        row, read = self.row(), self.read
        now, today = clock.now(), clock.today()
        stands = read.book.stands(now) if read.book.marks else None
        holder, holder_unit = read.place_on(today)
        pending = read.state not in ("", "refused_intake") and read.ended is None
        expected = {
            "state": read.state or "voided",
            "due_at": _moment(read.due),
            "due_grain": ("day" if read.due.by_day else "minute") if read.due else "",
            "appointed_at": _moment(read.appointed),
            "regulation_due_at": _moment(read.regulation),
            "crossing_at": read.limit.crossed if read.limit and pending and not read.clock_stopped else None,
            "waiting_since": read.waiting[0] if read.waiting else None,
            "received_at": read.received,
            "ended_at": read.ended,
            "handed_over_at": read.handed,
            "outcome": read.outcome,
            "time_class": read.book.stands(read.ended)[0] if read.ended and read.book.marks else "",
            "rounds": read.rounds,
            "apologies": read.apologies,
            "holder_id": holder,
            "holder_unit_id": holder_unit,
        }
        if read.state:
            expected |= {"unit_id": read.unit_on(today), "channel": read.channel, "desk_unit_id": self.desk}
        assert {name: row[name] for name in expected} == expected, f"after {done.act}"
        assert stands is None or (row["ended_at"] is None) == (stands[0] not in ("early", "on_time", "late"))
        self.check_book(row["item_id"], read.book)
        self.check_book(row["intake_item_id"], read.filing)
        last = Event.objects.filter(item__in=[row["item_id"], row["intake_item_id"]], facts__has_key="dates")
        stored = last.order_by("-pk")[0].facts["dates"]
        kept = {n: dt.datetime.fromisoformat(v[0]) if v else None for n, v in stored.items()}
        limits = {"due": read.due, "appointed": read.appointed, "regulation": read.regulation}
        assert kept == {name: _moment(limit) for name, limit in limits.items()}

    def check_book(self, item: int | None, track: Any) -> None:
        """At every instant at which something happens, and just before, the journal holds what the reading says."""
        legs = [] if item is None else list(Leg.objects.filter(item=item).order_by("pk"))
        moments = {leg.at for leg in legs} | set(track.instants())
        second = dt.timedelta(seconds=1)
        for t in sorted(moments | {m - second for m in moments} | {clock.now(), BEGIN + dt.timedelta(days=400)}):
            stands = track.stands(t)
            held = Counter[Any]()
            for leg in legs:
                if leg.at <= t and leg.account != "outside":
                    held[leg.account, leg.unit_id, leg.channel] += leg.sign
            assert +held == (Counter([stands[:3]]) if stands else Counter()), t.astimezone(ZONE)
            assert min(held.values(), default=0) >= 0
        ends = [leg for leg in legs if leg.kind == "close" and leg.sign == 1 and leg.outcome]
        taken_back = {leg.reverses_id for leg in legs}
        outcomes = [leg.outcome for leg in ends if leg.pk not in taken_back and leg.reverses_id is None]
        assert outcomes == [mark.outcome for mark in track.marks if mark.kind == "close"]


def _moment(limit: Limit | None) -> dt.datetime | None:
    return limit.at if limit else None


# ---- one step of a story ---------------------------------------------------------------------------------------------


class Teller:
    """Turns what hypothesis chose into acts."""

    def __init__(self, office: Office, story: Story):
        self.office, self.story = office, story
        self.units = [office.district, office.commune, office.other, office.office]

    def _person(self, choice: int) -> User:
        return [self.office.handler, self.office.second, self.office.head][choice % 3]

    def _late(self, act: str, minutes: int, actor: User) -> tuple[dt.datetime, dict[str, Any], bool]:
        """When it happened, what the verb is told of that, and whether it may be entered so late."""
        now = clock.now()
        if not minutes or act not in LATE:
            return now, {}, True
        happened = now - dt.timedelta(minutes=minutes)
        told = {
            "occurred_at": happened,
            "reason": "Ghi muộn vì mất điện",
            "approver": self.office.head,
            "evidence": "Sổ giấy",
        }
        if actor == self.office.head:
            told["approver"] = self.office.chair
        return happened, told, not self.story.late_refused(act, happened, actor)

    def begin(self, filed: bool, unit: Unit, desk: bool, at_once: bool, late: int, choice: int) -> None:
        office, story = self.office, self.story
        desk_unit = office.district if desk else unit
        story.desk = desk_unit.pk
        today = clock.today()
        alive = unit.valid_to is None or unit.valid_to >= today
        channel = ["direct", "online", "post"][choice % 3]
        common = {"procedure": story.procedure, "unit": unit, "applicant": office.applicant, "channel": channel}
        if filed:
            told = {"unit": unit.pk, "channel": channel}
            story.do(
                Done("submit", clock.now(), told, intake=True),
                actions.submit, actor=None, desk_unit=desk_unit, legal=alive, **common,
            )  # fmt: skip
            return
        act = "receive_and_resolve" if at_once else "receive"
        happened, said, may = self._late(act, late, office.clerk)
        alive = unit.valid_to is None or unit.valid_to >= clock.local_date(happened)
        more: dict[str, Any] = {}
        if at_once:
            story.desk = unit.pk
        else:
            more = {"desk_unit": desk_unit, "holder": self._person(choice)}
        holder = more.get("holder", office.clerk)
        told = {"unit": unit.pk, "channel": channel, "place": (holder.pk, story.desk)}
        verb = actions.receive_and_resolve if at_once else actions.receive
        story.do(Done(act, happened, told), verb, actor=office.clerk, legal=may and alive, **common, **said, **more)

    def step(self, sensible: bool, pick: int, late: int, choice: int) -> None:
        acts = ACTS
        if clock.today() >= MERGER:
            self.story.follow()
        if sensible:
            state = self.story.read.state
            acts = [act for act in ACTS if state in ADMITS.get(act, {state})]
        act = acts[pick % len(acts)]
        getattr(self, f"_{act}")(act, late, choice)

    def _common(self, act: str, late: int, told: dict[str, Any], verb: Any, actor: User, **more: Any) -> None:
        """An act that may be late."""
        story = self.story
        assert story.dossier
        happened, said, may = self._late(act, late, actor)
        intake = story.read.received is None
        arguments = {"actor": actor, "dossier": story.dossier.pk, **more, **said}
        story.do(Done(act, happened, told, intake=intake), verb, legal=may, **arguments)

    def _place(self) -> int | None:
        return self.story.row()["holder_unit_id"]

    # the acts, by name

    def _receive(self, act: str, late: int, choice: int) -> None:
        story = self.story
        assert story.dossier
        happened, said, may = self._late(act, late, self.office.clerk)
        row = story.row()
        unit, desk = row["unit_id"], row["desk_unit_id"]
        day = clock.local_date(happened)
        dead = {self.office.commune.pk, self.office.office.pk}
        may = may and not (day >= MERGER and {unit, desk} & dead)
        if day < MERGER:  # a unit that begins later could not have accepted it then; these all existed
            may = may and story.read.state == "submitted"
        holder = self.office.clerk if act == "receive_and_resolve" else self._person(choice)
        told = {"unit": unit, "channel": story.read.channel, "place": (holder.pk, desk)}
        more = {} if act == "receive_and_resolve" else {"holder": holder}
        verb = getattr(actions, act)
        arguments = {"actor": self.office.clerk, "filing": story.dossier.pk, **more, **said}
        legal = may and story.read.state == "submitted"
        story.do(Done(act, happened, told), verb, legal=legal, **arguments)

    _receive_and_resolve = _receive

    def _refuse_intake(self, act: str, late: int, choice: int) -> None:
        legal = self.story.read.state in ("submitted", "intake_waiting")
        self.story.do(
            Done(act, clock.now(), {}, intake=True), actions.refuse_intake, legal=legal,
            actor=self.office.clerk, dossier=self.story.dossier.pk, reason="Sai nơi",
        )  # fmt: skip

    def _request_supplement(self, act: str, late: int, choice: int) -> None:
        more = {"items": ["Tờ khai"], "reason": "Thiếu", "basis": "Luật Đất đai"}
        self._common(act, late, {}, actions.request_supplement, self.office.clerk, **more)

    def _supplement_received(self, act: str, late: int, choice: int) -> None:
        self._common(act, late, {}, actions.supplement_received, self.office.clerk)

    def _pause(self, act: str, late: int, choice: int) -> None:
        why = ["payment", "consultation", "verification", "law"][choice % 4]
        more = {"why": why, "reason": "Chờ"}
        self._common(act, late, {"why": why}, actions.pause, self.office.handler, **more)

    def _resume(self, act: str, late: int, choice: int) -> None:
        self._common(act, late, {}, actions.resume, self.office.handler)

    def _resolve(self, act: str, late: int, choice: int) -> None:
        outcome = "refused" if choice % 4 == 0 else "granted"
        more = {"outcome": outcome, "reason": "Theo quy định"}
        actor = self.office.head if choice % 2 else self.office.handler
        self._common(act, late, {"outcome": outcome}, actions.resolve, actor, **more)

    def _return_dossier(self, act: str, late: int, choice: int) -> None:
        self._common(act, late, {}, actions.return_dossier, self.office.handler, reason="Sai thẩm quyền")

    def _withdraw(self, act: str, late: int, choice: int) -> None:
        self._common(act, late, {}, actions.withdraw, self.office.clerk, reason="Người dân rút")

    def _stop(self, act: str, late: int, choice: int) -> None:
        self._common(act, late, {}, actions.stop, self.office.chair, reason="Tranh chấp")

    def _forward(self, act: str, late: int, choice: int) -> None:
        unit = [None, self.office.office, self.office.district][choice % 3]
        dead = unit is not None and unit.valid_to is not None and clock.today() > unit.valid_to
        holder = self._person(choice)
        place = (holder.pk, unit.pk if unit else self._place())
        self.story.do(
            Done(act, clock.now(), {"place": place}), actions.forward, legal=not dead,
            actor=self.office.clerk, dossier=self.story.dossier.pk, holder=holder, holder_unit=unit,
        )  # fmt: skip

    def _transfer(self, act: str, late: int, choice: int) -> None:
        unit = self.units[choice % 4]
        dead = unit.valid_to is not None and clock.today() > unit.valid_to
        same = self.story.row()["unit_id"] == unit.pk
        told = {"unit": unit.pk, "place": (None, unit.pk)}
        self.story.do(
            Done(act, clock.now(), told), actions.transfer, legal=not dead and not same,
            actor=self.office.chair, dossier=self.story.dossier.pk, unit=unit, reason="Đúng thẩm quyền",
        )  # fmt: skip

    def _send_part(self, act: str, late: int, choice: int) -> None:
        number = 1 + len(self.story.parts)
        known = len(self.story.log)
        self.story.do(
            Done(act, clock.now(), {"number": number}), actions.send_part,
            actor=self.office.handler, dossier=self.story.dossier.pk, unit=self.office.other, work="Xác nhận",
            term=TWO_DAYS,
        )  # fmt: skip
        if len(self.story.log) > known:
            self.story.parts.append(DossierPart.objects.order_by("-pk")[0].pk)

    def _part_returned(self, act: str, late: int, choice: int) -> None:
        if not self.story.parts:
            return
        number = choice % len(self.story.parts)
        self.story.do(
            Done(act, clock.now(), {"number": number + 1}), actions.part_returned,
            actor=self.office.handler, part=self.story.parts[number],
        )  # fmt: skip

    def _to(self, act: str, to: User | None, actor: User, verb: Any, unit: int | None, **more: Any) -> None:
        told = {"place": (to.pk if to else None, unit)}
        self.story.do(
            Done(act, clock.now(), told), verb, actor=actor, dossier=self.story.dossier.pk, to=to, **more
        )  # fmt: skip

    def _propose(self, act: str, late: int, choice: int) -> None:
        self._to(act, self.office.chair, self.office.handler, actions.propose, self._place())

    def _return_for_correction(self, act: str, late: int, choice: int) -> None:
        to = self._person(choice)
        self._to(act, to, self.office.chair, actions.return_for_correction, self._place(), reason="Sửa")

    def _approve(self, act: str, late: int, choice: int) -> None:
        to = self.office.clerk if choice % 2 else None
        self._to(act, to, self.office.chair, actions.approve, self.story.row()["desk_unit_id"])

    def _apologise(self, act: str, late: int, choice: int) -> None:
        day = clock.today() + dt.timedelta(days=choice % 9)
        appointed = self.story.read.appointed
        legal = day > clock.today() and works(day) and (appointed is None or day > appointed.at.date())
        self.story.do(
            Done(act, clock.now(), {"day": day}), actions.apologise, legal=legal,
            actor=self.office.chair, dossier=self.story.dossier.pk, reason="Chờ đo đạc", new_appointment=day,
        )  # fmt: skip

    def _move_due(self, act: str, late: int, choice: int) -> None:
        days = choice % 8
        self.story.do(
            Done(act, clock.now(), {"days": days}), actions.move_due, legal=days > 0,
            actor=self.office.chair, dossier=self.story.dossier.pk, days=days, decision="QĐ 1", reason="Bão",
        )  # fmt: skip

    def _reclassify(self, act: str, late: int, choice: int) -> None:
        channel = ["direct", "online", "post", "online_assisted"][choice % 4]
        self.story.do(
            Done(act, clock.now(), {"channel": channel}), actions.reclassify, legal=channel != self.story.read.channel,
            actor=self.office.clerk, dossier=self.story.dossier.pk, channel=channel, reason="Nhầm",
        )  # fmt: skip

    def _hand_over(self, act: str, late: int, choice: int) -> None:
        filed = self.story.read.received is None
        self.story.do(
            Done(act, clock.now(), {}, intake=filed), actions.hand_over_result,
            actor=self.office.clerk, dossier=self.story.dossier.pk,
        )  # fmt: skip

    def _correct_acceptance(self, act: str, late: int, choice: int) -> None:
        story = self.story
        stands = {id(d.voids) for d in story.log if d.voids}
        first = next((d for d in story.log if d.act.startswith("receive") and id(d) not in stands), None)
        received = story.read.received
        hours = [0, -26, 3, -1][choice % 4]
        channel = [None, "post"][choice // 4 % 2]
        more: dict[str, Any] = {}
        now_at, legal = received, first is not None
        if first is not None and received is not None:
            said = first.told["channel"]
            for d in story.log:
                if d.corrects is first:
                    said = d.told["channel"]
            now_at = received + dt.timedelta(hours=hours)
            legal = now_at <= clock.now() and (hours != 0 or channel not in (None, said))
            unit = Unit.objects.get(pk=first.told["unit"])
            legal = legal and (unit.valid_to is None or unit.valid_to >= clock.local_date(now_at))
            more = {"received_at": now_at if hours else None, "channel": channel}
            told = {"channel": channel or said}
        else:
            told = {}
        story.do(
            Done(act, now_at or clock.now(), told, corrects=first), actions.correct_acceptance, legal=legal,
            actor=self.office.clerk, dossier=story.dossier.pk, reason="Ghi nhầm", approver=self.office.head, **more,
        )  # fmt: skip

    def _void(self, act: str, late: int, choice: int) -> None:
        story = self.story
        target = story.log[choice % len(story.log)]
        gone = any(d.voids is target for d in story.log)
        never = target.voids is not None or target.corrects is not None or target.act in ("send_part", "part_returned")
        story.do(
            Done(act, clock.now(), {}, intake=target.intake, voids=target), actions.void_event,
            legal=not gone and not never,
            actor=self.office.handler, dossier=story.dossier.pk, seq=target.seq, intake=target.intake, reason="Nhầm",
            approver=self.office.head,
        )  # fmt: skip

    def _window(self, act: str, late: int, choice: int) -> None:
        now = clock.now()
        unit, until = self.office.district, now + dt.timedelta(days=2)
        made = actions.approve_catch_up(
            actor=self.office.chair, unit=unit, done_from=now - dt.timedelta(days=6),
            done_to=now - dt.timedelta(minutes=1), enter_until=until, reason="Mất mạng",
        )  # fmt: skip
        assert CatchUpWindow.objects.filter(pk=made.pk).exists()
        self.story.windows.append((unit.pk, made.done_from, made.done_to, until))


ACTS = [act for act in ADMITS if act != "submit"] + ["correct_acceptance", "void", "window"]
GAPS = [0, 4, 45, 200, 700, 1440, 2880, 5760]
LATENESS = [0, 0, 0, 0, 3, 60, 1440, 4 * 1440]
# Most steps are drawn among what the state admits (few at random would be), one in four among everything.
steps = st.tuples(
    st.sampled_from([True, True, True, False]),
    st.integers(0, 59),
    st.sampled_from(GAPS),
    st.sampled_from(LATENESS),
    st.integers(0, 19),
)
beginnings = st.tuples(
    st.sampled_from(sorted(TERMS)),
    st.sampled_from([False, False, True]),  # filed
    st.integers(0, 2),  # unit
    st.booleans(),  # at the desk of the district
    st.sampled_from([False] * 7 + [True]),  # resolved at once
    st.sampled_from([0, 0, 60, 1440]),  # minutes late
    st.integers(0, 2),
    st.sampled_from([0, 340, 1440, 5 * 1440, 9 * 1440]),  # minutes after the beginning
)


@given(
    first=beginnings,
    following=st.lists(steps, min_size=3, max_size=14),
    restart=st.booleans(),
    by_appointment=st.sampled_from([False, False, True]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_story_reads_the_same_told_quickly_or_slowly(world, first, following, restart, by_appointment):
    office = world
    name, filed, unit, desk, at_once, late, choice, wait = first
    rules = Rules(
        TERMS[name],
        restart=restart,
        by_appointment=by_appointment,
        merged=((office.commune.pk, office.other.pk), (office.office.pk, office.district.pk)),
        merger=MERGER,
    )
    with transaction.atomic():
        law(
            supplement_effect="restart" if restart else "pause",
            class_by="appointed" if by_appointment else "due",
            backdate_working_days=1,
        )
        story = Story(office, rules, name)
        teller = Teller(office, story)
        now = BEGIN + dt.timedelta(minutes=wait)
        with clock.at(now):
            teller.begin(filed, teller.units[unit], desk, at_once, late, choice)
        for sensible, pick, gap, lateness, chosen in following:
            if story.dossier is None:
                break
            now += dt.timedelta(minutes=gap)
            with clock.at(now):
                teller.step(sensible, pick, lateness, chosen)
        with clock.at(now):
            assert [*verify.check_items(), *verify.check_series()] == []
        assert Item.objects.filter(book=Book.DOSSIER_PART).count() == len(story.parts)
        transaction.set_rollback(True)


def told(world: Office, rules: Rules, deeds: list[tuple[int, str, int, int]]) -> Story:
    """A story of land received at the district on Monday 05/6 at 08:00: (minutes since the last, act, late, choice)."""
    story = Story(world, rules, "land")
    teller, now = Teller(world, story), BEGIN
    with clock.at(now):
        teller.begin(False, world.district, False, False, 0, 0)
    for wait, act, late, choice in deeds:
        now += dt.timedelta(minutes=wait)
        with clock.at(now):
            getattr(teller, f"_{act}")(act, late, choice)
    return story


def test_where_the_appointment_decides_an_apology_gives_time(world):
    law(class_by="appointed")
    day = 1440
    story = told(world, Rules(TERMS["land"], by_appointment=True), [
        (2 * day, "apologise", 0, 7),  # to 14/6
        (6 * day, "request_supplement", 0, 0),  # on 13/6: past the due date, before the appointment
        (1 * day, "supplement_received", 0, 0),
        (1 * day, "resolve", 0, 1),
    ])  # fmt: skip
    assert story.row()["time_class"] == "on_time"
    assert story.read.ended
    assert story.read.due
    assert story.read.ended > story.read.due.crossed


def test_what_was_voided_may_be_entered_anew_by_a_leader_and_nothing_else(world):
    day = 1440
    begun = [(2 * day, "resolve", 0, 1), (5 * day, "void", 0, 1), (60, "resolve", 4 * day, 2)]
    story = told(world, Rules(TERMS["land"]), begun)
    assert [d.act for d in story.log] == ["receive", "resolve", "void"], "by who leads nobody"
    again = BEGIN + dt.timedelta(days=7, minutes=60)
    with clock.at(again):
        late = {
            "dossier": story.dossier.pk,
            "occurred_at": again - dt.timedelta(days=4),
            "reason": "Nhầm",
            "evidence": "Sổ giấy trang 5",
        }
        story.do(
            Done("pause", late["occurred_at"], {"why": "law"}), actions.pause, legal=False,
            actor=world.head, approver=world.chair, why="law", **late,
        )  # fmt: skip
        story.do(
            Done("resolve", late["occurred_at"], {"outcome": "granted"}), actions.resolve,
            actor=world.head, approver=world.chair, **late,
        )  # fmt: skip
    assert (story.row()["late_entry"], story.row()["time_class"]) == (True, "early")
