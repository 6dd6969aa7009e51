"""What a system that works all day needs: what has changed, fees with the dossier, verdicts, a pace."""

import datetime as dt
from multiprocessing import get_context

import pytest

from motcua.api import clients, once, pace
from motcua.api.models import ApiAnswer
from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed
from motcua.core.models import Request
from motcua.dossiers.counter_models import MoneyEntry, MoneyKind
from motcua.dossiers.models import Dossier, ElectronicResult
from motcua.ledger import registry
from motcua.org.models import Duty
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import FeeState, Stated
from motcua.procedures.drafts import Draft, FeeDraft, Head, TermDraft
from tests.api.conftest import NEW, connect
from tests.papers.signing import plain
from tests.support.sql import max_queries

TERM = TermDraft(Stated.STATED, value=5, unit="working_day", start_rule="next_day", confirmed=True)


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = settings.HOME = tmp_path  # and no counts of another test


@pytest.fixture
def paid_for(cast):
    """A procedure whose fee the catalogue states, in use at the commune; and the id of its fee row."""
    fee = FeeDraft(FeeState.AMOUNT, amount=8000, per="trang", confirmed=True)
    draft = Draft(Head(name="Cấp bản sao trích lục", field="Hộ tịch"), terms=(TERM,), fees=(fee,))
    made = create_procedure(code="2.000635", draft=draft, valid_from=dt.date(2020, 1, 1), basis="QĐ").procedure
    adopt(unit=cast.xa_cau_ke, procedure=made, valid_from=cast.xa_cau_ke.valid_from)
    return made.code, made.versions.get().fees.get().pk


# ---- what has changed -----------------------------------------------------------------------------------------------


def since(machine, moment):
    found = machine.ok(machine.get("/dossiers", changed_since=moment.isoformat(), sort="changed"))
    return [line["id"] for line in found["items"]]


def test_changed_since_tells_what_was_recorded(machine, cast):
    now = clock.now()
    with clock.at(now - dt.timedelta(hours=2)):
        first = machine.ok(machine.post("/dossiers", NEW), 201)["dossier"]
        second = machine.ok(machine.post("/dossiers", NEW), 201)["dossier"]
    assert since(machine, now - dt.timedelta(hours=3)) == [first, second]
    assert since(machine, now - dt.timedelta(hours=1)) == []
    machine.ok(machine.post(f"/dossiers/{first}/forward", {"holder": cast.by_duty[Duty.HANDLE].username}))
    assert since(machine, now - dt.timedelta(hours=1)) == [first]
    assert since(machine, now - dt.timedelta(hours=3)) == [second, first], "the last to change comes last"
    machine.refused(machine.get("/dossiers", changed_since="hôm qua"), 422, "invalid")
    machine.refused(machine.get("/dossiers", changed_since="2026-03-02T09:00:00"), 422, "invalid")
    with max_queries(8):
        since(machine, now)


# ---- fees -----------------------------------------------------------------------------------------------------------


def test_fees_come_with_the_dossier(machine, paid_for):
    code, line = paid_for
    new = {**NEW, "procedure": code}
    fee = {"line": line, "amount": 24_000, "quantity": 3}
    machine.ok(machine.post("/dossiers", new), 201)
    with max_queries(22 + 3):
        done = machine.ok(machine.post("/dossiers", {**new, "fees": [fee], "paid": "transfer"}), 201)
    entries = MoneyEntry.objects.filter(dossier=done["dossier"]).order_by("pk")
    assert [(e.kind, e.amount, e.by_rule, e.quantity) for e in entries] == [
        (MoneyKind.DUE, 24_000, 24_000, 3),
        (MoneyKind.COLLECT, 24_000, None, entries[1].quantity),
    ]
    assert entries[0].fee_line_id == line
    assert (entries[1].number, entries[1].method) == (1, "transfer")
    due = machine.ok(machine.post("/dossiers", {**new, "fees": [fee]}), 201)["dossier"]
    assert MoneyEntry.objects.get(dossier=due).kind == MoneyKind.DUE


@pytest.mark.parametrize(
    ("fees", "paid"),
    [
        ([{"line": 999_999, "amount": 1}], None),
        ([{"amount": 8000}], None),  # the catalogue states a fee: which one is it?
        ([{"line": True, "amount": 1}], None),
        ([{"amount": -1, "reason": "x"}], None),
        ([{"amount": 0, "exempt_group": "Hộ nghèo"}], None),
        ([{"amount": 8000, "reason": "x"}], "gold"),
        ([], "cash"),
    ],
)
def test_wrong_fees_keep_nothing(machine, paid_for, fees, paid):
    body = {**NEW, "procedure": paid_for[0], "fees": fees, **({"paid": paid} if paid else {})}
    machine.refused(machine.post("/dossiers", body), 422)
    assert not Dossier.objects.exists()
    assert not Request.objects.filter(key__startswith="api:").exists()


