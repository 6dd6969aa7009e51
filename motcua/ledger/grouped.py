"""A statement over items that a room above has put into groups: by an attribute the legs do not carry.

Nothing moves between such groups, so a line is opening + received = ended + closing. What was said to be a group then
is not kept: the groups are today's, the figures as known.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from motcua.ledger.models import ENDED, PENDING, LegKind
from motcua.ledger.queries import Knowledge, allow, known, window_for
from motcua.ledger.reading import Window
from motcua.ledger.statement import By, Figures, Line, Pending, Statement, total_of
from motcua.org.models import Unit
from motcua.org.queries import Scope

# The SQL below is written here and in the room that makes the groups, never by anybody who asks.
# ruff: noqa: S608


@dataclass(frozen=True, slots=True)
class Group:
    """What a line is called: ``key`` stable outside this database, ``label`` for print."""

    key: str
    label: str


def statement_by_items(
    scope: Scope,
    *,
    book: str,
    units: Sequence[Unit],
    unit_ids: frozenset[int],
    start: dt.date,
    end: dt.date,
    by: By,
    groups: str,
    of_group: Callable[[int], str],
    named: Callable[[Iterable[int]], Mapping[int, Group]],
    known_at: "int | str | dt.date | Knowledge | None" = None,
    counted_to: dt.date | None = None,
) -> Statement:
    """The statement whose lines are the groups of ``groups``: a SELECT of (item_id, key), key a number.

    ``of_group`` is a SELECT of the items of one key, for whoever asks what stands behind a figure; ``named`` names the
    groups found; ``unit_ids`` are the units whose scope it needs. Reads all legs of the items: two statements, a few
    more for ``known_at``. Raises as :func:`queries.statement` does.
    """
    allow(scope, units)
    knowledge = known_at if isinstance(known_at, Knowledge) else known(scope, known_at)
    window = window_for(book, start, end, counted_to, knowledge)
    found, last_leg = _read(window, groups)
    names = named(found)
    lines = [
        Line(names[key].key, names[key].label, figures, items=of_group(key))
        for key, figures in found.items()
        if not figures.empty
    ]
    lines.sort(key=lambda line: (line.label, line.key))
    items = f"SELECT item_id FROM ({groups}) grouped"
    made = Statement(
        book=str(book),
        by=by,
        units=tuple((unit.key, unit.name) for unit in units),
        start=start,
        end=end,
        counted_to=window.counted_to,
        as_of=window.as_of,
        provisional=window.unfinished,
        watermark=last_leg if window.watermark is None else window.watermark,
        known_at=knowledge.said,
        chain=None,
        lines=tuple(lines),
        total=Line("", "Tổng cộng", total_of(found.values()), unit_ids=unit_ids, items=items),
    )
    made.reconcile()
    return made


def _read(window: Window, groups: str) -> tuple[dict[int, Figures], int]:
    """Figures by key, and the last leg there was. One statement."""
    ended = ", ".join(f"'{name}'" for name in ENDED)
    columns = (
        "g.key AS key, l.account AS account, "
        f"CASE WHEN l.account IN ({ended}) THEN l.outcome ELSE '' END AS outcome, "
        f"CASE WHEN l.kind = '{LegKind.RECEIVE}' THEN l.channel ELSE '' END AS via, "
        f"CASE WHEN {window.at_opening} THEN 1 ELSE 0 END AS before, SUM(l.sign) AS n"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({groups}) g JOIN ledger_leg l ON l.item_id = g.item_id "
            f"WHERE {window.base()} AND {window.known} AND {window.lived} GROUP BY 1, 2, 3, 4, 5 "
            "UNION ALL SELECT -1, '', '', '', 0, COALESCE((SELECT MAX(id) FROM ledger_leg), 0)"
        )
        rows = cursor.fetchall()
    cells: dict[int, list[tuple[str, str, str, int, int]]] = {}
    for key, *cell in rows:
        cells.setdefault(key, []).append(tuple(cell))
    [(*_, last)] = cells.pop(-1)
    return {key: _figures(each) for key, each in cells.items()}, int(last)


def _figures(cells: Iterable[tuple[str, str, str, int, int]]) -> Figures:
    opening = dict.fromkeys(map(str, PENDING), 0)
    closing = dict(opening)
    received: dict[str, int] = {}
    ended: dict[tuple[str, str], int] = {}
    for account, outcome, via, before, n in cells:
        if account in closing:
            closing[account] += n
            opening[account] += n * before
        elif not before:
            ended[account, outcome] = ended.get((account, outcome), 0) + n
        if via and not before:
            received[via] = received.get(via, 0) + n
    return Figures(
        opening=Pending(**opening),
        received={via: n for via, n in received.items() if n},
        ended={key: n for key, n in ended.items() if n},
        closing=Pending(**closing),
    )
