"""``motcua demo`` as it is: the published figures of 01/6/2023, to the dossier."""

import datetime as dt
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from motcua.core import clock
from motcua.dossiers.models import Dossier
from motcua.ledger import queries as ledger
from motcua.org import queries as org
from motcua.org.queries import SYSTEM
from tests.demo.places import NOW, fresh

FIRST, LAST = dt.date(2023, 1, 5), dt.date(2023, 6, 1)


@pytest.mark.slow
def test_the_published_figures(django_db_blocker: Any, django_db_setup: None) -> None:
    told = StringIO()
    with fresh("full", django_db_blocker), clock.at(NOW):
        call_command("demo", stdout=told)
        district = org.unit_by_code("CAUKE", LAST)
        made = ledger.statement(SYSTEM, book="dossier", units=[district], start=FIRST, end=LAST, by="unit")
        levels = {name: (lines, figures) for name, lines, figures in made.levels()}
        successors = [org.unit_by_code(c, clock.today()) for c in ("29308", "29317", "29329", "29335")]
        live = {u.code: Dossier.objects.filter(unit=u, item__isnull=False).count() for u in successors}
    assert told.getvalue().startswith("Đã nạp dữ liệu minh họa: 25.")
    total = made.total.figures
    assert total.opening.total == 0
    assert sum(total.received.values()) == 22318
    assert total.received["online"] == 2053
    for name, lines, received, ended, late, pending in (
        ("Cấp huyện", 11, 1043, 1034, 1, 9),
        ("Cấp xã", 11, 21275, 21272, 0, 3),
    ):
        found, figures = levels[name]
        by_class = Counter()
        for (account, _), n in figures.ended.items():
            by_class[account] += n
        assert len(found) == lines
        assert sum(figures.received.values()) == received
        assert by_class.total() == ended
        assert by_class["late"] == late
        assert by_class["early"] > 0
        assert by_class["on_time"] > 0
        assert figures.closing.in_time == figures.closing.total == pending
    # A few hundred to a thousand dossiers for each successor.
    assert all(350 <= n <= 1200 for n in live.values()), live
