"""Lists from Excel: columns told and remembered, differences shown first, bad rows named, twice is once."""

import datetime as dt
import zipfile
from io import BytesIO

import pytest

from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.desk import programme
from motcua.org.models import Duty
from motcua.papers import spreadsheet
from motcua.programme import actions, importing
from motcua.programme.models import Change, ListRun, PressItem
from motcua.programme.registers import BY_KEY, REGISTERS
from tests.programme.registering import enter, sheet
from tests.support.sql import max_queries

NEWS = BY_KEY["press_items"]
MAY = dt.date(2026, 5, 20)
TITLE = ["DANH SÁCH TIN BÀI QUÝ II"]
HEAD = ["STT", "Ngày đăng", "Thể loại", "Tên tin, bài, chuyên mục", "Nơi đăng", "Số lượng"]
GOOD = [
    [1, MAY, "Tin", "Trung tâm phục vụ", "Đài truyền thanh", 2],
    [2, "21/5/2026", "bài", "Chuyện một cửa", "Zalo", None],
]


@pytest.fixture
def me(cast):
    return cast.by_duty[Duty.REFORM]


def handed_in(cast, me, *rows, unit=None, register="press_items"):
    upload = actions.Upload("tin bài.xlsx", sheet(*rows))
    return actions.hand_in_list(register=register, unit=unit or cast.xa_cau_ke, upload=upload, actor=me)


def planned(run, me):
    register = BY_KEY[run.register]
    return importing.plan(register, run, actions.keeper_scope(me, register))


def taken_in(run, me):
    return actions.import_rows(run=run.pk, digest=planned(run, me).digest, actor=me)


def counts(found):
    return len(found.new), len(found.changed), found.same, len(found.struck), len(found.bad)


def test_a_list_is_shown_taken_in_and_changes_nothing_the_second_time(cast, me):
    run = handed_in(cast, me, TITLE, HEAD, *GOOD, ["", "", "", "Tổng cộng", "", 3])
    assert run.mapping == {
        "published_on": "Ngày đăng", "kind": "Thể loại", "title": "Tên tin, bài, chuyên mục", "outlet": "Nơi đăng",
        "quantity": "Số lượng",
    }  # fmt: skip
    found = planned(run, me)
    assert counts(found) == (2, 0, 0, 0, 0)
    assert [line.line for line in found.new] == [3, 4]
    assert not PressItem.objects.exists(), "nothing before it is asked for"
    done = taken_in(run, me)
    assert (done.new, done.changed, done.same, done.left_out) == (2, 0, 0, 0)
    assert [(p.kind, p.outlet, p.quantity) for p in PressItem.objects.order_by("pk")] == [
        ("news", "radio", 2),
        ("article", "social", 1),
    ]
    with pytest.raises(IllegalAct, match="đã ghi vào sổ"):
        taken_in(run, me)

    again = handed_in(cast, me, TITLE, HEAD, *GOOD)
    assert counts(planned(again, me)) == (0, 0, 2, 0, 0)
    taken_in(again, me)
    assert PressItem.objects.count() == 2 == Change.objects.count()


def test_what_differs_is_shown_and_corrected_with_its_history(cast, me):
    taken_in(handed_in(cast, me, HEAD, *GOOD), me)
    first = PressItem.objects.get(kind="news")
    actions.correct(register="press_items", entry=first.pk, version=1, values={"note": "tay"}, actor=me)
    run = handed_in(cast, me, HEAD, [1, MAY, "Tin", "TRUNG TÂM phục vụ", "Đài truyền thanh", 5])
    (each,) = planned(run, me).changed
    assert each.differences == [("title", "Trung tâm phục vụ", "TRUNG TÂM phục vụ"), ("quantity", 2, 5)]
    taken_in(run, me)
    first.refresh_from_db()
    assert (first.quantity, first.version, first.note) == (5, 3, "tay"), "what the list does not have stays"
    assert Change.objects.get(entry=first.pk, version=3).run == run


