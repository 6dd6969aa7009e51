"""A small office to work in: huyện Cầu Kè with an office and two communes, people by duty, two procedures."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from motcua.core import clock
from motcua.org.models import Assignment, Duty, Unit, UnitKind, UnitPlace, User
from motcua.parties.actions import record_party
from motcua.parties.models import Party
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Draft, Head, TermDraft
from motcua.procedures.models import Procedure

START = dt.date(2020, 1, 1)


def at(text: str) -> dt.datetime:
    """ "01/06/2023 09:00" in Viet Nam."""
    return dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=clock.TZ).astimezone(dt.UTC)


def unit(code: str, name: str, kind: str, parent: Unit | None = None, **more) -> Unit:
    made = Unit.objects.create(code=code, name=name, kind=kind, valid_from=START, **more)
    above = UnitPlace.objects.get(unit=parent).path if parent else "/"
    UnitPlace.objects.create(unit=made, parent=parent, path=f"{above}{made.pk}/", valid_from=START)
    return made


def person(username: str, where: Unit, *duties: Duty) -> User:
    made = User.objects.create_user(username, password=None, full_name=f"Người {username}")
    Assignment.objects.bulk_create(Assignment(user=made, unit=where, duty=duty, valid_from=START) for duty in duties)
    return made


def procedure(code: str, name: str, days: int, term_unit: str = "working_day", start: str = "next_day") -> Procedure:
    draft = Draft(
        Head(name=name, field="Đất đai"),
        terms=(TermDraft(Stated.STATED, value=Decimal(days), unit=term_unit, start_rule=start, confirmed=True),),
    )
    return create_procedure(code=code, draft=draft, valid_from=START, basis="Quyết định thử nghiệm").procedure


@dataclass
class Office:
    """Everybody and everything a story needs."""

    province: Unit
    district: Unit
    office: Unit
    commune: Unit
    other: Unit
    clerk: User
    handler: User
    second: User
    head: User
    chair: User
    stranger: User
    applicant: Party
    land: Procedure
    quick: Procedure


@pytest.fixture
def office(db) -> Office:
    return make_office()


def make_office() -> Office:
    """The office, where a fixture cannot build it (``real_database``)."""
    province = unit("84", "Tỉnh Trà Vinh", UnitKind.PROVINCE)
    district = unit("846", "Huyện Cầu Kè", UnitKind.DISTRICT, province, agency_code="000.00.25.H59", short_code="CAUKE")
    room = unit("846.01", "Phòng Tài nguyên và Môi trường", UnitKind.OFFICE, district)
    commune = unit("29311", "Xã Hòa Ân", UnitKind.COMMUNE, district, agency_code="000.26.25.H59")
    other = unit("29317", "Xã Châu Điền", UnitKind.COMMUNE, district, agency_code="000.27.25.H59")
    land = procedure("1.009991", "Đăng ký biến động", 5)
    quick = procedure("1.009992", "Chứng thực bản sao", 0, "same_day", "same_day_15h")
    for where in (district, commune, other):
        for wanted in (land, quick):
            adopt(unit=where, procedure=wanted, valid_from=START)
    return Office(
        province=province,
        district=district,
        office=room,
        commune=commune,
        other=other,
        clerk=person("motcua", district, Duty.RECEIVE, Duty.HAND_OVER),
        handler=person("xuly", district, Duty.HANDLE),
        second=person("xuly2", district, Duty.HANDLE),
        head=person("truongphong", district, Duty.HEAD),
        chair=person("chutich", district, Duty.CHAIR),
        stranger=person("nguoila", other, Duty.RECEIVE, Duty.HANDLE, Duty.HEAD),
        applicant=record_party(actor=None, name="Nguyễn Văn Mẫu", commune=commune, invented=True),
        land=land,
        quick=quick,
    )
