"""SQLite: INSERT OR REPLACE finds rows by every key there is, not by their id alone."""

from django.db import migrations

from motcua.ledger.triggers import APPEND_ONLY, SEALED_LATER, keys_sql


def _make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in [*APPEND_ONLY, *SEALED_LATER]:
            schema_editor.execute(keys_sql(table))


def _drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in [*APPEND_ONLY, *SEALED_LATER]:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_double")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_totals")]

    operations = [migrations.RunPython(_make, _drop)]
