"""How forms are drawn (label above, help below, error beside) and how the rooms' refusals get into them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting

from motcua.core import text
from motcua.core.errors import MotcuaError

R = TypeVar("R")


class Renderer(TemplatesSetting):
    """``{{ form.name.as_field_group }}`` draws one field our way; widgets come from the same templates."""

    field_template_name = "desk/part/field.html"


class LineField(forms.CharField):
    """One line of typed text: NFC, no invisible characters, single spaces."""

    def to_python(self, value: Any) -> str:
        return text.clean(super().to_python(value))


class DateField(forms.DateField):
    """A date typed as 05/06/2023 (or picked); also 5/6/2023 and 05-06-2023, never month first."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "class": "date"}))
        kwargs.setdefault("input_formats", ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"])
        kwargs.setdefault("error_messages", {"invalid": "Ngày chưa đúng. Gõ theo mẫu 05/06/2023."})
        super().__init__(**kwargs)


def attempt(form: forms.BaseForm, act: Callable[[], R]) -> R | None:
    """Run an act for a valid form; a refusal (:class:`MotcuaError`) becomes an error of the form and None is returned.

    The act's own transaction has been rolled back by then, and the form still holds everything that was typed.
    """
    try:
        return act()
    except MotcuaError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, forms.ValidationError(error.message, code=error.code))
        return None
