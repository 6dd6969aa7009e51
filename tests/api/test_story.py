"""A dossier's whole life over the interface, as another system lives it."""

import pytest

from motcua.dossiers.models import Dossier
from motcua.ledger.models import Event
from motcua.org.models import Duty
from motcua.parties.models import Party
from tests.api.conftest import NEW, PERSON


def receive(machine, **more):
    return machine.ok(machine.post("/dossiers", {**NEW, **more}), 201)


def test_a_dossier_from_receipt_to_the_result_in_hand(machine, cast):
    handler = cast.by_duty[Duty.HANDLE].username
    head = cast.by_duty[Duty.HEAD].username
    made = receive(machine, holder=handler, subject="Biến động do tặng cho", external_code="LGSP-1")
    at = f"/dossiers/{made['dossier']}"
    assert made["state"] == "received"
    assert made["version"] == 1
    assert made["due_at"]
    assert made["href"] == f"/api/v1{at}"
    for act, body, state in [
        ("forward", {"holder": handler, "expected": 1}, "processing"),
        ("propose", {"to": head, "expected": 2}, "proposed"),
        ("approve", {"expected": 3}, "approved"),
        ("resolve", {"expected": 4}, "result_ready"),
        ("hand-over-result", {"method": "counter", "collector": {"name": "Kim Thị Nhận"}}, "handed_over"),
    ]:
        done = machine.ok(machine.post(f"{at}/{act}", body))
        assert done["state"] == state
    told = machine.ok(machine.get(at))
    assert [line["act"] for line in told["timeline"]] == [
        "receive",
        "forward",
        "propose",
        "approve",
        "resolve",
        "hand_over",
    ]
    assert told["version"] == done["version"] == 6
    assert told["party"]["id_number"] == PERSON["id_number"]
    assert told["collector"]["name"] == "Kim Thị Nhận"
    assert told["time_class"] == "early"
    assert told["portal_code"] == 10
    assert {line["actor"] for line in told["timeline"]} == {"Hệ thống thử"}
    # In the office's own books it is an act like any other, by a named account in a duty.
    event = Event.objects.get(item=Dossier.objects.get().item, verb="approve")
    assert (event.actor, event.duty) == (machine.client.user, "head")


def test_a_filing_is_supplemented_and_accepted(machine):
    made = machine.ok(machine.post("/filings", {**NEW, "submitter": {"name": "Kim Văn Nộp"}}), 201)
    assert (made["code"], made["state"]) == (None, "submitted")
    at = f"/dossiers/{made['dossier']}"
    machine.ok(machine.post(f"{at}/request-supplement", {"items": ["Bản sao"], "reason": "Thiếu"}))
    asked = machine.ok(machine.get(f"{at}/requests"))
    assert asked["supplements"][0]["items"] == ["Bản sao"]
    machine.ok(machine.post(f"{at}/supplement-received", {"papers": [{"name": "Bản sao", "kind": "copy"}]}))
    done = machine.ok(machine.post(f"{at}/accept-filing"))
    assert done["state"] == "received"
    assert done["code"]
    told = machine.ok(machine.get(at))
    assert told["submitter"]["name"] == "Kim Văn Nộp"
    assert told["papers"][0]["name"] == "Bản sao"
    assert [(line["act"], line["intake"]) for line in told["timeline"]][-1] == ("receive", False)


def test_a_part_goes_to_another_agency_and_comes_back(machine, cast):
    at = f"/dossiers/{receive(machine)['dossier']}"
    machine.ok(machine.post(f"{at}/send-part", {"unit": "29317", "work": "Xác nhận", "working_days": 2}))
    part = machine.ok(machine.get(f"{at}/requests"))["parts"][0]
    assert part["unit"]["code"] == "29317"
    other = receive(machine)["dossier"]
    machine.refused(machine.post(f"/dossiers/{other}/part-returned", {"part": part["id"]}), 404)
    machine.ok(machine.post(f"{at}/part-returned", {"part": part["id"]}))
    assert machine.ok(machine.get(f"{at}/requests"))["parts"][0]["returned_at"]


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([("pause", {"why": "payment", "reason": "Chờ thuế"}), ("resume", {})], "received"),
        ([("return-dossier", {"reason": "Không đủ điều kiện"})], "returned"),
        ([("withdraw", {"reason": "Người dân xin rút"})], "withdrawn"),
        ([("stop", {"reason": "Tạm đình chỉ"})], "stopped"),
        ([("move-due", {"days": 2, "decision": "QĐ 5", "reason": "Bão"})], "received"),
        ([("reclassify", {"channel": "post", "reason": "Nhầm"})], "received"),
        ([("resolve", {"outcome": "refused", "reason": "Không đủ điều kiện"})], "refused"),
    ],
)
def test_other_ways(machine, acts, state):
    at = f"/dossiers/{receive(machine)['dossier']}"
    for act, body in acts:
        done = machine.ok(machine.post(f"{at}/{act}", body))
    assert done["state"] == state


def test_received_and_resolved_at_once(machine):
    made = machine.ok(machine.post("/dossiers/resolved-at-once", {**NEW, "copies": 3}), 201)
    assert (made["state"], made["time_class"]) == ("handed_over", "early")
    assert Dossier.objects.get().copies == 3


def test_a_refused_act_leaves_nothing_behind(machine):
    at = f"/dossiers/{receive(machine)['dossier']}"
    events, parties = Event.objects.count(), Party.objects.count()
    machine.refused(machine.post(f"{at}/hand-over-result", {"collector": {"name": "Ai đó"}}), 409, "illegal_hand_over")
    bad = machine.refused(
        machine.post("/dossiers", {**NEW, "applicant": {"name": "X", "id_number": "12"}}), 422, "invalid"
    )
    assert bad["field"] == "id_number"
    assert (Event.objects.count(), Party.objects.count()) == (events, parties)


def test_pages_follow_one_another_in_order(machine, cast):
    """Every dossier on exactly one page, in the order asked for."""
    made = [receive(machine)["dossier"] for _ in range(5)]
    machine.ok(machine.post(f"/dossiers/{made[2]}/resolve"))
    for sort, expected in (("received", made), ("-received", made[::-1]), ("code", made)):
        seen = []
        for page in (1, 2, 3, 4):
            told = machine.ok(machine.get("/dossiers", sort=sort, page=page, size=2))
            assert (told["total"], told["pages"]) == (5, 3)
            seen += [row["id"] for row in told["items"]]
        assert seen == expected
    by_due = [row["id"] for row in machine.ok(machine.get("/dossiers"))["items"]]
    assert by_due[-1] == made[2]  # whose clock no longer runs
