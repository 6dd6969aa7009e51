"""Every page of the desk before axe, what the main ones weigh on the wire, and a dossier's whole life by keyboard."""

import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.dossiers.actions.counter import reserve_slips
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import State
from motcua.org.models import Assignment, Duty
from tests.desk.filing import received, usable
from tests.desk.test_every_page import MATRIX, OPEN
from tests.support.cast import PASSWORD, give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def site_env():
    # The session is opened in the tests' own process: its seal must be the server's.
    return {"MOTCUA_DEMO": "1", "MOTCUA_SECRET_KEY": settings.SECRET_KEY}


@pytest.fixture
def cast(real_database):
    made = make_cast()
    usable(made)
    held = set(Assignment.objects.filter(user=made.receiver, unit=made.xa_cau_ke).values_list("duty", flat=True))
    since = made.xa_cau_ke.valid_from
    Assignment.objects.bulk_create(
        Assignment(user=made.receiver, unit=made.xa_cau_ke, duty=duty, valid_from=since)
        for duty in Duty
        if duty not in held
    )
    cache.clear()
    return made


@pytest.fixture
def inside(cast):
    """A client signed in as somebody who holds every duty of the commune."""
    client = Client()
    client.force_login(cast.receiver, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def let_in(page, site, client):
    """Give the browser that session."""
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}])


# ---- axe -------------------------------------------------------------------------------------------------------------


def addresses(cast, client):
    """The address of every page of MATRIX that is one, asked for things that are there."""
    named = []
    for name, access in MATRIX.items():
        if access.method != "get" or OPEN not in (access.admin, access.receiver, access.other):
            continue
        try:
            named.append((reverse(name, args=access.args(cast)), access.data))
        except MotcuaError:
            continue  # what an earlier line has made stands in the way; its own page was seen then
    # Asked when everything has been made: a page may be a file only once there is something to put into it.
    found = []
    for url, data in named:
        answer = client.get(url, data)
        if answer.status_code == OPEN and answer["Content-Type"].startswith("text/html"):
            query = answer.request["QUERY_STRING"]
            found.append(f"{url}?{query}" if query else url)
    return found


def test_axe_is_content_with_every_page(cast, page, site, inside, axe):
    let_in(page, site, inside)
    wanted = addresses(cast, inside)
    assert len(wanted) > 75, wanted
    faults = []
    for url in wanted:
        page.goto(url, wait_until="domcontentloaded")
        try:
            axe(page)
        except AssertionError as error:
            faults.append(str(error))
    assert not faults, "\n".join(faults)


# ---- weight ----------------------------------------------------------------------------------------------------------

FIRST, AFTER = 100 * 1024, 15 * 1024
MAIN = {"work": "Việc của tôi", "intake": "Tiếp nhận", "dossier": "Hồ sơ", "statement": "Biểu tổng hợp"}


