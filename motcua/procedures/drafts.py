"""The content of a version as plain values: what an importer reads, a correction changes and a version is written from.

Pure. Everything that is compared, digested, merged or shown as a difference between versions works on these.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from motcua.ledger.models import Channel
from motcua.procedures.choices import (
    Effect,
    FeeState,
    Level,
    PartKind,
    PartRole,
    ResultKind,
    ServiceLevel,
    Stated,
)
from motcua.worktime.rules import StartRule, Term, TermUnit


@dataclass(frozen=True, slots=True)
class TermDraft:
    """One line of terms. ``case`` is a name or "" for any; ``channel`` a channel or "" for every one."""

    state: str
    case: str = ""
    channel: str = ""
    value: Decimal | None = None
    unit: str = ""
    start_rule: str = ""
    promised_value: Decimal | None = None
    promised_unit: str = ""
    confirmed: bool = False
    published: str = ""


@dataclass(frozen=True, slots=True)
class FeeDraft:
    """One line of fees, in whole đồng."""

    state: str
    case: str = ""
    channel: str = ""
    exempt_group: str = ""
    amount: int | None = None
    per: str = ""
    from_quantity: int = 1
    confirmed: bool = False
    published: str = ""


@dataclass(frozen=True, slots=True)
class PartDraft:
    """One row of the list of papers."""

    name: str
    case: str = ""
    copies: int | None = None
    kind: str = PartKind.ANY
    role: str = PartRole.DOCUMENT
    required: bool = True
    condition: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person must look at; ``code`` is one of ``rules.TROUBLES``, ``position`` counts lines from 1."""

    code: str
    place: str
    position: int | None = None
    published: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """All of a version that is not a list of lines."""

    name: str
    field: str
    levels: tuple[str, ...] = ()
    ministry: str = ""
    subjects: str = ""
    agency: str = ""
    kind: str = ""
    decision_number: str = ""
    decision_date: dt.date | None = None
    effect: str = Effect.UNKNOWN
    effect_date: dt.date | None = None
    abolished: bool = False
    service_level: str = ServiceLevel.UNKNOWN
    old_level: int | None = None
    result_name: str = ""
    result_kind: str = ResultKind.OTHER
    result_code: str = ""
    legal_basis: tuple[str, ...] = ()
    steps_text: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole content of a version."""

    head: Head
    terms: tuple[TermDraft, ...] = ()
    fees: tuple[FeeDraft, ...] = ()
    parts: tuple[PartDraft, ...] = ()
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def cases(self) -> list[str]:
        """The names of the cases its lines mention, in order of first mention."""
        lines: Iterable[TermDraft | FeeDraft | PartDraft] = (*self.terms, *self.fees, *self.parts)
        return list(dict.fromkeys(line.case for line in lines if line.case))


HEAD_FIELDS = tuple(f.name for f in fields(Head))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"cannot be digested: {value!r}")


def digest_of(value: Any) -> str:
    """SHA-256 of a canonical JSON form of plain values and drafts."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def digest(draft: Draft) -> str:
    """The digest of a version's whole content."""
    return digest_of(asdict(draft))


# What an office can correct and a source can change independently. Doubts go with the place they are in.
SECTIONS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in HEAD_FIELDS if name not in ("effect", "effect_date", "service_level", "old_level")},
    "effect": ("effect", "effect_date"),
    "service_level": ("service_level", "old_level"),
    "terms": ("terms",),
    "fees": ("fees",),
    "parts": ("parts",),
}
LISTS = ("terms", "fees", "parts")
_DOUBT_SECTION = {"term": "terms", "fee": "fees", "part": "parts"}


def section_of(doubt: Doubt) -> str:
    """The section a doubt belongs to: a list, or the head's field its place names."""
    return _DOUBT_SECTION.get(doubt.place, doubt.place)


def _section(draft: Draft, name: str) -> Any:
    if name in LISTS:
        return [asdict(line) for line in getattr(draft, name)]
    return [getattr(draft.head, field_name) for field_name in SECTIONS[name]]


