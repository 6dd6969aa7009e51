"""Reports on their way: what was frozen, what was written, what was done, which files there are.

Cuts, frozen figures, section texts, acts and files are append-only; a report's row says where it stands now.
"""

from django.db import models
from django.db.models import F, Q

from motcua.ledger.totals_models import Cutoff
from motcua.org.models import Unit, User
from motcua.papers.models import Blob


class State(models.TextChoices):
    """Where a report stands; :mod:`motcua.reports.flow` says how it moves."""

    PREPARING = "preparing", "Đang chuẩn bị"
    DRAFT = "draft", "Dự thảo"
    SUBMITTED = "submitted", "Chờ ký"
    SIGNED = "signed", "Đã ký, chờ vào số"
    NUMBERED = "numbered", "Đã vào số, chờ gửi"
    SENT = "sent", "Đã gửi"
    CANCELLED = "cancelled", "Đã hủy"


class Report(models.Model):
    """One unit's report of one type and window."""

    type = models.CharField("loại báo cáo", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name="đơn vị báo cáo")
    rule = models.CharField("cách tính kỳ", max_length=30)
    first = models.DateField("từ ngày")
    last = models.DateField("đến hết ngày")
    label = models.CharField("tên kỳ", max_length=80)
    due = models.DateField("hạn gửi")
    state = models.CharField("tình trạng", max_length=10, choices=State.choices, default=State.PREPARING)
    earlier = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="later",
        null=True,
        blank=True,
        verbose_name="báo cáo kỳ trước",
        help_text="Lời văn bắt đầu từ báo cáo này.",
    )
    cut = models.ForeignKey(
        "Cut",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="bản chốt",
        help_text="Số của văn bản: không đổi nữa sau khi trình ký.",
    )
    submitted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người trình"
    )
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người ký")
    authority = models.JSONField(
        "quyền hạn ký", default=list, help_text="Các dòng trên chữ ký: TM., KT., TL., TUQ., Q."
    )
    signed_on = models.DateField("ngày ký", null=True, blank=True)
    number = models.PositiveIntegerField("số văn bản", null=True, blank=True)
    symbol = models.CharField("ký hiệu", max_length=40, blank=True)
    issued_on = models.DateField("ngày văn bản", null=True, blank=True)
    year = models.PositiveSmallIntegerField("năm của số", null=True, blank=True)
    sent_at = models.DateTimeField("lúc gửi", null=True, blank=True)
    created_at = models.DateTimeField("lúc lập")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người lập")

    class Meta:
        verbose_name = "báo cáo"
        verbose_name_plural = "báo cáo"
        constraints = [
            models.UniqueConstraint(
                fields=["type", "unit", "first", "last"], condition=~Q(state="cancelled"), name="reports_report_once"
            ),
            models.UniqueConstraint(
                fields=["unit", "symbol", "year", "number"],
                condition=Q(number__isnull=False),
                name="reports_report_number",
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="reports_report_days"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="reports_report_state"),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "cancelled"]) | Q(cut__isnull=False), name="reports_report_cut"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "draft", "submitted", "cancelled"], number__isnull=True)
                | Q(state="signed", signed_on__isnull=False, signer__isnull=False, number__isnull=True)
                | Q(
                    state__in=["numbered", "sent"],
                    signed_on__isnull=False,
                    signer__isnull=False,
                    number__isnull=False,
                    issued_on__isnull=False,
                    year__isnull=False,
                ),
                name="reports_report_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.label}, {self.unit_id}"


