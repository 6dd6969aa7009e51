"""Lịch làm việc và quy tắc: what the law and the office say of working time, changed by new dated rows only.

Nothing here is edited in place. A closure, an exchange, other hours, a confirmed day or a further year is a new version
of a calendar; dossiers already accepted keep theirs, and only a decision of a leader moves their due dates.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, DateField, LineField, attempt
from motcua.desk.frame import needs, standing
from motcua.desk.procedures import unit_of
from motcua.org.models import Duty, Unit, User
from motcua.worktime import actions, proposals, queries
from motcua.worktime.calendar import WEEKDAYS, SpecialDay, WorkCalendar, vn_date
from motcua.worktime.models import WEEKDAY_CHOICES, CalendarVersion, RuleSet

# In the address, for the calendar of the whole country.
COUNTRY = "ca-nuoc"
# So long before the last loaded day the page asks for the next year: the longest terms reach a year and more ahead.
_ASK_AHEAD = dt.timedelta(days=400)


# ---- whose calendar, and who may change it --------------------------------------------------------------------------
def place_of(request: HttpRequest) -> Unit | None:
    """The unit whose calendar is meant, ``None`` for the country's. NotFound outside the administrator's units."""
    if (request.POST.get("don_vi") or request.GET.get("don_vi", "")) == COUNTRY:
        return None
    return unit_of(request, [Duty.ADMIN])


def keeps_country(request: HttpRequest) -> bool:
    """Whether the person may change the country's calendar and the rule sets. One statement."""
    held = {unit.pk for duty, unit in standing(request).duties if duty is Duty.ADMIN}
    return queries.keeps_country(held, clock.today())


# ---- the page -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DayRow:
    """A special day as the page shows it."""

    row: SpecialDay
    own: bool
    hours: str

    @property
    def kind(self) -> str:
        words = self.row.kind.label
        return words[:1].upper() + words[1:]


@never_cache
@require_GET
@needs(Duty.ADMIN)
def settings(request: HttpRequest) -> HttpResponse:
    """The calendar a unit (or the country) counts by in a year, its versions, and the rule sets. Eight statements."""
    today, unit = clock.today(), place_of(request)
    adoption = queries.adoption_for(unit, today)
    if adoption is None:
        raise Invalid("Chưa có lịch làm việc nào được áp dụng. Hãy chạy «motcua migrate».", code="no_calendar")
    history = queries.calendar_history(adoption.calendar_id)
    version = history[0]
    calendar = queries.compiled(version.pk)
    year = _year(request, version, today)
    country = keeps_country(request)
    own = adoption.calendar.unit_id == (unit.pk if unit else None)
    mine = set(version.days.values_list("day", flat=True)) if own else set()
    days = [_day_row(row, mine, calendar) for row in calendar.special.values() if row.day.year == year]
    days.sort(key=lambda each: each.row.day)
    sets = queries.rule_sets()
    context = {
        "unit": unit,
        "place": unit.code if unit else COUNTRY,
        "seats": list({u.pk: u for duty, u in standing(request).duties if duty is Duty.ADMIN}.values()),
        "calendar": adoption.calendar,
        "own": own,
        "version": version,
        "history": history,
        "year": year,
        "years": range(max(version.first_day.year, today.year - 5), version.last_day.year + 1),
        "days": days,
        "unconfirmed": sum(not each.row.confirmed for each in days),
        "hours": _usual_hours(calendar, today),
        "ends_soon": version.last_day - today < _ASK_AHEAD,
        "next_year": version.last_day.year + 1,
        "country": country,
        "changes": country if unit is None else True,
        "rule_sets": sets,
        "in_force": _in_force(sets, today),
        "country_place": COUNTRY,
    }
    return render(request, "desk/settings.html", context)


def _year(request: HttpRequest, version: CalendarVersion, today: dt.date) -> int:
    typed = request.GET.get("nam", "")
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else today.year
    return min(max(year, version.first_day.year), version.last_day.year)


def _day_row(row: SpecialDay, mine: set[dt.date], calendar: WorkCalendar) -> DayRow:
    spans = calendar.hours_on(row.day)
    return DayRow(row, row.day in mine, ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in spans))


def _usual_hours(calendar: WorkCalendar, today: dt.date) -> list[tuple[str, str]]:
    """The opening times of weekdays as they stand now: those of the next ordinary day of each within two months."""
    found: list[tuple[str, str, str]] = []  # first weekday, last, hours
    for weekday, name in enumerate(WEEKDAYS):
        start = today + dt.timedelta(days=(weekday - today.weekday()) % 7)
        coming = [start + dt.timedelta(weeks=n) for n in range(9)]
        usual = [d for d in coming if d.toordinal() not in calendar.special and d <= calendar.last_day]
        spans = calendar.hours_on(usual[0]) if usual else ()
        words = ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in spans) or "nghỉ"
        counted = not spans or calendar.is_working(usual[0])
        words = words if counted else f"{words}, không tính là ngày làm việc"
        if found and found[-1][2] == words:
            found[-1] = (found[-1][0], name, words)
        else:
            found.append((name, name, words))
    spoken = [(first if first == last else f"{first} đến {last}", words) for first, last, words in found]
    return [(days[:1].upper() + days[1:], words) for days, words in spoken]


