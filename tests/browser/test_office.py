"""At the screen: a dossier copied into another system by keyboard, results put on their shelf, an inspector's look, an
office's people taken on from one list; each page with axe, wide and on a telephone."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, ShelfPlace
from motcua.org.models import Duty, User
from tests.browser.test_dossier_story import enter
from tests.desk.filing import received, usable
from tests.desk.test_hiring import GOOD, book
from tests.desk.test_reconciling import book as their_book
from tests.desk.test_reconciling import line
from tests.support.cast import Cast, give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(real_database: str) -> Cast:
    made = make_cast()
    usable(made)
    for user in (made.receiver, made.admin, made.by_duty[Duty.INSPECT]):
        give_password(user)
    cache.clear()
    return made


@pytest.fixture
def site_env() -> dict[str, str]:
    return {"MOTCUA_DEMO": "1"}


def looked_at(page: Any, axe: Any, address: str) -> None:
    """Without a serious fault, and nothing beyond the edge of a telephone."""
    page.goto(address)
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_receiver_copies_shelves_and_reconciles_by_keyboard(cast: Cast, page: Any, axe: Any, tmp_path: Path) -> None:
    dossier = received(cast)
    enter(page, cast.receiver)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    # Enter copies and goes on to the next field; after the last one waits the code.
    looked_at(page, axe, f"/ho-so/{dossier.pk}/chep-sang/?he-thong=mot-cua-tinh")
    page.reload()
    buttons = page.get_by_role("button", name="Chép")
    copied = []
    for _ in range(buttons.count()):
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    today = f"{clock.local_date(clock.now()):%d/%m/%Y}"
    assert copied[:3] == ["1.009991", "Sơn Văn Mẫu", "0900000001"]
    assert today in copied
    assert page.evaluate("document.activeElement.name") == "code"
    page.keyboard.insert_text("000.25.11.H59-250804-0001")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ho-so/{dossier.pk}/")
    assert Dossier.objects.get(pk=dossier.pk).external_code == "000.25.11.H59-250804-0001"

    # Its result comes and goes to a shelf: code, place, Enter.
    with clock.at(clock.now() - dt.timedelta(seconds=20)):
        actions.resolve(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk)
    looked_at(page, axe, "/ket-qua-chua-nhan/")
    page.get_by_label("Mã hồ sơ").fill(dossier.code)
    page.get_by_label("Vị trí kệ").fill("A3-12")
    page.keyboard.press("Enter")
    page.get_by_text("đã xếp ở A3-12").wait_for()
    assert ShelfPlace.objects.get().place == "A3-12"

    # The other system's list of the day: ours ended, theirs not, and one nobody here knows.
    path = tmp_path / "cong.xlsx"
    path.write_bytes(
        their_book([line("000.25.11.H59-250804-0001", today, today), line("000.25.11.H59-250804-0009", today, today)])
    )
    looked_at(page, axe, "/doi-soat/")
    page.get_by_label("Danh sách (.xlsx)").set_input_files(path)
    page.get_by_role("button", name="Đối soát").click()
    page.get_by_text("Ta đã có kết quả, bên kia chưa cập nhật").wait_for()
    assert page.get_by_role("region", name="Chỉ bên kia có").get_by_text("250804-0009").count() == 1
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải Excel").click()
    assert download.value.suggested_filename == "doi-soat.xlsx"
    looked_at(page, axe, "/so-theo-doi/xem/")
    assert page.get_by_text(dossier.code).count() == 1


def test_an_inspector_looks_and_an_administrator_takes_people_on(
    cast: Cast, page: Any, axe: Any, tmp_path: Path
) -> None:
    dossier = received(cast)
    actions.void_event(actor=cast.receiver, dossier=dossier.pk, seq=1, reason="Nhập hai lần", approver=cast.chair)
    enter(page, cast.by_duty[Duty.INSPECT])
    looked_at(page, axe, "/kiem-tra/?loai=huy")
    page.get_by_role("link", name=dossier.code).first.wait_for()
    looked_at(page, axe, f"/kiem-tra/chuoi/?ma={dossier.code}")
    page.get_by_text("toàn vẹn").wait_for()
    looked_at(page, axe, "/kiem-tra/ban-chot/")

    page.context.clear_cookies()
    enter(page, cast.admin)
    path = tmp_path / "can-bo.xlsx"
    people = [row for row in GOOD if row[3] == ""]
    path.write_bytes(book(*people))
    looked_at(page, axe, "/quan-tri/tu-danh-sach/")
    page.get_by_label("Đơn vị công tác").select_option("29308")
    page.get_by_label("Danh sách (.xlsx)").set_input_files(path)
    page.get_by_role("button", name="Xem trước").click()
    axe(page)
    page.get_by_role("button", name="Tạo 1 tài khoản").click()
    page.get_by_text("Mật khẩu tạm").wait_for()
    axe(page)
    assert User.objects.get(username="duc.st").must_change_password
