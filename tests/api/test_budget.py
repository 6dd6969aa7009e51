"""What each request costs: a write at most twenty SQL statements and two for the key, a list eight, one dossier six.

All of it counted: the token, the scope, the receipt that is kept. Reading one dossier is also put on record: one more.
"""

import pytest

from tests.api.conftest import NEW, PERSON
from tests.api.deeds import DEEDS, attached, pk_of
from tests.support.sql import max_queries

WRITE, LIST, ONE = 22, 8, 6 + 1
# Two items are touched when a filing is accepted or a part is sent; checking a leader's password, and counting wrong
# ones, is on top.
BUDGETS = {
    "accept_filing": WRITE + 1,
    "accept_and_resolve_filing": WRITE + 1,
    "send_part": WRITE + 1,
    "correct_acceptance": WRITE + 3,
}


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_a_write(name, machine, cast):
    deed = DEEDS[name]
    # Once before, as in an office that has opened: calendars are compiled, categories there.
    for limit in (100, BUDGETS.get(name, WRITE)):
        pk = deed.before(cast) if deed.before else 0
        send = deed.ready(machine, cast, pk, name)
        with max_queries(limit):
            response = send()
        assert response.status_code == deed.status, response.content.decode()


def test_a_new_applicant_with_an_identity_number(machine, cast):
    machine.ok(machine.post("/dossiers", NEW), 201)
    someone = {**PERSON, "name": "Kim Thị Mới", "id_number": "089199000124"}
    with max_queries(WRITE):
        machine.ok(machine.post("/dossiers", {**NEW, "applicant": someone}), 201)


def test_a_write_repeated(machine, cast):
    pk = pk_of(cast)
    first = DEEDS["resolve"].send(machine, cast, pk, "resolve", key="once")
    with max_queries(4):
        assert DEEDS["resolve"].send(machine, cast, pk, "resolve", key="once").content == first.content


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "pending", "channel": "direct", "sort": "-received", "size": 20},
        {"unit": "29308", "holder": "receive", "procedure": "1.009991", "text": "son van mau"},
    ],
)
def test_a_list(query, machine, cast):
    for _ in range(3):
        pk_of(cast)
    machine.ok(machine.get("/dossiers", **query))
    with max_queries(LIST):
        found = machine.ok(machine.get("/dossiers", **query))
    assert found["total"] == 3


@pytest.mark.parametrize("prepared", ["void_event", "part_returned", "return_for_correction", "accept_filing"])
def test_one_dossier(prepared, machine, cast):
    pk = DEEDS[prepared].before(cast)
    machine.ok(machine.get(f"/dossiers/{pk}"))
    with max_queries(ONE):
        machine.ok(machine.get(f"/dossiers/{pk}"))
    with max_queries(ONE):
        machine.ok(machine.get(f"/dossiers/{pk}/requests"))


def test_a_file(machine, cast):
    pk = attached(cast)
    file = machine.ok(machine.get(f"/dossiers/{pk}"))["attachments"][0]["id"]
    with max_queries(ONE):
        response = machine.get(f"/dossiers/{pk}/attachments/{file}")
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("path", "query", "limit"),
    [
        ("/me", {}, 2),
        ("/units", {}, 4),
        ("/units/29308/people", {"duty": "handle"}, 5),
        ("/units/29308/procedures", {}, LIST),
        ("/units/29308/procedures", {"text": "dat dai"}, LIST),
        ("/units/29308/procedures/1.009991", {}, 6),
        ("/units/29308/procedures/1.009991/due-date", {}, 12),
        ("/statements", {"unit": "29308", "start": "2025-08-01", "end": "2025-08-31"}, 8 + 3),
    ],
)
def test_other_questions(path, query, limit, machine, cast):
    machine.ok(machine.get(path, **query))
    with max_queries(limit):
        machine.ok(machine.get(path, **query))
