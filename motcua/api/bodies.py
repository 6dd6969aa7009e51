"""What writing requests bring: one body for each kind of act. Unknown fields are refused, so that a slip is noticed."""

import datetime as dt
import re
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, StrictBool, StrictInt

from motcua.dossiers.counter_models import PayMethod
from motcua.dossiers.models import ResultMethod
from motcua.dossiers.states import Outcome, PauseReason
from motcua.ledger.models import Channel
from motcua.parties.models import IdKind, PartyKind
from motcua.procedures.models import PartKind

LARGEST_ID = 2**63 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?")


def _sound(value: str) -> str:
    """Text that every database keeps: no NUL, no half of a surrogate pair."""
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("Có ký tự hỏng, không lưu được.")
    return value


def _written(pattern: re.Pattern[str], sample: str) -> Any:
    """Dates as text only: pydantic would also take 0 for 1970."""

    def check(value: Any) -> Any:
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise ValueError(f"Viết như {sample}.")
        return value

    return check


def _plausible(value: Any) -> Any:
    if value is not None and not 1900 <= value.year <= 2100:
        raise ValueError(f"Năm {value.year} chưa đúng: cần từ 1900 đến 2100.")
    return value


Sound = AfterValidator(_sound)
Day = Annotated[dt.date, BeforeValidator(_written(_DAY, "2026-03-02")), AfterValidator(_plausible)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_written(_MOMENT, "2026-03-02T09:30:00+07:00")), AfterValidator(_plausible)
]
Id = Annotated[StrictInt, Field(ge=1, le=LARGEST_ID)]
UnitCode = Annotated[
    str, Field(min_length=1, max_length=35, description="Code or short code of a unit alive today."), Sound
]
Username = Annotated[str, Field(min_length=1, max_length=60, description="User name of an official."), Sound]
Note = Annotated[str, Field(max_length=4000), Sound]
Reason = Annotated[str, Field(min_length=1, max_length=4000), Sound]


class Body(Schema):
    model_config = ConfigDict(extra="forbid")


class ActBody(Body):
    """What every act on a dossier may bring."""

    expected: StrictInt | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="The dossier's version when it was read; refused (409 «stale») if somebody has acted since.",
    )


class Approver(Body):
    """The second person, by their own password, typed on the spot; wrong ones count towards the lock-out."""

    username: Username
    password: Annotated[str, Field(min_length=1, max_length=256, json_schema_extra={"format": "password"}), Sound]


class LateBody(ActBody):
    """An act that may be entered late: with a reason and a leader's word, within the rules in force."""

    occurred_at: Moment | None = Field(None, description="When it was done; default now. Never in the future.")
    approver: Approver | None = None


class ReasonBody(ActBody):
    reason: Reason


class LateReasonBody(LateBody):
    reason: Reason


class LateNoteBody(LateBody):
    reason: Note = Field("", description="Needed when entered late.")


class Party(Body):
    """A person or organisation. The same identity number is the same party, brought up to date."""

    name: Annotated[str, Field(min_length=1, max_length=250), Sound]
    kind: PartyKind = Field(PartyKind.PERSON, description="person, enterprise, agency or organisation.")
    id_kind: IdKind | None = Field(None, description="Default: cccd, for an enterprise tax.")
    id_number: Annotated[str, Field(max_length=30), Sound] = ""
    birth_date: Day | None = None
    address: Annotated[str, Field(max_length=300), Sound] = ""
    commune: UnitCode | None = Field(None, description="Where the party lives: decides which successor gets the work.")
    phone: Annotated[str, Field(max_length=20), Sound] = ""


class Paper(Body):
    """One paper handed in."""

    part: Id | None = Field(None, description="The row of the procedure's list it answers (see the procedure).")
    name: Annotated[str, Field(min_length=1, max_length=1000), Sound]
    kind: PartKind = PartKind.ANY
    copies: StrictInt = Field(1, ge=1, le=1000)
    digitised: StrictBool = False
    reused: StrictBool = Field(False, description="Taken from data the State has already.")


class Fee(Body):
    """One thing to pay, in whole đồng. Other than the catalogue's amount, or for a group, only with a reason."""

    name: Annotated[str, Field(min_length=1, max_length=300), Sound] = "Phí, lệ phí"
    line: Id | None = Field(None, description="The row of the procedure's fees it is (see the procedure).")
    amount: StrictInt = Field(ge=0, le=1_000_000_000_000)
    quantity: StrictInt = Field(1, ge=1, le=100_000, description="Pages, copies …: what the row counts by.")
    exempt_group: Annotated[str, Field(max_length=120), Sound] = Field("", description="The group claimed.")
    reason: Annotated[str, Field(max_length=300), Sound] = Field(
        "", description="The paper that proves a group or another amount."
    )


Fees = Annotated[list[Fee], Field(max_length=50)]
Papers = Annotated[list[Paper], Field(max_length=300)]


