"""What the counter keeps beside the journal: the book number of a certification, money
due and paid, the closing of a day's cash, and codes reserved on paper slips for the day the network is down.

Money is its own small journal: rows are only ever added (triggers), a wrong one is reversed by another that names it.
"""

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User
from motcua.procedures.models import FeeLine


class Seen(models.TextChoices):
    """How sure the desk is of who the applicant is, as the event of an acceptance says; nothing noted: typed by hand.
    A card's QR code is unsigned text: read is not verified."""

    CARD = "card", "Đọc từ mã QR của thẻ, chưa đối chiếu"
    CHECKED = "checked", "Đã đối chiếu với thẻ"


class CounterRecord(models.Model):
    """The line of a quick intake in the unit's book (sổ chứng thực)."""

    dossier = models.OneToOneField("dossiers.Dossier", models.PROTECT, related_name="counter", verbose_name="hồ sơ")
    book = models.CharField("quyển sổ", max_length=64, blank=True, help_text="Dãy số của đơn vị và thủ tục.")
    year = models.PositiveSmallIntegerField("năm của quyển", null=True, blank=True)
    number = models.PositiveIntegerField("số trong sổ", null=True, blank=True)
    pages = models.PositiveSmallIntegerField("số trang", null=True, blank=True)

    class Meta:
        verbose_name = "dòng tiếp nhận nhanh"
        verbose_name_plural = "dòng tiếp nhận nhanh"
        constraints = [
            models.UniqueConstraint(
                fields=["book", "year", "number"],
                condition=Q(number__isnull=False),
                name="dossiers_counter_book_number",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, book="", year__isnull=True)
                | (Q(number__gte=1, year__isnull=False) & ~Q(book="")),
                name="dossiers_counter_number_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.number}"


class MoneyKind(models.TextChoices):
    DUE = "due", "Phải thu"
    CANCEL = "cancel", "Bỏ khoản phải thu"
    COLLECT = "collect", "Đã thu"
    VOID = "void", "Hủy phiếu thu"
    REFUND = "refund", "Trả lại tiền"


class PayMethod(models.TextChoices):
    CASH = "cash", "Tiền mặt"
    TRANSFER = "transfer", "Chuyển khoản"


class MoneyEntry(models.Model):
    """One line of a dossier's money, in whole đồng. Never changed; a reversal names the line it takes back.

    Due lines add to what is to be paid, collected ones to what was paid; their reversals carry a minus. What is owed is
    the sum of the first less the sum of the second.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="money", verbose_name="hồ sơ")
    kind = models.CharField("loại", max_length=8, choices=MoneyKind.choices)
    amount = models.BigIntegerField("số tiền (đồng)")
    desk = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="nơi thu")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người ghi")
    at = models.DateTimeField("lúc")
    day = models.DateField("ngày", help_text="Ngày ở Việt Nam của lúc ghi.")
    # what is due
    name = models.CharField("khoản", max_length=300, blank=True)
    fee_line = models.ForeignKey(
        FeeLine, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="dòng phí của thủ tục"
    )
    quantity = models.PositiveIntegerField("số lượng", default=1)
    by_rule = models.BigIntegerField(
        "theo mức thu", null=True, blank=True, help_text="Trống khi mức thu của thủ tục chưa rõ."
    )
    exempt_group = models.CharField("đối tượng miễn, giảm", max_length=120, blank=True)
    # what was paid
    method = models.CharField("cách thu", max_length=8, choices=PayMethod.choices, blank=True)
    book = models.CharField("quyển phiếu thu", max_length=64, blank=True)
    year = models.PositiveSmallIntegerField("năm của quyển", null=True, blank=True)
    number = models.PositiveIntegerField("số phiếu thu", null=True, blank=True)
    # why, and what is taken back
    reason = models.CharField("lý do", max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", null=True, blank=True, verbose_name="đảo khoản"
    )

    class Meta:
        verbose_name = "khoản thu"
        verbose_name_plural = "khoản thu"
        constraints = [
            models.UniqueConstraint(
                fields=["book", "year", "number"], condition=Q(number__isnull=False), name="dossiers_money_receipt_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=MoneyKind.DUE, amount__gte=0, reverses__isnull=True, number__isnull=True, method="")
                | (
                    Q(kind=MoneyKind.COLLECT, amount__gt=0, reverses__isnull=True, number__gte=1, year__isnull=False)
                    & ~Q(method="")
                    & ~Q(book="")
                )
                | Q(kind=MoneyKind.CANCEL, amount__lte=0, reverses__isnull=False, number__isnull=True, method="")
                | (
                    Q(
                        kind__in=[MoneyKind.VOID, MoneyKind.REFUND],
                        amount__lt=0,
                        reverses__isnull=False,
                        number__isnull=True,
                    )
                    & ~Q(method="")
                ),
                name="dossiers_money_entry_whole",
            ),
        ]
        indexes = [models.Index(fields=["desk", "day", "actor"], name="dossiers_money_by_desk")]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.kind} {self.amount}"


class CashClosing(models.Model):
    """Chốt bảng kê: what one person took at one desk on a day, counted against the drawer. Never changed."""

    desk = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="nơi thu")
    collector = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người thu")
    day = models.DateField("ngày")
    ordinal = models.PositiveSmallIntegerField("lần chốt trong ngày")
    receipts = models.PositiveIntegerField("số phiếu thu")
    cash = models.BigIntegerField("tiền mặt theo sổ (đồng)")
    transfer = models.BigIntegerField("chuyển khoản theo sổ (đồng)")
    counted = models.BigIntegerField("tiền mặt kiểm đếm (đồng)")
    note = models.CharField("giải trình chênh lệch", max_length=300, blank=True)
    at = models.DateTimeField("lúc chốt")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người chốt")

    class Meta:
        verbose_name = "lần chốt bảng kê thu"
        verbose_name_plural = "lần chốt bảng kê thu"
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "collector", "day", "ordinal"], name="dossiers_cash_closing_ordinal"
            ),
            models.CheckConstraint(condition=Q(counted__gte=0), name="dossiers_cash_counted"),
            models.CheckConstraint(
                condition=Q(counted=F("cash")) | ~Q(note=""), name="dossiers_cash_difference_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} lần {self.ordinal}"


class ClosedEntry(models.Model):
    """Which lines a closing covers: each line at most once."""

    closing = models.ForeignKey(CashClosing, models.PROTECT, related_name="entries", verbose_name="lần chốt")
    entry = models.OneToOneField(MoneyEntry, models.PROTECT, related_name="closed", verbose_name="khoản thu")

    class Meta:
        verbose_name = "khoản đã chốt"
        verbose_name_plural = "khoản đã chốt"

    def __str__(self) -> str:
        return f"{self.closing_id}: {self.entry_id}"


class SlipRun(models.Model):
    """Codes of one unit and day given to paper slips ahead of time, so that a slip carries the dossier's real code."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    day = models.DateField("dùng cho ngày", help_text="Mã hồ sơ mang ngày này.")
    first = models.PositiveIntegerField("từ số")
    last = models.PositiveIntegerField("đến số")
    reason = models.CharField("lý do", max_length=300)
    at = models.DateTimeField("lúc giữ")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người giữ")

    class Meta:
        verbose_name = "đợt phiếu giữ trước"
        verbose_name_plural = "đợt phiếu giữ trước"
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first"), first__gte=1), name="dossiers_slip_run_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y}: {self.first}–{self.last}"


class Slip(models.Model):
    """One reserved code: free, used by a dossier, or spoiled with a reason. It explains its number in the series."""

    run = models.ForeignKey(SlipRun, models.PROTECT, related_name="slips", verbose_name="đợt")
    number = models.PositiveIntegerField("số")
    code = models.CharField("mã hồ sơ", max_length=60, unique=True)
    dossier = models.OneToOneField(
        "dossiers.Dossier", models.PROTECT, related_name="slip", null=True, blank=True, verbose_name="hồ sơ"
    )
    spoiled = models.CharField("lý do bỏ phiếu", max_length=300, blank=True)
    spoiled_at = models.DateTimeField("lúc bỏ", null=True, blank=True)
    spoiled_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người bỏ"
    )

    class Meta:
        verbose_name = "phiếu giữ trước"
        verbose_name_plural = "phiếu giữ trước"
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="dossiers_slip_number"),
            models.CheckConstraint(
                condition=Q(dossier__isnull=True) | Q(spoiled=""), name="dossiers_slip_used_or_spoiled"
            ),
        ]

    def __str__(self) -> str:
        return self.code
