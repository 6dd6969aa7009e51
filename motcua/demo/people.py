"""The demo's officials and their accounts: teams that resolve dossiers, and one login per duty at xã Cầu Kè.

All invented, all marked. Whoever serves today signs in with the demo's common password; officials of units that have
ended are blocked and have none.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.hashers import make_password

from motcua.core.text import fold
from motcua.demo.catalogue import FIRST_DAY, LAST_OLD_DAY
from motcua.demo.names import Names
from motcua.demo.units import NEW_OFFICES, ONE_PERSON, Units
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act
from motcua.org import actions as org_actions
from motcua.org.models import TWO_TIER_DAY, Assignment, Duty, Unit, User
from motcua.org.queries import SYSTEM

_ORDER = list(Duty)
# What one login per duty is called.
LOGINS = {
    Duty.RECEIVE: ("tiepnhan", "Công chức tiếp nhận"),
    Duty.HAND_OVER: ("traketqua", "Công chức trả kết quả"),
    Duty.HANDLE: ("xuly", "Công chức xử lý hồ sơ"),
    Duty.HEAD: ("truongphong", "Trưởng phòng"),
    Duty.CHAIR: ("chutich", "Chủ tịch UBND xã"),
    Duty.DIRECTOR: ("giamdoc", "Giám đốc Trung tâm Phục vụ hành chính công"),
    Duty.CLERK: ("vanthu", "Văn thư"),
    Duty.CASHIER: ("thuphi", "Công chức thu phí, lệ phí"),
    Duty.DIGITISE: ("sohoa", "Nhân viên số hóa"),
    Duty.REFORM: ("cchc", "Đầu mối cải cách hành chính"),
    Duty.CONTROL: ("kstthc", "Đầu mối kiểm soát TTHC"),
    Duty.APPRAISE: ("thamdinh", "Công chức thẩm định"),
    Duty.HOTLINE: ("tongdai", "Nhân viên tổng đài"),
    Duty.POSTMAN: ("buuchinh", "Nhân viên bưu chính"),
    Duty.INSPECT: ("kiemtra", "Công chức kiểm tra"),
    Duty.ADMIN: ("quantri", "Quản trị hệ thống"),
}


@dataclass(slots=True)
class Worker:
    """An official in one unit; ``room`` is where the dossiers he holds lie."""

    user: User
    unit: Unit
    duties: tuple[Duty, ...]
    room: Unit

    def duty(self, act: Act) -> str:
        """The duty in which he does an act, as the verbs would say: the first in the order of duties."""
        return str(next(d for d in sorted(self.duties, key=_ORDER.index) if d in DUTIES[act]))


@dataclass(slots=True)
class Team:
    """Who works for one competent unit, and where its dossiers are received."""

    unit: Unit
    desk: Unit
    receivers: list[Worker] = field(default_factory=list)
    handlers: list[Worker] = field(default_factory=list)
    leaders: list[Worker] = field(default_factory=list)
    clerks: list[Worker] = field(default_factory=list)
    givers: list[Worker] = field(default_factory=list)
    # one person does it all
    alone: bool = False

    def approver(self, but: Worker, rng: random.Random) -> Worker | None:
        """A leader other than the one who asks."""
        found = [w for w in self.leaders if w.user is not but.user and set(w.duties) & LEADER_DUTIES]
        return rng.choice(found) if found else None


@dataclass(slots=True)
class Staff:
    """Teams by the id of the competent unit."""

    offices: dict[str, Team]
    communes: dict[int, Team]
    successors: dict[int, Team]


class Hiring:
    """Collects accounts and duties, then writes them in a few statements."""

    def __init__(self, names: Names, rng: random.Random):
        self.names, self.random = names, rng
        self.users: list[User] = []
        self.posts: list[tuple[User, Unit, Duty]] = []
        self._taken: set[str] = set()
        self._password = make_password(settings.DEMO_PASSWORD)

    def hire(
        self, unit: Unit, duties: Sequence[Duty], title: str, *, room: Unit | None = None, login: str = ""
    ) -> Worker:
        """A new official who holds the duties at ``unit``."""
        person = self.names.person(born_from=1966, born_to=1998)
        current = unit.valid_to is None
        user = User(
            username=self._free(login or _login(person.name, unit)),
            full_name=person.name,
            title=title,
            phone=person.phone,
            home=room or unit,
            is_demo=True,
            is_active=current,
            password=self._password if current else make_password(None),
        )
        self.users.append(user)
        self.posts += [(user, unit, duty) for duty in duties]
        return Worker(user, unit, tuple(duties), room or unit)

    def _free(self, login: str) -> str:
        name, n = login, 1
        while name in self._taken:
            n += 1
            name = f"{login}{n}"
        self._taken.add(name)
        return name

    def write(self) -> None:
        """Accounts first, so that ids stand; then duties in the order they were given."""
        User.objects.bulk_create(self.users, batch_size=200)
        Assignment.objects.bulk_create(
            [
                Assignment(
                    user=user,
                    unit=unit,
                    duty=duty,
                    valid_from=FIRST_DAY if unit.valid_to else TWO_TIER_DAY,
                    valid_to=LAST_OLD_DAY if unit.valid_to else None,
                    basis="Quyết định phân công (minh họa)",
                )
                for user, unit, duty in self.posts
            ],
            batch_size=400,
        )


def _login(name: str, unit: Unit) -> str:
    words = fold(name).split()
    place = re.sub(r"[^a-z0-9]", "", fold(unit.short_code or unit.code))
    return f"{words[-1]}.{''.join(w[0] for w in words[:-1])}.{place}"


def hire_all(units: Units, names: Names, rng: random.Random) -> Staff:
    """Everybody; the logins of xã Cầu Kè come first, as the sign-in page offers the first of each duty."""
    hiring = Hiring(names, rng)
    first = units.successors[0]
    desk_room = units.rooms[first.pk]["TTPVHCC"]
    logins = {
        duty: hiring.hire(first, [duty], title, room=_room_of(duty, units, first), login=login)
        for duty, (login, title) in LOGINS.items()
    }
    hiring.hire(units.province, [Duty.REFORM], "Đầu mối CCHC tỉnh Vĩnh Long (chỉ xem)", login="cchc.vinhlong")
    hiring.hire(units.province, [Duty.ADMIN], "Quản trị hệ thống tỉnh Vĩnh Long", login="quantri.vinhlong")
    successors: dict[int, Team] = {}
    for unit in units.successors:
        if unit.code == ONE_PERSON:
            successors[unit.pk] = _alone(hiring, unit)
            continue
        team = _new_commune(hiring, unit, units.rooms[unit.pk])
        if unit is first:
            team.receivers.insert(0, logins[Duty.RECEIVE])
            team.handlers.insert(0, logins[Duty.HANDLE])
            team.leaders[:0] = [logins[Duty.CHAIR], logins[Duty.HEAD]]
            team.clerks.insert(0, logins[Duty.CLERK])
            team.givers.insert(0, logins[Duty.HAND_OVER])
            team.leaders.append(logins[Duty.DIRECTOR])
            assert logins[Duty.RECEIVE].room is desk_room
        successors[unit.pk] = team
    offices = _district(hiring, units)
    communes = {unit.pk: _old_commune(hiring, unit) for unit in units.communes}
    hiring.write()
    for team in successors.values():
        if team.alone:
            worker = team.receivers[0]
            org_actions.grant_all_duties(
                actor=SYSTEM,
                user=worker.user,
                unit=team.unit,
                valid_from=TWO_TIER_DAY,
                basis="Quyết định giao kiêm nhiệm (minh họa)",
            )
    return Staff(offices, communes, successors)


def _room_of(duty: Duty, units: Units, unit: Unit) -> Unit:
    rooms = units.rooms[unit.pk]
    desk = (Duty.RECEIVE, Duty.HAND_OVER, Duty.CASHIER, Duty.DIGITISE, Duty.DIRECTOR, Duty.HOTLINE, Duty.POSTMAN)
    if duty in desk:
        return rooms["TTPVHCC"]
    return rooms["VHXH"] if duty in (Duty.HANDLE, Duty.HEAD, Duty.APPRAISE) else rooms["VP"]


def _new_commune(hiring: Hiring, unit: Unit, rooms: dict[str, Unit]) -> Team:
    desk = rooms["TTPVHCC"]
    team = Team(unit, unit)
    both = [Duty.RECEIVE, Duty.HAND_OVER]
    team.receivers = [hiring.hire(unit, both, "Công chức một cửa", room=desk) for _ in range(2)]
    team.givers = list(team.receivers)
    for key in ("KT", "VHXH"):
        name = NEW_OFFICES[key][0]
        team.handlers += [
            hiring.hire(unit, [Duty.HANDLE], f"Chuyên viên {name}", room=rooms[key])
            for _ in range(3 if key == "KT" else 2)
        ]
        team.leaders.append(hiring.hire(unit, [Duty.HEAD], f"Trưởng {name}", room=rooms[key]))
    team.leaders.insert(0, hiring.hire(unit, [Duty.CHAIR], "Phó Chủ tịch UBND xã", room=rooms["VP"]))
    team.clerks = [hiring.hire(unit, [Duty.CLERK], "Văn thư", room=rooms["VP"])]
    return team


def _alone(hiring: Hiring, unit: Unit) -> Team:
    """One-person mode: who receives also handles, signs for the office and hands over; the chairman is beside him."""
    person = hiring.hire(unit, [], "Công chức kiêm nhiệm", login="kiemnhiem")
    worker = Worker(person.user, unit, org_actions.ONE_PERSON_DUTIES, unit)
    chair = hiring.hire(unit, [Duty.CHAIR], "Chủ tịch UBND xã")
    return Team(unit, unit, [worker], [worker], [chair], [worker], [worker], alone=True)


def _district(hiring: Hiring, units: Units) -> dict[str, Team]:
    district = units.district
    both = [Duty.RECEIVE, Duty.HAND_OVER]
    receivers = [hiring.hire(district, both, "Công chức một cửa", room=district) for _ in range(4)]
    clerks = [hiring.hire(district, [Duty.CLERK], "Văn thư", room=units.offices["VP"]) for _ in range(2)]
    hiring.hire(district, [Duty.REFORM], "Đầu mối CCHC huyện", room=units.offices["NV"])
    chairs = [hiring.hire(district, [Duty.CHAIR], "Lãnh đạo UBND huyện", room=units.offices["VP"]) for _ in range(3)]
    for key in ("VP", "DT"):
        hiring.hire(units.offices[key], [Duty.HEAD], f"Trưởng {units.offices[key].name}")
    teams = {}
    for key, office in units.resolving.items():
        name = office.name
        head = "Chánh Thanh tra" if key == "TT" else f"Trưởng {name}"
        team = Team(office, district, receivers=receivers, clerks=clerks, givers=receivers)
        team.leaders = [
            hiring.hire(office, [Duty.HEAD], head),
            hiring.hire(office, [Duty.HEAD], f"Phó trưởng {name}" if key != "TT" else "Phó Chánh Thanh tra"),
            *chairs,
        ]
        many = 4 if key in ("TNMT", "TCKH", "TP") else 2
        team.handlers = [hiring.hire(office, [Duty.HANDLE], "Chuyên viên") for _ in range(many)]
        teams[key] = team
    return teams


def _old_commune(hiring: Hiring, unit: Unit) -> Team:
    team = Team(unit, unit)
    both = [Duty.RECEIVE, Duty.HAND_OVER]
    team.receivers = [hiring.hire(unit, both, "Công chức một cửa") for _ in range(2)]
    team.givers = team.receivers
    titles = ("Công chức tư pháp - hộ tịch", "Công chức địa chính", "Công chức văn hóa - xã hội")
    team.handlers = [hiring.hire(unit, [Duty.HANDLE], title) for title in titles]
    team.leaders = [hiring.hire(unit, [Duty.CHAIR], title) for title in ("Chủ tịch UBND", "Phó Chủ tịch UBND")]
    team.clerks = [hiring.hire(unit, [Duty.CLERK], "Văn thư")]
    return team
