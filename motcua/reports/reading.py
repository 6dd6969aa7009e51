"""A Word file as plain blocks: paragraphs and tables with their looks, and the figures and sections marked in them.

What Word tracks as inserted is read, what it tracks as deleted is not. Pictures, shapes and notes are left out.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from motcua.core.text import nfc
from motcua.reports import arriving, marks
from motcua.reports.figures import ident

_TWIP = 2.54 / 1440  # a twentieth of a point, in cm
_ALIGN = {"center": "center", "right": "right", "end": "right", "both": "justify", "distribute": "justify"}
_INSIDE = {qn(f"w:{name}") for name in ("ins", "hyperlink", "smartTag", "fldSimple", "moveTo", "dir", "bdo")}
_SECTION_MARK = re.compile(r"phan_(?P<key>.+)_v(?P<version>\d+)_\d+")
_FIGURE_MARK = re.compile(r"so_(?P<code>.+)__(?P<part>[a-z_]*)_\d+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text of one look; ``figure`` is (code, part) where it stands in a figure's control."""

    text: str
    bold: bool = False
    italic: bool = False
    size: float = 0.0  # points; 0 as the document's own
    figure: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; lengths in cm, spaces in points. ``section`` is (key, version) of the section it lies in."""

    spans: tuple[Span, ...]
    align: str = "left"
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    before: float = 0.0
    after: float = 0.0
    ruled: bool = False
    page_before: bool = False
    section: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Cell:
    """``rows`` 0: covered by the one above."""

    blocks: "tuple[Block, ...]"
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """``widths`` in cm; ``heads`` rows are repeated on every page."""

    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bordered: bool
    heads: int


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Page:
    """Lengths in cm."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Read:
    """A whole document. ``footer`` is the text at the foot of its pages."""

    page: Page
    size: float
    blocks: tuple[Block, ...]
    footer: str

    def paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph, those in tables too, in order."""
        yield from _within(self.blocks)


def read(content: bytes, codes: Mapping[str, str] | None = None) -> Read:
    """Read a .docx; ``codes`` (name in a template → code) lets figures be found by bookmarks where a program that saved
    the file dropped the controls. :class:`Invalid` for a file that is not taken in."""
    arriving.opened(content)
    made: Any = Document(io.BytesIO(content))
    reader = _Reader(made, codes or {})
    section = made.sections[0]
    page = Page(
        *(
            round(length.cm, 3) if length is not None else 0.0
            for length in (
                section.page_width,
                section.page_height,
                section.top_margin,
                section.bottom_margin,
                section.left_margin,
                section.right_margin,
            )
        )
    )
    footer = " ".join(p.text for p in section.footer.paragraphs if p.text).strip()
    return Read(page, reader.size, tuple(reader.blocks(made.element.body, None)), nfc(footer))


def _within(blocks: "tuple[Block, ...]") -> Iterator[Paragraph]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            for row in block.rows:
                for cell in row:
                    yield from _within(cell.blocks)


class _Reader:
    """One reading: the document's styles, and which bookmarks are open where it stands."""

    def __init__(self, made: Any, codes: Mapping[str, str]) -> None:
        self.styles = {style.style_id: style for style in made.styles}
        self.normal = next((style for style in made.styles if style.name == "Normal"), None)
        size = self.normal.font.size if self.normal is not None else None
        self.size = size.pt if size else 13.0
        self.codes = codes
        self.figures: dict[str, tuple[str, str]] = {}
        self.here: tuple[str, int] | None = None  # the section whose mark stands in (or just before) this paragraph

    # ---- blocks

    def blocks(self, parent: Any, section: tuple[str, int] | None) -> Iterator[Block]:
        for node in parent:
            if node.tag == qn("w:p"):
                yield self.paragraph(node, section)
            elif node.tag == qn("w:tbl"):
                yield self.table(node, section)
            elif node.tag == qn("w:sdt"):
                content = node.find(qn("w:sdtContent"))
                if content is not None:
                    yield from self.blocks(content, marks.section_of(_tag(node)) or section)
            elif node.tag == qn("w:ins"):
                yield from self.blocks(node, section)
            elif node.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
                self.bookmark(node)

    def paragraph(self, node: Any, section: tuple[str, int] | None) -> Paragraph:
        style = self.style_of(node)
        spans = tuple(self.spans(node, style, None))
        properties = node.find(qn("w:pPr"))
        found = {
            name: None if properties is None else properties.find(qn(f"w:{name}"))
            for name in ("jc", "ind", "spacing", "pBdr", "pageBreakBefore")
        }
        align = _value(found["jc"]) or self.inherited(style, "jc", "val")
        ind, spacing = found["ind"], found["spacing"]
        inside, self.here = section or self.here, None
        return Paragraph(
            spans,
            _ALIGN.get(align, "left"),
            _cm(ind, "left") or _cm(ind, "start"),
            _cm(ind, "right") or _cm(ind, "end"),
            _cm(ind, "firstLine") - _cm(ind, "hanging"),
            _points(spacing, "before", self.inherited(style, "spacing", "before")),
            _points(spacing, "after", self.inherited(style, "spacing", "after")),
            found["pBdr"] is not None and found["pBdr"].find(qn("w:bottom")) is not None,
            found["pageBreakBefore"] is not None or _breaks(node),
            inside,
        )

    def table(self, node: Any, section: tuple[str, int] | None) -> Table:
        grid = [_number(column.get(qn("w:w"))) * _TWIP for column in node.iter(qn("w:gridCol"))]
        rows: list[list[tuple[Cell, str]]] = []
        heads = 0
        for row in _rows(node):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:tblHeader")) is not None and heads == len(rows):
                heads += 1
            rows.append([self.cell(cell, section) for cell in _cells(row)])
        return Table(tuple(grid), _spanned(rows), self.has_borders(node), heads)

    def cell(self, node: Any, section: tuple[str, int] | None) -> tuple[Cell, str]:
        properties = node.find(qn("w:tcPr"))
        span, merge = None, None
        if properties is not None:
            span, merge = properties.find(qn("w:gridSpan")), properties.find(qn("w:vMerge"))
        columns = int(_number(_value(span)) or 1)
        how = "" if merge is None else _value(merge) or "continue"
        return Cell(tuple(self.blocks(node, section)), columns), how

    def has_borders(self, node: Any) -> bool:
        properties = node.find(qn("w:tblPr"))
        if properties is None:
            return False
        borders = properties.find(qn("w:tblBorders"))
        if borders is not None:
            return any(_value(each) not in ("", "nil", "none") for each in borders)
        style = properties.find(qn("w:tblStyle"))
        return "grid" in (_value(style) or "").lower() if style is not None else False

    # ---- spans

    def spans(self, node: Any, style: Any, figure: tuple[str, str] | None) -> Iterator[Span]:
        for child in node:
            if child.tag == qn("w:r"):
                span = self.run(child, style, figure or next(iter(self.figures.values()), None))
                if span.text:
                    yield span
            elif child.tag == qn("w:sdt"):
                content = child.find(qn("w:sdtContent"))
                if content is not None:
                    yield from self.spans(content, style, marks.figure_of(_tag(child)) or figure)
            elif child.tag in _INSIDE:
                yield from self.spans(child, style, figure)
            elif child.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
                self.bookmark(child)

    def run(self, node: Any, style: Any, figure: tuple[str, str] | None) -> Span:
        text = []
        for child in node:
            if child.tag == qn("w:t"):
                text.append(child.text or "")
            elif child.tag == qn("w:tab"):
                text.append("\t")
            elif child.tag in (qn("w:br"), qn("w:cr")) and child.get(qn("w:type")) in (None, "textWrapping"):
                text.append("\n")
            elif child.tag == qn("w:noBreakHyphen"):
                text.append("-")
        properties = node.find(qn("w:rPr"))
        size = self.of_run(properties, style, "sz")
        return Span(
            nfc("".join(text)),
            _on(self.of_run(properties, style, "b")),
            _on(self.of_run(properties, style, "i")),
            _number(size) / 2 if size else 0.0,
            figure,
        )

    def of_run(self, properties: Any, style: Any, name: str) -> str | None:
        node = None if properties is None else properties.find(qn(f"w:{name}"))
        if node is not None:
            return _value(node) or "1"
        while style is not None:
            found = style.element.find(f"{qn('w:rPr')}/{qn(f'w:{name}')}")
            if found is not None:
                return _value(found) or "1"
            style = style.base_style
        return None

    # ---- styles and marks

    def style_of(self, node: Any) -> Any:
        named = node.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self.styles.get(_value(named), self.normal) if named is not None else self.normal

    def inherited(self, style: Any, name: str, attribute: str) -> str:
        while style is not None:
            found = style.element.find(f"{qn('w:pPr')}/{qn(f'w:{name}')}")
            if found is not None and found.get(qn(f"w:{attribute}")) is not None:
                return str(found.get(qn(f"w:{attribute}")))
            style = style.base_style
        return ""

    def bookmark(self, node: Any) -> None:
        number = str(node.get(qn("w:id")))
        if node.tag == qn("w:bookmarkEnd"):
            self.figures.pop(number, None)
            return
        name = str(node.get(qn("w:name")) or "")
        section, figure = _SECTION_MARK.fullmatch(name), _FIGURE_MARK.fullmatch(name)
        if section:
            self.here = (section["key"], int(section["version"]))
        elif figure and figure["code"] in self.codes:
            self.figures[number] = (self.codes[figure["code"]], figure["part"])


