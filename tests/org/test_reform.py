"""Units added, renamed, moved, merged, split, abolished on a day: what ends, what goes on, who inherits."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed
from motcua.org import actions, queries
from motcua.org.actions import NewUnit, Part
from motcua.org.models import (
    NOT_KNOWN_EARLIER,
    AccessChange,
    Assignment,
    Delegation,
    Duty,
    Succession,
    Unit,
    UnitKind,
    UnitPlace,
)
from motcua.org.queries import SYSTEM
from tests.support.cast import LAST_OLD_DAY, NEW_DAY, OLD_DAY, Cast
from tests.support.sql import max_queries

ONE_DAY = dt.timedelta(days=1)
EVE, LATER = NEW_DAY - ONE_DAY, NEW_DAY + 30 * ONE_DAY


@pytest.fixture(autouse=True)
def _after_the_reform() -> Iterator[None]:
    with clock.at(clock.local_moment(NEW_DAY, dt.time(8))):
        yield


def path(unit: Unit, territory: Unit | None = None, start: dt.date = EVE) -> list[tuple[dt.date, Unit]]:
    ids = {unit.pk} | ({territory.pk} if territory else set())
    steps = queries.succession_map(ids).path(unit.pk, territory.pk if territory else None, start)
    return [(day, Unit.objects.get(pk=new)) for day, new in steps]


def office(cast: Cast, actor: Any, **changes: Any) -> Unit:
    given = {
        "actor": actor,
        "parent": cast.xa_cau_ke,
        "code": "29308-KT",
        "name": "Phòng Kinh tế",
        "kind": UnitKind.OFFICE,
        "valid_from": NEW_DAY,
    }
    return actions.add_unit(**given | changes)


def snapshot() -> tuple[list[Any], ...]:
    return tuple(list(m.objects.order_by("pk").values_list()) for m in (Unit, UnitPlace, Succession, Assignment))


# ---- adding ---------------------------------------------------------------------------------------------------------


def test_an_office_beneath_a_commune(cast: Cast) -> None:
    kt = office(cast, cast.admin, short_code="kt-cauke", agency_code="H60.11.2")
    assert (kt.short_code, kt.agency_code, kt.valid_to) == ("KT-CAUKE", "H60.11.2", None)
    assert queries.unit_by_code("kt-cauke", NEW_DAY) == kt
    assert kt in queries.children(cast.xa_cau_ke, NEW_DAY)
    assert kt not in queries.children(cast.xa_cau_ke, EVE)
    assert queries.label(kt, NEW_DAY) == "Phòng Kinh tế, Xã Cầu Kè, Tỉnh Vĩnh Long"
    assert queries.scope(cast.receiver, Duty.RECEIVE, NEW_DAY).contains(kt.pk)
    assert not queries.scope(cast.receiver, Duty.RECEIVE, EVE).contains(kt.pk)


def test_who_may_add(cast: Cast) -> None:
    for actor in (cast.chair, cast.other, cast.stranger, cast.owner):
        with pytest.raises(NotAllowed):
            office(cast, actor)
    with pytest.raises(MotcuaError):
        office(cast, cast.admin, parent=None)
    office(cast, cast.above)


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"code": " "}, Invalid, "code"),
        ({"code": "29308@1"}, Invalid, "code"),
        ({"code": "../x"}, Invalid, "code"),
        ({"code": "1" * 36}, Invalid, "code"),
        ({"name": "\u200b"}, Invalid, "name"),
        ({"name": "P" * 201}, Invalid, "name"),
        ({"kind": "castle"}, Invalid, "kind"),
        ({"kind": UnitKind.PROVINCE}, Invalid, "parent"),
        ({"kind": UnitKind.WARD}, Invalid, "parent"),
        ({"short_code": "Mã ngắn"}, Invalid, "short_code"),
        ({"short_code": "XACAUKE"}, Conflict, "short_code"),
        ({"code": "29317"}, Conflict, "code"),
        ({"valid_from": LAST_OLD_DAY}, Invalid, "valid_from"),
        ({"valid_to": EVE}, Invalid, "valid_from"),
    ],
)
def test_impossible_units_are_refused(cast: Cast, given: dict[str, Any], error: type[MotcuaError], field: str) -> None:
    before = snapshot()
    with pytest.raises(error) as raised:
        office(cast, cast.admin, **given)
    assert raised.value.field == field
    assert snapshot() == before


def test_a_code_may_be_used_again_after_its_unit_ended(cast: Cast) -> None:
    actions.abolish(actor=SYSTEM, unit=cast.xa_an_phu_tan, day=NEW_DAY, successor=cast.xa_cau_ke)
    again = office(cast, SYSTEM, parent=cast.vinh_long, code="29317", name="Xã Mới", kind="commune", valid_from=NEW_DAY)
    assert queries.unit_by_code("29317", EVE) == cast.xa_an_phu_tan
    assert queries.unit_by_code("29317", NEW_DAY) == again
    assert queries.unit_by_code("29317", OLD_DAY) == cast.unit("29317")
    assert len({u.key for u in Unit.objects.filter(code="29317")}) == 3


def test_an_office_of_a_unit_that_has_ended_ends_with_it_and_goes_where_it_went(cast: Cast) -> None:
    health = office(cast, cast.admin, parent=cast.cauke, code="845-YT", name="Phòng Y tế", valid_from=NOT_KNOWN_EARLIER)
    assert health.valid_to == LAST_OLD_DAY
    assert path(health, cast.unit("29320"), OLD_DAY) == [(cast.xa_cau_ke.valid_from, cast.xa_an_phu_tan)]
    assert path(health, None, OLD_DAY) == [(cast.xa_cau_ke.valid_from, cast.xa_cau_ke)]


def test_codes_can_be_changed(cast: Cast) -> None:
    actions.change_codes(actor=cast.admin, unit=cast.xa_cau_ke, short_code="ck", agency_code="H60.99")
    assert queries.unit_by_code("CK", NEW_DAY).agency_code == "H60.99"
    with pytest.raises(Conflict):
        actions.change_codes(actor=cast.admin, unit=cast.xa_cau_ke, short_code="vinhlong")
    with pytest.raises(NotAllowed):
        actions.change_codes(actor=cast.other, unit=cast.xa_cau_ke, short_code="x1")


# ---- renaming -------------------------------------------------------------------------------------------------------


def test_a_renaming_is_another_existence_that_carries_everything_over(cast: Cast) -> None:
    kt = office(cast, cast.admin, valid_from=cast.xa_cau_ke.valid_from)
    point = cast.unit("29308-TTPVHCC", NEW_DAY)
    Delegation.objects.create(
        from_user=cast.chair,
        to_user=cast.owner,
        unit=cast.xa_cau_ke,
        duty=Duty.CHAIR,
        valid_from=NEW_DAY,
        valid_to=LATER,
        basis="UQ 1",
    )
    with max_queries(24):
        ward = actions.rename(actor=cast.admin, unit=cast.xa_cau_ke, day=LATER, name="Phường Cầu Kè", kind="ward")
    cast.xa_cau_ke.refresh_from_db()
    assert cast.xa_cau_ke.valid_to == LATER - ONE_DAY
    assert (ward.code, ward.short_code, ward.valid_from) == ("29308", "XACAUKE", LATER)
    assert queries.unit_by_code("XACAUKE", LATER - ONE_DAY) == cast.xa_cau_ke
    assert queries.unit_by_code("xacauke", LATER) == ward
    assert path(cast.xa_cau_ke) == [(LATER, ward)]
    for unit in (kt, point):
        assert queries.parent(unit, LATER - ONE_DAY) == cast.xa_cau_ke
        assert queries.parent(unit, LATER) == ward
        assert unit in queries.descendants(ward, LATER, LATER)
        assert path(unit) == []
    assert queries.duties(cast.receiver, LATER - ONE_DAY) == [(Duty.RECEIVE, cast.xa_cau_ke)]
    assert queries.duties(cast.receiver, LATER) == [(Duty.RECEIVE, ward)]
    assert queries.holds(cast.owner, Duty.CHAIR, ward, LATER)
    assert not queries.holds(cast.owner, Duty.CHAIR, ward, LATER + ONE_DAY)
    assert AccessChange.objects.filter(what="carry_duty", unit=ward, subject=cast.receiver).exists()
    # history is seen through two successions
    assert queries.scope(cast.receiver, None, LATER).contains(cast.cauke.pk)


def test_a_renaming_stays_on_its_level(cast: Cast) -> None:
    with pytest.raises(Invalid):
        actions.rename(actor=cast.admin, unit=cast.xa_cau_ke, day=LATER, name="Huyện Cầu Kè", kind="district")
    with pytest.raises(NotAllowed):
        actions.rename(actor=cast.other, unit=cast.xa_cau_ke, day=LATER, name="Xã Khác")


# ---- moving ---------------------------------------------------------------------------------------------------------


def test_a_unit_moves_with_all_beneath_it_and_stays_itself(cast: Cast) -> None:
    point = cast.unit("29308-TTPVHCC", NEW_DAY)
    hanoi = cast.unit("01")
    actions.move(actor=SYSTEM, unit=cast.xa_cau_ke, parent=hanoi, day=LATER)
    assert queries.label(point, LATER) == "Trung tâm Phục vụ hành chính công, Xã Cầu Kè, Thành phố Hà Nội"
    assert queries.label(point, NEW_DAY) == "Trung tâm Phục vụ hành chính công, Xã Cầu Kè, Tỉnh Vĩnh Long"
    assert cast.xa_cau_ke in queries.descendants(cast.vinh_long, NEW_DAY, LATER)
    assert point not in queries.descendants(cast.vinh_long, LATER, LATER)
    assert point in queries.descendants(hanoi, LATER, LATER)
    assert not queries.scope(cast.above, None, LATER).contains(point.pk)
    assert queries.scope(cast.above, None, LATER - ONE_DAY).contains(point.pk)
    assert path(cast.xa_cau_ke) == []


def test_where_a_unit_cannot_move(cast: Cast) -> None:
    point = cast.unit("29308-TTPVHCC", NEW_DAY)
    before = snapshot()
    for unit, parent, day, error in (
        (cast.vinh_long, cast.xa_cau_ke, LATER, Invalid),  # beneath its own
        (cast.xa_cau_ke, cast.xa_cau_ke, LATER, Invalid),
        (cast.xa_cau_ke, cast.vinh_long, LATER, Invalid),  # there already
        (cast.xa_cau_ke, cast.xa_an_phu_tan, LATER, Invalid),  # a commune beneath a commune
        (cast.xa_cau_ke, point, LATER, Invalid),
        (point, cast.cauke, LATER, IllegalAct),  # beneath a unit that has ended
        (cast.justice, cast.xa_cau_ke, LATER, IllegalAct),  # what has ended itself
        (point, cast.xa_an_phu_tan, cast.xa_cau_ke.valid_from, IllegalAct),  # on its first day
    ):
        with pytest.raises(error):
            actions.move(actor=SYSTEM, unit=unit, parent=parent, day=day)
    assert snapshot() == before
    actions.move(actor=SYSTEM, unit=point, parent=cast.xa_an_phu_tan, day=LATER)
    with pytest.raises(IllegalAct):  # arranged already
        actions.move(actor=SYSTEM, unit=point, parent=cast.vinh_long, day=NEW_DAY)
    with pytest.raises(NotAllowed):
        actions.move(actor=cast.admin, unit=point, parent=cast.xa_an_phu_tan, day=LATER)


# ---- merging --------------------------------------------------------------------------------------------------------


def test_two_communes_become_a_new_one(cast: Cast) -> None:
    kt = office(cast, cast.admin)
    with max_queries(20):
        new = actions.merge(
            actor=cast.above,
            units=[cast.xa_cau_ke, cast.xa_an_phu_tan],
            day=LATER,
            into=NewUnit("29308", "Xã Cầu Kè Mới", UnitKind.COMMUNE, short_code="XACAUKE"),
            basis="NQ 1/2025",
        )
    assert queries.parent(new, LATER) == cast.vinh_long
    for old in (cast.xa_cau_ke, cast.xa_an_phu_tan, kt, cast.unit("29308-TTPVHCC", NEW_DAY)):
        old.refresh_from_db()
        assert old.valid_to == LATER - ONE_DAY  # offices end with their commune
        assert path(old) == [(LATER, new)]
    # the chain of what had merged into them before
    assert path(cast.unit("29320"), None, OLD_DAY) == [
        (cast.xa_an_phu_tan.valid_from, cast.xa_an_phu_tan),
        (LATER, new),
    ]
    assert path(cast.cauke, cast.unit("29320"), OLD_DAY)[-1] == (LATER, new)
    assert queries.duties(cast.receiver, LATER) == []  # granted anew at the new unit
    Assignment.objects.create(user=cast.stranger, unit=new, duty=Duty.RECEIVE, valid_from=LATER)
    seen = queries.scope(cast.stranger, None, LATER)
    assert all(seen.contains(u.pk) for u in (kt, cast.xa_an_phu_tan, cast.unit("29320"), cast.cauke, cast.justice))


def test_one_takes_in_another(cast: Cast) -> None:
    assert actions.merge(actor=cast.above, units=[cast.xa_an_phu_tan], day=LATER, into=cast.xa_cau_ke) == cast.xa_cau_ke
    cast.xa_cau_ke.refresh_from_db()
    assert cast.xa_cau_ke.valid_to is None
    assert path(cast.xa_an_phu_tan) == [(LATER, cast.xa_cau_ke)]
    assert queries.duties(cast.receiver, LATER) == [(Duty.RECEIVE, cast.xa_cau_ke)]


def test_merged_provinces_hand_their_communes_over(cast: Cast) -> None:
    health = office(cast, SYSTEM, parent=cast.vinh_long, code="SYT", name="Sở Y tế", kind=UnitKind.DEPARTMENT)
    with max_queries(20):
        south = actions.merge(
            actor=SYSTEM,
            units=[cast.vinh_long, cast.unit("01")],
            day=LATER,
            into=NewUnit("99", "Tỉnh Nam Bộ", UnitKind.PROVINCE),
        )
    assert queries.parent(cast.xa_cau_ke, LATER) == south
    cast.xa_cau_ke.refresh_from_db()
    assert cast.xa_cau_ke.valid_to is None
    point = cast.unit("29308-TTPVHCC", NEW_DAY)
    assert queries.label(point, LATER) == "Trung tâm Phục vụ hành chính công, Xã Cầu Kè, Tỉnh Nam Bộ"
    health.refresh_from_db()
    assert health.valid_to == LATER - ONE_DAY
    assert path(health) == [(LATER, south)]
    assert queries.roots(LATER) == [south]


def test_what_cannot_be_merged(cast: Cast) -> None:
    new = NewUnit("77777", "Xã Mới", UnitKind.COMMUNE)
    two = [cast.xa_cau_ke, cast.xa_an_phu_tan]
    first = cast.xa_cau_ke.valid_from
    before = snapshot()
    bad: list[tuple[dict[str, Any], type[MotcuaError]]] = [
        ({"units": [cast.xa_cau_ke]}, Invalid),
        ({"units": [cast.xa_cau_ke, cast.xa_cau_ke]}, Invalid),
        ({"units": [cast.xa_cau_ke, cast.cauke]}, IllegalAct),  # ended already
        ({"units": two, "day": first}, IllegalAct),  # would never have existed
        ({"units": two, "into": cast.xa_cau_ke}, Invalid),  # into one that ends
        ({"units": two, "into": cast.unit("29308-TTPVHCC", NEW_DAY)}, Invalid),  # into an office that ends with it
        ({"units": [cast.xa_cau_ke], "into": cast.cauke}, IllegalAct),  # into one that has ended
        ({"units": [cast.vinh_long, cast.xa_cau_ke]}, Invalid),  # one beneath the other
        ({"units": two, "into": NewUnit("29374", "Xã Mới", "commune")}, Conflict),  # a code somebody has
        ({"units": two, "into": NewUnit("77777", "Xã Mới", "ward"), "parent": cast.cauke}, IllegalAct),
        ({"units": two, "into": NewUnit("77777", "Tỉnh Mới", "province")}, Invalid),
    ]
    for given, error in bad:
        with pytest.raises(error):
            actions.merge(**{"actor": SYSTEM, "day": LATER, "into": new} | given)
        assert snapshot() == before
    for actor in (cast.admin, cast.other, cast.stranger):  # administrators of one of them only
        with pytest.raises(NotAllowed):
            actions.merge(actor=actor, units=two, day=LATER, into=new)


def test_a_unit_has_one_successor_day(cast: Cast) -> None:
    actions.merge(actor=SYSTEM, units=[cast.xa_an_phu_tan], day=LATER, into=cast.xa_cau_ke)
    for act in (
        lambda: actions.merge(actor=SYSTEM, units=[cast.xa_an_phu_tan], day=NEW_DAY, into=cast.xa_cau_ke),
        lambda: actions.abolish(actor=SYSTEM, unit=cast.xa_an_phu_tan, day=LATER + ONE_DAY),
        lambda: actions.rename(actor=SYSTEM, unit=cast.xa_an_phu_tan, day=NEW_DAY, name="Xã Khác"),
    ):
        with pytest.raises(IllegalAct, match="kết thúc"):
            act()


def test_who_takes_over_on_a_day_lives_on_that_day(cast: Cast) -> None:
    """Found by the property test: A into B from a day, and B renamed from the same day, left A's work nowhere."""
    actions.merge(actor=SYSTEM, units=[cast.xa_an_phu_tan], day=LATER, into=cast.xa_cau_ke)
    for day in (NEW_DAY, LATER):
        with pytest.raises(IllegalAct, match="Xã Cầu Kè nhận việc của Xã An Phú Tân từ ngày"):
            actions.rename(actor=SYSTEM, unit=cast.xa_cau_ke, day=day, name="Xã Khác")
    last = LATER + ONE_DAY
    renamed = actions.rename(actor=SYSTEM, unit=cast.xa_cau_ke, day=last, name="Xã Khác")
    assert path(cast.xa_an_phu_tan) == [(LATER, cast.xa_cau_ke), (last, renamed)]


