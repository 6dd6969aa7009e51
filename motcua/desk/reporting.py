"""Báo cáo: what is due, one report on its way from the cut-off to the sent document, its text, its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock, text
from motcua.desk import asked
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import REPORT_DUTIES, needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.templatetags.desk import Entry
from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.papers import files
from motcua.reports import actions, arriving, charts, content, flow, marks, pdf, queries, signing, tags, types, word
from motcua.reports.figures import PARTS, Figure
from motcua.reports.models import Cut, Report, ReportFile, State

READERS = sorted(REPORT_DUTIES)
BADGES = {
    State.PREPARING: "future",
    State.DRAFT: "in_time",
    State.SUBMITTED: "waiting",
    State.SIGNED: "waiting",
    State.NUMBERED: "due_soon",
    State.SENT: "done",
    State.CANCELLED: "ended",
}
DUE_BADGES = {"late": "overdue", "due": "due_soon", "open": "in_time", "sent_late": "due_soon", "sent": "done"}
# What each act says when it is done.
_DONE = {
    "cut": "Đã chốt số liệu.",
    "complete": "Đã chốt số chính thức.",
    "submit": "Đã trình ký.",
    "take_back": "Đã rút lại để sửa.",
    "give_back": "Đã chuyển lại để sửa.",
    "sign": "Đã ký.",
    "number": "Đã vào số; văn bản Word và PDF được lưu.",
    "send": "Đã ghi là đã gửi.",
    "cancel": "Đã hủy báo cáo.",
}
_ACT_WORDS = {
    **{verb: step.title for verb, step in flow.STEPS.items()},
    "open": "Lập báo cáo",
    "return": "Nhận lại bản Word",
}


def reader_scope(request: HttpRequest) -> Scope:
    """The units whose reports this person reads today. One statement."""
    return org.scope(user_of(request), queries.READERS, clock.today())


def report_of(request: HttpRequest, pk: int) -> Report:
    """A report the person may read; 404 for any other."""
    return queries.report(reader_scope(request), pk)


# ---- lists ----------------------------------------------------------------------------------------------------------

_COLUMNS = [
    Column("bao-cao", "Báo cáo"),
    Column("ky", "Kỳ", sort=["last", "first"]),
    Column("don-vi", "Đơn vị", sort=["unit__name"]),
    Column("han", "Hạn gửi", sort=["due"]),
    Column("tinh-trang", "Tình trạng", sort=["state"]),
    Column("so", "Số, ngày", sort=["year", "number"]),
]


class Filters(forms.Form):
    """What narrows the list."""

    loai = forms.ChoiceField(label="Loại", required=False)
    tinh_trang = forms.ChoiceField(label="Tình trạng", required=False, choices=[("", "Tất cả"), *State.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["loai"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Tất cả"), *((code, kind.name) for code, kind in types.types().items())]


@never_cache
@require_GET
@needs(*READERS)
def reports(request: HttpRequest) -> HttpResponse:
    """The reports of the person's units, newest window first."""
    scope = reader_scope(request)
    filters = Filters(request.GET)
    given = filters.cleaned_data if filters.is_valid() else {}
    rows = queries.reports(scope)
    if given.get("loai"):
        rows = rows.filter(type=given["loai"])
    if given.get("tinh_trang"):
        rows = rows.filter(state=given["tinh_trang"])
    found: Listing[Report] = listing(request, rows, _COLUMNS, default="-ky", filters=list(filters.fields))
    context = {
        "list": found,
        "rows": [(row, types.type_of(row.type), BADGES[State(row.state)]) for row in found.page],
        "filters": filters,
        "keeps": bool(standing(request).held & _keepers()),
    }
    return render(request, "desk/reports.html", context)


def _keepers() -> frozenset[Duty]:
    return frozenset().union(*(kind.keepers for kind in types.types().values()))


