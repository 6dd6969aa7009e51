"""In time by the system, in fact, and by each date a dossier has: told by hand, side by side."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.ledger import queries
from motcua.ledger.models import Event
from motcua.org.queries import SYSTEM, Scope
from motcua.reports.rates import Rate, notes, rates
from tests.dossiers.conftest import at, make_office
from tests.dossiers.test_verbs import receive
from tests.support.sql import max_queries

JUNE = {"book": "dossier", "start": dt.date(2023, 6, 1), "end": dt.date(2023, 6, 30)}


@pytest.fixture
def office(db):
    return make_office()


def resolve(office, dossier, moment, **more):
    with clock.at(at(moment)):
        actions.resolve(actor=office.handler, dossier=dossier.pk, **more)


def ask(office, **more):
    with clock.at(at("10/07/2023 08:00")):
        made = queries.statement(SYSTEM, units=[office.district], **{**JUNE, **more})
        found = rates(SYSTEM, made)
    assert {rate.ended for rate in found} == {made.total.figures.ended_total}
    return {rate.name: rate.in_time for rate in found}


def all_the_same(n):
    return dict.fromkeys(("by_system", "in_fact", "by_due", "by_appointed", "by_regulation"), n)


def test_where_all_is_written_at_once_there_is_one_rate(office):
    """Due on Thu 08/06: early, on time, late, given back while waiting."""
    early, on_time, late, waiting = (receive(office) for _ in range(4))
    resolve(office, early, "07/06/2023 09:00")
    resolve(office, on_time, "08/06/2023 23:00")
    resolve(office, late, "09/06/2023 00:00")
    with clock.at(at("08/06/2023 09:00")):
        actions.request_supplement(actor=office.handler, dossier=waiting.pk, items=["x"], reason="Thiếu")
    with clock.at(at("20/06/2023 09:00")):
        actions.return_dossier(actor=office.handler, dossier=waiting.pk, reason="Không bổ sung")
    assert ask(office) == all_the_same(3)


def test_an_end_written_the_next_day_is_in_time_by_the_system_and_late_in_fact(office):
    """Also where the writing falls into the next month, so that the crossing lies outside the period."""
    plain, written_late, at_the_border = receive(office), receive(office), receive(office, "23/06/2023 09:00")
    resolve(office, plain, "08/06/2023 16:00")
    resolve(
        office,
        written_late,
        "09/06/2023 08:00",
        occurred_at=at("08/06/2023 16:00"),
        approver=office.head,
        reason="Mất điện",
    )
    resolve(
        office,
        at_the_border,
        "03/07/2023 08:00",
        occurred_at=at("30/06/2023 16:30"),
        approver=office.head,
        reason="Mất điện",
    )
    assert ask(office) == {**all_the_same(3), "in_fact": 1}
    assert ask(office, known_at=dt.date(2023, 6, 8), end=dt.date(2023, 6, 8)) == all_the_same(1)


def test_an_end_written_the_next_day_but_before_the_deadline_changes_nothing(office):
    dossier = receive(office)
    resolve(
        office, dossier, "08/06/2023 08:00", occurred_at=at("07/06/2023 16:00"), approver=office.head, reason="Quên"
    )
    assert ask(office) == all_the_same(1)


def test_a_late_end_said_anew_as_in_time_stays_late_in_fact(office):
    dossier = receive(office)
    resolve(office, dossier, "09/06/2023 08:30")
    end = Event.objects.get(item=dossier.item, verb="resolve")
    with clock.at(at("09/06/2023 15:00")):
        actions.void_event(actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=office.head)
    assert ask(office) == all_the_same(0)
    resolve(
        office, dossier, "09/06/2023 15:10", occurred_at=at("08/06/2023 16:00"), approver=office.head, reason="Nhầm"
    )
    assert ask(office) == {**all_the_same(1), "in_fact": 0}


def test_a_decision_that_moves_deadlines_writes_nobody_late(office):
    dossier = receive(office)
    with clock.at(at("09/06/2023 10:00")):
        actions.move_due_dates(actor=office.chair, unit=office.district, days=3, decision="12/QĐ", reason="Bão")
    resolve(office, dossier, "12/06/2023 10:00")
    # Nobody moves the term of the regulation.
    assert ask(office) == {**all_the_same(1), "by_regulation": 0}


def test_an_apology_parts_the_appointment_from_the_deadline(office):
    """Appointed anew for the 12th: done on the 9th it is late by the deadline and early by the appointment."""
    dossier = receive(office)
    with clock.at(at("07/06/2023 10:00")):
        actions.apologise(
            actor=office.chair, dossier=dossier.pk, new_appointment=dt.date(2023, 6, 12), reason="Thiếu người"
        )
    resolve(office, dossier, "09/06/2023 10:00")
    assert ask(office) == {**all_the_same(0), "by_appointed": 1}


def test_what_a_window_for_catching_up_allowed_is_no_late_writing(office):
    dossier = receive(office)
    with clock.at(at("12/06/2023 08:00")):
        actions.approve_catch_up(
            actor=office.chair, unit=office.district, done_from=at("08/06/2023 07:30"), done_to=at("09/06/2023 17:00"),
            enter_until=at("15/06/2023 17:00"), reason="Mất mạng",
        )  # fmt: skip
    resolve(office, dossier, "12/06/2023 09:00", occurred_at=at("08/06/2023 16:00"))
    assert ask(office) == all_the_same(1)


def test_a_pause_written_late_hides_no_lateness(office):
    """Asked for more on the 9th, as if on the 8th: nothing was asked for while there was time."""
    dossier = receive(office)
    with clock.at(at("09/06/2023 09:00")):
        actions.request_supplement(
            actor=office.handler, dossier=dossier.pk, items=["x"], reason="Thiếu", occurred_at=at("08/06/2023 16:00"),
            approver=office.head,
        )  # fmt: skip
    with clock.at(at("12/06/2023 09:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    resolve(office, dossier, "12/06/2023 10:00")
    assert ask(office) == {**all_the_same(1), "in_fact": 0}


def test_what_a_list_brought_was_never_in_our_system_before(office):
    dossier = receive(office)
    with clock.at(at("20/06/2023 10:00")):
        from motcua.dossiers.acting import load, perform
        from motcua.dossiers.states import Act

        perform(load(dossier.pk), Act.RESOLVE, actor=None, occurred_at=at("07/06/2023 10:00"),
                facts={"outcome": "granted"}, mark="import", duty="")  # fmt: skip
    assert ask(office) == all_the_same(1)


def test_rates_are_of_the_units_asked_for_and_of_books_without_dates_two(office):
    resolve(office, receive(office, unit=office.commune), "07/06/2023 09:00")
    resolve(office, receive(office), "12/06/2023 09:00")
    assert ask(office) == all_the_same(1)
    with clock.at(at("10/07/2023 08:00")):
        made = queries.statement(SYSTEM, units=[office.commune], **JUNE)
        assert [(r.in_time, r.ended) for r in rates(SYSTEM, made)] == [(1, 1)] * 5
        with pytest.raises(NotAllowed):
            rates(Scope(1, dt.date(2023, 7, 10), frozenset({office.other.pk})), made)
        filed = queries.statement(SYSTEM, units=[office.district], **{**JUNE, "book": "intake"})
        assert [r.name for r in rates(SYSTEM, filed)] == ["by_system", "in_fact"]
        assert notes(rates(SYSTEM, filed)) == []


def test_one_query_however_many(office):
    for _ in range(6):
        resolve(office, receive(office), "12/06/2023 09:00")
    with clock.at(at("10/07/2023 08:00")):
        made = queries.statement(SYSTEM, units=[office.district], **JUNE)
        rates(SYSTEM, made)
        with max_queries(1):
            rates(SYSTEM, made)


def test_a_hundred_per_cent_is_all_of_them():
    assert Rate("x", "", 99_999, 100_000).share == 99.99
    assert Rate("x", "", 100_000, 100_000).share == 100.0
    assert Rate("x", "", 0, 0).share is None
    assert notes([Rate("x", "Thực tế", 2, 3), Rate("y", "Theo hệ thống", 1, 3)]) == [
        "Tỷ lệ giải quyết trước và đúng hạn: thực tế 66,67% (2/3 hồ sơ); theo hệ thống 33,33% (1/3 hồ sơ)."
    ]


def test_the_command_says_them(office):
    resolve(
        office,
        receive(office),
        "09/06/2023 08:00",
        occurred_at=at("08/06/2023 16:00"),
        approver=office.head,
        reason="x",
    )
    arguments = ["statement", "--unit", office.district.code, "--from", "1/6/2023", "--to", "30/6/2023"]
    with clock.at(at("10/07/2023 08:00")):
        out = StringIO()
        call_command(*arguments, "--json", stdout=out)
        said = json.loads(out.getvalue())["rates"]
        assert said["by_system"] == {"in_time": 1, "ended": 1, "share": 100.0}
        assert said["in_fact"] == {"in_time": 0, "ended": 1, "share": 0.0}
        out = StringIO()
        call_command(*arguments, "--memo", stdout=out)
    assert "thực tế, việc ghi muộn tính theo lúc ghi 0,00% (0/1 hồ sơ)" in out.getvalue()


def test_a_dossier_ended_and_opened_again_counts_as_it_stands(office):
    dossier = receive(office)
    resolve(office, dossier, "12/06/2023 09:00")
    end = Event.objects.get(item=dossier.item, verb="resolve")
    with clock.at(at("13/06/2023 15:00")):
        actions.void_event(actor=office.handler, dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=office.head)
    assert ask(office) == all_the_same(0)
    assert Dossier.objects.get().ended_at is None
