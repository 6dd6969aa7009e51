"""The Word file: every figure as Viet Nam writes it, laid out after Nghị định 30/2020, the same bytes each time."""

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document

from motcua.reports.document import FOLDER, TEMPLATES, document
from tests.reports import made

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]


def opened(content: bytes):
    return Document(io.BytesIO(content))


def text_of(content: bytes) -> str:
    found = opened(content)
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in found.paragraphs] + cells)


def figures(content: bytes) -> list[list[str]]:
    """The rows of the big table beneath its head."""
    table = next(table for table in opened(content).tables if len(table.columns) > 5)
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    return rows[next(n for n, row in enumerate(rows) if row[0] == "(1)") + 1 :]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("which", [made.statement, made.chained])
def test_every_figure_of_the_statement_is_in_the_file(name, which):
    paper = made.printed(which(), name)
    found = figures(document(paper))
    assert len(found) == len(paper.sheet.rows)
    for row, expected in zip(found, paper.sheet.rows, strict=True):
        assert row == [expected.ordinal, expected.label, *(cell.text for cell in expected.cells)]
    assert any("." in text for text in found[-1][2:])  # 16.342, not 16,342
    assert not any("," in text for text in found[-1][2:] if "." in text)


def test_it_is_laid_out_after_the_decree():
    content = document(made.printed(frozen=made.FROZEN))
    found, text = opened(content), text_of(content)
    section = found.sections[0]
    assert section.page_width > section.page_height
    assert (round(section.left_margin.cm, 2), round(section.top_margin.cm, 2)) == (3, 2)
    assert section.different_first_page_header_footer
    assert found.styles["Normal"].font.name == "Times New Roman"
    assert {run.font.name for p in found.paragraphs for run in p.runs} == {None}  # all of it from the style
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "HUYỆN CẦU KÈ",
        "Số:        /BC-UBND",
        "Cầu Kè, ngày      tháng      năm 2023",
        "BÁO CÁO",
        "Tình hình, kết quả giải quyết thủ tục hành chính",
        "Kỳ báo cáo: 6 tháng đầu năm 2023",
        "NGƯỜI LẬP BIỂU",
        "Võ Thị Me",
        "TM. ỦY BAN NHÂN DÂN",
        "Nơi nhận:",
        "- Lưu: VT.",
    ):
        assert expected in text, expected
    assert "CS-2023-0001" in section.footer.paragraphs[0].text
    assert "CS-2023-0001" in section.first_page_footer.paragraphs[0].text
    assert "{" not in text


def test_names_are_text_whatever_they_hold():
    names = ("<w:b/>&amp;", "{{ total }} {% for %}", "=1+1", "Xã Hòa Ân")
    labels = [row[1] for row in figures(document(made.printed(made.statement(names))))]
    for name in names:
        assert name in labels


def test_the_same_paper_gives_the_same_bytes():
    one, two = document(made.printed()), document(made.printed())
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
    properties = opened(one).core_properties
    assert (properties.title, properties.author) == ("Tình hình, kết quả giải quyết thủ tục hành chính", "Huyện Cầu Kè")
    assert str(properties.created).startswith("2023-06-14 17:00:00")


def test_an_office_uses_its_own_template(tmp_path):
    own = Document(str(FOLDER / TEMPLATES["06a"]))
    own.add_paragraph("Mẫu riêng của {{ unit }}")
    own.save(tmp_path / "own.docx")
    assert "Mẫu riêng của Huyện Cầu Kè" in text_of(document(made.printed(), tmp_path / "own.docx"))


def test_the_committed_templates_are_what_the_script_draws():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import make_statement_templates
    finally:
        sys.path.pop(0)

    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    for name, drawn in make_statement_templates.templates().items():
        assert parts(drawn) == parts((FOLDER / name).read_bytes()), f"run scripts/make_statement_templates.py ({name})"


@pytest.mark.slow
def test_it_prints_with_its_head_on_every_page(tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice here")
    from pypdf import PdfReader

    (tmp_path / "bieu.docx").write_bytes(document(made.printed(made.statement(made.OFFICES + made.COMMUNES * 4))))
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf", "bieu.docx"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=180,
    )
    pages = PdfReader(tmp_path / "bieu.pdf").pages
    assert len(pages) >= 3
    assert all(page.mediabox.width > page.mediabox.height for page in pages)
    assert sum("Số hồ sơ nhận giải quyết" in page.extract_text() for page in pages) >= 3
    assert "NGƯỜI LẬP BIỂU" in pages[-1].extract_text()
