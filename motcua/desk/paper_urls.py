"""The addresses of papers: printing, letters and what is kept about them. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import letters, printing

urlpatterns: list[URLPattern] = [
    path("ho-so/<int:pk>/in/<slug:kind>/", printing.paper, name="paper"),
    path("ban-giao/<int:pk>/in/", printing.hand_over_paper, name="hand_over_paper"),
    path("so-theo-doi/", printing.register, name="register"),
    path("bang-ke-thu/in/", printing.cash_paper, name="cash_paper"),
    path("ho-so/<int:pk>/gui/", letters.sendings, name="sendings"),
    path("ho-so/<int:pk>/tep/<int:attachment_id>/kiem-tra/", letters.check_result, name="check_result"),
    path("cho-bo-sung/", letters.waiting, name="waiting"),
    path("thu-tuc/<str:code>/ly-do-mau/", letters.stock_reasons, name="stock_reasons"),
    path("thu-tuc/<str:code>/ly-do-mau/<int:reason>/bo/", letters.drop_reason, name="drop_reason"),
    path("mau-in/", printing.paper_forms, name="paper_forms"),
]
