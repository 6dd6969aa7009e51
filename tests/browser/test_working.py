"""At the screen: scanning a pile of receipts, closing the day by keyboard, signing on a telephone, the Monday page on
one A4, and two officers at one dossier."""

import datetime as dt
import io
import re

import pytest
from django.core.cache import cache
from pypdf import PdfReader

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.states import State
from motcua.ledger.models import Event
from motcua.org.models import Duty
from motcua.reports.causes import week_of
from tests.browser.test_dossier_story import enter
from tests.desk.filing import received, usable
from tests.support.cast import PASSWORD, give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(real_database):
    made = make_cast()
    usable(made)
    for user in (made.receiver, made.by_duty[Duty.HANDLE], made.owner, made.chair):
        give_password(user)
    cache.clear()
    return made


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


def beep(page, text):
    """What a scanner does: types fast, then Enter."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def settled(page, lines):
    """Until so many scans have been answered."""
    page.wait_for_function(
        "n => document.querySelectorAll('#scan-last li:not([data-kind=sent])').length === n", arg=lines
    )


def narrow(page):
    page.set_viewport_size({"width": 360, "height": 740})


def test_a_pile_of_receipts_is_scanned_faster_than_the_server_answers(cast, page, axe):
    made = [received(cast) for _ in range(4)]
    handler = cast.by_duty[Duty.HANDLE]
    enter(page, cast.receiver)
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/viec/quet-ma/")
    axe(page)
    assert page.evaluate("document.activeElement.id") == "scan-text"
    page.get_by_role("button", name="Âm thanh: bật").click()
    page.get_by_role("button", name="Âm thanh: tắt").wait_for()

    # A choice is to be made: said, and nothing done.
    beep(page, made[0].code)
    page.get_by_text("người nhận được, hãy chọn").first.wait_for()
    axe(page)
    assert Event.objects.filter(verb="forward").count() == 0
    page.get_by_label("Chuyển cho").select_option(label=handler.full_name)

    # Three beeps in one breath, while every answer takes its time; the second of them twice.
    page.route("**/quet-ma/lam/", lambda route: (page.wait_for_timeout(150), route.continue_()))
    for dossier in (made[0], made[1], made[1], made[2]):
        beep(page, dossier.code)
    settled(page, 4)
    page.unroute("**/quet-ma/lam/")
    assert Event.objects.filter(verb="forward").count() == 3
    assert set(Dossier.objects.filter(holder=handler)) == set(made[:3])

    # The line breaks: what is scanned is kept, over a reload too, and sent once the line is back.
    page.route("**/quet-ma/lam/", lambda route: route.abort())
    beep(page, made[3].code)
    page.get_by_text("1 lần quét chưa gửi được").wait_for()
    axe(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_text("quét từ trước").wait_for()
    page.unroute("**/quet-ma/lam/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    settled(page, 1)
    assert Event.objects.filter(verb="forward").count() == 4
    page.locator(".scan-state[data-kind=good]").wait_for()

    # Taken back, with a leader beside.
    page.get_by_role("button", name=re.compile("Hủy «Chuyển bước»")).click()
    page.get_by_label("Lãnh đạo duyệt").fill(cast.chair.username)
    page.get_by_label("Mật khẩu của người duyệt").fill("sai")
    page.get_by_role("button", name="Hủy việc này").click()
    page.get_by_text("không đúng").wait_for()
    axe(page)
    page.get_by_label("Mật khẩu của người duyệt").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Đã hủy «Chuyển bước»").wait_for()
    made[3].refresh_from_db()
    assert made[3].state == State.RECEIVED
    narrow(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again_and_nothing_is_done_twice(cast, page):
    dossier = received(cast, holder=cast.by_duty[Duty.HANDLE])
    handler = cast.by_duty[Duty.HANDLE]
    actions.propose(actor=handler, dossier=dossier.pk, to=cast.chair)
    actions.approve(actor=cast.chair, dossier=dossier.pk)
    enter(page, cast.receiver)
    page.goto("/viec/quet-ma/")
    answers = []

    def lose_the_first(route):
        answer = route.fetch()  # the server has done it
        answers.append(answer.status)
        if len(answers) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/quet-ma/lam/", lose_the_first)
    beep(page, dossier.code)
    settled(page, 1)
    page.locator(".scan-state[data-kind=good]").wait_for()
    assert answers == [200, 200]
    dossier.refresh_from_db()
    assert dossier.state == State.RESULT_READY
    assert dossier.item.events.count() == 4


def test_the_day_is_closed_by_keyboard_and_two_officers_do_not_undo_each_other(cast, page, axe):
    handler = cast.by_duty[Duty.HANDLE]
    midnight = clock.local_moment(clock.today() + dt.timedelta(days=1))
    made = [received(cast, holder=handler) for _ in range(3)]
    # As if this were their last day: not every day the tests run on is a working day.
    Dossier.objects.update(crossing_at=midnight, due_at=midnight - dt.timedelta(hours=7))
    enter(page, handler)
    page.goto("/viec/chot-ngay/")
    page.get_by_text("3 hồ sơ của đơn vị sẽ sang quá hạn").wait_for()
    axe(page)
    page.wait_for_timeout(450)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.get_by_text("đã ghi kết quả về một cửa").wait_for()
    page.get_by_text("2 hồ sơ của đơn vị sẽ sang quá hạn").wait_for()
    page.wait_for_timeout(450)
    page.keyboard.press("l")
    page.keyboard.insert_text("Chờ bản đồ của huyện")
    page.keyboard.press("Control+Enter")
    page.get_by_text("đã ghi «lý do chậm»").wait_for()
    axe(page)
    assert (Note.objects.get().text, Dossier.objects.filter(state=State.RESULT_READY).count()) == (
        "Chờ bản đồ của huyện",
        1,
    )

    # Two officers open the same dossier; one is faster, the other is told and keeps what was typed.
    left = Dossier.objects.filter(state=State.RECEIVED).first()
    page.goto(f"/ho-so/{left.pk}/viec/request_supplement/")
    page.get_by_label("Cần bổ sung").fill("Bản sao giấy chứng nhận")
    page.get_by_label("Lý do").fill("Thiếu trang 2")
    actions.forward(actor=cast.receiver, dossier=left.pk, holder=cast.owner)
    page.get_by_role("button", name="Yêu cầu bổ sung").click()
    page.get_by_text("vừa được người khác cập nhật").first.wait_for()
    axe(page)
    assert page.get_by_label("Cần bổ sung").input_value() == "Bản sao giấy chứng nhận"
    assert page.get_by_label("Lý do").input_value() == "Thiếu trang 2"
    left.refresh_from_db()
    assert (left.state, left.holder) == (State.PROCESSING, cast.owner)
    page.get_by_role("button", name="Yêu cầu bổ sung").click()  # seen, and meant all the same
    page.get_by_text("Đã yêu cầu bổ sung.").wait_for()
    narrow(page)
    page.goto("/viec/chot-ngay/?ai=tat-ca")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert len(made) == 3


def last_week(cast):
    """One overdue, one ended late, one asked for more on its last day."""
    week, handler, nine = week_of(clock.today()), cast.by_duty[Duty.HANDLE], dt.time(9)

    def taken_in(day):
        with clock.at(clock.local_moment(day, nine)):
            return received(cast, holder=handler)

    taken_in(week.last_monday - dt.timedelta(days=14))
    late, asked = taken_in(week.last_monday - dt.timedelta(days=14)), taken_in(week.last_monday - dt.timedelta(days=7))
    with clock.at(clock.local_moment(week.last_monday + dt.timedelta(days=1), nine)):
        actions.resolve(actor=handler, dossier=late.pk)
    with clock.at(asked.due_at - dt.timedelta(hours=3)):
        actions.request_supplement(actor=handler, dossier=asked.pk, items=["Bản sao"], reason="Thiếu")


def test_signing_on_a_telephone_and_monday_on_one_sheet(cast, page, axe):
    handler = cast.by_duty[Duty.HANDLE]
    last_week(cast)
    made = [received(cast, holder=handler) for _ in range(4)]
    for dossier in made:
        actions.propose(actor=handler, dossier=dossier.pk, to=cast.chair, note="Đủ điều kiện, trình ký")
    narrow(page)
    enter(page, cast.chair)
    page.goto("/viec/cho-ky/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    axe(page)
    first = page.locator(".sign-card").first
    first.get_by_text("Xem hồ sơ và dự thảo").click()
    first.get_by_text("Người trình", exact=True).wait_for()
    axe(page)
    first.get_by_text("Chuyển lại để sửa").first.click()
    first.get_by_label("Điều cần sửa").fill("Sai số thửa")
    first.locator("form strong", has_text=handler.full_name).wait_for()
    first.get_by_role("button", name="Chuyển lại để sửa").click()
    page.get_by_text("Đã chuyển lại").wait_for()
    page.get_by_role("button", name="Chọn tất cả").click()
    page.get_by_text("Đã chọn 3").wait_for()
    page.get_by_role("button", name="Duyệt hồ sơ đã chọn").click()
    page.get_by_role("heading", name="Duyệt, ký: 3 hồ sơ").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    axe(page)
    page.get_by_role("button", name="Duyệt, ký 3 hồ sơ").click()
    page.get_by_text("3 hồ sơ đã duyệt").wait_for()
    axe(page)
    assert Dossier.objects.filter(state=State.APPROVED).count() == 3
    page.goto("/viec/cho-ky/")
    page.get_by_text("Không hồ sơ nào đang chờ tôi ký").wait_for()

    page.set_viewport_size({"width": 1280, "height": 800})
    for address in ("/viec/", "/viec/ca-co-quan/", "/viec/giao-ban-tuan/", "/ho-so/"):
        page.goto(address)
        axe(page)
    page.goto("/viec/giao-ban-tuan/")
    # More than any office fills the page with.
    page.evaluate(
        """() => { for (const body of document.querySelectorAll('main .sheet tbody')) {
            const cap = body.closest('section').querySelector('#w1') ? 13 : 6;
            while (body.rows.length < cap) body.append(body.rows[0].cloneNode(true)); }
          for (const list of document.querySelectorAll('main ul.plain-list, main ol'))
            while (list.children.length < 6) list.append(list.children[0].cloneNode(true)); }"""
    )
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) == 1
    # The font comes in two parts, and the reader puts spaces where they meet.
    told = paper.pages[0].extract_text().replace(" ", "").replace("\n", "").casefold()
    for words in ("Giao ban tuần", "Bước «Đã tiếp nhận» chiếm", "Yêu cầu bổ sung", "Theo hệ thống", "trong 2 hồ sơ"):
        assert words.replace(" ", "").casefold() in told, words
    assert "quétmã" not in told, "the frame is not printed"
