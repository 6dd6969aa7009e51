"""``motcua statement``: a statement on the terminal, as JSON, or frozen."""

import datetime as dt
import json
import re
import shutil
import sys
import unicodedata
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.ledger import behind, forms, freeze, queries
from motcua.ledger.models import Book
from motcua.ledger.statement import BY, Statement
from motcua.ledger.totals_models import Cutoff
from motcua.org.models import Unit
from motcua.org.queries import SYSTEM, unit_by_code
from motcua.reports import layout, rates, receipt
from motcua.reports.due_day import on_due_day

_WORDS = {
    "unit": "Đơn vị",
    "procedure": "Thủ tục",
    "field": "Lĩnh vực",
    "channel": "Hình thức nộp",
    "desk": "Nơi tiếp nhận",
}


class Command(BaseCommand):
    help = "Lập biểu tổng hợp từ sổ số liệu: kỳ trước + tiếp nhận + chuyển = đã giải quyết + còn lại."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", required=True, metavar="MÃ", help="mã đơn vị; gồm cả các đơn vị bên dưới")
        parser.add_argument("--from", required=True, dest="start", metavar="NGÀY", help="từ ngày, ví dụ 05/01/2023")
        parser.add_argument("--to", required=True, dest="end", metavar="NGÀY", help="đến hết ngày")
        parser.add_argument(
            "--by",
            default="unit",
            help=f"chia theo: {', '.join((*BY, receipt.BY))} (mặc định unit; desk là nơi tiếp nhận)",
        )
        parser.add_argument("--book", default=Book.DOSSIER.value, help=f"sổ: {', '.join(Book.values)}")
        parser.add_argument(
            "--form", default="06a", choices=sorted(forms.FORMS), help="mẫu in: 06a, 14 (nội bộ), full (đủ các cột)"
        )
        parser.add_argument(
            "--known-at", metavar="MỐC", help="theo những gì đã biết tới: số bút toán, số chốt (CS-…), hoặc ngày"
        )
        parser.add_argument("--chained", metavar="SỐ", help="nối tiếp bản chốt của kỳ liền trước (CS-…)")
        parser.add_argument(
            "--restated",
            action="store_true",
            help="khi chốt: không nối tiếp bản chốt của kỳ liền trước (mặc định là nối tiếp nếu có)",
        )
        parser.add_argument("--estimate", metavar="NGÀY", help="số ước: tính đến hết ngày này của kỳ")
        parser.add_argument("--freeze", action="store_true", help="chốt số liệu và cấp số chốt")
        parser.add_argument("--completes", metavar="SỐ", help="khi chốt: hoàn tất bản số ước này")
        parser.add_argument("--memo", action="store_true", help="thêm số ghi muộn và số đổi từ quá hạn sang đúng hạn")
        parser.add_argument("--json", action="store_true", help="in JSON thay cho bảng")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = read_date(options["start"], "--from"), read_date(options["end"], "--to")
        estimate = read_date(options["estimate"], "--estimate") if options["estimate"] else None
        known_at: Any = read_known_at(options["known_at"]) if options["known_at"] else None
        unit = _unit(options["unit"], end)
        number = options["chained"]
        wanted: dict[str, Any] = {
            "book": options["book"],
            "start": start,
            "end": end,
            "by": options["by"],
            "counted_to": estimate,
        }
        frozen = None
        if options["freeze"]:
            if known_at is not None:
                raise Invalid("Chốt số liệu là chốt những gì biết lúc này; không dùng cùng --known-at.")
            completes = queries.cutoff(SYSTEM, options["completes"]) if options["completes"] else None
            chain = self._chain(unit, start, options)
            number = chain.number if chain else None
            frozen = freeze.freeze(
                scope=SYSTEM, unit=unit, actor=None, chained_from=chain, completes=completes, **wanted
            )
            known_at = queries.Knowledge(frozen.watermark, frozen.created_at, f"đã chốt, số {frozen.number}")
        elif options["completes"]:
            raise Invalid("--completes chỉ dùng cùng --freeze.")
        made = self._statement(unit, known_at, number, wanted)
        if options["json"]:
            plain = made.as_dict() | ({"number": frozen.number, "digest": frozen.digest} if frozen else {})
            plain["rates"] = {rate.name: rate.as_dict() for rate in rates.rates(SYSTEM, made)}
            plain["due_day"] = [each.as_dict() for each in on_due_day(SYSTEM, made)]
            self.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2))
            return
        form = "14" if made.by == receipt.BY and options["form"] == "06a" else options["form"]
        for line in text_of(made, form, memo=options["memo"]):
            self.stdout.write(line)
        if frozen is not None:
            self.stdout.write(f"Đã chốt số liệu: {frozen.number} · SHA-256 {frozen.digest}")

    def _statement(self, unit: Unit, known_at: Any, chained_from: str | None, wanted: dict[str, Any]) -> Statement:
        if wanted["by"] != receipt.BY:
            return queries.statement(SYSTEM, units=[unit], known_at=known_at, chained_from=chained_from, **wanted)
        if chained_from:
            raise Invalid("Biểu theo nơi tiếp nhận không nối tiếp bản chốt; bỏ --chained.")
        return receipt.by_desk(SYSTEM, unit=unit, known_at=known_at, **{k: v for k, v in wanted.items() if k != "by"})

    def _chain(self, unit: Unit, start: dt.date, options: dict[str, Any]) -> Cutoff | None:
        """What an official statement continues: the number given, else the one frozen for the period just before."""
        if options["chained"]:
            return queries.cutoff(SYSTEM, options["chained"])
        return None if options["restated"] else queries.latest_cutoff(unit, options["book"], start)


