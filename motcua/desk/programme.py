"""Sổ CCHC: the registers of the reform office, each as a list, a line with its history, a form and a file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock, text
from motcua.desk.dossiers import user_of
from motcua.desk.forms import attempt
from motcua.desk.frame import PROCEDURE_DUTIES, needs, standing
from motcua.desk.listing import Column, Listing, address, listing
from motcua.desk.procedures import scope_of, seats_of
from motcua.desk.programme_forms import STANDING, STRUCK, EntryForm, Filters, StrikeForm
from motcua.desk.tables import xlsx
from motcua.desk.templatetags.desk import Entry as Happened
from motcua.desk.templatetags.vn import unit_label
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.papers import files
from motcua.programme import actions, importing, matrix, queries
from motcua.programme.describing import READERS, Register, kind_of, shown
from motcua.programme.keeping import Entry
from motcua.programme.models import Change
from motcua.programme.registers import BY_SLUG, GROUPS

_SHOWN_INLINE = ("application/pdf", "image/jpeg", "image/png")
# As many lines as a file takes; a list longer than that is narrowed first.
FILE_LINES = 20_000


def register_of(slug: str) -> Register:
    """The register of an address; the 404 page for none."""
    if slug not in BY_SLUG:
        raise Http404("Không có sổ này.")
    return BY_SLUG[slug]


def keepers_units(request: HttpRequest, register: Register) -> list[Unit]:
    """The units whose register the person writes: the own seats first. One statement beyond the scope's."""
    seats = seats_of(request, register.keepers)
    if not seats:
        return []
    rest = queries.units(scope_of(request, register.keepers))
    return list({unit.pk: unit for unit in [*seats, *rest]}.values())


def keeps(request: HttpRequest, register: Register, unit: Unit) -> bool:
    """Whether the person writes in this unit's register. At most one statement, once a request."""
    if not seats_of(request, register.keepers):
        return False
    return scope_of(request, register.keepers).contains(unit.pk)


def require_keeper(request: HttpRequest, register: Register) -> None:
    """The 403 page for who does not keep the register anywhere."""
    if not seats_of(request, register.keepers):
        names = " hoặc ".join(f"«{duty.label}»" for duty in register.keepers)
        raise PermissionDenied(f"Sổ này do người có nhiệm vụ {names} ghi.")


@never_cache
@require_GET
@needs(*READERS)
def registers(request: HttpRequest) -> HttpResponse:
    """All registers, by the parts of the report."""
    told = queries.summaries(scope_of(request, READERS))
    groups = [(name, [each for each in told if each.register.group == name]) for name in GROUPS]
    posts = bool(standing(request).held & PROCEDURE_DUTIES)
    return render(request, "desk/programme.html", {"groups": groups, "posts": posts})


# ---- the list -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A line as the list shows it."""

    entry: Entry
    head: str
    cells: list[tuple[str, str, bool, bool]]  # heading, text, is a number, is long


def _columns(register: Register, *, with_unit: bool) -> list[Column]:
    found = [Column("don-vi", "Đơn vị", sort=("unit__name",))] if with_unit else []
    for column in register.columns:
        if column.shown:
            kind = kind_of(register.fields[column.name])
            sort = [f"{column.name}__name" if kind == "unit" else column.name]
            if column.name == "number" and "year" in register.fields:
                sort = ["-year", "unit__name", "number"]  # a number in a yearly plan says nothing without its plan
            found.append(
                Column(column.name, register.heading(column.name), sort=sort, number=kind in ("number", "money"))
            )
    first = next(i for i, column in enumerate(found) if column.key != "don-vi")
    return [found[first], *found[:first], *found[first + 1 :]]


def _wanted(request: HttpRequest, register: Register, filters: Filters) -> "QuerySet[Entry]":
    """The entries the address asks for."""
    scope = scope_of(request, READERS)
    filters.is_valid()
    given = filters.cleaned_data  # an old address is not an error: what cannot be read narrows nothing
    if given.get("so_lieu") and given.get("tu") and given.get("den"):
        rows = queries.behind(scope, register, given["so_lieu"], given["tu"], given["den"])
    else:
        rows = queries.entries(scope, register)
        for name, test in (("tu", "gte"), ("den", "lte")):
            if given.get(name):
                rows = rows.filter(**{f"{register.date}__{test}": given[name]})
    if given.get("don_vi"):
        rows = rows.filter(unit=given["don_vi"])
    for name in filters.narrowing:
        if given.get(name):
            rows = rows.filter(**{name: given[name]})
    if given.get("dong") in (STANDING, STRUCK):
        rows = rows.filter(struck_at__isnull=given["dong"] == STANDING)
    if given.get("tim"):
        rows = _holding(register, rows, text.fold(given["tim"]))
    return rows


