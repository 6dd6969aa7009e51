"""Lists of other systems: read, compared, applied; repeated without change; changed rows as corrections."""

import datetime as dt

import pytest
import xlsxwriter
from django.core.management import call_command

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers.importing import columns, plan, reading
from motcua.dossiers.models import Dossier, ImportedRow, ImportProfile, ImportRun
from motcua.dossiers.states import State
from motcua.ledger.models import Event, Leg
from motcua.ledger.queries import statement
from motcua.org.queries import SYSTEM
from tests.dossiers.conftest import at

HEADINGS = [
    "STT",
    "Số hồ sơ",
    "Thủ tục hành chính",
    "Lĩnh vực",
    "Chủ hồ sơ",
    "Hình thức nộp",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Ngày kết thúc xử lý",
    "Ngày trả kết quả",
    "Trạng thái",
    "Phân loại",
]


def cell(day, hour=0):
    """A date cell: spreadsheets know no zones."""
    return dt.datetime(2023, 5, day, hour)  # noqa: DTZ001


def sheet(path, rows, headings=HEADINGS, title=True):
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy hh:mm"})
    page = book.add_worksheet("Danh sách")
    line = 0
    if title:
        page.write(0, 3, "DANH SÁCH HỒ SƠ")
        page.write(1, 3, "Từ ngày 01/5/2023 đến ngày 31/5/2023")
        line = 3
    page.write_row(line, 0, headings)
    for row in rows:
        line += 1
        for i, value in enumerate(row):
            if isinstance(value, dt.datetime):
                page.write_datetime(line, i, value)
            elif isinstance(value, str):
                page.write_string(line, i, value)
            elif value is not None:
                page.write(line, i, value)
    book.close()
    return path


def row(n, code, received, due, ended="", handed="", status="", kind="Trực tiếp", klass=""):
    return [
        n,
        code,
        "Đăng ký biến động",
        "Đất đai",
        "Nguyễn Văn Mẫu",
        kind,
        received,
        due,
        ended,
        handed,
        status,
        klass,
    ]


GOOD = [
    row(1, "H59-230501-1", "04/05/2023 08:10", "11/05/2023", "10/05/2023", "", "Đã xử lý xong", klass="Trước hạn"),
    row(2, "H59-230501-2", "04/05/2023", "11/05/2023", "12/05/2023", "15/05/2023", "Đã trả kết quả", "Trực tuyến"),
    row(3, "H59-230501-3", cell(5, 9), cell(12), "", "", "Đang xử lý"),
    row(4, "H59-230501-4", "05/05/2023", "12/05/2023", "11/05/2023", "", "Công dân xin rút hồ sơ"),
]


def run(path, *more):
    with clock.at(at("01/06/2023 17:00")):
        call_command("import_dossiers", str(path), "--unit", "CAUKE", "--system", "iGate", *more)


@pytest.fixture
def listed(office, tmp_path):
    return sheet(tmp_path / "ds.xlsx", GOOD)


def figures(office, end=dt.date(2023, 5, 31)):
    with clock.at(at("02/06/2023 08:00")):
        found = statement(
            SYSTEM, book="dossier", units=[office.district], start=dt.date(2023, 5, 1), end=end, by="unit"
        )
    return found.total.figures


def test_the_columns_are_found_under_the_title(listed):
    rows = [[reading.text(c) for c in r] for r in reading.open_rows(listed)]
    header, found = columns.find_header(rows, {}, {})
    assert header == 3
    assert {f: HEADINGS[i] for f, i in found.items()} == {
        "code": "Số hồ sơ",
        "procedure_name": "Thủ tục hành chính",
        "field": "Lĩnh vực",
        "applicant": "Chủ hồ sơ",
        "channel": "Hình thức nộp",
        "received": "Ngày tiếp nhận",
        "due": "Ngày hẹn trả",
        "ended": "Ngày kết thúc xử lý",
        "handed_over": "Ngày trả kết quả",
        "status": "Trạng thái",
        "time_class": "Phân loại",
    }


def test_without_apply_nothing_is_written(office, listed, capsys):
    run(listed)
    said = capsys.readouterr().out
    assert "4 mới" in said
    assert "Chưa ghi gì" in said
    assert not Dossier.objects.exists()


