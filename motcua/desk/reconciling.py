"""Đối soát: upload another system's Excel, see only theirs, only ours, different; print it, or take it as Excel."""

import datetime as dt
import json
import tempfile
import zlib
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.reading import reading_list
from motcua.desk.sealed import seal, unseal
from motcua.desk.tables import xlsx
from motcua.dossiers import reconciling
from motcua.dossiers.importing import columns, reading
from motcua.dossiers.models import ImportProfile
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org import queries as org
from motcua.org.models import Unit

_SEAL = "reconciled"
_LARGEST = 20 * 1024 * 1024
# On the page; the file has all of them.
SHOWN = 300
_HEADINGS = [
    "Nhóm",
    "Mã ở bên kia",
    "Mã của ta",
    "Chủ hồ sơ",
    "Thủ tục",
    "Điều khác",
    "Bên kia",
    "Bên ta",
    "Giải thích",
]


class ListForm(forms.Form):
    """The list, whose it is, and which days of receipt are compared."""

    unit = UnitField(label="Đơn vị")
    system = LineField(label="Danh sách của", max_length=80, help_text="Ví dụ: Cổng Dịch vụ công quốc gia, iGate.")
    file = forms.FileField(
        label="Danh sách (.xlsx)",
        help_text="Cần các cột mã hồ sơ, ngày tiếp nhận, ngày hẹn trả; nhận thêm ngày kết thúc, ngày trả, trạng thái.",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    first = DateField(label="Tiếp nhận từ ngày", required=False, help_text="Để trống: theo danh sách.")
    last = DateField(label="Đến ngày", required=False)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def reconcile(request: HttpRequest) -> HttpResponse:
    """The form; posted, the comparison."""
    units = org.in_order({u.pk: u for duty, u in standing(request).duties if duty in VIEW_DUTIES}.values())
    form = ListForm(request.POST or None, request.FILES or None, initial={"system": "Cổng Dịch vụ công quốc gia"})
    field = form.fields["unit"]
    assert isinstance(field, UnitField)
    field.offer(units)
    if request.method == "POST" and form.is_valid():
        found = attempt(form, lambda: _compared(request, form))
        if found is not None:
            # The page is made to be printed: whoever is named on it has been read.
            ours = [pair.ours.code for pair in found.different] + [row.code for row, _ in found.only_ours]
            reading_list(request, ours, listed="Đối soát")
            return render(request, "desk/reconciled.html", _shown(found, form, str(user_of(request))))
    return render(request, "desk/reconcile.html", {"form": form}, status=400 if form.errors else 200)


def _compared(request: HttpRequest, form: ListForm) -> reconciling.Reconciled:
    given = form.cleaned_data
    upload: UploadedFile = given["file"]
    if (upload.size or 0) > _LARGEST:
        raise Invalid(f"Tệp lớn quá {_LARGEST // 1024 // 1024} MB.", field="file")
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        try:
            cells = reading.open_rows(Path(file.name))
            header, mapping = _mapping(cells, given["unit"], given["system"])
        except Invalid as error:
            said = error.message.replace(Path(file.name).name, f"«{upload.name}»")
            raise Invalid(said.split(" Hãy chỉ rõ bằng --map")[0], field="file") from error
    rows = (reading.read_row(line, row, mapping) for line, row in enumerate(cells, start=1) if line > header + 1)
    return reconciling.reconcile(scope_of(request), given["unit"], rows, first=given["first"], last=given["last"])


def _mapping(cells: list[list[Any]], unit: Unit, system: str) -> tuple[int, dict[str, int]]:
    """Which column is which: as the headings say, and as was told when lists of this system were taken in."""
    known = ImportProfile.objects.filter(unit=unit, system=system).first()
    texts = [[reading.text(cell) for cell in row] for row in cells[:30]]
    return columns.find_header(texts, {}, known.columns if known else {})


def _shown(found: reconciling.Reconciled, form: ListForm, officer: str) -> dict[str, Any]:
    given = form.cleaned_data
    rows = _rows(found)
    about = {"unit": given["unit"].name, "system": given["system"], "first": f"{found.first:%d/%m/%Y}"}
    about["last"] = f"{found.last:%d/%m/%Y}"
    packed = zlib.compress(json.dumps({"about": about, "rows": rows}, ensure_ascii=False).encode())
    return {
        "found": found,
        "about": about,
        "only_theirs": found.only_theirs[:SHOWN],
        "only_ours": found.only_ours[:SHOWN],
        "different": found.different[:SHOWN],
        "more": max(len(found.only_theirs), len(found.only_ours), len(found.different)) > SHOWN,
        "sealed": seal(b64encode(packed).decode(), _SEAL),
        "officer": officer,
        "at": clock.now(),
    }


def _rows(found: reconciling.Reconciled) -> list[list[str]]:
    """Everything as lines of a table."""

    def stands(day: dt.date | None, state: str) -> str:
        return f"{day:%d/%m/%Y} {state}" if day else state

    rows = [
        [
            "Chỉ bên kia có",
            r.code,
            "",
            r.applicant,
            r.procedure_name,
            "",
            stands(r.received.day, r.status),
            "",
            why,
        ]
        for r, why in found.only_theirs
    ]
    rows += [
        [
            "Chỉ ta có",
            o.external_code,
            o.code,
            o.applicant,
            o.procedure,
            "",
            "",
            stands(o.received, o.state),
            why,
        ]
        for o, why in found.only_ours
    ]
    rows += [
        ["Khác nhau", p.row.code, p.ours.code, p.ours.applicant, p.ours.procedure, d.what, d.theirs, d.ours, d.why]
        for p in found.different
        for d in p.differences
    ]
    return rows + [["Dòng không đọc được", b.code, "", "", "", f"dòng {b.line}", "", "", b.why] for b in found.bad]


@require_POST
@needs(*sorted(VIEW_DUTIES))
def reconciled_file(request: HttpRequest) -> HttpResponse:
    """The comparison that is on the page, as Excel."""
    packed = unseal(request.POST.get("sealed", ""), _SEAL)
    if packed is None:
        messages.error(request, "Kết quả đối soát đã cũ. Hãy gửi lại danh sách.")
        return redirect("reconcile")
    given = json.loads(zlib.decompress(b64decode(packed)))
    about = given["about"]
    reading_list(request, {row[2] for row in given["rows"] if row[2]}, listed="Đối soát")
    title = [
        f"ĐỐI SOÁT HỒ SƠ: {about['unit']}",
        f"Với {about['system']}, tiếp nhận từ {about['first']} đến {about['last']}",
    ]
    return xlsx("doi-soat.xlsx", title, _HEADINGS, given["rows"])
