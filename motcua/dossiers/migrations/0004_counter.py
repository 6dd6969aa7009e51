"""The counter: identification, book numbers, money due and paid, closings of a day's cash, reserved slips."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from motcua.core.triggers import append_only_sql, drop_append_only_sql

# Money taken and closed: rows are added, never changed.
TABLES = ["dossiers_moneyentry", "dossiers_cashclosing", "dossiers_closedentry"]


def _run(make):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                for statement in make(schema_editor.connection.vendor, table):
                    cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0003_due_moves"),
        ("org", "0003_access_changes_append_only"),
        ("procedures", "0002_seals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CashClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="ngày")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="lần chốt trong ngày")),
                ("receipts", models.PositiveIntegerField(verbose_name="số phiếu thu")),
                ("cash", models.BigIntegerField(verbose_name="tiền mặt theo sổ (đồng)")),
                ("transfer", models.BigIntegerField(verbose_name="chuyển khoản theo sổ (đồng)")),
                ("counted", models.BigIntegerField(verbose_name="tiền mặt kiểm đếm (đồng)")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="giải trình chênh lệch")),
                ("at", models.DateTimeField(verbose_name="lúc chốt")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người chốt",
                    ),
                ),
                (
                    "collector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người thu",
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.unit",
                        verbose_name="nơi thu",
                    ),
                ),
            ],
            options={
                "verbose_name": "lần chốt bảng kê thu",
                "verbose_name_plural": "lần chốt bảng kê thu",
            },
        ),
        migrations.CreateModel(
            name="CounterRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("typed", "Gõ tay"),
                            ("card", "Đọc từ mã QR của thẻ, chưa đối chiếu"),
                            ("checked", "Đã đối chiếu với thẻ"),
                        ],
                        default="typed",
                        max_length=8,
                        verbose_name="đối chiếu giấy tờ",
                    ),
                ),
                (
                    "book",
                    models.CharField(
                        blank=True, help_text="Dãy số của đơn vị và thủ tục.", max_length=64, verbose_name="quyển sổ"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="năm của quyển")),
                ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="số trong sổ")),
                ("pages", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="số trang")),
                (
                    "dossier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter",
                        to="dossiers.dossier",
                        verbose_name="hồ sơ",
                    ),
                ),
            ],
            options={
                "verbose_name": "ghi nhận tại quầy",
                "verbose_name_plural": "ghi nhận tại quầy",
            },
        ),
        migrations.CreateModel(
            name="MoneyEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("due", "Phải thu"),
                            ("cancel", "Bỏ khoản phải thu"),
                            ("collect", "Đã thu"),
                            ("void", "Hủy phiếu thu"),
                            ("refund", "Trả lại tiền"),
                        ],
                        max_length=8,
                        verbose_name="loại",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="số tiền (đồng)")),
                ("at", models.DateTimeField(verbose_name="lúc")),
                ("day", models.DateField(help_text="Ngày ở Việt Nam của lúc ghi.", verbose_name="ngày")),
                ("name", models.CharField(blank=True, max_length=300, verbose_name="khoản")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="số lượng")),
                (
                    "by_rule",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Trống khi mức thu của thủ tục chưa rõ.",
                        null=True,
                        verbose_name="theo mức thu",
                    ),
                ),
                ("exempt_group", models.CharField(blank=True, max_length=120, verbose_name="đối tượng miễn, giảm")),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("cash", "Tiền mặt"), ("transfer", "Chuyển khoản")],
                        max_length=8,
                        verbose_name="cách thu",
                    ),
                ),
                ("book", models.CharField(blank=True, max_length=64, verbose_name="quyển phiếu thu")),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="năm của quyển")),
                ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="số phiếu thu")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="lý do")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người ghi",
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.unit",
                        verbose_name="nơi thu",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="money",
                        to="dossiers.dossier",
                        verbose_name="hồ sơ",
                    ),
                ),
                (
                    "fee_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="procedures.feeline",
                        verbose_name="dòng phí của thủ tục",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="dossiers.moneyentry",
                        verbose_name="đảo khoản",
                    ),
                ),
            ],
            options={
                "verbose_name": "khoản thu",
                "verbose_name_plural": "khoản thu",
            },
        ),
        migrations.CreateModel(
            name="ClosedEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "closing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="dossiers.cashclosing",
                        verbose_name="lần chốt",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closed",
                        to="dossiers.moneyentry",
                        verbose_name="khoản thu",
                    ),
                ),
            ],
            options={
                "verbose_name": "khoản đã chốt",
                "verbose_name_plural": "khoản đã chốt",
            },
        ),
        migrations.CreateModel(
            name="SlipRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="Mã hồ sơ mang ngày này.", verbose_name="dùng cho ngày")),
                ("first", models.PositiveIntegerField(verbose_name="từ số")),
                ("last", models.PositiveIntegerField(verbose_name="đến số")),
                ("reason", models.CharField(max_length=300, verbose_name="lý do")),
                ("at", models.DateTimeField(verbose_name="lúc giữ")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người giữ",
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
                "verbose_name": "đợt phiếu giữ trước",
                "verbose_name_plural": "đợt phiếu giữ trước",
            },
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="số")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="mã hồ sơ")),
                ("spoiled", models.CharField(blank=True, max_length=300, verbose_name="lý do bỏ phiếu")),
                ("spoiled_at", models.DateTimeField(blank=True, null=True, verbose_name="lúc bỏ")),
                (
                    "dossier",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slip",
                        to="dossiers.dossier",
                        verbose_name="hồ sơ",
                    ),
                ),
                (
                    "spoiled_by",
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
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slips",
                        to="dossiers.sliprun",
                        verbose_name="đợt",
                    ),
                ),
            ],
            options={
                "verbose_name": "phiếu giữ trước",
                "verbose_name_plural": "phiếu giữ trước",
            },
        ),
        migrations.AddConstraint(
            model_name="cashclosing",
            constraint=models.UniqueConstraint(
                fields=("desk", "collector", "day", "ordinal"), name="dossiers_cash_closing_ordinal"
            ),
        ),
        migrations.AddConstraint(
            model_name="cashclosing",
            constraint=models.CheckConstraint(condition=models.Q(("counted__gte", 0)), name="dossiers_cash_counted"),
        ),
        migrations.AddConstraint(
            model_name="cashclosing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counted", models.F("cash")), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="dossiers_cash_difference_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("book", "year", "number"),
                name="dossiers_counter_book_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("book", ""), ("number__isnull", True), ("year__isnull", True)),
                    models.Q(("number__gte", 1), ("year__isnull", False), models.Q(("book", ""), _negated=True)),
                    _connector="OR",
                ),
                name="dossiers_counter_number_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="moneyentry",
            index=models.Index(fields=["desk", "day", "actor"], name="dossiers_money_by_desk"),
        ),
        migrations.AddConstraint(
            model_name="moneyentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)),
                fields=("book", "year", "number"),
                name="dossiers_money_receipt_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="moneyentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__gte", 0),
                        ("kind", "due"),
                        ("method", ""),
                        ("number__isnull", True),
                        ("reverses__isnull", True),
                    ),
                    models.Q(
                        ("amount__gt", 0),
                        ("kind", "collect"),
                        ("number__gte", 1),
                        ("reverses__isnull", True),
                        ("year__isnull", False),
                        models.Q(("method", ""), _negated=True),
                        models.Q(("book", ""), _negated=True),
                    ),
                    models.Q(
                        ("amount__lte", 0),
                        ("kind", "cancel"),
                        ("method", ""),
                        ("number__isnull", True),
                        ("reverses__isnull", False),
                    ),
                    models.Q(
                        ("amount__lt", 0),
                        ("kind__in", ["void", "refund"]),
                        ("number__isnull", True),
                        ("reverses__isnull", False),
                        models.Q(("method", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="dossiers_money_entry_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="sliprun",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__gte", 1), ("last__gte", models.F("first"))),
                name="dossiers_slip_run_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="dossiers_slip_number"),
        ),
        migrations.AddConstraint(
            model_name="slip",
            constraint=models.CheckConstraint(
                condition=models.Q(("dossier__isnull", True), ("spoiled", ""), _connector="OR"),
                name="dossiers_slip_used_or_spoiled",
            ),
        ),
        migrations.RunPython(_run(append_only_sql), _run(drop_append_only_sql)),
    ]
