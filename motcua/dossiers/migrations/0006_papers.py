"""Stock reasons, proof that a letter was sent, and what a signed result says."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from motcua.core.triggers import append_only_sql, drop_append_only_sql

# Proof that a letter was sent: rows are added, never changed.
TABLES = ["dossiers_sending"]


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                for statement in make(schema_editor.connection.vendor, table):
                    cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0005_search"),
        ("org", "0003_access_changes_append_only"),
        ("procedures", "0002_seals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ElectronicResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("valid", "Chữ ký số hợp lệ"),
                            ("unknown", "Chưa xác định được người ký"),
                            ("invalid", "Chữ ký số không hợp lệ"),
                            ("unsigned", "Không có chữ ký số"),
                        ],
                        max_length=8,
                        verbose_name="kết luận",
                    ),
                ),
                ("sentence", models.CharField(max_length=600, verbose_name="giải thích")),
                (
                    "signatures",
                    models.JSONField(
                        default=list, help_text="Người ký, lúc ký, kết luận từng chữ ký.", verbose_name="chữ ký"
                    ),
                ),
                ("checked_at", models.DateTimeField(verbose_name="lúc kiểm tra")),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="electronic",
                        to="dossiers.attachment",
                        verbose_name="tệp",
                    ),
                ),
            ],
            options={
                "verbose_name": "kết quả điện tử",
                "verbose_name_plural": "kết quả điện tử",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["valid", "unknown", "invalid", "unsigned"])),
                        name="dossiers_electronic_verdict",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "paper",
                    models.CharField(
                        choices=[
                            ("supplement", "Phiếu yêu cầu bổ sung"),
                            ("refusal", "Phiếu từ chối tiếp nhận"),
                            ("apology", "Văn bản xin lỗi, hẹn lại"),
                            ("expired", "Thông báo hết thời hạn bổ sung"),
                            ("stop", "Thông báo dừng giải quyết"),
                        ],
                        max_length=12,
                        verbose_name="giấy tờ",
                    ),
                ),
                ("sent_on", models.DateField(verbose_name="ngày gửi")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("hand", "Giao trực tiếp"),
                            ("post", "Bưu chính"),
                            ("email", "Thư điện tử"),
                            ("message", "Tin nhắn"),
                            ("portal", "Tài khoản trên Cổng dịch vụ công"),
                        ],
                        max_length=8,
                        verbose_name="cách gửi",
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        blank=True, help_text="Số văn bản hoặc mã bưu gửi.", max_length=80, verbose_name="số, mã gửi"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="ghi chú")),
                ("at", models.DateTimeField(verbose_name="lúc ghi")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người gửi",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="dossiers.dossier",
                        verbose_name="hồ sơ",
                    ),
                ),
                (
                    "supplement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="dossiers.supplementrequest",
                        verbose_name="lần yêu cầu bổ sung",
                    ),
                ),
            ],
            options={
                "verbose_name": "lần gửi giấy tờ",
                "verbose_name_plural": "lần gửi giấy tờ",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("supplement__isnull", True), ("paper__in", ["supplement", "expired"]), _connector="OR"
                        ),
                        name="dossiers_sending_of_its_paper",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300, verbose_name="lý do")),
                ("added_at", models.DateTimeField(verbose_name="lúc thêm")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="lúc bỏ")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người thêm",
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        blank=True,
                        help_text="Trống: dùng cho mọi thủ tục.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="procedures.procedure",
                        verbose_name="thủ tục",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người bỏ",
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
                "verbose_name": "lý do mẫu",
                "verbose_name_plural": "lý do mẫu",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="dossiers_stock_reason_says"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("unit", "procedure", "text"),
                        name="dossiers_stock_reason_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("procedure__isnull", True), ("removed_at__isnull", True)),
                        fields=("unit", "text"),
                        name="dossiers_stock_reason_for_all_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(_run(append_only_sql), _run(drop_append_only_sql)),
    ]
