"""Giao ban tuần: what a Monday meeting looks at, on one A4. Read-only; some thirty statements, whatever there is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q

from motcua.core import clock
from motcua.dossiers import workload
from motcua.dossiers.acting import contract_of, read_rows
from motcua.dossiers.models import Dossier
from motcua.dossiers.queries import visible
from motcua.dossiers.states import PENDING_STATES, State
from motcua.dossiers.walk import standing
from motcua.dossiers.workload import Load
from motcua.ledger import queries as ledger
from motcua.ledger.models import Account, Book, Event, LegKind
from motcua.ledger.statement import ONLINE, Statement
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import Scope
from motcua.reports.causes import Cause, Late, Week, causes, last_full_day, recorded_late, stays, week_of
from motcua.reports.due_day import DueDayAct, on_due_day
from motcua.worktime.rules import Deadline

# What fits on the page.
LOADS, RATES, DUE_DAY = 12, 6, 6
# Late dossiers whose story is read for causes: the longest overdue, and those that ended late last week.
_MOST_LATE = 300


@dataclass(frozen=True, slots=True)
class Signer:
    """How much waits for one person's signature, and when the first of it is due."""

    name: str
    n: int
    overdue: int
    first: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Rate:
    """What a unit ended last week: in time by the system, and of those past the deadline when written down."""

    name: str
    ended: int
    in_time: int
    in_fact: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Last week's movement, beside the week before."""

    received: int
    online: int
    ended: int
    late: int
    handed_over: int


@dataclass(frozen=True, slots=True)
class Weekly:
    """The whole page."""

    unit: Unit
    week: Week
    as_of: dt.datetime
    loads: list[Load]
    others: Load | None  # the holders with less, together
    total: Load
    signers: list[Signer]
    last: Flow
    before: Flow
    rates: list[Rate]
    other_rates: Rate | None  # the units that did better, together
    rate: Rate
    on_due_day: list[DueDayAct]
    causes: list[Cause]
    late: int


def weekly(scope: Scope, unit: Unit) -> Weekly:
    """The page for a unit of the scope, now."""
    now, week = clock.now(), week_of(clock.today())
    today = clock.today()
    ids = {u.pk for u in org.descendants(unit, week.last_monday, today)} | {unit.pk}
    narrow = Scope(scope.user_id, scope.day, frozenset(pk for pk in ids if scope.contains(pk)))
    made = _statement(scope, unit, week.last_monday, last_full_day(now, week.last_sunday))
    earlier = week.last_monday - dt.timedelta(days=7)
    previous = _statement(scope, unit, earlier, week.last_monday - dt.timedelta(days=1))
    found = workload.loads(narrow, by="holder", until=week.friday)
    pressing = sorted(found, key=lambda load: (-load.overdue, -load.week, -load.total, load.name))
    late = _late(narrow, week, now)
    rates = _rates(made, narrow, week)
    return Weekly(
        unit=unit,
        week=week,
        as_of=now,
        loads=pressing[:LOADS],
        others=_together(pressing[LOADS:], f"{len(pressing) - LOADS} người khác") if len(pressing) > LOADS else None,
        total=_together(pressing, "Cộng"),
        signers=_signers(narrow, now),
        last=_flow(made, narrow, week.last_monday),
        before=_flow(previous, narrow, earlier),
        rates=rates[:RATES],
        other_rates=_summed(rates[RATES:], f"{len(rates) - RATES} đơn vị khác") if len(rates) > RATES else None,
        rate=_summed(rates, "Cộng"),
        on_due_day=on_due_day(scope, made),
        causes=causes(late),
        late=len(late),
    )


def _statement(scope: Scope, unit: Unit, start: dt.date, end: dt.date) -> Statement:
    return ledger.statement(scope, book=Book.DOSSIER, units=[unit], start=start, end=end, by="unit")


def _together(loads: Sequence[Load], name: str) -> Load:
    states: dict[str, int] = {}
    for load in loads:
        for state, n in load.by_state.items():
            states[state] = states.get(state, 0) + n
    return Load(
        0,
        name,
        "",
        states,
        sum(load.overdue for load in loads),
        sum(load.today for load in loads),
        sum(load.week for load in loads),
    )


