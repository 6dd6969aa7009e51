"""What was frozen, written, done and filed of a report is never rewritten."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from motcua.core.triggers import append_only_sql, drop_append_only_sql

TABLES = (
    "reports_cut",
    "reports_frozenfigure",
    "reports_reportsection",
    "reports_reportact",
    "reports_reportfile",
    "reports_reporttemplate",
)


def _run(statements: Callable[[str, str], list[str]]) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        for table in TABLES:
            for statement in statements(schema_editor.connection.vendor, table):
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_reports")]

    operations = [migrations.RunPython(_run(append_only_sql), _run(drop_append_only_sql))]
