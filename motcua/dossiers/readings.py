"""The record of readings, asked for by person, dossier, official and day."""

import datetime as dt
import re

from django.db.models import Q, QuerySet

from motcua.core import clock
from motcua.core.text import clean, fold
from motcua.dossiers.models import Dossier
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.parties.models import AccessView, Party, What

_MOST = 200
_ROLES = ("applicant", "submitter", "collector")


def readings(
    scope: Scope,
    *,
    person: str = "",
    code: str = "",
    official: str = "",
    what: str = "",
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
) -> QuerySet[AccessView]:
    """Readings by people of the scope's units, or of what belongs to them; not yet read. At most two statements before.

    ``person``: a name, an identity or phone number, of whoever filed, owns or collects; ``code``: of a dossier.
    """
    rows = AccessView.objects.filter(scope.q("unit") | scope.q("about_unit")).select_related("user", "unit", "party")
    if what in What.values:
        rows = rows.filter(what=what)
    if first_day is not None:
        rows = rows.filter(at__gte=clock.local_moment(first_day))
    if last_day is not None:
        rows = rows.filter(at__lt=clock.local_moment(last_day + dt.timedelta(days=1)))
    if code := clean(code):
        rows = rows.filter(Q(code__in=[code, code.upper()]) | Q(code__endswith=f"-{code}"))
    if official := clean(official):
        people = User.objects.filter(Q(full_name__icontains=official) | Q(username=official)).values("pk")
        rows = rows.filter(user__in=people)
    if person := clean(person):
        ids = _parties(person)
        of = [Dossier.objects.filter(**{f"{role}__in": ids}).values_list("pk") for role in _ROLES]
        theirs = [pk for (pk,) in of[0].union(*of[1:]).order_by("-id")[:_MOST]]
        rows = rows.filter(Q(party__in=ids) | Q(dossier__in=theirs))
    return rows


def _parties(text: str) -> list[int]:
    """Who is meant: everybody of that number, or whose name has these words; at most two hundred. One statement."""
    number = re.sub(r"[\s.()-]", "", text).upper()
    if any(c.isdigit() for c in number):
        wanted = Q(id_number=number) | Q(phone=number)
    else:
        wanted = Q(name_folded__contains=fold(text))
    meant = Party.objects.filter(wanted)
    return list(
        Party.objects.filter(Q(pk__in=meant) | Q(merged_into__in=meant))
        .order_by("-pk")
        .values_list("pk", flat=True)[:_MOST]
    )
