"""The demo as a reader finds it: the published figures, people who do not exist, a live office this morning.

Built once, smaller (``build.SMALL``), through the same path as the full one; ``test_full.py`` holds the real figures.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid
from motcua.demo import build, catalogue
from motcua.dossiers.models import Component, Dossier
from motcua.dossiers.states import State
from motcua.indicators.models import Return
from motcua.indicators.queries import is_late
from motcua.ledger import queries as ledger
from motcua.ledger.models import Event, Item
from motcua.org import actions as org_actions
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, Assignment, Duty, Unit, User
from motcua.org.queries import SYSTEM
from motcua.parties.models import Party
from motcua.procedures.models import Adoption, Procedure
from motcua.worktime import queries as worktime
from tests.demo import registers
from tests.demo.places import NOW, fresh

FIRST, LAST = dt.date(2023, 1, 5), dt.date(2023, 6, 1)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[build.Told]:
    with fresh("demo", django_db_blocker), clock.at(NOW):
        yield build.build(build.SMALL)


@pytest.fixture(autouse=True)
def _that_morning(demo: build.Told) -> Iterator[None]:
    with clock.at(NOW):
        yield


def district() -> Unit:
    return org.unit_by_code("CAUKE", LAST)


def successor(code: str) -> Unit:
    return org.unit_by_code(code, TWO_TIER_DAY)


# ---- part one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known_at", [None, LAST])
def test_the_levels_come_to_their_figures(known_at: dt.date | None) -> None:
    """Opening 0, received, online, ended by class, pending: as known now, and as it was known on that evening."""
    made = ledger.statement(
        SYSTEM, book="dossier", units=[district()], start=FIRST, end=LAST, by="unit", known_at=known_at
    )
    levels = {name: figures for name, _, figures in made.levels()}
    for name, plan in (("Cấp huyện", build.SMALL.district), ("Cấp xã", build.SMALL.communes)):
        figures = levels[name]
        ended = Counter()
        for (account, _), n in figures.ended.items():
            ended[account] += n
        assert figures.opening.total == 0
        assert sum(figures.received.values()) == plan.received
        assert figures.received["online"] == plan.online
        assert figures.received.keys() <= {"direct", "online"}  # none by post, the report says
        assert figures.closing.in_time == figures.closing.total == plan.pending
        assert ended["late"] == plan.late
        assert ended.total() == plan.received - plan.pending
        assert ended["early"] > 0
        assert ended["on_time"] > 0


def test_what_was_pending_then_has_ended_in_time_since() -> None:
    evening = clock.local_moment(LAST + dt.timedelta(days=1))
    pending = Dossier.objects.filter(received_at__lt=evening, received_at__year=2023, ended_at__gte=evening)
    assert pending.count() == build.SMALL.district.pending + build.SMALL.communes.pending
    assert set(pending.values_list("time_class", flat=True)) <= {"early", "on_time"}
    assert not Dossier.objects.filter(received_at__year=2023, ended_at=None).exclude(state=State.VOIDED).exists()


def test_online_filings_are_of_procedures_that_may_be_filed_online() -> None:
    levels = {(a.unit_id, a.procedure_id): a.service_level for a in Adoption.objects.all()}
    rows = Dossier.objects.filter(received_at__year=2023, channel="online").values_list(
        "unit_id", "procedure_version__procedure_id"
    )
    found = {levels[row] for row in rows if row in levels}
    assert found <= set(catalogue.ONLINE)
    assert found


def test_offices_communes_and_procedures_are_as_published() -> None:
    offices = [u for u in org.descendants(district(), FIRST, LAST) if u.kind == "office"]
    using = Counter(Adoption.objects.filter(unit__in=offices).values_list("unit", flat=True))
    assert (len(offices), len(using)) == (13, 11)
    in_district = Adoption.objects.filter(unit__in=offices)
    assert in_district.values("procedure").distinct().count() == 262
    assert Counter(in_district.values_list("service_level", flat=True)) == catalogue.DISTRICT_LEVELS
    communes = [u for u in org.descendants(district(), FIRST, LAST) if u.code.startswith("293") and "-" not in u.code]
    assert len(communes) == 11
    for unit in communes:
        levels = Counter(Adoption.objects.filter(unit=unit).values_list("service_level", flat=True))
        assert levels == catalogue.COMMUNE_LEVELS
    fields = Adoption.objects.filter(unit=communes[0]).values_list("procedure__versions__field", flat=True)
    assert len(set(fields)) == 23


def test_invented_procedures_cannot_be_taken_for_real_ones() -> None:
    invented = Procedure.objects.filter(code__startswith="NB.MH.")
    assert invented.count() > 300
    assert not invented.filter(is_official=True).exists()
    for procedure in invented:
        assert "(minh họa)" in procedure.versions.get().name


# ---- part two -------------------------------------------------------------------------------------------------------


def test_every_state_is_there_to_be_seen() -> None:
    states = set(Dossier.objects.filter(unit=successor("29308")).values_list("state", flat=True))
    assert states == set(State)


def test_the_morning_has_something_to_do() -> None:
    pending = Dossier.objects.filter(unit=successor("29308"), ended_at=None, item__isnull=False)
    assert pending.filter(crossing_at__lte=NOW).count() >= 3
    # 21/11/2026 is a Saturday, so the next working day is the nearest due date.
    monday = clock.local_moment(dt.date(2026, 11, 24))
    assert pending.filter(crossing_at__gt=NOW, crossing_at__lte=monday).count() >= 2
    assert pending.exclude(waiting_since=None).count() >= 3
    uncollected = Dossier.objects.filter(state=State.RESULT_READY, ended_at__lt=NOW - dt.timedelta(days=30))
    assert uncollected.exists()
    # Nothing of 2023 or of the district stands on today's pages.
    assert not Dossier.objects.filter(ended_at=None, received_at__lt=clock.local_moment(dt.date(2026, 1, 1))).exclude(
        state=State.VOIDED
    )


def test_work_pending_on_30_june_went_to_the_applicants_commune() -> None:
    successions = org.succession_map()
    eve = clock.local_moment(TWO_TIER_DAY)
    inherited = Dossier.objects.filter(received_at__lt=eve, ended_at__gte=eve, received_at__year=2025)
    units = Counter()
    for row in inherited.select_related("item__territory", "unit"):
        item = row.item
        assert item is not None
        path = successions.path(item.unit_id, item.territory_id, clock.local_date(row.received_at))
        assert [row.unit_id] == [unit for _, unit in path]
        units[row.unit.code] += 1
        # A successor's people went on with it.
        first = Event.objects.filter(item=item, recorded_at__gte=eve).order_by("seq").first()
        assert first is not None
        assert first.unit_id == row.desk_unit_id == row.unit_id
    assert set(units) == {"29308", "29317", "29329", "29335"}
    away = inherited.filter(item__territory__code="29266")
    assert {d.unit.code for d in away} <= {"29308"}


# ---- every dossier --------------------------------------------------------------------------------------------------


def test_nobody_acts_outside_office_hours() -> None:
    calendar = worktime.compiled(worktime.calendar_version_for(None, LAST).pk)
    for at in Event.objects.values_list("occurred_at", flat=True).distinct():
        local = clock.local(at)
        spans = calendar.hours_on(local.date())
        assert any(a <= local.time() < b for a, b in spans), local
    until = clock.local_moment(dt.date(2026, 11, 20), dt.time(17))
    assert not Event.objects.filter(recorded_at__gt=until).exists()


def test_every_dossier_has_steps_holders_and_papers() -> None:
    received = Dossier.objects.filter(item__isnull=False).exclude(state=State.VOIDED)
    assert not received.filter(step=None).exclude(item__events__verb="transfer").exists()
    assert not received.filter(holder=None).exists()
    assert not Dossier.objects.filter(invented=False).exists()
    assert Component.objects.values("dossier").distinct().count() > Dossier.objects.count() // 2
    # Each act by somebody who had the duty at that time.
    held = {(a.user_id, a.duty) for a in Assignment.objects.all()}
    said = set(Event.objects.filter(actor__isnull=False).exclude(duty="").values_list("actor", "duty"))
    assert said <= held


def test_people_and_numbers_cannot_exist() -> None:
    for party in Party.objects.all():
        assert party.invented
        assert party.id_number.startswith("99")
        assert party.phone == "" or party.phone.startswith("0100")
    assert not User.objects.filter(is_demo=False).exists()


def test_the_books_verify() -> None:
    told = StringIO()
    call_command("verify", stdout=told)
    assert "toàn vẹn" in told.getvalue()


# ---- accounts and the command ---------------------------------------------------------------------------------------


def test_one_login_per_duty_with_the_common_password() -> None:
    told = StringIO()
    call_command("demo", "--logins", stdout=told)
    lines = told.getvalue().splitlines()
    assert settings.DEMO_PASSWORD in lines[0]
    assert "://" not in told.getvalue()
    here = successor("29308")
    for duty in Duty:
        line = next(line for line in lines if f" {duty.label} " in line)
        user = User.objects.get(username=line.split()[0])
        assert user.check_password(settings.DEMO_PASSWORD)
        assert [(d, u.pk) for d, u in org.duties(user, clock.today())] == [(duty, here.pk)]


def test_viewer_administrator_and_one_person() -> None:
    province = org.unit_by_code("VINHLONG", clock.today())
    viewer, admin = User.objects.get(username="cchc.vinhlong"), User.objects.get(username="quantri.vinhlong")
    assert org.holds(viewer, Duty.REFORM, province, clock.today())
    assert org.holds(admin, Duty.ADMIN, province, clock.today())
    alone = User.objects.get(username="kiemnhiem")
    duties = {d for d, u in org.duties(alone, clock.today()) if u.code == "29317"}
    assert duties == set(org_actions.ONE_PERSON_DUTIES)
    # Whoever served a unit that has ended cannot sign in.
    gone = User.objects.filter(home__valid_to__isnull=False)
    assert gone.exists()
    assert not gone.filter(is_active=True).exists()


def test_a_second_time_is_refused_and_changes_nothing() -> None:
    before = Item.objects.count(), User.objects.count()
    with pytest.raises(Conflict, match="cơ sở dữ liệu trống"):
        call_command("demo")
    assert (Item.objects.count(), User.objects.count()) == before


@pytest.mark.large
def test_the_same_day_makes_the_same_demo(demo: build.Told, django_db_blocker: Any) -> None:
    heads = list(Item.objects.order_by("pk").values_list("book", "code", "head"))
    with fresh("twin", django_db_blocker), clock.at(NOW + dt.timedelta(hours=5)):
        assert build.build(build.SMALL) == demo
        assert list(Item.objects.order_by("pk").values_list("book", "code", "head")) == heads


@pytest.mark.parametrize("day", [dt.date(2022, 3, 1), dt.date(2025, 7, 1), dt.date(2028, 1, 3)])
def test_a_day_it_cannot_be_told_on_is_said(day: dt.date, django_db_blocker: Any) -> None:
    with fresh("early", django_db_blocker), clock.at(clock.local_moment(day, dt.time(9))):
        with pytest.raises(Invalid, match=f"{day:%d/%m/%Y}"):
            build.build(build.SMALL)
        assert not Unit.objects.exists()


# ---- the registers --------------------------------------------------------------------------------------------------


def test_the_last_quarters_sheets_are_on_their_way() -> None:
    sheets = {row.state: row for row in Return.objects.exclude(unit__code="845")}
    assert sorted(sheets) == ["accepted", "draft", "returned", "submitted"]
    assert is_late(sheets["submitted"])
    assert sheets["returned"].reason


def test_the_registers_hold_the_published_numbers() -> None:
    registers.published_numbers_stand()


def test_the_registers_have_something_to_see_today() -> None:
    registers.there_is_something_to_see(NOW)
