"""A statement as an Excel workbook: real numbers, the form's own head, ready to print on A4 landscape.

No formulas at all: what is stated is what was counted, and no text of anybody can become one.
"""

import io
import math
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from motcua.core import clock
from motcua.reports.layout import Sheet
from motcua.reports.letterhead import COUNTRY, MOTTO
from motcua.reports.paper import Paper

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_WIDTHS = (5.0, 42.0, 11.0)  # row number, name, figures; in characters
_LINE = 15.75  # points
_A4 = 9


class _Formats:
    """The formats of a workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({**_FONT, **properties})
        return self._made[key]


def workbook(paper: Paper) -> bytes:
    """The bytes of an .xlsx; the same paper gives the same bytes."""
    held = io.BytesIO()
    # In memory also means: no file of this machine, and the fixed time stamps inside the archive.
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties(
        {"title": paper.sheet.title, "author": paper.unit, "created": clock.local(paper.as_of).replace(tzinfo=None)}
    )
    formats = _Formats(book)
    _statement(book.add_worksheet(paper.sheet.mark.split("/")[0].replace("Biểu số ", "")[:31]), paper, formats)
    _source(book.add_worksheet("Nguồn số liệu"), paper, formats)
    book.close()
    return held.getvalue()


def _statement(page: Any, paper: Paper, formats: _Formats) -> None:
    sheet = paper.sheet
    last = len(sheet.columns) + 1
    page.set_column(0, 0, _WIDTHS[0])
    page.set_column(1, 1, _WIDTHS[1])
    page.set_column(2, last, _WIDTHS[2])
    top = _heading(page, paper, last, formats)
    first = _head(page, sheet, top, formats)
    row = _rows(page, sheet, first, formats)
    page.freeze_panes(first, 2)
    row = _notes(page, paper.notes, row + 1, last, formats)
    row = _signatures(page, paper, row + 1, last, formats)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(top, first - 1)
    page.print_area(0, 0, row, last)
    page.set_margins(left=0.8, right=0.6, top=0.8, bottom=0.8)
    page.set_header("", {"margin": 0.3})
    page.set_footer(f"&L&9{paper.source.replace('&', '&&')}&R&9Trang &P/&N", {"margin": 0.3})
    page.center_horizontally()


def _span(page: Any, row: int, first: int, last: int, text: str, style: Any) -> None:
    if first == last:
        page.write_string(row, first, text, style)
    else:
        # Merged empty, then written as text: merge_range itself would guess what the text is.
        page.merge_range(row, first, row, last, "", style)
        page.write_string(row, first, text, style)


def _heading(page: Any, paper: Paper, last: int, formats: _Formats) -> int:
    """Issuer and motto, title, period; returns the first row of the table's head."""
    middle = min(3, last - 1)
    head = paper.letterhead
    centre = {"align": "center"}
    left = [(head.above, False)] if head.above else []
    left += [(line, True) for line in head.issuer]
    for row, (text, bold) in enumerate(left):
        _span(page, row, 0, middle, text, formats(bold=bold, **centre))
    _span(page, 0, middle + 1, last, COUNTRY, formats(bold=True, **centre))
    _span(page, 1, middle + 1, last, MOTTO, formats(bold=True, underline=1, **centre))
    row = max(len(left), 2) + 1
    _span(page, row, 0, last, paper.sheet.title.upper(), formats(bold=True, font_size=14, **centre))
    _span(page, row + 1, 0, last, f"Kỳ báo cáo: {paper.period}", formats(**centre))
    row += 2
    for doubt in paper.doubts:
        _span(page, row, 0, last, doubt, formats(bold=True, font_color="#B01F16", **centre))
        row += 1
    _span(page, row, 0, middle, paper.sheet.mark, formats(italic=True))
    _span(page, row, middle + 1, last, "Đơn vị tính: hồ sơ", formats(italic=True, align="right"))
    return row + 1


