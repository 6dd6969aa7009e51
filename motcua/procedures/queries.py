"""What can be asked of the catalogue; each in a constant number of SQL statements, said in its docstring."""

import datetime as dt
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from motcua.core import text
from motcua.core.errors import NotAllowed, NotFound
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import Scope, alive_on, among
from motcua.procedures import catalogue, flow, matching
from motcua.procedures.choices import Competence, PartRole, ServiceLevel, Stated
from motcua.procedures.drafts import Draft, TermDraft, term_of
from motcua.procedures.models import (
    Adoption,
    Case,
    FeeLine,
    Part,
    Procedure,
    ProcedureVersion,
    Process,
    ProcessStep,
    StepBranch,
    Synonym,
    TermLine,
)
from motcua.worktime.rules import USUAL_START, Term, TermUnit

L = TypeVar("L", TermLine, FeeLine)


# ---- versions -------------------------------------------------------------------------------------------------------
def in_force(code: str, day: dt.date) -> ProcedureVersion:
    """The version of a procedure that is used on a day; one statement, two where there is none.

    The latest ``valid_from`` not after the day, and of those the highest number. Raises :class:`NotFound` saying
    whether the code is unknown, not yet used, ended or abolished by then.
    """
    found = (
        ProcedureVersion.objects.filter(procedure__code=code, valid_from__lte=day, sealed=True)
        .select_related("procedure")
        .order_by("-valid_from", "-number")
        .first()
    )
    if found is None:
        first = ProcedureVersion.objects.filter(procedure__code=code, sealed=True).order_by("valid_from").first()
        if first is None:
            raise NotFound(f"Không có thủ tục nào mang mã «{code}».", code="procedure_unknown", field="procedure")
        raise NotFound(
            f"Thủ tục {code} chỉ được dùng từ {first.valid_from:%d/%m/%Y}, chưa có vào ngày {day:%d/%m/%Y}.",
            code="procedure_not_yet",
            field="procedure",
        )
    require_usable(found, day)
    return found


def require_usable(version: ProcedureVersion, day: dt.date) -> None:
    """Refuse (:class:`NotFound`) a version that records an abolition or has ended by ``day``."""
    code = version.procedure.code
    if version.abolished:
        raise NotFound(
            f"Thủ tục {code} đã bãi bỏ từ {version.valid_from:%d/%m/%Y}.", code="procedure_abolished", field="procedure"
        )
    if version.valid_to is not None and version.valid_to < day:
        raise NotFound(
            f"Thủ tục {code} chỉ dùng đến hết {version.valid_to:%d/%m/%Y}.", code="procedure_ended", field="procedure"
        )


def in_force_id(day: dt.date, procedure: str) -> Subquery:
    return Subquery(
        ProcedureVersion.objects.filter(procedure=OuterRef(procedure), valid_from__lte=day, sealed=True)
        .order_by("-valid_from", "-number")
        .values("pk")[:1]
    )


def versions(code: str) -> list[ProcedureVersion]:
    """All versions of a procedure, newest first. One statement."""
    rows = ProcedureVersion.objects.filter(procedure__code=code, sealed=True)
    return list(rows.select_related("procedure", "created_by").order_by("-valid_from", "-number"))


@functools.lru_cache(maxsize=256)
def contents(version_ids: tuple[int, ...]) -> dict[int, Draft]:
    """What sealed versions say, by version id. Five statements the first time, then none: they never change."""
    return catalogue.load(list(ProcedureVersion.objects.filter(pk__in=version_ids, sealed=True)))


# ---- adoption -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Adopted:
    """A procedure a unit uses on a day, in the version that counts there."""

    adoption: Adoption
    version: ProcedureVersion

    @property
    def code(self) -> str:
        return self.version.procedure.code

    @property
    def service_level(self) -> ServiceLevel:
        """The unit's own level where it has one, else the catalogue's."""
        return ServiceLevel(self.adoption.service_level or self.version.service_level)


def _require(scope: Scope, unit: Unit) -> None:
    if not scope.contains(unit.pk):
        raise NotAllowed(f"Bạn không có nhiệm vụ tại {unit.name}.")


