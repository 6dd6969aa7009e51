"""Money at the counter: what a dossier must pay, what was paid, what is taken back, and the closing of a day's cash.

Rows are only added. No line changes a dossier's state or dates; a payment that must be waited for is ``pause``.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotFound
from motcua.core.series import next_number
from motcua.core.verbs import verb
from motcua.dossiers import fees
from motcua.dossiers.actions.common import line, need
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.charging import owed_in, taken_by
from motcua.dossiers.codes import agency_of
from motcua.dossiers.counter_models import CashClosing, ClosedEntry, MoneyEntry, MoneyKind, PayMethod
from motcua.dossiers.fees import Due, vnd
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import LEADER_DUTIES
from motcua.org.models import Duty, Unit, User

# In a commune whoever receives also takes the fee.
COLLECT_DUTIES = frozenset({Duty.CASHIER, Duty.RECEIVE})
# Giving money back is not left to the one who took it alone.
REFUND_DUTIES = frozenset({Duty.CASHIER, *LEADER_DUTIES})
# Who reads the money of a unit: who takes it, who leads, who inspects.
CASH_DUTIES = frozenset({*COLLECT_DUTIES, *REFUND_DUTIES, Duty.INSPECT})
# Who may close another person's cash.
CLOSE_DUTIES = frozenset({Duty.CASHIER, *LEADER_DUTIES})


def receipt_series(desk: Unit) -> str:
    """The name of a desk's series of receipts; it begins anew each year."""
    return f"receipt:{agency_of(desk)}"


def year_start(day: dt.date) -> dt.date:
    """The day under which a yearly series counts."""
    return dt.date(day.year, 1, 1)


def dues_of(dossier: Dossier, dues: Iterable[Due], actor: User) -> list[MoneyEntry]:
    """The rows of what is due, checked, not yet written. Pure."""
    now = clock.now()
    rows = []
    for due in dues:
        fees.check(due)
        rows.append(
            MoneyEntry(
                dossier=dossier,
                kind=MoneyKind.DUE,
                amount=due.amount,
                desk_id=dossier.desk_unit_id,
                actor=actor,
                at=now,
                day=clock.local_date(now),
                name=due.name,
                fee_line_id=due.fee_line,
                quantity=due.quantity,
                by_rule=due.by_rule,
                exempt_group=due.exempt_group,
                reason=due.reason,
            )
        )
    return rows


def receipt_of(dossier: Dossier, amount: int, method: str, actor: User, number: int | None = None) -> MoneyEntry:
    """The row of a payment with its receipt number, not yet written. One statement where no number was taken yet."""
    if method not in PayMethod.values:
        raise Invalid("Cách thu không có trong danh sách.", field="method")
    if amount <= 0:
        raise Invalid("Số tiền thu phải lớn hơn 0.", field="amount")
    fees.check_amount(amount)
    now = clock.now()
    day = clock.local_date(now)
    book = receipt_series(dossier.desk_unit)
    return MoneyEntry(
        dossier=dossier,
        kind=MoneyKind.COLLECT,
        amount=amount,
        desk_id=dossier.desk_unit_id,
        actor=actor,
        at=now,
        day=day,
        method=method,
        book=book,
        year=day.year,
        number=next_number(book, year_start(day)) if number is None else number,
    )


def _locked(dossier: int) -> tuple[Dossier, list[MoneyEntry]]:
    """The dossier, locked, and its money. Two statements."""
    row = Dossier.objects.select_for_update(of=("self",)).select_related("desk_unit").filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    return row, list(MoneyEntry.objects.filter(dossier=row).select_related("closed").order_by("pk"))


def _may(actor: User, duties: Iterable[Duty], dossier: Dossier, refusal: str) -> None:
    held_duty(actor, duties, covering(dossier), refusal)


_NO_DUTY = "Anh/chị không có nhiệm vụ thu phí ở đơn vị này."


@verb
def charge(*, actor: User, dossier: int, dues: Sequence[Due]) -> Dossier:
    """Write down what a dossier must pay. NotAllowed, Invalid (a deviation from the catalogue without a reason)."""
    row, _ = _locked(dossier)
    _may(actor, COLLECT_DUTIES, row, _NO_DUTY)
    if not dues:
        raise Invalid("Chưa có khoản phải thu nào.", field="amount")
    MoneyEntry.objects.bulk_create(dues_of(row, dues, actor))
    return row


