"""Decisions about published procedures: what a line says for certain, and what a person must look at. Pure.

The rule above all others: a value is taken only where the published text states it whole and nothing beside it says
otherwise. Everything else is kept as text and marked. Nothing is filled in from custom or likelihood.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from motcua.procedures.choices import FeeState, PartKind, PartRole, ResultKind, ServiceLevel, Stated
from motcua.worktime.rules import USUAL_START, TermUnit

# ---- service levels -------------------------------------------------------------------------------------------------
# The four levels of NĐ 43/2011 and what NĐ 42/2022 calls them; both maps are total.
SERVICE_LEVEL_OF_OLD: dict[int, ServiceLevel] = {
    1: ServiceLevel.INFORMATION,
    2: ServiceLevel.INFORMATION,
    3: ServiceLevel.PARTIAL,
    4: ServiceLevel.FULL,
}
OLD_OF_SERVICE_LEVEL: dict[ServiceLevel, int | None] = {
    ServiceLevel.FULL: 4,
    ServiceLevel.PARTIAL: 3,
    ServiceLevel.INFORMATION: 2,
    ServiceLevel.UNKNOWN: None,
}


def service_level(level: int | None) -> ServiceLevel:
    """The present service level for an old "mức độ" 1–4; ``None`` is unknown."""
    return ServiceLevel.UNKNOWN if level is None else SERVICE_LEVEL_OF_OLD[level]


def accepts_online(level: ServiceLevel | str) -> bool:
    """Whether a dossier can be filed online at this level (information only cannot)."""
    return level in (ServiceLevel.FULL, ServiceLevel.PARTIAL)


# ---- troubles -------------------------------------------------------------------------------------------------------
class Trouble(NamedTuple):
    """``asks``: a person must decide before the line can be relied on; else it is only recorded."""

    words: str
    asks: bool


TROUBLES: dict[str, Trouble] = {
    "number_without_unit": Trouble("Thời hạn chỉ có con số, không có đơn vị tính", True),
    "number_glued": Trouble("Con số thời hạn và mức phí dính liền nhau, không tách được", True),
    "zero_term": Trouble("Thời hạn công bố là 0", True),
    "term_out_of_range": Trouble("Thời hạn công bố dài bất thường", True),
    "hours_of_what": Trouble("Thời hạn tính bằng giờ, chưa rõ giờ làm việc hay giờ liên tục", True),
    "term_contradicts_note": Trouble("Thời hạn khác với số ghi trong chính ghi chú của nó", True),
    "unit_contradicts_note": Trouble("Đơn vị tính khác với ghi chú (ngày làm việc hay ngày)", True),
    "term_only_in_note": Trouble("Thời hạn chỉ có trong phần ghi chú bằng chữ", True),
    "term_not_stated": Trouble("Không công bố thời hạn", False),
    "term_missing_for_channel": Trouble("Có hình thức nộp không công bố thời hạn", True),
    "cases_as_channels": Trouble(
        "Nhiều thời hạn theo trường hợp ghi như theo hình thức nộp: cần đặt tên trường hợp", True
    ),
    "no_methods": Trouble("Không công bố cách thức thực hiện", True),
    "free_but_regulated": Trouble("Ghi «Miễn phí» nhưng kèm quy định thu (HĐND, thông tư, mức tiền)", True),
    "fee_amount_odd": Trouble("Mức phí không đáng tin (thiếu số 0 hoặc dính với số khác)", True),
    "fee_in_foreign_currency": Trouble("Phí tính bằng ngoại tệ", True),
    "fee_several_amounts": Trouble("Có nhiều mức phí, chưa rõ áp dụng khi nào", True),
    "fee_dated_change": Trouble("Mức phí có thời gian áp dụng (miễn, giảm đến một ngày)", True),
    "fee_only_in_note": Trouble("Phí, lệ phí chỉ có trong phần ghi chú bằng chữ", True),
    "fee_unreadable": Trouble("Không đọc được mức phí", True),
    "fee_not_stated": Trouble("Không công bố phí, lệ phí", False),
    "part_is_condition": Trouble("Dòng điều kiện, ghi chú nằm trong danh sách giấy tờ", False),
    "part_is_alternative": Trouble("Dòng lựa chọn («hoặc») nằm trong danh sách giấy tờ", False),
    "part_offers_choice": Trouble("Dòng cho chọn một trong nhiều giấy tờ", False),
    "part_empty": Trouble("Dòng không có tên giấy tờ", False),
    "copies_zero": Trouble("Giấy tờ ghi 0 bản", True),
    "copies_out_of_range": Trouble("Số bản bất thường", True),
    "copies_contradict_name": Trouble("Số bản khác với số ghi trong tên giấy tờ", True),
    "kind_contradicts_name": Trouble("Bản chính hay bản sao: số liệu và tên giấy tờ nói khác nhau", True),
    "parts_glued": Trouble("Nhiều giấy tờ dính trong một dòng", True),
    "text_cut": Trouble("Văn bản bị cắt ở nguồn", False),
    "hidden_characters": Trouble("Có ký tự ẩn, đã bỏ", False),
    "not_composed": Trouble("Chữ viết tách dấu, đã ghép lại", False),
    "district_left": Trouble("Còn nhắc cấp huyện (đã bỏ từ 01/7/2025) trong thủ tục cấp xã", True),
    "decision_malformed": Trouble("Số quyết định không đúng mẫu", False),
    "unconfirmed_term": Trouble("Thời hạn chưa được xác nhận theo văn bản", True),
    "unconfirmed_fee": Trouble("Phí, lệ phí chưa được xác nhận theo văn bản", True),
    "fee_by_province": Trouble("Mức thu do HĐND cấp tỉnh hoặc địa phương quy định: cần nhập mức của tỉnh", True),
    "parts_abridged": Trouble("Chỉ ghi giấy tờ chính; cần đối chiếu danh mục công bố", False),
    "unconfirmed_procedure": Trouble("Thủ tục chưa được xác nhận còn hiệu lực hoặc chưa rõ mã", True),
    "kept_over_open_source": Trouble("Nguồn mới chưa rõ; giữ nội dung đang dùng", True),
    "changed_on_both_sides": Trouble("Nguồn thay đổi đúng phần đơn vị đã đính chính; lấy theo nguồn", True),
}


def asks(code: str) -> bool:
    """Whether a trouble makes its version need review."""
    return TROUBLES[code].asks


# ---- terms ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TermReading:
    """What a published term says: a state, the value with its unit where certain, and the troubles found."""

    state: str
    value: Decimal | None = None
    unit: str = ""
    start_rule: str = ""
    troubles: tuple[str, ...] = ()


class Duration(NamedTuple):
    value: int
    unit: str  # working_day | calendar_day | hour | working_hour | month


_UNIT_WORDS = {
    "ngày làm việc": "working_day",
    "ngày": "calendar_day",
    "giờ làm việc": "working_hour",
    "giờ": "hour",
    "tháng": "month",
}
# "05 (năm) ngày làm việc", "30 ngày"; not the day of a date ("ngày 30 tháng 6", "01/7/2025"), not an hour of the clock
# ("sau 15 giờ").
_DURATION = re.compile(
    r"(?<![\d/.,])(\d{1,4})\s*(?:\([^()]{1,25}\)\s*)?"
    r"(ngày làm việc|ngày|giờ làm việc|giờ|tháng)(?!\w)(?!\s*\d{1,2}/)",
    re.IGNORECASE,
)
_DATE_BEFORE = re.compile(r"(ngày|tháng|năm)\s*$", re.IGNORECASE)
_CLOCK_BEFORE = re.compile(r"(sau|trước|lúc|đến|từ|tới)\s*$", re.IGNORECASE)


def durations(text: str) -> list[Duration]:
    """The lengths of time a text mentions, in order; dates and hours of the clock left out."""
    found = []
    for match in _DURATION.finditer(text):
        unit, before = _UNIT_WORDS[match[2].lower()], text[: match.start()]
        if unit in ("month", "calendar_day") and _DATE_BEFORE.search(before):
            continue
        if unit == "hour" and _CLOCK_BEFORE.search(before):
            continue
        found.append(Duration(int(match[1]), unit))
    return found


_NOT_STATED = re.compile(r"^\W*(không có thông tin|không quy định|chưa quy định|không có)\b", re.IGNORECASE)
LONGEST_DAYS = 1000  # the longest term met in a real catalogue is 300 days


def read_term(limit: int | None, unit: str | None, note: str) -> TermReading:
    """What a published (number, unit, note) says. ``unit`` is working_day, calendar_day, hour, month or nothing."""
    mentioned = durations(note)
    if limit is None:
        if mentioned:
            return TermReading(Stated.UNCLEAR, troubles=("term_only_in_note",))
        return TermReading(Stated.NONE, troubles=("term_not_stated",))
    if limit == 0:
        return TermReading(Stated.UNCLEAR, troubles=("zero_term",))
    if not unit:
        return TermReading(Stated.UNCLEAR, troubles=("number_without_unit",))
    if not 0 < limit <= (60 if unit == "month" else LONGEST_DAYS):
        return TermReading(Stated.UNCLEAR, troubles=("term_out_of_range",))
    trouble = _contradiction(Duration(limit, unit), mentioned)
    if unit == "hour":
        said = Duration(limit, "working_hour") in mentioned
        if not said:
            return TermReading(Stated.UNCLEAR, troubles=("hours_of_what",))
        trouble = _contradiction(Duration(limit, "working_hour"), mentioned)
        unit = TermUnit.WORKING_HOUR
    if trouble:
        return TermReading(Stated.UNCLEAR, troubles=(trouble,))
    return TermReading(Stated.STATED, Decimal(limit), TermUnit(unit), USUAL_START[TermUnit(unit)])


def _contradiction(stated: Duration, mentioned: list[Duration]) -> str | None:
    """How a note contradicts the term beside it, if it does.

    A note agrees when it repeats the term and nothing longer, or when its stages in the same unit add up to it.
    """
    if not mentioned:
        return None
    same_unit = [d.value for d in mentioned if d.unit == stated.unit]
    if stated in mentioned:
        longest = max(_days(d) for d in mentioned)
        return None if longest <= _days(stated) else "term_contradicts_note"
    if len(same_unit) == len(mentioned) and sum(same_unit) == stated.value:
        return None
    if any(d.value == stated.value for d in mentioned):
        return "unit_contradicts_note"
    return "term_contradicts_note"


# Only to compare lengths inside one note; never to convert a term.
_ROUGH_DAYS = {
    "working_day": Decimal(7) / 5,
    "calendar_day": Decimal(1),
    "month": Decimal(30),
    "hour": Decimal(1) / 24,
    "working_hour": Decimal(7) / 40,
}


def _days(duration: Duration) -> Decimal:
    return duration.value * _ROUGH_DAYS[duration.unit]


# ---- fees -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FeeReading:
    """What a published fee says; ``amount`` in whole đồng, ``per`` where the text names it."""

    state: str
    amount: int | None = None
    per: str = ""
    troubles: tuple[str, ...] = ()


class Note(NamedTuple):
    """A published note taken apart: what stands before the fee, the fee, its remark in brackets, the rest.

    ``cut``: the source ended the text inside the remark, so that what it went on to say is lost.
    """

    lead: str
    fee: str
    remark: str
    rest: str
    cut: bool = False


_FEE = r"Miễn phí|Không có thông tin|Không quy định|\d[\d.,]* ?(?:Việt Nam Đồng|VNĐ|USD|EUR|JPY)"
_LEAD = re.compile(rf"(Không có thông tin|Không quy định|\d+(?:[.,]\d+)? ?(?:Ngày làm việc|Ngày|Giờ|Tháng))(?={_FEE})")
_FEE_RE = re.compile(_FEE)


def split_note(note: str, *, has_limit: bool) -> Note:
    """Take a published note apart: ``[limit in words]fee[(remark)]rest``, all glued without spaces at the source."""
    lead = ""
    if not has_limit and (match := _LEAD.match(note)):
        lead, note = match[0], note[match.end() :]
    fee = match[0] if (match := _FEE_RE.match(note)) else ""
    rest = note[len(fee) :]
    remark, cut = "", False
    if fee and rest.startswith("("):
        end = _closing(rest)
        cut = end == len(rest)
        remark, rest = rest[1:end], rest[end + 1 :]
    return Note(lead, fee, remark.strip(), rest.strip(), cut)


def _closing(text: str) -> int:
    """The index of the bracket that closes the first one; the end of a text cut before it."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return index
    return len(text)


