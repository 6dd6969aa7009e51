"""Where figures come from: each trade registers what it can count, this room asks without knowing the trade.

A source answers for many units at once, in a constant number of statements. It never guesses: a unit of which it knows
nothing is left out of the answer (which is not the same as 0).
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from motcua.core.errors import NotFound
from motcua.org.queries import Scope


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a source: the figures of these units, each for itself, from ``first`` to ``last`` inclusive.

    ``known_at`` is the journal's watermark W (None: everything known now); registers, which have no journal, read what
    stands now. ``figures`` are keys of the source.
    """

    scope: Scope
    units: Collection[int]
    first: dt.date
    last: dt.date
    figures: Collection[str]
    known_at: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One figure of one unit: ``inputs`` says what it was made of, ``link`` leads to its records.

    ``keys``: what was counted, for figures that are not added up but counted without repetition (the same procedure in
    many communes is one); ``value`` is then their number. ``value`` None says «không có», which is not 0.
    """

    value: Decimal | None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """``figures``: key → Vietnamese name; ``compute``: unit id → key → Found; ``of_ledger``: it has a watermark.

    ``whole_link(unit key, figure, first, last, known_at)``: to the records behind a unit's figure with all beneath it.
    """

    key: str
    title: str
    figures: Mapping[str, str]
    compute: Callable[[Ask], Mapping[int, Mapping[str, Found]]]
    of_ledger: bool = False
    whole_link: Callable[[str, str, dt.date, dt.date, int | None], str] | None = None


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Called once by a trade's ``AppConfig.ready``; the same key again replaces (tests)."""
    _SOURCES[source.key] = source


def source(key: str) -> Source:
    """The source of that key. Errors: ``NotFound``."""
    try:
        return _SOURCES[key]
    except KeyError:
        raise NotFound(f"Không có nguồn số liệu «{key}».") from None


def sources() -> tuple[Source, ...]:
    """All that are registered, by key."""
    return tuple(_SOURCES[key] for key in sorted(_SOURCES))
