"""The dates each event says it produced, against those its acts give when they are read again. Pure.

An item's row and its legs are compared elsewhere with what all its acts amount to now; here each event is asked what
was said on the day: the date a slip was printed with, before later acts moved it.
"""

import datetime as dt
from bisect import insort
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from motcua.core import clock
from motcua.dossiers.acting import Row, contract_of
from motcua.dossiers.drafting import ACCEPTING
from motcua.dossiers.states import Act
from motcua.dossiers.walk import Entry, Walk, replay, standing

_NAMES = {"due": "hạn giải quyết", "appointed": "ngày hẹn trả", "regulation": "hạn theo quy định"}
# After these the acts stand otherwise than with one more at their end.
_REREAD = frozenset({Act.SUBMIT, *ACCEPTING, Act.CORRECT_ACCEPTANCE, Act.VOID})


def wrong_dates(rows: Sequence[Row]) -> Iterator[str]:
    """Which events of one dossier (its filing's too) keep other dates than they produced; in Vietnamese.

    Raises what a replay raises where the events do not even follow each other.
    """
    told: list[Row] = []
    walk, in_order = None, True
    for row in sorted((row for row in rows if not row.mirror), key=attrgetter("event_id")):
        in_order = in_order and (not told or row.entry.seq > told[-1].entry.seq)
        if walk is not None and in_order and row.entry.act not in _REREAD:
            walk.apply(row.entry)
        else:
            walk = _reread(told, row)
        insort(told, row, key=lambda each: each.entry.seq)
        kept, given = row.entry.facts.get("dates"), walk.dates()
        if kept != given:
            yield f"sự kiện {row.seq} «{row.entry.act.value}»: {_difference(kept, given)}"


def _reread(told: Sequence[Row], row: Row) -> Walk:
    """The walk as the act itself was carried out: what stood before it, and it last."""
    pairs: list[tuple[Entry, int | None]] = [(each.entry, each.voids) for each in told]
    acts = standing([*pairs, (row.entry, row.voids)])
    return replay(contract_of(acts or standing(pairs)), acts)


def _difference(kept: Any, given: dict[str, list[str] | None]) -> str:
    if not isinstance(kept, dict):
        return "không ghi các ngày"
    parts = [
        f"{name} ghi {_said(kept.get(key))}, tính lại {_said(value)}"
        for key, name in _NAMES.items()
        if kept.get(key) != (value := given[key])
    ]
    return "; ".join(parts) or "ghi những ngày không có"


def _said(date: Any) -> str:
    try:
        return f"{clock.local(dt.datetime.fromisoformat(date[0])):%H:%M %d/%m/%Y}" if date else "không có"
    except (TypeError, ValueError, IndexError, KeyError):
        return "không đọc được"
