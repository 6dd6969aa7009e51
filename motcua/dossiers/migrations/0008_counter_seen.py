"""How the applicant was identified is told by the event of the acceptance, not beside it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0007_shelf"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="counterrecord",
            options={"verbose_name": "dòng tiếp nhận nhanh", "verbose_name_plural": "dòng tiếp nhận nhanh"},
        ),
        migrations.RemoveField(
            model_name="counterrecord",
            name="identity",
        ),
    ]
