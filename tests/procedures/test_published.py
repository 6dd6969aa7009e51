"""A published record put together: terms by case and channel, fees, papers, and what is marked."""

from decimal import Decimal

import pytest

from motcua.core.errors import Invalid
from motcua.procedures.published import clean_lines, read_record
from tests.procedures.made import method, paper, record

pytestmark = pytest.mark.pure


def read(**changes):
    return read_record(record(**changes)).draft


def codes(draft, place=None):
    return [d.code for d in draft.doubts if place in (None, d.place)]


def test_a_clean_record_has_no_doubts():
    draft = read()
    assert draft.doubts == ()
    (term,) = draft.terms
    assert (term.case, term.channel, term.value, term.unit, term.start_rule) == ("", "", 5, "working_day", "next_day")
    assert [(f.state, f.amount) for f in draft.fees] == [("free", 0)]
    assert draft.head.effect == "unknown"
    assert draft.head.effect_date is None
    assert draft.head.service_level == "chua_ro"
    assert draft.head.levels == ("commune",)
    assert draft.head.ministry == "Bộ Tư pháp"


def test_one_term_printed_for_three_channels_is_one_line():
    draft = read(methods=[method(channel=c) for c in ("direct", "online", "postal")])
    assert [(t.channel, t.value) for t in draft.terms] == [("", Decimal(5))]
    assert draft.terms[0].published.count("5 ngày làm việc") == 3


def test_a_number_without_a_unit_keeps_the_text_and_gets_no_value():
    draft = read(methods=[method(3, None, note="Miễn phí(Mức lệ phí do HĐND tỉnh quyết định)")])
    assert [(t.state, t.value, t.unit) for t in draft.terms] == [("unclear", None, "")]
    assert "3 (không ghi đơn vị)" in draft.terms[0].published
    assert codes(draft) == ["number_without_unit", "free_but_regulated"]
    assert [(f.state, f.amount) for f in draft.fees] == [("unclear", None)]


def test_several_terms_stored_as_if_by_channel_become_cases_to_be_named():
    draft = read(methods=[method(20, channel="direct"), method(17, channel="online"), method(27, channel="postal")])
    assert [(t.channel, t.value) for t in draft.terms] == [("", 20), ("", 17), ("", 27)]
    assert draft.cases[0] == "Trường hợp 20 ngày làm việc (công bố ở: trực tiếp)"
    assert codes(draft) == ["cases_as_channels"]


def test_two_terms_of_one_channel_are_cases_too():
    draft = read(methods=[method(7), method(2), method(7, channel="online"), method(2, channel="online")])
    assert [t.value for t in draft.terms] == [7, 2]
    assert draft.cases == [
        "Trường hợp 7 ngày làm việc (công bố ở: trực tiếp, trực tuyến)",
        "Trường hợp 2 ngày làm việc (công bố ở: trực tiếp, trực tuyến)",
    ]


def test_a_term_said_for_some_channels_only_is_not_spread_to_the_others():
    draft = read(methods=[method(5), method(None, None, channel="online", note="Không có thông tinMiễn phí")])
    assert {t.channel: t.value for t in draft.terms} == {"direct": 5, "online": None}
    assert "term_missing_for_channel" in codes(draft)


def test_no_information_is_no_term_and_no_fee_not_zero():
    draft = read(methods=[method(None, None, note="Không có thông tinKhông có thông tin")])
    assert [(t.state, t.value) for t in draft.terms] == [("none", None)]
    assert [(f.state, f.amount) for f in draft.fees] == [("none", None)]
    assert codes(draft) == ["term_not_stated", "fee_not_stated"]


def test_a_term_glued_to_a_fee_is_neither():
    draft = read(methods=[method(None, None, note="1100 VNĐ(Phí công bố: 100.000 đồng/lần)")])
    assert draft.terms[0].state == draft.fees[0].state == "unclear"
    assert draft.terms[0].value is draft.fees[0].amount is None
    assert codes(draft) == ["number_glued", "number_glued"]


def test_one_contradicting_row_spoils_the_line():
    note = "Miễn phíTrong 03 ngày làm việc"
    draft = read(methods=[method(7), method(7, channel="online", note=note)])
    assert [(t.state, t.value) for t in draft.terms] == [("unclear", None)]
    assert note in draft.terms[0].published


