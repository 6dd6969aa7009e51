"""A province of 110 communes: the half-year report consolidated, frozen and rendered (timed in bench_reports)."""

import datetime as dt
from decimal import Decimal

import pytest

from motcua.core import clock
from motcua.indicators import defining
from motcua.indicators.models import Indicator, Value
from motcua.org.models import Duty, Unit, UnitPlace
from motcua.reports import actions, compiling, content, queries
from motcua.reports.models import Report
from tests.desk.counting import at

HALF = (dt.date(2025, 12, 15), dt.date(2026, 6, 14))
CODES = ("cd_van_ban", "sang_kien", "tt_tin_bai", "tt_chuyen_muc", "tt_cuoc", "tt_luot_nguoi", "doi_thoai",
         "kt_tong_co_quan", "kt_co_quan", "qppl_ban_hanh", "cv_boi_duong")  # fmt: skip


@pytest.mark.django_db
def test_a_province_consolidates_and_renders_the_half_year(cast):
    defining.load_starter()
    province = cast.vinh_long
    place = UnitPlace.objects.get(unit=province)
    units = Unit.objects.bulk_create(
        Unit(code=f"9{n:04d}", name=f"Xã {n:03d}", kind="commune", valid_from=dt.date(2025, 7, 1)) for n in range(110)
    )
    UnitPlace.objects.bulk_create(
        UnitPlace(unit=unit, parent=province, path=f"{place.path}{unit.pk}/", valid_from=dt.date(2025, 7, 1))
        for unit in units
    )
    indicators = {row.code: row for row in Indicator.objects.filter(code__in=CODES)}
    Value.objects.bulk_create(
        Value(
            unit=unit,
            indicator=indicators[code],
            first=HALF[0],
            last=HALF[1],
            number=Decimal(n % 7),
            updated_at=clock.now(),
        )
        for n, unit in enumerate(units)
        for code in CODES
    )
    reform = cast.above
    with clock.at(at("15/06/2026 08:00")):
        made = actions.open_report(actor=reform, type_code="cchc-6-thang", unit=province, first=HALF[0], last=HALF[1])
        actions.cut(actor=reform, report=made.pk)
        row = Report.objects.select_related("unit", "cut").get(pk=made.pk)
        document = content.as_word(row)
        printed = content.as_pdf(content.content(row), document)
    figures = compiling.frozen(row.cut)
    assert figures["sang_kien"].value == sum(n % 7 for n in range(110))
    assert printed[:5] == b"%PDF-"
    text = {part.item.key: part.text for part in queries.parts(row)}["i_sang_kien"]
    assert "{sang_kien} sáng kiến" in text
    assert Duty.REFORM in actions.held_at(reform, province, dt.date(2026, 6, 15))
