"""Niêm yết: what hangs where, since when, with a photo; and what is in force but hangs nowhere, or in an old version.

Legal source: the duty to post procedures where they are received, NĐ 63/2010/NĐ-CP (as amended). How a unit proves it
is its own matter, so place, day and photo are all that is kept.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.db.models import Q, QuerySet

from motcua.core import clock, text
from motcua.core.errors import Conflict, Invalid, NotFound
from motcua.core.verbs import verb
from motcua.org import queries as org
from motcua.org.models import Unit, User
from motcua.org.queries import Scope
from motcua.papers import files
from motcua.papers.models import Blob
from motcua.procedures import queries
from motcua.procedures.adopting import require_keeper
from motcua.procedures.models import Posting, Procedure
from motcua.procedures.queries import Adopted

# What shows a board; a Word file does not.
_PHOTOS = ("image/jpeg", "image/png", "image/tiff", "application/pdf")


@verb
def post(
    *,
    unit: Unit,
    procedures: Sequence[str],
    place: str,
    posted_on: dt.date,
    photo: Iterable[bytes] | None = None,
    actor: User | None = None,
) -> list[Posting]:
    """Record that procedures (by code), each in the version the unit uses that day, hang at a place since a day.

    One photo serves all. What hung there in an older version is taken down by it. Refused where the unit does not use
    one of them, where it hangs there already, for a day to come, or for a file that is no photo or scan.
    """
    require_keeper(actor, unit, clock.today())
    where = text.clean(place)
    if not where or len(where) > 200:
        raise Invalid("Ghi nơi niêm yết (nhiều nhất 200 ký tự).", field="place")
    if posted_on > clock.today():
        raise Invalid("Chưa đến ngày này nên chưa niêm yết được.", field="posted_on")
    codes = list(dict.fromkeys(procedures))
    if not codes:
        raise Invalid("Chưa chọn thủ tục nào.", field="procedures")
    locked = list(Procedure.objects.select_for_update().filter(code__in=codes).order_by("pk"))
    used = {a.code: a for a in queries.adopted(org.SYSTEM, unit, posted_on)}
    if missing := [code for code in codes if code not in used]:
        raise Invalid(
            f"{unit.name} không áp dụng vào ngày {posted_on:%d/%m/%Y}: {', '.join(missing[:5])}.", field="procedures"
        )
    hanging = [
        row for row in _hanging(unit, posted_on).filter(procedure__in=locked).select_related("procedure")
        if row.place == where
    ]  # fmt: skip
    if same := [row for row in hanging if row.version_id == used[row.procedure.code].version.pk]:
        raise Conflict(
            f"{same[0].procedure.code} đã niêm yết ở «{where}» từ {same[0].posted_on:%d/%m/%Y}.", code="already_posted"
        )
    if late := [row for row in hanging if row.posted_on > posted_on]:
        raise Invalid(
            f"Ở đó đã niêm yết {late[0].procedure.code} ngày {late[0].posted_on:%d/%m/%Y}, sau ngày này.",
            field="posted_on",
        )
    blob = _kept(photo) if photo is not None else None
    Posting.objects.filter(pk__in=[row.pk for row in hanging]).update(taken_down_on=posted_on)
    return Posting.objects.bulk_create(
        [
            Posting(
                unit=unit,
                procedure=used[code].version.procedure,
                version=used[code].version,
                place=where,
                posted_on=posted_on,
                photo=blob,
                created_at=clock.now(),
                created_by=actor,
            )
            for code in codes
        ]
    )


def _kept(photo: Iterable[bytes]) -> Blob:
    """The photo as stored. It is evidence and never released: one reference serves every record it belongs to."""
    blob = files.store(photo)
    if blob.media_type not in _PHOTOS:
        raise Invalid("Ảnh niêm yết phải là ảnh (JPG, PNG, TIF) hoặc bản quét PDF.", field="photo")
    return blob


@verb
def take_down(*, posting: int, day: dt.date, actor: User | None = None) -> Posting:
    """Record that it hangs there no longer from a day on; once, and not for a day to come."""
    row = Posting.objects.select_for_update(of=("self",)).select_related("unit", "procedure").filter(pk=posting).first()
    if row is None:
        raise NotFound("Không có bản ghi niêm yết này.")
    require_keeper(actor, row.unit, clock.today())
    if row.taken_down_on is not None:
        raise Conflict(f"Đã gỡ ngày {row.taken_down_on:%d/%m/%Y}.", code="already_taken_down")
    if not row.posted_on <= day <= clock.today():
        raise Invalid(f"Ngày gỡ phải từ {row.posted_on:%d/%m/%Y} đến hôm nay.", field="day")
    row.taken_down_on = day
    row.save(update_fields=["taken_down_on"])
    return row


# ---- asked ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Posted:
    """A procedure a unit uses, and where it hangs: in the version used, or in an older one."""

    adopted: Adopted
    current: list[Posting] = field(default_factory=list)
    old: list[Posting] = field(default_factory=list)

    @property
    def state(self) -> str:
        """``posted``, ``old`` (only an older version hangs) or ``missing``."""
        return "posted" if self.current else "old" if self.old else "missing"


def posted(scope: Scope, unit: Unit, day: dt.date) -> list[Posted]:
    """Every procedure a unit uses on a day, with what hangs of it. Three statements."""
    found = {a.adoption.procedure_id: Posted(a) for a in queries.adopted(scope, unit, day)}
    for row in _hanging(unit, day).select_related("photo", "created_by", "version").order_by("place", "pk"):
        each = found.get(row.procedure_id)
        if each is not None:
            (each.current if row.version_id == each.adopted.version.pk else each.old).append(row)
    return list(found.values())


def places(unit: Unit) -> list[str]:
    """Where a unit has posted before, to choose again; newest first. One statement."""
    rows = Posting.objects.filter(unit=unit).order_by("-pk").values_list("place", flat=True)[:500]
    return list(dict.fromkeys(rows))[:20]


def open_photo(scope: Scope, posting: int) -> tuple[Posting, BinaryIO]:
    """A photo and its content; NotFound outside the scope or where there is none. One statement."""
    row = scope.filter(Posting.objects.filter(pk=posting, photo__isnull=False)).select_related("photo").first()
    if row is None or row.photo is None:
        raise NotFound("Không có ảnh này, hoặc ảnh của đơn vị khác.")
    return row, files.read(row.photo)


def _hanging(unit: Unit, day: dt.date) -> QuerySet[Posting]:
    return Posting.objects.filter(
        Q(taken_down_on__isnull=True) | Q(taken_down_on__gt=day), unit=unit, posted_on__lte=day
    )
