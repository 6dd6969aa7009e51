"""What is done by habit: the one act a scanned receipt stands for, what an act of many will refuse, and when a clock
turns red. Pure: tables and small functions over facts already read.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.core.text import clean
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, TABLE, Act, Outcome, State
from motcua.org.models import Duty

_S, _D = State, Duty

# ---- scanning --------------------------------------------------------------------------------------------------------


class Step(Enum):
    """What one beep does."""

    DISPATCH = "dispatch"  # to whoever handles it next
    TAKE = "take"  # whoever scans takes it over
    PROPOSE = "propose"
    RESOLVE = "resolve"
    HAND_OVER = "hand_over"

    @property
    def act(self) -> Act:
        """The act it is recorded as."""
        return {
            Step.DISPATCH: Act.FORWARD,
            Step.TAKE: Act.FORWARD,
            Step.PROPOSE: Act.PROPOSE,
            Step.RESOLVE: Act.RESOLVE,
            Step.HAND_OVER: Act.HAND_OVER,
        }[self]


# Who receives the work of a step that has a receiver.
RECIPIENTS: dict[Step, frozenset[Duty]] = {
    Step.DISPATCH: frozenset({_D.HANDLE, _D.HEAD}),
    Step.PROPOSE: LEADER_DUTIES,
}

_ENDED_OTHERWISE = (_S.REFUSED, _S.RETURNED, _S.STOPPED, _S.WITHDRAWN)
_GIVEN_OUT = {_S.RESULT_READY: Step.HAND_OVER, **dict.fromkeys(_ENDED_OTHERWISE, Step.HAND_OVER)}
# duty -> state -> step. What stands in no line has no routine: scanning says why (REASONS) and does nothing.
ROUTINE: dict[Duty, dict[State, Step]] = {
    _D.RECEIVE: {_S.RECEIVED: Step.DISPATCH, _S.APPROVED: Step.RESOLVE, **_GIVEN_OUT},
    _D.HAND_OVER: dict(_GIVEN_OUT),
    _D.HANDLE: {_S.RECEIVED: Step.TAKE, _S.PROCESSING: Step.PROPOSE, _S.APPROVED: Step.RESOLVE},
    _D.HEAD: {_S.APPROVED: Step.RESOLVE},
    _D.CLERK: {_S.APPROVED: Step.RESOLVE},
}
# In the order a person with several of these duties is asked.
SCAN_DUTIES: tuple[Duty, ...] = tuple(ROUTINE)

REASONS: dict[State, str] = {
    _S.SUBMITTED: "Hồ sơ mới nộp, phải kiểm tra thành phần rồi mới tiếp nhận, yêu cầu bổ sung hoặc từ chối.",
    _S.INTAKE_WAITING: "Hồ sơ đang chờ bổ sung trước tiếp nhận: ghi giấy tờ đã nhận ở trang hồ sơ.",
    _S.REFUSED_INTAKE: "Hồ sơ đã bị từ chối tiếp nhận, không còn việc gì.",
    _S.RECEIVED: "Hồ sơ vừa tiếp nhận, chờ chuyển cho người xử lý.",
    _S.PROCESSING: "Hồ sơ đang giải quyết, chưa trình và chưa có kết quả.",
    _S.WAITING_SUPPLEMENT: "Hồ sơ đang chờ bổ sung: ghi giấy tờ đã nhận ở trang hồ sơ.",
    _S.WAITING_PAYMENT: "Hồ sơ đang chờ nghĩa vụ tài chính: kiểm tra chứng từ rồi cho tiếp tục ở trang hồ sơ.",
    _S.SUSPENDED: "Hồ sơ đang tạm dừng: cho tiếp tục ở trang hồ sơ.",
    _S.PROPOSED: "Hồ sơ đang chờ lãnh đạo ký: xem dự thảo và duyệt ở «Đang chờ ký».",
    _S.APPROVED: "Hồ sơ đã ký, chờ kết quả về một cửa.",
    _S.RESULT_READY: "Kết quả đã ở một cửa, chờ trả cho người dân.",
    _S.HANDED_OVER: "Hồ sơ đã trả kết quả, không còn việc gì.",
    _S.VOIDED: "Hồ sơ đã hủy, không còn việc gì.",
    **dict.fromkeys(_ENDED_OTHERWISE, "Hồ sơ đã kết thúc, chờ trả lại giấy tờ cho người nộp."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A dossier as scanning sees it. ``mine``: held by whoever scans; ``held``: held by anybody."""

    state: State
    mine: bool = False
    held: bool = False
    handed_over: bool = False
    owning_system: str = ""
    proposal: Outcome = Outcome.GRANTED
    parts_open: bool = False
    has_collector: bool = False


