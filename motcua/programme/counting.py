"""How a register counts: small descriptions of figures, and the conditions they are made of. No database here."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import Combinable

# From the first and the last day of a window to what counts in it.
Where = Callable[[dt.date, dt.date], Q]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a register: entries counted, or a ``field`` summed, or its values counted once (``distinct``)."""

    key: str
    name: str
    where: Where
    field: str = ""
    distinct: bool = False

    def measure(self, first: dt.date, last: dt.date) -> Combinable:
        """The aggregate over a unit's entries that stand."""
        condition = self.where(first, last)
        if self.distinct:
            return Count(self.field, filter=condition, distinct=True)
        if self.field:
            return Sum(self.field, filter=condition)
        return Count("pk", filter=condition)


def within(field: str, **more: Any) -> Where:
    """The day lies in the window."""
    return lambda first, last: Q(**{f"{field}__gte": first, f"{field}__lte": last}, **more)


def standing(begin: str, end: str = "", **more: Any) -> Where:
    """In force on the window's last day; ``end`` is the last day of it, inclusive."""

    def where(first: dt.date, last: dt.date) -> Q:
        open_ended = Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": last}) if end else Q()
        return Q(**{f"{begin}__lte": last}, **more) & open_ended

    return where


def of_year(**more: Any) -> Where:
    """Of the plan of the year in which the window ends (15/12/2022–14/6/2023 is of 2023)."""
    return lambda first, last: Q(year=last.year, **more)


def both(*wheres: Where) -> Where:
    """All of several conditions."""

    def where(first: dt.date, last: dt.date) -> Q:
        found = Q()
        for each in wheres:
            found &= each(first, last)
        return found

    return where


# ---- tasks with a term: what was to be done in the window stands in exactly one of three classes ---------------------
def in_hand(begin: str) -> Where:
    """Given by the last day, and not finished before the first."""
    return lambda first, last: Q(**{f"{begin}__lte": last}) & (Q(done_on__isnull=True) | Q(done_on__gte=first))


def finished(first: dt.date, last: dt.date) -> Q:
    """Finished by the last day."""
    return Q(done_on__lte=last)


def unfinished(first: dt.date, last: dt.date) -> Q:
    """Not finished by the last day."""
    return Q(done_on__isnull=True) | Q(done_on__gt=last)


def on_time(first: dt.date, last: dt.date) -> Q:
    """Finished by the last day, and by its term where it has one."""
    return Q(done_on__lte=last) & (Q(due_on__isnull=True) | Q(done_on__lte=F("due_on")))


def late(first: dt.date, last: dt.date) -> Q:
    """Finished after its term; or not finished by the last day, its term having run out by then."""
    after = Q(done_on__lte=last, due_on__isnull=False, done_on__gt=F("due_on"))
    return after | (unfinished(first, last) & Q(due_on__lte=last))


def not_due(first: dt.date, last: dt.date) -> Q:
    """Not finished by the last day, and its term has not run out (or there is none)."""
    return unfinished(first, last) & (Q(due_on__isnull=True) | Q(due_on__gt=last))


__all__ = [
    "Figure", "Where", "both", "finished", "in_hand", "late", "not_due", "of_year", "on_time", "standing", "unfinished",
    "within",
]  # fmt: skip
