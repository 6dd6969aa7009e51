"""The counter's own words."""

from django import template

from motcua.dossiers import charging
from motcua.dossiers.counter_models import MoneyEntry

register = template.Library()


@register.filter
def receipt_number(entry: MoneyEntry) -> str:
    """A receipt's number as it is written: 00012/2025."""
    return charging.receipt_number(entry)
