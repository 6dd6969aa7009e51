"""Nhật ký truy cập: who has read whose dossier, for whoever inspects."""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.dossiers import user_of
from motcua.desk.forms import DateField, LineField
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.dossiers import readings
from motcua.dossiers.states import LEADER_DUTIES
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.parties.models import AccessView, What

READERS = frozenset({Duty.INSPECT, Duty.CHAIR, Duty.DIRECTOR})


class LogFilters(forms.Form):
    """What narrows the log."""

    nguoi_dan = LineField(
        label="Người dân, tổ chức",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "Tên hoặc số giấy tờ"}),
    )
    ho_so = LineField(label="Mã hồ sơ", required=False, max_length=80)
    nguoi_xem = LineField(
        label="Người xem",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "Tên hoặc tên đăng nhập"}),
    )
    cach = forms.ChoiceField(label="Cách xem", required=False, choices=[("", "Tất cả"), *What.choices])
    tu = DateField(label="Từ ngày", required=False)
    den = DateField(label="Đến hết ngày", required=False)


_COLUMNS = [
    Column("luc", "Lúc", sort=["at"]),
    Column("nguoi", "Người xem", sort=["user__full_name"]),
    Column("cach", "Đã làm gì"),
    Column("ho-so", "Hồ sơ"),
    Column("nguoi-dan", "Của ai"),
    Column("ly-do", "Lý do"),
]


@never_cache
@require_GET
@needs(*sorted(READERS))
def access_log(request: HttpRequest) -> HttpResponse:
    """Readings by people of my units, and of dossiers of my units. Seven days where no day is asked for."""
    scope = org.scope(user_of(request), READERS, clock.today())
    filters = LogFilters(request.GET)
    given = filters.cleaned_data if filters.is_valid() else {}
    asked = any(given.get(name) for name in ("nguoi_dan", "ho_so", "nguoi_xem", "tu", "den"))
    start = given.get("tu") or (None if asked else clock.today() - dt.timedelta(days=6))
    rows = readings.readings(
        scope,
        person=given.get("nguoi_dan", ""),
        code=given.get("ho_so", ""),
        official=given.get("nguoi_xem", ""),
        what=given.get("cach", ""),
        first_day=start,
        last_day=given.get("den"),
    )
    names = list(filters.fields)
    found: Listing[AccessView] = listing(request, rows, _COLUMNS, default="-luc", filters=names)
    duties = dict(Duty.choices)
    context = {
        "list": found,
        "rows": [(row, duties.get(row.duty, "")) for row in found.page],
        "filters": filters,
        "start": start,
        "asked": asked,
        "leads": bool(standing(request).held & LEADER_DUTIES),
    }
    return render(request, "desk/access_log.html", context)