_EMPTY_REMARK = re.compile(r"^\W*(không( có| thu( phí| lệ phí| phí, lệ phí)?)?|miễn phí)?\W*$", re.IGNORECASE)
_UNREGULATED = re.compile(r"^\W*(không|chưa)( có)? quy định( về phí| phí)?\W*$", re.IGNORECASE)
_MONEY = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d{4,})\s*(?:đồng|đ\b|vnđ|việt nam đồng)?", re.IGNORECASE)
_PER = re.compile(r"^[\d.,]*\s*(?:đồng|đ|vnđ)?\s*/\s*(?:0?1\s+)?([^\d\W][^()/;.,\d\n]{0,40})", re.IGNORECASE)
_DATED = re.compile(r"(đến hết ngày|đến ngày|từ ngày|kể từ|áp dụng (đến|từ)|\bđến \d{1,2}/\d{1,2}/)", re.IGNORECASE)
SMALLEST_FEE = 1000  # below it the source has lost zeros ("100 VNĐ" beside a remark of 100.000 đồng)


_FEE_IN_REST = re.compile(
    r"phí\W[^\n]{0,120}(hội đồng nhân dân|hđnd)|(hội đồng nhân dân|hđnd)[^\n]{0,80}\W(lệ )?phí\b", re.IGNORECASE
)
_MONEY_IN_REST = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d{4,})\s*(?:đồng|đ\b|vnđ|việt nam đồng)", re.IGNORECASE)
_MILLIONS = re.compile(r"(\d{1,4})\s*triệu", re.IGNORECASE)


