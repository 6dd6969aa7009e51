"""At the screen: a report frozen, edited here and in Word, signed, numbered, sent; then what changed since."""

import os
import re
from pathlib import Path

import pytest

from motcua.core import clock
from motcua.dossiers import actions as dossiers
from motcua.indicators import defining
from motcua.org.models import Duty
from tests.desk.counting import NOW, at, august
from tests.reports.test_report_word import edited
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def site_env():
    # The second factor has its own test.
    return {"MOTCUA_DEMO": "1"}


@pytest.fixture
def cast(real_database):
    made = make_cast()
    defining.load_starter()
    with clock.at(at(NOW)):
        made.told = august(made)
    made.passwords = {duty: give_password(made.by_duty[duty]) for duty in (Duty.REFORM, Duty.CHAIR, Duty.CLERK)}
    return made


def enter(page, cast, duty):
    """Sign in as the person of a duty, signing out whoever was there."""
    page.context.clear_cookies()
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(cast.by_duty[duty].username)
    page.get_by_label("Mật khẩu").fill(cast.passwords[duty])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def picture(page, name):
    """Pictures for who wants to look: set MOTCUA_PICTURES to a folder."""
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page="280" not in name)


def do(page, title):
    """Press an act, and the button that confirms it."""
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("button", name=title, exact=True).click()
    page.locator("#notes .note").first.wait_for()


def test_from_the_calendar_to_the_sent_report_and_what_changed_since(cast, page, axe, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 1400})
    enter(page, cast, Duty.REFORM)
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/bao-cao/")
    axe(page)
    picture(page, "bao-cao-trong")
    page.get_by_role("link", name="Lịch báo cáo").first.click()
    axe(page)
    picture(page, "bao-cao-lich")
    page.goto("/bao-cao/moi/")
    axe(page)
    page.get_by_label("Loại báo cáo").select_option("cchc-quy")
    page.get_by_label("Kỳ có ngày").fill("01/08/2025")
    page.get_by_role("button", name="Lập báo cáo").click()
    page.get_by_role("heading", name="Báo cáo CCHC quý, Quý III").wait_for()
    here = page.url
    do(page, "Chốt số liệu")
    assert "Tổng số hồ sơ nhận giải quyết là 08 hồ sơ" in page.inner_text("main")
    axe(page)
    picture(page, "bao-cao-1280")
    # the officer's own words, with a figure in them
    page.get_by_role("link", name="Sửa IV Phương hướng").click()
    axe(page)
    page.get_by_label("Lời văn").fill("Giải quyết dứt {hs_dang_giai_quyet} hồ sơ.\nHọp đầu tuần.")
    picture(page, "bao-cao-phan")
    page.get_by_role("button", name="Ghi lời văn").click()
    page.get_by_text("Giải quyết dứt 03 hồ sơ.").wait_for()
    # to Word and back
    with page.expect_download() as taken:
        page.get_by_role("link", name="Lấy bản Word").click()
    sent = Path(taken.value.path()).read_bytes()
    back = tmp_path / "bao-cao.docx"
    back.write_bytes(edited(sent, (">Họp đầu tuần.<", ">Họp sáng thứ Hai.<")))
    page.get_by_role("link", name="Nộp lại bản Word đã sửa").click()
    axe(page)
    page.get_by_label("Tệp Word (.docx)").set_input_files(back)
    page.get_by_role("button", name="Nộp bản Word").click()
    page.get_by_text("Họp sáng thứ Hai.").wait_for()
    # from a figure to its dossiers in two steps
    page.get_by_role("link", name="Đã giải quyết", exact=True).click()
    axe(page)
    picture(page, "bao-cao-so-lieu")
    page.get_by_role("link", name="Hồ sơ, bản ghi phía sau").click()
    assert page.locator("main tbody tr").count() == 5
    page.goto(here)
    do(page, "Trình ký")
    assert page.get_by_role("link", name="Sửa IV Phương hướng").count() == 0

    enter(page, cast, Duty.CHAIR)
    page.goto(here)
    do(page, "Ký")
    enter(page, cast, Duty.CLERK)
    page.goto(here)
    page.get_by_role("link", name="Vào số", exact=True).click()
    axe(page)
    page.get_by_role("button", name="Vào số").click()
    page.get_by_text("01/BC-UBND").first.wait_for()
    do(page, "Gửi")
    picture(page, "bao-cao-da-gui")

    # something is entered late: the report stays, the page tells
    dossier = cast.told["C"]
    seq = dossier.item.events.get(verb="resolve").seq
    dossiers.void_event(
        actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk, seq=seq, reason="Ghi nhầm", approver=cast.chair
    )
    enter(page, cast, Duty.REFORM)
    page.goto(here)
    page.get_by_role("link", name="Số này nay khác gì?").click()
    said = page.inner_text("main")
    assert re.search(r"Đã giải quyết\s+5\s+4", said), said
    assert "đã giải quyết −1, trong đó quá hạn −1, đang giải quyết +1" in said
    axe(page)
    picture(page, "bao-cao-dieu-chinh")
    days = "mot_tu=15/06/2025&mot_den=14/08/2025&hai_tu=01/07/2025&hai_den=31/08/2025"
    for address, name in (
        (f"/bao-cao/hai-dong/?{days}", "bao-cao-hai-dong"),
        ("/bao-cao/mau/", "bao-cao-mau"),
        ("/bao-cao/", "bao-cao-danh-sach"),
    ):
        page.goto(address)
        axe(page)
        picture(page, name)
    # on a telephone nothing runs out of the page
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (here, f"{here}nay/", "/bao-cao/", "/bao-cao/lich/", "/bao-cao/mau/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    page.goto(here)
    picture(page, "bao-cao-360")
