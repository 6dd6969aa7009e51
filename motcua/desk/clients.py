"""Systems that connect to the office's interface: made, given new tokens and revoked by administrators."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.api import clients
from motcua.api.models import ApiClient
from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk import people
from motcua.desk.accounts import admin_scope, administrator
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.sealed import seal, unseal
from motcua.org.models import SECOND_FACTOR_DUTIES, Duty, User
from motcua.org.queries import Scope

_TOLD = "client_token"
_COLUMNS = [
    Column("ten", "Hệ thống", sort=["name"]),
    Column("don-vi", "Đơn vị chủ quản", sort=["unit__name"]),
    Column("ma", "Mã truy cập"),
    Column("han", "Thời hạn", sort=["valid_to"]),
    Column("trang-thai", "Trạng thái"),
]


def state_of(client: ApiClient, today: dt.date) -> tuple[str, str]:
    """How a client stands on a day: the badge and its word. No query."""
    if client.revoked_at is not None:
        return "ended", "Đã thu hồi"
    if not client.user.is_active:
        return "blocked", "Tài khoản đang khóa"
    if client.valid_from > today:
        return "future", "Chưa đến ngày"
    if client.valid_to < today:
        return "ended", "Hết thời hạn"
    return "open", "Đang dùng được"


@require_GET
@needs(Duty.ADMIN)
def api_clients(request: HttpRequest) -> HttpResponse:
    """The clients of the administrator's units."""
    today = clock.today()
    lines: Listing[ApiClient] = listing(request, clients.clients(admin_scope(request)), _COLUMNS, default="ten")
    rows = [(client, *state_of(client, today)) for client in lines.page.object_list]
    return render(request, "desk/api_clients.html", {"list": lines, "rows": rows})


class ClientForm(ActForm):
    """Who connects, what it may do, and until when."""

    name = LineField(label="Tên hệ thống", max_length=120, help_text="Ví dụ: Hệ thống một cửa điện tử của tỉnh.")
    unit = UnitField(
        label="Đơn vị chủ quản", help_text="Hệ thống được làm việc với hồ sơ của đơn vị này và các đơn vị trực thuộc."
    )
    duties = forms.MultipleChoiceField(
        label="Nhiệm vụ được giao",
        choices=[(d.value, d.label) for d in Duty if d not in SECOND_FACTOR_DUTIES],
        widget=forms.CheckboxSelectMultiple,
        help_text="Chỉ giao đủ dùng. Nhiệm vụ phải xác thực hai bước thì không giao cho máy.",
    )
    valid_from = DateField(label="Từ ngày")
    valid_to = DateField(label="Đến hết ngày", help_text="Nhiều nhất 2 năm.")
    requests_a_minute = forms.IntegerField(
        label="Số lần gọi mỗi phút",
        min_value=1,
        max_value=clients.FASTEST,
        initial=clients.USUAL_PACE,
        help_text="Gọi quá thì được báo chờ.",
    )
    basis = LineField(label="Căn cứ", required=False, max_length=200, help_text="Văn bản cho phép kết nối.")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(people.units(scope, clock.today()))
        self.fields["valid_from"].initial = clock.today()
        self.fields["valid_to"].initial = clock.today() + dt.timedelta(days=365)


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def new_api_client(request: HttpRequest) -> HttpResponse:
    """Make a client; its token is shown once on its page."""
    actor = administrator(request)
    form = ClientForm(request.POST or None, scope=admin_scope(request))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _create(request, actor, form))
        if made:
            messages.success(request, f"Đã tạo hệ thống kết nối «{made.name}».")
            return redirect("api_client", made.pk)
    return render(request, "desk/api_client_form.html", {"form": form}, status=400 if form.errors else 200)


def _create(request: HttpRequest, actor: User, form: ClientForm) -> ApiClient:
    key = form.key(actor)
    given = {name: value for name, value in form.cleaned_data.items() if name != "request_key"}
    made = clients.create_client(actor=actor, request_key=key, **given)
    _tell(request, made, clients.renew_token(actor=actor, client=made, request_key=key and f"{key}:t"))
    return made


