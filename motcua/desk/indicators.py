"""Phiếu số liệu: the grid in which a unit's figures are typed, and its way up: sent, given back, accepted; Excel."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock, text
from motcua.core.errors import Invalid, MotcuaError
from motcua.desk import gathering
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import is_script, needs
from motcua.indicators import actions, checking, excel, queries, windows
from motcua.indicators.actions import FILLERS, READERS, Cell, window_of
from motcua.indicators.figure import MANUAL, Figure
from motcua.indicators.models import Return, ReturnState, Span
from motcua.indicators.reading import parts_of
from motcua.org import queries as org
from motcua.papers import files

_OPEN = (ReturnState.DRAFT, ReturnState.RETURNED)
_LARGEST = 20 * 1024 * 1024
_INLINE = ("image/jpeg", "image/png")


class ReasonForm(ActForm):
    """Why figures are given back."""

    reason = LineField(label="Lý do trả lại", max_length=500, help_text="Đơn vị đọc câu này khi sửa phiếu.")


class SendForm(ActForm):
    """Sending, with the signed copy where there is one."""

    signed = forms.FileField(
        label="Bản ký kèm theo", required=False, help_text="PDF có chữ ký của lãnh đạo, nếu nơi nhận cần. Tối đa 20 MB."
    )


@dataclass
class Row:
    """A line of the grid."""

    line: queries.Line
    figure: Figure | None = None
    before: str = ""
    typed: str = ""
    error: str = ""
    editable: bool = False
    url: str = ""

    @property
    def own(self) -> bool:
        """Whether the day it was counted to is asked beside it."""
        return self.line.meaning is not None and self.line.meaning.span == Span.OWN and self.editable


# ---- the grid -------------------------------------------------------------------------------------------------------


@require_POST
@needs(*FILLERS)
def open_sheet(request: HttpRequest) -> HttpResponse:
    """Begin the return of a unit for a form and window, or go to it."""
    unit = org.unit_by_code(text.clean(request.POST.get("don_vi", ""))[:80], _iso(request.POST.get("den", "")))
    form = queries.form(text.clean(request.POST.get("bieu", ""))[:40])
    window = queries.window(_iso(request.POST.get("tu", "")), _iso(request.POST.get("den", "")))
    made = actions.open_return(unit=unit, form=form, window=window, actor=user_of(request))
    return redirect("figures_grid", made.pk)


def _iso(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Kỳ số liệu chưa đúng. Hãy chọn lại kỳ.") from None


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet. Posted by the script: only the cells it names, answered as JSON; by the form: all of them."""
    row = queries.return_by_id(gathering.scope_of(request), pk)
    typed: dict[str, str] = {}
    refused: dict[str, str] = {}
    if request.method == "POST":
        try:
            cells = _cells(request, row)
            saved = actions.save_values(to=row.pk, cells=cells, actor=user_of(request), partly=True)
        except MotcuaError as error:
            if is_script(request):
                return JsonResponse({"error": error.message}, status=409)
            messages.error(request, error.message)
            return redirect("figures_grid", pk)
        if is_script(request):
            return JsonResponse(_told(row, saved, [cell.code for cell in cells]))
        refused = saved.refused
        typed = {cell.code: cell.typed or "" for cell in cells if cell.code in refused}
        if not refused:
            messages.success(request, f"Đã lưu {len(saved.done)} số liệu." if saved.done else "Không có gì thay đổi.")
            return redirect("figures_grid", pk)
        row = queries.return_by_id(gathering.scope_of(request), pk)
    return _drawn(request, row, typed, refused)


