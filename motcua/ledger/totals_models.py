"""Folds of the journal, kept so that no statement has to read it whole; and the figures an office has frozen."""

from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from motcua.ledger.models import ENDED, PENDING, Account, Book, Category, Channel, LegKind
from motcua.org.models import Unit

# One column for each pending account and kind; ended accounts have one column each (their legs are all "close"; any
# other kind would be counted there too, and no statement over it would reconcile).
CELL_COLUMNS: tuple[str, ...] = (
    *(f"{account}_{kind}" for account in PENDING for kind in LegKind),
    *(str(account) for account in ENDED),
)

M = TypeVar("M", bound=type[models.Model])


def _with_cells(model: M) -> M:
    for account in PENDING:
        for kind in LegKind:
            name = f"{account} · {kind}"
            model.add_to_class(f"{account}_{kind}", models.IntegerField(name, default=0))
    for account in ENDED:
        model.add_to_class(str(account), models.IntegerField(Account(account).label, default=0))
    return model


@_with_cells
class Cells(models.Model):
    """A wide row: the net of all legs of one place, one column an account and kind. Rows of zeros are removed.

    Pending columns stand in rows with an empty ``outcome``, ended ones in the row of their outcome. The contra side
    (``outside``) is left out: it is minus the rest.
    """

    book = models.CharField("sổ", max_length=16, choices=Book.choices)
    unit = models.ForeignKey(
        Unit, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name="đơn vị"
    )
    outcome = models.CharField("kết cục", max_length=16)
    channel = models.CharField("hình thức nộp", max_length=16, choices=Channel.choices)

    class Meta:
        abstract = True


class TotalUnit(Cells):
    """Net of the legs dated within one half-month block."""

    block = models.IntegerField("nửa tháng", help_text="(năm × 12 + tháng − 1) × 2, thêm 1 cho nửa sau.")
    pk = models.CompositePrimaryKey("book", "block", "unit_id", "outcome", "channel")

    class Meta:
        db_table = "ledger_total_unit"
        verbose_name = "tổng nửa tháng theo đơn vị"
        verbose_name_plural = "tổng nửa tháng theo đơn vị"

    def __str__(self) -> str:
        return f"{self.book} {self.block} {self.unit_id}"


class BalanceUnit(Cells):
    """Net of all legs dated before the block: kept at the opening of 15/6 and 15/12, for every account and kind."""

    block = models.IntegerField("trước nửa tháng")
    pk = models.CompositePrimaryKey("book", "block", "unit_id", "outcome", "channel")

    class Meta:
        db_table = "ledger_balance_unit"
        verbose_name = "số dư theo đơn vị"
        verbose_name_plural = "số dư theo đơn vị"

    def __str__(self) -> str:
        return f"{self.book} {self.block} {self.unit_id}"


class TotalProcedure(Cells):
    """As :class:`TotalUnit`, by category too; it compresses little and serves one unit or a few."""

    block = models.IntegerField("nửa tháng")
    category = models.ForeignKey(
        Category, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name="nhóm số liệu"
    )
    pk = models.CompositePrimaryKey("book", "block", "unit_id", "category_id", "outcome", "channel")

    class Meta:
        db_table = "ledger_total_procedure"
        verbose_name = "tổng nửa tháng theo thủ tục"
        verbose_name_plural = "tổng nửa tháng theo thủ tục"

    def __str__(self) -> str:
        return f"{self.book} {self.block} {self.unit_id} {self.category_id}"


class BalanceProcedure(Cells):
    """As :class:`BalanceUnit`, by category too."""

    block = models.IntegerField("trước nửa tháng")
    category = models.ForeignKey(
        Category, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name="nhóm số liệu"
    )
    pk = models.CompositePrimaryKey("book", "block", "unit_id", "category_id", "outcome", "channel")

    class Meta:
        db_table = "ledger_balance_procedure"
        verbose_name = "số dư theo thủ tục"
        verbose_name_plural = "số dư theo thủ tục"

    def __str__(self) -> str:
        return f"{self.book} {self.block} {self.unit_id} {self.category_id}"


class FoldState(models.Model):
    """How far the totals go. One row; none means that the totals hold nothing and nothing in them is to be read."""

    leg_id = models.BigIntegerField("đã cộng đến bút toán", help_text="Mọi bút toán đến số này đã nằm trong các tổng.")
    first_block = models.IntegerField("nửa tháng đầu tiên", null=True)
    last_block = models.IntegerField("nửa tháng cuối cùng", null=True)
    balances = models.JSONField("các mốc có số dư", default=list)
    folded_at = models.DateTimeField("lúc cộng dồn")

    class Meta:
        verbose_name = "mốc cộng dồn"
        verbose_name_plural = "mốc cộng dồn"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_foldstate_one_row")]

    def __str__(self) -> str:
        return f"đến bút toán {self.leg_id}"


class CutoffKind(models.TextChoices):
    OFFICIAL = "official", "Số chính thức"
    ESTIMATE = "estimate", "Số ước"


class Cutoff(models.Model):
    """Chốt số liệu: a statement as it stood when it was frozen. Append-only; what was published stays said.

    ``figures`` is the whole statement in canonical JSON and ``digest`` its SHA-256, so that a changed figure is found.
    """

    number = models.CharField("số chốt", max_length=20, unique=True, help_text="Ví dụ CS-2023-0001.")
    kind = models.CharField("loại số", max_length=10, choices=CutoffKind.choices)
    book = models.CharField("sổ", max_length=16, choices=Book.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị báo cáo")
    start = models.DateField("từ ngày")
    end = models.DateField("đến hết ngày")
    counted_to = models.DateField("số liệu tính đến hết ngày", help_text="Với số ước: sớm hơn ngày cuối kỳ.")
    by = models.CharField("chia theo", max_length=10)
    watermark = models.BigIntegerField("mốc bút toán", help_text="Biết đến bút toán này.")
    as_of = models.DateTimeField("thời điểm số liệu", help_text="Chỉ tính những gì đã xảy ra đến lúc này.")
    figures = models.TextField("số liệu")
    digest = models.CharField("SHA-256", max_length=64)
    chained_from = models.ForeignKey(
        "self", models.PROTECT, related_name="followed_by", null=True, verbose_name="nối tiếp bản chốt"
    )
    completes = models.ForeignKey(
        "self", models.PROTECT, related_name="completed_by", null=True, verbose_name="hoàn tất số ước"
    )
    created_at = models.DateTimeField("lúc chốt")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="người chốt"
    )

    class Meta:
        verbose_name = "bản chốt số liệu"
        verbose_name_plural = "bản chốt số liệu"
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lte=F("counted_to")) & Q(counted_to__lte=F("end")), name="ledger_cutoff_dates"
            ),
            models.CheckConstraint(
                condition=Q(kind="estimate") | Q(counted_to=F("end")), name="ledger_cutoff_official_is_complete"
            ),
            models.CheckConstraint(
                condition=Q(completes__isnull=True) | Q(kind="official"), name="ledger_cutoff_completion_is_official"
            ),
        ]
        indexes = [models.Index(fields=["book", "unit", "end"], name="ledger_cutoff_unit")]

    def __str__(self) -> str:
        return self.number
