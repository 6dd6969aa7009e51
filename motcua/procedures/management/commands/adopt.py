"""``motcua adopt``: a unit takes procedures of the catalogue into use."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from motcua.core import clock, text
from motcua.core.errors import Invalid, NotFound
from motcua.org.models import Unit
from motcua.org.queries import unit_by_code
from motcua.procedures import actions, queries
from motcua.procedures.adopting import level_of
from motcua.procedures.models import ProcedureVersion

_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Áp dụng thủ tục của danh mục tại một đơn vị từ một ngày. Thủ tục đơn vị đã áp dụng thì giữ nguyên, chạy lại "
        "không đổi gì. Ví dụ: motcua adopt --unit 29308 --from 2026-01-01 --all"
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", metavar="MÃ", help="mã hoặc mã ngắn của đơn vị")
        parser.add_argument("--from", dest="valid_from", metavar="NGÀY", help="áp dụng từ ngày (YYYY-MM-DD)")
        parser.add_argument("--all", action="store_true", help="mọi thủ tục của danh mục thuộc cấp của đơn vị")
        parser.add_argument("--procedure", nargs="+", action="extend", metavar="MÃ", help="những thủ tục có mã này")
        parser.add_argument("--decision", default="", metavar="SỐ", help="quyết định công bố áp dụng")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["unit"] or not options["valid_from"]:
            raise Invalid("Cho biết đơn vị và ngày: --unit MÃ --from NGÀY. Xem «motcua adopt --help».")
        if options["all"] == bool(options["procedure"]):
            raise Invalid("Cho biết một trong hai: --all, hoặc --procedure MÃ ….", field="procedure")
        day = _day(options["valid_from"])
        unit = unit_by_code(options["unit"], day)
        rows = queries.catalogue_rows(max(day, clock.today()))
        if not rows:
            raise NotFound("Danh mục chưa có thủ tục nào. Hãy chạy «motcua import-procedures --starter» trước.")
        chosen = self._of_level(rows, unit) if options["all"] else _named(rows, options["procedure"])
        in_use = queries.in_use(unit, day)
        used = [in_use[row.procedure_id] for row in chosen if row.procedure_id in in_use]
        already = sum(adoption.valid_from <= day for adoption in used)
        coming = [adoption.valid_from for adoption in used if adoption.valid_from > day]
        fresh = [row for row in chosen if row.procedure_id not in in_use]
        if coming and options["all"]:
            self.stdout.write(
                f"{len(coming)} thủ tục đã định áp dụng từ ngày muộn hơn ({min(coming):%d/%m/%Y}), giữ nguyên."
            )
        elif coming:  # wanted by name from this very day: the verb refuses and says why
            fresh = [
                row for row in chosen if row.procedure_id not in in_use or in_use[row.procedure_id].valid_from > day
            ]
        if not fresh:
            self.stdout.write(f"Không có gì thay đổi: {unit.name} đã áp dụng {already} thủ tục này.")
            return
        actions.adopt_many(
            unit=unit,
            procedures=[row.procedure for row in fresh],
            valid_from=day,
            decision=options["decision"],
        )
        self.stdout.write(
            f"{unit.name} áp dụng thêm {len(fresh)} thủ tục từ {day:%d/%m/%Y}"
            + (f"; {already} thủ tục đã áp dụng từ trước, giữ nguyên." if already else ".")
        )
        self._warn(fresh, day)

    def _of_level(self, rows: Sequence[ProcedureVersion], unit: Unit) -> list[ProcedureVersion]:
        level = level_of(unit)
        chosen = [row for row in rows if level is None or not row.levels or level in row.levels]
        if level is not None and len(chosen) < len(rows):
            self.stdout.write(
                f"Bỏ qua {len(rows) - len(chosen)} thủ tục danh mục không ghi là của {level.label.lower()}; "
                "cần thì nêu mã bằng --procedure."
            )
        if not chosen:
            raise NotFound(f"Danh mục không có thủ tục nào của {level.label.lower() if level else 'đơn vị'}.")
        return chosen

    def _warn(self, fresh: Sequence[ProcedureVersion], day: dt.date) -> None:
        """What keeps an adopted procedure from being used, so that nobody learns it from an applicant."""
        lines = queries.term_lines(row.pk for row in fresh)
        unclear = [row.procedure.code for row in fresh if not queries.receivable(lines.get(row.pk, []))]
        if unclear:
            self.stdout.write(
                f"{len(unclear)} thủ tục chưa rõ thời hạn, chưa tiếp nhận được cho tới khi rà soát ở trang Thủ tục: "
                f"{_some(unclear)}."
            )
        first_days = queries.first_days(row.procedure_id for row in fresh)
        later = [row for row in fresh if first_days[row.procedure_id] > day]
        if later:
            first = min(first_days[row.procedure_id] for row in later)
            self.stdout.write(
                f"{len(later)} thủ tục chỉ có trong danh mục từ {first:%d/%m/%Y} trở đi, trước ngày đó chưa tiếp nhận "
                f"được: {_some([row.procedure.code for row in later])}."
            )
        review = sum(row.needs_review for row in fresh)
        if review:
            self.stdout.write(f"{review} thủ tục còn điểm cần rà soát; xem lý do ở trang Thủ tục.")


def _named(rows: Sequence[ProcedureVersion], codes: Sequence[str]) -> list[ProcedureVersion]:
    """The rows of these codes, each once; :class:`NotFound` names every code that is not there."""
    by_code = {row.procedure.code: row for row in rows}
    wanted = list(dict.fromkeys(text.clean(code) for code in codes))
    unknown = [code for code in wanted if code not in by_code]
    if unknown:
        raise NotFound(
            f"Danh mục không có thủ tục đang dùng mang mã: {_some(unknown)}. Chưa áp dụng thủ tục nào.",
            code="procedure_unknown",
            field="procedure",
        )
    return [by_code[code] for code in wanted]


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:_SHOWN]) + (f" và {len(codes) - _SHOWN} mã nữa" if len(codes) > _SHOWN else "")


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise Invalid(f"Ngày «{typed}» không đúng; viết như 2025-07-01.", field="valid_from") from None
