"""The shell under every verb: read a dossier under lock, check who and when, replay the acts, record, keep the row.

Lock order: dossier, item, series, ledger. All functions here expect to run inside the verb's transaction.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.models import Outbox
from motcua.core.text import nfc
from motcua.dossiers import indexing
from motcua.dossiers.allowing import authorise, check_moment, covering, given_moment
from motcua.dossiers.drafting import draft_event, goes_to_intake, mirrored
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.states import (
    INTAKE_STATES,
    PENDING_STATES,
    PORTAL_CODES,
    Act,
    State,
)
from motcua.dossiers.walk import Contract, Entry, Path, Walk, replay, standing, term_of, units_of
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book, Category, Event, Item
from motcua.ledger.rules import Fact, timeline
from motcua.org import queries as org
from motcua.org.models import Unit, User
from motcua.org.succession import SuccessionMap
from motcua.worktime import queries as worktime_queries
from motcua.worktime.models import RuleSet

# Intake events come before those of the dossier itself, whatever their own numbers.
INTAKE_OFFSET = -1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded act with where it stands: ``entry.seq`` orders acts of both books of a dossier."""

    entry: Entry
    event_id: int
    item_id: int
    seq: int
    voids: int | None  # entry.seq of the act it voids
    mirror: bool = False


@dataclass
class Loaded:
    """A dossier under lock with its recorded acts."""

    dossier: Dossier
    rows: list[Row] = field(default_factory=list)

    def pairs(self, *more: tuple[Entry, int | None]) -> list[tuple[Entry, int | None]]:
        return [(r.entry, r.voids) for r in self.rows if not r.mirror] + list(more)

    def next_seq(self, item_id: int | None) -> int:
        return 1 + max((r.seq for r in self.rows if r.item_id == item_id), default=0)


@dataclass(frozen=True)
class Beside:
    """What an act on a dossier is to an item of another book, at the same moment and by the same hand."""

    item: Item
    verb: str
    facts: dict[str, Any]
    timeline: Sequence[Fact]
    category: Category | None = None


def load(dossier_id: int, expected: int | None = None, *, joined: Sequence[str] = ()) -> Loaded:
    """The dossier and its acts, locked. Two statements. NotFound; Conflict when somebody else has acted since the
    caller read version ``expected`` (see :func:`version_of`). ``joined`` are the relations its verb will need."""
    dossier = _lock_row(dossier_id, joined)
    loaded = Loaded(dossier, read_rows([dossier]).get(dossier.pk, []))
    if expected is not None and expected != len(loaded.rows):
        raise Conflict(
            "Hồ sơ vừa được người khác cập nhật. Hãy xem lại trạng thái mới rồi làm tiếp; nội dung đã nhập còn giữ.",
            code="stale",
        )
    return loaded


BESIDE = ("desk_unit", "unit", "holder_unit", "rule_set", "item", "intake_item")


def _lock_row(dossier_id: int, joined: Sequence[str]) -> Dossier:
    """The dossier's row, locked, with what stands beside it. One statement, two when the row was just being changed.

    PostgreSQL tests a row it had to wait for against the joined rows of its first reading: a dossier transferred
    meanwhile matches its former unit no more and seems gone. Once the lock is held, a second reading is sound.
    """
    rows = Dossier.objects.select_for_update(of=("self",)).select_related(*BESIDE, *joined)
    rows = rows.filter(pk=dossier_id)
    for _ in range(2):
        found = next(iter(rows), None)
        if found is not None and all(
            getattr(found, f"{name}_id") == getattr(getattr(found, name), "pk", None) for name in BESIDE
        ):
            return found
        rows = rows.all()
    raise NotFound("Không có hồ sơ này.")


def read_rows(dossiers: Iterable[Dossier]) -> dict[int, list[Row]]:
    """The recorded acts of dossiers, by dossier id, in order. One statement."""
    of_item: dict[int, tuple[int, bool]] = {}
    for d in dossiers:
        if d.intake_item_id:
            of_item[d.intake_item_id] = (d.pk, True)
        if d.item_id:
            of_item[d.item_id] = (d.pk, False)
    events = Event.objects.filter(item_id__in=of_item).order_by("item_id", "seq")
    return rows_from(events.values_list("pk", "item_id", "seq", "verb", "occurred_at", "facts", "voids_id"), of_item)


