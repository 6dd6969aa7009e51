"""What can be asked of the ledger: statements, what was known when, and what has been frozen."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Sum

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.ledger.coverage import Coverage, cover
from motcua.ledger.locks import safe_watermark
from motcua.ledger.models import PENDING, Book, Category, Channel, Checkpoint, Leg
from motcua.ledger.reading import Reading, Window
from motcua.ledger.statement import BY, EMPTY, By, Chain, Figures, Line, Statement, Unreconciled, total_of
from motcua.ledger.totals import state
from motcua.ledger.totals_models import Cutoff, CutoffKind
from motcua.org.models import Unit, UnitPlace
from motcua.org.queries import Scope, among

__all__ = [
    "Knowledge",
    "cutoff",
    "cutoffs",
    "known",
    "latest_cutoff",
    "published_through",
    "statement",
]

# A fold that ends between planning and reading is rare; three in a row are somebody folding in a loop.
_TRIES = 10
# How far around a journal id an event's other legs can lie, when several writers take ids at once.
_NEIGHBOURHOOD = 10_000


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was known: legs up to ``watermark`` (``None``: all there are), at the instant ``at``; ``said`` for print."""

    watermark: int | None
    at: dt.datetime
    said: str = ""


# ---- statement ------------------------------------------------------------------------------------------------------


def statement(
    scope: Scope,
    *,
    book: str,
    units: Sequence[Unit],
    start: dt.date,
    end: dt.date,
    by: By = "unit",
    known_at: "int | str | dt.date | Knowledge | None" = None,
    chained_from: "str | Cutoff | None" = None,
    counted_to: dt.date | None = None,
    counted: Coverage | None = None,
) -> Statement:
    """The statement of a book over ``units`` from ``start`` to ``end``, both days included; at most 8 statements.

    ``known_at``: a journal id, the number of a frozen statement, or a date (what was known that evening).
    ``chained_from``: the frozen statement of the period just before; its closing becomes the opening, and what came to
    light since about earlier days the adjustments. Without it everything known is restated by day.
    ``counted_to``: an estimate; counts to that day of a period that may end later. The last day may be today: then it
    is counted up to this moment. ``counted``: the units a frozen statement counted, to count it anew whatever has
    become of the tree.

    Raises :class:`NotAllowed` for units outside the scope, :class:`Invalid` for days that cannot be counted, and
    :class:`Unreconciled` rather than ever returning figures that contradict each other.
    """
    allow(scope, units)
    knowledge = known_at if isinstance(known_at, Knowledge) else known(scope, known_at)
    chain_cutoff = cutoff(scope, chained_from) if isinstance(chained_from, str) else chained_from
    if chain_cutoff is not None:
        _same_units(chain_cutoff, units)
    window = window_for(book, start, end, counted_to, knowledge, chain_cutoff)
    if by not in BY:
        raise Invalid(f"Không chia được theo «{by}»; chọn một trong: {', '.join(BY)}.", code="by_unknown", field="by")
    covered = counted or cover(units, start, window.counted_to, lines=by == "unit")
    figures, last_leg = _read(window, by, covered)
    lines = (
        _unit_lines(covered, figures, all_of_them=counted is not None)
        if by == "unit"
        else _other_lines(by, covered, figures)
    )
    # Of everything read, not of the lines: a line that was lost shows.
    total = Line("", "Tổng cộng", total_of(figures.values()), unit_ids=covered.unit_ids)
    made = Statement(
        book=str(book),
        by=by,
        units=tuple((unit.key, unit.name) for unit in units),
        start=start,
        end=end,
        counted_to=window.counted_to,
        as_of=window.as_of,
        provisional=window.unfinished,
        watermark=last_leg if window.watermark is None else window.watermark,
        known_at=knowledge.said,
        chain=window.chain,
        lines=tuple(lines),
        total=total,
        regrouped=covered.regrouped,
    )
    made.reconcile()
    return made if chain_cutoff is None else _continued(made, chain_cutoff)


def allow(scope: Scope, units: Sequence[Unit]) -> None:
    """Raise :class:`NotAllowed` unless every unit lies inside the scope. No SQL."""
    for unit in units:
        if not scope.contains(unit.pk):
            raise NotAllowed(f"Bạn không được giao xem số liệu của «{unit.name}».", code="unit_outside_scope")