def section_digests(draft: Draft) -> dict[str, str]:
    """A short digest of each section, to know later which of them a source has changed."""
    return {name: digest_of(_section(draft, name))[:16] for name in SECTIONS}


def _unclear(draft: Draft, name: str) -> bool:
    """Whether a source leaves a section open, so that what the office already uses need not give way."""
    match name:
        case "terms":
            return not any(line.state == Stated.STATED for line in draft.terms)
        case "fees":
            return all(line.state in (FeeState.UNCLEAR, FeeState.NONE) for line in draft.fees)
        case "parts":
            return not draft.parts
        case "service_level":
            return draft.head.service_level == ServiceLevel.UNKNOWN
        case "effect":
            return draft.head.effect == Effect.UNKNOWN
        case "abolished":
            return False
    return not _section(draft, name)[0]


def _put(into: Draft, name: str, source: Draft) -> Draft:
    """``into`` with one section, and the doubts about it, taken from ``source``."""
    doubts = tuple(d for d in into.doubts if section_of(d) != name) + tuple(
        d for d in source.doubts if section_of(d) == name
    )
    if name in LISTS:
        return replace(into, doubts=doubts, **{name: getattr(source, name)})
    values = {field_name: getattr(source.head, field_name) for field_name in SECTIONS[name]}
    return replace(into, doubts=doubts, head=replace(into.head, **values))


def merge(base: Mapping[str, str] | None, mine: Draft, theirs: Draft) -> tuple[Draft, list[str]]:
    """A source's new content over the version in use, section by section; and the sections in conflict.

    ``base`` holds the section digests of what this source said last time, ``None`` where it never spoke. What the
    office corrected stays unless the source changed the same section; then the source wins and the section is marked
    for review. A section the source leaves open ("no information", an unclear term) never replaces one in use: it is
    kept and marked.
    """
    merged, conflicts = theirs, []
    ours, new = section_digests(mine), section_digests(theirs)
    for name in SECTIONS:
        if ours[name] == new[name]:
            continue
        before = base.get(name) if base is not None else None
        if before == new[name]:  # the source says what it said: ours is a correction
            merged = _put(merged, name, mine)
        elif before == ours[name]:  # ours is what the source said: it has changed its mind
            continue
        elif _unclear(theirs, name) and not _unclear(mine, name):
            merged = _put(merged, name, mine)
            kept = Doubt("kept_over_open_source", _place(name), None, _published(theirs, name))
            merged = replace(merged, doubts=(*merged.doubts, kept))
        elif base is not None:
            conflicts.append(name)
            doubt = Doubt("changed_on_both_sides", _place(name), None, "")
            merged = replace(merged, doubts=(*merged.doubts, doubt))
    return merged, conflicts


def _place(section: str) -> str:
    return {"terms": "term", "fees": "fee", "parts": "part"}.get(section, section)


def _published(draft: Draft, name: str) -> str:
    lines: Iterable[TermDraft | FeeDraft] = ()
    if name == "terms":
        lines = draft.terms
    elif name == "fees":
        lines = draft.fees
    return "\n".join(dict.fromkeys(line.published for line in lines if line.published))


# ---- differences, in words ------------------------------------------------------------------------------------------
FIELD_WORDS = {
    "name": "tên",
    "field": "lĩnh vực",
    "levels": "cấp thực hiện",
    "ministry": "cơ quan công bố",
    "subjects": "đối tượng",
    "agency": "cơ quan thực hiện",
    "kind": "loại thủ tục",
    "decision_number": "số quyết định",
    "decision_date": "ngày quyết định",
    "effect": "hiệu lực",
    "effect_date": "ngày hiệu lực",
    "abolished": "bãi bỏ",
    "service_level": "mức độ DVCTT",
    "old_level": "mức độ cũ",
    "result_name": "kết quả",
    "result_kind": "loại kết quả",
    "result_code": "mã kết quả",
    "legal_basis": "căn cứ pháp lý",
    "steps_text": "trình tự",
}