def charge_accepted(*, actor: User, dossier: Dossier, dues: Sequence[Due], pay: str = "") -> None:
    """What a dossier accepted in this very transaction must pay, and with ``pay`` that all of it was. One statement,
    two where a receipt is numbered; NotAllowed, Invalid as :func:`charge`."""
    _may(actor, COLLECT_DUTIES, dossier, _NO_DUTY)
    rows = dues_of(dossier, dues, actor)
    owed = sum(due.amount for due in dues)
    if pay and owed:
        rows.append(receipt_of(dossier, owed, pay, actor))
    MoneyEntry.objects.bulk_create(rows)


@verb
def cancel_due(*, actor: User, dossier: int, entry: int, reason: str) -> MoneyEntry:
    """Take a due line back, with a reason; refused where more was paid already than would remain due."""
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do bỏ khoản phải thu.")
    row, money = _locked(dossier)
    _may(actor, COLLECT_DUTIES, row, _NO_DUTY)
    due = _standing(money, entry, MoneyKind.DUE, "khoản phải thu")
    if due.amount > owed_in(money):
        raise IllegalAct("Khoản này đã thu tiền. Hãy hủy phiếu thu hoặc trả lại tiền trước.", code="paid")
    return _reverse(due, MoneyKind.CANCEL, actor, reason)


@verb
def collect(*, actor: User, dossier: int, amount: int, method: str) -> MoneyEntry:
    """Take money for a dossier and give it a receipt number; never more than is owed."""
    row, money = _locked(dossier)
    _may(actor, COLLECT_DUTIES, row, _NO_DUTY)
    owed = owed_in(money)
    if amount > owed:
        raise Invalid(
            f"Hồ sơ còn phải nộp {vnd(owed)}, không thu quá số đó." if owed else "Hồ sơ không còn khoản nào phải thu.",
            field="amount",
            code="too_much",
        )
    entry = receipt_of(row, amount, method, actor)
    entry.save(force_insert=True)
    return entry


@verb
def void_receipt(*, actor: User, dossier: int, entry: int, reason: str) -> MoneyEntry:
    """Hủy phiếu thu written by mistake, before the day's cash is closed; its number stays, marked «hủy».

    By whoever took it, or the cashier or a leader of the unit. After the closing money is given back (``refund``).
    """
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do hủy phiếu thu.")
    row, money = _locked(dossier)
    receipt = _standing(money, entry, MoneyKind.COLLECT, "phiếu thu")
    duties = COLLECT_DUTIES if receipt.actor_id == actor.pk else REFUND_DUTIES
    _may(actor, duties, row, "Chỉ người đã thu, người thu phí hoặc lãnh đạo đơn vị được hủy phiếu thu.")
    if _is_closed(receipt):
        raise IllegalAct(
            "Phiếu thu đã vào bảng kê đã chốt, không hủy được nữa. Hãy ghi trả lại tiền.", code="cash_closed"
        )
    return _reverse(receipt, MoneyKind.VOID, actor, reason)


@verb
def refund(*, actor: User, dossier: int, entry: int, reason: str) -> MoneyEntry:
    """Trả lại tiền of a receipt to the citizen; it counts on the day and in the cash of whoever gives it back."""
    reason = line(reason, 300, "Lý do", field="reason")
    need(reason, "Phải nêu lý do trả lại tiền.")
    row, money = _locked(dossier)
    receipt = _standing(money, entry, MoneyKind.COLLECT, "phiếu thu")
    _may(actor, REFUND_DUTIES, row, "Chỉ người thu phí hoặc lãnh đạo đơn vị được trả lại tiền.")
    return _reverse(receipt, MoneyKind.REFUND, actor, reason)


