"""What can be done to the catalogue: import, correct, confirm, abolish, adopt, define a process; one transaction each.

``actor`` is the official who asks, ``None`` a command on the machine itself. Changes of the catalogue ask for the duty
"Đầu mối KSTTHC" or "Quản trị hệ thống" anywhere; adoptions and a unit's own processes for one of them at the unit or
above it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError
from django.db.models import Max

from motcua.core import clock, text
from motcua.core.errors import Conflict, Invalid
from motcua.core.verbs import verb
from motcua.org.models import User
from motcua.procedures import catalogue, rules, starter
from motcua.procedures.adopting import adopt, adopt_many, end_adoption, require_keeper
from motcua.procedures.catalogue import Planned
from motcua.procedures.checks import LINES, checked, settle_line, still_open, tupled
from motcua.procedures.choices import Source
from motcua.procedures.drafts import HEAD_FIELDS, Draft, differences, digest, merge, section_digests
from motcua.procedures.models import Procedure, ProcedureVersion, Synonym
from motcua.procedures.processes import define_process
from motcua.procedures.published import Record

__all__ = [
    "Change",
    "ImportOutcome",
    "abolish",
    "add_synonym",
    "adopt",
    "adopt_many",
    "confirm_review",
    "create_procedure",
    "create_procedures",
    "define_process",
    "end_adoption",
    "import_catalogue",
    "load_starter",
    "new_version",
]

Progress = Callable[[int], object]


# ---- import ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Change:
    """A procedure whose content differs from the version in use until now."""

    code: str
    name: str
    lines: list[str]
    conflicts: list[str]


@dataclass(slots=True)
class ImportOutcome:
    """What an import did: codes added, changes with their differences, how many stayed as they were."""

    added: list[str] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)
    needing_review: int = 0
    troubles: dict[str, int] = field(default_factory=dict)


@verb
def import_catalogue(
    *,
    records: Sequence[Record],
    valid_from: dt.date,
    actor: User | None = None,
    progress: Progress | None = None,
    only_show: bool = False,
) -> ImportOutcome:
    """Take over published records: new procedures, and new versions of those that changed since the last import.

    What the office corrected stays unless the source changed that very part; what the source leaves open never
    replaces what is in use (see ``drafts.merge``). Procedures that are in the books but not in the file are only
    reported. All or nothing; with ``only_show`` nothing is written. Raises :class:`Invalid` where ``valid_from`` lies
    before a version already in use.
    """
    require_keeper(actor, None, clock.today())
    codes = [record.code for record in records]
    in_use = catalogue.newest(codes)
    before = catalogue.newest(codes, source=Source.NATIONAL)
    known = set(
        ProcedureVersion.objects.filter(source=Source.NATIONAL).values_list("procedure__code", flat=True).distinct()
    )
    outcome = ImportOutcome(missing=sorted(known - set(codes)))
    touched = [
        record for record in records if record.code not in before or before[record.code].source_digest != record.digest
    ]
    outcome.unchanged = len(records) - len(touched)
    drafts = catalogue.load([in_use[record.code] for record in touched if record.code in in_use])
    planned = []
    for record in touched:
        current, last = in_use.get(record.code), before.get(record.code)
        draft = record.draft
        if current is not None:
            draft, conflicts = merge(last.source_sections if last else None, drafts[current.pk], record.draft)
            if digest(draft) == current.digest:
                outcome.unchanged += 1
                continue
            _not_before(valid_from, current, record.code)
            lines = differences(drafts[current.pk], draft)
            outcome.changed.append(Change(record.code, draft.head.name, lines, conflicts))
        else:
            outcome.added.append(record.code)
        planned.append(
            Planned(
                code=record.code,
                draft=draft,
                number=current.number + 1 if current else 1,
                valid_from=valid_from,
                source=Source.NATIONAL,
                source_digest=record.digest,
                source_sections=section_digests(record.draft),
                created_by=actor,
            )
        )
    if not only_show:
        _write(planned, progress)
    for plan in planned:
        found = {doubt.code for doubt in plan.draft.doubts}
        outcome.needing_review += any(map(rules.asks, found))
        for code in found:
            outcome.troubles[code] = outcome.troubles.get(code, 0) + 1
    return outcome


def _not_before(valid_from: dt.date, current: ProcedureVersion, code: str) -> None:
    if valid_from < current.valid_from:
        raise Invalid(
            f"Thủ tục {code} đã có phiên bản {current.number} dùng từ {current.valid_from:%d/%m/%Y}; phiên bản mới "
            f"không thể dùng từ ngày sớm hơn ({valid_from:%d/%m/%Y}).",
            field="valid_from",
        )


def _write(planned: Sequence[Planned], progress: Progress | None = None) -> list[ProcedureVersion]:
    versions: list[ProcedureVersion] = []
    try:
        for start in range(0, len(planned), 250):
            part = planned[start : start + 250]
            versions += catalogue.write(part)
            if progress is not None:
                progress(len(part))
    except IntegrityError as error:
        if "number" in str(error) or "procedure_id" in str(error):
            raise Conflict("Có người vừa ghi phiên bản mới của thủ tục này. Hãy tải lại rồi làm lại.") from None
        raise
    return versions


# ---- the starter catalogue ------------------------------------------------------------------------------------------
@verb
def load_starter(*, valid_from: dt.date, actor: User | None = None) -> ImportOutcome:
    """Load the catalogue shipped with the product, with the words people use; again changes nothing.

    What the office has (imported or corrected) is never overwritten: the starter only fills what is open there.
    """
    require_keeper(actor, None, clock.today())
    records = starter.read()
    in_use = catalogue.newest([record.code for record in records])
    before = catalogue.newest([record.code for record in records], source=Source.STARTER)
    outcome = ImportOutcome()
    touched = [r for r in records if r.code not in before or before[r.code].source_digest != r.digest]
    outcome.unchanged = len(records) - len(touched)
    drafts = catalogue.load([in_use[r.code] for r in touched if r.code in in_use])
    planned = []
    for record in touched:
        current, last = in_use.get(record.code), before.get(record.code)
        draft = record.draft
        if current is None:
            outcome.added.append(record.code)
        else:
            mine = drafts[current.pk]
            if last is not None:
                draft, _ = merge(last.source_sections, mine, record.draft)
            else:
                draft, _ = merge(None, record.draft, mine)
            if digest(draft) == current.digest:
                outcome.unchanged += 1
                continue
            _not_before(valid_from, current, record.code)
            outcome.changed.append(Change(record.code, draft.head.name, differences(mine, draft), []))
        planned.append(
            Planned(
                code=record.code,
                draft=draft,
                number=current.number + 1 if current else 1,
                valid_from=valid_from,
                source=Source.STARTER,
                source_digest=record.digest,
                source_sections=section_digests(record.draft),
                basis=record.basis,
                created_by=actor,
            )
        )
    _write(planned)
    _learn(starter.synonyms())
    outcome.needing_review = sum(any(rules.asks(d.code) for d in plan.draft.doubts) for plan in planned)
    return outcome


def _learn(words: Mapping[str, Iterable[str]]) -> None:
    found = catalogue.procedures(words)
    rows = [
        Synonym(procedure=found[code], text=phrase, folded=text.fold(phrase))
        for code, phrases in words.items()
        for phrase in phrases
    ]
    Synonym.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


@verb
def add_synonym(*, procedure: Procedure, words: str, actor: User | None = None) -> Synonym:
    """Remember another everyday word for a procedure; a word it already has is returned as it is."""
    require_keeper(actor, None, clock.today())
    said = text.clean(words)
    if not 2 <= len(said) <= 200:
        raise Invalid("Cách gọi phải có từ 2 đến 200 ký tự.", field="words")
    found, _ = Synonym.objects.get_or_create(procedure=procedure, folded=text.fold(said), defaults={"text": said})
    return found


# ---- versions by hand -----------------------------------------------------------------------------------------------
@verb
def create_procedure(
    *,
    code: str,
    draft: Draft,
    valid_from: dt.date,
    basis: str,
    valid_to: dt.date | None = None,
    actor: User | None = None,
) -> ProcedureVersion:
    """The first version of a procedure entered by hand. A code of one's own begins with ``NB.``."""
    return _create({code: draft}, valid_from, valid_to, basis, actor)[0]