def read_fee(note: Note) -> FeeReading:
    """What a published fee, the remark in its brackets and the rest of its note say together."""
    fee, remark = note.fee, note.remark
    elsewhere = {_amount(m[1]) for m in _MONEY_IN_REST.finditer(note.rest)}
    regulated = bool(elsewhere or _FEE_IN_REST.search(note.rest))
    if note.cut and not _MONEY.search(_without_references(remark)) and not remark:
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_unreadable",))
    if fee in ("Không có thông tin", "Không quy định") or _UNREGULATED.match(remark):
        if regulated:
            return FeeReading(FeeState.UNCLEAR, troubles=("fee_only_in_note",))
        return FeeReading(FeeState.NONE, troubles=("fee_not_stated",))
    if fee == "Miễn phí":
        if _EMPTY_REMARK.match(remark) and not regulated:
            return FeeReading(FeeState.FREE, 0)
        return FeeReading(FeeState.UNCLEAR, troubles=("free_but_regulated",))
    if not fee:
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_unreadable",))
    return _read_amount(fee, remark, elsewhere, cut=note.cut)


def _read_amount(fee: str, remark: str, elsewhere: set[int | None], *, cut: bool) -> FeeReading:
    number, _, currency = fee.partition(" ")
    if currency not in ("VNĐ", "Việt Nam Đồng"):
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_in_foreign_currency",))
    amount = _amount(number)
    if amount is None or amount < SMALLEST_FEE:
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_amount_odd",))
    if cut:
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_unreadable",))
    if _DATED.search(remark):
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_dated_change",))
    said = {_amount(m[1]) for m in _MONEY.finditer(_without_references(remark))}
    said |= {int(m[1]) * 10**6 for m in _MILLIONS.finditer(remark)}
    # A whole tariff may stand in the remark: one other amount is enough to ask which applies.
    if (said | elsewhere) - {amount}:
        return FeeReading(FeeState.UNCLEAR, troubles=("fee_several_amounts",))
    per = match[1].strip(" -–:") if (match := _PER.match(remark)) else ""
    return FeeReading(FeeState.AMOUNT, amount, per)