class ReasonForm(ActForm):
    """Why a client is revoked."""

    reason = LineField(label="Lý do", max_length=200, help_text="Ghi vào nhật ký, ví dụ: lộ mã truy cập.")


@never_cache
@require_GET
@needs(Duty.ADMIN)
def api_client(request: HttpRequest, pk: int) -> HttpResponse:
    """One client: its duties, its token's last characters, what changed."""
    return _page(request, pk)


class PaceForm(ActForm):
    """How often a client may ask."""

    requests_a_minute = forms.IntegerField(label="Số lần gọi mỗi phút", min_value=1, max_value=clients.FASTEST)


@require_POST
@needs(Duty.ADMIN)
def pace_api_client(request: HttpRequest, pk: int) -> HttpResponse:
    """Another number of requests a minute, from this moment."""
    actor = administrator(request)
    client = clients.client(admin_scope(request), pk)
    form = PaceForm(request.POST, auto_id="nhip_%s")
    if form.is_valid():
        pace = form.cleaned_data["requests_a_minute"]
        done = attempt(
            form,
            lambda: clients.set_pace(actor=actor, client=client, requests_a_minute=pace, request_key=form.key(actor)),
        )
        if done:
            messages.success(request, f"Từ nay được gọi {pace} lần mỗi phút.")
            return redirect("api_client", client.pk)
    return _page(request, pk, pacing=form)


def _page(
    request: HttpRequest, pk: int, *, revoking: ReasonForm | None = None, pacing: PaceForm | None = None
) -> HttpResponse:
    scope, today = admin_scope(request), clock.today()
    client = clients.client(scope, pk)
    badge, word = state_of(client, today)
    context = {
        "client": client,
        "badge": badge,
        "word": word,
        "duties": people.assignments(scope, client.user),
        "changes": people.changes(scope, user=client.user)[:8],
        "told": _told(request, client),
        "pacing": pacing or PaceForm(auto_id="nhip_%s", initial={"requests_a_minute": client.requests_a_minute}),
        "revoking": revoking or ReasonForm(auto_id="thu_hoi_%s"),
        "plain": ActForm(auto_id=False),
    }
    return render(request, "desk/api_client.html", context, status=400 if revoking or pacing else 200)


@require_POST
@needs(Duty.ADMIN)
def renew_api_client(request: HttpRequest, pk: int) -> HttpResponse:
    """A new token, shown once; the earlier one opens nothing any more."""
    actor = administrator(request)
    client = clients.client(admin_scope(request), pk)
    form = ActForm(request.POST)
    key = form.key(actor) if form.is_valid() else None
    try:
        _tell(request, client, clients.renew_token(actor=actor, client=client, request_key=key))
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect("api_client", client.pk)


@require_POST
@needs(Duty.ADMIN)
def revoke_api_client(request: HttpRequest, pk: int) -> HttpResponse:
    """End a client for good, with a reason."""
    actor = administrator(request)
    client = clients.client(admin_scope(request), pk)
    form = ReasonForm(request.POST, auto_id="thu_hoi_%s")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(
            form,
            lambda: clients.revoke_client(actor=actor, client=client, reason=reason, request_key=form.key(actor)),
        )
        if done:
            messages.success(request, "Đã thu hồi. Mã truy cập hết hiệu lực ngay.")
            return redirect("api_client", client.pk)
    return _page(request, pk, revoking=form)


def _tell(request: HttpRequest, client: ApiClient, token: str | None) -> None:
    if token is None:
        messages.warning(request, "Mã truy cập đã cấp ở lần gửi trước và chỉ hiện một lần.")
    else:
        request.session[_TOLD] = seal(f"{client.pk}:{token}", _TOLD)


def _told(request: HttpRequest, client: ApiClient) -> str | None:
    """The token just made for this client; shown once and then gone."""
    sealed = request.session.pop(_TOLD, None)
    found = unseal(sealed, _TOLD) if sealed else None
    owner, _, token = (found or "").partition(":")
    return token if owner == str(client.pk) else None
