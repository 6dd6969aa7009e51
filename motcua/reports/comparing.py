"""An edited report comes back from Word: what was written, and whether a figure was changed on the way. Pure."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from motcua.reports import notation
from motcua.reports.figures import Figure
from motcua.reports.reading import Paragraph, Read

CELL, CODE = "o", "ma"
OUTSIDE = "ngoài các phần"


@dataclass(frozen=True, slots=True)
class Problem:
    """A figure that is not what was frozen: in which section, which one, what stands there («» where it is gone)."""

    section: str
    code: str
    name: str
    written: str
    frozen: str

    def __str__(self) -> str:
        if not self.written:
            return f"{self.section}: số liệu {self.code} «{self.name}» ({self.frozen}) không còn trong tệp"
        return f"{self.section}: số liệu {self.code} «{self.name}» ghi {self.written}, đã chốt {self.frozen}"


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back. ``sections``: key → (version it was written on, text with its figures as tokens).

    ``lost`` are sections whose mark is gone; ``outside`` the lines changed outside of the sections, which are not kept.
    """

    problems: tuple[Problem, ...]
    sections: Mapping[str, tuple[int, str]]
    lost: tuple[str, ...]
    outside: tuple[str, ...]


def compare(back: Read, sent: Read, figures: Mapping[str, Figure], titles: Mapping[str, str]) -> Returned:
    """Hold a returned document against the one that was sent. ``titles``: key of a section → its heading."""
    paragraphs = _adopted(back, sent)
    found = list(_figures(paragraphs))
    problems = [
        Problem(_place(section, titles), code, figures[code].name, text, expected)
        for section, code, part, text in found
        if code in figures and (expected := _expected(figures[code], part)) is not None
        if not notation.same(text, expected)
    ]
    there = Counter((code, part) for _, code, part, _ in found)
    for section, code, part, text in _figures(sent.paragraphs()):
        if there[code, part] > 0:
            there[code, part] -= 1
        elif code in figures and part != CODE:
            problems.append(Problem(_place(section, titles), code, figures[code].name, "", text))
    sections = _sections(paragraphs)
    lost = tuple(titles.get(key, key) for key in _sections(sent.paragraphs()) if key not in sections)
    return Returned(tuple(problems), sections, lost, tuple(_outside(paragraphs, sent)))


def _adopted(back: Read, sent: Read) -> list[Paragraph]:
    """The paragraphs that came back. One that was put in after a section's, and that was not in the file, belongs to
    that section: whoever presses Enter at its end has left its control without noticing."""
    fixed = Counter(_lines(sent.paragraphs()))
    found: list[Paragraph] = []
    open_: tuple[str, int] | None = None
    body = {id(block) for block in back.blocks}
    for paragraph in back.paragraphs():
        if paragraph.section:
            open_ = paragraph.section
        elif id(paragraph) not in body:
            open_ = None  # in a table
        else:
            line = " ".join(paragraph.text.split())
            if line and fixed[line] > 0:
                fixed[line] -= 1
                open_ = None
            elif line and open_:
                paragraph = replace(paragraph, section=open_)
        found.append(paragraph)
    return found


def _expected(figure: Figure, part: str) -> str | None:
    """What should stand there; None for the code of the annex."""
    if part == CODE:
        return None
    try:
        return figure.cell if part == CELL else figure.text(part)
    except KeyError:
        return figure.text()


def _place(section: str, titles: Mapping[str, str]) -> str:
    return f"Phần «{titles.get(section, section)}»" if section else "Phụ lục hoặc " + OUTSIDE


def _figures(paragraphs: Iterable[Paragraph]) -> Iterator[tuple[str, str, str, str]]:
    """(section, code, part, text) of every figure; pieces of one figure that Word has cut up are joined."""
    for paragraph in paragraphs:
        section = paragraph.section[0] if paragraph.section else ""
        open_: tuple[str, str] | None = None
        text = ""
        for span in (*paragraph.spans, None):
            figure = span.figure if span else None
            if figure != open_:
                if open_:
                    yield section, *open_, text.strip()
                open_, text = figure, ""
            text += span.text if span and figure else ""


def _sections(paragraphs: Iterable[Paragraph]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, list[str]]] = {}
    for paragraph in paragraphs:
        if paragraph.section:
            key, version = paragraph.section
            found.setdefault(key, (version, []))[1].append(_typed(paragraph))
    return {key: (version, "\n".join(line for line in lines if line)) for key, (version, lines) in found.items()}


def _typed(paragraph: Paragraph) -> str:
    """A paragraph as an officer would type it: figures as tokens."""
    typed: list[str] = []
    last: tuple[str, str] | None = None
    for span in paragraph.spans:
        if span.figure is None:
            typed.append(span.text.replace("\n", " ").replace("\t", " "))
        elif span.figure != last:
            code, part = span.figure
            typed.append(f"{{{code}:{part}}}" if part else f"{{{code}}}")
        last = span.figure
    return " ".join("".join(typed).split())


def _outside(back: Iterable[Paragraph], sent: Read) -> Iterator[str]:
    """Lines outside of the sections that are not those that were sent: «− was», «+ is»."""
    before, after = _lines(sent.paragraphs()), _lines(back)
    for line in difflib.unified_diff(before, after, lineterm="", n=0):
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            yield ("+ " if line[0] == "+" else "− ") + line[1:]


def _lines(paragraphs: Iterable[Paragraph]) -> list[str]:
    return [text for each in paragraphs if each.section is None and (text := " ".join(each.text.split()))]


__all__ = ["Problem", "Returned", "compare"]
