import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0002_import_lists"),
        ("org", "0003_access_changes_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DueMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("beneath", models.BooleanField(verbose_name="cả đơn vị trực thuộc")),
                ("days", models.PositiveSmallIntegerField(verbose_name="số ngày làm việc")),
                ("decision", models.CharField(max_length=200, verbose_name="số quyết định")),
                ("reason", models.TextField(verbose_name="lý do")),
                ("at", models.DateTimeField(verbose_name="lúc dời")),
                ("moved", models.PositiveIntegerField(verbose_name="số hồ sơ đã dời")),
                (
                    "left",
                    models.PositiveIntegerField(
                        help_text="Trạng thái do hệ thống khác giữ.", verbose_name="số hồ sơ để lại"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người lập",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.unit",
                        verbose_name="đơn vị",
                    ),
                ),
            ],
            options={
                "verbose_name": "lần dời hạn",
                "verbose_name_plural": "lần dời hạn",
            },
        ),
    ]
