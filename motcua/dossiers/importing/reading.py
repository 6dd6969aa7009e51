"""Reading an .xlsx list: cells to values, each bad row named by its line. No database."""

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from motcua.core.errors import Invalid
from motcua.core.text import clean, fold
from motcua.dossiers.importing.columns import FIELDS

FILE_LIMIT = 50 * 1024 * 1024
UNPACKED_LIMIT = 600 * 1024 * 1024
ROW_LIMIT = 200_000
_DATE = re.compile(
    r"^(?:(?P<h1>\d{1,2})[:h](?P<m1>\d{2})(?::\d{2})?\s*,?\s*(?:ngày\s*)?)?"
    r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"
    r"(?:[\sT]+(?P<h2>\d{1,2})[:h](?P<m2>\d{2})(?::\d{2})?\s*(?P<ap>[AaPp][Mm]|SA|CH)?)?$"
)
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?$")

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
class Value:
    """A date as the list gives it: with its time, or the date alone."""

    day: dt.date
    time: dt.time | None


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


def open_rows(path: Path) -> list[list[Any]]:
    """All rows of the first sheet that has any. Invalid for what is no .xlsx, has macros, or unpacks too large."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Invalid(f"Không mở được tệp {path.name}: {error.strerror}.") from error
    if size > FILE_LIMIT:
        raise Invalid(f"Tệp {path.name} lớn quá {FILE_LIMIT // 1024 // 1024} MB.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Invalid(
            f"Tệp {path.name} không phải tệp Excel .xlsx (tệp .xls cũ: mở ra và lưu lại thành .xlsx)."
        ) from error
    if len(members) > 5000 or sum(m.file_size for m in members) > UNPACKED_LIMIT:
        raise Invalid(f"Tệp {path.name} khi mở ra quá lớn, không đọc.")
    if any(m.flag_bits & 1 for m in members):
        raise Invalid(f"Tệp {path.name} có mật khẩu. Hãy bỏ mật khẩu rồi nhập lại.")
    if any(m.filename.lower().endswith("vbaproject.bin") for m in members):
        raise Invalid(f"Tệp {path.name} có macro, không đọc. Hãy lưu lại thành .xlsx.")
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                if len(rows) > ROW_LIMIT:
                    raise Invalid(f"Tệp có {len(rows):,} dòng, tối đa {ROW_LIMIT:,}.".replace(",", "."))
                return rows
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid(f"Tệp {path.name} bị hỏng hoặc không phải .xlsx: không đọc được.") from error
    raise Invalid(f"Tệp {path.name} không có dòng nào.")


def text(cell: Any) -> str:
    """A cell as one clean line; whole numbers without ".0"; a formula's text is only text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, dt.date):
        return cell.strftime("%d/%m/%Y")
    return clean(str(cell))


def date(cell: Any, what: str) -> Value | None:
    """A date cell, or text as such lists write dates; None when empty; Invalid when it is no date at all."""
    if isinstance(cell, dt.datetime):
        bare = cell.time().replace(second=0, microsecond=0)
        return _sane(Value(cell.date(), bare if cell.time() != dt.time.min else None), what)
    if isinstance(cell, dt.date):
        return _sane(Value(cell, None), what)
    raw = text(cell)
    if not raw or raw in ("-", "--"):
        return None
    found, iso = _DATE.match(raw), _ISO.match(raw)
    try:
        if found:
            day = dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
            hour, minute = found["h1"] or found["h2"], found["m1"] or found["m2"]
            time = None
            if hour is not None:
                number = int(hour) + (12 if (found["ap"] or "").upper() in ("PM", "CH") and int(hour) < 12 else 0)
                time = dt.time(number, int(minute))
            return _sane(Value(day, time), what)
        if iso:
            year, month, d, h, m = iso.groups()
            return _sane(Value(dt.date(int(year), int(month), int(d)), dt.time(int(h), int(m)) if h else None), what)
    except ValueError:
        pass
    raise Invalid(f"{what} «{raw[:40]}» không phải ngày có thật")


def _sane(value: Value, what: str) -> Value:
    if not 2010 <= value.day.year <= 2100:
        raise Invalid(f"{what} {value.day:%d/%m/%Y} ngoài khoảng 2010–2100")
    return value


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