def _in_force(sets: list[RuleSet], day: dt.date) -> int | None:
    """The rule set of a day, as ``queries.rule_set_for`` finds it among rows in that order."""
    return next((r.pk for r in sets if r.valid_from <= day and (r.valid_to is None or r.valid_to >= day)), None)


# ---- the changes ----------------------------------------------------------------------------------------------------
class BasisForm(ActForm):
    """A change by a document."""

    legal_basis = LineField(
        label="Căn cứ", max_length=300, help_text="Số và ngày của thông báo, công điện, quyết định."
    )
    field_order = ["request_key"]


class ClosureForm(BasisForm):
    """Days on which the office does not work after all."""

    first_day = DateField(label="Nghỉ từ ngày")
    last_day = DateField(label="Đến hết ngày", required=False, help_text="Để trống: một ngày.")
    name = LineField(label="Lý do nghỉ", max_length=120, help_text="Ví dụ: bão số 9.")
    field_order = ["request_key", "first_day", "last_day", "name", "legal_basis"]


class SwapForm(BasisForm):
    """A working day exchanged for a rest day."""

    off = DateField(label="Ngày được nghỉ")
    work = DateField(label="Ngày làm bù", help_text="Làm theo giờ của ngày được nghỉ.")
    name = LineField(label="Tên đợt nghỉ", max_length=120)
    confirmed = forms.BooleanField(label="Đã có văn bản chính thức", required=False, initial=True)
    field_order = ["request_key", "off", "work", "name", "legal_basis", "confirmed"]


class ConfirmForm(BasisForm):
    """A provisional day that has been announced."""

    day = DateField(label="Ngày")
    field_order = ["request_key", "day", "legal_basis"]


