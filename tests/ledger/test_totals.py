"""Half-month blocks, balances every 15/6 and 15/12, and what the fold keeps of the journal."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from motcua.core import clock
from motcua.ledger import blocks, totals
from motcua.ledger.models import Leg
from motcua.ledger.rules import Fact
from motcua.ledger.totals_models import BalanceProcedure, BalanceUnit, TotalProcedure, TotalUnit
from tests.ledger.test_statement import Office, due, june, office, on, read  # noqa: F401

days = st.dates(dt.date(2021, 1, 1), dt.date(2027, 12, 31))


class TestBlocks:
    @pytest.mark.pure
    @given(day=days)
    def test_a_day_lies_in_its_block(self, day: dt.date) -> None:
        block = blocks.block_of(day)
        assert blocks.first_day(block) <= day <= blocks.last_day(block)
        assert blocks.block_of(blocks.last_day(block) + dt.timedelta(1)) == block + 1
        assert blocks.first_day(block).day in (1, 15)

    @pytest.mark.pure
    def test_balances_are_kept_at_the_openings_of_the_reporting_halves(self) -> None:
        found = blocks.borders(blocks.block_of(dt.date(2023, 1, 1)), blocks.block_of(dt.date(2024, 6, 15)))
        assert [blocks.first_day(block) for block in found] == [
            dt.date(2023, 6, 15),
            dt.date(2023, 12, 15),
            dt.date(2024, 6, 15),
        ]

    @pytest.mark.pure
    @given(day=days, first=days, length=st.integers(0, 900), with_balances=st.booleans())
    def test_a_plan_counts_every_day_once(self, day: dt.date, first: dt.date, length: int, with_balances: bool) -> None:
        """Whatever balance, blocks and days it takes, their sum is every folded day up to ``day``, each once."""
        last = first + dt.timedelta(length)
        low, high = blocks.block_of(first), blocks.block_of(last)
        balances = blocks.borders(low, high) if with_balances else []
        plan = blocks.Plan(day, low, high, balances)
        counted: dict[dt.date, int] = {}

        def add(some: list[dt.date], sign: int) -> None:
            for each in some:
                counted[each] = counted.get(each, 0) + sign

        held = blocks.days(blocks.first_day(low), blocks.last_day(high))
        if plan.balance is not None:
            add([d for d in held if blocks.block_of(d) < plan.balance], 1)
        for block, sign in plan.blocks.items():
            add([d for d in held if blocks.block_of(d) == block], sign)
        for each, sign in plan.days.items():
            if low <= blocks.block_of(each) <= high:
                add([each], sign)
        assert {d: n for d, n in counted.items() if n} == {d: 1 for d in held if d <= day}
        assert len(plan.days) <= 8
        if with_balances and first <= day <= last and balances and balances[0] <= blocks.block_of(day) <= balances[-1]:
            assert len(plan.blocks) <= 7

    def test_sql_puts_days_where_python_does(self, db: None) -> None:
        some = [dt.date(2023, month, day) for month in range(1, 13) for day in (1, 14, 15, 28)]
        with connection.cursor() as cursor:
            for day in some:
                cast = f"'{day}'" if connection.vendor == "sqlite" else f"DATE '{day}'"
                cursor.execute(f"SELECT {totals.block_sql(cast)}")
                assert cursor.fetchone()[0] == blocks.block_of(day)


def fold(now: dt.datetime) -> None:
    with clock.at(now):
        totals.fold()


def test_a_late_entry_goes_into_its_old_block_and_every_balance_since(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(20), due(30))
    fold(clock.local_moment(dt.date(2024, 1, 10)))
    borders = totals.state().balances  # type: ignore[union-attr]
    assert [blocks.first_day(b) for b in borders] == [dt.date(2023, 12, 15)]
    office.receive("B", on(3), due(9), recorded=clock.local_moment(dt.date(2024, 1, 11)))
    fold(clock.local_moment(dt.date(2024, 1, 11)))
    assert totals.first_day() == dt.date(2023, 6, 1)
    old = TotalUnit.objects.get(block=blocks.block_of(june(3)))
    assert (old.in_time_receive, old.in_time_cross, old.overdue_cross) == (1, -1, 1)
    held = BalanceUnit.objects.get(block=borders[0])
    assert (held.in_time_receive, held.in_time_cross, held.overdue_cross) == (2, -2, 2)
    assert totals.check() == []


def test_cells_that_net_to_zero_are_removed(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(8))
    fold(on(20))
    assert TotalUnit.objects.count() == 1
    office.rewrite("A", [], recorded=on(20, 10))  # the acceptance is voided
    fold(on(21))
    for table in (TotalUnit, TotalProcedure, BalanceUnit, BalanceProcedure):
        assert not table.objects.exists()
    assert totals.check() == []
    assert read(world, 1, 10, now=on(22)).total.figures.empty


def test_a_balance_begins_when_its_day_has_come(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    fold(on(14))
    assert totals.state().balances == []  # type: ignore[union-attr]
    fold(on(15, 0, 1))
    assert [blocks.first_day(b) for b in totals.state().balances] == [june(15)]  # type: ignore[union-attr]
    assert BalanceUnit.objects.get().in_time_receive == 1
    assert BalanceProcedure.objects.get().category_id == world.categories[0].pk


def test_statements_need_no_fold_and_no_fold_changes_them(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    for n in range(12):
        office.receive(f"A{n}", on(1 + n), due(5 + n), unit=n % 2)
        if n % 3:
            office.close(f"A{n}", on(4 + n))
    never = read(world, 3, 17, units=(0, 1), now=on(28))
    fold(on(10))
    half = read(world, 3, 17, units=(0, 1), now=on(28))
    office.tell("A0", Fact("transfer", on(6), unit=world.units[1].pk), recorded=on(27))
    tail = read(world, 3, 17, units=(0, 1), now=on(28))
    fold(on(28))
    full = read(world, 3, 17, units=(0, 1), now=on(28))
    assert never.lines == half.lines
    assert tail.lines == full.lines
    assert tail.lines != half.lines


def test_a_mark_beyond_the_journal_is_named(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(8))
    fold(on(9))
    from motcua.ledger.totals_models import FoldState

    FoldState.objects.update(leg_id=Leg.objects.order_by("-pk")[0].pk + 5)
    assert any("vượt quá" in fault for fault in totals.check())


def test_a_row_that_belongs_to_nobody_is_named(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(8))
    fold(on(20))
    with connection.cursor() as cursor:
        for table in ("total_unit", "balance_procedure"):
            cursor.execute(f"UPDATE ledger_{table} SET channel = 'post'")
    said = " ".join(totals.check())
    assert "hình thức post" in said
    assert "hình thức direct" in said
    assert "nhóm số liệu" in said


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize("by", ["unit", "procedure", "channel"])
def test_no_statement_walks_through_the_journal(world: SimpleNamespace, office: Office, by: str) -> None:  # noqa: F811
    """SQLite knows no statistics: each part must say how it is looked up, or a year of legs is read for a handful."""
    from motcua.ledger.reading import Reading, Window
    from motcua.ledger.statement import Chain

    office.receive("A", on(1), due(20))
    fold(on(20))
    ids = frozenset(unit.pk for unit in world.units)
    window = Window(
        "dossier", june(4), june(20), on(20, 16), True, 3, Chain("CS-2023-0001", 2, on(3, 16), june(3), 0)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + Reading(window, by, ids, totals.state()).sql())  # type: ignore[arg-type]
        steps = [row[3] for row in cursor.fetchall()]
    walks = [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step]
    assert all(step.split()[1].startswith(("p", "ledger_foldstate", "moves", "(subquery")) for step in walks), walks
    assert any("ledger_total" in step or "ledger_balance" in step for step in steps)