def _drawn(
    request: HttpRequest,
    row: Return,
    typed: Mapping[str, str],
    refused: Mapping[str, str],
    send: SendForm | None = None,
    reason: ReasonForm | None = None,
) -> HttpResponse:
    scope, window = gathering.scope_of(request), window_of(row)
    sheet = queries.values(scope, form=row.form, units=[row.unit], window=window)
    rule = next((each for each in queries.rules() if each.code == window.rule), None)
    before = windows.previous(rule, window)
    then = queries.earlier(scope, form=row.form, unit=row.unit, window=before)
    mine = sheet.told[row.unit_id]
    fills = org.scope(user_of(request), FILLERS, clock.today()).contains(row.unit_id)
    editable = fills and row.state in _OPEN
    address = gathering_address(row)
    rows = [_row(line, mine, then, typed, refused, editable, address) for line in sheet.lines]
    held = queries.identities(row.form, window.last)
    odd = checking.broken(mine, held, then) + checking.same_as(mine, then, sheet.codes)
    asked = [r for r in rows if r.figure is not None and r.figure.where == MANUAL]
    context = {
        "row": row,
        "badge": gathering.STATE_BADGES[row.state],
        "late": queries.is_late(row),
        "days": windows.spoken(window),
        "rows": rows,
        "before": before,
        "editable": editable,
        "refused": [(r.line, refused[r.line.code]) for r in rows if r.line.code in refused],
        "odd": odd,
        "said": sum(r.figure is not None and r.figure.state != "missing" for r in asked),
        "asked_of": len(asked),
        "send": send or SendForm(),
        "reason": reason or ReasonForm(),
        "withdraws": fills and row.state == ReturnState.SUBMITTED,
        "decides": _decides(request, row),
        "acts": row.acts.select_related("by").order_by("-pk"),
        "overview": reverse("figures") + address,
    }
    return render(
        request,
        "desk/figure_grid.html",
        context,
        status=400 if refused or (send and send.errors) or (reason and reason.errors) else 200,
    )


def gathering_address(row: Return, **more: str) -> str:
    """The query string of the pages about this unit, form and window."""
    asked = {"don_vi": row.unit.key, "bieu": row.form.code, "tu": row.first.isoformat(), "den": row.last.isoformat()}
    return "?" + urlencode({**asked, **more})


def _row(
    line: queries.Line,
    mine: Mapping[str, Figure],
    then: Mapping[str, Figure],
    typed: Mapping[str, str],
    refused: Mapping[str, str],
    editable: bool,
    address: str,
) -> Row:
    if line.meaning is None:
        return Row(line)
    figure = mine[line.code]
    earlier = then.get(line.code)
    return Row(
        line,
        figure,
        earlier.shown if earlier and earlier.state != "missing" else "",
        typed.get(line.code, excel.as_typed(figure) if figure.where == MANUAL else ""),
        refused.get(line.code, ""),
        editable and figure.where == MANUAL,
        reverse("figures_one", args=[line.code]) + address,
    )


def _decides(request: HttpRequest, row: Return) -> bool:
    """Whether the person takes in or gives back: the duty, at a unit above."""
    if row.state not in (ReturnState.SUBMITTED, ReturnState.ACCEPTED):
        return False
    try:
        actions.require_above(user_of(request), row.unit)
    except MotcuaError:
        return False
    return True


