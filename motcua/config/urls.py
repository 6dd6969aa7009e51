"""All addresses, and who says what went wrong outside any view: the desk by a page, the interface by a problem."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from motcua.api import problems
from motcua.desk import pages

urlpatterns = [
    path("api/v1/", include("motcua.api.urls")),
    path("", include("motcua.desk.urls")),
]


def _either(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def handler(request: HttpRequest, exception: Exception | None = None, **more: Any) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problems.answer(request, exception or RuntimeError("no view"))
        return page(request) if exception is None else page(request, exception, **more)

    return handler


handler400 = _either(pages.bad_request)
handler403 = _either(pages.forbidden)
handler404 = _either(pages.not_found)
handler500 = _either(pages.server_error)
