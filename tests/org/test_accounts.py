"""Accounts: who may create, change, block them and give passwords; and the record that cannot be rewritten."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed
from motcua.core.triggers import missing_triggers
from motcua.org import actions, queries
from motcua.org.models import AccessChange, Assignment, Duty, User
from motcua.org.queries import SYSTEM, Scope
from tests.support.cast import OLD_DAY, Cast, give_password
from tests.support.sql import max_queries


@pytest.fixture(autouse=True)
def _in_2023() -> Iterator[None]:
    with clock.at(clock.local_moment(OLD_DAY)):
        yield


def create(cast: Cast, actor: User | Scope, **changes: Any) -> User:
    given: dict[str, Any] = {
        "actor": actor,
        "home": cast.justice,
        "username": "son.thi.buoi",
        "full_name": "Sơn Thị Bưởi",
        "email": "buoi@example.vn",
        "phone": "0294 3 834 000",
    }
    return actions.create_account(**given | changes)


def changes(what: str) -> list[AccessChange]:
    return list(AccessChange.objects.filter(what=what).order_by("pk"))


def test_an_administrator_creates_an_account_that_can_do_nothing_yet(cast: Cast) -> None:
    user = create(cast, cast.admin, full_name="  Sơn  Thị Bưởi ", username=" Son.Thi.Buoi ")
    user.refresh_from_db()
    assert (user.username, user.full_name, user.home) == ("son.thi.buoi", "Sơn Thị Bưởi", cast.justice)
    assert not user.has_usable_password()
    assert user.must_change_password
    assert queries.duties(user, OLD_DAY) == []
    (line,) = changes("create_account")
    assert (line.actor, line.subject, line.unit, line.detail) == (cast.admin, user, cast.justice, {})
    assert line.at == clock.now()


def test_only_an_administrator_of_the_unit_or_above_creates_accounts(cast: Cast) -> None:
    for actor in (cast.receiver, cast.chair, cast.other, cast.stranger, cast.owner):
        with pytest.raises(NotAllowed):
            create(cast, actor)
    blocked = cast.admin
    blocked.is_active = False
    with pytest.raises(NotAllowed):
        create(cast, blocked)
    with pytest.raises(NotAllowed):
        actions.create_account(actor=None, home=cast.justice, username="abc", full_name="A")  # type: ignore[arg-type]
    assert not User.objects.filter(username="son.thi.buoi").exists()
    assert create(cast, cast.above).home == cast.justice
    assert create(cast, SYSTEM, username="may.tinh").home == cast.justice
    assert [c.actor for c in changes("create_account")] == [cast.above, None]


def test_a_scope_that_is_not_the_system_is_nobody(cast: Cast) -> None:
    forged = Scope(None, OLD_DAY, frozenset({cast.justice.pk}), everything=True)
    with pytest.raises(NotAllowed):
        create(cast, forged)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "Sơn Bưởi"}, "username"),
        ({"username": "ab"}, "username"),
        ({"username": "-abc"}, "username"),
        ({"username": "a" * 61}, "username"),
        ({"username": "аdmin1"}, "username"),  # the first letter is Cyrillic
        ({"username": "receive"}, "username"),  # taken
        ({"username": "RECEIVE"}, "username"),
        ({"full_name": " \u200b "}, "full_name"),
        ({"full_name": "Â" * 121}, "full_name"),
        ({"title": "x" * 121}, "title"),
        ({"email": "không phải thư"}, "email"),
        ({"phone": "gọi tôi"}, "phone"),
        ({"phone": "1" * 21}, "phone"),
    ],
)
def test_bad_input_names_its_field_and_creates_nothing(cast: Cast, given: dict[str, str], field: str) -> None:
    before = User.objects.count()
    with pytest.raises(Invalid) as error:
        create(cast, cast.admin, **given)
    assert error.value.field == field
    assert User.objects.count() == before
    assert not AccessChange.objects.exists()


def test_markup_in_a_name_is_kept_as_text(cast: Cast) -> None:
    assert create(cast, cast.admin, full_name="<b>Bưởi</b>").full_name == "<b>Bưởi</b>"


def test_repeating_the_request_creates_one_account(cast: Cast) -> None:
    first = create(cast, cast.admin, request_key="form-1")
    assert create(cast, cast.admin, request_key="form-1") == first
    assert len(changes("create_account")) == 1
    with pytest.raises(Conflict):
        create(cast, cast.admin, request_key="form-1", username="khac")


def test_a_change_keeps_which_fields_not_their_values(cast: Cast) -> None:
    actions.change_account(actor=cast.admin, user=cast.owner, phone="0909 000 111", title="Chuyên viên")
    (line,) = changes("change_account")
    assert line.detail == {"fields": "title, phone"}
    assert "0909" not in str(line.detail)
    actions.change_account(actor=cast.admin, user=cast.owner, title="Chuyên viên")  # nothing new
    assert len(changes("change_account")) == 1
    cast.owner.refresh_from_db()
    assert (cast.owner.phone, cast.owner.full_name) == ("0909 000 111", "Thạch Thị Ngọc Sen")


def test_a_new_home_must_be_the_administrators_too(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.change_account(actor=cast.admin, user=cast.owner, home=cast.chau_thanh)
    actions.change_account(actor=cast.above, user=cast.owner, home=cast.chau_thanh)
    cast.owner.refresh_from_db()
    assert cast.owner.home == cast.chau_thanh


def test_who_also_serves_elsewhere_is_beyond_the_administrator_of_one_place(cast: Cast) -> None:
    """Who resets a password can sign in as that person: one duty at the province puts the account out of reach."""
    actions.reset_password(actor=cast.admin, user=cast.owner)
    Assignment.objects.create(user=cast.owner, unit=cast.tra_vinh, duty=Duty.CHAIR, valid_from=OLD_DAY)
    for act in (actions.reset_password, actions.unblock_account):
        with pytest.raises(NotAllowed):
            act(actor=cast.admin, user=cast.owner)
    with pytest.raises(NotAllowed):
        actions.block_account(actor=cast.admin, user=cast.owner, reason="x")
    actions.reset_password(actor=cast.above, user=cast.owner)


def test_who_holds_a_delegation_from_above_is_beyond_too(cast: Cast) -> None:
    actions.delegate(
        actor=cast.above,
        from_user=cast.above,
        to_user=cast.owner,
        unit=cast.tra_vinh,
        duty=Duty.CHAIR,
        valid_from=OLD_DAY,
        valid_to=OLD_DAY,
        basis="Giấy ủy quyền 02",
    )
    with pytest.raises(NotAllowed):
        actions.reset_password(actor=cast.admin, user=cast.owner)


def test_an_account_without_home_and_duties_belongs_to_the_machine(cast: Cast) -> None:
    bare = User.objects.create_user("khong.noi")
    with pytest.raises(NotAllowed):
        actions.reset_password(actor=cast.above, user=bare)
    assert actions.reset_password(actor=SYSTEM, user=bare)


def test_blocking_stops_a_person_and_unblocking_gives_all_back(cast: Cast) -> None:
    actions.block_account(actor=cast.admin, user=cast.owner, reason="nghỉ việc theo QĐ 12")
    cast.owner.refresh_from_db()
    assert not cast.owner.is_active
    assert queries.scope(cast.owner, None, OLD_DAY).unit_ids == frozenset()
    (line,) = changes("block_account")
    assert line.detail == {"reason": "nghỉ việc theo QĐ 12"}
    with pytest.raises(IllegalAct):
        actions.block_account(actor=cast.admin, user=cast.owner, reason="lần nữa")
    actions.unblock_account(actor=cast.admin, user=cast.owner)
    cast.owner.refresh_from_db()
    assert queries.holds(cast.owner, Duty.HANDLE, cast.justice, OLD_DAY)
    with pytest.raises(IllegalAct):
        actions.unblock_account(actor=cast.admin, user=cast.owner)


def test_nobody_blocks_himself_and_a_reason_is_needed(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="tự khóa"):
        actions.block_account(actor=cast.admin, user=cast.admin, reason="x")
    with pytest.raises(Invalid, match="lý do"):
        actions.block_account(actor=cast.admin, user=cast.owner, reason="  ")
    assert User.objects.filter(is_active=False).count() == 0
    assert not AccessChange.objects.exists()


def test_a_temporary_password_signs_in_once_and_must_be_changed(cast: Cast) -> None:
    temporary = actions.reset_password(actor=cast.admin, user=cast.owner, request_key="reset-1")
    owner = User.objects.get(pk=cast.owner.pk)
    assert owner.check_password(temporary)
    assert owner.must_change_password
    assert temporary not in str(list(AccessChange.objects.values()))
    # told once; the same request again neither tells nor changes it
    assert actions.reset_password(actor=cast.admin, user=cast.owner, request_key="reset-1") is None
    assert User.objects.get(pk=owner.pk).check_password(temporary)
    assert actions.reset_password(actor=cast.admin, user=cast.owner) != temporary
    assert len(changes("reset_password")) == 2


def test_an_own_password_needs_the_old_one_and_must_be_good(cast: Cast) -> None:
    old = give_password(cast.owner)

    def change(**given: Any) -> User:
        return actions.set_password(
            **{"actor": cast.owner, "user": cast.owner, "old": old, "new": "Khác-hẳn-2023"} | given
        )

    for given, field in (
        ({"old": "sai"}, "old"),
        ({"old": None}, "old"),
        ({"new": old}, "new"),
        ({"new": "ngắn1"}, "new"),
        ({"new": "1234567890123"}, "new"),
        ({"new": "password123"}, "new"),
    ):
        with pytest.raises(Invalid) as error:
            change(**given)
        assert error.value.field == field
    with pytest.raises(NotAllowed):
        change(actor=cast.admin)
    assert User.objects.get(pk=cast.owner.pk).check_password(old)
    assert not AccessChange.objects.exists()
    change()
    assert User.objects.get(pk=cast.owner.pk).check_password("Khác-hẳn-2023")
    assert len(changes("set_password")) == 1


def test_the_record_of_access_cannot_be_rewritten(cast: Cast) -> None:
    actions.reset_password(actor=cast.admin, user=cast.owner)
    line = AccessChange.objects.get()
    tamper: list[Callable[[], Any]] = [
        lambda: AccessChange.objects.update(what="nothing"),
        lambda: AccessChange.objects.filter(pk=line.pk).delete(),
        lambda: raw(f"DELETE FROM org_accesschange WHERE id = {line.pk}"),
    ]
    if connection.vendor == "sqlite":
        columns = "id, at, actor_id, subject_id, unit_id, what, detail"
        tamper.append(
            lambda: raw(f"INSERT OR REPLACE INTO org_accesschange ({columns}) SELECT {columns} FROM org_accesschange")
        )
    else:
        # what waits for the end of the transaction would stop it before the trigger does
        tamper.append(lambda: raw("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE org_accesschange"))
    for act in tamper:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    assert AccessChange.objects.get().what == "reset_password"
    assert missing_triggers(connection, ["org_accesschange"]) == []


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_pages_ask_for_people_and_the_record_within_their_scope(cast: Cast) -> None:
    actions.reset_password(actor=cast.admin, user=cast.owner)
    actions.reset_password(actor=cast.above, user=cast.other)
    mine = queries.scope(cast.admin, Duty.ADMIN, OLD_DAY)
    with max_queries(2):
        found = list(queries.people(mine, OLD_DAY))
        duties = {u.username: [(a.duty, a.unit.name) for a in u.current] for u in found}
    assert set(duties) == {duty.value for duty in Duty} | {"owner", "colleague"}
    assert duties["owner"] == [("handle", "Phòng Tư pháp"), ("handle", "Xã Cầu Kè")]
    with max_queries(1):
        assert [c.subject for c in queries.access_changes(mine)] == [cast.owner]
    assert queries.access_changes(mine, cast.other).count() == 0
    everything = queries.access_changes(SYSTEM)
    assert [c.subject for c in everything] == [cast.other, cast.owner]
    assert list(queries.people(queries.scope(cast.stranger, Duty.ADMIN, OLD_DAY), OLD_DAY)) == []


def test_an_act_on_an_account_costs_few_statements(cast: Cast) -> None:
    for act in (
        lambda: create(cast, cast.admin, request_key="k"),
        lambda: actions.change_account(actor=cast.admin, user=cast.owner, title="Chuyên viên"),
        lambda: actions.block_account(actor=cast.admin, user=cast.owner, reason="nghỉ"),
        lambda: actions.unblock_account(actor=cast.admin, user=cast.owner),
        lambda: actions.reset_password(actor=cast.admin, user=cast.owner),
    ):
        with max_queries(12):
            act()


def test_every_refusal_is_a_sentence_of_ours(cast: Cast) -> None:
    with pytest.raises(MotcuaError) as error:
        create(cast, cast.receiver)
    assert error.value.message == "Bạn không có nhiệm vụ Quản trị hệ thống tại Phòng Tư pháp."
