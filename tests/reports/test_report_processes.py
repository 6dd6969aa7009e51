"""Reports under several processes at once, and one that is killed in the middle of numbering."""

import datetime as dt

from motcua.core import clock
from motcua.indicators import defining
from motcua.org.models import Duty, User
from motcua.reports import actions
from motcua.reports.models import Report, ReportFile, State
from tests.desk.counting import at
from tests.support.cast import make_cast
from tests.support.child import say
from tests.support.processes import Child

MONTHS = [dt.date(2025, month, 1) for month in (7, 8)]


def signed(cast) -> list[int]:
    """Two signed reports of xã Cầu Kè, waiting for their numbers."""
    defining.load_starter()
    rows = []
    reform = cast.by_duty[Duty.REFORM]
    with clock.at(at("05/09/2025 08:00")):
        for first in MONTHS:
            last = dt.date(first.year, first.month + 1, 1) - dt.timedelta(days=1)
            row = actions.open_report(actor=reform, type_code="thang", unit=cast.xa_cau_ke, first=first, last=last)
            actions.cut(actor=reform, report=row.pk)
            actions.submit(actor=reform, report=row.pk)
            actions.sign(actor=cast.chair, report=row.pk, authority="TM")
            rows.append(row.pk)
    return rows


def number_until_killed(index: int, report: int, clerk: int) -> None:
    """Number a report, and stand still when everything is written and nothing is committed."""
    keep = actions._keep_files

    def slow(*args: object) -> None:
        keep(*args)
        say({"written": True})
        import time

        time.sleep(60)

    actions._keep_files = slow
    actions.number(actor=User.objects.get(pk=clerk), report=report)


def number(index: int, reports: list[int], clerk: int) -> int | None:
    return actions.number(actor=User.objects.get(pk=clerk), report=reports[index]).number


def test_a_kill_in_the_middle_leaves_report_and_series_whole(real_database, tmp_path):
    cast = make_cast()
    one, two = signed(cast)
    clerk = cast.by_duty[Duty.CLERK]
    home = {"MOTCUA_HOME": str(tmp_path)}
    child = Child(number_until_killed, real_database, one, clerk.pk, env=home)
    child.wait_ready()
    child.go()
    assert child.read() == {"written": True}
    child.kill()
    row = Report.objects.get(pk=one)
    assert (row.state, row.number, row.symbol) == (State.SIGNED, None, "")
    assert not ReportFile.objects.exists()
    assert not row.acts.filter(verb="number").exists()
    # The number it held was given back: the next ones are 1 and 2, from two processes at once.
    children = [Child(number, real_database, [one, two], clerk.pk, index=n, env=home) for n in range(2)]
    for each in children:
        each.wait_ready()
    for each in children:
        each.go()
    assert sorted(each.result() for each in children) == [1, 2]
    assert ReportFile.objects.count() == 4
