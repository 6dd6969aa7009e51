"""One dossier as its page shows it: at most six SQL statements, whatever it holds."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from motcua.core import clock
from motcua.dossiers.acting import Loaded, Row, contract_of, rows_from
from motcua.dossiers.models import (
    Attachment,
    Component,
    Dossier,
    DossierPart,
    Note,
    PaperKind,
    Sending,
    SupplementRequest,
)
from motcua.dossiers.queries import get
from motcua.dossiers.routine import DAY_NOTES
from motcua.dossiers.states import DUTIES, STOPS_CLOCK, Act, PauseReason, State, legal_acts
from motcua.dossiers.walk import standing
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.procedures.models import PartKind, ProcessStep
from motcua.worktime import explain
from motcua.worktime import rules as worktime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline a person reads."""

    seq: int
    act: Act
    at: dt.datetime
    recorded_at: dt.datetime
    actor: User | None
    duty: str
    text: str
    to: str
    late_entry: str
    voided: bool
    intake: bool
    voidable: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper handed in, or a file; ``kind`` in words."""

    pk: int
    name: str
    kind: str
    copies: int
    digitised: bool
    reused: bool
    size: int
    added_at: dt.datetime | None
    added_by: str
    verdict: str = ""  # of its signatures, for a result that came as a PDF
    sentence: str = ""

    @property
    def signable(self) -> bool:
        """Whether it is a result in PDF: its signatures are examined, now or on asking."""
        return bool(self.verdict) or (self.kind == Attachment.Kind.RESULT.label and self.name.endswith(".pdf"))


@dataclass(frozen=True, slots=True)
class Said:
    """A note that belongs to no act: why the dossier is late, or what its holder asked for."""

    at: dt.datetime
    kind: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the page of one dossier shows."""

    dossier: Dossier
    lines: list[Line]
    version: int
    acts: list[Act]
    components: list[Paper]
    attachments: list[Paper]
    supplements: list[SupplementRequest]
    parts: list[DossierPart]
    explanation: str
    said: list["Said"]


def story(scope: Scope, pk: int) -> Sheet:
    """One dossier with its readable timeline, papers and files; without acts, supplements and parts sent.

    Four statements. NotFound when it lies outside the scope.
    """
    dossier = get(scope, pk)
    of_item = {
        item: (dossier.pk, filed)
        for item, filed in ((dossier.intake_item_id, True), (dossier.item_id, False))
        if item is not None
    }
    events = {
        e.pk: e for e in Event.objects.filter(item__in=of_item).select_related("actor").order_by("item_id", "seq")
    }
    rows = rows_from(
        ((e.pk, e.item_id, e.seq, e.verb, e.occurred_at, e.facts, e.voids_id) for e in events.values()), of_item
    ).get(dossier.pk, [])
    texts = _texts(dossier, rows)
    voided = {r.voids for r in rows if r.voids is not None}
    components, attachments = _papers(dossier)
    return Sheet(
        dossier=dossier,
        lines=[
            _line(r, events[r.event_id], texts, r.entry.seq in voided, r.item_id == dossier.intake_item_id)
            for r in rows
            if not r.mirror
        ],
        version=len(rows),
        acts=[],
        components=components,
        attachments=attachments,
        supplements=[],
        parts=[],
        explanation=_explain(dossier, rows),
        said=[_said(text) for (kind, _), text in sorted(texts.items()) if kind == "day"],
    )


