"""Taking back and setting right: voids, corrected acceptances, catch-up windows, bàn giao, moved due dates."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.verbs import verb
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.acting import free_text, load, perform
from motcua.dossiers.actions.common import alive, line, need
from motcua.dossiers.allowing import covering, given_moment, held_duty
from motcua.dossiers.drafting import corrected, reassigned, voided
from motcua.dossiers.many import perform_all
from motcua.dossiers.models import CatchUpWindow, Dossier, DueMove, HandOverRecord, SupplementRequest
from motcua.dossiers.states import DUTIES, ENDED_STATES, LEADER_DUTIES, PENDING_STATES, Act
from motcua.dossiers.walk import standing
from motcua.ledger.models import Book, Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.procedures.models import Case, Procedure


def _approved(actor: User, approver: User | None, units: Sequence[int | None]) -> User:
    """A second person who leads the unit; NotAllowed otherwise. Two statements."""
    if approver is None or approver.pk == actor.pk:
        raise NotAllowed("Việc này phải có người thứ hai là lãnh đạo duyệt.", code="needs_approver")
    held_duty(approver, LEADER_DUTIES, units, "Người duyệt không phải lãnh đạo của đơn vị này.")
    return approver


@verb
def void_event(
    *,
    actor: User,
    dossier: int,
    seq: int,
    reason: str,
    intake: bool = False,
    approver: User | None = None,
    expected: int | None = None,
) -> Dossier:
    """Take back the act number ``seq`` of the dossier (of its filing, with ``intake``) on which nothing later depends.

    Voiding the end reopens the dossier; voiding the acceptance of a counter dossier leaves its code as «hủy», that of a
    filing puts it back to the desk's check. Refused, naming the later act, when the rest is no legal sequence.
    """
    if not reason.strip():
        raise Invalid("Phải nêu lý do hủy.", field="reason")
    loaded = load(dossier, expected)
    row = loaded.dossier
    approver = _approved(actor, approver, covering(row))
    item_id = row.intake_item_id if intake or row.item_id is None else row.item_id
    target = next((r for r in loaded.rows if r.seq == seq and r.item_id == item_id and not r.mirror), None)
    if target is None:
        raise Invalid("Không có việc nào mang số này trong hồ sơ.", field="seq")
    if target.entry.act is Act.VOID:
        raise IllegalAct("Không hủy một lần hủy; hãy ghi lại việc đã hủy.", code="void_of_void")
    if any(r.voids == target.entry.seq for r in loaded.rows):
        raise IllegalAct("Việc này đã hủy rồi.", code="already_voided")
    if target.entry.act in (Act.SEND_PART, Act.PART_RETURNED):
        raise IllegalAct(
            "Việc liên thông thuộc cả sổ của cơ quan phối hợp, không hủy được từ đây. Hãy ghi kết quả nhận về.",
            code="void_of_part",
        )
    if target.entry.act is Act.CORRECT_ACCEPTANCE:
        raise IllegalAct("Hãy sửa tiếp nhận lần nữa thay vì hủy lần sửa.", code="void_of_correction")
    event = perform(
        loaded,
        Act.VOID,
        actor=actor,
        facts=voided(seq, target.entry.act),
        note=reason,
        note_kind="void",
        approver=approver,
        voids=target,
    )
    if target.entry.act is Act.REQUEST_SUPPLEMENT:
        SupplementRequest.objects.filter(
            dossier=row, at_intake=target.item_id == row.intake_item_id, event_seq=seq
        ).update(voided=True)
    elif target.entry.act is Act.SUPPLEMENT_RECEIVED:
        SupplementRequest.objects.filter(dossier=row, answered_at=target.entry.at).update(answered_at=None)
    assert event.voids_id == target.event_id
    return row


@verb
def correct_acceptance(
    *,
    actor: User,
    dossier: int,
    reason: str,
    approver: User | None = None,
    procedure: Procedure | None = None,
    case: Case | None = None,
    channel: str | None = None,
    unit: Unit | None = None,
    received_at: dt.datetime | None = None,
    expected: int | None = None,
) -> Dossier:
    """Set right what the acceptance said: recomputed with the version, calendar and rules of that day; the code is kept
    and every figure moves on its original day. A second person approves."""
    if not reason.strip():
        raise Invalid("Phải nêu lý do sửa tiếp nhận.", field="reason")
    loaded = load(dossier, expected, joined=["procedure_version__procedure", "case"])
    row = loaded.dossier
    approver = _approved(actor, approver, covering(row))
    acts = standing(loaded.pairs())
    accepted = next((a for a in acts if a.act in (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)), None)
    if accepted is None:
        raise IllegalAct("Hồ sơ chưa được tiếp nhận.", code="illegal_correct_acceptance")
    at = given_moment(received_at or accepted.at, field="received_at")
    channel = channel or accepted.facts["channel"]
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    # Mostly the unit that accepted it has it still.
    first_unit = accepted.facts["unit"]
    new_unit = unit or (row.unit if row.unit_id == first_unit else Unit.objects.get(pk=first_unit))
    alive(new_unit, clock.local_date(at))
    terms = terms_for(
        procedure=procedure or row.procedure_version.procedure,
        case=case if case is not None else (row.case if procedure is None else None),
        channel=channel,
        unit=new_unit,
        at=at,
        book=Book.DOSSIER,
        must_have_term=not row.given_due,
    )
    pins = terms.pins()
    unchanged = (
        at == accepted.at
        and channel == accepted.facts["channel"]
        and new_unit.pk == accepted.facts["unit"]
        and pins == accepted.facts["pins"]
    )
    if unchanged:
        raise Invalid("Không có gì khác với tiếp nhận đã ghi.")
    if row.given_due:
        # Its due date was given by another system and stays; only the attributes are ours to set right.
        pins["term"] = accepted.facts["pins"].get("term")
    before = dict(vars(row))
    for name, value in terms.columns().items():
        setattr(row, name, value)
    after = vars(row)
    kept = {name: f"{name}_id" if f"{name}_id" in before else name for name in terms.columns()}
    changed = [name for name, column in kept.items() if after[column] != before[column]]
    perform(
        loaded,
        Act.CORRECT_ACCEPTANCE,
        actor=actor,
        facts=corrected(at=at, unit=new_unit.pk, terms=terms, channel=channel, pins=pins),
        note=reason,
        note_kind="correction",
        approver=approver,
        more_fields=changed,
    )
    return row


@verb
def approve_catch_up(
    *,
    actor: User,
    unit: Unit,
    done_from: dt.datetime,
    done_to: dt.datetime,
    enter_until: dt.datetime,
    reason: str,
) -> CatchUpWindow:
    """A leader approves a span (network down) whose acts, done on paper, may be entered later; all are marked."""
    held_duty(actor, LEADER_DUTIES, [unit.pk], "Chỉ lãnh đạo đơn vị được duyệt đợt nhập bù.")
    done_from = given_moment(done_from, field="done_from")
    done_to = given_moment(done_to, field="done_to")
    if enter_until.tzinfo is None:
        raise Invalid("Hạn nhập bù thiếu múi giờ.", field="enter_until", code="no_time_zone")
    if done_to <= done_from:
        raise Invalid("Khoảng thời gian mất mạng không đúng: đến phải sau từ.", field="done_to")
    if done_to - done_from > dt.timedelta(days=14):
        raise Invalid("Một đợt nhập bù dài tối đa 14 ngày.", field="done_to")
    if enter_until <= clock.now() or enter_until > clock.now() + dt.timedelta(days=14):
        raise Invalid("Hạn nhập bù phải sau bây giờ và trong 14 ngày tới.", field="enter_until")
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do.")
    return CatchUpWindow.objects.create(
        unit=unit,
        done_from=done_from,
        done_to=done_to,
        enter_until=enter_until,
        approved_by=actor,
        reason=reason,
        created_at=clock.now(),
    )


@verb
def hand_over_pending(*, actor: User, from_user: User, to_user: User, unit: Unit, reason: str) -> HandOverRecord:
    """Bàn giao: every pending dossier ``from_user`` holds at ``unit`` goes to ``to_user``; due dates stay; one
    event for each, and one record to print. By a leader, or by the person leaving. Some thirty statements for each 200
    dossiers."""
    if from_user.pk == to_user.pk:
        raise Invalid("Người giao và người nhận phải khác nhau.", field="to_user")
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do bàn giao.")
    today = clock.today()
    duty = ""
    if actor.pk != from_user.pk:
        led = {*LEADER_DUTIES, Duty.ADMIN}
        duty = held_duty(actor, led, [unit.pk], "Chỉ lãnh đạo hoặc người giao được lập bàn giao.")
    if not org.scope(to_user, DUTIES[Act.FORWARD], today).contains(unit.pk):
        raise Invalid(f"{to_user} không có nhiệm vụ xử lý hồ sơ ở {unit.name}.", field="to_user")
    done = perform_all(
        Dossier.objects.filter(
            Q(unit=unit) | Q(desk_unit=unit) | Q(holder_unit=unit), holder=from_user, state__in=PENDING_STATES
        ),
        Act.REASSIGN,
        actor=actor,
        duty=duty,
        facts_of=lambda row: reassigned(row, holder=to_user.pk, step=row.step_id),
    )
    return HandOverRecord.objects.create(
        from_user=from_user,
        to_user=to_user,
        unit=unit,
        at=clock.now(),
        actor=actor,
        reason=reason,
        codes=[str(row.code) for row in done],
    )


@verb
def move_due_dates(
    *,
    actor: User,
    unit: Unit,
    days: int,
    decision: str,
    reason: str,
    include_beneath: bool = True,
    ended_from: dt.date | None = None,
) -> DueMove:
    """Dời hạn by one decision (storm, system down): the dates of all that is pending in a unit, and beneath it, go
    ``days`` working days later, each by its own calendar. One event an item, and one record that says how many.

    ``ended_from``: where the decision says so, also what has ended late on that day or after it; the end stays, on its
    own day, read against the moved date. What ended in time is left alone.

    By a leader of the unit. A crossing already posted is taken back on its own day. Dossiers whose status another
    system keeps are left and counted. Refused while what was done on paper may still be entered in these units: an act
    of before the decision could not be entered after it. Some thirty statements for each 200 dossiers.
    """
    decision = line(decision, 200, "Số quyết định", field="decision")
    need(decision, "Phải ghi số quyết định dời hạn.", field="decision")
    need(reason, "Phải nêu lý do dời hạn.")
    duty = held_duty(actor, LEADER_DUTIES, [unit.pk], "Chỉ lãnh đạo đơn vị được dời hạn cả đơn vị.")
    now, today = clock.now(), clock.today()
    if ended_from is not None and ended_from > today:
        raise Invalid("Ngày kết thúc sớm nhất được dời hạn không được sau hôm nay.", field="ended_from")
    alive(unit, today)
    units = [u.pk for u in org.descendants(unit, today, today)] if include_beneath else [unit.pk]
    window = CatchUpWindow.objects.filter(org.among("unit", units), enter_until__gte=now).select_related("unit").first()
    if window is not None:
        raise IllegalAct(
            f"{window.unit.name} đang có đợt nhập bù đến {clock.local(window.enter_until):%H:%M %d/%m/%Y}. Hãy nhập "
            "xong việc làm trên giấy rồi dời hạn: sau khi dời hạn không ghi lùi được nữa.",
            code="catch_up_open",
        )
    # What was accepted without a term has no due date to move.
    here = Dossier.objects.filter(org.among("unit", units), due_at__isnull=False)
    pending = here.filter(state__in=PENDING_STATES)

    def move(wanted: QuerySet[Dossier], said: str, facts: dict[str, Any]) -> int:
        done = perform_all(
            wanted.filter(owning_system=""),
            Act.MOVE_DUE,
            actor=actor,
            duty=duty,
            facts_of=lambda row: dict(facts),
            note=f"{decision}: {said}",
            note_kind="decision",
        )
        return len(done)

    moved, left = move(pending, reason, {"days": days}), pending.exclude(owning_system="").count()
    if ended_from is not None:
        late = here.filter(state__in=ENDED_STATES, time_class="late", ended_at__gte=clock.local_moment(ended_from))
        reason = f"{reason} (cả hồ sơ đã kết thúc quá hạn từ ngày {ended_from:%d/%m/%Y})"
        left += late.exclude(owning_system="").count()
        moved += move(late, reason, {"days": days, "ended": True})
    return DueMove.objects.create(
        unit=unit,
        beneath=include_beneath,
        days=days,
        decision=decision,
        reason=free_text(reason),
        at=now,
        actor=actor,
        moved=moved,
        left=left,
    )
