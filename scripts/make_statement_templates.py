"""Draw the Word templates of statements, after Nghị định 30/2020/NĐ-CP, Phụ lục I.

Run it when a form changes its columns (``.venv/bin/python scripts/make_statement_templates.py``) and commit the
result; offices change their own copy in Word.
"""

import datetime as dt
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
JUSTIFY = WD_ALIGN_PARAGRAPH.JUSTIFY
# A4 across: 29,7 cm less the margins of the decree (left 30, right 15 mm).
WIDTH = 25.2
GREY = "ECEFF1"


def line(paragraph: Any, width: float, room: float) -> None:
    """A rule under a paragraph, centred, ``width`` of ``room`` cm wide."""
    indent = Cm((room - width) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = indent
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    # The schema wants the parts of a paragraph's properties in its own order; Word minds.
    after = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *after)


def write(
    where: Any,
    text: str,
    *,
    size: float = 13,
    bold: bool = False,
    italic: bool = False,
    align: Any = CENTRE,
    after: float = 0,
    first: bool = False,
) -> Any:
    """A paragraph in a cell or the body; ``first`` uses the one a new cell comes with."""
    paragraph = where.paragraphs[0] if first else where.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.paragraph_format.space_before = Pt(0)
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    return paragraph


def rule(where: Any, width: float, room: float, *, after: float = 0) -> None:
    """A short rule on its own, in a line hardly higher than itself."""
    paragraph = write(where, "", size=2, after=after)
    paragraph.paragraph_format.line_spacing = Pt(4)
    line(paragraph, width, room)


def columns(table: Any, widths: Sequence[float]) -> None:
    """Fix the widths: Word and LibreOffice then agree."""
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def margins(table: Any, room: float) -> None:
    """The room left and right of the text in every cell, in cm."""
    found = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(round(room * 567)))
        edge.set(qn("w:type"), "dxa")
        found.append(edge)
    table._tbl.tblPr.insert_element_before(found, "w:tblLook")


def row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def shade(cell: Any) -> None:
    filling = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", GREY)):
        filling.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().insert_element_before(filling, "w:vAlign", "w:hideMark")


def field(paragraph: Any, code: str, size: float) -> None:
    """A field that Word fills in, such as the page number."""
    run = paragraph.add_run()
    run.font.size = Pt(size)
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(2)
    section.header_distance = section.footer_distance = Cm(1)
    # The page's number stands centred in the top margin, and not on the first page.
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = CENTRE
    field(number, "PAGE", 13)
    for footer in (section.footer, section.first_page_footer):
        write(footer, "{{ source }}", size=9, italic=True, align=LEFT, first=True)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), "Times New Roman")


def heading(document: Any) -> None:
    """Issuer and number on the left; the country's name, its motto, place and date on the right."""
    left, right = 9.7, 15.5
    table = document.add_table(1, 2)
    columns(table, (left, right))
    issuer, country = table.rows[0].cells
    write(issuer, "{%p if above %}", first=True)
    write(issuer, "{{ above }}")
    write(issuer, "{%p endif %}")
    write(issuer, "{%p for part in issuer %}")
    write(issuer, "{{ part }}", bold=True)
    write(issuer, "{%p endfor %}")
    rule(issuer, 2.6, left)
    write(issuer, "Số:        {{ symbol }}", after=0).paragraph_format.space_before = Pt(6)
    write(country, "{{ country }}", bold=True, first=True)
    line(write(country, "{{ motto }}", size=14, bold=True), 6.6, right)
    date = write(country, "{{ place }}, ngày      tháng      năm {{ year }}", italic=True)
    date.paragraph_format.space_before = Pt(8)


def opening(document: Any) -> None:
    write(document, "BÁO CÁO", size=14, bold=True).paragraph_format.space_before = Pt(12)
    write(document, "{{ title }}", size=14, bold=True)
    write(document, "Kỳ báo cáo: {{ period }}")
    write(document, "{%p for doubt in doubts %}")
    write(document, "{{ doubt }}", bold=True)
    write(document, "{%p endfor %}")
    rule(document, 4, WIDTH, after=8)
    body = write(document, "{{ summary }}", size=14, align=JUSTIFY, after=6)
    body.paragraph_format.first_line_indent = Cm(1.27)
    table = document.add_table(1, 2)
    columns(table, (WIDTH / 2, WIDTH / 2))
    write(table.cell(0, 0), "{{ mark }}", size=12, italic=True, align=LEFT, first=True)
    write(table.cell(0, 0), "Đơn vị báo cáo: {{ unit }}", size=12, align=LEFT)
    write(table.cell(0, 1), "Đơn vị tính: hồ sơ", size=12, italic=True, align=RIGHT, first=True)
    write(table.cell(0, 1), "Đơn vị nhận báo cáo: ………………………", size=12, align=RIGHT)
    # Two tables with nothing between them are one table to Word, and its head would no longer be repeated.
    write(document, "", size=2).paragraph_format.line_spacing = Pt(3)


