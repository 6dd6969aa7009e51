"""Đang chờ ký: each draft with what its signer reads first, several approved with one confirmation, on a phone too."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.desk.act_forms import PersonField, free_text
from motcua.desk.dossiers import Row, row_of, user_of
from motcua.desk.forms import ActForm, attempt
from motcua.desk.frame import needs
from motcua.dossiers import actions, queries, workload
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act, Outcome
from motcua.dossiers.workload import Draft
from motcua.org import queries as org
from motcua.org.models import User


class SendBackForm(ActForm):
    """One draft back to a colleague, with what must be mended."""

    prefix = "sua"
    to = PersonField(label="Chuyển lại cho")
    reason = free_text("Điều cần sửa")


@dataclass(frozen=True)
class Card:
    """A draft as the page draws it."""

    draft: Draft
    row: Row
    refuses: bool


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(LEADER_DUTIES))
def signing(request: HttpRequest) -> HttpResponse:
    """What waits for my signature; ``?ai=tat-ca`` for everybody's. A POST gives one back to be mended."""
    user = user_of(request)
    scope = org.scope(user, LEADER_DUTIES, clock.today())
    everybody = request.GET.get("ai") == "tat-ca"
    form, wanted = None, 0
    if request.method == "POST":
        typed = request.POST.get("ho_so", "")
        wanted = int(typed) if typed.isdecimal() and len(typed) < 19 else 0
        dossier = queries.get(scope, wanted)
        form = SendBackForm(request.POST, auto_id=f"%s-{wanted}")
        _offer(form, dossier.holder_unit_id, dossier.unit_id, dossier.desk_unit_id)
        seen = request.POST.get("ban", "")
        if form.is_valid():
            given = form.cleaned_data
            done = attempt(
                form,
                lambda: actions.return_for_correction(
                    actor=user,
                    dossier=wanted,
                    to=given["to"],
                    reason=given["reason"],
                    expected=int(seen) if seen.isdecimal() and len(seen) < 9 else None,
                    request_key=form.key(user),
                ),
            )
            if done is not None:
                messages.success(request, f"Đã chuyển lại {dossier} cho {given['to']} để sửa.")
                return redirect(request.get_full_path())
    drafts = workload.to_sign(scope, user=None if everybody else user, signer=user)
    context = {
        "cards": [Card(d, row_of(d.dossier), d.story.proposal is Outcome.REFUSED) for d in drafts],
        "everybody": everybody,
        "full": len(drafts) == workload.MOST_SHOWN,
        "form": form,
        "wanted": wanted,
        "blank": SendBackForm(),
    }
    return render(request, "desk/signing.html", context, status=400 if form is not None and form.errors else 200)


def _offer(form: SendBackForm, *units: int | None) -> None:
    field = form.fields["to"]
    assert isinstance(field, PersonField)
    found = queries.handlers(units, DUTIES[Act.PROPOSE], clock.today())
    field.queryset = User.objects.filter(pk__in=[u.pk for u in found]).order_by("full_name")
