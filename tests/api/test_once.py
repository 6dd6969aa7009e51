"""A request sent again changes nothing and is answered the same; two who act on what they read: one is told."""

from django.contrib.auth.hashers import make_password

from motcua.api.models import ApiAnswer
from motcua.core.models import Request
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Event
from motcua.org.models import Duty
from tests.api.conftest import NEW, PERSON, connect
from tests.api.deeds import DEEDS, filed, pk_of
from tests.support.cast import PASSWORD


def test_the_same_again_is_answered_the_same(machine):
    first = machine.post("/dossiers", NEW, key="giao-dich-1")
    assert machine.ok(first, 201)["code"]
    again = machine.post("/dossiers", NEW, key="giao-dich-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert Dossier.objects.count() == 1


def test_the_answer_is_that_of_its_day(machine, cast):
    """What became of the dossier since does not change what was answered then."""
    pk = filed(cast)
    first = machine.post(f"/dossiers/{pk}/accept-filing", key="a")
    assert first.json()["state"] == "received"
    machine.ok(machine.post(f"/dossiers/{pk}/resolve", key="b"))
    assert machine.post(f"/dossiers/{pk}/accept-filing", key="a").content == first.content


def test_another_body_under_the_same_key_is_refused(machine):
    machine.ok(machine.post("/dossiers", NEW, key="k"), 201)
    other = {**NEW, "applicant": {**PERSON, "name": "Người khác"}}
    machine.refused(machine.post("/dossiers", other, key="k"), 409, "request_key_reused")
    machine.refused(machine.post("/filings", NEW, key="k"), 409, "request_key_reused")
    assert Dossier.objects.count() == 1


def test_another_dossier_under_the_same_key_is_refused(machine, cast):
    one, two = pk_of(cast), pk_of(cast)
    machine.ok(machine.post(f"/dossiers/{one}/resolve", key="k"))
    machine.refused(machine.post(f"/dossiers/{two}/resolve", key="k"), 409, "request_key_reused")


def test_keys_are_each_clients_own(machine, cast):
    """Neither what was done nor that it was done is told to another client."""
    machine.ok(machine.post("/dossiers", NEW, key="k"), 201)
    second = connect(cast.xa_cau_ke)
    assert second.ok(second.post("/dossiers", NEW, key="k"), 201)["dossier"] != Dossier.objects.first().pk
    other = connect(cast.xa_an_phu_tan)
    other.refused(other.post("/dossiers", NEW, key="k"), 403)


def test_a_refused_request_uses_up_no_key(machine, cast):
    pk = pk_of(cast)
    machine.refused(machine.post(f"/dossiers/{pk}/approve", key="k"), 409, "illegal_approve")
    machine.ok(machine.post(f"/dossiers/{pk}/resolve", key="k"))


def test_a_key_is_needed_and_must_be_one(machine):
    told = machine.refused(machine.post("/dossiers", NEW, key=False), 422)
    assert told["field"] == "Idempotency-Key"
    for key in ("x" * 51, "có dấu", "hai từ"):
        machine.refused(machine.post("/dossiers", NEW, key=key.encode().decode("latin-1")), 422)
    assert not Dossier.objects.exists()


def test_a_file_sent_again(machine, cast, settings, tmp_path):
    settings.UPLOADS = tmp_path
    pk = pk_of(cast)
    at = f"/dossiers/{pk}/attachments"
    first = machine.upload(at, key="f")
    assert machine.upload(at, key="f").content == first.content
    machine.refused(machine.upload(at, b"%PDF-1.7 khac %%EOF", key="f"), 409, "request_key_reused")
    file = first.json()["attachment"]
    removed = machine.ask("delete", f"{at}/{file}", key="r")
    assert machine.ask("delete", f"{at}/{file}", key="r").content == removed.content
    machine.refused(machine.ask("delete", f"{at}/{file}", key="s"), 404)


def test_no_password_is_kept_for_the_key(machine, cast):
    """The digest of a request leaves the leader's password out; the answer holds nobody's name."""
    pk = DEEDS["void_event"].before(cast)
    cast.chair.password = make_password(PASSWORD)
    cast.chair.save()
    body = {"seq": 2, "reason": "Nhầm", "approver": {"username": "chair", "password": PASSWORD}}
    first = machine.post(f"/dossiers/{pk}/void-event", body, key="k")
    machine.ok(first)
    cast.chair.password = make_password("mot-mat-khau-moi-2026")
    cast.chair.save()
    body["approver"]["password"] = "mot-mat-khau-moi-2026"
    assert machine.post(f"/dossiers/{pk}/void-event", body, key="k").content == first.content
    assert "Sơn" not in str(ApiAnswer.objects.get().body)
    assert len(Request.objects.get(key__startswith="api:").digest) == 64


class TestTwoActOnOneDossier:
    def test_one_wins_the_other_is_told_what_changed(self, machine, cast):
        second = connect(cast.xa_cau_ke, name="Hệ thống thứ hai")
        pk = pk_of(cast)
        read = machine.get(f"/dossiers/{pk}").json()["version"]
        handler = cast.by_duty[Duty.HANDLE].username
        machine.ok(machine.post(f"/dossiers/{pk}/forward", {"holder": handler, "expected": read}))
        told = second.refused(second.post(f"/dossiers/{pk}/resolve", {"expected": read}), 409, "stale")
        assert told["version"] == read + 1
        assert [(line["act"], line["actor"]) for line in told["since"]] == [("forward", "Hệ thống thử")]
        second.ok(second.post(f"/dossiers/{pk}/resolve", {"expected": told["version"]}))

    def test_a_person_was_first(self, machine, cast):
        from motcua.dossiers import actions

        pk = pk_of(cast)
        actions.pause(actor=cast.by_duty[Duty.HANDLE], dossier=pk, why="law", reason="x")
        told = machine.refused(machine.post(f"/dossiers/{pk}/resolve", {"expected": 1}), 409, "stale")
        assert told["since"][0]["actor"] == cast.by_duty[Duty.HANDLE].full_name

    def test_another_unit_is_told_nothing(self, cast):
        pk, events = pk_of(cast), Event.objects.count()
        other = connect(cast.xa_an_phu_tan)
        told = other.refused(other.post(f"/dossiers/{pk}/resolve", {"expected": 77}), 404)
        assert "version" not in told
        assert Event.objects.count() == events
