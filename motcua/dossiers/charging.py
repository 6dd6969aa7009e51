"""What can be asked of the counter's money: one dossier's account, and the day's cash list of a desk."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from motcua.core import clock
from motcua.core.models import SeriesCounter
from motcua.dossiers.counter_models import CashClosing, CounterRecord, MoneyEntry, MoneyKind, PayMethod
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import State
from motcua.ledger.models import Event
from motcua.org.models import Unit, User
from motcua.org.queries import Scope

_OWED = {MoneyKind.DUE, MoneyKind.CANCEL}


def owed_in(money: Iterable[MoneyEntry]) -> int:
    """What is still to be paid over some lines of one dossier, in đồng; negative where too much was paid. Pure."""
    return sum(m.amount if m.kind in _OWED else -m.amount for m in money)


@dataclass(frozen=True)
class Purse:
    """A dossier's money: its lines in order, what stands of them, and the sums in đồng."""

    entries: list[MoneyEntry]
    due: int
    paid: int

    @property
    def owed(self) -> int:
        return self.due - self.paid

    @property
    def dues(self) -> list[MoneyEntry]:
        """The due lines that stand."""
        gone = {m.reverses_id for m in self.entries}
        return [m for m in self.entries if m.kind == MoneyKind.DUE and m.pk not in gone]

    @property
    def receipts(self) -> list[tuple[MoneyEntry, MoneyEntry | None]]:
        """Every receipt with what took it back, if anything did."""
        back = {m.reverses_id: m for m in self.entries if m.reverses_id}
        return [(m, back.get(m.pk)) for m in self.entries if m.kind == MoneyKind.COLLECT]


def purse(dossier: Dossier) -> Purse:
    """The money of a dossier the caller may see already. One statement."""
    entries = list(MoneyEntry.objects.filter(dossier=dossier).select_related("actor", "closed").order_by("pk"))
    due = sum(m.amount for m in entries if m.kind in _OWED)
    paid = sum(m.amount for m in entries if m.kind not in _OWED)
    return Purse(entries, due, paid)


def taker(entry: MoneyEntry) -> User:
    """In whose cash a line counts: a voided receipt goes out of the cash it was in, whoever voided it. No query where
    ``actor`` and ``reverses__actor`` are loaded."""
    return entry.reverses.actor if entry.kind == MoneyKind.VOID and entry.reverses is not None else entry.actor


def taken_by(user: int) -> Q:
    """The lines that count in one person's cash (see :func:`taker`)."""
    return Q(kind=MoneyKind.VOID, reverses__actor=user) | (~Q(kind=MoneyKind.VOID) & Q(actor=user))


# ---- bảng kê thu trong ngày ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CashRow:
    """One line of the day's list: a receipt, a voided one, or money given back (negative)."""

    entry: MoneyEntry
    number: str
    voided: bool
    closed: int | None  # which closing of the day

    @property
    def cash(self) -> int:
        return self.entry.amount if self.entry.method == PayMethod.CASH else 0

    @property
    def transfer(self) -> int:
        return self.entry.amount if self.entry.method == PayMethod.TRANSFER else 0


@dataclass(frozen=True)
class CashGroup:
    """What one person took: rows, sums, closings. ``open_cash`` is the cash not yet closed."""

    collector: User
    rows: list[CashRow]
    closings: list[CashClosing]

    @property
    def cash(self) -> int:
        return sum(r.cash for r in self.rows)

    @property
    def transfer(self) -> int:
        return sum(r.transfer for r in self.rows)

    @property
    def total(self) -> int:
        return self.cash + self.transfer

    @property
    def open_cash(self) -> int:
        return sum(r.cash for r in self.rows if r.closed is None)

    @property
    def open_rows(self) -> int:
        return sum(1 for r in self.rows if r.closed is None)

    @property
    def difference(self) -> int:
        """Counted less what the book says, over the closings."""
        return sum(c.counted - c.cash for c in self.closings)