def window_for(
    book: str,
    start: dt.date,
    end: dt.date,
    counted_to: dt.date | None,
    knowledge: Knowledge,
    chain: Cutoff | None = None,
) -> Window:
    """What is counted for these days as known; :class:`Invalid` for days that cannot be."""
    if str(book) not in Book.values:
        raise Invalid(
            f"Không có sổ «{book}»; chọn một trong: {', '.join(Book.values)}.", code="book_unknown", field="book"
        )
    if start > end:
        raise Invalid(f"Từ ngày {start:%d/%m/%Y} sau đến ngày {end:%d/%m/%Y}.", code="days_reversed", field="start")
    last = end if counted_to is None else counted_to
    if not start <= last <= end:
        raise Invalid(
            f"Ngày tính số ước {last:%d/%m/%Y} phải nằm trong kỳ {start:%d/%m/%Y} – {end:%d/%m/%Y}.",
            code="estimate_outside",
            field="counted_to",
        )
    today = clock.today()
    if last > today:
        raise Invalid(
            f"Ngày {last:%d/%m/%Y} chưa tới, chưa có số liệu. Muốn có số ước thì tính đến hết ngày {today:%d/%m/%Y} "
            "hoặc sớm hơn.",
            code="end_in_future",
            field="end",
        )
    if clock.local_moment(last) >= knowledge.at:
        # Crossings posted in advance are in the journal, but nobody had lived them.
        raise Invalid(
            f"Không tính được đến ngày {last:%d/%m/%Y} theo những gì đã biết lúc "
            f"{clock.local(knowledge.at):%H:%M %d/%m/%Y}: lúc ấy ngày đó chưa tới.",
            code="as_of_after_known",
            field="known_at",
        )
    end_of_day = clock.local_moment(last + dt.timedelta(1))
    unfinished = knowledge.at < end_of_day
    return Window(
        book=str(book),
        start=start,
        counted_to=last,
        as_of=knowledge.at if unfinished else end_of_day,
        unfinished=unfinished,
        watermark=knowledge.watermark,
        chain=None if chain is None else _chain(chain, str(book), start, knowledge),
    )


def _chain(frozen: Cutoff, book: str, start: dt.date, knowledge: Knowledge) -> Chain:
    if frozen.kind != CutoffKind.OFFICIAL:
        raise Invalid(
            f"Bản chốt {frozen.number} là số ước; hãy hoàn tất thành số chính thức rồi mới nối tiếp.",
            code="chain_from_estimate",
            field="chained_from",
        )
    if frozen.book != book or frozen.end + dt.timedelta(1) != start:
        raise Invalid(
            f"Bản chốt {frozen.number} là của sổ «{Book(frozen.book).label}», đến hết ngày {frozen.end:%d/%m/%Y}; "
            f"không nối tiếp được kỳ bắt đầu từ {start:%d/%m/%Y}.",
            code="chain_broken",
            field="chained_from",
        )
    if knowledge.watermark is not None and knowledge.watermark < frozen.watermark:
        raise Invalid(
            f"Mốc hiểu biết được chọn có trước bản chốt {frozen.number}.", code="chain_unknown_then", field="known_at"
        )
    cut_short = frozen.as_of < clock.local_moment(frozen.end + dt.timedelta(1))
    closing = Figures.from_dict(json.loads(frozen.figures)["total"]["figures"]).closing.total
    return Chain(frozen.number, frozen.watermark, frozen.as_of, frozen.end if cut_short else None, closing)


def _read(window: Window, by: By, covered: Coverage) -> tuple[dict[Any, Figures], int]:
    """Figures by the id of the line's unit, by category id, or by channel; and the last leg there was."""
    line_of = covered.line_of if by == "unit" else None
    for _ in range(_TRIES):
        found = Reading(window, by, covered.unit_ids, state()).read(line_of)
        if found is not None:
            return {key: vector.figures() for key, vector in found[0].items()}, found[1]
    raise Conflict("Sổ số liệu đang được cộng dồn liên tục. Hãy thử lại sau ít phút.", code="folding")


def _unit_lines(covered: Coverage, figures: dict[Any, Figures], *, all_of_them: bool) -> list[Line]:
    # Units of the past with nothing to say are left out; units of the present stay, with their zeros. What was frozen
    # with its zeros keeps them when the unit is past in its turn.
    return [
        Line(each.unit.key, each.unit.name, figures.get(each.unit.pk, EMPTY), each.level, each.unit_ids)
        for each in covered.lines
        if all_of_them or each.unit.valid_to is None or not figures.get(each.unit.pk, EMPTY).empty
    ]


