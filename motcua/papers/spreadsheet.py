"""Reading .xlsx lists that people send: cells to values, nothing of the file run or followed. No database.

Formulas, links and names of a workbook are never looked at: only the values it was last saved with are read.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from motcua.core.errors import Invalid
from motcua.core.text import clean

FILE_LIMIT = 50 * 1024 * 1024
UNPACKED_LIMIT = 600 * 1024 * 1024
ROW_LIMIT = 200_000
# A sheet is laid out whole before it is read, so one cell in the farthest corner would ask for all the memory there is.
CELL_LIMIT = 20_000_000
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_DATE = re.compile(
    r"^(?:(?P<h1>\d{1,2})[:h](?P<m1>\d{2})(?::\d{2})?\s*,?\s*(?:ngày\s*)?)?"
    r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"
    r"(?:[\sT]+(?P<h2>\d{1,2})[:h](?P<m2>\d{2})(?::\d{2})?\s*(?P<ap>[AaPp][Mm]|SA|CH)?)?$"
)
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?$")


@dataclass(frozen=True, slots=True)
class Value:
    """A date as the list gives it: with its time, or the date alone."""

    day: dt.date
    time: dt.time | None


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
            _refuse_hostile(archive, path.name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Invalid(
            f"Tệp {path.name} không phải tệp Excel .xlsx (tệp .xls cũ: mở ra và lưu lại thành .xlsx)."
        ) from error
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


def _refuse_hostile(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what would run, hide or swell: macros, a password, too much content, cells too far apart."""
    members = archive.infolist()
    if len(members) > 5000 or sum(m.file_size for m in members) > UNPACKED_LIMIT:
        raise Invalid(f"Tệp {name} khi mở ra quá lớn, không đọc.")
    if any(m.flag_bits & 1 for m in members):
        raise Invalid(f"Tệp {name} có mật khẩu. Hãy bỏ mật khẩu rồi nhập lại.")
    if any(m.filename.lower().endswith("vbaproject.bin") for m in members):
        raise Invalid(f"Tệp {name} có macro, không đọc. Hãy lưu lại thành .xlsx.")
    for member in members:
        # Read through to the end: a member longer than its head declares fails its checksum here, and not in memory.
        with archive.open(member) as content:
            chunks = iter(partial(content.read, 1 << 20), b"")
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename.lower()):
                rows, columns = _extent(chunks)
                if rows * columns > CELL_LIMIT:
                    raise Invalid(
                        f"Tệp {name} có ô nằm quá xa (dòng {rows}, cột {columns}). Hãy chép danh sách sang tệp mới."
                    )
            else:
                for _ in chunks:
                    pass


def _extent(chunks: Iterable[bytes]) -> tuple[int, int]:
    """The farthest row and column a sheet's cells name."""
    tail, rows, columns = b"", 0, 0
    seen: set[bytes] = set()
    for chunk in chunks:
        text = tail + chunk
        for found in _REFERENCE.finditer(text):
            rows = max(rows, int(found[2]))
            seen.add(found[1].upper())
        tail = text[-20:]
    for letters in seen:
        number = 0
        for letter in letters:
            number = number * 26 + letter - 64
        columns = max(columns, number)
    return rows, columns


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
