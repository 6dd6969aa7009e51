"""Deadlines: pure arithmetic over a compiled calendar. No database here."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from motcua.core import clock

Grain = Literal["day", "minute"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due. ``due_at`` is the appointment; the grain says what counts as late.

    Grain "day" (terms in days, calendar days, months): the whole due date is in time, the hour is an appointment.
    Grain "minute" (hours, half days, same day): the minute of ``due_at`` is in time, the next one is not.
    """

    due_at: dt.datetime
    grain: Grain

    @property
    def due_date(self) -> dt.date:
        """The due date in Viet Nam."""
        return clock.local_date(self.due_at)

    @property
    def crossing(self) -> dt.datetime:
        """The first moment that is overdue, in UTC."""
        if self.grain == "day":
            return clock.local_moment(self.due_date + dt.timedelta(days=1))
        return self.due_at.astimezone(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