class Cut(models.Model):
    """Chốt số liệu: the figures of a report as known at one watermark. Never changed."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", "Số chính thức"
        ESTIMATE = "estimate", "Số ước"

    report = models.ForeignKey(Report, models.PROTECT, related_name="cuts", verbose_name="báo cáo")
    n = models.PositiveSmallIntegerField("lần chốt")
    kind = models.CharField("loại số", max_length=8, choices=Kind.choices)
    counted_to = models.DateField("tính đến hết ngày")
    watermark = models.BigIntegerField("tính đến bút toán")
    completes = models.ForeignKey(
        "self", models.PROTECT, related_name="completed_by", null=True, blank=True, verbose_name="hoàn tất số ước"
    )
    statement = models.ForeignKey(
        Cutoff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="biểu tổng hợp đã chốt"
    )
    digest = models.CharField("mã kiểm (SHA-256)", max_length=64, help_text="Của tất cả số liệu của bản chốt.")
    at = models.DateTimeField("lúc chốt")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người chốt")

    class Meta:
        verbose_name = "bản chốt số liệu"
        verbose_name_plural = "bản chốt số liệu"
        constraints = [
            models.UniqueConstraint(fields=["report", "n"], name="reports_cut_n"),
            models.CheckConstraint(condition=Q(kind__in=["official", "estimate"]), name="reports_cut_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.n}"


class FrozenFigure(models.Model):
    """One figure of a cut: what it says, over its own days, from what, and its seal. Never changed."""

    cut = models.ForeignKey(Cut, models.PROTECT, related_name="figures", verbose_name="bản chốt")
    position = models.PositiveSmallIntegerField("thứ tự")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    code = models.CharField("mã chỉ tiêu", max_length=60)
    name = models.CharField("tên chỉ tiêu", max_length=300)
    measure = models.CharField("đơn vị tính", max_length=40)
    kind = models.CharField("loại", max_length=10)
    decimals = models.PositiveSmallIntegerField("số chữ số thập phân")
    state = models.CharField("có số hay không", max_length=8)
    value = models.DecimalField("giá trị", max_digits=24, decimal_places=6, null=True)
    num = models.DecimalField("tử số", max_digits=24, decimal_places=6, null=True)
    den = models.DecimalField("mẫu số", max_digits=24, decimal_places=6, null=True)
    words = models.TextField("nội dung", blank=True)
    first = models.DateField("từ ngày")
    last = models.DateField("đến hết ngày")
    estimate = models.BooleanField("số ước", default=False)
    watermark = models.BigIntegerField("tính đến bút toán")
    before = models.CharField("kỳ trước", max_length=80, blank=True)
    year_ago = models.CharField("cùng kỳ năm trước", max_length=80, blank=True)
    inputs = models.TextField("đầu vào", help_text="JSON: từ đâu, phần của từng đơn vị.")
    link = models.CharField("nơi xem hồ sơ", max_length=600, blank=True)
    digest = models.CharField("mã kiểm (SHA-256)", max_length=64)

    class Meta:
        verbose_name = "số liệu đã chốt"
        verbose_name_plural = "số liệu đã chốt"
        constraints = [
            models.UniqueConstraint(fields=["cut", "code"], name="reports_figure_once"),
            models.CheckConstraint(condition=Q(state__in=["value", "none", "missing"]), name="reports_figure_state"),
        ]

    def __str__(self) -> str:
        return f"{self.cut_id}: {self.code}"


class ReportSection(models.Model):
    """One version of a section's text; figures stand in it as tokens {CODE}. Never changed: a change is a version more.

    ``by`` nobody: what the figures themselves say, written anew at each cut as long as nobody has written over it.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="sections", verbose_name="báo cáo")
    key = models.CharField("phần", max_length=40)
    version = models.PositiveIntegerField("lần sửa")
    text = models.TextField("lời văn", blank=True)
    copied_from = models.ForeignKey(
        Report, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="chép từ báo cáo"
    )
    at = models.DateTimeField("lúc ghi")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người viết")

    class Meta:
        verbose_name = "lời văn"
        verbose_name_plural = "lời văn"
        constraints = [
            models.UniqueConstraint(fields=["report", "key", "version"], name="reports_section_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="reports_section_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.key} {self.version}"


class ReportAct(models.Model):
    """Who did what to a report, when, in which duty. Never changed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="acts", verbose_name="báo cáo")
    verb = models.CharField("việc", max_length=12)
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người làm")
    duty = models.CharField("nhiệm vụ", max_length=12)
    note = models.CharField("ghi chú", max_length=500, blank=True)

    class Meta:
        verbose_name = "việc của báo cáo"
        verbose_name_plural = "việc của báo cáo"

    def __str__(self) -> str:
        return f"{self.report_id}: {self.verb}"


class ReportFile(models.Model):
    """A file of a report as it was issued or came back. Never changed."""

    class Kind(models.TextChoices):
        WORD = "docx", "Bản Word"
        PDF = "pdf", "Bản PDF"
        RETURNED = "returned", "Bản Word sửa gửi lại"

    report = models.ForeignKey(Report, models.PROTECT, related_name="files", verbose_name="báo cáo")
    kind = models.CharField("loại tệp", max_length=8, choices=Kind.choices)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+", verbose_name="nội dung")
    cut = models.ForeignKey(Cut, models.PROTECT, related_name="+", verbose_name="bản chốt")
    state = models.CharField("lúc báo cáo", max_length=10, choices=State.choices)
    at = models.DateTimeField("lúc lưu")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lưu")

    class Meta:
        verbose_name = "tệp của báo cáo"
        verbose_name_plural = "tệp của báo cáo"

    def __str__(self) -> str:
        return f"{self.report_id}: {self.kind}"


class ReportTemplate(models.Model):
    """An office's own Word template of an outline, from a moment on; without a file the shipped one is used again."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    outline = models.CharField("đề cương", max_length=40)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="nội dung")
    at = models.DateTimeField("lúc lưu")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lưu")

    class Meta:
        verbose_name = "mẫu báo cáo riêng"
        verbose_name_plural = "mẫu báo cáo riêng"

    def __str__(self) -> str:
        return f"{self.outline}, {self.unit_id}"


APPEND_ONLY = (
    "reports_cut",
    "reports_frozenfigure",
    "reports_reportsection",
    "reports_reportact",
    "reports_reportfile",
    "reports_reporttemplate",
)

__all__ = [
    "APPEND_ONLY", "Cut", "FrozenFigure", "Report", "ReportAct", "ReportFile", "ReportSection", "ReportTemplate",
    "State",
]  # fmt: skip
