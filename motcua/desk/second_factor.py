"""The second factor (TOTP): asked at every sign-in of who has one, set up before anything else by who must have one."""

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.flows import activate_totp
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from motcua.desk import session
from motcua.desk.frame import SECOND_FACTOR, has_authenticator, home
from motcua.desk.gate import passes
from motcua.org.models import User

_CODE_WIDGET = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code"}


# A code is good for its own half minute and the one on each side (telephones' clocks differ, people type slowly);
# used codes are remembered longer than that. allauth remembers them for half a minute only.
_REMEMBERED = 180


def _use_once(user: User, code: str) -> None:
    """Refuse a code this person has used before."""
    digits = "".join(filter(str.isdigit, code))
    if not cache.add(f"motcua.totp:{user.pk}:{digits}", True, timeout=_REMEMBERED):
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(AuthenticateForm):
    """The six digits from the phone, or one of the recovery codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Mã xác thực",
            help_text="6 chữ số trên ứng dụng xác thực của điện thoại. Mất điện thoại thì nhập một mã dự phòng.",
            max_length=20,
            widget=forms.TextInput(attrs=_CODE_WIDGET),
        )

    def clean_code(self) -> str:
        code = str(super().clean_code())
        _use_once(self.user, code)
        return code


class AskCode(AuthenticateView):
    """The second step of signing in."""

    form_class = CodeForm
    template_name = "desk/ask_code.html"


ask_code = AskCode.as_view()


class SetUpForm(ActivateTOTPForm):
    """The first code proves that the phone has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Mã trên điện thoại",
            help_text="6 chữ số ứng dụng vừa hiện, để biết chắc điện thoại đã nhận khóa.",
            max_length=20,
            widget=forms.TextInput(attrs=_CODE_WIDGET),
        )

    def clean_code(self) -> str:
        code = str(super().clean_code())
        _use_once(self.user, code)
        return code


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
@passes(SECOND_FACTOR)
def set_up(request: HttpRequest) -> HttpResponse:
    """Give the phone its secret. Who has one already but has not used it in this session signs in anew with it."""
    user = request.user
    assert isinstance(user, User)
    if has_authenticator(user.pk):
        if not session.second_factor_given(request):
            logout(request)
            messages.info(request, "Tài khoản này đã có mã xác thực. Đăng nhập lại và nhập mã.")
            return redirect("account_login")
        return HttpResponseRedirect(home(request))
    form = SetUpForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        activate_totp(request, form)
        request.session.cycle_key()
        session.begin(request, second_factor=True)
        return redirect("recovery_codes")
    adapter = get_adapter()
    url = adapter.build_totp_url(user, form.secret)
    secret = " ".join(form.secret[i : i + 4] for i in range(0, len(form.secret), 4))
    return render(
        request,
        "desk/set_up_code.html",
        {"form": form, "qr": _data_uri(adapter.build_totp_svg(url)), "secret": secret},
    )


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


@never_cache
@require_http_methods(["GET", "POST"])
@passes(SECOND_FACTOR)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, shown once: right after the set-up. New ones come with a new set-up."""
    found = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if found is None or request.method == "POST" or not session.second_factor_given(request):
        return HttpResponseRedirect(home(request))
    codes = RecoveryCodes(found)
    if codes.did_view:
        messages.info(request, "Mã dự phòng chỉ hiện một lần. Mất mã thì quản trị hệ thống đặt lại xác thực hai bước.")
        return HttpResponseRedirect(home(request))
    codes.mark_as_viewed()
    return render(request, "desk/recovery_codes.html", {"codes": codes.get_unused_codes()})
