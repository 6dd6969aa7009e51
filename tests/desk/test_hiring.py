"""An office's people from one Excel list: looked at first, made all or none, first passwords told once."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from motcua.core import clock
from motcua.desk import people, roster
from motcua.org.models import AccessChange, Assignment, Duty, User
from motcua.org.queries import SYSTEM
from tests.desk.crew import PASSWORD, Crew

HEAD = ["STT", "Họ và tên", "Chức vụ", "Phòng ban", "Số điện thoại", "Nhiệm vụ", "Tiếp nhận"]
GOOD = [
    [1, "Sơn Thị Đức", "Công chức tư pháp", "", "0907 000 111", "Xử lý hồ sơ; Trả kết quả", "x"],
    [2, "Kim Văn Ổi", "Chuyên viên", "Văn phòng HĐND và UBND xã Cầu Kè", "", "Một người làm mọi việc", ""],
    [3, "Sơn Thanh Đức", "", "29308.01", "", "", ""],
]


def book(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for n, row in enumerate([["DANH SÁCH CÁN BỘ, CÔNG CHỨC"], [], head, *rows]):
            sheet.write_row(n, 0, row)
    return out.getvalue()


@pytest.fixture
def admin(crew: Crew, signed_in: Any) -> Client:
    return signed_in(crew.admin)


def look(client: Client, content: bytes, name: str = "can-bo.xlsx") -> Any:
    return client.post("/quan-tri/tu-danh-sach/", {"home": "29308", "file": SimpleUploadedFile(name, content)})


def sealed(html: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', html)
    assert found
    return found[1]


def test_a_list_is_looked_at_then_made_and_each_person_signs_in_and_must_change(crew: Crew, admin: Client) -> None:
    before = User.objects.count()
    html = look(admin, book(*GOOD)).content.decode()
    assert "3 người mới" in html
    assert "Chức danh ← «Chức vụ»" in html
    assert all(name in html for name in ("duc.st", "oi.kv", "duc.st2"))
    assert User.objects.count() == before
    assert not AccessChange.objects.exists()

    sent = {"sealed": sealed(html), "basis": "QĐ 12/2026", "request_key": "k-1"}
    assert admin.post("/quan-tri/tu-danh-sach/tao/", sent)["Location"] == "/quan-tri/mat-khau-lan-dau/"
    slips = admin.get("/quan-tri/mat-khau-lan-dau/").content.decode()
    passwords = re.findall(r'class="one-time">([^<]+)', slips)
    assert len(passwords) == 3
    assert not any(p in admin.get("/quan-tri/mat-khau-lan-dau/").content.decode() for p in passwords)
    assert not any(p in str(dict(admin.session)) for p in passwords)

    duc = User.objects.get(username="duc.st")
    assert (duc.full_name, duc.home, duc.title) == ("Sơn Thị Đức", crew.here, "Công chức tư pháp")
    held = set(Assignment.objects.filter(user=duc).values_list("duty", "unit", "basis"))
    duties = {Duty.HANDLE, Duty.HAND_OVER, Duty.RECEIVE}
    assert held == {(duty.value, crew.here.pk, "QĐ 12/2026") for duty in duties}
    assert Assignment.objects.filter(user__username="oi.kv", unit=crew.office).count() > 5
    assert User.objects.get(username="duc.st2").home == crew.office

    client = Client()
    client.post("/dang-nhap/", {"login": "duc.st", "password": passwords[0]})
    assert client.get("/toi/")["Location"] == "/doi-mat-khau/"
    own = {"old_password": passwords[0], "new_password": PASSWORD, "again_password": PASSWORD}
    client.post("/doi-mat-khau/", own)
    assert client.get("/toi/").status_code == 200

    # Sending the page again makes nobody twice and tells no password again.
    again = admin.post("/quan-tri/tu-danh-sach/tao/", sent, follow=True).content.decode()
    assert User.objects.count() == before + 3
    assert "chỉ hiện một lần" in again
    # The same list another day: everybody is there already.
    later = look(admin, book(*GOOD)).content.decode()
    assert "0 người mới, 3 đã có tài khoản" in later
    assert "Mọi người trong danh sách đã có tài khoản" in later


def test_wrong_lines_are_named_and_then_nobody_is_made(crew: Crew, admin: Client) -> None:
    rows = [
        GOOD[0],
        [2, "Lê Văn Sai", "", "Phòng Không Có", "", "", ""],
        [3, "Lê Thị Điện", "", "", "gọi cho tôi", "", ""],
        [4, "Lê Nhiệm", "", "", "", "Pha trà", ""],
        [5, "", "Chuyên viên", "", "", "", ""],
        [6, "Lê Hai", "", "Xã Tam Ngãi", "", "", ""],
    ]
    before = User.objects.count()
    html = look(admin, book(*rows)).content.decode()
    for line, why in ((5, "không có đơn vị"), (6, "Số điện thoại"), (7, "Pha trà"), (8, "họ và tên"), (9, "Tam Ngãi")):
        assert re.search(rf"Dòng {line}:</strong>[^<]*{why}", html), (line, why)
    assert 'name="sealed"' not in html
    assert User.objects.count() == before


def test_if_one_cannot_be_made_any_more_nobody_is(crew: Crew, admin: Client) -> None:
    html = look(admin, book(*GOOD)).content.decode()
    User.objects.create(username="duc.st2", full_name="Người Khác", password="!")
    before = User.objects.count()
    sent = {"sealed": sealed(html), "basis": "", "request_key": "k-2"}
    said = admin.post("/quan-tri/tu-danh-sach/tao/", sent, follow=True).content.decode()
    assert "Dòng 6" in said
    assert "Chưa tài khoản nào được tạo" in said
    assert User.objects.count() == before


def test_a_list_looked_at_by_another_is_not_carried_out(crew: Crew, admin: Client, signed_in: Any) -> None:
    html = look(admin, book(GOOD[0])).content.decode()
    other = signed_in(crew.stranger)
    before = User.objects.count()
    sent = {"sealed": sealed(html), "basis": "", "request_key": "k-3"}
    assert "gửi lại tệp" in other.post("/quan-tri/tu-danh-sach/tao/", sent, follow=True).content.decode()
    broken = {**sent, "sealed": sent["sealed"][:-3] + "abc"}
    assert "gửi lại tệp" in admin.post("/quan-tri/tu-danh-sach/tao/", broken, follow=True).content.decode()
    assert User.objects.count() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"khong phai excel", "không phải tệp Excel"),
        (book([1, "A"], head=["STT", "Ghi chú"]), "Không thấy dòng tiêu đề"),
        (book(head=["Họ và tên", "Nhiệm vụ"]), "không có người nào"),
        (book(*[[f"Người Số {n}", ""] for n in range(201)], head=["Họ và tên", "Nhiệm vụ"]), "nhiều nhất 200"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(crew: Crew, admin: Client, content: bytes, said: str) -> None:
    answer = look(admin, content, "x.xlsx")
    assert answer.status_code == 400
    assert said in answer.content.decode()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Sơn Thị Đức", "duc.st"), ("Thạch  Sa Rây", "ray.ts"), ("Ý", "y.cb"), ("Đỗ Ý", "y.d"), ("123", "")],
)
def test_user_names_follow_the_habit_of_the_house(name: str, wanted: str) -> None:
    assert roster.suggested(name) == wanted


def test_the_command_shows_first_and_makes_with_apply(
    crew: Crew, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "can-bo.xlsx"
    path.write_bytes(book(*GOOD))
    before = User.objects.count()
    call_command("import_accounts", str(path), unit="29308")
    assert User.objects.count() == before
    assert "Thêm --apply" in capsys.readouterr().out
    call_command("import_accounts", str(path), unit="29308", apply=True)
    told = capsys.readouterr().out
    name, password, _ = next(line for line in told.splitlines() if line.startswith("duc.st\t")).split("\t")
    assert User.objects.get(username=name).check_password(password)
    assert User.objects.get(username=name).must_change_password
    path.write_bytes(book([1, "Lê Sai", "", "Phòng Không Có", "", "", ""], [2, "Lê Đúng", "", "", "", "", ""]))
    with pytest.raises(CommandError, match="1 dòng sai"):
        call_command("import_accounts", str(path), unit="29308", apply=True)
    assert User.objects.count() == before + 3
    assert len(people.people(SYSTEM, clock.today())) == User.objects.count()
