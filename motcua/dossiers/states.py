"""The state machine of a dossier, as a table: which act leads from which state to which. Pure.

States are ours; :data:`PORTAL_CODES` maps each of them to the national portal's codes 1–10, and is total.
"""

from django.db import models

from motcua.org.models import Duty


class State(models.TextChoices):
    SUBMITTED = "submitted", "Mới nộp, chờ tiếp nhận"
    INTAKE_WAITING = "intake_waiting", "Chờ bổ sung trước tiếp nhận"
    REFUSED_INTAKE = "refused_intake", "Từ chối tiếp nhận"
    RECEIVED = "received", "Đã tiếp nhận"
    PROCESSING = "processing", "Đang giải quyết"
    WAITING_SUPPLEMENT = "waiting_supplement", "Chờ bổ sung"
    WAITING_PAYMENT = "waiting_payment", "Chờ nghĩa vụ tài chính"
    SUSPENDED = "suspended", "Tạm dừng"
    PROPOSED = "proposed", "Đã trình, chờ ký"
    APPROVED = "approved", "Đã ký, chờ kết quả về một cửa"
    RESULT_READY = "result_ready", "Đã có kết quả, chờ trả"
    REFUSED = "refused", "Từ chối giải quyết"
    RETURNED = "returned", "Trả lại hồ sơ"
    STOPPED = "stopped", "Dừng giải quyết"
    WITHDRAWN = "withdrawn", "Rút hồ sơ"
    HANDED_OVER = "handed_over", "Đã trả kết quả"
    VOIDED = "voided", "Đã hủy"


class Act(models.TextChoices):
    SUBMIT = "submit", "Nộp hồ sơ"
    RECEIVE = "receive", "Tiếp nhận"
    REFUSE_INTAKE = "refuse_intake", "Từ chối tiếp nhận"
    REQUEST_SUPPLEMENT = "request_supplement", "Yêu cầu bổ sung"
    SUPPLEMENT_RECEIVED = "supplement_received", "Nhận bổ sung"
    PAUSE = "pause", "Tạm dừng"
    RESUME = "resume", "Tiếp tục giải quyết"
    FORWARD = "forward", "Chuyển bước"
    REASSIGN = "reassign", "Bàn giao"
    TRANSFER = "transfer", "Chuyển đơn vị khác giải quyết"
    SEND_PART = "send_part", "Gửi phần việc liên thông"
    PART_RETURNED = "part_returned", "Nhận kết quả liên thông"
    PROPOSE = "propose", "Trình duyệt"
    RETURN_FOR_CORRECTION = "return_for_correction", "Chuyển lại để sửa"
    APPROVE = "approve", "Duyệt, ký"
    RESOLVE = "resolve", "Kết quả về một cửa"
    RETURN_DOSSIER = "return_dossier", "Trả lại hồ sơ"
    WITHDRAW = "withdraw", "Rút hồ sơ"
    STOP = "stop", "Dừng giải quyết"
    APOLOGISE = "apologise", "Xin lỗi, hẹn lại ngày trả"
    MOVE_DUE = "move_due", "Gia hạn"
    RECLASSIFY = "reclassify", "Đổi nhóm số liệu"
    HAND_OVER = "hand_over", "Trả kết quả"
    RECEIVE_AND_RESOLVE = "receive_and_resolve", "Giải quyết và trả ngay"
    CORRECT_ACCEPTANCE = "correct_acceptance", "Sửa tiếp nhận"
    VOID = "void", "Hủy việc đã ghi"


class Outcome(models.TextChoices):
    GRANTED = "granted", "Đã giải quyết"
    REFUSED = "refused", "Từ chối giải quyết"
    RETURNED = "returned", "Trả lại hồ sơ"
    STOPPED = "stopped", "Dừng giải quyết"
    WITHDRAWN = "withdrawn", "Rút hồ sơ"


class PauseReason(models.TextChoices):
    PAYMENT = "payment", "Chờ nghĩa vụ tài chính"
    CONSULTATION = "consultation", "Lấy ý kiến cơ quan khác"
    VERIFICATION = "verification", "Xác minh, thẩm tra thực địa"
    LAW = "law", "Tạm đình chỉ theo luật chuyên ngành"


# Consulting another office and verifying are part of the handling: the citizen's clock goes on.
STOPS_CLOCK = {
    PauseReason.PAYMENT: True,
    PauseReason.CONSULTATION: False,
    PauseReason.VERIFICATION: False,
    PauseReason.LAW: True,
}

