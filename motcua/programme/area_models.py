"""The areas of reform: legal texts, the one-stop desk, public service, money, and quality management."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from motcua.programme.keeping import Entry, Level, at_most, once, ordered

POSITIVE = [MinValueValidator(0)]


# ---- thể chế --------------------------------------------------------------------------------------------------------
class LegalDocument(Entry):
    """A legal normative document (văn bản QPPL) the unit's council or committee has issued."""

    class Kind(models.TextChoices):
        RESOLUTION = "resolution", "Nghị quyết của HĐND"
        DECISION = "decision", "Quyết định của UBND"
        OTHER = "other", "Loại khác"

    number = models.CharField("số, ký hiệu", max_length=60)
    issued_on = models.DateField("ngày ban hành")
    kind = models.CharField("loại văn bản", max_length=12, choices=Kind.choices)
    level = models.CharField("cấp ban hành", max_length=10, choices=Level.choices)
    summary = models.CharField("trích yếu", max_length=500)
    effective_on = models.DateField("ngày hiệu lực", null=True, blank=True)
    appraised = models.BooleanField("đã thẩm định", default=False)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "văn bản QPPL"
        constraints = [
            *Entry.Meta.constraints,
            once("number", "issued_on"),
            ordered("effect", "issued_on", "effective_on"),
        ]


class DocumentReview(Entry):
    """A round of reviewing or checking legal normative documents, with what it found."""

    class Kind(models.TextChoices):
        REVIEW = "review", "Rà soát"
        CHECK = "check", "Kiểm tra theo thẩm quyền"
        SELF_CHECK = "self_check", "Tự kiểm tra"

    kind = models.CharField("hình thức", max_length=12, choices=Kind.choices)
    reviewed_on = models.DateField("ngày hoàn thành đợt")
    report = models.CharField("văn bản kết quả", max_length=60)
    reviewed = models.PositiveIntegerField("số văn bản rà soát, kiểm tra")
    proposed = models.PositiveIntegerField("kiến nghị xử lý", default=0)
    handled = models.PositiveIntegerField("đã xử lý", default=0)
    unlawful = models.PositiveIntegerField("phát hiện trái pháp luật", default=0)
    unlawful_handled = models.PositiveIntegerField("trái pháp luật đã xử lý", default=0)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "đợt rà soát, kiểm tra văn bản QPPL"
        constraints = [
            *Entry.Meta.constraints,
            once("kind", "reviewed_on", "report"),
            at_most("proposed_of_reviewed", "proposed", "reviewed"),
            at_most("handled_of_proposed", "handled", "proposed"),
            at_most("unlawful_of_reviewed", "unlawful", "reviewed"),
            at_most("handled_of_unlawful", "unlawful_handled", "unlawful"),
        ]


