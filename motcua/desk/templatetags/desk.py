"""The desk's components for templates; docs/desk.md shows each with a snippet."""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.forms import BaseForm
from django.templatetags.static import static

from motcua.desk.listing import Listing, address

register = template.Library()


@functools.cache
def _fingerprint(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"no static file {path}")
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]


@register.simple_tag
def asset(path: str) -> str:
    """Address of a static file with its content's hash, so that browsers may keep it for ever."""
    if settings.DEBUG:
        _fingerprint.cache_clear()
    return f"{static(path)}?{_fingerprint(path)}"


# ---- states ---------------------------------------------------------------------------------------------------------

# state -> (shape in part/badge.html, colour class, usual word). Word, shape and colour each tell it alone.
STATES = {
    "in_time": ("dot", "good", "Trong hạn"),
    "due_soon": ("half", "soon", "Sắp đến hạn"),
    "overdue": ("triangle", "bad", "Quá hạn"),
    "waiting": ("bars", "wait", "Chờ"),
    "done": ("check", "plain", "Đã có kết quả"),
    "open": ("dot", "good", "Đang hoạt động"),
    "blocked": ("bars", "wait", "Đang khóa"),
    "ended": ("ring", "plain", "Đã kết thúc"),
    "future": ("ring", "wait", "Chưa đến ngày"),
}


@register.inclusion_tag("desk/part/badge.html")
def badge(state: str, word: str = "") -> dict[str, str]:
    """A state as word + shape + colour. Unknown states are a mistake of the page, not shown as something else."""
    shape, colour, usual = STATES[state]
    return {"shape": shape, "colour": colour, "word": word or usual}


# ---- forms ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("desk/part/errors.html")
def error_summary(*forms: BaseForm | None) -> dict[str, Any]:
    """What is wrong in the form(s), on top, with focus, each error a link to its field."""
    lines: list[tuple[str, str, str]] = []
    for form in forms:
        if form is None or not form.is_bound:
            continue
        for name, errors in form.errors.items():
            if name == "__all__" or name not in form.fields:
                lines += [("", "", str(error)) for error in errors]
                continue
            field = form[name]
            lines += [(field.id_for_label or field.auto_id, str(field.label), str(error)) for error in errors]
    return {"lines": lines}


# ---- lists ----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("desk/part/table_head.html")
def table_head(listing: Listing[Any]) -> dict[str, Any]:
    """The ``<thead>`` of a listing: sortable headings are links, the sorted one says how."""
    return {"headings": listing.headings}


@register.inclusion_tag("desk/part/paging.html")
def paging(listing: Listing[Any], noun: str) -> dict[str, Any]:
    """How many there are and the way to the other pages: «1–50 trong 22.318 hồ sơ»."""
    return {"listing": listing, "page": listing.page, "noun": noun}


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present address with some query values changed (empty takes one out)."""
    return address(context["request"].GET, **changes)


# ---- timeline and facts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One thing that happened: when, what (in words), who, and what was said. ``kind`` picks the mark on the line."""

    at: dt.datetime | dt.date
    what: str
    who: str = ""
    note: str = ""
    kind: str = ""  # "", "wait", "bad", "done", "void"
    facts: Sequence[tuple[str, str]] = ()


@register.inclusion_tag("desk/part/timeline.html")
def timeline(entries: Iterable[Entry]) -> dict[str, Any]:
    """A timeline, as given (newest first is usual)."""
    return {"entries": entries}
