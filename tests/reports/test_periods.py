"""Reporting windows: the days a named period means, and that each day lies in exactly one of them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core.errors import Invalid
from motcua.reports import periods

pytestmark = pytest.mark.pure

WINDOW = {window.code: window for window in periods.windows()}
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize(
    ("code", "day", "label", "start", "end"),
    [
        # the cut-offs that 581/BNV-CCHC names
        ("quarter", "2026-01-10", "Quý I/2026", "2025-12-15", "2026-03-14"),
        ("half", "2023-06-01", "6 tháng đầu năm 2023", "2022-12-15", "2023-06-14"),
        ("quarter", "2026-06-15", "Quý III/2026", "2026-06-15", "2026-09-14"),
        ("year", "2026-12-14", "Năm 2026", "2025-12-15", "2026-12-14"),
        # the quarter rule gives the other two
        ("quarter", "2026-06-14", "Quý II/2026", "2026-03-15", "2026-06-14"),
        ("quarter", "2026-12-14", "Quý IV/2026", "2026-09-15", "2026-12-14"),
        # across the year
        ("year", "2026-12-15", "Năm 2027", "2026-12-15", "2027-12-14"),
        ("half", "2026-12-15", "6 tháng đầu năm 2027", "2026-12-15", "2027-06-14"),
        ("report_month", "2026-12-20", "Báo cáo tháng 1/2027", "2026-12-15", "2027-01-14"),
        ("report_month", "2024-03-01", "Báo cáo tháng 3/2024", "2024-02-15", "2024-03-14"),
        ("month", "2024-02-29", "Tháng 2/2024", "2024-02-01", "2024-02-29"),
        ("month", "2026-12-31", "Tháng 12/2026", "2026-12-01", "2026-12-31"),
    ],
)
def test_the_days_of_a_named_period(code, day, label, start, end):
    found = periods.containing(WINDOW[code], dt.date.fromisoformat(day))
    assert (found.label, found.start.isoformat(), found.end.isoformat()) == (label, start, end)


@given(DAYS, st.sampled_from(sorted(WINDOW)))
def test_periods_tile_the_calendar(day, code):
    window = WINDOW[code]
    found = periods.containing(window, day)
    assert found.start <= day <= found.end
    for inside in (found.start, found.end):
        assert periods.containing(window, inside) == found
    assert periods.following(window, found).start == found.end + dt.timedelta(days=1)
    assert periods.previous(window, periods.following(window, found)) == found
    assert periods.recognise(found.start, found.end).label == found.label


@given(DAYS, st.integers(0, 400))
def test_the_period_before_ends_where_this_one_begins(start, length):
    first, last = periods.before(start, start + dt.timedelta(days=length))
    assert last == start - dt.timedelta(days=1)
    assert first <= last


def test_days_without_a_name_have_none_and_step_by_their_own_length():
    start, end = dt.date(2023, 1, 5), dt.date(2023, 6, 1)
    assert periods.recognise(start, end) is None
    assert periods.before(start, end) == (dt.date(2022, 8, 10), dt.date(2023, 1, 4))


def test_what_is_offered_on_a_day():
    offered = [(p.label, p.start, p.end) for p in periods.choices(dt.date(2026, 11, 21))]
    assert offered[0] == ("Tháng 11/2026", dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert ("Quý III/2026", dt.date(2026, 6, 15), dt.date(2026, 9, 14)) in offered
    assert ("Năm 2025", dt.date(2024, 12, 15), dt.date(2025, 12, 14)) in offered
    assert len(offered) == 2 * len(WINDOW)


def test_windows_of_a_decree_are_not_offered_before_it():
    assert {p.window for p in periods.choices(dt.date(2018, 5, 1))} == {"month"}


def test_every_window_says_its_basis():
    for window in periods.windows():
        assert window.legal_basis
        assert len(window.names) * window.months == 12


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_the_edge_of_the_calendar_is_said(day):
    with pytest.raises(Invalid):
        periods.containing(WINDOW["year"], day)
