"""The verbs of the registers: enter, correct, strike, and take in a list. Each writes what it changed beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.text import clean
from motcua.core.verbs import part_of, verb
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.papers import files
from motcua.programme import importing, queries, rules
from motcua.programme.describing import Register, kind_of, plain
from motcua.programme.keeping import Entry
from motcua.programme.models import Change, ListRun, What
from motcua.programme.registers import register_of

Values = Mapping[str, Any]
# Lists of a spreadsheet are no proof of anything signed; scans, photos and documents are.
_LIST = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent. Told apart by its content, so that the same request sent twice is known."""

    name: str
    content: bytes

    def __str__(self) -> str:
        return f"{self.name}:{hashlib.sha256(self.content).hexdigest()}"


def keeper_scope(actor: User | None, register: Register) -> Scope:
    """Where the person may write in the register today; a command (no actor) everywhere. At most one statement."""
    return org.SYSTEM if actor is None else org.scope(actor, register.keepers, clock.today())


def _require(actor: User | None, register: Register, unit: Unit, values: Values) -> None:
    scope = keeper_scope(actor, register)
    if not scope.contains(unit.pk):
        duties = " hoặc ".join(f"«{Duty(duty).label}»" for duty in register.keepers)
        raise NotAllowed(f"Sổ «{register.title}» của {unit.name} do người có nhiệm vụ {duties} ghi.")
    _hold(register, unit, values, scope)


def _hold(register: Register, unit: Unit, values: Values, scope: Scope) -> None:
    """What the register alone cannot see: the unit's life, and other units the entry names."""
    rules.within_life(register, unit, values)
    for name, field in register.fields.items():
        named = values.get(name)
        if kind_of(field) == "unit" and named is not None and not scope.contains(named.pk):
            raise Invalid(f"{register.heading(name)}: {named.name} không thuộc phạm vi của bạn.", field=name)


def _taken(register: Register, unit: Unit) -> Conflict:
    named = ", ".join(register.heading(name).lower() for name in register.identity)
    return Conflict(
        f"{unit.name} đã có một dòng cùng {named} trong sổ «{register.title}». Sửa dòng ấy, hoặc hủy rồi ghi lại.",
        code="already_entered",
    )


def _kept(upload: Upload | None) -> dict[str, Any]:
    if upload is None:
        return {}
    blob = files.store_bytes(upload.content)
    if blob.media_type == _LIST:
        raise Invalid("Tài liệu kiểm chứng là bản quét, ảnh, PDF hoặc Word, không phải tệp Excel.", field="evidence")
    return {"evidence": blob, "evidence_name": files.safe_name(upload.name, blob.media_type)[:150]}


def _file_words(entry: Entry) -> str:
    return f"{entry.evidence_name} ({entry.evidence.sha256[:12]})" if entry.evidence else ""


# ---- one entry ------------------------------------------------------------------------------------------------------
@verb
def enter(
    *, register: str, unit: Unit, values: Values, evidence: Upload | None = None, actor: User | None = None
) -> Entry:
    """Write a line into a unit's register; ``values`` by column, what is left out takes the register's default.

    Refused for who does not keep the register at the unit, for values that do not hold together, for a day outside
    the unit's life, and where the unit has such a line already. At most nine statements.
    """
    described = register_of(register)
    found = rules.checked(described, values, clock.today())
    _require(actor, described, unit, found)
    row = described.model(unit=unit, **found, **_kept(evidence), created_at=clock.now(), created_by=actor)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(described, unit) from error
    told = {name: plain(value) for name, value in found.items()}
    if row.evidence is not None:
        told["evidence"] = _file_words(row)
    _tell(described, row, What.ENTER, told, actor=actor)
    return row


