"""Finding dossiers by what people type: codes, names, numbers, procedures, with or without diacritics.

Every word must be found: letters at the beginning of a word ("uyen" is Uyên, not every Nguyễn), a single letter as a
word of its own; figures at the beginning of a code or of one of its parts, or at the end of an identity or phone
number; three to five figures as the last part of a code. Exact code first, then newest.

However many there are, few rows are looked at. A small scope (a commune) is read whole. A large one is read from the
newest backwards for a while, which finds fifty of anything frequent; what that does not find is rare, and the index
finds it (``indexing.py``). SQLite's FTS gives its rows newest first by itself and needs no such walk.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection

from motcua.core.text import clean, fold
from motcua.dossiers.indexing import LONGEST_TOKEN, MARKS, TOKENS
from motcua.dossiers.models import Dossier
from motcua.org.queries import Scope

PAGE = 50
# Longer than any code, name or number; the text of a citizen card's QR code is longer, and no search.
LONGEST = 250
MOST_WORDS = 12
_LARGEST_ID = 2**63 - 1
# Up to so many rows of the scope are read one by one. SQLite has them side by side (``indexing.FILL_PLACES``).
_SMALL = {"sqlite": 60_000, "postgresql": 15_000}
# So many of the newest rows are read before the index is asked.
_WALK = 12_000
# FTS5 is asked for the last characters of a longer code; the row then says whether the rest is there.
_LONG = 8
_NOT_IN_A_NUMBER = re.compile(r"[^0-9a-z]")
# Only figures and what people put between them: one number, not several words.
_ONE_NUMBER = re.compile(r"\+?[\d .()]{8,24}")


_MARKS = str.maketrans(dict.fromkeys(MARKS, " "))

# Syllables so frequent, and so plainly whole, that longer ones beginning alike are not meant: looked for as words.
_WHOLE = """
    nguyen tran le pham huynh hoang phan vu vo dang bui do ho ngo duong ly van thi huu ngoc minh thanh
    cap giay phep ky khai sinh ket hon chung thuc ban sao dat quyen su dung thay doi bo sung thu tuc cong ty tnhh
    nhan dan kinh doanh so xa huyen tinh uy giai quyet cua theo tu viec hoat dong
"""
WHOLE = frozenset(_WHOLE.split())


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for: the ways it may stand in the folded text, one at the end of a number, and the same as a
    query of PostgreSQL's tokens."""

    texts: tuple[str, ...]
    number: str
    tokens: str


def words(text: str) -> list[Word]:
    """What is looked for. Pure."""
    text = clean(text)
    whole = re.sub(r"\D", "", text)
    if _ONE_NUMBER.fullmatch(text) and len(whole) >= 8:
        return [_word(_national(whole))]
    apart = " ".join(w if any(map(str.isdigit, w)) else w.translate(_MARKS) for w in fold(text).split())
    bare = (w.lstrip("\"'(-.,;:/") for w in apart.split()[:MOST_WORDS])
    return [_word(w) for w in dict.fromkeys(bare) if w]


def _national(digits: str) -> str:
    """A phone number from 0: 84912345678 → 0912345678. Pure."""
    return "0" + digits[2:] if len(digits) in (11, 12) and digits.startswith("84") else digits


def _word(word: str) -> Word:
    word = word[:LONGEST_TOKEN]
    # A trigram needs three characters: the space before (and after) a short word is one.
    if len(word) == 1 or word in WHOLE:
        return Word((f" {word} ",), "", _lexeme(word))
    number = _NOT_IN_A_NUMBER.sub("", word)
    if len(number) < 3 or not any(c.isdigit() for c in number):
        return Word((f" {word}",), "", _lexeme(word, ":*"))
    last = word.isdigit() and len(word) <= 5
    tokens = (_lexeme(word, ":*"), _lexeme(f"-{word}", "" if last else ":*"), _lexeme(f"~{number[::-1]}", ":*"))
    return Word((f" {word}", f"-{word} " if last else f"-{word}"), f"{number}|", f"({' | '.join(tokens)})")


def _lexeme(token: str, how: str = "") -> str:
    doubled = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'{how}"


