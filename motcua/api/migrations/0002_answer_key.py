"""An answer is found by its client's key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="apianswer",
            name="key",
            field=models.CharField(default="", max_length=50, verbose_name="khóa yêu cầu"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="apianswer",
            constraint=models.UniqueConstraint(fields=("client", "key"), name="api_answer_key_once"),
        ),
    ]
