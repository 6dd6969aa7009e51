"""The working pages, all beneath ``/viec/``."""

from django.urls import URLPattern, path

from motcua.desk import closing, many, scanning, signing, weekly, work

urlpatterns: list[URLPattern] = [
    path("", work.work, name="work"),
    path("ca-co-quan/", work.office, name="office"),
    path("nhieu-ho-so/", many.many, name="many"),
    path("quet-ma/", scanning.scan, name="scan"),
    path("quet-ma/lam/", scanning.scan_act, name="scan_act"),
    path("quet-ma/huy/", scanning.scan_undo, name="scan_undo"),
    path("cho-ky/", signing.signing, name="signing"),
    path("chot-ngay/", closing.day_closing, name="day_closing"),
    path("giao-ban-tuan/", weekly.monday, name="weekly"),
]
