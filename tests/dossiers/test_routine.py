"""What is routine, what is refused, and when a clock turns red: the tables, without a database."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.dossiers.routine import (
    CLOSING,
    MANY_ACTS,
    REASONS,
    ROUTINE,
    Group,
    Seen,
    Step,
    beeped_twice,
    closings,
    ends_of,
    group_of,
    next_step,
    offered_for_many,
    recipient,
    scanned_code,
    why_not,
)
from motcua.dossiers.states import DUTIES, PENDING_STATES, TABLE, Act, Outcome, State
from motcua.org.models import Duty
from motcua.papers import qr

pytestmark = pytest.mark.pure


def at(text):
    return dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=clock.TZ).astimezone(dt.UTC)


# ---- scanning --------------------------------------------------------------------------------------------------------


def test_a_routine_step_is_always_an_act_that_state_and_duty_admit():
    for duty, states in ROUTINE.items():
        for state, step in states.items():
            assert state in TABLE[step.act], (duty, state)
            assert duty in DUTIES[step.act], (duty, state)


@given(st.sampled_from(State), st.sampled_from(Duty), st.booleans(), st.booleans(), st.sampled_from(Outcome))
def test_every_scan_is_one_legal_act_or_a_reason_in_words(state, duty, mine, held, proposal):
    seen = Seen(state, mine=mine, held=held or mine, proposal=proposal)
    refusal, step = None, None
    try:
        step = next_step(seen, duty)
    except IllegalAct as error:
        refusal = error
    if step is None:
        assert refusal.code in ("no_routine", "choice")
        assert refusal.message.endswith(".")
    else:
        assert state in TABLE[step.act]
        assert duty in DUTIES[step.act]


def test_every_state_says_why_it_has_no_routine():
    assert set(REASONS) == set(State)


@pytest.mark.parametrize(
    ("seen", "duty", "step"),
    [
        (Seen(State.RECEIVED, mine=True, held=True), Duty.RECEIVE, Step.DISPATCH),
        (Seen(State.RECEIVED, held=True), Duty.HANDLE, Step.TAKE),
        (Seen(State.RECEIVED, mine=True, held=True), Duty.HANDLE, Step.PROPOSE),
        (Seen(State.PROCESSING), Duty.HANDLE, Step.TAKE),
        (Seen(State.PROCESSING, mine=True, held=True), Duty.HANDLE, Step.PROPOSE),
        (Seen(State.APPROVED), Duty.CLERK, Step.RESOLVE),
        (Seen(State.RESULT_READY), Duty.HAND_OVER, Step.HAND_OVER),
        (Seen(State.RETURNED), Duty.RECEIVE, Step.HAND_OVER),
        (Seen(State.RESULT_READY, owning_system="Hộ tịch"), Duty.HAND_OVER, Step.HAND_OVER),
    ],
)
def test_one_beep_one_step(seen, duty, step):
    assert next_step(seen, duty) is step


@pytest.mark.parametrize(
    ("seen", "duty", "code", "words"),
    [
        (Seen(State.SUBMITTED), Duty.RECEIVE, "no_routine", "kiểm tra thành phần"),
        (Seen(State.PROCESSING, held=True), Duty.HANDLE, "no_routine", "người khác xử lý"),
        (Seen(State.PROCESSING), Duty.RECEIVE, "no_routine", "chưa trình"),
        (Seen(State.PROPOSED), Duty.HEAD, "no_routine", "Đang chờ ký"),
        (Seen(State.APPROVED, proposal=Outcome.REFUSED), Duty.CLERK, "choice", "từ chối"),
        (Seen(State.APPROVED, parts_open=True), Duty.CLERK, "no_routine", "liên thông"),
        (Seen(State.RESULT_READY, has_collector=True), Duty.HAND_OVER, "choice", "ủy quyền"),
        (Seen(State.REFUSED, handed_over=True), Duty.HAND_OVER, "no_routine", "đã trả kết quả rồi"),
        (Seen(State.RECEIVED, owning_system="Hộ tịch"), Duty.RECEIVE, "no_routine", "Hộ tịch"),
        (Seen(State.HANDED_OVER), Duty.HAND_OVER, "no_routine", "không còn việc"),
    ],
)
def test_a_choice_or_nothing_to_do_is_said_and_not_done(seen, duty, code, words):
    with pytest.raises(IllegalAct, match=words) as refused:
        next_step(seen, duty)
    assert refused.value.code == code


def test_who_gets_it_is_the_chosen_one_or_the_only_one():
    assert recipient(["Sen"], None, Step.DISPATCH) == "Sen"
    assert recipient(["Sen", "Súng"], "Súng", Step.DISPATCH) == "Súng"
    with pytest.raises(IllegalAct, match="Có 2 người"):
        recipient(["Sen", "Súng"], None, Step.DISPATCH)
    with pytest.raises(IllegalAct, match="Tràm không nhận được"):
        recipient(["Sen"], "Tràm", Step.DISPATCH)
    with pytest.raises(IllegalAct, match="ký duyệt"):
        recipient([], None, Step.PROPOSE)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("H61.81-250801-0001", "H61.81-250801-0001"),
        ("  h61.81-250801-0001\t", "h61.81-250801-0001"),
        ("https://motcua.example/tra-cuu/?ma=H61.81-250801-0001&x=1", "H61.81-250801-0001"),
        ("https://motcua.example/tra-cuu/H61.81-250801-0001/", "H61.81-250801-0001"),
        ("/tra-cuu/H61.81-250801-0001", "H61.81-250801-0001"),
        ("https://motcua.example/H%C3%A0%20T%C4%A9nh%2F1", "Hà Tĩnh/1"),
        ("http://[", ""),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_a_code_is_read_from_what_a_scanner_types(typed, code):
    assert scanned_code(typed) == code


@given(st.text(max_size=300))
def test_nothing_that_is_typed_breaks_the_reading(typed):
    assert "\x00" not in scanned_code(typed)


@given(st.from_regex(r"[A-Z0-9][A-Z0-9./-]{0,30}[A-Z0-9]", fullmatch=True))
def test_the_qr_on_our_papers_is_read_back(code):
    for address in ("", "https://motcua.example/tra-cuu/{code}", "https://motcua.example/tra-cuu/?ma={code}"):
        assert scanned_code(qr.link(code, address)) == code


def test_two_beeps_within_seconds_are_one():
    now = at("04/08/2025 08:00")
    assert beeped_twice(now - dt.timedelta(seconds=3), now)
    assert not beeped_twice(now - dt.timedelta(seconds=30), now)


# ---- acts on many ----------------------------------------------------------------------------------------------------


def row(state, owning_system="", handed_over_at=None):
    return SimpleNamespace(state=state, owning_system=owning_system, handed_over_at=handed_over_at)


def test_what_speaks_against_an_act_is_what_the_tables_say():
    for act in MANY_ACTS:
        for state in State:
            fine = why_not(row(state), act, DUTIES[act]) == ""
            assert fine == (state in TABLE[act]), (act, state)
            assert why_not(row(state), act, ()), "without a duty nothing is done"


def test_what_the_tables_do_not_say():
    assert "Hộ tịch" in why_not(row(State.RECEIVED, "Hộ tịch"), Act.FORWARD, DUTIES[Act.FORWARD])
    assert not why_not(row(State.RESULT_READY, "Hộ tịch"), Act.HAND_OVER, DUTIES[Act.HAND_OVER])
    assert "rồi" in why_not(row(State.REFUSED, handed_over_at=at("04/08/2025 08:00")), Act.HAND_OVER, list(Duty))
    assert "liên thông" in why_not(row(State.PROCESSING), Act.RESOLVE, list(Duty), parts_open=True)


def test_acts_are_offered_by_duty():
    assert Act.APPROVE in offered_for_many({Duty.CHAIR})
    assert Act.APPROVE not in offered_for_many({Duty.RECEIVE, Duty.HANDLE})
    assert offered_for_many(set()) == []


# ---- when ------------------------------------------------------------------------------------------------------------

WEDNESDAY = at("06/08/2025 10:00")


@pytest.mark.parametrize(
    ("crossing", "group"),
    [
        ("06/08/2025 09:59", Group.OVERDUE),
        ("06/08/2025 10:00", Group.OVERDUE),
        ("06/08/2025 10:01", Group.TODAY),
        ("07/08/2025 00:00", Group.TODAY),
        ("07/08/2025 00:01", Group.TOMORROW),
        ("08/08/2025 00:00", Group.TOMORROW),
        ("09/08/2025 00:00", Group.WEEK),
        ("11/08/2025 00:00", Group.WEEK),
        ("12/08/2025 00:00", Group.LATER),
    ],
)
def test_my_work_is_grouped_by_the_midnights_between(crossing, group):
    assert group_of(at(crossing), WEDNESDAY, waiting=False) is group


def test_a_clock_that_stands_still_is_apart():
    assert group_of(None, WEDNESDAY, waiting=True) is Group.WAITING
    assert group_of(None, WEDNESDAY, waiting=False) is Group.LATER


def test_on_a_sunday_tomorrow_is_next_weeks_monday():
    sunday = at("10/08/2025 10:00")
    assert group_of(at("12/08/2025 00:00"), sunday, waiting=False) is Group.TOMORROW
    assert group_of(at("13/08/2025 00:00"), sunday, waiting=False) is Group.LATER


@given(st.integers(0, 10 * 365 * 24 * 60))
def test_the_groups_follow_one_another(minutes):
    ends = list(ends_of(WEDNESDAY + dt.timedelta(minutes=minutes)).values())
    assert ends == sorted(ends)


# ---- the day's end ---------------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(PENDING_STATES)), st.sets(st.sampled_from(Duty)), st.booleans(), st.sampled_from(Outcome))
def test_each_key_means_one_thing_and_each_act_is_allowed(state, duties, parts_open, proposal):
    found = closings(State(state), duties, owned=False, parts_open=parts_open, proposal=proposal)
    keys = [each.key for each in found]
    assert len(keys) == len(set(keys))
    assert set(found) <= set(CLOSING)
    for each in found:
        assert bool(each.act) != bool(each.note)
        if each.act:
            assert state in TABLE[each.act]
            assert DUTIES[each.act] & duties


def test_a_handler_asks_for_what_only_a_leader_may_do():
    mine = closings(State.PROCESSING, {Duty.HANDLE}, owned=False, parts_open=False, proposal=Outcome.GRANTED)
    led = closings(State.PROCESSING, {Duty.CHAIR}, owned=False, parts_open=False, proposal=Outcome.GRANTED)
    assert [each.note for each in mine if each.key == "h"] == ["ask_apology"]
    assert [each.act for each in led if each.key == "h"] == [Act.APOLOGISE]


def test_a_key_ends_nothing_that_needs_more_than_a_key():
    for more in ({"parts_open": True, "proposal": Outcome.GRANTED}, {"parts_open": False, "proposal": Outcome.REFUSED}):
        found = closings(State.APPROVED, set(Duty), owned=False, **more)
        assert Act.RESOLVE not in [each.act for each in found]
    owned = closings(State.APPROVED, set(Duty), owned=True, parts_open=False, proposal=Outcome.GRANTED)
    assert [each.note for each in owned] == ["why_late"]