@verb
def correct(
    *,
    register: str,
    entry: int,
    version: int,
    values: Values,
    evidence: Upload | None = None,
    reason: str = "",
    actor: User | None = None,
) -> Entry:
    """Set a line right. ``version`` is the one the person has read: if somebody was faster, Conflict and nothing lost.

    Columns left out stay. Nothing different: nothing is written. Refused as :func:`enter`, and for a struck line.
    """
    described = register_of(register)
    row = _locked(described, entry, version)
    found = rules.checked(described, {**_values(described, row), **values}, clock.today())
    _require(actor, described, row.unit, found)
    before = {**_values(described, row)}
    changed = {name: [plain(before[name]), plain(found[name])] for name in found if before[name] != found[name]}
    file_before = _file_words(row)
    fresh = _kept(evidence)
    for name, value in {**found, **fresh}.items():
        setattr(row, name, value)
    if fresh and _file_words(row) != file_before:
        changed["evidence"] = [file_before, _file_words(row)]
    if not changed:
        return row
    row.version += 1
    try:
        with transaction.atomic():
            row.save(update_fields=["version", *found, *fresh])
    except IntegrityError as error:
        raise _taken(described, row.unit) from error
    _tell(described, row, What.CORRECT, changed, actor=actor, reason=clean(reason)[:300])
    return row


@verb
def strike(*, register: str, entry: int, version: int, reason: str, actor: User | None = None) -> Entry:
    """Strike a line out: it stays to be seen as «hủy», counts nowhere, and never changes again. Needs a reason."""
    described = register_of(register)
    why = clean(reason)
    if not why or len(why) > 300:
        raise Invalid("Ghi lý do hủy (nhiều nhất 300 ký tự).", field="reason")
    row = _locked(described, entry, version)
    _require(actor, described, row.unit, {})
    row.struck_at, row.struck_by, row.struck_reason = clock.now(), actor, why
    row.version += 1
    row.save(update_fields=["struck_at", "struck_by", "struck_reason", "version"])
    _tell(described, row, What.STRIKE, {}, actor=actor, reason=why)
    return row


def _locked(register: Register, pk: int, version: int) -> Entry:
    rows = register.model._default_manager.select_for_update(of=("self",)).select_related(
        "evidence", *queries.related(register)
    )
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound("Không có dòng này.")
    if row.struck_at is not None:
        raise IllegalAct(f"Dòng này đã hủy ngày {clock.local(row.struck_at):%d/%m/%Y}: {row.struck_reason}.")
    if row.version != version:
        raise Conflict(
            f"Có người đã sửa dòng này sau khi bạn mở (lần ghi {row.version}). Mở lại trang để xem rồi sửa tiếp.",
            code="changed_meanwhile",
        )
    return row


def _values(register: Register, row: Entry) -> dict[str, Any]:
    return {name: getattr(row, name) for name in register.fields}


def _tell(
    register: Register, row: Entry, what: What, values: dict[str, Any], *, actor: User | None, reason: str = ""
) -> None:
    Change.objects.create(**_change(register, row, what, values, actor), reason=reason)


def _change(
    register: Register, row: Entry, what: What, values: dict[str, Any], actor: User | None, run: ListRun | None = None
) -> dict[str, Any]:
    return {
        "register": register.key,
        "entry": row.pk,
        "version": row.version,
        "unit_id": row.unit_id,
        "what": what,
        "at": clock.now(),
        "actor": actor,
        "values": values,
        "run": run,
    }


# ---- many entries ---------------------------------------------------------------------------------------------------
@verb
def enter_many(
    *,
    register: str,
    rows: Sequence[tuple[Unit, Values]],
    actor: User | None = None,
    run: ListRun | None = None,
) -> int:
    """:func:`enter` for many lines at once, all or none: a few statements however many. Answers how many.

    The first line that cannot be entered refuses all, named by its place (from 1).
    """
    described = register_of(register)
    scope, today, now = keeper_scope(actor, described), clock.today(), clock.now()
    made: list[Entry] = []
    for place, (unit, values) in enumerate(rows, start=1):
        try:
            found = rules.checked(described, values, today)
            if not scope.contains(unit.pk):
                raise NotAllowed(f"{unit.name} không thuộc phạm vi bạn ghi sổ «{described.title}».")
            _hold(described, unit, found, scope)
        except Invalid as error:
            raise Invalid(f"Dòng thứ {place}: {error.message}", field=error.field) from error
        made.append(described.model(unit=unit, **found, created_at=now, created_by=actor))
    try:
        with transaction.atomic():
            described.model._default_manager.bulk_create(made, batch_size=BATCH)
    except IntegrityError as error:
        raise _taken(described, made[0].unit) from error
    Change.objects.bulk_create(
        [
            Change(**_change(described, row, What.ENTER, {n: plain(getattr(row, n)) for n in described.fields}, actor,
                             run))
            for row in made
        ],
        batch_size=BATCH,
    )  # fmt: skip
    return len(made)