def test_a_day_before_something_already_arranged_is_refused(cast: Cast) -> None:
    office(cast, SYSTEM, valid_from=LATER)
    with pytest.raises(IllegalAct, match="Phòng Kinh tế đã được sắp xếp từ ngày"):
        actions.abolish(actor=SYSTEM, unit=cast.xa_cau_ke, day=LATER, successor=cast.xa_an_phu_tan)
    actions.abolish(actor=SYSTEM, unit=cast.xa_cau_ke, day=LATER + ONE_DAY, successor=cast.xa_an_phu_tan)


# ---- splitting ------------------------------------------------------------------------------------------------------


def test_a_province_is_split_in_parts_with_a_default(cast: Cast) -> None:
    """An invented split: one commune to a new province, the rest to another; pending work goes with the territory."""
    sy = office(cast, SYSTEM, parent=cast.vinh_long, code="SYT", name="Sở Y tế", kind=UnitKind.DEPARTMENT)
    old = actions.split(
        actor=SYSTEM,
        unit=cast.vinh_long,
        day=LATER,
        parts=[
            Part(NewUnit("86", "Tỉnh Tiền", UnitKind.PROVINCE), default=True),
            Part(NewUnit("87", "Tỉnh Hậu", UnitKind.PROVINCE), territories=(cast.xa_an_phu_tan,)),
        ],
        basis="NQ 2/2025",
    )
    front, back = queries.unit_by_code("86", LATER), queries.unit_by_code("87", LATER)
    assert old == cast.vinh_long
    assert queries.unit_by_code("86", LATER - ONE_DAY) == cast.vinh_long
    assert queries.parent(cast.xa_an_phu_tan, LATER) == back
    assert queries.parent(cast.xa_cau_ke, LATER) == front
    for unit in (cast.vinh_long, sy):
        assert path(unit, cast.xa_an_phu_tan) == [(LATER, back)]
        assert path(unit, cast.xa_cau_ke) == [(LATER, front)]
        assert path(unit, None) == [(LATER, front)]
        # the commune as it was called when the dossier was received, before 01/7/2025
        assert path(unit, cast.unit("29320")) == [(LATER, back)]
    assert path(cast.tra_vinh, cast.unit("29320"), OLD_DAY) == [
        (cast.vinh_long.valid_from, cast.vinh_long),
        (LATER, back),
    ]


