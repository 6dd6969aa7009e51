"""The record of access changes in words."""

import datetime as dt

from django import template

from motcua.desk.people import WORDS
from motcua.desk.templatetags.vn import day
from motcua.org.models import AccessChange, Duty

register = template.Library()
_FIELDS = {
    "full_name": "họ tên",
    "title": "chức danh",
    "email": "thư điện tử",
    "phone": "số điện thoại",
    "home": "đơn vị",
}
_DUTIES = dict(Duty.choices)


@register.simple_tag
def change_word(change: AccessChange) -> str:
    """What was done: «Giao nhiệm vụ»."""
    return WORDS.get(change.what, change.what)


@register.simple_tag
def change_detail(change: AccessChange, before: str = "") -> str:
    """What else is to be told: the duty, the days, the fields, the reason. Empty where there is nothing."""
    detail = change.detail
    parts = [
        str(_DUTIES.get(detail.get("duty", ""), "")),
        ", ".join(_FIELDS.get(name, name) for name in detail.get("fields", "").split(", ") if name),
        _dated("từ", detail.get("valid_from")),
        _dated("đến hết", detail.get("valid_to") or detail.get("last_day")),
        f"thủ tục {detail['procedures']}" if detail.get("procedures") else "",
        "một người làm mọi việc" if detail.get("mode") == "one_person" else "",
        f"lý do: {detail['reason']}" if detail.get("reason") else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{before}{told}" if told else ""


def _dated(word: str, iso: str | None) -> str:
    return f"{word} {day(dt.date.fromisoformat(iso))}" if iso else ""
