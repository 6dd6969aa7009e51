"""Who stands at the counter: people already known, by identity number, phone or name.

Whoever types a whole identity number holds the paper in their hand; a phone or a name finds only people with a dossier
the asker may see, and lists show of them no more than is needed to tell one from another.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from motcua.core.text import clean, fold
from motcua.dossiers.queries import visible
from motcua.org.queries import Scope
from motcua.parties.models import IdKind, Party
from motcua.parties.rules import mask

MOST = 6
_SHORTEST_PHONE, _SHORTEST_NAME = 9, 5


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the counter's choice shows them."""

    party: Party

    @property
    def told(self) -> str:
        """Name, year of birth, commune, ends of number and phone: enough to ask «có phải …?»."""
        p = self.party
        parts = [
            p.name,
            f"sinh {p.birth_date.year}" if p.birth_date else "",
            p.commune.name if p.commune else "",
            f"{p.get_id_kind_display()} {mask(p.id_number)}" if p.id_number else "",
            f"điện thoại {mask(p.phone)}" if p.phone else "",
        ]
        return ", ".join(part for part in parts if part)


def _living() -> QuerySet[Party]:
    rows = Party.objects.filter(merged_into__isnull=True, erased_at__isnull=True, restricted=False)
    return rows.select_related("commune")


def by_number(kind: str, number: str) -> Party | None:
    """The person with this whole number; ``kind`` may be empty (any paper). One statement."""
    bare = "".join(number.split()).replace(".", "").upper()
    if len(bare) < 8:
        return None
    rows = _living().filter(id_number=bare)
    return rows.filter(id_kind__in=[kind] if kind in IdKind.values else IdKind.values).order_by("pk").first()


def search(scope: Scope, *, phone: str = "", name: str = "") -> list[Known]:
    """People with a dossier in the scope who have this phone, else this whole name (marks may be missing). One
    statement, none where too little was typed."""
    digits = "".join(c for c in phone if c.isascii() and c.isdigit())
    if digits.startswith("84"):
        digits = "0" + digits[2:]
    folded = fold(clean(name))[:250]
    if len(digits) >= _SHORTEST_PHONE:
        wanted = Q(phone=digits)
    elif len(folded) >= _SHORTEST_NAME and " " in folded:
        wanted = Q(name_folded=folded)
    else:
        return []
    rows = _living().filter(wanted, Exists(visible(scope).filter(applicant=OuterRef("pk"))))
    return [Known(party) for party in rows.order_by("name_sort", "-pk")[:MOST]]


def pick(scope: Scope, pk: int) -> Party | None:
    """One of those :func:`search` may show, by id; None for anybody else. One statement."""
    if not 0 < pk < 2**63:
        return None
    return _living().filter(Exists(visible(scope).filter(applicant=OuterRef("pk"))), pk=pk).first()
