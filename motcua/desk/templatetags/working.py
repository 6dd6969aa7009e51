"""The strip of working pages above each of them, as far as the person's duties reach."""

import secrets
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from motcua.desk.frame import STATEMENT_DUTIES, standing
from motcua.dossiers.routine import SCAN_DUTIES
from motcua.dossiers.states import LEADER_DUTIES, VIEW_DUTIES
from motcua.org.models import Duty

register = template.Library()


@dataclass(frozen=True)
class Tab:
    """One working page: title, address, who sees it, and the key after ``g``."""

    name: str
    title: str
    duties: frozenset[Duty]
    key: str


TABS = (
    Tab("work", "Việc của tôi", VIEW_DUTIES, ""),
    Tab("scan", "Quét mã", frozenset(SCAN_DUTIES), "q"),
    Tab("signing", "Đang chờ ký", LEADER_DUTIES, "s"),
    Tab("day_closing", "Chốt ngày", VIEW_DUTIES, "d"),
    Tab("office", "Cả cơ quan", VIEW_DUTIES, "a"),
    Tab("weekly", "Giao ban tuần", STATEMENT_DUTIES, "w"),
)


@register.inclusion_tag("desk/part/work_tabs.html", takes_context=True)
def work_tabs(context: dict[str, Any], here: str) -> dict[str, Any]:
    """The strip; ``here`` is the page one is on."""
    return {"tabs": _seen(context, here)}


@register.simple_tag(takes_context=True)
def work_pages(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The working pages with a key of their own that the person may see, for the list of keys on every page."""
    return [tab for tab in _seen(context, "") if tab["key"]]


def _seen(context: dict[str, Any], here: str) -> list[dict[str, Any]]:
    held = standing(context["request"]).held
    return [
        {"title": tab.title, "url": reverse(tab.name), "key": tab.key, "here": tab.name == here}
        for tab in TABS
        if tab.duties & held
    ]


@register.simple_tag
def new_key() -> str:
    """A key of its own for each small form of a page, so that sending one twice does nothing twice."""
    return secrets.token_urlsafe(16)
