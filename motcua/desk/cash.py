"""Thu phí: one dossier's money, and Bảng kê thu trong ngày with its closing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.intake import named_url
from motcua.desk.money import MoneyField
from motcua.desk.reading import reading, reading_list
from motcua.dossiers import charging, fees, queries
from motcua.dossiers.actions.charging import (
    CASH_DUTIES,
    CLOSE_DUTIES,
    COLLECT_DUTIES,
    REFUND_DUTIES,
    cancel_due,
    charge,
    close_cash,
    collect,
    refund,
    void_receipt,
)
from motcua.dossiers.counter_models import PayMethod
from motcua.dossiers.fees import Due
from motcua.dossiers.models import Dossier
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.parties.models import What
from motcua.procedures import queries as procedures
from motcua.reports.cash_book import cash_workbook
from motcua.reports.workbook import MEDIA_TYPE

# ---- one dossier -----------------------------------------------------------------------------------------------------


class CollectForm(ActForm):
    """Money over the counter for a dossier."""

    amount = MoneyField(label="Số tiền thu (đồng)")
    method = forms.ChoiceField(label="Thu bằng", choices=PayMethod.choices)


class ChargeForm(ActForm):
    """One more thing to pay."""

    due_name = LineField(label="Khoản", max_length=300, initial="Phí, lệ phí")
    due_amount = MoneyField(label="Số tiền (đồng)")
    due_group = LineField(label="Đối tượng miễn, giảm", max_length=120, required=False)
    due_reason = LineField(
        label="Lý do, giấy tờ miễn giảm", max_length=300, required=False, help_text="Bắt buộc khi khác mức thu."
    )


class ReverseForm(ActForm):
    """Why a line is taken back."""

    reason = LineField(label="Lý do", max_length=300)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(CASH_DUTIES))
def dossier_money(request: HttpRequest, pk: int) -> HttpResponse:
    """What a dossier must pay, what was paid, and the acts on it. One of the page's forms is sent at a time."""
    dossier = queries.get(scope_of(request), pk)
    asked = reading(request, dossier, What.DOSSIER)
    if asked is not None:
        return asked
    purse = charging.purse(dossier)
    what = request.POST.get("what", "")
    sent = request.POST if request.method == "POST" else None
    collecting = CollectForm(sent if what == "collect" else None, initial={"amount": max(purse.owed, 0)})
    rule = _by_rule(dossier)
    charging_form = ChargeForm(
        sent if what == "charge" else None, initial={"due_amount": rule} if rule is not None and not purse.dues else {}
    )
    reversing = ReverseForm(sent if what in _REVERSALS else None)
    forms_of: dict[str, ActForm] = {"collect": collecting, "charge": charging_form}
    form = forms_of.get(what, reversing if what in _REVERSALS else None)
    if form is not None and form.is_valid():
        done = attempt(form, lambda: _act(request, what, form, dossier, rule), fields=_FIELDS.get(what, {}))
        if done is not None:
            messages.success(request, _DONE[what])
            return redirect("dossier_money", pk)
    wrong = form is not None and bool(form.errors)
    context = {
        "dossier": dossier,
        "purse": purse,
        "collecting": collecting,
        "charging": charging_form,
        "reversing": reversing,
        "rule": rule,
        "may_refund": bool(standing(request).held & REFUND_DUTIES),
        "may_collect": bool(standing(request).held & COLLECT_DUTIES),
    }
    return render(request, "desk/dossier_money.html", context, status=400 if wrong else 200)


_REVERSALS: dict[str, Callable[..., Any]] = {"cancel": cancel_due, "void": void_receipt, "refund": refund}
_DONE = {
    "collect": "Đã thu và cấp số phiếu thu.",
    "charge": "Đã ghi khoản phải thu.",
    "cancel": "Đã bỏ khoản phải thu.",
    "void": "Đã hủy phiếu thu.",
    "refund": "Đã ghi trả lại tiền.",
}
_FIELDS: dict[str, dict[str, str]] = {
    "charge": {"amount": "due_amount", "reason": "due_reason", "name": "due_name"},
}


def _by_rule(dossier: Dossier) -> int | None:
    """What the dossier's own version says it costs; None where it is not clear."""
    lines = procedures.fees(dossier.procedure_version, dossier.channel, case=dossier.case)
    known = [due.by_rule for due in fees.reckon(lines) if due.by_rule is not None]
    return sum(known) if known else None


