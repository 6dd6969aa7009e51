"""Báo cáo: the document as Word and PDF, the edited file that comes back, and the Word templates."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import text
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.reporting import READERS, own_units, reader_scope, report_of
from motcua.org.models import Duty, Unit
from motcua.papers import files
from motcua.reports import actions, arriving, content, pdf, tags, types, word
from motcua.reports.models import Report, ReportFile

# ---- files ----------------------------------------------------------------------------------------------------------

_KINDS = {"docx": word.MEDIA_TYPE, "pdf": pdf.MEDIA_TYPE}


@never_cache
@require_GET
@needs(*READERS)
def file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The document as it is now, as Word or PDF."""
    row = report_of(request, pk)
    if kind not in _KINDS or row.cut is None:
        raise Http404
    document = content.as_word(row)
    made = document if kind == "docx" else content.as_pdf(content.content(row), document)
    return _download(made, kind, _name(row), inline=kind == "pdf")


def _download(made: bytes, kind: str, name: str, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(made, content_type=_KINDS[kind])
    disposition = content_disposition_header(as_attachment=not inline, filename=f"{name}.{kind}")
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _name(row: Report) -> str:
    """«bao-cao_cchc-6-thang_huyen-cau-ke_20221215-20230614»: sorted by type and date in any folder."""
    unit = slugify(text.fold(row.unit.name)) or "don-vi"
    return f"bao-cao_{row.type}_{unit}_{row.first:%Y%m%d}-{row.last:%Y%m%d}"


@never_cache
@require_GET
@needs(*READERS)
def kept_file(request: HttpRequest, pk: int, file_id: int) -> HttpResponseBase:
    """A file as it was kept: issued with its number, or come back edited."""
    row = report_of(request, pk)
    found = row.files.filter(pk=file_id).select_related("blob").first()
    if found is None:
        raise Http404
    kind = "pdf" if found.kind == ReportFile.Kind.PDF else "docx"
    name = f"{_name(row)}{'_sua' if found.kind == ReportFile.Kind.RETURNED else f'_so-{row.number}'}.{kind}"
    response = FileResponse(files.read(found.blob), as_attachment=True, filename=name, content_type=_KINDS[kind])
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class FileForm(ActForm):
    """A Word file."""

    file = forms.FileField(label="Tệp Word (.docx)", max_length=200)

    def clean_file(self) -> bytes:
        given = self.cleaned_data["file"]
        if given.size > arriving.LARGEST:
            raise forms.ValidationError(f"Tệp lớn quá {arriving.LARGEST // 1024 // 1024} MB, không nhận.")
        content_: bytes = given.read()
        return content_


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The edited Word file comes back: prose is kept, a changed figure refused with its place."""
    row, user = report_of(request, pk), user_of(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: actions.take_back_word(actor=user, report=pk, file=form.cleaned_data["file"]))
        if done is not None:
            note = row.acts.filter(verb="return").order_by("-pk").values_list("note", flat=True).first()
            messages.success(request, f"Đã nhận bản Word. {note}.")
            return redirect("report", pk)
    return render(
        request,
        "desk/report_return.html",
        {"form": form, "report": row, "kind": types.type_of(row.type)},
        status=400 if form.errors else 200,
    )


# ---- templates ------------------------------------------------------------------------------------------------------


class TemplateForm(FileForm):
    """An office's own template of an outline; without a file the shipped one is used again."""

    outline = forms.ChoiceField(label="Mẫu của")
    don_vi = UnitField(label="Đơn vị")
    back = forms.BooleanField(label="Dùng lại mẫu có sẵn", required=False)

    field_order = ("outline", "don_vi", "file", "back")

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outline, unit = self.fields["outline"], self.fields["don_vi"]
        assert isinstance(outline, forms.ChoiceField) and isinstance(unit, UnitField)  # noqa: PT018
        outline.choices = [(each.code, each.name) for each in types.outlines().values()]
        unit.offer(units)
        self.fields["file"].required = False

    def clean_file(self) -> bytes:
        return super().clean_file() if self.cleaned_data["file"] else b""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("file") and not given.get("back"):
            self.add_error("file", "Chọn tệp mẫu, hoặc đánh dấu «Dùng lại mẫu có sẵn».")
        return given


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def templates(request: HttpRequest) -> HttpResponse:
    """The Word templates: the shipped ones to take away, the office's own to bring; what a template may say."""
    user, units = user_of(request), own_units(request)
    form = TemplateForm(request.POST or None, request.FILES or None, units=units)
    found: tags.Checked | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        new = None if given["back"] else given["file"]
        done = attempt(
            form,
            lambda: actions.keep_template(actor=user, unit=given["don_vi"], outline=given["outline"], file=new),
            fields={"unit": "don_vi"},
        )
        if done is not None:
            messages.success(request, "Đã lưu mẫu." if new else "Dùng lại mẫu có sẵn.")
            found = content.check_template(given["outline"], new) if new else None
            if found is None or not (found.unused_figures or found.unused_sections):
                return redirect("report_templates")
    context = {
        "form": form,
        "found": found,
        "keeps": bool(standing(request).held & {Duty.REFORM, Duty.CONTROL}),
        "outlines": [
            (each, [(unit, content.own_template(unit, each.code)) for unit in units[:3]])
            for each in types.outlines().values()
        ],
        "names": list(tags.NAMES.items()),
        "lists": list(tags.LISTS),
        "sections": [(each.name, each.sections) for each in types.outlines().values()],
        "figures_name": tags.FIGURES,
        "sections_name": tags.SECTIONS,
    }
    return render(request, "desk/report_templates.html", context, status=400 if form.errors else 200)


@never_cache
@require_GET
@needs(*READERS)
def template_file(request: HttpRequest, outline: str) -> HttpResponse:
    """A template to change in Word: the shipped one, or with ``?don_vi=`` the unit's own."""
    if outline not in types.outlines():
        raise Http404
    typed = request.GET.get("don_vi", "")
    if typed:
        unit = (
            reader_scope(request)
            .filter(Unit.objects.filter(pk=typed if typed.isdecimal() and len(typed) < 15 else 0), "id")
            .first()
        )
        own = content.own_template(unit, outline) if unit else None
        if own is None or own.blob is None:
            raise Http404
        with files.read(own.blob) as held:
            return _download(held.read(), "docx", f"mau_{outline}")
    return _download(word.shipped(f"{outline}.docx"), "docx", f"mau_{outline}")
