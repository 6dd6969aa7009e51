"""Every refusal is a problem in Vietnamese; nothing of the inside is told; hostile input is only input."""

import json
import logging

import pytest

from motcua.dossiers import queries
from motcua.dossiers.models import Dossier
from tests.api.conftest import BASE, NEW, PERSON, Machine, connect
from tests.api.deeds import pk_of
from tests.support.cast import give_password


def raw(machine, body, content_type="application/json", path="/dossiers", **headers):
    headers = {"authorization": f"Bearer {machine.token}", "idempotency-key": "k", **headers}
    return machine.http.post(BASE + path, body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b"[" * 50_000, b'{"a": ' + b"9" * 5000 + b"}", b"null", b"[]", b'"x"']
)
def test_what_cannot_be_read(body, machine):
    response = raw(machine, body)
    machine.refused(response, response.status_code)
    assert response.status_code in (400, 422) or not body


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type(kind, machine):
    machine.refused(raw(machine, b"{}", kind), 415, "content_type")


def test_another_charset(machine):
    machine.refused(raw(machine, b"{}", "application/json; charset=utf-16"), 415, "charset")


def test_too_large(machine, cast, settings, tmp_path):
    settings.UPLOADS = tmp_path
    machine.refused(raw(machine, b'{"a": "' + b"x" * 1_100_000 + b'"}'), 413, "too_large")
    at = f"/dossiers/{pk_of(cast)}/attachments"
    machine.refused(machine.upload(at, b"%PDF-" + b"x" * (20 * 1024 * 1024 + 65 * 1024)), 413, "too_large")
    assert machine.refused(machine.upload(at, b"%PDF-" + b"x" * (20 * 1024 * 1024 + 1)), 422)["field"] == "file"
    assert not list(tmp_path.rglob("*.*"))


def test_a_file_that_is_not_what_its_name_says(machine, cast, settings, tmp_path):
    settings.UPLOADS = tmp_path
    at = f"/dossiers/{pk_of(cast)}/attachments"
    machine.refused(machine.upload(at, b"<html>", name="a.pdf"), 422)
    machine.refused(machine.upload(at, kind="khac"), 422)
    assert machine.ok(machine.upload(at, name="../../etc/passwd"), 201)["name"] == "passwd.pdf"


@pytest.mark.parametrize("path", ["/", "/nothing", "/dossiers/1/nothing", "/dossiers/"])
def test_an_address_that_is_none(path, machine):
    machine.refused(machine.get(path), 404)
    machine.refused(machine.post(path), 404)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "head", "trace"])
def test_a_method_that_is_none(method, machine):
    response = machine.ask(method, "/dossiers")
    assert response.status_code == 405
    assert set(response["Allow"].replace(",", "").split()) == {"GET", "POST"}


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"procedure": None}, "procedure", "not_text"),
        ({"applicant": {}}, "applicant.name", "required"),
        ({"applicant": {**PERSON, "birth_date": "06/05/1999"}}, "applicant.birth_date", "invalid"),
        ({"applicant": {**PERSON, "birth_date": 0}}, "applicant.birth_date", "invalid"),
        ({"applicant": {**PERSON, "birth_date": "9999-01-01"}}, "applicant.birth_date", "invalid"),
        ({"applicant": {**PERSON, "birth_date": "2026-02-30"}}, "applicant.birth_date", "not_date"),
        ({"applicant": {**PERSON, "kind": "robot"}}, "applicant.kind", "not_in_list"),
        ({"applicant": {**PERSON, "name": "a\x00b"}}, "applicant.name", "invalid"),
        ({"applicant": {**PERSON, "name": "a\ud800b"}}, "applicant.name", "unkeepable"),
        ({"applicant": {**PERSON, "name": "x" * 251}}, "applicant.name", "too_long"),
        ({"applicant": {**PERSON, "commune": "00000"}}, "applicant.commune", "unit_unknown"),
        ({"copies": 10**30}, "copies", "too_large"),
        ({"copies": 1.5}, "copies", "not_number"),
        ({"copies": "2"}, "copies", "not_number"),
        ({"copies": True}, "copies", "not_number"),
        ({"case": 10**18}, "case", "invalid"),
        ({"unit": "99999"}, "unit", "unit_unknown"),
        ({"procedure": "9.9"}, "procedure", "procedure_unknown"),
        ({"holder": "stranger"}, "holder", "person_unknown"),
        ({"occurred_at": "2026-01-01T08:00:00"}, "occurred_at", "no_time_zone"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "invalid"),
        ({"occurred_at": "2099-01-01T00:00:00+07:00"}, "occurred_at", "future"),
        ({"papers": [{"name": "x", "part": 2**62}]}, "papers", "invalid"),
        ({"papers": [{"name": "x"}] * 301}, "papers", "too_many"),
        ({"la": 1}, "la", "unknown_field"),
    ],
)
def test_a_field_that_is_wrong(given, field, code, machine):
    told = machine.refused(raw(machine, json.dumps({**NEW, **given})), 422)
    assert told["field"] == field, told
    found = {error["field"]: error for error in told.get("errors", [])}.get(field, told)
    assert found["code"] == code, told
    assert not Dossier.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": 10**40},
        {"size": 101},
        {"size": "x"},
        {"state": "nope"},
        {"due": "x"},
        {"sort": "id"},
        {"text": "a\x00"},
        {"unit": "\x00"},
        {"text": "x" * 251},
        {"unit": "không có"},
    ],
)
def test_a_list_asked_for_wrongly(query, machine):
    assert machine.refused(machine.get("/dossiers", **query), 422)["field"] == next(iter(query))


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE dossiers_dossier; --", "\\", "đ" * 250, "�"])
def test_odd_searches_find_nothing(text, machine, cast):
    pk_of(cast)
    assert machine.ok(machine.get("/dossiers", text=text))["total"] == 0