def _head(page: Any, sheet: Sheet, top: int, formats: _Formats) -> int:
    """The head as the form prints it; returns the first row of figures."""
    style = formats(bold=True, border=1, align="center", text_wrap=True, bg_color="#ECEFF1", font_size=11)
    for level, cells in enumerate(sheet.head):
        row = top + level
        page.set_row(row, 2 * _LINE)
        for cell in cells:
            bottom, right = row + cell.rows - 1, cell.column + cell.columns - 1
            if (bottom, right) != (row, cell.column):
                page.merge_range(row, cell.column, bottom, right, "", style)
            page.write_string(row, cell.column, cell.title, style)
    row = top + len(sheet.head)
    small = formats(italic=True, border=1, align="center", font_size=9, text_wrap=True, bg_color="#ECEFF1")
    page.set_row(row, 26 if any("+" in text for text in sheet.numbers) else _LINE)
    for column, text in enumerate(sheet.numbers):
        # A sum of three does not fit its column: it may break after the sign.
        page.write_string(row, column, text.replace("=", "= "), small)
    return row + 1


def _rows(page: Any, sheet: Sheet, row: int, formats: _Formats) -> int:
    for each in sheet.rows:
        strong: dict[str, Any] = {"border": 1, "bold": each.kind != "line"}
        if each.kind == "total":
            strong["bg_color"] = "#ECEFF1"
        page.write_string(row, 0, each.ordinal, formats(align="center", **strong))
        page.write_string(row, 1, each.label, formats(text_wrap=True, **strong))
        page.set_row(row, _LINE * max(1, math.ceil(len(each.label) / (_WIDTHS[1] * 0.95))))
        for column, (cell, title) in enumerate(zip(each.cells, sheet.columns, strict=True), start=2):
            shown = formats(align="right", indent=1, num_format="0.00" if title.percent else "#,##0", **strong)
            if cell.value is None:
                page.write_string(row, column, cell.text, shown)
            else:
                page.write_number(row, column, cell.value, shown)
        row += 1
    return row


def _notes(page: Any, notes: Sequence[str], row: int, last: int, formats: _Formats) -> int:
    """The notes under the table, each as high as its text; returns the next free row."""
    room = _WIDTHS[0] + _WIDTHS[1] + _WIDTHS[2] * (last - 1)
    for note in notes:
        _span(page, row, 0, last, f"* {note}", formats(italic=True, text_wrap=True, font_size=11, valign="top"))
        page.set_row(row, _LINE * math.ceil(len(note) / (room * 0.95)))
        row += 1
    return row


def _signatures(page: Any, paper: Paper, row: int, last: int, formats: _Formats) -> int:
    middle = min(3, last - 1)
    bold, centre = formats(bold=True, align="center"), formats(italic=True, align="center")
    place = f"{paper.letterhead.place}, ngày      tháng      năm {clock.local(paper.as_of).year}"
    _span(page, row, middle + 1, last, place, centre)
    _span(page, row + 1, 0, middle, "NGƯỜI LẬP BIỂU", bold)
    _span(page, row + 1, middle + 1, last, "NGƯỜI BÁO CÁO", bold)
    _span(page, row + 2, 0, middle, "(Ký, ghi rõ họ tên)", centre)
    _span(page, row + 2, middle + 1, last, "(Ký, ghi rõ họ tên, đóng dấu)", centre)
    row += 2
    row += 5
    _span(page, row, 0, middle, paper.prepared_by, bold)
    return row


def _source(page: Any, paper: Paper, formats: _Formats) -> None:
    """Where the figures come from, on a sheet of its own: it travels with the file."""
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 100)
    page.set_portrait()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    for row, (name, text) in enumerate(paper.facts):
        page.write_string(row, 0, name, formats(bold=True, valign="top"))
        page.write_string(row, 1, text, formats(text_wrap=True, valign="top"))
        page.set_row(row, _LINE * math.ceil(len(text) / 100))
