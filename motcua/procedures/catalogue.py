"""Versions in and out of the database, many at a time: drafts are written and sealed here, and read back as drafts.

No decisions here; ``actions`` decides what to write. Everything runs inside the caller's transaction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db.models import OuterRef, Subquery

from motcua.core import clock, text
from motcua.org.models import User
from motcua.procedures import rules
from motcua.procedures.choices import LOCAL_PREFIX, Source
from motcua.procedures.drafts import (
    HEAD_FIELDS,
    Doubt,
    Draft,
    FeeDraft,
    Head,
    PartDraft,
    TermDraft,
    digest,
)
from motcua.procedures.models import Case, FeeLine, Part, Procedure, ProcedureVersion, Review, TermLine

# Rows per statement: SQLite allows 32,766 parameters in one.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """A version to be written: its content, where it came from, from when it is used."""

    code: str
    draft: Draft
    number: int
    valid_from: dt.date
    source: Source
    source_digest: str = ""
    source_sections: dict[str, str] | None = None
    valid_to: dt.date | None = None
    basis: str = ""
    confirmed: bool = False
    created_by: User | None = None


def is_official(code: str) -> bool:
    """Whether a code is a national one; local codes carry a prefix no national code can have."""
    return not code.startswith(LOCAL_PREFIX)


def procedures(codes: Iterable[str]) -> dict[str, Procedure]:
    """The procedures of these codes, made where there are none. Two statements a batch, and one to make."""
    wanted = list(dict.fromkeys(codes))
    Procedure.objects.bulk_create(
        [Procedure(code=code, is_official=is_official(code)) for code in wanted],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    found: dict[str, Procedure] = {}
    for part in _batches(wanted):
        found |= {p.code: p for p in Procedure.objects.filter(code__in=part)}
    return found


def write(planned: Sequence[Planned]) -> list[ProcedureVersion]:
    """Write and seal versions. A fixed number of statements for each batch of rows, however many versions."""
    by_code = procedures(plan.code for plan in planned)
    now = clock.now()
    versions = [_version(plan, by_code[plan.code], now) for plan in planned]
    ProcedureVersion.objects.bulk_create(versions, batch_size=_BATCH)
    cases: dict[tuple[int, str], Case] = {}
    for plan, version in zip(planned, versions, strict=True):
        for position, name in enumerate(plan.draft.cases, start=1):
            cases[version.pk, name] = Case(version=version, position=position, name=name)
    Case.objects.bulk_create(list(cases.values()), batch_size=_BATCH)
    terms, fees, parts, reviews = [], [], [], []
    for plan, version in zip(planned, versions, strict=True):
        draft = plan.draft
        terms += [TermLine(**_line(line, version, i, cases)) for i, line in enumerate(draft.terms, start=1)]
        fees += [FeeLine(**_line(line, version, i, cases)) for i, line in enumerate(draft.fees, start=1)]
        parts += [Part(**_line(line, version, i, cases)) for i, line in enumerate(draft.parts, start=1)]
        reviews += [Review(version=version, **asdict(doubt)) for doubt in draft.doubts]
    TermLine.objects.bulk_create(terms, batch_size=_BATCH)
    FeeLine.objects.bulk_create(fees, batch_size=_BATCH)
    Part.objects.bulk_create(parts, batch_size=_BATCH)
    Review.objects.bulk_create(reviews, batch_size=_BATCH)
    for part in _batches([version.pk for version in versions]):
        ProcedureVersion.objects.filter(pk__in=part).update(sealed=True)
    for version in versions:
        version.sealed = True
    return versions


def _version(plan: Planned, procedure: Procedure, now: dt.datetime) -> ProcedureVersion:
    head = plan.draft.head
    values = {name: getattr(head, name) for name in HEAD_FIELDS}
    values["levels"], values["legal_basis"] = list(head.levels), list(head.legal_basis)
    return ProcedureVersion(
        **values,
        procedure=procedure,
        number=plan.number,
        name_folded=text.fold(head.name),
        valid_from=plan.valid_from,
        valid_to=plan.valid_to,
        needs_review=any(rules.asks(doubt.code) for doubt in plan.draft.doubts),
        confirmed=plan.confirmed,
        source=plan.source,
        source_digest=plan.source_digest,
        source_sections=plan.source_sections or {},
        digest=digest(plan.draft),
        basis=plan.basis,
        created_at=now,
        created_by=plan.created_by,
    )


def _line(
    line: TermDraft | FeeDraft | PartDraft, version: ProcedureVersion, position: int, cases: dict[tuple[int, str], Case]
) -> dict[str, Any]:
    values = asdict(line)
    name = values.pop("case")
    return {**values, "version": version, "position": position, "case": cases[version.pk, name] if name else None}


def load(versions: Sequence[ProcedureVersion]) -> dict[int, Draft]:
    """The content of versions as drafts, by version id. Four statements for each 500 of them."""
    drafts: dict[int, Draft] = {}
    for part in _batches(versions):
        ids = [version.pk for version in part]
        terms, fees, parts = (_grouped(model, ids) for model in (TermLine, FeeLine, Part))
        doubts = defaultdict(list)
        for review in Review.objects.filter(version_id__in=ids).order_by("pk"):
            doubts[review.version_id].append(Doubt(review.code, review.place, review.position, review.published))
        for version in part:
            drafts[version.pk] = Draft(
                head=_head(version),
                terms=tuple(_draft(TermDraft, row) for row in terms[version.pk]),
                fees=tuple(_draft(FeeDraft, row) for row in fees[version.pk]),
                parts=tuple(_draft(PartDraft, row) for row in parts[version.pk]),
                doubts=tuple(doubts[version.pk]),
            )
    return drafts


def _grouped(model: Any, ids: list[int]) -> dict[int, list[Any]]:
    rows = defaultdict(list)
    for row in model.objects.filter(version_id__in=ids).select_related("case").order_by("position"):
        rows[row.version_id].append(row)
    return rows


def _draft(kind: Any, row: Any) -> Any:
    values = {f.name: getattr(row, f.name) for f in fields(kind) if f.name != "case"}
    return kind(case=row.case.name if row.case else "", **values)


def _head(version: ProcedureVersion) -> Head:
    values = {name: getattr(version, name) for name in HEAD_FIELDS}
    values["levels"], values["legal_basis"] = tuple(version.levels), tuple(version.legal_basis)
    return Head(**values)


def newest(codes: Iterable[str] | None = None, *, source: Source | None = None) -> dict[str, ProcedureVersion]:
    """The newest version (highest number) of each procedure, by code; of one source where named.

    One statement for each 500 codes.
    """
    numbered = ProcedureVersion.objects.filter(procedure=OuterRef("procedure"))
    if source is not None:
        numbered = numbered.filter(source=source)
    last = numbered.order_by("-number").values("pk")[:1]
    rows = ProcedureVersion.objects.filter(pk=Subquery(last)).select_related("procedure")
    if codes is None:
        return {version.procedure.code: version for version in rows}
    found: dict[str, ProcedureVersion] = {}
    for part in _batches(list(codes)):
        found |= {v.procedure.code: v for v in rows.filter(procedure__code__in=part)}
    return found


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