def test_a_commune_is_split_between_neighbours_without_territories(cast: Cast) -> None:
    chau_thanh = cast.unit("29374", NEW_DAY)
    actions.split(
        actor=cast.above,
        unit=cast.xa_cau_ke,
        day=LATER,
        parts=[Part(chau_thanh, default=True), Part(cast.xa_an_phu_tan)],
    )
    assert path(cast.xa_cau_ke, cast.unit("29311")) == [(LATER, chau_thanh)]
    kinds = Succession.objects.filter(old=cast.xa_cau_ke).values_list("new__code", "kind")
    assert set(kinds) == {("29374", "default"), ("29317", "part")}
    # both inherit the right to see
    Assignment.objects.create(user=cast.stranger, unit=chau_thanh, duty=Duty.RECEIVE, valid_from=LATER)
    assert queries.scope(cast.stranger, None, LATER).contains(cast.xa_cau_ke.pk)
    assert queries.scope(cast.other, None, LATER).contains(cast.xa_cau_ke.pk)


def test_what_cannot_be_split(cast: Cast) -> None:
    a, b = NewUnit("70001", "Xã Một", "commune"), NewUnit("70002", "Xã Hai", "commune")
    before = snapshot()
    bad: list[tuple[list[Part], type[MotcuaError]]] = [
        ([Part(a, default=True)], Invalid),
        ([Part(a), Part(b)], Invalid),
        ([Part(a, default=True), Part(b, default=True)], Invalid),
        ([Part(a, default=True), Part(a)], Conflict),  # the same code twice
        ([Part(cast.xa_an_phu_tan, default=True), Part(cast.xa_an_phu_tan)], Invalid),
        ([Part(a, default=True), Part(b, territories=(cast.xa_an_phu_tan,))], Invalid),  # not its ground
        ([Part(a, default=True), Part(cast.xa_cau_ke)], Invalid),
        ([Part(a, default=True), Part(cast.cauke)], IllegalAct),
    ]
    for parts, error in bad:
        with pytest.raises(error):
            actions.split(actor=SYSTEM, unit=cast.xa_cau_ke, day=LATER, parts=parts)
        assert snapshot() == before
    with pytest.raises(NotAllowed):
        actions.split(actor=cast.other, unit=cast.xa_cau_ke, day=LATER, parts=[Part(a, default=True), Part(b)])


