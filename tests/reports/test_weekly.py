"""Giao ban tuần: its week, its figures told by a story, and where the time of late dossiers went."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.states import State
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.reports.causes import DAY, Late, Stay, causes, recorded_late, week_of
from motcua.reports.weekly import weekly
from tests.desk.counting import at
from tests.desk.filing import received as filed
from tests.support.sql import max_queries

MONDAY = "18/08/2025 08:00"


@pytest.mark.parametrize(
    ("day", "monday", "friday"),
    [
        (dt.date(2025, 8, 18), dt.date(2025, 8, 18), dt.date(2025, 8, 22)),
        (dt.date(2025, 8, 22), dt.date(2025, 8, 18), dt.date(2025, 8, 22)),
        (dt.date(2025, 8, 23), dt.date(2025, 8, 25), dt.date(2025, 8, 29)),
        (dt.date(2025, 8, 24), dt.date(2025, 8, 25), dt.date(2025, 8, 29)),
    ],
)
def test_the_week_of_a_day(day, monday, friday):
    week = week_of(day)
    assert (week.monday, week.friday) == (monday, friday)
    assert (week.last_monday, week.last_sunday) == (monday - dt.timedelta(days=7), monday - dt.timedelta(days=1))


def test_an_end_written_as_of_earlier_is_late_in_fact():
    due, before, after = at("12/08/2025 00:00"), at("11/08/2025 16:55"), at("12/08/2025 08:00")
    assert recorded_late(before, after, "backdated", due)
    assert not recorded_late(before, before + dt.timedelta(minutes=20), "backdated", due)
    assert not recorded_late(before, after, "catch_up", due), "done on paper under an approved window"
    assert not recorded_late(after, after, "backdated", due), "late by its own moment: not in time to begin with"


def test_causes_come_from_the_data_alone():
    late = [
        Late("Khai sinh", "Xã A", "Sen", (Stay(State.PROCESSING, 6 * DAY), Stay(State.PROPOSED, DAY))),
        Late("Đất đai", "Xã A", "Súng", (Stay(State.PROCESSING, 2 * DAY), Stay(State.PROPOSED, DAY))),
        Late("Đất đai", "Xã A", "Súng", ()),
    ]
    assert [(cause.text, cause.n) for cause in causes(late)] == [
        (
            "Bước «Đang giải quyết» chiếm 80% thời gian làm việc của 3 hồ sơ quá hạn, trung bình 4,0 ngày mỗi hồ sơ.",
            2,
        ),
        ("Thủ tục «Đất đai»: 2 trong 3 hồ sơ quá hạn.", 2),
        ("Người giữ «Súng»: 2 trong 3 hồ sơ quá hạn.", 2),
    ]
    two = [*late, Late("Đất đai", "Xã B", "Sen", ())]
    assert causes(two)[-1].text == "Đơn vị «Xã A»: 3 trong 4 hồ sơ quá hạn."
    assert causes([]) == []


@pytest.fixture
def told(cast):
    """Three weeks at xã Cầu Kè before Monday 18/8/2025; a term is five working days."""
    handler = cast.by_duty[Duty.HANDLE]

    def received(moment, **more):
        with clock.at(at(moment) + dt.timedelta(minutes=1)):
            return filed(cast, **{"holder": handler, **more})

    made = {
        "overdue": received("01/08/2025 08:00"),  # due 08/8
        "late": received("04/08/2025 08:00"),  # due 11/8
        "backdated": received("04/08/2025 09:00"),  # due 11/8
        "paused": received("05/08/2025 08:00"),  # due 12/8
        "drafted": received("12/08/2025 08:00"),  # due 19/8
        "open": received("14/08/2025 08:00"),  # due 21/8
        "later": received("15/08/2025 15:00"),  # due 22/8
    }
    with clock.at(at("13/08/2025 09:00")):
        actions.resolve(actor=handler, dossier=made["late"].pk)
    with clock.at(at("12/08/2025 08:30")):
        actions.resolve(
            actor=handler,
            dossier=made["backdated"].pk,
            occurred_at=at("11/08/2025 16:55"),
            reason="Quên ghi",
            approver=cast.chair,
        )
    with clock.at(at("12/08/2025 16:50")):
        actions.request_supplement(actor=handler, dossier=made["paused"].pk, items=["Bản sao"], reason="Thiếu")
    with clock.at(at("13/08/2025 10:00")):
        actions.propose(actor=handler, dossier=made["drafted"].pk, to=cast.chair)
    with clock.at(at("14/08/2025 10:00")):
        actions.hand_over_result(actor=cast.receiver, dossier=made["late"].pk)
    return made


def test_monday_tells_the_week(cast, told):
    with clock.at(at(MONDAY)):
        scope = org.scope(cast.chair, Duty.CHAIR, clock.today())
        found = weekly(scope, cast.xa_cau_ke)
    assert (found.total.total, found.total.overdue, found.total.week) == (5, 1, 3)
    loads = {load.name: (load.overdue, load.week, load.total) for load in found.loads}
    assert loads == {str(cast.by_duty[Duty.HANDLE]): (1, 2, 4), str(cast.chair): (0, 1, 1)}
    assert [(each.name, each.n) for each in found.signers] == [(str(cast.chair), 1)]
    assert (found.last.received, found.last.ended, found.last.late, found.last.handed_over) == (3, 2, 1, 1)
    assert (found.before.received, found.before.ended) == (3, 0)
    (rate,) = found.rates
    assert (rate.ended, rate.in_time, rate.in_fact) == (2, 1, 0), "by the system one in time, in fact none"
    assert [(each.dossier.code, each.act.value) for each in found.on_due_day] == [
        (told["paused"].code, "request_supplement")
    ]
    assert found.late == 2
    assert found.causes[0].text.startswith("Bước «Đã tiếp nhận» chiếm 100%")
    assert found.causes[1].n == 2


def test_the_page_costs_the_same_whatever_there_is(cast, told):
    with clock.at(at(MONDAY)):
        scope = org.scope(cast.chair, Duty.CHAIR, clock.today())
        weekly(scope, cast.xa_cau_ke)
        with max_queries(40):
            weekly(scope, cast.xa_cau_ke)


def test_another_units_week_is_not_told_here(cast, told):
    with clock.at(at(MONDAY)):
        scope = org.scope(cast.other, Duty.CHAIR, clock.today())
        found = weekly(scope, cast.xa_an_phu_tan)
    assert (found.total.total, found.last.received, found.on_due_day, found.causes) == (0, 0, [], [])
