"""Letterheads and signatures: how agencies and desks are called on paper, and who signs in whose name."""

import datetime as dt
from dataclasses import dataclass

from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitKind
from motcua.org.queries import TERRITORIAL_KINDS
from motcua.papers import forms


def in_text(unit: Unit) -> str:
    """A unit's name inside a sentence: «xã Cầu Kè». Pure."""
    return unit.name[:1].lower() + unit.name[1:] if unit.kind in TERRITORIAL_KINDS else unit.name


def committee(unit: Unit) -> str:
    """The agency of a unit: the People's Committee of a territory, else the body itself. Pure."""
    return f"Ủy ban nhân dân {in_text(unit)}" if unit.kind in TERRITORIAL_KINDS else unit.name


_KIND_WORDS = ("Thành phố ", "Thị trấn ", "Thị xã ", "Đặc khu ", "Phường ", "Quận ", "Huyện ", "Tỉnh ", "Xã ")


def place_of(unit: Unit) -> str:
    """Địa danh: a territory's name without the word for its kind. Pure."""
    return next((unit.name[len(word) :] for word in _KIND_WORDS if unit.name.startswith(word)), unit.name)


def ground(unit: Unit, day: dt.date) -> Unit:
    """The territory a body stands in: itself, else the first above it. Up to two statements."""
    above: Unit | None = unit
    for _ in range(2):
        if above is None or above.kind in TERRITORIAL_KINDS:
            break
        above = org.parent(above, day)
    return above or unit


@dataclass(frozen=True, slots=True)
class Desk:
    """The one-stop desk of a dossier: as it heads its slips, and as it is named inside a sentence."""

    above: str
    name: str
    full: str
    place: str


def desk_of(unit: Unit, desk_name: str, day: dt.date) -> Desk:
    """How the desk at ``unit`` is called on a day: a point has its own name, a territory or body the one of law."""
    where = ground(unit, day)
    if unit.kind == UnitKind.POINT:
        return Desk(committee(where), unit.name, f"{unit.name} {in_text(where)}", place_of(where))
    return Desk(committee(unit), desk_name, f"{desk_name} {in_text(unit)}", place_of(where))


def agency_head(unit: Unit, day: dt.date, *, number: str = "") -> forms.Head:
    """The letterhead of the competent agency; an office stands beneath its committee. Up to two statements."""
    where = ground(unit, day)
    above = committee(where) if where.pk != unit.pk else ""
    return forms.Head(above=above, agency=committee(unit), number=number, place=place_of(where), date=day)


def authority(duty: str, title: str, unit: Unit) -> list[str]:
    """The lines over a signature, by NĐ 30/2020: TM., KT., and the office. A deputy signs for the head. Pure."""
    deputy = title.strip().lower().startswith("phó")
    if duty == Duty.DIRECTOR:
        head, second = "Giám đốc", "Phó Giám đốc"
    elif duty == Duty.CHAIR or (not duty and unit.kind in TERRITORIAL_KINDS):
        head, second = "Chủ tịch", "Phó Chủ tịch"
    else:
        head, second = "Thủ trưởng đơn vị", "Phó Thủ trưởng đơn vị"
        if title.strip():
            head, second = title.strip(), title.strip()
    collective = ["TM. Ủy ban nhân dân"] if head == "Chủ tịch" and unit.kind in TERRITORIAL_KINDS else []
    return [*collective, f"KT. {_headed(head)}", second] if deputy else [*collective, head]


def _headed(head: str) -> str:
    """For whom a deputy of this title signs: «Phó Trưởng phòng» for the «Trưởng phòng»."""
    bare = head[4:].strip() if head.lower().startswith("phó ") else head
    return bare[:1].upper() + bare[1:] if bare else head


__all__ = ["Desk", "agency_head", "authority", "committee", "desk_of", "ground", "in_text", "place_of"]
