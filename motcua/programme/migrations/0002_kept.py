"""Entries cannot be removed, struck ones cannot change, and what each version said cannot be rewritten."""

from django.db import migrations

from motcua.core.triggers import append_only_sql, drop_append_only_sql
from motcua.programme.triggers import drop_kept_sql, kept_sql

# As they stand at this step: a register added later brings its own step.
TABLES = [
    f"programme_{name}"
    for name in (
        "steeringdocument", "plan", "requiredplan", "plantask", "assignedtask", "inspection", "pressitem",
        "publicityevent", "legaldocument", "documentreview", "lawmonitoring", "linkedprocedure", "onestopfacility",
        "controlcontact", "softwareentry", "discipline", "devolution", "recommendation", "isoscope", "isoprocess",
        "isoreview", "nothingtoreport",
    )
]  # fmt: skip


def _run(kept, append_only):
    def run(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                for statement in kept(vendor, table):
                    cursor.execute(statement)
            for statement in append_only(vendor, "programme_change"):
                cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("programme", "0001_registers")]

    operations = [migrations.RunPython(_run(kept_sql, append_only_sql), _run(drop_kept_sql, drop_append_only_sql))]
