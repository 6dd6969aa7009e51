"""Reading dossiers: the list, one dossier with its story, what was asked of others; and its files."""

import hashlib
from typing import Annotated, Any, BinaryIO, Literal

from django.http import FileResponse, HttpRequest
from ninja import Field, File, Form, Path, Query, Status
from ninja.files import UploadedFile

from motcua.api import answers, bodies
from motcua.api.acts import BASE, READS, WRITES, DossierId, explained
from motcua.api.asking import unit_called
from motcua.api.door import actor_of, client_of, scope_of
from motcua.api.intake import router
from motcua.api.looking import Why, look
from motcua.api.once import Key, answered, bare, once
from motcua.api.problems import Problem
from motcua.core.errors import Invalid, MotcuaError
from motcua.dossiers import files, queries, results, sheets
from motcua.dossiers.models import Attachment, Dossier
from motcua.dossiers.states import State
from motcua.ledger.models import Channel
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.papers.files import ACCEPTED
from motcua.parties.models import What

_SORTS = {
    "due": ("by_due", "pk"),
    "received": ("received_at", "pk"),
    "-received": ("-received_at", "-pk"),
    "code": ("code", "pk"),
    "changed": ("changed_at", "pk"),
}
AttachmentId = Annotated[int, Field(ge=1, le=bodies.LARGEST_ID), Path(description="The file's id.")]
# A default beside constraints of its own: django-ninja wants both in the parameter, not in a Field.
_LONGEST = 250


