"""Chủ hồ sơ: the page of one person or organisation, and what can be done with the record."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.desk.dossiers import row_of, scope_of, user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.reading import reading_person
from motcua.dossiers import persons, retention
from motcua.dossiers.states import LEADER_DUTIES, VIEW_DUTIES
from motcua.parties import rights, rules
from motcua.parties.models import Consent, IdKind, Party, PartyChange, PartyKind, Purpose


@never_cache
@require_GET
@needs(*sorted(VIEW_DUTIES))
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: the record in full, its doubles, what was said and done, and the dossiers I may see."""
    found = persons.person(scope_of(request), pk)
    asked = reading_person(request, found.party, found.dossiers)
    if asked is not None:
        return asked
    held = standing(request).held
    context = {
        "person": found,
        "party": found.party,
        "doubles": found.records[1:],
        "rows": [(row_of(d), _roles(d, {p.pk for p in found.records})) for d in found.dossiers],
        "history": [_told(change) for change in found.changes],
        "consents": [(label, found.consents.get(purpose)) for purpose, label in Purpose.choices],
        "acts": [name for name in ACTS if _offered(name, found.party, bool(found.records[1:]), held)],
        "titles": {name: act.title for name, act in ACTS.items()},
    }
    return render(request, "desk/person.html", context)


def _roles(dossier: Any, records: set[int]) -> str:
    roles = (("applicant_id", "chủ hồ sơ"), ("submitter_id", "người nộp"), ("collector_id", "người nhận thay"))
    return ", ".join(word for field, word in roles if getattr(dossier, field) in records)


