"""Kiểm tra: what an inspector looks at, read-only: late entries, voids, corrections, chains, daily checkpoints."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.dossiers import user_of
from motcua.desk.forms import DateField, LineField
from motcua.desk.frame import INSPECT_DUTIES, NAVIGATION, needs, standing
from motcua.desk.listing import Column, Listing, address, listing
from motcua.dossiers import inspection, queries
from motcua.dossiers.models import Dossier
from motcua.ledger import checkpoint, verify
from motcua.ledger.models import Checkpoint, Event
from motcua.org import queries as org
from motcua.org.queries import Scope

READERS = sorted(INSPECT_DUTIES)
LOG_READERS = next(entry.duties for entry in NAVIGATION if entry.url_name == "access_log") or frozenset()
SHOWN_CHECKPOINTS = 60


def may_read_log(request: HttpRequest) -> bool:
    """Whether the access log is this person's to read too. No query beyond the duties."""
    return bool(standing(request).held & LOG_READERS)


def _scope(request: HttpRequest) -> Scope:
    return org.scope(user_of(request), READERS, clock.today())


class Filters(forms.Form):
    """What kind, recorded on which days."""

    loai = forms.ChoiceField(label="Loại", required=False, choices=list(inspection.KINDS.items()))
    tu = DateField(label="Ghi từ ngày", required=False)
    den = DateField(label="Đến ngày", required=False)


_COLUMNS = [
    Column("ho-so", "Hồ sơ"),
    Column("viec", "Việc"),
    Column("xay-ra", "Xảy ra", sort=["occurred_at", "pk"]),
    Column("ghi-luc", "Ghi lúc", sort=["recorded_at", "pk"]),
    Column("nguoi", "Người ghi", sort=["actor__full_name", "-recorded_at"]),
    Column("ly-do", "Lý do"),
    Column("duyet", "Người duyệt"),
]


@never_cache
@require_GET
@needs(*READERS)
def inspection_list(request: HttpRequest) -> HttpResponse:
    """Acts entered late, voided or set right in a span of days (the last 30 by default), counted and listed."""
    today = clock.today()
    filters = Filters(request.GET or None)
    wanted: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    kind = wanted.get("loai") or "ghi-muon"
    last = wanted.get("den") or today
    first = wanted.get("tu") or last - dt.timedelta(days=30)
    if not filters.is_bound:
        filters = Filters(initial={"loai": kind, "tu": first, "den": last})
    rows = inspection.events(_scope(request), kind, first, last)
    lines: Listing[Event] = listing(request, rows, _COLUMNS, default="-ghi-luc", filters=["loai", "tu", "den"])
    context = {
        "filters": filters,
        "kind": kind,
        "title": inspection.KINDS[kind],
        "first": first,
        "last": last,
        "list": lines,
        "rows": inspection.described(list(lines.page)),
        "tally": inspection.tally(rows) if lines.total else None,
        "marks": list(inspection.MARKS.values()),
        "tabs": _tabs(request, kind),
        "may_read_log": may_read_log(request),
    }
    return render(request, "desk/inspection.html", context, status=400 if filters.errors else 200)


def _tabs(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    return [
        {"title": title, "url": address(request.GET, loai=name, trang=None, xep=None), "here": name == kind}
        for name, title in inspection.KINDS.items()
    ]


class CodeForm(forms.Form):
    """Which dossier."""

    ma = LineField(label="Mã hồ sơ", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))


@never_cache
@require_GET
@needs(*READERS)
def chain(request: HttpRequest) -> HttpResponse:
    """The chain of one dossier, recomputed now: every event with its hash, and what is wrong, if anything is."""
    form = CodeForm(request.GET if "ma" in request.GET else None)
    context: dict[str, Any] = {"form": form, "may_read_log": may_read_log(request)}
    if form.is_bound and form.is_valid():
        scope = _scope(request)
        pk = queries.find(scope, form.cleaned_data["ma"])
        if pk is None:
            form.add_error("ma", "Không có hồ sơ mã này trong phạm vi kiểm tra của bạn.")
        else:
            context |= _proved(queries.get(scope, pk))
    return render(request, "desk/chain.html", context, status=400 if form.errors else 200)


def _proved(dossier: Dossier) -> dict[str, Any]:
    items = inspection.items_of(dossier)
    faults = [fault for item in items for fault in verify.check_one(item)]
    events = Event.objects.filter(item__in=items).select_related("actor").order_by("item_id", "seq")
    chains = {item.pk: {"item": item, "events": []} for item in items}
    for found in inspection.described(list(events)):
        chains[found.event.item_id]["events"].append(found)  # type: ignore[attr-defined]
    return {"dossier": dossier, "faults": faults, "chains": list(chains.values()), "at": clock.now()}


@never_cache
@require_GET
@needs(*READERS)
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The daily checkpoints of the house: whether each is signed and follows the one before. Two statements."""
    made = list(Checkpoint.objects.order_by("-day")[: SHOWN_CHECKPOINTS + 1])
    lines = [
        {
            "made": each,
            "signed": checkpoint.well_signed(each),
            "follows": i + 1 >= len(made) or each.previous_root == made[i + 1].root,
            "gap": i + 1 < len(made) and (each.day - made[i + 1].day).days > 1,
        }
        for i, each in enumerate(made[:SHOWN_CHECKPOINTS])
    ]
    newest = made[0].day if made else None
    late = newest is None or (clock.today() - newest).days > 2
    context = {"lines": lines, "late": late, "newest": newest, "may_read_log": may_read_log(request)}
    return render(request, "desk/checkpoints.html", context)
