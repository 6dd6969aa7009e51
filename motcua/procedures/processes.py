"""Internal processes: how a unit resolves a procedure, step by step, by a decision of its own."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max

from motcua.core import clock, text
from motcua.core.errors import Invalid
from motcua.core.verbs import verb
from motcua.org.models import Duty, Unit, UnitKind, User
from motcua.procedures import flow
from motcua.procedures.adopting import require_keeper
from motcua.procedures.checks import among
from motcua.procedures.models import Procedure, Process, ProcessStep, StepBranch
from motcua.worktime.rules import StartRule, Term, TermUnit


@verb
def define_process(
    *,
    procedure: Procedure,
    steps: Sequence[flow.Step],
    valid_from: dt.date,
    decision: str,
    decision_date: dt.date | None = None,
    valid_to: dt.date | None = None,
    unit: Unit | None = None,
    actor: User | None = None,
) -> Process:
    """A new version of the internal process, of one unit or (``unit=None``) of all, used from a day.

    Refused (:class:`Invalid`) where it cannot be walked: a branch to nowhere, a step that never ends. Unreachable
    steps, loops and steps that add up beyond the term are allowed: ``flow.warnings`` or ``queries.process_warnings``
    say so. Dossiers under way keep the process they began with.
    """
    require_keeper(actor, unit, clock.today())
    if problems := flow.mistakes(steps) + [p for i, s in enumerate(steps, 1) for p in _wrong(i, s)]:
        raise Invalid(" ".join(problems), code="process_unusable", field="steps")
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("Ngày dùng cuối cùng phải từ ngày bắt đầu dùng trở đi.", field="valid_to")
    said = text.clean(decision)
    if not said or len(said) > 200:
        raise Invalid("Phải ghi quyết định phê duyệt quy trình (nhiều nhất 200 ký tự).", field="decision")
    Procedure.objects.select_for_update().get(pk=procedure.pk)
    mine = Process.objects.filter(procedure=procedure, unit=unit)
    process = Process.objects.create(
        procedure=procedure,
        unit=unit,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1,
        decision=said,
        decision_date=decision_date,
        valid_from=valid_from,
        valid_to=valid_to,
        created_at=clock.now(),
        created_by=actor,
    )
    rows = ProcessStep.objects.bulk_create(
        [
            ProcessStep(
                process=process,
                position=position,
                name=text.clean(step.name),
                duty=step.duty,
                unit_kind=step.unit_kind,
                office_id=step.office_id,
                value=step.value,
                unit=step.unit,
                result=text.clean(step.result),
            )
            for position, step in enumerate(steps, start=1)
        ]
    )
    StepBranch.objects.bulk_create(
        [
            StepBranch(
                process=process,
                step=row,
                next_step=rows[branch.to - 1] if branch.to is not None else None,
                label=text.clean(branch.label),
                position=position,
            )
            for row, out in zip(rows, flow.branches(steps), strict=True)
            for position, branch in enumerate(out, start=1)
        ]
    )
    process.sealed = True
    process.save(update_fields=["sealed"])
    return process


def _wrong(position: int, step: flow.Step) -> list[str]:
    """What the books cannot hold of one step, in words."""
    found = []
    try:
        among("duty", [step.duty], Duty)
        among("unit_kind", [step.unit_kind] if step.unit_kind else [], UnitKind)
    except Invalid as error:
        found.append(f"Bước {position}: {error.message}")
    if (step.value is None) != (not step.unit):
        found.append(f"Bước {position}: thời hạn phải có cả số và đơn vị tính.")
    elif step.value is not None:
        try:
            Term(step.value, TermUnit(step.unit), StartRule.IMMEDIATELY)
            if step.value <= 0:
                found.append(f"Bước {position}: thời hạn phải lớn hơn 0.")
        except (Invalid, ValueError) as error:
            found.append(f"Bước {position}: {getattr(error, 'message', 'đơn vị tính không có')}")
    if len(step.name) > 200 or len(step.result) > 300 or any(len(b.label) > 200 for b in step.branches):
        found.append(f"Bước {position}: tên, sản phẩm hoặc điều kiện quá dài.")
    return found
