"""Accounts of machines made before org knew of such are marked as what they are."""

from django.db import migrations


def mark(apps, schema_editor):
    clients = apps.get_model("api", "ApiClient").objects.values("user")
    apps.get_model("org", "User").objects.filter(pk__in=clients).update(is_machine=True)


class Migration(migrations.Migration):
    dependencies = [("api", "0002_answer_key"), ("org", "0005_machine")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
