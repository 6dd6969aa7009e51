"""Which units a statement counts, and in which line each is counted."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, When

from motcua.core import text
from motcua.core.errors import Invalid, NotFound
from motcua.ledger.statement import Regrouped
from motcua.org.models import Succession, SuccessionKind, Unit, UnitKind, UnitPlace
from motcua.org.queries import COMMUNE_KINDS, PROVINCE_KINDS, TERRITORIAL_KINDS, among

# The same names, statement after statement.
_sort_key = lru_cache(maxsize=20_000)(text.sort_key)

# A unit abolished without successor left its pending work on its own books; nobody else will ever show it.
_LEFT_BEHIND = Q(valid_to=F("unit__valid_to")) & ~Exists(Succession.objects.filter(old=OuterRef("unit")))

PROVINCE_LEVEL, DISTRICT_LEVEL, COMMUNE_LEVEL = "Cấp tỉnh", "Cấp huyện", "Cấp xã"


@dataclass(frozen=True, slots=True)
class Covered:
    """One line of units: ``unit`` names it, ``unit_ids`` are counted in it."""

    unit: Unit
    level: str
    unit_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The lines of a statement by unit; no unit is in two of them."""

    lines: tuple[Covered, ...]
    unit_ids: frozenset[int]
    line_of: Mapping[int, int]  # unit id -> id of the unit that names its line
    regrouped: tuple[Regrouped, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a unit stood, from the top; ``left``: it ended there without a successor."""

    path: list[int]
    since: dt.date
    until: dt.date | None
    left: bool


def cover(units: Sequence[Unit], start: dt.date, end: dt.date, *, lines: bool = True) -> Coverage:
    """The units meant by ``units`` from ``start`` to ``end``. At most five statements.

    A unit means it with all beneath it on those days, and those that ended without a successor beneath one it
    succeeded: their pending work has nowhere else to be shown. A unit that changed its superior meanwhile is counted by
    the later one alone, for the whole period, and named in ``regrouped`` with the earlier one. A province also means
    everything it succeeded. One unit gives a line for each unit directly beneath it and one for itself; several give a
    line each; without ``lines`` only the set of units is wanted. Raises :class:`Invalid` where one of several lies
    beneath another.
    """
    if not units:
        raise NotFound("Chưa chọn đơn vị nào.", code="no_unit", field="unit")
    roots = {unit.pk: unit.pk for unit in units}
    provinces = [unit.pk for unit in units if unit.kind in PROVINCE_KINDS]
    if provinces:
        _add_predecessors(roots, _links(roots, end))
    places = _places(roots, end)
    paths = _paths(places, None if provinces else start)
    own = {unit.pk for unit in units}
    line_of: dict[int, int] = {}
    for unit_id, path in paths.items():
        line = _line_in(path, roots, several=len(units) > 1)
        if line is None:
            continue
        line_of[unit_id] = line
        if len(units) > 1:
            _refuse_nested(path, roots, own, units)
    for root, named in roots.items():
        line_of.setdefault(root, named if len(units) > 1 else root)
    if provinces:
        # A commune from across an old border stood beneath none of the roots.
        _add_predecessors(line_of, _links(line_of, end))
    else:
        _add_left_behind(line_of, paths, places, end)
    moved = _moved(places, roots, start, several=len(units) > 1)
    return _lines(line_of, paths, own, moved, wanted=lines)


def recalled(
    lines: Mapping[str, Iterable[int]],
    unit_ids: Iterable[int],
    levels: Mapping[str, str],
    regrouped: Sequence[Regrouped] = (),
) -> Coverage:
    """The units a frozen statement counted, whatever has become of the tree: line key -> unit ids. One statement."""
    codes = {key.partition("@")[0] for key in lines}
    named = {unit.key: unit for unit in Unit.objects.filter(code__in=sorted(codes))} if codes else {}
    kept = [Covered(named[key], levels.get(key, ""), frozenset(ids)) for key, ids in lines.items() if key in named]
    # Units in no line had nothing to say; should they have something now, the total shows it and its lines do not.
    line_of = dict.fromkeys(unit_ids, 0) | {unit_id: line.unit.pk for line in kept for unit_id in line.unit_ids}
    return Coverage(tuple(kept), frozenset(unit_ids), line_of, tuple(regrouped))


def narrowed(found: Coverage, unit_ids: Iterable[int], root: Unit) -> Coverage:
    """The same lines over exactly these units: what has left its line since is counted in that of ``root``. Pure."""
    wanted = frozenset(unit_ids)
    line_of = {unit_id: found.line_of.get(unit_id, root.pk) for unit_id in wanted}
    kept = {line.unit.pk: line for line in found.lines}
    kept.setdefault(root.pk, Covered(root, "", frozenset()))
    lines = [
        replace(line, unit_ids=frozenset(unit_id for unit_id, named in line_of.items() if named == pk))
        for pk, line in kept.items()
    ]
    return Coverage(tuple(lines), wanted, line_of, found.regrouped)


def _links(units: Iterable[int], end: dt.date) -> list[tuple[int, int]]:
    """Successions by ``end`` through which these units, and those before them, hold what they hold: (new, old).

    A unit that was split goes to whoever took what nobody else did; its parts are no predecessors of anybody. One
    statement.
    """
    seeds = ", ".join(str(int(unit)) for unit in sorted(units)) or "NULL"
    whole = f"s.new_id = held.id AND s.kind <> '{SuccessionKind.PART}' AND s.day <= %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE held(id) AS (SELECT id FROM org_unit WHERE id IN ({seeds}) "  # noqa: S608
            f"UNION SELECT s.old_id FROM held CROSS JOIN org_succession s WHERE {whole}) "
            f"SELECT s.new_id, s.old_id FROM held CROSS JOIN org_succession s WHERE {whole} ORDER BY s.id",
            [connection.ops.adapt_datefield_value(end)] * 2,
        )
        return cursor.fetchall()


def _add_predecessors(held: dict[int, int], links: Iterable[tuple[int, int]]) -> None:
    """Let every predecessor be counted where its successor is; an old unit shared by two goes to the first."""
    old_of: dict[int, list[int]] = {}
    for new, old in links:
        old_of.setdefault(new, []).append(old)
    waiting = list(held)
    while waiting:
        new = waiting.pop()
        for old in old_of.get(new, ()):
            if old not in held:
                held[old] = held[new]
                waiting.append(old)


def _add_left_behind(
    line_of: dict[int, int], paths: dict[int, list[int]], places: Mapping[int, Sequence[_Place]], end: dt.date
) -> None:
    """Count units that ended without a successor where what they stood beneath has gone. One statement.

    A commune abolished beneath a district keeps its pending work on its own books; when the district in its turn is
    merged into another unit, that unit is the one above it.
    """
    held = dict(line_of)
    _add_predecessors(held, _links(line_of, end))
    gone = held.keys() - line_of.keys()
    for unit_id, stood in places.items() if gone else ():
        last = stood[-1]
        if not last.left or last.until is None or last.until > end or unit_id in line_of:
            continue
        above = next((step for step in reversed(last.path[:-1]) if step in gone), None)
        if above is not None:
            line_of[unit_id] = held[above]
            paths[unit_id] = last.path


def _places(roots: Iterable[int], end: dt.date) -> dict[int, list[_Place]]:
    """Every place by ``end``, the earliest first, of each unit that ever stood beneath the roots, and of all that ended
    without a successor. One statement.
    """
    roots = list(roots)
    rows = UnitPlace.objects.filter(valid_from__lte=end).annotate(
        left=Case(When(_LEFT_BEHIND, then=True), default=False)
    )
    if len(roots) <= 30:
        beneath = Q(unit__in=roots)
        for root in roots:
            beneath |= Q(path__contains=f"/{root}/")
        here = UnitPlace.objects.filter(beneath, valid_from__lte=end).values("unit")
        # Few ended without a successor: found once, not asked of every place there is.
        left = Unit.objects.filter(valid_to__isnull=False).exclude(pk__in=Succession.objects.values("old"))
        rows = rows.filter(unit__in=here.union(left.values("pk")))
    # a country: everything is read, once
    found: dict[int, list[_Place]] = {}
    told = rows.order_by("valid_from", "pk").values_list("unit", "path", "valid_from", "valid_to", "left")
    for unit_id, path, since, until, left in told:
        steps = [int(i) for i in path.split("/") if i]
        found.setdefault(unit_id, []).append(_Place(steps, since, until, bool(left)))
    return found


def _paths(places: Mapping[int, Sequence[_Place]], start: dt.date | None) -> dict[int, list[int]]:
    """Each unit's path from the top in its last place; with ``start``, only of units in place since then, and of those
    that ended in that place earlier, without a successor. Whoever counts a unit, counts it alone.
    """
    found = {}
    for unit_id, stood in places.items():
        last = stood[-1]
        if start is None or last.until is None or last.until >= start or last.left:
            found[unit_id] = last.path
    return found


def _line_in(path: Sequence[int], roots: Mapping[int, int], *, several: bool) -> int | None:
    """Which line a unit with this path is counted in; None if it stands beneath none of the roots."""
    depth = next((i for i, step in enumerate(path) if step in roots), None)
    if depth is None:
        return None
    if several:
        return roots[path[depth]]
    return path[depth + 1] if depth + 1 < len(path) else path[depth]


def _moved(
    places: Mapping[int, Sequence[_Place]], roots: Mapping[int, int], start: dt.date, *, several: bool
) -> list[tuple[int, dt.date, int, int]]:
    """(unit, day, earlier superior, later one) of units that came, left or changed their line after ``start``.

    What stands beneath a moved unit moves with it and is not named again.
    """
    found: dict[int, tuple[int, dt.date, int, int]] = {}
    for unit_id, stood in places.items():
        before, last = (stood[-2], stood[-1]) if len(stood) > 1 else (None, stood[-1])
        if before is None or last.since <= start or len(before.path) < 2 or len(last.path) < 2:
            continue
        lines = [_line_in(each.path, roots, several=several) for each in (before, last)]
        if lines[0] != lines[1] and before.path[-2] != last.path[-2]:
            found[unit_id] = (unit_id, last.since, before.path[-2], last.path[-2])
    return list(found.values())


def _refuse_nested(path: Sequence[int], roots: Mapping[int, int], own: set[int], units: Sequence[Unit]) -> None:
    root = next(i for i, step in enumerate(path) if step in roots)
    for step in path[root + 1 :]:
        if step in own:
            name = next(unit.name for unit in units if unit.pk == step)
            raise Invalid(
                f"«{name}» đã nằm trong một đơn vị khác của danh sách; mỗi đơn vị chỉ được tính một lần.",
                code="units_overlap",
                field="unit",
            )


def _lines(
    line_of: dict[int, int],
    paths: dict[int, list[int]],
    own: set[int],
    moved: Sequence[tuple[int, dt.date, int, int]],
    *,
    wanted: bool,
) -> Coverage:
    members: dict[int, set[int]] = {}
    for unit_id, line in line_of.items() if wanted else ():
        members.setdefault(line, set()).add(unit_id)
    above = {step for line in members for step in paths.get(line, [])}
    named = {pk for unit, _, earlier, later in moved for pk in (unit, earlier, later)}
    ids = above | set(members) | named
    units = {unit.pk: unit for unit in Unit.objects.filter(among("pk", ids))} if ids else {}
    lines = [Covered(units[line], _level(line, paths, units), frozenset(ids)) for line, ids in members.items()]
    order = [PROVINCE_LEVEL, DISTRICT_LEVEL, COMMUNE_LEVEL]
    lines.sort(
        key=lambda c: (order.index(c.level), c.unit.pk not in own, _sort_key(c.unit.name), c.unit.code, c.unit.pk)
    )
    regrouped = [
        Regrouped(units[unit].name, day, units[earlier].name, units[later].name) for unit, day, earlier, later in moved
    ]
    regrouped.sort(key=lambda each: (each.day, _sort_key(each.name)))
    return Coverage(tuple(lines), frozenset(line_of), line_of, tuple(regrouped))


def _level(unit_id: int, paths: dict[int, list[int]], units: dict[int, Unit]) -> str:
    """The level of government a unit belongs to: its own, or that of the territory it serves."""
    kind = units[unit_id].kind
    for step in reversed(paths.get(unit_id, [unit_id])):
        if step in units and units[step].kind in TERRITORIAL_KINDS:
            kind = units[step].kind
            break
    if kind in COMMUNE_KINDS:
        return COMMUNE_LEVEL
    return DISTRICT_LEVEL if kind == UnitKind.DISTRICT else PROVINCE_LEVEL
