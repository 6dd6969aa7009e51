"""Figures on their way up: the last quarter's sheets of the four communes, one accepted, one late, one given back, one
begun. The numbers are made up."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.indicators import actions, gathering, queries
from motcua.indicators.actions import Cell
from motcua.indicators.models import Return
from motcua.org.models import Assignment, Duty, Unit, User

# What a commune types, in the order of the sheet; «không có» where nothing happened.
TYPED = {
    "ks_co": ("Có", "Có", "Không", "Có"),
    "ks_phieu": ("150", "80", "", "60"),
    "ks_truc_tuyen": ("90", "30", "", "60"),
    "ks_truc_tiep": ("60", "50", "", ""),
    "doi_thoai": ("2", "1", "không có", "1"),
    "sang_kien": ("3", "1", "không có", ""),
    "pakn_tiep_nhan": ("12", "4", "7", ""),
    "pakn_xu_ly": ("12", "4", "6", ""),
    "pakn_cong_khai": ("12", "4", "6", ""),
    "bc_giao": ("42", "38", "40", "41"),
    "bc_co_mat": ("40", "37", "40", ""),
    "cv_boi_duong": ("18", "6", "11", ""),
    "vb_di": ("1.204", "611", "702", ""),
    "vb_dien_tu": ("1.180", "590", "702", ""),
    "vb_song_song": ("24", "21", "0", ""),
    "vb_giay": ("0", "0", "0", ""),
    "sh_ho_so": ("61", "35", "40", ""),
    "sh_ket_qua": ("58", "35", "38", ""),
}
ACCEPTED, LATE, BACK, BEGUN = range(4)
REASON = "Thiếu số phiếu khảo sát trực tuyến; đề nghị bổ sung."


def tell(communes: Sequence[Unit], province: Unit, today: dt.date) -> list[Return]:
    """Type, send, take in and give back, by whoever holds the duty there; nothing where it is too early for it."""
    form = queries.form("cchc")
    window = gathering.usual(form, today)
    above = holder(province, window.last)
    made = []
    for part, unit in enumerate(communes[:4]):
        day = window.last + dt.timedelta(days=form.due_days + (4 if part == LATE else -1))
        if day + dt.timedelta(days=1) >= today or unit.valid_from > window.first:
            continue
        keeper = holder(unit, window.last)
        with clock.at(clock.local_moment(day, dt.time(9, 20))):
            row = actions.open_return(unit=unit, form=form, window=window, actor=keeper)
            cells = [Cell(code, said[part]) for code, said in TYPED.items() if said[part]]
            actions.save_values(to=row.pk, cells=cells, actor=keeper)
            if part != BEGUN:
                actions.submit(to=row.pk, actor=keeper)
        with clock.at(clock.local_moment(day + dt.timedelta(days=1), dt.time(14))):
            if part == ACCEPTED:
                actions.accept(to=row.pk, actor=above)
            elif part == BACK:
                actions.give_back(to=row.pk, reason=REASON, actor=above)
        made.append(row)
    return made


def holder(unit: Unit, day: dt.date) -> User | None:
    """Who kept the figures of a unit on a day; None where nobody had been named. One statement."""
    duties = [Duty.REFORM, Duty.CONTROL]
    found = Assignment.objects.filter(unit=unit, duty__in=duties, valid_from__lte=day, valid_to__isnull=True)
    row = found.filter(user__is_active=True).select_related("user").order_by("pk").first()
    return row.user if row else None