def rows_from(
    values: Iterable[tuple[int, int, int, str, dt.datetime, dict[str, Any], int | None]],
    of_item: Mapping[int, tuple[int, bool]],
) -> dict[int, list[Row]]:
    """Rows from events already read; ``of_item`` says whose item it is and whether it is the filing's."""
    values = list(values)
    place = {pk: (INTAKE_OFFSET if of_item[item][1] else 0) + seq for pk, item, seq, *_ in values}
    rows: dict[int, list[Row]] = {}
    for pk, item_id, seq, verb, at, facts, voids in values:
        if verb not in Act.values and not facts.get("mirror"):
            continue  # bookkeeping events of the ledger itself, such as a succession recorded
        act = Act(verb) if verb in Act.values else Act.VOID
        entry = Entry(place[pk], act, at, facts)
        row = Row(entry, pk, item_id, seq, place.get(voids) if voids else None, bool(facts.get("mirror")))
        rows.setdefault(of_item[item_id][0], []).append(row)
    for found in rows.values():
        found.sort(key=lambda r: r.entry.seq)
    return rows


# ---- the contract of acceptance --------------------------------------------------------------------------------------


def rules_text(rules: RuleSet) -> dict[str, Any]:
    """The parameters of law an item keeps from its acceptance, as its events hold them."""
    return {
        "restart": rules.supplement_effect == "restart",
        "by_appointment": rules.class_by == "appointed",
        "apologies": rules.apology_limit,
        "appointment": rules.appointment_time.isoformat("minutes"),
        "backdate": rules.backdate_working_days,
    }


def contract_of(acts: Sequence[Entry]) -> Contract:
    """What was promised, from the pins in the acts themselves. Queries only on a cold cache."""
    received = next((a for a in acts if a.act in (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)), None)
    submitted = next((a for a in acts if a.act is Act.SUBMIT), None)
    first = received or submitted
    if first is None:
        raise IllegalAct("Hồ sơ chưa có việc nộp hay tiếp nhận nào.", code="no_first_act")
    pins = first.facts["pins"]
    rules = pins["rules"]
    intake_calendar = intake_term = None
    if submitted is not None:
        intake_calendar = worktime_queries.compiled(submitted.facts["pins"]["calendar"])
        intake_term = term_of(submitted.facts["pins"].get("intake_term"))
    return Contract(
        calendar=worktime_queries.compiled(pins["calendar"]),
        term=term_of(pins.get("term")),
        regulation_term=term_of(pins.get("regulation")),
        restart_on_supplement=rules["restart"],
        class_by_appointment=rules["by_appointment"],
        apology_limit=rules["apologies"],
        appointment=dt.time.fromisoformat(rules["appointment"]),
        intake_calendar=intake_calendar,
        intake_term=intake_term,
    )


def succession_path(acts: Iterable[Entry], dossier: Dossier, walk: Walk) -> Path:
    """The path of this dossier's work through successions. None, one or four statements.

    Whoever has a successor has a last day: work that has only stood in a unit without one needs no look.
    """
    units = {unit for a in acts for unit in units_of(a.facts)}
    if (
        walk.holder_unit is not None
        and walk.held_since is not None
        and clock.local_date(walk.held_since) < clock.today()
    ):
        units.add(walk.holder_unit)
    lasting = {u.pk for u in (dossier.unit, dossier.holder_unit) if u is not None and u.valid_to is None}
    if units <= lasting:
        return lambda unit, since: ()
    territory = dossier_territory(dossier)
    return path_in(org.succession_map([*units, *([territory] if territory else [])]), territory)


def path_in(found: SuccessionMap, territory: int | None) -> Path:
    """:func:`succession_path` over a map already read."""
    return lambda unit, since: found.path(unit, territory, since)


# ---- recording -------------------------------------------------------------------------------------------------------


_LONGEST_TEXT = 4000


def free_text(text: str, *, field: str = "reason") -> str:
    """A reason, a note or a guidance as it is kept: NFC, trimmed, its lines kept. Invalid when too long. Pure."""
    text = nfc(text).strip()
    if len(text) > _LONGEST_TEXT:
        raise Invalid("Nội dung dài quá 4.000 ký tự.", field=field, code="too_long")
    return text


def write_note(dossier: Dossier, kind: str, text: str, author: User | None) -> tuple[Note, list[Any]]:
    """Keep a free text apart from the ledger; for the event, its id and a salted digest. One statement."""
    salt = secrets.token_hex(16)
    note = Note.objects.create(dossier=dossier, kind=kind, text=text, salt=salt, created_at=clock.now(), author=author)
    return note, [note.pk, note_digest(note)]


def note_digest(note: Note) -> str:
    """The salted digest an event holds of a note."""
    return hashlib.sha256((note.salt + note.text).encode()).hexdigest()


