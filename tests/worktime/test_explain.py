"""A due date is explained in the words of the counter."""

import datetime as dt

import pytest

from motcua.worktime.calendar import DayKind, SpecialDay, WorkCalendar
from motcua.worktime.explain import explain
from motcua.worktime.rules import Pause, after_pause, due, moved
from motcua.worktime.vietnam import FIRST_DAY, LAST_DAY, shipped_layer
from tests.worktime.offices import at, office, term

pytestmark = pytest.mark.pure
COUNTRY = WorkCalendar.build(name="cả nước", first_day=FIRST_DAY, last_day=LAST_DAY, layers=[shipped_layer()])


def words(allowed, received, *pauses, calendar=COUNTRY):
    deadline, stops = due(calendar, term(allowed), at(received)), []
    for since, until, *restart in pauses:
        stop = Pause(at(since), at(until), *restart)
        stops.append(stop)
        deadline = after_pause(
            calendar,
            term(allowed),
            deadline,
            stop.paused_at,
            stop.resumed_at,
            received_at=at(received),
            restart=stop.restart,
        )
    return explain(calendar, term(allowed), at(received), deadline, stops)


def test_an_ordinary_week():
    assert words("5 working_day", "2023-05-26 16:20") == (
        "Nhận 16:20 thứ Sáu 26/5, 5 ngày làm việc tính từ thứ Hai 29/5, trừ thứ Bảy 27/5, Chủ nhật 28/5: "
        "hạn thứ Sáu 02/6/2023, hẹn trả 17:00."
    )


def test_holidays_swaps_and_make_up_days_are_named():
    text = words("5 working_day", "2025-04-24 09:00")
    for part in (
        "nghỉ lễ Ngày Chiến thắng 30/4 thứ Tư 30/4",
        "nghỉ hoán đổi dịp 30/4 thứ Sáu 02/5",
        "tính cả thứ Bảy 26/4 (làm bù cho thứ Sáu 02/5)",
        "hạn thứ Hai 05/5/2025",
    ):
        assert part in text


def test_tet_is_one_phrase():
    assert "nghỉ lễ Tết Nguyên đán 16/02–20/02" in words("5 working_day", "2026-02-12 09:00")


def test_provisional_days_are_marked():
    assert "nghỉ lễ Giỗ Tổ Hùng Vương (dự kiến, chưa xác nhận)" in words("3 working_day", "2027-04-14 09:00")
    assert "dự kiến" not in words("3 working_day", "2026-04-24 09:00")


def test_many_weekends_are_counted_not_listed():
    text = words("60 working_day", "2023-06-01 09:00")
    assert "24 ngày nghỉ hằng tuần" in text
    assert "Chủ nhật" not in text


def test_a_calendar_term_that_ends_on_a_holiday():
    assert words("15 calendar_day", "2023-04-14 09:00") == (
        "Nhận 09:00 thứ Sáu 14/4, 15 ngày tính từ thứ Bảy 15/4, ngày cuối là thứ Bảy 29/4 (nghỉ lễ Giỗ Tổ Hùng Vương) "
        "nên lùi đến hết ngày làm việc tiếp theo: hạn thứ Năm 04/5/2023, hẹn trả 17:00."
    )
    assert "lùi" not in words("14 calendar_day", "2023-04-14 09:00")
    assert "ngày cuối là Chủ nhật 05/02 (ngày nghỉ hằng tuần)" in words("1 month", "2023-01-05 09:00")


def test_terms_by_the_clock():
    assert words("2 working_hour", "2023-06-05 11:30") == (
        "Nhận 11:30 thứ Hai 05/6, 2 giờ làm việc tính ngay trong ngày: hạn 15:00 thứ Hai 05/6/2023."
    )
    assert words("0 same_day", "2023-06-02 15:00:01") == (
        "Nhận 15:00 thứ Sáu 02/6, trong ngày tính từ thứ Hai 05/6, trừ thứ Bảy 03/6, Chủ nhật 04/6: "
        "hạn 17:00 thứ Hai 05/6/2023."
    )


def test_pauses():
    text = words("5 working_day", "2023-06-01 09:00", ("2023-06-05 10:00", "2023-06-07 10:00"))
    assert (
        "Dừng từ 10:00 thứ Hai 05/6 đến 10:00 thứ Tư 07/6: cộng 2 ngày làm việc, trừ thứ Bảy 10/6, Chủ nhật 11/6, "
        "hạn thứ Hai 12/6/2023, hẹn trả 17:00."
    ) in text
    assert "cộng 13 giờ 30 phút làm việc" in words(
        "20 working_hour", "2023-06-05 08:00", ("2023-06-05 10:00", "2023-06-06 20:00")
    )
    assert "cộng 2 phút làm việc" in words(
        "2 working_hour", "2023-06-05 08:00", ("2023-06-05 08:10", "2023-06-05 08:12")
    )
    assert "hạn không đổi" in words("5 working_day", "2023-06-01 09:00", ("2023-06-05 10:00", "2023-06-05 11:00"))
    assert "cộng 3 ngày" in words("15 calendar_day", "2023-06-01 09:00", ("2023-06-05 10:00", "2023-06-08 11:00"))


def test_a_restart_and_a_pause_that_came_too_late():
    text = words("5 working_day", "2023-06-01 09:00", ("2023-06-05 10:00", "2023-06-07 10:00", True))
    assert "tính lại từ đầu 5 ngày làm việc, từ thứ Năm 08/6" in text
    assert "hạn thứ Tư 14/6/2023" in text
    late = words("5 working_day", "2023-06-01 09:00", ("2023-06-12 10:00", "2023-06-20 10:00"))
    assert "lúc dừng đã quá hạn nên hạn không đổi, hạn thứ Năm 08/6/2023" in late


def test_a_date_that_was_moved_says_so():
    five, received = term("5 working_day"), at("2023-06-01 09:00")
    deadline = moved(COUNTRY, due(COUNTRY, five, received), 2)
    assert explain(COUNTRY, five, received, deadline).endswith(
        "Hạn hiện nay đã được dời hoặc cho sẵn: hạn thứ Hai 12/6/2023, hẹn trả 17:00."
    )


def test_an_own_closure_is_named():
    calendar = office(days=(SpecialDay(dt.date(2023, 6, 6), DayKind.CLOSURE, "Bão số 1"),))
    assert "trừ đơn vị nghỉ (Bão số 1) thứ Ba 06/6" in words("2 working_day", "2023-06-05 09:00", calendar=calendar)


def test_plain_pairs_are_pauses_too():
    five, received = term("5 working_day"), at("2023-06-01 09:00")
    stop = (at("2023-06-05 10:00"), at("2023-06-07 10:00"))
    deadline = after_pause(COUNTRY, five, due(COUNTRY, five, received), *stop, received_at=received, restart=False)
    assert "cộng 2 ngày" in explain(COUNTRY, five, received, deadline, [stop])
