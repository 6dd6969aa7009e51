"""The crew of the desk's own tests: two communes, an office in one of them, and people with duties there."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from motcua.org.models import Assignment, Duty, Unit, UnitPlace, User

PASSWORD = "cá lóc nướng trui"
SINCE = dt.date(2025, 7, 1)


def make_unit(code: str, name: str, kind: str, parent: Unit | None = None) -> Unit:
    unit = Unit.objects.create(code=code, name=name, kind=kind, valid_from=SINCE)
    above = UnitPlace.objects.get(unit=parent).path if parent else "/"
    UnitPlace.objects.create(unit=unit, parent=parent, path=f"{above}{unit.pk}/", valid_from=SINCE)
    return unit


def make_person(username: str, full_name: str, unit: Unit | None = None, *duties: Duty, **more: Any) -> User:
    user = User(username=username, full_name=full_name, home=unit, **more)
    user.set_password(PASSWORD)
    user.save()
    for duty in duties:
        Assignment.objects.create(user=user, unit=unit, duty=duty, valid_from=SINCE)
    return user


@dataclass
class Crew:
    here: Unit
    office: Unit
    elsewhere: Unit
    admin: User  # administrator here
    clerk: User  # receives here
    chair: User  # leads here
    stranger: User  # administrator of the other commune
    idle: User  # holds nothing


def make_crew() -> Crew:
    here = make_unit("29308", "Xã Cầu Kè", "commune")
    office = make_unit("29308.01", "Văn phòng HĐND và UBND xã Cầu Kè", "office", here)
    elsewhere = make_unit("29299", "Xã Tam Ngãi", "commune")
    return Crew(
        here=here,
        office=office,
        elsewhere=elsewhere,
        admin=make_person("quan.qt", "Lý Văn Quân", here, Duty.ADMIN),
        clerk=make_person("lan.tn", "Thạch Thị Lan", here, Duty.RECEIVE, Duty.HAND_OVER),
        chair=make_person("hoa.ld", "Nguyễn Thị Hoa", here, Duty.CHAIR),
        stranger=make_person("sang.qt", "Kim Sa Sang", elsewhere, Duty.ADMIN),
        idle=make_person("moi.nv", "Trần Văn Mới"),
    )
