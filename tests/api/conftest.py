"""Another system at work: a client of xã Cầu Kè with its token, asking over HTTP."""

import json
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from motcua.api.clients import FASTEST, create_client, renew_token
from motcua.core import clock
from motcua.org.models import SECOND_FACTOR_DUTIES, Duty
from motcua.org.queries import SYSTEM
from tests.desk.conftest import signed_in
from tests.desk.filing import PDF, usable

__all__ = ["signed_in"]

BASE = "/api/v1"
ALL = [duty for duty in Duty if duty not in SECOND_FACTOR_DUTIES]
_number = count(1)


class Machine:
    """A system that has connected. Answers are checked to be JSON, refusals to be problems."""

    def __init__(self, token, client=None):
        self.token, self.client = token, client
        self.http = Client(raise_request_exception=False)

    def ask(self, method, path, body=None, *, key=None, **headers):
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if method in ("post", "delete") and key is not False:
            headers["idempotency-key"] = key or f"k{next(_number)}"
        more = {"content_type": "application/json", "data": json.dumps(body if body is not None else {})}
        send = getattr(self.http, method)
        return send(BASE + path, **(more if method == "post" else {}), headers=headers)

    def get(self, path, **query):
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.get(BASE + path, query, headers=headers)

    def post(self, path, body=None, **more):  # a new key each, unless told
        return self.ask("post", path, body, **more)

    def upload(self, path, content=PDF, *, name="ban-sao.pdf", kind="part", key=None):
        headers = {"idempotency-key": key or f"k{next(_number)}"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        file = SimpleUploadedFile(name, content, "application/x-anything")
        return self.http.post(BASE + path, {"file": file, "kind": kind}, headers=headers)

    def ok(self, response, status=200):
        assert response.status_code == status, response.content.decode()
        assert response["Content-Type"].split(";")[0] == "application/json"
        return response.json()

    def refused(self, response, status, code=None):
        assert response.status_code == status, response.content.decode()
        assert response["Content-Type"] == "application/problem+json"
        told = response.json()
        assert (told["status"], told["type"]) == (status, f"urn:motcua:{told['code']}")
        assert told["title"]
        assert told["detail"]
        if code is not None:
            assert told["code"] == code, told
        return told


def connect(unit, duties=ALL, *, units=(), name="Hệ thống thử"):
    """A client of a unit and its token, through the verbs."""
    today = clock.today()
    made = create_client(
        actor=SYSTEM, name=name, unit=unit, units=units, duties=duties, valid_from=today, valid_to=today,
        requests_a_minute=FASTEST,
    )  # fmt: skip
    return Machine(renew_token(actor=SYSTEM, client=made), made)


@pytest.fixture
def machine(cast):
    """A client with every duty a machine may hold at xã Cầu Kè, where a procedure is in use."""
    usable(cast)
    return connect(cast.xa_cau_ke)


@pytest.fixture
def office(cast):
    return cast


PERSON = {"name": "Sơn Văn Mẫu", "id_number": "089199000123", "birth_date": "1999-05-06", "phone": "0900000001"}
NEW = {"procedure": "1.009991", "unit": "29308", "applicant": PERSON}
