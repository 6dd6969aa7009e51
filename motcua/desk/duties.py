"""Duties: granting, ending, one-person mode, delegation. Administrators for their units; holders for their own."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from motcua.core import clock
from motcua.desk import people
from motcua.desk.accounts import admin_scope, administrator
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.org import actions, queries
from motcua.org.models import SECOND_FACTOR_DUTIES, Assignment, Duty, User
from motcua.org.queries import Scope


class SpanForm(ActForm):
    """A unit, the days, and the decision behind it."""

    unit = UnitField(label="Tại đơn vị")
    valid_from = DateField(label="Từ ngày")
    valid_to = DateField(label="Đến hết ngày", required=False, help_text="Để trống nếu chưa định ngày kết thúc.")
    basis = LineField(label="Căn cứ", required=False, max_length=200, help_text="Số, ngày quyết định phân công.")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, UnitField)
        field.offer(people.units(scope, clock.today()))
        self.fields["valid_from"].initial = clock.today()

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "request_key"}


class GrantForm(SpanForm):
    """One duty of a person."""

    duty = forms.ChoiceField(label="Nhiệm vụ", choices=[("", ""), *Duty.choices])
    field_order = ["duty", "unit", "valid_from", "valid_to", "basis"]

    def offer_to_machine(self) -> None:
        """Leave out what asks for a second factor."""
        duty = self.fields["duty"]
        assert isinstance(duty, forms.ChoiceField)
        duty.choices = [("", ""), *((d.value, d.label) for d in Duty if d not in SECOND_FACTOR_DUTIES)]
        duty.help_text = "Nhiệm vụ phải xác thực hai bước không giao cho hệ thống kết nối."


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def grant(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person a duty at one of the administrator's units."""
    actor, scope = administrator(request), admin_scope(request)
    subject = people.person(scope, user_id)
    form = GrantForm(request.POST or None, scope=scope, initial=_at_home(subject))
    if subject.is_machine:
        form.offer_to_machine()
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form, lambda: actions.grant_duty(actor=actor, user=subject, request_key=form.key(actor), **form.given)
        )
        if made:
            messages.success(request, f"Đã giao nhiệm vụ {Duty(made.duty).label} tại {made.unit.name}.")
            return redirect("account", subject.pk)
    return _form(request, form, subject, "Giao nhiệm vụ", "Giao nhiệm vụ")


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def grant_all(request: HttpRequest, user_id: int) -> HttpResponse:
    """One-person mode: one person does everything from the counter to the result."""
    actor, scope = administrator(request), admin_scope(request)
    subject = people.person(scope, user_id)
    form = SpanForm(request.POST or None, scope=scope, initial=_at_home(subject))
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form, lambda: actions.grant_all_duties(actor=actor, user=subject, request_key=form.key(actor), **form.given)
        )
        if done:
            messages.success(request, "Đã giao mọi nhiệm vụ từ tiếp nhận đến trả kết quả.")
            return redirect("account", subject.pk)
    names = ", ".join(duty.label for duty in actions.ONE_PERSON_DUTIES)
    lead = f"Một người làm từ tiếp nhận đến trả kết quả. Giao cùng lúc: {names}. Nhiệm vụ đã có thì giữ nguyên."
    return _form(request, form, subject, "Một người làm mọi việc", "Giao mọi nhiệm vụ", lead)


def _at_home(subject: User) -> dict[str, Any]:
    return {"unit": subject.home.code} if subject.home else {}


def _form(
    request: HttpRequest, form: forms.Form, subject: User | None, title: str, button: str, lead: str = ""
) -> HttpResponse:
    context = {"form": form, "subject": subject, "title": title, "button": button, "lead": lead}
    return render(request, "desk/duty_form.html", context, status=400 if form.errors else 200)


