"""A database of its own for the demo, built once for a module's tests."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from motcua.core import clock
from tests.support import databases

# A Saturday: the last working day before it is Friday 20/11/2026.
NOW = clock.local_moment(dt.date(2026, 11, 21), dt.time(9))


@contextmanager
def fresh(name: str, blocker: Any) -> Iterator[None]:
    """A new migrated database; everything in the block speaks to it."""
    copy = f"{settings.WORKER}_{name}"
    with blocker.unblock():
        databases.create_from("template", copy)
        try:
            with databases.pointed_at(copy):
                yield
        finally:
            databases.connections.close_all()
            databases.drop(copy)


def morning(year: int, month: int, day: int) -> dt.datetime:
    return clock.local_moment(dt.date(year, month, day), dt.time(8))
