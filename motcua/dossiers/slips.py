"""What can be asked of reserved slips and of what may be entered late."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from motcua.core.errors import NotFound
from motcua.dossiers.counter_models import Slip, SlipRun
from motcua.dossiers.models import CatchUpWindow
from motcua.org.queries import Scope, among


def runs(scope: Scope) -> QuerySet[SlipRun]:
    """The runs of the scope's units, newest day first, each with ``used``, ``spoilt`` and ``left``; not yet read."""
    free = Q(slips__dossier__isnull=True, slips__spoiled="")
    return scope.filter(
        SlipRun.objects.select_related("unit", "actor").annotate(
            used=Count("slips", filter=Q(slips__dossier__isnull=False)),
            spoilt=Count("slips", filter=~Q(slips__spoiled="")),
            left=Count("slips", filter=free),
        )
    ).order_by("-day", "-pk")


@dataclass(frozen=True)
class RunSheet:
    """One run with its slips in order."""

    run: SlipRun
    slips: list[Slip]


def run_sheet(scope: Scope, pk: int) -> RunSheet:
    """One run; NotFound outside the scope. Two statements."""
    run = runs(scope).filter(pk=pk).first()
    if run is None:
        raise NotFound("Không có đợt phiếu này trong phạm vi của bạn.")
    slips = run.slips.select_related("dossier__applicant", "spoiled_by").order_by("number")
    return RunSheet(run, list(slips))


def free_slips(units: Iterable[int], today: dt.date) -> list[Slip]:
    """Slips of days up to today that no dossier has used, oldest day first: what may still have to be entered. One
    statement, at most 400 slips."""
    rows = Slip.objects.filter(among("run__unit", list(units)), run__day__lte=today, dossier__isnull=True, spoiled="")
    return list(rows.select_related("run__unit").order_by("run__day", "run__unit_id", "number")[:400])


def open_windows(units: Iterable[int], now: dt.datetime) -> list[CatchUpWindow]:
    """The catch-up windows of these units in which something may be entered now. One statement."""
    rows = CatchUpWindow.objects.filter(among("unit", list(units)), enter_until__gte=now)
    return list(rows.select_related("unit", "approved_by").order_by("done_from"))
