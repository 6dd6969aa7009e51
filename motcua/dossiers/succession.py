"""When a unit ends, the rows of its pending dossiers follow the ledger to the successor.

The ledger needs no such step: a succession is a dated fact of the unit and stands in every timeline. The row's unit
only serves lists and rights, so it is brought in step on the day, by ``tick`` and by whoever loads successions.
"""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Q

from motcua.core import clock
from motcua.dossiers.models import Dossier
from motcua.org import queries as org
from motcua.org.models import Succession
from motcua.org.succession import SuccessionMap

CHUNK = 2000


def places_on(
    found: SuccessionMap, places: tuple[int, int], territory: int | None, received_at: dt.datetime | None, day: dt.date
) -> tuple[int, int]:
    """What a pending dossier's unit and desk have become by ``day``. Pure."""
    since = clock.local_date(received_at) if received_at else dt.date.min
    paths = [[unit for when, unit in found.path(held, territory, since) if when <= day] for held in places]
    unit, desk = (path[-1] if path else held for path, held in zip(paths, places, strict=True))
    return unit, desk


def follow(day: dt.date) -> int:
    """Move rows of dossiers not ended whose unit has a successor by ``day``; how many. Few statements per 2,000."""
    gone = set(Succession.objects.filter(day__lte=day).values_list("old_id", flat=True))
    if not gone:
        return 0
    rows = (
        Dossier.objects.filter(ended_at__isnull=True)
        .filter(Q(org.among("unit", gone)) | Q(org.among("desk_unit", gone)))
        .values_list("pk", "unit_id", "desk_unit_id", "item__territory_id", "intake_item__territory_id", "received_at")
    )
    pending = list(rows)
    if not pending:
        return 0
    found = org.succession_map()
    moved = 0
    for start in range(0, len(pending), CHUNK):
        targets: dict[tuple[int, int], list[int]] = defaultdict(list)
        for pk, unit, desk, territory, filed_from, received_at in pending[start : start + CHUNK]:
            ends = places_on(found, (unit, desk), territory or filed_from, received_at, day)
            if ends != (unit, desk):
                targets[ends].append(pk)
        with transaction.atomic():
            for (unit, desk), ids in targets.items():
                # Whoever held it served in a unit that is no more: the successor's desk hands it out anew.
                moved += Dossier.objects.filter(pk__in=ids, ended_at__isnull=True).update(
                    unit_id=unit, desk_unit_id=desk, holder_unit_id=desk, holder_id=None
                )
    return moved
