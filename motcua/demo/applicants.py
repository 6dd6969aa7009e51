"""Who comes to the desk: invented people and businesses of each commune, many of them more than once."""

import datetime as dt
import random
from collections import defaultdict

from motcua.core import clock
from motcua.core.text import fold, sort_key
from motcua.demo.names import Names
from motcua.org.models import Unit
from motcua.parties.models import IdKind, Party, PartyKind

# People were known to the office from then on.
KNOWN_SINCE = clock.local_moment(dt.date(2023, 1, 3), dt.time(8))


class Applicants:
    """Parties by commune, unsaved until :meth:`write`."""

    def __init__(self, names: Names, rng: random.Random):
        self.names, self.random = names, rng
        self._pools: dict[int, list[Party]] = defaultdict(list)
        self._businesses: dict[int, list[Party]] = defaultdict(list)
        self.all: list[Party] = []

    def one(self, commune: Unit, *, business: bool = False) -> Party:
        """Somebody of the commune: every third has been here before."""
        pool = (self._businesses if business else self._pools)[commune.pk]
        if pool and self.random.random() < 0.35:
            return self.random.choice(pool)
        party = self._company(commune) if business else self._person(commune)
        pool.append(party)
        self.all.append(party)
        return party

    def write(self) -> None:
        """Insert them all; their ids are set."""
        Party.objects.bulk_create(self.all, batch_size=400)

    def _person(self, commune: Unit) -> Party:
        person = self.names.person()
        return self._party(
            commune,
            person.name,
            kind=PartyKind.PERSON,
            id_kind=IdKind.CCCD,
            id_number=person.id_number,
            birth_date=person.born,
            phone=person.phone,
        )

    def _company(self, commune: Unit) -> Party:
        name, number = self.names.company()
        return self._party(commune, name, kind=PartyKind.ENTERPRISE, id_kind=IdKind.TAX, id_number=number)

    def _party(self, commune: Unit, name: str, **more: object) -> Party:
        return Party(
            name=name,
            name_folded=fold(name),
            name_sort=sort_key(name),
            address=self.names.address(commune.name),
            commune=commune,
            salt=f"{self.random.getrandbits(128):032x}",
            invented=True,
            created_at=KNOWN_SINCE,
            **more,
        )
