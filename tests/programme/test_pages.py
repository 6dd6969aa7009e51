"""The registers' pages: lists kept in the address, lines written, set right and struck, files in and out."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from motcua.core import clock
from motcua.org.models import Duty
from motcua.programme import actions
from motcua.programme.models import Change, Inspection, ListRun, PressItem
from motcua.programme.registers import REGISTERS
from tests.programme.registering import PDF, enter, sheet
from tests.support.sql import max_queries

MAY = dt.date(2026, 5, 20)


@pytest.fixture
def keeper(cast, signed_in):
    return signed_in(cast.by_duty[Duty.REFORM])


def html(response, status=200):
    text = response.content.decode()
    assert response.status_code == status, text[:3000]
    return text


def main(response, status=200):
    text = html(response, status).split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def at(name, *args):
    return reverse(f"programme_{name}", args=args)


def test_every_register_has_its_pages_within_their_budget(cast, keeper):
    for register in REGISTERS:
        assert "Sổ chưa có dòng nào" in main(keeper.get(at("register", register.slug)))
        row = enter(register.key, cast.xa_cau_ke, day=MAY)
        enter(register.key, cast.cauke, day=dt.date(2023, 5, 4))
        form = keeper.get(at("new", register.slug))
        assert register.title in html(form)
        with max_queries(12):  # five of them: session, person, duties, scope and the units of the filter
            page = keeper.get(at("register", register.slug))
        assert page.context["list"].total == 2
        with max_queries(12):
            shown = keeper.get(at("entry", register.slug, row.pk))
        assert "Ghi vào sổ" in main(shown)
        html(keeper.get(at("correct", register.slug, row.pk)))
        assert keeper.get(at("register", register.slug), {"tep": "xlsx"})["Content-Type"].endswith("sheet")
    told = main(keeper.get(reverse("programme")))
    assert all(register.title in told for register in REGISTERS)
    assert "Niêm yết thủ tục" not in told
    with max_queries(8):
        keeper.get(reverse("programme"))


def test_a_line_is_written_set_right_and_struck(cast, keeper):
    form = {"unit": cast.xa_cau_ke.pk, "published_on": "20/05/2026", "kind": "news", "title": "Một cửa <b>mới</b>",
            "outlet": "radio", "quantity": "1.500", "note": ""}  # fmt: skip
    wrong = keeper.post(at("new", "tin-bai"), {**form, "published_on": "31/02/2026", "quantity": "nhiều", "title": ""})
    told = html(wrong, 400)
    assert "Ngày chưa đúng" in told
    assert "Chưa đúng dạng số" in told
    assert 'value="nhiều"' in told, "nothing typed is lost"
    assert not PressItem.objects.exists()
    key = {"request_key": "mot-lan"}
    done = [keeper.post(at("new", "tin-bai"), {**form, **key, "evidence": SimpleUploadedFile("anh.pdf", PDF)})
            for _ in range(2)]  # fmt: skip
    assert [response.status_code for response in done] == [302, 302], done[1].content.decode()
    row = PressItem.objects.get()
    assert (row.quantity, row.evidence_name) == (1500, "anh.pdf")
    page = keeper.get(at("register", "tin-bai"))
    assert "&lt;b&gt;mới&lt;/b&gt;" in html(page)
    assert ("Số lượng", "1.500") in page.context["foot"]
    assert keeper.get(at("file", "tin-bai", row.pk)).getvalue() == PDF

    change = {**form, "version": 1, "quantity": "7", "reason": "đếm sót"}
    assert keeper.post(at("correct", "tin-bai", row.pk), change).status_code == 302
    stale = keeper.post(at("correct", "tin-bai", row.pk), {**change, "quantity": "9"})
    assert "Có người đã sửa dòng này" in html(stale, 400)
    shown = main(keeper.get(at("entry", "tin-bai", row.pk)))
    assert "Số lượng 1.500 → 7" in shown
    assert "đếm sót" in shown

    assert keeper.post(at("strike", "tin-bai", row.pk), {"version": 2, "reason": " "}).status_code == 400
    assert keeper.post(at("strike", "tin-bai", row.pk), {"version": 2, "reason": "trùng"}).status_code == 302
    assert "Hủy" in main(keeper.get(at("register", "tin-bai")))
    assert "trùng" in main(keeper.get(at("entry", "tin-bai", row.pk)))
    assert keeper.get(at("correct", "tin-bai", row.pk)).status_code == 302
    assert Change.objects.count() == 3


def test_the_list_is_narrowed_sorted_and_summed_by_its_address(cast, keeper):
    for n, (kind, title) in enumerate((("news", "Chữ ký số"), ("article", "Đường dây nóng"), ("column", "Hỏi đáp"))):
        enter("press_items", cast.xa_cau_ke, day=MAY - dt.timedelta(n), kind=kind, title=title, quantity=n + 1)
    enter("press_items", cast.cauke, day=dt.date(2023, 5, 4), title="Tin huyện", quantity=100)

    def asked(**query):
        page = keeper.get(at("register", "tin-bai"), query)
        return [line.entry.title for line in page.context["lines"]], [words for _, words in page.context["foot"]]

    titles, foot = asked()
    assert titles == ["Chữ ký số", "Đường dây nóng", "Hỏi đáp", "Tin huyện"]
    assert foot[-1] == "106"
    assert asked(xep="quantity")[0] == titles
    assert asked(tim="duong day")[0] == ["Đường dây nóng"]
    assert asked(kind="column")[0] == ["Hỏi đáp"]
    assert asked(tu="19/05/2026")[0] == ["Chữ ký số", "Đường dây nóng"]
    assert asked(den="19/05/2026", tu="2026-05-18")[1][-1] == "5"
    assert asked(don_vi=cast.cauke.pk)[0] == ["Tin huyện"]
    assert asked(don_vi="999999", trang="x", xep="'", kind="'", so_lieu="'", tu="x")[0] == titles, "old addresses open"
    nothing = main(keeper.get(at("register", "tin-bai"), {"tim": "không có chữ này"}))
    assert "Không có dòng nào khớp" in nothing


def test_only_who_keeps_writes_and_only_ones_own_is_seen(cast, signed_in):
    row = enter("press_items", cast.xa_cau_ke, day=MAY)
    chair = signed_in(cast.chair)
    page = html(chair.get(at("register", "tin-bai")))
    assert "Ghi dòng mới" not in page
    assert "Sửa" not in main(chair.get(at("entry", "tin-bai", row.pk)))
    for url in (at("new", "tin-bai"), at("list", "tin-bai"), at("correct", "tin-bai", row.pk)):
        assert chair.get(url).status_code == 403
    other = signed_in(cast.other)
    assert other.get(at("register", "tin-bai")).context["list"].total == 0
    for name in ("entry", "correct", "file"):
        assert other.get(at(name, "tin-bai", row.pk)).status_code == 404
    assert other.post(at("strike", "tin-bai", row.pk), {"version": 1, "reason": "x"}).status_code == 404
    foreign = {"unit": cast.xa_cau_ke.pk, "published_on": "20/05/2026", "kind": "news", "title": "a", "outlet": "web"}
    assert other.post(at("new", "tin-bai"), foreign).status_code == 400
    assert other.get(at("register", "khong-co-so")).status_code == 404
    # The contact for control keeps what belongs to control, and no more.
    control = signed_in(cast.by_duty[Duty.CONTROL])
    assert control.get(at("new", "dau-moi-kstthc")).status_code == 200
    assert control.get(at("new", "tin-bai")).status_code == 403
    assert PressItem.objects.get().version == 1


def test_a_list_from_excel_on_the_page(cast, keeper, signed_in):
    head = ["Ngày", "Loại", "Tiêu đề", "Nơi đăng", "Số lượng"]
    rows = [[MAY, "Tin", "Từ Excel", "Zalo", 3], [MAY, "Vè", "Sai loại", "Zalo", 1]]

    def send(content, client=keeper, unit=cast.xa_cau_ke):
        return client.post(at("list", "tin-bai"), {"unit": unit.pk, "file": SimpleUploadedFile("tin.xlsx", content)})

    assert "không phải tệp Excel" in html(send(b"PK\x03\x04 hong"), 400)
    empty = keeper.get(at("register", "tin-bai"), {"tep": "mau"}).content
    ready = send(empty)["Location"]
    assert "Danh sách không có gì khác với sổ" in main(keeper.get(ready)), "the head of our own file is understood"
    ListRun.objects.all().delete()
    sent = send(sheet(head, *rows))
    run = ListRun.objects.get()
    assert sent["Location"] == at("list_run", "tin-bai", run.pk)
    page = keeper.get(sent["Location"])
    told = main(page)
    assert "1 dòng mới, 0 dòng khác với sổ, 0 dòng như cũ, 1 dòng sai" in told
    assert "Dòng 3:" in told
    # Another column for the title: read anew.
    fields = {f"cot_{name}": heading for name, heading in run.mapping.items()}
    again = keeper.post(sent["Location"], {**fields, "cot_title": "Nơi đăng", "cot_outlet": ""})
    assert again.status_code == 302
    assert "Chưa rõ cột" in main(keeper.get(sent["Location"]))
    keeper.post(sent["Location"], fields)
    page = keeper.get(sent["Location"])
    done = keeper.post(sent["Location"], {"ghi": "1", "digest": page.context["found"].digest})
    assert done.status_code == 302
    assert PressItem.objects.get().title == "Từ Excel"
    assert "Đã ghi" in main(keeper.get(sent["Location"]))
    other = signed_in(cast.other)
    assert other.get(sent["Location"]).status_code == 404
    assert send(sheet(head, *rows), client=other).status_code == 400

    changed = send(sheet(head, [MAY, "Tin", "Từ Excel", "Zalo", 4]))
    shown = html(keeper.get(changed["Location"]))
    assert "<del>3</del> → <ins>4</ins>" in shown
    stale = keeper.post(changed["Location"], {"ghi": "1", "digest": "x"}, follow=True)
    assert "Xem lại rồi ghi" in main(stale)
    assert PressItem.objects.get().quantity == 3


def test_the_matrix_page_and_its_file(cast, keeper, signed_in):
    assert "Chưa có kế hoạch nào được yêu cầu" in main(keeper.get(reverse("programme_matrix")))
    year = clock.today().year
    enter("required_plans", cast.vinh_long, kind="reform", year=year, due_on=dt.date(year, 1, 31), of_itself=False)
    enter("plans", cast.xa_cau_ke, kind="reform", year=year, day=dt.date(year, 1, 15), quality="good", number="01/KH")
    above = signed_in(cast.above)
    with max_queries(12):
        page = above.get(reverse("programme_matrix"), {"nam": "abc", "don_vi": "'"})
    told = main(page)
    assert "01/KH" in told
    assert "Đạt yêu cầu" in told
    assert "Chưa ban hành" in told
    assert "01/KH" in main(above.get(reverse("programme_matrix"), {"xem": "co"}))
    still = above.get(reverse("programme_matrix"), {"xem": "thieu"})
    assert "01/KH" not in main(still)
    assert still.context["matrix"].foot[0][0] == 1
    file = above.get(reverse("programme_matrix"), {"tep": "xlsx"})
    assert file["Content-Type"].endswith("sheet")


def test_an_inspected_agency_in_the_history_is_told_by_name(cast, keeper):
    me = cast.by_duty[Duty.REFORM]
    row = enter("inspections", cast.xa_cau_ke, actor=me, day=MAY)
    center = next(u for (code, _), u in cast.units.items() if code == "29308-TTPVHCC")
    actions.correct(register="inspections", entry=row.pk, version=1, values={"inspected": center}, actor=me)
    shown = main(keeper.get(at("entry", "tu-kiem-tra", row.pk)))
    assert "Xã Cầu Kè → Trung tâm Phục vụ hành chính công" in shown
    assert Inspection.objects.get().inspected == center
