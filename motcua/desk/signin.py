"""Signing in and out, the locked screen, changing one's own password."""

import math
from typing import Any

import axes.utils
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from motcua.core import clock, text
from motcua.desk import kept, session
from motcua.desk.forms import attempt
from motcua.desk.frame import LOCKED, PASSWORD, SECOND_FACTOR, home, is_script
from motcua.desk.gate import own_path, passes
from motcua.desk.templatetags.vn import moment
from motcua.org import actions
from motcua.org.models import Assignment, Duty, User
from motcua.org.queries import alive_on


def nobody(*args: Any, **kwargs: Any) -> str:
    """How axes names a client in the log: not at all. The names stand in its own table, for who may see them."""
    return "a client"


class SignInForm(LoginForm):
    """User name and password. User names are kept in small letters; people type them as they like."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label="Tên đăng nhập",
            max_length=60,
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
            ),
        )
        self.fields["password"] = forms.CharField(
            label="Mật khẩu",
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        return text.clean(self.cleaned_data["login"]).lower()


class SignIn(LoginView):
    """The sign-in page. In a demo it also offers one invented person for each duty."""

    form_class = SignInForm
    template_name = "desk/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"demo_people": demo_people(), "demo_password": settings.DEMO_PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs) | more | {"next": self.request.GET.get("next", "")}


sign_in = SignIn.as_view()


def demo_people() -> list[tuple[str, User, str]]:
    """One invented person for each duty held today: duty's name, account, unit. One statement."""
    today = clock.today()
    held = (
        Assignment.objects.filter(alive_on(today), alive_on(today, "unit__"), user__is_demo=True, user__is_active=True)
        .select_related("user", "unit")
        .order_by("pk")
    )
    first: dict[str, Assignment] = {}
    for assignment in held:
        first.setdefault(assignment.duty, assignment)
    return [(duty.label, first[duty].user, first[duty].unit.name) for duty in Duty if duty in first]


def locked_out(request: HttpRequest, response: Any, credentials: dict[str, Any] | None) -> HttpResponse:
    """Axes asks for this page once a user name has failed too often; also in place of an unlock that failed so."""
    username = (credentials or {}).get("username", "")
    last = (
        AccessAttempt.objects.filter(username=username).order_by("-attempt_time").values_list("attempt_time", flat=True)
    ).first()
    until = (last or clock.now()) + settings.AXES_COOLOFF_TIME
    minutes = max(1, math.ceil((until - clock.now()).total_seconds() / 60))
    told = (
        f"Đã nhập sai mật khẩu {settings.AXES_FAILURE_LIMIT} lần liền, nên tài khoản tạm dừng đăng nhập "
        f"đến {moment(until)} (còn {minutes} phút). Quên mật khẩu thì báo quản trị hệ thống đặt lại."
    )
    if is_script(request):
        return JsonResponse({"message": told}, status=429)
    return render(request, "desk/locked_out.html", {"told": told}, status=429)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and whatever it held, kept forms included."""
    logout(request)
    response = redirect("account_login")
    response["Clear-Site-Data"] = '"cache"'  # what the browser still remembers must not come back with its Back button
    response.delete_cookie(kept.WHO_COOKIE)
    return response


# ---- the locked screen ----------------------------------------------------------------------------------------------


@require_POST
@passes(LOCKED, SECOND_FACTOR, PASSWORD)
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the screen now, by hand or because the page saw nobody move for a quarter of an hour."""
    session.lock(request)
    if is_script(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(own_path(request, request.POST.get("next")))


@require_POST
@passes(SECOND_FACTOR, PASSWORD)
def still_here(request: HttpRequest) -> HttpResponse:
    """The page's sign of life while a person types without sending; the gate has noted it. 401 once locked."""
    return HttpResponse(status=204)


@sensitive_post_parameters("password")
@require_POST
@passes(LOCKED, SECOND_FACTOR, PASSWORD)
def unlock(request: HttpRequest) -> HttpResponse:
    """Go on after the password. Wrong ones count as wrong sign-ins do; the session's key changes, the forms' tokens
    do not, so that a form under the lock can still be sent."""
    assert isinstance(request.user, User)
    user = authenticate(request, username=request.user.username, password=request.POST.get("password", ""))
    if user is None or user.pk != request.user.pk:
        wrong = "Mật khẩu chưa đúng."
        if is_script(request):
            return JsonResponse({"message": wrong}, status=422)
        after = own_path(request, request.POST.get("next"))
        return render(request, "desk/locked.html", {"after": after, "wrong": wrong}, status=422)
    request.session.cycle_key()
    session.unlock(request)
    axes.utils.reset(username=user.get_username())
    if is_script(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(own_path(request, request.POST.get("next")))


@never_cache
@require_http_methods(["GET", "POST"])
def kept_form(request: HttpRequest) -> HttpResponse:
    """What was typed when the screen locked: send it on, or drop it."""
    found = kept.look(request)
    if request.method == "POST" or found is None:
        kept.drop(request)
        return HttpResponseRedirect(found.path if found and "back" in request.POST else reverse("home"))
    return render(request, "desk/kept.html", {"kept": found})


# ---- own password ---------------------------------------------------------------------------------------------------


class OwnPasswordForm(forms.Form):
    """The present password once, the new one twice."""

    old_password = forms.CharField(
        label="Mật khẩu hiện tại", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new_password = forms.CharField(
        label="Mật khẩu mới",
        strip=False,
        max_length=200,
        help_text="Ít nhất 10 ký tự, không chỉ gồm chữ số, không giống tên đăng nhập hay họ tên. "
        "Một câu ngắn dễ nhớ là tốt nhất.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again_password = forms.CharField(
        label="Nhập lại mật khẩu mới",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("again_password") and given.get("new_password") != given["again_password"]:
            self.add_error("again_password", "Hai lần nhập mật khẩu mới không giống nhau.")
        return given


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@passes(PASSWORD)
def change_password(request: HttpRequest) -> HttpResponse:
    """A person's own new password; other sessions of the account end, this one goes on under a new key."""
    user = request.user
    assert isinstance(user, User)
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        changed = attempt(
            form,
            lambda: actions.set_password(actor=user, user=user, old=given["old_password"], new=given["new_password"]),
            fields={"old": "old_password", "new": "new_password"},
        )
        if changed:
            update_session_auth_hash(request, changed)
            messages.success(request, "Đã đổi mật khẩu.")
            return HttpResponseRedirect(home(request))
    context = {"form": form, "forced": user.must_change_password}
    return render(request, "desk/change_password.html", context, status=400 if form.errors else 200)
