"""What went wrong, as RFC 9457 says it: ``application/problem+json``, with a Vietnamese sentence and a code."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from motcua.core.errors import Conflict, IllegalAct, Invalid, MotcuaError, NotAllowed, NotFound

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Yêu cầu không đọc được",
    401: "Chưa có mã truy cập hợp lệ",
    403: "Không có quyền làm việc này",
    404: "Không tìm thấy",
    405: "Không có cách gọi này",
    409: "Chưa thực hiện được",
    413: "Nội dung quá lớn",
    415: "Kiểu nội dung không nhận",
    422: "Nội dung chưa đúng",
    429: "Gọi quá nhanh",
    500: "Lỗi máy chủ",
}
_STATUS: list[tuple[type[MotcuaError], int]] = [
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (IllegalAct, 409),
    (Invalid, 422),
]


class FieldError(Schema):
    """One field that is wrong."""

    field: str = Field(description="Where: a body field («applicant.name»), a parameter or a header.")
    code: str = Field(description="What kind of mistake, for machines.")
    message: str = Field(description="The same for people, in Vietnamese.")


class Since(Schema):
    """An act somebody else has recorded meanwhile."""

    seq: int
    act: str
    at: str
    actor: str = Field(description="Who did it; empty for the applicant or the machine.")


class Problem(Schema):
    """A refusal (RFC 9457). Nothing was changed."""

    type: str = Field(description="«urn:motcua:» and the code.")
    title: str = Field(description="The kind of refusal, in Vietnamese.")
    status: int = Field(description="The HTTP status again.")
    detail: str = Field(description="What is wrong and what to do, in Vietnamese.")
    code: str = Field(description="Stable, for machines: «not_allowed», «stale», «illegal_resolve» …")
    field: str | None = Field(None, description="The field at fault, where it is one.")
    errors: list[FieldError] = Field([], description="All fields at fault.")
    version: int | None = Field(None, description="With «stale»: the dossier's version now.")
    since: list[Since] = Field([], description="With «stale»: what has been recorded since the version expected.")


class Refused(Exception):
    """A refusal of the room itself, before any verb is asked."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after: int = 0, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.more = status, code, detail, more
        self.retry_after = retry_after  # seconds


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """The response; ``more`` are further members of :class:`Problem`."""
    body = {
        "type": f"urn:motcua:{code}",
        "title": TITLES.get(status, "Yêu cầu chưa đúng"),
        "status": status,
        "detail": detail,
        "code": code,
        **{name: value for name, value in more.items() if value not in (None, [])},
    }
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="motcua"'
    return response


def status_of(error: MotcuaError) -> int:
    """The HTTP status of a room's refusal."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 422)


# ---- wrong fields ----------------------------------------------------------------------------------------------------

# pydantic's kinds of error -> (our code, our sentence; {…} are pydantic's own details)
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("required", "Thiếu trường này."),
    "extra_forbidden": ("unknown_field", "Không có trường này."),
    "string_type": ("not_text", "Phải là chuỗi ký tự."),
    "string_unicode": ("unkeepable", "Có ký tự hỏng, không lưu được."),
    "string_too_short": ("too_short", "Phải có ít nhất {min_length} ký tự."),
    "string_too_long": ("too_long", "Dài quá {max_length} ký tự."),
    "string_pattern_mismatch": ("pattern", "Không đúng mẫu {pattern}."),
    "int_type": ("not_number", "Phải là số nguyên."),
    "int_parsing": ("not_number", "Phải là số nguyên."),
    "int_parsing_size": ("not_number", "Số quá lớn."),
    "int_from_float": ("not_number", "Phải là số nguyên."),
    "bool_type": ("not_boolean", "Phải là true hoặc false."),
    "bool_parsing": ("not_boolean", "Phải là true hoặc false."),
    "greater_than_equal": ("too_small", "Nhỏ nhất là {ge}."),
    "less_than_equal": ("too_large", "Lớn nhất là {le}."),
    "enum": ("not_in_list", "Không có trong danh sách: {expected}."),
    "literal_error": ("not_in_list", "Không có trong danh sách: {expected}."),
    "list_type": ("not_list", "Phải là danh sách."),
    "too_short": ("too_few", "Phải có ít nhất {min_length} mục."),
    "too_long": ("too_many", "Nhiều nhất {max_length} mục."),
    "timezone_aware": ("no_time_zone", "Thời điểm thiếu múi giờ, viết như 2026-03-02T09:30:00+07:00."),
    "value_error": ("invalid", "{error}"),
}
_FAMILIES = (
    ("datetime", ("not_moment", "Thời điểm chưa đúng, viết như 2026-03-02T09:30:00+07:00.")),
    ("timezone", ("not_moment", "Thời điểm chưa đúng, viết như 2026-03-02T09:30:00+07:00.")),
    ("date", ("not_date", "Ngày chưa đúng, viết như 2026-03-02.")),
    ("model", ("not_object", "Phải là một đối tượng JSON.")),
    ("dict", ("not_object", "Phải là một đối tượng JSON.")),
)


def worded(errors: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """pydantic's findings as :class:`FieldError`, in Vietnamese. Pure."""
    return [_worded(error) for error in errors]


