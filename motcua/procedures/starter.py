"""The catalogue shipped with the product: facts about everyday procedures, read from tables in ``data/``. No database.

Nothing here is confirmed by a document of an office except where a term's row says so: a term is confirmed when the
national catalogue states it whole. Fees, papers and everything recalled are marked for review.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from motcua.core.errors import Invalid
from motcua.procedures import rules
from motcua.procedures.catalogue import is_official
from motcua.procedures.choices import FeeState, Level, Stated
from motcua.procedures.drafts import Doubt, Draft, FeeDraft, Head, PartDraft, TermDraft, digest

_DATA = Path(__file__).parent / "data"
_BASIS = "Danh mục khởi đầu kèm phần mềm"


@dataclass(frozen=True, slots=True)
class StarterRecord:
    """A procedure of the starter catalogue, ready to be written."""

    code: str
    draft: Draft
    digest: str
    basis: str = _BASIS


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _by_code(name: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in _rows(name):
        found.setdefault(row["code"], []).append(row)
    return found


def read() -> list[StarterRecord]:
    """All procedures of the starter catalogue. Raises :class:`Invalid` where the shipped tables do not fit together."""
    terms, fees = _by_code("terms"), _by_code("fees")
    records = []
    for row in _rows("procedures"):
        draft = _draft(row, terms.pop(row["code"], []), fees.pop(row["code"], []))
        records.append(StarterRecord(row["code"], draft, digest(draft)))
    if terms or fees:
        raise Invalid(f"Danh mục khởi đầu có dòng của mã không có: {', '.join([*terms, *fees])}.")
    return records


def synonyms() -> dict[str, list[str]]:
    """What people call the procedures, by code."""
    return {code: [row["words"] for row in rows] for code, rows in _by_code("synonyms").items()}


def _draft(row: dict[str, str], terms: list[dict[str, str]], fees: list[dict[str, str]]) -> Draft:
    doubts: list[Doubt] = []
    recalled = bool(row["note"])
    if recalled or not is_official(row["code"]):
        doubts.append(Doubt("unconfirmed_procedure", "name", None, row["note"]))
    term_lines = []
    for position, line in enumerate(terms, start=1):
        stated = bool(line["value"])
        if line["confirmed"] != "yes":
            doubts.append(Doubt("unconfirmed_term", "term", position, line["basis"]))
        term_lines.append(
            TermDraft(
                state=str(Stated.STATED if stated else Stated.UNCLEAR),
                case=line["case"],
                channel=line["channel"],
                value=Decimal(line["value"]) if stated else None,
                unit=line["unit"],
                start_rule=line["start_rule"],
                confirmed=line["confirmed"] == "yes",
                published=line["basis"],
            )
        )
    fee_lines = []
    for position, line in enumerate(fees, start=1):
        if line["state"] == FeeState.UNCLEAR:
            doubts.append(Doubt("fee_by_province", "fee", position, line["basis"]))
        elif line["state"] != FeeState.NONE:
            doubts.append(Doubt("unconfirmed_fee", "fee", position, line["basis"]))
        fee_lines.append(
            FeeDraft(
                state=line["state"],
                case=line["case"],
                channel=line["channel"],
                exempt_group=line["exempt_group"],
                amount=int(line["amount"]) if line["amount"] else None,
                per=line["per"],
                from_quantity=int(line["from_quantity"]),
                published=line["basis"],
            )
        )
    parts = [_part(name) for name in row["parts"].split(" | ") if name]
    if parts:
        doubts.append(Doubt("parts_abridged", "part"))
    return Draft(
        head=Head(
            name=row["name"],
            field=row["field"],
            levels=(str(Level.COMMUNE),),
            ministry=row["ministry"],
            agency=row["agency"],
            result_name=row["result"],
            result_kind=str(rules.result_kind(row["result"])),
        ),
        terms=tuple(term_lines),
        fees=tuple(fee_lines),
        parts=tuple(parts),
        doubts=tuple(doubts),
    )


def _part(text: str) -> PartDraft:
    """One paper: "Văn bản ủy quyền [nếu nhờ người]" is asked for only under the condition in brackets."""
    name, _, condition = text.removesuffix("]").partition(" [")
    return PartDraft(name=name, required=not condition, condition=condition)
