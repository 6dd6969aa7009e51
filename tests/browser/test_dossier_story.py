"""At the screen: one dossier from the counter to the result, four people, and the statement that counts it."""

import pytest
from django.core.cache import cache

from motcua.dossiers.models import Dossier
from motcua.dossiers.states import State
from motcua.org.models import Duty
from tests.desk.filing import usable
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(real_database):
    made = make_cast()
    usable(made)
    for user in (
        made.receiver,
        made.by_duty[Duty.HANDLE],
        made.chair,
        made.by_duty[Duty.HAND_OVER],
        made.by_duty[Duty.REFORM],
    ):
        give_password(user)
    cache.clear()
    return made


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


def enter(page, user):
    page.context.clear_cookies()
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill("mot-cua-2023-cau-ke")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def do(page, link, button=None, **fields):
    """Open an act's form, fill it, send it."""
    page.get_by_role("link", name=link, exact=True).click()
    for label, value in fields.items():
        field = page.get_by_label(label.replace("_", " "), exact=False).first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    page.get_by_role("button", name=button or link, exact=True).click()


def test_from_the_counter_to_the_statement(cast, page, site, axe):
    handler = cast.by_duty[Duty.HANDLE]
    # The counter: everyday words without marks, the due date before accepting.
    enter(page, cast.receiver)
    page.get_by_role("link", name="Tiếp nhận", exact=True).click()
    axe(page)
    page.get_by_role("main").get_by_role("searchbox").fill("dang ki bien dong")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Đăng ký biến động đất đai").click()
    page.get_by_text("Nếu tiếp nhận bây giờ").wait_for()
    axe(page)
    page.get_by_label("Số giấy tờ").fill("0841")
    page.get_by_label("Loại giấy tờ").select_option(label="Căn cước / CCCD")
    page.get_by_label("Chủ hồ sơ").fill("Thạch Thị Mẫu")
    page.get_by_role("button", name="Tiếp nhận", exact=True).click()
    page.get_by_text("12 chữ số").first.wait_for()
    assert page.get_by_label("Chủ hồ sơ").input_value() == "Thạch Thị Mẫu"
    axe(page)
    page.get_by_label("Số giấy tờ").fill("084195000001")
    page.get_by_role("button", name="Tiếp nhận", exact=True).click()
    page.get_by_text("Đã tiếp nhận hồ sơ").wait_for()
    axe(page)
    do(page, "Chuyển bước", Chuyển_cho=handler.full_name, Ghi_chú="Kiểm tra giúp")
    page.get_by_text("Đã chuyển bước.").wait_for()

    # The handler: what I hold, by due date; a supplement, its answer, the proposal.
    enter(page, handler)
    page.get_by_role("link", name="Việc của tôi", exact=True).first.click()
    axe(page)
    dossier = Dossier.objects.get()
    page.get_by_role("link", name=dossier.code).click()
    do(page, "Yêu cầu bổ sung", Cần_bổ_sung="Bản sao giấy chứng nhận\nVăn bản ủy quyền", Lý_do="Thiếu giấy tờ")
    page.get_by_text("Đã yêu cầu bổ sung.").wait_for()
    page.get_by_role("heading", name="Lần 1").wait_for()
    do(page, "Nhận bổ sung")
    do(page, "Trình duyệt", Trình=_shown(cast.chair))
    page.get_by_text("Đã trình duyệt.").wait_for()

    # The chairman on a telephone.
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, cast.chair)
    page.get_by_role("link", name=dossier.code).click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    do(page, "Duyệt, ký")
    page.get_by_text("Đã duyệt.").wait_for()
    page.set_viewport_size({"width": 1366, "height": 768})

    # The result at the desk, and into the citizen's hand.
    enter(page, handler)
    page.goto(f"/ho-so/{dossier.pk}/")
    do(page, "Kết quả về một cửa")
    enter(page, cast.by_duty[Duty.HAND_OVER])
    page.goto(f"/ho-so/{dossier.pk}/")
    do(page, "Trả kết quả")
    page.get_by_text("Đã trả kết quả.").wait_for()
    axe(page)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.time_class) == (State.HANDED_OVER, "early")

    # The reform officer: the statement counts it, and the figure leads back to it.
    enter(page, cast.by_duty[Duty.REFORM])
    page.get_by_role("link", name="Biểu tổng hợp", exact=True).click()
    axe(page)
    page.locator("tfoot a").first.click()
    page.get_by_role("link", name=dossier.code).click()
    page.get_by_text("Quá trình giải quyết").wait_for()


def _shown(user):
    return f"{user.full_name}, {user.title}" if user.title else user.full_name
