"""Kết quả chưa nhận: what waits at the desk, since when, on which shelf, and whom to call."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Column, Listing, address, listing
from motcua.dossiers import queries, shelf
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import CALL_DUTIES, DUTIES, VIEW_DUTIES, Act
from motcua.org import queries as org

_LONG = [("", "Tất cả"), ("7", "Từ 7 ngày"), ("30", "Từ 30 ngày")]

_COLUMNS = [
    Column("ma", "Mã hồ sơ", sort=["code", "pk"]),
    Column("chu", "Chủ hồ sơ"),
    Column("thu-tuc", "Thủ tục"),
    Column("tu", "Đã chờ", sort=["ended_at", "pk"], help_text="Từ ngày kết quả về một cửa."),
    Column("ke", "Vị trí kệ", sort=["shelf__place", "ended_at"]),
    Column("nhac", "Đã nhắc"),
    Column("viec", "Việc"),
]


class Filters(forms.Form):
    """What narrows the list."""

    tim = LineField(
        label="Tìm", required=False, max_length=100, help_text="Mã, tên, số điện thoại, số căn cước hoặc vị trí kệ.",
        widget=forms.TextInput(attrs={"type": "search", "data-search": True}),
    )  # fmt: skip
    cho = forms.ChoiceField(label="Đã chờ", required=False, choices=_LONG)
    chua_xep = forms.BooleanField(label="Chưa xếp kệ", required=False)


class PlaceForm(ActForm):
    """A dossier onto a shelf: code, place, Enter; the place stays for the next one."""

    ma = LineField(label="Mã hồ sơ", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    ke = LineField(label="Vị trí kệ (trống: bỏ khỏi kệ)", required=False, max_length=40)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def uncollected(request: HttpRequest) -> HttpResponse:
    """The list, and above it the line that puts results on their shelf."""
    user, scope, today = user_of(request), scope_of(request), clock.today()
    place = PlaceForm(request.POST or None, initial={"ke": request.GET.get("ke", "")[:40]}, auto_id="xep_%s")
    if request.method == "POST" and place.is_valid():
        pk = queries.find(scope, place.cleaned_data["ma"])
        if pk is None:
            place.add_error("ma", "Không có hồ sơ mã này trong phạm vi của bạn.")
        else:
            where = place.cleaned_data["ke"]
            done = attempt(
                place,
                lambda: shelf.place_result(actor=user, dossier=pk, place=where, request_key=place.key(user)),
                fields={"place": "ke"},
            )
            if done is not None:
                messages.success(request, f"{done}: {f'đã xếp ở {where}' if where else 'đã bỏ khỏi kệ'}.")
                return redirect(reverse("uncollected") + address(request.GET, ke=where))
    filters = Filters(request.GET)
    wanted: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    rows = shelf.uncollected(
        scope,
        words=wanted.get("tim", ""),
        at_least=int(wanted.get("cho") or 0),
        unplaced=wanted.get("chua_xep", False),
        today=today,
    )
    lines: Listing[Dossier] = listing(request, rows, _COLUMNS, default="tu", filters=list(filters.fields))
    context = {
        "list": lines,
        "waits": shelf.waits(lines.page, today),
        "filters": filters,
        "place": place,
        # Whoever calls people sees whom to call, each at their own desks; on paper and for others it is a list.
        "calls": org.scope(user, CALL_DUTIES, today).unit_ids,
        "may_hand_over": bool(standing(request).held & DUTIES[Act.HAND_OVER]),
    }
    return render(request, "desk/uncollected.html", context, status=400 if place.errors else 200)
