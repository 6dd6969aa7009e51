"""Results nobody has collected yet: on which shelf each lies, and which reminders were queued."""

from django.db import models

from motcua.org.models import User


class ShelfPlace(models.Model):
    """Where a result lies at the desk until it is collected."""

    dossier = models.OneToOneField("dossiers.Dossier", models.PROTECT, related_name="shelf", verbose_name="hồ sơ")
    place = models.CharField("vị trí kệ", max_length=40)
    placed_at = models.DateTimeField("lúc xếp")
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người xếp")

    class Meta:
        verbose_name = "vị trí kệ"
        verbose_name_plural = "vị trí kệ"

    def __str__(self) -> str:
        return self.place


class CollectionReminder(models.Model):
    """A reminder queued once for a result that waited so many days; sent by whichever gateway an office has."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="reminders", verbose_name="hồ sơ")
    days = models.PositiveSmallIntegerField("sau số ngày")
    since = models.DateField("có kết quả từ ngày", help_text="Kết quả hủy rồi có lại thì tính lại từ đầu.")
    queued_at = models.DateTimeField("lúc xếp hàng gửi")

    class Meta:
        verbose_name = "nhắc nhận kết quả"
        verbose_name_plural = "nhắc nhận kết quả"
        constraints = [
            models.UniqueConstraint(fields=["dossier", "since", "days"], name="dossiers_reminded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.days} ngày"


__all__ = ["CollectionReminder", "ShelfPlace"]
