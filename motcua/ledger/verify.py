"""Proving the books, and naming what is wrong in them.

Every check is independent of the others and yields one Vietnamese sentence per fault; none changes anything. What one
person with full power over the database can still do unnoticed is said in ``docs/ledger.md``: that is what the
checkpoints kept outside are for.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Count, F, Max, Min, Q, Sum

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.core.triggers import missing_triggers
from motcua.ledger import chain, checkpoint, freeze, queries, registry, rules, statement, totals, triggers
from motcua.ledger.coverage import cover
from motcua.ledger.models import PENDING, Book, Category, Event, Item, Leg
from motcua.org import triggers as unit_triggers
from motcua.org.models import Unit
from motcua.org.queries import SYSTEM
from motcua.worktime import models as worktime

_CHUNK = 500
# Who was given or refused what.
_OF_ORG = ["org_accesschange"]

Progress = Callable[[int, int], None]


@contextmanager
def snapshot() -> Iterator[None]:
    """Statements in the block see the books at one moment; acts go on meanwhile (SQLite: wait for this short block)."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


# ---- the database's own guards --------------------------------------------------------------------------------------


def check_triggers() -> Iterator[str]:
    """Every trigger of the append-only tables, and of those the figures rest on, is there and switched on; those of
    the journal also say what they should.
    """
    for fault in triggers.faults(connection):
        yield f"Bảo vệ cơ sở dữ liệu: {fault}."
    of_tables = missing_triggers(connection, [*worktime.APPEND_ONLY_TABLES, *_OF_ORG])
    for name in [*of_tables, *unit_triggers.missing(connection)]:
        yield f"Bảo vệ cơ sở dữ liệu: thiếu hoặc đã tắt bẫy {name}."


def check_others() -> Iterator[str]:
    """What rooms above the ledger find wrong in their own tables."""
    for name, check in registry.other_checks().items():
        try:
            with transaction.atomic():
                found = list(check())
        except Exception as error:  # damage must not keep the other checks from their turn
            found = [f"không kiểm tra được ({_said(error)})"]
        yield from (f"{name}: {fault}." for fault in found)


def check_foreign_keys() -> Iterator[str]:
    """Every reference of the ledger's tables leads somewhere. One statement for each reference."""
    for model in apps.get_app_config("ledger").get_models():
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey):
                continue
            lost = (
                model._default_manager.filter(**{f"{field.name}__isnull": False})
                .exclude(models.Exists(field.related_model._default_manager.filter(pk=models.OuterRef(field.attname))))
                .values_list("pk", field.attname)
            )
            for pk, target in lost[:20]:
                yield (
                    f"Liên kết gãy: {model._meta.verbose_name} số {pk} trỏ tới "
                    f"{field.related_model._meta.verbose_name} {target} không còn."
                )


# ---- items: chain, legs, timeline ------------------------------------------------------------------------------------


def check_items(progress: Progress = lambda done, total: None) -> Iterator[str]:
    """Of every item: sequence, chain, hashes, head, legs, and the timeline its book calls for. Streams.

    Six statements for each 500 items, besides what the books' own facts cost.
    """
    total = Item.objects.count()
    done, last = 0, 0
    names = _Names()
    while True:
        with snapshot():
            items = list(Item.objects.filter(pk__gt=last).order_by("pk")[:_CHUNK])
            if not items:
                break
            names.fetch()
            found = _check_readable(items, last, names)
        yield from found
        last = items[-1].pk
        done += len(items)
        progress(done, total)


def check_one(item: Item) -> list[str]:
    """What :func:`check_items` says of one item. Eight statements, besides what its book's own facts cost."""
    names = _Names()
    with snapshot():
        names.fetch()
        return _check_readable([item], item.pk - 1, names)


