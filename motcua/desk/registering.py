"""Sổ theo dõi hồ sơ on the screen and as Excel: every code of a desk by day, voided ones too."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import DateField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Column, Listing, address, listing
from motcua.desk.printing import calls
from motcua.desk.reading import reading_list
from motcua.desk.tables import xlsx
from motcua.dossiers import registers
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org import queries as org
from motcua.papers.forms import Register

_HEADINGS = [
    "STT", "Mã hồ sơ", "Thủ tục", "Số bộ", "Chủ hồ sơ", "Liên hệ", "Cơ quan giải quyết", "Ngày nhận", "Hẹn trả",
    "Ngày trả", "Cách nhận kết quả", "Ghi chú",
]  # fmt: skip
# The page leaves out what is nearly always the same; the file and the print have all of it.
_SHOWN = ("STT", "Mã hồ sơ", "Thủ tục", "Chủ hồ sơ", "Ngày nhận", "Hẹn trả", "Ngày trả", "Ghi chú")
_COLUMNS = [Column(str(i), title, number=title == "STT") for i, title in enumerate(_SHOWN)]


class SpanForm(forms.Form):
    """Which desk, from when to when."""

    don_vi = UnitField(label="Nơi tiếp nhận")
    tu = DateField(label="Từ ngày")
    den = DateField(label="Đến ngày")


def _asked(request: HttpRequest) -> SpanForm:
    units = org.in_order({u.pk: u for duty, u in standing(request).duties if duty in VIEW_DUTIES}.values())
    today = clock.today()
    first = {"don_vi": units[0].code if units else "", "tu": f"{today:%d/%m/%Y}", "den": f"{today:%d/%m/%Y}"}
    form = SpanForm({**first, **request.GET.dict()})
    field = form.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(units)
    return form


def _read(request: HttpRequest, form: SpanForm) -> Register | None:
    if not form.is_valid():
        return None
    given = form.cleaned_data
    # A file is copied on: its telephones stay masked, whoever takes it. The paper is the book of the circular.
    whole = request.GET.get("tep") != "xlsx" and calls(request, given["don_vi"])

    def read() -> Register:
        return registers.register(
            scope_of(request),
            given["don_vi"],
            given["tu"],
            given["den"],
            officer=str(user_of(request)),
            whole=whole,
        )

    return attempt(form, read, fields={"last": "den", "first": "tu"})


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def register_view(request: HttpRequest) -> HttpResponse:
    """The register of a desk over some days, today by default; as a file with ``?tep=xlsx``."""
    form = _asked(request)
    found = _read(request, form)
    if found is not None and request.GET.get("tep") == "xlsx":
        reading_list(request, (row.code for row in found.rows), listed="Sổ theo dõi")
        return _file(found, form.cleaned_data["tu"], form.cleaned_data["den"])
    context: dict[str, Any] = {"form": form, "found": found}
    if found is not None:
        lines: Listing[Any] = listing(request, found.rows, _COLUMNS, default="0", size=100)
        given = form.cleaned_data
        query = f"?don_vi={given['don_vi'].code}&tu={given['tu']:%d/%m/%Y}&den={given['den']:%d/%m/%Y}"
        context |= {
            "list": lines,
            "print_url": reverse("register") + query,
            "file_url": address(request.GET, tep="xlsx", trang=None),
        }
    return render(request, "desk/register_view.html", context, status=400 if form.errors else 200)


def _file(found: Register, first: dt.date, last: dt.date) -> HttpResponse:
    rows = [
        (
            int(r.number), r.code, r.procedure, r.sets, r.name, r.contact, r.agency, r.received, r.appointed,
            r.returned, r.method, r.note,
        )
        for r in found.rows
    ]  # fmt: skip
    title = [found.head.agency, "SỔ THEO DÕI HỒ SƠ", found.span]
    return xlsx(f"so-theo-doi-{first:%Y%m%d}-{last:%Y%m%d}.xlsx", title, _HEADINGS, rows)
