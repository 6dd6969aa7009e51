"""A statement (biểu tổng hợp): figures, lines, and the arithmetic that must hold. Pure: no database, no clock.

``opening + adjustments + received + transferred + succeeded + reclassified = ended + closing``, for every line and for
the total. A statement that does not reconcile is never made: :meth:`Figures.reconcile` raises.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from motcua.core.errors import MotcuaError
from motcua.ledger.models import ENDED, Account, Channel

By = Literal["unit", "procedure", "field", "channel", "desk"]
# What the legs themselves can be divided by; a desk is an attribute of the item (see grouped.py).
BY: tuple[By, ...] = ("unit", "procedure", "field", "channel")
ONLINE = (Channel.ONLINE, Channel.ONLINE_ASSISTED)
OTHER_CHANNELS = (Channel.DIRECT, Channel.POST)

# Printed on every statement.
RULE = (
    "Hạn tính theo ngày, ngày làm việc, tháng: trọn ngày đến hạn còn là đúng hạn, quá hạn từ 00:00 ngày hôm sau. "
    "Hạn tính theo giờ, buổi, trong ngày: theo phút. Trước hạn: có kết quả tại bộ phận một cửa trước ngày đến hạn. "
    "Tạm dừng không làm mất quá hạn. Chuyển thẩm quyền và kế thừa không tính là tiếp nhận mới."
)


class Unreconciled(MotcuaError):
    """The figures of a line contradict each other: the journal or the totals are damaged. Nothing is printed."""

    code = "unreconciled"


@dataclass(frozen=True, slots=True)
class Pending:
    """Items pending at an instant, by account."""

    in_time: int = 0
    overdue: int = 0
    waiting_in_time: int = 0
    waiting_overdue: int = 0

    @property
    def total(self) -> int:
        return self.in_time + self.overdue + self.waiting_in_time + self.waiting_overdue

    @property
    def waiting(self) -> int:
        """Paused, in time or overdue."""
        return self.waiting_in_time + self.waiting_overdue

    @property
    def all_in_time(self) -> int:
        """Not overdue, paused ones included (column 12 of II.06a)."""
        return self.in_time + self.waiting_in_time

    @property
    def all_overdue(self) -> int:
        """Overdue, paused ones included (column 13 of II.06a)."""
        return self.overdue + self.waiting_overdue

    def __add__(self, other: "Pending") -> "Pending":
        return Pending(
            self.in_time + other.in_time,
            self.overdue + other.overdue,
            self.waiting_in_time + other.waiting_in_time,
            self.waiting_overdue + other.waiting_overdue,
        )

    def __sub__(self, other: "Pending") -> "Pending":
        return Pending(
            self.in_time - other.in_time,
            self.overdue - other.overdue,
            self.waiting_in_time - other.waiting_in_time,
            self.waiting_overdue - other.waiting_overdue,
        )

    def as_dict(self) -> dict[str, int]:
        return {
            "in_time": self.in_time,
            "overdue": self.overdue,
            "waiting_in_time": self.waiting_in_time,
            "waiting_overdue": self.waiting_overdue,
        }


NOTHING_PENDING = Pending()


@dataclass(frozen=True, slots=True)
class Figures:
    """What one line says. Numbers of items; ``transferred``, ``succeeded``, ``reclassified`` are net (in less out).

    ``ended`` is keyed by (class, outcome). ``moved_opening`` and ``moved_received`` split the three net movements by
    what the moved item was: part of somebody's opening, or received within the period (by channel).
    ``opening_succession`` says how much of the opening came (or went) by a succession dated on the first day.
    """

    opening: Pending = NOTHING_PENDING
    adjustments: Pending = NOTHING_PENDING
    received: Mapping[str, int] = field(default_factory=dict)
    transferred: int = 0
    succeeded: int = 0
    reclassified: int = 0
    ended: Mapping[tuple[str, str], int] = field(default_factory=dict)
    closing: Pending = NOTHING_PENDING
    moved_opening: int = 0
    moved_received: Mapping[str, int] = field(default_factory=dict)
    opening_succession: int = 0

    @property
    def received_total(self) -> int:
        return sum(self.received.values())

    @property
    def ended_total(self) -> int:
        return sum(self.ended.values())

    @property
    def moved(self) -> int:
        """Net of transfer, succession and reclassification."""
        return self.transferred + self.succeeded + self.reclassified

    def ended_as(self, account: str) -> int:
        """Ended in one class (early, on_time, late), whatever the outcome."""
        return sum(n for (found, _), n in self.ended.items() if found == account)

    def ended_by(self, *outcomes: str) -> int:
        """Ended with one of these outcomes, whatever the class."""
        return sum(n for (_, outcome), n in self.ended.items() if outcome in outcomes)

    @property
    def outcomes(self) -> dict[str, int]:
        """Ended by outcome."""
        found: dict[str, int] = {}
        for (_, outcome), n in self.ended.items():
            found[outcome] = found.get(outcome, 0) + n
        return found

    @property
    def empty(self) -> bool:
        """Nothing at all happened or stands here."""
        return self == EMPTY

    def reconcile(self, label: str) -> None:
        """Raise :class:`Unreconciled`, naming the line and both sides, unless the identities hold."""
        left = self.opening.total + self.adjustments.total + self.received_total + self.moved
        right = self.ended_total + self.closing.total
        if left != right:
            raise Unreconciled(
                f"Số liệu dòng «{label}» không cân: kỳ trước {self.opening.total} + điều chỉnh "
                f"{self.adjustments.total} + tiếp nhận {self.received_total} + chuyển đến trừ chuyển đi {self.moved} "
                f"= {left}, nhưng đã giải quyết {self.ended_total} + còn lại {self.closing.total} = {right}. "
                "Hãy chạy «motcua verify»."
            )
        split = self.moved_opening + sum(self.moved_received.values())
        if split != self.moved:
            raise Unreconciled(
                f"Số liệu dòng «{label}» không cân: chuyển đến trừ chuyển đi {self.moved}, nhưng theo từng hồ sơ là "
                f"{split}. Hãy chạy «motcua verify»."
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain figures for JSON; ended as {class: {outcome: n}}."""
        ended: dict[str, dict[str, int]] = {}
        for (account, outcome), n in sorted(self.ended.items()):
            ended.setdefault(account, {})[outcome] = n
        return {
            "opening": self.opening.as_dict(),
            "adjustments": self.adjustments.as_dict(),
            "received": dict(sorted(self.received.items())),
            "transferred": self.transferred,
            "succeeded": self.succeeded,
            "reclassified": self.reclassified,
            "opening_succession": self.opening_succession,
            "moved_opening": self.moved_opening,
            "moved_received": dict(sorted(self.moved_received.items())),
            "ended": ended,
            "closing": self.closing.as_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Figures":
        """What :meth:`as_dict` wrote."""
        return cls(
            Pending(**plain["opening"]),
            Pending(**plain["adjustments"]),
            dict(plain["received"]),
            plain["transferred"],
            plain["succeeded"],
            plain["reclassified"],
            {(account, outcome): n for account, by in plain["ended"].items() for outcome, n in by.items()},
            Pending(**plain["closing"]),
            plain["moved_opening"],
            dict(plain["moved_received"]),
            plain["opening_succession"],
        )


EMPTY = Figures()


def total_of(figures: Iterable[Figures]) -> Figures:
    """The sum of many figures. Added up in place: a country has thousands of lines."""
    opening, adjustments, closing = [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]
    received: Counter[str] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    moved_received: Counter[str] = Counter()
    net = [0, 0, 0, 0, 0]
    for f in figures:
        for total, part in ((opening, f.opening), (adjustments, f.adjustments), (closing, f.closing)):
            if part is not NOTHING_PENDING:
                total[0] += part.in_time
                total[1] += part.overdue
                total[2] += part.waiting_in_time
                total[3] += part.waiting_overdue
        for name, n in f.received.items():
            received[name] += n
        for key, n in f.ended.items():
            ended[key] += n
        for name, n in f.moved_received.items():
            moved_received[name] += n
        net[0] += f.transferred
        net[1] += f.succeeded
        net[2] += f.reclassified
        net[3] += f.moved_opening
        net[4] += f.opening_succession
    return Figures(
        opening=Pending(*opening),
        adjustments=Pending(*adjustments),
        received={name: n for name, n in received.items() if n},
        transferred=net[0],
        succeeded=net[1],
        reclassified=net[2],
        ended={key: n for key, n in ended.items() if n},
        closing=Pending(*closing),
        moved_opening=net[3],
        moved_received={name: n for name, n in moved_received.items() if n},
        opening_succession=net[4],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``key`` is stable outside this database (unit key, procedure code, field, channel).

    ``level`` groups lines of units (tỉnh, huyện, xã). ``unit_ids`` and ``category_ids`` say whose legs were counted.
    """

    key: str
    label: str
    figures: Figures
    level: str = ""
    unit_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] | None = None
    channel: str | None = None
    items: str = ""  # a SELECT of the items counted, where they are not told by their units

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "label": self.label, "level": self.level, "figures": self.figures.as_dict()}


@dataclass(frozen=True, slots=True)
class Chain:
    """The frozen statement this one continues: opening is its closing, what came to light since is an adjustment."""

    number: str
    watermark: int
    as_of: dt.datetime
    cut_day: dt.date | None  # its last day, where it was frozen before that day was over
    closing: int  # what it said was pending
    # Units counted now that it did not count, and the reverse: name -> what it would have said, or said, pending there.
    came: tuple[tuple[str, int], ...] = ()
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A unit that changed its superior within the period: the later one alone counts it, for the whole period."""

    name: str
    day: dt.date
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The figures of one book, some units and a period, with everything needed to read or repeat them.

    ``counted_to`` is earlier than ``end`` in an estimate. ``as_of`` is the instant up to which things are counted;
    ``provisional`` says that the last day was not over. ``watermark`` is the journal id known to; ``recorded_to`` when.
    """

    book: str
    by: By
    units: tuple[tuple[str, str], ...]  # (unit key, name)
    start: dt.date
    end: dt.date
    counted_to: dt.date
    as_of: dt.datetime
    provisional: bool
    watermark: int
    known_at: str
    chain: Chain | None
    lines: tuple[Line, ...]
    total: Line
    rule: str = RULE
    regrouped: tuple[Regrouped, ...] = ()

    @property
    def estimate(self) -> bool:
        """Counted to a day before the end of its period (số ước)."""
        return self.counted_to < self.end

    @property
    def units_digest(self) -> str:
        """One short name for the set of units counted, to see whether two statements count the same."""
        return digest(",".join(str(i) for i in sorted(self.total.unit_ids)))

    def line(self, key: str | None) -> Line:
        """The line with this key; ``None`` is the total. KeyError where there is none."""
        if key is None:
            return self.total
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)

    def levels(self) -> list[tuple[str, list[Line], Figures]]:
        """Lines in order, grouped by level, with the subtotal of each."""
        groups: dict[str, list[Line]] = {}
        for line in self.lines:
            groups.setdefault(line.level, []).append(line)
        return [(level, lines, total_of(line.figures for line in lines)) for level, lines in groups.items()]

    def reconcile(self) -> None:
        """Every line, the total, and the total as the sum of its lines; raises :class:`Unreconciled`."""
        for line in self.lines:
            line.figures.reconcile(line.label)
        self.total.figures.reconcile(self.total.label)
        if total_of(line.figures for line in self.lines) != self.total.figures:
            raise Unreconciled("Tổng các dòng không bằng dòng tổng cộng. Hãy chạy «motcua verify».")

    def as_dict(self) -> dict[str, Any]:
        """Everything said, for JSON; dates and moments in ISO form."""
        return {
            "book": self.book,
            "by": self.by,
            "units": [list(pair) for pair in self.units],
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "counted_to": self.counted_to.isoformat(),
            "as_of": self.as_of.astimezone(dt.UTC).isoformat(),
            "provisional": self.provisional,
            "estimate": self.estimate,
            "watermark": self.watermark,
            "known_at": self.known_at,
            "chained_from": self.chain.number if self.chain else None,
            "lines": [line.as_dict() for line in self.lines],
            "total": self.total.as_dict(),
            "units_digest": self.units_digest,
            "rule": self.rule,
            "regrouped": [[each.name, each.day.isoformat(), each.earlier, each.later] for each in self.regrouped],
        }


def canonical(plain: Mapping[str, Any]) -> str:
    """One spelling of a statement: sorted keys, no spaces, letters as they are. What is hashed and kept."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


CLASSES: tuple[str, ...] = tuple(str(account) for account in ENDED)
PENDING_NAMES = {
    "in_time": Account.IN_TIME.label,
    "overdue": Account.OVERDUE.label,
    "waiting_in_time": Account.WAITING_IN_TIME.label,
    "waiting_overdue": Account.WAITING_OVERDUE.label,
}
