"""Writes what published files and mapping files say into the tree; what is there stays, differences are shown.

Everything in one transaction: a file with an error changes nothing. Additions are written; changes to what is there
only when asked (``apply``), because figures already stand on it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from motcua.core.errors import NotFound
from motcua.org import queries, tree
from motcua.org.models import NOT_KNOWN_EARLIER, TWO_TIER_DAY, Succession, SuccessionKind, Unit, UnitPlace
from motcua.org.published import OLD_LAST_DAY, Key, Problems, Published, Row, read_rows

_BATCH = 2000
_BASIS = "NQ 202/2025/QH15 và các nghị quyết của UBTVQH ngày 16/6/2025"


def _no_progress(done: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do. ``written`` is false where changes wait for ``apply``."""

    added_units: int = 0
    added_links: int = 0
    changes: list[str] = field(default_factory=list)
    only_reported: list[str] = field(default_factory=list)
    written: bool = False

    @property
    def nothing_new(self) -> bool:
        """Whether all of it was there already."""
        return not (self.added_units or self.added_links or self.changes)


# ---- the published files --------------------------------------------------------------------------------------------


@transaction.atomic
def import_published(
    published: Published, *, apply: bool = False, progress: Callable[[int], None] = _no_progress
) -> Outcome:
    """Bring the tree to what the files say. About 500 statements for the whole country, a dozen where nothing is new.

    A unit ended, moved or renamed here by an act after its first day is left as it is. Raises :class:`Invalid` where a
    code is alive here under another first day.
    """
    outcome = Outcome()
    units = {(unit.code, unit.valid_from): unit for unit in Unit.objects.all()}
    places = {(place.unit_id, place.valid_from): place for place in UnitPlace.objects.all()}
    _refuse_clashes(published, units)
    fresh = [p for key, p in published.units.items() if key not in units]
    renamed, reparented = _unit_changes(published, units, places, outcome)
    outcome.added_units = len(fresh)
    new_links, replaced = _link_changes(published, units, outcome)
    outcome.added_links = len(new_links)
    outcome.only_reported = _vanished(published, units, places)
    if outcome.changes and not apply:
        return outcome
    outcome.written = not outcome.nothing_new
    _add_units(published, units, places, progress)
    for unit in renamed:
        unit.save(update_fields=["name", "kind", "valid_to"])
    for place, parent_key in reparented:
        _correct_place(place, units[parent_key] if parent_key else None, places)
    Succession.objects.filter(queries.among("old", replaced), day=TWO_TIER_DAY).delete()
    rows = [
        Succession(old=units[old], new=units[new], day=TWO_TIER_DAY, kind=kind, basis=_BASIS)
        for old, new, kind in new_links
    ]
    for start in range(0, len(rows), _BATCH):
        Succession.objects.bulk_create(rows[start : start + _BATCH])
        progress(len(rows[start : start + _BATCH]))
    return outcome


def _refuse_clashes(published: Published, units: dict[Key, Unit]) -> None:
    problems = Problems()
    by_code: dict[str, list[Unit]] = defaultdict(list)
    for unit in units.values():
        by_code[unit.code].append(unit)
    for (code, start), new in published.units.items():
        # what is here already came before whatever took the code over since
        for unit in by_code[code] if (code, start) not in units else ():
            apart = (unit.valid_to is not None and unit.valid_to < start) or (
                new.valid_to is not None and new.valid_to < unit.valid_from
            )
            if not apart:
                problems.add(f"mã {code} ({new.name}) đang là của {unit.name}, {queries.span(unit)}")
    problems.stop_if_any()