def _tag(control: Any) -> str:
    found = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
    return _value(found)


def _rows(node: Any) -> Iterator[Any]:
    for child in node:
        if child.tag == qn("w:tr"):
            yield child
        elif child.tag == qn("w:sdt") and child.find(qn("w:sdtContent")) is not None:
            yield from _rows(child.find(qn("w:sdtContent")))


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield child
        elif child.tag == qn("w:sdt") and child.find(qn("w:sdtContent")) is not None:
            yield from _cells(child.find(qn("w:sdtContent")))


def _spanned(rows: list[list[tuple[Cell, str]]]) -> tuple[tuple[Cell, ...], ...]:
    """Cells that Word merges downwards become one cell of several rows; those beneath have 0."""
    made: list[list[Cell]] = [[cell for cell, _ in row] for row in rows]
    open_at: dict[int, tuple[int, int]] = {}  # grid column → (row, place) of the cell that goes on
    for r, row in enumerate(rows):
        column = 0
        for n, (cell, how) in enumerate(row):
            if how == "continue" and column in open_at:
                top, place = open_at[column]
                above = made[top][place]
                made[top][place] = Cell(above.blocks, above.columns, above.rows + 1)
                made[r][n] = Cell((), cell.columns, 0)
            elif how == "restart":
                open_at[column] = (r, n)
            else:
                open_at.pop(column, None)
            column += cell.columns
    return tuple(tuple(row) for row in made)


def _value(node: Any) -> str:
    return "" if node is None else str(node.get(qn("w:val")) or "")


def _on(value: str | None) -> bool:
    return value is not None and value not in ("0", "false", "off")


def _number(value: str | None) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return 0.0


def _cm(node: Any, name: str) -> float:
    return 0.0 if node is None else round(_number(node.get(qn(f"w:{name}"))) * _TWIP, 3)


def _points(node: Any, name: str, otherwise: str) -> float:
    given = None if node is None else node.get(qn(f"w:{name}"))
    return _number(otherwise if given is None else given) / 20


def _breaks(node: Any) -> bool:
    return any(each.get(qn("w:type")) == "page" for each in node.iter(qn("w:br")))


def idents(codes: Mapping[str, object]) -> dict[str, str]:
    """Name in a bookmark → code."""
    return {ident(code): code for code in codes}


__all__ = ["Block", "Cell", "Page", "Paragraph", "Read", "Span", "Table", "idents", "read"]
