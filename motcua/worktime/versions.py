"""How a version of a calendar is written down and read back: rows, content, digest, id.

Works with the models of today and with those a migration sees (``apps`` is either registry), so that a migrated
database and one changed by verbs hold the same rows under the same ids.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from motcua.core.errors import Invalid
from motcua.worktime.calendar import WEEKDAYS, DayKind, Hours, Layer, SpecialDay

_NOON = dt.time(12)


def layer_of(hours: Iterable[Any], days: Iterable[Any]) -> Layer:
    """The rows of one version (OfficeHours, CalendarDay) as the compiler reads them. Does not query by itself."""
    return Layer(
        hours=tuple(Hours(h.weekday, _spans(h), h.valid_from, h.valid_to, h.counts_as_day) for h in hours),
        days=tuple(SpecialDay(d.day, DayKind(d.kind), d.name, d.legal_basis, d.confirmed, d.hours_as) for d in days),
    )


def _spans(row: Any) -> tuple[tuple[dt.time, dt.time], ...]:
    pairs = ((row.morning_from, row.morning_to), (row.afternoon_from, row.afternoon_to))
    return tuple((a, b) for a, b in pairs if a is not None and b is not None)


def digest(
    *,
    calendar_code: str,
    number: int,
    base_digest: str,
    effective_from: dt.date,
    first_day: dt.date,
    last_day: dt.date,
    layer: Layer,
) -> str:
    """SHA-256 of everything a version says, in one spelling."""
    content = {
        "calendar": calendar_code,
        "number": number,
        "base": base_digest,
        "from": effective_from.isoformat(),
        "first": first_day.isoformat(),
        "last": last_day.isoformat(),
        "hours": sorted(
            [
                h.weekday,
                h.valid_from.isoformat(),
                h.valid_to.isoformat() if h.valid_to else "",
                [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in h.spans],
                h.counts_as_day,
            ]
            for h in layer.hours
        ),
        "days": sorted(
            [
                d.day.isoformat(),
                d.kind.value,
                "" if d.hours_as is None else str(d.hours_as),
                d.name,
                d.legal_basis,
                d.confirmed,
            ]
            for d in layer.days
        ),
    }
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def version_id(content_digest: str) -> int:
    """A version's id: the first 52 bits of its digest, exact in JSON too. One id means one content, anywhere."""
    return int(content_digest[:13], 16)


def write(
    apps: Any,
    *,
    calendar: Any,
    number: int,
    base_version: Any | None,
    effective_from: dt.date,
    first_day: dt.date,
    last_day: dt.date,
    layer: Layer,
    reason: str,
    created_at: dt.datetime,
    created_by_id: int | None = None,
) -> Any:
    """Insert a version with its rows: three statements. The caller has compiled the layers, in a transaction."""
    seal = digest(
        calendar_code=calendar.code,
        number=number,
        base_digest=base_version.digest if base_version else "",
        effective_from=effective_from,
        first_day=first_day,
        last_day=last_day,
        layer=layer,
    )
    version = apps.get_model("worktime", "CalendarVersion")(
        id=version_id(seal),
        calendar=calendar,
        number=number,
        base_version=base_version,
        effective_from=effective_from,
        first_day=first_day,
        last_day=last_day,
        digest=seal,
        reason=reason,
        created_at=created_at,
        created_by_id=created_by_id,
    )
    version.save(force_insert=True)
    hours_model, day_model = apps.get_model("worktime", "OfficeHours"), apps.get_model("worktime", "CalendarDay")
    hours_model.objects.bulk_create([_hours_row(hours_model, version, h) for h in layer.hours])
    day_model.objects.bulk_create(
        [
            day_model(
                version=version,
                day=d.day,
                kind=d.kind.value,
                name=d.name,
                hours_as=d.hours_as,
                legal_basis=d.legal_basis,
                confirmed=d.confirmed,
            )
            for d in layer.days
        ]
    )
    return version


def _hours_row(model: Any, version: Any, hours: Hours) -> Any:
    morning, afternoon = two_spans(hours)
    return model(
        version=version,
        weekday=hours.weekday,
        valid_from=hours.valid_from,
        valid_to=hours.valid_to,
        morning_from=morning and morning[0],
        morning_to=morning and morning[1],
        afternoon_from=afternoon and afternoon[0],
        afternoon_to=afternoon and afternoon[1],
        counts_as_day=hours.counts_as_day,
    )


def two_spans(hours: Hours) -> tuple[tuple[dt.time, dt.time] | None, tuple[dt.time, dt.time] | None]:
    """Morning and afternoon of a row; one span alone is the half of the day it begins in. More than two: Invalid."""
    if len(hours.spans) > 2:
        raise Invalid(f"Giờ làm việc {WEEKDAYS[hours.weekday]}: nhiều nhất hai khoảng, sáng và chiều.", field="spans")
    if len(hours.spans) == 2:
        return hours.spans[0], hours.spans[1]
    if not hours.spans:
        return None, None
    return (hours.spans[0], None) if hours.spans[0][0] < _NOON else (None, hours.spans[0])
