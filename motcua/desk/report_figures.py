"""Figures of reports: one figure with its definition and inputs, what changed since the cut, the two streams."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.forms import DateField, UnitField
from motcua.desk.frame import needs
from motcua.desk.reporting import READERS, own_units, reader_scope, report_of
from motcua.dossiers.states import Act
from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.ledger import registry
from motcua.ledger.models import Event
from motcua.reports import compiling, content, queries, restating, types
from motcua.reports import streams as streaming
from motcua.reports.models import Cut, FrozenFigure

_CODE = re.compile(r"(\d{1,9})-(\d{1,4})")
_ACTS = dict(Act.choices)
WHERE = {
    "manual": "Người nhập",
    "source": "Đếm từ sổ, biểu",
    "formula": "Tính từ chỉ tiêu khác",
    "ratio": "Tỷ lệ của hai chỉ tiêu",
    "sum": "Cộng từ các đơn vị",
}


@require_GET
@needs(*READERS)
def by_code(request: HttpRequest) -> HttpResponse:
    """From the short code printed in an annex to its page."""
    found = _CODE.fullmatch(request.GET.get("ma", "").strip().strip("[]"))
    if found is None:
        return redirect("reports")
    return redirect("report_figure", int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Beside:
    """A figure this one is made of."""

    code: str
    name: str
    shown: str
    position: int


@never_cache
@require_GET
@needs(*READERS)
def figure(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """One frozen figure: what it says, what it means, what it was made of; from here to the dossiers."""
    scope = reader_scope(request)
    row = queries.figure(scope, pk, position)
    report = queries.report(scope, pk)
    inputs = json.loads(row.inputs)
    context = {
        "report": report,
        "kind": types.type_of(report.type),
        "row": row,
        "figure": compiling.figure_of(row),
        "mark": content.mark(report, position),
        "inputs": inputs,
        "where": WHERE.get(inputs["where"], ""),
        "parts": [part for part in inputs["parts"] if part["state"] != "missing" or len(inputs["parts"]) <= 30],
        "beside": _beside(row, inputs),
        "facts": _facts(inputs),
        "estimate": row.cut.kind == Cut.Kind.ESTIMATE,
    }
    return render(request, "desk/report_figure.html", context)


def _beside(row: FrozenFigure, inputs: dict[str, Any]) -> list[Beside]:
    """The frozen figures a ratio or a formula was computed from. One statement."""
    codes = inputs["pair"] or re.findall(r"[a-z][a-z0-9_]*", inputs["formula"])
    rows = FrozenFigure.objects.filter(cut=row.cut_id, code__in=codes).order_by("position")
    return [Beside(each.code, each.name, compiling.figure_of(each).cell, each.position + 1) for each in rows]


def _facts(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    """What the source said with its answer, in the words of the page."""
    names = {"watermark": "Tính đến bút toán", "adjustments": "Trong đó điều chỉnh kỳ trước", "units": "Số đơn vị cộng"}
    return [(names[name], str(value)) for name, value in inputs["inputs"].items() if name in names]


# ---- what changed since ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntryRow:
    event: Event
    what: str
    effect: str
    url: str


@never_cache
@require_GET
@needs(*READERS)
def restated(request: HttpRequest, pk: int) -> HttpResponse:
    """Điều chỉnh sau chốt: what a cut says, what the same figures say today, and the entries that made the change."""
    report = report_of(request, pk)
    wanted = request.GET.get("lan", "")
    cuts = list(report.cuts.order_by("-n"))
    cut = next((each for each in cuts if str(each.n) == wanted), cuts[0] if cuts else None)
    found = restating.restated(reader_scope(request), report, cut) if cut else None
    rows = []
    for entry in found.entries if found else ():
        info = registry.get(entry.event.item.book)
        url = info.url(entry.event.item) if info else ""
        rows.append(EntryRow(entry.event, _what(entry.event), entry.effect.words, url))
    context = {
        "report": report,
        "kind": types.type_of(report.type),
        "cut": cut,
        "cuts": cuts,
        "found": found,
        "rows": rows,
    }
    return render(request, "desk/report_restated.html", context)


def _what(event: Event) -> str:
    what = _ACTS.get(event.verb, event.verb)
    if event.voids is not None:
        of = _ACTS.get(event.voids.verb, event.voids.verb)
        return f"{what}: {of[:1].lower()}{of[1:]}"
    return what


# ---- the two streams ------------------------------------------------------------------------------------------------


class StreamsForm(forms.Form):
    """A unit and two windows."""

    don_vi = UnitField(label="Đơn vị")
    mot_tu = DateField(label="CCHC: từ ngày")
    mot_den = DateField(label="CCHC: đến hết ngày")
    hai_tu = DateField(label="KSTTHC: từ ngày")
    hai_den = DateField(label="KSTTHC: đến hết ngày")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for first, last in (("mot_tu", "mot_den"), ("hai_tu", "hai_den")):
            if given.get(first) and given.get(last) and given[first] > given[last]:
                self.add_error(last, "Ngày cuối phải từ ngày đầu trở đi.")
        return given


@never_cache
@require_GET
@needs(*READERS)
def streams(request: HttpRequest) -> HttpResponse:
    """The same figures as the CCHC report and the KSTTHC report count them, and the days that make the difference."""
    today = clock.today()
    units = own_units(request)
    given = {**_usual(units), **{name: value for name, value in request.GET.items() if value}}
    # Where no windows are known yet nothing is asked for, and nothing is wrong.
    form = StreamsForm(given if request.GET or len(given) > 1 else None, initial=given)
    field = form.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(queries.reporting_units(reader_scope(request), today) or units)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        typed = form.cleaned_data
        rules = indicators.rules()
        one, other = (windows.recognise(typed[f"{name}_tu"], typed[f"{name}_den"], rules) for name in ("mot", "hai"))
        apart, rows = streaming.compare(reader_scope(request), typed["don_vi"], one, other)
        context |= {"one": one, "other": other, "apart": apart, "rows": rows}
    return render(request, "desk/report_streams.html", context, status=400 if form.errors else 200)


def _usual(units: list[Any]) -> dict[str, str]:
    """The running half-year of both: as the CCHC reports cut it, and by the calendar."""
    rules = {rule.code: rule for rule in indicators.rules()}
    found = {"don_vi": units[0].code} if units else {}
    for name, code in (("mot", types.type_of("cchc-6-thang").rule), ("hai", "sau-thang")):
        rule = rules.get(code)
        window = windows.containing(rule, clock.today()) if rule else None
        if window is not None:
            found |= {f"{name}_tu": f"{window.first:%d/%m/%Y}", f"{name}_den": f"{window.last:%d/%m/%Y}"}
    return found
