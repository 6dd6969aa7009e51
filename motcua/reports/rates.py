"""How many were done in time, by every reckoning that is asked for, side by side.

``by the system``: as entered, the way the statement itself counts. ``in fact``: as known when it was written down; what
stood overdue, or ended late, in the books until somebody entered late that it had been done before, is late here.
Approved catch-up windows and lists of other systems are no such entries, nor is a decision that moves deadlines. The
others read the same ends against each of the dates a dossier has, whichever of them its rule set names for the class.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from motcua.dossiers.acting import Row, contract_of, rows_from
from motcua.dossiers.states import Act
from motcua.dossiers.walk import Walk, standing
from motcua.ledger import behind
from motcua.ledger.behind import DECISIONS
from motcua.ledger.forms import number
from motcua.ledger.models import ENDED, Account, Book, LegKind
from motcua.ledger.reading import Window, lookup
from motcua.ledger.statement import Statement
from motcua.org.queries import Scope
from motcua.worktime.rules import Deadline

# The SQL below is written here; what it is filled with are our own names, numbers and dates.
# ruff: noqa: S608

# Above this many ended items the journal of the period is read only when asked for.
AT_ONCE = 10_000
# The marks of what one person entered late and another approved.
BY_HAND = ("backdated", "reentry")
# Acts after which the dates of a dossier may fall apart.
_PARTING = (Act.APOLOGISE, *DECISIONS)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of the ended were early or on time by one reckoning; ``name`` is stable, ``label`` for print."""

    name: str
    label: str
    in_time: int
    ended: int

    @property
    def share(self) -> float | None:
        """In per cent, two decimals; never 100 while one was late; None where nothing ended."""
        if not self.ended:
            return None
        found = round(100 * self.in_time / self.ended, 2)
        return min(found, 99.99) if self.in_time < self.ended else found

    def as_dict(self) -> dict[str, Any]:
        return {"in_time": self.in_time, "ended": self.ended, "share": self.share}


_LABELS = {
    "by_system": "Theo hệ thống, như đã ghi",
    "in_fact": "Thực tế, việc ghi muộn tính theo lúc ghi",
    "by_due": "Theo hạn giải quyết",
    "by_appointed": "Theo ngày hẹn trả",
    "by_regulation": "Theo hạn quy định",
}


def rates(scope: Scope, made: Statement) -> tuple[Rate, ...]:
    """The rates of a statement's total, as known to it; those by single dates for dossiers only. One statement.

    Reads the journal of the period, and the events of what ended late or had its dates moved.
    """
    behind.check_scope(scope, made)
    figures = made.total.figures
    ended = figures.ended_total
    counts = dict.fromkeys(_LABELS, ended - figures.ended_as(Account.LATE))
    if made.book != Book.DOSSIER:
        counts = {name: counts[name] for name in ("by_system", "in_fact")}
    for account, turned, rows in _apart(made) if ended else ():
        counts["in_fact"] -= turned
        if made.book == Book.DOSSIER:
            for name, in_time in _by_dates(rows).items():
                counts[name] += in_time - (account != Account.LATE)
    return tuple(Rate(name, _LABELS[name], n, ended) for name, n in counts.items())


def notes(found: Sequence[Rate]) -> list[str]:
    """The rates in one sentence for paper, or nothing where nothing ended."""
    said = [f"{rate.label.lower()} {_percent(rate)} ({number(rate.in_time)}/{number(rate.ended)} hồ sơ)"
            for rate in found if rate.ended]  # fmt: skip
    return [f"Tỷ lệ giải quyết trước và đúng hạn: {'; '.join(said)}."] if said else []


def _percent(rate: Rate) -> str:
    return f"{number(rate.share)}%"


