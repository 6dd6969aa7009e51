"""Niêm yết: what hangs where, with day and photo, and what is in force but hangs nowhere or in an old version."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from motcua.core import clock, text
from motcua.core.errors import MotcuaError
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.procedures import READERS, keeps, scope_of, seats_of, unit_of
from motcua.org.models import Unit
from motcua.papers import files
from motcua.procedures import posting
from motcua.procedures.adopting import KEEPERS

MISSING, OLD, POSTED = "chua", "cu", "dang"
_STATES = {MISSING: "missing", OLD: "old", POSTED: "posted"}
_SHOWN_INLINE = ("image/jpeg", "image/png")
MOST = 400


class PostForm(ActForm):
    """Where and since when what is ticked hangs, and the photo that shows it."""

    place = LineField(
        label="Nơi niêm yết",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}),
        help_text="Ví dụ: bảng tại Trung tâm Phục vụ hành chính công.",
    )
    posted_on = DateField(label="Ngày niêm yết")
    photo = forms.FileField(
        label="Ảnh chụp bảng niêm yết",
        required=False,
        allow_empty_file=True,
        help_text="JPG, PNG hoặc bản quét PDF, tối đa 20 MB; một ảnh cho mọi thủ tục đã chọn.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["posted_on"].initial = clock.today()


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def postings(request: HttpRequest) -> HttpResponse:
    """The procedures a unit uses, with where each hangs; a keeper ticks some and records a posting."""
    unit = unit_of(request)
    keeper = keeps(request, unit)
    form: PostForm | None = PostForm() if keeper else None
    chosen: list[str] = []
    if request.method == "POST":
        if not seats_of(request, KEEPERS):
            raise PermissionDenied("Đầu mối KSTTHC hoặc quản trị hệ thống của đơn vị ghi niêm yết.")
        unit = unit_of(request, KEEPERS)
        form = PostForm(request.POST, request.FILES)
        chosen = list(dict.fromkeys(text.clean(code)[:40] for code in request.POST.getlist("chon")))[:MOST]
        if not chosen:
            form.add_error(None, "Chưa chọn thủ tục nào. Đánh dấu ít nhất một thủ tục ở bảng dưới.")
        if form.is_valid() and _post(request, unit, form, chosen):
            given = form.cleaned_data
            messages.success(
                request,
                f"Đã ghi niêm yết {len(chosen)} thủ tục ở «{given['place']}» ngày {given['posted_on']:%d/%m/%Y}.",
            )
            return redirect(f"{reverse('postings')}?don_vi={unit.code}")
    rows = posting.posted(scope_of(request, READERS), unit, clock.today())
    wanted, everything = request.GET.get("tinh_trang", ""), request.GET.get("chon", "") == "het"
    shown = [row for row in rows if wanted not in _STATES or row.state == _STATES[wanted]]
    context = {
        "unit": unit,
        "keeper": keeper,
        "form": form,
        "rows": [(row, everything or row.adopted.code in chosen) for row in shown],
        "used": len(rows),
        "tally": [
            (MISSING, "chưa niêm yết", sum(row.state == "missing" for row in rows)),
            (OLD, "chỉ còn bản cũ", sum(row.state == "old" for row in rows)),
            (POSTED, "đang niêm yết", sum(row.state == "posted" for row in rows)),
        ],
        "wanted": wanted if wanted in _STATES else "",
        "places": posting.places(unit) if keeper else [],
        "today": clock.today(),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "desk/postings.html", context, status=status)


def _post(request: HttpRequest, unit: Unit, form: PostForm, chosen: list[str]) -> bool:
    given, user = form.cleaned_data, user_of(request)
    done = attempt(
        form,
        lambda: posting.post(
            unit=unit,
            procedures=chosen,
            place=given["place"],
            posted_on=given["posted_on"],
            photo=given["photo"].chunks() if given["photo"] else None,
            actor=user,
            request_key=form.key(user),
        ),
    )
    return done is not None


@require_POST
@needs(*KEEPERS)
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that something was taken down today."""
    unit, user = unit_of(request, KEEPERS), user_of(request)
    try:
        row = posting.take_down(posting=pk, day=clock.today(), actor=user)
        messages.success(request, f"Đã ghi gỡ niêm yết {row.procedure.code} ở «{row.place}».")
    except MotcuaError as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('postings')}?don_vi={unit.code}")


@never_cache
@require_GET
@needs(*READERS)
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo of a posting, to whoever may read the unit's procedures."""
    row, content = posting.open_photo(scope_of(request, READERS), pk)
    assert row.photo is not None
    kind = row.photo.media_type
    name = files.safe_name(f"niem-yet-{row.posted_on:%Y%m%d}", kind)
    response = FileResponse(content, as_attachment=kind not in _SHOWN_INLINE, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
