"""The country's calendar as shipped: days off and make-up days from 2021 to 2027."""

import datetime as dt

import pytest
from django.apps import apps

from motcua.core.errors import Invalid
from motcua.worktime import queries, vietnam
from motcua.worktime.calendar import DayKind
from motcua.worktime.models import CalendarVersion, RuleSet
from motcua.worktime.rules import due
from tests.support.sql import max_queries
from tests.worktime.offices import at, local, term

# Weekdays off and Saturdays worked, as announced for public servants (2027: by statute alone).
OFF = {
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
    2027: "1/1 4/2 5/2 8/2 9/2 10/2 16/4 30/4 3/5 2/9 3/9 24/11",
}
WORKED = {2024: "4/5", 2025: "26/4", 2026: "10/1 22/8"}


def days_of(year: int, text: str) -> list[dt.date]:
    return [dt.date(year, int(d.split("/")[1]), int(d.split("/")[0])) for d in text.split()]


@pytest.fixture
def country(db):
    return queries.compiled(queries.calendar_version_for(None, dt.date(2026, 11, 20)).pk)


@pytest.mark.parametrize("year", sorted(OFF))
def test_every_day_of_the_year(country, year):
    off, worked = set(days_of(year, OFF[year])), set(days_of(year, WORKED.get(year, "")))
    day, wrong = dt.date(year, 1, 1), []
    while day.year == year:
        expected = day in worked or (day.weekday() < 5 and day not in off)
        if country.is_working(day) != expected:
            wrong.append(day)
        day += dt.timedelta(days=1)
    assert wrong == []


def test_the_proposed_exchange_of_november_2026_is_not_applied(country):
    assert country.is_working(dt.date(2026, 11, 23))
    assert not country.is_working(dt.date(2026, 11, 24))
    assert not country.is_working(dt.date(2026, 11, 28))


def test_only_2027_awaits_confirmation(db):
    version = queries.calendar_version_for(None, dt.date(2026, 11, 20))
    waiting = queries.unconfirmed_days(version)
    assert {row.day.year for row in waiting} == {2027}
    assert len(waiting) == version.days.filter(day__year=2027).count() == 15
    assert "23/11/2026" in version.reason


def test_holidays_of_a_weekend_are_known_to_offices_that_open_then(country):
    """Giỗ Tổ 2023 fell on a Saturday: an office open on Saturday mornings was closed."""
    assert country.special[dt.date(2023, 4, 29).toordinal()].kind is DayKind.HOLIDAY


def test_a_make_up_saturday_has_the_hours_of_the_day_it_stands_for(country):
    assert country.hours_on(dt.date(2024, 5, 4)) == country.hours_on(dt.date(2024, 5, 6))


def test_a_term_over_tet_2026(country):
    assert local(due(country, term("3 working_day"), at("2026-02-13 09:00"))) == "2026-02-25 17:00"
    assert local(due(country, term("2 working_day"), at("2026-08-20 09:00"))) == "2026-08-22 17:00"


def test_past_2027_is_refused_in_words(country):
    with pytest.raises(Invalid, match="mới có đến hết ngày 31/12/2027"):
        due(country, term("300 working_day"), at("2027-01-05 09:00"))


def test_loading_again_changes_nothing(db):
    def state():
        return list(CalendarVersion.objects.values()), list(RuleSet.objects.values())

    before = state()
    vietnam.load(apps)
    assert state() == before


@pytest.mark.parametrize(
    ("day", "code", "pattern", "desk"),
    [
        (dt.date(2021, 1, 4), "BA-CAP-2018", "2018", "Bộ phận Tiếp nhận và Trả kết quả"),
        (dt.date(2025, 6, 30), "BA-CAP-2018", "2018", "Bộ phận Tiếp nhận và Trả kết quả"),
        (dt.date(2025, 7, 1), "HAI-CAP-2025", "2025", "Trung tâm Phục vụ hành chính công"),
        (dt.date(2026, 8, 4), "HAI-CAP-2025", "2025", "Trung tâm Phục vụ hành chính công"),
        (dt.date(2026, 8, 5), "HAI-CAP-2026", "2025", "Trung tâm Phục vụ hành chính công"),
        (dt.date(2030, 1, 1), "HAI-CAP-2026", "2025", "Trung tâm Phục vụ hành chính công"),
    ],
)
def test_the_rule_set_of_a_day(db, day, code, pattern, desk):
    with max_queries(1):
        found = queries.rule_set_for(day)
    assert (found.code, found.dossier_code_pattern, found.desk_name) == (code, pattern, desk)


def test_no_rule_set_before_the_one_stop_decree(db):
    with pytest.raises(Invalid, match="bộ quy tắc"):
        queries.rule_set_for(dt.date(2018, 6, 20))


def test_rule_sets_that_were_not_read_in_the_text_say_so(db):
    for row in RuleSet.objects.all():
        assert not row.confirmed
        assert row.legal_basis
        assert row.note