_REFERENCE = re.compile(r"\b\d+/\d{4}/[\w-]+|\bngày \d+[/ ]\S+|\bnăm \d{4}|\bđiều \d+|\bkhoản \d+", re.IGNORECASE)


def _without_references(text: str) -> str:
    return _REFERENCE.sub(" ", text)


def _amount(text: str) -> int | None:
    """Whole đồng out of "12,000,000" or "50.000"; ``None`` where the grouping is not one of thousands."""
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+|\d+", text):
        return int(re.sub(r"[.,]", "", text))
    return None


# ---- parts ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PartReading:
    """What a published row of the list of papers is."""

    name: str
    copies: int | None
    kind: str
    role: str = PartRole.DOCUMENT
    required: bool = True
    condition: str = ""
    form: str = ""
    troubles: tuple[str, ...] = ()


MOST_COPIES = 6  # seven and more were a whole list's sum in the published file
_KINDS = {"original": PartKind.ORIGINAL, "copy": PartKind.COPY, "photocopy": PartKind.PHOTOCOPY}
_GLUED = re.compile(r"(\d+) bản (chính|sao)(?= *[\wÀ-ỹ(+*-])")
# One digit: the source glued it on ("Mẫu số 18" + "1 bản chính").
_COPIES_AT_END = re.compile(r"[;.:,\s]*(?:(?<!\d)0)?(\d) bản (chính|sao)[.;\s]*$")
_FORMS = re.compile(r"([^;.:()\n]{1,150}?\.(?:docx?|pdf|xlsx?|rar|zip))\s*$", re.IGNORECASE)
_CONDITION = re.compile(
    r"^\W*(đối với|trường hợp|nếu|khi|lưu ý|ghi chú|chú ý|số lượng hồ sơ|thành phần( hồ sơ)?\W|"
    r"người (có |được )?yêu cầu|người tiếp nhận|cơ quan|việc |các giấy tờ (nêu|trên)|"
    r"không quy định|tổ chức, cá nhân nộp)",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"một trong (các|những|số|hai|ba)|^\s*\W*hoặc\b", re.IGNORECASE | re.MULTILINE)
