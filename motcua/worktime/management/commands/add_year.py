"""``motcua add-year``: carry the country's calendar on, for installations whose highest unit nobody sits at."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from motcua.core.errors import Invalid
from motcua.worktime import actions, proposals, queries


class Command(BaseCommand):
    help = (
        "Nạp lịch làm việc cả nước của năm sau. Không có --days thì in ra dự kiến theo luật và chưa ghi gì; sửa thành "
        "tệp rồi chạy lại với --days. Ví dụ: motcua add-year --days 2028.txt --basis 'Thông báo 123/TB-BNV'"
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", metavar="TỆP", help="mỗi dòng một ngày: 03/01/2028; nghỉ bù; Nghỉ bù Tết Dương lịch"
        )
        parser.add_argument("--basis", default="", metavar="VĂN BẢN", help="thông báo chính thức")
        parser.add_argument("--confirmed", action="store_true", help="đã có thông báo chính thức (không có: dự kiến)")

    def handle(self, *args: Any, **options: Any) -> None:
        last = queries.loaded_to(None)
        year = last.year + 1
        if not options["days"]:
            self.stdout.write(f"# Lịch cả nước có đến hết ngày {last:%d/%m/%Y}. Dự kiến năm {year}, cần đối chiếu:")
            self.stdout.write(proposals.as_lines(proposals.proposed_year(year)))
            return
        try:
            typed = Path(options["days"]).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid(f"Tệp {options['days']} không phải chữ Unicode (UTF-8).") from None
        lines = "\n".join("" if line.lstrip().startswith("#") else line for line in typed.splitlines())
        days = proposals.read_lines(lines, legal_basis=options["basis"], confirmed=options["confirmed"])
        made = actions.add_year(days=days, last_day=dt.date(year, 12, 31), legal_basis=options["basis"], actor=None)
        self.stdout.write(f"Đã nạp năm {year}: {len(days)} ngày đặc biệt, lịch phiên bản {made.number}.")
