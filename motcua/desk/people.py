"""What the accounts pages ask: accounts, their duties and the record of changes, within an administrator's units."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from motcua.core import text
from motcua.core.errors import NotFound
from motcua.org.models import AccessChange, Assignment, Delegation, Duty, Unit, User
from motcua.org.queries import Scope, alive_on, among, in_order

# What the record of changes calls each act.
WORDS = {
    "create_account": "Tạo tài khoản",
    "change_account": "Sửa thông tin",
    "block_account": "Khóa tài khoản",
    "unblock_account": "Mở khóa tài khoản",
    "reset_password": "Cấp mật khẩu tạm",
    "set_password": "Đổi mật khẩu",
    "reset_second_factor": "Đặt lại xác thực hai bước",
    "grant_duty": "Giao nhiệm vụ",
    "end_duty": "Kết thúc nhiệm vụ",
    "take_back_duty": "Rút lại nhiệm vụ",
    "carry_duty": "Chuyển nhiệm vụ sang đơn vị kế thừa",
    "carry_delegation": "Chuyển ủy quyền sang đơn vị kế thừa",
    "delegate": "Ủy quyền",
    "revoke_delegation": "Thu hồi ủy quyền",
    "grant_signing": "Giao thẩm quyền ký",
    "end_signing": "Kết thúc thẩm quyền ký",
    "create_client": "Tạo hệ thống kết nối",
    "renew_token": "Cấp mã truy cập",
    "set_pace": "Đổi số lần gọi mỗi phút",
    "revoke_client": "Thu hồi hệ thống kết nối",
}


@dataclass
class Person:
    """One line of the list of accounts."""

    pk: int
    username: str
    full_name: str
    title: str
    home: str
    active: bool
    last_login: dt.datetime | None
    duties: list[Assignment] = field(default_factory=list)

    @property
    def by_name(self) -> tuple[str, str]:
        """Vietnamese order of people: by given name, then by the whole name."""
        return by_given_name(self.full_name)


def by_given_name(full_name: str) -> tuple[str, str]:
    """The key people are listed by: the given name stands last and counts first."""
    words = full_name.split()
    return text.sort_key(words[-1] if words else ""), text.sort_key(full_name)


def _visible(scope: Scope) -> Q:
    """Accounts at home in the scope, or with a duty there, past ones too: their record stays in reach."""
    if scope.everything:
        return Q()
    there = Assignment.objects.filter(among("unit", scope.unit_ids), user=OuterRef("pk"))
    return among("home", scope.unit_ids) | Q(Exists(there))


def people(scope: Scope, day: dt.date, *, words: str = "", duty: str = "", state: str = "") -> list[Person]:
    """The accounts within ``scope``, by given name; one statement. ``words`` finds "duc" in "Đức".

    Names are compared here and not in SQL: there are some hundred of them, and SQLite knows no Vietnamese.
    """
    found = User.objects.filter(_visible(scope))
    if state:
        found = found.filter(is_active=state == "open")
    if duty:
        held = Assignment.objects.filter(alive_on(day), among("unit", scope.unit_ids), user=OuterRef("pk"), duty=duty)
        found = found.filter(Exists(held))
    rows = found.values_list("pk", "username", "full_name", "title", "home__name", "is_active", "last_login")
    lines = [
        Person(pk, name, full, title, home or "", active, seen) for pk, name, full, title, home, active, seen in rows
    ]
    wanted = text.fold(words).split()
    lines = [line for line in lines if all(w in text.fold(f"{line.full_name} {line.username}") for w in wanted)]
    return sorted(lines, key=lambda line: line.by_name)


def add_duties(lines: Iterable[Person], scope: Scope, day: dt.date) -> None:
    """Give each line its duties of the day within ``scope``. One statement."""
    by_id = {line.pk: line for line in lines}
    held = Assignment.objects.filter(alive_on(day), user__in=list(by_id)).select_related("unit")
    order = list(Duty)
    for assignment in sorted(scope.filter(held), key=lambda a: (a.unit.name, order.index(Duty(a.duty)))):
        by_id[assignment.user_id].duties.append(assignment)


def person(scope: Scope, user_id: int) -> User:
    """One account within ``scope``, with ``second_factor`` telling whether it has an authenticator. One statement."""
    totp = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    found = (
        User.objects.filter(_visible(scope), pk=user_id)
        .select_related("home")
        .annotate(second_factor=Exists(totp))
        .first()
    )
    if found is None:
        raise NotFound("Không có tài khoản này trong các đơn vị bạn quản trị.")
    return found


def assignments(scope: Scope, user: User) -> list[Assignment]:
    """The duties of a person within ``scope``, running and coming ones first, then past ones. One statement."""
    found = scope.filter(Assignment.objects.filter(user=user)).select_related("unit", "granted_by")
    order = list(Duty)
    return sorted(found, key=lambda a: (a.unit.name, a.unit_id, order.index(Duty(a.duty)), a.valid_from))


def assignment(scope: Scope, assignment_id: int) -> Assignment:
    """One assignment within ``scope``. One statement."""
    found = scope.filter(Assignment.objects.filter(pk=assignment_id)).select_related("unit", "user").first()
    if found is None:
        raise NotFound("Không có phân công này trong các đơn vị bạn quản trị.")
    return found


def delegations(user: User, scope: Scope | None = None) -> list[Delegation]:
    """What a person delegated or was delegated, newest first; within ``scope``, or all for the person's own page."""
    found = Delegation.objects.filter(Q(from_user=user) | Q(to_user=user))
    if scope is not None:
        found = scope.filter(found)
    return list(found.select_related("from_user", "to_user", "unit").order_by("-valid_from", "-pk"))


def delegation(scope: Scope, delegation_id: int, *, giver: User | None = None) -> Delegation:
    """One delegation within ``scope``, or given by ``giver``. One statement."""
    found = Delegation.objects.filter(pk=delegation_id).select_related("from_user", "to_user", "unit").first()
    if found is None or not (scope.contains(found.unit_id) or (giver and found.from_user_id == giver.pk)):
        raise NotFound("Không có ủy quyền này trong phạm vi của bạn.")
    return found


def changes(scope: Scope, *, what: str = "", user: User | None = None) -> QuerySet[AccessChange]:
    """The record of changes at the units of ``scope``. One statement when read."""
    found = scope.filter(AccessChange.objects.all()).select_related("actor", "subject", "unit")
    if what:
        found = found.filter(what=what)
    if user is not None:
        found = found.filter(subject=user)
    return found.order_by("-at", "-pk")


def units(scope: Scope, day: dt.date) -> list[Unit]:
    """The units of ``scope`` alive on a day, by name. One statement."""
    return in_order(scope.filter(Unit.objects.filter(alive_on(day)), "pk"))


def colleagues(scope: Scope, day: dt.date, me: User) -> list[User]:
    """Active people with a duty at the units of ``scope`` on a day, without oneself; by given name. One statement."""
    there = scope.filter(Assignment.objects.filter(alive_on(day), user=OuterRef("pk")))
    found = User.objects.filter(Exists(there), is_active=True).exclude(pk=me.pk)
    return sorted(found, key=lambda user: by_given_name(user.full_name))
