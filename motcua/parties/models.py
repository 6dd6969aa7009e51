"""Applicants and organisations: kept apart from the ledger, so that a person's data can be restricted or removed
while every figure stays."""

from django.db import models
from django.db.models import Q

from motcua.org.models import Unit, User


class PartyKind(models.TextChoices):
    PERSON = "person", "Cá nhân"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    AGENCY = "agency", "Cơ quan nhà nước"
    ORGANISATION = "organisation", "Tổ chức khác"


class IdKind(models.TextChoices):
    CCCD = "cccd", "Căn cước / CCCD"
    CMND = "cmnd", "CMND 9 số"
    PASSPORT = "passport", "Hộ chiếu"
    TAX = "tax", "Mã số thuế"
    DECISION = "decision", "Quyết định thành lập"


class Party(models.Model):
    """One person or organisation, kept once. The same identity number is the same party."""

    kind = models.CharField("loại đối tượng", max_length=12, choices=PartyKind.choices, default=PartyKind.PERSON)
    name = models.CharField("họ tên hoặc tên tổ chức", max_length=250)
    name_folded = models.CharField("tên để tìm", max_length=250, help_text="Không dấu, chữ thường.")
    name_sort = models.CharField("khóa sắp xếp", max_length=600)
    id_kind = models.CharField("loại giấy tờ", max_length=10, choices=IdKind.choices, blank=True)
    id_number = models.CharField("số giấy tờ", max_length=30, blank=True)
    birth_date = models.DateField("ngày sinh", null=True, blank=True)
    address = models.CharField("địa chỉ", max_length=300, blank=True)
    commune = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="xã, phường nơi ở",
        help_text="Quyết định đơn vị kế thừa khi sắp xếp đơn vị hành chính.",
    )
    phone = models.CharField("số điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    salt = models.CharField("muối", max_length=32, help_text="Để tóm lược trong sự kiện không đoán ngược được.")
    invented = models.BooleanField("dữ liệu minh họa", default=False, help_text="Người và số đều không có thật.")
    created_at = models.DateTimeField("lúc tạo")
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="doubles",
        null=True,
        blank=True,
        verbose_name="đã gộp vào",
        help_text="Bản ghi trùng: hồ sơ cũ vẫn giữ đúng bản ghi lúc tiếp nhận, việc mới dùng bản ghi gộp vào.",
    )
    restricted = models.BooleanField(
        "đang hạn chế xử lý", default=False, help_text="Như lần hạn chế xử lý còn hiệu lực nói."
    )
    erased_at = models.DateTimeField("lúc xóa dữ liệu cá nhân", null=True, blank=True)

    class Meta:
        verbose_name = "chủ hồ sơ, người nộp"
        verbose_name_plural = "chủ hồ sơ, người nộp"
        constraints = [
            models.UniqueConstraint(
                fields=["id_kind", "id_number"], condition=~Q(id_number=""), name="parties_party_id_once"
            ),
            models.CheckConstraint(condition=Q(id_number="") | ~Q(id_kind=""), name="parties_party_number_has_kind"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(id_number="", phone="", address="", email="", birth_date__isnull=True, salt=""),
                name="parties_party_erased_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["name_folded"], name="parties_party_name"),
            models.Index(fields=["phone"], name="parties_party_phone"),
        ]

    def __str__(self) -> str:
        return self.name


class PartyChange(models.Model):
    """What a party's record said before a change. Emptied when the person's data is erased; that it was stays."""

    class Kind(models.TextChoices):
        EDIT = "edit", "Sửa thông tin"
        MERGE = "merge", "Gộp bản ghi trùng"
        SPLIT = "split", "Tách bản ghi đã gộp"
        RESTRICT = "restrict", "Hạn chế xử lý"
        LIFT = "lift", "Thôi hạn chế xử lý"
        ERASE = "erase", "Xóa dữ liệu cá nhân"

    party = models.ForeignKey(Party, models.CASCADE, related_name="changes", verbose_name="đối tượng")
    kind = models.CharField("việc", max_length=10, choices=Kind.choices, default=Kind.EDIT)
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người sửa")
    reason = models.CharField("lý do, căn cứ", max_length=300, blank=True)
    other = models.ForeignKey(
        Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="bản ghi kia", help_text="Khi gộp."
    )
    before = models.JSONField("nội dung trước", default=dict)

    class Meta:
        verbose_name = "lần sửa thông tin"
        verbose_name_plural = "lần sửa thông tin"

    def __str__(self) -> str:
        return f"{self.party_id} {self.at:%d/%m/%Y %H:%M}"


class Purpose(models.TextChoices):
    """For what an office asks consent; handling a procedure is its duty and needs none."""

    NOTICES = "notices", "Nhắn tin qua SMS, Zalo"
    SURVEY = "survey", "Khảo sát mức độ hài lòng"
    REUSE = "reuse", "Dùng lại dữ liệu cho hồ sơ sau"
    AI = "ai", "Công cụ trí tuệ nhân tạo hỗ trợ"


class Consent(models.Model):
    """One time somebody said yes or no to one purpose; the latest counts. Append-only."""

    class Method(models.TextChoices):
        PAPER = "paper", "Ký trên giấy"
        SPOKEN = "spoken", "Nói tại quầy"
        PHONE = "phone", "Qua điện thoại"
        ONLINE = "online", "Trực tuyến"

    party = models.ForeignKey(Party, models.PROTECT, related_name="consents", verbose_name="đối tượng")
    purpose = models.CharField("mục đích", max_length=10, choices=Purpose.choices)
    given = models.BooleanField("đồng ý", help_text="Không: từ chối, hoặc rút lại.")
    method = models.CharField("cách nói", max_length=10, choices=Method.choices)
    wording = models.CharField("bản nội dung đã đọc", max_length=80, blank=True, help_text="Số, ngày của bản mẫu.")
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người ghi")

    class Meta:
        verbose_name = "lần đồng ý"
        verbose_name_plural = "lần đồng ý"

    def __str__(self) -> str:
        return f"{self.party_id} {self.purpose} {self.given}"


class Restriction(models.Model):
    """Hạn chế xử lý: while it lasts, every reading of the person's data must be explained, and nothing is offered."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="restrictions", verbose_name="đối tượng")
    since = models.DateTimeField("từ")
    basis = models.CharField("căn cứ", max_length=300, help_text="Đơn của người dân, quyết định, ngày.")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người ghi")
    lifted_at = models.DateTimeField("thôi từ", null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người cho thôi"
    )

    class Meta:
        verbose_name = "lần hạn chế xử lý"
        verbose_name_plural = "lần hạn chế xử lý"
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(lifted_at__isnull=True), name="parties_restriction_one_open"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=models.F("since")),
                name="parties_restriction_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.since:%d/%m/%Y}"


class RetentionRule(models.Model):
    """How long personal data is kept: dated rows, the latest that has begun counts. Append-only."""

    class What(models.TextChoices):
        PARTY = "party", "Dữ liệu cá nhân sau khi hồ sơ cuối cùng kết thúc"
        ACCESS = "access", "Nhật ký truy cập"

    what = models.CharField("loại dữ liệu", max_length=10, choices=What.choices)
    years = models.PositiveSmallIntegerField("giữ", help_text="Số năm.")
    valid_from = models.DateField("áp dụng từ")
    legal_basis = models.CharField("căn cứ pháp lý", max_length=300)
    confirmed = models.BooleanField("đã xác nhận", default=False)
    note = models.CharField("ghi chú", max_length=300, blank=True)

    class Meta:
        verbose_name = "thời hạn lưu giữ"
        verbose_name_plural = "thời hạn lưu giữ"
        constraints = [
            models.UniqueConstraint(fields=["what", "valid_from"], name="parties_retention_one_a_day"),
            models.CheckConstraint(condition=Q(years__gte=1, years__lte=200), name="parties_retention_years"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.years} năm từ {self.valid_from:%d/%m/%Y}"


class What(models.TextChoices):
    """In which way somebody's data was read."""

    DOSSIER = "dossier", "Xem hồ sơ"
    PARTY = "party", "Xem trang chủ hồ sơ"
    PRINT = "print", "In giấy tờ"
    FILE = "file", "Tải tệp"
    EXPORT = "export", "Xuất danh sách"
    API = "api", "Đọc qua API"


class AccessView(models.Model):
    """One reading of a person's dossier by an official. Append-only; each past day is sealed (``AccessSeal``)."""

    at = models.DateTimeField("lúc")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người xem")
    duty = models.CharField("nhiệm vụ", max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True, verbose_name="đơn vị của người xem")
    about_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", null=True, verbose_name="đơn vị có thẩm quyền"
    )
    what = models.CharField("cách xem", max_length=10, choices=What.choices)
    party = models.ForeignKey(Party, models.PROTECT, related_name="views", null=True, verbose_name="đối tượng")
    # Dossiers are a room above: their number and code, without a reference.
    dossier = models.BigIntegerField("số hồ sơ", null=True)
    code = models.CharField("mã hồ sơ", max_length=80, blank=True)
    reason = models.CharField("lý do xem", max_length=300, blank=True)

    class Meta:
        verbose_name = "lượt xem dữ liệu cá nhân"
        verbose_name_plural = "lượt xem dữ liệu cá nhân"
        indexes = [
            models.Index(fields=["at"], name="parties_view_at"),
            models.Index(fields=["dossier", "at"], name="parties_view_dossier"),
            models.Index(fields=["party", "at"], name="parties_view_party"),
            models.Index(fields=["user", "at"], name="parties_view_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.at:%d/%m/%Y %H:%M}"


class AccessSeal(models.Model):
    """The readings of one past day, counted and hashed over the seal before: what is taken out later is missed."""

    day = models.DateField("ngày", unique=True)
    views = models.PositiveIntegerField("số lượt xem")
    digest = models.CharField("mã tóm lược", max_length=64)
    sealed_at = models.DateTimeField("lúc niêm")

    class Meta:
        verbose_name = "niêm nhật ký ngày"
        verbose_name_plural = "niêm nhật ký ngày"

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}: {self.views}"


# Tables that refuse to be changed or removed.
APPEND_ONLY_TABLES = ["parties_consent", "parties_retentionrule", "parties_accessview", "parties_accessseal"]
