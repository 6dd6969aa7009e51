"""The demo is told on whatever day it is loaded, and its histories are ones the verbs would have let happen."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from motcua.core import clock
from motcua.demo import build
from motcua.demo.communes import Volume
from motcua.dossiers import bulk
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import State
from motcua.ledger import queries as ledger
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, User
from motcua.org.queries import SYSTEM
from tests.demo.places import NOW, fresh
from tests.dossiers import storyteller
from tests.dossiers.test_bulk import books
from tests.support import databases

pytestmark = pytest.mark.slow
TINY = build.Plan(build.DISTRICT.scaled(0.06), build.COMMUNES.scaled(0.004), Volume((40, 20, 20, 20), 48, 1))


@pytest.mark.large
@pytest.mark.parametrize(
    "day",
    [
        dt.date(2025, 7, 10),  # the communes are ten days old
        dt.date(2025, 9, 2),  # a holiday
        dt.date(2026, 2, 19),  # in the middle of Tết
        dt.date(2027, 12, 30),  # the calendar ends tomorrow
    ],
)
def test_any_day_will_do(day: dt.date, django_db_blocker: Any, django_db_setup: None) -> None:
    with fresh("day", django_db_blocker), clock.at(clock.local_moment(day, dt.time(7, 45))):
        build.build(TINY)
        assert not Event.objects.filter(recorded_at__gte=clock.local_moment(day)).exists()
        district = org.unit_by_code("CAUKE", dt.date(2023, 6, 1))
        made = ledger.statement(
            SYSTEM,
            book="dossier",
            units=[district],
            start=dt.date(2023, 1, 5),
            end=dt.date(2023, 6, 1),
            by="unit",
        )
        assert made.total.figures.closing.in_time == 12
        states = set(Dossier.objects.filter(unit=org.unit_by_code("29308", day)).values_list("state", flat=True))
        # On the last days of the loaded calendar little can still be promised.
        least = 10 if day.year == 2027 else len(State) - 2
        assert len(states) >= least
        pending = Dossier.objects.filter(ended_at=None, due_at__gte=clock.local_moment(day))
        assert pending.exists()


def test_the_verbs_would_have_let_it_happen(django_db_blocker: Any, django_db_setup: None) -> None:
    """Sixty of its histories through the verbs: same duties, steps, adoptions, codes, dates, legs and hashes."""
    twin = f"{settings.WORKER}_lived"
    with fresh("told", django_db_blocker):
        mine = f"{settings.WORKER}_told"
        with clock.at(NOW), transaction.atomic():
            prepared = build.prepare(TINY)
            sample = _sample(prepared.histories)
            # Officials of units that have ended are blocked by now; then they were not.
            User.objects.update(is_active=True)
            for deed in (d for h in sample for d in h.deeds):
                for person in (deed.actor, deed.approver):
                    if person is not None:
                        person.is_active = True
        databases.connections.close_all()
        databases.create_from(mine, twin)
        try:
            bulk.write(sample, today=clock.local_date(NOW), salt=storyteller.salts())
            told = books()
            with databases.pointed_at(twin):
                storyteller.live(sample, clock.local_date(NOW))
                lived = books()
        finally:
            databases.connections.close_all()
            databases.drop(twin)
    for name in ("series", "notes", "events", "legs", "items", *lived):
        assert len(lived[name]) == len(told[name]), name
        differing = [(a, b) for a, b in zip(lived[name], told[name], strict=True) if a != b]
        assert differing[:2] == [], name


def _sample(histories: list[bulk.History]) -> list[bulk.History]:
    """At least one history of every act, of both levels, both worlds, and across the reform."""
    eve = clock.local_moment(TWO_TIER_DAY)
    found: list[bulk.History] = []
    seen: set[object] = set()
    for history in histories:
        deeds = history.deeds
        marks: set[object] = {deed.act for deed in deeds} | {deed.mark for deed in deeds if deed.mark}
        marks.add(("unit", deeds[0].told["unit"].pk))
        marks.add(("across", deeds[0].at < eve <= deeds[-1].at, deeds[0].told["unit"].kind))
        if marks - seen:
            seen |= marks
            found.append(history)
    return found[:60] if len(found) > 60 else found
