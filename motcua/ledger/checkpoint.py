"""Daily checkpoints: the state of all items in one signed hash, sent out of the house.

Whoever holds yesterday's file can see tomorrow that nothing of what was recorded by then has changed, even if every
hash in the database was computed anew. What was changed before the day's checkpoint left the house, no file can show.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Sum

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.models import Outbox, SeriesCounter
from motcua.ledger import locks, merkle
from motcua.ledger.models import Checkpoint, Event, Item, Leg

FORMAT = 1
TOPIC = "checkpoint"
# How far apart the ids of one act, or of acts written at the same time, can lie.
_NEAR = 10_000

_HEADS = """
    SELECT i.book, i.code, COALESCE(e.prev_hash, i.head)
    FROM ledger_item i
    LEFT JOIN (SELECT item_id, MIN(seq) AS seq FROM ledger_event WHERE id > %s GROUP BY item_id) later
        ON later.item_id = i.id
    LEFT JOIN ledger_event e ON e.item_id = i.id AND e.seq = later.seq
    ORDER BY i.book {collate}, i.code {collate}
"""


# ---- making ----------------------------------------------------------------------------------------------------------


def make_daily() -> Checkpoint | None:
    """The checkpoint of all days up to yesterday, once: None where there is one already, or nothing to hold on to.

    It covers what was recorded before this day began, so that its watermark is what was known that evening. Reads all
    items; a dozen statements. The copy for outside goes to the outbox in the same transaction.
    """
    day = clock.today() - dt.timedelta(days=1)
    if Checkpoint.objects.filter(day__gte=day).exists():
        return None
    watermark, last_event = _recorded_before(clock.local_moment(clock.today()))
    if not last_event:
        return None
    size = merkle.block_size(Item.objects.count())
    tree, blocks = merkle.build(heads(last_event), size)
    previous = Checkpoint.objects.order_by("-day").first()
    key = signing_key()
    document: dict[str, Any] = {
        "format": FORMAT,
        "day": day.isoformat(),
        "made_at": clock.now().isoformat(),
        "watermark": watermark,
        "last_event": last_event,
        "items": tree.count,
        "root": tree.root(),
        "previous_root": previous.root if previous else "",
        "blocks": [[b.book, b.code, b.count, b.root] for b in blocks],
        "series": series_totals(),
    }
    with transaction.atomic():
        made = Checkpoint.objects.create(
            day=day,
            made_at=clock.now(),
            watermark=watermark,
            last_event=last_event,
            items=tree.count,
            root=tree.root(),
            previous_root=document["previous_root"],
            document=document,
            signature=key.sign(signed_bytes(document)).hex(),
            public_key=public_hex(key.public_key()),
        )
        Outbox.objects.create(topic=TOPIC, payload={"checkpoint": made.pk}, created_at=clock.now())
    return made


def _recorded_before(moment: dt.datetime) -> tuple[int, int]:
    """The greatest leg id and event id recorded before ``moment``, such that no act is cut in two.

    Both lie below the safe watermark: nothing can appear beneath them any more. Acts written at the same time share a
    stretch of ids, so an act recorded just after ``moment`` may come along.
    """
    safe_leg, safe_event = locks.safe_ids()
    legs = Leg.objects.filter(pk__lte=safe_leg)
    events = Event.objects.filter(pk__lte=safe_event, recorded_at__lt=moment)
    leg = legs.filter(recorded_at__lt=moment).order_by("-pk").values_list("pk", flat=True).first() or 0
    event = events.order_by("-pk").values_list("pk", flat=True).first() or 0
    while True:
        upper = legs.filter(pk__gt=leg - _NEAR, pk__lte=leg).aggregate(n=Max("event"))["n"] or 0
        event = max(event, upper)
        whole = legs.filter(event__gt=event - _NEAR, event__lte=event).aggregate(n=Max("pk"))["n"] or 0
        if whole <= leg:
            return leg, event
        leg = whole


def heads(last_event: int) -> Iterator[merkle.Leaf]:
    """Book, code and head of every item as they were after event ``last_event``, in order of bytes. One statement."""
    collate = 'COLLATE "C"' if connection.vendor == "postgresql" else ""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_HEADS.format(collate=collate), [last_event])
        while rows := cursor.fetchmany(2000):
            for book, code, head in rows:
                if head:  # an item that had no event yet did not exist
                    yield book, code, head


def series_totals() -> dict[str, int]:
    """How many numbers each series has given, over all days. They only grow. One statement."""
    rows = SeriesCounter.objects.order_by("series").values("series").annotate(total=Sum("n"))
    return {row["series"]: row["total"] for row in rows}


def signed_bytes(document: dict[str, Any]) -> bytes:
    """What is signed: the document as JSON in ASCII, keys sorted, no spaces."""
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode("ascii")


# ---- key -------------------------------------------------------------------------------------------------------------


def signing_key() -> Ed25519PrivateKey:
    """The office's key; made on first use, readable by its owner alone."""
    path = settings.KEYS / "checkpoint.pem"
    if not path.exists():
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid(f"Tệp khóa {path.name} không phải khóa Ed25519.")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Written whole under another name first: a second process must not read half a key, nor replace a finished one.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def public_hex(key: Ed25519PublicKey) -> str:
    """A public key as 64 hexadecimal digits, to be printed and kept apart."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


# ---- sending out -----------------------------------------------------------------------------------------------------


def as_file(made: Checkpoint) -> str:
    """The text of the copy kept outside."""
    return json.dumps(
        {"document": made.document, "signature": made.signature, "public_key": made.public_key},
        ensure_ascii=True,
        indent=1,
        sort_keys=True,
    )


def send_out(payload: dict[str, Any]) -> None:
    """Write the copy into ``CHECKPOINT_DIR`` (a mounted disk of another house, a mail folder). Never over another."""
    made = Checkpoint.objects.get(pk=payload["checkpoint"])
    settings.CHECKPOINT_DIR.mkdir(parents=True, exist_ok=True)
    path = settings.CHECKPOINT_DIR / f"chot-{made.day.isoformat()}.json"
    text = as_file(made)
    if path.exists():
        if path.read_text(encoding="ascii") != text:
            raise Invalid(f"Tệp {path.name} đã có với nội dung khác; không ghi đè.")
        return
    draft = path.with_suffix(".part")
    with open(draft, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


# ---- checking --------------------------------------------------------------------------------------------------------


def check_kept() -> Iterator[str]:
    """The checkpoints in the database: signatures, links from day to day, and the newest against the books of today."""
    previous = ""
    newest: Checkpoint | None = None
    for made in Checkpoint.objects.order_by("day").iterator(chunk_size=50):
        where = f"Bản chốt ngày {made.day:%d/%m/%Y}"
        if made.previous_root != previous:
            yield f"{where}: không nối với bản chốt trước."
        if not _signed(made.document, made.signature, made.public_key):
            yield f"{where}: chữ ký không khớp."
        said = (made.document.get("day"), made.document.get("root"), made.document.get("previous_root"))
        if said != (made.day.isoformat(), made.root, made.previous_root):
            yield f"{where}: nội dung đã ký khác các cột của nó."
        previous, newest = made.root, made
    if newest is not None:
        yield from _against_books(newest.document)


def check_file(path: Path) -> Iterator[str]:
    """The books against a copy kept outside: its signature, our own row of that day, and every item as it was then.

    Raises :class:`Invalid` when the file is no checkpoint at all.
    """
    document, signature, public_key = _read(path)
    day = dt.date.fromisoformat(document["day"])
    where = f"Bản chốt ngày {day:%d/%m/%Y} ({path.name})"
    kept = Checkpoint.objects.filter(day=day).first()
    if _signed(document, signature, public_key):
        if kept is None:
            yield f"{where}: trong cơ sở dữ liệu không có bản chốt của ngày này."
        elif kept.document != document:
            yield f"{where}: khác bản chốt của ngày này trong cơ sở dữ liệu."
    yield from check_sealed(document, signature, public_key, where)


def check_sealed(document: dict[str, Any], signature: str, public_key: str, where: str) -> Iterator[str]:
    """The books against a signed document in the form of a checkpoint, wherever it was kept; ``where`` names it."""
    if not _signed(document, signature, public_key):
        yield f"{where}: chữ ký không khớp, tệp đã bị sửa."
        return
    own = settings.KEYS / "checkpoint.pem"
    if own.exists() and public_hex(signing_key().public_key()) != public_key:
        yield f"{where}: ký bằng khóa {public_key[:16]}…, không phải khóa hiện nay của cơ quan."
    yield from _against_books(document)


def _read(path: Path) -> tuple[dict[str, Any], str, str]:
    try:
        return readable(json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError as error:
        raise Invalid(f"Không có tệp {path}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(f"Tệp {path.name} không phải bản chốt của motcua.") from error


def readable(content: Any) -> tuple[dict[str, Any], str, str]:
    """Document, signature and public key of what was read from a file; an error of Python's own when it is none."""
    document = content["document"]
    dt.date.fromisoformat(document["day"])
    [merkle.Block(*block) for block in document["blocks"]]
    int(document["last_event"]), int(document["items"]), dict(document["series"]), str(document["root"])
    if document["format"] != FORMAT:
        raise ValueError
    return document, str(content["signature"]), str(content["public_key"])


