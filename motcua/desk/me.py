"""A person's own page: duties held, where, until when; delegations given and received."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def me(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/me.html", {})
