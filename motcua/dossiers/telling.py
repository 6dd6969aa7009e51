"""A dossier's whole history, told act by act in memory: what its verbs would have recorded, without asking a database.

The caller answers for what the verbs check beside the state machine: who had which duty, what was adopted, which step
comes first. The state machine, dates, facts and timelines are the same code as the verbs' own.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from motcua.core import clock
from motcua.core.text import clean
from motcua.dossiers import drafting
from motcua.dossiers.accepting import Terms
from motcua.dossiers.acting import INTAKE_OFFSET, apply_walk, contract_of, path_in, replay_named
from motcua.dossiers.acting import Row as Told
from motcua.dossiers.actions.common import Paper, particulars, step_due_at
from motcua.dossiers.deeds import NOTE_KINDS, Deed, Given, History, World
from motcua.dossiers.models import Dossier, DossierPart, Note, SupplementRequest
from motcua.dossiers.states import Act, Outcome
from motcua.dossiers.succession import places_on
from motcua.dossiers.walk import Entry, Walk, standing, with_successions
from motcua.ledger import bulk as ledger
from motcua.ledger.models import Book, Channel
from motcua.ledger.rules import Fact
from motcua.org.models import Unit
from motcua.parties.models import Party
from motcua.worktime import rules as worktime


@dataclass(slots=True)
class _Book:
    """The events of one item while they are told."""

    code: str
    unit: int
    events: list[ledger.EventDraft] = field(default_factory=list)
    facts: list[Fact] | None = None  # those the last timeline was made of


class Telling:
    """One history told. Afterwards ``row`` and the lists beside it are what is to be inserted."""

    def __init__(self, history: History, given: Given, world: World):
        self.given, self.world = given, world
        first = history.deeds[0].told
        self.applicant: Party = first["applicant"]
        self.territory: int | None = self.applicant.commune_id
        self.path = lru_cache(maxsize=None)(path_in(world.successions, self.territory))
        self.walk: Walk | None = None
        self.told: list[Told] = []
        self.followed = clock.local_date(history.deeds[0].at) - dt.timedelta(days=1)
        self.terms: Terms = first["terms"]
        self.dossier_book: _Book | None = None
        self.intake_book: _Book | None = None
        self.part_books: list[_Book] = []
        self.part_facts: list[list[Fact]] = []
        self.notes: list[Note] = []
        self.papers: list[Paper] = []
        self.supplements: list[SupplementRequest] = []
        self.parts: list[DossierPart] = []
        self.row = self._new_row(history.deeds[0])
        for index, deed in enumerate(history.deeds):
            self._tell(index, deed)
        assert self.walk is not None
        apply_walk(self.row, self.walk, self._timeline(), history.deeds[-1].at, self.path)
        self._follow(world.today)
        books = [book for book in (self.dossier_book, self.intake_book) if book is not None]
        self.row.changed_at = max(event.recorded_at for book in books for event in book.events)

    def forget(self) -> None:
        """Let go of what only the telling needed: tens of thousands of these stand in memory together."""
        self.told, self.walk = [], None

    def drafts(self) -> list[ledger.Draft]:
        """The items to be written, the dossier's own first."""
        books: list[tuple[Book, _Book | None]] = [
            (Book.DOSSIER, self.dossier_book),
            (Book.INTAKE, self.intake_book),
            *((Book.DOSSIER_PART, part) for part in self.part_books),
        ]
        return [ledger.Draft(b, k.code, k.unit, self.territory, k.events) for b, k in books if k is not None]

    # ---- one act ----------------------------------------------------------------------------------------------------

    def _tell(self, index: int, deed: Deed) -> None:
        self._follow(clock.local_date(deed.at))
        act, told = deed.act, deed.told
        target = self._target(told["seq"]) if act is Act.VOID else None
        if act in drafting.ACCEPTING:
            self._accept(told, deed)
        state = self.walk.state if self.walk else None
        if target is None:
            accepted = self.walk is not None and self.walk.received_at is not None
            in_intake = self.intake_book is not None and drafting.goes_to_intake(act, state, received=accepted)
        else:
            in_intake = target.item_id == 0
        book = self.intake_book if in_intake else self.dossier_book
        assert book is not None
        facts = _FACTS[act](self, deed, target)
        seq = len(book.events) + 1
        place = (INTAKE_OFFSET if in_intake else 0) + seq
        entry = Entry(place, act, deed.happened, facts)
        voided = target.entry.seq if target else None
        self.told.append(Told(entry, 0, 0 if in_intake else 1, seq, voided))
        walk = self._walked(entry, target)
        self.row.late_entry = self.row.late_entry or bool(deed.mark)
        drafted = drafting.draft_event(
            walk,
            act,
            facts,
            in_intake=in_intake,
            filed_before=self.intake_book is not None,
            voids=target.entry.act if target else None,
            note=self._note(index, deed),
            mark=deed.mark,
            approver=deed.approver.pk if deed.approver else None,
            path=self.path,
        )
        timeline = drafted.intake_timeline if in_intake else drafted.timeline
        self._record(book, deed, act.value, drafted.facts, timeline, target)
        if drafted.mirror:
            assert self.intake_book is not None
            facts = drafting.mirrored(seq, self.row.code)
            self._record(self.intake_book, deed, drafted.mirror, facts, drafted.intake_timeline)
        self._keep_place(deed)
        if after := _AFTER.get(act):
            after(self, deed, target, seq)

    def _walked(self, entry: Entry, target: Told | None) -> Walk:
        """The walk after this act: one step further, or from the beginning where the past has changed."""
        anew = entry.act in (Act.VOID, Act.CORRECT_ACCEPTANCE, *drafting.ACCEPTING) or self.walk is None
        if anew:
            acts = standing([(t.entry, t.voids) for t in self.told])
            before = standing([(t.entry, t.voids) for t in self.told[:-1]])
            self.walk = replay_named(contract_of(acts or before), acts, target)
        else:
            assert self.walk is not None
            self.walk.apply(entry)
        return self.walk

    def _record(
        self,
        book: _Book,
        deed: Deed,
        verb: str,
        facts: dict[str, Any],
        timeline: list[Fact] | None,
        target: Told | None = None,
    ) -> None:
        # The same facts make the same legs: nothing to post, nothing to compare.
        posted, book.facts = (None, book.facts) if timeline == book.facts else (timeline, timeline)
        book.events.append(
            ledger.EventDraft(
                verb=verb,
                occurred_at=deed.happened,
                recorded_at=deed.at.astimezone(dt.UTC),
                actor=deed.actor.pk if deed.actor else None,
                duty=deed.duty,
                unit=self.row.desk_unit_id,
                facts=facts,
                timeline=posted,
                voids_seq=target.seq if target else None,
            )
        )

    def _note(self, index: int, deed: Deed) -> list[Any] | None:
        if index not in self.given.notes:
            return None
        pk, salt = self.given.notes[index]
        text = deed.text
        note = Note(
            pk=pk,
            dossier_id=self.given.dossier,
            kind=NOTE_KINDS.get(deed.act, "reason"),
            text=text,
            salt=salt,
            created_at=deed.at,
            author=deed.actor,
        )
        self.notes.append(note)
        return [pk, hashlib.sha256((salt + text).encode()).hexdigest()]

    def _target(self, seq: int) -> Told:
        """The act a void takes back, by its number in its own book."""
        own = 1 if self.dossier_book is not None else 0
        return next(t for t in self.told if t.seq == seq and t.item_id == own)

    def _timeline(self) -> list[Fact]:
        """What counts for the row: the dossier's own timeline, a filing's while there is none."""
        assert self.walk is not None
        return with_successions(self.walk.facts or self.walk.intake_facts, self.path)

    # ---- the row ----------------------------------------------------------------------------------------------------

    def _new_row(self, deed: Deed) -> Dossier:
        told = deed.told
        unit: Unit = told["unit"]
        desk: Unit = told.get("desk_unit") or unit
        filing = deed.act is Act.SUBMIT
        row = Dossier(
            pk=self.given.dossier,
            **self.terms.columns(),
            **particulars(
                told.get("channel") or (Channel.ONLINE if filing else Channel.DIRECT),
                self.applicant,
                told.get("submitter"),
                told.get("collector"),
                told.get("subject", ""),
                told.get("copies", 1),
                told.get("result_method") or ("online" if filing else "counter"),
                unit,
                desk,
                told.get("invented", False),
            ),
        )
        if filing:
            row.submitted_at, row.filing_code = deed.at, self.given.filing_code
            self.intake_book = _Book(self.given.filing_code, unit.pk)
        self.papers = list(told.get("papers", ()))
        return row

    def _accept(self, told: dict[str, Any], deed: Deed) -> None:
        """What an acceptance fixes in the row; the item is opened with the first one only."""
        self._set_terms(told["terms"])
        if self.intake_book is not None:
            # What was reopened on the day its unit went over has not been followed by tick yet.
            self._move_on(clock.local_date(deed.happened))
        self.row.code = self.given.code
        if self.dossier_book is None:
            self.dossier_book = _Book(self.given.code, self.row.unit_id)
        if deed.act is Act.RECEIVE and told.get("external_code"):
            self.row.external_code = clean(told["external_code"])[:80]

    def _set_terms(self, terms: Terms) -> None:
        self.terms = terms
        for name, value in terms.columns().items():
            setattr(self.row, name, value)

    def _keep_place(self, deed: Deed) -> None:
        """Where the dossier is and who holds it; dates and state are set once, at the end."""
        row, walk = self.row, self.walk
        assert walk is not None
        row.holder_id, row.holder_unit_id = walk.place(self.path, clock.local_date(deed.at))
        row.step_id, row.rounds = walk.step, walk.rounds
        row.ended_at, row.received_at = walk.ended_at, walk.received_at
        row.channel = walk.channel or row.channel
        first = self.world.first_succession
        if deed.act in _PLACING or (first is not None and clock.local_date(deed.at) >= first):
            moved = [f.unit for f in self._timeline() if f.unit and f.kind in _MOVES and f.at <= deed.at]
            row.unit_id = moved[-1] if moved else walk.unit or row.unit_id

    def _follow(self, day: dt.date) -> None:
        """The row of a pending dossier goes to the successor of its unit, as ``tick`` lets it once a day."""
        first = self.world.first_succession
        if day <= self.followed:
            return
        self.followed = day
        if first is not None and day >= first and self.row.ended_at is None:
            self._move_on(day)

    def _move_on(self, day: dt.date) -> None:
        row = self.row
        held = row.holder_unit_id
        here = (row.unit_id, row.desk_unit_id, held)
        row.unit_id, row.desk_unit_id, row.holder_unit_id = places_on(
            self.world.successions, here, self.territory, row.received_at, day
        )
        if row.holder_unit_id != held:
            row.holder_id = None

    # ---- facts, by act ----------------------------------------------------------------------------------------------

    def _applicant(self) -> list[Any]:
        return [self.applicant.pk, self.world.digest(self.applicant)]

    def _submitted(self, deed: Deed, _: Told | None) -> dict[str, Any]:
        return drafting.filed(
            unit=self.row.unit_id,
            terms=self.terms,
            channel=self.row.channel,
            applicant=self._applicant(),
            check=drafting.intake_term(self.terms.rules.intake_check_hours),
        )

    def _accepted(self, deed: Deed, _: Told | None) -> dict[str, Any]:
        told, actor = deed.told, deed.actor
        assert actor is not None
        step = told.get("step")
        return drafting.accepted(
            unit=self.row.unit_id,
            terms=self.terms,
            channel=self.row.channel,
            applicant=self._applicant(),
            holder=(told.get("holder") or actor).pk,
            holder_unit=told["holder_unit"].pk if told.get("holder_unit") else self.row.desk_unit_id,
            step=step.pk if step else None,
            step_due=step_due_at(step, self.terms, deed.happened),
            outcome=Outcome.GRANTED.value if deed.act is Act.RECEIVE_AND_RESOLVE else "",
        )

    def _corrected(self, deed: Deed, _: Told | None) -> dict[str, Any]:
        told = deed.told
        accepted = next(t.entry for t in self.told if t.entry.act in drafting.ACCEPTING)
        at = (told.get("received_at") or accepted.at).astimezone(dt.UTC)
        unit = told["unit"].pk if told.get("unit") else accepted.facts["unit"]
        channel = told.get("channel") or accepted.facts["channel"]
        self._set_terms(told["terms"])
        return drafting.corrected(at=at, unit=unit, terms=self.terms, channel=channel, pins=self.terms.pins())

    def _forwarded(self, deed: Deed, _: Told | None) -> dict[str, Any]:
        told = deed.told
        step, holder, unit = told.get("step"), told.get("holder"), told.get("holder_unit")
        return drafting.forwarded(
            self.row,
            holder=holder.pk if holder else None,
            holder_unit=unit.pk if unit else None,
            step=step.pk if step else None,
            step_due=step_due_at(step, None, deed.at, self.row) if step else None,
        )

    def _part_sent(self, deed: Deed, _: Told | None) -> dict[str, Any]:
        told, number = deed.told, len(self.part_books) + 1
        return drafting.part_sent(self.row, number=number, unit=told["unit"].pk, term=told["term"])

    # ---- what an act leaves beside its event ------------------------------------------------------------------------

    def _after_request(self, deed: Deed, _: Told | None, seq: int) -> None:
        days = self.terms.rules.supplement_reply_days
        at = deed.happened
        self.supplements.append(
            SupplementRequest(
                dossier_id=self.given.dossier,
                number=self.row.rounds,
                event_seq=seq,
                at_intake=self.told[-1].item_id == 0,
                requested_at=at,
                reply_by=clock.local_date(at) + dt.timedelta(days=days) if days else None,
                items=_wanted(deed.told["items"]),
                note_id=self.notes[-1].pk,
                basis=clean(deed.told.get("basis", ""))[:300],
            )
        )

    def _after_answer(self, deed: Deed, _: Told | None, seq: int) -> None:
        for request in self.supplements:
            if request.answered_at is None and not request.voided:
                request.answered_at = deed.happened
        self.papers += deed.told.get("papers", ())

    def _after_void(self, deed: Deed, target: Told | None, seq: int) -> None:
        assert target is not None
        for request in self.supplements:
            if target.entry.act is Act.REQUEST_SUPPLEMENT and request.event_seq == target.seq:
                if request.at_intake == (target.item_id == 0):
                    request.voided = True
            elif target.entry.act is Act.SUPPLEMENT_RECEIVED and request.answered_at == target.entry.at:
                request.answered_at = None

    def _after_part_sent(self, deed: Deed, _: Told | None, seq: int) -> None:
        told, number, unit = deed.told, len(self.part_books) + 1, deed.told["unit"]
        assert self.walk is not None
        contract = self.walk.contract
        deadline = worktime.due(contract.calendar, told["term"], deed.at, appointment=contract.appointment)
        facts, received = drafting.part_opened(
            at=deed.at.astimezone(dt.UTC),
            deadline=deadline,
            unit=unit.pk,
            category=self.world.part_category(self.terms),
            channel=self.row.channel,
        )
        book = _Book(drafting.part_code(self.given.code, number), unit.pk)
        self.part_books.append(book)
        self.part_facts.append([received])
        self.parts.append(
            DossierPart(
                dossier_id=self.given.dossier,
                unit=unit,
                work=clean(told["work"])[:300],
                sent_at=deed.at,
                due_at=deadline.due_at,
                due_grain=deadline.grain,
            )
        )
        self._record_part(book, deed, "part_sent", facts, [received])

    def _after_part_back(self, deed: Deed, _: Told | None, seq: int) -> None:
        index = deed.told["number"] - 1
        at = deed.happened
        self.parts[index].returned_at = at
        facts = [*self.part_facts[index], Fact("close", at, outcome="returned")]
        self._record_part(self.part_books[index], deed, "part_returned", {}, facts)

    def _record_part(self, book: _Book, deed: Deed, verb: str, facts: dict[str, Any], known: list[Fact]) -> None:
        bare = Deed(deed.act, deed.at, deed.actor, duty=deed.duty)
        self._record(book, bare, verb, facts, with_successions(known, self.path))

    def _after_hand_over(self, deed: Deed, _: Told | None, seq: int) -> None:
        if deed.told.get("collector") is not None:
            self.row.collector = deed.told["collector"]


