"""What can be asked of dossiers, in a constant number of SQL statements; the asker's scope is always required."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.core.text import clean
from motcua.dossiers.models import CatchUpWindow, Dossier, DueMove, HandOverRecord
from motcua.dossiers.search import words
from motcua.dossiers.states import ENDED_STATES, INTAKE_STATES, PENDING_STATES, WAITING_STATES, State
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Unit, UnitPlace, User
from motcua.org.queries import Scope
from motcua.worktime import queries as worktime_queries
from motcua.worktime import rules as worktime


def visible(scope: Scope) -> QuerySet[Dossier]:
    """The dossiers the asker may see: competent unit, place of receipt or holding office inside the scope."""
    rows = Dossier.objects.all()
    if scope.everything:
        return rows
    return rows.filter(
        Q(org.among("unit", scope.unit_ids))
        | Q(org.among("desk_unit", scope.unit_ids))
        | Q(org.among("holder_unit", scope.unit_ids))
    )


def with_names(rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    return rows.select_related(
        "procedure_version__procedure",
        "case",
        "category",
        "applicant",
        "unit",
        "desk_unit",
        "holder",
        "holder_unit",
        "step",
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; all of it kept in the address."""

    text: str = ""
    state: str = ""
    due: str = ""  # overdue, today, soon (by the end of tomorrow), week
    channel: str = ""
    procedure: str = ""
    holder: int | None = None
    unit: int | None = None
    nobody: bool = False  # held by nobody
    step: str = ""  # the name of a step of the internal process
    changed_since: dt.datetime | None = None  # something was recorded about it at or after this moment


# Later than any deadline: what stands still sorts behind everything that runs, the same on both databases.
FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def listing(scope: Scope, filters: Filter, *, user: User | None = None) -> QuerySet[Dossier]:
    """Visible dossiers, narrowed, with what a list shows; not yet read. ``by_due`` sorts by the deadline that runs.

    With ``user``: only what that person holds and has not ended. Paging it costs two statements.
    """
    rows = visible(scope)
    if user is not None:
        rows = rows.filter(holder=user, ended_at__isnull=True)
    return with_names(_narrow(rows, filters)).annotate(by_due=Coalesce("crossing_at", Value(FAR)))


# Longer than any code, name or number that is searched for.
_LONGEST_SEARCH = 250
_LARGEST_ID = 2**63 - 1


