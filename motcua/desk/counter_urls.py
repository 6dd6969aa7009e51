"""The counter's addresses: intake, quick intake, money, the day the network is down. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import cash, intake, offline, quick

urlpatterns: list[URLPattern] = [
    path("tiep-nhan/", intake.intake, name="intake"),
    path("tiep-nhan/nhanh/", quick.quick, name="quick"),
    path("tiep-nhan/nhanh/<int:pk>/huy/", quick.void_line, name="quick_void"),
    path("tiep-nhan/xong/<int:pk>/", intake.received, name="received"),
    path("tiep-nhan/<str:code>/", intake.receive, name="receive"),
    path("ho-so/<int:pk>/phi/", cash.dossier_money, name="dossier_money"),
    path("thu-phi/", cash.cash, name="cash"),
    path("thu-phi/tep/", cash.cash_file, name="cash_file"),
    path("mat-mang/", offline.offline, name="offline"),
    path("mat-mang/phieu/<int:pk>/", offline.slip_run, name="slip_run"),
    path("mat-mang/phieu/<int:pk>/bo/", offline.spoil, name="spoil_slip"),
    path("mat-mang/nhap/", offline.paper_entry, name="paper_entry"),
]