def test_bad_rows_are_named_and_left_out_the_good_ones_go_in(cast, me):
    run = handed_in(
        cast,
        me,
        HEAD,
        GOOD[0],
        [2, "31/02/2026", "Tin", "Ngày không có", "Đài truyền thanh", 1],
        [3, MAY, "Vè", "Thể loại lạ", "Đài truyền thanh", 1],
        [4, MAY, "Tin", "", "Đài truyền thanh", 1],
        [5, MAY, "Tin", "Nửa tin", "Đài truyền thanh", 1.5],
        [6, MAY, "Tin", "Trung tâm phục vụ", "Đài truyền thanh", 9],
        [7, dt.date(2024, 5, 5), "Tin", "Chưa có xã", "Đài truyền thanh", 1],
        [8, "30/12/2099", "Tin", "Chưa đến", "Đài truyền thanh", 1],
    )
    found = planned(run, me)
    assert [(line, why.split(" «")[0]) for line, why in found.bad] == [
        (3, "Ngày đăng, phát"),
        (4, "Loại"),
        (5, "thiếu tên tin, bài, chuyên mục"),
        (6, "Số lượng"),
        (7, "trùng với dòng 2 của tệp"),
        (8, "Ngày 05/05/2024 nằm ngoài thời gian Xã Cầu Kè tồn tại (từ 01/07/2025)."),
        (9, "Ngày đăng, phát 30/12/2099 chưa đến."),
    ]
    assert taken_in(run, me).left_out == 7
    assert PressItem.objects.count() == 1


def test_a_struck_line_does_not_come_back_with_the_old_list(cast, me):
    taken_in(handed_in(cast, me, HEAD, *GOOD), me)
    row = PressItem.objects.get(kind="news")
    actions.strike(register="press_items", entry=row.pk, version=1, reason="đăng nhầm", actor=me)
    found = planned(handed_in(cast, me, HEAD, *GOOD), me)
    assert counts(found) == (0, 0, 1, 1, 0)
    assert "đăng nhầm" in found.struck[0][1]


def test_columns_are_told_by_hand_and_remembered(cast, me):
    odd = ["A", "B", "C", "D"]
    rows = [[MAY, "Tin", "Một cửa", "Zalo"]]
    run = handed_in(cast, me, odd, *rows)
    found = planned(run, me)
    assert found.missing == ["Tên tin, bài, chuyên mục", "Ngày đăng, phát", "Loại", "Kênh"]
    assert counts(found) == (0, 0, 0, 0, 0)
    told = {"published_on": "A", "kind": "B", "title": "C", "outlet": "D", "nonsense": "A"}
    run = actions.map_columns(run=run.pk, mapping=told, actor=me)
    assert counts(planned(run, me)) == (1, 0, 0, 0, 0)
    taken_in(run, me)
    again = handed_in(cast, me, odd, *rows)
    assert "nonsense" not in again.mapping
    assert counts(planned(again, me)) == (0, 0, 1, 0, 0)
    # Another unit's habit is its own.
    assert handed_in(cast, cast.above, odd, *rows, unit=cast.xa_an_phu_tan).mapping == {}


def test_the_register_moved_on_between_looking_and_taking_in(cast, me):
    run = handed_in(cast, me, HEAD, *GOOD)
    digest = planned(run, me).digest
    taken_in(handed_in(cast, me, HEAD, GOOD[0]), me)
    with pytest.raises(Conflict, match="Xem lại"):
        actions.import_rows(run=run.pk, digest=digest, actor=me)
    assert PressItem.objects.count() == 1


