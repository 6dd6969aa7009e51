"""Systems that connect: who makes them, what their tokens are, and how they end; on the page and by command."""

import datetime as dt
import hashlib
import io

import pytest
from django.core.management import call_command

from motcua.api import clients
from motcua.api.models import ApiClient
from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed, NotFound
from motcua.org.models import AccessChange, Assignment, Duty, User
from motcua.org.queries import SYSTEM
from tests.api.conftest import Machine, connect


def given(cast, **more):
    today = clock.today()
    return {
        "actor": cast.admin,
        "name": "Hệ thống một cửa của tỉnh",
        "unit": cast.xa_cau_ke,
        "duties": [Duty.RECEIVE, Duty.HANDLE],
        "valid_from": today,
        "valid_to": today + dt.timedelta(days=30),
        **more,
    }


def test_an_administrator_makes_one(cast):
    made = clients.create_client(**given(cast, basis="QĐ 12"))
    token = clients.renew_token(actor=cast.admin, client=made)
    made.refresh_from_db()
    assert token.startswith("motcua_")
    assert len(token) > 45
    # Only its digest is kept, anywhere.
    assert made.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token[-4:] == made.token_hint
    assert clients.owner_of(token) == made
    held = Assignment.objects.filter(user=made.user)
    assert {(a.duty, a.unit, a.valid_to) for a in held} == {
        (duty, cast.xa_cau_ke, made.valid_to) for duty in ("receive", "handle")
    }
    assert not made.user.has_usable_password()
    told = AccessChange.objects.filter(subject=made.user).values_list("what", "actor")
    assert sorted(told) == sorted(
        [("create_client", cast.admin.pk), *[("grant_duty", cast.admin.pk)] * 2, ("renew_token", cast.admin.pk)]
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"duties": []}, "duties"),
        ({"duties": [Duty.ADMIN]}, "duties"),
        ({"duties": [Duty.RECEIVE, Duty.CHAIR]}, "duties"),
        ({"name": "  "}, "full_name"),
        ({"name": "x" * 121}, "full_name"),
        ({"valid_to": dt.date(2020, 1, 1)}, "valid_to"),
        ({"valid_from": dt.date(2020, 1, 1), "valid_to": dt.date(2020, 2, 1)}, "valid_to"),
        ({"valid_to": dt.date(2099, 1, 1)}, "valid_to"),
    ],
)
def test_what_is_refused(more, field, cast):
    with pytest.raises(Invalid) as refusal:
        clients.create_client(**given(cast, **more))
    assert refusal.value.field == field
    assert not ApiClient.objects.exists()
    assert not User.objects.filter(username__startswith="api:").exists()


def test_only_an_administrator_of_the_units(cast):
    for actor in (cast.receiver, cast.other):
        with pytest.raises(NotAllowed):
            clients.create_client(**given(cast, actor=actor))
    with pytest.raises(NotAllowed):
        clients.create_client(**given(cast, units=[cast.xa_an_phu_tan]))
    made = clients.create_client(**given(cast))
    for act in (
        lambda actor: clients.renew_token(actor=actor, client=made),
        lambda actor: clients.revoke_client(actor=actor, client=made, reason="x"),
    ):
        with pytest.raises(NotAllowed):
            act(cast.other)
    with pytest.raises(NotFound):
        clients.client(clients.Scope(cast.other.pk, clock.today(), frozenset({cast.xa_an_phu_tan.pk})), made.pk)


def test_a_new_token_ends_the_old_one_and_a_revoked_client_gets_none(cast):
    machine = connect(cast.xa_cau_ke)
    token = clients.renew_token(actor=SYSTEM, client=machine.client)
    machine.refused(machine.get("/me"), 401)
    assert Machine(token).get("/me").status_code == 200
    with pytest.raises(Invalid):
        clients.revoke_client(actor=SYSTEM, client=machine.client, reason=" ")
    clients.revoke_client(actor=SYSTEM, client=machine.client, reason="Lộ mã")
    for act in (
        lambda: clients.renew_token(actor=SYSTEM, client=machine.client),
        lambda: clients.revoke_client(actor=SYSTEM, client=machine.client, reason="x"),
    ):
        with pytest.raises(IllegalAct):
            act()
    assert Machine(token).get("/me").status_code == 401


