"""Hàng chờ rà soát: what imported procedures leave to a person, the most used first, one trouble at a time."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.core import clock
from motcua.desk.frame import needs
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.procedures import scope_of
from motcua.procedures import queue, rules
from motcua.procedures.adopting import KEEPERS
from motcua.procedures.models import ProcedureVersion

USED, ALL = "dung", "het"
_COLUMNS = [
    Column("don-vi", "Số đơn vị áp dụng", sort=["-users", "field", "name_folded"], number=True),
    Column("ten", "Thủ tục", sort=["name_folded"]),
    Column("linh-vuc", "Lĩnh vực", sort=["field", "name_folded"]),
    Column("ly-do", "Vì sao"),
]


class Filters(forms.Form):
    """What narrows the queue."""

    pham_vi = forms.ChoiceField(
        label="Thủ tục",
        required=False,
        choices=[(USED, "Đơn vị tôi đang áp dụng"), (ALL, "Cả danh mục")],
    )
    ly_do = forms.ChoiceField(label="Vì sao", required=False)


@never_cache
@require_GET
@needs(*KEEPERS)
def review_queue(request: HttpRequest) -> HttpResponse:
    """The versions in force that wait for review. Seven statements."""
    today = clock.today()
    asked = request.GET.copy()
    asked.setdefault("pham_vi", USED)
    scope = scope_of(request, KEEPERS) if asked["pham_vi"] != ALL else None
    counts = queue.review_counts(today, used_in=scope)
    filters = Filters(asked)
    choice = filters.fields["ly_do"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [
        ("", "Mọi lý do"),
        *((code, f"{rules.TROUBLES[code].words} ({n})") for code, n in counts.items() if rules.asks(code)),
    ]
    trouble = request.GET.get("ly_do", "")
    trouble = trouble if trouble in counts else ""
    rows: Listing[ProcedureVersion] = listing(
        request,
        queue.review_queue(today, trouble=trouble, used_in=scope),
        _COLUMNS,
        default="don-vi",
        filters=["ly_do"],
    )
    context = {
        "list": rows,
        "filters": filters,
        "everything": scope is None,
        "rows": [
            (version, [rules.TROUBLES[r.code].words for r in version.reviews.all() if rules.asks(r.code)])
            for version in rows.page
        ],
    }
    return render(request, "desk/review_queue.html", context)
