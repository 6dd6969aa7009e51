"""When a unit ends, the rows of its pending dossiers follow the ledger to the successor.

The ledger needs no such step: a succession is a dated fact of the unit and stands in every timeline. The row's unit
only serves lists and rights, so it is brought in step on the day, by ``tick`` and by whoever loads successions.
"""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Q, QuerySet

from motcua.core import clock
from motcua.dossiers import indexing
from motcua.dossiers.models import Dossier, DossierPart
from motcua.org import queries as org
from motcua.org.models import Succession, Unit
from motcua.org.succession import SuccessionMap

CHUNK = 2000
# Competent unit, desk, and the unit that holds the papers.
Places = tuple[int, int, int | None]


def places_on(
    found: SuccessionMap, places: Places, territory: int | None, received_at: dt.datetime | None, day: dt.date
) -> Places:
    """What a pending dossier's places have become by ``day``: each goes its own way. Pure."""
    since = clock.local_date(received_at) if received_at else dt.date.min

    def now(held: int) -> int:
        path = [unit for when, unit in found.path(held, territory, since) if when <= day]
        return path[-1] if path else held

    unit, desk, holder = places
    return now(unit), now(desk), None if holder is None else now(holder)


def left_behind(day: dt.date) -> bool:
    """Whether any pending dossier or part still lies with a unit that has a successor by ``day``. Three statements."""
    gone = set(Succession.objects.filter(day__lte=day).values_list("old_id", flat=True))
    if not gone:
        return False
    dossiers = _pending().filter(Q(org.among("unit", gone)) | Q(org.among("desk_unit", gone)))
    return dossiers.exists() or DossierPart.objects.filter(org.among("unit", gone), returned_at__isnull=True).exists()


def follow(day: dt.date) -> int:
    """Move rows of dossiers not ended whose units have a successor by ``day``; how many. Few statements per 2,000."""
    gone = set(Succession.objects.filter(day__lte=day).values_list("old_id", flat=True))
    if not gone:
        return 0
    waiting = list(
        _pending()
        .filter(
            Q(org.among("unit", gone)) | Q(org.among("desk_unit", gone)) | Q(org.among("holder_unit", gone)),
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not waiting:
        return 0
    found = org.succession_map()
    return sum(_follow(waiting[start : start + CHUNK], found, day) for start in range(0, len(waiting), CHUNK))


def follow_one(dossier: Dossier, day: dt.date) -> None:
    """The same for one dossier in hand, before ``tick`` has come to it; its row is not saved. No statement where its
    units live on, else at most six."""
    places = (dossier.unit, dossier.desk_unit)
    if all(unit.valid_to is None or unit.valid_to >= day for unit in places):
        return
    item = dossier.item or dossier.intake_item
    territory = item.territory_id if item else None
    here: Places = (dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id)
    found = org.succession_map([*filter(None, here), *([territory] if territory else [])])
    unit, desk, holder = places_on(found, here, territory, dossier.received_at, day)
    units = Unit.objects.in_bulk([unit, desk])
    dossier.unit, dossier.desk_unit, dossier.holder_unit_id = units[unit], units[desk], holder


def _pending() -> QuerySet[Dossier]:
    return Dossier.objects.filter(ended_at__isnull=True)


@transaction.atomic
def _follow(ids: list[int], found: SuccessionMap, day: dt.date) -> int:
    # Locked in the order of ids, as every act on several dossiers does, and read only then: acts go on meanwhile.
    locked = list(
        _pending().select_for_update().filter(org.among("pk", ids)).order_by("pk").values_list("pk", flat=True)
    )
    rows = Dossier.objects.filter(org.among("pk", locked)).values_list(
        "pk", "unit_id", "desk_unit_id", "holder_unit_id", "item__territory_id", "intake_item__territory_id",
        "received_at",
    )  # fmt: skip
    moves: dict[tuple[Places, Places], list[int]] = defaultdict(list)
    for pk, unit, desk, holder, territory, filed_from, received_at in rows:
        here: Places = (unit, desk, holder)
        there = places_on(found, here, territory or filed_from, received_at, day)
        if there != here:
            moves[here, there].append(pk)
    for (here, there), moved in moves.items():
        columns = dict(zip(("unit_id", "desk_unit_id", "holder_unit_id"), there, strict=True))
        if there[2] != here[2]:
            # Whoever held it in a unit that is no more holds it no longer: the successor hands it out anew.
            columns["holder_id"] = None
        Dossier.objects.filter(pk__in=moved).update(**columns)
    indexing.refresh(pk for moved in moves.values() for pk in moved)
    return sum(map(len, moves.values()))
