"""Who may pass to a page at all: signed in, screen not locked, second factor set up, own password chosen.

Every page is closed unless its view says otherwise: ``login_not_required`` (Django's) opens it to all,
:func:`passes` lets it through one of the stops below. Duties are the pages' own matter (:mod:`motcua.desk.frame`).
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed, NotFound
from motcua.desk import frame, kept, pages, session

LOCKED, SECOND_FACTOR, PASSWORD = frame.LOCKED, frame.SECOND_FACTOR, frame.PASSWORD

V = TypeVar("V", bound=Callable[..., Any])


def passes(*stops: str) -> Callable[[V], V]:
    """Let a view through the named stops (LOCKED, SECOND_FACTOR, PASSWORD)."""

    def mark(view: V) -> V:
        view.passes = frozenset(stops)  # type: ignore[attr-defined]
        return view

    return mark


def own_path(request: HttpRequest, path: str | None) -> str:
    """``path`` where it is a page of this site, else the home page: nobody is sent elsewhere by a crafted address."""
    if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/"):
        return path
    return reverse("home")


class Gate:
    """The middleware. Stands after CSRF: a post is kept only where it came from our own form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            # Not "no-store": the browser's Back must bring a half-filled form back. Signing out clears the cache.
            response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return _sign_in(request)
        passed: frozenset[str] = getattr(view, "passes", frozenset())
        if session.is_locked(request):
            session.lock(request)
            return None if LOCKED in passed else _locked(request)
        session.touch(request)
        stop = frame.stop(request)
        if stop is None or stop in passed:
            return None
        return _elsewhere(request, reverse("second_factor" if stop == SECOND_FACTOR else "change_password"))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, MotcuaError):
            return pages.refused(request, error, status=_status(error))
        return None


def _status(error: MotcuaError) -> int:
    table: list[tuple[type[MotcuaError], int]] = [
        (NotAllowed, 403),
        (NotFound, 404),
        (Conflict, 409),
        (IllegalAct, 409),
        (Invalid, 400),
    ]
    return next((status for kind, status in table if isinstance(error, kind)), 400)


def _elsewhere(request: HttpRequest, address: str) -> HttpResponse:
    """Send the person to another page; an htmx request must leave the page too, not swap the other page into it."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back here afterwards; what was posted waits for its writer."""
    if frame.is_script(request):
        return HttpResponse(status=401, headers={"Motcua-Session": "ended"})
    target = request.get_full_path()
    if request.method == "POST":
        kept.keep(request, kept.who(request))
        target = reverse("home")
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': target})}")


def _locked(request: HttpRequest) -> HttpResponse:
    """The locked screen in place of the page; scripts get 401 and let their page show its own lock."""
    if frame.is_script(request):
        return HttpResponse(status=401, headers={"Motcua-Session": "locked"})
    if request.method == "POST":
        kept.keep(request, request.user.pk)
        after = reverse("kept")
    else:
        after = request.get_full_path()
    # 403 and not 401: browsers treat a 401 page without a challenge unevenly.
    return render(request, "desk/locked.html", {"after": after, "kept": request.method == "POST"}, status=403)
