"""Who may see what: by duty, by day, beneath, by succession, by delegation."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from motcua.core import clock
from motcua.org import queries
from motcua.org.models import TWO_TIER_DAY, Assignment, Delegation, Duty, Unit, User
from motcua.org.queries import SYSTEM, Scope
from tests.support.cast import LAST_OLD_DAY, NEW_DAY, OLD_DAY, Cast
from tests.support.sql import max_queries


def names(scope: Scope) -> set[str]:
    return {f"{u.code} {u.name}" for u in scope.filter(Unit.objects.all(), "pk")}


def test_the_desk_of_a_district_sees_the_district_its_offices_and_communes(cast: Cast) -> None:
    seen = queries.scope(cast.receiver, Duty.RECEIVE, OLD_DAY)
    assert names(seen) == {
        "845 Huyện Cầu Kè",
        "845-TP Phòng Tư pháp",
        "845-TC Phòng Tài chính - Kế hoạch",
        "29308 Thị trấn Cầu Kè",
        "29311 Xã Hòa Ân",
        "29317 Xã An Phú Tân",
        "29320 Xã Hòa Tân",
    }


def test_an_office_sees_itself_alone(cast: Cast) -> None:
    assert queries.scope(cast.owner, Duty.HANDLE, OLD_DAY).unit_ids == {cast.justice.pk}
    assert not queries.scope(cast.owner, Duty.HANDLE, OLD_DAY).contains(cast.cauke.pk)
    assert not queries.scope(cast.owner, Duty.HANDLE, OLD_DAY).contains(cast.finance.pk)


def test_a_duty_gives_no_other_duty(cast: Cast) -> None:
    assert queries.scope(cast.receiver, Duty.CHAIR, OLD_DAY).unit_ids == frozenset()
    assert queries.scope(cast.receiver, [], OLD_DAY).unit_ids == frozenset()
    assert queries.scope(cast.receiver, [Duty.CHAIR, Duty.RECEIVE], OLD_DAY).contains(cast.cauke.pk)
    assert queries.scope(cast.receiver, None, OLD_DAY).contains(cast.cauke.pk)


def test_the_other_district_and_strangers_see_nothing_of_it(cast: Cast) -> None:
    other = queries.scope(cast.other, None, OLD_DAY)
    assert names(other) == {"847 Huyện Châu Thành", "29374 Thị trấn Châu Thành"}
    for nobody in (cast.stranger, AnonymousUser(), None):
        assert queries.scope(nobody, None, OLD_DAY) == Scope(nobody and nobody.pk, OLD_DAY, frozenset())


def test_a_blocked_account_sees_nothing(cast: Cast) -> None:
    cast.receiver.is_active = False
    assert queries.scope(cast.receiver, None, OLD_DAY).unit_ids == frozenset()
    assert queries.duties(cast.receiver, OLD_DAY) == []


def test_the_successor_sees_what_it_inherited_and_not_what_its_neighbour_did(cast: Cast) -> None:
    assert names(queries.scope(cast.receiver, None, NEW_DAY)) == {
        "29308 Xã Cầu Kè",
        "29308-TTPVHCC Trung tâm Phục vụ hành chính công",
        "29308 Thị trấn Cầu Kè",
        "29311 Xã Hòa Ân",
        "845 Huyện Cầu Kè",
        "845-TP Phòng Tư pháp",
        "845-TC Phòng Tài chính - Kế hoạch",
    }
    assert names(queries.scope(cast.other, None, NEW_DAY)) == {
        "29317 Xã An Phú Tân",  # today's, and the one of before
        "29320 Xã Hòa Tân",
    }


def test_the_new_province_sees_all_its_predecessors_and_a_district_nobody_succeeded(cast: Cast) -> None:
    seen = names(queries.scope(cast.above, None, NEW_DAY))
    assert {"84 Tỉnh Trà Vinh", "86 Tỉnh Vĩnh Long", "29320 Xã Hòa Tân", "845-TP Phòng Tư pháp"} <= seen
    # no mapping for Châu Thành: it is seen through the province it last stood beneath
    assert "847 Huyện Châu Thành" in seen
    assert "01 Thành phố Hà Nội" not in seen


def test_successors_see_nothing_before_they_succeed(cast: Cast) -> None:
    assert queries.scope(cast.receiver, None, LAST_OLD_DAY).contains(cast.cauke.pk)
    Assignment.objects.filter(unit=cast.cauke).delete()
    assert queries.scope(cast.receiver, None, LAST_OLD_DAY).unit_ids == frozenset()
    assert queries.scope(cast.receiver, None, TWO_TIER_DAY).contains(cast.cauke.pk)


def test_a_duty_ends_with_its_last_day_and_with_its_unit(cast: Cast) -> None:
    post = Assignment.objects.get(user=cast.receiver, unit=cast.cauke)
    Assignment.objects.filter(pk=post.pk).update(valid_from=OLD_DAY, valid_to=OLD_DAY)
    one_day = dt.timedelta(days=1)
    assert [queries.holds(cast.receiver, Duty.RECEIVE, cast.cauke, OLD_DAY + n * one_day) for n in (-1, 0, 1)] == [
        False,
        True,
        False,
    ]
    # granted without end at a unit that has ended: it ends with the unit
    Assignment.objects.filter(pk=post.pk).update(valid_to=None)
    assert queries.holds(cast.receiver, Duty.RECEIVE, cast.cauke, LAST_OLD_DAY)
    assert not queries.holds(cast.receiver, Duty.RECEIVE, cast.cauke, TWO_TIER_DAY)


def delegate(cast: Cast, giver: User, unit: Unit, duty: Duty) -> Delegation:
    return Delegation.objects.create(
        from_user=giver,
        to_user=cast.stranger,
        unit=unit,
        duty=duty,
        valid_from=OLD_DAY,
        valid_to=OLD_DAY + dt.timedelta(days=4),
        basis="Giấy ủy quyền 01",
    )


def test_a_delegation_counts_on_its_days_while_the_giver_holds_the_duty(cast: Cast) -> None:
    given = delegate(cast, cast.chair, cast.cauke, Duty.CHAIR)
    inside, after = OLD_DAY + dt.timedelta(days=4), OLD_DAY + dt.timedelta(days=5)
    assert queries.scope(cast.stranger, Duty.CHAIR, inside).contains(cast.justice.pk)
    assert queries.duties(cast.stranger, inside) == [(Duty.CHAIR, cast.cauke)]
    assert queries.holdings(cast.stranger, inside)[0].from_user_id == cast.chair.pk
    assert queries.holds(cast.chair, Duty.CHAIR, cast.cauke, inside)  # the giver keeps it
    assert not queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, after)
    assert not queries.holds(cast.stranger, Duty.RECEIVE, cast.cauke, inside)

    User.objects.filter(pk=cast.chair.pk).update(is_active=False)
    assert not queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, inside)
    User.objects.filter(pk=cast.chair.pk).update(is_active=True)
    Assignment.objects.filter(user=cast.chair, unit=cast.cauke).update(valid_to=OLD_DAY)
    assert not queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, inside)
    assert queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, OLD_DAY)

    given.revoked_at = clock.local_moment(OLD_DAY, dt.time(9))
    given.save()
    assert not queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, OLD_DAY)


def test_a_delegation_revoked_tomorrow_still_counted_today(cast: Cast) -> None:
    given = delegate(cast, cast.chair, cast.cauke, Duty.CHAIR)
    given.revoked_at = clock.local_moment(OLD_DAY + dt.timedelta(days=1), dt.time(0))
    given.save()
    assert queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, OLD_DAY)
    assert not queries.holds(cast.stranger, Duty.CHAIR, cast.cauke, OLD_DAY + dt.timedelta(days=1))


def test_duties_of_a_person_each_once(cast: Cast) -> None:
    delegate(cast, cast.receiver, cast.cauke, Duty.RECEIVE)
    Assignment.objects.create(user=cast.stranger, unit=cast.cauke, duty=Duty.RECEIVE, valid_from=OLD_DAY)
    assert queries.duties(cast.stranger, OLD_DAY) == [(Duty.RECEIVE, cast.cauke)]
    assert {h.from_user_id for h in queries.holdings(cast.stranger, OLD_DAY)} == {None, cast.receiver.pk}


def test_scope_costs_one_statement(cast: Cast) -> None:
    with max_queries(1):
        queries.scope(cast.above, [Duty.CONTROL, Duty.REFORM], NEW_DAY)
    with max_queries(1):
        queries.duties(cast.above, NEW_DAY)
    with max_queries(1):
        queries.holds(cast.above, Duty.CONTROL, cast.vinh_long, NEW_DAY)


def test_the_filter_takes_few_ids_many_ids_and_everything(cast: Cast) -> None:
    wanted = queries.scope(cast.receiver, None, OLD_DAY)
    rows = Assignment.objects.all()
    expected = set(Assignment.objects.filter(unit__in=wanted.unit_ids))
    assert set(wanted.filter(rows)) == expected
    many = Scope(wanted.user_id, wanted.day, wanted.unit_ids | frozenset(range(10_000_000, 10_050_000)))
    assert set(many.filter(rows)) == expected
    assert set(many.filter(rows.filter(duty=Duty.RECEIVE), "unit_id")) == {a for a in expected if a.duty == "receive"}
    assert set(SYSTEM.filter(rows)) == set(rows)
    assert SYSTEM.contains(cast.cauke.pk)
    assert SYSTEM.contains(None)
    assert not wanted.contains(None)
    assert not Scope(None, OLD_DAY, frozenset()).filter(rows).exists()


@pytest.mark.parametrize("duty", list(Duty))
def test_each_duty_is_held_by_its_person_on_both_sides_of_the_reform(cast: Cast, duty: Duty) -> None:
    person = cast.by_duty[duty]
    assert queries.duties(person, OLD_DAY) == [(duty, cast.cauke)]
    assert queries.duties(person, NEW_DAY) == [(duty, cast.xa_cau_ke)]