def _narrow(rows: QuerySet[Dossier], filters: Filter) -> QuerySet[Dossier]:
    text, procedure = clean(filters.text), clean(filters.procedure)
    ids = [pk for pk in (filters.holder, filters.unit) if pk]
    if max(len(text), len(procedure)) > _LONGEST_SEARCH or any(not 0 < pk <= _LARGEST_ID for pk in ids):
        return rows.none()
    if filters.channel and filters.channel not in Channel.values:
        return rows.none()
    wanted = words(text)
    if text and not wanted:
        return rows.none()
    for word in wanted:
        # As the search box finds: see ``search.py``, which reads far fewer rows where there are many.
        found = Q(search_row__numbers__contains=word.number) if word.number else Q()
        for each in word.texts:
            found |= Q(search_row__text__contains=each)
        rows = rows.filter(found)
    if filters.state == "pending":
        rows = rows.filter(state__in=PENDING_STATES)
    elif filters.state == "waiting":
        rows = rows.filter(STOPPED, state__in=PENDING_STATES)
    elif filters.state == "waits":
        rows = rows.filter(state__in=WAITING_STATES)
    elif filters.state in State.values:
        rows = rows.filter(state=filters.state)
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if procedure:
        rows = rows.filter(procedure_version__procedure__code=procedure)
    if filters.holder:
        rows = rows.filter(holder=filters.holder)
    if filters.nobody:
        rows = rows.filter(holder__isnull=True)
    if filters.step:
        rows = rows.filter(step__name=filters.step)
    if filters.unit:
        rows = rows.filter(unit=filters.unit)
    if filters.changed_since is not None:
        rows = rows.filter(changed_at__gte=filters.changed_since)
    now, today = clock.now(), clock.today()
    pending = Q(ended_at__isnull=True, crossing_at__isnull=False)
    if filters.due == "overdue":
        rows = rows.filter(pending, crossing_at__lte=now)
    elif filters.due == "today":
        rows = rows.filter(pending, crossing_at__gt=now, crossing_at__lte=clock.local_moment(today + dt.timedelta(1)))
    elif filters.due == "soon":
        rows = rows.filter(pending, crossing_at__gt=now, crossing_at__lte=clock.local_moment(today + dt.timedelta(2)))
    elif filters.due == "week":
        monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(days=7)
        rows = rows.filter(pending, crossing_at__gt=now, crossing_at__lte=clock.local_moment(monday))
    return rows


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies where, for the head of "Việc của tôi"."""

    overdue: int
    today: int
    pending: int
    waiting: int
    to_sign: int
    intake: int
    to_hand_over: int


# The clock stands still. Without a crossing but not waiting: no term is set, so none runs.
STOPPED = Q(crossing_at__isnull=True, waiting_since__isnull=False)


def counts(scope: Scope, user: User | None = None) -> Counts:
    """Counts of what is visible (or held by ``user``); one statement."""
    now, tomorrow = clock.now(), clock.local_moment(clock.today() + dt.timedelta(days=1))
    rows = visible(scope).filter(Q(ended_at__isnull=True) | Q(state=State.RESULT_READY))
    if user is not None:
        rows = rows.filter(holder=user)
    running = Q(state__in=PENDING_STATES, crossing_at__isnull=False)
    found = rows.aggregate(
        overdue=Count("pk", filter=running & Q(crossing_at__lte=now)),
        today=Count("pk", filter=running & Q(crossing_at__gt=now, crossing_at__lte=tomorrow)),
        pending=Count("pk", filter=Q(state__in=PENDING_STATES)),
        waiting=Count("pk", filter=STOPPED & Q(state__in=PENDING_STATES)),
        to_sign=Count("pk", filter=Q(state=State.PROPOSED)),
        intake=Count("pk", filter=Q(state__in=INTAKE_STATES)),
        to_hand_over=Count("pk", filter=Q(state=State.RESULT_READY)),
    )
    return Counts(**found)


def get(scope: Scope, pk: int) -> Dossier:
    """One dossier; NotFound also when it lies outside the scope. One statement."""
    found = (
        with_names(visible(scope))
        .select_related("submitter__commune", "collector__commune", "applicant__commune")
        .select_related("rule_set", "calendar_version", "item", "intake_item")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("Không có hồ sơ này, hoặc hồ sơ thuộc đơn vị khác.")
    return found


def find(scope: Scope, code: str) -> int | None:
    """The id of the visible dossier with this code (its own, of its filing, of its part, or another system's)."""
    code = clean(code).rsplit("/LT-", 1)[0]
    if not code or len(code) > _LONGEST_SEARCH:
        return None
    spelt = [code, code.upper()]
    # Each by its own index, however many dossiers the scope has.
    known = Dossier.objects.filter(code__in=spelt).values("pk")
    others = (Dossier.objects.filter(filing_code__in=spelt), Dossier.objects.filter(external_code__in=spelt))
    rows = visible(scope).filter(pk__in=known.union(*(other.values("pk") for other in others)))
    return rows.order_by("pk").values_list("pk", flat=True).first()


def due_state(dossier: Dossier, now: dt.datetime) -> str:
    """How the dossier stands to its deadline; no query."""
    if dossier.ended_at is not None:
        return "ended"
    if dossier.crossing_at is None:
        return "waiting" if dossier.waiting_since is not None else "in_time"
    if dossier.crossing_at <= now:
        return "overdue"
    today = clock.local_date(now)
    if dossier.crossing_at <= clock.local_moment(today + dt.timedelta(days=1)):
        return "today"
    if dossier.crossing_at <= clock.local_moment(today + dt.timedelta(days=2)):
        return "soon"
    return "in_time"


def remaining(dossier: Dossier, now: dt.datetime) -> int | None:
    """Working minutes left (negative: overdue by so many), by the dossier's own calendar; None when no clock runs, or
    no calendar has been loaded for these days.

    No query once the calendar is compiled in this process.
    """
    if dossier.crossing_at is None or dossier.ended_at is not None:
        return None
    calendar = worktime_queries.compiled(dossier.calendar_version_id)
    try:
        if dossier.crossing_at >= now:
            return worktime.working_minutes(calendar, now, dossier.crossing_at)
        return -worktime.working_minutes(calendar, dossier.crossing_at, now)
    except Invalid:  # its lateness is known all the same, and a list must open in an office that forgot the next year
        return None


def handlers(units: Iterable[int | None], duties: Iterable[Any], day: dt.date) -> list[User]:
    """Active people who hold one of the duties on a day at these units or the ones next to them, by name. Two
    statements. Delegated duties are not offered: what is delegated is done by whoever signs in."""
    ids = {u for u in units if u}
    alive = Q(assignments__valid_to__isnull=True) | Q(assignments__valid_to__gte=day)
    near = set(
        UnitPlace.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
        .filter(Q(parent__in=ids) | Q(unit__in=ids))
        .values_list("unit_id", flat=True)
    )
    return list(
        User.objects.filter(
            alive,
            is_active=True,
            assignments__valid_from__lte=day,
            assignments__duty__in=list(duties),
            assignments__unit__in=near | ids,
        )
        .distinct()
        .order_by("full_name", "pk")
    )


def colleagues(dossier: Dossier, duties: set[Any], day: dt.date) -> list[User]:
    """Who could take this dossier next, by name. Two statements."""
    return handlers([dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id], duties, day)


def can_see(scope: Scope, dossier: Dossier) -> bool:
    """Whether the dossier lies inside the scope. No query."""
    return any(scope.contains(u) for u in (dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id))


def holders(units: Iterable[int]) -> dict[int, int]:
    """The people who hold a pending dossier of these units, by id, and how many each. One statement."""
    ids = list(units)
    rows = Dossier.objects.filter(state__in=PENDING_STATES, holder__isnull=False).filter(
        Q(unit__in=ids) | Q(desk_unit__in=ids) | Q(holder_unit__in=ids)
    )
    return {pk: n for pk, n in rows.order_by().values_list("holder_id").annotate(Count("pk")) if pk is not None}


def hand_overs(scope: Scope) -> QuerySet[HandOverRecord]:
    """Hand-over records of the scope's units, newest first; not yet read."""
    return scope.filter(HandOverRecord.objects.select_related("from_user", "to_user", "unit", "actor")).order_by("-pk")


def hand_over_sheet(scope: Scope, pk: int) -> tuple[HandOverRecord, list[tuple[str, Dossier | None]]]:
    """One record and its codes in order, each with its dossier; None where that has left the asker's units since. Two
    statements; NotFound outside the scope."""
    record = hand_overs(scope).filter(pk=pk).first()
    if record is None:
        raise NotFound("Không có biên bản này, hoặc biên bản của đơn vị khác.")
    rows = {d.code: d for d in with_names(visible(scope).filter(code__in=record.codes))}
    return record, [(code, rows.get(code)) for code in record.codes]


@dataclass(frozen=True, slots=True)
class Movable:
    """How many dossiers a decision that moves due dates would reach, and how many another system keeps."""

    pending: int
    late: int
    left: int


def movable(scope: Scope, unit: Unit, *, include_beneath: bool, ended_from: dt.date | None) -> Movable:
    """What ``move_due_dates`` would move today, counted beforehand. Errors: ``NotFound`` outside the scope. At most
    three statements."""
    if not scope.contains(unit.pk):
        raise NotFound(f"{unit.name} không trong phạm vi của bạn.")
    today = clock.today()
    units = [u.pk for u in org.descendants(unit, today, today)] if include_beneath else [unit.pk]
    here = Dossier.objects.filter(org.among("unit", units), due_at__isnull=False)
    pending = Q(state__in=PENDING_STATES)
    late = Q(pk__isnull=True)
    if ended_from is not None:
        late = Q(state__in=ENDED_STATES, time_class="late", ended_at__gte=clock.local_moment(ended_from))
    own = Q(owning_system="")
    found = here.filter(pending | late).aggregate(
        pending=Count("pk", filter=pending & own), late=Count("pk", filter=late & own), left=Count("pk", filter=~own)
    )
    return Movable(**found)


def due_moves(scope: Scope) -> QuerySet[DueMove]:
    """Decisions that moved the due dates in the scope's units, newest first; not yet read."""
    return scope.filter(DueMove.objects.select_related("unit", "actor")).order_by("-pk")


def windows(scope: Scope) -> QuerySet[CatchUpWindow]:
    """Approved catch-up windows of the scope's units, newest first; not yet read."""
    return scope.filter(CatchUpWindow.objects.select_related("unit", "approved_by")).order_by("-pk")
