"""Duties: granted, ended, delegated. The record of each is append-only."""

import datetime as dt
from collections.abc import Iterable

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.core.verbs import verb
from motcua.org import queries, tree
from motcua.org.actions.authority import Actor, lock, note, require_admin, typed
from motcua.org.models import SECOND_FACTOR_DUTIES, AccessChange, Assignment, Delegation, Duty, Unit, User

# One-person mode: all it takes to bring a dossier from the counter to its result. Inspection, appraisal and
# administration judge that work and are not among them; the postman is not of the office.
ONE_PERSON_DUTIES = (
    Duty.RECEIVE,
    Duty.HAND_OVER,
    Duty.HANDLE,
    Duty.HEAD,
    Duty.CHAIR,
    Duty.CLERK,
    Duty.CASHIER,
    Duty.DIGITISE,
    Duty.REFORM,
    Duty.CONTROL,
    Duty.HOTLINE,
)


@verb
def grant_duty(
    *,
    actor: Actor,
    user: User,
    unit: Unit,
    duty: Duty | str,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    basis: str = "",
) -> Assignment:
    """A person holds a duty at a unit from a day, to a last day or until further notice.

    By an administrator of the unit or above. Refused: days outside the unit's own (:class:`Invalid`), a duty already
    held on some of those days (:class:`Conflict`), a blocked account (:class:`IllegalAct`), a machine's account for a
    duty that asks for a second factor (:class:`Invalid`).
    """
    require_admin(actor, [unit])
    user = lock(user)
    wanted = _duty(duty)
    _check_bearer(user, [wanted])
    _check_days(user, unit, valid_from, valid_to)
    if _held(user, unit, valid_from, valid_to, (wanted,)):
        raise Conflict(
            f"Người này đã có nhiệm vụ {wanted.label} tại {unit.name} trong khoảng ngày đó.", code="already_held"
        )
    assignment = Assignment.objects.create(
        user=user,
        unit=unit,
        duty=wanted,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=typed(Assignment, "basis", basis),
        granted_by=actor if isinstance(actor, User) else None,
    )
    note(actor, user, "grant_duty", unit, duty=wanted, valid_from=valid_from, valid_to=valid_to).save()
    return assignment


@verb
def grant_all_duties(
    *,
    actor: Actor,
    user: User,
    unit: Unit,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    basis: str = "",
) -> User:
    """One-person mode: all of :data:`ONE_PERSON_DUTIES` at a unit in one act; those already held are kept."""
    require_admin(actor, [unit])
    user = lock(user)
    _check_bearer(user, ONE_PERSON_DUTIES)
    _check_days(user, unit, valid_from, valid_to)
    held = _held(user, unit, valid_from, valid_to, ONE_PERSON_DUTIES)
    missing = [duty for duty in ONE_PERSON_DUTIES if duty not in held]
    if not missing:
        raise Conflict(f"Người này đã có mọi nhiệm vụ tại {unit.name}.", code="already_held")
    decision = typed(Assignment, "basis", basis)
    granted_by = actor if isinstance(actor, User) else None
    Assignment.objects.bulk_create(
        [
            Assignment(
                user=user,
                unit=unit,
                duty=duty,
                valid_from=valid_from,
                valid_to=valid_to,
                basis=decision,
                granted_by=granted_by,
            )
            for duty in missing
        ]
    )
    AccessChange.objects.bulk_create(
        [
            note(
                actor, user, "grant_duty", unit, duty=duty, valid_from=valid_from, valid_to=valid_to, mode="one_person"
            )
            for duty in missing
        ]
    )
    return user


