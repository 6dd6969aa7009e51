"""Draw the Word templates of reports from their outlines, after Nghị định 30/2020/NĐ-CP, Phụ lục I.

Run it when an outline changes (``.venv/bin/python scripts/make_report_templates.py``) and commit the result; offices
change their own copy in Word.
"""

import datetime as dt
import io
import sys
from pathlib import Path
from typing import Any

import django
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

sys.path.insert(0, str(Path(__file__).resolve().parent))
from make_statement_templates import (
    CENTRE,
    JUSTIFY,
    LEFT,
    RIGHT,
    ROOT,
    columns,
    field,
    line,
    margins,
    room,
    row_property,
    rule,
    shade,
    write,
)

# A4 upright: 21 cm less the margins of the decree (left 30, right 15 mm).
WIDTH = 16.5
# What the annex prints, how wide, how it is set: (tag, heading, cm, alignment).
ANNEX = (
    ("stt", "STT", 1.1, CENTRE),
    ("ten", "Chỉ tiêu", 4.9, LEFT),
    ("dvt", "Đơn vị tính", 1.6, CENTRE),
    ("ky_nay", "Kỳ này", 2.3, RIGHT),
    ("ky_truoc", "Kỳ trước", 1.7, RIGHT),
    ("cung_ky", "Cùng kỳ năm trước", 1.7, RIGHT),
    ("tu_den", "Tính từ – đến", 2.0, CENTRE),
    ("ma", "Mã", 1.2, CENTRE),
)


def page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(2)
    section.header_distance = section.footer_distance = Cm(1)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = CENTRE
    field(number, "PAGE", 13)
    for footer in (section.footer, section.first_page_footer):
        write(footer, "{{ nguon }}", size=8, italic=True, align=LEFT, first=True)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), "Times New Roman")


def heading(document: Any) -> None:
    left, right = 6.6, 9.9
    table = document.add_table(1, 2)
    columns(table, (left, right))
    issuer, country = table.rows[0].cells
    write(issuer, "{%p if co_quan_tren %}", first=True)
    write(issuer, "{{ co_quan_tren }}", size=12)
    write(issuer, "{%p endif %}")
    write(issuer, "{%p for phan_ten in co_quan %}")
    write(issuer, "{{ phan_ten }}", size=12, bold=True)
    write(issuer, "{%p endfor %}")
    rule(issuer, 2.2, left)
    write(issuer, "Số: {{ so }}{{ ky_hieu }}", size=13).paragraph_format.space_before = Pt(6)
    write(country, "{{ quoc_hieu }}", size=12, bold=True, first=True)
    line(write(country, "{{ tieu_ngu }}", size=13, bold=True), 6.4, right)
    date = write(country, "{{ dia_danh }}, {{ ngay }}", size=13, italic=True)
    date.paragraph_format.space_before = Pt(8)


def opening(document: Any) -> None:
    write(document, "{%p if du_thao %}")
    write(document, "{{ du_thao }}", size=12, bold=True, align=LEFT)
    write(document, "{%p endif %}")
    write(document, "{{ ten_loai }}", size=14, bold=True).paragraph_format.space_before = Pt(12)
    write(document, "{{ trich_yeu }}", size=14, bold=True)
    rule(document, 4, WIDTH, after=8)
    write(document, "{%p for noi in kinh_gui %}")
    write(document, "Kính gửi: {{ noi }}.", size=14, after=6)
    write(document, "{%p endfor %}")
    write(document, "{%p for dong_luu_y in luu_y %}")
    write(document, "{{ dong_luu_y }}", size=13, italic=True, after=4)
    write(document, "{%p endfor %}")


def outline(document: Any, items: Any) -> None:
    for item in items:
        if item.heading:
            made = write(document, item.heading, size=14, bold=True, italic=item.level > 2, align=LEFT, after=6)
            made.paragraph_format.keep_with_next = True
            made.paragraph_format.first_line_indent = Cm(1.27)
        else:
            made = write(document, f"{{{{ phan.{item.key} }}}}", size=14, align=JUSTIFY, after=6)
            made.paragraph_format.first_line_indent = Cm(1.27)


