"""Chốt số liệu: writing the figures of a report down as known at one watermark. Called inside the act's transaction."""

import datetime as dt

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.verbs import part_of
from motcua.ledger import freeze as ledger_freeze
from motcua.ledger.locks import safe_watermark
from motcua.ledger.totals_models import Cutoff, CutoffKind
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.reports import compiling, flow, types
from motcua.reports.models import Cut, FrozenFigure, Report


def freeze(row: Report, kind: types.Type, actor: User, *, completes: Cut | None) -> Cut:
    """Freeze every figure of a locked report as known now; an estimate before its last day. About 110 statements.

    :class:`Invalid` before its first day.
    """
    today = clock.today()
    if today < row.first:
        raise Invalid(f"Kỳ này bắt đầu ngày {row.first:%d/%m/%Y}; chưa có gì để chốt.", code="too_early")
    official = flow.official(row.last, today)
    scope = Scope(actor.pk, today, frozenset({row.unit_id}))
    statement = _statement(row, kind, scope, actor, official=official) if kind.statement else None
    # Before the figures are read: every act up to the watermark is then visible, and no later one is counted. Beside a
    # frozen statement they are read as it was known, so that annex and form cannot say two things.
    watermark = statement.watermark if statement else safe_watermark()
    figures_now = compiling.compiled(scope, kind, row.unit, compiling.window_of(row), known_at=watermark)
    made = Cut(
        report=row,
        n=1 + row.cuts.count(),
        kind=Cut.Kind.OFFICIAL if official else Cut.Kind.ESTIMATE,
        counted_to=row.last if official else today,
        watermark=watermark,
        completes=completes,
        statement=statement,
        at=clock.now(),
        by=actor,
    )
    rows = compiling.rows_of(made, row.unit, figures_now)
    made.digest = compiling.seal_of_all(rows)
    made.save()
    for each in rows:
        each.cut = made
    FrozenFigure.objects.bulk_create(rows, batch_size=50)
    return made


def _statement(row: Report, kind: types.Type, scope: Scope, actor: User, *, official: bool) -> Cutoff:
    """The ledger's own frozen statement of the same days: the one that is there, or a new one."""
    kept = Cutoff.objects.filter(unit=row.unit, book="dossier", start=row.first, end=row.last).order_by("-pk")
    done = next((each for each in kept if each.kind == CutoffKind.OFFICIAL), None)
    if done is not None:
        return done
    before = Cutoff.objects.filter(
        unit=row.unit, book="dossier", end=row.first - dt.timedelta(days=1), kind=CutoffKind.OFFICIAL
    ).first()
    return part_of(
        ledger_freeze.freeze,
        scope=scope,
        unit=row.unit,
        book="dossier",
        start=row.first,
        end=row.last,
        by="field",
        actor=actor,
        chained_from=before,
        counted_to=None if official else clock.today(),
        completes=next(iter(kept), None) if official else None,
    )


__all__ = ["freeze"]
