"""What the interface answers with. Moments are UTC, ISO 8601; days are days in Viet Nam; codes are stable."""

import datetime as dt
from typing import Any

from ninja import Field, Schema

from motcua.core import clock
from motcua.dossiers import queries, sheets
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import PORTAL_CODES, Act, State, legal_acts
from motcua.org.models import Unit, User
from motcua.parties.models import Party as PartyRow


class UnitName(Schema):
    code: str
    name: str


class PersonName(Schema):
    username: str
    name: str


class ProcedureName(Schema):
    code: str
    name: str


class DossierLine(Schema):
    """A dossier as a list shows it: no identity number, no telephone."""

    id: int
    code: str | None = Field(description="Empty for a filing not accepted yet.")
    filing_code: str | None
    external_code: str
    procedure: ProcedureName
    applicant: str
    unit: UnitName = Field(description="The competent agency.")
    desk_unit: UnitName = Field(description="The place of receipt.")
    holder: PersonName | None
    holder_unit: UnitName | None
    step: str
    channel: str
    state: str
    state_name: str
    portal_code: int = Field(description="The national portal's status, 1 to 10.")
    due_state: str = Field(description="in_time, soon, today, overdue, waiting or ended.")
    remaining_minutes: int | None = Field(description="Working minutes left; negative when overdue.")
    submitted_at: dt.datetime | None
    received_at: dt.datetime | None
    due_at: dt.datetime | None
    due_grain: str = Field(description="day: in time until the end of the due date. minute: to the minute.")
    appointed_at: dt.datetime | None
    regulation_due_at: dt.datetime | None
    waiting_since: dt.datetime | None
    ended_at: dt.datetime | None
    handed_over_at: dt.datetime | None
    outcome: str
    time_class: str = Field(description="early, on_time, late; empty while pending.")


class DossierPage(Schema):
    items: list[DossierLine]
    total: int
    page: int
    size: int
    pages: int


class PartyOut(Schema):
    name: str
    kind: str
    id_kind: str
    id_number: str
    birth_date: dt.date | None
    address: str
    commune: UnitName | None
    phone: str


class TimelineLine(Schema):
    seq: int
    intake: bool = Field(description="An act of the filing, before acceptance; numbered apart.")
    act: str
    act_name: str
    at: dt.datetime
    recorded_at: dt.datetime
    actor: str = Field(description="Empty for the applicant or the machine.")
    duty: str
    to: str
    text: str
    late_entry: str
    voided: bool


class PaperOut(Schema):
    id: int
    name: str
    kind: str
    copies: int
    digitised: bool
    reused: bool


class AttachmentOut(Schema):
    id: int
    name: str
    kind: str
    size: int
    added_at: dt.datetime | None
    added_by: str


class DossierSheet(DossierLine):
    """One dossier, whole."""

    version: int = Field(description="To be sent as «expected» with the next act.")
    acts: list[str] = Field(description="The acts its state admits; duties decide which the client may do.")
    case: str
    subject: str
    copies: int
    result_method: str
    party: PartyOut
    submitter: PartyOut | None
    collector: PartyOut | None
    rounds: int
    apologies: int
    explanation: str = Field(description="How the due date was counted, in Vietnamese.")
    timeline: list[TimelineLine]
    papers: list[PaperOut]
    attachments: list[AttachmentOut]


class Supplement(Schema):
    number: int
    intake: bool
    requested_at: dt.datetime
    reply_by: dt.date | None
    items: list[str]
    basis: str
    answered_at: dt.datetime | None
    voided: bool


class PartSent(Schema):
    id: int
    code: str
    unit: UnitName
    work: str
    sent_at: dt.datetime
    due_at: dt.datetime
    returned_at: dt.datetime | None


class Beside(Schema):
    """What was asked of the applicant and of other agencies."""

    supplements: list[Supplement]
    parts: list[PartSent]


class Done(Schema):
    """A receipt for an act: how the dossier stands right after it. Sent again, the same."""

    operation: str
    dossier: int
    code: str | None
    filing_code: str | None
    version: int
    state: str
    state_name: str
    received_at: dt.datetime | None
    due_at: dt.datetime | None
    due_grain: str
    appointed_at: dt.datetime | None
    ended_at: dt.datetime | None
    outcome: str
    time_class: str
    href: str


