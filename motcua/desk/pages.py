"""Pages for what went wrong: each says what it was and what to do, inside the frame where there is a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from motcua.core.errors import MotcuaError


def _page(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    return render(request, "desk/problem.html", {"title": title, "text": text, "status": status, **more}, status=status)


def refused(request: HttpRequest, error: MotcuaError, *, status: int) -> HttpResponse:
    """An act or a request that a room refused and no form caught."""
    titles = {
        403: "Không có quyền làm việc này",
        404: "Không tìm thấy",
        409: "Chưa thực hiện được",
    }
    return _page(request, status, titles.get(status, "Yêu cầu chưa đúng"), error.message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, "Yêu cầu chưa đúng", "Trang nhận được nội dung không đọc được. Quay lại và thử lần nữa.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        "Không có quyền xem trang này",
        str(exception)
        or "Trang này dành cho nhiệm vụ khác hoặc đơn vị khác. Cần thêm nhiệm vụ thì báo quản trị hệ thống.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        "Không tìm thấy trang",
        "Địa chỉ không đúng, hoặc nội dung thuộc đơn vị khác. Kiểm tra lại địa chỉ hoặc trở về trang đầu.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "Biểu mẫu đã cũ",
        "Từ lúc mở trang này đã có lần đăng nhập khác trên cùng trình duyệt, nên chưa ghi gì. "
        "Bấm nút Quay lại của trình duyệt, nội dung đã nhập vẫn còn; tải lại trang rồi gửi lần nữa.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request, context processors or database: whatever broke may be one of them."""
    return HttpResponse(render_to_string("desk/500.html"), status=500)
