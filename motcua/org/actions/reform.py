"""Units merged, split, abolished on a date. What ended keeps its key; its work goes on elsewhere.

``day`` is the first day of the new state; the old one lasts to the day before. It may lie in the past (a decision
entered late) or in the future. Offices and other bodies end with the unit they belong to and their work goes where its
work goes; communes beneath it live on beneath its successor. People's duties end with the unit and are granted anew.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from motcua.core.errors import Invalid
from motcua.core.verbs import verb
from motcua.org import queries, tree
from motcua.org.actions.authority import Actor, require_admin, typed
from motcua.org.actions.founding import (
    NewUnit,
    check_level,
    ending,
    found,
    known_kind,
    last_place,
    places_from,
    refuse_if_spoken_for,
)
from motcua.org.models import Succession, SuccessionKind, Unit, UnitPlace
from motcua.org.queries import TERRITORIAL_KINDS
from motcua.org.tree import ONE_DAY


@dataclass(frozen=True, slots=True)
class Part:
    """One receiver of a split: a unit that exists or is founded by it, and the territories whose work it takes."""

    into: "Unit | NewUnit"
    default: bool = False
    territories: tuple[Unit, ...] = ()


@verb
def merge(
    *,
    actor: Actor,
    units: Sequence[Unit],
    day: dt.date,
    into: "Unit | NewUnit",
    parent: Unit | None = None,
    basis: str = "",
) -> Unit:
    """From ``day`` the units are one: a new one, or one that exists and takes the others in. Returns that unit.

    A new unit stands beneath ``parent``, by default where the first of them stood. By an administrator of all of them.
    """
    if len({unit.pk for unit in units}) != len(units) or len(units) < (2 if isinstance(into, NewUnit) else 1):
        raise Invalid("Hãy chọn ít nhất hai đơn vị khác nhau để sáp nhập.", code="units", field="units")
    require_admin(actor, [*units, *([into] if isinstance(into, Unit) else []), *([parent] if parent else [])])
    olds = ending(units, day)
    ends = _close_with_bodies(olds, day)
    new = _receiver(into, parent or last_place(olds[0], day).parent, day, ends)
    decision = typed(Succession, "basis", basis)
    links = [Succession(old=old, new=new, day=day, kind=SuccessionKind.WHOLE, basis=decision) for old in olds]
    _pass_on(ends, links, day, lambda territory, old: new)
    return new


@verb
def split(
    *,
    actor: Actor,
    unit: Unit,
    day: dt.date,
    parts: Sequence[Part],
    by_territory: bool = False,
    parent: Unit | None = None,
    basis: str = "",
) -> Unit:
    """From ``day`` the unit is several, one of them the default: it takes what no other part is named for.

    A part is named for the work of its ``territories`` (communes beneath, which then stand beneath it); one without
    takes no pending work by itself. With ``by_territory`` other work goes to what became of the applicant's commune. By
    an administrator of the unit and of existing receivers. Returns the unit that ended.
    """
    existing = [part.into for part in parts if isinstance(part.into, Unit)]
    require_admin(actor, [unit, *existing, *([parent] if parent else [])])
    if len(parts) < 2 or sum(part.default for part in parts) != 1:
        raise Invalid(
            "Chia tách cần ít nhất hai phần, trong đó đúng một phần nhận việc còn lại.", code="parts", field="parts"
        )
    named = [territory.pk for part in parts for territory in part.territories]
    if len(set(named)) != len(named) or len({u.pk for u in existing}) != len(existing):
        raise Invalid("Một địa bàn hoặc một đơn vị nhận được nêu hai lần.", code="parts", field="parts")
    (old,) = ending([unit], day)
    place = last_place(old, day)
    _check_territories(old, place, named, day)
    ends = _close_with_bodies([old], day)
    decision = typed(Succession, "basis", basis)
    links: list[Succession] = []
    goes_to: dict[int, Unit] = {}
    rest: Unit | None = None
    for part in parts:
        new = _receiver(part.into, parent or place.parent, day, ends)
        goes_to |= {territory.pk: new for territory in part.territories}
        if part.default:
            rest = new
            links.append(
                Succession(
                    old=old, new=new, day=day, kind=SuccessionKind.DEFAULT, by_territory=by_territory, basis=decision
                )
            )
        else:
            links += [
                Succession(old=old, new=new, day=day, kind=SuccessionKind.PART, territory=territory, basis=decision)
                for territory in part.territories or (None,)
            ]
    _pass_on(ends, links, day, lambda territory, _old: goes_to.get(territory.pk, rest))
    return old


@verb
def abolish(
    *,
    actor: Actor,
    unit: Unit,
    day: dt.date,
    successor: Unit | None = None,
    by_territory: bool = False,
    basis: str = "",
) -> Unit:
    """From ``day`` the unit is no more. Communes beneath it then stand beneath its superior. Returns the unit.

    Its work goes to ``successor``; with ``by_territory`` to the applicant's commune, if that lay in the unit, and only
    else to ``successor``. Without one, pending work stays on the ended unit's books, where every statement shows it.
    """
    require_admin(actor, [unit, *([successor] if successor else [])])
    if by_territory and successor is None:
        raise Invalid("Chuyển việc theo địa bàn cần một đơn vị nhận việc còn lại.", code="required", field="successor")
    (old,) = ending([unit], day)
    above = last_place(old, day).parent
    ends = _close_with_bodies([old], day)
    links: list[Succession] = []
    if successor is not None:
        new = _receiver(successor, None, day, ends)
        kind = SuccessionKind.DEFAULT if by_territory else SuccessionKind.WHOLE
        decision = typed(Succession, "basis", basis)
        links.append(Succession(old=old, new=new, day=day, kind=kind, by_territory=by_territory, basis=decision))
    _pass_on(ends, links, day, lambda territory, _old: above)
    return old


# ---- what they are made of ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Ends:
    """Units that end, with what stood beneath each and the bodies that end with it."""

    olds: list[Unit]
    below: list[UnitPlace]
    bodies: dict[int, list[Unit]]

    def has(self, unit: Unit) -> bool:
        """Whether the unit is among those that end."""
        return any(unit.pk == gone.pk for old in self.olds for gone in (old, *self.bodies[old.pk]))


def _close_with_bodies(olds: list[Unit], day: dt.date) -> _Ends:
    """End units and the bodies of each. Four statements."""
    below = tree.going_on(tree.beneath(olds, day - ONE_DAY), day)
    if any(place.unit_id == old.pk for place in below for old in olds):
        raise Invalid("Trong các đơn vị đã chọn có đơn vị này nằm dưới đơn vị kia.", code="nested", field="units")
    bodies = {old.pk: tree.bodies(old, [p for p in below if f"/{old.pk}/" in p.path]) for old in olds}
    ends = _Ends(olds, below, bodies)
    ending_too = [body for old in olds for body in bodies[old.pk]]
    refuse_if_spoken_for(ending_too, day)
    tree.close([*olds, *ending_too], day - ONE_DAY)
    return ends


def _receiver(into: "Unit | NewUnit", parent: Unit | None, day: dt.date, ends: _Ends) -> Unit:
    """The unit that takes over: founded now, or one alive on ``day`` that does not itself end. Five statements."""
    if isinstance(into, NewUnit):
        return found(into, day, None, parent, places_from(parent, day))
    if ends.has(into):
        raise Invalid(f"{into.name} cũng kết thúc trong việc sắp xếp này.", code="cycle", field="into")
    places_from(into, day)
    return into


def _pass_on(ends: _Ends, links: list[Succession], day: dt.date, superior: Callable[[Unit, Unit], Unit | None]) -> None:
    """Write the successions, of bodies too, and put territorial units beneath their new superior. Four statements."""
    for old in ends.olds:
        mine = [link for link in links if link.old_id == old.pk]
        links = links + [copy for body in ends.bodies[old.pk] for copy in tree.copies(mine, body)]
    Succession.objects.bulk_create(links)
    tops = [
        (place, superior(place.unit, old))
        for old in ends.olds
        for place in ends.below
        if place.parent_id == old.pk and place.unit.kind in TERRITORIAL_KINDS
    ]
    parents = {above.pk for _, above in tops if above is not None}
    paths = dict(
        UnitPlace.objects.filter(queries.alive_on(day), unit__in=parents).values_list("unit", "path") if parents else []
    )
    for place, above in tops:
        check_level(above.kind if above else None, known_kind(place.unit.kind))
    if tops:
        moved = [(place, above, paths[above.pk] if above else "") for place, above in tops]
        tree.resettle(moved, ends.below, day)


def _check_territories(old: Unit, place: UnitPlace, named: Sequence[int], day: dt.date) -> None:
    """Territories of parts are territorial units that stood, the day before, in the unit's ground. Two statements."""
    if not named:
        return
    line = [int(i) for i in place.path.split("/") if i]
    kinds = dict(Unit.objects.filter(pk__in=line).values_list("pk", "kind"))
    ground = next((i for i in reversed(line) if kinds[i] in TERRITORIAL_KINDS), old.pk)
    inside = UnitPlace.objects.filter(
        queries.alive_on(day - ONE_DAY),
        unit__in=named,
        unit__kind__in=TERRITORIAL_KINDS,
        path__contains=f"/{ground}/",
    ).values_list("unit", flat=True)
    if set(inside) != set(named):
        raise Invalid(f"Có địa bàn không thuộc {old.name} vào ngày trước đó.", code="territory", field="parts")
