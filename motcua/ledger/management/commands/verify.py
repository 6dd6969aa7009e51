"""``motcua verify``: prove the books and name what is wrong."""

from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from motcua.ledger import checkpoint
from motcua.ledger.verify import Check, checks


class Command(BaseCommand):
    help = (
        "Kiểm tra chuỗi sự kiện, bút toán, diễn biến, cộng dồn, biểu tổng hợp, dãy số, bản chốt; nêu tên từng chỗ sai. "
        "Không sửa gì. Kết thúc với mã 1 nếu có sai."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="TỆP",
            help="Đối chiếu với bản chốt ngày giữ ở ngoài (tệp chot-….json).",
        )
        parser.add_argument("--quick", action="store_true", help="Không tính lại mã băm, diễn biến và biểu.")
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="In nhiều nhất N chỗ sai mỗi mục (50).")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [check for check in checks() if check.quick or not options["quick"]]
        limit = max(options["limit"], 1)
        path: Path | None = options["checkpoint"]
        if path is not None:
            # First of all: a file that cannot be read is said at once, not after an hour.
            outside = list(islice(checkpoint.check_file(path), limit + 1))
            wanted.append(Check(f"Bản chốt ở ngoài {path.name}", lambda _: outside))
        wrong = sum(self._run(check, limit) for check in wanted)
        if wrong:
            raise CommandError(f"Có {wrong} mục sai. Không mục nào được sửa.", returncode=1)
        self.stdout.write(self.style.SUCCESS("Sổ số liệu toàn vẹn."))

    def _run(self, check: Check, limit: int) -> bool:
        """Print one line for the check and one for each fault; whether there was any."""
        with tqdm(desc=check.title, unit=" đầu việc", leave=False, disable=None, delay=0.5) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            faults = list(islice(check.run(progress), limit + 1))
        self.stdout.write(f"{check.title}: {'SAI' if faults else 'đúng'}")
        for fault in faults[:limit]:
            self.stdout.write(self.style.ERROR(f"  - {fault}"))
        if len(faults) > limit:
            self.stdout.write(f"  … và còn nữa (--limit {limit * 10} để xem thêm)")
        return bool(faults)
