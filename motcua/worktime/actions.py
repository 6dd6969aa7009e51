"""The verbs that change working time: always by a new version or a new dated row, never by changing one.

What has been accepted keeps the version it was accepted with; a closure decided later moves due dates of pending work
only by a decision of its own (the dossiers' ``move_due_dates``).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from motcua.core import clock, text
from motcua.core.errors import Invalid, NotAllowed
from motcua.core.verbs import verb
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, UnitPlace, User
from motcua.worktime import queries, versions, vietnam
from motcua.worktime.calendar import DayKind, Hours, Layer, Span, SpecialDay, WorkCalendar, vn_date, vn_day
from motcua.worktime.models import Calendar, CalendarAdoption, CalendarDay, CalendarVersion, OfficeHours, RuleSet

# Own calendars stand on those of the units above: office, commune, province, country, and one to spare.
_DEEPEST = 5
_LONGEST_CLOSURE = 60

Edit = Callable[[Layer, WorkCalendar], Layer]


@verb
def load_vietnam() -> Calendar:
    """Load the shipped calendar of the country and the rule sets, if they are not there. For commands."""
    calendar: Calendar = vietnam.load(apps)
    return calendar


@verb
def adopt_calendar(
    *, unit: Unit | None, calendar: Calendar, valid_from: dt.date, legal_basis: str, actor: User | None
) -> CalendarAdoption:
    """From a day on, ``unit`` and those beneath it that have none of their own follow ``calendar`` (no unit: all).

    Calendars of their own that units beneath it have keep what they say and stand on ``calendar`` from then on.
    Raises :class:`Invalid` where the calendar says nothing yet on that day.
    """
    _require_admin(actor, unit)
    if not CalendarVersion.objects.filter(calendar=calendar, effective_from__lte=valid_from).exists():
        raise Invalid(f"Lịch «{calendar}» chưa có nội dung cho ngày {vn_date(valid_from)}.", field="valid_from")
    basis = _line(legal_basis, "căn cứ", 300, "legal_basis")
    _one_at_a_time()
    before = queries.adoption_for(unit, valid_from)
    if before is not None and before.calendar_id != calendar.pk:
        latest = _latest(calendar)
        beneath = _beneath(unit, before.calendar_id, valid_from) - _line_of(latest)
        _carry_up(latest, queries.layers(latest), valid_from, basis, actor, only=beneath)
    return CalendarAdoption.objects.create(
        unit=unit,
        calendar=calendar,
        valid_from=valid_from,
        legal_basis=basis,
        created_at=clock.now(),
        created_by=actor,
    )


@verb
def add_closure(
    *,
    unit: Unit | None,
    first_day: dt.date,
    last_day: dt.date | None = None,
    name: str,
    legal_basis: str,
    actor: User | None,
    effective_from: dt.date | None = None,
) -> CalendarVersion:
    """Close ``unit`` (and all that follow its calendar) on days it would have worked: storm, flood, election, move.

    Applies to what is accepted from ``effective_from`` (default today) on. Days already off inside the span are passed
    over; a span without any working day is refused.
    """
    last = first_day if last_day is None else last_day
    if last < first_day or (last - first_day).days >= _LONGEST_CLOSURE:
        raise Invalid(
            f"Nghỉ từ {vn_date(first_day)} đến {vn_date(last)}: ngày cuối phải sau ngày đầu và không quá "
            f"{_LONGEST_CLOSURE} ngày.",
            field="last_day",
        )
    title, basis = _line(name, "lý do nghỉ", 120, "name"), _line(legal_basis, "căn cứ", 300, "legal_basis")

    def close(layer: Layer, now: WorkCalendar) -> Layer:
        days = [first_day + dt.timedelta(days=n) for n in range((last - first_day).days + 1)]
        working = [day for day in days if now.hours_on(day)]
        if not working:
            raise Invalid(
                f"Từ {vn_date(first_day)} đến {vn_date(last)} đã là ngày nghỉ, không có gì để đóng.", field="first_day"
            )
        return layer.with_days(SpecialDay(day, DayKind.CLOSURE, title, basis) for day in working)

    return _change(unit, close, f"{title}: {basis}", actor, effective_from)


@verb
def add_swap(
    *,
    unit: Unit | None,
    off: dt.date,
    work: dt.date,
    name: str,
    legal_basis: str,
    actor: User | None,
    confirmed: bool = True,
    effective_from: dt.date | None = None,
) -> CalendarVersion:
    """Exchange a working day for a rest day (hoán đổi): ``off`` is free, ``work`` is worked at the hours of ``off``."""
    title, basis = _line(name, "tên ngày nghỉ", 120, "name"), _line(legal_basis, "căn cứ", 300, "legal_basis")

    def swap(layer: Layer, now: WorkCalendar) -> Layer:
        if not now.hours_on(off):
            raise Invalid(f"{vn_day(off, year=True)} đã là ngày nghỉ, không hoán đổi được.", field="off")
        if now.hours_on(work):
            raise Invalid(f"{vn_day(work, year=True)} đã là ngày làm việc, không làm bù được.", field="work")
        label = f"Làm bù cho {vn_day(off)}"
        return layer.with_days(
            [
                SpecialDay(off, DayKind.SWAP_OFF, title, basis, confirmed),
                SpecialDay(work, DayKind.SWAP_WORK, label, basis, confirmed, hours_as=off.weekday()),
            ]
        )

    return _change(unit, swap, f"{title}: {basis}", actor, effective_from)


@verb
def add_year(
    *,
    days: Sequence[SpecialDay],
    last_day: dt.date,
    legal_basis: str,
    actor: User | None,
    effective_from: dt.date | None = None,
) -> CalendarVersion:
    """Carry the country's calendar on to ``last_day``, with the special days of the new year."""
    before = _latest(_root_calendar()).last_day
    if last_day <= before:
        raise Invalid(f"Lịch cả nước đã có đến hết ngày {vn_date(before)}.", field="last_day")
    for row in days:
        if not before < row.day <= last_day:
            raise Invalid(f"Ngày {vn_date(row.day)} không thuộc phần lịch được thêm.", field="days")
    basis = _line(legal_basis, "căn cứ", 300, "legal_basis")
    return _change(None, lambda layer, _: layer.with_days(days), basis, actor, effective_from, last_day=last_day)


