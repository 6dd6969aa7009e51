"""A report's figures from the indicators: compiled for freezing, and read again from what was frozen."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from motcua.core.errors import NotFound
from motcua.indicators import figure as told
from motcua.indicators import queries as indicators
from motcua.indicators import windows
from motcua.indicators.queries import Consolidated, Line
from motcua.indicators.windows import Rule, Window
from motcua.ledger.statement import canonical
from motcua.org.models import Unit
from motcua.org.queries import Scope
from motcua.reports.figures import Figure, Kind, State
from motcua.reports.models import Cut, FrozenFigure, Report
from motcua.reports.types import Type, outlines

_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Compiled:
    """The figures of a report by code, in the order of its annex, with what each was made of; and the annex's lines."""

    figures: Mapping[str, Figure]
    sources: Mapping[str, "Made"]
    lines: tuple[Line, ...]
    not_sent: tuple[Unit, ...]
    late: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What a figure was made of: ``inputs`` plain and complete, ``link`` where its records are."""

    inputs: Mapping[str, Any]
    link: str


def rule_of(code: str) -> Rule:
    """The window rule of that code. One statement. :class:`NotFound` where the indicators know none."""
    for rule in indicators.rules():
        if rule.code == code:
            return rule
    raise NotFound(f"Không có cách tính kỳ «{code}».", code="rule_unknown")


def codes_of(kind: Type) -> list[str]:
    """The codes a type's sentences need, in the order of the text."""
    return list(outlines()[kind.outline].codes)


def compiled(
    scope: Scope, kind: Type, unit: Unit, window: Window, *, known_at: int | None, beside: bool = True
) -> Compiled:
    """Compile the figures of a report as known at a watermark; ``beside`` adds the previous period and last year's.

    A period whose report was frozen is read from there, any other is counted anew. Up to about 110 statements.
    """
    now = consolidated(scope, kind, unit, window, known_at=known_at)
    rule = next((each for each in indicators.rules() if each.code == window.rule), None)
    before: Mapping[str, str] = {}
    year: Mapping[str, str] = {}
    if beside:
        before = _shown(scope, kind, unit, windows.previous(rule, window), known_at)
        year = _shown(scope, kind, unit, windows.last_year(rule, window), known_at)
    figures, sources = {}, {}
    for code in _ordered(now, kind):
        found = now.figures[code]
        figures[code] = _figure(found, window, before.get(code, ""), year.get(code, ""))
        sources[code] = _made(now, code)
    return Compiled(figures, sources, now.lines, now.not_sent, now.late)


def consolidated(scope: Scope, kind: Type, unit: Unit, window: Window, *, known_at: int | None = None) -> Consolidated:
    """What the indicators say of a report's unit with everything beneath it."""
    form = indicators.form(kind.form) if kind.form else None
    # A figure that the law no longer knows on that day (of districts, say) is one the sentences do without.
    known = indicators.meanings(window.last)
    codes = [code for code in codes_of(kind) if code in known]
    return indicators.consolidate(scope, unit=unit, window=window, form=form, codes=codes or None, known_at=known_at)


def lines_of(kind: Type, last: dt.date) -> list[Line]:
    """The lines of a type's annex for a window ending on ``last``. Up to three statements."""
    return indicators.lines(indicators.form(kind.form), last) if kind.form else []


def _ordered(now: Consolidated, kind: Type) -> list[str]:
    """As the form prints them, else as the text speaks of them; what these are made of comes last."""
    printed = [line.code for line in now.lines if line.meaning]
    said = [code for code in codes_of(kind) if code in now.figures]
    return list(dict.fromkeys([*printed, *said, *sorted(now.figures)]))


def _shown(scope: Scope, kind: Type, unit: Unit, window: Window, known_at: int | None) -> dict[str, str]:
    """The printed figures of another period: as frozen, else as counted now; what nobody has said is left out."""
    rows = FrozenFigure.objects.filter(
        cut__report__type=kind.code,
        cut__report__unit=unit,
        cut__report__first=window.first,
        cut__report__last=window.last,
    ).exclude(cut__report__state="cancelled")
    last = rows.order_by("-cut__n", "-cut").values_list("cut", flat=True).first()
    if last is not None:
        return {row.code: figure_of(row).cell for row in rows.filter(cut=last) if row.state != told.MISSING}
    earlier = consolidated(scope, kind, unit, window, known_at=known_at)
    return {
        code: _figure(found, window, "", "").cell
        for code, found in earlier.figures.items()
        if found.state != told.MISSING
    }


