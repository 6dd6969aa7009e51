"""Addresses of reports, all beneath ``/bao-cao/``. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import report_acts, report_figures, report_files, reporting

urlpatterns: list[URLPattern] = [
    path("", reporting.reports, name="reports"),
    path("lich/", reporting.calendar, name="report_calendar"),
    path("moi/", reporting.new_report, name="new_report"),
    path("hai-dong/", report_figures.streams, name="report_streams"),
    path("mau/", report_files.templates, name="report_templates"),
    path("mau/<slug:outline>/", report_files.template_file, name="report_template_file"),
    path("so/", report_figures.by_code, name="report_code"),
    path("so/<int:pk>-<int:position>/", report_figures.figure, name="report_figure"),
    path("<int:pk>/", reporting.report, name="report"),
    path("<int:pk>/phan/<slug:key>/", report_acts.section, name="report_section"),
    path("<int:pk>/viec/<slug:verb>/", report_acts.act, name="report_act"),
    path("<int:pk>/tep/<slug:kind>/", report_files.file, name="report_file"),
    path("<int:pk>/ban-luu/<int:file_id>/", report_files.kept_file, name="report_kept_file"),
    path("<int:pk>/gui-lai/", report_files.take_back, name="report_return"),
    path("<int:pk>/nay/", report_figures.restated, name="report_restated"),
]
