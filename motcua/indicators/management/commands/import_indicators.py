"""``motcua import-indicators``: the shipped indicators, forms and windows, as far as they are not there yet."""

from typing import Any

from django.core.management.base import BaseCommand

from motcua.indicators import defining


class Command(BaseCommand):
    help = (
        "Nạp chỉ tiêu, biểu số liệu và cách tính kỳ kèm phần mềm (phụ lục CCHC, II.06a, II.07b, II.05). Nạp lại không "
        "đổi gì: cái đã có, đã sửa thì giữ nguyên."
    )
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        done = defining.load_starter()
        self.stdout.write(f"Mới: {done.indicators} chỉ tiêu, {done.forms} biểu, {done.rules} cách tính kỳ.")
