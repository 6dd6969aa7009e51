"""Several hands at once: real processes, real commits, on whichever database the run is on.

Whatever they do to each other, afterwards ``motcua verify`` finds nothing, and nobody met a deadlock.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, MotcuaError
from motcua.core.models import Request, SeriesCounter
from motcua.dossiers import actions, succession
from motcua.dossiers.models import Dossier, HandOverRecord
from motcua.dossiers.states import PENDING_STATES, State
from motcua.ledger import succession as ledger_succession
from motcua.ledger.models import Event, Leg
from motcua.org.models import Succession, SuccessionKind, Unit, UnitPlace, User
from motcua.parties.models import Party
from motcua.procedures.models import Procedure
from tests.dossiers.books import faults
from tests.dossiers.conftest import Office, at, make_office
from tests.support.child import say
from tests.support.processes import Child, run_processes

MORNING = "01/06/2023 09:00"
LATER = "02/06/2023 09:00"


def found() -> Office:
    """The office, as a child process finds it in the database."""
    unit = {u.code: u for u in Unit.objects.all()}
    user = {u.username: u for u in User.objects.all()}
    return Office(
        province=unit["84"], district=unit["846"], office=unit["846.01"], commune=unit["29311"], other=unit["29317"],
        clerk=user["motcua"], handler=user["xuly"], second=user["xuly2"], head=user["truongphong"],
        chair=user["chutich"], stranger=user["nguoila"], applicant=Party.objects.order_by("pk")[0],
        land=Procedure.objects.get(code="1.009991"), quick=Procedure.objects.get(code="1.009992"),
    )  # fmt: skip


def receive(office: Office, moment: str = MORNING, **more: Any) -> Dossier:
    with clock.at(at(moment)):
        return actions.receive(
            actor=office.clerk,
            procedure=office.land,
            unit=office.district,
            applicant=office.applicant,
            holder=more.pop("holder", office.handler),
            **more,
        )


def told(act: Callable[[], Any]) -> str:
    """ "done", or the code of the refusal."""
    try:
        act()
    except MotcuaError as refusal:
        return type(refusal).__name__
    return "done"


# ---- one dossier, several officers -----------------------------------------------------------------------------------


def forward_as_read(index: int, ids: list[int]) -> list[str]:
    """Child: forward each dossier as it stood when the page was opened."""
    office = found()
    taker = [office.handler, office.second, office.head, office.clerk][index]
    with clock.at(at(LATER)):
        return [
            told(lambda pk=pk: actions.forward(actor=office.clerk, dossier=pk, holder=taker, expected=1)) for pk in ids
        ]


def test_of_several_who_act_on_what_they_read_exactly_one_wins(real_database: str) -> None:
    office = make_office()
    ids = [receive(office).pk for _ in range(10)]
    answers = run_processes(4, forward_as_read, real_database, ids)
    takers = [office.handler, office.second, office.head, office.clerk]
    for n, pk in enumerate(ids):
        said = [answer[n] for answer in answers]
        assert sorted(said) == ["Conflict"] * 3 + ["done"]
        dossier = Dossier.objects.get(pk=pk)
        assert dossier.item is not None
        assert Event.objects.filter(item=dossier.item).count() == 2
        assert Event.objects.get(item=dossier.item, seq=2).facts["holder"] == dossier.holder_id
        assert dossier.holder == takers[said.index("done")]
    assert faults() == []


def end_it(index: int, ids: list[int]) -> list[str]:
    """Child: end each dossier in this officer's own way."""
    office = found()
    ways: list[Callable[[int], Any]] = [
        lambda pk: actions.resolve(actor=office.handler, dossier=pk),
        lambda pk: actions.resolve(actor=office.handler, dossier=pk, outcome="refused", reason="Sai mẫu"),
        lambda pk: actions.return_dossier(actor=office.handler, dossier=pk, reason="Không thuộc thẩm quyền"),
        lambda pk: actions.stop(actor=office.chair, dossier=pk, reason="Có tranh chấp"),
    ]
    with clock.at(at(LATER)):
        return [told(lambda pk=pk: ways[index](pk)) for pk in ids]


