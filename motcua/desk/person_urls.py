"""Addresses of search, of people served, and of the record of who read what."""

from django.urls import path

from motcua.desk import access_log, people_served, reading, search

urlpatterns = [
    path("tim/", search.search, name="search"),
    path("chu-ho-so/<int:pk>/", people_served.person, name="person"),
    path("chu-ho-so/<int:pk>/viec/<slug:name>/", people_served.person_act, name="person_act"),
    path("den-han-xoa/", people_served.retention_due, name="retention"),
    path("nhat-ky-truy-cap/", access_log.access_log, name="access_log"),
    path("ly-do-xem/<slug:kind>/<int:pk>/", reading.access_reason, name="access_reason"),
]
