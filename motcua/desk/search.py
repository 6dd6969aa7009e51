"""The search box of the frame: everything the asker may see, by what people type or scan."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from motcua.desk.dossiers import row_of, scope_of
from motcua.desk.frame import needs
from motcua.desk.listing import address
from motcua.dossiers import search as dossiers
from motcua.dossiers.states import VIEW_DUTIES


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def search(request: HttpRequest) -> HttpResponse:
    """Tìm kiếm. A code, typed or scanned, that is one dossier's alone opens it."""
    text = request.GET.get("tim", "").replace("\x00", "")
    given = request.GET.get("truoc", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    found = dossiers.search(scope_of(request), text, before=before)
    if found.exact is not None and before is None and (len(found.rows) == 1 or "://" in text or "-" in text):
        return redirect("dossier", found.exact)
    context = {
        "text": text[: dossiers.LONGEST],
        "too_long": len(text) > dossiers.LONGEST,
        "rows": [row_of(d) for d in found.rows],
        "exact": found.exact,
        "older": address(request.GET, truoc=found.before) if found.before else "",
        "newest": address(request.GET, truoc=None) if before is not None else "",
    }
    return render(request, "desk/search.html", context)
