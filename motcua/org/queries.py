"""What can be asked of units, people and duties; each in a constant number of SQL statements, said in its docstring."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from motcua.core import clock, text
from motcua.core.errors import NotFound
from motcua.org.models import AccessChange, Assignment, Delegation, Duty, Succession, Unit, UnitKind, UnitPlace, User
from motcua.org.succession import Link, SuccessionMap

M = TypeVar("M", bound=Model)

# Kinds that are a piece of the country; the others are bodies that stand beneath one.
PROVINCE_KINDS = frozenset({UnitKind.PROVINCE, UnitKind.CITY})
COMMUNE_KINDS = frozenset({UnitKind.COMMUNE, UnitKind.WARD, UnitKind.TOWN, UnitKind.SPECIAL_ZONE})
TERRITORIAL_KINDS = PROVINCE_KINDS | COMMUNE_KINDS | {UnitKind.DISTRICT}

# Up to here a plain IN (…): the planner then knows the ids. Beyond, one array parameter instead of thousands.
_PLAIN_IN = 200


# ---- scope ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """The units an asker may see or act in on a day. Required by every query that reads what units hold."""

    user_id: int | None
    day: dt.date
    unit_ids: frozenset[int]
    everything: bool = False

    def contains(self, unit_id: int | None) -> bool:
        """Whether a unit lies inside; nothing (``None``) lies inside only of everything. No SQL."""
        return self.everything or unit_id in self.unit_ids

    def filter(self, queryset: QuerySet[M], field: str = "unit") -> QuerySet[M]:
        """The rows of ``queryset`` whose ``field`` (a foreign key to Unit, or ``"id"`` of Unit itself) lies inside."""
        return queryset.filter(self.q(field))

    def q(self, field: str = "unit") -> Q:
        """The same as a condition, to be combined with others. No SQL of its own."""
        return Q() if self.everything else among(field, self.unit_ids)


def among(field: str, ids: Iterable[int]) -> Q:
    """``field`` is one of ``ids``, cheap for three ids and for fourteen thousand. No SQL of its own."""
    found = sorted(set(ids))
    if len(found) <= _PLAIN_IN:
        return Q(**{f"{field}__in": found})
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__in": RawSQL("SELECT unnest(%s::bigint[])", [found])})
    return Q(**{f"{field}__in": RawSQL("SELECT value FROM json_each(%s)", [json.dumps(found)])})


# For commands run on the machine itself, which answer to whoever may start them.
SYSTEM = Scope(user_id=None, day=dt.date.max, unit_ids=frozenset(), everything=True)

# Duties held on a day: own assignments, and those of an active colleague who delegated them and still holds them.
# A duty at a unit ends with the unit: its successor's people are assigned anew.
_HELD = """
    SELECT a.unit_id, a.duty, NULL AS from_user_id
    FROM org_assignment a JOIN org_unit u ON u.id = a.unit_id
    WHERE a.user_id = %(user)s AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to >= %(day)s)
      AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to >= %(day)s)
    UNION
    SELECT d.unit_id, d.duty, d.from_user_id
    FROM org_delegation d
    JOIN org_unit u ON u.id = d.unit_id
    JOIN org_user giver ON giver.id = d.from_user_id
    JOIN org_assignment a ON a.user_id = d.from_user_id AND a.unit_id = d.unit_id AND a.duty = d.duty
    WHERE d.to_user_id = %(user)s AND d.valid_from <= %(day)s AND d.valid_to >= %(day)s AND giver.is_active
      AND (d.revoked_at IS NULL OR d.revoked_at >= %(day_after)s)
      AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to >= %(day)s)
      AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to >= %(day)s)
"""

# From a unit to what it also sees: what it succeeded, and what stands beneath it. A unit that has ended is seen by
# whoever succeeded it; where nobody did, by the unit it last stood beneath.
_SUCCEEDED = "SELECT s.old_id AS id FROM {seen} org_succession s WHERE s.new_id = seen.id AND s.day <= %(day)s"
_BENEATH = """
    SELECT p.unit_id AS id FROM {seen} org_unitplace p JOIN org_unit c ON c.id = p.unit_id
    WHERE p.parent_id = seen.id AND p.valid_from <= %(day)s AND (
        ((p.valid_to IS NULL OR p.valid_to >= %(day)s) AND (c.valid_to IS NULL OR c.valid_to >= %(day)s))
        OR (c.valid_to < %(day)s AND p.valid_to = c.valid_to
            AND NOT EXISTS (SELECT 1 FROM org_succession o WHERE o.old_id = c.id AND o.day <= %(day)s)))
