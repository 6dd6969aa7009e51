"""Rà soát: settle one doubt by the document that answers it; and cut the promised term from a day.

Both make a new version; what stood before stays in the history, and dossiers keep the version of their acceptance.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.desk.catalogue import PLACES, place_words, where_of
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs
from motcua.desk.procedures import unit_of, versions_of
from motcua.procedures import actions, queries, rules
from motcua.procedures.adopting import KEEPERS
from motcua.procedures.checks import LINES
from motcua.procedures.choices import FeeState, PartKind, PartRole, Stated
from motcua.procedures.drafts import HEAD_FIELDS, Draft, TermDraft, part_line, term_words
from motcua.procedures.models import ProcedureVersion
from motcua.worktime.rules import USUAL_START, StartRule, TermUnit

# The rooms' names of what is wrong, in the names of these forms.
_FIELDS = {"term_value": "value", "term_unit": "unit", "terms": "value", "fees": "amount", "parts": "copies"}


class NumberField(forms.DecimalField):
    """A number as Vietnamese offices write it: «3,5»; a dot counts as a comma, since terms have no thousands."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid": "Ghi một con số, ví dụ 3 hoặc 3,5."})
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(max_digits=6, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).strip().replace(",", ".") if value else value)


class MoneyField(forms.CharField):
    """Whole đồng, typed as 8000 or 8.000."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}), **kwargs
        )

    def to_python(self, value: Any) -> Any:
        typed = str(value or "").strip()
        if not typed:
            return None
        if not re.fullmatch(r"\d+|\d{1,3}([. ]\d{3})+", typed):
            raise forms.ValidationError("Ghi số đồng nguyên, ví dụ 8.000.", code="invalid")
        return int(re.sub(r"\D", "", typed))

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        if value is not None and value >= 10**12:
            raise forms.ValidationError("Mức thu quá lớn; kiểm tra lại số chữ số.", code="invalid")


class BasisForm(ActForm):
    """Whatever is settled, by which document."""

    basis = LineField(
        label="Căn cứ", max_length=500, help_text="Văn bản, điều khoản đã đối chiếu; ghi vào lịch sử của thủ tục."
    )

    def settled(self) -> Mapping[str, Any]:
        """What the verb is given; nothing: confirmed as it stands."""
        return {}


class TermForm(BasisForm):
    """A term by regulation."""

    state = forms.ChoiceField(
        label="Văn bản quy định thế nào",
        choices=[(Stated.STATED, "Có thời hạn"), (Stated.NONE, "Không quy định thời hạn")],
        widget=forms.RadioSelect,
        initial=Stated.STATED,
        help_text="Không quy định: vẫn tiếp nhận, không hẹn ngày, không tính quá hạn. Đơn vị tự định thời hạn bằng "
        "quyết định thì chọn «Có thời hạn» và ghi quyết định ấy làm căn cứ.",
    )
    value = NumberField(label="Thời hạn", required=False, help_text="Để trống khi là «trong ngày».")
    unit = forms.ChoiceField(label="Đơn vị tính", required=False, choices=[("", ""), *TermUnit.choices])
    start_rule = forms.ChoiceField(
        label="Ngày đầu",
        required=False,
        choices=[("", "Theo lệ thường của đơn vị tính"), *StartRule.choices],
    )
    case = LineField(
        label="Trường hợp", required=False, max_length=500, help_text="Để trống: dòng này đúng cho mọi trường hợp."
    )
    field_order = ["request_key", "state", "value", "unit", "start_rule", "case", "basis"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("state") == Stated.STATED and "value" in given and "unit" in given:
            if not given["unit"]:
                self.add_error("unit", "Chọn đơn vị tính: ngày làm việc hay ngày theo lịch là khác nhau.")
            elif given["unit"] != TermUnit.SAME_DAY and given["value"] is None:
                self.add_error("value", "Ghi con số của thời hạn.")
        return given

    def settled(self) -> Mapping[str, Any]:
        given = self.cleaned_data
        if given["state"] == Stated.NONE:
            return {"case": given["case"], "state": str(Stated.NONE)}
        unit = TermUnit(given["unit"])
        return {
            "case": given["case"],
            "state": str(Stated.STATED),
            "value": Decimal(0) if unit is TermUnit.SAME_DAY else given["value"],
            "unit": str(unit),
            "start_rule": given["start_rule"] or str(USUAL_START[unit]),
        }


class FeeForm(BasisForm):
    """A fee, or why there is none."""

    state = forms.ChoiceField(
        label="Văn bản quy định thế nào",
        choices=[
            (FeeState.AMOUNT, "Có mức thu"),
            (FeeState.FREE, "Không thu"),
            (FeeState.NONE, "Không có thông tin"),
        ],
        widget=forms.RadioSelect,
    )
    amount = MoneyField(label="Mức thu (đồng)", required=False)
    per = LineField(label="Tính theo", required=False, max_length=60, help_text="Ví dụ: hồ sơ, bản, trang.")
    from_quantity = forms.IntegerField(
        label="Áp dụng từ số lượng",
        min_value=1,
        max_value=10**6,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "short"}),
        help_text="Ví dụ 3: từ trang thứ ba.",
    )
    field_order = ["request_key", "state", "amount", "per", "from_quantity", "basis"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("state") == FeeState.AMOUNT and "amount" in given and not given["amount"]:
            self.add_error("amount", "Ghi mức thu lớn hơn 0; không thu thì chọn «Không thu».")
        return given

    def settled(self) -> Mapping[str, Any]:
        given = self.cleaned_data
        if given["state"] != FeeState.AMOUNT:
            return {"state": given["state"], "per": "", "from_quantity": 1}
        return {
            "state": str(FeeState.AMOUNT),
            "amount": given["amount"],
            "per": given["per"],
            "from_quantity": given["from_quantity"],
        }


class PartForm(BasisForm):
    """One row of the list of papers."""

    role = forms.ChoiceField(label="Dòng này là", choices=PartRole.choices)
    copies = forms.IntegerField(
        label="Số bản",
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    kind = forms.ChoiceField(label="Loại bản", choices=PartKind.choices)
    field_order = ["request_key", "role", "copies", "kind", "basis"]

    def settled(self) -> Mapping[str, Any]:
        return {name: self.cleaned_data[name] for name in ("role", "copies", "kind")}


_FORMS: dict[str, type[BasisForm]] = {"term": TermForm, "fee": FeeForm, "part": PartForm}


@dataclass(frozen=True)
class Subject:
    """What is being settled: a line of the draft, or a field of its head."""

    title: str
    says: str
    published: str
    reasons: list[tuple[str, str]]
    initial: dict[str, Any]


def _submitted(request: HttpRequest, rows: list[ProcedureVersion]) -> ProcedureVersion:
    """The version the form was drawn for, so that a newer one of a colleague is noticed; else the newest."""
    number = request.POST.get("version", "")
    return next((v for v in rows if str(v.number) == number), max(rows, key=lambda v: v.number))


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*KEEPERS)
def review(request: HttpRequest, code: str, place: str, position: int) -> HttpResponse:
    """Settle one doubt; the published text stands beside the form."""
    rows, unit, user = versions_of(code), unit_of(request, KEEPERS), user_of(request)
    version = _submitted(request, rows)
    draft = queries.contents((version.pk,))[version.pk]
    subject = _subject(draft, place, position)
    form = _FORMS.get(place, BasisForm)(request.POST or None, initial=subject.initial)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: _settle(version, draft, place, position, form, actor=user, request_key=form.key(user)),
            fields=_FIELDS,
        )
        if done is not None:
            messages.success(
                request, f"Đã ghi. Thủ tục có phiên bản {done.number}, dùng từ {done.valid_from:%d/%m/%Y}."
            )
            return redirect(_page(code, unit.code))
    context = {
        "form": form,
        "version": version,
        "unit": unit,
        "subject": subject,
        "users": queries.user_count(version.procedure, clock.today()),
        "back": _page(code, unit.code),
    }
    return render(request, "desk/procedure_review.html", context, status=400 if form.errors else 200)


def _page(code: str, unit: str) -> str:
    return f"{reverse('procedure', args=[code])}?don_vi={unit}"


def _subject(draft: Draft, place: str, position: int) -> Subject:
    reasons = [
        (rules.TROUBLES[d.code].words, d.published)
        for d in draft.doubts
        if d.place == place and d.position in (position or None, None)
    ]
    if place == "term" and position == 0 and not draft.terms:
        return Subject("Thời hạn giải quyết", "Chưa có dòng thời hạn nào.", "", reasons, {})
    if place in LINES:
        lines = getattr(draft, LINES[place])
        if not 1 <= position <= len(lines):
            raise Http404
        line = lines[position - 1]
        return Subject(
            title=f"{PLACES[place]}, dòng {position}",
            says=part_line(line) if place == "part" else where_of(line.case, line.channel),
            published=getattr(line, "published", ""),
            reasons=reasons,
            initial=_initial(place, line),
        )
    # Fields of the head are settled as they stand: what they say is corrected by a new publication.
    if position or place not in HEAD_FIELDS or not reasons:
        raise Http404
    return Subject(place_words(place), str(getattr(draft.head, place))[:600], "", reasons, {})


def _initial(place: str, line: Any) -> dict[str, Any]:
    if place == "term":
        return {
            "state": Stated.NONE if line.state == Stated.NONE and line.confirmed else Stated.STATED,
            "value": "" if line.unit == TermUnit.SAME_DAY else _plain(line.value),
            "unit": line.unit,
            "start_rule": line.start_rule,
            "case": line.case,
        }
    if place == "fee":
        state = "" if line.state == FeeState.UNCLEAR else line.state
        return {"state": state, "amount": line.amount, "per": line.per, "from_quantity": line.from_quantity}
    return {"role": line.role, "copies": line.copies, "kind": line.kind}


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


def _settle(
    version: ProcedureVersion, draft: Draft, place: str, position: int, form: BasisForm, **who: Any
) -> ProcedureVersion:
    basis = form.cleaned_data["basis"]
    if place == "term" and position == 0:
        term = TermDraft(confirmed=True, **form.settled())
        # In use from the same day as what it completes: the term was missing from then on.
        return actions.new_version(
            version=version, changes={"terms": [term]}, basis=basis, valid_from=version.valid_from, **who
        )
    return actions.confirm_review(
        version=version, place=place, position=position or None, value=form.settled(), basis=basis, **who
    )


# ---- the promised term ----------------------------------------------------------------------------------------------
class CutForm(ActForm):
    """The term the office promises instead of the law's."""

    value = NumberField(label="Thời hạn cam kết", required=False, help_text="Để trống cả hai ô: bỏ cắt giảm.")
    unit = forms.ChoiceField(label="Đơn vị tính", required=False, choices=[("", ""), *TermUnit.choices])
    valid_from = DateField(label="Cam kết từ ngày")
    basis = LineField(label="Căn cứ", max_length=500, help_text="Quyết định cắt giảm thời hạn.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "value" in given and "unit" in given and given["unit"] != TermUnit.SAME_DAY:
            if given["value"] is not None and not given["unit"]:
                self.add_error("unit", "Chọn đơn vị tính.")
            if given["value"] is None and given["unit"]:
                self.add_error("value", "Ghi con số của thời hạn.")
        return given


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*KEEPERS)
def cut_term(request: HttpRequest, code: str, position: int) -> HttpResponse:
    """Promise another term from a day, or none of one's own any more."""
    rows, unit, user = versions_of(code), unit_of(request, KEEPERS), user_of(request)
    version = _submitted(request, rows)
    draft = queries.contents((version.pk,))[version.pk]
    if not 1 <= position <= len(draft.terms) or draft.terms[position - 1].value is None:
        raise Http404
    line = draft.terms[position - 1]
    initial = {
        "value": "" if line.promised_unit == TermUnit.SAME_DAY else _plain(line.promised_value),
        "unit": line.promised_unit or line.unit,
        "valid_from": max(clock.today(), version.valid_from),
    }
    form = CutForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: _cut(version, draft, position, form, actor=user, request_key=form.key(user)),
            fields=_FIELDS,
        )
        if done is not None:
            messages.success(request, f"Đã ghi phiên bản {done.number}, dùng từ {done.valid_from:%d/%m/%Y}.")
            return redirect(_page(code, unit.code))
    context = {
        "form": form,
        "version": version,
        "unit": unit,
        "where": where_of(line.case, line.channel),
        "regulation": term_words(line.value, line.unit),
        "promised": term_words(line.promised_value, line.promised_unit),
        "users": queries.user_count(version.procedure, clock.today()),
        "back": _page(code, unit.code),
    }
    return render(request, "desk/procedure_cut.html", context, status=400 if form.errors else 200)


def _cut(version: ProcedureVersion, draft: Draft, position: int, form: CutForm, **who: Any) -> ProcedureVersion:
    given = form.cleaned_data
    day: dt.date = given["valid_from"]
    same_day = given["unit"] == TermUnit.SAME_DAY
    value = Decimal(0) if same_day else given["value"]
    terms = list(draft.terms)
    terms[position - 1] = replace(
        terms[position - 1], promised_value=value, promised_unit=given["unit"] if value is not None else ""
    )
    if terms[position - 1] == draft.terms[position - 1]:
        raise Invalid("Cam kết không đổi so với hiện tại.", field="value")
    return actions.new_version(version=version, changes={"terms": terms}, basis=given["basis"], valid_from=day, **who)
