"""Thẩm quyền ký: who signs what in whose name on which days, the lines over a signature, and who may approve.

Ways of signing: NĐ 30/2020/NĐ-CP, Điều 13 and Phụ lục I, phần II, mục 7.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.verbs import verb
from motcua.org.actions.authority import Actor, lock, note, require_admin, typed
from motcua.org.models import Unit, User
from motcua.org.queries import Scope
from motcua.procedures.models import Procedure
from motcua.procedures.signing_models import SigningAuthority, SigningMode

_FOR_ANOTHER = (SigningMode.DEPUTY, SigningMode.ORDER, SigningMode.MANDATE)
_WITHOUT_COLLECTIVE = (SigningMode.ORDER, SigningMode.MANDATE)


def lines(mode: str, head_title: str, signer_title: str = "", *, collective: bool = False) -> list[str]:
    """What stands over the signature: «TM. Ủy ban nhân dân», «KT. Chủ tịch», «Phó Chủ tịch». Pure."""
    over = ["TM. Ủy ban nhân dân"] if collective and mode not in _WITHOUT_COLLECTIVE else []
    match SigningMode(mode):
        case SigningMode.OWN:
            return [*over, head_title]
        case SigningMode.ACTING:
            return [*over, f"Q. {head_title}"]
        case SigningMode.DEPUTY:
            return [*over, f"KT. {head_title}", signer_title]
        case SigningMode.ORDER:
            return [f"TL. {head_title}", signer_title]
        case SigningMode.MANDATE:
            return [f"TUQ. {head_title}", signer_title]


def lines_of(row: SigningAuthority) -> list[str]:
    """The same for a kept authority. Pure."""
    return lines(row.mode, row.head_title, row.signer_title, collective=row.collective)


def choose(rows: Iterable[SigningAuthority], user: int, procedure: int) -> SigningAuthority | None:
    """By which authority a person signs for a procedure: one for it before one for all, the later before the earlier.
    Pure."""
    mine = [row for row in rows if row.user_id == user and row.procedure_id in (None, procedure)]
    return max(mine, key=lambda row: (row.procedure_id is not None, row.valid_from), default=None)


# ---- queries ---------------------------------------------------------------------------------------------------------


def in_force(units: Iterable[int], day: dt.date) -> QuerySet[SigningAuthority]:
    """The authorities to sign at some units on a day; not yet read."""
    return SigningAuthority.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day), unit__in=list(units), valid_from__lte=day
    ).select_related("user")


def authority_of(user: int, unit: int, procedure: int, day: dt.date) -> SigningAuthority | None:
    """By which authority somebody signed for a procedure of a unit on a day; None where none is written down. One
    statement."""
    return choose(in_force([unit], day).filter(user=user), user, procedure)


def signature(user: int, day: dt.date, *, unit: str, procedure: str) -> Subquery:
    """By which authority somebody signs each row of a list, for :func:`read_signature`; part of the list's own
    statement. ``unit`` and ``procedure`` are the row's columns."""
    rows = SigningAuthority.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        Q(procedure__isnull=True) | Q(procedure=OuterRef(procedure)),
        user=user,
        unit=OuterRef(unit),
        valid_from__lte=day,
    ).order_by(F("procedure").asc(nulls_last=True), "-valid_from")
    collective = Case(When(collective=True, then=Value("1")), default=Value("0"), output_field=CharField())
    parts = ("mode", _BAR, collective, _BAR, "head_title", _BAR, "signer_title")
    return Subquery(rows.values(text=Concat(*parts, output_field=CharField()))[:1])


# Titles are single lines.
_BAR = Value("\n", CharField())


def read_signature(text: str | None) -> list[str]:
    """The lines over the signature that :func:`signature` found; none where no authority is written down. Pure."""
    if not text:
        return []
    mode, collective, head, signer = text.split("\n")
    return lines(mode, head, signer, collective=collective == "1")


def kept(scope: Scope) -> QuerySet[SigningAuthority]:
    """All authorities at the scope's units, past ones too, those in force first; not yet read."""
    rows = scope.filter(SigningAuthority.objects.select_related("unit", "user", "procedure", "created_by"))
    return rows.order_by("unit__name", "user__full_name", "-valid_from", "pk")


def require_signer(user: int, unit: int, procedure: int, day: dt.date) -> None:
    """Refuse (:class:`NotAllowed`) whoever signs against what the agency has written down. One statement.

    Where nothing is written down for the procedure, the duty alone decides. Somebody with authorities at the agency
    signs for what they cover and no more.
    """
    rows = list(in_force([unit], day))
    if choose(rows, user, procedure) is not None:
        return
    covering = sorted({str(row.user) for row in rows if row.procedure_id in (None, procedure)})
    if covering:
        raise NotAllowed(
            f"Theo thẩm quyền ký đã ghi, thủ tục này do {', '.join(covering)} ký. Quản trị hệ thống ghi thêm người ký "
            "kèm căn cứ ở trang Thẩm quyền ký.",
            code="not_the_signer",
        )
    if any(row.user_id == user for row in rows):
        raise NotAllowed("Thẩm quyền ký của anh/chị ở cơ quan này không gồm thủ tục này.", code="not_the_signer")


# ---- verbs -----------------------------------------------------------------------------------------------------------


