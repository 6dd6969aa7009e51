"""Rows of a list of dossiers: cells to values, each bad row named by its line. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motcua.core.errors import Invalid
from motcua.core.text import fold
from motcua.dossiers.importing.columns import FIELDS
from motcua.papers.spreadsheet import Value, date, open_rows, text

CHANNELS: dict[str, str] = {
    "truc tuyen": "online",
    "online": "online",
    "qua mang": "online",
    "dvc truc tuyen": "online",
    "cong dich vu cong": "online",
    "truc tiep": "direct",
    "mot cua": "direct",
    "tai quay": "direct",
    "buu chinh": "post",
    "bcci": "post",
    "buu dien": "post",
    "nop ho": "online_assisted",
}
ENDS: dict[str, str] = {
    # folded words of a status → our outcome
    "da tra ket qua": "granted",
    "da xu ly xong": "granted",
    "hoan thanh": "granted",
    "da co ket qua": "granted",
    "da giai quyet": "granted",
    "da hoan thanh": "granted",
    "cho tra ket qua": "granted",
    "tu choi giai quyet": "refused",
    "tra lai": "returned",
    "khong du dieu kien": "returned",
    "rut ho so": "withdrawn",
    "cong dan rut": "withdrawn",
    "xin rut": "withdrawn",
    "dung xu ly": "stopped",
    "dung giai quyet": "stopped",
    "huy": "stopped",
}
CLASSES = {
    "truoc han": "early",
    "som han": "early",
    "dung han": "on_time",
    "qua han": "late",
    "tre han": "late",
    "tre hen": "late",
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """One good row of a list."""

    line: int
    code: str
    received: Value
    due: Value
    ended: Value | None
    handed_over: Value | None
    procedure_code: str
    procedure_name: str
    field: str
    applicant: str
    id_number: str
    phone: str
    address: str
    channel: str
    status: str
    outcome: str
    time_class: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row left out, and why."""

    line: int
    code: str
    why: str


def _among(words: Mapping[str, str], raw: str) -> str:
    folded = fold(raw)
    return next((value for word, value in words.items() if word in folded), "")


def read_row(line: int, cells: Sequence[Any], columns: Mapping[str, int]) -> ListRow | BadRow | None:
    """One row; None when it is empty (or a total line without code and dates)."""

    def cell(field: str) -> Any:
        at = columns.get(field)
        return cells[at] if at is not None and at < len(cells) else None

    code = text(cell("code"))
    if not any(text(c) for c in cells):
        return None
    if not code and not text(cell("received")):
        return None
    try:
        if not code:
            raise Invalid("không có mã hồ sơ")
        if len(code) > 60:
            raise Invalid("mã hồ sơ dài quá 60 ký tự")
        received = date(cell("received"), "ngày tiếp nhận")
        due = date(cell("due"), "ngày hẹn trả")
        ended = date(cell("ended"), "ngày kết thúc")
        handed = date(cell("handed_over"), "ngày trả")
        if received is None:
            raise Invalid("không có ngày tiếp nhận")
        if due is None:
            raise Invalid("không có ngày hẹn trả")
        status = text(cell("status"))[:120]
        outcome = _among(ENDS, status)
        if ended is None and handed is not None:
            # Lists without a column for the end: what is handed over had ended by then.
            ended = handed
        if ended is None and outcome:
            raise Invalid(f"trạng thái «{status}» nhưng không có ngày kết thúc")
        for later, what in ((due, "ngày hẹn trả"), (ended, "ngày kết thúc")):
            if later is not None and later.day < received.day:
                raise Invalid(f"{what} {later.day:%d/%m/%Y} trước ngày tiếp nhận {received.day:%d/%m/%Y}")
        if handed is not None and ended is not None and handed.day < ended.day:
            raise Invalid(f"ngày trả {handed.day:%d/%m/%Y} trước ngày kết thúc {ended.day:%d/%m/%Y}")
    except Invalid as error:
        return BadRow(line, code, str(error))
    return ListRow(
        line=line,
        code=code,
        received=received,
        due=due,
        ended=ended,
        handed_over=handed,
        procedure_code=text(cell("procedure_code"))[:40],
        procedure_name=text(cell("procedure_name"))[:1000],
        field=text(cell("field"))[:150],
        applicant=text(cell("applicant"))[:250],
        id_number=text(cell("id_number"))[:30],
        phone=text(cell("phone"))[:20],
        address=text(cell("address"))[:300],
        channel=_among(CHANNELS, text(cell("channel"))) or "direct",
        status=status,
        outcome=outcome or ("granted" if ended else ""),
        time_class=_among(CLASSES, text(cell("time_class"))) or (_among(CLASSES, status) if ended else ""),
        unit=text(cell("unit"))[:200],
        note=text(cell("note"))[:1000],
    )


__all__ = ["FIELDS", "BadRow", "ListRow", "Value", "date", "open_rows", "read_row", "text"]