"""


# Every piece of SQL below is written here; what users type travels as parameters only.
# ruff: noqa: S608


def _closure(seeds: str) -> str:
    """SQL for the ids of ``seeds`` (a SELECT of unit ids) and of all they see on ``%(day)s``."""
    if connection.vendor == "postgresql":  # one reference to the recursive table is all it allows
        step = (
            "SELECT step.id FROM seen CROSS JOIN LATERAL "
            f"({_SUCCEEDED.format(seen='')} UNION ALL {_BENEATH.format(seen='')}) step"
        )
    else:  # no LATERAL here, but several recursive terms
        step = f"{_SUCCEEDED.format(seen='seen CROSS JOIN')} UNION {_BENEATH.format(seen='seen CROSS JOIN')}"
    return f"WITH RECURSIVE seen(id) AS ({seeds} UNION {step}) SELECT id FROM seen"


def _parameters(day: dt.date, **others: Any) -> dict[str, Any]:
    after = clock.local_moment(day + dt.timedelta(days=1)) if day < dt.date.max else clock.now()
    ops = connection.ops
    return {"day": ops.adapt_datefield_value(day), "day_after": ops.adapt_datetimefield_value(after), **others}


def _ids(sql: str, parameters: dict[str, Any]) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return frozenset(row[0] for row in cursor.fetchall())


def scope(user: User | AnonymousUser | None, duty: "Duty | str | Iterable[Duty | str] | None", day: dt.date) -> Scope:
    """Where ``user`` holds any of the duties (``None``: any duty) on ``day``; one statement.

    Those units, all beneath them that day, and every predecessor of those (successors inherit the right to see). Held
    by assignment or by a delegation in force. Nobody, an unknown or a blocked account has an empty scope.
    """
    if user is None or user.pk is None or not user.is_active:
        return Scope(None, day, frozenset())
    parameters = _parameters(day, user=user.pk)
    wanted = "1 = 1"
    if duty is not None:
        names = [duty] if isinstance(duty, str) else list(duty)
        if not names:
            return Scope(user.pk, day, frozenset())
        parameters |= {f"duty{i}": str(Duty(name)) for i, name in enumerate(names)}
        wanted = f"duty IN ({', '.join(f'%(duty{i})s' for i in range(len(names)))})"
    seeds = f"SELECT unit_id FROM ({_HELD}) held WHERE {wanted}"
    return Scope(user.pk, day, _ids(_closure(seeds), parameters))


@dataclass(frozen=True, slots=True)
class Holding:
    """A duty held at a unit; ``from_user_id`` is who delegated it, ``None`` for the person's own."""

    duty: Duty
    unit: Unit
    from_user_id: int | None


def holdings(user: User | AnonymousUser | None, day: dt.date) -> list[Holding]:
    """The duties of a person on a day, own ones and delegated ones apart. One statement."""
    if user is None or user.pk is None or not user.is_active:
        return []
    units = Unit.objects.raw(
        f"SELECT u.*, held.duty AS held_duty, held.from_user_id AS held_from FROM ({_HELD}) held "
        "JOIN org_unit u ON u.id = held.unit_id",
        _parameters(day, user=user.pk),
    )
    order = list(Duty)
    found = [Holding(Duty(vars(u)["held_duty"]), u, vars(u)["held_from"]) for u in units]
    return sorted(found, key=lambda h: (h.unit.code, h.unit.pk, order.index(h.duty), h.from_user_id or 0))


def duties(user: User | AnonymousUser | None, day: dt.date) -> list[tuple[Duty, Unit]]:
    """What a person may do and where on a day, delegations included, each once. One statement."""
    return list({(h.duty, h.unit.pk): (h.duty, h.unit) for h in holdings(user, day)}.values())


