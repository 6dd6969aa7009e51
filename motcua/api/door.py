"""Who may come in: a token, a body that can be read, and for whom the request then speaks."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from motcua.api import pace, problems
from motcua.api.clients import owner_of
from motcua.api.models import ApiClient
from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org import queries as org
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.papers import files

# JSON bodies hold text only; files come as multipart, one at a time.
JSON_LIMIT = 1024 * 1024
FILE_LIMIT = files.LIMIT + 64 * 1024
_WRITES = ("POST", "PUT", "PATCH")
# (method, route) -> the query parameters it has; filled by interface.py.
QUERIES: dict[tuple[str, str], frozenset[str]] = {}


class Token(HttpBearer):
    """``Authorization: Bearer motcua_…``. No session, no cookie: nothing for a forged form to ride on."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiClient | None:
        """The client, or None (401). One statement. Refuses a body of the wrong kind or size once it is known who."""
        client = owner_of(token)
        if client is not None:
            _check_pace(client)
            _check_query(request)
            if request.method in _WRITES:
                _check_body(request)
        return client


def _check_pace(client: ApiClient) -> None:
    """More than its requests a minute are told to wait, and for how long. No query."""
    wait = pace.seconds_to_wait(client.pk, client.requests_a_minute)
    if wait:
        detail = f"Hệ thống này được gọi {client.requests_a_minute} lần mỗi phút. Chờ {wait} giây rồi gọi lại."
        raise problems.Refused(429, "too_many_requests", detail, retry_after=wait)


def _check_query(request: HttpRequest) -> None:
    """A parameter nobody knows is refused: a filter misspelt would otherwise list everything."""
    match = request.resolver_match
    known = QUERIES.get((request.method or "", match.route if match else ""), frozenset())
    unknown = sorted(set(request.GET) - known)
    if unknown:
        message = "Không có tham số này."
        errors = [{"field": name, "code": "unknown_field", "message": message} for name in unknown]
        raise problems.Refused(422, "invalid", f"«{unknown[0][:80]}»: {message}", field=unknown[0], errors=errors[:20])


def _check_body(request: HttpRequest) -> None:
    wants_file = request.path.endswith("/attachments")
    expected = "multipart/form-data" if wants_file else "application/json"
    if request.content_type != expected:
        raise problems.Refused(415, "content_type", f"Gửi nội dung kiểu {expected}.")
    if not wants_file and (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise problems.Refused(415, "charset", "Gửi JSON bằng UTF-8.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    limit = FILE_LIMIT if wants_file else JSON_LIMIT
    if length > limit:
        raise problems.Refused(413, "too_large", f"Nội dung gửi lên quá {limit // 1024 // 1024} MB.")


def client_of(request: HttpRequest) -> ApiClient:
    """The client that asks."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, ApiClient)
    return found


def actor_of(request: HttpRequest) -> User:
    """The account in whose name it acts."""
    return client_of(request).user


def scope_of(request: HttpRequest, duties: Any = VIEW_DUTIES, refusal: str = "") -> Scope:
    """Where the client holds any of ``duties`` today; NotAllowed where nowhere. One statement."""
    found = org.scope(actor_of(request), duties, clock.today())
    if not found.unit_ids:
        raise NotAllowed(refusal or "Hệ thống này không được giao nhiệm vụ xem hồ sơ.")
    return found


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An address of machines: outside sessions, sign-in and CSRF, and never answering with a page."""

    @csrf_exempt
    @login_not_required
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:
            return problems.answer(request, error)
        if response.status_code == 405 and response.get("Content-Type") != problems.MEDIA_TYPE:
            allowed = response.get("Allow", "")
            response = problems.problem(405, "method_not_allowed", f"Địa chỉ này chỉ nhận: {allowed}.")
            response["Allow"] = allowed
        response["Cache-Control"] = "no-store"
        return response

    return run
