"""At the counter: one act that accepts a dossier, notes how the person was seen, writes down the fee and takes it."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.series import reserve
from motcua.core.verbs import part_of, verb
from motcua.dossiers import codes, fees
from motcua.dossiers.actions.charging import dues_of, receipt_of, receipt_series, take_back_all, year_start
from motcua.dossiers.actions.common import MOST_COPIES, Paper, alive, line, need
from motcua.dossiers.actions.intake import accept
from motcua.dossiers.allowing import held_duty
from motcua.dossiers.corrections import void_event
from motcua.dossiers.counter_models import CounterRecord, MoneyEntry, PayMethod, Seen, Slip, SlipRun
from motcua.dossiers.fees import Due
from motcua.dossiers.models import Dossier, ResultMethod
from motcua.dossiers.states import LEADER_DUTIES, Act, Outcome
from motcua.ledger.models import Channel, Event
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.parties.actions import Particulars
from motcua.parties.models import Party
from motcua.procedures.models import Case, Procedure
from motcua.worktime import queries as worktime

# A slip is printed for the days ahead, not for next year.
LONGEST_AHEAD = dt.timedelta(days=31)
MOST_SLIPS = 200


@verb
def receive_at_counter(
    *,
    actor: User,
    procedure: Procedure,
    unit: Unit,
    applicant: Party | Particulars,
    desk_unit: Unit | None = None,
    submitter: Party | Particulars | None = None,
    collector: Party | Particulars | None = None,
    case: Case | None = None,
    channel: str = Channel.DIRECT,
    subject: str = "",
    copies: int = 1,
    papers: Sequence[Paper] = (),
    result_method: str = ResultMethod.COUNTER,
    holder: User | None = None,
    at_once: bool = False,
    seen: str = "",
    dues: Sequence[Due] = (),
    pay: str = "",
    slip: Slip | None = None,
    occurred_at: dt.datetime | None = None,
    reason: str = "",
    approver: User | None = None,
) -> Dossier:
    """Accept a dossier with everything the counter knows: as ``actions.receive`` (``at_once``: resolved and handed over
    too), how the applicant was ``seen``, what is to be paid, and with ``pay`` the whole of it paid and numbered.

    ``slip`` (locked by the caller's choice of code) gives the code that a paper slip already carries.
    """
    if seen and seen not in Seen.values:
        raise Invalid("Cách đối chiếu giấy tờ không có trong danh sách.", field="seen")
    numbers: dict[str, int] = {}
    receipts = _receipts(desk_unit or unit, dues, pay)
    if slip is not None:
        slip = _free_slip(slip.code, unit, clock.local_date(occurred_at or clock.now()))
    dossier = accept(
        Act.RECEIVE_AND_RESOLVE if at_once else Act.RECEIVE,
        actor=actor,
        procedure=procedure,
        unit=unit,
        applicant=applicant,
        filing=None,
        expected=None,
        case=case,
        channel=channel,
        subject=subject,
        copies=copies,
        papers=papers,
        occurred_at=occurred_at,
        reason=reason,
        approver=approver,
        invented=False,
        desk_unit=desk_unit,
        submitter=submitter,
        collector=collector,
        result_method=result_method,
        holder=holder,
        outcome=Outcome.GRANTED.value if at_once else "",
        slip=slip,
        seen=seen,
        more_series=receipts,
        numbers=numbers,
    )
    if slip is not None:
        slip.dossier = dossier
        slip.save(update_fields=["dossier"])
    _write_money(dossier, dues, pay, actor, numbers)
    return dossier


def _receipts(desk: Unit, dues: Sequence[Due], pay: str) -> list[tuple[str, dt.date]]:
    """The series a receipt number will be needed of; none where nothing is paid. Invalid for fees nobody explains."""
    if pay and pay not in PayMethod.values:
        raise Invalid("Cách thu không có trong danh sách.", field="method")
    for due in dues:
        fees.check(due)
    paid = pay and sum(due.amount for due in dues)
    return [(receipt_series(desk), year_start(clock.today()))] if paid else []


def _write_money(dossier: Dossier, dues: Sequence[Due], pay: str, actor: User, numbers: dict[str, int]) -> None:
    """Keep what is due and, with ``pay``, the payment of all of it. None or one statement."""
    rows = dues_of(dossier, dues, actor)
    owed = sum(due.amount for due in dues)
    if pay and owed:
        rows.append(receipt_of(dossier, owed, pay, actor, numbers[receipt_series(dossier.desk_unit)]))
    if rows:
        MoneyEntry.objects.bulk_create(rows)


# ---- tiếp nhận nhanh -------------------------------------------------------------------------------------------------


def book_of(unit: Unit, procedure: Procedure) -> str:
    """The series of a unit's book for a procedure (sổ chứng thực); numbered anew each year."""
    return f"book:{codes.agency_of(unit)}:{procedure.code}"


@verb
def receive_quick(
    *,
    actor: User,
    procedure: Procedure,
    unit: Unit,
    name: str,
    desk_unit: Unit | None = None,
    copies: int = 1,
    pages: int = 1,
    due: Due | None = None,
    pay: str = PayMethod.CASH,
    subject: str = "",
    id_number: str = "",
) -> Dossier:
    """Tiếp nhận nhanh: one line a person. Received, resolved, handed over, paid, and numbered in the unit's book of
    the year; journaled like any other dossier."""
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid("Số bản phải từ 1 đến 1.000.", field="copies")
    if not 1 <= pages <= 9999:
        raise Invalid("Số trang phải từ 1 đến 9.999.", field="pages")
    today = clock.today()
    book, dues = book_of(unit, procedure), [due] if due is not None else []
    numbers: dict[str, int] = {}
    dossier = accept(
        Act.RECEIVE_AND_RESOLVE,
        actor=actor,
        procedure=procedure,
        unit=unit,
        applicant=Particulars(name=name, id_number=id_number),
        filing=None,
        expected=None,
        case=None,
        channel=Channel.DIRECT,
        subject=subject,
        copies=copies,
        papers=(),
        occurred_at=None,
        reason="",
        approver=None,
        invented=False,
        desk_unit=desk_unit,
        outcome=Outcome.GRANTED.value,
        # Always in this order: two desks never wait for each other.
        more_series=[(book, year_start(today)), *_receipts(desk_unit or unit, dues, pay)],
        numbers=numbers,
    )
    CounterRecord.objects.create(dossier=dossier, book=book, year=today.year, number=numbers[book], pages=pages)
    _write_money(dossier, dues, pay, actor, numbers)
    return dossier


@verb
def void_quick(*, actor: User, dossier: int, reason: str, approver: User | None = None) -> Dossier:
    """Hủy một dòng tiếp nhận nhanh: the acceptance is voided and its money taken back; code, book number and receipt
    number stay, marked «hủy». A leader approves, as every void."""
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do hủy.")
    acceptance = (
        Event.objects.filter(item__dossier=dossier, verb=Act.RECEIVE_AND_RESOLVE.value)
        .filter(item__dossier__counter__isnull=False)
        .order_by("-seq")
        .values_list("seq", flat=True)
        .first()
    )
    if acceptance is None:
        raise NotFound("Không có dòng tiếp nhận nhanh này.")
    row = part_of(void_event, actor=actor, dossier=dossier, seq=acceptance, reason=reason, approver=approver)
    take_back_all(row, actor, reason)
    return row


# ---- mất mạng --------------------------------------------------------------------------------------------------------


@verb
def reserve_slips(
    *, actor: User, unit: Unit, day: dt.date, count: int, reason: str, desk: Unit | None = None
) -> SlipRun:
    """Take ``count`` codes of a unit and day out of the series and onto paper slips.

    By whoever receives for it at ``desk`` (default the unit's own) or a leader, for today or up to a month ahead. Each
    number is explained for good: used by a dossier, spoiled with a reason, or reserved and not used.
    """
    today = clock.today()
    _receives_for(actor, desk or unit, unit)
    if not today <= day <= today + LONGEST_AHEAD:
        raise Invalid("Phiếu giữ trước dùng cho hôm nay hoặc trong 31 ngày tới.", field="day")
    if not 1 <= count <= MOST_SLIPS:
        raise Invalid(f"Mỗi lần giữ từ 1 đến {MOST_SLIPS} phiếu.", field="count")
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do giữ phiếu.")
    alive(unit, day)
    pattern = worktime.rule_set_for(day).dossier_code_pattern
    first = reserve(codes.series_of(unit), day, count)
    run = SlipRun.objects.create(
        unit=unit, day=day, first=first, last=first + count - 1, reason=reason, at=clock.now(), actor=actor
    )
    Slip.objects.bulk_create(
        Slip(run=run, number=n, code=codes.written(unit, day, pattern, n)) for n in range(run.first, run.last + 1)
    )
    return run


def _receives_for(actor: User, desk: Unit, unit: Unit) -> None:
    """Refuse whoever neither receives at the desk nor leads it, and a desk that takes nothing in for the unit."""
    held_duty(actor, {Duty.RECEIVE, *LEADER_DUTIES}, [desk.pk], "Anh/chị không có nhiệm vụ tiếp nhận ở đơn vị này.")
    if desk.pk != unit.pk and unit not in org.received_for(desk, clock.today()):
        raise NotAllowed(f"{desk.name} không tiếp nhận hồ sơ cho {unit.name}.")


def _free_slip(code: str, unit: Unit, day: dt.date) -> Slip:
    """The slip with this code, locked and fit for a dossier of the unit accepted on that day. One statement."""
    slip = Slip.objects.select_for_update(of=("self",)).select_related("run").filter(code=code).first()
    if slip is None or slip.run.unit_id != unit.pk:
        raise NotFound(f"Không có phiếu giữ trước nào mang mã {code} ở {unit.name}.", field="slip")
    if slip.dossier_id is not None:
        raise Conflict(f"Phiếu {code} đã nhập cho một hồ sơ rồi.", field="slip", code="slip_used")
    if slip.spoiled:
        raise IllegalAct(f"Phiếu {code} đã bỏ: {slip.spoiled}.", field="slip", code="slip_spoiled")
    if slip.run.day != day:
        raise Invalid(
            f"Phiếu {code} dùng cho ngày {slip.run.day:%d/%m/%Y}, thời điểm ghi trên phiếu là ngày {day:%d/%m/%Y}.",
            field="slip",
            code="slip_day",
        )
    return slip


@verb
def spoil_slip(*, actor: User, slip: int, reason: str, desk: Unit | None = None) -> Slip:
    """Bỏ một phiếu giữ trước (torn, lost, not needed): its number stays explained by the reason. ``desk`` as in
    :func:`reserve_slips`."""
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do bỏ phiếu.")
    row = Slip.objects.select_for_update(of=("self",)).select_related("run__unit").filter(pk=slip).first()
    if row is None:
        raise NotFound("Không có phiếu này.")
    _receives_for(actor, desk or row.run.unit, row.run.unit)
    if row.dossier_id is not None:
        raise IllegalAct("Phiếu này đã nhập cho một hồ sơ, không bỏ được.", code="slip_used")
    if row.spoiled:
        raise IllegalAct("Phiếu này đã bỏ rồi.", code="slip_spoiled")
    row.spoiled, row.spoiled_at, row.spoiled_by = reason, clock.now(), actor
    row.save(update_fields=["spoiled", "spoiled_at", "spoiled_by"])
    return row