def _wanted(items: Sequence[str]) -> list[str]:
    return [clean(i)[:500] for i in items if clean(i)]


_MOVES = ("receive", "transfer", "succession")
# Acts after which another unit may answer for it; before the first succession nothing else changes that.
_PLACING = frozenset({Act.SUBMIT, *drafting.ACCEPTING, Act.TRANSFER, Act.VOID, Act.CORRECT_ACCEPTANCE})
_Facts = Callable[[Telling, Deed, Told | None], dict[str, Any]]
_FACTS: dict[Act, _Facts] = {
    Act.SUBMIT: Telling._submitted,
    Act.RECEIVE: Telling._accepted,
    Act.RECEIVE_AND_RESOLVE: Telling._accepted,
    Act.REFUSE_INTAKE: lambda t, d, _: {},
    Act.REQUEST_SUPPLEMENT: lambda t, d, _: {"round": t.row.rounds + 1, "items": len(_wanted(d.told["items"]))},
    Act.SUPPLEMENT_RECEIVED: lambda t, d, _: {},
    Act.PAUSE: lambda t, d, _: {"reason": d.told["why"]},
    Act.RESUME: lambda t, d, _: {},
    Act.FORWARD: Telling._forwarded,
    Act.REASSIGN: lambda t, d, _: drafting.reassigned(t.row, holder=d.told["holder"].pk, step=t.row.step_id),
    Act.TRANSFER: lambda t, d, _: drafting.transferred(t.row, unit=d.told["unit"].pk),
    Act.SEND_PART: Telling._part_sent,
    Act.PART_RETURNED: lambda t, d, _: {"part": d.told["number"]},
    Act.PROPOSE: lambda t, d, _: drafting.proposed(
        t.row, to=d.told["to"].pk, proposal=d.told.get("proposal", Outcome.GRANTED)
    ),
    Act.RETURN_FOR_CORRECTION: lambda t, d, _: drafting.sent_back(t.row, to=d.told["to"].pk),
    Act.APPROVE: lambda t, d, _: drafting.signed(t.row, to=d.told["to"].pk if d.told.get("to") else None),
    Act.RESOLVE: lambda t, d, _: drafting.resolution(d.told.get("outcome", Outcome.GRANTED)),
    Act.RETURN_DOSSIER: lambda t, d, _: {},
    Act.WITHDRAW: lambda t, d, _: {},
    Act.STOP: lambda t, d, _: {},
    Act.APOLOGISE: lambda t, d, _: drafting.apologised(
        t.walk.contract,  # type: ignore[union-attr]
        new_appointment=d.told["new_appointment"],
        grain=t.walk.appointed.grain if t.walk and t.walk.appointed else "",
    ),
    Act.MOVE_DUE: lambda t, d, _: {"days": d.told["days"]},
    Act.RECLASSIFY: lambda t, d, _: {"channel": d.told["channel"]},
    Act.HAND_OVER: lambda t, d, _: drafting.handed_over(
        method=d.told.get("method", "counter"),
        collector=[d.told["collector"].pk, t.world.digest(d.told["collector"])] if d.told.get("collector") else None,
    ),
    Act.CORRECT_ACCEPTANCE: Telling._corrected,
    Act.VOID: lambda t, d, target: drafting.voided(d.told["seq"], target.entry.act if target else Act.VOID),
}
_AFTER: dict[Act, Callable[[Telling, Deed, Told | None, int], None]] = {
    Act.REQUEST_SUPPLEMENT: Telling._after_request,
    Act.SUPPLEMENT_RECEIVED: Telling._after_answer,
    Act.SEND_PART: Telling._after_part_sent,
    Act.PART_RETURNED: Telling._after_part_back,
    Act.HAND_OVER: Telling._after_hand_over,
    Act.VOID: Telling._after_void,
}
