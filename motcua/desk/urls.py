"""Every address of the desk. tests/desk/test_every_page.py holds who may open each; a new one needs its line there.

The names account_login and mfa_authenticate are those django-allauth looks for. No other page of it is reachable:
nobody signs up, and nothing is confirmed or reset by mail.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path

from motcua.desk import frame, me, second_factor, signin


def home(request: HttpRequest) -> HttpResponse:
    """To the first page of the person's own navigation."""
    return HttpResponseRedirect(frame.home(request))


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    # signing in
    path("dang-nhap/", signin.sign_in, name="account_login"),
    path("dang-nhap/ma-xac-thuc/", second_factor.ask_code, name="mfa_authenticate"),
    path("dang-xuat/", signin.sign_out, name="sign_out"),
    path("khoa/", signin.lock, name="lock"),
    path("mo-khoa/", signin.unlock, name="unlock"),
    path("con-day/", signin.still_here, name="still_here"),
    path("con-giu/", signin.kept_form, name="kept"),
    path("doi-mat-khau/", signin.change_password, name="change_password"),
    path("xac-thuc-hai-buoc/", second_factor.set_up, name="second_factor"),
    path("xac-thuc-hai-buoc/ma-du-phong/", second_factor.recovery_codes, name="recovery_codes"),
    # one's own page
    path("toi/", me.me, name="me"),
]
