"""Letters to applicants: stock reasons to pick, proof of sending, and whose answer is overdue."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Max, Q, QuerySet

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.core.verbs import verb
from motcua.dossiers.actions.common import line
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Dossier, PaperKind, SendChannel, Sending, StockReason, SupplementRequest
from motcua.dossiers.queries import visible
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act, State
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.procedures.models import Procedure

# What nearly every desk asks for, whatever the procedure: words of the trade, not law.
USUAL_REASONS = (
    "chưa có",
    "bản chụp chưa chứng thực, chưa mang bản chính để đối chiếu",
    "khai thiếu mục hoặc khai chưa đúng mẫu",
    "thiếu chữ ký hoặc dấu",
    "đã hết thời hạn sử dụng",
    "thông tin không khớp với giấy tờ tùy thân",
    "ảnh chụp, bản quét mờ, không đọc được",
)
MOST_REASONS = 60
SENDERS = frozenset({*DUTIES[Act.REQUEST_SUPPLEMENT], *LEADER_DUTIES, Duty.HAND_OVER, Duty.CLERK, Duty.POSTMAN})
REASON_KEEPERS = frozenset({*DUTIES[Act.REQUEST_SUPPLEMENT], *LEADER_DUTIES, Duty.CONTROL})


# ---- stock reasons -------------------------------------------------------------------------------------------------


def stock_reasons(units: list[int | None], procedure: int) -> list[str]:
    """The reasons offered at these units for a procedure: its own first, then those for all, then the usual ones.
    One statement."""
    kept = StockReason.objects.filter(removed_at__isnull=True, unit__in=[u for u in units if u])
    rows = [r for r in kept.order_by("pk") if r.procedure_id in (None, procedure)]
    own = [r.text for r in rows if r.procedure_id is not None]
    common = [r.text for r in rows if r.procedure_id is None]
    return list(dict.fromkeys([*own, *common, *USUAL_REASONS]))


def reasons_kept(scope: Scope, procedure: Procedure) -> QuerySet[StockReason]:
    """The reasons the scope's units keep for a procedure or for all; not yet read."""
    rows = scope.filter(StockReason.objects.filter(removed_at__isnull=True).select_related("unit", "added_by"))
    rows = rows.filter(Q(procedure=procedure) | Q(procedure__isnull=True))
    return rows.order_by(F("procedure").asc(nulls_last=True), "pk")


@verb
def keep_reason(*, actor: User, unit: Unit, text: str, procedure: Procedure | None = None) -> StockReason:
    """Keep a reason for picking, for one procedure or (None) for all. The same words twice are one reason."""
    held_duty(actor, REASON_KEEPERS, [unit.pk], "Anh/chị không có nhiệm vụ đặt lý do mẫu ở đơn vị này.")
    text = line(text, 300, "Lý do", field="text")
    if not text:
        raise Invalid("Chưa ghi lý do.", field="text")
    there = StockReason.objects.filter(unit=unit, procedure=procedure, removed_at__isnull=True)
    found = there.filter(text=text).first()
    if found is not None:
        return found
    if there.count() >= MOST_REASONS:
        raise Invalid(f"Đã có {MOST_REASONS} lý do mẫu. Hãy bỏ bớt lý do không dùng.", field="text")
    return StockReason.objects.create(unit=unit, procedure=procedure, text=text, added_at=clock.now(), added_by=actor)


@verb
def drop_reason(*, actor: User, reason: int) -> StockReason:
    """Take a reason out of the list; letters that used it keep their words."""
    found = StockReason.objects.select_for_update().filter(pk=reason, removed_at__isnull=True).first()
    if found is None:
        raise NotFound("Lý do mẫu này không có hoặc đã bỏ.")
    held_duty(actor, REASON_KEEPERS, [found.unit_id], "Anh/chị không có nhiệm vụ với lý do mẫu của đơn vị này.")
    found.removed_at, found.removed_by = clock.now(), actor
    found.save(update_fields=["removed_at", "removed_by"])
    return found


# ---- proof of sending ----------------------------------------------------------------------------------------------