_S = State
PENDING_STATES = frozenset(
    {
        _S.RECEIVED,
        _S.PROCESSING,
        _S.WAITING_SUPPLEMENT,
        _S.WAITING_PAYMENT,
        _S.SUSPENDED,
        _S.PROPOSED,
        _S.APPROVED,
    }
)
INTAKE_STATES = frozenset({_S.SUBMITTED, _S.INTAKE_WAITING})
WAITING_STATES = frozenset({_S.WAITING_SUPPLEMENT, _S.WAITING_PAYMENT, _S.SUSPENDED})
ENDED_STATES = frozenset({_S.RESULT_READY, _S.REFUSED, _S.RETURNED, _S.STOPPED, _S.WITHDRAWN, _S.HANDED_OVER})
_WORKING = (_S.RECEIVED, _S.PROCESSING)
_UNSIGNED = (*_WORKING, _S.WAITING_SUPPLEMENT, _S.WAITING_PAYMENT, _S.SUSPENDED, _S.PROPOSED)

# (act) -> {from state: to state}; None is "no dossier yet". "back" is the state before the wait.
BACK = "back"
TABLE: dict[Act, dict[State | None, State | str]] = {
    Act.SUBMIT: {None: _S.SUBMITTED},
    Act.RECEIVE: {None: _S.RECEIVED, _S.SUBMITTED: _S.RECEIVED},
    Act.RECEIVE_AND_RESOLVE: {None: _S.HANDED_OVER, _S.SUBMITTED: _S.HANDED_OVER},
    Act.REFUSE_INTAKE: dict.fromkeys(INTAKE_STATES, _S.REFUSED_INTAKE),
    Act.REQUEST_SUPPLEMENT: {_S.SUBMITTED: _S.INTAKE_WAITING, **dict.fromkeys(_WORKING, _S.WAITING_SUPPLEMENT)},
    Act.SUPPLEMENT_RECEIVED: {_S.INTAKE_WAITING: _S.SUBMITTED, _S.WAITING_SUPPLEMENT: BACK},
    # Where a pause leads depends on its reason: see walk.py.
    Act.PAUSE: dict.fromkeys(_WORKING, _S.SUSPENDED),
    Act.RESUME: {_S.WAITING_PAYMENT: BACK, _S.SUSPENDED: BACK},
    Act.FORWARD: dict.fromkeys(_WORKING, _S.PROCESSING),
    # Holder only: whatever is pending changes hands, waiting or signed alike.
    Act.REASSIGN: {s: s for s in PENDING_STATES},
    Act.TRANSFER: {s: s for s in (*_WORKING, *WAITING_STATES)},
    Act.SEND_PART: dict.fromkeys(_WORKING, _S.PROCESSING),
    # Also after the dossier has ended without a result: the other agency's part must have its own end.
    Act.PART_RETURNED: {s: s for s in (*PENDING_STATES, _S.RETURNED, _S.STOPPED, _S.WITHDRAWN)},
    Act.PROPOSE: dict.fromkeys(_WORKING, _S.PROPOSED),
    Act.RETURN_FOR_CORRECTION: {_S.PROPOSED: _S.PROCESSING, _S.APPROVED: _S.PROCESSING},
    Act.APPROVE: {_S.PROPOSED: _S.APPROVED},
    # A refusal leads to REFUSED: see walk.py.
    Act.RESOLVE: dict.fromkeys((*_WORKING, _S.APPROVED), _S.RESULT_READY),
    Act.RETURN_DOSSIER: dict.fromkeys(_UNSIGNED, _S.RETURNED),
    Act.WITHDRAW: dict.fromkeys((*_UNSIGNED, *sorted(INTAKE_STATES)), _S.WITHDRAWN),
    Act.STOP: dict.fromkeys(_UNSIGNED, _S.STOPPED),
    Act.APOLOGISE: {s: s for s in PENDING_STATES},
    Act.MOVE_DUE: {s: s for s in PENDING_STATES},
    Act.RECLASSIFY: {s: s for s in PENDING_STATES},
    # What was refused, returned, stopped or withdrawn stays so when its papers are handed back.
    Act.HAND_OVER: {
        _S.RESULT_READY: _S.HANDED_OVER,
        **{s: s for s in (_S.REFUSED, _S.RETURNED, _S.STOPPED, _S.WITHDRAWN)},
    },
    Act.CORRECT_ACCEPTANCE: {s: s for s in (*PENDING_STATES, *ENDED_STATES)},
    # Voiding depends on the act that is voided: the rest must still be a legal sequence.
    Act.VOID: {s: BACK for s in State if s != _S.VOIDED},
}

