"""What can be asked of people and organisations. Which of them an official may see, the room of dossiers says."""

import datetime as dt
import re

from django.db.models import Q, QuerySet

from motcua.core.text import clean, fold
from motcua.parties.models import Consent, Party, PartyChange, Purpose, RetentionRule

_LONGEST = 250


def lookup(text: str, *, limit: int = 10) -> list[Party]:
    """Who is meant at the counter by an identity number, a phone number or the beginning of a name: the first exactly.
    One statement.

    Erased, restricted and merged records are not offered by name; an identity number finds the record that is kept.
    """
    text = clean(text)
    if not text or len(text) > _LONGEST:
        return []
    number = re.sub(r"[\s.()-]", "", text).upper()
    rows = Party.objects.filter(erased_at__isnull=True).select_related("merged_into", "commune")
    if any(c.isdigit() for c in number):
        phone = re.sub(r"^\+?84(?=\d{9}$)", "0", number)
        found = rows.filter(Q(id_number=number) | Q(phone=phone, restricted=False)).order_by("-pk")[:limit]
    else:
        # A range, not LIKE: both databases walk the index of folded names.
        start = fold(text)
        named = rows.filter(name_folded__gte=start, name_folded__lt=start + "\U0010ffff")
        found = named.filter(restricted=False, merged_into__isnull=True).order_by("name_folded", "-pk")[:limit]
    kept = {p.merged_into_id or p.pk: p.merged_into or p for p in found}
    return list(kept.values())


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
