"""Calendars in immutable versions, who follows which, and the dated parameters of law that dossiers keep.

Nothing here is ever changed: a new fact is a new row, and the tables refuse update and delete. A version's id is made
from its content, so the same id means the same days and hours in every database, and what was compiled once may be
remembered for ever.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User
from motcua.worktime.calendar import DayKind

WEEKDAY_CHOICES = [
    (0, "thứ Hai"),
    (1, "thứ Ba"),
    (2, "thứ Tư"),
    (3, "thứ Năm"),
    (4, "thứ Sáu"),
    (5, "thứ Bảy"),
    (6, "Chủ nhật"),
]

# Tables whose rows are facts (see core.triggers); ``motcua verify`` looks for their triggers.
APPEND_ONLY_TABLES = [
    "worktime_calendar",
    "worktime_calendarversion",
    "worktime_officehours",
    "worktime_calendarday",
    "worktime_calendaradoption",
    "worktime_ruleset",
]


class Calendar(models.Model):
    """A working calendar. Its versions hold all days and hours, or only what differs from the version they stand on."""

    code = models.CharField("mã lịch", max_length=80, unique=True)
    name = models.CharField("tên lịch", max_length=200)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="own_calendars",
        null=True,
        blank=True,
        verbose_name="đơn vị",
        help_text="Đơn vị lập lịch này; trống là lịch chung cả nước.",
    )

    class Meta:
        verbose_name = "lịch làm việc"
        verbose_name_plural = "lịch làm việc"

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """One state of a calendar: all its days and hours, and the version of its base it stands on.

    What is accepted from ``effective_from`` on counts by it and keeps it; of several the one with the highest number.
    """

    id = models.BigIntegerField("mã phiên bản", primary_key=True, help_text="Tính từ nội dung phiên bản.")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions", verbose_name="lịch")
    number = models.PositiveIntegerField("phiên bản số")
    base_version = models.ForeignKey(
        "self", models.PROTECT, related_name="derived", null=True, blank=True, verbose_name="phiên bản lịch gốc"
    )
    effective_from = models.DateField("áp dụng cho hồ sơ tiếp nhận từ ngày")
    first_day = models.DateField("lịch có từ ngày")
    last_day = models.DateField("lịch có đến hết ngày")
    digest = models.CharField("tóm lược nội dung", max_length=64, unique=True, help_text="SHA-256 của mọi ngày và giờ.")
    reason = models.CharField("lý do", max_length=300, help_text="Thay đổi gì, theo văn bản nào.")
    created_at = models.DateTimeField("lúc lập")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người lập"
    )

    class Meta:
        verbose_name = "phiên bản lịch làm việc"
        verbose_name_plural = "phiên bản lịch làm việc"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="worktime_version_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="worktime_version_number_positive"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="worktime_version_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}/{self.number}"


class OfficeHours(models.Model):
    """The opening times of one weekday over a span of days. Neither morning nor afternoon: closed."""

    version = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="hours", verbose_name="phiên bản lịch")
    weekday = models.PositiveSmallIntegerField("thứ", choices=WEEKDAY_CHOICES)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    morning_from = models.TimeField("sáng từ", null=True, blank=True)
    morning_to = models.TimeField("sáng đến", null=True, blank=True)
    afternoon_from = models.TimeField("chiều từ", null=True, blank=True)
    afternoon_to = models.TimeField("chiều đến", null=True, blank=True)
    counts_as_day = models.BooleanField(
        "tính là ngày làm việc",
        default=True,
        help_text="Có tính vào thời hạn bằng ngày làm việc không. Sáng thứ Bảy chỉ trực tiếp nhận thì không.",
    )

    class Meta:
        verbose_name = "giờ làm việc"
        verbose_name_plural = "giờ làm việc"
        constraints = [
            models.UniqueConstraint(fields=["version", "weekday", "valid_from"], name="worktime_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="worktime_hours_weekday"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="worktime_hours_dates"
            ),
            models.CheckConstraint(
                condition=Q(morning_from__isnull=True, morning_to__isnull=True)
                | Q(morning_from__isnull=False, morning_to__isnull=False, morning_to__gt=F("morning_from")),
                name="worktime_hours_morning",
            ),
            models.CheckConstraint(
                condition=Q(afternoon_from__isnull=True, afternoon_to__isnull=True)
                | Q(afternoon_from__isnull=False, afternoon_to__isnull=False, afternoon_to__gt=F("afternoon_from")),
                name="worktime_hours_afternoon",
            ),
            models.CheckConstraint(
                condition=Q(morning_to__isnull=True)
                | Q(afternoon_from__isnull=True)
                | Q(afternoon_from__gt=F("morning_to")),
                name="worktime_hours_morning_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} từ {self.valid_from:%d/%m/%Y}"

    @property
    def spans(self) -> tuple[tuple[dt.time, dt.time], ...]:
        """The opening times in order."""
        pairs = ((self.morning_from, self.morning_to), (self.afternoon_from, self.afternoon_to))
        return tuple((a, b) for a, b in pairs if a is not None and b is not None)


class CalendarDay(models.Model):
    """A day that is not like its weekday: a holiday, a day in lieu, either side of a swap, an own closure."""

    version = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="days", verbose_name="phiên bản lịch")
    day = models.DateField("ngày")
    kind = models.CharField("loại ngày", max_length=12, choices=DayKind.choices)
    name = models.CharField("tên ngày", max_length=120)
    hours_as = models.PositiveSmallIntegerField(
        "làm theo giờ của",
        choices=WEEKDAY_CHOICES,
        null=True,
        blank=True,
        help_text="Chỉ với ngày làm bù: thứ của ngày được nghỉ thay.",
    )
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    confirmed = models.BooleanField(
        "đã xác nhận", default=True, help_text="Chưa xác nhận: dự kiến, phải đối chiếu với thông báo chính thức."
    )

    class Meta:
        verbose_name = "ngày đặc biệt"
        verbose_name_plural = "ngày đặc biệt"
        constraints = [
            models.UniqueConstraint(fields=["version", "day"], name="worktime_day_once"),
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="worktime_day_kind"),
            models.CheckConstraint(
                condition=Q(kind=DayKind.SWAP_WORK, hours_as__isnull=False, hours_as__lte=6)
                | (~Q(kind=DayKind.SWAP_WORK) & Q(hours_as__isnull=True)),
                name="worktime_day_hours_as",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class CalendarAdoption(models.Model):
    """From a day on a unit, and all beneath it that adopt none, follows a calendar. No unit: the whole country.

    Of several rows of a unit the one that begins last holds, and of these the one written last.
    """

    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="calendar_adoptions",
        null=True,
        blank=True,
        verbose_name="đơn vị",
        help_text="Trống: mặc định cả nước.",
    )
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="adoptions", verbose_name="lịch")
    valid_from = models.DateField("từ ngày")
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    created_at = models.DateTimeField("lúc ghi")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người ghi"
    )

    class Meta:
        verbose_name = "áp dụng lịch"
        verbose_name_plural = "áp dụng lịch"
        indexes = [models.Index(fields=["unit", "valid_from"], name="worktime_adoption_unit")]

    def __str__(self) -> str:
        return f"{self.unit or 'Cả nước'}: {self.calendar} từ {self.valid_from:%d/%m/%Y}"


class SupplementEffect(models.TextChoices):
    PAUSE = "pause", "Dừng tính giờ trong lúc chờ bổ sung"
    RESTART = "restart", "Tính lại từ đầu khi nhận đủ"


class ClassBy(models.TextChoices):
    DUE = "due", "Hạn giải quyết"
    APPOINTED = "appointed", "Ngày hẹn trả"


class CodePattern(models.TextChoices):
    Y2018 = "2018", "Theo TT 01/2018/TT-VPCP"
    Y2025 = "2025", "Theo TT 03/2025/TT-VPCP"


class RuleSet(models.Model):
    """The parameters of law in force on a span of days. What is accepted on such a day keeps this row.

    Of several rows that hold on a day the one that begins last decides, and of these the one written last: a
    corrected or confirmed rule set is a new row with the same dates. ``valid_to`` is the last day, inclusive.
    """

    code = models.CharField("mã bộ quy tắc", max_length=40, unique=True)
    name = models.CharField("tên bộ quy tắc", max_length=200)
    valid_from = models.DateField("áp dụng từ ngày")
    valid_to = models.DateField("áp dụng đến hết ngày", null=True, blank=True)
    supplement_effect = models.CharField(
        "yêu cầu bổ sung làm gì với thời hạn", max_length=8, choices=SupplementEffect.choices
    )
    supplement_limit = models.PositiveSmallIntegerField(
        "số lần yêu cầu bổ sung",
        null=True,
        blank=True,
        help_text="Nhiều hơn thì phải có căn cứ; trống: không giới hạn.",
    )
    apology_limit = models.PositiveSmallIntegerField(
        "số lần hẹn lại", default=1, help_text="Số lần xin lỗi được dời ngày hẹn trả."
    )
    appointment_time = models.TimeField(
        "giờ hẹn trả",
        default=dt.time(17, 0),
        help_text="In trên giấy hẹn của thời hạn tính bằng ngày; không muộn hơn giờ đóng cửa của ngày đó.",
    )
    class_by = models.CharField(
        "xếp trước, đúng, quá hạn theo", max_length=10, choices=ClassBy.choices, default=ClassBy.DUE
    )
    backdate_working_days = models.PositiveSmallIntegerField(
        "được ghi lùi (ngày làm việc)", default=1, help_text="Quá số này phải hủy và ghi lại, có lãnh đạo duyệt."
    )
    dossier_code_pattern = models.CharField("mẫu mã hồ sơ", max_length=8, choices=CodePattern.choices)
    desk_name = models.CharField("tên bộ phận một cửa", max_length=120)
    supplement_reply_days = models.PositiveSmallIntegerField(
        "hạn người dân bổ sung (ngày)", null=True, blank=True, help_text="Trống: luật không định hoặc chưa rõ."
    )
    late_by_supplements = models.PositiveSmallIntegerField(
        "tính quá hạn từ lần bổ sung thứ",
        null=True,
        blank=True,
        help_text="Chỉ số QĐ 766: yêu cầu bổ sung từ lần này trở đi thì Cổng tính là quá hạn. Không đổi sổ số liệu.",
    )
    intake_check_hours = models.PositiveSmallIntegerField(
        "kiểm tra hồ sơ trực tuyến trong (giờ làm việc)",
        default=8,
        help_text="Từ lúc hệ thống nhận hồ sơ nộp trực tuyến đến lúc báo tiếp nhận, yêu cầu bổ sung hoặc từ chối.",
    )
    legal_basis = models.CharField("căn cứ", max_length=500)
    confirmed = models.BooleanField("đã xác nhận", default=False, help_text="Đã đối chiếu với văn bản gốc.")
    note = models.TextField("ghi chú", blank=True)

    class Meta:
        verbose_name = "bộ quy tắc"
        verbose_name_plural = "bộ quy tắc"
        ordering = ["valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="worktime_ruleset_dates"
            ),
            models.CheckConstraint(
                condition=Q(supplement_effect__in=SupplementEffect.values), name="worktime_ruleset_supplement"
            ),
            models.CheckConstraint(condition=Q(class_by__in=ClassBy.values), name="worktime_ruleset_class_by"),
            models.CheckConstraint(
                condition=Q(dossier_code_pattern__in=CodePattern.values), name="worktime_ruleset_code_pattern"
            ),
            models.CheckConstraint(
                condition=Q(late_by_supplements__isnull=True) | Q(late_by_supplements__gte=1),
                name="worktime_ruleset_late_by",
            ),
            models.CheckConstraint(condition=Q(intake_check_hours__gte=1), name="worktime_ruleset_intake_check"),
        ]

    def __str__(self) -> str:
        return self.name
