"""Who holds what a unit held: chains of succession, followed by territory. Pure, no database.

Built by :func:`motcua.org.queries.succession_map`; every item's timeline reads it, late entries included.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from motcua.org.models import SuccessionKind


@dataclass(frozen=True, slots=True)
class Link:
    """One row of succession: from ``day`` on (its first day), ``new`` holds what ``old`` held, wholly or in part."""

    old: int
    new: int
    day: dt.date
    kind: str = SuccessionKind.WHOLE
    territory: int | None = None
    by_territory: bool = False


class SuccessionMap:
    """All successions among some units, to be asked for the path one piece of work takes through them.

    ``grounds`` says, for each unit that passes its work on by territory, which territorial units lay beneath it (or
    beneath its superior, for an office) on its last day: an applicant from elsewhere follows the default, never his own
    commune, which has nothing to do with that unit.
    """

    def __init__(self, links: Iterable[Link], grounds: Mapping[int, frozenset[int]] | None = None):
        self._by_old: dict[int, dict[dt.date, list[Link]]] = defaultdict(lambda: defaultdict(list))
        for link in links:
            self._by_old[link.old][link.day].append(link)
        self._grounds = dict(grounds or {})

    def path(self, unit_id: int, territory_id: int | None, start: dt.date) -> list[tuple[dt.date, int]]:
        """Every succession the unit holding the work on ``start`` goes through later: ``[(day, new unit), …]`` by day.

        Days strictly increase. Empty where nothing succeeded the unit: an abolished unit without successor keeps its
        work, and the statement shows it there. ``territory_id`` is the applicant's commune as known at acceptance.
        """
        steps: list[tuple[dt.date, int]] = []
        at, since = unit_id, start
        while (day := self._next_day(at, since)) is not None:
            new = self._holder(at, territory_id, day)
            # The old unit no longer exists from that day: later rows of the same unit would be an error of the data,
            # and following them would give one piece of work two fates.
            if new is None or new == at:
                break
            steps.append((day, new))
            at, since = new, day
        return steps

    def after(self, unit_id: int, day: dt.date) -> int:
        """The unit which, by default, is on ``day`` what ``unit_id`` once was."""
        at, since = unit_id, dt.date.min
        while (next_day := self._next_day(at, since)) is not None and next_day <= day:
            new = self._whole_or_default(at, next_day)
            if new is None or new == at:
                break
            at, since = new, next_day
        return at

    def _next_day(self, unit_id: int, since: dt.date) -> dt.date | None:
        return min((day for day in self._by_old.get(unit_id, ()) if day > since), default=None)

    def _whole_or_default(self, unit_id: int, day: dt.date) -> int | None:
        return next((k.new for k in self._by_old[unit_id][day] if k.kind != SuccessionKind.PART), None)

    def _holder(self, unit_id: int, territory_id: int | None, day: dt.date) -> int | None:
        """Who takes over on ``day``: the part named for the territory, else its own commune, else the default."""
        links = self._by_old[unit_id][day]
        if territory_id is not None:
            # The territory may itself have been renamed or merged between acceptance and this day.
            names = {territory_id, self.after(territory_id, day - dt.timedelta(days=1)), self.after(territory_id, day)}
            for link in links:
                if link.kind == SuccessionKind.PART and link.territory in names:
                    return link.new
            if any(link.by_territory for link in links):
                ground = self._grounds.get(unit_id, frozenset())
                commune = self.after(territory_id, day)
                if names & ground or commune in {self.after(g, day) for g in ground}:
                    return commune
        return self._whole_or_default(unit_id, day)