def sheet(scope: Scope, pk: int, *, user: User | None = None, held: Collection[tuple[Duty, int]] = ()) -> Sheet:
    """One dossier with its readable timeline and the acts ``user`` may do on it now.

    Six statements; one more where the person's duty is held above the dossier's own units. ``held`` is what the person
    holds today, (duty, unit id). NotFound when it lies outside the scope.
    """
    told = story(scope, pk)
    dossier = told.dossier
    parts = list(dossier.parts_sent.select_related("unit").order_by("pk"))
    acts = _acts_for(dossier, user, held)
    if all(part.returned_at is not None for part in parts):
        acts = [act for act in acts if act is not Act.PART_RETURNED]
    sent = Sending.objects.filter(supplement=OuterRef("pk"), paper=PaperKind.SUPPLEMENT).order_by("-pk")
    supplements: Any = list(
        dossier.supplements.order_by("at_intake", "event_seq").annotate(
            sent_on=Subquery(sent.values("sent_on")[:1]),
            sent_number=Subquery(sent.values("number")[:1]),
            sent_by=Subquery(sent.values("actor__full_name")[:1]),
        )
    )
    return replace(told, acts=acts, supplements=supplements, parts=parts)


def _texts(dossier: Dossier, rows: Sequence[Row]) -> dict[tuple[str, int], str]:
    """Names of people, units and steps the events point at, and the notes, by kind and id. One statement."""

    def ids(*keys: str) -> set[int]:
        return {v for r in rows for k in keys if isinstance(v := r.entry.facts.get(k), int)}

    def named(kind: str, found: Any, field: str) -> Any:
        return found.order_by().values_list(Value(kind, CharField()), "pk", Cast(field, TextField()))

    notes = named("note", Note.objects.filter(dossier=dossier), "text")
    # When, what and who in one column, as the others have one.
    told = ("kind", _BAR, Cast("created_at", TextField()), _BAR, "author__full_name", _BAR, "text")
    whole = Concat(*told, output_field=TextField())
    union = notes.union(
        named("day", Note.objects.filter(dossier=dossier, kind__in=DAY_NOTES).annotate(whole=whole), "whole"),
        named("user", User.objects.filter(pk__in=ids("holder", "approver")), "full_name"),
        named("unit", Unit.objects.filter(pk__in=ids("holder_unit", "unit", "to_unit")), "name"),
        named("step", ProcessStep.objects.filter(pk__in=ids("step")), "name"),
        all=True,
    )
    return {(kind, pk): text for kind, pk, text in union}


_BAR = Value("|", TextField())


def _said(whole: str) -> Said:
    kind, at, who, text = whole.split("|", 3)
    found = _moment(at)
    assert found is not None
    return Said(found, DAY_NOTES[kind], who, text)


def _papers(dossier: Dossier) -> tuple[list[Paper], list[Paper]]:
    """The papers handed in and the files, in order. One statement."""
    nothing = Value(False, BooleanField())
    papers = Component.objects.filter(dossier=dossier).values_list(
        Value(0, IntegerField()),
        "pk",
        Cast("name", TextField()),
        Cast("kind", TextField()),
        Cast("copies", IntegerField()),
        "digitised",
        "reused",
        Value(0, IntegerField()),
        Value(None, DateTimeField()),
        Value("", TextField()),
        Value("", TextField()),
        Value("", TextField()),
    )
    files = Attachment.objects.filter(dossier=dossier, removed_at__isnull=True).values_list(
        Value(1, IntegerField()),
        "pk",
        Cast("name", TextField()),
        Cast("kind", TextField()),
        Value(0, IntegerField()),
        nothing,
        nothing,
        Cast("blob__size", IntegerField()),
        "added_at",
        Cast(F("added_by__full_name"), TextField()),
        Cast(Coalesce("electronic__verdict", Value("")), TextField()),
        Cast(Coalesce("electronic__sentence", Value("")), TextField()),
    )
    kinds: dict[str, str] = {**dict(PartKind.choices), **dict(Attachment.Kind.choices)}
    found: tuple[list[Paper], list[Paper]] = ([], [])
    for which, pk, name, kind, copies, digitised, reused, size, added_at, by, *signed in papers.union(files, all=True):
        paper = Paper(
            pk,
            name,
            str(kinds[kind]),
            copies,
            bool(digitised),
            bool(reused),
            size,
            _moment(added_at),
            by or "",
            *signed,
        )
        found[which].append(paper)
    for papers_of in found:
        papers_of.sort(key=lambda paper: paper.pk)
    return found


