"""Who above this room wants to know that somebody's name or number has changed; they say so when their app is ready."""

from collections.abc import Callable, Iterable

_listeners: dict[str, Callable[[Iterable[int]], None]] = {}


def after_change(name: str, told: Callable[[Iterable[int]], None]) -> None:
    """Let ``told(ids)`` be called, in the same transaction, when what these parties are found by has changed."""
    _listeners[name] = told


def changed(ids: Iterable[int]) -> None:
    """Tell them. Their statements."""
    parties = list(ids)
    for told in _listeners.values():
        told(parties)
