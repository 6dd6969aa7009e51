"""The published catalogue as a file: read whole, with limits, before anything is written. No database here.

A wrong line is named with its number and what is wrong; nothing of a file with wrong lines is used.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from motcua.core.errors import Invalid
from motcua.procedures.published import Record, read_record

LONGEST_LINE = 1_000_000  # bytes; the longest record met has 29,196
MOST_BYTES = 200_000_000  # unpacked; the catalogue of 2,642 procedures has 15 million
MOST_RECORDS = 50_000
_ERRORS_SHOWN = 10

Progress = Callable[[int], object]


def read_catalogue(path: Path, progress: Progress | None = None) -> list[Record]:
    """All records of a ``.jsonl`` or ``.jsonl.gz`` file. Raises :class:`Invalid` naming every wrong line (ten at most).

    ``progress`` is called with the number of bytes of the file used up since the last call.
    """
    records: list[Record] = []
    lines_of: dict[str, int] = {}
    wrong: list[str] = []
    for number, line in _lines(path, progress):
        try:
            record = read_record(_json(line))
            if record.code in lines_of:
                raise Invalid(f"mã {record.code} đã có ở dòng {lines_of[record.code]}")
        except Invalid as error:
            wrong.append(f"dòng {number}: {error.message}")
            if len(wrong) > _ERRORS_SHOWN:
                break
            continue
        lines_of[record.code] = number
        records.append(record)
        if len(records) > MOST_RECORDS:
            raise Invalid(f"Tệp {path.name} có quá {MOST_RECORDS} thủ tục; chưa nạp gì.", field="file")
    if wrong:
        more = "; còn nữa" if len(wrong) > _ERRORS_SHOWN else ""
        raise Invalid(
            f"Tệp {path.name} có dòng sai, chưa nạp gì: {'; '.join(wrong[:_ERRORS_SHOWN])}{more}.", field="file"
        )
    if not records:
        raise Invalid(f"Tệp {path.name} không có thủ tục nào.", field="file")
    return records


def _json(line: bytes) -> Any:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"không phải chữ UTF-8 (byte thứ {error.start + 1})") from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except RecursionError:
        raise Invalid("JSON lồng nhau quá sâu") from None
    except ValueError as error:
        where = f" (ký tự thứ {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
        raise Invalid(f"không phải JSON{where}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise Invalid(f"trường «{twice[:40]}» ghi hai lần")
    return found


def _refuse_constant(name: str) -> Any:
    raise Invalid(f"«{name}» không phải giá trị JSON")


def _lines(path: Path, progress: Progress | None) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that are not blank; limits on a line and on the whole hold before anything is kept."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            source: gzip.GzipFile | io.BufferedReader = gzip.GzipFile(fileobj=raw) if packed else raw
            used = total = number = 0
            while line := source.readline(LONGEST_LINE + 1):
                number += 1
                total += len(line)
                if len(line) > LONGEST_LINE:
                    raise Invalid(
                        f"Tệp {path.name}, dòng {number}: dài quá {LONGEST_LINE} byte; chưa nạp gì.", field="file"
                    )
                if total > MOST_BYTES:
                    raise Invalid(f"Tệp {path.name} mở ra lớn quá {MOST_BYTES // 10**6} MB; chưa nạp gì.", field="file")
                if progress is not None and raw.tell() != used:
                    progress(raw.tell() - used)
                    used = raw.tell()
                if line.strip():
                    yield number, line
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise Invalid(f"Tệp {path.name} nén hỏng hoặc bị cắt; chưa nạp gì.", field="file") from None
    except OSError as error:
        raise Invalid(f"Không đọc được tệp {path}: {error.strerror or error}.", field="file") from None
