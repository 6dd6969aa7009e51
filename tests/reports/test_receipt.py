"""The work by the desk that took it in, against a reading of the dossiers one by one."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.ledger import behind
from motcua.ledger.statement import Statement
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM, Scope
from motcua.reports import layout
from motcua.reports.receipt import by_desk
from tests.dossiers.conftest import at, make_office, person
from tests.dossiers.test_verbs import receive
from tests.support.sql import max_queries


@pytest.fixture
def office(db):
    return make_office()


@pytest.fixture
def told(office):
    """Received at the district's desk and at a commune's, for either; one moves to another unit, one waits, two end."""
    at_commune = person("tiepnhan_xa", office.commune, Duty.RECEIVE)
    made = {
        "own": receive(office),
        "for commune": receive(office, unit=office.commune, desk_unit=office.district),
        "at commune": receive(office, actor=at_commune, unit=office.district, desk_unit=office.commune),
        "in May": receive(office, "29/05/2023 09:00"),
        "long over": receive(office, "02/05/2023 09:00"),
        "online": receive(
            office, "05/06/2023 09:00", channel="online_assisted", actor=at_commune, desk_unit=office.commune
        ),
    }
    for name, moment in (("long over", "04/05/2023 09:00"), ("in May", "06/06/2023 09:00")):
        with clock.at(at(moment)):
            actions.resolve(actor=office.handler, dossier=made[name].pk)
    with clock.at(at("02/06/2023 10:00")):
        actions.transfer(actor=office.chair, dossier=made["own"].pk, unit=office.other, reason="Đúng thẩm quyền")
        actions.request_supplement(actor=office.handler, dossier=made["at commune"].pk, items=["x"], reason="Thiếu")
    with clock.at(at("09/06/2023 10:00")):
        actions.stop(actor=office.chair, dossier=made["for commune"].pk, reason="Có đơn")
    return made


def ask(office, first="01/06", last="30/06", *, now="10/07/2023 08:00", **more) -> Statement:
    days = [dt.datetime.strptime(f"{day}/2023", "%d/%m/%Y").date() for day in (first, last)]  # noqa: DTZ007
    with clock.at(at(now)):
        return by_desk(
            more.pop("scope", SYSTEM), unit=more.pop("unit", office.district), start=days[0], end=days[1], **more
        )


def told_as(made: Statement, key: str | None) -> tuple:
    f = made.line(key).figures
    ended = {account: f.ended_as(account) for account in ("early", "on_time", "late")}
    return f.opening.total, dict(f.received), ended, f.closing.as_dict()


def test_a_dossier_is_of_the_desk_that_took_it_in(office, told):
    made = ask(office, last="09/06")
    assert [line.label for line in made.lines] == ["Huyện Cầu Kè", "Xã Hòa Ân"]
    assert told_as(made, office.district.key) == (
        1, {"direct": 2}, {"early": 0, "on_time": 0, "late": 2},
        {"in_time": 0, "overdue": 1, "waiting_in_time": 0, "waiting_overdue": 0},
    )  # fmt: skip
    assert told_as(made, office.commune.key) == (
        0, {"direct": 1, "online_assisted": 1}, {"early": 0, "on_time": 0, "late": 0},
        {"in_time": 1, "overdue": 0, "waiting_in_time": 1, "waiting_overdue": 0},
    )  # fmt: skip


@pytest.mark.parametrize("days", [("01/05", "31/05"), ("01/06", "05/06"), ("06/06", "09/06"), ("02/05", "30/06")])
def test_it_says_what_the_dossiers_say_one_by_one(office, told, days):
    made = ask(office, *days)
    first, last = made.start, made.end
    for line in made.lines:
        mine = [d for d in Dossier.objects.select_related("desk_unit") if d.desk_unit.key == line.key]
        came = [d for d in mine if first <= clock.local_date(d.received_at) <= last]
        before = [d for d in mine if clock.local_date(d.received_at) < first]
        over = {d.pk for d in mine if d.ended_at and clock.local_date(d.ended_at) < first}
        done = [d for d in mine if d.ended_at and first <= clock.local_date(d.ended_at) <= last]
        f = line.figures
        assert f.opening.total == len([d for d in before if d.pk not in over])
        assert f.received_total == len(came)
        for name in ("early", "on_time", "late"):
            assert f.ended_as(name) == len([d for d in done if d.time_class == name])
        assert f.closing.total == f.opening.total + len(came) - len(done)
        assert f.moved == 0
    assert sum(line.figures.received_total for line in made.lines) == made.total.figures.received_total


def test_every_figure_leads_to_its_dossiers(office, told):
    made = ask(office)
    seen = 0
    for form in ("14", "full"):
        sheet = layout.sheet(made, form)
        assert sheet.title == "Khối lượng theo nơi tiếp nhận"
        assert "không theo đơn vị có thẩm quyền" in sheet.notes[0]
        for row in sheet.rows:
            for cell in row.cells:
                if cell.drill:
                    found = behind.drill(SYSTEM, made, row.line or None, cell.drill)
                    assert found.figure == cell.value
                    assert found.entries >= 1
                    seen += 1
    assert seen > 15


def test_who_may_ask_and_of_what(office, told):
    with pytest.raises(NotAllowed):
        ask(office, scope=Scope(1, dt.date(2023, 7, 10), frozenset({office.other.pk})))
    with pytest.raises(Invalid):
        ask(office, book="intake")
    made = ask(office, unit=office.commune, scope=Scope(1, dt.date(2023, 7, 10), frozenset({office.commune.pk})))
    assert [line.key for line in made.lines] == [office.commune.key]
    assert ask(office, unit=office.other).lines == ()


def test_as_known_then_and_as_many_queries_for_all(office, told):
    with clock.at(at("20/06/2023 09:00")):
        actions.withdraw(actor=office.clerk, dossier=told["online"].pk, reason="Xin rút")
    assert ask(office, last="09/06", known_at=dt.date(2023, 6, 9)).total == ask(office, last="09/06").total
    assert ask(office).total.figures.ended_total == ask(office, last="19/06").total.figures.ended_total + 1
    with max_queries(6):
        ask(office)


def test_the_command_divides_by_desk(office, told):
    arguments = ["statement", "--unit", office.district.code, "--from", "1/6/2023", "--to", "9/6/2023", "--by", "desk"]
    with clock.at(at("10/07/2023 08:00")):
        out = StringIO()
        call_command(*arguments, "--json", stdout=out)
        plain = json.loads(out.getvalue())
        out = StringIO()
        call_command(*arguments, stdout=out)
        with pytest.raises(Invalid):
            call_command(*arguments, "--freeze", stdout=StringIO())
    assert (plain["by"], [line["label"] for line in plain["lines"]]) == ("desk", ["Huyện Cầu Kè", "Xã Hòa Ân"])
    assert "KHỐI LƯỢNG THEO NƠI TIẾP NHẬN" in out.getvalue()
    assert "Xã Hòa Ân" in out.getvalue()