@verb
def end_duty(*, actor: Actor, assignment: Assignment, last_day: dt.date, reason: str = "") -> User:
    """A duty ends after ``last_day``: yesterday at the earliest (what was done before was done with it), and at the
    latest a day it would end anyway. A duty that would begin only later is taken back altogether.

    By an administrator of the unit or above; the last administrator cannot take away his own duty.
    """
    assignment = Assignment.objects.select_related("unit", "user").get(pk=assignment.pk)
    require_admin(actor, [assignment.unit])
    user = lock(assignment.user)
    # read again behind the lock: another act may have ended it meanwhile
    assignment.refresh_from_db(fields=["valid_to"])
    today = clock.today()
    if last_day < today - dt.timedelta(days=1):
        raise Invalid("Nhiệm vụ kết thúc sớm nhất là hết ngày hôm qua.", code="too_early", field="last_day")
    if assignment.valid_to is not None and assignment.valid_to <= last_day:
        raise IllegalAct(f"Nhiệm vụ này đã kết thúc hết ngày {assignment.valid_to:%d/%m/%Y}.", code="already_ended")
    if isinstance(actor, User) and actor.pk == user.pk and assignment.duty == Duty.ADMIN:
        _refuse_last_administrator(assignment, last_day)
    taken_back = last_day < assignment.valid_from
    if taken_back:
        assignment.delete()
    else:
        assignment.valid_to = last_day
        assignment.save(update_fields=["valid_to"])
    note(
        actor,
        user,
        "take_back_duty" if taken_back else "end_duty",
        assignment.unit,
        duty=assignment.duty,
        valid_from=assignment.valid_from,
        last_day=None if taken_back else last_day,
        reason=typed(Assignment, "basis", reason),
    ).save()
    return user


@verb
def delegate(
    *,
    actor: Actor,
    from_user: User,
    to_user: User,
    unit: Unit,
    duty: Duty | str,
    valid_from: dt.date,
    valid_to: dt.date,
    basis: str,
) -> Delegation:
    """Ủy quyền: for those days ``to_user`` may act in a duty ``from_user`` holds at the unit; both stay on record.

    By the holder, or an administrator of the unit. What is held by delegation cannot be delegated again. It counts only
    while the giver still holds the duty and is not blocked.
    """
    if not (isinstance(actor, User) and actor.pk == from_user.pk and actor.is_active):
        require_admin(actor, [unit])
    if from_user.pk == to_user.pk:
        raise Invalid("Không thể ủy quyền cho chính mình.", code="same_person", field="to_user")
    # one lock for the two, in one order, so that two delegations crossing each other cannot wait for ever
    both = User.objects.select_for_update(of=("self",)).filter(pk__in=[from_user.pk, to_user.pk]).order_by("pk")
    people = {user.pk: user for user in both}
    from_user, to_user = people[from_user.pk], people[to_user.pk]
    wanted = _duty(duty)
    _check_bearer(to_user, [wanted])
    _check_days(to_user, unit, valid_from, valid_to)
    held = Assignment.objects.filter(user=from_user, unit=unit, duty=wanted, valid_from__lte=valid_from).exclude(
        valid_to__lt=valid_to
    )
    if not held.exists():
        raise IllegalAct(
            f"Người ủy quyền không giữ nhiệm vụ {wanted.label} tại {unit.name} trong suốt khoảng ngày đó.",
            code="not_held",
        )
    same = Delegation.objects.filter(
        from_user=from_user,
        to_user=to_user,
        unit=unit,
        duty=wanted,
        revoked_at__isnull=True,
        valid_from__lte=valid_to,
        valid_to__gte=valid_from,
    )
    if same.exists():
        raise Conflict("Đã có ủy quyền này trong khoảng ngày đó.", code="already_delegated")
    delegation = Delegation.objects.create(
        from_user=from_user,
        to_user=to_user,
        unit=unit,
        duty=wanted,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=typed(Delegation, "basis", basis, required=True),
    )
    note(
        actor,
        to_user,
        "delegate",
        unit,
        duty=wanted,
        valid_from=valid_from,
        valid_to=valid_to,
        from_user=from_user.pk,
        delegation=delegation.pk,
    ).save()
    return delegation


