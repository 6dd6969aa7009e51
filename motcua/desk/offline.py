"""Mất mạng: codes reserved on paper slips beforehand, and what was taken in on paper entered afterwards."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock
from motcua.core.errors import Invalid, MotcuaError
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.intake import desk_of, desks
from motcua.desk.money import MoneyField
from motcua.dossiers import fees, slips
from motcua.dossiers.actions.counter import receive_at_counter, reserve_slips, spoil_slip
from motcua.dossiers.counter_models import PayMethod, Slip
from motcua.dossiers.fees import Due
from motcua.dossiers.routine import scanned_code
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitKind
from motcua.org.queries import Scope
from motcua.papers import qr
from motcua.parties.actions import Particulars
from motcua.parties.card import looks_like_card, read_card
from motcua.procedures import queries as procedures

FORM_FIELDS = {"applicant": "name", "occurred_at": "time", "id_number": "id_number", "method": "pay"}


class ReserveForm(ActForm):
    """How many codes for which day."""

    unit = UnitField(label="Mã của đơn vị")
    day = DateField(label="Dùng cho ngày")
    count = forms.IntegerField(label="Số phiếu", min_value=1, max_value=200, initial=20)
    reason = LineField(label="Lý do", max_length=300, initial="Phòng khi mất mạng, mất điện")


class PaperForm(ActForm):
    """One dossier taken in on paper: the slip's code, the hour written on it, who and what."""

    slip = LineField(
        label="Mã trên phiếu",
        max_length=300,
        help_text="Quét mã QR trên phiếu, hoặc gõ mã hay mấy số cuối.",
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "class": "code", "list": "free-slips", "data-slip": True}
        ),
    )
    time = forms.TimeField(
        label="Giờ nhận ghi trên phiếu",
        input_formats=["%H:%M", "%Hh%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TextInput(attrs={"class": "short", "placeholder": "08:30", "autocomplete": "off"}),
        error_messages={"invalid": "Giờ chưa đúng. Gõ theo mẫu 08:30."},
    )
    procedure = forms.ChoiceField(label="Thủ tục")
    id_number = LineField(label="Số căn cước", max_length=2000, required=False)
    name = LineField(label="Chủ hồ sơ", max_length=250)
    phone = LineField(label="Số điện thoại", max_length=20, required=False)
    subject = LineField(label="Nội dung yêu cầu", max_length=1000, required=False)
    amount = MoneyField(label="Phí đã thu (đồng)", required=False, help_text="Để trống nếu chưa thu.")
    pay = forms.ChoiceField(label="Thu bằng", choices=PayMethod.choices)

    def __init__(self, *args: Any, free: list[Slip], offered: list[procedures.Adopted], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free = {slip.code: slip for slip in free}
        self.offered = {f"{a.code}@{a.adoption.unit_id}": a for a in offered}
        procedure = self.fields["procedure"]
        assert isinstance(procedure, forms.ChoiceField)
        self.fields["slip"].initial = next(iter(self.free), "")
        procedure.choices = [(key, f"{a.version.name[:120]} ({a.code})") for key, a in self.offered.items()]

    def clean_slip(self) -> str:
        """The code of the slip that was scanned (its QR holds an address), typed, or named by its last figures."""
        typed = scanned_code(self.cleaned_data["slip"])
        found = [code for code in self.free if code.upper() == typed.upper()]
        if not found and typed.isascii() and typed.isdigit():
            found = [code for code, slip in self.free.items() if slip.number == int(typed[-9:])]
        if not found:
            raise forms.ValidationError(f"Phiếu «{typed[:60]}» không có trong các phiếu chưa nhập.", code="slip")
        if len(found) > 1:
            raise forms.ValidationError("Nhiều phiếu cùng số này ở các ngày khác nhau, hãy quét hoặc gõ cả mã.")
        return found[0]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        number = given.get("id_number", "")
        if looks_like_card(number):
            try:
                card = read_card(number)
            except Invalid as error:
                raise forms.ValidationError({"id_number": error.message}) from error
            given["id_number"] = card.number
            if card.name and not given.get("name"):
                given["name"] = card.name
                self.errors.pop("name", None)
        return given

    @property
    def chosen(self) -> Slip:
        """The slip, once the form is valid."""
        return self.free[self.cleaned_data["slip"]]

    @property
    def moment(self) -> dt.datetime:
        """The hour on the slip, on the slip's own day."""
        return clock.local_moment(self.chosen.run.day, self.cleaned_data["time"])


def _units(desk: Unit) -> list[Unit]:
    """The units whose codes this desk gives."""
    return org.received_for(desk, clock.today())


def _scope(request: HttpRequest, units: list[Unit]) -> Scope:
    """A desk's slips are those of the units it receives for."""
    user = user_of(request)
    return Scope(user.pk, clock.today(), frozenset(u.pk for u in units), False)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def offline(request: HttpRequest) -> HttpResponse:
    """The runs of slips, a new run, and the way to entering what was done on paper."""
    desk, user = desk_of(request), user_of(request)
    units = _units(desk)
    form = ReserveForm(request.POST or None, initial={"day": clock.today() + dt.timedelta(days=1)})
    field = form.fields["unit"]
    assert isinstance(field, UnitField)
    field.offer(units)
    # A point's dossiers carry the code of the unit it receives for.
    field.initial = next((u for u in units if u.kind != UnitKind.POINT), units[0]).code
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        run = attempt(
            form,
            lambda: reserve_slips(
                actor=user,
                unit=given["unit"],
                desk=desk,
                day=given["day"],
                count=given["count"],
                reason=given["reason"],
                request_key=form.key(user),
            ),
        )
        if run is not None:
            messages.success(request, f"Đã giữ {run.last - run.first + 1} mã. In phiếu để sẵn ở quầy.")
            return redirect(f"{reverse('slip_run', args=[run.pk])}?{urlencode({'don-vi': desk.pk})}")
    ids = [u.pk for u in units]
    context = {
        "unit": desk,
        "desks": desks(request),
        "form": form,
        "runs": slips.runs(_scope(request, units))[:60],
        "windows": slips.open_windows([desk.pk, *ids], clock.now()),
        "free": len(slips.free_slips(ids, clock.today())),
        "today": clock.today(),
    }
    return render(request, "desk/offline.html", context, status=400 if form.errors else 200)


@never_cache
@require_GET
@needs(Duty.RECEIVE)
def slip_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what became of each code; printed, it is the slips themselves."""
    desk = desk_of(request)
    sheet = slips.run_sheet(_scope(request, _units(desk)), pk)
    base = request.build_absolute_uri(reverse("dossier_by_code"))
    marks = [(s, qr.svg(f"{base}?{urlencode({'ma': s.code})}")) for s in sheet.slips if not (s.dossier_id or s.spoiled)]
    return render(request, "desk/slip_run.html", {"unit": desk, "sheet": sheet, "marks": marks, "today": clock.today()})


@require_POST
@needs(Duty.RECEIVE)
def spoil(request: HttpRequest, pk: int) -> HttpResponse:
    """A slip torn, lost or not needed: its number is explained."""
    back = request.POST.get("run", "")
    try:
        reason = request.POST.get("reason", "")
        done = spoil_slip(actor=user_of(request), slip=pk, reason=reason, desk=desk_of(request))
        messages.success(request, f"Đã bỏ phiếu {done.code}.")
        back = str(done.run_id)
    except MotcuaError as error:
        messages.error(request, error.message)
    if back.isascii() and back.isdigit() and len(back) < 19:
        return redirect(f"{reverse('slip_run', args=[int(back)])}?{urlencode({'don-vi': desk_of(request).pk})}")
    return redirect("offline")


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def paper_entry(request: HttpRequest) -> HttpResponse:
    """Enter dossiers taken in on paper, one after the other, each with its slip's code and hour. The due date stands
    as it was promised that day; every one is marked as entered late."""
    desk, user, today = desk_of(request), user_of(request), clock.today()
    units = _units(desk)
    free = slips.free_slips([u.pk for u in units], today)
    offered = procedures.offered(org.scope(user, Duty.RECEIVE, today), desk, today)
    kept = {"procedure": request.GET.get("thu-tuc", "")}
    if scanned := request.GET.get("ma", "")[:300]:  # a slip's QR opened here
        kept["slip"] = scanned_code(scanned)
    form = PaperForm(request.POST or None, free=free, offered=offered, initial=kept)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: _enter(form, desk, user), fields=FORM_FIELDS)
        if done is not None:
            messages.success(request, f"Đã nhập {done.code}, {done.applicant.name}.")
            query = {"don-vi": desk.pk, "thu-tuc": form.cleaned_data["procedure"]}
            return redirect(f"{reverse('paper_entry')}?{urlencode(query)}")
    context = {
        "unit": desk,
        "form": form,
        "free": free,
        "windows": slips.open_windows([desk.pk, *(u.pk for u in units)], clock.now()),
    }
    return render(request, "desk/paper_entry.html", context, status=400 if form.errors else 200)


def _enter(form: PaperForm, desk: Unit, user: Any) -> Any:
    given, slip = form.cleaned_data, form.chosen
    adopted = form.offered[given["procedure"]]
    if adopted.adoption.unit_id != slip.run.unit_id:
        raise Invalid(
            f"Phiếu {slip.code} mang mã của {slip.run.unit.name}, thủ tục này do {adopted.adoption.unit.name} giải "
            "quyết. Hãy chọn phiếu của đúng đơn vị.",
            field="slip",
        )
    due = None
    if given["amount"]:
        known = fees.reckon(procedures.fees(adopted.version, "direct"))
        rule = sum(d.by_rule or 0 for d in known) if known and all(d.by_rule is not None for d in known) else None
        due = Due(
            name="Phí, lệ phí",
            amount=given["amount"],
            by_rule=rule,
            reason="Thu trên giấy khi mất mạng, theo phiếu" if rule != given["amount"] else "",
        )
    return receive_at_counter(
        actor=user,
        procedure=adopted.version.procedure,
        unit=adopted.adoption.unit,
        desk_unit=desk,
        applicant=Particulars(name=given["name"], id_number=given["id_number"], phone=given["phone"]),
        subject=given["subject"],
        dues=[due] if due else [],
        pay=given["pay"] if due else "",
        slip=slip,
        occurred_at=form.moment,
        request_key=form.key(user),
    )
