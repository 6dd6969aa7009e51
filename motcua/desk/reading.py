"""Reading somebody's data: asking why where a reason is due, and writing down that it was read.

Whoever shows a dossier or a person calls :func:`reading` with it, once, and shows nothing when a page comes back::

    asked = reading(request, dossier, What.PRINT)
    if asked is not None:
        return asked
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.dossiers import persons, queries
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import VIEW_DUTIES
from motcua.org.models import Unit
from motcua.parties import access, rules
from motcua.parties.models import Party, What

KINDS = {"ho-so": "dossier", "chu-ho-so": "person", "ban-giao": "hand_over_record"}
_WHAT = {"ho-so": What.DOSSIER, "chu-ho-so": What.PARTY, "ban-giao": What.EXPORT}
REASONS = (
    "Giải quyết phản ánh, kiến nghị",
    "Kiểm tra theo kế hoạch",
    "Hỗ trợ đơn vị cấp dưới xử lý hồ sơ",
    "Người dân đề nghị tra cứu hồ sơ của mình",
    "Đối chiếu số liệu báo cáo",
)
OTHER = "other"


def hand_over_name(pk: int) -> str:
    """How the record of readings calls a hand-over record that was printed. Pure."""
    return f"Biên bản bàn giao số {pk}"


def _standing_for(request: HttpRequest, units: set[int | None]) -> tuple[str, Unit | None, bool]:
    """The duty and unit in which the person reads something of these units, and whether the units are the person's
    own. No query beyond the duties."""
    held = [(duty, unit) for duty, unit in standing(request).duties if duty in VIEW_DUTIES]
    own = next(((duty, unit) for duty, unit in held if unit.pk in units), None)
    duty, unit = own or (held[0] if held else ("", None))
    return str(duty), unit, own is not None


def _own(request: HttpRequest, dossier: Dossier, own_unit: bool) -> bool:
    """Is reading this dossier part of one's work: held by oneself, of one's own units, or left by a unit that is no
    more (its successor serves it)?"""
    ended = dossier.unit.valid_to is not None and dossier.unit.valid_to < clock.today()
    return own_unit or ended or dossier.holder_id == user_of(request).pk


def reading(request: HttpRequest, dossier: Dossier, what: What) -> HttpResponse | None:
    """Write down that the signed-in person reads this dossier; or the page that asks why, and nothing is written.

    The dossier has its applicant and unit with it. One statement; one more where a reason is due.
    """
    duty, unit, own = _standing_for(request, {dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id})
    party, reason = dossier.applicant, ""
    if rules.needs_reason(restricted=party.restricted, own=_own(request, dossier, own)):
        reason = access.reason_of(user_of(request), dossier=dossier.pk)
        if not reason:
            return _ask(request, "ho-so", dossier.pk, str(dossier), party.restricted)
    access.viewed(
        user=user_of(request),
        what=what,
        duty=duty,
        unit=unit,
        party=party.pk,
        dossier=dossier.pk,
        code=str(dossier),
        about_unit=dossier.unit_id,
        reason=reason,
    )
    return None


def reading_person(request: HttpRequest, party: Party, dossiers: list[Dossier]) -> HttpResponse | None:
    """The same for the page of a person, of whom ``dossiers`` are the visible ones."""
    units = {u for d in dossiers for u in (d.unit_id, d.desk_unit_id, d.holder_unit_id)}
    duty, unit, own = _standing_for(request, units)
    own = own or any(_own(request, d, own) for d in dossiers)
    reason = ""
    if rules.needs_reason(restricted=party.restricted, own=own):
        reason = access.reason_of(user_of(request), party=party.pk)
        if not reason:
            return _ask(request, "chu-ho-so", party.pk, "trang của một người", party.restricted)
    access.viewed(
        user=user_of(request),
        what=What.PARTY,
        duty=duty,
        unit=unit,
        party=party.pk,
        about_unit=dossiers[0].unit_id,
        reason=reason,
    )
    return None


def reading_list(
    request: HttpRequest, codes: Iterable[str], *, listed: str, kind: str = "", pk: int = 0
) -> HttpResponse | None:
    """Write down each dossier of a list that leaves the house with people's names (a file or a paper of many); or the
    page that asks why, and nothing is written.

    ``listed`` names the list in the record. A reason is asked where a dossier is held outside one's own units, once a
    day for the same list, if the list has a page to come back to (``kind``, ``pk``); lists made only of what one's own
    desk holds have none. Two statements for each 500, one more where a reason is due.
    """
    rows = list(
        Dossier.objects.filter(code__in=list(codes)).values_list(
            "pk", "code", "applicant", "unit", "desk_unit", "holder_unit", "holder", "unit__valid_to"
        )
    )
    user, today, reason = user_of(request), clock.today(), ""
    mine = {unit.pk for duty, unit in standing(request).duties if duty in VIEW_DUTIES}

    def own(row: tuple[Any, ...]) -> bool:
        *_, unit, desk, holding, holder, ended = row
        return bool({unit, desk, holding} & mine) or holder == user.pk or (ended is not None and ended < today)

    if kind and not all(map(own, rows)):
        reason = access.reason_of(user, listed=listed)
        if not reason:
            return _ask(request, kind, pk, listed[:1].lower() + listed[1:], restricted=False)
    duty, unit, _ = _standing_for(request, {place for row in rows for place in row[3:6]})
    dossiers = [(row[0], row[1] or "", row[2], row[3]) for row in rows]
    access.viewed_many(user=user, what=What.EXPORT, duty=duty, unit=unit, dossiers=dossiers, reason=reason)
    return None


class ReasonForm(ActForm):
    """Why somebody's data is read."""

    stock = forms.ChoiceField(
        label="Vì việc gì",
        widget=forms.RadioSelect,
        choices=[*((r, r) for r in REASONS), (OTHER, "Việc khác")],
    )
    reason = LineField(
        label="Vụ việc, văn bản, kế hoạch nào",
        required=False,
        max_length=access.LONGEST_REASON - 60,
        help_text="Ví dụ: đơn của người dân ngày 12/8; Kế hoạch 45. Bắt buộc khi chọn «Việc khác».",
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)

    def text(self) -> str:
        stock, reason = self.cleaned_data["stock"], self.cleaned_data["reason"]
        return ": ".join(part for part in ("" if stock == OTHER else stock, reason) if part)


