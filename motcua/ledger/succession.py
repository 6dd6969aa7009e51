"""When units are merged, split or renamed: the pending items of the old ones are posted to their successors.

The succession itself is a dated fact of the unit, which every item's timeline reads (``BookInfo.timeline_facts``
includes it); an item acted on later would move by itself. This posts the difference for all that nobody touches.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection

from django.db import transaction
from django.db.models import Q, Sum

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.ledger import journal, registry, rules
from motcua.ledger.models import PENDING, Item, Leg, LegKind
from motcua.org.models import Succession, User

VERB = "succession_recorded"
_CHUNK = 200


def standing_in(day: dt.date, unit_ids: Collection[int] | None = None) -> list[int]:
    """Ids of the items that were pending, when ``day`` began, in a unit succeeded on that day, and have not left it.

    What has been posted already is not asked again, so that repeating costs one statement: it adds up the journal.
    """
    ended_units = Succession.objects.filter(day=day)
    if unit_ids is not None:
        ended_units = ended_units.filter(old__in=unit_ids)
    return list(
        Leg.objects.filter(unit__in=ended_units.values("old"), account__in=PENDING)
        .filter(Q(day__lt=day) | Q(day=day, kind=LegKind.SUCCESSION))
        .order_by("item")
        .values("item")
        .annotate(n=Sum("sign"))
        .filter(n__gt=0)
        .values_list("item", flat=True)
    )


def apply_succession(
    *,
    day: dt.date,
    unit_ids: Collection[int] | None = None,
    actor: User | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Post to its successor every pending item of the units (None: all) succeeded on ``day``; how many moved.

    One event an item, ``succession_recorded``, where the journal does not yet say so: running it again changes nothing,
    and after an interruption it goes on where it stopped, for each 200 items are a transaction. Each of those costs
    about a dozen statements besides what the books' own timelines cost. ``progress`` is told (done, total).

    Raises :class:`Invalid` when an item's book is not registered: then nobody knows its timeline.
    """
    candidates = standing_in(day, unit_ids)
    moved = 0
    for start in range(0, len(candidates), _CHUNK):
        with transaction.atomic():
            moved += _post(candidates[start : start + _CHUNK], day, actor)
        progress(min(start + _CHUNK, len(candidates)), len(candidates))
    return moved


def _post(item_ids: list[int], day: dt.date, actor: User | None) -> int:
    items = list(Item.objects.select_for_update().filter(pk__in=item_ids).order_by("pk"))
    recorded_at = clock.now()
    acts = [
        journal.Act(
            item=item,
            verb=VERB,
            occurred_at=clock.local_moment(day),
            recorded_at=recorded_at,
            actor=None if actor is None else actor.pk,
            duty="",
            unit=None,
            facts={"day": day},
            wanted=wanted,
        )
        for item, wanted in zip(items, wanted_legs(items), strict=True)
    ]
    return len(journal.post(acts, skip_unchanged=True))


def wanted_legs(items: Collection[Item]) -> list[list[rules.Entry]]:
    """For each item the legs its book's facts call for, in the order given. As many statements as the books need."""
    by_book: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_book[item.book].append(item)
    facts: dict[int, list[rules.Fact]] = {}
    for book, members in by_book.items():
        info = registry.get(book)
        if info is None:
            raise Invalid(f"Sổ «{book}» chưa có phần mềm nghiệp vụ nào nhận: không tính lại được.", code="no_such_book")
        facts |= {pk: list(found) for pk, found in info.timeline_facts(members).items()}
    return [rules.entries(rules.timeline(facts.get(item.pk, []))) for item in items]
