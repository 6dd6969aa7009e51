"""The addresses of papers: printing, letters and what is kept about them. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import printing

urlpatterns: list[URLPattern] = [
    path("ho-so/<int:pk>/in/<slug:kind>/", printing.paper, name="paper"),
    path("ban-giao/<int:pk>/in/", printing.hand_over_paper, name="hand_over_paper"),
    path("so-theo-doi/", printing.register, name="register"),
    path("bang-ke-thu/in/", printing.cash_paper, name="cash_paper"),
    path("mau-in/", printing.paper_forms, name="paper_forms"),
]
