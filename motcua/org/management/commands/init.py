"""``motcua init``: the first administrator and the first unit of an empty database."""

import getpass
import sys
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from motcua.core import clock, text
from motcua.core.errors import IllegalAct, Invalid, NotFound
from motcua.org import actions, queries
from motcua.org.models import NOT_KNOWN_EARLIER, TWO_TIER_DAY, Duty, Unit, UnitKind, User
from motcua.org.queries import SYSTEM

_BASIS = "motcua init"


class Command(BaseCommand):
    help = (
        "Tạo quản trị viên và đơn vị đầu tiên trong cơ sở dữ liệu trống. Điều gì không cho bằng tùy chọn thì được hỏi. "
        "Với --with-units, mã đơn vị có thể là mã hành chính của một đơn vị trong danh mục."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", help="tên đăng nhập của quản trị viên")
        parser.add_argument("--full-name", help="họ và tên của quản trị viên")
        parser.add_argument("--unit-code", help="mã đơn vị, ví dụ 29308")
        parser.add_argument("--unit-name", help="tên đơn vị, ví dụ «Xã Cầu Kè»")
        parser.add_argument("--unit-kind", help=f"loại đơn vị: {', '.join(UnitKind.values)}")
        parser.add_argument("--password-stdin", action="store_true", help="đọc mật khẩu từ dòng đầu của đầu vào chuẩn")
        parser.add_argument("--with-units", action="store_true", help="nạp cả đơn vị hành chính toàn quốc")

    def handle(self, *args: Any, **options: Any) -> None:
        if User._meta.db_table not in connection.introspection.table_names():
            raise IllegalAct("cơ sở dữ liệu chưa có bảng nào. Hãy chạy «motcua migrate» trước.")
        _refuse_unless_empty()
        username = options["username"] or _ask("Tên đăng nhập của quản trị viên")
        full_name = options["full_name"] or _ask("Họ và tên")
        code = text.clean(options["unit_code"] or _ask("Mã đơn vị"))
        told = StringIO()
        with transaction.atomic():
            # again, now that on SQLite nobody else writes: two may have been started together
            _refuse_unless_empty()
            if options["with_units"]:
                call_command("import_units", stdout=told)
            call_command("import_indicators", stdout=StringIO())
            unit = _unit(code, options["unit_name"], options["unit_kind"])
            user = actions.create_account(actor=SYSTEM, home=unit, username=username, full_name=full_name)
            # asked last, when everything else is known to be right
            password = _password(options["password_stdin"])
            actions.set_password(actor=SYSTEM, user=user, new=password)
            actions.grant_duty(
                actor=SYSTEM, user=user, unit=unit, duty=Duty.ADMIN, valid_from=clock.today(), basis=_BASIS
            )
        # told only now: until here all of it could still be taken back
        self.stdout.write(told.getvalue(), ending="")
        self.stdout.write(f"Đã tạo tài khoản {user.username}, quản trị hệ thống tại {unit.name} (mã {unit.code}).")


def _refuse_unless_empty() -> None:
    if User.objects.exists():
        raise IllegalAct("cơ sở dữ liệu này đã có tài khoản; init chỉ dùng cho cơ sở dữ liệu trống.")


def _unit(code: str, name: str | None, kind: str | None) -> Unit:
    """The unit of that code alive today, or a new one; asks for its name and kind where they are not given."""
    today = clock.today()
    try:
        return queries.unit_by_code(code, today)
    except NotFound:
        pass
    name = name or _ask("Tên đơn vị")
    kind = kind or _ask(f"Loại đơn vị ({', '.join(UnitKind.values)})")
    labels = {text.fold(label): value for value, label in UnitKind.choices}
    # so that a later import-units finds the same unit under the same key
    begins = TWO_TIER_DAY if today >= TWO_TIER_DAY else NOT_KNOWN_EARLIER
    return actions.add_unit(
        actor=SYSTEM, parent=None, code=code, name=name, kind=labels.get(text.fold(kind), kind), valid_from=begins
    )


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise Invalid(f"thiếu thông tin: {question.lower()}. Xem «motcua init --help».")
    return input(f"{question}: ").strip()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Invalid("thiếu mật khẩu: dùng --password-stdin. Xem «motcua init --help».")
    password = getpass.getpass("Mật khẩu: ")
    if getpass.getpass("Nhập lại mật khẩu: ") != password:
        raise Invalid("hai lần nhập mật khẩu không giống nhau.")
    return password
