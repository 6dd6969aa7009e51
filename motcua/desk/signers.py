"""Thẩm quyền ký: who signs what in whose name, since when and until when; given and ended by administrators."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.desk import people
from motcua.desk.accounts import admin_scope, administrator
from motcua.desk.act_forms import PersonField
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.dossiers.states import LEADER_DUTIES
from motcua.org import queries as org
from motcua.org.models import Duty, User
from motcua.org.queries import Scope
from motcua.procedures import signing
from motcua.procedures.signing_models import SigningAuthority, SigningMode

# Who reads it: who keeps it, who signs, and the văn thư who looks whether the head of a letter is right.
READERS = sorted({Duty.ADMIN, Duty.CLERK, *LEADER_DUTIES})
_COLUMNS = [
    Column("nguoi", "Người ký", sort=["user__full_name", "-valid_from", "pk"]),
    Column("thu-tuc", "Thủ tục"),
    Column("ky", "Ghi trên văn bản"),
    Column("ngay", "Thời gian", sort=["-valid_from", "pk"]),
    Column("can-cu", "Căn cứ"),
    Column("trang-thai", "Trạng thái"),
]


def state_of(row: SigningAuthority, today: dt.date) -> tuple[str, str]:
    """How an authority stands on a day: the badge and its word. Pure."""
    if row.valid_from > today:
        return "future", "Chưa đến ngày"
    if row.valid_to is not None and row.valid_to < today:
        return "ended", "Đã hết"
    return "open", "Đang áp dụng"


@never_cache
@require_GET
@needs(*READERS)
def signers(request: HttpRequest) -> HttpResponse:
    """Every authority at the person's units, those of the past too."""
    user, today = administrator(request), clock.today()
    rows = signing.kept(org.scope(user, READERS, today))
    lines: Listing[SigningAuthority] = listing(request, rows, _COLUMNS, default="nguoi")
    found = [(row, signing.lines_of(row), *state_of(row, today)) for row in lines.page.object_list]
    context = {"list": lines, "rows": found, "keeps": Duty.ADMIN in standing(request).held, "today": today}
    return render(request, "desk/signers.html", context)


class SignerForm(ActForm):
    """Who signs, how, for what, by which paper, on which days."""

    unit = UnitField(label="Cơ quan ban hành")
    user = PersonField(label="Người ký")
    mode = forms.ChoiceField(label="Cách ký", choices=SigningMode.choices, initial=SigningMode.DEPUTY)
    head_title = LineField(label="Chức vụ người đứng đầu", max_length=80, initial="Chủ tịch")
    signer_title = LineField(
        label="Chức vụ người ký", max_length=80, required=False, help_text="Với KT., TL., TUQ.: ví dụ Phó Chủ tịch."
    )
    collective = forms.BooleanField(
        label="Ghi «TM. ỦY BAN NHÂN DÂN»",
        required=False,
        help_text="Khi ký thay mặt tập thể; không dùng với TL., TUQ. và khi Chủ tịch ký với tư cách cá nhân.",
    )
    procedures = LineField(
        label="Mã thủ tục",
        max_length=1000,
        required=False,
        help_text="Nhiều mã cách nhau bằng dấu phẩy. Để trống: mọi thủ tục của cơ quan.",
    )
    valid_from = DateField(label="Từ ngày")
    valid_to = DateField(label="Đến hết ngày", required=False, help_text="TUQ. luôn có ngày cuối.")
    basis = LineField(label="Căn cứ", max_length=200, help_text="Số, ngày quy chế, quyết định hoặc văn bản ủy quyền.")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        unit, person = self.fields["unit"], self.fields["user"]
        assert isinstance(unit, UnitField)
        assert isinstance(person, PersonField)
        unit.offer(people.units(scope, today))
        found = [line.pk for line in people.people(scope, today, state="open")]
        person.queryset = User.objects.filter(pk__in=found).order_by("full_name")
        self.fields["valid_from"].initial = today

    def clean_procedures(self) -> list[str]:
        return [code for code in self.cleaned_data["procedures"].replace(";", ",").replace(" ", ",").split(",") if code]


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def add_signer(request: HttpRequest) -> HttpResponse:
    """Write down one more authority to sign."""
    actor = administrator(request)
    form = SignerForm(request.POST or None, scope=admin_scope(request))
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "request_key"}
        done = attempt(form, lambda: signing.grant_signing(actor=actor, request_key=form.key(actor), **given))
        if done is not None:
            messages.success(request, f"Đã ghi thẩm quyền ký của {done}.")
            return redirect("signers")
    lead = "Từ ngày này, văn bản do người này ký ghi đúng thẩm quyền; thủ tục đã có người ký thì chỉ họ duyệt được."
    return _form(request, form, "Thêm thẩm quyền ký", "Ghi thẩm quyền ký", lead)


class EndForm(ActForm):
    """The last day somebody signs so."""

    last_day = DateField(label="Ngày cuối", help_text="Hết ngày này thì thôi. Sớm nhất là hôm qua.")
    reason = LineField(label="Lý do hoặc căn cứ", required=False, max_length=200)


@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def end_signer(request: HttpRequest, pk: int) -> HttpResponse:
    """End an authority after a day; what was signed under it stays as it was."""
    actor = administrator(request)
    row = signing.kept(admin_scope(request)).filter(pk=pk).first()
    if row is None:
        raise NotFound("Không có thẩm quyền ký này, hoặc thuộc đơn vị khác.")
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: signing.end_signing(
                actor=actor,
                authority=pk,
                last_day=form.cleaned_data["last_day"],
                reason=form.cleaned_data["reason"],
                request_key=form.key(actor),
            ),
        )
        if done is not None:
            messages.success(request, f"Đã ghi ngày cuối của thẩm quyền ký của {row.user}.")
            return redirect("signers")
    lead = f"{row.user}, {' / '.join(signing.lines_of(row))}, tại {row.unit.name}"
    return _form(request, form, "Kết thúc thẩm quyền ký", "Kết thúc", lead)


def _form(request: HttpRequest, form: ActForm, title: str, button: str, lead: str) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "lead": lead}
    return render(request, "desk/signer_form.html", context, status=400 if form.errors else 200)
