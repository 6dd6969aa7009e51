"""Tiếp nhận: choose the procedure, write down the applicant, see the due date, accept."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import Invalid, MotcuaError
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs, standing
from motcua.dossiers import actions, queries
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.models import Dossier, ResultMethod
from motcua.dossiers.states import DUTIES, Act
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import COMMUNE_KINDS
from motcua.parties.actions import Particulars
from motcua.parties.models import IdKind, PartyKind
from motcua.procedures import queries as procedures
from motcua.procedures.models import Case, Part
from motcua.worktime import explain, rules
from motcua.worktime import queries as worktime

# A clerk types these into an online account for the citizen, or takes them over the counter.
DESK_CHANNELS = [Channel.DIRECT, Channel.POST, Channel.ONLINE_ASSISTED]


def desks(request: HttpRequest) -> list[Unit]:
    """The units at whose desk this person receives today."""
    return list({u.pk: u for duty, u in standing(request).duties if duty is Duty.RECEIVE}.values())


def _desk(request: HttpRequest) -> Unit:
    """The desk chosen in the address, else the person's first."""
    found = desks(request)
    wanted = request.GET.get("don-vi", "")
    return next((u for u in found if str(u.pk) == wanted), found[0])


@never_cache
@require_GET
@needs(Duty.RECEIVE)
def intake(request: HttpRequest) -> HttpResponse:
    """Choose a procedure: by name, everyday word or code; diacritics and slips do not matter."""
    unit, today = _desk(request), clock.today()
    scope = org.scope(user_of(request), Duty.RECEIVE, today)
    wanted = request.GET.get("tim", "")[:200].replace("\x00", "")
    if wanted.strip():
        found = [hit.adopted for hit in procedures.search(scope, unit, today, wanted, limit=30)]
    else:
        found = procedures.offered(scope, unit, today)
    context = {"unit": unit, "desks": desks(request), "found": found, "wanted": wanted}
    return render(request, "desk/intake.html", context)


