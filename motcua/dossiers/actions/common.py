"""What several verbs of a dossier share."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypedDict

from django.db.models import F, Q

from motcua.core.errors import Invalid
from motcua.core.text import clean
from motcua.dossiers.accepting import Terms
from motcua.dossiers.models import Component, Dossier, ResultMethod
from motcua.org.models import Unit
from motcua.parties.models import Party
from motcua.procedures.models import Procedure, ProcessStep
from motcua.worktime import queries as worktime_queries
from motcua.worktime import rules as worktime
from motcua.worktime.rules import StartRule, Term, TermUnit


class Paper(TypedDict, total=False):
    """One paper ticked at intake."""

    part: int | None
    name: str
    kind: str
    copies: int
    digitised: bool
    reused: bool


def need(text: str, message: str, *, field: str = "reason") -> None:
    if not text.strip():
        raise Invalid(message, field=field)
    if len(text) > 4000:
        raise Invalid("Nội dung dài quá 4.000 ký tự.", field=field)


def particulars(
    channel: str,
    applicant: Party,
    submitter: Party | None,
    collector: Party | None,
    subject: str,
    copies: int,
    result_method: str,
    unit: Unit,
    desk: Unit,
    invented: bool,
) -> dict[str, Any]:
    if result_method not in ResultMethod.values:
        raise Invalid("Cách nhận kết quả không có trong danh sách.", field="result_method")
    if not 1 <= copies <= 1000:
        raise Invalid("Số bộ hồ sơ phải từ 1 đến 1.000.", field="copies")
    return {
        "channel": channel,
        "applicant": applicant,
        "submitter": submitter,
        "collector": collector,
        "subject": clean(subject)[:1000],
        "copies": copies,
        "result_method": result_method,
        "unit": unit,
        "desk_unit": desk,
        "invented": invented,
    }


def components(dossier_id: int, papers: Sequence[Paper]) -> list[Component]:
    """The rows of ticked papers; nameless ones are left out. Pure."""
    return [
        Component(
            dossier_id=dossier_id,
            part_id=p.get("part"),
            name=clean(p.get("name", ""))[:1000],
            kind=p.get("kind", "any"),
            copies=p.get("copies", 1),
            digitised=p.get("digitised", False),
            reused=p.get("reused", False),
        )
        for p in papers
        if clean(p.get("name", ""))
    ]


def write_papers(dossier: Dossier, papers: Sequence[Paper]) -> None:
    if rows := components(dossier.pk, papers):
        Component.objects.bulk_create(rows)


def first_step_of(procedure: Procedure, unit: Unit, day: dt.date) -> ProcessStep | None:
    """Where the internal process of a procedure begins at a unit on a day; None where it has none. One statement."""
    return (
        ProcessStep.objects.filter(
            Q(process__valid_to__isnull=True) | Q(process__valid_to__gte=day),
            Q(process__unit=unit) | Q(process__unit__isnull=True),
            process__procedure=procedure,
            process__valid_from__lte=day,
        )
        # The unit's own process before the common one, the latest before the earlier, its first step.
        .order_by(F("process__unit").asc(nulls_last=True), "-process__valid_from", "-process__number", "position")
        .first()
    )


def step_due_at(
    step: ProcessStep | None, terms: Terms | None, at: dt.datetime, dossier: Dossier | None = None
) -> dt.datetime | None:
    """When a step should be done, by the dossier's own calendar."""
    if step is None or step.value is None:
        return None
    version_id = terms.calendar.pk if terms else dossier.calendar_version_id if dossier else None
    if version_id is None:
        return None
    unit = TermUnit(step.unit)
    start = StartRule.NEXT_DAY if unit in (TermUnit.WORKING_DAY, TermUnit.CALENDAR_DAY) else StartRule.IMMEDIATELY
    return worktime.due(worktime_queries.compiled(version_id), Term(step.value, unit, start), at).due_at
