"""What was paused, stopped, given back or asked for more on its own due day: found whatever was done to hide it."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.dossiers import actions
from motcua.dossiers.states import Act
from motcua.ledger import queries
from motcua.ledger.models import Event
from motcua.org.queries import SYSTEM, Scope
from motcua.reports.due_day import on_due_day
from tests.dossiers.conftest import at, make_office
from tests.dossiers.test_verbs import receive
from tests.support.sql import max_queries

JUNE = {"book": "dossier", "start": dt.date(2023, 6, 1), "end": dt.date(2023, 6, 30)}


@pytest.fixture
def office(db):
    return make_office()


def ask(office, *, now="10/07/2023 08:00", scope=SYSTEM, **more):
    with clock.at(at(now)):
        made = queries.statement(scope, units=[office.district], **{**JUNE, **more})
        return on_due_day(scope, made)


def supplement(office, dossier, moment, **more):
    with clock.at(at(moment)):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["x"], reason="Thiếu", **more)


def told(found):
    return [
        (str(each.dossier.code), each.act, f"{clock.local(each.at):%d/%m %H:%M}", each.late_entry) for each in found
    ]


def test_every_way_of_stopping_on_the_due_day_is_listed_and_no_other_day(office):
    """Five working days from Thu 01/06: due Thu 08/06."""
    ways = {
        Act.REQUEST_SUPPLEMENT: lambda pk: actions.request_supplement(
            actor=office.handler, dossier=pk, items=["x"], reason="Thiếu"
        ),
        Act.PAUSE: lambda pk: actions.pause(actor=office.handler, dossier=pk, why="payment", reason="Chờ nộp thuế"),
        Act.STOP: lambda pk: actions.stop(actor=office.chair, dossier=pk, reason="Có đơn"),
        Act.RETURN_DOSSIER: lambda pk: actions.return_dossier(actor=office.handler, dossier=pk, reason="Sai"),
        Act.WITHDRAW: lambda pk: actions.withdraw(actor=office.clerk, dossier=pk, reason="Xin rút"),
    }
    listed = {}
    for hour, (act, do) in enumerate(ways.items(), start=8):
        for day in ("07/06", "08/06", "09/06"):
            dossier = receive(office)
            with clock.at(at(f"{day}/2023 {hour:02}:00")):
                do(dossier.pk)
            if day == "08/06":
                listed[dossier.code] = (dossier.code, act, f"08/06 {hour:02}:00", "")
    # No clock stands still: asking another office, granting, refusing.
    for act in ("consultation", "granted", "refused"):
        dossier = receive(office)
        with clock.at(at("08/06/2023 15:00")):
            if act == "consultation":
                actions.pause(actor=office.handler, dossier=dossier.pk, why=act, reason="Hỏi Sở")
            else:
                actions.resolve(actor=office.handler, dossier=dossier.pk, outcome=act, reason="x")
    found = ask(office)
    assert told(found) == list(listed.values())
    assert {each.deadline.due_date for each in found} == {dt.date(2023, 6, 8)}
    assert [each.why for each in found] == ["", "Chờ nghĩa vụ tài chính", "", "", ""]


def test_the_due_day_is_the_one_in_force_then(office):
    """After a wait, after an extension, by the hour; not the day first promised."""
    moved, waited, quick = receive(office), receive(office), receive(office, "05/06/2023 09:00", procedure=office.quick)
    with clock.at(at("06/06/2023 09:00")):
        actions.move_due(actor=office.chair, dossier=moved.pk, days=2, decision="01/QĐ", reason="Mất điện")
    supplement(office, waited, "06/06/2023 10:00")
    with clock.at(at("07/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=waited.pk)
    supplement(office, quick, "05/06/2023 16:00")  # due at 17:00 of the same day
    supplement(office, moved, "08/06/2023 10:00")  # due on the 12th by then
    with clock.at(at("09/06/2023 10:00")):
        actions.withdraw(actor=office.clerk, dossier=waited.pk, reason="Xin rút")
    assert told(ask(office)) == [
        (quick.code, Act.REQUEST_SUPPLEMENT, "05/06 16:00", ""),
        (waited.code, Act.WITHDRAW, "09/06 10:00", ""),
    ]
    # An extension decided later does not make the act another one.
    late = receive(office)
    supplement(office, late, "08/06/2023 10:00")
    with clock.at(at("12/06/2023 10:00")):
        actions.move_due_dates(actor=office.chair, unit=office.district, days=3, decision="12/QĐ", reason="Bão")
    assert late.code in {str(each.dossier.code) for each in ask(office)}


def test_an_act_dated_back_to_the_due_day_is_marked(office):
    dossier = receive(office)
    supplement(office, dossier, "09/06/2023 09:00", occurred_at=at("08/06/2023 16:55"), approver=office.head)
    assert told(ask(office)) == [(dossier.code, Act.REQUEST_SUPPLEMENT, "08/06 16:55", "backdated")]


def test_what_was_taken_back_is_gone_and_still_there_as_known_then(office):
    dossier = receive(office)
    supplement(office, dossier, "08/06/2023 10:00")
    act = Event.objects.get(item=dossier.item, verb="request_supplement")
    with clock.at(at("20/06/2023 09:00")):
        actions.void_event(
            actor=office.handler, dossier=dossier.pk, seq=act.seq, reason="Nhầm hồ sơ", approver=office.head
        )
    assert ask(office) == []
    then = ask(office, known_at=dt.date(2023, 6, 15), end=dt.date(2023, 6, 15))
    assert [str(each.dossier.code) for each in then] == [dossier.code]


def test_a_corrected_acceptance_brings_another_due_day(office):
    """Received on the 31st, not on the 1st: due on the 7th, so the request of the 8th came when it was overdue."""
    right, wrong = receive(office), receive(office)
    supplement(office, wrong, "07/06/2023 10:00")
    supplement(office, right, "08/06/2023 10:00")
    for dossier in (right, wrong):
        with clock.at(at("20/06/2023 09:00")):
            actions.correct_acceptance(
                actor=office.clerk, dossier=dossier.pk, received_at=at("31/05/2023 09:00"), reason="Ghi nhầm ngày",
                approver=office.head,
            )  # fmt: skip
    assert [str(each.dossier.code) for each in ask(office)] == [wrong.code]


def test_only_of_the_units_asked_for_and_only_for_whom_they_are(office):
    mine, theirs = receive(office), receive(office, unit=office.commune)
    for dossier in (mine, theirs):
        supplement(office, dossier, "08/06/2023 10:00")
    assert {str(each.dossier.code) for each in ask(office)} == {mine.code, theirs.code}
    with clock.at(at("10/07/2023 08:00")):
        made = queries.statement(SYSTEM, units=[office.commune], **JUNE)
        assert [str(each.dossier.code) for each in on_due_day(SYSTEM, made)] == [theirs.code]
        with pytest.raises(NotAllowed):
            on_due_day(Scope(1, dt.date(2023, 7, 10), frozenset({office.other.pk})), made)
        assert on_due_day(SYSTEM, queries.statement(SYSTEM, units=[office.commune], **{**JUNE, "book": "intake"})) == []


def test_as_many_queries_for_one_as_for_ten(office):
    for _ in range(10):
        supplement(office, receive(office), "08/06/2023 10:00")
    with clock.at(at("10/07/2023 08:00")):
        made = queries.statement(SYSTEM, units=[office.district], **JUNE)
        on_due_day(SYSTEM, made)
        with max_queries(3):
            assert len(on_due_day(SYSTEM, made)) == 10


def test_the_command_says_it_too(office):
    dossier = receive(office)
    supplement(office, dossier, "08/06/2023 10:00")
    out = StringIO()
    with clock.at(at("10/07/2023 08:00")):
        call_command(
            "statement", "--unit", office.district.code, "--from", "1/6/2023", "--to", "30/6/2023", "--json", stdout=out
        )
    [said] = json.loads(out.getvalue())["due_day"]
    assert said == {
        "code": dossier.code,
        "act": "request_supplement",
        "at": "2023-06-08T03:00:00+00:00",
        "due": "2023-06-08T10:00:00+00:00",
        "late_entry": "",
    }
