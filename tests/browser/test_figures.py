"""At the screen: figures typed and pasted as in a spreadsheet, sent up, taken in above; with axe, on two widths."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from motcua.indicators import defining
from motcua.indicators.models import Return, ReturnState, Value
from motcua.org.models import Duty
from tests.browser.test_dossier_story import enter
from tests.browser.test_office import looked_at
from tests.support.cast import Cast, give_password, make_cast

pytestmark = pytest.mark.browser

PASTE = """([text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = {clipboardData: data, bubbles: true, cancelable: true};
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
}"""


@pytest.fixture
def cast(real_database: str) -> Cast:
    made = make_cast()
    defining.load_starter()
    for user in (made.by_duty[Duty.REFORM], made.above):
        give_password(user)
    cache.clear()
    return made


@pytest.fixture
def site_env() -> dict[str, str]:
    return {"MOTCUA_DEMO": "1"}


def picture(page: Any, name: str) -> None:
    if folder := os.environ.get("MOTCUA_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=False)


def figure(page: Any, code: str) -> Any:
    return page.locator(f"[id='v-{code}']")


def told(page: Any, words: str) -> None:
    page.locator("[data-told]", has_text=words).wait_for()


def test_a_commune_types_and_pastes_and_the_province_takes_it_in(cast: Cast, page: Any, axe: Any) -> None:
    enter(page, cast.by_duty[Duty.REFORM])
    looked_at(page, axe, "/so-lieu/")
    picture(page, "figures")
    page.get_by_role("button", name="Nhập số liệu").first.click()
    page.wait_for_url("**/so-lieu/phieu/*/")
    sheet = page.url

    # Enter and arrows go down and up; leaving a cell saves it, written the office's way.
    figure(page, "kh_nhiem_vu").click()
    page.keyboard.type("32")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "v-kh_hoan_thanh"
    page.keyboard.type("26")
    page.keyboard.press("ArrowDown")
    page.locator("[data-computed='kh_ty_le']", has_text="81,25").wait_for()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "v-kh_hoan_thanh"

    # A block from Excel: numbers down, notes beside; what cannot be read stays, with the reason by it.
    figure(page, "tt_tin_bai").click()
    page.evaluate(PASTE, ["115\tCổng thông tin xã\n12\t\n7.8\t\n2312\t\n"])
    told(page, "1 ô chưa lưu được")
    assert figure(page, "tt_luot_nguoi").input_value() == "2.312"
    assert figure(page, "tt_cuoc").input_value() == "7.8"
    error = page.locator("[id='e-tt_cuoc']")
    assert "dấu phẩy cho phần thập phân" in error.inner_text()
    assert page.locator("[name='n-tt_tin_bai']").input_value() == "Cổng thông tin xã"
    axe(page)
    picture(page, "figure_grid")
    figure(page, "tt_cuoc").fill("78")
    page.keyboard.press("Tab")
    told(page, "Đã lưu.")

    # Somebody else was first: nothing is overwritten, nothing typed is lost.
    Value.objects.filter(indicator__code="tt_cuoc").update(number=80, version=7, updated_by=cast.above)
    figure(page, "tt_cuoc").fill("79")
    page.keyboard.press("Tab")
    page.get_by_text(f"{cast.above.full_name} đã ghi «80»").wait_for()
    assert figure(page, "tt_cuoc").input_value() == "79"
    page.once("dialog", lambda dialog: dialog.accept())
    looked_at(page, axe, sheet)
    assert figure(page, "tt_cuoc").input_value() == "80"

    looked_at(page, axe, sheet + "nhap-excel/")
    page.goto(sheet)
    page.get_by_role("button", name="Gửi phiếu").click()
    page.get_by_text("Đã gửi phiếu.").wait_for()
    row = Return.objects.get()
    assert row.state == ReturnState.SUBMITTED
    assert row.said["kh_ty_le"]["shown"] == "81,25"
    page.get_by_role("button", name="Rút phiếu về").wait_for()

    # Above: seen as waiting, taken in, added up; the figure leads to who said it.
    page.context.clear_cookies()
    enter(page, cast.above)
    looked_at(page, axe, "/so-lieu/")
    picture(page, "figures_above")
    page.get_by_role("link", name="Xem, tiếp nhận phiếu của Xã Cầu Kè").click()
    page.get_by_role("button", name="Tiếp nhận phiếu").click()
    page.get_by_text("Đã tiếp nhận phiếu.").wait_for()
    looked_at(page, axe, "/so-lieu/tong-hop/")
    picture(page, "figures_whole")
    page.locator("a[href*='chi-tieu/tt_tin_bai/']", has_text="115").click()
    page.get_by_role("heading", name="Tin, bài tuyên truyền CCHC: 115 tin, bài").wait_for()
    looked_at(page, axe, page.url)
    picture(page, "figure_one")
    page.get_by_role("link", name="Xã Cầu Kè").first.click()
    page.get_by_text("→ ").or_(page.get_by_text("Các lần ghi")).first.wait_for()
