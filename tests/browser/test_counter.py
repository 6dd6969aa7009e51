"""At the counter with the keyboard alone: presses are counted, seconds are the machine's business."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from motcua.dossiers import charging
from motcua.dossiers.models import Dossier
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import FeeState, Stated
from motcua.procedures.drafts import Draft, FeeDraft, Head, PartDraft, TermDraft
from motcua.procedures.models import Synonym
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser

CARD = "084195000001|334567890|Thạch Thị Mẫu|05061995|Nữ|Ấp 1, Hòa Tân, Cầu Kè, Trà Vinh|10052021"


@pytest.fixture
def cast(real_database):
    made = make_cast()
    birth = Draft(
        Head(name="Đăng ký khai sinh", field="Hộ tịch"),
        terms=(_term(1, "working_day"),),
        fees=(FeeDraft(FeeState.AMOUNT, amount=8000, per="hồ sơ", confirmed=True),),
        parts=(PartDraft("Tờ khai"), PartDraft("Giấy chứng sinh"), PartDraft("Văn bản ủy quyền", required=False)),
    )
    copy = Draft(
        Head(name="Chứng thực bản sao từ bản chính", field="Chứng thực"),
        terms=(_term(0, "same_day"),),
        fees=(FeeDraft(FeeState.AMOUNT, amount=2000, per="trang", confirmed=True),),
    )
    for code, draft, said in (("1.009101", birth, "lam giay khai sinh"), ("2.009102", copy, "sao y")):
        used = create_procedure(code=code, draft=draft, valid_from=dt.date(2020, 1, 1), basis="QĐ thử").procedure
        adopt(unit=made.xa_cau_ke, procedure=used, valid_from=made.xa_cau_ke.valid_from)
        Synonym.objects.create(procedure=used, text=said, folded=said)
    give_password(made.receiver)
    cache.clear()
    return made


def _term(value, unit):
    start = "same_day_15h" if unit == "same_day" else "next_day"
    return TermDraft(Stated.STATED, value=Decimal(value), unit=unit, start_rule=start, confirmed=True)


@pytest.fixture
def site_env():
    return {"MOTCUA_DEMO": "1"}


class Keys:
    """A keyboard that counts: ``typed`` characters, ``pressed`` keys that only move or send. A card scanner types."""

    def __init__(self, page):
        self.page, self.typed, self.pressed = page, 0, 0

    def type(self, text, *, scanned=False):
        self.page.keyboard.type(text)
        self.typed += 0 if scanned else len(text)

    def press(self, key, *, scanned=False):
        self.page.keyboard.press(key)
        self.pressed += 0 if scanned else 1

    def enter_until(self, name, most=12):
        """Enter from field to field until this one has the focus."""
        for _ in range(most):
            if self.here() == name:
                return
            self.press("Enter")
        raise AssertionError(f"{name} was not reached; the focus is at {self.here()}")

    def here(self):
        return self.page.evaluate("document.activeElement.name || document.activeElement.id")


def sign_in(page, user):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill("mot-cua-2023-cau-ke")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def test_intake_wholly_by_keyboard(cast, page, site, axe):
    sign_in(page, cast.receiver)
    keys = Keys(page)
    keys.press("g")
    keys.press("n")
    page.wait_for_url("**/tiep-nhan/")
    # Everyday words, a slip in one of them, no diacritics; the best hit is marked, Enter opens it.
    keys.type("khai sih")
    keys.press("Enter")
    page.wait_for_url("**/tiep-nhan/1.009101/**")
    axe(page)
    assert page.get_by_text("Nếu tiếp nhận bây giờ").is_visible()
    # The scanner types the card's text and its own Enter.
    keys.type(CARD, scanned=True)
    keys.press("Enter", scanned=True)
    page.locator("#id_phone:focus").wait_for()
    assert page.locator("#id_name").input_value() == "Thạch Thị Mẫu"
    assert page.locator("#id_id_kind").input_value() == "cccd"
    assert page.locator("#unverified").is_visible()
    axe(page)
    keys.type("0900000001")
    keys.press("Enter")
    assert keys.here() == "card_checked"
    keys.press("Space")
    assert not page.locator("#unverified").is_visible()
    keys.press("F7")
    assert page.locator("[data-required]:checked").count() == 2
    keys.press("F8")
    keys.enter_until("pay")
    keys.press("ArrowDown")  # tiền mặt
    keys.press("F9")
    page.wait_for_url("**/tiep-nhan/xong/**")
    axe(page)
    made = Dossier.objects.get()
    assert charging.seen_as(made) == "checked"
    assert (made.applicant.name, made.applicant.phone) == ("Thạch Thị Mẫu", "0900000001")
    assert {c.name for c in made.components.all()} == {"Tờ khai", "Giấy chứng sinh"}
    purse = charging.purse(made)
    assert (purse.due, purse.paid) == (8000, 8000)
    # A minute's work: words to find it, a phone number, and a dozen keys.
    assert keys.typed <= 20
    assert keys.pressed <= 14
    # The next person is one key away.
    keys.press("Enter")
    page.wait_for_url("**/tiep-nhan/?**")
    assert page.evaluate("document.activeElement.id") == "tim"


def test_typed_text_survives_a_slow_answer(cast, page, site):
    """What the server found fills only what nobody has typed into meanwhile."""
    sign_in(page, cast.receiver)
    page.goto("/tiep-nhan/1.009101/")
    page.route("**/tiep-nhan/1.009101/", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.locator("#id_id_number").fill(CARD)
    page.keyboard.press("Enter")
    page.locator("#id_name").fill("Tên khác trên giấy khai sinh")
    expect(page.locator("#id_birth_date")).to_have_value("05/06/1995")
    assert page.locator("#id_name").input_value() == "Tên khác trên giấy khai sinh"


def test_five_people_in_the_morning(cast, page, site, axe):
    sign_in(page, cast.receiver)
    page.goto("/tiep-nhan/nhanh/")
    axe(page)
    people = ["Kim Thị Na", "Lý Văn Tư", "Sơn Thị Cam", "Thạch Văn Ổi", "Lâm Thị Mận"]
    for n, name in enumerate(people, start=1):
        assert page.evaluate("document.activeElement.name") == "name"
        keys = Keys(page)
        keys.type(name)
        for _ in range(3):
            keys.press("Tab")  # to the copies
        keys.type(str(n))
        keys.press("Enter")
        page.locator("tbody th").first.filter(has_text=f"{n}/").wait_for()
        assert keys.pressed <= 4
    axe(page)
    rows = list(Dossier.objects.order_by("pk"))
    assert [(d.applicant.name, d.copies, d.counter.number) for d in rows] == [
        (name, n, n) for n, name in enumerate(people, start=1)
    ]
    page.goto("/thu-phi/")
    axe(page)
    assert page.locator("tfoot").first.inner_text().count("30.000")
    page.goto("/mat-mang/")
    axe(page)
    page.get_by_label("Số phiếu").fill("2")
    page.keyboard.press("Enter")
    page.get_by_text("In phiếu còn lại").wait_for()
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for address in ("/tiep-nhan/", "/tiep-nhan/1.009101/", "/tiep-nhan/nhanh/", "/thu-phi/", "/mat-mang/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
