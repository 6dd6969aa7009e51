"""What stands behind a statement: the items of each figure, the adjustments, and what was written late."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from motcua.core import clock
from motcua.core.errors import NotAllowed, NotFound
from motcua.ledger.forms import GIVEN_BACK, RESOLVED
from motcua.ledger.models import ENDED, PENDING, Account, Channel, LegKind
from motcua.ledger.reading import MOVES, Window, date_sql, lookup
from motcua.ledger.statement import ONLINE, OTHER_CHANNELS, Line, Statement
from motcua.org.models import Unit
from motcua.org.queries import Scope

# Every piece of SQL below is written here; column names are looked up, never pasted.
# ruff: noqa: S608

PAGE = 50
# Acts by which a decision says that a deadline was another one: nobody wrote anything late.
DECISIONS = ("move_due",)
# Few enough units and days to look each pair up; else the days are read in one stretch.
_PAIRS = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One item behind a figure; ``n`` is what it adds (1, or -1 where it left)."""

    item_id: int
    code: str
    n: int


@dataclass(frozen=True, slots=True)
class Drilled:
    """A page of items behind one figure. ``figure`` is the sum over all pages, ``entries`` counts the items."""

    figure: int
    entries: int
    items: tuple[Entry, ...]


# ---- conditions of columns ------------------------------------------------------------------------------------------


def _in(column: str, values: object) -> str:
    return f"l.{column} IN ({', '.join(repr(str(value)) for value in values)})"  # type: ignore[attr-defined]


_STANDING = _in("account", PENDING)
_DONE = _in("account", ENDED)
_MOVING = _in("kind", MOVES)
_RECEIVING = f"l.kind = '{LegKind.RECEIVE}'"


def _opening(window: Window, also: str = _STANDING) -> str:
    return f"{also} AND {window.known} AND {window.at_opening} AND NOT ({window.adjusting})"


def _adjustments(window: Window, also: str = _STANDING) -> str:
    return f"{also} AND {window.known} AND ({window.adjusting})"


def _flow(window: Window, also: str) -> str:
    return f"{also} AND {window.known} AND {window.in_window}"


def _closing(window: Window, also: str = _STANDING) -> str:
    return f"{also} AND {window.known} AND {window.lived}"


def _moved(window: Window, new: bool, also: str = "1 = 1") -> str:
    return _flow(window, f"{_MOVING} AND {also} AND {window.received_here} {'<>' if new else '='} 0")


def _any(*conditions: str) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def _c4(w: Window) -> str:
    return _any(_flow(w, f"{_RECEIVING} AND {_in('channel', ONLINE)}"), _moved(w, True, _in("channel", ONLINE)))


def _c5(w: Window) -> str:
    others = _in("channel", OTHER_CHANNELS)
    return _any(_flow(w, f"{_RECEIVING} AND {others}"), _moved(w, True, others))


def _c6(w: Window) -> str:
    return _any(_opening(w), _adjustments(w), _moved(w, False))


def _columns() -> dict[str, Callable[[Window], str]]:
    """Column -> the condition on legs whose signs add up to its figure."""
    found: dict[str, Callable[[Window], str]] = {
        "opening": _opening,
        "adjustments": _adjustments,
        "received": lambda w: _flow(w, _RECEIVING),
        "transferred": lambda w: _flow(w, f"l.kind = '{LegKind.TRANSFER}'"),
        "succeeded": lambda w: _flow(w, f"l.kind = '{LegKind.SUCCESSION}'"),
        "reclassified": lambda w: _flow(w, f"l.kind = '{LegKind.CORRECT}'"),
        "ended": lambda w: _flow(w, _DONE),
        "closing": _closing,
        "c3": lambda w: _any(_c4(w), _c5(w), _c6(w)),
        "c4": _c4,
        "c5": _c5,
        "c6": _c6,
        "c7": lambda w: _flow(w, _DONE),
        "c8": lambda w: _flow(w, f"l.account = '{Account.EARLY}'"),
        "c9": lambda w: _flow(w, f"l.account = '{Account.ON_TIME}'"),
        "c10": lambda w: _flow(w, f"l.account = '{Account.LATE}'"),
        "c11": _closing,
        "c12": lambda w: _closing(w, _in("account", (Account.IN_TIME, Account.WAITING_IN_TIME))),
        "c13": lambda w: _closing(w, _in("account", (Account.OVERDUE, Account.WAITING_OVERDUE))),
        "c45": lambda w: _any(_c4(w), _c5(w)),
        "given_back": lambda w: _flow(w, f"{_DONE} AND {_in('outcome', GIVEN_BACK)}"),
        "other_ends": lambda w: _flow(w, f"{_DONE} AND NOT {_in('outcome', (*GIVEN_BACK, *RESOLVED))}"),
        "waiting": lambda w: _closing(w, _in("account", (Account.WAITING_IN_TIME, Account.WAITING_OVERDUE))),
    }
    for name in map(str, PENDING):
        only = f"l.account = '{name}'"
        found[f"opening.{name}"] = lambda w, only=only: _opening(w, only)  # type: ignore[misc]
        found[f"adjustments.{name}"] = lambda w, only=only: _adjustments(w, only)  # type: ignore[misc]
        found[f"closing.{name}"] = lambda w, only=only: _closing(w, only)  # type: ignore[misc]
    for name in Channel.values:
        only = f"{_RECEIVING} AND l.channel = '{name}'"
        found[f"received.{name}"] = lambda w, only=only: _flow(w, only)  # type: ignore[misc]
    for name in map(str, ENDED):
        only = f"l.account = '{name}'"
        found[f"ended.{name}"] = lambda w, only=only: _flow(w, only)  # type: ignore[misc]
    return found


