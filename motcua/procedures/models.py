"""The catalogue of procedures: dated versions that never change, and which unit uses which of them from when.

A version is written once and then sealed: triggers (see ``seals.py``) refuse every later change to it, to its cases,
terms, parts and fees. A correction is a new version. A dossier keeps the version of its acceptance.
"""

from django.db import models
from django.db.models import F, Q

from motcua.ledger.models import Channel
from motcua.org.models import Duty, Unit, UnitKind, User
from motcua.papers.models import Blob
from motcua.procedures.choices import (
    LOCAL_PREFIX,
    Competence,
    Effect,
    FeeState,
    PartKind,
    PartRole,
    ResultKind,
    ServiceLevel,
    Source,
    Stated,
)
from motcua.worktime.rules import StartRule, TermUnit


class Procedure(models.Model):
    """A procedure by its code; all that can change about it is in its versions."""

    code = models.CharField(
        "mã thủ tục", max_length=40, unique=True, help_text="Mã quốc gia (1.001193) hoặc mã nội bộ bắt đầu bằng NB."
    )
    is_official = models.BooleanField("là mã quốc gia", help_text="Mã nội bộ không bao giờ trùng mã quốc gia.")

    class Meta:
        verbose_name = "thủ tục hành chính"
        verbose_name_plural = "thủ tục hành chính"
        constraints = [
            # An unofficial code is always marked, so that no report can take it for a national one.
            models.CheckConstraint(
                condition=(Q(is_official=True) & ~Q(code__startswith=LOCAL_PREFIX))
                | Q(is_official=False, code__startswith=LOCAL_PREFIX),
                name="procedures_local_code_marked",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ProcedureVersion(models.Model):
    """What was published (or corrected here) about a procedure, in use from ``valid_from``.

    Of several versions the one with the latest ``valid_from`` not after the day, and of those the highest number, is
    in force; see ``queries.in_force``. The dates "as adopted for use" are not the effect date of the law, which is
    often unknown and then says so.
    """

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions", verbose_name="thủ tục")
    number = models.PositiveIntegerField("phiên bản", help_text="1, 2, 3 … trong một thủ tục.")
    name = models.CharField("tên thủ tục", max_length=2000)
    name_folded = models.CharField("tên để tìm", max_length=2000, help_text="Không dấu, chữ thường.")
    field = models.CharField("lĩnh vực", max_length=250)
    levels = models.JSONField("cấp thực hiện", default=list, help_text="Danh sách mã cấp.")
    ministry = models.CharField("cơ quan công bố", max_length=120, blank=True)
    subjects = models.CharField("đối tượng thực hiện", max_length=1000, blank=True)
    agency = models.CharField("cơ quan thực hiện", max_length=1000, blank=True)
    kind = models.CharField("loại thủ tục", max_length=120, blank=True)
    decision_number = models.CharField("số quyết định công bố", max_length=60, blank=True)
    decision_date = models.DateField("ngày quyết định", null=True, blank=True)
    effect = models.CharField("hiệu lực", max_length=8, choices=Effect.choices, default=Effect.UNKNOWN)
    effect_date = models.DateField("ngày hiệu lực", null=True, blank=True)
    valid_from = models.DateField("dùng từ ngày", help_text="Ngày đơn vị bắt đầu áp dụng phiên bản này.")
    valid_to = models.DateField("dùng đến hết ngày", null=True, blank=True)
    abolished = models.BooleanField("bãi bỏ", default=False, help_text="Phiên bản ghi việc bãi bỏ từ ngày áp dụng.")
    service_level = models.CharField(
        "mức độ cung cấp DVCTT", max_length=12, choices=ServiceLevel.choices, default=ServiceLevel.UNKNOWN
    )
    old_level = models.PositiveSmallIntegerField("mức độ cũ (1–4)", null=True, blank=True)
    result_name = models.CharField("kết quả", max_length=1000, blank=True)
    result_kind = models.CharField("loại kết quả", max_length=16, choices=ResultKind.choices, default=ResultKind.OTHER)
    result_code = models.CharField("mã kết quả", max_length=40, blank=True)
    legal_basis = models.JSONField("căn cứ pháp lý", default=list, help_text="Danh sách số ký hiệu văn bản.")
    steps_text = models.TextField("trình tự đã công bố", blank=True)
    needs_review = models.BooleanField("cần rà soát", default=False)
    confirmed = models.BooleanField("đã xác nhận", default=False, help_text="Có người chịu trách nhiệm đã đối chiếu.")
    source = models.CharField("nguồn", max_length=12, choices=Source.choices)
    source_digest = models.CharField(
        "tóm lược bản nguồn",
        max_length=64,
        help_text="SHA-256 của bản ghi đã nạp; đính chính giữ tóm lược của bản gốc.",
    )
    source_sections = models.JSONField(
        "tóm lược từng phần bản nguồn",
        default=dict,
        help_text="Để khi nạp lại biết phần nào nguồn đã đổi, phần nào đơn vị đã đính chính.",
    )
    digest = models.CharField("tóm lược nội dung", max_length=64, help_text="SHA-256 của toàn bộ nội dung phiên bản.")
    basis = models.CharField("căn cứ của phiên bản", max_length=500, blank=True)
    created_at = models.DateTimeField("lúc lập")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người lập"
    )
    sealed = models.BooleanField("đã khóa", default=False, help_text="Đã khóa thì không sửa, xóa được.")

    class Meta:
        verbose_name = "phiên bản thủ tục"
        verbose_name_plural = "phiên bản thủ tục"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedures_version_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="procedures_version_number_positive"),
            models.CheckConstraint(
                condition=Q(effect=Effect.KNOWN, effect_date__isnull=False)
                | Q(effect=Effect.UNKNOWN, effect_date__isnull=True),
                name="procedures_version_effect_says_so",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="procedures_version_dates"
            ),
            models.CheckConstraint(
                condition=Q(old_level__isnull=True) | Q(old_level__range=(1, 4)), name="procedures_version_old_level"
            ),
        ]
        indexes = [models.Index(fields=["procedure", "valid_from", "number"], name="procedures_version_in_force")]

    def __str__(self) -> str:
        return f"{self.procedure_id}/{self.number} {self.name[:80]}"