def _unit_changes(
    published: Published, units: dict[Key, Unit], places: dict[tuple[int, dt.date], UnitPlace], outcome: Outcome
) -> tuple[list[Unit], list[tuple[UnitPlace, Key | None]]]:
    """Units here whose name, kind, end or first superior the files give otherwise; notes them in ``outcome``."""
    renamed, reparented = [], []
    for key, new in published.units.items():
        unit = units.get(key)
        if unit is None:
            continue
        told = []
        if (unit.name, unit.kind) != (new.name, new.kind):
            told.append(f"{unit.name} ({unit.get_kind_display()}) → {new.name} ({new.kind.label})")
            unit.name, unit.kind = new.name, new.kind
        if unit.valid_to is None and new.valid_to is not None:
            told.append(f"{new.name} kết thúc hết ngày {new.valid_to:%d/%m/%Y}")
            unit.valid_to = new.valid_to
        if told:
            renamed.append(unit)
        place = places.get((unit.pk, key[1]))
        above = units.get(new.parent) if new.parent else None
        if place is not None and (place.parent_id != (above.pk if above else None) or (new.parent and not above)):
            name = published.units[new.parent].name if new.parent else "không có"
            told.append(f"{new.name}: cấp trên là {name}")
            reparented.append((place, new.parent))
        outcome.changes += [f"{key[0]}: {what}" for what in told]
    return renamed, reparented


def _link_changes(
    published: Published, units: dict[Key, Unit], outcome: Outcome
) -> tuple[list[tuple[Key, Key, SuccessionKind]], list[int]]:
    """Links to add, and ids of units whose links are to be replaced; notes the latter in ``outcome``."""
    names = {unit.pk: unit.name for unit in units.values()}
    here: dict[int, dict[int, str]] = defaultdict(dict)
    for link in Succession.objects.filter(territory__isnull=True):
        here[link.old_id][link.new_id] = link.kind
    add: list[tuple[Key, Key, SuccessionKind]] = []
    replaced: list[int] = []
    for old, targets in published.links.items():
        unit = units.get(old)
        has = here.get(unit.pk) if unit else None
        if unit is not None and unit.valid_to is not None and unit.valid_to < OLD_LAST_DAY:
            continue  # ended here by an earlier act: its work has gone another way
        wanted = {(units[new].pk if new in units else None): str(kind) for new, kind in targets.items()}
        if has and wanted != has and unit is not None:
            before = ", ".join(sorted(f"{names[i]} ({kind})" for i, kind in has.items()))
            after = ", ".join(sorted(f"{published.units[new].name} ({kind})" for new, kind in targets.items()))
            outcome.changes.append(f"{old[0]}: {unit.name} về {before} → {after}")
            replaced.append(unit.pk)
        elif has:
            continue
        add += [(old, new, kind) for new, kind in targets.items()]
    return add, replaced


def _vanished(published: Published, units: dict[Key, Unit], places: dict[tuple[int, dt.date], UnitPlace]) -> list[str]:
    """Units here, of the worlds and provinces of the files, that the files no longer name."""
    tops = {units[key].pk for key, p in published.units.items() if p.parent is None and key in units}
    found = []
    for key, unit in units.items():
        place = places.get((unit.pk, key[1]))
        if (
            key not in published.units
            and key[1] in (NOT_KNOWN_EARLIER, TWO_TIER_DAY)
            and unit.kind in queries.TERRITORIAL_KINDS
            and place is not None
            and int(place.path.split("/")[1]) in tops
        ):
            found.append(f"{unit.code}: {unit.name} không có trong tệp, giữ nguyên")
    return found


