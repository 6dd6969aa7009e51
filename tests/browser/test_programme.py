"""At the screen: a line is entered, set right, struck; a list taken in after a look, and out as Excel; the matrix."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.org.models import Duty
from motcua.papers.spreadsheet import open_rows
from motcua.programme.models import PressItem
from tests.browser.test_procedures import sign_in
from tests.browser.test_settings import look
from tests.programme.registering import enter, sheet
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


def test_a_register_from_the_first_line_to_the_file(real_database, page, axe, tmp_path):
    cast = make_cast()
    year = clock.today().year
    due = dt.date(year, 1, 31)
    enter("required_plans", cast.xa_cau_ke, kind="reform", year=year, due_on=due, of_itself=True, of_communes=False)
    enter("plans", cast.xa_cau_ke, kind="reform", year=year, day=dt.date(year, 1, 20), number="01/KH-UBND")
    me = cast.by_duty[Duty.REFORM]
    sign_in(page, me.username, give_password(me))
    page.goto("/so-cchc/")
    page.get_by_role("heading", name="Sổ theo dõi cải cách hành chính").wait_for()
    look(page, axe, "so")
    page.goto("/so-cchc/ma-tran/")
    page.get_by_text("01/KH-UBND").wait_for()
    look(page, axe, "so-ma-tran")

    page.goto("/so-cchc/tin-bai/")
    look(page, axe, "so-trong")
    page.get_by_role("link", name="Ghi dòng mới").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Ngày đăng, phát").fill("31/02/2026")
    page.get_by_label("Tên tin, bài, chuyên mục").fill("Một cửa điện tử")
    page.get_by_role("button", name="Ghi vào sổ").click()
    page.locator(".error-summary").wait_for()
    look(page, axe, "so-ghi-loi")
    page.get_by_label("Ngày đăng, phát").fill("20/05/2026")
    page.get_by_label("Loại", exact=True).select_option("Tin")
    page.get_by_label("Kênh").select_option("Đài truyền thanh")
    page.get_by_label("Số lượng").fill("1.200")
    page.get_by_role("button", name="Ghi vào sổ").click()
    page.get_by_text("Đã ghi một dòng vào sổ").wait_for()

    page.get_by_role("link", name="Một cửa điện tử").click()
    page.get_by_role("link", name="Sửa", exact=True).click()
    page.get_by_label("Số lượng").fill("2")
    page.get_by_label("Lý do sửa").fill("gõ nhầm")
    look(page, axe, "so-sua")
    page.get_by_role("button", name="Ghi phần sửa").click()
    page.get_by_text("1.200 → 2").wait_for()
    look(page, axe, "so-dong")
    page.get_by_text("Hủy dòng này").click()
    page.get_by_label("Lý do hủy").fill("đăng lại")
    page.get_by_role("button", name="Hủy dòng").click()
    page.get_by_text("Đã hủy dòng").wait_for()

    listed = tmp_path / "tin.xlsx"
    rows = [[dt.date(2026, 5, n), "Tin", f"Tin số {n}", "Zalo", n] for n in range(1, 9)]
    listed.write_bytes(
        sheet(["Ngày", "Loại", "Tiêu đề", "Phát ở", "Số lượng"], *rows, ["31/2/2026", "Tin", "Sai", "", 1])
    )
    page.goto("/so-cchc/tin-bai/nhap/")
    page.get_by_label("Danh sách (.xlsx)").set_input_files(listed)
    look(page, axe, "so-nhap")
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("heading", name="Chưa rõ cột").wait_for()
    look(page, axe, "so-nhap-cot")
    page.get_by_label("Kênh").select_option("Phát ở")
    page.get_by_role("button", name="Đọc lại theo các cột này").click()
    page.get_by_text("8 dòng mới").first.wait_for()
    look(page, axe, "so-nhap-xem")
    page.get_by_role("button", name="Ghi 8 dòng mới, sửa 0 dòng").click()
    page.get_by_text("Đã ghi danh sách: 8 dòng mới").wait_for()
    look(page, axe, "so-danh-sach")
    assert PressItem.objects.filter(struck_at=None).count() == 8

    with page.expect_download() as download:
        page.get_by_role("link", name="Tải Excel").click()
    download.value.save_as(tmp_path / "ra.xlsx")
    cells = open_rows(tmp_path / "ra.xlsx")
    assert len([row for row in cells if str(row[1]).startswith("Tin số")]) == 8
    assert [row[-1] for row in cells].count("hủy") == 1
