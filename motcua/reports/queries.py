"""What can be asked of reports, each in a constant number of SQL statements, within the asker's scope."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.org.queries import Scope
from motcua.reports import compiling, content, marks, types
from motcua.reports.figures import TOKEN, Figure, tokens
from motcua.reports.models import FrozenFigure, Report, ReportSection, State
from motcua.reports.types import Item, Type

# Who reads reports of their units.
READERS = frozenset({Duty.REFORM, Duty.CONTROL, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT, Duty.CLERK})


def reports(scope: Scope) -> QuerySet[Report]:
    """The reports of the scope's units, newest window first."""
    rows = scope.filter(Report.objects.all())
    return rows.select_related("unit", "cut", "signer", "created_by").order_by("-last", "-pk")


def report(scope: Scope, pk: int) -> Report:
    """One report. One statement. :class:`NotFound` also for those outside the scope."""
    found = (
        reports(scope)
        .select_related("earlier", "submitted_by", "cut__statement__unit", "cut__statement__chained_from")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("Không có báo cáo này, hoặc không thuộc đơn vị của bạn.")
    return found


def figure(scope: Scope, report_pk: int, position: int) -> FrozenFigure:
    """The frozen figure a code of the annex names: «7-12». Two statements."""
    row = report(scope, report_pk)
    found = content.figure_at(row, position)
    if found is None:
        raise NotFound("Không có số liệu mang mã này trong báo cáo.")
    return found


# ---- text -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A section as the page shows it: its last version, and whether people left it as it was last time."""

    item: Item
    row: ReportSection | None
    same: bool

    @property
    def text(self) -> str:
        return self.row.text if self.row else ""

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0


def parts(row: Report) -> list[Part]:
    """The sections of a report in order; «giống hệt kỳ trước» is said of what people wrote, not of figures' words.
    Two statements."""
    now = content.latest(row)
    before = content.latest(row.earlier) if row.earlier else {}
    outline = types.outlines()[types.type_of(row.type).outline]
    return [Part(item, now.get(item.key), _same(now.get(item.key), before.get(item.key))) for item in outline.sections]


def _same(now: ReportSection | None, before: ReportSection | None) -> bool:
    if now is None or before is None or now.by_id is None or not now.text:
        return False
    # What is nothing but figures says something else as soon as they do.
    return now.text == before.text and bool(TOKEN.sub("", now.text).strip())


@dataclass(frozen=True, slots=True)
class Below:
    """What a unit beneath wrote in the same section of the same window."""

    unit: Unit
    report: Report
    text: str


def texts_below(scope: Scope, row: Report, key: str) -> list[Below]:
    """The texts of the reports sent up for the same type and window, by unit, as they read there: with the figures that
    each of them froze. Three statements."""
    beneath = (
        reports(scope)
        .filter(type=row.type, first=row.first, last=row.last, state=State.SENT)
        .exclude(pk=row.pk)
        .order_by("unit__code", "pk")
    )
    there = {each.pk: each for each in beneath}
    newest = (
        ReportSection.objects.filter(report__in=list(there), key=key)
        .values("report")
        .annotate(last=Max("pk"))
        .values("last")
    )
    rows = ReportSection.objects.filter(pk__in=newest).exclude(text="")
    texts = {each.report_id: each.text for each in rows}
    codes = {code for text in texts.values() for code, _ in tokens(text)}
    frozen: dict[int, dict[str, Figure]] = {}
    for each in FrozenFigure.objects.filter(cut__in=[each.cut_id for each in there.values()], code__in=codes):
        frozen.setdefault(each.cut_id, {})[each.code] = compiling.figure_of(each)
    return [
        Below(each.unit, each, marks.said(texts[pk], frozen.get(each.cut_id or 0, {})))
        for pk, each in there.items()
        if pk in texts
    ]


# ---- what is due ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """A report that a unit owes for a window, and how it stands: ``status`` is late, due, open, sent or sent_late."""

    kind: Type
    unit: Unit
    window: windows.Window
    due: dt.date
    report: Report | None
    status: str
    days: int  # to the due day; negative after it


WORDS: Mapping[str, str] = {
    "late": "Trễ hạn, chưa gửi",
    "due": "Sắp đến hạn",
    "open": "Chưa đến hạn",
    "sent_late": "Gửi trễ",
    "sent": "Đã gửi đúng hạn",
}
_SOON = dt.timedelta(days=7)


def owed(scope: Scope, units: Sequence[Unit], day: dt.date, *, codes: Sequence[str] | None = None) -> list[Owed]:
    """What these units owe around a day: for each type the window that holds it and the one before. Two statements.

    Types that an office makes for itself (``owed`` false) are left out unless it has begun one.
    """
    rules = {rule.code: rule for rule in indicators.rules()}
    wanted: list[tuple[Type, windows.Window]] = []
    for kind in types.types().values():
        rule = rules.get(kind.rule)
        held = windows.containing(rule, day) if rule and (codes is None or kind.code in codes) else None
        if rule is not None and held is not None:
            wanted += [(kind, held), (kind, windows.previous(rule, held))]
    if not wanted:
        return []
    first, last = min(w.first for _, w in wanted), max(w.last for _, w in wanted)
    rows = reports(scope).filter(first__gte=first, last__lte=last).exclude(state=State.CANCELLED)
    there = {(row.type, row.unit_id, row.first, row.last): row for row in rows}
    found = []
    for kind, window in wanted:
        due = kind.due.on(window.last)
        for unit in units:
            made = there.get((kind.code, unit.pk, window.first, window.last))
            alive = unit.valid_from <= window.last and (unit.valid_to is None or unit.valid_to >= window.last)
            if made is not None or (kind.owed and alive and unit.kind in kind.kinds):
                found.append(Owed(kind, unit, window, due, made, _status(made, due, day), (due - day).days))
    order = list(WORDS)
    return sorted(found, key=lambda each: (order.index(each.status), each.due, each.unit.code, each.kind.code))


def _status(made: Report | None, due: dt.date, day: dt.date) -> str:
    if made is not None and made.sent_at is not None:
        return "sent" if clock.local_date(made.sent_at) <= due else "sent_late"
    if day > due:
        return "late"
    return "due" if day >= due - _SOON else "open"


def reporting_units(scope: Scope, day: dt.date) -> list[Unit]:
    """The units of the scope that make reports on a day, in order. One statement."""
    kinds = {each for kind in types.types().values() for each in kind.kinds}
    rows = scope.filter(Unit.objects.filter(org.alive_on(day), kind__in=kinds), "id")
    return org.in_order(rows)


__all__ = [
    "READERS",
    "WORDS",
    "Below",
    "Owed",
    "Part",
    "figure",
    "owed",
    "parts",
    "report",
    "reporting_units",
    "reports",
    "texts_below",
]
