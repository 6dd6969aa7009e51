"""Chốt số liệu: freezing a statement before the report is drafted, so that figures do not move while it is read."""

import datetime as dt
import json
from typing import Any, cast

from django.db.models import Count

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.series import next_number
from motcua.core.verbs import verb
from motcua.ledger import queries
from motcua.ledger.locks import safe_watermark
from motcua.ledger.statement import By, Statement, canonical, digest
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
    unit, book and period is refused: what was published stays said, changes show in the next one as adjustments.

    Raises :class:`Invalid` as :func:`queries.statement` does, and where the estimate is not of this period.
    """
    estimate = counted_to is not None and counted_to < end
    _refuse(unit, book, start, end, estimate, completes)
    # Before the figures are read: every act up to the watermark is then visible, and no later one is counted.
    watermark = safe_watermark()
    made = _statement_at(
        watermark, scope, unit=unit, book=book, start=start, end=end, by=by, chain=chained_from, counted_to=counted_to
    )
    text = canonical(made.as_dict())
    # Reports are numbered through the year; the counter's row is locked to the end, so it comes last.
    year = clock.today().year
    number = next_number(SERIES, dt.date(year, 1, 1))
    return Cutoff.objects.create(
        number=f"CS-{year}-{number:04d}",
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
    )


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
    if estimate:
        return
    earlier = Cutoff.objects.filter(unit=unit, book=book, start=start, end=end, kind=CutoffKind.OFFICIAL).first()
    if earlier is not None:
        raise Invalid(
            f"Kỳ này đã chốt chính thức ở {earlier.number}; thay đổi sau đó nằm ở «điều chỉnh kỳ trước» của kỳ sau.",
            code="already_frozen",
            field="end",
        )


def figures(frozen: Cutoff) -> dict[str, Any]:
    """The frozen statement, as :meth:`Statement.as_dict` gave it. No SQL."""
    return json.loads(frozen.figures)


def check(limit: int = 20) -> list[str]:
    """Frozen statements whose figures were changed, or which the journal no longer gives; in Vietnamese.

    Counts each anew as known at its watermark. About ten statements a cutoff.
    """
    found: list[str] = []
    doubled = Cutoff.objects.values("number").annotate(n=Count("id")).filter(n__gt=1)
    found += [f"số chốt {row['number']} có {row['n']} bản" for row in doubled]
    for frozen in Cutoff.objects.select_related("unit", "chained_from").order_by("pk"):
        if digest(frozen.figures) != frozen.digest:
            found.append(f"số liệu của bản chốt {frozen.number} đã bị sửa")
        elif _recounted(frozen) != _counted(figures(frozen)):
            found.append(f"bản chốt {frozen.number} không còn khớp với sổ")
        if len(found) >= limit:
            break
    return found


def _recounted(frozen: Cutoff) -> object:
    with clock.at(frozen.created_at):
        made = _statement_at(
            frozen.watermark,
            SYSTEM,
            unit=frozen.unit,
            book=frozen.book,
            start=frozen.start,
            end=frozen.end,
            by=cast(By, frozen.by),
            chain=frozen.chained_from,
            counted_to=frozen.counted_to,
        )
    return _counted(made.as_dict())


def _counted(plain: dict[str, Any]) -> object:
    """Figures by key; names, which may be corrected, and the order of lines left out."""
    return {line["key"]: line["figures"] for line in [*plain["lines"], plain["total"]]}
