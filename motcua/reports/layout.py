"""A statement as it is drawn, on a page or on paper: heads that span, numbered rows, where each figure leads. Pure."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from motcua.core import clock
from motcua.ledger.behind import Memo
from motcua.ledger.forms import COLUMNS_06A, FORMS, Column, Form, Row, number
from motcua.ledger.models import Book
from motcua.ledger.statement import Line, Statement, total_of
from motcua.reports import periods

# What stands behind a subtotal is asked for by this mark and the level's name; no unit, procedure or field begins so.
LEVEL = "@"
FIRST_TITLES = {
    "unit": "Đơn vị",
    "procedure": "Thủ tục hành chính",
    "field": "Lĩnh vực",
    "channel": "Hình thức nộp",
    "desk": "Nơi tiếp nhận",
}
TABS = {"06a": "Biểu II.06a", "14": "Biểu nội bộ 14 cột", "full": "Đủ các cột"}
TITLES = {
    "06a": "Tình hình, kết quả giải quyết thủ tục hành chính",
    "14": "Tổng hợp tình hình giải quyết hồ sơ thủ tục hành chính",
    "full": "Biểu tổng hợp, đủ các cột",
}
MARKS = {"06a": "Biểu số II.06a/VPCP/KSTT", "14": "Biểu nội bộ 14 cột", "full": "Biểu tổng hợp"}
# By place of receipt it is none of these forms: they count by competent agency.
DESK = "Khối lượng theo nơi tiếp nhận"
_OF_DESKS = (
    "Theo nơi tiếp nhận hồ sơ, không theo đơn vị có thẩm quyền giải quyết; hồ sơ chuyển đơn vị khác vẫn ở nơi đã nhận. "
    "Không thay cho biểu II.06a."
)
# What a column is the sum of, as forms print it under its title.
_SUMS = {
    "06a": {"3": "(4)+(5)+(6)", "7": "(8)+(9)+(10)", "11": "(12)+(13)"},
    "14": {"3": "(4)+(5)"},
}
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of the table's head, at ``column`` (0 is the row number), over so many columns and rows."""

    title: str
    column: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure. ``drill`` is the column to ask what stands behind it; empty where nothing does (a rate, a zero)."""

    value: int | float | None
    drill: str = ""

    @property
    def text(self) -> str:
        """As Viet Nam writes it: 22.318."""
        return number(self.value)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: its number as printed, its name, its figures. ``line`` is what :func:`line_of` asks for."""

    ordinal: str
    label: str
    kind: str  # line, subtotal, total
    line: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form of one statement, laid out."""

    name: str  # 06a, 14, full
    mark: str
    title: str
    first_title: str
    head: tuple[tuple[HeadCell, ...], ...]
    numbers: tuple[str, ...]  # the row of column numbers, from column 1 on
    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...]

    @property
    def body(self) -> tuple[SheetRow, ...]:
        """All rows but the total."""
        return tuple(row for row in self.rows if row.kind != "total")

    @property
    def total(self) -> SheetRow:
        return self.rows[-1]


def sheet(made: Statement, name: str, *, memo: Memo | None = None) -> Sheet:
    """Lay a statement out as one of :data:`FORMS`; raises :class:`Unreconciled` where it does not add up."""
    form = FORMS[name](made)
    first_title = FIRST_TITLES[made.by]
    notes = [memo_note(memo), *form.notes] if memo else form.notes
    desks = made.by == "desk"
    return Sheet(
        name=name,
        mark=DESK if desks else MARKS[name],
        title=DESK if desks else TITLES[name],
        first_title=first_title,
        head=head(form.columns, first_title),
        numbers=("(1)", "(2)", *(_numbered(name, n, column) for n, column in enumerate(form.columns, start=3))),
        columns=form.columns,
        rows=_rows(form),
        notes=(_OF_DESKS, *notes) if desks else tuple(notes),
    )


def memo_note(memo: Memo) -> str:
    """«n ghi muộn, trong đó m đổi từ quá hạn sang đúng hạn»."""
    return (
        f"{number(memo.written_late)} hồ sơ có việc ghi muộn, trong đó {number(memo.turned)} đổi từ quá hạn sang "
        f"đúng hạn; {number(memo.moved_deadlines)} hồ sơ được dời hạn khi đã quá hạn."
    )


def _numbered(name: str, position: int, column: Column) -> str:
    # The full table leaves out columns where nothing moved: there the position counts, not the column's own number.
    own = column.number if name in _SUMS else str(position)
    summed = _SUMS.get(name, {}).get(own)
    return f"({own})={summed}" if summed else f"({own})"


def head(columns: Sequence[Column], first_title: str) -> tuple[tuple[HeadCell, ...], ...]:
    """Group, title, and what stands under a title («Trong kỳ: trực tuyến»), as cells that span."""
    paths = [_path(column) for column in columns]
    depth = max(len(path) for path in paths)
    rows: list[list[HeadCell]] = [[] for _ in range(depth)]
    rows[0] += [HeadCell("STT", 0, rows=depth), HeadCell(first_title, 1, rows=depth)]
    for level in range(depth):
        start = 0
        while start < len(paths):
            path = paths[start]
            end = start + 1
            if len(path) > level + 1:  # not the last of its path: as wide as all that share it
                while end < len(paths) and paths[end][: level + 1] == path[: level + 1]:
                    end += 1
            if level < len(path):
                last = level == len(path) - 1
                rows[level].append(HeadCell(path[level], start + 2, end - start, depth - level if last else 1))
            start = end
    return tuple(tuple(row) for row in rows)


def _path(column: Column) -> list[str]:
    title, _, under = column.title.partition(": ")
    path = [column.group, title, under[:1].upper() + under[1:]]
    return [step for step in path if step]


def _rows(form: Form) -> tuple[SheetRow, ...]:
    rows: list[SheetRow] = []
    levels = lines = 0
    for row in form.rows:
        if row.kind == "subtotal":
            levels, lines = levels + 1, 0
            ordinal, line = roman(levels), LEVEL + row.label
        elif row.kind == "line":
            lines += 1
            ordinal, line = str(lines), row.key or ""
        else:
            ordinal, line = "", ""
        rows.append(SheetRow(ordinal, row.label, row.kind, line, _cells(form.columns, row)))
    return tuple(rows)


def _cells(columns: Sequence[Column], row: Row) -> tuple[Cell, ...]:
    return tuple(
        Cell(value, column.drill if value and not column.percent else "")
        for column, value in zip(columns, row.values, strict=True)
    )


def roman(n: int) -> str:
    """4 → IV; as forms number their groups."""
    written = ""
    for value, sign in _ROMAN:
        while n >= value:
            written += sign
            n -= value
    return written


# ---- what stands behind a figure ------------------------------------------------------------------------------------


def line_of(made: Statement, line: str) -> tuple[Statement, str | None]:
    """The statement and the key that :func:`behind.drill` is to be asked with, for a row's ``line``.

    The total is ``None``. A subtotal is no line of the statement: its lines are put together into one.
    """
    if not line:
        return made, None
    if not line.startswith(LEVEL):
        return made, line
    within = [each for each in made.lines if each.level == line.removeprefix(LEVEL)]
    if not within:
        return made, line
    categories = [each.category_ids for each in within if each.category_ids is not None]
    level = Line(
        key=line,
        label=line.removeprefix(LEVEL),
        figures=total_of(each.figures for each in within),
        unit_ids=frozenset().union(*(each.unit_ids for each in within)),
        category_ids=frozenset().union(*categories) if categories else None,
    )
    return dataclasses.replace(made, lines=(*made.lines, level)), line


# ---- what a statement says of itself --------------------------------------------------------------------------------


def named_period(start: dt.date, end: dt.date) -> str:
    """«Quý III/2026 (từ ngày 15/06/2026 đến hết ngày 14/09/2026)»; the days alone where they have no name."""
    named = periods.recognise(start, end)
    days = f"từ ngày {start:%d/%m/%Y} đến hết ngày {end:%d/%m/%Y}"
    return f"{named.label} ({days})" if named else days[:1].upper() + days[1:]


def period_words(made: Statement) -> str:
    """The statement's period, named where it has a name."""
    return named_period(made.start, made.end)


