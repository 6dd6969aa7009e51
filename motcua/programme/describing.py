"""What a register is: one description, which the page, the import, the export and the figures all read. No database."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q

from motcua.org.models import Duty
from motcua.programme.counting import Figure
from motcua.programme.keeping import Entry

# Who may read the registers of their units, and who of them writes.
READERS = (Duty.REFORM, Duty.CONTROL, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR, Duty.INSPECT)
REFORM = (Duty.REFORM,)
CONTROL = (Duty.CONTROL, Duty.REFORM)


@dataclass(frozen=True)
class Column:
    """A column: a field of the model, which says its heading, kind, whether it is required, and its words.

    ``words`` are headings met in lists of others, folded. ``total``: summed in the foot. ``narrows``: the list can be
    narrowed by it (choices only). ``shown``: on the list's page (the form, the file and one entry's page have all).
    """

    name: str
    words: Sequence[str] = ()
    total: bool = False
    narrows: bool = False
    shown: bool = True
    long: bool = False


@dataclass(frozen=True)
class Register:
    """A register. ``slug`` stands in its address, ``key`` names it as a source of figures and in the history.

    ``date``: the field that places an entry in time. ``latest``: only the newest entry up to the window's end counts,
    per unit and per the field named here. ``parts``: pairs of fields, a part and its whole. ``orders``: pairs of dates.
    ``past``: days that cannot be to come. ``proof``: why an entry should have a file; empty: none is expected.
    """

    key: str
    slug: str
    title: str
    about: str
    group: str
    noun: str
    model: type[Entry]
    date: str
    columns: tuple[Column, ...]
    figures: tuple[Figure, ...] = ()
    keepers: tuple[Duty, ...] = REFORM
    latest: tuple[str, ...] | None = None
    parts: tuple[tuple[str, str], ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    past: tuple[str, ...] = ()
    proof: str = ""
    counted: bool = field(default=True)

    @cached_property
    def fields(self) -> "dict[str, models.Field[Any, Any]]":
        """The model's fields by column."""
        found: dict[str, Any] = {column.name: self.model._meta.get_field(column.name) for column in self.columns}
        return found | {"note": self.model._meta.get_field("note")}

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """What tells one entry of a unit from another: the fields of the model's own constraint."""
        constraint = next(c for c in self.model._meta.constraints if c.name.endswith("_once"))
        assert isinstance(constraint, models.UniqueConstraint)
        return tuple(name for name in constraint.fields if name != "unit")

    def heading(self, name: str) -> str:
        """A column's heading as people read it."""
        words = str(self.fields[name].verbose_name)
        return words[:1].upper() + words[1:]

    def required(self, name: str) -> bool:
        """Whether an entry must say it: neither blank nor filled by the model itself."""
        field = self.fields[name]
        return not field.blank and not field.has_default()

    def figure(self, key: str) -> Figure | None:
        """The figure of that key."""
        return next((f for f in self.figures if f.key == key), None)

    def behind(self, key: str, first: dt.date, last: dt.date) -> Q | None:
        """What stands behind a figure of a window, as a condition on entries; None for a figure unknown."""
        found = self.figure(key)
        return found.where(first, last) if found else None


def kind_of(field: "models.Field[Any, Any]") -> str:
    """How a field is typed and shown: choice, text, date, number, money, tick or unit."""
    if field.choices:
        return "choice"
    for kind, of in (
        ("date", models.DateField),
        ("tick", models.BooleanField),
        ("money", models.DecimalField),
        ("number", models.IntegerField),
        ("unit", models.ForeignKey),
    ):
        if isinstance(field, of):
            return kind
    return "text"


def plain(value: Any) -> Any:
    """A value as the history keeps it: text, number, truth or nothing."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        normal = value.normalize()
        return format(normal, "f")
    if isinstance(value, models.Model):
        return value.pk
    return value


def shown(field: "models.Field[Any, Any]", value: Any) -> str:
    """A value in the office's writing, for lists and history; nothing for nothing. A unit by its name."""
    if value is None or value == "":
        return ""
    kind = kind_of(field)
    if kind == "choice":
        return str(dict(field.flatchoices).get(value, value))
    if kind == "tick":
        return "Có" if value else "Không"
    if kind == "date":
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return f"{day:%d/%m/%Y}"
    if kind in ("number", "money"):
        if field.name == "year":
            return str(value)
        exact = Decimal(str(value)).normalize()
        exponent = exact.as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        return f"{exact:,.{places}f}".translate(str.maketrans(",.", ".,"))
    return str(value)