def term_words(value: Decimal | None, unit: str) -> str:
    """ "5 ngày làm việc", "trong ngày", or "" where there is no term."""
    if value is None:
        return ""
    label = TermUnit(unit).label
    return label if unit == TermUnit.SAME_DAY else f"{f'{value.normalize():f}'.replace('.', ',')} {label}"


def _where(case: str, channel: str) -> str:
    words = [Channel(channel).label] if channel else []
    words += [case] if case else []
    return f" ({'; '.join(words)})" if words else ""


def term_line(line: TermDraft) -> str:
    """A term line in words."""
    says = term_words(line.value, line.unit) or Stated(line.state).label.lower()
    cut = term_words(line.promised_value, line.promised_unit)
    return says + (f", cắt giảm còn {cut}" if cut else "") + _where(line.case, line.channel)


def fee_line(line: FeeDraft) -> str:
    """A fee line in words."""
    if line.state == FeeState.AMOUNT and line.amount is not None:
        says = f"{line.amount:,} đồng".replace(",", ".") + (f"/{line.per}" if line.per else "")
        says += f" từ số {line.from_quantity}" if line.from_quantity > 1 else ""
    else:
        says = FeeState(line.state).label.lower()
    group = f" [{line.exempt_group}]" if line.exempt_group else ""
    return says + group + _where(line.case, line.channel)


def part_line(line: PartDraft) -> str:
    """A part in words, short."""
    copies = f"{line.copies} {PartKind(line.kind).label.lower()}" if line.copies else PartKind(line.kind).label.lower()
    return f"{_short(line.name)} ({copies}{'' if line.required else ', không bắt buộc'}){_where(line.case, '')}"


def _short(text: str, length: int = 90) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _scalar(name: str, value: Any) -> str:
    if value in (None, "", ()):
        return "(trống)"
    if name == "levels":
        return ", ".join(Level(v).label for v in value)
    if name == "service_level":
        return str(ServiceLevel(value).label)
    if name == "result_kind":
        return str(ResultKind(value).label)
    if name == "effect":
        return str(Effect(value).label)
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return _short("; ".join(value) if isinstance(value, tuple) else str(value))


def differences(old: Draft, new: Draft) -> list[str]:
    """What changed, each as "what: old → new", for an official to read."""
    found = []
    for name in HEAD_FIELDS:
        before, after = getattr(old.head, name), getattr(new.head, name)
        if before != after:
            found.append(f"{FIELD_WORDS[name]}: {_scalar(name, before)} → {_scalar(name, after)}")
    found += _lines("thời hạn", [term_line(x) for x in old.terms], [term_line(x) for x in new.terms])
    found += _lines("phí, lệ phí", [fee_line(x) for x in old.fees], [fee_line(x) for x in new.fees])
    found += _lines("thành phần hồ sơ", [part_line(x) for x in old.parts], [part_line(x) for x in new.parts])
    said = {line.split(":")[0] for line in found}
    for words, section in (("thời hạn", "terms"), ("phí, lệ phí", "fees"), ("thành phần hồ sơ", "parts")):
        if words not in said and _section(old, section) != _section(new, section):
            found.append(f"{words}: nguyên văn công bố thay đổi")
    return found


def _lines(words: str, old: list[str], new: list[str]) -> list[str]:
    if old == new:
        return []
    gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
    if not gone and not come:
        return [f"{words}: đổi thứ tự"]
    return [f"{words}: {' | '.join(gone) or '(không có)'} → {' | '.join(come) or '(bỏ)'}"]


def term_of(value: Decimal | None, unit: str, start_rule: str) -> Term | None:
    """The term as the calculator wants it; ``None`` where there is none. Refuses what no term can be (``Invalid``)."""
    if value is None:
        return None
    return Term(value, TermUnit(unit), StartRule(start_rule))
