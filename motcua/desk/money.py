"""An amount of đồng in a form."""

from typing import Any

from django import forms

from motcua.core.text import clean
from motcua.dossiers.fees import MOST


class MoneyField(forms.IntegerField):
    """Whole đồng, typed as 10000, 10.000 or «10 000 đ»; never a decimal, never negative."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MOST)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"})
        )
        kwargs.setdefault(
            "error_messages",
            {
                "invalid": "Số tiền chưa đúng. Gõ số đồng, ví dụ 10.000.",
                "min_value": "Số tiền không được âm.",
                "max_value": "Số tiền quá lớn, hãy kiểm tra lại.",
            },
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        typed = clean(str(value or "")).lower().removesuffix("đồng").removesuffix("vnđ").removesuffix("đ").strip()
        if not typed and value != 0:
            return None
        groups = typed.replace(" ", ".").split(".")
        whole = "".join(groups)
        grouped = len(groups) == 1 or (0 < len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]))
        bare = whole.removeprefix("-")
        if not grouped or not (bare.isascii() and bare.isdigit()) or len(bare) > 15:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(whole)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}".replace(",", ".") if isinstance(value, int) else value