# ---- abolishing -----------------------------------------------------------------------------------------------------


def test_a_unit_whose_end_is_known_cannot_end_otherwise(cast: Cast) -> None:
    with pytest.raises(IllegalAct, match=r"Huyện Châu Thành đã .* kết thúc hết ngày 30/06/2025"):
        actions.abolish(actor=SYSTEM, unit=cast.chau_thanh, day=dt.date(2024, 1, 1), successor=cast.cauke)


def abolish_as(cast: Cast, actor: Any) -> Unit:
    return actions.abolish(actor=actor, unit=cast.xa_an_phu_tan, day=LATER, successor=cast.xa_cau_ke)


def test_who_may_abolish(cast: Cast) -> None:
    for actor in (cast.admin, cast.other, cast.stranger, cast.chair):
        with pytest.raises(NotAllowed):
            abolish_as(cast, actor)
    abolish_as(cast, cast.above)


def test_without_successor_pending_work_stays_where_it_was(cast: Cast) -> None:
    actions.abolish(actor=cast.above, unit=cast.xa_an_phu_tan, day=LATER)
    assert path(cast.xa_an_phu_tan) == []
    # and is seen by the superior it last stood beneath
    assert queries.scope(cast.above, None, LATER).contains(cast.xa_an_phu_tan.pk)
    with pytest.raises(Invalid):
        actions.abolish(actor=cast.above, unit=cast.xa_cau_ke, day=LATER, by_territory=True)


