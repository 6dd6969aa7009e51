"""Lists of a register from Excel: which heading is which column, and what taking the list in would change."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import fold
from motcua.org.models import Unit
from motcua.org.queries import Scope, among
from motcua.papers import files, spreadsheet
from motcua.programme import rules
from motcua.programme.describing import Register, plain
from motcua.programme.keeping import Entry
from motcua.programme.models import ListRun

# Columns that every list may have beside the register's own: whose the line is, and whether it was struck out.
UNIT, STATE = "of_unit", "of_line"
_MORE = {
    UNIT: ("don vi", "ten don vi", "co quan don vi", "ma don vi"),
    STATE: ("tinh trang dong", "trang thai dong"),
    "note": ("ghi chu",),
}
LINE_LIMIT = 5000
_HEAD = 30


def headings_of(register: Register) -> dict[str, str]:
    """Every column a list may have, with the heading our own file gives it."""
    own = {column.name: register.heading(column.name) for column in register.columns}
    return {UNIT: "Đơn vị", **own, "note": register.heading("note"), STATE: "Tình trạng dòng"}


def cells_of(content: bytes, name: str) -> list[list[Any]]:
    """The cells of a list's first sheet. Invalid, naming the file as the person knows it."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        path = Path(file.name)
        try:
            cells = spreadsheet.open_rows(path)
        except Invalid as error:
            raise Invalid(error.message.replace(path.name, f"«{name}»"), field="file") from error
    if len(cells) > LINE_LIMIT + _HEAD:
        raise Invalid(f"Danh sách có {len(cells)} dòng, một lần nhập nhiều nhất {LINE_LIMIT}.", field="file")
    return cells


def _plain(heading: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(heading)).split())


def propose(register: Register, headings: Sequence[str]) -> dict[str, int]:
    """Column → place, as far as headings tell: our own words first, then words met elsewhere, then their beginnings."""
    plain_headings = [_plain(heading) for heading in headings]
    own = {name: (_plain(words),) for name, words in headings_of(register).items()}
    met = {column.name: tuple(column.words) for column in register.columns} | _MORE
    found: dict[str, int] = {}
    for words, exact in ((own, True), (met, True), (own, False), (met, False)):
        for name, known in words.items():
            if name in found:
                continue
            for word in known:
                at = next(
                    (
                        i
                        for i, heading in enumerate(plain_headings)
                        if i not in found.values()
                        and (heading == word if exact else len(word) > 4 and f"{heading} ".startswith(f"{word} "))
                    ),
                    None,
                )
                if at is not None:
                    found[name] = at
                    break
    return found


def recognised(
    register: Register, cells: Sequence[Sequence[Any]], remembered: Mapping[str, str]
) -> tuple[int, dict[str, str]]:
    """The row of headings and column → heading: proposed, and as remembered from the last list where they are there.

    Invalid when no row among the first thirty has two headings.
    """
    best: tuple[int, dict[str, int]] = (-1, {})
    fallback = -1
    for i, row in enumerate(cells[:_HEAD]):
        texts = [spreadsheet.text(cell) for cell in row]
        found = propose(register, texts)
        if len(found) > len(best[1]):
            best = (i, found)
        if fallback < 0 and sum(bool(text) for text in texts) >= 2:
            fallback = i
    header = best[0] if len(best[1]) >= 2 else fallback
    if header < 0:
        raise Invalid("Không thấy dòng tiêu đề nào trong 30 dòng đầu của danh sách.", field="file")
    texts = [spreadsheet.text(cell) for cell in cells[header]]
    mapping = {name: texts[at] for name, at in propose(register, texts).items()}
    there = {_plain(text): text for text in texts}
    known = {name: there[_plain(heading)] for name, heading in remembered.items() if _plain(heading) in there}
    # A heading told by hand the last time serves that column now, and no other.
    mapping = {name: heading for name, heading in mapping.items() if heading not in known.values()} | known
    return header, mapping


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be entered: where it stands in the file, whose it is, what it says."""

    line: int
    unit: Unit
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that differs from what stands: (column, now, in the list) each."""

    line: Line
    entry: Entry
    differences: list[tuple[str, Any, Any]]