def apply_walk(dossier: Dossier, walk: Walk, facts: Sequence[Fact], now: dt.datetime, path: Path) -> list[str]:
    """Set the dossier's row to what its acts and its units' successions (``path``) amount to by ``now``; the names of
    the fields set. No query."""
    deadline = walk.class_deadline if walk.facts else walk.due
    pending = walk.state in PENDING_STATES or walk.state in INTAKE_STATES
    moves = timeline(facts) if facts else []
    unit = next(
        (f.unit for f in reversed(facts) if f.unit and f.at <= now and f.kind in ("receive", "transfer", "succession")),
        walk.unit,
    )
    holder, holder_unit = walk.place(path, clock.local_date(now))
    values: dict[str, Any] = {
        "state": walk.state or State.VOIDED,
        "unit_id": unit or dossier.unit_id,
        "category_id": walk.category or dossier.category_id,
        "channel": walk.channel or dossier.channel,
        "holder_id": holder,
        "holder_unit_id": holder_unit,
        "step_id": walk.step,
        "step_due_at": walk.step_due_at,
        "received_at": walk.received_at,
        "due_at": walk.due.due_at if walk.due else None,
        "due_grain": walk.due.grain if walk.due else "",
        "crossing_at": deadline.crossing if deadline and pending and not walk.clock_stopped else None,
        "appointed_at": walk.appointed.due_at if walk.appointed else None,
        "regulation_due_at": walk.regulation.due_at if walk.regulation else None,
        "waiting_since": walk.waiting_since,
        "ended_at": walk.ended_at,
        "handed_over_at": walk.handed_over_at,
        "outcome": walk.outcome.value if walk.outcome else "",
        "time_class": str(moves[-1].to_account) if moves and walk.ended_at and walk.facts else "",
        "rounds": walk.rounds,
        "apologies": walk.apologies,
    }
    for name, value in values.items():
        setattr(dossier, name, value)
    return list(values)


def perform(
    loaded: Loaded,
    act: Act,
    *,
    actor: User | None,
    occurred_at: dt.datetime | None = None,
    facts: dict[str, Any] | None = None,
    note: str = "",
    note_kind: str = "reason",
    approver: User | None = None,
    voids: Row | None = None,
    mark: str | None = None,
    more_fields: Sequence[str] = (),
    duty: str | None = None,
    beside: Sequence[Beside] = (),
    evidence: str = "",
) -> Event:
    """Carry out one act on a loaded dossier: the one path on which events and legs of dossiers are written.

    ``mark`` says the entry is late by another right (an import); otherwise the moment is checked here. ``beside`` are
    the acts on items of other books (a liên thông part) that this one is at the same time. ``evidence`` is a note too.
    """
    dossier, now = loaded.dossier, clock.now()
    at = given_moment(occurred_at)
    note, evidence = free_text(note), free_text(evidence, field="evidence")
    units = covering(dossier)
    if duty is None:
        duty = authorise(actor, act, units)
    if dossier.owning_system and mark is None and act not in _ALLOWED_WHEN_OWNED:
        raise NotAllowed(
            f"Trạng thái hồ sơ này do hệ thống {dossier.owning_system} giữ. Hãy cập nhật ở hệ thống đó rồi nhập lại.",
            code="owned_elsewhere",
        )
    facts = dict(facts or {})
    if voids is None:
        in_intake = dossier.intake_item_id is not None and goes_to_intake(
            act, dossier.state, received=dossier.received_at is not None
        )
    else:
        in_intake = voids.item_id == dossier.intake_item_id
    item_id = dossier.intake_item_id if in_intake else dossier.item_id
    assert item_id is not None
    seq = loaded.next_seq(item_id)
    entry = Entry((INTAKE_OFFSET if in_intake else 0) + seq, act, at, facts)
    before = standing(loaded.pairs())
    acts = standing(loaded.pairs((entry, voids.entry.seq if voids else None)))
    contract = contract_of(acts or before)
    if mark is None:
        limit = (acts or before)[0].facts["pins"]["rules"]["backdate"]
        last = loaded.rows[-1].entry if loaded.rows else None
        mark = check_moment(
            last, act, at, contract.calendar, limit, actor=actor, approver=approver, note=note, units=units
        )
        if mark == "reentry" and not evidence:
            raise Invalid("Ghi lại việc đã hủy quá thời hạn phải ghi chứng cứ.", field="evidence", code="no_evidence")
    walk = replay_named(contract, acts, voids)
    path = succession_path([*before, entry], dossier, walk)
    dossier.late_entry = dossier.late_entry or bool(mark)
    if evidence:
        facts["evidence"] = write_note(dossier, "evidence", evidence, actor)[1]
    drafted = draft_event(
        walk,
        act,
        facts,
        in_intake=in_intake,
        filed_before=dossier.intake_item_id is not None,
        voids=voids.entry.act if voids else None,
        note=write_note(dossier, note_kind, note, actor)[1] if note else None,
        mark=mark,
        approver=approver.pk if approver else None,
        path=path,
    )
    common: dict[str, Any] = {"occurred_at": at, "actor": actor, "duty": duty, "unit": dossier.desk_unit}
    target = voids.event_id if voids else None
    own = ledger.posting(
        item=_locked(dossier, item_id),
        verb=act.value,
        facts=drafted.facts,
        timeline=drafted.intake_timeline if in_intake else drafted.timeline,
        voids=Event.objects.get(pk=target) if target else None,
        category=dossier.category if Dossier.category.is_cached(dossier) else None,
        **common,
    )
    together = [own]
    if drafted.mirror:
        assert dossier.intake_item is not None
        facts_of_mirror = mirrored(own.item.length + 1, dossier.code)
        together.append(
            ledger.posting(
                item=dossier.intake_item,
                verb=drafted.mirror,
                facts=facts_of_mirror,
                timeline=drafted.intake_timeline,
                **common,
            )
        )
    together += [ledger.posting(**vars(each), **common) for each in beside]
    event = ledger.record_together(together)[0]
    places = covering(dossier)
    fields = apply_walk(dossier, walk, drafted.timeline or drafted.intake_timeline, now, path)
    dossier.changed_at = now
    if dossier._state.adding:
        dossier.save()
    else:
        dossier.save(update_fields=[*fields, "changed_at", "late_entry", *more_fields])
    if act in _FOUND_ANEW or places != covering(dossier) or _SEARCHED.intersection(more_fields):
        indexing.refresh([dossier.pk])
    if dossier.code:
        portal_message(dossier, event, now).save(force_insert=True)
    return event


