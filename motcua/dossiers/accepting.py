"""What is fixed when a dossier is accepted: version, term, calendar, rule set, category."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers.acting import rules_text
from motcua.dossiers.walk import term_text
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book, Category
from motcua.org.models import Unit
from motcua.procedures import queries as procedures
from motcua.procedures.models import Adoption, Case, Procedure, ProcedureVersion, ProcessStep
from motcua.worktime import queries as worktime
from motcua.worktime.models import CalendarVersion, RuleSet
from motcua.worktime.rules import Term


@dataclass(frozen=True, slots=True)
class Terms:
    """The pins of an acceptance."""

    version: ProcedureVersion
    case: Case | None
    category: Category
    calendar: CalendarVersion
    rules: RuleSet
    promised: Term | None
    regulation: Term | None
    no_term: bool = False  # a person has confirmed that none is set: accepted without a due date
    first_step: ProcessStep | None = None  # where the internal process begins; only its id and term are known

    def pins(self) -> dict[str, Any]:
        """As an event's facts keep them."""
        pins = {
            "procedure": self.version.procedure.code,
            "version": self.version.pk,
            "case": self.case.pk if self.case else None,
            "calendar": self.calendar.pk,
            "rule_set": self.rules.pk,
            "rules": rules_text(self.rules),
            "term": term_text(self.promised),
            "regulation": term_text(self.regulation),
        }
        return pins | {"no_term": True} if self.no_term else pins

    def columns(self) -> dict[str, Any]:
        """As the dossier's row keeps them."""
        promised, regulation = self.promised, self.regulation
        return {
            "procedure_version": self.version,
            "case": self.case,
            "category": self.category,
            "calendar_version": self.calendar,
            "rule_set": self.rules,
            "term_value": promised.value if promised else None,
            "term_unit": promised.unit.value if promised else "",
            "term_start": promised.start_rule.value if promised else "",
            "regulation_value": regulation.value if regulation else None,
            "regulation_unit": regulation.unit.value if regulation else "",
            "regulation_start": regulation.start_rule.value if regulation else "",
        }


def pinned(
    *,
    version: ProcedureVersion,
    case: Case | None,
    channel: str,
    category: Category,
    calendar: CalendarVersion,
    rules: RuleSet,
) -> Terms:
    """The pins of an acceptance whose version, calendar and rule set are known already. Asks for the term only."""
    found = procedures.term_line(version, case, channel)
    regulation, cut = procedures.terms_of(found) if found is not None else (None, None)
    return Terms(
        version=version,
        case=case,
        category=category,
        calendar=calendar,
        rules=rules,
        promised=cut or regulation,
        regulation=regulation,
        no_term=found is not None and procedures.set_nowhere(found),
    )


def terms_for(
    *,
    procedure: Procedure,
    case: Case | None,
    channel: str,
    unit: Unit,
    at: dt.datetime,
    book: Book = Book.DOSSIER,
    must_have_term: bool = True,
) -> Terms:
    """The pins for a procedure at a unit at a moment: the version in force that day, or the one the unit adopted.

    At most nine statements. Invalid where the unit has not taken the procedure into use, or its term is not clear: a
    term is never guessed. Where a person has confirmed that none is set, nothing is promised.
    """
    day = clock.local_date(at)
    adoption = Adoption.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day), unit=unit, procedure=OuterRef("procedure"), valid_from__lte=day
    ).order_by("-valid_from")
    latest = ProcedureVersion.objects.filter(procedure=OuterRef("procedure"), valid_from__lte=day, sealed=True)
    begins = first_steps(unit, day).filter(process__procedure=OuterRef("procedure"))
    # The version the unit pinned, else the one in force, whether it adopted the procedure at all, and where its own
    # internal process begins: one statement.
    version = (
        ProcedureVersion.objects.filter(procedure=procedure)
        .filter(
            pk=Coalesce(
                Subquery(adoption.values("version")[:1]),
                Subquery(latest.order_by("-valid_from", "-number").values("pk")[:1]),
            )
        )
        .annotate(adopted=Exists(adoption), begins=Subquery(begins.values(told=JSONObject(**_TOLD))[:1]))
        .select_related("procedure")
        .first()
    )
    if version is None or not version.adopted:
        raise Invalid(
            f"{unit.name} chưa áp dụng thủ tục {procedure.code} vào ngày {day:%d/%m/%Y}. Hãy chọn thủ tục khác hoặc "
            "công bố áp dụng trước.",
            field="procedure",
            code="not_adopted",
        )
    procedures.require_usable(version, day)
    if case is not None and case.version_id != version.pk:
        # The page may have been opened before a new version came into force: the case goes by its name.
        case = Case.objects.filter(version=version, name=case.name).first()
        if case is None:
            raise Invalid("Trường hợp đã chọn không có trong phiên bản thủ tục của ngày này.", field="case")
    terms = pinned(
        version=version,
        case=case,
        channel=channel,
        category=ledger.category(book=book, procedure=procedure.code, field=version.field, name=version.name),
        calendar=worktime.calendar_version_for(unit, day),
        rules=worktime.rule_set_for(day),
    )
    if terms.promised is None and not terms.no_term and must_have_term:
        raise Invalid(
            f"Thủ tục {procedure.code} chưa rõ thời hạn giải quyết (cần rà soát danh mục). Chưa thể tiếp nhận.",
            field="procedure",
            code="term_unclear",
        )
    return replace(terms, first_step=_step(version.begins))


_TOLD = {"pk": "pk", "value": "value", "unit": "unit"}


def first_steps(unit: Unit, day: dt.date) -> "QuerySet[ProcessStep]":
    """Steps of processes used at a unit on a day, in the order in which the first is where a dossier begins: the unit's
    own process before the common one, the latest before the earlier, its first step. Not yet read."""
    return ProcessStep.objects.filter(
        Q(process__valid_to__isnull=True) | Q(process__valid_to__gte=day),
        Q(process__unit=unit) | Q(process__unit__isnull=True),
        process__valid_from__lte=day,
    ).order_by(F("process__unit").asc(nulls_last=True), "-process__valid_from", "-process__number", "position")


def _step(told: dict[str, Any] | None) -> ProcessStep | None:
    if told is None:
        return None
    value = None if told["value"] is None else Decimal(str(told["value"]))
    return ProcessStep(pk=told["pk"], value=value, unit=told["unit"])