class LawMonitoring(Entry):
    """What was done to follow how the law is carried out (theo dõi tình hình thi hành pháp luật)."""

    class Form(models.TextChoices):
        COLLECT = "collect", "Thu thập thông tin"
        INSPECT = "inspect", "Kiểm tra"
        SURVEY = "survey", "Điều tra, khảo sát"
        OTHER = "other", "Hình thức khác"

    done_on = models.DateField("ngày")
    form = models.CharField("hình thức", max_length=8, choices=Form.choices)
    field = models.CharField("lĩnh vực", max_length=200)
    report = models.CharField("văn bản kết quả", max_length=60, blank=True)
    found = models.PositiveIntegerField("vấn đề phát hiện", default=0)
    handled = models.PositiveIntegerField("vấn đề đã xử lý", default=0)
    finding = models.CharField("kết quả", max_length=500, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "theo dõi thi hành pháp luật"
        constraints = [
            *Entry.Meta.constraints,
            once("done_on", "form", "field"),
            at_most("handled_of_found", "handled", "found"),
        ]


# ---- thủ tục hành chính, bộ phận một cửa ----------------------------------------------------------------------------
class LinkedProcedure(Entry):
    """A procedure handled by several agencies as one (một cửa liên thông)."""

    class Kind(models.TextChoices):
        SAME = "same", "Liên thông cùng cấp"
        BETWEEN = "between", "Liên thông giữa các cấp chính quyền"

    code = models.CharField("mã thủ tục", max_length=40)
    name = models.CharField("tên thủ tục", max_length=500)
    kind = models.CharField("loại liên thông", max_length=8, choices=Kind.choices)
    from_day = models.DateField("thực hiện từ ngày")
    to_day = models.DateField("đến hết ngày", null=True, blank=True, help_text="Để trống: đang thực hiện.")
    decision = models.CharField("quyết định", max_length=100, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "TTHC liên thông"
        constraints = [*Entry.Meta.constraints, once("code", "from_day"), ordered("days", "from_day", "to_day")]


class OneStopFacility(Entry):
    """What a one-stop desk has, as counted on a day; the latest count before a day is what stands on it."""

    class Standard(models.TextChoices):
        UNKNOWN = "unknown", "Chưa đánh giá"
        MET = "met", "Đạt theo quy định"
        UNMET = "unmet", "Chưa đạt"

    desk = models.CharField("bộ phận", max_length=200, help_text="Ví dụ: Trung tâm Phục vụ hành chính công.")
    counted_on = models.DateField("ngày kiểm kê")
    area = models.DecimalField("diện tích (m²)", max_digits=8, decimal_places=1, validators=POSITIVE)
    counters = models.PositiveSmallIntegerField("quầy", default=0)
    seats = models.PositiveSmallIntegerField("ghế chờ", default=0)
    computers = models.PositiveSmallIntegerField("máy tính", default=0)
    scanners = models.PositiveSmallIntegerField("máy quét", default=0)
    printers = models.PositiveSmallIntegerField("máy in", default=0)
    kiosks = models.PositiveSmallIntegerField("ki-ốt tra cứu", default=0)
    queue = models.BooleanField("hệ thống xếp hàng", default=False)
    camera = models.BooleanField("camera giám sát", default=False)
    standard = models.CharField("đánh giá", max_length=8, choices=Standard.choices, default=Standard.UNKNOWN)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "cơ sở vật chất Bộ phận Một cửa"
        constraints = [
            *Entry.Meta.constraints,
            once("desk", "counted_on"),
            models.CheckConstraint(condition=Q(area__gte=0), name="%(app_label)s_%(class)s_area"),
        ]


class ControlContact(Entry):
    """The unit's contact for controlling procedures: no more of the person than the office's own list."""

    full_name = models.CharField("họ và tên", max_length=120)
    title = models.CharField("chức vụ", max_length=120)
    phone = models.CharField("điện thoại cơ quan", max_length=20, blank=True, help_text="Số của cơ quan.")
    from_day = models.DateField("từ ngày")
    to_day = models.DateField("đến hết ngày", null=True, blank=True, help_text="Để trống: đang làm.")
    decision = models.CharField("quyết định", max_length=100, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "đầu mối kiểm soát TTHC"
        constraints = [*Entry.Meta.constraints, once("full_name", "from_day"), ordered("days", "from_day", "to_day")]


class SoftwareEntry(Entry):
    """The paper register of some days counted against what was typed into the software."""

    first_day = models.DateField("từ ngày")
    last_day = models.DateField("đến ngày")
    field = models.CharField("lĩnh vực, quyển sổ", max_length=150, blank=True, help_text="Để trống: mọi lĩnh vực.")
    paper = models.PositiveIntegerField("số hồ sơ trong sổ giấy")
    entered = models.PositiveIntegerField("trong đó đã nhập phần mềm")
    reason = models.CharField("lý do chưa nhập", max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "đếm hồ sơ nhập phần mềm"
        constraints = [
            *Entry.Meta.constraints,
            once("first_day", "last_day", "field"),
            ordered("days", "first_day", "last_day"),
            at_most("entered_of_paper", "entered", "paper"),
        ]


# ---- công vụ, phân cấp ----------------------------------------------------------------------------------------------
class Discipline(Entry):
    """A disciplinary decision as a figure needs it: nobody's name is kept here."""

    class Group(models.TextChoices):
        ELECTED = "elected", "Cán bộ"
        CIVIL = "civil", "Công chức"
        PUBLIC = "public", "Viên chức"
        OTHER = "other", "Người lao động"

    class Form(models.TextChoices):
        REPRIMAND = "reprimand", "Khiển trách"
        WARNING = "warning", "Cảnh cáo"
        PAY = "pay", "Hạ bậc lương"
        DEMOTION = "demotion", "Giáng chức"
        DISMISSAL = "dismissal", "Cách chức, bãi nhiệm"
        EXPULSION = "expulsion", "Buộc thôi việc"

    decision = models.CharField("số quyết định", max_length=60, help_text="Không ghi tên người bị kỷ luật.")
    decided_on = models.DateField("ngày quyết định")
    group = models.CharField("đối tượng", max_length=8, choices=Group.choices)
    leader = models.BooleanField("giữ chức vụ lãnh đạo, quản lý", default=False)
    form = models.CharField("hình thức kỷ luật", max_length=12, choices=Form.choices)
    people = models.PositiveSmallIntegerField("số người", default=1, validators=[MinValueValidator(1)])
    about_service = models.BooleanField("vi phạm kỷ luật, kỷ cương hành chính", default=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "kỷ luật, kỷ cương"
        constraints = [
            *Entry.Meta.constraints,
            once("decision", "decided_on"),
            models.CheckConstraint(condition=Q(people__gte=1), name="%(app_label)s_%(class)s_some"),
        ]


class Devolution(Entry):
    """Powers passed on: phân quyền, phân cấp or ủy quyền, by a document, until a day."""

    class Kind(models.TextChoices):
        DEVOLVE = "devolve", "Phân quyền"
        DECENTRALISE = "decentralise", "Phân cấp"
        DELEGATE = "delegate", "Ủy quyền"

    kind = models.CharField("hình thức", max_length=12, choices=Kind.choices)
    document = models.CharField("văn bản", max_length=60)
    issued_on = models.DateField("ngày ban hành")
    giver = models.CharField("cơ quan giao", max_length=200)
    taker = models.CharField("cơ quan nhận", max_length=200)
    content = models.CharField("nội dung", max_length=500)
    procedures = models.PositiveSmallIntegerField("số TTHC", default=0, help_text="Thủ tục được phân cấp, ủy quyền.")
    to_day = models.DateField("đến hết ngày", null=True, blank=True, help_text="Để trống: không có thời hạn.")
    checked_on = models.DateField("ngày kiểm tra việc thực hiện", null=True, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "phân cấp, ủy quyền"
        constraints = [
            *Entry.Meta.constraints,
            once("document", "issued_on", "taker"),
            ordered("days", "issued_on", "to_day"),
        ]


# ---- tài chính công -------------------------------------------------------------------------------------------------
class Recommendation(Entry):
    """What an inspectorate or the State Audit asked of the unit, and whether it is done."""

    class Kind(models.TextChoices):
        INSPECTORATE = "inspectorate", "Thanh tra"
        AUDIT = "audit", "Kiểm toán nhà nước"
        CHECK = "check", "Kiểm tra"

    kind = models.CharField("loại", max_length=12, choices=Kind.choices)
    issuer = models.CharField("cơ quan kết luận", max_length=200)
    document = models.CharField("số kết luận", max_length=60)
    issued_on = models.DateField("ngày kết luận")
    content = models.CharField("khuyến nghị", max_length=500)
    amount = models.PositiveBigIntegerField("số tiền phải xử lý (đồng)", default=0)
    paid = models.PositiveBigIntegerField("số tiền đã xử lý (đồng)", default=0)
    due_on = models.DateField("thời hạn", null=True, blank=True)
    done_on = models.DateField("ngày thực hiện xong", null=True, blank=True, help_text="Để trống: chưa xong.")
    result = models.CharField("kết quả thực hiện", max_length=300, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "khuyến nghị thanh tra, kiểm toán"
        constraints = [
            *Entry.Meta.constraints,
            once("document", "issued_on", "content"),
            ordered("due", "issued_on", "due_on"),
            ordered("done", "issued_on", "done_on"),
            at_most("paid_of_amount", "paid", "amount"),
        ]


# ---- ISO 9001 -------------------------------------------------------------------------------------------------------
class IsoScope(Entry):
    """Whether the unit applies TCVN ISO 9001, from a day on."""

    class State(models.TextChoices):
        APPLIED = "applied", "Đang áp dụng"
        NOT_YET = "not_yet", "Chưa áp dụng"
        NO_PROCEDURES = "no_procedures", "Không áp dụng vì không có TTHC"

    state = models.CharField("tình trạng", max_length=16, choices=State.choices)
    from_day = models.DateField("từ ngày")
    decision = models.CharField("quyết định công bố", max_length=100, blank=True)
    edition = models.CharField("phiên bản tiêu chuẩn", max_length=40, blank=True, default="TCVN ISO 9001:2015")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "áp dụng ISO 9001"
        constraints = [*Entry.Meta.constraints, once("from_day")]


class IsoProcess(Entry):
    """A process of the quality system, issued by the unit for itself or for the communes beneath it."""

    code = models.CharField("mã quy trình", max_length=60)
    name = models.CharField("tên quy trình", max_length=500)
    level = models.CharField("áp dụng ở", max_length=10, choices=Level.choices)
    issued_on = models.DateField("ngày ban hành")
    edition = models.PositiveSmallIntegerField("lần ban hành", default=1, validators=[MinValueValidator(1)])
    withdrawn_on = models.DateField("hết hiệu lực từ", null=True, blank=True, help_text="Để trống: đang áp dụng.")

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "quy trình ISO"
        constraints = [
            *Entry.Meta.constraints,
            once("code", "edition"),
            ordered("days", "issued_on", "withdrawn_on"),
        ]


class IsoReview(Entry):
    """An internal audit or a management review of the quality system; its minutes are the file of the entry."""

    class Kind(models.TextChoices):
        AUDIT = "audit", "Đánh giá nội bộ"
        MANAGEMENT = "management", "Xem xét của lãnh đạo"
        OUTSIDE = "outside", "Kiểm tra của cấp trên"

    kind = models.CharField("loại", max_length=12, choices=Kind.choices)
    held_on = models.DateField("ngày")
    minutes = models.CharField("số biên bản", max_length=60, blank=True)
    found = models.PositiveIntegerField("điểm không phù hợp", default=0)
    corrected = models.PositiveIntegerField("đã khắc phục", default=0)
    conclusion = models.CharField("kết luận", max_length=500, blank=True)

    class Meta(Entry.Meta):
        verbose_name = verbose_name_plural = "đánh giá, xem xét ISO"
        constraints = [
            *Entry.Meta.constraints,
            once("kind", "held_on"),
            at_most("corrected_of_found", "corrected", "found"),
        ]
