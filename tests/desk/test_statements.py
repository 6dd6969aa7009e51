"""Statements on the desk: asked by address, every figure leads to its dossiers, frozen, continued, taken away."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Event
from motcua.org.models import Duty
from motcua.procedures.actions import adopt
from motcua.reports import rates as reckoned
from tests.desk.counting import (
    AUGUST,
    FREEZE,
    ITEMS,
    NOW,
    STATEMENT,
    asked,
    at,
    freeze,
    main_of,
    text_of,
    total,
)
from tests.desk.filing import usable
from tests.support import worlds
from tests.support.sql import max_queries


@pytest.fixture
def world(db, august_told):
    return worlds.copy_of(august_told)


@pytest.fixture
def cast(world):
    return world[0]


@pytest.fixture
def told(world):
    return world[1]


@pytest.fixture(autouse=True)
def _now():
    with clock.at(at(NOW)):
        yield


def drills(response):
    """(row, column number, figure, address) of every figure that leads somewhere."""
    context = response.context
    return [
        (shown.row.label, column.number, cell.text, cell.url)
        for shown in [*context["rows"], context["total"]]
        for cell, column in zip(shown.cells, context["sheet"].columns, strict=True)
        if cell.url
    ]


# ---- the statement --------------------------------------------------------------------------------------------------


def test_the_statement_of_august(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast))
    assert total(page) == AUGUST
    html = main_of(page)
    assert "hết ngày 20/08/2025" in html
    assert "bút toán số" in html
    assert "trong đó 1 hồ sơ đang chờ bổ sung" in html
    assert "trong đó 1 hồ sơ không có kết quả (1 trả lại hồ sơ)" in html
    assert "Hạn tính theo ngày, ngày làm việc, tháng" in html
    assert "SỐ ƯỚC" not in html
    assert "TẠM TÍNH" not in html


@pytest.mark.parametrize(
    ("by", "form"),
    [("unit", "06a"), ("unit", "14"), ("unit", "full"), ("procedure", "06a"), ("field", "14"), ("channel", "full")],
)
def test_every_figure_leads_to_as_many_dossiers(cast, told, reform, by, form):
    page = reform.get(STATEMENT, asked(cast, theo=by, mau=form))
    found = drills(page)
    assert len(found) >= 8
    codes = {dossier.code for dossier in told.values()}
    for row, column, figure, url in found:
        behind = reform.get(url)
        assert behind.status_code == 200, (row, column)
        rows = behind.context["rows"]
        assert str(behind.context["found"].figure) == figure, (row, column)
        assert str(len(rows)) == figure, (row, column)
        assert {each.entry.code for each in rows} <= codes
        for each in rows:
            assert f'href="{each.url}"' in text_of(behind)
    landed = reform.get(rows[0].url)
    assert landed["Location"] == reverse("dossier", args=[rows[0].dossier.pk])


def test_the_overdue_column_names_the_two_that_were_late(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast))
    url = next(url for row, column, _, url in drills(page) if (row, column) == ("Tổng cộng", "10"))
    behind = reform.get(url)
    assert {row.entry.code for row in behind.context["rows"]} == {told["C"].code, told["G"].code}
    assert "Số hồ sơ đã giải quyết: quá hạn: 2" in text_of(behind)
    assert "Sơn Văn Mẫu" in text_of(behind)


def test_zeros_are_quiet_and_lead_nowhere(cast, told, reform):
    html = main_of(reform.get(STATEMENT, asked(cast)))
    assert '<td class="num zero">0</td>' in html
    assert not re.search(r'zero"><a', html)


def test_the_internal_table_shows_what_06a_folds_together(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, mau="14"))
    #                    3    4    5    6    7    8    9        10   11   12   13   14
    assert total(page) == ["7", "1", "6", "1", "1", "1", "66,67", "1", "1", "1", "1", "0"]


def test_without_an_address_it_is_ones_own_unit_and_the_running_month(cast, told, reform):
    page = reform.get(STATEMENT)
    html = main_of(page)
    assert total(page) == AUGUST  # nothing happened on the 21st
    assert "SỐ ƯỚC, tính đến hết ngày 21/08/2025" in html
    assert "TẠM TÍNH" in html
    assert "lúc 16:30 ngày 21/08/2025" in html
    assert 'value="01/08/2025"' in html
    assert 'value="31/08/2025"' in html


def test_the_periods_offered_are_those_of_the_reporting_year(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, theo="channel", mau="14"))
    offered = {choice.title: parse_qs(urlsplit(choice.url).query) for choice in page.context["quick"]}
    quarter = offered["Quý III/2025"]
    assert (quarter["tu"], quarter["den"], quarter["uoc"]) == (["2025-06-15"], ["2025-09-14"], ["2025-08-21"])
    assert (quarter["theo"], quarter["mau"]) == (["channel"], ["14"])
    assert offered["Năm 2024"]["tu"] == ["2023-12-15"]
    assert "uoc" not in offered["Tháng 7/2025"]
    assert reform.get(STATEMENT + page.context["quick"][0].url).status_code == 200


def test_the_whole_question_stands_in_the_address(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, theo="field", mau="14", biet="21/08/2025", muon="on"))
    url = page.context["exports"][0][1]
    query = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
    assert query == asked(cast, theo="field", mau="14", so="dossier", biet="21/08/2025", muon="on")
    again = reform.get(STATEMENT, query)
    assert total(again) == total(page)
    assert "ghi muộn" in main_of(again)


def test_a_unit_may_be_asked_for_by_code_short_code_and_name(cast, told, reform):
    for typed in ("29308", "xacauke", "Xã Cầu Kè"):
        page = reform.get(STATEMENT, asked(cast, don_vi=typed))
        assert total(page) == AUGUST
        assert re.search(rf'<option value="{cast.xa_cau_ke.key}"\s+selected', text_of(page))
    # the code was another unit's until 30/6/2025: the one alive on the last day is meant
    before = reform.get(STATEMENT, asked(cast, don_vi="29308", tu="2025-06-01", den="2025-06-30"))
    assert before.context["made"].units == ((cast.unit("29308").key, "Thị trấn Cầu Kè"),)


def test_nothing_at_all_says_so_and_leads_on(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, tu="2025-07-01", den="2025-07-10"))
    assert page.status_code == 200
    html = main_of(page)
    assert "đơn vị không có hồ sơ nào" in html
    assert "Kỳ liền trước" in html
    assert "<table" not in html
    assert reform.get(STATEMENT + page.context["earlier"]).status_code == 200


def test_knowing_less_shows_less(cast, told, reform, on):
    early = reform.get(STATEMENT, asked(cast, den="2025-08-05", biet="05/08/2025"))
    now = reform.get(STATEMENT, asked(cast, den="2025-08-05"))
    assert total(early) == total(now)
    with on("22/08/2025 09:00") as reform:
        late = Event.objects.get(item=told["A"].item, verb="resolve")
        actions.void_event(
            actor=cast.by_duty[Duty.HANDLE],
            dossier=told["A"].pk,
            seq=late.seq,
            reason="Nhầm hồ sơ",
            approver=cast.by_duty[Duty.HEAD],
        )
        then = reform.get(STATEMENT, asked(cast, biet="21/08/2025"))
        assert total(then) == AUGUST
        assert "đã biết đến hết ngày 21/08/2025" in text_of(then)
        assert total(reform.get(STATEMENT, asked(cast))) != AUGUST
        mark = then.context["made"].watermark
        assert total(reform.get(STATEMENT, asked(cast, biet=str(mark)))) == AUGUST


# ---- wrong, huge and hostile input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "told_so"),
    [
        ({"den": "2025-08-22"}, "den", "chưa tới"),
        ({"tu": "2025-08-21", "den": "2025-08-01"}, "tu", "sau đến ngày"),
        ({"uoc": "2025-07-31"}, "uoc", "phải nằm trong kỳ"),
        ({"tu": "31/02/2025"}, "tu", "Ngày chưa đúng"),
        ({"tu": ""}, "tu", "Chưa nhập"),
        ({"den": "9999-12-31"}, "den", "Năm 9999"),
        ({"theo": "người"}, "theo", "không có trong các lựa chọn"),
        ({"so": "tiền"}, "so", "không có trong các lựa chọn"),
        ({"mau": "06b"}, "mau", "không có trong các lựa chọn"),
        ({"don_vi": ""}, "don_vi", "Chưa nhập"),
        ({"don_vi": "XYZ"}, "don_vi", "Không có đơn vị «XYZ» trong phạm vi"),
        ({"don_vi": "<script>alert(1)</script>"}, "don_vi", "Không có đơn vị"),
        ({"don_vi": "29308@2025-13-45"}, "don_vi", "Không có đơn vị"),
        ({"don_vi": "x" * 5000}, "don_vi", "200"),
        ({"biet": "hôm qua"}, "biet", "Gõ một ngày"),
        ({"biet": "CS-2025-9999"}, "biet", "CS-2025-9999"),
        ({"biet": "99999999"}, "biet", "chưa có bút toán"),
        ({"biet": "9" * 40}, "biet", "Gõ một ngày"),
        ({"biet": "01/01/2024"}, "biet", "chưa tới"),
        ({"biet": "01/01/2099"}, "biet", "chưa tới"),
        ({"noi": "chot"}, "noi", "Chưa có bản chốt chính thức nào"),
        ({"noi": "CS-2025-0001"}, "noi", "Không có bản chốt"),
        ({"noi": "bua"}, "noi", "không có trong các lựa chọn"),
    ],
)
def test_bad_input_is_told_in_the_form_on_every_page(cast, reform, change, field, told_so):
    for address in (STATEMENT, ITEMS, "/bieu-tong-hop/tep/xlsx/", "/bieu-tong-hop/dieu-chinh/", FREEZE):
        page = reform.get(address, asked(cast) | change)
        html = text_of(page)
        assert page.status_code == 400, address
        summary = html.split('class="error-summary"')[1].split("</div>")[0]
        assert told_so in summary, summary
        assert f'href="#id_{field}"' in summary
        assert "<script>alert" not in html
        assert "attachment" not in page.get("Content-Disposition", "")


def test_an_estimate_day_after_the_period_is_no_estimate(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, uoc="2025-08-21"))
    assert total(page) == AUGUST
    assert "SỐ ƯỚC" not in main_of(page)


@pytest.mark.parametrize(
    "what",
    [
        {"cot": "c99"},
        {"cot": ""},
        {"cot": "ended.late.'--"},
        {"cot": "c3", "dong": "khác"},
        {"cot": "c3", "dong": "@x"},
    ],
)
def test_a_figure_that_is_not_there_is_not_found(cast, told, reform, what):
    page = reform.get(ITEMS, asked(cast) | what)
    assert page.status_code == 404
    assert "Biểu không có" in text_of(page)


@pytest.mark.parametrize("number", ["0", "-1", "2", "99999", "9" * 30, "x"])
def test_a_page_that_is_not_there_is_the_last_one(cast, told, reform, number):
    page = reform.get(ITEMS, asked(cast, cot="c3", trang=number))
    assert len(page.context["rows"]) == 7


def test_long_lists_of_a_figure_have_pages(cast, told, reform, monkeypatch):
    from motcua.ledger import behind

    monkeypatch.setattr(behind, "PAGE", 3)
    monkeypatch.setattr(behind.drill, "__kwdefaults__", {"page": 1, "page_size": 3})
    seen = []
    for number in (1, 2, 3):
        page = reform.get(ITEMS, asked(cast, cot="c3", trang=number))
        seen += [row.entry.code for row in page.context["rows"]]
    assert "7–7 trong 7 hồ sơ" in text_of(page)
    assert sorted(seen) == sorted(d.code for letter, d in told.items() if letter != "H")


# ---- taken away ------------------------------------------------------------------------------------------------------


def test_the_excel_file_says_what_the_page_says(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast))
    response = reform.get(page.context["exports"][0][1])
    assert response["Content-Disposition"] == 'attachment; filename="bieu-06a_xa-cau-ke_20250801-20250820.xlsx"'
    assert response["X-Content-Type-Options"] == "nosniff"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    shown = [[cell.text for cell in row.cells] for row in [*page.context["rows"], page.context["total"]]]
    found = [[f"{n:.0f}" for n in row[2:]] for row in rows if isinstance(row[2], float)]
    assert found == shown
    assert "ỦY BAN NHÂN DÂN" in str(rows)
    assert reform.get(page.context["exports"][0][1]).content == response.content


def test_the_word_file_says_what_the_page_says(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, mau="14"))
    (_, url) = page.context["exports"][1]
    response = reform.get(url)
    table = next(t for t in Document(io.BytesIO(response.content)).tables if len(t.columns) > 5)
    found = [[cell.text for cell in row.cells][2:] for row in table.rows][-len(page.context["rows"]) - 1 :]
    assert found == [[cell.text for cell in row.cells] for row in [*page.context["rows"], page.context["total"]]]
    assert reform.get(url).content == response.content


def test_a_frozen_statement_is_the_same_file_for_everybody_and_for_ever(cast, told, reform, on):
    done, _, _ = freeze(reform, cast)
    url = reform.get(done["Location"]).context["exports"][1][1]
    first = reform.get(url)
    assert "CS-2025-0001" in first["Content-Disposition"]
    with on("30/09/2025 09:00", cast.chair) as chair:
        later = chair.get(url)
    assert later.content == first.content


def test_only_forms_with_a_template_have_a_word_file(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, mau="full"))
    assert [title for title, _ in page.context["exports"]] == ["Excel"]
    assert reform.get("/bieu-tong-hop/tep/docx/", asked(cast, mau="full")).status_code == 404
    assert reform.get("/bieu-tong-hop/tep/exe/", asked(cast)).status_code == 404


# ---- who sees what --------------------------------------------------------------------------------------------------

PAGES = [STATEMENT, ITEMS, "/bieu-tong-hop/tep/xlsx/", "/bieu-tong-hop/tep/docx/", "/bieu-tong-hop/dieu-chinh/", FREEZE]


@pytest.mark.parametrize("address", PAGES)
def test_another_units_figures_are_not_shown(cast, told, signed_in, address):
    other = signed_in(cast.other)  # every duty, at xã An Phú Tân
    page = other.get(address, asked(cast, cot="c3"))
    assert page.status_code == 400
    assert "trong phạm vi được giao" in text_of(page)
    assert told["A"].code not in text_of(page)
    own = other.get(STATEMENT, asked(cast, don_vi=cast.xa_an_phu_tan.key))
    assert own.status_code == 200


@pytest.mark.parametrize("address", [*PAGES, "/bieu-tong-hop/da-chot/"])
def test_duties_open_it_and_nothing_else_does(cast, told, signed_in, address):
    for duty in (Duty.RECEIVE, Duty.HANDLE, Duty.ADMIN, Duty.CLERK):
        assert signed_in(cast.by_duty[duty]).get(address, asked(cast)).status_code == 403, duty
    assert signed_in(cast.stranger).get(address, asked(cast)).status_code == 403
    assert Client().get(address, asked(cast))["Location"].startswith("/dang-nhap/")
    readers = {Duty.REFORM, Duty.CONTROL, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT}
    if address == FREEZE:
        readers &= {Duty.REFORM, Duty.CONTROL}
    for duty in readers:
        page = signed_in(cast.by_duty[duty]).get(address, asked(cast, cot="c3"))
        assert page.status_code == 200, duty
    assert "Biểu tổng hợp" not in text_of(signed_in(cast.receiver).get("/viec/"))


def test_above_sees_it_beneath_its_own(cast, told, signed_in):
    above = signed_in(cast.above)
    page = above.get(STATEMENT, asked(cast, don_vi=cast.vinh_long.key))
    assert total(page) == AUGUST
    assert "Xã Cầu Kè" in main_of(page)
    behind = above.get(ITEMS, asked(cast, don_vi=cast.vinh_long.key, cot="c3"))
    assert len(behind.context["rows"]) == 7


def test_a_frozen_number_of_another_unit_is_not_known_here(cast, told, reform, signed_in):
    freeze(reform, cast)
    page = signed_in(cast.other).get(STATEMENT, asked(cast, don_vi=cast.xa_an_phu_tan.key, biet="CS-2025-0001"))
    assert page.status_code == 400
    assert "Không có bản chốt số liệu" in text_of(page)
    assert "CS-2025-0001" not in text_of(signed_in(cast.other).get("/bieu-tong-hop/da-chot/"))


def test_what_has_left_for_another_unit_is_counted_but_not_shown(cast, told, signed_in, reform):
    other = cast.by_duty[Duty.HEAD]
    adopt(unit=cast.xa_an_phu_tan, procedure=usable(cast), valid_from=cast.xa_an_phu_tan.valid_from)
    with clock.at(at("21/08/2025 10:00")):
        actions.transfer(actor=other, dossier=told["D"].pk, unit=cast.xa_an_phu_tan, reason="Đúng thẩm quyền")
    Dossier.objects.filter(pk=told["D"].pk).update(desk_unit=cast.xa_an_phu_tan, holder_unit=None)
    page = reform.get(ITEMS, asked(cast, cot="c4"))
    left = next(row for row in page.context["rows"] if row.entry.code == told["D"].code)
    assert (left.url, left.dossier) == ("", None)
    assert "ngoài phạm vi được giao" in text_of(page)
    moved = reform.get(ITEMS, asked(cast, den="2025-08-21", mau="full", cot="transferred"))
    assert moved.context["found"].figure == -1
    assert "−1" in text_of(moved)


# ---- budgets --------------------------------------------------------------------------------------------------------

# Session, person and duties come before every page; the scope is one more.
BEFORE = 4


@pytest.mark.parametrize("by", ["unit", "field", "procedure", "channel"])
def test_a_statement_keeps_its_budget(cast, told, reform, by):
    reform.get(STATEMENT)
    with max_queries(BEFORE + 8):
        reform.get(STATEMENT, asked(cast, theo=by))


def test_a_continued_statement_keeps_its_budget(cast, told, reform):
    freeze(reform, cast, den="2025-08-14")
    wanted = asked(cast, tu="2025-08-15", noi="chot", theo="procedure")
    reform.get(STATEMENT, wanted)  # a process that has counted working days before
    with max_queries(BEFORE + 8):
        page = reform.get(STATEMENT, wanted)
    assert page.status_code == 200


@pytest.mark.parametrize("by", ["unit", "procedure"])
def test_the_dossiers_behind_a_figure_keep_their_budget(cast, told, reform, by):
    reform.get(STATEMENT)
    with max_queries(BEFORE + 8):
        page = reform.get(ITEMS, asked(cast, theo=by, cot="c3"))
    assert len(page.context["rows"]) == 7


def test_the_list_of_frozen_ones_keeps_its_budget(cast, told, reform):
    freeze(reform, cast, den="2025-08-14")
    reform.get(STATEMENT)
    with max_queries(8):
        reform.get("/bieu-tong-hop/da-chot/")


def test_freezing_keeps_its_budget(cast, told, reform):
    page = reform.get(FREEZE, asked(cast))
    form = {"request_key": "mot-lan", "seen": page.context["seal"]}
    with max_queries(BEFORE + 28):  # the figures twice: as confirmed, and as frozen
        done = reform.post(FREEZE + "?" + page.wsgi_request.GET.urlencode(), form)
    assert done.status_code == 302, main_of(done)


def test_where_units_are_too_many_to_list_they_are_typed(cast, told, signed_in, monkeypatch):
    from motcua.desk import asked as module

    monkeypatch.setattr(module, "_OFFERED", 3)
    above = signed_in(cast.above)
    page = above.get(STATEMENT, asked(cast))
    html = main_of(page)
    assert total(page) == AUGUST
    assert 'value="29308"' in html  # not the key of the address
    assert "Xã Cầu Kè. Gõ mã, mã ngắn hoặc tên đơn vị khác." in html
    assert total(above.get(STATEMENT, asked(cast, don_vi="xã cầu kè"))) == AUGUST
    two = above.get(STATEMENT, asked(cast, don_vi="Tỉnh Vĩnh Long", tu="2020-01-01", den="2019-01-01"))
    assert two.status_code == 400
    ended = above.get(STATEMENT, asked(cast, don_vi=cast.cauke.key))
    assert f'value="{cast.cauke.key}"' in text_of(ended)  # that code means nobody in August 2025


# ---- rates -----------------------------------------------------------------------------------------------------------


def test_the_rates_stand_side_by_side_on_page_and_paper(cast, told, reform, monkeypatch):
    """B ended on its due day; said the next morning instead, it would be late in fact. C and G were late."""
    end = Event.objects.get(item=told["B"].item, verb="resolve")
    handler, head = cast.by_duty[Duty.HANDLE], cast.by_duty[Duty.HEAD]
    with clock.at(at("12/08/2025 08:00")):
        actions.void_event(actor=handler, dossier=told["B"].pk, seq=end.seq, reason="Nhầm", approver=head)
        actions.resolve(
            actor=handler, dossier=told["B"].pk, occurred_at=at("11/08/2025 16:00"), approver=head, reason="Nhầm"
        )
    page = reform.get(STATEMENT, asked(cast))
    table = main_of(page).split('class="statement-rates')[1].split("</table>")[0]
    rows = [re.findall(r">([^<>]+)</t[hd]>", row) for row in table.split("<tr>")[2:]]
    assert rows == [
        ["Theo hệ thống, như đã ghi", "2/4", "50,00"],
        ["Thực tế, việc ghi muộn tính theo lúc ghi", "1/4", "25,00"],
        ["Theo hạn giải quyết", "2/4", "50,00"],
        ["Theo ngày hẹn trả", "2/4", "50,00"],
        ["Theo hạn quy định", "2/4", "50,00"],
    ]
    said = "theo hệ thống, như đã ghi 50,00% (2/4 hồ sơ); thực tế, việc ghi muộn tính theo lúc ghi 25,00% (1/4 hồ sơ)"
    for _, url in page.context["exports"]:
        content = reform.get(url).content
        if "xlsx" in url:
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
            assert said in str(sheet.to_python())
        else:
            assert said in "".join(each.text for each in Document(io.BytesIO(content)).paragraphs)
    # What takes long is counted when it is asked for.
    monkeypatch.setattr(reckoned, "AT_ONCE", 3)
    assert "Theo hệ thống" not in main_of(reform.get(STATEMENT, asked(cast)))
    assert "Theo hệ thống" in main_of(reform.get(STATEMENT, asked(cast, muon="on")))


# ---- on the due day --------------------------------------------------------------------------------------------------


def test_what_was_stopped_on_its_due_day_is_shown_to_the_inspector(cast, told, signed_in):
    """D was received on 18/8 with five working days: due on the 25th. Asked for more on that very day."""
    with clock.at(at("25/08/2025 15:30")):
        actions.request_supplement(
            actor=cast.by_duty[Duty.HANDLE], dossier=told["D"].pk, items=["Bản sao"], reason="Thiếu"
        )
    with clock.at(at("26/08/2025 16:30")):
        inspector = signed_in(cast.by_duty[Duty.INSPECT])
        page = inspector.get(STATEMENT, asked(cast, den="2025-08-25"))
        url = page.context["due_day_url"]
        assert f'href="{url.replace("&", "&amp;")}"' in text_of(page)
        inspector.get(url)  # the calendar is compiled once in a process
        with max_queries(BEFORE + 8):
            listed = inspector.get(url)
    html = main_of(listed)
    assert "Dừng đúng ngày đến hạn: 1" in html
    for expected in (told["D"].code, "Yêu cầu bổ sung", "15:30 25/8/2025", "Chờ bổ sung", "Xã Cầu Kè"):
        assert expected in html, expected
    assert reverse("dossier", args=[told["D"].pk]) in html
    assert told["F"].code not in html
    with clock.at(at("26/08/2025 16:30")):
        none = inspector.get("/bieu-tong-hop/ngay-den-han/", asked(cast))
        assert "không có việc nào như vậy" in main_of(none)
        other = inspector.get(STATEMENT, asked(cast, so="intake"))
        assert "Dừng đúng ngày đến hạn" not in main_of(other)


# ---- by place of receipt ---------------------------------------------------------------------------------------------


def test_the_work_of_the_desks_is_another_view(cast, told, reform):
    page = reform.get(STATEMENT, asked(cast, theo="desk"))
    html = main_of(page)
    assert "Khối lượng theo nơi tiếp nhận" in html
    assert "II.06a/VPCP" not in html
    assert [choice.title for choice in page.context["tabs"]] == ["Biểu nội bộ 14 cột", "Đủ các cột"]
    assert total(page) == ["7", "1", "6", "1", "1", "1", "66,67", "1", "1", "1", "1", "0"]
    assert page.context["freeze_url"] == ""
    for _, _, figure, url in drills(page):
        assert str(reform.get(url).context["found"].figure) == figure
    [url] = [url for title, url in page.context["exports"] if title == "Excel"]
    assert reform.get(url).content[:2] == b"PK"
    refused = reform.get(FREEZE, asked(cast, theo="desk"))
    assert refused.status_code == 400
    assert "Chỉ chốt số liệu theo đơn vị có thẩm quyền" in text_of(refused)
    for wrong, told_so in (({"so": "intake"}, "Chỉ hồ sơ TTHC"), ({"noi": "chot"}, "không nối tiếp bản chốt")):
        page = reform.get(STATEMENT, asked(cast, theo="desk") | wrong)
        assert page.status_code == 400
        assert told_so in text_of(page)