COLUMNS = _columns()


def condition(window: Window, column: str) -> str:
    """The condition of a column. Beside the named ones: ``outcome.granted`` and ``ended.late.granted``."""
    if column in COLUMNS:
        return COLUMNS[column](window)
    kind, _, rest = column.partition(".")
    account, _, outcome = rest.partition(".") if kind == "ended" else ("", "", rest)
    safe = outcome.replace("_", "").isalnum() and outcome.isascii()
    if kind in ("ended", "outcome") and safe and (not account or account in ENDED):
        also = f"l.account = '{account}'" if account else _DONE
        return _flow(window, f"{also} AND l.outcome = '{outcome}'")
    raise NotFound(f"Biểu không có cột «{column}».", code="column_unknown")


# ---- drill ----------------------------------------------------------------------------------------------------------


def drill(
    scope: Scope, made: Statement, line: str | None, column: str, *, page: int = 1, page_size: int = PAGE
) -> Drilled:
    """The items behind one figure of a statement, by code; ``line`` ``None`` is the total. One statement.

    The sum of ``n`` over all pages is the figure. Columns: those of :data:`COLUMNS` (``opening``, ``closing.overdue``,
    ``received.online``, ``c3`` … ``c13`` of II.06a), ``outcome.O`` and ``ended.CLASS.O``. Reads the journal of the
    line's units, so a large line takes seconds where its figure takes milliseconds.
    """
    try:
        chosen = made.line(line)
    except KeyError:
        raise NotFound(f"Biểu không có dòng «{line}».", code="line_unknown") from None
    check_scope(scope, made)
    window = window_of(made)
    where = f"{window.base()} AND ({condition(window, column)}){of_line(chosen)}{days_of(window, chosen, column)}"
    path = "" if chosen.items else lookup(" INDEXED BY ledger_leg_book_day_unit")
    inner = f"SELECT l.item_id, SUM(l.sign) AS n FROM ledger_leg l{path} WHERE {where} GROUP BY l.item_id"
    skip = max(page - 1, 0) * page_size
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS ({inner} HAVING SUM(l.sign) <> 0) "
            "SELECT f.item_id, i.code, f.n, (SELECT SUM(n) FROM found), (SELECT COUNT(*) FROM found) "
            f"FROM found f JOIN ledger_item i ON i.id = f.item_id ORDER BY i.code, i.id LIMIT {page_size} OFFSET {skip}"
        )
        rows = cursor.fetchall()
        if not rows and page > 1:
            return drill(scope, made, line, column, page=1, page_size=page_size)
    if not rows:
        return Drilled(0, 0, ())
    return Drilled(int(rows[0][3]), int(rows[0][4]), tuple(Entry(row[0], row[1], int(row[2])) for row in rows))


def window_of(made: Statement) -> Window:
    """The conditions a statement was counted with, to read the same legs again."""
    return Window(
        made.book,
        made.start,
        made.counted_to,
        made.as_of,
        made.provisional,
        made.watermark,
        made.chain,
    )


