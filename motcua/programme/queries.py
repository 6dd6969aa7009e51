"""What can be asked of the registers; each in a constant number of statements, within a scope."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from motcua.core.errors import NotFound
from motcua.org import queries as org
from motcua.org.models import Unit
from motcua.org.queries import Scope, among
from motcua.papers import files
from motcua.papers.models import Blob
from motcua.programme.describing import Register, kind_of
from motcua.programme.keeping import Entry
from motcua.programme.models import Change, ListRun, What
from motcua.programme.registers import REGISTERS


def related(register: Register) -> list[str]:
    """The units an entry names, to be read with it."""
    return ["unit", "created_by", *(name for name, field in register.fields.items() if kind_of(field) == "unit")]


def entries(scope: Scope, register: Register) -> "QuerySet[Entry]":
    """The entries of the scope's units, struck ones too. No SQL of its own; read, one statement."""
    return scope.filter(register.model._default_manager.all()).select_related(*related(register))


def newest(register: Register, rows: "QuerySet[Any]", last: dt.date) -> "QuerySet[Any]":
    """Of a register where only the newest count, those without a later one up to ``last``; of others, all."""
    if register.latest is None:
        return rows
    same: dict[str, Any] = {"unit": OuterRef("unit"), **{name: OuterRef(name) for name in register.latest}}
    later = register.model._default_manager.filter(
        struck_at__isnull=True,
        **same,
        **{f"{register.date}__gt": OuterRef(register.date), f"{register.date}__lte": last},
    )
    return rows.filter(~Exists(later))


def behind(scope: Scope, register: Register, figure: str, first: dt.date, last: dt.date) -> "QuerySet[Entry]":
    """The entries that make up a figure of a window; NotFound for a figure the register does not have."""
    condition = register.behind(figure, first, last)
    if condition is None:
        raise NotFound(f"Sổ «{register.title}» không có số liệu «{figure}».")
    rows = entries(scope, register).filter(condition, struck_at__isnull=True)
    return newest(register, rows, last)


def totals(register: Register, rows: "QuerySet[Any]") -> dict[str, Any]:
    """The sums of the foot, over what stands. One statement; nothing to sum: none."""
    names = [column.name for column in register.columns if column.total]
    standing = rows.order_by().filter(struck_at__isnull=True)
    found = standing.aggregate(standing=Count("pk"), **{f"sum_{name}": Sum(name) for name in names})
    return {"standing": found["standing"]} | {name: found[f"sum_{name}"] or 0 for name in names}


def entry(scope: Scope, register: Register, pk: int) -> Entry:
    """One entry; NotFound outside the scope. One statement."""
    row = entries(scope, register).select_related("struck_by", "evidence", *related(register)).filter(pk=pk).first()
    if row is None:
        raise NotFound("Không có dòng này, hoặc dòng của đơn vị khác.")
    return row


def history(register: Register, pk: int) -> list[Change]:
    """What each version of an entry said, newest first. One statement. The caller has read the entry in its scope."""
    rows = Change.objects.filter(register=register.key, entry=pk).select_related("actor", "run")
    return list(rows.order_by("-version"))


def open_evidence(scope: Scope, register: Register, pk: int) -> tuple[Entry, Blob, BinaryIO]:
    """The file of an entry with its content; NotFound outside the scope or where there is none. One statement."""
    row = entry(scope, register, pk)
    if row.evidence is None:
        raise NotFound("Dòng này không có tệp kèm theo.")
    return row, row.evidence, files.read(row.evidence)


@dataclass(frozen=True, slots=True)
class Summary:
    """How a register stands within a scope: entries that stand, and when one was last written."""

    register: Register
    standing: int
    last_at: dt.datetime | None


def summaries(scope: Scope) -> list[Summary]:
    """Every register with how many entries stand and when it was last written, from the history. One statement."""
    rows = (
        scope.filter(Change.objects.all())
        .values("register")
        .annotate(
            entered=Count("pk", filter=Q(what=What.ENTER)), struck=Count("pk", filter=Q(what=What.STRIKE)),
            last_at=Max("at"),
        )
    )  # fmt: skip
    told = {row["register"]: row for row in rows}
    found = []
    for register in REGISTERS:
        row = told.get(register.key)
        found.append(Summary(register, row["entered"] - row["struck"] if row else 0, row["last_at"] if row else None))
    return found


def units(scope: Scope) -> list[Unit]:
    """The units of a scope, those that have ended too (what they did is still entered), by name. One statement."""
    return org.in_order(scope.filter(Unit.objects.all(), "id"))


def keeping_units(scope: Scope, register: Register) -> list[Unit]:
    """The units of a scope that hold anything in a register, by name. One statement."""
    held = register.model._default_manager.filter(unit=OuterRef("pk"))
    return org.in_order(scope.filter(Unit.objects.filter(Exists(held)), "id"))


def list_run(scope: Scope, register: Register, pk: int) -> ListRun:
    """A list handed in; NotFound outside the scope. One statement."""
    run = scope.filter(ListRun.objects.filter(pk=pk, register=register.key)).select_related("unit", "file").first()
    if run is None:
        raise NotFound("Không có danh sách này, hoặc danh sách của đơn vị khác.")
    return run


def remembered(register: Register, unit: Unit) -> dict[str, str]:
    """Which heading was which column the last time a list of this register and unit was taken in. One statement."""
    run = (
        ListRun.objects.filter(register=register.key, unit=unit, applied_at__isnull=False)
        .order_by("-applied_at", "-pk")
        .first()
    )
    return dict(run.mapping) if run else {}


def of_units(register: Register, unit_ids: Iterable[int]) -> "QuerySet[Any]":
    """What stands of these units, for figures. No SQL of its own."""
    return register.model._default_manager.filter(among("unit", unit_ids), struck_at__isnull=True)
