"""What the QR code of a citizen card says: pure.

The text is ``number|old number|full name|DDMMYYYY|gender|address|DDMMYYYY of issue``, and newer cards append more
fields: seven or more are expected, what comes after the seventh is left alone. It is **not signed**: anybody can print
a QR code that says anything. So it only fills in a form, is treated as hostile, and counts as unverified until the
clerk has compared it with the card itself.
"""

import datetime as dt
import unicodedata
from dataclasses import dataclass, field

from motcua.core import clock, text
from motcua.core.errors import Invalid
from motcua.parties.rules import check_id_number

FIELDS = 7
# No real card says more; whoever sends more is not a card.
LONGEST = 2000
_NAME_LIMIT, _ADDRESS_LIMIT = 250, 300
_EARLIEST = dt.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Card:
    """What a card's code says about its holder; ``doubts`` are sentences for the clerk about what was left out."""

    number: str
    name: str
    birth_date: dt.date | None
    address: str
    gender: str = ""
    old_number: str = ""
    issued_on: dt.date | None = None
    doubts: list[str] = field(default_factory=list)


def looks_like_card(typed: str) -> bool:
    """Whether somebody scanned a card where a number was expected. Pure."""
    return "|" in typed


def read_card(scanned: str, *, today: dt.date | None = None) -> Card:
    """The holder's particulars as the QR text says them.

    Raises :class:`Invalid` where the text is no card's (too few fields, a number that cannot be one): nothing is filled
    then. A field that cannot be true beside a sound number is left empty and told in ``doubts``.
    """
    if len(scanned) > LONGEST:
        raise _no_card("dài quá mức của một thẻ")
    parts = [text.clean(part) for part in text.nfc(scanned).split("|")]
    if len(parts) < FIELDS:
        raise _no_card(f"chỉ có {len(parts)} phần, thẻ căn cước có từ {FIELDS} phần")
    number, old, name, born, gender, address, issued = parts[:FIELDS]
    if not (len(number) == 12 and number.isascii() and number.isdigit()):
        raise _no_card("phần đầu không phải số căn cước 12 chữ số")
    last = today or clock.today()
    doubts: list[str] = []
    birth_date = _date(born, last)
    if birth_date is None:
        doubts.append("Ngày sinh trong mã không đọc được, hãy gõ theo thẻ.")
    else:
        try:
            check_id_number("cccd", number, birth_date)
        except Invalid:
            birth_date = None
            doubts.append("Ngày sinh trong mã không hợp với số căn cước, hãy gõ theo thẻ.")
    if not _is_name(name):
        name = ""
        doubts.append("Họ tên trong mã có ký tự lạ hoặc để trống, hãy gõ theo thẻ.")
    if len(address) > _ADDRESS_LIMIT or "\ufffd" in address:
        address = ""
        doubts.append("Địa chỉ trong mã không đọc được, hãy gõ theo thẻ.")
    if old and not (len(old) == 9 and old.isascii() and old.isdigit()):
        old = ""
    issued_on = _date(issued, last)
    if issued_on is not None and birth_date is not None and issued_on < birth_date:
        issued_on = None
        doubts.append("Ngày cấp thẻ trong mã trước ngày sinh, hãy xem lại thẻ.")
    return Card(
        number=number,
        name=name,
        birth_date=birth_date,
        address=address,
        gender=gender if gender in ("Nam", "Nữ") else "",
        old_number=old,
        issued_on=issued_on,
        doubts=doubts,
    )


def _no_card(why: str) -> Invalid:
    return Invalid(f"Đây không phải mã QR của thẻ căn cước: {why}. Hãy gõ số giấy tờ.", field="id_number", code="card")


def _date(digits: str, last: dt.date) -> dt.date | None:
    """A date written DDMMYYYY that can be one; None otherwise."""
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        found = dt.date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None
    return found if _EARLIEST <= found <= last else None


def _is_name(name: str) -> bool:
    """Letters, spaces and the few marks names are written with; at least one letter."""
    if not name or len(name) > _NAME_LIMIT:
        return False
    return any(map(str.isalpha, name)) and all(c in " '’-." or unicodedata.category(c)[0] in "LM" for c in name)