def _holding(register: Register, rows: "QuerySet[Entry]", wanted: str) -> "QuerySet[Entry]":
    """Those with the words in one of their texts, without diacritics. One statement more."""
    names = [name for name, field in register.fields.items() if kind_of(field) == "text"]
    found = [pk for pk, *told in rows.values_list("pk", *names) if wanted in text.fold(" ".join(filter(None, told)))]
    return rows.filter(org.among("pk", found))


@never_cache
@require_GET
@needs(*READERS)
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """One register: narrowed, sorted and paged by its address; as Excel with ``?tep=xlsx`` (``mau``: only its head)."""
    described = register_of(slug)
    if request.GET.get("tep") == "mau":
        return _file(described, [])
    scope = scope_of(request, READERS)
    units = queries.keeping_units(scope, described)
    filters = Filters(described, units, request.GET)
    rows = _wanted(request, described, filters)
    if request.GET.get("tep") == "xlsx":
        return _file(described, rows.order_by("unit__name", described.date, "pk")[:FILE_LINES])
    columns = _columns(described, with_unit=len(units) > 1)
    narrowed = ["tim", "tu", "den", "dong", "don_vi", "so_lieu", *filters.narrowing]
    happened = described.date in described.past and described.date in {column.key for column in columns}
    by_default = f"-{described.date}" if happened else columns[0].key
    lines: Listing[Any] = listing(request, rows, columns, default=by_default, filters=narrowed)
    sums = queries.totals(described, rows)
    figure = described.figure(filters.cleaned_data.get("so_lieu", ""))
    context = {
        "register": described,
        "list": lines,
        "lines": [_line(described, row, columns) for row in lines.page],
        "filters": filters,
        "foot": _foot(described, columns, sums) if lines.total else [],
        "standing": sums["standing"],
        "figure": figure,
        "keeper": bool(seats_of(request, described.keepers)),
        "file_url": address(request.GET, tep="xlsx", trang=None),
        "matrix": described.key in ("plans", "required_plans"),
    }
    return render(request, "desk/programme_register.html", context)


def _line(register: Register, row: Entry, columns: list[Column]) -> Line:
    cells = []
    for column in columns[1:]:
        if column.key == "don-vi":
            cells.append((column.title, unit_label(row.unit), False, False))
            continue
        long = next(c.long for c in register.columns if c.name == column.key)
        words = shown(register.fields[column.key], getattr(row, column.key))
        cells.append((column.title, words, column.number, long))
    return Line(row, shown(register.fields[columns[0].key], getattr(row, columns[0].key)) or "Xem", cells)


def _foot(register: Register, columns: list[Column], sums: dict[str, Any]) -> list[tuple[str, str]]:
    """The sums under their columns; nothing at all where the register sums nothing."""
    if not any(column.total for column in register.columns):
        return []
    return [(c.title, shown(register.fields[c.key], sums[c.key]) if c.key in sums else "") for c in columns[1:]]


def _file(register: Register, rows: Iterable[Entry]) -> HttpResponse:
    headings = importing.headings_of(register)
    lines = [[_told(register, row, name) for name in headings] for row in rows]
    title = [register.title.upper(), f"Ngày xuất: {clock.today():%d/%m/%Y}"]
    return xlsx(f"so-{register.slug}.xlsx", title, list(headings.values()), lines)


def _told(register: Register, row: Entry, name: str) -> Any:
    if name == importing.UNIT:
        return unit_label(row.unit)
    if name == importing.STATE:
        return "hủy" if row.struck_at else ""
    value, kind = getattr(row, name), kind_of(register.fields[name])
    if kind in ("number", "money"):
        return value
    return unit_label(value) if kind == "unit" else shown(register.fields[name], value)