_COPIES_UNSURE = {"copies_zero", "copies_out_of_range", "copies_contradict_name"}
_ALTERNATIVE = re.compile(r"^\W*hoặc\b", re.IGNORECASE)
_IF_ANY = re.compile(r"\((nếu có|trong trường hợp[^)]{1,200}|đối với trường hợp[^)]{1,200})\)", re.IGNORECASE)
_SHOWN = re.compile(r"^\W*((giấy tờ )?(phải )?xuất trình)\b", re.IGNORECASE)


def read_part(name: str, copies: int, kind: str) -> PartReading:
    """What a published row says: a paper, or a condition, note or alternative that was stored as one."""
    troubles: list[str] = []
    text, form = name.strip(), ""
    read_kind = _KINDS.get(kind, PartKind.ANY)
    said: set[tuple[int, PartKind]] = set()
    while match := _COPIES_AT_END.search(text):
        said.add((int(match[1]), PartKind.ORIGINAL if match[2] == "chính" else PartKind.COPY))
        text = text[: match.start()].strip()
    # "0 bản chính" after a row of copies is only the other column of the source.
    for number, said_kind in sorted(said):
        if number and number != copies:
            troubles.append("copies_contradict_name")
        elif number and said_kind != read_kind:
            troubles.append("kind_contradicts_name")
    while len(form) < 200 and (match := _FORMS.search(text)):
        form, text = "; ".join(filter(None, (match[1].strip(), form))), text[: match.start()].strip()
    if not text:
        text = form
    if _GLUED.search(text):
        troubles.append("parts_glued")
    role = _role(text, copies)
    if role == PartRole.CONDITION:
        troubles.append("part_is_condition" if re.search(r"\w", text) else "part_empty")
    elif role == PartRole.ALTERNATIVE:
        troubles.append("part_is_alternative")
    elif copies == 0:
        troubles.append("copies_zero")
    elif copies > MOST_COPIES or copies < 0:
        troubles.append("copies_out_of_range")
    if role == PartRole.DOCUMENT and _CHOICE.search(text):
        troubles.append("part_offers_choice")
    sure = role in (PartRole.DOCUMENT, PartRole.SHOWN) and not _COPIES_UNSURE & set(troubles)
    condition = match[1] if (match := _IF_ANY.search(text)) else ""
    return PartReading(
        name=text,
        copies=copies if sure else None,
        kind=read_kind if sure and "kind_contradicts_name" not in troubles else PartKind.ANY,
        role=role,
        required=role in (PartRole.DOCUMENT, PartRole.SHOWN) and not condition,
        condition=condition,
        form=form[:300],
        troubles=tuple(dict.fromkeys(troubles)),
    )


