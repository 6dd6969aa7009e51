"""How long a statement takes, beside the scan of a plain table of dossiers, and whether it grows with the dossiers.

The journal is generated straight into its table by SQL (eight legs a dossier, as acceptance and end write them) and
folded by the product's own fold. Bounds on SQLite: six months by unit, 1,000,000 dossiers in 110 units ≤ 0.03 s; by
procedure for one unit ≤ 0.02 s; BIG=1: 10,000,000 dossiers in 3,300 units ≤ 0.5 s.

``DOSSIERS=n`` changes the default million. BIG=1 throws each folded stretch of the journal away (KEEP=1 keeps it: about
25 GB on SQLite), so there the totals alone are read; the million keeps its journal, of which other windows read days.
"""

import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction

from motcua.core import clock
from motcua.ledger import behind, queries, totals, triggers
from motcua.ledger.models import Category
from motcua.org.models import Unit, UnitPlace
from motcua.org.queries import SYSTEM

DATABASES = ("sqlite",)
ROUNDS = 5
FIRST = dt.date(2023, 6, 15)  # a year of receipts from here
NOW = clock.local_moment(dt.date(2024, 7, 20), dt.time(9))
HALF_YEAR = dt.date(2023, 12, 15), dt.date(2024, 6, 14)  # the reform's half year: block borders, balances at both ends
CALENDAR_HALF = dt.date(2024, 1, 1), dt.date(2024, 6, 30)  # a block from the balances
OFF_BORDER = dt.date(2024, 1, 8), dt.date(2024, 6, 20)  # days read from the journal
CHANNELS = ("direct", "online", "online_assisted", "post")
PROCEDURES = 150
STRETCH = 500_000


def _sqlite() -> bool:
    return connection.vendor == "sqlite"


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _scalar(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0] or 0)


# ---- the world ------------------------------------------------------------------------------------------------------


def make_units(provinces: int, communes: int) -> tuple[list[Unit], list[Unit]]:
    """Provinces and the communes beneath them, all of them counting."""
    born = dt.date(2000, 1, 1)
    tops = [Unit(code=f"P{n:02d}", name=f"Tỉnh thử {n}", kind="province", valid_from=born) for n in range(provinces)]
    Unit.objects.bulk_create(tops)
    beneath = [
        Unit(code=f"X{n:05d}", name=f"Xã thử {n}", kind="commune", valid_from=born) for n in range(provinces * communes)
    ]
    Unit.objects.bulk_create(beneath)
    UnitPlace.objects.bulk_create(
        [UnitPlace(unit=top, parent=None, path=f"/{top.pk}/", valid_from=born) for top in tops]
        + [
            UnitPlace(
                unit=unit,
                parent=tops[n // communes],
                path=f"/{tops[n // communes].pk}/{unit.pk}/",
                valid_from=born,
            )
            for n, unit in enumerate(beneath)
        ]
    )
    return tops, beneath


def make_categories() -> int:
    """The procedures; returns the first id."""
    Category.objects.bulk_create(
        [
            Category(book="dossier", procedure=f"9.{n:06d}", field=f"Lĩnh vực {n % 20}", name=f"Thủ tục thử {n}")
            for n in range(PROCEDURES)
        ]
    )
    return Category.objects.order_by("pk")[0].pk


def open_the_books() -> None:
    """The generator writes legs without items and events: what would refuse them steps aside, in this database only."""
    if _sqlite():
        _run("PRAGMA foreign_keys=OFF", "PRAGMA synchronous=OFF", *triggers.drop_sql("sqlite"))
        for name in ("no_update", "no_delete", "no_replace"):
            _run(f"DROP TRIGGER IF EXISTS ledger_leg_{name}")
    else:
        _run("SET session_replication_role = replica")
    serial = "INTEGER PRIMARY KEY" if _sqlite() else "bigint PRIMARY KEY"
    _run(
        f"CREATE TABLE bench_dossier (id {serial}, unit_id integer, category_id integer, channel varchar(16), "
        "received date, due date, ended date, outcome varchar(16), ended_as varchar(16))"
    )


def _random(low: int, high: int) -> str:
    """SQL for a whole number from low to high."""
    width = high - low + 1
    return f"({low} + abs(random() % {width}))" if _sqlite() else f"({low} + floor(random() * {width})::int)"


def _plus(day: str, days: str) -> str:
    return f"date({day}, '+' || ({days}) || ' days')" if _sqlite() else f"({day}::date + ({days})::int)"


def _at(day: str, time_utc: str) -> str:
    """SQL for a stored moment: a day in Viet Nam at 00:00 (the evening before in UTC) or during its working hours."""
    if _sqlite():
        return f"date({day}, '-1 day') || ' 17:00:00'" if time_utc == "midnight" else f"{day} || ' {time_utc}'"
    return (
        f"(({day}::date - 1) + time '17:00') AT TIME ZONE 'UTC'"
        if time_utc == "midnight"
        else f"({day}::date + time '{time_utc}') AT TIME ZONE 'UTC'"
    )


def make_dossiers(first: int, count: int, of: int, units: list[int], category: int) -> None:
    """Rows of the plain table, received evenly over a year; 2 % still pending, 3 % late, 4 % not granted."""
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + count - 1}) "
        if _sqlite()
        else f"WITH n(i) AS (SELECT generate_series({first}, {first + count - 1})) "
    )
    materialized = "MATERIALIZED"
    _run(
        f"{numbers}, a AS {materialized} "
        f"(SELECT i, {_random(0, len(units) - 1)} AS u, {_random(0, PROCEDURES - 1)} AS p, "
        f"{_random(1, 100)} AS c, {_random(1, 100)} AS fate, {_random(1, 100)} AS how, {_random(2, 20)} AS term, "
        f"{_random(1, 15)} AS more FROM n), "
        f"b AS {materialized} (SELECT i, {min(units)} + u AS u, {category} + p AS p, "
        "CASE WHEN c <= 55 THEN 'direct' WHEN c <= 85 THEN 'online' WHEN c <= 95 THEN 'online_assisted' "
        f"ELSE 'post' END AS channel, {_plus(repr(FIRST.isoformat()), f'i * 365 / {of}')} AS received, "
        "fate, how, term, more FROM a), "
        f"d AS {materialized} (SELECT b.*, {_plus('received', 'term')} AS due FROM b) "
        "INSERT INTO bench_dossier (id, unit_id, category_id, channel, received, due, ended, outcome, ended_as) "
        f"SELECT i, u, p, channel, received, due, "
        f"CASE WHEN fate <= 2 THEN NULL WHEN fate <= 5 THEN {_plus('due', 'more')} "
        f"WHEN fate <= 40 THEN due ELSE {_plus('received', 'term / 2')} END, "
        "CASE WHEN fate <= 2 THEN '' WHEN how <= 96 THEN 'granted' WHEN how = 97 THEN 'refused' "
        "WHEN how = 98 THEN 'returned' WHEN how = 99 THEN 'withdrawn' ELSE 'stopped' END, "
        "CASE WHEN fate <= 2 THEN '' WHEN fate <= 5 THEN 'late' WHEN fate <= 40 THEN 'on_time' ELSE 'early' END FROM d"
    )


