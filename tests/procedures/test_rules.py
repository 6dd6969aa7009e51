"""What a published line says for certain, and what a person must look at. All lines here are invented."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.procedures import rules
from motcua.procedures.choices import FeeState, PartKind, PartRole, ResultKind, ServiceLevel, Stated
from motcua.procedures.rules import Duration

pytestmark = pytest.mark.pure


# ---- service levels -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1, ServiceLevel.INFORMATION),
        (2, ServiceLevel.INFORMATION),
        (3, ServiceLevel.PARTIAL),
        (4, ServiceLevel.FULL),
        (None, ServiceLevel.UNKNOWN),
    ],
)
def test_old_levels_map_to_the_present_ones(old, new):
    assert rules.service_level(old) == new


def test_both_level_maps_are_total():
    assert set(rules.SERVICE_LEVEL_OF_OLD) == {1, 2, 3, 4}
    assert set(rules.OLD_OF_SERVICE_LEVEL) == set(ServiceLevel)
    for level, old in rules.OLD_OF_SERVICE_LEVEL.items():
        assert rules.service_level(old) == level


def test_only_full_and_partial_take_dossiers_online():
    assert {level for level in ServiceLevel if rules.accepts_online(level)} == {ServiceLevel.FULL, ServiceLevel.PARTIAL}


# ---- durations in prose ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("05 ngày làm việc kể từ ngày nhận đủ hồ sơ", [Duration(5, "working_day")]),
        ("trong 07 (bảy) ngày làm việc", [Duration(7, "working_day")]),
        ("không quá 30 ngày", [Duration(30, "calendar_day")]),
        ("chậm nhất 08 giờ làm việc", [Duration(8, "working_hour")]),
        ("trong 24 giờ", [Duration(24, "hour")]),
        ("nhận sau 15 giờ thì trả hôm sau", []),
        ("trước ngày 31 tháng 12", []),
        ("Thông tư ngày 08 tháng 6 năm 2023", []),
        ("từ ngày 01/7/2025", []),
        ("03 tháng", [Duration(3, "month")]),
        ("2 ngày, sau đó 3 ngày làm việc", [Duration(2, "calendar_day"), Duration(3, "working_day")]),
        ("1.500 ngày công", []),
        ("", []),
    ],
)
def test_durations_mentioned(text, found):
    assert rules.durations(text) == found


# ---- terms ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("limit", "unit", "note", "value", "read_unit", "start"),
    [
        (5, "working_day", "", 5, "working_day", "next_day"),
        (5, "working_day", "05 ngày làm việc kể từ ngày nhận đủ hồ sơ", 5, "working_day", "next_day"),
        (30, "calendar_day", "30 ngày, trong đó thẩm tra 20 ngày, cấp thẻ 10 ngày", 30, "calendar_day", "next_day"),
        (15, "calendar_day", "05 ngày xem xét; 02 ngày hỏi ý kiến; 08 ngày quyết định", 15, "calendar_day", "next_day"),
        (300, "calendar_day", "", 300, "calendar_day", "next_day"),
        (12, "month", "", 12, "month", "next_day"),
        (4, "hour", "04 giờ làm việc", 4, "working_hour", "immediately"),
        (
            3,
            "working_day",
            "nhận sau 15 giờ thì tính từ hôm sau, không quá 03 ngày làm việc",
            3,
            "working_day",
            "next_day",
        ),
    ],
)
def test_a_term_stated_whole_is_taken(limit, unit, note, value, read_unit, start):
    reading = rules.read_term(limit, unit, note)
    assert (reading.state, reading.value, reading.unit, reading.start_rule) == (Stated.STATED, value, read_unit, start)
    assert reading.troubles == ()


@pytest.mark.parametrize(
    ("limit", "unit", "note", "state", "trouble"),
    [
        (1, None, "", Stated.UNCLEAR, "number_without_unit"),
        (3, None, "03 ngày làm việc", Stated.UNCLEAR, "number_without_unit"),
        (0, None, "", Stated.UNCLEAR, "zero_term"),
        (0, "working_day", "", Stated.UNCLEAR, "zero_term"),
        (1001, "calendar_day", "", Stated.UNCLEAR, "term_out_of_range"),
        (61, "month", "", Stated.UNCLEAR, "term_out_of_range"),
        (8, "hour", "", Stated.UNCLEAR, "hours_of_what"),
        (24, "hour", "trong 24 giờ", Stated.UNCLEAR, "hours_of_what"),
        (7, "working_day", "trong 03 ngày làm việc", Stated.UNCLEAR, "term_contradicts_note"),
        (
            2,
            "working_day",
            "tiếp nhận 02 ngày làm việc, kiểm tra 08 ngày làm việc",
            Stated.UNCLEAR,
            "term_contradicts_note",
        ),
        (7, "calendar_day", "07 ngày làm việc", Stated.UNCLEAR, "unit_contradicts_note"),
        (30, "working_day", "30 ngày kể từ ngày nhận hồ sơ", Stated.UNCLEAR, "unit_contradicts_note"),
        (10, "working_day", "05 ngày và 05 ngày làm việc", Stated.UNCLEAR, "term_contradicts_note"),
        (None, None, "15 ngày kể từ ngày nhận hồ sơ", Stated.UNCLEAR, "term_only_in_note"),
        (None, None, "Không có thông tin", Stated.NONE, "term_not_stated"),
        (None, None, "Không quy định", Stated.NONE, "term_not_stated"),
        (None, None, "", Stated.NONE, "term_not_stated"),
    ],
)
def test_a_term_that_is_not_certain_gets_no_value(limit, unit, note, state, trouble):
    reading = rules.read_term(limit, unit, note)
    assert (reading.state, reading.value, reading.unit, reading.start_rule) == (state, None, "", "")
    assert reading.troubles == (trouble,)


_NOTES = st.lists(
    st.sampled_from(
        [
            "05 ngày làm việc",
            "07 ngày",
            "8 giờ",
            "Không quy định",
            "kể từ ngày 01/7/2025",
            "hồ sơ",
            "3 tháng",
            "(",
            ")",
            "\n",
        ]
    ),
    max_size=5,
).map(" ".join)


@given(
    st.none() | st.integers(0, 2000),
    st.none() | st.sampled_from(["working_day", "calendar_day", "hour", "month"]),
    _NOTES | st.text(max_size=60),
)
def test_no_value_is_ever_invented(limit, unit, note):
    reading = rules.read_term(limit, unit, note)
    if reading.value is None:
        assert reading.unit == reading.start_rule == ""
        assert reading.troubles
    else:
        assert reading.value == limit > 0
        assert reading.unit == {"hour": "working_hour"}.get(unit, unit)
    assert set(reading.troubles) <= set(rules.TROUBLES)


# ---- notes and fees -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("note", "has_limit", "parts"),
    [
        ("Miễn phí", True, ("", "Miễn phí", "", "")),
        ("Miễn phí05 ngày làm việc", True, ("", "Miễn phí", "", "05 ngày làm việc")),
        ("Không có thông tinMiễn phí(Không)", False, ("Không có thông tin", "Miễn phí", "Không", "")),
        ("Không có thông tinNộp tại xã", True, ("", "Không có thông tin", "", "Nộp tại xã")),
        ("1.5 Ngày làm việc40,000 VNĐ", False, ("1.5 Ngày làm việc", "40,000 VNĐ", "", "")),
        (
            "90,000 Việt Nam Đồng(/hồ sơ (theo thông tư))Nộp tại xã",
            True,
            ("", "90,000 Việt Nam Đồng", "/hồ sơ (theo thông tư)", "Nộp tại xã"),
        ),
        ("Nộp tại xã", True, ("", "", "", "Nộp tại xã")),
    ],
)
def test_a_note_is_taken_apart(note, has_limit, parts):
    assert rules.split_note(note, has_limit=has_limit)[:4] == parts


@pytest.mark.parametrize(
    ("note", "state", "amount", "per", "trouble"),
    [
        ("Miễn phí", FeeState.FREE, 0, "", None),
        ("Miễn phí(Không)", FeeState.FREE, 0, "", None),
        ("Miễn phí(Không có)", FeeState.FREE, 0, "", None),
        ("Miễn phí(Không thu phí)", FeeState.FREE, 0, "", None),
        ("Miễn phí(Không quy định.)", FeeState.NONE, None, "", "fee_not_stated"),
        ("Miễn phí(Mức lệ phí cụ thể do HĐND tỉnh quyết định)", FeeState.UNCLEAR, None, "", "free_but_regulated"),
        ("Miễn phí(Theo Thông tư số 01/2020/TT-BTC)", FeeState.UNCLEAR, None, "", "free_but_regulated"),
        ("Miễn phí(20.000.000 đồng/lần)", FeeState.UNCLEAR, None, "", "free_but_regulated"),
        (
            "Miễn phíLệ phí (nếu có): Hội đồng nhân dân tỉnh quyết định",
            FeeState.UNCLEAR,
            None,
            "",
            "free_but_regulated",
        ),
        ("Không có thông tin", FeeState.NONE, None, "", "fee_not_stated"),
        ("Không có thông tin- Lệ phí: 20.000 đồng", FeeState.UNCLEAR, None, "", "fee_only_in_note"),
        ("50,000 Việt Nam Đồng", FeeState.AMOUNT, 50000, "", None),
        ("50,000 VNĐ(50.000 đồng/giấy)", FeeState.AMOUNT, 50000, "giấy", None),
        ("10,000 Việt Nam Đồng(/hồ sơ)", FeeState.AMOUNT, 10000, "hồ sơ", None),
        ("30,000,000 VNĐ(30 triệu đồng/giấy phép)", FeeState.AMOUNT, 30_000_000, "", None),
        ("30,000,000 VNĐ(20 triệu đồng/giấy phép)", FeeState.UNCLEAR, None, "", "fee_several_amounts"),
        ("50,000 VNĐ(50.000 đồng; cấp lại 70.000 đồng)", FeeState.UNCLEAR, None, "", "fee_several_amounts"),
        ("50,000 VNĐPhí thêm: 70.000 đồng/hồ sơ", FeeState.UNCLEAR, None, "", "fee_several_amounts"),
        ("50,000 VNĐ(bằng 50% từ ngày 01/7/2025)", FeeState.UNCLEAR, None, "", "fee_dated_change"),
        ("100 VNĐ(100.000 đồng)", FeeState.UNCLEAR, None, "", "fee_amount_odd"),
        ("1100,000 VNĐ", FeeState.UNCLEAR, None, "", "fee_amount_odd"),
        ("10 USD(/bản)", FeeState.UNCLEAR, None, "", "fee_in_foreign_currency"),
        ("50,000 VNĐ(đồng (miễn", FeeState.UNCLEAR, None, "", "fee_unreadable"),
        ("Nộp tại xã", FeeState.UNCLEAR, None, "", "fee_unreadable"),
    ],
)
def test_fees(note, state, amount, per, trouble):
    reading = rules.read_fee(rules.split_note(note, has_limit=True))
    assert (reading.state, reading.amount, reading.per) == (state, amount, per)
    assert reading.troubles == ((trouble,) if trouble else ())


@given(st.text(alphabet="Miễn phíKhôngcótin0123456789.,() VNĐồđđ/\n", max_size=80), st.booleans())
def test_a_fee_is_a_published_amount_or_nothing(note, has_limit):
    reading = rules.read_fee(rules.split_note(note, has_limit=has_limit))
    if reading.state == FeeState.AMOUNT:
        assert str(reading.amount) in note.replace(",", "").replace(".", "")
    elif reading.state == FeeState.FREE:
        assert note.removeprefix("Không có thông tin").startswith("Miễn phí")
    else:
        assert reading.amount is None


# ---- parts ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "copies", "kind", "role", "read_copies", "troubles"),
    [
        ("Tờ khai theo mẫu", 1, PartKind.ORIGINAL, PartRole.DOCUMENT, 1, ()),
        ("Tờ khai theo mẫu", 0, PartKind.ANY, PartRole.DOCUMENT, None, ("copies_zero",)),
        ("Tờ khai theo mẫu", 7, PartKind.ANY, PartRole.DOCUMENT, None, ("copies_out_of_range",)),
        ("Tờ khai theo mẫu;2 bản chính", 1, PartKind.ANY, PartRole.DOCUMENT, None, ("copies_contradict_name",)),
        ("Bản đồ khu đất;1 bản sao", 1, PartKind.ANY, PartRole.DOCUMENT, 1, ("kind_contradicts_name",)),
        ("Đơn theo Mẫu số 181 bản chính", 1, PartKind.ORIGINAL, PartRole.DOCUMENT, 1, ()),
        (
            "Trường hợp ủy quyền thì nộp thêm giấy ủy quyền",
            0,
            PartKind.ANY,
            PartRole.CONDITION,
            None,
            ("part_is_condition",),
        ),
        ("Lưu ý: mang theo bản chính", 1, PartKind.ANY, PartRole.CONDITION, None, ("part_is_condition",)),
        ("Hồ sơ gồm các giấy tờ sau:", 0, PartKind.ANY, PartRole.CONDITION, None, ("part_is_condition",)),
        ("Số lượng hồ sơ: 01 bộ", 1, PartKind.ANY, PartRole.CONDITION, None, ("part_is_condition",)),
        ("Hoặc giấy xác nhận của trưởng thôn", 1, PartKind.ANY, PartRole.ALTERNATIVE, None, ("part_is_alternative",)),
        ("(nếu có)", 0, PartKind.ANY, PartRole.CONDITION, None, ("part_is_condition",)),
        (" - ", 1, PartKind.ANY, PartRole.CONDITION, None, ("part_empty",)),
        ("Một trong các giấy tờ về chỗ ở", 1, PartKind.ORIGINAL, PartRole.DOCUMENT, 1, ("part_offers_choice",)),
        ("a) Đơn;1 bản chínhb) Sơ đồ thửa đất", 1, PartKind.ORIGINAL, PartRole.DOCUMENT, 1, ("parts_glued",)),
        ("Xuất trình căn cước", 1, PartKind.ORIGINAL, PartRole.SHOWN, 1, ()),
    ],
)
def test_parts(name, copies, kind, role, read_copies, troubles):
    reading = rules.read_part(name, copies, "original")
    assert (reading.kind, reading.role, reading.copies, reading.troubles) == (kind, role, read_copies, troubles)


def test_a_paper_wanted_only_sometimes_is_not_required():
    reading = rules.read_part("Giấy ủy quyền (nếu có)", 1, "original")
    assert (reading.required, reading.condition) == (False, "nếu có")


def test_the_form_glued_to_a_paper_is_taken_off():
    reading = rules.read_part("Đơn đề nghị.Mau don 01.docx1 bản chính", 1, "original")
    assert (reading.name, reading.form) == ("Đơn đề nghị.", "Mau don 01.docx")


@given(st.text(max_size=200), st.integers(-10, 20), st.sampled_from(["original", "copy", "photocopy"]))
def test_any_row_of_papers_can_be_read(name, copies, kind):
    reading = rules.read_part(name, copies, kind)
    assert reading.copies in (None, copies)
    assert set(reading.troubles) <= set(rules.TROUBLES)


# ---- results --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Giấy phép xây dựng", ResultKind.LICENCE),
        ("Quyết định cấp Giấy phép", ResultKind.DECISION),
        ("Trích lục khai tử", ResultKind.EXTRACT),
        ("Giấy chứng nhận kết hôn", ResultKind.CERTIFICATE),
        ("Giấy xác nhận tình trạng hôn nhân", ResultKind.CONFIRMATION),
        ("Thẻ căn cước", ResultKind.CARD),
        ("Thông báo kết quả", ResultKind.NOTICE),
        ("", ResultKind.OTHER),
    ],
)
def test_kind_of_result(name, kind):
    assert rules.result_kind(name) == kind


def test_decimal_values_are_whole_days():
    assert rules.read_term(5, "working_day", "").value == Decimal(5)
