"""Where one piece of work goes through any chain of reforms: the map against a day-by-day walk."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua.org.models import SuccessionKind
from motcua.org.succession import Link, SuccessionMap

D0 = dt.date(2023, 1, 1)
PART, DEFAULT, WHOLE = SuccessionKind.PART, SuccessionKind.DEFAULT, SuccessionKind.WHOLE
pytestmark = pytest.mark.pure


def day(n: int) -> dt.date:
    return D0 + dt.timedelta(days=n)


def test_nothing_happens_to_a_unit_without_successor() -> None:
    assert SuccessionMap([]).path(1, None, D0) == []
    assert SuccessionMap([Link(2, 3, day(5))]).path(1, 2, D0) == []


def test_a_chain_is_followed_to_its_end_from_the_day_asked() -> None:
    chain = SuccessionMap([Link(1, 2, day(5)), Link(2, 3, day(9)), Link(3, 4, day(20))])
    assert chain.path(1, None, day(0)) == [(day(5), 2), (day(9), 3), (day(20), 4)]
    assert chain.path(1, None, day(4)) == [(day(5), 2), (day(9), 3), (day(20), 4)]
    assert chain.path(2, None, day(5)) == [(day(9), 3), (day(20), 4)]
    assert chain.path(2, None, day(9)) == []  # on that day unit 2 held nothing any more
    assert chain.path(4, None, day(0)) == []


def test_a_split_goes_by_the_named_territory_and_else_to_the_default() -> None:
    split = SuccessionMap(
        [Link(1, 2, day(5), DEFAULT), Link(1, 3, day(5), PART, territory=70), Link(1, 4, day(5), PART)]
    )
    assert split.path(1, 70, D0) == [(day(5), 3)]
    assert split.path(1, 71, D0) == [(day(5), 2)]
    assert split.path(1, None, D0) == [(day(5), 2)]


def test_a_territory_renamed_meanwhile_is_still_that_territory() -> None:
    split = SuccessionMap([Link(70, 71, day(2)), Link(1, 2, day(5), DEFAULT), Link(1, 3, day(5), PART, territory=71)])
    assert split.path(1, 70, D0) == [(day(5), 3)]


def test_a_district_passes_on_by_commune_only_within_its_ground() -> None:
    links = [
        Link(1, 20, day(5), DEFAULT, by_territory=True),
        Link(10, 20, day(5)),
        Link(11, 21, day(5)),
        Link(90, 91, day(5)),
    ]
    district = SuccessionMap(links, {1: frozenset({10, 11, 12})})
    assert district.path(1, 10, D0) == [(day(5), 20)]
    assert district.path(1, 11, D0) == [(day(5), 21)]
    assert district.path(1, 12, D0) == [(day(5), 12)]  # a commune the reform left as it was
    assert district.path(1, 90, D0) == [(day(5), 20)]  # from elsewhere
    assert district.path(1, 21, D0) == [(day(5), 21)]  # entered late, under today's name
    assert district.path(1, None, D0) == [(day(5), 20)]


def test_work_taken_by_territory_goes_on_with_the_commune() -> None:
    links = [Link(1, 20, day(5), DEFAULT, by_territory=True), Link(11, 21, day(5)), Link(21, 22, day(30))]
    district = SuccessionMap(links, {1: frozenset({11})})
    assert district.path(1, 11, D0) == [(day(5), 21), (day(30), 22)]
    assert district.path(1, None, D0) == [(day(5), 20)]


# ---- any history ----------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A history of reforms, as the rows of succession it leaves, and who was alive when."""

    links: list[Link] = field(default_factory=list)
    grounds: dict[int, frozenset[int]] = field(default_factory=dict)
    born: dict[int, int] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)

    def alive(self, n: int) -> list[int]:
        return [u for u, b in self.born.items() if b <= n and self.ended.get(u, 10_000) > n]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Communes 1–5, two districts 100 and 101 over them, then up to six reforms on rising days."""
    world = World(born=dict.fromkeys([1, 2, 3, 4, 5, 100, 101], 0))
    ground = {100: {1, 2, 3}, 101: {4, 5}}
    fresh, now = 200, 0
    for _ in range(draw(st.integers(0, 6))):
        now += draw(st.integers(1, 6))
        living = [u for u in world.alive(now) if world.born[u] < now]
        if not living:
            break
        old = draw(st.sampled_from(living))
        act = draw(st.sampled_from(["rename", "merge", "split", "abolish", "by_territory"]))
        world.ended[old] = now
        if act == "abolish":
            continue
        if act == "merge":
            others = [u for u in world.alive(now) if world.born[u] < now]
            if others:
                world.links.append(Link(old, draw(st.sampled_from(others)), day(now)))
                continue
        fresh += 1
        world.born[fresh] = now
        if act == "split":
            territory = draw(st.sampled_from([None, 1, 2, 3, 4, 5]))
            world.links.append(Link(old, fresh, day(now), DEFAULT))
            fresh += 1
            world.born[fresh] = now
            world.links.append(Link(old, fresh, day(now), PART, territory=territory))
        elif act == "by_territory" and old in ground:
            # the communes that stand there on the eve: what became of the first ones
            eve = {heir(world, c, now - 1) for c in ground[old]}
            world.grounds[old] = frozenset(eve)
            world.links.append(Link(old, fresh, day(now), DEFAULT, by_territory=True))
        else:
            world.links.append(Link(old, fresh, day(now)))
    return world


def heir(world: World, unit: int, n: int) -> int:
    """Day by day: what a unit is on day ``n``, parts left aside."""
    for today in range(1, n + 1):
        for link in world.links:
            if link.old == unit and link.day == day(today) and link.kind != PART:
                unit = link.new
                break
    return unit


def walk(world: World, unit: int, territory: int | None, start: int) -> list[tuple[dt.date, int]]:
    """Day by day: who holds the work."""
    steps = []
    by_day: dict[dt.date, list[Link]] = defaultdict(list)
    for link in world.links:
        by_day[link.day].append(link)
    for n in range(start + 1, 60):
        rows = [link for link in by_day[day(n)] if link.old == unit]
        if not rows:
            continue
        rest = next(link for link in rows if link.kind != PART)
        new = rest.new
        if territory is not None:
            was, then, now = territory, heir(world, territory, n - 1), heir(world, territory, n)
            # successions before the item's own territory began do not concern it
            named = [link for link in rows if link.kind == PART and link.territory in (was, then, now)]
            if named:
                new = named[0].new
            elif rest.by_territory:
                ground = world.grounds[unit]
                if {was, then, now} & ground or now in {heir(world, c, n) for c in ground}:
                    new = now
        if new == unit:
            break
        steps.append((day(n), new))
        unit = new
    return steps


@given(world=worlds(), territory=st.sampled_from([None, 1, 2, 3, 4, 5]), start=st.integers(0, 40), data=st.data())
def test_the_map_equals_a_walk_through_the_days(
    world: World, territory: int | None, start: int, data: st.DataObject
) -> None:
    holders = world.alive(start)
    if not holders:
        return
    unit = data.draw(st.sampled_from(holders))
    found = SuccessionMap(world.links, world.grounds).path(unit, territory, day(start))
    assert found == walk(world, unit, territory, start)
    days = [when for when, _ in found]
    assert days == sorted(set(days))
    assert all(when > day(start) for when in days)


@given(world=worlds(), territory=st.sampled_from([None, 1, 4]), data=st.data())
def test_asking_half_way_gives_the_rest_of_the_path(world: World, territory: int | None, data: st.DataObject) -> None:
    """Nothing of the chain depends on where one begins to ask."""
    chain = SuccessionMap(world.links, world.grounds)
    whole = chain.path(data.draw(st.sampled_from([1, 2, 3, 4, 5, 100, 101])), territory, day(0))
    for n, (when, unit) in enumerate(whole):
        assert chain.path(unit, territory, when) == whole[n + 1 :]
