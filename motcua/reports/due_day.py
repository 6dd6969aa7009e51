"""What was paused, stopped, given back or asked for more on its own due day: the list that belongs to the inspector.

Each of these acts is right at times, and each is also how lateness is hidden on the last day. The list accuses nobody;
it says where to look. An act counts when the clock still ran and the deadline in force just then, by the rule that
decides the class, fell on the day of the act.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from motcua.core import clock
from motcua.dossiers.acting import Row, contract_of, rows_from
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import STOPS_CLOCK, Act, Outcome, PauseReason
from motcua.dossiers.walk import Entry, Walk, standing
from motcua.ledger import behind
from motcua.ledger.models import Account, Book, Event, LegKind
from motcua.ledger.reading import lookup
from motcua.ledger.statement import Statement
from motcua.org.queries import Scope, among
from motcua.worktime.rules import Deadline

# The SQL below is written here; what it is filled with are our own names, numbers and dates.
# ruff: noqa: S608

# The outcomes that end a dossier without a decision on it; a refusal is a decision.
LEFT_UNDECIDED = (Outcome.RETURNED, Outcome.STOPPED, Outcome.WITHDRAWN)
_WATCHED = frozenset({Act.REQUEST_SUPPLEMENT, Act.PAUSE, Act.STOP, Act.RETURN_DOSSIER, Act.WITHDRAW})
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class DueDayAct:
    """One act on the due day of its item. ``late_entry`` says by what right it was written later, "" if at once."""

    dossier: Dossier  # with its unit; whether the asker may see it is for the asker's scope to say
    act: Act
    why: str  # the reason of a pause, in words
    at: dt.datetime
    deadline: Deadline
    late_entry: str
    recorded_at: dt.datetime
    actor: str  # who wrote it; "" where the machine did

    def as_dict(self) -> dict[str, Any]:
        """For JSON: codes, dates and enumerations only."""
        return {
            "code": str(self.dossier.code),
            "act": self.act.value,
            "at": self.at.astimezone(dt.UTC).isoformat(),
            "due": self.deadline.due_at.astimezone(dt.UTC).isoformat(),
            "late_entry": self.late_entry,
        }


def on_due_day(scope: Scope, made: Statement) -> list[DueDayAct]:
    """The acts of a statement's period and units done on the due day, earliest first.

    As known to the statement: what was voided by then is left out, what was corrected is read as corrected. Only
    dossiers have it; empty for other books. One statement, two more for each 5,000 candidates, and one for the scope.
    """
    behind.check_scope(scope, made)
    if made.book != Book.DOSSIER:
        return []
    candidates, known = _candidates(made)
    found: list[DueDayAct] = []
    ids = sorted({item for item, _ in candidates})
    for start in range(0, len(ids), _CHUNK):
        chunk = among("item", ids[start : start + _CHUNK])
        dossiers = list(Dossier.objects.filter(chunk).select_related("unit"))
        rows, written = _read(dossiers)
        for dossier in dossiers:
            for event_id, entry, deadline in _acts(rows.get(dossier.pk, []), known):
                if (dossier.item_id, entry.at) in candidates:
                    found.append(_told(dossier, entry, deadline, *written[event_id]))
    return sorted(found, key=lambda each: (each.at, str(each.dossier.code)))


def _read(dossiers: Sequence[Dossier]) -> tuple[dict[int, list[Row]], dict[int, tuple[dt.datetime, str]]]:
    """The acts of dossiers by id, and when and by whom each event was written. One statement."""
    of_item = {d.intake_item_id: (d.pk, True) for d in dossiers if d.intake_item_id}
    of_item |= {d.item_id: (d.pk, False) for d in dossiers if d.item_id}
    told = list(
        Event.objects.filter(among("item", of_item))
        .order_by("item_id", "seq")
        .values_list(
            "pk", "item_id", "seq", "verb", "occurred_at", "facts", "voids_id", "recorded_at", "actor__full_name"
        )
    )
    return rows_from((row[:7] for row in told), of_item), {row[0]: (row[7], row[8] or "") for row in told}


def _told(dossier: Dossier, entry: Entry, deadline: Deadline, recorded_at: dt.datetime, actor: str) -> DueDayAct:
    why = PauseReason(entry.facts["reason"]).label if entry.act is Act.PAUSE else ""
    late = str(entry.facts.get("late_entry", ""))
    return DueDayAct(dossier, entry.act, str(why), entry.at, deadline, late, recorded_at, actor)


def _candidates(made: Statement) -> tuple[set[tuple[int, dt.datetime]], int]:
    """(item, moment) of every pause begun in time and every undecided end that was neither early nor late, as the
    journal stood; and the last event known to it."""
    window, chosen = behind.window_of(made), made.total
    undecided = ", ".join(f"'{outcome}'" for outcome in LEFT_UNDECIDED)
    which = (
        f"((l.kind = '{LegKind.PAUSE}' AND l.account = '{Account.WAITING_IN_TIME}') OR "
        f"(l.kind = '{LegKind.CLOSE}' AND l.account = '{Account.ON_TIME}' AND l.outcome IN ({undecided})))"
    )
    known = window.known.replace("l.", "r.")
    where = (
        f"{window.base()} AND {which} AND l.sign = 1 AND l.reverses_id IS NULL AND {window.known} "
        f"AND {window.in_window}{behind.of_line(chosen)}{behind.days_of(window, chosen, 'ended')} "
        f"AND NOT EXISTS (SELECT 1 FROM ledger_leg r WHERE r.reverses_id = l.id AND {known})"
    )
    path = lookup(" INDEXED BY ledger_leg_book_day_unit")
    last = f"(SELECT e.event_id FROM ledger_leg e WHERE e.id <= {made.watermark} ORDER BY e.id DESC LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT l.item_id, l.at, {last} FROM ledger_leg l{path} WHERE {where}")
        rows = cursor.fetchall()
    return {(item, behind.moment(at)) for item, at, _ in rows}, max((known for *_, known in rows), default=0)


def _acts(rows: Sequence[Row], known: int) -> Iterator[tuple[int, Entry, Deadline]]:
    """The watched acts on the due day among those that stand, with the deadline then in force."""
    told = [row for row in rows if not row.mirror and row.event_id <= known]
    events = {row.entry.seq: row.event_id for row in told}
    acts = standing([(row.entry, row.voids) for row in told])
    if not acts:
        return
    walk = Walk(contract_of(acts))
    for entry in acts:
        deadline = walk.class_deadline
        running = walk.received_at is not None and not walk.clock_stopped
        if entry.act in _WATCHED and running and deadline is not None and _on_its_day(entry, deadline):
            yield events[entry.seq], entry, deadline
        walk.apply(entry)


def _on_its_day(entry: Entry, deadline: Deadline) -> bool:
    if entry.act is Act.PAUSE and not STOPS_CLOCK[PauseReason(entry.facts["reason"])]:
        return False  # the clock goes on: nothing is gained
    return entry.at < deadline.crossing and clock.local_date(entry.at) == deadline.due_date
