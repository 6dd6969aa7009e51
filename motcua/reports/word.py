"""A report as a Word file, from the shipped template or the office's own. The same inputs, the same bytes."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError

from motcua.core.errors import Invalid
from motcua.reports import arriving, marks, tags
from motcua.reports.figures import Figure, ident
from motcua.reports.letterhead import COUNTRY, MOTTO
from motcua.reports.marks import Section
from motcua.reports.zipped import stable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FOLDER = files("motcua.reports") / "templates" / "reports"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands round the text of an official document (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

    above: str
    issuer: tuple[str, ...]
    number: str
    symbol: str
    place: str
    day: str
    noun: str
    subject: str
    addressees: tuple[str, ...]
    authority: tuple[str, ...]
    signer: str
    receivers: tuple[str, ...]
    draft: str = ""


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """A row of the annex: a heading over figures (no ``figure``), or a figure with its number."""

    ordinal: str
    name: str
    figure: Figure | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a template prints. ``stamp`` is the moment written into the file."""

    head: Head
    unit: str
    period: str
    first: dt.date
    last: dt.date
    source: str
    doubts: tuple[str, ...]
    figures: Mapping[str, Figure]
    sections: Mapping[str, Section]
    annex_title: str
    annex: tuple[AnnexRow, ...]
    stamp: dt.datetime


@cache
def shipped(name: str) -> bytes:
    """The template of that file name that comes with the product."""
    return (FOLDER / name).read_bytes()


def document(content: Content, template: bytes) -> bytes:
    """The bytes of the .docx. :class:`Invalid` for a template outside the closed language or one that is not safe."""
    arriving.opened(template)
    made = DocxTemplate(io.BytesIO(template))
    engine = tags.Engine()
    engine.undefined = StrictUndefined
    made.init_docx()
    _forget_properties(made, content)
    try:
        made.render(_context(content), jinja_env=engine, autoescape=True)
    except TemplateError as error:
        raise Invalid(f"Mẫu dùng tên không có: {error.message}.", code="unknown_tag", field="file") from error
    marks.put(made.docx.element.body, content.sections, content.figures)
    held = io.BytesIO()
    made.save(held)
    return stable(held.getvalue())


def names_used(template: bytes) -> list[tags.Tag]:
    """Every name a template uses, in body, headers and footers. :class:`Invalid` as :func:`document`."""
    arriving.opened(template)
    made = DocxTemplate(io.BytesIO(template))
    made.init_docx()
    engine = tags.Engine()
    texts = [made.patch_xml(made.get_xml())]
    for uri in (made.HEADER_URI, made.FOOTER_URI):
        for _, part in made.get_headers_footers(uri):
            texts.append(made.patch_xml(made.get_part_xml(part)))
    for text in texts:
        engine.from_string(text)
    return engine.seen


def checked(template: bytes, codes: Sequence[str], sections: Sequence[str]) -> tags.Checked:
    """What an office's template asks for in vain, and which figures and sections it leaves out."""
    return tags.check(names_used(template), {ident(code): code for code in codes}, sections)


def _forget_properties(made: Any, content: Content) -> None:
    """The file's own properties are ours: what a template brought there is neither run nor kept."""
    properties = made.docx.core_properties
    for name in ("category", "comments", "content_status", "identifier", "keywords", "language", "subject", "version"):
        setattr(properties, name, "")
    properties.title = marks.plain(content.head.subject).replace("{", "(").replace("}", ")")[:250]
    properties.author = content.unit.replace("{", "(").replace("}", ")")[:250]
    properties.last_modified_by, properties.revision = "", 1
    stamp = content.stamp.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = stamp


def _context(content: Content) -> dict[str, Any]:
    head, tidy = content.head, marks.plain
    return {
        "co_quan_tren": tidy(head.above),
        "co_quan": [tidy(part) for part in head.issuer],
        "so": tidy(head.number),
        "ky_hieu": tidy(head.symbol),
        "dia_danh": tidy(head.place),
        "ngay": head.day,
        "quoc_hieu": COUNTRY,
        "tieu_ngu": MOTTO,
        "ten_loai": tidy(head.noun),
        "trich_yeu": tidy(head.subject),
        "kinh_gui": [tidy(part) for part in head.addressees],
        "luu_y": [tidy(part) for part in content.doubts],
        "quyen_han": [tidy(part) for part in head.authority],
        "nguoi_ky": tidy(head.signer),
        "noi_nhan": [tidy(part) for part in head.receivers],
        "du_thao": head.draft,
        "don_vi": tidy(content.unit),
        "ky_bao_cao": content.period,
        "tu_ngay": f"{content.first:%d/%m/%Y}",
        "den_ngay": f"{content.last:%d/%m/%Y}",
        "nguon": content.source,
        "phu_luc_tieu_de": content.annex_title,
        "phu_luc": [_annexed(row) for row in content.annex],
        tags.FIGURES: {ident(code): marks.figure_mark(figure) for code, figure in content.figures.items()},
        tags.SECTIONS: {key: marks.section_mark(key) for key in content.sections},
    }


def _annexed(row: AnnexRow) -> dict[str, Any]:
    figure = row.figure
    if figure is None:
        blank = dict.fromkeys(("dvt", "ky_nay", "ky_truoc", "cung_ky", "tu_den", "ma"), "")
        return {"stt": row.ordinal, "ten": marks.plain(row.name), "la_nhom": True, "nhom": row.name, **blank}
    estimate = " (ước)" if figure.estimate else ""
    return {
        "stt": row.ordinal,
        "ten": marks.plain(figure.name) + estimate,
        "dvt": marks.plain(figure.measure),
        "ky_nay": marks.figure_mark(figure, cell=True),
        "ky_truoc": figure.before,
        "cung_ky": figure.year_ago,
        "tu_den": f"{figure.first:%d/%m/%Y} – {figure.last:%d/%m/%Y}",
        "ma": marks.code_mark(figure.code, row.mark),
        "nhom": "",
        "la_nhom": False,
    }


__all__ = ["MEDIA_TYPE", "AnnexRow", "Content", "Head", "checked", "document", "names_used", "shipped"]
