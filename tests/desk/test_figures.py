"""Phiếu số liệu on the desk: without script, by Excel, given back; hostile files; what one officer sees of another."""

import io
import re
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.indicators import actions, defining, gathering, queries
from motcua.indicators.actions import Cell
from motcua.indicators.models import Return, ReturnState, SheetMapping, Value
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from motcua.papers import spreadsheet
from tests.support.cast import Cast
from tests.support.sql import max_queries


@pytest.fixture
def row(cast: Cast) -> Return:
    """The CCHC sheet of xã Cầu Kè for the usual window, begun."""
    defining.load_starter()
    form = queries.form("cchc")
    window = gathering.usual(form, clock.today())
    return actions.open_return(unit=cast.xa_cau_ke, form=form, window=window)


@pytest.fixture
def reform(cast: Cast, signed_in: Any) -> Client:
    return signed_in(cast.by_duty[Duty.REFORM])


def shown(row: Return, code: str) -> str:
    window = actions.window_of(row)
    return queries.values(SYSTEM, form=row.form, units=[row.unit], window=window).figure(row.unit_id, code).shown


def sheet(*lines: tuple[Any, ...], head: tuple[str, ...] = ("Chỉ tiêu", "Số liệu", "Ghi chú")) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write_row(0, 0, ["Báo cáo của xã"])
    for i, line in enumerate([head, *lines], start=2):
        page.write_row(i, 0, line)
    book.close()
    return out.getvalue()