def make_legs(first: int, count: int) -> None:
    """The legs of those dossiers, in the order in which an office would have recorded them."""
    columns = (
        "event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, category_id, channel, "
        "outcome, kind, reverses_id"
    )

    def leg(
        event: str,
        position: int,
        when: tuple[str, str],
        recorded: str,
        sign: int,
        account: str,
        kind: str,
        *,
        outcome: str = "''",
        where: str = "1 = 1",
    ) -> str:
        at, day = when
        return (
            f"SELECT {event} AS event_id, {position} AS position, id AS item_id, 'dossier' AS book, {at} AS at, "
            f"{day} AS day, {recorded} AS recorded_at, {sign} AS sign, {account} AS account, unit_id, category_id, "
            f"channel, {outcome} AS outcome, '{kind}' AS kind, NULL AS reverses_id FROM bench_dossier "
            f"WHERE id >= {first} AND id < {first + count} AND {where}"
        )

    received, ended = (_at("received", "02:00:00"), "received"), (_at("ended", "08:00:00"), "ended")
    crossing_day = _plus("due", "1")
    crossing = (_at(crossing_day, "midnight"), crossing_day)
    begin, end, over = ("id * 2 - 1", received[0]), ("id * 2", ended[0]), "ended IS NOT NULL"
    in_time = f"{over} AND ended_as <> 'late'"
    before = "CASE WHEN ended_as = 'late' THEN 'overdue' ELSE 'in_time' END"
    parts = [
        leg(begin[0], 1, received, begin[1], -1, "'outside'", "receive"),
        leg(begin[0], 2, received, begin[1], 1, "'in_time'", "receive"),
        leg(begin[0], 3, crossing, begin[1], -1, "'in_time'", "cross"),
        leg(begin[0], 4, crossing, begin[1], 1, "'overdue'", "cross"),
        leg(end[0], 1, crossing, end[1], 1, "'in_time'", "cross", where=in_time),
        leg(end[0], 2, crossing, end[1], -1, "'overdue'", "cross", where=in_time),
        leg(end[0], 3, ended, end[1], -1, before, "close", where=over),
        leg(end[0], 4, ended, end[1], 1, "ended_as", "close", outcome="outcome", where=over),
    ]
    _run(
        f"INSERT INTO ledger_leg ({columns}) SELECT {columns} FROM ({' UNION ALL '.join(parts)}) legs "
        "ORDER BY recorded_at, event_id, position"
    )


