"""Where results wait to be collected, and which reminders were queued."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0006_papers"),
        ("ledger", "0004_keys_not_replaced"),
        ("org", "0004_unit_identity"),
        ("parties", "0002_rights_and_access"),
        ("procedures", "0002_seals"),
        ("worktime", "0003_vietnam"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CollectionReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.PositiveSmallIntegerField(verbose_name="sau số ngày")),
                (
                    "since",
                    models.DateField(
                        help_text="Kết quả hủy rồi có lại thì tính lại từ đầu.", verbose_name="có kết quả từ ngày"
                    ),
                ),
                ("queued_at", models.DateTimeField(verbose_name="lúc xếp hàng gửi")),
            ],
            options={
                "verbose_name": "nhắc nhận kết quả",
                "verbose_name_plural": "nhắc nhận kết quả",
            },
        ),
        migrations.CreateModel(
            name="ShelfPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=40, verbose_name="vị trí kệ")),
                ("placed_at", models.DateTimeField(verbose_name="lúc xếp")),
            ],
            options={
                "verbose_name": "vị trí kệ",
                "verbose_name_plural": "vị trí kệ",
            },
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("handed_over_at__isnull", True)),
                fields=["desk_unit", "ended_at"],
                name="dossiers_uncollected",
            ),
        ),
        migrations.AddField(
            model_name="collectionreminder",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="dossiers.dossier",
                verbose_name="hồ sơ",
            ),
        ),
        migrations.AddField(
            model_name="shelfplace",
            name="dossier",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shelf",
                to="dossiers.dossier",
                verbose_name="hồ sơ",
            ),
        ),
        migrations.AddField(
            model_name="shelfplace",
            name="placed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người xếp",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionreminder",
            constraint=models.UniqueConstraint(fields=("dossier", "since", "days"), name="dossiers_reminded_once"),
        ),
    ]
