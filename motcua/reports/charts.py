"""Charts of a report: where people would rather look, as bars drawn by rule. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from motcua.reports import notation
from motcua.reports.figures import Figure
from motcua.reports.word import AnnexRow

# Of the figures of a report these are shown as bars, where it has them: title, the codes in order.
_CHARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Hồ sơ thủ tục hành chính trong kỳ",
        ("hs_tiep_nhan", "hs_dung_han", "hs_qua_han", "hs_dang_giai_quyet", "hs_dang_qua_han", "hs_truc_tuyen"),
    ),
    ("Tiếp nhận trong kỳ theo cấp", ("hs_tn_tinh", "hs_tn_huyen", "hs_tn_xa")),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, this period's number and the printed text."""

    name: str
    value: Decimal
    text: str

    def share(self, most: Decimal) -> int:
        """Its length of 100."""
        return int(self.value * 100 / most) if most else 0


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return 26 * len(self.bars) + 8

    @property
    def drawn(self) -> list[dict[str, object]]:
        """The bars as a page draws them, 640 wide."""
        made: list[dict[str, object]] = []
        for n, bar in enumerate(self.bars):
            width = max(1, bar.share(self.most) * 3)
            top = 26 * n + 6
            made.append(
                {"name": bar.name, "text": bar.text, "top": top, "y": top + 12, "width": width, "end": 262 + width}
            )
        return made

    @property
    def most(self) -> Decimal:
        return max((bar.value for bar in self.bars), default=Decimal(0))


def charts(figures: Iterable[Figure]) -> list[Chart]:
    """The charts that have something to compare."""
    known = {figure.code: figure for figure in figures if figure.state == "value" and figure.value is not None}
    found = []
    for title, codes in _CHARTS:
        bars = tuple(
            Bar(known[code].name, known[code].value or Decimal(0), notation.number(known[code].value, places=0))
            for code in codes
            if code in known
        )
        if sum(1 for bar in bars if bar.value) > 1:
            found.append(Chart(title, bars))
    return found


def of(rows: Iterable[AnnexRow]) -> list[dict[str, Any]]:
    """The charts of an annex, as the PDF draws them."""
    return [
        {
            "title": chart.title,
            "series": ["Kỳ này"],
            "rows": [{"name": bar.name, "values": [float(bar.value)], "texts": [bar.text]} for bar in chart.bars],
        }
        for chart in charts(row.figure for row in rows if row.figure)
    ]


__all__ = ["Bar", "Chart", "charts", "of"]
