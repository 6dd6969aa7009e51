"""What a procedure says, as pages show it: terms, fees and doubts in words, and whether it can be received.

Everything here reads drafts and rows already loaded; nothing queries.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from motcua.core import clock
from motcua.ledger.models import Channel
from motcua.procedures import drafts, queries, rules
from motcua.procedures.choices import FeeState, Stated
from motcua.procedures.drafts import Doubt, Draft, FeeDraft, TermDraft, term_words
from motcua.procedures.models import Adoption, ProcedureVersion, Process, TermLine
from motcua.worktime.rules import StartRule, Term


def promised_words(lines: Sequence[TermLine | TermDraft]) -> tuple[str, int]:
    """The promised term that holds where nothing special is said, in words, and how many other ones there are."""
    said = [
        (
            not (line.case or line.channel),
            term_words(line.promised_value, line.promised_unit) or term_words(line.value, line.unit),
        )
        for line in lines
        if line.value is not None
    ]
    if not said:
        open_lines = any(line.state == Stated.UNCLEAR for line in lines)
        return ("chưa rõ" if open_lines else "không quy định" if lines else "không công bố"), 0
    first = next((words for general, words in said if general), said[0][1])
    return first, len({words for _, words in said} - {first})


@dataclass(frozen=True)
class TermRow:
    """A line of terms as the page shows it."""

    position: int
    line: TermDraft
    where: str
    regulation: str
    promised: str
    start: str
    state: str
    badge: str
    word: str
    doubts: list[str]


@dataclass(frozen=True)
class FeeRow:
    """A line of fees as the page shows it."""

    position: int
    line: FeeDraft
    where: str
    amount: str
    badge: str
    word: str
    doubts: list[str]


@dataclass(frozen=True)
class DoubtRow:
    """A doubt in words, with where it stands, what was published there, and where it is settled ("" nowhere)."""

    words: str
    where: str
    published: str
    place: str
    position: int


@dataclass(frozen=True)
class VersionRow:
    """A version in the history: what it changed against the one before it."""

    version: ProcedureVersion
    changes: list[str]
    state: str
    word: str


PLACES = {"term": "Thời hạn", "fee": "Phí, lệ phí", "part": "Thành phần hồ sơ", "steps_text": "Trình tự"}
_UNCONFIRMED = "Chưa xác nhận, vẫn dùng được"


def place_words(place: str) -> str:
    """What part of a procedure a doubt is about."""
    words = PLACES.get(place) or drafts.FIELD_WORDS.get(place, place)
    return words[:1].upper() + words[1:]


def where_of(case: str, channel: str) -> str:
    """For which dossiers a line holds, in words."""
    return ", ".join(filter(None, (case, Channel(channel).label if channel else ""))) or "Mọi trường hợp"


def term_rows(draft: Draft) -> list[TermRow]:
    """The terms of a version, each with how far it can be relied on. A stated one may be promised, confirmed or not."""
    rows = []
    for position, line in enumerate(draft.terms, start=1):
        badge, word = {
            Stated.STATED: ("in_time", "Đã xác nhận") if line.confirmed else ("due_soon", _UNCONFIRMED),
            Stated.NONE: (
                ("in_time", "Đã xác nhận, tiếp nhận không hẹn ngày")
                if line.confirmed
                else ("waiting", "Không quy định, cần xác nhận để tiếp nhận")
            ),
            Stated.UNCLEAR: ("waiting", "Chưa rõ, chưa tiếp nhận được"),
        }[Stated(line.state)]
        rows.append(
            TermRow(
                position=position,
                line=line,
                where=where_of(line.case, line.channel),
                regulation=term_words(line.value, line.unit),
                promised=term_words(line.promised_value, line.promised_unit),
                start=StartRule(line.start_rule).label if line.start_rule else "",
                state=Stated(line.state).label,
                badge=badge,
                word=word,
                doubts=_words_of(draft, "term", position),
            )
        )
    return rows


def fee_rows(draft: Draft) -> list[FeeRow]:
    """The fees of a version, each with how far it can be relied on."""
    rows = []
    for position, line in enumerate(draft.fees, start=1):
        if line.state in (FeeState.AMOUNT, FeeState.FREE):
            badge, word = ("in_time", "Đã xác nhận") if line.confirmed else ("due_soon", "Chưa xác nhận")
        else:
            badge, word = "waiting", FeeState(line.state).label
        says = drafts.fee_line(FeeDraft(line.state, amount=line.amount, per=line.per, from_quantity=line.from_quantity))
        where = where_of(line.case, line.channel)
        rows.append(
            FeeRow(
                position=position,
                line=line,
                where=f"{where}, {line.exempt_group}" if line.exempt_group else where,
                amount=says[:1].upper() + says[1:],
                badge=badge,
                word=word,
                doubts=_words_of(draft, "fee", position),
            )
        )
    return rows


def _words_of(draft: Draft, place: str, position: int) -> list[str]:
    return [rules.TROUBLES[d.code].words for d in draft.doubts if d.place == place and d.position == position]


def doubt_rows(draft: Draft) -> tuple[list[DoubtRow], list[DoubtRow]]:
    """The doubts a person must settle, and those only recorded."""
    asking: list[DoubtRow] = []
    noted: list[DoubtRow] = []
    for doubt in draft.doubts:
        place, position = settled_at(draft, doubt)
        where = place_words(doubt.place)
        row = DoubtRow(
            words=rules.TROUBLES[doubt.code].words,
            where=where + (f", dòng {doubt.position}" if doubt.position else ""),
            published=doubt.published,
            place=place,
            position=position,
        )
        (asking if rules.asks(doubt.code) else noted).append(row)
    return asking, noted


def settled_at(draft: Draft, doubt: Doubt) -> tuple[str, int]:
    """Where a doubt is settled: its line; for one about a whole list the first line of it that nobody confirmed."""
    lines: Sequence[Any] = {"term": draft.terms, "fee": draft.fees, "part": draft.parts}.get(doubt.place, ())
    if doubt.position is not None or not lines:
        return doubt.place, doubt.position or 0
    return doubt.place, next((i for i, line in enumerate(lines, 1) if not getattr(line, "confirmed", False)), 1)


def version_rows(rows: Sequence[ProcedureVersion], contents: dict[int, Draft], current: int) -> list[VersionRow]:
    """The versions, newest first, each with what it says otherwise than the one numbered before it."""
    by_number = {version.number: version for version in rows}
    found, today = [], clock.today()
    for version in rows:
        before = by_number.get(version.number - 1)
        changes = drafts.differences(contents[before.pk], contents[version.pk]) if before else []
        if before and not changes:
            gone = len(contents[before.pk].doubts) - len(contents[version.pk].doubts)
            changes = [f"xác nhận nội dung, bớt {gone} điểm cần xem"] if gone > 0 else ["xác nhận nội dung"]
        if version.pk == current:
            state, word = "open", "Đang dùng"
        elif version.valid_from > today:
            state, word = "future", "Chưa đến ngày"
        else:
            state, word = "ended", "Không dùng nữa"
        found.append(VersionRow(version, changes, state, word))
    return found


def verdict(version: ProcedureVersion, draft: Draft, now: Adoption | None, day: dt.date) -> tuple[str, str, str]:
    """Whether a dossier can be accepted today: a badge, its word and why not (or with what reserve)."""
    if version.abolished:
        return "ended", "Đã bãi bỏ", f"Thủ tục bãi bỏ từ {version.valid_from:%d/%m/%Y}."
    if version.valid_to is not None and version.valid_to < day:
        return "ended", "Hết dùng", f"Danh mục chỉ dùng phiên bản này đến hết {version.valid_to:%d/%m/%Y}."
    if now is None:
        return "future", "Chưa áp dụng", "Đơn vị chưa áp dụng thủ tục này hôm nay nên chưa tiếp nhận được hồ sơ."
    if version.valid_from > day:
        return "future", "Chưa đến ngày", f"Danh mục chỉ có thủ tục này từ {version.valid_from:%d/%m/%Y}."
    if not queries.receivable(draft.terms):
        return "waiting", "Chưa tiếp nhận được", "Chưa rõ thời hạn giải quyết; cần rà soát theo văn bản trước."
    unclear = [
        where_of(line.case, line.channel)
        for line in draft.terms
        if line.value is None and not queries.set_nowhere(line)
    ]
    if unclear:
        return "due_soon", "Tiếp nhận được một phần", f"Chưa rõ thời hạn nên chưa tiếp nhận được: {'; '.join(unclear)}."
    if any(not line.confirmed for line in draft.terms):
        return (
            "in_time",
            "Tiếp nhận được",
            "Thời hạn chưa ai xác nhận theo văn bản; phiếu hẹn vẫn tính theo thời hạn này.",
        )
    if any(queries.set_nowhere(line) for line in draft.terms):
        return (
            "in_time",
            "Tiếp nhận được",
            "Văn bản không quy định thời hạn: không hẹn ngày, không tính quá hạn.",
        )
    return "in_time", "Tiếp nhận được", ""


def promised_terms(draft: Draft) -> list[Term]:
    """Each different term a version promises, in order of its lines."""
    promised = [cut or regulation for regulation, cut in map(queries.terms_of, draft.terms)]
    return list(dict.fromkeys(term for term in promised if term is not None))


def process_warnings(process: Process, draft: Draft) -> list[str]:
    """What to look at in a process beside each term the version promises. No SQL where its steps are loaded."""
    found = [line for term in promised_terms(draft) for line in queries.process_warnings(process, term)]
    return list(dict.fromkeys(found or queries.process_warnings(process, None)))
