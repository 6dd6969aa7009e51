"""Chép sang: one dossier typed into another system with copy keys, and that system's code pasted back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.desk.dossiers import scope_of, user_of
from motcua.desk.forms import ActForm, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.reading import reading
from motcua.dossiers import copying, queries
from motcua.parties.models import What


class CodeForm(ActForm):
    """The code the other system has given."""

    code = LineField(label="Mã hồ sơ ở hệ thống đó", required=False, max_length=80)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(copying.KEEPERS))
def copy_over(request: HttpRequest, pk: int) -> HttpResponse:
    """The values of a dossier in the order of another system (``?he-thong=``), the last one used by default."""
    user = user_of(request)
    dossier = queries.get(scope_of(request), pk)
    asked = reading(request, dossier, What.DOSSIER)
    if asked is not None:
        return asked
    known, wrong = copying.orders()
    wanted = request.GET.get("he-thong") or request.session.get("copy_order", "")
    order = next((each for each in known if each.key == wanted), known[0] if known else None)
    if order is not None and request.session.get("copy_order") != order.key:
        request.session["copy_order"] = order.key
    form = CodeForm(request.POST or None, initial={"code": dossier.external_code}, auto_id="ma_%s")
    if order is not None:
        form.fields["code"].label = f"Mã hồ sơ ở {order.name}"
        form.fields["code"].help_text = f"Ví dụ {order.code_example}" if order.code_example else ""
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        done = attempt(
            form,
            lambda: copying.record_external_code(
                actor=user, dossier=pk, code=code, order=order, request_key=form.key(user)
            ),
        )
        if done is not None:
            messages.success(request, f"Đã ghi mã {code}." if code else "Đã bỏ mã ở hệ thống kia.")
            return redirect("dossier", pk)
    context = {
        "dossier": dossier,
        "order": order,
        "orders": [
            {"title": each.name, "url": f"{reverse('copy_over', args=[pk])}?he-thong={each.key}", "here": each == order}
            for each in known
        ],
        "wrong": wrong,
        "values": copying.values(order, dossier) if order else [],
        "form": form,
    }
    return render(request, "desk/copy_over.html", context, status=400 if form.errors else 200)
