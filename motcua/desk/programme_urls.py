"""Addresses of the registers, under /so-cchc/."""

from django.urls import URLPattern, path

from motcua.desk import programme, programme_lists

urlpatterns: list[URLPattern] = [
    path("", programme.registers, name="programme"),
    path("ma-tran/", programme.plan_matrix, name="programme_matrix"),
    path("<slug:slug>/", programme.register, name="programme_register"),
    path("<slug:slug>/moi/", programme.new_entry, name="programme_new"),
    path("<slug:slug>/nhap/", programme_lists.hand_in, name="programme_list"),
    path("<slug:slug>/nhap/<int:pk>/", programme_lists.list_run, name="programme_list_run"),
    path("<slug:slug>/<int:pk>/", programme.entry, name="programme_entry"),
    path("<slug:slug>/<int:pk>/sua/", programme.correct_entry, name="programme_correct"),
    path("<slug:slug>/<int:pk>/huy/", programme.strike_entry, name="programme_strike"),
    path("<slug:slug>/<int:pk>/tep/", programme.entry_file, name="programme_file"),
]
