"""The hash of an event: one canonical form, the same bytes on every machine and database. Pure.

The form is a version byte followed by JSON in ASCII with sorted keys and no spaces; text in NFC; moments in UTC with
microseconds; units as ``code@valid_from``, categories as ``procedure|field``, a reversed leg as ``seq:position``. No
row ids of the database but the actor's, so that a copy restored elsewhere still verifies.
``tests/ledger/chain_vector.json`` holds worked values; whoever changes the form takes the next version byte.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from motcua.core.text import nfc

VERSION = b"\x01"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode


class ChainedLeg(NamedTuple):
    """A leg as the chain sees it: names instead of row ids. ``reverses`` is ``seq:position`` or empty."""

    at: dt.datetime
    day: dt.date
    sign: int
    account: str
    unit: str
    category: str
    channel: str
    outcome: str
    kind: str
    reverses: str


# Equal moments are equal keys whatever their zone; an import says each moment many times.
@lru_cache(maxsize=8192)
def moment(at: dt.datetime) -> str:
    """``2023-06-01T02:00:00.000000Z``. A naive datetime is refused (``ValueError``)."""
    if at.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def plain(value: Any) -> Any:
    """A value as it is stored in ``Event.facts`` and hashed: text, whole numbers, booleans, lists and objects.

    Dates, moments and decimals become text. Fractions in binary (``float``), control characters and anything else
    are refused with ``ValueError``: they do not read back the same from both databases.
    """
    kind = type(value)
    if value is None or kind is bool or kind is int:
        return value
    # Nearly all of it: codes, dates and names of enumerations. Printable ASCII holds no control characters.
    if kind is str and value.isascii() and value.isprintable():
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        text = str(value) if value.isascii() else nfc(value)
        if _CONTROL.search(text):
            raise ValueError("facts hold no control characters")
        return text
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("keys of facts are text")
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise ValueError(f"facts cannot hold a {type(value).__name__}")


def canonical(
    *,
    prev_hash: str,
    book: str,
    code: str,
    seq: int,
    verb: str,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    actor: int | None,
    duty: str,
    unit: str,
    facts: dict[str, Any],
    voids: int | None,
    legs: Sequence[ChainedLeg],
) -> bytes:
    """The bytes that are hashed. ``unit`` is a unit's key or empty, ``voids`` the seq of the voided event."""
    form = {
        "prev_hash": prev_hash,
        "book": book,
        "code": nfc(code),
        "seq": seq,
        "verb": nfc(verb),
        "occurred_at": moment(occurred_at),
        "recorded_at": moment(recorded_at),
        "actor": actor,
        "duty": duty,
        "unit": nfc(unit),
        "facts": plain(facts),
        "voids": voids,
        "legs": [
            [
                moment(leg.at),
                leg.day.isoformat(),
                leg.sign,
                leg.account,
                nfc(leg.unit),
                nfc(leg.category),
                leg.channel,
                leg.outcome,
                leg.kind,
                leg.reverses,
            ]
            for leg in legs
        ],
    }
    return VERSION + _encode(form).encode("ascii")


def event_hash(**parts: Any) -> str:
    """SHA-256, in hexadecimal, of :func:`canonical` of the same arguments."""
    return hashlib.sha256(canonical(**parts)).hexdigest()
