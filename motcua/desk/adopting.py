"""Áp dụng thủ tục: choose from the whole catalogue, say from when and by which decision; and end it again.

Two steps of one address: choosing (search as often as wanted, what is ticked stays ticked), then the particulars with
everything chosen before one's eyes. Nothing is written before the last button.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from motcua.core import clock, text
from motcua.desk import people
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, attempt
from motcua.desk.frame import needs
from motcua.desk.procedures import EndForm, page_of, scope_of, seats_of
from motcua.org.models import Unit
from motcua.procedures import actions, queries
from motcua.procedures.adopting import KEEPERS
from motcua.procedures.choices import Competence, Level, ServiceLevel
from motcua.procedures.models import ProcedureVersion

SHOWN = 100
# The server takes a thousand fields in one form, and each chosen procedure brings two.
MOST = 400


class ChooseForm(forms.Form):
    """For which unit, and what narrows the catalogue while choosing."""

    don_vi = UnitField(label="Đơn vị áp dụng", required=False)
    tim = LineField(
        label="Tìm trong danh mục",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-search": True, "placeholder": "Tên, mã, cách gọi"}),
    )
    linh_vuc = forms.ChoiceField(label="Lĩnh vực", required=False)
    cap = forms.ChoiceField(label="Cấp thực hiện", required=False, choices=[("", "Tất cả"), *Level.choices])

    def __init__(self, *args: Any, units: Sequence[Unit], fields: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, field = self.fields["don_vi"], self.fields["linh_vuc"]
        assert isinstance(unit, UnitField)
        assert isinstance(field, forms.ChoiceField)
        unit.offer(units)
        if len(units) == 1:
            unit.widget = forms.HiddenInput()
        elif len(units) <= UnitField.OFFERED:
            unit.widget = forms.Select(choices=[(u.code, u.name) for u in units])
        field.choices = [("", "Tất cả"), *((name, name) for name in fields)]


class AdoptForm(ActForm):
    """The particulars of an adoption; the service level once for all and, where it differs, for one."""

    valid_from = DateField(label="Áp dụng từ ngày")
    decision = LineField(
        label="Quyết định công bố áp dụng", max_length=200, required=False, help_text="Ví dụ: 1235/QĐ-UBND."
    )
    competence = forms.ChoiceField(label="Thẩm quyền của đơn vị", choices=Competence.choices)
    service_level = forms.ChoiceField(
        label="Mức độ cung cấp DVCTT",
        required=False,
        choices=[("", "Theo danh mục"), *ServiceLevel.choices],
        help_text="Cho mọi thủ tục dưới đây, trừ thủ tục chọn riêng.",
    )

    def __init__(self, *args: Any, chosen: Sequence[ProcedureVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = clock.today()
        self.chosen = list(chosen)
        for row in self.chosen:
            self.fields[f"muc_{row.procedure_id}"] = forms.ChoiceField(
                label=f"Mức độ DVCTT của {row.procedure.code}",
                required=False,
                choices=[("", f"Như trên ({row.get_service_level_display()})"), *ServiceLevel.choices],
            )

    @property
    def lines(self) -> list[tuple[ProcedureVersion, forms.BoundField]]:
        """Each chosen procedure with its own service level."""
        return [(row, self[f"muc_{row.procedure_id}"]) for row in self.chosen]

    @property
    def particulars(self) -> list[forms.BoundField]:
        """The fields that hold for all."""
        return [self[name] for name in ("request_key", "valid_from", "decision", "competence", "service_level")]

    @property
    def levels(self) -> dict[int, str]:
        """The service level of each procedure; blank where the catalogue's counts."""
        given = self.cleaned_data
        return {row.procedure_id: given[f"muc_{row.procedure_id}"] or given["service_level"] for row in self.chosen}


@dataclass(frozen=True)
class Found:
    """A procedure of the catalogue while choosing."""

    version: ProcedureVersion
    ticked: bool
    used: str  # since when the unit uses it already; it cannot be chosen then


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*KEEPERS)
def adopt(request: HttpRequest) -> HttpResponse:
    """Choose procedures of the catalogue and take them into use at a unit."""
    given = request.POST.copy() if request.method == "POST" else request.GET.copy()
    wanted = given.get("viec", "") if request.method == "POST" else "tim"
    seats = seats_of(request, KEEPERS)
    given.setdefault("don_vi", seats[0].code)
    catalogue = queries.catalogue_rows(clock.today())
    choose = ChooseForm(
        given,
        units=people.units(scope_of(request, KEEPERS), clock.today()),
        fields=sorted({row.field for row in catalogue}, key=text.sort_key),
    )
    choose.is_valid()  # read once; what is found wrong further down is added to it
    by_code = {row.procedure.code: row for row in catalogue}
    asked = list(dict.fromkeys(text.clean(code) for code in given.getlist("chon")))
    chosen = [by_code[code] for code in asked if code in by_code]
    if gone := [code for code in asked if code not in by_code]:
        choose.add_error(None, f"Danh mục không còn dùng thủ tục mang mã: {', '.join(gone)}. Đã bỏ khỏi lựa chọn.")
    if wanted not in ("tim", "ca", "them"):
        if not chosen:
            choose.add_error(None, "Chưa chọn thủ tục nào. Đánh dấu ít nhất một thủ tục.")
        if len(chosen) > MOST:
            choose.add_error(
                None,
                f"Đã chọn {len(chosen)} thủ tục, mỗi lần nhiều nhất {MOST}. Áp dụng cả danh mục thì dùng lệnh "
                "«motcua adopt» trên máy chủ.",
            )
    unit = choose.cleaned_data.get("don_vi") or seats[0]
    if wanted in ("tim", "ca", "them") or not choose.is_valid():
        return _choosing(request, unit, catalogue, chosen, choose, everything=wanted == "ca")
    if wanted == "tiep":
        # What was typed before going back to choose more comes back with it.
        typed = {name: given.get(name, "") for name in given if name != "request_key"}
        return _settling(request, unit, AdoptForm(chosen=chosen, initial=typed if "valid_from" in given else {}))
    form = AdoptForm(given, chosen=chosen)
    if form.is_valid() and attempt(form, lambda: _adopt(request, unit, form)):
        messages.success(
            request, f"{unit.name} áp dụng {len(chosen)} thủ tục từ {form.cleaned_data['valid_from']:%d/%m/%Y}."
        )
        _warn(request, form)
        return redirect(f"{reverse('procedures')}?don_vi={unit.code}")
    return _settling(request, unit, form)


