"""The tree as rows: what stands beneath a unit, and how places are opened and closed. For actions and the importer."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Q

from motcua.core.errors import IllegalAct
from motcua.org.models import Succession, Unit, UnitPlace
from motcua.org.queries import TERRITORIAL_KINDS, alive_on, among

ONE_DAY = dt.timedelta(days=1)


def path_under(parent_path: str, unit: Unit) -> str:
    """The path of a unit beneath a parent's path (``""`` for none). No SQL."""
    return f"{parent_path or '/'}{unit.pk}/"


def place_of(unit: Unit, day: dt.date) -> UnitPlace | None:
    """Where the unit stands on a day. One statement."""
    return UnitPlace.objects.filter(alive_on(day), unit=unit).first()


def beneath(units: Sequence[Unit], day: dt.date) -> list[UnitPlace]:
    """The places of all that stands beneath some units on a day, superiors first. One statement."""
    paths = Q()
    for unit in units:
        paths |= Q(path__contains=f"/{unit.pk}/") & ~Q(unit=unit)
    found = UnitPlace.objects.filter(alive_on(day), paths)
    return sorted(found.select_related("unit"), key=lambda place: (place.path.count("/"), place.path))


def bodies(unit: Unit, places: Sequence[UnitPlace]) -> list[Unit]:
    """Of what stands beneath a unit, the offices and other bodies that are its own, not its communes'. No SQL.

    ``places`` as :func:`beneath` gives them.
    """
    kinds = {place.unit_id: place.unit.kind for place in places}
    own = []
    for place in places:
        line = [int(i) for i in place.path.split("/") if i]
        between = line[line.index(unit.pk) + 1 :]
        if not any(kinds[i] in TERRITORIAL_KINDS for i in between):
            own.append(place.unit)
    return own


def going_on(places: Iterable[UnitPlace], day: dt.date) -> list[UnitPlace]:
    """Those that do not themselves end before ``day``. No SQL."""
    return [place for place in places if place.valid_to is None or place.valid_to >= day]


def close(units: Iterable[Unit], last_day: dt.date) -> None:
    """Let units end after ``last_day``, and their places with them. Two statements; the caller has checked them."""
    listed = list(units)
    ids = [unit.pk for unit in listed]
    Unit.objects.filter(among("pk", ids)).update(valid_to=last_day)
    UnitPlace.objects.filter(alive_on(last_day), among("unit", ids)).update(valid_to=last_day)
    for unit in listed:
        unit.valid_to = last_day


def settle(unit: Unit, parent_path: str, parent: Unit | None) -> UnitPlace:
    """Give a new unit its place beneath ``parent`` for all its days. One statement."""
    return UnitPlace.objects.create(
        unit=unit,
        parent=parent,
        path=path_under(parent_path, unit),
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
    )


def resettle(tops: Sequence[tuple[UnitPlace, Unit | None, str]], places: Sequence[UnitPlace], day: dt.date) -> None:
    """Move units with all beneath them, from ``day`` on. Two statements, whatever their number.

    ``tops`` are (place until then, new parent, the new parent's path); ``places`` everything that may stand beneath
    them. A place that began on ``day`` itself would be left without a day: that is refused.
    """
    moves: list[tuple[UnitPlace, Unit | None, str]] = []
    for top, parent, parent_path in tops:
        path = path_under(parent_path, top.unit)
        moves.append((top, parent, path))
        # keeps what follows the top's own number
        moves += [
            (p, p.parent, path + p.path[len(top.path) :]) for p in places if p.path.startswith(top.path) and p != top
        ]
    ids = [place.pk for place, _, _ in moves]
    if any(place.valid_from >= day or place.valid_to is not None for place, _, _ in moves):
        raise IllegalAct(
            f"Có đơn vị bên dưới đã được sắp xếp vào ngày {day:%d/%m/%Y} hoặc sau đó. Hãy chọn ngày sau.",
            code="moved_later",
            field="day",
        )
    UnitPlace.objects.filter(among("pk", ids)).update(valid_to=day - ONE_DAY)
    UnitPlace.objects.bulk_create(
        [UnitPlace(unit=place.unit, parent=parent, path=path, valid_from=day) for place, parent, path in moves]
    )


def copies(links: Sequence[Succession], old: Unit) -> list[Succession]:
    """The same successions for another unit that ends with theirs (an office with its district). Unsaved."""
    return [
        Succession(
            old=old,
            new_id=link.new_id,
            day=link.day,
            kind=link.kind,
            territory_id=link.territory_id,
            by_territory=link.by_territory,
            basis=link.basis,
        )
        for link in links
        if link.new_id != old.pk
    ]
