"""The tests' own tools: they isolate, they count right, and they fail when they should."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db import connection, transaction

from motcua.core.models import SeriesCounter
from tests.support.processes import Child, run_processes
from tests.support.sql import counted, max_queries

DAY = dt.date(2023, 6, 1)


def add_row(name: str = "A") -> SeriesCounter:
    return SeriesCounter.objects.create(series=name, day=DAY, n=1)


@pytest.mark.parametrize("time", [1, 2])
def test_each_real_database_is_fresh_and_keeps_what_is_committed(real_database: str, time: int) -> None:
    assert not SeriesCounter.objects.exists()
    add_row()
    connection.close()
    assert SeriesCounter.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("time", [1, 2])
def test_a_plain_test_database_is_rolled_back(time: int) -> None:
    assert not SeriesCounter.objects.exists()
    add_row()


def count_rows(index: int) -> list[Any]:
    return [index, SeriesCounter.objects.count(), connection.vendor]


def test_children_see_what_is_committed(real_database: str) -> None:
    add_row()
    assert run_processes(2, count_rows, real_database) == [[0, 1, connection.vendor], [1, 1, connection.vendor]]


def test_a_child_can_be_given_code(real_database: str) -> None:
    code = "from motcua.core.models import SeriesCounter\nresult = [index, arguments, SeriesCounter.objects.count()]\n"
    assert run_processes(1, code, real_database, "x", 2) == [[0, ["x", 2], 0]]


def fail(index: int) -> None:
    raise LookupError("a child's own trouble")


def test_a_failing_child_fails_the_test(real_database: str) -> None:
    with pytest.raises(AssertionError, match="a child's own trouble"):
        run_processes(2, fail, real_database)


def test_a_child_that_hangs_is_ended(real_database: str) -> None:
    child = Child("import time\ntime.sleep(60)\n", real_database)
    child.wait_ready()
    child.go()
    with pytest.raises(AssertionError):
        child.result(timeout=0.5)


def count_twice_where_once_is_allowed() -> None:
    with max_queries(1):
        SeriesCounter.objects.count()
        SeriesCounter.objects.count()


@pytest.mark.django_db
def test_too_many_statements_fail_and_are_shown() -> None:
    with max_queries(2):
        SeriesCounter.objects.count()
        SeriesCounter.objects.count()
    with pytest.raises(AssertionError, match="core_seriescounter") as failure:
        count_twice_where_once_is_allowed()
    assert "2 SQL statements, at most 1" in str(failure.value)


@pytest.mark.django_db
def test_a_transaction_of_ones_own_costs_nothing_and_one_within_it_does() -> None:
    with max_queries(0), transaction.atomic():
        pass
    with max_queries(2), transaction.atomic(), transaction.atomic():
        pass
    with max_queries(0):
        for _ in range(3):
            with transaction.atomic():
                pass


@pytest.mark.pure
@pytest.mark.parametrize(
    ("sent", "count"),
    [
        ([], 0),
        (["BEGIN", "SELECT 1", "COMMIT"], 1),
        (["SAVEPOINT a", "SELECT 1", "RELEASE SAVEPOINT a"], 1),
        (["SAVEPOINT a", "SAVEPOINT b", "RELEASE SAVEPOINT b", "RELEASE SAVEPOINT a"], 2),
        (["SAVEPOINT a", "INSERT", "ROLLBACK TO SAVEPOINT a", "RELEASE SAVEPOINT a", "SELECT 1"], 3),
    ],
)
def test_what_counts(sent: list[str], count: int) -> None:
    assert len(counted(sent)) == count


def real_hash(index: int, hashed: str) -> list[Any]:
    """Child, with the office's own settings: does a test's hash open the door, and what would be kept?"""
    return [check_password("bí mật của thử nghiệm", hashed), identify_hasher(make_password("x")).algorithm]


def test_the_office_keeps_argon2_and_understands_the_tests_hashes(real_database: str) -> None:
    hashed = make_password("bí mật của thử nghiệm")
    assert run_processes(1, real_hash, real_database, hashed) == [[True, "argon2"]]
    [[wrong, _]] = run_processes(1, real_hash, real_database, make_password("khác"))
    assert wrong is False


@pytest.mark.pure
def test_the_run_has_a_home_of_its_own() -> None:
    assert str(settings.HOME).startswith(settings.RUN)
