"""Dossiers on the desk: the list of the office's dossiers, and one dossier. My work is in work.py."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from motcua.core import clock
from motcua.core.errors import MotcuaError
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.templatetags.desk import Entry
from motcua.dossiers import charging, files, queries, results, sheets
from motcua.dossiers.actions.charging import CASH_DUTIES
from motcua.dossiers.counter_models import Seen
from motcua.dossiers.models import Attachment, Dossier
from motcua.dossiers.routine import offered_for_many
from motcua.dossiers.states import VIEW_DUTIES, Act, State
from motcua.ledger.models import Account, Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.org.queries import Scope
from motcua.parties.models import What

LATE_WORDS = {
    "backdated": "ghi muộn, có duyệt",
    "catch_up": "nhập bù",
    "reentry": "ghi lại sau khi hủy",
    "import": "nhập từ danh sách",
}
# What is done every day stands first; what takes back, ends or sets right stands apart.
APART = (
    Act.RECLASSIFY,
    Act.MOVE_DUE,
    Act.APOLOGISE,
    Act.TRANSFER,
    Act.REFUSE_INTAKE,
    Act.RETURN_DOSSIER,
    Act.WITHDRAW,
    Act.STOP,
    Act.CORRECT_ACCEPTANCE,
    Act.VOID,
)
# The act that is due, by state.
NEXT = {
    State.SUBMITTED: Act.RECEIVE,
    State.INTAKE_WAITING: Act.SUPPLEMENT_RECEIVED,
    State.RECEIVED: Act.FORWARD,
    State.PROCESSING: Act.PROPOSE,
    State.WAITING_SUPPLEMENT: Act.SUPPLEMENT_RECEIVED,
    State.WAITING_PAYMENT: Act.RESUME,
    State.SUSPENDED: Act.RESUME,
    State.PROPOSED: Act.APPROVE,
    State.APPROVED: Act.RESOLVE,
    State.RESULT_READY: Act.HAND_OVER,
}


def user_of(request: HttpRequest) -> User:
    """The signed-in person (the gate has let nobody else through)."""
    assert isinstance(request.user, User)
    return request.user


def scope_of(request: HttpRequest) -> Scope:
    """The units whose dossiers this person may read today. One statement, once a request."""
    found: Scope | None = getattr(request, "_dossier_scope", None)
    if found is None:
        found = org.scope(user_of(request), VIEW_DUTIES, clock.today())
        request._dossier_scope = found  # type: ignore[attr-defined]
    return found


class Filters(forms.Form):
    """What narrows a list of dossiers."""

    tim = LineField(label="Tìm", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    han = forms.ChoiceField(
        label="Hạn",
        required=False,
        choices=[
            ("", "Tất cả"),
            ("overdue", "Quá hạn"),
            ("today", "Đến hạn hôm nay"),
            ("soon", "Đến hạn trước hết ngày mai"),
            ("week", "Đến hạn trong tuần này"),
        ],
    )
    trang_thai = forms.ChoiceField(
        label="Trạng thái",
        required=False,
        choices=[
            ("", "Tất cả"),
            ("pending", "Đang giải quyết, mọi bước"),
            ("waiting", "Đang chờ, đồng hồ dừng"),
            ("waits", "Đang chờ hoặc tạm dừng"),
            *State.choices,
        ],
    )
    hinh_thuc = forms.ChoiceField(label="Hình thức nộp", required=False, choices=[("", "Tất cả"), *Channel.choices])
    # From the office's table: whose they are (0: nobody's) and at which step of the internal process.
    giu = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    buoc = LineField(required=False, max_length=200, widget=forms.HiddenInput)
    don_vi = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def chips(self, rows: Iterable[Dossier]) -> list[tuple[str, str, str]]:
        """What narrows the list beside the fields one sees: (query name, label, value). The names stand on the rows
        themselves; a statement for each only where there is no row."""
        given = self.cleaned_data if self.is_valid() else {}
        holder, first = given.get("giu"), next(iter(rows), None)
        found = []
        if holder == 0:
            found.append(("giu", "Người giữ", "chưa ai giữ"))
        elif holder:
            person = first.holder if first else User.objects.filter(pk=holder).first()
            found.append(("giu", "Người giữ", str(person or f"số {holder}")))
        if given.get("buoc"):
            found.append(("buoc", "Bước", given["buoc"]))
        if given.get("don_vi"):
            unit = first.unit if first else Unit.objects.filter(pk=given["don_vi"]).first()
            found.append(("don_vi", "Đơn vị", unit.name if unit else f"số {given['don_vi']}"))
        return found

    @property
    def wanted(self) -> queries.Filter:
        given = self.cleaned_data if self.is_valid() else {}
        return queries.Filter(
            text=given.get("tim", ""),
            due=given.get("han", ""),
            state=given.get("trang_thai", ""),
            channel=given.get("hinh_thuc", ""),
            holder=given.get("giu") or None,
            nobody=given.get("giu") == 0,
            step=given.get("buoc", ""),
            unit=given.get("don_vi"),
        )


COLUMNS = [
    Column("ma", "Mã hồ sơ", sort=["code"]),
    Column("chu", "Chủ hồ sơ", sort=["applicant__name_sort"]),
    Column("thu-tuc", "Thủ tục"),
    Column("trang-thai", "Trạng thái"),
    Column("han", "Thời hạn", sort=["by_due"]),
    Column("nguoi-giu", "Người đang giữ", sort=["holder__full_name"]),
]


@dataclass(frozen=True)
class Row:
    """A dossier as a list shows it."""

    dossier: Dossier
    badge: str
    word: str
    left: str


_BADGES = {
    "overdue": ("overdue", "Quá hạn"),
    "today": ("due_soon", "Đến hạn hôm nay"),
    "soon": ("due_soon", "Sắp đến hạn"),
    "in_time": ("in_time", "Trong hạn"),
    "waiting": ("waiting", "Đồng hồ dừng"),
    "ended": ("done", "Đã kết thúc"),
}


_ENDED: dict[str, str] = {
    Account.EARLY.value: "Xong trước hạn",
    Account.ON_TIME.value: "Xong đúng hạn",
    Account.LATE.value: "Xong quá hạn",
}


def row_of(dossier: Dossier) -> Row:
    """How the dossier stands, in a word and in working time. No query once its calendar is compiled."""
    now = clock.now()
    state = queries.due_state(dossier, now)
    badge, word = _BADGES[state]
    if state == "ended":
        word = _ENDED.get(dossier.time_class, "Đã kết thúc")
        badge = "overdue" if dossier.time_class == Account.LATE else "done"
    minutes = queries.remaining(dossier, now)
    # Overdue since closing time: not one working minute has gone by.
    left = "" if minutes is None or (state == "overdue" and not minutes) else working_time(minutes)
    if state == "today" and not minutes:
        left = "đã hết giờ làm việc"
    return Row(dossier, badge, word, left)


def working_time(minutes: int) -> str:
    """«còn 1 ngày 3 giờ làm việc», of eight hours a day; «quá …» when negative."""
    days, rest = divmod(abs(minutes), 480)
    hours, left = divmod(rest, 60)
    parts = [f"{days} ngày"] if days else []
    if hours:
        parts.append(f"{hours} giờ")
    if not days and (left or not parts):
        parts.append(f"{left} phút")
    return ("quá " if minutes < 0 else "còn ") + " ".join(parts) + " làm việc"


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def dossiers(request: HttpRequest) -> HttpResponse:
    """Hồ sơ: everything of my units."""
    scope, filters = scope_of(request), Filters(request.GET)
    rows = queries.listing(scope, filters.wanted)
    found: Listing[Dossier] = listing(
        request, rows, COLUMNS, default="han", filters=list(filters.fields), whose_first=True
    )
    context = {
        "list": found,
        "rows": [row_of(d) for d in found.page],
        "filters": filters,
        "counts": queries.counts(scope),
        "chips": filters.chips(found.page),
        "many": offered_for_many(standing(request).held),
    }
    return render(request, "desk/dossiers.html", context)


@require_GET
@needs(*sorted(VIEW_DUTIES))
def by_code(request: HttpRequest) -> HttpResponse:
    """From a code to its dossier; to the list where there is none."""
    code = request.GET.get("ma", "")[:80].replace("\x00", "")
    found = queries.find(scope_of(request), code)
    if found is None:
        return HttpResponseRedirect(f"{reverse('dossiers')}?{urlencode({'tim': code})}")
    return redirect("dossier", found)


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """One dossier: what it is, where it stands, what happened, and what may be done now."""
    return page_of(request, pk, UploadForm())


def sheet_of(request: HttpRequest, pk: int) -> sheets.Sheet:
    """The dossier, read for the signed-in person."""
    held = [(duty, unit.pk) for duty, unit in standing(request).duties]
    return sheets.sheet(scope_of(request), pk, user=user_of(request), held=held)


def page_of(request: HttpRequest, pk: int, upload: "UploadForm", status: int = 200) -> HttpResponse:
    from motcua.desk.reading import reading  # it needs this module's own askers

    sheet = sheet_of(request, pk)
    asked = reading(request, sheet.dossier, What.DOSSIER)
    if asked is not None:
        return asked
    due = NEXT.get(State(sheet.dossier.state))
    daily = [a for a in sheet.acts if a not in APART]
    context = {
        "sheet": sheet,
        "dossier": sheet.dossier,
        "row": row_of(sheet.dossier),
        "main": due if due in daily else None,
        "daily": [a for a in daily if a is not due],
        "apart": [a for a in sheet.acts if a in APART],
        "entries": [_entry(line) for line in reversed(sheet.lines)],
        "time_class": Account(sheet.dossier.time_class).label if sheet.dossier.time_class else "",
        "upload": upload,
        "purse": charging.purse(sheet.dossier),
        "sees_money": bool(standing(request).held & CASH_DUTIES),
        "unverified": charging.seen_as(sheet.dossier) == Seen.CARD,
    }
    return render(request, "desk/dossier.html", context, status=status)


def _entry(line: sheets.Line) -> Entry:
    who = str(line.actor) if line.actor else ("Người nộp" if line.act in (Act.SUBMIT,) else "Hệ thống")
    if line.duty:
        who += f" · {Duty(line.duty).label}"
    what = line.act.label + (f" → {line.to}" if line.to else "")
    facts: list[tuple[str, str]] = []
    if line.late_entry:
        recorded = clock.local(line.recorded_at)
        facts.append((LATE_WORDS[line.late_entry].capitalize(), f"lúc {recorded:%H:%M %d/%m/%Y}"))
    if line.voided:
        facts.append(("Đã hủy", "không còn tính"))
    kind = ""
    if line.voided:
        kind = "void"
    elif line.act in (Act.REQUEST_SUPPLEMENT, Act.PAUSE):
        kind = "wait"
    elif line.act in (Act.RESOLVE, Act.HAND_OVER, Act.RECEIVE_AND_RESOLVE):
        kind = "done"
    elif line.act in (Act.VOID, Act.CORRECT_ACCEPTANCE, Act.REFUSE_INTAKE):
        kind = "bad"
    return Entry(line.at, what, who, line.text, kind, facts)


# ---- files -----------------------------------------------------------------------------------------------------------


class UploadForm(ActForm):
    """A file of the dossier."""

    file = forms.FileField(label="Tệp", help_text="PDF, ảnh, Word hoặc Excel, tối đa 20 MB.", allow_empty_file=True)
    kind = forms.ChoiceField(label="Là", choices=Attachment.Kind.choices)


@require_POST
@needs(*sorted(VIEW_DUTIES))
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file; refused ones leave everything as it was."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: results.add_file(
                actor=user_of(request),
                dossier=pk,
                name=given["file"].name,
                chunks=given["file"].chunks(),
                kind=given["kind"],
            ),
        )
        if done:
            return redirect("dossier", pk)
    return page_of(request, pk, form, status=400)


@require_GET
@needs(*sorted(VIEW_DUTIES))
def download(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponseBase:
    """A file, to whoever may see its dossier; as a download, never shown inside the desk's own pages."""
    from motcua.desk.reading import reading

    found, content = files.open_attachment(scope_of(request), pk, attachment_id)
    asked = reading(request, queries.get(scope_of(request), pk), What.FILE)
    if asked is not None:
        content.close()
        return asked
    response = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.blob.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@needs(*sorted(VIEW_DUTIES))
def remove_file(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponse:
    """Take a file off the dossier; who did it stays on record."""
    try:
        files.remove(actor=user_of(request), dossier=pk, attachment=attachment_id)
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect("dossier", pk)