_DUE_COLUMNS = [
    Column("bao-cao", "Báo cáo", by=lambda each: each.kind.name),
    Column("ky", "Kỳ", by=lambda each: (each.window.last, each.window.first)),
    Column("don-vi", "Đơn vị", by=lambda each: text.sort_key(each.unit.name)),
    Column("han", "Hạn gửi", by=lambda each: each.due),
    Column("tinh-trang", "Tình trạng", by=lambda each: list(queries.WORDS).index(each.status)),
]


@never_cache
@require_GET
@needs(*READERS)
def calendar(request: HttpRequest) -> HttpResponse:
    """What is due from whom: the running window of each type and the one before; late senders first."""
    scope, today = reader_scope(request), clock.today()
    units = queries.reporting_units(scope, today)
    kind = request.GET.get("loai", "")
    rows = queries.owed(scope, units, today, codes=[kind] if kind in types.types() else None)
    status = request.GET.get("tinh_trang", "")
    shown = [each for each in rows if not status or each.status == status]
    found: Listing[queries.Owed] = listing(
        request, shown, _DUE_COLUMNS, default="tinh-trang", filters=["loai", "tinh_trang"]
    )
    held = standing(request).held
    mine = {unit.pk for unit in standing(request).units}
    context = {
        "list": found,
        "rows": [
            (
                each,
                DUE_BADGES[each.status],
                queries.WORDS[each.status],
                each.unit.pk in mine and bool(each.kind.keepers & held),
            )
            for each in found.page
        ],
        "counts": [(key, word, sum(each.status == key for each in rows)) for key, word in queries.WORDS.items()],
        "status": status,
    }
    return render(request, "desk/report_calendar.html", context)


