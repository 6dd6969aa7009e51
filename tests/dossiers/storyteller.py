"""Random legal histories of dossiers, across the succession of 01/7/2025, and the verbs that live them one by one."""

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any
from unittest import mock

from django.db import transaction

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.dossiers import acting, actions, allowing, succession
from motcua.dossiers.accepting import Terms, first_steps, terms_for
from motcua.dossiers.bulk import Deed, History
from motcua.dossiers.deeds import Given, World
from motcua.dossiers.models import Dossier, DossierPart
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, TABLE, Act, State
from motcua.dossiers.telling import Telling
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, Duty, Unit, User
from motcua.parties.actions import digest, record_party
from motcua.parties.models import Party
from motcua.procedures.actions import adopt, create_procedure, define_process
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Draft, Head, TermDraft
from motcua.procedures.flow import Step
from motcua.procedures.models import Procedure
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.support.cast import Cast, make_cast

FIRST, LAST = dt.date(2025, 3, 3), dt.date(2025, 9, 30)
# Acts that may be entered late, and under which verb's own name for the free text.
LATE = {Act.PAUSE, Act.RESUME, Act.RESOLVE, Act.STOP, Act.WITHDRAW, Act.RETURN_DOSSIER, Act.REQUEST_SUPPLEMENT}
# REASSIGN belongs to a hand-over of all that a person holds; SUBMIT comes first.
CHOICES = [a for a in Act if a not in (Act.REASSIGN, Act.SUBMIT)]


@dataclass
class Place:
    """The world of the stories."""

    cast: Cast
    procedures: list[Procedure]
    applicants: list[Party]
    units: list[Unit]


def build() -> Place:
    """Cast, three procedures (days with steps, same day, hours), applicants of three communes and one from away."""
    cast = make_cast()
    made = []
    for code, name, value, unit, start in (
        ("1.009991", "Đăng ký biến động", 5, "working_day", "next_day"),
        ("1.009992", "Chứng thực bản sao", 0, "same_day", "same_day_15h"),
        ("1.009993", "Xác nhận", 12, "working_hour", "immediately"),
    ):
        term = TermDraft(Stated.STATED, value=Decimal(value), unit=unit, start_rule=start, confirmed=True)
        draft = Draft(Head(name=name, field="Đất đai"), terms=(term,))
        made.append(
            create_procedure(code=code, draft=draft, valid_from=dt.date(2020, 1, 1), basis="Quyết định").procedure
        )
    steps = [
        Step("Tiếp nhận", Duty.RECEIVE, value=Decimal(4), unit="working_hour"),
        Step("Xử lý", Duty.HANDLE, value=Decimal(2), unit="working_day"),
    ]
    define_process(procedure=made[0], steps=steps, valid_from=dt.date(2020, 1, 1), decision="QĐ 1")
    units = [cast.cauke, cast.justice, cast.unit("29308"), cast.unit("29317"), cast.xa_cau_ke, cast.xa_an_phu_tan]
    for unit in units:
        for procedure in made:
            adopt(unit=unit, procedure=procedure, valid_from=max(unit.valid_from, dt.date(2020, 1, 1)))
    for procedure in made:
        for book in (Book.INTAKE, Book.DOSSIER, Book.DOSSIER_PART):
            with clock.at(moment(FIRST)):
                name = "" if book == Book.DOSSIER_PART else procedure.versions.get().name
                ledger.category(book=book, procedure=procedure.code, field="Đất đai", name=name)
    homes = [cast.unit("29308"), cast.unit("29311"), cast.unit("29320"), cast.unit("29374"), None]
    applicants = [
        record_party(actor=None, name=f"Thạch Thị Mẫu {n}", commune=home, invented=True) for n, home in enumerate(homes)
    ]
    return Place(cast, made, applicants, units)


