"""A report made by hand, for what renders and reads it: an invented half-year of huyện Cầu Kè."""

import datetime as dt
from decimal import Decimal
from typing import Any

from motcua.reports import types, word
from motcua.reports.figures import Figure
from motcua.reports.marks import Section
from motcua.reports.word import AnnexRow, Content, Head

FIRST, LAST = dt.date(2022, 12, 15), dt.date(2023, 6, 14)


def count(code: str, name: str, value: int | None, **more: Any) -> Figure:
    state = "value" if value is not None else "missing"
    given = None if value is None else Decimal(value)
    return Figure(code, name, "hồ sơ", "count", FIRST, LAST, state=state, value=given, **more)


def ratio(code: str, name: str, num: int, den: int, **more: Any) -> Figure:
    value = Decimal(num) * 100 / den if den else None
    state = "value" if den else "none"
    return Figure(
        code,
        name,
        "%",
        "ratio",
        FIRST,
        LAST,
        state=state,
        value=value,
        num=Decimal(num).quantize(Decimal("0.000001")),
        den=Decimal(den).quantize(Decimal("0.000001")),
        places=2,
        **more,
    )


FIGURES = {
    figure.code: figure
    for figure in (
        count("cd_van_ban", "Văn bản chỉ đạo", 12),
        ratio("kh_ty_le", "Tỷ lệ hoàn thành kế hoạch", 26, 32, before="20/32 (62,5%)"),
        count("tt_tin_bai", "Tin, bài", 115),
        count("tt_chuyen_muc", "Chuyên mục", 12),
        count("hs_nhan_giai_quyet", "Hồ sơ nhận giải quyết", 22318),
        count("hs_ky_truoc", "Kỳ trước chuyển sang", 0),
        count("hs_tiep_nhan", "Tiếp nhận trong kỳ", 22318),
        ratio("hs_ty_le_dung_han", "Tỷ lệ đúng hạn", 22305, 22306),
        count("hs_dang_giai_quyet", "Đang giải quyết", 12),
        count("hs_dang_qua_han", "Đang giải quyết, quá hạn", 0),
        count("doi_thoai", "Đối thoại", None),
    )
}
OUTLINE = types.outlines()["cchc"]
TITLES = {item.key: item.title for item in OUTLINE.sections}
PROSE = {
    "iii_1": "Nền nếp đã có; hoàn thành {kh_ty_le:tren} nhiệm vụ.\nĐoạn thứ hai <b>&</b> {{ lạ }}.",
    "iv": "Làm tiếp.",
    "v": "Không có kiến nghị, đề xuất.",
}


def sections(**changed: str) -> dict[str, Section]:
    texts = {item.key: types.drafted(item, FIGURES) for item in OUTLINE.sections} | PROSE | changed
    return {key: Section(key, TITLES[key], 2, text) for key, text in texts.items()}


def content(**changed: str) -> Content:
    head = Head(
        above="",
        issuer=("ỦY BAN NHÂN DÂN", "HUYỆN CẦU KÈ"),
        number="265",
        symbol="/BC-UBND",
        place="Cầu Kè",
        day="ngày 01 tháng 6 năm 2023",
        noun="BÁO CÁO",
        subject="Kết quả cải cách hành chính {{ 7*7 }} 6 tháng đầu năm 2023",
        addressees=("Sở Nội vụ tỉnh Trà Vinh",),
        authority=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        signer="Nguyễn Văn Xoài",
        receivers=("Sở Nội vụ;", "Lưu: VT."),
    )
    rows = [AnnexRow("A", "Chỉ đạo, điều hành")]
    rows += [AnnexRow(f"A.{n}", figure.name, figure, f"7-{n}") for n, figure in enumerate(FIGURES.values(), 1)]
    return Content(
        head=head,
        unit="Huyện Cầu Kè",
        period="6 tháng đầu năm 2023",
        first=FIRST,
        last=LAST,
        source="Báo cáo 7, bản chốt 1, mã kiểm 0123456789ab",
        doubts=("Số liệu là số ước.",),
        figures=FIGURES,
        sections=sections(**changed),
        annex_title="PHỤ LỤC SỐ LIỆU",
        annex=tuple(rows),
        stamp=dt.datetime(2023, 6, 1, 3, tzinfo=dt.UTC),
    )


def document(**changed: str) -> bytes:
    return word.document(content(**changed), word.shipped("cchc.docx"))
