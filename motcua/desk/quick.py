"""Tiếp nhận nhanh: certification and same-day work, one line a person, Enter; the day's lines below."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.desk.act_forms import Cosigned
from motcua.desk.acts import approver_in
from motcua.desk.dossiers import scope_of, sheet_of, user_of
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.intake import desk_of, desks
from motcua.desk.money import MoneyField
from motcua.dossiers import charging, fees, queries
from motcua.dossiers.actions.counter import book_of, receive_quick, void_quick
from motcua.dossiers.counter_models import PayMethod
from motcua.dossiers.fees import Due
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.procedures import queries as procedures
from motcua.procedures.queries import Adopted

QUICK_UNITS = ("same_day", "half_day", "working_hour")
FORM_FIELDS = {"applicant": "name", "reason": "reason", "quantity": "pages"}


class QuickForm(ActForm):
    """One person's line."""

    name = LineField(
        label="Họ tên", max_length=250, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    )
    subject = LineField(label="Giấy tờ, việc", max_length=1000, required=False)
    pages = forms.IntegerField(label="Số trang", min_value=1, max_value=9999, initial=1)
    copies = forms.IntegerField(label="Số bản", min_value=1, max_value=1000, initial=1)
    amount = MoneyField(label="Phí (đồng)", required=False)
    pay = forms.ChoiceField(
        label="Thu", choices=[*PayMethod.choices, ("", "Chưa thu")], initial=PayMethod.CASH, required=False
    )
    reason = LineField(label="Lý do khác mức thu", max_length=300, required=False)

    def __init__(self, *args: Any, adopted: Adopted, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = procedures.fees(adopted.version, Channel.DIRECT)

    def due(self) -> Due | None:
        """The fee of this line by the catalogue, or as the clerk typed it."""
        given = self.cleaned_data
        known = fees.reckon(self.lines, given["pages"], copies=given["copies"])
        found = fees.settled(known, amount=given["amount"], reason=given["reason"])
        if len(found) <= 1:
            return found[0] if found else None
        return Due(
            name=found[0].name,
            amount=sum(d.amount for d in found),
            by_rule=sum(d.by_rule or 0 for d in found),
            reason=found[0].reason,
        )

    @property
    def published(self) -> str:
        """What the catalogue says of the fee in its own words."""
        return "; ".join(dict.fromkeys(line.published for line in self.lines if line.published))

    @property
    def by_rule(self) -> int | None:
        """What the fee would be by the catalogue for what stands in the form now; None where it is not known."""
        try:
            pages, copies = int(self["pages"].value() or 1), int(self["copies"].value() or 1)
            found = fees.reckon(self.lines, pages, copies=copies)
        except (ValueError, OverflowError, fees.Invalid):
            return None
        known = [d.by_rule for d in found if d.by_rule is not None]
        return sum(known) if known else None


def quick_procedures(request: HttpRequest, desk: Unit) -> list[Adopted]:
    """What can be taken in by one line at a desk: procedures ended within the day. At most five statements."""
    today = clock.today()
    scope = org.scope(user_of(request), Duty.RECEIVE, today)
    offered = procedures.offered(scope, desk, today)
    terms = procedures.term_lines(a.version.pk for a in offered)
    return [
        a
        for a in offered
        if any((t.promised_unit or t.unit) in QUICK_UNITS and t.case_id is None for t in terms.get(a.version.pk, []))
    ]


def address(desk: Unit, code: str = "", agency: str = "", subject: str = "") -> str:
    """The page for a desk and procedure; ``subject`` is filled in beforehand."""
    query = {"don-vi": str(desk.pk), "thu-tuc": code, "co-quan": agency, "viec": subject}
    return f"{reverse('quick')}?{urlencode({k: v for k, v in query.items() if v})}"


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def quick(request: HttpRequest) -> HttpResponse:
    """One line a person; what is typed stays when it is refused."""
    desk, user = desk_of(request), user_of(request)
    offered = quick_procedures(request, desk)
    code, agency = request.GET.get("thu-tuc", ""), request.GET.get("co-quan", "")
    if not code:
        # The book this desk wrote in last.
        code = charging.last_book(desk) if offered else ""
        code = code if any(a.code == code for a in offered) else ""
    chosen = next(
        (a for a in offered if a.code == code and agency in ("", a.adoption.unit.code)),
        next(iter(offered), None) if not code else None,
    )
    if chosen is None:
        if code:
            raise NotFound(f"{desk.name} không tiếp nhận nhanh thủ tục «{code[:40]}».")
        context = {"unit": desk, "desks": desks(request), "offered": offered}
        return render(request, "desk/quick.html", context)
    drafting = "go_on" in request.POST
    form = QuickForm(request.POST or None, adopted=chosen, initial=_kept(request))
    if request.method == "POST" and not drafting and form.is_valid():
        given = form.cleaned_data
        made = attempt(
            form,
            lambda: receive_quick(
                actor=user,
                procedure=chosen.version.procedure,
                unit=chosen.adoption.unit,
                desk_unit=desk,
                name=given["name"],
                subject=given["subject"],
                pages=given["pages"],
                copies=given["copies"],
                due=form.due(),
                pay=given["pay"],
                request_key=form.key(user),
            ),
            fields=FORM_FIELDS,
        )
        if made is not None:
            messages.success(request, f"Số {made.counter.number}: {made.applicant.name}, {made.code}.")
            # The next in the queue mostly brings the same kind of paper.
            return redirect(
                f"{address(desk, chosen.code, chosen.adoption.unit.code)}&{urlencode({'viec': given['subject']})}"
            )
    context = {
        "unit": desk,
        "desks": desks(request),
        "offered": offered,
        "chosen": chosen,
        "form": form,
        "next_number": charging.next_in_book(book_of(chosen.adoption.unit, chosen.version.procedure), clock.today()),
        "lines": charging.quick_lines(scope_of(request), desk, clock.today()),
        "year": clock.today().year,
    }
    return render(request, "desk/quick.html", context, status=400 if not drafting and form.errors else 200)


def _kept(request: HttpRequest) -> dict[str, str]:
    return {"subject": request.GET.get("viec", "")[:1000].replace("\x00", "")}


class VoidForm(Cosigned):
    """Why a line is taken back, and the leader's word for it."""

    reason = LineField(label="Lý do hủy", max_length=300)
    field_order = ["reason", "approver_name", "approver_password"]

    def offer(self) -> None:
        """Nothing depends on the dossier."""


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def void_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one of the day's lines back; its numbers stay as «hủy»."""
    user, sheet = user_of(request), sheet_of(request, pk)
    dossier: Dossier = queries.get(scope_of(request), pk)
    form = VoidForm(request.POST or None, sheet=sheet, user=user)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: void_quick(
                actor=user,
                dossier=pk,
                reason=form.cleaned_data["reason"],
                approver=approver_in(request, form),
                request_key=form.key(user),
            ),
        )
        if done is not None:
            messages.success(request, f"Đã hủy {dossier}. Các số đã cấp giữ nguyên, ghi là hủy.")
            return redirect(address(dossier.desk_unit, dossier.procedure_version.procedure.code))
    context = {"form": form, "dossier": dossier, "unit": dossier.desk_unit}
    return render(request, "desk/quick_void.html", context, status=400 if form.errors else 200)
