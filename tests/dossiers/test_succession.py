"""30/6/2025: what a district and its communes held goes to their successors, by the applicant's commune."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.dossiers.provider import follow_succession
from motcua.ledger.models import Leg
from motcua.ledger.queries import statement
from motcua.org.models import Duty, Succession
from motcua.org.queries import SYSTEM
from motcua.parties.actions import record_party
from motcua.procedures.actions import adopt
from tests.dossiers.conftest import at, procedure


@pytest.fixture
def pending(cast):
    """Two dossiers of huyện Cầu Kè, received on 27/6/2025: from Hòa Tân (to An Phú Tân) and from elsewhere."""
    wanted = procedure("1.009991", "Đăng ký biến động", 10)
    adopt(unit=cast.cauke, procedure=wanted, valid_from=dt.date(2020, 1, 1))
    made = {}
    with clock.at(at("27/06/2025 09:00")):
        for name, commune in (("hoatan", cast.unit("29320")), ("xa", cast.unit("29374"))):
            made[name] = actions.receive(
                actor=cast.receiver,
                procedure=wanted,
                unit=cast.cauke,
                applicant=record_party(actor=None, name="Nguyễn Văn Mẫu", commune=commune, invented=True),
            )
    return made


def totals(units, start, end):
    with clock.at(at("15/07/2025 08:00")):
        return statement(SYSTEM, book="dossier", units=units, start=start, end=end, by="unit").total.figures


def test_pending_work_goes_by_the_applicants_commune_else_to_the_default(cast, pending):
    with clock.at(at("01/07/2025 07:00")):
        said = follow_succession(clock.now())
        again = follow_succession(clock.now())
    assert "2 hồ sơ" in said
    assert again == ""
    units = {name: Dossier.objects.get(pk=d.pk).unit for name, d in pending.items()}
    assert units == {"hoatan": cast.xa_an_phu_tan, "xa": cast.xa_cau_ke}


def test_no_receipt_is_counted_twice_and_nothing_is_lost(cast, pending):
    with clock.at(at("01/07/2025 07:00")):
        follow_succession(clock.now())
    june, july = dt.date(2025, 6, 1), dt.date(2025, 7, 1)
    before = totals([cast.cauke], june, dt.date(2025, 6, 30))
    assert (before.received_total, before.closing.total) == (2, 2)
    after = [totals([u], july, dt.date(2025, 7, 14)) for u in (cast.xa_cau_ke, cast.xa_an_phu_tan)]
    # the succession of the first day is part of the opening
    assert [f.opening.total for f in after] == [1, 1]
    assert [f.received_total for f in after] == [0, 0]
    both = totals([cast.vinh_long], june, dt.date(2025, 7, 14))
    assert (both.received_total, both.closing.total) == (2, 2)
    assert Leg.objects.filter(kind="receive", sign=1, account="in_time").count() == 2


def test_the_successors_people_go_on_and_the_others_do_not_see_it(cast, pending):
    with clock.at(at("02/07/2025 09:00")):
        follow_succession(clock.now())
        mine = pending["xa"]
        with pytest.raises(NotAllowed):
            actions.resolve(actor=cast.other, dossier=mine.pk)
        actions.resolve(actor=cast.by_duty[Duty.HANDLE], dossier=mine.pk)
    mine.refresh_from_db()
    assert mine.time_class == "early"
    assert mine.code.startswith("CAUKE-250627")
    end = Leg.objects.get(item=mine.item, account="early", sign=1)
    assert end.unit == cast.xa_cau_ke


def test_an_end_entered_late_still_belongs_to_the_district(cast, pending):
    with clock.at(at("01/07/2025 08:00")):
        follow_succession(clock.now())
        actions.resolve(
            actor=cast.other,
            dossier=pending["hoatan"].pk,
            occurred_at=at("30/06/2025 16:00"),
            reason="Có kết quả chiều 30/6, chưa kịp bấm",
            approver=cast.above,
        )
    end = Leg.objects.get(item=pending["hoatan"].item, account="early", sign=1)
    assert end.unit == cast.cauke
    assert totals([cast.xa_an_phu_tan], dt.date(2025, 7, 1), dt.date(2025, 7, 14)).opening.total == 0


def test_a_succession_recorded_late_is_caught_up_with(cast, pending):
    links = list(Succession.objects.filter(old=cast.cauke))
    Succession.objects.filter(old=cast.cauke).delete()
    with clock.at(at("03/07/2025 08:00")):
        assert follow_succession(clock.now()) == ""
        Succession.objects.bulk_create(links)
        assert "2" in follow_succession(clock.now())
    assert {d.unit_id for d in Dossier.objects.all()} == {cast.xa_cau_ke.pk, cast.xa_an_phu_tan.pk}


def test_a_corrected_unit_goes_through_its_own_succession(cast, pending):
    """The corrected unit stands only in the correction: its successor must take over all the same."""
    mine = pending["xa"]
    adopt(unit=cast.unit("29311"), procedure=mine.procedure_version.procedure, valid_from=dt.date(2020, 1, 1))
    with clock.at(at("30/06/2025 09:00")):
        actions.correct_acceptance(
            actor=cast.receiver,
            dossier=mine.pk,
            unit=cast.unit("29311"),
            reason="Thuộc thẩm quyền xã Hòa Ân",
            approver=cast.by_duty[Duty.HEAD],
        )
    with clock.at(at("02/07/2025 09:00")):
        follow_succession(clock.now())
    mine.refresh_from_db()
    assert mine.unit == cast.xa_cau_ke
    assert totals([cast.xa_cau_ke], dt.date(2025, 7, 1), dt.date(2025, 7, 14)).opening.total == 1