def moment(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return clock.local_moment(day, dt.time(hour, minute))


class Teller:
    """Makes up one history at a time."""

    def __init__(self, place: Place, seed: int):
        self.place, self.random = place, random.Random(seed)
        self.world = World(org.succession_map(), TWO_TIER_DAY, digest, lambda terms: 1, LAST)
        self.duties: dict[Any, Any] = {}

    def history(self) -> History:
        r = self.random
        while True:
            start = FIRST + dt.timedelta(days=r.randrange(150))
            at = moment(start, r.randrange(7, 17), r.randrange(60)) + dt.timedelta(seconds=r.randrange(60))
            unit = r.choice([u for u in self.place.units if u.valid_from <= start and (u.valid_to or start) >= start])
            history = History([])
            first = self._opening(unit, at)
            if first is not None:
                history.deeds.append(first)
                break
        for _ in range(r.randrange(14)):
            gap = r.choice([1, 7, 45, 200, 1500, 6000, 30_000])
            at += dt.timedelta(minutes=r.randrange(1, gap + 1), seconds=r.randrange(60))
            if clock.local_date(at) > LAST:
                break
            deed = self._next(history, at)
            if deed is not None:
                history.deeds.append(deed)
        return history

    # ---- openings ---------------------------------------------------------------------------------------------------

    def _opening(self, unit: Unit, at: dt.datetime) -> Deed | None:
        r = self.random
        procedure, applicant = r.choice(self.place.procedures), r.choice(self.place.applicants)
        told: dict[str, Any] = {
            "unit": unit,
            "applicant": applicant,
            "subject": f"Việc số {r.randrange(1000)}",
            "invented": True,
            "papers": [{"name": "Đơn đề nghị", "kind": "original"}, {"name": "Giấy tờ", "copies": 2}],
        }
        if r.random() < 0.35:
            told |= {"channel": "online", "terms": self._terms(procedure, "online", unit, at, Book.INTAKE)}
            return Deed(Act.SUBMIT, at, None, "", told)
        told["channel"] = channel = r.choice(["direct", "post", "online_assisted"])
        told |= {"terms": self._terms(procedure, channel, unit, at, Book.DOSSIER)}
        if unit == self.place.cast.justice:
            told["desk_unit"] = self.place.cast.cauke
        act = Act.RECEIVE_AND_RESOLVE if r.random() < 0.1 and "desk_unit" not in told else Act.RECEIVE
        if act is Act.RECEIVE:
            told |= {"copies": r.randrange(1, 4), "result_method": r.choice(["counter", "post"])}
        told["step"] = self._step(procedure, unit, at)
        desk = told.get("desk_unit") or unit
        return self._done(act, at, [desk.pk], told, late=r.random() < 0.1)

    def _terms(self, procedure: Procedure, channel: str, unit: Unit, at: dt.datetime, book: Book) -> Terms:
        return terms_for(procedure=procedure, case=None, channel=channel, unit=unit, at=at, book=book)

    def _step(self, procedure: Procedure, unit: Unit, at: dt.datetime):
        return first_steps(unit, clock.local_date(at)).filter(process__procedure=procedure).first()

    # ---- later acts -------------------------------------------------------------------------------------------------

    def _next(self, history: History, at: dt.datetime) -> Deed | None:
        """A random act the state admits now; None where nobody may or its verb would refuse it."""
        now = self._tell(History([*history.deeds]), clock.local_date(at))
        row, walk = now.row, now.walk
        assert walk is not None
        admitted = [a for a in CHOICES if walk.state in TABLE[a]] if walk.state else []
        while admitted:
            act = self.random.choice(admitted)
            admitted.remove(act)
            told = self._told(act, history, now, at)
            if told is None:
                continue
            late = act in LATE and self.random.random() < 0.15
            deed = self._done(act, at, [row.unit_id, row.desk_unit_id, row.holder_unit_id], told, late=late)
            if deed is None or (walk.last_at and deed.happened < walk.last_at):
                continue
            try:
                self._tell(History([*history.deeds, deed]), clock.local_date(at))
            except MotcuaError:
                continue
            return deed
        return None

    def _tell(self, history: History, today: dt.date) -> Telling:
        """The history so far, its row as the next act will meet it: after the succession, if one lies between."""
        notes = {n: (1, "") for n, deed in enumerate(history.deeds) if deed.text}
        return Telling(history, Given(1, "H-1", "NOP-1", notes), replace(self.world, today=today))

    def _done(
        self, act: Act, at: dt.datetime, units: list[int | None], told: dict[str, Any], *, late: bool
    ) -> Deed | None:
        needs = act in (Act.VOID, Act.CORRECT_ACCEPTANCE)
        occurred = at - dt.timedelta(minutes=self.random.randrange(6, 90)) if late else None
        day = clock.local_date(at)
        actor, duty = self._someone(DUTIES[act], units, day)
        approver, _ = self._someone(LEADER_DUTIES, units, day, but=actor) if late or needs else (None, "")
        if actor is None or ((late or needs) and approver is None):
            return None
        note = f"Lý do {self.random.randrange(1000)}" if late or act in NOTED or self.random.random() < 0.2 else ""
        if act in SILENT and not late:
            note = ""
        return Deed(act, at, actor, duty, told, note, approver, occurred, "backdated" if late else "")

    def _someone(self, duties, units, day: dt.date, but: User | None = None) -> tuple[User | None, str]:
        """Somebody who may, in the duty in which the verb lets them; nobody found: (None, "")."""
        where, cast = frozenset(u for u in units if u), self.place.cast
        people = [p for p in (*cast.by_duty.values(), cast.above, cast.other) if but is None or p.pk != but.pk]
        self.random.shuffle(people)
        with clock.at(moment(day)):
            for person in people:
                key = (person.pk, frozenset(duties), where, day)
                if key not in self.duties:
                    try:
                        self.duties[key] = allowing.held_duty(person, duties, where, "không")
                    except MotcuaError:
                        self.duties[key] = ""
                if self.duties[key]:
                    return person, self.duties[key]
        return None, ""

    def _told(self, act: Act, history: History, now: Telling, at: dt.datetime) -> dict[str, Any] | None:
        r, row, cast = self.random, now.row, self.place.cast
        someone = r.choice(list(cast.by_duty.values()))
        match act:
            case Act.RECEIVE | Act.RECEIVE_AND_RESOLVE:
                unit = Unit.objects.get(pk=row.unit_id)
                procedure = now.terms.version.procedure
                try:
                    terms = self._terms(procedure, row.channel, unit, at, Book.DOSSIER)
                except MotcuaError:
                    return None  # reopened on this very day: the row has not followed its unit yet
                return {"terms": terms, "step": self._step(procedure, unit, at)}
            case Act.REQUEST_SUPPLEMENT:
                return {"items": ["Bản vẽ", "  ", "Giấy ủy quyền"], "basis": "Điều 1" if row.rounds else ""}
            case Act.SUPPLEMENT_RECEIVED:
                return {"papers": [{"name": "Bản vẽ"}]}
            case Act.PAUSE:
                return {"why": r.choice(["payment", "consultation", "verification", "law"])}
            case Act.FORWARD:
                step = now.terms.version.procedure.processes.first()
                step = r.choice([None, step.steps.get(position=2)]) if step else None
                unit = r.choice([None, cast.justice if at < moment(TWO_TIER_DAY, 0) else None])
                return {"holder": someone, "holder_unit": unit, "step": step}
            case Act.TRANSFER:
                return {"unit": r.choice([u for u in self._living(at) if u.pk != row.unit_id])}
            case Act.SEND_PART:
                term = Term(r.randrange(1, 5), TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
                return {"unit": r.choice(self._living(at)), "work": "Xác nhận nghĩa vụ thuế", "term": term}
            case Act.PART_RETURNED:
                assert now.walk is not None
                return {"number": min(now.walk.open_parts)} if now.walk.open_parts else None
            case Act.PROPOSE:
                return {"to": someone, "proposal": r.choice(["granted", "refused"])}
            case Act.RETURN_FOR_CORRECTION:
                return {"to": someone}
            case Act.APPROVE:
                return {"to": r.choice([None, someone])}
            case Act.RESOLVE:
                return {"outcome": r.choice(["granted", "granted", "refused"])}
            case Act.APOLOGISE:
                return self._apology(now, at)
            case Act.MOVE_DUE:
                return {"days": r.randrange(1, 6), "decision": "QĐ 12/QĐ-UBND"}
            case Act.RECLASSIFY:
                return {"channel": r.choice([c for c in ("direct", "online", "post") if c != row.channel])}
            case Act.HAND_OVER:
                collector = r.choice([None, self.place.applicants[0]])
                return {"method": r.choice(["counter", "post"]), "collector": collector}
            case Act.CORRECT_ACCEPTANCE:
                return self._correction(now)
            case Act.VOID:
                return self._void(now)
        return {}

    def _living(self, at: dt.datetime) -> list[Unit]:
        day = clock.local_date(at)
        return [u for u in self.place.units if u.valid_from <= day and (u.valid_to or day) >= day]

    def _apology(self, now: Telling, at: dt.datetime) -> dict[str, Any] | None:
        assert now.walk is not None
        latest = max(clock.local_date(at), now.walk.appointed.due_date if now.walk.appointed else FIRST)
        day = latest + dt.timedelta(days=self.random.randrange(1, 8))
        return {"new_appointment": day} if now.walk.contract.calendar.is_working(day) else None

    def _correction(self, now: Telling) -> dict[str, Any] | None:
        voided = {t.voids for t in now.told}
        received = [t.entry for t in now.told if t.entry.act in (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)]
        accepted = [entry for entry in received if entry.seq not in voided]
        # A second acceptance (the first voided) would make two candidates; one correction is enough.
        if len(received) != 1 or not accepted or any(t.entry.act is Act.CORRECT_ACCEPTANCE for t in now.told):
            return None
        first = accepted[0]
        unit = Unit.objects.get(pk=first.facts["unit"])
        channel = self.random.choice([c for c in ("direct", "online", "post") if c != first.facts["channel"]])
        procedure = self.random.choice(self.place.procedures)
        terms = self._terms(procedure, channel, unit, first.at, Book.DOSSIER)
        return {"terms": terms, "channel": channel, "unit": None, "received_at": None}

    def _void(self, now: Telling) -> dict[str, Any] | None:
        own = 1 if now.dossier_book is not None else 0
        voided = {t.voids for t in now.told}
        never = (Act.VOID, Act.CORRECT_ACCEPTANCE, Act.SEND_PART, Act.PART_RETURNED)
        found = [
            t
            for t in now.told
            if t.item_id == own and t.entry.seq not in voided and t.entry.act not in never and t.entry.act != Act.SUBMIT
        ]
        # Mostly the last act, which is what offices take back.
        return {"seq": self.random.choice([found[-1], found[-1], *found]).seq} if found else None


# Verbs that insist on a free text, and those that take none.
NOTED = {
    Act.REFUSE_INTAKE, Act.REQUEST_SUPPLEMENT, Act.PAUSE, Act.TRANSFER, Act.RETURN_FOR_CORRECTION, Act.RETURN_DOSSIER,
    Act.WITHDRAW, Act.STOP, Act.APOLOGISE, Act.MOVE_DUE, Act.RECLASSIFY, Act.CORRECT_ACCEPTANCE, Act.VOID, Act.RESOLVE,
    Act.PROPOSE,
}  # fmt: skip
SILENT = {Act.RECEIVE, Act.RECEIVE_AND_RESOLVE}
_CALLED = {
    Act.APOLOGISE: "apologise", Act.STOP: "stop", Act.WITHDRAW: "withdraw", Act.HAND_OVER: "hand_over_result",
    Act.VOID: "void_event", Act.MOVE_DUE: "move_due",
}  # fmt: skip
# These call their free text a note, the others a reason.
_NOTES = {Act.FORWARD, Act.SEND_PART, Act.PART_RETURNED, Act.PROPOSE, Act.APPROVE, Act.HAND_OVER}


def in_recorded_order(histories: list[History]) -> Iterator[tuple[int, int, Deed]]:
    found = [(deed.at, h, d) for h, history in enumerate(histories) for d, deed in enumerate(history.deeds)]
    for _, h, d in sorted(found):
        yield h, d, histories[h].deeds[d]


def live(histories: list[History], today: dt.date) -> list[Dossier]:
    """Let all histories happen through the verbs, in the order they were recorded, the units' succession between."""
    made: dict[int, int] = {}
    ticked = TWO_TIER_DAY - dt.timedelta(days=1)
    with counted_salts(), transaction.atomic():
        for h, _, deed in in_recorded_order(histories):
            if (day := clock.local_date(deed.at)) > ticked:
                succession.follow(day)
                ticked = day
            with clock.at(deed.at):
                made[h] = _do(deed, made.get(h))
        succession.follow(today)
    return [Dossier.objects.get(pk=made[h]) for h in range(len(histories))]


def _do(deed: Deed, dossier: int | None) -> int:
    told = dict(deed.told)
    act = deed.act
    told.pop("step", None) if act is not Act.FORWARD else None
    terms: Terms | None = told.pop("terms", None)
    told["actor"] = deed.actor
    if deed.note:
        told["note" if act in _NOTES else "reason"] = deed.note
    if deed.approver:
        told["approver"] = deed.approver
    if deed.occurred_at:
        told["occurred_at"] = deed.occurred_at
    if act in (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE) and dossier is not None:
        told["filing"] = dossier
    elif act in (Act.SUBMIT, Act.RECEIVE, Act.RECEIVE_AND_RESOLVE):
        told["procedure"] = terms.version.procedure
    elif act is Act.PART_RETURNED:
        code = Dossier.objects.get(pk=dossier).code
        told["part"] = DossierPart.objects.get(item__code=f"{code}/LT-{told.pop('number')}").pk
    else:
        told["dossier"] = dossier
    if act is Act.CORRECT_ACCEPTANCE:
        told["procedure"] = terms.version.procedure
    done = getattr(actions, _CALLED.get(act, act.value))(**told)
    if act in (Act.SEND_PART, Act.PART_RETURNED):
        return done.dossier_id
    return done.pk


@contextmanager
def counted_salts() -> Iterator[None]:
    """Salts 1, 2, 3 …, as :func:`salts` gives them to the bulk path."""
    with mock.patch.object(acting.secrets, "token_hex", salts()):
        yield


def salts():
    numbers = count(1)
    return lambda *_: f"{next(numbers):032d}"


def lived_states(rows: list[Dossier]) -> set[State]:
    return {State(row.state) for row in rows}
