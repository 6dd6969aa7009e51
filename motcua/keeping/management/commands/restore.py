"""``motcua restore FILE``: the office out of a backup, then everything proven."""

import datetime as dt
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from motcua.core import clock
from motcua.keeping import restore

_SHOWN = 20


def _when(text: str) -> str:
    try:
        return f"{clock.local(dt.datetime.fromisoformat(text)):%H:%M %d/%m/%Y}"
    except ValueError:
        return text


class Command(BaseCommand):
    help = (
        "Khôi phục một bản sao lưu của «motcua backup» vào cơ sở dữ liệu trống, rồi kiểm tra toàn bộ sổ. Hãy dừng "
        "«motcua serve» trước."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="TỆP", help="bản sao lưu")
        parser.add_argument(
            "--replace", action="store_true", help="thay thế số liệu đang có (giữ lại một bản sao của số liệu đó)"
        )

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        with tqdm(desc="Khôi phục", unit="B", unit_scale=True, leave=False, disable=None, delay=0.5) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            made = restore.put_back(file, replace=replace, progress=progress)
        counted = made.counts
        if made.kept:
            self.stdout.write(f"Số liệu trước khi thay thế giữ ở {made.kept}.")
        self.stdout.write(
            f"Đã khôi phục bản sao lưu lúc {_when(made.made_at)} (phiên bản {made.version}): "
            f"{counted.get('dossiers_dossier', 0)} hồ sơ, {counted.get('ledger_event', 0)} sự kiện, "
            f"{made.uploads} tệp tải lên."
        )
        for note in made.notes:
            self.stdout.write(note)
        if made.upgraded:
            self.stdout.write(f"Đã nâng cấp cơ sở dữ liệu {made.upgraded} bước.")
        if made.lost:
            self.stdout.write(f"{len(made.lost)} tệp tải lên đã mất từ trước khi sao lưu.")
        faults = list(islice(restore.proof(file), _SHOWN))
        self.stdout.write(f"Đối chiếu với bản chốt trong bản sao lưu: {'SAI' if faults else 'đúng'}")
        for fault in faults:
            self.stdout.write(self.style.ERROR(f"  - {fault}"))
        call_command("verify", stdout=self.stdout)
        if faults:
            raise CommandError("Số liệu đã khôi phục không khớp bản chốt của bản sao lưu.", returncode=1)