@verb
def create_procedures(
    *,
    drafts: Mapping[str, Draft],
    valid_from: dt.date,
    basis: str,
    valid_to: dt.date | None = None,
    actor: User | None = None,
) -> list[ProcedureVersion]:
    """:func:`create_procedure` for many at once, by code, all or none; a fixed number of statements a batch of 250."""
    return _create(drafts, valid_from, valid_to, basis, actor)


def _create(
    drafts: Mapping[str, Draft], valid_from: dt.date, valid_to: dt.date | None, basis: str, actor: User | None
) -> list[ProcedureVersion]:
    require_keeper(actor, None, clock.today())
    planned = []
    for typed, draft in drafts.items():
        code = text.clean(typed)
        if not code or len(code) > 40 or " " in code:
            raise Invalid("Mã thủ tục phải có từ 1 đến 40 ký tự, không có khoảng trắng.", field="code")
        if catalogue.is_official(code) and not code[0].isdigit():
            raise Invalid("Mã nội bộ phải bắt đầu bằng «NB.», mã quốc gia bắt đầu bằng chữ số.", field="code")
        planned.append(_plan(code, checked(draft), None, valid_from, Source.LOCAL, basis, actor, valid_to=valid_to))
    if there := sorted(catalogue.newest([plan.code for plan in planned])):
        raise Conflict(f"Thủ tục {there[0]} đã có. Hãy lập phiên bản mới của nó.", field="code")
    return _write(planned)


