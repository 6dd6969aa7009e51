"""The record of who was given or refused what cannot be rewritten."""

from django.db import migrations

from motcua.core.triggers import append_only_sql, drop_append_only_sql

TABLE = "org_accesschange"


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for statement in make(schema_editor.connection.vendor, TABLE):
                cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("org", "0002_homes_and_one_alive")]

    operations = [migrations.RunPython(_run(append_only_sql), _run(drop_append_only_sql))]
