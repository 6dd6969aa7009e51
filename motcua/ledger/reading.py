"""The one SQL statement a statement is read with.

It adds up balances, whole blocks, single days of the journal, and the legs no fold has seen yet. Being one statement it
sees one snapshot on both databases, and it says which fold it saw, so that the caller can repeat it in the rare case
that a fold ended between planning and reading.

All conditions on single legs stand here too, so that a figure and the list of items behind it cannot part ways.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from motcua.ledger import blocks
from motcua.ledger.models import ENDED, PENDING, Account, Channel, LegKind
from motcua.ledger.statement import By, Chain, Figures, Pending
from motcua.ledger.totals_models import FoldState

# Every piece of SQL below is written here; what it is filled with are our own names, numbers and dates.
# ruff: noqa: S608

MOVES = (LegKind.TRANSFER, LegKind.SUCCESSION, LegKind.CORRECT)
# Spelled exactly as in the partial index ledger_leg_moves, or SQLite does not use it.
_IS_MOVE = "l.kind IN ('transfer', 'succession', 'correct')"
_CLASSES = tuple(str(account) for account in ENDED)
_PENDING = tuple(str(account) for account in PENDING)
_CHANNELS = tuple(str(channel) for channel in Channel)
# Ways to look legs up. SQLite, which knows no statistics here, would read years of days for a handful of new ids.
_BY_ID, _BY_DAY, _BY_MOVE = " NOT INDEXED", " INDEXED BY ledger_leg_book_day_unit", " INDEXED BY ledger_leg_moves"
# Above this many units the rows are sorted out in Python, so that the database can read one stretch in order.
_MANY = 1000

# The sums every part of the reading gives, in this order.
_WIDTH = len(_PENDING) + len(_CHANNELS) + len(MOVES) + len(_CLASSES)
_RECEIVED = len(_PENDING)
_MOVED = _RECEIVED + len(_CHANNELS)
_ENDED = _MOVED + len(MOVES)


def _ids(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(n)) for n in sorted(numbers)) or "NULL"


def date_sql(day: dt.date) -> str:
    """A date as SQL text."""
    return f"'{day:%Y-%m-%d}'"


def moment_sql(moment: dt.datetime) -> str:
    """A moment as SQL text, comparable with what Django stores."""
    utc = moment.astimezone(dt.UTC)
    if connection.vendor == "postgresql":
        return f"'{utc.isoformat()}'"
    return f"'{utc.replace(tzinfo=None).isoformat(' ')}'"


def lookup(path: str) -> str:
    """The way to look legs up, where the database must be told."""
    return path if connection.vendor == "sqlite" else ""


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted: legs of a book known by ``watermark``, lived by ``as_of``, from ``start`` to ``counted_to``.

    ``unfinished`` says that ``as_of`` lies within ``counted_to``, so that later legs of that day are left out.
    ``watermark`` ``None`` means everything visible.
    """

    book: str
    start: dt.date
    counted_to: dt.date
    as_of: dt.datetime
    unfinished: bool
    watermark: int | None
    chain: Chain | None = None

    # ---- conditions on a leg ``l`` -----------------------------------------------------------------------------------

    @property
    def known(self) -> str:
        return "1 = 1" if self.watermark is None else f"l.id <= {self.watermark}"

    @property
    def lived(self) -> str:
        """Dated up to the end of the reading."""
        upto = f"l.day <= {date_sql(self.counted_to)}"
        return f"{upto} AND NOT ({self.unlived})" if self.unfinished else upto

    @property
    def unlived(self) -> str:
        """Dated on the last day, after the instant the figures stand for."""
        return f"l.day = {date_sql(self.counted_to)} AND l.at > {moment_sql(self.as_of)}"

    @property
    def at_opening(self) -> str:
        """Dated before the window; a succession dated on its first day is part of the opening."""
        return f"(l.day < {date_sql(self.start)} OR ({self.start_succession}))"

    @property
    def start_succession(self) -> str:
        return f"{_IS_MOVE} AND l.kind = '{LegKind.SUCCESSION}' AND l.day = {date_sql(self.start)}"

    @property
    def in_window(self) -> str:
        return (
            f"(l.day >= {date_sql(self.start)} AND NOT (l.kind = '{LegKind.SUCCESSION}' "
            f"AND l.day = {date_sql(self.start)}) AND {self.lived})"
        )

    @property
    def adjusting(self) -> str:
        """Dated before the window but not among what the frozen statement counted (``chain`` only).

        The succession on the first day of an item adjusted so goes with it: the frozen closing knew neither.
        """
        return " OR ".join(f"({where})" for where, _ in self.adjusting_arms()) or "1 = 0"

    def adjusting_arms(self) -> list[tuple[str, str]]:
        """The conditions whose union is :attr:`adjusting`, no leg in two, each with the way to look it up."""
        if self.chain is None:
            return []
        known, start = self.known, date_sql(self.start)
        since = f"l.id > {self.chain.watermark} AND l.day < {start} AND {known}"
        arms = [(since, _BY_ID)]
        touched = f"e.id > {self.chain.watermark} AND e.day < {start} AND {known.replace('l.', 'e.')}"
        if self.chain.cut_day is not None:
            cut = f"l.day = {date_sql(self.chain.cut_day)} AND l.at > {moment_sql(self.chain.as_of)}"
            arms.append((f"l.id <= {self.chain.watermark} AND {cut} AND l.day < {start} AND {known}", _BY_DAY))
            touched = f"({touched}) OR ({cut.replace('l.', 'e.')} AND e.day < {start})"
        items = f"SELECT e.item_id FROM ledger_leg e WHERE e.book = '{self.book}' AND ({touched})"
        succession = f"{self.start_succession} AND l.id > {self.chain.watermark} AND {known} AND l.item_id IN ({items})"
        return [*arms, (succession, _BY_MOVE)]

    @property
    def received_here(self) -> str:
        """Whether the item of leg ``l`` was received within the window, by anybody (1) or earlier (0)."""
        known = "" if self.watermark is None else f" AND r.id <= {self.watermark}"
        # SQLite must look up the few legs of the item, not all of the book in the window: + keeps book and day from
        # being looked up by.
        plain = "+" if connection.vendor == "sqlite" else ""
        return (
            "(SELECT COALESCE(SUM(r.sign), 0) FROM ledger_leg r WHERE r.item_id = l.item_id "
            f"AND r.kind = '{LegKind.RECEIVE}' AND r.account <> '{Account.OUTSIDE}' "
            f"AND {plain}r.book = '{self.book}' AND {plain}r.day >= {date_sql(self.start)} "
            f"AND {plain}r.day <= {date_sql(self.counted_to)}{known})"
        )

    def base(self) -> str:
        """Legs of the book that stand in some account."""
        return f"l.book = '{self.book}' AND l.account <> '{Account.OUTSIDE}'"


