"""The index of words as it is now, for databases that had it otherwise."""

from django.db import migrations

from motcua.dossiers.indexing import words_sql


def _make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in words_sql(schema_editor.connection.vendor):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0008_counter_seen")]

    operations = [migrations.RunPython(_make, migrations.RunPython.noop)]
