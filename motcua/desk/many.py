"""One act on many dossiers: ticked in a list, looked at beforehand, then done one by one, each in its own transaction.

What is refused names its reason and stays as it was; sending the page again does the rest and nothing twice.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk.act_forms import PersonField, free_text
from motcua.desk.dossiers import Row, row_of, scope_of, user_of
from motcua.desk.forms import ActForm, DateField
from motcua.desk.frame import needs, standing
from motcua.desk.gate import own_path
from motcua.dossiers import actions, queries, workload
from motcua.dossiers.models import Dossier
from motcua.dossiers.routine import offered_for_many, why_not
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, VIEW_DUTIES, Act, Outcome
from motcua.dossiers.workload import Story
from motcua.org import queries as org
from motcua.org.models import Duty, User

MOST = 100
_LARGEST_ID = 2**63 - 1


class ManyForm(ActForm):
    """What one act asks once for all of them."""

    people: frozenset[Duty] = frozenset()
    button_first = False

    def offer(self, units: Collection[int], user: User) -> None:
        """Fill in who can be chosen among the people of these units."""
        for field in self.fields.values():
            if isinstance(field, PersonField):
                found = queries.handlers(units, self.people, clock.today())
                field.queryset = User.objects.filter(pk__in=[u.pk for u in found]).order_by("full_name")

    def arguments(self, dossier: Dossier) -> dict[str, Any]:
        """What the verb is given for one of them, beside actor and dossier."""
        return {name: value for name, value in self.cleaned_data.items() if name != "request_key"}


class ForwardMany(ManyForm):
    people = DUTIES[Act.PROPOSE] | DUTIES[Act.RESOLVE] | LEADER_DUTIES
    holder = PersonField(label="Chuyển cho")
    note = free_text("Ghi chú", required=False)


class ProposeMany(ManyForm):
    people = LEADER_DUTIES
    to = PersonField(label="Trình")
    note = free_text("Nội dung trình", required=False)


class ApproveMany(ManyForm):
    people = DUTIES[Act.RESOLVE]
    to = PersonField(label="Chuyển kết quả cho", required=False, help_text="Người đưa kết quả về một cửa.")
    note = free_text("Ý kiến", required=False)


class SendBackMany(ManyForm):
    people = DUTIES[Act.PROPOSE]
    to = PersonField(label="Chuyển lại cho")
    reason = free_text("Điều cần sửa")


class ReasonMany(ManyForm):
    reason = free_text("Lý do")


class NoteMany(ManyForm):
    reason = free_text("Ghi chú", required=False)


class ApologiseMany(ManyForm):
    new_appointment = DateField(label="Ngày hẹn mới")
    reason = free_text("Lý do chậm")


class HandOverMany(ManyForm):
    """Each as its owner wished to receive it."""

    def arguments(self, dossier: Dossier) -> dict[str, Any]:
        return {"method": dossier.result_method}


@dataclass(frozen=True)
class Spec:
    """An act that may be done on many: its form, its verb, and what is told of those done."""

    form: type[ManyForm]
    verb: Callable[..., Any]
    done: str
    dangerous: bool = False


# One line for each of routine.MANY_ACTS.
MANY: dict[Act, Spec] = {
    Act.FORWARD: Spec(ForwardMany, actions.forward, "đã chuyển bước"),
    Act.PROPOSE: Spec(ProposeMany, actions.propose, "đã trình duyệt"),
    Act.APPROVE: Spec(ApproveMany, actions.approve, "đã duyệt"),
    Act.RETURN_FOR_CORRECTION: Spec(SendBackMany, actions.return_for_correction, "đã chuyển lại để sửa"),
    Act.RESOLVE: Spec(ManyForm, actions.resolve, "đã ghi kết quả về một cửa"),
    Act.HAND_OVER: Spec(HandOverMany, actions.hand_over_result, "đã trả kết quả"),
    Act.RESUME: Spec(NoteMany, actions.resume, "đã cho tiếp tục giải quyết"),
    Act.APOLOGISE: Spec(ApologiseMany, actions.apologise, "đã ghi xin lỗi, hẹn lại"),
    Act.RETURN_DOSSIER: Spec(ReasonMany, actions.return_dossier, "đã trả lại hồ sơ", dangerous=True),
}


@dataclass(frozen=True)
class Verdict:
    """A ticked dossier before the act: what it is, and why the act would be refused (empty: it would not)."""

    row: Row
    story: Story
    refusal: str


@dataclass(frozen=True)
class Outcomes:
    """What became of one dossier. ``again``: the machine failed, not the act; sending once more may do it."""

    dossier: Dossier
    refusal: str = ""
    again: bool = False


@never_cache
@require_POST
@needs(*sorted(VIEW_DUTIES))
def many(request: HttpRequest) -> HttpResponse:
    """Look at what one act would do to the ticked dossiers, then do it."""
    back = own_path(request, request.POST.get("ve") or reverse("work"))
    user = user_of(request)
    ids = _ids(request.POST.getlist("ho_so"))
    act = _act(request.POST.get("viec", ""), standing(request).held)
    if act is None or not ids or len(ids) > MOST:
        return render(
            request, "desk/many_nothing.html", {"back": back, "act": act, "many": len(ids), "most": MOST}, status=400
        )
    verdicts = _verdicts(request, act, ids)
    spec = MANY[act]
    sure = "lam" in request.POST
    form = spec.form(request.POST if sure else None)
    form.offer(_units(verdicts), user)
    if sure and form.is_valid():
        results = [_do(user, spec, form, verdict, request) for verdict in verdicts]
        context = {
            "act": act,
            "spec": spec,
            "back": back,
            "done": [r for r in results if not r.refusal],
            "refused": [r for r in results if r.refusal],
            "unseen": len(ids) - len(verdicts),
            "again": [r for r in results if r.again],
            "form": form,
        }
        return render(request, "desk/many_done.html", context)
    _focus(form)
    context = {
        "act": act,
        "spec": spec,
        "form": form,
        "back": back,
        "refusing": sum(v.story.proposal is Outcome.REFUSED for v in verdicts if not v.refusal),
        "can": [v for v in verdicts if not v.refusal],
        "cannot": [v for v in verdicts if v.refusal],
        "unseen": len(ids) - len(verdicts),
    }
    return render(request, "desk/many.html", context, status=400 if form.errors else 200)


def _focus(form: ManyForm) -> None:
    """The cursor stands where something must be filled in; on the button where nothing must."""
    wanted = next((field for field in form.visible_fields() if field.field.required), None)
    if wanted is not None and not form.errors:
        wanted.field.widget.attrs["data-focus"] = True
    form.button_first = wanted is None


def _ids(typed: Iterable[str]) -> list[int]:
    found = (int(text) for text in typed if text.isdecimal() and len(text) < 20)
    return list(dict.fromkeys(pk for pk in found if pk <= _LARGEST_ID))


def _act(typed: str, held: Collection[Duty]) -> Act | None:
    return Act(typed) if typed in Act.values and Act(typed) in offered_for_many(held) else None


def _verdicts(request: HttpRequest, act: Act, ids: list[int]) -> list[Verdict]:
    """Each ticked dossier the person may see, with what speaks against the act. Three statements."""
    held = standing(request).held & DUTIES[act]
    covered = org.scope(user_of(request), held, clock.today())
    dossiers = list(queries.with_names(queries.visible(scope_of(request)).filter(pk__in=ids)).order_by("code", "pk"))
    stories = workload.stories(dossiers)
    found = []
    for dossier in dossiers:
        story = stories[dossier.pk]
        duties = held if queries.can_see(covered, dossier) else ()
        refusal = why_not(dossier, act, duties, parts_open=story.parts_open)
        if not refusal and act is Act.RESOLVE and story.proposal is Outcome.REFUSED:
            refusal = "Được trình từ chối giải quyết: ghi kết quả kèm lý do ở trang hồ sơ."
        if not refusal and act is Act.HAND_OVER and dossier.collector_id is not None:
            refusal = "Có người được ủy quyền nhận: ghi ai đến nhận ở trang hồ sơ."
        found.append(Verdict(row_of(dossier), story, refusal))
    return found


def _units(verdicts: Iterable[Verdict]) -> set[int]:
    return {
        unit
        for verdict in verdicts
        if not verdict.refusal
        for dossier in [verdict.row.dossier]
        for unit in (dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id)
        if unit
    }


def _do(user: User, spec: Spec, form: ManyForm, verdict: Verdict, request: HttpRequest) -> Outcomes:
    """One of them, in its own transaction and under its own key."""
    dossier = verdict.row.dossier
    key = form.key(user)
    seen = request.POST.get(f"ban_{dossier.pk}", "")
    if not seen.isdecimal() or len(seen) > 8 or not key:
        # It was shown among those that cannot be done, or not at all.
        return Outcomes(dossier, verdict.refusal or "Hồ sơ không có trong danh sách đã xem trước.")
    try:
        spec.verb(
            actor=user,
            dossier=dossier.pk,
            expected=int(seen),
            request_key=f"{key}:{dossier.pk}",
            **form.arguments(dossier),
        )
    except MotcuaError as error:
        return Outcomes(dossier, error.message)
    except DatabaseError:
        return Outcomes(dossier, "Máy chủ bận, chưa ghi. Bấm «Làm lại phần còn thiếu».", again=True)
    return Outcomes(dossier)
