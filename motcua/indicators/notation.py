"""Vietnamese notation of numbers, read and written: 1.234,5. Pure.

Reading is strict where two readings are possible: «1.234» is one thousand two hundred and thirty-four, «1,234» one and
a bit; «1.23» is neither and refused rather than guessed.
"""

import re
from decimal import Decimal

from motcua.core.errors import Invalid
from motcua.core.text import clean, fold

NOTHING, UNKNOWN = "không có", "…"
_NUMBER = re.compile(r"^(?P<sign>[-−–]?)(?P<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:,(?P<part>\d+))?$")
_NOTHING = {"khong co", "khong phat sinh", "k co", "kc"}
_UNKNOWN = {"", "-", "…", "..."}
_YES, _NO = {"co", "1", "x", "yes", "dung"}, {"khong", "0", "no", "chua"}
_MOST = 14  # digits before the comma that the column holds, with a little room


def read_number(typed: str, decimals: int) -> Decimal | None:
    """A number as people type and paste it; None for an empty cell. Raises :class:`Invalid` with what is wrong."""
    raw = clean(typed).replace(" ", "").removesuffix("%")
    if raw in _UNKNOWN:
        return None
    found = _NUMBER.match(raw)
    if found is None:
        if re.fullmatch(r"\d+\.\d{1,2}", raw):
            raise Invalid(f"«{raw}»: dấu phẩy cho phần thập phân, dấu chấm cho hàng nghìn. Gõ {raw.replace('.', ',')}?")
        raise Invalid(f"«{clean(typed)[:30]}» không phải số. Gõ theo mẫu 1.234,5.")
    whole, part = found["whole"].replace(".", ""), (found["part"] or "").rstrip("0")
    if len(whole.lstrip("0")) > _MOST:
        raise Invalid(f"«{raw[:30]}» lớn quá.")
    if len(part) > max(decimals, 0):
        places = f"nhiều nhất {decimals} số sau dấu phẩy" if decimals else "là số nguyên"
        raise Invalid(f"«{raw[:30]}»: chỉ tiêu này {places}.")
    return Decimal(f"{'-' if found['sign'] else ''}{whole}.{part or '0'}")


def says_nothing(typed: str) -> bool:
    """Whether a cell says expressly that there is none («không có»)."""
    return fold(clean(typed)) in _NOTHING


def read_yes_no(typed: str) -> Decimal | None:
    """1, 0 or None. Raises :class:`Invalid`."""
    said = fold(clean(typed))
    if said in _UNKNOWN:
        return None
    if said in _YES:
        return Decimal(1)
    if said in _NO:
        return Decimal(0)
    raise Invalid(f"«{clean(typed)[:30]}»: gõ Có hoặc Không.")


def shown_number(number: Decimal) -> str:
    """22.318 · −3 · 347,344: thousands with a dot, decimals with a comma, no trailing zeros."""
    text = f"{number.normalize():f}" if number else "0"
    return _vietnamese(text)


def shown_share(number: Decimal, decimals: int) -> str:
    """A per cent without its sign: trailing zeros go, 81,25 · 100 · 99,9."""
    return shown_number(number.quantize(Decimal(1).scaleb(-decimals)))


def _vietnamese(text: str) -> str:
    minus = "−" if text.startswith("-") else ""
    whole, _, part = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{minus}{grouped}{',' + part if part else ''}"


def for_typing(number: Decimal | None) -> str:
    """As it stands in an input: the printed form with an ordinary minus."""
    return "" if number is None else shown_number(number).replace("−", "-")