# Acts that write what a dossier is found by; any other only where it moves between units or names a collector.
_FOUND_ANEW = frozenset({Act.SUBMIT, Act.RECEIVE, Act.RECEIVE_AND_RESOLVE})
_SEARCHED = frozenset({"applicant", "submitter", "collector", "code", "external_code", "procedure_version"})


def portal_message(dossier: Dossier, event: Event, now: dt.datetime) -> Outbox:
    """What the national portal is told of an act; not yet written. Pure."""
    return Outbox(
        topic="national_portal.progress",
        payload={"dossier": dossier.pk, "seq": event.seq, "status": PORTAL_CODES[State(dossier.state)]},
        created_at=now,
    )


def _locked(dossier: Dossier, item_id: int) -> Item:
    """The item of a dossier, locked; one that this transaction has just opened is nobody else's."""
    opened = next((i for i in (dossier.item, dossier.intake_item) if i is not None and i.pk == item_id), None)
    return opened if opened is not None and not opened.length else ledger.lock(item_id)


_ALLOWED_WHEN_OWNED = frozenset({Act.RECEIVE, Act.HAND_OVER, Act.CORRECT_ACCEPTANCE, Act.VOID})


def replay_named(contract: Contract, acts: Sequence[Entry], voids: Row | None) -> Walk:
    """Replay; when a void makes a later act illegal, the refusal names that act."""
    if voids is None:
        return replay(contract, acts)
    walk = Walk(contract)
    for act in acts:
        try:
            walk.apply(act)
        except IllegalAct as error:
            raise IllegalAct(
                f"Không hủy được «{voids.entry.act.label}»: việc sau đó «{act.act.label}» lúc "
                f"{clock.local(act.at):%H:%M %d/%m/%Y} dựa vào nó. Hãy hủy việc sau trước. ({error})",
                code="later_acts",
            ) from error
    return walk


def dossier_territory(dossier: Dossier) -> int | None:
    """The applicant's commune as known when the item was opened."""
    item = dossier.item or dossier.intake_item
    return item.territory_id if item else None


def version_of(loaded: Loaded) -> int:
    """What a page keeps to notice that somebody else has acted meanwhile."""
    return len(loaded.rows)


def open_item(book: Book, code: str, unit: Unit, territory: int | None) -> Item:
    """Open an item in a book."""
    return ledger.open_item(book=book, code=code, unit=unit, territory=Unit(pk=territory) if territory else None)
