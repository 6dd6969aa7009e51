"""The hash of an event, byte for byte: whoever verifies in twenty years must get the same."""

import datetime as dt
import hashlib
import json
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from motcua.ledger import chain

pytestmark = pytest.mark.pure

VECTOR = json.loads((Path(__file__).parent / "chain_vector.json").read_text(encoding="utf-8"))


def parts_of(event: dict[str, Any]) -> dict[str, Any]:
    return {
        **event,
        "occurred_at": dt.datetime.fromisoformat(event["occurred_at"]),
        "recorded_at": dt.datetime.fromisoformat(event["recorded_at"]),
        "legs": [
            chain.ChainedLeg(dt.datetime.fromisoformat(at), dt.date.fromisoformat(day), *rest)
            for at, day, *rest in event["legs"]
        ],
    }


@pytest.mark.parametrize("case", VECTOR, ids=lambda case: case["what"])
def test_the_committed_vector(case: dict[str, Any]) -> None:
    parts = parts_of(case["event"])
    assert chain.canonical(**parts).hex() == case["canonical_hex"]
    assert chain.event_hash(**parts) == case["hash"]


def test_the_vector_needs_no_code_of_ours() -> None:
    """The form in words: 0x01, then JSON in ASCII with sorted keys and no spaces; SHA-256 over both."""
    for case in VECTOR:
        data = bytes.fromhex(case["canonical_hex"])
        assert data[:1] == b"\x01"
        form = json.loads(data[1:].decode("ascii"))
        assert data[1:] == json.dumps(form, sort_keys=True, separators=(",", ":")).encode("ascii")
        assert hashlib.sha256(data).hexdigest() == case["hash"]


def one() -> dict[str, Any]:
    return parts_of(VECTOR[1]["event"])


def test_spelling_and_time_zone_do_not_matter() -> None:
    parts, other = one(), one()
    other["occurred_at"] = other["occurred_at"].astimezone(ZoneInfo("America/New_York"))
    other["facts"] = {
        unicodedata.normalize("NFD", k): unicodedata.normalize("NFD", v) if isinstance(v, str) else v
        for k, v in reversed(other["facts"].items())
    }
    assert chain.event_hash(**parts) == chain.event_hash(**other)


@pytest.mark.parametrize("name", [n for n in VECTOR[1]["event"] if n != "legs"])
def test_every_part_counts(name: str) -> None:
    parts, other = one(), one()
    value = other[name]
    if isinstance(value, dt.datetime):
        other[name] = value + dt.timedelta(microseconds=1)
    elif isinstance(value, dict):
        other[name] = value | {"thêm": 1}
    elif isinstance(value, int):
        other[name] = value + 1
    else:
        other[name] = (value or "") + "x"
    assert chain.event_hash(**parts) != chain.event_hash(**other)


@pytest.mark.parametrize("index", range(10))
def test_every_part_of_a_leg_counts(index: int) -> None:
    parts, other = one(), one()
    values = list(other["legs"][0])
    value = values[index]
    if isinstance(value, dt.datetime):
        values[index] = value + dt.timedelta(seconds=1)
    elif isinstance(value, dt.date):
        values[index] = value + dt.timedelta(days=1)
    elif isinstance(value, int):
        values[index] = -value
    else:
        values[index] = value + "x"
    other["legs"][0] = chain.ChainedLeg(*values)
    assert chain.event_hash(**parts) != chain.event_hash(**other)


def test_the_order_of_legs_counts() -> None:
    parts, other = one(), one()
    other["legs"].reverse()
    assert chain.event_hash(**parts) != chain.event_hash(**other)


def test_plain_values() -> None:
    assert chain.plain({"a": Decimal("1.50"), "b": True, "c": None, "d": (1, "đ")}) == {
        "a": "1.50",
        "b": True,
        "c": None,
        "d": [1, "đ"],
    }
    with pytest.raises(ValueError, match="aware"):
        chain.plain({"at": dt.datetime(2023, 6, 1)})  # noqa: DTZ001