def holds(user: User | AnonymousUser | None, duty: Duty | str, unit: Unit, day: dt.date) -> bool:
    """Whether a person holds the duty at this very unit on that day. One statement.

    "At this unit or one above it" is ``scope(user, duty, day).contains(unit.pk)``.
    """
    return any(h.duty == duty and h.unit.pk == unit.pk for h in holdings(user, day))


# ---- people ---------------------------------------------------------------------------------------------------------


def people(scope: Scope, day: dt.date) -> QuerySet[User]:
    """Accounts at home in the scope, or with a duty there now or later, blocked ones too. Two statements.

    Each has ``current``: its duties that have not ended by ``day``, wherever they are, with their units.
    """
    serving = Assignment.objects.filter(scope.q("unit"), user=OuterRef("pk")).exclude(valid_to__lt=day)
    current = Prefetch("assignments", assignments(day), to_attr="current")
    return (
        User.objects.filter(scope.q("home") | Q(Exists(serving)))
        .select_related("home")
        .prefetch_related(current)
        .order_by("full_name", "pk")
    )


def assignments(day: dt.date) -> QuerySet[Assignment]:
    """Duties that have not ended by ``day``, with their units, oldest first. One statement."""
    return Assignment.objects.exclude(valid_to__lt=day).select_related("unit").order_by("unit", "valid_from", "pk")


def delegations(scope: Scope, day: dt.date) -> QuerySet[Delegation]:
    """Delegations at units of the scope, in force on ``day`` or to come. One statement."""
    rows = scope.filter(Delegation.objects.filter(valid_to__gte=day, revoked_at__isnull=True))
    return rows.select_related("unit", "from_user", "to_user").order_by("valid_from", "pk")


def access_changes(scope: Scope, subject: User | None = None) -> QuerySet[AccessChange]:
    """The record of rights changed at units of the scope, newest first; of one account, if given. One statement."""
    rows = scope.filter(AccessChange.objects.all())
    if subject is not None:
        rows = rows.filter(subject=subject)
    return rows.select_related("actor", "subject", "unit").order_by("-pk")


# ---- the tree -------------------------------------------------------------------------------------------------------


def alive_on(day: dt.date, prefix: str = "") -> Q:
    """What is in force on a day, for anything with ``valid_from`` and an inclusive ``valid_to``. No SQL of its own."""
    ended = Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})
    return Q(**{f"{prefix}valid_from__lte": day}) & ended


def in_order(units: Iterable[Unit]) -> list[Unit]:
    """Units as a reader expects them: by name in Vietnamese order, then code."""
    return sorted(units, key=lambda u: (text.sort_key(u.name), u.code, u.valid_from))


def unit_by_code(code: str, day: dt.date) -> Unit:
    """The unit with this code or short code that is alive on ``day``; 1 statement, 3 where there is none.

    Codes are used again: 29308 was a town until 30/6/2025 and is a commune since. Raises :class:`NotFound` saying what
    the code stood for on other days.
    """
    wanted = text.clean(code)
    found = list(Unit.objects.filter(Q(code=wanted) | Q(short_code=wanted.upper(), short_code__gt="")))
    for unit in found:
        if unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day):
            return unit
    if not found:
        raise NotFound(f"Không có đơn vị nào mang mã «{wanted}».", code="unit_unknown", field="unit")
    names = labels([u.pk for u in found], day)
    spans = "; ".join(f"{names[u.pk]} ({span(u)})" for u in sorted(found, key=lambda u: u.valid_from))
    raise NotFound(
        f"Ngày {day:%d/%m/%Y} không có đơn vị nào mang mã «{wanted}». Mã này là của: {spans}.",
        code="unit_not_alive",
        field="unit",
    )


def span(unit: Unit) -> str:
    """The days of a unit's existence, in words. No SQL."""
    ends = f"đến hết {unit.valid_to:%d/%m/%Y}" if unit.valid_to else ""
    begins = f"từ {unit.valid_from:%d/%m/%Y}" if unit.valid_from.year > 2000 else ""
    return " ".join(filter(None, (begins, ends))) or "chưa rõ ngày bắt đầu, còn hoạt động"


