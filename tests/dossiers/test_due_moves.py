"""One decision moves the due dates of a whole office: storm, flood, the system down."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.models import Outbox
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, DueMove, Note
from motcua.dossiers.states import State
from motcua.ledger.models import Event, Leg
from motcua.org.models import Duty
from tests.dossiers.books import counts, faults
from tests.dossiers.conftest import at, person
from tests.dossiers.test_property import law
from tests.dossiers.test_verbs import agrees, receive
from tests.support.sql import counted, max_queries


def move(office, moment="09/06/2023 10:00", **more):
    told = {"actor": office.chair, "unit": office.district, "days": 3, "decision": "12/QĐ-UBND", "reason": "Bão số 1"}
    with clock.at(at(moment)):
        return actions.move_due_dates(**{**told, **more})


def due(dossier: Dossier) -> str:
    dossier.refresh_from_db()
    return clock.local(dossier.due_at).strftime("%d/%m %H:%M")


def test_everything_pending_moves_each_by_its_own_term(office):
    """Overdue, in time, waiting, signed, of the communes; what has ended stays."""
    late = receive(office)
    fresh = receive(office, "08/06/2023 09:00")
    quick = receive(office, "09/06/2023 08:00", procedure=office.quick)
    of_commune = receive(office, "08/06/2023 09:00", unit=office.commune)
    signed = receive(office, "08/06/2023 09:00")
    done = receive(office, "08/06/2023 09:00")
    with clock.at(at("09/06/2023 09:00")):
        actions.propose(actor=office.handler, dossier=signed.pk, to=office.chair)
        actions.approve(actor=office.chair, dossier=signed.pk)
        actions.resolve(actor=office.handler, dossier=done.pk)
    made = move(office)
    assert (made.moved, made.left, made.unit, made.days) == (5, 0, office.district, 3)
    assert [due(d) for d in (late, fresh, quick, of_commune, signed, done)] == [
        "13/06 17:00", "20/06 17:00", "14/06 17:00", "20/06 17:00", "20/06 17:00", "15/06 17:00",
    ]  # fmt: skip
    crossed = Leg.objects.filter(item=late.item, kind="cross", day=dt.date(2023, 6, 9))
    assert sum(g.sign for g in crossed.filter(account="overdue")) == 0, "the crossing is taken back on its own day"
    for dossier in (late, fresh, quick, of_commune, signed):
        agrees(dossier)
        event = Event.objects.get(item=dossier.item, verb="move_due")
        assert (event.facts["days"], event.actor, event.duty) == (3, office.chair, "chair")
        note = Note.objects.get(pk=event.facts["note"][0])
        assert (note.text, note.kind, note.dossier) == ("12/QĐ-UBND: Bão số 1", "decision", dossier)
        assert Outbox.objects.filter(payload__dossier=dossier.pk, payload__seq=event.seq).count() == 1
    assert not Event.objects.filter(item=done.item, verb="move_due").exists()
    assert faults() == []


def test_one_by_one_or_all_at_once_leaves_the_same(office):
    alone, together = receive(office), receive(office)
    with clock.at(at("09/06/2023 10:00")):
        actions.move_due(actor=office.chair, dossier=alone.pk, days=3, decision="12/QĐ-UBND", reason="Bão số 1")
    Dossier.objects.filter(pk=alone.pk).update(owning_system="iGate")
    assert (move(office).moved, DueMove.objects.get().left) == (1, 1)

    def told(dossier):
        event = Event.objects.get(item=dossier.item, verb="move_due")
        facts = {k: v for k, v in event.facts.items() if k != "note"}
        legs = [(g.at, g.sign, g.account, g.kind, g.reverses_id is None) for g in event.legs.order_by("position")]
        return facts, legs, event.occurred_at, event.unit, event.duty

    assert told(alone) == told(together)
    apart = {"id", "item_id", "code", "owning_system"}
    first, second = (Dossier.objects.values().get(pk=d.pk) for d in (alone, together))
    assert {k: v for k, v in first.items() if k not in apart} == {k: v for k, v in second.items() if k not in apart}


def test_beneath_or_the_unit_alone(office):
    here, beneath = receive(office), receive(office, unit=office.commune)
    assert move(office, include_beneath=False).moved == 1
    assert (due(here), due(beneath)) == ("13/06 17:00", "08/06 17:00")
    assert move(office, unit=office.commune, actor=office.chair).moved == 1
    assert move(office, unit=office.office).moved == 0


def test_what_waits_moves_too_and_goes_on_waiting(office):
    """Asked for more on the 5th, dates moved on the 6th, answered on the 7th: both the days of waiting and those of
    the decision are added, in whichever order they come."""
    waiting, other = receive(office), receive(office)
    with clock.at(at("05/06/2023 10:00")):
        actions.request_supplement(actor=office.handler, dossier=waiting.pk, items=["x"], reason="y")
        actions.pause(actor=office.handler, dossier=other.pk, why="consultation", reason="Hỏi Sở")
    move(office, "06/06/2023 10:00")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.crossing_at) == (State.WAITING_SUPPLEMENT, None)
    assert (due(waiting), due(other)) == ("13/06 17:00", "13/06 17:00")
    with clock.at(at("07/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=waiting.pk)
        actions.resume(actor=office.handler, dossier=other.pk)
    assert (due(waiting), due(other)) == ("15/06 17:00", "13/06 17:00")
    agrees(waiting)
    agrees(other)
    assert faults() == []


def test_paused_when_overdue_and_moved_meanwhile_the_wait_counts_after_all(office):
    """By the decision the deadline had not passed on the day it was paused."""
    dossier = receive(office)
    with clock.at(at("09/06/2023 10:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
    assert Leg.objects.filter(item=dossier.item, account="waiting_overdue", sign=1).exists()
    move(office, "12/06/2023 10:00")
    with clock.at(at("13/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    assert due(dossier) == "15/06 17:00"
    agrees(dossier)


def test_a_voided_decision_is_taken_back_for_one_dossier(office):
    first, second = receive(office), receive(office)
    move(office)
    with clock.at(at("09/06/2023 11:00")):
        actions.void_event(
            actor=office.handler, dossier=first.pk, seq=2, reason="Không thuộc diện", approver=office.head
        )
    assert (due(first), due(second)) == ("08/06 17:00", "13/06 17:00")
    agrees(first)


def test_first_what_was_done_on_paper_then_the_decision(office):
    """An act of before the decision cannot be entered after it, so the decision waits for an open catch-up window."""
    dossier = receive(office)
    with clock.at(at("09/06/2023 08:00")):
        window = actions.approve_catch_up(
            actor=office.chair, unit=office.commune, done_from=at("07/06/2023 08:00"), done_to=at("08/06/2023 17:00"),
            enter_until=at("09/06/2023 17:00"), reason="Mất điện",
        )  # fmt: skip
    before = counts()
    with pytest.raises(IllegalAct, match="nhập bù đến 17:00 09/06/2023") as told:
        move(office)
    assert (told.value.code, counts()) == ("catch_up_open", before)
    assert move(office, include_beneath=False).moved == 1, "another unit's window is not in the way"
    assert move(office, "09/06/2023 17:01").moved == 1
    assert window.unit == office.commune
    with clock.at(at("12/06/2023 08:00")):
        actions.approve_catch_up(
            actor=office.chair, unit=office.district, done_from=at("07/06/2023 08:00"), done_to=at("08/06/2023 17:00"),
            enter_until=at("13/06/2023 17:00"), reason="Mất điện",
        )  # fmt: skip
        with pytest.raises(IllegalAct, match="trước việc gần nhất"):
            actions.resolve(
                actor=office.handler, dossier=dossier.pk, occurred_at=at("08/06/2023 16:00"), reason="Sổ giấy"
            )


def test_only_a_leader_and_nothing_by_halves(office):
    dossiers = [receive(office) for _ in range(3)]
    before = counts()
    for actor in (office.clerk, office.handler, office.stranger, person("qt", office.district, Duty.ADMIN)):
        before = counts() if actor.username == "qt" else before
        with pytest.raises(NotAllowed):
            move(office, actor=actor)
    for wrong in ({"days": 0}, {"days": -2}, {"decision": " "}, {"reason": ""}, {"decision": "x" * 201}):
        with pytest.raises(Invalid):
            move(office, **wrong)
    with pytest.raises(Invalid) as told:
        move(office, days=1499)
    assert dossiers[0].code in str(told.value), "the dossier that cannot be moved is named"
    assert counts() == before


def test_the_same_decision_sent_twice_is_one(office):
    dossier = receive(office)
    first = move(office, request_key="k")
    assert move(office, request_key="k") == first
    assert (due(dossier), DueMove.objects.count()) == ("13/06 17:00", 1)


def test_the_cost_does_not_grow_with_the_dossiers(office):
    def cost() -> int:
        with max_queries(60) as sent:
            move(office)
        return len(counted([q["sql"] for q in sent.captured_queries]))

    for _ in range(2):
        receive(office)
    cost()
    few = cost()
    for _ in range(38):
        receive(office)
    assert cost() - few <= 2, "rows are written in blocks"
    assert few <= 30


def ended(office, received, moment, **more):
    dossier = receive(office, received)
    with clock.at(at(moment)):
        actions.resolve(actor=office.handler, dossier=dossier.pk, **more)
    dossier.refresh_from_db()
    return dossier


def test_what_had_ended_late_moves_only_where_the_decision_says_so(office):
    """Storm on the 8th and 9th: three days, also for what ended late since the 9th. Due on the 8th, then the 13th."""
    late = ended(office, "01/06/2023 09:00", "09/06/2023 16:00")
    later = ended(office, "01/06/2023 09:00", "14/06/2023 08:00")
    before = ended(office, "29/05/2023 09:00", "08/06/2023 08:00")
    in_time = ended(office, "01/06/2023 09:00", "08/06/2023 16:00")
    assert [d.time_class for d in (late, later, before, in_time)] == ["late", "late", "late", "on_time"]
    assert move(office, "14/06/2023 10:00").moved == 0
    made = move(office, "14/06/2023 10:30", ended_from=dt.date(2023, 6, 9))
    assert (made.moved, made.left) == (2, 0)
    assert made.reason == "Bão số 1 (cả hồ sơ đã kết thúc quá hạn từ ngày 09/06/2023)"
    for dossier in (late, later, before, in_time):
        dossier.refresh_from_db()
        agrees(dossier)
    assert [d.time_class for d in (late, later, before, in_time)] == ["early", "late", "late", "on_time"]
    assert [due(d) for d in (late, later, before, in_time)] == [
        "13/06 17:00",
        "13/06 17:00",
        "05/06 17:00",
        "08/06 17:00",
    ]
    assert (late.state, clock.local(late.ended_at).day) == (State.RESULT_READY, 9)
    crossed = Leg.objects.filter(item=late.item, kind="cross", account="overdue")
    assert sum(leg.sign for leg in crossed) == 0, "the crossing is taken back on its own day"
    crossed = Leg.objects.filter(item=later.item, kind="cross", account="overdue", reverses=None, reversed_by=None)
    assert [leg.day for leg in crossed] == [dt.date(2023, 6, 14)]
    assert faults() == []


def test_ended_while_waiting_overdue_and_moved_it_had_waited_in_time(office):
    dossier = receive(office)
    with clock.at(at("09/06/2023 10:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
    with clock.at(at("12/06/2023 10:00")):
        actions.withdraw(actor=office.clerk, dossier=dossier.pk, reason="Xin rút")
    move(office, "14/06/2023 10:00", ended_from=dt.date(2023, 6, 1))
    dossier.refresh_from_db()
    assert (dossier.time_class, dossier.state) == ("on_time", State.WITHDRAWN)
    agrees(dossier)
    assert faults() == []


def test_an_end_that_a_decision_rests_on_is_not_taken_back(office):
    dossier = ended(office, "01/06/2023 09:00", "09/06/2023 16:00")
    move(office, "14/06/2023 10:00", ended_from=dt.date(2023, 6, 1))
    end = Event.objects.get(item=dossier.item, verb="resolve")
    with clock.at(at("14/06/2023 11:00")):
        with pytest.raises(IllegalAct, match="Gia hạn"):
            actions.void_event(
                actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=office.head
            )
        # The decision taken back, it is late again; then its end may be taken back too.
        moved = Event.objects.get(item=dossier.item, verb="move_due")
        actions.void_event(actor=office.handler, dossier=dossier.pk, seq=moved.seq, reason="Nhầm", approver=office.head)
        dossier.refresh_from_db()
        assert (dossier.time_class, due(dossier)) == ("late", "08/06 17:00")
        actions.void_event(actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=office.head)
    agrees(dossier)
    assert faults() == []


def test_a_day_of_the_future_is_refused(office):
    with pytest.raises(Invalid) as refused:
        move(office, "14/06/2023 10:00", ended_from=dt.date(2023, 6, 15))
    assert refused.value.field == "ended_from"


def test_the_single_act_never_touches_what_has_ended(office):
    dossier = ended(office, "01/06/2023 09:00", "09/06/2023 16:00")
    with clock.at(at("14/06/2023 10:00")), pytest.raises(IllegalAct):
        actions.move_due(actor=office.chair, dossier=dossier.pk, days=3, decision="12/QĐ", reason="Bão")


@pytest.mark.parametrize("granted", ["decision", "apology"])
def test_a_term_that_begins_anew_takes_back_no_day_that_was_granted(office, granted):
    """Five days from the 1st; ten more, or an appointment on the 22nd, granted on the 2nd; asked and answered on the
    5th under a rule set that restarts the term: five days from then would be the 12th."""
    law(supplement_effect="restart", class_by="appointed" if granted == "apology" else "due")
    dossier = receive(office)
    with clock.at(at("02/06/2023 09:00")):
        if granted == "decision":
            actions.move_due_dates(actor=office.chair, unit=office.district, days=10, decision="1/QĐ", reason="Bão")
        else:
            actions.apologise(
                actor=office.chair, dossier=dossier.pk, new_appointment=dt.date(2023, 6, 22), reason="Thiếu người"
            )
    with clock.at(at("05/06/2023 09:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y")
    with clock.at(at("05/06/2023 15:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert clock.local_date(dossier.appointed_at) == dt.date(2023, 6, 22)
    assert due(dossier) == ("22/06 17:00" if granted == "decision" else "12/06 17:00")
    # Asked again near the end, the term that begins anew is the longer one.
    with clock.at(at("20/06/2023 09:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="y", basis="Luật")
    with clock.at(at("21/06/2023 15:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    if granted == "decision":
        assert due(dossier) == "28/06 17:00"
    dossier.refresh_from_db()
    assert clock.local_date(dossier.appointed_at) == dt.date(2023, 6, 28)
    agrees(dossier)
    assert faults() == []
