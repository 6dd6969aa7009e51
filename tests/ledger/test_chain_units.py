"""A chain of frozen statements while units come, go and are told otherwise: what was published stays what was said."""

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.ledger import freeze, queries, totals
from motcua.ledger.forms import notes
from motcua.ledger.statement import Statement, digest
from motcua.ledger.totals_models import Cutoff
from motcua.org import actions as org
from motcua.org.models import Unit, UnitPlace
from motcua.org.queries import SYSTEM
from tests.ledger.test_statement import Office, due, frozen, june, on, read
from tests.ledger.test_verify import unguarded


@pytest.fixture
def land(world: SimpleNamespace) -> SimpleNamespace:
    """A province of two districts; the first has two communes, each with one dossier pending since 1 June."""

    def unit(code: str, kind: str, parent: Unit | None) -> Unit:
        day = dt.date(2000, 1, 1)
        made = Unit.objects.create(code=code, name=f"Đơn vị {code}", kind=kind, valid_from=day)
        above = UnitPlace.objects.get(unit=parent).path if parent else "/"
        UnitPlace.objects.create(unit=made, parent=parent, path=f"{above}{made.pk}/", valid_from=day)
        return made

    province = unit("P1", "province", None)
    district, other = unit("D1", "district", province), unit("D2", "district", province)
    communes = [unit(f"C{n}", "commune", district) for n in (1, 2)]
    world.units = [district, other, *communes]
    office = Office(world)
    for n in (2, 3):
        office.receive(f"K{n}", on(1), due(20), unit=n)
    return SimpleNamespace(world=world, office=office, district=district, other=other, communes=communes)


def chained(land: SimpleNamespace, kept: Cutoff, **more: Any) -> Statement:
    return read(land.world, 11, 14, now=on(15), chained_from=kept.number, **more)


def test_the_chain_of_another_unit_is_refused(land: SimpleNamespace) -> None:
    kept = frozen(land.world, 1, 10, now=on(11), unit=2)
    with pytest.raises(Invalid) as refused:
        chained(land, kept)
    assert refused.value.code == "chain_of_another_unit"
    with pytest.raises(Invalid):
        chained(land, kept, units=(2, 3))
    assert chained(land, kept, units=(2,)).total.figures.opening.total == 1


def test_work_of_a_commune_abolished_without_successor_stays_above(land: SimpleNamespace) -> None:
    kept = frozen(land.world, 1, 10, now=on(11))
    with clock.at(on(11)):
        org.abolish(actor=SYSTEM, unit=land.communes[0], day=june(11), basis="Nghị quyết thử")
    made = chained(land, kept)
    assert (made.total.figures.opening.total, made.total.figures.closing.total) == (2, 2)
    assert made.chain is not None
    assert (made.chain.closing, made.chain.came, made.chain.left) == (2, (), ())
    assert made.line(land.communes[0].key).figures.closing.total == 1
    assert read(land.world, 13, 14, now=on(15)).total.figures.closing.total == 2
    assert read(land.world, 13, 14, units=(1,), now=on(15)).total.figures.closing.total == 0


def test_work_of_an_unsucceeded_commune_follows_what_became_of_its_district(land: SimpleNamespace) -> None:
    """C1 ends without successor, then its district is merged into another: that one shows C1's work from then on."""
    with clock.at(on(13)):
        org.abolish(actor=SYSTEM, unit=land.communes[0], day=june(11), basis="Nghị quyết thử")
        org.merge(actor=SYSTEM, units=[land.district], into=land.other, day=june(13), basis="Nghị quyết thử")
    taken = read(land.world, 13, 14, units=(1,), now=on(15))
    assert taken.total.figures.closing.total == 2
    assert taken.line(land.other.key).figures.closing.total == 1
    assert taken.line(land.communes[1].key).figures.closing.total == 1
    # Until then it was the old district's, and asked together nobody's work is counted twice.
    assert read(land.world, 11, 12, now=on(13)).total.figures.closing.total == 2
    assert read(land.world, 11, 12, units=(1,), now=on(13)).total.figures.closing.total == 0
    both = read(land.world, 13, 14, units=(0, 1), now=on(15))
    assert both.total.figures.closing.total == 2


def test_work_left_behind_is_shown_however_deep_its_heir_stands(land: SimpleNamespace) -> None:
    """The district is absorbed by a commune of another one: that commune's own superior shows the work in its line."""
    with clock.at(on(13)):
        org.abolish(actor=SYSTEM, unit=land.communes[0], day=june(11), basis="Nghị quyết thử")
        heir = org.add_unit(
            actor=SYSTEM, parent=land.other, code="C9", name="Xã mới", kind="commune", valid_from=june(12)
        )
        org.abolish(actor=SYSTEM, unit=land.district, day=june(13), successor=heir, basis="Nghị quyết thử")
    taken = read(land.world, 13, 14, units=(1,), now=on(15))
    assert taken.line(heir.key).figures.closing.total == 1
    assert taken.total.figures.closing.total == 1


