"""One operation for each act on a dossier: a table of bodies, verbs and words, as the desk has one of forms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Router

from motcua.api import answers, bodies
from motcua.api.asking import Asked
from motcua.api.door import actor_of, client_of
from motcua.api.once import Key, bare, once
from motcua.api.problems import Problem
from motcua.core import clock
from motcua.core.errors import Conflict, MotcuaError, NotFound
from motcua.dossiers import actions, queries, sheets
from motcua.dossiers.acting import read_rows
from motcua.dossiers.models import Dossier, DossierPart
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, VIEW_DUTIES, Act
from motcua.org import queries as org
from motcua.org.models import Duty

BASE = "/api/v1"
READS = frozenset({401, 403, 404, 422, 429, 500})
WRITES = frozenset({400, 401, 403, 404, 409, 413, 415, 422, 429, 500})
DossierId = Annotated[int, Field(ge=1, le=bodies.LARGEST_ID), Path(description="The dossier's id.")]

router = Router(tags=["Acts"])


@dataclass(frozen=True)
class Spec:
    """An operation: its address, verb and body, and in which duties the people it names must stand."""

    name: str
    act: Act
    verb: Callable[..., Any]
    body: type[bodies.Body]
    summary: str
    description: str
    people: frozenset[Duty] = frozenset()
    subject: str = "dossier"


_LATE = " May be entered late with a reason and a leader's password, within the rules in force."
_HANDLERS = DUTIES[Act.PROPOSE]
SPECS = (
    Spec(
        "accept_filing",
        Act.RECEIVE,
        actions.receive,
        bodies.AcceptFiling,
        "Accept a filing",
        "Tiếp nhận what was filed online: its code is given, and term, calendar and rules are fixed. The check of the "
        "filing ends, the dossier opens.",
        _HANDLERS,
        "filing",
    ),
    Spec(
        "accept_and_resolve_filing",
        Act.RECEIVE_AND_RESOLVE,
        actions.receive_and_resolve,
        bodies.ActBody,
        "Accept and resolve a filing at once",
        "«Giải quyết và trả ngay» of a filing: received, resolved and handed over in one act.",
        subject="filing",
    ),
    Spec(
        "refuse_intake",
        Act.REFUSE_INTAKE,
        actions.refuse_intake,
        bodies.ReasonBody,
        "Refuse a filing",
        "Từ chối tiếp nhận, with the reason the applicant will read.",
    ),
    Spec(
        "request_supplement",
        Act.REQUEST_SUPPLEMENT,
        actions.request_supplement,
        bodies.Supplement,
        "Ask for a supplement",
        "Yêu cầu bổ sung: everything in one go. The clock stops. Past the rule set's limit of rounds a legal basis is "
        "needed." + _LATE,
    ),
    Spec(
        "supplement_received",
        Act.SUPPLEMENT_RECEIVED,
        actions.supplement_received,
        bodies.SupplementReceived,
        "Take in the supplement",
        "Nhận bổ sung: the clock goes on, or starts anew, by the rules of the acceptance." + _LATE,
    ),
    Spec(
        "pause",
        Act.PAUSE,
        actions.pause,
        bodies.Pause,
        "Pause",
        "Tạm dừng for a reason of the list; only some of them stop the citizen's clock." + _LATE,
    ),
    Spec(
        "resume",
        Act.RESUME,
        actions.resume,
        bodies.LateNoteBody,
        "Go on after a pause",
        "Tiếp tục giải quyết." + _LATE,
    ),
    Spec(
        "forward",
        Act.FORWARD,
        actions.forward,
        bodies.Forward,
        "Forward to the next holder",
        "Chuyển bước to a colleague or a unit; due dates stay.",
        _HANDLERS | DUTIES[Act.RESOLVE] | LEADER_DUTIES,
    ),
    Spec(
        "transfer",
        Act.TRANSFER,
        actions.transfer,
        bodies.Transfer,
        "Transfer to another agency",
        "Chuyển đơn vị khác giải quyết: the other unit answers for it from now on; code and due date stay. It "
        "must have the procedure in use.",
    ),
    Spec(
        "send_part",
        Act.SEND_PART,
        actions.send_part,
        bodies.SendPart,
        "Send a part to another agency",
        "Gửi phần việc liên thông, with a term of its own; the dossier's clock goes on.",
    ),
    Spec(
        "part_returned",
        Act.PART_RETURNED,
        actions.part_returned,
        bodies.PartReturned,
        "Take in the other agency's answer",
        "Nhận kết quả liên thông: the part ends with its own time class.",
    ),
    Spec(
        "propose",
        Act.PROPOSE,
        actions.propose,
        bodies.Propose,
        "Submit for signature",
        "Trình duyệt to a leader; a proposal to refuse needs its reason.",
        LEADER_DUTIES,
    ),
    Spec(
        "return_for_correction",
        Act.RETURN_FOR_CORRECTION,
        actions.return_for_correction,
        bodies.SendBack,
        "Send back to a colleague",
        "Chuyển lại để sửa; not to be mistaken for returning the dossier to the citizen.",
        _HANDLERS,
    ),
    Spec(
        "approve",
        Act.APPROVE,
        actions.approve,
        bodies.Approve,
        "Approve",
        "Duyệt, ký. The clock runs on until the result is at the one-stop desk.",
        DUTIES[Act.RESOLVE],
    ),
    Spec(
        "resolve",
        Act.RESOLVE,
        actions.resolve,
        bodies.Resolve,
        "The result is at the desk",
        "Kết quả về một cửa: the clock ends here. A refusal needs its reason." + _LATE,
    ),
    Spec(
        "return_dossier",
        Act.RETURN_DOSSIER,
        actions.return_dossier,
        bodies.LateReasonBody,
        "Return unresolved",
        "Trả lại hồ sơ to the citizen, unresolved; the time class is kept." + _LATE,
    ),
    Spec(
        "withdraw",
        Act.WITHDRAW,
        actions.withdraw,
        bodies.LateReasonBody,
        "Withdraw",
        "Rút hồ sơ at the applicant's wish, before a decision is signed." + _LATE,
    ),
    Spec(
        "stop",
        Act.STOP,
        actions.stop,
        bodies.LateReasonBody,
        "Stop",
        "Dừng giải quyết: no decision; the time class is kept." + _LATE,
    ),
    Spec(
        "apologise",
        Act.APOLOGISE,
        actions.apologise,
        bodies.Apologise,
        "Apologise and appoint anew",
        "Xin lỗi, hẹn lại ngày trả: moves the appointment, never the due date itself.",
    ),
    Spec(
        "move_due",
        Act.MOVE_DUE,
        actions.move_due,
        bodies.MoveDue,
        "Extend by a decision",
        "Gia hạn by so many working days (storm, system down). Statements say how many.",
    ),
    Spec(
        "reclassify",
        Act.RECLASSIFY,
        actions.reclassify,
        bodies.Reclassify,
        "Change the channel",
        "Đổi hình thức nộp from today on; an error of the acceptance is corrected instead.",
    ),
    Spec(
        "hand_over_result",
        Act.HAND_OVER,
        actions.hand_over_result,
        bodies.HandOver,
        "Hand over the result",
        "Trả kết quả at the counter, by post, at home or online. Moves no account.",
    ),
    Spec(
        "correct_acceptance",
        Act.CORRECT_ACCEPTANCE,
        actions.correct_acceptance,
        bodies.Correct,
        "Correct the acceptance",
        "Sửa tiếp nhận: recomputed by the rules of its day; every figure moves on its original day. With a leader's "
        "password.",
    ),
    Spec(
        "void_event",
        Act.VOID,
        actions.void_event,
        bodies.Void,
        "Take an act back",
        "Hủy việc đã ghi on which nothing later depends. With a leader's password.",
    ),
)


def perform(request: HttpRequest, spec: Spec, dossier_id: int, body: bodies.Body, key: str) -> dict[str, Any]:
    """Carry out one act for the client; the receipt. A refusal tells nothing of dossiers the client may not see."""
    given: dict[str, Any] = {"actor": actor_of(request)}
    try:
        asked = Asked(request, people=spec.people, dossier=dossier_id)
        given |= asked.arguments(body)
        if spec.act is not Act.PART_RETURNED:  # whose subject is the part
            given[spec.subject] = dossier_id
        return once(
            client_of(request),
            f"{spec.name}:{dossier_id}",
            key,
            given,
            bare(spec.verb),
            lambda made: receipt(spec.name, _of(made, dossier_id)),
        )
    except MotcuaError as error:
        raise explained(request, error, dossier_id, getattr(body, "expected", None)) from error


def _of(made: Any, dossier_id: int) -> Dossier:
    """The dossier acted on; a part of another one takes everything back (NotFound)."""
    row = made.dossier if isinstance(made, DossierPart) else made
    assert isinstance(row, Dossier)
    if row.pk != dossier_id:
        raise NotFound("Không có phần việc liên thông này.", field="part")
    return row


def receipt(operation: str, row: Dossier, version: int | None = None) -> dict[str, Any]:
    """How a dossier stands after an act, as it is kept. One statement where its version is not known."""
    if version is None:
        version = len(read_rows([row]).get(row.pk, []))
    return answers.done(operation, row, version, f"{BASE}/dossiers/{row.pk}")


def explained(request: HttpRequest, error: MotcuaError, dossier_id: int, expected: int | None) -> MotcuaError:
    """The refusal as the client may hear it: NotFound for what it may not see; with «stale», what has changed since."""
    if isinstance(error, Conflict) and error.code == "request_key_reused":
        return error
    scope = org.scope(actor_of(request), VIEW_DUTIES, clock.today())
    if error.code == "stale" and expected is not None:
        story = sheets.story(scope, dossier_id)  # NotFound outside the scope
        lines = sorted(story.lines, key=lambda line: line.recorded_at)[min(expected, story.version) - story.version :]
        error.api_details = {  # type: ignore[attr-defined]
            "version": story.version,
            "since": [
                {
                    "seq": line.seq,
                    "act": line.act.value,
                    "at": line.at.isoformat(),
                    "actor": str(line.actor) if line.actor else "",
                }
                for line in lines
            ],
        }
    elif not queries.visible(scope).filter(pk=dossier_id).exists():
        return NotFound("Không có hồ sơ này, hoặc hồ sơ thuộc đơn vị khác.")
    return error


def _register(spec: Spec) -> None:
    def view(request: HttpRequest, dossier_id: DossierId, body: Any, key: Key) -> dict[str, Any]:
        return perform(request, spec, dossier_id, body, key)

    view.__name__ = spec.name
    view.__annotations__["body"] = spec.body
    duties = ", ".join(sorted(duty.value for duty in DUTIES[spec.act]))
    router.post(
        f"/dossiers/{{dossier_id}}/{spec.name.replace('_', '-')}",
        operation_id=spec.name,
        summary=spec.summary,
        description=f"{spec.description}\n\nDuties: {duties}.",
        response={200: answers.Done, WRITES: Problem},
    )(view)


for _spec in SPECS:
    _register(_spec)
