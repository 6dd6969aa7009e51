"""The figures the registers offer to ``indicators``: one source a register, counted for many units in one statement.

A unit of which a register holds nothing is left out: an empty register is not a 0. It becomes one when the unit has
written «Không phát sinh» over the whole window. A unit that has kept the register before, and has nothing in the
window, stands at 0.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from motcua.indicators.sources import Ask, Found, Source
from motcua.indicators.sources import register as offer
from motcua.org.queries import among
from motcua.programme import matrix, posting, queries
from motcua.programme.describing import Register
from motcua.programme.models import NothingToReport
from motcua.programme.registers import REGISTERS

Answer = Mapping[int, Mapping[str, Found]]


def of(register: Register) -> Callable[[Ask], Answer]:
    """How a register answers. Two statements, however many units."""

    def compute(ask: Ask) -> Answer:
        return _compute(register, ask)

    return compute


def _compute(register: Register, ask: Ask) -> Answer:
    units = [unit for unit in ask.units if ask.scope.contains(unit)]
    wanted = [figure for figure in register.figures if figure.key in ask.figures]
    if not units or not wanted:
        return {}
    rows = queries.newest(register, queries.of_units(register, units), ask.last)
    measures = {f"figure_{figure.key}": figure.measure(ask.first, ask.last) for figure in wanted}
    counted = rows.order_by().values("unit").annotate(kept=Count("pk"), **measures)
    told: dict[int, dict[str, Any]] = {row["unit"]: row for row in counted}
    quiet = _quiet(register, [unit for unit in units if unit not in told], ask.first, ask.last)
    place = reverse("programme_register", args=[register.slug])
    answer: dict[int, dict[str, Found]] = {}
    for unit in units:
        if unit not in told and unit not in quiet:
            continue
        row = told.get(unit, {})
        answer[unit] = {
            figure.key: Found(
                value=Decimal(row.get(f"figure_{figure.key}") or 0),
                inputs={"register": register.title, "kept": row.get("kept", 0), "nothing": unit in quiet},
                link=place + "?" + _query(unit, figure.key, ask.first, ask.last),
            )
            for figure in wanted
        }
    return answer


def _query(unit: int, figure: str, first: dt.date, last: dt.date) -> str:
    asked = {"don_vi": unit, "so_lieu": figure, "tu": f"{first:%d/%m/%Y}", "den": f"{last:%d/%m/%Y}"}
    return urlencode(asked)


def _quiet(register: Register, units: list[int], first: dt.date, last: dt.date) -> frozenset[int]:
    """Units that have written over the whole window that nothing happened."""
    if not units:
        return frozenset()
    rows = NothingToReport.objects.filter(
        among("unit", units), struck_at__isnull=True, register=register.key, first_day__lte=first, last_day__gte=last
    )
    return frozenset(rows.values_list("unit", flat=True))


def offer_all() -> None:
    """Register every source; called once by the app."""
    for register in REGISTERS:
        if register.figures:
            told = {figure.key: figure.name for figure in register.figures}
            offer(Source(f"programme.{register.key}", register.title, told, of(register)))
    offer(Source("programme.plan_matrix", "Ma trận kế hoạch bắt buộc", matrix.FIGURES, matrix.compute))
    offer(Source("programme.posting", "Niêm yết, lĩnh vực TTHC", posting.FIGURES, posting.compute))
