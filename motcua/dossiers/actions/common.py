"""What several verbs of a dossier share."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypedDict

from motcua.core.errors import Invalid
from motcua.core.text import clean
from motcua.dossiers.accepting import Terms
from motcua.dossiers.acting import free_text
from motcua.dossiers.models import Component, Dossier, ResultMethod
from motcua.ledger.models import Channel
from motcua.org.models import Unit
from motcua.parties.models import Party
from motcua.procedures.models import Part, PartKind, ProcessStep
from motcua.worktime import queries as worktime_queries
from motcua.worktime import rules as worktime
from motcua.worktime.rules import StartRule, Term, TermUnit

MOST_COPIES = 1000
MOST_PAPERS = 300
_LARGEST_ID = 2**63 - 1


class Paper(TypedDict, total=False):
    """One paper ticked at intake."""

    part: "int | Part | None"  # a loaded part of the very version needs no look
    name: str
    kind: str
    copies: int
    digitised: bool
    reused: bool


_METHODS = frozenset(ResultMethod.values)


def need(text: str, message: str, *, field: str = "reason") -> None:
    if not free_text(text, field=field):
        raise Invalid(message, field=field)


def line(text: str, limit: int, what: str, *, field: str) -> str:
    """One line of typed text as it is kept; Invalid, never cut, when longer than ``limit``. Pure."""
    text = clean(text)
    if len(text) > limit:
        raise Invalid(f"{what} dài quá {limit} ký tự.", field=field, code="too_long")
    return text


def alive(unit: Unit, day: dt.date, *, field: str = "unit") -> None:
    """Refuse a unit that does not exist on a day. No query."""
    if unit.valid_from > day or (unit.valid_to is not None and unit.valid_to < day):
        raise Invalid(f"{unit.name} không tồn tại vào ngày {day:%d/%m/%Y}.", field=field, code="unit_not_alive")


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
    if result_method not in _METHODS:
        raise Invalid("Cách nhận kết quả không có trong danh sách.", field="result_method")
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid("Số bộ hồ sơ phải từ 1 đến 1.000.", field="copies")
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    return {
        "channel": channel,
        "applicant": applicant,
        "submitter": submitter,
        "collector": collector,
        "subject": line(subject, 1000, "Nội dung yêu cầu", field="subject"),
        "copies": copies,
        "result_method": result_method,
        "unit": unit,
        "desk_unit": desk,
        "invented": invented,
    }


def _part_id(part: "int | Part | None") -> int | None:
    return part.pk if isinstance(part, Part) else part


def components(dossier_id: int, papers: Sequence[Paper]) -> list[Component]:
    """The rows of ticked papers; nameless ones are left out. Invalid for a kind or number that cannot be. Pure."""
    for paper in papers:
        if paper.get("kind", PartKind.ANY) not in PartKind.values:
            raise Invalid("Loại bản giấy tờ không có trong danh sách.", field="papers")
        if not 1 <= paper.get("copies", 1) <= MOST_COPIES:
            raise Invalid("Số bản giấy tờ phải từ 1 đến 1.000.", field="papers")
    return [
        Component(
            dossier_id=dossier_id,
            part_id=_part_id(p.get("part")),
            name=line(p.get("name", ""), 1000, "Tên giấy tờ", field="papers"),
            kind=p.get("kind", PartKind.ANY),
            copies=p.get("copies", 1),
            digitised=p.get("digitised", False),
            reused=p.get("reused", False),
        )
        for p in papers
        if clean(p.get("name", ""))
    ]


def write_papers(dossier: Dossier, papers: Sequence[Paper]) -> None:
    """Keep the papers ticked. One statement, two where some are parts of the procedure."""
    if len(papers) > MOST_PAPERS:
        raise Invalid(f"Một lần nhận nhiều nhất {MOST_PAPERS} giấy tờ.", field="papers")
    rows = components(dossier.pk, papers)
    loaded = (p.get("part") for p in papers)
    known = {part.pk for part in loaded if isinstance(part, Part) and part.version_id == dossier.procedure_version_id}
    wanted = {row.part_id for row in rows if row.part_id is not None} - known
    if wanted:
        own = Part.objects.filter(version__procedure=dossier.procedure_version.procedure_id)
        if max(wanted) > _LARGEST_ID or own.filter(pk__in=wanted).count() != len(wanted):
            raise Invalid("Giấy tờ đã chọn không phải thành phần hồ sơ của thủ tục này.", field="papers")
    if rows:
        Component.objects.bulk_create(rows)


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
