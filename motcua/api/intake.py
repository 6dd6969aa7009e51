"""Coming in: a filing, an acceptance at the desk, and what is received and resolved at once."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from motcua.api import answers, bodies
from motcua.api.acts import WRITES, receipt
from motcua.api.asking import Asked, unit_called
from motcua.api.door import actor_of, client_of
from motcua.api.once import Key, bare, once
from motcua.api.problems import Problem
from motcua.core.errors import Invalid
from motcua.dossiers import actions
from motcua.dossiers.actions.charging import charge_accepted
from motcua.dossiers.fees import Due, reckon
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import DUTIES, Act
from motcua.parties.actions import Particulars, record_party
from motcua.procedures.models import Case, FeeLine
from motcua.procedures.queries import nearest_fees

# Shared with reading.py: one address takes a dossier in and lists them.
router = Router(tags=["Dossiers"])


def _write(
    request: HttpRequest, operation: str, body: bodies.NewDossier, key: str, run: Callable[..., Dossier]
) -> Status:
    asked = Asked(request, people=DUTIES[Act.PROPOSE])
    given = {"actor": actor_of(request)}
    holder = getattr(body, "holder", None)
    if holder is not None:
        # Its people are those of the units named in this very request.
        asked.units = [unit_called(body.unit).pk]
        if desk := getattr(body, "desk_unit", None):
            asked.units.append(unit_called(desk, "desk_unit").pk)
    given |= asked.arguments(body)
    kept = once(client_of(request), operation, key, given, run, lambda made: receipt(operation, made, version=1))
    return Status(201, kept)


def _with_parties(run: Callable[..., Dossier]) -> Callable[..., Dossier]:
    """Record the parties first, in the same transaction."""

    def recording(**given: Any) -> Dossier:
        for name in ("applicant", "submitter", "collector"):
            party = given.get(name)
            if isinstance(party, Particulars):
                told = {field.name: getattr(party, field.name) for field in fields(party)}
                given[name] = bare(record_party)(actor=given["actor"], **told)
        return run(**given)

    return recording


def _with_fees(run: Callable[..., Dossier]) -> Callable[..., Dossier]:
    """Write down what is to be paid, and that it was, in the same transaction. At most three statements more."""

    def charging(*, fees: list[dict[str, Any]], paid: str = "", **given: Any) -> Dossier:
        if paid and not fees:
            raise Invalid("Chưa ghi khoản phải thu nào mà đã ghi cách thu.", field="paid")
        made = run(**given)
        if fees:
            lines = list(made.procedure_version.fees.order_by("position"))
            dues = [_due(fee, lines, made, given.get("case")) for fee in fees]
            charge_accepted(actor=given["actor"], dossier=made, dues=dues, pay=paid)
        return made

    return charging


def _due(fee: dict[str, Any], lines: Sequence[FeeLine], made: Dossier, case: Case | None) -> Due:
    """A fee beside what the catalogue says of it. Pure."""
    told, number = dict(fee), fee["line"]
    del told["line"]
    if number is not None:
        found = [line for line in lines if line.pk == number]
        if not found:
            raise Invalid("Dòng phí này không phải của thủ tục.", field="fees")
        # Rows counted by the same unit are tiers of one fee.
        tiers = nearest_fees(lines, case, made.channel, found[0].exempt_group)
        dues = reckon([line for line in tiers if line.per == found[0].per] or found, fee["quantity"])
        by_rule = next((due.by_rule for due in dues if due.fee_line == number), dues[0].by_rule if dues else None)
        return Due(**told, fee_line=number, by_rule=by_rule)
    stated = [due for due in reckon(nearest_fees(lines, case, made.channel)) if due.by_rule is not None]
    if stated and not fee["reason"]:
        raise Invalid("Thủ tục có mức thu: hãy nêu dòng phí («line»), hoặc ghi lý do thu khác.", field="fees")
    return Due(**told)


@router.post(
    "/filings",
    operation_id="submit",
    summary="File a dossier",
    response={201: answers.Done, WRITES: Problem},
)
def submit(request: HttpRequest, body: bodies.Submit, key: Key) -> Status:
    """Nộp hồ sơ: it waits for the desk's check, which has a clock of its own, and counts in no figure of dossiers.

    Duties: postman, receive.
    """
    return _write(request, "submit", body, key, _with_parties(bare(actions.submit)))


@router.post(
    "/dossiers",
    operation_id="receive",
    summary="Receive a dossier",
    response={201: answers.Done, WRITES: Problem},
)
def receive(request: HttpRequest, body: bodies.Receive, key: Key) -> Status:
    """Tiếp nhận at the desk: the code is given; term, calendar and rules are those of the day and stay.

    The duty is asked of the desk that receives; another agency may be competent. May be entered late with a reason and
    a leader's password, within the rules in force. Duties: receive.
    """
    return _write(request, "receive", body, key, _with_fees(_with_parties(bare(actions.receive))))


@router.post(
    "/dossiers/resolved-at-once",
    operation_id="receive_and_resolve",
    summary="Receive and resolve at once",
    response={201: answers.Done, WRITES: Problem},
)
def receive_and_resolve(request: HttpRequest, body: bodies.ReceiveAndResolve, key: Key) -> Status:
    """«Giải quyết và trả ngay»: received, resolved and handed over in one act (certifications, same-day work).

    Duties: handle, receive.
    """
    return _write(
        request, "receive_and_resolve", body, key, _with_fees(_with_parties(bare(actions.receive_and_resolve)))
    )
