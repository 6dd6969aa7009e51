"""Which column means what: proposed from the headings, kept by unit, editable. Pure."""

from collections.abc import Mapping, Sequence

from motcua.core.errors import Invalid
from motcua.core.text import fold

# Our fields with their words, in the order a person checks them.
FIELDS: dict[str, str] = {
    "code": "Mã hồ sơ",
    "procedure_code": "Mã thủ tục",
    "procedure_name": "Tên thủ tục",
    "field": "Lĩnh vực",
    "applicant": "Chủ hồ sơ",
    "id_number": "Số giấy tờ",
    "phone": "Số điện thoại",
    "address": "Địa chỉ",
    "channel": "Hình thức nộp",
    "received": "Ngày tiếp nhận",
    "due": "Ngày hẹn trả",
    "ended": "Ngày kết thúc xử lý",
    "handed_over": "Ngày trả kết quả",
    "status": "Trạng thái",
    "time_class": "Phân loại thời hạn",
    "unit": "Đơn vị giải quyết",
    "note": "Ghi chú",
}
REQUIRED = ("code", "received", "due")

# Headings met in exports, folded; the first that fits wins, the most telling come first.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("ma ho so", "so ho so", "ma bien nhan", "so bien nhan", "ma so ho so", "mahoso", "so bien lai"),
    "procedure_code": ("ma thu tuc", "ma tthc", "matthc", "ma thu tuc hanh chinh"),
    "procedure_name": ("ten thu tuc", "ten tthc", "thu tuc hanh chinh", "thu tuc", "ten thu tuc hanh chinh", "tthc"),
    "field": ("linh vuc", "ten linh vuc"),
    "applicant": (
        "chu ho so",
        "ten chu ho so",
        "nguoi nop",
        "ho ten",
        "ho va ten",
        "ten nguoi nop",
        "to chuc ca nhan",
        "ca nhan to chuc",
        "ten ca nhan to chuc",
        "nguoi nop ho so",
    ),
    "id_number": ("cccd", "so cccd", "cmnd", "cmnd cccd", "so cmnd", "so giay to", "can cuoc", "so dinh danh"),
    "phone": ("so dien thoai", "dien thoai", "sdt", "so dt"),
    "address": ("dia chi", "dia chi chu ho so", "noi o"),
    "channel": ("hinh thuc nop", "hinh thuc", "hinh thuc tiep nhan", "kenh nop", "nguon ho so", "kenh tiep nhan"),
    "received": ("ngay tiep nhan", "ngay nhan", "thoi gian tiep nhan", "ngay nhan ho so", "thoi diem tiep nhan"),
    "due": ("ngay hen tra", "hen tra", "ngay hen", "han giai quyet", "han xu ly", "han tra ket qua", "ngay hen tra kq"),
    "ended": (
        "ngay ket thuc xu ly",
        "ngay ket thuc",
        "ngay co ket qua",
        "ngay hoan thanh",
        "ngay xu ly xong",
        "ngay giai quyet xong",
        "ngay giai quyet",
    ),
    "handed_over": ("ngay tra ket qua", "ngay tra", "ngay tra kq", "ngay thuc tra"),
    "status": ("trang thai", "tinh trang", "trang thai ho so", "tinh trang ho so", "trang thai xu ly"),
    "time_class": ("phan loai", "tinh trang xu ly", "han", "ket qua xu ly", "phan loai thoi han", "tien do"),
    "unit": ("don vi xu ly", "co quan giai quyet", "don vi giai quyet", "don vi", "phong ban", "co quan thuc hien"),
    "note": ("ghi chu",),
}


def _plain(heading: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(heading)).split())


def propose(headings: Sequence[str]) -> dict[str, int]:
    """Our field → column, as far as the headings tell. A column serves one field; nothing is forced."""
    plain = [_plain(h) for h in headings]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for exact in (True, False):
        for field, words in _HEADINGS.items():
            if field in found:
                continue
            for word in words:
                at = next(
                    (i for i, h in enumerate(plain) if i not in taken and (h == word if exact else _tells(h, word))),
                    None,
                )
                if at is not None:
                    found[field] = at
                    taken.add(at)
                    break
    return found


def _tells(heading: str, word: str) -> bool:
    """Whether a heading begins with the word and goes on ("ngày hẹn trả kết quả (dự kiến)")."""
    return len(word) > 4 and (heading + " ").startswith(word + " ")


def find_header(
    rows: Sequence[Sequence[str]], names: Mapping[str, str], remembered: Mapping[str, str]
) -> tuple[int, dict[str, int]]:
    """The row that holds the headings (titles often stand above it) and the mapping: proposed, as remembered from
    the last time where those headings are there, and as ``names`` say now.

    Invalid, naming what was looked for, when no row among the first thirty will do.
    """
    best: tuple[int, dict[str, int]] = (-1, {})
    for i, row in enumerate(rows[:30]):
        found = propose(row)
        if len(found) > len(best[1]):
            best = (i, found)
    if best[0] < 0 or len(best[1]) < 3:
        wanted = ", ".join(FIELDS[f] for f in REQUIRED)
        raise Invalid(f"Không thấy dòng tiêu đề cột trong 30 dòng đầu. Tệp cần ít nhất các cột: {wanted}.")
    headings = rows[best[0]]
    known = {f: h for f, h in remembered.items() if _plain(h) in {_plain(x) for x in headings} and f not in names}
    given = by_names(headings, {**known, **names})
    # A column given by hand is no longer what the headings proposed for it.
    mapping = {f: i for f, i in best[1].items() if i not in given.values()} | given
    missing = [FIELDS[f] for f in REQUIRED if f not in mapping]
    if missing:
        raise Invalid(
            f"Dòng {best[0] + 1} là tiêu đề nhưng không thấy cột: {', '.join(missing)}. "
            "Hãy chỉ rõ bằng --map TRƯỜNG=«tiêu đề cột»."
        )
    return best[0], mapping


def by_names(headings: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """A mapping given as field → heading text, as remembered or edited; Invalid naming what does not fit."""
    plain = {_plain(h): i for i, h in reversed(list(enumerate(headings)))}
    found: dict[str, int] = {}
    for field, heading in names.items():
        if field not in FIELDS:
            raise Invalid(f"Không có trường «{field}». Các trường: {', '.join(FIELDS)}.")
        at = plain.get(_plain(heading))
        if at is None:
            raise Invalid(f"Tệp không có cột «{heading}» (cho {FIELDS[field]}).")
        found[field] = at
    return found