def take_back_all(dossier: Dossier, actor: User, reason: str) -> None:
    """Reverse every line of a dossier's money that stands, for a dossier that is itself taken back: receipts of open
    cash are voided, closed ones given back, what was due is cancelled. Two statements."""
    money = list(MoneyEntry.objects.filter(dossier=dossier).select_related("closed").order_by("pk"))
    gone = {m.reverses_id for m in money}
    rows = []
    for entry in money:
        if entry.pk in gone or entry.reverses_id is not None:
            continue
        closed = getattr(entry, "closed", None) is not None
        taken = MoneyKind.REFUND if closed else MoneyKind.VOID
        rows.append(_reversal(entry, taken if entry.kind == MoneyKind.COLLECT else MoneyKind.CANCEL, actor, reason))
    if rows:
        MoneyEntry.objects.bulk_create(rows)


def _standing(money: Sequence[MoneyEntry], entry: int, kind: MoneyKind, what: str) -> MoneyEntry:
    found = next((m for m in money if m.pk == entry and m.kind == kind), None)
    if found is None:
        raise NotFound(f"Hồ sơ không có {what} này.")
    if any(m.reverses_id == entry for m in money):
        raise IllegalAct(f"Đã hủy hoặc trả lại {what} này rồi.", code="already_reversed")
    return found


def _is_closed(entry: MoneyEntry) -> bool:
    return ClosedEntry.objects.filter(entry=entry).exists()


def _reverse(entry: MoneyEntry, kind: MoneyKind, actor: User, reason: str) -> MoneyEntry:
    back = _reversal(entry, kind, actor, reason)
    back.save(force_insert=True)
    return back


def _reversal(entry: MoneyEntry, kind: MoneyKind, actor: User, reason: str) -> MoneyEntry:
    now = clock.now()
    return MoneyEntry(
        dossier_id=entry.dossier_id,
        kind=kind,
        amount=-entry.amount,
        desk_id=entry.desk_id,
        actor=actor,
        at=now,
        # A voided receipt stands struck out in its own day's list, money given back in the list of the day it left.
        day=entry.day if kind == MoneyKind.VOID else clock.local_date(now),
        method=entry.method,
        name=entry.name,
        reason=reason,
        reverses=entry,
    )


@verb
def close_cash(
    *, actor: User, desk: Unit, day: dt.date, counted: int, collector: User | None = None, note: str = ""
) -> CashClosing:
    """Chốt bảng kê thu: everything one person took at a desk on a day and has not closed yet, against the drawer.

    ``counted`` is the cash in the drawer for it; a difference must be explained. By the person, or for another by the
    cashier or a leader. What is taken afterwards goes into the day's next closing.
    """
    collector = collector or actor
    note = line(note, 300, "Giải trình", field="note")
    fees.check_amount(counted, field="counted")
    if day > clock.today():
        raise Invalid("Không chốt trước ngày chưa đến.", field="day")
    duties = COLLECT_DUTIES if collector.pk == actor.pk else CLOSE_DUTIES
    held_duty(actor, duties, [desk.pk], "Anh/chị không có nhiệm vụ chốt bảng kê thu của người này.")
    # Two closings at once: the second waits here and finds nothing left.
    User.objects.select_for_update().filter(pk=collector.pk).first()
    rows = list(
        MoneyEntry.objects.filter(taken_by(collector.pk), desk=desk, day=day, closed__isnull=True)
        .exclude(method="")
        .order_by("pk")
    )
    if not rows:
        raise IllegalAct("Không có phiếu thu nào chưa chốt của người này trong ngày.", code="nothing_to_close")
    cash = sum(r.amount for r in rows if r.method == PayMethod.CASH)
    if counted != cash and not note:
        raise Invalid(
            f"Theo sổ là {vnd(cash)} tiền mặt, kiểm đếm được {vnd(counted)}. Hãy giải trình chênh lệch.", field="note"
        )
    closing = CashClosing.objects.create(
        desk=desk,
        collector=collector,
        day=day,
        ordinal=1 + CashClosing.objects.filter(desk=desk, collector=collector, day=day).count(),
        receipts=sum(1 for r in rows if r.kind == MoneyKind.COLLECT),
        cash=cash,
        transfer=sum(r.amount for r in rows if r.method == PayMethod.TRANSFER),
        counted=counted,
        note=note,
        at=clock.now(),
        actor=actor,
    )
    ClosedEntry.objects.bulk_create(ClosedEntry(closing=closing, entry=row) for row in rows)
    return closing
