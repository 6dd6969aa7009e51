"""What a new unit needs: a code nobody has, a kind that fits its superior, its places; and what lets a unit end."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from motcua.core.errors import Conflict, IllegalAct, Invalid
from motcua.org import queries, tree
from motcua.org.actions.authority import typed
from motcua.org.models import Succession, Unit, UnitKind, UnitPlace
from motcua.org.queries import COMMUNE_KINDS, PROVINCE_KINDS
from motcua.org.tree import ONE_DAY

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,34}")
_SHORT = re.compile(r"[A-Z][A-Z0-9._-]{1,19}")
BODY = 3


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that does not exist yet, as the decision names it."""

    code: str
    name: str
    kind: UnitKind | str
    short_code: str = ""
    agency_code: str = ""
    accountable: bool = True


def places_from(parent: Unit | None, day: dt.date) -> list[UnitPlace]:
    """Where a superior stands from ``day`` on; refused where it is not alive then. One statement."""
    if parent is None:
        return []
    places = list(
        UnitPlace.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), unit=parent).order_by("valid_from")
    )
    if not places or places[0].valid_from > day or places[-1].valid_to is not None:
        raise IllegalAct(
            f"{parent.name} chỉ tồn tại {queries.span(parent)}, không nhận được từ ngày {day:%d/%m/%Y}.",
            code="receiver_not_alive",
            field="into",
        )
    return places


def found(
    new: NewUnit, valid_from: dt.date, valid_to: dt.date | None, parent: Unit | None, above: Sequence[UnitPlace]
) -> Unit:
    """Create a unit with its places beneath ``above`` (the superior's places in its days). Up to four statements."""
    code = typed(Unit, "code", new.code, required=True)
    if not _CODE.fullmatch(code):
        raise Invalid(f"Mã «{code}» chỉ gồm chữ không dấu, chữ số và . _ / -", code="code", field="code")
    unit = Unit(
        code=code,
        short_code=checked_short_code(new.short_code),
        name=typed(Unit, "name", new.name, required=True),
        kind=known_kind(new.kind),
        agency_code=typed(Unit, "agency_code", new.agency_code),
        accountable=new.accountable,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    check_level(parent.kind if parent else None, known_kind(unit.kind))
    refuse_taken("code", unit.code, valid_from, valid_to, None)
    refuse_taken("short_code", unit.short_code, valid_from, valid_to, None)
    unit.save()
    if parent is None:
        tree.settle(unit, "", None)
        return unit
    UnitPlace.objects.bulk_create(
        [
            UnitPlace(
                unit=unit,
                parent=parent,
                path=tree.path_under(place.path, unit),
                valid_from=max(valid_from, place.valid_from),
                valid_to=min((d for d in (valid_to, place.valid_to) if d is not None), default=None),
            )
            for place in above
        ]
    )
    return unit


def refuse_taken(name: str, value: str, valid_from: dt.date, valid_to: dt.date | None, own: int | None) -> None:
    """Refuse (:class:`Conflict`) a code that another unit carries on some of the days. One statement."""
    if not value:
        return
    others = Unit.objects.filter(**{name: value}).exclude(pk=own or 0).exclude(valid_to__lt=valid_from)
    if valid_to is not None:
        others = others.filter(valid_from__lte=valid_to)
    other = others.first()
    if other is not None:
        raise Conflict(f"Mã «{value}» đang là của {other.name} ({queries.span(other)}).", code="code_taken", field=name)


def checked_short_code(value: str) -> str:
    """The short code in capitals, or ``""``; :class:`Invalid` where it cannot be typed as one word."""
    code = typed(Unit, "short_code", value).upper()
    if code and not _SHORT.fullmatch(code):
        raise Invalid(
            f"Mã ngắn «{code}» gồm 2–20 chữ cái không dấu, chữ số, bắt đầu bằng chữ cái.",
            code="short_code",
            field="short_code",
        )
    return code


def known_kind(value: UnitKind | str) -> UnitKind:
    """The kind of that name, or :class:`Invalid`."""
    try:
        return UnitKind(value)
    except ValueError as error:
        raise Invalid(f"Không có loại đơn vị «{value}».", code="kind", field="kind") from error


def rank(kind: str) -> int:
    """How deep a kind stands: province 0, district 1, commune 2, bodies beneath any of them 3."""
    if kind in PROVINCE_KINDS:
        return 0
    if kind == UnitKind.DISTRICT:
        return 1
    return 2 if kind in COMMUNE_KINDS else BODY


def check_level(above: str | None, kind: UnitKind) -> None:
    """A piece of the country stands beneath a larger one; a body beneath anything."""
    if rank(kind) == BODY or above is None:
        return
    if rank(above) >= rank(kind):
        raise Invalid(f"{kind.label} không thể trực thuộc {UnitKind(above).label}.", code="level", field="parent")


def ending(units: Sequence[Unit], day: dt.date) -> list[Unit]:
    """The units, locked, all of which can end before ``day``; else a refusal that says why. Three statements."""
    eve = day - ONE_DAY
    rows = Unit.objects.select_for_update().filter(pk__in=[unit.pk for unit in units]).order_by("pk")
    locked = {unit.pk: unit for unit in rows}
    olds = [locked[unit.pk] for unit in units]
    for old in olds:
        if old.valid_to is not None:
            raise IllegalAct(
                f"{old.name} đã (được định) kết thúc hết ngày {old.valid_to:%d/%m/%Y}.",
                code="already_ended",
                field="day",
            )
        if old.valid_from > eve:
            raise IllegalAct(
                f"{old.name} bắt đầu từ {old.valid_from:%d/%m/%Y}: phải tồn tại ít nhất một ngày trước khi kết thúc.",
                code="too_early",
                field="day",
            )
    refuse_if_spoken_for(olds, day)
    later = Q()
    for old in olds:
        later |= Q(path__contains=f"/{old.pk}/")
    arranged = UnitPlace.objects.filter(later, valid_from__gte=day).select_related("unit").first()
    if arranged is not None:
        raise IllegalAct(
            f"{arranged.unit.name} đã được sắp xếp từ ngày {arranged.valid_from:%d/%m/%Y}. Hãy chọn ngày sau đó.",
            code="arranged_later",
            field="day",
        )
    return olds


def refuse_if_spoken_for(olds: Sequence[Unit], day: dt.date) -> None:
    """Refuse the end of units whose work already goes elsewhere, or which receive work from then on. One statement.

    A unit that takes over on a day must live on that day, or what it took would stand nowhere.
    """
    links = Succession.objects.filter(Q(old__in=olds) | Q(new__in=olds, day__gte=day)).select_related("old", "new")
    link = links.first()
    if link is not None:
        raise IllegalAct(
            f"{link.new.name} nhận việc của {link.old.name} từ ngày {link.day:%d/%m/%Y}. Hãy chọn ngày sau đó.",
            code="has_successor",
            field="day",
        )


def last_place(old: Unit, day: dt.date) -> UnitPlace:
    """Where a unit stands the day before ``day``, its superior loaded too. One statement."""
    place = UnitPlace.objects.filter(queries.alive_on(day - ONE_DAY), unit=old).select_related("parent").first()
    if place is None:
        raise IllegalAct(f"{old.name} không có chỗ trong cây đơn vị vào ngày đó.", code="not_alive", field="day")
    return place
