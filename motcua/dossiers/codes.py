"""Dossier codes: agency, date of receipt, order of the day. Once given, never given again.

TT 01/2018/TT-VPCP Đ19 writes the agency by QCVN 102 (000.25.11.H59), the two-tier practice by QĐ 20/2020 (H61.25.11):
the pattern is the same, the agency code of the unit differs.
"""

import datetime as dt
import re

from motcua.core.series import next_number
from motcua.org.models import Unit

# By RuleSet.dossier_code_pattern. Past 9,999 the serial simply grows.
PATTERNS = {"2018": "{agency}-{day:%y%m%d}-{n:04d}", "2025": "{agency}-{day:%y%m%d}-{n:04d}"}
_CODE = re.compile(r"^(?P<agency>.+)-(?P<day>\d{6})-(?P<serial>\d{4,7})$")


def agency_of(unit: Unit) -> str:
    """The unit's identifier in codes: its e-identifier, else its short or administrative code."""
    return unit.agency_code or unit.short_code or unit.code


def series_of(unit: Unit) -> str:
    """The name of the unit's series of dossier codes."""
    return f"dossier:{agency_of(unit)}"


def filing_series_of(unit: Unit) -> str:
    """The name of the unit's series of filing codes."""
    return f"filing:{agency_of(unit)}"


def written(unit: Unit, day: dt.date, pattern: str, number: int) -> str:
    """The dossier code with this number. Pure."""
    return PATTERNS[pattern].format(agency=agency_of(unit), day=day, n=number)


def filing_written(unit: Unit, day: dt.date, number: int) -> str:
    """The code of a filing with this number: it is no dossier code and cannot be taken for one. Pure."""
    return f"NOP.{agency_of(unit)}-{day:%y%m%d}-{number:04d}"


def parse_filing(code: str) -> tuple[str, dt.date, int] | None:
    """(agency, day, serial) of a filing's code; None for anything else."""
    return parse(code.removeprefix("NOP.")) if code.startswith("NOP.") else None


def new_filing_code(unit: Unit, day: dt.date) -> str:
    """The next code of a filing not yet accepted. One statement."""
    return filing_written(unit, day, next_number(filing_series_of(unit), day))


def parse(code: str) -> tuple[str, dt.date, int] | None:
    """(agency, day, serial) of a code after our patterns; None for one of another system."""
    found = _CODE.match(code)
    if found is None:
        return None
    try:
        day = dt.datetime.strptime(found["day"], "%y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
    return found["agency"], day, int(found["serial"])