def _context(kind: str, pk: int, named: str, restricted: bool, form: ReasonForm) -> dict[str, object]:
    return {
        "form": form,
        "url": reverse("access_reason", args=[kind, pk]),
        "named": named,
        "restricted": restricted,
    }


def _ask(request: HttpRequest, kind: str, pk: int, named: str, restricted: bool) -> HttpResponse:
    """The page that asks; after a form was sent, the way to it."""
    if request.method != "GET":
        return redirect(f"{reverse('access_reason', args=[kind, pk])}?{urlencode({'next': request.path})}")
    form = ReasonForm(initial={"next": request.get_full_path()})
    response = render(request, "desk/access_reason.html", _context(kind, pk, named, restricted, form))
    response["Cache-Control"] = "private, no-store"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def access_reason(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take the reason, write it down with the reading it is for, and go on to what was asked for."""
    if kind not in KINDS:
        raise NotFound("Không có trang này.")
    scope, user = scope_of(request), user_of(request)
    dossiers: list[Dossier]
    party: Party | None
    if kind == "ho-so":
        dossier = queries.get(scope, pk)
        dossiers, party, named = [dossier], dossier.applicant, str(dossier)
    elif kind == "ban-giao":
        record, _ = queries.hand_over_sheet(scope, pk)
        dossiers, party, named = [], None, hand_over_name(pk)
    else:
        found = persons.person(scope, pk)
        dossiers, party, named = found.dossiers, found.party, "trang của một người"
    form = ReasonForm(request.POST or None, initial={"next": request.GET.get("next", "")[:500]})
    if request.method == "POST" and form.is_valid():
        reason = attempt(form, lambda: access.reason_text(form.text()))
        if reason is not None:
            units = {u for d in dossiers for u in (d.unit_id, d.desk_unit_id, d.holder_unit_id)}
            duty, unit, _ = _standing_for(request, units)
            access.viewed(
                user=user,
                what=_WHAT[kind],
                duty=duty,
                unit=unit,
                party=party.pk if party else None,
                dossier=dossiers[0].pk if kind == "ho-so" else None,
                code="" if kind == "chu-ho-so" else named,
                about_unit=dossiers[0].unit_id if dossiers else record.unit_id,
                reason=reason,
            )
            wanted = form.cleaned_data["next"]
            if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
                wanted = reverse(KINDS[kind], args=[pk])
            return redirect(wanted)
    context = _context(kind, pk, named, party is not None and party.restricted, form)
    return render(request, "desk/access_reason.html", context, status=400 if form.errors else 200)
