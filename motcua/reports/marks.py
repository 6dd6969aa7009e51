"""Figures and sections inside a Word file: content controls with a key, put in after the template has been rendered.

A figure is an inline control «so:CODE:part», locked, so that Word itself refuses to change it; a section is a block
control «phan:KEY:VERSION» around its paragraphs. Bookmarks of the same meaning stand inside, for programs that drop
controls when they save. The template only holds placeholders in private-use characters, which no typed text contains.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from motcua.reports.figures import TOKEN, Figure, ident

_OPEN, _BAR, _CLOSE, _SECTION, _END = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_FIGURE = re.compile(f"{_OPEN}([^{_BAR}]*){_BAR}([^{_BAR}]*){_BAR}([^{_CLOSE}]*){_CLOSE}")
_PLACE = re.compile(f"{_SECTION}([^{_END}]*){_END}")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True)
class Section:
    """The text of one section as it goes into the file; ``version`` comes back with it, 0 where none is kept yet."""

    key: str
    title: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure found in a document: which, which part of it, and the text that stands there."""

    code: str
    part: str
    text: str


def figure_mark(figure: Figure, part: str = "", *, cell: bool = False) -> str:
    """What stands for a figure until :func:`put` writes its control."""
    text = figure.cell if cell else figure.text(part)
    return f"{_OPEN}{figure.code}{_BAR}{'o' if cell else part}{_BAR}{text}{_CLOSE}"


def code_mark(code: str, text: str) -> str:
    """What stands for the short code of a figure in the annex, which leads to the figure's page."""
    return f"{_OPEN}{code}{_BAR}ma{_BAR}{text}{_CLOSE}" if text else ""


def section_mark(key: str) -> str:
    """What stands for a section's paragraphs."""
    return f"{_SECTION}{key}{_END}"


def plain(text: str) -> str:
    """Typed text without the characters that placeholders are made of."""
    return _PRIVATE.sub("", text)


def with_figures(text: str, figures: Mapping[str, Figure]) -> str:
    """An officer's text with its tokens turned into placeholders; a token of no figure stays as it was typed."""

    def mark(found: re.Match[str]) -> str:
        figure = figures.get(found[1])
        try:
            return figure_mark(figure, found[2] or "") if figure else found[0]
        except KeyError:
            return found[0]

    return TOKEN.sub(mark, plain(text))


def said(text: str, figures: Mapping[str, Figure]) -> str:
    """The same as it reads, without any mark."""
    return _FIGURE.sub(lambda found: found[3], with_figures(text, figures))


def put(body: Any, sections: Mapping[str, Section], figures: Mapping[str, Figure]) -> None:
    """Turn the placeholders of a rendered document into controls, in place. Ids follow the order of the document."""
    ids = iter(range(1, 1_000_000))
    for paragraph in list(body.iter(qn("w:p"))):
        whole = "".join(t.text or "" for t in paragraph.iter(qn("w:t")))
        found = _PLACE.search(whole)
        if found:
            _put_section(paragraph, sections[found[1]], figures, ids)
    seen: dict[str, int] = {}
    for run in list(body.iter(qn("w:r"))):
        _put_figures(run, ids, seen)


def _put_section(paragraph: Any, section: Section, figures: Mapping[str, Figure], ids: Iterator[int]) -> None:
    """The placeholder's paragraph becomes a control with one paragraph for each of the text, formatted as it was."""
    properties = paragraph.find(qn("w:pPr"))
    runs = paragraph.findall(qn("w:r"))
    look = next((run.find(qn("w:rPr")) for run in runs if run.find(qn("w:rPr")) is not None), None)
    control, content = _control(f"phan:{section.key}:{section.version}", section.title, next(ids), locked="sdtLocked")
    lines = [line.strip() for line in with_figures(section.text, figures).split("\n") if line.strip()] or [""]
    for at, line in enumerate(lines, start=1):
        made = OxmlElement("w:p")
        if properties is not None:
            made.append(copy.deepcopy(properties))
        # One for each paragraph: those that span several are cut up differently by every program.
        mark_id = next(ids)
        made.append(_bookmark("Start", mark_id, f"phan_{ident(section.key)}_v{section.version}_{at}"))
        made.append(_run(line, look))
        made.append(_bookmark("End", mark_id))
        content.append(made)
    paragraph.getparent().replace(paragraph, control)


