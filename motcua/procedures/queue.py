"""What imports left open and a person must read: the review queue of the catalogue."""

import datetime as dt

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from motcua.org.queries import Scope, alive_on
from motcua.procedures.models import (
    Adoption,
    ProcedureVersion,
    Review,
)
from motcua.procedures.queries import in_force_id


def to_review(day: dt.date, *, trouble: str = "", limit: int = 100, offset: int = 0) -> list[ProcedureVersion]:
    """Versions used on a day that wait for review, by field and name; of one trouble where named. Two statements."""
    return list(review_queue(day, trouble=trouble).order_by("field", "name_folded", "pk")[offset : offset + limit])


def review_queue(day: dt.date, *, trouble: str = "", used_in: Scope | None = None) -> QuerySet[ProcedureVersion]:
    """What waits for review on a day, not yet read: of one trouble where named, and only of procedures that units of
    ``used_in`` use. Each with its ``reviews`` and ``users``, how many units use it at all. Two statements a page."""
    users = Adoption.objects.filter(alive_on(day), procedure=OuterRef("procedure_id")).order_by().values("procedure")
    rows = _used_in(_current_on(day).filter(needs_review=True), day, used_in)
    if trouble:
        rows = rows.filter(Exists(Review.objects.filter(version=OuterRef("pk"), code=trouble)))
    return (
        rows.annotate(users=Coalesce(Subquery(users.annotate(n=Count("pk")).values("n")), 0))
        .select_related("procedure")
        .prefetch_related("reviews")
        .defer("steps_text")
    )


def review_counts(day: dt.date, *, used_in: Scope | None = None) -> dict[str, int]:
    """How many versions used on a day have each trouble, most frequent first. One statement."""
    rows = (
        _used_in(_current_on(day), day, used_in)
        .values("reviews__code")
        .annotate(n=Count("pk", distinct=True))
        .filter(reviews__code__isnull=False)
        .order_by("-n", "reviews__code")
    )
    return {row["reviews__code"]: row["n"] for row in rows}


def _used_in(rows: QuerySet[ProcedureVersion], day: dt.date, scope: Scope | None) -> QuerySet[ProcedureVersion]:
    if scope is None:
        return rows
    return rows.filter(procedure__in=scope.filter(Adoption.objects.filter(alive_on(day))).values("procedure"))


def _current_on(day: dt.date) -> QuerySet[ProcedureVersion]:
    return (
        ProcedureVersion.objects.alias(current=in_force_id(day, "procedure_id"))
        .filter(pk=F("current"), abolished=False)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    )
