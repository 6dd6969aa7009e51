"""Addresses of the catalogue's own pages, included by urls.py beneath thu-tuc/, before the procedures' codes."""

from django.urls import path

from motcua.desk import posting, review_queue

urlpatterns = [
    path("ra-soat/", review_queue.review_queue, name="review_queue"),
    path("niem-yet/", posting.postings, name="postings"),
    path("niem-yet/<int:pk>/go/", posting.take_down, name="take_down_posting"),
    path("niem-yet/<int:pk>/anh/", posting.photo, name="posting_photo"),
]
