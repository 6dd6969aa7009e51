"""``motcua import-units``: the country's units before and since 01/7/2025, and who succeeded whom."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from tqdm import tqdm

from motcua.core import statistics
from motcua.org import published
from motcua.org.importing import Outcome, import_mapping, import_published

_SHOWN = 40


class Command(BaseCommand):
    help = (
        "Nạp 63 tỉnh, 696 huyện, 10.035 xã (đến hết 30/6/2025), 34 tỉnh, 3.321 xã (từ 01/7/2025) và quan hệ kế thừa. "
        "Chạy lại không đổi gì; khác biệt với dữ liệu đang có được in ra và chỉ ghi khi có --apply."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dir", type=Path, default=published.SHIPPED, help="thư mục chứa ba tệp của bạn")
        parser.add_argument("--mapping", type=Path, help="tệp nói việc của huyện, của phòng chuyên môn về đâu")
        parser.add_argument("--apply", action="store_true", help="ghi cả những thay đổi vào đơn vị đang có")

    def handle(self, *args: Any, **options: Any) -> None:
        found = published.read(options["dir"])
        total = 2 * len(found.units) + sum(map(len, found.links.values()))
        # tqdm draws only where somebody looks at a terminal
        with (
            tqdm(total=total, desc="Nạp đơn vị", unit=" dòng", disable=None, leave=False, file=sys.stderr) as bar,
            transaction.atomic(),
        ):
            outcome = import_published(found, apply=options["apply"], progress=bar.update)
            mapping = import_mapping(options["mapping"], apply=options["apply"]) if options["mapping"] else None
        statistics.refresh()
        self._tell("Đơn vị", outcome)
        if mapping is not None:
            self._tell("Nơi nhận việc của huyện, phòng", mapping)

    def _tell(self, subject: str, outcome: Outcome) -> None:
        for line in _some(outcome.only_reported):
            self.stdout.write(f"  {line}")
        if outcome.nothing_new and not outcome.written:
            self.stdout.write(f"{subject}: không có gì mới, dữ liệu đã đúng như tệp.")
            return
        for line in _some(outcome.changes):
            self.stdout.write(f"  khác: {line}")
        done = "đã thêm" if outcome.written else "sẽ thêm"
        self.stdout.write(
            f"{subject}: {done} {_count(outcome.added_units)} đơn vị, {_count(outcome.added_links)} quan hệ kế thừa; "
            f"{_count(len(outcome.changes))} thay đổi vào dữ liệu đang có."
        )
        if not outcome.written:
            self.stdout.write("Chưa ghi gì. Chạy lại với --apply để ghi những thay đổi này.")


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _some(lines: list[str]) -> list[str]:
    more = [f"… và {_count(len(lines) - _SHOWN)} dòng nữa"] if len(lines) > _SHOWN else []
    return lines[:_SHOWN] + more
