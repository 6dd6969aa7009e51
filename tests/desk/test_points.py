"""A «điểm tiếp nhận» beneath a commune: its receiver takes dossiers in for the commune and its bodies."""

import datetime as dt

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import NotAllowed, NotFound
from motcua.dossiers.models import Dossier
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, Assignment, Duty, Unit, UnitKind, UnitPlace
from motcua.procedures import queries
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import Competence, Stated
from motcua.procedures.drafts import Draft, Head, TermDraft
from tests.desk.filing import CODE, usable
from tests.dossiers.conftest import procedure
from tests.support.cast import NEW_DAY, OLD_DAY
from tests.support.sql import max_queries

POINT = "29308-TTPVHCC"


@pytest.fixture
def point(cast):
    return cast.unit(POINT, NEW_DAY)


@pytest.fixture
def sitting(cast, point):
    """The person whose only duty is to receive at the point."""
    Assignment.objects.create(user=cast.stranger, unit=point, duty=Duty.RECEIVE, valid_from=TWO_TIER_DAY)
    return cast.stranger


def body(cast, code: str, name: str, kind: str, above: Unit) -> Unit:
    made = Unit.objects.create(code=code, name=name, kind=kind, valid_from=TWO_TIER_DAY)
    path = UnitPlace.objects.get(unit=above, valid_to__isnull=True).path
    UnitPlace.objects.create(unit=made, parent=above, path=f"{path}{made.pk}/", valid_from=TWO_TIER_DAY)
    return made


def typed(client, url: str, **more) -> dict:
    form = client.get(url).context["form"]
    return {
        "request_key": form["request_key"].value(),
        "name": "Thạch Thị Mẫu",
        "kind": "person",
        "channel": "direct",
        "copies": "1",
        "result_method": "counter",
        **more,
    }


def test_the_point_offers_what_the_commune_adopted_and_the_commune_answers_for_it(cast, point, sitting, signed_in):
    usable(cast)
    client = signed_in(sitting)
    page = client.get(reverse("intake")).content.decode()
    assert "Đăng ký biến động" in page
    assert "Xã Cầu Kè giải quyết" in page
    assert "Đăng ký biến động" in client.get(reverse("intake"), {"tim": "bien dong"}).content.decode()
    url = reverse("receive", args=[CODE])
    assert client.get(url).context["form"]["commune"].initial == cast.xa_cau_ke.code
    done = client.post(url, typed(client, url))
    assert done.status_code == 302, done.content.decode()
    made = Dossier.objects.get()
    assert (made.unit, made.desk_unit, made.holder) == (cast.xa_cau_ke, point, sitting)
    assert made.item.events.get().legs.filter(account="in_time").values_list("unit", flat=True)[0] == cast.xa_cau_ke.pk
    assert client.get(reverse("dossier", args=[made.pk])).status_code == 200


def test_what_is_resolved_at_once_at_the_point_is_the_communes_too(cast, point, sitting, signed_in):
    usable(cast)
    client, url = signed_in(sitting), reverse("receive", args=[CODE])
    done = client.post(url, typed(client, url, at_once="1"))
    assert done.status_code == 302, done.content.decode()
    made = Dossier.objects.get()
    assert (made.unit, made.desk_unit, made.state) == (cast.xa_cau_ke, point, "handed_over")


def test_a_procedure_without_a_term_promises_no_day(cast, sitting, signed_in):
    draft = Draft(
        Head(name="Giải quyết khiếu nại lần đầu", field="Khiếu nại"), terms=(TermDraft(Stated.NONE, confirmed=True),)
    )
    made = create_procedure(code="1.008888", draft=draft, valid_from=TWO_TIER_DAY, basis="Thử").procedure
    adopt(unit=cast.xa_cau_ke, procedure=made, valid_from=TWO_TIER_DAY)
    client, url = signed_in(sitting), reverse("receive", args=["1.008888"])
    assert "Không hẹn ngày" in client.get(url).content.decode()
    assert client.post(url, typed(client, url)).status_code == 302
    page = client.get(reverse("dossier", args=[Dossier.objects.get().pk]))
    assert page.status_code == 200
    for name in ("work", "dossiers"):
        assert client.get(reverse(name)).status_code == 200