def test_an_office_that_keeps_its_system_has_statements_the_same_day(office, listed):
    run(listed, "--apply")
    found = figures(office)
    assert found.received == {"direct": 3, "online": 1}
    assert (found.ended_as("early"), found.ended_as("on_time"), found.ended_as("late")) == (2, 0, 1)
    assert (found.closing.overdue, found.closing.total) == (1, 1)
    late = Dossier.objects.get(code="H59-230501-2")
    # the source's code and due date are kept; missing hours: opening for a receipt, closing for an end
    assert (late.state, late.owning_system, late.time_class) == (State.HANDED_OVER, "iGate", "late")
    assert clock.local(late.received_at).strftime("%H:%M") == "07:30"
    assert clock.local(late.ended_at).strftime("%H:%M") == "17:00"
    assert clock.local_date(late.due_at) == dt.date(2023, 5, 11)
    assert set(Event.objects.values_list("facts__late_entry", flat=True)) == {"import"}


def test_a_second_time_nothing_changes(office, listed, capsys):
    run(listed, "--apply")
    events, legs = Event.objects.count(), Leg.objects.count()
    capsys.readouterr()
    run(listed, "--apply")
    assert "0 mới, 0 thay đổi, 4 không đổi" in capsys.readouterr().out
    assert (Event.objects.count(), Leg.objects.count()) == (events, legs)
    assert ImportRun.objects.count() == 2


def test_a_changed_row_is_a_correction_and_a_vanished_one_only_reported(office, listed, tmp_path, capsys):
    run(listed, "--apply")
    changed = [
        row(1, "H59-230501-1", "03/05/2023 08:10", "11/05/2023", "12/05/2023", "", "Đã xử lý xong", "Trực tuyến"),
        row(3, "H59-230501-3", cell(5, 9), cell(12), "12/05/2023", "", "Đã xong"),
        row(4, "H59-230501-4", "05/05/2023", "12/05/2023", "11/05/2023", "", "Công dân xin rút hồ sơ"),
    ]
    capsys.readouterr()
    run(sheet(tmp_path / "lan2.xlsx", changed), "--apply")
    said = capsys.readouterr().out
    assert "0 mới, 2 thay đổi, 1 không đổi, 1 không còn trong tệp" in said
    assert "ngày kết thúc: " in said
    assert "kết cục: (trống) → Đã giải quyết" in said
    assert "hình thức nộp: Trực tiếp → Trực tuyến" in said
    assert not {"granted", "direct", "online"} & set(said.replace(";", " ").split())
    found = figures(office)
    assert (found.ended_as("early"), found.ended_as("on_time"), found.ended_as("late")) == (1, 1, 2)
    assert found.received_total == 4
    first = Dossier.objects.get(code="H59-230501-1")
    assert (clock.local_date(first.received_at), first.time_class) == (dt.date(2023, 5, 3), "late")
    assert Dossier.objects.filter(code="H59-230501-2").exists()
    assert Leg.objects.filter(reverses__isnull=False).exists()


def test_bad_rows_are_named_by_line_and_left_out(office, tmp_path, capsys):
    rows = [
        GOOD[0],
        row(2, "", "04/05/2023", "11/05/2023"),
        row(3, "H59-3", "31/02/2023", "11/05/2023"),
        row(4, "H59-4", "04/05/2023", "03/05/2023"),
        row(5, "H59-5", "04/05/2023", ""),
        row(6, "H59-6", "04/05/2023", "11/05/2023", "", "", "Đã trả kết quả"),
        row(7, GOOD[0][1], "04/05/2023", "11/05/2023"),
        row(8, "H59-8", "04/07/2023", "11/07/2023"),
        row(9, "H59-9", "04/05/2030", "11/05/2030"),
    ]
    run(sheet(tmp_path / "loi.xlsx", rows), "--apply")
    said = capsys.readouterr().out
    assert "1 mới" in said
    assert "8 dòng lỗi" in said
    for expected in (
        "dòng 6: không có mã hồ sơ",
        "dòng 7 (H59-3): ngày tiếp nhận «31/02/2023»",
        "dòng 8 (H59-4)",
        "dòng 9 (H59-5): không có ngày hẹn trả",
        "dòng 10 (H59-6)",
        f"trùng với dòng {5}",
        "tương lai",
        "dòng 13 (H59-9): Lịch",
    ):
        assert expected in said, expected
    assert Dossier.objects.count() == 1


def test_classes_that_differ_from_the_sources_are_listed(office, tmp_path, capsys):
    rows = [row(1, "H59-1", "04/05/2023", "11/05/2023", "15/05/2023", "", "Đã xử lý xong", klass="Đúng hạn")]
    run(sheet(tmp_path / "lech.xlsx", rows), "--apply")
    assert "H59-1: Giải quyết đúng hạn / Giải quyết quá hạn" in capsys.readouterr().out
    assert ImportedRow.objects.get().source_class == "on_time"