@verb
def new_version(
    *,
    version: ProcedureVersion,
    changes: Mapping[str, Any],
    basis: str,
    valid_from: dt.date | None = None,
    actor: User | None = None,
) -> ProcedureVersion:
    """A correction or change: a new version with some of the content replaced; the old one stays as it was.

    ``changes`` maps fields of ``drafts.Head`` to values, or ``terms``, ``fees``, ``parts`` to lists of drafts; doubts
    about what is replaced are settled by it, those about a line of which only the promise changes are not. Used from
    ``valid_from`` (default: today, or the old version's first day if that is later). Dossiers keep the version of their
    acceptance. :class:`Conflict` where somebody else was first.
    """
    require_keeper(actor, None, clock.today())
    unknown = set(changes) - set(HEAD_FIELDS) - {"terms", "fees", "parts"}
    if unknown or not changes:
        raise Invalid(f"Không có trường nào tên {', '.join(sorted(unknown)) or '(trống)'}.", code="unknown_field")
    code, draft = _current(version)
    head = replace(draft.head, **{k: tupled(v) for k, v in changes.items() if k in HEAD_FIELDS})
    lists = {k: tuple(v) for k, v in changes.items() if k not in HEAD_FIELDS}
    changed = checked(replace(draft, head=head, doubts=still_open(draft, changes), **lists))
    if replace(changed, doubts=()) == replace(draft, doubts=()):
        raise Invalid("Nội dung không có gì khác phiên bản hiện tại.", code="nothing_changed")
    return _one(code, changed, version, valid_from, Source.CORRECTION, basis, actor)


@verb
def abolish(
    *, version: ProcedureVersion, last_day: dt.date, decision: str, actor: User | None = None
) -> ProcedureVersion:
    """Record that a procedure is abolished: it can be received up to and including ``last_day``."""
    require_keeper(actor, None, clock.today())
    code, draft = _current(version)
    if draft.head.abolished:
        raise Invalid(f"Thủ tục {code} đã bãi bỏ từ {version.valid_from:%d/%m/%Y}.")
    if last_day < version.valid_from:
        raise Invalid("Ngày dùng cuối cùng phải từ ngày phiên bản này được dùng trở đi.", field="last_day")
    gone = replace(draft, head=replace(draft.head, abolished=True))
    return _one(code, gone, version, last_day + dt.timedelta(days=1), Source.CORRECTION, decision, actor)


