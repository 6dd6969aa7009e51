"""The figures of the catalogue of procedures: how many a unit uses, at which level, how far online, by which process.

The catalogue lies beneath this room, so this room offers its figures. They are counted without repetition: a procedure
of eleven communes is one procedure of the commune level. All stand as of the last day asked for.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Q

from motcua.indicators import sources, tree
from motcua.indicators.sources import Ask, Found, Source
from motcua.org.models import Unit
from motcua.org.queries import alive_on, among
from motcua.procedures.choices import Competence, ServiceLevel
from motcua.procedures.models import Adoption, ProcedureVersion, Process

KEY = "procedures.adopted"
_LEVELS = {"province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã"}
_ONLINE = {"full": ServiceLevel.FULL, "partial": ServiceLevel.PARTIAL}
FIGURES = {
    "total": "Thủ tục đang áp dụng (tiếp nhận và giải quyết)",
    **_LEVELS,
    "full": "Cung cấp trực tuyến toàn trình",
    "partial": "Cung cấp trực tuyến một phần",
    "desk": "Thủ tục tiếp nhận tại Bộ phận Một cửa",
    **{f"desk.{level}": f"Tiếp nhận tại Bộ phận Một cửa: {said}" for level, said in _LEVELS.items()},
    "process": "Quy trình nội bộ đang dùng",
    **{f"process.{level}": f"Quy trình nội bộ: {said}" for level, said in _LEVELS.items()},
}


def register() -> None:
    """Offer the catalogue's figures (from ``AppConfig.ready``)."""
    sources.register(Source(KEY, "Danh mục thủ tục hành chính", FIGURES, compute))


def compute(ask: Ask) -> Mapping[int, Mapping[str, Found]]:
    """The figures asked for, of units that use any procedure that day. Six SQL statements, however many units."""
    rows = list(
        Adoption.objects.filter(alive_on(ask.last), among("unit", ask.units)).values_list(
            "unit", "procedure", "procedure__code", "version", "competence", "service_level"
        )
    )
    if not rows:
        return {}
    versions = _in_force({row[1] for row in rows}, {row[3] for row in rows if row[3]}, ask.last)
    units = {row[0] for row in rows}
    levels = tree.levels(units, ask.last)
    codes = dict(Unit.objects.filter(among("pk", units)).values_list("pk", "code"))
    processes = _processes(ask, {row[1]: row[2] for row in rows}) if _asks(ask, "process") else {}
    counted: dict[int, dict[str, set[str]]] = {unit: {} for unit in units}
    for unit, procedure, code, pinned, competence, own_level in rows:
        version = versions.get(pinned or ("of", procedure))
        if version is None or version[0]:  # nothing in force, or abolished
            continue
        level, mine = levels[unit], counted[unit]
        key = f"{level}:{code}"
        for name in ("desk", f"desk.{level}"):
            mine.setdefault(name, set()).add(key)
        if competence != Competence.RESOLVES:
            continue
        online = own_level or version[1]
        for name in ("total", level, *(n for n, wanted in _ONLINE.items() if online == wanted)):
            mine.setdefault(name, set()).add(key)
        if processes.get((unit, procedure)) or processes.get((None, procedure)):
            for name in ("process", f"process.{level}"):
                mine.setdefault(name, set()).add(key)
    return {
        unit: {
            name: Found(
                Decimal(len(keys := mine.get(name, set()))), {"day": ask.last.isoformat()},
                f"/thu-tuc/?don_vi={codes[unit]}", frozenset(keys),
            )
            for name in ask.figures
        }
        for unit, mine in counted.items()
    }  # fmt: skip


def _asks(ask: Ask, name: str) -> bool:
    return any(figure.partition(".")[0] == name for figure in ask.figures)


def _in_force(
    procedures: set[int], pinned: set[int], day: dt.date
) -> dict[object, tuple[bool, str]]:  # fmt: skip
    """(abolished or ended, level of online service) of the versions in force and of the pinned ones. One statement."""
    rows = ProcedureVersion.objects.filter(
        Q(pk__in=pinned) | Q(procedure__in=procedures, sealed=True, valid_from__lte=day)
    ).order_by("valid_from", "number")
    found: dict[object, tuple[bool, str]] = {}
    told = rows.values_list("pk", "procedure", "abolished", "valid_to", "service_level", "valid_from")
    for pk, procedure, abolished, valid_to, level, since in told:
        gone = abolished or (valid_to is not None and valid_to < day)
        if pk in pinned:
            found[pk] = (gone, level)
        if since <= day:
            found["of", procedure] = (gone, level)  # in order, so that the last in force wins
    return found


def _processes(ask: Ask, procedures: Mapping[int, str]) -> dict[tuple[int | None, int], bool]:
    """Which unit has a process of its own for which procedure (unit None: one for all). One statement."""
    rows = Process.objects.filter(
        alive_on(ask.last), Q(unit__isnull=True) | among("unit", ask.units), procedure__in=list(procedures), sealed=True
    )
    return dict.fromkeys(rows.values_list("unit", "procedure"), True)