def test_lists_of_many_units_and_whose_they_may_be(cast, me):
    head = ["Đơn vị", *HEAD[1:]]
    rows = [
        ["Xã Cầu Kè", *GOOD[0][1:]],
        ["XAANPHUTAN", *GOOD[0][1:]],
        ["Huyện Cầu Kè (đến hết 30/06/2025)", dt.date(2023, 5, 5), *GOOD[0][2:]],
        ["Xã Lạ", *GOOD[0][1:]],
    ]
    found = planned(handed_in(cast, cast.above, head, *rows, unit=cast.vinh_long), cast.above)
    assert {line.unit for line in found.new} == {cast.xa_cau_ke, cast.xa_an_phu_tan, cast.cauke}
    assert [line for line, _ in found.bad] == [5]
    mine = planned(handed_in(cast, me, head, *rows), me)
    assert [line for line, _ in mine.bad] == [3, 5], "another commune does not exist for me"
    with pytest.raises(NotAllowed):
        handed_in(cast, me, HEAD, *GOOD, unit=cast.xa_an_phu_tan)
    with pytest.raises(NotAllowed):
        handed_in(cast, cast.chair, HEAD, *GOOD)


def test_taking_in_costs_the_same_for_many_lines(cast, me):
    rows = [[n, MAY, "Tin", f"Tin số {n}", "Đài truyền thanh", n + 1] for n in range(60)]
    run = handed_in(cast, me, HEAD, *rows)
    digest = planned(run, me).digest
    with max_queries(20):
        actions.import_rows(run=run.pk, digest=digest, actor=me)
    other = handed_in(cast, me, HEAD, *[[*row[:5], 7] for row in rows])
    digest = planned(other, me).digest
    with max_queries(20):
        assert actions.import_rows(run=other.pk, digest=digest, actor=me).changed == 59


def test_what_a_register_writes_to_excel_it_reads_back_unchanged(cast, me):
    for register in REGISTERS:
        enter(register.key, cast.xa_cau_ke, actor=me, day=MAY)
        # 1,5 and 1.500 and a comma in a text must come back as they were.
        response = programme._file(register, register.model.objects.select_related("unit"))
        upload = actions.Upload("so.xlsx", response.content)
        run = actions.hand_in_list(register=register.key, unit=cast.xa_cau_ke, upload=upload, actor=me)
        assert counts(planned(run, me)) == (0, 0, 1, 0, 0), (register.key, planned(run, me))


def test_hostile_and_broken_files_are_refused_and_formulas_are_only_text(cast, me):
    def sent(content):
        upload = actions.Upload("tin.xlsx", content)
        return actions.hand_in_list(register="press_items", unit=cast.xa_cau_ke, upload=upload, actor=me)

    good = sheet(HEAD, *GOOD)
    with zipfile.ZipFile(BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    def rebuilt(**more):
        held = BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**parts, **more}.items():
                archive.writestr(name, content)
        return held.getvalue()

    far = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    for content, said in (
        (b"MZ\x90\x00", "không phải tệp Excel"),
        (b"", "không phải tệp Excel"),
        (good[:-200], "không phải tệp Excel"),
        (rebuilt(**{"xl/vbaProject.bin": b"x"}), "macro"),
        (rebuilt(**{"xl/worksheets/sheet1.xml": far}), "nằm quá xa"),
        (rebuilt(**{"xl/worksheets/sheet1.xml": b"<not xml"}), "bị hỏng|không có dòng|Không thấy dòng"),
        (sheet(["một ô"]), "Không thấy dòng tiêu đề"),
        (sheet(HEAD, *[["x"]] * (importing.LINE_LIMIT + 31)), "nhiều nhất 5000"),
    ):
        with pytest.raises(Invalid, match=said):
            sent(content)
    assert not ListRun.objects.exists()
    formula = [1, MAY, "Tin", '=HYPERLINK("http://x","y")', "Đài truyền thanh", 1]
    taken_in(handed_in(cast, me, HEAD, formula), me)
    assert PressItem.objects.get().title == formula[3]
    back = programme._file(NEWS, PressItem.objects.select_related("unit")).content
    with zipfile.ZipFile(BytesIO(back)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_member_longer_than_it_says_is_not_unpacked(tmp_path):
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    lying = held.getvalue().replace((5_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path = tmp_path / "bom.xlsx"
    path.write_bytes(lying)
    with pytest.raises(Invalid, match="không phải tệp Excel"):
        spreadsheet.open_rows(path)
