"""Chốt số liệu: freezing a statement before the report is drafted, so that figures do not move while it is read."""

import datetime as dt
import json
from typing import Any, cast

from motcua.core import clock
from motcua.core.errors import Invalid, MotcuaError
from motcua.core.models import SeriesCounter
from motcua.core.series import next_number
from motcua.core.verbs import verb
from motcua.ledger import queries
from motcua.ledger.coverage import Coverage, cover, narrowed, recalled
from motcua.ledger.locks import safe_watermark
from motcua.ledger.statement import By, Regrouped, Statement, canonical, digest
from motcua.ledger.totals_models import Cutoff, CutoffKind
from motcua.org.models import Unit, User
from motcua.org.queries import SYSTEM, Scope

SERIES = "ledger.cutoff"


@verb
def freeze(
    *,
    scope: Scope,
    unit: Unit,
    book: str,
    start: dt.date,
    end: dt.date,
    by: By = "unit",
    actor: User | None,
    chained_from: Cutoff | None = None,
    counted_to: dt.date | None = None,
    completes: Cutoff | None = None,
) -> Cutoff:
    """Freeze the statement of ``unit`` (with all beneath it) and give it a number, CS-2023-0001; at most 20 statements.

    With ``counted_to`` before ``end`` it is an estimate. An estimate becomes official by a later call for the same
    period with ``completes``: a completion, not a restatement, and both stay. A second official statement of the same
    unit, book and period is refused: what was published stays said, changes show in the next one as adjustments. So is
    an estimate of a period that has its official figures.

    Raises :class:`Invalid` as :func:`queries.statement` does, and where the estimate is not of this period.
    """
    estimate = counted_to is not None and counted_to < end
    _refuse(unit, book, start, end, estimate, completes)
    # Before the figures are read: every act up to the watermark is then visible, and no later one is counted.
    watermark = safe_watermark()
    made = _statement_at(
        watermark, scope, unit=unit, book=book, start=start, end=end, by=by, chain=chained_from, counted_to=counted_to
    )
    text = canonical({**made.as_dict(), "counted": _units_of(made)})
    # Reports are numbered through the year; the counter's row is locked to the end, so it comes last.
    year = clock.today().year
    number = next_number(SERIES, dt.date(year, 1, 1))
    return Cutoff.objects.create(
        number=_number(year, number),
        kind=CutoffKind.ESTIMATE if estimate else CutoffKind.OFFICIAL,
        book=book,
        unit=unit,
        start=start,
        end=end,
        counted_to=made.counted_to,
        by=by,
        watermark=watermark,
        as_of=made.as_of,
        figures=text,
        digest=digest(text),
        chained_from=chained_from,
        completes=completes,
        created_at=clock.now(),
        created_by=actor,
    )


def _statement_at(
    watermark: int,
    scope: Scope,
    *,
    unit: Unit,
    book: str,
    start: dt.date,
    end: dt.date,
    by: By,
    chain: Cutoff | None,
    counted_to: dt.date | None,
    counted: Coverage | None = None,
) -> Statement:
    return queries.statement(
        scope,
        book=book,
        units=[unit],
        start=start,
        end=end,
        by=by,
        known_at=queries.Knowledge(watermark, clock.now()),
        chained_from=chain,
        counted_to=counted_to,
        counted=counted,
    )


def _units_of(made: Statement) -> dict[str, Any]:
    """Which units were counted, and in which line: the tree may be told otherwise later, the figures were of these."""
    lines = {line.key: sorted(line.unit_ids) for line in made.lines} if made.by == "unit" else {}
    return {"units": sorted(made.total.unit_ids), "lines": lines}