@verb
def confirm_review(
    *,
    version: ProcedureVersion,
    place: str,
    value: Mapping[str, Any],
    basis: str,
    position: int | None = None,
    actor: User | None = None,
) -> ProcedureVersion:
    """Settle what the import left open: a new version with the confirmed value and without the doubts about it.

    ``place`` is "term", "fee" or "part" with the line's ``position``, or a field of ``drafts.Head`` with
    ``value={"value": …}``. For a line ``value`` names its fields, e.g. ``{"value": 3, "unit": "working_day"}``,
    ``{"state": "none"}``, ``{"amount": 8000, "per": "bản"}``, ``{"role": "condition"}``; an empty value confirms the
    line as it stands, or dismisses the doubts about a field. ``basis`` is the document it is taken from and is
    required. Used from the day the corrected version is used from: what was unclear then is clear from then.
    """
    require_keeper(actor, None, clock.today())
    code, draft = _current(version)
    if place in LINES:
        settled = settle_line(draft, place, position, value)
    elif place in HEAD_FIELDS or place == "name":
        head = replace(draft.head, **{place: tupled(value["value"])}) if "value" in value else draft.head
        settled = replace(draft, head=head, doubts=tuple(d for d in draft.doubts if d.place != place))
    else:
        raise Invalid(f"Không có chỗ nào tên «{place}» để xác nhận.", field="place")
    if settled == draft:
        raise Invalid("Chỗ này không có gì cần xác nhận.", code="nothing_to_confirm")
    return _one(code, checked(settled), version, version.valid_from, Source.CORRECTION, basis, actor)


def _current(version: ProcedureVersion) -> tuple[str, Draft]:
    """The code and content of a version that must be its procedure's newest; its procedure is locked. 6 statements."""
    procedure = Procedure.objects.select_for_update().get(pk=version.procedure_id)
    newest = ProcedureVersion.objects.filter(procedure=procedure).aggregate(last=Max("number"))["last"]
    if version.number != newest:
        raise Conflict(
            f"Thủ tục {procedure.code} đã có phiên bản {newest}; bạn đang xem phiên bản {version.number}. Hãy tải lại."
        )
    return procedure.code, catalogue.load([version])[version.pk]


def _one(
    code: str,
    draft: Draft,
    old: ProcedureVersion,
    valid_from: dt.date | None,
    source: Source,
    basis: str,
    actor: User | None,
) -> ProcedureVersion:
    return _write([_plan(code, draft, old, valid_from, source, basis, actor)])[0]


def _plan(
    code: str,
    draft: Draft,
    old: ProcedureVersion | None,
    valid_from: dt.date | None,
    source: Source,
    basis: str,
    actor: User | None,
    *,
    valid_to: dt.date | None = None,
) -> Planned:
    said = text.clean(basis)
    if not said:
        raise Invalid("Phải ghi căn cứ (văn bản, quyết định) của thay đổi này.", field="basis")
    if len(said) > 500:
        raise Invalid("Căn cứ dài quá 500 ký tự.", field="basis")
    if valid_from is None:
        valid_from = max(clock.today(), old.valid_from) if old else clock.today()
    if old is not None:
        _not_before(valid_from, old, code)
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("Ngày dùng cuối cùng phải từ ngày bắt đầu dùng trở đi.", field="valid_to")
    return Planned(
        code=code,
        draft=draft,
        number=old.number + 1 if old else 1,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
        source_digest=old.source_digest if old else "",
        source_sections=old.source_sections if old else None,
        basis=said,
        confirmed=not any(rules.asks(d.code) for d in draft.doubts),
        created_by=actor,
    )
