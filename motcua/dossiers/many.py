"""One act on many dossiers at once, with the same events, legs and rows as one by one, in few statements for all.

For what is decided for a whole office: a hand-over of everything, a decision that moves all due dates.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.core.models import Outbox
from motcua.dossiers import indexing
from motcua.dossiers.acting import (
    BESIDE,
    Loaded,
    apply_walk,
    contract_of,
    dossier_territory,
    free_text,
    note_digest,
    path_in,
    portal_message,
    read_rows,
)
from motcua.dossiers.drafting import draft_event
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.states import Act
from motcua.dossiers.walk import Entry, replay, standing, units_of
from motcua.ledger import journal, rules
from motcua.ledger.models import Item
from motcua.org import queries as org
from motcua.org.models import User

_CHUNK = 200
_PLACES = ("unit_id", "desk_unit_id", "holder_unit_id")


def perform_all(
    wanted: QuerySet[Dossier],
    act: Act,
    *,
    actor: User,
    duty: str,
    facts_of: Callable[[Dossier], dict[str, Any]],
    note: str = "",
    note_kind: str = "reason",
) -> list[Dossier]:
    """Carry out one act, now, on every accepted dossier of ``wanted``; those it was done on, in order of id.

    Inside the verb's transaction; the right to act is the caller's to ask. What no longer answers to ``wanted`` when
    its lock is had is left alone. Raises what the state machine raises, naming the dossier; then nothing is changed.
    About fifteen statements for each 200 dossiers.
    """
    note = free_text(note)
    ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    done: list[Dossier] = []
    for start in range(0, len(ids), _CHUNK):
        # In the order of ids, as whoever locks several does.
        chunk = wanted.filter(pk__in=ids[start : start + _CHUNK]).order_by("pk").select_for_update()
        locked = list(chunk.values_list("pk", flat=True))
        done += _perform(locked, act, actor, duty, facts_of, note, note_kind)
    return done


def _perform(
    ids: Sequence[int],
    act: Act,
    actor: User,
    duty: str,
    facts_of: Callable[[Dossier], dict[str, Any]],
    note: str,
    note_kind: str,
) -> list[Dossier]:
    now = clock.now()
    dossiers = list(
        Dossier.objects.filter(pk__in=ids, item__isnull=False).select_related(*BESIDE, "item").order_by("pk")
    )
    if not dossiers:
        return []
    rows = read_rows(dossiers)
    items = {item.pk: item for item in _lock([d.item_id for d in dossiers if d.item_id])}
    notes = _notes(dossiers, note, note_kind, actor) if note else {}
    found = org.succession_map(_units(dossiers, rows))
    events: list[journal.Act] = []
    changed: set[str] = set()
    moved: list[int] = []
    for dossier in dossiers:
        item = items[dossier.item_id or 0]
        loaded = Loaded(dossier, rows[dossier.pk])
        entry = Entry(loaded.next_seq(item.pk), act, now, facts_of(dossier))
        acts = standing(loaded.pairs((entry, None)))
        try:
            walk = replay(contract_of(acts), acts)
        except MotcuaError as error:
            raise type(error)(f"Hồ sơ {dossier.code}: {error}", code=error.code, field=error.field) from error
        path = path_in(found, dossier_territory(dossier))
        drafted = draft_event(
            walk,
            act,
            entry.facts,
            in_intake=False,
            filed_before=dossier.intake_item_id is not None,
            voids=None,
            note=notes.get(dossier.pk),
            mark="",
            approver=None,
            path=path,
        )
        events.append(
            journal.Act(
                item=item,
                verb=act.value,
                occurred_at=now,
                recorded_at=now,
                actor=actor.pk,
                duty=duty,
                unit=dossier.desk_unit,
                facts=drafted.facts,
                wanted=rules.entries(rules.timeline(drafted.timeline)),
            )
        )
        before = dict(vars(dossier))
        fields = apply_walk(dossier, walk, drafted.timeline, now, path)
        dossier.changed_at = now
        changed |= {"changed_at", *(name for name in fields if getattr(dossier, name) != before[name])}
        if any(getattr(dossier, name) != before[name] for name in _PLACES):
            moved.append(dossier.pk)
    written = journal.post(events)
    if changed:
        Dossier.objects.bulk_update(dossiers, sorted(name.removesuffix("_id") for name in changed))
    indexing.refresh(moved)
    Outbox.objects.bulk_create(
        [portal_message(dossier, event, now) for dossier, event in zip(dossiers, written, strict=True)]
    )
    return dossiers


def _lock(item_ids: Sequence[int]) -> list[Item]:
    return list(Item.objects.select_for_update().filter(pk__in=item_ids).order_by("pk"))


def _notes(dossiers: Sequence[Dossier], text: str, kind: str, author: User) -> dict[int, list[Any]]:
    """The free text kept beside each dossier; by dossier, its id and digest for the event. One statement."""
    now = clock.now()
    made = Note.objects.bulk_create(
        Note(dossier=d, kind=kind, text=text, salt=secrets.token_hex(16), created_at=now, author=author)
        for d in dossiers
    )
    return {note.dossier_id: [note.pk, note_digest(note)] for note in made}


def _units(dossiers: Sequence[Dossier], rows: dict[int, Any]) -> set[int]:
    """Units whose successions these dossiers may go through."""
    facts = [row.entry.facts for acts in rows.values() for row in acts]
    found = {unit for each in facts for unit in units_of(each)} | {
        h for each in facts if (h := each.get("holder_unit"))
    }
    return found | {t for d in dossiers if (t := dossier_territory(d))}
