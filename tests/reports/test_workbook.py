"""The Excel file: every figure as a real number, text never a formula, the same bytes for the same statement."""

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from motcua.ledger.forms import FORMS
from motcua.reports.workbook import workbook
from tests.reports import made

pytestmark = pytest.mark.pure


def grid(content: bytes, sheet: int = 0) -> list[list[object]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)
    )


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("name", sorted(FORMS))
@pytest.mark.parametrize("which", [made.statement, made.chained])
def test_every_figure_of_the_statement_is_in_the_file_as_a_number(name, which):
    paper = made.printed(which(), name)
    rows = [row for row in grid(workbook(paper)) if isinstance(row[2], float)]
    assert len(rows) == len(paper.sheet.rows)
    for found, row in zip(rows, paper.sheet.rows, strict=True):
        assert (found[0], found[1]) == (row.ordinal, row.label)
        assert found[2:] == [("–" if cell.value is None else float(cell.value)) for cell in row.cells]


def test_the_head_is_merged_as_the_form_prints_it():
    content = workbook(made.printed())
    page = part(content, "xl/worksheets/sheet1.xml")
    merged = set(re.findall(r'<mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"', page))
    top = next(n for n, row in enumerate(grid(content), start=1) if row[0] == "STT")
    for span in ("A{0}:A{2}", "B{0}:B{2}", "C{0}:F{0}", "G{0}:J{0}", "K{0}:M{0}", "D{1}:E{1}", "F{1}:F{2}"):
        assert span.format(top, top + 1, top + 2) in merged
    first = top + 4
    assert f'<pane xSplit="2" ySplit="{first - 1}" topLeftCell="C{first}"' in page


def test_it_is_ready_to_print():
    content = workbook(made.printed(frozen=made.FROZEN))
    page, names = part(content, "xl/worksheets/sheet1.xml"), part(content, "xl/workbook.xml")
    assert 'paperSize="9"' in page
    assert 'orientation="landscape"' in page
    assert 'fitToHeight="0"' in page
    assert "Print_Titles" in names
    assert "Print_Area" in names
    assert "CS-2023-0001" in page
    assert "&amp;P/&amp;N" in page


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://x", "\t=1", "01"]
)
def test_no_text_becomes_a_formula_a_link_or_a_number(text):
    content = workbook(made.printed(made.statement((text, "Xã Hòa Ân"))))
    page = part(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in page
    assert "<hyperlink" not in page
    assert text.strip() in [str(row[1]).strip() for row in grid(content)]
    assert not [row for row in grid(content) if isinstance(row[1], float)]


def test_where_the_figures_come_from_travels_with_them():
    facts = {str(row[0]): str(row[1]) for row in grid(workbook(made.printed(made.chained(), frozen=made.FROZEN)), 1)}
    assert facts["Bản chốt"] == "CS-2023-0001"
    assert facts["SHA-256"] == made.FROZEN.digest
    assert facts["Chốt lúc"] == "08:05 15/06/2023, Võ Thị Me"
    assert "bút toán số 122.818" in facts["Số liệu"]
    assert facts["Cách tính hạn"].startswith("Hạn tính theo ngày")


def test_doubts_stand_above_the_table():
    texts = [str(row[0]) for row in grid(workbook(made.printed(made.chained())))]
    assert texts.index("SỐ ƯỚC, tính đến hết ngày 01/06/2023") < texts.index("STT")
    assert not [text for text in map(str, grid(workbook(made.printed()))) if "SỐ ƯỚC" in text]


def test_the_same_paper_gives_the_same_bytes():
    assert workbook(made.printed()) == workbook(made.printed())
    assert workbook(made.printed()) != workbook(made.printed(made.chained()))
    with zipfile.ZipFile(io.BytesIO(workbook(made.printed()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2023-06-15T00:00:00Z" in part(workbook(made.printed()), "docProps/core.xml")  # the instant counted to
