"""Several writers at once, writers that die, and ids that become visible out of order. Real processes, real commits."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from motcua.core import clock
from motcua.core.errors import Conflict
from motcua.ledger import actions, bulk, checkpoint, locks, registry, totals, verify
from motcua.ledger.models import Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.ledger.ticking import alone
from motcua.org.models import Unit
from motcua.worktime.rules import Deadline
from tests.ledger.conftest import make_world
from tests.support.child import say
from tests.support.processes import Child, run_processes

MORNING = clock.local_moment(dt.date(2023, 6, 1), dt.time(9))


@pytest.fixture(autouse=True)
def _no_trade(monkeypatch: pytest.MonkeyPatch) -> None:
    """These items belong to no trade, which could not tell their timelines."""
    monkeypatch.setattr(registry, "_books", {})


def receipt(unit: int, category: int) -> Fact:
    return Fact(
        "receive", MORNING, deadline=Deadline(MORNING + dt.timedelta(days=7), "day"), unit=unit, category=category,
        channel="direct",
    )  # fmt: skip


def receive(code: str, unit: int, category: int) -> Item:
    item = actions.open_item(book="dossier", code=code, unit=Unit.objects.get(pk=unit))
    actions.record(
        item=item, verb="receive", occurred_at=MORNING, actor=None, facts={}, timeline=[receipt(unit, category)]
    )
    return item


def faults() -> list[str]:
    """What is wrong with the books, the missing trade aside."""
    return [
        f
        for check in verify.checks()
        if check.title not in ("Sổ không có phần nghiệp vụ", "Biểu tổng hợp")
        for f in check.run(lambda done, total: None)
    ]


# ---- one item, many hands --------------------------------------------------------------------------------------------


def forward_many(index: int, item_id: int, n: int) -> int:
    """Child: record ``n`` acts on one item, each in its own transaction."""
    for step in range(n):
        with transaction.atomic():
            actions.record(
                item=actions.lock(item_id), verb="forward", occurred_at=clock.now(), actor=None,
                facts={"by": index, "step": step}, timeline=None,
            )  # fmt: skip
    return n


def test_many_hands_on_one_item_make_one_chain(real_database: str) -> None:
    world = make_world()
    with transaction.atomic():
        item = receive("H59-1", world.units[0].pk, world.categories[0].pk)
    assert run_processes(4, forward_many, real_database, item.pk, 20) == [20] * 4
    item.refresh_from_db()
    assert item.length == 81
    assert sorted(Event.objects.filter(item=item).values_list("seq", flat=True)) == list(range(1, 82))
    assert faults() == []


def close_once(index: int, item_id: int, unit: int, category: int) -> str:
    """Child: end the item, reading its history as a verb does."""
    end = Fact("close", MORNING + dt.timedelta(days=1), outcome="granted")
    with transaction.atomic():
        item = actions.lock(item_id)
        if Event.objects.filter(item=item, verb="resolve").exists():
            return "too late"
        actions.record(
            item=item, verb="resolve", occurred_at=end.at, actor=None, facts={},
            timeline=[receipt(unit, category), end],
        )  # fmt: skip
    return "ended"


def test_of_two_who_end_an_item_one_is_first(real_database: str) -> None:
    world = make_world()
    ids = (world.units[0].pk, world.categories[0].pk)
    with transaction.atomic():
        item = receive("H59-1", *ids)
    results = run_processes(4, close_once, real_database, item.pk, *ids)
    assert sorted(results) == ["ended"] + ["too late"] * 3
    assert sum(Leg.objects.filter(account="early").values_list("sign", flat=True)) == 1
    assert faults() == []


# ---- commits out of order ------------------------------------------------------------------------------------------


def write_slowly(index: int, unit: int, category: int, seconds: float) -> int:
    """Child: write an item, say its last leg id, and commit only after a while."""
    with transaction.atomic():
        receive(f"SLOW-{index}", unit, category)
        last = Leg.objects.order_by("-pk").values_list("pk", flat=True)[0]
        say({"wrote": last})
        time.sleep(seconds)
    return last


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_the_watermark_waits_for_whoever_has_a_lower_id(real_database: str) -> None:
    """Leg 1 is written but not committed while leg 5 is: the watermark must not pass over leg 1."""
    world = make_world()
    ids = (world.units[0].pk, world.categories[0].pk)
    child = Child(write_slowly, real_database, *ids, 2.0)
    try:
        child.wait_ready()
        child.go()
        low = child.read()["wrote"]
        # A second writer overtakes the first: higher ids, committed earlier.
        with transaction.atomic():
            receive("FAST", *ids)
        assert Leg.objects.order_by("-pk")[0].pk > low
        assert not Leg.objects.filter(pk__lte=low).exists(), "the first writer must still be uncommitted"
        leg, event = locks.safe_ids()
        assert Leg.objects.filter(pk__lte=low).count() == 4, "the watermark was answered before the first had committed"
        assert (leg, event) == (Leg.objects.order_by("-pk")[0].pk, Event.objects.order_by("-pk")[0].pk)
    finally:
        child.kill()


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_writers_are_not_held_up_by_one_who_waits_for_the_watermark(real_database: str) -> None:
    world = make_world()
    ids = (world.units[0].pk, world.categories[0].pk)
    slow = Child(write_slowly, real_database, *ids, 3.0)
    waiting = Child(wait_for_watermark, real_database)
    try:
        for child in (slow, waiting):
            child.wait_ready()
        slow.go()
        slow.read()
        waiting.go()
        assert waiting.read() == {"begun": True}
        time.sleep(0.3)
        before = time.monotonic()
        with transaction.atomic():
            receive("FAST", *ids)
        assert time.monotonic() - before < 1.5
        assert waiting.result() >= 8
    finally:
        slow.kill()
        waiting.kill()


def wait_for_watermark(index: int) -> int:
    """Child: ask for the watermark."""
    say({"begun": True})
    return locks.safe_watermark()


def write_and_fold(index: int, unit: int, category: int, n: int) -> int:
    """Child: writers receive and end items; the last process folds all the while."""
    if index == 3:
        for _ in range(n // 2):
            totals.fold()
        return 0
    for i in range(n):
        with transaction.atomic():
            item = receive(f"H{index}-{i}", unit, category)
        end = Fact("close", MORNING + dt.timedelta(days=i % 9), outcome="granted")
        with transaction.atomic():
            actions.record(
                item=actions.lock(item.pk), verb="resolve", occurred_at=end.at, actor=None, facts={},
                timeline=[receipt(unit, category), end],
            )  # fmt: skip
    return n


def test_nothing_is_lost_when_writers_and_the_fold_run_together(real_database: str) -> None:
    world = make_world()
    assert run_processes(4, write_and_fold, real_database, world.units[0].pk, world.categories[0].pk, 25) == [
        25, 25, 25, 0,
    ]  # fmt: skip
    totals.fold()
    assert Item.objects.count() == 75
    assert faults() == []


# ---- death -------------------------------------------------------------------------------------------------------


def receive_until_killed(index: int, unit: int, category: int) -> None:
    """Child: receive items for ever, after those there are, saying each one only when it is committed."""
    for n in range(Item.objects.count(), 100_000):
        with transaction.atomic():
            receive(f"K{n}", unit, category)
        say({"done": n})


def test_kill_9_loses_no_acknowledged_act_and_leaves_no_half_act(real_database: str) -> None:
    world = make_world()
    for _ in range(3):
        child = Child(receive_until_killed, real_database, world.units[0].pk, world.categories[0].pk)
        child.wait_ready()
        child.go()
        acknowledged = [child.read()["done"] for _ in range(15)]
        child.kill()
        connection.close()
        codes = set(Item.objects.values_list("code", flat=True))
        assert {f"K{n}" for n in acknowledged} <= codes
        assert faults() == []
        for item in Item.objects.all():
            assert (item.length, item.legs.count()) == (1, 4)


def bulk_until_killed(index: int, unit: int, category: int) -> None:
    """Child: a bulk import that is still writing when it dies."""
    drafts = [
        bulk.Draft(
            "dossier", f"B{n}", unit, None,
            [bulk.EventDraft("receive", MORNING, MORNING, timeline=[receipt(unit, category)])],
        )
        for n in range(3000)
    ]  # fmt: skip
    with transaction.atomic():
        bulk.write(drafts)
        say({"written": True})
        time.sleep(60)


def test_a_killed_import_leaves_nothing(real_database: str) -> None:
    world = make_world()
    child = Child(bulk_until_killed, real_database, world.units[0].pk, world.categories[0].pk)
    child.wait_ready()
    child.go()
    assert child.read() == {"written": True}
    child.kill()
    connection.close()
    assert not Item.objects.exists()
    with transaction.atomic():
        receive("H59-1", world.units[0].pk, world.categories[0].pk)
    assert locks.safe_ids() == (Leg.objects.order_by("-pk")[0].pk, Event.objects.order_by("-pk")[0].pk)
    assert faults() == []


# ---- tick ----------------------------------------------------------------------------------------------------------


def tick_once(index: int, home: str) -> str:
    """Child: run the command."""
    from io import StringIO

    from django.conf import settings
    from django.core.management import call_command

    settings.HOME, settings.KEYS, settings.CHECKPOINT_DIR = Path(home), Path(home) / "keys", Path(home) / "outside"
    out = StringIO()
    call_command("tick", stdout=out)
    return out.getvalue()


def test_two_ticks_at_once_do_the_work_once(real_database: str, tmp_path: Path, settings: Any) -> None:
    settings.KEYS = tmp_path / "keys"
    world = make_world()
    with transaction.atomic(), clock.at(MORNING):
        receive("H59-1", world.units[0].pk, world.categories[0].pk)
    said = run_processes(3, tick_once, real_database, str(tmp_path))
    assert sum("lập bản chốt ngày" in text for text in said) == 1
    files = list((tmp_path / "outside").iterdir())
    assert len(files) == 1
    assert list(checkpoint.check_file(files[0])) == []
    assert (tmp_path / "keys" / "checkpoint.pem").stat().st_mode & 0o777 == 0o600
    assert "không có gì đến hạn" in run_processes(1, tick_once, real_database, str(tmp_path))[0]
    assert len(list((tmp_path / "outside").iterdir())) == 1


def hold_tick(index: int) -> None:
    """Child: be the one that ticks, for a while."""
    with alone() as first:
        say({"first": first})
        time.sleep(60)


def test_a_tick_that_died_does_not_stop_the_next(real_database: str) -> None:
    child = Child(hold_tick, real_database)
    child.wait_ready()
    child.go()
    assert child.read() == {"first": True}
    with alone() as first:
        assert not first
    child.kill()
    for _ in range(50):  # PostgreSQL notices a dead client within moments
        with alone() as first:
            if first:
                return
        time.sleep(0.1)
    raise AssertionError("the lock of a dead process stayed")


def test_a_code_taken_meanwhile_is_a_conflict(real_database: str) -> None:
    world = make_world()
    results = run_processes(4, take_code, real_database, world.units[0].pk)
    assert sorted(results) == ["conflict"] * 3 + ["mine"]


def take_code(index: int, unit: int) -> Any:
    """Child: open an item under one and the same code."""
    try:
        with transaction.atomic():
            actions.open_item(book="dossier", code="H59-1", unit=Unit.objects.get(pk=unit))
    except Conflict:
        return "conflict"
    return "mine"
