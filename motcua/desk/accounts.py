"""Accounts: the list, one account, creating, changing, blocking, passwords. For administrators, within their units."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk import people
from motcua.desk.forms import ActForm, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.sealed import seal, unseal
from motcua.org import actions, queries
from motcua.org.actions.second_factor import reset_second_factor
from motcua.org.models import AccessChange, Duty, User
from motcua.org.queries import Scope

_TOLD = "temporary_password"
_STATES = [("", "Tất cả"), ("open", "Đang hoạt động"), ("blocked", "Đang khóa")]


def administrator(request: HttpRequest) -> User:
    """The signed-in person (the gate has let nobody else through)."""
    assert isinstance(request.user, User)
    return request.user


def admin_scope(request: HttpRequest) -> Scope:
    """The units this person administers today. One statement."""
    return queries.scope(administrator(request), Duty.ADMIN, clock.today())


class Filters(forms.Form):
    """What narrows the list."""

    tim = LineField(label="Tìm", required=False, widget=forms.TextInput(attrs={"type": "search", "data-search": True}))
    nhiem_vu = forms.ChoiceField(label="Nhiệm vụ", required=False, choices=[("", "Tất cả"), *Duty.choices])
    trang_thai = forms.ChoiceField(label="Trạng thái", required=False, choices=_STATES)


_COLUMNS = [
    Column("ten", "Họ và tên", by=lambda line: line.by_name),
    Column("dang-nhap", "Tên đăng nhập", by=lambda line: line.username),
    Column("don-vi", "Đơn vị công tác", by=lambda line: (line.home, line.by_name)),
    Column("nhiem-vu", "Nhiệm vụ hôm nay"),
    Column("trang-thai", "Trạng thái", by=lambda line: (line.active, line.by_name)),
    Column("gan-nhat", "Đăng nhập gần nhất", by=lambda line: line.last_login.timestamp() if line.last_login else 0),
]


@require_GET
@needs(Duty.ADMIN)
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts of the administrator's units."""
    scope, today = admin_scope(request), clock.today()
    filters = Filters(request.GET)
    wanted = filters.cleaned_data if filters.is_valid() else {}
    found = people.people(
        scope,
        today,
        words=wanted.get("tim", ""),
        duty=wanted.get("nhiem_vu", ""),
        state=wanted.get("trang_thai", ""),
    )
    lines = listing(request, found, _COLUMNS, default="ten", filters=list(filters.fields))
    people.add_duties(lines.page.object_list, scope, today)
    return render(request, "desk/accounts.html", {"list": lines, "filters": filters})


# ---- one account ----------------------------------------------------------------------------------------------------


class ReasonForm(ActForm):
    """Why an account is blocked: it stays in the record."""

    reason = LineField(label="Lý do", max_length=200, help_text="Ghi vào nhật ký, ví dụ: nghỉ hưu từ 01/8/2025.")


@never_cache
@require_GET
@needs(Duty.ADMIN)
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account: who, with which duties, who changed what."""
    return _account(request, user_id)


def _account(request: HttpRequest, user_id: int, *, blocking: ReasonForm | None = None) -> HttpResponse:
    scope, today = admin_scope(request), clock.today()
    subject = people.person(scope, user_id)
    held = people.assignments(scope, subject)
    context = {
        "subject": subject,
        "now": [a for a in held if a.valid_to is None or a.valid_to >= today],
        "past": [a for a in held if a.valid_to is not None and a.valid_to < today],
        "today": today,
        "delegations": people.delegations(subject, scope),
        "changes": people.changes(scope, user=subject)[:8],
        "words": people.WORDS,
        "own": subject.pk == request.user.pk,
        "told": _told(request, subject),
        "blocking": blocking or ReasonForm(auto_id="khoa_%s"),
        "plain": ActForm(auto_id=False),
    }
    return render(request, "desk/account.html", context, status=400 if blocking else 200)


def _told(request: HttpRequest, subject: User) -> str | None:
    """The temporary password just made for this account; shown once and then gone."""
    sealed = request.session.pop(_TOLD, None)
    found = unseal(sealed, _TOLD) if sealed else None
    owner, _, password = (found or "").partition(":")
    return password if owner == str(subject.pk) else None


def _tell(request: HttpRequest, subject: User, password: str | None) -> None:
    if password is None:
        messages.warning(request, "Mật khẩu tạm đã cấp ở lần gửi trước và chỉ hiện một lần.")
    else:
        request.session[_TOLD] = seal(f"{subject.pk}:{password}", _TOLD)


class AccountForm(ActForm):
    """Who the person is; the duties come after."""

    full_name = LineField(label="Họ và tên", max_length=120)
    username = LineField(
        label="Tên đăng nhập",
        max_length=60,
        help_text="Chữ thường không dấu, chữ số, dấu chấm, gạch nối; ví dụ lan.thach. Sau này không đổi được.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    home = UnitField(
        label="Đơn vị công tác", help_text="Quản trị hệ thống của đơn vị này và cấp trên quản lý tài khoản."
    )
    title = LineField(label="Chức danh", max_length=120, required=False)
    phone = LineField(label="Số điện thoại", max_length=20, required=False)
    email = LineField(label="Thư điện tử", max_length=254, required=False)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_field.offer(people.units(scope, clock.today()))

    @property
    def unit_field(self) -> UnitField:
        found = self.fields["home"]
        assert isinstance(found, UnitField)
        return found

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "request_key"}


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def new_account(request: HttpRequest) -> HttpResponse:
    """Create an account; its temporary password is shown once on the account's page."""
    actor = administrator(request)
    form = AccountForm(request.POST or None, scope=admin_scope(request))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _create(request, actor, form))
        if made:
            messages.success(request, f"Đã tạo tài khoản «{made.username}». Giao nhiệm vụ để người này làm việc được.")
            return redirect("account", made.pk)
    return render(
        request, "desk/account_form.html", {"form": form, "subject": None}, status=400 if form.errors else 200
    )


