"""How forms are drawn (label above, help below, error beside) and how the rooms' refusals get into them."""

import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting

from motcua.core import text
from motcua.core.errors import MotcuaError
from motcua.org.models import Unit, User

R = TypeVar("R")


class Renderer(TemplatesSetting):
    """``{{ form.name.as_field_group }}`` draws one field our way; widgets come from the same templates."""

    field_template_name = "desk/part/field.html"


class LineField(forms.CharField):
    """One line of typed text: NFC, no invisible characters, single spaces."""

    def to_python(self, value: Any) -> str:
        return text.clean(super().to_python(value) or "")


D = TypeVar("D", bound=dt.date)
_YEARS = range(1900, 2101)


def plausible(found: D | None) -> D | None:
    """A date or moment of a year that people and calendars know; a slip of the keyboard is said, not reckoned with."""
    if found is not None and found.year not in _YEARS:
        raise forms.ValidationError(f"Năm {found.year} chưa đúng: cần từ 1900 đến 2100.", code="year")
    return found


class DateField(forms.DateField):
    """A date typed as 05/06/2023 (or picked); also 5/6/2023 and 05-06-2023, never month first."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "class": "date"}))
        kwargs.setdefault("input_formats", ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"])
        kwargs.setdefault("error_messages", {"invalid": "Ngày chưa đúng. Gõ theo mẫu 05/06/2023."})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        return plausible(super().to_python(value))


class ActForm(forms.Form):
    """A form that does something once: a double click, or a second sending of the same page, changes nothing more."""

    request_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_key"].initial = secrets.token_urlsafe(16)

    def key(self, user: User) -> str | None:
        """The idempotency key for this person's act; None where the form came without one."""
        typed = self.cleaned_data["request_key"]
        return f"desk:{user.pk}:{typed}" if typed else None


class UnitField(forms.CharField):
    """A unit by code, short code or name, among ``units``; few enough to list are offered while typing."""

    OFFERED = 300

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)
        self.units: Sequence[Unit] = ()

    def offer(self, units: Sequence[Unit]) -> None:
        """Set the units to choose among. A short list becomes a choice, a long one is typed by code or name."""
        self.units = units
        if len(units) <= self.OFFERED:
            self.widget = forms.Select(choices=[("", "")] + [(unit.code, unit.name) for unit in units])
            self.widget.is_required = self.required
        else:
            self.help_text = self.help_text or "Gõ mã, mã ngắn hoặc tên đơn vị."
        if len(units) == 1:
            self.initial = units[0].code

    def clean(self, value: Any) -> Any:
        typed = text.clean(str(super().clean(value) or ""))
        if not typed:
            return None
        codes = [
            unit for unit in self.units if typed in (unit.code, unit.short_code) or typed.upper() == unit.short_code
        ]
        folded = text.fold(typed)
        found = codes or [unit for unit in self.units if text.fold(unit.name) == folded]
        if not found:
            raise forms.ValidationError(f"Không có đơn vị «{typed}» trong phạm vi của bạn.", code="unit")
        if len(found) > 1:
            named = "; ".join(f"{unit.name} ({unit.code})" for unit in found[:8])
            raise forms.ValidationError(f"Nhiều đơn vị cùng tên, gõ mã của một đơn vị: {named}.", code="unit")
        return found[0]


def attempt(form: forms.BaseForm, act: Callable[[], R], *, fields: Mapping[str, str] | None = None) -> R | None:
    """Run an act for a valid form; a refusal (:class:`MotcuaError`) becomes an error of the form and None is returned.

    ``fields`` translates the act's names of fields into the form's, where they differ.

    The act's own transaction has been rolled back by then, and the form still holds everything that was typed.
    """
    try:
        return act()
    except MotcuaError as error:
        named = (fields or {}).get(error.field or "", error.field)
        field = named if named in form.fields else None
        form.add_error(field, forms.ValidationError(error.message, code=error.code))
        return None
