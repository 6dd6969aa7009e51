"""Việc của tôi by remaining working time, and Cả cơ quan: what lies with whom, and at which step."""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.dossiers import COLUMNS, Filters, Row, row_of, scope_of, user_of
from motcua.desk.forms import UnitField
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Listing, listing
from motcua.dossiers import queries, workload
from motcua.dossiers.models import Dossier
from motcua.dossiers.routine import Group, group_of, offered_for_many
from motcua.dossiers.states import VIEW_DUTIES
from motcua.dossiers.workload import STAGES, Load

# On my own list nobody needs to be told who holds it.
_MINE = [column for column in COLUMNS if column.key != "nguoi-giu"]


@dataclass(frozen=True)
class Section:
    """A group of remaining time as this page of the list shows it."""

    group: Group
    total: int
    rows: list[Row]


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def work(request: HttpRequest) -> HttpResponse:
    """Việc của tôi: what I hold, grouped by the working time that is left."""
    scope, user, filters = scope_of(request), user_of(request), Filters(request.GET)
    rows = queries.listing(scope, filters.wanted, user=user)
    found: Listing[Dossier] = listing(request, rows, _MINE, default="han", filters=list(filters.fields))
    counts = workload.group_counts(scope, user)
    shown = [row_of(d) for d in found.page]
    # Sorted otherwise, the groups would tear the order apart.
    others = {f"{sign}{column.key}" for column in _MINE for sign in ("", "-") if column.sort} - {"han"}
    grouped = request.GET.get("xep", "") not in others
    context = {
        "list": found,
        "rows": shown,
        "sections": _sections(shown, counts, counted=not found.filtered) if grouped else [],
        "filters": filters,
        "chips": filters.chips(found.page),
        "counts": {group.value: n for group, n in counts.items()},
        "pending": sum(counts.values()),
        "many": offered_for_many(standing(request).held),
    }
    return render(request, "desk/work.html", context)


def _sections(rows: list[Row], counts: dict[Group, int], *, counted: bool) -> list[Section]:
    """The rows, already by due date, under their groups. ``counted``: the counts are of this very list."""
    now = clock.now()
    found: dict[Group, list[Row]] = {}
    for row in rows:
        waiting = row.dossier.waiting_since is not None
        found.setdefault(group_of(row.dossier.crossing_at, now, waiting=waiting), []).append(row)
    return [Section(g, counts[g] if counted else len(found[g]), found[g]) for g in Group if g in found]


class OfficeFilter(forms.Form):
    """Which unit's load is shown."""

    don_vi = UnitField(label="Đơn vị", required=False)


@dataclass(frozen=True)
class Cell:
    """A figure that leads to its dossiers; none where there are none."""

    n: int
    url: str
    kind: str = ""


@dataclass(frozen=True)
class LoadRow:
    """A holder, or a step, with its figures in the order of the columns."""

    load: Load
    cells: list[Cell]


_MOST = 200


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def office(request: HttpRequest) -> HttpResponse:
    """Cả cơ quan: pending dossiers by holder or by step; every figure leads to its list."""
    scope = scope_of(request)
    by = "step" if request.GET.get("theo") == "buoc" else "holder"
    form = OfficeFilter(request.GET)
    field = form.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(standing(request).units)
    unit = form.cleaned_data["don_vi"] if form.is_valid() else None
    found = workload.loads(scope, by=by, unit=unit.pk if unit else None)
    about = {"don_vi": str(unit.pk)} if unit else {}
    rows = [_row(load, by, about) for load in found[:_MOST]]
    everything = Load("", "Cộng", "", _sum_states(found), *(sum(getattr(x, n) for x in found) for n in _FIGURES))
    context = {
        "by": by,
        "form": form,
        "units": len(standing(request).units),
        "stages": [title for _, title, _ in STAGES],
        "rows": rows,
        "total": _row(everything, "", about),
        "hidden": len(found) - len(rows),
    }
    return render(request, "desk/office.html", context)


_FIGURES = ("overdue", "today", "week")


def _sum_states(found: list[Load]) -> dict[str, int]:
    return {state: sum(load.count([state]) for load in found) for _, _, states in STAGES for state in states}


def _row(load: Load, by: str, about: dict[str, str]) -> LoadRow:
    if by == "holder":
        about = {**about, "giu": str(load.key)}
    elif by == "step":
        about = {**about, "buoc": load.name}

    def cell(n: int, kind: str = "", **asked: str) -> Cell:
        # No step of a process: the list has no such filter, so the figure stands alone.
        alone = not n or (by == "step" and not load.name)
        return Cell(n, "" if alone else f"{reverse('dossiers')}?{urlencode({**about, **asked})}", kind)

    stages = [
        cell(load.count(states), trang_thai=states[0].value if len(states) == 1 else "waits") for _, _, states in STAGES
    ]
    return LoadRow(
        load,
        [
            cell(load.overdue, "bad", han="overdue", trang_thai="pending"),
            cell(load.today, "soon", han="today", trang_thai="pending"),
            cell(load.week, "", han="week", trang_thai="pending"),
            *stages,
            cell(load.total, "", trang_thai="pending"),
        ],
    )
