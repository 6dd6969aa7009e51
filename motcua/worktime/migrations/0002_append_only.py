"""Calendars, their versions and rule sets refuse to be changed or removed."""

from django.db import migrations

from motcua.core.triggers import append_only_sql, drop_append_only_sql

TABLES = [
    "worktime_calendar",
    "worktime_calendarversion",
    "worktime_officehours",
    "worktime_calendarday",
    "worktime_calendaradoption",
    "worktime_ruleset",
]


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                for statement in make(schema_editor.connection.vendor, table):
                    cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("worktime", "0001_calendars")]

    operations = [migrations.RunPython(_run(append_only_sql), _run(drop_append_only_sql))]
