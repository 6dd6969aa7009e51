"""Folding the journal into half-month totals and half-yearly balances, so that no statement reads it whole.

Totals are a convenience and never the truth: statements are exact with no fold, half a fold or a fold of last week,
because they read the journal beyond ``FoldState.leg_id`` themselves. ``fold`` is run by ``motcua tick``, again and
again; ``rebuild`` makes everything anew; ``check`` compares with the journal and names what differs.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from motcua.core import clock
from motcua.ledger import blocks
from motcua.ledger.locks import safe_watermark
from motcua.ledger.models import ENDED, PENDING, Account, Book, LegKind
from motcua.ledger.totals_models import CELL_COLUMNS, FoldState
from motcua.org.models import Unit

# Every piece of SQL below is written here; what it is filled with are our own names and numbers.
# ruff: noqa: S608

_KEYS = {
    "unit": ("unit_id", "outcome", "channel"),
    "procedure": ("unit_id", "category_id", "outcome", "channel"),
}
_PENDING = ", ".join(f"'{account}'" for account in PENDING)
_ENDED = ", ".join(f"'{account}'" for account in ENDED)
# One number for each column of a wide row: what the pivot compares, instead of two texts.
_SLOT = (
    "CASE WHEN l.account IN ({ended}) THEN {base} + CASE l.account {ended_cases} END "
    "ELSE {kinds} * CASE l.account {pending_cases} END + CASE l.kind {kind_cases} END END"
).format(
    ended=_ENDED,
    base=len(PENDING) * len(LegKind),
    kinds=len(LegKind),
    ended_cases=" ".join(f"WHEN '{account}' THEN {i}" for i, account in enumerate(ENDED)),
    pending_cases=" ".join(f"WHEN '{account}' THEN {i}" for i, account in enumerate(PENDING)),
    kind_cases=" ".join(f"WHEN '{kind}' THEN {i}" for i, kind in enumerate(LegKind)),
)
_PIVOT = ", ".join(f"SUM(CASE WHEN slot = {i} THEN n ELSE 0 END) AS {name}" for i, name in enumerate(CELL_COLUMNS))
_ALL_ZERO = " AND ".join(f"{name} = 0" for name in CELL_COLUMNS)
_SUMS = ", ".join(f"SUM({name}) AS {name}" for name in CELL_COLUMNS)
_ANY_SUM = " OR ".join(f"SUM({name}) <> 0" for name in CELL_COLUMNS)

CHUNK = 200_000  # legs folded in one transaction: a second or two of an office's database


def block_sql(day: str) -> str:
    """SQL for the block of a day column, as :func:`blocks.block_of`."""
    if connection.vendor == "postgresql":
        return (
            f"((EXTRACT(YEAR FROM {day})::int * 12 + EXTRACT(MONTH FROM {day})::int - 1) * 2 "
            f"+ (EXTRACT(DAY FROM {day}) >= 15)::int)"
        )
    return (
        f"((CAST(substr({day}, 1, 4) AS INTEGER) * 12 + CAST(substr({day}, 6, 2) AS INTEGER) - 1) * 2 "
        f"+ (substr({day}, 9, 2) >= '15'))"
    )


def _narrow(where: str) -> str:
    """SELECT the net of legs by finest cell: book, block, unit, category, outcome, channel, slot, n."""
    return f"""
        SELECT l.book, {block_sql("l.day")} AS block, l.unit_id, l.category_id,
               CASE WHEN l.account IN ({_ENDED}) THEN l.outcome ELSE '' END AS outcome, l.channel,
               {_SLOT} AS slot, SUM(l.sign) AS n
        FROM ledger_leg l WHERE {where} AND l.account <> '{Account.OUTSIDE}'
        GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING SUM(l.sign) <> 0"""


@dataclass(frozen=True, slots=True)
class Folded:
    """What one call of :func:`fold` did: ``legs`` read, up to and including id ``leg_id``."""

    legs: int
    leg_id: int


def state() -> FoldState | None:
    """How far the totals go; ``None`` where they hold nothing. One statement."""
    return FoldState.objects.filter(pk=1).first()


def fold(*, chunk: int = CHUNK, progress: Callable[[int], None] | None = None) -> Folded:
    """Bring totals and balances up to the safe watermark of this moment. Safe to run twice, or by two at once.

    Each chunk is a transaction that moves the mark along with what it adds, so a crash in the middle costs nothing.
    Balances are begun for every 15/6 and 15/12 that has come. ``progress`` is told the legs of each chunk.
    """
    target = safe_watermark()
    read = 0
    while True:
        with transaction.atomic():
            mark = FoldState.objects.select_for_update().filter(pk=1).first() or _begin()
            if mark.leg_id >= target:
                _add_balances(mark)
                return Folded(read, mark.leg_id)
            upper = min(mark.leg_id + chunk, target)
            _add(mark, upper)
        read += chunk
        if progress:
            progress(chunk)


def rebuild(*, progress: Callable[[int], None] | None = None) -> Folded:
    """Throw all totals away and fold the journal from its first leg. Statements stay exact meanwhile."""
    with transaction.atomic():
        FoldState.objects.select_for_update().filter(pk=1).delete()
    return fold(progress=progress)


def _begin() -> FoldState:
    """Empty tables and a mark at nothing. Whoever comes second waits and finds it done."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE ledger_foldstate IN EXCLUSIVE MODE")
        if mark := FoldState.objects.filter(pk=1).first():
            return mark
        for by in _KEYS:
            cursor.execute(f"DELETE FROM ledger_total_{by}")
            cursor.execute(f"DELETE FROM ledger_balance_{by}")
    return FoldState.objects.create(pk=1, leg_id=0, balances=[], folded_at=clock.now())


