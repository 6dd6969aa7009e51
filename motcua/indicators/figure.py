"""One figure as it is shown: what it says, whether it says anything, how it is added to others. Pure.

A figure says a value, says expressly that there is none («không có»), or is missing («chưa có số liệu»): three things
that are never mixed, and none of which is 0. A ratio keeps its two parts; with an empty denominator it is «không có»,
and it is never written 100% while something is missing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from motcua.indicators.notation import NOTHING, UNKNOWN, shown_number, shown_share

VALUE, NONE, MISSING = "value", "none", "missing"
MANUAL, SOURCE, FORMULA, RATIO, SUM = "manual", "source", "formula", "ratio", "sum"
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a figure means: an ``Indicator`` as it held for a window, without its database."""

    code: str
    name: str
    unit_of_measure: str
    kind: str
    decimals: int = 0
    origin: str = MANUAL
    source_key: str = ""
    figure: str = ""
    formula: str = ""
    numerator: str = ""
    denominator: str = ""
    may_exceed: bool = False
    adds_up: str = "sum"
    span: str = "period"
    window_rule: str = ""
    definition: str = ""
    legal_basis: str = ""
    confirmed: bool = False
    pk: int = 0

    @property
    def typed(self) -> bool:
        """Whether people type it (a source's figure too, where the source knows nothing of a unit)."""
        return self.origin == MANUAL


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one unit (or of several, added up) over ``first`` to ``last``, its own days where it has some.

    ``where`` says where it comes from; ``inputs`` of what it was made, ``link`` leads to the records behind it.
    ``version`` is that of the typed value (0: none yet), to be handed back when it is changed.
    """

    meaning: Meaning
    state: str = MISSING
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    text: str = ""
    where: str = MANUAL
    first: dt.date | None = None
    last: dt.date | None = None
    estimate: bool = False
    note: str = ""
    evidence: int | None = None
    evidence_name: str = ""
    version: int = 0
    value_id: int | None = None
    own: bool = False
    link: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    parts: int = 1
    missing_parts: int = 0
    keys: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        return self.meaning.code

    @property
    def known(self) -> bool:
        """Whether there is a number (or a text) to print."""
        return self.state == VALUE

    @property
    def exact(self) -> Decimal | None:
        """The number itself, a ratio's in per cent, unrounded; None where there is none."""
        if self.state != VALUE:
            return None
        return self.value

    @property
    def rounded(self) -> Decimal | None:
        """The number to the indicator's decimals; a ratio never rounded up to 100 while something is missing."""
        if self.state != VALUE or self.value is None:
            return None
        return rounded(self)

    @property
    def shown(self) -> str:
        """As printed: 22.318 · 70,76 · không có · … (the unit of measure is not part of it)."""
        if self.state == NONE:
            return NOTHING
        if self.state == MISSING:
            return UNKNOWN
        if self.meaning.kind == "text":
            return self.text
        if self.meaning.kind == "yes_no" and self.parts == 1 and self.where != SUM:
            return "Có" if self.value else "Không"
        found = self.rounded
        if found is None:
            return UNKNOWN
        return shown_share(found, self.meaning.decimals) if self.meaning.kind == "ratio" else shown_number(found)

    def as_dict(self) -> dict[str, Any]:
        """For freezing: plain, complete, and the same for the same figure."""
        days = (self.first and self.first.isoformat(), self.last and self.last.isoformat())
        return {
            "code": self.code,
            "state": self.state,
            "value": plain(self.value),
            "numerator": plain(self.numerator),
            "denominator": plain(self.denominator),
            "text": self.text,
            "shown": self.shown,
            "where": self.where,
            "first": days[0],
            "last": days[1],
            "estimate": self.estimate,
            "note": self.note,
            "inputs": dict(self.inputs),
            "missing_parts": self.missing_parts,
        }


def told(meaning: Meaning, said: Mapping[str, Any]) -> Figure:
    """What :meth:`Figure.as_dict` wrote, as far as it says something to people."""

    def number(name: str) -> Decimal | None:
        return Decimal(said[name]) if said.get(name) is not None else None

    return Figure(
        meaning,
        said["state"],
        number("value"),
        number("numerator"),
        number("denominator"),
        said.get("text", ""),
        said.get("where", MANUAL),
        estimate=bool(said.get("estimate")),
    )


