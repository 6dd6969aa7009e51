"""Signing in and out, the lock after wrong passwords, the locked screen, and what was typed under it."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from motcua.core import clock
from motcua.desk import kept
from tests.desk.crew import PASSWORD

MORNING = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def sign_in(client, user, password=PASSWORD, **more):
    return client.post("/dang-nhap/", {"login": user.username, "password": password, **more})


def at(minutes):
    return clock.at(MORNING + dt.timedelta(minutes=minutes))


def test_the_right_password_opens_the_desk_under_a_new_session_key(crew):
    client = Client()
    client.get("/dang-nhap/")
    session = client.session
    session["before"] = 1
    session.save()
    before = client.cookies["sessionid"].value if "sessionid" in client.cookies else client.session.session_key
    response = sign_in(client, crew.clerk)
    assert response.status_code == 302
    assert client.cookies["sessionid"].value != before
    assert client.get("/toi/").status_code == 200


def test_user_names_are_typed_as_people_like(crew):
    assert sign_in(Client(), crew.clerk).status_code == 302
    response = Client().post("/dang-nhap/", {"login": "  LAN.TN ", "password": PASSWORD})
    assert response.status_code == 302


def test_a_wrong_password_is_told_at_the_form_and_keeps_the_name(crew):
    response = sign_in(Client(), crew.clerk, "sai mật khẩu")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Sai tên đăng nhập hoặc mật khẩu" in page
    assert 'value="lan.tn"' in page
    assert "sai mật khẩu" not in page


def test_a_blocked_account_and_an_unknown_one_are_told_the_same(crew):
    crew.clerk.is_active = False
    crew.clerk.save()
    blocked = sign_in(Client(), crew.clerk).content.decode()
    unknown = Client().post("/dang-nhap/", {"login": "ai.do", "password": PASSWORD}).content.decode()
    told = re.compile(r'<div class="error-summary.*?</div>', re.S)
    assert told.search(blocked)[0] == told.search(unknown)[0]


def test_blocking_ends_the_sessions_of_the_account(crew, signed_in):
    client = signed_in(crew.clerk)
    assert client.get("/toi/").status_code == 200
    crew.clerk.is_active = False
    crew.clerk.save()
    assert client.get("/toi/").status_code == 302


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(crew):
    client = Client()
    for _ in range(4):
        assert sign_in(client, crew.clerk, "sai").status_code == 200
    fifth = sign_in(client, crew.clerk, "sai")
    assert fifth.status_code == 429
    assert "Đã nhập sai mật khẩu 5 lần liền" in fifth.content.decode()
    assert "còn 15 phút" in fifth.content.decode()
    # Not even the right one opens it now, from any machine; others are not touched.
    assert sign_in(Client(REMOTE_ADDR="10.9.8.7"), crew.clerk).status_code == 429
    assert sign_in(Client(), crew.chair).status_code == 302
    # Trying on meanwhile does not lengthen the wait; after it the right one opens.
    from axes.models import AccessAttempt

    AccessAttempt.objects.update(attempt_time=clock.now() - dt.timedelta(minutes=15, seconds=1))
    assert sign_in(Client(), crew.clerk).status_code == 302


def test_signing_in_leads_back_to_the_page_asked_for_and_never_to_another_site(crew):
    first = Client().get("/toi/?a=1")
    assert first["Location"] == "/dang-nhap/?next=%2Ftoi%2F%3Fa%3D1"
    assert sign_in(Client(), crew.clerk, next="/toi/?a=1")["Location"] == "/toi/?a=1"
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        assert sign_in(Client(), crew.clerk, next=evil)["Location"] == "/", evil


def test_signing_out_is_a_post_and_forgets_everything(crew, signed_in):
    client = signed_in(crew.clerk)
    assert client.get("/dang-xuat/").status_code == 405
    assert client.get("/toi/").status_code == 200
    client.post("/dang-xuat/")
    assert client.get("/toi/").status_code == 302


def test_there_is_no_sign_up_no_reset_by_mail_and_no_admin_site():
    for path in ("/accounts/signup/", "/accounts/password/reset/", "/signup/", "/admin/", "/dang-ky/"):
        assert Client().get(path).status_code == 404, path


# ---- the locked screen ----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(crew):
    """The clerk at work since eight in the morning."""
    client = Client()
    with at(0):
        sign_in(client, crew.clerk)
    return client


def test_a_quarter_of_an_hour_without_a_sign_of_life_locks_the_screen(desk):
    with at(14):
        assert desk.get("/toi/").status_code == 200
    with at(28):
        assert desk.get("/toi/").status_code == 200
    with at(43):
        locked = desk.get("/toi/?a=1")
        assert locked.status_code == 403
        page = locked.content.decode()
        assert "Màn hình đang khóa" in page
        assert "Thạch Thị Lan" in page
        assert 'value="/toi/?a=1"' in page
        assert "top-nav" not in page
    with at(44):  # coming back does not count as being there
        assert desk.get("/toi/").status_code == 403


def test_only_the_persons_own_password_unlocks_and_the_session_key_changes(desk, crew):
    with at(20):
        wrong = desk.post("/mo-khoa/", {"password": "sai", "next": "/toi/"})
        assert wrong.status_code == 422
        assert "Mật khẩu chưa đúng" in wrong.content.decode()
        assert desk.get("/toi/").status_code == 403
        before = desk.cookies["sessionid"].value
        right = desk.post("/mo-khoa/", {"password": PASSWORD, "next": "/toi/?a=1"})
        assert right["Location"] == "/toi/?a=1"
        assert desk.cookies["sessionid"].value != before
        assert desk.get("/toi/").status_code == 200
        assert desk.post("/mo-khoa/", {"password": PASSWORD, "next": "https://evil.example/"})["Location"] == "/"


def test_guessing_at_the_lock_counts_like_guessing_at_the_door(desk, crew):
    script = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
    with at(20):
        for _ in range(4):
            assert desk.post("/mo-khoa/", {"password": "sai"}, **script).status_code == 422
        fifth = desk.post("/mo-khoa/", {"password": "sai"}, **script)
        assert fifth.status_code == 429
        assert "5 lần liền" in fifth.json()["message"]
        assert desk.post("/mo-khoa/", {"password": PASSWORD}, **script).status_code == 429


def test_a_right_password_at_the_lock_forgives_the_wrong_ones_before(desk):
    with at(20):
        for _ in range(3):
            for _ in range(3):
                desk.post("/mo-khoa/", {"password": "sai"})
            assert desk.post("/mo-khoa/", {"password": PASSWORD}).status_code == 302
            desk.post("/khoa/")


def test_scripts_are_told_that_the_screen_is_locked(desk):
    with at(20):
        for headers in ({"HTTP_HX_REQUEST": "true"}, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}):
            answer = desk.get("/toi/", **headers)
            assert answer.status_code == 401
            assert answer["Motcua-Session"] == "locked"
    answer = Client().get("/toi/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer["Motcua-Session"]) == (401, "ended")


def test_the_screen_can_be_locked_by_hand_and_a_sign_of_life_does_not_unlock_it(desk):
    with at(1):
        assert desk.post("/con-day/").status_code == 204
        desk.post("/khoa/", {"next": "/toi/"})
        assert desk.get("/toi/").status_code == 403
        assert desk.post("/con-day/", HTTP_X_REQUESTED_WITH="XMLHttpRequest").status_code == 401
        assert desk.get("/toi/").status_code == 403


def test_a_form_sent_after_the_lock_waits_for_its_writer(desk):
    typed = {
        "note": "Bổ sung bản sao giấy chứng nhận",
        "tick": ["1", "2"],
        "old_password": "bí mật",
        "request_key": "k1",
    }
    with at(20):
        locked = desk.post("/toi/?a=1", typed)
        assert locked.status_code == 403
        page = locked.content.decode()
        assert "giữ lại" in page
        # The screen is locked: what was typed is not in the page, and not in the clear in the session.
        assert "giấy chứng nhận" not in page
        assert "Bổ sung" not in str(dict(desk.session))
        unlocked = desk.post("/mo-khoa/", {"password": PASSWORD, "next": "/con-giu/"})
        back = desk.get(unlocked["Location"]).content.decode()
        assert 'action="/toi/?a=1"' in back
        assert '<input type="hidden" name="note" value="Bổ sung bản sao giấy chứng nhận">' in back
        assert back.count('name="tick"') == 2
        assert 'name="request_key" value="k1"' in back
        assert "bí mật" not in back
        # Dropping it leads back to the page it came from, and it is gone.
        assert desk.post("/con-giu/", {"back": "1"})["Location"] == "/toi/?a=1"
        assert desk.get("/con-giu/")["Location"] == "/"


def test_a_form_sent_after_the_session_ended_waits_for_its_writer_alone(desk, crew):
    desk.cookies.pop("sessionid")  # the browser was closed over night, the form's page was not
    assert desk.post("/toi/", {"note": "viết dở"}).status_code == 302
    other = sign_in(desk, crew.chair)
    assert other["Location"] != "/con-giu/"
    assert "viết dở" not in desk.get("/con-giu/", follow=True).content.decode()

    again = Client()
    sign_in(again, crew.clerk)
    again.cookies.pop("sessionid")
    again.post("/toi/", {"note": "viết dở"})
    response = sign_in(again, crew.clerk)
    assert response["Location"] == "/con-giu/"
    assert "viết dở" in again.get("/con-giu/").content.decode()


def test_a_strangers_browser_keeps_nothing(db):
    client = Client()
    client.post("/toi/", {"note": "x" * 1000})
    assert "kept" not in client.session
    client.cookies[kept.WHO_COOKIE] = "1:forged"
    client.post("/toi/", {"note": "x"})
    assert "kept" not in client.session


# ---- safe by default ------------------------------------------------------------------------------------------------


def test_pages_send_the_headers_that_keep_others_out(crew, signed_in):
    response = signed_in(crew.clerk).get("/toi/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cache-Control"] == "private, no-cache"


def test_no_page_has_a_script_or_style_of_its_own(crew, signed_in):
    pages = [Client().get("/dang-nhap/"), signed_in(crew.clerk).get("/toi/"), Client().get("/khong-co/")]
    for page in pages:
        html = page.content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html), page
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)


def test_forms_without_our_token_are_refused_in_words(crew):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/dang-nhap/", {"login": "lan.tn", "password": PASSWORD})
    assert response.status_code == 403
    assert "Biểu mẫu đã cũ" in response.content.decode()


def test_passwords_are_hashed_with_argon2(crew, settings):
    from motcua.config import settings as product

    assert product.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert crew.clerk.password.startswith("argon2")


def test_unknown_pages_are_told_in_the_frame(crew, signed_in):
    response = signed_in(crew.clerk).get("/khong-co/")
    assert response.status_code == 404
    assert "Không tìm thấy trang" in response.content.decode()
    assert "top-nav" in response.content.decode()
    assert "top-nav" not in Client().get("/khong-co/").content.decode()


def test_names_stand_at_home():
    assert reverse("account_login") == settings.LOGIN_URL