@dataclass(slots=True)
class Plan:
    """What taking a list in would do. Nothing is written by making one."""

    headings: list[str]
    columns: dict[str, str]  # column -> heading
    missing: list[str]  # columns without which no line can be read
    new: list[Line] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: int = 0
    struck: list[tuple[int, str]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    digest: str = ""


def plan(register: Register, run: ListRun, scope: Scope, *, lock: bool = False) -> Plan:
    """What a list kept for a register would change, read with the columns told. Two statements, and the file."""
    with files.read(run.file) as content:
        cells = cells_of(content.read(), run.file_name)
    header, _ = recognised(register, cells, run.mapping)
    headings = [spreadsheet.text(cell) for cell in cells[header]]
    at = {_plain(heading): i for i, heading in reversed(list(enumerate(headings)))}
    columns = {name: at[_plain(heading)] for name, heading in run.mapping.items() if _plain(heading) in at}
    found = Plan(
        headings=[heading for heading in headings if heading],
        columns={name: headings[i] for name, i in columns.items()},
        missing=[
            register.heading(name)
            for name in register.fields
            if name not in columns and (register.required(name) or _needed(register, name))
        ],
    )
    if not found.missing:
        _read_lines(register, run, scope, found, cells, header, columns, lock)
    found.digest = _digest(found)
    return found


def _needed(register: Register, name: str) -> bool:
    """A column that tells lines apart, and that the model does not fill by itself."""
    described = register.fields[name]
    return name in register.identity and not described.has_default() and not described.blank


def _read_lines(
    register: Register,
    run: ListRun,
    scope: Scope,
    found: Plan,
    cells: Sequence[Sequence[Any]],
    header: int,
    columns: Mapping[str, int],
    lock: bool,
) -> None:
    names_units = UNIT in columns or any(f.is_relation for f in register.fields.values())
    finder = _finder(scope) if names_units else _nobody
    today = clock.today()
    seen: dict[Any, int] = {}
    lines: list[tuple[Line, list[str]]] = []
    for number, row in enumerate(cells[header + 1 :], start=header + 2):
        texts = [spreadsheet.text(cell) for cell in row]
        if not any(texts) or _is_total(texts, row, columns):
            continue
        try:
            if STATE in columns and fold(texts[columns[STATE]]).startswith("huy"):
                found.struck.append((number, "tệp ghi là đã hủy"))
                continue
            unit = run.unit
            if UNIT in columns and texts[columns[UNIT]]:
                unit = finder(texts[columns[UNIT]])
            given = {
                name: rules.read(register, name, row[i] if i < len(row) else None, finder)
                for name, i in columns.items()
                if name in register.fields
            }
            values = rules.checked(register, given, today)
            key = (unit.pk, rules.identity(register, values))
            if key in seen:
                raise Invalid(f"trùng với dòng {seen[key]} của tệp")
            seen[key] = number
            rules.within_life(register, unit, values)
        except Invalid as error:
            found.bad.append((number, error.message))
            continue
        lines.append((Line(number, unit, values), list(given)))
    _compare(register, found, lines, lock)


def _compare(register: Register, found: Plan, lines: Sequence[tuple[Line, list[str]]], lock: bool) -> None:
    """Set the lines against what stands of their units."""
    manager = register.model._default_manager
    rows = manager.select_for_update(of=("self",)) if lock else manager.all()
    rows = rows.filter(among("unit", {line.unit.pk for line, _ in lines})).order_by("pk")
    units = [name for name, f in register.fields.items() if f.is_relation]
    standing: dict[Any, Entry] = {}
    struck: dict[Any, Entry] = {}
    for row in rows.select_related(*units) if units else rows:
        key = (row.unit_id, rules.identity(register, {n: getattr(row, n) for n in register.identity}))
        (standing if row.struck_at is None else struck)[key] = row
    for line, told in lines:
        key = (line.unit.pk, rules.identity(register, line.values))
        entry = standing.get(key)
        if entry is None:
            if key in struck:
                day = clock.local_date(struck[key].struck_at)  # type: ignore[arg-type]
                found.struck.append((line.line, f"đã hủy ngày {day:%d/%m/%Y}: {struck[key].struck_reason}"))
            else:
                found.new.append(line)
            continue
        # What the list has no column for stays as it is.
        values = {n: line.values[n] if n in told else getattr(entry, n) for n in register.fields}
        different = [(n, getattr(entry, n), values[n]) for n in told if plain(getattr(entry, n)) != plain(values[n])]
        if different:
            found.changed.append(Changed(Line(line.line, line.unit, values), entry, different))
        else:
            found.same += 1
    found.struck.sort()
    found.bad.sort()


def _is_total(texts: Sequence[str], row: Sequence[Any], columns: Mapping[str, int]) -> bool:
    """A line of sums under a list: «Tổng», «Cộng» in it, and hardly anything else that is text."""
    words = [fold(text) for text, cell in zip(texts, row, strict=True) if text and not isinstance(cell, (int, float))]
    return len(words) == 1 and words[0].split(" ")[0].strip(":.") in ("tong", "cong")


def _nobody(typed: str) -> Unit:
    raise Invalid(f"không có đơn vị «{typed[:60]}»")


def _finder(scope: Scope) -> rules.FindUnit:
    """Units of a scope by code, short code or name. One statement."""
    by_code: dict[str, list[Unit]] = {}
    by_name: dict[str, list[Unit]] = {}
    for unit in scope.filter(Unit.objects.all(), "id"):
        for code in {unit.code, unit.short_code} - {""}:
            by_code.setdefault(code.upper(), []).append(unit)
        by_name.setdefault(fold(unit.name), []).append(unit)
        if unit.valid_to is not None:
            # As our own file names it.
            by_name.setdefault(fold(f"{unit.name} (đến hết {unit.valid_to:%d/%m/%Y})"), []).append(unit)

    def find(typed: str) -> Unit:
        some = by_code.get(typed.strip().upper()) or by_name.get(fold(typed)) or []
        alive = [unit for unit in some if unit.valid_to is None] or some
        if len(alive) != 1:
            why = "nhiều đơn vị cùng tên" if alive else "không có đơn vị"
            raise Invalid(f"{why} «{typed[:60]}» trong phạm vi của bạn" + ("; ghi mã đơn vị" if alive else ""))
        return alive[0]

    return find


def _digest(found: Plan) -> str:
    told = [
        [[line.line, line.unit.pk, {n: plain(v) for n, v in line.values.items()}] for line in found.new],
        [[c.line.line, c.entry.pk, c.entry.version, [n for n, _, _ in c.differences]] for c in found.changed],
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


__all__ = [
    "STATE",
    "UNIT",
    "Changed",
    "Line",
    "Plan",
    "cells_of",
    "headings_of",
    "plan",
    "propose",
    "recognised",
]
