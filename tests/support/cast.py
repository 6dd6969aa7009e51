"""The fixed cast: a small country in both worlds, and one person per duty. Used by the tests of every room.

Places are real, people are invented. Until 30/6/2025 everyone of the cast serves at huyện Cầu Kè (``CAUKE``), from
01/7/2025 at its successor xã Cầu Kè (29308), in the same duties, so that a story can be told on either side::

    def test_a_story(cast):
        cast.receiver            # the person with the duty RECEIVE; cast.by_duty[Duty.RECEIVE]
        cast.owner               # handles dossiers at the office Phòng Tư pháp (and later at the commune)
        cast.colleague           # the same duty at the same place
        cast.other               # every duty, at another unit: huyện Châu Thành, later xã An Phú Tân
        cast.stranger            # an account without any duty
        cast.above               # every duty, at the province
        cast.cauke, cast.xa_cau_ke, cast.unit("29320")     # units

``make_cast()`` builds the same where a fixture cannot (``real_database``). Nobody has a password; ``give_password``.
"""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from motcua.org.models import (
    NOT_KNOWN_EARLIER,
    TWO_TIER_DAY,
    Assignment,
    Duty,
    Succession,
    SuccessionKind,
    Unit,
    UnitKind,
    UnitPlace,
    User,
)

# One day in each world.
OLD_DAY = dt.date(2023, 6, 1)
NEW_DAY = dt.date(2025, 8, 4)
LAST_OLD_DAY = dt.date(2025, 6, 30)
PASSWORD = "mot-cua-2023-cau-ke"

_OLD, _NEW = (NOT_KNOWN_EARLIER, LAST_OLD_DAY), (TWO_TIER_DAY, None)
# code, first and last day, parent's (code, first day), kind, name, short code
_TREE: list[tuple[str, tuple[dt.date, dt.date | None], tuple[str, dt.date] | None, UnitKind, str, str]] = [
    ("01", (NOT_KNOWN_EARLIER, None), None, UnitKind.CITY, "Thành phố Hà Nội", ""),
    ("84", _OLD, None, UnitKind.PROVINCE, "Tỉnh Trà Vinh", "TRAVINH"),
    ("86", _OLD, None, UnitKind.PROVINCE, "Tỉnh Vĩnh Long", ""),
    ("86", _NEW, None, UnitKind.PROVINCE, "Tỉnh Vĩnh Long", "VINHLONG"),
    ("845", _OLD, ("84", NOT_KNOWN_EARLIER), UnitKind.DISTRICT, "Huyện Cầu Kè", "CAUKE"),
    ("847", _OLD, ("84", NOT_KNOWN_EARLIER), UnitKind.DISTRICT, "Huyện Châu Thành", "CHAUTHANH"),
    ("845-TP", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.OFFICE, "Phòng Tư pháp", "CAUKE-TP"),
    ("845-TC", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.OFFICE, "Phòng Tài chính - Kế hoạch", "CAUKE-TC"),
    ("29308", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.TOWN, "Thị trấn Cầu Kè", ""),
    ("29311", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.COMMUNE, "Xã Hòa Ân", ""),
    ("29317", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.COMMUNE, "Xã An Phú Tân", ""),
    ("29320", _OLD, ("845", NOT_KNOWN_EARLIER), UnitKind.COMMUNE, "Xã Hòa Tân", ""),
    ("29374", _OLD, ("847", NOT_KNOWN_EARLIER), UnitKind.TOWN, "Thị trấn Châu Thành", ""),
    ("29308", _NEW, ("86", TWO_TIER_DAY), UnitKind.COMMUNE, "Xã Cầu Kè", "XACAUKE"),
    ("29317", _NEW, ("86", TWO_TIER_DAY), UnitKind.COMMUNE, "Xã An Phú Tân", "XAANPHUTAN"),
    ("29374", _NEW, ("86", TWO_TIER_DAY), UnitKind.COMMUNE, "Xã Châu Thành", ""),
    ("29308-TTPVHCC", _NEW, ("29308", TWO_TIER_DAY), UnitKind.POINT, "Trung tâm Phục vụ hành chính công", ""),
]
# old code, new code, kind, by territory; the offices go with their district
_SUCCESSIONS = [
    ("84", "86", SuccessionKind.WHOLE, False),
    ("86", "86", SuccessionKind.WHOLE, False),
    ("29308", "29308", SuccessionKind.WHOLE, False),
    ("29311", "29308", SuccessionKind.WHOLE, False),
    ("29317", "29317", SuccessionKind.WHOLE, False),
    ("29320", "29317", SuccessionKind.WHOLE, False),
    ("29374", "29374", SuccessionKind.WHOLE, False),
    ("845", "29308", SuccessionKind.DEFAULT, True),
    ("845-TP", "29308", SuccessionKind.DEFAULT, True),
    ("845-TC", "29308", SuccessionKind.DEFAULT, True),
]
_NAMES = {
    Duty.RECEIVE: "Lâm Thị Mận",
    Duty.HAND_OVER: "Kim Ngọc Quýt",
    Duty.HANDLE: "Thạch Văn Ổi",
    Duty.HEAD: "Trần Thị Bưởi",
    Duty.CHAIR: "Nguyễn Văn Xoài",
    Duty.DIRECTOR: "Lê Hoàng Dừa",
    Duty.CLERK: "Phạm Thị Chanh",
    Duty.CASHIER: "Sơn Thị Cam",
    Duty.DIGITISE: "Huỳnh Văn Nhãn",
    Duty.REFORM: "Võ Thị Me",
    Duty.CONTROL: "Đặng Văn Mít",
    Duty.APPRAISE: "Bùi Thị Na",
    Duty.HOTLINE: "Ngô Thị Sim",
    Duty.POSTMAN: "Hồ Văn Táo",
    Duty.INSPECT: "Dương Văn Vải",
    Duty.ADMIN: "Đỗ Thị Khế",
}


