"""One page for each act of the state machine: its form, its errors, and the dossier beside it.

The table :data:`SPECS` says which fields an act asks for and which verb it calls; nothing here decides anything.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core.errors import Invalid
from motcua.desk.act_forms import (
    COSIGN,
    Accept,
    Apologise,
    Approve,
    Correct,
    Forward,
    HandOver,
    LateNote,
    LateReason,
    MoveDue,
    PartReturned,
    Pause,
    Propose,
    Reason,
    Reclassify,
    Resolve,
    SendBack,
    SendPart,
    SheetForm,
    Supplement,
    Transfer,
    Void,
)
from motcua.desk.dossiers import row_of, sheet_of, user_of
from motcua.desk.forms import attempt
from motcua.desk.frame import needs, standing
from motcua.dossiers import actions
from motcua.dossiers.states import DUTIES, VIEW_DUTIES, Act
from motcua.org.models import User

# ---- which form, which verb ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """An act's form, its verb, and what is told when it is done."""

    form: type[SheetForm]
    verb: Callable[..., Any]
    done: str
    dangerous: bool = False
    subject: str = "dossier"  # the verb's name for what it acts on


def _part_returned(*, dossier: int, **given: Any) -> Any:
    return actions.part_returned(**{**given, "part": int(given["part"])})


SPECS: dict[Act, Spec] = {
    Act.RECEIVE: Spec(Accept, actions.receive, "Đã tiếp nhận hồ sơ.", subject="filing"),
    Act.RECEIVE_AND_RESOLVE: Spec(
        SheetForm, actions.receive_and_resolve, "Đã giải quyết và trả ngay.", subject="filing"
    ),
    Act.REFUSE_INTAKE: Spec(Reason, actions.refuse_intake, "Đã từ chối tiếp nhận.", dangerous=True),
    Act.REQUEST_SUPPLEMENT: Spec(Supplement, actions.request_supplement, "Đã yêu cầu bổ sung."),
    Act.SUPPLEMENT_RECEIVED: Spec(LateNote, actions.supplement_received, "Đã nhận bổ sung."),
    Act.PAUSE: Spec(Pause, actions.pause, "Đã tạm dừng."),
    Act.RESUME: Spec(LateNote, actions.resume, "Đã tiếp tục giải quyết."),
    Act.FORWARD: Spec(Forward, actions.forward, "Đã chuyển bước."),
    Act.TRANSFER: Spec(Transfer, actions.transfer, "Đã chuyển đơn vị khác giải quyết."),
    Act.SEND_PART: Spec(SendPart, actions.send_part, "Đã gửi phần việc liên thông."),
    Act.PART_RETURNED: Spec(PartReturned, _part_returned, "Đã nhận kết quả liên thông."),
    Act.PROPOSE: Spec(Propose, actions.propose, "Đã trình duyệt."),
    Act.RETURN_FOR_CORRECTION: Spec(SendBack, actions.return_for_correction, "Đã chuyển lại để sửa."),
    Act.APPROVE: Spec(Approve, actions.approve, "Đã duyệt."),
    Act.RESOLVE: Spec(Resolve, actions.resolve, "Đã ghi kết quả về một cửa."),
    Act.RETURN_DOSSIER: Spec(LateReason, actions.return_dossier, "Đã trả lại hồ sơ.", dangerous=True),
    Act.WITHDRAW: Spec(LateReason, actions.withdraw, "Đã ghi rút hồ sơ.", dangerous=True),
    Act.STOP: Spec(LateReason, actions.stop, "Đã dừng giải quyết.", dangerous=True),
    Act.APOLOGISE: Spec(Apologise, actions.apologise, "Đã ghi xin lỗi, hẹn lại ngày trả."),
    Act.MOVE_DUE: Spec(MoveDue, actions.move_due, "Đã gia hạn."),
    Act.RECLASSIFY: Spec(Reclassify, actions.reclassify, "Đã đổi hình thức nộp."),
    Act.HAND_OVER: Spec(HandOver, actions.hand_over_result, "Đã trả kết quả."),
    Act.CORRECT_ACCEPTANCE: Spec(Correct, actions.correct_acceptance, "Đã sửa tiếp nhận.", dangerous=True),
    Act.VOID: Spec(Void, actions.void_event, "Đã hủy.", dangerous=True),
}


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do one act on a dossier. Refusals come back at the form with what was typed."""
    if name not in Act.values or Act(name) not in SPECS:
        raise Http404
    wanted, user = Act(name), user_of(request)
    sheet = sheet_of(request, pk)
    if not standing(request).held & DUTIES[wanted]:
        raise PermissionDenied(f"Anh/chị không có nhiệm vụ để «{wanted.label}».")
    spec = SPECS[wanted]
    form = spec.form(request.POST or None, sheet=sheet, user=user)
    possible = wanted in sheet.acts
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: _carry_out(request, spec, form, pk))
        if done is not None:
            messages.success(request, spec.done)
            return redirect("dossier", pk)
        sheet = sheet_of(request, pk)
    context = {
        "form": form,
        "act": wanted,
        "spec": spec,
        "sheet": sheet,
        "dossier": sheet.dossier,
        "row": row_of(sheet.dossier),
        "possible": possible,
    }
    return render(request, "desk/act.html", context, status=400 if form.errors else 200)


def _carry_out(request: HttpRequest, spec: Spec, form: SheetForm, pk: int) -> bool:
    user = form.user
    arguments: dict[str, Any] = {"actor": user, **form.arguments()}
    arguments[spec.subject] = pk
    version = request.POST.get("version", "")
    if version.isdecimal() and len(version) < 9:
        arguments["expected"] = int(version)
    occurred: dt.datetime | None = form.cleaned_data.get("occurred_at")
    if occurred is not None:
        arguments["occurred_at"] = occurred
    approver = approver_in(request, form)
    if approver is not None:
        arguments["approver"] = approver
    spec.verb(**arguments, request_key=form.key(user))
    return True


def approver_in(request: HttpRequest, form: SheetForm) -> User | None:
    name, password = (form.cleaned_data.get(field, "") for field in COSIGN)
    return approver_of(request, name, password)


def approver_of(request: HttpRequest, name: str, password: str) -> User | None:
    """The second person, by their own password, typed on the spot. Wrong ones count towards the lock-out."""
    if not name:
        return None
    found = authenticate(request, username=name.lower(), password=password)
    if not isinstance(found, User):
        raise Invalid("Tên đăng nhập hoặc mật khẩu của người duyệt không đúng.", field="approver_password")
    return found
