"""Khối lượng theo nơi tiếp nhận: the same dossiers by the desk that took them in, whoever is competent for them.

Form II.06a counts by competent agency; this is the other view, of the work at the desks. It is not frozen.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from motcua.core.errors import Invalid
from motcua.ledger.coverage import cover
from motcua.ledger.grouped import Group, statement_by_items
from motcua.ledger.models import Book
from motcua.ledger.statement import Statement
from motcua.org.models import Unit
from motcua.org.queries import Scope, among

BY: Final = "desk"
# The SQL below is written here; what it is filled with are ids.
# ruff: noqa: S608


def by_desk(
    scope: Scope,
    *,
    unit: Unit,
    start: dt.date,
    end: dt.date,
    book: str = Book.DOSSIER,
    known_at: Any = None,
    counted_to: dt.date | None = None,
) -> Statement:
    """The statement of what the desks of ``unit`` and of all beneath it took in, a line each. About six statements.

    Transfers and successions move nothing here: a dossier stays one of the desk that received it. Only dossiers have
    a desk (:class:`Invalid` for another book); else raises as :func:`ledger.queries.statement` does.
    """
    if book != Book.DOSSIER:
        raise Invalid("Chỉ hồ sơ TTHC có nơi tiếp nhận.", code="no_desk", field="book")
    desks = cover([unit], start, end if counted_to is None else counted_to, lines=False).unit_ids
    ids = ", ".join(str(int(pk)) for pk in sorted(desks)) or "NULL"
    return statement_by_items(
        scope,
        book=book,
        units=[unit],
        unit_ids=desks,
        start=start,
        end=end,
        by=BY,
        groups="SELECT d.item_id AS item_id, d.desk_unit_id AS key FROM dossiers_dossier d "
        f"WHERE d.item_id IS NOT NULL AND d.desk_unit_id IN ({ids})",
        of_group=lambda key: (
            f"SELECT d.item_id FROM dossiers_dossier d WHERE d.item_id IS NOT NULL AND d.desk_unit_id = {int(key)}"
        ),
        named=_named,
        known_at=known_at,
        counted_to=counted_to,
    )


def _named(keys: Iterable[int]) -> dict[int, Group]:
    return {unit.pk: Group(unit.key, unit.name) for unit in Unit.objects.filter(among("pk", keys))}
