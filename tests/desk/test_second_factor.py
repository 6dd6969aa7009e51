"""TOTP: forced on leaders and administrators outside demo mode, asked at every sign-in, and nobody gets round it."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from motcua.org.models import Assignment, Duty
from tests.desk.crew import PASSWORD, SINCE


@pytest.fixture(autouse=True)
def _no_codes_remembered(db):
    cache.clear()


def sign_in(client, user):
    return client.post("/dang-nhap/", {"login": user.username, "password": PASSWORD})


def code(secret, periods=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


def set_up(client):
    """Go through the set-up page; the secret and the recovery codes."""
    page = client.get("/xac-thuc-hai-buoc/").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert "data:image/svg+xml;base64," in page
    response = client.post("/xac-thuc-hai-buoc/", {"code": code(secret)})
    assert response["Location"] == "/xac-thuc-hai-buoc/ma-du-phong/"
    codes = re.findall(r"<li><code>(\d+)</code>", client.get(response["Location"]).content.decode())
    return secret, codes


EVERY_PAGE = [
    "/",
    "/toi/",
    "/toi/uy-quyen/",
    "/quan-tri/tai-khoan/",
    "/quan-tri/nhat-ky/",
    "/doi-mat-khau/",
    "/con-giu/",
]


@pytest.mark.parametrize("who", ["admin", "chair"])
def test_leaders_and_administrators_set_it_up_before_anything_else(crew, who):
    client = Client()
    sign_in(client, getattr(crew, who))
    for path in EVERY_PAGE:
        assert client.get(path)["Location"] == "/xac-thuc-hai-buoc/", path
        assert client.post(path)["Location"] == "/xac-thuc-hai-buoc/", path
    assert client.get("/xac-thuc-hai-buoc/ma-du-phong/").status_code == 302
    htmx = client.get("/toi/", HTTP_HX_REQUEST="true")
    assert (htmx.status_code, htmx["HX-Redirect"]) == (204, "/xac-thuc-hai-buoc/")
    # No navigation is drawn round the set-up page, nor round a page that does not exist.
    assert "top-nav" not in client.get("/xac-thuc-hai-buoc/").content.decode()
    assert "top-nav" not in client.get("/khong-co/").content.decode()
    before = client.cookies["sessionid"].value
    _, codes = set_up(client)
    assert len(codes) == 10
    assert client.cookies["sessionid"].value != before
    assert client.get("/toi/").status_code == 200


def test_others_need_none(crew):
    client = Client()
    sign_in(client, crew.clerk)
    assert client.get("/toi/").status_code == 200


def test_in_the_demo_nobody_needs_one(crew, settings):
    settings.DEMO = True
    client = Client()
    sign_in(client, crew.chair)
    assert client.get("/toi/").status_code == 200


def test_who_becomes_a_leader_needs_it_at_once(crew):
    client = Client()
    sign_in(client, crew.clerk)
    assert client.get("/toi/").status_code == 200
    Assignment.objects.create(user=crew.clerk, unit=crew.here, duty=Duty.DIRECTOR, valid_from=SINCE)
    assert client.get("/toi/")["Location"] == "/xac-thuc-hai-buoc/"


def test_a_wrong_code_does_not_set_it_up_and_the_secret_stays(crew):
    client = Client()
    sign_in(client, crew.chair)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get("/xac-thuc-hai-buoc/").content.decode())[1]
    wrong = client.post("/xac-thuc-hai-buoc/", {"code": "000000"})
    assert "Mã không đúng" in wrong.content.decode()
    assert secret in wrong.content.decode()
    assert not Authenticator.objects.exists()


def test_the_code_is_asked_at_every_sign_in_and_works_once(crew):
    first = Client()
    sign_in(first, crew.chair)
    secret, _ = set_up(first)

    client = Client()
    assert sign_in(client, crew.chair)["Location"] == "/dang-nhap/ma-xac-thuc/"
    for path in EVERY_PAGE:
        assert client.get(path)["Location"].startswith("/dang-nhap/"), path
    assert client.post("/dang-nhap/ma-xac-thuc/", {"code": "000000"}).status_code == 200
    used = code(secret, 1)
    assert client.post("/dang-nhap/ma-xac-thuc/", {"code": used})["Location"] == "/"
    assert client.get("/toi/").status_code == 200

    # Not again, not even after the half minute allauth remembers it for.
    cache.delete_many([f"allauth.mfa.totp.used?user={crew.chair.pk}&code={used}"])
    again = Client()
    sign_in(again, crew.chair)
    assert "Mã không đúng" in again.post("/dang-nhap/ma-xac-thuc/", {"code": used}).content.decode()


def test_a_recovery_code_works_once(crew):
    first = Client()
    sign_in(first, crew.chair)
    _, codes = set_up(first)
    for expected in (302, 200):
        client = Client()
        sign_in(client, crew.chair)
        assert client.post("/dang-nhap/ma-xac-thuc/", {"code": codes[0]}).status_code == expected


def test_recovery_codes_are_shown_once(crew):
    client = Client()
    sign_in(client, crew.chair)
    set_up(client)
    assert client.get("/xac-thuc-hai-buoc/ma-du-phong/").status_code == 302


def test_guessing_codes_is_stopped_after_five(crew):
    first = Client()
    sign_in(first, crew.chair)
    secret, _ = set_up(first)
    for _ in range(2):  # a new sign-in brings no new guesses
        client = Client()
        sign_in(client, crew.chair)
        for _ in range(3):
            client.post("/dang-nhap/ma-xac-thuc/", {"code": "000000"})
    page = client.post("/dang-nhap/ma-xac-thuc/", {"code": code(secret, 1)}).content.decode()
    assert "Nhập sai quá 5 lần" in page
    assert client.get("/toi/").status_code == 302


def test_an_older_session_without_the_code_must_sign_in_anew(crew):
    old, new = Client(), Client()
    sign_in(old, crew.chair)
    sign_in(new, crew.chair)
    set_up(new)
    assert old.get("/xac-thuc-hai-buoc/")["Location"] == "/dang-nhap/"
    assert old.get("/toi/")["Location"].startswith("/dang-nhap/")


def test_the_secret_is_sealed_in_the_database(crew):
    client = Client()
    sign_in(client, crew.chair)
    secret, codes = set_up(client)
    stored = " ".join(str(a.data) for a in Authenticator.objects.all())
    assert secret not in stored
    assert not any(c in stored for c in codes)


def test_the_lock_does_not_replace_the_code(crew):
    """Unlocking by password goes on with a session that has given its code, and never makes one of it."""
    client = Client()
    sign_in(client, crew.chair)
    client.post("/khoa/")
    client.post("/mo-khoa/", {"password": PASSWORD})
    assert client.get("/toi/")["Location"] == "/xac-thuc-hai-buoc/"


def test_a_lost_telephone_is_reset_by_another_administrator(crew, signed_in):
    client = Client()
    sign_in(client, crew.chair)
    set_up(client)
    admin = signed_in(crew.admin)
    assert "Đặt lại xác thực hai bước" in admin.get(f"/quan-tri/tai-khoan/{crew.chair.pk}/").content.decode()
    admin.post(f"/quan-tri/tai-khoan/{crew.chair.pk}/xac-thuc/")
    assert not Authenticator.objects.filter(user=crew.chair).exists()
    fresh = Client()
    sign_in(fresh, crew.chair)
    assert fresh.get("/toi/")["Location"] == "/xac-thuc-hai-buoc/"
    # never one's own
    assert "chính mình" in admin.post(f"/quan-tri/tai-khoan/{crew.admin.pk}/xac-thuc/", follow=True).content.decode()