class _Names:
    """Keys of all units and categories; read again only when new ones have come."""

    def __init__(self) -> None:
        self.units: dict[int, str] = {}
        self.categories: dict[int, str] = {}

    def fetch(self) -> None:
        self.units = {u.pk: u.key for u in Unit.objects.only("code", "valid_from")}
        self.categories = {c.pk: c.key for c in Category.objects.only("procedure", "field")}


_EVENT_FIELDS = (
    "id", "item_id", "seq", "verb", "occurred_at", "recorded_at", "actor_id", "duty", "unit_id", "facts", "voids_id",
    "prev_hash", "hash",
)  # fmt: skip
_LEG_FIELDS = (
    "id", "event_id", "position", "item_id", "book", "at", "day", "recorded_at", "sign", "account", "unit_id",
    "category_id", "channel", "outcome", "kind", "reverses_id",
)  # fmt: skip


def _check_readable(items: list[Item], after: int, names: _Names) -> list[str]:
    """The faults of a chunk; item by item where one of them cannot even be read."""
    found: list[str] = []
    try:
        with transaction.atomic():
            found.extend(_check_chunk(items, after, names))
    except Exception as error:  # a column may hold anything after somebody wrote into it
        if len(items) > 1:
            return [fault for item in items for fault in _check_readable([item], item.pk - 1, names)]
        found.append(f"{_name(items[0])}: không đọc được sự kiện hoặc bút toán ({_said(error)}).")
    return found


def _check_chunk(items: list[Item], after: int, names: _Names) -> Iterator[str]:
    ids = {"item_id__gt": after, "item_id__lte": items[-1].pk}
    events: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in Event.objects.filter(**ids).order_by("item_id", "seq").values(*_EVENT_FIELDS):
        events[event["item_id"]].append(event)
    legs: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for leg in Leg.objects.filter(**ids).order_by("item_id", "id").values(*_LEG_FIELDS):
        legs[leg["item_id"]].append(leg)
    for item in items:
        yield from _check_item(item, events[item.pk], legs[item.pk], names)
    yield from _check_timelines(items, legs)


def _check_item(item: Item, events: list[dict[str, Any]], legs: list[dict[str, Any]], names: _Names) -> Iterator[str]:
    name = _name(item)
    if not events:
        yield f"{name}: không có sự kiện nào."
        return
    seqs = {event["id"]: event["seq"] for event in events}
    places = {leg["id"]: f"{seqs.get(leg['event_id'], '?')}:{leg['position']}" for leg in legs}
    by_event: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for leg in legs:
        if leg["event_id"] not in seqs:
            yield f"{name}: bút toán {leg['id']} thuộc sự kiện {leg['event_id']} không phải của đầu việc này."
        by_event[leg["event_id"]].append(leg)
    previous = ""
    for expected, event in enumerate(events, start=1):
        seq = event["seq"]
        if seq != expected:
            yield f"{name}: thiếu sự kiện {expected}, gặp sự kiện {seq}."
            break
        own = sorted(by_event[event["id"]], key=lambda leg: leg["position"])
        if event["prev_hash"] != previous:
            yield f"{name}: sự kiện {seq} «{event['verb']}» không nối với sự kiện trước (mã băm trước khác)."
        if _hash(item, event, own, seqs, places, names) != event["hash"]:
            yield (
                f"{name}: sự kiện {seq} «{event['verb']}» hoặc bút toán của nó đã bị sửa (mã băm tính lại không khớp)."
            )
        yield from _check_legs(name, item, event, own)
        previous = event["hash"]
    yield from _check_reversals(name, legs)
    if item.head != events[-1]["hash"] or item.length != len(events):
        yield (
            f"{name}: đầu việc ghi {item.length} sự kiện, mã băm cuối {item.head[:12]}…; "
            f"sổ có {len(events)} sự kiện, mã băm cuối {events[-1]['hash'][:12]}…"
        )


