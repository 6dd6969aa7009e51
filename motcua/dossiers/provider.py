"""What the ledger asks of the three books kept here: timelines, pages, numbers, rows that agree with events."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.db.models import F, QuerySet

from motcua.core import clock
from motcua.core.models import SeriesCounter
from motcua.core.triggers import missing_triggers
from motcua.dossiers import codes
from motcua.dossiers.acting import Row, apply_walk, contract_of, note_digest, path_in, read_rows
from motcua.dossiers.counter_models import CounterRecord, MoneyEntry, Slip
from motcua.dossiers.kept_dates import wrong_dates
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.states import Act, Outcome
from motcua.dossiers.walk import Contract, Walk, deadline_of, replay, standing, units_of, with_successions
from motcua.ledger import registry
from motcua.ledger.models import Book, Event, Item
from motcua.ledger.rules import Fact
from motcua.ledger.succession import apply_succession
from motcua.org import queries as org
from motcua.org.models import Succession
from motcua.org.succession import SuccessionMap

INTAKE_OUTCOMES = {"accepted": "Đã tiếp nhận", "refused": "Từ chối tiếp nhận", "withdrawn": "Rút hồ sơ"}
PART_OUTCOMES = {"returned": "Đã trả lời"}


def walk_of(rows: Sequence[Row]) -> tuple[Walk, Contract | None]:
    """The walk after recorded acts; an empty one when nothing stands (a voided acceptance)."""
    acts = standing([(r.entry, r.voids) for r in rows if not r.mirror])
    if not acts:
        first = next(r.entry for r in rows if r.entry.act in (Act.SUBMIT, Act.RECEIVE, Act.RECEIVE_AND_RESOLVE))
        return Walk(contract_of([first])), None
    contract = contract_of(acts)
    return replay(contract, acts), contract


def successions_for(items: Iterable[Item], rows: Mapping[int, Sequence[Row]]) -> SuccessionMap:
    """The successions any of these dossiers can go through. At most four statements."""
    units = {unit for found in rows.values() for r in found for unit in units_of(r.entry.facts)}
    return org.succession_map({*units, *(i.territory_id for i in items if i.territory_id)})


def _dossier_facts(items: Sequence[Item], *, intake: bool) -> dict[int, list[Fact]]:
    ids = [i.pk for i in items]
    of_item = {
        (d.intake_item_id if intake else d.item_id): d
        for d in Dossier.objects.filter(**{"intake_item__in" if intake else "item__in": ids})
    }
    rows = read_rows(of_item.values())
    found = successions_for(items, rows)
    result: dict[int, list[Fact]] = {}
    for item in items:
        dossier = of_item.get(item.pk)
        if dossier is None:
            continue
        walk, _ = walk_of(rows[dossier.pk])
        facts = walk.intake_facts if intake else walk.facts
        result[item.pk] = with_successions(facts, path_in(found, item.territory_id))
    return result


def dossier_facts(items: Sequence[Item]) -> dict[int, list[Fact]]:
    """What ``record`` would be given today for dossiers. A constant number of statements."""
    return _dossier_facts(items, intake=False)


def intake_facts(items: Sequence[Item]) -> dict[int, list[Fact]]:
    """The same for filings."""
    return _dossier_facts(items, intake=True)


def part_facts(
    items: Sequence[Item] | Sequence[int], ending: Mapping[int, dt.datetime] | None = None
) -> dict[int, list[Fact]]:
    """The same for liên thông parts: sent, and returned (``ending``: those about to be). At most three statements."""
    ids = [i.pk if isinstance(i, Item) else i for i in items]
    events = Event.objects.filter(item__in=ids, verb__in=("part_sent", "part_returned")).annotate(
        territory=F("item__territory_id")
    )
    ends = dict(ending or {})
    starts: dict[int, tuple[Fact, int | None]] = {}
    for event in events.order_by("item_id", "seq"):
        if event.verb == "part_returned":
            ends[event.item_id] = event.occurred_at
            continue
        facts = event.facts
        fact = Fact(
            "receive",
            event.occurred_at,
            deadline_of(facts["due"]),
            unit=facts["unit"],
            category=facts["category"],
            channel=facts["channel"],
        )
        starts[event.item_id] = (fact, event.territory)
    units = {f.unit for f, _ in starts.values() if f.unit} | {t for _, t in starts.values() if t}
    found = org.succession_map(units)
    result: dict[int, list[Fact]] = {}
    for item_id, (fact, territory) in starts.items():
        facts_of = [fact]
        if item_id in ends:
            facts_of.append(Fact("close", ends[item_id], outcome="returned"))
        result[item_id] = with_successions(facts_of, path_in(found, territory))
    return result


def _check_rows(items: Sequence[Item]) -> Iterable[str]:
    """Rows whose state or dates do not say what their events say, and events that keep other dates than they produced;
    named. A constant number of statements."""
    dossiers = {d.item_id: d for d in Dossier.objects.filter(item__in=[i.pk for i in items])}
    rows = read_rows(dossiers.values())
    found = successions_for(items, rows)
    now = clock.now()
    for item in items:
        dossier = dossiers.get(item.pk)
        if dossier is None:
            yield f"hồ sơ {item.code}: có trong sổ số liệu nhưng không có bản ghi hồ sơ"
            continue
        for fault in wrong_dates(rows[dossier.pk]):
            yield f"hồ sơ {item.code}: {fault}"
        walk, _ = walk_of(rows[dossier.pk])
        kept = {f: getattr(dossier, f) for f in _COMPARED}
        path = path_in(found, item.territory_id)
        apply_walk(dossier, walk, with_successions(walk.facts, path), now, path)
        wrong = [f for f in _COMPARED if getattr(dossier, f) != kept[f]]
        if wrong:
            names = ", ".join(
                str(getattr(Dossier._meta.get_field(f.removesuffix("_id")), "verbose_name", f)) for f in wrong
            )
            yield f"hồ sơ {item.code}: bản ghi không khớp các việc đã ghi ({names})"


_COMPARED = (
    "state", "due_at", "appointed_at", "received_at", "ended_at", "outcome", "time_class", "rounds", "channel",
    "category_id",
)  # fmt: skip


def _check_notes(items: Sequence[Item]) -> Iterable[str]:
    """Free texts that are gone or say something else than when the event was recorded; named. Two statements."""
    told = []
    events = Event.objects.filter(item__in=[i.pk for i in items]).order_by("item_id", "seq")
    for event in events.only("item_id", "seq", "verb", "facts"):
        for name in ("note", "evidence"):
            kept = event.facts.get(name) if isinstance(event.facts, dict) else None
            if kept:
                told.append((event, kept))
    notes = Note.objects.in_bulk([kept[0] for _, kept in told])
    names = {i.pk: i.code for i in items}
    for event, (pk, digest) in told:
        where = f"hồ sơ {names[event.item_id]}: ghi chú số {pk} của sự kiện {event.seq} «{event.verb}»"
        if pk not in notes:
            yield f"{where} không còn"
        elif notes[pk].erased_at is not None:
            continue  # personal data taken out when its time was over: the digest stays, of nothing anybody knows
        elif note_digest(notes[pk]) != digest:
            yield f"{where} đã bị sửa"


def _check_filings(items: Sequence[Item]) -> Iterable[str]:
    """Notes, then the dates of filings not accepted; those of accepted ones are read with their dossiers."""
    yield from _check_notes(items)
    dossiers = list(Dossier.objects.filter(intake_item__in=[i.pk for i in items], item__isnull=True))
    rows = read_rows(dossiers)
    for dossier in dossiers:
        for fault in wrong_dates(rows[dossier.pk]):
            yield f"hồ sơ nộp {dossier.filing_code}: {fault}"


def _check_dossiers(items: Sequence[Item]) -> Iterable[str]:
    """Notes, then rows."""
    yield from _check_notes(items)
    yield from _check_rows(items)


def _check_series() -> Iterable[str]:
    """Dossier codes given twice cannot be (a constraint); a number neither used nor reserved is a gap, named. The same
    for receipts and the books of the counter, and whether money and proof of sending are
    still only added to."""
    own = Dossier.objects.filter(code__isnull=False, imported=False).values_list("code", flat=True)
    # A reserved slip explains its number whether a dossier used it, it was spoiled, or nobody needed it.
    reserved = Slip.objects.values_list("code", flat=True)
    parsed = (codes.parse(code or "") for code in chain(own.iterator(chunk_size=5000), reserved.iterator()))
    yield from _check_numbers("dossier:", "dãy mã hồ sơ", parsed)
    yield from _check_slips()
    yield from _check_yearly("receipt:", "dãy phiếu thu", MoneyEntry.objects.filter(number__isnull=False))
    yield from _check_yearly("book:", "sổ", CounterRecord.objects.filter(number__isnull=False))
    for name in missing_triggers(connection, [*MONEY_TABLES, *PROOF_TABLES]):
        yield f"thiếu hoặc đã tắt bẫy {name}"


MONEY_TABLES = ["dossiers_moneyentry", "dossiers_cashclosing", "dossiers_closedentry"]
# Proof that letters were sent.
PROOF_TABLES = ["dossiers_sending"]


def _check_slips() -> Iterable[str]:
    """Slips said to be used by a dossier that bears another code. One statement."""
    wrong = Slip.objects.filter(dossier__isnull=False).exclude(code=F("dossier__code"))
    for code, other in wrong.values_list("code", "dossier__code"):
        yield f"phiếu giữ trước {code} ghi là đã dùng cho hồ sơ {other}"


def _check_yearly(prefix: str, title: str, rows: QuerySet[Any]) -> Iterable[str]:
    """Numbers of yearly books: none missing, none beyond what the series gave. Two statements."""
    found = (
        (book.removeprefix(prefix), dt.date(year, 1, 1), number)
        for book, year, number in rows.values_list("book", "year", "number").iterator(chunk_size=5000)
    )
    return _check_numbers(prefix, title, found)


def _check_filing_series() -> Iterable[str]:
    """The same for codes of filings."""
    own = Dossier.objects.filter(filing_code__isnull=False).values_list("filing_code", flat=True)
    parsed = (codes.parse_filing(code or "") for code in own.iterator(chunk_size=5000))
    return _check_numbers("filing:", "dãy mã lần nộp", parsed)


def _check_numbers(prefix: str, title: str, parsed: Iterable[tuple[str, dt.date, int] | None]) -> Iterable[str]:
    used: dict[tuple[str, dt.date], set[int]] = defaultdict(set)
    for found in parsed:
        if found:
            used[found[0], found[1]].add(found[2])
    counters = {
        (c.series.removeprefix(prefix), c.day): c.n for c in SeriesCounter.objects.filter(series__startswith=prefix)
    }
    for (agency, day), n in counters.items():
        missing = sorted(set(range(1, n + 1)) - used.get((agency, day), set()))
        if missing:
            yield f"{title} {agency} ngày {day:%d/%m/%Y}: thiếu số {', '.join(map(str, missing[:10]))}"
    for (agency, day), numbers in used.items():
        beyond = sorted(k for k in numbers if k > counters.get((agency, day), 0))
        if beyond:
            listed = ", ".join(map(str, beyond[:10]))
            yield f"{title} {agency} ngày {day:%d/%m/%Y}: số {listed} không do dãy số cấp"


def follow_succession(now: dt.datetime) -> str:
    """Post what successions moved and nobody has touched since, and let the rows of pending dossiers follow.

    Run by ``tick``; safe to repeat. A succession recorded late, or links loaded anew, are caught up with here.
    """
    from motcua.dossiers.succession import follow, left_behind

    today = clock.local_date(now)
    if not left_behind(today):
        return ""  # adding up the journal is dear, and nearly every tick finds nothing to do
    days = Succession.objects.filter(day__lte=today).values_list("day", flat=True).distinct().order_by("day")
    posted = sum(apply_succession(day=day) for day in days)
    moved = follow(today)
    told = [
        f"{posted} đầu việc ghi sang đơn vị kế thừa" if posted else "",
        f"{moved} hồ sơ đang giải quyết theo đơn vị kế thừa" if moved else "",
    ]
    return ", ".join(text for text in told if text)


def _page(item: Item) -> str:
    """Where an item of these books is looked at; codes of other systems may hold any character."""
    return f"/ho-so/ma/?ma={quote(item.code)}"


def register() -> None:
    """Make the three books known to the ledger."""
    registry.register(
        registry.BookInfo(
            book=Book.DOSSIER,
            title="Hồ sơ thủ tục hành chính",
            url=_page,
            timeline_facts=dossier_facts,
            outcomes=dict(Outcome.choices),
            series_check=_check_series,
            items_check=_check_dossiers,
        )
    )
    registry.register(
        registry.BookInfo(
            book=Book.INTAKE,
            title="Hồ sơ nộp chưa tiếp nhận",
            url=_page,
            timeline_facts=intake_facts,
            outcomes=INTAKE_OUTCOMES,
            series_check=_check_filing_series,
            items_check=_check_filings,
        )
    )
    registry.register(
        registry.BookInfo(
            book=Book.DOSSIER_PART,
            title="Phần việc liên thông",
            url=_page,
            timeline_facts=part_facts,
            outcomes=PART_OUTCOMES,
            items_check=_check_notes,
        )
    )
    registry.at_tick("Theo đơn vị kế thừa", follow_succession)
