"""Totals, balances, the mark of the fold, and frozen figures.

The four folded tables are made by hand: on SQLite they are WITHOUT ROWID, so that a statement reads one stretch of the
primary key and no index beside it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from motcua.core.triggers import append_only_sql, drop_append_only_sql

PENDING = {
    "in_time": "in_time",
    "overdue": "overdue",
    "waiting_in_time": "waiting_in_time",
    "waiting_overdue": "waiting_overdue",
}
KINDS = ["receive", "cross", "pause", "resume", "close", "transfer", "succession", "correct"]
ENDED = {"early": "Giải quyết trước hạn", "on_time": "Giải quyết đúng hạn", "late": "Giải quyết quá hạn"}
BOOKS = [
    ("dossier", "Hồ sơ TTHC"),
    ("dossier_part", "Phần việc liên thông"),
    ("intake", "Hồ sơ nộp chưa tiếp nhận"),
    ("feedback", "Phản ánh, kiến nghị"),
    ("task", "Nhiệm vụ"),
    ("document", "Văn bản"),
]
CHANNELS = [
    ("direct", "Trực tiếp"),
    ("online", "Trực tuyến"),
    ("online_assisted", "Trực tuyến, công chức nộp hộ"),
    ("post", "Bưu chính công ích"),
]
CELLS = [f"{account}_{kind}" for account in PENDING for kind in KINDS] + list(ENDED)
# table -> the columns of its primary key
TABLES = {
    "ledger_total_unit": ["book", "block", "unit_id", "outcome", "channel"],
    "ledger_balance_unit": ["book", "block", "unit_id", "outcome", "channel"],
    "ledger_total_procedure": ["book", "block", "unit_id", "category_id", "outcome", "channel"],
    "ledger_balance_procedure": ["book", "block", "unit_id", "category_id", "outcome", "channel"],
}
TYPES = {
    "book": "varchar(16)",
    "block": "integer",
    "unit_id": "bigint",
    "category_id": "bigint",
    "outcome": "varchar(16)",
    "channel": "varchar(16)",
}


def _create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    suffix = " WITHOUT ROWID" if vendor == "sqlite" else ""
    with schema_editor.connection.cursor() as cursor:
        for table, key in TABLES.items():
            columns = [f"{name} {TYPES[name]} NOT NULL" for name in key]
            columns += [f"{name} integer NOT NULL" for name in CELLS]
            columns.append(f"PRIMARY KEY ({', '.join(key)})")
            cursor.execute(f"CREATE TABLE {table} ({', '.join(columns)}){suffix}")


def _drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE {table}")


def _seal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in append_only_sql(schema_editor.connection.vendor, "ledger_cutoff"):
            cursor.execute(statement)


def _unseal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in drop_append_only_sql(schema_editor.connection.vendor, "ledger_cutoff"):
            cursor.execute(statement)


def _folded(name, table, verbose_name, block_name, help_text=""):
    """The state Django keeps of a folded table."""
    key = TABLES[table]
    place = {
        "db_constraint": False,
        "db_index": False,
        "on_delete": django.db.models.deletion.DO_NOTHING,
        "related_name": "+",
    }
    fields = [
        ("book", models.CharField(choices=BOOKS, max_length=16, verbose_name="sổ")),
        ("outcome", models.CharField(max_length=16, verbose_name="kết cục")),
        ("channel", models.CharField(choices=CHANNELS, max_length=16, verbose_name="hình thức nộp")),
        ("block", models.IntegerField(help_text=help_text, verbose_name=block_name)),
        ("unit", models.ForeignKey(to="org.unit", verbose_name="đơn vị", **place)),
        *[
            (f"{account}_{kind}", models.IntegerField(default=0, verbose_name=f"{account} · {kind}"))
            for account in PENDING
            for kind in KINDS
        ],
        *[(account, models.IntegerField(default=0, verbose_name=label)) for account, label in ENDED.items()],
    ]
    if "category_id" in key:
        fields.append(("category", models.ForeignKey(to="ledger.category", verbose_name="nhóm số liệu", **place)))
    fields.append(
        ("pk", models.CompositePrimaryKey(*key, blank=True, editable=False, primary_key=True, serialize=False))
    )
    return migrations.CreateModel(
        name=name,
        fields=fields,
        options={"verbose_name": verbose_name, "verbose_name_plural": verbose_name, "db_table": table},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_journal_triggers"),
        ("org", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="leg",
            index=models.Index(
                condition=models.Q(("kind__in", ["transfer", "succession", "correct"])),
                fields=["book", "day"],
                name="ledger_leg_moves",
            ),
        ),
        migrations.CreateModel(
            name="FoldState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "leg_id",
                    models.BigIntegerField(
                        help_text="Mọi bút toán đến số này đã nằm trong các tổng.",
                        verbose_name="đã cộng đến bút toán",
                    ),
                ),
                ("first_block", models.IntegerField(null=True, verbose_name="nửa tháng đầu tiên")),
                ("last_block", models.IntegerField(null=True, verbose_name="nửa tháng cuối cùng")),
                ("balances", models.JSONField(default=list, verbose_name="các mốc có số dư")),
                ("folded_at", models.DateTimeField(verbose_name="lúc cộng dồn")),
            ],
            options={
                "verbose_name": "mốc cộng dồn",
                "verbose_name_plural": "mốc cộng dồn",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_foldstate_one_row"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                _folded(
                    "TotalUnit",
                    "ledger_total_unit",
                    "tổng nửa tháng theo đơn vị",
                    "nửa tháng",
                    "(năm × 12 + tháng − 1) × 2, thêm 1 cho nửa sau.",
                ),
                _folded("BalanceUnit", "ledger_balance_unit", "số dư theo đơn vị", "trước nửa tháng"),
                _folded("TotalProcedure", "ledger_total_procedure", "tổng nửa tháng theo thủ tục", "nửa tháng"),
                _folded("BalanceProcedure", "ledger_balance_procedure", "số dư theo thủ tục", "trước nửa tháng"),
            ],
            database_operations=[migrations.RunPython(_create, _drop)],
        ),
        migrations.CreateModel(
            name="Cutoff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        help_text="Ví dụ CS-2023-0001.", max_length=20, unique=True, verbose_name="số chốt"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("official", "Số chính thức"), ("estimate", "Số ước")],
                        max_length=10,
                        verbose_name="loại số",
                    ),
                ),
                ("book", models.CharField(choices=BOOKS, max_length=16, verbose_name="sổ")),
                ("start", models.DateField(verbose_name="từ ngày")),
                ("end", models.DateField(verbose_name="đến hết ngày")),
                (
                    "counted_to",
                    models.DateField(
                        help_text="Với số ước: sớm hơn ngày cuối kỳ.", verbose_name="số liệu tính đến hết ngày"
                    ),
                ),
                ("by", models.CharField(max_length=10, verbose_name="chia theo")),
                ("watermark", models.BigIntegerField(help_text="Biết đến bút toán này.", verbose_name="mốc bút toán")),
                (
                    "as_of",
                    models.DateTimeField(
                        help_text="Chỉ tính những gì đã xảy ra đến lúc này.", verbose_name="thời điểm số liệu"
                    ),
                ),
                ("figures", models.TextField(verbose_name="số liệu")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("created_at", models.DateTimeField(verbose_name="lúc chốt")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="người chốt",
                    ),
                ),
                (
                    "chained_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="ledger.cutoff",
                        verbose_name="nối tiếp bản chốt",
                    ),
                ),
                (
                    "completes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="completed_by",
                        to="ledger.cutoff",
                        verbose_name="hoàn tất số ước",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.unit",
                        verbose_name="đơn vị báo cáo",
                    ),
                ),
            ],
            options={
                "verbose_name": "bản chốt số liệu",
                "verbose_name_plural": "bản chốt số liệu",
                "indexes": [models.Index(fields=["book", "unit", "end"], name="ledger_cutoff_unit")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("start__lte", models.F("counted_to")), ("counted_to__lte", models.F("end"))
                        ),
                        name="ledger_cutoff_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "estimate"), ("counted_to", models.F("end")), _connector="OR"),
                        name="ledger_cutoff_official_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("completes__isnull", True), ("kind", "official"), _connector="OR"),
                        name="ledger_cutoff_completion_is_official",
                    ),
                ],
            },
        ),
        migrations.RunPython(_seal, _unseal),
    ]
