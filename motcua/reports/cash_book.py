"""Bảng kê thu trong ngày as an Excel workbook: real numbers, sums that are the sums of the rows, ready to print."""

import datetime as dt
import io
from typing import Any

import xlsxwriter

from motcua.core import clock
from motcua.dossiers.charging import CashGroup, CashList, CashRow
from motcua.dossiers.counter_models import MoneyKind

_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_HEAD = ("TT", "Số phiếu thu", "Giờ", "Mã hồ sơ", "Chủ hồ sơ", "Thủ tục", "Tiền mặt", "Chuyển khoản", "Ghi chú", "Chốt")
_WIDTHS = (5, 14, 8, 30, 26, 44, 14, 14, 30, 10)
_NAMED = {MoneyKind.VOID: "Hủy phiếu thu", MoneyKind.REFUND: "Trả lại tiền"}
_A4 = 9


def cash_workbook(cash: CashList) -> bytes:
    """The bytes of an .xlsx of one day's list; the same list gives the same bytes. No formulas: nobody's text becomes
    one."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    title = f"BẢNG KÊ THU PHÍ, LỆ PHÍ NGÀY {cash.day:%d/%m/%Y}"
    start = dt.datetime.combine(cash.day, dt.time())
    book.set_properties({"title": title, "author": cash.desk.name, "created": start})
    plain, bold = book.add_format({**_FONT, "border": 1, "text_wrap": True}), book.add_format({**_FONT, "bold": True})
    head = book.add_format({**_FONT, "bold": True, "border": 1, "align": "center", "text_wrap": True})
    money = book.add_format({**_FONT, "border": 1, "num_format": "#,##0"})
    total = book.add_format({**_FONT, "border": 1, "bold": True, "num_format": "#,##0"})
    label = book.add_format({**_FONT, "border": 1, "bold": True})
    page = book.add_worksheet("Bảng kê thu")
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    page.write_string(0, 0, cash.desk.name, bold)
    page.write_string(1, 0, title, bold)
    page.write_string(2, 0, "Đơn vị tính: đồng", book.add_format({**_FONT, "italic": True}))
    row = 4
    for column, text in enumerate(_HEAD):
        page.write_string(row, column, text, head)
    row += 1
    ordinal = 0
    for group in cash.groups:
        page.merge_range(row, 0, row, len(_HEAD) - 1, "", label)
        page.write_string(row, 0, f"Người thu: {group.collector.full_name}", label)
        row += 1
        for line in group.rows:
            ordinal += 1
            _line(page, row, ordinal, line, plain, money)
            row += 1
        _sums(page, row, f"Cộng {group.collector.full_name}", group.cash, group.transfer, label, total)
        row += 1
        row = _closings(page, row, group, plain, money)
    _sums(page, row, "Tổng cộng", cash.cash, cash.transfer, label, total)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(4)
    page.set_footer("&R&9Trang &P/&N")
    book.close()
    return held.getvalue()


def _line(page: Any, row: int, ordinal: int, line: CashRow, plain: Any, money: Any) -> None:
    entry = line.entry
    note = _NAMED.get(MoneyKind(entry.kind), "Đã hủy" if line.voided else "")
    texts = {
        1: line.number,
        2: f"{clock.local(entry.at):%H:%M}",
        3: str(entry.dossier),
        4: entry.dossier.applicant.name,
        5: entry.dossier.procedure_version.name,
        8: ": ".join(t for t in (note, entry.reason) if t),
        9: f"lần {line.closed}" if line.closed else "chưa chốt",
    }
    page.write_number(row, 0, ordinal, plain)
    for column, text in texts.items():
        page.write_string(row, column, text, plain)
    page.write_number(row, 6, line.cash, money)
    page.write_number(row, 7, line.transfer, money)


def _sums(page: Any, row: int, text: str, cash: int, transfer: int, label: Any, total: Any) -> None:
    page.merge_range(row, 0, row, 5, "", label)
    page.write_string(row, 0, text, label)
    page.write_number(row, 6, cash, total)
    page.write_number(row, 7, transfer, total)
    page.write_number(row, 8, cash + transfer, total)
    page.write_blank(row, 9, None, label)


def _closings(page: Any, row: int, group: CashGroup, plain: Any, money: Any) -> int:
    for closing in group.closings:
        said = f"Chốt lần {closing.ordinal} lúc {clock.local(closing.at):%H:%M}, {closing.receipts} phiếu"
        page.merge_range(row, 0, row, 5, "", plain)
        page.write_string(row, 0, f"{said}; tiền mặt kiểm đếm và chênh lệch", plain)
        page.write_number(row, 6, closing.counted, money)
        page.write_number(row, 7, closing.counted - closing.cash, money)
        page.write_string(row, 8, closing.note, plain)
        page.write_blank(row, 9, None, plain)
        row += 1
    return row