def _told(change: PartyChange) -> tuple[PartyChange, list[tuple[str, str]]]:
    """A change with what the record said before, in words; numbers masked, as in every list."""
    words = []
    for field, value in change.before.items():
        name = str(Party._meta.get_field(field.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
        text = "" if value is None else str(value)
        words.append((name, rules.mask(text) if field in ("id_number", "phone") else text or "(trống)"))
    return change, words


# ---- what can be done ------------------------------------------------------------------------------------------------


class _ReasonForm(ActForm):
    reason = LineField(label="Lý do", max_length=300)


class EditForm(ActForm):
    """The record as it should be; empty fields are emptied."""

    name = LineField(label="Họ tên hoặc tên tổ chức", max_length=250)
    kind = forms.ChoiceField(label="Loại đối tượng", choices=PartyKind.choices)
    id_kind = forms.ChoiceField(label="Loại giấy tờ", required=False, choices=[("", ""), *IdKind.choices])
    id_number = LineField(label="Số giấy tờ", required=False, max_length=30)
    birth_date = DateField(label="Ngày sinh", required=False)
    phone = LineField(label="Số điện thoại", required=False, max_length=20)
    email = forms.EmailField(label="Thư điện tử", required=False)
    address = LineField(label="Địa chỉ", required=False, max_length=300)
    reason = LineField(label="Lý do sửa", max_length=300, help_text="Ví dụ: gõ nhầm; thẻ căn cước mới ngày 12/8.")


class MergeForm(_ReasonForm):
    """Which record is the same person: chosen among those who may be."""

    double = forms.TypedChoiceField(label="Bản ghi trùng", coerce=int, widget=forms.RadioSelect, empty_value=None)


class SplitForm(_ReasonForm):
    double = forms.TypedChoiceField(label="Bản ghi tách ra", coerce=int, widget=forms.RadioSelect, empty_value=None)


class RestrictForm(ActForm):
    basis = LineField(label="Căn cứ", max_length=300, help_text="Ví dụ: đơn của người dân ngày 12/8/2025.")


class ConsentForm(ActForm):
    purpose = forms.ChoiceField(label="Mục đích", choices=[("", ""), *Purpose.choices])
    given = forms.ChoiceField(
        label="Ý kiến",
        widget=forms.RadioSelect,
        choices=[("yes", "Đồng ý"), ("no", "Không đồng ý, hoặc rút lại đồng ý")],
    )
    method = forms.ChoiceField(label="Cách nói", choices=[("", ""), *Consent.Method.choices])
    wording = LineField(label="Bản nội dung đã đọc", required=False, max_length=80, help_text="Số, ngày của bản mẫu.")


class EraseForm(ActForm):
    basis = LineField(label="Căn cứ xóa", max_length=300, help_text="Quyết định tiêu hủy, biên bản, ngày.")


Verb = Callable[..., Any]


class Act:
    """One thing that can be done: its form, its words, who may."""

    def __init__(self, title: str, under: str, done: str, form: type[ActForm], duties: frozenset[Any]) -> None:
        self.title, self.under, self.done, self.form, self.duties = title, under, done, form, duties


ACTS = {
    "sua": Act("Sửa thông tin", "Nội dung cũ được giữ trong lịch sử.", "Đã sửa thông tin.", EditForm, rights.SERVE),
    "gop": Act(
        "Gộp bản ghi trùng",
        "Bản ghi trùng gộp vào bản ghi này; hồ sơ cũ giữ đúng bản ghi lúc tiếp nhận, việc mới dùng bản ghi này.",
        "Đã gộp.",
        MergeForm,
        rights.SERVE,
    ),
    "tach": Act("Tách bản ghi đã gộp", "Khi hai người đã bị gộp nhầm.", "Đã tách.", SplitForm, rights.SERVE),
    "dong-y": Act(
        "Ghi ý kiến đồng ý",
        "Giải quyết thủ tục là nhiệm vụ luật định, không cần đồng ý; các mục đích dưới đây thì cần.",
        "Đã ghi ý kiến.",
        ConsentForm,
        rights.SERVE,
    ),
    "han-che": Act(
        "Hạn chế xử lý",
        "Từ nay ai xem dữ liệu của người này đều phải ghi lý do; bản ghi không được gợi ý khi tiếp nhận.",
        "Đã hạn chế xử lý.",
        RestrictForm,
        rights.DECIDE,
    ),
    "thoi-han-che": Act("Thôi hạn chế xử lý", "", "Đã thôi hạn chế xử lý.", _ReasonForm, rights.DECIDE),
    "xoa": Act(
        "Xóa dữ liệu cá nhân",
        "Họ tên, giấy tờ, điện thoại, địa chỉ, ghi chú của hồ sơ bị xóa hẳn và không lấy lại được. Mã hồ sơ, ngày "
        "tháng và số liệu giữ nguyên.",
        "Đã xóa dữ liệu cá nhân.",
        EraseForm,
        LEADER_DUTIES,
    ),
}  # fmt: skip


def _offered(name: str, party: Party, doubles: bool, held: frozenset[Any]) -> bool:
    if party.erased_at is not None or not ACTS[name].duties & held:
        return False
    return {"tach": doubles, "han-che": not party.restricted, "thoi-han-che": party.restricted}.get(name, name != "xoa")


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(VIEW_DUTIES))
def person_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on a person's record."""
    act = ACTS.get(name)
    if act is None:
        raise NotFound("Không có việc này.")
    records = persons.require(scope_of(request), pk)
    party = records[0]
    form = act.form(request.POST or None, initial=_initial(party) if name == "sua" else None)
    choice = form.fields.get("double")
    if isinstance(choice, forms.TypedChoiceField):
        among = records[1:] if name == "tach" else persons.likely_doubles(scope_of(request), party)
        choice.choices = [(p.pk, _named(p)) for p in among]
    if request.method == "POST" and form.is_valid():
        user = user_of(request)
        given = {k: v for k, v in form.cleaned_data.items() if k != "request_key"}
        done = attempt(form, lambda: _do(name, request, party, given, form.key(user)))
        if done is not None:
            messages.success(request, act.done)
            return redirect("retention") if name == "xoa" else redirect("person", party.pk)
    context = {"form": form, "act": act, "party": party, "danger": name == "xoa"}
    return render(request, "desk/person_act.html", context, status=400 if form.errors else 200)


def _initial(party: Party) -> dict[str, Any]:
    return {f: getattr(party, f) for f in EditForm.base_fields if hasattr(party, f)}


def _named(party: Party) -> str:
    shown = (party.name, rules.mask(party.id_number), rules.mask(party.phone), party.address)
    return " · ".join(part for part in shown if part)


def _do(name: str, request: HttpRequest, party: Party, given: dict[str, Any], key: str | None) -> Any:
    common: dict[str, Any] = {"actor": user_of(request), "request_key": key}
    if name == "sua":
        # A commune is chosen at intake, not here: what is known of it stays.
        return rights.change_party(party=party.pk, commune=party.commune, **given, **common)
    if name == "gop":
        return rights.merge_parties(keep=party.pk, **given, **common)
    if name == "tach":
        return rights.split_party(**given, **common)
    if name == "dong-y":
        return rights.record_consent(party=party.pk, **{**given, "given": given["given"] == "yes"}, **common)
    if name == "han-che":
        return rights.restrict(party=party.pk, **given, **common)
    if name == "thoi-han-che":
        return rights.lift_restriction(party=party.pk, **given, **common)
    return retention.erase_person(party=party.pk, scope=scope_of(request), **given, **common)


# ---- kept long enough ------------------------------------------------------------------------------------------------


@never_cache
@require_GET
@needs(*sorted(LEADER_DUTIES))
def retention_due(request: HttpRequest) -> HttpResponse:
    """Đến hạn xóa: whose data has been kept long enough."""
    today = clock.today()
    rule, found = retention.due(scope_of(request), today)
    context = {
        "rule": rule,
        "due": found,
        "before": retention.limit(rule, today) if rule else None,
        "most": len(found) >= retention.MOST_SHOWN,
    }
    return render(request, "desk/retention.html", context)