class Review(models.Model):
    """One thing in a version that a person must look at, with the published text it stands in."""

    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="reviews", verbose_name="phiên bản")
    code = models.CharField("lý do", max_length=40, help_text="Mã lý do; câu giải thích ở rules.TROUBLES.")
    place = models.CharField("chỗ", max_length=20, help_text="term, fee, part, name, steps …")
    position = models.PositiveIntegerField("dòng", null=True, blank=True)
    published = models.TextField("nguyên văn", blank=True)

    class Meta:
        verbose_name = "điểm cần rà soát"
        verbose_name_plural = "điểm cần rà soát"
        indexes = [models.Index(fields=["code"], name="procedures_review_code")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"


class Case(models.Model):
    """Trường hợp: a named variant of a procedure with its own terms, parts or fees."""

    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="cases", verbose_name="phiên bản")
    position = models.PositiveIntegerField("thứ tự")
    name = models.CharField("trường hợp", max_length=500)

    class Meta:
        verbose_name = "trường hợp"
        verbose_name_plural = "trường hợp"
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="procedures_case_position"),
            models.UniqueConstraint(fields=["version", "name"], name="procedures_case_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TermLine(models.Model):
    """Thời hạn giải quyết: by regulation, and as cut (the one promised). Blank channel: every channel; no case: any."""

    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="terms", verbose_name="phiên bản")
    position = models.PositiveIntegerField("thứ tự")
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="terms", null=True, blank=True, verbose_name="trường hợp"
    )
    channel = models.CharField("hình thức nộp", max_length=16, choices=Channel.choices, blank=True)
    state = models.CharField("tình trạng", max_length=8, choices=Stated.choices)
    value = models.DecimalField("thời hạn theo quy định", max_digits=6, decimal_places=2, null=True, blank=True)
    unit = models.CharField("đơn vị tính", max_length=12, choices=TermUnit.choices, blank=True)
    start_rule = models.CharField(
        "cách tính ngày đầu",
        max_length=16,
        choices=StartRule.choices,
        blank=True,
        help_text="Để trống khi thời hạn chưa rõ.",
    )
    promised_value = models.DecimalField("thời hạn đã cắt giảm", max_digits=6, decimal_places=2, null=True, blank=True)
    promised_unit = models.CharField("đơn vị tính (cắt giảm)", max_length=12, choices=TermUnit.choices, blank=True)
    confirmed = models.BooleanField("đã xác nhận", default=False)
    published = models.TextField("nguyên văn", blank=True)

    class Meta:
        verbose_name = "thời hạn"
        verbose_name_plural = "thời hạn"
        constraints = [
            models.UniqueConstraint(fields=["version", "case", "channel"], name="procedures_term_case_channel"),
            # SQLite has no NULLS NOT DISTINCT: the lines for any case need a constraint of their own.
            models.UniqueConstraint(
                fields=["version", "channel"], condition=Q(case__isnull=True), name="procedures_term_channel"
            ),
            models.UniqueConstraint(fields=["version", "position"], name="procedures_term_position"),
            # A term is whole or absent: never a number without its unit or start rule.
            models.CheckConstraint(
                condition=(Q(state=Stated.STATED, value__isnull=False) & ~Q(unit="") & ~Q(start_rule=""))
                | (~Q(state=Stated.STATED) & Q(value__isnull=True, unit="", start_rule="")),
                name="procedures_term_whole_or_absent",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True)
                | Q(unit=TermUnit.SAME_DAY, value=0)
                | (~Q(unit=TermUnit.SAME_DAY) & Q(value__gt=0)),
                name="procedures_term_positive",
            ),
            models.CheckConstraint(
                condition=Q(promised_value__isnull=True, promised_unit="")
                | Q(state=Stated.STATED, promised_unit=TermUnit.SAME_DAY, promised_value=0)
                | (
                    Q(state=Stated.STATED, promised_value__gt=0)
                    & ~Q(promised_unit="")
                    & ~Q(promised_unit=TermUnit.SAME_DAY)
                ),
                name="procedures_term_promise_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.value} {self.unit}" if self.value is not None else f"{self.version_id}: —"


class Part(models.Model):
    """Thành phần hồ sơ: one row of the list of papers, or a row that was published among them (see ``role``)."""

    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="parts", verbose_name="phiên bản")
    position = models.PositiveIntegerField("thứ tự")
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="parts", null=True, blank=True, verbose_name="trường hợp"
    )
    name = models.TextField("tên giấy tờ")
    copies = models.PositiveSmallIntegerField("số bản", null=True, blank=True, help_text="Để trống khi chưa rõ.")
    kind = models.CharField("loại bản", max_length=10, choices=PartKind.choices, default=PartKind.ANY)
    role = models.CharField("vai trò", max_length=12, choices=PartRole.choices, default=PartRole.DOCUMENT)
    required = models.BooleanField("bắt buộc", default=True)
    condition = models.CharField("điều kiện", max_length=1000, blank=True, help_text="Ví dụ: nếu có; nếu ủy quyền.")
    form = models.CharField("mẫu đơn, tờ khai", max_length=300, blank=True, help_text="Tên tệp hoặc ký hiệu mẫu.")

    class Meta:
        verbose_name = "thành phần hồ sơ"
        verbose_name_plural = "thành phần hồ sơ"
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="procedures_part_position"),
            models.CheckConstraint(
                condition=Q(copies__isnull=True) | Q(copies__gte=1), name="procedures_part_copies_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name[:80]


class FeeLine(models.Model):
    """Phí, lệ phí: an amount in whole đồng, or why there is none. Blank channel, case and group mean any."""

    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="fees", verbose_name="phiên bản")
    position = models.PositiveIntegerField("thứ tự")
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="fees", null=True, blank=True, verbose_name="trường hợp"
    )
    channel = models.CharField("hình thức nộp", max_length=16, choices=Channel.choices, blank=True)
    exempt_group = models.CharField(
        "đối tượng miễn, giảm", max_length=120, blank=True, help_text="Để trống: đối tượng thông thường."
    )
    state = models.CharField("tình trạng", max_length=8, choices=FeeState.choices)
    amount = models.PositiveBigIntegerField("mức thu (đồng)", null=True, blank=True)
    per = models.CharField("tính theo", max_length=60, blank=True, help_text="hồ sơ, bản, trang, trường hợp …")
    from_quantity = models.PositiveIntegerField("áp dụng từ số lượng", default=1, help_text="Ví dụ 3: từ trang thứ ba.")
    confirmed = models.BooleanField("đã xác nhận", default=False)
    published = models.TextField("nguyên văn", blank=True)

    class Meta:
        verbose_name = "phí, lệ phí"
        verbose_name_plural = "phí, lệ phí"
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="procedures_fee_position"),
            models.CheckConstraint(
                condition=Q(state=FeeState.AMOUNT, amount__gt=0)
                | Q(state=FeeState.FREE, amount=0)
                | Q(state__in=[FeeState.NONE, FeeState.UNCLEAR], amount__isnull=True),
                name="procedures_fee_amount_or_reason",
            ),
            models.CheckConstraint(condition=Q(from_quantity__gte=1), name="procedures_fee_from_quantity"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.version_id}: {self.amount} đồng" if self.amount is not None else f"{self.version_id}: {self.state}"
        )


