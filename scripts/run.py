"""The rest of ``make run``: the database up to date, demo data if it is empty, the address and the logins, the server.

One process, so that a second run starts in seconds.
"""

import os
import sys

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate() -> None:
    """Bring the database up to date, if it is not."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("motcua: chuẩn bị cơ sở dữ liệu…", flush=True)
        call_command("migrate", verbosity=0, interactive=False)


def first_data() -> None:
    """Load the demo data into an empty database; show its logins if it holds the demo."""
    from motcua.config import settings
    from motcua.core.errors import Conflict
    from motcua.demo import build

    if not settings.DEMO:
        return
    try:
        build.refuse_unless_empty()
    except Conflict:
        pass  # it holds the demo from last time, or an office's own data
    else:
        print("motcua: nạp dữ liệu minh họa, chừng một phút…", flush=True)
        call_command("demo")
    call_command("demo", logins=True)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    port = os.environ.get("PORT", "8000")
    django.setup()
    from django.db import DatabaseError

    from motcua.config import cli
    from motcua.core.errors import MotcuaError

    try:
        migrate()
        first_data()
    except MotcuaError as error:
        print(f"motcua: {error}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        print(f"motcua: cơ sở dữ liệu có lỗi: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    connection.close()
    # A process of its own for the server, in the place of this one.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", cli.__name__, "serve", "--port", port])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