def test_a_dossier_ends_once_however_many_end_it(real_database: str) -> None:
    office = make_office()
    ids = [receive(office).pk for _ in range(10)]
    answers = run_processes(4, end_it, real_database, ids)
    outcomes = ["granted", "refused", "returned", "stopped"]
    for n, pk in enumerate(ids):
        said = [answer[n] for answer in answers]
        assert sorted(said) == ["IllegalAct"] * 3 + ["done"]
        dossier = Dossier.objects.get(pk=pk)
        assert dossier.outcome == outcomes[said.index("done")]
        closed = Leg.objects.filter(item=dossier.item, kind="close", sign=1)
        assert [leg.outcome for leg in closed] == [dossier.outcome]
    assert faults() == []


def transfer_slowly(index: int, pk: int, unit: int) -> None:
    """Child: transfer a dossier and take a while to commit."""
    office = found()
    with clock.at(at(LATER)), transaction.atomic():
        actions.transfer(actor=office.chair, dossier=pk, unit=Unit.objects.get(pk=unit), reason="Thuộc thẩm quyền xã")
        say({"transferred": True})
        time.sleep(1.5)


@pytest.mark.parametrize("expected", [None, 1])
def test_who_waits_for_a_transfer_acts_on_the_dossier_as_it_then_is(real_database: str, expected: int | None) -> None:
    """Not on a dossier that seems gone because its unit is another one now."""
    office = make_office()
    dossier = receive(office)
    child = Child(transfer_slowly, real_database, dossier.pk, office.commune.pk)
    try:
        child.wait_ready()
        child.go()
        assert child.read() == {"transferred": True}
        with clock.at(at("02/06/2023 10:00")):
            arguments = {"actor": office.clerk, "dossier": dossier.pk, "holder": office.second, "expected": expected}
            if expected is None:
                actions.forward(**arguments)
            else:
                with pytest.raises(Conflict):
                    actions.forward(**arguments)
        child.result()
    finally:
        child.kill()
    dossier.refresh_from_db()
    assert dossier.unit == office.commune
    assert dossier.holder == (office.second if expected is None else None)
    assert faults() == []


def accept_slowly(index: int, pk: int) -> None:
    """Child: accept a filing and take a while to commit."""
    office = found()
    with clock.at(at(LATER)), transaction.atomic():
        actions.receive(actor=office.clerk, filing=pk)
        say({"accepted": True})
        time.sleep(1.5)


def test_a_filing_accepted_meanwhile_is_a_dossier_to_whoever_waited(real_database: str) -> None:
    office = make_office()
    with clock.at(at(MORNING)):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
    child = Child(accept_slowly, real_database, filing.pk)
    try:
        child.wait_ready()
        child.go()
        assert child.read() == {"accepted": True}
        with clock.at(at("02/06/2023 10:00")):
            actions.forward(actor=office.clerk, dossier=filing.pk, holder=office.second)
            with pytest.raises(IllegalAct):
                actions.refuse_intake(actor=office.clerk, dossier=filing.pk, reason="Trùng")
        child.result()
    finally:
        child.kill()
    filing.refresh_from_db()
    assert (filing.state, filing.holder) == (State.PROCESSING, office.second)
    assert faults() == []


# ---- numbers ---------------------------------------------------------------------------------------------------------


def receive_many(index: int, n: int) -> list[str]:
    """Child: a counter that receives, half of it filings; now and then somebody changes their mind in the middle."""
    office, codes = found(), []
    for k in range(n):
        try:
            with transaction.atomic():
                if k % 2:
                    with clock.at(at(MORNING)):
                        filing = actions.submit(
                            actor=None, procedure=office.land, unit=office.district, applicant=office.applicant
                        )
                        made = actions.receive(actor=office.clerk, filing=filing.pk)
                else:
                    made = receive(office)
                if k % 5 == 4:
                    raise LookupError
            codes.append(str(made.code))
        except LookupError:
            pass
    return codes


