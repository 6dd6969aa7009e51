"""SQLite: the index rows a second time, ordered by place, so that a commune's are read at one go."""

from django.db import migrations

from motcua.dossiers.indexing import words_sql


def _make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            for statement in words_sql("sqlite"):
                cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0009_search_words")]

    operations = [migrations.RunPython(_make, migrations.RunPython.noop)]