def next_step(seen: Seen, duty: Duty) -> Step:
    """The routine step of a state for a duty; IllegalAct with the reason where there is none or one must choose."""
    if seen.owning_system and seen.state not in _GIVEN_OUT:
        raise _no(f"Trạng thái hồ sơ này do hệ thống {seen.owning_system} giữ: cập nhật ở hệ thống đó rồi nhập lại.")
    step = ROUTINE.get(duty, {}).get(seen.state)
    if step is None:
        raise _no(REASONS[seen.state])
    if duty is Duty.HANDLE and seen.state in (State.RECEIVED, State.PROCESSING):
        step = _handling(seen)
    if step is Step.HAND_OVER:
        if seen.handed_over:
            raise _no("Hồ sơ này đã trả kết quả rồi.")
        if seen.has_collector:
            raise _no("Hồ sơ có người được ủy quyền nhận: mở hồ sơ và ghi ai đến nhận.", choice=True)
    if step is Step.RESOLVE:
        if seen.parts_open:
            raise _no("Còn phần việc liên thông chưa nhận kết quả về.")
        if seen.proposal is not Outcome.GRANTED:
            raise _no("Hồ sơ được trình từ chối giải quyết: mở hồ sơ và ghi kết quả kèm lý do.", choice=True)
    return step


def _handling(seen: Seen) -> Step:
    """A handler takes over what nobody handles yet, and sends on what is on the own desk."""
    if seen.mine:
        return Step.PROPOSE
    if seen.state is State.PROCESSING and seen.held:
        raise _no("Hồ sơ đang do người khác xử lý. Muốn nhận thay, nhờ người giữ chuyển bước hoặc lãnh đạo bàn giao.")
    return Step.TAKE


P = TypeVar("P")


def recipient(people: Sequence[P], wanted: P | None, step: Step) -> P:
    """Who gets it next: the one chosen beforehand, else the only one there is; IllegalAct where one must choose."""
    if wanted is not None:
        if wanted not in people:
            raise _no(
                f"{wanted} không nhận được hồ sơ này ở bước kế tiếp. Hãy chọn người khác ở ô «Chuyển cho».", choice=True
            )
        return wanted
    if len(people) == 1:
        return people[0]
    if not people:
        raise _no(
            "Đơn vị chưa có ai có nhiệm vụ ký duyệt."
            if step is Step.PROPOSE
            else "Đơn vị chưa có ai có nhiệm vụ xử lý hồ sơ."
        )
    raise _no(f"Có {len(people)} người nhận được, hãy chọn ở ô «Chuyển cho» rồi quét lại.", choice=True)


# Scanners beep twice; nobody means two steps within so short a time.
TWICE = dt.timedelta(seconds=8)


def beeped_twice(last_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a scan comes so soon after the same person's last act on the dossier that it is the same beep."""
    return abs(now - last_at) < TWICE


def scanned_code(text: str) -> str:
    """The code in what a scanner typed: a bare code, or a look-up address with ``ma=`` or the code as its last part."""
    typed = clean(text)
    if "://" not in typed and not typed.startswith("/"):
        return typed
    try:
        parts = urlsplit(typed)
    except ValueError:
        return ""
    asked = parse_qs(parts.query).get("ma", [])
    return clean(asked[0] if asked else unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]))


def _no(sentence: str, *, choice: bool = False) -> IllegalAct:
    return IllegalAct(sentence, code="choice" if choice else "no_routine")


# ---- one act on many -------------------------------------------------------------------------------------------------


# Acts that ask for something of each dossier (a supplement's papers, a refusal's reason) are not here.
MANY_ACTS: tuple[Act, ...] = (
    Act.FORWARD,
    Act.PROPOSE,
    Act.APPROVE,
    Act.RETURN_FOR_CORRECTION,
    Act.RESOLVE,
    Act.HAND_OVER,
    Act.RESUME,
    Act.APOLOGISE,
    Act.RETURN_DOSSIER,
)


def offered_for_many(duties: Collection[Duty]) -> list[Act]:
    """The acts that may be done on many dossiers at once in one of these duties."""
    return [act for act in MANY_ACTS if DUTIES[act] & set(duties)]


class Standing(Protocol):
    """A dossier's row, as far as it decides which acts are open."""

    state: str
    owning_system: str
    handed_over_at: dt.datetime | None


OWNED_ACTS = frozenset({Act.HAND_OVER, Act.CORRECT_ACCEPTANCE, Act.VOID})


def why_not(row: Standing, act: Act, duties: Collection[Duty], *, parts_open: bool = False) -> str:
    """Why an act cannot be done on a dossier by who holds ``duties`` over it; empty when nothing speaks against it."""
    state = State(row.state)
    if row.owning_system and act not in OWNED_ACTS:
        return f"Trạng thái do hệ thống {row.owning_system} giữ."
    if not DUTIES[act] & set(duties):
        return "Anh/chị không có nhiệm vụ làm việc này ở đơn vị của hồ sơ."
    if state not in TABLE[act]:
        return f"Đang ở trạng thái «{state.label}»."
    if act is Act.HAND_OVER and row.handed_over_at is not None:
        return "Đã trả kết quả rồi."
    if act is Act.RESOLVE and parts_open:
        return "Còn phần việc liên thông chưa nhận kết quả về."
    return ""


