"""``motcua tick``: run it every few minutes by cron or a timer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from motcua.core import clock
from motcua.ledger.ticking import alone, tick


class Command(BaseCommand):
    help = (
        "Làm các việc định kỳ đến hạn: cộng dồn, lập bản chốt ngày, nhắc việc, gửi đi. "
        "Chạy mỗi vài phút bằng cron hoặc timer; chạy hai lượt cùng lúc cũng không sao."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with alone() as first:
            if not first:
                self.stdout.write("Đang có một lượt khác chạy; lượt này không làm gì.")
                return
            failed = 0
            for name, did, well in tick(clock.now()):
                failed += not well
                self.stdout.write(f"{name}: {did or 'không có gì đến hạn'}" if well else f"{name}: HỎNG — {did}")
        if failed:
            raise CommandError(f"{failed} việc định kỳ không xong.", returncode=1)
