"""Moments, days and sums as Vietnamese papers write them. Pure."""

import datetime as dt
import unicodedata

from motcua.core import clock
from motcua.core.text import nfc

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", " nghìn", " triệu", " tỷ")


def long_day(day: dt.date) -> str:
    """«ngày 05 tháng 02 năm 2023»: by NĐ 30/2020 days below 10 and the months 1 and 2 have a leading zero."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def day_words(day: dt.date) -> dict[str, str]:
    """A date in the forms templates use: ``day`` 05/06/2023, ``long``, ``long_cap``, and ``text`` as ``long``."""
    long = long_day(day)
    return {"day": f"{day:%d/%m/%Y}", "long": long, "long_cap": long.capitalize(), "text": long, "cap": f"Vào {long}"}


def moment_words(moment: dt.datetime) -> dict[str, str]:
    """A moment on Viet Nam's clock; ``text`` is «16 giờ 20 phút, ngày 26 tháng 5 năm 2023»."""
    local = clock.local(moment)
    text = f"{local:%H} giờ {local:%M} phút, {long_day(local.date())}"
    return {**day_words(local.date()), "text": text, "cap": f"Hồi {text}", "short": f"{local:%H:%M %d/%m/%Y}"}


BLANK = dict.fromkeys(("day", "long", "long_cap", "text", "cap", "short"), "")


def amount(value: int) -> str:
    """22318 → 22.318; a true minus sign."""
    return f"{value:,}".replace(",", ".").replace("-", "−")


def amount_words(value: int) -> str:
    """A sum of whole đồng in words, as receipts need it: 105000 → «Một trăm lẻ năm nghìn đồng». Up to 10^18."""
    if value < 0:
        return "Âm " + amount_words(-value).lower()
    if value == 0:
        return "Không đồng"
    return (_number(value) + " đồng").capitalize()


def _number(value: int, *, inside: bool = False) -> str:
    if value >= 10**9:
        high, rest = divmod(value, 10**9)
        tail = f" {_number(rest, inside=True)}" if rest else ""
        return f"{_number(high, inside=inside)} tỷ{tail}"
    parts: list[str] = []
    for power in (2, 1, 0):
        group = value // 1000**power % 1000
        if group:
            parts.append(_hundreds(group, full=bool(parts) or inside) + _GROUPS[power])
    return " ".join(parts)


def _hundreds(value: int, *, full: bool) -> str:
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens == 0 and ones and words:
        words.append("lẻ")
    elif tens == 1:
        words.append("mười")
    elif tens > 1:
        words.append(f"{_DIGITS[tens]} mươi")
    if ones == 1 and tens > 1:
        words.append("mốt")
    elif ones == 5 and tens > 0:
        words.append("lăm")
    elif ones:
        words.append(_DIGITS[ones])
    return " ".join(words)


def printable(text: str) -> str:
    """Text as it may stand on a paper: NFC, line breaks kept, no other control character, and none that turns the
    direction of writing or hides: what is printed is what was typed."""
    kept = []
    for char in nfc(text.replace("\r\n", "\n").replace("\r", "\n")):
        category = unicodedata.category(char)
        if char == "\n":
            kept.append(char)
        elif category[0] == "Z" or char == "\t":
            kept.append(" ")
        elif category[0] != "C":
            kept.append(char)
    return "".join(kept)


__all__ = ["BLANK", "amount", "amount_words", "day_words", "long_day", "moment_words", "printable"]
