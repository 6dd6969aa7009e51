"""At the screen: an administrator's calendars and rule sets, and what hangs on the board, wide and on a phone."""

import pytest

from motcua.org.models import TWO_TIER_DAY, Assignment, Duty
from motcua.procedures.models import Posting
from motcua.worktime import queries
from motcua.worktime.models import CalendarVersion
from tests.browser.test_procedures import picture, sign_in
from tests.desk.filing import usable
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


def look(page, axe, name):
    """A page as it is, wide and narrow: nothing sticks out, nothing axe minds."""
    for size, suffix in ((PHONE, "hep"), (WIDE, "rong")):
        page.set_viewport_size(size)
        axe(page)
        picture(page, f"{name}-{suffix}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_calendars_rules_and_the_board(real_database, page, axe, tmp_path):
    cast = make_cast()
    usable(cast)
    Assignment.objects.create(user=cast.admin, unit=cast.vinh_long, duty=Duty.ADMIN, valid_from=TWO_TIER_DAY)
    sign_in(page, cast.admin.username, give_password(cast.admin))

    page.goto("/quan-tri/lich/?don_vi=29308&nam=2027")
    page.get_by_role("heading", name="Lịch làm việc và quy tắc").wait_for()
    look(page, axe, "lich")
    page.get_by_role("link", name="Thêm ngày nghỉ").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Nghỉ từ ngày").fill("31/02/2027")
    page.keyboard.press("Enter")
    page.locator(".error-summary").wait_for()
    look(page, axe, "lich-them-loi")
    page.get_by_label("Nghỉ từ ngày").fill("08/03/2027")
    page.get_by_label("Lý do nghỉ").fill("Bão số 1")
    page.get_by_label("Căn cứ").fill("CĐ 12/CĐ-UBND")
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi ngày nghỉ «Bão số 1»").wait_for()
    assert CalendarVersion.objects.filter(calendar__unit=cast.xa_cau_ke, number=2).exists()

    page.goto("/quan-tri/lich/doi/nam/")
    look(page, axe, "lich-nam")
    page.get_by_label("Căn cứ").fill("TB 99/TB-BNV")
    page.get_by_role("button", name="Nạp năm").click()
    page.get_by_text("Đã nạp lịch năm 2028").wait_for()
    assert queries.loaded_to(cast.xa_cau_ke).year == 2028

    page.get_by_role("link", name="Lập bộ quy tắc mới").click()
    look(page, axe, "quy-tac")
    page.get_by_label("Áp dụng từ ngày").fill("01/01/2028")
    page.get_by_role("button", name="Ghi bộ quy tắc").click()
    page.get_by_text("Đã ghi bộ quy tắc").wait_for()

    photo = tmp_path / "bang.png"
    page.locator("h1").screenshot(path=photo)
    page.goto("/thu-tuc/niem-yet/?don_vi=29308")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Nơi niêm yết").fill("Bảng tại trụ sở UBND xã")
    page.get_by_label("Ảnh chụp bảng niêm yết").set_input_files(photo)
    page.get_by_role("button", name="Ghi niêm yết thủ tục đã chọn").click()
    page.get_by_text("Đã ghi niêm yết 1 thủ tục").wait_for()
    look(page, axe, "niem-yet")
    assert Posting.objects.get().photo.media_type == "image/png"
    page.get_by_role("button", name="Gỡ").click()
    page.get_by_text("Đã ghi gỡ niêm yết").wait_for()

    page.goto("/thu-tuc/ra-soat/?pham_vi=het")
    look(page, axe, "hang-cho")
    page.goto("/thu-tuc/1.009991/quy-trinh/?don_vi=29308")
    look(page, axe, "quy-trinh-nhanh")
