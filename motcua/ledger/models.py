"""Items, their events, and the journal of legs on which every figure stands."""

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User


class Book(models.TextChoices):
    DOSSIER = "dossier", "Hồ sơ TTHC"
    DOSSIER_PART = "dossier_part", "Phần việc liên thông"
    INTAKE = "intake", "Hồ sơ nộp chưa tiếp nhận"
    FEEDBACK = "feedback", "Phản ánh, kiến nghị"
    TASK = "task", "Nhiệm vụ"
    DOCUMENT = "document", "Văn bản"


class Account(models.TextChoices):
    OUTSIDE = "outside", "Ngoài sổ"
    IN_TIME = "in_time", "Đang giải quyết trong hạn"
    OVERDUE = "overdue", "Đang giải quyết quá hạn"
    WAITING_IN_TIME = "waiting_in_time", "Đang chờ, dừng khi còn hạn"
    WAITING_OVERDUE = "waiting_overdue", "Đang chờ, dừng khi đã quá hạn"
    EARLY = "early", "Giải quyết trước hạn"
    ON_TIME = "on_time", "Giải quyết đúng hạn"
    LATE = "late", "Giải quyết quá hạn"


PENDING: tuple[Account, ...] = (Account.IN_TIME, Account.OVERDUE, Account.WAITING_IN_TIME, Account.WAITING_OVERDUE)
ENDED: tuple[Account, ...] = (Account.EARLY, Account.ON_TIME, Account.LATE)


class LegKind(models.TextChoices):
    RECEIVE = "receive", "Tiếp nhận"
    CROSS = "cross", "Sang quá hạn"
    PAUSE = "pause", "Tạm dừng tính giờ"
    RESUME = "resume", "Tính giờ lại"
    CLOSE = "close", "Kết thúc"
    TRANSFER = "transfer", "Chuyển thẩm quyền"
    SUCCESSION = "succession", "Kế thừa đơn vị"
    CORRECT = "correct", "Đổi nhóm, đổi hình thức"


class Channel(models.TextChoices):
    DIRECT = "direct", "Trực tiếp"
    ONLINE = "online", "Trực tuyến"
    ONLINE_ASSISTED = "online_assisted", "Trực tuyến, công chức nộp hộ"
    POST = "post", "Bưu chính công ích"


class Category(models.Model):
    """What an item is counted under: procedure and field, as they stood at acceptance."""

    book = models.CharField("sổ", max_length=16, choices=Book.choices)
    procedure = models.CharField("mã thủ tục", max_length=40, help_text="Mã TTHC, hoặc mã loại việc của sổ khác.")
    field = models.CharField("lĩnh vực", max_length=150)
    name = models.CharField("tên gọi", max_length=1000, blank=True, help_text="Chỉ để in; không tham gia đối chiếu.")

    class Meta:
        verbose_name = "nhóm số liệu"
        verbose_name_plural = "nhóm số liệu"
        constraints = [models.UniqueConstraint(fields=["book", "procedure", "field"], name="ledger_category_once")]

    def __str__(self) -> str:
        return f"{self.procedure} · {self.field}"

    @property
    def key(self) -> str:
        return f"{self.procedure}|{self.field}"


class Item(models.Model):
    """One thing with a deadline. ``head`` is the hash of its last event; ``length`` how many it has."""

    book = models.CharField("sổ", max_length=16, choices=Book.choices)
    code = models.CharField("mã", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị chịu trách nhiệm lúc vào sổ")
    territory = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="địa bàn của người nộp",
        help_text="Quyết định đơn vị kế thừa khi đơn vị bị chia.",
    )
    head = models.CharField("mã băm sự kiện cuối", max_length=64, blank=True)
    length = models.PositiveIntegerField("số sự kiện", default=0)

    class Meta:
        verbose_name = "đầu việc"
        verbose_name_plural = "đầu việc"
        constraints = [models.UniqueConstraint(fields=["book", "code"], name="ledger_item_book_code")]

    def __str__(self) -> str:
        return self.code