@router.get(
    "/dossiers",
    operation_id="list_dossiers",
    summary="List dossiers",
    response={200: answers.DossierPage, READS: Problem},
)
def list_dossiers(
    request: HttpRequest,
    text: Annotated[
        str, Query(max_length=_LONGEST, description="Code, your own code, name, identity number or phone.")
    ] = "",
    state: Annotated[
        Literal["", "pending", "waiting"] | State,
        Query(description="A state; «pending» for all that is being worked on, «waiting» where the clock stands."),
    ] = "",
    due: Annotated[
        Literal["", "overdue", "today", "soon", "week"],
        Query(description="By the running deadline; «soon»: by the end of tomorrow, «week»: by Sunday."),
    ] = "",
    channel: Annotated[Literal[""] | Channel, Query(description="How it came in.")] = "",
    procedure: Annotated[str, Query(max_length=_LONGEST, description="Code of the procedure.")] = "",
    unit: Annotated[str, Query(max_length=_LONGEST, description="Code of the competent unit.")] = "",
    holder: Annotated[str, Query(max_length=_LONGEST, description="User name of who holds it.")] = "",
    changed_since: Annotated[
        bodies.Moment | None,
        Query(description="Something was recorded about it at or after this moment; with sort «changed» to keep up."),
    ] = None,
    sort: Annotated[Literal["due", "received", "-received", "code", "changed"], Query(description="Order.")] = "due",
    page: Annotated[int, Query(ge=1, le=100_000, description="From 1.")] = 1,
    size: Annotated[int, Query(ge=1, le=100, description="At most 100.")] = 20,
) -> dict[str, Any]:
    """The dossiers within the client's units, narrowed, sorted and paged. Identity numbers and phones are not shown.

    At most eight SQL statements. Duties: any but admin, hotline, postman.
    """
    for name, value in (("text", text), ("procedure", procedure), ("unit", unit), ("holder", holder)):
        if "\x00" in value:
            raise Invalid("Có ký tự hỏng.", field=name, code="unkeepable")
    scope = scope_of(request)
    person = User.objects.filter(username=holder.strip().lower()).values_list("pk", flat=True).first() if holder else 0
    filters = queries.Filter(
        text=text,
        state=str(getattr(state, "value", state)),
        due=due,
        channel=str(getattr(channel, "value", channel)),
        procedure=procedure,
        holder=person or None,
        unit=unit_called(unit).pk if unit else None,
        changed_since=changed_since,
    )
    rows = queries.listing(scope, filters)
    if holder and not person:
        rows = rows.none()
    total = rows.count()
    start = (page - 1) * size
    # First whose page it is, then the names beside each: else they are read for all that is narrowed down.
    ids = list(rows.order_by(*_SORTS[sort]).values_list("pk", flat=True)[start : start + size]) if start < total else []
    found = {row.pk: row for row in rows.filter(pk__in=ids)} if ids else {}
    return {
        "items": [answers.line(found[pk]) for pk in ids if pk in found],
        "total": total,
        "page": page,
        "size": size,
        "pages": -(-total // size),
    }


@router.get(
    "/dossiers/{dossier_id}",
    operation_id="get_dossier",
    summary="One dossier with its story",
    response={200: answers.DossierSheet, READS: Problem},
)
def get_dossier(request: HttpRequest, dossier_id: DossierId, reason: Why = "") -> dict[str, Any]:
    """How it stands, who is concerned, papers, files, and every act in order; how the due date was counted.

    Each reading is kept on record. At most six SQL statements, and one for that record. Duties: any but admin,
    hotline, postman.
    """
    told = look(request, reason, lambda scope: sheets.story(scope, dossier_id), lambda found: found.dossier, What.API)
    return answers.sheet(told)


@router.get(
    "/dossiers/{dossier_id}/requests",
    operation_id="get_requests",
    summary="What was asked of the applicant and of other agencies",
    response={200: answers.Beside, READS: Problem},
)
def get_requests(request: HttpRequest, dossier_id: DossierId, reason: Why = "") -> dict[str, Any]:
    """Rounds of supplement with their lists, and parts sent to other agencies. Duties: as for the dossier."""
    row = look(request, reason, lambda scope: queries.get(scope, dossier_id), lambda found: found, What.API)
    return {
        "supplements": [
            {
                "number": s.number,
                "intake": s.at_intake,
                "requested_at": s.requested_at,
                "reply_by": s.reply_by,
                "items": s.items,
                "basis": s.basis,
                "answered_at": s.answered_at,
                "voided": s.voided,
            }
            for s in row.supplements.order_by("at_intake", "event_seq")
        ],
        "parts": [
            {
                "id": p.pk,
                "code": p.item.code,
                "unit": answers.unit_name(p.unit),
                "work": p.work,
                "sent_at": p.sent_at,
                "due_at": p.due_at,
                "returned_at": p.returned_at,
            }
            for p in row.parts_sent.select_related("unit", "item").order_by("pk")
        ],
    }


# ---- files -----------------------------------------------------------------------------------------------------------


@router.post(
    "/dossiers/{dossier_id}/attachments",
    operation_id="attach_file",
    summary="Add a file",
    response={201: answers.Attached, WRITES: Problem},
)
def attach_file(
    request: HttpRequest,
    dossier_id: DossierId,
    key: Key,
    file: Annotated[UploadedFile, File(description="PDF, JPEG, PNG, TIFF, .docx or .xlsx, at most 20 MB.")],
    kind: Annotated[Attachment.Kind, Form(description="part, result or evidence.")],
) -> Status:
    """Its type is read from the content, not from its name. One copy of each content is kept.

    Duties: receive, handle, hand_over, head, clerk, digitise, director.
    """
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    given = {
        "actor": actor_of(request),
        "dossier": dossier_id,
        "name": file.name or "tep",
        "kind": kind.value,
        "sha256": digest.hexdigest(),
    }

    # A result's signatures are verified before the transaction: it takes about a second.
    examined = None
    if kind is Attachment.Kind.RESULT and not answered(client_of(request), key):
        examined = results.examined(actor=actor_of(request), dossier=dossier_id, chunks=file.chunks())
        file.seek(0)

    def run(*, sha256: str, **more: Any) -> Attachment:
        made: Attachment = bare(results.keep)(chunks=file.chunks(), examined=examined, **more)
        return made

    def answer(made: Attachment) -> dict[str, Any]:
        return {
            "operation": "attach_file",
            "dossier": dossier_id,
            "attachment": made.pk,
            "name": made.name,
            "kind": made.kind,
            "size": made.blob.size,
            "verdict": examined.verdict if examined else "",
            "sha256": made.blob.sha256,
            "href": f"{BASE}/dossiers/{dossier_id}/attachments/{made.pk}",
        }

    try:
        return Status(201, once(client_of(request), f"attach_file:{dossier_id}", key, given, run, answer))
    except MotcuaError as error:
        raise explained(request, error, dossier_id, None) from error


@router.get(
    "/dossiers/{dossier_id}/attachments/{attachment_id}",
    operation_id="get_file",
    summary="Download a file",
    response={200: None, READS: Problem},
    openapi_extra={
        "responses": {
            200: {
                "description": "The content, of the type it was found to be.",
                "content": {media_type: {"schema": {}} for media_type in ACCEPTED},
            }
        }
    },
)
def get_file(request: HttpRequest, dossier_id: DossierId, attachment_id: AttachmentId, reason: Why = "") -> Any:
    """The content of a file, to whoever may read its dossier. Each reading is kept on record."""

    def read(scope: Scope) -> tuple[Dossier, Attachment, BinaryIO]:
        row = queries.get(scope, dossier_id)
        return row, *files.open_attachment(scope, dossier_id, attachment_id)

    _, found, content = look(request, reason, read, lambda told: told[0], What.FILE)
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=found.blob.media_type)


@router.delete(
    "/dossiers/{dossier_id}/attachments/{attachment_id}",
    operation_id="remove_file",
    summary="Take a file off",
    response={200: answers.Removed, WRITES: Problem},
)
def remove_file(request: HttpRequest, dossier_id: DossierId, attachment_id: AttachmentId, key: Key) -> dict[str, Any]:
    """The record of it stays. A result already handed to the citizen is not taken off. Duties: as for adding."""
    given = {"actor": actor_of(request), "dossier": dossier_id, "attachment": attachment_id}
    operation = f"remove_file:{dossier_id}"
    removed = {"operation": "remove_file", "dossier": dossier_id, "attachment": attachment_id}
    try:
        return once(client_of(request), operation, key, given, bare(files.remove), lambda made: removed)
    except MotcuaError as error:
        raise explained(request, error, dossier_id, None) from error
