"""Phiếu bổ sung from ticked parts: for each paper of the procedure a tick, a stock reason and room for a word more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from motcua.desk.forms import LineField
from motcua.dossiers.models import Dossier
from motcua.procedures.models import Part

# A list longer than this is not ticked on a page; it is written.
MOST_PARTS = 80
DEFAULT_REASON = "Hồ sơ chưa đầy đủ, chưa hợp lệ theo thành phần hồ sơ của thủ tục."


@dataclass(frozen=True)
class Row:
    """One paper of the procedure on the page."""

    part: Part
    tick: BoundField
    why: BoundField
    more: BoundField
    taken: bool


def names(parts: Iterable[Part]) -> set[str]:
    """The names of the fields laid out in the table, not one below the other. Pure."""
    return {f"{kind}_{part.pk}" for part in parts for kind in ("giay", "ly_do", "them")}


def add_fields(form: forms.Form, parts: Sequence[Part], reasons: Sequence[str]) -> None:
    """Add the fields of each part to a form."""
    choices = [("", "Chọn lý do"), *((text, text[:1].upper() + text[1:]) for text in reasons)]
    for part in parts:
        form.fields[f"giay_{part.pk}"] = forms.BooleanField(label=part.name, required=False)
        form.fields[f"ly_do_{part.pk}"] = forms.ChoiceField(
            label=f"Lý do: {part.name}", choices=choices, required=False
        )
        form.fields[f"them_{part.pk}"] = LineField(label=f"Nói rõ thêm: {part.name}", max_length=300, required=False)


def rows(form: forms.Form, parts: Sequence[Part], dossier: Dossier) -> list[Row]:
    """The table of the page. One statement: which papers are there already."""
    taken = set(dossier.components.values_list("part_id", flat=True)) if parts else set()
    return [Row(p, form[f"giay_{p.pk}"], form[f"ly_do_{p.pk}"], form[f"them_{p.pk}"], p.pk in taken) for p in parts]


def items_of(given: dict[str, Any], parts: Sequence[Part]) -> list[str]:
    """What is asked for, a line a paper: its name, and why. A reason without a tick counts as ticked. Pure."""
    found = []
    for part in parts:
        why, more = given.get(f"ly_do_{part.pk}", ""), given.get(f"them_{part.pk}", "")
        if given.get(f"giay_{part.pk}") or why or more:
            said = "; ".join(text for text in (why, more) if text)
            name = " ".join(part.name.split())
            found.append(f"{name}: {said}" if said else name)
    return found
