"""Taking back and setting right: voids, corrected acceptances, catch-up windows, bàn giao."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.text import clean
from motcua.core.verbs import verb
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.acting import covering, held_duty, load, perform
from motcua.dossiers.drafting import corrected, reassigned, voided
from motcua.dossiers.models import CatchUpWindow, Dossier, HandOverRecord, SupplementRequest
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act
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
    loaded = load(dossier, expected)
    row = loaded.dossier
    approver = _approved(actor, approver, covering(row))
    acts = standing(loaded.pairs())
    accepted = next((a for a in acts if a.act in (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)), None)
    if accepted is None:
        raise IllegalAct("Hồ sơ chưa được tiếp nhận.", code="illegal_correct_acceptance")
    at = (received_at or accepted.at).astimezone(dt.UTC)
    if at > clock.now():
        raise Invalid("Thời điểm tiếp nhận không được ở tương lai.", field="received_at")
    channel = channel or accepted.facts["channel"]
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    new_unit = unit or Unit.objects.get(pk=accepted.facts["unit"])
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
    for name, value in terms.columns().items():
        setattr(row, name, value)
    perform(
        loaded,
        Act.CORRECT_ACCEPTANCE,
        actor=actor,
        facts=corrected(at=at, unit=new_unit.pk, terms=terms, channel=channel, pins=pins),
        note=reason,
        note_kind="correction",
        approver=approver,
        more_fields=[*terms.columns()],
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
    if done_to <= done_from or done_to > clock.now():
        raise Invalid("Khoảng thời gian mất mạng không đúng: đến phải sau từ và không ở tương lai.", field="done_to")
    if done_to - done_from > dt.timedelta(days=14):
        raise Invalid("Một đợt nhập bù dài tối đa 14 ngày.", field="done_to")
    if enter_until <= clock.now() or enter_until > clock.now() + dt.timedelta(days=14):
        raise Invalid("Hạn nhập bù phải sau bây giờ và trong 14 ngày tới.", field="enter_until")
    if not reason.strip():
        raise Invalid("Phải nêu lý do.", field="reason")
    return CatchUpWindow.objects.create(
        unit=unit,
        done_from=done_from,
        done_to=done_to,
        enter_until=enter_until,
        approved_by=actor,
        reason=clean(reason)[:300],
        created_at=clock.now(),
    )


@verb
def hand_over_pending(*, actor: User, from_user: User, to_user: User, unit: Unit, reason: str) -> HandOverRecord:
    """Bàn giao: every pending dossier ``from_user`` holds at ``unit`` goes to ``to_user``; due dates stay; one
    event for each, and one record to print. By a leader, or by the person leaving."""
    if from_user.pk == to_user.pk:
        raise Invalid("Người giao và người nhận phải khác nhau.", field="to_user")
    if not reason.strip():
        raise Invalid("Phải nêu lý do bàn giao.", field="reason")
    today = clock.today()
    if actor.pk != from_user.pk:
        held_duty(actor, {*LEADER_DUTIES, Duty.ADMIN}, [unit.pk], "Chỉ lãnh đạo hoặc người giao được lập bàn giao.")
    if not org.scope(to_user, DUTIES[Act.FORWARD], today).contains(unit.pk):
        raise Invalid(f"{to_user} không có nhiệm vụ xử lý hồ sơ ở {unit.name}.", field="to_user")
    held = Dossier.objects.filter(holder=from_user, ended_at__isnull=True, item__isnull=False)
    ids = [
        pk
        for pk, units in (
            (row["pk"], {row["unit_id"], row["desk_unit_id"], row["holder_unit_id"]})
            for row in held.order_by("pk").values("pk", "unit_id", "desk_unit_id", "holder_unit_id")
        )
        if unit.pk in units
    ]
    done: list[str] = []
    for pk in ids:
        loaded = load(pk)
        row = loaded.dossier
        perform(
            loaded,
            Act.REASSIGN,
            actor=actor,
            facts=reassigned(row, holder=to_user.pk, step=row.step_id),
            duty="",
        )
        done.append(str(row.code))
    return HandOverRecord.objects.create(
        from_user=from_user,
        to_user=to_user,
        unit=unit,
        at=clock.now(),
        actor=actor,
        reason=clean(reason)[:300],
        codes=done,
    )
