"""Niêm yết and lĩnh vực as figures: what units use, in how many fields, and what of it hangs, in which version."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from motcua.indicators.sources import Ask, Found
from motcua.org.models import Unit
from motcua.org.queries import COMMUNE_KINDS, alive_on, among
from motcua.procedures.models import Adoption, Posting, ProcedureVersion

FIGURES = {
    "fields": "Số lĩnh vực có TTHC đang áp dụng",
    "fields_commune": "Trong đó: ở cấp xã",
    "fields_above": "Trong đó: ở cơ quan, phòng, cấp trên xã",
    "used": "Số TTHC đơn vị đang áp dụng",
    "posted": "Trong đó: đang niêm yết bản hiện hành",
    "old": "Trong đó: chỉ niêm yết bản cũ",
    "missing": "Trong đó: chưa niêm yết",
}


def compute(ask: Ask) -> Mapping[int, Mapping[str, Found]]:
    """As they stood on the window's last day. Four statements. A unit that uses no procedure is left out."""
    units = [unit for unit in ask.units if ask.scope.contains(unit)]
    if not units:
        return {}
    rows = list(
        Adoption.objects.filter(alive_on(ask.last), among("unit", units)).values_list("unit", "procedure", "version")
    )
    if not rows:
        return {}
    current, fields = _in_force(ask.last)
    hanging: dict[tuple[int, int], set[int]] = {}
    if set(ask.figures) & {"posted", "old", "missing"}:
        postings = Posting.objects.filter(
            Q(taken_down_on__isnull=True) | Q(taken_down_on__gt=ask.last), among("unit", units), posted_on__lte=ask.last
        )
        for unit, procedure, version in postings.values_list("unit", "procedure", "version"):
            hanging.setdefault((unit, procedure), set()).add(version)
    counts: dict[int, dict[str, int]] = {}
    names: dict[int, set[str]] = {}
    for unit, procedure, pinned in rows:
        version = pinned or current.get(procedure, 0)
        if version not in fields:
            continue  # abolished, or none in force yet
        mine = counts.setdefault(unit, {"used": 0, "posted": 0, "old": 0, "missing": 0})
        mine["used"] += 1
        names.setdefault(unit, set()).add(fields[version])
        there = hanging.get((unit, procedure), set())
        mine["posted" if version in there else "old" if there else "missing"] += 1
    known = {pk: (code, kind) for pk, code, kind in
             Unit.objects.filter(among("pk", counts)).values_list("pk", "code", "kind")}  # fmt: skip
    place = reverse("postings")
    answer: dict[int, dict[str, Found]] = {}
    for unit, mine in counts.items():
        code, kind = known[unit]
        link = f"{place}?{urlencode({'don_vi': code})}"
        answer[unit] = {key: Found(Decimal(mine[key]), link=link) for key in ask.figures if key in mine}
        for key in {"fields", "fields_commune" if kind in COMMUNE_KINDS else "fields_above"} & set(ask.figures):
            # Counted once however many units beneath use it.
            answer[unit][key] = Found(Decimal(len(names[unit])), keys=frozenset(names[unit]), link=link)
    return answer


def _in_force(day: dt.date) -> tuple[dict[int, int], dict[int, str]]:
    """Each procedure's newest version begun by a day, and the field of every version usable then. One statement."""
    current: dict[int, int] = {}
    fields: dict[int, str] = {}
    rows = ProcedureVersion.objects.filter(sealed=True).order_by("procedure", "valid_from", "number")
    wanted = ("pk", "procedure", "valid_from", "valid_to", "abolished", "field")
    for pk, procedure, begins, ends, abolished, field in rows.values_list(*wanted):
        if not abolished and (ends is None or ends >= day):
            fields[pk] = field
        if begins <= day:
            current[procedure] = pk
    return current, fields
