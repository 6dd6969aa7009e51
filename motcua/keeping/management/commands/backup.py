"""``motcua backup FILE``: one file with the whole office in it, made while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from motcua.keeping import backup


class Command(BaseCommand):
    help = (
        "Sao lưu cơ sở dữ liệu, tệp tải lên và khóa vào một tệp, trong khi mọi người vẫn làm việc. Tệp chỉ người tạo "
        "đọc được; không ghi đè tệp đã có. Nên chép tệp sang máy khác."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="TỆP", help="tên tệp sẽ tạo, ví dụ motcua-20260115.zip")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        with tqdm(desc="Sao lưu", unit="B", unit_scale=True, leave=False, disable=None, delay=0.5) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            made = backup.make(file, progress=progress)
        counted = made.counts
        self.stdout.write(
            f"Đã sao lưu vào {made.path}: {made.size / 1024**2:.1f} MB, {counted.get('dossiers_dossier', 0)} hồ sơ, "
            f"{counted.get('ledger_event', 0)} sự kiện, {made.uploads} tệp tải lên."
        )
        if not made.with_secret:
            self.stdout.write("Khóa bí mật đặt bằng MOTCUA_SECRET_KEY nên không nằm trong bản sao lưu: hãy giữ riêng.")
        if made.lost:
            shown = ", ".join(sha256[:16] for sha256 in made.lost[:10])
            raise CommandError(
                f"Bản sao lưu đã ghi, nhưng {len(made.lost)} tệp tải lên không còn nguyên trên đĩa: {shown}"
                f"{'…' if len(made.lost) > 10 else ''}.",
                returncode=1,
            )