@verb
def set_office_hours(
    *,
    unit: Unit | None,
    weekdays: Iterable[int],
    spans: Sequence[Span],
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    counts_as_day: bool = True,
    legal_basis: str,
    actor: User | None,
    effective_from: dt.date | None = None,
) -> CalendarVersion:
    """Set the opening times of weekdays (0 is Monday) of a unit's calendar for a span of days; no spans: closed.

    ``counts_as_day=False`` for a Saturday kept open for the public that is no working day for terms in days. One day
    alone (``valid_to=valid_from``) sets the hours of that day.
    """
    chosen = sorted(set(weekdays))
    if not chosen:
        raise Invalid("Hãy chọn ít nhất một thứ trong tuần.", field="weekdays")
    basis = _line(legal_basis, "căn cứ", 300, "legal_basis")
    rows = [Hours(w, tuple(spans), valid_from, valid_to, counts_as_day and bool(spans)) for w in chosen]

    def apply(layer: Layer, _: WorkCalendar) -> Layer:
        # Looked at alone first, so that what is wrong is said before old rows are cut to fit.
        Layer(hours=tuple(rows)).check("giờ làm việc mới")
        for row in rows:
            versions.two_spans(row)
            layer = layer.with_hours(row)
        return layer

    return _change(unit, apply, f"Giờ làm việc: {basis}", actor, effective_from)


@verb
def confirm_day(
    *,
    day: dt.date,
    legal_basis: str,
    actor: User | None,
    unit: Unit | None = None,
    effective_from: dt.date | None = None,
) -> CalendarVersion:
    """Mark a provisional day as officially announced, with the announcement as its basis."""
    basis = _line(legal_basis, "căn cứ", 300, "legal_basis")

    def confirm(layer: Layer, _: WorkCalendar) -> Layer:
        row = next((row for row in layer.days if row.day == day), None)
        if row is None or row.confirmed:
            raise Invalid(f"Ngày {vn_date(day)} không có gì đang chờ xác nhận.", field="day")
        return layer.with_days([replace(row, confirmed=True, legal_basis=basis)])

    return _change(unit, confirm, f"Xác nhận ngày {vn_date(day)}: {basis}", actor, effective_from)


