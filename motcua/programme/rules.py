"""What an entry may say: reading what was typed, and holding it to its register. Pure: no database."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from motcua.core.errors import Invalid
from motcua.core.text import clean, fold
from motcua.org.models import Unit
from motcua.org.queries import span
from motcua.papers import spreadsheet
from motcua.programme.describing import Register, kind_of, shown

_YES = {"x", "v", "co", "1", "true", "yes", "dung", "✓", "✔", "roi", "da"}
_NO = {"", "khong", "0", "false", "no", "sai", "-", "chua"}
# 1.234.567,5 or 1234567,5 or 1234567.5 as Excel gives it
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")

FindUnit = Callable[[str], Unit]


def number(typed: Any) -> Decimal:
    """A number as people and Excel write it: 2.312 is two thousand, 2.312,5 has a half. ValueError when it is none."""
    if isinstance(typed, bool):
        raise ValueError(typed)
    if isinstance(typed, (int, float, Decimal)):
        found = Decimal(str(typed))
        return found.quantize(Decimal(1)) if found == found.to_integral_value() else found  # Excel keeps 5 as 5.0
    raw = clean(str(typed)).replace(" ", "")
    raw = raw.replace(".", "").replace(",", ".") if _GROUPED.fullmatch(raw) or "," in raw else raw
    try:
        found = Decimal(raw)
    except InvalidOperation as error:
        raise ValueError(typed) from error
    if not found.is_finite():
        raise ValueError(typed)
    return found


def read(register: Register, name: str, cell: Any, find_unit: FindUnit) -> Any:
    """A cell of a list, or what was typed, as a value of the column; Invalid says what is wrong with it."""
    field = register.fields[name]
    kind, heading = kind_of(field), register.heading(name)
    raw = spreadsheet.text(cell)
    if kind == "tick":
        folded = fold(raw)
        if folded in _YES or folded in _NO:
            return folded in _YES
        raise Invalid(f"{heading} «{raw[:40]}»: ghi Có hoặc Không", field=name)
    if not raw:
        if register.required(name):
            raise Invalid(f"thiếu {heading.lower()}", field=name)
        return field.get_default() if field.has_default() else None if field.null else ""
    if kind == "date":
        found = spreadsheet.date(cell, heading)
        if found is None:
            raise Invalid(f"thiếu {heading.lower()}", field=name)
        return found.day
    if kind == "choice":
        return _choice(field, raw, heading)
    if kind in ("number", "money"):
        try:
            value = number(cell if not isinstance(cell, str) else raw)
        except ValueError:
            raise Invalid(f"{heading} «{raw[:40]}» không phải số", field=name) from None
        if kind == "number":
            if value != value.to_integral_value():
                raise Invalid(f"{heading} «{raw[:40]}» phải là số nguyên", field=name)
            return int(value)
        return value
    if kind == "unit":
        return find_unit(raw)
    return raw


def _choice(field: "models.Field[Any, Any]", raw: str, heading: str) -> str:
    """A choice by its words, its value, or words it alone begins with or holds."""
    folded = fold(raw)
    choices = [(str(value), fold(str(words))) for value, words in field.flatchoices if value]
    for test in (
        lambda value, words: folded in (words, value),
        lambda value, words: words.startswith(folded) or folded.startswith(words),
        lambda value, words: folded in words,
    ):
        found = [value for value, words in choices if test(value, words)]
        if len(found) == 1:
            return found[0]
    known = ", ".join(str(words) for _, words in field.flatchoices)
    raise Invalid(f"{heading} «{raw[:40]}» không có trong: {known}", field=field.name)


def checked(register: Register, values: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """The values, cleaned, when they hold together; Invalid names the first that does not, with its field.

    Unknown names are a mistake of the caller (KeyError).
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        field = register.fields[name]
        if isinstance(value, str) and kind_of(field) == "text":
            value = clean(value)
        found[name] = value
    for name, field in register.fields.items():
        value = found.get(name)
        if value is None or value == "":
            if name not in found and field.has_default():
                found[name] = field.get_default()
            elif name == "note" or not register.required(name):
                found[name] = (
                    None if field.null else "" if kind_of(field) in ("text", "choice") else field.get_default()
                )
            else:
                raise Invalid(f"Chưa ghi {register.heading(name).lower()}.", field=name)
        elif not isinstance(value, models.Model):
            _valid(register, name, value)
        if kind_of(field) == "money":
            found[name] = field.to_python(found[name])  # 0 and 0.0 of a default are the same money
    _together(register, found, today)
    return found


def _valid(register: Register, name: str, value: Any) -> None:
    field, heading = register.fields[name], register.heading(name)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise Invalid(f"{heading} dài {len(value)} ký tự, tối đa {field.max_length}.", field=name)
    if isinstance(value, dt.date) and not 2000 <= value.year <= 2100:
        raise Invalid(f"{heading} {value:%d/%m/%Y}: năm phải từ 2000 đến 2100.", field=name)
    try:
        field.clean(value, None)
    except ValidationError as error:
        what = shown(field, value) if not isinstance(value, str) else value[:40]
        smallest = next((v.limit_value for v in field.validators if isinstance(v, MinValueValidator)), None)
        if kind_of(field) in ("number", "money") and smallest is not None and value < smallest:
            raise Invalid(f"{heading} phải từ {smallest} trở lên.", field=name) from error
        raise Invalid(f"{heading} «{what}» không hợp lệ.", field=name) from error


def _together(register: Register, values: Mapping[str, Any], today: dt.date) -> None:
    for part, whole in register.parts:
        if values[part] > values[whole]:
            a, b = register.heading(part), register.heading(whole).lower()
            said = f"({shown(register.fields[part], values[part])} > {shown(register.fields[whole], values[whole])})"
            raise Invalid(f"{a} nhiều hơn {b} {said}.", field=part)
    for first, last in register.orders:
        if values[first] and values[last] and values[last] < values[first]:
            raise Invalid(
                f"{register.heading(last)} {values[last]:%d/%m/%Y} trước {register.heading(first).lower()} "
                f"{values[first]:%d/%m/%Y}.",
                field=last,
            )
    for name in register.past:
        if values[name] and values[name] > today:
            raise Invalid(f"{register.heading(name)} {values[name]:%d/%m/%Y} chưa đến.", field=name)
    if register.key == "required_plans" and not any(values[n] for n in ("of_itself", "of_offices", "of_communes")):
        raise Invalid("Chọn ít nhất một loại đơn vị phải ban hành.", field="of_itself")


def within_life(register: Register, unit: Unit, values: Mapping[str, Any]) -> None:
    """Refuse (:class:`Invalid`) what is said to have happened before the unit began or after it ended."""
    day = values.get(register.date)
    if register.date not in register.past or not isinstance(day, dt.date):
        return
    if day < unit.valid_from or (unit.valid_to is not None and day > unit.valid_to):
        raise Invalid(
            f"Ngày {day:%d/%m/%Y} nằm ngoài thời gian {unit.name} tồn tại ({span(unit)}).", field=register.date
        )


def identity(register: Register, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells an entry from the unit's others, blind to case."""
    found = []
    for name in register.identity:
        value = values[name]
        if isinstance(value, models.Model):
            value = value.pk
        found.append(value.casefold() if isinstance(value, str) else value)
    return tuple(found)
