"""Numbers, dates and times as Vietnamese offices write them."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from motcua.core import clock

register = template.Library()
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@register.filter
def number(value: Any, places: int | str = 0) -> str:
    """22318 → «22.318»; with places, 3.5 → «3,50». Nothing for None; a minus is a real one («−5»)."""
    if value is None or value == "":
        return ""
    step = Decimal(1).scaleb(-int(places))
    rounded = Decimal(str(value)).quantize(step, ROUND_HALF_UP)
    written = f"{abs(rounded):,f}".translate(str.maketrans(",.", ".,"))
    return f"−{written}" if rounded < 0 else written


@register.filter
def plain_decimal(value: Any) -> str:
    """As many decimals as there are: 3.50 → «3,5», 4.0 → «4»."""
    if value is None or value == "":
        return ""
    given = Decimal(str(value)).normalize()
    exponent = given.as_tuple().exponent
    return number(given, max(0, -exponent if isinstance(exponent, int) else 0))


@register.filter
def percent(part: Any, whole: Any) -> str:
    """The share of ``part`` in ``whole``: 1033 of 1034 → «99,9%»; nothing where there is no whole.

    Never rounded to 100 % (or 0 %) what is not all (or nothing): 21.274 of 21.275 is «99,9%».
    """
    if part is None or not whole:
        return ""
    exact = Decimal(str(part)) * 100 / Decimal(str(whole))
    shown = exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if shown == 100 and exact < 100:
        shown = Decimal("99.9")
    if shown == 0 and exact > 0:
        shown = Decimal("0.1")
    return number(shown, 0 if shown in (0, 100) else 1) + "%"


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A date: «05/06/2023». A moment is read on Viet Nam's clock."""
    if value is None or value == "":
        return ""
    return f"{_local(value):%d/%m/%Y}"


@register.filter
def weekday(value: dt.date | dt.datetime | None) -> str:
    """A date with its weekday: «thứ Sáu 26/05/2023»."""
    return f"{_WEEKDAYS[_local(value).weekday()]} {day(value)}" if value else ""


@register.filter
def hour(value: dt.datetime | dt.time | None) -> str:
    """A time of day: «16:20»."""
    if value is None or value == "":
        return ""
    return f"{clock.local(value) if isinstance(value, dt.datetime) else value:%H:%M}"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment: «16:20 26/5/2023»."""
    if not value:
        return ""
    local = clock.local(value)
    return f"{local:%H:%M} {local.day}/{local.month}/{local.year}"


@register.filter
def when(value: dt.date | dt.datetime | None) -> SafeString:
    """A ``<time>`` element: a moment as «16:20 26/5/2023», a date as «05/06/2023», the weekday on hover."""
    if not value:
        return SafeString("")
    shown = moment(value) if isinstance(value, dt.datetime) else day(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), weekday(value), shown)


@register.filter
def span(start: dt.date | None, end: dt.date | None) -> str:
    """Two dates in words: «từ 01/01/2023 đến hết 31/12/2023», «từ 01/01/2023»; the last day is inclusive."""
    parts = [f"từ {day(start)}" if start else "", f"đến hết {day(end)}" if end else ""]
    return " ".join(part for part in parts if part)


@register.filter
def unit_label(unit: Any) -> str:
    """A unit by name; one that has ended is marked so, since the same name may live on as another unit."""
    if unit is None:
        return ""
    return f"{unit.name} (đến hết {day(unit.valid_to)})" if unit.valid_to else str(unit.name)


def _local(value: dt.date | dt.datetime) -> dt.date | dt.datetime:
    return clock.local(value) if isinstance(value, dt.datetime) else value