class ClockField(forms.TimeField):
    """A time of day typed as 07:30."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "class": "short"}))
        kwargs.setdefault("input_formats", ["%H:%M", "%H.%M", "%Hh%M", "%Hg%M"])
        kwargs.setdefault("error_messages", {"invalid": "Giờ chưa đúng. Gõ theo mẫu 07:30."})
        super().__init__(required=kwargs.pop("required", False), **kwargs)


class HoursForm(BasisForm):
    """Other opening times on some weekdays."""

    weekdays = forms.TypedMultipleChoiceField(
        label="Các thứ",
        coerce=int,
        choices=[(n, name[:1].upper() + name[1:]) for n, name in WEEKDAY_CHOICES],
        widget=forms.CheckboxSelectMultiple,
    )
    morning_from = ClockField(label="Sáng từ")
    morning_to = ClockField(label="Sáng đến")
    afternoon_from = ClockField(label="Chiều từ")
    afternoon_to = ClockField(label="Chiều đến", help_text="Không ghi giờ nào: nghỉ các thứ đã chọn.")
    valid_from = DateField(label="Từ ngày")
    valid_to = DateField(label="Đến hết ngày", required=False)
    counts_as_day = forms.BooleanField(
        label="Tính là ngày làm việc",
        required=False,
        initial=True,
        help_text="Bỏ chọn khi chỉ trực tiếp nhận, ví dụ sáng thứ Bảy.",
    )
    field_order = [
        "request_key", "weekdays", "morning_from", "morning_to", "afternoon_from", "afternoon_to", "valid_from",
        "valid_to", "counts_as_day", "legal_basis",
    ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for half in ("morning", "afternoon"):
            if (given.get(f"{half}_from") is None) != (given.get(f"{half}_to") is None):
                self.add_error(f"{half}_to", "Ghi cả giờ mở và giờ đóng của buổi này.")
        return given

    @property
    def spans(self) -> list[tuple[dt.time, dt.time]]:
        """The opening times, morning first."""
        given = self.cleaned_data
        pairs = [(given["morning_from"], given["morning_to"]), (given["afternoon_from"], given["afternoon_to"])]
        return [(a, b) for a, b in pairs if a is not None]


class YearForm(BasisForm):
    """The special days of the year after the last loaded one."""

    days = forms.CharField(
        label="Ngày nghỉ của năm",
        required=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}),
        max_length=8000,
        help_text="Mỗi dòng một ngày: ngày; nghỉ lễ hoặc nghỉ bù; tên. Dưới đây là dự kiến theo luật, hãy sửa theo "
        "thông báo. Hoán đổi ngày làm việc thì ghi riêng sau khi nạp năm.",
    )
    confirmed = forms.BooleanField(
        label="Đã có thông báo chính thức", required=False, help_text="Bỏ trống: dự kiến, từng ngày xác nhận sau."
    )
    field_order = ["request_key", "days", "legal_basis", "confirmed"]


def _close(form: Any, unit: Unit | None, user: User, key: str | None) -> str:
    given = form.cleaned_data
    actions.add_closure(
        unit=unit, first_day=given["first_day"], last_day=given["last_day"], name=given["name"],
        legal_basis=given["legal_basis"], actor=user, request_key=key,
    )  # fmt: skip
    return f"Đã ghi ngày nghỉ «{given['name']}». Hồ sơ đã tiếp nhận không tự đổi hạn."


def _swap(form: Any, unit: Unit | None, user: User, key: str | None) -> str:
    given = form.cleaned_data
    actions.add_swap(
        unit=unit, off=given["off"], work=given["work"], name=given["name"], legal_basis=given["legal_basis"],
        confirmed=given["confirmed"], actor=user, request_key=key,
    )  # fmt: skip
    return f"Đã ghi nghỉ {vn_date(given['off'])}, làm bù {vn_date(given['work'])}."


def _confirm(form: Any, unit: Unit | None, user: User, key: str | None) -> str:
    given = form.cleaned_data
    actions.confirm_day(
        day=given["day"], legal_basis=given["legal_basis"], unit=unit, actor=user, request_key=key
    )  # fmt: skip
    return f"Đã xác nhận ngày {vn_date(given['day'])}."


def _hours(form: Any, unit: Unit | None, user: User, key: str | None) -> str:
    given = form.cleaned_data
    actions.set_office_hours(
        unit=unit, weekdays=given["weekdays"], spans=form.spans, valid_from=given["valid_from"],
        valid_to=given["valid_to"], counts_as_day=given["counts_as_day"], legal_basis=given["legal_basis"],
        actor=user, request_key=key,
    )  # fmt: skip
    return f"Đã ghi giờ làm việc từ {vn_date(given['valid_from'])}."


def _add_year(form: Any, unit: Unit | None, user: User, key: str | None) -> str:
    given = form.cleaned_data
    year = queries.loaded_to(None).year + 1
    days = proposals.read_lines(given["days"], legal_basis=given["legal_basis"], confirmed=given["confirmed"])
    actions.add_year(
        days=days, last_day=dt.date(year, 12, 31), legal_basis=given["legal_basis"], actor=user, request_key=key
    )
    return f"Đã nạp lịch năm {year}: {len(days)} ngày nghỉ."


@dataclass(frozen=True)
class Change:
    """One way to change a calendar: its form, its words and what it does (returning what to tell)."""

    form: type[BasisForm]
    title: str
    button: str
    does: Callable[[Any, Unit | None, User, str | None], str]
    says: str
    country_only: bool = False


_FROM_NOW = (
    "Áp dụng cho hồ sơ tiếp nhận từ hôm nay. Hồ sơ đã tiếp nhận giữ lịch cũ; muốn dời hạn thì lãnh đạo quyết định."
)
CHANGES = {
    "nghi": Change(ClosureForm, "Thêm ngày nghỉ", "Ghi ngày nghỉ", _close, _FROM_NOW),
    "hoan-doi": Change(SwapForm, "Hoán đổi ngày làm việc", "Ghi hoán đổi", _swap, _FROM_NOW),
    "gio": Change(HoursForm, "Đổi giờ làm việc", "Ghi giờ làm việc", _hours, _FROM_NOW),
    "xac-nhan": Change(
        ConfirmForm, "Xác nhận ngày dự kiến", "Xác nhận", _confirm, "Ghi số văn bản đã công bố ngày này."
    ),
    "nam": Change(
        YearForm,
        "Nạp lịch năm sau",
        "Nạp năm",
        _add_year,
        "Mọi lịch riêng của đơn vị được nối dài theo. Hồ sơ đã tiếp nhận được tính tiếp trong năm mới.",
        country_only=True,
    ),
}


@never_cache
@require_http_methods(["GET", "POST"])
@needs(Duty.ADMIN)
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """Change a unit's calendar, or the country's, by a new version."""
    found = CHANGES.get(kind)
    if found is None:
        raise Http404
    unit, user = (None if found.country_only else place_of(request)), user_of(request)
    if request.method == "POST":
        form = found.form(request.POST)
        if form.is_valid():
            told = attempt(form, lambda: found.does(form, unit, user, form.key(user)))
            if told is not None:
                messages.success(request, told)
                return redirect(f"{reverse('settings')}?don_vi={unit.code if unit else COUNTRY}")
    else:
        form = found.form(initial=_initial(request, kind))
    context = {
        "form": form,
        "change": found,
        "unit": unit,
        "place": unit.code if unit else COUNTRY,
        "back": f"{reverse('settings')}?don_vi={unit.code if unit else COUNTRY}",
        "year": queries.loaded_to(None).year + 1 if kind == "nam" else None,
    }
    return render(request, "desk/settings_change.html", context, status=400 if form.errors else 200)


def _initial(request: HttpRequest, kind: str) -> dict[str, Any]:
    if kind == "nam":
        return {"days": proposals.as_lines(proposals.proposed_year(queries.loaded_to(None).year + 1))}
    if kind == "xac-nhan":
        with suppress(ValueError):  # an address typed by hand: the field is simply empty
            return {"day": dt.date.fromisoformat(request.GET.get("ngay", ""))}
    return {"valid_from": clock.today()} if kind == "gio" else {}