def _worded(error: dict[str, Any]) -> dict[str, str]:
    kind, place = str(error.get("type", "")), [str(part) for part in error.get("loc", ())]
    found = _WORDS.get(kind) or next((words for start, words in _FAMILIES if kind.startswith(start)), None)
    code, sentence = found or ("invalid", "Giá trị chưa đúng.")
    details = {name: _plain(value) for name, value in (error.get("ctx") or {}).items()}
    try:
        message = sentence.format(**details)
    except (KeyError, IndexError):
        message = "Giá trị chưa đúng."
    # The body's own name is no part of the path: «applicant.name».
    named = place[2:] if place[:1] == ["body"] else place[1:2]
    return {"field": ".".join(named) or "body", "code": code, "message": message}


def _plain(value: Any) -> str:
    return str(value).replace("' or '", "', '").replace("'", "")


# ---- handlers --------------------------------------------------------------------------------------------------------


def refused(request: HttpRequest, error: MotcuaError) -> JsonResponse:
    """A room's own refusal, in its own words."""
    # What :func:`explained` found out beside it.
    more: dict[str, Any] = getattr(error, "api_details", {})
    return problem(status_of(error), error.code, error.message, field=error.field, **more)


def wrong_fields(request: HttpRequest, errors: Sequence[dict[str, Any]]) -> JsonResponse:
    """A request that does not fit its schema."""
    found = worded(errors)
    first = found[0] if found else {"field": "body", "message": "Giá trị chưa đúng."}
    detail = f"«{first['field']}»: {first['message']}" + (f" Còn {len(found) - 1} chỗ nữa." if len(found) > 1 else "")
    return problem(422, "invalid", detail, field=first["field"], errors=found)


def unexpected(request: HttpRequest, error: Exception) -> JsonResponse:
    """A mistake of ours. The log says which; the answer says nothing of the inside."""
    logger.error("API %s: %s", request.method, type(error).__name__, exc_info=error)
    return problem(500, "server_error", "Máy chủ gặp lỗi, chưa ghi gì. Gửi lại cùng Idempotency-Key là an toàn.")


def answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Any exception as a problem."""
    match error:
        case MotcuaError():
            return refused(request, error)
        case Refused():
            response = problem(error.status, error.code, error.detail, **error.more)
            if error.retry_after:
                response["Retry-After"] = str(error.retry_after)
            return response
        case ValidationError():
            return wrong_fields(request, error.errors)
        case AuthenticationError():
            return problem(401, "no_token", "Gửi mã truy cập còn hiệu lực trong tiêu đề «Authorization: Bearer …».")
        case RequestDataTooBig():
            return problem(413, "too_large", "Nội dung gửi lên quá lớn.")
        case Http404():
            return problem(404, "not_found", "Không có địa chỉ này.")
        case PermissionDenied():
            return problem(403, "not_allowed", "Không có quyền làm việc này.")
        case HttpError() if error.status_code == 400:
            return problem(400, "unreadable", "Nội dung không phải JSON đọc được.")
        case SuspiciousOperation() | BadRequest() | MultiPartParserError() | UnicodeError():
            return problem(400, "unreadable", "Nội dung không đọc được.")
        case HttpError():
            return problem(error.status_code, "refused", "Yêu cầu chưa đúng.")
    return unexpected(request, error if isinstance(error, Exception) else error())


def install(api: NinjaAPI) -> None:
    """Let the interface answer every exception with a problem."""
    for kind in (
        Exception,
        MotcuaError,
        Refused,
        ValidationError,
        HttpError,
        AuthenticationError,
        Http404,
        PermissionDenied,
        SuspiciousOperation,
        MultiPartParserError,
    ):
        api.add_exception_handler(kind, answer)
