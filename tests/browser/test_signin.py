"""At the screen: signing in, the lock, the second factor; what was typed stays."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.desk.crew import PASSWORD, make_crew

pytestmark = pytest.mark.browser


@pytest.fixture
def crew(real_database):
    return make_crew()


def inside(page):
    """Wait until the door is behind: whose home page it is depends on the duties."""
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)


def sign_in(page, user, password=PASSWORD):
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill(password)
    page.keyboard.press("Enter")


def test_signing_in_by_keyboard_and_out(crew, page, axe):
    page.goto("/toi/")
    assert page.evaluate("document.activeElement.id") == "id_login"
    axe(page)
    page.keyboard.type(crew.clerk.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi/")
    axe(page)
    page.get_by_text("Thạch Thị Lan").first.click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap/")
    page.go_back()
    page.wait_for_url("**/dang-nhap/**")


def test_wrong_passwords_are_told_with_focus_and_lock_after_five(crew, page, axe):
    for _ in range(4):
        sign_in(page, crew.clerk, "sai")
        page.locator(".error-summary").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    axe(page)
    sign_in(page, crew.clerk, "sai")
    page.get_by_role("heading", name="Tạm dừng đăng nhập").wait_for()
    assert "còn 15 phút" in page.get_by_role("alert").inner_text()
    axe(page)


def test_the_idle_lock_keeps_what_was_typed(crew, page, axe):
    page.clock.install()
    sign_in(page, crew.clerk)
    inside(page)
    page.goto("/toi/uy-quyen/")
    page.get_by_label("Văn bản ủy quyền").fill("TB 12/TB-UBND ngày 05/6")
    page.get_by_label("Đến hết ngày").focus()

    page.clock.fast_forward("14:00")
    assert not page.locator("#lock").is_visible()
    page.clock.fast_forward("01:10")
    lock = page.locator("#lock")
    lock.wait_for()
    assert page.get_by_text("Văn bản ủy quyền").is_hidden()
    assert page.evaluate("document.activeElement.id") == "lock-password"
    axe(page)
    # The server knows, too.
    page.wait_for_timeout(300)
    assert page.request.get("/toi/").status == 403
    # No way round it.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    lock.wait_for()  # the browser closes what is told twice to; it is opened again at once
    lock.get_by_label("Mật khẩu").fill("sai")
    page.keyboard.press("Enter")
    page.get_by_text("Mật khẩu chưa đúng.").wait_for()
    lock.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    lock.wait_for(state="hidden")

    assert page.get_by_label("Văn bản ủy quyền").input_value() == "TB 12/TB-UBND ngày 05/6"
    assert page.evaluate("document.activeElement.id") == "id_valid_to"
    assert page.request.get("/toi/").status == 200
    # And the form can still be sent: its token was not changed by unlocking.
    page.get_by_role("button", name="Ủy quyền").click()
    page.locator(".error-summary").wait_for()
    assert page.get_by_label("Văn bản ủy quyền").input_value() == "TB 12/TB-UBND ngày 05/6"


def test_typing_keeps_the_screen_open_here_and_on_the_server(crew, page):
    page.clock.install()
    sign_in(page, crew.clerk)
    inside(page)
    page.goto("/toi/uy-quyen/")
    field = page.get_by_label("Văn bản ủy quyền")
    for minute in range(0, 40, 10):
        page.clock.fast_forward("10:00")
        with page.expect_response("**/con-day/") as answer:
            field.press_sequentially(f"{minute} ")
        assert answer.value.status == 204
    assert not page.locator("#lock").is_visible()


def test_a_session_that_ended_is_taken_up_again_without_losing_the_form(crew, page):
    sign_in(page, crew.clerk)
    inside(page)
    page.goto("/toi/uy-quyen/")
    page.get_by_label("Văn bản ủy quyền").fill("viết dở")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Ủy quyền").click()
    page.wait_for_url("**/dang-nhap/**")
    page.get_by_label("Tên đăng nhập").fill(crew.clerk.username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Nội dung đã nhập vẫn còn").wait_for()
    page.get_by_role("button", name="Gửi tiếp").click()
    page.locator(".error-summary").wait_for()
    assert page.get_by_label("Văn bản ủy quyền").input_value() == "viết dở"


def test_a_leader_sets_up_the_second_factor_and_gives_it_at_the_next_sign_in(crew, page, axe):
    sign_in(page, crew.chair)
    page.wait_for_url("**/xac-thuc-hai-buoc/")
    axe(page)
    page.goto("/toi/")
    page.wait_for_url("**/xac-thuc-hai-buoc/")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    secret = page.locator(".secret").inner_text().replace(" ", "")

    def code(later=0):
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))

    page.get_by_label("Mã trên điện thoại").fill(code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/ma-du-phong/")
    assert len(re.findall(r"\d{8}", page.locator(".codes").inner_text())) == 10
    axe(page)
    page.get_by_role("button", name="Đã cất mã").click()
    page.wait_for_url(lambda url: "xac-thuc" not in url)

    page.get_by_text("Nguyễn Thị Hoa").first.click()
    page.get_by_role("button", name="Đăng xuất").click()
    sign_in(page, crew.chair)
    page.wait_for_url("**/ma-xac-thuc/")
    axe(page)
    page.get_by_label("Mã xác thực").fill(code(1))
    page.keyboard.press("Enter")
    inside(page)


class TestDemo:
    """In a demo the door offers one invented person for each duty."""

    @pytest.fixture
    def site_env(self):
        return {"MOTCUA_DEMO": "1"}

    def test_one_click_signs_a_demo_person_in(self, crew, page, axe):
        from django.conf import settings

        for user in (crew.clerk, crew.chair):
            user.is_demo = True
            user.set_password(settings.DEMO_PASSWORD)
            user.save()
        page.goto("/dang-nhap/")
        axe(page)
        page.get_by_role("button", name="hoa.ld").click()
        inside(page)
        page.goto("/toi/")  # a leader, and no second factor in the demo
        assert "Lãnh đạo UBND" in page.locator("main").inner_text()
