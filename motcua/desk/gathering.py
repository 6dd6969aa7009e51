"""Số liệu báo cáo: whose figures have come in, the whole with what looks off, and one figure with its way back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock, text
from motcua.core.errors import Invalid, NotFound
from motcua.desk.dossiers import user_of
from motcua.desk.frame import needs, standing
from motcua.desk.tables import xlsx
from motcua.indicators import expressions, gathering, queries, windows
from motcua.indicators.actions import FILLERS, READERS, spoken
from motcua.indicators.figure import Figure
from motcua.indicators.models import AddsUp, Form, Origin, ReturnState, ValueChange
from motcua.indicators.sources import sources
from motcua.indicators.windows import Window
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import Scope

STATE_BADGES = {
    "none": ("future", "Chưa nhập"),
    ReturnState.DRAFT: ("waiting", "Đang nhập"),
    ReturnState.RETURNED: ("due_soon", "Trả lại để sửa"),
    ReturnState.SUBMITTED: ("done", "Đã gửi"),
    ReturnState.ACCEPTED: ("in_time", "Đã tiếp nhận"),
}


@dataclass(frozen=True)
class Asked:
    """What every page of this place is about: a unit, a form, a window. All three stand in the address."""

    unit: Unit
    form: Form
    window: Window
    scope: Scope
    forms: list[Form]
    offered: list[Window]
    seats: list[Unit]

    def address(self, **changes: Any) -> str:
        """The same as a query string."""
        asked = {
            "don_vi": self.unit.key,
            "bieu": self.form.code,
            "tu": self.window.first.isoformat(),
            "den": self.window.last.isoformat(),
            **changes,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value != ""})


def scope_of(request: HttpRequest) -> Scope:
    """Where the person reads figures today. One statement."""
    return org.scope(user_of(request), READERS, clock.today())


def asked(request: HttpRequest) -> Asked | None:
    """What the address asks for; what it leaves out is the person's own unit, the first form, the usual window.

    ``None`` where no form has been taken in yet. About seven statements.
    """
    scope = scope_of(request)
    seats = list({unit.pk: unit for duty, unit in standing(request).duties if duty in READERS}.values())
    forms = queries.forms()
    if not forms:
        return None
    unit = _unit(request, scope, seats)
    wanted = text.clean(request.GET.get("bieu", ""))
    form = next((f for f in forms if f.code == wanted), None)
    if wanted and form is None:
        raise NotFound(f"Không có biểu số liệu «{wanted}».")
    form = form or forms[0]
    offered = gathering.offered(form, clock.today())
    return Asked(unit, form, _window(request, form), scope, forms, offered, seats)


def _unit(request: HttpRequest, scope: Scope, seats: list[Unit]) -> Unit:
    typed = text.clean(request.GET.get("don_vi", ""))[:80]
    if not typed:
        return seats[0]
    code, _, since = typed.partition("@")
    try:
        found = Unit.objects.filter(code=code, valid_from=dt.date.fromisoformat(since)).first() if since else None
    except ValueError:
        found = None
    found = found or org.unit_by_code(code, clock.today())
    if not scope.contains(found.pk):
        raise NotFound(f"Không có đơn vị «{typed}» trong phạm vi của bạn.")
    return found


def _window(request: HttpRequest, form: Form) -> Window:
    """The days of the address (ISO, or 05/06/2023 as typed), or the usual window of the form."""
    given = request.GET.get("ky", "").split("_")
    first, last = given if len(given) == 2 else (request.GET.get("tu", ""), request.GET.get("den", ""))
    if not first and not last:
        return gathering.usual(form, clock.today())
    return queries.window(day_of(first), day_of(last))


def day_of(typed: str) -> dt.date:
    """A day as addresses (ISO) or people (05/06/2023) write it. Raises :class:`Invalid`."""
    said = text.clean(typed)
    parts = said.split("-") if "-" in said else said.split("/")[::-1]
    try:
        found = dt.date(*(int(part) for part in parts))
    except (TypeError, ValueError):
        found = dt.date.min
    if 2000 <= found.year <= 2100:
        return found
    raise Invalid(f"Ngày «{text.clean(typed)[:20]}» chưa đúng. Gõ theo mẫu 05/06/2023.")


def frame_of(found: Asked, here: str) -> dict[str, Any]:
    """What every page draws: the choice of unit, form and window, and the tabs."""
    key = f"{found.window.first.isoformat()}_{found.window.last.isoformat()}"
    offered = [
        (f"{w.first.isoformat()}_{w.last.isoformat()}", f"{w.label} ({windows.spoken(w)})") for w in found.offered
    ]
    if key not in dict(offered):
        offered.insert(0, (key, f"{found.window.label} ({windows.spoken(found.window)})"))
    return {
        "asked": found,
        "key": key,
        "offered": offered,
        "days": windows.spoken(found.window),
        "tabs": [
            ("Đã gửi, chưa gửi", reverse("figures") + found.address(), here == "figures"),
            ("Tổng hợp", reverse("figures_whole") + found.address(), here == "whole"),
        ],
    }


def nothing_yet(request: HttpRequest) -> HttpResponse:
    """No form has been taken in: what to do about it."""
    return render(request, "desk/figures_none.html")


# ---- who has sent ---------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*READERS)
def figures(request: HttpRequest) -> HttpResponse:
    """Units × state, and the person's own sheet."""
    found = asked(request)
    if found is None:
        return nothing_yet(request)
    rows = gathering.awaited(found.scope, form=found.form, unit=found.unit, window=found.window)
    wanted = request.GET.get("tinh_trang", "")
    mine = queries.returns(found.scope, form=found.form, window=found.window).filter(unit=found.unit).first()
    tally = [
        ("chua", "chưa gửi", sum(not r.arrived for r in rows)),
        ("muon", "muộn", sum(r.late for r in rows)),
        ("tra", "trả lại để sửa", sum(r.state == ReturnState.RETURNED for r in rows)),
        ("cho", "chờ tiếp nhận", sum(r.state == ReturnState.SUBMITTED for r in rows)),
        ("xong", "đã tiếp nhận", sum(r.state == ReturnState.ACCEPTED for r in rows)),
    ]
    kept = {
        "chua": lambda r: not r.arrived,
        "muon": lambda r: r.late,
        "tra": lambda r: r.state == ReturnState.RETURNED,
        "cho": lambda r: r.state == ReturnState.SUBMITTED,
        "xong": lambda r: r.state == ReturnState.ACCEPTED,
    }.get(wanted, lambda r: True)
    context = {
        **frame_of(found, "figures"),
        "mine": mine,
        "mine_badge": STATE_BADGES[mine.state if mine else "none"],
        "fills": _fills(request, found.unit),
        "rows": [(r, STATE_BADGES[r.state]) for r in rows if kept(r)],
        "all": len(rows),
        "tally": tally,
        "wanted": wanted,
        "due": found.window.last + dt.timedelta(days=found.form.due_days),
    }
    return render(request, "desk/figures.html", context)


