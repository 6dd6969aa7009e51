"""The country's calendar 2021–2027 and the rule sets of 2018, 2025 and 2026: a migrated database can count."""

from django.db import migrations

from motcua.worktime import vietnam


def load(apps, schema_editor):
    vietnam.load(apps)


class Migration(migrations.Migration):
    dependencies = [("worktime", "0002_append_only")]

    # Going back drops the tables; the rows go with them.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