@verb
def record_sending(
    *,
    actor: User,
    dossier: int,
    paper: str,
    sent_on: dt.date,
    channel: str,
    number: str = "",
    supplement: int | None = None,
    note: str = "",
) -> Sending:
    """Write down that a letter was sent: which, when, how, under which number. Never changed; a wrong one is followed
    by a right one. Post needs its number: without it nobody can prove anything."""
    if paper not in PaperKind.values:
        raise Invalid("Loại giấy tờ không có trong danh sách.", field="paper")
    if channel not in SendChannel.values:
        raise Invalid("Cách gửi không có trong danh sách.", field="channel")
    number = line(number, 80, "Số, mã gửi", field="number")
    note = line(note, 300, "Ghi chú", field="note")
    if channel == SendChannel.POST and not number:
        raise Invalid("Gửi qua bưu chính phải ghi mã bưu gửi.", field="number")
    row = Dossier.objects.select_for_update(of=("self",)).filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    held_duty(actor, SENDERS, covering(row), "Anh/chị không có nhiệm vụ gửi giấy tờ của hồ sơ này.")
    ask = None
    if paper in (PaperKind.SUPPLEMENT, PaperKind.EXPIRED):
        asked = row.supplements.filter(voided=False).order_by("at_intake", "event_seq")
        ask = asked.filter(pk=supplement).first() if supplement else asked.last()
        if ask is None:
            raise Invalid("Hồ sơ này không có lần yêu cầu bổ sung đó.", field="paper")
    elif supplement:
        raise Invalid("Giấy này không thuộc lần yêu cầu bổ sung nào.", field="paper")
    first = clock.local_date(ask.requested_at) if ask else None
    if sent_on > clock.today():
        raise Invalid("Ngày gửi ở tương lai.", field="sent_on")
    if first is not None and sent_on < first:
        raise Invalid(f"Ngày gửi trước ngày yêu cầu bổ sung ({first:%d/%m/%Y}).", field="sent_on")
    return Sending.objects.create(
        dossier=row,
        paper=paper,
        supplement=ask,
        sent_on=sent_on,
        channel=channel,
        number=number,
        note=note,
        at=clock.now(),
        actor=actor,
    )


def sendings(dossier: Dossier) -> QuerySet[Sending]:
    """What was sent for a dossier the caller may see already, newest first; not yet read."""
    return dossier.sendings.select_related("actor", "supplement").order_by("-pk")


# ---- whose answer is overdue ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dossier that waits for its applicant: since when, how long, and whether the applicant's own limit is over."""

    dossier: Dossier
    ask: SupplementRequest | None
    since: dt.datetime
    days: int
    over: bool
    sent_on: dt.date | None
    warned_on: dt.date | None

    @property
    def may_warn(self) -> bool:
        """Whether the notice of the end of the applicant's time may go out: it is over, or none was set."""
        return self.over or (self.ask is not None and self.ask.reply_by is None)


WAITING = (State.WAITING_SUPPLEMENT, State.INTAKE_WAITING)


def waiting_longer(scope: Scope, days: int) -> QuerySet[Dossier]:
    """Chờ bổ sung quá N ngày: visible dossiers that have waited for their applicant for more than ``days`` days, the
    longest first; not yet read. Paging it costs two statements, :func:`waiting_rows` three more."""
    # Nought is everybody who waits, those of today too.
    until = clock.local_moment(clock.today() - dt.timedelta(days=days - (not days)))
    return (
        visible(scope)
        .filter(state__in=WAITING, waiting_since__lt=until)
        .select_related("applicant", "procedure_version__procedure", "holder", "unit", "desk_unit")
        .order_by("waiting_since", "pk")
    )


def waiting_rows(dossiers: list[Dossier]) -> list[Waiting]:
    """What a list of waiting dossiers shows. Two statements."""
    ids = [d.pk for d in dossiers]
    asked: dict[int, SupplementRequest] = {}
    for ask in SupplementRequest.objects.filter(dossier__in=ids, answered_at__isnull=True, voided=False).order_by("pk"):
        asked[ask.dossier_id] = ask
    sent: dict[tuple[int, str], dt.date] = {
        (row["supplement"], row["paper"]): row["last"]
        for row in Sending.objects.filter(supplement__in=[a.pk for a in asked.values()])
        .values("supplement", "paper")
        .annotate(last=Max("sent_on"))
        .order_by()
    }
    today, found = clock.today(), []
    for dossier in dossiers:
        one = asked.get(dossier.pk)
        since = dossier.waiting_since or (one.requested_at if one else clock.now())
        found.append(
            Waiting(
                dossier=dossier,
                ask=one,
                since=since,
                days=(today - clock.local_date(since)).days,
                over=one is not None and one.reply_by is not None and one.reply_by < today,
                sent_on=sent.get((one.pk, PaperKind.SUPPLEMENT.value)) if one else None,
                warned_on=sent.get((one.pk, PaperKind.EXPIRED.value)) if one else None,
            )
        )
    return found


__all__ = [
    "USUAL_REASONS",
    "Waiting",
    "drop_reason",
    "keep_reason",
    "reasons_kept",
    "record_sending",
    "sendings",
    "stock_reasons",
    "waiting_longer",
    "waiting_rows",
]
