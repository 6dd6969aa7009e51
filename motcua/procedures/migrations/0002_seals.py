"""Hold sealed versions still; see ``motcua/procedures/seals.py``."""

from django.db import migrations

from motcua.procedures.seals import seal_sql


def put_on(apps, schema_editor):
    for statement in seal_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_initial")]
    operations = [migrations.RunPython(put_on, migrations.RunPython.noop)]