def _act(request: HttpRequest, what: str, form: Any, dossier: Dossier, rule: int | None) -> Any:
    user, given = user_of(request), form.cleaned_data
    key = form.key(user)
    if what == "collect":
        return collect(actor=user, dossier=dossier.pk, amount=given["amount"], method=given["method"], request_key=key)
    if what == "charge":
        due = Due(
            name=given["due_name"],
            amount=given["due_amount"],
            by_rule=rule,
            exempt_group=given["due_group"],
            reason=given["due_reason"],
        )
        return charge(actor=user, dossier=dossier.pk, dues=[due], request_key=key)
    entry = request.POST.get("entry", "")
    if not (entry.isascii() and entry.isdigit() and len(entry) < 19):
        raise Invalid("Chưa chọn khoản.")
    return _REVERSALS[what](actor=user, dossier=dossier.pk, entry=int(entry), reason=given["reason"], request_key=key)


# ---- the day's list --------------------------------------------------------------------------------------------------


class CloseForm(ActForm):
    """What was counted in the drawer."""

    collector = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    counted = MoneyField(label="Tiền mặt kiểm đếm (đồng)")
    note = LineField(label="Giải trình chênh lệch", max_length=300, required=False)


class DayForm(forms.Form):
    """Which day."""

    ngay = DateField(label="Ngày", required=False)


def _desks(request: HttpRequest) -> list[Unit]:
    return list({u.pk: u for duty, u in standing(request).duties if duty in CASH_DUTIES}.values())


def _asked(request: HttpRequest) -> tuple[Unit, dt.date, DayForm]:
    found = _desks(request)
    wanted = request.GET.get("don-vi", "")
    desk = next((u for u in found if str(u.pk) == wanted), found[0])
    form = DayForm(request.GET)
    day = form.cleaned_data["ngay"] if form.is_valid() else None
    return desk, min(day or clock.today(), clock.today()), form


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(CASH_DUTIES))
def cash(request: HttpRequest) -> HttpResponse:
    """Bảng kê thu trong ngày: every receipt by person, totals that are the sums of the rows, and the closing."""
    desk, day, day_form = _asked(request)
    user = user_of(request)
    scope = org.scope(user, CASH_DUTIES, clock.today())
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = attempt(form, lambda: _close(request, desk, day, given, form))
        if done is not None:
            messages.success(request, "Đã chốt bảng kê thu.")
            return redirect(f"{reverse('cash')}?{urlencode({'don-vi': str(desk.pk), 'ngay': f'{day:%d/%m/%Y}'})}")
    found = charging.cash_list(scope, desk, day)
    held = standing(request).held
    context = {
        "unit": desk,
        "desks": _desks(request),
        "receives": Duty.RECEIVE in held,
        "day": day,
        "day_form": day_form,
        "cash": found,
        "form": form,
        "mine": user.pk,
        "closes_others": bool(held & CLOSE_DUTIES),
        "unclosed": charging.unclosed_days(scope, desk, clock.today()),
        "print_url": named_url("cash_paper"),
        "print_query": urlencode({"don-vi": str(desk.pk), "ngay": day.isoformat()}),
        "query": urlencode({"don-vi": str(desk.pk), "ngay": f"{day:%d/%m/%Y}"}),
    }
    return render(request, "desk/cash.html", context, status=400 if form.errors else 200)


def _close(request: HttpRequest, desk: Unit, day: dt.date, given: dict[str, Any], form: CloseForm) -> Any:
    scope = org.scope(user_of(request), CASH_DUTIES, clock.today())
    groups = charging.cash_list(scope, desk, day, collector=given["collector"]).groups
    if not groups:
        raise NotFound("Không có phiếu thu nào của người này trong ngày.")
    user = user_of(request)
    return close_cash(
        actor=user,
        desk=desk,
        day=day,
        collector=groups[0].collector,
        counted=given["counted"],
        note=given["note"],
        request_key=form.key(user),
    )


@never_cache
@require_GET
@needs(*sorted(CASH_DUTIES))
def cash_file(request: HttpRequest) -> HttpResponse:
    """The same as .xlsx."""
    desk, day, _ = _asked(request)
    scope = org.scope(user_of(request), CASH_DUTIES, clock.today())
    found = charging.cash_list(scope, desk, day)
    reading_list(request, {str(row.entry.dossier) for row in found.rows}, listed="Bảng kê thu")
    response = HttpResponse(cash_workbook(found), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="bang-ke-thu-{day:%Y-%m-%d}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
