"""Statements read while others write and fold: every one of them is a true picture of some moment."""

import datetime as dt

from django.db import transaction

from motcua.core import clock
from motcua.ledger import actions, queries, totals
from motcua.ledger.models import Leg
from motcua.ledger.rules import Fact
from motcua.org.models import Unit
from motcua.org.queries import SYSTEM
from motcua.worktime.rules import Deadline
from tests.ledger.conftest import make_world
from tests.support.processes import run_processes

MORNING = clock.local_moment(dt.date(2023, 6, 1), dt.time(9))
READERS, WRITERS, FOLDERS = 1, 2, 1


def work(index: int, units: list[int], category: int, n: int) -> list[int]:
    """Child 0 reads, children 1 and 2 write, child 3 folds and now and then rebuilds."""
    if index == 0:
        return read_on(units, n)
    if index == 3:
        for i in range(n):
            totals.rebuild() if i % 7 == 3 else totals.fold(chunk=50)
        return []
    for i in range(n):
        start = Fact(
            "receive", MORNING + dt.timedelta(days=i % 20), unit=units[i % 2], category=category, channel="online",
            deadline=Deadline(MORNING + dt.timedelta(days=20 + i % 9), "day"),
        )  # fmt: skip
        with transaction.atomic():
            item = actions.open_item(book="dossier", code=f"R{index}-{i}", unit=Unit.objects.get(pk=units[0]))
            actions.record(item=item, verb="receive", occurred_at=start.at, actor=None, facts={}, timeline=[start])
        moved = Fact("transfer", start.at + dt.timedelta(days=1), unit=units[(i + 1) % 2])
        with transaction.atomic():
            actions.record(
                item=actions.lock(item.pk), verb="transfer", occurred_at=moved.at, actor=None, facts={},
                timeline=[start, moved],
            )  # fmt: skip
    return []


def read_on(ids: list[int], n: int) -> list[int]:
    """The numbers received that each statement said, one after another; a statement that does not add up raises."""
    units = list(Unit.objects.filter(pk__in=ids))
    said = []
    for _ in range(n * 2):
        made = queries.statement(
            SYSTEM, book="dossier", units=units, start=dt.date(2023, 5, 20), end=dt.date(2023, 7, 20)
        )
        assert made.total.figures.transferred == 0
        said.append(made.total.figures.received_total)
    return said


def test_every_statement_is_a_true_picture_of_some_moment(real_database: str) -> None:
    world = make_world()
    ids = [unit.pk for unit in world.units[:2]]
    said, *_ = run_processes(READERS + WRITERS + FOLDERS, work, real_database, ids, world.categories[0].pk, 25)
    assert said == sorted(said), "what was received is never un-received here"
    assert said[-1] <= 50
    totals.fold()
    assert totals.check() == []
    assert read_on(ids, 1)[-1] == 50
    assert totals.state() is not None
    assert totals.state().leg_id == Leg.objects.order_by("-pk")[0].pk  # type: ignore[union-attr]
