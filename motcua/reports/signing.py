"""Who signs a report and how it is said above the name: TM., KT., TL., TUQ., Q. (NĐ 30/2020/NĐ-CP)."""

import datetime as dt
from collections.abc import Mapping

from motcua.core.errors import Invalid
from motcua.org.models import Unit
from motcua.org.queries import TERRITORIAL_KINDS
from motcua.reports.letterhead import letterhead_of

# Code → what the form offers.
AUTHORITIES: Mapping[str, str] = {
    "TM": "Người đứng đầu ký (TM. ỦY BAN NHÂN DÂN, hoặc thủ trưởng)",
    "KT": "Cấp phó ký thay (KT.)",
    "TL": "Thừa lệnh (TL.)",
    "TUQ": "Thừa ủy quyền (TUQ.)",
    "Q": "Quyền (Q.)",
}


def lines(unit: Unit, authority: str, title: str) -> list[str]:
    """The lines above the signature. ``title`` is the signer's own, for a deputy or who signs by order.

    :class:`Invalid` for an authority there is not, or a title that is needed and not given.
    """
    if authority not in AUTHORITIES:
        raise Invalid("Chọn quyền hạn ký: TM., KT., TL., TUQ. hoặc Q.", code="unknown_authority", field="authority")
    committee = unit.kind in TERRITORIAL_KINDS
    head = "CHỦ TỊCH" if committee else "THỦ TRƯỞNG ĐƠN VỊ"
    above = ["TM. ỦY BAN NHÂN DÂN"] if committee else []
    if authority == "TM":
        return [*above, head]
    if authority == "Q":
        return [*above, f"Q. {head}"]
    own = title.upper().strip() or ("PHÓ CHỦ TỊCH" if committee and authority == "KT" else "")
    if not own:
        raise Invalid("Ghi chức vụ của người ký.", code="no_title", field="title")
    if authority == "KT":
        return [*above, f"KT. {head}", own]
    # By order or by power of attorney a unit's head signs for the chair, not for the collective.
    return [f"{authority}. {head}", own]


def symbol(unit: Unit, day: dt.date) -> str:
    """The symbol after a report's number: «/BC-UBND»; an office's own abbreviation is its short code. One statement."""
    found = letterhead_of(unit, day).symbol
    return found if not found.endswith("-") else f"{found}{(unit.short_code or 'VP').rsplit('-', 1)[-1]}"


__all__ = ["AUTHORITIES", "lines", "symbol"]
