"""Figures of units over a window: what was typed, what the sources count, what follows from these. Reads only.

The number of SQL statements depends on how many sources and how many different windows are asked, never on how many
units or indicators.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.indicators import expressions, figure, sources, windows
from motcua.indicators.figure import FORMULA, MANUAL, MISSING, NONE, SOURCE, VALUE, Figure, Meaning
from motcua.indicators.models import AddsUp, Indicator, Kind, Origin, Span, Value, WindowRule
from motcua.indicators.windows import Rule, Window
from motcua.org.queries import Scope, alive_on, among

Told = dict[int, dict[str, Figure]]  # reporting unit id → code → figure


def meanings(day: dt.date, codes: Collection[str] | None = None) -> dict[str, Meaning]:
    """The definitions in force on a day, by code; all of them, or ``codes`` with everything these are made of.

    One statement. Raises :class:`Invalid` naming a code that is not defined on that day.
    """
    every = {row.code: meaning_of(row) for row in Indicator.objects.filter(alive_on(day))}
    if codes is None:
        return every
    found: dict[str, Meaning] = {}
    waiting = list(dict.fromkeys(codes))
    while waiting:
        code = waiting.pop(0)
        if code in found:
            continue
        if code not in every:
            raise Invalid(f"Ngày {day:%d/%m/%Y} không có chỉ tiêu nào mang mã «{code}».", code="indicator_unknown")
        found[code] = every[code]
        waiting += parts_of(every[code])
    return found


def meaning_of(row: Indicator) -> Meaning:
    """A row without its database."""
    return Meaning(
        code=row.code,
        name=row.name,
        unit_of_measure=row.unit_of_measure,
        kind=row.kind,
        decimals=row.decimals,
        origin=row.origin,
        source_key=row.source_key,
        figure=row.figure,
        formula=row.formula,
        numerator=row.numerator,
        denominator=row.denominator,
        may_exceed=row.may_exceed,
        adds_up=row.adds_up,
        span=row.span,
        window_rule=row.window_rule,
        definition=row.definition,
        legal_basis=row.legal_basis,
        confirmed=row.confirmed,
        pk=row.pk,
    )


def parts_of(meaning: Meaning) -> list[str]:
    """The codes an indicator is computed from."""
    if meaning.numerator:
        return [meaning.numerator, meaning.denominator]
    return list(expressions.codes(meaning.formula)) if meaning.formula else []


def rules(day: dt.date | None = None) -> list[Rule]:
    """The window rules, in their order; those in force on a day, if given. One statement."""
    rows = WindowRule.objects.order_by("position", "code")
    return [
        Rule(
            row.code,
            row.title,
            tuple(row.names),
            row.months,
            row.step,
            row.first_day,
            row.months_earlier,
            row.valid_from,
            row.valid_to or dt.date.max,
        )
        for row in (rows if day is None else rows.filter(alive_on(day)))
    ]


def read(
    scope: Scope,
    *,
    reporters: Sequence[int],
    home_of: Mapping[int, int],
    defined: Mapping[str, Meaning],
    window: Window,
    known_at: int | None = None,
    ask_sources: bool = True,
) -> Told:
    """Every indicator of ``defined`` for every reporter, dependencies first."""
    values = _values(reporters, defined, window)
    own_rules = {rule.code: rule for rule in rules()} if any(m.window_rule for m in defined.values()) else {}
    counted = _counted(scope, reporters, home_of, defined, window, values, own_rules, known_at) if ask_sources else {}
    order = ordered(defined)
    told: Told = {}
    for pk in reporters:
        mine: dict[str, Figure] = {}
        for meaning in order:
            typed = values.get((pk, meaning.code))
            mine[meaning.code] = _figure(meaning, typed, counted.get((pk, meaning.code)), mine, window, own_rules)
        told[pk] = mine
    return told


def _values(reporters: Sequence[int], defined: Mapping[str, Meaning], window: Window) -> dict[tuple[int, str], Value]:
    """What was typed for exactly these days. One statement."""
    rows = (
        Value.objects.filter(
            among("unit", reporters), first=window.first, last=window.last, indicator__code__in=list(defined)
        )
        .annotate(of=F("indicator__code"))
        .defer("updated_at", "updated_by")
    )
    return {(row.unit_id, vars(row)["of"]): row for row in rows}


def _counted(
    scope: Scope,
    reporters: Sequence[int],
    home_of: Mapping[int, int],
    defined: Mapping[str, Meaning],
    window: Window,
    values: Mapping[tuple[int, str], Value],
    own_rules: Mapping[str, Rule],
    known_at: int | None,
) -> dict[tuple[int, str], Figure]:
    """What the sources count, added up into the reporting unit each record belongs to."""
    asked: dict[tuple[str, dt.date, dt.date], dict[str, set[int]]] = {}
    members: dict[int, list[int]] = {}
    for unit, home in home_of.items():
        members.setdefault(home, []).append(unit)
    for meaning in defined.values():
        if meaning.origin != Origin.SOURCE:
            continue
        for pk in reporters:
            first, last = own_days(meaning, window, values.get((pk, meaning.code)), own_rules)
            asked.setdefault((meaning.source_key, first, last), {}).setdefault(meaning.code, set()).add(pk)
    found: dict[tuple[int, str], Figure] = {}
    today = clock.today()
    for (key, first, last), wanted in sorted(asked.items()):
        if first > today:
            continue
        source = sources.source(key)
        counted_to = min(last, today)
        homes = set().union(*wanted.values())
        units = sorted(unit for home in homes for unit in members.get(home, [home]))
        names = {defined[code].figure for code in wanted}
        inside = Scope(scope.user_id, scope.day, frozenset(units), scope.everything)
        answer = source.compute(sources.Ask(inside, units, first, counted_to, sorted(names), known_at))
        for code, pks in wanted.items():
            meaning = defined[code]
            for pk in pks:
                parts = [
                    each
                    for unit in members.get(pk, [pk])
                    if (each := answer.get(unit, {}).get(meaning.figure)) is not None
                ]
                if parts:
                    head = answer.get(pk, {}).get(meaning.figure)
                    found[pk, code] = _summed(meaning, parts, head.link if head else parts[0].link, first, counted_to)
                    if counted_to < last:
                        found[pk, code] = figure.at(found[pk, code], estimate=True)
    return found


def _summed(meaning: Meaning, parts: Sequence[sources.Found], link: str, first: dt.date, last: dt.date) -> Figure:
    """One figure of a unit and its offices. Whole numbers among the inputs add up, a watermark does not."""
    numbers = [part.value for part in parts if part.value is not None]
    inputs: dict[str, Any] = {}
    for part in parts:
        for name, given in part.inputs.items():
            adds = isinstance(given, int) and not isinstance(given, bool) and name in inputs
            if adds:
                inputs[name] = max(inputs[name], given) if name == "watermark" else inputs[name] + given
            else:
                inputs[name] = given
    more: dict[str, Any] = {"where": SOURCE, "first": first, "last": last, "link": link, "inputs": inputs}
    if not numbers:
        return Figure(meaning, NONE, **more)
    if meaning.adds_up == AddsUp.DISTINCT:
        more["keys"] = frozenset().union(*(part.keys for part in parts))
        return Figure(meaning, VALUE, Decimal(len(more["keys"])), **more)
    return Figure(meaning, VALUE, sum(numbers, Decimal(0)), **more)


def own_days(
    meaning: Meaning, window: Window, typed: Value | None, own_rules: Mapping[str, Rule]
) -> tuple[dt.date, dt.date]:
    """The days a figure counts: as stated with it, by its own rule, or those of the window."""
    if meaning.span == Span.OWN:
        if typed is not None and typed.own_last is not None:
            return typed.own_first or min(window.first, typed.own_last), typed.own_last
        rule = own_rules.get(meaning.window_rule)
        held = windows.containing(rule, window.last) if rule is not None else None
        if held is not None:
            return held.first, min(held.last, window.last)
    return window.first, window.last


def ordered(defined: Mapping[str, Meaning]) -> list[Meaning]:
    """Definitions so that each comes after what it is made of. Raises :class:`Invalid` for a circle."""
    done: dict[str, Meaning] = {}
    under_way: set[str] = set()

    def visit(code: str) -> None:
        if code in done or code not in defined:
            return
        if code in under_way:
            raise Invalid(f"Chỉ tiêu «{defined[code].name}» được tính vòng quanh từ chính nó.", code="formula_circle")
        under_way.add(code)
        for part in parts_of(defined[code]):
            visit(part)
        done[code] = defined[code]

    for code in defined:
        visit(code)
    return list(done.values())


def _figure(
    meaning: Meaning,
    typed: Value | None,
    counted: Figure | None,
    mine: Mapping[str, Figure],
    window: Window,
    own_rules: Mapping[str, Rule],
) -> Figure:
    """One figure of one unit: of the source, computed from others, or as typed."""
    if counted is not None:
        return _beside(counted, typed)
    first, last = own_days(meaning, window, typed, own_rules)
    if meaning.numerator:
        made = _ratio(meaning, mine, first, last)
        return _beside(made, typed)
    if meaning.formula:
        return _beside(computed(meaning, mine, first, last), typed)
    if typed is None:
        return Figure(meaning, MISSING, where=MANUAL, first=first, last=last)
    base = Figure(
        meaning,
        where=MANUAL,
        first=first,
        last=last,
        own=(first, last) != (window.first, window.last),
        estimate=typed.estimate,
    )
    return _beside(_as_typed(base, typed), typed)


def _as_typed(base: Figure, typed: Value) -> Figure:
    if typed.nothing:
        return figure.at(base, state=NONE)
    if base.meaning.kind == Kind.RATIO and typed.numerator is not None:
        made = figure.ratio(base.meaning, typed.numerator, typed.denominator, where=MANUAL)
        return figure.at(base, state=made.state, value=made.value, numerator=made.numerator,
                         denominator=made.denominator)  # fmt: skip
    if typed.number is not None:
        return figure.at(base, state=VALUE, value=typed.number)
    if typed.text:
        return figure.at(base, state=VALUE, text=typed.text)
    return base


def _beside(found: Figure, typed: Value | None) -> Figure:
    """With the note, evidence and version of the row beside it."""
    if typed is None:
        return found
    return figure.at(
        found,
        note=typed.note,
        evidence=typed.evidence_id,
        evidence_name=typed.evidence_name,
        version=typed.version,
        value_id=typed.pk,
        estimate=found.estimate or typed.estimate,
    )


def _ratio(meaning: Meaning, mine: Mapping[str, Figure], first: dt.date, last: dt.date) -> Figure:
    top, bottom = mine[meaning.numerator], mine[meaning.denominator]
    more: dict[str, Any] = {
        "first": first,
        "last": last,
        "estimate": top.estimate or bottom.estimate,
        "link": top.link or bottom.link,
    }
    if NONE in (top.state, bottom.state) and MISSING not in (top.state, bottom.state):
        # None of a whole that has no number is as much as nothing to divide by; none of a known whole is nought of it.
        if bottom.state == NONE:
            return Figure(meaning, NONE, where=figure.RATIO, **more)
        return figure.ratio(meaning, Decimal(0), bottom.value, inputs=_watermark(top, bottom), **more)
    return figure.ratio(meaning, top.exact, bottom.exact, inputs=_watermark(top, bottom), **more)


def computed(
    meaning: Meaning, mine: Mapping[str, Figure], first: dt.date | None, last: dt.date | None
) -> Figure:  # fmt: skip
    """What a formula comes to; «không có» counts as nought unless all its parts say so."""
    parts = [mine[code] for code in expressions.codes(meaning.formula)]
    more: dict[str, Any] = {
        "where": FORMULA,
        "first": first,
        "last": last,
        "estimate": any(p.estimate for p in parts),
        "inputs": _watermark(*parts),
    }
    if all(p.state == NONE for p in parts):
        return Figure(meaning, NONE, **more)
    numbers = {p.code: Decimal(0) if p.state == NONE else p.exact for p in parts}
    total = expressions.value(meaning.formula, numbers.__getitem__)
    return Figure(meaning, MISSING if total is None else VALUE, total, **more)


def _watermark(*parts: Figure) -> dict[str, Any]:
    marks = [p.inputs["watermark"] for p in parts if "watermark" in p.inputs]
    return {"watermark": max(marks)} if marks else {}


def codes_in(told: Iterable[Mapping[str, Figure]]) -> set[str]:
    """Every code of which something is told."""
    return {code for each in told for code in each}
