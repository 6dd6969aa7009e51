"""Frozen plus the listed entries is what is counted now: for any histories before and after, by counting them out."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core import clock
from motcua.ledger import rules
from motcua.ledger.models import ENDED, PENDING, Account
from motcua.ledger.rules import Fact
from motcua.reports.restating import Effect, _effects
from motcua.worktime.rules import Deadline

pytestmark = pytest.mark.pure
FIRST, LAST = dt.date(2023, 3, 1), dt.date(2023, 3, 31)
DAY = dt.date(2023, 2, 20)


@dataclass(frozen=True)
class Story:
    """A dossier: received on a day, due some days later, ended some days after that or not at all."""

    received: int
    due: int
    ended: int | None

    def facts(self) -> list[Fact]:
        start = DAY + dt.timedelta(self.received)
        due = clock.local_moment(start + dt.timedelta(self.due), dt.time(17))
        found = [
            Fact(
                "receive",
                clock.local_moment(start, dt.time(8)),
                deadline=Deadline(due, "day"),
                unit=1,
                category=1,
                channel="direct",
            )
        ]
        if self.ended is not None:
            moment = clock.local_moment(start + dt.timedelta(self.ended), dt.time(16))
            found.append(Fact("close", moment, outcome="granted"))
        return found

    def counted(self) -> Effect:
        """By hand, without legs."""
        start = DAY + dt.timedelta(self.received)
        end = None if self.ended is None else start + dt.timedelta(self.ended)
        inside = end is not None and FIRST <= end <= LAST
        return Effect(
            received=int(FIRST <= start <= LAST),
            ended=int(inside),
            late=int(inside and self.ended is not None and self.ended > self.due),
            pending=int(start <= LAST and (end is None or end > LAST)),
        )

    def legs(self, event: int, sign: int = 1) -> list[tuple[int, dt.date, str, str, int]]:
        found = []
        for move in rules.timeline(self.facts()):
            day = clock.local_date(move.at)
            for account, way in ((move.from_account, -1), (move.to_account, 1)):
                if account != Account.OUTSIDE and day <= LAST:
                    found.append((event, day, move.kind, str(account), way * sign))
        return found


stories = st.builds(Story, st.integers(0, 60), st.integers(0, 15), st.none() | st.integers(0, 40))


@given(st.lists(st.tuples(stories, stories), min_size=1, max_size=8))
def test_frozen_and_the_entries_are_what_is_counted_now(pairs):
    """Each dossier's history became another: the reversals of the old legs and the new ones are the entries."""
    legs = []
    for event, (before, after) in enumerate(pairs, start=1):
        legs += before.legs(event, -1) + after.legs(event)
    entries = _effects(legs, FIRST, LAST)
    frozen = sum((before.counted() for before, _ in pairs), Effect())
    now = sum((after.counted() for _, after in pairs), Effect())
    assert frozen + sum(entries.values(), Effect()) == now
    # and each entry alone makes its own dossier's difference
    for event, (before, after) in enumerate(pairs, start=1):
        assert before.counted() + entries.get(event, Effect()) == after.counted()


def test_accounts_are_those_of_the_ledger():
    assert set(PENDING) | set(ENDED) | {Account.OUTSIDE} == set(Account)
