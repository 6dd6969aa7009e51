"""Report types: what an office reports, for which windows, with which outline, who signs, when it is due. Data, pure.

The rows are in ``data/reports.toml``, the outlines in ``data/outlines/``: headings, and sections whose sentences choose
their words from the figures (:mod:`motcua.reports.phrases`). Nothing here reads the database.
"""

import calendar
import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from motcua.core.errors import NotFound
from motcua.org.models import Duty
from motcua.reports import phrases
from motcua.reports.figures import Figure
from motcua.reports.phrases import Phrase

FOLDER = files("motcua.reports") / "data"


@dataclass(frozen=True, slots=True)
class Item:
    """A heading of an outline (``heading``, ``level``), or a section (``key``, ``title``, sentences, ``hint``)."""

    heading: str = ""
    level: int = 0
    key: str = ""
    title: str = ""
    hint: str = ""
    sentences: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a report in order."""

    code: str
    name: str
    items: tuple[Item, ...]

    @property
    def sections(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.key)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every figure its sentences ask about or print, each once, in the order of the text."""
        every = (code for item in self.items for sentence in item.sentences for code in sentence.codes)
        return tuple(dict.fromkeys(every))

    def section(self, key: str) -> Item:
        """The section of that key, or :class:`NotFound`."""
        for item in self.sections:
            if item.key == key:
                return item
        raise NotFound("Báo cáo này không có phần ấy.")


@dataclass(frozen=True, slots=True)
class Due:
    """When a report is due: on ``day`` of the month its window ends in (or ``months`` later), or so many days after."""

    day: int = 0
    months: int = 0
    after: int = 0

    def on(self, last: dt.date) -> dt.date:
        """The due day of a window that ends on ``last``; a month too short gives its last day."""
        if not self.day:
            return last + dt.timedelta(days=self.after)
        year, month = divmod(last.year * 12 + last.month - 1 + self.months, 12)
        return dt.date(year, month + 1, min(self.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Type:
    """A kind of report. ``rule`` is a window rule of the indicators, ``form`` the form whose lines are its annex.

    ``two_people``: whoever submits it may not sign it. ``kinds``: the kinds of units that make it;
    ``owed``: they have to, for somebody waits for it. ``statement``: the
    ledger's own form («06a») that is frozen with it and printed in place of a text.
    """

    code: str
    name: str
    noun: str
    subject: str
    stream: str
    rule: str
    outline: str
    form: str
    due: Due
    keepers: frozenset[Duty]
    signers: frozenset[Duty]
    two_people: bool
    kinds: frozenset[str]
    addressees: tuple[str, ...]
    receivers: tuple[str, ...]
    owed: bool = True
    statement: str = ""
    legal_basis: str = ""
    confirmed: bool = False

    @property
    def template(self) -> str:
        """The file name of the shipped Word template."""
        return f"{self.outline}.docx"


@functools.cache
def outlines() -> Mapping[str, Outline]:
    """The shipped outlines, by code."""
    found = {}
    for path in sorted((FOLDER / "outlines").iterdir(), key=lambda each: each.name):
        if path.name.endswith(".toml"):
            made = _outline(path.name.removesuffix(".toml"), tomllib.loads(path.read_text(encoding="utf-8")))
            found[made.code] = made
    return found


def _outline(code: str, plain: Mapping[str, object]) -> Outline:
    items = []
    rows = plain["item"]
    assert isinstance(rows, list)
    for row in rows:
        if "heading" in row:
            items.append(Item(heading=row["heading"], level=row["level"]))
        else:
            sentences = tuple(phrases.checked(sentence["cases"]) for sentence in row.get("sentences", ()))
            items.append(Item(key=row["key"], title=row["title"], hint=row.get("hint", ""), sentences=sentences))
    return Outline(code, str(plain["name"]), tuple(items))


@functools.cache
def types() -> Mapping[str, Type]:
    """The shipped types, by code, in the order of the file."""
    rows = tomllib.loads((FOLDER / "reports.toml").read_text(encoding="utf-8"))["type"]
    found = {}
    for row in rows:
        made = {
            **row,
            "due": Due(**row["due"]),
            "keepers": frozenset(Duty(each) for each in row["keepers"]),
            "signers": frozenset(Duty(each) for each in row["signers"]),
            "kinds": frozenset(row["kinds"]),
            "addressees": tuple(row["addressees"]),
            "receivers": tuple(row["receivers"]),
        }
        found[row["code"]] = Type(**made)
    return found


def type_of(code: str) -> Type:
    """The type of that code, or :class:`NotFound`."""
    try:
        return types()[code]
    except KeyError:
        raise NotFound("Không có loại báo cáo này.") from None


def drafted(item: Item, figures: Mapping[str, Figure]) -> str:
    """What the figures themselves say for a section, one sentence a line; "" for a section that people write."""
    return "\n".join(said for sentence in item.sentences if (said := phrases.say(sentence, figures)))


__all__ = ["Due", "Item", "Outline", "Type", "drafted", "outlines", "type_of", "types"]
