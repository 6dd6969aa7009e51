"""Two days a year of the moon's calendar that public servants rest on, reckoned for Viet Nam's meridian. Pure.

New moons and the sun's longitude by the truncated series of Meeus, *Astronomical Algorithms*, exact to minutes, as
usual for this calendar; the month without a major solar term is the leap month. Good for 1900–2100.
"""

import datetime as dt
from math import floor, pi, sin

_ZONE = 7 / 24  # the calendar is reckoned at UTC+7
_JULIAN = 1721425  # the Julian day number of a date is its ordinal and this


def lunar_new_year(year: int) -> dt.date:
    """Mùng 1 tháng Giêng of the lunar year that begins in ``year``."""
    return solar_day(year, 1, 1)


def hung_kings_day(year: int) -> dt.date:
    """Mùng 10 tháng Ba: giỗ Tổ Hùng Vương."""
    return solar_day(year, 3, 10)


def solar_day(year: int, month: int, day: int) -> dt.date:
    """The date of a lunar day, not of a leap month, of the lunar year that begins in ``year``; ``month`` below 11."""
    first, last = _eleventh_month(year - 1), _eleventh_month(year)
    after = month + 1  # months after the eleventh
    if last - first > 365 and after >= _leap_month(first):
        after += 1
    k = floor(0.5 + (first - 2415021.076998695) / 29.530588853)
    return dt.date.fromordinal(_new_moon(k + after) + day - 1 - _JULIAN)


def _new_moon(k: int) -> int:
    """The day number on which the k-th new moon since 1900 falls."""
    t = k / 1236.85
    degree = pi / 180
    mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    mean += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * degree)
    sun = (359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3) * degree
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3) * degree
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3) * degree
    shift = (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun)
    shift += -0.4068 * sin(moon) + 0.0161 * sin(2 * moon) - 0.0004 * sin(3 * moon)
    shift += 0.0104 * sin(2 * node) - 0.0051 * sin(sun + moon) - 0.0074 * sin(sun - moon)
    shift += 0.0004 * sin(2 * node + sun) - 0.0004 * sin(2 * node - sun) - 0.0006 * sin(2 * node + moon)
    shift += 0.0010 * sin(2 * node - moon) + 0.0005 * sin(2 * moon + sun)
    delta = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return floor(mean + shift - delta + 0.5 + _ZONE)


def _sun_sector(day: int) -> int:
    """In which twelfth of its year the sun stands at midnight of a day."""
    t = (day - 2451545.5 - _ZONE) / 36525
    degree = pi / 180
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3) * degree
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
    longitude += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    return floor(longitude % 360 / 30)


def _eleventh_month(year: int) -> int:
    """The day number on which the month of the winter solstice of ``year`` begins."""
    k = floor((dt.date(year, 12, 31).toordinal() + _JULIAN - 2415021) / 29.530588853)
    begins = _new_moon(k)
    return _new_moon(k - 1) if _sun_sector(begins) >= 9 else begins


def _leap_month(eleventh: int) -> int:
    """How many months after that one the month without a major solar term comes."""
    k = floor((eleventh - 2415021.076998695) / 29.530588853 + 0.5)
    count = 1
    before, now = -1, _sun_sector(_new_moon(k + count))
    while now != before and count < 14:
        count += 1
        before, now = now, _sun_sector(_new_moon(k + count))
    return count - 1
