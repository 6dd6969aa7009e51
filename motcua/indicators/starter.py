"""The indicators, forms and windows shipped with the product, read from tables in ``data/``. No database.

Most lines are recalled, not read in the law's own text: their forms say ``confirmed = false`` and an office checks them
against the letter it works by.
"""

import csv
import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from motcua.core.errors import Invalid
from motcua.indicators import expressions

_DATA = Path(__file__).parent / "data"
_ALWAYS = dt.date(2000, 1, 1)
_RELATIONS = {"=": "equal", "<=": "at_most", "~": "carried"}
_ADDS_UP = {"ratio": "ratio_of_sums", "yes_no": "yes", "text": "list", "score": "none"}
_DECIMALS = {"ratio": 2, "amount": 3}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a form; ``indicator`` are the fields of the indicator it defines, empty where it only names one."""

    number: str
    level: int
    heading: str
    code: str
    until: dt.date | None
    indicator: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IdentityRow:
    left: str
    relation: str
    right: str
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class FormRow:
    fields: Mapping[str, Any]
    lines: tuple[LineRow, ...]
    identities: tuple[IdentityRow, ...]


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """The window rules, as fields of :class:`models.WindowRule`."""
    rows = tomllib.loads((_DATA / "windows.toml").read_text(encoding="utf-8"))["rule"]
    return tuple({**row, "position": i} for i, row in enumerate(rows))


@cache
def forms() -> tuple[FormRow, ...]:
    """The forms with their lines. Raises :class:`Invalid` where the shipped tables do not fit together."""
    rows = tomllib.loads((_DATA / "forms.toml").read_text(encoding="utf-8"))["form"]
    found = []
    for i, row in enumerate(rows):
        fields = {**row, "position": i}
        held = fields.pop("identities")
        lines = tuple(_lines(row))
        ends = {line.code: line.until for line in lines if line.code and line.until}
        identities = tuple(each for said in held for each in _identities(said, ends))
        found.append(FormRow(fields, lines, identities))
    _fit(found)
    return tuple(found)


def _lines(form: Mapping[str, Any]) -> Iterator[LineRow]:
    with (_DATA / f"{form['code']}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            until = dt.date.fromisoformat(row["until"]) if row["until"] else None
            heading = "" if row["code"] else row["name"]
            defines = row["code"] and row["name"]
            yield LineRow(
                row["number"], int(row["level"]), heading, row["code"], until, _indicator(row, form) if defines else {}
            )


def _indicator(row: Mapping[str, str], form: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, places = row["kind"].partition(".")
    found: dict[str, Any] = {
        "code": row["code"],
        "name": row["name"],
        "unit_of_measure": row["unit"],
        "kind": kind,
        "decimals": int(places.rstrip(">")) if places else _DECIMALS.get(kind, 0),
        "may_exceed": row["kind"].endswith(">"),
        "adds_up": row["adds_up"] or _ADDS_UP.get(kind, "sum"),
        "span": row["span"] or "period",
        "definition": row["definition"],
        "legal_basis": form["legal_basis"],
        "confirmed": form["confirmed"],
    }
    source = row["from"]
    if source.startswith("="):
        found |= {"origin": "formula", "formula": source.removeprefix("=").strip()}
    elif " / " in source:
        top, bottom = source.split(" / ")
        found |= {"origin": "formula", "numerator": top, "denominator": bottom}
    elif source:
        key, _, figure = source.partition(":")
        found |= {"origin": "source", "source_key": key, "figure": figure}
    return found


def _identities(said: str, ends: Mapping[str, dt.date]) -> Iterator[IdentityRow]:
    """One row, or two where one of the terms ends with a day: with it until then, without it since."""
    sign = next(each for each in ("<=", "=", "~") if each in said)
    left, right = (side.strip() for side in said.split(sign))
    gone = {name: ends[name] for name in expressions.codes(right) if name in ends}
    if not gone:
        yield IdentityRow(left, _RELATIONS[sign], right, _ALWAYS, None)
        return
    last = min(gone.values())
    yield IdentityRow(left, _RELATIONS[sign], right, _ALWAYS, last)
    kept = " ".join(
        f"{'-' if sign_ < 0 else '+'} {name}" for sign_, name in expressions.parse(right) if name not in gone
    ).removeprefix("+ ")
    yield IdentityRow(left, _RELATIONS[sign], kept, last + dt.timedelta(days=1), None)


def _fit(found: list[FormRow]) -> None:
    """Every code that is named is defined, once."""
    defined: set[str] = set()
    for form in found:
        for line in form.lines:
            if line.indicator:
                if line.code in defined:
                    raise Invalid(f"Bộ chỉ tiêu kèm phần mềm định nghĩa «{line.code}» hai lần.")
                defined.add(line.code)
    named = {line.code for form in found for line in form.lines if line.code}
    for form in found:
        for line in form.lines:
            named.update(n for n in (line.indicator.get("numerator"), line.indicator.get("denominator")) if n)
            if line.indicator.get("formula"):
                named.update(expressions.codes(line.indicator["formula"]))
        for identity in form.identities:
            named.update(expressions.codes(identity.left) + expressions.codes(identity.right))
    if missing := sorted(named - defined):
        raise Invalid(f"Bộ chỉ tiêu kèm phần mềm thiếu định nghĩa: {', '.join(missing)}.")
