"""Personal data in templates: numbers masked in lists."""

from typing import Any

from django import template

from motcua.parties import rules

register = template.Library()


@register.filter
def masked(value: str | None) -> str:
    """An identity or phone number as lists show it: 0********123."""
    return rules.mask(value or "")


@register.filter
def item(values: dict[Any, Any], key: Any) -> Any:
    """The value of a key."""
    return values.get(key, "")
