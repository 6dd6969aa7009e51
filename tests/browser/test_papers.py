"""At the screen: a request ticked by keyboard, its letter, proof of sending, the waiting list, a signed result."""

import datetime as dt
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pytest

from motcua.core import clock
from motcua.dossiers.models import ElectronicResult, SupplementRequest
from tests.desk.test_printing import NAMES, filed
from tests.papers.signing import SIGNER, authority, signed
from tests.support.cast import give_password, make_cast

pytestmark = pytest.mark.browser


@pytest.fixture
def site_env() -> dict[str, str]:
    return {"MOTCUA_DEMO": "1"}


def picture(page, name):
    folder = os.environ.get("MOTCUA_PICTURES")
    if folder:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})


def sign_in(page, user, password):
    page.goto("/dang-nhap/")
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/dang-nhap/" not in url)


def paper_text(page, href: str) -> str:
    answer = page.request.get(href)
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.body())).pages
    return " ".join(" ".join(p.extract_text() for p in pages).split())


def test_from_ticks_to_the_letter_and_the_signed_result(real_database, page, axe, tmp_path):
    cast = make_cast()
    day = clock.today() - dt.timedelta(days=1)
    dossier = filed(cast, f"{day:%d/%m/%Y} 09:00")
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, cast.receiver, give_password(cast.receiver))

    page.goto(f"/ho-so/{dossier.pk}/")
    page.get_by_role("link", name="Yêu cầu bổ sung").first.click()
    axe(page)
    picture(page, "supplement")
    # By keyboard alone: tick, reason, a word more.
    page.get_by_label(NAMES[0], exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Thiếu chữ ký")
    page.keyboard.press("Tab")
    page.keyboard.type("ông Mẫu")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ho-so/{dossier.pk}/")
    ask = SupplementRequest.objects.get()
    assert ask.items == [f"{NAMES[0]}: thiếu chữ ký hoặc dấu; ông Mẫu"]
    axe(page)
    picture(page, "dossier")

    letter = page.get_by_role("link", name="Phiếu yêu cầu bổ sung")
    text = paper_text(page, letter.get_attribute("href"))
    assert f"1. {NAMES[0]}: thiếu chữ ký hoặc dấu; ông Mẫu" in text
    assert "Phiếu yêu cầu bổ sung" in letter.inner_text()

    page.get_by_role("link", name="Ghi lần gửi").click()
    axe(page)
    page.get_by_label("Cách gửi").select_option("post")
    page.get_by_label("Số, mã gửi").fill("RM123456789VN")
    page.get_by_role("button", name="Ghi lần gửi").click()
    page.get_by_text("Đã ghi lần gửi").wait_for()
    picture(page, "sendings")

    page.goto("/cho-bo-sung/?ngay=0")
    axe(page)
    picture(page, "waiting")
    page.goto("/thu-tuc/1.012756/ly-do-mau/")
    axe(page)
    picture(page, "reasons")
    page.goto("/so-theo-doi/")
    axe(page)
    page.goto("/mau-in/")
    axe(page)
    picture(page, "forms")

    # A result signed by somebody the office does not know yet.
    file = tmp_path / "ket-qua.pdf"
    # Signing runs an event loop of its own; this thread has the browser's.
    with ThreadPoolExecutor() as pool:
        file.write_bytes(pool.submit(lambda: signed(authority().signer())).result())
    page.goto(f"/ho-so/{dossier.pk}/")
    page.get_by_text("Thêm tệp").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Là", exact=True).select_option("result")
    page.get_by_role("button", name="Thêm tệp").click()
    page.get_by_text("Chưa xác định người ký").wait_for()
    axe(page)
    picture(page, "result")
    assert ElectronicResult.objects.get().signatures[0]["name"] == SIGNER
