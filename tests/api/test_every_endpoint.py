"""Every operation of the interface: who may ask for it. An operation without its line here fails the test.

Each is tried by a client with the right duty at the dossier's unit, one with a wrong duty there, one with every duty at
another unit, and without a token (or with one that opens nothing). What is refused must have changed nothing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from motcua.api.clients import revoke_client
from motcua.api.interface import description
from motcua.api.models import ApiAnswer
from motcua.core.models import Request
from motcua.dossiers.models import Attachment, Dossier
from motcua.ledger.models import Event
from motcua.org.models import Assignment, Duty
from motcua.org.queries import SYSTEM
from motcua.parties.models import AccessView, Party
from tests.api.conftest import ALL, Machine, connect
from tests.api.deeds import DEEDS, attached, pk_of
from tests.desk.filing import usable

NO, NONE = 403, 404


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path


@dataclass
class Question:
    """A reading operation. ``wrong`` None: any duty will do; ``other`` is what a client of another unit gets."""

    path: str
    query: dict[str, Any] = field(default_factory=dict)
    right: Duty = Duty.HANDLE
    wrong: Duty | None = Duty.HOTLINE
    other: int = NONE
    before: Callable[[Any], int] | None = None

    def send(self, machine, cast, pk):
        file = Attachment.objects.filter(dossier=pk).values_list("pk", flat=True).first()
        return machine.get(self.path.format(pk=pk, file=file), **self.query)


QUESTIONS = {
    "get_me": Question("/me", wrong=None, other=200),
    "list_units": Question("/units", wrong=None, other=200),
    "list_people": Question("/units/29308/people", {"duty": "handle"}, wrong=None),
    "list_procedures": Question("/units/29308/procedures", wrong=None),
    "get_procedure": Question("/units/29308/procedures/1.009991", wrong=None),
    "get_due_date": Question("/units/29308/procedures/1.009991/due-date", wrong=None),
    "list_dossiers": Question("/dossiers", other=200),
    "get_dossier": Question("/dossiers/{pk}", before=pk_of),
    "get_requests": Question("/dossiers/{pk}/requests", before=pk_of),
    "get_file": Question("/dossiers/{pk}/attachments/{file}", before=attached),
    "get_statement": Question(
        "/statements",
        {"unit": "29308", "start": "2025-08-01", "end": "2025-08-31"},
        right=Duty.REFORM,
        wrong=Duty.HANDLE,
        other=NO,
    ),
}


def operations():
    return {
        operation["operationId"]: operation for path in description()["paths"].values() for operation in path.values()
    }


def test_every_operation_has_its_line():
    assert set(operations()) == {*DEEDS, *QUESTIONS}


def test_every_operation_is_described():
    for name, operation in operations().items():
        assert operation["summary"], name
        assert len(operation["description"]) > 20, name
        assert {"401", "500"} <= set(operation["responses"]), name
        assert operation["security"] == [{"Token": []}], name
        if name in DEEDS:
            assert {"400", "403", "404", "409", "413", "415", "422"} <= set(operation["responses"]), name
            assert "Idempotency-Key" in [p["name"] for p in operation["parameters"] if p["required"]], name
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def everything():
    return [model.objects.count() for model in (Dossier, Event, Attachment, Request, ApiAnswer)] + [
        list(Dossier.objects.order_by("pk").values_list("state", "holder", "unit", "channel"))
    ]


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_who_may_do_it(name, cast):
    deed = DEEDS[name]
    usable(cast)
    pk = deed.before(cast) if deed.before else 0
    right, wrong = connect(cast.xa_cau_ke, [deed.right]), connect(cast.xa_cau_ke, [deed.wrong])
    other, nobody = connect(cast.xa_an_phu_tan), Machine(None)
    before = everything()
    wrong.refused(deed.send(wrong, cast, pk, name), NO)
    # Nobody else's dossier is known to be there; coming in is refused at the unit named.
    other.refused(deed.send(other, cast, pk, name), NONE if deed.before else NO)
    nobody.refused(deed.send(nobody, cast, pk, name), 401, "no_token")
    assert everything() == before
    response = deed.send(right, cast, pk, name)
    assert response.status_code == deed.status, response.content.decode()
    assert everything() != before


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_who_may_read_it(name, cast):
    question = QUESTIONS[name]
    usable(cast)
    pk = question.before(cast) if question.before else 0
    right = connect(cast.xa_cau_ke, [question.right])
    assert question.send(right, cast, pk).status_code == 200
    if question.wrong is not None:
        wrong = connect(cast.xa_cau_ke, [question.wrong])
        wrong.refused(question.send(wrong, cast, pk), NO)
    other = connect(cast.xa_an_phu_tan)
    response = question.send(other, cast, pk)
    assert response.status_code == question.other
    Machine(None).refused(question.send(Machine(None), cast, pk), 401)


def test_another_unit_lists_nothing_of_ours(cast):
    pk_of(cast)
    assert connect(cast.xa_cau_ke).get("/dossiers").json()["total"] == 1
    for filters in ({}, {"text": "Sơn"}, {"unit": "29308"}, {"holder": "receive"}):
        assert connect(cast.xa_an_phu_tan).get("/dossiers", **filters).json()["total"] == 0


def test_a_client_of_the_province_reads_what_lies_beneath_and_says_why(cast):
    pk = attached(cast)
    province = connect(cast.vinh_long, [Duty.HANDLE])
    file = Attachment.objects.get(dossier=pk).pk
    assert province.get("/dossiers").json()["total"] == 1
    for path in (f"/dossiers/{pk}", f"/dossiers/{pk}/requests", f"/dossiers/{pk}/attachments/{file}"):
        province.refused(province.get(path), NO, "reason_needed")
        province.refused(province.get(path, reason="x"), 422)
        assert province.get(path, reason="Kiểm tra theo Kế hoạch 45").status_code == 200
    views = AccessView.objects.order_by("pk")
    assert {(v.user, v.unit, v.about_unit, v.reason) for v in views} == {
        (province.client.user, cast.vinh_long, cast.xa_cau_ke, "Kiểm tra theo Kế hoạch 45")
    }
    assert [v.what for v in views] == ["api", "api", "file"]


def test_every_reading_is_on_record(cast):
    machine, pk = connect(cast.xa_cau_ke), pk_of(cast)
    machine.ok(machine.get(f"/dossiers/{pk}"))
    view = AccessView.objects.get()
    row = Dossier.objects.get()
    assert (view.dossier, view.code, view.party, view.duty) == (pk, row.code, row.applicant, "receive")
    other = connect(cast.xa_an_phu_tan)
    other.refused(other.get(f"/dossiers/{pk}", reason="Kiểm tra theo Kế hoạch 45"), NONE)
    assert AccessView.objects.count() == 1


def test_restricted_data_is_read_for_a_reason_only(cast):
    machine, pk = connect(cast.xa_cau_ke), pk_of(cast)
    Party.objects.update(restricted=True)
    machine.refused(machine.get(f"/dossiers/{pk}"), NO, "reason_needed")
    assert machine.get(f"/dossiers/{pk}", reason="Giải quyết phản ánh số 7").status_code == 200


class TestATokenThatOpensNothing:
    @pytest.fixture
    def machine(self, cast):
        return connect(cast.xa_cau_ke)

    def refused(self, machine):
        machine.refused(machine.get("/me"), 401, "no_token")
        machine.refused(machine.post("/filings", {}), 401, "no_token")

    @pytest.mark.parametrize("token", ["", "x", "motcua_", "motcua_" + "a" * 43, "motcua_é", "motcua_" + "a" * 500])
    def test_made_up(self, token, cast):
        self.refused(Machine(token))

    def test_of_another_kind(self, machine):
        response = machine.http.get("/api/v1/me", headers={"authorization": f"Basic {machine.token}"})
        machine.refused(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")

    def test_revoked(self, machine):
        revoke_client(actor=SYSTEM, client=machine.client, reason="Lộ mã")
        self.refused(machine)

    def test_ended(self, machine):
        day = machine.client.valid_to - dt.timedelta(days=1)
        machine.client.valid_from = machine.client.valid_to = day
        machine.client.save()
        self.refused(machine)

    def test_of_a_blocked_account(self, machine):
        machine.client.user.is_active = False
        machine.client.user.save()
        self.refused(machine)

    def test_a_session_is_no_token(self, cast, signed_in):
        client = signed_in(cast.above)
        assert client.get("/api/v1/me").status_code == 401
        assert client.post("/api/v1/filings", {}, content_type="application/json").status_code == 401


def test_the_duties_of_today_decide(cast):
    """Ended duties end what the token opens, at once."""
    machine, pk = connect(cast.xa_cau_ke), pk_of(cast)
    yesterday = dt.date.today() - dt.timedelta(days=2)  # noqa: DTZ011
    Assignment.objects.filter(user=machine.client.user).update(valid_from=yesterday, valid_to=yesterday)
    machine.refused(machine.get(f"/dossiers/{pk}"), NO)
    machine.refused(DEEDS["forward"].send(machine, cast, pk, "forward"), NONE)
    assert machine.get("/me").json()["duties"] == []


def test_machines_read_figures_in_the_duties_people_do():
    from motcua.api import figures
    from motcua.desk import frame

    assert figures.STATEMENT_DUTIES == frame.STATEMENT_DUTIES
    assert Duty.REFORM in ALL
