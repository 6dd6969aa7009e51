"""Acts a second, by one writer and by four; histories a second in bulk; legs folded a second.

An act is what a verb of a trade costs in the ledger alone: lock the item, append the event, extend its chain, post the
difference, commit. ``ACTS=n`` changes how many each writer does.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection, transaction

from motcua.core import clock
from motcua.ledger import actions, bulk, queries, totals
from motcua.ledger.models import Item, Leg
from motcua.ledger.rules import Fact
from motcua.org.models import Unit
from motcua.org.queries import SYSTEM
from motcua.worktime.rules import Deadline

DATABASES = ("sqlite", "postgresql")
ACTS = int(os.environ.get("ACTS", "400"))
BULK = 20_000
ROOT = Path(__file__).resolve().parent.parent
MORNING = clock.local_moment(dt.date(2023, 6, 1), dt.time(9))


def _world() -> tuple[int, int]:
    unit, _ = Unit.objects.get_or_create(
        code="B1", valid_from=dt.date(2000, 1, 1), defaults={"name": "Xã thử", "kind": "commune"}
    )
    return unit.pk, actions.category(book="dossier", procedure="9.000001", field="Thử", name="Thủ tục thử").pk


def _receipt(unit: int, category: int, day: int) -> Fact:
    at = MORNING + dt.timedelta(days=day)
    return Fact(
        "receive",
        at,
        deadline=Deadline(at + dt.timedelta(days=7), "day"),
        unit=unit,
        category=category,
        channel="direct",
    )


def write(writer: str, acts: int) -> None:
    """Receive items and end them, each act in its own transaction."""
    unit_id, category = _world()
    unit = Unit.objects.get(pk=unit_id)
    for n in range(acts // 2):
        start = _receipt(unit_id, category, n % 20)
        with transaction.atomic():
            item = actions.open_item(book="dossier", code=f"{writer}-{n}", unit=unit)
            actions.record(item=item, verb="receive", occurred_at=start.at, actor=None, facts={}, timeline=[start])
        end = Fact("close", start.at + dt.timedelta(days=n % 9), outcome="granted")
        with transaction.atomic():
            actions.record(
                item=actions.lock(item.pk),
                verb="resolve",
                occurred_at=end.at,
                actor=None,
                facts={},
                timeline=[start, end],
            )


_CHILD = """
import sys, time, django
django.setup()
from django.db import connection
from benchmarks.bench_ledger import write
connection.ensure_connection()
time.sleep(max(0.0, float(sys.argv[3]) - time.time()))
write(sys.argv[1], int(sys.argv[2]))
"""


def writers(count: int) -> float:
    """Acts a second of ``count`` processes that begin together, start-up not counted."""
    began_at = time.time() + 5 + 2 * count  # all are up by then
    children = [
        subprocess.Popen([sys.executable, "-c", _CHILD, f"W{count}{n}", str(ACTS), str(began_at)], cwd=ROOT)
        for n in range(count)
    ]
    for child in children:
        if child.wait():
            raise SystemExit("a writer failed")
    return ACTS * count / (time.time() - began_at)


def in_bulk(count: int) -> float:
    """Histories of two acts a second, written in bulk with the same bytes."""
    unit, category = _world()

    def history(n: int) -> bulk.Draft:
        start = _receipt(unit, category, n % 20)
        end = Fact("close", start.at + dt.timedelta(days=n % 9), outcome="granted")
        return bulk.Draft(
            "dossier",
            f"BULK-{n}",
            unit,
            None,
            [
                bulk.EventDraft("receive", start.at, start.at, timeline=[start]),
                bulk.EventDraft("resolve", end.at, end.at, timeline=[start, end]),
            ],
        )

    began = time.perf_counter()
    with transaction.atomic():
        bulk.write(history(n) for n in range(count))
    return count / (time.perf_counter() - began)


def main() -> None:
    """Print the figures."""
    _world()
    connection.close()
    for count in (1, 4):
        print(f"  {count} writer{'s' if count > 1 else ' '}: {writers(count):10,.0f} acts a second", flush=True)
    print(f"  in bulk:   {in_bulk(BULK):10,.0f} histories of two acts a second ({BULK:,} written)")
    began = time.perf_counter()
    folded = totals.fold()
    took = time.perf_counter() - began
    print(f"  fold:      {folded.legs / took:10,.0f} legs a second ({Leg.objects.count():,} legs)")
    began = time.perf_counter()
    totals.fold()
    print(f"  fold with nothing new: {time.perf_counter() - began:.4f} s")
    faults = totals.check()
    made = queries.statement(
        SYSTEM,
        book="dossier",
        units=list(Unit.objects.filter(code="B1")),
        start=dt.date(2023, 6, 1),
        end=dt.date(2023, 7, 31),
    )
    received = made.total.figures.received_total
    if faults or received != Item.objects.count():
        raise SystemExit(f"the books do not agree: {faults}, {received} received, {Item.objects.count()} items")
