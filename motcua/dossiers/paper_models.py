"""What is kept about papers: stock reasons to pick, proof that a letter was sent, and what a signed result says."""

from django.db import models
from django.db.models import Q

from motcua.org.models import Unit, User
from motcua.procedures.models import Procedure


class StockReason(models.Model):
    """A reason for asking for more that a unit uses again and again, for one procedure or for all."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    procedure = models.ForeignKey(
        Procedure,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="thủ tục",
        help_text="Trống: dùng cho mọi thủ tục.",
    )
    text = models.CharField("lý do", max_length=300)
    added_at = models.DateTimeField("lúc thêm")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người thêm")
    removed_at = models.DateTimeField("lúc bỏ", null=True, blank=True)
    removed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người bỏ"
    )

    class Meta:
        verbose_name = "lý do mẫu"
        verbose_name_plural = "lý do mẫu"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="dossiers_stock_reason_says"),
            models.UniqueConstraint(
                fields=["unit", "procedure", "text"],
                condition=Q(removed_at__isnull=True),
                name="dossiers_stock_reason_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "text"],
                condition=Q(removed_at__isnull=True, procedure__isnull=True),
                name="dossiers_stock_reason_for_all_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PaperKind(models.TextChoices):
    """The letters that go to an applicant."""

    SUPPLEMENT = "supplement", "Phiếu yêu cầu bổ sung"
    REFUSAL = "refusal", "Phiếu từ chối tiếp nhận"
    APOLOGY = "apology", "Văn bản xin lỗi, hẹn lại"
    EXPIRED = "expired", "Thông báo hết thời hạn bổ sung"
    STOP = "stop", "Thông báo dừng giải quyết"


class SendChannel(models.TextChoices):
    """How a letter reached the applicant."""

    HAND = "hand", "Giao trực tiếp"
    POST = "post", "Bưu chính"
    EMAIL = "email", "Thư điện tử"
    MESSAGE = "message", "Tin nhắn"
    PORTAL = "portal", "Tài khoản trên Cổng dịch vụ công"


class Sending(models.Model):
    """Proof that a letter was sent: when, how, its number, by whom. Never changed; a correction is a row more."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="sendings", verbose_name="hồ sơ")
    paper = models.CharField("giấy tờ", max_length=12, choices=PaperKind.choices)
    supplement = models.ForeignKey(
        "dossiers.SupplementRequest",
        models.PROTECT,
        related_name="sendings",
        null=True,
        blank=True,
        verbose_name="lần yêu cầu bổ sung",
    )
    sent_on = models.DateField("ngày gửi")
    channel = models.CharField("cách gửi", max_length=8, choices=SendChannel.choices)
    number = models.CharField("số, mã gửi", max_length=80, blank=True, help_text="Số văn bản hoặc mã bưu gửi.")
    note = models.CharField("ghi chú", max_length=300, blank=True)
    at = models.DateTimeField("lúc ghi")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người gửi")

    class Meta:
        verbose_name = "lần gửi giấy tờ"
        verbose_name_plural = "lần gửi giấy tờ"
        constraints = [
            models.CheckConstraint(
                condition=Q(supplement__isnull=True) | Q(paper__in=[PaperKind.SUPPLEMENT, PaperKind.EXPIRED]),
                name="dossiers_sending_of_its_paper",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.paper} {self.sent_on:%d/%m/%Y}"


class Verdict(models.TextChoices):
    """What is known of the signatures in a file."""

    VALID = "valid", "Chữ ký số hợp lệ"
    UNKNOWN = "unknown", "Chưa xác định được người ký"
    INVALID = "invalid", "Chữ ký số không hợp lệ"
    UNSIGNED = "unsigned", "Không có chữ ký số"


class ElectronicResult(models.Model):
    """A result that came as a PDF: who signed it, when, whether that holds. Checked anew when trust roots change."""

    attachment = models.OneToOneField(
        "dossiers.Attachment", models.PROTECT, related_name="electronic", verbose_name="tệp"
    )
    verdict = models.CharField("kết luận", max_length=8, choices=Verdict.choices)
    sentence = models.CharField("giải thích", max_length=600)
    signatures = models.JSONField("chữ ký", default=list, help_text="Người ký, lúc ký, kết luận từng chữ ký.")
    checked_at = models.DateTimeField("lúc kiểm tra")

    class Meta:
        verbose_name = "kết quả điện tử"
        verbose_name_plural = "kết quả điện tử"
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="dossiers_electronic_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id}: {self.verdict}"


__all__ = ["ElectronicResult", "PaperKind", "SendChannel", "Sending", "StockReason", "Verdict"]
