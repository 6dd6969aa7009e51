"""How a report moves: a table of acts, each with where it may be done, by which duty, and where it leads. Pure.

The figures are frozen first, then it is written; a leader reads and signs; văn thư numbers and sends. Nothing moves
while it is read: from submission on neither text nor figures can be changed unless it is given back.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from motcua.core.errors import IllegalAct, NotAllowed
from motcua.org.models import Duty
from motcua.reports.models import State
from motcua.reports.types import Type

Who = Literal["keeper", "signer", "clerk"]


@dataclass(frozen=True, slots=True)
class Step:
    """One act. ``to`` None: it stays where it is. ``reason``: something must be said with it."""

    title: str
    froms: frozenset[State]
    to: State | None
    who: Who
    reason: bool = False


STEPS: Mapping[str, Step] = {
    "cut": Step("Chốt số liệu", frozenset({State.PREPARING, State.DRAFT}), State.DRAFT, "keeper"),
    "complete": Step(
        "Chốt số chính thức thay số ước",
        frozenset({State.DRAFT, State.SUBMITTED, State.SIGNED, State.NUMBERED, State.SENT}),
        None,
        "keeper",
    ),
    "write": Step("Viết, sửa lời văn", frozenset({State.PREPARING, State.DRAFT}), None, "keeper"),
    "submit": Step("Trình ký", frozenset({State.DRAFT}), State.SUBMITTED, "keeper"),
    "take_back": Step("Rút lại để sửa", frozenset({State.SUBMITTED}), State.DRAFT, "keeper"),
    "give_back": Step("Chuyển lại để sửa", frozenset({State.SUBMITTED}), State.DRAFT, "signer", reason=True),
    "sign": Step("Ký", frozenset({State.SUBMITTED}), State.SIGNED, "signer"),
    "number": Step("Vào số", frozenset({State.SIGNED}), State.NUMBERED, "clerk"),
    "send": Step("Gửi", frozenset({State.NUMBERED}), State.SENT, "clerk"),
    "cancel": Step(
        "Hủy báo cáo",
        frozenset({State.PREPARING, State.DRAFT, State.SUBMITTED, State.SIGNED}),
        State.CANCELLED,
        "keeper",
        reason=True,
    ),
}
# What only văn thư does, in every type.
CLERKS = frozenset({Duty.CLERK})


def duties(kind: Type, who: Who) -> frozenset[Duty]:
    """The duties that may do an act of a type."""
    return {"keeper": kind.keepers, "signer": kind.signers, "clerk": CLERKS}[who]


def check(verb: str, state: State, kind: Type, held: Collection[Duty]) -> tuple[Step, Duty]:
    """The step and the duty it is done in. :class:`IllegalAct` where the report stands elsewhere, :class:`NotAllowed`
    for who holds none of the duties."""
    step = STEPS[verb]
    if state not in step.froms:
        raise IllegalAct(f"Báo cáo đang ở «{state.label}», không «{step.title}» được.", code="wrong_state")
    wanted = duties(kind, step.who)
    duty = next((each for each in sorted(wanted) if each in held), None)
    if duty is None:
        named = ", ".join(f"«{each.label}»" for each in sorted(wanted))
        raise NotAllowed(f"«{step.title}» là việc của người có nhiệm vụ {named} tại đơn vị báo cáo.")
    return step, duty


def possible(state: State, kind: Type, held: Collection[Duty]) -> list[str]:
    """The acts a person with these duties may do now, in the order of the table."""
    return [verb for verb, step in STEPS.items() if state in step.froms and duties(kind, step.who) & frozenset(held)]


def official(last: dt.date, today: dt.date) -> bool:
    """Whether figures of a window are official: not before its last day. Before it they are an estimate."""
    return today >= last


__all__ = ["CLERKS", "STEPS", "Step", "check", "duties", "official", "possible"]
