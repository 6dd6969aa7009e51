"""Letters to applicants: proof of sending, stock reasons, and "chờ bổ sung quá N ngày"."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk.dossiers import scope_of, sheet_of, user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.reading import reading
from motcua.dossiers import letters, printing, results
from motcua.dossiers.letters import REASON_KEEPERS, SENDERS
from motcua.dossiers.models import PaperKind, SendChannel
from motcua.dossiers.sheets import Sheet
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org import queries as org
from motcua.parties.models import What
from motcua.procedures import queries as procedures

USUAL_DAYS = 30
_PER_PAGE = 50


# ---- proof of sending ------------------------------------------------------------------------------------------------


class SendingForm(ActForm):
    """Which letter went out, when, how, under which number."""

    letter = forms.ChoiceField(label="Giấy tờ đã gửi")
    sent_on = DateField(label="Ngày gửi")
    channel = forms.ChoiceField(label="Cách gửi", choices=SendChannel.choices)
    number = LineField(
        label="Số, mã gửi",
        max_length=80,
        required=False,
        help_text="Số văn bản hoặc mã bưu gửi; bưu chính thì bắt buộc.",
    )
    note = LineField(label="Ghi chú", max_length=300, required=False)

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["letter"]
        assert isinstance(field, forms.ChoiceField)
        offers = [o for o in printing.offered(sheet) if o.kind in PaperKind.values]
        field.choices = [(f"{o.kind}:{o.which}", o.title) for o in offers]
        self.fields["sent_on"].initial = clock.today()

    def arguments(self) -> dict[str, Any]:
        given = {k: v for k, v in self.cleaned_data.items() if k not in ("request_key", "letter")}
        kind, _, which = self.cleaned_data["letter"].partition(":")
        asks = kind in (PaperKind.SUPPLEMENT, PaperKind.EXPIRED)
        return {**given, "paper": kind, "supplement": int(which) if asks else None}


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def sendings(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent for a dossier; and writing down that a letter went out."""
    sheet, user = sheet_of(request, pk), user_of(request)
    asked = reading(request, sheet.dossier, What.DOSSIER)
    if asked is not None:
        return asked
    form = SendingForm(request.POST or None, sheet=sheet)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: letters.record_sending(actor=user, dossier=pk, **form.arguments(), request_key=form.key(user)),
            fields={"paper": "letter", "supplement": "letter"},
        )
        if done is not None:
            messages.success(request, "Đã ghi lần gửi.")
            return redirect("sendings", pk)
    context = {
        "form": form,
        "dossier": sheet.dossier,
        "sendings": letters.sendings(sheet.dossier),
        "may": bool(standing(request).held & SENDERS),
        "letters": bool(form.fields["letter"].choices),  # type: ignore[attr-defined]
    }
    return render(request, "desk/sendings.html", context, status=400 if form.errors else 200)


# ---- whose answer is overdue -----------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def waiting(request: HttpRequest) -> HttpResponse:
    """Chờ bổ sung quá N ngày: the longest first, with what can be done about each."""
    typed = request.GET.get("ngay", "")
    days = int(typed) if typed.isdecimal() and len(typed) < 5 else USUAL_DAYS
    found = letters.waiting_longer(scope_of(request), days)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("trang"))
    context = {"days": days, "page": page, "rows": letters.waiting_rows(list(page)), "usual": (0, 7, 15, 30, 60, 90)}
    return render(request, "desk/waiting.html", context)


# ---- stock reasons ---------------------------------------------------------------------------------------------------


class ReasonForm(ActForm):
    """A reason to keep for picking."""

    unit = UnitField(label="Đơn vị")
    text = LineField(
        label="Lý do",
        max_length=300,
        help_text="Viết như sẽ đứng sau tên giấy tờ: «chưa có chữ ký của các đồng sở hữu».",
    )
    for_all = forms.BooleanField(label="Dùng cho mọi thủ tục", required=False)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(REASON_KEEPERS))
def stock_reasons(request: HttpRequest, code: str) -> HttpResponse:
    """The reasons a unit picks from when it asks for more, for one procedure."""
    if "\x00" in code:
        raise Http404
    user, today = user_of(request), clock.today()
    version = procedures.in_force(code, today)
    units = org.in_order({u.pk: u for duty, u in standing(request).duties if duty in REASON_KEEPERS}.values())
    form = ReasonForm(request.POST or None)
    field = form.fields["unit"]
    assert isinstance(field, UnitField)
    field.offer(units)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        procedure = None if given["for_all"] else version.procedure
        done = attempt(
            form,
            lambda: letters.keep_reason(
                actor=user, unit=given["unit"], text=given["text"], procedure=procedure, request_key=form.key(user)
            ),
        )
        if done is not None:
            messages.success(request, "Đã thêm lý do mẫu.")
            return redirect("stock_reasons", code)
    scope = org.scope(user, REASON_KEEPERS, today)
    context = {
        "form": form,
        "version": version,
        "reasons": letters.reasons_kept(scope, version.procedure),
        "usual": letters.USUAL_REASONS,
    }
    return render(request, "desk/stock_reasons.html", context, status=400 if form.errors else 200)


@require_POST
@needs(*sorted(REASON_KEEPERS))
def drop_reason(request: HttpRequest, code: str, reason: int) -> HttpResponse:
    """Take a reason out of the list."""
    try:
        letters.drop_reason(actor=user_of(request), reason=reason)
        messages.success(request, "Đã bỏ lý do mẫu.")
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect("stock_reasons", code)


# ---- electronic results ----------------------------------------------------------------------------------------------


@require_POST
@needs(*sorted(VIEW_DUTIES))
def check_result(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponse:
    """Verify the signatures of a kept result again, with the roots trusted now."""
    try:
        found = results.check_again(actor=user_of(request), dossier=pk, attachment=attachment_id)
        messages.info(request, found.sentence)
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect("dossier", pk)
