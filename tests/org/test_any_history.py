"""Any sequence of reforms through the verbs leaves a whole tree, and queries that equal a plain reading of it."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motcua.core.errors import MotcuaError
from motcua.org import actions, queries
from motcua.org.actions import NewUnit, Part
from motcua.org.models import Assignment, Duty, Succession, Unit, UnitKind, UnitPlace, User
from motcua.org.queries import SYSTEM, TERRITORIAL_KINDS

pytestmark = pytest.mark.django_db
D0 = dt.date(2024, 1, 1)
ACTS = ["office", "rename", "move", "merge", "absorb", "split", "abolish", "abolish_into", "abolish_by_territory"]


def day(n: int) -> dt.date:
    return D0 + dt.timedelta(days=n)


@dataclass
class Drawn:
    """A history as it was carried out: how many acts were done and refused, for the story of a failing example."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    last: int = 0


def play(data: st.DataObject) -> Drawn:
    """Two provinces with a district, four communes and some offices; then up to eight acts on rising days."""
    add = actions.add_unit
    north = add(actor=SYSTEM, parent=None, code="P1", name="Tỉnh Bắc", kind="province", valid_from=D0)
    south = add(actor=SYSTEM, parent=None, code="P2", name="Tỉnh Nam", kind="province", valid_from=D0)
    district = add(actor=SYSTEM, parent=north, code="D1", name="Huyện Một", kind="district", valid_from=D0)
    for n, parent in enumerate([district, district, north, south]):
        commune = add(actor=SYSTEM, parent=parent, code=f"C{n}", name=f"Xã {n}", kind="commune", valid_from=D0)
        if n % 2:
            add(actor=SYSTEM, parent=commune, code=f"C{n}-V", name="Văn phòng", kind="office", valid_from=D0)
    add(actor=SYSTEM, parent=district, code="D1-V", name="Phòng Tư pháp", kind="office", valid_from=D0)
    drawn = Drawn()
    for fresh in range(data.draw(st.integers(0, 8), label="acts")):
        drawn.last += data.draw(st.integers(0, 3), label="days")
        when = day(drawn.last)
        act = data.draw(st.sampled_from(ACTS), label="act")
        living = list(Unit.objects.filter(queries.alive_on(when)).order_by("pk"))
        pick = st.sampled_from(living)
        unit, other = data.draw(pick, label="unit"), data.draw(pick, label="other")
        new = NewUnit(f"N{fresh}", f"Đơn vị {fresh}", unit.kind)
        second = NewUnit(f"M{fresh}", f"Phần {fresh}", unit.kind)
        territories = [u for u in living if u.kind == UnitKind.COMMUNE]
        try:
            if act == "office":
                add(actor=SYSTEM, parent=unit, code=new.code, name="Phòng", kind="office", valid_from=when)
            elif act == "rename":
                actions.rename(actor=SYSTEM, unit=unit, day=when, name=new.name)
            elif act == "move":
                actions.move(actor=SYSTEM, unit=unit, parent=other, day=when)
            elif act == "merge":
                actions.merge(actor=SYSTEM, units=[unit, other], day=when, into=new)
            elif act == "absorb":
                actions.merge(actor=SYSTEM, units=[unit], day=when, into=other)
            elif act == "split":
                named = data.draw(st.lists(st.sampled_from(territories), max_size=1)) if territories else []
                parts = [Part(new, default=True), Part(second, territories=tuple(named))]
                actions.split(actor=SYSTEM, unit=unit, day=when, parts=parts)
            elif act == "abolish":
                actions.abolish(actor=SYSTEM, unit=unit, day=when)
            else:
                by_territory = act == "abolish_by_territory"
                actions.abolish(actor=SYSTEM, unit=unit, day=when, successor=other, by_territory=by_territory)
            drawn.done.append(f"{when} {act} {unit.code} {other.code}")
        except MotcuaError as error:
            drawn.refused.append(f"{when} {act} {unit.code} {other.code}: {error}")
    return drawn


def alive(thing: Unit | UnitPlace, when: dt.date) -> bool:
    return thing.valid_from <= when and (thing.valid_to is None or thing.valid_to >= when)


def superior(places: list[UnitPlace], unit: Unit, when: dt.date) -> int | None:
    """Where a unit stands, or last stood."""
    began = [p for p in places if p.unit_id == unit.pk and p.valid_from <= when]
    return max(began, key=lambda p: p.valid_from).parent_id if began else None


