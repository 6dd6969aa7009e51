"""Whose figures have come in, for whoever gathers them: units × state, for one form and window."""

import datetime as dt
from dataclasses import dataclass

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.indicators import queries, windows
from motcua.indicators import tree as trees
from motcua.indicators.models import Form, Return, ReturnState
from motcua.indicators.windows import Window
from motcua.org.models import Unit
from motcua.org.queries import Scope, among


@dataclass(frozen=True, slots=True)
class Awaited:
    """A unit that is to send figures, and what has become of them. ``due``: the day they are due."""

    unit: Unit
    sent: Return | None
    due: dt.date

    @property
    def state(self) -> str:
        """``none`` where it has not begun, else the state of its return."""
        return self.sent.state if self.sent else "none"

    @property
    def arrived(self) -> bool:
        return self.state in (ReturnState.SUBMITTED, ReturnState.ACCEPTED)

    @property
    def late(self) -> bool:
        """Sent after the due day, or not sent and past it. No SQL."""
        return queries.is_late(self.sent) if self.sent else clock.today() > self.due


def awaited(scope: Scope, *, form: Form, unit: Unit, window: Window) -> list[Awaited]:
    """The units beneath ``unit`` that send this form, in the order of the tree. About ten statements."""
    if not scope.contains(unit.pk):
        raise NotAllowed(f"Bạn không được giao xem số liệu của «{unit.name}».", code="unit_outside_scope")
    stood = trees.tree(unit, window)
    asked = [u for u in stood.reporters if u.pk in stood.expected and u.kind in form.kinds and u != unit]
    rows = Return.objects.filter(
        among("unit", [u.pk for u in asked]), form=form, first=window.first, last=window.last
    ).select_related("submitted_by")
    sent = {row.unit_id: row for row in rows}
    due = window.last + dt.timedelta(days=form.due_days)
    return [Awaited(u, sent.get(u.pk), sent[u.pk].due if u.pk in sent else due) for u in asked]


def offered(form: Form, day: dt.date) -> list[Window]:
    """The windows of a form that people ask for on a day: the running ones and the two before. One statement."""
    found: dict[tuple[dt.date, dt.date], Window] = {}
    for rule in windows.in_force(queries.rules(), day):
        if rule.code not in form.rules:
            continue
        held = windows.containing(rule, day) or windows.window_of(rule, day.year)
        for _ in range(3):
            if held.first <= day:
                found.setdefault((held.first, held.last), held)
            held = windows.previous(rule, held)
    return sorted(found.values(), key=lambda w: (w.last, w.first), reverse=True)


def usual(form: Form, day: dt.date) -> Window:
    """The window whose figures are gathered on a day: the latest that has ended, or ends within ten days."""
    asked = offered(form, day)
    return next((w for w in asked if w.last <= day + dt.timedelta(days=10)), asked[0] if asked else _month(day))


def _month(day: dt.date) -> Window:
    return windows.free(day.replace(day=1), day)
