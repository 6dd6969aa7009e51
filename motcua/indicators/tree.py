"""Whose records belong to which reporting unit, and which reporting units stand beneath one that consolidates.

Offices, service bodies and points report through the piece of the country (or the provincial department) they stand
beneath. A unit abolished within the window reports for the days it existed, in the line of whoever succeeded it; one
abolished before is counted with its successor.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from motcua.indicators.windows import Window
from motcua.ledger.coverage import cover
from motcua.org.models import Succession, SuccessionKind, Unit, UnitKind, UnitPlace
from motcua.org.queries import COMMUNE_KINDS, TERRITORIAL_KINDS, among

REPORTING_KINDS = TERRITORIAL_KINDS | {UnitKind.DEPARTMENT}
_FEW = 30


@dataclass(frozen=True, slots=True)
class Tree:
    """``reporters`` in order of their lines; ``home_of``: any unit → the reporter its records belong to; ``line_of``:
    reporter → the unit that names its line beneath ``root``. ``expected`` are those still there on the last day."""

    root: Unit
    reporters: tuple[Unit, ...]
    home_of: Mapping[int, int]
    line_of: Mapping[int, int]
    lines: tuple[Unit, ...]
    expected: frozenset[int]


def homes(units: Sequence[Unit], window: Window) -> dict[int, int]:
    """Units that stood beneath ``units`` within the window, with themselves → which of ``units`` they report through.

    One statement. What stands beneath another reporting unit is left out: that one speaks for itself.
    """
    asked = {unit.pk for unit in units}
    places = UnitPlace.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=window.first), valid_from__lte=window.last
    )
    if len(asked) <= _FEW:
        beneath = Q(pk__in=[])
        for pk in asked:
            beneath |= Q(path__contains=f"/{pk}/")
        places = places.filter(beneath)
    rows = list(places.order_by("valid_from", "pk").values_list("unit", "unit__kind", "path"))
    reporting = {unit for unit, kind, _ in rows if kind in REPORTING_KINDS} | asked
    found = {pk: pk for pk in asked}
    for unit, _, path in rows:
        home = next((step for step in reversed(_steps(path)) if step in reporting), None)
        if home in asked:
            found[unit] = home
        elif unit not in asked:
            found.pop(unit, None)
    return found


def tree(root: Unit, window: Window) -> Tree:
    """Everything consolidated into ``root`` for a window, across successions. A constant number of statements (≤ 8)."""
    day = max(window.last, root.valid_from)
    covered = cover([root], window.first, day)
    units = {unit.pk: unit for unit in Unit.objects.filter(among("pk", covered.unit_ids))}
    paths = _paths(units, window.last)
    successors = _successors(units, day)
    existing = {
        pk
        for pk, unit in units.items()
        if unit.kind in REPORTING_KINDS
        and unit.valid_from <= window.last
        and (unit.valid_to is None or unit.valid_to >= window.first)
    }
    if root.valid_from <= window.last:
        existing.add(root.pk)
    home_of: dict[int, int] = {}
    for pk in units:
        home = _home(pk, existing, paths, successors, root.pk)
        if home is not None:
            home_of[pk] = home
    shown = {pk: covered.line_of.get(_today(pk, units, successors, day), root.pk) for pk in existing}
    names = {line.unit.pk: line.unit for line in covered.lines}
    order = {pk: i for i, pk in enumerate(names)}
    reporters = sorted(
        (units[pk] for pk in existing),
        key=lambda u: (u != root, order.get(shown[u.pk], -1), u.pk != shown[u.pk], u.code, u.pk),
    )
    return Tree(
        root,
        tuple(reporters),
        home_of,
        shown,
        tuple(names.values()),
        frozenset(pk for pk in existing if (end := units[pk].valid_to) is None or end >= window.last),
    )


def levels(units: Iterable[int], day: dt.date) -> dict[int, str]:
    """province, district or commune: the level of the nearest piece of the country at or above each. Two statements."""
    paths = _paths(units, day)
    steps = {step for path in paths.values() for step in path}.union(units)
    kinds = dict(Unit.objects.filter(among("pk", steps)).values_list("pk", "kind"))
    found = {}
    for unit in units:
        line = reversed(paths.get(unit, [unit]))
        kind = next((kinds[step] for step in line if kinds[step] in TERRITORIAL_KINDS), kinds[unit])
        low = "commune" if kind in COMMUNE_KINDS else "district" if kind == UnitKind.DISTRICT else "province"
        found[unit] = low
    return found


def _steps(path: str) -> list[int]:
    return [int(i) for i in path.split("/") if i]


def _paths(units: Iterable[int], last: dt.date) -> dict[int, list[int]]:
    """Each unit's path in the last place that had begun by ``last``, else its first. One statement."""
    found: dict[int, list[int]] = {}
    rows = UnitPlace.objects.filter(among("unit", units)).order_by("valid_from", "pk")
    for unit, path, since in rows.values_list("unit", "path", "valid_from"):
        if unit not in found or since <= last:
            found[unit] = _steps(path)
    return found


def _successors(units: Iterable[int], day: dt.date) -> dict[int, int]:
    """Who took over each unit by ``day``, or what nobody else took. One statement."""
    rows = Succession.objects.filter(among("old", units), day__lte=day).exclude(kind=SuccessionKind.PART)
    return dict(rows.order_by("-day", "-pk").values_list("old", "new"))


def _today(pk: int, units: Mapping[int, Unit], successors: Mapping[int, int], day: dt.date) -> int:
    """What has become of a unit by ``day``: itself, or the last of its successors that is known here."""
    seen = set()
    while pk not in seen and pk in units and (end := units[pk].valid_to) is not None and end < day:
        seen.add(pk)
        pk = successors.get(pk, pk)
    return pk


def _home(
    pk: int, existing: set[int], paths: Mapping[int, list[int]], successors: Mapping[int, int], root: int
) -> int | None:
    seen = set()
    at: int | None = pk
    while at is not None and at not in seen:
        seen.add(at)
        home = next((step for step in reversed(paths.get(at, [at])) if step in existing), None)
        # An office abolished with its district goes where the district's successor is, not to the province above both.
        if home is not None and (home == at or at not in successors):
            return home
        at = successors.get(at)
    return root if root in existing else None
