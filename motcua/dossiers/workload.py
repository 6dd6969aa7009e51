"""What lies on whose desk, and what must be known of it before it is acted on: for the working pages.

Every function reads in a constant number of statements; the asker's scope is always required.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, F, Q, TextField, Value
from django.db.models.functions import Cast

from motcua.core import clock
from motcua.dossiers.acting import Row, read_rows
from motcua.dossiers.models import Attachment, Dossier, Note
from motcua.dossiers.queries import visible, with_names
from motcua.dossiers.routine import DAY_NOTES, Group, ends_of
from motcua.dossiers.states import PENDING_STATES, WAITING_STATES, Act, Outcome, State
from motcua.dossiers.walk import standing
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.procedures import signing

# ---- what the acts of a dossier say --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """``version``: what a page keeps to notice that somebody else has acted; the rest is of the acts that stand."""

    version: int = 0
    proposal: Outcome = Outcome.GRANTED
    proposed_by: int | None = None
    note: int | None = None
    parts_open: bool = False


def story_of(rows: Sequence[Row]) -> Story:
    """The story in a dossier's recorded acts. Pure."""
    proposal, by, note = Outcome.GRANTED, None, None
    parts: set[int] = set()
    for entry in standing((r.entry, r.voids) for r in rows if not r.mirror):
        facts = entry.facts
        if entry.act is Act.PROPOSE:
            proposal, by = Outcome(facts.get("proposal", Outcome.GRANTED)), facts.get("from")
            note = facts["note"][0] if facts.get("note") else None
        elif entry.act is Act.SEND_PART:
            parts.add(facts["part"])
        elif entry.act is Act.PART_RETURNED:
            parts.discard(facts["part"])
    return Story(len(rows), proposal, by, note, bool(parts))


def stories(dossiers: Iterable[Dossier]) -> dict[int, Story]:
    """The stories of dossiers, by id. One statement."""
    found = list(dossiers)
    rows = read_rows(found) if found else {}
    return {d.pk: story_of(rows.get(d.pk, [])) for d in found}


# ---- my work ---------------------------------------------------------------------------------------------------------


def group_counts(scope: Scope, user: User) -> dict[Group, int]:
    """How many pending dossiers the person holds in each group of remaining time. One statement."""
    now = clock.now()
    wanted, after = {}, None
    for group, end in ends_of(now).items():
        condition = Q(crossing_at__lte=end)
        wanted[group.value] = Count("pk", filter=condition if after is None else condition & Q(crossing_at__gt=after))
        after = end
    undated = Q(crossing_at__isnull=True, waiting_since__isnull=True)
    wanted[Group.LATER.value] = Count("pk", filter=Q(crossing_at__gt=after) | undated)
    wanted[Group.WAITING.value] = Count("pk", filter=Q(crossing_at__isnull=True, waiting_since__isnull=False))
    rows = visible(scope).filter(holder=user, ended_at__isnull=True)
    return {Group(name): n for name, n in rows.aggregate(**wanted).items()}


# ---- the whole office ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """How much lies with one holder, or at one step: by state, and how much of it is overdue or due soon."""

    key: int | str
    name: str
    beside: str = ""
    by_state: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 0
    today: int = 0
    week: int = 0

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    def count(self, states: Iterable[str]) -> int:
        """How many stand in any of these states."""
        return sum(self.by_state.get(state, 0) for state in states)


# The columns of the office's table; waiting for whatever reason is one.
STAGES: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("received", "Chờ chuyển", (State.RECEIVED,)),
    ("processing", "Đang xử lý", (State.PROCESSING,)),
    ("stopped", "Đang chờ", tuple(sorted(WAITING_STATES))),
    ("proposed", "Chờ ký", (State.PROPOSED,)),
    ("approved", "Chờ về một cửa", (State.APPROVED,)),
)


def loads(scope: Scope, *, by: str, unit: int | None = None, until: dt.date | None = None) -> list[Load]:
    """What is pending in the scope by ``holder`` or by internal ``step``, the most overdue first. One statement.

    ``unit``: only what that unit is accountable for. «Week» ends with ``until`` (default: Sunday), that day included.
    """
    now = clock.now()
    ends = ends_of(now)
    running = Q(crossing_at__isnull=False)
    rows = visible(scope).filter(state__in=PENDING_STATES)
    if unit is not None:
        rows = rows.filter(unit=unit)
    last = until or clock.today() + dt.timedelta(days=6 - clock.today().weekday())
    week_end = clock.local_moment(last + dt.timedelta(days=1))
    names = {"holder": ("holder_id", "holder__full_name", "holder__home__name"), "step": ("step__name",) * 3}[by]
    counted = (
        rows.order_by()
        .values_list(*(F(name) for name in names), "state")
        .annotate(
            Count("pk"),
            overdue=Count("pk", filter=running & Q(crossing_at__lte=now)),
            today=Count("pk", filter=Q(crossing_at__gt=now, crossing_at__lte=ends[Group.TODAY])),
            week=Count("pk", filter=Q(crossing_at__gt=now, crossing_at__lte=week_end)),
        )
    )
    return folded(tuple(row) for row in counted)


