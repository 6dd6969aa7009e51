"""``motcua import-accounts FILE.xlsx --unit CODE``: an office's people at once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from motcua.core import clock
from motcua.desk import people, roster
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM, unit_by_code


class Command(BaseCommand):
    help = (
        "Tạo tài khoản từ danh sách cán bộ (.xlsx): xem trước, thêm --apply để tạo. Có dòng sai thì không tạo tài "
        "khoản nào. Mật khẩu tạm in ra một lần và phải đổi ở lần đăng nhập đầu."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="TỆP.xlsx")
        parser.add_argument("--unit", required=True, metavar="MÃ", help="đơn vị công tác khi dòng không ghi đơn vị")
        parser.add_argument("--basis", default="", metavar="VĂN BẢN", help="căn cứ giao nhiệm vụ, ví dụ «QĐ 12»")
        parser.add_argument("--apply", action="store_true", help="tạo tài khoản (không có: chỉ xem trước)")

    def handle(self, *args: Any, file: Path, unit: str, basis: str, apply: bool, **options: Any) -> None:
        today = clock.today()
        home = unit_by_code(unit, today)
        found = roster.tried(roster.read(file, home=home, units=people.units(SYSTEM, today)), actor=SYSTEM)
        write = self.stdout.write
        write("Cột: " + "; ".join(f"{ours} ← «{theirs}»" for ours, theirs in found.columns.items()))
        for line in found.new:
            duties = ", ".join(Duty(d).label for d in line.duties) or "chưa có nhiệm vụ"
            write(f"  dòng {line.line}: {line.full_name} ({line.username}): {duties}")
        for number, full_name, username in found.there:
            write(f"  dòng {number}: {full_name} đã có tài khoản «{username}», bỏ qua")
        for number, why in found.bad:
            write(self.style.ERROR(f"  dòng {number}: {why}"))
        if found.bad:
            raise CommandError(f"Có {len(found.bad)} dòng sai. Chưa tạo tài khoản nào.", returncode=1)
        if not apply:
            write(f"{len(found.new)} tài khoản mới, {len(found.there)} đã có. Thêm --apply để tạo.")
            return
        if not found.new:
            write("Không có người mới.")
            return
        told = roster.take_on(actor=SYSTEM, lines=roster.plain(found.new), basis=basis)
        write(f"Đã tạo {len(told)} tài khoản. Mật khẩu tạm chỉ hiện lần này:")
        for full_name, username, _, password in told:
            write(f"{username}\t{password}\t{full_name}")