# ---- a list ---------------------------------------------------------------------------------------------------------
@verb
def hand_in_list(*, register: str, unit: Unit, upload: Upload, actor: User | None = None) -> ListRun:
    """Keep an Excel list for a unit's register and propose which heading is which column. Nothing is entered yet.

    Invalid for what is no .xlsx, holds macros, swells, or has no heading that can be told.
    """
    described = register_of(register)
    _require(actor, described, unit, {})
    cells = importing.cells_of(upload.content, upload.name)
    _, mapping = importing.recognised(described, cells, queries.remembered(described, unit))
    blob = files.store_bytes(upload.content)
    return ListRun.objects.create(
        register=described.key,
        unit=unit,
        file=blob,
        file_name=files.safe_name(upload.name, blob.media_type)[:150],
        mapping=mapping,
        created_at=clock.now(),
        created_by=actor,
    )


@verb
def map_columns(*, run: int, mapping: Mapping[str, str], actor: User | None = None) -> ListRun:
    """Say which heading is which column (column → heading; left out: not in the list). Not after it was taken in."""
    row = _run(run)
    described = register_of(row.register)
    _require(actor, described, row.unit, {})
    if row.applied_at is not None:
        raise IllegalAct("Danh sách này đã ghi vào sổ.")
    known = {*described.fields, importing.UNIT, importing.STATE}
    row.mapping = {name: clean(heading) for name, heading in mapping.items() if name in known and clean(heading)}
    row.save(update_fields=["mapping"])
    return row


@verb
def import_rows(*, run: int, digest: str, actor: User | None = None) -> ListRun:
    """Take a list in as it was shown: new lines entered, different ones corrected, all or none; the rest left alone.

    ``digest`` is that of the plan the person has seen: where the register has moved on since, Conflict.
    The same list again changes nothing. A constant number of statements per 500 lines.
    """
    row = _run(run)
    described = register_of(row.register)
    _require(actor, described, row.unit, {})
    if row.applied_at is not None:
        raise IllegalAct(f"Danh sách này đã ghi vào sổ ngày {clock.local(row.applied_at):%d/%m/%Y}.")
    planned = importing.plan(described, row, keeper_scope(actor, described), lock=True)
    if planned.digest != digest:
        raise Conflict("Sổ đã thay đổi từ lúc bạn xem trước. Xem lại rồi ghi.", code="changed_meanwhile")
    if planned.new:
        part_of(
            enter_many,
            register=described.key,
            rows=[(line.unit, line.values) for line in planned.new],
            actor=actor,
            run=row,
        )
    _correct_many(described, planned.changed, actor, row)
    row.applied_at = clock.now()
    row.new, row.changed, row.same = len(planned.new), len(planned.changed), planned.same
    row.left_out = len(planned.bad) + len(planned.struck)
    row.save(update_fields=["applied_at", "new", "changed", "same", "left_out"])
    return row


def _correct_many(register: Register, changed: Sequence["importing.Changed"], actor: User | None, run: ListRun) -> None:
    if not changed:
        return
    told = []
    for each in changed:
        for name, value in each.line.values.items():
            setattr(each.entry, name, value)
        each.entry.version += 1
        values = {name: [plain(before), plain(after)] for name, before, after in each.differences}
        told.append(Change(**_change(register, each.entry, What.CORRECT, values, actor, run)))
    rows: list[models.Model] = [each.entry for each in changed]
    register.model._default_manager.bulk_update(rows, [*register.fields, "version"], batch_size=100)  # type: ignore[arg-type]
    Change.objects.bulk_create(told, batch_size=BATCH)


def _run(pk: int) -> ListRun:
    row = ListRun.objects.select_for_update(of=("self",)).select_related("unit", "file").filter(pk=pk).first()
    if row is None:
        raise NotFound("Không có danh sách này.")
    return row
