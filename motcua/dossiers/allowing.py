"""Who may do an act on a dossier, and when it may be said to have happened."""

import datetime as dt
from collections.abc import Iterable

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed
from motcua.dossiers.models import CatchUpWindow, Dossier
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act
from motcua.dossiers.walk import Entry
from motcua.org import queries as org
from motcua.org.models import Duty, User
from motcua.worktime import rules as worktime

# An act entered within this time of its moment is entered at once; clocks and typing differ by that much.
AT_ONCE = dt.timedelta(minutes=5)


# ---- who -------------------------------------------------------------------------------------------------------------


def authorise(actor: User | None, act: Act, units: Iterable[int | None]) -> str:
    """The duty in which the actor does this act; NotAllowed otherwise. Two statements.

    ``actor=None`` is the applicant at the portal or the machine itself: the front room vouches for it.
    """
    if actor is None:
        return ""
    return held_duty(actor, DUTIES[act], units, f"Anh/chị không có nhiệm vụ để «{act.label}» ở đơn vị này.")


def held_duty(actor: User, duties: Iterable[Duty], units: Iterable[int | None], refusal: str) -> str:
    """The first of ``duties`` the person holds over any of the units today; NotAllowed with ``refusal`` otherwise."""
    wanted, where = set(duties), {u for u in units if u}
    today = clock.today()
    held = [(d, u.pk) for d, u in org.duties(actor, today) if d in wanted]
    # Mostly the duty is held at the very unit; else at one above it, or at a successor, which the scope knows.
    duty = next((d for d, unit in held if unit in where), None)
    if duty is None and held and any(map(org.scope(actor, wanted, today).contains, where)):
        duty = held[0][0]
    if duty is None or not actor.is_active:
        raise NotAllowed(refusal)
    return str(duty.value)


def covering(dossier: Dossier) -> list[int | None]:
    """The units at which a duty covers this dossier: competent, of the desk, and holding."""
    return [dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id]


# ---- when ------------------------------------------------------------------------------------------------------------


# Before this nobody kept dossiers that an office still works on: a slip of the keyboard.
_EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)


def given_moment(moment: dt.datetime | None, *, field: str = "occurred_at") -> dt.datetime:
    """When something happened, in UTC (None: now); Invalid in the future, too long ago, or without a time zone."""
    now = clock.now()
    if moment is None:
        return now
    if moment.tzinfo is None:
        raise Invalid("Thời điểm thiếu múi giờ nên không tính được hạn.", field=field, code="no_time_zone")
    if moment > now + dt.timedelta(seconds=60):
        raise Invalid("Không ghi trước một việc chưa xảy ra.", field=field, code="future")
    if moment < _EARLIEST:
        raise Invalid("Thời điểm này quá xa trong quá khứ, hãy kiểm tra lại năm.", field=field, code="too_early")
    return moment.astimezone(dt.UTC)


def check_moment(
    last: Entry | None,
    act: Act,
    occurred_at: dt.datetime,
    calendar: worktime.WorkCalendar,
    limit: int,
    *,
    actor: User | None,
    approver: User | None,
    note: str,
    units: Iterable[int | None],
) -> str:
    """How late the entry is: "" at once, else "backdated", "catch_up" or "reentry"; refuses what is not allowed.

    A second person must approve and a reason be given. Beyond the limit of working days only an approved catch-up
    window, or re-entry of what has just been voided (``last`` is the last act recorded), by a leader and with evidence.
    """
    now = clock.now()
    if now - occurred_at <= AT_ONCE:
        return ""
    units = list(units)
    second = approver if approver is not None and actor is not None and approver.pk != actor.pk else None
    days = worktime.working_days(calendar, clock.local_date(occurred_at), clock.local_date(now))
    if second is not None and note.strip() and days <= limit:
        held_duty(second, LEADER_DUTIES, units, "Người duyệt không phải lãnh đạo của đơn vị này.")
        return "backdated"  # whose word is given need not ask for a window
    window = CatchUpWindow.objects.filter(
        unit_id__in=[u for u in units if u], done_from__lte=occurred_at, done_to__gte=occurred_at, enter_until__gte=now
    ).first()
    if window is not None:
        return "catch_up"
    if not note.strip():
        raise Invalid("Ghi muộn phải nêu lý do.", field="note", code="late_without_reason")
    if second is None or actor is None:
        raise NotAllowed("Ghi muộn phải có người thứ hai là lãnh đạo duyệt.", code="late_without_approver")
    held_duty(second, LEADER_DUTIES, units, "Người duyệt không phải lãnh đạo của đơn vị này.")
    if last is not None and last.act is Act.VOID and _enters_anew(act, Act(last.facts["void_act"])):
        held_duty(actor, LEADER_DUTIES, units, "Ghi lại việc đã hủy quá thời hạn chỉ lãnh đạo đơn vị được làm.")
        return "reentry"
    raise Invalid(
        f"Việc này đã qua {days} ngày làm việc, chỉ được ghi muộn tối đa {limit} ngày. Hãy hủy việc đã ghi sai rồi "
        "ghi lại kèm chứng cứ, hoặc xin duyệt đợt nhập bù.",
        field="occurred_at",
        code="too_late",
    )


def _enters_anew(act: Act, voided: Act) -> bool:
    """Is this the act just voided, said rightly? One way of ending may have been meant for another."""
    ends = (Act.RESOLVE, Act.RETURN_DOSSIER, Act.STOP, Act.WITHDRAW)
    return act is voided or (act in ends and voided in ends)
