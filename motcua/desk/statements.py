"""Biểu tổng hợp: the statement of a unit, the dossiers behind its figures, freezing it, taking it away on paper."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock, text
from motcua.desk import asked
from motcua.desk.asked import FREEZE_DUTIES, Question
from motcua.desk.dossiers import user_of
from motcua.desk.frame import INSPECT_DUTIES, STATEMENT_DUTIES, needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.dossiers import queries as dossiers
from motcua.dossiers.models import Dossier
from motcua.ledger import behind, registry
from motcua.ledger.models import Book, Item
from motcua.ledger.statement import Statement
from motcua.reports import document, layout, periods, receipt, workbook
from motcua.reports import due_day as watched
from motcua.reports import rates as reckoned
from motcua.reports.layout import Cell, Sheet, SheetRow
from motcua.reports.letterhead import COUNTRY, MOTTO, letterhead_of
from motcua.reports.paper import Frozen, Paper, paper

# How the items of a book are found among dossiers.
_DOSSIER_OF = {Book.DOSSIER: "item", Book.INTAKE: "intake_item", Book.DOSSIER_PART: "parts_sent__item"}
RENDERERS = {
    "xlsx": ("Excel", workbook.workbook, workbook.MEDIA_TYPE, frozenset(layout.TABS)),
    "docx": ("Word", document.document, document.MEDIA_TYPE, frozenset(document.TEMPLATES)),
}
_READERS = sorted(STATEMENT_DUTIES)


# ---- the statement --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownCell:
    """A figure on the page: what it says, and where it leads (nowhere for a zero or a rate)."""

    text: str
    url: str
    zero: bool


@dataclass(frozen=True)
class ShownRow:
    row: SheetRow
    cells: list[ShownCell]


@dataclass(frozen=True)
class Choice:
    """A link that changes one thing of the question; ``here`` where it is what is shown."""

    title: str
    url: str
    here: bool
    hint: str = ""


@never_cache
@require_GET
@needs(*_READERS)
def statement(request: HttpRequest) -> HttpResponse:
    """Biểu tổng hợp, as the address asks for it."""
    question = Question(request, asked.reader_scope(request), offer=True)
    made = question.answer()
    if made is None:
        return problem(request, question)
    printed = on_paper(request, question, made)
    sheet = printed.sheet
    context = {
        **_frame(question),
        "made": made,
        "paper": printed,
        "sheet": sheet,
        "head": sheet.head,
        "rows": [_shown(question, row) for row in sheet.body],
        "total": _shown(question, sheet.total),
        "nothing": made.total.figures.empty and all(line.figures.empty for line in made.lines),
        "earlier": question.address(**_before(question)),
        "exports": [
            (title, _url("statement_file", question, kind))
            for kind, (title, _, _, tabs) in RENDERERS.items()
            if sheet.name in tabs
        ],
        "changes_url": _url("statement_changes", question) if made.chain else "",
        "due_day_url": _url("statement_due_day", question) if made.book == Book.DOSSIER else "",
        "freeze_url": _freeze_url(request, question),
        "inspects": bool(standing(request).held & INSPECT_DUTIES),
        "agrees": _agrees(question, made),
        "country": COUNTRY,
        "motto": MOTTO,
    }
    return render(request, "desk/statement.html", context)


def problem(request: HttpRequest, question: Question) -> HttpResponse:
    """The page with the form and what is wrong in it."""
    return render(request, "desk/statement.html", _frame(question), status=400)


def _frame(question: Question) -> dict[str, Any]:
    return {"form": question, "quick": _quick(question), "tabs": _tabs(question), "more": _more(question)}


def on_paper(request: HttpRequest, question: Question, made: Statement) -> Paper:
    """The statement with everything printed round it. One statement for the rates, two for its late entries."""
    memo = behind.memo(question.scope, made) if question.cleaned_data["muon"] else None
    kept, frozen = question.frozen, None
    if kept is not None:
        frozen = Frozen(kept.number, kept.digest, kept.created_at, str(kept.created_by or ""))
    return paper(
        made,
        layout.sheet(made, question.cleaned_data["mau"], memo=memo),
        letterhead_of(question.unit, made.end),
        prepared_by=frozen.by if frozen else user_of(request).full_name,
        frozen=frozen,
        rates=reckoned.rates(question.scope, made) if _rates_now(question, made) else (),
    )


def _rates_now(question: Question, made: Statement) -> bool:
    """Rates read the journal of the period: at once for an office, for a province when they are asked for."""
    return made.total.figures.ended_total <= reckoned.AT_ONCE or bool(question.cleaned_data["muon"])


def _shown(question: Question, row: SheetRow) -> ShownRow:
    here = _url("statement_items", question)
    cells = [_cell(here, row, cell) for cell in row.cells]
    return ShownRow(row, cells)


def _cell(address: str, row: SheetRow, cell: Cell) -> ShownCell:
    url = ""
    if cell.drill:
        url = f"{address}&{urlencode({'dong': row.line, 'cot': cell.drill})}"
    return ShownCell(cell.text.replace("-", "−"), url, not cell.value)


def _url(name: str, question: Question, *args: str, **changed: Any) -> str:
    return reverse(name, args=args) + question.address(**changed)


def _quick(question: Question) -> list[Choice]:
    """The periods at one press: the running and the last one of each window."""
    days = {name: question.data.get(name, "") for name in ("tu", "den")}
    found = []
    for period in periods.choices(clock.today()):
        window = asked.window(period)
        here = days == {"tu": f"{period.start:%d/%m/%Y}", "den": f"{period.end:%d/%m/%Y}"}
        hint = f"{period.start:%d/%m/%Y} – {period.end:%d/%m/%Y}"
        found.append(Choice(period.label, question.typed_address(**window, noi="", biet=""), here, hint))
    return found


def _tabs(question: Question) -> list[Choice]:
    now = question.data.get("mau", "")
    desks = question.data.get("theo") == receipt.BY
    offered = {name: title for name, title in layout.TABS.items() if not (desks and name == "06a")}
    return [Choice(title, question.typed_address(mau=name), name == now) for name, title in offered.items()]


def _more(question: Question) -> bool:
    """Whether the settings that are seldom changed are open: one is set, or at fault."""
    seldom = ("noi", "biet", "muon")
    set_here = any(question.data.get(name) for name in seldom) or question.data.get("so") != Book.DOSSIER
    return set_here or any(question.errors.get(name) for name in (*seldom, "so", "uoc"))


def _before(question: Question) -> dict[str, str]:
    start, end = periods.before(question.cleaned_data["tu"], question.cleaned_data["den"])
    return {"tu": start.isoformat(), "den": end.isoformat(), "uoc": "", "noi": "", "biet": ""}


def _agrees(question: Question, made: Statement) -> bool | None:
    """Whether a frozen statement still reads as it was frozen; None where none is asked for. One statement."""
    frozen = question.frozen
    if frozen is None or frozen.by != made.by:
        return None
    kept = json.loads(frozen.figures)
    said = {line["key"]: line["figures"] for line in [*kept["lines"], kept["total"]]}
    counted = made.as_dict()
    return said == {line["key"]: line["figures"] for line in [*counted["lines"], counted["total"]]}


# ---- the dossiers behind a figure ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemRow:
    """An item behind a figure; ``dossier`` only where the asker may see it (it may have moved to other units)."""

    entry: behind.Entry
    url: str
    dossier: Dossier | None


_ITEM_COLUMNS = [
    Column("ma", "Mã hồ sơ"),
    Column("chu", "Chủ hồ sơ"),
    Column("thu-tuc", "Thủ tục"),
    Column("don-vi", "Đơn vị giải quyết"),
    Column("nhan", "Tiếp nhận"),
    Column("han", "Hạn giải quyết"),
    Column("xong", "Kết thúc"),
]


@never_cache
@require_GET
@needs(*_READERS)
def items(request: HttpRequest) -> HttpResponse:
    """What one figure counts: ``dong`` is the line (empty: the total), ``cot`` the column."""
    question = Question(request, asked.reader_scope(request))
    made = question.answer()
    if made is None:
        return problem(request, question)
    line, column = request.GET.get("dong", ""), request.GET.get("cot", "")
    widened, key = layout.line_of(made, line)
    wanted = _page_number(request)
    found = behind.drill(question.scope, widened, key, column, page=wanted)
    paged: Listing[int] = listing(request, range(found.entries), _ITEM_COLUMNS, default="", size=behind.PAGE)
    if paged.page.number != wanted:  # there are not so many pages
        found = behind.drill(question.scope, widened, key, column, page=paged.page.number)
    chosen = widened.line(key)
    context = {
        "made": made,
        "stand": layout.stand_words(made),
        "period": layout.period_words(made),
        "title": _title(layout.sheet(made, question.cleaned_data["mau"]), column),
        "line": chosen.label if key else layout.names_of_units(made),
        "found": found,
        "mixed": found.figure != found.entries,
        "rows": _item_rows(question, found),
        "back": reverse("statement") + question.address(),
        "list": paged,
    }
    return render(request, "desk/statement_items.html", context)


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("trang", "")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1


def _title(sheet: Sheet, column: str) -> str:
    for each in sheet.columns:
        if each.drill == column:
            return f"{each.group}: {each.title[:1].lower()}{each.title[1:]}" if each.group else each.title
    return "Hồ sơ của một số liệu"


def _item_rows(question: Question, found: behind.Drilled) -> list[ItemRow]:
    """The items with what the asker may see of them. One statement."""
    book = question.cleaned_data["so"]
    info, lookup = registry.get(book), _DOSSIER_OF.get(book)
    ids = [entry.item_id for entry in found.items]
    seen: dict[int, Dossier] = {}
    if lookup and ids:
        rows = dossiers.visible(question.scope).filter(**{f"{lookup}__in": ids})
        rows = rows.select_related("applicant", "procedure_version", "unit")
        seen = {vars(each)["of_item"]: each for each in rows.annotate(of_item=F(lookup))}
    result = []
    for entry in found.items:
        dossier = seen.get(entry.item_id)
        # A book names the page of an item by its code; rows are not read for that alone.
        url = info.url(Item(pk=entry.item_id, book=book, code=entry.code)) if info and (dossier or not lookup) else ""
        result.append(ItemRow(entry, url, dossier))
    return result


# ---- on the due day --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DueDayRow:
    """An act on the due day, and whether the asker may see its dossier."""

    found: watched.DueDayAct
    seen: bool


_DUE_DAY_COLUMNS = [
    Column("ma", "Mã hồ sơ", by=lambda each: each.dossier.code),
    Column("viec", "Việc", by=lambda each: (each.act, each.at)),
    Column("luc", "Làm lúc", by=lambda each: each.at),
    Column("han", "Hạn lúc ấy", by=lambda each: each.deadline.due_at),
    Column("ghi", "Ghi lúc", by=lambda each: each.recorded_at),
    Column("nguoi", "Người ghi", by=lambda each: each.actor),
    Column("don-vi", "Đơn vị giải quyết"),
    Column("nay", "Nay"),
]


@never_cache
@require_GET
@needs(*_READERS)
def due_day(request: HttpRequest) -> HttpResponse:
    """What was paused, stopped, given back or asked for more on its own due day, for whoever inspects."""
    question = Question(request, asked.reader_scope(request))
    made = question.answer()
    if made is None:
        return problem(request, question)
    found = watched.on_due_day(question.scope, made)
    paged: Listing[watched.DueDayAct] = listing(request, found, _DUE_DAY_COLUMNS, default="luc")
    context = {
        "made": made,
        "period": layout.period_words(made),
        "stand": layout.stand_words(made),
        "unit": layout.names_of_units(made),
        "list": paged,
        "rows": [DueDayRow(each, dossiers.can_see(question.scope, each.dossier)) for each in paged.page],
        "back": reverse("statement") + question.address(),
    }
    return render(request, "desk/statement_due_day.html", context)


# ---- taken away ------------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*_READERS)
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """The statement as an Excel or Word file."""
    if kind not in RENDERERS:
        raise Http404
    question = Question(request, asked.reader_scope(request))
    made = question.answer()
    if made is None:
        return problem(request, question)
    _, render_it, media_type, tabs = RENDERERS[kind]
    if question.cleaned_data["mau"] not in tabs:
        raise Http404("Biểu này chỉ có bản Excel.")
    content = render_it(on_paper(request, question, made))
    name = f"{_file_name(question, made)}.{kind}"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _file_name(question: Question, made: Statement) -> str:
    """«bieu-06a_xa-cau-ke_20260615-20260914»: sorted by date in any folder, safe on any machine."""
    frozen = f"_{question.frozen.number}" if question.frozen else ""
    unit = slugify(text.fold(question.unit.name)) or "don-vi"
    return f"bieu-{question.cleaned_data['mau']}_{unit}_{made.start:%Y%m%d}-{made.counted_to:%Y%m%d}{frozen}"


def _freeze_url(request: HttpRequest, question: Question) -> str:
    """To the page that freezes these figures; where a frozen statement ends just before, continuing it."""
    if (
        question.cleaned_data["biet"]
        or question.cleaned_data["theo"] == receipt.BY
        or not standing(request).held & FREEZE_DUTIES
    ):
        return ""
    before = question.chain or question.frozen_just_before
    return _url("statement_freeze", question, **({"noi": before.number} if before else {}))
