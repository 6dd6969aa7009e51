"""«Điều chỉnh kỳ trước»: what changed since the statement that was frozen, and the entries that caused it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from motcua.ledger.behind import Adjustment, Adjustments, adjustments
from motcua.ledger.forms import number
from motcua.ledger.models import Account, Event, Leg
from motcua.ledger.statement import Statement
from motcua.org.queries import Scope

_CLASSES = {
    Account.EARLY.value: "giải quyết trước hạn",
    Account.ON_TIME.value: "giải quyết đúng hạn",
    Account.LATE.value: "giải quyết quá hạn",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One item whose earlier days read differently now: how, and by which entries, in the order they were written."""

    adjustment: Adjustment
    words: str
    entries: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The list of a chained statement: at most as many items as were asked for, of ``total``."""

    items: tuple[Change, ...]
    total: int
    late_to_on_time: int


def changes(scope: Scope, made: Statement, *, limit: int = 500) -> Changes:
    """What was recorded since the frozen statement about its days, latest first; empty if not chained. Two statements.

    Each entry comes with who made it. Raises :class:`NotAllowed` for units outside the scope.
    """
    found: Adjustments = adjustments(scope, made, limit=limit)
    caused = _entries(made, [each.item_id for each in found.items]) if found.items else {}
    return Changes(
        tuple(Change(each, words(each), tuple(caused.get(each.item_id, ()))) for each in found.items),
        found.total,
        found.late_to_on_time,
    )


def words(adjustment: Adjustment) -> str:
    """«đang giải quyết +1, giải quyết quá hạn −1»; what did not change is not said."""
    parts = [("đang giải quyết", adjustment.pending), ("tiếp nhận", adjustment.received)]
    parts += [(word, adjustment.ended.get(account, 0)) for account, word in _CLASSES.items()]
    said = [f"{word} {number(n, sign=True).replace('-', '−')}" for word, n in parts if n]
    return ", ".join(said) or "chỉ đổi ngày, nhóm hoặc hình thức nộp"


def _entries(made: Statement, item_ids: Sequence[int]) -> Mapping[int, Sequence[Event]]:
    """Events with legs about earlier days that the frozen statement did not count, by item. One statement."""
    chain = made.chain
    assert chain is not None
    since = Q(pk__gt=chain.watermark)
    if chain.cut_day is not None:
        # It was frozen before its last day was over: what happened later that day was not counted.
        since |= Q(day=chain.cut_day, at__gt=chain.as_of)
    legs = Leg.objects.filter(since, event=OuterRef("pk"), day__lt=made.start, pk__lte=made.watermark)
    rows = Event.objects.filter(Exists(legs), item__in=item_ids).select_related("actor", "voids")
    found: dict[int, list[Event]] = {}
    for event in rows.order_by("item_id", "seq"):
        found.setdefault(event.item_id, []).append(event)
    return found
