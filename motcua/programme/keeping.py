"""What every entry of a register has in common: whose it is, who wrote it, its proof, and that it is never removed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from motcua.org.models import Unit, User
from motcua.papers.models import Blob


class Entry(models.Model):
    """One line of a register: corrected by a new version, struck out with a reason, never deleted (a trigger).

    What each version said is in :class:`motcua.programme.models.Change`.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    note = models.CharField("ghi chú", max_length=500, blank=True)
    evidence = models.ForeignKey(
        Blob, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="tài liệu kiểm chứng"
    )
    evidence_name = models.CharField("tên tệp", max_length=150, blank=True)
    version = models.PositiveIntegerField("lần ghi", default=1, help_text="Tăng một sau mỗi lần sửa, hủy.")
    created_at = models.DateTimeField("lúc ghi")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người ghi")
    struck_at = models.DateTimeField("lúc hủy", null=True, blank=True)
    struck_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người hủy"
    )
    struck_reason = models.CharField("lý do hủy", max_length=300, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_reason="")
                | (Q(struck_at__isnull=False) & ~Q(struck_reason="")),
                name="%(app_label)s_%(class)s_struck_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(evidence__isnull=True, evidence_name="")
                | (Q(evidence__isnull=False) & ~Q(evidence_name="")),
                name="%(app_label)s_%(class)s_evidence_named",
            ),
        ]


def once(*fields: str) -> models.UniqueConstraint:
    """Among what stands, a unit has one entry with these values: what tells a line sent twice from a new one."""
    return models.UniqueConstraint(
        fields=["unit", *fields], condition=Q(struck_at__isnull=True), name="%(app_label)s_%(class)s_once"
    )


def ordered(name: str, first: str, last: str) -> models.CheckConstraint:
    """The second date is not before the first, where both are known."""
    condition = (
        Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": models.F(first)})
    )
    return models.CheckConstraint(condition=condition, name=f"%(app_label)s_%(class)s_{name}")


def at_most(name: str, part: str, whole: str) -> models.CheckConstraint:
    """A part is no more than its whole."""
    return models.CheckConstraint(
        condition=Q(**{f"{part}__lte": models.F(whole)}), name=f"%(app_label)s_%(class)s_{name}"
    )


def register_choices() -> list[tuple[str, str]]:
    """Every register that can have nothing to report, by key; asked late, for the registers describe the models."""
    from motcua.programme.registers import REGISTERS

    return [(register.key, register.title) for register in REGISTERS if register.key != "nothing"]


class Area(models.TextChoices):
    """The areas of reform, as the outline of the report has them."""

    GENERAL = "general", "Chung, chỉ đạo điều hành"
    INSTITUTIONS = "institutions", "Cải cách thể chế"
    PROCEDURES = "procedures", "Cải cách thủ tục hành chính"
    APPARATUS = "apparatus", "Cải cách tổ chức bộ máy"
    SERVICE = "service", "Cải cách chế độ công vụ"
    FINANCE = "finance", "Cải cách tài chính công"
    DIGITAL = "digital", "Chính quyền điện tử, chính quyền số"


class PlanKind(models.TextChoices):
    """Plans that units have to issue each year."""

    REFORM = "reform", "Kế hoạch cải cách hành chính"
    PUBLICITY = "publicity", "Kế hoạch tuyên truyền cải cách hành chính"
    CONTROL = "control", "Kế hoạch kiểm soát thủ tục hành chính"
    REVIEW = "review", "Kế hoạch rà soát, đánh giá thủ tục hành chính"
    LAW = "law", "Kế hoạch theo dõi tình hình thi hành pháp luật"
    TEXTS = "texts", "Kế hoạch kiểm tra, rà soát văn bản QPPL"
    DIGITAL = "digital", "Kế hoạch chuyển đổi số, ứng dụng CNTT"
    INSPECTION = "inspection", "Kế hoạch kiểm tra công vụ, cải cách hành chính"
    ISO = "iso", "Kế hoạch áp dụng hệ thống quản lý chất lượng ISO"
    TRAINING = "training", "Kế hoạch đào tạo, bồi dưỡng cán bộ, công chức, viên chức"
    OTHER = "other", "Kế hoạch khác"


class Level(models.TextChoices):
    PROVINCE = "province", "Cấp tỉnh"
    DISTRICT = "district", "Cấp huyện"
    COMMUNE = "commune", "Cấp xã"
