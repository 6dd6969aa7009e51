"""What a dossier's page shows of its papers."""

from typing import Any

from django import template

from motcua.dossiers import printing
from motcua.dossiers.sheets import Sheet

register = template.Library()


@register.inclusion_tag("desk/part/prints.html")
def prints(sheet: Sheet) -> dict[str, Any]:
    """The papers of this dossier, one click each. No query."""
    offers = printing.offered(sheet)
    return {"offers": offers, "dossier": sheet.dossier}