def _add(mark: FoldState, upper: int) -> None:
    """Add the legs after the mark up to ``upper`` to totals and to the balances that exist, and move the mark."""
    with connection.cursor() as cursor:
        _make_delta(cursor, f"l.id > {mark.leg_id} AND l.id <= {upper}")
        cursor.execute("SELECT MIN(block), MAX(block) FROM ledger_delta")
        low, high = cursor.fetchone()
        if low is not None:
            for by, key in _KEYS.items():
                _merge(cursor, f"ledger_total_{by}", key, "SELECT book, block, {key}, slot, n FROM ledger_delta")
                if mark.balances and low < max(mark.balances):
                    later = " UNION ALL ".join(f"SELECT {border} AS border" for border in mark.balances)
                    source = (
                        "SELECT d.book, b.border AS block, {key}, d.slot, d.n "
                        f"FROM ledger_delta d JOIN ({later}) b ON d.block < b.border"
                    )
                    _merge(cursor, f"ledger_balance_{by}", key, source)
            mark.first_block = low if mark.first_block is None else min(low, mark.first_block)
            mark.last_block = high if mark.last_block is None else max(high, mark.last_block)
        cursor.execute("DELETE FROM ledger_delta")
    mark.leg_id = upper
    mark.folded_at = clock.now()
    mark.save()


def _make_delta(cursor: Any, where: str) -> None:
    kind = "integer" if connection.vendor == "sqlite" else "bigint"
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS ledger_delta (book varchar(16), block integer, unit_id {kind}, "
        f"category_id {kind}, outcome varchar(16), channel varchar(16), slot integer, n integer)"
    )
    cursor.execute("DELETE FROM ledger_delta")
    cursor.execute(f"INSERT INTO ledger_delta {_narrow(where)}")


def _merge(cursor: Any, table: str, key: tuple[str, ...], source: str) -> None:
    """Add narrow rows to the wide rows of ``table`` and remove those that became zero."""
    names = ", ".join(key)
    full = f"book, block, {names}"
    narrow = source.replace("{key}", names)
    adding = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in CELL_COLUMNS)
    cursor.execute(
        f"INSERT INTO {table} ({full}, {', '.join(CELL_COLUMNS)}) SELECT {full}, {_PIVOT} FROM ({narrow}) cells "
        f"WHERE 1 = 1 GROUP BY {full} ON CONFLICT ({full}) DO UPDATE SET {adding}"
    )
    cursor.execute(
        f"DELETE FROM {table} WHERE ({full}) IN (SELECT DISTINCT {full} FROM ({narrow}) cells) AND {_ALL_ZERO}"
    )


