"""The compiled calendar: which days are worked and at what hours, as sorted arrays to bisect. Pure."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from django.db.models import TextChoices

from motcua.core.errors import Invalid

Span = tuple[dt.time, dt.time]
_ONE_DAY = dt.timedelta(days=1)
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class DayKind(TextChoices):
    """Why a day differs from its weekday."""

    HOLIDAY = "holiday", "nghỉ lễ, tết"
    COMPENSATORY = "compensatory", "nghỉ bù"
    SWAP_OFF = "swap_off", "nghỉ hoán đổi"
    SWAP_WORK = "swap_work", "làm bù"
    CLOSURE = "closure", "nghỉ riêng của đơn vị"


def vn_date(day: dt.date, *, year: bool = True) -> str:
    """A date as official letters write it: 02/6/2023; months 1 and 2 with a zero, the others without."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}" if year else f"{day.day:02d}/{month}"


def vn_day(day: dt.date, *, year: bool = False) -> str:
    """Weekday and date: "thứ Sáu 02/6"."""
    return f"{WEEKDAYS[day.weekday()]} {vn_date(day, year=year)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening times of one weekday (0 is Monday) over a span of days; no spans: closed. ``valid_to`` inclusive.

    ``counts_as_day`` says whether the day counts in terms in days; a Saturday kept open for the public may not.
    """

    weekday: int
    spans: tuple[Span, ...]
    valid_from: dt.date
    valid_to: dt.date | None = None
    counts_as_day: bool = True

    def covers(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday. A make-up day is worked at the hours of the weekday it stands for."""

    day: dt.date
    kind: DayKind
    name: str
    legal_basis: str = ""
    confirmed: bool = True
    hours_as: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The rows of one calendar. What a later layer says of a weekday or a day replaces what an earlier one says."""

    hours: tuple[Hours, ...] = ()
    days: tuple[SpecialDay, ...] = ()

    def check(self, name: str) -> None:
        """Raise :class:`Invalid` if rows contradict themselves or each other; ``name`` is whose they are."""
        for row in self.hours:
            if row.weekday not in range(7):
                raise Invalid(
                    f"Lịch «{name}»: thứ trong tuần phải từ 0 (thứ Hai) đến 6 (Chủ nhật), không phải {row.weekday}."
                )
            label = f"Lịch «{name}», giờ làm việc {WEEKDAYS[row.weekday]}"
            if row.valid_to is not None and row.valid_to < row.valid_from:
                raise Invalid(f"{label}: ngày cuối trước ngày đầu.")
            edges = [edge for span in row.spans for edge in span]
            if any(edge.second or edge.microsecond for edge in edges):
                raise Invalid(f"{label}: giờ làm việc tính đến phút.")
            if edges != sorted(set(edges)):
                raise Invalid(f"{label}: các khoảng giờ phải theo thứ tự và không chồng nhau.")
        _refuse_overlaps(name, self.hours)
        seen: set[dt.date] = set()
        for day in self.days:
            if day.day in seen:
                raise Invalid(f"Lịch «{name}»: ngày {vn_date(day.day)} được khai hai lần.")
            seen.add(day.day)
            if (day.kind is DayKind.SWAP_WORK) != (day.hours_as is not None) or day.hours_as not in (None, *range(7)):
                raise Invalid(
                    f"Lịch «{name}», ngày {vn_date(day.day)}: ngày làm bù, và chỉ ngày làm bù, "
                    "phải nói làm theo giờ của thứ mấy."
                )

    def with_hours(self, new: Hours) -> "Layer":
        """This layer with ``new`` in place of what it said of that weekday in those days."""
        kept: list[Hours] = []
        for row in self.hours:
            apart = (row.valid_to is not None and row.valid_to < new.valid_from) or (
                new.valid_to is not None and row.valid_from > new.valid_to
            )
            if row.weekday != new.weekday or apart:
                kept.append(row)
                continue
            if row.valid_from < new.valid_from:
                kept.append(replace(row, valid_to=new.valid_from - _ONE_DAY))
            if new.valid_to is not None and (row.valid_to is None or row.valid_to > new.valid_to):
                kept.append(replace(row, valid_from=new.valid_to + _ONE_DAY))
        return replace(self, hours=(*kept, new))

    def with_days(self, new: Iterable[SpecialDay]) -> "Layer":
        """This layer with those days, in place of what it said of the same dates."""
        added = tuple(new)
        dates = {row.day for row in added}
        return replace(self, days=(*(row for row in self.days if row.day not in dates), *added))


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Days and minutes worked between two dates, compiled once, never changed.

    Days are ordinals (``date.toordinal``), times are minutes of the day, ``minutes_before[i]`` counts the office
    minutes before the i-th open day. ``days`` are those that count in terms in days, ``open_days`` those with hours.
    """

    name: str
    first_day: dt.date
    last_day: dt.date
    days: tuple[int, ...]
    open_days: tuple[int, ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]
    minutes_before: tuple[int, ...]
    special: Mapping[int, SpecialDay]
    _closing: Mapping[int, int] = field(repr=False, default_factory=dict)
    _first: int = field(repr=False, default=0)
    _last: int = field(repr=False, default=0)

    @classmethod
    def build(cls, *, name: str, first_day: dt.date, last_day: dt.date, layers: Sequence[Layer]) -> "WorkCalendar":
        """Compile rows; raises :class:`Invalid` naming what is wrong with them."""
        if last_day < first_day:
            raise Invalid(f"Lịch «{name}»: ngày cuối {vn_date(last_day)} trước ngày đầu {vn_date(first_day)}.")
        for layer in layers:
            layer.check(name)
        special = {row.day.toordinal(): row for layer in layers for row in layer.days}
        by_weekday = [[row for row in layer.hours if row.weekday == w] for w in range(7) for layer in reversed(layers)]
        depth = len(layers)

        def hours_of(weekday: int, day: dt.date) -> Hours | None:
            rows = by_weekday[weekday * depth : (weekday + 1) * depth]
            return next((row for layer in rows for row in layer if row.covers(day)), None)

        days: list[int] = []
        open_days: list[int] = []
        spans: list[tuple[tuple[int, int], ...]] = []
        before = [0]
        for ordinal in range(first_day.toordinal(), last_day.toordinal() + 1):
            day = dt.date.fromordinal(ordinal)
            row = special.get(ordinal)
            if row and row.kind is not DayKind.SWAP_WORK:
                continue
            hours = hours_of(row.hours_as if row and row.hours_as is not None else day.weekday(), day)
            if hours is None or not hours.spans:
                if row:
                    raise Invalid(f"Lịch «{name}»: ngày làm bù {vn_day(day, year=True)} không có giờ làm việc.")
                continue
            minutes = tuple((_minute(a), _minute(b)) for a, b in hours.spans)
            open_days.append(ordinal)
            spans.append(minutes)
            before.append(before[-1] + sum(b - a for a, b in minutes))
            if row or hours.counts_as_day:
                days.append(ordinal)
        if not days:
            raise Invalid(f"Lịch «{name}» không có ngày làm việc nào.")
        closing = {o: s[-1][1] for o, s in zip(open_days, spans, strict=True)}
        return cls(
            name,
            first_day,
            last_day,
            tuple(days),
            tuple(open_days),
            tuple(spans),
            tuple(before),
            special,
            closing,
            first_day.toordinal(),
            last_day.toordinal(),
        )

    def carried_on(self, later: "WorkCalendar") -> "WorkCalendar":
        """This calendar up to its last day, and ``later`` after it: what this one says is never said otherwise."""
        if later._last <= self._last:
            return self
        after_days, after_open = bisect_right(later.days, self._last), bisect_right(later.open_days, self._last)
        shift = self.minutes_before[-1] - later.minutes_before[after_open]
        mine = {o: row for o, row in self.special.items() if o <= self._last}
        return WorkCalendar(
            self.name,
            self.first_day,
            later.last_day,
            self.days + later.days[after_days:],
            self.open_days + later.open_days[after_open:],
            self.spans + later.spans[after_open:],
            self.minutes_before + tuple(m + shift for m in later.minutes_before[after_open + 1 :]),
            mine | {o: row for o, row in later.special.items() if o > self._last},
            {o: c for o, c in later._closing.items() if o > self._last} | dict(self._closing),
            self._first,
            later._last,
        )

    def is_working(self, day: dt.date) -> bool:
        """Does this day count in terms in days?"""
        self.require(ordinal := day.toordinal())
        index = bisect_left(self.days, ordinal)
        return index < len(self.days) and self.days[index] == ordinal

    def hours_on(self, day: dt.date) -> tuple[Span, ...]:
        """The opening times of a day; none on a day off."""
        self.require(ordinal := day.toordinal())
        index = bisect_left(self.open_days, ordinal)
        if index == len(self.open_days) or self.open_days[index] != ordinal:
            return ()
        return tuple((_time(a), _time(b)) for a, b in self.spans[index])

    def require(self, ordinal: int) -> None:
        """Refuse a day this calendar says nothing about."""
        if ordinal > self._last:
            raise self.past_the_end()
        if ordinal < self._first:
            raise Invalid(
                f"Lịch «{self.name}» bắt đầu từ {vn_date(self.first_day)}; chưa có lịch cho ngày "
                f"{vn_date(dt.date.fromordinal(ordinal))}.",
                code="before_calendar",
            )

    def past_the_end(self) -> Invalid:
        """The refusal of a date after the last loaded day."""
        return Invalid(
            f"Lịch «{self.name}» mới có đến hết ngày {vn_date(self.last_day)} nên chưa tính được hạn. "
            "Quản trị hệ thống nạp lịch của năm sau ở trang «Lịch làm việc và quy tắc» (thêm năm) rồi làm lại.",
            code="past_calendar",
        )

    def day_at(self, index: int) -> int:
        """The index-th counted day; :class:`Invalid` past the end."""
        if index >= len(self.days):
            raise self.past_the_end()
        return self.days[index]

    def closing(self, ordinal: int) -> int:
        """Minute of the day at which an open day ends."""
        return self._closing[ordinal]

    def count_days(self, after: int, to: int) -> int:
        """Counted days in (after, to]."""
        self.require(after)
        self.require(to)
        return max(0, bisect_right(self.days, to) - bisect_right(self.days, after))

    def minutes_until(self, ordinal: int, minute: int) -> int:
        """Office minutes from the beginning of the calendar to a minute of a day."""
        self.require(ordinal)
        index = bisect_left(self.open_days, ordinal)
        total = self.minutes_before[index]
        if index < len(self.open_days) and self.open_days[index] == ordinal:
            for start, end in self.spans[index]:
                if minute > start:
                    total += min(minute, end) - start
        return total

    def open_index(self, minutes: int) -> int:
        """Which open day holds the office minute that ends at ``minutes``."""
        if minutes > self.minutes_before[-1]:
            raise self.past_the_end()
        return bisect_left(self.minutes_before, minutes) - 1

    def at_minute(self, minutes: int) -> tuple[int, int]:
        """The (day, minute) when that many office minutes have passed: the end of a span, not the start of the next."""
        index = self.open_index(minutes)
        left = minutes - self.minutes_before[index]
        for start, end in self.spans[index]:
            if left <= end - start:
                return self.open_days[index], start + left
            left -= end - start
        raise AssertionError("minutes_before disagrees with spans")

    def open_minute(self, ordinal: int, minute: int) -> int:
        """The latest office minute of an open day that is not after ``minute``; its opening if all are."""
        spans = self.spans[bisect_left(self.open_days, ordinal)]
        return max((min(minute, end) for start, end in spans if start <= minute), default=spans[0][0])


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _time(minute: int) -> dt.time:
    return dt.time(*divmod(minute, 60))


def _refuse_overlaps(name: str, hours: Iterable[Hours]) -> None:
    rows = sorted(hours, key=lambda row: (row.weekday, row.valid_from))
    for row, following in pairwise(rows):
        if row.weekday == following.weekday and (row.valid_to is None or row.valid_to >= following.valid_from):
            raise Invalid(
                f"Lịch «{name}», {WEEKDAYS[row.weekday]}: hai dòng giờ làm việc cùng có hiệu lực ngày "
                f"{vn_date(following.valid_from)}."
            )