def generate(dossiers: int, units: list[int], category: int, *, keep: bool) -> dict[str, float]:
    """Dossiers, their journal, its fold; seconds each took. Without ``keep`` each folded stretch is thrown away."""
    spent = {"generate": 0.0, "fold": 0.0, "legs": 0.0}
    stretch = dossiers if keep else STRETCH
    indexes = [] if keep else _drop_indexes()
    _cache(2_000_000)
    for first in range(1, dossiers + 1, stretch):
        count = min(stretch, dossiers - first + 1)
        began = time.perf_counter()
        with transaction.atomic():
            make_dossiers(first, count, dossiers, units, category)
            make_legs(first, count)
        folded = time.perf_counter()
        spent["legs"] += _scalar("SELECT COUNT(*) FROM ledger_leg")
        with clock.at(NOW):
            totals.fold()
        spent["generate"] += folded - began
        spent["fold"] += time.perf_counter() - folded
        if not keep:
            _run("DELETE FROM ledger_leg")
            print(f"    {first + count - 1:,} dossiers folded", flush=True)
    _run(*indexes)
    _cache(65_536)  # as the office's settings have it
    if not _sqlite():
        _run("ANALYZE")
    return spent


def _cache(kibibytes: int) -> None:
    if _sqlite():
        _run(f"PRAGMA cache_size=-{kibibytes}")


def _drop_indexes() -> list[str]:
    """Nobody reads a journal that is thrown away: drop its indexes, and return how to make them again."""
    if not _sqlite():
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'ledger_leg'")
        found = [(name, made) for name, made in cursor.fetchall() if made]
    _run(*(f"DROP INDEX {name}" for name, _ in found))
    return [made for _, made in found]


# ---- measuring ------------------------------------------------------------------------------------------------------


def measure(name: str, work: Callable[[], object], bound: float | None = None) -> float:
    """Best of some rounds after one that warms the cache, by the clock and in processor time; says if a bound held."""
    work()
    walls, processor = [], []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    best, cpu = min(walls), min(processor)
    verdict = ""
    if bound is not None:
        held = "held" if best <= bound else "held by the processor, not by the clock" if cpu <= bound else "MISSED"
        verdict = f"   bound {bound} s: {held}"
    print(f"  {name:<66}{best:8.4f} s  (worst {max(walls):.4f}, processor {cpu:.4f}){verdict}", flush=True)
    return cpu


def statement(units: list[Unit], window: tuple[dt.date, dt.date], by: str = "unit") -> queries.Statement:
    """One statement, as a page asks for it."""
    with clock.at(NOW):
        return queries.statement(SYSTEM, book="dossier", units=units, start=window[0], end=window[1], by=by)


def scan(window: tuple[dt.date, dt.date]) -> list[tuple]:
    """The same figures from the plain table: opening, received by channel, ended by class and outcome, closing."""
    start, end = (day.isoformat() for day in window)
    channels = ", ".join(
        f"SUM(CASE WHEN channel = '{c}' AND received >= '{start}' THEN 1 ELSE 0 END)" for c in CHANNELS
    )
    classes = ", ".join(
        f"SUM(CASE WHEN ended_as = '{c}' AND ended >= '{start}' AND ended <= '{end}' THEN 1 ELSE 0 END)"
        for c in ("early", "on_time", "late")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_id, "
            f"SUM(CASE WHEN received < '{start}' AND (ended IS NULL OR ended >= '{start}') THEN 1 ELSE 0 END), "
            f"{channels}, {classes}, "
            f"SUM(CASE WHEN (ended IS NULL OR ended > '{end}') AND due >= '{end}' THEN 1 ELSE 0 END), "
            f"SUM(CASE WHEN (ended IS NULL OR ended > '{end}') AND due < '{end}' THEN 1 ELSE 0 END) "
            f"FROM bench_dossier WHERE received <= '{end}' GROUP BY unit_id"
        )
        return cursor.fetchall()


def agree(made: queries.Statement, window: tuple[dt.date, dt.date]) -> None:
    """The ledger and the plain table must say the same, or the comparison is worth nothing."""
    rows = scan(window)
    f = made.total.figures
    plain = [sum(row[n] or 0 for row in rows) for n in range(1, len(rows[0]))]
    ledger = [
        f.opening.total,
        *(f.received.get(c, 0) for c in CHANNELS),
        *(f.ended_as(c) for c in ("early", "on_time", "late")),
        f.closing.all_in_time,
        f.closing.all_overdue,
    ]
    if plain != ledger:
        raise SystemExit(f"the ledger says {ledger}, the plain table {plain}")