def descendants(unit: Unit, first_day: dt.date, last_day: dt.date) -> list[Unit]:
    """The unit and all that stood beneath it on any day from ``first_day`` to ``last_day``. One statement.

    Predecessors that ended earlier are not beneath it: see :func:`lineage`.
    """
    return in_order(
        Unit.objects.filter(
            Q(pk=unit.pk)
            | Q(
                pk__in=UnitPlace.objects.filter(
                    Q(valid_to__isnull=True) | Q(valid_to__gte=first_day),
                    path__contains=f"/{unit.pk}/",
                    valid_from__lte=last_day,
                ).values("unit")
            )
        )
    )


def lineage(unit: Unit, last_day: dt.date) -> list[Unit]:
    """The unit, all beneath it on ``last_day``, and every predecessor of those. Two statements.

    A province of 2025 is its communes, the provinces, districts and communes they came from, and their offices.
    """
    ids = _ids(_closure("SELECT id FROM org_unit WHERE id = %(unit)s"), _parameters(last_day, unit=unit.pk))
    return in_order(Unit.objects.filter(among("pk", ids)))


def children(unit: Unit, day: dt.date) -> list[Unit]:
    """The units directly beneath ``unit`` on a day. One statement."""
    places = UnitPlace.objects.filter(alive_on(day), parent=unit)
    return in_order(Unit.objects.filter(pk__in=places.values("unit")))


def roots(day: dt.date) -> list[Unit]:
    """The units alive on a day that stand beneath no other. One statement."""
    places = UnitPlace.objects.filter(alive_on(day), parent__isnull=True)
    return in_order(Unit.objects.filter(pk__in=places.values("unit")))


def parent(unit: Unit, day: dt.date) -> Unit | None:
    """The unit directly above on a day, ``None`` at the top. One statement."""
    place = UnitPlace.objects.filter(alive_on(day), unit=unit).select_related("parent").first()
    return place.parent if place else None


def labels(unit_ids: Iterable[int], day: dt.date) -> dict[int, str]:
    """Names with those of their superiors («Xã Hòa Ân, Huyện Cầu Kè, Tỉnh Trà Vinh»), by unit id. Two statements.

    As the tree stood on ``day``; a unit not alive then is named as it last (or first) stood. Needed wherever a unit is
    shown alone: «Châu Thành» is a dozen places.
    """
    ids = set(unit_ids)
    paths: dict[int, tuple[tuple[bool, dt.date], str]] = {}
    for unit_id, path, start in UnitPlace.objects.filter(among("unit", ids)).values_list("unit", "path", "valid_from"):
        # the latest that had begun by then; if none had, the earliest
        rank = (start <= day, start if start <= day else dt.date.max - (start - dt.date.min))
        if unit_id not in paths or rank > paths[unit_id][0]:
            paths[unit_id] = (rank, path)
    lines = {unit_id: _path_ids(path) for unit_id, (_, path) in paths.items()}
    needed = ids.union(*lines.values()) if lines else ids
    names = dict(Unit.objects.filter(among("pk", needed)).values_list("pk", "name"))
    return {i: ", ".join(names[j] for j in reversed(lines.get(i, [i]))) for i in ids if i in names}


def territory(unit: Unit, day: dt.date) -> Unit:
    """The piece of the country a unit serves on a day: itself, or the nearest such unit above. Two statements."""
    above = _line(unit, day)
    return next((u for u in reversed(above) if u.kind in TERRITORIAL_KINDS), unit)


def received_for(desk: Unit, day: dt.date) -> list[Unit]:
    """The units a desk takes dossiers in for on a day, its own first. One statement, two or three for a point.

    A desk receives for its unit and the offices and bodies of that unit; a «điểm tiếp nhận» for the unit above it,
    whose arm it is, and for its offices and bodies likewise. Pieces of the country beneath have their own desks.
    """
    base = desk
    while base.kind == UnitKind.POINT or (base.kind == UnitKind.PUBLIC_SERVICE and base != desk):
        above = parent(base, day)
        if above is None:
            break
        base = above
    places = UnitPlace.objects.filter(alive_on(day), path__contains=f"/{base.pk}/").select_related("unit")
    paths = {
        place.unit: _path_ids(place.path)
        for place in places.exclude(unit__kind__in=[*TERRITORIAL_KINDS, UnitKind.POINT]).exclude(unit=base)
    }
    inside = {base.pk} | {unit.pk for unit in paths}
    own = [unit for unit, path in paths.items() if inside.issuperset(path[path.index(base.pk) :])]
    return list(dict.fromkeys([desk, base, *in_order(own)]))