def _signers(scope: Scope, now: dt.datetime) -> list[Signer]:
    rows = (
        visible(scope)
        .filter(state=State.PROPOSED)
        .order_by()
        .values_list("holder__full_name")
        .annotate(n=Count("pk"), overdue=Count("pk", filter=Q(crossing_at__lte=now)), first=Min("due_at"))
    )
    found = [Signer(name or "Chưa ai giữ", n, overdue, first) for name, n, overdue, first in rows]
    return sorted(found, key=lambda each: (-each.overdue, -each.n, each.name))


def _flow(made: Statement, scope: Scope, start: dt.date) -> Flow:
    figures = made.total.figures
    given = visible(scope).filter(
        handed_over_at__gte=clock.local_moment(start), handed_over_at__lt=clock.local_moment(start + dt.timedelta(7))
    )
    return Flow(
        received=figures.received_total,
        online=sum(figures.received.get(channel, 0) for channel in ONLINE),
        ended=figures.ended_total,
        late=figures.ended_as(Account.LATE),
        handed_over=given.count(),
    )


def _rates(made: Statement, scope: Scope, week: Week) -> list[Rate]:
    """By unit, those furthest from all in time first. Two statements."""
    behind = _written_late(scope, week)
    found = []
    for line in made.lines:
        ended, late = line.figures.ended_total, line.figures.ended_as(Account.LATE)
        if ended:
            hidden = sum(behind.get(pk, 0) for pk in line.unit_ids)
            found.append(Rate(line.label, ended, ended - late, ended - late - hidden))
    return sorted(found, key=lambda rate: (rate.in_fact / rate.ended, -rate.ended, rate.name))


def _summed(rates: Sequence[Rate], name: str) -> Rate:
    return Rate(name, sum(r.ended for r in rates), sum(r.in_time for r in rates), sum(r.in_fact for r in rates))


def _written_late(scope: Scope, week: Week) -> dict[int, int]:
    """By accountable unit, the ends of last week that were in time only because they were written as of earlier."""
    rows = (
        Dossier.objects.filter(
            scope.q("unit"),
            late_entry=True,
            item__legs__book=Book.DOSSIER,
            item__legs__day__range=(week.last_monday, week.last_sunday),
            item__legs__kind=LegKind.CLOSE,
            item__legs__account__in=[Account.EARLY, Account.ON_TIME],
            time_class__in=[Account.EARLY, Account.ON_TIME],
        )
        .distinct()
        .values_list("item_id", "unit_id", "due_at", "due_grain", "ended_at")
    )
    ends = {item: (unit, due, grain, ended) for item, unit, due, grain, ended in rows if due and ended}
    counted: dict[int, int] = {}
    events = Event.objects.filter(org.among("item", ends), voided_by__isnull=True)
    for item, occurred, recorded, facts in events.values_list("item_id", "occurred_at", "recorded_at", "facts"):
        unit, due, grain, ended = ends[item]
        deadline = Deadline(due, "minute" if grain == "minute" else "day")
        mark = str(facts.get("late_entry", ""))
        if occurred == ended and recorded_late(occurred, recorded, mark, deadline.crossing):
            counted[unit] = counted.get(unit, 0) + 1
    return counted


def _late(scope: Scope, week: Week, now: dt.datetime) -> list[Late]:
    """The dossiers overdue now and those that ended late last week, with where their time went. Three statements."""
    rows = visible(scope).select_related("procedure_version", "unit", "holder")
    overdue = rows.filter(state__in=PENDING_STATES, crossing_at__lte=now).order_by("crossing_at", "pk")
    ended = rows.filter(
        time_class=Account.LATE,
        ended_at__gte=clock.local_moment(week.last_monday),
        ended_at__lt=clock.local_moment(week.monday),
    ).order_by("ended_at", "pk")
    dossiers = [*overdue[:_MOST_LATE], *ended[:_MOST_LATE]]
    told = read_rows(dossiers)
    found = []
    for dossier in dossiers:
        acts = standing((row.entry, row.voids) for row in told.get(dossier.pk, []) if not row.mirror)
        acts = [entry for entry in acts if entry.seq > 0]
        if acts:
            spent = stays(contract_of(acts), acts, dossier.ended_at or now)
            holder = str(dossier.holder) if dossier.holder else "chưa ai giữ"
            found.append(Late(dossier.procedure_version.name, dossier.unit.name, holder, tuple(spent)))
    return found