def test_columns_can_be_named_and_are_remembered(office, tmp_path, capsys):
    headings = [*HEADINGS]
    headings[1], headings[7] = "Biên nhận", "Phải xong trước"
    path = sheet(tmp_path / "la.xlsx", GOOD, headings)
    with pytest.raises(Invalid, match="Mã hồ sơ"):
        run(path)
    named = ["--map", "code=Biên nhận", "--map", "due=Phải xong trước"]
    run(path, *named, "--apply")
    assert ImportProfile.objects.get().columns["code"] == "Biên nhận"
    capsys.readouterr()
    run(path)
    assert "4 không đổi" in capsys.readouterr().out


def test_a_dossier_made_here_is_not_overwritten(office, tmp_path, capsys):
    from tests.dossiers.test_verbs import receive

    own = receive(office, "01/06/2023 09:00")
    rows = [row(1, own.code, "01/06/2023", "08/06/2023")]
    run(sheet(tmp_path / "trung.xlsx", rows), "--apply")
    assert "không nhập đè" in capsys.readouterr().out


def test_formulas_and_markup_in_cells_are_only_text(office, tmp_path):
    rows = [row(1, "H59-1", "04/05/2023", "11/05/2023")]
    rows[0][4] = '=HYPERLINK("http://x")<script>alert(1)</script>'
    run(sheet(tmp_path / "ct.xlsx", rows), "--apply")
    assert Dossier.objects.get().applicant.name.startswith("=HYPERLINK")


@pytest.mark.parametrize(
    "content",
    [b"", b"khong phai excel", b"PK\x03\x04" + b"\0" * 50, b"\xd0\xcf\x11\xe0" + b"\0" * 600],
)
def test_what_is_no_xlsx_is_refused_in_one_sentence(office, tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        run(path)


def test_a_zip_bomb_is_not_unpacked(office, tmp_path):
    import zipfile

    path = tmp_path / "bom.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (700 * 1024 * 1024))
    with pytest.raises(Invalid, match="quá lớn"):
        run(path)


def test_a_list_without_headings_says_what_it_looked_for(office, tmp_path):
    with pytest.raises(Invalid, match="Mã hồ sơ"):
        run(sheet(tmp_path / "khong.xlsx", [["a", "b"]], headings=["1", "2"]))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("04/05/2023", (dt.date(2023, 5, 4), None)),
        ("4-5-2023 8:05", (dt.date(2023, 5, 4), dt.time(8, 5))),
        ("16h30 04/05/2023", (dt.date(2023, 5, 4), dt.time(16, 30))),
        ("2023-05-04 08:05:59", (dt.date(2023, 5, 4), dt.time(8, 5))),
        ("04/05/2023 04:30 CH", (dt.date(2023, 5, 4), dt.time(16, 30))),
        (cell(4, 0), (dt.date(2023, 5, 4), None)),
    ],
)
def test_dates_as_such_lists_write_them(written, expected):
    found = reading.date(written, "ngày")
    assert (found.day, found.time) == expected


def test_a_same_day_due_counts_to_the_minute(office):
    from motcua.worktime import queries as worktime

    calendar = worktime.compiled(worktime.calendar_version_for(office.district, dt.date(2023, 5, 1)).pk)
    found = plan.said_by(
        reading.read_row(5, ["x", "04/05/2023 08:00", "04/05/2023"], {"code": 0, "received": 1, "due": 2}), calendar
    )
    assert found.due.grain == "minute"
    assert clock.local(found.due.due_at).strftime("%H:%M") == "17:00"


def test_rows_from_before_the_unit_existed_belong_to_its_predecessor(cast, tmp_path, capsys):
    rows = [row(1, "CK-1", "02/06/2025", "12/06/2025"), row(2, "CK-2", "02/07/2025", "12/07/2025")]
    path = sheet(tmp_path / "ck.xlsx", rows)
    with clock.at(at("20/07/2025 08:00")):
        call_command("import_dossiers", str(path), "--unit", "XACAUKE", "--apply")
        assert "không tồn tại vào ngày tiếp nhận 02/06/2025" in capsys.readouterr().out
        call_command("import_dossiers", str(path), "--unit", "29308", "--day", "30/6/2025", "--apply")
    assert {d.code: d.item.unit.name for d in Dossier.objects.select_related("item__unit")} == {
        "CK-1": "Thị trấn Cầu Kè",
        "CK-2": "Xã Cầu Kè",
    }
    with clock.at(at("20/07/2025 08:00")):
        found = statement(
            SYSTEM,
            book="dossier",
            units=[cast.xa_cau_ke],
            start=dt.date(2025, 7, 1),
            end=dt.date(2025, 7, 14),
            by="unit",
        ).total.figures
    assert (found.opening.total, found.received_total) == (1, 1)
