"""``motcua demo``: invented dossiers in real places, and one login per duty."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from motcua.core import clock
from motcua.demo import build, district
from motcua.ledger import totals
from motcua.org.models import Assignment, Duty
from motcua.org.queries import alive_on

# About so many rows of units; the bar need not be exact.
_UNITS = 38_000


class Command(BaseCommand):
    help = (
        "Nạp dữ liệu minh họa vào cơ sở dữ liệu trống: huyện Cầu Kè 05/01–01/6/2023 (22.318 hồ sơ) và bốn xã kế thừa "
        "từ 01/7/2025 đến nay. Người, số giấy tờ, điện thoại, hồ sơ đều không có thật; mã định danh của đơn vị "
        "(000.NN.25.H59, H61.NN.NN) và mã thủ tục NB.MH… chỉ để minh họa."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--logins", action="store_true", help="chỉ in tài khoản minh họa, mỗi nhiệm vụ một tài khoản"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self._logins()
            return
        build.refuse_unless_empty()
        expected = _UNITS + 2 * (district.DISTRICT.received + district.COMMUNES.received + 3500) + 2
        # tqdm draws only where somebody looks at a terminal
        with tqdm(total=expected, unit=" dòng", disable=None, leave=False, file=sys.stderr) as bar:

            def step(what: str, done: int) -> None:
                bar.set_description(what, refresh=False)
                bar.update(done)

            told = build.build(step=step)
            # As the first tick would: so that the first statement on a page is as fast as the later ones.
            step("Cộng dồn sổ số liệu", 1)
            totals.fold()
        count = f"{told.dossiers:,}".replace(",", ".")
        people = f"{told.parties:,}".replace(",", ".")
        self.stdout.write(
            f"Đã nạp dữ liệu minh họa: {count} hồ sơ của {people} người và tổ chức không có thật, "
            f"{told.accounts} tài khoản. Xem tài khoản: motcua demo --logins"
        )

    def _logins(self) -> None:
        today = clock.today()
        rows = (
            Assignment.objects.filter(
                alive_on(today), alive_on(today, "unit__"), user__is_demo=True, user__is_active=True
            )
            .select_related("user", "unit")
            .order_by("pk")
        )
        first: dict[str, Assignment] = {}
        for row in rows:
            first.setdefault(row.duty, row)
        if not first:
            self.stdout.write("Không có tài khoản minh họa trong cơ sở dữ liệu này.")
            return
        self.stdout.write(f"Tài khoản minh họa (mật khẩu chung: {settings.DEMO_PASSWORD}):")
        for duty in Duty:
            if duty in first:
                row = first[duty]
                self.stdout.write(f"  {row.user.username:<18} {duty.label:<26} {row.user.full_name}, {row.unit.name}")
        beside = ("cchc.vinhlong", "quantri.vinhlong", "kiemnhiem")
        shown: set[str] = set()
        for row in rows.filter(user__username__in=beside):
            if row.user.username not in shown:
                shown.add(row.user.username)
                self.stdout.write(f"  {row.user.username:<18} {row.user.title}, {row.unit.name}")
