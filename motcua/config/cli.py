"""The ``motcua`` command: the office's verbs, one line of help each, one clear line on bad input."""

import os
import sys
from typing import NoReturn

# name on the command line -> (Django command, what it does)
VERBS = {
    "init": ("init", "tạo quản trị viên và đơn vị đầu tiên trong cơ sở dữ liệu trống"),
    "migrate": ("migrate", "tạo hoặc nâng cấp cơ sở dữ liệu"),
    "serve": ("serve", "chạy máy chủ web"),
    "demo": ("demo", "nạp dữ liệu minh họa vào cơ sở dữ liệu trống"),
    "import-units": ("import_units", "nạp đơn vị hành chính và quan hệ kế thừa 01/7/2025"),
    "import-accounts": ("import_accounts", "tạo tài khoản từ danh sách cán bộ (Excel)"),
    "add-year": ("add_year", "nạp lịch làm việc cả nước của năm sau"),
    "import-procedures": ("import_procedures", "nạp danh mục thủ tục hành chính"),
    "import-indicators": ("import_indicators", "nạp chỉ tiêu và biểu số liệu báo cáo kèm phần mềm"),
    "adopt": ("adopt", "áp dụng thủ tục của danh mục tại một đơn vị"),
    "import-dossiers": ("import_dossiers", "nạp danh sách hồ sơ từ Excel của hệ thống khác"),
    "api-client": ("api_client", "cấp, xem, thu hồi mã truy cập của hệ thống kết nối"),
    "statement": ("statement", "lập biểu tổng hợp từ sổ số liệu"),
    "verify": ("verify", "kiểm tra chuỗi sự kiện, bút toán, tổng, biểu, dãy số"),
    "backup": ("backup", "sao lưu cơ sở dữ liệu, tệp tải lên và khóa vào một tệp, trong khi chạy"),
    "restore": ("restore", "khôi phục bản sao lưu vào nơi trống và kiểm tra"),
    "reindex": ("reindex", "sửa chỉ mục tìm kiếm hồ sơ cho đúng dữ liệu"),
    "tick": ("tick", "việc định kỳ: cộng dồn, gửi đi, chốt ngày"),
}
# Django's own, for those who keep the installation.
ALSO = {"check", "collectstatic", "makemigrations", "shell", "showmigrations"}


def usage() -> str:
    width = max(map(len, VERBS)) + 2
    lines = [
        "motcua — phần mềm một cửa",
        "",
        "Cách dùng: motcua LỆNH [tùy chọn]     (motcua LỆNH --help để xem tùy chọn)",
        "",
    ]
    lines += [f"  {name:<{width}}{help_text}" for name, (_, help_text) in VERBS.items()]
    return "\n".join(lines)


# What argparse says of a command line, in the user's language.
_SAID = (
    ("the following arguments are required:", "còn thiếu"),
    ("unrecognized arguments:", "không có tùy chọn"),
    ("expected one argument", "cần một giá trị"),
    ("expected at least one argument", "cần ít nhất một giá trị"),
    ("invalid choice:", "không chọn được"),
    ("invalid int value:", "không phải số nguyên"),
    ("not allowed with argument", "không dùng cùng với"),
    ("choose from", "chọn trong"),
    ("one of the arguments", "cần một trong"),
    ("is required", ""),
    ("argument ", "tùy chọn "),
)


def _speak_plainly(name: str) -> None:
    """One clear line for a wrong command line, instead of a usage block under the framework's own name."""
    from django.core.management.base import CommandParser

    def error(parser: CommandParser, message: str) -> NoReturn:
        for english, vietnamese in _SAID:
            message = message.replace(english, vietnamese)
        print(f"motcua {name}: {message.strip()}. Gõ «motcua {name} --help» để xem tùy chọn.", file=sys.stderr)
        sys.exit(2)

    CommandParser.error = error  # type: ignore[method-assign,assignment]


def main(argv: list[str] | None = None) -> int:
    argv = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if argv else 2
    name = argv[0]
    if name not in VERBS and name not in ALSO:
        print(f"motcua: không có lệnh «{name}». Gõ «motcua --help» để xem các lệnh.", file=sys.stderr)
        return 2
    command = VERBS[name][0] if name in VERBS else name

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from motcua.core.errors import MotcuaError

    _speak_plainly(name)
    try:
        execute_from_command_line(["motcua", command, *argv[1:]])
    except MotcuaError as error:
        print(f"motcua {name}: {error}", file=sys.stderr)
        return 1
    except (ImproperlyConfigured, DatabaseError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        missing = "no such table" in first or "does not exist" in first
        hint = " Hãy chạy «motcua migrate» trước." if missing else ""
        print(f"motcua {name}: cơ sở dữ liệu hoặc cấu hình có lỗi: {first}.{hint}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"motcua {name}: không đọc hoặc ghi được tệp{where}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"motcua {name}: đã dừng theo yêu cầu.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