def adopted(scope: Scope, unit: Unit, day: dt.date) -> list[Adopted]:
    """The procedures a unit uses on a day, by field and name; abolished and ended ones left out. Two statements."""
    _require(scope, unit)
    return _adopted([unit], day)


def offered(scope: Scope, desk: Unit, day: dt.date) -> list[Adopted]:
    """What can be taken in at a desk on a day: the procedures of every unit it receives for.

    Three statements, four for a point.
    ``adoption.unit`` is the competent agency, which answers for the dossier; ``desk`` only the place of receipt.
    """
    _require(scope, desk)
    units = org.received_for(desk, day)
    found = _adopted(units, day)
    resolved = {a.adoption.procedure_id for a in found if a.adoption.unit_id != desk.pk}
    # A point that only passes a procedure on takes it in for whoever resolves it.
    return [
        a
        for a in found
        if not (
            a.adoption.unit_id == desk.pk
            and a.adoption.competence == Competence.RECEIVES
            and a.adoption.procedure_id in resolved
        )
    ]


def offered_one(scope: Scope, desk: Unit, code: str, day: dt.date, agency: str = "") -> Adopted:
    """One procedure as it is taken in at a desk, of the ``agency`` (a unit's code) if named, else of the nearest unit.

    At most five statements. :class:`NotFound` where no unit the desk receives for has adopted it by then, or it has
    been abolished.
    """
    _require(scope, desk)
    units = org.received_for(desk, day)
    nearest = {unit.pk: rank for rank, unit in enumerate(units)}
    rows = Adoption.objects.filter(alive_on(day), among("unit", nearest), procedure__code=code)
    if agency:
        rows = rows.filter(unit__code=agency)
    found = sorted(
        rows.select_related("unit", "procedure", "version__procedure"),
        key=lambda a: (a.unit_id == desk.pk and a.competence == Competence.RECEIVES, nearest[a.unit_id]),
    )
    if not found:
        raise NotFound(
            f"{desk.name} không tiếp nhận thủ tục «{code}» vào ngày {day:%d/%m/%Y}.",
            code="procedure_not_adopted",
            field="procedure",
        )
    return _pinned(found[0], code, day)


def _adopted(units: Sequence[Unit], day: dt.date) -> list[Adopted]:
    rows = list(
        Adoption.objects.filter(alive_on(day), among("unit", [unit.pk for unit in units]))
        .annotate(version_now=Coalesce("version_id", in_force_id(day, "procedure_id")))
        .select_related("procedure", "unit")
    )
    found = ProcedureVersion.objects.filter(pk__in=[row.version_now for row in rows]).defer("steps_text")
    by_id = {version.pk: version for version in found.select_related("procedure")}
    usable = [
        Adopted(row, by_id[row.version_now])
        for row in rows
        if row.version_now in by_id and _usable(by_id[row.version_now], day)
    ]
    return sorted(usable, key=lambda a: (text.sort_key(a.version.field), text.sort_key(a.version.name), a.code))


def _usable(version: ProcedureVersion, day: dt.date) -> bool:
    return not version.abolished and (version.valid_to is None or version.valid_to >= day)


def procedures_of(unit: Unit, day: dt.date) -> QuerySet[Procedure]:
    """The procedures a unit uses on a day, by code, each with its newest name as ``title``; not yet read."""
    name = ProcedureVersion.objects.filter(procedure=OuterRef("pk"), sealed=True).order_by("-valid_from", "-number")
    return (
        Procedure.objects.filter(pk__in=Adoption.objects.filter(alive_on(day), unit=unit).values("procedure"))
        .annotate(title=Subquery(name.values("name")[:1]))
        .order_by("code")
    )