def _role(text: str, copies: int) -> str:
    if not re.search(r"\w", text) or re.fullmatch(r"\W*nếu có\W*", text, re.IGNORECASE):
        return PartRole.CONDITION
    if _ALTERNATIVE.match(text):
        return PartRole.ALTERNATIVE
    if _SHOWN.match(text):
        return PartRole.SHOWN if not text.endswith(":") else PartRole.CONDITION
    # A heading that announces a list, or a clause with no paper of its own counted beside it.
    if text.endswith(":") or (copies == 0 and _CONDITION.match(text)):
        return PartRole.CONDITION
    if re.match(
        r"^\W*(lưu ý|ghi chú|chú ý|số lượng hồ sơ|thành phần hồ sơ\W*(không quy định)?\W*$)", text, re.IGNORECASE
    ):
        return PartRole.CONDITION
    return PartRole.DOCUMENT


# ---- results --------------------------------------------------------------------------------------------------------
# First match wins: "Quyết định … cấp Giấy phép" is a decision.
_RESULT_WORDS: tuple[tuple[str, ResultKind], ...] = (
    (r"quyết định", ResultKind.DECISION),
    (r"bản sao|trích lục|giấy khai sinh", ResultKind.EXTRACT),
    (r"chứng thực", ResultKind.CERTIFIED),
    (r"giấy phép|cấp phép", ResultKind.LICENCE),
    (r"thẻ|biển số", ResultKind.CARD),
    (r"giấy chứng nhận|chứng chỉ|bằng|chứng nhận", ResultKind.CERTIFICATE),
    (r"giấy xác nhận|xác nhận", ResultKind.CONFIRMATION),
    (r"cập nhật|biên bản", ResultKind.RECORD),
    (r"thông báo|văn bản|công văn|trả lời|tờ trình", ResultKind.NOTICE),
)


def result_kind(name: str) -> ResultKind:
    """The kind of a result by the first words of its name that say one."""
    folded = name.casefold()
    places = [(match.start(), kind) for words, kind in _RESULT_WORDS if (match := re.search(words, folded))]
    return min(places, key=lambda place: place[0])[1] if places else ResultKind.OTHER
