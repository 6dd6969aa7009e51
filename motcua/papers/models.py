"""Files as they lie on disk: once each, by the hash of their content."""

from django.db import models
from django.db.models import Q


class Blob(models.Model):
    """One content, stored once. ``references`` counts who still needs it; at zero the file may be removed."""

    sha256 = models.CharField("mã băm nội dung", max_length=64, unique=True)
    size = models.PositiveBigIntegerField("cỡ (byte)")
    media_type = models.CharField("loại nội dung", max_length=100, help_text="Nhận từ nội dung, không theo tên tệp.")
    references = models.PositiveIntegerField("số nơi dùng", default=0)
    created_at = models.DateTimeField("lúc lưu")

    class Meta:
        verbose_name = "nội dung tệp"
        verbose_name_plural = "nội dung tệp"
        constraints = [models.CheckConstraint(condition=Q(size__gte=1), name="papers_blob_not_empty")]

    def __str__(self) -> str:
        return self.sha256[:12]
