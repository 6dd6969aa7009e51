"""The parts pages are made of, on a page of their own: pictures, accessibility, both screens, paper."""

import os
from pathlib import Path

import pytest

from tests.desk.crew import PASSWORD, make_crew

pytestmark = pytest.mark.browser


@pytest.fixture
def site_env():
    return {"DJANGO_SETTINGS_MODULE": "tests.browser.sample.settings", "MOTCUA_DEMO": "1"}


@pytest.fixture
def inside(real_database, page):
    crew = make_crew()
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(crew.clerk.username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    yield page
    assert not [text for text in refused if "Content Security Policy" in text], refused


def picture(page, name):
    """Pictures for who wants to look: set MOTCUA_PICTURES to a folder."""
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (360, 740)])
def test_every_component_on_both_screens(inside, axe, width, height):
    inside.set_viewport_size({"width": width, "height": height})
    inside.goto("/mau/")
    assert inside.evaluate("document.documentElement.scrollWidth") <= width
    axe(inside)
    picture(inside, f"mau-{width}")
    inside.get_by_role("button", name="Tiếp nhận").click()
    inside.locator(".error-summary").wait_for()
    axe(inside)
    picture(inside, f"mau-loi-{width}")


def test_a_tall_table_keeps_head_foot_and_first_column_in_sight(inside):
    inside.set_viewport_size({"width": 360, "height": 740})
    inside.goto("/mau/")
    sheet = inside.locator(".sheet.tall")
    sheet.scroll_into_view_if_needed()
    sheet.evaluate("sheet => sheet.scrollTo(200, 600)")
    box = sheet.bounding_box()
    head = sheet.locator("thead th").nth(1).bounding_box()
    first = sheet.locator("tbody th").nth(20).bounding_box()
    foot = sheet.locator("tfoot td").first.bounding_box()
    assert abs(head["y"] - box["y"]) < 3
    assert abs(first["x"] - box["x"]) < 3
    assert abs(foot["y"] + foot["height"] - box["y"] - box["height"]) < 20


def test_figures_are_tabular_and_in_our_own_letters(inside):
    inside.goto("/mau/")
    inside.evaluate("document.fonts.ready.then(() => 1)")
    loaded = inside.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Be Vietnam Pro" in family for family in loaded)
    widths = inside.evaluate(
        """() => ["1111", "8888"].map(text => {
            const span = document.createElement("span");
            span.textContent = text;
            document.querySelector(".grid-table td.num").append(span);
            return span.getBoundingClientRect().width;
        })"""
    )
    assert abs(widths[0] - widths[1]) < 0.5


def test_rows_are_36_pixels_high(inside):
    inside.set_viewport_size({"width": 1366, "height": 768})
    inside.goto("/mau/")
    assert inside.locator(".sheet.tall tbody tr").last.bounding_box()["height"] <= 37


def test_a_double_click_sends_once(inside):
    inside.goto("/mau/")
    inside.get_by_label("Chủ hồ sơ").fill("Sơn Thị Đức")
    sent = []
    inside.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    inside.get_by_role("button", name="Tiếp nhận").dblclick()
    inside.wait_for_timeout(500)
    assert len(sent) == 1


def test_control_enter_does_the_main_act_from_a_long_field(inside):
    inside.goto("/mau/")
    inside.get_by_label("Chủ hồ sơ").fill("Sơn Thị Đức")
    inside.get_by_label("Trực tiếp").check()
    inside.get_by_label("Nội dung").fill("một")
    inside.keyboard.press("Control+Enter")
    inside.get_by_text("sent: một").wait_for()


def test_on_paper_there_is_no_furniture(inside):
    inside.goto("/mau/")
    inside.emulate_media(media="print")
    for gone in (".top", ".page-acts", ".paging nav", "main form.form"):
        assert inside.locator(gone).first.is_hidden(), gone
    assert inside.locator(".grid-table").first.is_visible()
    picture(inside, "mau-giay")


@pytest.mark.parametrize(
    ("path", "told"), [("/hong/", "Máy chủ gặp lỗi"), ("/cam/", "Không có quyền"), ("/khong/", "Không tìm")]
)
def test_what_went_wrong_is_told_in_the_frame(inside, axe, path, told):
    inside.goto(path)
    assert told in inside.locator("h1").inner_text()
    axe(inside)
    picture(inside, f"loi-{path.strip('/')}")
