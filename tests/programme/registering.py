"""Lines of a register for tests: enough values to enter one anywhere."""

import datetime as dt
import io
from typing import Any

import xlsxwriter

from motcua.core import clock
from motcua.org.models import Unit
from motcua.programme import actions
from motcua.programme.describing import Register, kind_of
from motcua.programme.keeping import Entry
from motcua.programme.registers import BY_KEY
from tests.support.cast import Cast

PDF = b"%PDF-1.4\n% bien ban\n%%EOF\n"


def values(register: Register, unit: Unit, day: dt.date, /, **more: Any) -> dict[str, Any]:
    """Something true for every column that must be told."""
    found: dict[str, Any] = {}
    for name, field in register.fields.items():
        if not register.required(name):
            continue
        kind = kind_of(field)
        found[name] = {
            "choice": lambda f=field: f.flatchoices[0][0],
            "date": lambda: day,
            "number": lambda n=name: day.year if n == "year" else 3,
            "money": lambda: 3,
            "tick": lambda: True,
            "unit": lambda: unit,
            "text": lambda n=name: f"{n} minh họa",
        }[kind]()
    return found | more


def enter(key: str, unit: Unit, *, actor=None, evidence=None, day: dt.date | None = None, **more: Any) -> Entry:
    """A line of a register, by its verb."""
    register = BY_KEY[key]
    told = values(register, unit, day or clock.today(), **more)
    return actions.enter(register=key, unit=unit, values=told, evidence=evidence, actor=actor)


def sheet(*rows: list[Any]) -> bytes:
    """An .xlsx of these rows."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for n, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    page.write_datetime(n, at, dt.datetime.combine(cell, dt.time()), day)
                elif cell is not None:
                    page.write(n, at, cell)
    return held.getvalue()


def entered(cast: Cast) -> int:
    """The id of a news item of xã Cầu Kè."""
    return enter("press_items", cast.xa_cau_ke).pk


def handed_in(cast: Cast) -> int:
    """The id of a list of news items that xã Cầu Kè has sent, not yet taken in."""
    content = sheet(["Ngày đăng", "Loại", "Tiêu đề", "Kênh"], [clock.today(), "Tin", "Một cửa", "Zalo"])
    upload = actions.Upload("tin.xlsx", content)
    return actions.hand_in_list(register="press_items", unit=cast.xa_cau_ke, upload=upload).pk
