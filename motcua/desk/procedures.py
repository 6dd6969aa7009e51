"""Thủ tục: which procedures a unit uses, and what one of them says, with every doubt about it in words."""

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock, text
from motcua.core.errors import NotFound
from motcua.desk import people
from motcua.desk.catalogue import (
    doubt_rows,
    fee_rows,
    process_warnings,
    promised_words,
    term_rows,
    verdict,
    version_rows,
)
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField
from motcua.desk.frame import PROCEDURE_DUTIES, needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.org.queries import Scope
from motcua.procedures import queries
from motcua.procedures.adopting import KEEPERS
from motcua.procedures.choices import Level, PartKind, PartRole, ServiceLevel
from motcua.procedures.models import ProcedureVersion, TermLine

# Of those who read only KEEPERS change anything.
READERS = tuple(sorted(PROCEDURE_DUTIES))


# ---- who may see and keep what --------------------------------------------------------------------------------------
def scope_of(request: HttpRequest, duties: Collection[Duty]) -> Scope:
    """Where the person holds one of the duties today. One statement for each different set of seats, once a request."""
    seats = frozenset(unit.pk for duty, unit in standing(request).duties if duty in duties)
    kept: dict[frozenset[int], Scope] = vars(request).setdefault("_procedure_scopes", {})
    if seats not in kept:
        today = clock.today()
        # What is seen depends on the seats alone: an administrator who also receives there is asked about once.
        kept[seats] = org.scope(user_of(request), duties, today) if seats else Scope(None, today, frozenset())
    return kept[seats]


def seats_of(request: HttpRequest, duties: Collection[Duty]) -> list[Unit]:
    """The units at which the person holds one of the duties, in the order of the duties. No SQL of its own."""
    return list({unit.pk: unit for duty, unit in standing(request).duties if duty in duties}.values())


def unit_of(request: HttpRequest, duties: Collection[Duty] = READERS) -> Unit:
    """The unit the address names, else the person's first. At most one statement beyond the scope's.

    :class:`NotFound` where it lies outside the person's units: its existence is nobody's business here.
    """
    seats = seats_of(request, duties)
    code = text.clean(request.POST.get("don_vi") or request.GET.get("don_vi", ""))[:80]
    if not code:
        return seats[0]
    for unit in seats:
        if code in (unit.code, unit.short_code):
            return unit
    found = org.unit_by_code(code, clock.today())
    if not scope_of(request, duties).contains(found.pk):
        raise NotFound(f"Không có đơn vị «{code}» trong phạm vi của bạn.")
    return found


def keeps(request: HttpRequest, unit: Unit) -> bool:
    """Whether the person may adopt for this unit. No SQL where the duty is held there or nowhere."""
    seats = seats_of(request, KEEPERS)
    return bool(seats) and (any(s.pk == unit.pk for s in seats) or scope_of(request, KEEPERS).contains(unit.pk))


# ---- the list -------------------------------------------------------------------------------------------------------
REVIEW, CLOSED, CONFIRMED = "can", "chua-tiep-nhan", "xong"


@dataclass(frozen=True)
class Row:
    """A procedure as the list shows it."""

    adopted: queries.Adopted
    term: str
    others: int  # terms of other cases or channels
    receivable: bool

    @property
    def version(self) -> ProcedureVersion:
        return self.adopted.version

    @property
    def level(self) -> ServiceLevel:
        return self.adopted.service_level


class Filters(forms.Form):
    """What narrows the list."""

    don_vi = UnitField(label="Đơn vị", required=False)
    tim = LineField(
        label="Tìm",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-search": True, "placeholder": "Tên, mã, cách gọi"}),
    )
    linh_vuc = forms.ChoiceField(label="Lĩnh vực", required=False)
    muc_do = forms.ChoiceField(label="Mức độ DVCTT", required=False, choices=[("", "Tất cả"), *ServiceLevel.choices])
    ra_soat = forms.ChoiceField(
        label="Rà soát",
        required=False,
        choices=[
            ("", "Tất cả"),
            (REVIEW, "Cần rà soát"),
            (CLOSED, "Chưa tiếp nhận được"),
            (CONFIRMED, "Đã xác nhận"),
        ],
    )


