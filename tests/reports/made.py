"""Statements made by hand, for renderers: huyện Cầu Kè in June 2023, with invented figures that add up."""

import datetime as dt
from typing import Any

from motcua.ledger.statement import Chain, Figures, Line, Pending, Statement, total_of
from motcua.org.models import Unit, UnitKind
from motcua.reports.layout import sheet
from motcua.reports.letterhead import letterhead
from motcua.reports.paper import Frozen, Paper, paper

COMMUNES = (
    "Thị trấn Cầu Kè",
    "Xã An Phú Tân",
    "Xã Châu Điền",
    "Xã Hòa Ân",
    "Xã Hòa Tân",
    "Xã Ninh Thới",
    "Xã Phong Phú",
    "Xã Phong Thạnh",
    "Xã Tam Ngãi",
    "Xã Thạnh Phú",
    "Xã Thông Hòa",
)
OFFICES = (
    "Phòng Giáo dục và Đào tạo",
    "Phòng Lao động - Thương binh và Xã hội",
    "Phòng Tài chính - Kế hoạch",
    "Phòng Tài nguyên và Môi trường",
    "Phòng Tư pháp",
)


def figures(n: int) -> Figures:
    """Figures of a line; every kind of number occurs somewhere."""
    online, direct, opening = n * 7 % 40, n * 131 % 2000 + n, n * 3 % 11
    returned, late, waiting, overdue = n % 3, n % 5 == 4, n % 4, n % 7 == 6
    pending = Pending(1 + n % 2, int(overdue), waiting, 0)
    ended = online + direct + opening - pending.total
    early = ended // 3
    return Figures(
        opening=Pending(opening),
        received={"online": online, "direct": direct},
        ended={
            ("early", "granted"): early,
            ("on_time", "granted"): ended - early - int(late) - returned,
            ("late", "granted"): int(late),
            ("on_time", "returned"): returned,
        },
        closing=pending,
    )


def statement(names: tuple[str, ...] = OFFICES + COMMUNES, **more: Any) -> Statement:
    lines = tuple(
        Line(
            f"U{n}@2000-01-01",
            name,
            figures(n),
            "Cấp xã" if name in COMMUNES else "Cấp huyện",
            unit_ids=frozenset({n}),
        )
        for n, name in enumerate(names, start=1)
    )
    total = Line(
        "", "Tổng cộng", total_of(line.figures for line in lines), unit_ids=frozenset(range(1, len(names) + 1))
    )
    given: dict[str, Any] = {
        "book": "dossier",
        "by": "unit",
        "units": (("845@2000-01-01", "Huyện Cầu Kè"),),
        "start": dt.date(2022, 12, 15),
        "end": dt.date(2023, 6, 14),
        "counted_to": dt.date(2023, 6, 14),
        "as_of": dt.datetime(2023, 6, 14, 17, tzinfo=dt.UTC),
        "provisional": False,
        "watermark": 122_818,
        "known_at": "",
        "chain": None,
        "lines": lines,
        "total": total,
    }
    made = Statement(**{**given, **more})
    made.reconcile()
    return made


def chained() -> Statement:
    return statement(
        chain=Chain("CS-2022-0002", 9_000, dt.datetime(2022, 12, 14, 17, tzinfo=dt.UTC), None, 75),
        counted_to=dt.date(2023, 6, 1),
        as_of=dt.datetime(2023, 6, 1, 9, 30, tzinfo=dt.UTC),
        provisional=True,
    )


DISTRICT = Unit(pk=1, code="845", name="Huyện Cầu Kè", kind=UnitKind.DISTRICT, valid_from=dt.date(2000, 1, 1))
FROZEN = Frozen("CS-2023-0001", "5d" * 32, dt.datetime(2023, 6, 15, 1, 5, tzinfo=dt.UTC), "Võ Thị Me")


def printed(made: Statement | None = None, name: str = "06a", **more: Any) -> Paper:
    made = made or statement()
    return paper(made, sheet(made, name), letterhead(DISTRICT, None), prepared_by="Võ Thị Me", **more)
