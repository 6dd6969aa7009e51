"""Numbers, dates and times as Vietnamese offices write them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.desk.templatetags import vn

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (22318, 0, "22.318"),
        (0, 0, "0"),
        (-5, 0, "−5"),
        (1234567.891, 2, "1.234.567,89"),
        (Decimal("3.5"), 2, "3,50"),
        (Decimal("0.5"), 0, "1"),
        (None, 0, ""),
        ("", 0, ""),
    ],
)
def test_numbers_have_dots_for_thousands_and_a_comma_for_decimals(value, places, written):
    assert vn.number(value, places) == written


@given(st.integers(-(10**12), 10**12))
def test_a_written_number_reads_back(value):
    assert int(vn.number(value).replace(".", "").replace("−", "-")) == value


@pytest.mark.parametrize(("value", "written"), [(Decimal("3.50"), "3,5"), (4, "4"), (Decimal("100"), "100")])
def test_a_plain_decimal_shows_the_decimals_there_are(value, written):
    assert vn.plain_decimal(value) == written


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (1033, 1034, "99,9%"),
        (21274, 21275, "99,9%"),  # not 100 %: one is missing
        (1, 100000, "0,1%"),
        (1034, 1034, "100%"),
        (0, 1034, "0%"),
        (1, 3, "33,3%"),
        (1, 0, ""),
        (None, 5, ""),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part, whole, written):
    assert vn.percent(part, whole) == written


def test_dates_and_times_are_read_on_the_clock_of_viet_nam():
    late = dt.datetime(2023, 5, 26, 17, 20, tzinfo=dt.UTC)  # already the 27th at home
    assert vn.day(late) == "27/05/2023"
    assert vn.moment(late) == "00:20 27/5/2023"
    assert vn.hour(late) == "00:20"
    assert vn.weekday(dt.date(2023, 5, 26)) == "thứ Sáu 26/05/2023"
    assert vn.weekday(dt.date(2023, 5, 28)) == "Chủ nhật 28/05/2023"
    assert vn.day(dt.date(2023, 6, 5)) == "05/06/2023"
    assert vn.day(None) == vn.moment(None) == vn.hour(None) == vn.weekday(None) == vn.when(None) == ""


def test_a_time_element_keeps_the_exact_moment_and_tells_the_weekday():
    html = vn.when(dt.datetime(2023, 5, 26, 9, 20, tzinfo=dt.UTC))
    assert html == ('<time datetime="2023-05-26T09:20:00+00:00" title="thứ Sáu 26/05/2023">16:20 26/5/2023</time>')


def test_spans_say_that_the_last_day_counts():
    assert vn.span(dt.date(2023, 1, 1), dt.date(2023, 12, 31)) == "từ 01/01/2023 đến hết 31/12/2023"
    assert vn.span(dt.date(2023, 1, 1), None) == "từ 01/01/2023"
