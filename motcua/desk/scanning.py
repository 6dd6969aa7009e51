"""Quét mã: the page that is given one code after another, and what it asks the server for. Scripts get JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, MotcuaError, NotAllowed, NotFound
from motcua.core.text import clean
from motcua.desk.acts import approver_of
from motcua.desk.dossiers import user_of
from motcua.desk.frame import needs, standing
from motcua.dossiers import actions, queries
from motcua.dossiers.models import Dossier
from motcua.dossiers.routine import RECIPIENTS, ROUTINE, SCAN_DUTIES, Step
from motcua.dossiers.states import DUTIES, VIEW_DUTIES, Act, State
from motcua.ledger.models import Event
from motcua.org.models import Duty, User

_LONGEST_KEY = 40
_LONGEST_NAME = 60
_DOES = {
    Step.DISPATCH: "Chuyển cho người xử lý",
    Step.TAKE: "Tôi nhận xử lý",
    Step.PROPOSE: "Trình duyệt",
    Step.RESOLVE: "Kết quả về một cửa",
    Step.HAND_OVER: "Trả kết quả, giấy tờ",
}
# What a beep wrote and may be taken back from here.
_UNDONE = frozenset({Act.FORWARD, Act.PROPOSE, Act.RESOLVE, Act.HAND_OVER})


@never_cache
@require_GET
@needs(*SCAN_DUTIES)
def scan(request: HttpRequest) -> HttpResponse:
    """The page: one field that keeps the cursor, the last answer large, the last twenty below."""
    held = standing(request).held
    duties = [duty for duty in SCAN_DUTIES if duty in held]
    wanted = request.GET.get("vai", "")
    duty = next((d for d in duties if d.value == wanted), duties[0])
    units = {u.pk for d, u in standing(request).duties if d is duty}
    steps = set(ROUTINE[duty].values())
    receivers = frozenset().union(*(RECIPIENTS.get(step, frozenset()) for step in steps))
    people = queries.handlers(units, receivers, clock.today()) if receivers else []
    context = {
        "duty": duty,
        "duties": duties,
        "people": [person for person in people if person.pk != user_of(request).pk],
        "does": _does(duty),
    }
    return render(request, "desk/scan.html", context)


def _does(duty: Duty) -> list[tuple[str, list[str]]]:
    """What a beep does in this duty: each act with the states it is done in."""
    found: dict[str, list[str]] = {}
    for state, step in ROUTINE[duty].items():
        found.setdefault(str(_DOES[step]), []).append(str(state.label))
    return list(found.items())


@require_POST
@needs(*SCAN_DUTIES)
def scan_act(request: HttpRequest) -> HttpResponse:
    """One beep: the dossier's next routine act. The same key again answers the same and does nothing more."""
    user = user_of(request)
    try:
        event = actions.scan(
            actor=user,
            text=request.POST.get("ma", ""),
            duty=request.POST.get("vai", ""),
            to=_person(request.POST.get("cho", "")),
            request_key=f"desk:{user.pk}:{_key(request)}",
        )
    except MotcuaError as error:
        return _refusal(error)
    dossier = Dossier.objects.select_related("holder", "applicant").get(item=event.item_id)
    act = Act(event.verb)
    told = {
        "ok": True,
        "code": str(dossier.code),
        "applicant": dossier.applicant.name,
        "did": act.label,
        "to": _to(act, event, dossier),
        "state": State(dossier.state).label,
        "url": reverse("dossier", args=[dossier.pk]),
        "undo": {"dossier": dossier.pk, "seq": event.seq} if _may_undo(request, act) else None,
    }
    return JsonResponse(told)


@require_POST
@needs(*SCAN_DUTIES)
def scan_undo(request: HttpRequest) -> HttpResponse:
    """Take back what a scan has done: a leader approves it at the same screen, as any void."""
    user = user_of(request)
    typed = request.POST
    try:
        dossier, seq = typed.get("ho_so", ""), typed.get("so", "")
        if not (dossier.isdecimal() and seq.isdecimal() and len(dossier) < 19 and len(seq) < 9):
            raise Invalid("Không rõ hủy việc nào. Hãy hủy ở trang hồ sơ.")
        actions.void_event(
            actor=user,
            dossier=int(dossier),
            seq=int(seq),
            reason=typed.get("ly_do", ""),
            approver=approver_of(request, _name(typed.get("nguoi_duyet", "")), typed.get("mat_khau", "")),
            request_key=f"desk:{user.pk}:{_key(request)}",
        )
    except MotcuaError as error:
        return _refusal(error)
    state = State(Dossier.objects.values_list("state", flat=True).get(pk=int(dossier)))
    return JsonResponse({"ok": True, "did": "Đã hủy", "state": state.label})


def _key(request: HttpRequest) -> str:
    key = request.POST.get("khoa", "")
    if not key or len(key) > _LONGEST_KEY:
        raise Invalid("Lần quét thiếu khóa. Hãy tải lại trang.", field="khoa")
    return key


def _name(typed: str) -> str:
    name = clean(typed)
    if len(name) > _LONGEST_NAME:
        raise Invalid("Tên đăng nhập hoặc mật khẩu của người duyệt không đúng.")
    return name


def _person(typed: str) -> User | None:
    if not typed:
        return None
    found = (
        User.objects.filter(pk=int(typed), is_active=True).first() if typed.isdecimal() and len(typed) < 19 else None
    )
    if found is None:
        raise Invalid("Người nhận đã chọn không còn. Hãy chọn lại ở ô «Chuyển cho».", field="cho")
    return found


def _to(act: Act, event: Event, dossier: Dossier) -> str:
    """Whom it went to; only what this very event says, for the answer to an old key must not tell of later acts."""
    if act not in (Act.FORWARD, Act.PROPOSE):
        return ""
    holder = event.facts.get("holder")
    if holder == dossier.holder_id and dossier.holder is not None:
        return str(dossier.holder)
    return str(User.objects.filter(pk=holder).first() or "")


def _may_undo(request: HttpRequest, act: Act) -> bool:
    return act in _UNDONE and bool(standing(request).held & DUTIES[Act.VOID] & VIEW_DUTIES)


def _refusal(error: MotcuaError) -> JsonResponse:
    table: dict[type[MotcuaError], int] = {NotAllowed: 403, NotFound: 404, Invalid: 400, Conflict: 409}
    said: dict[str, Any] = {"ok": False, "code": error.code, "message": error.message}
    return JsonResponse(said, status=table.get(type(error), 409))
