"""Code and first day name a unit for ever."""

from django.db import migrations

from motcua.org.triggers import drop_identity_sql, identity_sql


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for statement in make(schema_editor.connection.vendor):
                cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("org", "0003_access_changes_append_only")]

    operations = [migrations.RunPython(_run(identity_sql), _run(drop_identity_sql))]