# ---- one line -------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def new_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a line."""
    described = register_of(slug)
    require_keeper(request, described)
    units = keepers_units(request, described)
    form = EntryForm(described, units, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        user = user_of(request)
        made = attempt(
            form,
            lambda: actions.enter(
                register=described.key,
                unit=form.cleaned_data["unit"],
                values=form.values(),
                evidence=_upload(form),
                actor=user,
                request_key=form.key(user),
            ),
        )
        if made is not None:
            messages.success(request, f"Đã ghi một dòng vào sổ «{described.title}».")
            again = "tiep" in request.POST
            return redirect("programme_new" if again else "programme_register", slug=described.slug)
    context = {"register": described, "form": form}
    return render(request, "desk/programme_form.html", context, status=400 if form.errors else 200)


def _upload(form: forms.Form) -> actions.Upload | None:
    given = form.cleaned_data.get("evidence")
    return actions.Upload(given.name, given.read(files.LIMIT + 1)) if given else None


@never_cache
@require_GET
@needs(*READERS)
def entry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One line: all it says, its file, and what each version said."""
    return _entry_page(request, register_of(slug), pk, None)


def _entry_page(request: HttpRequest, described: Register, pk: int, strike: StrikeForm | None) -> HttpResponse:
    row = queries.entry(scope_of(request, READERS), described, pk)
    keeper = row.struck_at is None and keeps(request, described, row.unit)
    if keeper and strike is None:
        strike = StrikeForm(initial={"version": row.version})
    told = queries.history(described, pk)
    context = {
        "register": described,
        "row": row,
        "facts": [
            (described.heading(name), shown(field, getattr(row, name)))
            for name, field in described.fields.items()
            if getattr(row, name) not in (None, "")
        ],
        "happened": _happened(described, told),
        "strike": strike if keeper else None,
        "keeper": keeper,
        "unproven": bool(described.proof) and row.evidence is None,
    }
    return render(request, "desk/programme_entry.html", context, status=400 if strike and strike.errors else 200)


def _happened(register: Register, told: list[Change]) -> list[Happened]:
    named = {name for name, field in register.fields.items() if kind_of(field) == "unit"}
    ids = {pk for each in told for name, value in each.values.items() if name in named for pk in _both(value)}
    units = {unit.pk: unit_label(unit) for unit in Unit.objects.filter(pk__in=ids)} if ids else {}

    def words(name: str, value: Any) -> str:
        if name == "evidence":
            return str(value or "không có")
        if name in named:
            return units.get(value, "")
        return shown(register.fields[name], value) or "để trống"

    found = []
    for each in told:
        what = {"enter": "Ghi vào sổ", "correct": "Sửa", "strike": "Hủy"}[each.what]
        if each.run is not None:
            what += f" theo danh sách «{each.run.file_name}»"
        facts = []
        for name, value in each.values.items():
            heading = "Tài liệu kiểm chứng" if name == "evidence" else register.heading(name)
            if each.what == "correct":
                facts.append((heading, f"{words(name, value[0])} → {words(name, value[1])}"))
        who = str(each.actor) if each.actor else "Hệ thống"
        kind = "void" if each.what == "strike" else ""
        found.append(Happened(each.at, what, who, each.reason, kind, facts))
    return found


def _both(value: Any) -> list[int]:
    return [pk for pk in (value if isinstance(value, list) else [value]) if isinstance(pk, int)]


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def correct_entry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Set a line right."""
    described = register_of(slug)
    require_keeper(request, described)
    row = queries.entry(scope_of(request, described.keepers), described, pk)
    if row.struck_at is not None:
        messages.error(request, "Dòng này đã hủy nên không sửa được.")
        return redirect("programme_entry", slug=slug, pk=pk)
    units = keepers_units(request, described) if any(kind_of(f) == "unit" for f in described.fields.values()) else []
    form = EntryForm(described, units, request.POST or None, request.FILES or None, entry=row)
    if request.method == "POST" and form.is_valid():
        user, given = user_of(request), form.cleaned_data
        done = attempt(
            form,
            lambda: actions.correct(
                register=described.key,
                entry=pk,
                version=given["version"],
                values=form.values(),
                evidence=_upload(form),
                reason=given["reason"],
                actor=user,
                request_key=form.key(user),
            ),
        )
        if done is not None:
            changed = done.version != row.version
            messages.success(request, "Đã ghi phần sửa." if changed else "Không có gì khác trước nên không ghi thêm.")
            return redirect("programme_entry", slug=slug, pk=pk)
    context = {"register": described, "form": form, "row": row}
    return render(request, "desk/programme_form.html", context, status=400 if form.errors else 200)


@require_POST
@needs(*READERS)
def strike_entry(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Strike a line out."""
    described = register_of(slug)
    require_keeper(request, described)
    queries.entry(scope_of(request, described.keepers), described, pk)
    form, user = StrikeForm(request.POST), user_of(request)
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: actions.strike(
                register=described.key,
                entry=pk,
                version=given["version"],
                reason=given["reason"],
                actor=user,
                request_key=form.key(user),
            ),
        )
        if done is not None:
            messages.success(request, "Đã hủy dòng. Dòng vẫn còn trong sổ để xem.")
            return redirect("programme_entry", slug=slug, pk=pk)
    return _entry_page(request, described, pk, form)


@never_cache
@require_GET
@needs(*READERS)
def entry_file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The file of a line."""
    row, blob, content = queries.open_evidence(scope_of(request, READERS), register_of(slug), pk)
    kind = blob.media_type
    name = files.safe_name(row.evidence_name, kind)
    response = FileResponse(content, as_attachment=kind not in _SHOWN_INLINE, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# ---- the matrix -----------------------------------------------------------------------------------------------------
@never_cache
@require_GET
@needs(*READERS)
def plan_matrix(request: HttpRequest) -> HttpResponse:
    """Units against the plans required of them: issued, when, how good."""
    scope, today = scope_of(request, READERS), clock.today()
    there = matrix.years(scope)
    by_id = {unit.pk: unit for unit in org.in_order(Unit.objects.filter(org.among("pk", {pk for pk, _ in there})))}
    form = _MatrixForm(request.GET)
    pick, year_field = form.fields["don_vi"], form.fields["nam"]
    assert isinstance(pick, forms.ChoiceField)
    assert isinstance(year_field, forms.ChoiceField)
    pick.choices = [(str(pk), unit_label(unit)) for pk, unit in by_id.items()]
    years = sorted({year for _, year in there}, reverse=True)
    year_field.choices = [(str(year), str(year)) for year in years]
    found = None
    if there:
        given = form.cleaned_data if form.is_valid() else {}
        seats = [unit.pk for unit in seats_of(request, READERS) if unit.pk in by_id]
        pk = int(given["don_vi"]) if given.get("don_vi") else next(iter(seats), there[-1][0])
        mine = [year for unit, year in there if unit == pk]
        year = int(given["nam"]) if given.get("nam") else today.year if today.year in mine else max(mine)
        found = matrix.matrix(scope, by_id[pk], year, today)
        wanted = given.get("xem", "")
        found = _narrowed_matrix(found, wanted)
        form = _MatrixForm({"don_vi": str(pk), "nam": str(year), "xem": wanted})
        form.fields["don_vi"].choices, form.fields["nam"].choices = pick.choices, year_field.choices  # type: ignore[attr-defined]
        if request.GET.get("tep") == "xlsx":
            return _matrix_file(found)
    context = {
        "matrix": found,
        "form": form,
        "keeper": bool(seats_of(request, BY_SLUG["ke-hoach-bat-buoc"].keepers)),
        "file_url": address(request.GET, tep="xlsx"),
        "words": _STATES,
    }
    return render(request, "desk/programme_matrix.html", context)


_STATES = {
    "issued": "Đúng hạn",
    "late": "Chậm",
    "missing": "Chưa ban hành",
    "coming": "Chưa đến hạn",
    "not_required": "Không phải ban hành",
}


class _MatrixForm(forms.Form):
    don_vi = forms.ChoiceField(label="Đơn vị yêu cầu", required=False)
    nam = forms.ChoiceField(label="Năm", required=False)
    xem = forms.ChoiceField(
        label="Xem",
        required=False,
        choices=[("", "Mọi đơn vị"), ("thieu", "Còn thiếu"), ("co", "Đã ban hành ít nhất một")],
    )


def _narrowed_matrix(found: matrix.Matrix, wanted: str) -> matrix.Matrix:
    """Only the rows asked for; the foot still counts all."""
    tests = {"thieu": lambda row: row.issued < row.required, "co": lambda row: row.issued > 0}
    rows = [row for row in found.rows if wanted not in tests or tests[wanted](row)]
    return replace(found, rows=rows)


def _matrix_file(found: matrix.Matrix) -> HttpResponse:
    headings = ["Đơn vị"]
    for required in found.columns:
        headings += [f"{required.get_kind_display()} (hạn {required.due_on:%d/%m/%Y})", "Chất lượng"]
    lines = []
    for row in found.rows:
        told = [row.unit.name]
        for cell in row.cells:
            said = _STATES[cell.state]
            if cell.plan is not None and cell.state != "missing":
                said = f"{cell.plan.number} ngày {cell.plan.issued_on:%d/%m/%Y}, {said.lower()}"
            told += [said, cell.plan.get_quality_display() if cell.plan else ""]
        lines.append(told)
    title = ["MA TRẬN KẾ HOẠCH BẮT BUỘC", f"{unit_label(found.unit)}, năm {found.year}"]
    return xlsx(f"ma-tran-ke-hoach-{found.year}.xlsx", title, headings, lines)
