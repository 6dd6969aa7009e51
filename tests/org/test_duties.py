"""Duties granted and ended, one-person mode, ủy quyền."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.org import actions, queries
from motcua.org.models import TWO_TIER_DAY, AccessChange, Assignment, Delegation, Duty, User
from motcua.org.queries import SYSTEM
from tests.support.cast import LAST_OLD_DAY, NEW_DAY, OLD_DAY, Cast
from tests.support.sql import max_queries

ONE_DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_2023() -> Iterator[None]:
    with clock.at(clock.local_moment(OLD_DAY, dt.time(8))):
        yield


def grant(cast: Cast, actor: Any, **changes: Any) -> Assignment:
    given = {
        "actor": actor,
        "user": cast.stranger,
        "unit": cast.justice,
        "duty": Duty.HANDLE,
        "valid_from": OLD_DAY,
        "basis": "QĐ 15/QĐ-UBND",
    }
    return actions.grant_duty(**given | changes)


def test_an_administrator_grants_a_duty_from_a_day(cast: Cast) -> None:
    granted = grant(cast, cast.admin, valid_from=OLD_DAY + ONE_DAY, valid_to=OLD_DAY + 2 * ONE_DAY)
    held = [queries.holds(cast.stranger, Duty.HANDLE, cast.justice, OLD_DAY + n * ONE_DAY) for n in range(4)]
    assert held == [False, True, True, False]
    assert (granted.granted_by, granted.basis) == (cast.admin, "QĐ 15/QĐ-UBND")
    line = AccessChange.objects.get()
    assert (line.actor, line.subject, line.unit, line.what) == (cast.admin, cast.stranger, cast.justice, "grant_duty")
    assert line.detail == {"duty": "handle", "valid_from": "2023-06-02", "valid_to": "2023-06-03"}


def test_who_may_grant(cast: Cast) -> None:
    for actor in (cast.chair, cast.receiver, cast.other, cast.stranger, cast.owner):
        with pytest.raises(NotAllowed):
            grant(cast, actor)
    assert not queries.duties(cast.stranger, OLD_DAY)
    grant(cast, cast.above)
    grant(cast, SYSTEM, duty=Duty.HEAD)
    assert {duty for duty, _ in queries.duties(cast.stranger, OLD_DAY)} == {Duty.HANDLE, Duty.HEAD}


def test_an_administrator_by_delegation_may_too_while_it_lasts(cast: Cast) -> None:
    given = delegate(cast, cast.admin, from_user=cast.admin, duty=Duty.ADMIN, to_user=cast.receiver)
    grant(cast, cast.receiver)
    actions.revoke_delegation(actor=cast.admin, delegation=given)
    with pytest.raises(NotAllowed):
        grant(cast, cast.receiver, duty=Duty.HEAD)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"valid_from": OLD_DAY, "valid_to": OLD_DAY - ONE_DAY}, Invalid),
        ({"valid_from": dt.date(1999, 1, 1)}, Invalid),
        ({"valid_from": TWO_TIER_DAY}, Invalid),  # the office ends on 30/6/2025
        ({"valid_to": TWO_TIER_DAY}, Invalid),
        ({"duty": "king"}, Invalid),
        ({"basis": "x" * 201}, Invalid),
    ],
)
def test_impossible_days_and_duties_are_refused(cast: Cast, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        grant(cast, cast.admin, **given)
    assert not Assignment.objects.filter(user=cast.stranger).exists()
    assert not AccessChange.objects.exists()


def test_a_blocked_account_gets_no_duty(cast: Cast) -> None:
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    with pytest.raises(IllegalAct):
        grant(cast, cast.admin)


@pytest.mark.parametrize(
    ("first", "last", "clash"),
    [(-9, -5, False), (-9, 0, True), (1, 2, True), (-5, None, True), (5, None, True), (6, None, False), (6, 9, False)],
)
def test_the_same_duty_twice_on_a_day_is_refused(cast: Cast, first: int, last: int | None, clash: bool) -> None:
    grant(cast, cast.admin, valid_from=OLD_DAY, valid_to=OLD_DAY + 5 * ONE_DAY)
    span = {"valid_from": OLD_DAY + first * ONE_DAY, "valid_to": None if last is None else OLD_DAY + last * ONE_DAY}
    if clash:
        with pytest.raises(Conflict):
            grant(cast, cast.admin, **span)
    else:
        grant(cast, cast.admin, **span)
    assert Assignment.objects.filter(user=cast.stranger).count() == (1 if clash else 2)


def test_one_person_mode_grants_all_operational_duties_in_one_act(cast: Cast) -> None:
    grant(cast, cast.admin, duty=Duty.RECEIVE, unit=cast.unit("29308"))
    with max_queries(12):
        actions.grant_all_duties(
            actor=cast.admin, user=cast.stranger, unit=cast.unit("29308"), valid_from=OLD_DAY, basis="QĐ 16"
        )
    held = {duty for duty, unit in queries.duties(cast.stranger, OLD_DAY) if unit == cast.unit("29308")}
    assert held == set(actions.ONE_PERSON_DUTIES)
    assert not held & {Duty.ADMIN, Duty.INSPECT, Duty.APPRAISE}
    assert AccessChange.objects.count() == len(actions.ONE_PERSON_DUTIES)
    with pytest.raises(Conflict):
        actions.grant_all_duties(actor=cast.admin, user=cast.stranger, unit=cast.unit("29308"), valid_from=OLD_DAY)
    with pytest.raises(NotAllowed):
        actions.grant_all_duties(actor=cast.other, user=cast.stranger, unit=cast.unit("29308"), valid_from=OLD_DAY)


# ---- ending ---------------------------------------------------------------------------------------------------------


def test_a_duty_ends_after_its_last_day(cast: Cast) -> None:
    post = grant(cast, cast.admin, valid_from=OLD_DAY - 9 * ONE_DAY)
    actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY, reason="thuyên chuyển")
    assert queries.holds(cast.stranger, Duty.HANDLE, cast.justice, OLD_DAY)
    assert not queries.holds(cast.stranger, Duty.HANDLE, cast.justice, OLD_DAY + ONE_DAY)
    line = AccessChange.objects.latest("pk")
    assert (line.what, line.detail["last_day"], line.detail["reason"]) == ("end_duty", "2023-06-01", "thuyên chuyển")
    with pytest.raises(IllegalAct):
        actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)


def test_what_was_done_before_was_done_with_the_duty(cast: Cast) -> None:
    post = grant(cast, cast.admin, valid_from=OLD_DAY - 9 * ONE_DAY)
    with pytest.raises(Invalid):
        actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY - 2 * ONE_DAY)
    actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY - ONE_DAY)
    assert not queries.holds(cast.stranger, Duty.HANDLE, cast.justice, OLD_DAY)


def test_a_duty_that_has_not_begun_is_taken_back(cast: Cast) -> None:
    post = grant(cast, cast.admin, valid_from=OLD_DAY + 9 * ONE_DAY)
    actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)
    assert not Assignment.objects.filter(user=cast.stranger).exists()
    assert AccessChange.objects.latest("pk").what == "take_back_duty"
    # given by mistake this morning
    post = grant(cast, cast.admin)
    actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY - ONE_DAY)
    assert not queries.holds(cast.stranger, Duty.HANDLE, cast.justice, OLD_DAY)


def test_who_may_end_a_duty(cast: Cast) -> None:
    post = Assignment.objects.get(user=cast.owner, unit=cast.justice)
    for actor in (cast.owner, cast.chair, cast.other, cast.stranger):
        with pytest.raises(NotAllowed):
            actions.end_duty(actor=actor, assignment=post, last_day=OLD_DAY)
    actions.end_duty(actor=cast.above, assignment=post, last_day=OLD_DAY)


def test_the_last_administrator_cannot_take_away_his_own_duty(cast: Cast) -> None:
    post = Assignment.objects.get(user=cast.admin, unit=cast.cauke)
    Assignment.objects.filter(user=cast.above, duty=Duty.ADMIN).delete()
    with pytest.raises(NotAllowed, match="cuối cùng"):
        actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)
    grant(cast, cast.admin, unit=cast.cauke, duty=Duty.ADMIN, valid_to=OLD_DAY)  # ends no later than he would
    with pytest.raises(NotAllowed, match="cuối cùng"):
        actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)
    Assignment.objects.create(user=cast.owner, unit=cast.tra_vinh, duty=Duty.ADMIN, valid_from=OLD_DAY)
    actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)


# ---- ủy quyền -------------------------------------------------------------------------------------------------------


def delegate(cast: Cast, actor: Any, **changes: Any) -> Delegation:
    given = {
        "actor": actor,
        "from_user": cast.chair,
        "to_user": cast.owner,
        "unit": cast.cauke,
        "duty": Duty.CHAIR,
        "valid_from": OLD_DAY,
        "valid_to": OLD_DAY + 4 * ONE_DAY,
        "basis": "Giấy ủy quyền số 03/UQ-UBND",
    }
    return actions.delegate(**given | changes)


def test_a_leader_delegates_a_duty_of_his_own_for_some_days(cast: Cast) -> None:
    delegate(cast, cast.chair)
    assert queries.holds(cast.owner, Duty.CHAIR, cast.cauke, OLD_DAY)
    assert queries.holds(cast.chair, Duty.CHAIR, cast.cauke, OLD_DAY)
    line = AccessChange.objects.get()
    assert (line.what, line.subject, line.detail["from_user"]) == ("delegate", cast.owner, str(cast.chair.pk))
    mine = queries.scope(cast.admin, Duty.ADMIN, OLD_DAY)
    assert [d.to_user for d in queries.delegations(mine, OLD_DAY)] == [cast.owner]
    assert not queries.delegations(mine, OLD_DAY + 5 * ONE_DAY).exists()


def test_who_may_delegate(cast: Cast) -> None:
    for actor in (cast.owner, cast.receiver, cast.other, cast.stranger):
        with pytest.raises(NotAllowed):
            delegate(cast, actor)
    delegate(cast, cast.admin)


def test_what_cannot_be_delegated(cast: Cast) -> None:
    with pytest.raises(IllegalAct):  # not his
        delegate(cast, cast.chair, duty=Duty.CLERK)
    with pytest.raises(IllegalAct):  # his at another unit
        delegate(cast, cast.admin, unit=cast.justice)
    with pytest.raises(Invalid):
        delegate(cast, cast.chair, to_user=cast.chair)
    with pytest.raises(Invalid):
        delegate(cast, cast.chair, valid_to=OLD_DAY - ONE_DAY)
    with pytest.raises(Invalid, match="văn bản ủy quyền"):
        delegate(cast, cast.chair, basis=" ")
    with pytest.raises(Invalid):  # beyond the end of the district
        delegate(cast, cast.chair, valid_to=TWO_TIER_DAY)
    delegate(cast, cast.chair)
    with pytest.raises(Conflict):
        delegate(cast, cast.chair, valid_from=OLD_DAY + 4 * ONE_DAY, valid_to=OLD_DAY + 9 * ONE_DAY)
    with pytest.raises((IllegalAct, NotAllowed)):  # held by delegation only
        delegate(cast, cast.owner, from_user=cast.owner, to_user=cast.colleague)
    assert Delegation.objects.count() == 1


def test_a_duty_that_ends_sooner_cannot_be_delegated_beyond(cast: Cast) -> None:
    Assignment.objects.filter(user=cast.chair, unit=cast.cauke).update(valid_to=OLD_DAY + 2 * ONE_DAY)
    with pytest.raises(IllegalAct, match="suốt"):
        delegate(cast, cast.chair)
    delegate(cast, cast.chair, valid_to=OLD_DAY + 2 * ONE_DAY)


def test_revoking_stops_it_at_once(cast: Cast) -> None:
    given = delegate(cast, cast.chair)
    for actor in (cast.owner, cast.other, cast.stranger):
        with pytest.raises(NotAllowed):
            actions.revoke_delegation(actor=actor, delegation=given)
    actions.revoke_delegation(actor=cast.chair, delegation=given, reason="về sớm")
    assert not queries.holds(cast.owner, Duty.CHAIR, cast.cauke, OLD_DAY)
    assert AccessChange.objects.latest("pk").detail["reason"] == "về sớm"
    with pytest.raises(IllegalAct):
        actions.revoke_delegation(actor=cast.chair, delegation=given)
    delegate(cast, cast.chair)  # and may be given again


def test_an_expired_delegation_is_not_revoked(cast: Cast) -> None:
    given = delegate(cast, cast.chair)
    with clock.at(clock.local_moment(OLD_DAY + 5 * ONE_DAY)), pytest.raises(IllegalAct):
        actions.revoke_delegation(actor=cast.admin, delegation=given)


def test_after_the_reform_the_successors_administrator_decides(cast: Cast) -> None:
    with clock.at(clock.local_moment(NEW_DAY)):
        grant(cast, cast.admin, unit=cast.xa_cau_ke, valid_from=NEW_DAY)
        with pytest.raises(NotAllowed):
            grant(cast, cast.admin, unit=cast.xa_an_phu_tan, valid_from=NEW_DAY)
        # a record of the district is completed by its successor, within the district's days
        grant(cast, cast.admin, unit=cast.justice, duty=Duty.HEAD, valid_from=OLD_DAY, valid_to=LAST_OLD_DAY)


def test_an_act_on_duties_costs_few_statements(cast: Cast) -> None:
    with max_queries(12):
        post = grant(cast, cast.admin, request_key="g")
    with max_queries(12):
        actions.end_duty(actor=cast.admin, assignment=post, last_day=OLD_DAY)
    with max_queries(12):
        given = delegate(cast, cast.admin)
    with max_queries(8):
        actions.revoke_delegation(actor=cast.admin, delegation=given)


def test_a_machine_holds_nothing_that_asks_for_a_second_factor(cast: Cast) -> None:
    User.objects.filter(pk=cast.stranger.pk).update(is_machine=True)
    for duty in (Duty.CHAIR, Duty.DIRECTOR, Duty.ADMIN):
        with pytest.raises(Invalid, match="hệ thống kết nối"):
            grant(cast, cast.admin, duty=duty)
    with pytest.raises(Invalid):
        actions.grant_all_duties(actor=cast.admin, user=cast.stranger, unit=cast.justice, valid_from=OLD_DAY)
    given = {"actor": cast.chair, "from_user": cast.chair, "to_user": cast.stranger, "duty": Duty.CHAIR}
    with pytest.raises(Invalid):
        actions.delegate(**given, unit=cast.cauke, valid_from=OLD_DAY, valid_to=OLD_DAY, basis="UQ 1")
    assert not Assignment.objects.filter(user=cast.stranger).exists()
    grant(cast, cast.admin, duty=Duty.HANDLE)