class Event(models.Model):
    """One act on one item: append-only, chained by hash. ``facts`` holds dates, ids and enumerations only."""

    # The unique (item, seq) serves look-ups by item; nothing looks events up by unit.
    item = models.ForeignKey(Item, models.PROTECT, related_name="events", db_index=False, verbose_name="đầu việc")
    seq = models.PositiveIntegerField("thứ tự", help_text="1, 2, 3 … trong đầu việc.")
    verb = models.CharField("việc", max_length=40)
    occurred_at = models.DateTimeField("lúc xảy ra")
    recorded_at = models.DateTimeField("lúc ghi")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người làm")
    duty = models.CharField("nhiệm vụ", max_length=12, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="đơn vị của người làm"
    )
    facts = models.JSONField("dữ kiện", default=dict)
    voids = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="voided_by",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="hủy sự kiện",
    )
    prev_hash = models.CharField("mã băm trước", max_length=64, blank=True)
    hash = models.CharField("mã băm", max_length=64)

    class Meta:
        verbose_name = "sự kiện"
        verbose_name_plural = "sự kiện"
        constraints = [
            models.UniqueConstraint(fields=["item", "seq"], name="ledger_event_item_seq"),
            models.UniqueConstraint(
                fields=["voids"], condition=Q(voids__isnull=False), name="ledger_event_voided_once"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="ledger_event_seq_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.seq} {self.verb}"


class Leg(models.Model):
    """One signed, dated entry of the journal. Append-only; the legs of an event sum to zero, ``outside`` counted."""

    # Five indexes carry all reading (key, event, item, reversals, book and day); ten million items pay for each more.
    event = models.ForeignKey(Event, models.PROTECT, related_name="legs", db_index=False, verbose_name="sự kiện")
    position = models.PositiveSmallIntegerField("thứ tự trong sự kiện")
    item = models.ForeignKey(Item, models.PROTECT, related_name="legs", verbose_name="đầu việc")
    book = models.CharField("sổ", max_length=16, choices=Book.choices)
    at = models.DateTimeField("lúc")
    day = models.DateField("ngày", help_text="Ngày của «lúc» theo giờ Việt Nam.")
    recorded_at = models.DateTimeField("lúc ghi")
    sign = models.SmallIntegerField("dấu")
    account = models.CharField("tài khoản", max_length=16, choices=Account.choices)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", db_index=False, verbose_name="đơn vị chịu trách nhiệm"
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", db_index=False, verbose_name="nhóm số liệu"
    )
    channel = models.CharField("hình thức nộp", max_length=16, choices=Channel.choices)
    outcome = models.CharField("kết cục", max_length=16, blank=True, help_text="Chỉ ở bút toán vào tài khoản kết thúc.")
    kind = models.CharField("loại bút toán", max_length=12, choices=LegKind.choices)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="reversed_by",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="đảo bút toán",
    )

    class Meta:
        verbose_name = "bút toán"
        verbose_name_plural = "bút toán"
        constraints = [
            models.UniqueConstraint(fields=["event", "position"], name="ledger_leg_event_position"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="ledger_leg_reversed_once"
            ),
            models.CheckConstraint(condition=Q(sign__in=[-1, 1]), name="ledger_leg_sign"),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="ledger_leg_not_its_own_reversal"),
        ]
        indexes = [
            models.Index(fields=["book", "day", "unit"], name="ledger_leg_book_day_unit"),
            # Few rows, and every statement asks for those of its first day.
            models.Index(
                fields=["book", "day"],
                name="ledger_leg_moves",
                condition=Q(kind__in=["transfer", "succession", "correct"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.sign:+d} {self.account}"


class Checkpoint(models.Model):
    """What all items looked like at the end of a day, in one signed hash. Append-only; its copy is kept outside.

    ``document`` is what was signed: root, count, series, watermark, previous root, and the roots of blocks of items so
    that a difference found later can be narrowed down.
    """

    day = models.DateField("ngày", unique=True, help_text="Ngày cuối cùng mà bản chốt này bao gồm trọn vẹn.")
    made_at = models.DateTimeField("lúc lập")
    watermark = models.BigIntegerField("mốc bút toán", help_text="Số bút toán lớn nhất đã chắc chắn ghi xong.")
    last_event = models.BigIntegerField("mốc sự kiện", help_text="Số sự kiện lớn nhất đã chắc chắn ghi xong.")
    items = models.PositiveBigIntegerField("số đầu việc")
    root = models.CharField("mã gốc", max_length=64)
    previous_root = models.CharField("mã gốc lần trước", max_length=64, blank=True)
    document = models.JSONField("nội dung đã ký")
    signature = models.CharField("chữ ký", max_length=128)
    public_key = models.CharField("khóa công khai", max_length=64)

    class Meta:
        verbose_name = "bản chốt ngày"
        verbose_name_plural = "bản chốt ngày"

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.root[:12]}"


from motcua.ledger.totals_models import *  # noqa: E402, F403
