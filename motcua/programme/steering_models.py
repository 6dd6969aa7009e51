"""Steering: documents, plans and their tasks, tasks given from above, self-inspections, publicity."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from motcua.org.models import Unit
from motcua.programme.keeping import Area, Entry, PlanKind, at_most, once, ordered

YEAR = [MinValueValidator(2010), MaxValueValidator(2100)]
ONE = [MinValueValidator(1)]


class SteeringDocument(Entry):
    """A document by which the unit steers reform."""

    class Kind(models.TextChoices):
        DECISION = "decision", "Quyết định"
        PLAN = "plan", "Kế hoạch"
        DIRECTIVE = "directive", "Chỉ thị"
        LETTER = "letter", "Công văn"
        NOTICE = "notice", "Thông báo"
        PROGRAMME = "programme", "Chương trình"
        OTHER = "other", "Loại khác"

    number = models.CharField("số, ký hiệu", max_length=60)
    issued_on = models.DateField("ngày ban hành")
    kind = models.CharField("loại văn bản", max_length=12, choices=Kind.choices)
    summary = models.CharField("trích yếu", max_length=500)
    area = models.CharField("nội dung", max_length=12, choices=Area.choices, default=Area.GENERAL)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "văn bản chỉ đạo, điều hành"
        constraints = [*Entry.Meta.constraints, once("number", "issued_on")]


class Plan(Entry):
    """A yearly plan of the unit, and how good it is."""

    class Quality(models.TextChoices):
        UNKNOWN = "unknown", "Chưa đánh giá"
        GOOD = "good", "Đạt yêu cầu"
        POOR = "poor", "Chưa đạt yêu cầu"

    kind = models.CharField("loại kế hoạch", max_length=12, choices=PlanKind.choices)
    year = models.PositiveSmallIntegerField("của năm", validators=YEAR)
    number = models.CharField("số, ký hiệu", max_length=60)
    issued_on = models.DateField("ngày ban hành")
    summary = models.CharField("trích yếu", max_length=500, blank=True)
    quality = models.CharField("chất lượng", max_length=8, choices=Quality.choices, default=Quality.UNKNOWN)
    remark = models.CharField("nhận xét chất lượng", max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "kế hoạch"
        constraints = [*Entry.Meta.constraints, once("kind", "year")]


class RequiredPlan(Entry):
    """A plan which the unit requires of those directly beneath it, until a day: a column of the matrix."""

    kind = models.CharField("loại kế hoạch", max_length=12, choices=PlanKind.choices)
    year = models.PositiveSmallIntegerField("của năm", validators=YEAR)
    due_on = models.DateField("hạn ban hành", help_text="Ban hành sau ngày này là chậm.")
    basis = models.CharField("văn bản yêu cầu", max_length=200)
    of_itself = models.BooleanField("chính đơn vị này", default=True)
    of_offices = models.BooleanField("các phòng, cơ quan trực thuộc", default=False)
    of_communes = models.BooleanField("các huyện, xã, phường trực thuộc", default=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "kế hoạch bắt buộc"
        constraints = [
            *Entry.Meta.constraints,
            once("kind", "year"),
            models.CheckConstraint(
                condition=Q(of_itself=True) | Q(of_offices=True) | Q(of_communes=True),
                name="%(app_label)s_%(class)s_of_somebody",
            ),
        ]


class PlanTask(Entry):
    """A task of a yearly plan: done when it has a day of completion."""

    kind = models.CharField("của kế hoạch", max_length=12, choices=PlanKind.choices, default=PlanKind.REFORM)
    year = models.PositiveSmallIntegerField("năm", validators=YEAR)
    number = models.PositiveSmallIntegerField("số thứ tự trong kế hoạch", validators=ONE)
    content = models.CharField("nhiệm vụ", max_length=500)
    area = models.CharField("lĩnh vực", max_length=12, choices=Area.choices, default=Area.GENERAL)
    lead = models.CharField("chủ trì", max_length=200, blank=True)
    product = models.CharField("sản phẩm", max_length=300, blank=True)
    due_on = models.DateField("thời hạn", null=True, blank=True)
    done_on = models.DateField("ngày hoàn thành", null=True, blank=True, help_text="Để trống: chưa hoàn thành.")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "nhiệm vụ của kế hoạch"
        constraints = [*Entry.Meta.constraints, once("kind", "year", "number")]


class AssignedTask(Entry):
    """A task that a superior has given the unit."""

    assigner = models.CharField("cơ quan giao", max_length=200)
    document = models.CharField("văn bản giao", max_length=60)
    assigned_on = models.DateField("ngày giao")
    content = models.CharField("nhiệm vụ", max_length=500)
    due_on = models.DateField("thời hạn", null=True, blank=True, help_text="Để trống: không giao thời hạn.")
    done_on = models.DateField("ngày hoàn thành", null=True, blank=True, help_text="Để trống: chưa hoàn thành.")
    result = models.CharField("kết quả, văn bản báo cáo", max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "nhiệm vụ cấp trên giao"
        constraints = [
            *Entry.Meta.constraints,
            once("document", "assigned_on", "content"),
            ordered("due", "assigned_on", "due_on"),
            ordered("done", "assigned_on", "done_on"),
        ]


class Inspection(Entry):
    """One agency looked at by the unit itself (not by an inspectorate)."""

    class Kind(models.TextChoices):
        REFORM = "reform", "Cải cách hành chính"
        CONDUCT = "conduct", "Công vụ, kỷ luật, kỷ cương"
        CONTROL = "control", "Kiểm soát thủ tục hành chính"
        OTHER = "other", "Chuyên đề khác"

    kind = models.CharField("nội dung kiểm tra", max_length=8, choices=Kind.choices)
    inspected = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="cơ quan được kiểm tra")
    inspected_on = models.DateField("ngày kiểm tra")
    unannounced = models.BooleanField("đột xuất", default=False)
    conclusion = models.CharField("văn bản kết luận", max_length=60, blank=True)
    found = models.PositiveIntegerField("số vấn đề phát hiện", default=0)
    handled = models.PositiveIntegerField("số vấn đề đã xử lý", default=0)
    finding = models.CharField("tồn tại, hạn chế", max_length=500, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "cuộc kiểm tra"
        constraints = [
            *Entry.Meta.constraints,
            once("kind", "inspected", "inspected_on"),
            at_most("handled_of_found", "handled", "found"),
        ]


class PressItem(Entry):
    """News, articles and features about reform; one line may stand for several of a kind."""

    class Kind(models.TextChoices):
        NEWS = "news", "Tin"
        ARTICLE = "article", "Bài"
        COLUMN = "column", "Chuyên mục"
        REPORT = "report", "Phóng sự"
        OTHER = "other", "Hình thức khác"

    class Outlet(models.TextChoices):
        RADIO = "radio", "Đài truyền thanh"
        WEB = "web", "Cổng, trang thông tin điện tử"
        PRESS = "press", "Báo, đài cấp trên"
        SOCIAL = "social", "Mạng xã hội (Zalo, Facebook)"
        BULLETIN = "bulletin", "Bản tin, tờ gấp, pa nô"
        OTHER = "other", "Kênh khác"

    published_on = models.DateField("ngày đăng, phát")
    kind = models.CharField("loại", max_length=8, choices=Kind.choices)
    title = models.CharField("tên tin, bài, chuyên mục", max_length=300)
    outlet = models.CharField("kênh", max_length=8, choices=Outlet.choices)
    quantity = models.PositiveIntegerField(
        "số lượng", default=1, validators=ONE, help_text="Số tin, bài hoặc số lượt phát."
    )

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "tin, bài, chuyên mục"
        constraints = [
            *Entry.Meta.constraints,
            once("published_on", "kind", "title", "outlet"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="%(app_label)s_%(class)s_some"),
        ]


class PublicityEvent(Entry):
    """Meetings and other gatherings at which reform was made known."""

    class Form(models.TextChoices):
        CONFERENCE = "conference", "Hội nghị"
        TRAINING = "training", "Tập huấn"
        EMBEDDED = "embedded", "Lồng ghép trong cuộc họp, sinh hoạt"
        DIALOGUE = "dialogue", "Tọa đàm, đối thoại"
        CONTEST = "contest", "Hội thi, sân khấu hóa"
        MOBILE = "mobile", "Tuyên truyền lưu động"
        OTHER = "other", "Hình thức khác"

    held_on = models.DateField("ngày tổ chức", help_text="Nhiều cuộc ghi chung một dòng: ngày của cuộc cuối.")
    form = models.CharField("hình thức", max_length=12, choices=Form.choices)
    topic = models.CharField("nội dung", max_length=300)
    place = models.CharField("nơi tổ chức", max_length=200, blank=True)
    sessions = models.PositiveIntegerField("số cuộc", default=1, validators=ONE)
    attendees = models.PositiveIntegerField("số lượt người dự")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "cuộc tuyên truyền"
        constraints = [
            *Entry.Meta.constraints,
            once("held_on", "form", "topic", "place"),
            models.CheckConstraint(condition=Q(sessions__gte=1), name="%(app_label)s_%(class)s_some"),
        ]
