"""Statements: the same figures the office prints, from the same ledger."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from motcua.api import bodies
from motcua.api.acts import READS
from motcua.api.door import scope_of
from motcua.api.problems import Problem
from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.ledger import queries as ledger
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.org.models import Duty, Unit

router = Router(tags=["Statements"])

# As on the desk: whoever leads, reports or inspects.
STATEMENT_DUTIES = frozenset({Duty.REFORM, Duty.CONTROL, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT})


class Pending(Schema):
    in_time: int
    overdue: int
    waiting_in_time: int
    waiting_overdue: int


class Figures(Schema):
    """opening + adjustments + received + transferred + succeeded + reclassified = ended + closing, always."""

    opening: Pending
    adjustments: Pending
    received: dict[str, int] = Field(description="By channel.")
    transferred: int = Field(description="Net: in less out.")
    succeeded: int = Field(description="Net, by succession of units.")
    reclassified: int
    ended: dict[str, dict[str, int]] = Field(description="By time class and outcome.")
    closing: Pending
    opening_succession: int


class StatementLine(Schema):
    key: str
    label: str
    level: str
    figures: Figures


class StatementOut(Schema):
    book: str
    by: str
    units: list[list[str]] = Field(description="(key, name) of the units counted.")
    start: dt.date
    end: dt.date
    counted_to: dt.date
    as_of: dt.datetime
    provisional: bool = Field(description="The last day was not over.")
    estimate: bool
    watermark: int = Field(description="The journal was known up to here; said again, the statement is the same.")
    known_at: str
    lines: list[StatementLine]
    total: StatementLine
    rule: str


@router.get(
    "/statements",
    operation_id="get_statement",
    summary="A statement",
    response={200: StatementOut, READS: Problem},
)
def get_statement(
    request: HttpRequest,
    unit: Annotated[list[str], Query(min_length=1, max_length=200, description="Codes of units; repeat it.")],
    start: Annotated[bodies.Day, Query(description="First day.")],
    end: Annotated[bodies.Day, Query(description="Last day, inclusive; today at the latest.")],
    by: Annotated[Literal["unit", "procedure", "field", "channel"], Query(description="One line for each.")] = "unit",
    book: Annotated[Book, Query(description="Which book.")] = Book.DOSSIER,
    known_at: Annotated[bodies.Day | None, Query(description="As known on the evening of that day.")] = None,
    counted_to: Annotated[bodies.Day | None, Query(description="An estimate: counted to that day only.")] = None,
) -> dict[str, Any]:
    """Biểu tổng hợp of a period, which always reconciles. Units are those that bear the code on the last day.

    Duties: reform, control, head, chair, director, inspect.
    """
    scope = scope_of(request, STATEMENT_DUTIES, "Hệ thống này không được giao nhiệm vụ xem biểu tổng hợp.")
    made = ledger.statement(
        scope,
        book=book.value,
        units=[_unit(code, end) for code in dict.fromkeys(unit)],
        start=start,
        end=end,
        by=by,
        known_at=known_at,
        counted_to=counted_to,
    )
    return made.as_dict()


def _unit(code: str, day: dt.date) -> Unit:
    if "\x00" in code or len(code) > 35:
        raise Invalid("Mã đơn vị chưa đúng.", field="unit")
    try:
        return org.unit_by_code(code, min(day, clock.today()))
    except NotFound as error:
        raise Invalid(error.message, code=error.code, field="unit") from error
