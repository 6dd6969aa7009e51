"""What an inspector asks of the books: acts entered late, taken back or set right, by whom, why and with whose word."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from motcua.core import clock
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.queries import visible
from motcua.dossiers.states import Act
from motcua.ledger.models import Event, Item
from motcua.org.models import User
from motcua.org.queries import Scope

# What an event that was entered late says of itself.
MARKS = {"backdated": "Ghi lùi ngày", "catch_up": "Nhập bù theo đợt", "reentry": "Ghi lại sau khi hủy"}
KINDS = {
    "ghi-muon": "Ghi muộn",
    "huy": "Hủy việc đã ghi",
    "sua": "Sửa tiếp nhận",
    "gia-han": "Gia hạn theo quyết định",
}
_VERBS = {"huy": Act.VOID, "sua": Act.CORRECT_ACCEPTANCE, "gia-han": Act.MOVE_DUE}
MOST_COUNTED = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """One such act, with its dossier and its words."""

    event: Event
    dossier: Dossier | None
    act: str
    mark: str
    reason: str
    approver: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, by person (in the order of ``MARKS``, then all) and by reason; ``all``: every one was counted."""

    by_person: list[tuple[str, list[int], int]]
    by_reason: list[tuple[str, int]]
    all: bool


def events(scope: Scope, kind: str, first: dt.date, last: dt.date) -> QuerySet[Event]:
    """The acts of a kind recorded on these days, on dossiers within the scope, newest first; not yet read."""
    seen = visible(scope)
    if kind == "ghi-muon":
        seen = seen.filter(late_entry=True)
    rows = Event.objects.filter(
        Q(item__in=seen.filter(item__isnull=False).values("item"))
        | Q(item__in=seen.filter(intake_item__isnull=False).values("intake_item")),
        recorded_at__gte=clock.local_moment(first),
        recorded_at__lt=clock.local_moment(last + dt.timedelta(days=1)),
    ).exclude(facts__has_key="mirror")
    rows = rows.filter(facts__has_key="late_entry") if kind == "ghi-muon" else rows.filter(verb=_VERBS[kind])
    return rows.select_related("actor", "unit").order_by("-recorded_at", "-pk")


def described(rows: Sequence[Event]) -> list[Found]:
    """The events of a page in words. Three statements."""
    items = {row.item_id for row in rows}
    owned: dict[int, Dossier] = {}
    for dossier in Dossier.objects.filter(Q(item__in=items) | Q(intake_item__in=items)).select_related("unit"):
        for item in (dossier.item_id, dossier.intake_item_id):
            if item is not None:
                owned[item] = dossier
    notes = _notes(rows)
    approvers = {row.facts["approver"] for row in rows if isinstance(row.facts.get("approver"), int)}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=approvers)}
    return [
        Found(
            event=row,
            dossier=owned.get(row.item_id),
            act=_said(row),
            mark=MARKS.get(row.facts.get("late_entry", ""), ""),
            reason=notes.get(_note(row), ""),
            approver=names.get(row.facts.get("approver", 0), ""),
        )
        for row in rows
    ]


def tally(rows: QuerySet[Event]) -> Tally:
    """How many by person and mark, and by reason. Two statements; counts at most ``MOST_COUNTED``."""
    found = list(rows[: MOST_COUNTED + 1])
    whole, found = len(found) <= MOST_COUNTED, found[:MOST_COUNTED]
    notes = _notes(found)
    people: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    for row in found:
        person = str(row.actor) if row.actor else "Hệ thống"
        people.setdefault(person, Counter())[MARKS.get(row.facts.get("late_entry", ""), "Khác")] += 1
        reasons[" ".join(notes.get(_note(row), "").split())[:120] or "(không ghi lý do)"] += 1
    ordered = sorted(people.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return Tally(
        [(name, [c[mark] for mark in MARKS.values()], c.total()) for name, c in ordered], reasons.most_common(20), whole
    )


def items_of(dossier: Dossier) -> list[Item]:
    """Every item of a dossier: its filing, itself, its parts sent elsewhere. One statement."""
    parts = dossier.parts_sent.values("item")
    own = [pk for pk in (dossier.intake_item_id, dossier.item_id) if pk is not None]
    return list(Item.objects.filter(Q(pk__in=own) | Q(pk__in=parts)).order_by("pk"))


def _note(row: Event) -> int:
    note = row.facts.get("note")
    return note[0] if isinstance(note, list) and note and isinstance(note[0], int) else 0


def _notes(rows: Iterable[Event]) -> dict[int, str]:
    return dict(Note.objects.filter(pk__in={_note(row) for row in rows} - {0}).values_list("pk", "text"))


def _said(row: Event) -> str:
    known = Act(row.verb).label if row.verb in Act.values else row.verb
    voided = row.facts.get("void_act")
    if voided in Act.values:
        return f"{known}: {Act(voided).label}"
    return str(known)
