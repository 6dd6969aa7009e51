"""Lists of a register from Excel: handed in, columns told, what would change shown, taken in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core.errors import MotcuaError
from motcua.desk.dossiers import user_of
from motcua.desk.forms import attempt
from motcua.desk.frame import needs
from motcua.desk.procedures import scope_of
from motcua.desk.programme import keepers_units, register_of, require_keeper
from motcua.desk.programme_forms import MappingForm, UploadForm
from motcua.desk.templatetags.vn import unit_label
from motcua.org.models import Unit
from motcua.papers import files
from motcua.programme import actions, importing, queries
from motcua.programme.describing import READERS, Register, shown

# On the page; all of them are taken in.
SHOWN = 200


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def hand_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a list; nothing is entered before it has been looked at."""
    register = register_of(slug)
    require_keeper(request, register)
    units = keepers_units(request, register)
    form = UploadForm(units, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        user, given = user_of(request), form.cleaned_data
        upload = actions.Upload(given["file"].name, given["file"].read(files.LIMIT + 1))
        run = attempt(
            form,
            lambda: actions.hand_in_list(
                register=register.key, unit=given["unit"], upload=upload, actor=user, request_key=form.key(user)
            ),
        )
        if run is not None:
            return redirect("programme_list_run", slug=slug, pk=run.pk)
    context = {"register": register, "form": form, "headings": list(importing.headings_of(register).values())}
    return render(request, "desk/programme_list.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*READERS)
def list_run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What taking a list in would change; tell its columns anew, or take it in."""
    register = register_of(slug)
    require_keeper(request, register)
    scope, user = scope_of(request, register.keepers), user_of(request)
    run = queries.list_run(scope, register, pk)
    if run.applied_at is not None:
        return render(request, "desk/programme_list_run.html", {"register": register, "run": run})
    if request.method == "POST" and "ghi" in request.POST:
        try:
            done = actions.import_rows(run=pk, digest=request.POST.get("digest", "")[:64], actor=user)
        except MotcuaError as error:
            messages.error(request, error.message)
            return redirect("programme_list_run", slug=slug, pk=pk)
        messages.success(
            request, f"Đã ghi danh sách: {done.new} dòng mới, {done.changed} dòng sửa, {done.left_out} dòng bỏ lại."
        )
        return redirect("programme_register", slug=slug)
    found = importing.plan(register, run, scope)
    headings = importing.headings_of(register)
    form = MappingForm(headings, found.headings, found.columns, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told_anew = attempt(form, lambda: actions.map_columns(run=pk, mapping=form.mapping(), actor=user))
        if told_anew is not None:
            return redirect("programme_list_run", slug=slug, pk=pk)
    told = [column.name for column in register.columns if column.shown]
    context = {
        "register": register,
        "run": run,
        "found": found,
        "form": form,
        "headings": [register.heading(name) for name in told],
        "new": [_new(register, line, told) for line in found.new[:SHOWN]],
        "changed": [_changed(register, each) for each in found.changed[:SHOWN]],
        "with_units": len({line.unit.pk for line in found.new}) > 1,
        "shown": SHOWN,
        "more": max(len(found.new), len(found.changed)) > SHOWN,
    }
    return render(request, "desk/programme_list_run.html", context, status=400 if form.errors else 200)


def _words(register: Register, name: str, value: Any) -> str:
    return unit_label(value) if isinstance(value, Unit) else shown(register.fields[name], value)


def _new(register: Register, line: importing.Line, names: list[str]) -> dict[str, Any]:
    return {
        "line": line.line,
        "unit": unit_label(line.unit),
        "cells": [_words(register, name, line.values[name]) for name in names],
    }


def _changed(register: Register, each: importing.Changed) -> dict[str, Any]:
    return {
        "line": each.line.line,
        "entry": each.entry,
        "unit": unit_label(each.line.unit),
        "name": ", ".join(_words(register, name, each.line.values[name]) for name in register.identity),
        "differences": [
            (register.heading(name), _words(register, name, before) or "để trống",
             _words(register, name, after) or "để trống")
            for name, before, after in each.differences
        ],
    }  # fmt: skip
