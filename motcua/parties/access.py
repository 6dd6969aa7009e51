"""Who has read whose data: written at each reading, never changed, sealed day by day.

One function for everybody who shows a person's dossier (pages, prints, downloads, exports, the API): :func:`viewed`.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Max, Min

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import clean
from motcua.core.triggers import missing_triggers
from motcua.org.models import Unit, User
from motcua.parties.models import APPEND_ONLY_TABLES, AccessSeal, AccessView, What

LONGEST_REASON = 300
SHORTEST_REASON = 5
# A day is sealed when it is over and whoever was writing at midnight has long ended.
_SETTLED = dt.timedelta(hours=1)
_FIRST = "0" * 64


def viewed(
    *,
    user: User,
    what: What | str,
    duty: str = "",
    unit: Unit | int | None = None,
    party: int | None = None,
    dossier: int | None = None,
    code: str = "",
    about_unit: int | None = None,
    reason: str = "",
) -> None:
    """Write down that ``user``, in ``duty`` at ``unit``, has read this person's data. One statement.

    ``dossier`` and ``code``: which dossier it was; ``about_unit``: its competent unit, whose inspectors may read this.
    """
    AccessView.objects.create(**_row(user, what, duty, unit, party, dossier, code, about_unit, reason))


def viewed_many(
    *,
    user: User,
    what: What | str,
    dossiers: Iterable[tuple[int, str, int | None, int | None]],
    duty: str = "",
    unit: Unit | int | None = None,
    reason: str = "",
) -> None:
    """The same for a list that leaves the house (an export, a batch print): (dossier, code, party, about_unit) each.
    One statement for each 500."""
    rows = [
        AccessView(**_row(user, what, duty, unit, party, dossier, code, about, reason))
        for dossier, code, party, about in dossiers
    ]
    AccessView.objects.bulk_create(rows, batch_size=500)


def _row(
    user: User,
    what: What | str,
    duty: str,
    unit: Unit | int | None,
    party: int | None,
    dossier: int | None,
    code: str,
    about_unit: int | None,
    reason: str,
) -> dict[str, object]:
    return {
        "at": clock.now(),
        "user": user,
        "duty": duty,
        "unit_id": unit.pk if isinstance(unit, Unit) else unit,
        "about_unit_id": about_unit,
        "what": what,
        "party_id": party,
        "dossier": dossier,
        "code": code[:80],
        "reason": reason[:LONGEST_REASON],
    }


def reason_text(text: str) -> str:
    """The reason as it is kept; Invalid when there is none to speak of. Pure."""
    text = clean(text)
    if len(text) < SHORTEST_REASON:
        raise Invalid("Hãy ghi lý do xem: vụ việc, văn bản hoặc kế hoạch nào.", field="reason")
    if len(text) > LONGEST_REASON:
        raise Invalid(f"Lý do dài quá {LONGEST_REASON} ký tự.", field="reason", code="too_long")
    return text


def reason_of(user: User, *, party: int | None = None, dossier: int | None = None, listed: str = "") -> str:
    """The reason this person gave today for reading this dossier (or this party's page, or the list called so); ""
    where none. One statement. A reason holds for the day."""
    rows = AccessView.objects.filter(user=user, at__gte=clock.local_moment(clock.today())).exclude(reason="")
    if listed:
        rows = rows.filter(dossier__isnull=True, party__isnull=True, code=listed)
    else:
        rows = rows.filter(dossier=dossier) if dossier is not None else rows.filter(party=party, dossier__isnull=True)
    return rows.order_by("-pk").values_list("reason", flat=True).first() or ""


# ---- sealing ---------------------------------------------------------------------------------------------------------


def _span(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return clock.local_moment(day), clock.local_moment(day + dt.timedelta(days=1))


def _digest(day: dt.date, before: str) -> tuple[int, str]:
    """How many readings a day has, and their hash over the seal before. One statement."""
    start, end = _span(day)
    rows = AccessView.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    hashed, count = hashlib.sha256(before.encode()), 0
    for row in rows.values_list(
        "pk", "at", "user_id", "duty", "unit_id", "about_unit_id", "what", "party_id", "dossier", "code", "reason"
    ).iterator(chunk_size=5000):
        pk, at, *rest = row
        text = json.dumps([pk, at.astimezone(dt.UTC).isoformat(), *rest], ensure_ascii=True, separators=(",", ":"))
        hashed.update(text.encode())
        count += 1
    return count, hashed.hexdigest()


def seal(now: dt.datetime) -> str:
    """Seal every day that is over and has readings. Run by ``tick``; what it did, in words."""
    bounds = AccessView.objects.aggregate(first=Min("at"))
    if bounds["first"] is None:
        return ""
    last = AccessSeal.objects.order_by("-day").first()
    day = last.day + dt.timedelta(days=1) if last else clock.local_date(bounds["first"])
    digest, sealed = last.digest if last else _FIRST, 0
    until = clock.local_date(now - _SETTLED)
    while day < until:
        with transaction.atomic():
            views, digest = _digest(day, digest)
            AccessSeal.objects.create(day=day, views=views, digest=digest, sealed_at=now)
        sealed += 1
        day += dt.timedelta(days=1)
    return f"niêm nhật ký truy cập {sealed} ngày" if sealed else ""


def check() -> Iterator[str]:
    """What is wrong with the record of readings: guards gone, sealed days that say something else now, days left out.
    One statement for each sealed day."""
    from django.db import connection

    for name in missing_triggers(connection, APPEND_ONLY_TABLES):
        yield f"thiếu hoặc đã tắt bẫy {name}"
    before, expected = _FIRST, None
    for kept in AccessSeal.objects.order_by("day"):
        if expected is not None and kept.day != expected:
            yield f"nhật ký truy cập thiếu niêm từ {expected:%d/%m/%Y} đến trước {kept.day:%d/%m/%Y}"
        views, digest = _digest(kept.day, before)
        if views != kept.views:
            yield f"nhật ký truy cập ngày {kept.day:%d/%m/%Y} niêm {kept.views} lượt, nay còn {views}"
        elif digest != kept.digest:
            yield f"nhật ký truy cập ngày {kept.day:%d/%m/%Y} đã bị sửa sau khi niêm"
        before, expected = kept.digest, kept.day + dt.timedelta(days=1)
    first = AccessSeal.objects.aggregate(first=Min("day"), last=Max("day"))["first"]
    if first is not None and AccessView.objects.filter(at__lt=_span(first)[0]).exists():
        yield f"có lượt xem ghi trước ngày niêm đầu tiên {first:%d/%m/%Y}"