def _hash(
    item: Item,
    event: dict[str, Any],
    legs: list[dict[str, Any]],
    seqs: dict[int, int],
    places: dict[int, str],
    names: _Names,
) -> str:
    try:
        return chain.event_hash(
            prev_hash=event["prev_hash"],
            book=item.book,
            code=item.code,
            seq=event["seq"],
            verb=event["verb"],
            occurred_at=event["occurred_at"],
            recorded_at=event["recorded_at"],
            actor=event["actor_id"],
            duty=event["duty"],
            unit="" if event["unit_id"] is None else names.units.get(event["unit_id"], "?"),
            facts=event["facts"],
            voids=None if event["voids_id"] is None else seqs.get(event["voids_id"], -1),
            legs=[
                chain.ChainedLeg(
                    leg["at"], leg["day"], leg["sign"], leg["account"], names.units.get(leg["unit_id"], "?"),
                    names.categories.get(leg["category_id"], "?"), leg["channel"], leg["outcome"], leg["kind"],
                    "" if leg["reverses_id"] is None else places.get(leg["reverses_id"], "?"),
                )
                for leg in legs
            ],
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError):
        return "không tính được"


def _check_legs(name: str, item: Item, event: dict[str, Any], legs: list[dict[str, Any]]) -> Iterator[str]:
    where = f"{name}: sự kiện {event['seq']} «{event['verb']}»"
    if total := sum(leg["sign"] for leg in legs):
        yield f"{where}: bút toán không cân (tổng {total:+d})."
    if [leg["position"] for leg in legs] != list(range(len(legs))):
        yield f"{where}: bút toán không đủ thứ tự 0…{len(legs) - 1}."
    for leg in legs:
        if leg["book"] != item.book or leg["recorded_at"] != event["recorded_at"]:
            yield f"{where}: bút toán {leg['id']} khác sổ hoặc khác lúc ghi của sự kiện."
        if leg["day"] != clock.local_date(leg["at"]):
            yield f"{where}: bút toán {leg['id']} ghi ngày {leg['day']:%d/%m/%Y} không phải ngày của lúc xảy ra."


_MIRRORED = ("at", "day", "account", "unit_id", "category_id", "channel", "outcome", "kind")


def _check_reversals(name: str, legs: list[dict[str, Any]]) -> Iterator[str]:
    by_id = {leg["id"]: leg for leg in legs}
    twice = Counter(leg["reverses_id"] for leg in legs if leg["reverses_id"] is not None)
    for leg in legs:
        if leg["reverses_id"] is None:
            continue
        target = by_id.get(leg["reverses_id"])
        if (
            target is None
            or target["reverses_id"] is not None
            or target["sign"] != -leg["sign"]
            or twice[leg["reverses_id"]] > 1
            or any(target[field] != leg[field] for field in _MIRRORED)
        ):
            yield f"{name}: bút toán đảo {leg['id']} không phải là ảnh ngược của bút toán {leg['reverses_id']}."


def _check_timelines(items: list[Item], legs: dict[int, list[dict[str, Any]]]) -> Iterator[str]:
    """The live legs of each item are what its book's facts call for today, and the trade's own rows agree."""
    by_book: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_book[item.book].append(item)
    for book, members in by_book.items():
        info = registry.get(book)
        if info is None:
            continue
        for item, facts in _facts_of(info, members):
            if isinstance(facts, Exception):
                yield f"{_name(item)}: không dựng lại được diễn biến từ các sự kiện đã ghi ({_said(facts)})."
            else:
                yield from _check_timeline(item, facts, legs[item.pk])
        yield from _rows_of(info, members)


def _facts_of(info: registry.BookInfo, members: list[Item]) -> Iterator[tuple[Item, Iterable[rules.Fact] | Exception]]:
    """The facts of each item, or what kept its trade from reading them: damage in one item hides no other."""
    try:
        with transaction.atomic():
            told = info.timeline_facts(members)
    except Exception as error:  # whatever damaged events make a trade raise
        if len(members) == 1:
            yield members[0], error
            return
        for item in members:
            yield from _facts_of(info, [item])
        return
    for item in members:
        yield item, told.get(item.pk, ())


