"""Bàn giao: all pending dossiers of one person to another at once, with a record to print; and Đợt nhập bù."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.desk.act_forms import MomentField, PersonField
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import ActForm, LineField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.dossiers import actions, queries
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, VIEW_DUTIES, Act
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User

LEADERS = sorted(LEADER_DUTIES)


def own_units(request: HttpRequest, duties: frozenset[Duty]) -> list[Unit]:
    """The units at which the person holds one of the duties today."""
    return list({u.pk: u for duty, u in standing(request).duties if duty in duties}.values())


class GiverField(PersonField):
    """Who hands over, with how much of it there is."""

    held: dict[int, int] = {}

    def label_from_instance(self, obj: Any) -> str:
        n = self.held.get(obj.pk, 0)
        return f"{super().label_from_instance(obj)} ({n} hồ sơ đang giữ)"


class HandOverForm(ActForm):
    """Who hands over to whom, at which unit, and why."""

    unit = UnitField(label="Tại đơn vị")
    from_user = GiverField(label="Người giao")
    to_user = PersonField(label="Người nhận")
    reason = LineField(label="Lý do", max_length=300, help_text="Ví dụ: nghỉ thai sản từ 01/7/2025 theo QĐ 12.")

    def __init__(self, *args: Any, units: list[Unit], user: User, leader: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, giver, taker = self.fields["unit"], self.fields["from_user"], self.fields["to_user"]
        assert isinstance(unit, UnitField)
        assert isinstance(giver, GiverField)
        assert isinstance(taker, PersonField)
        unit.offer(units)
        people = queries.handlers([u.pk for u in units], DUTIES[Act.FORWARD], clock.today())
        ids = [u.pk for u in people]
        taker.queryset = User.objects.filter(pk__in=ids).order_by("full_name")
        # Whoever has just lost the duty still holds dossiers; a leader hands those over too.
        giver.held = queries.holders([u.pk for u in units])
        givers = {*ids, *giver.held} if leader else {user.pk}
        giver.queryset = User.objects.filter(pk__in=givers).order_by("full_name")
        if not leader:
            giver.initial = user.pk


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def hand_over(request: HttpRequest) -> HttpResponse:
    """Make a hand-over; the list of earlier ones below."""
    user = user_of(request)
    led = own_units(request, LEADER_DUTIES)
    units = led or own_units(request, VIEW_DUTIES)
    form = HandOverForm(request.POST or None, units=units, user=user, leader=bool(led))
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "request_key"}
        done = attempt(form, lambda: actions.hand_over_pending(actor=user, **given, request_key=form.key(user)))
        if done is not None:
            messages.success(request, f"Đã bàn giao {len(done.codes)} hồ sơ.")
            return redirect("hand_over_record", done.pk)
    context = {"form": form, "records": queries.hand_overs(scope_of(request))[:50]}
    return render(request, "desk/hand_over.html", context, status=400 if form.errors else 200)


@require_GET
@needs(*sorted(VIEW_DUTIES))
def hand_over_record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record (biên bản bàn giao), laid out to be printed and signed."""
    record, rows = queries.hand_over_sheet(scope_of(request), pk)
    return render(request, "desk/hand_over_record.html", {"record": record, "rows": rows})


class WindowForm(ActForm):
    """The span in which the office worked on paper, and until when it may be entered."""

    unit = UnitField(label="Tại đơn vị")
    done_from = MomentField(label="Làm trên giấy từ")
    done_to = MomentField(label="Đến")
    enter_until = MomentField(label="Được nhập bù đến")
    reason = LineField(label="Lý do", max_length=300)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*LEADERS)
def catch_up(request: HttpRequest) -> HttpResponse:
    """A leader approves a catch-up window (network down); acts entered under it are all marked."""
    user = user_of(request)
    form = WindowForm(request.POST or None)
    field = form.fields["unit"]
    assert isinstance(field, UnitField)
    field.offer(own_units(request, LEADER_DUTIES))
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "request_key"}
        done = attempt(form, lambda: actions.approve_catch_up(actor=user, **given, request_key=form.key(user)))
        if done is not None:
            messages.success(request, "Đã duyệt đợt nhập bù.")
            return redirect("catch_up")
    scope = org.scope(user, LEADERS, clock.today())
    context = {"form": form, "windows": queries.windows(scope)[:50], "now": clock.now()}
    return render(request, "desk/catch_up.html", context, status=400 if form.errors else 200)
