"""The emulation report of June 2022, from the list an office's own system exports: the books cannot say what it said.

Published: 2.790 received, 2.779 ended, 07 of them on time and 2.779 early, 11 pending. Ended before their day can only
have been 2.772. The office keeps its system and imports its list; the same report then adds up by itself. (Told without
2.690 of those that ended early: they differ in nothing.)
"""

import datetime as dt
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.management import call_command

from motcua.core import clock
from motcua.indicators import defining
from motcua.reports import actions, compiling, queries
from motcua.reports.models import Cut, Report

FIRST, LAST, SENT = dt.date(2022, 1, 1), dt.date(2022, 6, 30), dt.date(2022, 6, 21)
LEFT_OUT = 2690
RECEIVED, ENDED, ON_TIME, PENDING = 2790 - LEFT_OUT, 2779 - LEFT_OUT, 7, 11
HEADINGS = ("STT", "Số hồ sơ", "Tên thủ tục", "Lĩnh vực", "Chủ hồ sơ", "Hình thức nộp", "Ngày tiếp nhận",
            "Ngày hẹn trả", "Ngày kết thúc xử lý", "Trạng thái")  # fmt: skip


def exported(path):
    """The list: seven ended on their very day, eleven wait and are due after the report, the others came early."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Danh sách")
    page.write_row(0, 0, HEADINGS)
    for n in range(1, RECEIVED + 1):
        if n > ENDED:
            received, due, ended = dt.date(2022, 6, 15), dt.date(2022, 6, 29), None
        else:
            received = dt.date(2022, 1, 5) + dt.timedelta(days=n % 140)
            due = received + dt.timedelta(days=10)
            ended = due if n <= ON_TIME else received + dt.timedelta(days=n % 8)
        days = [f"{day:%d/%m/%Y}" if day else "" for day in (received, due, ended)]
        page.write_row(
            n, 0, [n, f"MH-{n:05d}", "Thủ tục thử", "Lĩnh vực thử", "Nguyễn Văn Mẫu", "Trực tiếp", *days,
                   "Đã xử lý xong" if ended else "Đang xử lý"]
        )  # fmt: skip
    book.close()
    return path


@pytest.mark.slow
@pytest.mark.django_db
def test_the_emulation_report_adds_up(cast, tmp_path):
    defining.load_starter()
    place, keeper = cast.chau_thanh, cast.other
    with clock.at(clock.local_moment(SENT, dt.time(9))):
        path = str(exported(tmp_path / "ds.xlsx"))
        call_command("import_dossiers", path, "--unit", place.short_code, "--system", "x", "--apply")
        made = actions.open_report(actor=keeper, type_code="thi-dua", unit=place, first=FIRST, last=LAST)
        actions.cut(actor=keeper, report=made.pk)
        report = Report.objects.select_related("unit", "cut").get(pk=made.pk)
        said = {part.item.key: part.text for part in queries.parts(report)}
    assert report.cut is not None
    assert (report.cut.kind, report.cut.counted_to) == (Cut.Kind.ESTIMATE, SENT)
    figures = {code: figure.value for code, figure in compiling.frozen(report.cut).items()}
    assert figures["hs_tiep_nhan"] == RECEIVED
    assert figures["hs_da_giai_quyet"] == ENDED
    assert figures["hs_dang_giai_quyet"] == PENDING
    assert figures["hs_dung_han"] == ENDED
    assert figures["hs_tiep_nhan"] == figures["hs_da_giai_quyet"] + figures["hs_dang_giai_quyet"]
    assert figures["hs_ty_le_dung_han"] == Decimal(100)
    assert "{hs_tiep_nhan} hồ sơ" in said["ii_2_ho_so"]
