"""A return as an Excel sheet, out and in. What comes in is only proposed: nothing is written here.

Coming in, a row is recognised by our code, by the name of the indicator, or by what the unit's own sheet called it the
last time. Only values are read: formulas, links and macros of a workbook are never run or followed
(:mod:`motcua.papers.spreadsheet` refuses what would swell or run).
"""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import clean, fold
from motcua.indicators import notation, windows
from motcua.indicators.figure import MANUAL, NONE, VALUE, Figure
from motcua.indicators.models import Return, SheetMapping
from motcua.indicators.queries import Sheet
from motcua.papers import spreadsheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = ("STT", "Chỉ tiêu", "Đơn vị tính", "Số liệu", "Ghi chú", "Mã chỉ tiêu")
# Headings met in sheets, folded: ours first.
_COLUMNS = {
    "code": ("ma chi tieu",),
    "label": ("chi tieu", "ten chi tieu", "noi dung", "noi dung chi tieu", "tieu chi", "ten tieu chi"),
    "value": ("so lieu", "gia tri", "ket qua", "ket qua thuc hien", "so luong", "thuc hien", "so lieu bao cao"),
    "note": ("ghi chu",),
}
_MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Proposed:
    """A row of the sheet that says something of an indicator: what stands now, what would be typed."""

    line: int
    code: str
    name: str
    label: str
    typed: str
    note: str
    now: str
    version: int
    new: bool


@dataclass
class Proposal:
    """What taking in a sheet would do. ``unknown``: rows with a figure that nothing was recognised by."""

    changes: list[Proposed] = field(default_factory=list)
    same: int = 0
    skipped: list[tuple[int, str, str]] = field(default_factory=list)
    unknown: list[tuple[int, str, str]] = field(default_factory=list)


def workbook(sheet: Sheet, unit_id: int, heading: str) -> bytes:
    """The return as .xlsx; text is written as text, so that nothing in it can become a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("Số liệu")
    bold, head = book.add_format({"bold": True}), book.add_format({"bold": True, "border": 1, "text_wrap": True})
    wrap, counted = book.add_format({"text_wrap": True}), book.add_format({"bg_color": "#EEF2F4"})
    page.write_string(0, 0, sheet.form.title, bold)
    page.write_string(1, 0, f"{heading}, {sheet.window.label} ({windows.spoken(sheet.window)})")
    for column, (title, width) in enumerate(zip(_HEAD, (8, 60, 14, 16, 30, 24), strict=True)):
        page.set_column(column, column, width)
        page.write_string(3, column, title, head)
    row = 4
    for line in sheet.lines:
        page.write_string(row, 0, line.number)
        if line.meaning is None:
            page.write_string(row, 1, line.heading, bold)
        else:
            found = sheet.figure(unit_id, line.code)
            page.write_string(row, 1, line.meaning.name, wrap)
            page.write_string(row, 2, line.meaning.unit_of_measure)
            _write(page, row, found, None if found.where == MANUAL else counted)
            page.write_string(row, 4, found.note, wrap)
            page.write_string(row, 5, line.code)
        row += 1
    page.freeze_panes(4, 2)
    page.write_string(
        row + 1, 1, "Ô nền xám là số tính tự động. Gõ số theo mẫu 1.234,5; tỷ lệ gõ 26/32; hoặc «không có»."
    )
    book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001 the same bytes for the same figures
    book.close()
    return out.getvalue()


def _write(page: Any, row: int, found: Figure, style: Any) -> None:
    paired = found.meaning.kind == "ratio" and found.where == MANUAL and found.numerator is not None
    if paired:
        page.write_string(row, 3, as_typed(found), style)
    elif found.state == VALUE and found.rounded is not None and found.meaning.kind not in ("text", "yes_no"):
        page.write_number(row, 3, float(found.rounded), style)
    elif found.state in (VALUE, NONE):
        page.write_string(row, 3, found.shown, style)
    elif style is not None:
        page.write_blank(row, 3, None, style)


def as_typed(found: Figure) -> str:
    """A typed figure as it stands in its input: 1.234,5 · 26/32 · không có · Có · empty."""
    if found.state == NONE:
        return notation.NOTHING
    if found.meaning.kind == "ratio" and found.numerator is not None and found.where == MANUAL:
        return f"{notation.for_typing(found.numerator)}/{notation.for_typing(found.denominator)}"
    if found.state != VALUE:
        return ""
    if found.meaning.kind in ("text", "yes_no"):
        return found.shown
    return notation.for_typing(found.value)


# ---- in -------------------------------------------------------------------------------------------------------------


def propose(path: Path, row: Return, sheet: Sheet, chosen: Mapping[str, str] | None = None) -> Proposal:
    """What a sheet says, beside what stands now. ``chosen``: the row's label → code, as a person says now.

    Two statements. Raises :class:`Invalid` for a file that is not read, or in which no figures are found.
    """
    rows = spreadsheet.open_rows(path)
    top, columns = _columns(rows)
    remembered = (
        SheetMapping.objects.filter(unit=row.unit_id, form=row.form_id).values_list("labels", flat=True).first()
    )
    told = sheet.told[row.unit_id]
    names = _names(sheet)
    labels = {**(remembered or {}), **{fold(label): code for label, code in (chosen or {}).items()}}
    found, seen = Proposal(), set()
    for at, cells in enumerate(rows[top + 1 : top + 1 + _MOST_ROWS], start=top + 2):
        label, said = _cell(cells, columns.get("label")), _cell_value(cells, columns.get("value"))
        code = _cell(cells, columns.get("code"))
        if code not in told:
            code = labels.get(fold(label), names.get(fold(label), ""))
        if code not in told:
            if label and said:
                found.unknown.append((at, label[:200], said))
            continue
        if not said:
            continue
        now = told[code]
        name = now.meaning.name
        if now.where != MANUAL:
            if said != notation.for_typing(now.rounded):
                found.skipped.append((at, name, "số tính tự động, không nhập từ tệp"))
            continue
        if code in seen:
            found.skipped.append((at, name, "dòng thứ hai của cùng một chỉ tiêu"))
            continue
        seen.add(code)
        note = _cell(cells, columns.get("note"))[:500]
        if _alike(said, as_typed(now)) and note in ("", now.note):
            found.same += 1
            continue
        shown = as_typed(now)
        found.changes.append(Proposed(at, code, name, label, said, note, shown, now.version, not shown))
    if not (found.changes or found.same or found.unknown or found.skipped):
        raise Invalid("Tệp không có dòng số liệu nào của biểu này.")
    return found


def remember(row: Return, labels: Mapping[str, str]) -> None:
    """Keep what the unit's own sheet calls our indicators. Two statements."""
    kept, _ = SheetMapping.objects.get_or_create(unit=row.unit, form=row.form, defaults={"updated_at": clock.now()})
    kept.labels = {**kept.labels, **{fold(label): code for label, code in labels.items() if label and code}}
    kept.updated_at = clock.now()
    kept.save()


