"""``motcua import-dossiers FILE.xlsx --unit CODE``: an office that keeps its old system gets ledger and statements."""

import datetime as dt
import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers.importing import apply, columns, plan, reading
from motcua.dossiers.models import ImportProfile
from motcua.ledger.models import Account
from motcua.org.queries import unit_by_code

SHOWN = 20


def _day(text: str | None) -> dt.date:
    if not text:
        return clock.today()
    found = reading.date(text, "--day")
    if found is None:
        raise Invalid("--day cần một ngày, ví dụ 30/6/2025.")
    return found.day


class Command(BaseCommand):
    help = "Nạp danh sách hồ sơ (.xlsx) xuất từ hệ thống khác; xem trước khác biệt, thêm --apply để ghi."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="TỆP.xlsx")
        parser.add_argument("--unit", required=True, metavar="MÃ", help="mã đơn vị có thẩm quyền của các hồ sơ")
        parser.add_argument(
            "--day", metavar="NGÀY", help="mã đơn vị hiểu theo ngày này (dd/mm/yyyy), để nhập cho đơn vị đã kết thúc"
        )
        parser.add_argument("--system", default="Hệ thống cũ", metavar="TÊN", help="tên hệ thống nguồn, ví dụ iGate")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="TRƯỜNG=TIÊU ĐỀ",
            help=f"chỉ rõ cột của một trường; trường: {', '.join(columns.FIELDS)}. Được nhớ cho lần sau.",
        )
        parser.add_argument("--apply", action="store_true", help="ghi vào sổ (không có: chỉ xem trước)")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        unit = unit_by_code(options["unit"], _day(options["day"]))
        system = options["system"].strip()[:80]
        if not system:
            raise Invalid("Tên hệ thống nguồn không được để trống.")
        rows = reading.open_rows(path)
        header, mapping = self._mapping(rows, unit.pk, system, options["map"])
        read = (
            reading.read_row(line, cells, mapping)
            for line, cells in enumerate(tqdm(rows, desc="Đọc", unit=" dòng", disable=None), start=1)
            if line > header + 1
        )
        found = plan.make(unit, system, read)
        self._show(found)
        if not options["apply"]:
            self.stdout.write("Chưa ghi gì. Thêm --apply để áp dụng.")
            return
        headings = [reading.text(c) for c in rows[header]]
        ImportProfile.objects.update_or_create(
            unit=unit,
            system=system,
            defaults={"columns": {f: headings[i] for f, i in mapping.items()}, "updated_at": clock.now()},
        )
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with tqdm(total=len(found.new) + len(found.changed), desc="Ghi", unit=" hồ sơ", disable=None) as bar:
            apply.apply(found, actor=None, file_name=path.name, sha256=sha256, progress=bar.update)
        self.stdout.write(f"Đã ghi: {len(found.new)} hồ sơ mới, {len(found.changed)} hồ sơ thay đổi.")

    def _mapping(self, rows: list[list[Any]], unit: int, system: str, given: list[str]) -> tuple[int, dict[str, int]]:
        names: dict[str, str] = {}
        for pair in given:
            field, sign, heading = pair.partition("=")
            if not sign or not heading.strip():
                raise Invalid(f"--map «{pair}» phải có dạng TRƯỜNG=tiêu đề cột.")
            names[field.strip()] = heading.strip()
        remembered = ImportProfile.objects.filter(unit=unit, system=system).first()
        texts = [[reading.text(c) for c in row] for row in rows[:30]]
        kept = remembered.columns if remembered is not None else {}
        header, mapping = columns.find_header(texts, names, kept)
        self.stdout.write(
            "Cột: " + "; ".join(f"{columns.FIELDS[f]} ← «{texts[header][i]}»" for f, i in mapping.items())
        )
        return header, mapping

    def _show(self, found: plan.Plan) -> None:
        write = self.stdout.write
        write(
            f"{found.unit.name}: {len(found.new)} mới, {len(found.changed)} thay đổi, {len(found.same)} không đổi, "
            f"{len(found.vanished)} không còn trong tệp, {len(found.bad)} dòng lỗi bị bỏ."
        )
        for title, lines in (
            ("Dòng lỗi", [f"dòng {b.line}{f' ({b.code})' if b.code else ''}: {b.why}" for b in found.bad]),
            ("Thay đổi", [f"{c.row.code}: {c.words()}" for c in found.changed]),
            ("Không còn trong tệp (giữ nguyên trong sổ)", found.vanished),
            (
                "Phân loại khác nhau (nguồn / tính theo hạn trong tệp)",
                [f"{code}: {Account(theirs).label} / {Account(ours).label}" for code, theirs, ours in found.classes],
            ),
        ):
            if lines:
                write(f"{title}: {len(lines)}")
                for line in lines[:SHOWN]:
                    write(f"  {line}")
                if len(lines) > SHOWN:
                    write(f"  … và {len(lines) - SHOWN} dòng nữa")
