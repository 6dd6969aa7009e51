"""Dossiers: what is kept beside the journal to work with them day by day.

State, dates and holder are written by the verbs from the acts that stand (``walk.py``); the events of the item are
the truth and ``motcua verify`` compares the two.
"""

from django.db import models
from django.db.models import F, Q

from motcua.core import clock
from motcua.dossiers.states import Outcome, State
from motcua.ledger.models import Category, Channel, Item
from motcua.org.models import Unit, User
from motcua.papers.models import Blob
from motcua.parties.models import Party
from motcua.procedures.models import Case, Part, PartKind, ProcedureVersion, ProcessStep
from motcua.worktime.models import CalendarVersion, RuleSet


class ResultMethod(models.TextChoices):
    COUNTER = "counter", "Nhận tại một cửa"
    POST = "post", "Qua bưu chính"
    HOME = "home", "Trả tại nhà"
    ONLINE = "online", "Trực tuyến"


class Dossier(models.Model):
    """One filing of one applicant for one procedure, from submission to the result in hand."""

    item = models.OneToOneField(
        Item,
        models.PROTECT,
        related_name="dossier",
        null=True,
        verbose_name="đầu việc hồ sơ",
        help_text="Trống khi mới nộp, chưa tiếp nhận.",
    )
    intake_item = models.OneToOneField(
        Item, models.PROTECT, related_name="filing", null=True, verbose_name="đầu việc nộp trực tuyến"
    )
    # Null, not empty: a code that is not given yet must not collide with another that is not given yet.
    code = models.CharField("mã hồ sơ", max_length=60, unique=True, null=True)  # noqa: DJ001
    filing_code = models.CharField("mã lần nộp", max_length=60, unique=True, null=True)  # noqa: DJ001
    state = models.CharField("trạng thái", max_length=20, choices=State.choices)

    procedure_version = models.ForeignKey(
        ProcedureVersion, models.PROTECT, related_name="+", verbose_name="thủ tục (phiên bản khi tiếp nhận)"
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="trường hợp")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name="nhóm số liệu")
    channel = models.CharField("hình thức nộp", max_length=16, choices=Channel.choices)
    subject = models.CharField("trích yếu", max_length=1000, blank=True)
    copies = models.PositiveSmallIntegerField("số bộ hồ sơ", default=1)

    applicant = models.ForeignKey(Party, models.PROTECT, related_name="dossiers", verbose_name="chủ hồ sơ")
    submitter = models.ForeignKey(
        Party,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="người nộp",
        help_text="Trống khi chủ hồ sơ tự nộp.",
    )
    collector = models.ForeignKey(
        Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người được ủy quyền nhận"
    )
    result_method = models.CharField(
        "cách nhận kết quả", max_length=8, choices=ResultMethod.choices, default=ResultMethod.COUNTER
    )

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị có thẩm quyền")
    desk_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="nơi tiếp nhận")
    holder_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="phòng, đơn vị đang giữ"
    )
    holder = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người đang giữ"
    )
    step = models.ForeignKey(
        ProcessStep, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="bước đang làm"
    )
    step_due_at = models.DateTimeField("hạn xử lý bước", null=True, blank=True)

    calendar_version = models.ForeignKey(
        CalendarVersion, models.PROTECT, related_name="+", verbose_name="lịch làm việc khi tiếp nhận"
    )
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+", verbose_name="bộ quy định khi tiếp nhận")
    term_value = models.DecimalField("thời hạn đã hẹn", max_digits=6, decimal_places=2, null=True, blank=True)
    term_unit = models.CharField("đơn vị tính", max_length=12, blank=True)
    term_start = models.CharField("cách tính ngày đầu", max_length=16, blank=True)
    regulation_value = models.DecimalField(
        "thời hạn theo quy định", max_digits=6, decimal_places=2, null=True, blank=True
    )
    regulation_unit = models.CharField("đơn vị tính theo quy định", max_length=12, blank=True)
    regulation_start = models.CharField("cách tính ngày đầu theo quy định", max_length=16, blank=True)

    submitted_at = models.DateTimeField("lúc nộp", null=True, blank=True)
    received_at = models.DateTimeField("lúc tiếp nhận", null=True, blank=True)
    due_at = models.DateTimeField("hạn giải quyết", null=True, blank=True)
    due_grain = models.CharField("độ mịn của hạn", max_length=6, blank=True, help_text="day hoặc minute.")
    crossing_at = models.DateTimeField(
        "quá hạn kể từ", null=True, blank=True, help_text="Trống khi đồng hồ dừng hoặc hồ sơ đã kết thúc."
    )
    appointed_at = models.DateTimeField("ngày hẹn trả", null=True, blank=True)
    regulation_due_at = models.DateTimeField("hạn theo quy định", null=True, blank=True)
    waiting_since = models.DateTimeField("chờ từ", null=True, blank=True)
    ended_at = models.DateTimeField("lúc kết thúc", null=True, blank=True, help_text="Khi kết quả về tới một cửa.")
    handed_over_at = models.DateTimeField("lúc trả kết quả", null=True, blank=True)
    outcome = models.CharField("kết cục", max_length=10, choices=Outcome.choices, blank=True)
    time_class = models.CharField("phân loại thời hạn", max_length=8, blank=True, help_text="early, on_time, late.")
    rounds = models.PositiveSmallIntegerField("số lần yêu cầu bổ sung", default=0)
    apologies = models.PositiveSmallIntegerField("số lần xin lỗi", default=0)
    late_entry = models.BooleanField("có việc ghi muộn", default=False)

    changed_at = models.DateTimeField(
        "lúc ghi việc gần nhất", default=clock.now, help_text="Để hệ thống khác hỏi những gì đã thay đổi từ một lúc."
    )
    external_code = models.CharField("mã ở hệ thống khác", max_length=80, blank=True)
    owning_system = models.CharField(
        "hệ thống giữ trạng thái",
        max_length=80,
        blank=True,
        help_text="Khi có: trạng thái chỉ được nhập từ hệ thống đó.",
    )
    external_status = models.CharField("trạng thái ở hệ thống khác", max_length=120, blank=True)
    imported = models.BooleanField("nhập từ danh sách", default=False)
    given_due = models.BooleanField("hạn do hệ thống khác cho", default=False)
    invented = models.BooleanField("hồ sơ minh họa", default=False)

    class Meta:
        verbose_name = "hồ sơ"
        verbose_name_plural = "hồ sơ"
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, code__isnull=False) | Q(intake_item__isnull=False),
                name="dossiers_dossier_is_in_a_book",
            ),
            models.CheckConstraint(condition=Q(due_grain__in=["", "day", "minute"]), name="dossiers_dossier_grain"),
            models.CheckConstraint(
                condition=Q(handed_over_at__isnull=True) | Q(ended_at__isnull=False),
                name="dossiers_dossier_ended_first",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "crossing_at"], name="dossiers_by_unit_state"),
            models.Index(
                fields=["holder", "crossing_at"], name="dossiers_by_holder", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["desk_unit", "received_at"], name="dossiers_by_desk"),
            models.Index(fields=["changed_at"], name="dossiers_by_change"),
            models.Index(fields=["external_code"], name="dossiers_by_external", condition=~Q(external_code="")),
            # Results nobody has collected: few among many.
            models.Index(
                fields=["desk_unit", "ended_at"],
                name="dossiers_uncollected",
                condition=Q(ended_at__isnull=False, handed_over_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.filing_code or f"#{self.pk}"


class SearchRow(models.Model):
    """What a dossier is found by, folded, and the units that may find it. Written by ``indexing.py`` alone.

    ``text`` begins and ends with a space, words are apart by spaces; ``numbers`` ends each number with ``|``. Indexed
    (``indexing.words_sql``) by trigrams of FTS5 on SQLite, where triggers of this table feed it, by tokens of GIN on
    PostgreSQL.
    """

    dossier = models.OneToOneField(
        Dossier, models.CASCADE, primary_key=True, related_name="search_row", verbose_name="hồ sơ"
    )
    text = models.TextField("mã, tên, thủ tục", help_text="Không dấu, chữ thường.")
    numbers = models.TextField("số giấy tờ, số điện thoại")
    unit = models.BigIntegerField("đơn vị có thẩm quyền")
    desk_unit = models.BigIntegerField("nơi tiếp nhận")
    holder_unit = models.BigIntegerField("đơn vị đang giữ", null=True)

    class Meta:
        verbose_name = "dòng tìm kiếm"
        verbose_name_plural = "dòng tìm kiếm"
        indexes = [
            models.Index(fields=["unit", "dossier"], name="dossiers_search_unit"),
            models.Index(fields=["desk_unit", "dossier"], name="dossiers_search_desk"),
            models.Index(fields=["holder_unit", "dossier"], name="dossiers_search_holder"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Note(models.Model):
    """Free text of an act: a reason, a guidance, an evidence. Events hold its id and salted digest only."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="notes", verbose_name="hồ sơ")
    kind = models.CharField("loại", max_length=20)
    text = models.TextField("nội dung")
    salt = models.CharField("muối", max_length=32)
    created_at = models.DateTimeField("lúc ghi")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người ghi")
    erased_at = models.DateTimeField(
        "lúc xóa nội dung", null=True, blank=True, help_text="Khi dữ liệu cá nhân đã hết hạn lưu giữ."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(text="", salt=""), name="dossiers_note_erased_is_empty"
            ),
        ]
        verbose_name = "ghi chú"
        verbose_name_plural = "ghi chú"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Component(models.Model):
    """One paper of the dossier as handed in, ticked at the desk."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="components", verbose_name="hồ sơ")
    part = models.ForeignKey(
        Part, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="thành phần theo thủ tục"
    )
    name = models.CharField("tên giấy tờ", max_length=1000)
    kind = models.CharField("loại bản", max_length=10, choices=PartKind.choices, default=PartKind.ANY)
    copies = models.PositiveSmallIntegerField("số bản", default=1)
    digitised = models.BooleanField("đã số hóa", default=False)
    reused = models.BooleanField("tái sử dụng dữ liệu", default=False)

    class Meta:
        verbose_name = "giấy tờ đã nhận"
        verbose_name_plural = "giấy tờ đã nhận"

    def __str__(self) -> str:
        return self.name[:80]


class Attachment(models.Model):
    """A file of the dossier. Who may see the dossier may see the file; a removed one stays on record."""

    class Kind(models.TextChoices):
        PART = "part", "Thành phần hồ sơ"
        RESULT = "result", "Kết quả"
        EVIDENCE = "evidence", "Tài liệu kèm việc"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="attachments", verbose_name="hồ sơ")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+", verbose_name="nội dung")
    name = models.CharField("tên tệp", max_length=200)
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    added_at = models.DateTimeField("lúc thêm")
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người thêm")
    removed_at = models.DateTimeField("lúc gỡ", null=True, blank=True)
    removed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người gỡ"
    )

    class Meta:
        verbose_name = "tệp kèm hồ sơ"
        verbose_name_plural = "tệp kèm hồ sơ"

    def __str__(self) -> str:
        return self.name


class SupplementRequest(models.Model):
    """One numbered round of asking the applicant for more, with its full list in one go."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="supplements", verbose_name="hồ sơ")
    number = models.PositiveSmallIntegerField("lần")
    event_seq = models.PositiveIntegerField("sự kiện")
    at_intake = models.BooleanField("trước tiếp nhận", default=False)
    requested_at = models.DateTimeField("lúc yêu cầu")
    reply_by = models.DateField("hạn bổ sung của người nộp", null=True, blank=True)
    items = models.JSONField("nội dung cần bổ sung", default=list, help_text="Danh sách giấy tờ, mỗi dòng một việc.")
    note = models.ForeignKey(Note, models.PROTECT, related_name="+", verbose_name="lý do")
    basis = models.CharField(
        "căn cứ cho lần vượt giới hạn", max_length=300, blank=True, help_text="Bắt buộc khi vượt số lần cho phép."
    )
    answered_at = models.DateTimeField("lúc nhận bổ sung", null=True, blank=True)
    voided = models.BooleanField("đã hủy", default=False)

    class Meta:
        verbose_name = "lần yêu cầu bổ sung"
        verbose_name_plural = "lần yêu cầu bổ sung"
        constraints = [
            models.UniqueConstraint(fields=["dossier", "at_intake", "event_seq"], name="dossiers_supplement_event"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: lần {self.number}"


class DossierPart(models.Model):
    """A part of the work sent to another agency (liên thông), with its own term, in its own book."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="parts_sent", verbose_name="hồ sơ")
    item = models.OneToOneField(Item, models.PROTECT, related_name="dossier_part", verbose_name="đầu việc")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="cơ quan phối hợp")
    work = models.CharField("việc gửi", max_length=300)
    sent_at = models.DateTimeField("lúc gửi")
    due_at = models.DateTimeField("hạn trả lời")
    due_grain = models.CharField("độ mịn của hạn", max_length=6)
    returned_at = models.DateTimeField("lúc nhận về", null=True, blank=True)

    class Meta:
        verbose_name = "phần việc liên thông"
        verbose_name_plural = "phần việc liên thông"
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("sent_at")), name="dossiers_part_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.work[:60]}"


