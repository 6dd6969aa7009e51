"""Tài khoản từ danh sách: an .xlsx of people, looked at before anything is made; first passwords shown once."""

import json
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.desk import people, roster
from motcua.desk.accounts import admin_scope, administrator
from motcua.desk.forms import ActForm, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.sealed import seal, unseal
from motcua.org.models import Duty, Unit

_LIST, _SLIPS = "roster", "first_passwords"
_LARGEST = 5 * 1024 * 1024


class UploadForm(forms.Form):
    """The list, and where its people work."""

    home = UnitField(label="Đơn vị công tác", help_text="Dùng cho dòng không ghi đơn vị.")
    file = forms.FileField(
        label="Danh sách (.xlsx)",
        help_text="Cần cột «Họ và tên»; nhận thêm Tên đăng nhập, Chức danh, Đơn vị, Số điện thoại, Thư điện tử, Nhiệm "
        "vụ (cách nhau bằng dấu chấm phẩy), hoặc mỗi nhiệm vụ một cột đánh dấu x.",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class ConfirmForm(ActForm):
    """What was looked at, sealed, and the decision behind the duties."""

    sealed = forms.CharField(widget=forms.HiddenInput)
    basis = LineField(
        label="Căn cứ giao nhiệm vụ", required=False, max_length=200, help_text="Số, ngày quyết định phân công."
    )


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def from_list(request: HttpRequest) -> HttpResponse:
    """Choose a list; posted, it is shown as it would be carried out, with what is wrong by line. Nothing is made."""
    actor, scope = administrator(request), admin_scope(request)
    units = people.units(scope, clock.today())
    form = UploadForm(request.POST or None, request.FILES or None)
    field = form.fields["home"]
    assert isinstance(field, UnitField)
    field.offer(units)
    if request.method == "POST" and form.is_valid():
        home: Unit = form.cleaned_data["home"]
        upload: UploadedFile = form.cleaned_data["file"]
        found = attempt(form, lambda: roster.tried(_read(upload, home, units), actor=actor))
        if found is not None:
            packed = json.dumps({"actor": actor.pk, "lines": roster.plain(found.new)})
            confirm = ConfirmForm(initial={"sealed": seal(packed, _LIST)}, auto_id="tao_%s")
            return render(request, "desk/account_roster.html", _shown(found, confirm, units))
    return render(request, "desk/account_roster_upload.html", {"form": form}, status=400 if form.errors else 200)


def _read(upload: UploadedFile, home: Unit, units: list[Unit]) -> roster.Roster:
    if (upload.size or 0) > _LARGEST:
        raise Invalid(f"Tệp lớn quá {_LARGEST // 1024 // 1024} MB.", field="file")
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        try:
            return roster.read(Path(file.name), home=home, units=units)
        except Invalid as error:
            said = error.message.replace(Path(file.name).name, f"«{upload.name}»")
            raise Invalid(said, field="file") from error


def _shown(found: roster.Roster, confirm: ConfirmForm, units: list[Unit]) -> dict[str, Any]:
    names = {unit.pk: unit.name for unit in units}
    lines = [
        {"line": line, "unit": names[line.unit], "duties": [Duty(duty).label for duty in line.duties]}
        for line in found.new
    ]
    return {"found": found, "lines": lines, "form": confirm}


@require_POST
@needs(Duty.ADMIN)
def take_on(request: HttpRequest) -> HttpResponse:
    """Make the accounts that were looked at: all of them, or none and the reason."""
    actor = administrator(request)
    form = ConfirmForm(request.POST)
    packed = unseal(request.POST.get("sealed", ""), _LIST)
    given = json.loads(packed) if packed else {}
    if not form.is_valid() or given.get("actor") != actor.pk:
        messages.error(request, "Danh sách đã cũ hoặc không đọc được. Hãy gửi lại tệp.")
        return redirect("accounts_from_list")

    def act() -> list[tuple[str, str, str, str]]:
        told = roster.take_on(
            actor=actor, lines=given["lines"], basis=form.cleaned_data["basis"], request_key=form.key(actor)
        )
        return told or []

    told = attempt(form, act)
    if told is None:
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect("accounts_from_list")
    if not told:
        messages.warning(request, "Các tài khoản đã được tạo ở lần gửi trước. Mật khẩu tạm chỉ hiện một lần.")
        return redirect("accounts")
    request.session[_SLIPS] = seal(json.dumps({"actor": actor.pk, "told": told}), _SLIPS)
    return HttpResponseRedirect(reverse("first_passwords"))


@never_cache
@require_GET
@needs(Duty.ADMIN)
def first_passwords(request: HttpRequest) -> HttpResponse:
    """The slips with first passwords, to print and cut; gone after they have been shown once."""
    sealed = request.session.pop(_SLIPS, None)
    packed = unseal(sealed, _SLIPS) if sealed else None
    given = json.loads(packed) if packed else {}
    told = given.get("told", []) if given.get("actor") == administrator(request).pk else []
    slips = [{"full_name": n, "username": u, "unit": where, "password": p} for n, u, where, p in told]
    return render(request, "desk/account_slips.html", {"slips": slips, "address": request.build_absolute_uri("/")})
