"""Quy trình nội bộ of a procedure at a unit: its ordered steps, shown and defined anew by a decision."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock, text
from motcua.desk.catalogue import promised_terms
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.procedures import current_of, unit_of, versions_of
from motcua.desk.reviewing import NumberField
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitKind
from motcua.procedures import actions, flow, queries
from motcua.procedures.adopting import KEEPERS
from motcua.procedures.models import Process, ProcessStep
from motcua.worktime.rules import Term, TermUnit

FIRST_ROWS, MORE_ROWS = 5, 3
# A step is given a length of time; "same day" is a term of whole procedures.
_UNITS = [choice for choice in TermUnit.choices if choice[0] != TermUnit.SAME_DAY]


_HEADS = {
    "order": "Thứ tự",
    "name": "Tên bước",
    "duty": "Người làm",
    "office": "Phòng, đơn vị",
    "value": "Thời hạn",
    "unit": "Đơn vị tính",
    "result": "Sản phẩm",
    "next": "Tiếp theo",
}
# Where a step is done: a body of the unit, or a point that receives for it.
_BODIES = frozenset({UnitKind.OFFICE, UnitKind.PUBLIC_SERVICE, UnitKind.SECTOR, UnitKind.POINT})
_MOST_BODIES = 300


class ProcessForm(ActForm):
    """The decision, and one row for each step; rows without a name are left out, the numbers give the order."""

    decision = LineField(label="Quyết định phê duyệt", max_length=200)
    decision_date = DateField(label="Ngày quyết định", required=False)
    valid_from = DateField(label="Dùng từ ngày")

    def __init__(self, *args: Any, rows: int, offices: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = clock.today()
        self.rows = rows
        self.names = ("order", "name", "duty", *(("office",) if offices else ()), "value", "unit", "result", "next")
        bodies = [("", ""), *((str(office.pk), office.name) for office in offices)]
        for i in range(1, rows + 1):
            self.fields[f"order_{i}"] = forms.IntegerField(
                label=f"Thứ tự của dòng {i}",
                initial=i,
                required=False,
                min_value=0,
                max_value=1000,
                widget=forms.NumberInput(attrs={"class": "short"}),
            )
            self.fields[f"name_{i}"] = LineField(label=f"Tên bước, dòng {i}", max_length=200, required=False)
            self.fields[f"duty_{i}"] = forms.ChoiceField(
                label=f"Người làm, dòng {i}", choices=[("", ""), *Duty.choices], required=False
            )
            if offices:
                self.fields[f"office_{i}"] = forms.ChoiceField(
                    label=f"Phòng, đơn vị, dòng {i}", choices=bodies, required=False
                )
            self.fields[f"value_{i}"] = NumberField(label=f"Thời hạn, dòng {i}", required=False)
            self.fields[f"unit_{i}"] = forms.ChoiceField(label=f"Đơn vị tính, dòng {i}", choices=_UNITS, required=False)
            self.fields[f"result_{i}"] = LineField(label=f"Sản phẩm, dòng {i}", max_length=300, required=False)
            self.fields[f"next_{i}"] = LineField(
                label=f"Tiếp theo, dòng {i}",
                max_length=500,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "bước kế"}),
            )

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields of the decision."""
        return [self[name] for name in ("request_key", "decision", "decision_date", "valid_from")]

    @property
    def lines(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The rows of steps."""
        return [(i, [self[f"{name}_{i}"] for name in self.names]) for i in range(1, self.rows + 1)]

    @property
    def columns(self) -> list[str]:
        """The heads over them."""
        return [_HEADS[name] for name in self.names]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for i in range(1, self.rows + 1):
            named = given.get(f"name_{i}")
            if named and not given.get(f"duty_{i}"):
                self.add_error(f"duty_{i}", "Chọn ai làm bước này.")
            if not named and f"name_{i}" in given and (given.get(f"duty_{i}") or given.get(f"value_{i}") is not None):
                self.add_error(f"name_{i}", "Ghi tên bước.")
        if not any(given.get(f"name_{i}") for i in range(1, self.rows + 1)):
            self.add_error("name_1", "Quy trình phải có ít nhất một bước.")
        numbers = self._numbers(given)
        for i in numbers:
            try:
                self._ways(given.get(f"next_{i}", ""), numbers)
            except ValueError as error:
                self.add_error(f"next_{i}", str(error))
        if not self.errors:  # what cannot be walked is said before what looks odd is asked about
            for problem in flow.mistakes(self.steps):
                self.add_error(None, problem)
        return given

    def _numbers(self, given: dict[str, Any]) -> dict[int, int]:
        """The rows with a name, in their order, each with the number it is called by."""
        named = [i for i in range(1, self.rows + 1) if given.get(f"name_{i}")]
        called = {i: given[f"order_{i}"] if given.get(f"order_{i}") is not None else i for i in named}
        return dict(sorted(called.items(), key=lambda row: (row[1], row[0])))

    @staticmethod
    def _ways(typed: str, numbers: dict[int, int]) -> tuple[flow.Branch, ...]:
        """Where a row leads: «3; 5 khi thiếu giấy tờ; hết khi từ chối». ValueError says what cannot be read."""
        place = {number: position for position, number in reversed(list(enumerate(numbers.values(), start=1)))}
        found = []
        for piece in filter(None, (part.strip() for part in typed.split(";"))):
            to, _, label = piece.partition(" khi ")
            if text.fold(to) in ("het", "ket thuc"):
                found.append(flow.Branch(None, label.strip()))
            elif to.strip().isdecimal() and int(to) in place:
                found.append(flow.Branch(place[int(to)], label.strip()))
            elif to.strip().isdecimal():
                raise ValueError(f"Không có bước nào mang thứ tự {to.strip()[:10]}.")
            else:
                raise ValueError(f"«{piece[:60]}» phải là số thứ tự của bước hoặc «hết», rồi « khi …» nếu rẽ nhánh.")
        return tuple(found)

    @property
    def steps(self) -> list[flow.Step]:
        """The named rows in their order; rows of one number as they stand."""
        given = self.cleaned_data
        numbers = self._numbers(given)
        return [
            flow.Step(
                name=given[f"name_{i}"],
                duty=given[f"duty_{i}"],
                value=given[f"value_{i}"],
                unit=given[f"unit_{i}"] if given[f"value_{i}"] is not None else "",
                office_id=int(given[f"office_{i}"]) if given.get(f"office_{i}") else None,
                result=given[f"result_{i}"],
                branches=self._ways(given[f"next_{i}"], numbers),
            )
            for i in numbers
        ]


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*KEEPERS)
def process(request: HttpRequest, code: str) -> HttpResponse:
    """Define the internal process of a procedure at a unit; what looks wrong but may be meant is asked about first."""
    rows, unit, user, today = versions_of(code), unit_of(request, KEEPERS), user_of(request), clock.today()
    procedure = rows[0].procedure
    version = current_of(rows, today)
    terms = promised_terms(queries.contents((version.pk,))[version.pk])
    present = queries.process(procedure, unit, today)
    bodies = [body for body in org.descendants(unit, today, today) if body.kind in _BODIES][:_MOST_BODIES]
    count = _count(request.POST.get("rows", ""))
    warnings: list[str] = []
    if request.method == "POST" and request.POST.get("viec") == "them":
        count = min(count + MORE_ROWS, flow.MOST_STEPS)
        form = ProcessForm(
            rows=count, offices=bodies, initial={k: v for k, v in request.POST.items() if k != "request_key"}
        )
    elif request.method == "POST":
        form = ProcessForm(request.POST, rows=count, offices=bodies)
        if form.is_valid():
            steps, given = form.steps, form.cleaned_data
            warnings = _warnings(steps, terms)
            if not warnings or request.POST.get("seen") == _mark(warnings):
                done = attempt(
                    form,
                    lambda: actions.define_process(
                        procedure=procedure,
                        unit=unit,
                        steps=steps,
                        valid_from=given["valid_from"],
                        decision=given["decision"],
                        decision_date=given["decision_date"],
                        actor=user,
                        request_key=form.key(user),
                    ),
                )
                if done is not None:
                    messages.success(
                        request, f"Đã ghi quy trình {len(steps)} bước, dùng từ {given['valid_from']:%d/%m/%Y}."
                    )
                    return redirect(f"{reverse('procedure', args=[code])}?don_vi={unit.code}#quy-trinh")
    else:
        initial, count = _initial(present)
        form = ProcessForm(rows=count, offices=bodies, initial=initial)
    context = {
        "form": form,
        "version": version,
        "unit": unit,
        "present": present,
        "terms": [str(term) for term in terms],
        "warnings": warnings,
        "seen": _mark(warnings) if warnings else "",
        "most": count >= flow.MOST_STEPS,
        "back": f"{reverse('procedure', args=[code])}?don_vi={unit.code}",
    }
    return render(request, "desk/procedure_process.html", context, status=400 if form.errors else 200)


def _count(typed: str) -> int:
    return min(max(int(typed), 1), flow.MOST_STEPS) if typed.isdecimal() and len(typed) < 4 else FIRST_ROWS


def _warnings(steps: Sequence[flow.Step], terms: Sequence[Term]) -> list[str]:
    found = [line for term in terms for line in flow.warnings(steps, term)]
    return list(dict.fromkeys(found or flow.warnings(steps, None)))


def _mark(warnings: Sequence[str]) -> str:
    """Stands for exactly these warnings, so that others are asked about again."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]


def _onward(step: ProcessStep, following: ProcessStep | None) -> str:
    """Where a step leads, as the form takes it; nothing where simply on to the next. No SQL where they are loaded."""
    out = list(step.branches.all())
    if len(out) == 1 and not out[0].label and out[0].next_step_id == (following.pk if following else None):
        return ""
    return "; ".join(
        (str(branch.next_step.position) if branch.next_step else "hết")
        + (f" khi {branch.label.replace(';', ',')}" if branch.label else "")
        for branch in out
    )


def _initial(present: Process | None) -> tuple[dict[str, Any], int]:
    """The steps in use to begin with."""
    if present is None:
        return {}, FIRST_ROWS
    initial: dict[str, Any] = {}
    steps = list(present.steps.all())
    for i, (step, following) in enumerate(zip(steps, [*steps[1:], None], strict=True), start=1):
        initial |= {
            f"name_{i}": step.name,
            f"duty_{i}": step.duty,
            f"value_{i}": f"{step.value.normalize():f}".replace(".", ",") if step.value is not None else "",
            f"unit_{i}": step.unit,
            f"office_{i}": step.office_id or "",
            f"result_{i}": step.result,
            f"next_{i}": _onward(step, following),
        }
    return initial, min(len(steps) + 2, flow.MOST_STEPS)
