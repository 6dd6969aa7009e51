"""Sentences choose their words from the figures; figures are written as Vietnamese reports write them."""

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core.errors import Invalid
from motcua.reports import marks, notation, phrases, types
from motcua.reports.figures import Figure
from tests.reports.report_made import FIGURES, count, ratio

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (notation.number(22318), "22.318"),
        (notation.number(Decimal("347.344")), "347,344"),
        (notation.number(Decimal("34.6"), places=3), "34,600"),
        (notation.number(-3), "−3"),
        (notation.number(None), "không có"),
        (notation.in_text(4), "04"),
        (notation.in_text(0), "00"),
        (notation.in_text(10), "10"),
        (notation.percent(26, 32), "81,25%"),
        (notation.percent(14, 410, places=1), "3,4%"),
        (notation.percent(32, 32), "100%"),
        (notation.percent(0, 0), "không có"),
        (notation.percent(21274, 21275), "99,99%"),
        (notation.percent(1, 1_000_000), "0,01%"),
        (notation.fraction(7, 45), "07/45"),
    ],
)
def test_numbers_as_reports_write_them(said, expected):
    assert said == expected


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(0, 3))
def test_a_hundred_per_cent_is_said_of_all_alone_and_none_of_none(part, base, places):
    part = min(part, base)
    text = notation.percent(part, base, places=places)
    assert (text == "100%") == (part == base)
    assert (text == "0%") == (part == 0)


@given(st.decimals(-(10**9), 10**9, places=3, allow_nan=False))
def test_what_is_written_is_read_back(number):
    assert notation.read(notation.number(number)) == number


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("22.318", "22318", True),
        ("07", "7", True),
        ("26/32", " 26 / 32", True),
        ("81,25%", "81,26%", False),
        ("81,25%", "81,25", False),
        ("1.234", "1,234", False),
        ("không có", "0", False),
        ("12", "", False),
    ],
)
def test_another_spelling_is_no_change_and_another_number_is(one, other, alike):
    assert notation.same(one, other) is alike


def figure_in(state: str) -> dict[str, Figure]:
    """Every code of the outlines, all in one state."""
    codes = {code for outline in types.outlines().values() for code in outline.codes}
    made = {
        "all": lambda code: ratio(code, code, 9, 9),
        "short": lambda code: ratio(code, code, 21274, 21275),
        "none of it": lambda code: ratio(code, code, 0, 9),
        "nothing": lambda code: ratio(code, code, 0, 0),
        "zero": lambda code: count(code, code, 0),
        "missing": lambda code: count(code, code, None),
        "some": lambda code: count(code, code, 5),
    }[state]
    return {code: made(code) for code in codes}


SECTIONS = [item for outline in types.outlines().values() for item in outline.sections if item.sentences]


@pytest.mark.parametrize(
    ("state", "never"),
    [
        ("short", ("100%", "tất cả", "Toàn bộ", "Cả 21")),
        ("nothing", ("100%", "0%", "00 ", "tất cả", "Toàn bộ")),
        ("missing", ("100%", "{", "chưa có số liệu", "không có hồ sơ quá hạn")),
        ("some", ("không có hồ sơ quá hạn", "Không còn hồ sơ")),
        ("zero", ("quá hạn 0",)),
    ],
)
def test_no_shipped_sentence_says_what_its_figures_do_not(state, never):
    figures = figure_in(state)
    for item in SECTIONS:
        said = marks.said(types.drafted(item, figures), figures)
        for word in never:
            assert word.casefold() not in said.casefold(), (item.key, said)


def test_every_case_of_every_shipped_sentence_names_tests_and_parts_that_there_are():
    for item, state in product(SECTIONS, ("all", "short", "some", "zero")):
        figures = figure_in(state)
        text = types.drafted(item, figures)
        assert "{" not in marks.said(text, figures), (item.key, text)


def test_the_words_follow_the_figures():
    item = types.outlines()["cchc"].section("ii_2_ho_so")
    said = marks.said(types.drafted(item, FIGURES), FIGURES)
    assert "đạt 99,99%; quá hạn 01 hồ sơ." in said
    assert "không có hồ sơ quá hạn" in said
    all_of_them = FIGURES | {
        "hs_ty_le_dung_han": ratio("hs_ty_le_dung_han", "", 9, 9),
        "hs_dang_qua_han": count("hs_dang_qua_han", "", 2),
    }
    said = marks.said(types.drafted(item, all_of_them), all_of_them)
    assert "Cả 09 hồ sơ đã giải quyết đều trước hạn hoặc đúng hạn." in said
    assert "trong đó 02 hồ sơ đã quá hạn" in said


def test_a_table_can_run_nothing():
    with pytest.raises(Invalid, match="__import__"):
        phrases.checked([{"when": ["__import__:os"], "text": "x"}])


def test_a_figure_says_its_own_days():
    figure = Figure(
        "thu", "Thu", "tỷ đồng", "amount", dt.date(2023, 1, 1), dt.date(2023, 5, 28), value=Decimal("347.344"), places=3
    )
    assert figure.text("ky") == "từ ngày 01/01/2023 đến ngày 28/05/2023"
    assert figure.text() == "347,344"