def _add_units(
    published: Published,
    units: dict[Key, Unit],
    places: dict[tuple[int, dt.date], UnitPlace],
    progress: Callable[[int], None],
) -> None:
    """Create what is missing, superiors first, with places; extends ``units`` and ``places``."""
    fresh = [
        Unit(code=p.key[0], valid_from=p.key[1], name=p.name, kind=p.kind, valid_to=p.valid_to)
        for key, p in published.units.items()
        if key not in units
    ]
    for start in range(0, len(fresh), _BATCH):
        for unit in Unit.objects.bulk_create(fresh[start : start + _BATCH]):
            units[unit.code, unit.valid_from] = unit
        progress(len(fresh[start : start + _BATCH]))
    paths = {unit_id: place.path for (unit_id, _), place in places.items()}
    rows = []
    for unit in fresh:
        key = published.units[unit.code, unit.valid_from].parent
        above = units[key] if key else None
        paths[unit.pk] = tree.path_under(paths[above.pk] if above else "", unit)
        rows.append(
            UnitPlace(unit=unit, parent=above, path=paths[unit.pk], valid_from=unit.valid_from, valid_to=unit.valid_to)
        )
    for start in range(0, len(rows), _BATCH):
        for place in UnitPlace.objects.bulk_create(rows[start : start + _BATCH]):
            places[place.unit_id, place.valid_from] = place
        progress(len(rows[start : start + _BATCH]))


def _correct_place(place: UnitPlace, parent: Unit | None, places: dict[tuple[int, dt.date], UnitPlace]) -> None:
    """Put a unit beneath another superior as if it had always stood there, with everything beneath it."""
    above = max(
        (p for (unit_id, _), p in places.items() if parent is not None and unit_id == parent.pk),
        key=lambda p: p.valid_from,
        default=None,
    )
    before, after = place.path, tree.path_under(above.path if above else "", place.unit)
    place.parent = parent
    moved = [p for p in places.values() if p.path.startswith(before)]
    for row in moved:
        row.path = after + row.path[len(before) :]
    UnitPlace.objects.bulk_update(moved, ["path", "parent"])


# ---- a mapping file: where the work of districts and offices went ----------------------------------------------------

MAPPING_COLUMNS = (
    "old_code",
    "new_code",
    "share",
    "territory_code",
    "by_territory",
    "day",
    "old_short_code",
    "basis",
)


@transaction.atomic
def import_mapping(path: Path, *, apply: bool = False) -> Outcome:
    """Read a mapping file (``data/README.md``) and write its successions, also for the offices beneath each old unit.

    Three or so statements a line. Raises :class:`Invalid` naming every broken line; nothing is written then.
    """
    problems = Problems()
    read = [found for row in read_rows(path, MAPPING_COLUMNS) if (found := _mapped(row, problems))]
    problems.stop_if_any()
    groups: dict[int, list[tuple[Row, Succession]]] = defaultdict(list)
    for row, link in read:
        groups[link.old_id].append((row, link))
    for group in groups.values():
        _check_group(group, problems)
    problems.stop_if_any()

    outcome = Outcome()
    wanted: list[Succession] = [link for group in groups.values() for _, link in group]
    coded: list[Unit] = []
    for group in groups.values():
        links = [link for _, link in group]
        old = links[0].old
        for body in tree.bodies(old, tree.beneath([old], links[0].day - tree.ONE_DAY)):
            if body.pk not in groups and body.valid_to == old.valid_to:
                wanted += tree.copies(links, body)
        short = group[0][0]["old_short_code"].upper()
        if short and short != old.short_code:
            outcome.changes += [f"{old.name}: mã ngắn {old.short_code} → {short}"] if old.short_code else []
            old.short_code = short
            coded.append(old)
    add, remove = _mapping_changes(wanted, outcome)
    outcome.added_links = len(add)
    if outcome.changes and not apply:
        return outcome
    outcome.written = bool(add or coded)
    for unit in coded:
        unit.save(update_fields=["short_code"])
    Succession.objects.filter(queries.among("old", remove)).delete()
    Succession.objects.bulk_create(add)
    return outcome