def _add_balances(mark: FoldState) -> None:
    """Begin the balance of every border that has come since the last one, from the balance before it."""
    if mark.first_block is None:
        return
    last = max(mark.balances, default=None)
    new = blocks.borders(mark.first_block if last is None else last, blocks.block_of(clock.today()))
    with connection.cursor() as cursor:
        for border in new:
            for by, key in _KEYS.items():
                names = f"book, {', '.join(key)}"
                columns = f"{names}, {', '.join(CELL_COLUMNS)}"
                since = mark.first_block if last is None else last
                parts = [f"SELECT {columns} FROM ledger_total_{by} WHERE block >= {since} AND block < {border}"]
                if last is not None:
                    parts.append(f"SELECT {columns} FROM ledger_balance_{by} WHERE block = {last}")
                cursor.execute(
                    f"INSERT INTO ledger_balance_{by} (block, {columns}) SELECT {border}, {names}, {_SUMS} "
                    f"FROM ({' UNION ALL '.join(parts)}) cells GROUP BY {names} HAVING {_ANY_SUM}"
                )
            last = border
    if new:
        mark.balances = [*mark.balances, *new]
        mark.save()


# ---- check ----------------------------------------------------------------------------------------------------------


def check(limit: int = 20) -> list[str]:
    """What differs between the totals and the journal, in Vietnamese, at most ``limit`` lines; empty is sound.

    Folds the whole journal anew, so it takes as long as that. Changes nothing. Six statements, and one a fault.
    """
    mark = state()
    if mark is None:
        return []
    found: list[str] = []
    # Each comparison is one statement, hence one snapshot: folds that run meanwhile do no harm, and nobody waits.
    journal = "l.id <= (SELECT leg_id FROM ledger_foldstate)"
    kept = ", ".join(map(str, mark.balances)) or "-1"
    at = " UNION ALL ".join(f"SELECT {border} AS border" for border in mark.balances)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM ledger_leg")
        if (greatest := cursor.fetchone()[0]) < mark.leg_id:
            found.append(f"mốc cộng dồn {mark.leg_id} vượt quá bút toán cuối cùng {greatest}")
        for by, key in _KEYS.items():
            names = f"book, block, {', '.join(key)}"
            wide = f"SELECT {names}, {_PIVOT} FROM ({_narrow(journal)}) cells GROUP BY {names}"
            cursor.execute(_differences(f"ledger_total_{by}", names, wide, "1 = 1", limit))
            found += [_say("tổng", by, row) for row in cursor.fetchall()]
            if not mark.balances:
                continue
            source = (
                f"SELECT t.book, b.border AS block, {', '.join(key)}, {', '.join(CELL_COLUMNS)} "
                f"FROM ledger_total_{by} t JOIN ({at}) b ON t.block < b.border"
            )
            cursor.execute(_differences(f"ledger_balance_{by}", names, source, f"block IN ({kept})", limit))
            found += [_say("số dư", by, row) for row in cursor.fetchall()]
    return found[:limit]


def _differences(table: str, names: str, wanted: str, rows: str, limit: int) -> str:
    """SQL for the keys at which ``table`` (of it, ``rows``) is not what ``wanted`` says, rows of zeros included."""
    minus = ", ".join(f"-{name} AS {name}" for name in CELL_COLUMNS)
    columns = f"{names}, {', '.join(CELL_COLUMNS)}"
    return (
        f"SELECT {names} FROM (SELECT {columns} FROM ({wanted}) w "
        f"UNION ALL SELECT {names}, {minus} FROM {table} WHERE {rows}) both_ "
        f"GROUP BY {names} HAVING {_ANY_SUM} "
        f"UNION SELECT {names} FROM {table} WHERE {rows} AND {_ALL_ZERO} LIMIT {limit}"
    )


def _say(what: str, by: str, row: tuple[Any, ...]) -> str:
    book, block, unit_id, *rest = row
    unit = Unit.objects.filter(pk=unit_id).first()
    first = blocks.first_day(block)
    where = f"nửa tháng {first:%d/%m/%Y}" if what == "tổng" else f"trước {first:%d/%m/%Y}"
    category = f", nhóm số liệu {rest[0]}" if by == "procedure" else ""
    return (
        f"{what} khác sổ gốc: {Book(book).label}, {unit.name if unit else unit_id}{category}, {where}, "
        f"hình thức {rest[-1]}, kết cục «{rest[-2] or 'chưa kết thúc'}»"
    )


def first_day() -> dt.date | None:
    """The first day anything was folded for."""
    mark = state()
    return None if mark is None or mark.first_block is None else blocks.first_day(mark.first_block)
