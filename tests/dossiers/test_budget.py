"""What each verb costs: at most twenty SQL statements, event, legs, chain and message to the portal included.

Where a browser is used a request key comes with it, which adds two; it is counted here too.
"""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from motcua.core import clock
from motcua.dossiers import actions, files
from motcua.dossiers.provider import follow_succession
from motcua.dossiers.states import Act
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from motcua.procedures.actions import adopt, define_process
from motcua.procedures.flow import Step
from tests.dossiers.conftest import START, at, procedure
from tests.dossiers.test_hostile import CALLED, rightful
from tests.dossiers.test_scope import DEEDS, LATEST, MORNING, TWO_DAYS, prepared
from tests.support.sql import max_queries

BUDGET = 20
# What a decision for many costs does not fit an act's budget; test_due_moves holds it constant.
MANY = {"reassign", "move_due_dates"}
TIMED = ["receive", "receive_filing", "receive_and_resolve", "request_supplement", "supplement_received", "pause",
         "resume", "resolve", "return_dossier", "withdraw", "stop"]  # fmt: skip


def measured(monkeypatch, name, limit=BUDGET, **more):
    """Let the deed's verb be told more, and count what it sends."""
    room = files if name in ("attach", "remove") else actions
    called = CALLED.get(name, name)
    original = getattr(room, called)

    def count(**given):
        with max_queries(limit):
            return original(**{**given, **(more if room is actions else {})})

    monkeypatch.setattr(room, called, count)


@pytest.fixture
def steps(office):
    """The procedures have an internal process, as in an office, and it is not the first dossier of the day."""
    flow = [Step("Tiếp nhận", Duty.RECEIVE), Step("Xử lý", Duty.HANDLE)]
    for used in (office.land, office.quick):
        define_process(procedure=used, steps=flow, valid_from=START, decision="QĐ 1")
        common = {"actor": office.clerk, "procedure": used, "unit": office.district, "applicant": office.applicant}
        with clock.at(MORNING):
            actions.submit(**common)
            actions.send_part(
                actor=office.clerk, dossier=actions.receive(**common).pk, unit=office.commune, work="x", term=TWO_DAYS
            )
    return office


@pytest.mark.parametrize("name", sorted(set(DEEDS) - MANY))
def test_each_verb_stays_within_its_budget(name, steps, monkeypatch, settings, tmp_path):
    settings.UPLOADS = tmp_path
    office = steps
    pk, who = prepared(office, name), rightful(office, name)
    measured(monkeypatch, name, request_key="k")
    with clock.at(LATEST):
        DEEDS[name].call(office, who, pk)


@pytest.mark.parametrize("name", TIMED)
def test_entered_late_with_a_second_person(name, steps, monkeypatch):
    office = steps
    pk, who = prepared(office, name), rightful(office, name)
    happened = at("02/06/2023 10:00")
    second = office.chair if who == office.head else office.head
    measured(monkeypatch, name, occurred_at=happened, reason="Quên bấm", approver=second)
    with clock.at(LATEST):
        DEEDS[name].call(office, who, pk)


@pytest.mark.parametrize("name", sorted(set(DEEDS) - MANY - {"submit", "receive", "receive_and_resolve"}))
def test_by_a_leader_from_above_who_holds_the_duty_elsewhere(name, steps, monkeypatch, settings, tmp_path):
    """The province's people reach down: the scope is asked too."""
    from tests.dossiers.conftest import person
    from tests.dossiers.test_scope import duties_of

    settings.UPLOADS = tmp_path
    pk = prepared(steps, name)
    actor = person("tinh", steps.province, *duties_of(name))
    measured(monkeypatch, name)
    with clock.at(LATEST):
        DEEDS[name].call(steps, actor, pk)


@pytest.mark.parametrize(
    "act", [Act.FORWARD, Act.PAUSE, Act.REQUEST_SUPPLEMENT, Act.RESOLVE, Act.RECEIVE, Act.TRANSFER]
)
def test_across_a_succession(act, cast):
    """Work inherited on 01/7/2025 goes by its own path through the units: that is looked up."""
    wanted = procedure("1.009991", "Đăng ký biến động", 10)
    for unit in (cast.cauke, cast.xa_cau_ke, cast.xa_an_phu_tan):
        adopt(unit=unit, procedure=wanted, valid_from=max(unit.valid_from, START))
    applicant = record_party(actor=None, name="Mẫu", commune=cast.unit("29320"), invented=True)
    common = {"procedure": wanted, "unit": cast.cauke, "applicant": applicant}
    with clock.at(at("27/06/2025 09:00")):
        pk = actions.receive(actor=cast.receiver, holder=cast.owner, holder_unit=cast.justice, **common).pk
        filing = actions.submit(actor=None, **common).pk
    with clock.at(at("01/07/2025 08:00")):
        follow_succession(clock.now())
    calls = {
        Act.FORWARD: lambda: actions.forward(actor=cast.other, dossier=pk, holder=cast.other),
        Act.PAUSE: lambda: actions.pause(actor=cast.other, dossier=pk, why="payment", reason="x"),
        Act.REQUEST_SUPPLEMENT: lambda: actions.request_supplement(
            actor=cast.other, dossier=pk, items=["x"], reason="y"
        ),
        Act.RESOLVE: lambda: actions.resolve(actor=cast.other, dossier=pk),
        Act.RECEIVE: lambda: actions.receive(actor=cast.other, filing=filing),
        Act.TRANSFER: lambda: actions.transfer(actor=cast.other, dossier=pk, unit=cast.xa_cau_ke, reason="x"),
    }
    # A filing that crossed the day of a succession is the one write beyond the budget: two paths, and the search index.
    with clock.at(at("02/07/2025 08:00")), max_queries(BUDGET + 3 * (act is Act.RECEIVE)):
        calls[act]()


def test_a_refusal_is_cheap(office):
    """What the state does not admit is known after a few readings, and nothing is written."""
    pk = prepared(office, "forward")
    refused = pytest.raises(Exception, match="Tiếp tục giải quyết")
    with clock.at(LATEST), CaptureQueriesContext(connection) as sent, refused:
        actions.resume(actor=office.handler, dossier=pk)
    assert len(sent) <= 10
    assert not [q for q in sent.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert dt.date(2023, 6, 2) == clock.local_date(LATEST)
