"""A lost telephone: the account's second factor is taken away, to be set up anew at the next sign-in."""

from allauth.mfa.models import Authenticator

from motcua.core.errors import IllegalAct, NotAllowed
from motcua.core.verbs import verb
from motcua.org.actions.authority import Actor, lock, note, require_admin_of
from motcua.org.models import User


@verb
def reset_second_factor(*, actor: Actor, user: User) -> User:
    """Forget the account's authenticator and recovery codes. By an administrator of the account, never one's own:
    otherwise a session left open would be enough to take the second factor over."""
    user = lock(user)
    if isinstance(actor, User) and actor.pk == user.pk:
        raise NotAllowed("Xác thực hai bước của chính mình phải do quản trị viên khác đặt lại.", code="own_account")
    require_admin_of(actor, user)
    removed, _ = Authenticator.objects.filter(user_id=user.pk).delete()
    if not removed:
        raise IllegalAct("Tài khoản này chưa có xác thực hai bước.", code="no_second_factor")
    note(actor, user, "reset_second_factor", user.home).save()
    return user