@verb
def add_rule_set(*, actor: User | None, **fields: Any) -> RuleSet:
    """Record a rule set. One with the dates of an earlier one replaces it for what is accepted from then on.

    ``fields`` are those of :class:`RuleSet`; wrong ones raise :class:`Invalid` naming the field.
    """
    _require_admin(actor, None)
    known = {f.name for f in RuleSet._meta.concrete_fields} - {"id"}
    if unknown := sorted(set(fields) - known):
        raise Invalid(f"Bộ quy tắc không có thông số «{unknown[0]}».", field=unknown[0])
    rule_set = RuleSet(**fields)
    try:
        rule_set.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        labels = {f.name: f.verbose_name for f in RuleSet._meta.concrete_fields}
        label = labels.get(name, "bộ quy tắc")
        raise Invalid(f"{label}: {messages[0]}", field=name) from error
    rule_set.save(force_insert=True)
    return rule_set


# ---- parts ----------------------------------------------------------------------------------------------------------
def _require_admin(actor: User | None, unit: Unit | None) -> None:
    """An administrator at the unit or above it; for the country, whoever ``keeps_country``. None: the machine."""
    if actor is None:
        return
    today = clock.today()
    if unit is not None:
        if not org.scope(actor, Duty.ADMIN, today).contains(unit.pk):
            raise NotAllowed(f"Chỉ quản trị hệ thống của «{unit}» hoặc cấp trên được đổi lịch làm việc của đơn vị này.")
        return
    if not queries.keeps_country({unit.pk for duty, unit in org.duties(actor, today) if duty == Duty.ADMIN}, today):
        raise NotAllowed("Chỉ quản trị hệ thống ở đơn vị cao nhất được đổi lịch cả nước và bộ quy tắc.")


def _line(value: str, what: str, longest: int, field: str) -> str:
    cleaned = text.clean(value)
    if not cleaned:
        raise Invalid(f"Hãy ghi {what}.", field=field)
    if len(cleaned) > longest:
        raise Invalid(f"Phần {what} dài quá {longest} ký tự.", field=field)
    return cleaned


def _root_calendar() -> Calendar:
    adoption = queries.adoption_for(None, clock.today())
    if adoption is None:
        raise Invalid("Chưa có lịch làm việc cả nước. Hãy nạp lịch trước.", code="no_calendar")
    return adoption.calendar


def _latest(calendar: Calendar) -> CalendarVersion:
    found = (
        CalendarVersion.objects.select_related("calendar", "base_version")
        .filter(calendar=calendar)
        .order_by("-number")
        .first()
    )
    if found is None:
        raise Invalid(f"Lịch «{calendar}» chưa có nội dung.", code="no_calendar")
    return found


def _change(
    unit: Unit | None,
    edit: Edit,
    reason: str,
    actor: User | None,
    effective_from: dt.date | None,
    *,
    last_day: dt.date | None = None,
) -> CalendarVersion:
    """A new version of the unit's own calendar (made if it has none), and of every calendar that stands on it."""
    _require_admin(actor, unit)
    start = effective_from or clock.today()
    _one_at_a_time()
    beneath: set[int] = set()
    if unit is None:
        calendar = _root_calendar()
    else:
        calendar, followed = _own_calendar(unit, start, reason, actor)
        if followed is not None:
            beneath = _beneath(unit, followed, start) - {calendar.pk}
    before = _latest(calendar)
    layers = queries.layers(before)
    now = _compile(before, layers)
    new = [*layers[:-1], edit(layers[-1], now)]
    last = last_day or before.last_day
    after = _write(before, before.base_version, new, start, last, reason, actor)
    _carry_up(after, new, start, reason, actor, also=beneath)
    if last != before.last_day:
        queries.forget_compiled()
        transaction.on_commit(queries.forget_compiled)
    return after


def _compile(version: CalendarVersion, layers: list[Layer], last_day: dt.date | None = None) -> WorkCalendar:
    return WorkCalendar.build(
        name=version.calendar.name,
        first_day=version.first_day,
        last_day=last_day or version.last_day,
        layers=layers,
    )


