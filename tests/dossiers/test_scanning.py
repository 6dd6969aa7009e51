"""Quét mã as verbs: one beep, one step, never two."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.dossiers import actions, workload
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.states import Outcome, State
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.procedures.actions import define_process
from motcua.procedures.flow import Branch
from motcua.procedures.flow import Step as FlowStep
from motcua.worktime.rules import USUAL_START, Term, TermUnit
from tests.dossiers.conftest import START, at, person
from tests.support.sql import max_queries

MORNING = at("01/06/2023 08:00")


@pytest.fixture
def alone(office):
    """An office where every step has one person."""
    office.second.is_active = False
    office.second.save()
    office.head.assignments.all().delete()
    office.stranger.assignments.exclude(duty=Duty.RECEIVE).delete()
    return office


def received(office, moment=MORNING, **more):
    with clock.at(moment):
        return actions.receive(
            actor=office.clerk, procedure=office.land, unit=office.district, applicant=office.applicant, **more
        )


def minutes(n):
    return clock.at(MORNING + dt.timedelta(minutes=n))


def scan(who, dossier, duty, **more):
    return actions.scan(actor=who, text=dossier.code, duty=duty, **more)


def test_a_whole_dossier_by_beeps(alone):
    o, dossier = alone, received(alone)
    told = []
    for n, (who, duty) in enumerate(
        [(o.clerk, Duty.RECEIVE), (o.handler, Duty.HANDLE), (o.handler, Duty.RECEIVE)], start=1
    ):
        with minutes(n):
            try:
                told.append(scan(who, dossier, duty).verb)
            except NotAllowed as refused:
                told.append(refused.code)
    assert told == ["forward", "propose", "not_allowed"]
    with minutes(10):
        actions.approve(actor=o.chair, dossier=dossier.pk)
    with minutes(11):
        assert scan(o.clerk, dossier, Duty.RECEIVE).verb == "resolve"
    with minutes(12):
        assert scan(o.clerk, dossier, Duty.HAND_OVER).verb == "hand_over"
    dossier.refresh_from_db()
    assert (dossier.state, dossier.outcome) == (State.HANDED_OVER, Outcome.GRANTED)
    with minutes(13), pytest.raises(IllegalAct, match="không còn việc"):
        scan(o.clerk, dossier, Duty.HAND_OVER)


def test_the_same_key_answers_the_same_and_does_nothing_more(alone):
    dossier = received(alone)
    with minutes(1):
        first = scan(alone.clerk, dossier, Duty.RECEIVE, request_key="desk:1:a")
    with minutes(30):  # the line was down for half an hour
        again = scan(alone.clerk, dossier, Duty.RECEIVE, request_key="desk:1:a")
        assert again == first
        with pytest.raises(Conflict):
            scan(alone.clerk, received(alone), Duty.RECEIVE, request_key="desk:1:a")
    assert Event.objects.filter(item=dossier.item).count() == 2


def test_a_scanner_that_beeps_twice_does_one_step(alone):
    dossier = received(alone)
    with minutes(1):
        actions.forward(actor=alone.clerk, dossier=dossier.pk, holder=alone.handler)
        actions.propose(actor=alone.handler, dossier=dossier.pk, to=alone.chair)
        actions.approve(actor=alone.chair, dossier=dossier.pk)
    with minutes(2):
        scan(alone.clerk, dossier, Duty.RECEIVE)
    with clock.at(MORNING + dt.timedelta(minutes=2, seconds=3)), pytest.raises(IllegalAct) as refused:
        scan(alone.clerk, dossier, Duty.RECEIVE)
    assert refused.value.code == "twice"
    dossier.refresh_from_db()
    assert dossier.state == State.RESULT_READY


def test_dossiers_may_be_dispatched_right_after_they_are_received(alone):
    dossier = received(alone)
    with clock.at(MORNING + dt.timedelta(seconds=2)):
        assert scan(alone.clerk, dossier, Duty.RECEIVE).verb == "forward"


def test_with_several_colleagues_one_is_chosen_beforehand(office):
    dossier = received(office)
    with minutes(1):
        with pytest.raises(IllegalAct) as refused:
            scan(office.clerk, dossier, Duty.RECEIVE)
        assert refused.value.code == "choice"
        with pytest.raises(IllegalAct, match="không nhận được"):
            scan(office.clerk, dossier, Duty.RECEIVE, to=office.chair)
        event = scan(office.clerk, dossier, Duty.RECEIVE, to=office.second)
    assert event.facts["holder"] == office.second.pk


def test_a_handler_takes_what_nobody_handles_and_nothing_from_a_colleague(office):
    dossier = received(office)
    with minutes(1):
        assert scan(office.handler, dossier, Duty.HANDLE).facts["holder"] == office.handler.pk
    with minutes(2), pytest.raises(IllegalAct, match="người khác xử lý"):
        scan(office.second, dossier, Duty.HANDLE)


def test_a_refusal_is_never_resolved_by_a_beep(alone):
    dossier = received(alone, holder=alone.handler)
    with minutes(1):
        actions.propose(actor=alone.handler, dossier=dossier.pk, to=alone.chair, proposal="refused", note="Trái luật")
        actions.approve(actor=alone.chair, dossier=dossier.pk)
    with minutes(2), pytest.raises(IllegalAct, match="từ chối") as refused:
        scan(alone.clerk, dossier, Duty.RECEIVE)
    assert refused.value.code == "choice"


def test_a_part_still_out_holds_the_result(alone):
    dossier = received(alone, holder=alone.handler)
    with minutes(1):
        actions.send_part(
            actor=alone.handler,
            dossier=dossier.pk,
            unit=alone.commune,
            work="Xác minh",
            term=Term(2, TermUnit.WORKING_DAY, USUAL_START[TermUnit.WORKING_DAY]),
        )
        actions.propose(actor=alone.handler, dossier=dossier.pk, to=alone.chair)
        actions.approve(actor=alone.chair, dossier=dossier.pk)
    with minutes(2), pytest.raises(IllegalAct, match="liên thông"):
        scan(alone.clerk, dossier, Duty.RECEIVE)


def test_the_internal_process_goes_on_by_one_step_and_stops_at_a_fork(alone):
    steps = [
        FlowStep("Tiếp nhận", Duty.RECEIVE),
        FlowStep("Thẩm định", Duty.HANDLE, branches=(Branch(3, "đủ"), Branch(4, "thiếu"))),
        FlowStep("Ký", Duty.CHAIR, branches=(Branch(None),)),
        FlowStep("Trả", Duty.RECEIVE, branches=(Branch(None),)),
    ]
    define_process(procedure=alone.land, steps=steps, valid_from=START, decision="QĐ 1")
    dossier = received(alone)
    with minutes(1):
        scan(alone.clerk, dossier, Duty.RECEIVE)
    dossier.refresh_from_db()
    assert dossier.step.name == "Thẩm định"
    forked = received(alone, at("01/06/2023 08:30"))
    Dossier.objects.filter(pk=forked.pk).update(step=dossier.step_id)
    with minutes(40), pytest.raises(IllegalAct, match="2 hướng"):
        scan(alone.clerk, forked, Duty.RECEIVE)


@pytest.mark.parametrize(
    ("text", "error"), [("", Invalid), ("x" * 401, Invalid), ("khong-co-ma-nay", NotFound), ("' OR 1=1 --", NotFound)]
)
def test_what_is_no_code_is_said(alone, text, error):
    received(alone)
    with minutes(1), pytest.raises(error):
        actions.scan(actor=alone.clerk, text=text, duty=Duty.RECEIVE)


def test_only_ones_own_units_and_duties(alone):
    dossier = received(alone)
    with minutes(1):
        with pytest.raises(NotFound):
            scan(alone.stranger, dossier, Duty.RECEIVE)
        with pytest.raises(NotAllowed):
            scan(alone.handler, dossier, Duty.RECEIVE)
        with pytest.raises(Invalid):
            scan(alone.chair, dossier, Duty.CHAIR)
    assert Event.objects.filter(item=dossier.item).count() == 1


def test_a_beep_stays_within_the_budget_of_a_write(alone):
    """Finding the dossier and who receives it included, whichever step it is."""
    steps = [FlowStep("Tiếp nhận", Duty.RECEIVE), FlowStep("Thẩm định", Duty.HANDLE)]
    define_process(procedure=alone.land, steps=steps, valid_from=START, decision="QĐ 1")
    dossier = received(alone)
    beeps = [(alone.clerk, Duty.RECEIVE), (alone.handler, Duty.HANDLE), None, (alone.clerk, Duty.RECEIVE)]
    for n, one in enumerate([*beeps, (alone.clerk, Duty.HAND_OVER)], start=1):
        with minutes(n):
            if one is None:
                actions.approve(actor=alone.chair, dossier=dossier.pk)
                continue
            with max_queries(20):
                scan(one[0], dossier, one[1], request_key=f"desk:1:{n}")


def test_of_two_who_scan_at_once_one_is_told(alone, monkeypatch):
    from motcua.dossiers.actions import scanning

    dossier = received(alone)
    real = scanning.next_step

    def slowly(seen, duty):  # while this one looks, the other acts
        actions.forward(actor=alone.clerk, dossier=dossier.pk, holder=alone.handler)
        return real(seen, duty)

    monkeypatch.setattr(scanning, "next_step", slowly)
    with minutes(1), pytest.raises(Conflict, match="vừa được người khác cập nhật"):
        scan(alone.clerk, dossier, Duty.RECEIVE)


# ---- words of the day ------------------------------------------------------------------------------------------------


def test_why_it_will_be_late_is_kept_and_moves_nothing(alone):
    dossier = received(alone, holder=alone.handler)
    due = at("08/06/2023 16:00")
    with clock.at(due):
        actions.note_of_day(actor=alone.handler, dossier=dossier.pk, kind="ask_apology", text=" Chờ bản đồ ")
        with pytest.raises(Invalid):
            actions.note_of_day(actor=alone.handler, dossier=dossier.pk, kind="why_late", text="  ")
        with pytest.raises(Invalid):
            actions.note_of_day(actor=alone.handler, dossier=dossier.pk, kind="void", text="x")
        with pytest.raises(NotAllowed):
            actions.note_of_day(actor=alone.stranger, dossier=dossier.pk, kind="why_late", text="x")
        scope = org.scope(alone.chair, Duty.CHAIR, clock.today())
        (line,) = workload.due_today(scope)
        assert line.notes == ["Đề nghị xin lỗi, hẹn lại (Người xuly): Chờ bản đồ"]
        assert workload.turning_red(scope)[0] == 1
    assert Note.objects.get().author == alone.handler
    assert Event.objects.filter(item=dossier.item).count() == 1
    with clock.at(due + dt.timedelta(minutes=1)):
        actions.resolve(actor=alone.handler, dossier=dossier.pk)
        assert workload.due_today(scope) == []
        with pytest.raises(IllegalAct):
            actions.note_of_day(actor=alone.handler, dossier=dossier.pk, kind="why_late", text="x")


def test_the_story_is_of_the_acts_that_stand(alone):
    dossier = received(alone, holder=alone.handler)
    with minutes(1):
        actions.propose(actor=alone.handler, dossier=dossier.pk, to=alone.chair, note="Dự thảo 1")
    with minutes(2):
        actions.void_event(actor=alone.handler, dossier=dossier.pk, seq=2, reason="Nhầm", approver=alone.chair)
    with minutes(3):
        actions.propose(actor=alone.handler, dossier=dossier.pk, to=alone.chair, proposal="refused", note="Dự thảo 2")
    scope = org.scope(alone.chair, Duty.CHAIR, dt.date(2023, 6, 1))
    with minutes(4):
        (draft,) = workload.to_sign(scope, user=alone.chair)
    assert (draft.note, draft.story.proposal, draft.proposer) == ("Dự thảo 2", Outcome.REFUSED, str(alone.handler))
    assert draft.story.version == 4
    assert workload.to_sign(scope, user=person("khac", alone.district, Duty.CHAIR)) == []


def test_the_offices_load_counts_what_its_lists_show(alone):
    one, two = received(alone), received(alone, holder=alone.handler)
    scope = org.scope(alone.chair, Duty.CHAIR, dt.date(2023, 6, 1))
    with clock.at(at("09/06/2023 08:00")):
        loads = {load.name: load for load in workload.loads(scope, by="holder")}
    assert {name: (load.total, load.overdue) for name, load in loads.items()} == {
        str(alone.clerk): (1, 1),
        str(alone.handler): (1, 1),
    }
    with clock.at(at("08/06/2023 08:00")):
        assert [load.today for load in workload.loads(scope, by="step")] == [2]
    assert {one.state, two.state} == {State.RECEIVED}
