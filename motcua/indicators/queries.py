"""What can be asked of figures: for one unit, for many, added up the tree; each in a constant number of statements."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from motcua.core import clock
from motcua.core.errors import NotAllowed, NotFound
from motcua.indicators import checking, figure, sources, windows
from motcua.indicators import tree as trees
from motcua.indicators.checking import Oddity
from motcua.indicators.figure import NONE, VALUE, Figure, Meaning
from motcua.indicators.models import AddsUp, Form, FormLine, Identity, Return, ReturnState, Value
from motcua.indicators.reading import Told, computed, meanings, ordered, parts_of, read, rules
from motcua.indicators.windows import Window
from motcua.org.models import Unit
from motcua.org.queries import Scope, alive_on, among

__all__ = [
    "Change", "Consolidated", "Line", "Part", "Sheet", "changed_since", "consolidate", "figures", "form", "forms",
    "identities", "lines", "meanings", "oddities", "returns", "rules", "values", "window",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: a heading (no ``meaning``), or a figure."""

    number: str
    heading: str
    level: int
    meaning: Meaning | None = None

    @property
    def code(self) -> str:
        return self.meaning.code if self.meaning else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures of a form for some units and a window; each unit speaks for itself and its offices."""

    form: Form
    window: Window
    lines: tuple[Line, ...]
    told: Told

    def figure(self, unit_id: int, code: str) -> Figure:
        """One figure; KeyError where it is not in the form."""
        return self.told[unit_id][code]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(line.code for line in self.lines if line.meaning)


@dataclass(frozen=True, slots=True)
class Part:
    """What one reporting unit contributes. ``state`` of its return («» where it has none); ``expected``: it stands on
    the last day and is asked to send. ``line`` is the unit in whose line it is shown (its successor, its district)."""

    unit: Unit
    line: int
    figures: Mapping[str, Figure]
    expected: bool
    sent: Return | None = None

    @property
    def state(self) -> str:
        return self.sent.state if self.sent else ""

    @property
    def late(self) -> bool:
        """Sent after its due day, or due and not sent yet."""
        return self.sent is not None and _is_late(self.sent)


@dataclass(frozen=True, slots=True)
class Consolidated:
    """Figures of a unit with everything beneath it. ``figures``: code → the whole; ``parts``: who said what."""

    unit: Unit
    window: Window
    figures: Mapping[str, Figure]
    parts: tuple[Part, ...]
    lines: tuple[Line, ...] = ()
    form: Form | None = None
    not_sent: tuple[Unit, ...] = ()
    late: tuple[Unit, ...] = ()
    order: tuple[Unit, ...] = field(default=())  # the units that name lines, as they are shown

    def by_line(self, code: str) -> dict[int, Figure]:
        """The figure added up within each line beneath the unit: line's unit id → figure. Pure."""
        groups: dict[int, list[Figure]] = {}
        for part in self.parts:
            groups.setdefault(part.line, []).append(part.figures[code])
        return {line: _whole(found) for line, found in groups.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that says something else than an earlier one."""

    code: str
    name: str
    before: Figure | None
    now: Figure


# ---- definitions ----------------------------------------------------------------------------------------------------


def forms() -> list[Form]:
    """All forms in their order. One statement."""
    return list(Form.objects.order_by("position", "code"))


def form(code: str) -> Form:
    """A form by its code. One statement. Raises :class:`NotFound`."""
    found = Form.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"Không có biểu số liệu «{code}».", code="form_unknown", field="form")
    return found


def window(first: dt.date, last: dt.date, label: str = "") -> Window:
    """The window of these days, named by the first rule that has it. One statement."""
    found = windows.recognise(first, last, rules())
    return windows.free(first, last, label) if label and found.rule == windows.FREE else found


def lines(form: Form, last: dt.date, defined: Mapping[str, Meaning] | None = None) -> list[Line]:
    """The lines of a form as they hold for a window ending on ``last``. Two statements."""
    rows = list(FormLine.objects.filter(alive_on(last), form=form).order_by("position"))
    known = meanings(last) if defined is None else defined
    return [
        Line(row.number, row.heading, row.level, known.get(row.code))
        for row in rows
        if row.heading or row.code in known
    ]


def identities(form: Form, last: dt.date) -> list[checking.Rule]:
    """What must hold in a form for a window ending on ``last``. One statement."""
    rows = Identity.objects.filter(alive_on(last), form=form).order_by("pk")
    return [checking.Rule(*row) for row in rows.values_list("left", "relation", "right")]


# ---- figures --------------------------------------------------------------------------------------------------------


def figures(
    scope: Scope, *, codes: Collection[str], units: Sequence[Unit], window: Window, known_at: int | None = None
) -> Told:
    """Unit id → code → figure, each unit for itself and its offices; what a ratio or formula is made of comes along.

    Raises :class:`NotAllowed` for units outside the scope. Three statements, and those of the sources.
    """
    _allow(scope, units)
    defined = meanings(window.last, codes)
    homes = trees.homes(units, window)
    reporters = [unit.pk for unit in units]
    return read(scope, reporters=reporters, home_of=homes, defined=defined, window=window, known_at=known_at)


def values(
    scope: Scope, *, form: Form, units: Sequence[Unit], window: Window, known_at: int | None = None
) -> Sheet:  # fmt: skip
    """The lines of a form with the figures of each unit for itself. Five statements, and those of the sources."""
    shown = lines(form, window.last)
    told = figures(
        scope, codes=[line.code for line in shown if line.meaning], units=units, window=window, known_at=known_at
    )
    return Sheet(form, window, tuple(shown), told)


def earlier(scope: Scope, *, form: Form, unit: Unit, window: Window) -> dict[str, Figure]:
    """What a unit said of an earlier window: its sheet as it was sent, else what was typed by then.

    Cheap, to be shown beside: four statements, no source is asked. Raises :class:`NotAllowed`.
    """
    _allow(scope, [unit])
    defined = meanings(window.last)
    row = Return.objects.filter(unit=unit, form=form, first=window.first, last=window.last).first()
    if row is not None and row.said:
        return {code: figure.told(defined[code], said) for code, said in row.said.items() if code in defined}
    typed = {code: m for code, m in defined.items() if not parts_of(m)}
    return read(scope, reporters=[unit.pk], home_of={}, defined=typed, window=window, ask_sources=False)[unit.pk]


def consolidate(
    scope: Scope,
    *,
    unit: Unit,
    window: Window,
    form: Form | None = None,
    codes: Collection[str] | None = None,
    known_at: int | None = None,
    accepted_only: bool = False,
) -> Consolidated:
    """Figures of ``unit`` with everything beneath it, across successions, by each indicator's rule of adding up.

    Of a form, of ``codes``, or of both. ``accepted_only``: typed figures of units whose return of the form has not
    been accepted are left out as missing (the unit's own are always taken). About 15 statements, whatever the size,
    and those of the sources.
    """
    _allow(scope, [unit])
    known = meanings(window.last)
    shown = lines(form, window.last, known) if form is not None else []
    wanted = dict.fromkeys([line.code for line in shown if line.meaning] + list(codes or ()))
    defined = meanings(window.last, list(wanted)) if codes else _closed(known, wanted)
    stood = trees.tree(unit, window)
    ids = [each.pk for each in stood.reporters]
    inside = Scope(scope.user_id, scope.day, scope.unit_ids | frozenset(stood.home_of), scope.everything)
    told = read(inside, reporters=ids, home_of=stood.home_of, defined=defined, window=window, known_at=known_at)
    sent = _sent(form, window, ids)
    parts = []
    for each in stood.reporters:
        mine = told[each.pk]
        back = sent.get(each.pk)
        if accepted_only and each != unit and (back is None or back.state != ReturnState.ACCEPTED):
            mine = _without_typed(mine)
        asked = form is not None and each.kind in form.kinds and each != unit and each.pk in stood.expected
        parts.append(Part(each, stood.line_of[each.pk], mine, asked, back))
    whole = _linked(_wholes(defined, parts, told.get(unit.pk, {})), unit, known_at)
    return Consolidated(
        unit,
        window,
        whole,
        tuple(parts),
        tuple(shown),
        form,
        tuple(p.unit for p in parts if p.expected and p.state not in (ReturnState.SUBMITTED, ReturnState.ACCEPTED)),
        tuple(p.unit for p in parts if p.expected and p.late),
        stood.lines,
    )


def _closed(known: Mapping[str, Meaning], wanted: Collection[str]) -> dict[str, Meaning]:
    """The definitions of ``wanted`` and of everything they are made of."""
    found: dict[str, Meaning] = {}
    waiting = list(wanted)
    while waiting:
        code = waiting.pop(0)
        if code not in found and code in known:
            found[code] = known[code]
            waiting += parts_of(known[code])
    return found


# A ratio of such parts is that of the wholes: the same procedure stands in many communes.
_NOT_SUMS = (AddsUp.DISTINCT, AddsUp.NONE)


def _wholes(
    defined: Mapping[str, Meaning], parts: Sequence[Part], own: Mapping[str, Figure]
) -> dict[str, Figure]:  # fmt: skip
    """Every indicator added up. What does not add up is what the unit says of itself."""
    found: dict[str, Figure] = {}
    for meaning in ordered(defined):
        code = meaning.code
        halves = (meaning.numerator, meaning.denominator) if meaning.numerator else ()
        if any(defined[half].adds_up in _NOT_SUMS for half in halves):
            top, bottom = (found[half] for half in halves)
            found[code] = figure.ratio(meaning, top.exact, bottom.exact, first=top.first, last=top.last)
        elif meaning.formula and any(defined[c].adds_up in _NOT_SUMS for c in parts_of(meaning)):
            found[code] = computed(meaning, found, None, None)
        elif meaning.adds_up == AddsUp.NONE:
            found[code] = own.get(code, Figure(meaning))
        else:
            found[code] = figure.add(meaning, [part.figures[code] for part in parts])
            if meaning.adds_up == AddsUp.DISTINCT and found[code].state == figure.MISSING and code in own:
                found[code] = own[code]
    return found


def _linked(whole: dict[str, Figure], unit: Unit, known_at: int | None) -> dict[str, Figure]:
    """With the way to the records behind the whole, where the source has one."""
    for code, found in whole.items():
        meaning = found.meaning
        if meaning.source_key and found.first and found.last:
            link = sources.source(meaning.source_key).whole_link
            if link is not None:
                whole[code] = figure.at(found, link=link(unit.key, meaning.figure, found.first, found.last, known_at))
    return whole


def _whole(found: Sequence[Figure]) -> Figure:
    return found[0] if len(found) == 1 else figure.add(found[0].meaning, found)


def _without_typed(mine: Mapping[str, Figure]) -> dict[str, Figure]:
    return {
        code: Figure(f.meaning) if f.where == figure.MANUAL and f.state != figure.MISSING else f
        for code, f in mine.items()
    }


# ---- what looks off -------------------------------------------------------------------------------------------------


def oddities(
    scope: Scope,
    *,
    form: Form,
    window: Window,
    unit: Unit,
    consolidated: bool = False,
    known_at: int | None = None,
    made: "tuple[Consolidated, Consolidated] | None" = None,
) -> list[Oddity]:
    """Broken identities, jumps against the window before and the same one last year, «giống hệt kỳ trước».

    Of the unit by itself, or ``consolidated``: then of the whole, and each part's own broken identities and copied
    sheets too (``unit_id`` says whose). Three times the statements of the figures; ``made``: the consolidated figures
    of this window and of the one before, where they have been read already.
    """
    rule = next((each for each in rules() if each.code == window.rule), None)
    before, year = windows.previous(rule, window), windows.last_year(rule, window)
    held = identities(form, window.last)
    if consolidated:
        if made is None:
            made = (
                consolidate(scope, unit=unit, window=window, form=form, known_at=known_at),
                consolidate(scope, unit=unit, window=before, form=form),
            )
        now, then = made
        last = consolidate(scope, unit=unit, window=year, form=form)
        found = _compared(now.figures, then.figures, last.figures, held, now)
        earlier = {part.unit.pk: part.figures for part in then.parts}
        for part in now.parts:
            mine = earlier.get(part.unit.pk, {})
            codes = [line.code for line in now.lines if line.meaning]
            each = checking.broken(part.figures, held, mine or None) + checking.same_as(part.figures, mine, codes)
            found += [Oddity(o.kind, f"{part.unit.name}: {o.said}", o.codes, part.unit.pk) for o in each]
        return found
    told = [
        values(scope, form=form, units=[unit], window=w, known_at=known_at if w == window else None)
        for w in (window, before, year)
    ]
    mine, then_, last_ = (sheet.told[unit.pk] for sheet in told)
    return _compared(mine, then_, last_, held, told[0]) + checking.same_as(mine, then_, told[0].codes)


def _compared(
    now: Mapping[str, Figure],
    before: Mapping[str, Figure],
    year: Mapping[str, Figure],
    held: Sequence[checking.Rule],
    shown: Sheet | Consolidated,
) -> list[Oddity]:
    printed = {line.code for line in shown.lines if line.meaning}
    mine = {code: f for code, f in now.items() if code in printed}
    last = checking.jumps(mine, before, checking.JUMP_BEFORE, "kỳ trước")
    told = {each.codes for each in last}
    ago = [o for o in checking.jumps(mine, year, checking.JUMP_YEAR, "cùng kỳ năm trước") if o.codes not in told]
    return [*checking.broken(now, held, before), *last, *ago]


def changed_since(
    scope: Scope, *, form: Form, window: Window, unit: Unit, since: Window | None = None, consolidated: bool = True
) -> list[Change]:
    """What says something else than in an earlier window (the one before, unless ``since`` is given)."""
    if since is None:
        rule = next((each for each in rules() if each.code == window.rule), None)
        since = windows.previous(rule, window)
    told: list[Mapping[str, Figure]] = []
    shown: Sequence[Line] = ()
    for each in (window, since):
        if consolidated:
            made = consolidate(scope, unit=unit, window=each, form=form)
            told.append(made.figures)
            shown = shown or made.lines
        else:
            sheet = values(scope, form=form, units=[unit], window=each)
            told.append(sheet.told[unit.pk])
            shown = shown or sheet.lines
    now, then = told
    return [
        Change(line.code, line.meaning.name, then.get(line.code), now[line.code])
        for line in shown
        if line.meaning and _differs(now[line.code], then.get(line.code))
    ]


def _differs(now: Figure, then: Figure | None) -> bool:
    if then is None:
        return now.state in (VALUE, NONE)
    return (now.state, now.value, now.text) != (then.state, then.value, then.text)


# ---- returns --------------------------------------------------------------------------------------------------------


def returns(scope: Scope, *, form: Form | None = None, window: Window | None = None) -> QuerySet[Return]:
    """Returns of the scope, newest window first. One statement."""
    rows = scope.filter(Return.objects.all())
    if form is not None:
        rows = rows.filter(form=form)
    if window is not None:
        rows = rows.filter(first=window.first, last=window.last)
    return rows.select_related("unit", "form", "submitted_by", "decided_by").order_by("-last", "form", "unit")


def return_by_id(scope: Scope, pk: int) -> Return:
    """One return. One statement. Raises :class:`NotFound` also for those outside the scope."""
    found = returns(scope).filter(pk=pk).first()
    if found is None:
        raise NotFound("Không có phiếu số liệu này.", code="return_unknown")
    return found


def value_by_id(scope: Scope, pk: int) -> Value:
    """One typed value with its indicator, unit and evidence. One statement. Raises :class:`NotFound`."""
    rows = scope.filter(Value.objects.filter(pk=pk))
    found = rows.select_related("indicator", "unit", "evidence", "updated_by").first()
    if found is None:
        raise NotFound("Không có số liệu này.", code="value_unknown")
    return found


def is_late(found: Return) -> bool:
    """Sent after its due day, or due and not sent by today. No SQL."""
    return _is_late(found)


def _is_late(found: Return) -> bool:
    if found.submitted_at is not None and found.state in (ReturnState.SUBMITTED, ReturnState.ACCEPTED):
        return clock.local(found.submitted_at).date() > found.due
    return clock.today() > found.due


def _sent(form: Form | None, window: Window, ids: Sequence[int]) -> dict[int, Return]:
    if form is None:
        return {}
    rows = Return.objects.filter(among("unit", ids), Q(form=form), first=window.first, last=window.last)
    return {row.unit_id: row for row in rows}


def _allow(scope: Scope, units: Sequence[Unit]) -> None:
    for unit in units:
        if not scope.contains(unit.pk):
            raise NotAllowed(f"Bạn không được giao xem số liệu của «{unit.name}».", code="unit_outside_scope")