def test_many_counters_give_numbers_without_duplicate_or_gap(real_database: str) -> None:
    make_office()
    codes = [code for answer in run_processes(4, receive_many, real_database, 15) for code in answer]
    assert len(codes) == 4 * 12
    assert sorted(int(code.rsplit("-", 1)[1]) for code in codes) == list(range(1, 49))
    assert set(codes) == set(Dossier.objects.values_list("code", flat=True))
    assert faults() == []


def receive_with_key(index: int, keys: list[str]) -> list[int]:
    """Child: a browser that sends each form it has."""
    office, made = found(), []
    for key in keys:
        dossier = receive(office, request_key=key)
        with clock.at(at(LATER)):
            actions.forward(actor=office.clerk, dossier=dossier.pk, holder=office.second, request_key=f"{key}-f")
        made.append(dossier.pk)
    return made


def test_one_request_sent_from_several_places_at_once_is_one_dossier(real_database: str) -> None:
    make_office()
    keys = [f"k{n}" for n in range(8)]
    answers = run_processes(4, receive_with_key, real_database, keys)
    assert all(answer == answers[0] for answer in answers)
    assert Dossier.objects.count() == len(keys)
    assert SeriesCounter.objects.get(series__startswith="dossier:").n == len(keys)
    assert Event.objects.count() == 2 * len(keys)
    assert Request.objects.count() == 2 * len(keys)
    assert faults() == []


# ---- what touches many dossiers --------------------------------------------------------------------------------------


def live(office: Office, ids: list[int], seed: int, n: int) -> Counter[str]:
    """Act at random on dossiers; refusals are counted, anything else is an error of the test."""
    chance, said = Random(seed), Counter[str]()
    people = [office.handler, office.second]
    ways: list[Callable[[int], Any]] = [
        lambda pk: actions.forward(actor=office.clerk, dossier=pk, holder=chance.choice(people)),
        lambda pk: actions.request_supplement(actor=office.handler, dossier=pk, items=["x"], reason="y", basis="z"),
        lambda pk: actions.supplement_received(actor=office.clerk, dossier=pk),
        lambda pk: actions.propose(actor=office.handler, dossier=pk, to=office.chair),
        lambda pk: actions.return_for_correction(actor=office.chair, dossier=pk, to=office.handler, reason="Sửa"),
        lambda pk: actions.pause(actor=office.handler, dossier=pk, why="payment", reason="Chờ thuế"),
        lambda pk: actions.resume(actor=office.handler, dossier=pk),
        lambda pk: actions.resolve(actor=office.handler, dossier=pk),
        lambda pk: actions.hand_over_result(actor=office.clerk, dossier=pk),
        lambda pk: actions.move_due(actor=office.chair, dossier=pk, days=1, decision="QĐ 1", reason="Bão"),
        lambda pk: _void_last(office, pk),
        lambda pk: receive(office, LATER),
    ]
    with clock.at(at(LATER)):
        for _ in range(n):
            said[told(lambda: chance.choice(ways)(chance.choice(ids)))] += 1
    return said


def _void_last(office: Office, pk: int) -> None:
    last = Event.objects.filter(item__dossier=pk).order_by("-seq")[0]
    actions.void_event(actor=office.handler, dossier=pk, seq=last.seq, reason="Nhầm", approver=office.head)


