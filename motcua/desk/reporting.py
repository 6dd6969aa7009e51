"""Báo cáo: what there is and what is due, and one report: where it stands, its text, its figures, its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock, text
from motcua.desk import asked
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, UnitField, attempt
from motcua.desk.frame import REPORT_DUTIES, needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.templatetags.desk import Entry
from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.org.queries import Scope
from motcua.reports import actions, charts, content, flow, marks, queries, types, word
from motcua.reports.figures import Figure
from motcua.reports.models import Cut, Report, State

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


def own_units(request: HttpRequest) -> list[Unit]:
    """The units whose reports the person's duties are about: those that make reports, and for an office the one it
    serves. Two statements for each office."""
    kinds = {each for kind in types.types().values() for each in kind.kinds}
    found = (at if at.kind in kinds else org.territory(at, clock.today()) for at in standing(request).units)
    return org.in_order({unit.pk: unit for unit in found}.values())


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
    user, units = user_of(request), own_units(request)
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
        "sheets": figures_query(row, kind),
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


def figures_query(row: Report, kind: types.Type) -> str:
    """The address, beneath «Số liệu báo cáo», of the sheets a report is compiled from; "" for a type without a form."""
    if not kind.form:
        return ""
    days = {"tu": row.first.isoformat(), "den": row.last.isoformat()}
    return "?" + urlencode({"don_vi": row.unit.key, "bieu": kind.form, **days})


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