def test_fees_that_differ_by_channel_are_lines_by_channel():
    draft = read(methods=[method(note="20,000 VNĐ"), method(channel="online", note="10,000 VNĐ")])
    assert {f.channel: f.amount for f in draft.fees} == {"direct": 20000, "online": 10000}


def test_two_amounts_in_one_channel_are_not_chosen_from():
    draft = read(methods=[method(note="40,000 VNĐ(- Xe to)"), method(note="20,000 VNĐ(- Xe nhỏ)")])
    assert [(f.state, f.amount) for f in draft.fees] == [("unclear", None)]
    assert codes(draft) == ["fee_several_amounts"]


def test_a_text_cut_at_the_source_is_marked():
    draft = read(steps_text="x" * 2500, documents=[paper("y" * 600)], methods=[method(note="Miễn phí" + "z" * 592)])
    assert sorted((d.code, d.place) for d in draft.doubts) == [
        ("text_cut", "part"),
        ("text_cut", "steps_text"),
        ("text_cut", "term"),
    ]


def test_hidden_characters_are_taken_out_and_recorded():
    draft = read(name="Đăng k\u200ey\u0301 nuôi\u00a0rồng\u00ad")
    assert draft.head.name == "Đăng ký nuôi rồng"
    assert [(d.code, d.place) for d in draft.doubts] == [("hidden_characters", "name"), ("not_composed", "name")]
    assert "U+200E" in draft.doubts[0].published


def test_lines_of_a_text_stay_lines():
    assert clean_lines("Bước 1\r\n\tnộp  hồ sơ\n\n\n\nBước 2") == ("Bước 1\nnộp hồ sơ\n\nBước 2", [], False)


def test_the_district_left_in_a_commune_procedure_is_marked():
    assert codes(read(steps_text="Nộp tại UBND cấp huyện.")) == ["district_left"]
    assert codes(read(steps_text="Nộp tại UBND cấp huyện.", levels=["Cấp tỉnh"])) == []


def test_no_methods_at_all():
    draft = read(methods=[])
    assert (draft.terms, draft.fees, codes(draft)) == ((), (), ["no_methods"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": "abc"}, "mã thủ tục «abc»"),
        ({"code": "NB.01"}, "mã thủ tục «NB.01»"),
        ({"code": None}, "mã thủ tục"),
        ({"name": ""}, "«name» để trống"),
        ({"name": " \u200b "}, "«name» để trống"),
        ({"name": 5}, "«name» phải là chữ, không phải số"),
        ({"name": "a\x00b"}, "NUL"),
        ({"name": "<script>alert(1)</script>"}, "mã HTML «<script>"),
        ({"steps_text": "Bước 1<br/>Bước 2"}, "mã HTML"),
        ({"name": "x" * 2001}, "dài 2001 ký tự"),
        ({"levels": ["Cấp thôn"]}, "«Cấp thôn»"),
        ({"levels": "Cấp xã"}, "«levels» phải là danh sách, không phải chữ"),
        ({"methods": None}, "«methods» phải là danh sách"),
        ({"methods": ["x"]}, "cách thức thực hiện"),
        ({"methods": [method(channel="fax")]}, "«fax»"),
        ({"methods": [method(limit=-1)]}, "«-1»"),
        ({"methods": [method(limit=True)]}, "«True»"),
        ({"methods": [method(limit=1.5)]}, "«1.5»"),
        ({"methods": [method(unit="week")]}, "«week»"),
        ({"methods": [method(note="a\x00")]}, "NUL"),
        ({"documents": [paper(copies="1")]}, "số bản"),
        ({"documents": [paper(kind="scan")]}, "«scan»"),
        ({"documents": [paper()] * 401}, "401 dòng"),
        ({"legal_basis": [1]}, "«basis» phải là chữ"),
    ],
)
def test_wrong_records_are_refused_in_words(changes, says):
    with pytest.raises(Invalid) as refused:
        read_record(record(**changes))
    assert says in refused.value.message


def test_a_less_than_sign_is_not_markup():
    assert read(steps_text="diện tích < 100 m2 và > 50 m2").head.steps_text == "diện tích < 100 m2 và > 50 m2"
