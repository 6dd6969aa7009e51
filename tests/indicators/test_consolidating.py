"""Up the tree: a district with its communes, across 01/7/2025, a province of 110 communes; what looks off."""

import datetime as dt
import time
from decimal import Decimal

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.dossiers import actions as dossiers
from motcua.indicators import actions, checking, queries
from motcua.indicators.figure import MISSING
from motcua.indicators.models import Form, Indicator, Return, Value
from motcua.ledger import queries as ledger
from motcua.ledger.models import Channel
from motcua.org.models import Duty, Unit, UnitKind, UnitPlace
from motcua.org.queries import SYSTEM, Scope
from motcua.procedures.actions import adopt
from tests.dossiers.conftest import Office, at, make_office, office
from tests.indicators.conftest import opened, typed
from tests.support.cast import Cast
from tests.support.sql import max_queries

__all__ = ["office"]


def noon(day: dt.date) -> dt.datetime:
    return clock.local_moment(day, dt.time(12))


@pytest.fixture
def busy(office: Office, shipped) -> Office:
    """Two dossiers at the district's office, three at a commune: one late with an apology, one pending online."""
    by_day = [("01/06/2023", office.office, office.land, Channel.DIRECT, "05/06/2023"),
              ("01/06/2023", office.office, office.land, Channel.DIRECT, "20/06/2023"),
              ("02/06/2023", office.commune, office.quick, Channel.DIRECT, "02/06/2023"),
              ("05/06/2023", office.commune, office.land, Channel.POST, "06/06/2023"),
              ("20/06/2023", office.commune, office.land, Channel.ONLINE_ASSISTED, "")]  # fmt: skip
    for unit in (office.office, office.commune):
        for procedure in (office.land, office.quick):
            if not procedure.adoptions.filter(unit=unit).exists():
                adopt(unit=unit, procedure=procedure, valid_from=dt.date(2020, 1, 1))
    for day, unit, procedure, channel, end in by_day:
        with clock.at(at(f"{day} 08:00")):
            found = dossiers.receive(
                actor=office.clerk, procedure=procedure, unit=unit, applicant=office.applicant, channel=channel
            )
        if end == "20/06/2023":
            with clock.at(at("16/06/2023 08:00")):
                dossiers.apologise(
                    actor=office.chair, dossier=found.pk, new_appointment=dt.date(2023, 6, 21), reason="Mưa bão"
                )
        if end:
            with clock.at(at(f"{end} 10:00")):
                dossiers.resolve(actor=office.handler, dossier=found.pk, outcome="granted")
    return office


def test_the_ledgers_figures_reach_the_form_with_their_way_back(busy: Office):
    window = queries.window(dt.date(2023, 6, 1), dt.date(2023, 6, 30))
    with clock.at(noon(dt.date(2023, 7, 3))):
        made = queries.consolidate(SYSTEM, unit=busy.district, window=window, form=Form.objects.get(code="ii-06a"))
        printed = ledger.statement(
            SYSTEM, book="dossier", units=[busy.district], start=window.first, end=window.last
        ).total.figures
    said = {code: int(f.value) for code, f in made.figures.items()}
    assert (said["c3"], said["c4"], said["c5"], said["c7"], said["c10"], said["c11"]) == (5, 1, 4, 4, 1, 1)
    assert said["c7"] == printed.ended_total
    assert said["c11"] == printed.closing.total
    whole = made.figures["c10"]
    assert whole.inputs["watermark"]
    assert "cot=c10" in whole.link
    assert "tu=2023-06-01" in whole.link
    own = {part.unit.pk: part.figures for part in made.parts}
    assert own[busy.district.pk]["c3"].value == 2  # with its office, without its communes
    assert own[busy.commune.pk]["c3"].value == 3
    # The other commune has never had a dossier here: it is not said to have 0.
    assert own[busy.other.pk]["c3"].state == MISSING
    assert whole.missing_parts == 1


def test_levels_rates_and_apologies_of_the_annex(busy: Office):
    window = queries.window(dt.date(2023, 6, 1), dt.date(2023, 6, 30))
    with clock.at(noon(dt.date(2023, 7, 3))):
        made = queries.consolidate(SYSTEM, unit=busy.district, window=window, form=Form.objects.get(code="cchc"))
    said = {code: f.shown for code, f in made.figures.items()}
    assert (said["hs_tn_huyen"], said["hs_tn_xa"], said["hs_tiep_nhan"]) == ("2", "3", "5")
    assert (said["hs_ty_le_dung_han"], said["hs_xin_loi"], said["hs_ty_le_xin_loi"]) == ("75", "1", "100")
    assert (said["hs_tl_xa"], said["hs_truc_tuyen"], said["hs_bcci_nhan"]) == ("100", "1", "1")
    # Two procedures at the district, the same two at a commune: two of each level, whatever the number of units.
    assert (said["tthc_huyen"], said["tthc_xa"], said["tthc_tong"]) == ("2", "2", "4")
    assert said["dvc_phat_sinh"] == "1"
    assert not list(checking.broken(made.figures, queries.identities(made.form, window.last)))


