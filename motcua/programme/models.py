"""The registers' entries, what each version of them said, and the lists that were taken in."""

from django.db import models

from motcua.org.models import Unit, User
from motcua.papers.models import Blob
from motcua.programme.area_models import (
    ControlContact,
    Devolution,
    Discipline,
    DocumentReview,
    IsoProcess,
    IsoReview,
    IsoScope,
    LawMonitoring,
    LegalDocument,
    LinkedProcedure,
    OneStopFacility,
    Recommendation,
    SoftwareEntry,
)
from motcua.programme.keeping import Area, Entry, Level, PlanKind, once, ordered, register_choices
from motcua.programme.steering_models import (
    AssignedTask,
    Inspection,
    Plan,
    PlanTask,
    PressItem,
    PublicityEvent,
    RequiredPlan,
    SteeringDocument,
)


class What(models.TextChoices):
    ENTER = "enter", "Ghi"
    CORRECT = "correct", "Sửa"
    STRIKE = "strike", "Hủy"


class NothingToReport(Entry):
    """The unit says that nothing happened in those days: only then is an empty register a 0, and not an unknown."""

    register = models.CharField("sổ", max_length=30, choices=register_choices)
    first_day = models.DateField("từ ngày")
    last_day = models.DateField("đến ngày")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "không phát sinh"
        constraints = [
            *Entry.Meta.constraints,
            once("register", "first_day", "last_day"),
            ordered("days", "first_day", "last_day"),
        ]


class ListRun(models.Model):
    """An Excel list handed in for a register: the file, which heading is which column, and what came of it."""

    register = models.CharField("sổ", max_length=30)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    file = models.ForeignKey(Blob, models.PROTECT, related_name="+", verbose_name="tệp")
    file_name = models.CharField("tên tệp", max_length=150)
    mapping = models.JSONField("cột", default=dict, help_text="Cột của sổ → tiêu đề trong tệp.")
    created_at = models.DateTimeField("lúc gửi")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người gửi")
    applied_at = models.DateTimeField("lúc ghi vào sổ", null=True, blank=True)
    new = models.PositiveIntegerField("dòng mới", default=0)
    changed = models.PositiveIntegerField("dòng sửa", default=0)
    same = models.PositiveIntegerField("dòng như cũ", default=0)
    left_out = models.PositiveIntegerField("dòng bỏ lại", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "danh sách Excel nhập vào sổ"
        indexes = [models.Index(fields=["register", "unit", "applied_at"], name="programme_listrun_last")]

    def __str__(self) -> str:
        return self.file_name


class Change(models.Model):
    """What one version of an entry changed; append-only. ``values``: field → [before, after] (entered: only after)."""

    register = models.CharField("sổ", max_length=30)
    entry = models.BigIntegerField("số của dòng")
    version = models.PositiveIntegerField("lần ghi")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    what = models.CharField("việc", max_length=8, choices=What.choices)
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người làm")
    values = models.JSONField("nội dung", default=dict)
    reason = models.CharField("lý do", max_length=300, blank=True)
    run = models.ForeignKey(
        ListRun, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="danh sách Excel"
    )

    class Meta:
        verbose_name = verbose_name_plural = "lịch sử sổ theo dõi"
        constraints = [
            models.UniqueConstraint(fields=["register", "entry", "version"], name="programme_change_version"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.entry}: {self.get_what_display()} lần {self.version}"


__all__ = [
    "Area",
    "AssignedTask",
    "Change",
    "ControlContact",
    "Devolution",
    "Discipline",
    "DocumentReview",
    "Entry",
    "Inspection",
    "IsoProcess",
    "IsoReview",
    "IsoScope",
    "LawMonitoring",
    "LegalDocument",
    "Level",
    "LinkedProcedure",
    "ListRun",
    "NothingToReport",
    "OneStopFacility",
    "Plan",
    "PlanKind",
    "PlanTask",
    "PressItem",
    "PublicityEvent",
    "Recommendation",
    "RequiredPlan",
    "SoftwareEntry",
    "SteeringDocument",
    "What",
]