class Process(models.Model):
    """Quy trình nội bộ: the ordered steps of resolving a procedure, by a decision of its own, from a date."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="processes", verbose_name="thủ tục")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="đơn vị",
        help_text="Để trống: dùng chung cho mọi đơn vị.",
    )
    number = models.PositiveIntegerField("phiên bản", help_text="1, 2, 3 … trong một thủ tục và đơn vị.")
    decision = models.CharField("quyết định phê duyệt", max_length=200, blank=True)
    decision_date = models.DateField("ngày quyết định", null=True, blank=True)
    valid_from = models.DateField("dùng từ ngày")
    valid_to = models.DateField("dùng đến hết ngày", null=True, blank=True)
    created_at = models.DateTimeField("lúc lập")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người lập"
    )
    sealed = models.BooleanField("đã khóa", default=False)

    class Meta:
        verbose_name = "quy trình nội bộ"
        verbose_name_plural = "quy trình nội bộ"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "unit", "number"], name="procedures_process_number"),
            models.UniqueConstraint(
                fields=["procedure", "number"], condition=Q(unit__isnull=True), name="procedures_process_common_number"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="procedures_process_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id}: quy trình {self.number}"


class ProcessStep(models.Model):
    """One step: who by duty, where, within how long. Position 1 is where the process begins."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="steps", verbose_name="quy trình")
    position = models.PositiveIntegerField("thứ tự")
    name = models.CharField("tên bước", max_length=200)
    duty = models.CharField("nhiệm vụ", max_length=12, choices=Duty.choices)
    unit_kind = models.CharField("loại đơn vị", max_length=20, choices=UnitKind.choices, blank=True)
    office = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="phòng, đơn vị xử lý"
    )
    value = models.DecimalField("thời hạn bước", max_digits=6, decimal_places=2, null=True, blank=True)
    unit = models.CharField("đơn vị tính", max_length=12, choices=TermUnit.choices, blank=True)
    result = models.CharField("sản phẩm của bước", max_length=300, blank=True)

    class Meta:
        verbose_name = "bước xử lý"
        verbose_name_plural = "bước xử lý"
        constraints = [
            models.UniqueConstraint(fields=["process", "position"], name="procedures_step_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="procedures_step_position_positive"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, unit="") | (Q(value__gt=0) & ~Q(unit="")),
                name="procedures_step_term_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class StepBranch(models.Model):
    """From a step to the next; with a label where there is a choice. No next step: the process ends there."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="branches", verbose_name="quy trình")
    step = models.ForeignKey(ProcessStep, models.PROTECT, related_name="branches", verbose_name="bước")
    next_step = models.ForeignKey(
        ProcessStep, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="bước tiếp theo"
    )
    label = models.CharField("điều kiện", max_length=200, blank=True)
    position = models.PositiveIntegerField("thứ tự")

    class Meta:
        verbose_name = "nhánh quy trình"
        verbose_name_plural = "nhánh quy trình"
        constraints = [
            models.UniqueConstraint(fields=["step", "position"], name="procedures_branch_position"),
            models.UniqueConstraint(fields=["step", "next_step"], name="procedures_branch_once"),
            models.UniqueConstraint(
                fields=["step"], condition=Q(next_step__isnull=True), name="procedures_branch_one_end"
            ),
        ]

    def __str__(self) -> str:
        return self.label or "→"


class Adoption(models.Model):
    """A unit takes a procedure into use for a span of days. The unit named here answers for its figures.

    ``version`` pins one version; without it the version in force on the day counts. Spans of one unit and procedure do
    not overlap (held by the verbs, under a lock of the procedure).
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="adoptions", verbose_name="đơn vị")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="adoptions", verbose_name="thủ tục")
    version = models.ForeignKey(
        ProcedureVersion, models.PROTECT, related_name="adoptions", null=True, blank=True, verbose_name="phiên bản"
    )
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    competence = models.CharField("thẩm quyền", max_length=10, choices=Competence.choices, default=Competence.RESOLVES)
    decision = models.CharField("quyết định công bố", max_length=200, blank=True)
    end_decision = models.CharField("quyết định thôi áp dụng", max_length=200, blank=True)
    service_level = models.CharField(
        "mức độ cung cấp DVCTT tại đơn vị",
        max_length=12,
        choices=ServiceLevel.choices,
        blank=True,
        help_text="Để trống: theo phiên bản thủ tục.",
    )

    class Meta:
        verbose_name = "áp dụng thủ tục"
        verbose_name_plural = "áp dụng thủ tục"
        constraints = [
            models.UniqueConstraint(fields=["unit", "procedure", "valid_from"], name="procedures_adoption_once"),
            models.UniqueConstraint(
                fields=["unit", "procedure"], condition=Q(valid_to__isnull=True), name="procedures_adoption_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="procedures_adoption_dates"
            ),
        ]
        indexes = [models.Index(fields=["unit", "valid_from"], name="procedures_adoption_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} dùng {self.procedure_id} từ {self.valid_from:%d/%m/%Y}"


class Posting(models.Model):
    """Niêm yết: a version of a procedure hangs at a place of a unit from a day until it is taken down.

    A record of what was done: never changed but for the day it was taken down, and that once.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name="đơn vị")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="postings", verbose_name="thủ tục")
    version = models.ForeignKey(
        ProcedureVersion, models.PROTECT, related_name="postings", verbose_name="phiên bản được niêm yết"
    )
    place = models.CharField(
        "nơi niêm yết", max_length=200, help_text="Ví dụ: bảng tại Trung tâm Phục vụ hành chính công; nhà văn hóa ấp 1."
    )
    posted_on = models.DateField("ngày niêm yết")
    photo = models.ForeignKey(
        Blob, models.PROTECT, related_name="postings", null=True, blank=True, verbose_name="ảnh chụp"
    )
    taken_down_on = models.DateField("ngày gỡ", null=True, blank=True)
    created_at = models.DateTimeField("lúc ghi")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người ghi"
    )

    class Meta:
        verbose_name = "niêm yết thủ tục"
        verbose_name_plural = "niêm yết thủ tục"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "version", "place"],
                condition=Q(taken_down_on__isnull=True),
                name="procedures_posting_one_hanging",
            ),
            models.CheckConstraint(
                condition=Q(taken_down_on__isnull=True) | Q(taken_down_on__gte=F("posted_on")),
                name="procedures_posting_dates",
            ),
        ]
        indexes = [models.Index(fields=["unit", "procedure"], name="procedures_posting_unit")]

    def __str__(self) -> str:
        return f"{self.procedure_id} tại {self.place} từ {self.posted_on:%d/%m/%Y}"


class Synonym(models.Model):
    """What people call a procedure at the counter ("giấy độc thân"), folded for searching."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="synonyms", verbose_name="thủ tục")
    text = models.CharField("cách gọi", max_length=200)
    folded = models.CharField("để tìm", max_length=200)

    class Meta:
        verbose_name = "cách gọi thông thường"
        verbose_name_plural = "cách gọi thông thường"
        constraints = [models.UniqueConstraint(fields=["procedure", "folded"], name="procedures_synonym_once")]

    def __str__(self) -> str:
        return self.text


# Its table is part of this room; Django must know it with the rest.
from motcua.procedures.signing_models import *  # noqa: E402, F403
