"""At the screen: from the statement to the dossiers behind a figure, to freezing it; on a telephone and on paper."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from motcua.core import clock
from motcua.org.models import Duty
from tests.desk.counting import NOW, at, august
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser
AUGUST = "?don_vi=29308@2025-07-01&tu=2025-08-01&den=2025-08-21"


@pytest.fixture
def site_env():
    # The second factor has its own test.
    return {"MOTCUA_DEMO": "1"}


@pytest.fixture
def cast(real_database):
    made = make_cast()
    with clock.at(at(NOW)):
        august(made)
    return made


@pytest.fixture
def inside(cast, page):
    user = cast.by_duty[Duty.REFORM]
    password = give_password(user)
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)
    return page


def picture(page, name):
    """Pictures for who wants to look: set MOTCUA_PICTURES to a folder."""
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_from_a_figure_to_its_dossiers_and_to_a_frozen_number(inside, axe):
    page = inside
    page.set_viewport_size({"width": 1366, "height": 768})
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/bieu-tong-hop/")
    axe(page)
    picture(page, "bieu-trong")
    page.get_by_label("Từ ngày").fill("01/08/2025")
    page.get_by_label("Đến hết ngày", exact=True).fill("21/08/2025")
    page.get_by_label("Đến hết ngày", exact=True).press("Enter")
    page.locator("main tfoot").wait_for()
    assert page.locator("main tfoot td").all_inner_texts()[1:] == [
        "7",
        "2",
        "4",
        "1",
        "4",
        "1",
        "1",
        "2",
        "3",
        "2",
        "1",
    ]
    axe(page)
    picture(page, "bieu-1366")
    page.get_by_role("link", name="Dừng đúng ngày đến hạn").click()
    page.get_by_role("heading", name="Dừng đúng ngày đến hạn: 0").wait_for()
    axe(page)
    picture(page, "bieu-ngay-den-han")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "bieu-ngay-den-han-360")
    page.go_back()
    page.locator(".statement-rates").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_label("Chia theo").select_option("desk")
    page.get_by_role("button", name="Xem", exact=True).click()
    page.locator(".statement-top", has_text="Khối lượng theo nơi tiếp nhận").wait_for()
    axe(page)
    picture(page, "bieu-noi-tiep-nhan")
    page.go_back()
    page.locator("main tfoot").wait_for()

    page.locator("main tfoot td").nth(8).get_by_role("link").click()
    page.get_by_role("heading", name="Số hồ sơ đã giải quyết: quá hạn: 2").wait_for()
    assert page.locator("main tbody tr").count() == 2
    axe(page)
    picture(page, "bieu-ho-so")
    page.locator("main tbody th a").first.click()
    page.wait_for_url("**/ho-so/*/")
    page.go_back()
    page.get_by_role("link", name="Biểu tổng hợp").last.click()

    page.get_by_role("link", name="Chốt số liệu").click()
    axe(page)
    picture(page, "bieu-chot")
    page.get_by_role("button", name="Chốt số liệu").click()
    page.get_by_text("Đã chốt số liệu, số CS-").wait_for()
    assert page.get_by_text("Đếm lại trong sổ: đúng như đã chốt.").is_visible()
    axe(page)
    picture(page, "bieu-da-chot")
    page.get_by_role("link", name="Số đã chốt").click()
    page.locator("main tbody tr").wait_for()
    axe(page)
    picture(page, "bieu-danh-sach-chot")


def test_errors_are_told_beside_their_field(inside, axe):
    page = inside
    page.goto("/bieu-tong-hop/")
    page.get_by_label("Từ ngày").fill("32/13/2025")
    page.get_by_label("Từ ngày").press("Enter")
    page.locator(".error-summary").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.id") == "id_tu"
    axe(page)
    picture(page, "bieu-loi")


@pytest.mark.parametrize("form", ["06a", "14", "full"])
def test_a_telephone_scrolls_the_table_and_not_the_page(inside, axe, form):
    page = inside
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/bieu-tong-hop/{AUGUST}&mau={form}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    axe(page)
    picture(page, f"bieu-{form}-360")
    sheet = page.locator(".sheet")
    sheet.evaluate("sheet => sheet.scrollTo(400, 0)")
    name = page.locator("tbody .name").first.bounding_box()
    assert abs(name["x"] - sheet.bounding_box()["x"]) <= 2  # the name stays in sight


def test_the_table_keeps_its_head_and_foot_in_sight(inside):
    page = inside
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"/bieu-tong-hop/{AUGUST}")
    page.evaluate(
        "const body = document.querySelector('.statement tbody');"
        "for (let n = 0; n < 80; n++) body.append(body.rows[0].cloneNode(true));"
    )
    sheet = page.locator(".sheet")
    sheet.evaluate("sheet => sheet.scrollTo(0, 900)")
    outer = sheet.bounding_box()
    head, foot = page.locator(".statement thead").bounding_box(), page.locator(".statement tfoot").bounding_box()
    assert abs(head["y"] - outer["y"]) <= 2
    assert abs(foot["y"] + foot["height"] - outer["y"] - outer["height"]) <= 2
    picture(page, "bieu-dai")


def test_on_paper_it_is_a_landscape_form_with_its_letterhead(inside):
    from pypdf import PdfReader

    page = inside
    page.goto(f"/bieu-tong-hop/{AUGUST}")
    content = page.pdf(prefer_css_page_size=True)
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        (Path(folder) / "bieu.pdf").write_bytes(content)
    pages = PdfReader(BytesIO(content)).pages
    assert pages[0].mediabox.width > pages[0].mediabox.height
    text = pages[0].extract_text()
    for expected in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "NGƯỜI LẬP BIỂU", "Kỳ báo cáo"):
        assert expected in text.replace("\n", " "), text
    assert "Thêm lựa chọn" not in text