# A decision that moves due dates may cover what has ended too: the end stays, read against another date.
MOVES_ENDED: dict[State | None, State | str] = {s: s for s in ENDED_STATES}

# The national portal's status of each state. Refusal after acceptance is "dừng xử lý" (8), not 3.
PORTAL_CODES: dict[State, int] = {
    _S.SUBMITTED: 1,
    _S.INTAKE_WAITING: 5,
    _S.REFUSED_INTAKE: 3,
    _S.RECEIVED: 2,
    _S.PROCESSING: 4,
    _S.WAITING_SUPPLEMENT: 5,
    _S.WAITING_PAYMENT: 6,
    _S.SUSPENDED: 4,
    _S.PROPOSED: 4,
    _S.APPROVED: 4,
    _S.RESULT_READY: 9,
    _S.REFUSED: 8,
    _S.RETURNED: 8,
    _S.STOPPED: 8,
    _S.WITHDRAWN: 7,
    _S.HANDED_OVER: 10,
    _S.VOIDED: 8,
}

LEADER_DUTIES = frozenset({Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR})
_D = Duty
# Whoever serves a dossier may read those of the units; accounts and the post are kept without reading them.
VIEW_DUTIES = frozenset(set(Duty) - {_D.ADMIN, _D.HOTLINE, _D.POSTMAN})
# Whoever keeps the desk's book and calls people about their results: lists show these the telephone whole.
CALL_DUTIES = frozenset({_D.RECEIVE, _D.HAND_OVER})
# Who may do what: any of these duties at a unit that covers the dossier.
DUTIES: dict[Act, frozenset[Duty]] = {
    Act.SUBMIT: frozenset({_D.RECEIVE, _D.POSTMAN}),
    Act.RECEIVE: frozenset({_D.RECEIVE}),
    Act.RECEIVE_AND_RESOLVE: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.REFUSE_INTAKE: frozenset({_D.RECEIVE}),
    Act.REQUEST_SUPPLEMENT: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.SUPPLEMENT_RECEIVED: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.PAUSE: frozenset({_D.HANDLE, _D.HEAD, _D.CASHIER}),
    Act.RESUME: frozenset({_D.HANDLE, _D.HEAD, _D.CASHIER}),
    Act.FORWARD: frozenset({_D.RECEIVE, _D.HANDLE, _D.HEAD, _D.CLERK}),
    Act.REASSIGN: frozenset({*LEADER_DUTIES, _D.ADMIN}),
    Act.TRANSFER: LEADER_DUTIES,
    Act.SEND_PART: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.PART_RETURNED: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.PROPOSE: frozenset({_D.HANDLE, _D.HEAD}),
    Act.RETURN_FOR_CORRECTION: LEADER_DUTIES,
    Act.APPROVE: LEADER_DUTIES,
    Act.RESOLVE: frozenset({_D.HANDLE, _D.CLERK, _D.RECEIVE, _D.HEAD}),
    Act.RETURN_DOSSIER: frozenset({_D.RECEIVE, _D.HANDLE, _D.HEAD}),
    Act.WITHDRAW: frozenset({_D.RECEIVE, _D.HANDLE}),
    Act.STOP: LEADER_DUTIES,
    Act.APOLOGISE: LEADER_DUTIES,
    Act.MOVE_DUE: LEADER_DUTIES,
    Act.RECLASSIFY: frozenset({_D.RECEIVE, _D.HEAD, _D.DIRECTOR}),
    Act.HAND_OVER: frozenset({_D.HAND_OVER, _D.RECEIVE}),
    Act.CORRECT_ACCEPTANCE: frozenset({_D.RECEIVE, *LEADER_DUTIES}),
    Act.VOID: frozenset({_D.RECEIVE, _D.HANDLE, *LEADER_DUTIES}),
}

END_OUTCOMES: dict[Act, Outcome] = {
    Act.RETURN_DOSSIER: Outcome.RETURNED,
    Act.WITHDRAW: Outcome.WITHDRAWN,
    Act.STOP: Outcome.STOPPED,
}


def legal_acts(state: State | None) -> list[Act]:
    """The acts this state admits, in the order of the enumeration."""
    return [act for act in Act if state in TABLE[act]]
