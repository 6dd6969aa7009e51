"""Many dossiers with their whole histories at once: the demo, and whoever brings an office's past along.

Writes the same events, legs and hashes as the verbs give one by one at the recorded moments, and the same rows beside
them. No message to the outside is queued: what is told here is past.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, DateTimeField, DecimalField, Field, Min, Model

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.models import SeriesCounter
from motcua.dossiers import codes, indexing
from motcua.dossiers.accepting import Terms
from motcua.dossiers.actions.common import components
from motcua.dossiers.deeds import Deed, Given, History, World
from motcua.dossiers.drafting import ACCEPTING
from motcua.dossiers.models import Component, Dossier, DossierPart, Note, SupplementRequest
from motcua.dossiers.states import Act
from motcua.dossiers.succession import places_on
from motcua.dossiers.telling import Telling
from motcua.ledger import actions as ledger
from motcua.ledger import bulk as ledger_bulk
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.org.models import Succession, Unit
from motcua.org.succession import SuccessionMap
from motcua.parties.actions import digest
from motcua.parties.models import Party

__all__ = ["Deed", "History", "within_calendar", "write"]

_BATCH = 400


def write(
    histories: Sequence[History],
    *,
    today: dt.date,
    salt: Callable[[], str] = lambda: secrets.token_hex(16),
    progress: Callable[[int], object] = lambda done: None,
) -> list[Dossier]:
    """Write the histories in one transaction, all or nothing; their rows, in the order given.

    ``today``: rows of pending dossiers follow successions up to this day. ``salt`` makes the salt of a note.
    ``progress`` is told how many histories are done. Raises what the state machine raises, naming the act; Conflict
    when a code is taken.
    """
    if not histories:
        return []
    with transaction.atomic():
        world = _world(today)
        given = _set_aside(histories, world.successions, salt)
        tellings = []
        for history, mine in zip(histories, given, strict=True):
            tellings.append(Telling(history, mine, world))
            tellings[-1].forget()
            progress(1)
        items = ledger_bulk.write(draft for telling in tellings for draft in telling.drafts())
        return _insert(tellings, items)


def within_calendar(histories: Sequence[History], *, today: dt.date) -> list[History]:
    """The histories as far as the calendar reaches; an act whose dates lie beyond it, and all after it, left out.

    Writes nothing but categories of parts. For a calendar's last weeks, when long terms cannot be promised.
    """
    world, kept = _world(today), []
    for history in histories:
        deeds = list(history.deeds)
        while deeds:
            notes = {n: (0, "") for n, deed in enumerate(deeds) if deed.text}
            try:
                Telling(History(deeds), Given(0, "?", "?", notes), world)
            except Invalid as error:
                if error.code != "past_calendar":
                    raise
                deeds.pop()
            else:
                kept.append(History(deeds))
                break
    return kept


def _world(today: dt.date) -> World:
    return World(
        successions=org.succession_map(),
        first_succession=Succession.objects.aggregate(first=Min("day"))["first"],
        digest=_Digests(),
        part_category=_part_categories(),
        today=today,
    )


class _Digests(dict[int, str]):
    """The digest of each party's record, computed once."""

    def __call__(self, party: Party) -> str:
        if party.pk not in self:
            self[party.pk] = digest(party)
        return self[party.pk]


def _part_categories() -> Callable[[Terms], int]:
    known: dict[tuple[str, str], int] = {}

    def find(terms: Terms) -> int:
        key = (terms.version.procedure.code, terms.category.field)
        if key not in known:
            known[key] = ledger.category(
                book=Book.DOSSIER_PART, procedure=key[0], field=key[1], name=terms.category.name
            ).pk
        return known[key]

    return find


# ---- ids, codes and numbers, in the order things were recorded -------------------------------------------------------


def _in_order(histories: Sequence[History]) -> Iterator[tuple[int, int, Deed]]:
    """All acts of all histories as they were recorded: (history, deed, the deed)."""
    found = [(deed.at, h, d) for h, history in enumerate(histories) for d, deed in enumerate(history.deeds)]
    for _, h, d in sorted(found):
        yield h, d, histories[h].deeds[d]


def _set_aside(histories: Sequence[History], successions: SuccessionMap, salt: Callable[[], str]) -> list[Given]:
    """Codes, ids of dossiers and of notes, given in the order in which the verbs would have taken them."""
    order = list(_in_order(histories))
    given = [Given(0) for _ in histories]
    firsts = [h for h, d, _ in order if d == 0]
    for h, pk in zip(firsts, ledger_bulk.take_ids("dossiers_dossier", len(firsts)), strict=True):
        given[h].dossier = pk
    noted = [(h, d) for h, d, deed in order if deed.text]
    for (h, d), pk in zip(noted, ledger_bulk.take_ids("dossiers_note", len(noted)), strict=True):
        given[h].notes[d] = (pk, salt())
    with _Numbers() as numbers:
        for h, _, deed in order:
            mine, first = given[h], histories[h].deeds[0].told
            if deed.act is Act.SUBMIT:
                unit = first["unit"]
                day = _day(deed.at)
                mine.filing_code = codes.filing_written(unit, day, numbers.next(codes.filing_series_of(unit), day))
            elif deed.act in ACCEPTING and not mine.code:
                unit, day = _unit_at(histories[h], deed, successions), _day(deed.happened)
                pattern = deed.told["terms"].rules.dossier_code_pattern
                mine.code = codes.written(unit, day, pattern, numbers.next(codes.series_of(unit), day))
    return given


