"""Đối soát: another system's list against ours: only theirs, only ours, different, with what may lie behind it."""

import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers import actions, copying, reconciling
from motcua.dossiers.importing.reading import BadRow, ListRow, read_row
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Event
from motcua.org import queries as org
from tests.desk.counting import at, ended, received
from tests.support.cast import Cast
from tests.support.sql import max_queries

NOW = "21/08/2025 09:00"
HEAD = [
    "STT", "Mã hồ sơ", "Tên thủ tục", "Chủ hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý",
    "Ngày trả kết quả", "Trạng thái",
]  # fmt: skip
COLUMNS = {
    "code": 1, "procedure_name": 2, "applicant": 3, "received": 4, "due": 5, "ended": 6, "handed_over": 7, "status": 8,
}  # fmt: skip


def line(code: Any, first: str, due: str, end: str = "", handed: str = "", status: str = "Đang xử lý") -> list[str]:
    return ["1", str(code), "Đăng ký biến động", "Sơn Văn Mẫu", first, due, end, handed, status]


def page(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def books(cast: Cast) -> dict[str, Dossier]:
    """Five dossiers of August: open, ended, ended and known to the other side by a code of its own, voided, unknown."""
    found = {
        name: received(cast, f"{day}/08/2025 08:00")
        for name, day in (("open", "01"), ("ended", "04"), ("coded", "05"), ("voided", "06"), ("ours", "07"))
    }
    ended(cast, found["ended"], "08/08/2025 15:00")
    ended(cast, found["coded"], "08/08/2025 15:00")
    with clock.at(at("11/08/2025 08:00")):
        copying.record_external_code(actor=cast.receiver, dossier=found["coded"].pk, code="CONG-000123")
        actions.hand_over_result(actor=cast.receiver, dossier=found["coded"].pk)
        actions.void_event(
            actor=cast.receiver, dossier=found["voided"].pk, seq=1, reason="Nhập hai lần", approver=cast.chair
        )
    return {name: Dossier.objects.get(pk=row.pk) for name, row in found.items()}


def their_list(books: dict[str, Dossier]) -> list[list[str]]:
    return [
        line(books["open"].code, "01/08/2025", "08/08/2025"),
        line(books["ended"].code, "04/08/2025", "11/08/2025", "12/08/2025", "12/08/2025", "Đã trả kết quả"),
        line("CONG-000123", "05/08/2025", "13/08/2025", status="Đang xử lý"),
        line(books["voided"].code, "06/08/2025", "13/08/2025"),
        line("CONG-000777", "07/08/2025", "14/08/2025"),
        line("CONG-000778", "ngày mai", "14/08/2025"),
        line("cong-000777", "07/08/2025", "14/08/2025"),
    ]


def rows(lines: list[list[str]]) -> list[ListRow | BadRow | None]:
    return [read_row(n, cells, COLUMNS) for n, cells in enumerate(lines, start=2)]


def compared(cast: Cast, books: dict[str, Dossier], lines: list[list[str]], **more: Any) -> reconciling.Reconciled:
    with clock.at(at(NOW)):
        scope = org.scope(cast.receiver, None, clock.today())
        return reconciling.reconcile(scope, cast.xa_cau_ke, rows(lines), **more)


def test_each_dossier_is_in_one_of_four_places(cast: Cast, books: dict[str, Dossier]) -> None:
    before = Event.objects.count()
    found = compared(cast, books, their_list(books))
    assert [row.code for row, _ in found.only_theirs] == ["CONG-000777"]
    assert [ours.code for ours, _ in found.only_ours] == [books["ours"].code]
    assert found.same == 1
    assert {pair.ours.code for pair in found.different} == {books[name].code for name in ("ended", "coded", "voided")}
    assert [(bad.code, bad.line) for bad in found.bad] == [("CONG-000778", 7), ("cong-000777", 8)]
    assert Event.objects.count() == before


def test_the_same_applicant_on_the_same_day_may_be_the_same_dossier(cast: Cast, books: dict[str, Dossier]) -> None:
    found = compared(cast, books, their_list(books))
    assert f"Có thể là hồ sơ {books['ours'].code} của ta" in found.only_theirs[0][1]
    assert "Có thể là CONG-000777 bên kia" in found.only_ours[0][1]
    # Two who fit are no guess.
    twin = line("CONG-000779", "07/08/2025", "14/08/2025")
    found = compared(cast, books, [*their_list(books), twin])
    assert all(why.startswith("Chưa nhập vào hệ thống của ta") for _, why in found.only_theirs)


def test_what_differs_is_said_both_ways_with_a_reason(cast: Cast, books: dict[str, Dossier]) -> None:
    found = {pair.ours.code: pair.differences for pair in compared(cast, books, their_list(books)).different}
    told = {d.what: (d.theirs, d.ours) for d in found[str(books["ended"].code)]}
    assert told == {"Ngày kết thúc": ("12/08/2025", "08/08/2025"), "Ngày trả": ("12/08/2025", "(trống)")}
    told = {d.what: (d.theirs, d.ours) for d in found[str(books["coded"].code)]}
    assert told["Ngày hẹn trả"] == ("13/08/2025", "12/08/2025")
    assert told["Trạng thái"] == ("Đang xử lý", "Đã trả kết quả, 08/08/2025")
    assert "hủy theo" in found[str(books["voided"].code)][0].why
    assert all(d.why for differences in found.values() for d in differences)


def test_the_days_compared_can_be_narrowed(cast: Cast, books: dict[str, Dossier]) -> None:
    day = books["ours"].received_at.date()  # type: ignore[union-attr]
    found = compared(cast, books, their_list(books), first=day)
    assert (found.same, found.different) == (0, [])
    assert [ours.code for ours, _ in found.only_ours] == [books["ours"].code]
    # A dossier that is in the list with a day outside: said so, not called missing.
    late = line(books["ours"].code, "09/08/2025", "14/08/2025")
    found = compared(cast, books, [late, line("X-1", "07/08/2025", "14/08/2025")], last=day)
    assert "ngoài khoảng đối soát" in {o.code: why for o, why in found.only_ours}[str(books["ours"].code)]
    with pytest.raises(Invalid, match="trước ngày đầu"):
        compared(cast, books, their_list(books), first=day, last=day.replace(day=1))


def test_a_dossier_received_on_another_day_is_different_and_not_missing(cast: Cast, books: dict[str, Dossier]) -> None:
    found = compared(cast, books, [line(books["open"].code, "11/08/2025", "18/08/2025")])
    assert found.only_theirs == []
    told = {d.what: (d.theirs, d.ours) for pair in found.different for d in pair.differences}
    assert told["Ngày tiếp nhận"] == ("11/08/2025", "01/08/2025")


def test_other_units_dossiers_are_not_shown(cast: Cast, books: dict[str, Dossier]) -> None:
    with clock.at(at(NOW)):
        scope = org.scope(cast.other, None, clock.today())
        found = reconciling.reconcile(scope, cast.xa_cau_ke, rows(their_list(books)))
    assert found.only_ours == []
    assert found.different == []
    assert len(found.only_theirs) == 5


@pytest.mark.parametrize("lines", [[], [line("A-1", "hôm qua", "01/08/2025")]])
def test_a_list_without_a_readable_row_is_refused(cast: Cast, books: Any, lines: list[list[str]]) -> None:
    with pytest.raises(Invalid):
        compared(cast, books, lines)


# ---- the pages ------------------------------------------------------------------------------------------------------


def book(lines: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for n, cells in enumerate([["DANH SÁCH HỒ SƠ"], HEAD, *lines]):
            sheet.write_row(n, 0, cells)
    return out.getvalue()


def send(client: Client, content: bytes, **more: str) -> Any:
    given = {"unit": "29308", "system": "Cổng Dịch vụ công quốc gia", "first": "", "last": "", **more}
    return client.post("/doi-soat/", {**given, "file": SimpleUploadedFile("cong.xlsx", content)})


def test_the_page_shows_it_prints_it_and_gives_it_as_excel(cast: Cast, on: Any, books: dict[str, Dossier]) -> None:
    with on(NOW, cast.receiver) as client:
        client.get("/toi/")
        with max_queries(14):
            answer = send(client, book(their_list(books)))
        html = page(answer)
        assert "1 chỉ bên kia có" in html
        assert "1 chỉ ta có" in html
        assert "3 khác nhau" in html
        assert "1 khớp" in html
        assert "Dòng 8 (CONG-000778): ngày tiếp nhận «ngày mai»" in html
        sealed = re.search(r'name="sealed" value="([^"]+)"', answer.content.decode())
        assert sealed
        file = client.post("/doi-soat/tep/", {"sealed": sealed[1]})
        told = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
        kinds = [
            row[0] for row in told if row[0] in ("Chỉ bên kia có", "Chỉ ta có", "Khác nhau", "Dòng không đọc được")
        ]
        assert kinds.count("Khác nhau") == 5
        assert (kinds.count("Chỉ bên kia có"), kinds.count("Chỉ ta có")) == (1, 1)
        assert "cũ" in page(client.post("/doi-soat/tep/", {"sealed": sealed[1][:-4] + "aaaa"}, follow=True))
    with on(NOW, cast.other) as client:
        assert "không có đơn vị" in page(send(client, book(their_list(books)))).lower()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"khong phai", "không phải tệp Excel"),
        (book([])[:500], "không phải tệp Excel"),
        (book([]), "không có hồ sơ nào"),
    ],
)
def test_what_is_no_list_is_said(cast: Cast, on: Any, content: bytes, said: str) -> None:
    with on(NOW, cast.receiver) as client:
        answer = send(client, content)
        assert answer.status_code == 400
        assert said in page(answer)
        assert "--map" not in page(answer)