def adopted_one(scope: Scope, unit: Unit, code: str, day: dt.date) -> Adopted:
    """One procedure as a unit uses it on a day: what an acceptance keeps. At most three statements.

    Raises :class:`NotFound` where the unit has not adopted it by then, or no version is usable.
    """
    _require(scope, unit)
    row = (
        Adoption.objects.filter(alive_on(day), unit=unit, procedure__code=code)
        .select_related("unit", "procedure", "version__procedure")
        .first()
    )
    if row is None:
        raise NotFound(
            f"{unit.name} không áp dụng thủ tục «{code}» vào ngày {day:%d/%m/%Y}.",
            code="procedure_not_adopted",
            field="procedure",
        )
    return _pinned(row, code, day)


def _pinned(row: Adoption, code: str, day: dt.date) -> Adopted:
    if row.version is None:
        return Adopted(row, in_force(code, day))
    require_usable(row.version, day)
    return Adopted(row, row.version)


def adoptions(scope: Scope, unit: Unit, procedures: Iterable[str]) -> list[Adoption]:
    """Every span in which a unit uses, used or will use procedures (by code), newest first. One statement."""
    _require(scope, unit)
    rows = Adoption.objects.filter(unit=unit, procedure__code__in=list(procedures))
    return list(rows.select_related("procedure", "unit", "version").order_by("-valid_from"))


def adoption(scope: Scope, adoption_id: int) -> Adoption:
    """One adoption; :class:`NotFound` outside the scope. One statement."""
    rows = scope.filter(Adoption.objects.filter(pk=adoption_id)).select_related("procedure", "unit")
    found = rows.first()
    if found is None:
        raise NotFound("Không có việc áp dụng thủ tục này trong phạm vi của bạn.")
    return found


def in_use(unit: Unit, day: dt.date) -> dict[int, Adoption]:
    """What a unit uses on a day or will use later, by procedure id: what it cannot adopt once more. One statement."""
    rows = Adoption.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), unit=unit)
    return {row.procedure_id: row for row in rows.order_by("-valid_from")}


def users(scope: Scope, day: dt.date) -> set[int]:
    """The ids of the units of a scope that use any procedure on a day. One statement."""
    return set(scope.filter(Adoption.objects.filter(alive_on(day))).values_list("unit_id", flat=True).distinct())


def user_count(procedure: Procedure, day: dt.date) -> int:
    """How many units use a procedure on a day, in the whole installation. One statement."""
    return Adoption.objects.filter(alive_on(day), procedure=procedure).count()


# ---- the whole catalogue --------------------------------------------------------------------------------------------
def catalogue_rows(day: dt.date) -> list[ProcedureVersion]:
    """What a unit can take into use: each procedure in the version of ``day``, else in its first one to come.

    Abolished and ended ones left out; by field and name, without the long texts. One statement.
    """
    first = ProcedureVersion.objects.filter(procedure=OuterRef("procedure_id"), sealed=True)
    coming = first.filter(valid_from__gt=day).order_by("valid_from", "-number")
    rows = (
        ProcedureVersion.objects.alias(
            chosen=Coalesce(in_force_id(day, "procedure_id"), Subquery(coming.values("pk")[:1]))
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), pk=F("chosen"), abolished=False)
        .select_related("procedure")
        .defer("steps_text", "legal_basis", "source_sections")
    )
    return sorted(rows, key=lambda v: (text.sort_key(v.field), text.sort_key(v.name), v.procedure.code))


def first_days(procedure_ids: Iterable[int]) -> dict[int, dt.date]:
    """From when the catalogue has procedures at all, by procedure id. One statement."""
    rows = ProcedureVersion.objects.filter(procedure_id__in=list(procedure_ids), sealed=True)
    return dict(rows.values_list("procedure_id").annotate(first=Min("valid_from")))


def answering(rows: Sequence[ProcedureVersion], wanted: str) -> list[ProcedureVersion]:
    """Those of ``rows`` that answer what was typed, best first. One statement; none where nothing was typed."""
    folded = text.fold(text.clean(wanted))[:200]
    if not folded:
        return list(rows)
    said = _synonyms(Synonym.objects.all())
    scored = [
        (matching.score(folded, row.procedure.code, row.name_folded, said.get(row.procedure_id, ())), row)
        for row in rows
    ]
    found = [(score, row) for score, row in scored if score]
    return [row for _, row in sorted(found, key=lambda hit: (-hit[0], len(hit[1].name), hit[1].procedure.code))]


