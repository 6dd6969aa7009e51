"""What the catalogue says, kept ready: a sealed version never changes."""

import functools
from typing import Any

from motcua.procedures import queries as procedures
from motcua.procedures.models import FeeLine, ProcedureVersion, TermLine


@functools.lru_cache(maxsize=256)
def contents(version_id: int) -> dict[str, Any]:
    """Cases, terms, papers and fees of a sealed version. Five statements the first time, then none."""
    version = ProcedureVersion.objects.get(pk=version_id, sealed=True)
    return {
        "cases": [{"id": case.pk, "name": case.name} for case in procedures.cases(version)],
        "terms": [_term(line) for line in version.terms.order_by("position")],
        "papers": [
            {
                "id": part.pk,
                "name": part.name,
                "case": part.case_id,
                "copies": part.copies,
                "kind": part.kind,
                "role": part.role,
                "required": part.required,
                "condition": part.condition,
            }
            for part in version.parts.filter(role__in=["document", "shown"]).order_by("position")
        ],
        "fees": [_fee(line) for line in version.fees.order_by("position")],
    }


def _term(line: TermLine) -> dict[str, Any]:
    return {
        "case": line.case_id,
        "channel": line.channel,
        "state": line.state,
        "value": float(line.value) if line.value is not None else None,
        "unit": line.unit,
        "promised_value": float(line.promised_value) if line.promised_value is not None else None,
        "promised_unit": line.promised_unit,
        "confirmed": line.confirmed,
    }


def _fee(line: FeeLine) -> dict[str, Any]:
    return {
        "case": line.case_id,
        "channel": line.channel,
        "exempt_group": line.exempt_group,
        "state": line.state,
        "amount": line.amount,
        "per": line.per,
        "from_quantity": line.from_quantity,
        "confirmed": line.confirmed,
    }
