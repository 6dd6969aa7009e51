"""What a printed statement says besides its table: who issues it, for which days, how far it goes, what was known."""

import datetime as dt
from dataclasses import dataclass

from motcua.core import clock
from motcua.ledger.statement import Statement
from motcua.reports import layout
from motcua.reports.layout import Sheet
from motcua.reports.letterhead import Letterhead
from motcua.reports.rates import Rate
from motcua.reports.rates import notes as rate_notes


@dataclass(frozen=True, slots=True)
class Frozen:
    """The frozen statement these figures are: its number, its seal, who froze it and when."""

    number: str
    digest: str
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a renderer draws. The same paper gives the same bytes."""

    sheet: Sheet
    letterhead: Letterhead
    unit: str
    book: str
    period: str
    stand: str
    known: str
    doubts: tuple[str, ...]
    summary: str
    rule: str
    as_of: dt.datetime
    prepared_by: str = ""
    frozen: Frozen | None = None
    rates: tuple[Rate, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said under the table: the rates, where they were counted, before the sheet's own notes."""
        return (*rate_notes(self.rates), *self.sheet.notes)

    @property
    def source(self) -> str:
        """One line at the foot of every page: how far the figures go and where they come from."""
        frozen = f"Bản chốt {self.frozen.number}, mã kiểm {self.frozen.digest[:12]}; " if self.frozen else ""
        text = f"{frozen}số liệu {self.stand}"
        return text[:1].upper() + text[1:]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The same as a list, for a sheet of its own."""
        found = [
            ("Đơn vị báo cáo", self.unit),
            ("Sổ", self.book),
            ("Kỳ báo cáo", self.period),
            ("Số liệu", self.stand),
            ("Cách đọc", self.known),
        ]
        if self.frozen:
            when = clock.local(self.frozen.at)
            found += [
                ("Bản chốt", self.frozen.number),
                ("Chốt lúc", f"{when:%H:%M %d/%m/%Y}{', ' + self.frozen.by if self.frozen.by else ''}"),
                ("SHA-256", self.frozen.digest),
            ]
        found += [("Lưu ý", doubt) for doubt in self.doubts]
        return [*found, ("Cách tính hạn", self.rule)]


def paper(
    made: Statement,
    sheet: Sheet,
    letterhead: Letterhead,
    *,
    prepared_by: str = "",
    frozen: Frozen | None = None,
    rates: tuple[Rate, ...] = (),
) -> Paper:
    """Put a laid-out statement on paper. No SQL."""
    return Paper(
        sheet=sheet,
        letterhead=letterhead,
        unit=layout.names_of_units(made),
        book=layout.book_title(made),
        period=layout.period_words(made),
        stand=layout.stand_words(made),
        known=layout.known_words(made),
        doubts=tuple(layout.doubts(made)),
        summary=layout.summary(made),
        rule=made.rule,
        as_of=made.as_of,
        prepared_by=prepared_by,
        frozen=frozen,
        rates=rates,
    )
