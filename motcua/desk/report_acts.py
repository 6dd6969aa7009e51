"""Báo cáo: writing a section, and the acts that bring a report on its way."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.reporting import READERS, figures_query, reader_scope, report_of
from motcua.org.models import User
from motcua.reports import actions, content, flow, marks, queries, signing, types
from motcua.reports.figures import PARTS
from motcua.reports.models import State

# What each act says when it is done.
_DONE = {
    "cut": "Đã chốt số liệu.",
    "complete": "Đã chốt số chính thức.",
    "submit": "Đã trình ký.",
    "take_back": "Đã rút lại để sửa.",
    "give_back": "Đã chuyển lại để sửa.",
    "sign": "Đã ký.",
    "number": "Đã vào số; văn bản Word và PDF được lưu.",
    "send": "Đã ghi là đã gửi.",
    "cancel": "Đã hủy báo cáo.",
}


# ---- text -----------------------------------------------------------------------------------------------------------


class SectionForm(ActForm):
    """The text of one section, on the version it was opened at."""

    text = forms.CharField(
        label="Lời văn",
        required=False,
        max_length=20_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Mỗi đoạn một dòng. Số liệu viết bằng mã trong ngoặc nhọn, ví dụ {hs_tiep_nhan}; mã ở bảng bên dưới.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**6)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def section(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Write one section; somebody else's newer text is never written over."""
    row, user = report_of(request, pk), user_of(request)
    part = next((each for each in queries.parts(row) if each.item.key == key), None)
    if part is None:
        raise Http404
    form = SectionForm(request.POST or None, initial={"text": part.text, "seen": part.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        again = "theo_so" in request.POST

        def write() -> Any:
            verb = actions.redraft_section if again else actions.write_section
            more = {} if again else {"text": given["text"]}
            return verb(actor=user, report=pk, key=key, seen=given["seen"], request_key=form.key(user), **more)

        if attempt(form, write) is not None:
            messages.success(request, f"Đã ghi phần «{part.item.title}».")
            return redirect("report", pk)
        # What the page shows now, beside what was typed, is what the next press is written on.
        part = next(each for each in queries.parts(row) if each.item.key == key)
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["seen"] = str(part.version)  # type: ignore[index]
    figures = content.content(row).figures if row.cut else {}
    kind = types.type_of(row.type)
    may = "write" in flow.possible(State(row.state), kind, actions.held_at(user, row.unit, clock.today()))
    context = {
        "form": form,
        "report": row,
        "kind": kind,
        "part": part,
        "may": may,
        "now": marks.said(part.text, figures).split("\n") if part.text else [],
        "figures": [figure for figure in figures.values() if figure.state != "missing"],
        "figure_parts": [(name, said) for name, said in PARTS.items() if name],
        "below": queries.texts_below(reader_scope(request), row, key),
    }
    return render(request, "desk/report_section.html", context, status=400 if form.errors else 200)


# ---- acts -----------------------------------------------------------------------------------------------------------


class PlainForm(ActForm):
    """An act of which nothing is asked."""


class ReasonForm(ActForm):
    """An act with a reason."""

    reason = LineField(label="Lý do", max_length=500)


class SignForm(ActForm):
    """Ký: with which authority, on which day."""

    authority = forms.ChoiceField(label="Quyền hạn ký", choices=list(signing.AUTHORITIES.items()))
    title = LineField(label="Chức vụ người ký", max_length=120, required=False, help_text="Khi ký KT., TL. hoặc TUQ.")
    signed_on = DateField(label="Ngày ký")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = user.title
        self.fields["signed_on"].initial = clock.today()


class NumberForm(ActForm):
    """Vào số: the next number of the year, or one that the office's register gave."""

    given = forms.IntegerField(
        label="Số văn bản",
        required=False,
        min_value=1,
        max_value=99_999,
        help_text="Để trống: cấp số tiếp theo trong năm.",
    )
    issued_on = DateField(label="Ngày văn bản")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_on"].initial = clock.today()


class SendForm(ActForm):
    """Gửi: how."""

    note = LineField(label="Gửi bằng", max_length=300, required=False, help_text="Ví dụ: Trục liên thông, bưu chính.")


def _form(verb: str, request: HttpRequest) -> ActForm:
    data = request.POST or None
    if verb == "sign":
        return SignForm(data, user=user_of(request))
    if verb == "number":
        return NumberForm(data)
    if verb == "send":
        return SendForm(data)
    return ReasonForm(data) if flow.STEPS[verb].reason else PlainForm(data)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one act of the flow: asked on a page of its own, done when it is confirmed."""
    row, user = report_of(request, pk), user_of(request)
    if verb not in flow.STEPS or verb == "write":
        raise Http404
    kind = types.type_of(row.type)
    form = _form(verb, request)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "request_key"}
        done = attempt(form, lambda: getattr(actions, verb)(actor=user, report=pk, request_key=form.key(user), **given))
        if done is not None:
            messages.success(request, _DONE[verb])
            return redirect("report", pk)
    may = verb in flow.possible(State(row.state), kind, actions.held_at(user, row.unit, clock.today()))
    context = {
        "form": form,
        "report": row,
        "kind": kind,
        "step": flow.STEPS[verb],
        "verb": verb,
        "may": may,
        "sheets": figures_query(row, kind),
        "official": flow.official(row.last, clock.today()),
        "missing": [f for f in content.content(row).figures.values() if f.state == "missing"]
        if row.cut and verb == "submit"
        else [],
        "dangerous": verb == "cancel",
    }
    return render(request, "desk/report_act.html", context, status=400 if form.errors else 200)