def _unit(code: str, end: dt.date) -> Unit:
    """The unit alive on the last day, or today where the period has not ended."""
    return unit_by_code(code, min(end, clock.today()))


def _of_our_time(day: dt.date, option: str) -> dt.date:
    if not 1900 <= day.year <= 2100:
        raise Invalid(f"{option}: năm {day.year} chưa đúng, cần từ 1900 đến 2100.")
    return day


def read_date(text: str, option: str) -> dt.date:
    """A date as people type it: 5/1/2023, 05-01-2023, 2023-01-05."""
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text.strip())
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    try:
        if found:
            day, month, year = map(int, found.groups())
            return _of_our_time(dt.date(year, month, day), option)
        if iso:
            return _of_our_time(dt.date(*map(int, iso.groups())), option)
    except ValueError:
        pass
    raise Invalid(f"{option}: «{text}» không phải là ngày. Ví dụ: 05/01/2023 hoặc 2023-01-05.")


def read_known_at(text: str) -> "int | str | dt.date":
    """A journal id, the number of a frozen statement, or a date."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        if len(text) > 18:
            raise NotFound(f"Sổ chưa có bút toán số {text}.")
        return int(text)
    if text.upper().startswith("CS-"):
        return text
    return read_date(text, "--known-at")


def text_of(made: Statement, form_name: str, *, memo: bool = False) -> list[str]:
    """The statement as lines of text: header, aligned table, notes."""
    form = forms.FORMS[form_name](made)
    head = [_WORDS[made.by], *(f"({c.number}) {c.title}" for c in form.columns)]
    rows = [[row.label, *(forms.number(value) for value in row.values)] for row in form.rows]
    label_width = _label_width([head[0], *(row[0] for row in rows)], len(form.columns))
    titles = [_wrap(title, 11) for title in head[1:]]
    widths = [
        max(10, *(_width(piece) for piece in title), *(_width(row[n + 1]) for row in rows))
        for n, title in enumerate(titles)
    ]
    title = layout.DESK if made.by == receipt.BY else form.title
    lines = [title.upper(), *forms.header(made), ""]
    for level in range(max(len(title) for title in titles)):
        pieces = [title[level] if level < len(title) else "" for title in titles]
        cells = [_fit(piece, width) for piece, width in zip(pieces, widths, strict=True)]
        lines.append("  ".join([_pad(head[0] if level == 0 else "", label_width), *cells]).rstrip())
    rule = "─" * (label_width + sum(width + 2 for width in widths))
    lines.append(rule)
    for row, laid_out in zip(rows, form.rows, strict=True):
        if laid_out.kind == "total":
            lines.append(rule)
        cells = [_fit(cell, width) for cell, width in zip(row[1:], widths, strict=True)]
        indent = "  " if laid_out.kind == "line" and any(r.kind == "subtotal" for r in form.rows) else ""
        lines.append("  ".join([_pad(indent + row[0], label_width), *cells]))
    lines.append("")
    lines += [f"* {note}" for note in form.notes]
    if memo:
        lines += [f"* {note}" for note in rates.notes(rates.rates(SYSTEM, made))]
        found = behind.memo(SYSTEM, made)
        lines.append(
            f"* {forms.number(found.written_late)} hồ sơ có việc ghi muộn, trong đó {forms.number(found.turned)} "
            f"đổi từ quá hạn sang đúng hạn; {forms.number(found.moved_deadlines)} hồ sơ được dời hạn khi đã quá hạn."
        )
    return lines


def _label_width(labels: list[str], columns: int) -> int:
    room = shutil.get_terminal_size((160, 40)).columns if sys.stdout.isatty() else 160
    longest = max(_width(label) for label in labels) + 2
    return min(longest, max(28, room - columns * 13))


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(char) else 1 for char in text)


def _pad(text: str, width: int) -> str:
    if _width(text) > width:
        text = text[: width - 1] + "…"
    return text + " " * (width - _width(text))


def _fit(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def _wrap(title: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        if lines and _width(lines[-1]) + 1 + _width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