def _create(request: HttpRequest, actor: User, form: AccountForm) -> User:
    key = form.key(actor)
    made = actions.create_account(actor=actor, request_key=key, **form.given)
    password = actions.reset_password(actor=actor, user=made, request_key=key and f"{key}:p")
    _tell(request, made, password)
    return made


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def change_account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Correct name, title, unit, telephone."""
    actor, scope = administrator(request), admin_scope(request)
    subject = people.person(scope, user_id)
    initial = {name: getattr(subject, name) for name in ("full_name", "title", "phone", "email")}
    initial["home"] = subject.home.code if subject.home else ""
    form = AccountForm(request.POST or None, initial=initial, scope=scope)
    del form.fields["username"]
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: actions.change_account(actor=actor, user=subject, request_key=form.key(actor), **form.given)
        )
        if changed:
            messages.success(request, "Đã ghi thông tin.")
            return redirect("account", subject.pk)
    return render(
        request, "desk/account_form.html", {"form": form, "subject": subject}, status=400 if form.errors else 200
    )


@require_POST
@needs(Duty.ADMIN)
def block(request: HttpRequest, user_id: int) -> HttpResponse:
    """Block the account, with a reason. A refusal comes back at the form, with what was typed."""
    actor = administrator(request)
    subject = people.person(admin_scope(request), user_id)
    form = ReasonForm(request.POST, auto_id="khoa_%s")
    if form.is_valid():
        done = attempt(
            form,
            lambda: actions.block_account(
                actor=actor, user=subject, reason=form.cleaned_data["reason"], request_key=form.key(actor)
            ),
        )
        if done:
            messages.success(request, "Đã khóa tài khoản. Người này bị đăng xuất ngay.")
            return redirect("account", subject.pk)
    return _account(request, user_id, blocking=form)


@require_POST
@needs(Duty.ADMIN)
def unblock(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a blocked person in again."""
    return _act(request, user_id, "Đã mở khóa tài khoản.", actions.unblock_account)


@require_POST
@needs(Duty.ADMIN)
def reset_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Forget a lost telephone."""
    told = "Đã đặt lại. Lần đăng nhập tới, người này thiết lập xác thực hai bước từ đầu."
    return _act(request, user_id, told, reset_second_factor)


@require_POST
@needs(Duty.ADMIN)
def reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A temporary password, shown once on the account's page."""

    def act(*, actor: User, user: User, request_key: str | None) -> None:
        _tell(request, user, actions.reset_password(actor=actor, user=user, request_key=request_key))

    return _act(request, user_id, "", act)


def _act(request: HttpRequest, user_id: int, told: str, act: Any) -> HttpResponse:
    """Do a one-button act on an account and go back to its page, also with a refusal."""
    actor = administrator(request)
    subject = people.person(admin_scope(request), user_id)
    form = ActForm(request.POST)
    key = form.key(actor) if form.is_valid() else None
    try:
        act(actor=actor, user=subject, request_key=key)
    except MotcuaError as error:
        messages.error(request, error.message)
    else:
        if told:
            messages.success(request, told)
    return HttpResponseRedirect(reverse("account", args=[subject.pk]))


# ---- the record -----------------------------------------------------------------------------------------------------

_CHANGE_COLUMNS = [
    Column("luc", "Lúc", sort=["at"]),
    Column("nguoi-lam", "Người làm"),
    Column("viec", "Việc", sort=["what", "-at"]),
    Column("tai-khoan", "Tài khoản", sort=["subject__username", "-at"]),
    Column("don-vi", "Đơn vị", sort=["unit__name", "-at"]),
    Column("chi-tiet", "Chi tiết"),
]


class ChangeFilters(forms.Form):
    """What narrows the record."""

    viec = forms.ChoiceField(label="Việc", required=False, choices=[("", "Tất cả"), *people.WORDS.items()])


@require_GET
@needs(Duty.ADMIN)
def changes(request: HttpRequest) -> HttpResponse:
    """Who changed whose access, and when."""
    filters = ChangeFilters(request.GET)
    wanted = filters.cleaned_data if filters.is_valid() else {}
    found = people.changes(admin_scope(request), what=wanted.get("viec", ""))
    lines: Listing[AccessChange] = listing(request, found, _CHANGE_COLUMNS, default="-luc", filters=["viec"])
    return render(request, "desk/changes.html", {"list": lines, "filters": filters, "words": people.WORDS})