def _unit_at(history: History, deed: Deed, successions: SuccessionMap) -> Unit:
    """The competent unit when a filing is accepted: a succession may lie between filing and acceptance."""
    first = history.deeds[0].told
    unit: Unit = first["unit"]
    if unit.valid_to is None or _day(deed.at) <= unit.valid_to:
        return unit
    pk, _, _ = places_on(successions, (unit.pk, unit.pk, None), first["applicant"].commune_id, None, _day(deed.at))
    return Unit.objects.get(pk=pk)


def _day(moment: dt.datetime) -> dt.date:
    return clock.local_date(moment)


class _Numbers:
    """Number series, counted on in memory; what was given is kept when the block ends."""

    def __enter__(self) -> "_Numbers":
        self._last: dict[tuple[str, dt.date], int] = {}
        self._known: dict[str, dict[dt.date, int]] = {}
        return self

    def next(self, series: str, day: dt.date) -> int:
        """The next number of a series on a day; one statement for each series."""
        if series not in self._known:
            rows = SeriesCounter.objects.select_for_update().filter(series=series)
            self._known[series] = dict(rows.values_list("day", "n"))
        last = self._last.get((series, day)) or self._known[series].get(day, 0)
        self._last[series, day] = last + 1
        return last + 1

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is None:
            SeriesCounter.objects.bulk_create(
                [SeriesCounter(series=series, day=day, n=n) for (series, day), n in sorted(self._last.items())],
                update_conflicts=True,
                unique_fields=["series", "day"],
                update_fields=["n"],
                batch_size=_BATCH,
            )


# ---- rows ------------------------------------------------------------------------------------------------------------


def _insert(tellings: Sequence[Telling], items: dict[tuple[str, str], int]) -> list[Dossier]:
    rows: list[Dossier] = []
    notes: list[Note] = []
    papers: list[Component] = []
    supplements: list[SupplementRequest] = []
    parts: list[DossierPart] = []
    for telling in tellings:
        row, given = telling.row, telling.given
        if row.code:
            row.item_id = items[Book.DOSSIER.value, row.code]
        if row.filing_code:
            row.intake_item_id = items[Book.INTAKE.value, row.filing_code]
        rows.append(row)
        notes += telling.notes
        papers += components(given.dossier, telling.papers)
        supplements += telling.supplements
        for part, book in zip(telling.parts, telling.part_books, strict=True):
            part.item_id = items[Book.DOSSIER_PART.value, book.code]
            parts.append(part)
    _insert_all(Dossier, rows)
    _insert_all(Note, sorted(notes, key=lambda n: n.pk))
    _insert_all(Component, papers)
    SupplementRequest.objects.bulk_create(supplements, batch_size=_BATCH)
    DossierPart.objects.bulk_create(parts, batch_size=_BATCH)
    indexing.refresh(row.pk for row in rows)
    return rows


def _insert_all(model: type[Model], objects: Sequence[Model]) -> None:
    """As ``bulk_create``, in a third of the time; for models without JSON. Ids not set are left to the table."""
    if not objects:
        return
    fields = [f for f in model._meta.concrete_fields if not f.primary_key or objects[0].pk is not None]
    take = attrgetter(*(f.attname for f in fields))
    prepare = [(i, ready) for i, f in enumerate(fields) if (ready := _ready(f)) is not None]

    def rows() -> Iterator[list[Any]]:
        for each in objects:
            row = list(take(each))
            for i, ready in prepare:
                if row[i] is not None:
                    row[i] = ready(row[i])
            yield row

    ledger_bulk.insert(model._meta.db_table, [str(f.column) for f in fields], rows())
    for each in objects:
        each._state.adding, each._state.db = False, "default"


def _ready(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """What makes a value of this field ready for the database; None where it is as it stands."""
    if isinstance(field, CharField):
        return str  # a member of an enumeration is its text
    if connection.vendor == "sqlite":
        if isinstance(field, DateTimeField):
            return lru_cache(maxsize=8192)(connection.ops.adapt_datetimefield_value)
        if isinstance(field, DecimalField):
            return lambda value: field.get_db_prep_save(value, connection)
    return None
