"""Giao ban tuần: the Monday page, on the screen and on one A4."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk import asked
from motcua.desk.forms import UnitField
from motcua.desk.frame import STATEMENT_DUTIES, needs, standing
from motcua.dossiers.workload import STAGES, Load
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.reports.letterhead import letterhead_of
from motcua.reports.weekly import Weekly, weekly


class WeekForm(forms.Form):
    """Whose week."""

    don_vi = UnitField(label="Đơn vị", required=False)


@never_cache
@require_GET
@needs(*sorted(STATEMENT_DUTIES))
def monday(request: HttpRequest) -> HttpResponse:
    """The page for one's own unit, or another of the scope."""
    scope, today = asked.reader_scope(request), clock.today()
    alive = org.in_order(scope.filter(Unit.objects.filter(org.alive_on(today)), "id"))
    form = _offered(WeekForm(request.GET), alive)
    own = next(unit for duty, unit in standing(request).duties if duty in STATEMENT_DUTIES)
    unit = (form.cleaned_data["don_vi"] if form.is_valid() else None) or own
    found: Weekly = weekly(scope, unit)
    context = {
        "form": form if form.errors else _offered(WeekForm(initial={"don_vi": unit.code}), alive),
        "units": len(alive),
        "found": found,
        "rows": [(load, _stages(load)) for load in found.loads],
        "others": (found.others, _stages(found.others)) if found.others else None,
        "total": (found.total, _stages(found.total)),
        "stages": [title for _, title, _ in STAGES],
        "head": letterhead_of(unit, today),
    }
    return render(request, "desk/weekly.html", context, status=400 if form.errors else 200)


def _offered(form: WeekForm, units: list[Unit]) -> WeekForm:
    field = form.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(units)
    return form


def _stages(load: Load) -> list[int]:
    return [load.count(states) for _, _, states in STAGES]