def _other_lines(by: By, covered: Coverage, figures: dict[Any, Figures]) -> list[Line]:
    figures = {key: each for key, each in figures.items() if not each.empty}
    if by == "channel":
        return [
            Line(name, Channel(name).label, figures.get(name, EMPTY), unit_ids=covered.unit_ids, channel=name)
            for name in Channel.values
            if name in figures or name != Channel.POST
        ]
    categories = Category.objects.in_bulk([key for key in figures if isinstance(key, int)])
    grouped: dict[str, list[Category]] = {}
    for category in sorted(categories.values(), key=lambda c: (c.procedure, c.pk)):
        grouped.setdefault(category.procedure if by == "procedure" else category.field, []).append(category)
    lines = []
    for key in sorted(grouped):
        members = grouped[key]
        label = (members[-1].name or key) if by == "procedure" else key
        lines.append(
            Line(
                key,
                label,
                total_of(figures[category.pk] for category in members),
                unit_ids=covered.unit_ids,
                category_ids=frozenset(category.pk for category in members),
                level=members[-1].field if by == "procedure" else "",
            )
        )
    return lines


def _same_units(frozen: Cutoff, units: Sequence[Unit]) -> None:
    if {unit.pk for unit in units} != {frozen.unit_id}:
        names = ", ".join(f"«{unit.name}»" for unit in units)
        raise Invalid(
            f"Bản chốt {frozen.number} là của «{frozen.unit.name}»; không nối tiếp được biểu của {names}.",
            code="chain_of_another_unit",
            field="chained_from",
        )


def _continued(made: Statement, frozen: Cutoff) -> Statement:
    """The statement with what its chain says of the frozen one; nothing of what was frozen may have changed under it.

    Where units came or left since, they are named with what they held; the rest must be the frozen closing.
    """
    chain = made.chain
    assert chain is not None
    kept = json.loads(frozen.figures)
    found = made.total.figures.opening.total - made.total.figures.opening_succession
    if kept["units_digest"] != made.units_digest:
        if "counted" not in kept:
            raise Invalid(
                f"Phạm vi đơn vị đã đổi từ bản chốt {frozen.number} và bản chốt ấy không ghi đã tính những đơn vị nào; "
                "hãy đọc lại toàn bộ thay vì nối tiếp.",
                code="chain_units_unknown",
                field="chained_from",
            )
        then, now = frozenset(kept["counted"]["units"]), made.total.unit_ids
        held = _held(made.book, chain, made.start, then ^ now)
        units = sorted(Unit.objects.in_bulk(list(held)).values(), key=lambda unit: (unit.name, unit.pk))
        chain = replace(
            chain,
            came=tuple((unit.name, held[unit.pk]) for unit in units if unit.pk in now),
            left=tuple((unit.name, held[unit.pk]) for unit in units if unit.pk in then),
        )
        made = replace(made, chain=chain)
    counted = found - sum(n for _, n in chain.came) + sum(n for _, n in chain.left)
    if chain.closing != counted:
        raise Unreconciled(
            f"Số còn lại đã chốt ở {frozen.number} là {chain.closing}, nhưng đếm lại trong sổ được {counted}. "
            "Hãy chạy «motcua verify»."
        )
    return made


def _held(book: str, chain: Chain, start: dt.date, unit_ids: frozenset[int]) -> dict[int, int]:
    """What each of these units held when the frozen statement ended, as known to it; those with nothing left out."""
    legs = Leg.objects.filter(among("unit", unit_ids), book=book, account__in=PENDING, pk__lte=chain.watermark)
    legs = legs.filter(day__lt=start)
    if chain.cut_day is not None:
        legs = legs.exclude(day=chain.cut_day, at__gt=chain.as_of)
    return {unit: n for unit, n in legs.values_list("unit").annotate(n=Sum("sign")).order_by("unit") if n}


# ---- what was known when --------------------------------------------------------------------------------------------


