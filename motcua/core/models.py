"""Number series, outgoing messages, and the record of requests already answered."""

from django.db import models


class SeriesCounter(models.Model):
    """The last number given in a series on a day. A number once given is never given again."""

    series = models.CharField("dãy số", max_length=64, help_text="Tên dãy, ví dụ mã đơn vị cấp mã hồ sơ.")
    day = models.DateField("ngày", help_text="Ngày của việc được đánh số, không phải ngày ghi.")
    n = models.PositiveIntegerField("số cuối đã cấp", default=0)

    class Meta:
        verbose_name = "dãy số"
        verbose_name_plural = "dãy số"
        constraints = [
            models.UniqueConstraint(fields=["series", "day"], name="core_series_day_once"),
            models.CheckConstraint(condition=models.Q(n__gte=1), name="core_series_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.day:%d/%m/%Y}: {self.n}"


class Request(models.Model):
    """A writing request already carried out; asking again with the same key answers the same and changes nothing."""

    key = models.CharField("khóa yêu cầu", max_length=80, unique=True)
    verb = models.CharField("việc", max_length=60)
    digest = models.CharField("tóm lược nội dung", max_length=64, help_text="SHA-256 của tham số đã gửi.")
    result_model = models.CharField("loại kết quả", max_length=80, blank=True)
    result_id = models.BigIntegerField("số kết quả", null=True)
    created_at = models.DateTimeField("lúc")

    class Meta:
        verbose_name = "yêu cầu đã thực hiện"
        verbose_name_plural = "yêu cầu đã thực hiện"

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"


class Outbox(models.Model):
    """Something to send to the outside: written in the transaction of its act, sent by ``motcua tick``."""

    topic = models.CharField("loại tin", max_length=60)
    payload = models.JSONField("nội dung", help_text="Số và mã, không có dữ liệu cá nhân.")
    created_at = models.DateTimeField("lúc ghi")
    sent_at = models.DateTimeField("lúc gửi", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("số lần thử", default=0)
    error = models.CharField("lỗi lần cuối", max_length=300, blank=True)

    class Meta:
        verbose_name = "tin chờ gửi"
        verbose_name_plural = "tin chờ gửi"
        indexes = [
            models.Index(fields=["created_at"], name="core_outbox_waiting", condition=models.Q(sent_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