def _refuse(unit: Unit, book: str, start: dt.date, end: dt.date, estimate: bool, completes: Cutoff | None) -> None:
    if completes is not None:
        same = (completes.unit_id, completes.book, completes.start, completes.end) == (unit.pk, book, start, end)
        if completes.kind != CutoffKind.ESTIMATE or not same:
            raise Invalid(
                f"Bản chốt {completes.number} không phải số ước của chính kỳ này.",
                code="not_its_estimate",
                field="completes",
            )
        if estimate:
            raise Invalid("Hoàn tất số ước thì phải tính đến hết kỳ.", code="completion_incomplete", field="counted_to")
    earlier = Cutoff.objects.filter(unit=unit, book=book, start=start, end=end, kind=CutoffKind.OFFICIAL).first()
    if earlier is not None and estimate:
        raise Invalid(
            f"Kỳ này đã có số chính thức ở {earlier.number}; không chốt số ước nữa.",
            code="estimate_after_official",
            field="counted_to",
        )
    if earlier is not None:
        raise Invalid(
            f"Kỳ này đã chốt chính thức ở {earlier.number}; thay đổi sau đó nằm ở «điều chỉnh kỳ trước» của kỳ sau.",
            code="already_frozen",
            field="end",
        )


def figures(frozen: Cutoff) -> dict[str, Any]:
    """The frozen statement, as :meth:`Statement.as_dict` gave it. No SQL."""
    return json.loads(frozen.figures)


def coverage_of(frozen: Cutoff, by: By) -> Coverage | None:
    """The units a frozen statement counted, in the lines it had; None where it does not say. One statement, or four.

    Where it was divided otherwise, the lines are those of the tree as it is told now, over the same units.
    """
    said = figures(frozen)
    kept = said.get("counted")
    if kept is None:
        return None
    if by == "unit" and not kept["lines"]:
        return narrowed(cover([frozen.unit], frozen.start, frozen.counted_to), kept["units"], frozen.unit)
    levels = {line["key"]: line["level"] for line in said["lines"]}
    regrouped = [
        Regrouped(name, dt.date.fromisoformat(day), earlier, later)
        for name, day, earlier, later in said.get("regrouped", ())
    ]
    return recalled(kept["lines"], kept["units"], levels, regrouped)


def check(limit: int = 20) -> list[str]:
    """Frozen statements that are gone, were changed, or which the journal no longer gives; in Vietnamese.

    Counts each anew as known at its watermark. About ten statements a cutoff.
    """
    found = _gaps()[:limit]
    for frozen in Cutoff.objects.select_related("unit", "chained_from__unit").order_by("pk"):
        if len(found) >= limit:
            break
        if digest(frozen.figures) != frozen.digest:
            found.append(f"số liệu của bản chốt {frozen.number} đã bị sửa")
            continue
        try:
            same = _recounted(frozen) == _counted(figures(frozen))
        except Exception as error:  # whoever rewrote figures and digest may have left anything there
            said = str(error) if isinstance(error, MotcuaError) else f"{type(error).__name__}: {error}"
            found.append(f"bản chốt {frozen.number} không đếm lại được: {said}")
            continue
        if not same:
            found.append(f"bản chốt {frozen.number} không còn khớp với sổ")
    return found


def _gaps() -> list[str]:
    """Numbers the series gave that no frozen statement bears, and the reverse. Two statements."""
    kept = set(Cutoff.objects.values_list("number", flat=True))
    counters = SeriesCounter.objects.filter(series=SERIES).values_list("day", "n")
    given = {_number(day.year, k) for day, n in counters for k in range(1, n + 1)}
    lost = [f"thiếu bản chốt {number}" for number in sorted(given - kept)]
    return lost + [f"bản chốt {number} mang số không do dãy số cấp" for number in sorted(kept - given)]


def _number(year: int, n: int) -> str:
    return f"CS-{year}-{n:04d}"


def _recounted(frozen: Cutoff) -> object:
    by = cast(By, frozen.by)
    with clock.at(frozen.created_at):
        made = _statement_at(
            frozen.watermark,
            SYSTEM,
            unit=frozen.unit,
            book=frozen.book,
            start=frozen.start,
            end=frozen.end,
            by=by,
            chain=frozen.chained_from,
            counted_to=frozen.counted_to,
            counted=coverage_of(frozen, by),
        )
    return _counted(made.as_dict())


def _counted(plain: dict[str, Any]) -> object:
    """Figures by key; names, which may be corrected, and the order of lines left out."""
    return {line["key"]: line["figures"] for line in [*plain["lines"], plain["total"]]}