@verb
def revoke_delegation(*, actor: Actor, delegation: Delegation, reason: str = "") -> Delegation:
    """A delegation counts no more, from this moment. By who gave it, or an administrator of the unit."""
    delegation = (
        Delegation.objects.select_for_update(of=("self",)).select_related("unit", "to_user").get(pk=delegation.pk)
    )
    if not (isinstance(actor, User) and actor.pk == delegation.from_user_id and actor.is_active):
        require_admin(actor, [delegation.unit])
    if delegation.revoked_at is not None:
        raise IllegalAct("Ủy quyền này đã được thu hồi.", code="already_revoked")
    if delegation.valid_to < clock.today():
        raise IllegalAct(f"Ủy quyền này đã hết hạn ngày {delegation.valid_to:%d/%m/%Y}.", code="already_ended")
    delegation.revoked_at = clock.now()
    delegation.save(update_fields=["revoked_at"])
    note(
        actor,
        delegation.to_user,
        "revoke_delegation",
        delegation.unit,
        duty=delegation.duty,
        from_user=delegation.from_user_id,
        delegation=delegation.pk,
        reason=typed(Delegation, "basis", reason),
    ).save()
    return delegation


def _duty(value: Duty | str) -> Duty:
    try:
        return Duty(value)
    except ValueError as error:
        raise Invalid(f"Không có nhiệm vụ «{value}».", code="duty", field="duty") from error


def _check_bearer(user: User, duties: Iterable[Duty]) -> None:
    """A machine gives no second factor, so it holds no duty that asks for one: not granted, not lent. No SQL."""
    barred = [duty.label for duty in duties if duty in SECOND_FACTOR_DUTIES]
    if user.is_machine and barred:
        names = ", ".join(f"«{name}»" for name in barred)
        raise Invalid(
            f"Không giao {names} cho tài khoản của hệ thống kết nối: nhiệm vụ này phải xác thực hai bước.",
            code="machine",
            field="duty",
        )


def _check_days(user: User, unit: Unit, valid_from: dt.date, valid_to: dt.date | None) -> None:
    """The days are in order and within the unit's life; the person's account is not blocked. No SQL."""
    if not user.is_active:
        raise IllegalAct("Tài khoản này đang bị khóa.", code="blocked")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("Ngày kết thúc trước ngày bắt đầu.", code="dates", field="valid_to")
    if valid_from < unit.valid_from or (
        unit.valid_to is not None and max(valid_from, valid_to or valid_from) > unit.valid_to
    ):
        raise Invalid(
            f"{unit.name} chỉ tồn tại {queries.span(unit)}: hãy chọn ngày trong khoảng đó.",
            code="unit_not_alive",
            field="valid_from",
        )


def _held(user: User, unit: Unit, first: dt.date, last: dt.date | None, duties: tuple[Duty, ...]) -> set[str]:
    """Which of the duties the person holds at the unit on some day of the span. One statement."""
    rows = Assignment.objects.filter(user=user, unit=unit, duty__in=duties).exclude(valid_to__lt=first)
    if last is not None:
        rows = rows.filter(valid_from__lte=last)
    return set(rows.values_list("duty", flat=True))


def _refuse_last_administrator(assignment: Assignment, last_day: dt.date) -> None:
    """An office must not lock itself out: somebody else must administer the unit, or a superior of it."""
    place = tree.place_of(assignment.unit, clock.today())
    above = [int(i) for i in place.path.split("/") if i] if place else [assignment.unit_id]
    others = (
        Assignment.objects.filter(duty=Duty.ADMIN, unit__in=above, user__is_active=True)
        .exclude(user=assignment.user_id)
        .exclude(valid_to__lte=last_day)
    )
    if not others.exists():
        raise NotAllowed(
            "Bạn là quản trị viên cuối cùng của đơn vị này. Hãy giao nhiệm vụ cho người khác trước.", code="last_admin"
        )