def stand_words(made: Statement) -> str:
    """How far the figures go: «tính đến bút toán số 1.234, lúc 16:20 ngày 21/11/2026»."""
    return f"tính đến bút toán số {number(made.watermark)}, {_at(made.as_of)}"


def _at(moment: dt.datetime) -> str:
    local = clock.local(moment)
    if local.time() == dt.time.min:
        return f"hết ngày {local.date() - dt.timedelta(days=1):%d/%m/%Y}"
    return f"lúc {local:%H:%M} ngày {local:%d/%m/%Y}"


def known_words(made: Statement) -> str:
    """By what knowledge the figures were read, and whether they continue a frozen statement."""
    known = made.known_at or "theo tất cả những gì đã biết"
    return f"{known}; nối tiếp bản chốt {made.chain.number}" if made.chain else f"{known}; đọc lại toàn bộ"


def doubts(made: Statement) -> list[str]:
    """The marks that must not be overlooked: SỐ ƯỚC, TẠM TÍNH."""
    marks = []
    if made.estimate:
        marks.append(f"SỐ ƯỚC, tính đến hết ngày {made.counted_to:%d/%m/%Y}")
    if made.provisional:
        marks.append(f"TẠM TÍNH, ngày {made.counted_to:%d/%m/%Y} chưa hết")
    return marks


def summary(made: Statement) -> str:
    """The statement in one paragraph, for the body of a report."""
    c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 = (
        number(column.figure(made.total.figures)) for column in COLUMNS_06A
    )
    return (
        f"Tổng số hồ sơ nhận giải quyết là {c3}, gồm {c4} hồ sơ nộp trực tuyến, {c5} hồ sơ nộp trực tiếp hoặc qua bưu "
        f"chính trong kỳ và {c6} hồ sơ từ kỳ trước chuyển sang. Đã giải quyết {c7} hồ sơ: {c8} trước hạn, {c9} đúng "
        f"hạn, {c10} quá hạn. Đang giải quyết {c11} hồ sơ: {c12} trong hạn, {c13} quá hạn."
    )


def names_of_units(made: Statement) -> str:
    return ", ".join(name for _, name in made.units)


def book_title(made: Statement) -> str:
    return str(Book(made.book).label)