class NewDossier(Body):
    """What every way of coming in needs."""

    procedure: Annotated[
        str, Field(min_length=1, max_length=40, description="Code of a procedure in use there."), Sound
    ]
    unit: UnitCode = Field(description="The competent agency.")
    applicant: Party
    case: Id | None = Field(None, description="The case, where the procedure has cases.")
    subject: Annotated[str, Field(max_length=1000), Sound] = ""
    papers: Papers = []


class Submit(NewDossier):
    """A filing: it waits for the desk's check and counts in no figure of dossiers."""

    desk_unit: UnitCode | None = Field(None, description="Where it is checked; default the agency itself.")
    channel: Channel = Channel.ONLINE
    submitter: Party | None = Field(None, description="Who files, where it is not the applicant.")
    result_method: ResultMethod = ResultMethod.ONLINE


class Receive(NewDossier):
    """An acceptance."""

    desk_unit: UnitCode | None = Field(None, description="The place of receipt; default the agency itself.")
    channel: Channel = Channel.DIRECT
    submitter: Party | None = None
    collector: Party | None = Field(None, description="Who may collect the result.")
    copies: StrictInt = Field(1, ge=1, le=1000)
    result_method: ResultMethod = ResultMethod.COUNTER
    holder: Username | None = Field(None, description="Who gets it next; default the client's own account.")
    external_code: Annotated[str, Field(max_length=80), Sound] = Field("", description="Its code in your system.")
    fees: Fees = Field([], description="What is to be paid. Duties: receive, cashier.")
    paid: PayMethod | None = Field(None, description="All of it was collected so: a receipt is numbered.")
    occurred_at: Moment | None = None
    reason: Note = ""
    approver: Approver | None = None


class ReceiveAndResolve(NewDossier):
    """Received, resolved and handed over in one act."""

    channel: Channel = Channel.DIRECT
    copies: StrictInt = Field(1, ge=1, le=1000)
    fees: Fees = Field([], description="What is to be paid. Duties: receive, cashier.")
    paid: PayMethod | None = Field(None, description="All of it was collected so: a receipt is numbered.")
    occurred_at: Moment | None = None
    reason: Note = ""
    approver: Approver | None = None


# ---- acts on a dossier -----------------------------------------------------------------------------------------------


class AcceptFiling(ActBody):
    holder: Username | None = None


class Supplement(LateBody):
    items: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=500), Sound]], Field(min_length=1, max_length=300)
    ]
    reason: Reason
    basis: Annotated[str, Field(max_length=300), Sound] = Field("", description="Needed past the limit of rounds.")


class SupplementReceived(LateNoteBody):
    papers: Papers = []


class Pause(LateBody):
    why: PauseReason
    reason: Reason


class Forward(ActBody):
    holder: Username | None = Field(None, description="The next holder; this or a unit is needed.")
    holder_unit: UnitCode | None = None
    note: Note = ""


class Transfer(ActBody):
    unit: UnitCode
    reason: Reason


class SendPart(ActBody):
    unit: UnitCode
    work: Annotated[str, Field(min_length=1, max_length=300), Sound]
    working_days: StrictInt = Field(ge=1, le=100)
    note: Note = ""


class PartReturned(ActBody):
    part: Id = Field(description="Which part (see GET …/parts).")
    note: Note = ""


class Propose(ActBody):
    to: Username
    proposal: Outcome = Field(Outcome.GRANTED, description="granted or refused.")
    note: Note = ""


class SendBack(ActBody):
    to: Username
    reason: Reason


class Approve(ActBody):
    to: Username | None = None
    note: Note = ""


class Resolve(LateBody):
    outcome: Outcome = Field(Outcome.GRANTED, description="granted or refused.")
    reason: Note = ""


class Apologise(ActBody):
    new_appointment: Day
    reason: Reason


class MoveDue(ActBody):
    days: StrictInt = Field(ge=1, le=200, description="Working days.")
    decision: Annotated[str, Field(min_length=1, max_length=200), Sound]
    reason: Reason


class Reclassify(ActBody):
    channel: Channel
    reason: Reason


class HandOver(ActBody):
    method: ResultMethod = ResultMethod.COUNTER
    collector: Party | None = None
    note: Note = ""


class Correct(ActBody):
    """What is left out stays as it was."""

    procedure: Annotated[str, Field(min_length=1, max_length=40), Sound] | None = None
    case: Id | None = None
    channel: Channel | None = None
    unit: UnitCode | None = None
    received_at: Moment | None = None
    reason: Reason
    approver: Approver


class Void(ActBody):
    seq: StrictInt = Field(ge=1, le=1_000_000, description="The number of the act in the timeline.")
    intake: StrictBool = Field(False, description="The number is one of the filing's own acts.")
    reason: Reason
    approver: Approver