def hand_over_or_live(index: int, ids: list[int], n: int) -> Any:
    """Child 0 hands everything over to and fro, child 1 moves all due dates; the others go on working."""
    office = found()
    with clock.at(at(LATER)):
        if index == 0:
            pair = [office.handler, office.second]
            for k in range(n // 6):
                actions.hand_over_pending(
                    actor=office.head,
                    from_user=pair[k % 2],
                    to_user=pair[1 - k % 2],
                    unit=office.district,
                    reason="Phép",
                )
            return None
        if index == 1:
            for k in range(n // 6):
                actions.move_due_dates(
                    actor=office.chair, unit=office.district, days=1, decision=f"QĐ {k}", reason="Bão"
                )
            return None
    return live(office, ids, index, n)


def test_everything_changes_hands_and_dates_while_work_goes_on(real_database: str) -> None:
    office = make_office()
    ids = [receive(office).pk for _ in range(12)]
    answers = run_processes(4, hand_over_or_live, real_database, ids, 48)
    assert all(Counter(a)["done"] > 5 for a in answers[2:]), answers
    records = HandOverRecord.objects.order_by("pk")
    assert records.count() == 8
    handed = Counter(code for record in records for code in record.codes)
    for code, n in handed.items():
        assert Event.objects.filter(item__code=code, verb="reassign").count() == n
    assert Event.objects.filter(verb="reassign").count() == sum(handed.values())
    for event in Event.objects.filter(verb="reassign"):
        giver = {office.handler.pk: office.second.pk, office.second.pk: office.handler.pk}
        assert event.facts["holder"] == giver[event.facts["from"]], "taken from whoever held it, not from the giver"
    assert faults() == []


@contextmanager
def merged(office: Office, day: dt.date) -> Iterator[None]:
    """The commune becomes part of the other one."""
    old = office.commune
    Succession.objects.create(old=old, new=office.other, day=day, kind=SuccessionKind.WHOLE)
    last = day - dt.timedelta(days=1)
    Unit.objects.filter(pk=old.pk).update(valid_to=last)
    UnitPlace.objects.filter(unit=old).update(valid_to=last)
    yield


def succeed_or_live(index: int, ids: list[int], n: int) -> Any:
    """Child 0 and 1 bring rows and journal after a merger; the others go on working."""
    office = found()
    if index < 2:
        with clock.at(at(LATER)):
            for _ in range(3):
                succession.follow(dt.date(2023, 6, 2))
                ledger_succession.apply_succession(day=dt.date(2023, 6, 2))
        return None
    return live(office, ids, index, n)


def test_units_merge_while_work_goes_on(real_database: str) -> None:
    office = make_office()
    ids = []
    for n in range(12):
        with clock.at(at(MORNING)):
            made = actions.receive(
                actor=office.clerk,
                procedure=office.land,
                unit=office.commune if n % 2 else office.district,
                desk_unit=office.district,
                applicant=office.applicant,
                holder=office.handler,
                holder_unit=office.commune if n % 3 == 0 else office.district,
            )
        ids.append(made.pk)
    with merged(office, dt.date(2023, 6, 2)):
        answers = run_processes(4, succeed_or_live, real_database, ids, 40)
    assert all(Counter(a)["done"] > 5 for a in answers[2:]), answers
    with clock.at(at(LATER)):
        succession.follow(dt.date(2023, 6, 2))
        pending = Dossier.objects.filter(state__in=PENDING_STATES)
        assert not pending.filter(unit=office.commune).exists()
        assert not pending.filter(holder_unit=office.commune).exists()
        assert faults() == []


def test_the_database_says_who_waits_for_whom_never_in_a_circle(real_database: str) -> None:
    """All kinds of acts on very few dossiers by four processes: no deadlock (any database error fails a child)."""
    office = make_office()
    ids = [receive(office).pk for _ in range(2)]
    answers = run_processes(4, only_live, real_database, ids, 60)
    assert sum(Counter(a)["done"] for a in answers) > 40
    assert set().union(*answers) <= {"done", "IllegalAct", "Conflict", "Invalid"}
    connection.close()
    assert faults() == []


def only_live(index: int, ids: list[int], n: int) -> Any:
    """Child: work."""
    return live(found(), ids, 100 + index, n)
