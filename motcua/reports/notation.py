"""Figures as Vietnamese reports write them, and read back again: 22.318; 81,25%; 04; «không có». Pure.

Thousands are parted by a full stop, decimals by a comma. In running text a count below ten has a zero before it.
"""

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

NOTHING, UNKNOWN = "không có", "chưa có số liệu"
_GROUPED = re.compile(r"[-−]?\d{1,3}(\.\d{3})+(,\d+)?")
_PLAIN = re.compile(r"[-−]?\d+(,\d+)?")


def whole(value: int) -> str:
    """22318 → 22.318; with a true minus sign, so that it is not taken for a dash."""
    return f"{value:,}".replace(",", ".").replace("-", "−")


def number(value: Decimal | int | None, *, places: int | None = None) -> str:
    """A number with a decimal comma: 347.344 → «347,344». ``places`` rounds (half up) and keeps the zeros at the end;
    without it the value stands as it is. Nothing is «không có»."""
    if value is None:
        return NOTHING
    given = Decimal(value)
    if places is not None:
        given = given.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = "−" if given < 0 else ""
    before, _, after = f"{abs(given):f}".partition(".")
    return f"{sign}{int(before):,}".replace(",", ".") + (f",{after}" if after else "")


def in_text(value: Decimal | int | None) -> str:
    """As in running text: 4 → «04», 0 → «00»; from ten on, and for what is not whole, as :func:`number`."""
    if value is None:
        return NOTHING
    given = Decimal(value)
    return f"0{int(given)}" if given == given.to_integral_value() and 0 <= given < 10 else number(trimmed(given))


def percent(part: Decimal | int | None, base: Decimal | int | None, *, places: int = 2) -> str:
    """26 of 32 → «81,25%». Nothing of nothing is «không có», never 100% and never 0%.

    Never «100%» while something is missing, never «0%» while there is something: there it stops one step short.
    """
    if part is None or not base:
        return NOTHING
    share = Decimal(part) * 100 / Decimal(base)
    step = Decimal(1).scaleb(-places)
    rounded = share.quantize(step, ROUND_HALF_UP)
    if rounded == 100 and share < 100:
        rounded = share.quantize(step, ROUND_FLOOR)
    elif rounded == 100 and share > 100:
        rounded = Decimal(100) + step
    elif not rounded and share:
        rounded = step if share > 0 else -step
    return f"{number(trimmed(rounded))}%"


def fraction(part: Decimal | int | None, base: Decimal | int | None) -> str:
    """«26/32», both as in running text; «không có» without a base."""
    return NOTHING if part is None or not base else f"{in_text(part)}/{in_text(base)}"


def yes_no(value: Decimal | int | None) -> str:
    """1 → «có», 0 → «không», nothing → «chưa có số liệu»."""
    return UNKNOWN if value is None else "có" if value else "không"


def read(text: str) -> Decimal | None:
    """The number that a person wrote: «22.318», «22318», «81,25%», «07». None for what is not exactly one number."""
    bare = text.replace("\u00a0", " ").strip().removesuffix("%").strip()
    if not (_GROUPED.fullmatch(bare) or _PLAIN.fullmatch(bare)):
        return None
    try:
        return Decimal(bare.replace(".", "").replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        return None


def same(one: str, other: str) -> bool:
    """Whether two texts print the same figure: alike but for spaces, or the same number written otherwise."""
    tidy = ["".join(text.replace("\u00a0", " ").split()).casefold() for text in (one, other)]
    if tidy[0] == tidy[1]:
        return True
    if ("%" in one) != ("%" in other):
        return False
    left, right = ([read(part) for part in text.split("/")] for text in (one, other))
    return None not in left and left == right


def trimmed(value: Decimal) -> Decimal:
    """Without zeros at the end of the decimals, and without an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


__all__ = [
    "NOTHING",
    "UNKNOWN",
    "fraction",
    "in_text",
    "number",
    "percent",
    "read",
    "same",
    "trimmed",
    "whole",
    "yes_no",
]
