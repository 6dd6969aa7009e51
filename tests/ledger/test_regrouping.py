"""Units that change their superior: counted once, by the later one, and said so; whatever the history."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core import clock
from motcua.ledger import queries
from motcua.ledger.coverage import cover
from motcua.ledger.forms import notes
from motcua.ledger.statement import Statement, total_of
from motcua.org import actions as org
from motcua.org.models import Unit, UnitPlace
from motcua.org.queries import SYSTEM
from tests.ledger.test_statement import Office, due, june, on
from tests.support.sql import max_queries

START = dt.date(2000, 1, 1)


def made(code: str, kind: str, parent: Unit | None) -> Unit:
    unit = Unit.objects.create(code=code, name=f"Đơn vị {code}", kind=kind, valid_from=START)
    above = UnitPlace.objects.get(unit=parent).path if parent else "/"
    UnitPlace.objects.create(unit=unit, parent=parent, path=f"{above}{unit.pk}/", valid_from=START)
    return unit


@pytest.fixture
def tree(world: SimpleNamespace) -> SimpleNamespace:
    """A province of three districts; six communes, the first with an office beneath it."""
    province = made("P", "province", None)
    districts = [made(f"D{n}", "district", province) for n in range(3)]
    communes = [made(f"C{n}", "commune", districts[n % 3]) for n in range(6)]
    room = made("O", "office", communes[0])
    world.units = [*communes, room]
    return SimpleNamespace(world=world, province=province, districts=districts, communes=communes, room=room)


def read(tree: SimpleNamespace, *units: Unit, first: int = 1, last: int = 20, by: queries.By = "unit") -> Statement:
    with clock.at(on(25)):
        return queries.statement(
            SYSTEM, book="dossier", units=list(units), start=june(first), end=june(last), by=by
        )  # fmt: skip


def move(unit: Unit, parent: Unit, day: int) -> None:
    with clock.at(on(1)):
        org.move(actor=SYSTEM, unit=unit, parent=parent, day=june(day))


def test_the_later_superior_counts_it_alone_and_both_say_so(tree: SimpleNamespace) -> None:
    office = Office(tree.world)
    office.receive("K", on(3), due(20), unit=0)
    office.receive("O", on(3), due(20), unit=6)
    move(tree.communes[0], tree.districts[1], 10)
    earlier, later = read(tree, tree.districts[0]), read(tree, tree.districts[1])
    assert (earlier.total.figures.received_total, later.total.figures.received_total) == (0, 2)
    said = "«Đơn vị C0» chuyển từ «Đơn vị D0» sang «Đơn vị D1» từ ngày 10/06/2023: cả kỳ chỉ tính ở «Đơn vị D1»."
    whole = read(tree, tree.province)
    for each in (earlier, later, whole):
        assert notes(each).count(said) == 1
        assert "Đơn vị O" not in " ".join(notes(each)), "what moves along is not named again"
    assert read(tree, tree.districts[2]).regrouped == ()
    assert later.as_dict()["regrouped"] == [["Đơn vị C0", "2023-06-10", "Đơn vị D0", "Đơn vị D1"]]
    # On days wholly before the move it is where it was; wholly after it, nothing needs to be said.
    before, after = read(tree, tree.districts[0], last=9), read(tree, tree.districts[1], first=10)
    assert (before.total.figures.received_total, before.regrouped) == (2, ())
    assert (after.total.figures.opening.total, after.regrouped) == (2, ())
    assert read(tree, tree.districts[0], first=10).total.figures.opening.total == 0


def test_the_same_units_are_meant_however_the_statement_is_divided(tree: SimpleNamespace) -> None:
    office = Office(tree.world)
    office.receive("K", on(3), due(20), unit=0)
    move(tree.communes[0], tree.districts[1], 10)
    for by in ("procedure", "field", "channel"):
        divided = read(tree, tree.districts[1], by=by)
        assert divided.total.unit_ids == read(tree, tree.districts[1]).total.unit_ids
        assert divided.regrouped == read(tree, tree.districts[1]).regrouped
    with max_queries(5):
        cover([tree.districts[1]], june(1), june(20))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_siblings_add_up_to_what_stands_above_them(tree: SimpleNamespace, data: st.DataObject) -> None:
    with transaction.atomic():
        office = Office(tree.world)
        for n in range(data.draw(st.integers(1, 5), label="items")):
            received = data.draw(st.integers(1, 20), label="received")
            office.receive(
                f"K{n}", on(received), due(received + data.draw(st.integers(0, 5))), unit=data.draw(st.integers(0, 6))
            )
            if data.draw(st.booleans(), label="ended"):
                office.close(f"K{n}", on(data.draw(st.integers(received, 22), label="ends")))
        moved = data.draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=5), label="moves")
        day = 1
        for commune, district in moved:
            day += data.draw(st.integers(1, 5), label="days on")
            stands = UnitPlace.objects.filter(unit=tree.communes[commune]).order_by("-valid_from")[0]
            if stands.parent_id != tree.districts[district].pk:
                move(tree.communes[commune], tree.districts[district], day)
        first = data.draw(st.integers(1, 20), label="from")
        last = data.draw(st.integers(first, 22), label="to")
        whole = read(tree, tree.province, first=first, last=last)
        apart = [read(tree, each, first=first, last=last) for each in tree.districts]
        together = read(tree, *tree.districts, first=first, last=last)
        assert total_of(each.total.figures for each in apart) == whole.total.figures == together.total.figures
        for each, line in zip(apart, tree.districts, strict=True):
            assert whole.line(line.key).figures == each.total.figures == together.line(line.key).figures
        counted = [unit for each in apart for unit in each.total.unit_ids]
        assert len(counted) == len(set(counted)), "counted twice"
        transaction.set_rollback(True)