def _fills(request: HttpRequest, unit: Unit) -> bool:
    held = [seat for duty, seat in standing(request).duties if duty in FILLERS]
    if not held:
        return False
    return any(seat == unit for seat in held) or org.scope(user_of(request), FILLERS, clock.today()).contains(unit.pk)


# ---- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WholeRow:
    """A line of the consolidated form: the whole, and how many units it is made of."""

    line: queries.Line
    figure: Figure | None
    before: Figure | None
    url: str
    odd: tuple[str, ...]

    @property
    def short(self) -> bool:
        """Some unit has not said it yet."""
        found = self.figure
        return bool(found and found.where == "sum" and found.missing_parts and found.meaning.origin != Origin.SOURCE)


@never_cache
@require_GET
@needs(*READERS)
def whole(request: HttpRequest) -> HttpResponse:
    """The form added up over the unit and all beneath it, beside the window before, with what looks off."""
    found = asked(request)
    if found is None:
        return nothing_yet(request)
    rule = next((r for r in queries.rules() if r.code == found.window.rule), None)
    made = _made(request, found)
    earlier = queries.consolidate(
        found.scope, unit=found.unit, window=windows.previous(rule, found.window), form=found.form
    )
    odd = queries.oddities(
        found.scope, form=found.form, window=found.window, unit=found.unit, consolidated=True, made=(made, earlier)
    )
    by_code: dict[str, list[str]] = {}
    for each in odd:
        if each.unit_id is None:
            for code in each.codes:
                by_code.setdefault(code, []).append(each.said)
    rows = [
        WholeRow(
            line,
            made.figures[line.code] if line.meaning else None,
            earlier.figures.get(line.code) if line.meaning else None,
            reverse("figures_one", args=[line.code]) + found.address(gop="1") if line.meaning else "",
            tuple(by_code.get(line.code, ())),
        )
        for line in made.lines
    ]
    context = {
        **frame_of(found, "whole"),
        "made": made,
        "rows": rows,
        "odd": odd,
        "before": earlier.window,
        "accepted": _accepted(request),
        "other": reverse("figures_whole") + found.address(chi="" if _accepted(request) else "da-nhan"),
        "file": reverse("figures_whole_file") + found.address(chi="da-nhan" if _accepted(request) else ""),
        "units": sum(part.expected for part in made.parts),
    }
    return render(request, "desk/figures_whole.html", context)