class Attached(Schema):
    """A receipt for a file."""

    operation: str
    dossier: int
    attachment: int
    name: str
    kind: str
    size: int
    sha256: str
    verdict: str = Field(
        description="Of the signatures of a result in PDF: valid, unknown, invalid, unsigned; else empty."
    )
    href: str


class Removed(Schema):
    operation: str
    dossier: int
    attachment: int


# ---- from rows -------------------------------------------------------------------------------------------------------


def unit_name(unit: Unit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def person_name(user: User) -> dict[str, str]:
    return {"username": user.username, "name": user.full_name}


def line(row: Dossier) -> dict[str, Any]:
    """:class:`DossierLine`; no query once its calendar is compiled."""
    now = clock.now()
    version = row.procedure_version
    return {
        "id": row.pk,
        "code": row.code,
        "filing_code": row.filing_code,
        "external_code": row.external_code,
        "procedure": {"code": version.procedure.code, "name": version.name},
        "applicant": row.applicant.name,
        "unit": unit_name(row.unit),
        "desk_unit": unit_name(row.desk_unit),
        "holder": person_name(row.holder) if row.holder else None,
        "holder_unit": unit_name(row.holder_unit) if row.holder_unit else None,
        "step": row.step.name if row.step else "",
        "channel": row.channel,
        "state": row.state,
        "state_name": State(row.state).label,
        "portal_code": PORTAL_CODES[State(row.state)],
        "due_state": queries.due_state(row, now),
        "remaining_minutes": queries.remaining(row, now),
        **{name: getattr(row, name) for name in _PLAIN},
    }


_PLAIN = (
    "submitted_at",
    "received_at",
    "due_at",
    "due_grain",
    "appointed_at",
    "regulation_due_at",
    "waiting_since",
    "ended_at",
    "handed_over_at",
    "outcome",
    "time_class",
)


def sheet(found: sheets.Sheet) -> dict[str, Any]:
    """:class:`DossierSheet`; no query."""
    row = found.dossier
    return {
        **line(row),
        "version": found.version,
        "acts": [act.value for act in legal_acts(State(row.state)) if act is not Act.REASSIGN],
        "case": row.case.name if row.case else "",
        "subject": row.subject,
        "copies": row.copies,
        "result_method": row.result_method,
        "party": _party(row.applicant),
        "submitter": _party(row.submitter) if row.submitter else None,
        "collector": _party(row.collector) if row.collector else None,
        "rounds": row.rounds,
        "apologies": row.apologies,
        "explanation": found.explanation,
        "timeline": [_timeline(entry) for entry in found.lines],
        "papers": [
            {
                "id": p.pk,
                "name": p.name,
                "kind": p.kind,
                "copies": p.copies,
                "digitised": p.digitised,
                "reused": p.reused,
            }
            for p in found.components
        ],
        "attachments": [
            {
                "id": p.pk,
                "name": p.name,
                "kind": p.kind,
                "size": p.size,
                "added_at": p.added_at,
                "added_by": p.added_by,
            }
            for p in found.attachments
        ],
    }


def _party(party: PartyRow) -> dict[str, Any]:
    return {
        "commune": unit_name(party.commune) if party.commune else None,
        **{
            name: getattr(party, name)
            for name in ("name", "kind", "id_kind", "id_number", "birth_date", "address", "phone")
        },
    }


def _timeline(entry: sheets.Line) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "intake": entry.intake,
        "act": entry.act.value,
        "act_name": entry.act.label,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "actor": str(entry.actor) if entry.actor else "",
        "duty": entry.duty,
        "to": entry.to,
        "text": entry.text,
        "late_entry": entry.late_entry,
        "voided": entry.voided,
    }


def done(operation: str, row: Dossier, version: int, href: str) -> dict[str, Any]:
    """:class:`Done`, as it is kept: plain JSON."""
    made = Done(
        operation=operation,
        dossier=row.pk,
        code=row.code,
        filing_code=row.filing_code,
        version=version,
        state=row.state,
        state_name=State(row.state).label,
        received_at=row.received_at,
        due_at=row.due_at,
        due_grain=row.due_grain,
        appointed_at=row.appointed_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        time_class=row.time_class,
        href=href,
    )
    return made.model_dump(mode="json")
