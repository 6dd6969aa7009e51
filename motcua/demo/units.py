"""The demo's units: huyện Cầu Kè with its offices and communes, and since 01/7/2025 the communes that succeeded them.

Names and official codes come from the shipped files of units. What the demo adds (offices, short codes, electronic
agency codes) is illustrative: the agency codes follow the pattern of QCVN 102 (000.NN.25.H59) and of QĐ 20/2020
(H61.NN.00), their numbers are made up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from motcua.demo.catalogue import LAST_OLD_DAY, OFFICE_SHARE
from motcua.org import actions as org_actions
from motcua.org import published
from motcua.org import queries as org
from motcua.org.importing import import_mapping, import_published
from motcua.org.models import NOT_KNOWN_EARLIER, TWO_TIER_DAY, Unit, UnitKind
from motcua.org.queries import SYSTEM

DISTRICT = "845"
COMMUNES = ("29308", "29311", "29314", "29317", "29320", "29323", "29326", "29329", "29332", "29335", "29338")
SUCCESSORS = ("29308", "29317", "29329", "29335")
SHORT_CODES = {"29308": "XACAUKE", "29317": "XAANPHUTAN", "29329": "XAPHONGTHANH", "29335": "XATAMNGAI"}
# One person does everything here.
ONE_PERSON = "29317"
AWAY = "29266"  # a commune of another district: some applicants come from there

OFFICES = {
    "NV": "Phòng Nội vụ",
    "TP": "Phòng Tư pháp",
    "TCKH": "Phòng Tài chính - Kế hoạch",
    "TNMT": "Phòng Tài nguyên và Môi trường",
    "LD": "Phòng Lao động - Thương binh và Xã hội",
    "VHTT": "Phòng Văn hóa và Thông tin",
    "GDDT": "Phòng Giáo dục và Đào tạo",
    "YT": "Phòng Y tế",
    "TT": "Thanh tra huyện",
    "NN": "Phòng Nông nghiệp và Phát triển nông thôn",
    "KTHT": "Phòng Kinh tế và Hạ tầng",
    # The two that resolve no procedures.
    "VP": "Văn phòng HĐND và UBND huyện",
    "DT": "Phòng Dân tộc",
}
PARTNERS = {
    "VPDK": "Chi nhánh Văn phòng Đăng ký đất đai huyện Cầu Kè",
    "THUE": "Chi cục Thuế khu vực (minh họa)",
}
NEW_OFFICES = {
    "VP": ("Văn phòng HĐND và UBND xã", UnitKind.OFFICE),
    "KT": ("Phòng Kinh tế", UnitKind.OFFICE),
    "VHXH": ("Phòng Văn hóa - Xã hội", UnitKind.OFFICE),
    "TTPVHCC": ("Trung tâm Phục vụ hành chính công", UnitKind.PUBLIC_SERVICE),
}


@dataclass(slots=True)
class Units:
    """Everything that has a place in the demo."""

    district: Unit
    offices: dict[str, Unit]
    partners: dict[str, Unit]
    communes: list[Unit]
    successors: list[Unit]
    rooms: dict[int, dict[str, Unit]]  # of a successor, by its id
    province: Unit
    away: Unit | None

    @property
    def resolving(self) -> dict[str, Unit]:
        """The offices that have procedures."""
        return {key: unit for key, unit in self.offices.items() if key in OFFICE_SHARE}


def load(progress: Callable[[int], None]) -> Units:
    """Import the country's units and the mapping of the district, add offices and codes."""
    import_published(published.read(published.SHIPPED), progress=progress)
    import_mapping(published.SHIPPED / "mapping_cauke.csv")
    district = org.unit_by_code(DISTRICT, LAST_OLD_DAY)
    _agency(district, "000.00.25.H59")
    offices = {
        key: _office(district, f"{DISTRICT}-{key}", name, UnitKind.OFFICE, f"000.{n:02d}.25.H59")
        for n, (key, name) in enumerate(OFFICES.items(), start=1)
    }
    partners = {
        key: _office(district, f"{DISTRICT}-{key}", name, UnitKind.SECTOR, "") for key, name in PARTNERS.items()
    }
    communes = [org.unit_by_code(code, LAST_OLD_DAY) for code in COMMUNES]
    for n, unit in enumerate(communes, start=21):
        _agency(unit, f"000.{n}.25.H59")
    successors = [org.unit_by_code(code, TWO_TIER_DAY) for code in SUCCESSORS]
    rooms: dict[int, dict[str, Unit]] = {}
    for n, unit in enumerate(successors, start=81):
        _agency(unit, f"H61.{n}.00", SHORT_CODES[unit.code])
        rooms[unit.pk] = {} if unit.code == ONE_PERSON else _rooms(unit, n)
    province = org.parent(successors[0], TWO_TIER_DAY)
    assert province is not None
    _agency(province, "H61", "VINHLONG")
    away = Unit.objects.filter(code=AWAY, valid_from=NOT_KNOWN_EARLIER).first()
    return Units(district, offices, partners, communes, successors, rooms, province, away)


def _agency(unit: Unit, agency_code: str, short_code: str | None = None) -> None:
    changed = org_actions.change_codes(actor=SYSTEM, unit=unit, agency_code=agency_code, short_code=short_code)
    unit.agency_code, unit.short_code = changed.agency_code, changed.short_code


def _office(parent: Unit, code: str, name: str, kind: UnitKind, agency_code: str) -> Unit:
    return org_actions.add_unit(
        actor=SYSTEM,
        parent=parent,
        code=code,
        name=name,
        kind=kind,
        valid_from=NOT_KNOWN_EARLIER,
        valid_to=LAST_OLD_DAY,
        agency_code=agency_code,
        accountable=bool(agency_code),
    )


def _rooms(commune: Unit, number: int) -> dict[str, Unit]:
    return {
        key: org_actions.add_unit(
            actor=SYSTEM,
            parent=commune,
            code=f"{commune.code}-{key}",
            name=name,
            kind=kind,
            valid_from=TWO_TIER_DAY,
            agency_code=f"H61.{number}.{n:02d}",
            # Figures stand on the commune: its rooms only handle.
            accountable=False,
        )
        for n, (key, (name, kind)) in enumerate(NEW_OFFICES.items(), start=1)
    }
