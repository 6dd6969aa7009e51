"""Accounts: created, changed, blocked, and given passwords. Nothing here gives a duty."""

import re
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.verbs import verb
from motcua.org.actions.authority import Actor, lock, note, require_admin, require_admin_of, typed
from motcua.org.models import Assignment, Unit, User
from motcua.org.queries import SYSTEM

# ASCII only: two accounts must not look alike.
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{5,18}")
# Without letters and figures that are mistaken for one another when read from paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@verb
def create_account(
    *,
    actor: Actor,
    home: Unit,
    username: str,
    full_name: str,
    title: str = "",
    email: str = "",
    phone: str = "",
    is_demo: bool = False,
) -> User:
    """A new account of a person who works at ``home``; without duties, and without a password until one is given.

    By an administrator of ``home`` or above. :class:`Invalid` names the field at fault (taken name, bad address …).
    Give the password with :func:`reset_password` (temporary) or, from a command, :func:`set_password`.
    """
    require_admin(actor, [home])
    name = username.strip().lower()
    if not _USERNAME.fullmatch(name):
        raise Invalid(
            "Tên đăng nhập gồm 3–60 chữ thường không dấu, chữ số, dấu chấm, gạch; đầu và cuối là chữ hoặc số.",
            code="username",
            field="username",
        )
    if User.objects.filter(username=name).exists():
        raise Invalid(f"Tên đăng nhập «{name}» đã có người dùng.", code="username_taken", field="username")
    user = User(username=name, home=home, is_demo=is_demo, must_change_password=True)
    _fill(user, full_name=full_name, title=title, email=email, phone=phone)
    user.set_unusable_password()
    user.save()
    note(actor, user, "create_account", home).save()
    return user


@verb
def change_account(
    *,
    actor: Actor,
    user: User,
    full_name: str | None = None,
    title: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    home: Unit | None = None,
) -> User:
    """Correct what an account says of its person; ``None`` leaves a field as it is. By the account's administrator.

    A new ``home`` must lie in the administrator's units too. The record keeps which fields changed, not their values.
    """
    user = lock(user)
    require_admin_of(actor, user)
    given = {"full_name": full_name, "title": title, "email": email, "phone": phone}
    changed = _fill(user, **{name: value for name, value in given.items() if value is not None})
    if home is not None and home.pk != user.home_id:
        require_admin(actor, [home])
        user.home = home
        changed.append("home")
    if changed:
        user.save(update_fields=changed)
        note(actor, user, "change_account", user.home, fields=", ".join(changed)).save()
    return user


def _fill(user: User, **given: str) -> list[str]:
    """Set typed fields after checking them; the names of those that changed."""
    changed = []
    for name, value in given.items():
        cleaned = typed(User, name, value, required=name == "full_name")
        if name == "email" and cleaned:
            try:
                validate_email(cleaned)
            except ValidationError as error:
                raise Invalid(f"Thư điện tử «{cleaned}» không đúng dạng.", code="email", field="email") from error
        if name == "phone" and cleaned and not _PHONE.fullmatch(cleaned):
            raise Invalid(f"Số điện thoại «{cleaned}» không đúng dạng.", code="phone", field="phone")
        if getattr(user, name) != cleaned:
            setattr(user, name, cleaned)
            changed.append(name)
    return changed


@verb
def block_account(*, actor: Actor, user: User, reason: str) -> User:
    """From this moment the person can neither sign in nor go on; what was delegated by them no longer counts either.

    By an administrator of that account, never of oneself: an office must not lock itself out. Duties stay on record.
    """
    user = lock(user)
    if isinstance(actor, User) and actor.pk == user.pk:
        raise NotAllowed("Bạn không thể tự khóa tài khoản của mình.", code="own_account")
    require_admin_of(actor, user)
    if not user.is_active:
        raise IllegalAct("Tài khoản này đã bị khóa.", code="already_blocked")
    why = typed(Assignment, "basis", reason)
    if not why:
        raise Invalid("Hãy ghi lý do khóa tài khoản.", code="required", field="reason")
    user.is_active = False
    user.save(update_fields=["is_active"])
    note(actor, user, "block_account", user.home, reason=why).save()
    return user


@verb
def unblock_account(*, actor: Actor, user: User) -> User:
    """Let a blocked person sign in again, with the duties and password they had."""
    user = lock(user)
    require_admin_of(actor, user)
    if user.is_active:
        raise IllegalAct("Tài khoản này không bị khóa.", code="not_blocked")
    user.is_active = True
    user.save(update_fields=["is_active"])
    note(actor, user, "unblock_account", user.home).save()
    return user


@verb
def reset_password(*, actor: Actor, user: User) -> str:
    """A temporary password, told once to the administrator; it must be changed at the next sign-in.

    All sessions of the account end. Repeating the request with its key tells nothing: the password is not kept.
    """
    user = lock(user)
    if isinstance(actor, User) and actor.pk == user.pk:
        raise NotAllowed("Mật khẩu của chính mình thì đổi ở trang cá nhân.", code="own_account")
    require_admin_of(actor, user)
    temporary = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    _store(actor, user, temporary, must_change=True, what="reset_password")
    return temporary


def set_password(*, actor: Actor, user: User, new: str, old: str | None = None, must_change: bool = False) -> User:
    """A person's own new password, with the old one; or, for a command, any account's.

    Not a ``verb``: a request key would keep a fast digest of the password. Raises :class:`Invalid` with the validators'
    sentences in Vietnamese.
    """
    with transaction.atomic():
        user = lock(user)
        if actor is not SYSTEM:
            if not isinstance(actor, User) or actor.pk != user.pk:
                raise NotAllowed("Chỉ chính chủ đổi được mật khẩu; quản trị viên thì cấp mật khẩu tạm.")
            if old is None or not user.check_password(old):
                raise Invalid("Mật khẩu hiện tại không đúng.", code="old_password", field="old")
            if new == old:
                raise Invalid("Mật khẩu mới phải khác mật khẩu hiện tại.", code="same_password", field="new")
        try:
            validate_password(new, user)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), code="weak_password", field="new") from error
        _store(actor, user, new, must_change=must_change, what="set_password")
        return user


def _store(actor: Actor, user: User, password: str, *, must_change: bool, what: str) -> None:
    user.set_password(password)
    user.must_change_password = must_change
    user.save(update_fields=["password", "must_change_password"])
    note(actor, user, what, user.home).save()
