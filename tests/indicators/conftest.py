"""The shipped indicators, in a database that is rolled back; figures typed in a few words."""

import datetime as dt
from typing import Any

import pytest

from motcua.indicators import actions, defining, queries
from motcua.indicators.actions import Cell
from motcua.indicators.models import Form, Return
from motcua.indicators.windows import Window
from motcua.org.models import Unit, User

HALF_2023 = (dt.date(2022, 12, 15), dt.date(2023, 6, 14))


@pytest.fixture
def shipped(db: None) -> None:
    """The starter indicators and forms."""
    defining.load_starter()


@pytest.fixture
def half(shipped: None) -> Window:
    """The first half-year of 2023 as reports count it."""
    return queries.window(*HALF_2023)


def opened(unit: Unit, window: Window, form: str = "cchc", actor: User | None = None) -> Return:
    return actions.open_return(unit=unit, form=Form.objects.get(code=form), window=window, actor=actor)


def typed(row: Return, actor: User | None = None, **numbers: Any) -> None:
    """Type figures into a return, whatever stands there."""
    held = actions._values_of(row, list(numbers))
    cells = [
        Cell(code, str(said), held[code].version if code in held else 0) for code, said in numbers.items()
    ]  # fmt: skip
    actions.save_values(to=row.pk, cells=cells, actor=actor)