def check_scope(scope: Scope, made: Statement) -> None:
    """Raise :class:`NotAllowed` where the statement is of units outside the scope. One statement at most."""
    # Everything counted lies inside: then so do the units it was asked for.
    if scope.everything or made.total.unit_ids <= scope.unit_ids:
        return
    keys = {key for key, _ in made.units}
    codes = [key.partition("@")[0] for key in keys]
    for unit in Unit.objects.filter(code__in=codes):
        if unit.key in keys and not scope.contains(unit.pk):
            raise NotAllowed(f"Bạn không được giao xem số liệu của «{unit.name}».", code="unit_outside_scope")


def of_line(line: Line) -> str:
    """The condition on a leg ``l`` to be counted in this line."""
    if line.items:
        return f" AND l.item_id IN ({line.items})"
    parts = [f" AND l.unit_id IN ({', '.join(map(str, sorted(line.unit_ids))) or 'NULL'})"]
    if line.category_ids is not None:
        parts.append(f" AND l.category_id IN ({', '.join(map(str, sorted(line.category_ids))) or 'NULL'})")
    if line.channel is not None:
        parts.append(f" AND l.channel = '{Channel(line.channel)}'")
    return "".join(parts)


def days_of(window: Window, line: Line, column: str) -> str:
    """Every day by name where days and units are few, so that each pair is looked up in (book, day, unit)."""
    if line.items:
        return ""
    flow = column.partition(".")[0] in ("received", "transferred", "succeeded", "reclassified", "ended", "outcome")
    if flow or column in ("c7", "c8", "c9", "c10", "given_back", "other_ends"):
        first = window.start
    else:
        earliest = _first_day(window.book)
        if earliest is None:
            return ""
        first = min(earliest, window.start)
    last = window.counted_to
    if ((last - first).days + 1) * len(line.unit_ids) > _PAIRS:
        return f" AND l.day BETWEEN {date_sql(first)} AND {date_sql(last)}"
    days = ", ".join(date_sql(first + dt.timedelta(n)) for n in range((last - first).days + 1))
    return f" AND l.day IN ({days})"


def _first_day(book: str) -> dt.date | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(day) FROM ledger_leg WHERE book = %s", [book])
        found = cursor.fetchone()[0]
    return dt.date.fromisoformat(found) if isinstance(found, str) else found


