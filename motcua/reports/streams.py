"""Hai dòng báo cáo: the same figure in two windows (KSTTHC, CCHC), and the days between that explain the difference."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.indicators.figure import VALUE
from motcua.indicators.figure import Figure as Told
from motcua.org.models import Unit
from motcua.org.queries import Scope
from motcua.reports.models import FrozenFigure, State

# Counts of what happens on days: they add up over days, so that the days between explain a difference exactly.
CODES = ("hs_tiep_nhan", "hs_truc_tuyen", "hs_da_giai_quyet", "hs_dung_han", "hs_qua_han")
_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that only one of the two windows counts; ``sign`` +1 where it is the first."""

    first: dt.date
    last: dt.date
    sign: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure in both windows. ``between`` is what each stretch counts, with its sign; ``rest`` what they leave
    unexplained: 0 unless a figure was frozen and something was recorded since."""

    code: str
    name: str
    one: Decimal | None
    other: Decimal | None
    one_frozen: bool
    other_frozen: bool
    between: tuple[Decimal, ...]

    @property
    def difference(self) -> Decimal | None:
        return None if self.one is None or self.other is None else self.one - self.other

    @property
    def rest(self) -> Decimal | None:
        found = self.difference
        return None if found is None else found - sum(self.between, Decimal(0))


def stretches(one: windows.Window, other: windows.Window) -> list[Stretch]:
    """The days that are in one window and not in the other, in order. Pure."""
    found = []
    for mine, theirs, sign in ((one, other, 1), (other, one, -1)):
        if mine.first < theirs.first:
            found.append(Stretch(mine.first, min(mine.last, theirs.first - _ONE_DAY), sign))
        if mine.last > theirs.last:
            found.append(Stretch(max(mine.first, theirs.last + _ONE_DAY), mine.last, sign))
    return sorted(found, key=lambda each: each.first)


def compare(
    scope: Scope, unit: Unit, one: windows.Window, other: windows.Window
) -> tuple[list[Stretch], list[Compared]]:
    """The figures of a unit (with all beneath it) in two windows. A frozen figure counts as it was frozen.

    About 15 statements for each window and each stretch.
    """
    apart = stretches(one, other)
    defined = indicators.meanings(max(one.last, other.last))
    codes = [code for code in CODES if code in defined]
    told = [_told(scope, unit, window, codes) for window in (one, other)]
    kept = [_frozen(scope, unit, window, codes) for window in (one, other)]
    inside = [_told(scope, unit, windows.free(each.first, each.last), codes) for each in apart]
    rows = []
    for code in codes:
        values = [kept[n].get(code, _value(told[n].get(code))) for n in (0, 1)]
        between = tuple(
            each.sign * (_value(counted.get(code)) or Decimal(0)) for each, counted in zip(apart, inside, strict=True)
        )
        rows.append(Compared(code, defined[code].name, values[0], values[1], code in kept[0], code in kept[1], between))
    return apart, rows


def _told(scope: Scope, unit: Unit, window: windows.Window, codes: Sequence[str]) -> Mapping[str, Told]:
    return indicators.consolidate(scope, unit=unit, window=window, codes=codes).figures if codes else {}


def _value(figure: Told | None) -> Decimal | None:
    return figure.value if figure is not None and figure.state == VALUE else None


def _frozen(scope: Scope, unit: Unit, window: windows.Window, codes: Sequence[str]) -> dict[str, Decimal]:
    """The same figures as the last report of this unit and window froze them. One statement."""
    rows = scope.filter(FrozenFigure.objects.all()).filter(
        cut__report__unit=unit, first=window.first, last=window.last, code__in=codes, state=VALUE, estimate=False
    )
    rows = rows.exclude(cut__report__state=State.CANCELLED).order_by("pk")
    return {row.code: row.value for row in rows if row.value is not None}


__all__ = ["CODES", "Compared", "Stretch", "compare", "stretches"]
