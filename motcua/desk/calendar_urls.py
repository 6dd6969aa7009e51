"""Addresses of the calendars and rule sets, included by urls.py beneath quan-tri/lich/."""

from django.urls import path

from motcua.desk import calendars, rule_sets

urlpatterns = [
    path("", calendars.settings, name="settings"),
    path("doi/<slug:kind>/", calendars.change, name="change_calendar"),
    path("quy-tac/moi/", rule_sets.add_rule_set, name="add_rule_set"),
]
