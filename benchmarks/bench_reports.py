"""How long a province of 110 communes waits for its half-year report: figures added up, frozen, written, printed.

Every commune has typed what the CCHC annex asks of it, and its dossiers (``DOSSIERS``, 100,000 unless told) stand in a
folded journal (the generator of ``bench_statement``). Bound: all of it ≤ 5 s.
"""

import datetime as dt
import os
import time
from decimal import Decimal

from django.urls import reverse

from benchmarks import bench_statement as world
from motcua.core import clock
from motcua.indicators import defining
from motcua.indicators.models import Indicator, Value
from motcua.org.models import Assignment, Duty, Unit, User
from motcua.reports import actions, compiling, content
from motcua.reports.models import Report

DATABASES = ("sqlite",)
BOUND = 5.0
ROUNDS = 3
FIRST, LAST = world.HALF_YEAR
DAY = clock.local_moment(dt.date(2024, 6, 17), dt.time(8))


def type_in(units: list[Unit]) -> int:
    """Every counted or summed figure that no source answers, by every commune; how many values."""
    asked = Indicator.objects.filter(origin="manual", kind__in=["count", "amount"], valid_to=None)
    values = [
        Value(unit=unit, indicator=row, first=FIRST, last=LAST, number=Decimal(n % 7), updated_at=clock.now())
        for n, unit in enumerate(units)
        for row in asked
    ]
    Value.objects.bulk_create(values, batch_size=2000)
    return len(values)


def officer(unit: Unit) -> User:
    """Who keeps the province's reports."""
    made = User.objects.create(username="cchc", full_name="Đầu mối CCHC thử", home=unit)
    Assignment.objects.create(user=made, unit=unit, duty=Duty.REFORM, valid_from=dt.date(2020, 1, 1), basis="thử")
    return made


def main() -> None:
    """Print the figures."""
    dossiers = int(os.environ.get("DOSSIERS", "100000"))
    world.open_the_books()
    tops, units = world.make_units(1, 110)
    world.generate(dossiers, [unit.pk for unit in units], world.make_categories(), keep=True)
    defining.load_starter()
    typed = type_in(units)
    actor = officer(tops[0])
    reverse("home")  # the addresses are read once a process, not once a report
    print(f"  {dossiers:,} dossiers, {typed:,} typed values of 110 communes")
    with clock.at(DAY):
        row = actions.open_report(actor=actor, type_code="cchc-6-thang", unit=tops[0], first=FIRST, last=LAST)
        best: dict[str, float] = {}
        for _ in range(ROUNDS):
            began = time.perf_counter()
            actions.cut(actor=actor, report=row.pk)
            frozen = time.perf_counter()
            made = Report.objects.select_related("unit", "cut").get(pk=row.pk)
            document = content.as_word(made)
            written = time.perf_counter()
            printed = content.as_pdf(content.content(made), document)
            done = time.perf_counter()
            for name, spent in (
                ("figures added up and frozen", frozen - began),
                ("written as .docx", written - frozen),
                ("printed as .pdf", done - written),
                ("in all", done - began),
            ):
                best[name] = min(best.get(name, spent), spent)
    assert made.cut is not None
    print(f"  {len(compiling.frozen(made.cut))} figures; .docx {len(document):,} B, .pdf {len(printed):,} B")
    for name, spent in best.items():
        verdict = f"   bound {BOUND} s: {'held' if spent <= BOUND else 'MISSED'}" if name == "in all" else ""
        print(f"  {name:<40}{spent:8.3f} s{verdict}")
