"""Whether content entered by people can stand in the books, and what settling a doubt makes of a draft. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import CharField

from motcua.core import text
from motcua.core.errors import Invalid
from motcua.procedures import rules
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
from motcua.procedures.drafts import Doubt, Draft, FeeDraft, PartDraft, TermDraft, section_of, term_of
from motcua.procedures.models import FeeLine, Part, ProcedureVersion, TermLine
from motcua.worktime.rules import USUAL_START, StartRule, TermUnit

LINES = {"term": "terms", "fee": "fees", "part": "parts"}


def settle_line(draft: Draft, place: str, position: int | None, value: Mapping[str, Any]) -> Draft:
    """The draft with one line replaced by what a person confirmed, and without the doubts about that line."""
    name = LINES[place]
    lines = list(getattr(draft, name))
    if position is None or not 1 <= position <= len(lines):
        raise Invalid(f"Không có dòng số {position} (có {len(lines)} dòng).", field="position")
    change = dict(value)
    if place == "term":
        change = {**_term_change(change), "confirmed": True}
    elif place == "fee":
        change = {**_fee_change(change), "confirmed": True}
    try:
        lines[position - 1] = replace(lines[position - 1], **change)
    except TypeError:
        raise Invalid(f"Có trường không thuộc dòng này: {', '.join(sorted(change))}.", field="value") from None
    # Doubts about the whole list (no line named) go when every line of it is settled.
    open_lines = any(d.place == place and d.position not in (position, None) for d in draft.doubts) or any(
        not getattr(line, "confirmed", True) for line in lines
    )
    gone = {position} if open_lines else {position, None}
    doubts = tuple(d for d in draft.doubts if d.place != place or d.position not in gone)
    return with_lines(draft, name, lines, doubts)


def still_open(draft: Draft, changes: Mapping[str, Any]) -> tuple[Doubt, ...]:
    """The doubts that outlast a change: those of what stays, and those of a line of which only the promise changes.

    A cut term promises less than the law allows; it does not tell what the law's own term is.
    """
    return tuple(d for d in draft.doubts if section_of(d) not in changes or _outlasts(d, draft, changes))


def _outlasts(doubt: Doubt, draft: Draft, changes: Mapping[str, Any]) -> bool:
    name = section_of(doubt)
    if name not in LINES.values():
        return False
    old, new = ([_without_promise(line) for line in lines] for lines in (getattr(draft, name), changes[name]))
    if doubt.position is None:
        return old == new
    at = slice(doubt.position - 1, doubt.position)
    return bool(old[at]) and old[at] == new[at]


def _without_promise(line: Any) -> Any:
    return replace(line, promised_value=None, promised_unit="") if isinstance(line, TermDraft) else line


def with_lines(draft: Draft, name: str, lines: Sequence[Any], doubts: tuple[Doubt, ...]) -> Draft:
    """The draft with one of its lists ("terms", "fees", "parts") and its doubts replaced."""
    changes: dict[str, Any] = {name: tuple(lines), "doubts": doubts}
    return replace(draft, **changes)


def _term_change(value: Mapping[str, Any]) -> dict[str, Any]:
    change = dict(value)
    if "value" in change:
        change["value"] = _decimal(change["value"])
        change.setdefault("state", str(Stated.STATED))
        change.setdefault("start_rule", str(USUAL_START[_unit(change.get("unit"))]))
    if change.get("promised_value") is not None:
        change["promised_value"] = _decimal(change["promised_value"])
    if change.get("state") in (Stated.NONE, Stated.UNCLEAR):
        change |= {"value": None, "unit": "", "start_rule": "", "promised_value": None, "promised_unit": ""}
    return change


def _fee_change(value: Mapping[str, Any]) -> dict[str, Any]:
    change = dict(value)
    if "amount" in change and "state" not in change:
        change["state"] = str(FeeState.FREE if change["amount"] == 0 else FeeState.AMOUNT)
    if change.get("state") == FeeState.FREE:
        change["amount"] = 0
    elif change.get("state") in (FeeState.NONE, FeeState.UNCLEAR):
        change["amount"] = None
    return change


def _decimal(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise Invalid(f"«{str(value)[:20]}» không phải là số.", field="value") from None
    if not found.is_finite():
        raise Invalid("Thời hạn phải là một số hữu hạn.", field="value")
    return found


def _unit(value: Any) -> TermUnit:
    try:
        return TermUnit(value)
    except ValueError:
        raise Invalid("Thời hạn phải có đơn vị tính.", field="unit") from None


def tupled(value: Any) -> Any:
    """Lists from forms and JSON as drafts hold them."""
    return tuple(value) if isinstance(value, (list, tuple)) else value


# ---- checks on content entered by people ----------------------------------------------------------------------------
def checked(draft: Draft) -> Draft:
    """The draft, cleaned, if every value in it is one the books can hold; else :class:`Invalid` in words."""
    head = draft.head
    if not text.clean(head.name):
        raise Invalid("Thủ tục phải có tên.", field="name")
    if not text.clean(head.field):
        raise Invalid("Thủ tục phải có lĩnh vực.", field="field")
    among("levels", head.levels, Level)
    among("service_level", [head.service_level], ServiceLevel)
    among("result_kind", [head.result_kind], ResultKind)
    if head.old_level is not None and head.old_level not in rules.SERVICE_LEVEL_OF_OLD:
        raise Invalid("Mức độ cũ là 1, 2, 3 hoặc 4.", field="old_level")
    if (head.effect == Effect.KNOWN) != (head.effect_date is not None):
        raise Invalid("Có ngày hiệu lực thì ghi ngày; chưa rõ thì chọn «Chưa rõ ngày hiệu lực».", field="effect_date")
    _check_lengths(draft)
    seen: set[tuple[str, str]] = set()
    for term in draft.terms:
        _check_term(term)
        if (term.case, term.channel) in seen:
            raise Invalid("Hai dòng thời hạn cùng trường hợp và hình thức nộp.", field="terms")
        seen.add((term.case, term.channel))
    for fee in draft.fees:
        _check_fee(fee)
    for part in draft.parts:
        _check_part(part)
    return replace(draft, head=replace(head, name=text.clean(head.name), field=text.clean(head.field)))


def _check_lengths(draft: Draft) -> None:
    """No text longer than its column: PostgreSQL would refuse it in words nobody understands."""
    for model, lines in (
        (ProcedureVersion, [draft.head]),
        (TermLine, draft.terms),
        (FeeLine, draft.fees),
        (Part, draft.parts),
    ):
        columns = {f.name: f for f in model._meta.fields if isinstance(f, CharField)}
        for line in lines:
            for name, value in asdict(line).items():
                column = columns.get(name)
                if isinstance(value, str) and column is not None and len(value) > (column.max_length or len(value)):
                    raise Invalid(
                        f"«{column.verbose_name}» dài {len(value)} ký tự, nhiều nhất {column.max_length}.", field=name
                    )
    for case in draft.cases:
        if len(case) > 500:
            raise Invalid(f"Tên trường hợp dài {len(case)} ký tự, nhiều nhất 500.", field="case")


def among(name: str, values: Iterable[str], kinds: Any) -> None:
    for value in values:
        if value not in kinds.values:
            raise Invalid(f"«{value}» không có trong danh sách: {', '.join(kinds.labels)}.", field=name)


def _check_term(term: TermDraft) -> None:
    among("terms", [term.state], Stated)
    if (term.state == Stated.STATED) != (term.value is not None):
        raise Invalid("Dòng thời hạn «có quy định» phải có số; dòng khác phải để trống.", field="terms")
    if term.value is not None:
        among("terms", [term.unit], TermUnit)
        among("terms", [term.start_rule], StartRule)
    regulation = term_of(term.value, term.unit, term.start_rule)
    if term.promised_value is None:
        return
    if regulation is None:
        raise Invalid("Có thời hạn theo quy định mới có thời hạn cắt giảm.", field="terms")
    among("terms", [term.promised_unit], TermUnit)
    cut = term_of(term.promised_value, term.promised_unit, str(USUAL_START[TermUnit(term.promised_unit)]))
    if cut is not None and cut.unit == regulation.unit and cut.value > regulation.value:
        raise Invalid("Thời hạn cắt giảm không được dài hơn thời hạn theo quy định.", field="terms")


def _check_fee(fee: FeeDraft) -> None:
    among("fees", [fee.state], FeeState)
    if fee.amount is not None and (isinstance(fee.amount, bool) or not isinstance(fee.amount, int)):
        raise Invalid("Mức phí là số đồng nguyên.", field="fees")
    right = {
        FeeState.AMOUNT: fee.amount is not None and 0 < fee.amount < 10**12,
        FeeState.FREE: fee.amount == 0,
        FeeState.NONE: fee.amount is None,
        FeeState.UNCLEAR: fee.amount is None,
    }
    if not right[FeeState(fee.state)] or fee.from_quantity < 1:
        raise Invalid("Mức phí không khớp với tình trạng của dòng phí.", field="fees")


def _check_part(part: PartDraft) -> None:
    among("parts", [part.kind], PartKind)
    among("parts", [part.role], PartRole)
    if not part.name.strip():
        raise Invalid("Giấy tờ phải có tên.", field="parts")
    if part.copies is not None and not 1 <= part.copies <= 100:
        raise Invalid("Số bản phải từ 1 đến 100.", field="parts")
