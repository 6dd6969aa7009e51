"""The shapes dossiers' stories take: the usual way, and what comes between. Used for both parts of the demo."""

import datetime as dt
import random
from collections.abc import Callable, Sequence

from motcua.demo.plot import Plot
from motcua.dossiers.states import Act
from motcua.org.models import Unit
from motcua.worktime.rules import Deadline, StartRule, Term, TermUnit

REASONS = {
    "supplement": (
        "Giấy tờ nộp kèm chưa rõ, thiếu trang, đề nghị nộp lại bản đầy đủ.",
        "Thông tin trong đơn chưa khớp với giấy tờ kèm theo.",
        "Thiếu chữ ký của người có quyền lợi liên quan.",
    ),
    "refused": (
        "Qua thẩm định, hồ sơ không đủ điều kiện theo quy định.",
        "Yêu cầu không thuộc trường hợp được giải quyết.",
    ),
    "returned": (
        "Người dân không bổ sung trong thời hạn đã báo, trả lại hồ sơ kèm văn bản.",
        "Hồ sơ không thuộc thẩm quyền, hướng dẫn người dân nộp đúng nơi.",
    ),
    "withdrawn": ("Người nộp có đơn xin rút hồ sơ.", "Người nộp xin rút để chuẩn bị lại giấy tờ."),
    "stopped": ("Dừng giải quyết do có tranh chấp đang được tòa án thụ lý.",),
    "intake": (
        "Tệp đính kèm không mở được, đề nghị nộp lại.",
        "Hồ sơ thiếu tờ khai theo mẫu.",
        "Hồ sơ nộp trùng với hồ sơ đã tiếp nhận.",
    ),
    "correct": ("Sửa lại thể thức dự thảo.", "Bổ sung căn cứ pháp lý vào dự thảo."),
    "apology": ("Hồ sơ phức tạp, cần thêm thời gian thẩm tra thực địa.",),
    "payment": ("Chờ người dân nộp nghĩa vụ tài chính theo thông báo.",),
    "verification": ("Xác minh tại địa bàn.",),
    "law": ("Tạm đình chỉ theo quy định chuyên ngành, chờ kết luận của cơ quan có thẩm quyền.",),
    "void": ("Ghi nhầm kết quả sang hồ sơ khác, hủy để ghi lại.",),
    "voided_acceptance": ("Tiếp nhận trùng với hồ sơ đã có, hủy lần tiếp nhận này.",),
    "correction": ("Chọn nhầm thủ tục khi tiếp nhận.",),
    "late": ("Mất mạng, việc làm trên giấy, nhập lại khi có mạng.",),
    "transfer": ("Hồ sơ thuộc thẩm quyền của đơn vị khác, chuyển thẩm quyền giải quyết.",),
    "storm": ("Nghỉ làm việc do mưa bão theo thông báo của UBND tỉnh.",),
}


def why(rng: random.Random, kind: str) -> str:
    """A reason, as an official would type it."""
    return rng.choice(REASONS[kind])


def spread(rng: random.Random, first: int, last: int, many: int) -> list[int]:
    """``many`` positions in order, from ``first`` to before ``last``, each later than the one before."""
    room = max(last - first, many + 1)
    return sorted(first + rng.randrange(room) for _ in range(many))


def end_position(plot: Plot, due: Deadline, *, early: bool, last: dt.date | None = None) -> int:
    """When it ends: on a day before the due date, or on it; never on a day after ``last`` nor too soon."""
    hours, rng = plot.stage.hours, plot.rng
    soonest = plot.at + 12
    latest = hours.due_position(due) - 2
    if last is not None:
        latest = min(latest, hours.closing(last) - 2)
    if due.grain == "minute":
        return max(soonest, rng.randint(min(soonest, latest), latest))
    first, due_index = hours.index(hours.day(soonest)), hours.last_index(due.due_date)
    if last is not None:
        due_index = min(due_index, hours.last_index(last))
    index = rng.randint(first, max(first, due_index - 1)) if early else due_index
    return min(hours.within(hours.days[max(index, first)], after=soonest), latest)


# ---- between acceptance and end --------------------------------------------------------------------------------------

Detour = Callable[[Plot, int], None]


def supplement(days: int = 2) -> Detour:
    """The applicant is asked for more and answers some working days later."""

    def go(plot: Plot, at: int) -> None:
        ask(plot, at)
        back = plot.stage.hours.later(plot.stage.hours.day(plot.at), days)
        answer(plot, plot.stage.hours.within(back, after=plot.at))

    return go


def ask(plot: Plot, at: int) -> bool:
    """A supplement is asked for."""
    papers = [str(p["name"]) for p in plot.way.papers[:2]] or ["Giấy tờ kèm theo đơn"]
    reason = why(plot.rng, "supplement")
    return plot.do(Act.REQUEST_SUPPLEMENT, at, plot.hand(), reason, items=papers, basis="")


def answer(plot: Plot, at: int) -> bool:
    """What was asked for has come."""
    papers = [{"name": f"{p['name']} (bổ sung)", "kind": p["kind"]} for p in plot.way.papers[:1]]
    return plot.do(Act.SUPPLEMENT_RECEIVED, at, plot.rng.choice(plot.team.receivers), papers=papers)