@dataclass
class Cast:
    """The people and the units."""

    units: dict[tuple[str, dt.date], Unit] = field(default_factory=dict)
    by_duty: dict[Duty, User] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def unit(self, code: str, day: dt.date = OLD_DAY) -> Unit:
        """The unit of that code alive on a day (by default in 2023)."""
        for (known, start), unit in self.units.items():
            if known == code and start <= day and (unit.valid_to is None or unit.valid_to >= day):
                return unit
        raise KeyError((code, day))

    owner = property(lambda self: self.people["owner"])
    colleague = property(lambda self: self.people["colleague"])
    other = property(lambda self: self.people["other"])
    stranger = property(lambda self: self.people["stranger"])
    above = property(lambda self: self.people["above"])
    receiver = property(lambda self: self.by_duty[Duty.RECEIVE])
    chair = property(lambda self: self.by_duty[Duty.CHAIR])
    admin = property(lambda self: self.by_duty[Duty.ADMIN])
    # before 01/7/2025
    tra_vinh = property(lambda self: self.unit("84"))
    cauke = property(lambda self: self.unit("845"))
    chau_thanh = property(lambda self: self.unit("847"))
    justice = property(lambda self: self.unit("845-TP"))
    finance = property(lambda self: self.unit("845-TC"))
    # since
    vinh_long = property(lambda self: self.unit("86", NEW_DAY))
    xa_cau_ke = property(lambda self: self.unit("29308", NEW_DAY))
    xa_an_phu_tan = property(lambda self: self.unit("29317", NEW_DAY))


def make_cast() -> Cast:
    """Build the whole cast in the current database; about fifteen statements."""
    cast = Cast()
    _build_tree(cast)
    _hire(cast)
    return cast


def give_password(user: User) -> str:
    """Let a member of the cast sign in; returns the password."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return PASSWORD


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast, in a database that is rolled back after the test."""
    return make_cast()


def _build_tree(cast: Cast) -> None:
    rows = [
        Unit(code=code, name=name, kind=kind, short_code=short, valid_from=first, valid_to=last)
        for code, (first, last), _, kind, name, short in _TREE
    ]
    for unit in Unit.objects.bulk_create(rows):
        cast.units[unit.code, unit.valid_from] = unit
    paths: dict[int, str] = {}
    places = []
    for code, (first, last), above, *_ in _TREE:
        unit, parent = cast.units[code, first], cast.units[above] if above else None
        paths[unit.pk] = f"{paths[parent.pk] if parent else '/'}{unit.pk}/"
        places.append(UnitPlace(unit=unit, parent=parent, path=paths[unit.pk], valid_from=first, valid_to=last))
    UnitPlace.objects.bulk_create(places)
    Succession.objects.bulk_create(
        Succession(
            old=cast.units[old, NOT_KNOWN_EARLIER],
            new=cast.units[new, TWO_TIER_DAY],
            day=TWO_TIER_DAY,
            kind=kind,
            by_territory=by_territory,
        )
        for old, new, kind, by_territory in _SUCCESSIONS
    )


def _hire(cast: Cast) -> None:
    named = [(duty.value, name, cast.cauke) for duty, name in _NAMES.items()] + [
        ("owner", "Thạch Thị Ngọc Sen", cast.justice),
        ("colleague", "Kim Văn Súng", cast.justice),
        ("other", "Lý Văn Tràm", cast.chau_thanh),
        ("stranger", "Cao Thị Lạc", cast.unit("01")),
        ("above", "Phan Văn Đước", cast.tra_vinh),
    ]
    rows = [User(username=login, full_name=name, home=home, password="!") for login, name, home in named]
    cast.people = {user.username: user for user in User.objects.bulk_create(rows)}
    cast.by_duty = {duty: cast.people[duty.value] for duty in _NAMES}
    posts: list[tuple[str, Duty, Unit]] = []
    for duty in _NAMES:
        posts += [(duty.value, duty, cast.cauke), (duty.value, duty, cast.xa_cau_ke)]
        posts += [("other", duty, cast.chau_thanh), ("other", duty, cast.xa_an_phu_tan)]
        posts += [("above", duty, cast.tra_vinh), ("above", duty, cast.vinh_long)]
    for login in ("owner", "colleague"):
        posts += [(login, Duty.HANDLE, cast.justice), (login, Duty.HANDLE, cast.xa_cau_ke)]
    Assignment.objects.bulk_create(
        Assignment(user=cast.people[login], duty=duty, unit=unit, valid_from=unit.valid_from, valid_to=unit.valid_to)
        for login, duty, unit in posts
    )
