"""Units in time, the people who serve in them, and the duties they hold on a day."""

import datetime as dt
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q

# Units whose beginning is not known to the files start here: (code, valid_from) must be a key, so it needs a date.
NOT_KNOWN_EARLIER = dt.date(2000, 1, 1)
# NQ 202/2025/QH15 and the resolutions of 16/6/2025: districts end, communes and provinces are drawn anew.
TWO_TIER_DAY = dt.date(2025, 7, 1)


class UnitKind(models.TextChoices):
    PROVINCE = "province", "Tỉnh"
    CITY = "city", "Thành phố trực thuộc trung ương"
    DEPARTMENT = "department", "Sở, ban, ngành cấp tỉnh"
    DISTRICT = "district", "Huyện, quận, thị xã, thành phố thuộc tỉnh"
    COMMUNE = "commune", "Xã"
    WARD = "ward", "Phường"
    TOWN = "town", "Thị trấn"
    SPECIAL_ZONE = "special_zone", "Đặc khu"
    OFFICE = "office", "Phòng chuyên môn"
    PUBLIC_SERVICE = "public_service", "Đơn vị sự nghiệp"
    SECTOR = "sector", "Cơ quan ngành dọc"
    POINT = "point", "Điểm tiếp nhận"


class Unit(models.Model):
    """One legal existence of a unit. The same code reborn after a reform is another unit.

    ``valid_to`` is the last day of its existence, inclusive, as the law says it ("đến hết ngày 30/6/2025").
    """

    code = models.CharField("mã đơn vị", max_length=35, help_text="Mã hành chính (ĐVHC) hoặc mã cơ quan.")
    short_code = models.CharField(
        "mã ngắn",
        max_length=20,
        blank=True,
        help_text="Mã để gõ nhanh, ví dụ CAUKE; mỗi lúc chỉ một đơn vị mang.",
    )
    name = models.CharField("tên đơn vị", max_length=200)
    kind = models.CharField("loại đơn vị", max_length=20, choices=UnitKind.choices)
    agency_code = models.CharField(
        "mã định danh điện tử",
        max_length=35,
        blank=True,
        help_text="Mã cơ quan để cấp mã hồ sơ (QĐ 20/2020, QCVN 102).",
    )
    valid_from = models.DateField("hiệu lực từ")
    valid_to = models.DateField("hiệu lực đến hết", null=True, blank=True)
    accountable = models.BooleanField(
        "là đơn vị chịu trách nhiệm số liệu", default=True, help_text="Bút toán của hồ sơ ghi cho đơn vị này."
    )

    class Meta:
        verbose_name = "đơn vị"
        verbose_name_plural = "đơn vị"
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="org_unit_code_valid_from"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="org_unit_code_one_alive"
            ),
            models.UniqueConstraint(
                fields=["short_code", "valid_from"], condition=~Q(short_code=""), name="org_unit_short_code_valid_from"
            ),
            models.UniqueConstraint(
                fields=["short_code"],
                condition=~Q(short_code="") & Q(valid_to__isnull=True),
                name="org_unit_short_code_one_alive",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="org_unit_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The unit's identity outside this database: code and first day, e.g. ``29266@2000-01-01``."""
        return f"{self.code}@{self.valid_from.isoformat()}"


class UnitPlace(models.Model):
    """Where a unit stands in the tree, for a span of days. ``path`` is the ids from the root, ``/1/23/456/``."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="places", verbose_name="đơn vị")
    parent = models.ForeignKey(
        Unit, models.PROTECT, related_name="child_places", verbose_name="cấp trên", null=True, blank=True
    )
    path = models.CharField("đường dẫn", max_length=120, help_text="Các số đơn vị từ gốc tới đơn vị này.")
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)

    class Meta:
        verbose_name = "vị trí trong cây đơn vị"
        verbose_name_plural = "vị trí trong cây đơn vị"
        constraints = [
            models.UniqueConstraint(fields=["unit", "valid_from"], name="org_place_unit_from"),
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to__isnull=True), name="org_place_one_open"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="org_place_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.path}"


class SuccessionKind(models.TextChoices):
    WHOLE = "whole", "Nhập, đổi tên hoặc chuyển nguyên vẹn"
    PART = "part", "Một phần"
    DEFAULT = "default", "Một phần, nhận phần còn lại"


class Succession(models.Model):
    """From ``day`` on ``new`` holds what ``old`` held: a dated fact of the unit which every item's timeline reads.

    Where a unit is split there is one DEFAULT row and any number of PART rows. With ``by_territory`` (districts,
    offices) pending work goes to the unit that succeeds the applicant's commune, and only else to the DEFAULT.
    """

    old = models.ForeignKey(Unit, models.PROTECT, related_name="successors", verbose_name="đơn vị cũ")
    new = models.ForeignKey(Unit, models.PROTECT, related_name="predecessors", verbose_name="đơn vị mới")
    day = models.DateField("từ ngày", help_text="Ngày đầu tiên đơn vị mới nhận việc.")
    kind = models.CharField("cách chuyển", max_length=10, choices=SuccessionKind.choices)
    territory = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="địa bàn",
        help_text="Với PART: phần việc của địa bàn này.",
    )
    by_territory = models.BooleanField(
        "theo địa bàn", default=False, help_text="Việc đang làm theo đơn vị kế thừa xã của người nộp."
    )
    basis = models.CharField("căn cứ", max_length=200, blank=True)

    class Meta:
        verbose_name = "kế thừa"
        verbose_name_plural = "kế thừa"
        constraints = [
            # Two constraints, because SQLite knows no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["old", "new", "day"], condition=Q(territory__isnull=True), name="org_succession_once"
            ),
            models.UniqueConstraint(
                fields=["old", "day", "territory"],
                condition=Q(territory__isnull=False),
                name="org_succession_territory_once",
            ),
            models.UniqueConstraint(
                fields=["old", "day"], condition=~Q(kind="part"), name="org_succession_one_default"
            ),
            models.CheckConstraint(condition=~Q(old=F("new")), name="org_succession_two_units"),
            models.CheckConstraint(
                condition=Q(territory__isnull=True) | Q(kind="part"), name="org_succession_territory_of_part"
            ),
            models.CheckConstraint(
                condition=Q(by_territory=False) | ~Q(kind="part"), name="org_succession_by_territory_has_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new} ({self.day:%d/%m/%Y})"


class UserManager(BaseUserManager["User"]):
    """Makes bare accounts, for imports and tests; people's accounts are made by ``org.actions.create_account``."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """An account without any duty; without a password nobody can sign in to it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An official's account. It says who; what the person may do is said by duties."""

    username = models.CharField("tên đăng nhập", max_length=60, unique=True)
    full_name = models.CharField("họ và tên", max_length=120)
    title = models.CharField("chức danh", max_length=120, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    phone = models.CharField("số điện thoại", max_length=20, blank=True)
    home = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="people",
        null=True,
        blank=True,
        verbose_name="đơn vị công tác",
        help_text="Quản trị viên của đơn vị này, hoặc của cấp trên, quản lý tài khoản.",
    )
    is_active = models.BooleanField("đang hoạt động", default=True, help_text="Tài khoản bị khóa không đăng nhập được.")
    is_demo = models.BooleanField("tài khoản minh họa", default=False)
    is_machine = models.BooleanField(
        "tài khoản của hệ thống kết nối",
        default=False,
        help_text="Không ai đăng nhập; không giữ nhiệm vụ phải xác thực hai bước.",
    )
    must_change_password = models.BooleanField("phải đổi mật khẩu", default=False)
    date_joined = models.DateTimeField("ngày tạo", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "tài khoản"
        verbose_name_plural = "tài khoản"

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name


class Duty(models.TextChoices):
    RECEIVE = "receive", "Tiếp nhận"
    HAND_OVER = "hand_over", "Trả kết quả"
    HANDLE = "handle", "Xử lý hồ sơ"
    HEAD = "head", "Lãnh đạo phòng"
    CHAIR = "chair", "Lãnh đạo UBND"
    DIRECTOR = "director", "Giám đốc Trung tâm"
    CLERK = "clerk", "Văn thư"
    CASHIER = "cashier", "Thu phí"
    DIGITISE = "digitise", "Số hóa"
    REFORM = "reform", "Đầu mối CCHC"
    CONTROL = "control", "Đầu mối KSTTHC"
    APPRAISE = "appraise", "Thẩm định theo lĩnh vực"
    HOTLINE = "hotline", "Tổng đài"
    POSTMAN = "postman", "Nhân viên bưu chính"
    INSPECT = "inspect", "Kiểm tra"
    ADMIN = "admin", "Quản trị hệ thống"


# TOTP is asked of these outside demo mode.
SECOND_FACTOR_DUTIES = frozenset({Duty.CHAIR, Duty.DIRECTOR, Duty.ADMIN})


class Assignment(models.Model):
    """A person holds a duty at a unit for a span of days. One person may hold them all (one-person mode)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", verbose_name="người")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="đơn vị")
    duty = models.CharField("nhiệm vụ", max_length=12, choices=Duty.choices)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    basis = models.CharField("căn cứ", max_length=200, blank=True, help_text="Quyết định phân công.")
    granted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người giao"
    )

    class Meta:
        verbose_name = "phân công nhiệm vụ"
        verbose_name_plural = "phân công nhiệm vụ"
        constraints = [
            models.UniqueConstraint(fields=["user", "unit", "duty", "valid_from"], name="org_assignment_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="org_assignment_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_duty_display()} tại {self.unit}"


class Delegation(models.Model):
    """Ủy quyền: for a span of days ``to_user`` may act in one duty of ``from_user`` at a unit. Both stay on record."""

    from_user = models.ForeignKey(User, models.PROTECT, related_name="delegations_given", verbose_name="người ủy quyền")
    to_user = models.ForeignKey(
        User, models.PROTECT, related_name="delegations_held", verbose_name="người được ủy quyền"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    duty = models.CharField("nhiệm vụ", max_length=12, choices=Duty.choices)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", help_text="Ủy quyền luôn có thời hạn.")
    basis = models.CharField("văn bản ủy quyền", max_length=200)
    revoked_at = models.DateTimeField("lúc thu hồi", null=True, blank=True)

    class Meta:
        verbose_name = "ủy quyền"
        verbose_name_plural = "ủy quyền"
        constraints = [
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="org_delegation_two_people"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="org_delegation_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.from_user} ủy quyền {self.to_user}: {self.get_duty_display()}"


class AccessChange(models.Model):
    """Append-only record of who created, blocked, granted, delegated or took over what."""

    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người làm")
    subject = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="tài khoản")
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", null=True, verbose_name="đơn vị", help_text="Nơi có quyền bị thay đổi."
    )
    what = models.CharField("việc", max_length=40)
    detail = models.JSONField("chi tiết", default=dict)

    class Meta:
        verbose_name = "thay đổi quyền"
        verbose_name_plural = "thay đổi quyền"

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M} {self.what}"