def pause(reason: str, days: int = 2) -> Detour:
    """The work waits for a reason of the list and goes on some working days later."""

    def go(plot: Plot, at: int) -> None:
        halt(plot, at, reason)
        back = plot.stage.hours.later(plot.stage.hours.day(plot.at), days)
        plot.do(Act.RESUME, plot.stage.hours.within(back, after=plot.at), plot.hand())

    return go


def halt(plot: Plot, at: int, reason: str) -> bool:
    """The work stops to wait."""
    return plot.do(Act.PAUSE, at, plot.hand(), why(plot.rng, reason), why=reason)


def part(partner: Unit, work: str, days: int = 2) -> Detour:
    """Another agency does a part of the work and sends it back within its own term."""

    def go(plot: Plot, at: int) -> None:
        send_part(plot, at, partner, work, days)
        back = plot.stage.hours.later(plot.stage.hours.day(plot.at), days - 1)
        plot.do(Act.PART_RETURNED, plot.stage.hours.within(back, after=plot.at), plot.hand(), number=1)

    return go


def send_part(plot: Plot, at: int, partner: Unit, work: str, days: int) -> bool:
    """A part goes to another agency."""
    term = Term(days, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
    return plot.do(Act.SEND_PART, at, plot.hand(), unit=partner, work=work, term=term)


def transfer(unit: Unit, team: object) -> Detour:
    """Another unit is competent: the dossier goes there, with its deadline."""

    def go(plot: Plot, at: int) -> None:
        if plot.do(Act.TRANSFER, at, plot.leader(), why(plot.rng, "transfer"), unit=unit):
            plot.team = team  # type: ignore[assignment]
            plot.handler = None
            plot.do(
                Act.FORWARD,
                plot.at + plot.rng.randint(3, 30),
                plot.rng.choice(plot.team.receivers),
                holder=plot.hand().user,
                holder_unit=plot.hand().room,
                step=None,
            )

    return go


# ---- the ways to an end ----------------------------------------------------------------------------------------------


def begin(plot: Plot, received: int, *, at_once: bool = False) -> bool:
    """Filed (if online) and received at the position."""
    if plot.channel == "online" and not plot.deeds:
        # Nobody files with a commune that is not there yet.
        hours, born = plot.stage.hours, plot.team.unit.valid_from
        earliest = hours.opening(hours.days[hours.index(born)]) + 1
        plot.submit(max(earliest, received - plot.rng.randint(4, 220)))
    return plot.receive(received, at_once=at_once)


def to_result(
    plot: Plot, end: int, *, detours: Sequence[Detour] = (), redraft: bool = False, refuse: bool = False, late: int = 0
) -> None:
    """Forwarded, handled, signed, at the desk at ``end``; after a detour on the working day that follows it."""
    rng = plot.rng
    reason = why(rng, "refused") if refuse else ""
    plot.forward(plot.at + rng.randint(2, 25))
    for detour in detours:
        detour(plot, plot.at + rng.randint(10, 120))
        end = plot.stage.hours.within(plot.stage.hours.later(plot.stage.hours.day(plot.at), 1))
    acts = spread(rng, plot.at + 3, max(end - 4, plot.at + 8), 4 if redraft else 2)
    plot.propose(acts[0], refuse=reason)
    if redraft:
        plot.do(Act.RETURN_FOR_CORRECTION, acts[1], plot.signer, why(rng, "correct"), to=plot.hand().user)
        plot.propose(acts[2], refuse=reason)
    plot.approve(acts[-1])
    plot.resolve(end, outcome="refused" if refuse else "granted", reason=reason or _late(rng, late), late_minutes=late)


def _late(rng: random.Random, late: int) -> str:
    return why(rng, "late") if late else ""


def collected(plot: Plot, *, within_days: int = 3) -> None:
    """The citizen comes for the result, soon or after some days."""
    hours = plot.stage.hours
    wait = plot.rng.choice((0, 0, 0, 1, 1, 2, within_days))
    at = plot.at + plot.rng.randint(4, 60)
    plot.hand_over(at if not wait else hours.within(hours.later(hours.day(plot.at), wait), after=plot.at))


def otherwise(plot: Plot, act: Act, at: int) -> None:
    """Returned, withdrawn or stopped; the papers go back."""
    kinds = {Act.RETURN_DOSSIER: "returned", Act.WITHDRAW: "withdrawn", Act.STOP: "stopped"}
    who = plot.leader() if act is Act.STOP else plot.hand()
    plot.do(act, at, who, why(plot.rng, kinds[act]))


def taken_back_and_entered_anew(plot: Plot) -> None:
    """The result was entered by mistake: voided by a leader with another's approval, entered again a little later."""
    number = sum(1 for d in plot.deeds if d.act is not Act.SUBMIT)
    # A clerk may not void: a leader asks, another leader approves.
    leader = plot.leader()
    second = plot.team.approver(leader, plot.rng)
    if second is None:
        return
    at = plot.at + plot.rng.randint(3, 20)
    # Entered again in time as it was: only the one dossier of the published figures is late.
    if at + 6 > plot.stage.hours.due_position(plot.due()):
        return
    if plot.do(Act.VOID, at, leader, why(plot.rng, "void"), approver=second, seq=number):
        plot.resolve(plot.at + plot.rng.randint(2, 6))
