"""Half-month blocks and the days on which balances are kept. Pure arithmetic on dates.

A month has two blocks, 1–14 and 15–end, because the reform's reporting periods begin and end there (15/12–14/6 and so
on). A block is numbered ``(year * 12 + month - 1) * 2 + half``, so that order and distance are those of the integers.
"""

import calendar
import datetime as dt
from collections.abc import Iterable

# A balance is kept at the opening of these days, so that no opening has to sum all history.
BALANCE_MONTHS = (6, 12)


def block_of(day: dt.date) -> int:
    """The block a day lies in."""
    return (day.year * 12 + day.month - 1) * 2 + (day.day >= 15)


def first_day(block: int) -> dt.date:
    """The first day of a block."""
    months, half = divmod(block, 2)
    return dt.date(months // 12, months % 12 + 1, 15 if half else 1)


def last_day(block: int) -> dt.date:
    """The last day of a block."""
    first = first_day(block)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1] if first.day == 15 else 14)


def is_border(block: int) -> bool:
    """Whether a balance is kept at the opening of this block (15/6 and 15/12)."""
    months, half = divmod(block, 2)
    return half == 1 and months % 12 + 1 in BALANCE_MONTHS


def borders(after: int, to: int) -> list[int]:
    """The blocks with a balance at their opening, ``after`` < block <= ``to``."""
    return [block for block in range(after + 1, to + 1) if is_border(block)]


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every day from ``first`` to ``last``, both included."""
    return [first + dt.timedelta(n) for n in range((last - first).days + 1)]


class Plan:
    """How the sum of everything up to the end of a day is put together: one balance, whole blocks, single days.

    ``blocks`` and ``days`` map to +1 or -1. Whichever is nearer is taken, before or after, so at most half a
    half-year of blocks and half a block of days are read. Days outside what the totals hold need not be named.
    """

    __slots__ = ("balance", "blocks", "days")

    def __init__(self, day: dt.date, first_block: int, last_block: int, balances: Iterable[int]):
        """``first_block`` … ``last_block`` hold all folded legs; ``balances`` are the borders at which one is kept."""
        block = block_of(day)
        inside = (day - first_day(block)).days + 1
        outside = (last_day(block) - day).days
        self.days: dict[dt.date, int] = {}
        if not first_block <= block <= last_block:
            inside, outside = 0, 0  # nothing in that block
            reached = block
        elif outside == 0:
            reached = block + 1
        elif outside < inside:
            self.days = dict.fromkeys(days(day + dt.timedelta(1), last_day(block)), -1)
            reached = block + 1
        else:
            self.days = dict.fromkeys(days(first_day(block), day), 1)
            reached = block
        # everything in blocks before ``reached``
        reached = min(max(reached, first_block), last_block + 1)
        self.balance: int | None = min(balances, key=lambda border: abs(reached - border), default=None)
        base = first_block if self.balance is None else self.balance
        if self.balance is not None and reached - first_block < abs(reached - base):
            self.balance, base = None, first_block
        self.blocks = (
            dict.fromkeys(range(base, reached), 1) if reached >= base else dict.fromkeys(range(reached, base), -1)
        )