def _number(typed: str) -> int:
    """A version as the page handed it out; 0 for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _cells(request: HttpRequest, row: Return) -> list[Cell]:
    """The cells the form names: v-CODE what is typed, o-CODE the version seen, n-, u-, d- note, estimate, own day."""
    post = request.POST
    cells = []
    for name in post:
        if not name.startswith("v-") or len(name) > 70:
            continue
        code = name.removeprefix("v-")
        own = text.clean(post.get(f"d-{code}", ""))
        last = gathering.day_of(own) if own else None
        seen = post.get(f"o-{code}", "0")
        cells.append(
            Cell(
                code,
                post[name][:4100],
                _number(seen),
                post.get(f"n-{code}"),
                f"u-{code}" in post if f"n-{code}" in post else None,
                own_last=last,
            )
        )
    return cells


def _told(row: Return, saved: actions.Saved, codes: list[str]) -> dict[str, Any]:
    """For the script: versions, what was refused, how it is written, and what was computed from it."""
    known = queries.meanings(row.last)
    touched = set(codes)
    growing = True
    while growing:
        more = {c for c, m in known.items() if c not in touched and touched.intersection(parts_of(m))}
        touched |= more
        growing = bool(more)
    shown = [line.code for line in queries.lines(row.form, row.last, known) if line.code in touched]
    told = queries.figures(org.SYSTEM, codes=shown, units=[row.unit], window=window_of(row))[row.unit_id]
    return {
        "version": Return.objects.values_list("version", flat=True).get(pk=row.pk),
        "done": {**saved.done, **saved.same},
        "refused": saved.refused,
        "typed": {c: excel.as_typed(told[c]) for c in codes if c in told and c not in saved.refused},
        "computed": {c: told[c].shown for c in shown if told[c].where != MANUAL},
    }


# ---- its way up -----------------------------------------------------------------------------------------------------


@require_POST
@needs(*FILLERS)
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Send (gui), take back (rut), accept (tiep-nhan), give back (tra-lai)."""
    row, user = queries.return_by_id(gathering.scope_of(request), pk), user_of(request)
    said = {"gui": "Đã gửi phiếu.", "rut": "Đã rút phiếu về để sửa.", "tiep-nhan": "Đã tiếp nhận phiếu.",
            "tra-lai": "Đã trả lại phiếu."}  # fmt: skip
    if name not in said:
        raise Http404
    if name == "tra-lai":
        reason = ReasonForm(request.POST)
        if not reason.is_valid() or not attempt(
            reason,
            lambda: actions.give_back(
                to=pk, reason=reason.cleaned_data["reason"], actor=user, request_key=reason.key(user)
            ),
        ):
            return _drawn(request, row, {}, {}, reason=reason)
    elif name == "gui":
        send = SendForm(request.POST, request.FILES)
        if not send.is_valid() or not attempt(send, lambda: _send(request, pk, send)):
            return _drawn(request, row, {}, {}, send=send)
    else:
        act = actions.withdraw if name == "rut" else actions.accept
        try:
            act(to=pk, actor=user)
        except MotcuaError as error:
            messages.error(request, error.message)
            return redirect("figures_grid", pk)
    messages.success(request, said[name])
    return redirect("figures_grid", pk)


def _send(request: HttpRequest, pk: int, form: SendForm) -> Return:
    signed = form.cleaned_data["signed"]
    return actions.submit(
        to=pk,
        actor=user_of(request),
        signed=signed.chunks() if signed else None,
        version=_number(request.POST.get("version", "")),
        # A file is read once: with one, a second sending is told that it has been sent.
        request_key=None if signed else form.key(user_of(request)),
    )


@never_cache
@require_GET
@needs(*READERS)
def signed_copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The signed copy that came with a return."""
    row = queries.return_by_id(gathering.scope_of(request), pk)
    if row.signed is None:
        raise Http404("Phiếu này không kèm bản ký.")
    return _served(row.signed, f"ban-ky-{row.first:%Y%m%d}")


# ---- evidence -------------------------------------------------------------------------------------------------------


@require_POST
@needs(*FILLERS)
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file beside one of the figures."""
    row = queries.return_by_id(gathering.scope_of(request), pk)
    upload, code = request.FILES.get("file"), text.clean(request.POST.get("code", ""))[:60]
    try:
        if not isinstance(upload, UploadedFile) or not code:
            raise Invalid("Chọn chỉ tiêu và tệp cần đính kèm.")
        actions.attach_evidence(
            to=row.pk, code=code, content=upload.chunks(), name=upload.name or "", actor=user_of(request)
        )
        messages.success(request, "Đã đính kèm tài liệu kiểm chứng.")
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect("figures_grid", pk)


@never_cache
@require_GET
@needs(*READERS)
def evidence(request: HttpRequest, pk: int, code: str) -> HttpResponseBase:
    """The file beside a figure."""
    row = queries.return_by_id(gathering.scope_of(request), pk)
    found = row.unit.indicator_values.filter(indicator__code=code, first=row.first, last=row.last)
    value = found.select_related("evidence").first()
    if value is None or value.evidence is None:
        raise Http404("Số liệu này không có tài liệu kiểm chứng.")
    return _served(value.evidence, value.evidence_name)