def _rows_of(info: registry.BookInfo, members: list[Item]) -> list[str]:
    """What the trade finds wrong in its own rows; item by item where it cannot get through all."""
    found: list[str] = []
    try:
        with transaction.atomic():
            found.extend(info.items_check(members))
    except Exception as error:  # as above
        if len(members) > 1:
            return [fault for item in members for fault in _rows_of(info, [item])]
        found.append(f"{_name(members[0])}: không đối chiếu được bản ghi với các sự kiện ({_said(error)}).")
    return found


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, MotcuaError) else f"{type(error).__name__}: {error}"


def _check_timeline(item: Item, facts: Iterable[rules.Fact], legs: list[dict[str, Any]]) -> Iterator[str]:
    reversed_ids = {leg["reverses_id"] for leg in legs}
    live = Counter(
        rules.Entry(
            leg["at"], leg["sign"], leg["account"], leg["unit_id"], leg["category_id"], leg["channel"], leg["outcome"],
            leg["kind"],
        )
        for leg in legs
        if leg["reverses_id"] is None and leg["id"] not in reversed_ids
    )  # fmt: skip
    try:
        wanted = Counter(rules.entries(rules.timeline(list(facts))))
    except Exception as error:  # damaged events may say anything
        yield f"{_name(item)}: sự kiện không xếp được thành diễn biến hợp lệ: {_said(error)}"
        return
    if live != wanted:
        entry = next(iter((live - wanted) + (wanted - live)))
        what = "thừa" if live[entry] > wanted[entry] else "thiếu"
        yield (
            f"{_name(item)}: sổ số liệu khác diễn biến của đầu việc: {what} bút toán «{entry.kind}» "
            f"{entry.sign:+d} {entry.account} ngày {entry.day:%d/%m/%Y}."
        )


def check_unregistered() -> Iterator[str]:
    """Books that hold items although no trade knows them: their timelines cannot be recomputed."""
    known = [info.book for info in registry.books()]
    for book, n in Item.objects.exclude(book__in=known).order_by("book").values_list("book").annotate(Count("pk")):
        label = Book(book).label if book in Book.values else book
        yield f"Sổ «{label}»: {n} đầu việc không có phần nghiệp vụ nào nhận, không tính lại được diễn biến."


# ---- sums by the database, for a quick look --------------------------------------------------------------------------


def check_sums() -> Iterator[str]:
    """Without recomputing a hash: heads, counts, sequences, sums and unbalanced accounts. Five statements."""
    newest = Event.objects.filter(item=models.OuterRef("pk")).order_by("-seq")
    wrong = (
        Item.objects.annotate(
            n=Count("events"), top=Max("events__seq"), newest=models.Subquery(newest.values("hash")[:1])
        )
        .filter(Q(n=0) | ~Q(length=F("n")) | ~Q(top=F("n")) | ~Q(head=F("newest")))
        .order_by("pk")
    )
    for item in wrong[:20]:
        yield f"{_name(item)}: số sự kiện hoặc mã băm cuối không khớp với chuỗi sự kiện."
    torn = Leg.objects.values("event").annotate(total=Sum("sign")).exclude(total=0).order_by("event")
    for row in torn[:20]:
        event = Event.objects.select_related("item").get(pk=row["event"])
        yield f"{_name(event.item)}: sự kiện {event.seq} «{event.verb}»: bút toán không cân (tổng {row['total']:+d})."
    stray = Leg.objects.exclude(event__item=F("item")).order_by("pk")
    for pk in stray.values_list("pk", flat=True)[:20]:
        yield f"Bút toán {pk} không cùng đầu việc với sự kiện của nó."


# ---- series ---------------------------------------------------------------------------------------------------------


def check_series() -> Iterator[str]:
    """What the books say of their own numbers."""
    for info in registry.books():
        for fault in info.series_check():
            yield f"Dãy số ({info.title}): {fault}"


# ---- figures --------------------------------------------------------------------------------------------------------