class CatchUpWindow(models.Model):
    """An approved span in which acts done on paper (network down) may be entered late, all marked."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    done_from = models.DateTimeField("việc làm từ")
    done_to = models.DateTimeField("việc làm đến")
    enter_until = models.DateTimeField("được nhập đến")
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người duyệt")
    reason = models.CharField("lý do", max_length=300)
    created_at = models.DateTimeField("lúc duyệt")

    class Meta:
        verbose_name = "đợt nhập bù"
        verbose_name_plural = "đợt nhập bù"
        constraints = [
            models.CheckConstraint(condition=Q(done_to__gt=F("done_from")), name="dossiers_window_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.done_from:%d/%m/%Y %H:%M}"


class HandOverRecord(models.Model):
    """Bàn giao: everything pending of one person goes to another at once; due dates stay."""

    from_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người giao")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người nhận")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    at = models.DateTimeField("lúc bàn giao")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lập")
    reason = models.CharField("lý do", max_length=300)
    codes = models.JSONField("các hồ sơ", default=list)

    class Meta:
        verbose_name = "biên bản bàn giao"
        verbose_name_plural = "biên bản bàn giao"

    def __str__(self) -> str:
        return f"{self.from_user} → {self.to_user} {self.at:%d/%m/%Y}"


class DueMove(models.Model):
    """Dời hạn: one decision that moved the due dates of all that was pending in a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    beneath = models.BooleanField("cả đơn vị trực thuộc")
    days = models.PositiveSmallIntegerField("số ngày làm việc")
    decision = models.CharField("số quyết định", max_length=200)
    reason = models.TextField("lý do")
    at = models.DateTimeField("lúc dời")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lập")
    moved = models.PositiveIntegerField("số hồ sơ đã dời")
    left = models.PositiveIntegerField("số hồ sơ để lại", help_text="Trạng thái do hệ thống khác giữ.")

    class Meta:
        verbose_name = "lần dời hạn"
        verbose_name_plural = "lần dời hạn"

    def __str__(self) -> str:
        return f"{self.decision} {self.at:%d/%m/%Y}"