class NewForm(ActForm):
    """Which report to begin: of which unit, type and window."""

    loai = forms.ChoiceField(label="Loại báo cáo")
    don_vi = UnitField(label="Đơn vị báo cáo")
    ngay = DateField(
        label="Kỳ có ngày", help_text="Một ngày bất kỳ trong kỳ; kỳ được tìm theo cách tính của loại báo cáo."
    )

    def __init__(self, *args: Any, units: Sequence[Unit], held: frozenset[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, kind.name) for code, kind in types.types().items() if kind.keepers & held]
        loai, don_vi = self.fields["loai"], self.fields["don_vi"]
        assert isinstance(loai, forms.ChoiceField) and isinstance(don_vi, UnitField)  # noqa: PT018
        loai.choices = kinds
        don_vi.offer(units)
        self.fields["ngay"].initial = clock.today()


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def new_report(request: HttpRequest) -> HttpResponse:
    """Begin a report; its text starts from the last one."""
    user, today = user_of(request), clock.today()
    units = org.in_order(
        {org.territory(at, today).pk: org.territory(at, today) for at in standing(request).units}.values()
    )
    initial = {name: request.GET.get(name, "") for name in ("loai", "don_vi", "ngay") if request.GET.get(name)}
    form = NewForm(request.POST or None, units=units, held=standing(request).held, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind = types.type_of(given["loai"])
        rule = next((each for each in indicators.rules() if each.code == kind.rule), None)
        held = windows.containing(rule, given["ngay"]) if rule else None
        if held is None:
            form.add_error("ngay", "Ngày này không nằm trong kỳ nào của loại báo cáo.")
        else:
            made = attempt(
                form,
                lambda: actions.open_report(
                    actor=user, type_code=kind.code, unit=given["don_vi"], first=held.first, last=held.last,
                    request_key=form.key(user),
                ),
                fields={"unit": "don_vi", "first": "ngay"},
            )  # fmt: skip
            if made is not None:
                messages.success(request, f"Đã lập {kind.name}, {held.label}.")
                return redirect("report", made.pk)
    return render(request, "desk/report_new.html", {"form": form}, status=400 if form.errors else 200)


# ---- one report -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownFigure:
    """A line of the table of figures."""

    ordinal: str
    name: str
    figure: Figure | None
    position: int
    mark: str


@dataclass(frozen=True)
class ShownPart:
    """A section as it reads, with who wrote it last."""

    part: queries.Part
    lines: list[str]
    who: str


@never_cache
@require_GET
@needs(*READERS)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: where it stands, what can be done, its text, its figures, its files."""
    row = report_of(request, pk)
    kind, user = types.type_of(row.type), user_of(request)
    held = actions.held_at(user, row.unit, clock.today())
    made = content.content(row) if row.cut else None
    figures: Mapping[str, Figure] = made.figures if made else {}
    cuts = list(row.cuts.select_related("by", "statement").order_by("-n"))
    possible = [verb for verb in flow.possible(State(row.state), kind, held) if _offered(verb, row, cuts)]
    context = {
        "report": row,
        "kind": kind,
        "badge": BADGES[State(row.state)],
        "cut": row.cut,
        "statement": _statement_url(row),
        "cuts": cuts,
        "doubts": made.doubts if made else (),
        "steps": [(verb, _title(verb, row), verb == next(iter(_forward(possible, row)), "")) for verb in possible],
        "writes": "write" in flow.possible(State(row.state), kind, held),
        "parts": [_part(part, figures) for part in queries.parts(row)],
        "figures": _figures(made.annex) if made else [],
        "missing": [f for f in figures.values() if f.state == "missing"],
        "charts": charts.charts(figures.values()),
        "files": row.files.select_related("by", "blob", "cut").order_by("-pk"),
        "timeline": [_entry(each) for each in row.acts.select_related("actor").order_by("-pk")],
        "days": (row.due - clock.today()).days,
    }
    return render(request, "desk/report.html", context)


def _title(verb: str, row: Report) -> str:
    return "Chốt lại số liệu" if verb == "cut" and row.cut else flow.STEPS[verb].title


def _forward(possible: Sequence[str], row: Report) -> list[str]:
    """The acts that bring a report on its way, the next one first."""
    aside = {"take_back", "give_back", "cancel", *(("cut",) if row.cut else ())}
    return [verb for verb in possible if verb not in aside]


def _statement_url(row: Report) -> str:
    """Where the ledger's own form that was frozen with the report is seen, and taken away as Excel or Word."""
    if row.cut is None or row.cut.statement is None:
        return ""
    return f"{reverse('statement')}?{urlencode(asked.of_frozen(row.cut.statement))}"


def _offered(verb: str, row: Report, cuts: Sequence[Cut]) -> bool:
    if verb == "write":
        return False
    if verb == "complete":
        return bool(cuts) and cuts[0].kind == Cut.Kind.ESTIMATE and flow.official(row.last, clock.today())
    return not (verb == "cut" and row.first > clock.today())


def _part(part: queries.Part, figures: Mapping[str, Figure]) -> ShownPart:
    row = part.row
    if row is None or not row.text:
        who = ""
    elif row.by is None:
        who = "Viết theo số liệu"
    else:
        who = row.by.full_name + (f", chép từ {row.copied_from.label}" if row.copied_from else "")
    lines = marks.said(part.text, figures).split("\n") if part.text else []
    return ShownPart(part, lines, who)


def _figures(annex: Sequence[word.AnnexRow]) -> list[ShownFigure]:
    found = []
    for row in annex:
        position = int(row.mark.rpartition("-")[2]) if row.mark else 0
        found.append(ShownFigure(row.ordinal, row.name, row.figure, position, row.mark))
    return found


def _entry(done: Any) -> Entry:
    kind = {"give_back": "bad", "cancel": "void", "send": "done", "submit": "wait"}.get(done.verb, "")
    who = f"{done.actor.full_name} ({Duty(done.duty).label})"
    return Entry(done.at, _ACT_WORDS.get(done.verb, done.verb), who, done.note, kind)


# ---- text -----------------------------------------------------------------------------------------------------------


class SectionForm(ActForm):
    """The text of one section, on the version it was opened at."""

    text = forms.CharField(
        label="Lời văn",
        required=False,
        max_length=20_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Mỗi đoạn một dòng. Số liệu viết bằng mã trong ngoặc nhọn, ví dụ {hs_tiep_nhan}; mã ở bảng bên dưới.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**6)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def section(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Write one section; somebody else's newer text is never written over."""
    row, user = report_of(request, pk), user_of(request)
    part = next((each for each in queries.parts(row) if each.item.key == key), None)
    if part is None:
        raise Http404
    form = SectionForm(request.POST or None, initial={"text": part.text, "seen": part.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        again = "theo_so" in request.POST

        def write() -> Any:
            verb = actions.redraft_section if again else actions.write_section
            more = {} if again else {"text": given["text"]}
            return verb(actor=user, report=pk, key=key, seen=given["seen"], request_key=form.key(user), **more)

        if attempt(form, write) is not None:
            messages.success(request, f"Đã ghi phần «{part.item.title}».")
            return redirect("report", pk)
    figures = content.content(row).figures if row.cut else {}
    kind = types.type_of(row.type)
    may = "write" in flow.possible(State(row.state), kind, actions.held_at(user, row.unit, clock.today()))
    context = {
        "form": form,
        "report": row,
        "kind": kind,
        "part": part,
        "may": may,
        "now": marks.said(part.text, figures).split("\n") if part.text else [],
        "figures": [figure for figure in figures.values() if figure.state != "missing"],
        "figure_parts": [(name, said) for name, said in PARTS.items() if name],
        "below": queries.texts_below(reader_scope(request), row, key),
    }
    return render(request, "desk/report_section.html", context, status=400 if form.errors else 200)


# ---- acts -----------------------------------------------------------------------------------------------------------


class PlainForm(ActForm):
    """An act of which nothing is asked."""


class ReasonForm(ActForm):
    """An act with a reason."""

    reason = LineField(label="Lý do", max_length=500)


class SignForm(ActForm):
    """Ký: with which authority, on which day."""

    authority = forms.ChoiceField(label="Quyền hạn ký", choices=list(signing.AUTHORITIES.items()))
    title = LineField(label="Chức vụ người ký", max_length=120, required=False, help_text="Khi ký KT., TL. hoặc TUQ.")
    signed_on = DateField(label="Ngày ký")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = user.title
        self.fields["signed_on"].initial = clock.today()


class NumberForm(ActForm):
    """Vào số: the next number of the year, or one that the office's register gave."""

    given = forms.IntegerField(
        label="Số văn bản",
        required=False,
        min_value=1,
        max_value=99_999,
        help_text="Để trống: cấp số tiếp theo trong năm.",
    )
    issued_on = DateField(label="Ngày văn bản")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_on"].initial = clock.today()


class SendForm(ActForm):
    """Gửi: how."""

    note = LineField(label="Gửi bằng", max_length=300, required=False, help_text="Ví dụ: Trục liên thông, bưu chính.")


def _form(verb: str, request: HttpRequest) -> ActForm:
    data = request.POST or None
    if verb == "sign":
        return SignForm(data, user=user_of(request))
    if verb == "number":
        return NumberForm(data)
    if verb == "send":
        return SendForm(data)
    return ReasonForm(data) if flow.STEPS[verb].reason else PlainForm(data)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one act of the flow: asked on a page of its own, done when it is confirmed."""
    row, user = report_of(request, pk), user_of(request)
    if verb not in flow.STEPS or verb == "write":
        raise Http404
    kind = types.type_of(row.type)
    form = _form(verb, request)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "request_key"}
        done = attempt(form, lambda: getattr(actions, verb)(actor=user, report=pk, request_key=form.key(user), **given))
        if done is not None:
            messages.success(request, _DONE[verb])
            return redirect("report", pk)
    may = verb in flow.possible(State(row.state), kind, actions.held_at(user, row.unit, clock.today()))
    context = {
        "form": form,
        "report": row,
        "kind": kind,
        "step": flow.STEPS[verb],
        "verb": verb,
        "may": may,
        "official": flow.official(row.last, clock.today()),
        "missing": [f for f in content.content(row).figures.values() if f.state == "missing"]
        if row.cut and verb == "submit"
        else [],
        "dangerous": verb == "cancel",
    }
    return render(request, "desk/report_act.html", context, status=400 if form.errors else 200)


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
    user, today = user_of(request), clock.today()
    units = org.in_order(
        {org.territory(at, today).pk: org.territory(at, today) for at in standing(request).units}.values()
    )
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