def test_an_office_of_the_commune_answers_where_it_is_named_in_the_adoption(cast, point, sitting, signed_in):
    office = body(cast, "29308-KT", "Phòng Kinh tế", UnitKind.OFFICE, cast.xa_cau_ke)
    usable(cast)
    adopt(unit=office, procedure=procedure("1.009993", "Cấp giấy phép cửa hàng", 3), valid_from=TWO_TIER_DAY)
    adopt(unit=office, procedure=usable(cast), valid_from=TWO_TIER_DAY)
    found = queries.offered(org.scope(sitting, Duty.RECEIVE, clock.today()), point, clock.today())
    assert sorted((a.code, a.adoption.unit.code) for a in found) == [
        (CODE, "29308"),
        (CODE, "29308-KT"),
        ("1.009993", "29308-KT"),
    ]
    client = signed_in(sitting)
    # Of two who have adopted it the nearer one is meant, unless the address says which.
    assert client.get(reverse("receive", args=[CODE])).context["adopted"].adoption.unit == cast.xa_cau_ke
    url = reverse("receive", args=[CODE]) + "?co-quan=29308-KT"
    assert client.post(url, typed(client, url)).status_code == 302
    assert Dossier.objects.get().unit == office
    assert signed_in(cast.receiver).get(reverse("receive", args=["1.009993"])).status_code == 200


def test_what_the_point_only_passes_on_is_taken_in_for_who_resolves_it(cast, point, sitting):
    adopt(unit=point, procedure=usable(cast), valid_from=TWO_TIER_DAY, competence=Competence.RECEIVES)
    scope = org.scope(sitting, Duty.RECEIVE, NEW_DAY)
    assert [a.adoption.unit.code for a in queries.offered(scope, point, NEW_DAY)] == ["29308"]
    assert queries.offered_one(scope, point, CODE, NEW_DAY).adoption.unit == cast.xa_cau_ke


def test_neither_neighbours_nor_places_beneath_are_received_for(cast, point, sitting, signed_in):
    adopt(unit=cast.xa_an_phu_tan, procedure=procedure("1.009994", "Việc của xã khác", 3), valid_from=TWO_TIER_DAY)
    far = body(cast, "29317-KT", "Phòng Kinh tế An Phú Tân", UnitKind.OFFICE, cast.xa_an_phu_tan)
    sector = body(cast, "86-DD", "Văn phòng đăng ký đất đai", UnitKind.SECTOR, cast.vinh_long)
    branch = body(cast, "86-DD-1", "Chi nhánh", UnitKind.SECTOR, sector)
    today = clock.today()
    assert org.received_for(point, today) == [point, cast.xa_cau_ke]
    assert org.received_for(cast.vinh_long, today) == [cast.vinh_long, branch, sector]
    assert org.received_for(far, today) == [far]
    assert signed_in(sitting).get(reverse("receive", args=["1.009994"])).status_code == 404
    with pytest.raises(NotFound, match="không tiếp nhận"):
        queries.offered_one(org.SYSTEM, point, "1.009994", today)
    with pytest.raises(NotAllowed):
        queries.offered(org.scope(sitting, Duty.RECEIVE, today), cast.xa_an_phu_tan, today)


def test_a_point_in_a_centre_serves_the_commune_and_a_district_its_offices(cast):
    centre = body(cast, "29308-TT", "Trung tâm", UnitKind.PUBLIC_SERVICE, cast.xa_cau_ke)
    inner = body(cast, "29308-TT-1", "Điểm Hòa Ân", UnitKind.POINT, centre)
    assert org.received_for(inner, NEW_DAY) == [inner, cast.xa_cau_ke, centre]
    assert org.territory(inner, NEW_DAY) == cast.xa_cau_ke
    assert org.received_for(cast.cauke, OLD_DAY) == [cast.cauke, cast.finance, cast.justice]
    assert org.received_for(cast.cauke, OLD_DAY - dt.timedelta(days=365 * 60)) == [cast.cauke]


def test_the_intake_list_stays_cheap(cast, point, sitting, signed_in):
    usable(cast)
    client = signed_in(sitting)
    client.get(reverse("intake"))
    with max_queries(8):
        client.get(reverse("intake"))