def check_totals() -> Iterator[str]:
    """Totals and balances against the journal folded from nothing."""
    for fault in totals.check():
        yield f"Cộng dồn: {fault}."


def check_frozen() -> Iterator[str]:
    """Frozen statements: their figures unchanged, and still what the journal says as known then."""
    for fault in freeze.check():
        yield f"Chốt số liệu: {fault}."


def check_statements() -> Iterator[str]:
    """Statements over all units reconcile: each month of the last year, and all time, each way of dividing."""
    yesterday = clock.today() - dt.timedelta(days=1)
    roots = list(Unit.objects.filter(places__parent__isnull=True, places__isnull=False).distinct().order_by("pk"))
    # All books and divisions of the same days are over the same units: a country is read once for each period.
    over = lru_cache(maxsize=None)(lambda start, end: cover(roots, start, end))
    for book, first in Leg.objects.filter(day__lte=yesterday).values_list("book").annotate(Min("day")).order_by("book"):
        if not roots:
            yield f"Sổ «{Book(book).label}» có bút toán nhưng chưa có đơn vị gốc nào trong cây đơn vị."
            continue
        for start, end, by in _periods(first, yesterday):
            try:
                made = queries.statement(
                    SYSTEM, book=book, units=roots, start=start, end=end, by=by, counted=over(start, end)
                )
            except statement.Unreconciled as fault:
                yield f"Biểu {Book(book).label} {start:%d/%m/%Y} – {end:%d/%m/%Y} theo {by}: {fault}"
            else:
                yield from _against_journal(made, by)


def _periods(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date, statement.By]]:
    for by in statement.BY:
        yield first, last, by
    start = last.replace(day=1)
    for _ in range(12):
        if start < first:
            break
        yield start, min(last, (start + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)), "unit"
        start = (start - dt.timedelta(days=1)).replace(day=1)


def _against_journal(made: statement.Statement, by: str) -> Iterator[str]:
    """The closing of a statement over all units is what the journal, read leg by leg, leaves pending."""
    if by != "unit":
        return
    pending = Leg.objects.filter(book=made.book, day__lte=made.end, account__in=PENDING, pk__lte=made.watermark)
    counted = pending.aggregate(n=Sum("sign"))["n"] or 0
    if counted != made.total.figures.closing.total:
        yield (
            f"Biểu {Book(made.book).label} đến {made.end:%d/%m/%Y}: còn lại {made.total.figures.closing.total}, "
            f"nhưng sổ số liệu còn {counted} (đơn vị nằm ngoài cây, hoặc cộng dồn sai)."
        )


# ---- all of it ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to prove: what it is called and how it is done; ``quick`` ones recompute no hash and no timeline."""

    title: str
    run: Callable[[Progress], Iterable[str]]
    quick: bool = False


def checks() -> list[Check]:
    """Everything ``motcua verify`` does, in order."""
    return [
        Check("Bảo vệ cơ sở dữ liệu", lambda _: check_triggers(), quick=True),
        Check("Bảng của các phần nghiệp vụ", lambda _: check_others(), quick=True),
        Check("Liên kết giữa các bảng", lambda _: check_foreign_keys(), quick=True),
        Check("Tổng số sự kiện, bút toán", lambda _: check_sums(), quick=True),
        Check("Chuỗi sự kiện, bút toán, diễn biến", check_items),
        Check("Sổ không có phần nghiệp vụ", lambda _: check_unregistered(), quick=True),
        Check("Dãy số", lambda _: check_series(), quick=True),
        Check("Cộng dồn", lambda _: check_totals()),
        Check("Biểu tổng hợp", lambda _: check_statements()),
        Check("Số liệu đã chốt", lambda _: check_frozen()),
        Check("Bản chốt ngày", lambda _: checkpoint.check_kept(), quick=True),
    ]


def _name(item: Item) -> str:
    label = Book(item.book).label if item.book in Book.values else item.book
    return f"{label} {item.code}"