def test_work_of_a_commune_that_moved_and_ended_is_counted_where_it_ended(land: SimpleNamespace) -> None:
    with clock.at(on(5)):
        org.move(actor=SYSTEM, unit=land.communes[0], parent=land.other, day=june(5))
        org.abolish(actor=SYSTEM, unit=land.communes[0], day=june(8), basis="Nghị quyết thử")
    assert read(land.world, 11, 14, now=on(15)).total.figures.closing.total == 1
    assert read(land.world, 11, 14, units=(1,), now=on(15)).total.figures.closing.total == 1


def test_units_that_left_or_came_are_named_with_what_they_held(land: SimpleNamespace) -> None:
    first, second = frozen(land.world, 1, 10, now=on(11)), frozen(land.world, 1, 10, now=on(11), unit=1)
    with clock.at(on(12)):
        org.move(actor=SYSTEM, unit=land.communes[0], parent=land.other, day=june(11))
    made, gained = chained(land, first), chained(land, second, units=(1,))
    assert made.total.figures.opening.total == 1
    assert made.chain is not None
    assert gained.chain is not None
    assert (made.chain.closing, made.chain.came, made.chain.left) == (2, (), (("Đơn vị C1", 1),))
    assert (gained.chain.closing, gained.chain.came, gained.chain.left) == (0, (("Đơn vị C1", 1),), ())
    said = " ".join(notes(made))
    assert "kỳ trước đã báo cáo còn 2 hồ sơ" in said
    assert "bớt đơn vị so với bản chốt CS-2023-0001: Đơn vị C1 -1 hồ sơ" in said
    assert "thêm đơn vị so với bản chốt CS-2023-0002: Đơn vị C1 +1 hồ sơ" in " ".join(notes(gained))


def test_a_forged_closing_is_found_also_where_units_changed(land: SimpleNamespace) -> None:
    kept = frozen(land.world, 1, 10, now=on(11))
    with clock.at(on(12)):
        org.move(actor=SYSTEM, unit=land.communes[0], parent=land.other, day=june(11))
    plain = freeze.figures(kept)
    plain["total"]["figures"]["closing"]["in_time"] = 1  # as if the commune that left had never been reported
    forged = json.dumps(plain)
    with transaction.atomic():
        with unguarded():
            Cutoff.objects.filter(pk=kept.pk).update(figures=forged, digest=digest(forged))
        with pytest.raises(queries.Unreconciled, match=kept.number):
            chained(land, kept)


@pytest.mark.parametrize("by", ["unit", "procedure"])
def test_a_back_dated_move_is_no_fraud(land: SimpleNamespace, by: str) -> None:
    kept = frozen(land.world, 1, 10, now=on(11), by=by)
    after = frozen(land.world, 11, 14, now=on(15), by=by, chained_from=kept)
    with clock.at(on(16)):
        org.move(actor=SYSTEM, unit=land.communes[0], parent=land.other, day=june(1))
        assert freeze.check() == []
        totals.fold()
        assert freeze.check() == []
    assert read(land.world, 1, 10, now=on(16)).total.figures.closing.total == 1
    # The units are kept under the digest, and units other than those that gave the figures are found out.
    plain = freeze.figures(after)
    lost = land.communes[1]
    plain["counted"]["units"].remove(lost.pk)
    plain["counted"]["lines"].pop(lost.key, None)
    forged = json.dumps(plain)
    with transaction.atomic():
        with unguarded():
            Cutoff.objects.filter(pk=after.pk).update(figures=forged, digest=digest(forged))
        with clock.at(on(16)):
            assert [f for f in freeze.check() if after.number in f]


def test_a_frozen_statement_that_makes_no_sense_is_named(land: SimpleNamespace) -> None:
    kept = frozen(land.world, 1, 10, now=on(11))
    with transaction.atomic():
        with unguarded():
            Cutoff.objects.filter(pk=kept.pk).update(figures="[]", digest=digest("[]"))
        with clock.at(on(12)):
            (fault,) = freeze.check()
    assert f"bản chốt {kept.number} không đếm lại được" in fault


def test_a_deleted_frozen_statement_leaves_a_gap(land: SimpleNamespace) -> None:
    for n, end in enumerate((8, 9, 10)):
        frozen(land.world, 1, end, now=on(11), unit=n)
    with clock.at(on(12)):
        assert freeze.check() == []
        for number in ("CS-2023-0002", "CS-2023-0003"):
            with transaction.atomic():
                with unguarded(), connection.cursor() as cursor:
                    cursor.execute("DELETE FROM ledger_cutoff WHERE number = %s", [number])
                assert freeze.check() == [f"thiếu bản chốt {number}"]
                transaction.set_rollback(True)
        with transaction.atomic():
            with unguarded():
                Cutoff.objects.filter(number="CS-2023-0003").update(number="CS-2023-0009")
            assert freeze.check() == [
                "thiếu bản chốt CS-2023-0003",
                "bản chốt CS-2023-0009 mang số không do dãy số cấp",
            ]