def test_an_estimate_says_so_and_what_was_known_then_stays_known(busy: Office):
    form = Form.objects.get(code="ii-06a")
    window = queries.window(dt.date(2023, 6, 1), dt.date(2023, 6, 30))
    with clock.at(noon(dt.date(2023, 6, 12))):
        early = queries.consolidate(SYSTEM, unit=busy.district, window=window, form=form)
    assert early.figures["c7"].estimate
    assert early.figures["c7"].last == dt.date(2023, 6, 12)
    with clock.at(noon(dt.date(2023, 7, 3))):
        now = queries.consolidate(SYSTEM, unit=busy.district, window=window, form=form)
        mark = now.figures["c7"].inputs["watermark"]
        late = dossiers.receive(
            actor=busy.clerk, procedure=busy.land, unit=busy.commune, applicant=busy.applicant, channel=Channel.DIRECT
        )
        assert late.pk
        again = queries.consolidate(SYSTEM, unit=busy.district, window=window, form=form, known_at=mark)
    assert not now.figures["c7"].estimate
    assert {c: f.value for c, f in again.figures.items()} == {c: f.value for c, f in now.figures.items()}


def test_communes_send_and_the_district_adds_up(cast: Cast, half):
    form = Form.objects.get(code="cchc")
    with clock.at(noon(dt.date(2023, 6, 16))):
        typed(opened(cast.cauke, half), tt_tin_bai=115, kh_nhiem_vu=32, kh_hoan_thanh=26)
        one = opened(cast.unit("29320"), half)
        typed(one, tt_tin_bai=10, ttkt_kien_nghi=4, ttkt_thuc_hien=4, kh_nhiem_vu=9, kh_hoan_thanh=9)
        two = opened(cast.unit("29317"), half)
        typed(two, tt_tin_bai=5, ttkt_kien_nghi=6, ttkt_thuc_hien=1, ks_co="Có")
        actions.submit(to=one.pk)
        actions.accept(to=one.pk)
        actions.submit(to=two.pk)
        made = queries.consolidate(SYSTEM, unit=cast.cauke, window=half, form=form)
        strict = queries.consolidate(SYSTEM, unit=cast.cauke, window=half, form=form, accepted_only=True)
    said = {code: f.shown for code, f in made.figures.items()}
    assert said["tt_tin_bai"] == "130"
    assert said["ttkt_ty_le"] == "50"
    assert said["ks_co"] == "1"
    assert said["kh_ty_le"] == "81,25"  # the district's own plan; those of communes do not add to it
    assert {u.code for u in made.not_sent} == {"29308", "29311"}
    assert strict.figures["tt_tin_bai"].value == 125
    with clock.at(noon(dt.date(2023, 6, 19))):
        after = queries.consolidate(SYSTEM, unit=cast.cauke, window=half, form=form)
    assert {u.code for u in after.late} == set()  # those two never opened a sheet; they are in not_sent
    with pytest.raises(NotAllowed):
        queries.consolidate(Scope(1, half.last, frozenset()), unit=cast.cauke, window=half, form=form)


def test_across_the_reform_old_communes_stand_beneath_their_successors(cast: Cast, shipped):
    year = queries.window(dt.date(2024, 12, 15), dt.date(2025, 12, 14))
    spring = queries.window(dt.date(2024, 12, 15), dt.date(2025, 6, 14))
    with clock.at(noon(dt.date(2025, 6, 16))):
        for code, n in (("29311", 3), ("29320", 4), ("845", 5)):
            typed(opened(cast.unit(code), spring), tt_tin_bai=n)
    with clock.at(noon(dt.date(2025, 12, 16))):
        typed(opened(cast.xa_cau_ke, year), tt_tin_bai=20)
        typed(opened(cast.vinh_long, year), tt_tin_bai=100)
        made = queries.consolidate(SYSTEM, unit=cast.vinh_long, window=year, codes=["tt_tin_bai"])
        before = queries.consolidate(SYSTEM, unit=cast.vinh_long, window=spring, codes=["tt_tin_bai"])
    assert made.figures["tt_tin_bai"].value == 120
    # The province that did not exist yet says what its predecessors said, in the lines of today's communes.
    assert before.figures["tt_tin_bai"].value == 12
    lines = {cast.units["29308", cast.xa_cau_ke.valid_from].pk: 8, cast.xa_an_phu_tan.pk: 4}
    told = {line: f.value for line, f in before.by_line("tt_tin_bai").items() if f.known}
    assert told == {line: Decimal(n) for line, n in lines.items()}


