"""The journal refuses to be changed, and refuses entries that cannot be right."""

from django.db import migrations

from motcua.ledger.triggers import create_sql, drop_sql


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for statement in make(schema_editor.connection.vendor):
                cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_journal")]

    operations = [migrations.RunPython(_run(create_sql), _run(drop_sql))]