@verb
def grant_signing(
    *,
    actor: Actor,
    user: User,
    unit: Unit,
    mode: str,
    head_title: str,
    signer_title: str = "",
    collective: bool = False,
    procedures: Sequence[str] = (),
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    basis: str,
) -> User:
    """A person signs at an agency from a day, for some procedures (codes) or, with none named, for all.

    By an administrator of the unit or above. Refused: days outside the unit's own, a mandate without an end, an
    authority the person already has for the same on some of those days.
    """
    require_admin(actor, [unit])
    user = lock(user)
    if not user.is_active:
        raise IllegalAct("Tài khoản này đang bị khóa.", code="blocked")
    if mode not in SigningMode.values:
        raise Invalid("Cách ký không có trong danh sách.", field="mode")
    signer = typed(SigningAuthority, "signer_title", signer_title)
    if mode in _FOR_ANOTHER and not signer:
        raise Invalid("Ghi chức vụ của người ký, ví dụ Phó Chủ tịch.", field="signer_title", code="required")
    if collective and mode in _WITHOUT_COLLECTIVE:
        raise Invalid("Ký thừa lệnh, thừa ủy quyền không ghi «TM.».", field="collective")
    if mode == SigningMode.MANDATE and valid_to is None:
        raise Invalid("Ủy quyền ký phải có ngày cuối.", field="valid_to", code="required")
    _check_days(unit, valid_from, valid_to)
    made = [
        SigningAuthority(
            unit=unit,
            user=user,
            procedure=procedure,
            mode=mode,
            collective=collective,
            head_title=typed(SigningAuthority, "head_title", head_title, required=True),
            signer_title=signer if mode in _FOR_ANOTHER else "",
            valid_from=valid_from,
            valid_to=valid_to,
            basis=typed(SigningAuthority, "basis", basis, required=True),
            created_at=clock.now(),
            created_by=actor if isinstance(actor, User) else None,
        )
        for procedure in _called(procedures)
    ]
    _refuse_twice(made)
    SigningAuthority.objects.bulk_create(made)
    codes = " ".join(row.procedure.code for row in made if row.procedure)
    note(
        actor, user, "grant_signing", unit, mode=mode, procedures=codes, valid_from=valid_from, valid_to=valid_to
    ).save()
    return user


@verb
def end_signing(*, actor: Actor, authority: int, last_day: dt.date, reason: str = "") -> SigningAuthority:
    """An authority ends after ``last_day``: yesterday at the earliest, for what was signed before was signed by it. One
    that would begin only later is taken back altogether."""
    rows = SigningAuthority.objects.select_for_update(of=("self",)).select_related("unit", "user")
    row = rows.filter(pk=authority).first()
    if row is None:
        raise NotFound("Không có thẩm quyền ký này.")
    require_admin(actor, [row.unit])
    if last_day < clock.today() - dt.timedelta(days=1):
        raise Invalid("Thẩm quyền ký kết thúc sớm nhất là hết ngày hôm qua.", field="last_day", code="too_early")
    if row.valid_to is not None and row.valid_to <= last_day:
        raise IllegalAct(f"Thẩm quyền ký này đã kết thúc hết ngày {row.valid_to:%d/%m/%Y}.", code="already_ended")
    change = note(
        actor,
        row.user,
        "end_signing",
        row.unit,
        mode=row.mode,
        valid_from=row.valid_from,
        last_day=last_day,
        reason=typed(SigningAuthority, "basis", reason),
    )
    change.save()
    if last_day < row.valid_from:
        row.delete()
        return row
    row.valid_to = last_day
    row.save(update_fields=["valid_to"])
    return row


def _called(codes: Sequence[str]) -> list[Procedure | None]:
    """The procedures of the codes; one that stands for all where none is named. At most one statement."""
    wanted = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    if not wanted:
        return [None]
    found = {p.code: p for p in Procedure.objects.filter(code__in=wanted)}
    if missing := [code for code in wanted if code not in found]:
        raise Invalid(f"Không có thủ tục mang mã: {', '.join(missing[:5])}.", field="procedures")
    return [found[code] for code in wanted]


def _check_days(unit: Unit, first: dt.date, last: dt.date | None) -> None:
    if last is not None and last < first:
        raise Invalid("Ngày kết thúc trước ngày bắt đầu.", field="valid_to", code="dates")
    if first < unit.valid_from or (unit.valid_to is not None and max(first, last or first) > unit.valid_to):
        raise Invalid(f"{unit.name} không tồn tại suốt khoảng ngày đó.", field="valid_from", code="unit_not_alive")


def _refuse_twice(made: Sequence[SigningAuthority]) -> None:
    """Conflict where the person already signs for one of the procedures on some of the days. One statement."""
    first = made[0]
    rows = SigningAuthority.objects.filter(unit=first.unit, user=first.user).exclude(valid_to__lt=first.valid_from)
    if first.valid_to is not None:
        rows = rows.filter(valid_from__lte=first.valid_to)
    held = set(rows.values_list("procedure", flat=True))
    if again := [row for row in made if row.procedure_id in held]:
        what = again[0].procedure.code if again[0].procedure else "mọi thủ tục"
        raise Conflict(
            f"Người này đã có thẩm quyền ký {what} tại {first.unit.name} trong khoảng ngày đó. Hãy kết thúc thẩm quyền "
            "cũ trước.",
            code="already_signs",
        )


__all__ = ["authority_of", "choose", "end_signing", "grant_signing", "in_force", "kept", "lines", "lines_of",
           "read_signature", "require_signer", "signature"]  # fmt: skip
