"""A statement laid out: the head of II.06a as the form prints it, rows by level, what it says of itself."""

import datetime as dt

import pytest

from motcua.ledger.behind import Memo
from motcua.ledger.forms import FORMS
from motcua.ledger.statement import Unreconciled
from motcua.org.models import Unit, UnitKind
from motcua.reports import layout
from motcua.reports.letterhead import letterhead
from tests.reports import made

pytestmark = pytest.mark.pure


def test_the_head_of_form_06a():
    found = layout.sheet(made.statement(), "06a")
    top, middle, bottom = [[(c.title, c.column, c.columns, c.rows) for c in row] for row in found.head]
    assert top == [
        ("STT", 0, 1, 3),
        ("Đơn vị", 1, 1, 3),
        ("Số hồ sơ nhận giải quyết", 2, 4, 1),
        ("Số hồ sơ đã giải quyết", 6, 4, 1),
        ("Số hồ sơ đang giải quyết", 10, 3, 1),
    ]
    assert ("Trong kỳ", 3, 2, 1) in middle
    assert ("Từ kỳ trước", 5, 1, 2) in middle
    assert bottom == [("Trực tuyến", 3, 1, 1), ("Trực tiếp, bưu chính", 4, 1, 1)]
    assert len(found.numbers) == 13
    assert found.numbers[2] == "(3)=(4)+(5)+(6)"
    assert found.numbers[12] == "(13)"


@pytest.mark.parametrize("name", sorted(FORMS))
def test_every_head_covers_every_column_once(name):
    found = layout.sheet(made.chained(), name)
    covered = [
        (row + r, cell.column + c)
        for row, cells in enumerate(found.head)
        for cell in cells
        for r in range(cell.rows)
        for c in range(cell.columns)
    ]
    assert sorted(covered) == [(r, c) for r in range(len(found.head)) for c in range(len(found.columns) + 2)]
    assert len(found.numbers) == len(found.columns) + 2
    assert all(len(row.cells) == len(found.columns) for row in found.rows)


def test_rows_are_numbered_within_their_level():
    found = layout.sheet(made.statement(), "06a")
    assert [(r.ordinal, r.kind) for r in found.rows[:3]] == [("I", "subtotal"), ("1", "line"), ("2", "line")]
    second = next(r for r in found.rows if r.ordinal == "II")
    assert (second.label, second.line) == ("Cấp xã", "@Cấp xã")
    assert found.rows[found.rows.index(second) + 1].ordinal == "1"
    assert (found.total.kind, found.total.line) == ("total", "")
    assert [layout.roman(n) for n in (1, 4, 9, 14, 40)] == ["I", "IV", "IX", "XIV", "XXXX"]


def test_zeros_and_rates_lead_nowhere_and_every_other_figure_does():
    for name in ("06a", "14"):
        found = layout.sheet(made.statement(), name)
        for row in found.rows:
            for cell, column in zip(row.cells, found.columns, strict=True):
                assert bool(cell.drill) == (bool(cell.value) and not column.percent)


def test_a_level_is_asked_for_as_one_line():
    whole = made.statement()
    asked, key = layout.line_of(whole, "@Cấp huyện")
    line = asked.line(key)
    assert line.unit_ids == frozenset(range(1, 6))
    assert line.figures == next(sub for level, _, sub in whole.levels() if level == "Cấp huyện")
    assert line.category_ids is None
    assert layout.line_of(whole, "") == (whole, None)
    assert layout.line_of(whole, "U1@2000-01-01") == (whole, "U1@2000-01-01")
    assert layout.line_of(whole, "@Cấp bộ") == (whole, "@Cấp bộ")  # no such level: the drill says so


def test_what_a_statement_says_of_itself():
    whole, estimate = made.statement(), made.chained()
    assert layout.period_words(whole) == "6 tháng đầu năm 2023 (từ ngày 15/12/2022 đến hết ngày 14/06/2023)"
    assert layout.stand_words(whole) == "tính đến bút toán số 122.818, hết ngày 14/06/2023"
    assert layout.doubts(whole) == []
    assert layout.stand_words(estimate) == "tính đến bút toán số 122.818, lúc 16:30 ngày 01/06/2023"
    assert layout.doubts(estimate) == [
        "SỐ ƯỚC, tính đến hết ngày 01/06/2023",
        "TẠM TÍNH, ngày 01/06/2023 chưa hết",
    ]
    assert "nối tiếp bản chốt CS-2022-0002" in layout.known_words(estimate)
    odd = made.statement(start=dt.date(2023, 1, 5), end=dt.date(2023, 6, 1), counted_to=dt.date(2023, 6, 1))
    assert layout.period_words(odd) == "Từ ngày 05/01/2023 đến hết ngày 01/06/2023"
    assert "Tổng số hồ sơ nhận giải quyết là 16.342" in layout.summary(whole)


def test_late_entries_are_said_first():
    found = layout.sheet(made.statement(), "06a", memo=Memo(12, 3, {"move_due": 2}))
    assert found.notes[0].startswith("12 hồ sơ có việc ghi muộn, trong đó 3 đổi từ quá hạn sang đúng hạn; 2 hồ sơ")


def test_what_does_not_add_up_is_not_laid_out(monkeypatch):
    whole = made.statement()
    line = whole.lines[0]
    object.__setattr__(line.figures, "opening", type(line.figures.opening)(999))
    with pytest.raises(Unreconciled):
        layout.sheet(whole, "06a")


# ---- who issues it --------------------------------------------------------------------------------------------------


def unit(name: str, kind: UnitKind) -> Unit:
    return Unit(code=name, name=name, kind=kind, valid_from=dt.date(2025, 7, 1))


def test_a_committee_names_no_superior_body():
    head = letterhead(unit("Xã Cầu Kè", UnitKind.COMMUNE), None)
    assert (head.above, head.issuer) == ("", ("ỦY BAN NHÂN DÂN", "XÃ CẦU KÈ"))
    assert (head.symbol, head.place, head.authority[0]) == ("/BC-UBND", "Cầu Kè", "TM. ỦY BAN NHÂN DÂN")


def test_an_office_stands_beneath_its_committee():
    head = letterhead(unit("Phòng Tư pháp", UnitKind.OFFICE), unit("Huyện Cầu Kè", UnitKind.DISTRICT))
    assert (head.above, head.issuer) == ("ỦY BAN NHÂN DÂN HUYỆN CẦU KÈ", ("PHÒNG TƯ PHÁP",))
    assert (head.symbol, head.place) == ("/BC-", "Cầu Kè")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Thành phố Hà Nội", "Hà Nội"),
        ("Thị trấn Cầu Kè", "Cầu Kè"),
        ("Phường 1", "Phường 1"),
        ("Đặc khu Phú Quốc", "Phú Quốc"),
        ("Xã Xã Phiên", "Xã Phiên"),
    ],
)
def test_the_place_is_the_name_without_its_kind_unless_it_is_a_number(name, place):
    assert letterhead(unit(name, UnitKind.COMMUNE), None).place == place
