"""Procedures that exist nowhere: the rest of the published numbers, under codes no catalogue can hold. Pure.

The report counts 262 procedures of the district and 148 of the communes; the starter catalogue knows the everyday ones.
The others are made up here from what such offices do, coded ``NB.MH.…`` (a local prefix the national catalogue cannot
use) and marked in their names.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from motcua.procedures.choices import Level, PartKind, ResultKind, ServiceLevel, Stated
from motcua.procedures.drafts import Draft, Head, PartDraft, TermDraft

MARK = "(minh họa)"
BASIS = "Thủ tục minh họa, không có thật"
_ACTS = ("Cấp", "Cấp lại", "Điều chỉnh", "Gia hạn", "Sao lục", "Thu hồi theo đề nghị", "Xác nhận lại")
_TERMS = (5, 10, 3, 7, 15, 5, 20, 2, 10, 3)

# office -> (field, things that are given, renewed, confirmed …)
DISTRICT = {
    "NV": (
        ("Tổ chức hội", ("điều lệ hội có phạm vi hoạt động trong huyện", "văn bản cho phép đại hội của hội")),
        ("Tín ngưỡng, tôn giáo", ("danh mục hoạt động tôn giáo trong huyện", "địa điểm sinh hoạt tôn giáo tập trung")),
    ),
    "TP": (
        (
            "Hộ tịch có yếu tố nước ngoài",
            ("trích lục hộ tịch có yếu tố nước ngoài", "giấy khai sinh có yếu tố nước ngoài"),
        ),
        ("Bồi thường nhà nước", ("văn bản phục hồi danh dự", "quyết định giải quyết bồi thường")),
    ),
    "TCKH": (
        ("Hợp tác xã", ("giấy chứng nhận hợp tác xã", "giấy chứng nhận chi nhánh hợp tác xã")),
        ("Quản lý công sản", ("hồ sơ thanh lý tài sản công", "hóa đơn bán tài sản công")),
    ),
    "TNMT": (
        (
            "Đất đai",
            (
                "giấy chứng nhận quyền sử dụng đất cho hộ gia đình",
                "hồ sơ biến động đất đai",
                "hồ sơ tách thửa, hợp thửa",
            ),
        ),
        ("Môi trường", ("giấy phép môi trường cấp huyện", "giấy đăng ký môi trường")),
        ("Tài nguyên nước", ("giấy phép khai thác nước dưới đất quy mô hộ",)),
    ),
    "LD": (
        ("Bảo trợ xã hội", ("quyết định trợ cấp xã hội hằng tháng", "quyết định hỗ trợ khẩn cấp")),
        ("Người có công", ("hồ sơ điều dưỡng người có công", "hồ sơ trang cấp dụng cụ chỉnh hình")),
    ),
    "VHTT": (
        ("Văn hóa cơ sở", ("giấy phép kinh doanh dịch vụ karaoke", "danh hiệu khóm, ấp văn hóa")),
        ("Thư viện", ("hồ sơ hoạt động thư viện tư nhân", "hồ sơ thư viện cộng đồng")),
    ),
    "GDDT": (
        ("Giáo dục mầm non", ("quyết định thành lập trường mầm non", "quyết định cho phép trường mầm non hoạt động")),
        ("Giáo dục tiểu học", ("hồ sơ chuyển trường tiểu học", "hồ sơ tiếp nhận học sinh")),
    ),
    "YT": (
        ("Dân số", ("giấy xác nhận tình trạng dinh dưỡng cộng đồng", "hồ sơ chi trả chính sách dân số")),
        ("An toàn thực phẩm", ("giấy chứng nhận an toàn thực phẩm dịch vụ ăn uống", "bản cam kết an toàn thực phẩm")),
    ),
    "TT": (
        ("Giải quyết khiếu nại, tố cáo", ("hồ sơ khiếu nại lần hai", "hồ sơ tố cáo tại huyện")),
        ("Phòng, chống tham nhũng", ("bản kê khai tài sản", "hồ sơ giải trình")),
    ),
    "NN": (
        ("Trồng trọt", ("hồ sơ chuyển đổi cơ cấu cây trồng trong huyện", "giấy xác nhận vùng trồng")),
        ("Thủy lợi", ("phương án bảo vệ đập, hồ chứa nhỏ", "hồ sơ hỗ trợ kênh mương nội đồng")),
    ),
    "KTHT": (
        ("Hoạt động xây dựng", ("giấy phép xây dựng nhà ở trong huyện", "giấy phép xây dựng công trình phụ trợ")),
        ("Lưu thông hàng hóa trong nước", ("giấy phép bán lẻ thuốc lá", "giấy phép sản xuất rượu thủ công")),
    ),
}
COMMUNE = (
    ("Đất đai", ("giấy xác nhận hiện trạng sử dụng đất", "biên bản xác minh ranh giới thửa đất")),
    ("Môi trường", ("bản xác nhận tham vấn môi trường", "bản cam kết thu gom rác")),
    ("Hoạt động xây dựng", ("giấy xác nhận nhà ở phù hợp quy hoạch", "thông báo khởi công nhà ở")),
    ("Thư viện", ("thông báo thành lập thư viện cộng đồng", "thông báo giải thể thư viện cộng đồng")),
    ("Thể dục, thể thao", ("quyết định công nhận câu lạc bộ thể thao cơ sở", "thông báo giải thể thao của ấp")),
    ("Trẻ em", ("kế hoạch hỗ trợ trẻ em có hoàn cảnh đặc biệt", "quyết định chăm sóc thay thế trẻ em")),
    ("Phòng, chống thiên tai", ("hồ sơ hỗ trợ khôi phục sản xuất sau thiên tai", "bản kê khai sản xuất ban đầu")),
    ("Thủy lợi", ("hồ sơ hỗ trợ kiên cố hóa kênh mương", "thỏa thuận phục vụ tưới tiêu")),
    ("Hòa giải ở cơ sở", ("quyết định công nhận hòa giải viên", "hồ sơ thù lao hòa giải viên")),
)
# How many of the 262 and 148 the starter catalogue gives is known only when it is read; see catalogue.py.


@dataclass(frozen=True, slots=True)
class Invention:
    """An invented procedure before it is written."""

    code: str
    draft: Draft
    office: str = ""


def district(wanted: dict[str, int]) -> list[Invention]:
    """So many procedures for each office, coded NB.MH.H001 and on."""
    made: list[Invention] = []
    for office, number in wanted.items():
        for field, name, days in _combined(DISTRICT[office], number):
            made.append(_invention(f"NB.MH.H{len(made) + 1:03d}", name, field, days, Level.DISTRICT, office))
    return made


def communes(number: int) -> list[Invention]:
    """So many procedures of the commune, coded NB.MH.X001 and on."""
    rows = _combined(COMMUNE, number)
    return [
        _invention(f"NB.MH.X{n:03d}", name, field, days, Level.COMMUNE)
        for n, (field, name, days) in enumerate(rows, start=1)
    ]


def _combined(fields: tuple[tuple[str, tuple[str, ...]], ...], number: int) -> list[tuple[str, str, int]]:
    """``number`` different names out of acts and things, going round the fields."""
    things = [(field, thing) for field, found in fields for thing in found]
    variants = [""] + [f", trường hợp {n}" for n in range(2, 9)]
    pairs = product(variants, _ACTS, things)
    found = []
    for index, (variant, act, (field, thing)) in zip(range(number), pairs, strict=False):
        found.append((field, f"{act} {thing}{variant} {MARK}", _TERMS[index % len(_TERMS)]))
    if len(found) < number:
        raise ValueError("not enough things to invent procedures of")
    return found


def _invention(code: str, name: str, field: str, days: int, level: Level, office: str = "") -> Invention:
    calendar = days >= 15
    draft = Draft(
        Head(
            name=name,
            field=field,
            levels=(str(level),),
            subjects="Cá nhân, tổ chức (minh họa)",
            kind="Thủ tục minh họa",
            result_name="Văn bản trả kết quả (minh họa)",
            result_kind=str(ResultKind.OTHER),
            service_level=str(ServiceLevel.UNKNOWN),
        ),
        terms=(
            TermDraft(
                str(Stated.STATED),
                value=Decimal(days),
                unit="calendar_day" if calendar else "working_day",
                start_rule="next_day",
                # Every fourth office promises less than the rule allows.
                promised_value=Decimal(days - 2) if days in (5, 10) else None,
                promised_unit="working_day" if days in (5, 10) else "",
                confirmed=True,
            ),
        ),
        parts=(
            PartDraft("Đơn đề nghị", kind=str(PartKind.ORIGINAL), copies=1),
            PartDraft("Bản sao giấy tờ liên quan", kind=str(PartKind.COPY), copies=1),
        ),
    )
    return Invention(code, draft, office)