@pytest.mark.parametrize("pk", ["0", "-1", "x", "1e3", str(2**63), str(10**40), "%00", "%ED%A0%80"])
def test_ids_that_are_none(pk, machine):
    response = machine.get(f"/dossiers/{pk}")
    machine.refused(response, response.status_code)
    assert response.status_code in (404, 422)


def test_a_mistake_of_ours_tells_nothing(machine, cast, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("bảng mật 0900000001")

    monkeypatch.setattr(queries, "listing", broken)
    with caplog.at_level(logging.ERROR):
        told = machine.refused(machine.get("/dossiers"), 500, "server_error")
    assert "mật" not in json.dumps(told, ensure_ascii=False)
    assert "RuntimeError" not in json.dumps(told)
    assert "RuntimeError" in caplog.text


def test_wrong_passwords_of_a_leader_lock_and_are_still_problems(machine, cast):
    pk = pk_of(cast)
    give_password(cast.chair)
    body = {"reason": "Nhầm", "channel": "post", "approver": {"username": "chair", "password": "sai"}}
    for _ in range(7):
        told = machine.refused(machine.post(f"/dossiers/{pk}/correct-acceptance", body), 422)
        assert told["field"] == "approver.password"
    from tests.support.cast import PASSWORD

    body["approver"]["password"] = PASSWORD
    machine.refused(machine.post(f"/dossiers/{pk}/correct-acceptance", body), 422)


def test_a_machine_approves_nothing_by_password(machine, cast):
    """A machine's account has no password anybody could give, and no way to sign in if somebody gave it one."""
    head = connect(cast.xa_cau_ke)
    head.client.user.set_password("mot-mat-khau-dai-2026")
    head.client.user.save()
    given = {"username": head.client.user.username, "password": "mot-mat-khau-dai-2026"}
    body = {"reason": "Nhầm", "channel": "post", "approver": given}
    machine.refused(machine.post(f"/dossiers/{pk_of(cast)}/correct-acceptance", body), 422)
    page = machine.http.post("/dang-nhap/", {"login": given["username"], "password": given["password"]})
    assert page.status_code != 302
    assert "_auth_user_id" not in machine.http.session


def test_answers_are_not_kept_by_anybody(machine):
    response = machine.get("/me")
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert Machine(None).get("/me")["Cache-Control"] == "no-store"


def test_what_no_view_answers_is_a_problem_too(machine):
    """An unknown host is refused before any view; beside the interface's own addresses there is the desk's 404."""
    response = machine.http.get("/api/v1/me", headers={"host": "ke-khac.example"})
    machine.refused(response, 400, "unreadable")
    machine.refused(machine.http.get("/api/v2/me"), 404)
    assert machine.http.get("/khong-co/", headers={"host": "ke-khac.example"})["Content-Type"].startswith("text/html")