def known(scope: Scope, at: "int | str | dt.date | None" = None) -> Knowledge:
    """What ``known_at`` means: nothing given is now; a journal id; a frozen statement's number; a date's evening.

    At most 4 statements (and short waiting for writers on PostgreSQL, for an id beyond the last fold). Raises
    :class:`Invalid` or :class:`NotFound`.
    """
    now = clock.now()
    if at is None:
        return Knowledge(None, now)
    if isinstance(at, dt.date):
        return _known_on(at, now)
    if isinstance(at, str):
        frozen = cutoff(scope, at)
        return Knowledge(frozen.watermark, frozen.created_at, f"theo bản chốt {frozen.number}")
    return _known_to(at, now)


def _known_on(day: dt.date, now: dt.datetime) -> Knowledge:
    if day > clock.local_date(now):
        raise Invalid(f"Ngày {day:%d/%m/%Y} chưa tới.", code="known_in_future", field="known_at")
    evening = clock.local_moment(day + dt.timedelta(1))
    said = f"theo những gì đã biết đến hết ngày {day:%d/%m/%Y}"
    point = Checkpoint.objects.filter(day=day).values_list("watermark", flat=True).first()
    if point is None:
        last = Leg.objects.filter(recorded_at__lt=evening).order_by("-pk").values_list("pk", flat=True).first()
        point = _whole_events(last or 0)
    return Knowledge(point, min(now, evening), said)


def _known_to(watermark: int, now: dt.datetime) -> Knowledge:
    mark = state()
    beyond = watermark > (mark.leg_id if mark else 0)
    if watermark < 0 or (beyond and watermark > safe_watermark()):
        raise Invalid(f"Sổ chưa có bút toán số {watermark}.", code="watermark_unknown", field="known_at")
    whole = _whole_events(watermark)
    # Known until somebody knew more.
    later = Leg.objects.filter(pk__gt=whole).order_by("pk").values_list("recorded_at", flat=True).first()
    return Knowledge(whole, min(later or now, now), f"theo những gì đã biết đến bút toán {whole}")


def _whole_events(watermark: int) -> int:
    """The greatest id up to ``watermark`` that cuts no act in two: half an act is nothing anybody ever knew.

    Within an act ids follow closely; acts of several writers may interleave. One statement, more if they do.
    """
    while watermark > 0:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT MIN(a.id) FROM ledger_leg a JOIN ledger_leg b ON b.event_id = a.event_id "
                "WHERE a.id > %s AND a.id <= %s AND b.id > %s AND b.id <= %s",
                [watermark - _NEIGHBOURHOOD, watermark, watermark, watermark + _NEIGHBOURHOOD],
            )
            cut = cursor.fetchone()[0]
        if cut is None:
            return watermark
        watermark = cut - 1
    return 0


# ---- frozen statements ----------------------------------------------------------------------------------------------


def cutoff(scope: Scope, number: str) -> Cutoff:
    """The frozen statement with this number; :class:`NotFound` where the scope's units have none. One statement."""
    found = scope.filter(Cutoff.objects.select_related("unit")).filter(number=number.strip().upper()).first()
    if found is None:
        raise NotFound(f"Không có bản chốt số liệu số «{number}».", code="cutoff_unknown", field="known_at")
    return found


def cutoffs(scope: Scope, *, book: str | None = None, limit: int = 100) -> list[Cutoff]:
    """Frozen statements of units in the scope, the latest first, their figures not yet read. One statement."""
    found = scope.filter(Cutoff.objects.select_related("unit", "created_by", "chained_from", "completes"))
    found = found.defer("figures", "chained_from__figures", "completes__figures")
    return list((found.filter(book=book) if book else found).order_by("-pk")[:limit])


def latest_cutoff(unit: Unit, book: str, before: dt.date) -> Cutoff | None:
    """The official statement of this very unit that ends the day before ``before``, frozen last. One SQL statement."""
    return (
        Cutoff.objects.filter(unit=unit, book=book, end=before - dt.timedelta(1), kind=CutoffKind.OFFICIAL)
        .order_by("-pk")
        .first()
    )


def published_through(unit: Unit, book: str) -> dt.date | None:
    """The last day of the latest official statement that counted this unit; ``None`` if never. Two statements.

    What is entered about that day or an earlier one changes a published figure: it goes to "điều chỉnh kỳ trước".
    """
    paths = UnitPlace.objects.filter(unit=unit).values_list("path", flat=True)
    above = {int(i) for path in paths for i in path.split("/") if i} | {unit.pk}
    found = Cutoff.objects.filter(book=book, unit__in=above, kind=CutoffKind.OFFICIAL).order_by("-end")
    return found.values_list("end", flat=True).first()
