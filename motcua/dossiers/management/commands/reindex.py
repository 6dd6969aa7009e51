"""``motcua reindex``: what dossiers are found by, set right where it says something else than the dossiers."""

from typing import Any

from django.core.management.base import BaseCommand

from motcua.dossiers import indexing


class Command(BaseCommand):
    help = "Sửa chỉ mục tìm kiếm cho khớp hồ sơ, chủ hồ sơ, thủ tục. Chạy được khi đang làm việc; chạy lại không sao."

    def handle(self, *args: Any, **options: Any) -> None:
        mended = indexing.rebuild()
        self.stdout.write(f"Đã sửa {mended} dòng." if mended else "Chỉ mục tìm kiếm đã đúng.")
