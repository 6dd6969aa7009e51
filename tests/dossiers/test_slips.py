"""Mất mạng: codes reserved on paper, used under one approved window, every number explained for good."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed, NotFound
from motcua.dossiers import actions, slips
from motcua.dossiers.actions.counter import receive_at_counter, reserve_slips, spoil_slip
from motcua.dossiers.counter_models import Slip
from motcua.dossiers.models import Dossier
from motcua.ledger import registry
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.parties.actions import Particulars
from tests.dossiers.conftest import at

BEFORE = at("31/05/2023 16:00")
DAY = dt.date(2023, 6, 1)


def faults():
    return list(registry.get(Book.DOSSIER).series_check())


@pytest.fixture
def run(office):
    with clock.at(BEFORE):
        return reserve_slips(actor=office.clerk, unit=office.district, day=DAY, count=3, reason="Phòng khi mất mạng")


@pytest.fixture
def window(office, run):
    with clock.at(at("02/06/2023 08:00")):
        return actions.approve_catch_up(
            actor=office.chair,
            unit=office.district,
            done_from=at("01/06/2023 07:00"),
            done_to=at("01/06/2023 17:00"),
            enter_until=at("05/06/2023 17:00"),
            reason="Mất mạng cả ngày",
        )


def on_paper(office, slip, moment="01/06/2023 09:00", **more):
    arguments = {
        "actor": office.clerk, "procedure": office.land, "unit": office.district,
        "applicant": Particulars(name="Nguyễn Văn Giấy"), "slip": slip, "occurred_at": at(moment), **more,
    }  # fmt: skip
    with clock.at(at("02/06/2023 10:00")):
        return receive_at_counter(**arguments)


def at_the_screen(office, moment):
    with clock.at(at(moment)):
        return actions.receive(
            actor=office.clerk, procedure=office.land, unit=office.district, applicant=office.applicant
        ).code


def test_reserved_codes_are_skipped_at_the_screen_and_explained(office, run):
    assert [s.code[-4:] for s in run.slips.order_by("number")] == ["0001", "0002", "0003"]
    assert at_the_screen(office, "01/06/2023 08:00").endswith("-230601-0004")
    assert faults() == []


def test_a_paper_slip_keeps_code_moment_and_due_date(office, run, window):
    slip = run.slips.get(number=2)
    made = on_paper(office, slip)
    slip.refresh_from_db()
    assert (made.code, slip.dossier_id, made.late_entry) == (slip.code, made.pk, True)
    assert clock.local_date(made.due_at) == dt.date(2023, 6, 8)  # five working days from Thursday the first
    assert made.received_at == at("01/06/2023 09:00")
    assert faults() == []


def test_a_slip_is_used_once_and_on_its_own_day(office, run, window):
    slip = run.slips.get(number=1)
    on_paper(office, slip)
    with pytest.raises(Conflict, match="đã nhập cho một hồ sơ"):
        on_paper(office, slip)
    with pytest.raises(Invalid, match="dùng cho ngày 01/06/2023"):
        on_paper(office, run.slips.get(number=2), "02/06/2023 09:55")
    assert Dossier.objects.count() == 1
    assert faults() == []


def test_without_a_window_paper_is_refused_and_the_slip_stays_free(office, run):
    with pytest.raises(MotcuaError):
        on_paper(office, run.slips.get(number=1))
    assert run.slips.filter(dossier__isnull=True).count() == 3
    assert faults() == []


def test_a_spoiled_slip_tells_why_and_is_not_used(office, run, window):
    slip = run.slips.get(number=3)
    with clock.at(BEFORE):
        with pytest.raises(Invalid, match="lý do"):
            spoil_slip(actor=office.clerk, slip=slip.pk, reason=" ")
        spoil_slip(actor=office.clerk, slip=slip.pk, reason="Rách")
        with pytest.raises(IllegalAct):
            spoil_slip(actor=office.clerk, slip=slip.pk, reason="Rách")
    with pytest.raises(IllegalAct, match="đã bỏ: Rách"):
        on_paper(office, slip)
    with pytest.raises(IllegalAct, match="đã nhập"), clock.at(at("02/06/2023 11:00")):
        spoil_slip(actor=office.clerk, slip=_used(office, run).pk, reason="x")
    assert faults() == []


def _used(office, run):
    slip = run.slips.get(number=1)
    on_paper(office, slip)
    return slip


def test_another_units_slip_does_not_fit(office, run, window):
    with clock.at(BEFORE):
        other = reserve_slips(actor=office.stranger, unit=office.other, day=DAY, count=1, reason="x")
    with pytest.raises(NotFound):
        on_paper(office, other.slips.get())


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"count": 201}, {"day": dt.date(2023, 5, 30)}, {"day": dt.date(2023, 8, 1)}, {"reason": " "}],
)
def test_what_cannot_be_reserved_is_refused_and_takes_no_number(office, wrong):
    arguments = {"actor": office.clerk, "unit": office.district, "day": DAY, "count": 3, "reason": "x", **wrong}
    with clock.at(BEFORE), pytest.raises(Invalid):
        reserve_slips(**arguments)
    assert not Slip.objects.exists()
    assert at_the_screen(office, "01/06/2023 08:00").endswith("-0001")


@pytest.mark.parametrize("who", ["handler", "stranger"])
def test_who_does_not_receive_here_reserves_nothing(office, run, who):
    actor = getattr(office, who)
    with clock.at(BEFORE):
        with pytest.raises(NotAllowed):
            reserve_slips(actor=actor, unit=office.district, day=DAY, count=1, reason="x")
        with pytest.raises(NotAllowed):
            spoil_slip(actor=actor, slip=run.slips.first().pk, reason="x")
        with pytest.raises(NotFound):
            slips.run_sheet(org.scope(office.stranger, None, clock.today()), run.pk)


def test_a_number_nobody_explains_is_still_found(office, run):
    at_the_screen(office, "01/06/2023 08:00")
    Slip.objects.filter(run=run, number=2).delete()
    assert any("thiếu số 2" in fault for fault in faults())


def test_a_slip_said_to_be_used_by_another_code_is_found(office, run, window):
    on_paper(office, run.slips.get(number=1))
    Slip.objects.filter(number=1).update(dossier=None)
    Slip.objects.filter(number=2).update(dossier=Dossier.objects.get())
    assert any("đã dùng cho hồ sơ" in fault for fault in faults())
