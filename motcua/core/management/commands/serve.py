"""``motcua serve``: the web server of an office."""

import argparse
import errno
import os
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from motcua.core.errors import Invalid, MotcuaError


class PortUnavailable(MotcuaError):
    """The address asked for cannot be listened on."""

    code = "port_unavailable"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"«{text}»: số cổng phải từ 1 đến 65535")
    return int(text)


def _threads(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"«{text}»: phải là số từ 1 đến 64")
    return int(text)


def check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, in a sentence; the server itself would die with a traceback."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise PortUnavailable(f"địa chỉ «{host}» không có trên máy này.") from error
    with socket.socket(family, kind, protocol) as probe:
        # A port whose last server has just ended may be taken again at once.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortUnavailable(
                    f"cổng {port} đang bận: một chương trình khác đang dùng. Chọn cổng khác bằng --port, ví dụ "
                    f"--port {port + 1 if port < 65535 else port - 1}."
                ) from error
            if error.errno == errno.EACCES:
                raise PortUnavailable(f"không được phép mở cổng {port}. Chọn cổng từ 1024 trở lên.") from error
            raise PortUnavailable(f"địa chỉ «{host}» không có trên máy này.") from error


def check_database() -> None:
    """Refuse to serve on a database that lacks migrations: half of the pages would fail."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Invalid(f"cơ sở dữ liệu còn thiếu {len(missing)} bước nâng cấp. Chạy «motcua migrate» trước.")


class Command(BaseCommand):
    help = "Chạy máy chủ web của phần mềm một cửa (dừng bằng Ctrl-C)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe (mặc định 127.0.0.1)")
        parser.add_argument("--port", type=_port, default=8000, help="cổng (mặc định 8000)")
        parser.add_argument("--workers", type=_threads, default=1, help="số tiến trình phục vụ (mặc định 1)")
        parser.add_argument("--threads", type=_threads, default=4, help="số luồng của mỗi tiến trình (mặc định 4)")

    def handle(self, *args: Any, host: str, port: int, workers: int, threads: int, **options: Any) -> None:
        check_address(host, port)
        check_database()
        connection.close()
        from granian.constants import Interfaces
        from granian.log import LogLevels
        from granian.server import Server

        server = Server(
            target="motcua.config.served:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            log_level=LogLevels.warning,
            # A worker that dies is replaced; the office stays open.
            respawn_failed_workers=True,
            # A worker told to stop while it is still loading does not hear it: without a limit we would wait for ever.
            workers_kill_timeout=10,
        )
        # Workers are processes of their own and read the same settings.
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings.SETTINGS_MODULE)
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"motcua: http://{shown}:{port}/   (dừng: Ctrl-C)")
        self.stdout.flush()
        server.serve()
