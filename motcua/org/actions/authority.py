"""Who may administer what: an administrator, within the units that contain the thing changed; and the record of it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from motcua.core import clock, text
from motcua.core.errors import Invalid, NotAllowed
from motcua.org import queries
from motcua.org.models import AccessChange, Assignment, Delegation, Duty, Unit, User
from motcua.org.queries import SYSTEM, Scope

# A person, or SYSTEM: a command run on the machine itself. Never None, so that a forgotten actor cannot pass.
Actor = User | Scope


def require_admin(actor: Actor, units: Iterable[Unit]) -> None:
    """Refuse (:class:`NotAllowed`) unless the actor administers, today, a unit containing each. One statement."""
    if actor is SYSTEM:
        return
    if not isinstance(actor, User):
        raise NotAllowed("Cần người thực hiện có nhiệm vụ Quản trị hệ thống.")
    held = queries.scope(actor, Duty.ADMIN, clock.today())
    outside = sorted({unit.name for unit in units if not held.contains(unit.pk)})
    if outside:
        raise NotAllowed(f"Bạn không có nhiệm vụ Quản trị hệ thống tại {', '.join(outside)}.")


def require_admin_of(actor: Actor, user: User) -> None:
    """Refuse unless *every* unit where the account counts today is the actor's to administer. Three statements.

    Every one, not any: who resets a password can sign in as that person, so the administrator of a commune must not
    reach an account that also serves the province. One without home and duties belongs to the machine's operator.
    """
    if actor is SYSTEM:
        return
    today = clock.today()
    # Not queries.holdings: a blocked account holds nothing, and unblocking it must not be easier than blocking it.
    now = queries.alive_on(today) & queries.alive_on(today, "unit__")
    posts = Assignment.objects.filter(now, user=user)
    lent = Delegation.objects.filter(now, to_user=user, revoked_at__isnull=True)
    ids = {user.home_id} if user.home_id else set()
    ids |= set(posts.values_list("unit", flat=True)) | set(lent.values_list("unit", flat=True))
    held = queries.scope(actor, Duty.ADMIN, today) if isinstance(actor, User) else Scope(None, today, frozenset())
    if not ids or not all(held.contains(unit_id) for unit_id in ids):
        raise NotAllowed("Tài khoản này (còn) thuộc đơn vị ngoài phạm vi quản trị của bạn.")


def lock(user: User) -> User:
    """The account as it is now, locked until the act ends, so that two acts on one person wait for each other."""
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def note(actor: Actor, subject: User, what: str, unit: Unit | None, **detail: Any) -> AccessChange:
    """An unsaved line of the append-only record: ids, dates and enumerations only, no names or telephone numbers."""
    return AccessChange(
        at=clock.now(),
        actor=actor if isinstance(actor, User) else None,
        subject=subject,
        unit=unit,
        what=what,
        detail={key: str(value) for key, value in detail.items() if value not in (None, "")},
    )


def typed(model: type[Model], name: str, value: str, *, required: bool = False) -> str:
    """One line of typed text, cleaned and measured against the model's field; :class:`Invalid` names the field."""
    cleaned = text.clean(value)
    column = model._meta.get_field(name)
    title = str(getattr(column, "verbose_name", name))
    limit = getattr(column, "max_length", None)
    if required and not cleaned:
        raise Invalid(f"Hãy nhập {title}.", code="required", field=name)
    if limit is not None and len(cleaned) > limit:
        raise Invalid(f"{title.capitalize()} dài quá {limit} chữ.", code="too_long", field=name)
    return cleaned
