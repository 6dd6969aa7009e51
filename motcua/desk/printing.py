"""In giấy tờ: the papers of a dossier, the register, hand-over records, the day's cash list; which forms there are."""

import datetime as dt

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.dossiers import scope_of, sheet_of, user_of
from motcua.desk.forms import DateField, UnitField
from motcua.desk.frame import PROCEDURE_DUTIES, needs, standing
from motcua.desk.reading import hand_over_name, reading, reading_list
from motcua.dossiers import printing, registers
from motcua.dossiers.states import CALL_DUTIES, LEADER_DUTIES, VIEW_DUTIES
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.papers import engine
from motcua.papers import forms as press
from motcua.parties.models import What

FORM_DUTIES = sorted(PROCEDURE_DUTIES)
CASH_DUTIES = sorted({Duty.CASHIER, Duty.RECEIVE, Duty.INSPECT, *LEADER_DUTIES})


def address_of(request: HttpRequest) -> str:
    """Where a code is looked up, with ``{code}`` in it: as set, else the desk's own page."""
    given: str = settings.LOOKUP_ADDRESS
    return given or request.build_absolute_uri(reverse("dossier_by_code")) + "?ma={code}"


def answer(content: bytes, name: str) -> HttpResponse:
    """A PDF shown by the browser, kept by nobody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    response["Content-Disposition"] = f'inline; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest) -> str:
    return request.GET.get("kho", "")[:10]


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


@require_GET
@needs(*sorted(VIEW_DUTIES))
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One paper of a dossier as PDF; ``?so=`` says which of several, ``?kho=a4`` another size."""
    sheet = sheet_of(request, pk)
    asked = reading(request, sheet.dossier, What.PRINT)
    if asked is not None:
        return asked
    found = printing.printed(sheet, kind, _number(request.GET.get("so", "")), address=address_of(request))
    return answer(press.render(found.paper, accepted=found.accepted, page=_page(request)), found.name)


@require_GET
@needs(*sorted(VIEW_DUTIES))
def hand_over_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Biên bản bàn giao as PDF."""
    found = registers.hand_over(scope_of(request), pk)
    assert isinstance(found.paper, press.HandOver)
    codes = [row.code for row in found.paper.rows if row.name]
    asked = reading_list(request, codes, listed=hand_over_name(pk), kind="ban-giao", pk=pk)
    if asked is not None:
        return asked
    return answer(press.render(found.paper, accepted=found.accepted, page=_page(request)), found.name)


class SpanForm(forms.Form):
    """Which desk, from when to when."""

    don_vi = UnitField(label="Nơi tiếp nhận")
    tu = DateField(label="Từ ngày")
    den = DateField(label="Đến ngày")


def calls(request: HttpRequest, desk: Unit) -> bool:
    """Whether the person keeps this desk's book and calls its people. No query beyond the duties."""
    return any(duty in CALL_DUTIES and unit.pk == desk.pk for duty, unit in standing(request).duties)


def _own(request: HttpRequest) -> list[Unit]:
    return org.in_order({u.pk: u for duty, u in standing(request).duties if duty in VIEW_DUTIES}.values())


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def register(request: HttpRequest) -> HttpResponse:
    """Sổ theo dõi hồ sơ: choose a desk and the days; with all three chosen, the register itself as PDF."""
    units, today = _own(request), clock.today()
    asked = "tu" in request.GET
    first = {"don_vi": units[0].code if units else "", "tu": today.replace(day=1), "den": today}
    form = SpanForm(request.GET if asked else None, initial=first)
    field = form.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(units)
    if asked and form.is_valid():
        given = form.cleaned_data
        found = registers.register(
            scope_of(request),
            given["don_vi"],
            given["tu"],
            given["den"],
            officer=str(user_of(request)),
            whole=calls(request, given["don_vi"]),
        )
        reading_list(request, (row.code for row in found.rows), listed="Sổ theo dõi")
        name = f"so-theo-doi-{given['tu']:%Y%m%d}-{given['den']:%Y%m%d}.pdf"
        return answer(press.render(found, accepted=given["den"], page=_page(request)), name)
    return render(request, "desk/register.html", {"form": form}, status=400 if form.errors else 200)


@require_GET
@needs(*CASH_DUTIES)
def cash_paper(request: HttpRequest) -> HttpResponse:
    """Bảng kê thu trong ngày as PDF: ``?don-vi=`` (id), ``?ngay=`` (2025-08-04), ``?nguoi=`` (id). Today by default."""
    scope = org.scope(user_of(request), CASH_DUTIES, clock.today())
    units = org.in_order({u.pk: u for duty, u in standing(request).duties if duty in CASH_DUTIES}.values())
    wanted = _number(request.GET.get("don-vi", ""))
    desk = next((u for u in units if u.pk == wanted), units[0])
    try:
        day = dt.date.fromisoformat(request.GET.get("ngay", ""))
    except ValueError:
        day = clock.today()
    collector = _number(request.GET.get("nguoi", "")) or None
    found = registers.cash_day(scope, desk, day, collector=collector)
    reading_list(request, {row.code for row in found.rows}, listed="Bảng kê thu")
    return answer(press.render(found, accepted=day, page=_page(request)), f"bang-ke-thu-{day:%Y%m%d}.pdf")


@never_cache
@require_GET
@needs(*FORM_DUTIES)
def paper_forms(request: HttpRequest) -> HttpResponse:
    """Mẫu in: every form by circular, whether it was compared with the published text, and whose template prints it."""
    own = engine.own_files()
    found = press.forms()
    groups = [(g, [f for f in found if f.generation == g.code]) for g in press.generations()]
    context = {"groups": groups, "others": [f for f in found if not f.generation], "own": sorted(own)}
    return render(request, "desk/paper_forms.html", context)
