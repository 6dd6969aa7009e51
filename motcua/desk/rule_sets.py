"""Bộ quy tắc: the dated parameters of law, confirmed or proposed anew by a row of their own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.forms.models import fields_for_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.desk.calendars import COUNTRY, ClockField
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, attempt
from motcua.desk.frame import needs
from motcua.org.models import Duty
from motcua.worktime import actions, queries
from motcua.worktime.models import RuleSet

_NAMES = [f.name for f in RuleSet._meta.concrete_fields if f.name != "id"]


class RuleSetForm(ActForm):
    """All parameters, as the model names and explains them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_for_model(RuleSet, fields=_NAMES))
        for name in ("valid_from", "valid_to"):
            usual = self.fields[name]
            self.fields[name] = DateField(label=usual.label, required=usual.required)
        self.fields["appointment_time"] = ClockField(
            label=self.fields["appointment_time"].label,
            help_text=self.fields["appointment_time"].help_text,
            required=True,
        )
        for name in ("note", "legal_basis"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 4})
        for field in self.fields.values():
            if field.label:
                field.label = str(field.label)[:1].upper() + str(field.label)[1:]


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def add_rule_set(request: HttpRequest) -> HttpResponse:
    """Propose a rule set from a date on, or confirm one by a new row with the same dates; no row is ever changed."""
    user, sets = user_of(request), queries.rule_sets()
    base = _base(request, sets)
    confirming = request.GET.get("xac_nhan", "") == "1"
    if request.method == "POST":
        form = RuleSetForm(request.POST)
        if form.is_valid():
            fields = {name: form.cleaned_data[name] for name in _NAMES}
            made = attempt(form, lambda: actions.add_rule_set(actor=user, request_key=form.key(user), **fields))
            if made is not None:
                messages.success(
                    request,
                    f"Đã ghi bộ quy tắc «{made.name}», áp dụng cho hồ sơ tiếp nhận từ {made.valid_from:%d/%m/%Y}.",
                )
                return redirect(f"{reverse('settings')}?don_vi={COUNTRY}#quy-tac")
    else:
        form = RuleSetForm(initial=_initial(base, sets, confirming=confirming))
    context = {"form": form, "base": base, "confirming": confirming, "back": f"{reverse('settings')}#quy-tac"}
    return render(request, "desk/settings_rule_set.html", context, status=400 if form.errors else 200)


def _base(request: HttpRequest, sets: list[RuleSet]) -> RuleSet:
    """The rule set the new one starts from: the one named, else the one of today."""
    code = request.GET.get("theo", "")
    if code:
        named = next((row for row in sets if row.code == code), None)
        if named is None:
            raise NotFound("Không có bộ quy tắc nào mang mã này.")
        return named
    return queries.rule_set_for(clock.today())


def _initial(base: RuleSet, sets: list[RuleSet], *, confirming: bool) -> dict[str, Any]:
    initial: dict[str, Any] = {name: getattr(base, name) for name in _NAMES}
    taken = {row.code for row in sets}
    tried = (f"{base.code[:34]}-{n}" for n in range(2, 1000))
    initial["code"] = next((code for code in tried if code not in taken), "")
    initial["confirmed"] = confirming
    if not confirming:
        initial |= {"valid_from": clock.today(), "valid_to": None, "note": ""}
    return initial
