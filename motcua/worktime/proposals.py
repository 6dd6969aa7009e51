"""The special days of a year to come, as the law of today would have them, for a person to set right. Pure.

A proposal is never confirmed: every year the announcement says which day goes with 2/9, how Tết is laid out and what is
exchanged. Legal source: Bộ luật Lao động 2019, Điều 111 khoản 3 and 112; Nghị quyết 28/2026/QH16 (24/11).
"""

import datetime as dt
from collections.abc import Sequence

from motcua.core import text
from motcua.core.errors import Invalid
from motcua.worktime.calendar import DayKind, SpecialDay, vn_date
from motcua.worktime.lunar import hung_kings_day, lunar_new_year

_LABOUR = "Bộ luật Lao động 2019, Điều 112"
_IN_LIEU = "Bộ luật Lao động 2019, Điều 111 khoản 3"
_CULTURE = "Nghị quyết 28/2026/QH16"
_ONE = dt.timedelta(days=1)
MOST_DAYS = 60


def proposed_year(year: int, resting: Sequence[int] = (5, 6)) -> list[SpecialDay]:
    """The holidays of a year and the days given for those that fall on a weekday of ``resting`` (0 is Monday)."""
    tet, second = lunar_new_year(year), dt.date(year, 9, 2)
    # Whichever neighbour of 2/9 makes the longer rest; else the day before.
    beside = second + _ONE if second.weekday() in (3, 4) else second - _ONE
    named = [
        (dt.date(year, 1, 1), "Tết Dương lịch", _LABOUR),
        *((tet + n * _ONE, "Tết Nguyên đán", _LABOUR) for n in range(-1, 4)),
        (hung_kings_day(year), "Giỗ Tổ Hùng Vương", _LABOUR),
        (dt.date(year, 4, 30), "Ngày Chiến thắng 30/4", _LABOUR),
        (dt.date(year, 5, 1), "Ngày Quốc tế Lao động 1/5", _LABOUR),
        *((day, "Quốc khánh", _LABOUR) for day in sorted((second, beside))),
        (dt.date(year, 11, 24), "Ngày Văn hóa Việt Nam", _CULTURE),
    ]
    days: dict[dt.date, SpecialDay] = {}
    for day, name, basis in named:
        days.setdefault(day, SpecialDay(day, DayKind.HOLIDAY, name, basis, confirmed=False))
    for row in sorted(days.values(), key=lambda each: each.day):
        if row.day.weekday() not in resting:
            continue
        given = row.day + _ONE
        while given in days or given.weekday() in resting:
            given += _ONE
        days[given] = SpecialDay(given, DayKind.COMPENSATORY, f"Nghỉ bù {row.name}", _IN_LIEU, confirmed=False)
    return sorted(days.values(), key=lambda each: each.day)


# ---- as lines a person can change -----------------------------------------------------------------------------------
_WORDS = {"nghi le": DayKind.HOLIDAY, "nghi bu": DayKind.COMPENSATORY}


def as_lines(days: Sequence[SpecialDay]) -> str:
    """One line a day: «03/01/2028; nghỉ bù; Nghỉ bù Tết Dương lịch»."""
    words = {DayKind.HOLIDAY: "nghỉ lễ", DayKind.COMPENSATORY: "nghỉ bù"}
    return "\n".join(f"{row.day:%d/%m/%Y}; {words[row.kind]}; {row.name}" for row in days)


def read_lines(typed: str, *, legal_basis: str, confirmed: bool) -> list[SpecialDay]:
    """The reverse of :func:`as_lines`, with one basis for all. :class:`Invalid` names every line that is wrong."""
    found: dict[dt.date, SpecialDay] = {}
    wrong: list[str] = []
    lines = [(n, line) for n, line in enumerate(typed.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_DAYS:
        raise Invalid(f"Có {len(lines)} dòng, nhiều nhất {MOST_DAYS}.", field="days")
    for number, line in lines:
        parts = [text.clean(part) for part in line.split(";")]
        if len(parts) != 3 or not parts[2]:
            wrong.append(f"dòng {number} phải có ngày; loại; tên")
            continue
        try:
            day = dt.datetime.strptime(parts[0], "%d/%m/%Y").date()  # noqa: DTZ007 - a date, not a moment
        except ValueError:
            wrong.append(f"dòng {number}: «{parts[0][:20]}» không phải ngày dạng 03/01/2028")
            continue
        kind = _WORDS.get(text.fold(parts[1]))
        if kind is None:
            wrong.append(f"dòng {number}: loại phải là «nghỉ lễ» hoặc «nghỉ bù», không phải «{parts[1][:30]}»")
        elif day in found:
            wrong.append(f"dòng {number}: ngày {vn_date(day)} đã có ở dòng trên")
        elif len(parts[2]) > 120:
            wrong.append(f"dòng {number}: tên dài quá 120 ký tự")
        else:
            found[day] = SpecialDay(day, kind, parts[2], legal_basis, confirmed)
    if wrong:
        raise Invalid("; ".join(wrong).capitalize() + ".", field="days", code="lines")
    return sorted(found.values(), key=lambda each: each.day)
