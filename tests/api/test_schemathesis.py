"""Generated requests, right and wrong, to every operation: no server error, and every answer as described.

Before a real migrated database with real commits and dossiers of two units. Three of four well-formed requests are
aimed: they carry ids, units and people that are there, so that they get past the door.
"""

from collections import Counter
from contextlib import suppress

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from motcua.api.interface import description
from motcua.config.wsgi import application
from motcua.dossiers import actions
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from motcua.procedures.actions import adopt
from tests.api.conftest import connect
from tests.desk.filing import CODE, usable
from tests.support.cast import make_cast

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.missing_required_header,
    openapi_checks.unsupported_method,
]
EXAMPLES = 6


@pytest.fixture
def told(real_database, settings, tmp_path):
    """Two units with dossiers in several states, and a client of one of them."""
    settings.UPLOADS = tmp_path
    cast = make_cast()
    procedure = usable(cast)
    adopt(unit=cast.xa_an_phu_tan, procedure=procedure, valid_from=cast.xa_an_phu_tan.valid_from)
    applicant = record_party(actor=None, name="Sơn Văn Mẫu", phone="0900000001", invented=True)
    given = {"procedure": procedure, "applicant": applicant}
    handler = cast.by_duty[Duty.HANDLE]
    for actor, unit in ((cast.receiver, cast.xa_cau_ke), (cast.other, cast.xa_an_phu_tan)):
        pks = [actions.receive(actor=actor, unit=unit, **given).pk for _ in range(4)]
        actions.submit(actor=actor, unit=unit, **given)
        who = handler if unit == cast.xa_cau_ke else cast.other
        actions.request_supplement(actor=who, dossier=pks[0], items=["x"], reason="y")
        actions.propose(actor=who, dossier=pks[1], to=cast.by_duty[Duty.HEAD])
        actions.resolve(actor=who, dossier=pks[2])
    return connect(cast.xa_cau_ke)


AIMS = {
    "unit": ["29308", "29317", "XACAUKE"],
    "desk_unit": ["29308"],
    "holder_unit": ["29308"],
    "code": [CODE],
    "procedure": [CODE],
    "holder": ["handle", "receive"],
    "to": ["handle", "head", "clerk"],
    "commune": ["29308"],
    "expected": [None, 1, 2],
    "id_number": [""],
    "phone": ["", "0900000001"],
    "birth_date": [None, "1990-01-02"],
    "occurred_at": [None],
    "case": [None],
    "part": [None, 1],
    "seq": [1, 2],
}


def aim(case, choose):
    """Put what exists where a request would only rarely say it."""
    if "dossier_id" in case.path_parameters:
        case.path_parameters["dossier_id"] = choose(list(range(1, 12)))
    put(case.path_parameters, choose)
    put(case.body, choose)


def put(place, choose):
    if isinstance(place, list):
        for each in place:
            put(each, choose)
    if isinstance(place, dict):
        for name, value in place.items():
            if name in AIMS and not isinstance(value, dict | list):
                place[name] = choose(AIMS[name])
            else:
                put(value, choose)


SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_generated_requests(told, caplog):
    caplog.set_level("ERROR", "django.request")
    told_of = description()
    for operations in told_of["paths"].values():
        for operation in operations.values():
            del operation["security"]  # every request comes with the token; others: test_every_endpoint.py
    schema = schemathesis.openapi.from_dict(told_of)
    schema.app = application
    # This way of calling does not unpack what is sent compressed.
    headers = {"Authorization": f"Bearer {told.token}", "Accept-Encoding": "identity"}
    statuses = Counter()

    def asking(operation, mode):
        @SETTINGS
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode), data=strategies.data())
        def ask(case, data):
            if mode is GenerationMode.POSITIVE and data.draw(strategies.integers(0, 3)):
                aim(case, lambda among: data.draw(strategies.sampled_from(among)))
            response = case.call(headers=headers)
            statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS, headers=headers)

        return ask

    for result in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(hypothesis.errors.Unsatisfiable):  # there may be nothing wrong to say
                asking(result.ok(), mode)()
    assert sum(statuses.values()) > 350
    assert statuses[200] + statuses[201] >= 25, statuses
    assert {200, 201, 404, 409, 422} <= set(statuses), statuses
