"""At the screen: finding a dossier by keyboard from any page, a person's page, a reason from above, the log."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache

from motcua.org.models import Duty
from motcua.parties.models import AccessView, Party
from tests.browser.test_dossier_story import enter
from tests.desk.filing import received, usable
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(real_database):
    made = make_cast()
    usable(made)
    for user in (made.receiver, made.above, made.by_duty[Duty.INSPECT]):
        give_password(user)
    cache.clear()
    return made


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


def look(page, axe, name):
    """Accessible, and within a telephone's width; a picture of both where ``MOTCUA_PICTURES`` names a folder."""
    axe(page)
    folder = os.environ.get("MOTCUA_PICTURES")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if folder:
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
        if width == 360:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{name} is wider than a telephone"


def test_a_dossier_is_found_by_keyboard_and_every_reading_is_seen_by_the_inspector(cast, page, axe):
    first, second = received(cast), received(cast)
    Party.objects.filter(pk=first.applicant_id).update(id_kind="cccd", id_number="084195000001")
    enter(page, cast.receiver)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("son mau")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim/**")
    assert page.locator("main tbody tr").count() == 2
    assert "0******001" in page.locator("main tbody").inner_text()
    look(page, axe, "search")

    page.keyboard.press("/")
    page.keyboard.type(f"https://mot-cua.example/ho-so/ma/?ma={first.code}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ho-so/{first.pk}/")
    page.get_by_role("link", name="Sơn Văn Mẫu").first.click()
    page.wait_for_url("**/chu-ho-so/**")
    look(page, axe, "person")
    page.get_by_role("link", name="Gộp bản ghi trùng").click()
    page.get_by_label("Lý do").fill("Một người")
    page.get_by_role("radio").first.check()
    look(page, axe, "merge")
    page.get_by_role("button", name="Gộp bản ghi trùng").click()
    page.wait_for_url("**/chu-ho-so/*/")
    assert second.code in page.locator("main").inner_text()

    page.context.clear_cookies()
    enter(page, cast.above)
    page.goto(f"/ho-so/{first.pk}/")
    assert "Lý do xem" in page.locator("h1").inner_text()
    look(page, axe, "reason")
    page.get_by_label("Kiểm tra theo kế hoạch").check()
    page.get_by_role("button", name="Ghi lý do và xem").click()
    page.wait_for_url(f"**/ho-so/{first.pk}/")
    assert page.locator("h1").inner_text() == first.code

    page.context.clear_cookies()
    enter(page, cast.by_duty[Duty.INSPECT])
    page.goto("/nhat-ky-truy-cap/")
    assert "Kiểm tra theo kế hoạch" in page.locator("main tbody").inner_text()
    look(page, axe, "log")
    assert AccessView.objects.filter(user=cast.above, dossier=first.pk).exclude(reason="").count() == 2