def code_in(text: str) -> str:
    """The code in what was typed or scanned: a slip's QR code holds the address of its dossier, or the code. Pure."""
    text = clean(text)
    if "://" in text or text.startswith("/"):
        try:
            parts = urlsplit(text)
        except ValueError:
            return ""
        asked = parse_qs(parts.query).get("ma")
        return clean(asked[0] if asked else parts.path.rstrip("/").rsplit("/", 1)[-1])
    return text


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. ``before`` asks for the next page; None where there is none."""

    rows: list[Dossier]
    exact: int | None
    before: int | None


def search(scope: Scope, text: str, *, before: int | None = None, size: int = PAGE) -> Found:
    """Visible dossiers with all these words, the one with exactly this code first, then the newest first. At most four
    statements. ``before``: only those entered before the dossier of this id."""
    text = code_in(text)
    wanted = words(text)
    if not wanted or len(text) > LONGEST or (before is not None and not 0 < before <= _LARGEST_ID):
        return Found([], None, None)
    asked = _Asked(scope, wanted)
    probe = asked.probe(text if before is None else "")
    ids = asked.find(probe, before, size + 1)
    more = ids[size - 1] if len(ids) > size else None
    ids = [pk for pk in ids[:size] if pk != probe.exact]
    if probe.exact is not None:
        ids.insert(0, probe.exact)
    shown = Dossier.objects.select_related("applicant", "procedure_version", "unit")  # joining ten tables takes long
    rows = {d.pk: d for d in shown.filter(pk__in=ids)}
    return Found([rows[pk] for pk in ids if pk in rows], probe.exact, more)


@dataclass(frozen=True, slots=True)
class _Probe:
    """What is known before looking: rows in the scope (capped), the newest id, the dossier with exactly this code."""

    rows: int
    newest: int
    exact: int | None


# Every piece of SQL below is written here; what people type travels as parameters only.
# ruff: noqa: S608
class _Asked:
    def __init__(self, scope: Scope, wanted: Sequence[Word]) -> None:
        self.scope, self.words = scope, wanted
        self.postgresql = connection.vendor == "postgresql"
        self.small = _SMALL[connection.vendor]
        ids = sorted(scope.unit_ids)
        self.units: list[Any] = [ids if self.postgresql else json.dumps(ids)]
        self.among = "= ANY(%s)" if self.postgresql else "IN (SELECT value FROM json_each(%s))"

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return cursor.fetchall()

    def _ids(self, sql: str, parameters: Sequence[Any]) -> list[int]:
        return [pk for (pk,) in self._run(sql, parameters)]

    # ---- conditions --------------------------------------------------------------------------------------------------

    def _visible(self) -> tuple[str, list[Any]]:
        if self.scope.everything:
            return "1 = 1", []
        columns = ("r.unit", "r.desk_unit", "r.holder_unit")
        return f"({' OR '.join(f'{c} {self.among}' for c in columns)})", self.units * 3

    def _matching(self) -> tuple[str, list[Any]]:
        """Row by row, by no index."""
        find = "strpos" if self.postgresql else "instr"
        parts: list[str] = []
        parameters: list[Any] = []
        for word in self.words:
            either = [("r.text", text) for text in word.texts]
            if word.number:
                either.append(("r.numbers", word.number))
            parts.append(" OR ".join(f"{find}({column}, %s) > 0" for column, _ in either))
            parameters += [value for _, value in either]
        return " AND ".join(f"({part})" for part in parts), parameters

    def _match(self) -> str:
        """The same for FTS5."""

        def phrase(column: str, value: str) -> str:
            # Codes and numbers differ at their ends: the long lists of their beginnings need not be read.
            if any(c.isdigit() for c in value):
                value = value[-_LONG:]
            elif len(value) > 3:
                value = value.rstrip()  # nearly every row has an "n "; the row itself says where the word ends
            return f'{column} : "{value.replace(chr(34), chr(34) * 2)}"'

        return " AND ".join(
            f"({' OR '.join([phrase('text', t) for t in w.texts] + [phrase('numbers', w.number)] * bool(w.number))})"
            for w in self.words
        )

    # ---- looking -----------------------------------------------------------------------------------------------------

    def probe(self, text: str) -> _Probe:
        """One statement."""
        visible, units = self._visible()
        rows, parameters = "%s", [self.small + 1]
        if not self.scope.everything:
            # The three mostly count the same rows; each stops at the limit, and the first often says enough.
            some = f"{self.among} LIMIT {self.small + 1}"
            counted = [
                f"(SELECT COUNT(*) FROM (SELECT 1 FROM dossiers_searchrow r WHERE r.{c} {some}) x)"
                for c in ("unit", "desk_unit", "holder_unit")
            ]
            most = f"{'GREATEST' if self.postgresql else 'MAX'}({', '.join(counted)})"
            rows = f"CASE WHEN {counted[0]} > {self.small} THEN {self.small + 1} ELSE {most} END"
            parameters = list(self.units * 4)
        exact, codes = "NULL", []
        if text and " " not in text:
            spellings = [text, text.upper()]
            of = (
                ("code", "d.code IN (%s, %s)"),
                ("filing", "d.filing_code IN (%s, %s)"),
                # As the partial index says it, or it is not used.
                ("external", "NOT (d.external_code = '') AND d.external_code IN (%s, %s)"),
            )
            union = " UNION ALL ".join(f"SELECT d.id FROM dossiers_dossier d WHERE {where}" for _, where in of)
            exact = (
                f"(SELECT MAX(r.dossier_id) FROM dossiers_searchrow r WHERE r.dossier_id IN ({union}) AND {visible})"
            )
            codes = [*spellings * len(of), *units]
        ((count, newest, found),) = self._run(
            f"SELECT {rows}, (SELECT MAX(dossier_id) FROM dossiers_searchrow), {exact}", [*parameters, *codes]
        )
        return _Probe(int(count or 0), int(newest or 0), found)

    def find(self, probe: _Probe, before: int | None, size: int) -> list[int]:
        """Ids, newest first. One statement, or two."""
        top = min(probe.newest, (before or _LARGEST_ID) - 1)
        if probe.rows <= self.small:
            return self._in_scope(top, size)
        if not self.postgresql:
            return self._by_fts(top, size)
        found = self._walk(top, size)
        if len(found) < size and top > _WALK:
            found += self._by_tokens(top - _WALK, size - len(found))
        return found

    def _in_scope(self, top: int, size: int) -> list[int]:
        """Everything of the scope, read row by row. (``+ 0``: not by walking the ids.)"""
        (matching, asked), (visible, units) = self._matching(), self._visible()
        table, one = "dossiers_searchrow r", ""
        if not self.postgresql and not self.scope.everything:
            table, one, visible, units = "dossiers_searchplace r", "DISTINCT", f"r.unit {self.among}", self.units
        sql = (
            f"SELECT {one} r.dossier_id + 0 AS found FROM {table} WHERE {visible} AND r.dossier_id + 0 <= %s "
            f"AND {matching} ORDER BY found DESC LIMIT %s"
        )
        return self._ids(sql, [*units, top, *asked, size])

    def _walk(self, top: int, size: int) -> list[int]:
        """The newest rows, backwards."""
        (matching, asked), (visible, units) = self._matching(), self._visible()
        sql = (
            "SELECT r.dossier_id FROM dossiers_searchrow r WHERE r.dossier_id > %s AND r.dossier_id <= %s "
            f"AND {matching} AND {visible} ORDER BY r.dossier_id DESC LIMIT %s"
        )
        return self._ids(sql, [top - _WALK, top, *asked, *units, size])

    def _by_tokens(self, top: int, size: int) -> list[int]:
        """What the index finds. Sorted by an expression: the planner must not walk the rows in their order."""
        visible, units = self._visible()
        sql = (
            f"SELECT r.dossier_id FROM dossiers_searchrow r WHERE {TOKENS} @@ %s::tsquery AND r.dossier_id + 0 <= %s "
            f"AND {visible} ORDER BY r.dossier_id + 0 DESC LIMIT %s"
        )
        return self._ids(sql, [" & ".join(w.tokens for w in self.words), top, *units, size])

    def _by_fts(self, top: int, size: int) -> list[int]:
        """FTS5 gives matches by rowid, newest first; reading stops with the last one wanted."""
        (matching, asked), (visible, units) = self._matching(), self._visible()
        sql = (
            "SELECT f.rowid FROM dossiers_searchtext f CROSS JOIN dossiers_searchrow r ON r.dossier_id = f.rowid "
            f"WHERE dossiers_searchtext MATCH %s AND f.rowid <= %s AND {visible} AND {matching} "
            "ORDER BY f.rowid DESC LIMIT %s"
        )
        return self._ids(sql, [self._match(), top, *units, *asked, size])
