"""What dossiers offer to reports: the figures of the ledger's statement, for many units at once.

One statement over all units, each in a line of its own, so that a province costs as many SQL statements as a commune.
Figures of a level («received.commune») are those of units of that level and 0 elsewhere. A unit that has never had a
dossier here is left out: that it keeps its books elsewhere is not the same as 0.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from motcua.dossiers.models import Dossier
from motcua.dossiers.states import Act
from motcua.indicators import sources, tree
from motcua.indicators.sources import Ask, Found, Source
from motcua.ledger import queries as ledger
from motcua.ledger.coverage import Coverage, Covered
from motcua.ledger.forms import COLUMNS_06A
from motcua.ledger.models import Account, Book, Event, Leg, LegKind
from motcua.ledger.statement import ONLINE, Figures
from motcua.org.models import Unit, UnitKind
from motcua.org.queries import PROVINCE_KINDS, among

KEY = "dossier.statement"
_C = {f"c{column.number}": column.figure for column in COLUMNS_06A}
_LEVELS = {"province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã"}

_OUTCOMES = ("granted", "refused", "returned", "stopped", "withdrawn")


def _ended_as(outcome: str) -> Callable[[Figures], int]:
    return lambda line: line.ended_by(outcome)


# Of one line of the statement; what the statement's own columns are called is in ``_DRILL``.
_OF_LINE: dict[str, Callable[[Figures], int | float | None]] = {
    **_C,
    "received": lambda f: f.received_total + sum(f.moved_received.values()),
    "in_time": lambda f: f.ended_as(Account.EARLY) + f.ended_as(Account.ON_TIME),
    "ended": lambda f: f.ended_total,
    "waiting": lambda f: f.closing.waiting,
    "post": lambda f: f.received.get("post", 0) + f.moved_received.get("post", 0),
    "opening": lambda f: f.opening.total,
    "adjustments": lambda f: f.adjustments.total,
    "moved": lambda f: f.moved,
    **{name: _ended_as(name) for name in _OUTCOMES},
}
_DRILL = {
    **{name: name for name in _C},
    "ended": "c7",
    "waiting": "waiting",
    "opening": "opening",
    **{name: f"outcome.{name}" for name in _OUTCOMES},
}

FIGURES: dict[str, str] = {
    **{f"c{column.number}": f"II.06a cột {column.number}: {column.group} — {column.title}" for column in COLUMNS_06A},
    "received": "Tiếp nhận trong kỳ",
    "in_time": "Giải quyết trước hạn và đúng hạn",
    "ended": "Đã giải quyết",
    "waiting": "Đang chờ bổ sung, tạm dừng",
    "post": "Tiếp nhận qua bưu chính công ích",
    "opening": "Kỳ trước chuyển sang",
    "adjustments": "Điều chỉnh kỳ trước",
    "moved": "Chuyển đến trừ chuyển đi",
    "granted": "Có kết quả",
    "refused": "Từ chối giải quyết",
    "returned": "Trả lại hồ sơ",
    "stopped": "Dừng giải quyết",
    "withdrawn": "Rút hồ sơ",
    "apologised": "Quá hạn đã xin lỗi",
    "online_procedures": "Thủ tục có phát sinh hồ sơ trực tuyến",
    **{
        f"{name}.{level}": f"{said}: {words}"
        for name, said in (("received", "Tiếp nhận trong kỳ"), ("ended", "Đã giải quyết"),
                           ("in_time", "Trước hạn và đúng hạn"))
        for level, words in _LEVELS.items()
    },
}  # fmt: skip


def register() -> None:
    """Offer the statement's figures (from ``AppConfig.ready``)."""
    sources.register(
        Source(KEY, "Biểu tổng hợp hồ sơ", FIGURES, compute, of_ledger=True, whole_link=statement_link)
    )  # fmt: skip