def ending(document: Any) -> None:
    write(document, "", size=6)
    table = document.add_table(1, 2)
    columns(table, (7.5, 9.0))
    row_property(table.rows[0], "w:cantSplit")
    sent, signed = table.rows[0].cells
    write(sent, "Nơi nhận:", size=12, bold=True, italic=True, align=LEFT, first=True)
    write(sent, "{%p for noi in noi_nhan %}")
    write(sent, "- {{ noi }}", size=11, align=LEFT)
    write(sent, "{%p endfor %}")
    write(signed, "{%p for dong_quyen in quyen_han %}", first=True)
    write(signed, "{{ dong_quyen }}", size=14, bold=True)
    write(signed, "{%p endfor %}")
    room(signed)
    write(signed, "{{ nguoi_ky }}", size=14, bold=True)


def annex(document: Any) -> None:
    title = write(document, "{{ phu_luc_tieu_de }}", size=14, bold=True)
    title.paragraph_format.page_break_before = True
    write(
        document, "{{ don_vi }}, {{ ky_bao_cao }} (từ {{ tu_ngay }} đến {{ den_ngay }})", size=13, italic=True, after=6
    )
    table = document.add_table(7, len(ANNEX))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    columns(table, [width for _, _, width, _ in ANNEX])
    margins(table, 0.1)
    for cell, (_, title_of, _, _) in zip(table.rows[0].cells, ANNEX, strict=True):
        write(cell, title_of, size=11, bold=True, first=True)
        shade(cell)
    row_property(table.rows[0], "w:tblHeader")
    # docxtpl takes these rows out and repeats what stands between them.
    tags = {1: "for dong in phu_luc", 2: "if dong.la_nhom", 4: "else", 6: "endif"}
    for n, tag in tags.items():
        write(table.rows[n].cells[0], f"{{%tr {tag} %}}", size=11, first=True)
    group, entry = table.rows[3], table.rows[5]
    ordinal = group.cells[0]
    rest = group.cells[1].merge(group.cells[len(ANNEX) - 1])
    write(ordinal, "{{ dong.stt }}", size=11, bold=True, first=True)
    write(rest, "{{ dong.ten }}", size=11, bold=True, align=LEFT, first=True)
    for extra in rest.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    for cell, (tag, _, _, align) in zip(entry.cells, ANNEX, strict=True):
        small = tag in ("tu_den", "ma")
        write(cell, f"{{{{ dong.{tag} }}}}", size=8 if small else 11, align=align, first=True)
    for row in (table.rows[0], group, entry):
        row_property(row, "w:cantSplit")
    last = table.add_row()
    write(last.cells[0], "{%tr endfor %}", size=11, first=True)


def template(outlined: Any, *, with_annex: bool = True) -> bytes:
    """One template, as bytes that depend on nothing but the outline."""
    from motcua.reports.zipped import stable

    document = Document()
    document._body.clear_content()
    page(document)
    heading(document)
    opening(document)
    outline(document, outlined.items)
    ending(document)
    if with_annex:
        annex(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = outlined.name, "", ""
    properties.created = properties.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - the file format knows no zone
    held = io.BytesIO()
    document.save(held)
    return stable(held.getvalue())


def templates() -> dict[str, bytes]:
    """File name → template, for every outline."""
    from motcua.reports.types import outlines

    return {f"{outlined.code}.docx": template(outlined) for outlined in outlines().values()}


def main() -> None:
    django.setup()
    folder = ROOT / "motcua" / "reports" / "templates" / "reports"
    for name, content in templates().items():
        (folder / name).write_bytes(content)
        print(folder.relative_to(ROOT) / name)


if __name__ == "__main__":
    main()
