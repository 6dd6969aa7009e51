"""What can be asked of calendars and rule sets."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.org.models import Assignment, Duty, Unit, UnitPlace
from motcua.org.queries import alive_on
from motcua.worktime import versions
from motcua.worktime.calendar import Layer, WorkCalendar, vn_date
from motcua.worktime.models import CalendarAdoption, CalendarDay, CalendarVersion, OfficeHours, RuleSet


def adoption_for(unit: Unit | None, day: dt.date) -> CalendarAdoption | None:
    """The adoption a unit follows on a day: its own, else that of the nearest unit above, else the country's.

    Two statements (one for the country: no unit).
    """
    line: list[int] = []
    if unit is not None:
        place = (
            UnitPlace.objects.filter(unit=unit, valid_from__lte=day)
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
            .values_list("path", flat=True)
            .first()
        )
        line = [int(i) for i in place.split("/") if i] if place else [unit.pk]
    found = list(
        CalendarAdoption.objects.filter(Q(unit__in=line) | Q(unit__isnull=True), valid_from__lte=day).select_related(
            "calendar"
        )
    )

    def nearness(row: CalendarAdoption) -> tuple[int, dt.date, int]:
        return (line.index(row.unit_id) if row.unit_id is not None else -1, row.valid_from, row.pk)

    return max(found, key=nearness, default=None)


def calendar_version_for(unit: Unit | None, day: dt.date) -> CalendarVersion:
    """The version by which what ``unit`` accepts on ``day`` is counted (no unit: the country's). One statement.

    Raises :class:`Invalid` for a day before any calendar.
    """
    followed = Q(adopted_by__isnull=True)
    path: Any = Value("")
    if unit is not None:
        places = UnitPlace.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), unit=unit, valid_from__lte=day
        )
        path = Coalesce(Subquery(places.values("path")[:1]), Value(f"/{unit.pk}/"))
        followed |= Q(path__contains=Concat(Value("/"), Cast("adopted_by", CharField()), Value("/")))
    adoption = "calendar__adoptions"
    found = (
        CalendarVersion.objects.filter(effective_from__lte=day)
        # Filtered by what is annotated: all of it is said of one and the same adoption.
        .annotate(path=path, adopted_by=F(f"{adoption}__unit"), adopted=F(f"{adoption}__valid_from"), row=F(adoption))
        .filter(followed, adopted__lte=day)
        .select_related("calendar")
    )

    def nearness(row: Any) -> tuple[int, dt.date, int, int]:
        line = [int(i) for i in row.path.split("/") if i]
        return (line.index(row.adopted_by) if row.adopted_by else -1, row.adopted, row.row, row.number)

    version = max(found, key=nearness, default=None)
    if version is None:
        raise Invalid(f"Chưa có lịch làm việc cho ngày {vn_date(day)}.", code="before_calendar")
    return version


def layers(version: CalendarVersion) -> list[Layer]:
    """The layers of a version, the outermost base first. Two statements, and one for each base."""
    chain = [version]
    while chain[-1].base_version is not None:
        chain.append(chain[-1].base_version)
    ids = [v.pk for v in chain]
    hours = list(OfficeHours.objects.filter(version__in=ids))
    days = list(CalendarDay.objects.filter(version__in=ids))
    return [
        versions.layer_of([h for h in hours if h.version_id == pk], [d for d in days if d.version_id == pk])
        for pk in reversed(ids)
    ]


# So near its end what is remembered of a calendar is asked again each hour: the next year may have been loaded, by
# another process too.
_NEAR_THE_END = dt.timedelta(days=300)
_last_days: dict[int, dt.date] = {}


def compiled(version_id: int) -> WorkCalendar:
    """A version, ready to count with. Four statements and one for each base the first time, none after that.

    Remembered for the life of the process: a version never changes, and its id is made from its content, so a rolled
    back transaction cannot leave the same id to another calendar. After its last day it goes on as the first later
    version says that reaches further: what was accepted before the next year was loaded is still counted in that year,
    and for no day does it ever come to mean something else.
    """
    last = _last_days.get(version_id)
    near = last is not None and last - clock.today() < _NEAR_THE_END
    found = _compiled(version_id, int(clock.now().timestamp() // 3600) if near else None)
    _last_days[version_id] = found.last_day
    return found


def forget_compiled() -> None:
    """Compile anew what is asked for next: a calendar now goes further than it did."""
    _compiled.cache_clear()
    _last_days.clear()


@lru_cache(maxsize=256)
def _compiled(version_id: int, hour: int | None) -> WorkCalendar:
    version = CalendarVersion.objects.select_related("calendar").get(pk=version_id)
    found = WorkCalendar.build(
        name=version.calendar.name, first_day=version.first_day, last_day=version.last_day, layers=layers(version)
    )
    further = (
        CalendarVersion.objects.filter(
            calendar=version.calendar_id, number__gt=version.number, last_day__gt=version.last_day
        )
        .order_by("number")
        .values_list("pk", flat=True)
        .first()
    )
    return found if further is None else found.carried_on(_compiled(further, hour))


def rule_set_for(day: dt.date) -> RuleSet:
    """The parameters of law for what is accepted on ``day``; :class:`Invalid` if there are none. One statement."""
    found = (
        RuleSet.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
        .order_by("-valid_from", "-pk")
        .first()
    )
    if found is None:
        raise Invalid(f"Chưa có bộ quy tắc nào áp dụng cho ngày {vn_date(day)}.", code="no_rule_set")
    return found


def newest_version(unit: Unit | None, day: dt.date) -> CalendarVersion:
    """The last version of the calendar a unit follows, also one for what is accepted later. Three statements."""
    adoption = adoption_for(unit, day)
    found = None
    if adoption is not None:
        rows = CalendarVersion.objects.select_related("calendar__unit", "created_by", "base_version__calendar__unit")
        found = rows.filter(calendar=adoption.calendar_id).order_by("-number").first()
    if found is None:
        raise Invalid("Chưa có lịch làm việc nào được áp dụng.", code="no_calendar")
    return found


def loaded_to(unit: Unit | None) -> dt.date:
    """To which day the calendar a unit follows has been loaded. Three statements."""
    return newest_version(unit, clock.today()).last_day


def keeps_country(held: Iterable[int], day: dt.date) -> bool:
    """Whether administrators at the units ``held`` may change the country's calendar and the rule sets. One statement.

    At a unit that stands beneath no other; or where nobody else administers anything that does not lie beneath them: in
    an installation of one commune that is the commune's own administrator, though the whole country's units are there.
    """
    mine = set(held)
    if not mine:
        return False
    serving = Assignment.objects.filter(alive_on(day), duty=Duty.ADMIN, unit=OuterRef("unit"), user__is_active=True)
    paths = UnitPlace.objects.filter(Exists(serving) | Q(unit__in=mine), alive_on(day)).values_list("path", flat=True)
    lines = [[int(i) for i in path.split("/") if i] for path in paths]
    return any(len(line) == 1 and line[0] in mine for line in lines) or all(mine.intersection(line) for line in lines)


def calendar_history(calendar_id: int) -> list[CalendarVersion]:
    """The versions of a calendar, newest first, with who made them. One statement."""
    rows = CalendarVersion.objects.filter(calendar=calendar_id).select_related("created_by")
    return list(rows.order_by("-number"))


def rule_sets() -> list[RuleSet]:
    """All rule sets, those that begin last first, and of one day those written last first. One statement."""
    return list(RuleSet.objects.order_by("-valid_from", "-pk"))


def unconfirmed_days(version: CalendarVersion) -> list[CalendarDay]:
    """Days of a version and of its bases that still await an official announcement, in order. At most 6 statements."""
    ids = [version.pk]
    base = version.base_version
    while base is not None:
        ids.append(base.pk)
        base = base.base_version
    return list(CalendarDay.objects.filter(version__in=ids, confirmed=False).order_by("day"))