def _synonyms(rows: QuerySet[Synonym]) -> dict[int, list[str]]:
    said: dict[int, list[str]] = {}
    for procedure_id, phrase in rows.values_list("procedure_id", "folded"):
        said.setdefault(procedure_id, []).append(phrase)
    return said


# ---- lines of a version ---------------------------------------------------------------------------------------------
# A dossier filed by a clerk for the citizen is an online dossier wherever a line does not say otherwise.
_ALSO = {Channel.ONLINE_ASSISTED: Channel.ONLINE}


def _channels(channel: str) -> list[str]:
    """The channel itself, what it counts as, and "every channel", in this order."""
    ladder = [channel, _ALSO.get(Channel(channel), "") if channel else "", ""]
    return [c for i, c in enumerate(ladder) if c not in ladder[:i]]


def _nearest(lines: Sequence[L], case: Case | None, channel: str) -> list[L]:
    """The lines for the case and channel that say most: the named case before any, the named channel before all."""
    for case_id in [case.pk, None] if case is not None else [None]:
        for name in _channels(channel):
            if found := [line for line in lines if line.case_id == case_id and line.channel == name]:
                return found
    return []


def term_line(version: ProcedureVersion, case: Case | None, channel: str) -> TermLine | None:
    """The line of terms that holds for a case and channel, ``None`` where there is none. One statement."""
    found = _nearest(list(version.terms.all()), case, channel)
    return found[0] if found else None


def term(version: ProcedureVersion, case: Case | None, channel: str) -> tuple[Term | None, Term | None]:
    """The term by regulation and the one as cut (promised), each ``None`` where there is none. One statement.

    ``(None, None)``: no term is stated, or it waits for review; nothing may be promised without a person's decision.
    """
    line = term_line(version, case, channel)
    if line is None:
        return None, None
    return terms_of(line)


def terms_of(line: TermLine | TermDraft) -> tuple[Term | None, Term | None]:
    """The term by regulation and the one as cut of one line. No SQL."""
    by_regulation = term_of(line.value, line.unit, line.start_rule)
    return by_regulation, term_of(line.promised_value, line.promised_unit, _start_of(line))


def term_lines(version_ids: Iterable[int]) -> dict[int, list[TermLine]]:
    """The lines of terms of versions, in order, with their cases, by version id. One statement."""
    found: dict[int, list[TermLine]] = {}
    rows = TermLine.objects.filter(version_id__in=list(version_ids)).select_related("case")
    for line in rows.order_by("version_id", "position"):
        found.setdefault(line.version_id, []).append(line)
    return found


def receivable(lines: Iterable[Any]) -> bool:
    """Whether any dossier can be accepted under these lines (``TermLine`` or ``TermDraft``): one states a term, or a
    person has confirmed that none is set.

    A stated term may be promised even while nobody has confirmed it; one that is unclear or absent may not.
    """
    return any(line.value is not None or set_nowhere(line) for line in lines)


def set_nowhere(line: Any) -> bool:
    """Whether a person has confirmed of a line (``TermLine`` or ``TermDraft``) that no law sets a term: a dossier is
    then accepted without a due date. A term the unit sets itself by decision is a stated term."""
    return bool(line.state == Stated.NONE and line.confirmed)


def _start_of(line: TermLine | TermDraft) -> str:
    if not line.promised_unit:
        return ""
    # The cut term starts like the whole one, unless it is counted in another kind of time.
    same = (line.unit in ("working_hour", "half_day", "same_day")) == (
        line.promised_unit in ("working_hour", "half_day", "same_day")
    )
    return line.start_rule if same else str(USUAL_START[TermUnit(line.promised_unit)])


def cases(version: ProcedureVersion) -> list[Case]:
    """The named cases of a version, in order. One statement."""
    return list(version.cases.order_by("position"))


