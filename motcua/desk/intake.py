"""Tiếp nhận: find the procedure, write down the applicant, see the due date, accept. One form, no mouse needed."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import attempt
from motcua.desk.frame import needs, standing
from motcua.desk.intake_form import Found, IntakeForm, filled
from motcua.dossiers import charging, queries
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.actions.counter import receive_at_counter
from motcua.dossiers.counter_models import Seen
from motcua.dossiers.models import Dossier
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.parties import access
from motcua.parties.models import What
from motcua.procedures import queries as procedures
from motcua.procedures.choices import PartKind
from motcua.worktime import explain, rules
from motcua.worktime import queries as worktime

# The verb's names of fields, where the form calls them otherwise.
FORM_FIELDS = {"applicant": "name", "reason": "fee_reason", "method": "pay", "papers": "papers"}


def desks(request: HttpRequest) -> list[Unit]:
    """The units at whose desk this person receives today."""
    return list({u.pk: u for duty, u in standing(request).duties if duty is Duty.RECEIVE}.values())


def desk_of(request: HttpRequest) -> Unit:
    """The desk chosen in the address, else the person's first."""
    found = desks(request)
    wanted = request.GET.get("don-vi", "")
    return next((u for u in found if str(u.pk) == wanted), found[0])


@never_cache
@require_GET
@needs(Duty.RECEIVE)
def intake(request: HttpRequest) -> HttpResponse:
    """Choose a procedure: by name, everyday word or code; diacritics and slips do not matter."""
    unit, today = desk_of(request), clock.today()
    scope = org.scope(user_of(request), Duty.RECEIVE, today)
    wanted = request.GET.get("tim", "")[:200].replace("\x00", "")
    if wanted.strip():
        found = [hit.adopted for hit in procedures.search(scope, unit, today, wanted, limit=30)]
    else:
        found = procedures.offered(scope, unit, today)
    context = {"unit": unit, "desks": desks(request), "found": found, "wanted": wanted}
    return render(request, "desk/intake.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.RECEIVE)
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Accept a dossier of one procedure; the due date is shown and explained before anything is written.

    Sent by the button «go_on» or a chosen person («use») nothing is written: cards are read, known people filled in,
    dates and fees counted anew, and the form comes back with all that was typed. The same answers the page's script.
    """
    if "\x00" in code:
        raise Http404
    unit, today, user = desk_of(request), clock.today(), user_of(request)
    scope = org.scope(user, Duty.RECEIVE, today)
    agency = request.GET.get("co-quan", "")[:80].replace("\x00", "")
    adopted = procedures.offered_one(scope, unit, code, today, agency)
    found = Found()
    if request.method != "POST":
        form = IntakeForm(desk=unit, adopted=adopted)
    else:
        data, found = filled(request.POST, scope_of(request))
        if found.read is not None:
            access.viewed(
                user=user, what=What.PARTY, duty=Duty.RECEIVE, unit=unit, party=found.read.pk, about_unit=unit.pk
            )
        if "go_on" in request.POST or "use" in request.POST or found.error:
            form = IntakeForm(desk=unit, adopted=adopted, initial=data.dict())
        else:
            form = IntakeForm(data, desk=unit, adopted=adopted)
    if form.is_bound and form.is_valid():
        made = attempt(form, lambda: _accept(request, form, user), fields=FORM_FIELDS)
        if made is not None:
            messages.success(request, f"Đã tiếp nhận hồ sơ {made.code}.")
            return redirect("received", made.pk)
    context = {
        "form": form,
        "unit": unit,
        "adopted": adopted,
        "found": found,
        "fill": json.dumps(found.fill, ensure_ascii=True),
        "card": _unverified(form),
        "others": any(form[name].value() for name in IntakeForm.OTHERS) or _wrong(form, IntakeForm.OTHERS),
        "kinds": PartKind.choices,
        "extra": list(enumerate(form.more_papers, start=1)),
        "more_papers": any(form.more_papers),
        **promise(form),
    }
    return render(request, "desk/receive.html", context, status=400 if form.errors else 200)


def _unverified(form: IntakeForm) -> bool:
    """Whether the applicant was read from a card that nobody has compared yet."""
    card = form["card_number"].value()
    return bool(card) and card == form["id_number"].value() and not form["card_checked"].value()


def _wrong(form: IntakeForm, names: tuple[str, ...]) -> bool:
    return form.is_bound and any(name in form.errors for name in names)


@never_cache
@require_GET
@needs(Duty.RECEIVE)
def received(request: HttpRequest, pk: int) -> HttpResponse:
    """What was just accepted: the code, the due date, the receipt to print, and the way to the next person."""
    dossier = queries.get(scope_of(request), pk)
    context = {
        "dossier": dossier,
        "purse": charging.purse(dossier),
        "unverified": charging.seen_as(dossier) == Seen.CARD,
        "print_url": named_url("paper", pk, "receipt"),
    }
    return render(request, "desk/received.html", context)


def promise(form: IntakeForm) -> dict[str, Any]:
    """The due date if the dossier were accepted now, with its explanation; or why it cannot be."""
    now = clock.now()
    try:
        terms = terms_for(
            procedure=form.adopted.version.procedure,
            case=form.of_case,
            channel=form.by_channel,
            unit=form.adopted.adoption.unit,
            at=now,
        )
        if terms.promised is None:  # a person has confirmed that no term is set
            return {"undated": True}
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
    scope: Scope = scope_of(request)
    return receive_at_counter(
        actor=user,
        procedure=form.adopted.version.procedure,
        unit=form.adopted.adoption.unit,
        desk_unit=form.unit,
        applicant=form.applicant(scope),
        submitter=form.submitted_by(),
        collector=form.may_collect(),
        case=given.get("case"),
        channel=given["channel"],
        subject=given["subject"],
        copies=given["copies"],
        papers=form.ticked(),
        result_method=given["result_method"],
        holder=given.get("holder"),
        at_once="at_once" in request.POST,
        seen=form.seen,
        dues=form.settled(),
        pay=given["pay"],
        request_key=form.key(user),
    )


def named_url(name: str, *args: Any) -> str:
    """The address of a page another room may offer; "" where it does not."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