def _adopt(request: HttpRequest, unit: Unit, form: AdoptForm) -> bool:
    given, user = form.cleaned_data, user_of(request)
    actions.adopt_many(
        unit=unit,
        procedures=[row.procedure for row in form.chosen],
        valid_from=given["valid_from"],
        competence=given["competence"],
        decision=given["decision"],
        service_levels=form.levels,
        actor=user,
        request_key=form.key(user),
    )
    return True


def _warn(request: HttpRequest, form: AdoptForm) -> None:
    """Tell now what would otherwise be learnt in front of an applicant."""
    lines = queries.term_lines(row.pk for row in form.chosen)
    unclear = sum(not queries.receivable(lines.get(row.pk, [])) for row in form.chosen)
    firsts = queries.first_days(row.procedure_id for row in form.chosen).values()
    later = [first for first in firsts if first > form.cleaned_data["valid_from"]]
    if unclear:
        messages.warning(
            request, f"{unclear} thủ tục chưa rõ thời hạn nên chưa tiếp nhận được hồ sơ cho tới khi được rà soát."
        )
    if later:
        messages.warning(
            request,
            f"{len(later)} thủ tục chỉ có trong danh mục từ {min(later):%d/%m/%Y}; trước ngày đó chưa tiếp nhận được.",
        )


def _choosing(
    request: HttpRequest,
    unit: Unit,
    catalogue: Sequence[ProcedureVersion],
    chosen: Sequence[ProcedureVersion],
    form: ChooseForm,
    *,
    everything: bool = False,
) -> HttpResponse:
    today, given = clock.today(), form.cleaned_data
    used = queries.in_use(unit, today)
    rows = [
        row
        for row in queries.answering(catalogue, given.get("tim", ""))
        if given.get("linh_vuc") in (None, "", row.field)
        and (not given.get("cap") or not row.levels or given["cap"] in row.levels)
    ]
    chosen = [row for row in chosen if row.procedure_id not in used]
    ticked = {row.pk for row in chosen}
    if everything:
        more = [row for row in rows if row.pk not in ticked and row.procedure_id not in used]
        chosen = [*chosen, *more]
        ticked |= {row.pk for row in more}
    shown = rows[:SHOWN]
    here = {row.pk for row in shown}
    context = {
        "unit": unit,
        "form": form,
        "found": [
            Found(
                row,
                row.pk in ticked,
                f"{used[row.procedure_id].valid_from:%d/%m/%Y}" if row.procedure_id in used else "",
            )
            for row in shown
        ],
        "total": len(rows),
        "free": sum(row.procedure_id not in used for row in rows),
        "catalogue": len(catalogue),
        "elsewhere": [row for row in chosen if row.pk not in here],
        "chosen": len(ticked),
        # typed in the second step already: carried along while choosing more
        "typed": [
            (name, value)
            for name, value in request.POST.items()
            if name in ("valid_from", "decision", "competence", "service_level") or name.startswith("muc_")
        ],
    }
    return render(request, "desk/procedure_adopt.html", context, status=400 if form.errors else 200)


def _settling(request: HttpRequest, unit: Unit, form: AdoptForm) -> HttpResponse:
    context = {
        "unit": unit,
        "form": form,
        "kept": [(name, request.POST.get(name, "")) for name in ("tim", "linh_vuc", "cap")],
    }
    return render(request, "desk/procedure_adopt_last.html", context, status=400 if form.errors else 200)


@require_POST
@needs(*KEEPERS)
def end_adoption(request: HttpRequest, adoption_id: int) -> HttpResponse:
    """Use a procedure no longer after a day; a refusal comes back at the form on the procedure's page."""
    user = user_of(request)
    adoption = queries.adoption(scope_of(request, KEEPERS), adoption_id)
    form = EndForm(request.POST)
    if form.is_valid():
        done = attempt(
            form,
            lambda: actions.end_adoption(
                adoption=adoption,
                last_day=form.cleaned_data["last_day"],
                decision=form.cleaned_data["decision"],
                actor=user,
                request_key=form.key(user),
            ),
        )
        if done:
            messages.success(
                request, f"{adoption.unit.name} áp dụng thủ tục này đến hết {form.cleaned_data['last_day']:%d/%m/%Y}."
            )
            address = reverse("procedure", args=[adoption.procedure.code])
            return redirect(f"{address}?don_vi={adoption.unit.code}")
    return page_of(request, adoption.procedure.code, unit=adoption.unit, ending=form, status=400)
