"""The client itself, its units and their people, the procedures in use, and due dates before anything is received."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from motcua.api import answers, bodies, queries
from motcua.api.acts import READS
from motcua.api.asking import case_called
from motcua.api.door import actor_of, client_of, scope_of
from motcua.api.problems import Problem
from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.queries import handlers
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.org.queries import Scope
from motcua.procedures import queries as procedures
from motcua.worktime import explain, rules
from motcua.worktime import queries as worktime

router = Router(tags=["Units and procedures"])

_NO_DUTY = "Hệ thống này không được giao nhiệm vụ nào vào hôm nay."
UnitPath = Annotated[str, Field(min_length=1, max_length=35), Path(description="Code or short code of a unit.")]
CodePath = Annotated[str, Field(min_length=1, max_length=40), Path(description="Code of a procedure.")]
_Page = Annotated[int, Query(ge=1, le=100_000, description="From 1.")]
_Size = Annotated[int, Query(ge=1, le=500, description="At most 500.")]


class DutyAt(Schema):
    duty: str
    unit: answers.UnitName


class Me(Schema):
    name: str
    username: str = Field(description="The account in whose name the client's acts are recorded.")
    unit: str
    valid_to: dt.date
    duties: list[DutyAt]


class UnitOut(Schema):
    code: str
    short_code: str
    name: str
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None


class UnitPage(Schema):
    items: list[UnitOut]
    total: int


class PersonOut(answers.PersonName):
    title: str


class ProcedureLine(Schema):
    code: str
    name: str
    field: str
    version: int
    service_level: str
    adopted_from: dt.date


class ProcedurePage(Schema):
    items: list[ProcedureLine]
    total: int


class CaseOut(Schema):
    id: int
    name: str


class TermOut(Schema):
    case: int | None
    channel: str = Field(description="Empty: every channel.")
    state: str = Field(description="stated, none or unclear; nothing can be received while it is unclear.")
    value: float | None
    unit: str
    promised_value: float | None = Field(description="As cut by the unit, where it was.")
    promised_unit: str
    confirmed: bool


class PartOut(Schema):
    id: int
    name: str
    case: int | None
    copies: int | None
    kind: str
    role: str = Field(description="document: to hand in; shown: to show.")
    required: bool
    condition: str


class FeeOut(Schema):
    case: int | None
    channel: str
    exempt_group: str
    state: str
    amount: int | None = Field(description="Đồng.")
    per: str
    from_quantity: int
    confirmed: bool


class ProcedureOut(ProcedureLine):
    needs_review: bool
    result_name: str
    cases: list[CaseOut]
    terms: list[TermOut]
    papers: list[PartOut]
    fees: list[FeeOut]


class DueDate(Schema):
    received_at: dt.datetime
    due_at: dt.datetime
    due_date: dt.date
    due_grain: str
    regulation_due_at: dt.datetime | None
    explanation: str = Field(description="How it was counted, in Vietnamese.")


@router.get("/me", operation_id="get_me", summary="Who am I", response={200: Me, frozenset({401, 500}): Problem})
def get_me(request: HttpRequest) -> dict[str, Any]:
    """The client behind the token, and the duties it holds today."""
    client = client_of(request)
    return {
        "name": client.name,
        "username": client.user.username,
        "unit": client.unit.code,
        "valid_to": client.valid_to,
        "duties": [
            {"duty": str(duty.value), "unit": answers.unit_name(unit)}
            for duty, unit in org.duties(actor_of(request), clock.today())
        ],
    }


@router.get("/units", operation_id="list_units", summary="List units", response={200: UnitPage, READS: Problem})
def list_units(request: HttpRequest, page: _Page = 1, size: _Size = 100) -> dict[str, Any]:
    """The units alive today within the client's duties, by code. Duties: any."""
    scope, today = scope_of(request, None, _NO_DUTY), clock.today()
    rows = scope.filter(Unit.objects.filter(org.alive_on(today)), "id").order_by("code")
    start = (page - 1) * size
    return {"items": [_unit(unit) for unit in rows[start : start + size]], "total": rows.count()}


def _unit(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in ("code", "short_code", "name", "kind", "valid_from", "valid_to")}


def _own(request: HttpRequest, code: str) -> tuple[Scope, Unit]:
    """A unit of the client's, by code; NotFound for others: the two are not told apart. Two statements."""
    if "\x00" in code:
        raise NotFound("Không có đơn vị này trong phạm vi của hệ thống.")
    scope = scope_of(request, None, _NO_DUTY)
    try:
        unit = org.unit_by_code(code, clock.today())
    except NotFound:
        unit = None
    if unit is None or not scope.contains(unit.pk):
        raise NotFound("Không có đơn vị này trong phạm vi của hệ thống.")
    return scope, unit


