"""What can be asked of people and organisations. Whom an official may see, the room of dossiers says."""

import datetime as dt

from django.db.models import QuerySet

from motcua.parties.models import Consent, PartyChange, Purpose, RetentionRule


def changes(party_ids: list[int]) -> QuerySet[PartyChange]:
    """What happened to these records, newest first; not yet read."""
    return PartyChange.objects.filter(party__in=party_ids).select_related("actor", "other").order_by("-pk")


def consents(party_ids: list[int]) -> dict[str, Consent]:
    """By purpose, the latest thing said. One statement."""
    rows = Consent.objects.filter(party__in=party_ids).select_related("actor").order_by("pk")
    return {row.purpose: row for row in rows}


def consented(party: int, purpose: Purpose) -> bool:
    """Whether somebody has agreed to a purpose and not taken it back. One statement."""
    last = Consent.objects.filter(party=party, purpose=purpose).order_by("-pk").values_list("given", flat=True).first()
    return bool(last)


def retention(what: str, day: dt.date) -> RetentionRule | None:
    """The rule of how long this is kept, on a day. One statement."""
    return RetentionRule.objects.filter(what=what, valid_from__lte=day).order_by("-valid_from").first()
