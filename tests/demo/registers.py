"""The demo's registers: the published numbers of 01/6/2023, figure by figure, and something to see today."""

import datetime as dt

from motcua.core import clock
from motcua.indicators import sources
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, Unit
from motcua.org.queries import SYSTEM
from motcua.programme import checking
from motcua.programme.matrix import matrix
from motcua.programme.registers import REGISTERS

FIRST, LAST = dt.date(2023, 1, 5), dt.date(2023, 6, 1)
# source, figure, how many the report of 01/6/2023 prints, and where: (id of the figure, which part of "26/32")
PUBLISHED = (
    ("plan_tasks", "total", 32, ("F049", 1)),
    ("plan_tasks", "done", 26, ("F049", 0)),
    ("press_items", "items", 115, ("F053", 0)),
    ("press_items", "columns", 12, ("F054", 0)),
    ("publicity_events", "sessions", 78, ("F055", 0)),
    ("publicity_events", "attendees", 2312, ("F056", 0)),
    ("legal_documents", "total", 4, ("F059", 0)),
    ("linked_procedures", "total", 14, ("F087", 0)),
    ("linked_procedures", "same_level", 11, ("F089", 0)),
    ("linked_procedures", "between", 3, ("F090", 0)),
    ("iso_scopes", "offices_applied", 11, ("F194", 0)),
    ("iso_scopes", "offices", 13, ("F194", 1)),
    ("iso_scopes", "no_procedures", 2, ("F195", 0)),
    ("iso_scopes", "communes_applied", 11, ("F196", 0)),
    ("iso_scopes", "communes", 11, ("F196", 1)),
    ("iso_processes", "total", 410, ("F197", 0)),
    ("law_monitoring", "found", 0, ("W00", 0)),
)


def summed(source: str, figure: str, units: list[Unit], first: dt.date, last: dt.date) -> int:
    ask = sources.Ask(SYSTEM, [unit.pk for unit in units], first, last, [figure])
    found = sources.source(f"programme.{source}").compute(ask)
    return int(sum(each[figure].value or 0 for each in found.values()))


def published_numbers_stand() -> None:
    """The whole list, by the report's own days and by the national window."""
    district = org.unit_by_code("CAUKE", LAST)
    units = org.descendants(district, FIRST, LAST)
    for source, figure, number, _ in PUBLISHED:
        assert summed(source, figure, units, FIRST, LAST) == number, (source, figure)
    # By the national window too: nothing of these happened outside the days that were published.
    for source, figure, number, _ in PUBLISHED:
        assert summed(source, figure, units, dt.date(2022, 12, 15), dt.date(2023, 6, 14)) == number, (source, figure)
    assert summed("plan_tasks", "done", units, dt.date(2022, 12, 15), dt.date(2023, 12, 14)) > 26
    assert not list(checking.faults())


def there_is_something_to_see(now: dt.datetime) -> None:
    """Who signs in at a successor commune finds registers in use and a matrix with every state."""
    today = clock.local_date(now)
    here = org.unit_by_code("29308", TWO_TIER_DAY)
    province = org.parent(here, TWO_TIER_DAY)
    assert province is not None
    found = matrix(SYSTEM, province, today.year, today)
    states = {cell.state for row in found.rows for cell in row.cells}
    assert {"issued", "late", "missing"} <= states
    used = [r.key for r in REGISTERS if r.model._default_manager.filter(unit=here).exists()]
    assert len(used) >= 12, used
    for register in REGISTERS:
        for name in {"summary", "content", "title", "topic"} & set(register.fields):
            told = register.model._default_manager.values_list(name, flat=True)
            assert all("(minh họa)" in words for words in told), (register.key, name)