@router.get(
    "/units/{unit}/people",
    operation_id="list_people",
    summary="Who can be named as holder",
    response={200: list[PersonOut], READS: Problem},
)
def list_people(
    request: HttpRequest, unit: UnitPath, duty: Annotated[Duty, Query(description="In which duty.")]
) -> list[dict[str, Any]]:
    """Officials who hold a duty today at the unit or next to it, by name. Duties: any."""
    _, found = _own(request, unit)
    return [
        {"username": user.username, "name": user.full_name, "title": user.title}
        for user in handlers([found.pk], [duty], clock.today())
    ]


@router.get(
    "/units/{unit}/procedures",
    operation_id="list_procedures",
    summary="List procedures in use",
    response={200: ProcedurePage, READS: Problem},
)
def list_procedures(
    request: HttpRequest,
    unit: UnitPath,
    text: Annotated[
        str, Query(max_length=200, description="Name, everyday word or code; slips and diacritics forgiven.")
    ] = "",
    page: _Page = 1,
    size: _Size = 100,
) -> dict[str, Any]:
    """The procedures the unit uses today, in the version that counts there. Duties: any."""
    scope, found = _own(request, unit)
    rows = procedures.adopted(scope, found, clock.today())
    if text.strip():
        rows = [hit.adopted for hit in procedures.hits(rows, text.replace("\x00", ""))]
    start = (page - 1) * size
    return {"items": [_procedure(row) for row in rows[start : start + size]], "total": len(rows)}


def _procedure(row: procedures.Adopted) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.version.name,
        "field": row.version.field,
        "version": row.version.number,
        "service_level": row.service_level.value,
        "adopted_from": row.adoption.valid_from,
    }


def _adopted(request: HttpRequest, unit: str, code: str) -> tuple[Unit, procedures.Adopted]:
    scope, found = _own(request, unit)
    return found, procedures.adopted_one(scope, found, code.replace("\x00", ""), clock.today())


@router.get(
    "/units/{unit}/procedures/{code}",
    operation_id="get_procedure",
    summary="One procedure",
    response={200: ProcedureOut, READS: Problem},
)
def get_procedure(request: HttpRequest, unit: UnitPath, code: CodePath) -> dict[str, Any]:
    """Cases, terms, papers and fees of the version that counts at the unit today. Duties: any."""
    _, row = _adopted(request, unit, code)
    version = row.version
    return {
        **_procedure(row),
        "needs_review": version.needs_review,
        "result_name": version.result_name,
        **queries.contents(version.pk),
    }


@router.get(
    "/units/{unit}/procedures/{code}/due-date",
    operation_id="get_due_date",
    summary="Due date, if received then",
    response={200: DueDate, READS: Problem},
)
def get_due_date(
    request: HttpRequest,
    unit: UnitPath,
    code: CodePath,
    channel: Annotated[Channel, Query(description="How it would come in.")] = Channel.DIRECT,
    case: Annotated[
        int | None, Query(ge=1, le=bodies.LARGEST_ID, description="The case, where there are cases.")
    ] = None,
    received_at: Annotated[bodies.Moment | None, Query(description="Default: now.")] = None,
) -> dict[str, Any]:
    """When a dossier received at a moment would be due, by the calendar and the terms of that day, and why.

    Nothing is written. Duties: any.
    """
    found, row = _adopted(request, unit, code)
    at = (received_at or clock.now()).astimezone(dt.UTC)
    terms = terms_for(
        procedure=row.version.procedure,
        case=case_called(case) if case else None,
        channel=channel.value,
        unit=found,
        at=at,
    )
    if terms.promised is None:
        raise Invalid("Thủ tục này không quy định thời hạn nên tiếp nhận không hẹn ngày.", field="code", code="no_term")
    calendar = worktime.compiled(terms.calendar.pk)
    hour = terms.rules.appointment_time
    deadline = rules.due(calendar, terms.promised, at, appointment=hour)
    by_law = rules.due(calendar, terms.regulation, at, appointment=hour) if terms.regulation else None
    return {
        "received_at": at,
        "due_at": deadline.due_at,
        "due_date": deadline.due_date,
        "due_grain": deadline.grain,
        "regulation_due_at": by_law.due_at if by_law else None,
        "explanation": explain.explain(calendar, terms.promised, at, deadline, appointment=hour),
    }
