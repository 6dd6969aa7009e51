"""Several people administer at once: one act wins, the others are told; nothing is granted or ended twice."""

from collections import Counter
from typing import Any

from django.db import DatabaseError

from motcua.core.errors import MotcuaError
from motcua.org import actions
from motcua.org.models import AccessChange, Assignment, Duty, Succession, Unit, UnitPlace, User
from motcua.org.queries import SYSTEM
from tests.support.cast import NEW_DAY, make_cast
from tests.support.processes import run_processes


def grant(index: int, user: int, unit: int, days: int) -> str:
    """Child: grant one duty, each from another day of an overlapping span."""
    given: dict[str, Any] = {
        "user": User.objects.get(pk=user),
        "unit": Unit.objects.get(pk=unit),
        "valid_from": NEW_DAY.replace(day=1 + index % days),
    }
    try:
        actions.grant_duty(actor=SYSTEM, duty=Duty.CLERK, **given)
    except MotcuaError as error:
        return error.code
    return "granted"


def test_one_duty_is_granted_once(real_database: str) -> None:
    cast = make_cast()
    told = run_processes(4, grant, real_database, cast.stranger.pk, cast.xa_cau_ke.pk, 3)
    assert Counter(told) == {"granted": 1, "already_held": 3}
    assert Assignment.objects.filter(user=cast.stranger).count() == 1
    assert AccessChange.objects.filter(subject=cast.stranger).count() == 1


def end(index: int, unit: int, into: int) -> str:
    """Child: end the same unit in different ways on different days."""
    old, other = Unit.objects.get(pk=unit), Unit.objects.get(pk=into)
    day = NEW_DAY.replace(day=20 + index)
    try:
        if index % 2:
            actions.rename(actor=SYSTEM, unit=old, day=day, name=f"Xã {index}")
        else:
            actions.merge(actor=SYSTEM, units=[old], day=day, into=other)
    except MotcuaError as error:
        return error.code
    except DatabaseError as error:  # never a half-written reform, nor a database error shown to a user
        return f"{type(error).__name__}: {error}"
    return "ended"


def test_one_unit_ends_once(real_database: str) -> None:
    cast = make_cast()
    told = run_processes(4, end, real_database, cast.xa_an_phu_tan.pk, cast.xa_cau_ke.pk)
    assert Counter(told) == {"ended": 1, "already_ended": 3}
    (link,) = Succession.objects.filter(old=cast.xa_an_phu_tan)
    cast.xa_an_phu_tan.refresh_from_db()
    assert (link.day - cast.xa_an_phu_tan.valid_to).days == 1
    assert UnitPlace.objects.filter(unit=cast.xa_an_phu_tan).count() == 1
