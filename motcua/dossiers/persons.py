"""A person or organisation as an official may see it: through the dossiers of the asker's units, and no further."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from motcua.core.errors import NotFound
from motcua.dossiers.models import Dossier
from motcua.dossiers.queries import visible, with_names
from motcua.org.queries import Scope
from motcua.parties import queries as parties
from motcua.parties.models import Consent, Party, PartyChange

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Person:
    """What the page of one person shows. ``party`` is the record that is kept, ``records`` it and its doubles."""

    party: Party
    records: list[Party]
    dossiers: list[Dossier]
    more: bool
    changes: list[PartyChange]
    consents: dict[str, Consent]


def of(records: list[int]) -> Q:
    """Dossiers in which one of these records appears, in any role."""
    return Q(applicant__in=records) | Q(submitter__in=records) | Q(collector__in=records)


def mine(scope: Scope, records: list[int]) -> QuerySet[Dossier]:
    """The visible dossiers of these records; not yet read."""
    rows = visible(scope)
    # By each foreign key's own index: an OR over three joined columns would read every dossier of the scope.
    return rows.filter(
        pk__in=Dossier.objects.filter(applicant__in=records)
        .values("pk")
        .union(
            Dossier.objects.filter(submitter__in=records).values("pk"),
            Dossier.objects.filter(collector__in=records).values("pk"),
        )
    )


def person(scope: Scope, pk: int) -> Person:
    """One person with the dossiers the asker may see, newest first. Four statements. NotFound where there is none of
    them: whoever has no dossier of somebody has no business with the record."""
    records = records_of(pk)
    ids = [p.pk for p in records]
    rows = list(with_names(mine(scope, ids)).select_related("submitter", "collector").order_by("-pk")[: MOST_SHOWN + 1])
    if not rows:
        raise NotFound("Không có người này, hoặc hồ sơ của người này thuộc đơn vị khác.")
    return Person(
        party=records[0],
        records=records,
        dossiers=rows[:MOST_SHOWN],
        more=len(rows) > MOST_SHOWN,
        changes=list(parties.changes(ids)[:MOST_SHOWN]),
        consents=parties.consents(ids),
    )


def records_of(pk: int) -> list[Party]:
    """The record that is kept first, then its doubles, whichever of them is asked for. One statement; NotFound."""
    rows = Party.objects.select_related("commune")
    kept = Party.objects.filter(pk=pk)
    top = kept.filter(merged_into__isnull=False).values("merged_into")
    found = list(rows.filter(Q(pk=pk) | Q(merged_into=pk) | Q(pk__in=top) | Q(merged_into__in=top)).order_by("pk"))
    if not found:
        raise NotFound("Không có người này, hoặc hồ sơ của người này thuộc đơn vị khác.")
    return sorted(found, key=lambda p: (p.merged_into_id is not None, p.pk))


def require(scope: Scope, pk: int) -> list[Party]:
    """The records of a person of whom the asker may see a dossier; NotFound. Two statements."""
    records = records_of(pk)
    if not mine(scope, [p.pk for p in records]).exists():
        raise NotFound("Không có người này, hoặc hồ sơ của người này thuộc đơn vị khác.")
    return records


def likely_doubles(scope: Scope, party: Party) -> list[Party]:
    """Who may be the same person and is seen by the asker: the same name and kind, or the same phone; at most twenty.
    Two statements."""
    same = Q(name_folded=party.name_folded)
    if party.phone:
        same |= Q(phone=party.phone)
    rows = Party.objects.filter(same, kind=party.kind, erased_at__isnull=True, merged_into__isnull=True)
    found = list(rows.exclude(pk=party.pk).order_by("-pk")[:60])
    ids = [p.pk for p in found]
    seen: set[int | None] = set()
    for row in mine(scope, ids).values_list("applicant_id", "submitter_id", "collector_id")[:2000]:
        seen.update(row)
    return [p for p in found if p.pk in seen][:20]