def needs_case(version: ProcedureVersion, channel: str) -> bool:
    """Whether a term can only be known once a case is chosen. One statement."""
    lines = list(version.terms.all())
    return any(line.case_id for line in lines) and not _nearest(lines, None, channel)


def parts(version: ProcedureVersion, case: Case | None = None, *, everything: bool = False) -> list[Part]:
    """The papers of a case (those of every case and its own), in published order. One statement.

    With ``everything`` also the rows that were published among them but are conditions, notes or alternatives.
    """
    rows = version.parts.filter(Q(case__isnull=True) | Q(case=case)).order_by("position")
    if not everything:
        rows = rows.filter(role__in=[PartRole.DOCUMENT, PartRole.SHOWN])
    return list(rows)


def fees(version: ProcedureVersion, channel: str, exempt_group: str = "", case: Case | None = None) -> list[FeeLine]:
    """The fee lines that hold: those of the exempt group where it has any, else the ordinary ones. One statement.

    Several lines are tiers (``from_quantity``) or several fees; a line UNCLEAR has no amount and waits for review.
    """
    return nearest_fees(list(version.fees.order_by("position")), case, channel, exempt_group)


def nearest_fees(lines: Sequence[FeeLine], case: Case | None, channel: str, exempt_group: str = "") -> list[FeeLine]:
    """:func:`fees` over lines already read. No SQL."""
    for group in dict.fromkeys([exempt_group, ""]):
        if found := _nearest([line for line in lines if line.exempt_group == group], case, channel):
            return found
    return []


# ---- processes ------------------------------------------------------------------------------------------------------
def process(procedure: Procedure, unit: Unit | None, day: dt.date) -> Process | None:
    """The internal process used on a day: the unit's own before the common one, the latest of each. Three statements.

    Steps come loaded in order with their branches: ``process.steps.all()``, ``step.branches.all()``.
    """
    branches = Prefetch("branches", StepBranch.objects.select_related("next_step").order_by("position"))
    ordered = ProcessStep.objects.select_related("office").order_by("position")
    steps = Prefetch("steps", ordered.prefetch_related(branches))
    rows = Process.objects.filter(alive_on(day), Q(unit=unit) | Q(unit__isnull=True), procedure=procedure, sealed=True)
    found = sorted(
        rows.prefetch_related(steps), key=lambda p: (p.unit_id is not None, p.valid_from, p.number), reverse=True
    )
    return found[0] if found else None


def process_warnings(found: Process, promised: Term | None) -> list[str]:
    """What a person should look at in a process beside the term it serves. No SQL where its steps are loaded."""
    steps = [
        flow.Step(
            name=step.name,
            duty=step.duty,
            value=step.value,
            unit=step.unit,
            branches=tuple(
                flow.Branch(b.next_step.position if b.next_step else None, b.label) for b in step.branches.all()
            ),
        )
        for step in found.steps.all()
    ]
    return flow.warnings(steps, promised)


# ---- search ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Hit:
    """A procedure found, with how well it answers (see ``matching.score``)."""

    adopted: Adopted
    score: int


def search(scope: Scope, unit: Unit, day: dt.date, wanted: str, *, limit: int = 20) -> list[Hit]:
    """What is offered at a desk and answers what was typed, best first: code, name or everyday word.

    Four statements, five for a point. Diacritics may be missing and letters wrong; nothing typed finds nothing.
    """
    return hits(offered(scope, unit, day), wanted)[:limit]


def hits(rows: Sequence[Adopted], wanted: str) -> list[Hit]:
    """Those of some procedures that answer what was typed, best first. One statement."""
    folded = text.fold(text.clean(wanted))[:200]
    said = _synonyms(Synonym.objects.filter(among("procedure", {row.adoption.procedure_id for row in rows})))
    scored = [
        Hit(row, matching.score(folded, row.code, row.version.name_folded, said.get(row.version.procedure_id, ())))
        for row in rows
    ]
    found = [hit for hit in scored if hit.score]
    return sorted(found, key=lambda hit: (-hit.score, len(hit.adopted.version.name), hit.adopted.code))