def _columns(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """The row of headings, among the first thirty, and which column means what."""
    for at, cells in enumerate(rows[:30]):
        plain = [fold(clean(str(cell or ""))) for cell in cells]
        found: dict[str, int] = {}
        for name, words in _COLUMNS.items():
            column = next((plain.index(word) for word in words if word in plain), None)
            if column is not None:
                found[name] = column
        if "value" in found and ("label" in found or "code" in found):
            return at, found
    raise Invalid(
        "Không thấy dòng tiêu đề trong 30 dòng đầu. Tệp cần cột «Chỉ tiêu» (hoặc «Mã chỉ tiêu») và «Số liệu»."
    )


def _names(sheet: Sheet) -> dict[str, str]:
    """Folded name → code, of names that stand once; a name may carry its unit of measure."""
    found: dict[str, list[str]] = {}
    for line in sheet.lines:
        if line.meaning:
            for name in (line.meaning.name, f"{line.meaning.name} ({line.meaning.unit_of_measure})"):
                found.setdefault(fold(name), []).append(line.code)
    return {name: codes[0] for name, codes in found.items() if len(codes) == 1}


def _cell(cells: Sequence[Any], at: int | None) -> str:
    return clean(str(cells[at])) if at is not None and at < len(cells) and cells[at] is not None else ""


def _cell_value(cells: Sequence[Any], at: int | None) -> str:
    """A figure as people type it; a number of Excel in Vietnamese notation."""
    cell = cells[at] if at is not None and at < len(cells) else None
    if isinstance(cell, bool):
        return "Có" if cell else "Không"
    if isinstance(cell, (int, float)):
        return notation.for_typing(Decimal(repr(cell)).quantize(Decimal("0.0001")).normalize())
    if isinstance(cell, (dt.date, dt.datetime, dt.time)):
        return f"{cell:%d/%m/%Y}" if not isinstance(cell, dt.time) else str(cell)
    return clean(str(cell)) if cell is not None else ""


def _alike(one: str, other: str) -> bool:
    try:
        return notation.read_number(one, 4) == notation.read_number(other, 4) and bool(one) == bool(other)
    except Invalid:
        return fold(one) == fold(other)
