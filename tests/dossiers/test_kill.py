"""kill -9 in the middle of writes: every act that was acknowledged is there, and no act is there by half."""

import time
from random import Random
from typing import Any

from django.db import connection

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.core.models import Outbox
from motcua.dossiers import actions
from motcua.dossiers.models import Component, Dossier, DueMove, HandOverRecord, Note, SupplementRequest
from motcua.ledger.models import Event, Item
from tests.dossiers.books import faults
from tests.dossiers.conftest import at, make_office
from tests.dossiers.test_concurrency import LATER, found, receive
from tests.support.child import say
from tests.support.processes import Child

ROUNDS = 6


def settled() -> None:
    """Wait until the server has noticed that its clients are dead; a dead client's COMMIT may still come through."""
    if connection.vendor != "postgresql":
        return
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("a dead client still has its connection")


def killed_at_random(chance: Random, children: list[Child]) -> list[Any]:
    """Let the children work, kill each at some moment, and return all they had acknowledged."""
    for child in children:
        child.wait_ready()
    for child in children:
        child.go()
    said = []
    for child in children:
        said += [child.read() for _ in range(chance.randint(2, 12))]
        time.sleep(chance.random() * 0.05)
        child.kill()
        while (more := child.read()) is not None:
            said.append(more)
    assert None not in said, [child.errors for child in children]
    connection.close()
    settled()
    return said


# ---- acts of all kinds, one dossier each -----------------------------------------------------------------------------


def work_until_killed(index: int, seed: int) -> None:
    """Child: receive, forward, ask for more, resolve, hand over; say each act when it is committed."""
    office, chance = found(), Random(seed)
    mine: list[int] = []
    ways = [
        lambda pk: actions.forward(actor=office.clerk, dossier=pk, holder=office.second, note="Xem giúp"),
        lambda pk: actions.request_supplement(
            actor=office.handler, dossier=pk, items=["Tờ khai"], reason="y", basis="z"
        ),
        lambda pk: actions.supplement_received(actor=office.clerk, dossier=pk, papers=[{"name": "Tờ khai"}]),
        lambda pk: actions.resolve(actor=office.handler, dossier=pk),
        lambda pk: actions.hand_over_result(actor=office.clerk, dossier=pk),
    ]
    while True:
        if not mine or chance.random() < 0.3:
            made = receive(office, LATER, papers=[{"name": "Đơn"}])
            mine.append(made.pk)
            say([made.pk, 1])
            continue
        pk = chance.choice(mine[-5:])
        try:
            with clock.at(at(LATER)):
                chance.choice(ways)(pk)
        except MotcuaError:
            continue
        say([pk, Event.objects.filter(item__dossier=pk).count()])


def test_kill_9_loses_no_acknowledged_act_and_leaves_no_half_act(real_database: str) -> None:
    make_office()
    chance = Random(20230601)
    acknowledged: dict[int, int] = {}
    for _ in range(ROUNDS):
        seeds = [chance.randrange(10**9) for _ in range(2)]
        said = killed_at_random(chance, [Child(work_until_killed, real_database, seed) for seed in seeds])
        for pk, events in said:
            acknowledged[pk] = max(events, acknowledged.get(pk, 0))
        assert faults() == []
        kept = {d.pk: d for d in Dossier.objects.select_related("item")}
        for pk, events in acknowledged.items():
            assert kept[pk].item is not None
            assert kept[pk].item.length >= events, "an acknowledged act is gone"
        # Whatever belongs to an act is there with it, and nothing belongs to an act that is not.
        verbs = list(Event.objects.values_list("verb", flat=True))
        assert Dossier.objects.count() == Item.objects.count() == verbs.count("receive")
        assert Outbox.objects.count() == len(verbs)
        assert SupplementRequest.objects.count() == verbs.count("request_supplement")
        assert SupplementRequest.objects.filter(answered_at__isnull=False).count() == verbs.count("supplement_received")
        assert Component.objects.count() == verbs.count("receive") + verbs.count("supplement_received")
        assert Note.objects.count() == sum("note" in facts for facts in Event.objects.values_list("facts", flat=True))
    assert len(acknowledged) > ROUNDS
    # And the office goes on where it was: the next number follows the last.
    last = max(int(str(d.code).rsplit("-", 1)[1]) for d in kept.values())
    assert str(receive(found(), LATER).code).endswith(f"-{last + 1:04d}")


# ---- one decision for the whole office -------------------------------------------------------------------------------


def decide_until_killed(index: int) -> None:
    """Child: move all due dates, hand everything over and back; say each decision when it is committed."""
    office = found()
    pair = [office.handler, office.second]
    for k in range(10_000):
        with clock.at(at(LATER)):
            move = actions.move_due_dates(
                actor=office.chair, unit=office.district, days=1, decision=f"QĐ {k}", reason="Bão số 1"
            )
            say(["move", move.pk])
            for giver, taker in (pair, pair[::-1]):
                record = actions.hand_over_pending(
                    actor=office.head, from_user=giver, to_user=taker, unit=office.district, reason="Phép"
                )
                say(["hand over", record.pk])


def test_a_killed_decision_has_touched_all_or_none(real_database: str) -> None:
    office = make_office()
    for _ in range(40):
        receive(office)
    chance = Random(7)
    for _ in range(ROUNDS // 2):
        said = killed_at_random(chance, [Child(decide_until_killed, real_database)])
        assert {pk for kind, pk in said if kind == "move"} <= set(DueMove.objects.values_list("pk", flat=True))
        assert {pk for kind, pk in said if kind == "hand over"} <= set(
            HandOverRecord.objects.values_list("pk", flat=True)
        )
        moves, records = DueMove.objects.count(), HandOverRecord.objects.exclude(codes=[]).count()
        assert set(DueMove.objects.values_list("moved", flat=True)) <= {40}
        for item in Item.objects.all():
            assert Event.objects.filter(item=item, verb="move_due").count() == moves
            assert Event.objects.filter(item=item, verb="reassign").count() == records
        assert faults() == []
    assert DueMove.objects.count() > 1
