"""A dossier's life through the verbs, as the office tells it."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.core.models import Outbox, Request
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, Note, SupplementRequest
from motcua.dossiers.provider import dossier_facts
from motcua.dossiers.sheets import sheet
from motcua.dossiers.states import State
from motcua.ledger import verify
from motcua.ledger.models import Event, Item, Leg
from motcua.ledger.rules import entries, timeline
from motcua.org.queries import SYSTEM
from motcua.worktime.models import RuleSet
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.dossiers.conftest import at
from tests.ledger.test_verify import unguarded
from tests.support.sql import max_queries


def receive(office, moment="01/06/2023 09:00", **more):
    with clock.at(at(moment)):
        return actions.receive(
            actor=more.pop("actor", office.clerk),
            procedure=more.pop("procedure", office.land),
            unit=more.pop("unit", office.district),
            applicant=office.applicant,
            holder=more.pop("holder", office.handler),
            **more,
        )


def journal(dossier: Dossier) -> list[tuple[str, str, int, str]]:
    """The live legs, by day: (day, account, sign, kind)."""
    legs = Leg.objects.filter(item=dossier.item, reverses__isnull=True, reversed_by__isnull=True).order_by("at", "id")
    return [(f"{g.day:%d/%m}", g.account, g.sign, g.kind) for g in legs if g.account != "outside"]


def agrees(dossier: Dossier) -> None:
    """The journal says what the standing acts say."""
    live = Leg.objects.filter(item=dossier.item, reverses__isnull=True, reversed_by__isnull=True)
    kept = sorted((g.at, g.sign, g.account, g.unit_id, g.category_id, g.channel, g.outcome, g.kind) for g in live)
    facts = dossier_facts([Item.objects.get(pk=dossier.item_id)])[dossier.item_id]
    wanted = entries(timeline(facts)) if facts else []
    assert kept == sorted(tuple(e) for e in wanted)


def test_the_worked_example_of_the_ledger(office):
    dossier = receive(office)
    assert dossier.code == "000.00.25.H59-230601-0001"
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 8)
    with clock.at(at("05/06/2023 10:00")):
        actions.request_supplement(
            actor=office.handler, dossier=dossier.pk, items=["Bản sao sổ hộ khẩu"], reason="Thiếu giấy tờ"
        )
    with clock.at(at("07/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 12)
    with clock.at(at("13/06/2023 08:30")):
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    assert journal(dossier) == [
        ("01/06", "in_time", 1, "receive"),
        ("05/06", "in_time", -1, "pause"),
        ("05/06", "waiting_in_time", 1, "pause"),
        ("07/06", "waiting_in_time", -1, "resume"),
        ("07/06", "in_time", 1, "resume"),
        ("13/06", "in_time", -1, "cross"),
        ("13/06", "overdue", 1, "cross"),
        ("13/06", "overdue", -1, "close"),
        ("13/06", "late", 1, "close"),
    ]
    end = Event.objects.get(item=dossier.item, verb="resolve")
    with clock.at(at("20/06/2023 09:00")):
        actions.void_event(
            actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Ghi nhầm ngày", approver=office.head
        )
        dossier.refresh_from_db()
        assert dossier.state == State.PROCESSING or dossier.state == State.RECEIVED
        actions.resolve(
            actor=office.head,
            dossier=dossier.pk,
            occurred_at=at("12/06/2023 16:00"),
            reason="Kết quả có ngày 12/6",
            approver=office.chair,
            evidence="Sổ giao nhận trang 5",
        )
    assert journal(dossier)[-2:] == [("12/06", "in_time", -1, "close"), ("12/06", "on_time", 1, "close")]
    dossier.refresh_from_db()
    assert (dossier.state, dossier.time_class, dossier.late_entry) == (State.RESULT_READY, "on_time", True)
    agrees(dossier)


def test_a_day_from_the_counter_to_the_result(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.forward(actor=office.clerk, dossier=dossier.pk, holder=office.handler, holder_unit=office.office)
        actions.propose(actor=office.handler, dossier=dossier.pk, to=office.chair)
        actions.return_for_correction(actor=office.chair, dossier=dossier.pk, to=office.handler, reason="Sửa căn cứ")
        actions.propose(actor=office.handler, dossier=dossier.pk, to=office.chair)
        actions.approve(actor=office.chair, dossier=dossier.pk, to=office.clerk)
        actions.resolve(actor=office.clerk, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.time_class) == (State.RESULT_READY, "early")
    with clock.at(at("05/06/2023 08:00")):
        actions.hand_over_result(actor=office.clerk, dossier=dossier.pk, method="counter")
    dossier.refresh_from_db()
    assert dossier.state == State.HANDED_OVER
    assert dossier.handed_over_at is not None
    assert [p["status"] for p in Outbox.objects.order_by("pk").values_list("payload", flat=True)] == [
        2, 4, 4, 4, 4, 4, 9, 10,
    ]  # fmt: skip
    agrees(dossier)


def test_an_act_the_state_does_not_admit_changes_nothing(office):
    dossier = receive(office)
    events, legs = Event.objects.count(), Leg.objects.count()
    with clock.at(at("02/06/2023 08:00")), pytest.raises(IllegalAct) as refused:
        actions.resume(actor=office.handler, dossier=dossier.pk)
    assert "Tiếp tục giải quyết" in str(refused.value)
    assert (Event.objects.count(), Leg.objects.count()) == (events, legs)


def test_wrong_duty_and_other_unit_are_refused(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        for actor in (office.stranger, office.clerk):
            with pytest.raises(NotAllowed):
                actions.approve(actor=actor, dossier=dossier.pk)
        with pytest.raises(NotAllowed):
            receive(office, actor=office.handler)
        with pytest.raises(NotAllowed):
            receive(office, actor=office.stranger)


def test_somebody_else_was_first(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.forward(actor=office.clerk, dossier=dossier.pk, holder=office.handler, expected=1)
        with pytest.raises(Conflict) as told:
            actions.forward(actor=office.clerk, dossier=dossier.pk, holder=office.second, expected=1)
    assert "người khác" in str(told.value)


def test_the_same_request_twice_is_one_dossier(office):
    with clock.at(at("01/06/2023 09:00")):
        arguments = {
            "actor": office.clerk,
            "procedure": office.land,
            "unit": office.district,
            "applicant": office.applicant,
        }
        first = actions.receive(**arguments, request_key="abc")
        again = actions.receive(**arguments, request_key="abc")
        assert first.pk == again.pk
        assert Dossier.objects.count() == 1
        assert Request.objects.count() == 1
        with pytest.raises(Conflict):
            actions.receive(**{**arguments, "subject": "khác"}, request_key="abc")


def test_a_filing_is_no_dossier_until_the_desk_accepts_it(office):
    with clock.at(at("01/06/2023 20:00")):
        filing = actions.submit(
            actor=None, procedure=office.land, unit=office.district, applicant=office.applicant, channel="online"
        )
    assert filing.code is None
    assert filing.filing_code == "NOP.000.00.25.H59-230601-0001"
    assert not Leg.objects.filter(book="dossier").exists()
    # eight working hours from the next opening
    assert clock.local(filing.due_at).strftime("%d/%m %H:%M") == "02/06 17:00"
    with clock.at(at("02/06/2023 08:00")):
        dossier = actions.receive(actor=office.clerk, filing=filing.pk, holder=office.handler)
    dossier.refresh_from_db()
    assert dossier.pk == filing.pk
    assert dossier.code == "000.00.25.H59-230602-0001"
    assert dossier.channel == "online"
    intake = Leg.objects.filter(book="intake").values_list("account", "sign", "outcome")
    assert ("early", 1, "accepted") in intake or ("on_time", 1, "accepted") in intake
    agrees(dossier)


def test_a_filing_asked_for_more_then_refused(office):
    with clock.at(at("01/06/2023 09:00")):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
    with clock.at(at("01/06/2023 10:00")):
        actions.request_supplement(actor=office.clerk, dossier=filing.pk, items=["Ảnh rõ hơn"], reason="Ảnh mờ")
    with clock.at(at("02/06/2023 10:00")):
        actions.supplement_received(actor=None, dossier=filing.pk)
        actions.refuse_intake(actor=office.clerk, dossier=filing.pk, reason="Không thuộc thẩm quyền")
    filing.refresh_from_db()
    assert filing.state == State.REFUSED_INTAKE
    assert SupplementRequest.objects.get().answered_at is not None
    outcomes = Leg.objects.filter(book="intake", outcome="refused", sign=1).count()
    assert outcomes == 1


def test_resolved_and_handed_over_at_once(office):
    with clock.at(at("01/06/2023 08:05")):
        dossier = actions.receive_and_resolve(
            actor=office.clerk, procedure=office.quick, unit=office.district, applicant=office.applicant
        )
    dossier.refresh_from_db()
    assert (dossier.state, dossier.time_class) == (State.HANDED_OVER, "on_time")
    assert Event.objects.filter(item=dossier.item).count() == 1
    agrees(dossier)


def test_pausing_on_the_last_day_cures_no_lateness(office):
    dossier = receive(office)
    with clock.at(at("09/06/2023 08:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["Tờ khai"], reason="Thiếu")
    with clock.at(at("20/06/2023 08:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert (dossier.time_class, clock.local_date(dossier.due_at)) == ("late", dt.date(2023, 6, 8))
    agrees(dossier)


def test_a_pause_for_consultation_stops_no_clock(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.pause(actor=office.handler, dossier=dossier.pk, why="consultation", reason="Hỏi Sở")
    dossier.refresh_from_db()
    assert dossier.state == State.SUSPENDED
    assert dossier.crossing_at is not None
    with clock.at(at("06/06/2023 08:00")):
        actions.resume(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 8)
    assert not Leg.objects.filter(kind="pause").exists()


def test_waiting_for_payment_stops_the_clock(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.pause(actor=office.handler, dossier=dossier.pk, why="payment", reason="Chờ nộp thuế")
    dossier.refresh_from_db()
    assert (dossier.state, dossier.crossing_at) == (State.WAITING_PAYMENT, None)
    with clock.at(at("06/06/2023 08:00")):
        actions.resume(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 12)
    agrees(dossier)


def test_a_second_supplement_needs_a_basis(office):
    dossier = receive(office)
    for day in ("02", "05"):
        with clock.at(at(f"{day}/06/2023 08:00")):
            if day == "05":
                with pytest.raises(Invalid, match="căn cứ"):
                    actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
            basis = "Luật chuyên ngành" if day == "05" else ""
            actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y", basis=basis)
        with clock.at(at(f"{day}/06/2023 14:00")):
            actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert dossier.rounds == 2
    assert list(SupplementRequest.objects.values_list("number", flat=True)) == [1, 2]


def test_a_late_entry_needs_reason_and_second_person(office):
    dossier = receive(office)
    with clock.at(at("09/06/2023 08:30")):
        yesterday = at("08/06/2023 16:30")
        with pytest.raises(Invalid):
            actions.resolve(actor=office.handler, dossier=dossier.pk, occurred_at=yesterday)
        with pytest.raises(NotAllowed):
            actions.resolve(actor=office.handler, dossier=dossier.pk, occurred_at=yesterday, reason="Quên bấm")
        with pytest.raises(NotAllowed):
            actions.resolve(
                actor=office.handler, dossier=dossier.pk, occurred_at=yesterday, reason="Quên", approver=office.second
            )
        actions.resolve(
            actor=office.handler, dossier=dossier.pk, occurred_at=yesterday, reason="Quên", approver=office.head
        )
    dossier.refresh_from_db()
    assert (dossier.time_class, dossier.late_entry) == ("on_time", True)
    assert Event.objects.get(verb="resolve").facts["late_entry"] == "backdated"
    agrees(dossier)


def test_beyond_one_working_day_only_a_window_or_reentry(office):
    dossier = receive(office)
    with clock.at(at("14/06/2023 08:30")):
        arguments = {"actor": office.handler, "dossier": dossier.pk, "reason": "Mất mạng", "approver": office.head}
        with pytest.raises(Invalid, match="ghi muộn tối đa"):
            actions.resolve(**arguments, occurred_at=at("08/06/2023 16:30"))
        actions.approve_catch_up(
            actor=office.chair,
            unit=office.district,
            done_from=at("08/06/2023 07:30"),
            done_to=at("12/06/2023 17:00"),
            enter_until=at("15/06/2023 17:00"),
            reason="Mất điện toàn huyện",
        )
        actions.resolve(**arguments, occurred_at=at("08/06/2023 16:30"))
    assert Event.objects.get(verb="resolve").facts["late_entry"] == "catch_up"


def test_a_void_said_anew_beyond_the_time_allowed_needs_a_leader_and_evidence(office):
    """Ended late on the 9th; on the 20th a document shows that it was ready on the 8th."""
    dossier = receive(office)
    with clock.at(at("09/06/2023 08:30")):
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    with clock.at(at("20/06/2023 09:00")):
        end = Event.objects.get(item=dossier.item, verb="resolve")
        actions.void_event(actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=office.head)
        anew = {"dossier": dossier.pk, "reason": "Nhầm ngày", "occurred_at": at("08/06/2023 16:00")}
        with pytest.raises(NotAllowed):
            actions.resolve(actor=office.handler, approver=office.head, evidence="Sổ giao nhận 12", **anew)
        for nothing in ("", "  \n"):
            with pytest.raises(Invalid) as refused:
                actions.resolve(actor=office.head, approver=office.chair, evidence=nothing, **anew)
            assert (refused.value.code, refused.value.field) == ("no_evidence", "evidence")
        actions.resolve(actor=office.head, approver=office.chair, evidence="Sổ giao nhận số 12, trang 4", **anew)
    event = Event.objects.filter(item=dossier.item, verb="resolve").latest("seq")
    assert event.facts["late_entry"] == "reentry"
    kept = Note.objects.get(pk=event.facts["evidence"][0])
    assert (kept.kind, kept.text, kept.dossier) == ("evidence", "Sổ giao nhận số 12, trang 4", dossier)
    assert "Sổ giao nhận" not in str(event.facts), "free text stays out of the journal"
    [line] = [each for each in sheet(SYSTEM, dossier.pk).lines if each.seq == event.seq]
    assert line.text == "Nhầm ngày\nChứng cứ: Sổ giao nhận số 12, trang 4"
    agrees(dossier)
    with unguarded():
        Note.objects.filter(pk=kept.pk).update(text="Không có")
    assert [fault for fault in verify.check_items() if "ghi chú" in fault] == [
        f"hồ sơ {dossier.code}: ghi chú số {kept.pk} của sự kiện {event.seq} «resolve» đã bị sửa"
    ]


def test_a_void_that_would_break_the_rest_names_the_later_act(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
        with pytest.raises(IllegalAct, match="Nhận bổ sung"):
            actions.void_event(actor=office.handler, dossier=dossier.pk, seq=2, reason="Nhầm", approver=office.head)


def test_a_voided_acceptance_leaves_its_number(office):
    dossier = receive(office)
    with clock.at(at("01/06/2023 10:00")):
        actions.void_event(actor=office.clerk, dossier=dossier.pk, seq=1, reason="Nhầm người", approver=office.head)
    dossier.refresh_from_db()
    assert dossier.state == State.VOIDED
    assert journal(dossier) == []
    assert receive(office, "01/06/2023 10:05").code == "000.00.25.H59-230601-0002"


def test_a_voided_acceptance_of_a_filing_goes_back_to_the_desk(office):
    with clock.at(at("01/06/2023 09:00")):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
        dossier = actions.receive(actor=office.clerk, filing=filing.pk)
        code = dossier.code
        actions.void_event(actor=office.clerk, dossier=dossier.pk, seq=1, reason="Nhầm", approver=office.head)
    dossier.refresh_from_db()
    assert dossier.state == State.SUBMITTED
    pending = Leg.objects.filter(book="intake", reverses__isnull=True, reversed_by__isnull=True)
    assert sum(g.sign for g in pending.filter(account__in=["in_time", "overdue"])) == 0 or pending.exists()
    with clock.at(at("01/06/2023 10:00")):
        again = actions.receive(actor=office.clerk, filing=filing.pk)
    again.refresh_from_db()
    assert again.code == code
    agrees(again)


def test_a_corrected_acceptance_moves_figures_on_their_original_days(office):
    dossier = receive(office)
    with clock.at(at("05/06/2023 08:00")):
        actions.correct_acceptance(
            actor=office.clerk,
            dossier=dossier.pk,
            channel="post",
            received_at=at("31/05/2023 16:00"),
            reason="Nhận qua bưu chính từ hôm trước",
            approver=office.head,
        )
    dossier.refresh_from_db()
    assert dossier.code == "000.00.25.H59-230601-0001"
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 7)
    live = Leg.objects.filter(reverses__isnull=True, reversed_by__isnull=True, kind="receive", sign=1).get()
    assert (live.channel, live.day) == ("post", dt.date(2023, 5, 31))
    agrees(dossier)


def test_transfer_is_never_a_new_receipt(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")):
        actions.transfer(actor=office.chair, dossier=dossier.pk, unit=office.commune, reason="Thuộc thẩm quyền xã")
    dossier.refresh_from_db()
    assert dossier.unit_id == office.commune.pk
    kinds = Leg.objects.filter(item=dossier.item, kind="transfer").values_list("unit_id", "sign")
    assert set(kinds) >= {(office.district.pk, -1), (office.commune.pk, 1)}
    assert Leg.objects.filter(kind="receive", sign=1, account="in_time").count() == 1
    agrees(dossier)


def test_an_apology_moves_the_appointment_once_and_never_the_deadline(office):
    dossier = receive(office)
    with clock.at(at("07/06/2023 08:00")):
        actions.apologise(
            actor=office.head, dossier=dossier.pk, reason="Chờ đo đạc", new_appointment=dt.date(2023, 6, 14)
        )
    dossier.refresh_from_db()
    assert clock.local_date(dossier.appointed_at) == dt.date(2023, 6, 14)
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 8)
    with clock.at(at("13/06/2023 08:00")):
        actions.apologise(actor=office.head, dossier=dossier.pk, reason="Vẫn chờ", new_appointment=dt.date(2023, 6, 20))
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert (dossier.apologies, clock.local_date(dossier.appointed_at)) == (2, dt.date(2023, 6, 14))
    assert dossier.time_class == "late"


def test_an_apology_for_a_term_in_hours_stays_one_to_the_minute(office):
    """Due the same day: appointed anew for Wednesday, Wednesday 17:00 is the end and no whole day is given."""
    RuleSet.objects.create(
        code="hen", name="Theo ngày hẹn", valid_from=dt.date(2023, 1, 1), supplement_effect="pause",
        class_by="appointed", dossier_code_pattern="2018", desk_name="Một cửa", legal_basis="thử",
    )  # fmt: skip
    dossier = receive(office, procedure=office.quick)
    with clock.at(at("01/06/2023 15:00")):
        actions.apologise(actor=office.head, dossier=dossier.pk, reason="Máy hỏng", new_appointment=dt.date(2023, 6, 7))
    dossier.refresh_from_db()
    assert dossier.appointed_at == at("07/06/2023 17:00")
    assert dossier.crossing_at == at("07/06/2023 17:01")
    agrees(dossier)
    with clock.at(at("07/06/2023 17:30")):
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert dossier.time_class == "late"


def test_a_decision_moves_due_dates_and_takes_the_crossing_back(office):
    dossier = receive(office)
    with clock.at(at("09/06/2023 08:00")):
        actions.move_due(actor=office.chair, dossier=dossier.pk, days=3, decision="Số 12/QĐ", reason="Bão số 1")
    dossier.refresh_from_db()
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 13)
    agrees(dossier)


def test_a_part_sent_out_has_its_own_clock(office):
    dossier = receive(office)
    term = Term(2, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
    with clock.at(at("02/06/2023 08:00")):
        part = actions.send_part(
            actor=office.handler, dossier=dossier.pk, unit=office.commune, work="Xác nhận hiện trạng", term=term
        )
        with pytest.raises(IllegalAct, match="liên thông"):
            actions.resolve(actor=office.handler, dossier=dossier.pk)
    with clock.at(at("07/06/2023 08:00")):
        actions.part_returned(actor=office.handler, part=part.pk)
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    late = Leg.objects.filter(book="dossier_part", account="late", sign=1).count()
    assert late == 1
    dossier.refresh_from_db()
    assert dossier.time_class == "early"


def test_everything_pending_changes_hands_with_a_record(office):
    first, second = receive(office), receive(office, "01/06/2023 10:00")
    with clock.at(at("02/06/2023 08:00")):
        actions.request_supplement(actor=office.handler, dossier=second.pk, items=["x"], reason="y")
        record = actions.hand_over_pending(
            actor=office.head, from_user=office.handler, to_user=office.second, unit=office.district, reason="Nghỉ phép"
        )
    assert record.codes == [first.code, second.code]
    assert set(Dossier.objects.values_list("holder", flat=True)) == {office.second.pk}
    second.refresh_from_db()
    assert second.state == State.WAITING_SUPPLEMENT


def test_each_verb_stays_within_its_budget(office):
    dossier = receive(office)
    receive(office)  # caches warm
    with clock.at(at("02/06/2023 08:00")):
        with max_queries(20):
            actions.receive(actor=office.clerk, procedure=office.land, unit=office.district, applicant=office.applicant)
        with max_queries(20):
            actions.forward(actor=office.clerk, dossier=dossier.pk, holder=office.handler)
        with max_queries(20):
            actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
        with max_queries(20):
            actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
        with max_queries(20):
            actions.resolve(actor=office.handler, dossier=dossier.pk)
        with max_queries(20):
            actions.hand_over_result(actor=office.clerk, dossier=dossier.pk)


def test_correcting_when_a_filing_was_accepted_moves_its_end_in_the_intake_book(office):
    with clock.at(at("01/06/2023 08:00")):
        filing = actions.submit(actor=None, procedure=office.land, unit=office.district, applicant=office.applicant)
    with clock.at(at("01/06/2023 09:00")):
        actions.receive(actor=office.clerk, filing=filing.pk)
    with clock.at(at("01/06/2023 10:00")):
        actions.correct_acceptance(
            actor=office.clerk,
            dossier=filing.pk,
            received_at=at("01/06/2023 08:30"),
            reason="Nhận lúc 8 giờ 30",
            approver=office.head,
        )
    end = Leg.objects.get(book="intake", outcome="accepted", sign=1, reverses__isnull=True, reversed_by__isnull=True)
    assert end.at == at("01/06/2023 08:30")


def test_a_part_sent_out_ends_also_after_the_dossier_was_withdrawn(office):
    dossier = receive(office)
    term = Term(2, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
    with clock.at(at("02/06/2023 08:00")):
        part = actions.send_part(
            actor=office.handler, dossier=dossier.pk, unit=office.commune, work="Xác nhận", term=term
        )
        actions.withdraw(actor=office.clerk, dossier=dossier.pk, reason="Người nộp xin rút")
        actions.part_returned(actor=office.handler, part=part.pk)
    assert Leg.objects.filter(book="dossier_part", account="early", sign=1).count() == 1
    dossier.refresh_from_db()
    assert dossier.state == State.WITHDRAWN
    agrees(dossier)


def test_a_dossier_is_transferred_only_to_who_uses_the_procedure(office):
    dossier = receive(office)
    with clock.at(at("02/06/2023 08:00")), pytest.raises(Invalid, match="chưa áp dụng"):
        actions.transfer(actor=office.chair, dossier=dossier.pk, unit=office.province, reason="Thử")
