"""From codes and names in a request to what the verbs take: units, people, procedures, parties, the second person."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import authenticate
from django.db.models import Q, Subquery
from django.http import HttpRequest

from motcua.api import bodies
from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.core.text import clean
from motcua.dossiers import queries
from motcua.dossiers.allowing import covering
from motcua.dossiers.models import Dossier
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.parties.actions import Particulars
from motcua.procedures.models import Case, Procedure
from motcua.worktime.rules import USUAL_START, Term, TermUnit


def unit_called(code: str, field: str = "unit") -> Unit:
    """The unit of a body's field. One statement, three where there is none (then Invalid)."""
    try:
        return org.unit_by_code(code, clock.today())
    except NotFound as error:
        raise Invalid(error.message, code=error.code, field=field) from error


def procedure_called(code: str) -> Procedure:
    """The procedure of a code; whether it is in use where it is wanted is for the verb to say. One statement."""
    found = Procedure.objects.filter(code=code).first()
    if found is None:
        raise Invalid(f"Không có thủ tục nào mang mã «{code}».", code="procedure_unknown", field="procedure")
    return found


def place_called(code: str, procedure: str) -> tuple[Unit, Procedure]:
    """Where a dossier comes in, and for which procedure: both in one statement, up to four to say what is wrong."""
    today, code, procedure = clock.today(), clean(code), clean(procedure)
    wanted = Q(code=code) | Q(short_code=code.upper(), short_code__gt="")
    known = Procedure.objects.filter(code=procedure).values("pk", "is_official")
    found = (
        Unit.objects.filter(wanted & org.alive_on(today))
        .annotate(wanted=Subquery(known.values("pk")[:1]), official=Subquery(known.values("is_official")[:1]))
        .first()
    )
    if found is None or found.wanted is None:
        return unit_called(code), procedure_called(procedure)
    return found, Procedure(pk=found.wanted, code=procedure, is_official=found.official)


def case_called(pk: int) -> Case:
    """The case of a number. One statement."""
    found = Case.objects.filter(pk=pk).first()
    if found is None:
        raise Invalid("Không có trường hợp này.", field="case")
    return found


def particulars(party: bodies.Party, field: str) -> Particulars:
    """What is written down about somebody; the verb records it. No statement, one where a commune is named."""
    if party.birth_date is not None and party.birth_date > clock.today():
        raise Invalid("Ngày sinh ở tương lai.", field=f"{field}.birth_date")
    return Particulars(
        name=party.name,
        kind=party.kind.value,
        id_kind=party.id_kind.value if party.id_kind else "",
        id_number=party.id_number,
        birth_date=party.birth_date,
        address=party.address,
        commune=unit_called(party.commune, f"{field}.commune") if party.commune else None,
        phone=party.phone,
    )


class Asked:
    """One request, whose fields are looked up as they are needed. ``units`` are those whose people may be named."""

    def __init__(self, request: HttpRequest, *, people: Iterable[Duty] = (), dossier: int | None = None) -> None:
        self.request, self.duties, self.dossier = request, list(people), dossier
        self.units: list[int | None] = []

    def person(self, username: str, field: str) -> User:
        """A colleague near the dossier who holds one of the duties. Two statements, one more for the dossier."""
        if self.dossier is not None and not self.units:
            row = Dossier.objects.only("unit", "desk_unit", "holder_unit").filter(pk=self.dossier).first()
            self.units = covering(row) if row else []
        wanted = username.strip().lower()
        for found in queries.handlers(self.units, self.duties, clock.today()):
            if found.username == wanted:
                return found
        raise Invalid(
            f"Không có ai tên đăng nhập «{wanted}» nhận được hồ sơ này ở đơn vị giải quyết hoặc nơi tiếp nhận.",
            code="person_unknown",
            field=field,
        )

    def approver(self, given: bodies.Approver) -> User:
        """The second person, by their own password. Wrong ones count towards the lock-out."""
        found = authenticate(self.request, username=given.username.strip().lower(), password=given.password)
        if getattr(self.request, "axes_locked_out", False):
            # Else the page for people who are locked out would replace the answer.
            self.request.axes_locked_out = False  # type: ignore[attr-defined]
        if not isinstance(found, User):
            raise Invalid("Tên đăng nhập hoặc mật khẩu của người duyệt không đúng.", field="approver.password")
        return found

    def arguments(self, body: bodies.Body) -> dict[str, Any]:
        """The verb's arguments; what the request left empty is left to the verb's own defaults."""
        given: dict[str, Any] = {}
        if isinstance(body, bodies.NewDossier):
            given["unit"], given["procedure"] = place_called(body.unit, body.procedure)
        for name in type(body).model_fields:
            value = getattr(body, name)
            if value is None or name in given:
                continue
            if name == "working_days":
                given["term"] = Term(value, TermUnit.WORKING_DAY, USUAL_START[TermUnit.WORKING_DAY])
                continue
            convert = _CONVERT.get(name)
            given[name] = convert(self, value, name) if convert else getattr(value, "value", value)
        return given


def _unit(asked: Asked, value: str, name: str) -> Unit:
    return unit_called(value, name)


def _party(asked: Asked, value: bodies.Party, name: str) -> Particulars:
    return particulars(value, name)


def _papers(asked: Asked, value: list[bodies.Paper], name: str) -> list[dict[str, Any]]:
    return [{**paper.model_dump(), "kind": paper.kind.value} for paper in value]


def _fees(asked: Asked, value: list[bodies.Fee], name: str) -> list[dict[str, Any]]:
    return [fee.model_dump() for fee in value]


_CONVERT: dict[str, Callable[[Asked, Any, str], Any]] = {
    "unit": _unit,
    "desk_unit": _unit,
    "holder_unit": _unit,
    "applicant": _party,
    "submitter": _party,
    "collector": _party,
    "papers": _papers,
    "fees": _fees,
    "procedure": lambda asked, value, name: procedure_called(value),
    "case": lambda asked, value, name: case_called(value),
    "approver": lambda asked, value, name: asked.approver(value),
    "holder": Asked.person,
    "to": Asked.person,
}
