"""The state machine: every state × every act, and the national portal's code of every state."""

import pytest

from motcua.dossiers.states import (
    BACK,
    DUTIES,
    ENDED_STATES,
    INTAKE_STATES,
    PENDING_STATES,
    PORTAL_CODES,
    TABLE,
    Act,
    State,
    legal_acts,
)

pytestmark = pytest.mark.pure

# The office's own table, written out a second time by state: what may be done from here.
FROM = {
    None: {"submit", "receive", "receive_and_resolve"},
    "submitted": {
        "receive",
        "receive_and_resolve",
        "refuse_intake",
        "request_supplement",
        "withdraw",
        "void",
    },
    "intake_waiting": {"supplement_received", "refuse_intake", "withdraw", "void"},
    "refused_intake": {"void"},
    "received": {
        "request_supplement",
        "pause",
        "forward",
        "reassign",
        "transfer",
        "send_part",
        "part_returned",
        "propose",
        "resolve",
        "return_dossier",
        "withdraw",
        "stop",
        "apologise",
        "move_due",
        "reclassify",
        "correct_acceptance",
        "void",
    },
    "waiting_supplement": {
        "supplement_received",
        "reassign",
        "transfer",
        "part_returned",
        "return_dossier",
        "withdraw",
        "stop",
        "apologise",
        "move_due",
        "reclassify",
        "correct_acceptance",
        "void",
    },
    "waiting_payment": {
        "resume",
        "reassign",
        "transfer",
        "part_returned",
        "return_dossier",
        "withdraw",
        "stop",
        "apologise",
        "move_due",
        "reclassify",
        "correct_acceptance",
        "void",
    },
    "proposed": {
        "reassign",
        "part_returned",
        "return_for_correction",
        "approve",
        "return_dossier",
        "withdraw",
        "stop",
        "apologise",
        "move_due",
        "reclassify",
        "correct_acceptance",
        "void",
    },
    "approved": {
        "reassign",
        "part_returned",
        "return_for_correction",
        "resolve",
        "apologise",
        "move_due",
        "reclassify",
        "correct_acceptance",
        "void",
    },
    "result_ready": {"hand_over", "correct_acceptance", "void"},
    "refused": {"hand_over", "correct_acceptance", "void"},
    "returned": {"hand_over", "part_returned", "correct_acceptance", "void"},
    "stopped": {"hand_over", "part_returned", "correct_acceptance", "void"},
    "withdrawn": {"hand_over", "part_returned", "correct_acceptance", "void"},
    "handed_over": {"correct_acceptance", "void"},
    "voided": set(),
}
FROM["processing"] = FROM["received"]
FROM["suspended"] = FROM["waiting_payment"]


@pytest.mark.parametrize("state", [None, *State], ids=str)
@pytest.mark.parametrize("act", list(Act), ids=str)
def test_every_state_and_act(state, act):
    assert (state in TABLE[act]) == (act.value in FROM[state.value if state else None])


def test_every_target_is_a_state():
    targets = {t for row in TABLE.values() for t in row.values()}
    assert targets <= set(State) | {BACK}


def test_every_act_has_duties_and_every_state_can_be_left_or_is_an_end():
    assert set(DUTIES) == set(Act)
    assert all(DUTIES.values())
    assert legal_acts(State.VOIDED) == []
    assert all(legal_acts(s) for s in State if s is not State.VOIDED)


def test_no_act_of_work_leads_out_of_an_ended_state():
    for act, row in TABLE.items():
        if act in (Act.VOID, Act.CORRECT_ACCEPTANCE, Act.HAND_OVER, Act.PART_RETURNED):
            continue
        assert not set(row) & ENDED_STATES, act


def test_the_portal_map_is_total_and_never_invents_a_code():
    assert set(PORTAL_CODES) == set(State)
    assert set(PORTAL_CODES.values()) == set(range(1, 11))


def test_refusal_at_the_door_and_refusal_after_acceptance_are_not_mixed_up():
    assert PORTAL_CODES[State.REFUSED_INTAKE] == 3
    assert PORTAL_CODES[State.REFUSED] == 8
    assert PORTAL_CODES[State.SUBMITTED] == 1


def test_states_are_parted_into_intake_pending_and_ended():
    rest = set(State) - INTAKE_STATES - PENDING_STATES - ENDED_STATES
    assert rest == {State.REFUSED_INTAKE, State.VOIDED}
    assert not (INTAKE_STATES & PENDING_STATES)
    assert not (PENDING_STATES & ENDED_STATES)
