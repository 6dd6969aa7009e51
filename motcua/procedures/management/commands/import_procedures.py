"""``motcua import-procedures``: the published national catalogue, with all its troubles; or the starter catalogue."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.org.models import TWO_TIER_DAY
from motcua.procedures import actions
from motcua.procedures.importing import read_catalogue
from motcua.procedures.models import Procedure
from motcua.procedures.rules import TROUBLES


class Command(BaseCommand):
    help = (
        "Nạp danh mục thủ tục hành chính (JSON mỗi dòng một thủ tục, .jsonl hoặc .jsonl.gz). Chỗ chưa rõ được ghi «cần "
        "rà soát» kèm nguyên văn, không tự điền. Nạp lại không đổi gì; tệp thay đổi thì lập phiên bản mới và in ra "
        "khác biệt."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp .jsonl hoặc .jsonl.gz")
        parser.add_argument("--starter", action="store_true", help="nạp danh mục khởi đầu kèm phần mềm, không cần tệp")
        parser.add_argument(
            "--from",
            dest="valid_from",
            metavar="NGÀY",
            help="dùng từ ngày (YYYY-MM-DD); mặc định hôm nay, lần nạp đầu tiên thì từ 2025-07-01 để ghi được cả hồ sơ "
            "tiếp nhận trước hôm nay",
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ xem khác biệt, không ghi")

    def handle(self, *args: Any, **options: Any) -> None:
        day = _day(options["valid_from"]) or _usual_day()
        if options["starter"] == bool(options["file"]):
            raise Invalid("Cho biết một trong hai: tệp cần nạp, hoặc --starter.", field="file")
        if options["starter"]:
            self._tell(actions.load_starter(valid_from=day), day)
            return
        path: Path = options["file"]
        size = path.stat().st_size if path.is_file() else 0
        with _bar(size, "Đọc tệp", "B") as bar:
            records = read_catalogue(path, bar.update)
        with _bar(len(records), "Ghi thủ tục", " thủ tục") as bar:
            outcome = actions.import_catalogue(
                records=records, valid_from=day, progress=bar.update, only_show=options["dry_run"]
            )
        self._tell(outcome, day, written=not options["dry_run"])

    def _tell(self, outcome: actions.ImportOutcome, day: dt.date, *, written: bool = True) -> None:
        for change in outcome.changed:
            self.stdout.write(f"{change.code} {change.name}")
            for line in change.lines:
                self.stdout.write(f"    {line}")
            for section in change.conflicts:
                self.stdout.write(f"    ! {TROUBLES['changed_on_both_sides'].words}: {section}")
        if outcome.missing:
            some = ", ".join(outcome.missing[:10]) + (" …" if len(outcome.missing) > 10 else "")
            self.stdout.write(f"{len(outcome.missing)} thủ tục đang có không thấy trong tệp, giữ nguyên: {some}")
        if not outcome.added and not outcome.changed:
            self.stdout.write(f"Không có gì thay đổi: {outcome.unchanged} thủ tục đã đúng như nguồn.")
            return
        done = "Đã" if written else "Chưa ghi gì; sẽ"
        if outcome.added:
            self.stdout.write(f"Thủ tục mới dùng từ ngày {day:%d/%m/%Y}; ngày khác thì nạp với --from.")
        self.stdout.write(
            f"{done} thêm {len(outcome.added)} thủ tục, lập phiên bản mới cho {len(outcome.changed)}; "
            f"{outcome.unchanged} không đổi. Cần rà soát: {outcome.needing_review} thủ tục."
        )
        for code, count in sorted(outcome.troubles.items(), key=lambda item: (-item[1], item[0])):
            self.stdout.write(f"    {count:>6}  {TROUBLES[code].words}")


def _bar(total: int, what: str, unit: str) -> Any:
    # tqdm draws only where somebody looks at a terminal
    return tqdm(total=total, desc=what, unit=unit, unit_scale=unit == "B", disable=None, leave=False, file=sys.stderr)


def _usual_day() -> dt.date:
    """From when a catalogue is used where nobody says: the first one from the day of the two-tier government, for its
    procedures were in force before somebody loaded them here; what comes later from the day it comes."""
    today = clock.today()
    return today if Procedure.objects.exists() else min(today, TWO_TIER_DAY)


def _day(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"Ngày «{text}» không đúng; viết như 2025-07-01.", field="valid_from") from None