def figures(document: Any, sheet: Any) -> None:
    """The table: the form's head on every page, one row for each line, one in bold for each level, the total."""
    count = len(sheet.columns)
    each = 1.62 if count <= 11 else 1.5
    widths = [1.1, WIDTH - 1.1 - count * each, *([each] * count)]
    depth = len(sheet.head)
    table = document.add_table(depth + 1 + 7 + 1, count + 2)
    table.style = "Table Grid"
    columns(table, widths)
    margins(table, 0.1)
    for level, cells in enumerate(sheet.head):
        for cell in cells:
            place = table.cell(level, cell.column)
            end = table.cell(level + cell.rows - 1, cell.column + cell.columns - 1)
            merged = place.merge(end) if end is not place else place
            title = "{{ first_title }}" if cell.column == 1 else cell.title
            write(merged, title, size=11, bold=True, first=True)
            for extra in merged.paragraphs[1:]:
                extra._p.getparent().remove(extra._p)
            merged.vertical_alignment = 1
    for cell, text in zip(table.rows[depth].cells, sheet.numbers, strict=True):
        write(cell, text.replace("=", "= "), size=7, italic=True, first=True)
    for row in table.rows[: depth + 1]:
        row_property(row, "w:tblHeader")
        row_property(row, "w:cantSplit")
        for cell in row.cells:
            if cell._tc.tcPr is None or cell._tc.tcPr.find(qn("w:shd")) is None:
                shade(cell)
    rows = table.rows[depth + 1 :]
    # docxtpl takes these rows out and repeats what stands between them.
    for row, tag in zip(
        (rows[0], rows[1], rows[3], rows[5], rows[6]),
        ("for row in rows", "if row.strong", "else", "endif", "endfor"),
        strict=True,
    ):
        write(row.cells[0], f"{{%tr {tag} %}}", size=11, first=True)
    entry(rows[2], "row", count, bold=True)
    entry(rows[4], "row", count, bold=False)
    entry(rows[7], "total", count, bold=True)
    for cell in rows[7].cells:
        shade(cell)


def entry(row: Any, name: str, count: int, *, bold: bool) -> None:
    row_property(row, "w:cantSplit")
    ordinal = "" if name == "total" else f"{{{{ {name}.ordinal }}}}"
    write(row.cells[0], ordinal, size=11, bold=bold, first=True)
    write(row.cells[1], f"{{{{ {name}.label }}}}", size=11, bold=bold, align=LEFT, first=True)
    for n in range(count):
        write(row.cells[n + 2], f"{{{{ {name}.cells[{n}] }}}}", size=11, bold=bold, align=RIGHT, first=True)
    for cell in row.cells:  # a level is not left alone at the foot of a page
        cell.paragraphs[0].paragraph_format.keep_with_next = bold and name == "row"


def ending(document: Any) -> None:
    write(document, "{%p for note in notes %}", size=11, align=LEFT)
    write(document, "* {{ note }}", size=11, italic=True, align=JUSTIFY).paragraph_format.space_before = Pt(3)
    write(document, "{%p endfor %}", size=11, align=LEFT)
    write(document, "", size=6)
    table = document.add_table(1, 3)
    columns(table, (8.4, 7.4, 9.4))
    row_property(table.rows[0], "w:cantSplit")
    sent, drawn, signed = table.rows[0].cells
    write(sent, "Nơi nhận:", size=12, bold=True, italic=True, align=LEFT, first=True)
    for text in ("- ………………………;", "- ………………………;", "- Lưu: VT."):
        write(sent, text, size=11, align=LEFT)
    write(drawn, "NGƯỜI LẬP BIỂU", bold=True, first=True)
    room(drawn)
    write(drawn, "{{ prepared_by }}", bold=True)
    write(signed, "{%p for part in authority %}", first=True)
    write(signed, "{{ part }}", bold=True)
    write(signed, "{%p endfor %}")
    room(signed)


def room(cell: Any) -> None:
    """Room for a signature."""
    space = write(cell, "", size=13)
    for _ in range(3):
        space.add_run().add_break(WD_BREAK.LINE)


def template(sheet: Any) -> bytes:
    """One template, as bytes that depend on nothing but the form."""
    from motcua.reports.zipped import stable

    document = Document()
    document._body.clear_content()
    page(document)
    heading(document)
    opening(document)
    figures(document, sheet)
    ending(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = sheet.title, "", ""
    properties.created = properties.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - the file format knows no zone
    held = io.BytesIO()
    document.save(held)
    return stable(held.getvalue())


def templates() -> dict[str, bytes]:
    """File name -> template, for every form that has one."""
    from motcua.ledger.statement import EMPTY, Line, Statement
    from motcua.reports.document import TEMPLATES
    from motcua.reports.layout import sheet

    day = dt.date(2026, 1, 1)
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    nothing = Statement(
        "dossier", "unit", (), day, day, day, moment, False, 0, "", None, (), Line("", "Tổng cộng", EMPTY)
    )
    return {file: template(sheet(nothing, name)) for name, file in TEMPLATES.items()}


def main() -> None:
    django.setup()
    folder = ROOT / "motcua" / "reports" / "templates" / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in templates().items():
        (folder / name).write_bytes(content)
        print(folder.relative_to(ROOT) / name)


if __name__ == "__main__":
    main()
