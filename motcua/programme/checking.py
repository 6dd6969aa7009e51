"""What ``motcua verify`` looks at here: the triggers stand, and every entry is what its last version says."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, F, Max

from motcua.core.triggers import missing_triggers
from motcua.ledger.registry import also_check
from motcua.programme import triggers
from motcua.programme.models import Change
from motcua.programme.registers import REGISTERS


def faults() -> Iterable[str]:
    """One Vietnamese line a fault. Two statements, and one a register that has entries."""
    tables = [register.model._meta.db_table for register in REGISTERS]
    gone = missing_triggers(connection, [Change._meta.db_table]) + triggers.missing(connection, tables)
    for name in gone:
        yield f"Sổ theo dõi: thiếu khóa «{name}» trong cơ sở dữ liệu."
    told: dict[str, dict[int, int]] = {}
    rows = Change.objects.values("register", "entry").annotate(last=Max("version"), lines=Count("pk"))
    for row in rows.filter(last=F("lines")).iterator():
        told.setdefault(row["register"], {})[row["entry"]] = row["last"]
    for register in REGISTERS:
        mine = told.get(register.key, {})
        there = dict(register.model._default_manager.values_list("pk", "version"))
        for pk in sorted(mine.keys() | there.keys()):
            if mine.get(pk) != there.get(pk):
                yield f"Sổ «{register.title}»: dòng {pk} không khớp với lịch sử của nó."


def ask_to_be_checked() -> None:
    """Called once by the app."""
    also_check("Sổ theo dõi CCHC", faults)