def test_communes_merge_and_their_district_ends_on_the_same_day(cast: Cast) -> None:
    """The order of 01/7/2025: communes first, beneath the province; then the district."""
    day = dt.date(2026, 1, 1)
    district = actions.add_unit(
        actor=SYSTEM, parent=cast.vinh_long, code="900", name="Huyện Mới", kind="district", valid_from=NEW_DAY
    )
    communes = [
        actions.add_unit(
            actor=SYSTEM, parent=district, code=f"9000{n}", name=f"Xã {n}", kind="commune", valid_from=NEW_DAY
        )
        for n in range(3)
    ]
    hall = office(cast, SYSTEM, parent=district, code="900-VP", name="Văn phòng")
    new = actions.merge(
        actor=SYSTEM, units=communes[:2], day=day, into=NewUnit("90000", "Xã Nhất", "commune"), parent=cast.vinh_long
    )
    with max_queries(20):
        actions.abolish(actor=SYSTEM, unit=district, day=day, successor=new, by_territory=True)
    assert queries.parent(new, day) == queries.parent(communes[2], day) == cast.vinh_long
    for unit in (district, hall):
        assert path(unit, communes[1]) == [(day, new)]
        assert path(unit, communes[2]) == [(day, communes[2])]
        assert path(unit, cast.unit("29317")) == [(day, new)]  # from elsewhere: the default


def test_a_request_repeated_changes_nothing(cast: Cast) -> None:
    given: dict[str, Any] = {
        "actor": cast.above,
        "units": [cast.xa_cau_ke, cast.xa_an_phu_tan],
        "day": LATER,
        "into": NewUnit("29308", "Xã Mới", "commune"),
        "request_key": "merge-1",
    }
    first = actions.merge(**given)
    before = snapshot()
    assert actions.merge(**given) == first
    assert snapshot() == before
    with pytest.raises(Conflict):
        actions.merge(**given | {"day": LATER + ONE_DAY})