def counts(dossiers: int, units: int, spent: dict[str, float]) -> None:
    """What lies in the database."""
    sizes = {name: _scalar(f"SELECT COUNT(*) FROM ledger_{name}") for name in ("total_unit", "balance_unit")}
    sizes |= {name: _scalar(f"SELECT COUNT(*) FROM ledger_{name}") for name in ("total_procedure", "balance_procedure")}
    legs = int(spent["legs"])
    print(
        f"  {dossiers:,} dossiers in {units:,} units, {PROCEDURES} procedures; {legs:,} legs "
        f"({_scalar('SELECT COUNT(*) FROM ledger_leg'):,} kept); rows: "
        + ", ".join(f"{name} {n:,}" for name, n in sizes.items())
    )
    print(
        f"  generated in {spent['generate']:.0f} s, folded in {spent['fold']:.0f} s, "
        f"{legs / spent['fold']:,.0f} legs a second"
    )
    if _sqlite():
        print(f"  database file: {Path(connection.settings_dict['NAME']).stat().st_size / 2**30:.2f} GiB")


def clean() -> None:
    """An empty ledger again."""
    _run("DELETE FROM ledger_leg", "DELETE FROM bench_dossier", "DELETE FROM ledger_foldstate")
    for name in ("total_unit", "balance_unit", "total_procedure", "balance_procedure"):
        _run(f"DELETE FROM ledger_{name}")
    UnitPlace.objects.all().delete()
    Unit.objects.all().delete()
    Category.objects.all().delete()


def province(dossiers: int, *, detailed: bool) -> float:
    """110 units of one province, the journal kept."""
    tops, units = make_units(1, 110)
    spent = generate(dossiers, [unit.pk for unit in units], make_categories(), keep=True)
    counts(dossiers, len(units), spent)
    agree(statement(tops, HALF_YEAR), HALF_YEAR)
    best = measure(f"six months by unit, 110 lines, {dossiers:,} dossiers", lambda: statement(tops, HALF_YEAR), 0.03)
    if detailed:
        agree(statement(tops, OFF_BORDER), OFF_BORDER)
        one = units[:1]
        measure("  of this, the reading alone (one SQL statement)", lambda: _reading(tops))
        measure("six months by procedure, one unit", lambda: statement(one, HALF_YEAR, "procedure"), 0.02)
        measure("six months by field, one unit", lambda: statement(one, HALF_YEAR, "field"))
        measure("six months by channel, all units", lambda: statement(tops, HALF_YEAR, "channel"))
        measure("calendar half year by unit (blocks beside the balances)", lambda: statement(tops, CALENDAR_HALF))
        measure("off the borders by unit (12 days of the journal read)", lambda: statement(tops, OFF_BORDER))
        made = statement(one, HALF_YEAR)
        measure("items behind «closing» of one unit (journal)", lambda: behind.drill(SYSTEM, made, None, "closing"))
    measure("scan of the plain table of dossiers, by unit", lambda: scan(HALF_YEAR))
    return best


def _reading(units: list[Unit]) -> None:
    from motcua.ledger.coverage import cover
    from motcua.ledger.reading import Reading

    with clock.at(NOW):
        window = queries.window_for("dossier", *HALF_YEAR, None, queries.known(SYSTEM))
        Reading(window, "unit", cover(units, *HALF_YEAR).unit_ids, totals.state()).read()


def country(dossiers: int) -> None:
    """3,300 units in 33 provinces."""
    keep = os.environ.get("KEEP") == "1"
    tops, units = make_units(33, 100)
    spent = generate(dossiers, [unit.pk for unit in units], make_categories(), keep=keep)
    counts(dossiers, len(units), spent)
    if not keep:
        print("  the journal was thrown away after folding: totals and balances are all that is read here")
    agree(statement(tops, HALF_YEAR), HALF_YEAR)
    measure(f"six months, 33 provinces, {len(units):,} units", lambda: statement(tops, HALF_YEAR), 0.5)
    measure(f"six months by unit, {len(units):,} lines", lambda: statement(units, HALF_YEAR), 0.5)
    measure("six months by unit, one province of 100", lambda: statement(tops[:1], HALF_YEAR))
    measure("six months by procedure, one unit", lambda: statement(units[:1], HALF_YEAR, "procedure"), 0.02)
    measure("calendar half year, 33 provinces", lambda: statement(tops, CALENDAR_HALF))
    measure("scan of the plain table of dossiers, by unit", lambda: scan(HALF_YEAR))


def main() -> None:
    """Print the figures."""
    dossiers = int(os.environ.get("DOSSIERS", "1000000"))
    open_the_books()
    print("a tenth of the dossiers, to see whether it is flat:")
    few = province(dossiers // 10, detailed=False)
    clean()
    print("the dossiers of one province:")
    many = province(dossiers, detailed=True)
    print(f"  ten times the dossiers took {many / few:.2f} times the processor time")
    if os.environ.get("BIG") == "1":
        clean()
        print("the dossiers of a country:")
        country(dossiers * 10)
