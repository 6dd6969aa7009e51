"""Ma trận đơn vị × kế hoạch bắt buộc: who has issued what was required, when, and how good it is."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from motcua.core.errors import NotFound
from motcua.indicators.sources import Ask, Found
from motcua.org import queries as org
from motcua.org.models import Unit, UnitKind, UnitPlace
from motcua.org.queries import TERRITORIAL_KINDS, Scope, alive_on, among
from motcua.programme.models import Plan, RequiredPlan

FIGURES = {
    "required": "Số kế hoạch phải ban hành trong năm",
    "issued": "Trong đó: đã ban hành",
    "on_time": "Trong đó: ban hành đúng hạn",
    "good": "Trong đó: đạt yêu cầu về chất lượng",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One plan of one unit. ``state``: not_required, issued, late (issued after its day), missing, coming."""

    state: str
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A unit with its cells, in the order of the columns."""

    unit: Unit
    cells: list[Cell]
    issued: int
    required: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """What a unit requires in a year, of whom, and what has come."""

    unit: Unit
    year: int
    as_of: dt.date
    columns: list[RequiredPlan]
    rows: list[Row]
    # per column: issued, required
    foot: list[tuple[int, int]]


def applies(required: RequiredPlan, unit_id: int, kind: str) -> bool:
    """Whether what one unit requires binds this unit: itself, an office, or a territorial unit beneath it. Pure."""
    if unit_id == required.unit_id:
        return required.of_itself
    if kind == UnitKind.POINT:
        return False
    return required.of_communes if kind in TERRITORIAL_KINDS else required.of_offices


def _state(required: RequiredPlan, plan: Plan | None, day: dt.date) -> str:
    if plan is not None and plan.issued_on <= day:
        return "late" if plan.issued_on > required.due_on else "issued"
    return "missing" if required.due_on < day else "coming"


def matrix(scope: Scope, unit: Unit, year: int, day: dt.date) -> Matrix:
    """The matrix of a unit for a year, as known on ``day``. Three statements; NotFound outside the scope.

    The rows are those who stood directly beneath it at the end of the year (or on ``day``, or on its own last day).
    """
    if not scope.contains(unit.pk):
        raise NotFound("Không có đơn vị này trong phạm vi của bạn.")
    columns = list(
        RequiredPlan.objects.filter(unit=unit, year=year, struck_at__isnull=True).order_by("due_on", "kind", "pk")
    )
    as_of = min(day, dt.date(year, 12, 31), unit.valid_to or dt.date.max)
    below = org.children(unit, as_of)
    bound = [u for u in [unit, *below] if any(applies(r, u.pk, u.kind) for r in columns)]
    plans: dict[tuple[int, str], Plan] = {}
    if bound:
        found = Plan.objects.filter(among("unit", [u.pk for u in bound]), year=year, struck_at__isnull=True)
        plans = {(plan.unit_id, plan.kind): plan for plan in found}
    rows = []
    for each in bound:
        cells = []
        for required in columns:
            if not applies(required, each.pk, each.kind):
                cells.append(Cell("not_required"))
                continue
            plan = plans.get((each.pk, required.kind))
            cells.append(Cell(_state(required, plan, day), plan))
        wanted = [cell for cell in cells if cell.state != "not_required"]
        rows.append(Row(each, cells, sum(c.state in ("issued", "late") for c in wanted), len(wanted)))
    foot = [
        (
            sum(row.cells[i].state in ("issued", "late") for row in rows),
            sum(row.cells[i].state != "not_required" for row in rows),
        )
        for i in range(len(columns))
    ]
    return Matrix(unit, year, as_of, columns, rows, foot)


def years(scope: Scope) -> list[tuple[int, int]]:
    """Units that require plans, and for which years: (unit id, year). One statement."""
    rows = scope.filter(RequiredPlan.objects.filter(struck_at__isnull=True))
    return sorted(set(rows.values_list("unit", "year")))


def compute(ask: Ask) -> Mapping[int, Mapping[str, Found]]:
    """The figures of each unit: of the plans of the year in which the window ends, as they stood on its last day.

    Three statements. A unit of which nothing is required is left out.
    """
    units = [unit for unit in ask.units if ask.scope.contains(unit)]
    if not units:
        return {}
    places = UnitPlace.objects.filter(alive_on(ask.last), among("unit", units))
    above = {unit: (parent, kind) for unit, parent, kind in places.values_list("unit", "parent", "unit__kind")}
    askers = {*above, *(parent for parent, _ in above.values() if parent is not None)}
    required: dict[int, list[RequiredPlan]] = {}
    for row in RequiredPlan.objects.filter(among("unit", askers), year=ask.last.year, struck_at__isnull=True):
        required.setdefault(row.unit_id, []).append(row)
    if not required:
        return {}
    found = Plan.objects.filter(
        Q(struck_at__isnull=True, issued_on__lte=ask.last), among("unit", units), year=ask.last.year
    )
    plans = {(plan.unit_id, plan.kind): plan for plan in found}
    answer: dict[int, dict[str, Found]] = {}
    for unit, (parent, kind) in above.items():
        told = _figures(unit, kind, [*required.get(unit, []), *required.get(parent or 0, [])], plans)
        if told is not None:
            link = reverse("programme_matrix") + "?" + urlencode({"don_vi": parent or unit, "nam": ask.last.year})
            answer[unit] = {
                key: Found(Decimal(told[key]), inputs={"year": str(ask.last.year)}, link=link)
                for key in ask.figures
                if key in told
            }
    return answer


def _figures(
    unit: int, kind: str, required: Iterable[RequiredPlan], plans: Mapping[tuple[int, str], Plan]
) -> dict[str, int] | None:
    # Asked twice, by the unit itself and from above: once, by the earlier day.
    due: dict[str, dt.date] = {}
    for row in required:
        if applies(row, unit, kind):
            due[row.kind] = min(row.due_on, due.get(row.kind, row.due_on))
    if not due:
        return None
    issued = {each: plans[unit, each] for each in due if (unit, each) in plans}
    return {
        "required": len(due),
        "issued": len(issued),
        "on_time": sum(plan.issued_on <= due[each] for each, plan in issued.items()),
        "good": sum(plan.quality == Plan.Quality.GOOD for plan in issued.values()),
    }


__all__ = ["FIGURES", "Cell", "Matrix", "Row", "applies", "compute", "matrix", "years"]