_COLUMNS = [
    Column("ten", "Thủ tục", by=lambda row: text.sort_key(row.version.name)),
    Column("ma", "Mã", by=lambda row: row.adopted.code),
    Column("linh-vuc", "Lĩnh vực", by=lambda row: (text.sort_key(row.version.field), text.sort_key(row.version.name))),
    Column("muc-do", "Mức độ DVCTT", by=lambda row: list(ServiceLevel).index(row.level)),
    Column("thoi-han", "Thời hạn cam kết"),
    Column("danh-muc", "Danh mục", by=lambda row: (not row.version.needs_review, row.version.confirmed)),
]


@never_cache
@require_GET
@needs(*READERS)
def procedures(request: HttpRequest) -> HttpResponse:
    """The procedures a unit uses today, with the promised term and what is still open."""
    today, scope = clock.today(), scope_of(request, READERS)
    units, asked = people.units(scope, today), request.GET.copy()
    filters = Filters(asked)
    unit = _chosen(request, filters, units, queries.users(scope, today))
    asked.setdefault("don_vi", unit.code)  # the choice shows whose list this is
    used = queries.adopted(scope, unit, today)
    fields = {row.version.field for row in used} | {request.GET.get("linh_vuc", "")} - {""}
    choice = filters.fields["linh_vuc"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [("", "Tất cả"), *((name, name) for name in sorted(fields, key=text.sort_key))]
    filters.is_valid()
    given = filters.cleaned_data  # without what could not be read; an old address is not an error
    lines = queries.term_lines(row.version.pk for row in used)
    rows = [_row(row, lines.get(row.version.pk, [])) for row in used]
    wanted = given.get("tim", "")
    found = _narrowed(rows, given)
    if wanted:
        by_id = {row.adopted.adoption.pk: row for row in found}
        answers = queries.hits([row.adopted for row in found], wanted)
        found = [by_id[hit.adopted.adoption.pk] for hit in answers]
    shown: Listing[Row] = listing(
        request, found, _COLUMNS, default="", filters=["tim", "linh_vuc", "muc_do", "ra_soat"]
    )
    context = {
        "list": shown,
        "filters": filters,
        "unit": unit,
        "used": len(rows),
        "levels": [(level, sum(row.level == level for row in rows)) for level in ServiceLevel],
        "to_review": sum(row.version.needs_review for row in rows),
        "closed": sum(not row.receivable for row in rows),
        "keeper": keeps(request, unit),
        "receiver": receives(request, unit),
    }
    return render(request, "desk/procedures.html", context)


def _row(adopted: queries.Adopted, lines: Sequence[TermLine]) -> Row:
    words, others = promised_words(lines)
    return Row(adopted, words, others, queries.receivable(lines))


def _narrowed(rows: Sequence[Row], given: dict[str, Any]) -> list[Row]:
    tests = {
        REVIEW: lambda row: row.version.needs_review,
        CLOSED: lambda row: not row.receivable,
        CONFIRMED: lambda row: row.version.confirmed,
    }
    found = list(rows)
    if given.get("linh_vuc"):
        found = [row for row in found if row.version.field == given["linh_vuc"]]
    if given.get("muc_do"):
        found = [row for row in found if row.level == given["muc_do"]]
    if given.get("ra_soat"):
        found = [row for row in found if tests[given["ra_soat"]](row)]
    return found


def _chosen(request: HttpRequest, filters: Filters, units: Sequence[Unit], users: set[int]) -> Unit:
    """The unit whose list is shown: the one asked for, else the person's first that uses anything, else the first."""
    field = filters.fields["don_vi"]
    assert isinstance(field, UnitField)
    field.offer(units)
    if len(units) < 2:
        del filters.fields["don_vi"]
    elif len(units) <= UnitField.OFFERED:
        groups = [("Đang áp dụng thủ tục", True), ("Chưa áp dụng thủ tục nào", False)]
        grouped = [(name, [(u.code, u.name) for u in units if (u.pk in users) is uses]) for name, uses in groups]
        field.widget = forms.Select(choices=[(name, rows) for name, rows in grouped if rows])
    with suppress(forms.ValidationError):  # told beside the field
        if asked := field.clean(request.GET.get("don_vi", "")):
            return asked
    seats = seats_of(request, READERS)
    return next((unit for unit in [*seats, *units] if unit.pk in users), seats[0])


def receives(request: HttpRequest, unit: Unit) -> bool:
    """Whether the person takes in dossiers at this very unit."""
    return any(seat.pk == unit.pk for seat in seats_of(request, [Duty.RECEIVE]))


class EndForm(ActForm):
    """Until when the unit uses a procedure."""

    last_day = DateField(label="Áp dụng đến hết ngày")
    decision = LineField(label="Quyết định thôi áp dụng", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="thoi_%s", **kwargs)
        self.fields["last_day"].initial = clock.today()


# ---- one procedure --------------------------------------------------------------------------------------------------
def versions_of(code: str) -> list[ProcedureVersion]:
    """All versions of a procedure; :class:`NotFound` where there is none. One statement."""
    rows = queries.versions(text.clean(code)[:40])
    if not rows:
        raise NotFound(f"Danh mục không có thủ tục nào mang mã «{text.clean(code)[:40]}».")
    return rows


def current_of(rows: Sequence[ProcedureVersion], day: dt.date) -> ProcedureVersion:
    """The version of a day, as ``queries.in_force`` finds it; where none has begun, the first to come."""
    begun = [version for version in rows if version.valid_from <= day]
    if begun:
        return max(begun, key=lambda v: (v.valid_from, v.number))
    return min(rows, key=lambda v: (v.valid_from, -v.number))


@never_cache
@require_GET
@needs(*READERS)
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure as a unit uses it today, or as one of its versions said."""
    return page_of(request, code)


def page_of(
    request: HttpRequest, code: str, *, unit: Unit | None = None, ending: EndForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a procedure; ``ending`` is the form that ends its adoption, with what was typed.

    Six statements (one more for a unit beneath the person's own), and five the first time a set of versions is read.
    """
    today, unit = clock.today(), unit or unit_of(request)
    scope = scope_of(request, READERS)
    rows = versions_of(code)
    spans = queries.adoptions(scope, unit, [rows[0].procedure.code])
    now = next((a for a in spans if a.valid_from <= today and (a.valid_to is None or a.valid_to >= today)), None)
    current = now.version if now and now.version else current_of(rows, today)
    shown = _asked(request, rows) or current
    contents = queries.contents(tuple(sorted(version.pk for version in rows)))
    draft = contents[shown.pk]
    process = queries.process(shown.procedure, unit, today)
    newest = max(rows, key=lambda v: v.number)
    asking, noted = doubt_rows(draft)
    keeper = keeps(request, unit)
    context = {
        "unit": unit,
        "code": shown.procedure.code,
        "version": shown,
        "current": current,
        "newest": newest,
        "draft": draft,
        "now": now,
        "coming": next((a for a in reversed(spans) if a.valid_from > today), None),
        "spans": spans,
        "level": ServiceLevel((now.service_level if now else "") or shown.service_level),
        "levels": [Level(level).label for level in draft.head.levels],
        "verdict": verdict(current, contents[current.pk], now, today),
        "terms": term_rows(draft),
        "fees": fee_rows(draft),
        "parts": [(p, PartRole(p.role).label, PartKind(p.kind).label) for p in draft.parts],
        "asking": asking,
        "noted": noted,
        "process": process,
        "steps": list(process.steps.all()) if process else [],
        "warnings": process_warnings(process, draft) if process else [],
        "versions": version_rows(rows, contents, current.pk),
        "keeper": keeper,
        "reviewer": bool(seats_of(request, KEEPERS)) and shown.pk == newest.pk,
        "receiver": receives(request, unit),
        "ending": ending or (EndForm() if keeper and now else None),
        "back": f"{reverse('procedures')}?don_vi={unit.code}",
    }
    return render(request, "desk/procedure.html", context, status=status)


def _asked(request: HttpRequest, rows: Sequence[ProcedureVersion]) -> ProcedureVersion | None:
    """The version the address names by its number."""
    number = request.GET.get("phien_ban", "")
    if not number:
        return None
    found = next((version for version in rows if str(version.number) == number), None)
    if found is None:
        raise Http404
    return found