def weigh(page, url):
    """Bytes that came over the wire for a page with everything it asks for, heads of the answers too."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    wire.detach()
    return int(sum(sizes))


def test_main_pages_are_light_on_the_wire(cast, chromium, site, inside):
    for _ in range(40):
        dossier = received(cast)
    told = {}
    for name in MAIN:
        url = reverse(name, args=[dossier.pk] if name == "dossier" else [])
        context = chromium.new_context(base_url=site, locale="vi-VN")
        page = context.new_page()
        let_in(page, site, inside)
        told[name] = (weigh(page, url), weigh(page, url))
        # The fonts are among it: a page that had not asked for them would weigh less than it will.
        assert page.evaluate("document.fonts.check('600 16px \"Be Vietnam Pro\"')"), name
        context.close()
    print(told)
    heavy = {name: sizes for name, sizes in told.items() if sizes[0] > FIRST or sizes[1] > AFTER}
    assert not heavy, f"first visit, then again, in bytes: {told}"
    assert all(first > 30_000 for first, _ in told.values()), f"something was not loaded: {told}"


# ---- the keyboard ----------------------------------------------------------------------------------------------------


class Hands:
    """Two hands on a keyboard: nothing else touches the page."""

    def __init__(self, page):
        self.page = page

    def name_of_focus(self):
        return self.page.evaluate(
            "() => { const e = document.activeElement; const label = e.labels?.[0]?.innerText || '';"
            " return (label || e.getAttribute('aria-label') || e.innerText || e.value || '').trim(); }"
        )

    def tab_to(self, name, most=150):
        """Tab until what has the focus is called so."""
        for _ in range(most):
            if re.fullmatch(name, self.name_of_focus(), re.DOTALL):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to «{name}» on {self.page.url}")

    def go(self, name):
        """To a link or button, and Enter; the next page has come."""
        self.tab_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def fill(self, name, text):
        self.tab_to(name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, name, text):
        """In a list one types the beginning of what is wanted."""
        self.tab_to(name)
        self.page.keyboard.type(text)


def test_a_dossier_s_whole_life_without_a_mouse(cast, page, site):
    for user in (cast.receiver, cast.chair):
        give_password(user)
    handler = cast.by_duty[Duty.HANDLE]
    give_password(handler)
    hands = Hands(page)

    def sign_in(user):
        page.context.clear_cookies()
        page.goto("/dang-nhap/")
        hands.fill("Tên đăng nhập", user.username)
        hands.fill("Mật khẩu", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    # The counter: g n, everyday words, the marked row.
    sign_in(cast.receiver)
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.keyboard.press("/")
    page.keyboard.type("dang ki bien dong", delay=5)
    with page.expect_navigation(url=re.compile(r"/tiep-nhan/[\d.]+/")):
        page.keyboard.press("Enter")
    page.keyboard.press("F2")
    page.keyboard.type("084195000001")
    hands.fill("Chủ hồ sơ.*", "Thạch Thị Phím")
    with page.expect_navigation(url=re.compile("/tiep-nhan/xong/|/ho-so/")):
        page.keyboard.press("F9")
    dossier = Dossier.objects.get()
    # Forwarded from its own page.
    page.keyboard.press("/")
    page.keyboard.type(dossier.code)
    with page.expect_navigation(url=re.compile(f"/ho-so/{dossier.pk}/")):
        page.keyboard.press("Enter")
    hands.go("Chuyển bước")
    hands.choose("Chuyển cho.*", handler.full_name)
    hands.go("Chuyển bước")
    # The handler proposes, the chairman signs.
    for user, act, to in ((handler, "Trình duyệt", cast.chair), (cast.chair, "Duyệt, ký", None)):
        sign_in(user)
        page.goto(f"/ho-so/{dossier.pk}/")
        hands.go(act)
        if to is not None:
            hands.choose("Trình.*", to.full_name)
        hands.go(act)
    sign_in(handler)
    page.goto(f"/ho-so/{dossier.pk}/")
    hands.go("Kết quả về một cửa")
    hands.go("Kết quả về một cửa")
    sign_in(cast.receiver)
    page.goto(f"/ho-so/{dossier.pk}/")
    hands.go("Trả kết quả")
    hands.go("Trả kết quả")
    dossier.refresh_from_db()
    assert (dossier.state, dossier.applicant.name) == (State.HANDED_OVER, "Thạch Thị Phím")
    assert dossier.handed_over_at <= clock.now()


def test_a_slip_is_found_by_its_qr(cast, page, site, inside):
    run = reserve_slips(actor=cast.receiver, unit=cast.xa_cau_ke, day=clock.today(), count=3, reason="Thử")
    codes = list(run.slips.order_by("number").values_list("code", flat=True))
    let_in(page, site, inside)
    page.goto(reverse("paper_entry"))
    slip = page.get_by_label("Mã trên phiếu")
    expect(slip).to_be_focused()
    expect(slip).to_have_value(codes[0])
    # A scanner types the address in the QR and Enter.
    page.keyboard.type(f"{site}{reverse('dossier_by_code')}?ma={codes[2]}")
    page.keyboard.press("Enter")
    expect(slip).to_have_value(codes[2])
    expect(page.get_by_label("Giờ nhận ghi trên phiếu")).to_be_focused()
    # A hand types the last figures.
    slip.fill(codes[1][-4:].lstrip("0"))
    slip.press("Enter")
    expect(slip).to_have_value(codes[1])