def seen_by(root: Unit, when: dt.date) -> set[int]:
    """The rule of scope, read plainly: one's own, all beneath, what those succeeded, and the ended that nobody did."""
    units, places = list(Unit.objects.all()), list(UnitPlace.objects.all())
    links = [(s.old_id, s.new_id) for s in Succession.objects.filter(day__lte=when)]
    succeeded = {old for old, _ in links}
    seen = {root.pk}
    while True:
        more = {old for old, new in links if new in seen}
        for unit in units:
            if unit.valid_from <= when and (alive(unit, when) or unit.pk not in succeeded):
                above = superior(places, unit, when)
                if above in seen:
                    more.add(unit.pk)
        if more <= seen:
            return seen
        seen |= more


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_the_tree_stays_whole_and_is_read_rightly(data: st.DataObject) -> None:
    with transaction.atomic():
        drawn = play(data)
        the_tree_is_whole()
        successions_are_sound()
        last = drawn.last + 2
        when = day(data.draw(st.integers(0, last), label="asked"))
        root = data.draw(st.sampled_from(list(Unit.objects.order_by("pk"))), label="of")
        scope_is_right(root, when)
        descendants_are_right(root, when, when + dt.timedelta(days=data.draw(st.integers(0, 4), label="span")))
        work_is_nowhere_lost(data, last)
        transaction.set_rollback(True)


def the_tree_is_whole() -> None:
    places = list(UnitPlace.objects.select_related("unit", "parent"))
    by_unit: dict[int, list[UnitPlace]] = {}
    for place in places:
        by_unit.setdefault(place.unit_id, []).append(place)
    for unit in Unit.objects.all():
        mine = sorted(by_unit[unit.pk], key=lambda p: p.valid_from)
        # places cover its days exactly, without gap or overlap
        assert mine[0].valid_from == unit.valid_from
        assert mine[-1].valid_to == unit.valid_to
        for before, after in pairwise(mine):
            assert before.valid_to == after.valid_from - dt.timedelta(days=1)
    for place in places:
        if place.parent is None:
            assert place.path == f"/{place.unit_id}/"
            continue
        assert place.parent.valid_from <= place.valid_from
        assert place.parent.valid_to is None or (place.valid_to and place.valid_to <= place.parent.valid_to)
        # at every day of the place, its path is that of its superior, and its own number
        for above in by_unit[place.parent_id]:
            if above.valid_from <= (place.valid_to or dt.date.max) and place.valid_from <= (
                above.valid_to or dt.date.max
            ):
                assert place.path == f"{above.path}{place.unit_id}/"


def successions_are_sound() -> None:
    for link in Succession.objects.select_related("old", "new"):
        assert link.old.valid_to == link.day - dt.timedelta(days=1)
        assert alive(link.new, link.day)
    for unit in Unit.objects.exclude(valid_to=None):
        rows = list(unit.successors.all())
        assert not rows or sum(row.kind != "part" for row in rows) == 1


def scope_is_right(root: Unit, when: dt.date) -> None:
    user = User.objects.create_user("nguoi.xem")
    Assignment.objects.create(user=user, unit=root, duty=Duty.CONTROL, valid_from=root.valid_from)
    expected = seen_by(root, when) if alive(root, when) else set()
    assert queries.scope(user, Duty.CONTROL, when).unit_ids == expected
    if alive(root, when):
        assert {u.pk for u in queries.lineage(root, when)} == expected


def descendants_are_right(root: Unit, first: dt.date, last: dt.date) -> None:
    expected = {root.pk}
    for n in range((last - first).days + 1):
        when = first + dt.timedelta(days=n)
        level = {root.pk}
        while level:
            rows = UnitPlace.objects.filter(queries.alive_on(when), parent__in=level)
            level = set(rows.values_list("unit", flat=True))
            expected |= level
    assert {u.pk for u in queries.descendants(root, first, last)} == expected


def work_is_nowhere_lost(data: st.DataObject, last: int) -> None:
    """Follow one piece of work from any unit: every step is a succession of that day, and it ends where it must."""
    units = {u.pk: u for u in Unit.objects.all()}
    start = day(data.draw(st.integers(0, last), label="received"))
    holders = [u for u in units.values() if alive(u, start)]
    if not holders:
        return
    unit = data.draw(st.sampled_from(sorted(holders, key=lambda u: u.pk)), label="at")
    grounds = [u for u in units.values() if alive(u, start) and u.kind in TERRITORIAL_KINDS]
    territory = data.draw(st.sampled_from([None, *sorted(grounds, key=lambda u: u.pk)]), label="territory")
    ids = {unit.pk} | ({territory.pk} if territory else set())
    territory_id = territory.pk if territory else None
    path = queries.succession_map(ids).path(unit.pk, territory_id, start)
    assert path == queries.succession_map().path(unit.pk, territory_id, start)
    held, since = unit, start
    for when, new in path:
        assert held.valid_to == when - dt.timedelta(days=1)
        assert when > since
        held, since = units[new], when
        assert alive(held, when)
    if held.valid_to is not None:  # ended, and nobody was named to take its work
        assert not Succession.objects.filter(old=held).exists()
