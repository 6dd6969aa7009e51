"""The words the catalogue chooses from: units of time, levels, states, kinds."""

from django.db import models

# Codes the office gives itself. Official codes start with a digit ("1.001193"), so these can never be official.
LOCAL_PREFIX = "NB."


class Level(models.TextChoices):
    MINISTRY = "ministry", "Cấp bộ"
    PROVINCE = "province", "Cấp tỉnh"
    DISTRICT = "district", "Cấp huyện"
    COMMUNE = "commune", "Cấp xã"
    OTHER = "other", "Cơ quan khác"


class ServiceLevel(models.TextChoices):
    FULL = "toan_trinh", "Toàn trình"
    PARTIAL = "mot_phan", "Một phần"
    INFORMATION = "thong_tin", "Cung cấp thông tin trực tuyến"
    UNKNOWN = "chua_ro", "Chưa rõ"


class Effect(models.TextChoices):
    KNOWN = "known", "Có ngày hiệu lực"
    UNKNOWN = "unknown", "Chưa rõ ngày hiệu lực"


class Source(models.TextChoices):
    NATIONAL = "national", "Nạp từ danh mục quốc gia"
    STARTER = "starter", "Danh mục khởi đầu kèm phần mềm"
    LOCAL = "local", "Đơn vị tự lập"
    CORRECTION = "correction", "Đính chính tại đơn vị"


class ResultKind(models.TextChoices):
    LICENCE = "licence", "Giấy phép"
    CERTIFICATE = "certificate", "Giấy chứng nhận"
    DECISION = "decision", "Quyết định"
    EXTRACT = "extract", "Trích lục, bản sao"
    CONFIRMATION = "confirmation", "Giấy xác nhận"
    CERTIFIED = "certified", "Bản chứng thực"
    NOTICE = "notice", "Thông báo, văn bản trả lời"
    CARD = "card", "Thẻ, biển số"
    RECORD = "record", "Cập nhật dữ liệu, biên bản"
    OTHER = "other", "Loại khác"


class Stated(models.TextChoices):
    """Whether the published text says a term. UNCLEAR waits for a person; nothing is guessed."""

    STATED = "stated", "Có quy định"
    NONE = "none", "Không quy định"
    UNCLEAR = "unclear", "Cần rà soát"


class FeeState(models.TextChoices):
    AMOUNT = "amount", "Có mức thu"
    FREE = "free", "Không thu"
    NONE = "none", "Không có thông tin"
    UNCLEAR = "unclear", "Cần rà soát"


class PartKind(models.TextChoices):
    ORIGINAL = "original", "Bản chính"
    COPY = "copy", "Bản sao"
    PHOTOCOPY = "photocopy", "Bản chụp"
    ANY = "any", "Không phân biệt"


class PartRole(models.TextChoices):
    """What a row of the published list really is; only DOCUMENT rows are papers to hand in."""

    DOCUMENT = "document", "Giấy tờ phải nộp"
    SHOWN = "shown", "Giấy tờ xuất trình"
    CONDITION = "condition", "Dòng điều kiện, ghi chú"
    ALTERNATIVE = "alternative", "Dòng lựa chọn (hoặc)"


class Competence(models.TextChoices):
    RESOLVES = "resolves", "Tiếp nhận và giải quyết"
    RECEIVES = "receives", "Tiếp nhận, chuyển cơ quan khác giải quyết"
