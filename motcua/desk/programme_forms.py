"""Forms of the registers, made from a register's description: one for a line, one for what narrows the list."""

from collections.abc import Sequence
from typing import Any

from django import forms

from motcua.core import text
from motcua.desk.forms import ActForm, DateField, LineField
from motcua.desk.templatetags.vn import unit_label
from motcua.org.models import Unit
from motcua.programme import rules
from motcua.programme.describing import Register, kind_of
from motcua.programme.keeping import Entry

STRUCK, STANDING = "huy", "con"
_FILE_HELP = "PDF, ảnh (JPG, PNG, TIF) hoặc Word, tối đa 20 MB."


class UnitChoice(forms.ChoiceField):
    """A unit among some, by its number: codes and names are used again after a reform, numbers are not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._units: dict[str, Unit] = {}

    def offer(self, units: Sequence[Unit], *, everything: str = "") -> None:
        """Set the units; with ``everything`` none need be chosen, and that says so."""
        self._units = {str(unit.pk): unit for unit in units}
        first = [("", everything or "Chọn")] if everything or len(units) != 1 else []
        self.choices = [*first, *((pk, unit_label(unit)) for pk, unit in self._units.items())]

    def clean(self, value: Any) -> Any:
        return self._units.get(super().clean(value))


class NumberField(forms.Field):
    """A number as offices write it: 2.312 or 2.312,5."""

    def to_python(self, value: Any) -> Any:
        typed = text.clean(str(value or ""))[:40]
        if not typed:
            return None
        try:
            return rules.number(typed)
        except ValueError:
            raise forms.ValidationError("Chưa đúng dạng số. Gõ như 2312 hoặc 2.312.", code="number") from None


class WholeField(NumberField):
    """A number without decimals."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is None:
            return None
        if found != found.to_integral_value():
            raise forms.ValidationError("Cần số nguyên.", code="number")
        return int(found)


def _field(register: Register, name: str, *, long: bool, units: Sequence[Unit]) -> forms.Field:
    described = register.fields[name]
    common: dict[str, Any] = {
        "label": register.heading(name),
        "help_text": described.help_text,
        "required": register.required(name) or (described.has_default() and not described.blank),
    }
    kind = kind_of(described)
    if kind == "choice":
        empty = [] if described.has_default() else [("", "Chọn")]
        return forms.ChoiceField(choices=[*empty, *described.flatchoices], **common)
    if kind == "date":
        return DateField(**common)
    if kind == "tick":
        return forms.BooleanField(**{**common, "required": False})
    if kind in ("number", "money"):
        number = forms.TextInput(attrs={"inputmode": "decimal" if kind == "money" else "numeric", "class": "short"})
        return (NumberField if kind == "money" else WholeField)(widget=number, **common)
    if kind == "unit":
        field = UnitChoice(**common)
        field.offer(units)
        return field
    widget = forms.Textarea(attrs={"rows": 2}) if long else forms.TextInput()
    return LineField(max_length=described.max_length, widget=widget, **common)


class EntryForm(ActForm):
    """One line of a register. ``values()`` is what was typed, by column."""

    def __init__(
        self,
        register: Register,
        units: Sequence[Unit],
        *args: Any,
        entry: Entry | None = None,
        unit: Unit | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.register = register
        if entry is None:
            choice = UnitChoice(label="Đơn vị")
            choice.offer(units)
            choice.initial = str((unit or units[0]).pk)
            self.fields["unit"] = choice
        for column in register.columns:
            self.fields[column.name] = _field(register, column.name, long=column.long, units=units)
        note = register.fields["note"]
        self.fields["note"] = LineField(label="Ghi chú", max_length=note.max_length, required=False)
        self.fields["evidence"] = forms.FileField(
            label="Tài liệu kiểm chứng",
            required=False,
            allow_empty_file=True,
            help_text=f"{register.proof} {_FILE_HELP}".strip(),
        )
        if entry is not None:
            self.fields["reason"] = LineField(label="Lý do sửa", max_length=300, required=False)
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=entry.version)
        for name, described in register.fields.items():
            value = getattr(entry, name) if entry else described.get_default() if described.has_default() else None
            if value is not None:
                self.fields[name].initial = str(value.pk) if isinstance(value, Unit) else value

    def values(self) -> dict[str, Any]:
        """What was typed, by column of the register; an empty number or date is left to the register's default."""
        found = {name: self.cleaned_data[name] for name in self.register.fields}
        return {name: value for name, value in found.items() if value is not None or self.register.fields[name].null}


class StrikeForm(ActForm):
    """Why a line is struck out."""

    reason = LineField(label="Lý do hủy", max_length=300, help_text="Dòng vẫn còn để xem, ghi là «hủy».")
    version = forms.IntegerField(widget=forms.HiddenInput)


class Filters(forms.Form):
    """What narrows a register's list, all of it kept in the address."""

    don_vi = UnitChoice(label="Đơn vị", required=False)
    tim = LineField(
        label="Tìm",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "data-search": True}),
    )
    tu = DateField(label="Từ ngày", required=False)
    den = DateField(label="Đến ngày", required=False)
    dong = forms.ChoiceField(
        label="Dòng", required=False, choices=[("", "Tất cả"), (STANDING, "Đang tính"), (STRUCK, "Đã hủy")]
    )
    so_lieu = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, register: Register, units: Sequence[Unit], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["don_vi"]
        assert isinstance(choice, UnitChoice)
        choice.offer(units, everything="Tất cả")
        if len(units) < 2 and not self.data.get("don_vi"):
            del self.fields["don_vi"]
        self.narrowing = [column.name for column in register.columns if column.narrows]
        for name in self.narrowing:
            choices = [("", "Tất cả"), *register.fields[name].flatchoices]
            self.fields[name] = forms.ChoiceField(label=register.heading(name), required=False, choices=choices)


class UploadForm(ActForm):
    """Whose list it is, and the list."""

    unit = UnitChoice(label="Đơn vị", help_text="Dòng nào có cột «Đơn vị» thì theo cột ấy.")
    file = forms.FileField(
        label="Danh sách (.xlsx)", widget=forms.FileInput(attrs={"accept": ".xlsx"}), allow_empty_file=True
    )

    def __init__(self, units: Sequence[Unit], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["unit"]
        assert isinstance(choice, UnitChoice)
        choice.offer(units)
        choice.initial = str(units[0].pk)


class MappingForm(ActForm):
    """Which heading of the list is which column of the register."""

    def __init__(
        self, headings: dict[str, str], theirs: Sequence[str], given: dict[str, str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = list(headings)
        choices = [("", "Không có trong tệp"), *((heading, heading) for heading in dict.fromkeys(theirs))]
        for name, heading in headings.items():
            self.fields[f"cot_{name}"] = forms.ChoiceField(
                label=heading, choices=choices, required=False, initial=given.get(name, "")
            )

    def mapping(self) -> dict[str, str]:
        """Column → heading, where one was chosen."""
        return {name: self.cleaned_data[f"cot_{name}"] for name in self.names if self.cleaned_data[f"cot_{name}"]}