# ---- adjustments ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one item's acts since the frozen statement changed about earlier days.

    ``before`` and ``after`` are where it stood at the end of the day before the period, as frozen and as known now;
    ``received`` and ``ended`` (by class) what they changed in the period reported then.
    """

    item_id: int
    code: str
    recorded_at: dt.datetime
    pending: int
    received: int
    ended: dict[str, int]

    @property
    def late_to_on_time(self) -> bool:
        """Reported then as ended late, now as ended early or on time."""
        return self.ended.get(Account.LATE, 0) < 0 and (
            self.ended.get(Account.ON_TIME, 0) + self.ended.get(Account.EARLY, 0) > 0
        )


@dataclass(frozen=True, slots=True)
class Adjustments:
    """The list «điều chỉnh kỳ trước» of a chained statement: at most ``limit`` items of ``total``."""

    items: tuple[Adjustment, ...]
    total: int
    late_to_on_time: int


def adjustments(scope: Scope, made: Statement, line: str | None = None, *, limit: int = 500) -> Adjustments:
    """The items behind «điều chỉnh kỳ trước», latest first; empty where the statement is not chained. One statement.

    It lists every item of which something about earlier days is known otherwise since, also where pending did not
    change: another channel, category, unit, outcome or day. What was recorded and taken back again is left out.
    """
    check_scope(scope, made)
    if made.chain is None:
        return Adjustments((), 0, 0)
    window = window_of(made)
    conditions = [_STANDING, _RECEIVING, *(f"l.account = '{account}'" for account in ENDED)]
    columns = ", ".join(f"SUM(CASE WHEN {each} THEN l.n ELSE 0 END) AS s{n}" for n, each in enumerate(conditions))
    place = "l.item_id, l.day, l.account, l.unit_id, l.category_id, l.channel, l.outcome, l.kind"
    cells = (
        f"SELECT {place}, MAX(l.recorded_at) AS recorded_at, SUM(l.sign) AS n FROM ledger_leg l "
        f"WHERE {window.base()} AND {window.known} AND ({window.adjusting}){of_line(made.line(line))} GROUP BY {place}"
    )
    inner = (
        f"SELECT l.item_id, MAX(l.recorded_at) AS recorded_at, {columns} FROM ({cells}) l WHERE l.n <> 0 "
        "GROUP BY l.item_id"
    )
    turned = "s4 < 0 AND s2 + s3 > 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS ({inner}) SELECT f.item_id, i.code, f.recorded_at, s0, s1, s2, s3, s4, "
            f"(SELECT COUNT(*) FROM found), (SELECT COUNT(*) FROM found WHERE {turned}) "
            f"FROM found f JOIN ledger_item i ON i.id = f.item_id ORDER BY f.recorded_at DESC, i.code LIMIT {limit}"
        )
        rows = cursor.fetchall()
    items = tuple(
        Adjustment(
            row[0],
            row[1],
            moment(row[2]),
            int(row[3]),
            int(row[4]),
            {str(account): int(n) for account, n in zip(ENDED, row[5:8], strict=True) if n},
        )
        for row in rows
    )
    return Adjustments(items, int(rows[0][8]) if rows else 0, int(rows[0][9]) if rows else 0)


def moment(value: str | dt.datetime) -> dt.datetime:
    """A moment as a cursor gives it: SQLite knows no zones, and of an aggregate gives the bare text."""
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)


# ---- honesty --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Memo:
    """What a reader of the figures should know about how they came to be."""

    written_late: int  # items with an act in the period that was recorded on a later day than it happened
    turned: int  # of those that ended in time: how many stood overdue, or late, until the record was changed
    uncrossed: dict[str, int]  # verb -> items whose crossing, already lived, was reversed on its day

    @property
    def moved_deadlines(self) -> int:
        """Items whose deadline was moved by a decision after it had passed."""
        return sum(self.uncrossed.get(verb, 0) for verb in DECISIONS)


def memo(scope: Scope, made: Statement) -> Memo:
    """«n ghi muộn, trong đó m đổi từ quá hạn sang đúng hạn», and crossings taken back, by verb. Two statements.

    Reads the journal of the period: not for the moment somebody waits at a counter.
    """
    check_scope(scope, made)
    window = window_of(made)
    units = of_line(made.total)
    acts = _in("kind", (LegKind.RECEIVE, LegKind.PAUSE, LegKind.RESUME, LegKind.CLOSE, LegKind.TRANSFER))
    where = f"{window.base()} AND {window.known} AND {window.in_window}{units}"
    # By the act's own moment: a correction made today of what was written in time is no late entry.
    day = "({} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date" if connection.vendor == "postgresql" else "date({}, '+7 hours')"
    later = f"{day.format('e.recorded_at')} > {day.format('e.occurred_at')}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(DISTINCT l.item_id) FROM ledger_leg l JOIN ledger_event e ON e.id = l.event_id "
            f"WHERE {where} AND {acts} AND l.reverses_id IS NULL AND {later}"
        )
        late = int(cursor.fetchone()[0])
        # A crossing that had come, or a late end, taken back by an act.
        taken_back = (
            f"SELECT l.item_id, l.event_id, MAX(CASE WHEN l.kind = '{LegKind.CROSS}' THEN 1 ELSE 0 END) AS crossing "
            f"FROM ledger_leg l WHERE {where} AND l.reverses_id IS NOT NULL AND l.sign = -1 AND l.at <= l.recorded_at "
            f"AND ((l.kind = '{LegKind.CROSS}' AND l.account = '{Account.OVERDUE}') OR l.account = '{Account.LATE}') "
            "GROUP BY l.item_id, l.event_id"
        )
        in_time_now = (
            "SELECT l.item_id, SUM(l.sign) AS n FROM ledger_leg l "
            f"WHERE l.book = '{made.book}' AND l.item_id IN (SELECT item_id FROM taken) AND {window.known} "
            f"AND {window.lived} AND l.account IN ('{Account.EARLY}', '{Account.ON_TIME}') GROUP BY l.item_id"
        )
        cursor.execute(
            f"WITH taken AS ({taken_back}), fine AS ({in_time_now}) "
            "SELECT e.verb, COUNT(DISTINCT CASE WHEN t.crossing = 1 THEN t.item_id END), "
            "(SELECT COUNT(*) FROM fine WHERE n > 0) "
            "FROM taken t JOIN ledger_event e ON e.id = t.event_id GROUP BY e.verb"
        )
        rows = cursor.fetchall()
    return Memo(late, int(rows[0][2]) if rows else 0, {verb: int(n) for verb, n, _ in rows if n})


def recount_day(made: Statement) -> str:
    """The instant the figures stand for, in words."""
    if made.provisional:
        return f"tạm tính đến {clock.local(made.as_of):%H:%M %d/%m/%Y}"
    return f"đến hết ngày {made.counted_to:%d/%m/%Y}"