class EndForm(ActForm):
    """The last day a duty is held, inclusive."""

    last_day = DateField(label="Ngày cuối giữ nhiệm vụ", help_text="Hết ngày này thì thôi. Sớm nhất là hôm qua.")
    reason = LineField(label="Lý do hoặc căn cứ", required=False, max_length=200)


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def end(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """End a duty after a day; one that has not begun is taken back."""
    actor = administrator(request)
    held: Assignment = people.assignment(admin_scope(request), assignment_id)
    form = EndForm(
        request.POST or None, initial={"last_day": max(clock.today(), held.valid_from - dt.timedelta(days=1))}
    )
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: actions.end_duty(
                actor=actor,
                assignment=held,
                last_day=form.cleaned_data["last_day"],
                reason=form.cleaned_data["reason"],
                request_key=form.key(actor),
            ),
        )
        if done:
            messages.success(request, f"Đã ghi ngày cuối của nhiệm vụ {Duty(held.duty).label} tại {held.unit.name}.")
            if held.user_id == actor.pk:
                return redirect("me")  # the own administration may have ended with it
            return redirect("account", held.user_id)
    lead = f"{Duty(held.duty).label} tại {held.unit.name}"
    return _form(request, form, held.user, "Kết thúc nhiệm vụ", "Kết thúc nhiệm vụ", lead)


# ---- one's own page -------------------------------------------------------------------------------------------------


def me(request: HttpRequest) -> HttpResponse:
    """A person's own page: the duties held today, own and delegated; delegations given and received."""
    user, today = administrator(request), clock.today()
    held = queries.holdings(user, today)
    context = {
        "own": [h for h in held if h.from_user_id is None],
        "delegations": people.delegations(user),
        "today": today,
        "plain": ActForm(auto_id=False),
    }
    return render(request, "desk/me.html", context)


class DelegateForm(ActForm):
    """Who acts in which of one's duties, on which days, by which paper."""

    what = forms.ChoiceField(label="Nhiệm vụ được ủy quyền")
    to_user = forms.ChoiceField(
        label="Người được ủy quyền", help_text="Người đang có nhiệm vụ tại đơn vị của bạn hoặc đơn vị trực thuộc."
    )
    valid_from = DateField(label="Từ ngày")
    valid_to = DateField(label="Đến hết ngày", help_text="Ủy quyền luôn có ngày kết thúc.")
    basis = LineField(label="Văn bản ủy quyền", max_length=200, help_text="Số, ngày văn bản.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        self.duties = {f"{h.duty}:{h.unit.pk}": h for h in queries.holdings(user, today) if h.from_user_id is None}
        self.others = {str(u.pk): u for u in people.colleagues(queries.scope(user, None, today), today, user)}
        self.fields["what"].choices = [("", "")] + [  # type: ignore[attr-defined]
            (key, f"{h.duty.label}, {h.unit.name}") for key, h in self.duties.items()
        ]
        self.fields["to_user"].choices = [("", "")] + [  # type: ignore[attr-defined]
            (key, f"{u.full_name} ({u.username})" + (f", {u.title}" if u.title else ""))
            for key, u in self.others.items()
        ]
        self.fields["valid_from"].initial = today


@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest) -> HttpResponse:
    """Delegate one of one's own duties for some days."""
    user = administrator(request)
    form = DelegateForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        held, to_user = form.duties[given["what"]], form.others[given["to_user"]]
        made = attempt(
            form,
            lambda: actions.delegate(
                actor=user,
                from_user=user,
                to_user=to_user,
                unit=held.unit,
                duty=held.duty,
                valid_from=given["valid_from"],
                valid_to=given["valid_to"],
                basis=given["basis"],
                request_key=form.key(user),
            ),
        )
        if made:
            messages.success(request, f"Đã ủy quyền {held.duty.label} tại {held.unit.name} cho {to_user.full_name}.")
            return redirect("me")
    lead = "Trong những ngày đó người được ủy quyền làm thay bạn; hồ sơ ghi rõ ai làm, theo ủy quyền của ai."
    return _form(request, form, None, "Ủy quyền", "Ủy quyền", lead)


@require_POST
def revoke(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Take a delegation back, from this moment: by its giver, or by an administrator of the unit."""
    user = administrator(request)
    found = people.delegation(admin_scope(request), delegation_id, giver=user)
    form = ActForm(request.POST)
    key = form.key(user) if form.is_valid() else None
    if attempt(form, lambda: actions.revoke_delegation(actor=user, delegation=found, request_key=key)):
        messages.success(request, f"Đã thu hồi ủy quyền cho {found.to_user.full_name}.")
    else:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    if found.from_user_id == user.pk:
        return redirect("me")
    return redirect("account", found.to_user_id)