def _apart(made: Statement) -> list[tuple[str, int, list[Row]]]:
    """Of what ended: each item that ended late, was written otherwise before, or had its dates moved.

    Its class, whether it was written as late before and in time now, and its acts as known. One statement.
    """
    window = behind.window_of(made)
    known = window.known
    which = (
        f"{window.base()} AND l.kind = '{LegKind.CLOSE}' AND l.account IN ({_quoted(ENDED)}) AND l.sign = 1 "
        f"AND l.reverses_id IS NULL AND {known} AND {window.in_window}"
        f"{behind.of_line(made.total)}{behind.days_of(window, made.total, 'ended')} "
        f"AND NOT EXISTS (SELECT 1 FROM ledger_leg r WHERE r.reverses_id = l.id AND {known.replace('l.', 'r.')})"
    )
    parting = f"EXISTS (SELECT 1 FROM ledger_event e WHERE e.item_id = l.item_id AND e.verb IN ({_quoted(_PARTING)}))"
    last = f"(SELECT e.event_id FROM ledger_leg e WHERE e.id <= {made.watermark} ORDER BY e.id DESC LIMIT 1)"
    path = lookup(" INDEXED BY ledger_leg_book_day_unit")
    found = (
        f"SELECT l.item_id, l.account, CASE WHEN l.account <> '{Account.LATE}' AND {_written_late(window)} THEN 1 "
        f"ELSE 0 END AS turned, CASE WHEN {parting} THEN 1 ELSE 0 END AS parting FROM ledger_leg l{path} WHERE {which}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.item_id, f.account, f.turned, e.id, e.seq, e.verb, e.occurred_at, e.facts, e.voids_id "
            f"FROM ({found}) f JOIN ledger_event e ON e.item_id = f.item_id AND e.id <= {last} "
            f"WHERE f.account = '{Account.LATE}' OR f.turned = 1 OR f.parting = 1 ORDER BY f.item_id, e.seq"
        )
        told = cursor.fetchall()
    heads = {item: (account, int(turned)) for item, account, turned, *_ in told}
    events = (
        (pk, item, seq, verb, behind.moment(at), json.loads(facts) if isinstance(facts, str) else facts, voids)
        for item, _, _, pk, seq, verb, at, facts, voids in told
    )
    rows = rows_from(events, {item: (item, False) for item in heads})
    return [(account, turned, rows.get(item, [])) for item, (account, turned) in heads.items()]


def _written_late(window: Window) -> str:
    """The item of leg ``l`` stood overdue or ended late in the books till somebody entered late what took it back."""
    crossed = f"(x.kind = '{LegKind.CROSS}' AND x.account = '{Account.OVERDUE}') OR x.account = '{Account.LATE}'"
    mark = "w.facts ->> 'late_entry'" if connection.vendor == "postgresql" else "json_extract(w.facts, '$.late_entry')"
    return (
        "EXISTS (SELECT 1 FROM ledger_leg x JOIN ledger_event w ON w.id = x.event_id WHERE x.item_id = l.item_id "
        f"AND x.reverses_id IS NOT NULL AND x.sign = -1 AND x.at <= x.recorded_at AND ({crossed}) "
        f"AND {window.known.replace('l.', 'x.')} AND {mark} IN ({_quoted(BY_HAND)}))"
    )


def _quoted(values: Sequence[object]) -> str:
    return ", ".join(f"'{value!s}'" for value in values)


def _by_dates(rows: Sequence[Row]) -> dict[str, bool]:
    """Whether an ended dossier was in time by each of its dates, without one always; nothing where it has not ended."""
    acts = standing([(row.entry, row.voids) for row in rows])
    if not acts:
        return {}
    walk = Walk(contract_of(acts))
    stopped = None
    for entry in acts:
        before = walk.waiting_since if walk.clock_stopped else None
        walk.apply(entry)
        if walk.ended_at == entry.at and stopped is None:
            # Ended while the clock stood still: it had stopped when the wait began.
            stopped = before or walk.ended_at
    if stopped is None:
        return {}
    dates: dict[str, Deadline | None] = {
        "by_due": walk.due,
        "by_appointed": walk.appointed,
        "by_regulation": walk.regulation,
    }
    return {name: date is None or stopped < date.crossing for name, date in dates.items()}
