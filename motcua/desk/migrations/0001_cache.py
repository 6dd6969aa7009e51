from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    # The shared cache of wrong codes and used codes. Does nothing where the table is there (test databases make it).
    call_command("createcachetable", "desk_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