def plain(number: Decimal | None) -> str | None:
    """A number as text without trailing zeros, the same on every database."""
    if number is None:
        return None
    return f"{number.normalize():f}" if number else "0"


def ratio(meaning: Meaning, numerator: Decimal | None, denominator: Decimal | None, **more: Any) -> Figure:
    """A ratio of two parts: missing while one of them is, «không có» where there is nothing to divide by."""
    more.setdefault("where", RATIO)
    if numerator is None or denominator is None:
        return Figure(meaning, MISSING, numerator=numerator, denominator=denominator, **more)
    if denominator == 0:
        return Figure(meaning, NONE, numerator=numerator, denominator=denominator, **more)
    return Figure(meaning, VALUE, numerator / denominator * _HUNDRED, numerator, denominator, **more)


def rounded(figure: Figure) -> Decimal:
    """See :attr:`Figure.rounded`; the figure has a value."""
    assert figure.value is not None
    step = Decimal(1).scaleb(-figure.meaning.decimals)
    found = figure.value.quantize(step, ROUND_HALF_UP)
    top, bottom = figure.numerator, figure.denominator
    if top is not None and bottom is not None:
        if found >= _HUNDRED > figure.value or (found == _HUNDRED and top < bottom):
            return _HUNDRED - step
        if found == _HUNDRED and top > bottom:  # more than all is not all
            return _HUNDRED + step
        if found == 0 and top > 0:  # some are not none
            return step
    return found


def add(meaning: Meaning, figures: Iterable[Figure]) -> Figure:
    """The same indicator of many units as one figure, by its rule of adding up; the order does not matter.

    Units of which nothing is known are counted in ``missing_parts`` and left out; a sum of units which all say «không
    có» is «không có». A ratio adds only pairs. What does not add up stays missing.
    """
    given = list(figures)
    missing = sum(f.state == MISSING for f in given)
    told = [f for f in given if f.state == VALUE]
    common: dict[str, Any] = {
        "where": SUM,
        "parts": len(given),
        "missing_parts": missing,
        "estimate": any(f.estimate for f in told),
        "first": min((f.first for f in told if f.first), default=None),
        "last": max((f.last for f in told if f.last), default=None),
        "own": any(f.own for f in told),
        "inputs": _inputs(told),
    }
    empty = NONE if any(f.state == NONE for f in given) else MISSING
    if meaning.adds_up == "none":
        return Figure(meaning, MISSING, **common)
    if meaning.adds_up == "ratio_of_sums":
        pairs = [f for f in given if f.numerator is not None and f.denominator is not None]
        if not pairs:
            return Figure(meaning, empty, **common)
        tops, bottoms = (sum((Decimal(getattr(f, n)) for f in pairs), Decimal(0)) for n in ("numerator", "denominator"))
        return ratio(meaning, tops, bottoms, **common)
    if not told:
        return Figure(meaning, empty, **common)
    if meaning.adds_up == "list":
        texts = sorted({f.text for f in told if f.text})
        return Figure(meaning, VALUE, text="\n".join(texts), **common)
    if meaning.adds_up == "distinct":
        if any(f.value and not f.keys for f in told):  # a typed number does not say what it counted
            return Figure(meaning, MISSING, **common)
        keys = frozenset().union(*(f.keys for f in told))
        return Figure(meaning, VALUE, Decimal(len(keys)), keys=keys, **common)
    if meaning.adds_up == "yes":
        return Figure(meaning, VALUE, Decimal(sum(1 for f in told if f.value)), **common)
    return Figure(meaning, VALUE, sum((f.value for f in told if f.value is not None), Decimal(0)), **common)


def _inputs(figures: Sequence[Figure]) -> dict[str, Any]:
    """What parts share: the journal's watermark, if they were all counted at one."""
    marks = {f.inputs["watermark"] for f in figures if "watermark" in f.inputs}
    found: dict[str, Any] = {"units": len(figures)}
    if marks:
        found["watermark"] = max(marks)
    adjustments = sum(int(f.inputs.get("adjustments", 0)) for f in figures)
    if adjustments:
        found["adjustments"] = adjustments
    return found


def at(figure: Figure, **changes: Any) -> Figure:
    """The same figure with something else said of it."""
    return replace(figure, **changes)