def compute(ask: Ask) -> Mapping[int, Mapping[str, Found]]:
    """The figures asked for. At most a dozen SQL statements, however many units."""
    units = list(Unit.objects.filter(among("pk", ask.units)))
    if not units:
        return {}
    each = Coverage(
        tuple(Covered(unit, "", frozenset({unit.pk})) for unit in units),
        frozenset(unit.pk for unit in units),
        {unit.pk: unit.pk for unit in units},
    )
    made = ledger.statement(
        ask.scope,
        book=Book.DOSSIER,
        units=units,
        start=ask.first,
        end=ask.last,
        known_at=ask.known_at,
        counted=each,
    )
    by_key = {unit.key: unit for unit in units}
    lines = {by_key[line.key].pk: line.figures for line in made.lines}
    known = _keeping_books(lines)
    levels = tree.levels([unit.pk for unit in units], ask.last) if any("." in name for name in ask.figures) else {}
    apologised = _apologised(ask, made.watermark) if "apologised" in ask.figures else {}
    online = _online(ask, made.watermark) if "online_procedures" in ask.figures else {}
    answer: dict[int, dict[str, Found]] = {}
    for unit in units:
        if unit.pk not in known:
            continue
        line = lines[unit.pk]
        inputs = {"watermark": made.watermark, "as_of": made.as_of.isoformat()}
        if line.adjustments.total:
            inputs["adjustments"] = line.adjustments.total
        found: dict[str, Found] = {}
        for name in ask.figures:
            link = _link(unit, name, ask.first, ask.last, ask.known_at)
            if name == "apologised":
                found[name] = Found(Decimal(apologised.get(unit.pk, 0)), inputs, link)
            elif name == "online_procedures":
                keys = frozenset(online.get(unit.pk, ()))
                found[name] = Found(Decimal(len(keys)), inputs, link, keys)
            else:
                found[name] = Found(Decimal(_number(line, name, levels.get(unit.pk, ""))), inputs, link)
        answer[unit.pk] = found
    return answer


def _number(line: Figures, name: str, level: str) -> int:
    base, _, wanted = name.partition(".")
    return 0 if wanted and wanted != level else int(_OF_LINE[base](line) or 0)


def _keeping_books(lines: Mapping[int, Figures]) -> set[int]:
    """The units that have, or ever had, a dossier here. One statement."""
    busy = {pk for pk, figures in lines.items() if not figures.empty}
    idle = lines.keys() - busy
    if not idle:
        return busy
    rows = Unit.objects.filter(among("pk", idle)).filter(Exists(Dossier.objects.filter(unit=OuterRef("pk"))))
    return busy | set(rows.values_list("pk", flat=True))


def _apologised(ask: Ask, watermark: int) -> dict[int, int]:
    """Ended late in the period, with an apology on record, by unit. One statement."""
    taken_back = Event.objects.filter(voids=OuterRef("pk"))
    said = Event.objects.filter(item=OuterRef("item"), verb=Act.APOLOGISE).exclude(Exists(taken_back))
    rows = _flow(ask, watermark, ask.units).filter(Exists(said), kind=LegKind.CLOSE, account=Account.LATE)
    return {unit: int(n) for unit, n in rows.values_list("unit").annotate(n=Sum("sign")) if n}


def _online(ask: Ask, watermark: int) -> dict[int, set[str]]:
    """Procedures of which something was received online in the period, by unit. One statement."""
    rows = _flow(ask, watermark, ask.units).filter(kind=LegKind.RECEIVE, channel__in=ONLINE)
    counted = rows.exclude(account=Account.OUTSIDE).values_list("unit", "category__procedure").annotate(n=Sum("sign"))
    found: dict[int, set[str]] = {}
    for unit, procedure, n in counted:
        if n > 0:
            found.setdefault(unit, set()).add(procedure)
    return found


def _flow(ask: Ask, watermark: int, units: Collection[int]) -> QuerySet[Leg]:
    inside = Q(book=Book.DOSSIER, day__gte=ask.first, day__lte=ask.last, pk__lte=watermark)
    return Leg.objects.filter(inside, among("unit", units)).order_by()


def _link(unit: Unit, name: str, first: dt.date, last: dt.date, known_at: int | None) -> str:
    """To the dossiers behind the unit's own figure; a unit with others beneath it has a line of its own there."""
    alone = unit.kind in PROVINCE_KINDS or unit.kind in (UnitKind.DISTRICT, UnitKind.DEPARTMENT)
    return statement_link(unit.key, name, first, last, known_at, line=unit.key if alone else "")


def statement_link(
    unit_key: str, name: str, first: dt.date, last: dt.date, known_at: int | None = None, *, line: str = ""
) -> str:
    """To the dossiers behind a figure of the statement, or to the statement where it has no such column. No SQL."""
    asked = {"don_vi": unit_key, "tu": first.isoformat(), "den": last.isoformat()}
    if known_at is not None:
        asked["biet"] = str(known_at)
    column = _DRILL.get(name)
    if column is None:
        return f"/bieu-tong-hop/?{urlencode(asked)}"
    return f"/bieu-tong-hop/ho-so/?{urlencode({**asked, 'dong': line, 'cot': column})}"
