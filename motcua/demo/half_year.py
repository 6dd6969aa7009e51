"""The half-year reform report of huyện Cầu Kè of June 2023: what its dossiers do not tell, typed, and the report made.

The figures are those the district published on 01/6/2023 (budget as of 28/5, appointments, meetings, autonomy); plan,
publicity and ISO come from its registers, dossiers from its books. The period of the law runs to 14/6, the report left
on the 1st: what is counted is an estimate to that day, as the district's was. The words are the product's own.
"""

import datetime as dt

from motcua.core import clock
from motcua.indicators import actions as figures
from motcua.indicators.models import Form
from motcua.indicators.queries import rules
from motcua.indicators.windows import Window, recognise
from motcua.org.models import Duty, Unit, User
from motcua.reports import actions as reports
from motcua.reports.models import Report

FIRST, LAST = dt.date(2022, 12, 15), dt.date(2023, 6, 14)
SENT_ON = dt.date(2023, 6, 1)
BUDGET_DAY = dt.date(2023, 5, 28)
TYPE = "cchc-6-thang"

# What the district's offices report as a few numbers, by indicator. («26/32» is typed as two.)
TYPED = {
    "cv_bn_phong": "5",
    "cv_bn_truong": "13",
    "cv_boi_duong": "269",
    "tu_chu_co": "45",
    "tu_chu_tong": "45",
    "tc_nhom_1": "0",
    "tc_nhom_2": "1",
    "tc_nhom_3": "0",
    "tc_nhom_4": "44",
    "vb_ty_le_dien_tu": "10/100",
    "vb_ty_le_song_song": "90/100",
    "hop_tinh_huyen": "5",
    "hop_tinh_huyen_xa": "0",
    "hop_tw_den_xa": "2",
    "ts_thu_du_toan": "490,873",
    "ts_thu_nd_du_toan": "49,5",
    "ts_chi_du_toan": "487,273",
    "ts_chi_cd_du_toan": "438,140",
    "dt_ke_hoach": "40,600",
}
# Counted over days of their own, which the report prints beside them: of the year, and of its second quarter.
YEAR, QUARTER = dt.date(2023, 1, 1), dt.date(2023, 4, 1)
BUDGET = {
    "ts_thu_ky": ("246,613", QUARTER),
    "ts_thu": ("347,344", YEAR),
    "ts_thu_noi_dia": ("22,504", YEAR),
    "ts_chi_ky": ("119,956", QUARTER),
    "ts_chi": ("239,426", YEAR),
    "ts_chi_can_doi": ("174,640", YEAR),
    "dt_giai_ngan": ("34,983", YEAR),
}
# Written by the officer; what the figures say stands in sentences of their own.
WORDS = {
    "iii_1": "Hồ sơ của cấp xã không có hồ sơ quá hạn; công khai thủ tục và tiếp nhận trực tuyến được duy trì.",
    "iv": "Hoàn thành các nhiệm vụ còn lại của kế hoạch năm; tăng tỷ lệ hồ sơ trực tuyến.",
}


def window() -> Window:
    """The half year of the report, by its rule. Queries the rules."""
    return recognise(FIRST, LAST, [rule for rule in rules(LAST) if rule.code == "sau-thang-15"])


def tell(district: Unit) -> Report:
    """Types the figures, freezes, writes, signs, numbers and sends, each by whoever has the duty, on 01/6/2023.

    The accounts of the district are blocked since it ended; for the story they are open while it is told.
    """
    keeper, chair, clerk = (_holder(district, duty) for duty in (Duty.REFORM, Duty.CHAIR, Duty.CLERK))
    cast = User.objects.filter(pk__in=[keeper.pk, chair.pk, clerk.pk])
    cast.update(is_active=True)
    for person in (keeper, chair, clerk):
        person.is_active = True
    try:
        with clock.at(clock.local_moment(SENT_ON, dt.time(17, 30))):
            return _told(district, keeper, chair, clerk)
    finally:
        cast.update(is_active=False)


def _holder(unit: Unit, duty: Duty) -> User:
    found = User.objects.filter(assignments__unit=unit, assignments__duty=duty).order_by("pk").first()
    assert found is not None, duty
    return found


def _told(district: Unit, keeper: User, chair: User, clerk: User) -> Report:
    own = window()
    sheet = figures.open_return(unit=district, form=Form.objects.get(code="cchc"), window=own, actor=keeper)
    cells = [figures.Cell(code, typed) for code, typed in TYPED.items()]
    cells += [figures.Cell(c, said, own_first=day, own_last=BUDGET_DAY) for c, (said, day) in BUDGET.items()]
    figures.save_values(to=sheet.pk, cells=cells, actor=keeper)
    figures.submit(to=sheet.pk, actor=keeper)
    report = reports.open_report(actor=keeper, type_code=TYPE, unit=district, first=FIRST, last=LAST)
    reports.cut(actor=keeper, report=report.pk)
    seen = {row.key: row.version for row in report.sections.order_by("version")}
    for key, text in WORDS.items():
        reports.write_section(actor=keeper, report=report.pk, key=key, text=text, seen=seen.get(key, 0))
    reports.submit(actor=keeper, report=report.pk)
    reports.sign(actor=chair, report=report.pk, authority="KT", title="Phó Chủ tịch")
    reports.number(actor=clerk, report=report.pk)
    return reports.send(actor=clerk, report=report.pk)
