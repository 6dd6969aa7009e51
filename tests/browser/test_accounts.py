"""At the screen: an administrator creates an account, gives it a duty and blocks it; a page on a telephone."""

import pytest

from motcua.org.models import User
from tests.desk.crew import make_crew

pytestmark = pytest.mark.browser


@pytest.fixture
def crew(real_database):
    return make_crew()


@pytest.fixture
def site_env():
    # The second factor has its own test; without it this one can open the session through the door.
    return {"MOTCUA_DEMO": "1"}


def enter(page, site, user):
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill("cá lóc nướng trui")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def test_an_account_from_its_creation_to_its_block(crew, page, site, axe):
    enter(page, site, crew.admin)
    page.wait_for_url("**/quan-tri/tai-khoan/")
    axe(page)
    page.get_by_role("link", name="Tạo tài khoản").click()
    page.get_by_label("Họ và tên").fill("Sơn Thị Đức")
    page.get_by_label("Tên đăng nhập").fill("Lan.TN")
    page.get_by_label("Đơn vị công tác").select_option(label="Xã Cầu Kè")
    page.get_by_role("button", name="Tạo tài khoản").click()
    # The error has the focus, leads to its field, and nothing typed is lost.
    summary = page.locator(".error-summary")
    summary.wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    axe(page)
    summary.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "id_username"
    assert page.get_by_label("Họ và tên").input_value() == "Sơn Thị Đức"
    page.get_by_label("Tên đăng nhập").fill("duc.st")
    page.get_by_role("button", name="Tạo tài khoản").click()

    password = page.locator(".one-time").inner_text()
    axe(page)
    assert User.objects.get(username="duc.st").check_password(password)
    page.get_by_role("link", name="Giao nhiệm vụ").first.click()
    page.get_by_label("Nhiệm vụ").select_option(label="Tiếp nhận")
    page.get_by_label("Đến hết ngày").fill("32/13/2026")
    page.get_by_role("button", name="Giao nhiệm vụ").click()
    page.get_by_text("Gõ theo mẫu 05/06/2023").first.wait_for()
    page.get_by_label("Đến hết ngày").fill("")
    page.get_by_role("button", name="Giao nhiệm vụ").click()
    page.get_by_text("Đã giao nhiệm vụ Tiếp nhận tại Xã Cầu Kè.").wait_for()

    page.get_by_text("Khóa tài khoản").first.click()
    page.get_by_label("Lý do").fill("Nhập nhầm")
    page.get_by_role("button", name="Khóa tài khoản").click()
    page.get_by_text("Đã khóa tài khoản.").wait_for()
    axe(page)
    page.goto("/quan-tri/nhat-ky/")
    axe(page)
    assert "lý do: Nhập nhầm" in page.locator("main").inner_text()


def test_leaving_a_half_filled_form_is_asked_about(crew, page, site):
    enter(page, site, crew.admin)
    page.goto("/quan-tri/tai-khoan/moi/")
    page.get_by_label("Họ và tên").press_sequentially("Sơn")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".top-menu > summary").click()
    page.get_by_role("link", name="Trang của tôi").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.get_by_label("Họ và tên").input_value() == "Sơn"


def test_shortcuts_and_the_skip_link(crew, page, site, axe):
    enter(page, site, crew.admin)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    dialog.wait_for()
    axe(page)
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "tim"
    page.keyboard.type("? g t")  # in a field these are letters
    assert page.locator("[name=tim]").input_value() == "? g t"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/toi/")


@pytest.mark.parametrize("path", ["/quan-tri/tai-khoan/", "/quan-tri/tai-khoan/{}/", "/quan-tri/nhat-ky/", "/toi/"])
def test_no_page_is_wider_than_a_telephone(crew, page, site, axe, path):
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, site, crew.admin)
    page.goto(path.format(crew.clerk.pk))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    axe(page)
    page.locator("details.top-menu > summary").click()
    assert page.locator(".top-menu").get_by_role("link", name="Tài khoản").is_visible()
    axe(page)
