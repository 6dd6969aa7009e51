"""Looking at one person's dossier: within the client's units, with a reason where one is due, and written down."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from django.http import HttpRequest
from ninja import Query

from motcua.api.door import actor_of
from motcua.api.problems import Refused
from motcua.core import clock
from motcua.core.errors import NotAllowed, NotFound
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org import queries as org
from motcua.org.queries import Scope
from motcua.parties import access, rules
from motcua.parties.models import What

T = TypeVar("T")

Why = Annotated[
    str,
    Query(
        max_length=access.LONGEST_REASON,
        description=(
            "For which case or document it is read. Needed (403 «reason_needed») for dossiers of units beneath the "
            "client's own and for people whose data is restricted. Kept in the record of readings."
        ),
    ),
]


def look(
    request: HttpRequest, reason: str, read: Callable[[Scope], T], dossier_of: Callable[[T], Dossier], what: What
) -> T:
    """What ``read`` finds within the client's units, once its reading is on record. NotFound outside.

    Two statements beside ``read``; where it lies beneath the client's own units, one more and ``read`` twice.
    """
    actor, today = actor_of(request), clock.today()
    held = [(duty, unit) for duty, unit in org.duties(actor, today) if duty in VIEW_DUTIES]
    if not held:
        raise NotAllowed("Hệ thống này không được giao nhiệm vụ xem hồ sơ.")
    try:
        found = read(Scope(actor.pk, today, frozenset(unit.pk for _, unit in held)))
    except NotFound:
        found = read(org.scope(actor, VIEW_DUTIES, today))
    row = dossier_of(found)
    units = {row.unit_id, row.desk_unit_id, row.holder_unit_id}
    own = next(((duty, unit) for duty, unit in held if unit.pk in units), None)
    ended = row.unit.valid_to is not None and row.unit.valid_to < today
    if rules.needs_reason(restricted=row.applicant.restricted, own=own is not None or ended):
        if not reason.strip():
            raise Refused(
                403, "reason_needed", "Hãy nêu lý do xem (tham số reason): vụ việc, văn bản nào.", field="reason"
            )
        reason = access.reason_text(reason)
    duty, unit = own or held[0]
    access.viewed(
        user=actor,
        what=what,
        duty=str(duty.value),
        unit=unit,
        party=row.applicant_id,
        dossier=row.pk,
        code=str(row),
        about_unit=row.unit_id,
        reason=reason.strip(),
    )
    return found
