"""How django-allauth behaves in this house: its words, its marks in the session, its sealed secrets."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from motcua.core.errors import Invalid
from motcua.desk import kept, session
from motcua.desk.sealed import seal, unseal

_TOTP = "totp"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by user name and password; nobody signs up, and nothing is sent by mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": (
            "Sai tên đăng nhập hoặc mật khẩu, hoặc tài khoản đã bị khóa. "
            "Sai 5 lần liền thì phải chờ 15 phút mới đăng nhập lại được."
        ),
        "too_many_login_attempts": "Nhập sai quá 5 lần. Chờ 15 phút rồi thử lại.",
        "incorrect_code": "Mã không đúng hoặc đã hết hạn. Xem mã mới trên điện thoại rồi nhập lại.",
        "rate_limited": "Nhập sai quá 5 lần. Chờ 15 phút rồi thử lại.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: wrong passwords are counted by axes, in the database; two counts would contradict each other."""

    def is_reauthentication_required(self, *, app: str) -> bool:
        """No: the only thing allauth would ask it for is the set-up, which only who has no authenticator can reach."""
        return False

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing: no "welcome" after each sign-in."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the office is not told by mail."""

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        records = get_authentication_records(request, user)
        session.begin(request, second_factor=any(record["method"] == "mfa" for record in records))
        response = super().post_login(request, user, **kwargs)
        if kept.look(request):
            response["Location"] = reverse("kept")
        kept.remember_who(response, user.pk)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second step: secrets are sealed in the database, messages are Vietnamese."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_add_authenticator": "Tài khoản này đã có mã xác thực.",
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return seal(text, _TOTP)

    def decrypt(self, encrypted_text: str) -> str:
        text = unseal(encrypted_text, _TOTP)
        if text is None:
            raise Invalid(
                "Không đọc được khóa xác thực của tài khoản này (khóa bí mật của máy chủ đã đổi). "
                "Quản trị hệ thống cần đặt lại xác thực hai bước cho tài khoản.",
                code="secret_key_changed",
            )
        return text