def _served(blob: Any, name: str) -> FileResponse:
    inline = blob.media_type in _INLINE
    response = FileResponse(
        files.read(blob), as_attachment=not inline, filename=files.safe_name(name, blob.media_type),
        content_type=blob.media_type,
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# ---- Excel ----------------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*READERS)
def sheet_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The return as an Excel sheet, to be filled in and brought back."""
    row = queries.return_by_id(gathering.scope_of(request), pk)
    sheet = queries.values(gathering.scope_of(request), form=row.form, units=[row.unit], window=window_of(row))
    content = excel.workbook(sheet, row.unit_id, row.unit.name)
    name = f"{row.form.code}_{slugify(text.fold(row.unit.name)) or 'don-vi'}_{row.first:%Y%m%d}-{row.last:%Y%m%d}.xlsx"
    response = HttpResponse(content, content_type=excel.MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*FILLERS)
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet brought in: what it would change, then (posted with «ghi») what is chosen of it is written."""
    scope = gathering.scope_of(request)
    row = queries.return_by_id(scope, pk)
    actions.require(user_of(request), row.unit)
    back = reverse("figures_grid", args=[pk])
    context: dict[str, Any] = {"row": row, "days": windows.spoken(window_of(row)), "back": back}
    if request.method == "POST" and "ghi" in request.POST:
        return _taken(request, row)
    if request.method == "POST":
        upload = request.FILES.get("file")
        sheet = queries.values(scope, form=row.form, units=[row.unit], window=window_of(row))
        try:
            context["found"] = _proposed(upload, row, sheet)
            context["lines"] = [line for line in sheet.lines if line.meaning and line.meaning.typed]
        except MotcuaError as error:
            context["error"] = error.message
    return render(request, "desk/figure_import.html", context, status=400 if context.get("error") else 200)


def _proposed(upload: Any, row: Return, sheet: queries.Sheet) -> excel.Proposal:
    if not isinstance(upload, UploadedFile):
        raise Invalid("Chưa chọn tệp Excel nào.")
    if (upload.size or 0) > _LARGEST:
        raise Invalid(f"Tệp lớn quá {_LARGEST // 1024 // 1024} MB.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tep.xlsx"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        return excel.propose(path, row, sheet)


def _taken(request: HttpRequest, row: Return) -> HttpResponse:
    """Write the ticked rows and remember what unknown ones were said to be."""
    post = request.POST
    cells, labels = [], {}
    for i in [n for n in post.getlist("dong") if n.isascii() and n.isdigit()][:2000]:
        code = post.get(f"ma-{i}", "")
        if not code:
            continue
        seen = post.get(f"o-{i}", "")
        cells.append((code, post.get(f"v-{i}", "")[:4100], seen, post.get(f"n-{i}") or None))
        if label := text.clean(post.get(f"nhan-{i}", ""))[:200]:
            labels[label] = code
    versions = _versions(row, [code for code, *_ in cells])
    wanted = [
        Cell(code, typed, _number(seen) if seen else versions.get(code, 0), note) for code, typed, seen, note in cells
    ]
    try:
        saved = actions.save_values(to=row.pk, cells=wanted, actor=user_of(request), how="excel", partly=True)
        excel.remember(row, labels)
    except MotcuaError as error:
        messages.error(request, error.message)
        return redirect("figures_import", row.pk)
    messages.success(request, f"Đã ghi {len(saved.done)} số liệu từ Excel.")
    if saved.refused:
        messages.warning(request, "Chưa ghi được: " + "; ".join(list(saved.refused.values())[:10]))
    return redirect("figures_grid", row.pk)


def _versions(row: Return, codes: list[str]) -> dict[str, int]:
    rows = row.unit.indicator_values.filter(first=row.first, last=row.last, indicator__code__in=codes)
    return dict(rows.values_list("indicator__code", "version"))
