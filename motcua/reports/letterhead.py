"""Who issues a paper and where: the head of a document after Nghị định 30/2020/NĐ-CP, Phụ lục I."""

import datetime as dt
import re
from dataclasses import dataclass

from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import TERRITORIAL_KINDS

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_KIND = re.compile(r"^(tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu)\s+(?=\D)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """``above`` is the superior body (a People's Committee names none), ``issuer`` the body in bold, line by line."""

    above: str
    issuer: tuple[str, ...]
    symbol: str  # of the number, «/BC-UBND»; an office's own abbreviation is left for its clerk
    place: str
    authority: tuple[str, ...]  # over the signature


def letterhead(unit: Unit, territory: Unit | None) -> Letterhead:
    """The head of a report of ``unit``, which serves ``territory`` (itself, or the unit above an office). Pure."""
    ground = territory or unit
    place = _KIND.sub("", ground.name).strip()
    if unit.kind in TERRITORIAL_KINDS:
        committee = ("ỦY BAN NHÂN DÂN", unit.name.upper())
        return Letterhead("", committee, "/BC-UBND", place, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"))
    above = f"ỦY BAN NHÂN DÂN {ground.name.upper()}" if ground.kind in TERRITORIAL_KINDS else ground.name.upper()
    return Letterhead(above if ground != unit else "", (unit.name.upper(),), "/BC-", place, ("THỦ TRƯỞNG ĐƠN VỊ",))


def letterhead_of(unit: Unit, day: dt.date) -> Letterhead:
    """The same, finding what an office stands beneath on its last day by ``day``. No SQL for a People's Committee."""
    if unit.kind in TERRITORIAL_KINDS:
        return letterhead(unit, None)
    last = min(day, unit.valid_to) if unit.valid_to else day
    return letterhead(unit, org.parent(unit, last))
