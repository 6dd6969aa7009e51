"""One record of the published national catalogue, read into a draft. Pure: no database, no file.

The record is text as scraped: several terms by case stored as if by channel, fees glued to remarks, conditions stored
as papers. ``rules`` decides each line; here the lines are put together and what cannot be relied on is marked.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from motcua.core import text as core_text
from motcua.core.errors import Invalid
from motcua.ledger.models import Channel
from motcua.procedures import rules
from motcua.procedures.choices import FeeState, Level, Stated
from motcua.procedures.drafts import Doubt, Draft, FeeDraft, Head, PartDraft, TermDraft, digest_of, term_words
from motcua.worktime.rules import TermUnit

CODE = re.compile(r"[0-9]\.[0-9]{6}")
_DECISION = re.compile(r"\d+[a-zA-Z]?/QĐ-[\w-]+")
_MARKUP = re.compile(r"<\s*/?\s*(?:[a-zA-Z][\w:-]*)(?:\s[^<>]*)?/?>|<!--|<!\[")

_LEVELS = {
    "Cấp bộ": Level.MINISTRY,
    "Cấp tỉnh": Level.PROVINCE,
    "Cấp huyện": Level.DISTRICT,
    "Cấp xã": Level.COMMUNE,
    "Cơ quan khác": Level.OTHER,
}
_CHANNELS = {"direct": Channel.DIRECT, "online": Channel.ONLINE, "postal": Channel.POST}
_UNITS = ("working_day", "calendar_day", "hour", "month")
_KINDS = ("original", "copy", "photocopy")
_MINISTRIES = {
    "bo-tai-chinh": "Bộ Tài chính",
    "bo-nong-nghiep-mt": "Bộ Nông nghiệp và Môi trường",
    "bo-xay-dung": "Bộ Xây dựng",
    "bo-cong-an": "Bộ Công an",
    "bo-tu-phap": "Bộ Tư pháp",
    "ngan-hang-nha-nuoc": "Ngân hàng Nhà nước Việt Nam",
    "toa-an-nhan-dan": "Tòa án nhân dân tối cao",
}

# Longest text a field of ours holds, and the length at which the source cuts its own.
_LONGEST = {
    "name": 2000,
    "domain": 250,
    "ministry": 120,
    "decision": 60,
    "kind": 120,
    "subjects_text": 1000,
    "agency": 1000,
    "result": 1000,
    "result_code": 40,
    "steps_text": 100_000,
    "note": 20_000,
    "part": 20_000,
    "basis": 200,
}
_CUT_AT = {"note": 600, "part": 600, "steps_text": 2500, "result": 200, "agency": 200}
MOST_LINES = 400  # methods or papers of one procedure; the largest met has 56


@dataclass(frozen=True, slots=True)
class Record:
    """A record read: its code, its content, and the digest of what was read."""

    code: str
    draft: Draft
    digest: str


class _Reader:
    """Takes typed values out of one record, cleans them, and notes what was cleaned away."""

    def __init__(self, record: dict[str, Any]):
        self.record = record
        self.doubts: list[Doubt] = []

    def text(self, key: str, *, of: dict[str, Any] | None = None, name: str = "", place: str = "", needed: bool) -> str:
        """A cleaned text, lines kept; Vietnamese :class:`Invalid` naming the field where it is not one."""
        record, label = (self.record if of is None else of), name or key
        value = record.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            raise Invalid(f"trường «{label}» phải là chữ, không phải {_type(value)}")
        longest = _LONGEST[label if label in _LONGEST else key]
        if len(value) > longest:
            raise Invalid(f"trường «{label}» dài {len(value)} ký tự, nhiều nhất {longest}")
        if "\x00" in value:
            raise Invalid(f"trường «{label}» có ký tự NUL")
        if match := _MARKUP.search(value):
            raise Invalid(f"trường «{label}» có mã HTML «{match[0][:40]}»; chỉ nhận chữ thường")
        cleaned, hidden, composed = clean_lines(value)
        if hidden:
            self.doubts.append(Doubt("hidden_characters", place or key, None, f"{label}: {', '.join(hidden)}"))
        if composed:
            self.doubts.append(Doubt("not_composed", place or key, None, label))
        if needed and not cleaned:
            raise Invalid(f"trường «{label}» để trống")
        return cleaned

    def one_line(self, key: str, **how: Any) -> str:
        return " ".join(self.text(key, **how).split())

    def items(self, key: str) -> list[Any]:
        value = self.record.get(key)
        if not isinstance(value, list):
            raise Invalid(f"trường «{key}» phải là danh sách, không phải {_type(value)}")
        if len(value) > MOST_LINES:
            raise Invalid(f"trường «{key}» có {len(value)} dòng, nhiều nhất {MOST_LINES}")
        return value


def _type(value: Any) -> str:
    words = {dict: "đối tượng", list: "danh sách", str: "chữ", bool: "đúng/sai", type(None): "trống"}
    return words.get(type(value), "số")


def clean_lines(value: str) -> tuple[str, list[str], bool]:
    """A published text cleaned line by line; the invisible characters taken out (by name); whether it was decomposed.

    Characters without width vanish ("đăng k⁠ý" is one word); control and private ones leave a space.
    """
    composed = value if unicodedata.is_normalized("NFC", value) else core_text.nfc(value)
    lines = composed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    hidden: set[str] = set()
    for index, line in enumerate(lines):
        if not line.isprintable():  # almost none: the rest of a catalogue is spared the slow way
            hidden |= {c for c in line if unicodedata.category(c)[0] == "C"}
            lines[index] = core_text.clean("".join(c for c in line if unicodedata.category(c) != "Cf"))
        else:
            lines[index] = " ".join(line.split())
    cleaned = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return cleaned, sorted(f"U+{ord(c):04X}" for c in hidden), composed != value


def read_record(record: Any) -> Record:
    """A record of the catalogue as a draft; :class:`Invalid` says which field is wrong, in words."""
    if not isinstance(record, dict):
        raise Invalid(f"mỗi dòng phải là một đối tượng JSON, không phải {_type(record)}")
    code = record.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise Invalid(f"mã thủ tục «{str(code)[:40]}» không đúng mẫu 1.234567")
    reader = _Reader(record)
    head = _head(reader)
    methods = [_method(reader, row) for row in reader.items("methods")]
    parts = _parts(reader)
    terms = _terms(methods, reader.doubts)
    fees = _fees(methods, reader.doubts)
    if Level.COMMUNE in head.levels and "cấp huyện" in head.steps_text.casefold():
        reader.doubts.append(Doubt("district_left", "steps_text", None, _around(head.steps_text, "cấp huyện")))
    for doubt_place, value in (
        ("steps_text", head.steps_text),
        ("result_name", head.result_name),
        ("agency", head.agency),
    ):
        if len(value) >= _CUT_AT[doubt_place.removesuffix("_name")] - 2:
            reader.doubts.append(Doubt("text_cut", doubt_place, None, value[-80:]))
    draft = Draft(
        head=head, terms=tuple(terms), fees=tuple(fees), parts=tuple(parts), doubts=tuple(_once(reader.doubts))
    )
    return Record(code, draft, digest_of(record))


def _once(doubts: Iterable[Doubt]) -> list[Doubt]:
    return list(dict.fromkeys(doubts))


def _around(text: str, words: str) -> str:
    at = text.casefold().index(words)
    return " ".join(text[max(0, at - 80) : at + 80].split())


def _head(reader: _Reader) -> Head:
    levels = []
    for level in reader.items("levels"):
        if not isinstance(level, str) or level not in _LEVELS:
            raise Invalid(f"cấp thực hiện «{str(level)[:40]}» không có; dùng: {', '.join(_LEVELS)}")
        levels.append(str(_LEVELS[level]))
    basis = []
    for row in reader.items("legal_basis"):
        basis.append(reader.one_line("basis", of={"basis": row}, place="legal_basis", needed=True))
    decision = reader.one_line("decision", place="decision_number", needed=False)
    if decision and not _DECISION.fullmatch(decision):
        reader.doubts.append(Doubt("decision_malformed", "decision_number", None, decision))
    ministry = reader.one_line("ministry", needed=False)
    result = reader.one_line("result", place="result_name", needed=False)
    return Head(
        name=reader.one_line("name", needed=True),
        field=reader.one_line("domain", place="field", needed=True),
        levels=tuple(levels),
        ministry=_MINISTRIES.get(ministry, ministry),
        subjects=reader.one_line("subjects_text", place="subjects", needed=False),
        agency=reader.one_line("agency", needed=False),
        kind=reader.one_line("kind", needed=False),
        decision_number=decision,
        result_name=result,
        result_kind=str(rules.result_kind(result)),
        result_code=reader.one_line("result_code", needed=False),
        legal_basis=tuple(dict.fromkeys(basis)),
        steps_text=reader.text("steps_text", needed=False),
    )


@dataclass(frozen=True, slots=True)
class _Method:
    channel: str
    limit: int | None
    unit: str
    note: str
    term: rules.TermReading
    fee: rules.FeeReading


def _method(reader: _Reader, row: Any) -> _Method:
    if not isinstance(row, dict):
        raise Invalid(f"cách thức thực hiện phải là đối tượng, không phải {_type(row)}")
    channel, limit, unit = row.get("channel"), row.get("limit"), row.get("unit")
    if not isinstance(channel, str) or channel not in _CHANNELS:
        raise Invalid(f"hình thức nộp «{str(channel)[:40]}» không có; dùng: {', '.join(_CHANNELS)}")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit < 10**6):
        raise Invalid(f"thời hạn «{str(limit)[:40]}» phải là số nguyên không âm hoặc để trống")
    if unit is not None and unit not in _UNITS:
        raise Invalid(f"đơn vị tính «{str(unit)[:40]}» không có; dùng: {', '.join(_UNITS)} hoặc để trống")
    note = reader.text("note", of=row, place="term", needed=False)
    parts = rules.split_note(note, has_limit=limit is not None)
    # A bracket never closed hides where the remark ends: then all of it may speak of the term.
    term = rules.read_term(limit, unit, f"{parts.lead}\n{parts.remark if parts.cut else parts.rest}")
    fee = rules.read_fee(parts)
    if limit is None and not parts.lead and parts.fee[:1].isdigit():
        # The number of the term stands glued before the fee ("1" + "100 VNĐ"): neither can be told.
        term = rules.TermReading(Stated.UNCLEAR, troubles=("number_glued",))
        fee = rules.FeeReading(FeeState.UNCLEAR, troubles=("number_glued",))
    if len(note) >= _CUT_AT["note"] - 2:
        reader.doubts.append(Doubt("text_cut", "term", None, note[-80:]))
    return _Method(str(_CHANNELS[channel]), limit, unit or "", note, term, fee)


# ---- terms ----------------------------------------------------------------------------------------------------------
def _published(methods: Iterable[_Method]) -> str:
    """What the source printed for these rows: number and unit as given, then each different note once."""
    rows = []
    for method in methods:
        unit = {"hour": "giờ"}.get(method.unit) or (
            TermUnit(method.unit).label if method.unit else "(không ghi đơn vị)"
        )
        number = "(không ghi thời hạn)" if method.limit is None else f"{method.limit} {unit}"
        rows.append(f"{Channel(method.channel).label}: {number}" + (f" — {method.note}" if method.note else ""))
    return "\n".join(dict.fromkeys(rows))


def _terms(methods: list[_Method], doubts: list[Doubt]) -> list[TermDraft]:
    if not methods:
        doubts.append(Doubt("no_methods", "term"))
        return []
    groups = _grouped(methods, lambda m: (m.limit, m.unit))
    if len(groups) == 1:
        return [_term_line(methods, "", "", 1, doubts)]
    stated = [rows for key, rows in groups.items() if key[0] is not None]
    silent = groups.get((None, ""), []) + groups.get((None, "working_day"), [])
    if len(stated) == 1 and silent and not {m.channel for m in stated[0]} & {m.channel for m in silent}:
        # One term, said for some channels only.
        lines = [
            _term_line(rows, "", channel, position, doubts)
            for position, (channel, rows) in enumerate(_grouped(methods, lambda m: m.channel).items(), start=1)
        ]
        doubts.append(Doubt("term_missing_for_channel", "term", None, _published(silent)))
        return lines
    lines = []
    for position, rows in enumerate(groups.values(), start=1):
        lines.append(_term_line(rows, _case_name(rows), "", position, doubts))
    doubts.append(Doubt("cases_as_channels", "term", None, " | ".join(line.case for line in lines)))
    return lines


def _grouped(methods: Iterable[_Method], key: Callable[[_Method], Any]) -> dict[Any, list[_Method]]:
    groups: dict[Any, list[_Method]] = {}
    for method in methods:
        groups.setdefault(key(method), []).append(method)
    return groups


def _case_name(rows: list[_Method]) -> str:
    """A working name from what is certain: the term itself and where it was printed."""
    first = rows[0]
    if first.limit is None:
        says = "không ghi thời hạn"
    elif first.unit in ("", "hour"):
        says = f"{first.limit} {'giờ' if first.unit else '(không ghi đơn vị)'}"
    else:
        says = term_words(Decimal(first.limit), first.unit)
    channels = ", ".join(dict.fromkeys(Channel(m.channel).label.lower() for m in rows))
    return f"Trường hợp {says} (công bố ở: {channels})"


def _term_line(rows: list[_Method], case: str, channel: str, position: int, doubts: list[Doubt]) -> TermDraft:
    """One line for rows that print the same number: certain only where every one of them is."""
    published = _published(rows)
    troubles = dict.fromkeys(t for m in rows for t in m.term.troubles)
    for trouble in troubles:
        doubts.append(Doubt(trouble, "term", position, published))
    states = {m.term.state for m in rows}
    first = rows[0].term
    if states == {Stated.STATED}:
        return TermDraft(
            str(Stated.STATED), case, channel, first.value, str(first.unit), str(first.start_rule), published=published
        )
    state = Stated.NONE if states == {Stated.NONE} else Stated.UNCLEAR
    return TermDraft(str(state), case, channel, published=published)


# ---- fees -----------------------------------------------------------------------------------------------------------
def _fees(methods: list[_Method], doubts: list[Doubt]) -> list[FeeDraft]:
    by_channel = {
        channel: list(dict.fromkeys(m.fee for m in rows))
        for channel, rows in _grouped(methods, lambda m: m.channel).items()
    }
    if not by_channel:
        return []
    readings = list(by_channel.values())
    channels = [""] if all(reading == readings[0] for reading in readings) else list(by_channel)
    lines = []
    for position, channel in enumerate(channels, start=1):
        rows = [m for m in methods if channel in ("", m.channel)]
        fees = by_channel[channel or rows[0].channel]
        published = "\n".join(dict.fromkeys(m.note for m in rows if m.note))
        fee = fees[0] if len(fees) == 1 else _several(fees)
        for trouble in fee.troubles:
            doubts.append(Doubt(trouble, "fee", position, published))
        lines.append(FeeDraft(str(fee.state), "", channel, "", fee.amount, fee.per[:60], published=published))
    return lines


def _several(fees: list[rules.FeeReading]) -> rules.FeeReading:
    """Rows of one channel that differ: which applies when is not said, so none is taken."""
    troubles = dict.fromkeys(t for fee in fees for t in fee.troubles if rules.asks(t))
    return rules.FeeReading(FeeState.UNCLEAR, troubles=("fee_several_amounts", *troubles))


# ---- parts ----------------------------------------------------------------------------------------------------------
def _parts(reader: _Reader) -> list[PartDraft]:
    parts = []
    for position, row in enumerate(reader.items("documents"), start=1):
        if not isinstance(row, dict):
            raise Invalid(f"giấy tờ phải là đối tượng, không phải {_type(row)}")
        copies, kind = row.get("copies"), row.get("kind")
        if isinstance(copies, bool) or not isinstance(copies, int) or not -(10**6) < copies < 10**6:
            raise Invalid(f"số bản «{str(copies)[:40]}» phải là số nguyên")
        if kind not in _KINDS:
            raise Invalid(f"loại bản «{str(kind)[:40]}» không có; dùng: {', '.join(_KINDS)}")
        name = reader.text("part", of={"part": row.get("name")}, place="part", needed=False)
        reading = rules.read_part(name, copies, kind)
        for trouble in reading.troubles:
            reader.doubts.append(Doubt(trouble, "part", position, f"{copies} {kind}: {name}"))
        if len(name) >= _CUT_AT["part"] - 2:
            reader.doubts.append(Doubt("text_cut", "part", position, name[-80:]))
        parts.append(
            PartDraft(
                name=reading.name or "(dòng trống)",
                copies=reading.copies,
                kind=str(reading.kind),
                role=str(reading.role),
                required=reading.required,
                condition=reading.condition[:1000],
                form=reading.form,
            )
        )
    return parts