class ImportProfile(models.Model):
    """Which column of a system's export means what, remembered for a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    system = models.CharField("hệ thống nguồn", max_length=80)
    columns = models.JSONField("cột", default=dict, help_text="Trường của ta → tiêu đề cột trong tệp.")
    updated_at = models.DateTimeField("cập nhật lúc")

    class Meta:
        verbose_name = "cách đọc danh sách"
        verbose_name_plural = "cách đọc danh sách"
        constraints = [models.UniqueConstraint(fields=["unit", "system"], name="dossiers_profile_once")]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.system}"


class ImportRun(models.Model):
    """One list applied: what it was and what it changed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    system = models.CharField("hệ thống nguồn", max_length=80)
    file_name = models.CharField("tên tệp", max_length=200)
    sha256 = models.CharField("mã băm tệp", max_length=64)
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người nhập")
    new = models.PositiveIntegerField("mới")
    changed = models.PositiveIntegerField("thay đổi")
    same = models.PositiveIntegerField("không đổi")
    vanished = models.PositiveIntegerField("không còn trong tệp")
    bad = models.PositiveIntegerField("dòng lỗi")

    class Meta:
        verbose_name = "lần nhập danh sách"
        verbose_name_plural = "lần nhập danh sách"

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%d/%m/%Y %H:%M}"


class ImportedRow(models.Model):
    """What the source last said about a dossier, and the source's own class beside ours."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="imported_row", verbose_name="hồ sơ")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị nhập")
    system = models.CharField("hệ thống nguồn", max_length=80)
    said = models.JSONField("dữ kiện nguồn", default=dict, help_text="Ngày, hạn, hình thức, kết cục.")
    source_class = models.CharField("phân loại của nguồn", max_length=8, blank=True)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="rows", verbose_name="lần nhập gần nhất")

    class Meta:
        verbose_name = "dòng đã nhập"
        verbose_name_plural = "dòng đã nhập"
        indexes = [models.Index(fields=["unit", "system"], name="dossiers_row_by_source")]

    def __str__(self) -> str:
        return f"{self.dossier_id} · {self.system}"


# Their tables are part of this room; Django must know them with the rest.
from motcua.dossiers.counter_models import *  # noqa: E402, F403
from motcua.dossiers.paper_models import *  # noqa: E402, F403
from motcua.dossiers.shelf_models import *  # noqa: E402, F403