def test_another_amount_says_why(machine, paid_for):
    code, line = paid_for
    body = {**NEW, "procedure": code, "fees": [{"line": line, "amount": 4000}]}
    machine.refused(machine.post("/dossiers", body), 422)
    body["fees"][0] |= {"exempt_group": "Hộ nghèo", "reason": "Giấy chứng nhận hộ nghèo số 12"}
    made = machine.ok(machine.post("/dossiers", body), 201)["dossier"]
    entry = MoneyEntry.objects.get(dossier=made)
    assert (entry.amount, entry.by_rule, entry.reason) == (4000, 8000, "Giấy chứng nhận hộ nghèo số 12")


# ---- results --------------------------------------------------------------------------------------------------------


def test_a_result_is_verified_before_it_is_kept(machine):
    pk = machine.ok(machine.post("/dossiers", NEW), 201)["dossier"]
    at = f"/dossiers/{pk}/attachments"
    told = machine.ok(machine.upload(at, plain(), kind="result", key="r1"), 201)
    assert told["verdict"] == ElectronicResult.objects.get().verdict == "unsigned"
    # The same again: nothing is examined or kept twice.
    assert machine.ok(machine.upload(at, plain(), kind="result", key="r1"), 201) == told
    assert ElectronicResult.objects.count() == 1
    machine.refused(machine.upload(at, b"%PDF-1.4\nbroken", kind="result"), 422, "pdf_broken")
    assert machine.ok(machine.upload(at, kind="part"), 201)["verdict"] == ""
    assert ElectronicResult.objects.count() == 1


# ---- pace -----------------------------------------------------------------------------------------------------------


def test_too_many_requests_are_told_to_wait(cast):
    machine = connect(cast.xa_cau_ke)
    clients.set_pace(actor=cast.admin, client=machine.client, requests_a_minute=3)
    other = connect(cast.xa_cau_ke, name="Hệ thống khác")
    minute = clock.local_moment(clock.today(), dt.time(9, 30, 20))
    with clock.at(minute):
        for _ in range(3):
            machine.ok(machine.get("/me"))
        refused = machine.get("/me")
        told = machine.refused(refused, 429, "too_many_requests")
        assert refused["Retry-After"] == "40"
        assert "40 giây" in told["detail"]
        other.ok(other.get("/me"))
    with clock.at(minute + dt.timedelta(seconds=40)):
        machine.ok(machine.get("/me"))


def _many(args):
    client, times, moment = args
    with clock.at(moment):
        return sum(1 for _ in range(times) if not pace.seconds_to_wait(client, 100))


def test_workers_count_together(settings):
    moment = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
    with get_context("fork").Pool(3) as pool:
        let_in = pool.map(_many, [(987_654, 60, moment)] * 3)
    assert sum(let_in) == 100, "exactly as many as allowed, whoever asked"


def test_who_sets_the_pace(cast, signed_in):
    machine = connect(cast.xa_cau_ke)
    for bad in (0, -1, clients.FASTEST + 1):
        with pytest.raises(Invalid):
            clients.set_pace(actor=cast.admin, client=machine.client, requests_a_minute=bad)
    with pytest.raises(NotAllowed):
        clients.set_pace(actor=cast.chair, client=machine.client, requests_a_minute=5)
    desk, at = signed_in(cast.admin), f"/quan-tri/ket-noi/{machine.client.pk}/"
    assert desk.post(f"{at}nhip/", {"requests_a_minute": "0"}).status_code == 400
    assert desk.post(f"{at}nhip/", {"requests_a_minute": "120"}).status_code == 302
    page = desk.get(at).content.decode()
    assert "120 lần mỗi phút" in page
    assert "Đổi số lần gọi mỗi phút" in page


# ---- what is kept of answers ----------------------------------------------------------------------------------------


def test_old_answers_are_forgotten_with_their_keys(machine):
    now = clock.now()
    old = machine.ok(machine.post("/dossiers", NEW, key="old"), 201)
    ApiAnswer.objects.update(at=now - dt.timedelta(days=91))
    new = machine.ok(machine.post("/dossiers", NEW, key="new"), 201)
    assert "Câu trả lời cho hệ thống kết nối" in registry.chores()
    assert once.purge(now) == "bỏ 1 câu trả lời quá 90 ngày"
    assert once.purge(now) == ""
    assert list(ApiAnswer.objects.values_list("key", flat=True)) == ["new"]
    assert machine.ok(machine.post("/dossiers", NEW, key="new"), 201) == new
    assert machine.ok(machine.post("/dossiers", NEW, key="old"), 201)["dossier"] != old["dossier"], "a new request"


def test_the_description_is_written_and_checked_by_one_script():
    import subprocess
    import sys
    from pathlib import Path

    script = Path(__file__).resolve().parents[2] / "scripts" / "openapi.py"
    told = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--check" in told
