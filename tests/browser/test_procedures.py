"""At the screen: an office that begins with ``motcua init`` gets to its first dossier; and the catalogue's pages."""

import datetime as dt
import io
import os
import re
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from motcua.config import cli
from motcua.core import clock
from motcua.dossiers.models import Dossier
from motcua.org.models import Duty
from motcua.procedures import actions, queries
from motcua.procedures.flow import Step
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser
PASSWORD = "ca loc nuong trui 2026"


def picture(page, name):
    """Pictures for who wants to look: set MOTCUA_PICTURES to a folder."""
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def sign_in(page, username, password):
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)


class TestTheNewcomersWay:
    """From an empty database to a dossier, outside demo mode, every step as the office takes it."""

    @pytest.fixture
    def office(self, real_database, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        unit = ["--unit-code", "29308", "--unit-name", "Xã Cầu Kè", "--unit-kind", "commune"]
        assert cli.main(["init", "--username", "quan.qt", "--full-name", "Lý Văn Quân", *unit, "--password-stdin"]) == 0
        assert cli.main(["import-procedures", "--starter"]) == 0

    def test_from_init_to_the_first_dossier(self, office, page, axe):
        page.set_viewport_size({"width": 1366, "height": 768})
        sign_in(page, "quan.qt", PASSWORD)
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        if time.time() % 30 > 24:  # a code that would run out on its way to a busy server
            page.wait_for_timeout(7_000)
        page.get_by_label("Mã").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        page.keyboard.press("Enter")
        page.wait_for_url("**/ma-du-phong/")

        # nothing is in use yet, and the page says what to do
        page.goto("/thu-tuc/")
        page.get_by_text("Đơn vị chưa áp dụng thủ tục nào").wait_for()
        axe(page)
        page.get_by_role("link", name="Áp dụng thủ tục").click()
        search = page.get_by_label("Tìm trong danh mục")
        search.fill("khai sinh")
        page.keyboard.press("Enter")
        page.get_by_label("Đăng ký khai sinh", exact=True).check()
        search.fill("mai tang phi")
        page.keyboard.press("Enter")
        page.get_by_text("Đã chọn, ngoài kết quả dưới đây").wait_for()
        assert page.get_by_label("Đăng ký khai sinh 1.001193").is_checked()
        axe(page)
        picture(page, "thu-tuc-chon")
        page.get_by_label("Hỗ trợ chi phí mai táng đối với đối tượng hưởng trợ cấp hưu trí xã hội").check()
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("heading", name="Áp dụng 2 thủ tục").wait_for()
        page.get_by_label("Áp dụng từ ngày").fill("31/02/2026")
        page.get_by_label("Quyết định công bố áp dụng").fill("15/QĐ-UBND")
        page.keyboard.press("Enter")  # the main act of this step
        page.locator(".error-summary").wait_for()
        assert page.evaluate("document.activeElement.className") == "error-summary"
        axe(page)
        picture(page, "thu-tuc-ap-dung-loi")
        assert page.get_by_label("Quyết định công bố áp dụng").input_value() == "15/QĐ-UBND"
        page.get_by_label("Áp dụng từ ngày").fill(f"{clock.today():%d/%m/%Y}")
        page.get_by_role("button", name="Áp dụng", exact=True).click()
        page.get_by_text("1 thủ tục chưa rõ thời hạn nên chưa tiếp nhận được").wait_for()
        axe(page)

        page.goto("/quan-tri/tai-khoan/moi/")
        page.get_by_label("Họ và tên").fill("Thạch Thị Lan")
        page.get_by_label("Tên đăng nhập").fill("lan.tn")
        page.get_by_label("Đơn vị công tác").select_option(label="Xã Cầu Kè")
        page.get_by_role("button", name="Tạo tài khoản").click()
        temporary = page.locator(".one-time").inner_text()
        page.get_by_role("link", name="Giao nhiệm vụ").first.click()
        page.get_by_label("Nhiệm vụ").select_option(label="Tiếp nhận")
        page.get_by_role("button", name="Giao nhiệm vụ").click()
        page.get_by_text("Đã giao nhiệm vụ Tiếp nhận tại Xã Cầu Kè.").wait_for()
        page.get_by_text("Lý Văn Quân").first.click()
        page.get_by_role("button", name="Đăng xuất").click()
        page.wait_for_url("**/dang-nhap/")

        # the receiver chooses an own password and receives
        sign_in(page, "lan.tn", temporary)
        page.wait_for_url("**/doi-mat-khau/")
        for field, typed in zip(
            page.locator("main input[type=password]").all(), [temporary] + 2 * ["banh tet tra cuon 9"], strict=True
        ):
            field.fill(typed)
        page.keyboard.press("Enter")
        page.wait_for_url("**/viec/")
        page.goto("/thu-tuc/")
        assert page.get_by_role("link", name="Áp dụng").count() == 0
        page.get_by_role("link", name="Đăng ký khai sinh", exact=True).click()
        page.get_by_text("Chưa xác nhận, vẫn dùng được").wait_for()
        page.get_by_role("link", name="Tiếp nhận hồ sơ").click()
        page.get_by_label("Chủ hồ sơ").fill("Sơn Văn Mẫu")
        page.get_by_role("button", name="Tiếp nhận", exact=True).click()
        page.get_by_text("Đã tiếp nhận hồ sơ").wait_for()
        assert Dossier.objects.get().procedure_version.procedure.code == "1.001193"

        # what nobody has made clear is refused at the counter, as the page of procedures said
        page.goto("/thu-tuc/1.014028/")
        page.get_by_text("Chưa rõ, chưa tiếp nhận được").wait_for()
        page.goto("/tiep-nhan/1.014028/")
        page.get_by_text("chưa rõ thời hạn giải quyết").wait_for()
        assert page.get_by_role("button", name="Tiếp nhận", exact=True).is_disabled()


class TestTheCatalogue:
    """The keeper's work and the reader's pages, in demo mode so that no code is asked."""

    @pytest.fixture
    def site_env(self):
        return {"MOTCUA_DEMO": "1"}

    @pytest.fixture
    def cast(self, real_database):
        cast = make_cast()
        give_password(cast.by_duty[Duty.CONTROL])
        actions.load_starter(valid_from=dt.date(2025, 7, 1))
        rows = queries.catalogue_rows(clock.today())
        unit = cast.xa_cau_ke
        actions.adopt_many(unit=unit, procedures=[v.procedure for v in rows], valid_from=dt.date(2025, 7, 1))
        marriage = queries.in_force("1.004873", clock.today()).procedure
        steps = [Step("Tiếp nhận", Duty.RECEIVE), Step("Xác minh", Duty.HANDLE), Step("Ký", Duty.CHAIR)]
        actions.define_process(
            procedure=marriage, unit=unit, steps=steps, valid_from=dt.date(2025, 7, 1), decision="QĐ 40/QĐ-UBND"
        )
        return cast

    @pytest.fixture
    def keeper(self, cast, page):
        page.set_viewport_size({"width": 1366, "height": 768})
        sign_in(page, cast.by_duty[Duty.CONTROL].username, give_password(cast.by_duty[Duty.CONTROL]))
        return page

    def test_a_doubt_is_settled_beside_what_was_published(self, keeper, axe):
        page = keeper
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/thu-tuc/")
        page.keyboard.press("/")
        page.keyboard.type("mai tang phi huu tri")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Hỗ trợ chi phí mai táng đối với đối tượng hưởng").click()
        axe(page)
        page.get_by_role("link", name="Rà soát thời hạn của Mọi trường hợp").click()
        page.get_by_text("Thấy ghi 3 ngày, chưa rõ đơn vị tính").first.wait_for()
        axe(page)
        page.locator("#id_value").fill("3")
        page.get_by_label("Căn cứ").fill("NĐ 176/2025/NĐ-CP")
        page.keyboard.press("Enter")
        page.locator(".error-summary").get_by_role("link").click()
        assert page.evaluate("document.activeElement.id") == "id_unit"
        axe(page)
        picture(page, "thu-tuc-ra-soat-loi")
        page.get_by_label("Đơn vị tính").select_option(label="ngày làm việc")
        page.get_by_role("button", name="Xác nhận").click()
        page.get_by_text("Thủ tục có phiên bản 2").wait_for()
        page.get_by_text("Tiếp nhận được", exact=True).wait_for()
        picture(page, "thu-tuc-da-ra-soat")

    def test_warnings_are_asked_about_before_a_process_is_written(self, keeper, axe):
        page = keeper
        page.goto("/thu-tuc/1.004873/quy-trinh/")
        page.get_by_label("Thời hạn, dòng 2").fill("9")
        page.get_by_label("Quyết định phê duyệt").fill("QĐ 41/QĐ-UBND")
        page.keyboard.press("Enter")
        page.get_by_text("vượt thời hạn 3 ngày làm việc").wait_for()
        axe(page)
        picture(page, "thu-tuc-quy-trinh-canh-bao")
        page.get_by_role("button", name="Thêm dòng").click()
        page.get_by_label("Tên bước, dòng 8").wait_for()
        assert page.get_by_label("Thời hạn, dòng 2").input_value() == "9"
        page.get_by_label("Thời hạn, dòng 2").fill("2")
        page.get_by_role("button", name="Ghi quy trình").click()
        page.wait_for_url("**/thu-tuc/1.004873/**")
        page.get_by_text("QĐ 41/QĐ-UBND").wait_for()

    @pytest.mark.parametrize(
        "path",
        [
            "/thu-tuc/",
            "/thu-tuc/?tim=khong+co+gi",
            "/thu-tuc/1.004859/",
            "/thu-tuc/1.004873/",
            "/thu-tuc/ap-dung/",
            "/thu-tuc/1.004873/ra-soat/fee/1/",
            "/thu-tuc/1.004873/cat-giam/1/",
            "/thu-tuc/1.004873/quy-trinh/",
        ],
    )
    def test_every_page_on_both_screens(self, keeper, axe, path):
        for width, height in [(1366, 768), (360, 740)]:
            keeper.set_viewport_size({"width": width, "height": height})
            keeper.goto(path)
            assert keeper.evaluate("document.documentElement.scrollWidth") <= width
            axe(keeper)
            picture(keeper, f"thu-tuc{re.sub(r'[^a-z0-9]+', '-', path.removeprefix('/thu-tuc'))}{width}")