def well_signed(made: Checkpoint) -> bool:
    """Whether a kept checkpoint's signature is of what it says, and its columns say the same. No query."""
    said = (made.document.get("day"), made.document.get("root"), made.document.get("previous_root"))
    return said == (made.day.isoformat(), made.root, made.previous_root) and _signed(
        made.document, made.signature, made.public_key
    )


def _signed(document: dict[str, Any], signature: str, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), signed_bytes(document))
    except (InvalidSignature, ValueError):
        return False
    return True


def _against_books(document: dict[str, Any]) -> Iterator[str]:
    day = dt.date.fromisoformat(document["day"])
    then = f"lúc chốt ngày {day:%d/%m/%Y}"
    greatest = Event.objects.aggregate(n=Max("pk"))["n"] or 0
    if greatest < document["last_event"]:
        yield f"Sổ thiếu sự kiện: {then} đã có đến sự kiện {document['last_event']}, nay chỉ đến {greatest}."
    blocks = [merkle.Block(*block) for block in document["blocks"]]
    for before, block, now in merkle.compare(heads(document["last_event"]), blocks):
        yield f"{_stretch(before, block, now)}: khác {then} ({block.count if block else 0} → {now.count} đầu việc)."
    tree = merkle.Tree()
    for block in blocks:
        _add_block(tree, block)
    if (tree.count, tree.root()) != (document["items"], document["root"]):
        yield f"Bản chốt ngày {day:%d/%m/%Y}: mã gốc không phải của các khối ghi trong đó."
    totals = series_totals()
    for series, total in document["series"].items():
        if totals.get(series, 0) < total:
            yield f"Dãy số {series}: {then} đã cấp {total} số, nay chỉ còn {totals.get(series, 0)}."


def _add_block(tree: merkle.Tree, block: merkle.Block) -> None:
    tree.add(bytes.fromhex(block.root), block.count)


def _stretch(before: merkle.Block | None, block: merkle.Block | None, now: merkle.Block) -> str:
    if block is not None and block.count == 1 and now.count <= 1:
        return f"Đầu việc {block.code} (sổ {block.book})"
    since = f"sau mã {before.code} (sổ {before.book})" if before else "từ đầu sổ"
    return f"Các đầu việc {since} đến mã {now.code} (sổ {now.book})"
