"""A report as Word and PDF, the office's own template, and the edited file that comes back."""

import dataclasses
import io
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from motcua.core.errors import Invalid
from motcua.reports import actions, comparing, pdf, reading, word
from motcua.reports.marks import Section
from tests.reports.report_made import FIGURES, TITLES, content, document, sections

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = Path(__file__).parent / "sample"
pytestmark = pytest.mark.pure


def printed(docx: bytes) -> bytes:
    made = content()
    return pdf.pdf(
        reading.read(docx),
        title=made.head.subject,
        author=made.unit,
        stamp=made.stamp,
        addresses={"kh_ty_le": "https://example.gov.vn/bao-cao/so/7-2/"},
    )


def edited(docx: bytes, *pairs: tuple[str, str]) -> bytes:
    """The file with some of its XML written over: what Word does, without Word."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as given, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            part = given.read(name)
            if name == "word/document.xml":
                text = part.decode()
                for old, new in pairs:
                    assert text.count(old) >= 1, old
                    text = text.replace(old, new, 1)
                part = text.encode()
            made.writestr(name, part)
    return held.getvalue()


def with_part(docx: bytes, name: str, part: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as given, zipfile.ZipFile(held, "w") as made:
        for each in given.namelist():
            if each != name:
                made.writestr(each, given.read(each))
        made.writestr(name, part)
    return held.getvalue()


def compared(back: bytes) -> comparing.Returned:
    found = reading.read(back, reading.idents(FIGURES))
    return comparing.compare(found, reading.read(document()), FIGURES, TITLES)


# ---- the document ---------------------------------------------------------------------------------------------------


def test_the_same_report_is_the_same_bytes_in_both_forms():
    one, two = document(), document()
    assert one == two
    assert printed(one) == printed(two)


def test_the_pdf_says_what_the_word_file_says_and_its_codes_lead_somewhere():
    docx = document()
    made = PdfReader(io.BytesIO(printed(docx)))
    text = " ".join(" ".join(page.extract_text() for page in made.pages).split())
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: 265/BC-UBND",
                  "KT. CHỦ TỊCH", "hoàn thành 26/32 nhiệm vụ", "22.305/22.306", "{{ lạ }}", "{{ 7*7 }}"):  # fmt: skip
        assert words in text, words
    links = [a.get_object()["/A"]["/URI"] for page in made.pages for a in page.get("/Annots", [])]
    assert links == ["https://example.gov.vn/bao-cao/so/7-2/"]
    first, second = (page.extract_text() for page in made.pages[:2])
    assert second.lstrip().startswith("2")
    assert not first.lstrip().startswith("1")
    box = made.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_nothing_of_the_template_language_is_left_and_nothing_typed_is_run():
    read = reading.read(document())
    text = " ".join(paragraph.text for paragraph in read.paragraphs())
    assert "Đoạn thứ hai <b>&</b> {{ lạ }}." in text
    assert "{%" not in text
    assert "{kh_ty_le" not in text


def test_the_committed_templates_are_what_the_script_draws():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import make_report_templates
    finally:
        sys.path.pop(0)

    def parts(made: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    for name, drawn in make_report_templates.templates().items():
        assert parts(drawn) == parts((word.FOLDER / name).read_bytes()), (
            f"run scripts/make_report_templates.py ({name})"
        )


# ---- an office's own template ---------------------------------------------------------------------------------------


def own(*lines: str) -> bytes:
    made = Document()
    for line in lines:
        made.add_paragraph(line)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def test_an_offices_template_is_used_and_what_it_asks_in_vain_is_named():
    template = own(
        "{{ ten_loai }} của {{ don_vi }}: {{ so_lieu.kh_ty_le }}", "{{ phan.iii_1 }}", "{{ so_lieu.khong_co }} {{ la }}"
    )
    found = word.checked(template, list(FIGURES), list(TITLES))
    assert found.unknown == ("so_lieu.khong_co", "la")
    assert "tt_tin_bai" in found.unused_figures
    assert "kh_ty_le" not in found.unused_figures
    assert "iii_2" in found.unused_sections
    assert "iii_1" not in found.unused_sections
    made = word.document(content(), own("{{ ten_loai }} của {{ don_vi }}: {{ so_lieu.kh_ty_le }}", "{{ phan.iii_1 }}"))
    lines = [paragraph.text for paragraph in reading.read(made).paragraphs()]
    assert lines == [
        "BÁO CÁO của Huyện Cầu Kè: 81,25%",
        "Nền nếp đã có; hoàn thành 26/32 nhiệm vụ.",
        "Đoạn thứ hai <b>&</b> {{ lạ }}.",
    ]


@pytest.mark.parametrize(
    "tag",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ don_vi.__class__ }}",
        "{{ don_vi.x.y }}",
        "{{ co_quan[0] }}",
        "{{ don_vi|upper }}",
        "{{ range(9) }}",
        "{{ 'a' * 999999999 }}",
        "{% set x = 1 %}",
        "{% for a in range(9) %}{% endfor %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{{ cycler.__init__.__globals__ }}",
        "{% if don_vi == 'x' %}a{% endif %}",
        "{{ lipsum }",
    ],
)
def test_a_template_that_says_more_than_the_closed_language_is_refused(tag):
    template = own(tag, "{{ don_vi }}")
    if tag == "{{ lipsum }":
        with pytest.raises(Invalid):
            word.document(content(), template)
        return
    with pytest.raises(Invalid):
        word.names_used(template)
    with pytest.raises(Invalid):
        word.document(content(), template)


def test_what_a_template_hides_in_its_properties_is_not_run():
    made = Document()
    made.add_paragraph("{{ don_vi }}")
    made.core_properties.keywords = "{{ ''.__class__ }}"
    held = io.BytesIO()
    made.save(held)
    back = Document(io.BytesIO(word.document(content(), held.getvalue())))
    assert back.core_properties.keywords == ""


# ---- hostile files --------------------------------------------------------------------------------------------------

RELS = "word/_rels/document.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="x" Type="{_OFFICE}/{{}}" Target="{{}}" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("name", "part", "code"),
    [
        ("word/vbaProject.bin", b"x", "macro"),
        ("word/embeddings/oleObject1.bin", b"x", "embedded"),
        ("word/activeX/activeX1.xml", b"<x/>", "embedded"),
        (RELS, REL.format("attachedTemplate", "https://example.org/x.dotm").encode(), "external"),
        (RELS, REL.format("image", "file://server/share/x.png").encode(), "external"),
        (RELS, REL.format("hyperlink", "javascript:x").encode(), "external"),
        (RELS, REL.format("aFChunk", "x").encode(), "embedded"),
        ("word/extra.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "doctype"),
        ("word/extra.xml", b"<x>", "not_docx"),
    ],
)
def test_a_hostile_file_is_refused(name, part, code):
    with pytest.raises(Invalid) as refused:
        reading.read(with_part(document(), name, part))
    assert refused.value.code == code


def test_a_field_that_fetches_is_refused_and_a_page_number_is_not():
    body = '<w:r><w:instrText xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{}</w:instrText></w:r>'
    with pytest.raises(Invalid) as refused:
        reading.read(
            edited(document(), ("<w:body>", "<w:body><w:p>" + body.format(' DDEAUTO c:\\\\x "y" ') + "</w:p>"))
        )
    assert refused.value.code == "field"
    reading.read(edited(document(), ("<w:body>", "<w:body><w:p>" + body.format(" PAGE ") + "</w:p>")))


def test_a_zip_bomb_is_refused_before_it_is_open():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", b"<x/>")
        bomb.writestr("word/document.xml", b" " * (61 * 1024 * 1024))
    with pytest.raises(Invalid) as refused:
        reading.read(held.getvalue())
    assert refused.value.code == "zip_bomb"
    for rubbish in (b"", b"PK\x03\x04", b"<html>", own("x")[:500]):
        with pytest.raises(Invalid):
            reading.read(rubbish)


# ---- the edited file comes back -------------------------------------------------------------------------------------


def test_an_untouched_file_comes_back_as_it_went():
    found = compared(document())
    assert (found.problems, found.lost, found.outside) == ((), (), ())
    for key, section in sections().items():
        assert found.sections[key] == (2, section.text)


def test_prose_is_kept_and_its_figures_stay_figures():
    back = edited(document(), ("Nền nếp đã có; hoàn thành ", "Nền nếp đã tốt hơn; đã xong "))
    found = compared(back)
    assert found.problems == ()
    assert found.sections["iii_1"][1].startswith("Nền nếp đã tốt hơn; đã xong {kh_ty_le:tren} nhiệm vụ.")


def test_a_changed_figure_is_refused_with_its_place():
    found = compared(edited(document(), ('<w:t xml:space="preserve">99,99%</w:t>', "<w:t>100%</w:t>")))
    (problem,) = found.problems
    assert (problem.section, problem.code) == ("Phần «II.2 Giải quyết hồ sơ»", "hs_ty_le_dung_han")
    assert (problem.written, problem.frozen) == ("100%", "99,99%")


def test_a_figure_of_the_annex_is_held_too_and_another_spelling_is_none():
    (problem,) = compared(edited(document(), (">22.305/22.306 (99,99%)<", ">22.306/22.306 (100%)<"))).problems
    assert problem.code == "hs_ty_le_dung_han"
    assert compared(edited(document(), (">115<", "> 115<"))).problems == ()


def test_a_figure_typed_over_its_control_is_missed():
    docx = document()
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        text = archive.read("word/document.xml").decode()
    start = text.index("so:tt_tin_bai:")
    start = text.rindex("<w:sdt>", 0, start)
    end = text.index("</w:sdt>", start) + len("</w:sdt>")
    (problem,) = compared(edited(docx, (text[start:end], "<w:r><w:t>150</w:t></w:r>"))).problems
    assert (problem.code, problem.written, problem.frozen) == ("tt_tin_bai", "", "115")
    assert "không còn" in str(problem)


def test_a_section_whose_mark_is_gone_is_named():
    found = compared(edited(document(), ("phan:iii_1:2", "x"), ("phan_iii_1_v2_1", "y"), ("phan_iii_1_v2_2", "z")))
    assert found.lost == ("III.1 Mặt tích cực",)


def test_words_changed_outside_of_the_sections_are_told():
    found = compared(edited(document(), ("Kính gửi: ", "Gửi: ")))
    assert found.problems == ()
    assert any(line.startswith("+ Gửi:") for line in found.outside)


def test_tracked_changes_are_read_as_accepted():
    tracked = (
        "<w:t>Làm </w:t></w:r>"
        '<w:ins w:id="900" w:author="a"><w:r><w:t>nhanh</w:t></w:r></w:ins>'
        '<w:del w:id="901" w:author="a"><w:r><w:delText>tiếp</w:delText></w:r></w:del>'
        "<w:r><w:t>.</w:t>"
    )
    back = edited(document(), ('<w:t xml:space="preserve">Làm tiếp.</w:t>', tracked))
    assert compared(back).sections["iv"][1] == "Làm nhanh."


def test_a_file_saved_by_libreoffice_comes_back_whole():
    """Opened and saved by LibreOffice, which drops the controls, with a word changed and a paragraph put in."""
    found = compared((SAMPLE / "edited_in_libreoffice.docx").read_bytes())
    assert (found.problems, found.lost) == ((), ())
    assert found.sections["iv"] == (2, "Làm tiếp, làm nhanh hơn.\nMột đoạn thêm ở cuối phần.")
    assert {key: text for key, (_, text) in found.sections.items() if key != "iv"} == {
        key: section.text for key, section in sections().items() if key != "iv"
    }


# ---- whatever is written comes back as it was -----------------------------------------------------------------------

_pieces = st.one_of(
    st.sampled_from(
        ["{kh_ty_le}", "{kh_ty_le:tren}", "{hs_tiep_nhan}", "{la_gi}", "{{ don_vi }}", "{% if x %}", "{_{", "}_}"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12),
)
_texts = st.lists(st.lists(_pieces, max_size=5).map(" ".join), max_size=4).map("\n".join)


@given(_texts)
@settings(max_examples=40)
def test_any_text_goes_to_word_and_comes_back(text):
    kept = actions.tidy(text)
    template = _TEMPLATE
    made = dataclasses.replace(content(), sections={"iv": Section("iv", "IV", 3, kept)}, annex=())
    sent = reading.read(word.document(made, template))
    found = comparing.compare(sent, sent, FIGURES, {"iv": "IV"})
    assert found.problems == ()
    assert found.sections["iv"] == (3, kept)


_TEMPLATE = own("{{ don_vi }}", "{{ phan.iv }}", "Hết.")
