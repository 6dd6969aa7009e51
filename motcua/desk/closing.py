"""Chốt ngày: what is due today by holder, one key for what became of it, and what turns red tonight."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.desk.act_forms import free_text
from motcua.desk.dossiers import Row, row_of, scope_of, user_of
from motcua.desk.forms import ActForm, attempt
from motcua.desk.frame import needs, standing
from motcua.dossiers import actions, workload
from motcua.dossiers.models import Dossier
from motcua.dossiers.routine import CLOSING, DAY_NOTES, Closing, closings
from motcua.dossiers.states import LEADER_DUTIES, VIEW_DUTIES, State
from motcua.dossiers.workload import DayLine
from motcua.org.models import Duty, User

_MOST = 200


class DayForm(ActForm):
    """What became of one dossier at the end of the day."""

    ho_so = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    viec = forms.ChoiceField(widget=forms.HiddenInput, choices=[("xong", "Kết quả đã về"), *DAY_NOTES.items()])
    ban = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    text = free_text("Nội dung", required=False)


@dataclass(frozen=True)
class DayRow:
    """A dossier due today, the keys it answers to, and where the page goes on after it."""

    line: DayLine
    row: Row
    closings: list[Closing]


@dataclass(frozen=True)
class Holder:
    """Whose they are."""

    user: User | None
    rows: list[DayRow]

    @property
    def red(self) -> int:
        return sum(row.line.red for row in self.rows)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def day_closing(request: HttpRequest) -> HttpResponse:
    """The page; a POST does one thing to one dossier and comes back to the next."""
    user, held = user_of(request), standing(request).held
    everybody = request.GET.get("ai", "tat-ca" if held & LEADER_DUTIES else "toi") == "tat-ca"
    form = None
    if request.method == "POST":
        # The errors lead to the small form of that very row.
        about = f"{request.POST.get('viec', '')}-{request.POST.get('ho_so', '')}".replace("%", "")
        form = DayForm(request.POST, auto_id=f"%s-{about}")
    if form is not None and form.is_valid() and (told := _carry_out(user, form)):
        messages.success(request, told)
        return redirect(request.get_full_path())
    scope = scope_of(request)
    lines = workload.due_today(scope, user=None if everybody else user, limit=_MOST)
    rows = [DayRow(line, row_of(line.dossier), _closings(line, held)) for line in lines]
    holders = [
        Holder(mine[0].line.dossier.holder, mine)
        for _, group in groupby(rows, key=lambda row: row.line.dossier.holder_id)
        if (mine := list(group))
    ]
    holders.sort(key=lambda each: (each.user != user, each.user is not None, str(each.user or "")))
    coming, midnight = workload.turning_red(scope)
    context = {
        "holders": holders,
        "total": len(rows),
        "most": _MOST,
        "red": sum(each.red for each in holders),
        "coming": coming,
        "midnight": midnight,
        "everybody": everybody,
        "form": form,
        "keys": [each for each in CLOSING if any(each in row.closings for row in rows)],
    }
    return render(request, "desk/day_closing.html", context, status=400 if form is not None and form.errors else 200)


def _closings(line: DayLine, held: Collection[Duty]) -> list[Closing]:
    dossier = line.dossier
    return closings(
        State(dossier.state),
        held,
        owned=bool(dossier.owning_system),
        parts_open=line.story.parts_open,
        proposal=line.story.proposal,
    )


def _carry_out(user: User, form: DayForm) -> str:
    """Do what the key stands for; what is told of it, or empty when the form now holds the refusal."""
    given = form.cleaned_data
    if given["viec"] == "xong":
        done = attempt(
            form,
            lambda: actions.resolve(
                actor=user, dossier=given["ho_so"], expected=given["ban"], request_key=form.key(user)
            ),
        )
        return f"{done}: đã ghi kết quả về một cửa." if done is not None else ""
    note = attempt(
        form,
        lambda: actions.note_of_day(
            actor=user,
            dossier=given["ho_so"],
            kind=given["viec"],
            text=given["text"],
            request_key=form.key(user),
        ),
    )
    if note is None:
        return ""
    code = Dossier.objects.only("code", "filing_code").get(pk=given["ho_so"])
    return f"{code}: đã ghi «{DAY_NOTES[given['viec']].lower()}»."
