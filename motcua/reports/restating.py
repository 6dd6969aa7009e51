"""«Điều chỉnh sau chốt»: what a report's figures would be today, and the entries that made the difference."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from motcua.core.triggers import missing_triggers
from motcua.indicators import tree
from motcua.indicators.models import ValueChange
from motcua.ledger.models import ENDED, PENDING, Account, Event, Leg, LegKind
from motcua.org.queries import Scope, among
from motcua.reports import compiling, types
from motcua.reports.figures import Figure
from motcua.reports.models import APPEND_ONLY, Cut, Report

MOST = 300


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that reads differently now."""

    code: str
    position: int
    frozen: Figure
    now: Figure | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What legs do to the figures of a window: received in it, ended in it, ended late, pending at its end."""

    received: int = 0
    ended: int = 0
    late: int = 0
    pending: int = 0

    def __add__(self, other: "Effect") -> "Effect":
        return Effect(
            self.received + other.received,
            self.ended + other.ended,
            self.late + other.late,
            self.pending + other.pending,
        )

    @property
    def words(self) -> str:
        """«tiếp nhận +1, đang giải quyết −1»; what did not change is not said."""
        named = (
            ("tiếp nhận", self.received),
            ("đã giải quyết", self.ended),
            ("trong đó quá hạn", self.late),
            ("đang giải quyết", self.pending),
        )
        said = [f"{word} {'+' if n > 0 else '−'}{abs(n)}" for word, n in named if n]
        return ", ".join(said) or "chỉ đổi ngày, nhóm hoặc hình thức nộp"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act recorded after the cut about days before it, with what its legs do."""

    event: Event
    effect: Effect


@dataclass(frozen=True, slots=True)
class Restated:
    """``total`` entries there are, of which ``entries`` are listed; ``sum`` is the effect of all of them.

    ``typed`` are values that people have written over since. ``estimate``: the cut was one, so that what differs is
    what has happened since and no correction.
    """

    cut: Cut
    changed: tuple[Changed, ...]
    entries: tuple[Entry, ...]
    total: int
    sum: Effect
    typed: Sequence[ValueChange] = field(default=())
    estimate: bool = False


def restated(scope: Scope, report: Report, cut: Cut) -> Restated:
    """What a cut says and what the same figures say now. About 40 statements.

    Entries are those of the journal after the cut's watermark about days up to the last one it counted, for every unit
    the report covers; typed values are those of its indicators and window.
    """
    kind = types.type_of(report.type)
    window = compiling.window_of(report)
    frozen = compiling.frozen(cut)
    now = compiling.compiled(scope, kind, report.unit, window, known_at=None, beside=False).figures
    stood = tree.tree(report.unit, window)
    legs = _legs(list(stood.home_of), cut, cut.counted_to)
    effects = _effects(legs, window.first, cut.counted_to)
    ids = sorted(effects)
    events = Event.objects.filter(among("pk", ids[-MOST:])).select_related("actor", "item", "voids")
    return Restated(
        cut,
        tuple(_changed(frozen, now)),
        tuple(Entry(event, effects[event.pk]) for event in events.order_by("-pk")),
        len(ids),
        sum(effects.values(), Effect()),
        typed_since(cut, report, [unit.pk for unit in stood.reporters], list(frozen)),
        cut.kind == Cut.Kind.ESTIMATE,
    )


def _changed(frozen: Mapping[str, Figure], now: Mapping[str, Figure]) -> Iterable[Changed]:
    for position, (code, figure) in enumerate(frozen.items(), start=1):
        today = now.get(code)
        if today is None or today.cell != figure.cell or (today.first, today.last) != (figure.first, figure.last):
            yield Changed(code, position, figure, today)


def _legs(units: Sequence[int], cut: Cut, last: dt.date) -> list[tuple[int, dt.date, str, str, int]]:
    """(event, day, kind, account, sign) of every leg recorded after the cut about days it counted. One statement."""
    rows = Leg.objects.filter(among("unit", units), pk__gt=cut.watermark, day__lte=last, book="dossier").exclude(
        account=Account.OUTSIDE
    )
    return list(rows.order_by("pk").values_list("event", "day", "kind", "account", "sign"))


def _effects(legs: Iterable[tuple[int, dt.date, str, str, int]], first: dt.date, last: dt.date) -> dict[int, Effect]:
    """Event → what its legs do to a window. Pure."""
    found: dict[int, Effect] = {}
    for event, day, kind, account, sign in legs:
        inside = first <= day <= last
        done = Effect(
            received=sign if inside and kind == LegKind.RECEIVE and account in PENDING else 0,
            ended=sign if inside and account in ENDED else 0,
            late=sign if inside and account == Account.LATE else 0,
            pending=sign if account in PENDING else 0,
        )
        found[event] = found.get(event, Effect()) + done
    return found


def typed_since(cut: Cut, report: Report, units: Sequence[int], codes: Sequence[str]) -> list[ValueChange]:
    """What people have typed over since the cut in the values a report counts. One statement."""
    rows = ValueChange.objects.filter(
        among("value__unit", units),
        at__gt=cut.at,
        value__first=report.first,
        value__last=report.last,
        value__indicator__code__in=codes,
    )
    return list(rows.select_related("value__unit", "value__indicator", "by").order_by("-at", "-pk")[:MOST])


def check(limit: int = 20) -> list[str]:
    """What ``verify`` finds wrong in reports: triggers that are gone, cuts and figures whose seal no longer fits what
    they say; in Vietnamese. Three statements."""
    missing = missing_triggers(connection, list(APPEND_ONLY))
    found = [f"thiếu trigger {name}" for name in missing]
    for cut in Cut.objects.prefetch_related("figures").order_by("pk"):
        rows = sorted(cut.figures.all(), key=lambda row: row.position)
        wrong = [row.code for row in rows if compiling.seal(row) != row.digest]
        if wrong:
            found.append(f"báo cáo {cut.report_id}, bản chốt {cut.n}: số liệu {', '.join(wrong[:5])} đã bị sửa")
        elif compiling.seal_of_all(rows) != cut.digest:
            found.append(f"báo cáo {cut.report_id}, bản chốt {cut.n}: thiếu hoặc thừa số liệu")
        if len(found) >= limit:
            break
    return found


__all__ = ["MOST", "Changed", "Effect", "Entry", "Restated", "check", "restated", "typed_since"]