def _write(
    before: CalendarVersion,
    base: CalendarVersion | None,
    layers: list[Layer],
    start: dt.date,
    last_day: dt.date,
    reason: str,
    actor: User | None,
) -> CalendarVersion:
    _compile(before, layers, last_day)
    for row in layers[-1].days:
        if not before.first_day <= row.day <= last_day:
            raise Invalid(
                f"Lịch «{before.calendar}» có từ {vn_date(before.first_day)} đến {vn_date(last_day)}; ngày "
                f"{vn_date(row.day)} nằm ngoài.",
                code="past_calendar",
            )
    version: CalendarVersion = versions.write(
        apps,
        calendar=before.calendar,
        number=before.number + 1,
        base_version=base,
        effective_from=start,
        first_day=before.first_day,
        last_day=last_day,
        layer=layers[-1],
        reason=reason[:300],
        created_at=clock.now(),
        created_by_id=actor.pk if actor else None,
    )
    return version


def _own_calendar(unit: Unit, day: dt.date, reason: str, actor: User | None) -> tuple[Calendar, int | None]:
    """The unit's own calendar; made on the spot if it has none, and then with the id of the one it followed so far."""
    adoption = queries.adoption_for(unit, day)
    if adoption is not None and adoption.unit_id == unit.pk and adoption.calendar.unit_id == unit.pk:
        return adoption.calendar, None
    base = queries.calendar_version_for(unit, day)
    if len(_line_of(base)) >= _DEEPEST:
        raise Invalid(f"Lịch của «{unit}» dựa trên quá nhiều lịch cấp trên. Hãy áp dụng lịch của cấp trên gần nhất.")
    count = Calendar.objects.filter(unit=unit).count()
    calendar = Calendar.objects.create(
        code=unit.key if not count else f"{unit.key}~{count + 1}",
        name=f"Lịch làm việc của {unit.name}"[:200],
        unit=unit,
    )
    versions.write(
        apps,
        calendar=calendar,
        number=1,
        base_version=base,
        effective_from=day,
        first_day=base.first_day,
        last_day=base.last_day,
        layer=Layer(),
        reason=f"Lập lịch riêng. {reason}"[:300],
        created_at=clock.now(),
        created_by_id=actor.pk if actor else None,
    )
    CalendarAdoption.objects.create(
        unit=unit, calendar=calendar, valid_from=day, legal_basis=reason[:300], created_at=clock.now(), created_by=actor
    )
    return calendar, base.calendar_id


def _one_at_a_time() -> None:
    """Changes of calendars are rare and reach each other through their bases: they wait for one another here."""
    Calendar.objects.select_for_update().get(pk=_root_calendar().pk)


def _line_of(version: CalendarVersion) -> set[int]:
    """The calendars a version stands on, its own included."""
    found, above = {version.calendar_id}, version.base_version
    while above is not None:
        found.add(above.calendar_id)
        above = above.base_version
    return found


def _newest() -> QuerySet[CalendarVersion]:
    """The last version of each calendar."""
    later = CalendarVersion.objects.filter(calendar=OuterRef("calendar"), number__gt=OuterRef("number"))
    return CalendarVersion.objects.filter(~Exists(later)).select_related("calendar").order_by("calendar")


def _beneath(unit: Unit | None, followed: int, day: dt.date) -> set[int]:
    """Calendars that units beneath ``unit`` made for themselves on the calendar it followed until now."""
    standing = _newest().filter(base_version__calendar=followed)
    if unit is not None:
        places = UnitPlace.objects.filter(org.alive_on(day), path__contains=f"/{unit.pk}/")
        standing = standing.filter(calendar__unit__in=places.values("unit"))
    return set(standing.values_list("calendar_id", flat=True))


def _carry_up(
    base: CalendarVersion,
    below: list[Layer],
    start: dt.date,
    reason: str,
    actor: User | None,
    *,
    also: Iterable[int] = (),
    only: Iterable[int] | None = None,
) -> None:
    """New versions of the calendars that stand on ``base``: what they say themselves stays, what is beneath is new.

    ``also``: calendars that stand on another and are to stand on ``base`` now; ``only``: those and no others.
    """
    mine = Q(calendar__in=list(also)) | Q(base_version__calendar=base.calendar_id)
    standing = list(_newest().filter(mine if only is None else Q(calendar__in=list(only))))
    hours = list(OfficeHours.objects.filter(version__in=standing)) if standing else []
    days = list(CalendarDay.objects.filter(version__in=standing)) if standing else []
    for before in standing:
        own = versions.layer_of(
            [h for h in hours if h.version_id == before.pk], [d for d in days if d.version_id == before.pk]
        )
        layers = [*below, own]
        after = _write(before, base, layers, start, base.last_day, reason, actor)
        _carry_up(after, layers, start, reason, actor)
