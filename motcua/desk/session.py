"""What a session remembers of the person at the screen: the last sign of life, the lock, the second factor given."""

from django.conf import settings
from django.http import HttpRequest

from motcua.core import clock

_LOCKED = "locked"
_SECOND_FACTOR = "second_factor"
_SEEN = "seen"
# How stale the last sign of life may get before it is written again; writing at every click would cost two statements.
_SEEN_GRAIN = 30


def begin(request: HttpRequest, *, second_factor: bool) -> None:
    """Mark a session that has just been opened by its owner."""
    request.session[_SECOND_FACTOR] = second_factor
    unlock(request)


def second_factor_given(request: HttpRequest) -> bool:
    """Whether this session was opened with a code, or has set one up."""
    return bool(request.session.get(_SECOND_FACTOR))


def lock(request: HttpRequest) -> None:
    """Lock the screen: nothing is answered until the password is given again."""
    if not request.session.get(_LOCKED):
        request.session[_LOCKED] = True


def unlock(request: HttpRequest) -> None:
    """The password has been given."""
    request.session.pop(_LOCKED, None)
    request.session[_SEEN] = int(clock.now().timestamp())


def is_locked(request: HttpRequest) -> bool:
    """Whether the screen is locked, by hand or by the time since the last sign of life."""
    return bool(request.session.get(_LOCKED)) or _idle(request) >= settings.IDLE_LOCK.total_seconds()


def touch(request: HttpRequest) -> None:
    """Note that the person is there."""
    if _SEEN not in request.session or _idle(request) >= _SEEN_GRAIN:
        request.session[_SEEN] = int(clock.now().timestamp())


def _idle(request: HttpRequest) -> float:
    now = clock.now().timestamp()
    return now - float(request.session.get(_SEEN, now))
