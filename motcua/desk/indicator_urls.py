"""Addresses of the figures of reports: typed, sent, gathered, added up. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import gathering, indicators

urlpatterns: list[URLPattern] = [
    path("", gathering.figures, name="figures"),
    path("tong-hop/", gathering.whole, name="figures_whole"),
    path("tong-hop/excel/", gathering.whole_file, name="figures_whole_file"),
    path("chi-tieu/<slug:code>/", gathering.one, name="figures_one"),
    path("phieu/", indicators.open_sheet, name="figures_open"),
    path("phieu/<int:pk>/", indicators.grid, name="figures_grid"),
    path("phieu/<int:pk>/viec/<slug:name>/", indicators.move, name="figures_move"),
    path("phieu/<int:pk>/ban-ky/", indicators.signed_copy, name="figures_signed"),
    path("phieu/<int:pk>/minh-chung/", indicators.attach, name="figures_attach"),
    path("phieu/<int:pk>/minh-chung/<slug:code>/", indicators.evidence, name="figures_evidence"),
    path("phieu/<int:pk>/excel/", indicators.sheet_file, name="figures_file"),
    path("phieu/<int:pk>/nhap-excel/", indicators.bring_in, name="figures_import"),
]
