"""Money at the counter: append-only, never more than is owed, and a day's list whose sums are the sums of its rows."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed, NotFound
from motcua.core.series import next_number
from motcua.dossiers import charging
from motcua.dossiers.actions.charging import cancel_due, charge, close_cash, collect, refund, void_receipt
from motcua.dossiers.actions.counter import receive_at_counter, receive_quick, void_quick
from motcua.dossiers.counter_models import MoneyEntry, MoneyKind
from motcua.dossiers.fees import Due
from motcua.dossiers.states import State
from motcua.ledger import registry
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.parties.actions import Particulars
from tests.dossiers.conftest import at, person
from tests.support.sql import max_queries

NOON = at("01/06/2023 10:00")
FEE = Due("Phí", 20_000, 20_000)


@pytest.fixture
def cashier(office):
    return person("thuphi", office.district, Duty.CASHIER)


@pytest.fixture
def dossier(office):
    with clock.at(NOON):
        return counter(office, dues=[FEE])


def counter(office, **more):
    arguments = {
        "actor": office.clerk, "procedure": office.land, "unit": office.district,
        "applicant": Particulars(name="Nguyễn Văn Mẫu"), **more,
    }  # fmt: skip
    return receive_at_counter(**arguments)


def owed(dossier):
    return charging.purse(dossier).owed


def faults():
    return list(registry.get(Book.DOSSIER).series_check())


def test_paid_in_part_then_in_full_and_not_a_dong_more(office, dossier):
    with clock.at(NOON):
        first = collect(actor=office.clerk, dossier=dossier.pk, amount=15_000, method="cash")
        assert owed(dossier) == 5_000
        with pytest.raises(Invalid, match=r"còn phải nộp 5\.000 đồng"):
            collect(actor=office.clerk, dossier=dossier.pk, amount=5_001, method="cash")
        second = collect(actor=office.clerk, dossier=dossier.pk, amount=5_000, method="transfer")
        with pytest.raises(Invalid, match="không còn khoản nào"):
            collect(actor=office.clerk, dossier=dossier.pk, amount=1, method="cash")
    assert (first.number, second.number, first.year) == (1, 2, 2023)
    assert owed(dossier) == 0
    assert faults() == []


@pytest.mark.parametrize(("amount", "method"), [(0, "cash"), (-5, "cash"), (5, "gold"), (10**13, "cash")])
def test_what_is_no_payment_is_refused(office, dossier, amount, method):
    with clock.at(NOON), pytest.raises(Invalid):
        collect(actor=office.clerk, dossier=dossier.pk, amount=amount, method=method)
    assert not MoneyEntry.objects.filter(kind=MoneyKind.COLLECT).exists()


def test_accepted_and_paid_in_one_act(office):
    with clock.at(NOON):
        made = counter(office, dues=[FEE], pay="cash")
        ((receipt, back),) = charging.purse(made).receipts
    assert (receipt.amount, receipt.number, back) == (20_000, 1, None)


def test_an_acceptance_that_fails_leaves_no_number_and_no_money(office):
    with clock.at(NOON), pytest.raises(Invalid, match="lý do"):
        counter(office, dues=[Due("Phí", 5_000, 20_000)], pay="cash")
    assert not MoneyEntry.objects.exists()
    with clock.at(NOON):
        made = counter(office, dues=[FEE], pay="cash")
    assert made.code.endswith("-0001")
    assert faults() == []


def test_an_exemption_needs_its_paper(office, dossier):
    poor = Due("Phí", 0, 20_000, exempt_group="Hộ nghèo")
    with clock.at(NOON):
        with pytest.raises(Invalid, match="giấy tờ chứng minh"):
            charge(actor=office.clerk, dossier=dossier.pk, dues=[poor])
        cancel_due(actor=office.clerk, dossier=dossier.pk, entry=dossier.money.get().pk, reason="Hộ nghèo")
        proven = Due("Phí", 0, 20_000, exempt_group="Hộ nghèo", reason="Giấy xác nhận số 12")
        charge(actor=office.clerk, dossier=dossier.pk, dues=[proven])
    purse = charging.purse(dossier)
    assert (purse.due, [d.exempt_group for d in purse.dues]) == (0, ["Hộ nghèo"])


def test_a_due_that_was_paid_is_not_dropped(office, dossier):
    with clock.at(NOON):
        collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash")
        due = dossier.money.get(kind=MoneyKind.DUE)
        with pytest.raises(IllegalAct, match="đã thu tiền"):
            cancel_due(actor=office.clerk, dossier=dossier.pk, entry=due.pk, reason="x")


def test_a_voided_receipt_keeps_its_number(office, dossier):
    with clock.at(NOON):
        receipt = collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash")
        void_receipt(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="Ghi nhầm")
        with pytest.raises(IllegalAct, match="rồi"):
            void_receipt(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="Ghi nhầm")
        again = collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash")
    assert again.number == receipt.number + 1
    assert faults() == []


def test_closed_cash_is_given_back_not_voided(office, dossier, cashier):
    with clock.at(NOON):
        receipt = collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash")
        close_cash(actor=office.clerk, desk=office.district, day=dt.date(2023, 6, 1), counted=20_000)
        with pytest.raises(IllegalAct, match="đã chốt"):
            void_receipt(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="x")
        with pytest.raises(NotAllowed):
            refund(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="x")
    with clock.at(at("02/06/2023 09:00")):
        refund(actor=cashier, dossier=dossier.pk, entry=receipt.pk, reason="Nộp thừa")
    assert owed(dossier) == 20_000
    scope = org.SYSTEM
    first, second = (charging.cash_list(scope, office.district, dt.date(2023, 6, d)) for d in (1, 2))
    assert (first.total, second.total) == (20_000, -20_000)
    assert second.groups[0].collector == cashier


def test_a_leaders_void_goes_out_of_the_collectors_cash(office, dossier):
    with clock.at(NOON):
        receipt = collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash")
        void_receipt(actor=office.head, dossier=dossier.pk, entry=receipt.pk, reason="Thu nhầm người")
        found = charging.cash_list(org.SYSTEM, office.district, dt.date(2023, 6, 1))
    assert [g.collector for g in found.groups] == [office.clerk]
    assert (found.total, found.voided, found.receipts) == (0, 1, 1)


def test_closing_counts_the_drawer_and_explains_a_difference(office, dossier):
    day = dt.date(2023, 6, 1)
    with clock.at(NOON):
        with pytest.raises(IllegalAct, match="chưa chốt"):
            close_cash(actor=office.clerk, desk=office.district, day=day, counted=0)
        collect(actor=office.clerk, dossier=dossier.pk, amount=12_000, method="cash")
        with pytest.raises(Invalid, match="giải trình"):
            close_cash(actor=office.clerk, desk=office.district, day=day, counted=11_000)
        first = close_cash(actor=office.clerk, desk=office.district, day=day, counted=11_000, note="Thối nhầm 1.000")
        collect(actor=office.clerk, dossier=dossier.pk, amount=8_000, method="transfer")
        second = close_cash(actor=office.clerk, desk=office.district, day=day, counted=0)
        (group,) = charging.cash_list(org.SYSTEM, office.district, day).groups
    assert (first.ordinal, first.cash, second.ordinal, second.transfer) == (1, 12_000, 2, 8_000)
    assert (group.open_rows, group.difference) == (0, -1_000)
    assert group.cash == sum(c.cash for c in group.closings)


@pytest.mark.parametrize("who", ["handler", "stranger"])
def test_who_takes_no_fees_touches_no_money(office, dossier, who):
    actor = getattr(office, who)
    with clock.at(NOON):
        receipt = collect(actor=office.clerk, dossier=dossier.pk, amount=5_000, method="cash")
        due = dossier.money.get(kind=MoneyKind.DUE)
        before = MoneyEntry.objects.count()
        for call in (
            lambda: collect(actor=actor, dossier=dossier.pk, amount=5, method="cash"),
            lambda: charge(actor=actor, dossier=dossier.pk, dues=[FEE]),
            lambda: cancel_due(actor=actor, dossier=dossier.pk, entry=due.pk, reason="x"),
            lambda: void_receipt(actor=actor, dossier=dossier.pk, entry=receipt.pk, reason="x"),
            lambda: refund(actor=actor, dossier=dossier.pk, entry=receipt.pk, reason="x"),
            lambda: close_cash(
                actor=actor, desk=office.district, day=dt.date(2023, 6, 1), counted=5_000, collector=office.clerk
            ),
        ):
            with pytest.raises(NotAllowed):
                call()
        assert (
            charging.cash_list(org.scope(office.stranger, None, clock.today()), office.district, clock.today()).rows
            == []
        )
    assert MoneyEntry.objects.count() == before


def test_another_dossiers_line_is_not_found(office, dossier):
    with clock.at(NOON):
        other = counter(office, dues=[FEE], pay="cash")
        receipt = other.money.get(kind=MoneyKind.COLLECT)
        with pytest.raises(NotFound):
            void_receipt(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="x")


def test_money_written_is_never_changed(office, dossier):
    for statement in ("UPDATE dossiers_moneyentry SET amount = 1", "DELETE FROM dossiers_moneyentry"):
        with pytest.raises((IntegrityError, MotcuaError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert owed(dossier) == 20_000


def test_a_trigger_taken_off_is_named(office, dossier):
    table, name = "dossiers_moneyentry", "no_change" if connection.vendor == "postgresql" else "no_update"
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_{name}{on}")
    assert faults() == [f"thiếu hoặc đã tắt bẫy {table}_{name}"]


def test_a_receipt_number_nobody_has_is_named(office, dossier):
    with clock.at(NOON), transaction.atomic():
        next_number("receipt:000.00.25.H59", dt.date(2023, 1, 1))
        next_number("book:000.00.25.H59:1.009992", dt.date(2023, 1, 1))
    assert ["thiếu số 1" in fault for fault in faults()] == [True, True]


def test_sent_twice_paid_once(office, dossier):
    with clock.at(NOON):
        given_ = {"actor": office.clerk, "dossier": dossier.pk, "amount": 20_000, "method": "cash", "request_key": "k1"}
        assert collect(**given_) == collect(**given_)
        with pytest.raises(Conflict):
            collect(**{**given_, "amount": 10_000})
    assert dossier.money.filter(kind=MoneyKind.COLLECT).count() == 1


# ---- what it costs ---------------------------------------------------------------------------------------------------


def test_each_verb_stays_within_its_budget(office, dossier, cashier):
    with clock.at(NOON):
        quick(office)  # the figures' category of a procedure is made with its first dossier
        known = counter(office, applicant=Particulars(name="Lý Văn Tư", id_number="084195000001"), request_key="k0")
        with max_queries(20):
            counter(office, dues=[FEE], pay="cash", request_key="k1", papers=[{"name": "Tờ khai"}])
        with max_queries(20):
            counter(office, applicant=known.applicant, dues=[FEE], pay="cash", request_key="k1b")
        with max_queries(20):
            quick(office, request_key="k2")
        with max_queries(20):
            charge(actor=office.clerk, dossier=dossier.pk, dues=[FEE], request_key="k3")
        with max_queries(20):
            receipt = collect(actor=office.clerk, dossier=dossier.pk, amount=20_000, method="cash", request_key="k4")
        with max_queries(20):
            void_receipt(actor=office.clerk, dossier=dossier.pk, entry=receipt.pk, reason="x", request_key="k5")
        line = quick(office)
        with max_queries(20):
            void_quick(actor=office.clerk, dossier=line.pk, reason="x", approver=office.head, request_key="k6")
        with max_queries(20):
            close_cash(
                actor=office.clerk,
                desk=office.district,
                day=clock.today(),
                counted=4_000 + 4_000 + 40_000,
                request_key="k7",
            )
        with max_queries(4):
            charging.cash_list(org.SYSTEM, office.district, clock.today())
        with max_queries(3):
            charging.quick_lines(org.SYSTEM, office.district, clock.today())


# ---- tiếp nhận nhanh -------------------------------------------------------------------------------------------------


def quick(office, **more):
    arguments = {
        "actor": office.clerk, "procedure": office.quick, "unit": office.district, "name": "Kim Thị Na",
        "due": Due("Phí", 4_000, 4_000), **more,
    }  # fmt: skip
    return receive_quick(**arguments)


def test_a_line_is_a_dossier_received_resolved_and_handed_over(office):
    with clock.at(NOON):
        first, second = quick(office, copies=2, pages=3), quick(office)
    first.refresh_from_db()
    assert (first.state, first.time_class, first.copies) == (State.HANDED_OVER, "on_time", 2)
    assert (first.counter.number, second.counter.number, first.counter.year) == (1, 2, 2023)
    assert first.counter.book == "book:000.00.25.H59:1.009992"
    assert owed(first) == 0
    with clock.at(at("03/01/2024 09:00")):
        assert quick(office).counter.number == 1  # each year a new book
    assert faults() == []


def test_a_voided_line_keeps_its_numbers_and_its_money_goes_back(office):
    with clock.at(NOON):
        line = quick(office)
        with pytest.raises(NotAllowed, match="người thứ hai"):
            void_quick(actor=office.clerk, dossier=line.pk, reason="Ghi nhầm")
        assert owed(line) == 0
        void_quick(actor=office.clerk, dossier=line.pk, reason="Ghi nhầm", approver=office.head)
        after = quick(office)
        rows = charging.quick_lines(org.SYSTEM, office.district, clock.today())
    assert after.counter.number == 2
    assert [(r.dossier.counter.number, r.voided, r.paid) for r in rows] == [(2, False, 4_000), (1, True, 0)]
    assert charging.purse(line).due == charging.purse(line).paid == 0
    assert faults() == []


@pytest.mark.parametrize("wrong", [{"copies": 0}, {"pages": 0}, {"copies": 1001}, {"name": " "}, {"pay": "gold"}])
def test_a_line_that_cannot_be_leaves_no_gap(office, wrong):
    with clock.at(NOON):
        with pytest.raises(Invalid):
            quick(office, **wrong)
        assert quick(office).counter.number == 1
    assert faults() == []


# ---- any day adds up -------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["due", "pay", "void", "refund", "cancel", "close"]), st.integers(1, 30_000), st.booleans()
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_the_list_adds_up(office, cashier, steps):
    with transaction.atomic():
        _live(office, cashier, steps)
        transaction.set_rollback(True)


def _live(office, cashier, steps):
    with clock.at(NOON):
        made = counter(office)
        for what, amount, first in steps:
            money = list(made.money.order_by("pk"))
            receipts = [m for m in money if m.kind == MoneyKind.COLLECT]
            dues = [m for m in money if m.kind == MoneyKind.DUE]
            receipt = (receipts[0] if first else receipts[-1]).pk if receipts else 0
            calls = {
                "due": lambda a=amount: charge(actor=cashier, dossier=made.pk, dues=[Due("x", a)]),
                "pay": lambda a=amount, f=first: collect(
                    actor=cashier, dossier=made.pk, amount=a, method="cash" if f else "transfer"
                ),
                "void": lambda r=receipt: void_receipt(actor=cashier, dossier=made.pk, entry=r, reason="x"),
                "refund": lambda r=receipt: refund(actor=cashier, dossier=made.pk, entry=r, reason="x"),
                "cancel": lambda d=dues: cancel_due(
                    actor=cashier, dossier=made.pk, entry=d[-1].pk if d else 0, reason="x"
                ),
                "close": lambda: close_cash(
                    actor=cashier, desk=office.district, day=clock.today(), counted=0, note="kiểm sau"
                ),
            }
            try:
                with transaction.atomic():
                    calls[what]()
            except MotcuaError:
                pass
            purse = charging.purse(made)
            assert purse.paid >= 0
            assert all(m.amount > 0 for m in purse.entries if m.kind == MoneyKind.COLLECT)
        found = charging.cash_list(org.SYSTEM, office.district, clock.today())
        assert found.total == charging.purse(made).paid == sum(n for _, _, n in found.by_procedure())
        for group in found.groups:
            closed = sum(c.cash + c.transfer for c in group.closings)
            left = sum(r.entry.amount for r in group.rows if r.closed is None)
            assert closed + left == group.total
        assert faults() == []
