"""The verbs of returns and values: open, write, send, give back, accept."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from motcua.core import clock, text
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.verbs import verb
from motcua.indicators import figure, notation, queries
from motcua.indicators.figure import Meaning
from motcua.indicators.models import (
    Form,
    FormLine,
    Kind,
    Origin,
    Return,
    ReturnAct,
    ReturnState,
    Span,
    Value,
    ValueChange,
)
from motcua.indicators.reading import meanings
from motcua.indicators.windows import Window
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitPlace, User
from motcua.papers import files

# Who fills in, sends and takes in figures: each within the units the duty is held at, and beneath.
FILLERS = (Duty.REFORM, Duty.CONTROL)
# Who reads them besides.
READERS = (*FILLERS, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT)
_OPEN = (ReturnState.DRAFT, ReturnState.RETURNED)
_FIELDS = ("number", "numerator", "denominator", "text", "nothing", "estimate", "own_first", "own_last", "note",
           "evidence_id", "evidence_name")  # fmt: skip
_MOST_TEXT, _MOST_NOTE = 4000, 500


@dataclass(frozen=True, slots=True)
class Cell:
    """What is typed for one indicator: ``typed`` as people write («1.234,5», «26/32», «không có», empty to clear).

    ``version`` is that of the value the person saw (0: none). What is None stays as it is.
    """

    code: str
    typed: str | None = None
    version: int = 0
    note: str | None = None
    estimate: bool | None = None
    own_first: dt.date | None = None
    own_last: dt.date | None = None


@dataclass
class Saved:
    """What became of each cell: ``done`` code → new version, ``same`` unchanged ones, ``refused`` code → why."""

    done: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)


# ---- a return and its way up ----------------------------------------------------------------------------------------


@verb
def open_return(*, unit: Unit, form: Form, window: Window, actor: User | None = None) -> Return:
    """The return of a unit for a form and window, begun if there is none yet. At most 6 statements.

    Refused before the window begins, for a unit that does not exist in it, and without the duty there.
    """
    require(actor, unit)
    if window.first > clock.today():
        raise Invalid(f"{window.label} chưa bắt đầu, chưa có số liệu.", code="window_in_future", field="window")
    if unit.valid_from > window.last or (unit.valid_to is not None and unit.valid_to < window.first):
        raise Invalid(f"{unit.name} không tồn tại trong kỳ này.", code="unit_not_alive", field="unit")
    now = clock.now()
    made, new = Return.objects.get_or_create(
        unit=unit,
        form=form,
        first=window.first,
        last=window.last,
        defaults={
            "label": window.label[:80],
            "rule": window.rule,
            "due": window.last + dt.timedelta(days=form.due_days),
            "created_at": now,
            "created_by": actor,
        },
    )
    if new:
        ReturnAct.objects.create(to=made, state=made.state, at=now, by=actor)
    return made


@verb
def submit(*, to: int, actor: User | None = None, signed: Iterable[bytes] | None = None, version: int = 0) -> Return:
    """Send the figures up: from now on they stand. Keeps every figure as it reads at this moment, counted ones too.

    ``version``: that of the sheet the sender looked at (0: not asked). Refused where nothing has been said at all, for
    a window that has not begun, where it is sent already, and where somebody changed it since (:class:`Conflict`).
    """
    row = _locked(to)
    require(actor, row.unit)
    _in_state(row, _OPEN, "gửi")
    if version and row.version != version:
        raise Conflict(f"Phiếu đã được sửa từ lúc bạn mở{_who_changed(row)}. Hãy xem lại rồi gửi.", code="changed")
    window = window_of(row)
    sheet = queries.values(org.SYSTEM, form=row.form, units=[row.unit], window=window)
    told = sheet.told[row.unit_id]
    if not any(told[code].state != figure.MISSING for code in sheet.codes):
        raise Invalid("Phiếu chưa có số liệu nào. Hãy nhập số, hoặc ghi «không có».", code="empty_return")
    if signed is not None:
        row.signed = files.store(signed)
    row.said = {code: told[code].as_dict() for code in sheet.codes}
    return _move(row, ReturnState.SUBMITTED, actor)


@verb
def give_back(*, to: int, reason: str, actor: User | None = None) -> Return:
    """Return the figures to be set right, with a reason; by whoever holds the duty at a unit above."""
    row = _locked(to)
    require_above(actor, row.unit)
    _in_state(row, (ReturnState.SUBMITTED, ReturnState.ACCEPTED), "trả lại")
    why = text.clean(reason)
    if not why or len(why) > 500:
        raise Invalid("Ghi lý do trả lại (nhiều nhất 500 ký tự).", field="reason")
    return _move(row, ReturnState.RETURNED, actor, why)


@verb
def accept(*, to: int, actor: User | None = None) -> Return:
    """Take the figures in, to be consolidated; by whoever holds the duty at a unit above."""
    row = _locked(to)
    require_above(actor, row.unit)
    _in_state(row, (ReturnState.SUBMITTED,), "tiếp nhận")
    return _move(row, ReturnState.ACCEPTED, actor)


@verb
def withdraw(*, to: int, actor: User | None = None) -> Return:
    """Take back what was sent and not yet accepted, to set it right."""
    row = _locked(to)
    require(actor, row.unit)
    _in_state(row, (ReturnState.SUBMITTED,), "rút lại")
    return _move(row, ReturnState.DRAFT, actor)


def _move(row: Return, state: ReturnState, actor: User | None, reason: str = "") -> Return:
    now = clock.now()
    row.state, row.reason, row.version = state, reason, row.version + 1
    if state == ReturnState.SUBMITTED:
        row.submitted_at, row.submitted_by = now, actor
        row.decided_at = row.decided_by = None
    elif state in (ReturnState.RETURNED, ReturnState.ACCEPTED):
        row.decided_at, row.decided_by = now, actor
    row.save()
    ReturnAct.objects.create(to=row, state=state, at=now, by=actor, reason=reason)
    return row


# ---- values ---------------------------------------------------------------------------------------------------------


@verb
def save_values(
    *, to: int, cells: Sequence[Cell], actor: User | None = None, how: str = "grid", partly: bool = False
) -> Saved:
    """Write what was typed into a return. About 9 statements, however many cells.

    A cell that cannot be read, or whose value somebody else has changed since it was seen, refuses the whole
    (:class:`Invalid`, :class:`Conflict`, field = code), nothing is written then; ``partly`` writes the good ones and
    tells of the others. Only typed figures are written: what is counted or computed is refused, and so is a return
    that has been sent. The same value again changes nothing.
    """
    row = _locked(to)
    require(actor, row.unit)
    _in_state(row, _OPEN, "sửa số liệu")
    window = window_of(row)
    codes = set(FormLine.objects.filter(org.alive_on(row.last), form=row.form).values_list("code", flat=True))
    defined = meanings(row.last)
    held = _values_of(row, [cell.code for cell in cells])
    counted = _counted_codes(row, window, defined, [c.code for c in cells])
    elsewhere = _sent_elsewhere(row, [cell.code for cell in cells])
    saved, writes = Saved(), []
    for cell in cells:
        before = held.get(cell.code)
        try:
            if cell.code not in codes or cell.code not in defined:
                raise Invalid(f"Biểu này không có chỉ tiêu «{cell.code}».", code="not_in_form")
            meaning = defined[cell.code]
            if cell.code in elsewhere:
                raise IllegalAct(
                    f"Số này đã gửi trong phiếu «{elsewhere[cell.code]}»; rút lại phiếu ấy rồi sửa.", code="sent"
                )
            after = _read_cell(cell, meaning, before, window, typed_allowed=cell.code not in counted)
            if before is not None and _plain(before) == _plain(after):
                saved.same[cell.code] = before.version
                continue
            if (before.version if before else 0) != cell.version:
                saved.conflicts.add(cell.code)
                raise Conflict(_conflict(meaning, before, cell), code="changed")
        except (Invalid, Conflict, IllegalAct) as error:
            if not partly:
                raise type(error)(error.message, code=error.code, field=cell.code) from None
            saved.refused[cell.code] = error.message
            continue
        writes.append((before, after))
    _write(row, writes, actor, how, saved)
    return saved


@verb
def attach_evidence(
    *, to: int, code: str, content: Iterable[bytes] | None, name: str = "", version: int = 0, actor: User | None = None
) -> Value:
    """Put a file beside a value (replacing the one there; ``None`` takes it off). The old file stays in the record."""
    row = _locked(to)
    require(actor, row.unit)
    _in_state(row, _OPEN, "sửa số liệu")
    defined = meanings(row.last)
    if not FormLine.objects.filter(org.alive_on(row.last), form=row.form, code=code).exists() or code not in defined:
        raise NotFound(f"Biểu này không có chỉ tiêu «{code}».")
    before = _values_of(row, [code]).get(code)
    if version and before is not None and before.version != version:
        raise Conflict(_conflict(defined[code], before, Cell(code)), code="changed")
    after = _copy(before, row, defined[code])
    blob = files.store(content) if content is not None else None
    after.evidence = blob
    after.evidence_name = files.safe_name(name, blob.media_type)[:140] if blob else ""
    saved = Saved()
    _write(row, [(before, after)], actor, "evidence", saved)
    return Value.objects.get(unit=row.unit_id, indicator=defined[code].pk, first=row.first, last=row.last)


def _read_cell(cell: Cell, meaning: Meaning, before: Value | None, window: Window, *, typed_allowed: bool) -> Value:
    """The row as it is to be. Raises :class:`Invalid` with what cannot be read."""
    after = _copy(before, None, meaning)
    after.first, after.last = window.first, window.last
    if cell.typed is not None:
        said = text.nfc(cell.typed).strip()
        if said and not typed_allowed:
            raise Invalid("Số này được tính tự động, không nhập tay.", code="counted")
        _read_typed(after, said, meaning)
    if cell.note is not None:
        after.note = text.clean(cell.note)
        if len(after.note) > _MOST_NOTE:
            raise Invalid(f"Ghi chú dài quá {_MOST_NOTE} ký tự.")
    if cell.estimate is not None:
        after.estimate = cell.estimate
    if cell.own_last is not None or cell.own_first is not None:
        if meaning.span != Span.OWN:
            raise Invalid("Chỉ tiêu này tính theo kỳ của phiếu, không có ngày chốt riêng.")
        after.own_first, after.own_last = cell.own_first or _own_first(before, cell.own_last), cell.own_last
        if after.own_last is None or (after.own_first is not None and after.own_first > after.own_last):
            raise Invalid("Ngày chốt riêng của chỉ tiêu chưa đúng.")
        if after.own_last > clock.today():
            raise Invalid(f"Ngày {after.own_last:%d/%m/%Y} chưa tới.")
    return after


def _own_first(before: Value | None, last: dt.date | None) -> dt.date | None:
    """Where only the last day is said: from the day it counted from before, else from the beginning of the year."""
    if last is None:
        return None
    kept = before.own_first if before is not None else None
    return kept if kept is not None and kept <= last else dt.date(last.year, 1, 1)


def _read_typed(after: Value, said: str, meaning: Meaning) -> None:
    after.number = after.numerator = after.denominator = None
    after.text, after.nothing = "", False
    if notation.says_nothing(said):
        after.nothing = True
    elif meaning.kind == Kind.TEXT:
        if len(said) > _MOST_TEXT:
            raise Invalid(f"Nội dung dài quá {_MOST_TEXT} ký tự.")
        after.text = said
    elif meaning.kind == Kind.YES_NO:
        after.number = notation.read_yes_no(said)
    elif meaning.kind == Kind.RATIO:
        _read_ratio(after, said, meaning)
    else:
        after.number = notation.read_number(said, meaning.decimals)
        if after.number is not None and after.number < 0 and meaning.kind == Kind.COUNT:
            raise Invalid("Số lượng không âm được.")


def _read_ratio(after: Value, said: str, meaning: Meaning) -> None:
    """«26/32», or a percentage where only that is known (it cannot be added up then)."""
    top, slash, bottom = said.partition("/")
    if not slash:
        after.number = notation.read_number(said, max(meaning.decimals, 2))
        if after.number is not None and (after.number < 0 or (after.number > 100 and not meaning.may_exceed)):
            raise Invalid("Tỷ lệ từ 0 đến 100%. Nên gõ cả hai số, ví dụ 26/32.")
        return
    after.numerator, after.denominator = notation.read_number(top, 4), notation.read_number(bottom, 4)
    if after.numerator is None or after.denominator is None:
        raise Invalid("Gõ cả tử số và mẫu số, ví dụ 26/32.")
    if after.numerator < 0 or after.denominator < 0:
        raise Invalid("Tử số, mẫu số không âm được.")
    if after.numerator > after.denominator and not meaning.may_exceed:
        shown = (notation.for_typing(after.numerator), notation.for_typing(after.denominator))
        raise Invalid(f"Tử số {shown[0]} lớn hơn mẫu số {shown[1]}.")


def _copy(before: Value | None, row: Return | None, meaning: Meaning) -> Value:
    made = Value(indicator_id=meaning.pk)
    if row is not None:
        made.first, made.last = row.first, row.last
    if before is not None:
        for name in _FIELDS:
            setattr(made, name, getattr(before, name))
    return made


def _write(
    row: Return, writes: Sequence[tuple[Value | None, Value]], actor: User | None, how: str, saved: Saved
) -> None:  # fmt: skip
    """New and changed rows, and what each said before. Five statements at most."""
    if not writes:
        return
    now = clock.now()
    new: list[Value] = []
    old: list[Value] = []
    changes: list[tuple[Value, dict[str, Any]]] = []
    for before, after in writes:
        kept = after if before is None else before
        said_before = {} if before is None else _plain(before)
        if before is not None:
            for name in _FIELDS:
                setattr(kept, name, getattr(after, name))
        kept.unit_id, kept.version = row.unit_id, (before.version + 1 if before is not None else 1)
        kept.updated_at, kept.updated_by = now, actor
        (new if before is None else old).append(kept)
        changes.append((kept, said_before))
    Value.objects.bulk_create(new)
    Value.objects.bulk_update(old, [*(n.removesuffix("_id") for n in _FIELDS), "version", "updated_at", "updated_by"])
    ValueChange.objects.bulk_create(
        [ValueChange(value=v, at=now, by=actor, how=how, before=b, after=_plain(v)) for v, b in changes]
    )
    codes = dict(
        Value.objects.filter(pk__in=[v.pk for v, _ in changes]).values_list("indicator__code", "version")
    )  # fmt: skip
    saved.done.update(codes)
    Return.objects.filter(pk=row.pk).update(version=row.version + 1)


def _plain(value: Value) -> dict[str, Any]:
    """A row as kept in the record of changes; only what says something."""
    found: dict[str, Any] = {}
    for name in _FIELDS:
        given = getattr(value, name)
        if isinstance(given, Decimal):
            found[name] = figure.plain(given)
        elif isinstance(given, dt.date):
            found[name] = given.isoformat()
        elif given not in (None, "", False):
            found[name] = given
    return found


def spoken(plain: Mapping[str, Any]) -> str:
    """A row of the record of changes in words, as typed."""
    if plain.get("nothing"):
        return notation.NOTHING
    if "numerator" in plain:
        return "/".join(notation.for_typing(Decimal(plain[n])) for n in ("numerator", "denominator"))
    if "number" in plain:
        return notation.for_typing(Decimal(plain["number"]))
    return str(plain.get("text", ""))


def _conflict(meaning: Meaning, before: Value | None, cell: Cell) -> str:
    yours = f" (bạn gõ «{cell.typed}»)" if cell.typed else ""
    if before is None:
        return f"«{meaning.name}»: số này đã bị xóa từ lúc bạn mở{yours}. Hãy tải lại trang."
    when = clock.local(before.updated_at)
    who = before.updated_by.full_name if before.updated_by else "hệ thống"
    return (
        f"«{meaning.name}»: {who} đã ghi «{spoken(_plain(before)) or 'trống'}» lúc {when:%H:%M %d/%m/%Y}, sau khi bạn "
        f"mở{yours}. Xem lại rồi ghi tiếp."
    )


# ---- who and when ---------------------------------------------------------------------------------------------------


def window_of(row: Return) -> Window:
    """The window of a return. No SQL."""
    return Window(row.first, row.last, row.label, row.rule)


def require(actor: User | None, unit: Unit) -> None:
    """Refuse an actor who does not keep figures of this unit. One statement."""
    if actor is None:
        return
    if not org.scope(actor, FILLERS, clock.today()).contains(unit.pk):
        raise NotAllowed(f"Việc này cần nhiệm vụ Đầu mối CCHC hoặc Đầu mối KSTTHC tại {unit.name}, hoặc ở cấp trên.")


def require_above(actor: User | None, unit: Unit) -> None:
    """Refuse an actor who does not hold the duty at a unit above this one. At most three statements."""
    if actor is None:
        return
    today = clock.today()
    seats = {seat.pk for duty, seat in org.duties(actor, today) if duty in FILLERS} - {unit.pk}
    place = UnitPlace.objects.filter(unit=unit).order_by("-valid_from").values_list("path", flat=True).first()
    above = {int(step) for step in (place or "").split("/") if step}
    # A unit that has ended is seen by whoever succeeded it or what stood above it.
    ended = unit.valid_to is not None and unit.valid_to < today
    if not (seats & above or (ended and seats and org.scope(actor, FILLERS, today).contains(unit.pk))):
        raise NotAllowed(f"Tiếp nhận, trả lại phiếu của {unit.name} là việc của đầu mối ở đơn vị cấp trên.")


def _locked(pk: int) -> Return:
    row = Return.objects.select_for_update(of=("self",)).select_related("unit", "form").filter(pk=pk).first()
    if row is None:
        raise NotFound("Không có phiếu số liệu này.", code="return_unknown")
    return row


def _in_state(row: Return, states: Sequence[ReturnState], what: str) -> None:
    if row.state not in states:
        raise IllegalAct(
            f"Phiếu {row.label} của {row.unit.name} đang ở tình trạng «{row.get_state_display()}», không {what} được.",
            code="wrong_state",
        )


def _who_changed(row: Return) -> str:
    last = (
        ValueChange.objects.filter(value__unit=row.unit_id, value__first=row.first, value__last=row.last)
        .select_related("by")
        .order_by("-pk")
        .first()
    )
    return f" ({last.by.full_name}, {clock.local(last.at):%H:%M %d/%m/%Y})" if last and last.by else ""


def _values_of(row: Return, codes: Sequence[str]) -> dict[str, Value]:
    rows = Value.objects.filter(
        unit=row.unit_id, first=row.first, last=row.last, indicator__code__in=set(codes)
    ).select_related("indicator", "updated_by")
    return {value.indicator.code: value for value in rows}


def _counted_codes(row: Return, window: Window, defined: Mapping[str, Meaning], codes: Sequence[str]) -> set[str]:
    """Which of these are not typed: computed ones, and those their source knows of this unit."""
    computed = {code for code in codes if code in defined and (defined[code].formula or defined[code].numerator)}
    of_source = [code for code in codes if code in defined and defined[code].origin == Origin.SOURCE]
    if not of_source:
        return computed
    told = queries.figures(org.SYSTEM, codes=of_source, units=[row.unit], window=window)[row.unit_id]
    return computed | {code for code in of_source if told[code].where == figure.SOURCE}


def _sent_elsewhere(row: Return, codes: Sequence[str]) -> dict[str, str]:
    """Which of these figures stand in another return of the unit and window that has been sent. One statement."""
    rows = FormLine.objects.filter(
        code__in=set(codes),
        form__returns__unit=row.unit_id,
        form__returns__first=row.first,
        form__returns__last=row.last,
        form__returns__state__in=[ReturnState.SUBMITTED, ReturnState.ACCEPTED],
    ).exclude(form=row.form)
    return dict(rows.values_list("code", "form__name"))