def test_what_looks_off_is_seen_before_consolidating(cast: Cast, half):
    form = Form.objects.get(code="cchc")
    last = queries.window(dt.date(2022, 6, 15), dt.date(2022, 12, 14))
    with clock.at(noon(dt.date(2023, 6, 16))):
        typed(opened(cast.cauke, last), tt_tin_bai=10, tt_cuoc=7, sang_kien=2)
        typed(opened(cast.cauke, half), tt_tin_bai=115, nv_duoc_giao=10, nv_dung_han=7, nv_qua_han_xong=1,
              nv_chua_den_han=1, nv_qua_han_chua=0, kh_nhiem_vu=3, kh_hoan_thanh=4)  # fmt: skip
        copy = opened(cast.unit("29320"), last)
        typed(copy, tt_tin_bai=3, tt_cuoc=2, sang_kien=1)
        typed(opened(cast.unit("29320"), half), tt_tin_bai=3, tt_cuoc=2, sang_kien=1)
        found = queries.oddities(SYSTEM, form=form, window=half, unit=cast.cauke, consolidated=True)
        changed = queries.changed_since(SYSTEM, form=form, window=half, unit=cast.cauke, consolidated=False)
    said = {(o.kind, o.codes[0], o.unit_id) for o in found}
    assert ("broken", "nv_duoc_giao", None) in said
    assert ("broken", "kh_hoan_thanh", None) in said
    assert ("jump", "tt_tin_bai", None) in said
    assert ("beyond", "kh_ty_le", None) in said
    assert [o.unit_id for o in found if o.kind == "same"] == [cast.unit("29320").pk]
    assert next(o for o in found if o.codes[0] == "nv_duoc_giao").said.endswith("lệch 1.")
    assert "tt_tin_bai" in {c.code for c in changed}
    assert "doi_thoai" not in {c.code for c in changed}


def test_a_province_of_110_communes_in_a_second_or_two(shipped):
    first = dt.date(2020, 1, 1)
    top = Unit.objects.create(code="T", name="Tỉnh Thử", kind=UnitKind.PROVINCE, valid_from=first)
    UnitPlace.objects.create(unit=top, path=f"/{top.pk}/", valid_from=first)
    units = Unit.objects.bulk_create(
        Unit(code=f"T{i}", name=f"Xã {i}", kind=UnitKind.COMMUNE, valid_from=first) for i in range(110)
    )
    UnitPlace.objects.bulk_create(
        UnitPlace(unit=u, parent=top, path=f"/{top.pk}/{u.pk}/", valid_from=first) for u in units
    )
    window = queries.window(dt.date(2025, 12, 15), dt.date(2026, 6, 14))
    form = Form.objects.get(code="cchc")
    manual = list(Indicator.objects.filter(kind="count").exclude(origin="formula"))
    now = clock.now()
    Value.objects.bulk_create(
        Value(unit=u, indicator=i, first=window.first, last=window.last, number=u.pk % 7 + 1, updated_at=now)
        for u in units
        for i in manual
    )
    Return.objects.bulk_create(
        Return(unit=u, form=form, first=window.first, last=window.last, label="6 tháng", rule="sau-thang-15",
               due=window.last, created_at=now) for u in units[:100]
    )  # fmt: skip
    reverse("figures")  # the addresses are read once a process, and not by this
    with clock.at(noon(dt.date(2026, 6, 20))), max_queries(120) as sent:
        start = time.process_time()
        made = queries.consolidate(SYSTEM, unit=top, window=window, form=form)
        took = time.process_time() - start
    assert len(made.parts) == 111
    assert len(made.not_sent) == 110
    assert len(made.late) == 100
    assert made.figures["tt_tin_bai"].value == sum(u.pk % 7 + 1 for u in units)
    assert took < 5, took  # about one second on a quiet machine
    few = len(sent.captured_queries)
    with clock.at(noon(dt.date(2026, 6, 20))), max_queries(few):
        queries.consolidate(SYSTEM, unit=units[0], window=window, form=form)


def test_figures_of_a_duty(cast: Cast, half):
    """The scope of an officer is that of the duty; successors see what they inherited."""
    from motcua.org import queries as org

    with clock.at(noon(dt.date(2025, 9, 1))):
        scope = org.scope(cast.by_duty[Duty.REFORM], actions.FILLERS, clock.today())
        told = queries.figures(scope, codes=["sang_kien"], units=[cast.unit("29311")], window=half)
    assert told[cast.unit("29311").pk]["sang_kien"].state == MISSING
    assert make_office