def _accepted(request: HttpRequest) -> bool:
    """Whether only accepted sheets are to count."""
    return request.GET.get("chi") == "da-nhan"


def _made(request: HttpRequest, found: Asked) -> queries.Consolidated:
    return queries.consolidate(
        found.scope, unit=found.unit, window=found.window, form=found.form, accepted_only=_accepted(request)
    )


@never_cache
@require_GET
@needs(*READERS)
def whole_file(request: HttpRequest) -> HttpResponse:
    """The whole as .xlsx: a column for the unit with all beneath it, and one for each line beneath."""
    found = asked(request)
    if found is None:
        return nothing_yet(request)
    made = _made(request, found)
    shown = {part.line for part in made.parts}
    lines = [unit for unit in made.order if unit.pk in shown]
    rows = []
    for line in made.lines:
        if line.meaning is None:
            rows.append([line.number, line.heading])
            continue
        by_line = made.by_line(line.code)
        cells = [made.figures[line.code], *(by_line.get(unit.pk) for unit in lines)]
        rows.append([line.number, line.meaning.name, line.meaning.unit_of_measure, *(_plain(cell) for cell in cells)])
    title = [found.form.title, f"{found.unit.name}, {found.window.label} ({windows.spoken(found.window)})"]
    headings = ["STT", "Chỉ tiêu", "Đơn vị tính", "Tổng hợp", *(unit.name for unit in lines)]
    return xlsx(
        f"tong-hop_{found.form.code}_{found.window.first:%Y%m%d}-{found.window.last:%Y%m%d}", title, headings, rows
    )


def _plain(figure: Figure | None) -> Any:
    """A figure as a cell: a number where it is one, «không có» in words, empty where nothing is known."""
    if figure is None or figure.state == "missing":
        return ""
    number = figure.rounded if figure.meaning.kind not in ("text", "yes_no") or figure.where == "sum" else None
    return figure.shown if number is None else float(number)


# ---- one figure -----------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*READERS)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """A figure: what it means, what it is made of, who said what, and the way to the records behind it."""
    found = asked(request)
    if found is None:
        return nothing_yet(request)
    together = request.GET.get("gop") == "1"
    meanings = queries.meanings(found.window.last)
    if code not in meanings:
        raise NotFound(f"Ngày {found.window.last:%d/%m/%Y} không có chỉ tiêu «{code}».")
    meaning = meanings[code]
    parts: list[tuple[Any, Figure, str]] = []
    if together:
        made = queries.consolidate(found.scope, unit=found.unit, window=found.window, codes=[code])
        shown = made.figures
        # The line of a part is the unit one step beneath; what it leads to is the same figure there.
        parts = [(part.unit, part.figures[code], _part_url(found, part.unit, code)) for part in made.parts]
    else:
        shown = queries.figures(found.scope, codes=[code], units=[found.unit], window=found.window)[found.unit.pk]
    figure = shown[code]
    kept = found.address(gop="1" if together else "")
    inputs = [(meanings[name], shown[name], reverse("figures_one", args=[name]) + kept) for name in _made_of(meaning)]
    changes = (
        list(ValueChange.objects.filter(value=figure.value_id).select_related("by").order_by("-pk")[:50])
        if figure.value_id and not together
        else []
    )
    source = next((s for s in sources() if s.key == meaning.source_key), None)
    context = {
        **frame_of(found, ""),
        "meaning": meaning,
        "figure": figure,
        "together": together,
        "inputs": inputs,
        "parts": parts,
        "formula": expressions.spoken(meaning.formula, lambda c: meanings[c].name) if meaning.formula else "",
        "adds_up": AddsUp(meaning.adds_up).label,
        "source": source,
        "source_figure": source.figures.get(meaning.figure, meaning.figure) if source else "",
        "changes": [(c, spoken(c.before), spoken(c.after)) for c in changes],
        "other": reverse("figures_one", args=[code]) + found.address(gop="" if together else "1"),
        "back": (reverse("figures_whole") if together else reverse("figures")) + found.address(),
    }
    return render(request, "desk/figure_one.html", context)


def _made_of(meaning: queries.Meaning) -> list[str]:
    if meaning.numerator:
        return [meaning.numerator, meaning.denominator]
    return list(expressions.codes(meaning.formula)) if meaning.formula else []


def _part_url(found: Asked, unit: Unit, code: str) -> str:
    return reverse("figures_one", args=[code]) + found.address(don_vi=unit.key)
