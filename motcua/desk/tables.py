"""A plain table as an Excel file: real text and numbers, no formulas."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx(name: str, title: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """An .xlsx to download: lines of a title, a head that stays in sight and can be filtered, the rows."""
    held = io.BytesIO()
    # What people have typed must not become a formula or an address.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, plain) as book:
        page = book.add_worksheet()
        font = {"font_name": "Times New Roman", "font_size": 12}
        bold = book.add_format({**font, "bold": True})
        head = book.add_format({**font, "bold": True, "border": 1, "text_wrap": True, "valign": "vcenter"})
        cell = book.add_format({**font, "border": 1, "text_wrap": True, "valign": "top"})
        for n, line in enumerate(title):
            page.write_string(n, 0, line, bold)
        top = len(title) + bool(title)
        widths = [len(heading) for heading in headings]
        page.write_row(top, 0, headings, head)
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for at, value in enumerate(row):
                widths[at] = max(widths[at], min(len(str(value)), 45))
                page.write(last, at, value, cell)
        for at, width in enumerate(widths):
            page.set_column(at, at, width + 2)
        page.freeze_panes(top + 1, 0)
        page.autofilter(top, 0, last, len(headings) - 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)
    response = HttpResponse(held.getvalue(), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
