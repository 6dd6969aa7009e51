"""Which unit uses which procedure from when."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import Q

from motcua.core import clock, text
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.core.verbs import verb
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitKind, User
from motcua.procedures.checks import among
from motcua.procedures.choices import Competence, Level, ServiceLevel
from motcua.procedures.models import Adoption, Procedure, ProcedureVersion

KEEPERS = (Duty.CONTROL, Duty.ADMIN)

_LEVELS = {
    UnitKind.PROVINCE: Level.PROVINCE,
    UnitKind.CITY: Level.PROVINCE,
    UnitKind.DEPARTMENT: Level.PROVINCE,
    UnitKind.DISTRICT: Level.DISTRICT,
    **dict.fromkeys(org.COMMUNE_KINDS, Level.COMMUNE),
}


def level_of(unit: Unit) -> Level | None:
    """The level at which a unit resolves procedures; ``None`` where its kind does not say (an office, a point)."""
    return _LEVELS.get(UnitKind(unit.kind))


def require_keeper(actor: User | None, unit: Unit | None, day: dt.date) -> None:
    """Refuse (:class:`NotAllowed`) an actor who may not keep the catalogue (of ``unit``). At most one statement."""
    if actor is None:
        return
    scope = org.scope(actor, KEEPERS, day)
    if not scope.everything and not (scope.contains(unit.pk) if unit is not None else scope.unit_ids):
        where = f" tại {unit.name}" if unit is not None else ""
        raise NotAllowed(f"Việc này cần nhiệm vụ Đầu mối KSTTHC hoặc Quản trị hệ thống{where}.")


# ---- adoption -------------------------------------------------------------------------------------------------------
@verb
def adopt(
    *,
    unit: Unit,
    procedure: Procedure,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    version: ProcedureVersion | None = None,
    competence: str = Competence.RESOLVES,
    decision: str = "",
    service_level: str = "",
    actor: User | None = None,
) -> Adoption:
    """A unit takes a procedure into use from a day; the unit answers for its figures.

    Refused where the unit did not exist then, or has the procedure in use on a day of the span.
    """
    rows = _adopt(
        unit, [(procedure, version)], valid_from, valid_to, competence, decision, {procedure.pk: service_level}, actor
    )
    return rows[0]


@verb
def adopt_many(
    *,
    unit: Unit,
    procedures: Sequence[Procedure],
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    competence: str = Competence.RESOLVES,
    decision: str = "",
    service_levels: Mapping[int, str] | None = None,
    actor: User | None = None,
) -> list[Adoption]:
    """:func:`adopt` for many procedures at once, all or none; ``service_levels`` by procedure id. Three statements and
    one for each 500 procedures.
    """
    pairs = [(procedure, None) for procedure in procedures]
    return _adopt(unit, pairs, valid_from, valid_to, competence, decision, dict(service_levels or {}), actor)


def _adopt(
    unit: Unit,
    pairs: Sequence[tuple[Procedure, ProcedureVersion | None]],
    valid_from: dt.date,
    valid_to: dt.date | None,
    competence: str,
    decision: str,
    service_levels: dict[int, str],
    actor: User | None,
) -> list[Adoption]:
    require_keeper(actor, unit, clock.today())
    among("competence", [competence], Competence)
    among("service_level", [level for level in service_levels.values() if level], ServiceLevel)
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("Ngày thôi áp dụng phải từ ngày áp dụng trở đi.", field="valid_to")
    if unit.valid_from > valid_from or (unit.valid_to is not None and unit.valid_to < (valid_to or valid_from)):
        raise Invalid(
            f"{unit.name} chỉ tồn tại {org.span(unit)}; không áp dụng thủ tục ngoài thời gian đó.", field="unit"
        )
    ids = [procedure.pk for procedure, _ in pairs]
    # Whoever adopts the same procedure waits here, so that spans cannot come to overlap.
    locked = {p.pk: p for p in Procedure.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    last = valid_to or dt.date.max
    overlap = (
        Adoption.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from))
        .filter(unit=unit, procedure__in=ids, valid_from__lte=last)
        .select_related("procedure")
        .first()
    )
    if overlap is not None:
        until = f" đến hết {overlap.valid_to:%d/%m/%Y}" if overlap.valid_to else ""
        raise Conflict(
            f"{unit.name} đã áp dụng thủ tục {overlap.procedure.code} từ {overlap.valid_from:%d/%m/%Y}{until}.",
            code="already_adopted",
        )
    for procedure, version in pairs:
        if procedure.pk not in locked:
            raise NotFound("Không có thủ tục này.", field="procedure")
        if version is not None and version.procedure_id != procedure.pk:
            raise Invalid("Phiên bản không thuộc thủ tục này.", field="version")
    said = text.clean(decision)[:200]
    return Adoption.objects.bulk_create(
        [
            Adoption(
                unit=unit,
                procedure=procedure,
                version=version,
                valid_from=valid_from,
                # A unit that is known to end takes its adoptions with it.
                valid_to=valid_to if valid_to is not None else unit.valid_to,
                competence=competence,
                decision=said,
                service_level=service_levels.get(procedure.pk, ""),
            )
            for procedure, version in pairs
        ],
        batch_size=500,
    )


@verb
def end_adoption(*, adoption: Adoption, last_day: dt.date, decision: str = "", actor: User | None = None) -> Adoption:
    """The unit uses the procedure up to and including ``last_day``. Dossiers already received go on."""
    row = Adoption.objects.select_for_update(of=("self",)).select_related("unit", "procedure").get(pk=adoption.pk)
    require_keeper(actor, row.unit, clock.today())
    if last_day < row.valid_from:
        raise Invalid(
            f"Thủ tục được áp dụng từ {row.valid_from:%d/%m/%Y}; ngày thôi phải từ ngày đó trở đi.", field="last_day"
        )
    if row.valid_to is not None and row.valid_to < last_day:
        raise Invalid(f"Việc áp dụng đã hết từ {row.valid_to:%d/%m/%Y}.", field="last_day")
    row.valid_to, row.end_decision = last_day, text.clean(decision)[:200]
    row.save(update_fields=["valid_to", "end_decision"])
    return row
