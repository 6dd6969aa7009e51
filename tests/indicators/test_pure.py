"""Windows, notation, expressions, and one figure: no database."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.core.errors import Invalid
from motcua.indicators import checking, expressions, figure, notation, starter, windows
from motcua.indicators.figure import MISSING, NONE, VALUE, Figure, Meaning
from motcua.indicators.windows import Rule

pytestmark = pytest.mark.pure

RULES = {
    row["code"]: Rule(
        row["code"], row["title"], tuple(row["names"]), row["months"], row["step"], row.get("first_day", 1),
        row.get("months_earlier", 0),
    )
    for row in starter.rules()
}  # fmt: skip
CUTTING = [rule for rule in RULES.values() if rule.months * max(len(rule.names), 1) in (0, 12)]


# ---- windows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "year", "n", "first", "last", "label"),
    [
        ("thang", 2024, 2, "2024-02-01", "2024-02-29", "Tháng 2/2024"),
        ("quy", 2023, 4, "2023-10-01", "2023-12-31", "Quý IV/2023"),
        ("chin-thang", 2023, 1, "2023-01-01", "2023-09-30", "9 tháng 2023"),
        ("quy-15", 2023, 1, "2022-12-15", "2023-03-14", "Quý I/2023"),
        ("quy-15", 2023, 4, "2023-09-15", "2023-12-14", "Quý IV/2023"),
        ("sau-thang-15", 2023, 1, "2022-12-15", "2023-06-14", "6 tháng đầu năm 2023"),
        ("sau-thang-15", 2023, 2, "2023-06-15", "2023-12-14", "6 tháng cuối năm 2023"),
        ("nam-15", 2025, 1, "2024-12-15", "2025-12-14", "Năm 2025"),
        ("tuan", 2020, 53, "2020-12-28", "2021-01-03", "Tuần 53/2020"),
    ],
)
def test_windows_of_the_regulations(code, year, n, first, last, label):
    found = windows.window_of(RULES[code], year, n)
    assert (found.first.isoformat(), found.last.isoformat(), found.label) == (first, last, label)


@given(st.sampled_from(CUTTING), st.dates(dt.date(2001, 1, 1), dt.date(2098, 12, 31)))
def test_windows_of_a_rule_follow_each_other_without_gap_and_hold_their_days(rule, day):
    held = windows.containing(rule, day)
    assert held is not None
    assert held.first <= day <= held.last
    before = windows.previous(rule, held)
    assert before.last + dt.timedelta(1) == held.first
    assert windows.recognise(held.first, held.last, RULES.values()).first == held.first
    year, n = windows.place(rule, held)
    assert windows.window_of(rule, year, n) == held
    if not rule.weekly:
        assert windows.last_year(rule, held) == windows.window_of(rule, year - 1, n)


def test_free_days_are_compared_with_as_many_days_before_and_leap_days_survive():
    leap = windows.free(dt.date(2024, 2, 29), dt.date(2024, 3, 1))
    assert windows.last_year(None, leap).first == dt.date(2023, 2, 28)
    assert windows.previous(None, leap) == windows.free(dt.date(2024, 2, 27), dt.date(2024, 2, 28))
    assert windows.containing(RULES["chin-thang"], dt.date(2023, 11, 1)) is None
    with pytest.raises(Invalid):
        windows.free(dt.date(2024, 3, 1), dt.date(2024, 2, 1))
    with pytest.raises(Invalid):
        windows.window_of(RULES["quy"], 2023, 5)


# ---- notation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "decimals", "read"),
    [("1.234,5", 1, "1234.5"), ("22.318", 0, "22318"), ("347,344", 3, "347.344"), ("1.234", 2, "1234"),
     ("-3", 0, "-3"), ("0", 0, "0"), (" 90 %", 2, "90"), ("1234567", 0, "1234567"), ("5,00", 0, "5")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(typed, decimals, read):
    assert notation.read_number(typed, decimals) == Decimal(read)


@pytest.mark.parametrize("typed", ["1.23", "1,2,3", "49,14,52", "mười", "1e5", "=1+1", "12.34.567", "1,5", "9" * 17])
def test_what_can_be_read_two_ways_or_none_is_refused_not_guessed(typed):
    with pytest.raises(Invalid):
        notation.read_number(typed, 0)


@given(st.decimals(-(10**9), 10**9, places=3))
def test_what_is_shown_is_read_back(number):
    assert notation.read_number(notation.for_typing(number), 3) == number


# ---- a ratio never lies ---------------------------------------------------------------------------------------------

RATE = Meaning("ty_le", "Tỷ lệ", "%", "ratio", 2, adds_up="ratio_of_sums", numerator="a", denominator="b")


def test_an_empty_denominator_is_nothing_and_not_all():
    assert figure.ratio(RATE, Decimal(0), Decimal(0)).shown == "không có"
    assert figure.ratio(RATE, None, Decimal(3)).shown == "…"
    assert figure.ratio(RATE, Decimal(21272), Decimal(21272)).shown == "100"
    assert figure.ratio(RATE, Decimal(1033), Decimal(1034)).shown == "99,9"
    assert figure.ratio(RATE, Decimal("34.983"), Decimal("40.6")).shown == "86,17"


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 3))
def test_a_ratio_is_all_or_none_only_when_it_is(part, rest, decimals):
    meaning = Meaning("t", "T", "%", "ratio", decimals)
    made = figure.ratio(meaning, Decimal(part), Decimal(part + rest))
    if part + rest == 0:
        assert made.state == NONE
        assert made.rounded is None
        return
    assert (made.rounded == 100) == (rest == 0)
    assert (made.rounded == 0) == (part == 0)


# ---- adding up ------------------------------------------------------------------------------------------------------

COUNT = Meaning("so", "Số", "việc", "count")


def some_figure(meaning):
    told = st.integers(0, 10**6).map(lambda n: Figure(meaning, VALUE, Decimal(n)))
    pair = st.tuples(st.integers(0, 999), st.integers(0, 999)).map(
        lambda p: figure.ratio(meaning, Decimal(p[0]), Decimal(p[0] + p[1]))
    )
    return st.one_of(
        pair if meaning.kind == "ratio" else told, st.just(Figure(meaning, NONE)), st.just(Figure(meaning))
    )


@given(st.sampled_from([COUNT, RATE]).flatmap(lambda m: st.lists(some_figure(m), max_size=9)), st.randoms())
def test_adding_up_knows_no_order(figures, chance: random.Random):
    if not figures:
        return
    shuffled = list(figures)
    chance.shuffle(shuffled)
    one, two = figure.add(figures[0].meaning, figures), figure.add(figures[0].meaning, shuffled)
    assert one.as_dict() == two.as_dict()
    assert one.missing_parts == sum(f.state == MISSING for f in figures)
    if one.meaning.kind == "count" and any(f.known for f in figures):
        assert one.value == sum(f.value for f in figures if f.known)


def test_a_sum_of_nothing_is_nothing_and_of_the_unknown_unknown():
    assert figure.add(COUNT, [Figure(COUNT, NONE), Figure(COUNT, NONE)]).shown == "không có"
    assert figure.add(COUNT, [Figure(COUNT, NONE), Figure(COUNT)]).shown == "không có"
    assert figure.add(COUNT, [Figure(COUNT), Figure(COUNT)]).shown == "…"
    texts = Meaning("v", "Việc", "", "text", adds_up="list")
    told = figure.add(texts, [Figure(texts, VALUE, text="b"), Figure(texts, VALUE, text="a"), Figure(texts)])
    assert told.shown == "a\nb"


def test_the_same_procedure_in_two_communes_is_one():
    same = Meaning("tthc", "Thủ tục", "thủ tục", "count", adds_up="distinct")
    parts = [Figure(same, VALUE, Decimal(2), keys=frozenset(keys)) for keys in ({"1", "2"}, {"2", "3"})]
    assert figure.add(same, parts).shown == "3"
    typed = Figure(same, VALUE, Decimal(7))
    assert figure.add(same, [*parts, typed]).state == MISSING  # a number does not say what it counted


# ---- what must hold -------------------------------------------------------------------------------------------------


def told(**numbers):
    return {code: Figure(Meaning(code, code, "", "count"), VALUE, Decimal(n)) for code, n in numbers.items()}


@given(st.lists(st.integers(0, 99), min_size=3, max_size=3), st.integers(-50, 50))
def test_every_broken_sum_is_found_and_no_other(parts, gap):
    a, b, c = parts
    rule = checking.Rule("t", "equal", "a + b - c")
    found = checking.broken(told(t=a + b - c + gap, a=a, b=b, c=c), [rule])
    assert bool(found) == bool(gap)
    if gap:
        assert f"lệch {abs(gap)}." in found[0].said
        assert found[0].codes == ("t", "a", "b", "c")


def test_carried_over_at_most_and_unknown():
    carried, most = checking.Rule("c6", "carried", "c11"), checking.Rule("a", "at_most", "b")
    assert checking.broken(told(c6=3), [carried], told(c11=2))
    assert not checking.broken(told(c6=2), [carried], told(c11=2))
    assert not checking.broken(told(c6=3), [carried])  # no earlier window is known
    assert checking.broken(told(a=3, b=2), [most])
    assert not checking.broken(told(a=2, b=2), [most])
    assert not checking.broken({**told(a=3), "b": Figure(COUNT)}, [most])
    beyond = figure.ratio(RATE, Decimal(3), Decimal(2))
    assert checking.broken({"ty_le": beyond}, [])[0].kind == checking.BEYOND


def test_jumps_and_copies():
    now, then = told(a=400, b=5, c=7), told(a=100, b=1, c=7)
    assert [o.codes for o in checking.jumps(now, then, checking.JUMP_BEFORE, "kỳ trước")] == [("a",)]
    assert not checking.jumps(now, told(a=0, b=0, c=0), checking.JUMP_BEFORE, "kỳ trước")  # before figures were kept
    same = told(a=4, b=5, c=6)
    assert checking.same_as(same, told(a=4, b=5, c=6), list("abc"))
    assert not checking.same_as(same, told(a=4, b=5, c=7), list("abc"))


def test_expressions_name_their_fault():
    assert expressions.parse("c4 + c5 - 3") == ((1, "c4"), (1, "c5"), (-1, "3"))
    for wrong in ("c4 c5", "c4 +", "", "c4 * 2", "(c4)", "C4"):
        with pytest.raises(Invalid):
            expressions.parse(wrong)


def test_the_shipped_tables_fit_together():
    forms = {row.fields["code"]: row for row in starter.forms()}
    assert set(forms) == {"cchc", "ii-06a", "ii-07b", "ii-05"}
    annex = [line for line in forms["cchc"].lines if line.indicator]
    assert len(annex) >= 60
    assert {line.number for line in forms["cchc"].lines if line.level == 0} == set("ABCDEFG")
    assert len([line for line in forms["ii-06a"].lines if line.code]) == 11  # columns 3 to 13
    huyen = [line for line in forms["ii-07b"].lines if line.code.endswith("huyen")]
    assert len(huyen) == 3
    assert {line.until for line in huyen} == {dt.date(2025, 6, 30)}
    split = [i for i in forms["ii-07b"].identities if i.left == "tthc_tong"]
    assert [i.right for i in split] == ["tthc_tinh + tthc_huyen + tthc_xa", "tthc_tinh + tthc_xa"]