@dataclass(frozen=True)
class CashList:
    """Bảng kê thu trong ngày of one desk; every sum is the sum of its rows."""

    desk: Unit
    day: dt.date
    groups: list[CashGroup]

    @property
    def rows(self) -> list[CashRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def cash(self) -> int:
        return sum(g.cash for g in self.groups)

    @property
    def transfer(self) -> int:
        return sum(g.transfer for g in self.groups)

    @property
    def total(self) -> int:
        return self.cash + self.transfer

    @property
    def receipts(self) -> int:
        """How many receipts were issued, voided ones included: their numbers are used."""
        return sum(1 for row in self.rows if row.entry.kind == MoneyKind.COLLECT)

    @property
    def voided(self) -> int:
        return sum(1 for row in self.rows if row.voided)

    def by_procedure(self) -> list[tuple[str, int, int]]:
        """(procedure, lines, đồng), by name: the same money the other way round."""
        named = sorted(self.rows, key=lambda r: r.entry.dossier.procedure_version.name)
        return [
            (name, len(rows), sum(r.entry.amount for r in rows))
            for name, found in groupby(named, key=lambda r: r.entry.dossier.procedure_version.name)
            for rows in [list(found)]
        ]


def receipt_number(entry: MoneyEntry) -> str:
    """A receipt's number as it is written: 00012/2025."""
    return f"{entry.number:05d}/{entry.year}" if entry.number else ""


def cash_list(scope: Scope, desk: Unit, day: dt.date, *, collector: int | None = None) -> CashList:
    """What was taken at a desk on a day, by person, in order of the receipts; one person's with ``collector`` (id).

    Two statements. Outside the scope the list is empty.
    """
    found = MoneyEntry.objects.filter(desk=desk, day=day).exclude(method="")
    closed = CashClosing.objects.filter(desk=desk, day=day)
    if collector is not None:
        found, closed = found.filter(taken_by(collector)), closed.filter(collector=collector)
    if not scope.contains(desk.pk):
        return CashList(desk, day, [])
    rows = list(
        found.select_related(
            "actor",
            "dossier__applicant",
            "dossier__procedure_version__procedure",
            "reverses__actor",
            "reversed_by",
            "closed__closing",
        ).order_by("pk")
    )
    rows.sort(key=lambda m: (taker(m).full_name, taker(m).pk))
    closings: dict[int, list[CashClosing]] = {}
    for closing in closed.select_related("actor").order_by("ordinal"):
        closings.setdefault(closing.collector_id, []).append(closing)
    groups = [
        CashGroup(taker(mine[0]), [_row(m) for m in mine], closings.get(collector_id, []))
        for collector_id, found_rows in groupby(rows, key=lambda m: taker(m).pk)
        for mine in [list(found_rows)]
    ]
    return CashList(desk, day, groups)


def _row(entry: MoneyEntry) -> CashRow:
    source = entry.reverses if entry.reverses is not None else entry
    closed, back = getattr(entry, "closed", None), getattr(entry, "reversed_by", None)
    voided = back is not None and back.kind == MoneyKind.VOID
    return CashRow(entry, receipt_number(source), voided, closed.closing.ordinal if closed else None)


def unclosed_days(scope: Scope, desk: Unit, before: dt.date) -> Sequence[dt.date]:
    """Earlier days at a desk with money nobody has closed, newest first, at most ten. One statement."""
    if not scope.contains(desk.pk):
        return []
    rows = MoneyEntry.objects.filter(desk=desk, day__lt=before, closed__isnull=True).exclude(method="")
    return list(rows.values_list("day", flat=True).distinct().order_by("-day")[:10])


# ---- tiếp nhận nhanh -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuickLine:
    """One of the day's lines: the dossier and what was paid for it, in đồng."""

    dossier: Dossier
    paid: int
    owed: int

    @property
    def voided(self) -> bool:
        return self.dossier.state == State.VOIDED


def quick_lines(scope: Scope, desk: Unit, day: dt.date, *, most: int = 300) -> list[QuickLine]:
    """What was taken in by one line at a desk on a day, newest first. Two statements."""
    if not scope.contains(desk.pk):
        return []
    # A voided acceptance leaves its numbers but no moment of receipt: its code says the day.
    start, end = clock.local_moment(day, dt.time()), clock.local_moment(day + dt.timedelta(days=1), dt.time())
    rows = (
        Dossier.objects.filter(desk_unit=desk, counter__number__isnull=False)
        .filter(
            Q(received_at__gte=start, received_at__lt=end)
            | Q(received_at__isnull=True, state=State.VOIDED, code__contains=f"-{day:%y%m%d}-")
        )
        .select_related("applicant", "counter", "procedure_version")
        .prefetch_related("money")
        .order_by("-pk")[:most]
    )
    found = []
    for row in rows:
        money = list(row.money.all())
        paid = sum(m.amount for m in money if m.kind not in _OWED)
        found.append(QuickLine(row, paid, owed_in(money)))
    return found


def next_in_book(book: str, day: dt.date) -> int:
    """The number the book's next line will probably get; somebody else may be first. One statement."""
    counter = SeriesCounter.objects.filter(series=book, day=dt.date(day.year, 1, 1)).first()
    return counter.n + 1 if counter else 1


def last_book(desk: Unit) -> str:
    """The code of the procedure a desk's last quick line was for; "" where there is none. One statement."""
    rows = CounterRecord.objects.filter(dossier__desk_unit=desk, number__isnull=False).order_by("-pk")
    return rows.values_list("dossier__procedure_version__procedure__code", flat=True).first() or ""


def seen_as(dossier: Dossier) -> str:
    """How the applicant was identified at the counter, as the acceptance says (``Seen``); "" where nothing was noted.
    One statement."""
    facts = Event.objects.filter(item=dossier.item_id, verb__in=("receive", "receive_and_resolve")).order_by("seq")
    return str(next((f.get("seen", "") for f in facts.values_list("facts", flat=True)), ""))