def test_the_same_request_tells_the_token_once(cast):
    made = clients.create_client(**given(cast))
    token = clients.renew_token(actor=cast.admin, client=made, request_key="k")
    assert clients.renew_token(actor=cast.admin, client=made, request_key="k") is None
    assert clients.owner_of(token) == made


class TestThePage:
    @pytest.fixture
    def desk(self, cast, signed_in):
        return signed_in(cast.admin)

    def form(self, desk, **more):
        page = desk.get("/quan-tri/ket-noi/moi/")
        return {
            "request_key": page.context["form"]["request_key"].value(),
            "name": "Cổng dịch vụ công",
            "unit": "29308",
            "duties": ["receive"],
            "valid_from": f"{clock.today():%d/%m/%Y}",
            "valid_to": f"{clock.today():%d/%m/%Y}",
            "requests_a_minute": "600",
            **more,
        }

    def test_made_shown_once_and_used(self, desk):
        done = desk.post("/quan-tri/ket-noi/moi/", self.form(desk))
        assert done.status_code == 302
        page = desk.get(done["Location"]).content.decode()
        token = page.split('class="one-time">')[1].split("<")[0]
        assert Machine(token).get("/me").json()["name"] == "Cổng dịch vụ công"
        assert token not in desk.get(done["Location"]).content.decode()
        listed = desk.get("/quan-tri/ket-noi/").content.decode()
        assert "Cổng dịch vụ công" in listed
        assert "Đang dùng được" in listed

    def test_a_double_click_makes_one(self, desk):
        form = self.form(desk)
        for _ in range(2):
            assert desk.post("/quan-tri/ket-noi/moi/", form).status_code == 302
        assert ApiClient.objects.count() == 1

    def test_what_was_typed_stays(self, desk):
        page = desk.post("/quan-tri/ket-noi/moi/", self.form(desk, duties=[], name="Tên đã gõ"))
        assert page.status_code == 400
        assert "Tên đã gõ" in page.content.decode()

    def test_renewed_and_revoked(self, desk, cast):
        machine = connect(cast.xa_cau_ke)
        at = f"/quan-tri/ket-noi/{machine.client.pk}/"
        desk.post(f"{at}ma-moi/")
        token = desk.get(at).content.decode().split('class="one-time">')[1].split("<")[0]
        assert machine.get("/me").status_code == 401
        assert Machine(token).get("/me").status_code == 200
        desk.post(f"{at}thu-hoi/", {"reason": "Lộ mã"})
        assert Machine(token).get("/me").status_code == 401
        page = desk.get(at).content.decode()
        assert "Đã thu hồi" in page
        assert "Cấp mã mới" not in page


class TestTheCommand:
    def run(self, *arguments):
        out = io.StringIO()
        call_command("api_client", *arguments, stdout=out)
        return out.getvalue()

    def test_its_whole_life(self, cast):
        until = f"{clock.today() + dt.timedelta(days=9)}"
        said = self.run("--new", "Phần mềm hộ tịch", "--unit", "29308", "--duty", "receive", "--until", until)
        token = said.strip().splitlines()[-1]
        assert Machine(token).get("/me").json()["unit"] == "29308"
        number = ApiClient.objects.get().pk
        assert f"{number}  Phần mềm hộ tịch" in self.run()
        renewed = self.run("--renew", number, "--pace", "90").strip().splitlines()[-1]
        assert ApiClient.objects.get().requests_a_minute == 90
        assert Machine(token).get("/me").status_code == 401
        self.run("--revoke", number, "--reason", "Thôi kết nối")
        assert Machine(renewed).get("/me").status_code == 401
        assert "đã thu hồi" in self.run()

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--new", "X"],
            ["--new", "X", "--unit", "29308", "--duty", "admin", "--until", "2099-01-01"],
            ["--new", "X", "--unit", "29308", "--duty", "receive", "--until", "mai"],
            ["--new", "X", "--unit", "0", "--duty", "receive", "--until", "2099-01-01"],
            ["--revoke", "1"],
            ["--renew", "77"],
            ["--new", "X", "--unit", "29308", "--duty", "receive", "--until", "2026-12-31", "--pace", "0"],
        ],
    )
    def test_bad_input_changes_nothing(self, arguments, cast):
        with pytest.raises((Invalid, NotFound)):
            self.run(*arguments)
        assert not ApiClient.objects.exists()