def _put_figures(run: Any, ids: Iterator[int], seen: dict[str, int]) -> None:
    texts = run.findall(qn("w:t"))
    whole = "".join(t.text or "" for t in texts)
    if _OPEN not in whole:
        return
    look, parent = run.find(qn("w:rPr")), run.getparent()
    at = parent.index(run)
    parent.remove(run)
    pieces: list[Any] = []
    last = 0
    for found in _FIGURE.finditer(whole):
        if found.start() > last:
            pieces.append(_run(whole[last : found.start()], look))
        pieces.append(_figure(found, look, ids, seen))
        last = found.end()
    if last < len(whole):
        pieces.append(_run(whole[last:], look))
    for n, piece in enumerate(pieces):
        parent.insert(at + n, piece)


def _figure(found: re.Match[str], look: Any, ids: Iterator[int], seen: dict[str, int]) -> Any:
    code, part, text = found.groups()
    tag = f"so:{code}:{part}"
    seen[tag] = seen.get(tag, 0) + 1
    control, content = _control(tag, f"Số liệu {code}", next(ids), locked="sdtContentLocked")
    mark_id = next(ids)
    content.append(_bookmark("Start", mark_id, f"so_{ident(code)}__{part}_{seen[tag]}"[:40]))
    content.append(_run(text, look))
    content.append(_bookmark("End", mark_id))
    return control


def _control(tag: str, title: str, number: int, *, locked: str) -> tuple[Any, Any]:
    control, properties, content = OxmlElement("w:sdt"), OxmlElement("w:sdtPr"), OxmlElement("w:sdtContent")
    for name, value in (("alias", title[:60]), ("tag", tag), ("id", str(number)), ("lock", locked)):
        each = OxmlElement(f"w:{name}")
        each.set(qn("w:val"), value)
        properties.append(each)
    control.append(properties)
    control.append(content)
    return control, content


def _bookmark(which: str, number: int, name: str = "") -> Any:
    found = OxmlElement(f"w:bookmark{which}")
    found.set(qn("w:id"), str(number))
    if name:
        found.set(qn("w:name"), name)
    return found


def _run(text: str, look: Any) -> Any:
    run = OxmlElement("w:r")
    if look is not None:
        run.append(copy.deepcopy(look))
    made = OxmlElement("w:t")
    made.text = text
    made.set(_XML_SPACE, "preserve")
    run.append(made)
    return run


def figure_of(tag: str) -> tuple[str, str] | None:
    """(code, part) of a control's tag; None where it is no figure's."""
    kind, _, rest = tag.partition(":")
    code, _, part = rest.rpartition(":")
    return (code, part) if kind == "so" and code else None


def section_of(tag: str) -> tuple[str, int] | None:
    """(key, version) of a control's tag; None where it is no section's."""
    kind, _, rest = tag.partition(":")
    key, _, version = rest.rpartition(":")
    return (key, int(version)) if kind == "phan" and key and version.isascii() and version.isdigit() else None


def marks(texts: Sequence[str], figures: Mapping[str, Figure]) -> list[Mark]:
    """The figures that texts with tokens will print, in order."""
    found = []
    for text in texts:
        for each in _FIGURE.finditer(with_figures(text, figures)):
            found.append(Mark(each[1], each[2], each[3]))
    return found


__all__ = [
    "Mark",
    "Section",
    "code_mark",
    "figure_mark",
    "figure_of",
    "marks",
    "plain",
    "put",
    "said",
    "section_mark",
    "section_of",
]
