"""Dời hạn theo quyết định: after a storm or an outage, one decision moves the due dates of all that is pending."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.handing import LEADERS, own_units
from motcua.dossiers import actions, queries
from motcua.dossiers.states import LEADER_DUTIES
from motcua.org import queries as org


class MoveForm(ActForm):
    """By which decision, whose dates, how far."""

    unit = UnitField(label="Đơn vị")
    include_beneath = forms.BooleanField(label="Cả các đơn vị trực thuộc", required=False, initial=True)
    days = forms.IntegerField(label="Số ngày làm việc được dời", min_value=1, max_value=60)
    decision = LineField(label="Số quyết định", max_length=200, help_text="Ví dụ: 12/QĐ-UBND ngày 05/6/2023.")
    reason = LineField(label="Lý do", max_length=300, help_text="Ví dụ: bão số 3, cơ quan nghỉ làm việc ba ngày.")
    ended_from = DateField(
        label="Kể cả hồ sơ đã kết thúc quá hạn từ ngày",
        required=False,
        help_text="Chỉ ghi khi quyết định nói rõ. Để trống: chỉ dời hồ sơ còn đang giải quyết.",
    )


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*LEADERS)
def move_dates(request: HttpRequest) -> HttpResponse:
    """Count first what would be moved, then move it; decisions of earlier days below."""
    user = user_of(request)
    scope = org.scope(user, LEADERS, clock.today())
    form = MoveForm(request.POST or None)
    field = form.fields["unit"]
    assert isinstance(field, UnitField)
    field.offer(own_units(request, LEADER_DUTIES))
    counted, asked = None, ""
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "request_key"}
        # What is moved is what was counted: a unit changed after the count is counted again.
        asked = f"{given['unit'].pk}:{given['include_beneath']}:{given['ended_from'] or ''}"
        if "move" in request.POST and request.POST.get("counted") == asked:
            key = form.key(user)
            done = attempt(form, lambda: actions.move_due_dates(actor=user, **given, request_key=key))
            if done is not None:
                kept = f" Để lại {done.left} hồ sơ do hệ thống khác giữ trạng thái." if done.left else ""
                messages.success(request, f"Đã dời hạn {done.moved} hồ sơ theo {done.decision}.{kept}")
                return redirect("move_dates")
        else:
            counted = queries.movable(
                scope, given["unit"], include_beneath=given["include_beneath"], ended_from=given["ended_from"]
            )
    context = {"form": form, "counted": counted, "asked": asked, "moves": queries.due_moves(scope)[:50]}
    return render(request, "desk/move_dates.html", context, status=400 if form.errors else 200)
