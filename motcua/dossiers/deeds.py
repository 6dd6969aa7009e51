"""What a dossier's history is told from: its acts with what their verbs were told, and what all histories share."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from motcua.core.text import clean, nfc
from motcua.dossiers.accepting import Terms
from motcua.dossiers.states import Act
from motcua.org.models import User
from motcua.org.succession import SuccessionMap
from motcua.parties.models import Party

# What the free text of an act is kept as; the others' is a reason.
NOTE_KINDS = {Act.MOVE_DUE: "decision", Act.VOID: "void", Act.CORRECT_ACCEPTANCE: "correction"}


@dataclass(slots=True)
class Deed:
    """One act as it was done: ``told`` holds what its verb was told, under the verb's own names.

    Beside those: ``terms`` (:class:`Terms`) in the first act, in an acceptance and in a corrected acceptance, ``step``
    in an acceptance, and for ``part_returned`` the part's ``number``. ``at`` is when it was recorded, ``occurred_at``
    when it happened if that was earlier; then ``mark`` says by what right (``backdated``, ``catch_up``, ``reentry``).
    """

    act: Act
    at: dt.datetime
    actor: User | None = None
    duty: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    approver: User | None = None
    occurred_at: dt.datetime | None = None
    mark: str = ""

    @property
    def happened(self) -> dt.datetime:
        """When it happened, in UTC."""
        return (self.occurred_at or self.at).astimezone(dt.UTC)

    @property
    def text(self) -> str:
        """Its free text as it is kept."""
        decision = clean(self.told.get("decision", ""))
        return nfc(f"{decision}: {self.note}" if decision else self.note).strip()


@dataclass(slots=True)
class History:
    """One dossier's acts in the order they were recorded; the first is a submission or an acceptance."""

    deeds: list[Deed]


@dataclass(slots=True)
class Given:
    """Ids and codes set aside for one history, and the salts of its notes by index of the deed."""

    dossier: int
    code: str = ""
    filing_code: str = ""
    notes: dict[int, tuple[int, str]] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """What all histories share. ``digest`` is the digest of a party's record; ``part_category`` finds or makes one."""

    successions: SuccessionMap
    first_succession: dt.date | None  # before it no row moves
    digest: Callable[[Party], str]
    part_category: Callable[[Terms], int]
    today: dt.date
