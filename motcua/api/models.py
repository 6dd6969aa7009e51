"""Machine clients and what they were answered."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User


class ApiClient(models.Model):
    """Another system that works through the interface: a token, and the account in whose name its acts are done.

    What it may do, and where, is said by the account's duties, as for everybody: nothing here widens them.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="api_client", verbose_name="tài khoản")
    name = models.CharField("tên hệ thống", max_length=120)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        verbose_name="đơn vị chủ quản",
        help_text="Quản trị viên của đơn vị này, hoặc của cấp trên, cấp và thu hồi mã truy cập.",
    )
    basis = models.CharField("căn cứ", max_length=200, blank=True, help_text="Văn bản cho phép kết nối.")
    token_hash = models.CharField("mã băm", max_length=64, unique=True, help_text="SHA-256 của mã truy cập.")
    token_hint = models.CharField("bốn ký tự cuối", max_length=4, help_text="Để nhận ra mã nào đang dùng.")
    token_made_at = models.DateTimeField("lúc cấp mã")
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", help_text="Mã truy cập luôn có thời hạn.")
    requests_a_minute = models.PositiveIntegerField(
        "số lần gọi mỗi phút", default=600, help_text="Gọi quá thì được báo chờ (429)."
    )
    created_at = models.DateTimeField("lúc tạo")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người tạo"
    )
    revoked_at = models.DateTimeField("lúc thu hồi", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người thu hồi"
    )

    class Meta:
        verbose_name = "hệ thống kết nối"
        verbose_name_plural = "hệ thống kết nối"
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="api_client_dates"),
            models.CheckConstraint(condition=Q(requests_a_minute__gte=1), name="api_client_pace"),
            models.CheckConstraint(
                condition=Q(revoked_by__isnull=True) | Q(revoked_at__isnull=False), name="api_client_revoked_when"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def works_on(self, day: dt.date) -> bool:
        """Whether its token opens anything on that day. No query."""
        return self.revoked_at is None and self.valid_from <= day <= self.valid_to


class ApiAnswer(models.Model):
    """What a writing request was answered: the same request sent again is answered the same. No personal data."""

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="answers", verbose_name="hệ thống")
    key = models.CharField("khóa yêu cầu", max_length=50)
    operation = models.CharField("việc", max_length=60)
    at = models.DateTimeField("lúc")
    body = models.JSONField("câu trả lời", default=dict, help_text="Số, mã, trạng thái và ngày; không có tên người.")

    class Meta:
        verbose_name = "câu trả lời"
        verbose_name_plural = "câu trả lời"
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="api_answer_key_once")]
        indexes = [models.Index(fields=["at"], name="api_answer_at")]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.operation} #{self.pk}"
