"""The real national file, where it is at hand: every record comes in, and no value that the file does not state.

The file itself is never committed; the tests skip without it.
"""

import datetime as dt
import functools
import gzip
import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from motcua.procedures import actions, queue, rules
from motcua.procedures.importing import read_catalogue
from motcua.procedures.models import FeeLine, Part, ProcedureVersion, Review, TermLine

SHARED = Path(os.environ.get("MOTCUA_SHARED") or Path(__file__).resolve().parents[3] / "shared")
FILE = SHARED / "data" / "tthc_quoc_gia.jsonl.gz"
DAY = dt.date(2026, 7, 1)
UNITS = {"working_day": "working_day", "calendar_day": "calendar_day", "month": "month", "hour": "working_hour"}
pytestmark = [pytest.mark.seeds, pytest.mark.skipif(not FILE.exists(), reason="the national file is not at hand")]


@functools.cache
def raw():
    """The file as it is, by code."""
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        return {row["code"]: row for row in map(json.loads, file)}


@functools.cache
def read():
    """The records, and how many seconds of processor reading them took (a busy machine is not our slowness)."""
    start = time.process_time()
    return read_catalogue(FILE), time.process_time() - start


@pytest.fixture
def published():
    return raw()


@pytest.fixture
def records():
    return read()[0]


@pytest.mark.pure
def test_every_record_is_read(records, published):
    assert {r.code for r in records} == set(published)
    assert len(records) == 2642


@pytest.mark.pure
def test_no_term_is_invented(records, published):
    for record in records:
        methods = published[record.code]["methods"]
        stated = {(m["limit"], UNITS[m["unit"]]) for m in methods if m["limit"] and m["unit"]}
        for line in record.draft.terms:
            if line.value is not None:
                assert (line.value, line.unit) in stated, record.code
                assert line.published
            else:
                assert line.unit == line.start_rule == ""


@pytest.mark.pure
def test_no_fee_is_invented(records, published):
    for record in records:
        notes = [m["note"] for m in published[record.code]["methods"]]
        for line in record.draft.fees:
            if line.state == "amount":
                assert any(f"{line.amount:,} V" in note for note in notes), record.code
            elif line.state == "free":
                assert any("Miễn phí" in note for note in notes), record.code
            else:
                assert line.amount is None


@pytest.mark.pure
def test_no_number_of_copies_is_invented(records, published):
    for record in records:
        rows = published[record.code]["documents"]
        assert len(rows) == len(record.draft.parts)
        for row, part in zip(rows, record.draft.parts, strict=True):
            assert part.copies is None or part.copies == row["copies"] > 0


@pytest.mark.pure
def test_every_line_without_a_value_says_why(records):
    for record in records:
        codes = {(d.place, d.position) for d in record.draft.doubts}
        for place, lines in (("term", record.draft.terms), ("fee", record.draft.fees)):
            for position, line in enumerate(lines, start=1):
                if line.state in ("unclear", "none"):
                    assert (place, position) in codes, record.code


@pytest.mark.pure
def test_how_many_need_review_and_why(records):
    """Counts seen in the file of mid-2026; wide enough for a reading rule to improve, too narrow for one to break."""
    troubles = Counter(code for r in records for code in {d.code for d in r.draft.doubts})
    expected = {
        "number_without_unit": (300, 325),
        "cases_as_channels": (195, 215),
        "term_contradicts_note": (55, 90),
        "unit_contradicts_note": (30, 60),
        "free_but_regulated": (300, 340),
        "hidden_characters": (27, 40),
        "district_left": (25, 25),
        "number_glued": (50, 60),
        "hours_of_what": (70, 90),
        "term_not_stated": (90, 110),
        "zero_term": (2, 2),
        "no_methods": (13, 13),
        "copies_zero": (100, 200),
        "part_is_condition": (200, 300),
    }
    wrong = {c: troubles[c] for c, (low, high) in expected.items() if not low <= troubles[c] <= high}
    assert not wrong
    asking = sum(any(rules.asks(d.code) for d in r.draft.doubts) for r in records)
    assert 1500 <= asking <= 1750
    longest = max(line.value for r in records for line in r.draft.terms if line.value and line.unit == "calendar_day")
    assert longest == 300


@pytest.mark.slow
@pytest.mark.large
@pytest.mark.django_db
def test_the_whole_catalogue_in_twenty_seconds_and_twice_without_change():
    records, seconds = read()
    start = time.process_time()
    outcome = actions.import_catalogue(records=records, valid_from=DAY)
    assert seconds + time.process_time() - start < 20
    assert len(outcome.added) == 2642
    assert ProcedureVersion.objects.filter(sealed=True, number=1).count() == 2642
    counts = [model.objects.count() for model in (TermLine, FeeLine, Part, Review)]
    assert min(counts) > 2500
    assert ProcedureVersion.objects.filter(needs_review=True).count() == outcome.needing_review
    assert sum(queue.review_counts(DAY).values()) == sum(outcome.troubles.values())
    again = actions.import_catalogue(records=records, valid_from=DAY)
    assert (again.added, again.changed, again.unchanged) == ([], [], 2642)
    assert [model.objects.count() for model in (TermLine, FeeLine, Part, Review)] == counts