def _mapped(row: Row, problems: Problems) -> tuple[Row, Succession] | None:
    """The succession one line describes; what is wrong with the line goes to ``problems``."""
    try:
        day = dt.date.fromisoformat(row["day"])
        eve = day - tree.ONE_DAY
    except (ValueError, OverflowError):
        problems.add(row.says(f"day «{row['day'][:40]}» phải là ngày dạng 2025-07-01"))
        return None
    share, by_territory = row["share"], bool(row["by_territory"])
    try:
        kind = SuccessionKind(share)
        old = queries.unit_by_code(row["old_code"], eve)
        new = queries.unit_by_code(row["new_code"], day)
        territory = queries.unit_by_code(row["territory_code"], eve) if row["territory_code"] else None
    except NotFound as error:
        problems.add(row.says(error.message))
        return None
    except ValueError:
        problems.add(row.says(f"share «{share[:40]}» phải là whole, default hoặc part"))
        return None
    if by_territory and row["by_territory"].lower() != "x":
        problems.add(row.says("by_territory chỉ để trống hoặc ghi x"))
    elif old.valid_to != eve:
        problems.add(row.says(f"{old.name} không kết thúc hết ngày {eve:%d/%m/%Y} ({queries.span(old)})"))
    elif old.pk == new.pk:
        problems.add(row.says("đơn vị cũ và đơn vị mới là một"))
    elif territory is not None and kind != SuccessionKind.PART:
        problems.add(row.says("territory_code chỉ dùng với share là part"))
    elif by_territory and kind == SuccessionKind.PART:
        problems.add(row.says("by_territory chỉ dùng với share là whole hoặc default"))
    elif len(row["basis"]) > 200 or len(row["old_short_code"]) > 20:
        problems.add(row.says("basis dài quá 200 chữ hoặc old_short_code dài quá 20 chữ"))
    else:
        link = Succession(
            old=old,
            new=new,
            day=day,
            kind=kind,
            territory=territory,
            by_territory=by_territory,
            basis=row["basis"],
        )
        return row, link
    return None


def _check_group(group: Sequence[tuple[Row, Succession]], problems: Problems) -> None:
    """All lines of one old unit together: one whole, or one default with its parts, none twice."""
    row, first = group[0]
    kinds = [link.kind for _, link in group]
    rest = len(kinds) - kinds.count(SuccessionKind.PART)
    if rest != 1 or (SuccessionKind.WHOLE in kinds and len(kinds) > 1):
        problems.add(row.says(f"{first.old.name} phải có đúng một dòng whole, hoặc một dòng default và các dòng part"))
    seen: set[tuple[int, int | None]] = set()
    for row, link in group:
        key = (0, link.territory_id) if link.territory_id else (link.new_id, None)
        if key in seen:
            problems.add(row.says(f"{first.old.name}: dòng này trùng đơn vị nhận hoặc địa bàn với dòng trước"))
        seen.add(key)


def _mapping_changes(wanted: Sequence[Succession], outcome: Outcome) -> tuple[list[Succession], list[int]]:
    """Which rows to add, and whose to take away first; notes in ``outcome`` what would be replaced. Two statements."""

    def facts(link: Succession) -> tuple[object, ...]:
        return (link.new_id, link.day, str(link.kind), link.territory_id, link.by_territory)

    here: dict[int, list[Succession]] = defaultdict(list)
    olds = {link.old_id: link.old for link in wanted}
    names = dict(Unit.objects.filter(queries.among("pk", {k.new_id for k in wanted})).values_list("pk", "name"))
    for link in Succession.objects.filter(queries.among("old", olds)).select_related("new"):
        here[link.old_id].append(link)
    add: list[Succession] = []
    remove: list[int] = []
    for old_id, old in olds.items():
        mine = [link for link in wanted if link.old_id == old_id]
        if {facts(link) for link in mine} == {facts(link) for link in here[old_id]}:
            continue
        if here[old_id]:
            before = ", ".join(sorted(f"{link.new.name} ({link.kind})" for link in here[old_id]))
            after = ", ".join(sorted(f"{names[link.new_id]} ({link.kind})" for link in mine))
            outcome.changes.append(f"{old.code}: {old.name} về {before} → {after}")
            remove.append(old_id)
        add += mine
    return add, remove
