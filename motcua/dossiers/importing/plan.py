"""What applying a list would do, before anything is done: new, changed, the same, vanished, bad. Reads only."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers.importing.reading import BadRow, ListRow, Value
from motcua.dossiers.models import Dossier, ImportedRow
from motcua.dossiers.states import Outcome
from motcua.ledger import rules as ledger_rules
from motcua.ledger.models import Channel
from motcua.ledger.rules import Fact
from motcua.org.models import Unit
from motcua.worktime import queries as worktime_queries
from motcua.worktime.rules import Deadline, WorkCalendar

WORDS = {
    "received": "ngày tiếp nhận",
    "due": "ngày hẹn trả",
    "ended": "ngày kết thúc",
    "handed_over": "ngày trả",
    "outcome": "kết cục",
    "channel": "hình thức nộp",
    "procedure": "thủ tục",
    "field": "lĩnh vực",
}
# What is kept as a code, and the word for each.
LABELS: dict[str, Sequence[tuple[str, Any]]] = {"outcome": Outcome.choices, "channel": Channel.choices}
# A change of one of these is a corrected acceptance; of the others, another end.
ACCEPTANCE = frozenset({"received", "due", "channel", "procedure", "field"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says, in moments: what is compared from one list to the next."""

    received: dt.datetime
    due: Deadline
    ended: dt.datetime | None
    handed_over: dt.datetime | None
    outcome: str
    channel: str
    procedure: str
    field: str

    def plain(self) -> dict[str, Any]:
        """As kept in the database."""
        return {
            "received": self.received.isoformat(),
            "due": [self.due.due_at.isoformat(), self.due.grain],
            "ended": self.ended.isoformat() if self.ended else None,
            "handed_over": self.handed_over.isoformat() if self.handed_over else None,
            "outcome": self.outcome,
            "channel": self.channel,
            "procedure": self.procedure,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A row that says something else than last time."""

    row: ListRow
    said: Said
    dossier_id: int
    before: dict[str, Any]
    what: tuple[str, ...]

    def words(self) -> str:
        """The difference, for a person."""
        new = self.said.plain()
        return "; ".join(f"{WORDS[k]}: {_show(k, self.before.get(k))} → {_show(k, new[k])}" for k in self.what)


@dataclass
class Plan:
    """The whole of what would be done."""

    unit: Unit
    system: str
    new: list[tuple[ListRow, Said]] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: list[tuple[ListRow, int]] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    # code, the source's class, ours
    classes: list[tuple[str, str, str]] = field(default_factory=list)


def _show(what: str, value: Any) -> str:
    if value is None or value == "":
        return "(trống)"
    if what in LABELS:
        return dict(LABELS[what]).get(value, str(value))
    if isinstance(value, list):
        value = value[0]
    try:
        return f"{clock.local(dt.datetime.fromisoformat(value)):%H:%M %d/%m/%Y}"
    except ValueError:
        return str(value)


def opening(calendar: WorkCalendar, day: dt.date) -> dt.datetime:
    """When the office opens on a day; on a rest day half past seven, for a receipt the source dates there."""
    spans = calendar.hours_on(day)
    return clock.local_moment(day, _time(spans[0][0]) if spans else dt.time(7, 30))


def closing(calendar: WorkCalendar, day: dt.date) -> dt.datetime:
    """When the office closes on a day; on a rest day five in the afternoon."""
    spans = calendar.hours_on(day)
    return clock.local_moment(day, _time(spans[-1][1]) if spans else dt.time(17))


def _time(value: Any) -> dt.time:
    return value if isinstance(value, dt.time) else dt.time(value // 60, value % 60)


def said_by(row: ListRow, calendar: WorkCalendar) -> Said:
    """A row in moments: missing hours are the opening for a receipt, the closing for an end; the due date is kept.

    A due date on the very day of receipt is one to the minute, any other counts by the day.
    """
    received = _moment(row.received) or opening(calendar, row.received.day)
    at_close = closing(calendar, row.due.day)
    same_day = row.due.day == row.received.day
    due_at = _moment(row.due) or (at_close if same_day else clock.local_moment(row.due.day, dt.time(17)))
    due = Deadline(max(due_at, received) if same_day else due_at, "minute" if same_day else "day")
    ended = None
    if row.ended is not None:
        ended = max(_moment(row.ended) or closing(calendar, row.ended.day), received)
    handed = None
    if row.handed_over is not None and ended is not None:
        handed = max(_moment(row.handed_over) or closing(calendar, row.handed_over.day), ended)
    return Said(
        received=received,
        due=due,
        ended=ended,
        handed_over=handed,
        outcome=row.outcome if ended else "",
        channel=row.channel,
        procedure=row.procedure_code or row.procedure_name,
        field=row.field,
    )


def _moment(value: Value | None) -> dt.datetime | None:
    return clock.local_moment(value.day, value.time) if value is not None and value.time is not None else None


def time_class(said: Said) -> str:
    """Our class of a row that has ended, by the ledger's own rule."""
    if said.ended is None:
        return ""
    facts = [
        Fact("receive", said.received, said.due, unit=0, category=0, channel=said.channel),
        Fact("close", said.ended, outcome=said.outcome),
    ]
    return str(ledger_rules.timeline(facts)[-1].to_account)


def make(unit: Unit, system: str, rows: Iterable[ListRow | BadRow | None]) -> Plan:
    """Compare a list with what is here. Four statements and the calendars of the days it names."""
    plan = Plan(unit, system)
    good: dict[str, ListRow] = {}
    now = clock.now()
    for row in rows:
        if row is None:
            continue
        if isinstance(row, BadRow):
            plan.bad.append(row)
        elif row.code in good:
            plan.bad.append(BadRow(row.line, row.code, f"mã hồ sơ trùng với dòng {good[row.code].line}"))
        else:
            good[row.code] = row
    known = _known(list(good))
    calendar_of = _calendars(unit)
    for code, row in good.items():
        dossier = known.get(code)
        if dossier is not None and not dossier["imported"]:
            plan.bad.append(BadRow(row.line, code, "mã này là hồ sơ lập tại đây, không nhập đè"))
            continue
        if dossier is not None and (dossier["row_unit"], dossier["row_system"]) != (unit.pk, system):
            plan.bad.append(BadRow(row.line, code, "mã này đã nhập từ đơn vị hoặc hệ thống khác"))
            continue
        if row.received.day < unit.valid_from or (unit.valid_to is not None and row.received.day > unit.valid_to):
            why = (
                f"{unit.name} không tồn tại vào ngày tiếp nhận {row.received.day:%d/%m/%Y}; hãy nhập cho đơn vị của "
                "ngày đó (--unit MÃ --day NGÀY), hồ sơ còn dở tự theo đơn vị kế thừa"
            )
            plan.bad.append(BadRow(row.line, code, why))
            continue
        try:
            said = said_by(row, calendar_of(row.received.day))
        except Invalid as error:
            plan.bad.append(BadRow(row.line, code, str(error)))
            continue
        late = next((d for d in (said.received, said.ended, said.handed_over) if d is not None and d > now), None)
        if late is not None:
            plan.bad.append(BadRow(row.line, code, f"ngày {clock.local(late):%d/%m/%Y} ở tương lai"))
            continue
        ours = time_class(said)
        if row.time_class and ours and row.time_class != ours:
            plan.classes.append((code, row.time_class, ours))
        if dossier is None:
            plan.new.append((row, said))
            continue
        before, after = dossier["said"], said.plain()
        what = tuple(k for k in WORDS if before.get(k) != after[k])
        if what:
            plan.changed.append(Change(row, said, dossier["pk"], before, what))
        else:
            plan.same.append((row, dossier["pk"]))
    present = set(good) | {b.code for b in plan.bad}
    earlier = ImportedRow.objects.filter(unit=unit, system=system).values_list("dossier__code", flat=True)
    plan.vanished = sorted(c for c in earlier if c and c not in present)
    plan.bad.sort(key=lambda b: b.line)
    return plan


def _known(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(codes), 5000):
        rows = Dossier.objects.filter(code__in=codes[start : start + 5000]).values(
            "pk",
            "code",
            "imported",
            said=F("imported_row__said"),
            row_unit=F("imported_row__unit"),
            row_system=F("imported_row__system"),
        )
        found |= {str(r["code"]): dict(r) for r in rows}
    return found


def _calendars(unit: Unit) -> Any:
    by_day: dict[dt.date, WorkCalendar] = {}

    def of(day: dt.date) -> WorkCalendar:
        month = day.replace(day=1)
        if month not in by_day:
            # Versions change rarely; within a month the one of its first day will do to open and close an office.
            by_day[month] = worktime_queries.compiled(worktime_queries.calendar_version_for(unit, month).pk)
        return by_day[month]

    return of
