"""What each book tells the ledger about itself, so that statements can name an item and ``verify`` can recompute it.

A trade registers its book when its app is ready; nothing here imports a trade.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motcua.ledger.models import Item
from motcua.ledger.rules import Fact


def _nothing(*_: Any) -> list[str]:
    return []


@dataclass(frozen=True)
class BookInfo:
    """One book. Every callable takes many items at once and needs a constant number of statements."""

    book: str
    title: str
    # The page of an item, as a path.
    url: Callable[[Item], str]
    # item id -> the facts that stand, successions of its unit included; what ``record`` would be given today.
    timeline_facts: Callable[[Sequence[Item]], Mapping[int, Sequence[Fact]]]
    # Outcomes of this book and their words.
    outcomes: Mapping[str, str] = field(default_factory=dict)
    # The look-up on ``Item`` that a scope filters by to decide who may see it.
    scope_field: str = "unit"
    # Duplicates and unexplained gaps in the book's numbers, named.
    series_check: Callable[[], Iterable[str]] = _nothing
    # Whatever else the trade keeps of its items that must agree with their events, named.
    items_check: Callable[[Sequence[Item]], Iterable[str]] = _nothing


_books: dict[str, BookInfo] = {}
_senders: dict[str, Callable[[dict[str, Any]], None]] = {}
_checks: dict[str, Callable[[], Iterable[str]]] = {}
_chores: dict[str, Callable[[dt.datetime], str]] = {}


def register(info: BookInfo) -> None:
    """Make a book known (from ``AppConfig.ready``); once per book."""
    if _books.setdefault(info.book, info) is not info:
        raise ValueError(f"book {info.book} is already registered")


def get(book: str) -> BookInfo | None:
    """The book's own information, or None where its trade is not installed."""
    return _books.get(str(book))


def books() -> list[BookInfo]:
    """All registered books, in order of registration."""
    return list(_books.values())


def send_with(topic: str, send: Callable[[dict[str, Any]], None]) -> None:
    """Let ``tick`` hand messages of an outbox topic to ``send``; it raises when the message has not got out."""
    _senders[topic] = send


def senders() -> dict[str, Callable[[dict[str, Any]], None]]:
    """Who sends which topic; topics without a gateway are not in it."""
    return dict(_senders)


def also_check(name: str, check: Callable[[], Iterable[str]]) -> None:
    """Let ``verify`` ask a room above the ledger what is wrong in its own tables; one Vietnamese line per fault."""
    _checks[name] = check


def other_checks() -> dict[str, Callable[[], Iterable[str]]]:
    """What rooms above the ledger have asked to be checked, by name, in order of registration."""
    return dict(_checks)


def at_tick(name: str, chore: Callable[[dt.datetime], str]) -> None:
    """Let ``tick`` do ``chore(now)`` each time; it answers one Vietnamese line of what it did, or nothing."""
    _chores[name] = chore


def chores() -> dict[str, Callable[[dt.datetime], str]]:
    """All chores by name, in order of registration."""
    return dict(_chores)