@dataclass(slots=True)
class Vector:
    """What one line adds up to while rows come in."""

    opening: list[int] = field(default_factory=lambda: [0] * _WIDTH)
    closing: list[int] = field(default_factory=lambda: [0] * _WIDTH)
    adjusting: list[int] = field(default_factory=lambda: [0] * len(_PENDING))
    ended: dict[tuple[str, str], int] = field(default_factory=dict)
    moved_opening: int = 0
    moved_received: dict[str, int] = field(default_factory=dict)
    first_day: int = 0

    def add(self, part: "Part", sums: Sequence[int]) -> None:
        """Count the sums of one row as its part says."""
        if part.opening:
            self.opening = [a + part.opening * b for a, b in zip(self.opening, sums, strict=True)]
        if part.closing:
            self.closing = [a + part.closing * b for a, b in zip(self.closing, sums, strict=True)]
        if part.first_day:
            self.first_day += part.first_day * sum(sums[:_RECEIVED])
        if part.adjusting:
            self.adjusting = [a + b for a, b in zip(self.adjusting, sums[:_RECEIVED], strict=True)]

    def add_ended(self, flow: int, outcome: str, sums: Sequence[int]) -> None:
        """Count ended items of one outcome, by class. Most rows of a large reading come here."""
        ended = self.ended
        for name, value in zip(_CLASSES, sums, strict=True):
            if value:
                key = name, outcome
                ended[key] = ended.get(key, 0) + flow * value

    def add_moved(self, sums: Sequence[int]) -> None:
        """Count net movements: of what was pending before first, then of what was received here, by channel."""
        self.moved_opening += sums[0]
        for name, value in zip(_CHANNELS, sums[_RECEIVED:_MOVED], strict=True):
            if value:
                self.moved_received[name] = self.moved_received.get(name, 0) + value

    def figures(self) -> Figures:
        """The line's figures: closing less opening is what happened."""
        adjusting = Pending(*self.adjusting)
        flow = [after - before for before, after in zip(self.opening, self.closing, strict=True)]
        received = flow[_RECEIVED:_MOVED]
        transferred, succeeded, reclassified = flow[_MOVED:_ENDED]
        return Figures(
            opening=Pending(*self.opening[:_RECEIVED]) - adjusting,
            adjustments=adjusting,
            received={name: n for name, n in zip(_CHANNELS, received, strict=True) if n},
            transferred=transferred,
            succeeded=succeeded,
            reclassified=reclassified,
            ended={key: n for key, n in self.ended.items() if n},
            closing=Pending(*self.closing[:_RECEIVED]),
            moved_opening=self.moved_opening,
            moved_received={name: n for name, n in self.moved_received.items() if n},
            opening_succession=self.first_day,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One SELECT of the reading: how often it counts in the opening, in the closing, as adjustment, as moved."""

    sql: str
    opening: int = 0
    closing: int = 0
    adjusting: int = 0
    moved: bool = False
    first_day: int = 0  # a succession dated on the first day: how often it counts among those of the opening
    split: bool = False  # rows with ``later`` = 1 belong to the part that follows


class Reading:
    """Builds the SELECT for a window, a division and some units, and turns its rows into figures by key.

    Keys are unit ids, category ids or channels, as ``by`` says. ``unit_ids`` ``None`` reads every unit.
    """

    def __init__(self, window: Window, by: By, unit_ids: frozenset[int], state: FoldState | None):
        self.window = window
        self.state = state
        self.folded = state.leg_id if state else 0
        self.in_python = by == "unit" and len(unit_ids) > _MANY
        self._table = "procedure" if by in ("procedure", "field") else "unit"
        self._key = {"unit": "unit_id", "channel": "channel"}.get(by, "category_id")
        self._units = "" if self.in_python else f" AND unit_id IN ({_ids(unit_ids)})"
        self.parts = self._parts()

    def sql(self) -> str:
        """The whole statement. Columns: part, key, outcome, then the sums. Part -1 says which fold was seen."""
        selects = [
            f"SELECT {n}{' + later' if part.split else ''} AS part, key, outcome, "
            f"{', '.join(f'm{i}' for i in range(_WIDTH))} FROM ({part.sql}) p{n}"
            for n, part in enumerate(self.parts)
            if part.sql
        ]
        nothing = "''" if self._key == "channel" else "0"
        zeros = ", ".join(["0"] * (_WIDTH - 2))
        # What was seen: the fold, and the last leg.
        selects.append(
            f"SELECT -1, {nothing}, '', COALESCE((SELECT leg_id FROM ledger_foldstate), 0), "
            f"COALESCE((SELECT MAX(id) FROM ledger_leg), 0), {zeros}"
        )
        return " UNION ALL ".join(selects)

    def read(self, line_of: Mapping[Any, Any] | None = None) -> tuple[dict[Any, Vector], int] | None:
        """The sums by key and the last leg seen; ``None`` if another fold was seen than planned for. One statement.

        With ``line_of`` the keys are lines, and what belongs to none is left out.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.sql())
            rows = cursor.fetchall()
        seen = rows[-1] if rows[-1][0] == -1 else next(row for row in rows if row[0] == -1)
        if seen[3] != self.folded:
            return None
        return self._vectors(rows, line_of), int(seen[4])

    def _vectors(self, rows: Sequence[tuple[Any, ...]], line_of: Mapping[Any, Any] | None) -> dict[Any, Vector]:
        found: dict[Any, Vector] = {}
        parts = self.parts
        for row in rows:
            n, key, outcome = row[:3]
            if n < 0:
                continue
            if line_of is not None:
                key = line_of.get(key)
                if key is None:
                    continue
            vector = found.get(key)
            if vector is None:
                vector = found[key] = Vector()
            part = parts[n]
            if part.moved:
                vector.add_moved(row[3:])
                continue
            flow = part.closing - part.opening
            if flow:
                vector.add_ended(flow, outcome, row[3 + _ENDED :])
            if not outcome:  # only ended accounts have one
                vector.add(part, row[3:])
        return found

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _parts(self) -> list[Part]:
        window = self.window
        parts = list(self._folded_parts())
        start, end = date_sql(window.start), date_sql(window.counted_to)
        if window.watermark is None or window.watermark >= self.folded:
            # Known but not folded yet.
            tail, sign = f"l.id > {self.folded} AND {window.known}", 1
        else:
            # Folded but not known then.
            tail, sign = f"l.id > {window.watermark} AND l.id <= {self.folded}", -1
        later = f"CASE WHEN l.day >= {start} THEN 1 ELSE 0 END"
        parts.append(Part(self._legs(f"{tail} AND l.day <= {end}", _BY_ID, later), sign, sign, split=True))
        parts.append(Part("", closing=sign))
        parts.append(
            Part(self._legs(f"{window.known} AND {window.start_succession}", _BY_MOVE), opening=1, first_day=1)
        )
        if window.unfinished:
            parts.append(Part(self._legs(f"{window.known} AND {window.unlived}", _BY_DAY), closing=-1))
        if window.chain is not None:
            parts += [
                Part(self._legs(where, path), adjusting=1, first_day=-1 if path is _BY_MOVE else 0)
                for where, path in window.adjusting_arms()
            ]
        parts.append(Part(self._moves(), moved=True))
        return parts

    def _folded_parts(self) -> Iterable[Part]:
        """What the totals know by the day before the window, and by its last day."""
        state, window = self.state, self.window
        if state is None or state.first_block is None or state.last_block is None:
            return
        before = window.start - dt.timedelta(1)
        plans = [
            blocks.Plan(day, state.first_block, state.last_block, state.balances) for day in (before, window.counted_to)
        ]
        shares: dict[tuple[str, object], list[int]] = {}
        for n, plan in enumerate(plans):
            if plan.balance is not None:
                shares.setdefault(("balance", plan.balance), [0, 0])[n] += 1
            for block, sign in plan.blocks.items():
                shares.setdefault(("total", block), [0, 0])[n] += sign
            for day, sign in plan.days.items():
                shares.setdefault(("day", day), [0, 0])[n] += sign
        alike: dict[tuple[str, int, int], list[object]] = {}
        for (kind, what), (opening, closing) in shares.items():
            if opening or closing:
                alike.setdefault((kind, opening, closing), []).append(what)
        for (kind, opening, closing), whats in alike.items():
            if kind == "day":
                days = ", ".join(date_sql(day) for day in whats)  # type: ignore[arg-type]
                yield Part(self._legs(f"l.id <= {self.folded} AND l.day IN ({days})", _BY_DAY), opening, closing)
                continue
            # Read whole, a block is one stretch of the key in the order of units: no sorting if each is read alone.
            groups = [[what] for what in whats] if self.in_python else [whats]
            for group in groups:
                where = f"book = '{window.book}' AND block IN ({_ids(group)})"  # type: ignore[arg-type]
                yield Part(self._pending_cells(kind, where), opening, closing)
                if opening != closing:  # what had ended before both ends is in no figure
                    yield Part(self._ended_cells(kind, where), opening, closing)

    def _pending_cells(self, kind: str, where: str) -> str:
        def total(columns: Iterable[str]) -> str:
            return f"SUM({' + '.join(columns)})"

        sums = [total(f"{account}_{k}" for k in LegKind) for account in _PENDING]
        received = " + ".join(f"{account}_{LegKind.RECEIVE}" for account in _PENDING)
        sums += [f"SUM(CASE WHEN channel = '{channel}' THEN {received} ELSE 0 END)" for channel in _CHANNELS]
        sums += [total(f"{account}_{move}" for account in _PENDING) for move in MOVES]
        sums += [f"SUM({name})" for name in _CLASSES]
        return self._select(kind, f"{where} AND outcome = ''", "''", sums)

    def _ended_cells(self, kind: str, where: str) -> str:
        sums = ["0"] * _ENDED + [f"SUM({name})" for name in _CLASSES]
        return self._select(kind, f"{where} AND outcome > ''", "outcome", sums)

    def _select(self, kind: str, where: str, outcome: str, sums: list[str]) -> str:
        columns = ", ".join(f"{expression} AS m{i}" for i, expression in enumerate(sums))
        group = self._key if outcome == "''" else f"{self._key}, outcome"
        return (
            f"SELECT {self._key} AS key, {outcome} AS outcome, {columns} FROM ledger_{kind}_{self._table} "
            f"WHERE {where}{self._units} GROUP BY {group}"
        )

    def _legs(self, where: str, path: str, later: str = "") -> str:
        def total(condition: str) -> str:
            return f"SUM(CASE WHEN {condition} THEN l.sign ELSE 0 END)"

        sums = [total(f"l.account = '{account}'") for account in _PENDING]
        sums += [total(f"l.kind = '{LegKind.RECEIVE}' AND l.channel = '{channel}'") for channel in _CHANNELS]
        sums += [total(f"l.kind = '{move}'") for move in MOVES]
        sums += [total(f"l.account = '{account}'") for account in _CLASSES]
        columns = ", ".join(f"{expression} AS m{i}" for i, expression in enumerate(sums))
        ended = ", ".join(f"'{name}'" for name in _CLASSES)
        return (
            f"SELECT {later + ' AS later, ' if later else ''}l.{self._key} AS key, "
            f"CASE WHEN l.account IN ({ended}) THEN l.outcome ELSE '' END AS outcome, {columns} "
            f"FROM ledger_leg l{lookup(path)} WHERE {self.window.base()} AND {where}{self._units} "
            f"GROUP BY 1, 2{', 3' if later else ''}"
        )

    def _moves(self) -> str:
        """Net movements within the window, split by whether the item was received in it and by channel."""
        inner = (
            f"SELECT l.{self._key} AS key, l.channel AS via, l.sign AS sign, {self.window.received_here} AS new "
            f"FROM ledger_leg l{lookup(_BY_MOVE)} WHERE {self.window.base()} AND {_IS_MOVE} AND {self.window.known} "
            f"AND {self.window.in_window}{self._units}"
        )
        sums = ["SUM(CASE WHEN new = 0 THEN sign ELSE 0 END)"] + ["0"] * (len(_PENDING) - 1)
        sums += [f"SUM(CASE WHEN new <> 0 AND via = '{channel}' THEN sign ELSE 0 END)" for channel in _CHANNELS]
        sums += ["0"] * (_WIDTH - len(sums))
        columns = ", ".join(f"{expression} AS m{i}" for i, expression in enumerate(sums))
        return f"SELECT key, '' AS outcome, {columns} FROM ({inner}) moves GROUP BY key"