def upload(content: bytes, name: str = "so-lieu.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_without_script_the_good_cells_are_saved_and_the_bad_one_comes_back(reform: Client, row: Return) -> None:
    url = reverse("figures_grid", args=[row.pk])
    typed = {"v-sang_kien": "6", "o-sang_kien": "0", "v-doi_thoai": "1.5", "o-doi_thoai": "0", "n-sang_kien": "QĐ 12"}
    answer = reform.post(url, typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="1.5"' in page
    assert "dấu phẩy cho phần thập phân" in page
    assert shown(row, "sang_kien") == "6"
    assert Value.objects.get().note == "QĐ 12"
    with max_queries(65):
        assert "QĐ 12" in reform.get(url).content.decode()


def test_the_script_hears_versions_and_what_follows(reform: Client, row: Return, cast: Cast) -> None:
    url, script = reverse("figures_grid", args=[row.pk]), {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
    told = reform.post(url, {"v-kh_nhiem_vu": "32", "o-kh_nhiem_vu": "0", "v-kh_hoan_thanh": "26"}, **script).json()
    assert told["done"] == {"kh_nhiem_vu": 1, "kh_hoan_thanh": 1}
    assert told["computed"] == {"kh_ty_le": "81,25"}
    actions.save_values(to=row.pk, cells=[Cell("kh_nhiem_vu", "40", 1)], actor=cast.by_duty[Duty.CONTROL])
    again = reform.post(url, {"v-kh_nhiem_vu": "33", "o-kh_nhiem_vu": "1"}, **script).json()
    assert "đã ghi «40»" in again["refused"]["kh_nhiem_vu"]
    actions.submit(to=row.pk)
    late = reform.post(url, {"v-kh_nhiem_vu": "33", "o-kh_nhiem_vu": "2"}, **script)
    assert late.status_code == 409
    assert "Đã gửi" in late.json()["error"]


def test_a_sheet_goes_out_and_comes_back_with_its_differences_shown_first(reform: Client, row: Return) -> None:
    actions.save_values(to=row.pk, cells=[Cell("sang_kien", "6"), Cell("vb_ty_le_dien_tu", "90/100")])
    out = reform.get(reverse("figures_file", args=[row.pk]))
    url = reverse("figures_import", args=[row.pk])
    same = reform.post(url, {"file": upload(out.content)}).content.decode()
    assert "0 số khác phiếu hiện nay; 2 số giống" in same
    theirs = sheet(
        ("Sáng kiến, giải pháp mới về CCHC", 7, "công nhận tháng 5"),
        ("Số tin bài trên đài xã", "1.115", ""),
        ("Tỷ lệ hoàn thành kế hoạch", 100, ""),
        ("=HYPERLINK(\"http://x\")", 3, ""),
    )  # fmt: skip
    page = reform.post(url, {"file": upload(theirs)}).content.decode()
    assert "1 số khác phiếu hiện nay" in page
    assert "Số tin bài trên đài xã" in page
    assert "số tính tự động, không nhập từ tệp" in page
    assert Value.objects.get(indicator__code="sang_kien").number == 6  # nothing is written by looking
    form = dict(re.findall(r'<input type="hidden" name="([a-z]+-\d+)" value="([^"]*)"', page))
    lines = re.findall(r'name="dong" value="(\d+)"', page)
    unknown = next(n for n in lines if form.get(f"nhan-{n}") == "Số tin bài trên đài xã")
    done = reform.post(url, {**form, "dong": lines, f"ma-{unknown}": "tt_tin_bai", "ghi": "1"})
    assert done.status_code == 302
    assert (shown(row, "sang_kien"), shown(row, "tt_tin_bai")) == ("7", "1.115")
    assert "so tin bai tren dai xa" in SheetMapping.objects.get().labels
    # The next time it is recognised.
    again = reform.post(url, {"file": upload(sheet(("Số tin bài trên đài xã", 1200, "")))}).content.decode()
    assert "Tin, bài tuyên truyền CCHC" in again
    assert "0 dòng chưa rõ" in again


def macro() -> bytes:
    out = io.BytesIO(sheet(("Sáng kiến", 1, "")))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>", "không phải tệp Excel"),
        (macro(), "có macro"),
        (sheet(("a", 1, ""), head=("X", "Y", "Z")), "Không thấy dòng tiêu đề"),
        (sheet(), "không có dòng số liệu nào"),
        (b"", "không phải tệp Excel"),
    ],
)
def test_files_that_are_no_sheet_are_refused_in_words(reform: Client, row: Return, content: bytes, why: str) -> None:
    answer = reform.post(reverse("figures_import", args=[row.pk]), {"file": upload(content or b" ")})
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert not Value.objects.exists()


def test_given_back_with_a_reason_that_is_read_below(
    signed_in: Any, row: Return, cast: Cast
) -> None:  # fmt: skip
    actions.save_values(to=row.pk, cells=[Cell("sang_kien", "6")])
    actions.submit(to=row.pk)
    url = reverse("figures_move", args=[row.pk, "tra-lai"])
    above = signed_in(cast.above)
    assert above.post(url, {"reason": ""}).status_code == 400
    assert above.post(url, {"reason": "Thiếu số phiếu khảo sát"}).status_code == 302
    row.refresh_from_db()
    assert row.state == ReturnState.RETURNED
    below = signed_in(cast.by_duty[Duty.REFORM])
    assert "Thiếu số phiếu khảo sát" in below.get(reverse("figures_grid", args=[row.pk])).content.decode()
    # Nobody takes in what is his own, nor from beside.
    actions.submit(to=row.pk)
    for who in (cast.by_duty[Duty.REFORM], cast.other):
        signed_in(who).post(reverse("figures_move", args=[row.pk, "tiep-nhan"]))
    row.refresh_from_db()
    assert row.state == ReturnState.SUBMITTED


def test_evidence_is_given_to_whoever_reads_the_sheet_and_to_nobody_else(
    signed_in: Any, row: Return, cast: Cast
) -> None:  # fmt: skip
    actions.save_values(to=row.pk, cells=[Cell("sang_kien", "6")])
    mine = signed_in(cast.by_duty[Duty.REFORM])
    pdf = SimpleUploadedFile("quyết định.pdf", b"%PDF-1.4\n%%EOF\n")
    mine.post(reverse("figures_attach", args=[row.pk]), {"code": "sang_kien", "file": pdf})
    url = reverse("figures_evidence", args=[row.pk, "sang_kien"])
    answer = mine.get(url)
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert signed_in(cast.other).get(url).status_code == 404


def test_the_whole_names_who_has_not_sent_and_a_wrong_address_is_said(signed_in: Any, row: Return, cast: Cast) -> None:
    said = {"nv_duoc_giao": "5", "nv_dung_han": "3", "nv_qua_han_xong": "0", "nv_chua_den_han": "0"}
    cells = [Cell(code, typed) for code, typed in {**said, "nv_qua_han_chua": "1"}.items()]
    actions.save_values(to=row.pk, cells=cells)
    above = signed_in(cast.above)
    page = above.get(reverse("figures_whole")).content.decode()
    assert "3/3 đơn vị chưa gửi" in page
    assert "lệch 1." in page
    book = above.get(reverse("figures_whole_file"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assigned = next(line for line in rows if line[1] == "Tổng số nhiệm vụ được giao")
    heads = next(line for line in rows if "Tổng hợp" in line)
    assert dict(zip(heads, assigned, strict=True))["Xã Cầu Kè"] == assigned[heads.index("Tổng hợp")] == 5
    # Not accepted: then it does not count.
    assert "lệch 1." not in above.get(reverse("figures_whole") + "?chi=da-nhan").content.decode()
    one = above.get(reverse("figures_one", args=["nv_duoc_giao"]) + "?gop=1").content.decode()
    assert "Tổng số nhiệm vụ được giao: 5" in one
    assert "Xã Cầu Kè" in one
    assert above.get(reverse("figures") + "?tu=2025-99-01&den=x").status_code == 400
    assert above.get(reverse("figures_one", args=["khong_co"])).status_code == 404
    assert above.get(reverse("figures") + "?don_vi=01").status_code == 404


def test_a_zip_bomb_is_not_unpacked(reform: Client, row: Return, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "UNPACKED_LIMIT", 1 << 20)  # the real one takes seconds to build a bomb for
    out = io.BytesIO(sheet(("Sáng kiến", 1, "")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(2 << 20))
    answer = reform.post(reverse("figures_import", args=[row.pk]), {"file": upload(out.getvalue())})
    assert answer.status_code == 400
    assert "quá lớn" in answer.content.decode()
