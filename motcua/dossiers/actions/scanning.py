"""Quét mã: one scanned receipt is one routine act; and words kept beside a dossier that is due."""

from inspect import unwrap
from typing import Any

from django.db.models import Q

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.verbs import verb
from motcua.dossiers import queries
from motcua.dossiers.acting import Loaded, free_text, read_rows, version_of, write_note
from motcua.dossiers.actions.common import need
from motcua.dossiers.actions.ending import hand_over_result
from motcua.dossiers.actions.working import forward, propose, resolve
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.routine import (
    DAY_NOTES,
    RECIPIENTS,
    SCAN_DUTIES,
    Seen,
    Step,
    beeped_twice,
    next_step,
    recipient,
    scanned_code,
)
from motcua.dossiers.states import PENDING_STATES, VIEW_DUTIES, Act, Outcome, State
from motcua.dossiers.walk import standing
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import Duty, User
from motcua.procedures.models import ProcessStep, StepBranch

LONGEST_SCAN = 400


@verb
def scan(*, actor: User, text: str, duty: str, to: User | None = None) -> Event:
    """Do the next routine act on the dossier whose receipt was scanned; the event it was recorded as.

    ``text`` is what the scanner typed, ``duty`` in which duty the person scans, ``to`` who was chosen beforehand to
    receive what is sent on. Raises NotFound for a code outside the person's units and IllegalAct where the state has
    no routine act for the duty, or a choice is to be made (code ``choice``); nothing is changed then. The act is done
    in this verb's transaction and under its key, not under one of its own.
    """
    if duty not in SCAN_DUTIES:
        raise Invalid("Hãy chọn nhiệm vụ khi quét.", field="duty")
    row = _find(actor, text, Duty(duty))
    loaded = Loaded(row, read_rows([row]).get(row.pk, []))
    _not_twice(loaded, actor)
    step = next_step(_seen(loaded, actor), Duty(duty))
    # What was read is not locked yet: the act itself refuses when somebody else was faster.
    common: dict[str, Any] = {"actor": actor, "dossier": row.pk, "expected": version_of(loaded)}
    if step in (Step.DISPATCH, Step.TAKE):
        following = _following(row)
        holder = actor if step is Step.TAKE else _recipient(row, step, actor, to, following)
        unwrap(forward)(holder=holder, step=following, **common)
    elif step is Step.PROPOSE:
        unwrap(propose)(to=_recipient(row, step, actor, to, None), **common)
    elif step is Step.RESOLVE:
        unwrap(resolve)(**common)
    else:
        unwrap(hand_over_result)(method=row.result_method, **common)
    event = Event.objects.filter(item=row.item).order_by("-seq").first()
    assert event is not None
    return event


def _find(actor: User, text: str, duty: Duty) -> Dossier:
    if len(text) > LONGEST_SCAN:
        raise Invalid("Mã quét được quá dài, không phải mã hồ sơ.", field="text")
    code = scanned_code(text)
    if not code:
        raise Invalid("Không đọc được mã. Hãy quét lại, hoặc gõ mã rồi bấm Enter.", field="text")
    scope = org.scope(actor, duty, clock.today())
    if not scope.unit_ids:
        raise NotAllowed(f"Hôm nay anh/chị không có nhiệm vụ «{duty.label}».")
    wanted = [code, code.upper()]
    found = queries.visible(scope).filter(Q(code__in=wanted) | Q(filing_code__in=wanted)).first()
    if found is None:
        raise NotFound(f"Không có hồ sơ mang mã «{code[:60]}» ở đơn vị anh/chị có nhiệm vụ «{duty.label}».")
    return found


def _not_twice(loaded: Loaded, actor: User) -> None:
    last = loaded.rows[-1] if loaded.rows else None
    now = clock.now()
    if last is None or not beeped_twice(last.entry.at, now):
        return
    # A void or a late entry may come last without being the last that was done.
    event = Event.objects.only("actor", "recorded_at").get(pk=last.event_id)
    if event.actor_id == actor.pk and last.entry.act is not Act.RECEIVE and beeped_twice(event.recorded_at, now):
        raise IllegalAct(
            f"Vừa ghi «{last.entry.act.label}» cho hồ sơ này. Nếu muốn làm bước tiếp theo, quét lại sau mấy giây.",
            code="twice",
        )


def _seen(loaded: Loaded, actor: User) -> Seen:
    row, proposal, parts = loaded.dossier, Outcome.GRANTED, set()
    for entry in standing(loaded.pairs()):
        if entry.act is Act.PROPOSE:
            proposal = Outcome(entry.facts.get("proposal", Outcome.GRANTED))
        elif entry.act is Act.SEND_PART:
            parts.add(entry.facts["part"])
        elif entry.act is Act.PART_RETURNED:
            parts.discard(entry.facts["part"])
    return Seen(
        state=State(row.state),
        mine=row.holder_id == actor.pk,
        held=row.holder_id is not None,
        handed_over=row.handed_over_at is not None,
        owning_system=row.owning_system,
        proposal=proposal,
        parts_open=bool(parts),
        has_collector=row.collector_id is not None,
    )


def _following(row: Dossier) -> ProcessStep | None:
    """The one step after the present one in the internal process; the present one where the work goes on in it.

    None without a process. IllegalAct where the process branches: which way is a person's choice.
    """
    if row.step_id is None:
        return None
    if row.state == State.PROCESSING:
        return ProcessStep.objects.get(pk=row.step_id)
    ways = list(StepBranch.objects.filter(step=row.step_id).select_related("next_step__office").order_by("position"))
    if len(ways) > 1:
        named = "; ".join(w.label or (w.next_step.name if w.next_step else "kết thúc") for w in ways)
        raise IllegalAct(f"Quy trình nội bộ có {len(ways)} hướng đi tiếp ({named}): chọn ở trang hồ sơ.", code="choice")
    return ways[0].next_step if ways else None


def _recipient(row: Dossier, step: Step, actor: User, wanted: User | None, following: ProcessStep | None) -> User:
    duties, units = RECIPIENTS[step], [row.unit_id, row.desk_unit_id, row.holder_unit_id]
    if following is not None and following.duty in duties:
        duties = frozenset({Duty(following.duty)})
        units = [following.office_id] if following.office_id else units
    people = [person for person in queries.handlers(units, duties, clock.today()) if person.pk != actor.pk]
    return recipient(people, wanted, step)


# ---- words beside a dossier that is due ------------------------------------------------------------------------------


@verb
def note_of_day(*, actor: User, dossier: int, kind: str, text: str) -> Note:
    """Keep why a dossier will be late, or what its holder asks a leader for. Moves no date and no account."""
    if kind not in DAY_NOTES:
        raise Invalid("Loại ghi chú không có trong danh sách.", field="kind")
    need(text, f"«{DAY_NOTES[kind]}» phải nêu lý do.", field="text")
    row = Dossier.objects.filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    held_duty(actor, VIEW_DUTIES, covering(row), "Hồ sơ này thuộc đơn vị khác.")
    if row.state not in PENDING_STATES:
        raise IllegalAct("Hồ sơ không còn giải quyết nên không cần ghi lý do chậm.", code="not_pending")
    return write_note(row, kind, free_text(text, field="text"), actor)[0]
