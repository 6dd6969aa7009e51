"""Numbers in a row: no duplicate and no gap, whoever writes and whatever fails."""

import datetime as dt
import time
from collections import Counter
from itertools import chain

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from motcua.core.models import SeriesCounter
from motcua.core.series import next_number, next_numbers, reserve
from tests.support.child import say
from tests.support.processes import Child, run_processes
from tests.support.sql import max_queries

DAY = dt.date(2023, 6, 1)


@pytest.mark.django_db
def test_each_series_and_day_counts_from_one() -> None:
    assert [next_number("H59.11", DAY) for _ in range(3)] == [1, 2, 3]
    assert next_number("H59.12", DAY) == 1
    assert next_number("H59.11", DAY + dt.timedelta(days=1)) == 1
    assert next_number("H59.11", DAY) == 4


@pytest.mark.django_db
def test_a_number_costs_one_statement() -> None:
    with max_queries(1):
        next_number("H59.11", DAY)


@pytest.mark.django_db
def test_past_9999_the_row_goes_on() -> None:
    SeriesCounter.objects.create(series="H59.11", day=DAY, n=9999)
    assert next_number("H59.11", DAY) == 10_000


def test_a_number_outside_a_transaction_is_refused(real_database: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        next_number("H59.11", DAY)
    assert not SeriesCounter.objects.exists()


@pytest.mark.django_db
@given(acts=st.lists(st.tuples(st.sampled_from(["A", "B"]), st.booleans()), max_size=12))
def test_a_rolled_back_act_gives_its_number_back(acts: list[tuple[str, bool]]) -> None:
    """Whatever mixture of acts that end well and acts that fail: the numbers kept are 1…n."""
    kept: dict[str, list[int]] = {"A": [], "B": []}
    with transaction.atomic():
        for series, succeeds in acts:
            try:
                with transaction.atomic():
                    number = next_number(series, DAY)
                    if not succeeds:
                        raise LookupError
                kept[series].append(number)
            except LookupError:
                pass
        transaction.set_rollback(True)  # the next example begins with nothing
    for numbers in kept.values():
        assert numbers == list(range(1, len(numbers) + 1))


def take_numbers(index: int, acts: int, series: list[str]) -> list[list[object]]:
    """Child: perform ``acts`` acts over several series, every third of which fails after taking its number."""
    taken: list[list[object]] = []
    for act in range(acts):
        name = series[(act + index) % len(series)]
        try:
            with transaction.atomic():
                number = next_number(name, DAY)
                if (act + index) % 3 == 0:
                    raise LookupError
            taken.append([name, number])
        except LookupError:
            pass
    return taken


def test_concurrent_processes_leave_no_duplicate_and_no_gap(real_database: str) -> None:
    acts, series = 60, ["H59.11", "H59.12"]
    results = run_processes(4, take_numbers, real_database, acts, series)
    taken = list(chain.from_iterable(results))
    assert len(taken) == sum((act + index) % 3 != 0 for index in range(4) for act in range(acts))
    for name in series:
        numbers = Counter(number for series_name, number in taken if series_name == name)
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "a gap"
        assert set(numbers.values()) == {1}, "a duplicate"
        assert SeriesCounter.objects.get(series=name, day=DAY).n == len(numbers)


def hold_number(index: int) -> None:
    """Child: take a number and die before the act ends."""
    with transaction.atomic():
        say({"holds": next_number("H59.11", DAY)})
        time.sleep(60)


def test_a_killed_writer_leaves_no_gap_and_no_lock(real_database: str) -> None:
    with transaction.atomic():
        assert next_number("H59.11", DAY) == 1
    connection.close()
    child = Child(hold_number, real_database)
    child.wait_ready()
    child.go()
    assert child.read() == {"holds": 2}
    child.kill()
    with transaction.atomic():
        assert next_number("H59.11", DAY) == 2


def test_numbers_of_several_series_are_taken_together(db):
    with transaction.atomic():
        assert next_numbers([("a", DAY), ("b", DAY)]) == {"a": 1, "b": 1}
        assert next_numbers([("a", DAY)]) == {"a": 2}
        assert next_numbers([]) == {}


def test_reserved_numbers_are_the_next_and_nobody_elses(db):
    with transaction.atomic():
        assert next_number("a", DAY) == 1
        assert reserve("a", DAY, 3) == 2
        assert next_number("a", DAY) == 5
        with pytest.raises(ValueError, match="at least one"):
            reserve("a", DAY, 0)
