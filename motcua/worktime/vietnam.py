"""The calendar of the country's public servants and the rule sets, as shipped with the product."""

import csv
import datetime as dt
import tomllib
from importlib.resources import files
from typing import Any

from motcua.core import clock
from motcua.worktime import versions
from motcua.worktime.calendar import DayKind, Hours, Layer, SpecialDay, WorkCalendar

CODE = "VN"
NAME = "Lịch công chức, viên chức cả nước"
FIRST_DAY = dt.date(2021, 1, 1)
LAST_DAY = dt.date(2027, 12, 31)
_DATA = files("motcua.worktime") / "data"
_REASON = (
    "Lịch 2021–2027 kèm theo phần mềm. Năm 2027 là dự kiến theo luật. Đề xuất nghỉ thứ Hai 23/11/2026, làm bù thứ Bảy "
    "28/11/2026 chưa có quyết định nên không áp dụng. Giờ trong ngày do UBND tỉnh quy định."
)


def _table(name: str) -> list[dict[str, str]]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def shipped_layer() -> Layer:
    """Days and hours of the shipped files."""
    times = ("morning_from", "morning_to", "afternoon_from", "afternoon_to")
    hours = []
    for row in _table("vietnam_hours.tsv"):
        edges = [dt.time.fromisoformat(row[name]) for name in times if row[name]]
        spans = tuple(zip(edges[::2], edges[1::2], strict=True))
        start = dt.date.fromisoformat(row["valid_from"])
        hours.append(Hours(int(row["weekday"]), spans, start, None, row["counts_as_day"] == "yes"))
    days = [
        SpecialDay(
            day=dt.date.fromisoformat(row["day"]),
            kind=DayKind(row["kind"]),
            name=row["name"],
            legal_basis=row["legal_basis"],
            confirmed=row["confirmed"] == "yes",
            hours_as=int(row["hours_as"]) if row["hours_as"] else None,
        )
        for row in _table("vietnam_days.tsv")
    ]
    return Layer(tuple(hours), tuple(days))


def shipped_rule_sets() -> list[dict[str, Any]]:
    """The rule sets of the shipped file, as fields of RuleSet."""
    return list(tomllib.loads((_DATA / "rule_sets.toml").read_text(encoding="utf-8"))["rule_set"])


def load(apps: Any) -> Any:
    """Bring a database the shipped calendar, as the country's default, and the rule sets; again it changes nothing.

    ``apps`` is the registry of a migration or Django's own. A calendar that an office has changed since, and rule sets
    of the same code, are left as they are. Returns the country's calendar. At most 9 statements.
    """
    layer = shipped_layer()
    calendar, created = apps.get_model("worktime", "Calendar").objects.get_or_create(code=CODE, defaults={"name": NAME})
    if created:
        WorkCalendar.build(name=NAME, first_day=FIRST_DAY, last_day=LAST_DAY, layers=[layer])
        versions.write(
            apps,
            calendar=calendar,
            number=1,
            base_version=None,
            effective_from=FIRST_DAY,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            layer=layer,
            reason=_REASON,
            created_at=clock.now(),
        )
        apps.get_model("worktime", "CalendarAdoption").objects.create(
            unit=None,
            calendar=calendar,
            valid_from=FIRST_DAY,
            legal_basis="Quyết định 188/1999/QĐ-TTg; Bộ luật Lao động 2019",
            created_at=clock.now(),
        )
    rule_set = apps.get_model("worktime", "RuleSet")
    there = set(rule_set.objects.values_list("code", flat=True))
    rule_set.objects.bulk_create([rule_set(**row) for row in shipped_rule_sets() if row["code"] not in there])
    return calendar