def folded(rows: Iterable[tuple[Any, ...]]) -> list[Load]:
    """Rows of (key, name, beside, state, how many, overdue, today, week) as one load for each key. Pure."""
    found: dict[Any, list[Any]] = {}
    for key, name, beside, state, many, overdue, today, week in rows:
        load = found.setdefault(key, [name or "", beside or "", {}, 0, 0, 0])
        load[2][state] = load[2].get(state, 0) + many
        load[3] += overdue
        load[4] += today
        load[5] += week
    made = [Load(key or 0, *rest) for key, rest in found.items()]
    return sorted(made, key=lambda load: (-load.overdue, -load.week, -load.total, load.name))


# ---- for signature ---------------------------------------------------------------------------------------------------

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A dossier waiting for a signature, with what its signer reads first."""

    dossier: Dossier
    story: Story
    proposer: str
    note: str
    files: list[Attachment]
    signs: list[str]  # the lines over the reader's signature, where an authority is written down


def to_sign(scope: Scope, *, user: User | None, signer: User | None = None) -> list[Draft]:
    """What waits for a signature (with ``user``: that person's), by due date, with how ``signer`` would sign it; at
    most :data:`MOST_SHOWN`.

    Four statements.
    """
    rows = visible(scope).filter(state=State.PROPOSED)
    if signer is not None:
        procedure = "procedure_version__procedure"
        how = signing.signature(signer.pk, clock.today(), unit="unit", procedure=procedure)
        rows = rows.annotate(signature=how)
    if user is not None:
        rows = rows.filter(Q(holder=user) | Q(holder__isnull=True))
    dossiers = list(with_names(rows).order_by(F("crossing_at").asc(nulls_last=True), "pk")[:MOST_SHOWN])
    told = stories(dossiers)
    notes = Note.objects.filter(pk__in={s.note for s in told.values() if s.note})
    proposers = User.objects.filter(pk__in={s.proposed_by for s in told.values() if s.proposed_by})
    texts = notes.order_by().values_list(Value("note", CharField()), "pk", Cast("text", TextField()))
    named = proposers.order_by().values_list(Value("user", CharField()), "pk", Cast("full_name", TextField()))
    said = {(kind, pk): text for kind, pk, text in texts.union(named, all=True)} if dossiers else {}
    files: dict[int, list[Attachment]] = {}
    shown = Attachment.objects.filter(dossier__in=dossiers, removed_at__isnull=True).select_related("blob")
    for each in shown.order_by("kind", "pk") if dossiers else ():
        files.setdefault(each.dossier_id, []).append(each)
    return [
        Draft(
            d,
            told[d.pk],
            said.get(("user", told[d.pk].proposed_by), ""),
            said.get(("note", told[d.pk].note), ""),
            files.get(d.pk, []),
            signing.read_signature(getattr(d, "signature", "")),
        )
        for d in dossiers
    ]


# ---- the day's end ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayLine:
    """A dossier due today, with what was said of it today."""

    dossier: Dossier
    story: Story
    red: bool  # overdue already; the others turn red at midnight, or earlier where counted by the minute
    notes: list[str]


def due_today(scope: Scope, *, user: User | None = None, limit: int = 200) -> list[DayLine]:
    """Pending dossiers whose deadline is today, those of each holder together. Three statements."""
    now, today = clock.now(), clock.today()
    start = clock.local_moment(today)
    rows = visible(scope).filter(
        state__in=PENDING_STATES, crossing_at__gt=start, crossing_at__lte=ends_of(now)[Group.TODAY]
    )
    if user is not None:
        rows = rows.filter(holder=user)
    ordered = with_names(rows).order_by(F("holder__full_name").asc(nulls_first=True), "holder", "crossing_at", "pk")
    dossiers = list(ordered[:limit])
    told = stories(dossiers)
    notes: dict[int, list[str]] = {}
    said = Note.objects.filter(dossier__in=dossiers, kind__in=DAY_NOTES, created_at__gte=start)
    for each in said.select_related("author").order_by("pk") if dossiers else ():
        notes.setdefault(each.dossier_id, []).append(f"{DAY_NOTES[each.kind]} ({each.author}): {each.text}")
    return [DayLine(d, told[d.pk], bool(d.crossing_at and d.crossing_at <= now), notes.get(d.pk, [])) for d in dossiers]


def turning_red(scope: Scope) -> tuple[int, dt.datetime]:
    """How many clocks cross between now and midnight, and that midnight. One statement."""
    now = clock.now()
    midnight = ends_of(now)[Group.TODAY]
    rows = visible(scope).filter(state__in=PENDING_STATES, crossing_at__gt=now, crossing_at__lte=midnight)
    return rows.count(), midnight