def _figure(found: told.Figure, window: Window, before: str, year: str) -> Figure:
    meaning = found.meaning
    return Figure(
        code=found.code,
        name=meaning.name,
        measure=meaning.unit_of_measure,
        kind=cast(Kind, meaning.kind),
        first=found.first or window.first,
        last=found.last or window.last,
        state=cast(State, found.state),
        value=_kept(found.value),
        num=_kept(found.numerator),
        den=_kept(found.denominator),
        places=meaning.decimals,
        words=found.text,
        estimate=found.estimate,
        before=before,
        year_ago=year,
    )


def _kept(number: Decimal | None) -> Decimal | None:
    """As the column keeps it, so that a figure is the same before and after it was frozen."""
    return None if number is None else number.quantize(_STEP)


def _made(now: Consolidated, code: str) -> Made:
    whole = now.figures[code]
    meaning = whole.meaning
    parts = [
        {
            "unit": part.unit.key,
            "name": part.unit.name,
            "shown": found.shown,
            "state": found.state,
            "where": found.where,
            "link": found.link,
            "value": found.value_id,
            "note": found.note,
        }
        for part in now.parts
        if (found := part.figures.get(code)) is not None
    ]
    inputs = {
        "where": parts[0]["where"] if len(parts) == 1 else whole.where,
        "adds_up": meaning.adds_up,
        "definition": meaning.definition,
        "formula": meaning.formula,
        "pair": [meaning.numerator, meaning.denominator] if meaning.numerator else [],
        "source": f"{meaning.source_key}/{meaning.figure}" if meaning.source_key else "",
        "legal_basis": meaning.legal_basis,
        "confirmed": meaning.confirmed,
        "missing_parts": whole.missing_parts,
        "inputs": {name: _plain(value) for name, value in sorted(whole.inputs.items())},
        "parts": parts,
    }
    link = whole.link or next((part["link"] for part in parts if part["link"]), "")
    return Made(inputs, str(link or ""))


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | bool | type(None)) else str(value)


# ---- frozen ---------------------------------------------------------------------------------------------------------


def rows_of(cut: Cut, unit: Unit, made: Compiled) -> list[FrozenFigure]:
    """The rows that freeze a compilation, each with its seal. No SQL."""
    rows = []
    for position, (code, figure) in enumerate(made.figures.items()):
        source = made.sources[code]
        row = FrozenFigure(
            cut=cut,
            position=position,
            unit=unit,
            code=code,
            name=figure.name,
            measure=figure.measure,
            kind=figure.kind,
            decimals=figure.places,
            state=figure.state,
            value=figure.value,
            num=figure.num,
            den=figure.den,
            words=figure.words,
            first=figure.first,
            last=figure.last,
            estimate=figure.estimate,
            watermark=cut.watermark,
            before=figure.before,
            year_ago=figure.year_ago,
            inputs=json.dumps(source.inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            link=source.link[:600],
        )
        row.digest = seal(row)
        rows.append(row)
    return rows


def seal(row: FrozenFigure) -> str:
    """The hash over everything a frozen figure says. No SQL."""
    said = {
        "code": row.code,
        "unit": row.unit_id,
        "name": row.name,
        "measure": row.measure,
        "kind": row.kind,
        "decimals": row.decimals,
        "state": row.state,
        "value": _text(row.value),
        "num": _text(row.num),
        "den": _text(row.den),
        "words": row.words,
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "estimate": row.estimate,
        "watermark": row.watermark,
        "before": row.before,
        "year_ago": row.year_ago,
        "inputs": row.inputs,
        "link": row.link,
    }
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def seal_of_all(figures: Sequence[FrozenFigure]) -> str:
    """The hash over the figures of a cut, in their order. No SQL."""
    return hashlib.sha256("\n".join(row.digest for row in figures).encode()).hexdigest()


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number.quantize(_STEP):f}"


def figure_of(row: FrozenFigure) -> Figure:
    """A frozen row as a report prints it. No SQL."""
    return Figure(
        code=row.code,
        name=row.name,
        measure=row.measure,
        kind=cast(Kind, row.kind),
        first=row.first,
        last=row.last,
        state=cast(State, row.state),
        value=row.value,
        num=row.num,
        den=row.den,
        places=row.decimals,
        words=row.words,
        estimate=row.estimate,
        before=row.before,
        year_ago=row.year_ago,
    )


def frozen(cut: Cut) -> dict[str, Figure]:
    """The figures of a cut by code, in order. One statement."""
    return {row.code: figure_of(row) for row in FrozenFigure.objects.filter(cut=cut).order_by("position")}


def window_of(report: Report) -> Window:
    """The window of a report. No SQL."""
    return Window(report.first, report.last, report.label, report.rule)


__all__ = [
    "Compiled", "Made", "codes_of", "compiled", "consolidated", "figure_of", "frozen", "lines_of", "rows_of", "rule_of",
    "seal", "seal_of_all", "window_of",
]  # fmt: skip
