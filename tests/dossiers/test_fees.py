"""What fee lines come to: tiers, copies, groups, and what nobody may guess."""

import pytest

from motcua.core.errors import Invalid
from motcua.dossiers.fees import Due, check, counted_by, reckon, settled, vnd
from motcua.procedures.choices import FeeState
from motcua.procedures.models import FeeLine


def line(amount=None, per="", start=1, state=FeeState.AMOUNT, group=""):
    return FeeLine(pk=start, state=state, amount=amount, per=per, from_quantity=start, exempt_group=group)


CERTIFIED = [line(2000, "trang"), line(1000, "trang", 3)]


@pytest.mark.parametrize(
    ("pages", "copies", "total"),
    [(1, 1, 2000), (2, 1, 4000), (3, 1, 5000), (10, 1, 12_000), (1, 5, 10_000), (3, 4, 20_000)],
)
def test_the_first_two_pages_cost_more_than_the_rest(pages, copies, total):
    (due,) = reckon(CERTIFIED, pages, copies=copies)
    assert (due.amount, due.by_rule, due.quantity) == (total, total, pages * copies)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([line(state=FeeState.NONE)], []),
        ([line(0, state=FeeState.FREE)], [(0, 0)]),
        ([line(state=FeeState.UNCLEAR)], [(0, None)]),
        ([line(10_000, "trường hợp")], [(10_000, 10_000)]),
        # two fees of one procedure are two fees, not tiers
        ([line(50_000, "hồ sơ"), line(8_000, "bản")], [(50_000, 50_000), (8_000, 8_000)]),
        ([line(50_000, "hồ sơ"), line(30_000, "hồ sơ")], [(50_000, 50_000), (30_000, 30_000)]),
    ],
)
def test_what_the_lines_say(lines, expected):
    assert [(due.amount, due.by_rule) for due in reckon(lines)] == expected


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 10**12])
def test_a_quantity_that_cannot_be_is_refused(quantity):
    with pytest.raises(Invalid, match="Số lượng"):
        reckon(CERTIFIED, quantity)


def test_the_clerk_counts_pages_but_not_dossiers():
    assert counted_by(CERTIFIED) == "trang"
    assert counted_by([line(10_000, "hồ sơ")]) == ""
    assert counted_by([line(state=FeeState.UNCLEAR, per="bản")]) == ""


def test_by_the_catalogue_an_unclear_fee_is_not_charged():
    unclear, clear = Due("a", 0, None), Due("b", 5_000, 5_000)
    assert [d.amount for d in settled([unclear, clear])] == [5_000]
    assert [d.amount for d in settled([unclear], amount=12_000)] == [12_000]


@pytest.mark.parametrize("amount", [0, 1, 30_000, 79_999, 80_000, 95_000])
def test_one_sum_for_several_fees_is_shared_out_exactly(amount):
    dues = [Due("a", 50_000, 50_000), Due("b", 30_000, 30_000)]
    found = settled(dues, amount=amount, reason="Nghị quyết 12")
    assert sum(d.amount for d in found) == amount
    assert [d.by_rule for d in found] == [50_000, 30_000]
    assert all(d.amount >= 0 for d in found)


@pytest.mark.parametrize(
    "due",
    [
        Due("a", 4_000, 5_000),
        Due("a", 6_000, 5_000),
        Due("a", 0, 0, exempt_group="Hộ nghèo"),
        Due("a", 0, 5_000, exempt_group="Hộ nghèo"),
        Due("a", -1, None),
        Due("a", 10**13, None),
        Due("", 5, None),
        Due("a" * 301, 5, None),
        Due("a", 4_000, 5_000, reason="x" * 301),
    ],
)
def test_a_deviation_nobody_explains_is_refused(due):
    with pytest.raises(Invalid):
        check(due)


@pytest.mark.parametrize(
    "due",
    [
        Due("a", 5_000, 5_000),
        Due("a", 12_000, None),
        Due("a", 0, 5_000, exempt_group="Hộ nghèo", reason="Giấy xác nhận hộ nghèo số 12"),
        Due("a", 4_000, 5_000, reason="Nghị quyết 12"),
    ],
)
def test_an_explained_one_is_kept(due):
    check(due)


def test_money_is_written_as_offices_write_it():
    assert vnd(1_234_567) == "1.234.567 đồng"