def _moment(value: Any) -> dt.datetime | None:
    """A moment from a union: SQLite gives the second branch's times as text."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    return value


def _line(row: Row, event: Event, texts: dict[tuple[str, int], str], voided: bool, intake: bool) -> Line:
    facts, act = row.entry.facts, row.entry.act

    def text_of(kind: str, pk: Any) -> str:
        return texts.get((kind, pk), "") if pk else ""

    text = text_of("note", facts["note"][0]) if facts.get("note") else ""
    if facts.get("evidence"):
        text = f"{text}\nChứng cứ: {text_of('note', facts['evidence'][0])}".strip()
    if act is Act.PAUSE:
        text = f"{PauseReason(facts['reason']).label}: {text}"
    to = text_of("user", facts.get("holder"))
    if act is Act.TRANSFER:
        to = text_of("unit", facts["unit"])
    elif act is Act.SEND_PART:
        to = text_of("unit", facts["to_unit"])
    elif act is not Act.RECEIVE:
        to = ", ".join(part for part in (to, text_of("unit", facts.get("holder_unit"))) if part)
    return Line(
        seq=row.seq,
        act=act,
        at=row.entry.at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        duty=event.duty,
        text=text,
        to=to,
        late_entry=facts.get("late_entry", ""),
        voided=voided,
        intake=intake,
        voidable=not voided and act not in _NEVER_VOIDED,
    )


_NEVER_VOIDED = frozenset({Act.VOID, Act.SEND_PART, Act.PART_RETURNED, Act.CORRECT_ACCEPTANCE})


def _acts_for(dossier: Dossier, user: User | None, held: Collection[tuple[Duty, int]]) -> list[Act]:
    """The acts the state admits and one of the person's duties covers. No statement where the duty is held at one of
    the dossier's own units, else one."""
    duties = {d for d, _ in held}
    possible: list[Act] = [a for a in legal_acts(State(dossier.state)) if DUTIES[a] & duties and a is not Act.REASSIGN]
    if dossier.owning_system:
        possible = [a for a in possible if a in (Act.HAND_OVER, Act.CORRECT_ACCEPTANCE, Act.VOID)]
    if dossier.handed_over_at is not None:
        possible = [a for a in possible if a is not Act.HAND_OVER]
    if not possible or user is None:
        return []
    units = {dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id}
    here = {d for d, unit in held if unit in units}
    direct = [a for a in possible if DUTIES[a] & here]
    if len(direct) == len(possible):
        return direct
    scope = org.scope(user, duties, clock.today())
    return possible if any(scope.contains(u) for u in units) else direct


def _explain(dossier: Dossier, rows: Sequence[Row]) -> str:
    if dossier.received_at is None or dossier.due_at is None:
        return ""
    if dossier.given_due:
        return "Hạn do hệ thống nguồn cho, giữ nguyên khi nhập."
    contract = contract_of(standing(Loaded(dossier, list(rows)).pairs()))
    if contract.term is None:
        return ""
    grain: Any = dossier.due_grain
    return explain.explain(
        contract.calendar,
        contract.term,
        dossier.received_at,
        worktime.Deadline(dossier.due_at, grain),
        pauses=_pauses(rows, contract.restart_on_supplement),
        appointment=contract.appointment,
    )


def _pauses(rows: Sequence[Row], restart: bool) -> list[worktime.Pause]:
    """The waits that stopped the clock and are over."""
    found: list[worktime.Pause] = []
    since: tuple[dt.datetime, bool] | None = None
    for act in standing([(r.entry, r.voids) for r in rows if not r.mirror and r.entry.seq > 0]):
        if act.act is Act.REQUEST_SUPPLEMENT:
            since = (act.at, restart)
        elif act.act is Act.PAUSE and STOPS_CLOCK[PauseReason(act.facts["reason"])]:
            since = (act.at, False)
        elif act.act in (Act.SUPPLEMENT_RECEIVED, Act.RESUME) and since is not None:
            found.append(worktime.Pause(since[0], act.at, since[1]))
            since = None
    return found
