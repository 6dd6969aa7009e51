"""One figure as a report holds it, and the ways it is printed. Pure."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from motcua.reports import notation

Kind = Literal["count", "amount", "ratio", "score", "yes_no", "text"]
State = Literal["value", "none", "missing"]
# A figure inside a text an officer writes: {C.11}, or one of its parts {C.11:tu}.
TOKEN = re.compile(r"\{([A-Za-z0-9][A-Za-z0-9_.\-]{0,59})(?::([a-z_]{1,12}))?\}")
# What may stand after the colon, with what it prints.
PARTS: Mapping[str, str] = {
    "": "giá trị, như trong câu văn (04; 22.318; 81,25%)",
    "tu": "tử số",
    "mau": "mẫu số",
    "tren": "tử số trên mẫu số (26/32)",
    "con": "mẫu số trừ tử số: phần còn thiếu",
    "ky": "những ngày số này tính đến",
    "truoc": "giá trị kỳ trước",
    "cung_ky": "giá trị cùng kỳ năm trước",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its own window. A ratio is ``num`` of ``den``; ``places`` are its decimals.

    It says a value, says that there is none («không có»), or nobody has said anything yet («chưa có số liệu»).
    ``before`` and ``year_ago`` are the printed figures of the previous period and of the same one a year earlier.
    """

    code: str
    name: str
    measure: str
    kind: Kind
    first: dt.date
    last: dt.date
    state: State = "value"
    value: Decimal | None = None
    num: Decimal | None = None
    den: Decimal | None = None
    places: int = 0
    words: str = ""
    estimate: bool = False
    before: str = ""
    year_ago: str = ""

    @property
    def lacking(self) -> Decimal | None:
        """What a ratio lacks; None where it has no base."""
        return None if self.num is None or not self.den else self.den - self.num

    def text(self, part: str = "") -> str:
        """As it stands in a sentence. KeyError for a part that there is not."""
        if part == "":
            return self._value(in_text=True)
        if part in ("tu", "mau"):
            return notation.in_text(self.num if part == "tu" else self.den)
        if part == "tren":
            return notation.fraction(self.num, self.den)
        if part == "con":
            return notation.in_text(self.lacking)
        if part == "ky":
            return f"từ ngày {self.first:%d/%m/%Y} đến ngày {self.last:%d/%m/%Y}"
        if part in ("truoc", "cung_ky"):
            return (self.before if part == "truoc" else self.year_ago) or notation.NOTHING
        raise KeyError(part)

    @property
    def cell(self) -> str:
        """As it stands in a table: without the zero before it, and «26/32 (81,25%)» for a ratio."""
        if self.kind == "ratio" and self.state == "value" and self.num is not None and self.den:
            top, base = (notation.number(notation.trimmed(each)) for each in (self.num, self.den))
            return f"{top}/{base} ({self._value(in_text=False)})"
        return self._value(in_text=False)

    def _value(self, *, in_text: bool) -> str:
        if self.state != "value":
            return notation.NOTHING if self.state == "none" else notation.UNKNOWN
        if self.kind == "text":
            return self.words
        if self.kind == "yes_no" and self.value in (0, 1):
            return notation.yes_no(self.value)
        if self.kind == "ratio":
            if self.num is None and self.value is not None:  # only the percentage itself is known
                return f"{notation.number(notation.trimmed(self.value))}%"
            return notation.percent(self.num, self.den, places=self.places)
        if self.kind == "count" and in_text:
            return notation.in_text(self.value)
        return notation.number(self.value, places=self.places)


def ident(code: str) -> str:
    """The name a template calls a figure by: «C.11» is ``C_11``."""
    return re.sub(r"[^A-Za-z0-9_]", "_", code)


def tokens(text: str) -> list[tuple[str, str]]:
    """(code, part) of every figure a text names, in order."""
    return [(found[1], found[2] or "") for found in TOKEN.finditer(text)]


def unknown(text: str, codes: Iterable[str]) -> list[str]:
    """Tokens of a text that name no figure of the report, or a part that there is not."""
    known = set(codes)
    found = TOKEN.finditer(text)
    return [each[0] for each in found if each[1] not in known or (each[2] or "") not in PARTS]


__all__ = ["PARTS", "TOKEN", "Figure", "Kind", "State", "ident", "tokens", "unknown"]