# ---- when ------------------------------------------------------------------------------------------------------------


class Group(Enum):
    """My work, in the order it is shown."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"
    LATER = "later"
    WAITING = "waiting"

    @property
    def title(self) -> str:
        """As the page heads it."""
        return {
            Group.OVERDUE: "Quá hạn",
            Group.TODAY: "Đến hạn hôm nay",
            Group.TOMORROW: "Đến hạn ngày mai",
            Group.WEEK: "Trong tuần này",
            Group.LATER: "Sau tuần này hoặc không định hạn",
            Group.WAITING: "Đang chờ, đồng hồ dừng",
        }[self]


def ends_of(now: dt.datetime) -> dict[Group, dt.datetime]:
    """The last instant of each group that runs: a clock that crosses by then (and after the group before) is in it.

    The week ends on Sunday; on a Sunday «tomorrow» is next week's Monday, and nothing is left for «this week».
    """
    today = clock.local_date(now)
    midnight = clock.local_moment(today + dt.timedelta(days=1))
    tomorrow = clock.local_moment(today + dt.timedelta(days=2))
    week = clock.local_moment(today + dt.timedelta(days=7 - today.weekday()))
    return {Group.OVERDUE: now, Group.TODAY: midnight, Group.TOMORROW: tomorrow, Group.WEEK: max(week, tomorrow)}


def group_of(crossing_at: dt.datetime | None, now: dt.datetime, *, waiting: bool) -> Group:
    """Where a pending dossier stands among the groups. Without a crossing and not waiting no term runs at all."""
    if crossing_at is None:
        return Group.WAITING if waiting else Group.LATER
    return next((group for group, end in ends_of(now).items() if crossing_at <= end), Group.LATER)


# ---- the day's end ---------------------------------------------------------------------------------------------------


# Kinds of notes that belong to no act: why a due date is missed, and what the holder asks a leader for.
DAY_NOTES = {
    "why_late": "Lý do chậm",
    "ask_apology": "Đề nghị xin lỗi, hẹn lại",
    "ask_extension": "Đề nghị gia hạn",
}


@dataclass(frozen=True, slots=True)
class Closing:
    """What may be said of a dossier due today: the key, the words, and what it does.

    ``act``: done by its own page where ``asks`` (somebody or something must be chosen), at once where not.
    ``note``: the kind of note that is kept instead of an act.
    """

    key: str
    title: str
    act: Act | None = None
    asks: bool = False
    note: str = ""


DONE = Closing("x", "Xong, kết quả đã về", Act.RESOLVE)
SIGN = Closing("k", "Duyệt, ký", Act.APPROVE, asks=True)
SEND_ON = Closing("c", "Trình duyệt", Act.PROPOSE, asks=True)
FORWARD = Closing("b", "Chuyển bước", Act.FORWARD, asks=True)
APOLOGISE = Closing("h", "Xin lỗi, hẹn lại", Act.APOLOGISE, asks=True)
EXTEND = Closing("g", "Gia hạn", Act.MOVE_DUE, asks=True)
ASK_APOLOGY = Closing("h", "Đề nghị xin lỗi, hẹn lại", note="ask_apology")
ASK_EXTENSION = Closing("g", "Đề nghị gia hạn", note="ask_extension")
WHY = Closing("l", "Ghi lý do", note="why_late")
CLOSING: tuple[Closing, ...] = (DONE, SIGN, SEND_ON, FORWARD, APOLOGISE, EXTEND, ASK_APOLOGY, ASK_EXTENSION, WHY)


def closings(
    state: State, duties: Collection[Duty], *, owned: bool, parts_open: bool, proposal: Outcome
) -> list[Closing]:
    """What may be said of a pending dossier by who holds ``duties``: an act where one may do it, else asking for it."""
    if owned:
        return [WHY]

    def may(closing: Closing) -> bool:
        act = closing.act
        return act is not None and state in TABLE[act] and bool(DUTIES[act] & set(duties))

    found = [closing for closing in (SIGN, SEND_ON, FORWARD) if may(closing)]
    # From a draft that refuses, or with a part still out, the result needs more than a key.
    if may(DONE) and not parts_open and (state is not State.APPROVED or proposal is Outcome.GRANTED):
        found.insert(0, DONE)
    found.append(APOLOGISE if may(APOLOGISE) else ASK_APOLOGY)
    found.append(EXTEND if may(EXTEND) else ASK_EXTENSION)
    return [*found, WHY]
