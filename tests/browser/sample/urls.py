import datetime as dt

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from motcua.config.urls import handler400, handler403, handler404, handler500
from motcua.core import clock
from motcua.desk.forms import ActForm, DateField, LineField
from motcua.desk.listing import Column, listing
from motcua.desk.templatetags.desk import STATES, Entry

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class SampleForm(ActForm):
    name = LineField(label="Chủ hồ sơ", help_text="Họ tên đầy đủ như trên giấy tờ tùy thân.")
    day = DateField(label="Ngày hẹn trả", required=False)
    channel = forms.ChoiceField(
        label="Hình thức nộp",
        choices=[("direct", "Trực tiếp"), ("online", "Trực tuyến"), ("post", "BCCI")],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label="Đã đối chiếu bản chính", required=False)
    note = LineField(label="Nội dung", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    paper = forms.FileField(label="Tệp đính kèm", required=False)


class Reason(ActForm):
    reason = LineField(label="Lý do")


ROWS = [
    ("Tư pháp", 9, 1034, 1, 9),
    ("Tài nguyên và Môi trường thuộc Chi nhánh Văn phòng Đăng ký đất đai huyện Cầu Kè", 0, 21275, 0, 3),
]
COLUMNS = [
    Column("ten", "Lĩnh vực", by=lambda row: row[0]),
    Column("truoc", "Kỳ trước chuyển sang", by=lambda row: row[1], number=True),
    Column("nhan", "Tiếp nhận trong kỳ", by=lambda row: row[2], number=True, help_text="Không kể chuyển đến"),
    Column("qua", "Giải quyết quá hạn", by=lambda row: row[3], number=True),
    Column("sau", "Chuyển kỳ sau", by=lambda row: row[4], number=True),
]


def sample(request: HttpRequest) -> HttpResponse:
    at = dt.datetime(2023, 5, 26, 9, 20, tzinfo=dt.UTC)
    form = SampleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse("sent: " + form.cleaned_data["note"])
    context = {
        "form": form,
        "reason": Reason(request.POST if "loi" in request.GET else None, auto_id="huy_%s"),
        "states": list(STATES),
        "list": listing(request, ROWS * 60, COLUMNS, default="ten"),
        "rows": ROWS,
        "entries": [
            Entry(at + dt.timedelta(days=4), "Giải quyết: có kết quả", "Trần Thị Bưởi, Phòng Tư pháp", kind="done"),
            Entry(at + dt.timedelta(days=2), "Yêu cầu bổ sung lần 1", "Thạch Văn Ổi", "Thiếu bản sao.", "wait"),
            Entry(at + dt.timedelta(days=1), "Quá hạn bước", kind="bad"),
            Entry(at, "Tiếp nhận", "Lâm Thị Mận", facts=[("Hạn", "17:00 2/6/2023"), ("Hình thức", "Trực tiếp")]),
            Entry(at, "Chuyển nhầm", kind="void"),
        ],
        "at": at,
        "now": clock.now(),
    }
    return render(request, "sample/sample.html", context)


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("mau/", sample, name="sample"),
    path("hong/", fail, name="fail"),
    path("cam/", refuse, name="refuse"),
    path("", include("motcua.config.urls")),
]
