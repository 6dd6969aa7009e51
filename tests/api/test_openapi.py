"""The committed description is the one the office serves, and says everything there is to say."""

import json
from pathlib import Path

import pytest
from django.test import Client

from motcua.dossiers.states import Act
from scripts import openapi
from tests.api.deeds import DEEDS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def test_what_is_committed_is_what_is_served():
    committed = openapi.FILE.read_text()
    assert committed == openapi.text(), "run: python scripts/openapi.py"
    served = Client().get("/api/v1/openapi.json")
    assert served["Content-Type"] == "application/json"
    assert served.json() == json.loads(committed)


def test_it_is_openapi_3_1_without_anything_of_the_inside():
    told = openapi.FILE.read_text()
    assert json.loads(told)["openapi"] == "3.1.0"
    for word in ("http://", "ninja", "django", "/home/", "localhost"):
        assert word not in told.lower(), word


def test_every_act_on_a_dossier_has_its_operation():
    """Handing a person's work over (reassign) is an act on many dossiers, of a leader at the desk."""
    names = {name.removeprefix("accept_and_resolve_filing") for name in DEEDS}
    called = {"hand_over": "hand_over_result", "void": "void_event"}
    for act in Act:
        if act is not Act.REASSIGN:
            assert called.get(act.value, act.value) in names, act


def test_all_words_of_the_description_are_used_by_something():
    told = json.loads(openapi.FILE.read_text())
    text = json.dumps(told)
    unused = [name for name in told["components"]["schemas"] if f'schemas/{name}"' not in text]
    assert unused == []


def test_every_field_that_is_sent_has_bounds():
    """Text without a longest length, or a number without a largest, is a hole."""
    told = json.loads(openapi.FILE.read_text())
    loose = []

    def look(schema, path):
        if schema.get("type") == "string" and not {"maxLength", "enum", "format", "const"} & set(schema):
            loose.append(path)
        if schema.get("type") == "integer" and not {"maximum", "enum"} & set(schema):
            loose.append(path)
        if schema.get("type") == "array" and "maxItems" not in schema:
            loose.append(path)
        for part in schema.get("anyOf", []):
            look(part, path)
        for name, part in schema.get("properties", {}).items():
            look(part, f"{path}.{name}")
        if "items" in schema:
            look(schema["items"], f"{path}[]")

    sent = set()
    for path in told["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                look(parameter["schema"], f"{operation['operationId']} {parameter['name']}")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if "$ref" in body:
                sent.add(body["$ref"].rsplit("/", 1)[1])
    assert len(sent) >= 20
    for name in [*sent, "Paper", "Approver"]:
        look(told["components"]["schemas"][name], name)
    assert loose in ([], ["get_statement unit[]"])  # codes in a list are measured by hand
