"""What is kept of figures: their definitions, the forms they stand in, the windows, and the values that are typed."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User
from motcua.papers.models import Blob

_IN_ORDER = Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))


class WindowRule(models.Model):
    """One way to cut a year into windows; see :mod:`motcua.indicators.windows`. Data, because bodies differ."""

    code = models.SlugField("mã", max_length=30, unique=True)
    title = models.CharField("tên", max_length=120)
    names = models.JSONField("tên các kỳ trong năm", default=list)
    months = models.PositiveSmallIntegerField("số tháng", help_text="0: tuần.")
    step = models.PositiveSmallIntegerField("cách nhau (tháng)")
    first_day = models.PositiveSmallIntegerField("ngày đầu", default=1)
    months_earlier = models.PositiveSmallIntegerField(
        "bắt đầu sớm hơn (tháng)", default=0, help_text="1: từ ngày đầu của tháng trước (15/12 cho kỳ bắt đầu tháng 1)."
    )
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    confirmed = models.BooleanField("đã đối chiếu văn bản", default=False)
    valid_from = models.DateField("từ ngày", default=dt.date(2000, 1, 1))
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    position = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "cách tính kỳ"
        verbose_name_plural = "cách tính kỳ"
        constraints = [
            models.CheckConstraint(condition=Q(first_day__gte=1, first_day__lte=28), name="indicators_rule_first_day"),
            models.CheckConstraint(condition=Q(months__lte=12), name="indicators_rule_months"),
            models.CheckConstraint(condition=_IN_ORDER, name="indicators_rule_dates"),
        ]

    def __str__(self) -> str:
        return self.title


class Kind(models.TextChoices):
    COUNT = "count", "Số lượng"
    AMOUNT = "amount", "Số đo, số tiền"
    RATIO = "ratio", "Tỷ lệ (%)"
    SCORE = "score", "Điểm"
    YES_NO = "yes_no", "Có/không"
    TEXT = "text", "Nội dung"


class Origin(models.TextChoices):
    MANUAL = "manual", "Nhập tay"
    SOURCE = "source", "Lấy từ sổ, biểu"
    FORMULA = "formula", "Tính từ chỉ tiêu khác"


class AddsUp(models.TextChoices):
    SUM = "sum", "Cộng"
    RATIO_OF_SUMS = "ratio_of_sums", "Tỷ lệ của các tổng"
    YES = "yes", "Đếm đơn vị trả lời có"
    LIST = "list", "Liệt kê"
    DISTINCT = "distinct", "Đếm không trùng"
    NONE = "none", "Không cộng"


class Span(models.TextChoices):
    PERIOD = "period", "Trong kỳ báo cáo"
    AT_END = "at_end", "Tại thời điểm cuối kỳ"
    OWN = "own", "Kỳ riêng (ghi ngày chốt của chỉ tiêu)"


class Indicator(models.Model):
    """One figure, defined once. A changed meaning is a new row of the same code, from a day on.

    ``formula`` is ``code + code - code`` for kind count/amount; a ratio names ``numerator`` and ``denominator``, or has
    neither and is typed as a pair. ``window_rule``: the code of the rule an indicator of its own window is counted by.
    """

    code = models.CharField("mã chỉ tiêu", max_length=60)
    name = models.CharField("tên chỉ tiêu", max_length=300)
    unit_of_measure = models.CharField("đơn vị tính", max_length=40)
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    decimals = models.PositiveSmallIntegerField("số chữ số thập phân", default=0)
    origin = models.CharField("nguồn", max_length=10, choices=Origin.choices, default=Origin.MANUAL)
    source_key = models.CharField("nguồn số liệu", max_length=60, blank=True)
    figure = models.CharField("số liệu của nguồn", max_length=80, blank=True)
    formula = models.CharField("công thức", max_length=400, blank=True)
    numerator = models.CharField("tử số", max_length=60, blank=True)
    denominator = models.CharField("mẫu số", max_length=60, blank=True)
    may_exceed = models.BooleanField("có thể vượt 100%", default=False)
    adds_up = models.CharField("cách tổng hợp lên trên", max_length=15, choices=AddsUp.choices, default=AddsUp.SUM)
    span = models.CharField("khoảng thời gian", max_length=10, choices=Span.choices, default=Span.PERIOD)
    window_rule = models.CharField("cách tính kỳ riêng", max_length=30, blank=True)
    definition = models.TextField("định nghĩa, cách tính", blank=True)
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    confirmed = models.BooleanField("đã đối chiếu văn bản", default=False)
    valid_from = models.DateField("từ ngày", default=dt.date(2000, 1, 1))
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)

    class Meta:
        verbose_name = "chỉ tiêu báo cáo"
        verbose_name_plural = "chỉ tiêu báo cáo"
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="indicators_indicator_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="indicators_indicator_one_open"
            ),
            models.CheckConstraint(condition=_IN_ORDER, name="indicators_indicator_dates"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="indicators_indicator_kind"),
            models.CheckConstraint(condition=Q(adds_up__in=AddsUp.values), name="indicators_indicator_adds_up"),
            models.CheckConstraint(condition=Q(decimals__lte=4), name="indicators_indicator_decimals"),
            models.CheckConstraint(
                condition=Q(origin=Origin.MANUAL, source_key="", figure="", formula="")
                | (Q(origin=Origin.SOURCE, formula="") & ~Q(source_key="") & ~Q(figure=""))
                | (Q(origin=Origin.FORMULA, source_key="", figure="") & (~Q(formula="") | Q(kind=Kind.RATIO))),
                name="indicators_indicator_origin",
            ),
            models.CheckConstraint(
                condition=Q(numerator="", denominator="")
                | (Q(kind=Kind.RATIO) & ~Q(numerator="") & ~Q(denominator="")),
                name="indicators_indicator_ratio",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.RATIO) | Q(adds_up__in=[AddsUp.RATIO_OF_SUMS, AddsUp.NONE]),
                name="indicators_indicator_ratio_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Form(models.Model):
    """A sheet of figures that units send up: the annex of the CCHC report, II.06a …

    ``rules`` are the codes of the window rules it is made for; ``due_days`` how many days after the last day of the
    window a unit's figures are due upstairs (negative: before it ends). ``kinds`` are the kinds of units that send it.
    """

    code = models.SlugField("mã biểu", max_length=40, unique=True)
    name = models.CharField("tên ngắn", max_length=120)
    title = models.CharField("tên biểu", max_length=300)
    stream = models.CharField("dòng báo cáo", max_length=20, help_text="cchc: Nội vụ; kstthc: Văn phòng.")
    rules = models.JSONField("các kỳ", default=list)
    kinds = models.JSONField("loại đơn vị gửi", default=list)
    due_days = models.SmallIntegerField("hạn gửi (số ngày sau ngày cuối kỳ)", default=0)
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    confirmed = models.BooleanField("đã đối chiếu văn bản", default=False)
    position = models.PositiveSmallIntegerField("thứ tự", default=0)

    class Meta:
        verbose_name = "biểu số liệu"
        verbose_name_plural = "biểu số liệu"

    def __str__(self) -> str:
        return self.name


class FormLine(models.Model):
    """One line of a form: a heading, or a figure. A line holds for windows whose last day lies in its span."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="lines", verbose_name="biểu")
    position = models.PositiveSmallIntegerField("thứ tự")
    number = models.CharField("số thứ tự in", max_length=12, blank=True)
    heading = models.CharField("đề mục", max_length=300, blank=True)
    code = models.CharField("mã chỉ tiêu", max_length=60, blank=True)
    level = models.PositiveSmallIntegerField("bậc thụt vào", default=0)
    valid_from = models.DateField("từ ngày", default=dt.date(2000, 1, 1))
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)

    class Meta:
        verbose_name = "dòng của biểu"
        verbose_name_plural = "dòng của biểu"
        ordering: ClassVar[list[str]] = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="indicators_line_position"),
            models.CheckConstraint(
                condition=(Q(heading="") & ~Q(code="")) | (~Q(heading="") & Q(code="")), name="indicators_line_one_of"
            ),
            models.CheckConstraint(condition=_IN_ORDER, name="indicators_line_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.position}"


class Relation(models.TextChoices):
    EQUAL = "equal", "bằng"
    AT_MOST = "at_most", "không lớn hơn"
    CARRIED = "carried", "bằng kỳ trước"


class Identity(models.Model):
    """What must hold among figures of a form: ``left`` relation ``right``, each ``code + code - code``.

    CARRIED compares ``left`` of this window with ``right`` of the window before (kỳ trước chuyển sang).
    """

    form = models.ForeignKey(Form, models.CASCADE, related_name="identities", verbose_name="biểu")
    left = models.CharField("vế trái", max_length=400)
    relation = models.CharField("quan hệ", max_length=10, choices=Relation.choices)
    right = models.CharField("vế phải", max_length=400)
    valid_from = models.DateField("từ ngày", default=dt.date(2000, 1, 1))
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)

    class Meta:
        verbose_name = "đẳng thức kiểm tra"
        verbose_name_plural = "đẳng thức kiểm tra"
        constraints = [
            models.UniqueConstraint(
                fields=["form", "left", "relation", "right", "valid_from"], name="indicators_identity_once"
            ),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="indicators_identity_relation"),
            models.CheckConstraint(condition=_IN_ORDER, name="indicators_identity_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.left} {self.get_relation_display()} {self.right}"


class ReturnState(models.TextChoices):
    DRAFT = "draft", "Đang nhập"
    SUBMITTED = "submitted", "Đã gửi"
    RETURNED = "returned", "Trả lại để sửa"
    ACCEPTED = "accepted", "Đã tiếp nhận"


class Return(models.Model):
    """Phiếu số liệu: one unit's figures of one form and window, on its way up. The window is its days."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="returns", verbose_name="đơn vị")
    form = models.ForeignKey(Form, models.PROTECT, related_name="returns", verbose_name="biểu")
    first = models.DateField("từ ngày")
    last = models.DateField("đến hết ngày")
    label = models.CharField("tên kỳ", max_length=80)
    rule = models.CharField("cách tính kỳ", max_length=30)
    due = models.DateField("hạn gửi")
    state = models.CharField("tình trạng", max_length=10, choices=ReturnState.choices, default=ReturnState.DRAFT)
    reason = models.CharField("lý do trả lại", max_length=500, blank=True)
    submitted_at = models.DateTimeField("lúc gửi", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người gửi"
    )
    decided_at = models.DateTimeField("lúc tiếp nhận hoặc trả lại", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người tiếp nhận hoặc trả lại"
    )
    said = models.JSONField("số liệu lúc gửi", default=dict, help_text="Mọi số của phiếu như lúc gửi, cả số tự lấy.")
    signed = models.ForeignKey(
        Blob, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="bản ký kèm theo"
    )
    version = models.PositiveIntegerField("lần ghi", default=1)
    created_at = models.DateTimeField("lúc lập")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người lập"
    )

    class Meta:
        verbose_name = "phiếu số liệu"
        verbose_name_plural = "phiếu số liệu"
        constraints = [
            models.UniqueConstraint(fields=["unit", "form", "first", "last"], name="indicators_return_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="indicators_return_dates"),
            models.CheckConstraint(condition=Q(state__in=ReturnState.values), name="indicators_return_state"),
            models.CheckConstraint(
                condition=~Q(state=ReturnState.RETURNED) | ~Q(reason=""), name="indicators_return_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ReturnState.SUBMITTED, ReturnState.ACCEPTED]) | Q(submitted_at__isnull=False),
                name="indicators_return_submitted",
            ),
        ]
        indexes = [models.Index(fields=["form", "first", "last"], name="indicators_return_window")]

    def __str__(self) -> str:
        return f"{self.unit}: {self.form}, {self.label}"


class ReturnAct(models.Model):
    """Who opened, sent, gave back or accepted a return, and when. Append-only."""

    to = models.ForeignKey(Return, models.PROTECT, related_name="acts", verbose_name="phiếu")
    state = models.CharField("thành", max_length=10, choices=ReturnState.choices)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người làm")
    reason = models.CharField("lý do", max_length=500, blank=True)

    class Meta:
        verbose_name = "diễn biến của phiếu"
        verbose_name_plural = "diễn biến của phiếu"

    def __str__(self) -> str:
        return f"{self.to_id}: {self.get_state_display()}"


class Value(models.Model):
    """What a unit says of one indicator and window: a number, a pair, a text, or expressly «không có».

    It belongs to the unit and the window, not to a form: a figure that stands in two forms is typed once.
    ``own_first``/``own_last``: the days it really counts, where the indicator has its own window (budget as of 28/5).
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="indicator_values", verbose_name="đơn vị")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values", verbose_name="chỉ tiêu")
    first = models.DateField("từ ngày")
    last = models.DateField("đến hết ngày")
    number = models.DecimalField("giá trị", max_digits=20, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField("tử số", max_digits=20, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField("mẫu số", max_digits=20, decimal_places=4, null=True, blank=True)
    text = models.TextField("nội dung", blank=True)
    nothing = models.BooleanField("không có", default=False, help_text="Đơn vị khẳng định không có, khác với 0.")
    estimate = models.BooleanField("số ước", default=False)
    own_first = models.DateField("kỳ riêng: từ ngày", null=True, blank=True)
    own_last = models.DateField("kỳ riêng: đến ngày", null=True, blank=True)
    note = models.CharField("ghi chú", max_length=500, blank=True)
    evidence = models.ForeignKey(
        Blob, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="tài liệu kiểm chứng"
    )
    evidence_name = models.CharField("tên tài liệu", max_length=140, blank=True)
    version = models.PositiveIntegerField("lần ghi", default=1)
    updated_at = models.DateTimeField("lúc ghi")
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người ghi")

    class Meta:
        verbose_name = "giá trị chỉ tiêu"
        verbose_name_plural = "giá trị chỉ tiêu"
        constraints = [
            models.UniqueConstraint(fields=["unit", "indicator", "first", "last"], name="indicators_value_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="indicators_value_dates"),
            models.CheckConstraint(
                condition=Q(own_first__isnull=True)
                | (Q(own_last__isnull=False) & Q(own_last__gte=F("own_first"))),
                name="indicators_value_own_dates",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False, number__isnull=True),
                name="indicators_value_pair",
            ),
            models.CheckConstraint(
                condition=Q(nothing=False) | Q(number__isnull=True, numerator__isnull=True, text=""),
                name="indicators_value_nothing",
            ),
            models.CheckConstraint(condition=Q(denominator__isnull=True) | Q(denominator__gte=0),
                                   name="indicators_value_denominator"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["first", "last"], name="indicators_value_window")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.indicator_id} {self.first:%d/%m/%Y}–{self.last:%d/%m/%Y}"


class ValueChange(models.Model):
    """What was written over a value, by whom. Append-only; ``before`` is empty for the first."""

    value = models.ForeignKey(Value, models.PROTECT, related_name="changes", verbose_name="giá trị")
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người ghi")
    how = models.CharField("bằng cách", max_length=20, help_text="grid: bảng nhập; excel: nhập từ Excel; load: nạp.")
    before = models.JSONField("trước", default=dict)
    after = models.JSONField("sau", default=dict)

    class Meta:
        verbose_name = "lần sửa giá trị"
        verbose_name_plural = "lần sửa giá trị"

    def __str__(self) -> str:
        return f"{self.value_id}: {self.at:%d/%m/%Y %H:%M}"


class SheetMapping(models.Model):
    """How a unit's own Excel sheet names our indicators: remembered from one import to the next."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    form = models.ForeignKey(Form, models.PROTECT, related_name="+", verbose_name="biểu")
    labels = models.JSONField("tên dòng → mã chỉ tiêu", default=dict)
    columns = models.JSONField("cột", default=dict)
    updated_at = models.DateTimeField("lúc ghi")

    class Meta:
        verbose_name = "cách đọc Excel"
        verbose_name_plural = "cách đọc Excel"
        constraints = [models.UniqueConstraint(fields=["unit", "form"], name="indicators_mapping_once")]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.form_id}"