def _line(unit: Unit, day: dt.date) -> list[Unit]:
    """The units from the root down to this one on a day; empty where it has no place then. Two statements."""
    place = UnitPlace.objects.filter(alive_on(day), unit=unit).first()
    ids = _path_ids(place.path) if place else []
    found = Unit.objects.in_bulk(ids)
    return [found[i] for i in ids if i in found]


def label(unit: Unit, day: dt.date) -> str:
    """One unit's name with those of its superiors; for several use :func:`labels`. Two statements."""
    return labels([unit.pk], day).get(unit.pk, unit.name)


# ---- succession -----------------------------------------------------------------------------------------------------

_CHAIN = """
    WITH RECURSIVE reached(id) AS (
        SELECT id FROM org_unit WHERE {wanted}
        UNION
        SELECT s.new_id FROM reached CROSS JOIN org_succession s WHERE s.old_id = reached.id
    )
    SELECT id FROM reached
"""


def _links(rows: QuerySet[Succession]) -> list[Link]:
    return [Link(*row) for row in rows.values_list("old", "new", "day", "kind", "territory", "by_territory")]


def succession_map(unit_ids: Iterable[int] | None = None) -> SuccessionMap:
    """The successions of all units, or only those that work of ``unit_ids`` can go through. At most 4 statements.

    Pass the ids of the holding unit *and* of the applicant's commune: work of a district goes by the commune. Without
    any succession among them it is one statement; with everything, three.
    """
    rows = Succession.objects.all()
    if unit_ids is not None:
        seeds = sorted({i for i in unit_ids if i is not None})
        if not seeds:
            return SuccessionMap([])
        wanted = f"id IN ({', '.join(['%s'] * len(seeds))})"
        rows = rows.filter(old__in=RawSQL(_CHAIN.format(wanted=wanted), seeds))  # noqa: S611
    links = _links(rows)
    grounds = _grounds([k for k in links if k.by_territory])
    if unit_ids is not None and grounds:
        have = {k.old for k in links}
        more = frozenset().union(*grounds.values()) - have
        links += _links(Succession.objects.filter(among("old", more)))
    return SuccessionMap(links, grounds)


def _grounds(links: Sequence[Link]) -> dict[int, frozenset[int]]:
    """For units that pass work on by territory: the communes beneath them or their superior. Three statements."""
    if not links:
        return {}
    last_days = {k.old: k.day - dt.timedelta(days=1) for k in links}
    places = UnitPlace.objects.filter(among("unit", last_days)).order_by("valid_from")
    # in order of their first day, so that the last place wins
    paths = {unit: _path_ids(path) for unit, path in places.values_list("unit", "path")}
    above = Unit.objects.filter(among("pk", {i for path in paths.values() for i in path}))
    kinds = dict(above.values_list("pk", "kind"))
    bases = {
        unit: next((i for i in reversed(path) if kinds[i] in TERRITORIAL_KINDS), unit) for unit, path in paths.items()
    }
    communes = UnitPlace.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=min(last_days.values())),
        valid_from__lte=max(last_days.values()),
        unit__kind__in=COMMUNE_KINDS,
    )
    wanted = set(bases.values())
    if len(wanted) <= 20:
        one_of = Q()
        for base in wanted:
            one_of |= Q(path__contains=f"/{base}/")
        communes = communes.filter(one_of)
    beneath: dict[int, list[tuple[int, dt.date, dt.date | None]]] = {base: [] for base in wanted}
    for unit, path, start, end in communes.values_list("unit", "path", "valid_from", "valid_to"):
        for base in wanted.intersection(_path_ids(path)):
            beneath[base].append((unit, start, end))
    return {
        old: frozenset(
            unit
            for unit, start, end in beneath[base]
            if start <= last_days[old] and (end is None or end >= last_days[old])
        )
        for old, base in bases.items()
    }


def _path_ids(path: str) -> list[int]:
    return [int(i) for i in path.split("/") if i]