class IntakeForm(ActForm):
    """One dossier at the counter."""

    name = LineField(label="Chủ hồ sơ", max_length=250, widget=forms.TextInput(attrs={"autofocus": True}))
    kind = forms.ChoiceField(label="Là", choices=PartyKind.choices, initial=PartyKind.PERSON)
    id_kind = forms.ChoiceField(label="Loại giấy tờ", choices=[("", "Không có"), *IdKind.choices], required=False)
    id_number = LineField(label="Số giấy tờ", max_length=30, required=False)
    birth_date = DateField(label="Ngày sinh", required=False)
    phone = LineField(label="Số điện thoại", max_length=20, required=False)
    address = LineField(label="Địa chỉ", max_length=300, required=False)
    commune = UnitField(label="Xã, phường nơi ở", required=False)
    submitter = LineField(
        label="Người nộp thay", max_length=250, required=False, help_text="Để trống khi chủ hồ sơ tự nộp."
    )
    case = forms.ModelChoiceField(label="Trường hợp", queryset=Case.objects.none(), required=False)
    channel = forms.ChoiceField(label="Hình thức nộp", choices=[(c.value, c.label) for c in DESK_CHANNELS])
    papers = forms.ModelMultipleChoiceField(
        label="Giấy tờ đã nhận",
        queryset=Part.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    copies = forms.IntegerField(label="Số bộ", min_value=1, max_value=1000, initial=1)
    result_method = forms.ChoiceField(label="Nhận kết quả", choices=ResultMethod.choices)
    subject = LineField(label="Nội dung yêu cầu", max_length=1000, required=False)
    holder = forms.ModelChoiceField(
        label="Chuyển cho", queryset=User.objects.none(), required=False, help_text="Để trống: tôi giữ."
    )

    def __init__(self, *args: Any, unit: Unit, adopted: procedures.Adopted, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.adopted = unit, adopted
        today = clock.today()
        agency, unit = adopted.adoption.unit, org.territory(unit, today)
        communes = self.fields["commune"]
        assert isinstance(communes, UnitField)
        above = unit if unit.kind not in COMMUNE_KINDS else org.parent(unit, today) or unit
        near = org.descendants(above, today, today)
        communes.offer([u for u in org.in_order(near) if u.kind in COMMUNE_KINDS])
        if unit.kind in COMMUNE_KINDS:
            communes.initial = unit.code
        self._choose("case", adopted.version.cases.order_by("position"))
        self._choose("papers", Part.objects.filter(pk__in=[p.pk for p in procedures.parts(adopted.version)]))
        people = queries.handlers([agency.pk, self.unit.pk], DUTIES[Act.PROPOSE], today)
        self._choose("holder", User.objects.filter(pk__in=[u.pk for u in people]).order_by("full_name"))

    def _choose(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows
        if not rows.exists():
            del self.fields[name]


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Accept a dossier of one procedure; the due date is shown and explained before anything is written."""
    if "\x00" in code:
        raise Http404
    unit, today, user = _desk(request), clock.today(), user_of(request)
    scope = org.scope(user, Duty.RECEIVE, today)
    agency = request.GET.get("co-quan", "")[:80].replace("\x00", "")
    adopted = procedures.offered_one(scope, unit, code, today, agency)
    form = IntakeForm(request.POST or None, unit=unit, adopted=adopted)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _accept(request, form, user))
        if made is not None:
            messages.success(request, f"Đã tiếp nhận hồ sơ {made.code}.")
            return redirect("dossier", made.pk)
    context = {"form": form, "unit": unit, "adopted": adopted, **_promise(form)}
    return render(request, "desk/receive.html", context, status=400 if form.errors else 200)


def _promise(form: IntakeForm) -> dict[str, Any]:
    """The due date if the dossier were accepted now, with its explanation; or why it cannot be."""
    now = clock.now()
    channel = form.data.get("channel", "")
    if channel not in Channel.values:
        channel = Channel.DIRECT
    try:
        case = form.cleaned_data.get("case") if form.is_bound and hasattr(form, "cleaned_data") else None
        agency = form.adopted.adoption.unit
        terms = terms_for(procedure=form.adopted.version.procedure, case=case, channel=channel, unit=agency, at=now)
        assert terms.promised is not None
        calendar = worktime.compiled(terms.calendar.pk)
        hour = terms.rules.appointment_time
        deadline = rules.due(calendar, terms.promised, now, appointment=hour)
        return {
            "deadline": deadline,
            "explanation": explain.explain(calendar, terms.promised, now, deadline, appointment=hour),
        }
    except MotcuaError as error:
        return {"cannot": error.message}


def _accept(request: HttpRequest, form: IntakeForm, user: User) -> Dossier:
    given = form.cleaned_data
    key = form.key(user)
    common: dict[str, Any] = {
        "actor": user,
        "procedure": form.adopted.version.procedure,
        "unit": form.adopted.adoption.unit,
        "applicant": _applicant(given),
        "case": given.get("case"),
        "channel": given["channel"],
        "subject": given["subject"],
        "copies": given["copies"],
        "papers": [
            {"part": p.pk, "name": p.name[:1000], "kind": p.kind, "copies": p.copies or 1}
            for p in given.get("papers") or []
        ],
        "request_key": key,
    }
    if "at_once" in request.POST:
        return actions.receive_and_resolve(**common)
    submitter = given.get("submitter")
    return actions.receive(
        **common,
        desk_unit=form.unit,
        submitter=Particulars(name=submitter) if submitter else None,
        result_method=given["result_method"],
        holder=given.get("holder"),
    )


def _applicant(given: dict[str, Any]) -> Particulars:
    born: dt.date | None = given["birth_date"]
    if born is not None and born > clock.today():
        raise Invalid("Ngày sinh ở tương lai.", field="birth_date")
    return Particulars(
        name=given["name"],
        kind=given["kind"],
        id_kind=given["id_kind"],
        id_number=given["id_number"],
        birth_date=born,
        address=given["address"],
        commune=given["commune"],
        phone=given["phone"],
    )
