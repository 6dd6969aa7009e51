"""What an act leaves in the books: the facts of its event and the timelines after it. Pure.

Shared by the verbs (through ``acting.perform``) and by ``bulk``, so that both write the same bytes. ``held`` is the
dossier's row as it stood before the act: who held it, where, under which unit.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from motcua.core import clock
from motcua.dossiers.states import INTAKE_STATES, Act, Outcome, State
from motcua.dossiers.walk import Contract, Path, Walk, term_text, text_of, with_successions
from motcua.ledger.rules import Fact
from motcua.worktime.rules import Deadline, StartRule, Term, TermUnit

if TYPE_CHECKING:
    from motcua.dossiers.accepting import Terms

ACCEPTING = (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)
Facts = dict[str, Any]


class Held(Protocol):
    """A dossier's row, as far as the facts of an act speak of it. Ids."""

    holder_id: int | None
    holder_unit_id: int | None
    unit_id: int
    desk_unit_id: int


# ---- the facts of each act -------------------------------------------------------------------------------------------


def intake_term(hours: int) -> Term:
    """The term of the desk's check of an online filing."""
    return Term(hours, TermUnit.WORKING_HOUR, StartRule.IMMEDIATELY)


def filed(*, unit: int, terms: "Terms", channel: str, applicant: list[Any], check: Term) -> Facts:
    return {
        "unit": unit,
        "category": terms.category.pk,
        "channel": channel,
        "pins": {**terms.pins(), "intake_term": term_text(check)},
        "applicant": applicant,
    }


def accepted(
    *,
    unit: int,
    terms: "Terms",
    channel: str,
    applicant: list[Any],
    holder: int,
    holder_unit: int,
    step: int | None,
    step_due: dt.datetime | None,
    outcome: str = "",
) -> Facts:
    facts = {
        "unit": unit,
        "category": terms.category.pk,
        "channel": channel,
        "pins": terms.pins(),
        "applicant": applicant,
        "holder": holder,
        "holder_unit": holder_unit,
        "step": step,
        "step_due": step_due.isoformat() if step_due else None,
    }
    return {**facts, "outcome": outcome} if outcome else facts


def corrected(*, at: dt.datetime, unit: int, terms: "Terms", channel: str, pins: Facts) -> Facts:
    acceptance = {"unit": unit, "category": terms.category.pk, "channel": channel, "pins": pins}
    return {"received_at": at.isoformat(), "acceptance": acceptance}


def forwarded(
    held: Held, *, holder: int | None, holder_unit: int | None, step: int | None, step_due: dt.datetime | None
) -> Facts:
    return {
        "from": held.holder_id,
        "from_unit": held.holder_unit_id,
        "holder": holder,
        "holder_unit": holder_unit or held.holder_unit_id,
        "step": step,
        "step_due": step_due.isoformat() if step_due else None,
    }


def reassigned(held: Held, *, holder: int, step: int | None) -> Facts:
    return {"from": held.holder_id, "holder": holder, "holder_unit": held.holder_unit_id, "step": step}


def transferred(held: Held, *, unit: int) -> Facts:
    return {"unit": unit, "from_unit": held.unit_id}


def part_sent(held: Held, *, number: int, unit: int, term: Term) -> Facts:
    return {"part": number, "to_unit": unit, "holder": held.holder_id, "term": term_text(term)}


def proposed(held: Held, *, to: int, proposal: str) -> Facts:
    return {**sent_back(held, to=to), "proposal": str(proposal)}


def sent_back(held: Held, *, to: int) -> Facts:
    return {"from": held.holder_id, "holder": to, "holder_unit": held.holder_unit_id}


def signed(held: Held, *, to: int | None) -> Facts:
    return {"from": held.holder_id, "holder": to, "holder_unit": held.desk_unit_id}


def apologised(contract: Contract, *, new_appointment: dt.date, grain: str) -> Facts:
    """The new appointment: at the appointment hour, never after closing; as fine as the deadline it stands beside.

    A term in hours, half days or of the same day stays one to the minute, or an apology would give it a whole day.
    """
    closing = dt.time(*divmod(contract.calendar.closing(new_appointment.toordinal()), 60))
    at = clock.local_moment(new_appointment, min(contract.appointment, closing))
    return {"new_appointment": text_of(Deadline(at, "minute" if grain == "minute" else "day"))}


def handed_over(*, method: str, collector: list[Any] | None) -> Facts:
    return {"method": method, "collector": collector} if collector else {"method": method}


# ---- liên thông parts ------------------------------------------------------------------------------------------------


def part_code(code: str, number: int) -> str:
    """The code of a part in its own book."""
    return f"{code}/LT-{number}"


def part_number(code: str) -> int:
    """The reverse of :func:`part_code`."""
    return int(code.rsplit("-", 1)[1])


def part_opened(*, at: dt.datetime, deadline: Deadline, unit: int, category: int, channel: str) -> tuple[Facts, Fact]:
    """The facts of the part's own first event, and what they say to its timeline."""
    facts = {"due": text_of(deadline), "unit": unit, "category": category, "channel": channel}
    return facts, Fact("receive", at, deadline, unit=unit, category=category, channel=channel)


# ---- the event -------------------------------------------------------------------------------------------------------


def goes_to_intake(act: Act, state: State | str | None, *, received: bool) -> bool:
    """Does an act on a dossier in this state belong to the book of filings? Not for voids: they go where the act is.

    ``received``: whether an acceptance stands; one that was voided puts the filing back into its own book.
    """
    return act not in ACCEPTING and (not received or state in INTAKE_STATES)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What is written when an act is recorded. ``mirror``: the verb of the event beside it in the book of filings."""

    facts: Facts
    timeline: list[Fact]
    intake_timeline: list[Fact]
    mirror: str


def draft_event(
    walk: Walk,
    act: Act,
    facts: Facts,
    *,
    in_intake: bool,
    filed_before: bool,
    voids: Act | None,
    note: list[Any] | None,
    mark: str,
    approver: int | None,
    path: Path,
) -> Drafted:
    """The event of an act after which the dossier stands as ``walk`` says; completes ``facts`` in place.

    ``note`` is the id and digest of the free text; ``mark`` says why it is entered late; ``filed_before`` whether the
    dossier came as a filing; ``path`` the successions of its units.
    """
    if note:
        facts["note"] = note
    if mark:
        facts["late_entry"] = mark
    if approver is not None:
        facts["approver"] = approver
    facts["dates"] = walk.dates()
    mirror = ""
    if filed_before and not in_intake and act is Act.CORRECT_ACCEPTANCE:
        mirror = "accept_corrected"  # the filing ends when it was really accepted
    elif filed_before and not in_intake and (act if voids is None else voids) in ACCEPTING:
        mirror = "accept" if voids is None else "accept_voided"
    return Drafted(
        facts=facts,
        timeline=with_successions(walk.facts, path),
        intake_timeline=with_successions(walk.intake_facts, path),
        mirror=mirror,
    )


def mirrored(seq: int, code: str | None) -> Facts:
    """The facts of the event in the book of filings that goes with the event number ``seq`` of a dossier."""
    return {"mirror": True, "event_seq": seq, "dossier": code}


def voided(seq: int, act: Act) -> Facts:
    return {"void_seq": seq, "void_act": act.value}


def resolution(outcome: str | Outcome) -> Facts:
    return {"outcome": str(outcome)}
